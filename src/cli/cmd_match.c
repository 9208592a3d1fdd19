/* cordon match: potential matches, and what persons make of them. */
#include "cli/group_call.h"

#include "base/json.h"
#include "screen/match_store.h"

#include <time.h>
#include <unistd.h>

static const struct store_schema *const schemas[] = {&match_schema};

static bool opened(struct call *c, enum store_mode mode, struct store **ret, struct err *err)
{
    const char *home, *path;

    if (!home_of_call(c, &home, err) || !home_file(c, home, RECORDS_FILE, &path, err))
        return false;
    if (access(path, F_OK))
        return err_fail(err, ERR_NOT_FOUND, "nothing has been screened yet (cordon screen)");
    return store_open(path, mode, schemas, 1, ret, err);
}

static void words_text(struct text *to, const struct match *m)
{
    for (size_t i = 0; i < m->words_n; i++) {
        text_str(to, "    ");
        show_time(to, (uint32_t)m->words[i].at);
        text_printf(to, "  %s: %s, for %s%s\n", m->words[i].person,
                    match_verdict_name(m->words[i].verdict), m->words[i].reason,
                    m->words[i].is_signed ? "" : " (not signed)");
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
    matches_json(&j, all, n);
    text_char(c->out, '\n');
}

static bool run_list(struct call *c, struct err *err)
{
    unsigned states = call_option(c, "all") ? MATCH_ALL : MATCH_UNSETTLED;
    const struct match *all;
    struct store *s;
    uint64_t from;
    size_t n;
    bool ok;

    if (!call_number(c, "from", INT64_MAX, 0, &from, err) || !opened(c, STORE_READ, &s, err))
        return false;
    ok = match_list(s, c->arena, states, from, MATCH_LIST_MAX, &all, &n, err);
    store_close(s);
    if (ok)
        show(c, all, n);
    return ok;
}

static bool run_one(struct call *c, uint64_t id, struct err *err)
{
    struct match m;
    struct store *s;
    bool ok;

    if (!opened(c, STORE_READ, &s, err))
        return false;
    ok = match_get(s, c->arena, id, &m, err);
    store_close(s);
    if (ok)
        show(c, &m, 1);
    return ok;
}

/* ---- disposing ---- */

#define MAY_DISPOSE (ROLE_INVESTIGATOR | ROLE_COMPLIANCE_OFFICER | ROLE_SUPERVISOR)

static bool say(struct call *c, uint64_t id, const struct signer *by, struct err *err)
{
    struct match_word w = {.verdict = strcmp(call_option(c, "verdict"), "true") ? MATCH_IS_FALSE
                                                                                : MATCH_IS_TRUE,
                           .reason = call_option(c, "reason"),
                           .at = (uint64_t)time(NULL)};
    enum match_state state;
    struct match m;
    struct store *s;
    bool ok;

    if (!person_of_signer(c, by, MAY_DISPOSE, &w.person, err) || !opened(c, STORE_WRITE, &s, err))
        return false;
    ok = match_dispose(s, id, &w, by, &state, err) && match_get(s, c->arena, id, &m, err);
    store_close(s);
    if (ok)
        show(c, &m, 1);
    return ok;
}

static bool run_dispose(struct call *c, uint64_t id, struct err *err)
{
    struct signer by;
    bool ok;

    if (!call_option(c, "verdict") || !call_option(c, "as") || !call_option(c, "reason"))
        return err_fail(err, ERR_USAGE,
                        "dispose: what it is (--verdict), whose key says so (--as), and why "
                        "(--reason)?");
    if (!signer_of_call(c, &by, err))
        return false;
    ok = say(c, id, &by, err);
    signer_end(&by);
    return ok;
}

/* ---- the command ---- */

static bool number_of(const char *word, uint64_t *ret, struct err *err)
{
    return u64_from_text(word, strlen(word), ret) ||
           err_fail(err, ERR_USAGE, "\"%s\": the number of a match is wanted", word);
}

static bool tell_run(struct call *c, struct err *err)
{
    const char *word = call_arg(c, 0);
    uint64_t id;

    if (!word)
        return run_list(c, err);
    return number_of(word, &id, err) && run_one(c, id, err);
}

static bool dispose_run(struct call *c, struct err *err)
{
    uint64_t id;

    return number_of(call_arg(c, 1), &id, err) && run_dispose(c, id, err);
}

static const struct word words[] = {
    {"", "[NUMBER]", "all from", tell_run, "one, or those that nobody has settled"},
    {"dispose", "NUMBER", "verdict reason as passphrase-file", dispose_run,
     "what a person makes of it, signed; two settle it"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"verdict", "true|false-positive", "what it is", false},
    {"reason", "TEXT", "why", false},
    {"as", "NAME", "whose key signs", false},
    OPTION_PASSPHRASE,
    {"all", NULL, "also those that are settled", false},
    {"from", "N", "from that number on; a thousand are told at most", false},
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon match", "the matches that nobody has settled"},
    {"cordon match dispose 12 --verdict false-positive --as ana --reason \"born 1990, not 1954\"",
     "the first of two persons, with her key"},
    {NULL, NULL},
};

const struct command cmd_match = {
    .name = "match",
    .words = words,
    .options = options,
    .summary = "dispose of potential matches with sanctions lists",
    .about =
        "A match is settled when two persons have said the same of it, each signing with a key of "
        "the home\n"
        "(cordon member key new person); in a home of a group the charter says whose key it is, "
        "and "
        "wants\n"
        "an investigator, compliance officer or supervisor of the member. The same person or key "
        "again is\n"
        "refused. A settled false positive stays quiet while neither the list's entry nor what is "
        "known of\n"
        "the subject changes; if either does, it is a new match. If the two differ, it is open "
        "again. A word\n"
        "that is not as it was signed is told with exit 3. JSON: docs/schemas/matches.json.",
    .examples = examples,
};
