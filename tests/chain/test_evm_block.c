/* Blocks of Ethereum and BSC as they stand on the wire.
 *
 * Hashes of blocks are those of the chain; sums and the hashes over all senders and transaction
 * hashes come from a second implementation, written for this from the Yellow Paper and SEC 1 in
 * Python, with its own RLP, Keccak and curve. */
#include "evm_parts.h"
#include "support.h"

#include "base/keccak.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/evm/block.h"

#include <stdlib.h>

static void check_hash(const struct hash32 *got, const char *want)
{
    struct bytes w = test_hex(want);

    CHECK(w.n == 32 && !memcmp(got->b, w.p, 32));
}

struct sums {
    struct u256 fees, credits, values, withdrawn, rewards;
    size_t values_n, withdrawals_n, failed;
};

static void sum(struct u256 *to, struct u256 v)
{
    CHECK(u256_add(*to, v, to));
}

static struct sums sums_of(const struct transfer_block *f)
{
    struct sums s = {0};

    for (size_t i = 0; i < f->txs_n; i++) {
        s.failed += f->txs[i].failed;
        for (size_t k = 0; k < f->txs[i].transfers_n; k++) {
            const struct fact_transfer *t = &f->txs[i].transfers[k];

            if (t->kind == TRANSFER_FEE) {
                sum(&s.fees, t->amount);
                sum(&s.credits, t->credit);
            } else if (t->kind == TRANSFER_VALUE) {
                sum(&s.values, t->amount);
                s.values_n++;
            } else if (t->kind == TRANSFER_WITHDRAWAL) {
                sum(&s.withdrawn, t->amount);
                s.withdrawals_n++;
            } else if (t->kind == TRANSFER_REWARD) {
                sum(&s.rewards, t->amount);
            }
        }
    }
    return s;
}

static void check_u256(struct u256 got, const char *want)
{
    char text[U256_TEXT_MAX];

    u256_to_text(got, text);
    CHECK_S(text, want);
}

static void check_all(const struct evm_block *b, const char *senders, const char *hashes)
{
    uint8_t *keys = malloc(b->txs_n * 20), *ids = malloc(b->txs_n * 32);
    struct hash32 keys_hash, ids_hash;

    CHECK(keys && ids);
    for (size_t i = 0; i < b->txs_n; i++) {
        memcpy(keys + 20 * i, b->txs[i].from, 20);
        memcpy(ids + 32 * i, b->txs[i].hash.b, 32);
    }
    keys_hash = keccak256(keys, b->txs_n * 20);
    ids_hash = keccak256(ids, b->txs_n * 32);
    free(keys);
    free(ids);
    check_hash(&keys_hash, senders);
    check_hash(&ids_hash, hashes);
}

static const struct {
    const char *number, *hash;
    size_t txs, failed, values, withdrawals;
    const char *fees, *tips, *value, *withdrawn, *rewards, *senders, *hashes;
} mainnet[] = {
    {"14764013", "720704f3aa11c53cf344ea069db95cecb81ad7453c8f276b2a1062979611f09c", 19, 2, 5, 0,
     "169516583294784738", "18919740320126988", "3180889912703264728", "0",
     "3812500000000000000" /* 2, 2/32, and 7/8 of 2 for an uncle of the block before */,
     "4f4bd31bf530e603b001ed2083226759713ab1dceb2c87fd406737b3ca9b6227",
     "4b5db8aca860e5124333ead9d47db17b53c0bd3717db874c2d826b1d36efc8a9"},
    {"15537393", "55b11b918355b1ef9c5db810302ebad0bf2544255b530cdce90674d5887bb286", 1, 0, 1, 0,
     "1301358596985752877", "89974287", "30198550054898867892", "0", "2000000000000000000",
     "f970b65b4e48d1d0eeaf9a8d6ece772a20a0bdcd39bdeeb56308f4ecd38f07b8",
     "8d3c749b907cafcc60df15faacf4e2442c1343a5a9a7c51363fdf842fc6d8268"},
    {"15537394", "56a9bb0302da44b8c0b3df540781424684c3af04d0b7a38d72842b762076a664", 80, 46, 1, 0,
     "46494902574979045804", "45031378244766393234", "31391199870524086", "0", "0",
     "b9f46e804f0192925eb26e0f78104ee633df8abbf083bb408a7d4b08d2c27884",
     "1510cb2851f6d3a164d3188605af4e65f66bd6f941a6f35be278eafe4e42f190"},
    {"17034869", "c2558f8143d5f5acb8382b8cb2b8e2f1a10c8bdfeededad850eaca048ed85d8f", 93, 3, 51, 0,
     "220230742041577528", "59517869189025028", "17138859013523021442", "0", "0",
     "45fe2811aae335b93708da132735246dba09087060e8a715099898ae80903fb0",
     "99e1d7f7657dde830d223427f8052a9e323c5a106ed812e189d94117bdb0c21c"},
    {"17034870", "e22c56f211f03baadcc91e4eb9a24344e6848c5df4473988f893b58223f5216c", 184, 4, 105, 0,
     "609808698408446394", "70405934737684144", "49897600708423561905", "0", "0",
     "0fd6048a177701fb1ad2399643816400d5cc98b6f8107b7effa4b0148bdaa6d0",
     "8f4afeec1f32623de4bdf6e5fa4374828c1c22ce85a97a583a8615ef13493860"},
    {"19426586", "db672c41cfd47c84ddb478ffde5a09b76964f77dceca0e62bdf719c965d73e7f", 127, 3, 53, 16,
     "1022901685309262277", "52788616253881821", "45247071646874593763", "301684357000000000", "0",
     "21041092ad32331891afa14e4ba8344c8c69bdf6c32a1ad5ce8e56cdd9c449ce",
     "fb333bfbc10e5f4e3f7a06247865343efffeedf528cc554ca543ad0e8c26cca5"},
    {"19426587", "f8e2f40d98fe5862bc947c8c83d34799c50fb344d7445d020a8a946d891b62ee", 37, 0, 16, 16,
     "191150301226558090", "27971679607818778", "3765325589505485224", "257747925000000000", "0",
     "bca748be725aae5474c3aa4ab807a99350cfe442cdc26b390471c4c72dba1893",
     "9c2d62dcfc94f69190a11e6da482b0429993aceda40df182253c77532edef3e3"},
};

static void mainnet_blocks(void **state)
{
    struct evm_block *b = evm_block_new(chain_by_name("ethereum"));

    CHECK(b);
    for (size_t i = 0; i < sizeof(mainnet) / sizeof(mainnet[0]); i++) {
        struct parts p = block_of(mainnet[i].number);
        struct transfer_block f;
        struct err err;
        struct sums s;

        test_row("%s", mainnet[i].number);
        CHECK_OK(evm_block_read(b, p.header, p.body, p.receipts, &err), err);
        CHECK_OK(evm_block_facts(b, &f, &err), err);
        check_hash(&f.hash, mainnet[i].hash);
        CHECK_U(f.height, strtoull(mainnet[i].number, NULL, 10));
        CHECK_U(b->txs_n, mainnet[i].txs);
        check_all(b, mainnet[i].senders, mainnet[i].hashes);
        s = sums_of(&f);
        CHECK_U(s.failed, mainnet[i].failed);
        CHECK_U(s.values_n, mainnet[i].values);
        CHECK_U(s.withdrawals_n, mainnet[i].withdrawals);
        check_u256(s.fees, mainnet[i].fees);
        check_u256(s.credits, mainnet[i].tips);
        check_u256(s.values, mainnet[i].value);
        check_u256(s.withdrawn, mainnet[i].withdrawn);
        check_u256(s.rewards, mainnet[i].rewards);
        CHECK(!f.internals);
    }
    evm_block_free(b);
}

/* A NewBlock message: no receipts, so what it says is not told as facts that a ledger takes. */
static void bsc_message(void **state)
{
    struct bytes file = test_data("evm/blocks/bsc_new_block_one.hex.zst"), raw;
    struct evm_block *b = evm_block_new(chain_by_name("bsc"));
    struct u256 all = u256_of(0);
    struct err err;
    char *hex;

    while (file.n && file.p[file.n - 1] == '\n')
        file.n--;
    hex = strndup((const char *)file.p, file.n);
    raw = test_hex(hex);
    free(hex);
    CHECK_OK(evm_block_read_message(b, raw, &err), err);
    check_hash(&b->header.hash, "bf0bad30f1df970f54a9dfc05dd09e139d40933abad2fe42768a4ec5e53cac76");
    CHECK_U(b->header.number, 19410524);
    CHECK_U(b->txs_n, 65);
    check_all(b, "794067dc3a74b16b09c123b7f18dbfc1d9aa7b9075c8b9b9368cc78abc27417c",
              "233ae110ba7defa459648ad886c1c459751733897c2c9e31c123fba879174225");
    for (size_t i = 0; i < b->txs_n; i++)
        sum(&all, b->txs[i].value);
    check_u256(all, "10566344596971788265");
    CHECK(!b->txs[0].received);
    raw.n -= 4; /* without the last field, which is cut */
    CHECK(!evm_block_read_message(b, raw, &err) && err.class == ERR_INPUT);
    evm_block_free(b);
    b = evm_block_new(chain_by_name("ethereum"));
    CHECK(!evm_block_read_message(b, test_hex(""), &err) && err.class == ERR_INPUT);
    evm_block_free(b);
}

/* EIP-155, "Example": the key 46 46 ... 46 signs for chain 1. */
static void eip155(void **state)
{
    struct bytes wire = test_hex(
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400"
        "008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8"
        "997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
    struct bytes sender = test_hex("9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    struct rlp_out scratch = {0};
    struct evm_tx t;
    struct err err;

    CHECK_OK(evm_tx_read(chain_by_name("ethereum"), wire, &scratch, &t, &err), err);
    CHECK(!memcmp(t.from, sender.p, 20));
    CHECK_U(t.nonce, 9);
    CHECK_U(t.gas_limit, 21000);
    check_u256(t.value, "1000000000000000000");
    CHECK(!t.creates && t.to[0] == 0x35);
    CHECK(!evm_tx_read(chain_by_name("bsc"), wire, &scratch, &t, &err));
    CHECK_S(err.text, "of chain 1, where bsc is 56");
    rlp_out_free(&scratch);
}

/* Yellow Paper, 7; the first contract of the well known sender and nonce of the EIP-1014
 * discussion, 0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0 with nonces 0 to 3. */
static void created(void **state)
{
    static const char *const want[] = {
        "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d", "343c43a37d37dff08ae8c4a11544c718abb4fcf8",
        "f778b86fa74e846c4f0a1fbd1335fe81c00a0c91", "fffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c"};
    struct bytes from = test_hex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
    struct rlp_out scratch = {0};

    for (uint64_t nonce = 0; nonce < 4; nonce++) {
        uint8_t got[20];

        evm_create_address(from.p, nonce, &scratch, got);
        CHECK(!memcmp(got, test_hex(want[nonce]).p, 20));
    }
    rlp_out_free(&scratch);
}

/* A legacy transaction whose input is a memo, signed by whoever the first r makes it. */
static void memo_on_the_wire(void **state)
{
    static const char memo[] = "=:b:bc1q";
    struct rlp_out out = {0}, scratch = {0};
    static const uint8_t to[20] = {0xbb};
    struct evm_tx t;
    struct err err;
    bool ok = false;

    (void)state;
    for (uint64_t r = 1; r < 100 && !ok; r++) {
        size_t list;

        rlp_out_clear(&out);
        list = rlp_open(&out);
        rlp_put_u64(&out, 7);
        rlp_put_u64(&out, 1);
        rlp_put_u64(&out, 21000);
        rlp_put_string(&out, to, sizeof(to));
        rlp_put_u64(&out, 5);
        rlp_put_string(&out, memo, strlen(memo));
        rlp_put_u64(&out, 27);
        rlp_put_u64(&out, r);
        rlp_put_u64(&out, 1);
        rlp_close(&out, list);
        CHECK(!out.bad);
        ok = evm_tx_read(chain_by_name("ethereum"), (struct bytes){out.p, out.n}, &scratch, &t,
                         &err);
    }
    CHECK_OK(ok, err);
    CHECK_U(t.input_n, strlen(memo));
    CHECK(t.memo.n == strlen(memo) && !memcmp(t.memo.p, memo, t.memo.n));
    rlp_out_free(&out);
    rlp_out_free(&scratch);
}

static void refused_types(void **state)
{
    static const struct {
        const char *name, *hex, *why;
    } rows[] = {
        {"type 5", "05c0", "type 0x05 is not known"},
        {"type 7f", "7fc0", "type 0x7f is not known"},
        {"empty", "", "an empty transaction"},
        {"a number", "02", "not one list"},
        {"type 2 without fields", "02c0", "of chain 0, where ethereum is 1"},
        {"a list cut", "c9808080", "not one list"},
        {"more behind", "c080", "not one list"},
    };
    struct rlp_out scratch = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct evm_tx t;
        struct err err;

        test_row("%s", rows[i].name);
        CHECK(!evm_tx_read(chain_by_name("ethereum"), test_hex(rows[i].hex), &scratch, &t, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK_S(err.text, rows[i].why);
    }
    rlp_out_free(&scratch);
}

struct cut {
    struct evm_block *b;
    struct parts whole;
    int part;
};

static bool read_cut(struct bytes in, void *ctx)
{
    struct cut *c = ctx;
    struct parts p = c->whole;
    struct err err;

    *(c->part == 0 ? &p.header : c->part == 1 ? &p.body : &p.receipts) = in;
    if (c->part == 2 && !in.n) /* is a block without receipts */
        return false;
    return evm_block_read(c->b, p.header, p.body, p.receipts, &err);
}

static void truncations(void **state)
{
    struct cut c = {evm_block_new(chain_by_name("ethereum")), block_of("15537393"), 0};

    CHECK(c.b);
    test_truncations(c.whole.header, read_cut, &c);
    c.part = 1;
    test_truncations(c.whole.body, read_cut, &c);
    c.part = 2;
    test_truncations(c.whole.receipts, read_cut, &c);
    evm_block_free(c.b);
}

/* No byte can be another: header by its hash's link is the caller's; body and receipts by roots. */
static void every_byte_counts(void **state)
{
    struct parts p = block_of("15537393");
    struct evm_block *b = evm_block_new(chain_by_name("ethereum"));
    struct bytes *parts[] = {&p.body, &p.receipts};

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < parts[k]->n; i++) {
            struct err err;

            ((uint8_t *)parts[k]->p)[i] ^= 1;
            test_row("part %zu byte %zu", k, i);
            CHECK(!evm_block_read(b, p.header, p.body, p.receipts, &err));
            CHECK_U(err.class, ERR_INPUT);
            ((uint8_t *)parts[k]->p)[i] ^= 1;
        }
    evm_block_free(b);
}

static bool read_one(void *ctx)
{
    const struct parts *p = ctx;
    struct evm_block *b = evm_block_new(chain_by_name("ethereum"));
    struct transfer_block f;
    struct err err;
    bool ok = b && evm_block_read(b, p->header, p->body, p->receipts, &err) &&
              evm_block_facts(b, &f, &err);

    if (!ok && b)
        CHECK_U(err.class, ERR_NOMEM);
    evm_block_free(b);
    return ok;
}

static void no_memory(void **state)
{
    struct parts p = block_of("14764013");

    test_failed_allocations(read_one, &p);
}

/* A trie of 300 values of one byte, its root from the second implementation; and of none. */
static void roots(void **state)
{
    uint8_t values[300];
    size_t ends[300];
    struct rlp_out scratch = {0};
    static const struct {
        size_t n;
        const char *root;
    } rows[] = {
        {0, "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"},
        {1, "7da536f7df63a0dfb481590e53be0e3063d9b798925cc3d479a3eb3155d0b394"},
        {2, "e52d8feb206f8916e3ef63e3b97e8bc309581d6d26ba838f803bf71d148086d6"},
        {3, "24c9068c208d664af818b7c94787f436a9702603a1fbbc7e5dd159c786a8af47"},
        {17, "a86414af5d9ecf374770c3b6221ef9fc0dd41efce18e3f980cfc87045b36f9de"},
        {127, "3ffd3698b98aeb652becceae87f654134dd26e567c52300756d76fa01eb30386"},
        {128, "758927148894cd58e07d5e1f58c155dfc1cc7917d7b0b0a9ccc42df8d2e35b3c"},
        {129, "6c3aa1077915bd29b48172a89b87f50e5f3462bdaa098c8fc4ab8c6bdef32c3b"},
        {130, "79a3b2b95603e100fca020063d83c7d56352ae3bc7dc94bb0febfd068064616a"},
        {256, "81bade006421f8364cef7a4c31ba778b5f48c85a1ff0cac8acd7936ce5ed3964"},
        {257, "936a2c81a4f3b7bd6377ed5613e78b21c0e0792ef5f703efddf8377b64d5269c"},
        {300, "5c2ff8ea41fa98a7d02260857b7b15245ae4e54da72e0f6759cf2ca312e8fff4"},
    };

    for (size_t i = 0; i < 300; i++) {
        values[i] = (uint8_t)(i * 7);
        ends[i] = i + 1;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hash32 got = evm_list_root(values, ends, rows[i].n, rlp_out_clear(&scratch));

        test_row("%zu values", rows[i].n);
        check_hash(&got, rows[i].root);
    }
    rlp_out_free(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mainnet_blocks), cmocka_unit_test(bsc_message),
        cmocka_unit_test(eip155),         cmocka_unit_test(created),
        cmocka_unit_test(refused_types),  cmocka_unit_test(memo_on_the_wire),
        cmocka_unit_test(truncations),    cmocka_unit_test(every_byte_counts),
        cmocka_unit_test(no_memory),      cmocka_unit_test(roots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
