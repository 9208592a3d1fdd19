/* cordon charter: the signed list of members and keys that all else rests on. */
#include "cli/group_call.h"

#include "base/json.h"
#include "base/time.h"

/* ---- by which law ---- */

#define HEADS_WANTED 3 /* two of them are left where one is against them */

static void two_text(struct text *to, const struct charter *c)
{
    text_str(to, c->two_persons_n ? "    acts for two persons:" : "    no act takes two persons");
    for (size_t i = 0; i < c->two_persons_n; i++)
        text_printf(to, "%s %s", i ? "," : "", c->two_persons[i]);
    text_char(to, '\n');
}

/* By what one person undoes a hold that two have to release, or any act for two. */
static void alone_text(struct text *to, const struct charter *c)
{
    static const char *const ways[] = {"instrument.withdraw", "key.revoke"};
    bool release = charter_wants_two(c, "alert.release");
    const char *sep = "    one person may undo what takes two by: ";

    for (size_t i = 0; c->two_persons_n && i < sizeof(ways) / sizeof(ways[0]); i++)
        if ((release || !strcmp(ways[i], "key.revoke")) && !charter_wants_two(c, ways[i])) {
            text_printf(to, "%s%s", sep, ways[i]);
            sep = ", ";
        }
    text_str(to, *sep == ',' ? "\n" : "");
}

/* Which members have too few persons who revoke keys for one not to lock out the others? */
static void heads_text(struct text *to, const struct charter *c)
{
    const char *sep = "    keys are revoked by fewer than three persons of: ";

    for (uint32_t m = 0; charter_wants_two(c, "key.revoke") && m < c->members_n; m++) {
        size_t heads = 0;

        for (size_t i = 0; i < c->keys_n; i++)
            heads += c->keys[i].member == m && c->keys[i].person &&
                     (c->keys[i].roles & (ROLE_SUPERVISOR | ROLE_SECRETARY));
        if (heads < HEADS_WANTED && !c->members[m].suspended) {
            text_printf(to, "%s%s", sep, c->members[m].id);
            sep = ", ";
        }
    }
    text_str(to, *sep == ',' ? "\n" : "");
}

static void terms_text(struct text *to, const struct charter *c)
{
    text_str(to, c->terms_n ? "    bodies are kept:" : "    bodies are kept without a term\n");
    for (size_t i = 0; i < c->terms_n; i++)
        text_printf(to, "%s %s %llu days", i ? "," : "", c->terms[i].class,
                    (unsigned long long)c->terms[i].days);
    text_str(to, c->terms_n ? "\n" : "");
}

static void notice_text(struct text *to, const struct basis_row *r)
{
    text_printf(to, ", notice within %llu, put off ", (unsigned long long)r->notice_hours);
    if (r->defer_hours == BASIS_NO_BOUND)
        text_str(to, "without end by ");
    else
        text_printf(to, "%llu at most by ", (unsigned long long)r->defer_hours);
    basis_grounds_put(to, r);
}

static void row_text(struct text *to, const struct basis_row *r)
{
    char from[TIME_DAY_MAX], until[TIME_DAY_MAX];
    const char *sep = "";

    text_printf(to, "      %s: %s %s asks %s %s by ", r->act, r->requester.country,
                r->requester.kind, r->holder.country, r->holder.kind);
    for (size_t i = 0; hold_bases[i]; i++)
        if (r->bases >> i & 1) {
            text_printf(to, "%s%s", sep, hold_bases[i]);
            sep = ", ";
        }
    text_printf(to, "; %llu hours", (unsigned long long)r->hours_max);
    if (r->hours_total != BASIS_NO_BOUND)
        text_printf(to, ", %llu in all", (unsigned long long)r->hours_total);
    else if (strcmp(r->act, "disclose") != 0)
        text_str(to, ", without end in all");
    if (r->notice_hours != BASIS_NO_NOTICE)
        notice_text(to, r);
    text_printf(to, "; from %.10s", time_day(r->from_ms / 1000, from));
    if (r->until_ms)
        text_printf(to, " to %.10s", time_day(r->until_ms / 1000, until));
    text_str(to, r->example ? " (an example: it grants nothing)\n" : "\n");
}

/* What its acts are bound by; rows: those of the matrix, too. */
static void law_text(struct text *to, const struct charter *c, bool rows)
{
    size_t examples = 0;

    for (size_t i = 0; i < c->bases.n; i++)
        examples += c->bases.rows[i].example;
    two_text(to, c);
    alone_text(to, c);
    heads_text(to, c);
    terms_text(to, c);
    if (!c->bases.there)
        text_str(to, "    no basis matrix: each holder answers for its grounds\n");
    else
        text_printf(to, "    basis matrix: %zu rows, of which %zu are examples and grant nothing\n",
                    c->bases.n, examples);
    for (size_t i = 0; rows && i < c->bases.n; i++)
        row_text(to, &c->bases.rows[i]);
}

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
        law_text(c->out, &made, false);
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

static bool sign(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                 struct err *err)
{
    struct group_log_act act = {.type = "charter.sign", .audience = AUDIENCE_ALL, .by = by};
    const struct charter *proposed, *under;
    const struct fold_object *o;
    struct hash32 hash;

    (void)ctx;
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

static bool sign_run(struct call *c, struct err *err)
{
    return signed_run(c, false, sign, NULL, err);
}

/* The first of all founds the group. */
static bool propose_run(struct call *c, struct err *err)
{
    struct signer by;
    struct group_log *l;
    bool ok;

    if (!signer_of_call(c, &by, err))
        return false;
    ok = home_log_make(c, &l, err);
    if (ok) {
        ok = propose(c, l, &by, err);
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
            effect_put(to, f, e);
            text_char(to, ')');
        }
        text_char(to, '\n');
    }
    if (in_force && hash32_equal(&in_force->hash, &d->hash))
        law_text(to, d, true);
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

static bool show(struct call *c, struct group_log *l, struct err *err)
{
    const struct fold_object *o;

    if (call_json(c) || call_arg(c, 1))
        return show_one(c, group_log_fold(l), err);
    text_str(c->out, "group ");
    text_hex(c->out, group_log_group(l)->b, 32);
    text_char(c->out, '\n');
    for (size_t i = 0; (o = fold_object_at(group_log_fold(l), i)); i++)
        if (object_is(o->object, "charter"))
            version_text(c->out, group_log_fold(l), o);
    return true;
}

static bool show_run(struct call *c, struct err *err)
{
    return group_tell(c, show, err);
}

static const struct word words[] = {
    {"create", "DRAFT", "out", create, "check a version, and put it in its one form"},
    {"propose", "FILE", NULL, propose_run, "by a secretary; the first founds the group"},
    {"sign", "HASH", NULL, sign_run, "by a supervisor of a government"},
    {"show", "[HASH]", NULL, show_run, "the versions, or one of them"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"out", "FILE", "where the version goes", false},
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
    .words = words,
    .options = options,
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
