/* Which owners of a ledger may have a key: all of its scripts, or accounts, in memory, so that a
 * question seeks in one place. The ledger's own index has a run for each digit of its size, twenty
 * and more of a large one, and each costs a look at memory that is seldom warm.
 *
 * Keys are the ledger's (ledger_script_key), mixed with a seed; 40 bits are kept, and who finds an
 * owner compares the address itself. Each of 4,096 parts of the table grows by itself, so that
 * nobody waits for all of it.
 *
 *     part[key >> 52] -> slots: 28 bits of the key, owner + 1
 *
 * Units:   11 to 21 bytes an owner.
 * Errors:  without memory for an owner the table is of no use any more, and says so.
 * Threads: one writer, or any number of readers. */
#ifndef CORDON_SCREEN_OWNER_TABLE_H
#define CORDON_SCREEN_OWNER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct owner_table;

/* seed: what strangers do not know, so that they cannot choose keys that meet. NULL: no memory. */
struct owner_table *owner_table_new(uint64_t seed);
struct owner_table *owner_table_free(struct owner_table *t);     /* takes NULL, returns NULL */
void owner_table_put(void *table, uint64_t key, uint64_t owner); /* each owner once */
/* After a number of them, before the table is asked: false, it has not all that was put. */
bool owner_table_settle(struct owner_table *t);
uint64_t owner_table_bytes(const struct owner_table *t);

/* It will be asked for: its memory is sent for. */
void owner_table_fetch(const struct owner_table *t, uint64_t key);
/* Owners of that key, or of one like it: start with *at 0; false ends. */
bool owner_table_next(const struct owner_table *t, uint64_t key, uint32_t *at, uint64_t *ret_owner);

#endif
