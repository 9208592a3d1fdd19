/* What a ledger of accounts holds, in the words in which people and documents name it.
 *
 * Transactions of EVM chains are shown with 0x, those of Solana by their signature, all others as
 * hex; ids of transfers are those of chain/transfers.h ("0xab..:l3"). An asset is shown as the
 * native coin's symbol, a token's address or a currency, so that two tokens never share a name;
 * what people call it is asset_facts.symbol.
 *
 * Errors:    what the ledger does not hold is shown as "".
 * Threads:   safe. */
#ifndef CORDON_TRACE_ACCOUNT_SHOW_H
#define CORDON_TRACE_ACCOUNT_SHOW_H

#include "base/text.h"
#include "chain/account_name.h"
#include "ledger/account_ledger.h"

#define TX_NAME_BYTES_MAX 64 /* of EVENT_NAME: a signature of Solana */
#define TX_NAME_MAX 352      /* hex and 0x, or base 58 (BASE58_TEXT_MAX) */
#define TRANSFER_NAME_MAX (TX_NAME_MAX + 2 + TRACE_PATH_MAX * 11)

void tx_name_of(const struct chain *chain, const struct hash32 *hash, char ret[TX_NAME_MAX]);
void tx_name(const struct account_ledger *l, uint64_t tx, char ret[TX_NAME_MAX]);
/* The same of a transaction that may not be there: ACCOUNTS_NONE, but its hash. */
void tx_name_or_hash(const struct account_ledger *l, uint64_t tx, const struct hash32 *hash,
                     char ret[TX_NAME_MAX]);
void transfer_name(const struct account_ledger *l, uint64_t transfer, char ret[TRANSFER_NAME_MAX]);
void account_text(const struct account_ledger *l, uint64_t account, char ret[ACCOUNT_NAME_MAX]);
void asset_text(const struct account_ledger *l, uint64_t asset, char ret[ACCOUNT_NAME_MAX]);
/* of a holding, or ACCOUNTS_NONE: nobody */
void holder_text(const struct account_ledger *l, uint64_t holding, char ret[ACCOUNT_NAME_MAX]);

struct asset_facts {
    const char *symbol; /* NULL: not known */
    bool has_decimals;
    unsigned decimals;
};
struct asset_facts asset_facts_of(const struct account_ledger *l, uint64_t asset);

/* A whole amount with its decimals and the symbol, "1.5 ETH"; of an asset whose decimals nobody
 * told, base units and the asset itself. Zeros at the end are left out. */
void text_asset_amount(struct text *to, const struct account_ledger *l, uint64_t asset,
                       struct u256 amount);
/* The number alone, right-aligned to width. */
void text_u256(struct text *to, struct u256 amount, unsigned decimals, int width);
void text_time(struct text *to, uint64_t seconds); /* 2022-03-23 13:29:09, UTC */
/* the asset that a transfer moves; an account */
uint64_t transfer_asset(const struct accounts *a, const struct transfer *t);

/* The account over whose durable nonce a transaction was signed. False: over none. */
bool tx_nonce(const struct account_ledger *l, uint64_t tx, char ret[ACCOUNT_NAME_MAX]);

/* The other way: ERR_INPUT the words name nothing on this chain; ERR_NOT_FOUND it is not in the
 * ledger. */
bool asset_find(const struct account_ledger *l, const char *text, uint64_t *ret,
                struct err *err) MUST_USE;
bool account_find(const struct account_ledger *l, const char *text, uint64_t *ret,
                  struct err *err) MUST_USE;
/* Where a block's hash has the form of an address (Solana): is the text one that the ledger has?
 * Then err says so, ERR_NOT_FOUND. */
bool account_is_block(const struct account_ledger *l, const char *text, struct err *err);
/* hash: as written. name: what follows it, "v", "l3", "i0_1". */
bool transfer_find(const struct account_ledger *l, const struct accounts *accounts,
                   const struct hash32 *hash, const char *name, uint64_t *ret,
                   struct err *err) MUST_USE;

#endif
