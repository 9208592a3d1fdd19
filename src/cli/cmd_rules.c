/* cordon rules: is a file of rules right, and what would it have decided? */
#include "cli/exposures.h"
#include "cli/questions_again.h"
#include "cli/screening.h"
#include "screen/against.h"
#include "screen/answer.h"
#include "screen/replay.h"

#include <time.h>

struct writing {
    struct call *c;
    struct json_out j;
    const struct screener *s;
    bool lines, json;
};

static struct writing writing_to(struct call *c)
{
    const char *format = call_option(c, "format");

    return (struct writing){.c = c,
                            .j = json_to(c->out, true),
                            .lines = format && !strcmp(format, "jsonl"),
                            .json = call_json(c)};
}

static bool file_rules(struct call *c, const char *path, const struct rules **ret, struct err *err)
{
    struct bytes text;

    return file_read(c->arena, path, RULES_BYTES_MAX, &text, err) &&
           (rules_read(c->arena, (const char *)text.p, text.n, ret, err) ||
            err_in(err, "%s", path));
}

/* ---- check, show ---- */

static void rules_json(struct writing *w, const char *from, const char *text, const struct rules *r)
{
    struct hash32 hash = rules_hash(r);

    json_object(&w->j);
    json_put_string(&w->j, "schema", "cordon.rules/1");
    json_put_string(&w->j, "from", from);
    json_put_hex(&w->j, "sha256", hash.b, sizeof(hash.b));
    json_key(&w->j, "rules");
    json_array(&w->j);
    for (size_t i = 0; i < rules_n(r); i++) {
        struct rule_about about = rules_about(r, i);

        json_object(&w->j);
        json_put_string(&w->j, "id", about.id);
        json_put_string(&w->j, "mode", about.shadow ? "shadow" : "active");
        if (about.why)
            json_put_string(&w->j, "why", about.why);
        json_object_end(&w->j);
    }
    json_array_end(&w->j);
    if (text)
        json_put_string(&w->j, "text", text);
    json_object_end(&w->j);
    text_char(w->c->out, '\n');
}

static bool run_check(struct call *c, struct err *err)
{
    struct writing w = writing_to(c);
    const char *path = call_arg(c, 1);
    const struct rules *r;
    size_t active = 0;

    if (!file_rules(c, path, &r, err))
        return false;
    if (w.json) {
        rules_json(&w, path, NULL, r);
        return true;
    }
    for (size_t i = 0; i < rules_n(r); i++)
        active += !rules_about(r, i).shadow;
    text_printf(c->out, "%s: %zu rules, %zu active\n", path, rules_n(r), active);
    return true;
}

static bool run_show(struct call *c, struct err *err)
{
    struct writing w = writing_to(c);
    const struct rules *r;
    struct bytes text;

    if (!rules_of_call(c, &text, err))
        return false;
    if (!text.p) {
        text.p = (const uint8_t *)rules_default(&text.n);
        if (!w.json) {
            text_put(c->out, (const char *)text.p, text.n);
            return true;
        }
        return rules_read(c->arena, (const char *)text.p, text.n, &r, err) &&
               (rules_json(&w, "those that ship", (const char *)text.p, r), true);
    }
    if (!rules_read(c->arena, (const char *)text.p, text.n, &r, err))
        return err_in(err, "%s", RULES_FILE);
    if (w.json)
        rules_json(&w, RULES_FILE, arena_string(c->arena, (const char *)text.p, text.n), r);
    else
        text_put(c->out, (const char *)text.p, text.n);
    return true;
}

/* ---- test ---- */

static const char *decider(const struct replay_side *s)
{
    return s->by == BY_RULE ? s->rule : verdict_by_name(s->by);
}

static void row_text(struct text *to, const struct replay_row *r)
{
    text_printf(to, "%8llu  %-8s %-14s %s  %-8s %-14s", (unsigned long long)r->n,
                screen_decision_name(r->from.decision), decider(&r->from),
                r->from.decision == r->to.decision ? "  " : "->",
                screen_decision_name(r->to.decision), decider(&r->to));
    for (size_t i = 0; i < REPLAY_EXAMPLES && r->examples[i]; i++)
        text_printf(to, "%s %s", i ? "," : " ", r->examples[i]);
    text_char(to, '\n');
}

static void side_json(struct json_out *j, const char *key, const struct replay_side *s)
{
    json_key(j, key);
    json_object(j);
    json_put_string(j, "decision", screen_decision_name(s->decision));
    json_put_string(j, "decided_by", verdict_by_name(s->by));
    if (*s->rule)
        json_put_string(j, "rule", s->rule);
    json_object_end(j);
}

static void row_json(struct json_out *j, const struct replay_row *r)
{
    json_object(j);
    json_put_number(j, "questions", r->n);
    side_json(j, "from", &r->from);
    side_json(j, "to", &r->to);
    json_key(j, "examples");
    json_array(j);
    for (size_t i = 0; i < REPLAY_EXAMPLES && r->examples[i]; i++)
        json_string(j, r->examples[i]);
    json_array_end(j);
    json_object_end(j);
}

static void replay_tell(struct writing *w, const struct replay *r)
{
    if (w->json) {
        json_object(&w->j);
        json_put_string(&w->j, "schema", "cordon.rules-test/1");
        json_put_number(&w->j, "asked", r->asked);
        json_put_number(&w->j, "differ", r->differ);
        json_put_number(&w->j, "failed", r->failed);
        json_key(&w->j, "rows");
        json_array(&w->j);
    }
    for (size_t i = 0; i < r->rows_n; i++) {
        if (w->lines)
            w->j = json_to(w->c->out, false);
        if (w->json || w->lines)
            row_json(&w->j, &r->rows[i]);
        else
            row_text(w->c->out, &r->rows[i]);
        if (w->lines)
            text_char(w->c->out, '\n');
    }
    if (w->json) {
        json_array_end(&w->j);
        json_object_end(&w->j);
        text_char(w->c->out, '\n');
    } else if (!w->lines) {
        text_printf(w->c->out, "%llu past questions, %llu decided otherwise",
                    (unsigned long long)r->asked, (unsigned long long)r->differ);
        if (r->failed)
            text_printf(w->c->out, ", %llu could not be asked", (unsigned long long)r->failed);
        text_char(w->c->out, '\n');
    }
}

static bool run_replay(struct call *c, const struct rules *others, struct err *err)
{
    struct writing w = writing_to(c);
    struct replay_options o = {.others = others, .now = (uint64_t)time(NULL)};
    struct question_totals t;
    struct screening s;
    struct exposures x;
    struct replay r;
    bool ok;

    if (!time_of_call(c, "since", &o.since, err) || !kept_totals(c, &t, err))
        return false;
    if (!t.questions)
        return err_fail(err, ERR_NOT_FOUND, "no question has been kept yet (cordon screen)");
    if (!screening_open(c, t.names > 0, (struct list_day){0, 0, 0}, &s, err))
        return false;
    o.screener = s.screener;
    o.store = s.store;
    o.ledgers = &x.ledgers;
    ok = exposures_open(c, s.screener, UINT32_MAX, NULL, &x, err) &&
         replay_rules(c->arena, &o, &r, err);
    if (ok)
        replay_tell(&w, &r);
    exposures_close(&x);
    screening_close(&s);
    return ok && (!r.differ || err_fail(err, ERR_DIFFERS, "%s", ""));
}

/* ---- test --against ---- */

static const char *const where_names[AGAINST_WHERES] = {
    [AGAINST_BOTH] = "both",       [AGAINST_OURS] = "only_ours", [AGAINST_THEIRS] = "only_theirs",
    [AGAINST_NEITHER] = "neither", [AGAINST_UNREAD] = "unread",
};

static void against_json(struct json_out *j, const struct against_row *r,
                         const struct question_outcome *o)
{
    const struct screen_question *q = &r->question;

    json_object(j);
    json_put_number(j, "line", r->line);
    json_put_string(j, "where", where_names[r->where]);
    json_put_string(j, q->subject == SCREEN_OF_ADDRESS ? "address" : "name",
                    q->subject == SCREEN_OF_ADDRESS ? q->address : q->name);
    if (q->chain)
        json_put_string(j, "chain", q->chain);
    json_put_string(j, "direction", screen_direction_name(q->direction));
    json_put_string(j, "theirs", r->word);
    if (r->error) {
        json_put_string(j, "error", r->error);
    } else {
        json_put_string(j, "theirs_as", screen_decision_name(r->theirs));
        json_put_string(j, "decision", screen_decision_name(o->decision));
        json_put_string(j, "decided_by", verdict_by_name(o->by));
        if (*o->rule)
            json_put_string(j, "rule", o->rule);
        json_key(j, "reasons");
        question_reasons_json(j, o->reasons);
    }
    json_object_end(j);
}

static void against_text(struct text *to, const struct against_row *r,
                         const struct question_outcome *o)
{
    const char *subject = *r->question.address ? r->question.address : r->question.name;

    text_printf(to, "line %llu: %s", (unsigned long long)r->line, *subject ? subject : "nobody");
    if (r->error) {
        text_printf(to, ": not read: %s\n", r->error);
        return;
    }
    text_printf(to, ": %s by %s here, %s there\n", screen_decision_name(o->decision),
                *o->rule ? o->rule : verdict_by_name(o->by), r->word);
    question_reasons_text(to, "  ", o->reasons);
}

/* Where both say the same there is nothing to tell. */
static bool against_tell(void *ctx, struct arena *a, const struct against_row *r, struct err *err)
{
    struct question_outcome o = {.reasons = "", .rule = ""};
    struct writing *w = ctx;

    if (r->where == AGAINST_BOTH || r->where == AGAINST_NEITHER)
        return true;
    if (!r->error && !question_outcome_of(a, w->s, &r->answer, &o, err))
        return false;
    if (w->lines)
        w->j = json_to(w->c->out, false);
    if (w->json || w->lines)
        against_json(&w->j, r, &o);
    else
        against_text(w->c->out, r, &o);
    if (w->lines)
        text_char(w->c->out, '\n');
    return true;
}

static void against_end(struct writing *w, const uint64_t n[AGAINST_WHERES])
{
    if (w->json) {
        json_array_end(&w->j);
        for (size_t i = 0; i < AGAINST_WHERES; i++)
            json_put_number(&w->j, where_names[i], n[i]);
        json_object_end(&w->j);
        text_char(w->c->out, '\n');
    } else if (!w->lines) {
        text_printf(w->c->out, "%24s %12s\n%-12s%12llu %12llu\n%-12s%12llu %12llu\n",
                    "flagged there", "not there", "flagged here",
                    (unsigned long long)n[AGAINST_BOTH], (unsigned long long)n[AGAINST_OURS],
                    "not here", (unsigned long long)n[AGAINST_THEIRS],
                    (unsigned long long)n[AGAINST_NEITHER]);
        if (n[AGAINST_UNREAD])
            text_printf(w->c->out, "%llu not read\n", (unsigned long long)n[AGAINST_UNREAD]);
    }
}

static bool maps_of_call(const struct call *c, struct against_map *m, struct err *err)
{
    for (size_t i = 0; i < c->given_n; i++)
        if (c->given[i].option && !strcmp(c->given[i].option->name, "map") &&
            !against_map_add(m, c->given[i].value, err))
            return err_in(err, "--map");
    return true;
}

static bool against_run(struct call *c, struct against_options *o, struct bytes in, struct err *err)
{
    struct writing w = writing_to(c);
    uint64_t n[AGAINST_WHERES];

    w.s = o->screener;
    o->tell = against_tell;
    o->ctx = &w;
    if (w.json) {
        json_object(&w.j);
        json_put_string(&w.j, "schema", "cordon.rules-against/1");
        json_key(&w.j, "rows");
        json_array(&w.j);
    }
    if (!against_table(o, in, n, err))
        return err_in(err, "%s", call_option(c, "against"));
    against_end(&w, n);
    if (n[AGAINST_OURS] + n[AGAINST_THEIRS])
        return err_fail(err, ERR_DIFFERS, "%s", "");
    return !n[AGAINST_UNREAD] ||
           err_fail(err, ERR_INPUT, "%s: %llu rows could not be read", call_option(c, "against"),
                    (unsigned long long)n[AGAINST_UNREAD]);
}

static bool run_against(struct call *c, const struct rules *others, struct err *err)
{
    const char *direction = call_option(c, "direction");
    struct against_options o = {
        .rules = others,
        .direction = direction && !strcmp(direction, "outbound") ? SCREEN_OUTBOUND : SCREEN_INBOUND,
        .now = (uint64_t)time(NULL)};
    struct against_map *map = ARENA_NEW(c->arena, struct against_map);
    struct screening s;
    struct exposures x;
    struct bytes in;
    bool ok;

    if (!map)
        return err_fail(err, ERR_NOMEM, "rules");
    if (!maps_of_call(c, map, err) ||
        !file_read(c->arena, call_option(c, "against"), AGAINST_BYTES_MAX, &in, err) ||
        !screening_open(c, true, (struct list_day){0, 0, 0}, &s, err))
        return false;
    o.screener = s.screener;
    o.ledgers = &x.ledgers;
    o.map = map;
    ok = exposures_open(c, s.screener, UINT32_MAX, NULL, &x, err) && against_run(c, &o, in, err);
    exposures_close(&x);
    screening_close(&s);
    return ok;
}

static bool run_test(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1);
    const struct rules *others = NULL;
    bool against = call_option(c, "against") != NULL;

    if (against && call_option(c, "since"))
        return err_fail(err, ERR_USAGE, "--since is of past questions, --against asks others");
    if (!against && (call_option(c, "map") || call_option(c, "direction")))
        return err_fail(err, ERR_USAGE, "--map and --direction go with --against");
    if (!path && !against)
        return err_fail(err, ERR_USAGE, "test: which FILE of rules?");
    if (path && !file_rules(c, path, &others, err))
        return false;
    return against ? run_against(c, others, err) : run_replay(c, others, err);
}

/* ---- the command ---- */

static const struct word words[] = {
    {"check", "FILE", NULL, run_check, "are its rules right"},
    {"show", NULL, NULL, run_show, "the rules in force"},
    {"test", "[FILE]", "since against map direction", run_test,
     "what would FILE have decided; without it, the rules in force"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"since", "DAY", "only questions that were asked since", false},
    {"against", "TABLE", "not past questions, but a CSV of another service's words", false},
    {"map", "WORD=DECISION", "what a word of that table means: high=HOLD", true},
    {"direction", "inbound|outbound", "of rows of that table that name none (default: inbound)",
     false},
    {"format", "text|json|jsonl", "how the answer is written (default: text)", false},
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon rules show > rules.yaml", "the rules in force, to begin with"},
    {"cordon rules check rules.yaml", "is it right: one line, and the exit code"},
    {"cordon rules test rules.yaml --since 2026-01-01", "what would it have decided"},
    {"cordon rules test --against vendor.csv --map medium=ALLOW", "where a paid service differs"},
    {NULL, NULL},
};

const struct command cmd_rules = {
    .name = "rules",
    .words = words,
    .options = options,
    .summary = "check rules of screening, and test them on past questions or another service",
    .about =
        "test asks past questions (cordon questions) anew and decides each twice, by the rules in "
        "force and\n"
        "by FILE: how many decisions go from what to what, by which rule, with examples. Nothing "
        "is "
        "written\n"
        "down.\n"
        "\n"
        "With --against it reads a table of another service, with a column address or name, and "
        "decision,\n"
        "risk or category, and says what both flag, one alone, or neither; rows that differ are "
        "told with\n"
        "our reasons (docs/rules.md). Without FILE the rules in force decide.\n"
        "\n"
        "Exit 1: some decision differs. JSON: docs/schemas/rules.json, rules-test.json, "
        "rules-against.json.",
    .examples = examples,
};
