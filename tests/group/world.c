#include "world.h"

#include "group/merkle.h"

#include <stdio.h>
#include <stdlib.h>

#define FOLD_BYTES ((size_t)64 << 20)

const char *const world_members[WORLD_MEMBERS] = {"us", "kr", "jp"};
static const char *const countries[WORLD_MEMBERS] = {"US", "KR", "JP"};

struct signer world_signer(unsigned member, enum world_key key)
{
    uint8_t seed[32] = {(uint8_t)(member + 1), (uint8_t)(key + 1)};

    return signer_from_seed(seed);
}

static void key_hex(struct text *to, unsigned member, enum world_key key)
{
    struct signer s = world_signer(member, key);

    text_char(to, '"');
    text_hex(to, s.key.b, sizeof(s.key.b));
    text_char(to, '"');
}

static void member_put(struct text *to, unsigned m, bool all_roles)
{
    static const char all[] =
        "\"investigator\",\"compliance-officer\",\"supervisor\",\"secretary\"";

    text_printf(to,
                "%s{\"id\":\"%s\",\"name\":\"M\",\"country\":\"%s\",\"kind\":\"agency\","
                "\"government\":true,\"state\":\"active\",\"keys\":[",
                m ? "," : "", world_members[m], countries[m]);
    key_hex(to, m, WORLD_NODE);
    text_printf(to, "],\"persons\":[{\"name\":\"inv\",\"roles\":[%s],\"key\":",
                all_roles ? all : "\"investigator\"");
    key_hex(to, m, WORLD_INV);
    text_printf(to, "},{\"name\":\"head\",\"roles\":[%s],\"key\":",
                all_roles ? all : "\"supervisor\",\"secretary\"");
    key_hex(to, m, WORLD_HEAD);
    text_printf(to, "},{\"name\":\"desk\",\"roles\":[%s],\"key\":",
                all_roles ? all : "\"compliance-officer\"");
    key_hex(to, m, WORLD_DESK);
    text_str(to, "}]}");
}

static void start(struct world *w, const char *quotas, const char *bases, const char *two,
                  const char *terms)
{
    struct text draft = text_new((size_t)64 << 10);
    struct err err;

    memset(w, 0, sizeof(*w));
    w->arena = arena_new(NULL, (size_t)256 << 20);
    text_printf(&draft, "{\"name\":\"Three\",\"quotas\":%s,\"members\":[", quotas);
    for (unsigned m = 0; m < WORLD_MEMBERS; m++)
        member_put(&draft, m, two != NULL);
    text_str(&draft, "],\"groups\":[{\"id\":\"two\",\"members\":[\"us\",\"kr\"]}]");
    if (bases)
        text_printf(&draft, ",\"bases\":%s", bases);
    if (two)
        text_printf(&draft, ",\"two_persons\":%s", two);
    if (terms)
        text_printf(&draft, ",\"retention\":%s", terms);
    text_char(&draft, '}');
    CHECK_OK(charter_make(w->arena, (struct bytes){(uint8_t *)draft.p, draft.n}, NULL, &w->charter,
                          &err),
             err);
    text_free(&draft);
    w->group = w->charter.hash;
}

void world_start_with(struct world *w, const char *quotas)
{
    start(w, quotas, NULL, NULL, NULL);
}

void world_start_bases(struct world *w, const char *bases)
{
    start(w, "{\"live_cases\":9,\"hold_hours\":72}", bases, NULL, NULL);
}

void world_start_two(struct world *w, const char *two_persons)
{
    start(w, "{\"live_cases\":9,\"hold_hours\":72}", NULL, two_persons, NULL);
}

void world_start_retention(struct world *w, const char *terms)
{
    start(w, "{\"live_cases\":9}", NULL, NULL, terms);
}

void world_start(struct world *w)
{
    world_start_with(w, "{\"live_cases\":9}");
}

void world_end(struct world *w)
{
    w->arena = arena_free(w->arena);
}

static int hash_order(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static void after_put(struct world *w, const struct world_say *s, struct event *e)
{
    struct hash32 *list = ARENA_ARRAY(w->arena, struct hash32, 4);

    while (e->after_n < 4 && s->after[e->after_n]) {
        list[e->after_n] = *s->after[e->after_n];
        e->after_n++;
    }
    if (e->after_n)
        qsort(list, e->after_n, sizeof(*list), hash_order);
    e->after = list;
}

struct world_event *world_say(struct world *w, struct world_say s)
{
    struct signer by = world_signer(s.member, s.key);
    struct world_event *ret = &w->events[w->n];
    struct event *e = &ret->e;
    struct err err;

    CHECK(w->n < WORLD_EVENTS_MAX);
    memset(ret, 0, sizeof(*ret));
    e->author = world_members[s.member];
    e->audience = s.audience ? s.audience : AUDIENCE_ALL;
    e->object = s.object;
    e->type = s.type;
    e->into = s.into;
    e->facts = s.facts;
    e->retention = "none";
    e->charter = s.charter ? *s.charter : w->group;
    e->key = by.key;
    e->ms = s.ms;
    e->stream.b[0] = (uint8_t)(s.member + 1);
    e->stream.b[1] = (uint8_t)s.stream;
    e->seq = s.seq ? s.seq : s.prev ? s.prev->e.seq + 1 : 1;
    if (s.prev)
        e->prev = s.prev->e.id;
    after_put(w, &s, e);
    CHECK_OK(event_make(w->arena, &w->group, e, &err), err);
    CHECK_OK(group_sign(&by, EVENT_TAG, &w->group, e->text, &e->signature, &err), err);
    w->n++;
    return ret;
}

const char *world_object(struct world *w, const struct hash32 *charter)
{
    struct text to = text_new(OBJECT_NAME_MAX);
    const char *ret;

    text_str(&to, "charter:");
    text_hex(&to, charter->b, 32);
    ret = arena_string(w->arena, to.p, to.n);
    text_free(&to);
    return ret;
}

void world_found(struct world *w)
{
    const char *object = world_object(w, &w->group);
    struct world_event *proposed =
        world_say(w, (struct world_say){0, WORLD_HEAD, 9, object, "charter.propose", .ms = 1});

    proposed->charter = w->charter.text;
    world_say(w, (struct world_say){0, WORLD_HEAD, 9, object, "charter.sign", .ms = 2,
                                    .after = {&proposed->e.id}, .prev = proposed});
    world_say(w, (struct world_say){1, WORLD_HEAD, 9, object, "charter.sign", .ms = 3,
                                    .after = {&proposed->e.id}});
}

static const struct world_event *before(const struct world *w, const struct world_event *e)
{
    for (size_t i = 0; i < w->n; i++)
        if (hash32_equal(&w->events[i].e.id, &e->e.prev))
            return &w->events[i];
    return NULL;
}

struct event_facts world_alert(const char *case_object, const char *holder)
{
    return (struct event_facts){.amount = u256_of(600),
                                .asset = "BTC",
                                .case_object = case_object,
                                .holder = holder,
                                .policy = "fifo",
                                .received = u256_of(1000)};
}

struct event_facts world_order(const char *basis, uint64_t expires_ms)
{
    return (struct event_facts){.amount = u256_of(600),
                                .expires = expires_ms,
                                .kind = "withdrawal-limit",
                                .reason = "theft",
                                .basis = basis};
}

struct checkpoint *world_stamp(struct world *w, const struct world_event *e, unsigned members,
                               uint64_t time)
{
    struct checkpoint *c = &w->stamps[w->stamps_n++];
    struct hash32 leaves[WORLD_EVENTS_MAX];
    struct merkle_tree tree = {.n = 0};
    const struct world_event *at = e;

    CHECK(w->stamps_n <= WORLD_STAMPS_MAX);
    *c = (struct checkpoint){
        .author = e->e.author, .stream = e->e.stream, .size = e->e.seq, .signatures_n = 0};
    for (size_t i = c->size; i; i--, at = before(w, at)) {
        CHECK(at);
        leaves[i - 1] = merkle_leaf((struct bytes){at->e.id.b, 32});
    }
    for (size_t i = 0; i < c->size; i++)
        merkle_tree_add(&tree, &leaves[i]);
    c->root = merkle_tree_root(&tree);
    for (unsigned m = 0; m < WORLD_MEMBERS; m++) {
        struct signer by = world_signer(m, WORLD_NODE);
        struct err err;

        if (members >> m & 1)
            CHECK_OK(checkpoint_sign(w->arena, &w->group, c, world_members[m], &by, time, &err),
                     err);
    }
    return c;
}

const char *world_outcome(struct arena *a, const struct fold *f)
{
    struct text to = text_new((size_t)1 << 20);
    size_t n = 0;
    const struct fold_event **events = fold_ordered(f, a, &n);
    const struct charter *c = fold_charter(f);
    const char *ret;

    CHECK(events);
    text_printf(&to, "charter %d\n", c ? (int)c->version : 0);
    for (size_t i = 0; i < n; i++) {
        const struct fold_object *o = fold_object(f, events[i]->e.object, events[i]->e.audience);

        text_hex(&to, events[i]->e.id.b, 4);
        text_printf(&to, " %s %s %s %d %u %s | %s %s\n", events[i]->e.author, events[i]->e.type,
                    standing_name(events[i]->standing), (int)events[i]->effect, events[i]->unmet,
                    events[i]->effect == EFFECT_STEP ? state_name(events[i]->to) : "-",
                    state_name(o->state), o->owner ? o->owner : "-");
    }
    ret = arena_string(a, to.p, to.n);
    text_free(&to);
    return ret;
}

/* batch: so many at a time; 0: each by itself */
static struct fold *folded(const struct world *w, const size_t *order, size_t n, size_t batch)
{
    struct fold *f = fold_new(&w->group, FOLD_BYTES, 7);
    struct err err;
    bool is_new;

    CHECK(f);
    for (size_t i = 0; i < (order ? n : w->n + w->stamps_n); i++) {
        size_t k = order ? order[i] : i;

        if (batch && i % batch == 0) {
            CHECK_OK(fold_settle(f, &err), err);
            fold_batch(f);
        }
        if (k < w->n)
            CHECK_OK(fold_add(f, &w->events[k].e, w->events[k].charter, &is_new, &err), err);
        else
            CHECK_OK(fold_checkpoint(f, &w->stamps[k - w->n], &err), err);
    }
    CHECK_OK(fold_settle(f, &err), err);
    return f;
}

/* Now and then once more, many at a time: it comes to the same. */
struct fold *world_fold(const struct world *w, const size_t *order, size_t n)
{
    static size_t calls;
    struct fold *f = folded(w, order, n, 0);

    if (calls++ % 3 == 0) {
        struct fold *other = folded(w, order, n, 1 + calls % 37);
        struct arena *a = arena_new(NULL, (size_t)4 << 20);

        CHECK_S(world_outcome(a, other), world_outcome(a, f));
        CHECK_U(fold_split_n(other), fold_split_n(f));
        fold_free(other);
        arena_free(a);
    }
    return f;
}

const struct world_event *world_second(struct world *w, const char *draft, uint64_t ms,
                                       struct charter *ret)
{
    struct world_say say = {0, WORLD_HEAD, 90, NULL, "charter.propose", .ms = ms};
    struct world_event *p;
    struct err err;

    CHECK_OK(charter_make(w->arena, (struct bytes){(const uint8_t *)draft, strlen(draft)},
                          &w->charter, ret, &err),
             err);
    say.object = world_object(w, &ret->hash);
    p = world_say(w, say);
    p->charter = ret->text;
    say = (struct world_say){
        0,        WORLD_HEAD, 90, say.object, "charter.sign", .ms = ms + 1, .after = {&p->e.id},
        .prev = p};
    world_say(w, say);
    say = (struct world_say){
        1, WORLD_HEAD, 91, say.object, "charter.sign", .ms = ms + 2, .after = {&p->e.id}};
    return world_say(w, say);
}

void world_fill(void *ctx, void *p, size_t n)
{
    uint8_t *to = p;

    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)test_random(ctx);
}
