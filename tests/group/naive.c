/* Everything is a scan over all events. Steps of cases are written out as ifs, not read from the
 * table that is under test. One version of the charter, the first: that is all that its worlds
 * have. */
#include "naive.h"

#include "group/merkle.h"

#include <stdio.h>

struct one {
    const struct event *e;
    bool has_charter;
    enum standing standing;
    int effect;
    unsigned unmet;
    const char *to;
    bool counts;
};

struct all {
    struct arena *a;
    const struct world *w;
    struct one *x;
    size_t n;
    const struct checkpoint *stamps[WORLD_STAMPS_MAX];
    size_t stamps_n;
    bool adopted;
};

static struct one *by_id(struct all *s, const struct hash32 *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (hash32_equal(&s->x[i].e->id, id))
            return &s->x[i];
    return NULL;
}

static bool starts(const char *s, const char *with)
{
    return !strncmp(s, with, strlen(with));
}

static unsigned roles_of(const struct event *e)
{
    for (unsigned m = 0; m < WORLD_MEMBERS; m++)
        for (int k = 0; k < WORLD_KEYS; k++) {
            struct signer s = world_signer(m, (enum world_key)k);

            if (!memcmp(s.key.b, e->key.b, 32) && !strcmp(world_members[m], e->author))
                return k == WORLD_NODE   ? ROLE_NODE
                       : k == WORLD_INV  ? ROLE_INVESTIGATOR
                       : k == WORLD_DESK ? ROLE_COMPLIANCE_OFFICER
                                         : ROLE_SUPERVISOR | ROLE_SECRETARY;
        }
    return 0;
}

static bool follows(const struct event *e, const struct hash32 *id)
{
    for (size_t i = 0; i < e->after_n; i++)
        if (hash32_equal(&e->after[i], id))
            return true;
    return false;
}

static bool hears(const char *author, const char *audience)
{
    if (!strcmp(audience, "all"))
        return true;
    return !strcmp(audience, "two") && (!strcmp(author, "us") || !strcmp(author, "kr"));
}

static bool later(const struct event *a, const struct event *b)
{
    return a->ms > b->ms || (a->ms == b->ms && a->n > b->n);
}

/* ---- standing ---- */

static bool document_is_here(struct all *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->x[i].has_charter)
            return true;
    return false;
}

static enum standing word_of(struct all *s, const struct event *e)
{
    if (!hash32_equal(&e->charter, &s->w->group) || !document_is_here(s) ||
        (!s->adopted && !starts(e->object, "charter:")))
        return STANDING_NO_CHARTER;
    return roles_of(e) ? STANDING_GOOD : STANDING_NO_KEY;
}

static bool one_stream(const struct event *a, const struct event *b)
{
    return !strcmp(a->author, b->author) && !memcmp(&a->stream, &b->stream, 16);
}

/* ---- checkpoints ---- */

static const struct event *prev_of(struct all *s, const struct event *e)
{
    struct one *x = e->seq > 1 ? by_id(s, &e->prev) : NULL;

    return x && one_stream(x->e, e) && x->e->seq + 1 == e->seq ? x->e : NULL;
}

/* Is the checkpoint one of the line of events that ends with e? */
static bool is_of(struct all *s, const struct checkpoint *c, const struct event *e)
{
    struct merkle_tree tree = {.n = 0};
    struct hash32 root;

    if (strcmp(c->author, e->author) != 0 || memcmp(&c->stream, &e->stream, 16) != 0 ||
        c->size != e->seq)
        return false;
    for (uint64_t i = 1; i <= c->size; i++) {
        const struct event *at = e;
        struct hash32 leaf;

        while (at && at->seq > i)
            at = prev_of(s, at);
        if (!at)
            return false;
        leaf = merkle_leaf((struct bytes){at->id.b, 32});
        merkle_tree_add(&tree, &leaf);
    }
    root = merkle_tree_root(&tree);
    return hash32_equal(&root, &c->root);
}

static bool signs_copy(const struct all *s, const struct checkpoint *c, const char *member)
{
    for (size_t i = 0; i < s->stamps_n; i++)
        for (size_t k = 0; checkpoint_same(s->stamps[i], c) && k < s->stamps[i]->signatures_n; k++)
            if (!strcmp(s->stamps[i]->signatures[k].member, member))
                return true;
    return false;
}

/* All three are governments: more than half of the others that hear it. */
static bool enough(const struct all *s, const struct checkpoint *c, const char *audience)
{
    size_t have = 0, others = 0;

    for (size_t m = 0; m < WORLD_MEMBERS; m++) {
        bool may = strcmp(world_members[m], c->author) != 0 && hears(world_members[m], audience);

        others += may;
        have += may && signs_copy(s, c, world_members[m]);
    }
    return 2 * have > others;
}

/* The last event of the branch that stands in e's stream; NULL: nothing is decided. */
static const struct event *branch_of(struct all *s, const struct event *e)
{
    const struct event *ret = NULL;
    bool two = false;

    for (size_t i = 0; s->adopted && i < s->stamps_n; i++)
        for (size_t k = 0; k < s->n; k++) {
            const struct event *tip = s->x[k].e;

            if (!one_stream(tip, e) || !is_of(s, s->stamps[i], tip) ||
                !enough(s, s->stamps[i], tip->audience) || (ret && tip->seq < ret->seq))
                continue;
            two = ret && ret->seq == tip->seq && (two || ret != tip);
            ret = tip;
        }
    return two ? NULL : ret;
}

static bool forks(struct all *s, const struct event *e)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < i; k++)
            if (s->x[i].counts && s->x[k].counts && one_stream(s->x[i].e, e) &&
                one_stream(s->x[k].e, e) && s->x[i].e->seq == s->x[k].e->seq)
                return true;
    return false;
}

static bool lost(struct all *s, const struct event *e)
{
    const struct event *tip = forks(s, e) ? branch_of(s, e) : NULL, *at = tip;

    if (!tip)
        return false;
    while (e && e->seq > tip->seq)
        e = prev_of(s, e);
    while (at && e && at->seq > e->seq)
        at = prev_of(s, at);
    return e && at != e;
}

static bool forked_at(struct all *s, const struct event *e)
{
    if (lost(s, e))
        return true;
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < i; k++) {
            const struct event *one = s->x[i].e, *other = s->x[k].e;

            if (s->x[i].counts && s->x[k].counts && one_stream(one, e) && one_stream(other, e) &&
                one->seq == other->seq && one->seq <= e->seq && !lost(s, one) && !lost(s, other))
                return true;
        }
    return false;
}

static enum standing fit_of(struct all *s, const struct event *e, const struct event *prev)
{
    bool waits = false;

    if (!hears(e->author, e->audience) ||
        (strcmp(e->audience, "all") && !starts(e->object, "case:")))
        return STANDING_MISFIT;
    if (prev && (strcmp(prev->audience, e->audience) || !later(e, prev)))
        return STANDING_MISFIT;
    for (size_t i = 0; i < e->after_n; i++) {
        struct one *f = by_id(s, &e->after[i]);

        if (!f)
            waits = true;
        else if (!later(e, f->e) ||
                 (strcmp(f->e->audience, "all") && strcmp(f->e->audience, e->audience)))
            return STANDING_MISFIT;
    }
    return waits ? STANDING_WAITS : STANDING_GOOD;
}

/* The standing of one that counts, by that of the one before it. */
static enum standing standing_of(struct all *s, const struct event *e)
{
    const struct event *prev = NULL;
    enum standing before = STANDING_GOOD;

    if (forked_at(s, e))
        return STANDING_FORKED;
    if (e->seq == 1)
        return fit_of(s, e, NULL);
    for (size_t i = 0; i < s->n; i++)
        if (s->x[i].counts && one_stream(s->x[i].e, e) && s->x[i].e->seq == e->seq - 1 &&
            !lost(s, s->x[i].e))
            prev = s->x[i].e;
    if (!prev)
        return STANDING_WAITS; /* or behind something that waits: the same */
    before = standing_of(s, prev);
    if (before == STANDING_MISFIT || before == STANDING_BEHIND)
        return STANDING_BEHIND;
    if (before != STANDING_GOOD || !hash32_equal(&prev->id, &e->prev))
        return STANDING_WAITS;
    return fit_of(s, e, prev);
}

static void standings(struct all *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->x[i].standing = word_of(s, s->x[i].e);
        s->x[i].counts = s->x[i].standing == STANDING_GOOD;
    }
    for (size_t i = 0; i < s->n; i++)
        if (s->x[i].counts)
            s->x[i].standing = standing_of(s, s->x[i].e);
}

/* ---- steps ---- */

struct told { /* a row, said again */
    const char *from, *type;
    unsigned roles;
    bool own, other, current;
    const char *to;
};

#define INV ROLE_INVESTIGATOR
#define SUP ROLE_SUPERVISOR
#define DESK (ROLE_INVESTIGATOR | ROLE_COMPLIANCE_OFFICER)

static bool among(const char *state, const char *list)
{
    size_t n = strlen(state);

    for (const char *at = list; (at = strstr(at, state)) != NULL; at++)
        if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ' '))
            return true;
    return false;
}

/* docs/protocol.md, section 6, as one function: where an event leads; NULL: nowhere from that
 * state. */
static bool case_row(const char *state, const char *type, struct told *ret)
{
    *ret = (struct told){state, type, INV, false, false, false, NULL};
    if (!strcmp(type, "case.draft") && among(state, "none")) {
        ret->roles |= ROLE_NODE;
        ret->to = "draft";
    } else if (!strcmp(type, "case.report") && among(state, "none draft")) {
        ret->own = among(state, "draft");
        ret->to = "reported";
    } else if (!strcmp(type, "case.revise") &&
               among(state, "reported verified disputed active contained")) {
        ret->own = true;
        ret->to = "reported";
    } else if (!strcmp(type, "case.verify") && among(state, "reported disputed")) {
        ret->other = ret->current = true;
        ret->to = "verified";
    } else if (!strcmp(type, "case.dispute") &&
               among(state, "reported verified active contained")) {
        ret->roles = DESK;
        ret->other = true;
        ret->to = "disputed";
    } else if (!strcmp(type, "case.activate") && among(state, "verified contained")) {
        ret->roles |= ROLE_NODE;
        ret->to = "active";
    } else if (!strcmp(type, "case.contain") && among(state, "active")) {
        ret->own = true;
        ret->to = "contained";
    } else if (!strcmp(type, "case.close") && among(state, "verified contained")) {
        ret->roles = SUP;
        ret->own = true;
        ret->to = "closed";
    } else if (!strcmp(type, "case.retract") &&
               among(state, "draft reported verified disputed active contained")) {
        ret->roles = DESK;
        ret->own = true;
        ret->to = "retracted";
    } else if (!strcmp(type, "case.merge") && among(state, "reported verified disputed")) {
        ret->own = true;
        ret->to = "merged";
    }
    return ret->to;
}

static void case_fold(struct all *s, struct one **order, size_t n, const struct event *of,
                      const char **ret_state, const char **ret_owner)
{
    const char *state = "none", *owner = NULL;
    struct hash32 revision = {{0}};

    for (size_t i = 0; i < n; i++) {
        struct one *x = order[i];
        const struct event *e = x->e;
        struct told row;
        bool own = owner && !strcmp(owner, e->author), other = owner && !own,
             current = owner && follows(e, &revision);

        if (strcmp(e->object, of->object) || strcmp(e->audience, of->audience))
            continue;
        x->effect = EFFECT_NONE;
        if (x->standing != STANDING_GOOD)
            continue;
        if (!case_row(state, e->type, &row)) {
            x->effect = EFFECT_NO_STEP;
        } else if (!(roles_of(e) & row.roles)) {
            x->effect = EFFECT_ROLE;
        } else if ((row.own && !own) || (row.other && !other) || (row.current && !current)) {
            x->effect = EFFECT_CONDITION;
            x->unmet = (row.own && !own ? IF_OWN : 0) | (row.other && !other ? IF_OTHER : 0) |
                       (row.current && !current ? IF_CURRENT : 0);
        } else {
            x->effect = EFFECT_STEP;
            x->to = state = row.to;
            if (!owner)
                owner = e->author;
            if (strstr("case.draft case.report case.revise", e->type))
                revision = e->id;
        }
    }
    (void)s;
    *ret_state = state;
    *ret_owner = owner;
}

/* Version 1, alone: proposed by a secretary, signed by supervisors of governments. */
static void charter_fold(struct all *s, struct one **order, size_t n, const char **ret_state,
                         const char **ret_owner)
{
    const char *state = "none", *owner = NULL, *signers[WORLD_MEMBERS];
    size_t signers_n = 0;

    for (size_t i = 0; i < n; i++) {
        struct one *x = order[i];
        bool head = roles_of(x->e) & ROLE_SUPERVISOR, again = false;
        bool proposes = !strcmp(x->e->type, "charter.propose");

        if (!starts(x->e->object, "charter:"))
            continue;
        x->effect = EFFECT_NONE;
        if (x->standing != STANDING_GOOD)
            continue;
        for (size_t k = 0; k < signers_n; k++)
            again = again || !strcmp(signers[k], x->e->author);
        if (proposes != !strcmp(state, "none")) {
            x->effect = EFFECT_NO_STEP;
        } else if (!head) {
            x->effect = EFFECT_ROLE;
        } else if (again) {
            x->effect = EFFECT_CONDITION; /* which, see the caller */
            x->unmet = IF_GOVERNMENT;
        } else if (proposes) {
            x->effect = EFFECT_STEP;
            x->to = state = "proposed";
            owner = x->e->author;
        } else {
            x->effect = EFFECT_STEP;
            signers[signers_n++] = x->e->author;
            x->to = state = signers_n >= 2 ? "adopted" : "proposed";
        }
    }
    s->adopted = !strcmp(state, "adopted");
    *ret_state = state;
    *ret_owner = owner;
}

static bool before(const struct event *a, const struct event *b)
{
    int order;

    if (a->ms != b->ms || a->n != b->n)
        return later(b, a);
    order = strcmp(a->author, b->author);
    if (order)
        return order < 0;
    if (a->seq != b->seq)
        return a->seq < b->seq;
    return memcmp(&a->id, &b->id, 32) < 0;
}

static struct one **ordered(struct all *s)
{
    struct one **order = ARENA_ARRAY(s->a, struct one *, s->n);

    for (size_t i = 0; i < s->n; i++) {
        size_t at = i;

        for (; at && before(s->x[i].e, order[at - 1]->e); at--)
            order[at] = order[at - 1];
        order[at] = &s->x[i];
    }
    return order;
}

const char *naive_outcome(struct arena *a, const struct world *w, const size_t *which, size_t n)
{
    struct all s = {.a = a, .w = w, .x = ARENA_ARRAY(a, struct one, n)};
    const char *state = NULL, *owner = NULL, *charter_state, *charter_owner, *ret;
    struct text to = text_new((size_t)1 << 20);
    struct one **order;

    for (size_t i = 0; i < n; i++) {
        if (which[i] >= w->n) {
            s.stamps[s.stamps_n++] = &w->stamps[which[i] - w->n];
            continue;
        }
        s.x[s.n].e = &w->events[which[i]].e;
        s.x[s.n++].has_charter = w->events[which[i]].charter.n;
    }
    n = s.n;
    order = ordered(&s);
    for (int twice = 0; twice < 2; twice++) { /* adoption decides what else counts */
        standings(&s);
        charter_fold(&s, order, n, &charter_state, &charter_owner);
    }
    text_printf(&to, "charter %d\n", s.adopted ? 1 : 0);
    for (size_t i = 0; i < n; i++)
        if (starts(order[i]->e->object, "case:"))
            case_fold(&s, order, n, order[i]->e, &state, &owner);
    for (size_t i = 0; i < n; i++) {
        const struct event *e = order[i]->e;

        if (starts(e->object, "case:"))
            case_fold(&s, order, n, e, &state, &owner);
        else {
            state = charter_state;
            owner = charter_owner;
        }
        text_hex(&to, e->id.b, 4);
        text_printf(&to, " %s %s %s %d %u %s | %s %s\n", e->author, e->type,
                    standing_name(order[i]->standing), order[i]->effect,
                    order[i]->effect == EFFECT_CONDITION ? order[i]->unmet : 0,
                    order[i]->effect == EFFECT_STEP ? order[i]->to : "-", state,
                    owner ? owner : "-");
    }
    ret = arena_string(a, to.p, to.n);
    text_free(&to);
    return ret;
}

/* ---- alerts: small amounts, one deposit and holder ---- */

struct holding {
    const char *state;
    const struct event *seen, *told, *hold, *soft, *held, *voided; /* NULL: none */
};

/* The set's events of an object that are after the one before; NULL: no more. */
static const struct event *next_of(const struct world *w, const size_t *which, size_t n,
                                   const char *object, const struct event *after)
{
    const struct event *ret = NULL;

    for (size_t i = 0; i < n; i++) {
        const struct event *e = &w->events[which[i]].e;

        if (!strcmp(e->object, object) && (!after || later(e, after)) && (!ret || later(ret, e)))
            ret = e;
    }
    return ret;
}

static uint64_t amount_of(const struct event *e)
{
    return e->facts->amount.w[0];
}

static bool is_soft_enough(const struct event *e, const struct event *told)
{
    return strcmp(told->facts->policy, "poison") != 0 &&
           told->facts->amount.w[0] * 1000000 / told->facts->received.w[0] >= 10000 &&
           e->facts->expires <= e->ms + 60 * 60000;
}

static bool by(const struct event *e, unsigned role)
{
    return roles_of(e) & role;
}

/* What had left the chain is there again, or another tells what somebody has taken back. */
static bool is_told_again(const struct holding *h, const struct event *e)
{
    const struct event_facts *was = h->told->facts;
    const char *taken_by = h->voided->author;

    if (strcmp(h->voided->facts->reason, "reorganised") &&
        (!strcmp(taken_by, was->holder) || !strcmp(taken_by, e->author)))
        return false;
    return !strcmp(was->case_object, e->facts->case_object) &&
           !strcmp(was->holder, e->facts->holder) &&
           hash32_equal(&was->deposit, &e->facts->deposit);
}

/* One step, if it is one. */
static void alert_step(struct holding *h, const struct event *e)
{
    bool own = h->told && !strcmp(e->author, h->told->facts->holder);
    const char *type = e->type + strlen("alert.");

    if (!strcmp(type, "send") && by(e, ROLE_NODE | ROLE_INVESTIGATOR) &&
        strcmp(e->author, e->facts->holder) != 0 &&
        (!h->told || (!strcmp(h->state, "void") && is_told_again(h, e)))) {
        h->told = e;
        h->state = "sent";
    } else if (!strcmp(type, "void") &&
               ((own && among(h->state, "sent soft-held acknowledged ordered held")) ||
                (h->told && !strcmp(e->author, h->told->author) &&
                 among(h->state, "sent soft-held") && (!h->seen || follows(h->seen, &e->id)))) &&
               by(e, DESK | ROLE_NODE)) {
        h->hold = h->held = NULL;
        h->voided = e;
        h->state = "void";
    } else if (!own) {
        return;
    } else if (!strcmp(type, "hold-soft") && !strcmp(h->state, "sent") && by(e, ROLE_NODE) &&
               amount_of(e) <= amount_of(h->told) && e->facts->expires > e->ms &&
               is_soft_enough(e, h->told)) {
        h->hold = h->held = h->soft = e;
        h->state = "soft-held";
    } else if (!strcmp(type, "acknowledge") && by(e, DESK) && among(h->state, "sent soft-held")) {
        h->state = "acknowledged";
    } else if (!strcmp(type, "order") && by(e, ROLE_COMPLIANCE_OFFICER) &&
               among(h->state, "soft-held acknowledged") && amount_of(e) <= amount_of(h->told) &&
               e->facts->expires > e->ms) {
        h->hold = e;
        h->held = h->held ? h->held : e;
        h->state = "ordered";
    } else if (!strcmp(type, "enforce") && by(e, ROLE_NODE) && !strcmp(h->state, "ordered") &&
               e->ms < h->hold->facts->expires && amount_of(e) <= amount_of(h->hold) &&
               e->facts->expires > e->ms && e->facts->expires <= h->hold->facts->expires) {
        h->hold = e;
        h->state = "held";
    } else if (!strcmp(type, "release") && by(e, ROLE_COMPLIANCE_OFFICER) && h->hold &&
               among(h->state, "soft-held acknowledged ordered held")) {
        h->hold = h->held = NULL;
        h->state = "released";
    } else if (!strcmp(type, "release") && by(e, ROLE_COMPLIANCE_OFFICER) &&
               !strcmp(h->state, "acknowledged")) {
        h->state = "released";
    }
}

static struct holding holding_of(const struct world *w, const size_t *which, size_t n,
                                 const char *alert)
{
    struct holding h = {.state = "none"};

    for (const struct event *e = next_of(w, which, n, alert, NULL); e && !h.seen;
         e = next_of(w, which, n, alert, e))
        if (!strcmp(e->author, "jp") && by(e, DESK) &&
            among(e->type, "alert.acknowledge alert.order"))
            h.seen = e;
    for (const struct event *e = next_of(w, which, n, alert, NULL); e;
         e = next_of(w, which, n, alert, e))
        alert_step(&h, e);
    return h;
}

/* The state of a case; *ret_before: before it was merged, into *ret_into. */
static const char *case_state(const struct world *w, const size_t *which, size_t n,
                              const char *object, const char **ret_before, const char **ret_into)
{
    const char *state = "none", *owner = NULL;
    struct hash32 revision = {{0}};

    *ret_before = *ret_into = NULL;
    for (const struct event *e = next_of(w, which, n, object, NULL); e;
         e = next_of(w, which, n, object, e)) {
        struct told row;
        bool own = owner && !strcmp(owner, e->author), here = false;

        for (size_t i = 0; i < e->after_n; i++) /* else it waits */
            for (size_t k = 0; k < n; k++)
                here = here || hash32_equal(&w->events[which[k]].e.id, &e->after[i]);
        if ((e->after_n && !here) || !case_row(state, e->type, &row) || !by(e, row.roles) ||
            (row.own && !own) || (row.other && (own || !owner)) ||
            (row.current && !follows(e, &revision)))
            continue;
        if (e->into) {
            *ret_before = state;
            *ret_into = e->into;
        }
        state = row.to;
        owner = owner ? owner : e->author;
        if (!strcmp(e->type, "case.report"))
            revision = e->id;
    }
    return state;
}

/* Does it stand, and is it verified? Merged but once. */
static bool case_stands(const struct world *w, const size_t *which, size_t n, const char *object,
                        bool *ret_verified)
{
    const char *good = "verified active contained closed", *before, *into, *none, *other,
               *state = case_state(w, which, n, object, &before, &into);

    *ret_verified = among(state, good);
    if (into) {
        state = case_state(w, which, n, into, &none, &other);
        *ret_verified = among(before, good) && among(state, good);
    }
    return !among(state, "none draft retracted merged");
}

/* In force but for what others leave of the deposit. */
static uint64_t alone(const struct world *w, const size_t *which, size_t n, const struct holding *h,
                      uint64_t ms)
{
    bool verified,
        stands = h->told && case_stands(w, which, n, h->told->facts->case_object, &verified);

    if (!stands || !h->hold || h->hold->facts->expires <= ms ||
        h->hold->ms > ms + (uint64_t)24 * 60 * 60000 || (h->hold == h->soft && !verified))
        return 0;
    return amount_of(h->hold);
}

uint64_t naive_held(const struct world *w, const size_t *which, size_t n, const char *alert,
                    uint64_t ms)
{
    struct holding mine = holding_of(w, which, n, alert);
    uint64_t want = alone(w, which, n, &mine, ms), taken = 0, left;

    for (size_t i = 0; want && i < n; i++) { /* others of the deposit that began before */
        const struct event *e = &w->events[which[i]].e;
        struct holding other;

        if (strcmp(e->type, "alert.send") != 0 || !strcmp(e->object, alert))
            continue;
        other = holding_of(w, which, n, e->object);
        if (other.told == e && other.held && later(mine.held, other.held))
            taken += alone(w, which, n, &other, ms);
    }
    if (!want)
        return 0;
    left = mine.told->facts->received.w[0]; /* as this alert tells it: the other may say more */
    left = left > taken ? left - taken : 0;
    return want < left ? want : left;
}
