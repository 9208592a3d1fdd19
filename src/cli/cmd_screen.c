/* cordon screen: what is known of addresses, names and transfers, and what is decided of them. */
#include "base/mem.h"
#include "base/pool.h"
#include "chain/address_form.h"
#include "chain/tx_text.h"
#include "cli/exposures.h"
#include "cli/lists_import.h"
#include "cli/questions_again.h"
#include "cli/screening.h"
#include "screen/answer.h"
#include "screen/batch.h"
#include "trace/account_show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES ((size_t)512 << 10) /* of which most is decided on all processors */

/* Is the word meant as a name? One with a space or a letter beyond ASCII is, and one that is too
 * short to be an address of any chain; but not what looks like an address, be it one or not. */
static bool looks_like_name(const char *word)
{
    enum { ADDRESS_MIN = 14 };

    if (address_is_meant(word, strlen(word)))
        return false;
    for (const char *p = word; *p; p++)
        if (*p == ' ' || (unsigned char)*p >= 0x80)
            return true;
    return strlen(word) < ADDRESS_MIN;
}

/* A transaction, and then nothing or ":..." */
static bool is_transfer(const struct call *c, const char *word)
{
    struct hash32 ignored;
    struct address_key key; /* of an EVM chain, filled to 32 bytes */
    struct err err;

    return !call_option(c, "name") && !call_option(c, "address") &&
           tx_hash_read(word, strcspn(word, ":"), &ignored) &&
           !address_key_read(word, strlen(word), NULL, &key, &err);
}

static bool is_name(const struct call *c, const char *word)
{
    return call_option(c, "name") || (!call_option(c, "address") && looks_like_name(word));
}

/* Names take a second to be made findable: only where one is asked about. */
static bool asks_names(const struct call *c)
{
    bool any = call_option(c, "batch") != NULL;

    for (size_t i = 0; i < call_args_n(c); i++)
        any |= !is_transfer(c, call_arg(c, i)) && is_name(c, call_arg(c, i));
    return any;
}

/* What is asked as of another day, or only looked at, leaves no trace. */
static bool records(const struct call *c)
{
    return !call_option(c, "dry") && !call_option(c, "as-of");
}

/* By other rules, or by half of what is known, nothing was decided about anybody. */
static bool keeps(const struct call *c)
{
    return records(c) && !call_option(c, "rules") && !call_option(c, "no-exposure");
}

/* ---- the question ---- */

static bool usual_of_call(struct call *c, struct screen_question *q, struct err *err)
{
    const char *kind = call_option(c, "kind"), *mode = call_option(c, "mode"),
               *direction = call_option(c, "direction"), *born = call_option(c, "born"),
               *document = call_option(c, "document");
    uint64_t threshold;

    *q = (struct screen_question){.kind = NAME_UNKNOWN, .now = (uint64_t)time(NULL)};
    for (int k = NAME_PERSON; kind && k <= NAME_UNKNOWN; k++)
        if (!strcmp(kind, name_kind_text((enum name_kind)k)))
            q->kind = (enum name_kind)k;
    if (mode && !strcmp(mode, "ofac"))
        q->mode = NAME_MODE_OFAC;
    if (direction && !strcmp(direction, "outbound"))
        q->direction = SCREEN_OUTBOUND;
    q->chain = call_option(c, "chain");
    q->facts.nationality = call_option(c, "nationality");
    if (document) {
        const char **ids = ARENA_NEW(c->arena, const char *);

        if (!ids)
            return err_fail(err, ERR_NOMEM, "--document");
        ids[0] = document;
        q->facts.ids = ids;
        q->facts.ids_n = 1;
    }
    if (!call_number(c, "threshold", 1000, 0, &threshold, err))
        return false;
    q->threshold = (uint32_t)threshold;
    if (q->chain && !address_chain_known(q->chain, err)) {
        err->class = ERR_USAGE;
        return false;
    }
    if (born && !screen_born_read(born, &q->facts, err))
        return err_fail(err, ERR_USAGE, "--born \"%s\": a day is wanted, as 1984-01-08, or a year",
                        born);
    return true;
}

static void question_of_word(struct call *c, const char *word, struct screen_question *q)
{
    bool tx = is_transfer(c, word), name = !tx && is_name(c, word);

    q->subject = tx ? SCREEN_OF_TRANSFER : name ? SCREEN_OF_NAME : SCREEN_OF_ADDRESS;
    q->tx = tx ? word : NULL;
    q->address = name || tx ? "" : word;
    q->name = name ? word : "";
}

/* ---- for people ---- */

/* ", the payer 1NDy..." */
static void party_text(struct text *to, const struct screen_reason *r)
{
    if (r->about == SCREEN_ABOUT_SUBJECT)
        return;
    text_printf(to, ", the %s%s%s", screen_about_name(r->about), r->party ? " " : "",
                r->party ? r->party : "");
}

static void listed_text(struct text *to, const struct screen_reason *r,
                        const struct screen_match *m)
{
    text_printf(to, "  %s", r->exact ? "listed" : "may be listed");
    party_text(to, r);
    text_printf(to, ": entry %s of %s, %s", r->entry, r->source, m->entry->name.text);
    if (r->listed_address)
        text_printf(to, "\n      by %s, which is on the list", r->listed_address);
    if (!r->exact)
        text_printf(to, "\n      by \"%s\", %u.%u %% alike", m->name, r->score / 10, r->score % 10);
    for (size_t i = 0; i < m->adjusted.facts_n; i++)
        text_printf(to, ", %s", name_fact_text(m->adjusted.facts[i]));
    for (size_t i = 0; i < m->entry->programmes_n; i++)
        text_printf(to, "%s%s", i ? ", " : "\n      under ", m->entry->programmes[i]);
    if (*m->entry->url)
        text_printf(to, "\n      %s", m->entry->url);
    if (m->id)
        text_printf(to, "\n      match %llu: cordon match %llu", (unsigned long long)m->id,
                    (unsigned long long)m->id);
    if (r->quiet)
        text_str(to, "\n      a false positive, as two persons have found");
    text_char(to, '\n');
}

/* Of a case of the group. */
static void state_text(struct text *to, const struct screen_reason *r)
{
    if (r->state)
        text_printf(to, ", %s, reported by %s", r->state, r->member);
}

static void exposed_text(struct text *to, const struct screen_reason *r)
{
    text_str(to, "  exposed");
    party_text(to, r);
    text_printf(to, ": %s ", r->received ? "received" : "sent");
    text_u256(to, r->amount, r->decimals, 0);
    text_printf(to, " %s, %u.%04u %% of all, %s %s", r->asset, r->share_ppm / 10000,
                r->share_ppm % 10000, r->received ? "of" : "to", r->category);
    if (r->label)
        text_printf(to, ", %s", r->label);
    state_text(to, r);
    text_printf(to, ", says %s\n      %s, %u hop%s, on %s", r->source,
                r->direct ? "directly" : "through others", r->hops, r->hops == 1 ? "" : "s",
                r->chain);
    for (size_t i = 0; i < r->path_n; i++)
        text_printf(to, "%s%s", i ? "\n        then " : "\n      by ", r->path[i]);
    text_char(to, '\n');
}

static void reason_text(struct text *to, const struct screen_reason *r,
                        const struct screen_match *m)
{
    switch (r->evidence) {
    case SCREEN_LISTED:
        listed_text(to, r, m);
        return;
    case SCREEN_TAGGED:
    case SCREEN_ENTITY:
        text_printf(to, "  %s", screen_evidence_name(r->evidence));
        party_text(to, r);
        text_printf(to, ": %s (%s), says %s, confidence %u of 100%s", r->label ? r->label : "",
                    r->category, r->source, r->confidence, r->own ? ", our own tag" : "");
        state_text(to, r);
        text_char(to, '\n');
        return;
    case SCREEN_EXPOSED:
        exposed_text(to, r);
        return;
    case SCREEN_HELD:
        text_printf(to, "  %s: %s, %s\n", screen_evidence_name(r->evidence), r->category,
                    r->source);
        return;
    }
}

static void answer_text(struct text *to, const struct screen_question *q,
                        const struct screen_answer *a, bool as_of)
{
    const struct verdict *v = &a->verdict;

    text_printf(to, "%s  %s  %s\n", screen_decision_name(v->decision),
                screen_direction_name(q->direction),
                q->tx         ? q->tx
                : *q->address ? q->address
                              : q->name);
    if (q->tx && a->facts.asset) {
        text_str(to, "  ");
        text_u256(to, a->facts.amount, a->facts.decimals, 0);
        text_printf(to, " %s%s%s\n", a->facts.asset, a->chain ? ", on " : "",
                    a->chain ? a->chain : "");
    }
    switch (v->by) {
    case BY_RULE:
        text_printf(to, "  by rule %s%s%s\n", v->rule, v->why ? ": " : "", v->why ? v->why : "");
        break;
    case BY_FLOOR:
        text_str(to, "  by law, whatever the rules say: a potential match with a sanctions list\n");
        break;
    case BY_OUTAGE:
        text_str(to, a->facts.list_age != SCREEN_AGE_UNKNOWN
                         ? "  what should have been asked did not answer\n"
                     : as_of ? "  no list that is here stood on that day (cordon lists --all)\n"
                             : "  no list has been imported (cordon lists import)\n");
        break;
    case BY_OLD_DATA:
        text_str(to, "  the ledger of this chain is behind\n");
        break;
    case BY_NO_LEDGER:
        text_str(to, "  nothing is listed or forbidden; where its value came from is not known\n");
        break;
    case BY_OTHERWISE:
        text_str(to, "  nothing speaks against it\n");
        break;
    }
    for (size_t i = 0; i < a->facts.reasons_n; i++)
        reason_text(to, &a->reasons[i], screen_match_of(a, i));
    for (size_t i = 0; i < a->unknown_n; i++) {
        char said[SCREEN_UNKNOWN_TEXT];

        text_printf(to, "  not known: %s\n", screen_unknown_say(&a->unknown[i], said));
    }
    for (size_t i = 0; i < v->shadow_n; i++)
        text_printf(to, "  in shadow, rule %s would say %s\n", v->shadow[i].rule,
                    screen_decision_name(v->shadow[i].decision));
}

static void ledgers_text(struct text *to, const struct screen_ledgers *l)
{
    for (size_t i = 0; l && i < l->n; i++) {
        struct screen_as_of as_of = screen_ledger_as_of(l->at[i].exposure);

        text_printf(to, "exposure on %s by %s, ", as_of.chain->name,
                    trace_policy_name(as_of.policy));
        if (as_of.any && as_of.height != HEIGHT_UNKNOWN)
            text_printf(to, "to block %u, ", as_of.height);
        if (as_of.any)
            text_time(to, as_of.time);
        text_str(to, as_of.any ? "\n" : "no block\n");
    }
}

static void stands_text(struct text *to, const struct screener *s)
{
    struct screener_stands t = screener_stands(s);
    char day[LIST_DAY_TEXT];

    text_str(to, "as of");
    for (size_t i = 0; i < t.lists_n; i++)
        text_printf(to, "%s %s %s", i ? "," : "", t.lists[i].list,
                    list_day_text(t.lists[i].as_of, day));
    text_printf(to, "%s %zu tags; ", t.lists_n ? ";" : " no list;", t.tags_n);
    text_str(to, "ownership of 50 per cent by listed persons is not computed\n");
}

/* ---- running ---- */

static bool found(size_t potential, struct err *err)
{
    return !potential || err_fail(err, ERR_DIFFERS, "%s", "");
}

static bool ask_one(struct call *c, struct screening *s, const struct screen_question *q,
                    struct screen_answer *ret, struct err *err)
{
    if (!screen_ask(s->screener, c->arena, q, ret, err))
        return false;
    if (!records(c) || (!ret->potential && !keeps(c)))
        return true;
    if (store_begin(s->store, err) &&
        screen_record(s->store, screener_clocks(s->screener), q->now, ret, err) &&
        (!keeps(c) || screening_keep(s, c->arena, q, ret, NULL, err)) &&
        store_commit(s->store, err))
        return true;
    store_rollback(s->store);
    return false;
}

static bool run_words(struct call *c, struct screening *s, struct screen_question *q,
                      struct err *err)
{
    const char *format = call_option(c, "format");
    bool lines = format && !strcmp(format, "jsonl"), json = call_json(c);
    struct json_out j = json_to(c->out, json);
    size_t potential = 0;

    if (json) {
        json_object(&j);
        json_put_string(&j, "schema", "cordon.screen/1");
        json_key(&j, "stands_on");
        screen_stands_json(&j, s->screener, q->ledgers);
        json_key(&j, "answers");
        json_array(&j);
    }
    for (size_t i = 0; i < call_args_n(c); i++) {
        struct screen_answer a;

        question_of_word(c, call_arg(c, i), q);
        if (!ask_one(c, s, q, &a, err))
            return false;
        potential += a.potential;
        if (lines)
            j = json_to(c->out, false);
        if (json || lines)
            screen_answer_json(&j, s->screener, q, &a, NULL);
        else
            answer_text(c->out, q, &a, call_option(c, "as-of") != NULL);
        if (lines)
            text_char(c->out, '\n');
    }
    if (json) {
        json_array_end(&j);
        json_object_end(&j);
        text_char(c->out, '\n');
    } else if (!lines) {
        stands_text(c->out, s->screener);
        ledgers_text(c->out, q->ledgers);
    }
    return found(potential, err);
}

static bool feed_all(int fd, struct screen_batch *b, struct text *to, struct err *err)
{
    char *buffer = mem_alloc(READ_BYTES);
    bool ok = buffer || err_fail(err, ERR_NOMEM, "batch");

    while (ok) {
        ssize_t n = read(fd, buffer, READ_BYTES);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            ok = err_system(err, "it cannot be read");
            break;
        }
        ok = screen_batch_feed(b, buffer, (size_t)n, !n, to, err);
        if (!n || to->bad)
            break;
    }
    mem_free(buffer);
    return ok;
}

static bool run_batch(struct call *c, const char *path, struct screening *s,
                      const struct screen_question *usual, struct err *err)
{
    bool standard = !strcmp(path, "-");
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct pool *pool = pool_new(0); /* without one it takes longer */
    struct screen_counts n;
    struct screen_batch *b;
    bool ok;

    if (fd < 0)
        return err_system(err, "\"%s\"", path);
    ok = screen_batch_new(s->screener, usual, &b, err);
    if (ok) {
        screen_batch_pool(b, pool);
        screen_batch_record(b, records(c) ? s->store : NULL);
        if (keeps(c))
            screen_batch_keep(b, screening_keep, s, true);
        ok = feed_all(fd, b, c->out, err);
        if (!ok)
            err_prefix(err, "%s", path);
        n = screen_batch_counts(b);
        screen_batch_free(b);
    }
    pool_free(pool);
    if (!standard)
        close(fd);
    if (!ok)
        return false;
    if (!found(n.potential, err))
        return false;
    return !n.bad || err_fail(err, ERR_INPUT, "%s: %llu of %llu records could not be answered",
                              path, (unsigned long long)n.bad, (unsigned long long)n.asked);
}

/* The spaces of the addresses that are asked about, a bit each. */
static uint32_t spaces_asked(const struct call *c)
{
    uint32_t spaces = call_option(c, "batch") ? UINT32_MAX : 0;
    const char *chain = call_option(c, "chain");

    for (size_t i = 0; i < call_args_n(c); i++) {
        const char *word = call_arg(c, i);
        struct address_key key;
        struct err ignored; /* asking says what is wrong with it */

        if (is_transfer(c, word))
            spaces = UINT32_MAX;
        else if (!is_name(c, word) && address_key_read(word, strlen(word), chain, &key, &ignored))
            spaces |= 1u << key.space;
    }
    return spaces;
}

static bool run(struct call *c, struct screening *s, struct screen_question *q, struct err *err)
{
    const char *batch = call_option(c, "batch");

    return batch ? run_batch(c, batch, s, q, err) : run_words(c, s, q, err);
}

static bool run_exposed(struct call *c, struct screening *s, struct screen_question *q,
                        struct err *err)
{
    struct exposures x;
    bool ok = exposures_open(c, s->screener, spaces_asked(c), call_option(c, "chain"), &x, err);

    if (ok && call_option(c, "batch"))
        exposures_many(&x);
    q->ledgers = &x.ledgers;
    ok = ok && run(c, s, q, err);
    q->ledgers = NULL;
    exposures_close(&x);
    return ok;
}

static bool cmd_screen_run(struct call *c, struct err *err)
{
    const char *batch = call_option(c, "batch");
    struct screen_question q;
    struct screening s;
    struct list_day as_of;
    bool ok;

    if (call_option(c, "again"))
        return screen_again(c, err);
    if (call_option(c, "changed"))
        return err_fail(err, ERR_USAGE, "--changed goes with --again");
    if (!batch == !call_args_n(c))
        return err_fail(err, ERR_USAGE, "screen what? ADDRESS|NAME|TX... or --batch FILE");
    if (call_option(c, "name") && call_option(c, "address"))
        return err_fail(err, ERR_USAGE, "--name and --address: one of them");
    if (!usual_of_call(c, &q, err) || !lists_as_of(c, &as_of, err) ||
        !screening_open(c, asks_names(c), as_of, &s, err))
        return false;
    /* exposure is by the lists of today */
    ok = call_option(c, "no-exposure") || call_option(c, "as-of") ? run(c, &s, &q, err)
                                                                  : run_exposed(c, &s, &q, err);
    screening_close(&s);
    return ok;
}

static const struct option options[] = {
    {"batch", "FILE", "many questions: CSV with a header row, or JSON lines; - is stdin", false},
    {"direction", "inbound|outbound", "a deposit or a withdrawal (default: inbound)", false},
    {"chain", "CHAIN", "of the addresses; without it each decides by itself", false},
    {"address", NULL, "the words are addresses, whatever they look like", false},
    {"name", NULL, "the words are names, whatever they look like", false},
    {"kind", "person|organisation|vessel|aircraft", "whose names (default: any)", false},
    {"born", "DAY", "of the name's owner: 1984-01-08, or a year", false},
    {"nationality", "WORD", "of the name's owner, as lists write it", false},
    {"document", "NUMBER", "a passport, registration or ship's number of the name's owner", false},
    {"mode", "cordon|ofac", "how names are compared (default: cordon)", false},
    {"threshold", "N", "how alike a name must be, in thousandths (default: 870)", false},
    {"no-exposure", NULL, "lists and tags alone: ledgers are not asked", false},
    {"rules", "FILE", "the rules (default: rules.yaml of the home, else those that ship)", false},
    {"dry", NULL, "neither potential matches nor the question are written down", false},
    {"as-of", "DAY", "by the lists as they stood on that day", false},
    {"again", NULL, "all past questions, and what changed in their answers", false},
    {"changed", NULL, "of --again, only those whose answer changed", false},
    {"format", "text|json|jsonl", "how the answer is written (default: text; jsonl for a batch)",
     false},
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon screen 0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
     "is it listed or tagged, and what follows"},
    {"cordon screen --kind person --born 1984 \"Kim Jong Un\"", "potential matches of a name"},
    {"cordon screen --batch withdrawals.csv --direction outbound", "a line of JSON each, in order"},
    {"cordon screen --again --changed", "after lists, tags or rules changed: what does it mean"},
    {NULL, NULL},
};

const struct command cmd_screen = {
    .name = "screen",
    .heading = "screening",
    .args = "[ADDRESS|NAME|TX...]",
    .args_min = 0,
    .args_max = CALL_WORDS_MAX,
    .options = options,
    .run = cmd_screen_run,
    .summary = "decide about addresses, names and transfers by lists, tags and rules, with reasons",
    .about =
        "Lists, tags and rules are those of CORDON_HOME: cordon lists import, cordon tags import, "
        "and\n"
        "rules.yaml (docs/rules.md). An address or document on a list is a BLOCK; a name like a "
        "listed one\n"
        "is a potential match until two persons have disposed of it. What is not known is said to "
        "be unknown.\n"
        "\n"
        "Questions are kept (cordon questions), unless by --dry, --as-of or --rules, and can be "
        "asked again:\n"
        "cordon lists import does it by itself, and so does the node. Exit 1 of --again: a "
        "question has a\n"
        "potential match that it did not have.\n"
        "\n"
        "TX is an output of a chain of coins (TXID:VOUT), a transfer of a chain of accounts "
        "(HASH:v, HASH:l3)\n"
        "or a transaction with all that it moved: who paid and who was paid, and what it brought "
        "itself.\n"
        "\n"
        "Ledgers of the home are asked what an address received from, or paid to, tags, lists, "
        "and the\n"
        "cases in CORDON_HOME/cases (docs/exposure.md).\n"
        "\n"
        "Exit 1: there is a potential match; the answer is on stdout. In a batch, a record that "
        "cannot be\n"
        "answered has a line of its own with the error, and the decision UNKNOWN. JSON:\n"
        "docs/schemas/screen.json, screen-again.json.",
    .examples = examples,
};
