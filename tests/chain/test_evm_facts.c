/* What moves, case by case, in blocks put together by hand. Accounts are a byte twenty times. */
#include "support.h"

#include "base/text.h"
#include "chain/evm/block.h"

#include <stdio.h>

static struct evm_block *start(const char *chain, uint64_t number)
{
    struct evm_block *b = evm_block_new(chain_by_name(chain));

    CHECK(b);
    b->header.number = number;
    memset(b->header.beneficiary, 0xfe, 20);
    return b;
}

static struct evm_tx *tx(struct evm_block *b, uint64_t value)
{
    struct err err;
    struct evm_tx *t = evm_tx_add(b, &err);

    CHECK(t);
    memset(t->from, 0xaa, 20);
    memset(t->to, 0xbb, 20);
    t->value = u256_of(value);
    t->received = true;
    t->status = EVM_DONE;
    t->calls_first = b->calls_n;
    t->logs_first = b->logs_n;
    return t;
}

static void call(struct evm_block *b, uint32_t parent, uint32_t child, enum evm_call_kind kind,
                 unsigned from, unsigned to, uint64_t value, bool failed)
{
    struct err err;
    struct evm_call *c = evm_call_add(b, &err);

    CHECK(c);
    *c = (struct evm_call){
        .parent = parent, .child = child, .kind = kind, .failed = failed, .value = u256_of(value)};
    c->depth = parent == EVM_CALL_NONE ? 0 : b->calls[parent].depth + 1;
    memset(c->from, (int)from, 20);
    memset(c->to, (int)to, 20);
    b->txs[b->txs_n - 1].calls_n++;
}

static void put_key(struct text *t, struct bytes key)
{
    if (!key.n)
        text_str(t, "--");
    else
        text_printf(t, "%02x", key.p[0]);
}

/* "v aa>bb 5", a transfer after another with a semicolon, a transaction on from another with a
 * bar. */
static const char *told(struct evm_block *b)
{
    static char said[2048];
    struct text t = text_new(sizeof(said));
    struct transfer_block f;
    struct err err;

    if (!evm_block_facts(b, &f, &err)) {
        snprintf(said, sizeof(said), "%s", err.text);
        text_free(&t);
        return said;
    }
    for (size_t i = 0; i < f.txs_n; i++) {
        if (i)
            text_str(&t, " | ");
        if (f.txs[i].failed)
            text_str(&t, "failed ");
        for (size_t k = 0; k < f.txs[i].transfers_n; k++) {
            const struct fact_transfer *m = &f.txs[i].transfers[k];
            char amount[U256_TEXT_MAX];

            text_printf(&t, "%s%c", k ? "; " : "", m->kind);
            if (m->position)
                text_printf(&t, "%u", m->position);
            for (size_t p = 0; p < m->path.n; p += 4)
                text_printf(&t, "%s%u", p ? "_" : "", load_le32(m->path.p + p));
            text_char(&t, ' ');
            put_key(&t, m->from);
            text_char(&t, '>');
            put_key(&t, m->to);
            u256_to_text(m->amount, amount);
            text_printf(&t, " %s", amount);
            if (!u256_equal(m->credit, m->amount)) {
                u256_to_text(m->credit, amount);
                text_printf(&t, "/%s", amount);
            }
        }
        for (size_t k = 0; k < f.txs[i].events_n; k++) {
            const struct fact_event *e = &f.txs[i].events[k];

            text_printf(&t, "; e%d ", e->kind);
            put_key(&t, e->subject);
            text_printf(&t, " %.*s", (int)e->data.n, (const char *)e->data.p);
        }
    }
    CHECK(!t.bad);
    snprintf(said, sizeof(said), "%s", text_string(&t));
    text_free(&t);
    return said;
}

static void fees(void **state)
{
    struct evm_block *b = start("ethereum", 20000000);
    struct evm_tx *t = tx(b, 5);

    b->header.optional_n = EVM_HEADER_CANCUN;
    b->header.base_fee = u256_of(7);
    t->gas_used = 21000;
    t->gas_price = u256_of(10);
    t = tx(b, 6);
    t->status = EVM_FAILED;
    t->gas_used = 100;
    t->gas_price = u256_of(7);
    CHECK_S(told(b), "f aa>fe 210000/63000; v aa>bb 5 | failed f aa>fe 700/0");
    b->txs[1].gas_price = u256_of(6);
    CHECK_S(told(b), "block 20000000: transaction 1: less paid for gas than the base fee");
    evm_block_free(b);
}

static void calls(void **state)
{
    struct evm_block *b = start("ethereum", 20000000);

    b->traced = true;
    tx(b, 9);
    call(b, EVM_CALL_NONE, 0, EVM_CALL, 0xaa, 0xbb, 9, false); /* 0: the value itself */
    call(b, 0, 0, EVM_CALL, 0xbb, 0xc1, 1, false);             /* 1 */
    call(b, 1, 0, EVM_CALL_STILL, 0xc1, 0xc2, 77, false);      /* 2: a delegatecall */
    call(b, 2, 0, EVM_CALL, 0xc1, 0xc3, 2, false);             /* 3 */
    call(b, 1, 1, EVM_CALL, 0xc1, 0xc4, 3, true);              /* 4: failed */
    call(b, 4, 0, EVM_CALL, 0xc4, 0xc5, 4, false);             /* 5: within it */
    call(b, 0, 1, EVM_CALL, 0xbb, 0xc6, 0, false);             /* 6: of nothing */
    call(b, 0, 2, EVM_CREATE, 0xbb, 0xc7, 5, false);           /* 7 */
    call(b, 0, 3, EVM_DESTRUCT, 0xbb, 0xc8, 6, false);         /* 8 */
    call(b, 0, 4, EVM_CALL, 0xbb, 0xbb, 7, false);             /* 9: to itself */
    call(b, 0, 5, EVM_DESTRUCT, 0xbb, 0xbb, 8, false);         /* 10: burns, until Cancun */
    CHECK_S(told(b), "v aa>bb 9; i0 bb>c1 1; i0_0_0 c1>c3 2; i2 bb>c7 5; i3 bb>c8 6; i5 bb>-- 8");
    b->header.optional_n = EVM_HEADER_CANCUN;
    CHECK_S(told(b), "v aa>bb 9; i0 bb>c1 1; i0_0_0 c1>c3 2; i2 bb>c7 5; i3 bb>c8 6");
    b->txs[0].status = EVM_FAILED;
    CHECK_S(told(b), "failed ");
    evm_block_free(b);
}

/* Receipts from before Byzantium. */
static void no_status(void **state)
{
    static const struct {
        const char *name;
        uint64_t limit, used, input;
        bool received;
        int trace; /* 1: succeeded, 2: failed */
        const char *want;
    } rows[] = {
        {"gas left over", 22000, 21000, 3, true, 0, "v aa>bb 5"},
        {"all gas, a plain payment", 21000, 21000, 0, true, 0, "v aa>bb 5"},
        {"all gas", 90000, 90000, 0, true, 0, "failed "},
        {"all gas, with input", 21000, 21000, 3, true, 0, "failed "},
        {"no receipt", 90000, 0, 3, false, 0, "v aa>bb 5"},
        {"all gas, and a trace", 90000, 90000, 0, true, 1, "v aa>bb 5"},
        {"a plain payment that failed", 21000, 21000, 0, true, 2, "failed "},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct evm_block *b = start("evm:dev", 100);
        struct evm_tx *t = tx(b, 5);
        struct transfer_block f;
        struct err err;

        test_row("%s", rows[i].name);
        t->status = EVM_UNKNOWN;
        t->gas_limit = rows[i].limit;
        t->gas_used = rows[i].used;
        t->input_n = rows[i].input;
        t->received = rows[i].received;
        b->traced = rows[i].trace != 0;
        if (b->traced)
            call(b, EVM_CALL_NONE, 0, EVM_CALL, 0xaa, 0xbb, 5, rows[i].trace == 2);
        CHECK_S(told(b), rows[i].want);
        CHECK_OK(evm_block_facts(b, &f, &err), err);
        CHECK_U(f.internals, rows[i].trace != 0); /* what is not known is marked */
        evm_block_free(b);
    }
}

static void logs(void **state)
{
    static const char transfer[] =
        "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
        "000000000000000000000000a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
        "000000000000000000000000b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1";
    struct bytes topics = test_hex(transfer),
                 native = test_hex("0000000000000000000000000000000000001010"),
                 amount =
                     test_hex("000000000000000000000000000000000000000000000000000000000000002a");
    uint8_t token[20];

    memset(token, 0xcc, sizeof(token));
    for (int polygon = 0; polygon < 2; polygon++) {
        struct evm_block *b = start(polygon ? "polygon" : "ethereum", 20000000);
        struct evm_tx *t = tx(b, 0);
        struct err err;

        for (uint32_t i = 0; i < 2; i++) {
            struct evm_log *log = evm_log_add(b, &err);

            CHECK(log);
            *log = (struct evm_log){.address = i ? (struct bytes){token, 20} : native,
                                    .topics = (const void *)topics.p,
                                    .topics_n = 3,
                                    .data = amount,
                                    .index = i};
        }
        t->logs_n = 2;
        test_row(polygon ? "polygon" : "ethereum");
        CHECK_S(told(b), polygon ? "l1 a1>b1 42" : "l a1>b1 42; l1 a1>b1 42");
        t->status = EVM_FAILED;
        CHECK_S(told(b), "failed ");
        evm_block_free(b);
    }
}

static void deposits(void **state)
{
    struct evm_block *b = start("base", 1000);
    struct evm_tx *t = tx(b, 40);

    b->header.optional_n = EVM_HEADER_CANCUN;
    b->header.base_fee = u256_of(7);
    t->mint = u256_of(100);
    t->free = true;
    t->gas_used = 50000;
    t = tx(b, 40);
    t->mint = u256_of(100);
    t->free = true;
    t->status = EVM_FAILED;
    CHECK_S(told(b), "v1 -->aa 100; v aa>bb 40 | failed v1 -->aa 100");
    evm_block_free(b);
}

static void outside(void **state)
{
    struct evm_block *b = start("ethereum", 17034870);
    struct evm_withdrawal *w;
    struct err err;

    w = evm_withdrawal_add(b, &err);
    memset(w->to, 0xd1, 20);
    w->gwei = 3;
    evm_withdrawal_add(b, &err); /* of nothing */
    w = evm_withdrawal_add(b, &err);
    memset(w->to, 0xd2, 20);
    w->gwei = UINT64_MAX;
    CHECK_S(told(b), "w -->d1 3000000000; w2 -->d2 18446744073709551615000000000");
    evm_block_free(b);
}

/* Yellow Paper, 11.3, with the rewards of EIP-649 and EIP-1234. */
static void rewards(void **state)
{
    static const struct {
        const char *name, *chain;
        uint64_t number, difficulty;
        uint64_t uncles[3]; /* numbers; 0: none, UINT64_MAX: not told */
        const char *want;
    } rows[] = {
        {"genesis", "ethereum", 0, 1, {0}, ""},
        {"the first", "ethereum", 1, 1, {0}, "r -->fe 5000000000000000000"},
        {"before Byzantium, an uncle",
         "ethereum",
         4369999,
         1,
         {4369998},
         "r -->fe 5156250000000000000; r1 -->e0 4375000000000000000"},
        {"Byzantium, two uncles",
         "ethereum",
         4370000,
         1,
         {4369999, 4369994},
         "r -->fe 3187500000000000000; r1 -->e0 2625000000000000000; "
         "r2 -->e1 750000000000000000"},
        {"Constantinople, one not told",
         "ethereum",
         7280000,
         1,
         {UINT64_MAX},
         "r -->fe 2062500000000000000"},
        {"the merge", "ethereum", 15537394, 0, {0}, ""},
        {"another chain", "bsc", 100, 2, {0}, ""},
        {"too old an uncle",
         "ethereum",
         100,
         1,
         {93},
         "block 100: uncle 0: not of one of the 6 blocks before"},
        {"an uncle of itself",
         "ethereum",
         100,
         1,
         {100},
         "block 100: uncle 0: not of one of the 6 blocks before"},
        {"three", "ethereum", 100, 1, {99, 99, 99}, "block 100: more than two uncles"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct evm_block *b = start(rows[i].chain, rows[i].number);
        struct err err;

        test_row("%s", rows[i].name);
        b->header.difficulty = u256_of(rows[i].difficulty);
        for (int k = 0; k < 3 && rows[i].uncles[k]; k++) {
            struct evm_uncle *u = evm_uncle_add(b, &err);

            memset(u->miner, 0xe0 + k, 20);
            u->known = rows[i].uncles[k] != UINT64_MAX;
            u->number = rows[i].uncles[k];
        }
        CHECK_S(told(b), rows[i].want);
        evm_block_free(b);
    }
}

static struct bytes words(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* An input that is a memo: what is asked goes to the vault, what is paid comes from it. */
static void memos(void **state)
{
    struct evm_block *b = start("ethereum", 20000000);
    struct evm_tx *t;

    tx(b, 5)->memo = words("=:b:bc1q");
    tx(b, 6)->memo = words("OUT:50AD5CFE4AFB72D6096DAE8968F1A25B23F65285D0DEB26EB8BA9710C176B5CE");
    tx(b, 0)->memo = words("=:b:bc1q"); /* nothing goes with it */
    t = tx(b, 7);
    t->memo = words("=:b:bc1q");
    t->status = EVM_FAILED;
    t = tx(b, 8);
    t->memo = words("=:b:bc1q");
    t->creates = true;
    CHECK_S(told(b), "v aa>bb 5; e1 bb =:b:bc1q | v aa>bb 6; e1 aa "
                     "OUT:50AD5CFE4AFB72D6096DAE8968F1A25B23F65285D0DEB26EB8BA9710C176B5CE |  | "
                     "failed  | v aa>bb 8");
    evm_block_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fees),    cmocka_unit_test(calls),    cmocka_unit_test(no_status),
        cmocka_unit_test(logs),    cmocka_unit_test(deposits), cmocka_unit_test(outside),
        cmocka_unit_test(rewards), cmocka_unit_test(memos),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
