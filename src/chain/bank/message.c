#include "chain/bank/message.h"

#include "base/time.h"

#include <stdio.h>

bool bank_no_memory(const struct bank_messages *m, struct err *err)
{
    return arena_fail(m->a, err, "payments");
}

bool bank_message_new(struct bank_messages *m, bool on_way, struct bank_message **ret,
                      struct err *err)
{
    struct bank_message *message;

    if (m->n == BANK_MESSAGES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu payment messages", BANK_MESSAGES_MAX);
    message = ARENA_NEW(m->a, struct bank_message);
    if (!message)
        return bank_no_memory(m, err);
    if (on_way) {
        message->agents = ARENA_ARRAY(m->a, struct bytes, BANK_AGENTS_MAX);
        message->charges = ARENA_ARRAY(m->a, struct bank_charge, BANK_CHARGES_MAX);
        if (!message->agents || !message->charges)
            return bank_no_memory(m, err);
    }
    message->order = m->n++;
    *m->end = message;
    m->end = &message->next;
    *ret = message;
    return true;
}

bool bank_payment_name(struct arena *a, struct bytes agent, struct bytes reference, uint64_t time,
                       struct bytes *ret, struct err *err)
{
    char day[TIME_DAY_MAX], *p;
    size_t n = agent.n + reference.n + 2 + strlen(time_day(time, day));

    for (size_t i = 0; i < reference.n; i++)
        if (reference.p[i] < ' ' || reference.p[i] == 0x7f)
            return err_fail(err, ERR_INPUT, "a reference holds control characters");
    if (n > BANK_NAME_MAX)
        return err_fail(err, ERR_INPUT, "reference \"%.*s\" is too long",
                        (int)(reference.n < 40 ? reference.n : 40), (const char *)reference.p);
    p = arena_alloc(a, n + 1);
    if (!p)
        return err_fail(err, ERR_NOMEM, "a payment");
    snprintf(p, n + 1, "%.*s/%.*s/%s", (int)agent.n, agent.n ? (const char *)agent.p : "",
             (int)reference.n, reference.n ? (const char *)reference.p : "", day);
    *ret = (struct bytes){(const uint8_t *)p, n};
    return true;
}

bool bank_way_add(struct bank_messages *m, struct bank_message *message,
                  const struct bank_agent *agent, size_t *ret_place, struct err *err)
{
    struct bytes key = bank_agent_key(m->a, agent);

    if (!bank_agent_given(agent))
        return true;
    if (!key.p)
        return bank_no_memory(m, err);
    for (size_t i = 0; i < message->agents_n; i++)
        if (bytes_equal(message->agents[i], key)) {
            if (ret_place)
                *ret_place = i;
            return true;
        }
    if (message->agents_n == BANK_AGENTS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d banks on a payment's way", BANK_AGENTS_MAX);
    if (ret_place)
        *ret_place = message->agents_n;
    message->agents[message->agents_n++] = key;
    return true;
}

bool bank_way_check(const struct bank_message *message, struct err *err)
{
    if (message->sender < message->receiver || (message->agents_n == 1 && !message->back))
        return true;
    return err_fail(err, ERR_INPUT,
                    message->sender == message->receiver
                        ? "it is sent to the bank that sends it"
                        : "its receiver stands before its sender on the way");
}
