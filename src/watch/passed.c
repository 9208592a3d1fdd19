#include "watch/passed.h"

#include "base/mem.h"

#define PLACE_BYTES 5u

struct passed_place {
    uint64_t place, at; /* an output, twice; or a holding, and the transfer to it */
    const char *service;
    bool past; /* no: it is the service's own */
};

static struct bytes place_key(uint64_t place, uint8_t buffer[PLACE_BYTES])
{
    store_le40(buffer, place);
    return (struct bytes){buffer, PLACE_BYTES};
}

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

/* From one on; those before are in the map. */
static bool put_places(struct passed *p, size_t from, struct err *err)
{
    uint8_t buffer[PLACE_BYTES];

    if (!p->places)
        p->places = key_map_new();
    for (size_t i = from; p->places && i < p->n; i++)
        if (!key_map_put(p->places, place_key(p->at[i].place, buffer), (uint32_t)i))
            return nomem(err);
    return p->places || nomem(err);
}

static const struct passed_place *find(const struct passed *p, uint64_t place)
{
    uint8_t buffer[PLACE_BYTES];
    uint32_t at = p->places ? key_map_find(p->places, place_key(place, buffer)) : KEY_MAP_NONE;

    return at == KEY_MAP_NONE ? NULL : &p->at[at];
}

static bool add(struct passed *p, struct passed_place place, struct err *err)
{
    if (p->n == WATCH_PASSED_MAX || find(p, place.place))
        return true;
    if (!mem_room((void **)&p->at, &p->size, p->n + 1, sizeof(*p->at)))
        return nomem(err);
    p->at[p->n++] = place;
    return put_places(p, p->n - 1, err);
}

void passed_forget(struct passed *p)
{
    key_map_free(p->places);
    mem_free(p->at);
    *p = (struct passed){0};
}

bool passed_back(struct passed *p, uint64_t from, struct err *err)
{
    size_t before = p->n;

    while (p->n && p->at[p->n - 1].at >= from)
        p->n--;
    if (before == p->n)
        return true;
    p->places = key_map_free(p->places);
    return put_places(p, 0, err);
}

bool passed_move(struct passed *p, const struct account_ledger *l, const struct accounts *all,
                 const struct watch_services *services, const struct account_move *m,
                 const char **ret, struct err *err)
{
    struct transfer t = accounts_transfer(all, m->transfer);
    const struct passed_place *from;

    *ret = NULL;
    if (!services->of || m->origin || t.from == ACCOUNTS_NONE || u256_zero(m->taint))
        return true;
    from = find(p, t.from);
    *ret = from ? from->service
                : services->of(services->ctx, account_ledger_chain(l),
                               account_ledger_key(l, accounts_holding(all, t.from).account));
    if (!*ret || t.to == ACCOUNTS_NONE || m->stop != STOP_NONE)
        return true;
    return add(p, (struct passed_place){t.to, m->transfer, *ret, true}, err);
}

/* Which of what the transaction that made it spends is at a service, or past one. */
static const char *service_behind(const struct passed *p, const struct coins *coins,
                                  uint64_t output)
{
    struct coins_range ins = coins_inputs(coins, coins_maker(coins, output));
    const struct passed_place *from = NULL;
    uint64_t value;

    for (uint64_t i = 0; !from && i < ins.n; i++)
        from = find(p, coins_source(coins, ins.first + i, &value));
    return from ? from->service : NULL;
}

bool passed_outputs(struct passed *p, const struct ledger *l, const struct watch_services *services,
                    const struct trace_reached *r, size_t n, struct err *err)
{
    const struct coins *coins = ledger_coins(l);

    for (size_t i = 0; services->of && i < n; i++) {
        struct passed_place place = {.place = r[i].output, .at = r[i].output};
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct bytes script;
        uint32_t id;

        if (p->n)
            place.service = service_behind(p, coins, r[i].output);
        place.past = place.service;
        id = place.service ? SCRIPT_NONE : ledger_script_of(l, r[i].output);
        if (id != SCRIPT_NONE && ledger_script(l, id, buffer, &script))
            place.service = services->of(services->ctx, ledger_chain(l), script);
        if (place.service && !add(p, place, err))
            return false;
    }
    return true;
}

const char *passed_output(const struct passed *p, uint64_t output)
{
    const struct passed_place *at = find(p, output);

    return at && at->past ? at->service : NULL;
}
