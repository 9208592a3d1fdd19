/* What ledgers tell of one address, or of a transfer: found first, on the caller's stack
 * (ask_ledger.c), and then turned into reasons (ask_reason.c), so that an address of which there is
 * nothing to tell costs no memory. Of this folder alone.
 *
 * Ownership: what is found points into the ledgers, cases and lists asked, whose view is held until
 *            the answer is made; a reason's texts are in the arena.
 * Errors:    finding has none: what cannot be asked is told as unknown. Reasons: ERR_NOMEM,
 *            ERR_LIMIT.
 * Threads:   any number may ask; each takes the read locks of what it looks at itself, but for
 *            owners_exposed and owners_related. */
#ifndef CORDON_SCREEN_ASK_LEDGER_H
#define CORDON_SCREEN_ASK_LEDGER_H

#include "screen/screen_cases.h"
#include "screen/screen_entity.h"
#include "screen/screen_ledger.h"

#define EXPOSED_MAX 256  /* of all ledgers together */
#define EXPOSED_PARTS 32 /* of one address, asset and flow */
#define EXPOSED_UNKNOWN 64
#define EXPOSED_HOLDINGS_MAX 4096 /* of an account are looked at */

#define CASED_MAX 32   /* parts of cases of the group that are told */
#define CASES_TOLD 16  /* of which one address is an origin */
#define RELATED_MAX 32 /* labelled addresses of an entity that are told */

/* Another address of the entity, with one of its labels; of accounts the wallet of a service, whose
 * deposit address it is. */
struct related {
    const struct screen_ledger_at *of;
    uint64_t owner;
    uint32_t more; /* such addresses that are not told */
    uint16_t label;
    enum screen_about about;
    uint32_t sweeps, fitting; /* of a deposit address */
    bool token;               /* a token account of the address */
};

struct exposed {
    const struct screen_ledger_at *of;
    bool received;
    struct exposure_part part;
    uint64_t asset; /* of accounts */
    enum screen_about about;
    uint64_t move; /* SCREEN_ABOUT_TRANSFER: the output, or transfer */
};

struct cased { /* what a case of the group has brought, or was sent */
    const struct screen_ledger_at *of;
    struct screen_case_part part;
    uint32_t share_ppm;
    enum screen_about about;
};

struct exposed_all {
    struct screen_cases *cases; /* NULL: none are asked */
    struct exposed at[EXPOSED_MAX];
    size_t n;
    struct cased cased[CASED_MAX];
    size_t cased_n;
    struct related related[RELATED_MAX];
    size_t related_n;
    struct screen_as_of as_of[SCREEN_LEDGERS_MAX]; /* of the ledgers that were asked */
    size_t as_of_n;
    struct screen_unknown unknown[EXPOSED_UNKNOWN];
    size_t unknown_n;
    struct address_key
        owner; /* of the token account that was asked about; SPACE_NONE: it is none */
    bool covered, outage;
    uint64_t oldest; /* seconds since 1970: of the last block of the one furthest behind */
};

/* chain: the question's hint. */
void exposed_find(const struct screen_ledgers *ledgers, const struct address_key *key,
                  const char *chain, struct exposed_all *ret);
/* Of that only what cases of the group say, and the owner. */
void cased_find(const struct screen_ledgers *ledgers, const struct address_key *key,
                const char *chain, struct exposed_all *ret);
/* For screen_ahead: what will be found for those whose addresses are read is sent for. */
void exposed_ahead(const struct screen_question *q, size_t n);
bool related_reason(const struct screener *s, struct arena *a, const struct related *r,
                    struct screen_reason *ret, struct err *err) MUST_USE;
bool cased_reason(struct arena *a, struct screen_cases *cases, const struct cased *c,
                  struct screen_reason *ret, struct err *err) MUST_USE;
/* What a decision can rest on; then who is at the other end, in whose words; then by which way. */
bool exposed_reasons(struct arena *a, const struct exposed *e, size_t n, struct screen_reason *ret,
                     struct err *err) MUST_USE;
bool exposed_who(const struct screener *s, struct arena *a, const struct exposed *e,
                 struct screen_reason *r, struct err *err) MUST_USE;
bool exposed_way(struct arena *a, const struct exposed *e, struct screen_reason *r,
                 struct err *err) MUST_USE;

/* ---- parts of it, for transfers (ask_transfer.c) ---- */

void exposed_none(struct exposed_all *all, const struct screen_ledgers *ledgers);
void exposed_unknown(struct exposed_all *all, enum screen_unknown_of of, const char *chain);
void exposed_put(struct exposed_all *all, const struct exposed *e);
/* Within the lock of of->exposure: what owners received and paid; the labelled addresses of the
 * entity of the first; what the answer stands on. */
void owners_exposed(const struct screen_ledger_at *of, const uint64_t *owners, size_t n,
                    enum screen_about about, struct exposed_all *all);
void owners_related(const struct screen_ledger_at *of, const uint64_t *owners, size_t n,
                    enum screen_about about, struct exposed_all *all);
void ledger_stands(const struct screen_ledger_at *of, struct exposed_all *all);
/* What cases of the group have brought owners, and were sent by them; the same of the moves of a
 * transfer, moved(ctx, asset) being all that these moved of the asset. */
void owners_cased(const struct screen_ledger_at *of, const uint64_t *owners, size_t n,
                  enum screen_about about, struct exposed_all *all);
void moves_cased(const struct screen_ledger_at *of, const uint64_t *moves, size_t n,
                 struct u256 (*moved)(const void *ctx, uint64_t asset), const void *ctx,
                 struct exposed_all *all);
/* Can it be asked? Else all says what is wrong. */
bool ledger_ready(const struct screen_ledger_at *of, struct exposed_all *all);
/* Has an owner the label? */
bool owner_has(const struct screen_ledger *x, uint64_t owner, uint16_t label);

#endif
