#include "trace/rates.h"

const struct rule_rate rule_rates[] = {
    {"taint", RATE_CONVENTION, NULL, NULL, NULL,
     "a convention, exact by its definition: it has no error rate, and another policy "
     "gives another result (see sensitivity)",
     "docs/taint.md"},
    {"stops", RATE_SOURCES, NULL, NULL, NULL, "as good as who named them: each stop has its source",
     "docs/taint.md"},
    {"wasabi1", RATE_MEASURED, "117", "1.0000", "1.0000",
     "recall 1.0000 of 117, precision at least 1.0000", "docs/patterns.md"},
    {"wasabi2", RATE_MEASURED, "20", "1.0000", "0.9524",
     "recall 1.0000 of 20, precision at least 0.9524", "docs/patterns.md"},
    {"whirlpool", RATE_MEASURED, "1004", "1.0000", "0.9161",
     "recall 1.0000 of 1004, precision at least 0.9161", "docs/patterns.md"},
    {"joinmarket", RATE_UNKNOWN, NULL, NULL, NULL, "not known: there is no list that is right",
     "docs/patterns.md"},
    {"peel-chain", RATE_SHAPE, NULL, NULL, NULL, "a description of shape: three or more in a row",
     "docs/patterns.md"},
    {"fan-out", RATE_SHAPE, NULL, NULL, NULL, "a description of shape: ten or more outputs",
     "docs/patterns.md"},
    {"fan-in", RATE_SHAPE, NULL, NULL, NULL, "a description of shape: ten or more inputs",
     "docs/patterns.md"},
    {"paired", RATE_UNKNOWN, NULL, NULL, NULL,
     "not measured: who paid whom in a transaction with several on both sides is the rule's word",
     "docs/accounts.md"},
    {"wrap", RATE_CONVENTION, NULL, NULL, NULL,
     "one to one, as the wrapper itself says: exact where the wrapper is a known one",
     "docs/routes.md"},
    {"swap", RATE_UNKNOWN, NULL, NULL, NULL,
     "not measured against a list that is right: of 122 swaps said in six blocks 105 conversions "
     "were proven by the pool's address and sums",
     "docs/routes.md"},
    {"loan", RATE_UNKNOWN, NULL, NULL, NULL, "not measured: there is no list that is right",
     "docs/routes.md"},
    {"bridge", RATE_MEASURED, "4426", "0.9916", "1.0000",
     "of 4426 pairs that are known (Ronin, Nomad) 4389 found, none wrong; none at all where a "
     "bridge says no key on both sides",
     "docs/routes.md"},
    {"router", RATE_UNKNOWN, NULL, NULL, NULL,
     "not measured: the payment names the transaction that it is for, and the vault is whoever the "
     "sender names",
     "docs/routes.md"},
    {"refund", RATE_UNKNOWN, NULL, NULL, NULL,
     "not measured: the payment names the transaction that it is for", "docs/routes.md"},
    {"asserted", RATE_SOURCES, NULL, NULL, NULL,
     "as good as who asserts it: each conversion has its source", "docs/routes.md"},
};
const size_t rule_rates_n = sizeof(rule_rates) / sizeof(rule_rates[0]);
