/* Routes: how value goes on in another asset or in another ledger.
 *
 * Within a transaction: wrapping and unwrapping, one to one; a swap at a pool, by what the pool
 * itself says; a loan against collateral. From ledger to ledger: a bridge, whose two sides say one
 * key; a router, whose payment names the transaction that it is for (chain/memo.h); a refund
 * likewise; and what an investigator asserts.
 *
 *     ethereum  X --10 ETH--> router, memo "=:BTC.BTC:bc1q.."  in F0A1..      in-leg, leaves
 *                                                                  | key F0A1
 *     bitcoin                 vault --0.61 BTC--> bc1q..,  OP_RETURN "OUT:F0A1.."   arrival
 *
 * Grades. proven: contracts that are known (routes_trusted) said it on both sides, the key is said
 * once on each, and which transfers it means is clear. stated: asserted, or a contract said it that
 * the caller names, or it went by a router, whose vault is whoever the sender says it is.
 * What lacks one of these is a candidate with its ground: listed, never followed. Anybody can write
 * an event; who could write both sides could lead a trace away from the money, so names of
 * contracts are part of a trace's inputs. A pair or pool of Uniswap's kind is known by its address,
 * which follows from factory, tokens and fee.
 *
 * Amounts. What goes on is re-based: with taint T of the amount A that went in, an arrival of B has
 * floor(T * B / A) tainted units, its first. Where both sides are one coin, A - B is the fee, and T
 * less what arrived is its tainted part.
 *
 * Ownership: results live in the arena; ledgers and what the caller names are borrowed for as long
 *            as struct routes lives.
 * Errors:    ERR_LIMIT more than ROUTES_LINKS_MAX links or keys, or no end after ROUTES_ROUNDS_MAX
 *            rounds; ERR_USAGE; what an engine fails with.
 * Order:     links and candidates by ledger, transaction, place in it: same input, same bytes out.
 * Threads:   a struct routes belongs to its caller; ledgers may be shared. */
#ifndef CORDON_TRACE_ROUTES_H
#define CORDON_TRACE_ROUTES_H

#include "chain/bitcoin/script.h"
#include "ledger/account_ledger.h"
#include "trace/account.h"

#define ROUTES_LEDGERS_MAX 32
#define ROUTES_ROUNDS_MAX 64
#define ROUTES_LINKS_MAX ((size_t)1 << 20)
#define ROUTES_KEYS_MAX ((size_t)1 << 28)
#define ROUTES_LEGS_MAX 4096  /* transfers or events of a transaction that is looked into */
#define ROUTES_STOP INT32_MAX /* over coins: the stop of what goes on by a route */

/* What routes ask of a ledger: of accounts, or of coins. */
struct route_ledger {
    const struct chain *chain;
    const struct accounts *accounts; /* NULL: coins */
    const struct coins *coins;
    const void *ctx;
    struct hash32 (*txid)(const void *ctx, uint64_t tx); /* order of the wire */
    /* accounts */
    struct bytes (*key)(const void *ctx, uint64_t account);
    uint64_t (*find)(const void *ctx, struct bytes key); /* ACCOUNTS_NONE */
    struct accounts_range (*events)(const void *ctx, uint64_t tx);
    struct account_ledger_event (*event)(const void *ctx, uint64_t event);
    uint64_t events_n;
    /* coins */
    bool (*script)(const void *ctx, uint64_t output, uint8_t buffer[SCRIPT_FORM_MAX],
                   struct bytes *ret);
    /* the outputs of exactly that script, newest first: COINS_NONE ends */
    uint64_t (*script_last)(const void *ctx, struct bytes script);
    uint64_t (*script_prev)(const void *ctx, uint64_t output);
};
struct route_ledger route_ledger_of(const struct account_ledger *l,
                                    const struct accounts *snapshot);
struct route_ledger route_ledger_of_coins(const struct ledger *l, const struct coins *snapshot);

/* A contract whose word is taken because somebody says that it can be: what it says is followed
 * with grade stated. chain's CAIP-2 or short name is compared by struct. */
struct route_trust {
    const struct chain *chain;
    struct bytes key;
    const char *name;
};
/* The built-in ones: NULL: not known. */
const char *routes_trusted(const struct chain *chain, struct bytes contract);
/* SHA-256 of the built-in ones, contracts and factories of pools, for a document's inputs. */
struct hash32 routes_trusts_hash(void);

/* A contract that was asked, and whose word was taken. */
struct route_used {
    uint32_t ledger;
    enum move_grade grade; /* MOVE_PROVEN: built in; MOVE_STATED: named by the caller */
    struct bytes key;      /* the ledger's */
    const char *name;
};

enum route_rule {
    ROUTE_WRAP,
    ROUTE_SWAP,
    ROUTE_LOAN,
    ROUTE_BRIDGE,
    ROUTE_ROUTER,
    ROUTE_REFUND,
    ROUTE_ASSERTED,
};
const char *route_rule_name(enum route_rule rule); /* "wrap", "swap", ... */

struct route_leg {
    uint32_t ledger;
    uint64_t id; /* a transfer, or an output of coins */
    struct u256 amount;
};

/* An assertion: what came by from went on as to. Legs of a side ascend and are of one ledger. An
 * amount below the leg's own: so many units of it, its first. */
struct route_asserted {
    const struct route_leg *from, *to;
    size_t from_n, to_n;
    const char *source;
};

struct route_link {
    enum route_rule rule;
    enum move_grade grade;
    const struct route_leg *from, *to; /* [from_n], [to_n] */
    size_t from_n, to_n;
    struct u256 amount_in, amount_out; /* of all legs of a side */
    struct u256 taint_in, taint_out;   /* of the case that the link is in */
    bool same_coin;                    /* then fee = amount_in - amount_out, not below 0 */
    bool parted; /* by a router: the rest of what went in came back, or was paid, by another link */
    struct u256 fee, fee_taint;
    const char *source; /* the key that both sides say; who asserts it */
};

struct route_candidate {
    enum route_rule rule;
    uint32_t ledger;
    uint64_t tx, other; /* other: a transaction of other_ledger, or ACCOUNTS_NONE */
    uint32_t other_ledger;
    struct bytes said;  /* a bridge's key, a memo: as the chain has it; empty: nothing is said */
    const char *ground; /* why it is not followed */
};

struct routes;

/* The keys that the ledgers' events say are read when a trace first comes to one. */
bool routes_new(const struct route_ledger *ledgers, size_t ledgers_n,
                const struct route_trust *trusts, size_t trusts_n,
                const struct route_asserted *asserted, size_t asserted_n, struct routes **ret,
                struct err *err) MUST_USE;
struct routes *routes_free(struct routes *r);

/* From now on no other side is looked for: what would go on elsewhere is a candidate, and whether
 * any transaction asked is kept. */
void routes_alone(struct routes *r);
bool routes_asked(const struct routes *r);

/* What the ledgers' events say, read once for many traces, and on as ledgers grow. Keys are told by
 * hashes: two that differ may have one, seldom. */
struct route_keys;
struct route_keys *route_keys_new(void);                  /* NULL: no memory */
struct route_keys *route_keys_free(struct route_keys *k); /* takes NULL, returns NULL */
/* Each key that new blocks of the ledgers say, once a trace has asked for any; outputs_n: [n] those
 * of ledgers of coins that were there before. */
bool route_keys_grow(struct route_keys *k, const struct route_ledger *ledgers, size_t n,
                     const uint64_t *outputs_n, void (*each)(void *ctx, uint64_t key), void *ctx,
                     struct err *err) MUST_USE;
/* Keys are taken from k, which has to stay, and each that is asked for is told. */
void routes_lend(struct routes *r, struct route_keys *k, void (*on_ask)(void *ctx, uint64_t key),
                 void *ctx);
/* Has an answer been given that may be another although no key that was asked for is said again? */
bool routes_unsteady(const struct routes *r);

/* The contracts whose word was taken since routes_new, by ledger and key, each once: borrowed until
 * the next call of any. */
bool routes_used(struct routes *r, const struct route_used **ret, size_t *ret_n,
                 struct err *err) MUST_USE;

/* All conversions of a transaction, candidates too, by group; in-legs that leave the ledger are
 * there, if their other side is known. Borrowed until the next call. */
bool routes_conversions(struct routes *r, uint32_t ledger, uint64_t tx,
                        const struct account_conversion **ret, size_t *ret_n,
                        struct err *err) MUST_USE;

/* Where the value that leaves by a transaction's events arrives, by the ledgers alone: links
 * without taint, and candidates. */
bool routes_of_tx(struct arena *a, struct routes *r, uint32_t ledger, uint64_t tx,
                  const struct route_link **ret_links, size_t *ret_links_n,
                  const struct route_candidate **ret_candidates, size_t *ret_candidates_n,
                  struct err *err) MUST_USE;

/* What an engine asks with, for a case in one ledger: it cannot fail, so a failure waits here. */
struct routes_hook {
    struct routes *r;
    uint32_t ledger;
    int32_t (*stop_of)(void *ctx, uint64_t output); /* of coins: stops that come first; or NULL */
    void *stop_ctx;
    bool failed;
    struct err err;
};
/* account_case's conversions_of, and trace_case's stop_of. */
size_t routes_hook_conversions(void *hook, uint64_t tx, const struct account_conversion **ret);
int32_t routes_hook_stop(void *hook, uint64_t output);

/* A case over several ledgers: of each, what it would be given alone; what stands for routes
 * (conversions_of, arrivals, stops of outputs that go on) is set by the run. */
struct routes_case {
    const struct account_case *accounts; /* [ledgers_n] those of ledgers of coins are not read */
    const struct trace_case *coins;      /* [ledgers_n] and the reverse */
};

struct routes_trace {                     /* of a case */
    const struct account_trace *accounts; /* [ledgers_n] */
    const struct trace *coins;            /* [ledgers_n] */
    /* with the case's own origins and the arrivals, as the last round followed them */
    const struct account_case *const *account_cases; /* [ledgers_n], one each */
    const struct trace_case *const *coin_cases;
    const struct route_link *links; /* [links_n] what tainted value went on by */
    size_t links_n;
    const struct route_candidate *candidates; /* [candidates_n] of transactions it came through */
    size_t candidates_n;
    bool exact;
};

/* Follows cases through all ledgers, until nothing new arrives; ret[cases_n]. */
bool routes_run(struct arena *a, struct routes *r, const struct routes_case *cases, size_t cases_n,
                struct routes_trace *ret, struct err *err) MUST_USE;

#endif
