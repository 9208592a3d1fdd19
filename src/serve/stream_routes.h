/* Events of the group as they come. */
#ifndef CORDON_SERVE_STREAM_ROUTES_H
#define CORDON_SERVE_STREAM_ROUTES_H

#include "serve/node.h"

extern const struct node_part stream_part;

#endif
