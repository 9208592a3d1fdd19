/* What one payment message says, whatever form it has: the facts that book.c joins to payments.
 *
 * A message says which payment it is of, the way that the payment takes (debtor's account, the
 * banks between, creditor's account) and what was settled on one stretch of it: by the bank that
 * sent the message to the bank that received it. A bank that keeps the debtor's or the creditor's
 * account is no place of its own on the way, for what it does is done to that account.
 *
 *     sent by    to      way of the payment                        settled
 *     DEUT       CITI    debtor > CITI > creditor (with RCBC)      the first stretch
 *     CITI       RCBC    debtor > CITI > creditor                  the second
 *
 * Readers:   pacs008.h, mt103.h, table.h.
 * Ownership: all in the arena of the list.
 * Errors:    ERR_INPUT a way on which the sender is not before the receiver; ERR_LIMIT more than
 *            the constants below allow, or of the arena; ERR_NOMEM.
 * Threads:   a list belongs to one. */
#ifndef CORDON_CHAIN_BANK_MESSAGE_H
#define CORDON_CHAIN_BANK_MESSAGE_H

#include "base/arena.h"
#include "chain/bank/currency.h"
#include "chain/bank/party.h"

#define BANK_FILE_BYTES_MAX ((size_t)1 << 30)
#define BANK_MESSAGES_MAX ((size_t)1 << 24)
#define BANK_AGENTS_MAX 16  /* on one payment's way, as one message tells it */
#define BANK_CHARGES_MAX 16 /* in one message */
#define BANK_NAME_MAX 128   /* of a payment: UETR, or BIC/reference/day */

struct bank_charge {
    struct bytes agent; /* key of the bank that took it; empty: some bank up to the sender */
    struct money money;
};

struct bank_message {
    const char *where;    /* "pay.xml: transaction 3": for errors */
    struct bytes payment; /* its name: UETR, or BIC/reference/day */
    uint64_t time;        /* of the value date */
    size_t order;         /* among all messages, from 0 */
    bool listed;          /* a row of a table: one leg, as it stands */
    bool back;            /* value goes back: a return of the payment */
    bool alone;           /* a row that nothing identifies: a payment of its own */

    /* banks in order, the debtor's first, the creditor's last; of a row: none */
    struct bytes *agents;              /* [agents_n], room for BANK_AGENTS_MAX */
    size_t agents_n, sender, receiver; /* places in agents, sender < receiver; or both 0 */
    struct bytes debtor, creditor;     /* keys of accounts; empty: not told (of a return) */
    bool debtor_named, creditor_named; /* made of a name: another message may know better */
    struct money settled, instructed;  /* instructed.currency NULL: not told */
    /* [charges_n], room for BANK_CHARGES_MAX: kept of the amount, up to the sender */
    struct bank_charge *charges;
    size_t charges_n;
    uint64_t leg; /* of a row: its number in the payment, or 0 */
    struct bank_message *next;
};

struct bank_messages {
    struct arena *a;
    struct bank_message *first, **end; /* end: where the next one goes */
    size_t n;
};

static inline void bank_messages_init(struct bank_messages *m, struct arena *a)
{
    *m = (struct bank_messages){.a = a};
    m->end = &m->first;
}

/* A message of the list, zeroed; on_way: with room for agents and charges. */
bool bank_message_new(struct bank_messages *m, bool on_way, struct bank_message **ret,
                      struct err *err) MUST_USE;
/* Arena's refusal as an error: its limit, or the heap's. */
bool bank_no_memory(const struct bank_messages *m, struct err *err);

/* Fields with meaning for several readers: the name of a payment without a UETR, and the agents of
 * the way in order (an agent that is there already is passed over). */
bool bank_payment_name(struct arena *a, struct bytes agent, struct bytes reference, uint64_t time,
                       struct bytes *ret, struct err *err) MUST_USE;
bool bank_way_add(struct bank_messages *m, struct bank_message *message,
                  const struct bank_agent *agent, size_t *ret_place, struct err *err) MUST_USE;
/* Is the sender before the receiver (or the whole way within one bank)? */
bool bank_way_check(const struct bank_message *message, struct err *err) MUST_USE;

#endif
