/* The group's registers, claims by year, and the quarter's pack, over HTTP. */
#ifndef CORDON_SERVE_REGISTER_ROUTES_H
#define CORDON_SERVE_REGISTER_ROUTES_H

#include "serve/node.h"

extern const struct node_part register_part; /* behind the group's */

#endif
