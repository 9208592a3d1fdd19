/* The group inside the node. What the part has opened is its struct live_group. */
#ifndef CORDON_SERVE_GROUP_ROUTES_H
#define CORDON_SERVE_GROUP_ROUTES_H

#include "serve/live_group.h"
#include "serve/node.h"

extern const struct node_part group_part;

#endif
