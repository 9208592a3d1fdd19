/* Keys of a few bytes (scripts, accounts) -> a number. The first number that is given to a key
 * stays.
 *
 * Threads:   one that puts, or any number that find. */
#ifndef CORDON_WATCH_KEY_MAP_H
#define CORDON_WATCH_KEY_MAP_H

#include "base/bytes.h"

#define KEY_MAP_BYTES_MAX 255u /* of a key; longer ones are not taken */
#define KEY_MAP_NONE UINT32_MAX

struct key_map;

struct key_map *key_map_new(void); /* NULL: no memory */
struct key_map *key_map_free(struct key_map *m);
size_t key_map_n(const struct key_map *m);
/* By when they were put, i below key_map_n; borrowed until the next put. */
struct bytes key_map_at(const struct key_map *m, size_t i, uint32_t *ret_number);
bool key_map_put(struct key_map *m, struct bytes key, uint32_t number); /* false: no memory */
uint32_t key_map_find(const struct key_map *m, struct bytes key);       /* KEY_MAP_NONE */

#endif
