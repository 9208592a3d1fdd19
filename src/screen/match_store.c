/* Two tables: matches, and every word that was said of them. A match's state is the fold of its
 * words, kept beside it so that it can be asked for. */
#include "screen/match_store.h"

#include "base/json_canonical.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define QUIET_MAX ((size_t)1 << 24)
#define PERSON_MAX 256 /* letters of a person's name */
#define WORD_TAG "cordon.match-word/1"
#define WORD_BYTES_MAX ((size_t)16 << 10)

static const char *const steps[] = {
    "CREATE TABLE match ("
    " id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, subject TEXT NOT NULL,"
    " subject_data BLOB NOT NULL, list TEXT NOT NULL, entry TEXT NOT NULL,"
    " entry_data BLOB NOT NULL, state INTEGER NOT NULL, found INTEGER NOT NULL);"
    "CREATE INDEX match_state ON match (state, id);"
    "CREATE TABLE match_word ("
    " match INTEGER NOT NULL REFERENCES match (id), verdict INTEGER NOT NULL,"
    " person TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL);"
    "CREATE INDEX match_word_match ON match_word (match);",
    "ALTER TABLE match_word ADD COLUMN key BLOB;"
    "ALTER TABLE match_word ADD COLUMN signature BLOB;",
};
const struct store_schema match_schema = {"match", steps, sizeof(steps) / sizeof(steps[0])};

#define COLUMNS "id, subject, subject_data, list, entry, entry_data, state, found"

static struct bytes bytes_of(const struct hash32 *h)
{
    return (struct bytes){h->b, sizeof(h->b)};
}

/* Lengths part the texts, so that no two of them can be cut differently. */
struct hash32 match_key(const struct match_of *of)
{
    struct hash32 parts[5] = {sha256(of->subject, strlen(of->subject)), of->subject_data,
                              sha256(of->list, strlen(of->list)),
                              sha256(of->entry, strlen(of->entry)), of->entry_data};

    return sha256(parts, sizeof(parts));
}

const char *match_state_name(enum match_state state)
{
    switch (state) {
    case MATCH_OPEN:
        return "open";
    case MATCH_SAID_TRUE:
        return "said true";
    case MATCH_SAID_FALSE:
        return "said false positive";
    case MATCH_TRUE:
        return "true match";
    case MATCH_FALSE:
        return "false positive";
    }
    return "";
}

const char *match_verdict_name(enum match_verdict verdict)
{
    return verdict == MATCH_IS_TRUE ? "true match" : "false positive";
}

static bool find(struct store *s, const struct hash32 *key, uint64_t *ret_id, bool *ret_there,
                 struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "SELECT id FROM match WHERE key = ?", &q, err) &&
              store_bind_blob(q, 1, bytes_of(key), err) && store_step(q, ret_there, err);

    if (ok && *ret_there)
        *ret_id = store_u64(q, 0);
    store_finish(q);
    return ok;
}

bool match_found(struct store *s, const struct match_of *of, uint64_t now, uint64_t *ret_id,
                 struct err *err)
{
    struct hash32 key = match_key(of);
    struct store_query *q = NULL;
    bool there = false, ok;

    if (!find(s, &key, ret_id, &there, err))
        return false;
    if (there)
        return true;
    ok = store_prepare(s,
                       "INSERT INTO match (key, subject, subject_data, list, entry, entry_data,"
                       " state, found) VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
                       &q, err) &&
         store_bind_blob(q, 1, bytes_of(&key), err) && store_bind_text(q, 2, of->subject, err) &&
         store_bind_blob(q, 3, bytes_of(&of->subject_data), err) &&
         store_bind_text(q, 4, of->list, err) && store_bind_text(q, 5, of->entry, err) &&
         store_bind_blob(q, 6, bytes_of(&of->entry_data), err) && store_bind_u64(q, 7, now, err) &&
         store_step(q, NULL, err);
    store_finish(q);
    if (ok)
        *ret_id = store_last_id(s);
    return ok;
}

/* ---- what is signed, and what it comes to ---- */

static bool message_make(const struct match_of *of, size_t n, const struct match_word *w,
                         struct text *to, struct err *err)
{
    struct hash32 key = match_key(of);
    struct json_out j = json_to(to, false);

    json_object(&j); /* its names ascend, as RFC 8785 wants them */
    json_put_number(&j, "at", w->at);
    json_put_hex(&j, "match", key.b, sizeof(key.b));
    json_put_number(&j, "n", n);
    json_put_string(&j, "person", w->person);
    json_put_string(&j, "reason", w->reason);
    json_put_string(&j, "verdict", match_verdict_name(w->verdict));
    json_object_end(&j);
    return text_end(to, err);
}

static const struct hash32 no_group;

static bool word_sign(const struct match_of *of, size_t n, const struct signer *by,
                      struct match_word *w, struct err *err)
{
    struct text message = text_new(WORD_BYTES_MAX);
    bool ok = message_make(of, n, w, &message, err) &&
              group_sign(by, WORD_TAG, &no_group,
                         (struct bytes){(const uint8_t *)message.p, message.n}, &w->signature, err);

    w->key = by->key;
    w->is_signed = true;
    text_free(&message);
    return ok;
}

static bool word_check(const struct match *m, size_t n, struct err *err)
{
    const struct match_word *w = &m->words[n];
    struct text message = text_new(WORD_BYTES_MAX);
    bool fits = false, ok = message_make(&m->of, n, w, &message, err) &&
                            group_signed(&w->key, WORD_TAG, &no_group,
                                         (struct bytes){(const uint8_t *)message.p, message.n},
                                         &w->signature, &fits, err);

    text_free(&message);
    return ok && (fits || err_fail(err, ERR_CORRUPT, "match %llu: word %zu is not as it was signed",
                                   (unsigned long long)m->id, n + 1));
}

/* Of one more word. Who signs is no second of somebody who did not. */
static enum match_state state_next(enum match_state state, const struct match_word *last,
                                   const struct match_word *word)
{
    bool is_false = word->verdict == MATCH_IS_FALSE;

    switch (state) {
    case MATCH_SAID_TRUE:
    case MATCH_SAID_FALSE:
        if (last->is_signed == word->is_signed) {
            if (is_false != (state == MATCH_SAID_FALSE))
                return MATCH_OPEN;
            return is_false ? MATCH_FALSE : MATCH_TRUE;
        }
        break;
    case MATCH_OPEN:
    case MATCH_TRUE:
    case MATCH_FALSE:
        break;
    }
    return is_false ? MATCH_SAID_FALSE : MATCH_SAID_TRUE;
}

static bool words_check(const struct match *m, struct err *err)
{
    enum match_state state = MATCH_OPEN;

    for (size_t i = 0; i < m->words_n; i++) {
        if (m->words[i].is_signed && !word_check(m, i, err))
            return false;
        state = state_next(state, i ? &m->words[i - 1] : NULL, &m->words[i]);
    }
    return state == m->state ||
           err_fail(err, ERR_CORRUPT, "match %llu: \"%s\" is not what was said of it",
                    (unsigned long long)m->id, match_state_name(m->state));
}

/* ---- reading ---- */

static bool hash_of(struct store_query *q, int column, struct hash32 *ret, struct err *err)
{
    struct bytes b = store_blob(q, column);

    if (b.n != sizeof(ret->b))
        return err_fail(err, ERR_CORRUPT, "a match without its hashes");
    memcpy(ret->b, b.p, b.n);
    return true;
}

static bool text_of(struct store_query *q, int column, struct arena *a, const char **ret,
                    struct err *err)
{
    *ret = store_text_copy(q, column, a);
    return *ret || err_fail(err, ERR_NOMEM, "matches");
}

static bool row_of(struct store_query *q, struct arena *a, struct match *ret, struct err *err)
{
    uint64_t state = store_u64(q, 6);

    if (state > MATCH_FALSE)
        return err_fail(err, ERR_CORRUPT, "a match in no known state");
    ret->id = store_u64(q, 0);
    ret->state = (enum match_state)state;
    ret->found = store_u64(q, 7);
    return text_of(q, 1, a, &ret->of.subject, err) && hash_of(q, 2, &ret->of.subject_data, err) &&
           text_of(q, 3, a, &ret->of.list, err) && text_of(q, 4, a, &ret->of.entry, err) &&
           hash_of(q, 5, &ret->of.entry_data, err);
}

static bool signature_of(struct store_query *q, struct match_word *w, struct err *err)
{
    struct bytes key = store_blob(q, 4), signature = store_blob(q, 5);

    w->is_signed = key.n || signature.n;
    if (!w->is_signed)
        return true;
    if (key.n != sizeof(w->key.b) || signature.n != sizeof(w->signature.b))
        return err_fail(err, ERR_CORRUPT, "a word without its signature");
    memcpy(w->key.b, key.p, key.n);
    memcpy(w->signature.b, signature.p, signature.n);
    return true;
}

static bool count(struct store *s, uint64_t id, size_t *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(s, "SELECT count(*) FROM match_word WHERE match = ?", &q, err) &&
              store_bind_u64(q, 1, id, err) && store_step(q, &row, err);

    *ret = ok && row ? (size_t)store_u64(q, 0) : 0;
    store_finish(q);
    return ok;
}

static bool words_of(struct store *s, struct arena *a, struct match *m, struct err *err)
{
    struct store_query *q = NULL;
    struct match_word *words;
    size_t n, at = 0;
    bool row = false, ok;

    if (!count(s, m->id, &n, err))
        return false;
    words = ARENA_ARRAY(a, struct match_word, n);
    if (!words)
        return err_fail(err, ERR_NOMEM, "matches");
    ok = store_prepare(s,
                       "SELECT verdict, person, reason, at, key, signature FROM match_word"
                       " WHERE match = ? ORDER BY rowid",
                       &q, err) &&
         store_bind_u64(q, 1, m->id, err);
    while (ok && (ok = store_step(q, &row, err)) && row && at < n) {
        struct match_word *w = &words[at++];

        w->verdict = store_u64(q, 0) ? MATCH_IS_FALSE : MATCH_IS_TRUE;
        w->at = store_u64(q, 3);
        ok = text_of(q, 1, a, &w->person, err) && text_of(q, 2, a, &w->reason, err) &&
             signature_of(q, w, err);
    }
    store_finish(q);
    m->words = words;
    m->words_n = at;
    return ok && words_check(m, err);
}

bool match_get(struct store *s, struct arena *a, uint64_t id, struct match *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(s, "SELECT " COLUMNS " FROM match WHERE id = ?", &q, err) &&
              store_bind_u64(q, 1, id, err) && store_step(q, &row, err);

    if (ok && !row)
        ok = err_fail(err, ERR_NOT_FOUND, "there is no match %llu", (unsigned long long)id);
    ok = ok && row_of(q, a, ret, err);
    store_finish(q);
    return ok && words_of(s, a, ret, err);
}

bool match_list(struct store *s, struct arena *a, unsigned states, uint64_t from, size_t max,
                const struct match **ret, size_t *ret_n, struct err *err)
{
    struct match *all = ARENA_ARRAY(a, struct match, max);
    struct store_query *q = NULL;
    size_t n = 0;
    bool row = false, ok;

    if (!all)
        return err_fail(err, ERR_NOMEM, "matches");
    ok = store_prepare(s,
                       "SELECT " COLUMNS " FROM match WHERE id >= ? AND (? >> state) & 1"
                       " ORDER BY id LIMIT ?",
                       &q, err) &&
         store_bind_u64(q, 1, from, err) && store_bind_u64(q, 2, states, err) &&
         store_bind_u64(q, 3, max, err);
    while (ok && n < max && (ok = store_step(q, &row, err)) && row)
        ok = row_of(q, a, &all[n++], err);
    store_finish(q);
    for (size_t i = 0; ok && i < n; i++)
        ok = words_of(s, a, &all[i], err);
    *ret = all;
    *ret_n = n;
    return ok;
}

/* ---- told ---- */

static void match_json(struct json_out *j, const struct match *m)
{
    json_object(j);
    json_put_number(j, "match", m->id);
    json_put_string(j, "state", match_state_name(m->state));
    json_put_string(j, "subject", m->of.subject);
    json_put_string(j, "list", m->of.list);
    json_put_string(j, "entry", m->of.entry);
    json_put_number(j, "found", m->found);
    json_key(j, "said");
    json_array(j);
    for (size_t i = 0; i < m->words_n; i++) {
        json_object(j);
        json_put_string(j, "person", m->words[i].person);
        json_put_string(j, "verdict", match_verdict_name(m->words[i].verdict));
        json_put_string(j, "reason", m->words[i].reason);
        json_put_number(j, "at", m->words[i].at);
        if (m->words[i].is_signed) {
            json_put_hex(j, "key", m->words[i].key.b, sizeof(m->words[i].key.b));
            json_put_hex(j, "signature", m->words[i].signature.b, sizeof(m->words[i].signature.b));
        }
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

void matches_json(struct json_out *j, const struct match *all, size_t n)
{
    json_object(j);
    json_put_string(j, "schema", "cordon.matches/1");
    json_key(j, "matches");
    json_array(j);
    for (size_t i = 0; i < n; i++)
        match_json(j, &all[i]);
    json_array_end(j);
    json_object_end(j);
}

/* ---- what persons say ---- */

/* A person's name without its capitals, blanks and forms of letters: whoever writes "Ana " after
 * "ana" is no second person. 0: nothing is left, or it is no text. */
static int32_t person_folded(const char *person, UChar ret[PERSON_MAX])
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&status);
    UChar wide[PERSON_MAX];
    int32_t n = 0, out = 0;

    u_strFromUTF8(wide, PERSON_MAX, &n, person, -1, &status);
    n = unorm2_normalize(fold, wide, n, ret, PERSON_MAX, &status);
    if (U_FAILURE(status))
        return 0;
    for (int32_t i = 0; i < n; i++)
        if (!u_isUWhiteSpace(ret[i]))
            ret[out++] = ret[i];
    return out;
}

static bool same_person(const char *one, const char *other)
{
    UChar a[PERSON_MAX], b[PERSON_MAX];
    int32_t n = person_folded(one, a);

    return !strcmp(one, other) ||
           (n && n == person_folded(other, b) && !memcmp(a, b, (size_t)n * sizeof(*a)));
}

/* May the word be said? */
static bool may_say(const struct match *m, const struct match_word *word, const struct key32 *key,
                    struct err *err)
{
    const struct match_word *last = m->words_n ? &m->words[m->words_n - 1] : NULL;
    UChar folded[PERSON_MAX];

    if (!person_folded(word->person, folded))
        return err_fail(err, ERR_USAGE, "who says it? \"%s\" is no person's name",
                        utf8_valid(word->person, strlen(word->person)) ? word->person : "");
    if (!*word->reason || strlen(word->reason) > MATCH_REASON_MAX ||
        !utf8_valid(word->reason, strlen(word->reason)) ||
        !text_is_plain(word->reason, strlen(word->reason)))
        return err_fail(err, ERR_USAGE,
                        "a reason of 1 to %d bytes without control characters is wanted",
                        MATCH_REASON_MAX);
    switch (m->state) {
    case MATCH_OPEN:
        return true;
    case MATCH_SAID_TRUE:
    case MATCH_SAID_FALSE:
        if (!last || !last->is_signed)
            return true;
        if (!memcmp(last->key.b, key->b, sizeof(key->b)) || same_person(last->person, word->person))
            return err_fail(
                err, ERR_INPUT,
                "match %llu: a second person has to say it with another key, not \"%s\" "
                "again",
                (unsigned long long)m->id, word->person);
        return true;
    case MATCH_TRUE:
    case MATCH_FALSE:
        return err_fail(err, ERR_INPUT, "match %llu is settled: %s", (unsigned long long)m->id,
                        match_state_name(m->state));
    }
    return false;
}

static bool say(struct store *s, uint64_t id, const struct match_word *word, enum match_state state,
                struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(s,
                      "INSERT INTO match_word (match, verdict, person, reason, at, key,"
                      " signature) VALUES (?, ?, ?, ?, ?, ?, ?)",
                      &q, err) &&
        store_bind_u64(q, 1, id, err) &&
        store_bind_u64(q, 2, word->verdict == MATCH_IS_FALSE, err) &&
        store_bind_text(q, 3, word->person, err) && store_bind_text(q, 4, word->reason, err) &&
        store_bind_u64(q, 5, word->at, err) &&
        store_bind_blob(q, 6, (struct bytes){word->key.b, sizeof(word->key.b)}, err) &&
        store_bind_blob(q, 7, (struct bytes){word->signature.b, sizeof(word->signature.b)}, err) &&
        store_step(q, NULL, err);

    q = store_finish(q);
    ok = ok && store_prepare(s, "UPDATE match SET state = ? WHERE id = ?", &q, err) &&
         store_bind_u64(q, 1, (uint64_t)state, err) && store_bind_u64(q, 2, id, err) &&
         store_step(q, NULL, err);
    store_finish(q);
    return ok;
}

static bool dispose(struct store *s, struct arena *a, uint64_t id, struct match_word *word,
                    const struct signer *by, enum match_state *ret, struct err *err)
{
    struct match m;

    if (!match_get(s, a, id, &m, err) || !may_say(&m, word, &by->key, err) ||
        !word_sign(&m.of, m.words_n, by, word, err))
        return false;
    *ret = state_next(m.state, m.words_n ? &m.words[m.words_n - 1] : NULL, word);
    return say(s, id, word, *ret, err);
}

bool match_dispose(struct store *s, uint64_t id, const struct match_word *word,
                   const struct signer *by, enum match_state *ret, struct err *err)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    struct match_word said = *word;
    enum match_state state = MATCH_OPEN;
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "match");
    ok = store_begin(s, err) && dispose(s, a, id, &said, by, &state, err) && store_commit(s, err);
    if (ok)
        *ret = state;
    else
        store_rollback(s);
    arena_free(a);
    return ok;
}

/* ---- the quiet ones ---- */

static int hash_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

bool match_quiet_load(struct store *s, struct arena *a, struct match_quiet *ret, struct err *err)
{
    struct store_query *q = NULL;
    struct hash32 *keys = NULL;
    size_t n = 0, size = 0;
    bool row = false, ok;

    ok = store_begin_read(s, err) &&
         store_prepare(s, "SELECT count(*) FROM match WHERE state = 4", &q, err) &&
         store_step(q, &row, err);
    if (ok)
        size = (size_t)store_u64(q, 0);
    q = store_finish(q);
    if (ok && size > QUIET_MAX)
        ok = err_fail(err, ERR_LIMIT, "more than %zu false positives", QUIET_MAX);
    keys = ok ? ARENA_ARRAY(a, struct hash32, size) : NULL;
    if (ok && !keys)
        ok = err_fail(err, ERR_NOMEM, "false positives");
    ok = ok && store_prepare(s, "SELECT key FROM match WHERE state = 4", &q, err);
    while (ok && n < size && (ok = store_step(q, &row, err)) && row)
        ok = hash_of(q, 0, &keys[n++], err);
    store_finish(q);
    store_end_read(s);
    if (!ok)
        return false;
    qsort(keys, n, sizeof(*keys), hash_order);
    *ret = (struct match_quiet){keys, n};
    return true;
}

bool match_is_quiet(const struct match_quiet *q, const struct hash32 *key)
{
    return q->n && bsearch(key, q->keys, q->n, sizeof(*key), hash_order);
}
