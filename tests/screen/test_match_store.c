/* Potential matches: two persons settle one, and what changes makes it new. */
#include "screen/match_store.h"

#include "group/keys.h"
#include "support.h"

#include <stdio.h>

static struct store *opened(void)
{
    static char path[4096];
    const struct store_schema *schemas[] = {&match_schema};
    struct store *s = NULL;
    struct err err;

    snprintf(path, sizeof(path), "%s/records.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    return s;
}

static struct match_of kim(void)
{
    return (struct match_of){.subject = "person Kim Il",
                             .subject_data = sha256("1970", 4),
                             .list = "ofac-sdn",
                             .entry = "123",
                             .entry_data = sha256("entry", 5)};
}

static uint64_t found(struct store *s, const struct match_of *of)
{
    uint64_t id = 0;
    struct err err;

    CHECK_OK(match_found(s, of, 1000, &id, &err), err);
    return id;
}

static bool said_by(struct store *s, uint64_t id, const char *person, char key,
                    enum match_verdict verdict, enum match_state *ret, struct err *err)
{
    struct match_word w = {verdict, person, "another date of birth", 2000, .is_signed = false};
    struct signer by;
    uint8_t seed[32];

    memset(seed, key, sizeof(seed));
    by = signer_from_seed(seed);
    return match_dispose(s, id, &w, &by, ret, err);
}

/* With a key of the name's first letter. */
static bool said(struct store *s, uint64_t id, const char *person, enum match_verdict verdict,
                 enum match_state *ret, struct err *err)
{
    return said_by(s, id, person, *person, verdict, ret, err);
}

static bool quiet(struct store *s, const struct match_of *of)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    struct hash32 key = match_key(of);
    struct match_quiet q;
    struct err err;
    bool is;

    CHECK_OK(match_quiet_load(s, a, &q, &err), err);
    is = match_is_quiet(&q, &key);
    arena_free(a);
    return is;
}

static void two_persons_settle_it(void **state)
{
    struct store *s = opened();
    struct match_of of = kim();
    uint64_t id = found(s, &of);
    enum match_state now = MATCH_OPEN;
    struct arena *a = arena_new(NULL, 1 << 20);
    struct match m;
    struct err err;

    (void)state;
    CHECK_U(found(s, &of), id); /* the same match */
    CHECK(!quiet(s, &of));
    CHECK_OK(said(s, id, "ana", MATCH_IS_FALSE, &now, &err), err);
    CHECK_U(now, MATCH_SAID_FALSE);
    CHECK(!quiet(s, &of)); /* one person is not enough */
    CHECK(!said(s, id, "ana", MATCH_IS_FALSE, &now, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(!said_by(s, id, "ben", 'a', MATCH_IS_FALSE, &now, &err)); /* her key by another name */
    CHECK_S(err.text, "match 1: a second person has to say it with another key, not \"ben\" again");
    CHECK(!said_by(s, id, "ana", 'b', MATCH_IS_FALSE, &now, &err)); /* another key of hers */
    CHECK_U(err.class, ERR_INPUT);
    CHECK_OK(said(s, id, "ben", MATCH_IS_FALSE, &now, &err), err);
    CHECK_U(now, MATCH_FALSE);
    CHECK(quiet(s, &of));
    CHECK(!said(s, id, "eve", MATCH_IS_TRUE, &now, &err));
    CHECK_S(err.text, "match 1 is settled: false positive");

    CHECK_OK(match_get(s, a, id, &m, &err), err);
    CHECK_U(m.words_n, 2);
    CHECK_S(m.words[0].person, "ana");
    CHECK_S(m.words[1].person, "ben");
    CHECK_S(m.words[1].reason, "another date of birth");
    CHECK_U(m.words[1].at, 2000);
    CHECK(m.words[0].is_signed && m.words[1].is_signed);
    CHECK(memcmp(&m.words[0].key, &m.words[1].key, sizeof(m.words[0].key)) != 0);
    CHECK_U(m.found, 1000);
    CHECK_S(m.of.subject, "person Kim Il");
    CHECK(hash32_equal(&m.of.entry_data, &of.entry_data));
    arena_free(a);
    store_close(s);
}

static void two_that_differ_leave_it_open(void **state)
{
    struct store *s = opened();
    struct match_of of = kim();
    uint64_t id = found(s, &of);
    enum match_state now = MATCH_OPEN;
    struct err err;

    (void)state;
    CHECK_OK(said(s, id, "ana", MATCH_IS_FALSE, &now, &err), err);
    CHECK_OK(said(s, id, "ben", MATCH_IS_TRUE, &now, &err), err);
    CHECK_U(now, MATCH_OPEN);
    CHECK_OK(said(s, id, "ana", MATCH_IS_TRUE, &now, &err), err);
    CHECK_OK(said(s, id, "ben", MATCH_IS_TRUE, &now, &err), err);
    CHECK_U(now, MATCH_TRUE);
    CHECK(!quiet(s, &of)); /* a true match is never quiet */
    store_close(s);
}

static void what_changes_is_a_new_match(void **state)
{
    struct store *s = opened();
    struct match_of of = kim(), changed;
    uint64_t id = found(s, &of);
    enum match_state now = MATCH_OPEN;
    struct err err;

    (void)state;
    CHECK_OK(said(s, id, "ana", MATCH_IS_FALSE, &now, &err), err);
    CHECK_OK(said(s, id, "ben", MATCH_IS_FALSE, &now, &err), err);
    changed = of;
    changed.entry_data = sha256("entry, with another alias", 25);
    CHECK(!quiet(s, &changed));
    CHECK(found(s, &changed) != id);
    changed = of;
    changed.subject_data = sha256("1971", 4);
    CHECK(!quiet(s, &changed));
    changed = of;
    changed.subject = "person Kim I";
    changed.list = "lofac-sdn"; /* no two fields can be cut differently */
    CHECK(!quiet(s, &changed));
    CHECK(quiet(s, &of));
    store_close(s);
}

static void change(struct store *s, const char *sql)
{
    struct store_query *q = NULL;
    struct err err;

    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(store_prepare(s, sql, &q, &err), err);
    CHECK_OK(store_step(q, NULL, &err), err);
    store_finish(q);
    CHECK_OK(store_commit(s, &err), err);
}

/* Whoever can write the file, and has no second key, cannot make it say that two have said it. */
static void what_was_not_signed_is_told(void **state)
{
    static const struct {
        const char *change, *says;
    } rows[] = {
        {"UPDATE match_word SET verdict = 0", "match 1: word 1 is not as it was signed"},
        {"UPDATE match_word SET person = 'eve'", "match 1: word 1 is not as it was signed"},
        {"UPDATE match_word SET reason = 'because'", "match 1: word 1 is not as it was signed"},
        {"UPDATE match_word SET at = at + 1", "match 1: word 1 is not as it was signed"},
        {"UPDATE match_word SET signature = zeroblob(64)",
         "match 1: word 1 is not as it was signed"},
        {"UPDATE match_word SET key = zeroblob(31)", "a word without its signature"},
        {"UPDATE match SET subject = 'person Kim Yi'", "match 1: word 1 is not as it was signed"},
        {"UPDATE match SET state = 4", "match 1: \"false positive\" is not what was said of it"},
        {"INSERT INTO match_word SELECT * FROM match_word",
         "match 1: word 2 is not as it was signed"}, /* said again by who cannot sign it */
        {"DELETE FROM match_word", "match 1: \"said false positive\" is not what was said of it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store *s = opened();
        struct arena *a = arena_new(NULL, 1 << 20);
        struct match_of of = kim();
        uint64_t id = found(s, &of);
        enum match_state now = MATCH_OPEN;
        struct match m;
        struct err err;

        test_row("%s", rows[i].change);
        CHECK_OK(said(s, id, "ana", MATCH_IS_FALSE, &now, &err), err);
        change(s, rows[i].change);
        CHECK(!match_get(s, a, id, &m, &err));
        CHECK_U(err.class, ERR_CORRUPT);
        CHECK_S(err.text, rows[i].says);
        CHECK(!said(s, id, "ben", MATCH_IS_FALSE, &now, &err));
        arena_free(a);
        change(s, "DELETE FROM match_word");
        change(s, "DELETE FROM match");
        store_close(s);
    }
}

/* Of a version before signatures: what one person typed is no first of two, what two did stands. */
static void words_without_a_key(void **state)
{
    struct store *s = opened();
    struct arena *a = arena_new(NULL, 1 << 20);
    struct match_of of = kim();
    uint64_t id = found(s, &of);
    enum match_state now = MATCH_OPEN;
    struct match m;
    struct err err;

    (void)state;
    change(s, "INSERT INTO match_word (match, verdict, person, reason, at)"
              " VALUES (1, 1, 'ana', 'x', 5)");
    change(s, "UPDATE match SET state = 2");
    CHECK_OK(said(s, id, "ben", MATCH_IS_FALSE, &now, &err), err);
    CHECK_U(now, MATCH_SAID_FALSE);
    CHECK(!quiet(s, &of));
    CHECK_OK(said(s, id, "ana", MATCH_IS_FALSE, &now, &err), err);
    CHECK_U(now, MATCH_FALSE);
    CHECK_OK(match_get(s, a, id, &m, &err), err);
    CHECK_U(m.words_n, 3);
    CHECK(!m.words[0].is_signed && m.words[1].is_signed);
    change(s, "DELETE FROM match_word");
    change(s, "INSERT INTO match_word (match, verdict, person, reason, at)"
              " VALUES (1, 1, 'ana', 'x', 5), (1, 1, 'ben', 'y', 6)");
    CHECK_OK(match_get(s, a, id, &m, &err), err);
    CHECK_U(m.state, MATCH_FALSE);
    arena_free(a);
    store_close(s);
}

/* Somebody who writes the own name otherwise is no second person. */
static void one_person_of_many_spellings(void **state)
{
    static const char *const spellings[] = {"ana m",
                                            "Ana M",
                                            "ANA M",
                                            " ana m ",
                                            "ana  m",
                                            "anam",
                                            "\tana\nm",
                                            "\xef\xbd\x81na m",
                                            "ana\xe2\x80\x8b m"};
    static const char *const nobody[] = {"", " ", "\t\n", "\xff"};
    struct store *s = opened();
    struct match_of of = kim();
    uint64_t id = found(s, &of);
    enum match_state now = MATCH_OPEN;
    char key = 'a';
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        test_row("nobody %zu", i);
        CHECK(!said(s, id, nobody[i], MATCH_IS_FALSE, &now, &err));
        CHECK_U(err.class, ERR_USAGE);
    }
    CHECK_OK(said(s, id, "ana m", MATCH_IS_FALSE, &now, &err), err);
    CHECK_U(now, MATCH_SAID_FALSE);
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        test_row("%s", spellings[i]);
        CHECK(!said_by(s, id, spellings[i], ++key, MATCH_IS_FALSE, &now, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(!quiet(s, &of));
    }
    CHECK_OK(said_by(s, id, "anna m", ++key, MATCH_IS_FALSE, &now, &err), err);
    CHECK_U(now, MATCH_FALSE);
    store_close(s);
}

static void lists_by_state(void **state)
{
    struct store *s = opened();
    struct arena *a = arena_new(NULL, 1 << 20);
    const struct match *all;
    enum match_state now = MATCH_OPEN;
    struct err err;
    size_t n;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        char entry[8];
        struct match_of of = kim();

        snprintf(entry, sizeof(entry), "%u", i);
        of.entry = entry;
        CHECK_U(found(s, &of), i + 1);
    }
    CHECK_OK(said(s, 2, "ana", MATCH_IS_TRUE, &now, &err), err);
    CHECK_OK(match_list(s, a, 1u << MATCH_OPEN, 0, 10, &all, &n, &err), err);
    CHECK_U(n, 4);
    CHECK_U(all[1].id, 3);
    CHECK_OK(match_list(s, a, 1u << MATCH_SAID_TRUE | 1u << MATCH_TRUE, 0, 10, &all, &n, &err),
             err);
    CHECK_U(n, 1);
    CHECK_U(all[0].words_n, 1);
    CHECK_OK(match_list(s, a, 1u << MATCH_OPEN, 4, 1, &all, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_U(all[0].id, 4);
    CHECK(!said(s, 99, "ana", MATCH_IS_TRUE, &now, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    arena_free(a);
    store_close(s);
}

static struct store *shared;

/* Of the first match that nobody has disposed of. */
static bool dispose_once(void *ctx)
{
    enum match_state now;
    struct err err;
    uint64_t *id = ctx;
    bool ok = said(shared, *id, "ana", MATCH_IS_FALSE, &now, &err);

    *id += ok;
    return ok;
}

static void failed_allocations(void **state)
{
    uint64_t id = 1;

    (void)state;
    shared = opened();
    for (unsigned i = 1; i <= 50; i++) {
        struct match_of of = kim();
        char entry[8];

        snprintf(entry, sizeof(entry), "%u", i);
        of.entry = entry;
        CHECK_U(found(shared, &of), i);
    }
    test_failed_allocations(dispose_once, &id);
    store_close(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_persons_settle_it),
        cmocka_unit_test(two_that_differ_leave_it_open),
        cmocka_unit_test(what_changes_is_a_new_match),
        cmocka_unit_test(what_was_not_signed_is_told),
        cmocka_unit_test(words_without_a_key),
        cmocka_unit_test(one_person_of_many_spellings),
        cmocka_unit_test(lists_by_state),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
