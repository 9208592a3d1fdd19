/* A ledger, read: what cordon keeps of one chain, mapped from disk.
 *
 * Opening takes a snapshot: a block appears whole or not at all, and later appends do not show. An
 * undo waits until readers have closed (docs/ledger-format.md, "Locks"). Ids are those of coins.h;
 * blocks count from 0 in ledger order.
 *
 * Ownership: what is returned is borrowed until ledger_close, unless said otherwise.
 * Errors:    opening: ERR_NOT_FOUND no ledger there, ERR_CORRUPT its files contradict themselves or
 *            its format is not ours, ERR_SYSTEM. Accessors with an id out of range give zeros,
 *            never a fault.
 * Threads:   one ledger may serve many threads at once. */
#ifndef CORDON_LEDGER_LEDGER_H
#define CORDON_LEDGER_LEDGER_H

#include "base/err.h"
#include "chain/bitcoin/script.h"
#include "chain/chain.h"
#include "chain/facts.h"
#include "ledger/coins.h"

#define SCRIPT_NONE UINT32_MAX
#define BLOCK_NONE UINT32_MAX

typedef void ledger_key_put(void *ctx, uint64_t key, uint64_t id);

struct ledger;

struct ledger_counts {
    uint64_t blocks, transactions, outputs, inputs, scripts, addresses, outside, runs;
    uint64_t bytes; /* of all files of the ledger */
};

struct ledger_block {
    uint8_t header[HEADER_BYTES]; /* as in facts */
    struct hash32 hash;
    uint32_t height; /* HEIGHT_UNKNOWN: an island that proves none */
    uint32_t time;   /* seconds since 1970 */
    uint32_t size;   /* bytes on the wire */
    uint32_t tx_first, txs_n;
};

struct ledger_run { /* header-linked blocks without a gap */
    uint32_t block_first, blocks_n;
};

bool ledger_open(const char *dir, struct ledger **ret, struct err *err) MUST_USE;
struct ledger *ledger_close(struct ledger *l);
/* Does an undo of the ledger in that folder, of whichever shape, wait for its readers? Who keeps a
 * ledger open closes it then, and opens it again when nothing waits. */
bool ledger_awaited(const char *path);
const char *ledger_dir(const struct ledger *l);
const struct chain *ledger_chain(const struct ledger *l);
struct ledger_counts ledger_counts(const struct ledger *l);

/* All of the snapshot, or as much of it as stands in blocks of at most that height (blocks of
 * unknown height stand after all others and are left out). */
const struct coins *ledger_coins(const struct ledger *l);
struct coins ledger_coins_until(const struct ledger *l, uint32_t height, uint32_t *ret_blocks_n);
/* Its first blocks_n blocks, and how many scripts there are in them. */
struct coins ledger_coins_first(const struct ledger *l, uint32_t blocks_n);
uint32_t ledger_scripts_first(const struct ledger *l, uint32_t blocks_n);

struct ledger_block ledger_block(const struct ledger *l, uint32_t block);
uint32_t ledger_find_block(const struct ledger *l, const struct hash32 *hash); /* BLOCK_NONE */
uint32_t ledger_find_height(const struct ledger *l, uint32_t height);          /* BLOCK_NONE */
struct ledger_run ledger_run(const struct ledger *l, uint32_t run);
uint32_t ledger_run_of(const struct ledger *l, uint32_t block);

/* A script that will be asked for: where it lies is sent for, and then, when that is there, it. */
void ledger_script_fetch(const struct ledger *l, uint32_t script);
void ledger_script_fetch_bytes(const struct ledger *l, uint32_t script);

struct hash32 ledger_txid(const struct ledger *l, uint32_t tx);
/* It will be asked for: its memory is sent for. */
void ledger_txid_fetch(const struct ledger *l, uint32_t tx);
/* the newest of that id; COINS_TX_NONE */
uint32_t ledger_find_tx(const struct ledger *l, const struct hash32 *txid);
uint32_t ledger_tx_block(const struct ledger *l, uint32_t tx);

/* Scripts have dense ids in order of first appearance. */
uint32_t ledger_script_of(const struct ledger *l, uint64_t output); /* SCRIPT_NONE out of range */
bool ledger_script(const struct ledger *l, uint32_t script, uint8_t buffer[SCRIPT_FORM_MAX],
                   struct bytes *ret);
uint32_t ledger_find_script(const struct ledger *l, struct bytes script); /* exactly; SCRIPT_NONE */
#define LEDGER_TWINS_MAX 4
/* Every script in the ledger with the same address form (P2PKH and the P2PKs of that key); returns
 * how many. */
size_t ledger_find_address(const struct ledger *l, struct bytes script,
                           uint32_t ret[LEDGER_TWINS_MAX]);
/* For who keeps a table of all scripts in memory: under which key an address is sought; the keys of
 * the scripts from first on, in no order; and has a script that address form? */
uint64_t ledger_script_key(struct bytes script);
void ledger_script_keys(const struct ledger *l, uint32_t first, ledger_key_put *put, void *ctx);
bool ledger_script_is(const struct ledger *l, uint32_t script, struct bytes form);
/* The block in which a script was seen first; BLOCK_NONE out of range. */
uint32_t ledger_script_block(const struct ledger *l, uint32_t script);
/* The outputs of a script, newest first: start with last, go on with prev; COINS_NONE ends. */
uint64_t ledger_script_last(const struct ledger *l, uint32_t script);
uint64_t ledger_script_prev(const struct ledger *l, uint64_t output);

/* An input whose output is outside the ledger: its outpoint (36 bytes; NULL where it is inside),
 * and its script if undo data told it. */
const uint8_t *ledger_outside(const struct ledger *l, uint64_t input,
                              uint32_t *ret_script /* SCRIPT_NONE */);
/* The shielded pool that an input comes out of, by its address ("pool:sapling"); NULL: of none. */
const char *ledger_input_pool(const struct ledger *l, uint64_t input);

#endif
