/* Which reader a file wants, and the explorers' labels. */
#include "entity/tag_read.h"

#include "base/json_walk.h"
#include "base/mem.h"
#include "base/pack.h"
#include "entity/tag_build.h"

const char *tag_problem_name(enum tag_problem_kind kind)
{
    static const char *const problems[TAG_PROBLEM_KINDS] = {
        [TAG_PROBLEM_ADDRESS] = "address",
        [TAG_PROBLEM_TWICE] = "twice",
        [TAG_PROBLEM_WORD] = "word",
        [TAG_PROBLEM_CONFIDENCE] = "confidence",
        [TAG_PROBLEM_DAY] = "day",
        [TAG_PROBLEM_NO_DAY] = "no-day",
        [TAG_PROBLEM_NO_SOURCE] = "no-source",
        [TAG_PROBLEM_NO_LABEL] = "no-label",
        [TAG_PROBLEM_FIELD] = "field",
    };

    return problems[kind < TAG_PROBLEM_KINDS ? kind : TAG_PROBLEM_FIELD];
}

bool tag_pack_name(struct arena *a, const char *path, const char **ret, struct err *err)
{
    static const char *const ends[] = {".zst", ".yaml", ".yml", ".csv", ".json", ".actorpack"};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t end_n = strlen(ends[i]);

        if (n > end_n && !strncmp(name + n - end_n, ends[i], end_n))
            n -= end_n;
    }
    if (!n || n >= TAG_PACK_NAME_MAX || !text_is_plain(name, n) || !utf8_valid(name, n))
        return err_fail(err, ERR_INPUT, "\"%.100s\" gives no name to a pack", path);
    *ret = arena_string(a, name, n);
    return *ret || err_fail(err, ERR_NOMEM, "name");
}

/* A member's value with its escapes undone, by the reader of whole documents: labels are short. */
static bool string_read(struct arena *a, struct json_walk *w, const char **ret, size_t *ret_n,
                        struct err *err)
{
    struct bytes raw = json_walk_string(w);
    const struct json *j;
    char *quoted;

    if (w->bad)
        return false;
    *ret = (const char *)raw.p;
    *ret_n = raw.n;
    if (!raw.n || !memchr(raw.p, '\\', raw.n))
        return true;
    quoted = arena_alloc(a, raw.n + 2);
    if (!quoted)
        return err_fail(err, ERR_NOMEM, "a text");
    quoted[0] = quoted[raw.n + 1] = '"';
    memcpy(quoted + 1, raw.p, raw.n);
    if (!json_read(a, quoted, raw.n + 2, &j, err))
        return false;
    *ret = j->text;
    *ret_n = j->text_n;
    return true;
}

static bool key_is(struct bytes key, const char *name)
{
    return key.n == strlen(name) && !memcmp(key.p, name, key.n);
}

static bool label_value(struct arena *a, struct json_walk *w, struct tag_build *b, size_t number,
                        struct tag_fields *f, struct err *err)
{
    struct bytes key;
    const char *text;
    size_t n;

    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (key_is(key, "name") && json_walk_type(w) == JSON_STRING) {
            if (!string_read(a, w, &text, &n, err) ||
                !tag_build_plain(b, number, text, n, &f->at[TAG_FIELD_LABEL], err))
                return false;
        } else if (key_is(key, "labels") && json_walk_type(w) == JSON_ARRAY) {
            json_walk_array(w);
            while (json_walk_item(w))
                if (!string_read(a, w, &text, &n, err) ||
                    !tag_build_word(b, number, text, n, &f->at[TAG_FIELD_CATEGORY], err))
                    return false;
        } else {
            json_walk_skip(w);
        }
    }
    return !w->bad;
}

bool tag_read_labels(struct arena *a, struct bytes in, struct tag_pack *ret, struct err *err)
{
    struct json_walk w;
    struct tag_build *b = NULL;
    struct bytes address;
    size_t number = 0;
    bool ok;

    if (!json_walk_open(&w, (const char *)in.p, in.n, err))
        return false;
    ok = tag_build_new(a, ret->name, load_le64(ret->sha256.b), true, &b, err);
    if (ok)
        json_walk_object(&w);
    while (ok && json_walk_key(&w, &address)) {
        struct tag_fields f = {0};

        number++;
        ok = label_value(a, &w, b, number, &f, err) &&
             tag_build_add(b, number, (const char *)address.p, address.n, &f, err);
    }
    ok = ok && json_walk_end(&w) && tag_build_end(b, NULL, ret, err);
    json_walk_close(&w);
    tag_build_free(b);
    ret->format = "labels";
    return ok;
}

/* Each format begins in its own way: a brace, a line with commas and no colon before them, else
 * YAML. */
static bool format_read(struct arena *a, struct bytes in, const char *map, struct tag_pack *ret,
                        struct err *err)
{
    const char *p = (const char *)in.p;
    size_t at = 0, line_n;
    const char *end;

    while (at < in.n && strchr(" \t\r\n", p[at]) && p[at])
        at++;
    if (at < in.n && p[at] == '{')
        return *map ? err_fail(err, ERR_USAGE, "a map is of tables")
                    : tag_read_labels(a, in, ret, err);
    end = memchr(p + at, '\n', in.n - at);
    line_n = end ? (size_t)(end - p) - at : in.n - at;
    if (*map || (memchr(p + at, ',', line_n) && !memchr(p + at, ':', line_n)))
        return tag_read_csv(a, in, map, ret, err);
    return tag_read_yaml(a, in, ret, err);
}

bool tag_pack_read(struct arena *a, struct bytes in, const char *name, const char *map,
                   struct tag_pack *ret, struct err *err)
{
    struct tag_pack p = {.title = "", .creator = "", .description = "", .version = "", .map = ""};
    struct bytes plain = in, unpacked = {0};
    bool ok;

    if (pack_is(in)) {
        if (!pack_undo(in, TAG_FILE_BYTES_MAX, &unpacked, err))
            return false;
        plain = unpacked;
    }
    if (plain.n > TAG_FILE_BYTES_MAX) {
        mem_free((void *)unpacked.p);
        return err_fail(err, ERR_LIMIT, "more than %zu bytes", TAG_FILE_BYTES_MAX);
    }
    p.sha256 = sha256(plain.p, plain.n);
    p.name = arena_string(a, name, strlen(name));
    p.map = arena_string(a, map ? map : "", map ? strlen(map) : 0);
    ok = (p.name && p.map) ? format_read(a, plain, p.map, &p, err)
                           : err_fail(err, ERR_NOMEM, "tags");
    mem_free((void *)unpacked.p);
    if (ok)
        *ret = p;
    return ok;
}
