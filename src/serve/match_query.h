/* The body of OpenSanctions' matching call: entities as FollowTheMoney has them, each a question.
 *
 *     {"queries": {"q1": {"schema": "Person", "properties": {"name": ["..."], "birthDate": ...}}}}
 *
 * Ownership: all in the arena, pointing into the body's tree.
 * Errors:    ERR_INPUT, with the query's key; ERR_LIMIT.
 * Threads:   safe.
 * Sources:   github.com/opensanctions/yente yente/data/common.py, yente/routers/match.py;
 *            followthemoney.tech, "Person", "LegalEntity", "CryptoWallet". */
#ifndef CORDON_SERVE_MATCH_QUERY_H
#define CORDON_SERVE_MATCH_QUERY_H

#include "base/arena.h"
#include "base/json.h"
#include "entity/name.h"

#define MATCH_QUERIES_MAX 100
#define MATCH_NAMES_MAX 50
#define MATCH_IDS_MAX 50
#define MATCH_WALLETS_MAX 50

struct match_query {
    const char *key, *schema;
    const char *id;                /* the asker's; NULL: none */
    const struct json *properties; /* as sent */
    enum name_kind kind;
    const char **names; /* [names_n] */
    size_t names_n;
    struct name_facts facts;
    const char **wallets; /* [wallets_n] addresses */
    size_t wallets_n;
    const char *currency; /* of the wallets, or NULL */
};

bool match_queries_read(struct arena *a, const char *p, size_t n, struct match_query **ret,
                        size_t *ret_n, struct err *err) MUST_USE;

#endif
