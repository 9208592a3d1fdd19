/* Leads of outsiders over HTTP: told, asked after, listed and reviewed; and the thread that judges
 * them (serve/lead_judge.h). */
#ifndef CORDON_SERVE_LEAD_ROUTES_H
#define CORDON_SERVE_LEAD_ROUTES_H

#include "serve/node.h"

extern const struct node_part lead_part; /* behind the group's */

#endif
