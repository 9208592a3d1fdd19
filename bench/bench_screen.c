/* Decisions about addresses in process, with tags and exposure joined.
 *
 *     bench_screen HOME CHAIN [QUESTIONS]
 *
 * HOME is a home of cordon's with records, tags and a ledger of the chain, whose exposure is worked
 * out first. Questions are about addresses of the ledger, drawn at random: decided by lists and
 * tags, with exposure, and with the reasons told, too. Prints a JSON line each, of processor time
 * of one thread. */
#include "bench.h"

#include "base/mem.h"
#include "screen/screen_ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUESTIONS 1000000u
#define IN_ARENA 256u
#define ARENA_BYTES ((size_t)64 << 20)

struct bench {
    char records[4096], tags[4096], cases[4096], dir[4096];
    struct store *store;
    struct screener *screener;
    struct screen_labels *labels;
    struct screen_ledgers ledgers;
    struct ledger *coins;
    struct account_ledger *accounts;
    char (*asked)[ADDRESS_KEY_MAX];
};

static void opened(struct bench *b, const char *home, const char *chain)
{
    static const struct store_schema *const schemas[] = {&list_schema, &tag_schema, &match_schema};
    struct screen_ledger_at *at = &b->ledgers.at[0];
    struct err err;

    snprintf(b->records, sizeof(b->records), "%s/%s", home, RECORDS_FILE);
    snprintf(b->tags, sizeof(b->tags), "%s/%s", home, TAG_SET_FILE);
    snprintf(b->cases, sizeof(b->cases), "%s/%s", home, CASES_FOLDER);
    snprintf(b->dir, sizeof(b->dir), "%s/%s", home, chain);
    if (!store_open(b->records, STORE_WRITE, schemas, 3, &b->store, &err))
        fail(err.text);
    if (!screener_open(
            &(struct screener_options){.store = b->store, .tag_set = b->tags, .names = false},
            &b->screener, &err) ||
        !screen_labels_make(b->screener, b->tags, b->cases, &b->labels, &err))
        fail(err.text);
    if (account_ledger_open(b->dir, &b->accounts, &err))
        at->ledger.accounts = b->accounts;
    else if (ledger_open(b->dir, &b->coins, &err))
        at->ledger.coins = b->coins;
    else
        fail(err.text);
    at->chain = trace_ledger_chain(&at->ledger);
    at->state = SCREEN_READY;
    b->ledgers.n = 1;
}

static double pass(struct bench *b)
{
    struct screen_ledger_at *at = &b->ledgers.at[0];
    double begun = cpu_of_thread();
    bool more = true;
    struct err err;

    if (!screen_ledger_new(b->labels, &at->ledger, &at->exposure, &err))
        fail(err.text);
    while (more)
        if (!screen_ledger_add(at->exposure, &at->ledger, UINT64_MAX, &more, &err))
            fail(err.text);
    screen_ledger_seek(at->exposure, &at->ledger);
    return cpu_of_thread() - begun;
}

static uint64_t owners(const struct bench *b)
{
    return b->coins ? ledger_counts(b->coins).scripts : account_ledger_counts(b->accounts).accounts;
}

static bool key_of(const struct bench *b, uint64_t owner, struct address_key *ret)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes script;

    if (b->accounts)
        return address_key_of(b->ledgers.at[0].chain, account_ledger_key(b->accounts, owner), ret);
    return ledger_script(b->coins, (uint32_t)owner, buffer, &script) &&
           address_key_of(b->ledgers.at[0].chain, script, ret);
}

static void draw(struct bench *b, size_t n)
{
    struct address_key key;

    b->asked = mem_array(n, sizeof(*b->asked));
    if (!b->asked || !owners(b))
        fail("no addresses, or no memory");
    for (size_t i = 0; i < n;) {
        if (!key_of(b, below(owners(b)), &key))
            continue;
        memcpy(b->asked[i++], key.text, sizeof(key.text));
    }
}

struct figures {
    uint64_t exposed, tagged, clean;
    double s;
};

/* together: their memory is sent for ahead. */
static struct figures ask(const struct bench *b, size_t n, const struct screen_ledgers *ledgers,
                          bool together, bool tell)
{
    struct figures f = {0, 0, 0, cpu_of_thread()};
    struct screen_question q[SCREEN_AHEAD];
    struct address_key keys[SCREEN_AHEAD];
    struct arena *a = NULL;
    struct err err;

    for (size_t i = 0; i < n; i++) {
        struct screen_answer answer;

        if (i % IN_ARENA == 0) {
            arena_free(a);
            a = arena_new(NULL, ARENA_BYTES);
        }
        if (i % SCREEN_AHEAD == 0) {
            size_t some = n - i < SCREEN_AHEAD ? n - i : SCREEN_AHEAD;

            for (size_t k = 0; k < some; k++)
                q[k] = (struct screen_question){.subject = SCREEN_OF_ADDRESS,
                                                .address = b->asked[i + k],
                                                .name = "",
                                                .chain = b->ledgers.at[0].chain->name,
                                                .kind = NAME_UNKNOWN,
                                                .ledgers = ledgers,
                                                .now = 1};
            if (together)
                screen_ahead(b->screener, q, some, keys);
        }
        if (!a || !screen_decide(b->screener, a, &q[i % SCREEN_AHEAD], &answer, &err) ||
            (tell && !screen_tell(b->screener, a, &answer, &err)))
            fail(a ? err.text : "no memory");
        f.clean += !answer.facts.reasons_n;
        for (size_t k = 0; k < answer.facts.reasons_n; k++) {
            f.exposed += answer.facts.reasons[k].evidence == SCREEN_EXPOSED;
            f.tagged += answer.facts.reasons[k].evidence == SCREEN_TAGGED;
        }
    }
    arena_free(a);
    f.s = cpu_of_thread() - f.s;
    return f;
}

static void print(const struct bench *b, const char *what, size_t n, const struct figures *f,
                  double passed)
{
    struct screen_ledger_counts c = screen_ledger_counts(b->ledgers.at[0].exposure);

    printf("{\"bench\":\"screen\",\"with\":\"%s\",\"addresses\":%" PRIu64 ",\"tags\":%zu,"
           "\"sources\":%" PRIu64 ",\"pass_s\":%.2f,\"questions\":%zu,\"clean\":%" PRIu64
           ",\"tagged\":%" PRIu64 ",\"exposed\":%" PRIu64 ",\"s\":%.3f,\"questions_per_s\":%.0f}\n",
           what, owners(b), screener_stands(b->screener).tags_n, c.sources, passed, n, f->clean,
           f->tagged, f->exposed, f->s, (double)n / f->s);
}

static const struct {
    const char *name;
    bool exposure, together, tell;
} asked[] = {
    {"tags", false, false, false},         {"tags, together", false, true, false},
    {"exposure", true, false, false},      {"exposure, together", true, true, false},
    {"exposure, told", true, false, true}, {"exposure, told, together", true, true, true},
};

int main(int argc, char **argv)
{
    struct bench *b = mem_zero(sizeof(*b));
    size_t n = argc > 3 ? strtoul(argv[3], NULL, 10) : QUESTIONS;
    struct figures f;
    double passed;

    if (argc < 3 || !b || !n)
        fail("HOME CHAIN [QUESTIONS]");
    opened(b, argv[1], argv[2]);
    passed = pass(b);
    draw(b, n);
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        f = ask(b, n, asked[i].exposure ? &b->ledgers : NULL, asked[i].together, asked[i].tell);
        print(b, asked[i].name, n, &f, passed);
    }
    return 0;
}
