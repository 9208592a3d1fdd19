#include "base/json_walk.h"
#include "base/mem.h"
#include "chain/evm/rpc.h"

struct evm_batch {
    struct json_walk w;
    bool list, over;
};

bool evm_batch_open(struct bytes answers, struct evm_batch **ret, struct err *err)
{
    struct evm_batch *b = mem_zero(sizeof(*b));

    if (!b)
        return err_fail(err, ERR_NOMEM, "a batch");
    if (!json_walk_open(&b->w, (const char *)answers.p, answers.n, err)) {
        mem_free(b);
        return false;
    }
    b->list = json_walk_type(&b->w) == JSON_ARRAY;
    if (b->list)
        json_walk_array(&b->w);
    *ret = b;
    return true;
}

struct evm_batch *evm_batch_close(struct evm_batch *b)
{
    if (b)
        json_walk_close(&b->w);
    return mem_free(b);
}

/* The id of the answer that the walk stands before; UINT64_MAX: none, or no whole number. */
static uint64_t id_of(struct json_walk w)
{
    struct bytes name, text;
    uint64_t id = UINT64_MAX;

    if (json_walk_type(&w) != JSON_OBJECT || !json_walk_object(&w))
        return id;
    while (json_walk_key(&w, &name))
        if (name.n == 2 && !memcmp(name.p, "id", 2) && json_walk_type(&w) == JSON_NUMBER) {
            text = json_walk_scalar(&w);
            return u64_from_text((const char *)text.p, text.n, &id) ? id : UINT64_MAX;
        } else {
            json_walk_skip(&w);
        }
    return id;
}

bool evm_batch_next(struct evm_batch *b, uint64_t *ret_id, struct bytes *ret_answer,
                    struct err *err)
{
    struct json_walk *w = &b->w, start;

    err->class = ERR_NONE;
    w->err = err;
    if (b->over || (b->list && !json_walk_item(w))) {
        if (!b->over && !w->bad)
            b->over = json_walk_end(w);
        return false;
    }
    start = *w;
    json_walk_skip(w);
    if (!b->list)
        b->over = json_walk_end(w);
    if (w->bad)
        return false;
    *ret_id = id_of(start);
    *ret_answer = (struct bytes){(const uint8_t *)w->p + start.tokens.at[start.next],
                                 w->end - start.tokens.at[start.next]};
    return true;
}
