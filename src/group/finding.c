#include "group/finding.h"

#include "chain/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDING_WALK_MAX 10000 /* steps of a path that are looked back */

struct sum { /* what came to a stop of that category and name, or how often a shape is there */
    const char *category, *name;
    struct u256 amount;
};

/* A step of value: from a place to a place, of an asset, in the order of the document. */
struct hop {
    const char *from, *to, *asset; /* from: what it is spent from; NULL: an origin */
    struct u256 taint;
    const struct json *stop; /* NULL: none */
};

struct making {
    struct arena *a;
    const struct hash32 *group;
    const struct finding_of *of;
    struct hash32 document;
    const struct json *meets; /* the confluence; NULL: none */
    struct record *all;
    size_t n;
    bool failed; /* memory was wanting on the way */
    struct err *err;
};

static bool no_memory(struct making *m)
{
    return arena_fail(m->a, m->err, "findings");
}

/* Ends a line: NULL where it is longer than a record may have, or memory is wanting. */
static const char *line_end(struct making *m, struct text *t)
{
    const char *s = NULL;
    struct err err;

    if (text_end(t, &err))
        s = arena_string(m->a, t->p, t->n);
    m->failed = m->failed || (!s && (!t->bad || err.class == ERR_NOMEM));
    text_free(t);
    return s;
}

static const char *text_of(const struct json *j, const char *name)
{
    const struct json *value = json_get(j, name);

    return value && value->type == JSON_STRING ? value->text : NULL;
}

/* The same of what was seen to be there. */
static const char *known_of(const struct json *j, const char *name)
{
    const char *s = text_of(j, name);

    return s ? s : "";
}

static struct u256 amount_of(const struct json *j, const char *name)
{
    const struct json *value = json_get(j, name);
    struct u256 v;

    return value && value->type == JSON_STRING && u256_from_text(value->text, value->text_n, &v)
               ? v
               : u256_of(0);
}

static struct u256 plus(struct u256 a, struct u256 b)
{
    struct u256 sum;

    return u256_add(a, b, &sum) ? sum : a;
}

static const struct json *stop_of(const struct json *j)
{
    const struct json *stop = json_get(j, "stop");

    return stop && stop->type == JSON_OBJECT ? stop : NULL;
}

/* ---- stops and shapes ---- */

static void sum_add(struct sum *all, size_t *n, const char *category, const char *name,
                    struct u256 amount)
{
    size_t i = 0;

    while (i < *n && (strcmp(all[i].category, category) != 0 || strcmp(all[i].name, name) != 0))
        i++;
    if (i == *n)
        all[(*n)++] = (struct sum){category, name, u256_of(0)};
    all[i].amount = plus(all[i].amount, amount);
}

static int by_amount(const void *pa, const void *pb)
{
    const struct sum *a = pa, *b = pb;
    int order = u256_compare(b->amount, a->amount);

    order = order ? order : strcmp(a->category, b->category);
    return order ? order : strcmp(a->name, b->name);
}

static void sum_put(struct making *m, struct json_out *j, struct u256 amount, const char *category,
                    const char *name)
{
    struct text item = text_new(RECORD_TEXT_MAX);
    char digits[U256_TEXT_MAX];
    const char *s;

    u256_to_text(amount, digits);
    text_printf(&item, "%s %s%s%s", digits, category, *name ? ", " : "", name);
    s = line_end(m, &item);
    if (s)
        json_string(j, s);
}

static void sums_put(struct making *m, struct json_out *j, const char *key, struct sum *all,
                     size_t n, size_t most)
{
    struct u256 others = u256_of(0);

    if (!n)
        return;
    qsort(all, n, sizeof(*all), by_amount);
    json_key(j, key);
    json_array(j);
    for (size_t i = 0; i < n; i++)
        if (i < most)
            sum_put(m, j, all[i].amount, all[i].category, all[i].name);
        else
            others = plus(others, all[i].amount);
    if (!u256_zero(others))
        sum_put(m, j, others, "other", "");
    json_array_end(j);
}

/* ---- one asset of one ledger ---- */

struct asset {
    const struct json *doc; /* of its ledger */
    const char *chain, *name, *symbol;
    uint64_t decimals; /* UINT64_MAX: not known */
    struct u256 traced, held, stopped;
    struct hop *hops; /* [hops_n] of this asset */
    size_t hops_n;
    bool whole; /* whether shapes and meetings of the document are told with it */
};

/* From what stopped there, back by the largest that came before, to an origin. */
static void path_put(struct making *m, struct json_out *j, const struct asset *s, size_t at,
                     const char *category)
{
    const char **places = ARENA_ARRAY(m->a, const char *, s->hops_n + 2);
    struct text line = text_new(RECORD_TEXT_MAX + 1);
    const char *told;
    size_t n = 0;

    if (!places) {
        m->failed = true;
        text_free(&line);
        return;
    }
    places[n++] = s->hops[at].to;
    while (s->hops[at].from && n <= FINDING_WALK_MAX) {
        size_t best = at;

        places[n++] = s->hops[at].from;
        for (size_t i = 0; i < at; i++)
            if (!strcmp(s->hops[i].to, s->hops[at].from) &&
                (best == at || u256_less(s->hops[best].taint, s->hops[i].taint)))
                best = i;
        if (best == at)
            break;
        at = best;
    }
    text_printf(&line, "%s: ", category);
    for (size_t i = n; i-- > 0;) {
        if (n > FINDING_STEPS_MAX && i < n - FINDING_STEPS_MAX / 2 && i >= FINDING_STEPS_MAX / 2) {
            if (i == FINDING_STEPS_MAX / 2)
                text_printf(&line, "(%zu more) > ", n - FINDING_STEPS_MAX);
            continue;
        }
        text_printf(&line, "%s%s", places[i], i ? " > " : "");
    }
    told = line_end(m, &line);
    if (told)
        json_string(j, told);
}

static void paths_put(struct making *m, struct json_out *j, const struct asset *s)
{
    size_t shown[FINDING_PATHS_MAX], n = 0;

    while (n < FINDING_PATHS_MAX) { /* the largest that is not shown yet, to another stop */
        size_t best = s->hops_n;

        for (size_t i = 0; i < s->hops_n; i++) {
            bool known = !s->hops[i].stop;

            for (size_t k = 0; k < n && !known; k++)
                known = !strcmp(known_of(s->hops[i].stop, "name"),
                                known_of(s->hops[shown[k]].stop, "name"));
            if (!known && (best == s->hops_n || u256_less(s->hops[best].taint, s->hops[i].taint)))
                best = i;
        }
        if (best == s->hops_n)
            break;
        shown[n++] = best;
    }
    if (!n)
        return;
    json_key(j, "paths");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        struct text category = text_new(RECORD_TEXT_MAX);
        const struct json *stop = s->hops[shown[i]].stop;
        const char *name;

        text_printf(&category, "%s, %s", known_of(stop, "category"), known_of(stop, "name"));
        name = line_end(m, &category);
        if (name)
            path_put(m, j, s, shown[i], name);
    }
    json_array_end(j);
}

static const struct {
    const char *list, *word; /* word: its member that names the shape; NULL: the list's own name */
    const char *name;
} shape_lists[] = {{"patterns", "coinjoin", NULL},
                   {"patterns", "kind", NULL},
                   {"routes", "rule", NULL},
                   {"look_alikes", NULL, "look-alike"},
                   {"spoof_tokens", NULL, "spoof-token"}};

/* A CoinJoin is told by its own kind alone. */
static const char *shape_of(const struct json *item, size_t list)
{
    if (!shape_lists[list].word)
        return shape_lists[list].name;
    if (!strcmp(shape_lists[list].word, "kind") && json_get(item, "coinjoin"))
        return NULL;
    return text_of(item, shape_lists[list].word);
}

static bool shapes_put(struct making *m, struct json_out *j, const struct json *doc)
{
    struct sum *all;
    size_t n = 0, most = 0;

    for (size_t k = 0; k < sizeof(shape_lists) / sizeof(shape_lists[0]); k++) {
        const struct json *list = json_get(doc, shape_lists[k].list);

        most += list ? list->children_n : 0;
    }
    all = ARENA_ARRAY(m->a, struct sum, most + 1);
    if (!all)
        return no_memory(m);
    for (size_t k = 0; k < sizeof(shape_lists) / sizeof(shape_lists[0]); k++) {
        const struct json *list = json_get(doc, shape_lists[k].list);
        const char *shape;

        for (const struct json *item = list ? list->child : NULL; item; item = item->next)
            if ((shape = shape_of(item, k)))
                sum_add(all, &n, shape, "", u256_of(1));
    }
    sums_put(m, j, "shapes", all, n, FINDING_STOPS_MAX);
    return true;
}

static const struct json *case_at(const struct json *place, const char *id)
{
    const struct json *list = json_get(place, "cases");

    for (const struct json *c = list ? list->child : NULL; c; c = c->next)
        if (json_is_string(json_get(c, "case"), id))
            return c;
    return NULL;
}

static void meets_put(struct making *m, struct json_out *j, const char *chain)
{
    const struct json *places = json_get(m->meets, "places");
    size_t n = 0;

    for (const struct json *p = places ? places->child : NULL; p; p = p->next) {
        const struct json *cases = json_get(p, "cases");
        struct text line = text_new(RECORD_TEXT_MAX);
        const char *s;

        if (n == FINDING_MEETS_MAX || !case_at(p, m->of->case_id) ||
            !json_is_string(json_get(p, "chain"), chain) || !text_of(p, "place"))
            continue;
        text_printf(&line, "%s:", text_of(p, "place"));
        for (const struct json *c = cases ? cases->child : NULL; c; c = c->next)
            if (text_of(c, "case") && strcmp(text_of(c, "case"), m->of->case_id) != 0)
                text_printf(&line, " %s", text_of(c, "case"));
        s = line_end(m, &line);
        if (s && !n++) {
            json_key(j, "meets");
            json_array(j);
        }
        if (s)
            json_string(j, s);
    }
    if (n)
        json_array_end(j);
}

static bool went_put(struct making *m, struct json_out *j, const struct asset *s)
{
    struct sum *all = ARENA_ARRAY(m->a, struct sum, s->hops_n + 1);
    size_t n = 0;

    if (!all)
        return no_memory(m);
    for (size_t i = 0; i < s->hops_n; i++)
        if (s->hops[i].stop)
            sum_add(all, &n, known_of(s->hops[i].stop, "category"),
                    known_of(s->hops[i].stop, "name"), s->hops[i].taint);
    sums_put(m, j, "went", all, n, FINDING_STOPS_MAX);
    return true;
}

static void until_put(struct making *m, struct json_out *j, const struct json *doc)
{
    const struct json *until = json_get(json_get(doc, "inputs"), "until");
    const struct json *height = json_get(until, "height");
    struct text t = text_new(RECORD_TEXT_MAX);

    text_printf(&t, "%s%s%s", height && height->type == JSON_NUMBER ? height->text : "",
                height && height->type == JSON_NUMBER ? " " : "",
                text_of(until, "hash") ? text_of(until, "hash") : "");
    json_put_string(j, "until", line_end(m, &t));
}

static bool fields_put(struct making *m, struct json_out *j, const struct asset *s)
{
    const struct json *exact = json_get(s->doc, "exact");
    struct u256 kept = plus(s->held, s->stopped), lost;
    char decimals[24];

    json_object(j);
    json_put_string(j, "case", m->of->case_object);
    json_put_string(j, "chain", s->chain);
    json_put_string(j, "asset", s->name);
    if (s->symbol)
        json_put_string(j, "symbol", s->symbol);
    if (s->decimals != UINT64_MAX) {
        snprintf(decimals, sizeof(decimals), "%llu", (unsigned long long)s->decimals);
        json_put_string(j, "decimals", decimals);
    }
    json_put_string(j, "policy", text_of(s->doc, "policy"));
    until_put(m, j, s->doc);
    json_put_string(j, "exact", exact && exact->type == JSON_TRUE ? "yes" : "no");
    json_put_hex(j, "document", m->document.b, sizeof(m->document.b));
    json_put_u256(j, "traced", s->traced);
    json_put_u256(j, "held", s->held);
    json_put_u256(j, "stopped", s->stopped);
    json_put_u256(j, "lost", u256_sub(s->traced, kept, &lost) ? lost : u256_of(0));
    if (!went_put(m, j, s) || (s->whole && !shapes_put(m, j, s->doc)))
        return false;
    paths_put(m, j, s);
    if (s->whole && m->meets)
        meets_put(m, j, s->chain);
    if (m->of->notes)
        json_put_string(j, "notes", m->of->notes);
    if (m->of->tlp)
        json_put_string(j, "tlp", m->of->tlp);
    json_object_end(j);
    return true;
}

static bool finding_add(struct making *m, const struct asset *s)
{
    struct text to = text_new(EVENT_BODY_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    bool ok;

    if (m->n == FINDINGS_MAX) {
        text_free(&to);
        return err_fail(m->err, ERR_LIMIT, "more than %d findings", FINDINGS_MAX);
    }
    ok = fields_put(m, &j, s) && (!m->failed || no_memory(m)) && text_end(&to, m->err) &&
         record_make(m->a, record_kind("finding"), m->group,
                     (struct bytes){(const uint8_t *)to.p, to.n}, &m->all[m->n], m->err);
    m->n += ok;
    text_free(&to);
    return ok;
}

/* ---- documents ---- */

static const char *wanted(struct making *m, const struct json *j, const char *name)
{
    const char *s = NULL;

    return json_text(json_get(j, name), name, &s, m->err) ? s : NULL;
}

static bool stop_whole(struct making *m, const struct json *stop)
{
    return !stop || (wanted(m, stop, "name") && wanted(m, stop, "category"));
}

static const struct json *list_of(struct making *m, const struct json *doc, const char *name)
{
    const struct json *list = json_get(doc, name);

    if (list && list->type == JSON_ARRAY)
        return list;
    err_fail(m->err, ERR_INPUT, "%s: a list is wanted", name);
    return NULL;
}

/* Which place spent what a transaction of coins pays with: by its id, of the largest output. */
struct spender {
    const char *tx, *place;
    struct u256 taint;
};

static int by_tx(const void *pa, const void *pb)
{
    const struct spender *a = pa, *b = pb;
    int order = strcmp(a->tx, b->tx);

    return order ? order : u256_compare(b->taint, a->taint);
}

static const char *place_of(const struct json *r)
{
    return text_of(r, "address") ? text_of(r, "address") : text_of(r, "output");
}

static const char *spender_of(const struct spender *all, size_t n, const char *output)
{
    size_t low = 0, high = n, digits = strcspn(output, ":");

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strncmp(all[middle].tx, output, digits) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && !strncmp(all[low].tx, output, digits) ? all[low].place : NULL;
}

static bool coins_hops(struct making *m, const struct json *reached, struct hop *hops,
                       struct spender *spenders)
{
    size_t n = 0, i = 0;

    for (const struct json *r = reached->child; r; r = r->next) {
        if (!wanted(m, r, "output") || !wanted(m, r, "taint") || !stop_whole(m, stop_of(r)))
            return false;
        if (text_of(r, "spent_by"))
            spenders[n++] =
                (struct spender){text_of(r, "spent_by"), place_of(r), amount_of(r, "taint")};
    }
    if (n)
        qsort(spenders, n, sizeof(*spenders), by_tx);
    for (const struct json *r = reached->child; r; r = r->next)
        hops[i++] = (struct hop){.from = spender_of(spenders, n, text_of(r, "output")),
                                 .to = place_of(r),
                                 .taint = amount_of(r, "taint"),
                                 .stop = stop_of(r)};
    return true;
}

static bool coins_add(struct making *m, const struct json *doc)
{
    const struct json *reached = list_of(m, doc, "reached"), *totals = json_get(doc, "totals");
    struct asset s = {.doc = doc, .chain = wanted(m, doc, "chain"), .whole = true};
    const struct chain *c;
    struct spender *spenders;

    if (!reached || !s.chain || !wanted(m, doc, "policy") || !wanted(m, totals, "origin"))
        return false;
    c = chain_by_name(s.chain);
    if (!c || !c->symbol)
        return err_fail(m->err, ERR_INPUT, "chain: \"%.60s\" is not known here", s.chain);
    s.name = s.symbol = c->symbol;
    s.decimals = c->decimals;
    s.traced = amount_of(totals, "origin");
    s.held = amount_of(totals, "held");
    s.stopped = amount_of(totals, "exits");
    s.hops = ARENA_ARRAY(m->a, struct hop, reached->children_n + 1);
    spenders = ARENA_ARRAY(m->a, struct spender, reached->children_n + 1);
    if (!s.hops || !spenders)
        return no_memory(m);
    s.hops_n = reached->children_n;
    return coins_hops(m, reached, s.hops, spenders) && finding_add(m, &s);
}

/* Moves lead on; what has ended at a stop, or was ended by a rule, is a balance. */
static bool account_hops(struct making *m, const struct json *doc, struct asset *s)
{
    const struct json *moves = list_of(m, doc, "moves"), *ends = list_of(m, doc, "balances");

    if (!moves || !ends)
        return false;
    s->hops = ARENA_ARRAY(m->a, struct hop, moves->children_n + ends->children_n + 1);
    if (!s->hops)
        return no_memory(m);
    s->hops_n = 0;
    for (const struct json *r = moves->child; r; r = r->next) {
        const struct json *hop = json_get(r, "hop");

        if (!stop_whole(m, stop_of(r)))
            return false;
        if (!json_is_string(json_get(r, "asset"), s->name) || !text_of(r, "to"))
            continue;
        s->hops[s->hops_n++] =
            (struct hop){.from = hop && hop->type == JSON_NUMBER && strcmp(hop->text, "0") != 0
                                     ? text_of(r, "from")
                                     : NULL,
                         .to = text_of(r, "to"),
                         .taint = amount_of(r, "taint")};
    }
    for (const struct json *r = ends->child; r; r = r->next) {
        if (!stop_whole(m, stop_of(r)))
            return false;
        if (!stop_of(r) || !json_is_string(json_get(r, "asset"), s->name) || !text_of(r, "account"))
            continue;
        s->hops[s->hops_n] = (struct hop){
            .to = text_of(r, "account"), .taint = amount_of(r, "taint"), .stop = stop_of(r)};
        for (size_t i = 0; i < s->hops_n; i++) /* as it came there */
            if (!s->hops[i].stop && !strcmp(s->hops[i].to, s->hops[s->hops_n].to))
                s->hops[s->hops_n].from = s->hops[i].from;
        s->hops_n++;
    }
    return true;
}

static bool accounts_add(struct making *m, const struct json *doc)
{
    const struct json *totals = list_of(m, doc, "totals");

    if (!totals || !wanted(m, doc, "policy"))
        return false;
    for (const struct json *t = totals->child; t; t = t->next) {
        struct asset s = {.doc = doc, .decimals = UINT64_MAX, .whole = t == totals->child};
        const struct json *decimals = json_get(t, "decimals");

        s.chain = wanted(m, t, "chain");
        s.name = wanted(m, t, "asset");
        if (!s.chain || !s.name || !wanted(m, t, "origin"))
            return false;
        s.symbol = text_of(t, "symbol");
        if (decimals && decimals->type == JSON_NUMBER &&
            !json_u64(decimals, "decimals", &s.decimals, m->err))
            return false;
        s.traced = amount_of(t, "origin");
        s.held = amount_of(t, "held");
        s.stopped = amount_of(t, "exits");
        if (!account_hops(m, doc, &s) || !finding_add(m, &s))
            return false;
    }
    return true;
}

static bool part_add(struct making *m, const struct json *doc)
{
    if (json_is_string(json_get(doc, "schema"), "cordon.trace/1"))
        return coins_add(m, doc);
    if (json_is_string(json_get(doc, "schema"), "cordon.trace.accounts/1"))
        return accounts_add(m, doc);
    return err_fail(m->err, ERR_INPUT, "schema: a trace, as cordon trace --format json has it");
}

static bool document_add(struct making *m, const struct json *doc)
{
    const struct json *parts;

    if (!json_is_string(json_get(doc, "case"), m->of->case_id))
        return true; /* another case's */
    if (!json_is_string(json_get(doc, "schema"), "cordon.trace.ledgers/1"))
        return part_add(m, doc);
    parts = list_of(m, doc, "parts");
    for (const struct json *p = parts ? parts->child : NULL; p; p = p->next)
        if (!part_add(m, p))
            return false;
    return parts != NULL;
}

/* One document a line. */
static bool lines_read(struct making *m, struct bytes in, const struct json **docs, size_t *n)
{
    const char *at = (const char *)in.p, *end = at + in.n;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t line = newline ? (size_t)(newline - at) : (size_t)(end - at);

        if (*n == FINDINGS_MAX)
            return err_fail(m->err, ERR_LIMIT, "more than %d documents", FINDINGS_MAX);
        if (line && !json_read(m->a, at, line, &docs[(*n)++], m->err))
            return false;
        at += line + (newline ? 1 : 0);
    }
    return true;
}

bool findings_of_trace(struct arena *a, const struct hash32 *group, struct bytes documents,
                       const struct finding_of *of, struct record **ret, size_t *ret_n,
                       struct err *err)
{
    const struct json **docs = ARENA_ARRAY(a, const struct json *, FINDINGS_MAX);
    struct making m = {.a = a, .group = group, .of = of, .err = err};
    size_t n = 0;
    struct err whole;

    m.all = ARENA_ARRAY(a, struct record, FINDINGS_MAX);
    if (!docs || !m.all)
        return no_memory(&m);
    m.document = sha256(documents.p, documents.n);
    if (json_read(a, (const char *)documents.p, documents.n, &docs[0], &whole))
        n = 1;
    else if (whole.class == ERR_NOMEM) {
        *err = whole;
        return false;
    } else if (!lines_read(&m, documents, docs, &n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (json_is_string(json_get(docs[i], "schema"), "cordon.confluence/1"))
            m.meets = docs[i];
    for (size_t i = 0; i < n; i++)
        if (docs[i] != m.meets && !document_add(&m, docs[i]))
            return false;
    if (!m.n)
        return err_fail(err, ERR_NOT_FOUND, "no trace of case \"%.100s\" is in it", of->case_id);
    *ret = m.all;
    *ret_n = m.n;
    return true;
}
