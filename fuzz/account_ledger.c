/* A small ledger of accounts whose files are patched by the input, then opened, checked and walked:
 * no fault, no endless walk.
 * Input: one byte (bit 0: mend the head's checksum, so that what is behind it is reached), then
 * records of {file, offset le16, byte}. */
#include "base/mem.h"
#include "ledger/account_columns.h"
#include "ledger/account_ledger.h"
#include "ledger/account_writer.h"
#include "ledger/check.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES (ACCOUNT_COLUMNS_N + 1)
#define FILE_BYTES_MAX 65536
#define HUB_TRANSFERS 600u /* more than two marks of a holding */

static char dir[64];
static uint8_t *was[FILES];
static size_t was_n[FILES];

static const char *file_name(unsigned i)
{
    return i < ACCOUNT_COLUMNS_N ? accounts_shape.columns[i].name : "head";
}

static void put(unsigned i, const uint8_t *p, size_t n)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", dir, file_name(i));
    fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    if (fd < 0 || write(fd, p, n) != (ssize_t)n)
        abort();
    close(fd);
}

static void get(unsigned i)
{
    char path[128];
    int fd;
    ssize_t n;

    snprintf(path, sizeof(path), "%s/%s", dir, file_name(i));
    was[i] = malloc(FILE_BYTES_MAX);
    fd = open(path, O_RDONLY);
    n = was[i] && fd >= 0 ? read(fd, was[i], FILE_BYTES_MAX) : -1;
    if (n < 0)
        abort();
    was_n[i] = (size_t)n;
    close(fd);
}

/* Two blocks: one of every kind, and a hub that everybody pays to. */
static void make_ledger(void)
{
    static uint8_t a[20] = {1}, b[20] = {2}, token[20] = {3}, path[8] = {1, 0, 0, 0, 2};
    static struct fact_transfer hub[HUB_TRANSFERS];
    struct u256 wide = {{1, 2, 3, 4}};
    struct fact_transfer all[] = {
        {'f', .from = {a, 20}, .to = {b, 20}, .amount = u256_of(9), .credit = u256_of(4)},
        {'v', .from = {a, 20}, .to = {b, 20}, .amount = u256_of(100)},
        {'i', .path = {path, 8}, .from = {b, 20}, .to = {a, 20}, .amount = u256_of(50)},
        {'l', 1, .from = {a, 20}, .to = {a, 20}, .asset = {token, 20}, .amount = wide},
        {'z', 2, .from = {b, 20}, .asset = {token, 20}},
        {'x', 3, .from = {b, 20}, .asset = {token, 20}, .amount = u256_of(1)},
        {'w', 0, .to = {b, 20}, .amount = u256_of(32)},
    };
    struct fact_event events[] = {{EVENT_MEMO, 1, {token, 20}, {path, 5}},
                                  {EVENT_SWAP, 2, {b, 20}, {NULL, 0}}};
    struct fact_tx txs[2] = {
        {.hash = {{1}}, .transfers = all, .transfers_n = 7, .events = events, .events_n = 2},
        {.hash = {{2}}, .transfers = hub, .transfers_n = HUB_TRANSFERS}};
    struct transfer_block blocks[2] = {
        {.hash = {{1}}, .height = 0, .time = 10, .internals = true, .txs = &txs[0], .txs_n = 1},
        {.hash = {{2}}, .prev = {{1}}, .height = 1, .time = 20, .txs = &txs[1], .txs_n = 1}};
    struct ledger_options o = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct account_ledger_writer *w;
    struct err err;

    for (uint32_t i = 0; i < HUB_TRANSFERS; i++)
        hub[i] = (struct fact_transfer){
            'l', i, .from = {a, 20}, .to = {b, 20}, .asset = {token, 20}, .amount = u256_of(i)};
    snprintf(dir, sizeof(dir), "/tmp/cordon-fuzz-XXXXXX");
    if (!mkdtemp(dir) || !account_ledger_writer_open(dir, chain_by_name("ethereum"), o, &w, &err) ||
        !account_ledger_append(w, blocks, 2, &err))
        abort();
    account_ledger_writer_close(w);
    for (unsigned i = 0; i < FILES; i++)
        get(i);
}

static void walk_holding(const struct account_ledger *l, const struct accounts *a, uint64_t h)
{
    struct holding holding = accounts_holding(a, h);
    struct holding_sums sums;
    struct err err;
    uint64_t steps = 0;

    for (uint64_t at = account_ledger_last(l, h); at != ACCOUNTS_NONE; at = accounts_prev(a, h, at))
        assert(steps++ <= a->transfers_n);
    if (holding.first < a->transfers_n)
        for (uint64_t at = holding.first; at != ACCOUNTS_NONE; at = accounts_next(a, h, at))
            assert(steps++ <= 2 * a->transfers_n);
    if (account_ledger_last(l, h) != ACCOUNTS_NONE)
        if (!accounts_sums_before(a, h, account_ledger_last(l, h), NULL, &sums, &err))
            assert(err.text[0]);
    account_ledger_find_holding(l, holding.account, holding.asset);
}

static void walk(const struct account_ledger *l)
{
    const struct accounts *a = account_ledger_accounts(l);

    for (uint64_t t = 0; t < a->transfers_n && t < 1000; t++) {
        assert(accounts_tx_of(a, t) < a->txs_n || !a->txs_n);
        assert(account_ledger_path(l, t).n <= (size_t)4 * TRACE_PATH_MAX);
    }
    for (uint64_t h = 0; h < a->holdings_n && h < 100; h++)
        walk_holding(l, a, h);
    for (uint64_t i = 0; i < a->accounts_n && i < 100; i++) {
        struct bytes key = account_ledger_key(l, i);
        uint64_t last = account_ledger_holding_last(l, i);

        assert(key.n <= ACCOUNT_KEY_MAX);
        assert(last == ACCOUNTS_NONE || last < a->holdings_n);
        account_ledger_find(l, key);
    }
    for (uint64_t i = 0; i < a->txs_n && i < 100; i++) {
        struct accounts_range r = account_ledger_events(l, i);
        struct hash32 hash = account_ledger_txid(l, i);

        for (uint64_t e = r.first; e < r.first + r.n; e++)
            account_ledger_event(l, e);
        account_ledger_find_tx(l, &hash);
        assert(account_ledger_tx_block(l, i) < account_ledger_counts(l).blocks);
    }
    for (uint32_t b = 0; b < account_ledger_counts(l).blocks && b < 100; b++) {
        struct account_ledger_block block = account_ledger_block(l, b);

        account_ledger_find_block(l, &block.hash);
        account_ledger_find_height(l, block.height);
        account_ledger_run_of(l, b);
        assert(account_ledger_until(l, b).transfers_n <= a->transfers_n);
    }
}

static void mend(uint8_t *p, size_t n) /* the last line is "sha256 " and 64 digits */
{
    static const char digits[] = "0123456789abcdef";
    struct hash32 sum = sha256(p, n - 72);

    for (unsigned d = 0; d < 64; d++)
        p[n - 65 + d] = (uint8_t)digits[d % 2 ? sum.b[d / 2] & 15 : sum.b[d / 2] >> 4];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct account_ledger *l;
    struct err err;

    if (!dir[0])
        make_ledger();
    for (unsigned i = 0; i < FILES; i++) {
        uint8_t *p = malloc(FILE_BYTES_MAX);
        size_t n = was_n[i];

        memcpy(p, was[i], n);
        for (size_t k = 1; k + 4 <= size; k += 4)
            if (data[k] % FILES == i && n)
                p[(data[k + 1] | (size_t)data[k + 2] << 8) % n] = data[k + 3];
        if (i == ACCOUNT_COLUMNS_N && size && data[0] & 1 && n > 72)
            mend(p, n);
        put(i, p, n);
        free(p);
    }
    if (!account_ledger_check(dir, &err))
        assert(err.text[0]);
    if (account_ledger_open(dir, &l, &err)) {
        walk(l);
        account_ledger_close(l);
    }
    return 0;
}
