/* Other nodes of the group: a listener of its own for them, and a thread for each that is asked.
 *
 *     their events <- pull, every second and at once after a push <- thread of that peer
 *     what must not wait -> push, as soon as it is in the log     <- the same thread
 *     what they ask for  -> group/v1/... of the listener          <- workers of its server
 *
 * Both sides have a certificate that their node key has signed itself; in the handshake, the key of
 * the other must be a node key of an active member in the charter in force (of a home without one:
 * a key that the configuration names). A member is served and taken from within its share: bytes a
 * second, connections, events that wait (group/log.h).
 *
 * What the part has opened is a struct peers.
 * Threads:   safe. */
#ifndef CORDON_SERVE_PEER_H
#define CORDON_SERVE_PEER_H

#include "base/json.h"
#include "serve/group_routes.h"

#define PEERS_MAX 256
#define PEER_PULL_MS 1000
#define PEER_CONNECTIONS_MAX 4 /* of one member, at once */

extern const struct node_part peer_part;

struct peers;

/* What is known of the way to a member, as an object; null where nothing was heard of it. Under
 * live_group_read, whose fold it is. */
void peers_json(struct peers *all, const char *member, const struct fold *fold, struct json_out *j);

#endif
