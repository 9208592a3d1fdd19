/* YAML into the tree of JSON: scalars by YAML 1.2.2 section 10.2, and what is refused. */
#include "base/yaml.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>

static char *as_json(const char *yaml)
{
    static char out[4096];
    struct arena *a = arena_new(NULL, 1 << 20);
    struct text t = text_new(sizeof(out));
    struct json_out j = json_to(&t, false);
    const struct json *tree;
    struct err err;

    if (yaml_read(a, yaml, strlen(yaml), &tree, &err)) {
        json_tree(&j, tree);
        snprintf(out, sizeof(out), "%s", text_string(&t));
    } else {
        snprintf(out, sizeof(out), "%s", err.text);
    }
    text_free(&t);
    arena_free(a);
    return out;
}

static const struct {
    const char *name, *yaml, *json;
} rows[] = {
    {"a mapping", "a: 1\nb: two\n", "{\"a\":1,\"b\":\"two\"}"},
    {"nested", "a:\n  - x: 1\n    y: [p, q]\n  - {}\n",
     "{\"a\":[{\"x\":1,\"y\":[\"p\",\"q\"]},{}]}"},
    {"nulls", "[null, ~, '', \"null\"]", "[null,null,\"\",\"null\"]"},
    {"no value", "a:\nb: 1", "{\"a\":null,\"b\":1}"},
    {"truth", "[true, false, True, 'true', yes]", "[true,false,\"True\",\"true\",\"yes\"]"},
    {"numbers", "[0, -1, 1.5, 1e9, 01, +1, 1., .5, 0x10, 18446744073709551616]",
     "[0,-1,1.5,1e9,\"01\",\"+1\",\"1.\",\".5\",\"0x10\",18446744073709551616]"},
    {"a block", "a: |\n  one\n  two\n", "{\"a\":\"one\\ntwo\\n\"}"},
    {"comments", "# first\na: 1 # second\n", "{\"a\":1}"},
    {"a scalar alone", "김정은", "\"김정은\""},
    {"key twice", "a: 1\nb:\n  c: 1\n  c: 2\n", "line 4: a key that was given before"},
    {"anchor", "a: &x 1\n", "line 1: anchors and tags are not read here"},
    {"anchored list", "a: &x [1]\n", "line 1: anchors and tags are not read here"},
    {"alias", "a: 1\nb: *x\n", "line 2: aliases are not read here"},
    {"tag", "a: !!int 1\n", "line 1: anchors and tags are not read here"},
    {"two documents", "a: 1\n---\nb: 1\n", "line 2: a second document"},
    {"empty", "# nothing\n", "line 2: there is nothing in it"},
    {"a key that is a list", "? [a]\n: 1\n", "line 1: a key must be a word"},
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].name);
        CHECK_S(as_json(rows[i].yaml), rows[i].json);
    }
}

static void lines_are_told(void **state)
{
    static const char yaml[] = "a: 1\nb:\n  - x\n  - y: z\n";
    struct arena *a = arena_new(NULL, 1 << 20);
    const struct json *j;
    struct err err;

    (void)state;
    CHECK_OK(yaml_read(a, yaml, strlen(yaml), &j, &err), err);
    CHECK_U(json_get(j, "a")->offset, 1);
    CHECK_U(json_get(j, "b")->child->offset, 3);
    CHECK_U(json_get(json_get(j, "b")->child->next, "y")->offset, 4);
    arena_free(a);
}

static void not_yaml(void **state)
{
    (void)state;
    CHECK(strstr(as_json("a: [1\nb: 2"), "line 2: "));
    CHECK(strstr(as_json("a: b: c"), "line 1: "));
    CHECK_S(as_json("a: \xff"), "line 1: not UTF-8");
}

static void depth(void **state)
{
    char text[2 * JSON_DEPTH_MAX + 3] = "";

    (void)state;
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    CHECK(text[0] == '[' && as_json(text)[0] == '[');
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    CHECK(strstr(as_json(text), "nested more than"));
}

static const char sample[] = "rules:\n  - id: R1\n    when: {hops: [1, 2]}\n    then: \"HOLD\"\n";

/* A prefix may be YAML of its own; it must end, and never read past its block. */
static void truncations(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(sample); n++) {
        struct arena *a = arena_new(NULL, 1 << 20);
        char *exact = malloc(n ? n : 1);
        const struct json *j;
        struct err err;

        memcpy(exact, sample, n);
        if (!yaml_read(a, exact, n, &j, &err))
            CHECK(err.class == ERR_INPUT);
        free(exact);
        arena_free(a);
    }
}

static bool read_sample(void *ctx)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    const struct json *j;
    struct err err;
    bool ok = a && yaml_read(a, sample, strlen(sample), &j, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    (void)state;
    test_failed_allocations(read_sample, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),       cmocka_unit_test(lines_are_told),
        cmocka_unit_test(not_yaml),    cmocka_unit_test(depth),
        cmocka_unit_test(truncations), cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
