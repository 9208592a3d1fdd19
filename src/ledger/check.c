#include "ledger/check.h"

#include "base/mem.h"
#include "ledger/columns.h"

#include <fcntl.h>
#include <unistd.h>

static bool bad(struct err *err, enum column which, const char *what, uint64_t id)
{
    return err_fail(err, ERR_CORRUPT, "%s: %s %llu does not agree with the rest",
                    column_forms[which].name, what, (unsigned long long)id);
}

static bool check_sums(const struct columns *c, const struct head *head, struct err *err)
{
    for (unsigned i = 0; i < COLUMNS_N; i++)
        if (!column_forms[i].in_place && column_sum(0, c->at[i], c->mapped[i]) != head->sum[i])
            return err_fail(err, ERR_CORRUPT, "%s: does not agree with its checksum",
                            column_forms[i].name);
    return true;
}

static bool check_blocks(const struct columns *c, struct err *err)
{
    uint64_t run = 0;

    for (uint64_t i = 0; i < c->n.n[COUNT_BLOCK]; i++) {
        const uint8_t *record = columns_block(c, i);
        struct hash32 hash = sha256d(record, 80);
        struct counts next = columns_before(c, i + 1);

        if (memcmp(hash.b, record + BLOCK_AT_HASH, 32))
            return bad(err, COLUMN_BLOCK, "block", i);
        for (unsigned k = 0; k < COUNTS_N; k++)
            if (block_count(record, k) > next.n[k])
                return bad(err, COLUMN_BLOCK, "block", i);
        if (run < c->n.n[COUNT_RUN] && load_le32(c->at[COLUMN_RUN] + 4 * run) == i)
            run++;
        else if (!i || memcmp(record + 4, record - BLOCK_RECORD_BYTES + BLOCK_AT_HASH, 32))
            return bad(err, COLUMN_RUN, "block", i);
    }
    return run == c->n.n[COUNT_RUN] || bad(err, COLUMN_RUN, "run", run);
}

static bool check_spends(const struct columns *c, struct err *err)
{
    struct coins coins = columns_coins(c, &c->n);
    uint64_t spends = 0, spent = 0, inputs = 0, outputs = 0;

    for (uint64_t t = 0; t < coins.txs_n; t++) {
        struct coins_range in = coins_inputs(&coins, (uint32_t)t),
                           out = coins_outputs(&coins, (uint32_t)t);

        if (in.first != inputs || out.first != outputs)
            return bad(err, COLUMN_TX_FIRST, "transaction", t);
        inputs += in.n;
        outputs += out.n;
        for (uint64_t i = in.first; i < in.first + in.n; i++) {
            uint64_t id = load_le40(coins.in_source + i * ID_BYTES);

            if (id & COINS_OUTSIDE ? (id & ~COINS_OUTSIDE) >= coins.ext_n : id >= out.first)
                return bad(err, COLUMN_IN_SOURCE, "input", i);
            if (id & COINS_OUTSIDE)
                continue;
            spends++;
            if (load_le32(coins.out_spent + id * 4) != t + 1)
                return bad(err, COLUMN_OUT_SPENT, "output", id);
        }
    }
    for (uint64_t o = 0; o < coins.outputs_n; o++)
        spent += load_le32(coins.out_spent + o * 4) != 0;
    return spent == spends || bad(err, COLUMN_OUT_SPENT, "count", spent);
}

static bool check_scripts(const struct columns *c, struct err *err)
{
    uint64_t scripts = c->n.n[COUNT_SCRIPT], *last = mem_reserve(scripts * sizeof(*last));
    bool ok = last || err_fail(err, ERR_NOMEM, "%llu scripts", (unsigned long long)scripts);

    for (uint64_t o = 0; ok && o < c->n.n[COUNT_OUT]; o++) {
        uint32_t script = load_le32(c->at[COLUMN_OUT_SCRIPT] + o * 4);

        ok = script < scripts || bad(err, COLUMN_OUT_SCRIPT, "output", o);
        ok = ok && (load_le40(c->at[COLUMN_OUT_PREV] + o * ID_BYTES) == last[script] ||
                    bad(err, COLUMN_OUT_PREV, "output", o));
        if (ok)
            last[script] = o + 1;
    }
    for (uint64_t s = 0; ok && s < scripts; s++) {
        uint8_t form[SCRIPT_FORM_MAX];
        struct bytes packed = columns_packed(c, (uint32_t)s), script;
        size_t used;

        ok = (script_unpack(packed, form, &script, &used) && used == packed.n) ||
             bad(err, COLUMN_SCRIPT_DATA, "script", s);
        ok = ok && (load_le64(c->at[COLUMN_SCRIPT_LAST] + s * 8) == last[s] ||
                    bad(err, COLUMN_SCRIPT_LAST, "script", s));
    }
    mem_unreserve(last, scripts * sizeof(*last));
    return ok;
}

static uint64_t tx_key(const struct columns *c, uint64_t id)
{
    return key_of_hash(c->at[COLUMN_TX_ID] + id * 32);
}

static uint64_t block_key(const struct columns *c, uint64_t id)
{
    return key_of_hash(columns_block(c, id) + BLOCK_AT_HASH);
}

static uint64_t script_key(const struct columns *c, uint64_t id)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script;
    size_t used;

    return script_unpack(columns_packed(c, (uint32_t)id), form, &script, &used)
               ? key_of_script(script)
               : 0;
}

/* A run is right if its entries ascend, each id has its own key, and all ids of the run's range can
 * be among them. */
static bool check_index(const struct columns *c, const struct index *x, const char *name,
                        uint64_t (*key_of)(const struct columns *c, uint64_t id), struct err *err)
{
    for (unsigned r = 0; r < x->runs_n; r++) {
        const struct index_run *run = &x->runs[r];
        uint64_t key = 0;
        uint32_t id = 0;

        for (uint64_t i = 0; i < run->n; i++) {
            uint64_t next_key = load_le64(run->keys + 8 * i);
            uint32_t next_id = load_le32(run->ids + 4 * i);

            if ((i && (next_key < key || (next_key == key && next_id <= id))) ||
                next_id < run->first || next_id - run->first >= run->n ||
                key_of(c, next_id) != next_key)
                return err_fail(err, ERR_CORRUPT,
                                "index.%s.%u.%llu: entry %llu does not agree with the rest", name,
                                run->level, (unsigned long long)(run->first / run->n),
                                (unsigned long long)i);
            key = next_key;
            id = next_id;
        }
    }
    return true;
}

static bool check(int dir, const struct head *head, struct err *err)
{
    struct columns c;
    bool ok;

    if (memcmp(&head->applied, &head->now, sizeof(head->now)))
        return err_fail(
            err, ERR_SYSTEM,
            "a batch is being applied: check again when it is done, or ingest to finish it");
    if (!columns_map(dir, head, &head->now, 0, &c, err))
        return false;
    ok = check_sums(&c, head, err) && check_blocks(&c, err) && check_spends(&c, err) &&
         check_scripts(&c, err) && check_index(&c, &c.txs, "tx", tx_key, err) &&
         check_index(&c, &c.scripts, "script", script_key, err) &&
         check_index(&c, &c.blocks, "block", block_key, err);
    columns_unmap(&c);
    return ok;
}

/* Is somebody writing, or has somebody written since that head? Then files changed under the check,
 * and what it says against them is worth nothing. */
static bool written(int dir, int lock, const struct head *head)
{
    struct head now;
    struct err none;
    bool writer = !lock_take(lock, LOCK_WRITER, false, false, &none);

    if (!writer)
        lock_drop(lock, LOCK_WRITER);
    return writer || !head_read(dir, &now, &none) ||
           memcmp(now.sum, head->sum, sizeof(now.sum)) != 0 ||
           memcmp(&now.now, &head->now, sizeof(now.now)) != 0;
}

bool ledger_check(const char *path, struct err *err)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), lock;
    struct head head;
    bool ok;

    if (dir < 0) {
        err_system(err, "folder");
        return err_in(err, "%s", path);
    }
    /* enough for a reader's hold, and all that a read-only copy gives */
    lock = openat(dir, "lock", O_RDONLY | O_CLOEXEC);
    ok = lock >= 0 ? lock_take(lock, LOCK_READERS, false, true, err) : err_system(err, "lock");
    ok = ok && head_read(dir, &head, err);
    if (ok && !check(dir, &head, err)) {
        ok = false;
        if (err->class != ERR_SYSTEM && written(dir, lock, &head))
            err_fail(err, ERR_SYSTEM, "is being written: check again when that is done");
    }
    if (lock >= 0)
        close(lock);
    close(dir);
    return ok || err_in(err, "%s", path);
}
