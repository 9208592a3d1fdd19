/* What include/cordon.h promises of ledgers of accounts: from a list to a trace and back. */
#include "support.h"

#include "cordon.h"

#include <stdio.h>

#define A "0x00000000000000000000000000000000000000aa"
#define B "0x00000000000000000000000000000000000000bb"

static void a_list_is_followed(void **state)
{
    static const char list[] = "time,from,to,amount\n2024-01-01T00:00:00Z," A "," B ",2.5\n";
    const char *dir = test_dir();
    char path[256], ledger_dir[256], *answer, *again;
    const char *paths[] = {path}, *origins[] = {B};
    struct cordon_ingest_options ingest = {
        .map = "time=time,from=from,to=to,amount=amount,decimals=18"};
    struct cordon_trace_options options = {.origins = origins, .origins_n = 1, .policy = "libr"};
    struct cordon_ingested ingested;
    struct cordon_ledger *ledger;
    struct cordon_error error;
    FILE *file;

    snprintf(path, sizeof(path), "%s/list.csv", dir);
    snprintf(ledger_dir, sizeof(ledger_dir), "%s/ledger", dir);
    file = fopen(path, "wb");
    CHECK(file && fputs(list, file) >= 0 && !fclose(file));
    CHECK_U(cordon_ingest("ethereum", paths, 1, ledger_dir, &ingest, &ingested, &error), 0);
    CHECK_U(ingested.added, 1);
    CHECK_U(cordon_ledger_open(ledger_dir, &ledger, &error), 0);
    CHECK_S(cordon_ledger_chain(ledger), "ethereum");
    CHECK_U(cordon_info(ledger, &answer, &error), 0);
    CHECK(strstr(answer, "\"transfers\": 1"));
    cordon_free(answer);
    CHECK_U(cordon_address(ledger, B, &answer, &error), 0);
    CHECK(strstr(answer, "\"balance\": \"2500000000000000000\""));
    cordon_free(answer);
    CHECK_U(cordon_tx(ledger, "12", &answer, &error), CORDON_USAGE);
    CHECK_U(cordon_trace(ledger, &options, &answer, &error), 0);
    CHECK(strstr(answer, "\"policy\": \"libr\""));
    CHECK(strstr(answer, "\"held\": \"2500000000000000000\""));
    CHECK_U(cordon_verify(ledger, answer, &error), 0);
    CHECK_U(cordon_trace_ledgers((const struct cordon_ledger *const *)&ledger, 1, &options, &again,
                                 &error),
            0);
    CHECK_S(answer, again);
    cordon_free(again);
    cordon_free(answer);
    CHECK_U(cordon_deposit(ledger, A, "address,name,category\n" B ",X,exchange\n", &answer, &error),
            0);
    CHECK(strstr(answer, "\"not_a_deposit\": \"what goes on is not what came\""));
    cordon_free(answer);
    options.format = "pdf";
    CHECK_U(cordon_trace(ledger, &options, &answer, &error), CORDON_USAGE);
    CHECK_S(error.text, "unknown format \"pdf\"");
    CHECK_U(cordon_trace_ledgers(NULL, 0, &options, &answer, &error), CORDON_USAGE);
    cordon_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
