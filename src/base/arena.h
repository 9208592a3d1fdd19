/* Arenas: memory belongs to a job, and ends with one arena_free.
 *
 * An arena hands out aligned memory and never more than its stated limit in all; past that, or when
 * the heap has none, it returns NULL, and the caller fails with arena_fail. A child arena counts
 * against its parent's limit and is freed with it at the latest.
 *
 * Units:     bytes. An array's n is of members; the limit counts bytes as they are aligned.
 * Ownership: what an arena hands out is the arena's, until arena_free.
 * Errors:    arena_fail: ERR_LIMIT, if an arena's limit has ever refused something, else ERR_NOMEM.
 * Threads:   an arena, its parent and its children belong to one thread at a time. */
#ifndef CORDON_BASE_ARENA_H
#define CORDON_BASE_ARENA_H

#include "base/err.h"

#include <stddef.h>

struct arena;

struct arena *arena_new(struct arena *parent, size_t bytes_max); /* NULL: no memory */
struct arena *arena_free(struct arena *a);                       /* takes NULL, returns NULL */

void *arena_alloc(struct arena *a, size_t n);              /* 16-byte aligned, zeroed */
void *arena_array(struct arena *a, size_t n, size_t size); /* product checked */
void *arena_room(struct arena *a, size_t n);               /* as arena_alloc, but as it comes */
/* So much will be asked for soon: one block of the heap for it. */
void arena_expect(struct arena *a, size_t n);
void *arena_copy(struct arena *a, const void *p, size_t n);
char *arena_string(struct arena *a, const char *s, size_t n); /* NUL-terminated copy */
/* Takes over a block of mem.h of n bytes, which counts and is freed with the arena's own. On
 * failure p stays the caller's. */
bool arena_adopt(struct arena *a, void *p, size_t n);
size_t arena_used(const struct arena *a);
bool arena_limited(const struct arena *a); /* was an allocation refused for the limit's sake? */

/* How a function fails that got NULL: it names what there was no room for ("%zu moves"), and is
 * false. The text becomes "12 moves: more than 4096 bytes of memory", or "12 moves: no memory". */
#define arena_fail(a, err, ...) (arena_refused((a), (err), __VA_ARGS__), err_false())

void arena_refused(const struct arena *a, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);
enum err_class arena_class(const struct arena *a); /* of that failure, for who says it otherwise */

#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
