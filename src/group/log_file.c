/* Files that carry events from home to home. */
#include "group/log_parts.h"

#include "base/mem.h"
#include "base/pool.h"

#define BATCH_LINES 256 /* whose signatures are checked at a time, on all processors */
#define BATCH_BYTES ((size_t)8 << 20)
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
        el.has_body = state == BODY_HERE && event_body_travels(&e->e);
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

/* Those of the streams that the receiver may see. */
static bool checkpoints_out(struct group_log *l, const struct group_log_export *how, int64_t to,
                            struct digesting *d, struct err *err)
{
    struct arena *a = arena_new(NULL, LOG_FOLD_BYTES_MAX);
    struct text note = text_new(2 * CHECKPOINT_BYTES_MAX), line = text_new(2 * LINE_ROOM);
    struct log_checkpoints all = {.n = 0};
    bool ok = (a || err_fail(err, ERR_NOMEM, "checkpoints")) &&
              log_checkpoints_read(l, a, how->since, &all, err);

    for (size_t i = 0; ok && i < all.n; i++) {
        struct json_out j = json_to(&line, false);

        if (!checkpoint_shows(l->fold, all.at[i].author, &all.at[i].stream, to, to < 0))
            continue;
        note.n = line.n = 0;
        checkpoint_put(&note, &l->group, &all.at[i]);
        json_object(&j);
        json_put_string(&j, "checkpoint", text_string(&note));
        json_object_end(&j);
        ok = text_end(&note, err) && text_end(&line, err);
        if (ok)
            line_out(d, &line);
        d->lines += ok;
    }
    text_free(&note);
    text_free(&line);
    arena_free(a);
    return ok;
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
    ok = ok && checkpoints_out(l, how, receiver, &d, err) && end_out(l, how, &d, err);
    text_free(&head);
    arena_free(a);
    return ok;
}

/* ---- reading ---- */

struct reading {
    FILE *in;
    struct text line; /* without its newline */
    struct sha256_stream digest;
    uint64_t number, lines;    /* of this line; between head and end */
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

/* A line between head and end, read and its signature checked. */
struct one_line {
    uint64_t number;
    size_t start, n; /* in the batch's bytes */
    struct bytes text;
    struct arena *arena;
    bool is_checkpoint, ok; /* ok: an event, signed by its key; else err says why not */
    struct event_line line;
    struct err err;
};

static bool line_take(struct group_log *l, struct one_line *one, struct group_log_counts *c,
                      struct err *err)
{
    enum group_log_taken taken;
    bool ok;

    if (one->is_checkpoint) {
        ok = group_log_take_checkpoint(l, one->arena, one->text, false, &taken, err);
    } else {
        *err = one->err;
        ok = one->ok && group_log_take(l, &one->line, &taken, err) && log_share_bounded(l, err);
    }
    if (!ok && err->class == ERR_INPUT) {
        c->apart++;
        return group_log_put_apart(l, one->text, err->text, err);
    }
    if (ok) {
        c->taken += taken == LOG_TAKEN;
        c->doubled += taken == LOG_DOUBLE;
    }
    return ok || err_in(err, "line %llu", (unsigned long long)one->number);
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

/* ---- many lines at a time ---- */

struct batch {
    struct pool *pool;
    const struct hash32 *group;
    struct text bytes;
    struct one_line *lines; /* [BATCH_LINES] */
    size_t n;
};

static void line_check(void *ctx, size_t task, unsigned worker)
{
    const struct batch *b = ctx;
    struct one_line *one = &b->lines[task];
    struct event *e = &one->line.event;
    bool signed_ = false;

    (void)worker;
    one->arena = arena_new(NULL, SCRATCH_BYTES_MAX);
    if (!one->arena) {
        err_set(&one->err, ERR_NOMEM, "a line");
        return;
    }
    one->is_checkpoint = checkpoint_line_is(one->text);
    one->ok =
        !one->is_checkpoint &&
        event_line_read(one->arena, one->text, b->group, &one->line, &one->err) &&
        group_signed(&e->key, EVENT_TAG, b->group, e->text, &e->signature, &signed_, &one->err) &&
        (signed_ || err_fail(&one->err, ERR_INPUT, "the signature is not its key's"));
}

typedef bool line_fn(void *ctx, struct one_line *one, struct err *err);

static bool batch_run(struct batch *b, line_fn *each, void *ctx, struct err *err)
{
    bool ok = true;

    for (size_t i = 0; i < b->n; i++)
        b->lines[i].text =
            (struct bytes){(const uint8_t *)b->bytes.p + b->lines[i].start, b->lines[i].n};
    pool_run(b->pool, b->n, line_check, b);
    for (size_t i = 0; i < b->n; i++) {
        struct one_line *one = &b->lines[i];

        if (ok && !one->arena) {
            *err = one->err;
            ok = false;
        }
        ok = ok && each(ctx, one, err);
        arena_free(one->arena);
    }
    b->n = b->bytes.n = 0;
    return ok;
}

static bool batch_add(struct batch *b, const struct reading *r, struct err *err)
{
    b->lines[b->n] = (struct one_line){.number = r->number, .start = b->bytes.n, .n = r->line.n};
    text_put(&b->bytes, r->line.p, r->line.n);
    if (b->bytes.bad)
        return err_fail(err, ERR_NOMEM, "lines");
    b->n++;
    return true;
}

static bool batch_is_full(const struct batch *b)
{
    return b->n == BATCH_LINES || b->bytes.n > BATCH_BYTES;
}

/* The next line into the batch, or the end; *ret_ended. */
static bool line_next(struct reading *r, struct batch *b, bool *ret_ended, struct err *err)
{
    bool there;

    if (!line_in(r, &there, err))
        return false;
    if (!there)
        return err_fail(err, ERR_INPUT, "it ends without an end line");
    *ret_ended = is_end(r);
    if (*ret_ended)
        return true;
    line_digest(r);
    r->lines++;
    return batch_add(b, r, err);
}

static bool batches_each(struct reading *r, struct batch *b, line_fn *each, void *ctx,
                         struct err *err)
{
    bool ended = false, ok = true;

    while (ok && !ended) {
        struct err first;

        ok = line_next(r, b, &ended, err);
        if (ok && !ended && !batch_is_full(b))
            continue;
        /* what was wrong before the line that could not be read is told first */
        if (!batch_run(b, each, ctx, ok ? err : &first)) {
            if (!ok)
                *err = first;
            ok = false;
        }
    }
    return ok;
}

/* Each line in its order, then the end. */
static bool lines_each(struct reading *r, line_fn *each, void *ctx, struct key32 *ret_key,
                       struct err *err)
{
    struct batch b = {.pool = pool_new(0),
                      .group = &r->group,
                      .bytes = text_new(BATCH_BYTES + 2 * LINE_ROOM),
                      .lines = mem_array(BATCH_LINES, sizeof(struct one_line))};
    struct arena *a = arena_new(NULL, SCRATCH_BYTES_MAX);
    bool ok = (b.pool && b.lines && a) || err_fail(err, ERR_NOMEM, "lines");

    ok = ok && batches_each(r, &b, each, ctx, err) && end_read(r, a, ret_key, err);
    arena_free(a);
    mem_free(b.lines);
    text_free(&b.bytes);
    pool_free(b.pool);
    return ok;
}

struct taking {
    struct group_log *log;
    struct group_log_counts *counts;
};

static bool take_each(void *ctx, struct one_line *one, struct err *err)
{
    struct taking *t = ctx;

    return line_take(t->log, one, t->counts, err);
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
              group_fits(l, &r, group, err) && lines_each(&r, take_each, &t, &key, err) &&
              fold_settle(l->fold, err);

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
    const struct hash32 *group;
    const struct fold_event *last;
    struct group_log_checked *checked;
    struct log_checkpoints checkpoints;
    size_t checkpoints_room;
};

static bool differs(const struct one_line *one, struct err *err)
{
    if (err->class == ERR_INPUT)
        err->class = ERR_DIFFERS;
    return err_in(err, "line %llu", (unsigned long long)one->number);
}

static bool out_of_place(const struct one_line *one, struct err *err)
{
    return err_fail(err, ERR_DIFFERS, "line %llu: not in its place",
                    (unsigned long long)one->number);
}

static int checkpoint_order(const struct checkpoint *a, const struct checkpoint *b)
{
    int order = strcmp(a->author, b->author);

    if (!order)
        order = memcmp(a->stream.b, b->stream.b, sizeof(a->stream.b));
    if (!order && a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return order ? order : memcmp(a->root.b, b->root.b, sizeof(a->root.b));
}

static bool checkpoint_room(struct checking *c, struct err *err)
{
    size_t room = c->checkpoints_room ? 2 * c->checkpoints_room : 64;
    struct checkpoint *more;

    if (c->checkpoints.n < c->checkpoints_room)
        return true;
    more = ARENA_ARRAY(c->arena, struct checkpoint, room);
    if (!more)
        return err_fail(err, ERR_NOMEM, "checkpoints");
    if (c->checkpoints.n)
        memcpy(more, c->checkpoints.at, c->checkpoints.n * sizeof(*more));
    c->checkpoints.at = more;
    c->checkpoints_room = room;
    return true;
}

/* They come behind the events, each in its place, and all that signed are members' nodes. */
static bool checkpoint_check(struct checking *c, const struct one_line *one, struct err *err)
{
    size_t n = c->checkpoints.n;
    struct checkpoint *at;
    bool all = false;

    if (!checkpoint_room(c, err))
        return false;
    at = &c->checkpoints.at[n];
    if (!checkpoint_line_read(c->arena, one->text, c->group, at, err) ||
        !checkpoint_keys(c->fold, c->group, at, NULL, &all, err))
        return differs(one, err);
    if (!all)
        return err_fail(err, ERR_DIFFERS, "line %llu: a signature is not its key's",
                        (unsigned long long)one->number);
    if (n && checkpoint_order(at - 1, at) >= 0)
        return out_of_place(one, err);
    c->checkpoints.n++;
    return fold_checkpoint(c->fold, at, err);
}

static bool check_each(void *ctx, struct one_line *one, struct err *err)
{
    struct checking *c = ctx;
    const struct event_line *line = &one->line;
    struct bytes charter = {NULL, 0};
    bool is_new;

    if (one->is_checkpoint)
        return checkpoint_check(c, one, err);
    *err = one->err;
    if (!one->ok)
        return differs(one, err);
    if (c->checkpoints.n || (c->last && event_order(&c->last->e, &line->event) >= 0))
        return out_of_place(one, err);
    if (line->has_body && !strcmp(line->event.type, "charter.propose"))
        charter = line->body;
    if (!fold_add(c->fold, &line->event, charter, &is_new, err))
        return differs(one, err);
    c->last = fold_find(c->fold, &line->event.id);
    c->checked->events++;
    c->checked->streams += line->event.seq == 1;
    c->checked->bodies += line->has_body;
    c->checked->withheld += !line->has_body && event_has_body(&line->event);
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
    struct checking c = {.arena = a, .group = &r.group, .checked = &checked};
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
         checkpoints_check(c.fold, &c.checkpoints, &checked, err) && end_signer(&c, &key, err);
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
