/* Spoof tokens: tokens that call themselves what a known one is called, or something that reads the
 * same (chain/symbol.h), and are another contract. Who sends one to an account, or writes that the
 * account sent it, wants its owner to read the list wrongly. They carry no taint, for a token is
 * its contract; here they are told.
 *
 * Known are the native coin of the chain and the tokens of chain/tokens.h, all of them by
 * contract. What a token calls itself says a list that is given (trace/token_list.h). Looked at are
 * the assets that the accounts hold or held which value came through.
 *
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's).
 * Order:     by token, in the order of the ledger's accounts.
 * Threads:   safe. */
#ifndef CORDON_TRACE_SPOOFS_H
#define CORDON_TRACE_SPOOFS_H

#include "base/text.h"
#include "chain/account_name.h"
#include "chain/tokens.h"
#include "ledger/account_ledger.h"
#include "trace/account.h"
#include "trace/token_list.h"

struct spoof {
    uint64_t asset;
    const struct trace_token *told; /* what it calls itself, and who says so */
    struct token_meant meant;       /* what it is taken for */
    uint64_t account;               /* one that value came through, */
    uint64_t transfer;              /* and the first transfer of it from or to such an account */
};

/* tokens: sorted, as token_list_read gives them; those of other chains are passed over. */
bool spoofs_find(struct arena *a, const struct account_ledger *l, const struct accounts *accounts,
                 const struct account_trace *t, const struct trace_token *tokens, size_t tokens_n,
                 const struct spoof **ret, size_t *ret_n, struct err *err) MUST_USE;

/* The asset that it is taken for, as documents name it: the native coin's symbol, a contract. */
void spoof_meant_text(const struct account_ledger *l, const struct spoof *s,
                      char ret[ACCOUNT_NAME_MAX]);
/* "stE(U+0422)H": a symbol as people can tell it from the one that it is taken for. */
void spoof_symbol_text(struct text *to, const char *symbol);

#endif
