/* One question: what is known of its subject becomes reasons, and the rules decide about them. */
#include "screen/due_store.h"
#include "screen/screener_parts.h"

#include "base/text.h"
#include "chain/address_form.h"
#include "screen/ask_transfer.h"
#include "screen/cases_hash.h"
#include "screen/screen_ledger_parts.h"

#include <stdlib.h>
#include <strings.h>

#define CASE_CONFIDENCE 100 /* somebody has answered for the case */

struct asking {
    const struct screener *s;
    struct arena *a;
    const struct screen_question *q;
    const char *subject; /* as it is shown on a match */
    const char *owner;   /* of the token account that is asked about */
    struct hash32 data;  /* of all that the question says of it */
    struct screen_reason *reasons;
    struct screen_match *matches;
    size_t n, max, matches_n, matches_max, potential, tags_more;
    bool covered, outage;    /* of exposure */
    struct cases_hash cases; /* what they say */
    uint64_t data_oldest;    /* UINT64_MAX: nothing is known */
    const struct screen_as_of *as_of;
    size_t as_of_n;
    struct screen_unknown *unknown;
    size_t unknown_n;
    struct screen_untold *untold;
    const char *tx, *chain; /* of a transfer */
    const char *asset;      /* what was moved, where the question does not say */
    unsigned decimals;
    struct u256 amount;
};

static bool no_memory(struct asking *x, struct err *err)
{
    return arena_fail(x->a, err, "a question");
}

/* Room for so many reasons in all, of which the first may be of what is listed. */
static bool room(struct asking *x, size_t n, size_t listed_n, struct err *err)
{
    x->max = n < SCREEN_REASONS_MAX ? n : SCREEN_REASONS_MAX;
    x->matches_max = listed_n < x->max ? listed_n : x->max;
    x->reasons = ARENA_ARRAY(x->a, struct screen_reason, x->max);
    if (x->matches_max)
        x->matches = ARENA_ARRAY(x->a, struct screen_match, x->matches_max);
    return (x->reasons && (x->matches || !x->matches_max)) || no_memory(x, err);
}

static struct screen_reason *reason_put(struct asking *x)
{
    return &x->reasons[x->n++];
}

/* ---- listed ---- */

static struct screen_match *listed(struct asking *x, const struct subject *of, const char *name)
{
    struct screen_match *m = &x->matches[x->matches_n++];
    struct screen_reason *r = reason_put(x);
    struct hash32 key;

    m->list = of->list;
    m->entry = of->entry;
    m->name = name;
    m->of = (struct match_of){.subject = x->subject,
                              .subject_data = x->data,
                              .list = of->list->name,
                              .entry = of->entry->id,
                              .entry_data = of->data};
    *r = (struct screen_reason){.evidence = SCREEN_LISTED,
                                .category = "sanctions",
                                .source = of->source,
                                .list = of->list->name,
                                .entry = of->entry->id,
                                .label = name};
    if (x->s->quiet.n) {
        key = match_key(&m->of);
        r->quiet = match_is_quiet(&x->s->quiet, &key);
    }
    x->potential += !r->quiet;
    return m;
}

/* One entry may name an address for many assets, and have many names. */
static bool has(const struct asking *x, const struct list_entry *entry)
{
    for (size_t i = 0; i < x->matches_n; i++)
        if (x->matches[i].entry == entry)
            return true;
    return false;
}

static void listed_exactly(struct asking *x, const struct subject *of, const char *address)
{
    if (x->matches_n == x->matches_max || has(x, of->entry))
        return;
    listed(x, of, of->entry->name.text);
    x->reasons[x->n - 1].exact = true;
    x->reasons[x->n - 1].score = 1000;
    x->reasons[x->n - 1].listed_address = address;
}

/* By what lists write, and by what else the same keys spend. */
static void listed_addresses(struct asking *x, const struct listed_address *l, bool otherwise)
{
    for (size_t i = 0; i < l->hits_n; i++)
        listed_exactly(x, screener_subject(x->s, l->hits[i].list, l->hits[i].entry),
                       otherwise ? l->hits[i].crypto->text : NULL);
    for (size_t i = 0; i < l->same_n; i++)
        listed_exactly(x, screener_subject(x->s, l->same[i].list, l->same[i].entry),
                       l->same[i].crypto->text);
}

static size_t listed_n(const struct listed_address *l)
{
    return l->hits_n + l->same_n;
}

static void listed_documents(struct asking *x)
{
    const struct name_facts *f = &x->q->facts;

    for (size_t i = 0; i < f->ids_n; i++) {
        struct document wanted = {.subject = 0};
        const struct screener *s = x->s;
        size_t low = 0, high = s->documents_n;

        if (document_fold(f->ids[i], wanted.text, sizeof(wanted.text)) < DOCUMENT_MIN)
            continue;
        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (document_order(&s->documents[middle], &wanted) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < s->documents_n &&
               !memcmp(s->documents[low].text, wanted.text, sizeof(wanted.text));
             low++)
            listed_exactly(x, &s->subjects[s->documents[low].subject], NULL);
    }
}

/* Nationalities are words of many kinds ("KP", "Korea, North"), so that only the same word tells
 * anything: another one may mean the same. */
static const char *nationality_shared(const struct list_entry *e, const char *wanted)
{
    for (size_t i = 0; wanted && i < e->nationalities_n; i++)
        if (!strcasecmp(e->nationalities[i], wanted))
            return wanted;
    return NULL;
}

/* The list's dates of birth, each a set of facts of its own. */
static size_t facts_of(const struct list_entry *e, const char *wanted, struct name_facts *ret,
                       size_t max)
{
    const char *nationality = nationality_shared(e, wanted);
    size_t n = 0;

    for (size_t i = 0; i < e->births_n && n < max; i++) {
        const struct list_day *d = &e->births[i].from;

        if (!d->year)
            continue;
        ret[n++] = (struct name_facts){
            .birth_year = d->year,
            .birth_month = e->births[i].circa ? 0 : d->month,
            .birth_day = e->births[i].circa ? 0 : d->day,
            .nationality = nationality,
        };
    }
    if (!n && nationality)
        ret[n++] = (struct name_facts){.nationality = nationality};
    return n;
}

#define BIRTHS_MAX 64

/* Better first; of one score as the index has them. */
static int hit_order(const void *one, const void *other)
{
    const struct name_hit *a = one, *b = other;
    int by = (a->score.per_mille < b->score.per_mille) - (a->score.per_mille > b->score.per_mille);

    return by ? by : (a->entry > b->entry) - (a->entry < b->entry);
}

/* Adds what is found by another way to write the name that is asked about. */
static bool names_find_by(struct asking *x, const struct name_query *query, const char *name,
                          struct name_hit **ret, size_t *ret_n, struct err *err)
{
    struct name_query q = *query;
    struct name_hit *more, *all;
    size_t more_n;

    q.name = arena_string(x->a, name, strlen(name)); /* hits keep it */
    if (!q.name)
        return no_memory(x, err);
    if (!name_index_search(x->s->index, x->a, &q, &more, &more_n, err))
        return false;
    if (!more_n)
        return true;
    all = ARENA_ARRAY(x->a, struct name_hit, *ret_n + more_n);
    if (!all)
        return no_memory(x, err);
    if (*ret_n)
        memcpy(all, *ret, *ret_n * sizeof(*all));
    memcpy(all + *ret_n, more, more_n * sizeof(*all));
    *ret_n += more_n;
    *ret = all;
    qsort(all, *ret_n, sizeof(*all), hit_order);
    return true;
}

/* By the name itself, by each name of a field that has several, and, of firms, by what it is in
 * English. */
static bool names_find(struct asking *x, struct name_hit **ret, size_t *ret_n, struct err *err)
{
    struct name_query query = {.kind = x->q->kind,
                               .mode = x->q->mode,
                               .threshold = x->q->threshold ? x->q->threshold : SCREEN_THRESHOLD};
    char english[NAME_BYTES_MAX], alone[NAME_SEVERAL_MAX][NAME_BYTES_MAX + 1];
    bool person = query.kind == NAME_PERSON;
    unsigned several = 0;

    if (!names_find_by(x, &query, x->q->name, ret, ret_n, err))
        return false;
    if (person || query.kind == NAME_UNKNOWN)
        several = name_several(x->q->name, person, alone);
    for (unsigned i = 0; i < several; i++)
        if (!names_find_by(x, &query, alone[i], ret, ret_n, err))
            return false;
    if (person)
        return true;
    query.kind = query.kind == NAME_UNKNOWN ? NAME_ORGANISATION : query.kind;
    for (unsigned i = 0; i < NAME_ENGLISH_MAX && name_english(x->q->name, i, english); i++)
        if (!names_find_by(x, &query, english, ret, ret_n, err))
            return false;
    return true;
}

static bool listed_names(struct asking *x, struct err *err)
{
    struct name_hit *hits = NULL;
    size_t n = 0;

    if (!x->s->index)
        return err_fail(err, ERR_USAGE, "names are not asked for here");
    if (!names_find(x, &hits, &n, err))
        return false;
    for (size_t i = 0; i < n && x->matches_n < x->matches_max; i++) {
        const struct subject *of = &x->s->subjects[hits[i].subject];
        struct name_facts facts[BIRTHS_MAX];
        struct name_adjusted adjusted;
        struct screen_match *m;

        if (has(x, of->entry)) /* by a better name of the same entry */
            continue;
        adjusted = name_adjust(hits[i].score.per_mille, &x->q->facts, facts,
                               facts_of(of->entry, x->q->facts.nationality, facts, BIRTHS_MAX));
        m = listed(x, of, x->s->names[hits[i].entry].name);
        m->score = hits[i].score;
        m->asked = hits[i].query;
        m->adjusted = adjusted;
        x->reasons[x->n - 1].score = adjusted.per_mille;
    }
    return true;
}

/* ---- tagged ---- */

static void tagged(struct asking *x, const struct tag_found *found)
{
    for (size_t i = 0; i < found->tags_n; i++) {
        struct tag t;

        if (x->n == x->max) {
            x->tags_more += found->tags_n - i;
            return;
        }
        tag_set_tag(x->s->tags, found, i, &t);
        *reason_put(x) = (struct screen_reason){
            .evidence = SCREEN_TAGGED,
            .category = tag_category_name(t.abuse != TAG_UNKNOWN ? t.abuse : t.category),
            .source = t.pack,
            .label = t.label,
            .own = t.private,
            .confidence = tag_confidence_level(t.confidence),
        };
    }
}

/* Cases of which the address itself is an origin. */
static size_t cases_of(const struct asking *x, const struct address_key *key,
                       struct screen_case ret[CASES_TOLD])
{
    const struct screen_labels *l = x->q->ledgers ? x->q->ledgers->labels : NULL;

    return l ? screen_labels_cases(l, key, ret, CASES_TOLD) : 0;
}

static size_t group_cases_of(const struct asking *x, const struct address_key *key,
                             struct screen_case_is ret[CASES_TOLD])
{
    return x->q->ledgers ? screen_cases_origins(x->q->ledgers->cases, key, ret, CASES_TOLD) : 0;
}

/* At most: those of the group may be fewer when they are told. */
static size_t cases_n(const struct asking *x, const struct address_key *key)
{
    struct screen_case_is of_group[CASES_TOLD];
    struct screen_case cases[CASES_TOLD];

    return cases_of(x, key, cases) + group_cases_of(x, key, of_group);
}

static bool tagged_by_group(struct asking *x, const struct address_key *key, struct err *err)
{
    struct screen_case_is cases[CASES_TOLD];
    size_t n = group_cases_of(x, key, cases);

    for (size_t i = 0; i < n && x->n < x->max; i++) {
        struct screen_reason r = {
            .evidence = SCREEN_TAGGED,
            .category = cases[i].category,
            .source = arena_string(x->a, cases[i].object, strlen(cases[i].object)),
            .member = arena_string(x->a, cases[i].member, strlen(cases[i].member)),
            .state = cases[i].state,
            .unverified = !cases[i].counts,
            .label = "an origin of the case",
            .confidence = CASE_CONFIDENCE,
        };

        r.case_id = r.source;
        if (!r.source || !r.member)
            return no_memory(x, err);
        *reason_put(x) = r;
    }
    return true;
}

/* A case says whose an address is as a tag does: what comes from it is what was taken. */
static bool tagged_by_cases(struct asking *x, const struct address_key *key, struct err *err)
{
    struct screen_case cases[CASES_TOLD];
    size_t n = cases_of(x, key, cases);

    for (size_t i = 0; i < n && x->n < x->max; i++) {
        struct screen_reason r = {
            .evidence = SCREEN_TAGGED,
            .category = arena_string(x->a, cases[i].category, strlen(cases[i].category)),
            .source = arena_string(x->a, cases[i].id, strlen(cases[i].id)),
            .label = "an origin of the case",
            .confidence = CASE_CONFIDENCE,
        };

        r.case_id = r.source;
        if (!r.category || !r.source)
            return no_memory(x, err);
        *reason_put(x) = r;
    }
    return tagged_by_group(x, key, err);
}

/* ---- exposed ---- */

/* Reasons of which the last are decided by, and not told yet. */
struct screen_untold {
    size_t n;
    bool who; /* whom the value came from, or went to, is told */
    struct exposed at[];
};

static bool untold_keep(struct asking *x, const struct exposed *at, size_t n, bool who,
                        struct err *err)
{
    x->untold = arena_alloc(x->a, sizeof(*x->untold) + n * sizeof(*at));
    if (!x->untold)
        return no_memory(x, err);
    x->untold->n = n;
    x->untold->who = who;
    memcpy(x->untold->at, at, n * sizeof(*at));
    return true;
}

static bool exposed(struct asking *x, const struct exposed_all *all, struct err *err)
{
    bool who = rules_ask_who(x->s->rules);
    struct screen_reason *r;
    size_t n;

    for (size_t i = 0; i < all->related_n && x->n < x->max; i++)
        if (!related_reason(x->s, x->a, &all->related[i], reason_put(x), err))
            return false;
    for (size_t i = 0; i < all->cased_n && x->n < x->max; i++)
        if (!cased_reason(x->a, all->cases, &all->cased[i], reason_put(x), err))
            return false;
    n = all->n < x->max - x->n ? all->n : x->max - x->n;
    r = x->reasons + x->n;
    x->n += n;
    if (!exposed_reasons(x->a, all->at, n, r, err))
        return false;
    for (size_t i = 0; who && i < n; i++)
        if (!exposed_who(x->s, x->a, &all->at[i], &r[i], err))
            return false;
    return !n || untold_keep(x, all->at, n, who, err);
}

static bool exposed_say(struct asking *x, const struct exposed_all *all, struct err *err)
{
    x->covered = all->covered;
    x->outage = all->outage;
    x->data_oldest = all->oldest;
    x->as_of_n = all->as_of_n;
    x->unknown_n = all->unknown_n;
    if (x->as_of_n)
        x->as_of = arena_copy(x->a, all->as_of, x->as_of_n * sizeof(*all->as_of));
    if (x->unknown_n)
        x->unknown = arena_copy(x->a, all->unknown, x->unknown_n * sizeof(*all->unknown));
    return ((x->as_of || !x->as_of_n) && (x->unknown || !x->unknown_n)) || no_memory(x, err);
}

/* ---- the question ---- */

/* By the day that a list stands for, not by when it was imported: an old list is old. */
static uint64_t list_age(const struct screener *s, uint64_t now)
{
    return !s->lists_n ? SCREEN_AGE_UNKNOWN : now > s->oldest ? now - s->oldest : 0;
}

static uint64_t data_age(const struct asking *x)
{
    if (x->data_oldest == UINT64_MAX)
        return SCREEN_AGE_UNKNOWN;
    return x->q->now > x->data_oldest ? x->q->now - x->data_oldest : 0;
}

static bool subject_say(struct asking *x, const struct address_key *key, struct err *err)
{
    struct text t = text_new(SCREEN_TEXT_MAX * 4);
    const struct name_facts *f = &x->q->facts;
    bool ok;

    if (key)
        text_printf(&t, "%s %s", address_space_name((enum address_space)key->space), key->text);
    else
        text_printf(&t, "%s %s", name_kind_text(x->q->kind),
                    *x->q->name ? x->q->name : x->q->facts.ids[0]);
    x->subject = text_string(&t) ? arena_string(x->a, t.p, t.n) : NULL;
    text_printf(&t, "|%u-%u-%u|%s", f->birth_year, f->birth_month, f->birth_day,
                f->nationality ? f->nationality : "");
    for (size_t i = 0; i < f->ids_n; i++)
        text_printf(&t, "|%s", f->ids[i]);
    ok = x->subject && text_end(&t, err);
    if (ok)
        x->data = sha256(t.p, t.n);
    text_free(&t);
    return ok || (x->subject ? false : no_memory(x, err));
}

/* Those whose text is just this one; *ret_n of them from what is returned on. */
static const struct list_hit **hits_by_text(const struct screener *s, const char *text,
                                            size_t *ret_n)
{
    size_t low = 0, high = s->addresses.n, end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(s->by_text[middle]->crypto->text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < s->addresses.n && !strcmp(s->by_text[end]->crypto->text, text);)
        end++;
    *ret_n = end - low;
    return s->by_text + low;
}

/* What whoever asks has found itself. */
static void held(struct asking *x)
{
    for (size_t i = 0; i < x->q->held_n && x->n < x->max; i++)
        *reason_put(x) = x->q->held[i];
}

static bool owner_say(struct asking *x, const struct address_key *owner, struct err *err)
{
    x->owner = arena_string(x->a, owner->text, owner->n);
    return x->owner || no_memory(x, err);
}

/* of_transfer: of which no ledger knows. */
static bool asked_address(struct asking *x, bool of_transfer, struct address_key *ret_key,
                          struct err *err)
{
    const struct screen_question *q = x->q;
    struct tag_found found = {.tags_n = 0}, found_whole = {.tags_n = 0};
    struct listed_address of_key = {.hits_n = 0}, of_whole = {.hits_n = 0}, as = {.hits_n = 0};
    const struct list_hit **texts = NULL;
    size_t texts_n = 0, n, cases;
    /* a token account's owner; the account, where a tag names one of its customers */
    struct address_key whole;
    struct address_key other;
    struct exposed_all all;

    if (!q->chain)
        texts = hits_by_text(x->s, q->address, &texts_n);
    if (q->read)
        *ret_key = *q->read;
    if (q->read || address_key_read_known(q->address, strlen(q->address), q->chain, ret_key, err))
        of_key = listed_find(x->s, ret_key);
    else if (texts_n) /* no address that we can read, but one that a list has */
        *ret_key = texts[0]->key;
    else if (!listed_otherwise(x->s, q->address, &as, ret_key))
        return false;
    if (ret_key->space == SPACE_OTHER && !listed_n(&of_key) && !texts_n && !listed_n(&as))
        listed_otherwise(x->s, q->address, &as, &other);
    if (x->s->tags && !tag_set_find(x->s->tags, ret_key, &found))
        found.tags_n = 0;
    exposed_find(q->ledgers, ret_key, q->chain, &all);
    whole = all.owner;
    if (whole.space && !owner_say(x, &whole, err))
        return false;
    if (whole.space || address_key_untagged(ret_key, &whole)) {
        of_whole = listed_find(x->s, &whole);
        if (x->s->tags && !tag_set_find(x->s->tags, &whole, &found_whole))
            found_whole.tags_n = 0;
    }
    if (of_transfer && q->ledgers)
        exposed_unknown(&all, UNKNOWN_TX, NULL);
    if (!exposed_say(x, &all, err))
        return false;
    cases = cases_n(x, ret_key) + (all.owner.space ? cases_n(x, &all.owner) : 0);
    cases_hash_origins(&x->cases, all.cases, ret_key);
    if (all.owner.space)
        cases_hash_origins(&x->cases, all.cases, &all.owner);
    cases_hash_parts(&x->cases, &all);
    n = listed_n(&of_key) + texts_n + listed_n(&of_whole) + listed_n(&as);
    if (!n && !found_whole.tags_n && !found.tags_n && !cases && !all.n && !all.related_n &&
        !all.cased_n && !q->held_n) /* as with most */
        return true;
    if (!room(x,
              n + q->held_n + found.tags_n + found_whole.tags_n + cases + all.related_n +
                  all.cased_n + all.n,
              n, err) ||
        (n && !subject_say(x, ret_key, err)))
        return false;
    listed_addresses(x, &(struct listed_address){.hits = of_key.hits, .hits_n = of_key.hits_n},
                     false);
    for (size_t i = 0; i < texts_n; i++)
        listed_exactly(x, screener_subject(x->s, texts[i]->list, texts[i]->entry), NULL);
    listed_addresses(x, &of_key, false);
    listed_addresses(x, &of_whole, true);
    listed_addresses(x, &as, true);
    held(x);
    tagged(x, &found);
    tagged(x, &found_whole);
    return tagged_by_cases(x, ret_key, err) &&
           (!all.owner.space || tagged_by_cases(x, &all.owner, err)) && exposed(x, &all, err);
}

/* ---- a transfer ---- */

struct party {
    struct address_key key;
    enum screen_about about;
    struct listed_address listed;
    size_t cases_n;
    struct tag_found found;
};

static size_t parties_n(const struct moved *m)
{
    return m->payers_n + m->payees_n + (m->other != NULL);
}

static bool party_key(const struct moved *m, size_t i, struct party *ret)
{
    bool payer = i < m->payers_n;

    ret->about = payer ? SCREEN_ABOUT_PAYER : SCREEN_ABOUT_PAYEE;
    if (i < m->payers_n + m->payees_n)
        return screen_owner_key(&m->of->ledger, payer ? m->payers[i] : m->payees[i - m->payers_n],
                                &ret->key);
    ret->about = SCREEN_ABOUT_SUBJECT;
    ret->key = *m->other;
    return true;
}

/* Who paid or was paid, and what is said of them; false: nothing. */
static bool party_of(const struct asking *x, const struct moved *m, size_t i, struct party *ret)
{
    ret->found.tags_n = 0;
    if (!party_key(m, i, ret))
        return false;
    ret->listed = listed_find(x->s, &ret->key);
    if (x->s->tags && !tag_set_find(x->s->tags, &ret->key, &ret->found))
        ret->found.tags_n = 0;
    ret->cases_n = cases_n(x, &ret->key);
    return listed_n(&ret->listed) || ret->found.tags_n || ret->cases_n;
}

/* What is listed first, then tags: there is no room for all of what may be said. */
static bool party_tell(struct asking *x, const struct party *p, bool lists, struct err *err)
{
    size_t before = x->n;
    const char *address = arena_string(x->a, p->key.text, p->key.n);

    if (!address || (lists && listed_n(&p->listed) && !subject_say(x, &p->key, err)))
        return no_memory(x, err);
    if (lists)
        listed_addresses(x, &p->listed, false);
    else
        tagged(x, &p->found);
    if (!lists && !tagged_by_cases(x, &p->key, err))
        return false;
    for (; before < x->n; before++) {
        x->reasons[before].about = p->about;
        x->reasons[before].party = address;
    }
    return true;
}

static bool moved_tell(struct asking *x, const struct moved *m, const struct exposed_all *all,
                       struct err *err)
{
    size_t n = all->n + all->related_n + all->cased_n, lists_n = 0;
    struct party p;

    cases_hash_parts(&x->cases, all);
    for (size_t i = 0; i < parties_n(m); i++)
        if (party_of(x, m, i, &p)) {
            cases_hash_origins(&x->cases, all->cases, &p.key);
            n += listed_n(&p.listed) + p.found.tags_n + p.cases_n;
            lists_n += listed_n(&p.listed);
        }
    if (!n)
        return true;
    if (!room(x, n, lists_n, err))
        return false;
    for (int lists = 1; lists >= 0; lists--)
        for (size_t i = 0; i < parties_n(m); i++)
            if (party_of(x, m, i, &p) && !party_tell(x, &p, lists != 0, err))
                return false;
    return exposed(x, all, err);
}

/* A signature of Solana, in base 58, has one spelling. */
static bool is_hex_tx(const char *tx)
{
    const char *digits = tx + (!strncmp(tx, "0x", 2) ? 2 : 0);

    return strspn(digits, "0123456789abcdefABCDEF") == 64;
}

/* As it is kept: of one spelling. */
static bool tx_say(struct asking *x, struct err *err)
{
    char *tx = arena_string(x->a, x->q->tx, strlen(x->q->tx));

    if (!tx)
        return no_memory(x, err);
    for (char *p = tx; *p && is_hex_tx(tx); p++)
        if (*p >= 'A' && *p <= 'F')
            *p = (char)(*p - 'A' + 'a');
    x->tx = tx;
    return true;
}

static bool asked_transfer(struct asking *x, struct address_key *ret_key, struct err *err)
{
    const struct screen_question *q = x->q;
    bool named = *q->address != 0;
    struct exposed_all all;
    struct moved m;

    if (!tx_say(x, err) ||
        (named &&
         !address_key_read_known(q->address, strlen(q->address), q->chain, ret_key, err)) ||
        !moved_find(x->a, q, named ? ret_key : NULL, &all, &m, err))
        return false;
    if (!m.of && named)
        return asked_address(x, true, ret_key, err);
    if (!m.of)
        exposed_unknown(&all, q->ledgers ? UNKNOWN_TX : UNKNOWN_NOT_ASKED, NULL);
    x->chain = m.of ? m.of->chain->name : NULL;
    if (m.one_asset && !q->asset) {
        x->asset = m.asset;
        x->decimals = m.decimals;
        x->amount = m.amount;
    }
    return exposed_say(x, &all, err) && (!m.of || moved_tell(x, &m, &all, err));
}

/* Whoever writes an address where a name should be must not hear that nobody is called so. */
static bool no_address(const char *name, struct err *err)
{
    enum { ADDRESS_MIN = 25 };

    for (const char *p = name; *p;) {
        size_t n = strcspn(p, " \t");
        struct address_key key;
        struct err ignored;

        if (address_is_domain(p, n) ||
            (n >= ADDRESS_MIN && address_key_read(p, n, NULL, &key, &ignored) &&
             key.space != SPACE_OTHER))
            return err_fail(err, ERR_INPUT,
                            "name: word \"%.*s\" is %s, which is asked about as an address",
                            n < 100 ? (int)n : 100, p,
                            address_is_domain(p, n) ? "a domain of addresses" : "an address");
        p += n;
        p += strspn(p, " \t");
    }
    return true;
}

static bool asked_name(struct asking *x, struct err *err)
{
    if (!*x->q->name && !x->q->facts.ids_n)
        return err_fail(err, ERR_INPUT, "neither a name nor the number of a document");
    if (strlen(x->q->name) > SCREEN_TEXT_MAX)
        return err_fail(err, ERR_LIMIT, "a name of more than %d bytes", SCREEN_TEXT_MAX);
    if (!no_address(x->q->name, err))
        return false;
    if (!room(x, SCREEN_HITS_MAX, SCREEN_HITS_MAX, err) || !subject_say(x, NULL, err))
        return false;
    listed_documents(x);
    return !*x->q->name || listed_names(x, err);
}

static bool asked(struct asking *x, struct address_key *ret_key, struct err *err)
{
    switch (x->q->subject) {
    case SCREEN_OF_ADDRESS:
        return asked_address(x, false, ret_key, err);
    case SCREEN_OF_NAME:
        return asked_name(x, err);
    case SCREEN_OF_TRANSFER:
        return asked_transfer(x, ret_key, err);
    }
    return false;
}

bool screen_decide(const struct screener *s, struct arena *a, const struct screen_question *q,
                   struct screen_answer *ret, struct err *err)
{
    struct asking x = {.s = s,
                       .a = a,
                       .q = q,
                       .data_oldest = UINT64_MAX,
                       .asset = q->asset,
                       .decimals = q->decimals,
                       .amount = q->amount};
    struct address_key key = {.space = SPACE_NONE};

    if (!asked(&x, &key, err))
        return false;
    *ret = (struct screen_answer){
        .key = key,
        .tx = x.tx,
        .chain = x.chain,
        .owner = x.owner,
        .facts = {.direction = q->direction,
                  .subject = q->subject,
                  .asset = x.asset,
                  .decimals = x.decimals,
                  .amount = x.amount,
                  .reasons = x.reasons,
                  .reasons_n = x.n,
                  /* without a list nothing is clean */
                  .outage = !s->lists_n || x.outage,
                  .of_chain = q->subject != SCREEN_OF_NAME,
                  .covered = x.covered,
                  .data_age = data_age(&x),
                  .list_age = list_age(s, q->now)},
        .reasons = x.reasons,
        .matches = x.matches,
        .matches_n = x.matches_n,
        .potential = x.potential,
        .tags_more = x.tags_more,
        .as_of = x.as_of,
        .as_of_n = x.as_of_n,
        .unknown = x.unknown,
        .unknown_n = x.unknown_n,
        .cases = cases_hash_done(&x.cases),
        .untold = x.untold,
    };
    ret->verdict = rules_decide(s->rules, &ret->facts);
    return true;
}

void screen_ahead(const struct screener *s, struct screen_question *q, size_t n,
                  struct address_key *keys)
{
    for (size_t i = 0; i < n; i++) {
        struct err ignored; /* said when it is asked */

        if (q[i].subject != SCREEN_OF_ADDRESS ||
            !address_key_read_known(q[i].address, strlen(q[i].address), q[i].chain, &keys[i],
                                    &ignored))
            continue;
        q[i].read = &keys[i];
        if (s->tags)
            tag_set_fetch(s->tags, q[i].read);
    }
    for (size_t i = 0; s->tags && i < n; i++)
        if (q[i].read)
            tag_set_fetch_record(s->tags, q[i].read);
    if (n && q->ledgers)
        exposed_ahead(q, n);
}

bool screen_tell(const struct screener *s, struct arena *a, struct screen_answer *answer,
                 struct err *err)
{
    const struct screen_untold *u = answer->untold;
    struct screen_reason *r;

    if (!u)
        return true;
    r = answer->reasons + answer->facts.reasons_n - u->n;
    for (size_t i = 0; i < u->n; i++)
        if ((!u->who && !exposed_who(s, a, &u->at[i], &r[i], err)) ||
            !exposed_way(a, &u->at[i], &r[i], err))
            return false;
    answer->untold = NULL;
    return true;
}

bool screen_ask(const struct screener *s, struct arena *a, const struct screen_question *q,
                struct screen_answer *ret, struct err *err)
{
    struct screen_answer answer;

    if (!screen_decide(s, a, q, &answer, err) || !screen_tell(s, a, &answer, err))
        return false;
    *ret = answer;
    return true;
}

static bool clocks_start(struct store *store, const struct clocks *clocks, uint64_t now,
                         const struct screen_answer *a, const struct screen_match *m,
                         struct err *err)
{
    struct due_of of = {m->id,       m->of.subject,       m->of.list,
                        m->of.entry, a->verdict.decision, a->facts.direction};

    return due_start(store, clocks, &of, now, err);
}

bool screen_record(struct store *store, const struct clocks *clocks, uint64_t now,
                   struct screen_answer *a, struct err *err)
{
    bool ends = a->verdict.decision == SCREEN_BLOCK || a->verdict.decision == SCREEN_REJECT;

    for (size_t i = 0; i < a->matches_n; i++) {
        struct screen_match *m = &a->matches[i];

        if (!match_found(store, &m->of, now, &m->id, err))
            return false;
        if (clocks && ends && !a->facts.reasons[i].quiet &&
            !clocks_start(store, clocks, now, a, m, err))
            return false;
    }
    return true;
}
