/* Transfers that a member registers, each with the decision at once (docs/screening.md): a part of
 * the node, behind screen_part. */
#ifndef CORDON_SERVE_TRANSFER_ROUTES_H
#define CORDON_SERVE_TRANSFER_ROUTES_H

#include "serve/node.h"

extern const struct node_part transfer_part;

#endif
