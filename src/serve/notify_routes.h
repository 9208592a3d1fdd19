/* What the node tells by itself, over HTTP: what waits and who is called, what people were told,
 * and the core system's word that a hold is enforced. */
#ifndef CORDON_SERVE_NOTIFY_ROUTES_H
#define CORDON_SERVE_NOTIFY_ROUTES_H

#include "serve/node.h"

extern const struct node_part notify_part; /* behind the group's */

#endif
