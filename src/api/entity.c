#include "api/entity.h"

#include "base/json.h"
#include "chain/facts.h"

#define SHOWN_BYTES_MAX ((size_t)1 << 20)

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "an entity");
}

/* The scripts of an address, the lowest first; none: it was never seen. */
static bool scripts_of(const struct ledger *l, const char *address, uint32_t ret[LEDGER_TWINS_MAX],
                       size_t *ret_n, struct err *err)
{
    uint8_t form[SCRIPT_FORM_MAX];
    size_t n;

    if (!address_read(ledger_chain(l), address, form, &n, err))
        return false;
    *ret_n = ledger_find_address(l, (struct bytes){form, n}, ret);
    for (size_t i = 1; i < *ret_n; i++)
        for (size_t k = i; k && ret[k - 1] > ret[k]; k--) {
            uint32_t swap = ret[k];

            ret[k] = ret[k - 1];
            ret[k - 1] = swap;
        }
    return true;
}

static bool actors_find(struct arena *a, struct entity *e, struct err *err)
{
    const struct cluster_rules *rules = clusters_rules(e->clusters);

    e->actors = ARENA_ARRAY(a, const char *, rules->actors_n);
    if (!e->actors)
        return no_memory(a, err);
    for (size_t i = 0; i < rules->actors_n; i++) {
        uint32_t twins[LEDGER_TWINS_MAX];
        bool known =
            !ledger_find_address(e->ledger, rules->actors[i].script, twins) ||
            clusters_root(e->clusters, twins[0]) != clusters_root(e->clusters, e->members[0]);

        for (size_t k = 0; k < e->actors_n && !known; k++)
            known = !strcmp(e->actors[k], rules->actors[i].name);
        if (!known)
            e->actors[e->actors_n++] = rules->actors[i].name;
    }
    return true;
}

/* Not an actor's own, but does all that it spends go to one? */
static bool deposit_judge_of(struct arena *a, struct entity *e, struct err *err)
{
    const struct cluster_known *known;

    if (!cluster_known_make(e->clusters, a, &known, err))
        return false;
    e->deposit = cluster_deposit_judge(e->clusters, known, e->members, e->members_n);
    return true;
}

static bool members_find(struct arena *a, const uint32_t *twins, size_t twins_n, struct entity *e,
                         struct err *err)
{
    uint32_t root = e->clusters ? clusters_root(e->clusters, e->script) : CLUSTER_NONE;

    e->newer = e->clusters && root == CLUSTER_NONE;
    if (root != CLUSTER_NONE)
        return clusters_members(e->clusters, a, root, &e->members, &e->members_n, err) &&
               clusters_refusals(e->clusters, a, root, &e->refused, &e->refused_n, &e->refused_all,
                                 err) &&
               actors_find(a, e, err) && deposit_judge_of(a, e, err);
    e->members = arena_copy(a, twins, twins_n * sizeof(*twins));
    e->members_n = twins_n;
    return e->members || no_memory(a, err);
}

/* Which members are shown: so many, after one of them. */
static bool members_show(struct entity *e, const struct entity_options *o, struct err *err)
{
    uint32_t twins[LEDGER_TWINS_MAX];
    size_t n;

    if (o->after) {
        if (!scripts_of(e->ledger, o->after, twins, &n, err))
            return false;
        for (e->shown = 0; n && e->shown < e->members_n && e->members[e->shown] != twins[n - 1];)
            e->shown++;
        if (!n || e->shown == e->members_n)
            return err_fail(err, ERR_NOT_FOUND, "\"%s\" is no member of it", o->after);
        e->shown++;
    }
    e->shown_n = e->members_n - e->shown < o->members ? e->members_n - e->shown : o->members;
    return true;
}

static bool why_find(struct arena *a, struct entity *e, struct err *err)
{
    uint32_t twins[LEDGER_TWINS_MAX];
    size_t n;

    if (!scripts_of(e->ledger, e->why_address, twins, &n, err))
        return false;
    e->why_script = n ? twins[0] : SCRIPT_NONE;
    if (!n || e->script == SCRIPT_NONE)
        return true;
    if (e->script == twins[0]) {
        e->together = true;
        e->why.shortest = true;
        return true;
    }
    if (!e->clusters)
        return true;
    if (clusters_why(e->clusters, a, e->script, e->why_script, 0, &e->why, err))
        return e->together = true;
    return err->class == ERR_NOT_FOUND;
}

bool entity_find(struct arena *a, const struct ledger *l, const struct clusters *c,
                 const char *address, const struct entity_options *o, struct entity *ret,
                 struct err *err)
{
    struct entity e = {.ledger = l,
                       .clusters = c,
                       .address = address,
                       .script = SCRIPT_NONE,
                       .why_address = o->why,
                       .why_script = SCRIPT_NONE};
    uint32_t twins[LEDGER_TWINS_MAX];
    size_t n;

    if (!scripts_of(l, address, twins, &n, err))
        return false;
    if (n) {
        e.script = twins[0];
        if (!members_find(a, twins, n, &e, err) || !members_show(&e, o, err))
            return false;
        if (c && !e.newer)
            e.seen = clusters_seen(c, e.members, e.members_n);
    }
    if (o->why && !why_find(a, &e, err))
        return false;
    *ret = e;
    return true;
}

void entity_show_script(struct text *to, const struct ledger *l, uint32_t script)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes bytes;

    if (ledger_script(l, script, buffer, &bytes))
        script_show(to, ledger_chain(l), bytes);
}

const char *entity_refusal_name(enum cluster_refusal_kind kind)
{
    switch (kind) {
    case REFUSED_LARGE:
        return "large";
    case REFUSED_ACTORS:
        return "actors";
    }
    return "";
}

static void put_script(struct json_out *j, const char *name, const struct entity *e,
                       uint32_t script) /* name NULL: an item of a list */
{
    struct text t = text_new(SHOWN_BYTES_MAX);

    entity_show_script(&t, e->ledger, script);
    if (name)
        json_key(j, name);
    json_string(j, text_string(&t));
    j->to->bad |= t.bad;
    text_free(&t);
}

static void put_block(struct json_out *j, const char *name, const struct entity *e, uint32_t block)
{
    struct ledger_block b = ledger_block(e->ledger, block);

    json_key(j, name);
    if (block >= ledger_counts(e->ledger).blocks) {
        json_null(j);
        return;
    }
    json_object(j);
    json_put_number_or_null(j, "height", b.height, HEIGHT_UNKNOWN);
    json_key(j, "hash");
    json_hex_reversed(j, b.hash.b, sizeof(b.hash.b));
    json_put_number(j, "time", b.time);
    json_object_end(j);
}

static void put_tx(struct json_out *j, const struct entity *e, uint32_t tx)
{
    struct hash32 txid = ledger_txid(e->ledger, tx);

    json_key(j, "tx");
    if (tx == COINS_TX_NONE)
        json_null(j);
    else
        json_hex_reversed(j, txid.b, sizeof(txid.b));
}

static void put_side(struct json_out *j, const char *name, const struct entity *e,
                     const struct cluster_reason *r, unsigned side)
{
    json_key(j, name);
    json_object(j);
    put_script(j, "address", e, r->scripts[side]);
    json_key(j, "input");
    if (r->link == LINK_SAME_KEY)
        json_null(j);
    else
        json_number(j, r->inputs[side] - coins_inputs(clusters_coins(e->clusters), r->tx).first);
    json_object_end(j);
}

static void put_reason(struct json_out *j, const struct entity *e, const struct cluster_reason *r)
{
    json_put_string(j, "by", r->link == LINK_SAME_KEY ? "same-key" : "spent-together");
    put_tx(j, e, r->tx);
    put_block(j, "block", e,
              r->tx == COINS_TX_NONE ? BLOCK_NONE : ledger_tx_block(e->ledger, r->tx));
    put_side(j, "from", e, r, 0);
    put_side(j, "to", e, r, 1);
}

static void put_why(struct json_out *j, const struct entity *e)
{
    json_object(j);
    json_put_string(j, "address", e->why_address);
    json_put_bool(j, "together", e->together);
    json_put_bool(j, "shortest", e->together && e->why.shortest);
    json_key(j, "steps");
    json_array(j);
    for (size_t i = 0; i < e->why.n; i++) {
        json_object(j);
        put_reason(j, e, &e->why.steps[i]);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static void put_refused(struct json_out *j, const struct entity *e)
{
    json_key(j, "refused");
    json_array(j);
    for (size_t i = 0; i < e->refused_n; i++) {
        const struct cluster_refusal *r = &e->refused[i];

        json_object(j);
        json_put_string(j, "why", entity_refusal_name(r->kind));
        json_key(j, "sizes");
        json_array(j);
        json_number(j, r->sizes[0]);
        json_number(j, r->sizes[1]);
        json_array_end(j);
        put_reason(j, e, &r->reason);
        json_object_end(j);
    }
    json_array_end(j);
    json_put_number(j, "refused_all", e->refused_all);
}

static void put_entity(struct json_out *j, const struct entity *e)
{
    json_object(j);
    put_script(j, "id", e, e->members[0]);
    json_put_number(j, "size", e->members_n);
    put_block(j, "first_seen", e, e->clusters && !e->newer ? e->seen.block_first : BLOCK_NONE);
    put_block(j, "last_seen", e, e->clusters && !e->newer ? e->seen.block_last : BLOCK_NONE);
    json_put_bool(j, "last_seen_exact", e->clusters && !e->newer && e->seen.complete);
    json_key(j, "actors");
    json_array(j);
    for (size_t i = 0; i < e->actors_n; i++)
        json_string(j, e->actors[i]);
    json_array_end(j);
    json_key(j, "deposit");
    if (e->deposit.actor) {
        json_object(j);
        json_put_string(j, "exchange", e->deposit.actor);
        json_put_number(j, "swept", e->deposit.swept);
        json_object_end(j);
    } else {
        json_null(j);
    }
    json_key(j, "members");
    json_array(j);
    for (size_t i = 0; i < e->shown_n; i++)
        put_script(j, NULL, e, e->members[e->shown + i]);
    json_array_end(j);
    json_put_bool(j, "more", e->shown + e->shown_n < e->members_n);
    put_refused(j, e);
    json_object_end(j);
}

void answer_entity(struct text *to, const struct entity *e)
{
    struct json_out j = json_to(to, true);
    uint64_t blocks = ledger_counts(e->ledger).blocks;

    json_object(&j);
    json_put_string(&j, "schema", "cordon.entity/1");
    json_put_string(&j, "chain", ledger_chain(e->ledger)->name);
    put_block(&j, "data_as_of", e, blocks ? (uint32_t)(blocks - 1) : BLOCK_NONE);
    json_put_string(&j, "clustering", e->clusters ? "on" : "off");
    put_block(&j, "clusters_as_of", e,
              e->clusters && clusters_counts(e->clusters).blocks
                  ? clusters_counts(e->clusters).blocks - 1
                  : BLOCK_NONE);
    json_put_string(&j, "address", e->address);
    json_key(&j, "entity");
    if (e->script == SCRIPT_NONE)
        json_null(&j);
    else
        put_entity(&j, e);
    json_key(&j, "why");
    if (e->why_address)
        put_why(&j, e);
    else
        json_null(&j);
    json_object_end(&j);
    text_char(to, '\n');
}
