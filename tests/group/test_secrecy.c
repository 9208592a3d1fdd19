/* Who learns what. In random groups, everything that goes from home to home is recorded and held
 * against what may go there, by the lists of the charter alone; and a group in which some have a
 * secret sends to all others, byte for byte, what it would send without it. The seed is printed;
 * CORDON_LONG=1 tries more. */
#include "group/log.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#define MEMBERS_MAX 6
#define GROUPS_MAX 4
#define STEPS 60
#define OBJECTS_MAX (4 * STEPS)
#define START_MS ((uint64_t)1795000000000)
#define STEP_MS 1000
#define AHEAD_MS ((uint64_t)30000) /* how wrong a clock may be */
#define PAGE_BYTES ((size_t)1 << 20)
#define ARENA_BYTES ((size_t)256 << 20)

enum key { NODE, INV, HEAD, KEYS };

struct said { /* an object, and who may see it */
    char object[OBJECT_NAME_MAX];
    char audience[GROUP_NAME_MAX + 1];
    unsigned author;
    bool is_case;
};

struct channel { /* from one to another */
    uint64_t since, notes;
    struct text record;
};

struct home {
    char path[4096];
    struct group_log *log;
    struct draw {
        uint64_t s[3];
        unsigned which; /* what is said to some, and what rests at home, draw for themselves */
    } draw;
    struct group_random random;
};

struct group {
    struct arena *arena;
    struct test_random r, secret_r;
    unsigned members, groups, versions;
    unsigned hears[2][GROUPS_MAX]; /* bits of members, by version of the charter */
    unsigned secret;               /* the audience of the secret */
    bool with_secret;
    struct charter charter[2];
    struct hash32 group;
    struct home home[MEMBERS_MAX];
    struct channel to[MEMBERS_MAX][MEMBERS_MAX];
    struct said said[OBJECTS_MAX], secrets[OBJECTS_MAX];
    size_t said_n, secrets_n;
    uint64_t now;
};

/* ---- keys, names ---- */

static struct signer key_of(unsigned member, enum key key)
{
    uint8_t seed[32] = {(uint8_t)(member + 1), (uint8_t)(key + 1), 77};

    return signer_from_seed(seed);
}

static const char *member_name(unsigned m)
{
    static const char *const names[MEMBERS_MAX] = {"m0", "m1", "m2", "m3", "m4", "m5"};

    return names[m];
}

static const char *group_name(unsigned g)
{
    static const char *const names[GROUPS_MAX] = {"g0", "g1", "g2", "g3"};

    return names[g];
}

static void fill(void *ctx, void *p, size_t n)
{
    struct draw *d = ctx;

    for (size_t i = 0; i < n; i++) {
        struct test_random r = {d->s[d->which]};

        ((uint8_t *)p)[i] = (uint8_t)test_random(&r);
        d->s[d->which] = r.s;
    }
}

/* ---- the charters ---- */

static void key_put(struct text *to, unsigned member, enum key key)
{
    struct signer s = key_of(member, key);

    text_char(to, '"');
    text_hex(to, s.key.b, sizeof(s.key.b));
    text_char(to, '"');
}

static void member_put(struct text *to, unsigned m)
{
    bool government = m < 2;

    text_printf(to,
                "%s{\"id\":\"%s\",\"name\":\"M\",\"country\":\"%c%c\",\"kind\":\"%s\","
                "\"government\":%s,\"state\":\"active\",\"keys\":[",
                m ? "," : "", member_name(m), 'A' + (int)m, 'A' + (int)m,
                government ? "agency" : "vasp", government ? "true" : "false");
    key_put(to, m, NODE);
    text_str(to, "],\"persons\":[{\"name\":\"inv\",\"roles\":[\"investigator\"],\"key\":");
    key_put(to, m, INV);
    text_str(to, "},{\"name\":\"head\",\"roles\":[\"supervisor\",\"secretary\"],\"key\":");
    key_put(to, m, HEAD);
    text_str(to, "}]}");
}

static void groups_put(const struct group *g, struct text *to, unsigned version)
{
    for (unsigned i = 0; i < g->groups; i++) {
        unsigned n = 0;

        text_printf(to, "%s{\"id\":\"%s\",\"members\":[", i ? "," : "", group_name(i));
        for (unsigned m = 0; m < g->members; m++)
            if (g->hears[version][i] >> m & 1)
                text_printf(to, "%s\"%s\"", n++ ? "," : "", member_name(m));
        text_str(to, "]}");
    }
}

static void charter_write(struct group *g, unsigned version)
{
    struct text draft = text_new((size_t)64 << 10);
    struct err err;

    text_str(&draft, "{\"name\":\"Some\",\"quotas\":{\"live_cases\":1000},\"members\":[");
    for (unsigned m = 0; m < g->members; m++)
        member_put(&draft, m);
    text_str(&draft, "],\"groups\":[");
    groups_put(g, &draft, version);
    text_str(&draft, "]}");
    CHECK_OK(charter_make(g->arena, (struct bytes){(uint8_t *)draft.p, draft.n},
                          version ? &g->charter[0] : NULL, &g->charter[version], &err),
             err);
    text_free(&draft);
}

/* Of two at least, and not of all. */
static unsigned some_members(struct group *g)
{
    unsigned all = (1U << g->members) - 1, bits;

    do
        bits = (unsigned)test_below(&g->r, all);
    while (!(bits & (bits - 1)));
    return bits;
}

static void group_start(struct group *g, uint64_t seed, bool with_secret)
{
    memset(g, 0, sizeof(*g));
    g->arena = arena_new(NULL, ARENA_BYTES);
    CHECK(g->arena);
    g->r.s = seed;
    g->secret_r.s = ~seed;
    g->with_secret = with_secret;
    g->members = 3 + (unsigned)test_below(&g->r, MEMBERS_MAX - 2);
    g->groups = 1 + (unsigned)test_below(&g->r, GROUPS_MAX);
    g->versions = 1 + (unsigned)test_below(&g->r, 2);
    for (unsigned v = 0; v < 2; v++)
        for (unsigned i = 0; i < g->groups; i++)
            g->hears[v][i] = some_members(g);
    g->secret = (unsigned)test_below(&g->r, g->groups);
    g->hears[1][g->secret] = g->hears[0][g->secret];
    g->now = START_MS;
    charter_write(g, 0);
    charter_write(g, 1);
    g->group = g->charter[0].hash;
}

static void homes_start(struct group *g)
{
    const char *base = test_dir();
    struct err err;

    for (unsigned m = 0; m < g->members; m++) {
        struct home *h = &g->home[m];
        struct group_log *l;

        snprintf(h->path, sizeof(h->path), "%s/%s", base, member_name(m));
        h->draw = (struct draw){.s = {m + 1, m + 101, m + 201}};
        h->random = (struct group_random){fill, &h->draw};
        CHECK_OK(group_log_open(h->path, STORE_WRITE, &h->random, &l, &err), err);
        CHECK_OK(group_log_join(l, &g->group, &err), err);
        CHECK_OK(group_log_commit(l, &err), err);
        group_log_close(l);
        CHECK_OK(group_log_keep(h->path, &h->random, &h->log, &err), err);
        for (unsigned k = 0; k < g->members; k++)
            g->to[m][k].record = text_new((size_t)64 << 20);
    }
}

static void group_end(struct group *g)
{
    for (unsigned m = 0; m < g->members; m++) {
        group_log_close(g->home[m].log);
        for (unsigned k = 0; k < g->members; k++)
            text_free(&g->to[m][k].record);
    }
    arena_free(g->arena);
}

/* ---- saying ---- */

static size_t handlings_n; /* that were sealed to some, in all groups */

static struct hash32 say(struct group *g, unsigned m, enum key key, const struct group_log_act *act)
{
    struct home *h = &g->home[m];
    struct signer by = key_of(m, key);
    struct group_log_act full = *act;
    struct hash32 id;
    struct err err;

    full.author = member_name(m);
    full.by = &by;
    if (!full.now_ms)
        full.now_ms = g->now;
    h->draw.which = !strcmp(act->audience, group_name(g->secret));
    CHECK_OK(group_log_begin(h->log, &err), err);
    CHECK_OK(group_log_say(h->log, &full, &id, &err), err);
    CHECK_OK(group_log_commit(h->log, &err), err);
    h->draw.which = 0;
    return id;
}

static struct said *thing(struct group *g, struct test_random *r, const char *kind, size_t digits,
                          unsigned author, const char *audience)
{
    bool secret = r == &g->secret_r;
    struct said *s = secret ? &g->secrets[g->secrets_n++] : &g->said[g->said_n++];
    int n = snprintf(s->object, sizeof(s->object), "%s:", kind);

    CHECK(g->said_n < OBJECTS_MAX && g->secrets_n < OBJECTS_MAX);
    for (size_t i = 0; i < digits; i++)
        s->object[n++] = "0123456789abcdef"[test_below(r, 16)];
    s->object[n] = 0;
    snprintf(s->audience, sizeof(s->audience), "%s", audience);
    s->author = author;
    s->is_case = !strcmp(kind, "case");
    return s;
}

/* The version that a member acts under. */
static unsigned version_at(const struct group *g, unsigned m)
{
    const struct charter *c = fold_charter(group_log_fold(g->home[m].log));

    return c ? (unsigned)c->version - 1 : 0;
}

static const char *some_audience(struct group *g, unsigned m)
{
    unsigned i = (unsigned)test_below(&g->r, g->groups + 1);

    return i < g->groups && g->hears[version_at(g, m)][i] >> m & 1 ? group_name(i) : AUDIENCE_ALL;
}

static void report(struct group *g, struct test_random *r, unsigned m, const char *audience,
                   uint64_t ahead)
{
    struct said *s = thing(g, r, "case", 32, m, audience);
    struct group_log_act act = {.type = "case.report",
                                .object = s->object,
                                .audience = audience,
                                .retention = "case",
                                .now_ms = g->now + ahead};

    act.body = (struct bytes){(const uint8_t *)"{\"note\":\"a theft\"}", 18};
    say(g, m, INV, &act);
}

/* It finds a deposit of its own, and holds it. */
static void hold(struct group *g, struct test_random *r, unsigned m, const struct said *of,
                 const char *audience, uint64_t ahead)
{
    struct said *s = thing(g, r, "alert", 64, m, audience);
    struct event_facts told = {.asset = "BTC",
                               .case_object = of->object,
                               .policy = "fifo",
                               .holder = member_name(m),
                               .deposit = {{1}}},
                       held = {.expires = g->now + ahead + 600000};
    struct group_log_act act = {.type = "alert.detect",
                                .object = s->object,
                                .audience = audience,
                                .facts = &told,
                                .now_ms = g->now + ahead};

    told.amount = told.received = held.amount = u256_of(1 + test_below(r, 1000000));
    say(g, m, NODE, &act);
    act.type = "alert.hold-soft";
    act.facts = &held;
    say(g, m, NODE, &act);
}

/* An authority seals how a case is handled to those who have the secret. */
static void handle(struct group *g, struct test_random *r, unsigned m, const struct said *of,
                   const char *audience, uint64_t ahead)
{
    struct said *s = &g->secrets[g->secrets_n];
    struct event_facts f = {.handling = handling_words[test_below(r, 3)]};
    struct group_log_act act = {.type = "handling.set",
                                .object = s->object,
                                .audience = audience,
                                .facts = &f,
                                .now_ms = g->now + ahead};
    const struct fold_object *was;

    snprintf(s->object, sizeof(s->object), "handling:%s", strchr(of->object, ':') + 1);
    was = fold_object(group_log_fold(g->home[m].log), s->object, audience);
    if (was && was->first && strcmp(was->owner, member_name(m)) != 0)
        return; /* another authority leads */
    say(g, m, HEAD, &act);
    snprintf(s->audience, sizeof(s->audience), "%s", audience);
    s->author = m;
    g->secrets_n++;
    handlings_n++;
}

/* One that the member knows; secrets are of secret cases, too. */
static const struct said *some_case(const struct group *g, struct test_random *r, unsigned m)
{
    const struct fold *f = group_log_fold(g->home[m].log);
    bool secret = r == &g->secret_r && g->secrets_n && test_below(r, 2);
    size_t n = secret ? g->secrets_n : g->said_n;

    for (size_t tries = 0; n && tries < 8; tries++) {
        const struct said *s = (secret ? g->secrets : g->said) + test_below(r, n);

        if (s->is_case && fold_object(f, s->object, s->audience))
            return s;
    }
    return NULL;
}

/* ---- sending ---- */

static void sign(struct group *g, unsigned m)
{
    struct group_log *l = g->home[m].log;
    struct signer by = key_of(m, NODE);
    struct group_log_cosign how = {.member = member_name(m), .by = &by, .now = g->now / 1000};
    struct group_log_cosigned did;
    struct err err;
    uint64_t n;

    CHECK_OK(group_log_begin(l, &err), err);
    CHECK_OK(group_log_checkpoint(l, &how, &n, &err), err);
    CHECK_OK(group_log_cosign(l, &how, &did, &err), err);
    CHECK_U(did.parted, 0);
    CHECK_OK(group_log_commit(l, &err), err);
}

/* May it see it? By the lists that the charter was written from. */
static bool may_see(const struct group *g, unsigned version, unsigned m, const char *audience)
{
    for (unsigned i = 0; i < g->groups; i++)
        if (!strcmp(audience, group_name(i)))
            return g->hears[version][i] >> m & 1;
    return !strcmp(audience, AUDIENCE_ALL);
}

/* By what is in the page alone, and who said it: an event names its audience, a checkpoint the
 * stream, of which the sender has events. */
static void line_may_go(const struct group *g, unsigned from, unsigned to, struct bytes line)
{
    const struct fold *f = group_log_fold(g->home[from].log);
    unsigned version = version_at(g, from);
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *o, *event, *note;
    const char *audience = NULL;
    struct fold_stream s;
    struct err err;

    CHECK_OK(json_read(a, (const char *)line.p, line.n, &o, &err), err);
    event = json_get(o, "event");
    note = json_get(o, "checkpoint");
    CHECK(event || note);
    if (event)
        CHECK_OK(json_text(json_get(event, "audience"), "audience", &audience, &err), err);
    for (size_t i = 0; note && !audience && fold_stream_at(f, i, &s); i++) {
        char id[33];

        for (size_t k = 0; k < 16; k++)
            snprintf(id + 2 * k, 3, "%02x", s.stream.b[k]);
        if (strstr(note->text, id))
            audience = s.audience;
    }
    CHECK(audience);
    if (!may_see(g, version, to, audience))
        test_failed(__FILE__, __LINE__, "%s told %s, of version %u: %.*s", member_name(from),
                    member_name(to), version + 1, (int)line.n, (const char *)line.p);
    arena_free(a);
}

static void page_may_go(const struct group *g, unsigned from, unsigned to, struct bytes page)
{
    while (page.n) {
        const uint8_t *end = memchr(page.p, '\n', page.n);

        CHECK(end);
        line_may_go(g, from, to, (struct bytes){page.p, (size_t)(end - page.p)});
        page.n -= (size_t)(end - page.p) + 1;
        page.p = end + 1;
    }
}

/* One page; what may be seen under a new charter is asked from the first row on. */
static bool pull(struct group *g, unsigned from, unsigned to)
{
    struct channel *c = &g->to[from][to];
    struct group_log_page how = {
        .to = member_name(to), .since = c->since, .notes = c->notes, .bytes_max = PAGE_BYTES};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text page = text_new(2 * PAGE_BYTES);
    struct group_sender *sender = calloc(1, sizeof(*sender));
    struct group_log *l = g->home[to].log;
    struct group_log_counts counts;
    struct group_log_paged paged;
    struct group_line *lines;
    struct bytes text;
    struct err err;
    size_t n;

    CHECK_OK(group_log_page(g->home[from].log, &how, &page, &paged, &err), err);
    text = (struct bytes){(const uint8_t *)page.p, page.n};
    page_may_go(g, from, to, text);
    if (page.n)
        text_put(&c->record, page.p, page.n);
    text_char(&c->record, '\n');
    CHECK_OK(group_lines_read(a, text, &g->group, &lines, &n, &err), err);
    g->home[to].draw.which = 2;
    CHECK_OK(group_log_begin(l, &err), err);
    CHECK_OK(group_log_take_lines(l, sender, lines, n, &counts, &err), err);
    CHECK_U(counts.apart, 0);
    CHECK_OK(group_log_commit(l, &err), err);
    g->home[to].draw.which = 0;
    c->since = paged.row;
    c->notes = paged.notes;
    text_free(&page);
    arena_free(a);
    free(sender);
    return counts.taken > 0 || paged.more;
}

/* So often that nothing is left to say. */
static void pull_all(struct group *g)
{
    bool any = true;

    for (unsigned round = 0; round < 5; round++) {
        any = false;
        for (unsigned from = 0; from < g->members; from++)
            for (unsigned to = 0; to < g->members; to++)
                any = (from != to && pull(g, from, to)) || any;
    }
    CHECK(!any);
}

static void from_the_start(struct group *g)
{
    for (unsigned from = 0; from < g->members; from++)
        for (unsigned to = 0; to < g->members; to++)
            g->to[from][to].since = g->to[from][to].notes = 0;
}

/* ---- a group's life ---- */

static void found(struct group *g, unsigned version)
{
    const struct charter *c = &g->charter[version];
    char object[OBJECT_NAME_MAX] = "charter:";
    struct group_log_act act = {.type = "charter.propose",
                                .object = object,
                                .audience = AUDIENCE_ALL,
                                .retention = "keep",
                                .charter = &g->charter[0].hash};
    struct hash32 id;

    for (size_t i = 0; i < 32; i++)
        snprintf(object + 8 + 2 * i, 3, "%02x", c->hash.b[i]);
    act.body = c->text;
    id = say(g, 0, HEAD, &act);
    act = (struct group_log_act){.type = "charter.sign",
                                 .object = object,
                                 .audience = AUDIENCE_ALL,
                                 .charter = &g->charter[0].hash,
                                 .after = &id,
                                 .after_n = 1};
    say(g, 0, HEAD, &act);
    pull_all(g);
    g->now += STEP_MS;
    say(g, 1, HEAD, &act);
    pull_all(g);
    if (version)
        from_the_start(g);
}

/* At a time of its own, which nobody else sees: with a clock that may be wrong. */
static void secret_step(struct group *g)
{
    unsigned m = (unsigned)test_below(&g->secret_r, g->members);
    const char *audience = group_name(g->secret);
    uint64_t ahead = test_below(&g->secret_r, AHEAD_MS);
    const struct said *of = some_case(g, &g->secret_r, m);

    if (!(g->hears[0][g->secret] >> m & 1))
        return;
    if (of && m < 2 && test_below(&g->secret_r, 3) == 0)
        handle(g, &g->secret_r, m, of, audience, ahead);
    else if (of && test_below(&g->secret_r, 2))
        hold(g, &g->secret_r, m, of, audience, ahead);
    else
        report(g, &g->secret_r, m, audience, ahead);
}

static void step(struct group *g)
{
    unsigned m = (unsigned)test_below(&g->r, g->members),
             other = (m + 1 + (unsigned)test_below(&g->r, g->members - 1)) % g->members;
    const char *audience = some_audience(g, m);
    const struct said *of = some_case(g, &g->r, m);

    switch (test_below(&g->r, 8)) {
    case 0:
        report(g, &g->r, m, audience, 0);
        break;
    case 1:
        if (of)
            hold(g, &g->r, m, of, audience, 0);
        break;
    case 2:
        sign(g, m);
        break;
    default:
        pull(g, other, m);
        break;
    }
    g->now += test_below(&g->r, 2) ? STEP_MS : 0;
}

static void live(struct group *g)
{
    homes_start(g);
    found(g, 0);
    for (unsigned i = 0; i < STEPS; i++) {
        if (g->versions > 1 && i == STEPS / 2)
            found(g, 1);
        step(g);
        if (g->with_secret && test_below(&g->secret_r, 3) == 0)
            secret_step(g);
    }
    pull_all(g);
    for (unsigned m = 0; m < g->members; m++)
        sign(g, m);
    pull_all(g);
}

/* ---- afterwards ---- */

/* Each home has all that it may see, and nothing else. */
static void each_has_its_own(const struct group *g)
{
    for (unsigned m = 0; m < g->members; m++) {
        struct group_log *l = g->home[m].log;
        const struct fold *f = group_log_fold(l);
        struct group_log_checked checked;
        struct err err;

        for (size_t i = 0; i < g->said_n + g->secrets_n; i++) {
            const struct said *s = i < g->said_n ? &g->said[i] : &g->secrets[i - g->said_n];
            bool ever = false;

            for (unsigned v = 0; v < g->versions; v++)
                ever = ever || may_see(g, v, m, s->audience);
            test_row("%s at %s", s->object, member_name(m));
            if (fold_object(f, s->object, s->audience))
                CHECK(ever);
            else
                CHECK(!may_see(g, g->versions - 1, m, s->audience));
        }
        CHECK_OK(group_log_check(l, &checked, &err), err);
    }
}

static uint64_t seed_of(size_t i)
{
    return test_seed() + 1000003 * i;
}

static size_t topologies(void)
{
    return test_long() ? 400 : 6;
}

static void what_leaves(void **state)
{
    (void)state;
    for (size_t i = 0; i < topologies(); i++) {
        struct group *g = malloc(sizeof(*g));

        CHECK(g);
        group_start(g, seed_of(i), true);
        live(g);
        each_has_its_own(g);
        group_end(g);
        free(g);
    }
}

/* Nothing of a secret is in what others are sent: not its words, not its time, not its size. */
static void nothing_of_a_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < topologies(); i++) {
        struct group *with = malloc(sizeof(*with)), *without = malloc(sizeof(*without));
        size_t compared = 0;

        CHECK(with && without);
        group_start(with, seed_of(i), true);
        group_start(without, seed_of(i), false);
        live(with);
        live(without);
        for (unsigned from = 0; from < with->members; from++)
            for (unsigned to = 0; to < with->members; to++) {
                const struct text *a = &with->to[from][to].record,
                                  *b = &without->to[from][to].record;

                if (from == to || with->hears[0][with->secret] >> to & 1)
                    continue;
                test_row("seed %llu: %s to %s", (unsigned long long)seed_of(i), member_name(from),
                         member_name(to));
                CHECK_U(a->n, b->n);
                CHECK(!memcmp(a->p, b->p, a->n));
                compared += a->n;
            }
        CHECK(compared);
        CHECK(with->secrets_n && !without->secrets_n && with->said_n == without->said_n);
        group_end(with);
        group_end(without);
        free(with);
        free(without);
    }
    CHECK(handlings_n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_leaves),
        cmocka_unit_test(nothing_of_a_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
