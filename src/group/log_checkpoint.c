/* Checkpoints in a home: kept as signed notes beside the events, with the keys that their
 * signatures were found to be of. Of one stream, size and root there is one row, which has all
 * signatures that came; a row that changes gets a new number. */
#include "group/log_parts.h"

#define SPACED 8192 /* so that a stream of 10^7 events has 67000 at most, fewer than are kept */
#define LINE_START "{\"checkpoint\":"

static const char *const schema_steps[] = {
    "CREATE TABLE checkpoint_note (id INTEGER PRIMARY KEY AUTOINCREMENT, author TEXT NOT NULL,"
    " stream BLOB NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, rows INTEGER NOT NULL,"
    " note BLOB NOT NULL, keys BLOB NOT NULL, UNIQUE (author, stream, size, root))",
};
const struct store_schema log_checkpoint_schema = {"checkpoint", schema_steps, 1};

/* ---- whose signatures ---- */

/* By a node key of that member in any adopted version. */
static bool key_find(const struct fold *f, const struct hash32 *group, const struct checkpoint *c,
                     struct checkpoint_signature *s)
{
    const struct charter *at;

    for (uint64_t version = 1; (at = fold_charter_at(f, version)); version++)
        if (checkpoint_signed_by(group, c, at, s))
            return true;
    return false;
}

/* What was checked once is not checked again. */
static bool key_known(const struct checkpoint *here, struct checkpoint_signature *s)
{
    for (size_t i = 0; here && i < here->signatures_n; i++) {
        const struct checkpoint_signature *k = &here->signatures[i];

        if (k->time == s->time && !memcmp(k->hint, s->hint, sizeof(s->hint)) &&
            !memcmp(k->signature.b, s->signature.b, sizeof(s->signature.b)) &&
            !strcmp(k->member, s->member)) {
            s->key = k->key;
            return true;
        }
    }
    return false;
}

bool checkpoint_keys(const struct fold *f, const struct hash32 *group, struct checkpoint *c,
                     const struct checkpoint *here, bool *ret_all, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < c->signatures_n; i++)
        if (key_known(here, &c->signatures[i]) || key_find(f, group, c, &c->signatures[i]))
            c->signatures[n++] = c->signatures[i];
    *ret_all = n == c->signatures_n;
    c->signatures_n = n;
    return (n && !c->signatures[0].time) ||
           err_fail(err, ERR_INPUT, "a checkpoint that its author's node has not signed");
}

/* ---- lines ---- */

bool checkpoint_line_is(struct bytes line)
{
    return line.n > sizeof(LINE_START) - 1 && !memcmp(line.p, LINE_START, sizeof(LINE_START) - 1);
}

bool checkpoint_line_read(struct arena *a, struct bytes line, const struct hash32 *group,
                          struct checkpoint *ret, struct err *err)
{
    static const char *const known[] = {"checkpoint", NULL};
    const struct json *o;
    const char *note;

    return json_canonical_read(a, (const char *)line.p, line.n, &o, err) &&
           json_only(o, "line", known, err) &&
           json_text(json_get(o, "checkpoint"), "checkpoint", &note, err) &&
           checkpoint_read(a, (struct bytes){(const uint8_t *)note, strlen(note)}, group, ret, err);
}

/* ---- rows ---- */

static bool note_bind(struct store_query *q, const struct checkpoint *c, struct err *err)
{
    return store_bind_text(q, 1, c->author, err) &&
           store_bind_blob(q, 2, (struct bytes){c->stream.b, sizeof(c->stream.b)}, err) &&
           store_bind_u64(q, 3, c->size, err) &&
           store_bind_blob(q, 4, (struct bytes){c->root.b, sizeof(c->root.b)}, err);
}

/* From "note, keys" of a row. */
static bool note_read(struct group_log *l, struct arena *a, struct store_query *q, int column,
                      struct checkpoint *ret, struct err *err)
{
    struct bytes keys = store_blob(q, column + 1);

    if (!checkpoint_read(a, store_blob(q, column), &l->group, ret, err) ||
        keys.n != ret->signatures_n * sizeof(struct key32))
        return err_fail(err, ERR_CORRUPT, "\"%s\": a checkpoint is not as it was written",
                        store_path(l->store));
    for (size_t i = 0; i < ret->signatures_n; i++)
        memcpy(ret->signatures[i].key.b, keys.p + i * sizeof(struct key32), sizeof(struct key32));
    return true;
}

static bool note_find(struct group_log *l, struct arena *a, const struct checkpoint *of,
                      struct checkpoint *ret, bool *ret_there, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(l->store,
                            "SELECT note, keys FROM checkpoint_note WHERE author = ? AND "
                            "stream = ? AND size = ? AND root = ?",
                            &q, err) &&
              note_bind(q, of, err) && store_step(q, ret_there, err) &&
              (!*ret_there || note_read(l, a, q, 0, ret, err));

    store_finish(q);
    return ok;
}

static bool note_insert(struct group_log *l, struct arena *a, const struct checkpoint *c,
                        struct err *err)
{
    struct text note = text_new(2 * CHECKPOINT_BYTES_MAX);
    struct key32 *keys = ARENA_ARRAY(a, struct key32, c->signatures_n);
    struct store_query *q = NULL;
    bool ok, row = false;

    checkpoint_put(&note, &l->group, c);
    for (size_t i = 0; keys && i < c->signatures_n; i++)
        keys[i] = c->signatures[i].key;
    ok = (keys || err_fail(err, ERR_NOMEM, "a checkpoint")) && text_end(&note, err) &&
         store_prepare(l->store,
                       "INSERT OR REPLACE INTO checkpoint_note (author, stream, size, root, rows,"
                       " note, keys) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                       &q, err) &&
         note_bind(q, c, err) && store_bind_u64(q, 5, l->rows, err) &&
         store_bind_blob(q, 6, (struct bytes){(const uint8_t *)note.p, note.n}, err) &&
         store_bind_blob(q, 7, (struct bytes){keys->b, c->signatures_n * sizeof(*keys)}, err) &&
         store_step(q, &row, err);
    if (ok && row)
        l->notes = store_u64(q, 0);
    ok = ok && store_step(q, &row, err);
    store_finish(q);
    text_free(&note);
    return ok;
}

static bool is_bounded(struct group_log *l, const char *author, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok =
        store_prepare(l->store, "SELECT count(*) FROM checkpoint_note WHERE author = ?", &q, err) &&
        store_bind_text(q, 1, author, err) && store_step(q, &row, err);

    if (ok && store_u64(q, 0) >= LOG_CHECKPOINTS_MAX)
        ok = err_fail(err, ERR_INPUT, "more than %d checkpoints of \"%s\"", LOG_CHECKPOINTS_MAX,
                      author);
    store_finish(q);
    return ok;
}

/* A member that signs one checkpoint again and again, each time earlier, does so from its share. */
static bool again_signed(struct group_log *l, const struct checkpoint *here, struct checkpoint *c,
                         struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < c->signatures_n; i++) {
        const struct checkpoint_signature *s = &c->signatures[i];
        bool better = false;

        for (size_t k = 0; k < here->signatures_n; k++)
            better = better || (!memcmp(here->signatures[k].hint, s->hint, sizeof(s->hint)) &&
                                !strcmp(here->signatures[k].member, s->member) &&
                                checkpoint_better(s, &here->signatures[k]));
        if (better && !log_share_left(l, s->member, 1, l->now_ms))
            continue;
        if (better && !log_share_use(l, s->member, 1, err))
            return false;
        c->signatures[n++] = *s;
    }
    c->signatures_n = n;
    return true;
}

/* Its signatures' keys are found. */
static bool note_keep(struct group_log *l, struct arena *a, struct checkpoint *c,
                      enum group_log_taken *ret, struct err *err)
{
    struct checkpoint here;
    bool there;
    size_t n;

    *ret = LOG_DOUBLE;
    if (!note_find(l, a, c, &here, &there, err))
        return false;
    if (there) {
        struct text before = text_new(2 * CHECKPOINT_BYTES_MAX),
                    now = text_new(2 * CHECKPOINT_BYTES_MAX);
        bool same;

        n = here.signatures_n;
        checkpoint_put(&before, &l->group, &here);
        if (!again_signed(l, &here, c, err) || !checkpoint_join(a, &here, c, err)) {
            text_free(&before);
            return false;
        }
        checkpoint_put(&now, &l->group, &here);
        same =
            n == here.signatures_n && now.n == before.n && now.n && !memcmp(now.p, before.p, now.n);
        text_free(&before);
        text_free(&now);
        if (same)
            return true;
        *c = here;
    } else if (!is_bounded(l, c->author, err)) {
        return false;
    }
    *ret = LOG_TAKEN;
    return note_insert(l, a, c, err) && fold_checkpoint(l->fold, c, err);
}

static bool stream_known(const struct fold *f, const struct checkpoint *c, struct err *err)
{
    struct fold_stream s;

    return (fold_stream(f, c->author, &c->stream, &s) && s.audience) ||
           err_fail(err, ERR_NOT_FOUND, "no event of its stream is here");
}

bool group_log_take_checkpoint(struct group_log *l, struct arena *a, struct bytes line, bool known,
                               enum group_log_taken *ret, struct err *err)
{
    struct checkpoint c, here;
    bool all, there = false;

    if (checkpoint_line_read(a, line, &l->group, &c, err) &&
        (!known || stream_known(l->fold, &c, err)) && note_find(l, a, &c, &here, &there, err) &&
        checkpoint_keys(l->fold, &l->group, &c, there ? &here : NULL, &all, err) &&
        note_keep(l, a, &c, ret, err))
        return true;
    if (err->class == ERR_LIMIT)
        err->class = ERR_INPUT;
    return false;
}

bool log_checkpoints_fold(struct group_log *l, struct err *err)
{
    struct store_query *q = NULL;
    bool row = true,
         ok = store_prepare(l->store,
                            "SELECT id, note, keys FROM checkpoint_note WHERE id > ? ORDER BY id",
                            &q, err) &&
              store_bind_u64(q, 1, l->notes, err);

    while (ok && (ok = store_step(q, &row, err)) && row) {
        struct arena *a = arena_new(NULL, 8 * CHECKPOINT_BYTES_MAX);
        struct checkpoint c;

        ok = (a || err_fail(err, ERR_NOMEM, "checkpoints")) && note_read(l, a, q, 1, &c, err) &&
             fold_checkpoint(l->fold, &c, err);
        l->notes = store_u64(q, 0);
        arena_free(a);
    }
    store_finish(q);
    return ok;
}

/* ---- all of them ---- */

static bool notes_all(struct group_log *l, struct arena *a, uint64_t since,
                      struct log_checkpoints *ret, struct err *err)
{
    struct store_query *q = NULL;
    size_t room = 0;
    bool row = true, ok = store_prepare(l->store,
                                        "SELECT note, keys FROM checkpoint_note WHERE rows >= ? "
                                        "ORDER BY author, stream, size, root",
                                        &q, err) &&
                          store_bind_u64(q, 1, since, err);

    *ret = (struct log_checkpoints){.n = 0};
    while (ok && (ok = store_step(q, &row, err)) && row) {
        if (ret->n == room) {
            struct checkpoint *more = ARENA_ARRAY(a, struct checkpoint, room ? 2 * room : 64);

            if (!more) {
                ok = err_fail(err, ERR_NOMEM, "checkpoints");
                break;
            }
            if (ret->n)
                memcpy(more, ret->at, ret->n * sizeof(*more));
            ret->at = more;
            room = room ? 2 * room : 64;
        }
        ok = note_read(l, a, q, 0, &ret->at[ret->n], err);
        ret->n += ok;
    }
    store_finish(q);
    return ok;
}

bool log_checkpoints_read(struct group_log *l, struct arena *a, uint64_t since,
                          struct log_checkpoints *ret, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&l->reading);
    ok = notes_all(l, a, since, ret, err);
    pthread_mutex_unlock(&l->reading);
    return ok;
}

static bool one_stream(const struct checkpoint *a, const struct checkpoint *b)
{
    return !memcmp(a->stream.b, b->stream.b, sizeof(a->stream.b)) && !strcmp(a->author, b->author);
}

size_t checkpoints_of_stream(const struct log_checkpoints *all, size_t from)
{
    size_t n = 1;

    while (from + n < all->n && one_stream(&all->at[from], &all->at[from + n]))
        n++;
    return n;
}

/* One of a stream's checkpoints parts from that with most events that are here, or from one of
 * its own size. */
static bool is_parted(const struct fold *f, const struct checkpoint *of, size_t n, size_t at,
                      size_t most)
{
    return (at && fold_parted(f, &of[at], &of[at - 1]) && of[at].size == of[at - 1].size) ||
           (most < n && fold_parted(f, &of[at], &of[most]));
}

bool checkpoints_check(struct fold *f, const struct log_checkpoints *all,
                       struct group_log_checked *ret, struct err *err)
{
    if (!fold_settle(f, err))
        return false;
    for (size_t from = 0, n; from < all->n; from += n) {
        const struct checkpoint *of = &all->at[from];
        size_t most = n = checkpoints_of_stream(all, from);

        while (most && !fold_checkpoint_tip(f, &of[most - 1]))
            most--;
        most = most ? most - 1 : n;
        for (size_t i = 0; i < n; i++) {
            ret->checkpoints++;
            ret->countersigned += fold_countersigned(f, &of[i]);
            if (is_parted(f, of, n, i, most)) {
                ret->parted++;
                snprintf(ret->parted_author, sizeof(ret->parted_author), "%s", of->author);
                ret->parted_stream = of->stream;
            } else if (!fold_checkpoint_tip(f, &of[i])) {
                return err_fail(err, ERR_DIFFERS,
                                "a stream of %s had %llu events when that was signed; they are not "
                                "all here",
                                of->author, (unsigned long long)of[i].size);
            }
        }
    }
    return true;
}

/* ---- signing ---- */

/* The i-th stream as it is now; *ret_new: that was not signed yet. */
static bool checkpoint_now(struct group_log *l, struct arena *a, const struct fold_stream *s,
                           const struct group_log_cosign *how, bool *ret_new, struct err *err)
{
    struct checkpoint c = {.author = s->author, .stream = s->stream}, here;
    enum group_log_taken taken = LOG_DOUBLE;
    bool there = false;

    c.size = s->head->e.seq;
    if (!fold_root(l->fold, s->head, &c.root) || !note_find(l, a, &c, &here, &there, err))
        return false;
    if (!there && !(checkpoint_sign(a, &l->group, &c, s->author, how->by, 0, err) &&
                    note_keep(l, a, &c, &taken, err)))
        return false;
    *ret_new = taken == LOG_TAKEN;
    return true;
}

bool group_log_checkpoint(struct group_log *l, const struct group_log_cosign *how, uint64_t *ret_n,
                          struct err *err)
{
    struct fold_stream s;

    *ret_n = 0;
    for (size_t i = 0; l->fold && fold_stream_at(l->fold, i, &s); i++) {
        struct checkpoint last;
        struct arena *a;
        bool is_new, ok, ignored;

        if (!s.head || s.parted || strcmp(s.author, how->member) != 0 ||
            (fold_stream_checkpoint(l->fold, i, NULL, &last, &ignored) &&
             s.head->e.seq - last.size <= (how->spaced ? last.size / SPACED : 0)))
            continue;
        a = arena_new(NULL, 8 * CHECKPOINT_BYTES_MAX);
        ok = (a || err_fail(err, ERR_NOMEM, "checkpoints")) &&
             checkpoint_now(l, a, &s, how, &is_new, err);
        arena_free(a);
        if (!ok)
            return false;
        *ret_n += is_new;
    }
    return !l->fold || fold_settle(l->fold, err);
}

static bool checkpoint_cosign(struct group_log *l, const struct checkpoint *of,
                              const struct group_log_cosign *how, struct err *err)
{
    struct arena *a = arena_new(NULL, 8 * CHECKPOINT_BYTES_MAX);
    enum group_log_taken taken;
    struct checkpoint c;
    bool there = false;
    bool ok = (a || err_fail(err, ERR_NOMEM, "checkpoints")) &&
              note_find(l, a, of, &c, &there, err) &&
              (there ||
               err_fail(err, ERR_CORRUPT, "\"%s\": a checkpoint is missing", store_path(l->store)));

    ok = ok && checkpoint_sign(a, &l->group, &c, how->member, how->by, how->now, err) &&
         note_keep(l, a, &c, &taken, err);
    arena_free(a);
    return ok;
}

bool group_log_cosign(struct group_log *l, const struct group_log_cosign *how,
                      struct group_log_cosigned *ret, struct err *err)
{
    struct fold_stream s;

    *ret = (struct group_log_cosigned){.cosigned = 0};
    for (size_t i = 0; l->fold && fold_stream_at(l->fold, i, &s); i++) {
        struct checkpoint c;
        bool is_signed;

        if (!s.any_checkpoint || !fold_countersigns(l->fold, &s, how->member))
            continue;
        if (s.parted) {
            ret->parted++;
        } else if (!fold_stream_checkpoint(l->fold, i, &how->by->key, &c, &is_signed)) {
            ret->ahead++;
        } else if (!is_signed) {
            if (!checkpoint_cosign(l, &c, how, err))
                return false;
            ret->cosigned++;
        }
    }
    return true;
}

/* ---- telling ---- */

bool checkpoint_shows(const struct fold *f, const char *author, const struct stream_id *stream,
                      int64_t member, bool all)
{
    const struct charter *c = fold_charter(f);
    struct fold_stream s;

    return fold_stream(f, author, stream, &s) && s.audience &&
           (all || !strcmp(s.audience, AUDIENCE_ALL) ||
            (c && member >= 0 && charter_hears(c, (uint32_t)member, s.audience)));
}

/* From "id, author, stream, note" of a row. */
static bool note_goes(struct group_log *l, struct store_query *q, const struct group_log_page *how,
                      int64_t member)
{
    struct bytes id = store_blob(q, 2);
    struct stream_id stream;
    struct fold_stream s;

    if (id.n != sizeof(stream.b))
        return false;
    memcpy(stream.b, id.p, sizeof(stream.b));
    return checkpoint_shows(l->fold, store_text(q, 1), &stream, member, false) &&
           (!how->split || (fold_stream(l->fold, store_text(q, 1), &stream, &s) && s.parted));
}

static bool note_out(struct store_query *q, struct arena *a, struct text *to, struct err *err)
{
    struct bytes note = store_blob(q, 3);
    const char *s = arena_string(a, (const char *)note.p, note.n);
    struct json_out j = json_to(to, false);

    if (!s)
        return err_fail(err, ERR_NOMEM, "checkpoints");
    json_object(&j);
    json_put_string(&j, "checkpoint", s);
    json_object_end(&j);
    text_char(to, '\n');
    return true;
}

static bool notes_out(struct group_log *l, struct store_query *q, const struct group_log_page *how,
                      struct text *to, struct group_log_paged *ret, struct err *err)
{
    int64_t member = group_log_member(fold_charter(l->fold), how->to);
    size_t start = to->n;
    bool row = true, ok = true;

    while (ok && !ret->more && (ok = store_step(q, &row, err)) && row) {
        bool goes = note_goes(l, q, how, member);

        ret->more = goes && ret->lines && to->n - start >= how->bytes_max;
        if (goes && !ret->more) {
            struct arena *a = arena_new(NULL, 4 * CHECKPOINT_BYTES_MAX);

            ok = a ? note_out(q, a, to, err) : err_fail(err, ERR_NOMEM, "checkpoints");
            arena_free(a);
            ret->lines += ok;
        }
        if (!ret->more)
            ret->notes = store_u64(q, 0);
    }
    return ok;
}

/* What another process has committed meanwhile is not folded yet, and told later. */
bool group_log_notes_page(struct group_log *l, const struct group_log_page *how, struct text *to,
                          struct group_log_paged *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = true;

    ret->notes = how->notes;
    if (how->notes >= l->notes)
        return true;
    pthread_mutex_lock(&l->reading);
    ok = store_prepare(l->store,
                       "SELECT id, author, stream, note FROM checkpoint_note WHERE id > ? AND "
                       "id <= ? ORDER BY id",
                       &q, err) &&
         store_bind_u64(q, 1, how->notes, err) && store_bind_u64(q, 2, l->notes, err) &&
         notes_out(l, q, how, to, ret, err);
    store_finish(q);
    pthread_mutex_unlock(&l->reading);
    if (ok && !ret->more)
        ret->notes = l->notes;
    return ok;
}

/* Are there larger ones of its stream? They stand behind it. */
static bool is_outgrown(const struct log_checkpoints *all, size_t i)
{
    return all->at[i + checkpoints_of_stream(all, i) - 1].size > all->at[i].size;
}

bool group_log_notes(struct group_log *l, const struct stream_id *stream, struct text *to,
                     struct err *err)
{
    struct arena *a = arena_new(NULL, LOG_NOTES_BYTES_MAX);
    struct log_checkpoints all = {.n = 0};
    size_t n = 0;
    bool ok =
        (a || err_fail(err, ERR_NOMEM, "checkpoints")) && log_checkpoints_read(l, a, 0, &all, err);

    for (size_t i = 0; ok && i < all.n; i++) {
        if (stream &&
            (memcmp(all.at[i].stream.b, stream->b, sizeof(stream->b)) != 0 || is_outgrown(&all, i)))
            continue;
        if (n++)
            text_char(to, '\n');
        checkpoint_put(to, &l->group, &all.at[i]);
    }
    arena_free(a);
    return ok &&
           (n || !stream || err_fail(err, ERR_NOT_FOUND, "no checkpoint of that stream is here"));
}

/* Every signature once more. */
bool log_checkpoints_check(struct group_log *l, struct group_log_checked *ret, struct err *err)
{
    struct arena *a = arena_new(NULL, LOG_NOTES_BYTES_MAX);
    struct log_checkpoints all = {.n = 0};
    bool good = false, ok = (a || err_fail(err, ERR_NOMEM, "checkpoints")) &&
                            log_checkpoints_read(l, a, 0, &all, err);

    for (size_t i = 0; ok && i < all.n; i++) {
        ok = checkpoint_keys(l->fold, &l->group, &all.at[i], NULL, &good, err);
        if (!ok || !good)
            ok = err_fail(err, ERR_DIFFERS, "a checkpoint of %s: a signature is not its key's",
                          all.at[i].author);
    }
    ok = ok && checkpoints_check(l->fold, &all, ret, err);
    arena_free(a);
    return ok;
}
