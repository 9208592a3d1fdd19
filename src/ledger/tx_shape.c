#include "ledger/tx_shape.h"

#include "chain/facts.h"

static struct shape_coin coin_of_script(const struct ledger *l, uint64_t value, uint32_t script)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes bytes;

    if (script == SCRIPT_NONE || !ledger_script(l, script, buffer, &bytes))
        return shape_coin_unknown(value);
    return shape_coin_of(value, bytes, script);
}

uint32_t ledger_input_script(const struct ledger *l, const struct coins *coins, uint64_t input)
{
    uint64_t value, source = coins_source(coins, input, &value);
    uint32_t script = SCRIPT_NONE;

    if (source != COINS_NONE)
        return ledger_script_of(l, source);
    ledger_outside(l, input, &script);
    return script;
}

static struct shape_coin input_coin(const struct ledger *l, const struct coins *coins,
                                    uint64_t input)
{
    uint64_t value;

    coins_source(coins, input, &value);
    return coin_of_script(l, value == UINT64_MAX ? SHAPE_UNKNOWN : value,
                          ledger_input_script(l, coins, input));
}

static uint32_t height_of(const struct ledger *l, uint32_t tx)
{
    if (strcmp(ledger_chain(l)->name, "bitcoin"))
        return HEIGHT_UNKNOWN;
    return ledger_block(l, ledger_tx_block(l, tx)).height;
}

struct shape_finding ledger_tx_shape(const struct ledger *l, const struct coins *coins, uint32_t tx,
                                     struct ledger_shapes *s)
{
    struct coins_range inputs = coins_inputs(coins, tx), outputs = coins_outputs(coins, tx);
    struct tx_shape shape = {
        .inputs = s->inputs, .outputs = s->outputs, .inputs_n = inputs.n, .outputs_n = outputs.n};

    if (inputs.n > SHAPE_COINS_MAX || outputs.n > SHAPE_COINS_MAX || outputs.n < SHAPE_OUTPUTS_MIN)
        return (struct shape_finding){.kind = SHAPE_PLAIN};
    shape.height = height_of(l, tx);
    for (size_t i = 0; i < inputs.n; i++)
        s->inputs[i] = input_coin(l, coins, inputs.first + i);
    for (size_t i = 0; i < outputs.n; i++)
        s->outputs[i] = coin_of_script(l, coins_value(coins, outputs.first + i),
                                       ledger_script_of(l, outputs.first + i));
    return shape_find(&s->scratch, &shape);
}
