#include "home.h"

static struct test_random numbers = {1};
static const struct group_random drawn = {world_fill, &numbers};

struct hash32 home_say(struct home *h, unsigned member, enum world_key key,
                       struct group_log_act act)
{
    struct signer by = world_signer(member, key);
    struct hash32 id;
    struct err err;

    act.author = world_members[member];
    act.by = &by;
    act.now_ms = h->ms++;
    if (!act.audience)
        act.audience = AUDIENCE_ALL;
    CHECK_OK(group_log_begin(h->log, &err), err);
    CHECK_OK(group_log_say(h->log, &act, &id, &err), err);
    CHECK_OK(group_log_commit(h->log, &err), err);
    return id;
}

/* Proposed by us, signed by us and kr, under a version that is in force (of the first: itself). */
static void adopt(struct home *h, const struct charter *c, const struct hash32 *under)
{
    struct group_log_act act = {.type = "charter.propose",
                                .object = world_object(&h->w, &c->hash),
                                .retention = "keep",
                                .body = c->text,
                                .charter = under};
    struct hash32 id = home_say(h, 0, WORLD_HEAD, act);

    act = (struct group_log_act){
        .type = "charter.sign", .object = act.object, .charter = under, .after = &id, .after_n = 1};
    home_say(h, 0, WORLD_HEAD, act);
    home_say(h, 1, WORLD_HEAD, act);
    CHECK(hash32_equal(&fold_charter(group_log_fold(h->log))->hash, &c->hash));
}

void home_start(struct home *h, uint64_t ms)
{
    const char *path = test_dir();
    struct group_log *l;
    struct err err;

    h->ms = ms;
    CHECK_OK(group_log_open(path, STORE_WRITE, &drawn, &l, &err), err);
    CHECK_OK(group_log_join(l, &h->w.group, &err), err);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
    h->path = path;
    CHECK_OK(group_log_keep(path, &drawn, &h->log, &err), err);
    adopt(h, &h->w.charter, &h->w.group);
}

void home_charter(struct home *h, const char *draft, struct charter *ret)
{
    const struct charter *now = fold_charter(group_log_fold(h->log));
    struct hash32 under = now->hash;
    struct err err;

    CHECK_OK(charter_make(h->w.arena, (struct bytes){(const uint8_t *)draft, strlen(draft)}, now,
                          ret, &err),
             err);
    adopt(h, ret, &under);
}

void home_witness(struct home *h, unsigned members)
{
    struct group_log_cosigned did;
    uint64_t n;
    struct err err;

    CHECK_OK(group_log_begin(h->log, &err), err);
    for (unsigned m = 0; m < WORLD_MEMBERS; m++) {
        struct signer by = world_signer(m, WORLD_NODE);
        struct group_log_cosign how = {.member = world_members[m], .by = &by, .now = h->ms / 1000};

        if (!m)
            CHECK_OK(group_log_checkpoint(h->log, &how, &n, &err), err);
        else if (members >> m & 1)
            CHECK_OK(group_log_cosign(h->log, &how, &did, &err), err);
    }
    CHECK_OK(group_log_commit(h->log, &err), err);
}

void home_end(struct home *h)
{
    group_log_close(h->log);
    world_end(&h->w);
}
