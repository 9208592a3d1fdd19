/* Exposure under a node: an undo gets its turn, what was known of undone blocks is not told, and
 * what comes back is what a pass from the beginning says. */
#include "serve/live_exposure.h"

#include "ledger/ingest.h"
#include "ledger/writer.h"
#include "sim/sim.h"
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS 120000 /* of a millisecond, until something must have happened */
#define BLOCKS 130
#define KEPT 100 /* blocks that the undo leaves */

static char home[2048], dir[4096], blocks[4096];
static struct live_ledgers *ledgers;
static struct live_screener *screener;
static struct live_exposure *exposure;
static struct log *log_of_test;

static void ingest_all(uint64_t added)
{
    const char *path = blocks;
    struct ingest_options in = {
        .paths = &path, .paths_n = 1, .chain = chain_by_name("bitcoin:sim")};
    struct ingest_result result;
    struct err err;

    CHECK_OK(ingest(dir, &in, &result, &err), err);
    CHECK_U(result.added, added);
}

/* A case of whoever the first output of a transaction pays. */
static void case_write(const struct ledger *l, const char *id, uint32_t tx)
{
    struct address_key key;
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes script;
    char path[4096];
    FILE *f;

    CHECK(ledger_script(l, ledger_script_of(l, coins_outputs(ledger_coins(l), tx).first), buffer,
                        &script));
    CHECK(address_key_of(ledger_chain(l), script, &key));
    snprintf(path, sizeof(path), "%s/cases/%s.json", home, id);
    f = fopen(path, "w");
    CHECK(f);
    fprintf(f, "{\"id\": \"%s\", \"origins\": [{\"address\": \"%s\", \"chain\": \"bitcoin:sim\"}]}",
            id, key.text);
    fclose(f);
}

/* The first coinbase that pays anybody: what it pays out is of the case. And the last transaction:
 * who pays there has an exposure that is of the last block alone. */
static void cases_write(void)
{
    char path[4096];
    struct ledger *l = NULL;
    struct err err;

    CHECK_OK(ledger_open(dir, &l, &err), err);
    snprintf(path, sizeof(path), "%s/cases", home);
    CHECK(!mkdir(path, 0700));
    case_write(l, "ONE", 3);
    case_write(l, "TWO", ledger_coins(l)->txs_n - 1);
    ledger_close(l);
}

/* Each transaction of a way is in the ledger that was asked. */
static void way_is_there(const struct screen_reason *r, const struct ledger *l)
{
    for (size_t i = 0; i < r->path_n; i++) {
        struct hash32 shown, txid;

        CHECK(hex_decode(r->path[i], strlen(r->path[i]), shown.b, sizeof(shown.b)));
        for (size_t k = 0; k < sizeof(txid.b); k++)
            txid.b[k] = shown.b[sizeof(txid.b) - 1 - k];
        CHECK(ledger_find_tx(l, &txid) != COINS_TX_NONE);
    }
}

static void make(void)
{
    struct sim_options o = {.seed = 3, .blocks = BLOCKS, .dir = test_dir()};
    struct sim_shape shape;
    const char *dirs[] = {dir};
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct err err;

    snprintf(home, sizeof(home), "%s/home", o.dir);
    CHECK_OK(sim_run(&o, &shape, &err), err);
    snprintf(blocks, sizeof(blocks), "%s/blocks", o.dir);
    snprintf(dir, sizeof(dir), "%s/ledger", o.dir);
    CHECK(!mkdir(home, 0700));
    ingest_all(BLOCKS);
    cases_write();
    CHECK_OK(log_open(fd, false, &log_of_test, &err), err);
    CHECK_OK(live_ledgers_open(dirs, 1, &ledgers, &err), err);
    CHECK_OK(live_screener_open(home, log_of_test, &screener, &err), err);
    CHECK_OK(live_exposure_open(home, ledgers, screener, false, log_of_test, &exposure, &err), err);
}

static void end(void)
{
    live_exposure_close(exposure);
    live_screener_close(screener);
    live_ledgers_close(ledgers);
    log_close(log_of_test);
}

static void renew(void)
{
    struct err err;
    size_t changed;

    CHECK_OK(live_ledgers_renew(ledgers, &changed, &err), err);
}

struct told { /* of all scripts of a ledger, asked by address */
    uint64_t exposed, amount, outage, covered, asked;
    uint32_t height;
};

static void ask(const struct screener *s, const struct screen_ledgers *l, const char *address,
                struct told *t)
{
    struct screen_question q = {.subject = SCREEN_OF_ADDRESS,
                                .address = address,
                                .name = "",
                                .chain = "bitcoin:sim",
                                .ledgers = l,
                                .now = 1};
    struct arena *a = arena_new(NULL, (size_t)8 << 20);
    struct screen_answer answer;
    struct err err;

    CHECK(a);
    CHECK_OK(screen_ask(s, a, &q, &answer, &err), err);
    for (size_t i = 0; i < answer.facts.reasons_n; i++)
        if (answer.facts.reasons[i].evidence == SCREEN_EXPOSED) {
            t->exposed++;
            t->amount += answer.facts.reasons[i].amount.w[0];
            if (l->at[0].ledger.coins)
                way_is_there(&answer.facts.reasons[i], l->at[0].ledger.coins);
        }
    t->covered += answer.facts.covered;
    for (size_t i = 0; i < answer.unknown_n; i++)
        t->outage += answer.unknown[i].of == UNKNOWN_AWAY || answer.unknown[i].of == UNKNOWN_COMING;
    if (answer.as_of_n)
        t->height = answer.as_of[0].height;
    t->asked++;
    arena_free(a);
}

/* All addresses of the ledger as it was before anything was undone. */
static char (*addresses)[ADDRESS_KEY_MAX];
static size_t addresses_n;

static void addresses_read(void)
{
    struct ledger *l = NULL;
    struct err err;

    CHECK_OK(ledger_open(dir, &l, &err), err);
    addresses = calloc(ledger_counts(l).scripts, sizeof(*addresses));
    CHECK(addresses);
    for (uint32_t i = 0; i < ledger_counts(l).scripts; i++) {
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct address_key key;
        struct bytes script;

        if (ledger_script(l, i, buffer, &script) && address_key_of(ledger_chain(l), script, &key))
            memcpy(addresses[addresses_n++], key.text, sizeof(key.text));
    }
    ledger_close(l);
}

static struct told ask_view(struct live_exposure_view *v)
{
    struct live_screener_view *s = live_screener_take(screener);
    struct told t = {.height = 0};

    for (size_t i = 0; i < addresses_n; i++)
        ask(live_screener_at(s), live_exposure_at(v), addresses[i], &t);
    live_screener_drop(screener, s);
    return t;
}

static struct told ask_all(void)
{
    struct live_exposure_view *v = live_exposure_take(exposure);
    struct told t = ask_view(v);

    live_exposure_drop(exposure, v);
    return t;
}

static struct told until_height(uint32_t height)
{
    struct told t = ask_all();

    for (unsigned i = 0; i < ROUNDS && (t.height != height || t.outage); i++) {
        usleep(1000);
        renew();
        t = ask_all();
    }
    t = ask_all(); /* the first of those before were asked earlier than the last */
    CHECK_U(t.height, height);
    CHECK_U(t.covered, t.asked);
    return t;
}

static void *undo_later(void *unused)
{
    struct ledger_writer *w = NULL;
    struct err err;

    (void)unused;
    CHECK_OK(
        ledger_writer_open(dir, chain_by_name("bitcoin:sim"), (struct ledger_options){0}, &w, &err),
        err);
    CHECK_OK(ledger_undo(w, KEPT, &err), err);
    ledger_writer_close(w);
    return NULL;
}

static void an_undo_is_not_told(void **state)
{
    struct told all, less, again, older;
    struct live_exposure_view *before;
    pthread_t later;
    bool away = false;

    (void)state;
    make();
    addresses_read();
    all = until_height(BLOCKS - 1);
    CHECK(all.exposed > 10);
    CHECK_U(pthread_create(&later, NULL, undo_later, NULL), 0);
    for (unsigned i = 0; i < ROUNDS && !away; i++) { /* the writer gets it while we go on asking */
        struct told t;

        usleep(1000);
        renew();
        t = ask_all();
        away = t.height != BLOCKS - 1;
        if (away && !t.covered)
            CHECK_U(t.outage, t.asked); /* unknown, and not clean */
    }
    CHECK(away);
    CHECK_U(pthread_join(later, NULL), 0);
    less = until_height(KEPT - 1);
    CHECK(less.exposed < all.exposed);
    before = live_exposure_take(exposure);
    ingest_all(BLOCKS - KEPT);
    again = until_height(BLOCKS - 1);
    /* Who still asks over the ledger as it was learns of no way that leads out of it, nor of a
     * newer block than it has: who came with those is not found there. */
    older = ask_view(before);
    CHECK(older.exposed > less.exposed);
    CHECK_U(older.height, KEPT - 1);
    live_exposure_drop(exposure, before);
    CHECK_U(again.exposed, all.exposed);
    CHECK_U(again.amount, all.amount);
    end();
    free(addresses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_undo_is_not_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
