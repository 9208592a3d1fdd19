/* cordon log: what the group's members have said to each other, between homes and checked. */
#include "cli/group_check.h"

#include "cli/group_show.h"
#include "cli/verify_proof.h"
#include "group/alert_show.h"
#include "group/retention.h"
#include "group/show.h"

#include <sodium.h>

/* ---- between homes ---- */

static bool export_to(struct call *c, struct group_log *l, const struct signer *by, struct err *err)
{
    struct group_log_export how = {.to = call_option(c, "to"), .by = by};
    struct out_file out;
    struct err lost; /* a second error is not told */
    bool ok;

    if (!call_number(c, "since", INT64_MAX, 0, &how.since, err) ||
        !out_open(c, call_option(c, "out"), &out, err))
        return false;
    ok = group_log_export(l, &how, out.to, err);
    return out_close(&out, ok, ok ? err : &lost) && ok;
}

static bool export_by_node(struct call *c, struct group_log *l, struct err *err)
{
    struct signer by;
    bool ok;

    if (!node_signer(c, &by, err))
        return err_in(err, "the node's key signs the end");
    ok = export_to(c, l, &by, err);
    signer_end(&by);
    return ok;
}

static bool export_run(struct call *c, struct err *err)
{
    return group_tell(c, export_by_node, err);
}

static void counts_out(struct call *c, const struct group_log *l, const struct group_log_counts *n)
{
    struct json_out j = json_to(c->out, true);
    uint64_t waits = fold_standing_n(group_log_fold(l), STANDING_WAITS);

    if (!call_json(c)) {
        text_printf(c->out, "%llu taken in, %llu known already, %llu kept apart, %llu wait\n",
                    (unsigned long long)n->taken, (unsigned long long)n->doubled,
                    (unsigned long long)n->apart, (unsigned long long)waits);
        return;
    }
    json_object(&j);
    json_put_string(&j, "schema", "cordon.log-import/1");
    json_put_number(&j, "taken", n->taken);
    json_put_number(&j, "known", n->doubled);
    json_put_number(&j, "apart", n->apart);
    json_put_number(&j, "waiting", waits);
    json_object_end(&j);
    text_char(c->out, '\n');
}

static bool group_given(struct call *c, struct hash32 *room, const struct hash32 **ret,
                        struct err *err)
{
    const char *hex = call_option(c, "group");

    *ret = hex ? room : NULL;
    return !hex || hash_from_hex(hex, room) ||
           err_fail(err, ERR_USAGE, "--group \"%s\": a hash of 64 digits is wanted", hex);
}

static bool file_open(const char *path, FILE **ret, struct err *err)
{
    *ret = strcmp(path, "-") ? fopen(path, "re") : stdin;
    return *ret || err_system(err, "\"%s\"", path);
}

static void file_close(FILE *f)
{
    if (f != stdin)
        fclose(f);
}

static bool import_run(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1);
    const struct hash32 *group;
    struct group_log_counts counts;
    struct hash32 room;
    struct group_log *l;
    FILE *in;
    bool ok;

    if (!group_given(c, &room, &group, err) || !file_open(path, &in, err))
        return false;
    ok = home_log_make(c, &l, err);
    if (ok) {
        ok = group_log_import(l, in, group, &counts, err) || err_in(err, "\"%s\"", path);
        ok = ok && group_log_commit(l, err);
        if (ok)
            counts_out(c, l, &counts);
        group_log_close(l);
    }
    file_close(in);
    return ok;
}

/* ---- showing ---- */

static void event_text(struct text *to, const struct fold *f, const struct fold_event *e)
{
    text_printf(to, "%6llu  ", (unsigned long long)e->number);
    show_ms(to, e->e.ms);
    text_printf(to, "  %-15s %.20s  %s/%s", e->e.type, e->e.object, e->e.author,
                e->person ? e->person : "-");
    if (e->effect == EFFECT_STEP) {
        text_printf(to, " -> %s\n", state_name(e->to));
        return;
    }
    text_str(to, "  (");
    effect_put(to, f, e);
    text_str(to, ")\n");
}

static void apart_text(void *ctx, const char *reason)
{
    text_printf(ctx, " apart  %s\n", reason);
}

static void apart_json(void *ctx, const char *reason)
{
    json_string(ctx, reason);
}

static bool show_text(struct call *c, struct group_log *l, const struct fold_event **events,
                      size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        event_text(c->out, group_log_fold(l), events[i]);
    return group_log_apart(l, apart_text, c->out, err);
}

static bool show_json(struct call *c, struct group_log *l, const struct fold_event **events,
                      size_t n, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    bool ok;

    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-log/1");
    json_put_hex(&j, "group", group_log_group(l)->b, 32);
    json_key(&j, "events");
    json_array(&j);
    for (size_t i = 0; i < n; i++)
        logged_put(&j, group_log_fold(l), events[i]);
    json_array_end(&j);
    json_key(&j, "apart");
    json_array(&j);
    ok = group_log_apart(l, apart_json, &j, err);
    json_array_end(&j);
    json_object_end(&j);
    text_char(c->out, '\n');
    return ok;
}

static bool show(struct call *c, struct group_log *l, struct err *err)
{
    const struct fold_event **events;
    size_t n;

    events = fold_ordered(group_log_fold(l), c->arena, &n);
    if (!events)
        return err_fail(err, ERR_NOMEM, "events");
    return call_json(c) ? show_json(c, l, events, n, err) : show_text(c, l, events, n, err);
}

static bool show_run(struct call *c, struct err *err)
{
    return group_tell(c, show, err);
}

/* ---- checkpoints ---- */

/* The member whose node this is, by the charter in force. */
static bool own_member(struct group_log *l, const struct signer *by, const char **ret,
                       struct err *err)
{
    const struct charter *c = fold_charter(group_log_fold(l));

    return (c || err_fail(err, ERR_NOT_FOUND, "no charter is adopted yet")) &&
           author_of(c, by, ret, err);
}

static bool heads_sign(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                       struct err *err)
{
    struct group_log_cosign how = {.by = by, .now = now_ms() / 1000};
    uint64_t n;

    (void)ctx;
    if (!own_member(l, by, &how.member, err) || !group_log_checkpoint(l, &how, &n, err) ||
        !group_log_commit(l, err))
        return false;
    text_printf(c->out, "%llu signed\n", (unsigned long long)n);
    return true;
}

static bool others_sign(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                        struct err *err)
{
    struct group_log_cosign how = {.by = by, .now = now_ms() / 1000};
    struct group_log_cosigned n;

    (void)ctx;
    if (!own_member(l, by, &how.member, err) || !group_log_cosign(l, &how, &n, err) ||
        !group_log_commit(l, err))
        return false;
    text_printf(c->out, "%llu countersigned, %llu not yet here\n", (unsigned long long)n.cosigned,
                (unsigned long long)n.ahead);
    return !n.parted || err_fail(err, ERR_DIFFERS,
                                 "%llu streams have two histories, and were left alone: cordon log "
                                 "verify",
                                 (unsigned long long)n.parted);
}

static bool checkpoint_run(struct call *c, struct err *err)
{
    return signed_run(c, true, heads_sign, NULL, err);
}

static bool cosign_run(struct call *c, struct err *err)
{
    return signed_run(c, true, others_sign, NULL, err);
}

static bool notes(struct call *c, struct group_log *l, struct err *err)
{
    const char *hex = call_arg(c, 1);
    struct stream_id stream;

    if (hex && !hex_exact(hex, strlen(hex), stream.b, sizeof(stream.b)))
        return err_fail(err, ERR_USAGE, "notes: a stream of 32 digits is wanted");
    return group_log_notes(l, hex ? &stream : NULL, c->out, err);
}

static bool notes_run(struct call *c, struct err *err)
{
    return group_tell(c, notes, err);
}

static bool prove_event(struct call *c, struct group_log *l, struct text *to, struct err *err)
{
    struct hash32 id;
    bool countersigned;

    return hash_from_hex(call_arg(c, 1), &id) ? group_log_prove(l, &id, to, &countersigned, err)
                                              : err_fail(err, ERR_USAGE,
                                                         "prove: an event's id of 64 digits is "
                                                         "wanted");
}

static bool prove_growth(struct call *c, struct group_log *l, struct text *to, struct err *err)
{
    const char *until = call_option(c, "to");
    struct checkpoint from, last;
    struct hash32 group;

    if (!checkpoint_file(c, call_option(c, "from"), &group, &from, err) ||
        (until && !checkpoint_file(c, until, &group, &last, err)))
        return false;
    if (!hash32_equal(&group, group_log_group(l)))
        return err_fail(err, ERR_DIFFERS, "it is of another group");
    return group_log_prove_growth(l, &from, until ? &last : NULL, to, err);
}

static bool prove(struct call *c, struct group_log *l, struct err *err)
{
    struct out_file out;
    struct err lost;
    bool ok;

    if (!out_open(c, call_option(c, "out"), &out, err))
        return false;
    ok = call_option(c, "from") ? prove_growth(c, l, out.to, err) : prove_event(c, l, out.to, err);
    return out_close(&out, ok, ok ? err : &lost) && ok;
}

static bool prove_run(struct call *c, struct err *err)
{
    if (!call_arg(c, 1) == !call_option(c, "from"))
        return err_fail(err, ERR_USAGE, "prove: an event, or --from a checkpoint, is wanted");
    return group_tell(c, prove, err);
}

static bool prune(struct call *c, struct group_log *l, struct err *err)
{
    uint64_t n;

    if (!group_log_prune(l, now_ms() / 1000, &n, err) || !group_log_commit(l, err))
        return false;
    text_printf(c->out, "%llu checkpoints let go\n", (unsigned long long)n);
    return true;
}

static bool prune_run(struct call *c, struct err *err)
{
    return group_alter(c, prune, err);
}

/* Who has said to this home to have an event, of those who may see it. */
static bool received(struct call *c, struct group_log *l, const struct hash32 *id, struct err *err)
{
    const struct fold_event *e = fold_find(group_log_fold(l), id);
    const struct charter *in_force = fold_charter(group_log_fold(l));
    struct receipts all;
    bool everybody = true;
    uint64_t ms;

    if (!e || !in_force)
        return err_fail(err, ERR_NOT_FOUND, "no such event is here");
    if (!group_log_receipts(l, c->arena, &all, err))
        return false;
    for (size_t i = 0; i < in_force->members_n; i++) {
        const struct charter_member *m = &in_force->members[i];

        if (m->suspended || !strcmp(m->id, e->e.author) ||
            !group_log_shows(in_force, (int64_t)i, e))
            continue;
        text_printf(c->out, "%-16s  ", m->id);
        if (receipts_find(&all, m->id, &e->e, &ms)) {
            show_ms(c->out, ms);
            text_char(c->out, '\n');
        } else {
            text_str(c->out, "has not said so to this home\n");
            everybody = false;
        }
    }
    return everybody || err_fail(err, ERR_DIFFERS, "%s", "");
}

static bool receipts(struct call *c, struct group_log *l, struct err *err)
{
    const char *hex = call_arg(c, 1);
    struct hash32 id;

    if (hex && !hash_from_hex(hex, &id))
        return err_fail(err, ERR_USAGE, "receipts: an event's id of 64 digits is wanted");
    return hex ? received(c, l, &id, err) : group_log_receipts_put(l, c->out, err);
}

static bool receipts_run(struct call *c, struct err *err)
{
    return group_tell(c, receipts, err);
}

/* ---- checking ---- */

/* The link or digest that somebody has kept must still be the last. */
static bool last_fits(struct call *c, const struct group_log_checked *k, struct err *err)
{
    const char *hex = call_option(c, "last");
    struct hash32 kept;

    if (!hex)
        return true;
    if (!hash_from_hex(hex, &kept))
        return err_fail(err, ERR_USAGE, "--last \"%s\": a hash of 64 digits is wanted", hex);
    return hash32_equal(&kept, &k->link) || err_fail(err, ERR_DIFFERS, "the last is not %s", hex);
}

static bool verify_file(struct call *c, const char *path, struct group_log_checked *ret,
                        struct hash32 *ret_group, struct err *err)
{
    FILE *in;
    uint64_t seed;
    bool ok;

    if (sodium_init() < 0)
        return err_fail(err, ERR_SYSTEM, "libsodium cannot start");
    if (!file_open(path, &in, err))
        return false;
    randombytes_buf(&seed, sizeof(seed));
    ok = group_log_file_check(c->arena, in, seed, ret, ret_group, err) ||
         err_in(err, "\"%s\"", path);
    file_close(in);
    return ok;
}

static bool group_is_meant(struct call *c, const struct hash32 *group, struct err *err)
{
    const struct hash32 *meant;
    struct hash32 room;

    return group_given(c, &room, &meant, err) &&
           (!meant || hash32_equal(meant, group) ||
            err_fail(err, ERR_DIFFERS, "it is of another group"));
}

static bool verify_run(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1);
    struct group_log_checked checked;
    struct hash32 group;

    if (!(path ? verify_file(c, path, &checked, &group, err)
               : group_check_home(c, &checked, &group, err)) ||
        !group_is_meant(c, &group, err) || !last_fits(c, &checked, err))
        return false;
    if (call_json(c))
        group_check_json(c->out, &checked, &group);
    else
        group_check_text(c->out, &checked);
    return true;
}

/* ---- erasing ---- */

/* NULL: no member's, or not known. */
static const char *member_here(struct call *c, struct group_log *l)
{
    const char *member = NULL;
    struct signer node;
    struct err none;

    if (!fold_charter(group_log_fold(l)) || !node_signer(c, &node, &none))
        return NULL;
    if (!author_of(fold_charter(group_log_fold(l)), &node, &member, &none))
        member = NULL;
    signer_end(&node);
    return member;
}

static bool not_preserved(struct call *c, struct group_log *l, const char *object, struct err *err)
{
    const char *by = object_valid(object)
                         ? retention_preserved(group_log_fold(l), object, member_here(c, l))
                         : NULL;

    return !by ||
           err_fail(err, ERR_INPUT, "\"%s\": %s has it preserved (cordon log lift)", object, by);
}

static bool erased_out(struct call *c, struct group_log *l, uint64_t n, struct err *err)
{
    bool done;

    if (!group_log_commit(l, err) || !group_log_scrub(l, &done, err))
        return false;
    text_printf(c->out, "%llu bodies erased%s\n", (unsigned long long)n,
                done ? "" : "; others read the file just now: cordon log expire, once more");
    return true;
}

static bool erase(struct call *c, struct group_log *l, struct err *err)
{
    const char *object = call_arg(c, 1);
    uint64_t n;

    return not_preserved(c, l, object, err) && group_log_erase(l, object, &n, err) &&
           erased_out(c, l, n, err);
}

static bool erase_run(struct call *c, struct err *err)
{
    return group_alter(c, erase, err);
}

/* ---- retention ---- */

static bool retention_tell(struct call *c, struct group_log *l, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    struct retention *rows = NULL;
    char time[ALERT_TIME_MAX];
    size_t n;

    if (!retention_of(l, c->arena, member_here(c, l), now_ms(), &rows, &n, err))
        return false;
    if (call_json(c)) {
        json_object(&j);
        json_put_string(&j, "schema", "cordon.retention/1");
        json_key(&j, "bodies");
        json_array(&j);
    }
    for (size_t i = 0; i < n; i++) {
        const char *until = rows[i].until_ms ? alert_time(rows[i].until_ms, time) : NULL;

        if (!call_json(c)) {
            text_printf(c->out, "%-40.40s  %-8s  %-9s  %.10s%s%s\n", rows[i].object, rows[i].class,
                        retention_state_name(rows[i].state), until ? until : "",
                        rows[i].preserved_by ? "  preserved by " : "",
                        rows[i].preserved_by ? rows[i].preserved_by : "");
            continue;
        }
        json_object(&j);
        json_put_string(&j, "object", rows[i].object);
        json_put_string(&j, "class", rows[i].class);
        json_put_string(&j, "state", retention_state_name(rows[i].state));
        json_put_string(&j, "until", until);
        json_put_string(&j, "preserved_by", rows[i].preserved_by);
        json_object_end(&j);
    }
    if (call_json(c)) {
        json_array_end(&j);
        json_object_end(&j);
        text_char(c->out, '\n');
    }
    return true;
}

static bool retention_run(struct call *c, struct err *err)
{
    return group_tell(c, retention_tell, err);
}

static bool expire(struct call *c, struct group_log *l, struct err *err)
{
    uint64_t n;

    return retention_expire(l, member_here(c, l), now_ms(), &n, err) && erased_out(c, l, n, err);
}

static bool expire_run(struct call *c, struct err *err)
{
    return group_alter(c, expire, err);
}

/* A legal hold, or its end. */
static bool preserve_say(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                         struct err *err)
{
    const char *object = call_arg(c, 1), *audience = call_option(c, "audience");
    bool lifts = !strcmp(c->word->name, "lift");
    struct group_log_act a = {.type = lifts ? "preserve.lift" : "preserve.order",
                              .by = by,
                              .audience = audience ? audience : AUDIENCE_ALL};
    char name[OBJECT_NAME_MAX];

    (void)ctx;
    if (!object_valid(object) || object_is(object, "preserve"))
        return err_fail(err, ERR_USAGE, "\"%.60s\": an object is wanted (case:...)", object);
    if (!group_name_valid(a.audience))
        return err_fail(err, ERR_USAGE, "--audience: a name is wanted");
    snprintf(name, sizeof(name), "preserve:%s", strchr(object, ':') + 1);
    a.object = name;
    act_after_last(group_log_fold(l), &a);
    return say_and_commit(c, l, &a, NULL, err);
}

/* ---- exports ---- */

static bool approve_say(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                        struct err *err)
{
    const char *audience = call_option(c, "audience"), *object = call_arg(c, 1);
    struct group_log_act a = {.type = "export.approve",
                              .object = object,
                              .by = by,
                              .audience = audience ? audience : AUDIENCE_ALL};

    (void)ctx;
    if (!object_valid(object) || !object_is(object, "export"))
        return err_fail(err, ERR_USAGE, "\"%.60s\": export:... is wanted, as the export asks for",
                        object);
    if (!group_name_valid(a.audience))
        return err_fail(err, ERR_USAGE, "--audience: a name is wanted");
    act_after_last(group_log_fold(l), &a);
    return say_and_commit(c, l, &a, NULL, err);
}

static bool preserve_run(struct call *c, struct err *err)
{
    return signed_run(c, false, preserve_say, NULL, err);
}

static bool approve_run(struct call *c, struct err *err)
{
    return signed_run(c, false, approve_say, NULL, err);
}

static const struct word words[] = {
    {"export", NULL, "since to out", export_run, "events, for another home"},
    {"import", "FILE", "group", import_run, "a member's file, whole or not at all"},
    {"show", NULL, NULL, show_run, "the events, and what came of each"},
    {"verify", "[FILE]", "group last", verify_run,
     "every signature, link and body of this home, or of a file"},
    {"checkpoint", NULL, NULL, checkpoint_run, "sign what this member has said so far"},
    {"cosign", NULL, NULL, cosign_run, "countersign what others have said, once it was checked"},
    {"notes", "[STREAM]", NULL, notes_run,
     "the checkpoints, as signed notes; of a stream the largest"},
    {"receipts", "[EVENT]", NULL, receipts_run, "what others' nodes have signed to have"},
    {"prove", "[EVENT]", "from to out", prove_run,
     "that it is in the log, or a stream only grew, for whoever has none"},
    {"prune", NULL, NULL, prune_run, "let go of checkpoints that prove nothing more"},
    {"retention", NULL, NULL, retention_run, "what is kept until when"},
    {"expire", NULL, NULL, expire_run, "destroy the keys of all whose term is over"},
    {"erase", "OBJECT", NULL, erase_run, "destroy the key of its bodies in this home"},
    {"preserve", "OBJECT", "audience", preserve_run, "a legal hold: it is not erased"},
    {"lift", "OBJECT", "audience", preserve_run, "the end of a legal hold"},
    {"approve", "EXPORT", "audience", approve_run, "it may leave, says the second of two"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"since", "CURSOR", "what came after this one's \"cursor\" (default: everything)", false},
    {"to", "MEMBER", "only what that member may see; of prove: a file, the checkpoint then", false},
    {"from", "FILE", "the checkpoint since which a stream has only grown", false},
    {"out", "FILE", "where it goes (default: stdout)", false},
    {"group", "HASH", "the first charter's hash: whose log it must be", false},
    {"last", "HASH", "the link or digest that must be the last", false},
    {"audience", "GROUP", "who is told (default: all)", false},
    OPTION_AS,
    OPTION_PASSPHRASE,
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon log export --to jp-cert --out for-jp.jsonl", "what jp-cert may see"},
    {"cordon log import from-kr.jsonl", "take in a member's file, whole or not at all"},
    {"cordon log checkpoint", "sign what this member has said so far"},
    {"cordon log cosign", "countersign what others have said, once it was checked"},
    {"cordon log notes 60957b60103d2db9caab2987e5c0b407 >kept.note",
     "what that stream is now, to be kept elsewhere"},
    {"cordon log prove --from kept.note --out grown.proof", "since then nothing was taken back"},
    {"cordon log preserve case:3f9a...", "a legal hold: it is not erased"},
    {"cordon log verify", "every signature, link and body of this home"},
    {NULL, NULL},
};

const struct command cmd_log = {
    .name = "log",
    .words = words,
    .options = options,
    .summary = "carry the group's log from home to home, show it, and check it",
    .about =
        "Events are signed and numbered by stream; each home works out the same state from them, "
        "in\n"
        "whatever order they come (docs/protocol.md). A file ends with a count and a digest, "
        "signed by the\n"
        "node that wrote it, and is taken in whole or not at all; events that are known already "
        "change\n"
        "nothing, and a line whose signature is not its key's is kept apart, with the reason. A "
        "home that is\n"
        "of no group yet is told by --group which it joins.\n"
        "\n"
        "checkpoint signs, with the node's key, how many events each stream of this member has "
        "and the root\n"
        "over them; cosign countersigns those of others whose events are here and fit to all "
        "that was signed\n"
        "before. They travel with export and import. Where a member has two histories of a "
        "stream, the one\n"
        "that more than half of the others have countersigned stands. notes prints them, as "
        "signed notes\n"
        "(c2sp.org/tlog-checkpoint); prove EVENT prints a proof of one event for whoever has no\n"
        "log (c2sp.org/tlog-proof); prove --from FILE one that a stream has only grown since the\n"
        "checkpoint in that file, or in a proof (c2sp.org/tlog-witness), with exit 1 if it has\n"
        "not: cordon verify checks both. receipts prints what nodes of other members have signed "
        "to\n"
        "have, a line each, which cordon case times counts; receipts EVENT who of those that may\n"
        "see it has it, since when, with exit 1 if somebody has not said so. prune lets go of\n"
        "checkpoints older than two days that prove nothing which another does not\n"
        "(docs/protocol.md); a node does so every four hours.\n"
        "\n"
        "verify finds any line that was altered, removed or moved, with exit 1; lines removed at "
        "the end\n"
        "are found by checkpoints and by --last. Erased bodies do not break it. cordon audit "
        "verify checks\n"
        "a home's log and this one together.\n"
        "\n"
        "erase destroys the key of an object's bodies in this home (members are asked to do the\n"
        "same in theirs); copies of the home made earlier still have it. expire does so with all\n"
        "whose term, by the charter, is over; a node does that by itself. retention lists what is\n"
        "kept until when. preserve keeps an object from both, with its alerts, until lift.\n"
        "approve lets a pack, evidence or indicators leave, where the charter wants two persons\n"
        "for that: the export says which export:... it waits for.\n"
        "\n"
        "JSON: docs/schemas/group-log.json, log-import.json, log-verify.json, retention.json; a\n"
        "line of an export: log-line.json.",
    .examples = examples,
};
