#include "trace/account_same.h"

#include "support.h"

void same_account_totals(const struct account_trace *got, const struct account_trace *want)
{
    CHECK_U(got->totals_n, want->totals_n);
    for (size_t i = 0; i < want->totals_n; i++) {
        const struct account_totals *a = &got->totals[i], *b = &want->totals[i];

        CHECK_U(a->asset, b->asset);
        CHECK(u256_equal(a->origin, b->origin));
        CHECK(u256_equal(a->converted_in, b->converted_in));
        CHECK(u256_equal(a->held, b->held));
        CHECK(u256_equal(a->exits, b->exits));
        CHECK(u256_equal(a->cut, b->cut));
        CHECK(u256_equal(a->fees, b->fees));
        CHECK(u256_equal(a->dust, b->dust));
        CHECK(u256_equal(a->unresolved, b->unresolved));
        CHECK(u256_equal(a->converted_out, b->converted_out));
    }
}

void same_account_held(const struct account_trace *got, const struct account_trace *want)
{
    size_t k = 0;

    for (size_t i = 0; i < want->balances_n; i++) {
        const struct account_balance *b = &want->balances[i];

        if (b->stop != STOP_NONE)
            continue;
        CHECK(k < got->balances_n);
        CHECK_U(got->balances[k].holding, b->holding);
        CHECK(u256_equal(got->balances[k].taint, b->taint));
        CHECK(u256_equal(got->balances[k].balance, b->balance));
        CHECK_U(got->balances[k++].hop, b->hop);
    }
    CHECK_U(got->balances_n, k);
}
