/* Holds libcordon to what include/cordon.h promises, with nothing but that header: as a program
 * does that has only what is installed.
 *
 *     promises BLOCKS LEDGER TXID:VOUT LIST LEDGER-OF-THE-LIST
 *
 * BLOCKS: 120 blocks of bitcoin:sim; the list: one payment of 2.5 ETH. */
#include <cordon.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY "0x00000000000000000000000000000000000000cc"
#define PAYEE "0x00000000000000000000000000000000000000bb"

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "promises.c:%d: %s (%s)\n", __LINE__, #what, error.text);              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static struct cordon_error error;
static char untouched[] = "untouched";

static int stop_at_once(void *ctx)
{
    ++*(int *)ctx;
    return 1;
}

static void ingests(char **argv)
{
    const char *blocks[] = {argv[1]}, *list[] = {argv[4]}, *nowhere[] = {"nowhere"};
    int asked = 0;
    struct cordon_ingest_options stopped = {.stop = stop_at_once, .ctx = &asked};
    struct cordon_ingest_options map = {.map =
                                            "time=time,from=from,to=to,amount=amount,decimals=18"};
    struct cordon_ingested got;

    CHECK(cordon_ingest("bitcoin:nowhere", blocks, 1, argv[2], NULL, NULL, &error) == CORDON_USAGE);
    CHECK(!strcmp(error.text, "unknown chain \"bitcoin:nowhere\""));
    CHECK(cordon_ingest("bitcoin:sim", nowhere, 1, argv[2], NULL, NULL, NULL) != CORDON_OK);
    CHECK(!cordon_ingest("bitcoin:sim", blocks, 1, argv[2], &stopped, &got, &error));
    CHECK(asked > 0 && got.added <= 120);
    CHECK(!cordon_ingest("bitcoin:sim", blocks, 1, argv[2], NULL, NULL, NULL));
    CHECK(!cordon_ingest("bitcoin:sim", blocks, 1, argv[2], NULL, &got, &error));
    CHECK(got.added == 0 && got.undone == 0 && got.known == 120 && got.stale == 0 && !got.stopped);
    CHECK(!cordon_ingest("ethereum", list, 1, argv[5], &map, &got, &error));
    CHECK(got.added == 1);
    /* a ledger is of one chain */
    CHECK(cordon_ingest("bitcoin:regtest", blocks, 1, argv[2], NULL, NULL, &error));
}

static void looks_up(const struct cordon_ledger *coins, const struct cordon_ledger *accounts,
                     const char *origin)
{
    char txid[65] = {0}, *answer = untouched, *again;

    memcpy(txid, origin, 64);
    CHECK(!strcmp(cordon_ledger_chain(coins), "bitcoin:sim"));
    CHECK(!strcmp(cordon_ledger_chain(accounts), "ethereum"));
    CHECK(cordon_block(coins, "zz", &answer, &error) == CORDON_USAGE);
    CHECK(cordon_block(coins, "120", &answer, &error) == CORDON_INPUT);
    CHECK(cordon_tx(coins, "zz", &answer, &error) == CORDON_USAGE);
    CHECK(cordon_tx(accounts, "zz", &answer, &error) == CORDON_USAGE);
    CHECK(cordon_address(coins, "zz", &answer, &error) == CORDON_INPUT);
    CHECK(cordon_address(accounts, "zz", &answer, &error) == CORDON_INPUT);
    CHECK(answer == untouched); /* what fails leaves its result alone */
    CHECK(!cordon_info(coins, &answer, &error) && strstr(answer, "\"cordon.info/1\""));
    CHECK(!cordon_info(coins, &again, NULL) && !strcmp(answer, again));
    cordon_free(again);
    cordon_free(answer);
    CHECK(!cordon_info(accounts, &answer, &error) && strstr(answer, "\"cordon.info.accounts/1\""));
    cordon_free(answer);
    CHECK(!cordon_block(coins, "119", &answer, &error) && strstr(answer, "\"height\": 119"));
    cordon_free(answer);
    CHECK(!cordon_tx(coins, txid, &answer, &error) && strstr(answer, txid));
    cordon_free(answer);
    CHECK(!cordon_address(accounts, PAYEE, &answer, &error));
    CHECK(strstr(answer, "\"balance\": \"2500000000000000000\""));
    cordon_free(answer);
    CHECK(!cordon_address(accounts, NOBODY, &answer, &error)); /* never paid: no error */
    cordon_free(answer);
}

/* An address that the transaction of the origin names. */
static void an_address(const struct cordon_ledger *coins, const char *origin, char ret[100])
{
    char txid[65] = {0}, *answer, *at;

    memcpy(txid, origin, 64);
    CHECK(!cordon_tx(coins, txid, &answer, &error));
    at = strstr(answer, "\"address\": \"");
    CHECK(at && sscanf(at + 12, "%99[^\"]", ret) == 1);
    cordon_free(answer);
}

static void says_who_is_who(const struct cordon_ledger *coins, const struct cordon_ledger *accounts,
                            const char *origin)
{
    static const char wallets[] = "address,name,category\n" NOBODY ",X,exchange\n";
    char *answer = untouched, address[100];

    an_address(coins, origin, address);
    CHECK(cordon_entities_update(accounts, &error) == CORDON_USAGE);
    CHECK(cordon_entity(accounts, PAYEE, NULL, 1, &answer, &error) == CORDON_USAGE);
    CHECK(cordon_deposit(coins, address, wallets, &answer, &error) == CORDON_USAGE);
    CHECK(cordon_deposit(accounts, PAYEE, "no stops", &answer, &error) == CORDON_INPUT);
    CHECK(cordon_deposit(accounts, "zz", wallets, &answer, &error) == CORDON_INPUT);
    CHECK(cordon_entity(coins, "zz", NULL, 1, &answer, &error) == CORDON_INPUT);
    CHECK(answer == untouched);
    CHECK(!cordon_entity(coins, address, NULL, 1, &answer, &error));
    CHECK(strstr(answer, "\"clustering\": \"off\""));
    cordon_free(answer);
    CHECK(!cordon_entities_update(coins, &error));
    CHECK(!cordon_entity(coins, address, NULL, 1, &answer, &error));
    CHECK(strstr(answer, "\"clustering\": \"on\""));
    cordon_free(answer);
    CHECK(!cordon_deposit(accounts, PAYEE, wallets, &answer, &error));
    CHECK(strstr(answer, "\"cordon.deposit/1\""));
    cordon_free(answer);
}

struct question {
    const struct cordon_ledger *ledger;
    const struct cordon_trace_options *options;
    char *answer;
};

static void *asks(void *p)
{
    struct question *q = p;

    return cordon_trace(q->ledger, q->options, &q->answer, NULL) ? NULL : q;
}

static void traces(const struct cordon_ledger *coins, const struct cordon_ledger *accounts,
                   const char *origin)
{
    const struct cordon_ledger *both[] = {coins, accounts}, *many[33];
    static const char *const formats[] = {"text", "csv", "graphml", "html"};
    const char *origins[] = {origin};
    struct cordon_trace_options options = {.origins = origins, .origins_n = 1}, bad = options;
    struct question other = {coins, &options, NULL};
    char *answer = untouched, *again, *part, text[256];
    pthread_t thread;
    void *done;

    bad.policy = "first";
    CHECK(cordon_trace(coins, &bad, &answer, &error) == CORDON_USAGE);
    bad = options;
    bad.format = "pdf";
    CHECK(cordon_trace(coins, &bad, &answer, &error) == CORDON_USAGE);
    bad = options;
    bad.stops = "no stops";
    CHECK(cordon_trace(coins, &bad, &answer, &error) == CORDON_INPUT);
    bad = options;
    bad.case_json = "{}";
    CHECK(cordon_trace(coins, &bad, &answer, &error) == CORDON_USAGE);
    bad.origins_n = 0;
    CHECK(cordon_trace(coins, &bad, &answer, &error) == CORDON_INPUT);
    bad.case_json = NULL;
    CHECK(cordon_trace(coins, &bad, &answer, &error) == CORDON_USAGE);
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i] = coins;
    CHECK(cordon_trace_ledgers(many, 33, &options, &answer, &error) == CORDON_LIMIT);
    CHECK(cordon_trace_ledgers(both, 0, &options, &answer, &error) == CORDON_USAGE);
    CHECK(answer == untouched);

    /* two threads at one ledger, and the same bytes */
    CHECK(!pthread_create(&thread, NULL, asks, &other));
    CHECK(!cordon_trace(coins, &options, &answer, &error));
    CHECK(!pthread_join(thread, &done) && done && !strcmp(answer, other.answer));
    cordon_free(other.answer);
    CHECK(!cordon_verify(coins, answer, &error));
    CHECK(cordon_verify(coins, "{}", &error) == CORDON_INPUT);
    part = strstr(answer, "\"taint\": \"");
    CHECK(part);
    part[10] = part[10] == '9' ? '8' : '9';
    CHECK(cordon_verify(coins, answer, &error) == CORDON_DIFFERS && error.text[0]);
    cordon_free(answer);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        options.format = formats[i];
        CHECK(!cordon_trace(coins, &options, &answer, &error) && *answer);
        cordon_free(answer);
    }
    options.format = NULL;
    CHECK(cordon_trace_ledgers(both, 2, &options, &again, &error) == CORDON_INPUT); /* of which? */
    snprintf(text, sizeof(text),
             "{\"id\":\"X\",\"origins\":[{\"chain\":\"bitcoin:sim\",\"output\":\"%s\"}]}", origin);
    options = (struct cordon_trace_options){.case_json = text};
    CHECK(!cordon_trace_ledgers(both, 2, &options, &again, &error));
    CHECK(strstr(again, "\"cordon.trace.ledgers/1\""));
    CHECK(!cordon_verify_ledgers(both, 2, again, &error));
    cordon_free(again);
}

int main(int argc, char **argv)
{
    struct cordon_ledger *coins = (void *)untouched, *accounts;

    if (argc != 6)
        return CORDON_USAGE;
    cordon_free(NULL);
    cordon_ledger_close(NULL);
    CHECK(cordon_ledger_open(argv[2], &coins, &error) == CORDON_INPUT); /* there is none yet */
    CHECK((void *)coins == (void *)untouched);
    ingests(argv);
    CHECK(!cordon_ledger_open(argv[2], &coins, &error));
    CHECK(!cordon_ledger_open(argv[5], &accounts, &error));
    looks_up(coins, accounts, argv[3]);
    says_who_is_who(coins, accounts, argv[3]);
    traces(coins, accounts, argv[3]);
    cordon_ledger_close(coins);
    cordon_ledger_close(accounts);
    puts("held");
    return 0;
}
