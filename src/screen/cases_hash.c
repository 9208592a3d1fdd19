#include "screen/cases_hash.h"

#include "screen/screener.h"

static void add(struct cases_hash *x, const void *p, size_t n)
{
    if (!x->any)
        sha256_start(&x->h);
    x->any = true;
    sha256_add(&x->h, p, n);
}

static void add_text(struct cases_hash *x, const char *s)
{
    add(x, s, strlen(s) + 1);
}

static void add_case(struct cases_hash *x, const struct screen_case_is *is)
{
    add_text(x, is->id);
    add_text(x, is->state);
    add_text(x, is->member);
    add_text(x, is->category);
    add_text(x, is->policy);
}

void cases_hash_origins(struct cases_hash *x, struct screen_cases *c, const struct address_key *key)
{
    struct screen_case_is is[CASES_TOLD];
    size_t n = screen_cases_origins(c, key, is, CASES_TOLD);

    for (size_t i = 0; i < n; i++) {
        add_text(x, "origin");
        add_case(x, &is[i]);
    }
}

void cases_hash_parts(struct cases_hash *x, const struct exposed_all *all)
{
    for (size_t i = 0; i < all->cased_n; i++) {
        const struct cased *c = &all->cased[i];
        uint64_t told[] = {c->part.received, c->part.direct, c->part.asset, c->part.hops, c->about};
        uint8_t amount[U256_BYTES];

        u256_store_le(amount, c->part.amount);
        add_text(x, c->of->chain->name);
        add_case(x, &c->part.is);
        add(x, told, sizeof(told));
        add(x, amount, sizeof(amount));
    }
}

struct hash32 cases_hash_done(struct cases_hash *x)
{
    static const struct hash32 none;

    return x->any ? sha256_done(&x->h) : none;
}

bool screen_ask_cases(const struct screen_question *q, struct hash32 *ret)
{
    struct cases_hash x = {.any = false};
    struct address_key key;
    struct exposed_all all;
    struct err ignored; /* said when it is asked */

    if (q->subject != SCREEN_OF_ADDRESS ||
        !address_key_read_known(q->address, strlen(q->address), q->chain, &key, &ignored))
        return false;
    cased_find(q->ledgers, &key, q->chain, &all);
    cases_hash_origins(&x, all.cases, &key);
    if (all.owner.space)
        cases_hash_origins(&x, all.cases, &all.owner);
    cases_hash_parts(&x, &all);
    *ret = cases_hash_done(&x);
    return true;
}
