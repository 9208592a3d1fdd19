/* Saved exposures of a small ledger of coins, or of accounts, patched by the input and summed up
 * anew, then loaded, asked, and brought to the ledger's end: no fault, and no endless way.
 * Input: a byte, even for coins; records of {offset le16, byte}. */
#include "ledger/format.h"
#include "screen/account_exposure.h"
#include "screen/exposure.h"
#include "screen/exposure_file.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TXS 32
#define OUTPUTS (2 * TXS)
#define COINBASES 4
#define HOLDINGS 8
#define TRANSFERS 48
#define LABELS 3
#define FILE_BYTES_MAX 65536
#define MOST 65536 /* records, owners */
#define HEAD_SUM_AT offsetof(struct exposure_file_head, sum)

static char path[64];
static const struct hash32 of = {{1}};
static uint8_t was[2][FILE_BYTES_MAX];
static size_t was_n[2];

static uint8_t tx_first[TXS * TX_FIRST_BYTES], out_value[OUTPUTS * 8], out_spent[OUTPUTS * 4],
    in_source[OUTPUTS * ID_BYTES];
static uint8_t transfers[TRANSFERS * TRANSFER_BYTES], holdings[HOLDINGS * HOLDING_BYTES],
    wide[U256_BYTES];

static const struct exposure_source sources[] = {{0, 0, false}, {3, 1, true}, {5, 1, false}};
static const struct exposure_origin origins[] = {{2, 2}, {9, 0}};
#define ASKED                                                                                      \
    {                                                                                              \
        .policy = TRACE_HAIRCUT, .labels_n = LABELS, .cut_ppm = 1000, .sources = sources,          \
        .sources_n = 3, .origins = origins, .origins_n = 2                                         \
    }
static const struct exposure_options coins_options = {
    .asked = ASKED, .records_max = MOST, .scripts_max = MOST};
static const struct account_exposure_options accounts_options = {
    .asked = ASKED, .holdings_max = MOST, .accounts_max = MOST, .records_max = MOST};

static uint32_t script_of(const void *ctx, uint64_t output)
{
    return (uint32_t)(output * 5 % 13);
}

/* Four coinbases; then each transaction spends both outputs of the one four before. */
static struct exposure_view coins_until(uint32_t txs)
{
    uint64_t inputs = 0;

    for (uint32_t t = 0; t < TXS; t++) {
        store_le40(tx_first + (size_t)t * TX_FIRST_BYTES, 2 * t);
        store_le40(tx_first + (size_t)t * TX_FIRST_BYTES + ID_BYTES, inputs);
        for (uint32_t i = 0; i < 2; i++) {
            store_le64(out_value + 8 * (size_t)(2 * t + i), 700 + (t < COINBASES ? 100 * t : 0));
            if (t >= COINBASES)
                store_le40(in_source + ID_BYTES * inputs++, 2 * (t - COINBASES) + i);
        }
    }
    return (struct exposure_view){.coins = {.txs_n = txs,
                                            .outputs_n = 2 * (uint64_t)txs,
                                            .inputs_n = 2 * ((uint64_t)txs - COINBASES),
                                            .tx_first = tx_first,
                                            .out_value = out_value,
                                            .out_spent = out_spent,
                                            .in_source = in_source},
                                  .script_of = script_of};
}

/* Issued at first, one amount of them wide, then among each other. */
static struct accounts accounts_until(uint64_t n)
{
    static const char kinds[] = "vvvvvvzu";

    wide[20] = 1;
    for (size_t h = 0; h < HOLDINGS; h++)
        store_le40(holdings + h * HOLDING_BYTES, h);
    for (size_t i = 0; i < TRANSFERS; i++) {
        uint8_t *p = transfers + i * TRANSFER_BYTES;

        store_le40(p, i < HOLDINGS ? ACCOUNTS_NONE : i * 3 % HOLDINGS);
        store_le40(p + 5, i < HOLDINGS ? i : i * 5 % HOLDINGS);
        store_le64(p + TRANSFER_AT_AMOUNT, i < HOLDINGS ? 1000 * i : i);
        p[TRANSFER_AT_KIND] = (uint8_t)(i < HOLDINGS ? 'v' : kinds[i % 8]);
    }
    store_le64(transfers + TRANSFER_AT_AMOUNT, 0);
    transfers[TRANSFER_AT_KIND - 1] = 0x80;
    return (struct accounts){.transfers_n = n,
                             .accounts_n = HOLDINGS,
                             .holdings_n = HOLDINGS,
                             .wide_n = 1,
                             .transfer = transfers,
                             .holding = holdings,
                             .wide = wide};
}

static void coins_ask(void)
{
    struct exposure_view v = coins_until(TXS);
    struct exposure_part parts[16];
    uint32_t txs[8], source;
    struct exposure *x;
    struct err err;

    if (!exposure_load(path, &coins_options, &of, &x, &err))
        return;
    for (int again = 0; again < 2; again++) {
        for (uint32_t s = 0; s < 16; s++) {
            exposure_received(x, s, parts, 16);
            exposure_sent(x, s, parts, 16);
        }
        for (uint64_t o = 0; o < v.coins.outputs_n; o++)
            exposure_output(x, &v.coins, o, parts, 16);
        for (uint32_t r = 0; r < exposure_counts(x).records; r++)
            exposure_path(x, r, txs, 8, &source);
        if (!exposure_add(x, &v, &err))
            break;
    }
    exposure_free(x);
}

static void accounts_ask(void)
{
    struct accounts a = accounts_until(TRANSFERS);
    struct account_exposure *x;
    struct exposure_part parts[16];
    uint64_t way[8], source;
    struct err err;

    if (!account_exposure_load(path, &accounts_options, &of, &x, &err))
        return;
    for (int again = 0; again < 2; again++) {
        for (uint64_t h = 0; h < HOLDINGS; h++)
            for (int kind = EXPOSURE_RECEIVED; kind <= EXPOSURE_HELD; kind++)
                account_exposure_holding(x, h, (enum account_exposure_kind)kind, parts, 16);
        for (uint32_t r = 0; r < account_exposure_counts(x).records; r++)
            account_exposure_path(x, &a, r, way, 8, &source);
        for (uint64_t t = 0; t < a.transfers_n; t++) {
            bool kept;
            size_t n = account_exposure_transfer(x, &a, t, EXPOSURE_RECEIVED, parts, 16, &kept);

            for (size_t i = 0; i < n && i < 16; i++)
                account_exposure_transfer_path(x, &a, t, &parts[i], way, 8, &source);
        }
        if (!account_exposure_add(x, &a, &err))
            break;
    }
    account_exposure_free(x);
}

static size_t keep(uint8_t *to)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, to, FILE_BYTES_MAX) : -1;

    if (n < (ssize_t)sizeof(struct exposure_file_head))
        abort();
    close(fd);
    return (size_t)n;
}

static void end(void)
{
    unlink(path);
}

static void start(void)
{
    struct exposure_view v = coins_until(TXS - 8);
    struct accounts a = accounts_until(TRANSFERS - 8);
    struct account_exposure *y;
    struct exposure *x;
    struct err err;

    snprintf(path, sizeof(path), "/tmp/cordon-fuzz-exposure-%d", (int)getpid());
    atexit(end);
    if (!exposure_new(&coins_options, &x, &err) || !exposure_add(x, &v, &err) ||
        !exposure_save(x, path, &of, &err))
        abort();
    was_n[0] = keep(was[0]);
    exposure_free(x);
    if (!account_exposure_new(&accounts_options, &y, &err) || !account_exposure_add(y, &a, &err) ||
        !account_exposure_save(y, path, &of, &err))
        abort();
    was_n[1] = keep(was[1]);
    account_exposure_free(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t now[FILE_BYTES_MAX];
    unsigned shape;
    int fd;

    if (!size)
        return 0;
    if (!was_n[0])
        start();
    shape = *data & 1;
    memcpy(now, was[shape], was_n[shape]);
    for (size_t at = 1; at + 3 <= size; at += 3)
        now[load_le16(data + at) % was_n[shape]] = data[at + 2];
    store_le64(now + HEAD_SUM_AT, column_sum(0, now, HEAD_SUM_AT));
    store_le64(now + was_n[shape] - 8, column_sum(0, now, was_n[shape] - 8));
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, now, was_n[shape]) != (ssize_t)was_n[shape])
        abort();
    close(fd);
    if (shape)
        accounts_ask();
    else
        coins_ask();
    return 0;
}
