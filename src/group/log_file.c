/* Files that carry events from home to home. */
#include "group/log_parts.h"

#include <stdlib.h>

#define LINE_ROOM (EVENT_LINE_BYTES_MAX + 2)
#define SCRATCH_BYTES_MAX (4 * EVENT_LINE_BYTES_MAX + ((size_t)64 << 20))
#define SCHEMA "cordon.log/1"
#define END_TAG "cordon.export/1"

/* ---- writing ---- */

struct digesting { /* a line at a time into the text, and into the digest */
    struct text *to;
    struct sha256_stream digest;
    uint64_t lines;
};

static void line_out(struct digesting *d, const struct text *line)
{
    sha256_add(&d->digest, line->p, line->n);
    sha256_add(&d->digest, "\n", 1);
    text_put(d->to, line->p, line->n);
    text_char(d->to, '\n');
}

static void head_put(struct text *line, const struct hash32 *group,
                     const struct group_log_export *how)
{
    struct json_out j = json_to(line, false);

    json_object(&j);
    json_put_hex(&j, "group", group->b, sizeof(group->b));
    json_put_string(&j, "schema", SCHEMA);
    json_put_number(&j, "since", how->since);
    json_put_string(&j, "to", how->to);
    json_object_end(&j);
}

static void end_put(struct text *line, uint64_t cursor, const struct key32 *key, uint64_t lines,
                    const struct hash32 *digest)
{
    struct json_out j = json_to(line, false);

    json_object(&j);
    json_put_number(&j, "cursor", cursor);
    json_put_hex(&j, "key", key->b, sizeof(key->b));
    json_put_number(&j, "lines", lines);
    json_put_hex(&j, "sha256", digest->b, sizeof(digest->b));
    json_object_end(&j);
}

static bool end_out(struct group_log *l, const struct group_log_export *how, struct digesting *d,
                    struct err *err)
{
    struct text end = text_new(LINE_ROOM);
    struct hash32 digest = sha256_done(&d->digest);
    struct json_out j = json_to(d->to, false);
    struct signature signature;
    bool ok;

    end_put(&end, l->rows, &how->by->key, d->lines, &digest);
    ok = text_end(&end, err) &&
         group_sign(how->by, END_TAG, &l->group, (struct bytes){(const uint8_t *)end.p, end.n},
                    &signature, err);
    if (ok) {
        json_object(&j);
        json_key(&j, "end");
        json_raw(&j, end.p, end.n);
        json_put_hex(&j, "signature", signature.b, sizeof(signature.b));
        json_object_end(&j);
        text_char(d->to, '\n');
    }
    text_free(&end);
    return ok;
}

bool group_log_line_put(struct group_log *l, const struct fold_event *e, struct text *line,
                        struct err *err)
{
    struct arena *a = arena_new(NULL, SCRATCH_BYTES_MAX);
    struct event_line el = {.event = e->e};
    enum body_state state;
    bool ok = a ? group_log_body(l, a, e, &state, &el.salt, &el.body, err)
                : err_fail(err, ERR_NOMEM, "events");

    if (ok) {
        el.has_body = state == BODY_HERE;
        event_line_put(line, &el);
    }
    arena_free(a);
    return ok;
}

static bool event_out(struct group_log *l, const struct fold_event *e, struct digesting *d,
                      struct err *err)
{
    struct text line = text_new(2 * LINE_ROOM);
    bool ok = group_log_line_put(l, e, &line, err) && text_end(&line, err);

    if (ok) {
        line_out(d, &line);
        d->lines++;
    }
    text_free(&line);
    return ok;
}

/* Others are told what the group's keys have signed, and what this member may see. */
static bool is_told(const struct fold_event *e, const struct group_log_export *how,
                    const struct charter *c, int64_t to)
{
    return e->number > how->since && e->standing != STANDING_NO_KEY &&
           (to < 0 || !strcmp(e->e.audience, AUDIENCE_ALL) ||
            (c && charter_hears(c, (uint32_t)to, e->e.audience)));
}

static bool receiver_find(const struct group_log *l, const struct group_log_export *how,
                          int64_t *ret, struct err *err)
{
    const struct charter *c = fold_charter(l->fold);

    *ret = -1;
    if (!how->to)
        return true;
    if (c)
        *ret = charter_member(c, how->to);
    return (*ret >= 0 && !c->members[*ret].suspended) ||
           err_fail(err, ERR_NOT_FOUND, "\"%s\" is no active member", how->to);
}

bool group_log_export(struct group_log *l, const struct group_log_export *how, struct text *to,
                      struct err *err)
{
    struct arena *a = arena_new(NULL, LOG_FOLD_BYTES_MAX);
    struct digesting d = {.to = to};
    struct text head = text_new(LINE_ROOM);
    const struct fold_event **events = NULL;
    int64_t receiver;
    size_t n = 0;
    bool ok = l->fold || err_fail(err, ERR_NOT_FOUND, "this home is of no group yet");

    ok = ok && receiver_find(l, how, &receiver, err);
    if (ok) {
        events = a ? fold_ordered(l->fold, a, &n) : NULL;
        ok = events || err_fail(err, ERR_NOMEM, "events");
    }
    if (ok) {
        sha256_start(&d.digest);
        head_put(&head, &l->group, how);
        ok = text_end(&head, err);
        if (ok)
            line_out(&d, &head);
    }
    for (size_t i = 0; ok && i < n; i++)
        if (is_told(events[i], how, fold_charter(l->fold), receiver))
            ok = event_out(l, events[i], &d, err);
    ok = ok && end_out(l, how, &d, err);
    text_free(&head);
    arena_free(a);
    return ok;
}

/* ---- reading ---- */

struct reading {
    FILE *in;
    struct text line; /* without its newline */
    struct sha256_stream digest;
    uint64_t number, lines;    /* of this line; of events so far */
    struct hash32 group, told; /* told: digest of all lines, at the end */
    uint64_t since;
};

/* The next line; *ret false: there is none. A line without a newline is cut short. */
static bool line_in(struct reading *r, bool *ret, struct err *err)
{
    int c = 0;

    r->line.n = 0;
    while (!r->line.bad && (c = getc_unlocked(r->in)) != EOF && c != '\n')
        text_char(&r->line, (char)c);
    *ret = c == '\n';
    r->number += *ret;
    if (r->line.bad)
        return r->line.over ? err_fail(err, ERR_LIMIT, "line %llu: longer than %zu bytes",
                                       (unsigned long long)r->number + 1, EVENT_LINE_BYTES_MAX)
                            : err_fail(err, ERR_NOMEM, "a line");
    if (ferror(r->in))
        return err_fail(err, ERR_SYSTEM, "cannot be read");
    return *ret || !r->line.n ||
           err_fail(err, ERR_INPUT, "line %llu is cut short", (unsigned long long)r->number + 1);
}

static struct bytes line_bytes(const struct reading *r)
{
    return (struct bytes){(const uint8_t *)r->line.p, r->line.n};
}

static void line_digest(struct reading *r)
{
    sha256_add(&r->digest, r->line.p, r->line.n);
    sha256_add(&r->digest, "\n", 1);
}

static bool head_read(struct reading *r, struct arena *a, struct err *err)
{
    static const char *const known[] = {"group", "schema", "since", "to", NULL};
    const struct json *o;
    bool there;

    sha256_start(&r->digest);
    if (!line_in(r, &there, err))
        return false;
    if (!there)
        return err_fail(err, ERR_INPUT, "it is empty");
    line_digest(r);
    return (json_canonical_read(a, r->line.p, r->line.n, &o, err) &&
            json_only(o, "line", known, err) &&
            (json_is_string(json_get(o, "schema"), SCHEMA) ||
             err_fail(err, ERR_INPUT, "schema: \"" SCHEMA "\" is wanted")) &&
            hex_member(o, "group", r->group.b, sizeof(r->group.b), err) &&
            json_u64(json_get(o, "since"), "since", &r->since, err)) ||
           err_in(err, "line 1");
}

static bool is_end(const struct reading *r)
{
    static const char end[] = "{\"end\":";

    return r->line.n >= sizeof(end) - 1 && !memcmp(r->line.p, end, sizeof(end) - 1);
}

/* The end fits to what was read: nothing was taken away, added or changed on the way. */
static bool end_read(struct reading *r, struct arena *a, struct key32 *ret_key, struct err *err)
{
    static const char *const known[] = {"end", "signature", NULL};
    static const char *const inner[] = {"cursor", "key", "lines", "sha256", NULL};
    struct hash32 told;
    struct text again = text_new(LINE_ROOM);
    struct signature signature;
    const struct json *o, *end;
    uint64_t cursor, lines;
    bool ok, fits = false, there;

    r->told = sha256_done(&r->digest);
    ok = json_canonical_read(a, r->line.p, r->line.n, &o, err) && json_only(o, "end", known, err);
    end = ok ? json_get(o, "end") : NULL;
    ok = ok && json_only(end, "end", inner, err) &&
         json_u64(json_get(end, "cursor"), "cursor", &cursor, err) &&
         json_u64(json_get(end, "lines"), "lines", &lines, err) &&
         hex_member(end, "key", ret_key->b, sizeof(ret_key->b), err) &&
         hex_member(end, "sha256", told.b, sizeof(told.b), err) &&
         hex_member(o, "signature", signature.b, sizeof(signature.b), err) &&
         json_canonical_put(a, end, &again, err) &&
         group_signed(ret_key, END_TAG, &r->group,
                      (struct bytes){(const uint8_t *)again.p, again.n}, &signature, &fits, err);
    text_free(&again);
    if (ok && (!fits || lines != r->lines || !hash32_equal(&told, &r->told)))
        ok = err_fail(err, ERR_INPUT, "the end does not fit: a line was changed, added or removed");
    if (!ok)
        return err_in(err, "line %llu", (unsigned long long)r->number);
    return line_in(r, &there, err) &&
           (!there ||
            err_fail(err, ERR_INPUT, "line %llu: after the end", (unsigned long long)r->number));
}

/* ---- taking in ---- */

static bool line_take(struct group_log *l, struct reading *r, struct arena *a,
                      struct group_log_counts *c, struct err *err)
{
    struct event_line line;
    enum group_log_taken taken;
    bool signed_ = false, ok;

    ok = event_line_read(a, line_bytes(r), &l->group, &line, err) &&
         group_signed(&line.event.key, EVENT_TAG, &l->group, line.event.text, &line.event.signature,
                      &signed_, err);
    if (ok && !signed_)
        ok = err_fail(err, ERR_INPUT, "the signature is not its key's");
    ok = ok && group_log_take(l, &line, &taken, err);
    if (!ok && err->class == ERR_INPUT) {
        c->apart++;
        return group_log_put_apart(l, line_bytes(r), err->text, err);
    }
    if (ok) {
        c->taken += taken == LOG_TAKEN;
        c->doubled += taken == LOG_DOUBLE;
    }
    return ok || err_in(err, "line %llu", (unsigned long long)r->number);
}

static bool group_fits(struct group_log *l, const struct reading *r, const struct hash32 *group,
                       struct err *err)
{
    char hex[65] = "";

    for (size_t i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", r->group.b[i]);
    if (l->fold)
        return hash32_equal(&l->group, &r->group) ||
               err_fail(err, ERR_INPUT, "it is of another group, %s", hex);
    if (!group)
        return err_fail(err, ERR_INPUT,
                        "this home is of no group yet; if %s is the first charter that you "
                        "agreed on, give it with --group",
                        hex);
    if (!hash32_equal(group, &r->group))
        return err_fail(err, ERR_INPUT, "it is of another group, %s", hex);
    return group_log_join(l, group, err);
}

/* Each line by itself; every line has its own scratch. */
static bool lines_each(struct reading *r,
                       bool (*each)(void *ctx, struct reading *r, struct arena *a, struct err *err),
                       void *ctx, struct key32 *ret_key, struct err *err)
{
    bool there = true, ok = true, ended = false;

    while (ok && !ended) {
        struct arena *a = arena_new(NULL, SCRATCH_BYTES_MAX);

        ok = (a || err_fail(err, ERR_NOMEM, "a line")) && line_in(r, &there, err);
        if (ok && !there)
            ok = err_fail(err, ERR_INPUT, "it ends without an end line");
        ended = ok && is_end(r);
        if (ended) {
            ok = end_read(r, a, ret_key, err);
        } else if (ok) {
            line_digest(r);
            r->lines++;
            ok = each(ctx, r, a, err);
        }
        arena_free(a);
    }
    return ok;
}

struct taking {
    struct group_log *log;
    struct group_log_counts *counts;
};

static bool take_each(void *ctx, struct reading *r, struct arena *a, struct err *err)
{
    struct taking *t = ctx;

    return line_take(t->log, r, a, t->counts, err);
}

bool group_log_import(struct group_log *l, FILE *in, const struct hash32 *group,
                      struct group_log_counts *ret, struct err *err)
{
    struct reading r = {.in = in, .line = text_new(LINE_ROOM)};
    struct arena *a = arena_new(NULL, SCRATCH_BYTES_MAX);
    struct group_log_counts c = {.taken = 0};
    struct taking t = {l, &c};
    struct key32 key;
    bool ok = (a || err_fail(err, ERR_NOMEM, "a file")) && head_read(&r, a, err) &&
              group_fits(l, &r, group, err) && lines_each(&r, take_each, &t, &key, err);

    arena_free(a);
    text_free(&r.line);
    if (ok)
        *ret = c;
    return ok;
}

/* ---- checking a file ---- */

struct checking {
    struct fold *fold;
    struct arena *arena;
    const struct fold_event *last;
    struct group_log_checked *checked;
};

static bool differs(const struct reading *r, struct err *err)
{
    if (err->class == ERR_INPUT)
        err->class = ERR_DIFFERS;
    return err_in(err, "line %llu", (unsigned long long)r->number);
}

static bool check_each(void *ctx, struct reading *r, struct arena *a, struct err *err)
{
    struct checking *c = ctx;
    struct bytes charter = {NULL, 0};
    struct event_line line;
    bool signed_, is_new;

    if (!event_line_read(a, line_bytes(r), &r->group, &line, err) ||
        !group_signed(&line.event.key, EVENT_TAG, &r->group, line.event.text, &line.event.signature,
                      &signed_, err))
        return differs(r, err);
    if (!signed_)
        return err_fail(err, ERR_DIFFERS, "line %llu: the signature is not its key's",
                        (unsigned long long)r->number);
    if (c->last && event_order(&c->last->e, &line.event) >= 0)
        return err_fail(err, ERR_DIFFERS, "line %llu: not in its place",
                        (unsigned long long)r->number);
    if (line.has_body && !strcmp(line.event.type, "charter.propose"))
        charter = line.body;
    if (!fold_add(c->fold, &line.event, charter, &is_new, err))
        return differs(r, err);
    c->last = fold_find(c->fold, &line.event.id);
    c->checked->events++;
    c->checked->streams += line.event.seq == 1;
    c->checked->bodies += line.has_body;
    c->checked->withheld += !line.has_body && event_has_body(&line.event);
    return true;
}

/* Nothing that was followed is missing. */
static bool whole(const struct fold *f, struct err *err)
{
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_at(f, i)); i++)
        if (e->standing == STANDING_WAITS)
            return err_fail(err, ERR_DIFFERS, "line %zu: something that it follows is missing",
                            i + 2);
    return true;
}

/* Whose key signed the end? */
static bool end_signer(const struct checking *c, const struct key32 *key, struct err *err)
{
    const struct charter *at;

    for (uint64_t version = 1; (at = fold_charter_at(c->fold, version)); version++) {
        const struct charter_key *k = charter_key(at, key);

        if (k)
            c->checked->by = at->members[k->member].id;
    }
    if (!c->checked->by)
        return err_fail(err, ERR_DIFFERS, "the end is not signed by a member");
    c->checked->by = arena_string(c->arena, c->checked->by, strlen(c->checked->by));
    return c->checked->by || err_fail(err, ERR_NOMEM, "a file");
}

bool group_log_file_check(struct arena *a, FILE *in, uint64_t seed, struct group_log_checked *ret,
                          struct hash32 *ret_group, struct err *err)
{
    struct reading r = {.in = in, .line = text_new(LINE_ROOM)};
    struct group_log_checked checked = {.events = 0};
    struct checking c = {.arena = a, .checked = &checked};
    struct key32 key;
    bool ok = head_read(&r, a, err);

    if (ok && r.since)
        ok = err_fail(err, ERR_INPUT,
                      "it holds what came since %llu only: verify the home that took it in",
                      (unsigned long long)r.since);
    if (ok) {
        c.fold = fold_new(&r.group, LOG_FOLD_BYTES_MAX, seed);
        ok = c.fold || err_fail(err, ERR_NOMEM, "a file");
    }
    ok = ok && lines_each(&r, check_each, &c, &key, err) && whole(c.fold, err) &&
         end_signer(&c, &key, err);
    if (!ok && r.number > 1 && err->class == ERR_INPUT)
        err->class = ERR_DIFFERS;
    fold_free(c.fold);
    text_free(&r.line);
    if (ok) {
        checked.link = r.told;
        *ret = checked;
        *ret_group = r.group;
    }
    return ok;
}
