/* Walks over the events of a holding that pass long lists by their marks.
 *
 *     events   o o o o M o o o o M o o o o M o o
 *                      |         |         |
 *     marks            0 <------ 1 <------ 2       before: one back
 *                      ^-------------------'       jump: many back, so that any is found in log n
 *
 * Backward a walk ends at the nearest mark, which binary search finds by its event. Forward there
 * are no links between marks, so a walk that comes to a mark looks from the newest mark of the
 * holding backward for the first one past what is sought, and goes on in front of it.
 *
 * The newest event may lie past the snapshot, and its mark with it. Then the marks of all holdings
 * are looked through from the snapshot's end while the walk goes on event by event: whichever
 * finds first. A busy holding has a mark near the end, a quiet one few events to walk. */
#include "ledger/accounts.h"

#define SCAN_MARKS 32 /* marks looked at for each event walked */

static bool damaged(uint64_t holding, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "holding %llu: its events contradict themselves",
                    (unsigned long long)holding);
}

/* An event of the holding, with its number among them modulo 256. */
static bool event_of(const struct accounts *a, uint64_t holding, uint64_t event,
                     struct transfer *ret, uint8_t *ret_ordinal, struct err *err)
{
    if (event >= a->transfers_n)
        return damaged(holding, err);
    *ret = accounts_transfer(a, event);
    if (ret->from != holding && ret->to != holding)
        return damaged(holding, err);
    *ret_ordinal = ret->from == holding ? ret->from_ordinal : ret->to_ordinal;
    return true;
}

/* ---- marks ---- */

static bool mark_read(const struct accounts *a, uint64_t holding, uint64_t mark,
                      struct accounts_mark *ret, struct err *err)
{
    if (mark >= a->marks_n)
        return damaged(holding, err);
    *ret = accounts_mark(a, mark);
    if (ret->holding != holding || ret->event >= a->transfers_n ||
        u256_less(ret->sums.in, ret->sums.balance) ||
        (ret->before == ACCOUNTS_NONE ? ret->number != 0 || ret->jump != mark
                                      : ret->before >= mark || ret->jump >= mark))
        return damaged(holding, err);
    return true;
}

/* The mark just after an event that must have one. */
static bool mark_find(const struct accounts *a, uint64_t holding, uint64_t event, uint64_t *ret,
                      struct accounts_mark *ret_mark, struct err *err)
{
    uint64_t low = 0, high = a->marks_n;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (load_le40(a->mark + middle * MARK_BYTES) < event)
            low = middle + 1;
        else
            high = middle;
    }
    /* from's, then to's */
    if (low < a->marks_n && accounts_mark(a, low).holding != holding)
        low++;
    if (!mark_read(a, holding, low, ret_mark, err))
        return false;
    *ret = low;
    return ret_mark->event == event || damaged(holding, err);
}

/* What a search among marks wants: false at first, then true for good. */
struct wanted {
    struct u256 position;
    uint32_t freezes;
    bool by_freezes; /* at least so many; else: past what accounts_leaves seeks */
};

static bool is_past(const struct wanted *w, const struct holding_sums *s)
{
    if (w->by_freezes)
        return s->freezes >= w->freezes;
    return (s->flags & MARK_OVER) || s->freezes > w->freezes ||
           u256_less(w->position, holding_left(s));
}

/* From a mark that is past, the first that is; *ret_before is the one before it, if has_before.
 * Numbers fall with each step, and by half of what is left or so. */
static bool mark_first_past(const struct accounts *a, uint64_t holding, const struct wanted *w,
                            struct accounts_mark *m, struct accounts_mark *ret_before,
                            bool *ret_has_before, struct err *err)
{
    while (m->before != ACCOUNTS_NONE) {
        struct accounts_mark jump, before;

        if (!mark_read(a, holding, m->jump, &jump, err))
            return false;
        if (jump.number >= m->number || jump.event >= m->event)
            return damaged(holding, err);
        if (is_past(w, &jump.sums)) {
            *m = jump;
            continue;
        }
        if (!mark_read(a, holding, m->before, &before, err))
            return false;
        if (before.number != m->number - 1 || before.event >= m->event)
            return damaged(holding, err);
        if (!is_past(w, &before.sums)) {
            *ret_before = before;
            *ret_has_before = true;
            return true;
        }
        *m = before;
    }
    *ret_has_before = false;
    return true;
}

/* ---- backward ---- */

bool accounts_sums_before(const struct accounts *a, uint64_t holding, uint64_t event,
                          const struct accounts_point *known, struct holding_sums *ret,
                          struct err *err)
{
    uint64_t back[MARK_EVENTS];
    size_t n = 0;
    struct holding_sums sums = {0};
    struct transfer t;
    uint8_t ordinal, before;

    if (!event_of(a, holding, event, &t, &ordinal, err))
        return false;
    for (;;) {
        struct accounts_mark mark;
        uint64_t prev, number;

        if (known && known->event == event) {
            sums = known->sums;
            break;
        }
        prev = accounts_prev(a, holding, event);
        if (prev == ACCOUNTS_NONE) {
            if (ordinal || accounts_holding(a, holding).first != event)
                return damaged(holding, err);
            break;
        }
        if (n == MARK_EVENTS)
            return damaged(holding, err);
        if (!event_of(a, holding, prev, &t, &before, err))
            return false;
        if (before != (uint8_t)(ordinal - 1))
            return damaged(holding, err);
        if (!ordinal) {
            if (!mark_find(a, holding, prev, &number, &mark, err))
                return false;
            sums = mark.sums;
            break;
        }
        back[n++] = event = prev;
        ordinal = before;
    }
    while (n) {
        t = accounts_transfer(a, back[--n]);
        holding_sums_step(&sums, &t, holding);
    }
    *ret = sums;
    return true;
}

bool accounts_frozen(const struct accounts *a, uint64_t holding, const struct accounts_point *at,
                     bool *ret, struct err *err)
{
    struct wanted w = {.freezes = at->sums.freezes, .by_freezes = true};
    uint64_t event = at->event;
    bool searched = false;

    *ret = false;
    if (!at->sums.freezes)
        return true;
    for (size_t n = 0; n <= 2 * MARK_EVENTS; n++) {
        struct accounts_mark mark, before;
        struct transfer t;
        uint64_t prev = accounts_prev(a, holding, event), number;
        uint8_t ordinal;
        bool has_before;

        if (prev == ACCOUNTS_NONE || !event_of(a, holding, prev, &t, &ordinal, err))
            return damaged(holding, err);
        if (ordinal == MARK_EVENTS - 1 && !searched) {
            searched = true;
            if (!mark_find(a, holding, prev, &number, &mark, err))
                return false;
            if (is_past(&w, &mark.sums)) {
                if (!mark_first_past(a, holding, &w, &mark, &before, &has_before, err))
                    return false;
                prev = mark.event; /* the word is this event, or one up to the mark before */
                if (!event_of(a, holding, prev, &t, &ordinal, err))
                    return false;
            }
        }
        if (t.from == holding && (t.kind == TRANSFER_FREEZE || t.kind == TRANSFER_UNFREEZE)) {
            *ret = t.kind == TRANSFER_FREEZE;
            return true;
        }
        event = prev;
    }
    return damaged(holding, err);
}

/* ---- forward ---- */

struct hunt {      /* for the newest mark of a holding */
    uint64_t scan; /* marks at and past it are others' */
    bool done;     /* found, and used; or there is none newer */
};

/* The newest event is in the snapshot: its mark is at most 255 events back. */
static bool newest_by_link(const struct accounts *a, uint64_t holding, uint64_t event,
                           struct accounts_mark *ret, struct err *err)
{
    struct transfer t;
    uint64_t number;
    uint8_t ordinal;

    for (size_t n = 0; n < MARK_EVENTS; n++) {
        if (!event_of(a, holding, event, &t, &ordinal, err))
            return false;
        if (ordinal == MARK_EVENTS - 1)
            return mark_find(a, holding, event, &number, ret, err);
        event = accounts_prev(a, holding, event);
    }
    return damaged(holding, err);
}

static bool newest_by_scan(const struct accounts *a, uint64_t holding, uint64_t event,
                           struct hunt *h, bool *ret_found, struct accounts_mark *ret,
                           struct err *err)
{
    for (int n = 0; n < SCAN_MARKS; n++) {
        const uint8_t *p;

        if (!h->scan || load_le40(a->mark + (h->scan - 1) * MARK_BYTES) <= event) {
            h->done = true;
            return true;
        }
        p = a->mark + --h->scan * MARK_BYTES;
        if (load_le40(p + ACCOUNTS_ID_BYTES) == holding) {
            *ret_found = true;
            return mark_read(a, holding, h->scan, ret, err);
        }
    }
    return true;
}

/* The walk stands at an event that is not past: can it go on further on? */
static bool jump_on(const struct accounts *a, uint64_t holding, const struct wanted *w,
                    struct hunt *h, uint64_t *event, struct holding_sums *after, struct err *err)
{
    uint64_t last = load_le40(a->holding_last + holding * ACCOUNTS_ID_BYTES);
    struct accounts_mark mark, before;
    bool found = false, has_before = true;

    if (last < a->transfers_n) {
        if (!newest_by_link(a, holding, last, &mark, err))
            return false;
        found = true;
    } else if (!newest_by_scan(a, holding, *event, h, &found, &mark, err)) {
        return false;
    }
    if (!found)
        return true;
    h->done = true;
    before = mark;
    if (is_past(w, &mark.sums) && !mark_first_past(a, holding, w, &mark, &before, &has_before, err))
        return false;
    if (has_before && before.event > *event) {
        *event = before.event;
        *after = before.sums;
    }
    return true;
}

bool accounts_leaves(const struct accounts *a, uint64_t holding, const struct accounts_point *from,
                     struct u256 position, struct accounts_point *ret, struct err *err)
{
    struct wanted w = {.position = position, .freezes = from->sums.freezes};
    struct hunt hunt = {.scan = a->marks_n};
    struct holding_sums sums = from->sums;
    uint64_t event = from->event;
    bool marked = false, first = true;
    size_t since = 0; /* events walked since the hunt was done */
    uint8_t expected = 0;

    while (event != ACCOUNTS_NONE) {
        struct holding_sums after = sums;
        struct transfer t;
        uint8_t ordinal;

        if (!event_of(a, holding, event, &t, &ordinal, err))
            return false;
        if (!first && ordinal != expected)
            return damaged(holding, err);
        holding_sums_step(&after, &t, holding);
        if (is_past(&w, &after))
            break;
        marked |= ordinal == MARK_EVENTS - 1;
        if (marked && !hunt.done) {
            uint64_t at = event;

            if (!jump_on(a, holding, &w, &hunt, &event, &after, err))
                return false;
            if (event != at)
                ordinal = MARK_EVENTS - 1;
        } else if (hunt.done && since++ > MARK_EVENTS) {
            return damaged(holding, err); /* a mark said otherwise */
        }
        first = false;
        expected = (uint8_t)(ordinal + 1);
        sums = after;
        event = accounts_next(a, holding, event);
    }
    *ret = (struct accounts_point){event, sums};
    return true;
}
