/* Messages for the books of banks that the node follows, over HTTP: docs/banks.md. The part stands
 * behind follow's. */
#ifndef CORDON_SERVE_BANK_ROUTES_H
#define CORDON_SERVE_BANK_ROUTES_H

#include "serve/node.h"

#define BANK_BODY_BYTES_MAX ((uint64_t)16 << 20)

extern const struct node_part bank_part;

#endif
