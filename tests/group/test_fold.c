/* The fold: what hand-made stories come to, and that neither the order of delivery nor the way of
 * working it out matters (naive.c works it out anew, plainly). */
#include "naive.h"

#include <stdio.h>

#define CASE_A "case:000000000000000000000000000000aa"
#define CASE_B "case:000000000000000000000000000000bb"
#define ARENA_BYTES ((size_t)256 << 20)

static const struct fold_object *case_of(const struct fold *f, const char *name)
{
    return fold_object(f, name, AUDIENCE_ALL);
}

static void state_is(const struct fold *f, const char *name, enum state want)
{
    const struct fold_object *o = case_of(f, name);

    CHECK(o);
    CHECK_S(state_name(o->state), state_name(want));
}

static void is(const struct fold *f, const struct world_event *e, enum standing standing,
               enum effect effect)
{
    const struct fold_event *at = fold_find(f, &e->e.id);

    CHECK(at);
    CHECK_S(standing_name(at->standing), standing_name(standing));
    CHECK_U(at->effect, effect);
}

/* ---- delivery in any order ---- */

static void same_outcome(const struct world *w, const size_t *order, size_t n, const char *want)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct fold *f = world_fold(w, order, n);

    CHECK_S(world_outcome(a, f), want);
    fold_free(f);
    arena_free(a);
}

static void shuffled(const struct world *w, const char *want)
{
    struct test_random r = {test_seed()};
    size_t order[WORLD_EVENTS_MAX + WORLD_STAMPS_MAX], n = w->n + w->stamps_n;

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (int shuffle = 0; shuffle < 200; shuffle++) {
        for (size_t i = n; i > 1; i--) {
            size_t k = test_below(&r, i), t = order[i - 1];

            order[i - 1] = order[k];
            order[k] = t;
        }
        same_outcome(w, order, n, want);
    }
}

/* The next order of ids, smallest first; false: that was the last. */
static bool next_order(size_t *order, size_t n)
{
    size_t i = n, k = n;

    if (n < 2)
        return false;
    for (i = n - 1; i && order[i - 1] >= order[i]; i--)
        ;
    if (!i)
        return false;
    for (k = n - 1; order[k] <= order[i - 1]; k--)
        ;
    for (size_t t = order[i - 1], swap = k; swap != n; swap = n) {
        order[i - 1] = order[k];
        order[k] = t;
    }
    for (size_t low = i, high = n - 1; low < high; low++, high--) {
        size_t t = order[low];

        order[low] = order[high];
        order[high] = t;
    }
    return true;
}

/* Each subset of the events from `from` on, up to size_max of them, in all orders, behind (or
 * before) the first `from`. */
static void every_subset_in_every_order(const struct world *w, size_t from, size_t size_max)
{
    size_t pool = w->n - from;

    for (size_t set = 0; set < (size_t)1 << pool; set++) {
        size_t order[WORLD_EVENTS_MAX], n = 0, all[WORLD_EVENTS_MAX];
        struct arena *a;
        const char *want;

        for (size_t i = 0; i < pool; i++)
            if (set >> i & 1)
                order[n++] = from + i;
        if (n > size_max)
            continue;
        for (size_t i = 0; i < from; i++)
            all[i] = i;
        memcpy(all + from, order, n * sizeof(*all));
        a = arena_new(NULL, ARENA_BYTES);
        want = naive_outcome(a, w, all, from + n);
        test_row("subset %zx", set);
        do {
            memcpy(all + from, order, n * sizeof(*all));
            same_outcome(w, all, from + n, want);
        } while (next_order(order, n));
        /* and the charter last */
        memcpy(all, order, n * sizeof(*all));
        for (size_t i = 0; i < from; i++)
            all[n + i] = from - 1 - i;
        same_outcome(w, all, from + n, want);
        arena_free(a);
    }
}

#define LATE_CASES 8
#define LATE_EVENTS 12 /* of each that come in time */

static void added(struct fold *f, const struct world_event *e)
{
    struct err err;
    bool new;

    CHECK_OK(fold_add(f, &e->e, e->charter, &new, &err), err);
    CHECK(new);
}

/* Counted by hand: what comes late costs the events of its object, however many others there are;
 * what others have waited for, those of theirs, too. */
static void a_late_event_folds_its_objects_alone(void **state)
{
    struct world_event *late[LATE_CASES], *first, *held;
    struct fold *f;
    struct world w;
    uint64_t before;
    size_t found_n;

    (void)state;
    world_start(&w);
    world_found(&w);
    found_n = w.n;
    f = fold_new(&w.group, ARENA_BYTES, 7);
    CHECK(f);
    for (size_t i = 0; i < found_n; i++)
        added(f, &w.events[i]);
    for (unsigned i = 0; i < LATE_CASES; i++) {
        struct world_event *e = NULL, *report = NULL;
        char name[64];
        const char *object;

        snprintf(name, sizeof(name), "case:%032x", i + 1);
        object = arena_string(w.arena, name, strlen(name));
        for (unsigned k = 0; k < LATE_EVENTS; k++) {
            e = world_say(&w, (struct world_say){0, WORLD_INV, i, object,
                                                 k ? "case.revise" : "case.report",
                                                 .ms = 100 + 10 * k, .prev = e});
            report = k ? report : e;
            added(f, e);
        }
        late[i] = world_say(&w, (struct world_say){1, WORLD_INV, i, object, "case.verify",
                                                   .ms = 105, .after = {&report->e.id}});
    }
    for (unsigned i = 0; i < LATE_CASES; i++) {
        before = fold_stepped_n(f);
        added(f, late[i]);
        test_row("case %u", i);
        CHECK_U(fold_stepped_n(f) - before, LATE_EVENTS + 1);
    }
    /* a stream of two cases whose first event comes last */
    first = world_say(&w, (struct world_say){2, WORLD_INV, 0, late[0]->e.object, "case.dispute",
                                             .ms = 300, .after = {&late[0]->e.id}});
    held = world_say(&w, (struct world_say){2, WORLD_INV, 0, late[1]->e.object, "case.dispute",
                                            .ms = 310, .prev = first, .after = {&late[1]->e.id}});
    added(f, held);
    is(f, held, STANDING_WAITS, EFFECT_NONE);
    before = fold_stepped_n(f);
    added(f, first);
    is(f, held, STANDING_GOOD, EFFECT_STEP);
    CHECK_U(fold_stepped_n(f) - before, 2 * (LATE_EVENTS + 2));
    fold_free(f);
    world_end(&w);
}

static void small_worlds_exhaustively(void **state)
{
    struct world w;
    struct world_event *report, *revise, *verify;

    (void)state;
    world_start(&w);
    world_found(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    revise = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.revise", .ms = 20,
                                              .after = {&report->e.id}, .prev = report});
    verify = world_say(&w, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.verify", .ms = 15,
                                              .after = {&report->e.id}});
    world_say(&w, (struct world_say){2, WORLD_INV, 0, CASE_A, "case.verify", .ms = 25,
                                     .after = {&revise->e.id}});
    world_say(&w, (struct world_say){2, WORLD_INV, 1, CASE_A, "case.dispute", .ms = 17,
                                     .after = {&verify->e.id}});
    /* a second event with number 2 of us */
    world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 30,
                                     .after = {&report->e.id}, .prev = report});
    /* verified by its own reporter; kr goes on with what it may not */
    world_say(&w, (struct world_say){0, WORLD_INV, 2, CASE_A, "case.verify", .ms = 16,
                                     .after = {&report->e.id}});
    world_say(
        &w, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.activate", .ms = 14, .prev = verify});
    every_subset_in_every_order(&w, 3, 5);
    world_end(&w);
}

/* Adoption itself among what comes in any order. */
static void adoption_in_every_order(void **state)
{
    struct world w;
    const char *object;
    struct world_event *proposed, *report;

    (void)state;
    world_start(&w);
    world_found(&w);
    object = world_object(&w, &w.group);
    proposed = &w.events[0];
    report = world_say(&w, (struct world_say){2, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    world_say(&w, (struct world_say){2, WORLD_HEAD, 0, object, "charter.sign", .ms = 12,
                                     .after = {&proposed->e.id}, .prev = report});
    world_say(&w, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.verify", .ms = 11,
                                     .after = {&report->e.id}});
    every_subset_in_every_order(&w, 0, 6);
    world_end(&w);
}

static const char *const types[] = {
    "case.draft",   "case.report", "case.revise",  "case.verify", "case.dispute", "case.activate",
    "case.contain", "case.close",  "case.retract", "case.report", "case.verify",  "case.merge",
};

static const struct world_event *some(const struct world *w, struct test_random *r)
{
    return w->n > 3 && test_below(r, 2) ? &w->events[3 + test_below(r, w->n - 3)] : NULL;
}

/* Anything at all, mostly sensible. */
static void draw(struct world *w, struct test_random *r)
{
    struct world_say s = {.member = (unsigned)test_below(r, WORLD_MEMBERS),
                          .key = test_below(r, 6) ? WORLD_INV
                                                  : (enum world_key)test_below(r, WORLD_KEYS),
                          .stream = (unsigned)test_below(r, 2),
                          .object = test_below(r, 3) ? CASE_A : CASE_B,
                          .type = types[test_below(r, sizeof(types) / sizeof(types[0]))],
                          .audience = test_below(r, 12) ? NULL : "two",
                          .ms = 5 + w->n * 3 + test_below(r, 6)};

    if (!strcmp(s.type, "case.merge"))
        s.into = strcmp(s.object, CASE_A) ? CASE_A : CASE_B;
    for (size_t i = w->n; i > 3 && test_below(r, 25); i--) {
        const struct world_event *e = &w->events[i - 1];

        if (!strcmp(e->e.author, world_members[s.member]) && e->e.stream.b[1] == s.stream) {
            s.prev = e;
            break;
        }
    }
    for (size_t i = 0, n = 0; i < 3; i++) {
        const struct world_event *e = some(w, r);
        bool twice = false;

        for (size_t k = 0; e && k < n; k++)
            twice = twice || s.after[k] == &e->e.id;
        if (e && !twice)
            s.after[n++] = &e->e.id;
    }
    world_say(w, s);
}

/* Of some stream as somebody has seen it, countersigned by some. */
static void draw_stamp(struct world *w, struct test_random *r)
{
    const struct world_event *e = some(w, r);
    struct checkpoint *c;

    for (const struct world_event *at = e; at && at->e.seq > 1;) {
        const struct world_event *before = NULL;

        for (size_t i = 0; i < w->n; i++)
            if (hash32_equal(&w->events[i].e.id, &at->e.prev) &&
                w->events[i].e.seq + 1 == at->e.seq)
                before = &w->events[i];
        if (!before)
            return;
        at = before;
    }
    if (!e)
        return;
    c = world_stamp(w, e, (unsigned)test_below(r, 8) | (test_below(r, 2) ? 7 : 0),
                    1 + test_below(r, 9));
    if (!test_below(r, 8))
        c->root.b[0] ^= 1;
}

static void random_worlds(void **state)
{
    struct test_random r = {test_seed()};

    (void)state;
    for (int round = 0; round < 400; round++) {
        size_t order[WORLD_EVENTS_MAX + WORLD_STAMPS_MAX], n;
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct world w;
        const char *want;

        test_row("world %d", round);
        world_start(&w);
        world_found(&w);
        for (size_t k = test_below(&r, 30); k; k--)
            draw(&w, &r);
        for (size_t k = test_below(&r, WORLD_STAMPS_MAX); k; k--)
            draw_stamp(&w, &r);
        n = w.n + w.stamps_n;
        for (size_t i = 0; i < n; i++)
            order[i] = i;
        want = naive_outcome(a, &w, order, n);
        for (int shuffle = 0; shuffle < 6; shuffle++) {
            same_outcome(&w, order, n, want);
            for (size_t i = n; i > 1; i--) {
                size_t k = test_below(&r, i), t = order[i - 1];

                order[i - 1] = order[k];
                order[k] = t;
            }
        }
        arena_free(a);
        world_end(&w);
    }
}

/* ---- stories ---- */

static void four_eyes(void **state)
{
    struct world w;
    struct world_event *report, *own, *verify, *revise, *stale;
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    own = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.verify", .ms = 11,
                                           .after = {&report->e.id}, .prev = report});
    revise = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.revise", .ms = 20, .prev = own});
    stale = world_say(&w, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.verify", .ms = 30,
                                             .after = {&report->e.id}});
    f = world_fold(&w, NULL, w.n);
    is(f, own, STANDING_GOOD, EFFECT_CONDITION);
    CHECK_U(fold_find(f, &own->e.id)->unmet, IF_OTHER);
    /* kr had not seen the revision when it verified */
    is(f, stale, STANDING_GOOD, EFFECT_CONDITION);
    CHECK_U(fold_find(f, &stale->e.id)->unmet, IF_CURRENT);
    state_is(f, CASE_A, CASE_REPORTED);
    fold_free(f);
    verify = world_say(&w, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.verify", .ms = 31,
                                              .after = {&revise->e.id}, .prev = stale});
    f = world_fold(&w, NULL, w.n);
    is(f, verify, STANDING_GOOD, EFFECT_STEP);
    state_is(f, CASE_A, CASE_VERIFIED);
    CHECK_S(case_of(f, CASE_A)->owner, "us");
    fold_free(f);
    world_end(&w);
}

/* One author, two events with one number: both are void, and all behind them; what came before
 * stands. */
static void a_fork(void **state)
{
    struct world w;
    struct world_event *report, *one, *other, *behind;
    struct fold *f;
    struct hash32 head;

    (void)state;
    world_start(&w);
    world_found(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    one = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_B, "case.report", .ms = 11, .prev = report});
    behind = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 12, .prev = one});
    f = world_fold(&w, NULL, w.n);
    state_is(f, CASE_A, CASE_RETRACTED);
    state_is(f, CASE_B, CASE_REPORTED);
    fold_free(f);
    other = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.revise", .ms = 11, .prev = report});
    f = world_fold(&w, NULL, w.n);
    is(f, one, STANDING_FORKED, EFFECT_NONE);
    is(f, other, STANDING_FORKED, EFFECT_NONE);
    is(f, behind, STANDING_FORKED, EFFECT_NONE);
    state_is(f, CASE_A, CASE_REPORTED);
    state_is(f, CASE_B, STATE_NONE);
    CHECK_U(fold_head(f, "us", &report->e.stream, &head), 1);
    CHECK(hash32_equal(&head, &report->e.id));
    CHECK(!fold_goes_on(f, "us", &report->e.stream));
    fold_free(f);
    world_end(&w);
}

/* The branch that enough others have countersigned stands, whatever else comes. */
static void a_fork_decided(void **state)
{
    struct world w;
    struct world_event *report, *one, *other, *behind, *lost;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct checkpoint *both;
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    one = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_B, "case.report", .ms = 11, .prev = report});
    other = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.revise", .ms = 11, .prev = report});
    behind = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 12, .prev = one});
    lost = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.merge", .into = CASE_B,
                                            .ms = 13, .prev = other});
    /* before the fork it decides nothing; one of two others is not more than half */
    world_stamp(&w, report, 7, 50);
    world_stamp(&w, one, 1 | 2, 50);
    f = world_fold(&w, NULL, 0);
    is(f, one, STANDING_FORKED, EFFECT_NONE);
    CHECK(fold_countersigned(f, &w.stamps[0]) && !fold_countersigned(f, &w.stamps[1]));
    fold_free(f);
    both = world_stamp(&w, one, 4, 60); /* another copy, signed by the third */
    f = world_fold(&w, NULL, 0);
    is(f, one, STANDING_GOOD, EFFECT_STEP);
    is(f, behind, STANDING_GOOD, EFFECT_STEP);
    is(f, other, STANDING_FORKED, EFFECT_NONE);
    is(f, lost, STANDING_FORKED, EFFECT_NONE);
    CHECK(fold_countersigned(f, both));
    CHECK(fold_checkpoint_tip(f, both) == fold_find(f, &one->e.id));
    CHECK(!fold_goes_on(f, "us", &report->e.stream));
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    /* the other branch countersigned as far, against their word: neither stands */
    world_stamp(&w, other, 7, 70);
    f = world_fold(&w, NULL, 0);
    is(f, one, STANDING_FORKED, EFFECT_NONE);
    is(f, other, STANDING_FORKED, EFFECT_NONE);
    CHECK(fold_parted(f, both, &w.stamps[3]) && !fold_parted(f, both, &w.stamps[0]));
    fold_free(f);
    /* and further: the newest does */
    world_stamp(&w, lost, 7, 70);
    f = world_fold(&w, NULL, 0);
    is(f, lost, STANDING_GOOD, EFFECT_STEP);
    is(f, behind, STANDING_FORKED, EFFECT_NONE);
    CHECK(fold_parted(f, &w.stamps[4], both) && !fold_parted(f, &w.stamps[3], &w.stamps[4]));
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    arena_free(a);
    world_end(&w);
}

/* Another's stream cannot be forked, nor its name be used. */
static void whose_word(void **state)
{
    struct world w;
    struct world_event *report, *forged, *stranger;
    struct signer kr = world_signer(1, WORLD_INV);
    struct err err;
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    /* kr, in its own name, in us's stream */
    stranger = world_say(&w, (struct world_say){1, WORLD_INV, 0, CASE_B, "case.report", .ms = 12});
    stranger->e.stream = report->e.stream;
    CHECK_OK(event_make(w.arena, &w.group, &stranger->e, &err), err);
    /* kr, in us's name */
    forged = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 13, .prev = report});
    forged->e.key = kr.key;
    CHECK_OK(event_make(w.arena, &w.group, &forged->e, &err), err);
    f = world_fold(&w, NULL, w.n);
    is(f, report, STANDING_GOOD, EFFECT_STEP);
    is(f, stranger, STANDING_GOOD, EFFECT_STEP);
    is(f, forged, STANDING_NO_KEY, EFFECT_NONE);
    state_is(f, CASE_A, CASE_REPORTED);
    fold_free(f);
    world_end(&w);
}

static const char *key_object(struct world *w, unsigned member, enum world_key key)
{
    struct signer s = world_signer(member, key);
    struct text to = text_new(OBJECT_NAME_MAX);
    const char *ret;

    text_str(&to, "key:");
    text_hex(&to, s.key.b, 32);
    ret = arena_string(w->arena, to.p, to.n);
    text_free(&to);
    return ret;
}

/* The key of us's investigator is stolen after its first event. The revocation names that one: what
 * the thief signs is void though its clock says that it came before, and another member's
 * revocation is none. */
static void a_revoked_key(void **state)
{
    struct world w;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct world_event *report, *thief, *backdated, *revoke, *meddler, *on;
    const char *key;
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    key = key_object(&w, 0, WORLD_INV);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 20});
    thief = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 21, .prev = report});
    backdated = world_say(&w, (struct world_say){0, WORLD_INV, 5, CASE_B, "case.report", .ms = 5});
    meddler = world_say(&w, (struct world_say){1, WORLD_HEAD, 0, key, "key.revoke", .ms = 22});
    f = world_fold(&w, NULL, w.n);
    is(f, meddler, STANDING_GOOD, EFFECT_CONDITION);
    state_is(f, CASE_A, CASE_RETRACTED);
    state_is(f, CASE_B, CASE_REPORTED);
    fold_free(f);
    revoke = world_say(&w, (struct world_say){0, WORLD_HEAD, 1, key, "key.revoke", .ms = 30,
                                              .after = {&report->e.id}});
    /* the stream goes on with another key, under the number that the thief used */
    on = world_say(
        &w, (struct world_say){0, WORLD_NODE, 0, CASE_A, "case.draft", .ms = 31, .prev = report});
    f = world_fold(&w, NULL, w.n);
    is(f, report, STANDING_GOOD, EFFECT_STEP);
    is(f, thief, STANDING_REVOKED, EFFECT_NONE);
    is(f, backdated, STANDING_REVOKED, EFFECT_NONE);
    is(f, revoke, STANDING_GOOD, EFFECT_STEP);
    is(f, on, STANDING_GOOD, EFFECT_NO_STEP);
    state_is(f, CASE_A, CASE_REPORTED);
    state_is(f, CASE_B, STATE_NONE);
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    arena_free(a);
    world_end(&w);
}

/* The thief goes on in the very stream in which the key is revoked. */
static void a_revocation_in_a_forked_stream(void **state)
{
    struct world w;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct world_event *report, *thief, *revoke;
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 20});
    revoke = world_say(&w, (struct world_say){0, WORLD_HEAD, 0, key_object(&w, 0, WORLD_INV),
                                              "key.revoke", .ms = 30, .after = {&report->e.id},
                                              .prev = report});
    thief = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 21, .prev = report});
    f = world_fold(&w, NULL, w.n);
    is(f, thief, STANDING_REVOKED, EFFECT_NONE);
    is(f, revoke, STANDING_GOOD, EFFECT_STEP);
    state_is(f, CASE_A, CASE_REPORTED);
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    arena_free(a);
    world_end(&w);
}

/* Which of two is good is for the revocation to say, a fork or not. */
static void a_revocation_decides_a_fork(void **state)
{
    struct world w;
    struct world_event *report, *good, *bad;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 20});
    good = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.revise", .ms = 21, .prev = report});
    bad = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 22, .prev = report});
    f = world_fold(&w, NULL, w.n);
    is(f, good, STANDING_FORKED, EFFECT_NONE);
    fold_free(f);
    world_say(&w, (struct world_say){0, WORLD_HEAD, 1, key_object(&w, 0, WORLD_INV), "key.revoke",
                                     .ms = 30, .after = {&good->e.id}});
    f = world_fold(&w, NULL, w.n);
    is(f, good, STANDING_GOOD, EFFECT_STEP);
    is(f, bad, STANDING_REVOKED, EFFECT_NONE);
    state_is(f, CASE_A, CASE_REPORTED);
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    arena_free(a);
    world_end(&w);
}

/* ---- a second version ---- */

/* Version 2, without jp; what jp's keys signed up to `last` is good. */
static void second_version(struct world *w, const struct hash32 *last, const char *name,
                           struct charter *ret)
{
    struct text draft = text_new((size_t)64 << 10);
    const char *text = (const char *)w->charter.text.p, *jp, *end;
    struct err err;

    /* the members are the last but for quotas and what follows: cut jp's out of the text */
    jp = strstr(text, ",{\"country\":\"JP\"");
    CHECK(jp);
    end = strstr(jp, "]}]");
    CHECK(end);
    end = strstr(jp, "\"state\":\"active\"}");
    CHECK(end);
    end += strlen("\"state\":\"active\"}");
    text_str(&draft, "{\"closed\":[");
    for (int k = 0; k < WORLD_KEYS; k++) {
        struct signer s = world_signer(2, (enum world_key)k);

        text_printf(&draft, "%s{\"key\":\"", k ? "," : "");
        text_hex(&draft, s.key.b, 32);
        text_str(&draft, "\",\"last\":[");
        if (k == WORLD_INV && last) {
            text_char(&draft, '"');
            text_hex(&draft, last->b, 32);
            text_char(&draft, '"');
        }
        text_str(&draft, "]}");
    }
    text_printf(&draft, "],\"name\":\"%s\",\"quotas\":{\"live_cases\":9},", name);
    text = strstr(text, "\"groups\":");
    text_put(&draft, text, (size_t)(strstr(text, ",\"name\":\"Three\"") - text));
    text_char(&draft, '}');
    {
        char *at = strstr(draft.p, jp - 0 > text ? ",{\"country\":\"JP\"" : "");
        size_t cut = (size_t)(end - jp);

        CHECK(at);
        memmove(at, at + cut, draft.n - (size_t)(at + cut - draft.p));
        draft.n -= cut;
    }
    CHECK_OK(
        charter_make(w->arena, (struct bytes){(uint8_t *)draft.p, draft.n}, &w->charter, ret, &err),
        err);
    text_free(&draft);
}

static struct world_event *proposed(struct world *w, const struct charter *c, unsigned by,
                                    uint64_t ms, unsigned stream)
{
    struct world_event *e =
        world_say(w, (struct world_say){by, WORLD_HEAD, stream, world_object(w, &c->hash),
                                        "charter.propose", .ms = ms});

    e->charter = c->text;
    return e;
}

/* jp is expelled; what it said up to the last good event stands, what it says after, whenever its
 * clock says, does not. */
static void an_expelled_member(void **state)
{
    struct world w;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct world_event *report, *late, *backdated, *p, *under_2;
    struct charter second;
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    report = world_say(&w, (struct world_say){2, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    late = world_say(
        &w, (struct world_say){2, WORLD_INV, 0, CASE_A, "case.retract", .ms = 50, .prev = report});
    backdated = world_say(&w, (struct world_say){2, WORLD_INV, 1, CASE_B, "case.report", .ms = 9});
    second_version(&w, &report->e.id, "Two", &second);
    CHECK_U(second.members_n, 2);
    p = proposed(&w, &second, 0, 20, 3);
    world_say(&w, (struct world_say){0, WORLD_HEAD, 3, p->e.object, "charter.sign", .ms = 21,
                                     .after = {&p->e.id}, .prev = p});
    f = world_fold(&w, NULL, w.n);
    CHECK_U(fold_charter(f)->version, 1);
    state_is(f, CASE_A, CASE_RETRACTED);
    fold_free(f);
    world_say(&w, (struct world_say){1, WORLD_HEAD, 3, p->e.object, "charter.sign", .ms = 22,
                                     .after = {&p->e.id}});
    under_2 = world_say(&w, (struct world_say){1, WORLD_INV, 4, CASE_A, "case.verify", .ms = 60,
                                               .after = {&report->e.id}, .charter = &second.hash});
    f = world_fold(&w, NULL, w.n);
    CHECK_U(fold_charter(f)->version, 2);
    CHECK_S(fold_charter(f)->name, "Two");
    is(f, report, STANDING_GOOD, EFFECT_STEP);
    is(f, late, STANDING_REVOKED, EFFECT_NONE);
    is(f, backdated, STANDING_REVOKED, EFFECT_NONE);
    is(f, under_2, STANDING_GOOD, EFFECT_STEP);
    state_is(f, CASE_A, CASE_VERIFIED);
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    arena_free(a);
    world_end(&w);
}

/* Two versions with one number: a government's first signature counts, so one is adopted. */
static void two_versions_of_one_number(void **state)
{
    struct world w;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct world_event *p, *q, *again;
    struct charter one, other;
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    second_version(&w, NULL, "One", &one);
    second_version(&w, NULL, "Other", &other);
    p = proposed(&w, &one, 0, 20, 3);
    q = proposed(&w, &other, 1, 20, 3);
    world_say(&w, (struct world_say){0, WORLD_HEAD, 3, p->e.object, "charter.sign", .ms = 21,
                                     .after = {&p->e.id}, .prev = p});
    world_say(&w, (struct world_say){1, WORLD_HEAD, 3, q->e.object, "charter.sign", .ms = 21,
                                     .after = {&q->e.id}, .prev = q});
    again = world_say(&w, (struct world_say){0, WORLD_HEAD, 4, q->e.object, "charter.sign",
                                             .ms = 23, .after = {&q->e.id}});
    f = world_fold(&w, NULL, w.n);
    is(f, again, STANDING_GOOD, EFFECT_CONDITION);
    CHECK(fold_find(f, &again->e.id)->unmet & IF_GOVERNMENT);
    CHECK_U(fold_charter(f)->version, 1);
    fold_free(f);
    world_say(&w, (struct world_say){2, WORLD_HEAD, 3, q->e.object, "charter.sign", .ms = 24,
                                     .after = {&q->e.id}});
    f = world_fold(&w, NULL, w.n);
    CHECK_S(fold_charter(f)->name, "Other");
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    arena_free(a);
    world_end(&w);
}

/* ---- memory ---- */

/* Whoever has a supervisor's key can set its clock back, but not what others have countersigned. */
static void a_signature_dated_back(void **state)
{
    struct world w;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct world_event *p, *q, *signed_, *back;
    struct charter one, other;
    struct fold *f;

    (void)state;
    world_start(&w);
    world_found(&w);
    second_version(&w, NULL, "One", &one);
    second_version(&w, NULL, "Other", &other);
    p = proposed(&w, &one, 0, 20, 3);
    world_say(&w, (struct world_say){0, WORLD_HEAD, 3, p->e.object, "charter.sign", .ms = 21,
                                     .after = {&p->e.id}, .prev = p});
    signed_ = world_say(&w, (struct world_say){1, WORLD_HEAD, 3, p->e.object, "charter.sign",
                                               .ms = 22, .after = {&p->e.id}});
    f = world_fold(&w, NULL, 0);
    CHECK_S(fold_charter(f)->name, "One");
    fold_free(f);
    q = proposed(&w, &other, 2, 12, 3);
    world_say(&w, (struct world_say){2, WORLD_HEAD, 3, q->e.object, "charter.sign", .ms = 13,
                                     .after = {&q->e.id}, .prev = q});
    back = world_say(&w, (struct world_say){1, WORLD_HEAD, 4, q->e.object, "charter.sign", .ms = 14,
                                            .after = {&q->e.id}});
    f = world_fold(&w, NULL, 0);
    CHECK_S(fold_charter(f)->name, "Other");
    fold_free(f);
    world_stamp(&w, signed_, 7, 100);
    f = world_fold(&w, NULL, 0);
    CHECK_S(fold_charter(f)->name, "One");
    is(f, back, STANDING_GOOD, EFFECT_CONDITION);
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    /* countersigned later it stays second */
    world_stamp(&w, back, 7, 200);
    f = world_fold(&w, NULL, 0);
    CHECK_S(fold_charter(f)->name, "One");
    shuffled(&w, world_outcome(a, f));
    fold_free(f);
    arena_free(a);
    world_end(&w);
}

static bool with_memory(void *ctx)
{
    const struct world *w = ctx;
    struct fold *f = fold_new(&w->group, ARENA_BYTES, 7);
    struct err err;
    bool ok = f, is_new;

    for (size_t i = 0; ok && i < w->n; i++)
        ok = fold_add(f, &w->events[i].e, w->events[i].charter, &is_new, &err);
    fold_free(f);
    return ok;
}

static void every_allocation(void **state)
{
    struct test_random r = {test_seed()};
    struct world w;

    (void)state;
    world_start(&w);
    world_found(&w);
    while (w.n < 40)
        draw(&w, &r);
    test_failed_allocations(with_memory, &w);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_eyes),
        cmocka_unit_test(a_fork),
        cmocka_unit_test(a_fork_decided),
        cmocka_unit_test(whose_word),
        cmocka_unit_test(a_revoked_key),
        cmocka_unit_test(a_revocation_in_a_forked_stream),
        cmocka_unit_test(a_revocation_decides_a_fork),
        cmocka_unit_test(an_expelled_member),
        cmocka_unit_test(two_versions_of_one_number),
        cmocka_unit_test(a_signature_dated_back),
        cmocka_unit_test(a_late_event_folds_its_objects_alone),
        cmocka_unit_test(small_worlds_exhaustively),
        cmocka_unit_test(adoption_in_every_order),
        cmocka_unit_test(random_worlds),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
