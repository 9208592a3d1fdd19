/* A watched ledger of accounts: a small list, whose figures are counted by hand; and random lists
 * that grow and are undone, after each row of which what was found is what a trace finds. */
#include "support.h"

#include "chain/list.h"
#include "chain/xrpl/source.h"
#include "ledger/account_ingest.h"
#include "trace/ledgers_run.h"
#include "watch/accounts.h"
#include "watch/stop_map.h"

#include <stdio.h>
#include <string.h>

#define A "0x00000000000000000000000000000000000000aa"
#define B "0x00000000000000000000000000000000000000bb"
#define C "0x00000000000000000000000000000000000000cc"
#define D "0x00000000000000000000000000000000000000dd"
#define E "0x00000000000000000000000000000000000000ee"
#define X "0x0000000000000000000000000000000000000011"
#define Y "0x0000000000000000000000000000000000000022"
#define ROWS 6u
#define FOUND_MAX 64

static const char list[] = "time,from,to,amount\n"
                           "2024-01-01T00:00:00Z," A "," B ",10\n" /* the theft */
                           "2024-01-01T00:01:00Z," X "," Y ",5\n"
                           "2024-01-01T00:02:00Z," B "," C ",4\n"
                           "2024-01-01T00:03:00Z," Y "," X ",1\n"
                           "2024-01-01T00:04:00Z," C "," D ",6\n"
                           "2024-01-01T00:05:00Z," B "," E ",6\n";

static struct account_ledger *ledger_from(const char *path, const char *columns,
                                          const char *rows_of, size_t rows)
{
    const struct chain *chain = chain_by_name("ethereum");
    struct account_ingest_options o = {.stop = NULL};
    struct account_ledger *l = NULL;
    struct account_ingest_result r;
    struct list_file file = {"list.csv", {(const uint8_t *)rows_of, 0}};
    struct transfer_source s;
    const char *end = rows_of;
    struct err err;

    for (size_t i = 0; i <= rows; i++)
        end = strchr(end, '\n') + 1;
    file.in.n = (size_t)(end - rows_of);
    CHECK_OK(list_from(&file, 1, columns, chain, &s, &err), err);
    CHECK_OK(account_ingest(path, chain, &s, &o, &r, &err), err);
    s.free(s.self);
    CHECK_OK(account_ledger_open(path, &l, &err), err);
    return l;
}

static struct account_ledger *ledger_of(size_t rows)
{
    char path[4200];

    snprintf(path, sizeof(path), "%s/ledger", test_dir());
    return ledger_from(path, "time=time,from=from,to=to,amount=amount,decimals=0", list, rows);
}

struct listener {
    struct watch_found found[FOUND_MAX];
    size_t n;
};

static void listen(void *ctx, const struct watch_found *found)
{
    struct listener *l = ctx;

    CHECK(l->n < FOUND_MAX);
    l->found[l->n++] = *found;
}

static void turn(struct watch_accounts *w, const struct account_ledger *l, uint32_t blocks,
                 struct listener *to)
{
    struct err err;

    to->n = 0;
    CHECK_OK(watch_accounts_turn(w, l, blocks, listen, to, &err), err);
}

static size_t traces_of(const struct watch_accounts *w, enum watch_state wanted)
{
    enum watch_state state;
    const char *text;
    size_t traces;

    CHECK(watch_accounts_state(w, "c", &state, &text, &traces));
    CHECK_U(state, wanted);
    return traces;
}

struct scene {
    struct watch_accounts *w;
    struct own *own;
    struct own_set *set;
};

static struct scene begun(const struct account_ledger *l)
{
    static const char own[] = D " customer-1 chain=ethereum\n" E "\n";
    const struct chain *chain = chain_by_name("ethereum");
    char name[TRANSFER_NAME_MAX], text[TRANSFER_NAME_MAX + 200];
    struct scene s;
    struct err err;

    transfer_name(l, 0, name);
    snprintf(text, sizeof(text),
             "{\"id\":\"c\",\"chain\":\"ethereum\",\"origins\":[{\"transfer\":\"%s\"}]}", name);
    CHECK_OK(
        own_read("own.txt", (struct bytes){(const uint8_t *)own, sizeof(own) - 1}, &s.own, &err),
        err);
    CHECK_OK(own_set_make(s.own, chain, &s.set, &err), err);
    CHECK_OK(watch_accounts_new(chain, (struct watch_limits){0}, &s.w, &err), err);
    watch_accounts_own(s.w, s.set);
    CHECK_OK(
        watch_accounts_case(s.w, "c", (struct bytes){(const uint8_t *)text, strlen(text)}, &err),
        err);
    return s;
}

static void end(struct scene *s)
{
    watch_accounts_free(s->w);
    own_set_free(s->set);
    own_free(s->own);
}

static void is_found(const struct watch_found *f, const char *address, uint64_t amount,
                     uint64_t tainted, uint32_t share_ppm, uint32_t hop)
{
    uint8_t key[ACCOUNT_KEY_MAX], want[ACCOUNT_KEY_MAX];
    size_t n, want_n;
    struct err err;

    CHECK_OK(account_read(f->chain, f->address, key, &n, &err), err);
    CHECK_OK(account_read(f->chain, address, want, &want_n, &err), err);
    CHECK(n == want_n && !memcmp(key, want, n));
    CHECK_U(f->amount.w[0], amount);
    CHECK_U(f->tainted.w[0], tainted);
    CHECK_U(f->share_ppm, share_ppm);
    CHECK_U(f->hop, hop);
    CHECK_S(f->asset, "ETH");
    CHECK(!strncmp(f->place, "0x", 2));
}

/* ---- the XRP Ledger: an account and a tag is the customer ---- */

#define R_THIEF "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
#define R_MULE "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"
#define R_OURS "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"
#define R_ROOT(who, was, is)                                                                       \
    "{\"ModifiedNode\":{\"LedgerEntryType\":\"AccountRoot\",\"FinalFields\":{\"Account\":\"" who   \
    "\",\"Balance\":\"" is "\"},\"PreviousFields\":{\"Balance\":\"" was "\"}}}"
#define R_TX(number, from, to, tag, amount, nodes)                                                 \
    "{\"tx\":{\"TransactionType\":\"Payment\",\"Account\":\"" from "\",\"Destination\":\"" to      \
    "\"," tag "\"Fee\":\"0\",\"Amount\":\"" amount "\",\"date\":10" number                         \
    ",\"ledger_index\":" number                                                                    \
    ",\"hash\":\"00000000000000000000000000000000000000000000000000000000000000A" number           \
    "\"},\"meta\":{\"TransactionIndex\":1,\"TransactionResult\":\"tesSUCCESS\","                   \
    "\"AffectedNodes\":[" nodes "]}}\n"

static const char xrp_txs[] =
    R_TX("1", R_THIEF, R_MULE, "", "30", R_ROOT(R_THIEF, "100", "70") "," R_ROOT(R_MULE, "1", "31"))
        R_TX("2", R_MULE, R_OURS, "\"DestinationTag\":7,", "20",
             R_ROOT(R_MULE, "31", "11") "," R_ROOT(R_OURS, "5", "25"))
            R_TX("3", R_MULE, R_OURS, "\"DestinationTag\":8,", "6",
                 R_ROOT(R_MULE, "11", "5") "," R_ROOT(R_OURS, "25", "31"));

/* By key, as a trace has it by id: whoever is at a tag of a stop is at the stop. */
static void same_stops(const struct account_ledger *l)
{
    static const struct trace_stop stops[] = {{R_OURS, "us", "exchange", "test", NULL}};
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    const struct accounts *all = account_ledger_accounts(l);
    uint64_t n = account_ledger_counts(l).accounts, at_stop = 0;
    struct account_stop_set *set;
    struct stop_map *map;
    struct err err;

    CHECK_OK(account_stop_set_new(a, l, all, stops, 1, &set, &err), err);
    CHECK_OK(stop_map_new(account_ledger_chain(l), stops, 1, &map, &err), err);
    CHECK_OK(stop_map_owners(map, l, all, &err), err);
    for (uint64_t i = 0; i < n; i++) {
        int32_t want = account_stop_set_of(set, i);

        CHECK(stop_map_account(map, l, i) == want);
        at_stop += want == 0;
    }
    CHECK_U(at_stop, 3); /* itself, 7 and 8 */
    CHECK(stop_map_moved(map, l, all, 0, 0));
    CHECK(!stop_map_moved(map, l, all, n, all->transfers_n));
    stop_map_free(map);
    arena_free(a);
}

static void tags_are_customers(void **state)
{
    static const char own[] = R_OURS ":* xrp-\n" R_OURS ":8 customer-eight\n";
    static const struct {
        const char *address, *account;
        uint64_t amount, tainted;
    } rows[] = {{R_OURS ":7", "xrp-7", 20, 20}, {R_OURS ":8", "customer-eight", 6, 6}};
    static const char text[] =
        "{\"id\":\"c\",\"chain\":\"xrpl\",\"origins\":[{\"transfer\":"
        "\"00000000000000000000000000000000000000000000000000000000000000a1:v\"}]}";
    const struct chain *chain = chain_by_name("xrpl");
    struct xrpl_text file = {"a", {(const uint8_t *)xrp_txs, sizeof(xrp_txs) - 1}};
    struct account_ingest_options o = {.stop = NULL};
    struct account_ingest_result r;
    struct listener to = {.n = 0};
    struct transfer_source s;
    struct account_ledger *l;
    struct scene scene;
    char path[4200];
    struct err err;

    (void)state;
    snprintf(path, sizeof(path), "%s/ledger", test_dir());
    CHECK_OK(xrpl_from(&file, 1, &s, &err), err);
    CHECK_OK(account_ingest(path, chain, &s, &o, &r, &err), err);
    s.free(s.self);
    CHECK_OK(account_ledger_open(path, &l, &err), err);
    same_stops(l);
    CHECK_OK(own_read("own.txt", (struct bytes){(const uint8_t *)own, sizeof(own) - 1}, &scene.own,
                      &err),
             err);
    CHECK_OK(own_set_make(scene.own, chain, &scene.set, &err), err);
    CHECK_OK(watch_accounts_new(chain, (struct watch_limits){0}, &scene.w, &err), err);
    watch_accounts_own(scene.w, scene.set);
    CHECK_OK(watch_accounts_case(scene.w, "c",
                                 (struct bytes){(const uint8_t *)text, sizeof(text) - 1}, &err),
             err);
    turn(scene.w, l, 3, &to);
    CHECK_U(to.n, 2);
    for (size_t i = 0; i < 2; i++) {
        test_row("%s", rows[i].address);
        CHECK_S(to.found[i].address, rows[i].address);
        CHECK_S(to.found[i].own.account, rows[i].account);
        CHECK_U(to.found[i].amount.w[0], rows[i].amount);
        CHECK_U(to.found[i].tainted.w[0], rows[i].tainted);
        CHECK_S(to.found[i].asset, "XRP");
    }
    end(&scene);
    account_ledger_close(l);
}

/* Rows are grown one by one. fifo: C gets 4 of the 10, and pays 6 with them; E gets the other 6. A
 * case is traced from its origins on once, and then goes on. */
static void row_by_row(void **state)
{
    static const size_t found[ROWS] = {0, 0, 0, 0, 1, 1}, traces[ROWS] = {1, 1, 1, 1, 1, 1};
    struct account_ledger *l = ledger_of(1);
    struct scene s = begun(l);
    struct listener got;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        account_ledger_close(l);
        l = ledger_of(i + 1);
        test_row("row %zu", i);
        turn(s.w, l, UINT32_MAX, &got);
        CHECK_U(got.n, found[i]);
        CHECK_U(traces_of(s.w, WATCH_FOLLOWED), traces[i]);
        if (i == 4) {
            is_found(&got.found[0], D, 6, 4, 666666, 2);
            CHECK_S(got.found[0].own.account, "customer-1");
            CHECK(!got.found[0].exact); /* C pays more than it has */
        }
    }
    is_found(&got.found[0], E, 6, 6, 1000000, 1);
    turn(s.w, l, UINT32_MAX, &got);
    CHECK_U(got.n, 0);
    CHECK_U(watch_accounts_counts(s.w).own, 2);
    end(&s);
    account_ledger_close(l);
}

/* All at once, and again after blocks were undone. */
static void at_once(void **state)
{
    struct account_ledger *all = ledger_of(ROWS), *few = ledger_of(2);
    struct scene s = begun(all);
    struct listener got;

    (void)state;
    turn(s.w, all, UINT32_MAX, &got);
    CHECK_U(got.n, 2);
    CHECK_U(watch_accounts_counts(s.w).held, 2); /* at D and at E */
    turn(s.w, few, UINT32_MAX, &got);
    CHECK_U(got.n, 0);
    CHECK_U(watch_accounts_counts(s.w).held, 1); /* at B */
    turn(s.w, all, UINT32_MAX, &got);
    CHECK_U(got.n, 2);
    end(&s);
    account_ledger_close(all);
    account_ledger_close(few);
}

/* C is a service: what it pays D came past it, what B pays E did not. */
static const char *service_c(void *ctx, const struct chain *chain, struct bytes script)
{
    (void)ctx;
    (void)chain;
    return script.n && script.p[script.n - 1] == 0xcc ? "C's" : NULL;
}

static void past_a_service(void **state)
{
    struct account_ledger *all = ledger_of(ROWS), *few = ledger_of(3);
    struct scene s = begun(all);
    struct listener got;

    (void)state;
    watch_accounts_services(s.w, service_c, NULL);
    for (unsigned times = 0; times < 2; times++) {
        turn(s.w, all, UINT32_MAX, &got);
        CHECK_U(got.n, 2);
        CHECK_S(got.found[0].service, "C's");
        CHECK(!got.found[1].service);
        turn(s.w, few, UINT32_MAX, &got); /* undone */
        CHECK_U(got.n, 0);
    }
    end(&s);
    account_ledger_close(all);
    account_ledger_close(few);
}

/* ---- whatever cannot be had ---- */

struct kept_lists {
    struct account_ledger *all, *few;
    struct own_set *own;
    char text[TRANSFER_NAME_MAX + 200];
};

struct untold { /* what has come to E, and whether it cannot be told */
    const struct account_ledger *l;
    struct u256 at_e;
    bool lost;
};

static void count_move(struct untold *u, const struct reach_move *m)
{
    if (account_ledger_key(u->l, m->owner).p[19] == 0xee)
        u->at_e = m->taint;
}

static void whole_reach(void *ctx, const struct chain *chain, const char *id, struct reach *r)
{
    struct untold *u = ctx;
    struct reach_move m;

    (void)chain;
    (void)id;
    u->lost |= !r;
    for (uint64_t move = 0; r && move < ROWS; move++)
        if (reach_move_of(r, move, &m))
            count_move(u, &m);
    reach_free(r);
}

static void more_reach(void *ctx, const struct chain *chain, const char *id,
                       const struct reach_move *moves, size_t n)
{
    (void)chain;
    (void)id;
    for (size_t i = 0; i < n; i++)
        count_move(ctx, &moves[i]);
}

static void back_reach(void *ctx, const struct chain *chain, uint64_t moves_n)
{
    struct untold *u = ctx;

    (void)chain;
    if (moves_n < ROWS) /* the last row is E's */
        u->at_e = u256_of(0);
}

static bool goes(struct watch_accounts *w, const struct account_ledger *l, struct untold *u,
                 struct listener *got, struct err *err)
{
    got->n = 0;
    u->l = l;
    if (watch_accounts_turn(w, l, UINT32_MAX, listen, got, err))
        return true;
    CHECK_U(err->class, ERR_NOMEM);
    return false;
}

/* Followed, undone and followed again. */
static bool follows(void *ctx)
{
    const struct kept_lists *x = ctx;
    struct untold u = {.at_e = u256_of(0)};
    struct watch_reach to = {whole_reach, more_reach, back_reach, &u};
    struct bytes text = {(const uint8_t *)x->text, strlen(x->text)};
    struct watch_accounts *w = NULL;
    struct listener got;
    struct err err;
    bool ok = watch_accounts_new(chain_by_name("ethereum"), (struct watch_limits){0}, &w, &err) &&
              watch_accounts_case(w, "c", text, &err);

    if (ok) {
        watch_accounts_own(w, x->own);
        watch_accounts_services(w, service_c, NULL);
        watch_accounts_reach(w, &to);
        watch_accounts_crossing(w);
    }
    ok = ok && goes(w, x->few, &u, &got, &err) && goes(w, x->all, &u, &got, &err) &&
         goes(w, x->few, &u, &got, &err) && goes(w, x->all, &u, &got, &err);
    if (ok) {
        CHECK_U(got.n, 2);
        CHECK(u.lost || u.at_e.w[0] == 6);
        /* room that a turn cannot give back at its end, it keeps; whatever comes then finds none */
        ok = watch_accounts_case(w, "d", text, &err);
    }
    watch_accounts_free(w);
    return ok && !u.lost;
}

static void every_allocation(void **state)
{
    static const char own[] = D " customer-1 chain=ethereum\n" E "\n";
    struct kept_lists x = {.all = ledger_of(ROWS), .few = ledger_of(2)};
    char name[TRANSFER_NAME_MAX];
    struct own *o;
    struct err err;

    (void)state;
    transfer_name(x.all, 0, name);
    snprintf(x.text, sizeof(x.text),
             "{\"id\":\"c\",\"chain\":\"ethereum\",\"origins\":[{\"transfer\":\"%s\"}]}", name);
    CHECK_OK(own_read("own.txt", (struct bytes){(const uint8_t *)own, sizeof(own) - 1}, &o, &err),
             err);
    CHECK_OK(own_set_make(o, chain_by_name("ethereum"), &x.own, &err), err);
    test_failed_allocations(follows, &x);
    own_set_free(x.own);
    own_free(o);
    account_ledger_close(x.all);
    account_ledger_close(x.few);
}

/* ---- random lists ---- */

#define TOKEN "0x00000000000000000000000000000000000000f0"
#define LIFE_ROWS 24u
#define LIFE_ACCOUNTS 7u
#define LIFE_CASES 6u
#define LIFE_BACKS 3u /* blocks that can be undone; more have all cases traced anew */
#define ROW_BYTES 160u
#define KNOWN_MAX 512u

struct known { /* a deposit that was found, and from how many rows on */
    char place[TRANSFER_NAME_MAX];
    unsigned of;
    size_t row;
    uint64_t tainted;
    uint32_t hop;
};

struct life {
    struct test_random r;
    char rows[LIFE_ROWS][ROW_BYTES], text[(LIFE_ROWS + 1) * ROW_BYTES];
    char cases[LIFE_CASES][1000], name[LIFE_CASES][8];
    struct case_file file[LIFE_CASES];
    struct watch_accounts *w;
    struct reach *reach[LIFE_CASES]; /* whom each has come to, as it was told */
    struct known known[KNOWN_MAX];
    size_t known_n, n;
    bool exact[LIFE_CASES]; /* as a trace has it now */
    unsigned branch, world;
    char folder[4000];
};

static void random_row(struct life *x, size_t row)
{
    unsigned from = (unsigned)test_below(&x->r, LIFE_ACCOUNTS);
    unsigned to = (unsigned)test_below(&x->r, LIFE_ACCOUNTS);

    snprintf(x->rows[row], ROW_BYTES, "2024-01-01T00:%02zu:%02uZ,0x%040x,0x%040x,%llu,%s\n", row,
             x->branch % 60, 16 + from, 16 + to, 1 + (unsigned long long)test_below(&x->r, 12),
             test_below(&x->r, 3) ? "" : TOKEN);
}

static struct account_ledger *life_ledger(struct life *x, size_t rows)
{
    char path[4200];
    size_t n = (size_t)snprintf(x->text, sizeof(x->text), "time,from,to,amount,contract\n");

    for (size_t i = 0; i < rows; i++)
        n += (size_t)snprintf(x->text + n, sizeof(x->text) - n, "%s", x->rows[i]);
    snprintf(path, sizeof(path), "%s/%u-%u-%zu", x->folder, x->world, x->branch, rows);
    return ledger_from(path, "time=time,from=from,to=to,amount=amount,contract=contract,decimals=0",
                       x->text, rows);
}

/* All account for the same theft, the first row; one begins at an account, which takes more. */
static void life_cases(struct life *x, struct arena *a, const struct account_ledger *l)
{
    char name[TRANSFER_NAME_MAX];
    struct err err;

    transfer_name(l, 0, name);
    for (unsigned i = 0; i < LIFE_CASES; i++) {
        size_t n;

        snprintf(x->name[i], sizeof(x->name[i]), "c%u", i);
        n = (size_t)snprintf(x->cases[i], sizeof(x->cases[i]), "{\"id\":\"c%u\",\"policy\":\"%s\",",
                             i, trace_policy_name((enum trace_policy)i));
        if (test_below(&x->r, 2))
            n += (size_t)snprintf(x->cases[i] + n, sizeof(x->cases[i]) - n,
                                  "\"stops\":[{\"address\":\"0x%040x\",\"name\":\"s\","
                                  "\"category\":\"exchange\",\"source\":\"t\"}],",
                                  16 + (unsigned)test_below(&x->r, LIFE_ACCOUNTS));
        if (test_below(&x->r, 2))
            n += (size_t)snprintf(x->cases[i] + n, sizeof(x->cases[i]) - n,
                                  "\"limits\":{\"hops_max\":%u},", (unsigned)test_below(&x->r, 5));
        if (test_below(&x->r, 3))
            snprintf(x->cases[i] + n, sizeof(x->cases[i]) - n,
                     "\"origins\":[{\"transfer\":\"%s\"}]}", name);
        else
            snprintf(x->cases[i] + n, sizeof(x->cases[i]) - n,
                     "\"origins\":[{\"address\":\"0x%040x\"}]}", 17u);
        CHECK_OK(case_read(a, (struct bytes){(const uint8_t *)x->cases[i], strlen(x->cases[i])},
                           &x->file[i], &err),
                 err);
    }
}

static struct known *known_find(struct life *x, unsigned of, const char *place)
{
    for (size_t i = 0; i < x->known_n; i++)
        if (x->known[i].of == of && !strcmp(x->known[i].place, place))
            return &x->known[i];
    return NULL;
}

static void life_listen(void *ctx, const struct watch_found *found)
{
    struct life *x = ctx;
    unsigned of = (unsigned)(found->case_id[1] - '0');
    struct known *k = known_find(x, of, found->place);

    test_row("world %u branch %u rows %zu case %s", x->world, x->branch, x->n, x->cases[of]);
    CHECK_U(found->exact, x->exact[of]);
    if (!k) {
        CHECK(x->known_n < KNOWN_MAX);
        k = &x->known[x->known_n++];
        *k = (struct known){.of = of, .row = x->n};
        snprintf(k->place, sizeof(k->place), "%s", found->place);
    }
    k->tainted = found->tainted.w[0];
    k->hop = found->hop;
}

/* What came to an own account, by a trace to the end of the ledger; those of odd number are own. */
static size_t life_compare(struct life *x, unsigned of, const struct account_doc *d)
{
    size_t n = 0;

    for (size_t i = 0; d && i < d->trace->moves_n; i++) {
        const struct account_move *m = &d->trace->moves[i];
        struct transfer t = accounts_transfer(&d->accounts, m->transfer);
        char name[TRANSFER_NAME_MAX];
        const struct known *k;
        struct bytes key;

        if (t.to == ACCOUNTS_NONE || u256_zero(m->taint))
            continue;
        key = account_ledger_key(d->ledger, accounts_holding(&d->accounts, t.to).account);
        if (key.p[key.n - 1] % 2 == 0)
            continue;
        transfer_name(d->ledger, m->transfer, name);
        k = known_find(x, of, name);
        CHECK(k);
        CHECK_U(k->tainted, m->taint.w[0]);
        CHECK_U(k->hop, m->hop);
        n++;
    }
    return n;
}

/* ---- whom cases reach ---- */

static void on_whole(void *ctx, const struct chain *chain, const char *id, struct reach *r)
{
    struct life *x = ctx;
    unsigned of = (unsigned)(id[1] - '0');

    (void)chain;
    reach_free(x->reach[of]);
    x->reach[of] = r;
}

static void on_more(void *ctx, const struct chain *chain, const char *id,
                    const struct reach_move *moves, size_t n)
{
    struct life *x = ctx;
    struct err err;

    (void)chain;
    for (size_t i = 0; i < n; i++)
        CHECK_OK(reach_put(x->reach[id[1] - '0'], &moves[i], &err), err);
}

static void on_back(void *ctx, const struct chain *chain, uint64_t moves_n)
{
    struct life *x = ctx;

    (void)chain;
    for (unsigned i = 0; i < LIFE_CASES; i++)
        if (x->reach[i])
            reach_back(x->reach[i], moves_n);
}

/* Of all that a trace has moved, what came to one account of one asset. */
static struct u256 moved_to(const struct account_doc *d, uint64_t account, uint64_t asset,
                            bool direct)
{
    struct u256 sum = u256_of(0);

    for (size_t i = 0; i < d->trace->moves_n; i++) {
        const struct account_move *m = &d->trace->moves[i];
        struct transfer t = accounts_transfer(&d->accounts, m->transfer);
        struct holding to;

        if (t.to == ACCOUNTS_NONE || t.to == t.from || (m->hop <= 1) != direct)
            continue;
        to = accounts_holding(&d->accounts, t.to);
        if (to.account == account && to.asset == asset)
            CHECK(u256_add(sum, m->taint, &sum));
    }
    return sum;
}

static void life_reach(const struct life *x, unsigned of, const struct account_doc *d)
{
    for (uint64_t account = 0; d && account < d->accounts.accounts_n; account++) {
        struct reach_sum sums[8];
        size_t n = x->reach[of] ? reach_of(x->reach[of], account, sums, 8) : 0, there = 0;

        for (uint64_t asset = 0; asset < d->accounts.accounts_n; asset++)
            for (int direct = 0; direct < 2; direct++) {
                struct u256 wanted = moved_to(d, account, asset, direct != 0), is = u256_of(0);

                for (size_t i = 0; i < n; i++)
                    if (sums[i].asset == asset && sums[i].direct == (direct != 0))
                        is = sums[i].amount;
                CHECK(u256_equal(is, wanted));
                there += !u256_zero(wanted);
            }
        CHECK_U(n, there);
    }
}

static void life_turn(struct life *x, const struct account_ledger *l)
{
    struct trace_ledger ledger = {.accounts = l};
    const uint32_t blocks_n = (uint32_t)x->n; /* a row each */
    struct arena *a = arena_new(NULL, (size_t)1 << 28);
    struct ledgers_doc doc[LIFE_CASES];
    bool there[LIFE_CASES];
    size_t n = 0;
    struct err err;

    for (unsigned i = 0; i < LIFE_CASES; i++) { /* an account that was paid nothing yet waits */
        there[i] = ledgers_run(a, &ledger, 1, &blocks_n, &x->file[i], 1, NULL, 0, &doc[i], &err);
        CHECK(there[i] || err.class == ERR_NOT_FOUND);
        x->exact[i] = there[i] && doc[i].parts[0].accounts && doc[i].parts[0].accounts->exact;
    }
    CHECK_OK(watch_accounts_turn(x->w, l, blocks_n, life_listen, x, &err), err);
    for (unsigned i = 0; i < LIFE_CASES; i++) {
        test_row("world %u branch %u rows %zu case %s", x->world, x->branch, x->n, x->cases[i]);
        n += there[i] ? life_compare(x, i, doc[i].parts[0].accounts) : 0;
        if (there[i])
            life_reach(x, i, doc[i].parts[0].accounts);
    }
    CHECK_U(n, x->known_n);
    arena_free(a);
}

/* Blocks of a list have no hashes: what is undone is seen by their number. */
static void life_back(struct life *x, size_t rows)
{
    size_t kept = 0;

    x->branch++;
    for (size_t i = rows; i < LIFE_ROWS; i++)
        random_row(x, i);
    for (size_t i = 0; i < x->known_n; i++)
        if (x->known[i].row <= rows)
            x->known[kept++] = x->known[i];
    x->known_n = kept;
    x->n = rows;
}

static void life_of(struct life *x, struct own_set *set)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 26);
    struct account_ledger *l;
    struct err err;

    x->branch = 0;
    x->known_n = 0;
    x->n = 1;
    for (size_t i = 0; i < LIFE_ROWS; i++)
        random_row(x, i);
    snprintf(x->rows[0], ROW_BYTES, "2024-01-01T00:00:00Z,0x%040x,0x%040x,9,\n", 16u, 18u);
    CHECK_OK(watch_accounts_new(chain_by_name("ethereum"),
                                (struct watch_limits){.back_max = LIFE_BACKS}, &x->w, &err),
             err);
    watch_accounts_own(x->w, set);
    watch_accounts_reach(x->w, &(struct watch_reach){on_whole, on_more, on_back, x});
    l = life_ledger(x, LIFE_ROWS);
    CHECK_U(account_ledger_counts(l).blocks, LIFE_ROWS);
    life_cases(x, a, l);
    for (unsigned i = 0; i < LIFE_CASES; i++)
        CHECK_OK(watch_accounts_case(
                     x->w, x->name[i],
                     (struct bytes){(const uint8_t *)x->cases[i], strlen(x->cases[i])}, &err),
                 err);
    for (unsigned turns = 0; turns < 2 * LIFE_ROWS && x->n < LIFE_ROWS; turns++) {
        life_turn(x, l);
        if (x->n <= 2 || test_below(&x->r, 6)) {
            x->n++;
            continue;
        }
        life_back(x, x->n - 1 - test_below(&x->r, x->n < 6 ? x->n - 1 : 5));
        account_ledger_close(l);
        l = life_ledger(x, x->n);
        life_turn(x, l);
        account_ledger_close(l);
        l = life_ledger(x, LIFE_ROWS);
    }
    account_ledger_close(l);
    x->w = watch_accounts_free(x->w);
    for (unsigned i = 0; i < LIFE_CASES; i++)
        x->reach[i] = reach_free(x->reach[i]);
    arena_free(a);
}

static void at_every_row(void **state)
{
    static struct life x;
    const struct chain *chain = chain_by_name("ethereum");
    char text[LIFE_ACCOUNTS * 60];
    size_t n = 0;
    struct own_set *set;
    struct own *own;
    struct err err;

    (void)state;
    x.r = (struct test_random){test_seed()};
    snprintf(x.folder, sizeof(x.folder), "%s", test_dir());
    for (unsigned i = 0; i < LIFE_ACCOUNTS; i++)
        if ((16 + i) % 2)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "0x%040x\n", 16 + i);
    CHECK_OK(own_read("own.txt", (struct bytes){(const uint8_t *)text, n}, &own, &err), err);
    CHECK_OK(own_set_make(own, chain, &set, &err), err);
    for (x.world = 0; x.world < 6; x.world++)
        life_of(&x, set);
    own_set_free(set);
    own_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_customers),
        cmocka_unit_test(row_by_row),
        cmocka_unit_test(at_once),
        cmocka_unit_test(past_a_service),
        cmocka_unit_test(at_every_row),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
