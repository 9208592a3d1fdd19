/* Fifty members in one process, whose messages are late, lost, doubled and in any order; one forks
 * its streams, one signs in others' names, and folds are lost and begun again from a part of what
 * they had. In the end, when everybody has everything, all have come to the same. The seed is
 * printed; CORDON_LONG=1 tries more. */
#include "group/fold.h"
#include "group/keys.h"
#include "group/merkle.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#define MEMBERS 50
#define GOVERNMENTS 5
#define FORKER 7
#define FORGER 9
#define EVENTS 600
#define NOTES 200
#define THINGS (EVENTS + NOTES) /* numbers from EVENTS on are checkpoints */
#define QUEUE_MAX (4 * MEMBERS * THINGS)
#define ARENA_BYTES ((size_t)1 << 30)
#define FOLD_BYTES ((size_t)64 << 20)
#define CASES 12

struct node {
    struct fold *fold;
    size_t *got; /* [got_n] what it has, as it came */
    size_t got_n;
    bool *has; /* [THINGS] */
};

struct sim {
    struct arena *arena;
    struct test_random r;
    struct charter charter;
    char names[MEMBERS][8];
    struct event events[EVENTS];
    struct checkpoint notes[NOTES];
    size_t events_n, notes_n;
    struct node nodes[MEMBERS];
    struct {
        uint32_t to, what;
    } * queue;
    size_t queue_n;
};

static struct signer key_of(unsigned member, unsigned role)
{
    uint8_t seed[32] = {(uint8_t)(member + 1), (uint8_t)(role + 1), 50};

    return signer_from_seed(seed);
}

static void key_put(struct text *to, unsigned member, unsigned role)
{
    struct signer s = key_of(member, role);

    text_char(to, '"');
    text_hex(to, s.key.b, sizeof(s.key.b));
    text_char(to, '"');
}

static void charter_draft(struct sim *s, struct text *to)
{
    text_str(to, "{\"name\":\"Fifty\",\"quotas\":{\"live_cases\":9},\"members\":[");
    for (unsigned m = 0; m < MEMBERS; m++) {
        bool government = m < GOVERNMENTS;

        snprintf(s->names[m], sizeof(s->names[m]), "m%u", m);
        text_printf(to,
                    "%s{\"id\":\"%s\",\"name\":\"M\",\"country\":\"%c%c\",\"kind\":\"%s\","
                    "\"government\":%s,\"state\":\"active\",\"keys\":[",
                    m ? "," : "", s->names[m], 'A' + (int)m / 26, 'A' + (int)m % 26,
                    government ? "agency" : "vasp", government ? "true" : "false");
        key_put(to, m, 0);
        text_str(to, "],\"persons\":[{\"name\":\"inv\",\"roles\":[\"investigator\"],\"key\":");
        key_put(to, m, 1);
        text_str(to, "},{\"name\":\"head\",\"roles\":[\"supervisor\",\"secretary\"],\"key\":");
        key_put(to, m, 2);
        text_str(to, "}]}");
    }
    text_str(to, "]}");
}

static struct fold *fold_begin(const struct sim *s)
{
    struct fold *f = fold_new(&s->charter.hash, FOLD_BYTES, 7);

    CHECK(f);
    return f;
}

/* ---- what is delivered ---- */

static void add(struct sim *s, struct fold *f, size_t what)
{
    struct err err;
    bool is_new;

    if (what < EVENTS)
        CHECK_OK(fold_add(f, &s->events[what], what ? (struct bytes){NULL, 0} : s->charter.text,
                          &is_new, &err),
                 err);
    else
        CHECK_OK(fold_checkpoint(f, &s->notes[what - EVENTS], &err), err);
}

static void deliver(struct sim *s, uint32_t to, size_t what)
{
    struct node *n = &s->nodes[to];

    add(s, n->fold, what);
    if (!n->has[what])
        n->got[n->got_n++] = what;
    n->has[what] = true;
}

static void send_all(struct sim *s, unsigned from, size_t what)
{
    deliver(s, from, what);
    for (uint32_t m = 0; m < MEMBERS; m++)
        if (m != from && s->queue_n < QUEUE_MAX) {
            s->queue[s->queue_n].to = m;
            s->queue[s->queue_n++].what = (uint32_t)what;
        }
}

/* One of those on their way, whichever: lost, or delivered, and perhaps once more later. */
static void network(struct sim *s)
{
    size_t at, fate = test_below(&s->r, 20);

    if (!s->queue_n)
        return;
    at = test_below(&s->r, s->queue_n);
    if (fate)
        deliver(s, s->queue[at].to, s->queue[at].what);
    if (fate != 1)
        s->queue[at] = s->queue[--s->queue_n];
}

/* A node begins again with a part of what it had. */
static void crash(struct sim *s, struct node *n)
{
    size_t left = test_below(&s->r, n->got_n + 1);

    fold_free(n->fold);
    n->fold = fold_begin(s);
    for (size_t i = left; i < n->got_n; i++)
        n->has[n->got[i]] = false;
    n->got_n = left;
    for (size_t i = 0; i < left; i++)
        add(s, n->fold, n->got[i]);
}

/* ---- what is said ---- */

static const char *case_name(struct sim *s, size_t number)
{
    struct text to = text_new(OBJECT_NAME_MAX);
    const char *ret;

    text_printf(&to, "case:%032zx", number + 1);
    ret = arena_string(s->arena, to.p, to.n);
    text_free(&to);
    return ret;
}

static size_t make(struct sim *s, struct event *e, struct signer by)
{
    struct err err;

    e->audience = AUDIENCE_ALL;
    e->retention = "none";
    e->charter = s->charter.hash;
    e->key = by.key;
    CHECK_OK(event_make(s->arena, &s->charter.hash, e, &err), err);
    s->events[s->events_n] = *e;
    return s->events_n++;
}

static void found(struct sim *s)
{
    struct text name = text_new(OBJECT_NAME_MAX);
    struct hash32 *proposed = ARENA_ARRAY(s->arena, struct hash32, 1);

    text_str(&name, "charter:");
    text_hex(&name, s->charter.hash.b, 32);
    for (unsigned m = 0; m < 4; m++) { /* proposed by the first, signed by three */
        unsigned by = m ? m - 1 : 0;
        struct event e = {.author = s->names[by], .seq = 1, .ms = 1 + m, .after = proposed};

        e.object = arena_string(s->arena, name.p, name.n);
        e.type = m ? "charter.sign" : "charter.propose";
        e.after_n = m != 0;
        e.stream.b[0] = (uint8_t)(100 + m);
        send_all(s, by, make(s, &e, key_of(by, 2)));
        *proposed = s->events[0].id;
    }
    text_free(&name);
}

/* Something about a case, after something that it knows; by its stream's head as it sees it, which
 * after a crash may be an old one: a fork that nobody meant. */
static void say(struct sim *s, unsigned m)
{
    static const char *const types[] = {"case.report",  "case.verify",   "case.revise",
                                        "case.dispute", "case.activate", "case.retract"};
    struct node *n = &s->nodes[m];
    struct hash32 *after = ARENA_ARRAY(s->arena, struct hash32, 1);
    struct event e = {.author = s->names[m], .after = after};
    const struct fold_event *known;

    e.object = case_name(s, test_below(&s->r, CASES));
    e.type = types[test_below(&s->r, sizeof(types) / sizeof(types[0]))];
    e.stream.b[0] = (uint8_t)(m + 1);
    e.stream.b[1] = (uint8_t)test_below(&s->r, 2);
    e.seq = fold_head(n->fold, e.author, &e.stream, &e.prev) + 1;
    fold_clock(n->fold, AUDIENCE_ALL, EVENT_MS_MAX - 1, &e.ms, &e.n);
    known = fold_event_at(n->fold, test_below(&s->r, fold_events_n(n->fold) + 1));
    if (known) {
        *after = known->e.id;
        e.after_n = 1;
    }
    e.ms += 1 + test_below(&s->r, 3);
    e.n = 0;
    if (m == FORGER)
        e.author = s->names[test_below(&s->r, MEMBERS)];
    send_all(s, m, make(s, &e, key_of(m, 1)));
    if (m == FORKER && s->events_n < EVENTS) {
        e.type = "case.retract";
        send_all(s, m, make(s, &e, key_of(m, 1)));
    }
}

/* A head is signed by its author, and by whoever of the governments has its events standing. */
static void stamp(struct sim *s, unsigned m)
{
    struct checkpoint *c = &s->notes[s->notes_n];
    struct fold_stream of;
    struct err err;

    for (size_t i = test_below(&s->r, 40); !fold_stream_at(s->nodes[m].fold, i, &of) || !of.head;)
        if (!i--)
            return;
    *c = (struct checkpoint){.author = of.author, .stream = of.stream, .size = of.head->e.seq};
    c->author = arena_string(s->arena, of.author, strlen(of.author));
    CHECK(fold_root(s->nodes[m].fold, of.head, &c->root));
    for (unsigned by = 0; by < GOVERNMENTS; by++) {
        struct signer key = key_of(by, 0);
        const struct fold_event *here = fold_find(s->nodes[by].fold, &of.head->e.id);

        if (here && here->standing == STANDING_GOOD)
            CHECK_OK(checkpoint_sign(s->arena, &s->charter.hash, c, s->names[by], &key,
                                     1000 + s->notes_n, &err),
                     err);
    }
    send_all(s, m, EVENTS + s->notes_n++);
}

/* ---- what it comes to ---- */

static struct hash32 digest(const struct fold *f)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    size_t n = 0;
    const struct fold_event **events = fold_ordered(f, a, &n);
    struct text to = text_new(ARENA_BYTES);
    struct hash32 ret;

    CHECK(events);
    for (size_t i = 0; i < n; i++) {
        const struct fold_object *o = fold_object(f, events[i]->e.object, events[i]->e.audience);

        text_hex(&to, events[i]->e.id.b, 32);
        text_printf(&to, " %d %d %u %d %s %s\n", (int)events[i]->standing, (int)events[i]->effect,
                    events[i]->unmet, events[i]->effect == EFFECT_STEP ? (int)events[i]->to : 0,
                    state_name(o->state), o->owner ? o->owner : "-");
    }
    CHECK(!to.bad);
    ret = sha256(to.p, to.n);
    text_free(&to);
    arena_free(a);
    return ret;
}

/* What a node still lacks comes in the end, in an order of its own. */
static void catch_up(struct sim *s, uint32_t m)
{
    size_t lacks[THINGS], n = 0;

    for (size_t i = 0; i < THINGS; i++)
        if ((i < EVENTS ? i < s->events_n : i - EVENTS < s->notes_n) && !s->nodes[m].has[i])
            lacks[n++] = i;
    while (n) {
        size_t at = test_below(&s->r, n);

        deliver(s, m, lacks[at]);
        lacks[at] = lacks[--n];
    }
}

static void sim_begin(struct sim *s, uint64_t seed)
{
    struct text draft = text_new((size_t)1 << 20);
    struct err err;

    s->arena = arena_new(NULL, ARENA_BYTES);
    s->r.s = seed;
    s->queue = calloc(QUEUE_MAX, sizeof(*s->queue));
    CHECK(s->queue);
    charter_draft(s, &draft);
    CHECK_OK(charter_make(s->arena, (struct bytes){(uint8_t *)draft.p, draft.n}, NULL, &s->charter,
                          &err),
             err);
    text_free(&draft);
    for (size_t m = 0; m < MEMBERS; m++) {
        s->nodes[m].fold = fold_begin(s);
        s->nodes[m].got = ARENA_ARRAY(s->arena, size_t, THINGS);
        s->nodes[m].has = ARENA_ARRAY(s->arena, bool, THINGS);
    }
}

static void sim_end(struct sim *s)
{
    for (size_t m = 0; m < MEMBERS; m++)
        fold_free(s->nodes[m].fold);
    free(s->queue);
    arena_free(s->arena);
}

static void run(uint64_t seed)
{
    struct sim *s = calloc(1, sizeof(*s));
    struct hash32 want;

    CHECK(s);
    sim_begin(s, seed);
    found(s);
    while (s->events_n + 1 < EVENTS) {
        unsigned m = (unsigned)test_below(&s->r, MEMBERS);

        say(s, test_below(&s->r, 8) ? m : FORKER);
        if (!test_below(&s->r, 4) && s->notes_n < NOTES)
            stamp(s, m);
        if (!test_below(&s->r, 30))
            crash(s, &s->nodes[m]);
        for (size_t i = test_below(&s->r, 2 * MEMBERS); i; i--)
            network(s);
    }
    for (uint32_t m = 0; m < MEMBERS; m++)
        catch_up(s, m);
    want = digest(s->nodes[0].fold);
    CHECK(fold_charter(s->nodes[0].fold));
    CHECK(fold_standing_n(s->nodes[0].fold, STANDING_GOOD) > EVENTS / 10);
    CHECK(fold_standing_n(s->nodes[0].fold, STANDING_FORKED));
    CHECK(fold_standing_n(s->nodes[0].fold, STANDING_NO_KEY));
    for (size_t m = 1; m < MEMBERS; m++) {
        struct hash32 got = digest(s->nodes[m].fold);

        test_row("seed %llu, member %zu", (unsigned long long)seed, m);
        CHECK(hash32_equal(&got, &want));
    }
    sim_end(s);
    free(s);
}

static void folds_converge(void **state)
{
    uint64_t seed = test_seed(), n = test_long() ? 200 : 2;

    (void)state;
    for (uint64_t i = 0; i < n; i++)
        run(seed + i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_converge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
