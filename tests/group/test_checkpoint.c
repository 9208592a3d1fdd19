/* Checkpoints: the note of vectors.py is read, checked, and made anew to the letter; what is no
 * checkpoint of the group is refused; copies join alike in any order. */
#include "group/checkpoint.h"

#include "group/keys.h"
#include "group/merkle.h"
#include "support.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)16 << 20)
#define FOLDER CORDON_SOURCE "/tests/group/"

struct vectors {
    struct arena *arena;
    struct hash32 group;
    struct bytes note;
    struct merkle_tree tree; /* of the first author's events */
    struct stream_id stream;
};

static void vectors_read(struct vectors *v)
{
    struct bytes file = test_read(FOLDER "export.jsonl");
    const char *p = (const char *)file.p, *end;
    const struct json *head;
    const char *hex;
    struct err err;

    memset(v, 0, sizeof(*v));
    v->arena = arena_new(NULL, ARENA_BYTES);
    v->note = test_read(FOLDER "checkpoint.note");
    for (size_t i = 0; (end = memchr(p, '\n', file.n - (size_t)(p - (const char *)file.p)));
         i++, p = end + 1) {
        struct bytes line = {(const uint8_t *)p, (size_t)(end - p)};
        struct event_line e;

        if (!i) {
            CHECK_OK(json_read(v->arena, p, line.n, &head, &err) &&
                         json_text(json_get(head, "group"), "group", &hex, &err),
                     err);
            CHECK(hash_from_hex(hex, &v->group));
        } else if (event_line_read(v->arena, line, &v->group, &e, &err) &&
                   !strcmp(e.event.author, "us")) {
            struct hash32 leaf = merkle_leaf((struct bytes){e.event.id.b, sizeof(e.event.id.b)});

            merkle_tree_add(&v->tree, &leaf);
            v->stream = e.event.stream;
        }
    }
}

static struct signer node_of(const char *member)
{
    struct text to = text_new(100);
    struct hash32 seed;

    text_printf(&to, "cordon test vector%snode", member);
    seed = sha256(to.p, to.n);
    text_free(&to);
    return signer_from_seed(seed.b);
}

static bool is_note(const struct vectors *v, const struct checkpoint *c)
{
    struct text to = text_new(CHECKPOINT_BYTES_MAX);
    bool ret;

    checkpoint_put(&to, &v->group, c);
    ret = to.n == v->note.n && !memcmp(to.p, v->note.p, to.n);
    text_free(&to);
    return ret;
}

static void read_and_checked(void **state)
{
    static const char *const members[] = {"us", "jp", "kr"};
    struct vectors v;
    struct checkpoint c;
    struct hash32 root;
    struct err err;

    (void)state;
    vectors_read(&v);
    CHECK_OK(checkpoint_read(v.arena, v.note, &v.group, &c, &err), err);
    root = merkle_tree_root(&v.tree);
    CHECK_S(c.author, "us");
    CHECK_U(c.size, v.tree.n);
    CHECK(hash32_equal(&c.root, &root));
    CHECK(!memcmp(&c.stream, &v.stream, sizeof(c.stream)));
    CHECK_U(c.signatures_n, 3);
    for (size_t i = 0; i < 3; i++) {
        struct signer key = node_of(members[i]), other = node_of(members[(i + 1) % 3]);
        struct checkpoint_signature s = c.signatures[i];
        struct checkpoint changed = c;

        CHECK_S(s.member, members[i]);
        CHECK_U(s.time, i ? 1795000009 + i : 0);
        CHECK(checkpoint_signed(&v.group, &c, &s, &key.key));
        CHECK(!checkpoint_signed(&v.group, &c, &s, &other.key));
        changed.size++;
        CHECK(!checkpoint_signed(&v.group, &changed, &s, &key.key));
        s.time += i != 0;
        s.signature.b[3] ^= i == 0;
        CHECK(!checkpoint_signed(&v.group, &c, &s, &key.key));
    }
    CHECK(is_note(&v, &c));
    arena_free(v.arena);
}

/* By whatever hand, in whatever order: the same note. */
static void made_anew(void **state)
{
    static const char *const members[] = {"us", "jp", "kr"};
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct vectors v;
    struct err err;

    (void)state;
    vectors_read(&v);
    for (size_t i = 0; i < 6; i++) {
        struct checkpoint c = {.author = "us", .stream = v.stream, .size = v.tree.n}, late = c;

        late.root = c.root = merkle_tree_root(&v.tree);
        for (size_t k = 0; k < 3; k++) {
            int m = orders[i][k];
            struct signer by = node_of(members[m]);

            CHECK_OK(checkpoint_sign(v.arena, &v.group, &c, members[m], &by,
                                     1795000009 + (uint64_t)m, &err),
                     err);
            CHECK_OK(checkpoint_sign(v.arena, &v.group, &late, members[m], &by, 1795000099, &err),
                     err);
        }
        CHECK(checkpoint_same(&c, &late));
        CHECK(!is_note(&v, &late));
        /* later signatures of the same keys add nothing */
        CHECK_OK(checkpoint_join(v.arena, &c, &late, &err), err);
        CHECK(is_note(&v, &c));
        CHECK_OK(checkpoint_join(v.arena, &late, &c, &err), err);
        CHECK(is_note(&v, &late));
    }
    arena_free(v.arena);
}

/* ---- what is none ---- */

static const struct {
    const char *name, *from, *to; /* the first in the note becomes the second */
    bool good;
} rows[] = {
    {"as it is", "cordon/", "cordon/", true},
    {"another program's", "cordon/", "kordon/", false},
    {"another group", "/139e", "/039e", false},
    {"no author", "/us/60", "//60", false},
    {"an author that is no name", "/us/60", "/U/60", false},
    {"stream with a capital", "e5c0b407\n", "e5c0B407\n", false},
    {"stream too short", "e5c0b407\n", "e5c0b4\n", false},
    {"size 0", "\n3\n", "\n0\n", false},
    {"size with a zero before", "\n3\n", "\n03\n", false},
    {"size below 0", "\n3\n", "\n-3\n", false},
    {"size of 2^53", "\n3\n", "\n9007199254740992\n", false},
    {"root too short", "=\n\n", "\n\n", false},
    {"root with bits left over", "n8Q=\n", "n8R=\n", false},
    {"root in another alphabet", "/XcmARb8", "_XcmARb8", false},
    {"an extension line", "=\n\n", "=\nmore\n\n", false},
    {"no blank line", "=\n\n", "=\n", false},
    {"carriage returns", "\n3\n", "\r\n3\n", false},
    {"a hyphen for the dash", "\xe2\x80\x94 cordon", "- cordon", false},
    {"no name", "\xe2\x80\x94 cordon", "\xe2\x80\x94  cordon", false},
    {"only a cosignature", "407 ctje", "408 ctje", false},
    {"a signature too short", "m3Fw4=\n", "m3Fw=\n", false},
    {"time 0", "H1ry4gAAAABq/YbK", "H1ry4gAAAAAAAAAA", false},
    {"time past the year 9999", "H1ry4gAAAABq/YbK", "H1ry4v////9q/YbK", false},
    {"a witness of elsewhere, ignored", "/jp H1", "/jp/x H1", true},
    {"a cosignature by the author, ignored", "/jp H1", "/us H1", true},
};

static void forms(void **state)
{
    struct vectors v;

    (void)state;
    vectors_read(&v);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text to = text_new(CHECKPOINT_BYTES_MAX), note = text_new(CHECKPOINT_BYTES_MAX);
        struct checkpoint c;
        struct err err;
        const char *at;

        text_put(&note, (const char *)v.note.p, v.note.n);
        at = strstr(text_string(&note), rows[i].from);
        test_row("%s", rows[i].name);
        CHECK(at);
        text_put(&to, note.p, (size_t)(at - note.p));
        text_str(&to, rows[i].to);
        text_str(&to, at + strlen(rows[i].from));
        CHECK_U(checkpoint_read(v.arena, (struct bytes){(const uint8_t *)to.p, to.n}, &v.group, &c,
                                &err),
                rows[i].good);
        CHECK(!rows[i].good || c.signatures_n == (rows[i].from[1] == 'j' ? 2 : 3));
        text_free(&to);
        text_free(&note);
    }
    arena_free(v.arena);
}

/* Cut off behind a signature it is a checkpoint with fewer; anywhere else it is none. */
static void truncations(void **state)
{
    struct vectors v;

    (void)state;
    vectors_read(&v);
    for (size_t n = 0, lines = 0; n <= v.note.n; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        struct checkpoint c;
        struct err err;

        CHECK(exact);
        memcpy(exact, v.note.p, n);
        lines += n && v.note.p[n - 1] == '\n';
        test_row("%zu bytes", n);
        CHECK_U(checkpoint_read(v.arena, (struct bytes){exact, n}, &v.group, &c, &err),
                n && v.note.p[n - 1] == '\n' && lines > 4);
        free(exact);
    }
    arena_free(v.arena);
}

static bool read_once(void *ctx)
{
    const struct vectors *v = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct checkpoint c;
    struct err err;
    bool ok = a && checkpoint_read(a, v->note, &v->group, &c, &err);

    arena_free(a);
    return ok;
}

static void every_allocation(void **state)
{
    struct vectors v;

    (void)state;
    vectors_read(&v);
    test_failed_allocations(read_once, &v);
    arena_free(v.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_and_checked),
        cmocka_unit_test(made_anew),
        cmocka_unit_test(forms),
        cmocka_unit_test(truncations),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
