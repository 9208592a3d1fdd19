/* cordon charter: the signed list of members and keys that all else rests on. */
#include "cli/group_call.h"

#include "base/json.h"

/* ---- making one ---- */

/* Of this home's group, if it is of one: what a new version follows on. */
static bool create_from(struct call *c, struct bytes draft, const struct charter *before,
                        struct err *err)
{
    const char *path = call_option(c, "out");
    struct charter made;
    struct out_file out;
    bool ok;

    if (!charter_make(c->arena, draft, before, &made, err))
        return err_in(err, "\"%s\"", call_arg(c, 1));
    if (!path)
        return err_fail(err, ERR_USAGE, "create: --out FILE is wanted");
    if (!out_open(c, path, &out, err))
        return false;
    text_put(out.to, (const char *)made.text.p, made.text.n);
    ok = out_close(&out, true, err);
    if (ok && strcmp(path, "-")) {
        text_printf(c->out, "version %llu of \"%s\", %zu members, %zu governments\n",
                    (unsigned long long)made.version, made.name, made.members_n,
                    made.governments_n);
        text_hex(c->out, made.hash.b, sizeof(made.hash.b));
        text_char(c->out, '\n');
    }
    return ok;
}

static bool create(struct call *c, struct err *err)
{
    const struct charter *before = NULL;
    struct bytes draft;
    struct group_log *l = NULL;
    bool ok;

    if (!file_read(c->arena, call_arg(c, 1), EVENT_BODY_BYTES_MAX, &draft, err))
        return false;
    if (home_log_open(c, STORE_READ, &l, err))
        before = group_log_fold(l) ? fold_charter(group_log_fold(l)) : NULL;
    else if (err->class != ERR_NOT_FOUND)
        return false;
    ok = create_from(c, draft, before, err);
    group_log_close(l);
    return ok;
}

/* ---- proposing and signing ---- */

static const char *charter_object(struct call *c, const struct hash32 *hash)
{
    struct text name = text_new(OBJECT_NAME_MAX);
    const char *ret;

    text_str(&name, "charter:");
    text_hex(&name, hash->b, sizeof(hash->b));
    ret = text_string(&name) ? arena_string(c->arena, name.p, name.n) : NULL;
    text_free(&name);
    return ret;
}

/* The version under which a document is decided on: the one before it, or itself. */
static bool under_of(struct group_log *l, const struct charter *proposed,
                     const struct charter **ret, struct err *err)
{
    const struct charter *in_force = fold_charter(group_log_fold(l));

    *ret = proposed->version == 1 ? proposed : in_force;
    if (proposed->version == 1)
        return hash32_equal(&proposed->hash, group_log_group(l)) ||
               err_fail(err, ERR_INPUT, "this home is of another group");
    return in_force ? charter_follows(proposed, in_force, err)
                    : err_fail(err, ERR_INPUT, "no charter is adopted yet");
}

static bool propose(struct call *c, struct group_log *l, const struct signer *by, struct err *err)
{
    struct group_log_act act = {
        .type = "charter.propose", .audience = AUDIENCE_ALL, .retention = "keep", .by = by};
    const struct charter *under;
    struct charter proposed;

    if (!file_read(c->arena, call_arg(c, 1), EVENT_BODY_BYTES_MAX, &act.body, err))
        return false;
    if (!charter_read(c->arena, act.body, &proposed, err))
        return err_in(err, "\"%s\"", call_arg(c, 1));
    if (!group_log_fold(l) && proposed.version > 1)
        return err_fail(err, ERR_INPUT, "this home is of no group yet: take in a member's log");
    if (!group_log_fold(l) && !group_log_join(l, &proposed.hash, err))
        return false;
    act.object = charter_object(c, &proposed.hash);
    if (!act.object)
        return err_fail(err, ERR_NOMEM, "a charter");
    return under_of(l, &proposed, &under, err) && say_and_commit(c, l, &act, under, err);
}

static bool sign(struct call *c, struct group_log *l, const struct signer *by, struct err *err)
{
    struct group_log_act act = {.type = "charter.sign", .audience = AUDIENCE_ALL, .by = by};
    const struct charter *proposed, *under;
    const struct fold_object *o;
    struct hash32 hash;

    if (!group_log_fold(l))
        return err_fail(err, ERR_NOT_FOUND, "this home is of no group yet");
    if (!hash_from_hex(call_arg(c, 1), &hash))
        return err_fail(err, ERR_USAGE, "\"%s\": a charter's hash of 64 digits is wanted",
                        call_arg(c, 1));
    proposed = fold_document(group_log_fold(l), &hash);
    act.object = charter_object(c, &hash);
    o = act.object ? fold_object(group_log_fold(l), act.object, AUDIENCE_ALL) : NULL;
    if (!proposed || !o || !o->first)
        return err_fail(err, ERR_NOT_FOUND, "\"%s\" is not proposed", call_arg(c, 1));
    act.after = &o->first->e.id;
    act.after_n = 1;
    return under_of(l, proposed, &under, err) && say_and_commit(c, l, &act, under, err);
}

static bool act(struct call *c,
                bool (*run)(struct call *, struct group_log *, const struct signer *, struct err *),
                struct err *err)
{
    struct signer by;
    struct group_log *l;
    bool ok;

    if (!signer_of_call(c, &by, err))
        return false;
    ok = run == propose ? home_log_make(c, &l, err) : home_log_open(c, STORE_WRITE, &l, err);
    if (ok) {
        ok = run(c, l, &by, err);
        group_log_close(l);
    }
    signer_end(&by);
    return ok;
}

/* ---- showing ---- */

static void version_text(struct text *to, const struct fold *f, const struct fold_object *o)
{
    const struct fold_event *e;
    const struct charter *d, *in_force = fold_charter(f);
    struct hash32 hash;

    d = hash_from_hex(strchr(o->object, ':') + 1, &hash) ? fold_document(f, &hash) : NULL;
    if (!d)
        return;
    text_printf(to, "version %llu  %s%s\n", (unsigned long long)d->version, state_name(o->state),
                in_force && hash32_equal(&in_force->hash, &d->hash) ? ", in force" : "");
    text_str(to, "    ");
    text_hex(to, d->hash.b, sizeof(d->hash.b));
    text_char(to, '\n');
    for (size_t i = 0; (e = fold_event_of(o, i)); i++) {
        text_str(to, "    ");
        show_ms(to, e->e.ms);
        text_printf(to, "  %-16s %s/%s", e->e.type, e->e.author, e->person ? e->person : "-");
        if (e->effect != EFFECT_STEP) {
            text_str(to, "  (");
            effect_put(to, e);
            text_char(to, ')');
        }
        text_char(to, '\n');
    }
}

static bool show_one(struct call *c, const struct fold *f, struct err *err)
{
    const char *hex = call_arg(c, 1);
    const struct charter *d = fold_charter(f);
    struct hash32 hash;

    if (hex && !hash_from_hex(hex, &hash))
        return err_fail(err, ERR_USAGE, "\"%s\": a charter's hash of 64 digits is wanted", hex);
    if (hex)
        d = fold_document(f, &hash);
    if (!d)
        return err_fail(err, ERR_NOT_FOUND,
                        hex ? "\"%s\" is not here" : "no charter is adopted yet", hex);
    text_put(c->out, (const char *)d->text.p, d->text.n);
    text_char(c->out, '\n');
    return true;
}

static bool show(struct call *c, struct err *err)
{
    const struct fold_object *o;
    struct group_log *l;
    bool ok;

    if (!home_log_open(c, STORE_READ, &l, err))
        return false;
    ok = group_log_fold(l) || err_fail(err, ERR_NOT_FOUND, "this home is of no group yet");
    if (ok && (call_json(c) || call_arg(c, 1))) {
        ok = show_one(c, group_log_fold(l), err);
    } else if (ok) {
        text_str(c->out, "group ");
        text_hex(c->out, group_log_group(l)->b, 32);
        text_char(c->out, '\n');
        for (size_t i = 0; (o = fold_object_at(group_log_fold(l), i)); i++)
            if (object_is(o->object, "charter"))
                version_text(c->out, group_log_fold(l), o);
    }
    group_log_close(l);
    return ok;
}

static bool cmd_charter_run(struct call *c, struct err *err)
{
    const char *what = call_arg(c, 0), *arg = call_arg(c, 1);

    if (!strcmp(what, "show"))
        return show(c, err);
    if (strcmp(what, "create") && strcmp(what, "propose") && strcmp(what, "sign"))
        return err_fail(err, ERR_USAGE, "\"%s\": create, propose, sign or show is wanted", what);
    if (!arg)
        return err_fail(err, ERR_USAGE, "%s: an argument is missing", what);
    if (!strcmp(what, "create"))
        return create(c, err);
    return act(c, !strcmp(what, "propose") ? propose : sign, err);
}

static const struct option options[] = {
    {"out", "FILE", "of create: where the version goes", false},
    OPTION_AS,
    OPTION_PASSPHRASE,
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon charter create draft.json --out charter.json", "check it, and put it in its one form"},
    {"cordon charter propose charter.json --as alice",
     "by a secretary; the first founds the group"},
    {"cordon charter sign HASH --as bob", "by a supervisor of a government"},
    {NULL, NULL},
};

const struct command cmd_charter = {
    .name = "charter",
    .args = "create DRAFT | propose FILE | sign HASH | show [HASH]",
    .args_min = 1,
    .args_max = 2,
    .options = options,
    .needs = NEEDS_NOTHING,
    .run = cmd_charter_run,
    .summary = "who the members of the group are, whose keys speak for them, in what role",
    .about =
        "A charter is a document (docs/schemas/charter.json) that people write; create checks it, "
        "fills in\n"
        "version and previous, and writes it in its one form, by which it is named. A secretary "
        "proposes\n"
        "it, and it is in force once the supervisors of more than half of the governments have "
        "signed. The\n"
        "first version founds the group, whose name is that version's hash. Members are added, "
        "suspended\n"
        "and expelled, and keys changed, by the next version: show --format json gives what is in "
        "force as\n"
        "a draft. A key that is left out goes to \"closed\", with the last events of it that are "
        "good.",
    .examples = examples,
};
