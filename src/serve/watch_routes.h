/* Live traces inside the node: docs/watch.md. The part stands behind that of the group. */
#ifndef CORDON_SERVE_WATCH_ROUTES_H
#define CORDON_SERVE_WATCH_ROUTES_H

#include "serve/early.h"
#include "serve/node.h"

extern const struct node_part watch_part;

struct early *watch_early(void *part); /* of what that part has opened */

#endif
