/* Packs in the store, and the set that is compiled from them, against a list that is looked through
 * from end to end. */
#include "support.h"

#include "entity/tag_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct store_schema *const schemas[] = {&tag_schema};

struct place {
    char store[4096], set[4096];
};

static struct place place(void)
{
    const char *dir = test_dir();
    struct place p;

    snprintf(p.store, sizeof(p.store), "%s/records.sqlite", dir);
    snprintf(p.set, sizeof(p.set), "%s/tags.set", dir);
    return p;
}

static struct store *opened(const char *path)
{
    struct store *s;
    struct err err;

    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    return s;
}

static enum tag_import import(struct store *s, const char *name, const char *text, bool private)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    char before[TAG_TEXT_MAX + 1];
    enum tag_import how;
    struct tag_pack p;
    struct err err;

    CHECK_OK(
        tag_pack_read(a, (struct bytes){(const uint8_t *)text, strlen(text)}, name, NULL, &p, &err),
        err);
    p.private = private;
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(tag_store_import(s, &p, &how, before, &err), err);
    CHECK_OK(store_commit(s, &err), err);
    arena_free(a);
    return how;
}

static struct tag_set *ready(struct store *s, const char *path)
{
    struct tag_set *set;
    struct err err;

    CHECK_OK(tag_set_ready(s, path, &set, &err), err);
    return set;
}

static struct tag_found found_of(const struct tag_set *set, const char *address)
{
    struct address_key key;
    struct tag_found found;
    struct err err;

    test_row("%s", address);
    CHECK_OK(address_key_read(address, strlen(address), NULL, &key, &err), err);
    CHECK(tag_set_find(set, &key, &found));
    CHECK_S(found.key, key.text);
    CHECK_U(found.space, key.space);
    return found;
}

static bool has(const struct tag_set *set, const char *address)
{
    struct address_key key;
    struct tag_found found;
    struct err err;

    CHECK_OK(address_key_read(address, strlen(address), NULL, &key, &err), err);
    return tag_set_find(set, &key, &found);
}

#define GENESIS "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
#define EVM "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
#define TRON "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"

static const char first[] =
    "title: First\nlastmod: 2020-01-01\nsource: there\nlabel: one\n"
    "category: exchange\nactor: alpha\ntags:\n- address: " GENESIS "\n- address: " EVM "\n",
                  second[] = "title: Second\nlabel: two\nabuse: theft\nactor: beta\ntags:\n"
                             "- address: " EVM "\n- address: " TRON "\n",
                  newer[] = "title: First\nlastmod: 2021-01-01\nlabel: one\ntags:\n"
                            "- {address: " GENESIS ", category: mixer}\n",
                  actors[] = "title: Actors\nactors:\n"
                             "- {id: beta, label: Beta, categories: [gambling], "
                             "jurisdictions: [KP]}\n";

static void a_pack_comes_changes_and_goes(void **state)
{
    struct place at = place();
    struct store *s = opened(at.store);
    struct tag_set *set;
    struct tag_found found;
    struct tag t;
    struct err err;

    CHECK_U(import(s, "first", first, false), TAG_IMPORT_NEW);
    CHECK_U(import(s, "second", second, true), TAG_IMPORT_NEW);
    CHECK_U(import(s, "first", first, false), TAG_IMPORT_SAME);
    set = ready(s, at.set);
    CHECK_U(tag_set_keys(set), 3);
    CHECK_U(tag_set_tags(set), 4);
    CHECK_U(tag_set_packs(set), 2);
    CHECK_S(tag_set_pack(set, 0).name, "first");
    CHECK_S(tag_set_pack(set, 0).version, "2020-01-01");
    CHECK(tag_set_pack(set, 1).private);

    found = found_of(set, EVM);
    CHECK_U(found.tags_n, 2);
    CHECK_U(found.categories, tag_category_bit(TAG_EXCHANGE) | tag_category_bit(TAG_THEFT));
    CHECK_U(found.categories_public, tag_category_bit(TAG_EXCHANGE));
    CHECK(tag_set_conflict(set, &found)); /* two actors */
    tag_set_tag(set, &found, 0, &t);
    CHECK_S(t.label, "one");
    CHECK_S(t.pack, "first");
    CHECK_S(t.source, "there");
    CHECK_S(t.actor, "alpha");
    CHECK_U(t.lastmod, 1577836800);
    CHECK(!t.private);
    tag_set_tag(set, &found, 1, &t);
    CHECK_S(t.pack, "second");
    CHECK_U(t.category, TAG_UNKNOWN);
    CHECK_U(t.abuse, TAG_THEFT);
    CHECK(t.private);
    found = found_of(set, GENESIS);
    CHECK(!tag_set_conflict(set, &found));
    tag_set_close(set);

    /* another file of the same name stands in its place */
    CHECK_U(import(s, "first", newer, false), TAG_IMPORT_REPLACED);
    set = ready(s, at.set);
    CHECK_U(tag_set_tags(set), 3);
    found = found_of(set, GENESIS);
    CHECK_U(found.categories, tag_category_bit(TAG_MIXER));
    CHECK_U(found_of(set, EVM).tags_n, 1);
    tag_set_close(set);
    /* and the same file read in another way is another */
    CHECK_U(import(s, "first", newer, true), TAG_IMPORT_REPLACED);

    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(tag_store_withdraw(s, "first", &err), err);
    CHECK(!tag_store_withdraw(s, "first", &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_S(err.text, "no pack \"first\"");
    CHECK_OK(store_commit(s, &err), err);
    set = ready(s, at.set);
    CHECK_U(tag_set_packs(set), 1);
    CHECK(!has(set, GENESIS));
    CHECK(has(set, TRON));
    tag_set_close(set);
    store_close(s);
}

/* A tag without a category has its actor's, if an ActorPack tells one. */
static void actors_give_categories(void **state)
{
    struct place at = place();
    struct store *s = opened(at.store);
    struct tag_set *set;
    struct tag_actor actor;
    struct tag_found found;

    import(s, "second", second, false);
    import(s, "first", first, false);
    import(s, "who", actors, false);
    set = ready(s, at.set);
    CHECK(tag_set_actor(set, "beta", &actor));
    CHECK_S(actor.label, "Beta");
    CHECK_S(actor.jurisdictions, "KP");
    CHECK_U(actor.category, TAG_GAMBLING);
    CHECK(!tag_set_actor(set, "alpha", &actor));
    CHECK(!tag_set_actor(set, "", &actor));
    found = found_of(set, TRON);
    CHECK_U(found.categories, tag_category_bit(TAG_GAMBLING) | tag_category_bit(TAG_THEFT));
    tag_set_close(set);
    store_close(s);
}

static void nothing_at_all(void **state)
{
    struct place at = place();
    struct store *s = opened(at.store);
    struct tag_set *set = ready(s, at.set);
    struct tag_found found;
    uint64_t next = 0;

    CHECK_U(tag_set_keys(set), 0);
    CHECK(!has(set, GENESIS));
    CHECK(!tag_set_next(set, SPACE_NONE, &next, &found));
    tag_set_close(set);
    store_close(s);
}

/* The same packs, in whatever order they came, are the same bytes. */
static void same_packs_same_bytes(void **state)
{
    struct place one = place(), other = place();
    struct store *a = opened(one.store), *b = opened(other.store);
    struct bytes x, y;

    import(a, "first", first, false);
    import(a, "second", second, true);
    import(a, "who", actors, false);
    import(b, "who", actors, false);
    import(b, "second", first, false);
    import(b, "second", second, true);
    import(b, "first", first, false);
    tag_set_close(ready(a, one.set));
    tag_set_close(ready(b, other.set));
    x = test_read(one.set);
    y = test_read(other.set);
    CHECK_U(x.n, y.n);
    CHECK(bytes_equal(x, y));
    store_close(a);
    store_close(b);
}

/* Whatever the file has become, the packs are what is answered from. */
static void a_damaged_set_is_made_anew(void **state)
{
    struct place at = place();
    struct store *s = opened(at.store);
    struct bytes whole;
    uint8_t *bad;
    struct tag_set *set;
    struct err err;

    import(s, "first", first, false);
    tag_set_close(ready(s, at.set));
    whole = test_read(at.set);
    bad = malloc(whole.n);
    CHECK(bad);
    for (size_t i = 0; i < whole.n; i += i < 400 ? 1 : 7) {
        memcpy(bad, whole.p, whole.n);
        bad[i] ^= 0x41;
        test_write(at.set, bad, whole.n);
        test_row("byte %zu", i);
        CHECK(!tag_set_open(at.set, &set, &err));
        CHECK_U(err.class, ERR_CORRUPT);
        test_write(at.set, whole.p, i);
        CHECK(!tag_set_open(at.set, &set, &err));
        CHECK_U(err.class, ERR_CORRUPT);
    }
    free(bad);
    tag_set_close(ready(s, at.set));
    CHECK(bytes_equal(test_read(at.set), whole));
    unlink(at.set);
    CHECK(!tag_set_open(at.set, &set, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    tag_set_close(ready(s, at.set));
    CHECK(bytes_equal(test_read(at.set), whole));
    store_close(s);
}

/* A writer that was killed after its commit leaves a set of before: it is seen, and made anew. */
static void a_stale_set_is_seen(void **state)
{
    struct place at = place();
    struct store *s = opened(at.store);
    struct tag_set *old, *set;

    import(s, "first", first, false);
    old = ready(s, at.set);
    import(s, "second", second, false);
    set = ready(s, at.set);
    CHECK(!hash32_equal(tag_set_stamp(old), tag_set_stamp(set)));
    CHECK(has(set, TRON));
    CHECK(!has(old, TRON)); /* who has it open keeps what they have */
    CHECK(has(old, GENESIS));
    tag_set_close(old);
    tag_set_close(set);
    store_close(s);
}

/* Random packs against a naive list. */

#define NAIVE_MAX 4000

struct naive {
    struct address_key key;
    enum tag_category category;
    bool private;
    unsigned pack;
} naive[NAIVE_MAX];
static size_t naive_n;

static void random_address(struct test_random *r, char ret[64])
{
    uint64_t few = test_below(r, 60); /* so that many tags are of one address */

    if (test_below(r, 2))
        snprintf(ret, 64, "0x%040llx", (unsigned long long)few * 0x9e3779b97f4a7c15ull);
    else
        snprintf(ret, 64, "account%llu", (unsigned long long)few);
}

static int naive_order(const void *one, const void *other)
{
    const struct naive *a = one, *b = other;

    return address_key_compare(&a->key, &b->key);
}

/* Of one key: as many tags, in the same categories. */
static void check_found(const struct tag_set *set, const struct tag_found *found,
                        const struct address_key *key)
{
    uint64_t all = 0, public = 0;
    enum tag_category category = TAG_UNKNOWN;
    bool conflict = false;
    size_t n = 0;

    for (size_t i = 0; i < naive_n; i++) {
        const struct naive *t = &naive[i];

        if (!address_key_equal(&t->key, key))
            continue;
        n++;
        all |= tag_category_bit(t->category);
        public |= t->private ? 0 : tag_category_bit(t->category);
        conflict |= category && category != t->category;
        category = t->category;
    }
    CHECK_U(found->tags_n, n);
    CHECK_U(found->categories, all);
    CHECK_U(found->categories_public, public);
    CHECK_U(tag_set_conflict(set, found), conflict);
    for (size_t i = 1; i < found->tags_n; i++) {
        struct tag before, t;

        tag_set_tag(set, found, i - 1, &before);
        tag_set_tag(set, found, i, &t);
        CHECK(strcmp(before.pack, t.pack) <= 0);
    }
}

/* Many at once find what each finds alone; every third is not there. */
static void check_many(const struct tag_set *set)
{
    static struct address_key keys[NAIVE_MAX];
    static struct tag_found many[NAIVE_MAX];

    for (size_t i = 0; i < naive_n; i++) {
        keys[i] = naive[i].key;
        if (i % 3 == 0)
            keys[i].space = SPACE_DASH;
    }
    tag_set_find_many(set, keys, naive_n, many);
    for (size_t i = 0; i < naive_n; i++) {
        struct tag_found one = {0};

        CHECK_U(tag_set_find(set, &keys[i], &one), i % 3 != 0);
        CHECK(one.key == many[i].key);
        CHECK_U(one.tags_n, many[i].tags_n);
    }
}

static void check_all(const struct tag_set *set)
{
    uint64_t at = 0, by_space = 0;
    struct tag_found found;
    size_t keys = 0, i = 0;

    qsort(naive, naive_n, sizeof(naive[0]), naive_order);
    while (tag_set_next(set, SPACE_NONE, &at, &found)) {
        CHECK(i < naive_n);
        CHECK_S(found.key, naive[i].key.text);
        check_found(set, &found, &naive[i].key);
        for (struct address_key key = naive[i].key;
             i < naive_n && address_key_equal(&naive[i].key, &key); i++)
            ;
        keys++;
    }
    CHECK_U(i, naive_n);
    CHECK_U(tag_set_keys(set), keys);
    for (int space = 1; space < ADDRESS_SPACES; space++)
        for (at = 0; tag_set_next(set, (enum address_space)space, &at, &found); by_space++)
            CHECK_U(found.space, space);
    CHECK_U(by_space, keys);
    for (i = 0; i < naive_n; i++) {
        CHECK(tag_set_find(set, &naive[i].key, &found));
        CHECK_S(found.key, naive[i].key.text);
    }
    check_many(set);
}

static void random_packs(void **state)
{
    struct test_random r = {test_seed()};

    for (int round = 0; round < 10; round++) {
        struct place at = place();
        struct store *s = opened(at.store);
        struct tag_set *set;
        unsigned packs = (unsigned)test_below(&r, 5);

        naive_n = 0;
        for (unsigned p = 0; p < packs; p++) {
            static char text[1 << 16];
            size_t n = 0, from = naive_n, tags = 1 + test_below(&r, 80);
            bool private = test_below(&r, 2);
            char name[16];

            n += (size_t)snprintf(text + n, sizeof(text) - n, "label: l\ncurrency: EOS\ntags:\n");
            for (size_t i = 0; i < tags; i++) {
                static const enum tag_category choice[] = {TAG_EXCHANGE, TAG_MIXER, TAG_BRIDGE};
                struct naive t = {
                    .category = choice[test_below(&r, 3)], .private = private, .pack = p};
                char address[64];
                bool twice = false;
                struct err err;

                random_address(&r, address);
                CHECK_OK(address_key_read(address, strlen(address), "EOS", &t.key, &err), err);
                n += (size_t)snprintf(text + n, sizeof(text) - n,
                                      "- {address: '%s', category: %s}\n", address,
                                      tag_category_name(t.category));
                for (size_t k = from; k < naive_n; k++)
                    twice |=
                        address_key_equal(&naive[k].key, &t.key) && naive[k].category == t.category;
                if (!twice)
                    naive[naive_n++] = t;
            }
            snprintf(name, sizeof(name), "pack%u", packs - p);
            import(s, name, text, private);
        }
        test_row("round %d", round);
        set = ready(s, at.set);
        CHECK_U(tag_set_tags(set), naive_n);
        check_all(set);
        tag_set_close(set);
        store_close(s);
    }
}

struct torture {
    struct place at;
    struct store *s;
};

static bool made_once(void *ctx)
{
    struct torture *t = ctx;
    struct tag_set *set = NULL;
    struct err err;
    bool ok;

    unlink(t->at.set);
    ok = tag_set_ready(t->s, t->at.set, &set, &err);
    if (!ok)
        CHECK_U(err.class, ERR_NOMEM);
    tag_set_close(set);
    return ok;
}

static void failed_allocations(void **state)
{
    struct torture t = {.at = place()};

    t.s = opened(t.at.store);
    import(t.s, "first", first, false);
    import(t.s, "who", actors, false);
    test_failed_allocations(made_once, &t);
    store_close(t.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pack_comes_changes_and_goes),
        cmocka_unit_test(actors_give_categories),
        cmocka_unit_test(nothing_at_all),
        cmocka_unit_test(same_packs_same_bytes),
        cmocka_unit_test(a_damaged_set_is_made_anew),
        cmocka_unit_test(a_stale_set_is_seen),
        cmocka_unit_test(random_packs),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
