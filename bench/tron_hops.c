/* A path of N hops over Tron, as a full node's answers that prove it: account by account, a block
 * each, with OTHERS more payments beside it.
 *
 *     tron_hops N [OTHERS] > blocks.json
 *     cordon ingest tron --from blocks.json --ledger hops
 *     echo '{"id": "HOPS", "chain": "tron", "origins":
 *         [{"address": "T9yD14Nj9j7xAB4dbGeiX9h8unkKLxmGkn"}]}' >case.json
 *     time cordon evidence make case.json --ledger hops --from blocks.json --out pack.json
 *
 * The account at hop i is the number i (the address above is that of the number 1). The key 1 signs
 * all blocks, and nobody the transactions. */
#include "base/keccak.h"
#include "base/text.h"
#include "chain/tron/bytes.h"

#include <secp256k1_recovery.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE 9000000000000u /* sun */
#define FEE 100000u
#define OTHERS_FIRST 10000000u
#define FIRST 60000000u
#define TEXT_MAX 4096

static void number_put(struct text *t, uint64_t n)
{
    for (; n > 0x7f; n >>= 7)
        text_char(t, (char)(n | 0x80));
    text_char(t, (char)n);
}

static void number_field(struct text *t, unsigned field, uint64_t n)
{
    number_put(t, field << 3);
    number_put(t, n);
}

static void bytes_field(struct text *t, unsigned field, const void *p, size_t n)
{
    number_put(t, field << 3 | 2);
    number_put(t, n);
    text_put(t, p, n);
}

static void address(uint32_t n, uint8_t ret[21])
{
    memset(ret, 0, 21);
    ret[0] = 0x41;
    for (int i = 0; i < 4; i++)
        ret[20 - i] = (uint8_t)(n >> 8 * i);
}

static void hex(struct text *to, const char *name, const void *p, size_t n, const char *end)
{
    text_printf(to, "\"%s\":\"", name);
    text_hex(to, p, n);
    text_printf(to, "\"%s", end);
}

/* A TransferContract; a row of the answer goes out, its leaf back. */
static struct hash32 pay(struct text *to_rows, uint32_t place, uint32_t from, uint32_t to,
                         uint64_t sun, uint64_t time, struct hash32 *ret_id)
{
    static const char type[] = "type.googleapis.com/protocol.TransferContract";
    struct text value = text_new(TEXT_MAX), any = value, contract = value, raw = value, tx = value;
    uint8_t owner[21], payee[21];
    struct hash32 leaf;

    address(from, owner);
    address(to, payee);
    bytes_field(&value, 1, owner, sizeof(owner));
    bytes_field(&value, 2, payee, sizeof(payee));
    number_field(&value, 3, sun);
    bytes_field(&any, 1, type, sizeof(type) - 1);
    bytes_field(&any, 2, value.p, value.n);
    number_field(&contract, 1, CONTRACT_TRANSFER);
    bytes_field(&contract, 2, any.p, any.n);
    bytes_field(&raw, 11, contract.p, contract.n);
    number_field(&raw, 14, time);
    *ret_id = sha256(raw.p, raw.n);
    bytes_field(&tx, 1, raw.p, raw.n);
    bytes_field(&tx, 5, "\x18\x01", 2); /* SUCCESS */
    leaf = sha256(tx.p, tx.n);
    text_printf(to_rows, "%s{\"ret\":[{\"contractRet\":\"SUCCESS\"}],", place ? "," : "");
    hex(to_rows, "txID", ret_id->b, 32, ",");
    hex(to_rows, "raw_data_hex", raw.p, raw.n, "}");
    text_free(&value);
    text_free(&any);
    text_free(&contract);
    text_free(&raw);
    text_free(&tx);
    return leaf;
}

static void sign(const secp256k1_context *secp, const struct hash32 *hash, uint8_t ret[65])
{
    static const uint8_t key[32] = {[31] = 1};
    secp256k1_ecdsa_recoverable_signature signature;
    int y;

    if (!secp256k1_ecdsa_sign_recoverable(secp, &signature, hash->b, key, NULL, NULL))
        abort();
    secp256k1_ecdsa_recoverable_signature_serialize_compact(secp, ret, &y, &signature);
    ret[64] = (uint8_t)y;
}

int main(int argc, char **argv)
{
    uint32_t hops = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000,
             others = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    secp256k1_context *secp = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    struct hash32 *leaves = calloc(others + 1, sizeof(*leaves)),
                  *ids = calloc(others + 1, sizeof(*ids)), parent = {{0}};
    /* the address of the key 1 */
    static const uint8_t witness[21] = {0x41, 0x7e, 0x5f, 0x45, 0x52, 0x09, 0x1a,
                                        0x69, 0x12, 0x5d, 0x5d, 0xfc, 0xb7, 0xb8,
                                        0xc2, 0x65, 0x90, 0x29, 0x39, 0x5b, 0xdf};
    struct text out = text_to(text_to_file, stdout), rows = text_new((size_t)64 << 20);
    uint64_t value = VALUE;
    struct err err;

    if (!leaves || !ids || !secp)
        abort();
    /* the first block pays the account 1, block i + 1 is what it pays on */
    for (uint32_t i = 0; i <= hops; i++, value -= FEE) {
        const uint64_t time = 1700000000000 + 3000 * (uint64_t)i;
        struct text raw = text_new(TEXT_MAX);
        struct hash32 root, id;
        uint8_t signature[65];

        rows.n = 0;
        for (uint32_t k = 0; k <= others; k++)
            leaves[k] =
                k == others / 2
                    ? pay(&rows, k, i ? i : OTHERS_FIRST - 1, i + 1, value, time, &ids[k])
                    : pay(&rows, k, OTHERS_FIRST + k, OTHERS_FIRST + k + 1, 1, time, &ids[k]);
        root = tron_root(leaves, others + 1);
        number_field(&raw, 1, time);
        bytes_field(&raw, 2, root.b, 32);
        bytes_field(&raw, 3, parent.b, 32);
        number_field(&raw, 7, FIRST + i);
        bytes_field(&raw, 9, witness, sizeof(witness));
        number_field(&raw, 10, 30);
        id = sha256(raw.p, raw.n);
        sign(secp, &id, signature);
        for (unsigned k = 0; k < 8; k++)
            id.b[k] = (uint8_t)((uint64_t)(FIRST + i) >> (56 - 8 * k));
        text_char(&out, '{');
        hex(&out, "blockID", id.b, 32, ",");
        text_printf(&out,
                    "\"block_header\":{\"raw_data\":{\"number\":%u,\"timestamp\":%llu,"
                    "\"version\":30,",
                    FIRST + i, (unsigned long long)time);
        hex(&out, "txTrieRoot", root.b, 32, ",");
        hex(&out, "witness_address", witness, sizeof(witness), ",");
        hex(&out, "parentHash", parent.b, 32, "},");
        hex(&out, "witness_signature", signature, 65, "},\"transactions\":[");
        text_put(&out, rows.p, rows.n);
        text_str(&out, "]}\n[");
        for (uint32_t k = 0; k <= others; k++) {
            text_printf(&out, "%s{\"fee\":%u,\"blockNumber\":%u,\"blockTimeStamp\":%llu,",
                        k ? "," : "", FEE, FIRST + i, (unsigned long long)time);
            hex(&out, "id", ids[k].b, 32, "}");
        }
        text_str(&out, "]\n");
        parent = id;
        text_free(&raw);
    }
    if (!text_end(&out, &err))
        abort();
    text_free(&out);
    text_free(&rows);
    free(leaves);
    free(ids);
    secp256k1_context_destroy(secp);
    return 0;
}
