/* Alerts and holds over HTTP, to be read. What the part has opened is the group's. */
#ifndef CORDON_SERVE_ALERT_ROUTES_H
#define CORDON_SERVE_ALERT_ROUTES_H

#include "serve/node.h"

extern const struct node_part alert_part; /* behind the group's */

#endif
