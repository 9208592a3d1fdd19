#include "trace/parts.h"

#include "base/mem.h"

void parts_free(struct parts *p)
{
    mem_free(p->in_output);
    mem_free(p->in_value);
    mem_free(p->out_value);
}

static bool room(struct parts *p)
{
    size_t in_size = p->in_size, out_size = p->out_size;

    if (!mem_room((void **)&p->in_output, &in_size, p->in.n, sizeof(*p->in_output)))
        return false;
    in_size = p->in_size;
    if (!mem_room((void **)&p->in_value, &in_size, p->in.n, sizeof(*p->in_value)))
        return false;
    p->in_size = in_size;
    if (!mem_room((void **)&p->out_value, &out_size, p->out.n + 1, sizeof(*p->out_value)))
        return false;
    p->out_size = out_size;
    return true;
}

static bool read_inputs(struct parts *p, const struct coins *coins, struct err *err)
{
    p->in_sum = 0;
    p->known = true;
    for (size_t i = 0; i < p->in.n; i++) {
        uint64_t source = load_le40(coins->in_source + (p->in.first + i) * ID_BYTES);
        uint64_t limit = source & COINS_OUTSIDE ? COINS_OUTSIDE + coins->ext_n : p->out.first;

        if (source >= limit)
            return err_fail(err, ERR_CORRUPT,
                            "transaction %u: input %zu names what cannot come before it", p->tx, i);
        p->in_output[i] = coins_source(coins, p->in.first + i, &p->in_value[i]);
        if (p->in_output[i] == COINS_NONE && p->in_value[i] == UINT64_MAX)
            p->known = false;
        else if (__builtin_add_overflow(p->in_sum, p->in_value[i], &p->in_sum))
            return err_fail(err, ERR_CORRUPT, "transaction %u: its inputs add up past 64 bits",
                            p->tx);
    }
    return true;
}

static bool read_outputs(struct parts *p, const struct coins *coins, struct err *err)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < p->out.n; i++) {
        p->out_value[i] = coins_value(coins, p->out.first + i);
        if (__builtin_add_overflow(sum, p->out_value[i], &sum))
            return err_fail(err, ERR_CORRUPT, "transaction %u: its outputs add up past 64 bits",
                            p->tx);
    }
    p->out_value[p->out.n] = 0;
    if (!p->known || !p->in.n)
        return true;
    if (sum > p->in_sum)
        return err_fail(err, ERR_CORRUPT,
                        "transaction %u: pays out %llu, which is more than the %llu paid in", p->tx,
                        (unsigned long long)sum, (unsigned long long)p->in_sum);
    p->out_value[p->out.n] = p->in_sum - sum;
    return true;
}

bool parts_read(struct parts *p, const struct coins *coins, uint32_t tx, struct err *err)
{
    p->tx = tx;
    p->in = coins_inputs(coins, tx);
    p->out = coins_outputs(coins, tx);
    if (p->in.n > PARTS_MAX || p->out.n > PARTS_MAX)
        return err_fail(err, ERR_LIMIT, "transaction %u: more than %zu inputs or outputs", tx,
                        PARTS_MAX);
    if (!room(p))
        return err_fail(err, ERR_NOMEM, "transaction %u", tx);
    return read_inputs(p, coins, err) && read_outputs(p, coins, err);
}
