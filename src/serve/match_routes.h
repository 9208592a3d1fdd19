/* OpenSanctions' matching call (docs/screening.md): a part of the node, behind screen_part. */
#ifndef CORDON_SERVE_MATCH_ROUTES_H
#define CORDON_SERVE_MATCH_ROUTES_H

#include "serve/match_query.h"
#include "serve/node.h"

extern const struct node_part match_part;

#endif
