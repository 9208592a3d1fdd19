/* Watchman's search (docs/screening.md): a part of the node, behind screen_part. */
#ifndef CORDON_SERVE_WATCHMAN_ROUTES_H
#define CORDON_SERVE_WATCHMAN_ROUTES_H

#include "serve/node.h"

extern const struct node_part watchman_part;

#endif
