/* Ingests blocks, follows one output, and prints the trace.
 *
 *     cc trace.c -o trace $(pkg-config --cflags --libs cordon)
 *     ./trace CHAIN BLOCKS LEDGER TXID:VOUT */
#include <cordon.h>

#include <stdio.h>

static int failed(const char *what, enum cordon_result result, const struct cordon_error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->text);
    return (int)result;
}

int main(int argc, char **argv)
{
    struct cordon_error error;
    struct cordon_ingested ingested;
    struct cordon_ledger *ledger;
    enum cordon_result result;
    char *trace;

    if (argc != 5) {
        fprintf(stderr, "usage: trace CHAIN BLOCKS LEDGER TXID:VOUT\n");
        return CORDON_USAGE;
    }
    const char *paths[] = {argv[2]}, *origins[] = {argv[4]};

    result = cordon_ingest(argv[1], paths, 1, argv[3], NULL, &ingested, &error);
    if (result)
        return failed("ingest", result, &error);
    fprintf(stderr, "%llu blocks added\n", (unsigned long long)ingested.added);

    result = cordon_ledger_open(argv[3], &ledger, &error);
    if (result)
        return failed("ledger", result, &error);

    struct cordon_trace_options options = {.origins = origins, .origins_n = 1, .policy = "fifo"};

    result = cordon_trace(ledger, &options, &trace, &error);
    cordon_ledger_close(ledger);
    if (result)
        return failed("trace", result, &error);
    fputs(trace, stdout);
    cordon_free(trace);
    return 0;
}
