/* Proofs of what is here, for whoever has none of it (group/proof.h): that an event is in its
 * author's stream, by the checkpoint that proves it earliest; that a stream has only grown since a
 * checkpoint, up to the last. */
#include "group/log_parts.h"

#include "group/proof.h"

#define PROVE_BYTES_MAX ((size_t)4 << 30)

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

/* The leaves of the checkpoint's tree; NULL: no memory. */
static struct hash32 *leaves_of(const struct proving *p)
{
    struct hash32 *leaves = ARENA_ARRAY(p->a, struct hash32, (size_t)p->note.size);
    const struct fold_event *at = p->tip;

    for (uint64_t i = p->note.size; leaves && i-- > 0 && at;
         at = fold_find(p->l->fold, &at->e.prev))
        leaves[i] = merkle_leaf((struct bytes){at->e.id.b, sizeof(at->e.id.b)});
    return leaves;
}

static bool not_here(const struct proving *p, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "\"%s\": a checkpoint's events are not all here",
                    store_path(p->l->store));
}

static bool event_prove(struct proving *p, struct text *to, struct err *err)
{
    struct proof proof = {.at = p->e->e.seq - 1, .group = p->l->group, .note = p->note};
    struct hash32 *leaves = leaves_of(p);

    if (!leaves)
        return err_fail(err, ERR_NOMEM, "a proof");
    merkle_inclusion(leaves, p->note.size, proof.at, &proof.path);
    if (!proof_of_event(&proof, &p->e->e.id))
        return not_here(p, err);
    proof_put(to, &proof);
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
         note_choose(&p, &all, err) && event_prove(&p, to, err);
    *ret_countersigned = p.countersigned;
    arena_free(p.a);
    return ok;
}

/* ---- growth ---- */

static bool of_stream(const struct checkpoint *a, const struct checkpoint *b)
{
    return !strcmp(a->author, b->author) && !memcmp(a->stream.b, b->stream.b, sizeof(a->stream.b));
}

/* The event of that number in the line that ends there; NULL: not here. */
static const struct fold_event *line_at(const struct fold *f, const struct fold_event *tip,
                                        uint64_t seq)
{
    while (tip && tip->e.seq > seq)
        tip = fold_find(f, &tip->e.prev);
    return tip;
}

struct growing {
    const struct checkpoint *from, *to;
    const struct fold_event *other; /* ends a line whose beginning is another */
    bool any;                       /* there are such as it could have grown to */
};

/* Is it one that the stream has grown to since? */
static bool has_grown(struct proving *p, struct growing *g, const struct checkpoint *c)
{
    const struct fold_event *tip, *at;
    struct hash32 root;

    if (c->size < g->from->size || !of_stream(c, g->from) || (g->to && !checkpoint_same(c, g->to)))
        return false;
    tip = fold_checkpoint_tip(p->l->fold, c);
    at = tip ? line_at(p->l->fold, tip, g->from->size) : NULL;
    if (!at)
        return false;
    g->any = true;
    if (at == g->other || !fold_root(p->l->fold, at, &root) ||
        !hash32_equal(&root, &g->from->root)) {
        g->other = at;
        return false;
    }
    p->tip = tip;
    p->note = *c;
    return true;
}

/* The largest. */
static bool grown_choose(struct proving *p, struct growing *g, const struct log_checkpoints *all,
                         struct err *err)
{
    for (size_t i = all->n; i-- > 0;)
        if (has_grown(p, g, &all->at[i]))
            return true;
    return g->any
               ? err_fail(err, ERR_DIFFERS,
                          "the stream that is here did not grow from that checkpoint: \"%s\" has "
                          "shown two histories of it",
                          g->from->author)
               : err_fail(err, ERR_NOT_FOUND,
                          "%s of that stream is here with its events (cordon log checkpoint)",
                          g->to ? "no such checkpoint" : "no checkpoint as large");
}

static bool growth_prove(struct proving *p, const struct checkpoint *from, struct text *to,
                         struct err *err)
{
    struct proof proof = {.growth = true, .at = from->size, .group = p->l->group, .note = p->note};
    struct hash32 *leaves = leaves_of(p);

    if (!leaves)
        return err_fail(err, ERR_NOMEM, "a proof");
    merkle_consistency(leaves, p->note.size, from->size, &proof.path);
    if (!proof_of_growth(&proof, from))
        return not_here(p, err);
    proof_put(to, &proof);
    return true;
}

/* Nobody is accused by a note that its author has not signed. */
static bool is_signed(struct proving *p, const struct checkpoint *from, struct err *err)
{
    struct checkpoint c = *from;
    bool all;

    c.signatures = ARENA_ARRAY(p->a, struct checkpoint_signature, c.signatures_n);
    if (!c.signatures)
        return err_fail(err, ERR_NOMEM, "a proof");
    memcpy(c.signatures, from->signatures, c.signatures_n * sizeof(*c.signatures));
    return checkpoint_keys(p->l->fold, &p->l->group, &c, NULL, &all, err);
}

bool group_log_prove_growth(struct group_log *l, const struct checkpoint *from,
                            const struct checkpoint *until, struct text *to, struct err *err)
{
    struct proving p = {.l = l, .a = arena_new(NULL, PROVE_BYTES_MAX)};
    struct growing g = {.from = from, .to = until};
    struct log_checkpoints all;
    bool ok = p.a || err_fail(err, ERR_NOMEM, "a proof");

    ok = ok && (l->fold || err_fail(err, ERR_NOT_FOUND, "this home is of no group yet")) &&
         fold_settle(l->fold, err) && is_signed(&p, from, err) &&
         log_checkpoints_read(l, p.a, 0, &all, err) && grown_choose(&p, &g, &all, err) &&
         growth_prove(&p, from, to, err);
    arena_free(p.a);
    return ok;
}
