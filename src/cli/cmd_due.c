/* cordon due: reports that are due, and who has sent them. */
#include "cli/cli.h"

#include "base/time.h"
#include "cli/clocks.h"
#include "cli/group_show.h"
#include "group/alert_show.h"
#include "group/owed.h"
#include "screen/due_store.h"

#include <time.h>

#define DAY 86400u

static const struct store_schema *const schemas[] = {&due_schema};

static bool opened(struct call *c, enum store_mode mode, struct store **ret, struct err *err)
{
    if (records_open(c, mode, schemas, 1, ret, err))
        return true;
    return err->class == ERR_NOT_FOUND
               ? err_fail(err, ERR_NOT_FOUND, "nothing has been screened yet (cordon screen)")
               : false;
}

static void due_text(struct text *to, const struct due *d, uint64_t now)
{
    char day[TIME_DAY_MAX];

    text_printf(to, "%llu  %s  %s", (unsigned long long)d->id, time_day(d->time.due * DAY, day),
                d->done_at             ? "reported"
                : d->time.until <= now ? "OVERDUE"
                                       : "due");
    text_printf(to, "  %s  %s  %s\n", d->jurisdiction, d->report, d->basis);
    text_printf(to, "    %s of %s, %s %s, match %llu, ", d->decision, d->subject, d->list, d->entry,
                (unsigned long long)d->match);
    show_time(to, (uint32_t)d->started);
    text_char(to, '\n');
    if (d->done_at) {
        text_printf(to, "    %s: %s, ", d->done_by, d->reference);
        show_time(to, (uint32_t)d->done_at);
        text_char(to, '\n');
    }
}

/* ---- what holds of the group oblige to ---- */

struct owing {
    struct owed *rows;
    size_t n;
    const char *member; /* NULL: the home is of no group */
};

/* A home without a group owes nothing. */
static bool owed_read(struct call *c, uint64_t by_ms, struct owing *ret, struct err *err)
{
    struct group_log *l = NULL;
    const char *member;
    struct signer node;
    struct err none;
    bool ok = true;

    if (!home_log_open(c, STORE_READ, &l, &none))
        return true;
    if (group_log_fold(l) && fold_charter(group_log_fold(l)) && node_signer(c, &node, &none)) {
        if (author_of(fold_charter(group_log_fold(l)), &node, &member, &none))
            ok = owed_of(l, c->arena, member, by_ms, now_ms(), &ret->rows, &ret->n, err) &&
                 (ret->member = arena_string(c->arena, member, strlen(member)));
        signer_end(&node);
    }
    group_log_close(l);
    return ok;
}

static void owed_text(struct text *to, const struct owing *o)
{
    char time[ALERT_TIME_MAX];

    for (size_t i = 0; i < o->n; i++) {
        const struct owed *r = &o->rows[i];

        text_printf(to, "%s  %.10s  %s  %.24s  %s", r->what, alert_time(r->due_ms, time),
                    r->due_ms < now_ms() ? "OVERDUE" : "due", r->object,
                    r->by ? "is to be answered, with reasons"
                          : "the account's owner is to be told");
        if (r->by && strcmp(r->by, o->member) != 0)
            text_printf(to, "; %s wrote it down, and writes down the answer", r->by);
        text_char(to, '\n');
    }
}

static void show(struct call *c, const struct due *all, size_t n, bool more, uint64_t now,
                 const struct owing *owing)
{
    struct json_out j = json_to(c->out, true);

    if (call_json(c)) {
        json_object(&j);
        due_list_put(&j, all, n, more, now);
        if (owing)
            owed_put(&j, owing->rows, owing->n, now_ms());
        json_object_end(&j);
        text_char(c->out, '\n');
        return;
    }
    for (size_t i = 0; i < n; i++)
        due_text(c->out, &all[i], now);
    if (more)
        text_printf(c->out, "there are more than %d\n", DUE_LIST_MAX);
    if (owing)
        owed_text(c->out, owing);
    if (!n && (!owing || !owing->n))
        text_str(c->out, "nothing is due\n");
}

static bool run_list(struct call *c, uint64_t now, struct err *err)
{
    const char *by = call_option(c, "by");
    uint64_t until = UINT64_MAX;
    struct owing owing = {.n = 0};
    const struct due *all = NULL;
    struct store *s = NULL;
    size_t n = 0;
    bool more = false, ok;

    if (by && (strlen(by) != 10 || !time_from_iso(by, 10, &until)))
        return err_fail(err, ERR_USAGE, "--by: a day is wanted, as 2026-12-31");
    if (!owed_read(c, by ? (until + DAY) * 1000 - 1 : UINT64_MAX, &owing, err))
        return false;
    ok = opened(c, STORE_READ, &s, err);
    if (!ok && err->class == ERR_NOT_FOUND && owing.member) {
        show(c, all, 0, false, now, &owing);
        return true;
    }
    ok = ok && due_list(s, c->arena, by ? until / DAY : UINT64_MAX, call_option(c, "all") != NULL,
                        &all, &n, &more, err);
    store_close(s);
    if (ok)
        show(c, all, n, more, now, &owing);
    return ok;
}

static bool run_one(struct call *c, uint64_t id, uint64_t now, struct err *err)
{
    struct due_done done = {call_option(c, "by"), call_option(c, "reference"), now,
                            call_option(c, "last") != NULL};
    bool closes = call_option(c, "done") != NULL;
    const struct clocks *clocks = NULL;
    struct due d;
    struct store *s;
    bool ok;

    if (closes && (!done.person || !done.reference))
        return err_fail(err, ERR_USAGE, "--done: who reported (--by), and as what (--reference)?");
    if (!closes && (done.person || done.reference || done.last))
        return err_fail(err, ERR_USAGE, "--by, --reference and --last go with --done");
    if (closes && !clocks_of_call(c, &clocks, err))
        return false;
    if (!opened(c, STORE_READ, &s, err))
        return false;
    if (closes) { /* it is there: opening it to write makes nothing new */
        store_close(s);
        if (!opened(c, STORE_WRITE, &s, err))
            return false;
    }
    ok = (!closes || due_close(s, clocks, id, &done, err)) && due_get(s, c->arena, id, &d, err);
    store_close(s);
    if (ok)
        show(c, &d, 1, false, now, NULL);
    return ok;
}

static bool cmd_due_run(struct call *c, struct err *err)
{
    const char *word = call_arg(c, 0);
    uint64_t now = (uint64_t)time(NULL), id;

    if (!word) {
        if (call_option(c, "done") || call_option(c, "reference") || call_option(c, "last"))
            return err_fail(err, ERR_USAGE, "--done, --reference and --last: of which number?");
        return run_list(c, now, err);
    }
    if (call_option(c, "all"))
        return err_fail(err, ERR_USAGE, "--all is of the list");
    if (!u64_from_text(word, strlen(word), &id))
        return err_fail(err, ERR_USAGE, "\"%.60s\": a number of the list is wanted", word);
    return run_one(c, id, now, err);
}

static const struct option options[] = {
    {"by", "TEXT", "the list: a day, what is due by it; with --done: who reported", false},
    {"all", NULL, "the list: what is closed, too", false},
    {"done", NULL, "it is reported", false},
    {"reference", "TEXT", "of the report, as its receiver gave it", false},
    {"last", NULL, "of a yearly report: nothing is held any more", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon due", "what has to be reported, overdue first"},
    {"cordon due --by 2026-12-31", "until the end of the year"},
    {"cordon due 3 --done --by kim --reference ORS-2026-118", "it was reported"},
    {NULL, NULL},
};

const struct command cmd_due = {
    .name = "due",
    .args = "[N]",
    .args_max = 1,
    .options = options,
    .run = cmd_due_run,
    .summary = "reports that a blocked or rejected transfer obliges to, and by when",
    .about =
        "A BLOCK or REJECT that cordon screen or a node has written down starts the clocks of "
        "clocks.yaml in\n"
        "the folder of the records (without it, examples that ship, which are not legal advice): "
        "one for\n"
        "each match and day, a yearly one once a year. The list says what is due until when, under "
        "which law.\n"
        "One is closed by --done, with who reported and the receiver's reference; a yearly one "
        "then starts\n"
        "for the next year, unless --last says that nothing is held any more.\n"
        "\n"
        "Suspicious-transaction reports are not in it, and cannot be: that one exists must be told "
        "to nobody.\n"
        "docs/screening.md, \"Report clocks\"; JSON: docs/schemas/due.json.",
    .examples = examples,
};
