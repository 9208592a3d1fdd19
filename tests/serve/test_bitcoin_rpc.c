/* What is taken of a node's answer. tests/peers/test_coins_rpc.py has the rest, with a real one. */
#include "support.h"

#include "base/mem.h"
#include "serve/bitcoin_rpc.h"

#include <string.h>

static const struct {
    const char *name, *answer, *want; /* want: NULL: an error of that class, with those words */
    enum err_class class;
    const char *words;
} rows[] = {
    {"a hash", "{\"result\":\"00ff\",\"error\":null,\"id\":1}", "00ff", ERR_NONE, NULL},
    {"a height", "{\"id\":1,\"result\":150,\"error\":null}", "150", ERR_NONE, NULL},
    {"JSON-RPC 2.0 has no error beside a result", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":7}",
     "7", ERR_NONE, NULL},
    {"past the tip",
     "{\"result\":null,\"error\":{\"code\":-8,\"message\":\"Block height out of range\"},\"id\":1}",
     NULL, ERR_NOT_FOUND, "the node says: Block height out of range"},
    {"words before the code", "{\"error\":{\"message\":\"not here\",\"code\":-5},\"id\":1}", NULL,
     ERR_NOT_FOUND, "not here"},
    {"it warms up", "{\"error\":{\"code\":-28,\"message\":\"Loading block index\"},\"id\":1}", NULL,
     ERR_SYSTEM, "Loading block index"},
    {"an error wins over a result",
     "{\"result\":\"00\",\"error\":{\"code\":-28,\"message\":\"x\"},\"id\":1}", NULL, ERR_SYSTEM,
     "x"},
    {"an error without an object", "{\"error\":\"no\",\"id\":1}", NULL, ERR_SYSTEM,
     "an error without words"},
    {"control bytes are not passed on",
     "{\"error\":{\"message\":\"a\xc2\x9b"
     "b\"}}",
     NULL, ERR_SYSTEM, "a??b"},
    {"no result", "{\"id\":1}", NULL, ERR_INPUT, "without a result"},
    {"null", "{\"result\":null,\"error\":null,\"id\":1}", NULL, ERR_INPUT, "without a result"},
    {"an object", "{\"result\":{\"hash\":\"00\"},\"id\":1}", "{\"hash\":\"00\"}", ERR_NONE, NULL},
    {"a list", "[]", NULL, ERR_INPUT, ""},
    {"two answers", "{\"result\":1}{\"result\":1}", NULL, ERR_INPUT, ""},
};

static void answers(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes in = {(const uint8_t *)rows[i].answer, strlen(rows[i].answer)}, got;
        struct err err = {.class = ERR_NONE};
        bool ok = bitcoin_rpc_result(in, &got, &err);

        test_row("%s", rows[i].name);
        CHECK(ok == (rows[i].want != NULL));
        if (ok) {
            CHECK_U(got.n, strlen(rows[i].want));
            CHECK(!memcmp(got.p, rows[i].want, got.n));
        } else {
            CHECK_U(err.class, rows[i].class);
            CHECK(strstr(err.text, rows[i].words) != NULL);
        }
    }
}

/* No beginning of an answer is one. */
static void cut_short(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t n = 0; n < strlen(rows[i].answer) && rows[i].want; n++) {
            struct bytes in = {(const uint8_t *)rows[i].answer, n}, got;
            struct err err;

            test_row("%s", rows[i].name);
            CHECK(!bitcoin_rpc_result(in, &got, &err));
        }
}

static void without_memory(void **state)
{
    struct bytes in = {(const uint8_t *)rows[0].answer, strlen(rows[0].answer)}, got;
    struct err err;

    for (int64_t i = 0;; i++) {
        bool ok;

        mem_fail_from(i);
        ok = bitcoin_rpc_result(in, &got, &err);
        mem_fail_from(-1);
        if (ok)
            break;
        CHECK_U(err.class, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
