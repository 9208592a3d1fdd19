/* Who is on duty, and who is called next: HOME/oncall.yaml, this member's own; nobody else sees it.
 *
 *     timezone: Asia/Seoul        # of the IANA database, or UTC
 *     people:
 *       kim: {name: Kim Min-ji, mail: kim@exchange.example, phone: +82 2 000 0000}
 *       lee: {name: Lee Jun, mail: lee@exchange.example}
 *     levels:
 *       - after: 0m               # something begins to wait
 *         shifts:
 *           - {who: kim, from: 2026-12-07 09:00, to: 2026-12-14 09:00}
 *           - {who: lee, days: [mon, tue, wed, thu, fri], from: 09:00, to: 18:00}
 *           - {who: kim}
 *       - after: 10m
 *         shifts: [{who: lee}]
 *
 * Of a level's shifts the first that fits a time is on duty. Times are of the clock on the wall:
 * an hour that comes twice counts twice. A shift of days that ends before it begins goes on past
 * midnight, and belongs to the day on which it began.
 *
 * Units:     times in milliseconds since 1970.
 * Ownership: in the arena that it was read into.
 * Errors:    ERR_INPUT, beginning "line 7: "; ERR_LIMIT; ERR_NOMEM; ERR_SYSTEM.
 * Threads:   a rota is only read, by any number. */
#ifndef CORDON_GROUP_ROTA_H
#define CORDON_GROUP_ROTA_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROTA_FILE "oncall.yaml"
#define ROTA_BYTES_MAX ((size_t)1 << 20)
#define ROTA_PEOPLE_MAX 1000
#define ROTA_LEVELS_MAX 8
#define ROTA_SHIFTS_MAX 1000 /* of a level */
#define ROTA_TEXT_MAX 200

struct rota_person {
    const char *id, *name, *mail, *phone; /* all but id may be NULL */
};

struct rota_shift {
    const struct rota_person *who;
    unsigned days;     /* bits from Monday on; 0: it has dates, or none */
    uint64_t from, to; /* minutes of the wall's clock: of a day, or since 1970; both 0: always */
};

struct rota_level {
    uint64_t after_ms;
    const struct rota_shift *shifts; /* [shifts_n] */
    size_t shifts_n;
};

struct rota {
    const char *timezone; /* NULL: nobody is told of; levels alone */
    const struct rota_person *people;
    size_t people_n;
    struct rota_level levels[ROTA_LEVELS_MAX]; /* each later than the one before */
    size_t levels_n;
};

/* Without a file: nobody, called at once, after 5, 10 and 15 minutes. */
struct rota rota_default(void);
bool rota_read(struct arena *a, struct bytes yaml, struct rota *ret, struct err *err) MUST_USE;
/* HOME/oncall.yaml; that it is not there is rota_default. */
bool rota_load(struct arena *a, const char *home, struct rota *ret, struct err *err) MUST_USE;

/* Of a level from 1 on; NULL: nobody. */
const struct rota_person *rota_on_duty(const struct rota *r, size_t level, uint64_t ms);
/* The first time from `from` to `to` at which nobody of a level is on duty, by whole minutes; to:
 * there is none. */
uint64_t rota_gap(const struct rota *r, size_t level, uint64_t from, uint64_t to);
/* How many levels are called for what waits since then. */
size_t rota_level(const struct rota *r, uint64_t since, uint64_t ms);
/* When the next one is; UINT64_MAX: there is no other. */
uint64_t rota_next(const struct rota *r, uint64_t since, uint64_t ms);

#endif
