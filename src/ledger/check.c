#include "ledger/check.h"

#include "base/mem.h"
#include "ledger/check_files.h"
#include "ledger/coins_columns.h"

/* Zcash's hash is of more than is kept of its header: the column's sum alone speaks for it. */
static bool check_blocks(const struct columns *c, struct err *err)
{
    if (c->chain->wire == WIRE_ZCASH)
        return true;
    for (uint64_t i = 0; i < c->n.n[COUNT_BLOCK]; i++) {
        struct hash32 hash = sha256d(columns_block(c, i), HEADER_BYTES);

        if (memcmp(hash.b, columns_block_hash(c, i), 32))
            return check_bad(c, err, COLUMN_BLOCK, "block", i);
    }
    return true;
}

/* A run goes on as long as headers link. */
static bool linked(const struct columns *c, uint64_t block)
{
    return !memcmp(columns_block(c, block) + 4, columns_block_hash(c, block - 1), 32);
}

static bool check_spends(const struct columns *c, struct err *err)
{
    struct coins coins = columns_coins(c, &c->n);
    uint64_t spends = 0, spent = 0, inputs = 0, outputs = 0;

    for (uint64_t t = 0; t < coins.txs_n; t++) {
        struct coins_range in = coins_inputs(&coins, (uint32_t)t),
                           out = coins_outputs(&coins, (uint32_t)t);

        if (in.first != inputs || out.first != outputs)
            return check_bad(c, err, COLUMN_TX_FIRST, "transaction", t);
        inputs += in.n;
        outputs += out.n;
        for (uint64_t i = in.first; i < in.first + in.n; i++) {
            uint64_t id = load_le40(coins.in_source + i * ID_BYTES);

            if (id & COINS_OUTSIDE ? (id & ~COINS_OUTSIDE) >= coins.ext_n : id >= out.first)
                return check_bad(c, err, COLUMN_IN_SOURCE, "input", i);
            if (id & COINS_OUTSIDE)
                continue;
            spends++;
            if (load_le32(coins.out_spent + id * 4) != t + 1)
                return check_bad(c, err, COLUMN_OUT_SPENT, "output", id);
        }
    }
    for (uint64_t o = 0; o < coins.outputs_n; o++)
        spent += load_le32(coins.out_spent + o * 4) != 0;
    return spent == spends || check_bad(c, err, COLUMN_OUT_SPENT, "count", spent);
}

static bool check_scripts(const struct columns *c, struct err *err)
{
    uint64_t scripts = c->n.n[COUNT_SCRIPT], *last = mem_reserve(scripts * sizeof(*last));
    bool ok = last || err_fail(err, ERR_NOMEM, "%llu scripts", (unsigned long long)scripts);

    for (uint64_t o = 0; ok && o < c->n.n[COUNT_OUT]; o++) {
        uint32_t script = load_le32(c->at[COLUMN_OUT_SCRIPT] + o * 4);

        ok = script < scripts || check_bad(c, err, COLUMN_OUT_SCRIPT, "output", o);
        ok = ok && (load_le40(c->at[COLUMN_OUT_PREV] + o * ID_BYTES) == last[script] ||
                    check_bad(c, err, COLUMN_OUT_PREV, "output", o));
        if (ok)
            last[script] = o + 1;
    }
    for (uint64_t s = 0; ok && s < scripts; s++) {
        uint8_t form[SCRIPT_FORM_MAX];
        struct bytes packed = columns_packed(c, (uint32_t)s), script;
        size_t used;

        ok = (script_unpack(packed, form, &script, &used) && used == packed.n) ||
             check_bad(c, err, COLUMN_SCRIPT_DATA, "script", s);
        ok = ok && (load_le64(c->at[COLUMN_SCRIPT_LAST] + s * 8) == last[s] ||
                    check_bad(c, err, COLUMN_SCRIPT_LAST, "script", s));
    }
    mem_unreserve(last, scripts * sizeof(*last));
    return ok;
}

static bool contents(const struct columns *c, struct err *err)
{
    return check_runs(c, linked, err) && check_blocks(c, err) && check_spends(c, err) &&
           check_scripts(c, err);
}

bool ledger_check(const char *dir, struct err *err)
{
    return check_files(dir, &coins_shape, contents, err);
}
