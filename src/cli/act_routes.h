/* Persons act over HTTP as they do by commands (POST /v1/acts): the node runs the command of that
 * name in its own home, with the options of the body and the passphrase of the person who signs.
 *
 * A request names an act of the list in act_routes.c and no other, and options that say something
 * and none that names a file. The passphrase and the document are handed over in memory, and are in
 * no log. One act at a time, and so many a minute of each person, whether they succeed or not. */
#ifndef CORDON_CLI_ACT_ROUTES_H
#define CORDON_CLI_ACT_ROUTES_H

#include "serve/node.h"

extern const struct node_part act_part;

#endif
