/* Screening over HTTP (docs/screening.md): a part of the node. It answers from a snapshot
 * (live_screener.h) that each request holds until its last byte is written, puts each decision into
 * the audit log before it is sent, and writes potential matches down as cordon screen does. */
#ifndef CORDON_SERVE_SCREEN_ROUTES_H
#define CORDON_SERVE_SCREEN_ROUTES_H

#include "serve/node.h"

extern const struct node_part screen_part;

#endif
