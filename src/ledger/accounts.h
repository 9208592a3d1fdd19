/* The accounts shape, as a trace sees it: flat columns of whole numbers, borrowed, read-only.
 *
 * Dense ids in ledger order count from 0: transactions, transfers, accounts, holdings. A holding is
 * one account's balance of one asset; a transfer goes from a holding to a holding of the same
 * asset. Every transfer is an event of its from and of its to (once, if they are the same), and the
 * events of a holding are linked both ways, so a trace follows value without any look-up:
 *
 *     transfer 7   holding 3 --> 9      next of 9: transfer 12, in which 9 pays 4, and so on
 *
 * A holding's balance is recorded (docs/taint.md): what came in, less what went out; a spend above
 * it takes all of it, and the rest is clean units of unknown origin. Its events are numbered from
 * 0, and after each MARK_EVENTS of them a mark keeps the sums, so that a long list is passed by
 * binary search (marks of one holding are linked with jump pointers: E. W. Myers, "An applicative
 * random-access stack", 1983).
 *
 * The columns are those on disk (docs/ledger-format.md), so a test can build a small world from
 * plain arrays. The counts are a snapshot: what is at or past them does not exist for this reader.
 * Corrupt files may hold any number: every accessor that follows an id says what it does with one
 * out of range. Threads: safe for readers. */
#ifndef CORDON_LEDGER_ACCOUNTS_H
#define CORDON_LEDGER_ACCOUNTS_H

#include "base/bytes.h"
#include "base/u256.h"
#include "chain/transfers.h"

#define ACCOUNTS_NONE (((uint64_t)1 << 40) - 1) /* no such id, in all columns of le40 */
/* account 0 has the empty key: nobody; as an asset, the native coin */
#define ACCOUNT_NOBODY 0u
#define TX_RECORD_BYTES 6
#define TRANSFER_BYTES 34
#define LINKS_BYTES 10
#define HOLDING_BYTES 20
#define MARK_BYTES 96
#define MARK_EVENTS 256u
#define ACCOUNTS_ID_BYTES 5

struct accounts {
    uint64_t txs_n, transfers_n, accounts_n, holdings_n, wide_n, marks_n;
    /* [txs_n] first transfer le40; flags u8 (1: failed) */
    const uint8_t *tx;
    /* [transfers_n] from, to: holdings le40, or NONE for nobody; amount 16; kind u8; position le40;
     * ordinal mod 256 of from's and of to's event, u8 each */
    const uint8_t *transfer;
    /* [transfers_n] from's, to's: transfer le40, or NONE; to's of a transfer to itself is NONE */
    const uint8_t *links_prev, *links_next;
    const uint8_t *wide; /* [wide_n] 32 bytes le: amounts that do not fit */
    /* [holdings_n] account, asset (an account), the account's holding before, first event: le40
     * each */
    const uint8_t *holding;
    const uint8_t *holding_last; /* [holdings_n] newest event le40; may lie past the snapshot */
    const uint8_t *mark; /* [marks_n] ascending by event, from's before to's; see accounts_mark */
};

struct transfer {
    uint64_t from, to;          /* holdings, or ACCOUNTS_NONE */
    struct u256 amount, credit; /* credit: what to gets of a fee; else the amount */
    enum transfer_kind kind;
    uint64_t position; /* i: number in the column of paths */
    uint8_t from_ordinal, to_ordinal;
};

/* amount: le128 below 2^127; a fee's: fee le64 and credit le64, both below 2^63. With the top bit
 * set the low 40 bits number an entry of wide (of a fee: two, fee and credit). Out of range gives
 * 0. */
static inline struct u256 accounts_wide(const struct accounts *a, uint64_t id)
{
    return id < a->wide_n ? u256_load_le(a->wide + id * U256_BYTES) : u256_of(0);
}

/* id < transfers_n */
static inline struct transfer accounts_transfer(const struct accounts *a, uint64_t id)
{
    const uint8_t *p = a->transfer + id * TRANSFER_BYTES;
    uint64_t low = load_le64(p + 10), high = load_le64(p + 18), wide = low & ACCOUNTS_NONE;
    struct transfer t = {.from = load_le40(p),
                         .to = load_le40(p + 5),
                         .kind = (enum transfer_kind)p[26],
                         .position = load_le40(p + 27),
                         .from_ordinal = p[32],
                         .to_ordinal = p[33]};

    if (high >> 63) {
        t.amount = accounts_wide(a, wide);
        t.credit = t.kind == TRANSFER_FEE ? accounts_wide(a, wide + 1) : t.amount;
    } else if (t.kind == TRANSFER_FEE) {
        t.amount = u256_of(low);
        t.credit = u256_of(high);
    } else {
        t.amount = t.credit = (struct u256){{low, high, 0, 0}};
    }
    if (t.from >= a->holdings_n)
        t.from = ACCOUNTS_NONE;
    if (t.to >= a->holdings_n)
        t.to = ACCOUNTS_NONE;
    return t;
}

/* The event of a holding after, or before, one of its events; ACCOUNTS_NONE: there is none in this
 * snapshot, or the columns are damaged. Ascends, or descends, always. */
static inline uint64_t accounts_link(const struct accounts *a, const uint8_t *links,
                                     uint64_t holding, uint64_t event)
{
    /* event < transfers_n */
    bool is_from = load_le40(a->transfer + event * TRANSFER_BYTES) == holding;

    return load_le40(links + event * LINKS_BYTES + (is_from ? 0 : ACCOUNTS_ID_BYTES));
}

static inline uint64_t accounts_next(const struct accounts *a, uint64_t holding, uint64_t event)
{
    uint64_t next = accounts_link(a, a->links_next, holding, event);

    return next < a->transfers_n && next > event ? next : ACCOUNTS_NONE;
}

static inline uint64_t accounts_prev(const struct accounts *a, uint64_t holding, uint64_t event)
{
    uint64_t prev = accounts_link(a, a->links_prev, holding, event);

    return prev < event ? prev : ACCOUNTS_NONE;
}

struct holding {
    uint64_t account, asset; /* accounts */
    uint64_t before;         /* the account's holding made before this one, or ACCOUNTS_NONE */
    uint64_t first;          /* event */
};

/* holding < holdings_n */
static inline struct holding accounts_holding(const struct accounts *a, uint64_t holding)
{
    const uint8_t *p = a->holding + holding * HOLDING_BYTES;

    return (struct holding){load_le40(p), load_le40(p + 5), load_le40(p + 10), load_le40(p + 15)};
}

/* The transfers of a transaction; damaged: as if it had none. */
struct accounts_range {
    uint64_t first, n;
};

/* tx < txs_n */
static inline struct accounts_range accounts_tx(const struct accounts *a, uint64_t tx)
{
    const uint8_t *p = a->tx + tx * TX_RECORD_BYTES;
    uint64_t first = load_le40(p),
             end = tx + 1 < a->txs_n ? load_le40(p + TX_RECORD_BYTES) : a->transfers_n;

    if (first > end || end > a->transfers_n)
        return (struct accounts_range){0, 0};
    return (struct accounts_range){first, end - first};
}

/* The transaction of a transfer: binary search. */
/* transfer < transfers_n */
static inline uint64_t accounts_tx_of(const struct accounts *a, uint64_t transfer)
{
    uint64_t low = 0, high = a->txs_n;

    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;

        if (load_le40(a->tx + middle * TX_RECORD_BYTES) <= transfer)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The sums of a holding just after an event. in: all that ever came to it (not the clean units of
 * unknown origin); what has left is in - balance, which never falls. A sum past 2^256 - 1 stays
 * there and sets MARK_OVER. */
#define MARK_OVER 1u
struct holding_sums {
    struct u256 in, balance;
    uint32_t freezes; /* freeze and unfreeze events so far */
    uint8_t flags;
};

/* On disk, 96 bytes: event le40, holding le40, the holding's mark before le40 (NONE: first), jump
 * le40 (a mark before, or NONE), its number among the holding's marks le32 from 0, freezes le32,
 * flags u8, 3 zeros, in 32, balance 32. The jump of mark m with mark before p: if number(p) -
 * number(jump(p)) == number(jump(p)) - number(jump(jump(p))), then jump(jump(p)), else p; the first
 * mark jumps to itself. */
struct accounts_mark {
    uint64_t event, holding, before, jump;
    uint32_t number;
    struct holding_sums sums; /* just after event */
};

/* mark < marks_n */
static inline struct accounts_mark accounts_mark(const struct accounts *a, uint64_t mark)
{
    const uint8_t *p = a->mark + mark * MARK_BYTES;

    return (struct accounts_mark){
        .event = load_le40(p),
        .holding = load_le40(p + 5),
        .before = load_le40(p + 10),
        .jump = load_le40(p + 15),
        .number = load_le32(p + 20),
        .sums = {.freezes = load_le32(p + 24),
                 .flags = p[28],
                 .in = u256_load_le(p + 32),
                 .balance = u256_load_le(p + 64)},
    };
}

/* One event's effect on a holding's sums, the rule that ledger and trace share: what comes in is
 * added, what goes out is taken, a transfer to itself and an issuer's freeze move nothing. Returns
 * what was spent beyond the balance (0: none). */
static inline struct u256 holding_sums_step(struct holding_sums *s, const struct transfer *t,
                                            uint64_t holding)
{
    struct u256 beyond = u256_of(0);

    if (t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE) {
        s->freezes += t->from == holding;
    } else if (t->from == holding && t->to != holding) {
        if (!u256_sub(s->balance, t->amount, &s->balance)) {
            u256_sub(u256_of(0), s->balance, &beyond); /* the debt, as balance wrapped around */
            s->balance = u256_of(0);
        }
    } else if (t->to == holding && t->from != holding) {
        bool fits = u256_add(s->in, t->credit, &s->in);

        if (!fits || !u256_add(s->balance, t->credit, &s->balance)) {
            s->in = s->balance = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
            s->flags |= MARK_OVER;
        }
    } else if (t->kind == TRANSFER_FEE && t->from == holding) {
        /* a proposer's own transaction: what is burned of the fee leaves, the credit comes back
         * clean */
        struct u256 burned;

        u256_sub(t->amount, t->credit, &burned);
        if (!u256_sub(s->balance, burned, &s->balance)) {
            u256_sub(u256_of(0), s->balance, &beyond);
            s->balance = u256_of(0);
        }
    }
    return beyond;
}

/* What has left a holding so far; never falls, until a sum is over. */
static inline struct u256 holding_left(const struct holding_sums *s)
{
    struct u256 left;

    u256_sub(s->in, s->balance, &left);
    return left;
}

/* ---- walks with marks (accounts.c) ----
 *
 * At most MARK_EVENTS events are looked at on either side of a mark, and of the marks as many as
 * their number has binary digits, or a few times that. Damaged columns give ERR_CORRUPT with the
 * holding's id.
 *
 * A point is an event of a holding with the sums just before it; ACCOUNTS_NONE is the end of what
 * the snapshot has of the holding. */
struct accounts_point {
    uint64_t event;
    struct holding_sums sums;
};

/* The sums just before an event of the holding. known: a point of the same holding at or before the
 * event, at which the walk may end; or NULL. */
bool accounts_sums_before(const struct accounts *a, uint64_t holding, uint64_t event,
                          const struct accounts_point *known, struct holding_sums *ret,
                          struct err *err) MUST_USE;

/* The first event, from a point on, after which more than position has left; or before that the
 * first at which an issuer freezes or unfreezes, or a sum goes over. ret may be from. */
bool accounts_leaves(const struct accounts *a, uint64_t holding, const struct accounts_point *from,
                     struct u256 position, struct accounts_point *ret, struct err *err) MUST_USE;

/* Is the holding frozen at a point: was the last such word before it to freeze? */
bool accounts_frozen(const struct accounts *a, uint64_t holding, const struct accounts_point *at,
                     bool *ret, struct err *err) MUST_USE;

#endif
