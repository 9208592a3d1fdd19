/* A bundle, an event or a table of indicators, whichever the bytes are: what is read is a pack that
 * keeps its promises, under a marking, and private unless that is CLEAR; written in each format and
 * read again, it has the same wallets. */
#include "intel/indicators.h"
#include "intel/wallet.h"

#include <assert.h>

typedef bool writer(struct text *to, struct arena *a, const struct wallet_sheet *s,
                    const struct wallet *w, size_t n, struct err *err);

static void back_again(struct arena *a, const struct tag_pack *p)
{
    static writer *const writers[] = {wallets_stix, wallets_misp, wallets_csv};
    struct wallet_sheet sheet = {"fuzz", {mark_effective(p->mark.tlp), p->mark.use}};
    struct wallet *w = ARENA_ARRAY(a, struct wallet, p->tags_n + 1);

    for (size_t i = 0; w && i < p->tags_n; i++) {
        const struct tag *t = &p->whats[p->tags[i].what];

        w[i] = (struct wallet){p->tags[i].key,
                               (enum address_space)p->tags[i].space,
                               t->network,
                               t->label,
                               t->source,
                               p->name,
                               "",
                               t->category,
                               t->abuse,
                               t->confidence,
                               t->lastmod,
                               ""};
    }
    for (size_t k = 0; w && p->tags_n && k < 3; k++) {
        struct text out = text_new((size_t)8 << 20);
        struct indicators_told told;
        struct tag_pack again;
        struct err err;

        if (writers[k](&out, a, &sheet, w, p->tags_n, &err) && !out.bad &&
            indicators_read(a, (struct bytes){(const uint8_t *)out.p, out.n}, "again", &again,
                            &told, &err)) {
            assert(again.mark.tlp == sheet.mark.tlp);
            assert(again.stated_n == p->tags_n);
            assert(!again.counts[TAG_PROBLEM_ADDRESS]);
        } else {
            assert(out.bad || err.class == ERR_LIMIT || err.class == ERR_NOMEM);
        }
        text_free(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct indicators_told told;
    struct tag_pack p;
    struct err err;

    if (a && indicators_read(a, (struct bytes){data, size}, "fuzz", &p, &told, &err)) {
        assert(p.stated_n == told.wallets && p.tags_n <= p.stated_n);
        assert(!told.wallets || p.mark.tlp != TLP_NONE);
        assert(p.private == (mark_effective(p.mark.tlp) != TLP_CLEAR));
        assert(strlen(p.mark.use) <= MARK_USE_MAX);
        back_again(a, &p);
    }
    arena_free(a);
    return 0;
}
