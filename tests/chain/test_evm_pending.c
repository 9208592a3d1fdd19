/* Transactions of EVM chains in no block yet: rows, every truncation, every failed allocation. */
#include "support.h"

#include "chain/evm/pending.h"

#include <stdio.h>

#define HASH "0x00000000000000000000000000000000000000000000000000000000000000aa"
#define A "0x00000000000000000000000000000000000000a1"
#define B "0x00000000000000000000000000000000000000b2"
#define TOKEN "0x00000000000000000000000000000000000000f0"
#define WORD_A "00000000000000000000000000000000000000000000000000000000000000a1"
#define WORD_C "00000000000000000000000000000000000000000000000000000000000000c3"
#define WORD_5 "0000000000000000000000000000000000000000000000000000000000000005"
#define BEGIN "{\"hash\":\"" HASH "\",\"from\":\"" A "\",\"nonce\":\"0x1\","
#define TRANSFER "a9059cbb" WORD_C WORD_5
#define TRANSFER_FROM "23b872dd" WORD_A WORD_C WORD_5
#define ARENA ((size_t)1 << 24)

static const struct {
    const char *name, *in;
    bool bad;
    const char *want; /* a move: asset, from, to by their last bytes, amount */
} rows[] = {
    {"coins", BEGIN "\"to\":\"" B "\",\"value\":\"0x12\",\"input\":\"0x\"}", false, "-- a1 b2 18;"},
    {"tokens", BEGIN "\"to\":\"" TOKEN "\",\"value\":\"0x0\",\"input\":\"0x" TRANSFER "\"}", false,
     "f0 a1 c3 5;"},
    {"both", BEGIN "\"to\":\"" TOKEN "\",\"value\":\"0x1\",\"input\":\"0x" TRANSFER "\"}", false,
     "-- a1 f0 1;f0 a1 c3 5;"},
    {"somebody else's",
     BEGIN "\"to\":\"" TOKEN "\",\"value\":\"0x0\",\"input\":\"0x" TRANSFER_FROM "\"}", false,
     "f0 a1 c3 5;"},
    {"more than it needs",
     BEGIN "\"to\":\"" TOKEN "\",\"value\":\"0x0\",\"input\":\"0x" TRANSFER WORD_5 "00\"}", false,
     "f0 a1 c3 5;"},
    {"a call cut short",
     BEGIN "\"to\":\"" TOKEN "\",\"value\":\"0x0\",\"input\":\"0xa9059cbb" WORD_C "\"}", false, ""},
    {"another call",
     BEGIN "\"to\":\"" TOKEN "\",\"value\":\"0x0\",\"input\":\"0xdeadbeef" WORD_C WORD_5 "\"}",
     false, ""},
    {"no hex",
     BEGIN "\"to\":\"" TOKEN "\",\"value\":\"0x0\",\"input\":\"0xa9059cbg" WORD_C WORD_5 "\"}",
     false, ""},
    {"a contract is made", BEGIN "\"to\":null,\"value\":\"0x1\",\"input\":\"0x60\"}", false, ""},
    {"no value", BEGIN "\"to\":\"" B "\"}", true, ""},
    {"a value of nothing", BEGIN "\"to\":\"" B "\",\"value\":\"0x\"}", true, ""},
    {"a value past 256 bits", BEGIN "\"to\":\"" B "\",\"value\":\"0x1" WORD_5 "\"}", true, ""},
    {"a value that is a number", BEGIN "\"to\":\"" B "\",\"value\":18}", true, ""},
    {"no hash", "{\"from\":\"" A "\",\"to\":\"" B "\",\"value\":\"0x1\"}", true, ""},
    {"no object", "[]", true, ""},
    {"no JSON", "0x", true, ""},
};

static void shown(const struct pending_tx *p, char *to, size_t size)
{
    size_t n = 0;

    *to = 0;
    for (size_t i = 0; i < p->moves_n; i++) {
        const struct pending_move *m = &p->moves[i];

        n += (size_t)snprintf(to + n, size - n, m->token ? "%02x" : "--", m->asset[19]);
        n += (size_t)snprintf(to + n, size - n, " %02x %02x %llu;", m->from[19], m->to[19],
                              (unsigned long long)m->amount.w[0]);
    }
}

static void by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA);
        struct pending_tx p = {.moves_n = 0};
        struct err err;
        char got[200];

        test_row("%s", rows[i].name);
        CHECK_U(evm_pending_read(a, (struct bytes){(const uint8_t *)rows[i].in, strlen(rows[i].in)},
                                 &p, &err),
                !rows[i].bad);
        if (!rows[i].bad) {
            CHECK_U(p.hash.b[31], 0xaa);
            shown(&p, got, sizeof(got));
            CHECK_S(got, rows[i].want);
        }
        arena_free(a);
    }
}

static void cut_short(void **state)
{
    size_t n = strlen(rows[3].in);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct arena *a = arena_new(NULL, ARENA);
        struct pending_tx p;
        struct err err;

        CHECK(!evm_pending_read(a, (struct bytes){(const uint8_t *)rows[3].in, i}, &p, &err));
        arena_free(a);
    }
}

static bool whole(void *ctx)
{
    const char *in = ctx;
    struct arena *a = arena_new(NULL, ARENA);
    struct pending_tx p;
    struct err err;
    bool ok = a && evm_pending_read(a, (struct bytes){(const uint8_t *)in, strlen(in)}, &p, &err);

    arena_free(a);
    return ok;
}

static void every_allocation(void **state)
{
    (void)state;
    test_failed_allocations(whole, (void *)rows[3].in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_row),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
