/* cordon ingest --from http://...: blocks from a node. */
#ifndef CORDON_CLI_INGEST_NODE_H
#define CORDON_CLI_INGEST_NODE_H

#include "chain/transfers.h"
#include "cli/cli.h"
#include "ledger/ingest.h"

/* Does --from name a node? */
bool ingest_from_node(const struct ingest_options *o);
/* Goes on after what the ledger at place holds and the node has, too. *ret_note: what is to be
 * known about the node, or "". */
bool ingest_node_open(struct call *c, const struct ingest_options *o, const char *place,
                      struct transfer_source *ret, const char **ret_note, struct err *err) MUST_USE;
/* The same of a chain of coins, whole. */
bool ingest_node_coins(struct call *c, const struct ingest_options *o, const char *place,
                       struct ingest_result *ret, struct err *err) MUST_USE;

#endif
