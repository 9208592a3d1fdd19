/* Proofs of the log: those of vectors.py are read, prove what they are of and nothing else, and are
 * written again to the letter; what is no proof is refused. That a home makes them: test_log.c. */
#include "group/proof.h"

#include "support.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)16 << 20)
#define FOLDER CORDON_SOURCE "/tests/group/"
/* of grown.proof */
#define FIRST "CFgU8X0i0m+o+25ukUE/cDuQQD+/6EewOJY6mX+zb68=\n"
#define SECOND "+p7/1Vs43je7ygP+i0zQ070CsGLmyUTeykHUrDY1S1U=\n"

static struct bytes bytes_of(struct text *t)
{
    const char *p = text_string(t);

    return (struct bytes){(const uint8_t *)p, strlen(p)};
}

/* The file with `from` in place of `to`. */
static void changed(struct text *ret, const char *from, const char *to)
{
    struct bytes file = test_read(FOLDER "grown.proof");
    struct text whole = text_new(PROOF_BYTES_MAX);
    const char *at;

    text_put(&whole, (const char *)file.p, file.n);
    at = strstr(text_string(&whole), from);
    CHECK(at);
    ret->n = 0;
    text_put(ret, whole.p, (size_t)(at - whole.p));
    text_str(ret, to);
    text_str(ret, at + strlen(from));
    text_free(&whole);
}

static struct checkpoint kept(struct arena *a, struct hash32 *ret_group)
{
    struct bytes note = test_read(FOLDER "kept.note");
    struct checkpoint c = {.author = NULL};
    struct err err;

    CHECK_OK(checkpoint_group(note, ret_group, &err), err);
    CHECK_OK(checkpoint_read(a, note, ret_group, &c, &err), err);
    return c;
}

static void read_and_checked(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes file = test_read(FOLDER "grown.proof");
    struct text again = text_new(PROOF_BYTES_MAX);
    struct checkpoint before, other;
    struct hash32 group;
    struct proof p;
    struct err err;

    (void)state;
    before = kept(a, &group);
    CHECK_U(before.size, 1);
    CHECK(proof_is(file));
    CHECK_OK(proof_read(a, file, &p, &err), err);
    CHECK(p.growth && hash32_equal(&p.group, &group));
    CHECK_U(p.at, 1);
    CHECK_U(p.path.n, 2);
    CHECK_U(p.note.size, 3);
    CHECK_U(p.note.signatures_n, 3);
    CHECK(proof_of_growth(&p, &before));
    proof_put(&again, &p);
    CHECK(again.n == file.n && !memcmp(again.p, file.p, file.n));
    other = before;
    other.author = "kr";
    CHECK(!proof_of_growth(&p, &other));
    other = before;
    other.stream.b[15] ^= 1;
    CHECK(!proof_of_growth(&p, &other));
    other = before;
    other.root.b[0] ^= 1;
    CHECK(!proof_of_growth(&p, &other));
    other = before;
    other.size = 2;
    CHECK(!proof_of_growth(&p, &other));
    CHECK(!proof_of_event(&p, &before.root));
    text_free(&again);
    arena_free(a);
}

/* The hashes of grown.proof are also the path of the first event, whose id is a leaf's preimage. */
static void of_an_event(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text text = text_new(PROOF_BYTES_MAX);
    struct checkpoint before;
    struct hash32 group, id = {{0}};
    struct proof p;
    struct err err;

    (void)state;
    before = kept(a, &group);
    changed(&text, "old 1\n", "c2sp.org/tlog-proof@v1\nindex 0\n");
    CHECK_OK(proof_read(a, bytes_of(&text), &p, &err), err);
    CHECK(!p.growth);
    CHECK_U(p.at, 0);
    CHECK(!proof_of_event(&p, &id));
    CHECK(!proof_of_growth(&p, &before));
    CHECK(merkle_includes(&p.note.root, p.note.size, 0, &before.root, &p.path));
    text_free(&text);
    arena_free(a);
}

static const struct {
    const char *name, *from, *to;
    bool read, holds;
} rows[] = {
    {"as it is", "old 1", "old 1", true, true},
    {"of another size", "old 1", "old 2", true, false},
    {"a size with a zero before it", "old 1", "old 01", false, false},
    {"no size", "old 1", "old ", false, false},
    {"a size below nothing", "old 1", "old -1", false, false},
    {"a size beyond all", "old 1", "old 18446744073709551616", false, false},
    {"the largest size", "old 1", "old 9007199254740991", true, false},
    {"of neither kind", "old 1", "new 1", false, false},
    {"an index in its place", "old 1", "c2sp.org/tlog-proof@v1\nindex x", false, false},
    {"another version", "old 1", "c2sp.org/tlog-proof@v2\nindex 0", false, false},
    {"without a hash", SECOND, "", true, false},
    {"a hash too many", SECOND, SECOND SECOND, true, false},
    {"hashes changed about", FIRST SECOND, SECOND FIRST, true, false},
    {"a short hash", FIRST, "CFgU8X0i0m+o+25ukUE/cDuQQD+/6EewOJY6mX+zbw==\n", false, false},
    {"not base64", FIRST, "CFgU8X0i0m-o-25ukUE_cDuQQD-_6EewOJY6mX-zb68=\n", false, false},
    {"ends of another system", FIRST, "CFgU8X0i0m+o+25ukUE/cDuQQD+/6EewOJY6mX+zb68=\r\n", false,
     false},
    {"no checkpoint's origin", "\n\ncordon/", "\n\ncordon.", false, false},
    {"a group in capitals", "cordon/139ed91645fbe", "cordon/139ED91645FBE", false, false},
    {"a root that is another", "winFJxlx", "WinFJxlx", true, false},
};

static void forms(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text text = text_new(PROOF_BYTES_MAX);
    struct checkpoint before;
    struct hash32 group;

    (void)state;
    before = kept(a, &group);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct proof p;
        struct err err;
        bool read;

        test_row("%s", rows[i].name);
        changed(&text, rows[i].from, rows[i].to);
        read = proof_read(a, bytes_of(&text), &p, &err);
        CHECK_U(read, rows[i].read);
        if (read)
            CHECK_U(proof_of_growth(&p, &before), rows[i].holds);
    }
    text_free(&text);
    arena_free(a);
}

/* tlog-witness: "MUST NOT send more than 63 consistency proof lines" */
static void as_many_hashes_as_may_be(void **state)
{
    (void)state;
    for (unsigned n = 62; n <= 65; n++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct text text = text_new(PROOF_BYTES_MAX), lines = text_new(PROOF_BYTES_MAX);
        struct proof p;
        struct err err;

        for (unsigned i = 0; i < n; i++)
            text_str(&lines, FIRST);
        changed(&text, FIRST SECOND, text_string(&lines));
        test_row("%u", n);
        CHECK_U(proof_read(a, bytes_of(&text), &p, &err), n <= 63);
        text_free(&text);
        text_free(&lines);
        arena_free(a);
    }
}

/* Cut off behind a signature it is a proof with fewer; anywhere else it is none. */
static void truncations(void **state)
{
    struct bytes file = test_read(FOLDER "grown.proof");

    (void)state;
    for (size_t n = 0, lines = 0; n <= file.n; n++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        uint8_t *exact = malloc(n ? n : 1);
        struct proof p;
        struct err err;

        CHECK(exact);
        memcpy(exact, file.p, n);
        lines += n && file.p[n - 1] == '\n';
        test_row("%zu bytes", n);
        CHECK_U(proof_read(a, (struct bytes){exact, n}, &p, &err),
                n && file.p[n - 1] == '\n' && lines > 4 + 4);
        free(exact);
        arena_free(a);
    }
}

static bool read_once(void *ctx)
{
    const struct bytes *file = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct proof p;
    struct err err;
    bool ok = a && proof_read(a, *file, &p, &err);

    arena_free(a);
    return ok;
}

static void every_allocation(void **state)
{
    struct bytes file = test_read(FOLDER "grown.proof");

    (void)state;
    test_failed_allocations(read_once, &file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_and_checked),
        cmocka_unit_test(of_an_event),
        cmocka_unit_test(forms),
        cmocka_unit_test(as_many_hashes_as_may_be),
        cmocka_unit_test(truncations),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
