/* Origins and stops as a ledger knows them: names become ids. */
#include "base/sort.h"
#include "chain/facts.h"
#include "trace/stops.h"

struct ids { /* a list of output ids that grows; what it outgrew stays in the arena until its end */
    struct arena *a;
    struct keyed *at;
    size_t n, room;
};

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "origins or stops");
}

static bool ids_add(struct ids *ids, uint64_t output, struct err *err)
{
    if (ids->n == ids->room) {
        size_t room = ids->room ? 2 * ids->room : 64;
        struct keyed *at = ARENA_ARRAY(ids->a, struct keyed, room);

        if (!at)
            return no_memory(ids->a, err);
        if (ids->n)
            memcpy(at, ids->at, ids->n * sizeof(*at));
        ids->at = at;
        ids->room = room;
    }
    ids->at[ids->n++].key = output;
    return true;
}

static bool tx_find(const struct ledger *l, const struct coins *coins, const struct hash32 *txid,
                    uint32_t *ret, struct err *err)
{
    struct text name = text_new(80);

    *ret = ledger_find_tx(l, txid);
    if (*ret < coins->txs_n)
        return true;
    text_hex_reversed(&name, txid->b, 32);
    if (!text_string(&name))
        err_fail(err, ERR_NOMEM, "origins or stops");
    else
        err_fail(err, ERR_NOT_FOUND, "transaction %s is not in the ledger%s", name.p,
                 *ret == COINS_TX_NONE ? "" : " that early");
    text_free(&name);
    return false;
}

static bool add_tx(struct ids *ids, const struct ledger *l, const struct coins *coins,
                   const struct case_origin *o, struct err *err)
{
    struct coins_range outputs;
    uint32_t tx;

    if (!tx_find(l, coins, &o->txid, &tx, err))
        return false;
    outputs = coins_outputs(coins, tx);
    if (o->kind == ORIGIN_OUTPUT) {
        if (o->vout >= outputs.n)
            return err_fail(err, ERR_NOT_FOUND,
                            "the transaction has %llu output%s, none is number %u",
                            (unsigned long long)outputs.n, outputs.n == 1 ? "" : "s", o->vout);
        return ids_add(ids, outputs.first + o->vout, err);
    }
    for (uint64_t i = 0; i < outputs.n; i++)
        if (!ids_add(ids, outputs.first + i, err))
            return false;
    return true;
}

/* The first block of at least that height. Blocks stand in order of height, those without one last.
 */
static uint64_t block_at(const struct ledger *l, uint32_t height)
{
    uint64_t low = 0, high = ledger_counts(l).blocks;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (ledger_block(l, (uint32_t)middle).height < height)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t first_output_of(const struct ledger *l, const struct coins *coins, uint64_t block)
{
    uint32_t tx;

    if (block >= ledger_counts(l).blocks)
        return coins->outputs_n;
    tx = ledger_block(l, (uint32_t)block).tx_first;
    return tx < coins->txs_n ? coins_outputs(coins, tx).first : coins->outputs_n;
}

static bool add_address(struct ids *ids, const struct ledger *l, const struct coins *coins,
                        const struct case_origin *o, struct err *err)
{
    uint64_t first = 0, end = coins->outputs_n;
    uint32_t scripts[LEDGER_TWINS_MAX];
    uint8_t form[SCRIPT_FORM_MAX];
    size_t form_n, twins, before = ids->n;

    if (!address_read(ledger_chain(l), o->address, form, &form_n, err))
        return err_in(err, "address \"%.100s\"", o->address);
    if (o->from_height) {
        first = first_output_of(l, coins, block_at(l, o->from_height));
        end = first_output_of(l, coins, block_at(l, HEIGHT_UNKNOWN));
    }
    twins = ledger_find_address(l, (struct bytes){form, form_n}, scripts);
    for (size_t i = 0; i < twins; i++)
        for (uint64_t out = ledger_script_last(l, scripts[i]); out != COINS_NONE && out >= first;
             out = ledger_script_prev(l, out))
            if (out < end && !ids_add(ids, out, err))
                return false;
    if (ids->n > before)
        return true;
    return err_fail(err, ERR_NOT_FOUND, "address \"%.100s\" was paid nothing at or after height %u",
                    o->address, o->from_height);
}

/* What only a ledger of accounts can answer is refused, not passed over. */
static bool of_coins(const struct ledger *l, const struct case_origin *o, struct err *err)
{
    const char *name = ledger_chain(l)->name;

    if (o->chain && chain_by_name(o->chain) != ledger_chain(l))
        return err_fail(err, ERR_INPUT, "chain: the origin is of \"%s\", the ledger of %s",
                        o->chain, name);
    if (o->kind == ORIGIN_TRANSFER)
        return err_fail(err, ERR_INPUT, "a transfer is not of %s, which has outputs (TXID:VOUT)",
                        name);
    if (o->kind == ORIGIN_BEYOND || o->asset)
        return err_fail(err, ERR_INPUT, "%s is of accounts, not of %s",
                        o->asset ? "asset" : "beyond", name);
    if (o->from_time)
        return err_fail(err, ERR_INPUT, "from_time: %s has heights; give from_height", name);
    return true;
}

static bool all_of_them(struct ids *ids, const struct ledger *l, const struct coins *coins,
                        const struct case_origin *origins, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct case_origin *o = &origins[i];

        if (!of_coins(l, o, err) ||
            !(o->kind == ORIGIN_ADDRESS ? add_address : add_tx)(ids, l, coins, o, err))
            return err_in(err, "origins[%zu]", i);
    }
    return true;
}

bool origins_resolve(struct arena *a, const struct ledger *l, const struct coins *coins,
                     const struct case_origin *origins, size_t n, const uint64_t **ret,
                     size_t *ret_n, struct err *err)
{
    struct arena *scratch_arena = arena_new(a, SIZE_MAX / 4);
    struct ids ids = {.a = scratch_arena};
    struct keyed *scratch;
    uint64_t *at = NULL;
    size_t at_n = 0;
    bool ok;

    if (!scratch_arena)
        return err_fail(err, ERR_NOMEM, "origins or stops");
    ok = all_of_them(&ids, l, coins, origins, n, err);
    if (ok) {
        scratch = ARENA_ARRAY(scratch_arena, struct keyed, ids.n);
        at = ARENA_ARRAY(a, uint64_t, ids.n);
        ok = (scratch && at) || no_memory(a, err);
        if (ok && ids.n)
            sort_keyed(ids.at, ids.n, scratch);
    }
    for (size_t i = 0; ok && i < ids.n; i++)
        if (!at_n || at[at_n - 1] != ids.at[i].key)
            at[at_n++] = ids.at[i].key;
    arena_free(scratch_arena);
    if (ok) {
        *ret = at;
        *ret_n = at_n;
    }
    return ok;
}

/* Script id -> stop, with open addressing, at most half full. Ids are dense and ours, not chosen by
 * others. */
struct stop_set {
    const struct ledger *ledger;
    struct stop_slot {
        uint32_t script; /* SCRIPT_NONE: free */
        int32_t stop;
    } * slots;
    uint32_t mask;
};

static struct stop_slot *slot_of(const struct stop_set *set, uint32_t script)
{
    uint32_t at = (script * 0x9e3779b1u) & set->mask;

    while (set->slots[at].script != SCRIPT_NONE && set->slots[at].script != script)
        at = (at + 1) & set->mask;
    return &set->slots[at];
}

static bool stop_is_of(const struct trace_stop *stop, const struct ledger *l)
{
    return !stop->chain || chain_by_name(stop->chain) == ledger_chain(l);
}

static bool stop_add(struct stop_set *set, const struct trace_stop *stop, int32_t number,
                     struct err *err)
{
    uint32_t scripts[LEDGER_TWINS_MAX];
    uint8_t form[SCRIPT_FORM_MAX];
    size_t form_n, twins;

    if (!address_read(ledger_chain(set->ledger), stop->address, form, &form_n, err))
        return err_in(err, "stop \"%.100s\"", stop->address);
    twins = ledger_find_address(set->ledger, (struct bytes){form, form_n}, scripts);
    for (size_t i = 0; i < twins; i++) {
        struct stop_slot *slot = slot_of(set, scripts[i]);

        if (slot->script == SCRIPT_NONE)
            *slot = (struct stop_slot){scripts[i], number};
    }
    return true;
}

bool stop_set_new(struct arena *a, const struct ledger *l, const struct trace_stop *stops, size_t n,
                  struct stop_set **ret, struct err *err)
{
    struct stop_set *set = ARENA_NEW(a, struct stop_set);
    const struct trace_stop **sorted = stops_sorted(a, stops, n);
    size_t slots_n = 16;

    if (n > CASE_STOPS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu stops", CASE_STOPS_MAX);
    while (slots_n < 2 * n * LEDGER_TWINS_MAX)
        slots_n *= 2;
    if (set)
        set->slots = ARENA_ARRAY(a, struct stop_slot, slots_n);
    if (!set || !set->slots || !sorted)
        return no_memory(a, err);
    set->ledger = l;
    set->mask = (uint32_t)slots_n - 1;
    for (size_t i = 0; i < slots_n; i++)
        set->slots[i].script = SCRIPT_NONE;
    for (size_t i = 0; i < n; i++)
        if (stop_is_of(sorted[i], l) &&
            !stop_add(set, sorted[i], (int32_t)(sorted[i] - stops), err))
            return false;
    *ret = set;
    return true;
}

int32_t stop_set_of(void *set, uint64_t output)
{
    const struct stop_set *s = set;
    uint32_t script = ledger_script_of(s->ledger, output);

    return script == SCRIPT_NONE                  ? -1
           : slot_of(s, script)->script == script ? slot_of(s, script)->stop
                                                  : -1;
}
