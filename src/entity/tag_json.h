/* Tags as JSON, the same wherever they are answered: docs/schemas/tags-address.json.
 *
 * Threads:   as the writer's; the set is only read. */
#ifndef CORDON_ENTITY_TAG_JSON_H
#define CORDON_ENTITY_TAG_JSON_H

#include "base/json.h"
#include "entity/tag_set.h"

/* Each writes one object. */
void tag_json(struct json_out *j, const struct tag *t);
/* key, space, conflict, and all its tags */
void tag_found_json(struct json_out *j, const struct tag_set *set, const struct tag_found *found);
void tag_actor_json(struct json_out *j, const struct tag_actor *actor);
/* A member "actors": those that the tags name, where an ActorPack describes them. */
void tag_actors_json(struct json_out *j, const struct tag_set *set, const struct tag_found *found);
void tag_pack_json(struct json_out *j, const struct tag_pack_row *pack);

#endif
