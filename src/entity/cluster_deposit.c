#include "entity/cluster_deposit.h"

#include <stdlib.h>

struct known {
    uint32_t root;
    const char *actor;
};

struct cluster_known {
    const struct known *at; /* [n] ascending by root */
    size_t n;
};

static int known_order(const void *a, const void *b)
{
    const struct known *x = a, *y = b;

    return (x->root > y->root) - (x->root < y->root);
}

bool cluster_known_make(const struct clusters *c, struct arena *a, const struct cluster_known **ret,
                        struct err *err)
{
    const struct cluster_rules *rules = clusters_rules(c);
    struct known *at = ARENA_ARRAY(a, struct known, rules->actors_n);
    struct cluster_known *k = ARENA_NEW(a, struct cluster_known);
    size_t n = 0;

    if (!at || !k)
        return arena_fail(a, err, "actors");
    for (size_t i = 0; i < rules->actors_n; i++) {
        uint32_t twins[LEDGER_TWINS_MAX], root = CLUSTER_NONE;

        if (ledger_find_address(clusters_ledger(c), rules->actors[i].script, twins))
            root = clusters_root(c, twins[0]);
        if (root != CLUSTER_NONE)
            at[n++] = (struct known){root, rules->actors[i].name};
    }
    qsort(at, n, sizeof(*at), known_order);
    for (size_t i = 0; i < n; i++) /* all of one root have one name: others were never joined */
        if (!k->n || at[k->n - 1].root != at[i].root)
            at[k->n++] = at[i];
    k->at = at;
    *ret = k;
    return true;
}

const char *cluster_known_actor(const struct cluster_known *k, uint32_t root)
{
    size_t low = 0, high = k->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (k->at[middle].root < root)
            low = middle + 1;
        else
            high = middle;
    }
    return low < k->n && k->at[low].root == root ? k->at[low].actor : NULL;
}

/* Where a transaction's outputs go: all to *actor (NULL: not known yet), itself or nobody. */
static bool goes_to(const struct clusters *c, const struct cluster_known *k, uint32_t tx,
                    uint32_t own, const char **actor)
{
    const struct ledger *l = clusters_ledger(c);
    struct coins_range outputs = coins_outputs(clusters_coins(c), tx);

    for (uint64_t i = outputs.first; i < outputs.first + outputs.n; i++) {
        uint32_t script = ledger_script_of(l, i), root = clusters_root(c, script);
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct bytes bytes, payload;
        const char *to;

        if (root == own || !ledger_script(l, script, buffer, &bytes) ||
            script_classify(bytes, &payload) == SCRIPT_RETURN)
            continue;
        to = cluster_known_actor(k, root);
        if (!to || (*actor && strcmp(*actor, to)))
            return false;
        *actor = to;
    }
    return true;
}

struct cluster_deposit cluster_deposit_judge(const struct clusters *c,
                                             const struct cluster_known *k, const uint32_t *members,
                                             size_t n)
{
    static const struct cluster_deposit none;
    const struct coins *coins = clusters_coins(c);
    struct cluster_deposit d = none;
    uint32_t own = n ? clusters_root(c, members[0]) : CLUSTER_NONE, last = COINS_TX_NONE;
    uint64_t looked = 0;

    if (own == CLUSTER_NONE || cluster_known_actor(k, own))
        return none;
    for (size_t i = 0; i < n; i++)
        for (uint64_t out = ledger_script_last(clusters_ledger(c), members[i]); out != COINS_NONE;
             out = ledger_script_prev(clusters_ledger(c), out)) {
            uint32_t tx = out < coins->outputs_n ? coins_spender(coins, out) : COINS_TX_NONE;

            if (++looked > CLUSTER_OUTPUTS_MAX)
                return none;
            if (tx == COINS_TX_NONE)
                continue;
            if (tx != last && !goes_to(c, k, tx, own, &d.actor))
                return none;
            last = tx;
            d.swept++;
        }
    return d.actor ? d : none;
}
