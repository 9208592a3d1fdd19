/* A holding has one cache line (struct slot), which is all that a transfer without labels touches
 * of it; labels hang on it in a sorted list of sums (exposure_lists.h), which a spend and an
 * arrival go through once each. Numbers up to 127 bits stand in place, larger ones in an array of
 * their own. Arrays only grow. */
#include "screen/account_exposure.h"

#include "base/mem.h"
#include "screen/account_exposure_parts.h"

#define OWNERS_MAX ((uint64_t)1 << 33)
#define NEWEST_MAX ((uint32_t)1 << 20)
#define AHEAD 16 /* transfers whose holdings are fetched before their turn */

/* ---- opening ---- */

bool account_exposure_new(const struct account_exposure_options *o, struct account_exposure **ret,
                          struct err *err)
{
    struct account_exposure *x = mem_zero(sizeof(*x));
    size_t labels_n = o->asked.labels_n;
    bool ok;

    if (!x)
        return err_fail(err, ERR_NOMEM, "exposure");
    x->policy = o->asked.policy;
    x->labels_n = o->asked.labels_n;
    x->cut_ppm = o->asked.cut_ppm;
    x->holdings_max = o->holdings_max ? o->holdings_max : OWNERS_MAX;
    x->records_max = o->records_max ? o->records_max : UINT32_MAX - 1;
    x->newest_max = o->newest_max ? o->newest_max : NEWEST_MAX;
    ok = exposure_labels_read(&x->labels, &o->asked, o->accounts_max ? o->accounts_max : OWNERS_MAX,
                              err);
    if (ok) {
        x->slots = mem_reserve_growing(x->holdings_max * sizeof(*x->slots));
        x->records = mem_reserve_growing((size_t)x->records_max * sizeof(*x->records));
        x->sums.element = sizeof(struct sum);
        x->sums.max = x->records_max;
        x->sums.p = mem_reserve_growing((size_t)x->sums.max * x->sums.element);
        x->wide = mem_reserve((size_t)x->records_max * sizeof(*x->wide));
        x->newest = mem_reserve((size_t)x->newest_max * sizeof(*x->newest));
        x->rows = mem_array(labels_n + 1, sizeof(*x->rows));
        x->arrived = mem_array(2 * (labels_n + 1), sizeof(*x->arrived));
        x->keys = mem_array(2 * (labels_n + 1), sizeof(*x->keys));
        x->cut = mem_array(labels_n + 1, sizeof(*x->cut));
        ok = (x->slots && x->records && x->sums.p && x->wide && x->newest && x->rows &&
              x->arrived && x->keys && x->cut) ||
             err_fail(err, ERR_NOMEM, "exposure");
    }
    if (ok)
        *ret = x;
    else
        account_exposure_free(x);
    return ok;
}

bool account_exposure_more(struct account_exposure *x, const struct exposure_asked *more,
                           struct err *err)
{
    return exposure_labels_more(&x->labels, more, err);
}

struct account_exposure *account_exposure_free(struct account_exposure *x)
{
    if (!x)
        return NULL;
    mem_unreserve(x->slots, x->holdings_max * sizeof(*x->slots));
    mem_unreserve(x->records, (size_t)x->records_max * sizeof(*x->records));
    mem_unreserve(x->sums.p, (size_t)x->sums.max * x->sums.element);
    mem_unreserve(x->wide, (size_t)x->records_max * sizeof(*x->wide));
    mem_unreserve(x->newest, (size_t)x->newest_max * sizeof(*x->newest));
    exposure_labels_free(&x->labels);
    mem_free(x->rows);
    mem_free(x->arrived);
    mem_free(x->keys);
    mem_free(x->cut);
    mem_free(x);
    return NULL;
}

/* ---- numbers ---- */

static bool number_set(struct account_exposure *x, struct number *n, struct u256 v, struct err *err)
{
    if (!(n->high & WIDE)) {
        if (!(v.w[1] & WIDE) && !(v.w[2] | v.w[3])) {
            *n = (struct number){v.w[0], v.w[1]};
            return true;
        }
        if (x->wide_n == x->records_max)
            return err_fail(err, ERR_LIMIT, "exposure: more than %u wide numbers", x->records_max);
        *n = (struct number){x->wide_n++, WIDE};
    }
    x->wide[n->low] = v;
    return true;
}

static struct u256 minus(struct u256 a, struct u256 b) /* b is not above a */
{
    u256_sub(a, b, &a);
    return a;
}

/* floor(part * x / all); part and x are not above all. */
static struct u256 portion(struct u256 part, struct u256 x, struct u256 all)
{
    struct u256 r = u256_of(0);

    if (u256_equal(x, all))
        return part;
    if (!(all.w[1] | all.w[2] | all.w[3]))
        return u256_of((uint64_t)((unsigned __int128)part.w[0] * x.w[0] / all.w[0]));
    u256_mul_div(part, x, all, &r);
    return r;
}

/* ---- what a spend takes ---- */

static bool held_set(struct account_exposure *x, struct slot *s, struct sum *of, struct u256 v,
                     struct err *err)
{
    bool had = !u256_zero(number_get(x, of->held)), has = !u256_zero(v);

    s->held_n += has;
    s->held_n -= had;
    if (!has)
        of->held_best = 0;
    return number_set(x, &of->held, v, err);
}

static bool held_end(struct account_exposure *x, struct slot *s, struct err *err)
{
    struct sum *of = exposure_list_at(&x->sums, &s->sums);

    for (; s->held_n; of++)
        if (!u256_zero(number_get(x, of->held)) && !held_set(x, s, of, u256_of(0), err))
            return false;
    return true;
}

/* Of one label: the first units, of an origin, then those with the direct ones, then all; what each
 * step adds is of its kind. */
static bool row_take(struct account_exposure *x, struct slot *s, struct row *r, struct u256 spent,
                     struct u256 balance, struct err *err)
{
    struct u256 upto = u256_of(0), before = u256_of(0);

    for (int k = 0; k < KINDS_HELD; k++) {
        struct sum *of = r->of[k];
        struct u256 held, taken;

        if (!of)
            continue;
        held = number_get(x, of->held);
        upto = amount_plus(upto, held);
        taken = x->policy == TRACE_HAIRCUT ? portion(upto, spent, balance) : u256_min(upto, spent);
        r->taken[k] = minus(taken, before);
        before = taken;
        if (!held_set(x, s, of, minus(held, r->taken[k]), err))
            return false;
    }
    return true;
}

/* Is there too little of the label to go on? Then it ends, and is counted. */
static bool row_cut(struct account_exposure *x, struct slot *s, const struct row *r,
                    struct u256 balance, bool *ret, struct err *err)
{
    struct u256 held = u256_of(0), share;

    *ret = false;
    if (!x->cut_ppm || x->policy == TRACE_POISON)
        return true;
    for (int k = 0; k < KINDS_HELD; k++)
        if (r->of[k])
            held = amount_plus(held, number_get(x, r->of[k]->held));
    if (!u256_mul_div(held, u256_of(EXPOSURE_PPM), balance, &share) ||
        !u256_less(share, u256_of(x->cut_ppm)))
        return true;
    x->cut[r->label]++;
    *ret = true;
    for (int k = 0; k < KINDS_HELD; k++)
        if (r->of[k] && !held_set(x, s, r->of[k], u256_of(0), err))
            return false;
    return true;
}

/* Poison: all that is spent, whatever it is above; of an origin or of what came through others. */
static void row_poison(struct row *r, struct u256 amount)
{
    r->taken[r->of[OF_ORIGIN] ? OF_ORIGIN : r->of[OF_DIRECT] ? OF_DIRECT : OF_INDIRECT] = amount;
}

static void rows_gather(struct account_exposure *x, const struct slot *s)
{
    struct sum *of = exposure_list_at(&x->sums, &s->sums);
    struct row *r = NULL;

    for (uint32_t left = s->held_n; left; of++) {
        uint16_t label = of->key / KINDS;

        if (u256_zero(number_get(x, of->held)))
            continue;
        if (!r || r->label != label) {
            r = &x->rows[x->rows_n++];
            *r = (struct row){.label = label};
        }
        r->of[of->key % KINDS] = of;
        r->best[of->key % KINDS] = of->held_best;
        left--;
    }
}

/* ---- where it comes to ---- */

static bool record_add(struct account_exposure *x, uint64_t transfer, const struct arrival *a,
                       struct err *err)
{
    struct record *r = &x->records[x->records_n];

    if (x->records_n == x->records_max)
        return err_fail(err, ERR_LIMIT, "exposure: more than %u records", x->records_max);
    *r = (struct record){.transfer = transfer, .from = a->from, .hops = a->hops};
    x->records_n++;
    return number_set(x, &r->amount, a->amount, err);
}

static bool newest_add(struct account_exposure *x, uint64_t transfer, const struct arrival *a,
                       struct err *err)
{
    struct newest *n = &x->newest[x->arrivals++ % x->newest_max];

    n->transfer = transfer;
    n->from = a->from;
    n->key = a->key;
    n->hops = a->hops;
    return number_set(x, &n->amount, a->amount, err);
}

static bool above(const struct account_exposure *x, struct u256 amount, uint32_t best)
{
    return !best || u256_less(number_get(x, x->records[best - 1].amount), amount);
}

/* keep: it is held from now on. */
static bool arrive(struct account_exposure *x, struct slot *to, struct sum *of, uint64_t transfer,
                   const struct arrival *a, bool keep, struct err *err)
{
    bool best = above(x, a->amount, of->best),
         held_best = keep && above(x, a->amount, of->held_best);

    if (!newest_add(x, transfer, a, err) ||
        ((best || held_best) && !record_add(x, transfer, a, err)))
        return false;
    if (best)
        of->best = x->records_n;
    if (held_best)
        of->held_best = x->records_n;
    if (keep &&
        !held_set(x, to, of,
                  x->policy == TRACE_POISON ? u256_of(1)
                                            : amount_plus(number_get(x, of->held), a->amount),
                  err))
        return false;
    return number_set(x, &of->amount, amount_plus(number_get(x, of->amount), a->amount), err);
}

static void fetch_record(const struct account_exposure *x, uint32_t best)
{
    if (best)
        __builtin_prefetch(&x->records[best - 1]);
}

/* All of x->arrived. The records that they are compared with are fetched first. */
static bool arrive_all(struct account_exposure *x, struct slot *to, uint64_t transfer, bool keep,
                       struct err *err)
{
    size_t n = x->arrived_n;
    struct sum *of;

    x->arrived_n = 0;
    for (size_t i = 0; i < n; i++)
        x->keys[i] = x->arrived[i].key;
    if (!exposure_list_put(&x->sums, &to->sums, x->keys, n, err))
        return false;
    of = exposure_list_at(&x->sums, &to->sums);
    for (size_t i = 0, at = 0; i < n; at++) {
        if (of[at].key != x->keys[i])
            continue;
        fetch_record(x, of[at].best);
        fetch_record(x, of[at].held_best);
        i++;
    }
    for (size_t i = 0; i < n; of++)
        if (of->key == x->keys[i] && !arrive(x, to, of, transfer, &x->arrived[i++], keep, err))
            return false;
    return true;
}

/* Something that is of a label comes to the receiver; whoever has the label itself gets nothing of
 * it. Nearly always keys come in order. */
static void come(struct account_exposure *x, const struct exposure_set *payee, uint16_t label,
                 enum kind kind, struct arrival a)
{
    size_t at = x->arrived_n;

    if (u256_zero(a.amount) || exposure_set_has(payee, label))
        return;
    a.key = (uint16_t)(label * KINDS + kind);
    for (; at && x->arrived[at - 1].key > a.key; at--)
        x->arrived[at] = x->arrived[at - 1];
    x->arrived[at] = a;
    x->arrived_n++;
}

/* ---- one transfer ---- */

struct step {
    uint64_t id;
    struct transfer t;
    struct slot *from, *to; /* NULL: nobody */
    const struct exposure_set *payer, *payee;
};

static const struct exposure_set *set_of(const struct account_exposure *x, const struct slot *s)
{
    return s && s->set ? &x->labels.sets[s->set - 1] : NULL;
}

static bool slot_of(struct account_exposure *x, const struct accounts *a, uint64_t holding,
                    struct slot **ret, struct err *err)
{
    struct slot *s;

    *ret = NULL;
    if (holding == ACCOUNTS_NONE)
        return true;
    if (holding >= x->holdings_max)
        return err_fail(err, ERR_LIMIT, "exposure: more than %llu holdings",
                        (unsigned long long)x->holdings_max);
    s = &x->slots[holding];
    if (!(s->flags & SLOT_SEEN)) {
        uint64_t account = accounts_holding(a, holding).account;

        s->flags |= SLOT_SEEN;
        if (account < x->labels.owners_max)
            s->set = x->labels.set_of[account];
        if (holding >= x->holdings_n)
            x->holdings_n = holding + 1;
    }
    *ret = s;
    return true;
}

/* Its sums go over the transfer. */
static bool sums_pass(struct account_exposure *x, struct slot *s, const struct step *st,
                      uint64_t holding, struct err *err)
{
    struct holding_sums sums = {number_get(x, s->in), number_get(x, s->balance), 0, 0};

    x->beyond += !u256_zero(holding_sums_step(&sums, &st->t, holding));
    if (sums.flags & MARK_OVER)
        s->flags |= SLOT_OVER;
    return number_set(x, &s->in, sums.in, err) && number_set(x, &s->balance, sums.balance, err) &&
           (!(s->flags & SLOT_OVER) || held_end(x, s, err));
}

static bool spend(struct account_exposure *x, struct slot *s, struct u256 amount, struct err *err)
{
    struct u256 balance = number_get(x, s->balance), spent = u256_min(amount, balance);
    bool poison = x->policy == TRACE_POISON;

    if (!number_set(x, &s->sent, amount_plus(number_get(x, s->sent), amount), err))
        return false;
    if (!s->held_n || u256_zero(amount))
        return true;
    rows_gather(x, s);
    for (size_t i = 0; i < x->rows_n; i++) {
        struct row *r = &x->rows[i];
        bool cut;

        if (!row_cut(x, s, r, balance, &cut, err))
            return false;
        if (poison)
            row_poison(r, amount);
        else if (!cut && !row_take(x, s, r, spent, balance, err))
            return false;
    }
    return true;
}

static void come_row(struct account_exposure *x, const struct step *st, const struct row *r)
{
    struct u256 direct = r->taken[OF_DIRECT], indirect = r->taken[OF_INDIRECT];
    struct arrival a = {.amount = amount_plus(direct, indirect)};

    if (exposure_set_has(st->payer, r->label) ||
        (x->labels.origins_n && exposure_origin_is(&x->labels, st->id, r->label)))
        return;
    come(
        x, st->payee, r->label, OF_DIRECT,
        (struct arrival){.amount = r->taken[OF_ORIGIN], .from = r->best[OF_ORIGIN] - 1, .hops = 1});
    if (u256_zero(a.amount))
        return;
    a.from = r->best[u256_less(direct, indirect) ? OF_INDIRECT : OF_DIRECT] - 1;
    a.hops = x->records[a.from].hops;
    a.hops += a.hops < EXPOSURE_HOPS_MAX;
    come(x, st->payee, r->label, OF_INDIRECT, a);
}

static bool come_all(struct account_exposure *x, const struct step *st, struct err *err)
{
    const struct exposure_labels *l = &x->labels;
    const unsigned ended = SLOT_FROZEN | SLOT_OVER;
    bool keep = !(st->to->flags & ended) && !(st->payee && st->payee->stops);
    size_t at = l->origins_n ? exposure_origin_at(l, st->id) : 0;

    for (size_t i = 0; i < x->rows_n; i++) {
        fetch_record(x, x->rows[i].best[OF_DIRECT]);
        fetch_record(x, x->rows[i].best[OF_INDIRECT]);
    }
    for (size_t i = 0; i < x->rows_n; i++)
        come_row(x, st, &x->rows[i]);
    for (; at < l->origins_n && l->origins[at].id == st->id; at++)
        come(x, st->payee, l->origins[at].label, OF_ORIGIN,
             (struct arrival){.amount = st->t.credit, .from = NO_RECORD});
    for (uint32_t i = 0; st->payer && i < st->payer->n; i++)
        if (!l->origins_n || !exposure_origin_is(l, st->id, st->payer->labels[i]))
            come(x, st->payee, st->payer->labels[i], OF_DIRECT,
                 (struct arrival){.amount = st->t.credit, .from = NO_RECORD, .hops = 1});
    return arrive_all(x, st->to, st->id, keep, err);
}

static bool pay(struct account_exposure *x, const struct step *st, struct err *err)
{
    const struct arrival a = {.amount = st->t.amount, .from = NO_RECORD, .hops = 1};

    if (!st->from)
        return true;
    for (uint32_t i = 0; st->payee && i < st->payee->n; i++)
        come(x, st->payer, st->payee->labels[i], OF_SENT, a);
    return arrive_all(x, st->from, st->id, false, err);
}

static bool freeze(struct account_exposure *x, const struct step *st, struct err *err)
{
    if (!st->from)
        return true;
    if (st->t.kind == TRANSFER_UNFREEZE) {
        st->from->flags &= (uint8_t)~SLOT_FROZEN;
        return true;
    }
    st->from->flags |= SLOT_FROZEN;
    return held_end(x, st->from, err);
}

static bool leave(struct account_exposure *x, const struct step *st, struct u256 amount,
                  struct err *err)
{
    return spend(x, st->from, amount, err) && sums_pass(x, st->from, st, st->t.from, err) &&
           (x->policy != TRACE_POISON || !u256_zero(number_get(x, st->from->balance)) ||
            held_end(x, st->from, err));
}

static bool move(struct account_exposure *x, const struct step *st, struct err *err)
{
    const struct transfer *t = &st->t;

    if (t->from == t->to) /* a proposer's own fee loses what is burned; nothing else moves */
        return t->kind != TRANSFER_FEE || !st->from ||
               leave(x, st, minus(t->amount, u256_min(t->credit, t->amount)), err);
    if (st->from && !leave(x, st, t->amount, err))
        return false;
    if (st->to && !sums_pass(x, st->to, st, t->to, err))
        return false;
    if (!st->to || t->kind == TRANSFER_FEE || u256_zero(t->amount))
        return true;
    if (!st->payer && !st->payee && !x->rows_n && !x->labels.origins_n)
        return true;
    return come_all(x, st, err) && pay(x, st, err);
}

static bool transfer_add(struct account_exposure *x, const struct accounts *a, uint64_t id,
                         struct err *err)
{
    struct step st = {.id = id, .t = accounts_transfer(a, id)};
    bool ok;

    if (st.t.kind == TRANSFER_NOTE)
        return true;
    if (!slot_of(x, a, st.t.from, &st.from, err) || !slot_of(x, a, st.t.to, &st.to, err))
        return false;
    st.payer = set_of(x, st.from);
    st.payee = set_of(x, st.to);
    if (st.t.kind == TRANSFER_FREEZE || st.t.kind == TRANSFER_UNFREEZE)
        return freeze(x, &st, err);
    ok = move(x, &st, err);
    x->rows_n = 0;
    return ok;
}

static void fetch_slot(const struct account_exposure *x, uint64_t holding)
{
    if (holding < x->holdings_max)
        __builtin_prefetch(&x->slots[holding], 1);
}

static void fetch_sums(const struct account_exposure *x, uint64_t holding)
{
    if (holding < x->holdings_n && x->slots[holding].sums.n)
        __builtin_prefetch(exposure_list_at(&x->sums, &x->slots[holding].sums), 1);
}

static void fetch(const struct account_exposure *x, const struct accounts *a, uint64_t id)
{
    const uint8_t *p = a->transfer + (id + AHEAD) * TRANSFER_BYTES,
                  *near = a->transfer + (id + AHEAD / 2) * TRANSFER_BYTES;

    fetch_slot(x, load_le40(p));
    fetch_slot(x, load_le40(p + ACCOUNTS_ID_BYTES));
    fetch_sums(x, load_le40(near));
    fetch_sums(x, load_le40(near + ACCOUNTS_ID_BYTES));
}

bool account_exposure_add(struct account_exposure *x, const struct accounts *a, struct err *err)
{
    for (; x->transfers_done < a->transfers_n; x->transfers_done++) {
        if (x->transfers_done + AHEAD < a->transfers_n)
            fetch(x, a, x->transfers_done);
        if (!transfer_add(x, a, x->transfers_done, err))
            return false;
    }
    return true;
}
