/* Opening: lists of the day are read from the store, every entry of them becomes a subject with a
 * hash of all that is said of it, and their addresses, documents and names are made findable. */
#include "screen/screener_parts.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

static bool no_memory(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "screening");
}

/* ---- subjects ---- */

static void line_hash(void *to, const char *label, const char *text)
{
    struct text *t = to;

    text_printf(t, "%zu %s %zu ", strlen(label), label, strlen(text));
    text_str(t, text);
}

/* All that a list says of an entry, in its own order: what is another fact is another hash. */
static bool entry_hash(const struct list_entry *e, struct hash32 *ret, struct err *err)
{
    struct text t = text_new(SCREEN_ENTRY_BYTES_MAX);
    bool ok;

    list_entry_lines(e, line_hash, &t);
    ok = text_end(&t, err);
    if (ok)
        *ret = sha256(t.p, t.n);
    text_free(&t);
    return ok;
}

static bool subjects_make(struct screener *s, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < s->lists_n; i++)
        n += s->lists[i].entries_n;
    if (n > UINT32_MAX)
        return err_fail(err, ERR_LIMIT, "lists with more than %u entries", UINT32_MAX);
    s->subjects = ARENA_ARRAY(s->arena, struct subject, n);
    s->subject_first = ARENA_ARRAY(s->arena, uint32_t, s->lists_n + 1);
    if (!s->subjects || !s->subject_first)
        return no_memory(err);
    for (size_t i = 0; i < s->lists_n; i++) {
        s->subject_first[i] = (uint32_t)s->subjects_n;
        for (size_t k = 0; k < s->lists[i].entries_n; k++) {
            struct subject *x = &s->subjects[s->subjects_n++];

            x->list = &s->lists[i];
            x->source = s->sources[i];
            x->entry = &s->lists[i].entries[k];
            if (!entry_hash(x->entry, &x->data, err))
                return err_in(err, "%s, entry %s", s->lists[i].name, x->entry->id);
        }
    }
    return true;
}

const struct subject *screener_subject(const struct screener *s, const struct list *list,
                                       const struct list_entry *entry)
{
    size_t i = (size_t)(list - s->lists);

    return &s->subjects[s->subject_first[i] + (size_t)(entry - list->entries)];
}

/* ---- addresses ---- */

static int text_order(const void *one, const void *other)
{
    const struct list_hit *const *a = one, *const *b = other;

    return strcmp((*a)->crypto->text, (*b)->crypto->text);
}

/* Chains share forms: "1..." is of Bitcoin and of three others, and what a list means by it only
 * its ticker says. Who asks without a chain is therefore answered by the text, too. */
static bool addresses_make(struct screener *s, struct err *err)
{
    if (!list_addresses_make(s->arena, s->lists, s->lists_n, &s->addresses, err) ||
        !list_addresses_same(s->arena, &s->addresses, &s->same, err))
        return false;
    s->by_text = ARENA_ARRAY(s->arena, const struct list_hit *, s->addresses.n + 1);
    if (!s->by_text)
        return no_memory(err);
    for (size_t i = 0; i < s->addresses.n; i++)
        s->by_text[i] = &s->addresses.at[i];
    qsort(s->by_text, s->addresses.n, sizeof(struct list_hit *), text_order);
    return true;
}

/* ---- documents ---- */

/* Letters and digits alone, in upper case: how numbers of documents are compared. */
size_t document_fold(const char *from, char *ret, size_t max)
{
    size_t n = 0;

    for (; *from && n < max; from++)
        if ((*from >= '0' && *from <= '9') || (*from >= 'A' && *from <= 'Z'))
            ret[n++] = *from;
        else if (*from >= 'a' && *from <= 'z')
            ret[n++] = (char)(*from - 'a' + 'A');
    return n;
}

int document_order(const void *one, const void *other)
{
    const struct document *a = one, *b = other;
    int by = memcmp(a->text, b->text, sizeof(a->text));

    return by ? by : (a->subject > b->subject) - (a->subject < b->subject);
}

/* Which papers name one person, firm or ship, and nobody else. */
static bool names_one(enum list_id_kind kind)
{
    switch (kind) {
    case LIST_ID_PASSPORT:
    case LIST_ID_NATIONAL:
    case LIST_ID_TAX:
    case LIST_ID_REGISTRATION:
    case LIST_ID_IMO:
    case LIST_ID_MMSI:
    case LIST_ID_BANK:
    case LIST_ID_LEI:
    case LIST_ID_EMAIL:
        return true;
    case LIST_ID_OTHER:
    case LIST_ID_CALL_SIGN:
    case LIST_ID_PHONE:
    case LIST_ID_WEBSITE:
        return false;
    }
    return false;
}

static bool documents_make(struct screener *s, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < s->subjects_n; i++)
        n += s->subjects[i].entry->ids_n;
    s->documents = ARENA_ARRAY(s->arena, struct document, n);
    if (!s->documents)
        return no_memory(err);
    for (uint32_t i = 0; i < s->subjects_n; i++)
        for (size_t k = 0; k < s->subjects[i].entry->ids_n; k++) {
            const struct list_id *id = &s->subjects[i].entry->ids[k];
            struct document *d = &s->documents[s->documents_n];
            size_t length;

            memset(d, 0, sizeof(*d));
            length = document_fold(id->number, d->text, sizeof(d->text));
            d->subject = i;
            s->documents_n += names_one(id->kind) && length >= DOCUMENT_MIN;
        }
    qsort(s->documents, s->documents_n, sizeof(*s->documents), document_order);
    return true;
}

/* ---- names ---- */

/* Lists have names that are no names: "-", or a paragraph. */
static bool is_name(struct screener *s, const char *text, struct name_score *score)
{
    struct err told;

    return *text &&
           name_compare(s->scratch, NAME_UNKNOWN, text, "x", NAME_MODE_CORDON, score, &told);
}

static bool name_put(struct screener *s, uint32_t subject, const struct list_name *name,
                     struct name_score *score)
{
    struct name_entry *e = &s->names[s->names_n];

    if (!is_name(s, name->text, score))
        return false;
    e->name = name->text;
    e->subject = subject;
    e->kind = list_name_kind(s->subjects[subject].entry->kind);
    e->weak = name->quality == LIST_WEAK;
    s->names_n++;
    return true;
}

static bool names_make(struct screener *s, struct err *err)
{
    struct name_score score;
    size_t n = 0;

    for (size_t i = 0; i < s->subjects_n; i++)
        n += 1 + s->subjects[i].entry->aliases_n;
    s->names = ARENA_ARRAY(s->arena, struct name_entry, n);
    if (!s->names)
        return no_memory(err);
    for (uint32_t i = 0; i < s->subjects_n; i++) {
        const struct list_entry *e = s->subjects[i].entry;

        s->scratch = arena_new(NULL, SCREEN_SCRATCH_BYTES_MAX);
        if (!s->scratch)
            return no_memory(err);
        s->names_left_out += !name_put(s, i, &e->name, &score);
        for (size_t k = 0; k < e->aliases_n; k++)
            s->names_left_out += !name_put(s, i, &e->aliases[k], &score);
        s->scratch = arena_free(s->scratch);
    }
    return name_index_build(s->names, s->names_n, &s->index, err);
}

/* ---- opening ---- */

static bool lists_read(struct screener *s, struct store *store, struct list_day as_of,
                       struct err *err)
{
    struct text source = text_new(SCREEN_TEXT_MAX);
    bool ok;

    if (!list_current(store, s->arena, as_of, &s->versions, &s->lists_n, err)) {
        text_free(&source);
        return false;
    }
    s->oldest = UINT64_MAX;
    s->lists = ARENA_ARRAY(s->arena, struct list, s->lists_n + 1);
    s->sources = ARENA_ARRAY(s->arena, const char *, s->lists_n + 1);
    ok = (s->lists && s->sources) || no_memory(err);
    for (size_t i = 0; ok && i < s->lists_n; i++) {
        char day[LIST_DAY_TEXT];

        ok = list_load(store, s->arena, &s->versions[i], &s->lists[i], err);
        source.n = 0;
        text_printf(&source, "%s %s", s->versions[i].list,
                    list_day_text(s->versions[i].as_of, day));
        s->sources[i] = text_string(&source) ? arena_string(s->arena, source.p, source.n) : NULL;
        ok = ok && (s->sources[i] || no_memory(err));
        s->lists[i].name = s->versions[i].list;
        if (list_day_seconds(s->versions[i].as_of) < s->oldest)
            s->oldest = list_day_seconds(s->versions[i].as_of);
    }
    text_free(&source);
    return ok;
}

/* Everything that an answer can depend on, in one order. */
static bool stands_hash(struct screener *s, struct err *err)
{
    struct text t = text_new(SCREEN_ENTRY_BYTES_MAX);
    bool ok;

    text_str(&t, "cordon.stands/1\n");
    for (size_t i = 0; i < s->lists_n; i++) {
        text_printf(&t, "%s ", s->sources[i]);
        text_hex(&t, s->versions[i].sha256.b, 32);
        text_printf(&t, " %s\n", s->versions[i].map);
    }
    if (s->tags)
        text_hex(&t, tag_set_stamp(s->tags)->b, 32);
    text_char(&t, '\n');
    s->rules_hash = rules_hash(s->rules);
    text_hex(&t, s->rules_hash.b, 32);
    if (text_string(&t))
        s->but_matches = sha256(t.p, t.n);
    text_printf(&t, "\n%zu\n", s->quiet.n);
    for (size_t i = 0; i < s->quiet.n; i++)
        text_hex(&t, s->quiet.keys[i].b, 32);
    ok = text_end(&t, err);
    if (ok)
        s->hash = sha256(t.p, t.n);
    text_free(&t);
    return ok;
}

static bool opened(struct screener *s, const struct screener_options *o, struct err *err)
{
    size_t n = o->rules_n;
    const char *rules = o->rules ? o->rules : rules_default(&n), *clocks;

    if (!rules_read(s->arena, rules, n, &s->rules, err))
        return err_in(err, "rules");
    n = o->clocks_n;
    clocks = o->clocks ? o->clocks : clocks_default(&n);
    if (!clocks_read(s->arena, clocks, n, &s->clocks, err))
        return err_in(err, "clocks");
    if (o->store && (!lists_read(s, o->store, o->as_of, err) ||
                     !match_quiet_load(o->store, s->arena, &s->quiet, err)))
        return false;
    if (o->store && o->tag_set && !tag_set_ready(o->store, o->tag_set, &s->tags, err))
        return false;
    return subjects_make(s, err) && addresses_make(s, err) && documents_make(s, err) &&
           (!o->names || names_make(s, err)) && stands_hash(s, err);
}

bool screener_open(const struct screener_options *o, struct screener **ret, struct err *err)
{
    struct screener *s = mem_zero(sizeof(*s));

    if (!s)
        return no_memory(err);
    s->arena = arena_new(NULL, SCREENER_BYTES_MAX);
    if (s->arena ? opened(s, o, err) : no_memory(err)) {
        *ret = s;
        return true;
    }
    screener_close(s);
    return false;
}

struct screener *screener_close(struct screener *s)
{
    if (s) {
        name_index_free(s->index);
        tag_set_close(s->tags);
        arena_free(s->scratch);
        arena_free(s->arena);
        mem_free(s);
    }
    return NULL;
}

struct screener_stands screener_stands(const struct screener *s)
{
    struct screener_stands r = {.hash = s->hash,
                                .but_matches = s->but_matches,
                                .lists = s->versions,
                                .lists_n = s->lists_n,
                                .rules = s->rules_hash,
                                .addresses_n = s->addresses.n,
                                .names_n = s->names_n,
                                .names_left_out = s->names_left_out};

    if (s->tags) {
        r.tags = *tag_set_stamp(s->tags);
        r.packs_n = tag_set_packs(s->tags);
        r.tags_n = tag_set_tags(s->tags);
    }
    return r;
}

const struct clocks *screener_clocks(const struct screener *s)
{
    return s->clocks;
}

const struct tag_set *screener_tags(const struct screener *s)
{
    return s->tags;
}
