#include "entity/cluster_rules.h"

#include "base/sort.h"
#include "base/text.h"
#include "chain/bitcoin/script.h"

#define RULES_BYTES_MAX ((size_t)1 << 31)
#define FORM_BYTES_MAX 10000u /* a longer script cannot be spent (Bitcoin Core, MAX_SCRIPT_SIZE) */

static int bytes_order(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int actor_order(const void *a, const void *b)
{
    const struct cluster_actor *x = a, *y = b;
    int order = bytes_order(x->script, y->script);

    return order ? order : strcmp(x->name, y->name);
}

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "rules");
}

static void rules_text(struct text *t, const struct cluster_rules *r)
{
    text_printf(t, "join-max %u\n", r->join_max);
    for (size_t i = 0; i < r->actors_n; i++) {
        text_str(t, "actor ");
        text_hex(t, r->actors[i].script.p, r->actors[i].script.n);
        text_printf(t, " %s\n", r->actors[i].name);
    }
}

/* Copies in order, each address once, and none that has two names. */
static bool actors_take(struct arena *a, const struct cluster_actor *const *sorted, size_t n,
                        struct cluster_rules *r)
{
    struct cluster_actor *to = ARENA_ARRAY(a, struct cluster_actor, n);

    if (!to)
        return false;
    for (size_t i = 0, end; i < n; i = end) {
        bool one = true;

        for (end = i + 1; end < n && bytes_equal(sorted[end]->script, sorted[i]->script); end++)
            one &= !strcmp(sorted[end]->name, sorted[i]->name);
        if (one)
            to[r->actors_n++] = *sorted[i];
    }
    r->actors = to;
    return true;
}

static bool actor_form(struct arena *a, const struct cluster_actor *from, struct cluster_actor *to,
                       struct err *err)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script = script_address_form(from->script, form);
    size_t n = strlen(from->name);

    if (!n || n > CLUSTER_NAME_MAX || !utf8_valid(from->name, n) || !text_is_plain(from->name, n))
        return err_fail(err, ERR_INPUT, "an actor's name: 1 to %d bytes of plain text are wanted",
                        CLUSTER_NAME_MAX);
    if (script.n > FORM_BYTES_MAX)
        return err_fail(err, ERR_INPUT, "an actor's script of more than %u bytes", FORM_BYTES_MAX);
    to->script = (struct bytes){arena_copy(a, script.p, script.n), script.n};
    to->name = arena_string(a, from->name, n);
    return (to->script.p && to->name) || no_memory(a, err);
}

static bool text_keep(struct arena *a, struct cluster_rules *r, struct err *err)
{
    struct text t = text_new(RULES_BYTES_MAX);
    bool ok;

    rules_text(&t, r);
    ok = text_end(&t, err);
    if (ok) {
        r->text = (struct bytes){arena_copy(a, t.p, t.n), t.n};
        ok = r->text.p || no_memory(a, err);
    }
    text_free(&t);
    return ok;
}

bool cluster_rules_make(struct arena *a, uint32_t join_max, const struct cluster_actor *actors,
                        size_t actors_n, struct cluster_rules *ret, struct err *err)
{
    struct cluster_rules r = {.join_max = join_max};
    struct cluster_actor *forms;
    const void **at, **scratch;

    if (actors_n > CLUSTER_ACTORS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu actors", CLUSTER_ACTORS_MAX);
    forms = ARENA_ARRAY(a, struct cluster_actor, actors_n);
    at = ARENA_ARRAY(a, const void *, actors_n);
    scratch = ARENA_ARRAY(a, const void *, actors_n);
    if (!forms || !at || !scratch)
        return no_memory(a, err);
    for (size_t i = 0; i < actors_n; i++) {
        if (!actor_form(a, &actors[i], &forms[i], err))
            return false;
        at[i] = &forms[i];
    }
    sort_pointers(at, actors_n, scratch, actor_order);
    if (!actors_take(a, (const struct cluster_actor *const *)at, actors_n, &r))
        return no_memory(a, err);
    if (!text_keep(a, &r, err))
        return false;
    *ret = r;
    return true;
}

/* The next line, without its end; false: there is none. */
static bool next_line(struct bytes *in, struct bytes *ret)
{
    const uint8_t *end = in->n ? memchr(in->p, '\n', in->n) : NULL;

    if (!end)
        return false;
    *ret = (struct bytes){in->p, (size_t)(end - in->p)};
    in->n -= ret->n + 1;
    in->p = end + 1;
    return true;
}

static bool after(struct bytes *line, const char *word)
{
    size_t n = strlen(word);

    if (line->n < n || memcmp(line->p, word, n))
        return false;
    line->p += n;
    line->n -= n;
    return true;
}

static bool actor_read(struct arena *a, struct bytes line, struct cluster_actor *ret)
{
    const uint8_t *space = after(&line, "actor ") ? memchr(line.p, ' ', line.n) : NULL;
    size_t hex_n = space ? (size_t)(space - line.p) : 0;
    uint8_t *script;

    if (!space || hex_n % 2 || hex_n / 2 > FORM_BYTES_MAX)
        return false;
    script = arena_alloc(a, hex_n / 2 + 1);
    if (!script || !hex_decode((const char *)line.p, hex_n, script, hex_n / 2))
        return false;
    ret->script = (struct bytes){script, hex_n / 2};
    ret->name = arena_string(a, (const char *)space + 1, line.n - hex_n - 1);
    return ret->name && strlen(ret->name) == line.n - hex_n - 1;
}

static size_t lines_of(struct bytes in)
{
    size_t n = 0;

    for (size_t i = 0; i < in.n; i++)
        n += in.p[i] == '\n';
    return n;
}

bool cluster_rules_read(struct arena *a, struct bytes text, struct cluster_rules *ret,
                        struct err *err)
{
    struct bytes in = text, line = {NULL, 0};
    size_t lines = lines_of(text), n = 0;
    struct cluster_actor *actors;
    uint64_t join_max = 0;

    if (!next_line(&in, &line) || !after(&line, "join-max ") ||
        !u64_from_text((const char *)line.p, line.n, &join_max) || join_max > UINT32_MAX)
        return err_fail(err, ERR_CORRUPT, "rules: line 1 is not what is written there");
    actors = ARENA_ARRAY(a, struct cluster_actor, lines);
    if (!actors)
        return no_memory(a, err);
    while (next_line(&in, &line)) {
        if (!actor_read(a, line, &actors[n]))
            return arena_limited(a)
                       ? no_memory(a, err)
                       : err_fail(err, ERR_CORRUPT, "rules: line %zu is not what is written there",
                                  n + 2);
        n++;
    }
    if (!cluster_rules_make(a, (uint32_t)join_max, actors, n, ret, err))
        return err->class == ERR_INPUT ? err_fail(err, ERR_CORRUPT, "rules: a damaged name")
                                       : false;
    return bytes_equal(ret->text, text) ||
           err_fail(err, ERR_CORRUPT, "rules: not as they are written");
}

const struct cluster_actor *cluster_actor_of(const struct cluster_rules *r, struct bytes script)
{
    uint8_t room[SCRIPT_FORM_MAX];
    struct bytes form = script_address_form(script, room);
    size_t low = 0, high = r->actors_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (bytes_order(r->actors[middle].script, form) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->actors_n && bytes_equal(r->actors[low].script, form) ? &r->actors[low] : NULL;
}
