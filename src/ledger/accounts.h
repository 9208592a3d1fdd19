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
#define TRANSFER_BYTES 31
#define TRANSFER_AT_AMOUNT 10
#define TRANSFER_AT_KIND 24
#define TRANSFER_AT_POSITION 25
#define TRANSFER_AT_ORDINALS 29
#define LINK_BYTES 4
#define LINKS_BYTES (2 * LINK_BYTES)
#define LINK_FAR ((uint32_t)1 << 31)
#define FAR_BYTES 10
#define HOLDING_BYTES 20
#define MARK_BYTES 96
#define MARK_EVENTS 256u
#define ACCOUNTS_ID_BYTES 5

struct accounts {
    uint64_t txs_n, transfers_n, accounts_n, holdings_n, wide_n, far_n, marks_n;
    /* [txs_n] first transfer le40; flags u8 (1: failed) */
    const uint8_t *tx;
    /* [transfers_n] from, to: holdings le40, or NONE for nobody; amount 14; kind u8; position le32;
     * ordinal mod 256 of from's and of to's event, u8 each */
    const uint8_t *transfer;
    /* [transfers_n] from's, to's: a link le32 each; to's of a transfer to itself is 0 */
    const uint8_t *links_prev, *links_next;
    const uint8_t *far;  /* [far_n] the two ends of a far link, transfers le40, the earlier first */
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
    uint32_t position; /* i: number among the paths of its block */
    uint8_t from_ordinal, to_ordinal;
};

/* amount: le64 and le48, 112 bits. The top one clear: an amount below 2^111. Of a fee that is
 * credited whole bit 110 is set and the fee is below 2^110; of another it is clear, and the fee has
 * bits 0 to 56, the credit bits 57 to 109. The top bit set: the low 40 bits number an entry of wide
 * (of a fee: two, fee and credit). Out of range gives 0. */
#define AMOUNT_WIDE ((uint64_t)1 << 47) /* these two of the upper 48 bits */
#define AMOUNT_WHOLE ((uint64_t)1 << 46)
#define AMOUNT_FEE_BITS 57
#define AMOUNT_CREDIT_BITS 53

static inline struct u256 accounts_wide(const struct accounts *a, uint64_t id)
{
    return id < a->wide_n ? u256_load_le(a->wide + id * U256_BYTES) : u256_of(0);
}

/* low and high as said above */
static inline void accounts_amount(const struct accounts *a, uint64_t low, uint64_t high,
                                   struct transfer *t)
{
    bool fee = t->kind == TRANSFER_FEE;

    if (high & AMOUNT_WIDE) {
        t->amount = accounts_wide(a, low & ACCOUNTS_NONE);
        t->credit = fee ? accounts_wide(a, (low & ACCOUNTS_NONE) + 1) : t->amount;
    } else if (!fee || high & AMOUNT_WHOLE) {
        t->amount = t->credit = (struct u256){{low, fee ? high & ~AMOUNT_WHOLE : high, 0, 0}};
    } else {
        t->amount = u256_of(low & (((uint64_t)1 << AMOUNT_FEE_BITS) - 1));
        t->credit = u256_of(low >> AMOUNT_FEE_BITS | high << (64 - AMOUNT_FEE_BITS));
    }
}

/* id < transfers_n */
static inline struct transfer accounts_transfer(const struct accounts *a, uint64_t id)
{
    const uint8_t *p = a->transfer + id * TRANSFER_BYTES;
    struct transfer t = {.from = load_le40(p),
                         .to = load_le40(p + 5),
                         .kind = (enum transfer_kind)p[TRANSFER_AT_KIND],
                         .position = load_le32(p + TRANSFER_AT_POSITION),
                         .from_ordinal = p[TRANSFER_AT_ORDINALS],
                         .to_ordinal = p[TRANSFER_AT_ORDINALS + 1]};

    accounts_amount(a, load_le64(p + TRANSFER_AT_AMOUNT), load_le64(p + TRANSFER_AT_KIND - 8) >> 16,
                    &t);
    if (t.from >= a->holdings_n)
        t.from = ACCOUNTS_NONE;
    if (t.to >= a->holdings_n)
        t.to = ACCOUNTS_NONE;
    return t;
}

/* A link is how many transfers away the other event is, or 0 where there is none; LINK_FAR and more
 * number an entry of far. Both ends of a link say the same. */
static inline uint32_t accounts_link(const struct accounts *a, const uint8_t *links,
                                     uint64_t holding, uint64_t event)
{
    /* event < transfers_n */
    bool is_from = load_le40(a->transfer + event * TRANSFER_BYTES) == holding;

    return load_le32(links + event * LINKS_BYTES + (is_from ? 0 : LINK_BYTES));
}

/* The earlier event that a link of event leads to; NONE: none, or the columns are damaged. */
static inline uint64_t accounts_earlier(const uint8_t *far, uint64_t far_n, uint64_t event,
                                        uint32_t link)
{
    uint64_t number = link - LINK_FAR, earlier = ACCOUNTS_NONE;

    if (link < LINK_FAR)
        earlier = event - link;
    else if (number < far_n)
        earlier = load_le40(far + number * FAR_BYTES);
    return earlier < event ? earlier : ACCOUNTS_NONE;
}

/* The event of a holding after, or before, one of its events; ACCOUNTS_NONE: there is none in this
 * snapshot, or the columns are damaged. Ascends, or descends, always. */
static inline uint64_t accounts_next(const struct accounts *a, uint64_t holding, uint64_t event)
{
    uint32_t link = accounts_link(a, a->links_next, holding, event);
    uint64_t number = link - LINK_FAR, next = ACCOUNTS_NONE;

    if (link < LINK_FAR)
        next = event + link;
    else if (number < a->far_n)
        next = load_le40(a->far + number * FAR_BYTES + ACCOUNTS_ID_BYTES);
    return next < a->transfers_n && next > event ? next : ACCOUNTS_NONE;
}

static inline uint64_t accounts_prev(const struct accounts *a, uint64_t holding, uint64_t event)
{
    return accounts_earlier(a->far, a->far_n, event,
                            accounts_link(a, a->links_prev, holding, event));
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
