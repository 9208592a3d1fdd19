/* That an event is in its author's log, for whoever has neither: a proof as c2sp.org/tlog-proof has
 * it, of the checkpoint that proves it earliest. */
#include "group/log_parts.h"

#include "group/merkle.h"

#include <sodium.h>

#define PROOF_HEAD "c2sp.org/tlog-proof@v1\n"
#define PROVE_BYTES_MAX ((size_t)4 << 30)
#define HASH_TEXT_ROOM 64

struct proving {
    struct group_log *l;
    struct arena *a;
    const struct fold_event *e;
    const struct fold_event *tip; /* of the checkpoint; NULL: none was found */
    struct checkpoint note;
    bool countersigned;
};

/* Is the event in the line that ends there? */
static bool leads_to(const struct fold *f, const struct fold_event *tip, const struct fold_event *e)
{
    while (tip && tip->e.seq > e->e.seq)
        tip = fold_find(f, &tip->e.prev);
    return tip == e;
}

/* The first that is countersigned, or else the first of all. */
static bool note_choose(struct proving *p, const struct log_checkpoints *all, struct err *err)
{
    const struct fold *f = p->l->fold;

    for (size_t i = 0; i < all->n && !p->countersigned; i++) {
        const struct checkpoint *c = &all->at[i];
        const struct fold_event *tip;
        bool countersigned;

        if (c->size < p->e->e.seq || strcmp(c->author, p->e->e.author) != 0 ||
            memcmp(c->stream.b, p->e->e.stream.b, sizeof(c->stream.b)) != 0)
            continue;
        tip = fold_checkpoint_tip(f, c);
        countersigned = fold_countersigned(f, c);
        if (!tip || !leads_to(f, tip, p->e) || (p->tip && !countersigned))
            continue;
        p->tip = tip;
        p->note = *c;
        p->countersigned = countersigned;
    }
    return p->tip ||
           err_fail(err, ERR_NOT_FOUND, "no checkpoint of it is here yet (cordon log checkpoint)");
}

static bool proof_put(struct proving *p, struct text *to, struct err *err)
{
    uint64_t n = p->note.size;
    struct hash32 *leaves = ARENA_ARRAY(p->a, struct hash32, (size_t)n);
    const struct fold_event *at = p->tip;
    struct merkle_proof proof;

    if (!leaves)
        return err_fail(err, ERR_NOMEM, "a proof");
    for (uint64_t i = n; i-- > 0 && at; at = fold_find(p->l->fold, &at->e.prev))
        leaves[i] = merkle_leaf((struct bytes){at->e.id.b, sizeof(at->e.id.b)});
    merkle_inclusion(leaves, n, p->e->e.seq - 1, &proof);
    if (!merkle_includes(&p->note.root, n, p->e->e.seq - 1, &leaves[p->e->e.seq - 1], &proof))
        return err_fail(err, ERR_CORRUPT, "\"%s\": a checkpoint's events are not all here",
                        store_path(p->l->store));
    text_printf(to, PROOF_HEAD "index %llu\n", (unsigned long long)(p->e->e.seq - 1));
    for (size_t i = 0; i < proof.n; i++) {
        char base64[HASH_TEXT_ROOM];

        sodium_bin2base64(base64, sizeof(base64), proof.at[i].b, sizeof(proof.at[i].b),
                          sodium_base64_VARIANT_ORIGINAL);
        text_printf(to, "%s\n", base64);
    }
    text_char(to, '\n');
    checkpoint_put(to, &p->l->group, &p->note);
    return true;
}

bool group_log_prove(struct group_log *l, const struct hash32 *id, struct text *to,
                     bool *ret_countersigned, struct err *err)
{
    struct proving p = {.l = l, .a = arena_new(NULL, PROVE_BYTES_MAX)};
    struct log_checkpoints all;
    bool ok = p.a || err_fail(err, ERR_NOMEM, "a proof");

    p.e = l->fold ? fold_find(l->fold, id) : NULL;
    ok = ok && ((p.e && p.e->standing == STANDING_GOOD) ||
                err_fail(err, ERR_NOT_FOUND, "no such event stands here"));
    ok = ok && fold_settle(l->fold, err) && log_checkpoints_read(l, p.a, 0, &all, err) &&
         note_choose(&p, &all, err) && proof_put(&p, to, err);
    *ret_countersigned = p.countersigned;
    arena_free(p.a);
    return ok;
}
