/* cordon match: potential matches, and what persons make of them. */
#include "cli/cli.h"

#include "base/json.h"
#include "screen/match_store.h"

#include <time.h>

#define LIST_MAX 1000
#define ALL_STATES 31u
#define OPEN_STATES (1u << MATCH_OPEN | 1u << MATCH_SAID_TRUE | 1u << MATCH_SAID_FALSE)

static const struct store_schema *const schemas[] = {&match_schema};

static bool opened(struct call *c, enum store_mode mode, struct store **ret, struct err *err)
{
    if (records_open(c, mode, schemas, 1, ret, err))
        return true;
    return err->class == ERR_NOT_FOUND
               ? err_fail(err, ERR_NOT_FOUND, "nothing has been screened yet (cordon screen)")
               : false;
}

static void words_text(struct text *to, const struct match *m)
{
    for (size_t i = 0; i < m->words_n; i++) {
        text_str(to, "    ");
        show_time(to, (uint32_t)m->words[i].at);
        text_printf(to, "  %s: %s, for %s\n", m->words[i].person,
                    m->words[i].verdict == MATCH_IS_TRUE ? "true match" : "false positive",
                    m->words[i].reason);
    }
}

static void match_text(struct text *to, const struct match *m)
{
    text_printf(to, "%llu  %s  %s  %s %s  found ", (unsigned long long)m->id,
                match_state_name(m->state), m->of.subject, m->of.list, m->of.entry);
    show_time(to, (uint32_t)m->found);
    text_char(to, '\n');
    words_text(to, m);
}

static void match_json(struct json_out *j, const struct match *m)
{
    json_object(j);
    json_put_number(j, "match", m->id);
    json_put_string(j, "state", match_state_name(m->state));
    json_put_string(j, "subject", m->of.subject);
    json_put_string(j, "list", m->of.list);
    json_put_string(j, "entry", m->of.entry);
    json_put_number(j, "found", m->found);
    json_key(j, "said");
    json_array(j);
    for (size_t i = 0; i < m->words_n; i++) {
        json_object(j);
        json_put_string(j, "person", m->words[i].person);
        json_put_string(j, "verdict",
                        m->words[i].verdict == MATCH_IS_TRUE ? "true match" : "false positive");
        json_put_string(j, "reason", m->words[i].reason);
        json_put_number(j, "at", m->words[i].at);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static void show(struct call *c, const struct match *all, size_t n)
{
    struct json_out j = json_to(c->out, true);

    if (!call_json(c)) {
        for (size_t i = 0; i < n; i++)
            match_text(c->out, &all[i]);
        if (!n)
            text_str(c->out, "no match is open\n");
        return;
    }
    json_object(&j);
    json_put_string(&j, "schema", "cordon.matches/1");
    json_key(&j, "matches");
    json_array(&j);
    for (size_t i = 0; i < n; i++)
        match_json(&j, &all[i]);
    json_array_end(&j);
    json_object_end(&j);
    text_char(c->out, '\n');
}

static bool run_list(struct call *c, struct err *err)
{
    unsigned states = call_option(c, "all") ? ALL_STATES : OPEN_STATES;
    const struct match *all;
    struct store *s;
    uint64_t from;
    size_t n;
    bool ok;

    if (!call_number(c, "from", INT64_MAX, 0, &from, err) || !opened(c, STORE_READ, &s, err))
        return false;
    ok = match_list(s, c->arena, states, from, LIST_MAX, &all, &n, err);
    store_close(s);
    if (ok)
        show(c, all, n);
    return ok;
}

static bool run_one(struct call *c, uint64_t id, struct err *err)
{
    const char *verdict = call_option(c, "verdict"), *person = call_option(c, "by"),
               *reason = call_option(c, "reason");
    enum match_state state;
    struct match m;
    struct store *s;
    bool ok = true;

    if (verdict && (!person || !*person || !reason || !*reason))
        return err_fail(err, ERR_USAGE, "--verdict: who says so (--by), and why (--reason)?");
    if (!verdict && (person || reason))
        return err_fail(err, ERR_USAGE, "--by and --reason go with --verdict");
    if (!opened(c, verdict ? STORE_WRITE : STORE_READ, &s, err))
        return false;
    if (verdict) {
        struct match_word w = {strcmp(verdict, "true") ? MATCH_IS_FALSE : MATCH_IS_TRUE, person,
                               reason, (uint64_t)time(NULL)};

        ok = match_dispose(s, id, &w, &state, err);
    }
    ok = ok && match_get(s, c->arena, id, &m, err);
    store_close(s);
    if (ok)
        show(c, &m, 1);
    return ok;
}

static bool cmd_match_run(struct call *c, struct err *err)
{
    const char *word = call_arg(c, 0);
    uint64_t id;

    if (!word)
        return call_option(c, "verdict") ? err_fail(err, ERR_USAGE, "--verdict: of which match?")
                                         : run_list(c, err);
    if (!u64_from_text(word, strlen(word), &id))
        return err_fail(err, ERR_USAGE, "\"%s\": the number of a match is wanted", word);
    return run_one(c, id, err);
}

static const struct option options[] = {
    {"verdict", "true|false-positive", "what it is", false},
    {"by", "PERSON", "who says so", false},
    {"reason", "TEXT", "why", false},
    {"all", NULL, "also those that are settled", false},
    {"from", "N", "from that number on; a thousand are told at most", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon match", "the matches that nobody has settled"},
    {"cordon match 12 --verdict false-positive --by ana --reason \"born 1990, not 1954\"",
     "the first of two persons"},
    {NULL, NULL},
};

const struct command cmd_match = {
    .name = "match",
    .args = "[NUMBER]",
    .args_min = 0,
    .args_max = 1,
    .options = options,
    .run = cmd_match_run,
    .summary = "dispose of potential matches with sanctions lists",
    .about = "A match is settled when two persons have said the same of it. A settled false "
             "positive stays quiet\n"
             "while neither the list's entry nor what is known of the subject changes; if either "
             "does, it is a\n"
             "new match. If the two differ, it is open again. JSON: docs/schemas/matches.json.",
    .examples = examples,
};
