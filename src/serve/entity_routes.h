/* Who an address belongs with, over HTTP: a part of the node, behind screen_part. */
#ifndef CORDON_SERVE_ENTITY_ROUTES_H
#define CORDON_SERVE_ENTITY_ROUTES_H

#include "serve/node.h"

extern const struct node_part entity_part;

#endif
