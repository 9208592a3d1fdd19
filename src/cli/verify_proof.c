#include "cli/verify_proof.h"

#include "base/json.h"

#include <sodium.h>

bool checkpoint_file(struct call *c, const char *path, struct hash32 *ret_group,
                     struct checkpoint *ret, struct err *err)
{
    struct bytes in;

    return file_read(c->arena, path, PROOF_BYTES_MAX, &in, err) &&
           (proof_kept_read(c->arena, in, ret_group, ret, err) || err_in(err, "\"%s\"", path));
}

struct answer {
    const struct proof *proof;
    const char *why;        /* NULL: it is proven */
    const char **signed_by; /* [signed_n], the author first; NULL: no charter was given */
    size_t signed_n;
};

/* ---- whose word it is ---- */

static bool charter_file(struct call *c, const char *path, struct charter *ret, struct err *err)
{
    struct bytes in;

    if (!file_read(c->arena, path, EVENT_BODY_BYTES_MAX + 1, &in, err))
        return false;
    if (in.n && in.p[in.n - 1] == '\n')
        in.n--;
    return charter_read(c->arena, in, ret, err) || err_in(err, "\"%s\"", path);
}

static bool author_signed(const struct hash32 *group, const struct checkpoint *n,
                          const struct charter *by)
{
    for (size_t i = 0; i < n->signatures_n && !n->signatures[i].time; i++)
        if (checkpoint_signed_by(group, n, by, &n->signatures[i]))
            return true;
    return false;
}

static bool signers_find(struct call *c, struct answer *v, const struct charter *by,
                         struct err *err)
{
    const struct checkpoint *n = &v->proof->note;

    v->signed_by = ARENA_ARRAY(c->arena, const char *, n->signatures_n);
    if (!v->signed_by)
        return err_fail(err, ERR_NOMEM, "signatures");
    for (size_t i = 0; i < n->signatures_n; i++) {
        const char *member = n->signatures[i].member;
        bool again = v->signed_n && !strcmp(v->signed_by[v->signed_n - 1], member);

        if (!again && checkpoint_signed_by(&v->proof->group, n, by, &n->signatures[i]))
            v->signed_by[v->signed_n++] = member;
    }
    if (!v->why && !author_signed(&v->proof->group, n, by))
        v->why = "its checkpoint is not signed by a key that the charter gives its author";
    return true;
}

/* ---- what it proves ---- */

static bool growth_check(struct call *c, struct answer *v, struct checkpoint *before,
                         struct err *err)
{
    const char *path = call_option(c, "from");
    struct hash32 group;

    if (!path)
        return err_fail(err, ERR_USAGE, "--from: the checkpoint that was kept is wanted");
    if (!checkpoint_file(c, path, &group, before, err))
        return false;
    if (!hash32_equal(&group, &v->proof->group) || !proof_of_growth(v->proof, before))
        v->why = "its checkpoint did not grow from the one that was kept";
    return true;
}

static bool event_check(struct call *c, struct answer *v, struct err *err)
{
    const char *hex = call_option(c, "event");
    struct hash32 id;

    if (!hex || !hash_from_hex(hex, &id))
        return err_fail(err, ERR_USAGE, "--event: the event's id of 64 digits is wanted");
    if (!proof_of_event(v->proof, &id))
        v->why = "the event is not in its checkpoint";
    return true;
}

static bool check(struct call *c, struct answer *v, struct err *err)
{
    const char *path = call_option(c, "charter");
    struct checkpoint before = {.signatures_n = 0};
    struct charter charter;

    if (!(v->proof->growth ? growth_check(c, v, &before, err) : event_check(c, v, err)))
        return false;
    if (!path)
        return true;
    if (!charter_file(c, path, &charter, err) || !signers_find(c, v, &charter, err))
        return false;
    if (!v->why && v->proof->growth && !author_signed(&v->proof->group, &before, &charter))
        v->why = "the checkpoint that was kept is not signed by a key that the charter gives its "
                 "author";
    return true;
}

/* ---- telling ---- */

static void stream_put(struct text *to, const struct proof *p)
{
    char group[65], stream[33];

    sodium_bin2hex(group, sizeof(group), p->group.b, sizeof(p->group.b));
    sodium_bin2hex(stream, sizeof(stream), p->note.stream.b, sizeof(p->note.stream.b));
    text_printf(to, "cordon/%s/%s/%s", group, p->note.author, stream);
}

static void answer_text(struct text *to, const struct answer *v)
{
    const struct proof *p = v->proof;

    if (v->why) {
        text_printf(to, "not proven: %s\n", v->why);
        return;
    }
    if (p->growth)
        text_printf(to, "proven: the first %llu of %llu events are as they were, in\n  ",
                    (unsigned long long)p->at, (unsigned long long)p->note.size);
    else
        text_printf(to, "proven: the event is number %llu of %llu, in\n  ",
                    (unsigned long long)p->at + 1, (unsigned long long)p->note.size);
    stream_put(to, p);
    text_str(to,
             v->signed_by ? "\n  signed by" : "\n  whose signatures were not checked (--charter)");
    for (size_t i = 0; i < v->signed_n; i++)
        text_printf(to, "%s %s", i ? "," : "", v->signed_by[i]);
    text_char(to, '\n');
}

static void answer_json(struct call *c, const struct answer *v)
{
    struct json_out j = json_to(c->out, true);
    struct text stream = text_new(512);

    stream_put(&stream, v->proof);
    json_object(&j);
    json_put_string(&j, "schema", "cordon.verify/1");
    json_put_string(&j, "of",
                    v->proof->growth ? "c2sp.org/tlog-witness" : "c2sp.org/tlog-proof@v1");
    json_put_string(&j, "answer", v->why ? "not proven" : "proven");
    json_put_string(&j, "text", v->why ? v->why : "");
    json_put_string(&j, "stream", text_string(&stream));
    json_put_number(&j, "events", v->proof->note.size);
    json_put_number(&j, v->proof->growth ? "kept" : "index", v->proof->at);
    json_key(&j, "signed_by");
    if (v->signed_by) {
        json_array(&j);
        for (size_t i = 0; i < v->signed_n; i++)
            json_string(&j, v->signed_by[i]);
        json_array_end(&j);
    } else {
        json_null(&j);
    }
    json_object_end(&j);
    text_char(c->out, '\n');
    text_free(&stream);
}

bool verify_proof(struct call *c, struct bytes in, bool *ret_proven, struct err *err)
{
    struct proof p;
    struct answer v = {.proof = &p};

    if (sodium_init() < 0)
        return err_fail(err, ERR_SYSTEM, "libsodium cannot start");
    if (!proof_read(c->arena, in, &p, err) || !check(c, &v, err))
        return false;
    if (call_json(c))
        answer_json(c, &v);
    else
        answer_text(c->out, &v);
    *ret_proven = !v.why;
    return true;
}
