/* A small ledger whose files are patched by the input, then opened and walked: no fault, no endless
 * walk.
 * Input: records of {file, offset le16, byte}. The head's checksum is mended now and then, so that
 * what is behind it is reached. */
#include "base/mem.h"
#include "ledger/check.h"
#include "ledger/coins_columns.h"
#include "ledger/ledger.h"
#include "ledger/writer.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES (COLUMNS_N + 1)
#define FILE_BYTES_MAX 65536

static char dir[64];
static uint8_t *was[FILES];
static size_t was_n[FILES];

static const char *file_name(unsigned i)
{
    return i < COLUMNS_N ? coins_shape.columns[i].name : "head";
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

/* Three blocks: a coinbase each, spent by the next, one input from outside. */
static void make_ledger(void)
{
    static const uint8_t script[2][25] = {{0x76, 0xa9, 0x14, 1, [23] = 0x88, [24] = 0xac},
                                          {0x6a, 1, 2}};
    struct ledger_options o = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct ledger_writer *w;
    struct err err;
    struct hash32 prev = {{0}};
    uint8_t outside[OUTPOINT_BYTES] = {9};

    snprintf(dir, sizeof(dir), "/tmp/cordon-fuzz-XXXXXX");
    if (!mkdtemp(dir) || !ledger_writer_open(dir, chain_by_name("bitcoin:sim"), o, &w, &err))
        abort();
    for (uint8_t b = 0; b < 3; b++) {
        struct hash32 txids[2] = {{{b, 1}}, {{b, 2}}};
        uint32_t ins[2] = {0, 2}, outs[2] = {1, 2};
        uint8_t spend[OUTPOINT_BYTES] = {b, 1};
        const uint8_t *inputs[2] = {spend, outside};
        struct fact_output outputs[3] = {
            {50, {script[0], 25}}, {20, {script[0], 25}}, {0, {script[1], 3}}};
        struct fact_spent spent[2] = {{50, {script[0], 25}}, {7, {script[1], 3}}};
        struct block_facts f = {.prev = prev,
                                .height = b ? HEIGHT_UNKNOWN : 0,
                                .txs_n = 2,
                                .inputs_n = 2,
                                .outputs_n = 3,
                                .txids = txids,
                                .tx_inputs_n = ins,
                                .tx_outputs_n = outs,
                                .inputs = inputs,
                                .outputs = outputs,
                                .spent = spent};

        outside[1] = b;
        memcpy(f.header + 4, prev.b, 32);
        f.header[0] = b;
        prev = f.hash = sha256d(f.header, 80);
        if (!ledger_append(w, &f, 1, &err))
            abort();
    }
    ledger_writer_close(w);
    for (unsigned i = 0; i < FILES; i++) {
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
}

static void walk(const struct ledger *l)
{
    const struct coins *c = ledger_coins(l);

    for (uint32_t t = 0; t < c->txs_n && t < 100; t++) {
        struct coins_range in = coins_inputs(c, t), out = coins_outputs(c, t);
        struct hash32 id = ledger_txid(l, t);
        uint64_t value;
        uint32_t script;

        ledger_find_tx(l, &id);
        if (ledger_counts(l).blocks)
            assert(ledger_tx_block(l, t) < ledger_counts(l).blocks);
        else
            assert(ledger_tx_block(l, t) == BLOCK_NONE);
        for (uint64_t i = in.first; i < in.first + in.n && i < in.first + 100; i++) {
            coins_source(c, i, &value);
            ledger_outside(l, i, &script);
        }
        for (uint64_t o = out.first; o < out.first + out.n && o < out.first + 100; o++) {
            uint8_t buffer[SCRIPT_FORM_MAX];
            uint32_t twins[LEDGER_TWINS_MAX];
            struct bytes s;
            uint64_t at, steps = 0;

            coins_value(c, o);
            coins_spender(c, o);
            if (ledger_script(l, ledger_script_of(l, o), buffer, &s))
                ledger_find_address(l, s, twins);
            for (at = ledger_script_last(l, ledger_script_of(l, o)); at != COINS_NONE;
                 at = ledger_script_prev(l, at))
                assert(steps++ <= c->outputs_n);
        }
    }
    for (uint32_t b = 0; b < ledger_counts(l).blocks && b < 100; b++) {
        struct ledger_block block = ledger_block(l, b);

        ledger_find_block(l, &block.hash);
        ledger_find_height(l, block.height);
        ledger_run_of(l, b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ledger *l;
    struct err err;
    bool mend = size && data[0] & 1;

    if (!dir[0])
        make_ledger();
    for (unsigned i = 0; i < FILES; i++) {
        uint8_t *p = malloc(FILE_BYTES_MAX);
        size_t n = was_n[i];

        memcpy(p, was[i], n);
        for (size_t k = 1; k + 4 <= size; k += 4)
            if (data[k] % FILES == i && n)
                p[(data[k + 1] | (size_t)data[k + 2] << 8) % n] = data[k + 3];
        if (i == COLUMNS_N && mend && n > 72) { /* the last line is "sha256 " and 64 digits */
            static const char digits[] = "0123456789abcdef";
            struct hash32 sum = sha256(p, n - 72);

            for (unsigned d = 0; d < 64; d++)
                p[n - 65 + d] = (uint8_t)digits[d % 2 ? sum.b[d / 2] & 15 : sum.b[d / 2] >> 4];
        }
        put(i, p, n);
        free(p);
    }
    if (!ledger_check(dir, &err))
        assert(err.text[0]);
    if (ledger_open(dir, &l, &err)) {
        walk(l);
        ledger_close(l);
    }
    return 0;
}
