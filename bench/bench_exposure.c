/* Exposure of a whole ledger, of coins or of accounts, in one pass, and asked.
 *
 *     bench_exposure LEDGER [LABELS [SOURCES [CUT_PPM]]]
 *
 * Labels fall on addresses that are spread evenly over the ledger's (32 labels on 3,200, and no
 * cut, if not said otherwise), every fourth of which is a service; a look-up is of what a random
 * address received; the whole is saved beside the ledger, loaded, and removed. Prints one JSON line
 * a figure, of processor time; the ledger is read once beforehand, so the page cache is warm. */
#include "bench.h"

#include "base/mem.h"
#include "ledger/account_ledger.h"
#include "ledger/ledger.h"
#include "screen/account_exposure.h"
#include "screen/exposure.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LABELS 32
#define SOURCES 3200
#define LOOK_UPS 1000000
#define PARTS 64

struct wanted {
    uint32_t labels_n, cut_ppm;
    uint64_t sources_n;
    const char *file;
};

static struct exposure_asked asked(struct wanted w, uint64_t owners_n)
{
    uint64_t sources_n = w.sources_n;
    struct exposure_source *sources = mem_array(sources_n + 1, sizeof(*sources));

    if (!sources || !owners_n)
        fail("no addresses, or no memory");
    for (uint64_t i = 0; i < sources_n; i++)
        sources[i] = (struct exposure_source){
            .owner = (uint64_t)((unsigned __int128)owners_n * i / sources_n),
            .label = (uint16_t)(i % w.labels_n),
            .stops = i % 4 == 0};
    return (struct exposure_asked){.policy = TRACE_HAIRCUT,
                                   .labels_n = w.labels_n,
                                   .cut_ppm = w.cut_ppm,
                                   .sources = sources,
                                   .sources_n = sources_n};
}

static uint64_t touch(const uint8_t *p, uint64_t n)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < n; i += 4096)
        sum += p[i];
    return sum;
}

struct figures {
    const char *shape;
    uint64_t txs, moves, addresses, records, sums, cut, bytes, touched;
    double pass, look_ups, save, load;
    const char *file; /* where it is kept for a moment */
};

static void print(const struct exposure_asked *o, const struct figures *f)
{
    printf("{\"bench\":\"exposure\",\"shape\":\"%s\",\"labels\":%u,\"sources\":%zu,\"cut_ppm\":%u,"
           "\"transactions\":%" PRIu64 ",\"moves\":%" PRIu64 ",\"addresses\":%" PRIu64
           ",\"records\":%" PRIu64 ",\"sums\":%" PRIu64 ",\"cut\":%" PRIu64
           ",\"s\":%.3f,\"transactions_per_s\":%.0f,\"moves_per_s\":%.0f,"
           "\"bytes\":%" PRIu64 ",\"bytes_per_million_addresses\":%.0f,\"look_ups_per_s\":%.0f,"
           "\"save_s\":%.3f,\"load_s\":%.3f}\n",
           f->shape, o->labels_n, o->sources_n, o->cut_ppm, f->txs, f->moves, f->addresses,
           f->records, f->sums, f->cut, f->pass, (double)f->txs / f->pass,
           (double)f->moves / f->pass, f->bytes, (double)f->bytes / (double)f->addresses * 1e6,
           LOOK_UPS / f->look_ups, f->save, f->load);
}

static uint32_t script_of(const void *ledger, uint64_t output)
{
    uint32_t script = ledger_script_of(ledger, output);

    return script == SCRIPT_NONE ? EXPOSURE_NONE : script;
}

static const struct hash32 of_nothing;

static void coins_keep(const struct exposure *x, const struct exposure_options *o,
                       struct figures *f)
{
    struct exposure *again;
    struct err err;

    f->save = cpu_of_thread();
    if (!exposure_save(x, f->file, &of_nothing, &err))
        fail(err.text);
    f->load = cpu_of_thread();
    f->save = f->load - f->save;
    if (!exposure_load(f->file, o, &of_nothing, &again, &err))
        fail(err.text);
    f->load = cpu_of_thread() - f->load;
    unlink(f->file);
    exposure_free(again);
}

static void accounts_keep(const struct account_exposure *x,
                          const struct account_exposure_options *o, struct figures *f)
{
    struct account_exposure *again;
    struct err err;

    f->save = cpu_of_thread();
    if (!account_exposure_save(x, f->file, &of_nothing, &err))
        fail(err.text);
    f->load = cpu_of_thread();
    f->save = f->load - f->save;
    if (!account_exposure_load(f->file, o, &of_nothing, &again, &err))
        fail(err.text);
    f->load = cpu_of_thread() - f->load;
    unlink(f->file);
    account_exposure_free(again);
}

static void of_coins(const struct ledger *l, struct wanted w)
{
    struct exposure_view v = {*ledger_coins(l), script_of, l};
    uint64_t scripts_n = ledger_counts(l).scripts;
    struct exposure_options o = {.asked = asked(w, scripts_n)};
    struct figures f = {.shape = "coins",
                        .txs = v.coins.txs_n,
                        .moves = v.coins.outputs_n,
                        .addresses = scripts_n,
                        .file = w.file};
    struct exposure_part parts[PARTS];
    struct exposure *x;
    struct err err;

    f.touched = touch(v.coins.tx_first, v.coins.txs_n * TX_FIRST_BYTES) +
                touch(v.coins.out_value, v.coins.outputs_n * 8) +
                touch(v.coins.in_source, v.coins.inputs_n * ID_BYTES);
    for (uint64_t i = 0; i < v.coins.outputs_n; i += 1024)
        f.touched += script_of(l, i);
    f.pass = cpu_of_thread();
    if (!exposure_new(&o, &x, &err) || !exposure_add(x, &v, &err))
        fail(err.text);
    f.pass = cpu_of_thread() - f.pass;
    f.look_ups = cpu_of_thread();
    for (int i = 0; i < LOOK_UPS; i++)
        f.touched += exposure_received(x, (uint32_t)below(scripts_n), parts, PARTS);
    f.look_ups = cpu_of_thread() - f.look_ups;
    f.records = exposure_counts(x).records;
    f.sums = exposure_counts(x).sums;
    f.cut = exposure_counts(x).cut;
    f.bytes = exposure_counts(x).bytes;
    coins_keep(x, &o, &f);
    print(&o.asked, &f);
    exposure_free(x);
    mem_free((void *)o.asked.sources);
}

static void of_accounts(const struct account_ledger *l, struct wanted w)
{
    const struct accounts *a = account_ledger_accounts(l);
    struct account_exposure_options o = {.asked = asked(w, a->accounts_n)};
    struct figures f = {.shape = "accounts",
                        .txs = a->txs_n,
                        .moves = a->transfers_n,
                        .addresses = a->accounts_n,
                        .file = w.file};
    struct exposure_part parts[PARTS];
    uint64_t holdings[PARTS];
    struct account_exposure *x;
    struct err err;

    f.touched = touch(a->transfer, a->transfers_n * TRANSFER_BYTES) +
                touch(a->holding, a->holdings_n * HOLDING_BYTES);
    f.pass = cpu_of_thread();
    if (!account_exposure_new(&o, &x, &err) || !account_exposure_add(x, a, &err))
        fail(err.text);
    f.pass = cpu_of_thread() - f.pass;
    f.look_ups = cpu_of_thread();
    for (int i = 0; i < LOOK_UPS; i++)
        f.touched +=
            account_exposure_account(x, a, account_ledger_holding_last(l, below(a->accounts_n)),
                                     EXPOSURE_RECEIVED, parts, holdings, PARTS);
    f.look_ups = cpu_of_thread() - f.look_ups;
    f.records = account_exposure_counts(x).records;
    f.sums = account_exposure_counts(x).sums;
    f.cut = account_exposure_counts(x).cut;
    f.bytes = account_exposure_counts(x).bytes;
    accounts_keep(x, &o, &f);
    print(&o.asked, &f);
    account_exposure_free(x);
    mem_free((void *)o.asked.sources);
}

int main(int argc, char **argv)
{
    struct wanted w = {.labels_n = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : LABELS,
                       .sources_n = argc > 3 ? strtoull(argv[3], NULL, 10) : SOURCES,
                       .cut_ppm = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0};
    struct account_ledger *accounts = NULL;
    char file[PATH_MAX];
    struct ledger *coins = NULL;
    struct err err;

    if (argc < 2 || !w.labels_n)
        fail("LEDGER [LABELS [SOURCES [CUT_PPM]]]");
    snprintf(file, sizeof(file), "%s.exposure", argv[1]);
    w.file = file;
    if (ledger_open(argv[1], &coins, &err))
        of_coins(coins, w);
    else if (account_ledger_open(argv[1], &accounts, &err))
        of_accounts(accounts, w);
    else
        fail(err.text);
    ledger_close(coins);
    account_ledger_close(accounts);
    return 0;
}
