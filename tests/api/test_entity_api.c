/* What include/cordon.h promises of entities. */
#include "../entity/story.h"
#include "../ledger/files.h"

#include "chain/bitcoin/script.h"
#include "cordon.h"
#include "ledger/writer.h"

static const char *address_of(const char *who, char ret[ADDRESS_BYTES_MAX])
{
    CHECK(address_of_script(chain_by_name("bitcoin:sim"), story_script(who), ret));
    return ret;
}

/* A and B are spent together. */
static void who_belongs_with_whom(void **state)
{
    static struct story s;
    struct ledger_options small = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    char *dir = test_dir_sub(), *answer, a[ADDRESS_BYTES_MAX], b[ADDRESS_BYTES_MAX];
    struct cordon_ledger *ledger;
    struct cordon_error error;
    struct ledger_writer *w;
    struct err err;

    story_start(&s, 0);
    story_block(&s);
    story_tx(&s, "", "A10 B10 C10");
    story_tx(&s, "0 1", "C20");
    CHECK_OK(ledger_writer_open(dir, chain_by_name("bitcoin:sim"), small, &w, &err), err);
    CHECK_OK(ledger_append(w, s.blocks, s.blocks_n, &err), err);
    ledger_writer_close(w);
    address_of("A", a);
    address_of("B", b);
    CHECK_U(cordon_ledger_open(dir, &ledger, &error), CORDON_OK);
    CHECK_U(cordon_entity(ledger, a, b, 10, &answer, &error), CORDON_OK);
    CHECK(strstr(answer, "\"clustering\": \"off\"") && strstr(answer, "\"together\": false"));
    cordon_free(answer);
    CHECK_U(cordon_entities_update(ledger, &error), CORDON_OK);
    CHECK_U(cordon_entity(ledger, a, b, 10, &answer, &error), CORDON_OK);
    CHECK(strstr(answer, "\"clustering\": \"on\"") && strstr(answer, "\"together\": true"));
    CHECK(strstr(answer, "\"size\": 2"));
    cordon_free(answer);
    CHECK_U(cordon_entity(ledger, "nonsense", NULL, 10, &answer, &error), CORDON_INPUT);
    cordon_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_belongs_with_whom)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
