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

static struct u256 plus(struct u256 a, struct u256 b)
{
    if (!u256_add(a, b, &a))
        a = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    return a;
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
        upto = plus(upto, held);
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
            held = plus(held, number_get(x, r->of[k]->held));
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
                  x->policy == TRACE_POISON ? u256_of(1) : plus(number_get(x, of->held), a->amount),
                  err))
        return false;
    return number_set(x, &of->amount, plus(number_get(x, of->amount), a->amount), err);
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

    if (!number_set(x, &s->sent, plus(number_get(x, s->sent), amount), err))
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
    struct arrival a = {.amount = plus(direct, indirect)};

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

/* ---- asked ---- */

struct exposure_note *account_exposure_note(struct account_exposure *x)
{
    return &x->note;
}

uint64_t account_exposure_cut(const struct account_exposure *x, uint16_t label)
{
    return label < x->labels_n ? x->cut[label] : 0;
}

struct account_exposure_counts account_exposure_counts(const struct account_exposure *x)
{
    uint64_t cut = 0;

    for (uint32_t l = 0; l < x->labels_n; l++)
        cut += x->cut[l];
    return (struct account_exposure_counts){
        .transfers = x->transfers_done,
        .records = x->records_n,
        .sums = x->sums.n,
        .beyond = x->beyond,
        .cut = cut,
        .bytes = x->holdings_n * sizeof(*x->slots) + x->records_n * sizeof(*x->records) +
                 (uint64_t)x->sums.end * x->sums.element + x->wide_n * sizeof(*x->wide) +
                 newest_n(x) * sizeof(*x->newest),
    };
}

struct account_exposure_totals account_exposure_totals(const struct account_exposure *x,
                                                       uint64_t holding)
{
    const struct slot *s;

    if (holding >= x->holdings_n)
        return (struct account_exposure_totals){.received = u256_of(0)};
    s = &x->slots[holding];
    return (struct account_exposure_totals){number_get(x, s->in), number_get(x, s->sent),
                                            number_get(x, s->balance)};
}

/* What a label's sums of a slot say, by kind; NULL: there is none. */
struct label_sums {
    const struct sum *of[KINDS];
};

/* of: one of them; they follow each other. */
static struct label_sums label_sums(const struct account_exposure *x, const struct slot *s,
                                    const struct sum *of)
{
    const struct sum *first = exposure_list_at(&x->sums, &s->sums), *end = first + s->sums.n;
    unsigned label = of->key / KINDS;
    struct label_sums l = {{NULL}};

    while (of > first && of[-1].key / KINDS == label)
        of--;
    for (; of < end && of->key / KINDS == label; of++)
        l.of[of->key % KINDS] = of;
    return l;
}

static void part_add(const struct account_exposure *x, struct exposure_part *p,
                     struct u256 *largest, struct u256 amount, uint32_t best)
{
    if (u256_zero(amount) || !best)
        return;
    p->amount = plus(p->amount, amount);
    amount = number_get(x, x->records[best - 1].amount);
    if (u256_less(*largest, amount)) {
        *largest = amount;
        p->best = best - 1;
        p->hops = x->records[best - 1].hops;
    }
}

/* What is of an origin is told as direct, in one with it. */
static bool part_of(const struct account_exposure *x, const struct slot *s, const struct sum *of,
                    enum account_exposure_kind kind, struct exposure_part *ret)
{
    struct label_sums all = label_sums(x, s, of);
    struct u256 largest = u256_of(0);
    bool held = kind == EXPOSURE_HELD;
    unsigned first = of->key % KINDS, last = first == OF_ORIGIN ? OF_DIRECT : first;

    if (first == OF_DIRECT && all.of[OF_ORIGIN])
        return false; /* told with it */
    *ret = (struct exposure_part){.label = of->key / KINDS, .direct = first != OF_INDIRECT};
    for (unsigned k = first; k <= last; k++)
        if (all.of[k])
            part_add(x, ret, &largest, number_get(x, held ? all.of[k]->held : all.of[k]->amount),
                     held ? all.of[k]->held_best : all.of[k]->best);
    if (u256_zero(ret->amount))
        return false;
    if (held && x->policy == TRACE_POISON) {
        for (unsigned k = OF_ORIGIN; !ret->direct && k < OF_INDIRECT; k++)
            if (all.of[k] && !u256_zero(number_get(x, all.of[k]->held)))
                return false;
        ret->amount = number_get(x, s->balance);
    }
    return true;
}

size_t account_exposure_holding(const struct account_exposure *x, uint64_t holding,
                                enum account_exposure_kind kind, struct exposure_part *ret,
                                size_t max)
{
    struct account_exposure_totals totals = account_exposure_totals(x, holding);
    struct u256 all = u256_of(0);
    size_t n = 0, there = 0;
    const struct slot *s;
    const struct sum *of;

    if (holding >= x->holdings_n)
        return 0;
    switch (kind) {
    case EXPOSURE_RECEIVED:
        all = totals.received;
        break;
    case EXPOSURE_SENT:
        all = totals.sent;
        break;
    case EXPOSURE_HELD:
        all = totals.balance;
        break;
    }
    s = &x->slots[holding];
    of = exposure_list_at(&x->sums, &s->sums);
    for (size_t i = 0; i < s->sums.n; i++, of++) {
        struct exposure_part part;

        if ((of->key % KINDS == OF_SENT) != (kind == EXPOSURE_SENT) ||
            !part_of(x, s, of, kind, &part))
            continue;
        exposure_part_put(ret, &n, max, part, all);
        there++;
    }
    return there;
}

size_t account_exposure_account(const struct account_exposure *x, const struct accounts *a,
                                uint64_t holding_last, enum account_exposure_kind kind,
                                struct exposure_part *ret, uint64_t *ret_holdings, size_t max)
{
    size_t there = 0, n = 0;

    for (uint64_t h = holding_last, before; h < a->holdings_n; h = before) {
        size_t here = account_exposure_holding(x, h, kind, ret + n, max - n);

        there += here;
        for (; here && n < max; here--)
            ret_holdings[n++] = h;
        before = accounts_holding(a, h).before;
        if (before >= h) /* the first one, or damaged: they descend */
            break;
    }
    return there;
}

/* ---- of one transfer ---- */

/* The i-th of those that are kept, the oldest first. */
static const struct newest *newest_at(const struct account_exposure *x, uint32_t i)
{
    return &x->newest[(x->arrivals - newest_n(x) + i) % x->newest_max];
}

static uint32_t newest_first(const struct account_exposure *x, uint64_t transfer)
{
    uint32_t low = 0, high = newest_n(x);

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (newest_at(x, middle)->transfer < transfer)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of the oldest that is kept something may be gone already. */
static bool is_kept(const struct account_exposure *x, uint64_t transfer)
{
    return transfer < x->transfers_done &&
           (x->arrivals <= x->newest_max || transfer > newest_at(x, 0)->transfer);
}

/* What is of an origin is told as direct, in one with it: they follow each other. */
static bool part_joined(struct exposure_part *last, const struct exposure_part *part,
                        struct u256 *largest)
{
    if (!last->direct || !part->direct || last->label != part->label)
        return false;
    if (u256_less(*largest, part->amount)) {
        *largest = part->amount;
        last->best = part->best;
        last->hops = part->hops;
    }
    last->amount = plus(last->amount, part->amount);
    return true;
}

size_t account_exposure_transfer(const struct account_exposure *x, const struct accounts *a,
                                 uint64_t transfer, enum account_exposure_kind kind,
                                 struct exposure_part *ret, size_t max, bool *ret_kept)
{
    struct exposure_part last = {.label = 0};
    struct u256 largest = u256_of(0), all;
    size_t n = 0, there = 0;

    *ret_kept = transfer < a->transfers_n && is_kept(x, transfer);
    if (!*ret_kept)
        return 0;
    all = kind == EXPOSURE_SENT ? accounts_transfer(a, transfer).amount
                                : accounts_transfer(a, transfer).credit;
    for (uint32_t i = newest_first(x, transfer);
         i < newest_n(x) && newest_at(x, i)->transfer == transfer; i++) {
        const struct newest *at = newest_at(x, i);
        struct exposure_part part = {.label = at->key / KINDS,
                                     .direct = at->key % KINDS != OF_INDIRECT,
                                     .amount = number_get(x, at->amount),
                                     .hops = at->hops,
                                     .best = at->from};

        if ((at->key % KINDS == OF_SENT) != (kind == EXPOSURE_SENT) ||
            (there && part_joined(&last, &part, &largest)))
            continue;
        if (there++)
            exposure_part_put(ret, &n, max, last, all);
        last = part;
        largest = part.amount;
    }
    if (there)
        exposure_part_put(ret, &n, max, last, all);
    return there;
}

size_t account_exposure_path(const struct account_exposure *x, const struct accounts *a,
                             uint32_t record, uint64_t *ret_transfers, size_t max,
                             uint64_t *ret_source)
{
    size_t n = 1, kept;
    uint32_t at = record;

    *ret_source = ACCOUNTS_NONE;
    if (record >= x->records_n)
        return 0;
    for (; x->records[at].hops > 1; n++)
        at = x->records[at].from; /* always an earlier one */
    if (x->records[at].hops && x->records[at].from == NO_RECORD &&
        x->records[at].transfer < a->transfers_n) {
        uint64_t from = accounts_transfer(a, x->records[at].transfer).from;

        if (from != ACCOUNTS_NONE)
            *ret_source = accounts_holding(a, from).account;
    }
    kept = n < max ? n : max;
    for (at = record; kept; at = x->records[at].from)
        ret_transfers[--kept] = x->records[at].transfer;
    return n;
}

size_t account_exposure_transfer_path(const struct account_exposure *x, const struct accounts *a,
                                      uint64_t transfer, const struct exposure_part *part,
                                      uint64_t *ret_transfers, size_t max, uint64_t *ret_source)
{
    size_t n = 0, kept;

    *ret_source = ACCOUNTS_NONE;
    if (part->hops > 1) {
        n = account_exposure_path(x, a, part->best, ret_transfers, max, ret_source);
    } else if (part->hops && part->best == EXPOSURE_NO_RECORD && transfer < a->transfers_n) {
        uint64_t from = accounts_transfer(a, transfer).from;

        if (from != ACCOUNTS_NONE)
            *ret_source = accounts_holding(a, from).account;
    }
    kept = n < max ? n : max;
    if (kept && kept == max)
        memmove(ret_transfers, ret_transfers + 1, --kept * sizeof(*ret_transfers));
    if (kept < max)
        ret_transfers[kept] = transfer;
    return n + 1;
}
