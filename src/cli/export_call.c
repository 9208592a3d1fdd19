#include "cli/export_call.h"

#include "group/approval.h"

#define FILE_BYTES_MAX ((size_t)1 << 30)

static const char *const elsewhere[] = {"out", "home"};

struct asked {
    const char **at;
    size_t n;
};

static bool asked_of(struct call *c, const char *file, struct asked *ret, struct err *err)
{
    char hex[2 * sizeof(struct hash32) + 1] = "";
    struct hash32 hash;
    struct bytes in;

    ret->at = ARENA_ARRAY(c->arena, const char *, call_args_n(c) + 2 * c->given_n + 2);
    if (!ret->at)
        return err_fail(err, ERR_NOMEM, "an export");
    if (file) {
        if (!file_read(c->arena, file, FILE_BYTES_MAX, &in, err))
            return false;
        hash = sha256(in.p, in.n);
        for (size_t i = 0; i < sizeof(hash.b); i++)
            snprintf(hex + 2 * i, 3, "%02x", hash.b[i]);
    }
    ret->at[ret->n++] = c->command->name;
    for (size_t i = 0; i < call_args_n(c); i++)
        if (!file || strcmp(call_arg(c, i), file) != 0)
            ret->at[ret->n++] = call_arg(c, i);
    ret->at[ret->n++] = arena_string(c->arena, hex, strlen(hex));
    for (size_t i = 0; i < c->given_n; i++) {
        const char *name = c->given[i].option ? c->given[i].option->name : NULL;

        if (!name || !strcmp(name, elsewhere[0]) || !strcmp(name, elsewhere[1]))
            continue;
        ret->at[ret->n++] = name;
        ret->at[ret->n++] = c->given[i].value;
    }
    return true;
}

static bool lets(struct call *c, struct group_log *l, const char *file, struct err *err)
{
    const struct fold *f = group_log_fold(l);
    struct asked asked = {.n = 0};
    char object[OBJECT_NAME_MAX];
    const char *member;
    struct signer node;
    bool ok;

    if (!f || !fold_charter(f) || !charter_wants_two(fold_charter(f), "export.approve"))
        return true;
    if (!asked_of(c, file, &asked, err) || !node_signer(c, &node, err))
        return false;
    ok = author_of(fold_charter(f), &node, &member, err);
    signer_end(&node);
    if (!ok)
        return false;
    approval_object(group_log_group(l), member, asked.at, asked.n, object);
    return approval_stands(f, object, member, now_ms()) ||
           err_fail(err, ERR_INPUT,
                    "two persons of %s have to approve it first: cordon log approve %s", member,
                    object);
}

bool export_lets_in(struct call *c, struct group_log *l, struct err *err)
{
    return lets(c, l, NULL, err);
}

bool export_lets(struct call *c, const char *of, struct err *err)
{
    struct group_log *l = NULL;
    bool ok;

    if (!home_log_open(c, STORE_READ, &l, err))
        return err->class == ERR_NOT_FOUND || err->class == ERR_USAGE;
    ok = lets(c, l, of, err);
    group_log_close(l);
    return ok;
}
