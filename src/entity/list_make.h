/* A list in the making: what all readers of lists share.
 *
 * A reader begins an entry, adds what it finds, and ends with list_make_end, which sorts, joins
 * entries of one id, and drops what is there twice. Empty texts are passed over. A maker stays bad
 * once bad and is asked at the end, like a cursor; err is filled with the first complaint.
 *
 * Limits: LIST_ENTRIES_MAX entries, LIST_FACTS_MAX facts in all, texts of LIST_TEXT_MAX bytes (a
 * longer one is cut, visibly).
 * Ownership: facts live in the arena, what grows in the maker until list_make_end or
 * list_make_free.
 * Threads:   one owner. */
#ifndef CORDON_ENTITY_LIST_MAKE_H
#define CORDON_ENTITY_LIST_MAKE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"
#include "entity/list.h"

#define LIST_ENTRIES_MAX ((size_t)1 << 20)
#define LIST_FACTS_MAX ((size_t)1 << 24)
#define LIST_TEXT_MAX ((size_t)1 << 20)

struct list_facts { /* of one sort, of all entries so far */
    void *p;
    size_t n, size;
};

enum list_sort {
    LIST_SORT_NAME,
    LIST_SORT_BIRTH,
    LIST_SORT_PLACE,
    LIST_SORT_NATIONALITY,
    LIST_SORT_ID,
    LIST_SORT_CRYPTO,
    LIST_SORT_ADDRESS,
    LIST_SORT_PROGRAMME,
    LIST_SORT_DETAIL,
    LIST_SORT_ENTRY,
    LIST_SORT_NOTE,
    LIST_SORTS_N
};

struct list_maker {
    struct arena *a;
    struct err *err;
    struct list list;
    struct list_facts facts[LIST_SORTS_N];
    struct text text; /* scratch for list_make_join */
    char *room;       /* where the next text goes, in the arena */
    size_t room_n;
    struct list_entry none; /* what a bad maker's entry is written to */
    bool bad;
};

void list_make_begin(struct list_maker *m, struct arena *a, struct err *err);
bool list_make_end(struct list_maker *m, struct list *ret) MUST_USE; /* frees the maker, too */
void list_make_free(struct list_maker *m);
bool list_make_fail(struct list_maker *m, enum err_class class, const char *fmt, ...)
    PRINTF_LIKE(3, 4); /* returns false */

/* The text as a fact's: cleaned, in the arena; "" if there is nothing. */
const char *list_make_text(struct list_maker *m, const char *p, size_t n);
static inline const char *list_make_string(struct list_maker *m, const char *s)
{
    return list_make_text(m, s, strlen(s));
}
/* Parts that are not empty, with between in between. */
const char *list_make_join(struct list_maker *m, const char *const *parts, size_t n,
                           const char *between);

/* An entry; facts that follow are its own. Texts given to these are of the arena already. */
struct list_entry *list_make_entry(struct list_maker *m, const char *id);
/* The entry's name if it has none yet, else an alias. */
void list_make_name(struct list_maker *m, struct list_name name);
void list_make_alias(struct list_maker *m, struct list_name name);
void list_make_birth(struct list_maker *m, const char *text); /* read by list_date_read */
void list_make_place(struct list_maker *m, const char *text);
void list_make_nationality(struct list_maker *m, const char *text);
/* An empty number is passed over. Kind LIST_ID_OTHER is found by the type's words, if it can be. */
void list_make_id(struct list_maker *m, struct list_id id);
void list_make_crypto(struct list_maker *m, const char *ticker, const char *text);
void list_make_address(struct list_maker *m, const char *text, const char *country);
void list_make_programme(struct list_maker *m, const char *text);
void list_make_detail(struct list_maker *m, const char *name, const char *value);
void list_make_note(struct list_maker *m, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* "Digital Currency Address - XBT" gives "XBT"; NULL: something else. */
const char *list_ticker_of(const char *type);
enum list_id_kind list_id_kind_of(const char *type);
enum list_kind list_kind_of(const char *word); /* "Individual", "P", "person", "Ship"... */

#endif
