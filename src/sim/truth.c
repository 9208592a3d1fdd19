#include "sim/truth.h"

#include "base/json.h"
#include "chain/bitcoin/script.h"
#include "sim/accounts.h"
#include "sim/genesis.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_MAX 80 /* txid:vout */

struct scribe {
    const struct thefts *t;
    const struct chain *chain;
    struct json_out j;
};

static const char *address(const struct scribe *s, uint32_t lock, char ret[ADDRESS_BYTES_MAX])
{
    uint8_t script[LOCK_SCRIPT_MAX];
    size_t n = lock_script(s->t->w->key, lock, script);

    address_of_script(s->chain, (struct bytes){script, n}, ret);
    return ret;
}

static void put_address(struct scribe *s, uint32_t lock)
{
    char shown[ADDRESS_BYTES_MAX];

    json_put_string(&s->j, "address", address(s, lock, shown));
}

static void put_txid(struct scribe *s, const char *key, const struct hash32 *txid)
{
    if (key)
        json_key(&s->j, key);
    json_hex_reversed(&s->j, txid->b, 32);
}

static void put_output(struct scribe *s, const struct known_output *o)
{
    char shown[SHOWN_MAX];

    for (int i = 0; i < 32; i++)
        snprintf(shown + 2 * i, 3, "%02x", o->txid.b[31 - i]);
    snprintf(shown + 64, SHOWN_MAX - 64, ":%u", o->vout);
    json_put_string(&s->j, "output", shown);
}

static bool is_stop(const struct service *v)
{
    return !strcmp(v->category, "exchange") || !strcmp(v->category, "mixer");
}

typedef void each_stop(struct scribe *s, void *ctx, const struct service *v, const char *address);

static void stops_each(struct scribe *s, each_stop *fn, void *ctx)
{
    const struct world *w = s->t->w;
    char shown[ADDRESS_BYTES_MAX];

    for (uint32_t i = 0; i < w->services_n; i++)
        for (int k = 0; k < DESKS && is_stop(&w->services[i]); k++)
            for (uint32_t l = 0; l < w->services[i].desk[k].locks_n; l++)
                fn(s, ctx, &w->services[i], address(s, w->services[i].desk[k].locks[l], shown));
}

static void stop_in_case(struct scribe *s, void *ctx, const struct service *v, const char *shown)
{
    json_object(&s->j);
    json_put_string(&s->j, "address", shown);
    json_put_string(&s->j, "name", v->name);
    json_put_string(&s->j, "category", v->category);
    json_object_end(&s->j);
}

static void stop_in_swap_case(struct scribe *s, void *ctx, const struct service *v,
                              const char *shown)
{
    json_object(&s->j);
    json_put_string(&s->j, "address", shown);
    json_put_string(&s->j, "name", v->name);
    json_put_string(&s->j, "category", v->category);
    json_put_string(&s->j, "chain", SIM_CHAIN);
    json_object_end(&s->j);
}

static void stop_in_csv(struct scribe *s, void *ctx, const struct service *v, const char *shown)
{
    text_printf(ctx, "%s,%s,%s\n", shown, v->name, v->category);
}

static void put_title(struct scribe *s, const struct theft *x)
{
    static const char *const how[THEFT_KINDS + 2] = {
        "%s: the hot wallet is emptied and peeled",
        "%sFive wallets are emptied with stolen seed phrases",
        "%s: the hot wallet is emptied into CoinJoins",
        "%s: the hot wallet is emptied, in two halves",
        "%sWhat was stolen on the account chain comes here by a swap",
        "%sWages of two workers under false names, gathered and sold"};
    char title[128];

    snprintf(title, sizeof(title), how[x->kind],
             x->victim == NONE ? "" : s->t->w->services[x->victim].name);
    json_put_string(&s->j, "title", title);
}

static void case_id(const struct thefts *t, size_t number, char ret[CASE_ID_MAX])
{
    if (t->all[number] == t->payroll)
        snprintf(ret, CASE_ID_MAX, "PAYROLL-1");
    else
        snprintf(ret, CASE_ID_MAX, "THEFT-%zu", number + 1);
}

/* CASE.json; stops only where it stands alone, for they are the same for all. */
static void put_case(struct scribe *s, size_t number, bool with_stops)
{
    const struct theft *x = s->t->all[number];
    char id[CASE_ID_MAX];

    json_object(&s->j);
    case_id(s->t, number, id);
    json_put_string(&s->j, "id", id);
    put_title(s, x);
    json_put_string(&s->j, "kind", x->kind == THEFT_PAYROLL ? "payroll" : "theft");
    json_put_string(&s->j, "chain", SIM_CHAIN);
    json_key(&s->j, "origins");
    json_array(&s->j);
    for (size_t i = 0; i < x->origins_n; i++) {
        json_object(&s->j);
        put_output(s, &x->origins[i]);
        json_object_end(&s->j);
    }
    json_array_end(&s->j);
    json_put_string(&s->j, "policy", "fifo");
    if (with_stops) {
        json_key(&s->j, "stops");
        json_array(&s->j);
        stops_each(s, stop_in_case, NULL);
        json_array_end(&s->j);
    }
    json_object_end(&s->j);
}

static const char *end_name(enum end_kind kind)
{
    switch (kind) {
    case END_DEPOSIT:
        return "exchange-deposit";
    case END_MIXER:
    case END_COINJOIN:
        return "mixer";
    case END_HELD:
        return "held";
    }
    return "";
}

static void put_end(struct scribe *s, const struct theft *x, const struct end *e)
{
    bool service = e->kind == END_DEPOSIT || e->kind == END_MIXER;

    json_object(&s->j);
    put_output(s, &e->output);
    put_address(s, e->output.lock);
    json_put_decimal(&s->j, "value", e->output.value);
    json_put_string(&s->j, "kind", end_name(e->kind));
    json_put_string(&s->j, "service", service ? s->t->w->services[e->at].name : NULL);
    if (e->kind == END_COINJOIN)
        put_txid(s, "into", &x->rounds[e->at].txid);
    json_object_end(&s->j);
}

static uint64_t ends_value(const struct end *ends, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += ends[i].output.value;
    return sum;
}

/* The ends of value, and what is left of it as fees. */
static void put_ends(struct scribe *s, const char *key, const struct theft *x,
                     const struct end *ends, size_t n, uint64_t value)
{
    json_key(&s->j, key);
    json_array(&s->j);
    for (size_t i = 0; i < n; i++)
        put_end(s, x, &ends[i]);
    if (value) {
        json_object(&s->j);
        json_put_string(&s->j, "output", NULL);
        json_put_string(&s->j, "address", NULL);
        json_put_decimal(&s->j, "value", value - ends_value(ends, n));
        json_put_string(&s->j, "kind", "fee");
        json_put_string(&s->j, "service", NULL);
        json_object_end(&s->j);
    }
    json_array_end(&s->j);
}

static uint64_t put_rounds(struct scribe *s, const struct theft *x)
{
    uint64_t sum = 0;

    json_key(&s->j, "coinjoins");
    json_array(&s->j);
    for (size_t i = 0; i < x->rounds_n; i++) {
        json_object(&s->j);
        put_txid(s, "tx", &x->rounds[i].txid);
        json_put_string(&s->j, "kind", mix_kind_name(x->rounds[i].kind));
        json_key(&s->j, "got");
        json_array(&s->j);
        for (size_t k = 0; k < x->rounds[i].got_n; k++) {
            json_object(&s->j);
            put_output(s, &x->rounds[i].got[k]);
            json_put_decimal(&s->j, "value", x->rounds[i].got[k].value);
            json_object_end(&s->j);
            sum += x->rounds[i].got[k].value;
        }
        json_array_end(&s->j);
        json_object_end(&s->j);
    }
    json_array_end(&s->j);
    return sum;
}

static void put_theft(struct scribe *s, size_t number)
{
    static const char *const policies[] = {"fifo", "lifo", "haircut", "tiho", "poison"};
    const struct theft *x = s->t->all[number];
    uint64_t value = 0, got;

    for (size_t i = 0; i < x->origins_n; i++)
        value += x->origins[i].value;
    json_object(&s->j);
    json_key(&s->j, "case");
    put_case(s, number, false);
    json_put_number(&s->j, "height", x->height);
    json_put_string(&s->j, "victim", x->victim == NONE ? NULL : s->t->w->services[x->victim].name);
    json_put_decimal(&s->j, "value", value);
    json_key(&s->j, "agree"); /* the policies whose trace shows exactly these ends */
    json_array(&s->j);
    for (size_t i = 0; !x->rounds_n && i < sizeof(policies) / sizeof(policies[0]); i++)
        json_string(&s->j, policies[i]);
    json_array_end(&s->j);
    put_ends(s, "ends", x, x->ends, x->ends_n, value);
    json_key(&s->j, "peel_chain");
    json_array(&s->j);
    for (size_t i = 0; i < x->peels_n; i++)
        put_txid(s, NULL, &x->peels[i]);
    json_array_end(&s->j);
    got = put_rounds(s, x);
    put_ends(s, "after_coinjoins", x, x->after, x->after_n, got);
    json_object_end(&s->j);
}

static void put_service(struct scribe *s, const struct service *v)
{
    char shown[ADDRESS_BYTES_MAX];

    json_object(&s->j);
    json_put_string(&s->j, "name", v->name);
    json_put_string(&s->j, "category", v->category);
    json_key(&s->j, "addresses");
    json_array(&s->j);
    for (int k = 0; k < DESKS; k++)
        for (uint32_t i = 0; i < v->desk[k].locks_n; i++)
            json_string(&s->j, address(s, v->desk[k].locks[i], shown));
    json_array_end(&s->j);
    json_object_end(&s->j);
}

static void put_swap(struct scribe *s, const struct sim_accounts *a);

/* Where the wages met the first theft. */
static void put_meeting(struct scribe *s, const struct end *at)
{
    char id[CASE_ID_MAX];

    json_key(&s->j, "meeting");
    json_object(&s->j);
    put_address(s, at->output.lock);
    json_put_string(&s->j, "service", s->t->w->services[at->at].name);
    json_key(&s->j, "cases");
    json_array(&s->j);
    for (size_t i = 0; i < s->t->n; i++)
        if (!i || s->t->all[i] == s->t->payroll) {
            case_id(s->t, i, id);
            json_string(&s->j, id);
        }
    json_array_end(&s->j);
    json_object_end(&s->j);
}

static void put_truth(struct scribe *s, uint64_t seed, uint32_t blocks,
                      const struct sim_accounts *swap)
{
    json_object(&s->j);
    json_put_string(&s->j, "schema", "cordon.truth/1");
    json_put_string(&s->j, "chain", SIM_CHAIN);
    json_put_decimal(&s->j, "seed", seed);
    json_put_number(&s->j, "blocks", blocks);
    json_key(&s->j, "thefts");
    json_array(&s->j);
    for (size_t i = 0; i < s->t->n; i++)
        if (s->t->all[i]->height)
            put_theft(s, i);
    json_array_end(&s->j);
    json_key(&s->j, "services");
    json_array(&s->j);
    for (uint32_t i = 0; i < s->t->w->services_n; i++)
        put_service(s, &s->t->w->services[i]);
    json_array_end(&s->j);
    if (swap)
        put_swap(s, swap);
    if (thefts_meeting(s->t))
        put_meeting(s, thefts_meeting(s->t));
    json_object_end(&s->j);
}

/* The case of both chains: it begins on that of accounts. */
static void put_swap_case(struct scribe *s, const struct sim_accounts *a, bool with_stops)
{
    json_object(&s->j);
    json_put_string(&s->j, "id", "SWAP-1");
    json_put_string(&s->j, "title",
                    "A hot wallet on the account chain is emptied; a part is swapped to bitcoin");
    json_put_string(&s->j, "kind", "theft");
    json_put_string(&s->j, "chain", SIM_ACCOUNTS_CHAIN);
    json_key(&s->j, "origins");
    json_array(&s->j);
    sim_accounts_origins(&s->j, a);
    json_array_end(&s->j);
    json_put_string(&s->j, "policy", "fifo");
    if (with_stops) {
        json_key(&s->j, "stops");
        json_array(&s->j);
        sim_accounts_stops(&s->j, a);
        stops_each(s, stop_in_swap_case, NULL);
        json_array_end(&s->j);
    }
    json_object_end(&s->j);
}

static void put_swap(struct scribe *s, const struct sim_accounts *a)
{
    char id[CASE_ID_MAX] = "";

    for (size_t i = 0; i < s->t->n; i++)
        if (s->t->all[i] == s->t->swap)
            case_id(s->t, i, id);
    json_key(&s->j, "swap");
    json_object(&s->j);
    json_key(&s->j, "case");
    put_swap_case(s, a, false);
    json_put_string(&s->j, "victim", a->victim);
    json_key(&s->j, "ends");
    json_array(&s->j);
    sim_accounts_ends(&s->j, a);
    json_array_end(&s->j);
    json_put_string(&s->j, "goes_on_as", id); /* the theft whose origin the swap paid */
    json_object_end(&s->j);
}

enum paper { PAPER_TRUTH, PAPER_STOPS, PAPER_CASE, PAPER_SWAP, PAPER_PAYROLL };

static void path_of(const char *dir, enum paper paper, size_t number, char ret[PATH_MAX])
{
    switch (paper) {
    case PAPER_TRUTH:
        snprintf(ret, PATH_MAX, "%s/truth.json", dir);
        break;
    case PAPER_STOPS:
        snprintf(ret, PATH_MAX, "%s/stops.csv", dir);
        break;
    case PAPER_CASE:
        snprintf(ret, PATH_MAX, "%s/cases/THEFT-%zu.json", dir, number + 1);
        break;
    case PAPER_SWAP:
        snprintf(ret, PATH_MAX, "%s/cases/SWAP-1.json", dir);
        break;
    case PAPER_PAYROLL:
        snprintf(ret, PATH_MAX, "%s/cases/PAYROLL-1.json", dir);
        break;
    }
}

static bool write_paper(const struct thefts *t, const char *dir, enum paper paper, size_t number,
                        uint64_t seed, uint32_t blocks, const struct sim_accounts *swap,
                        struct err *err)
{
    char path[PATH_MAX];
    struct text to;
    struct scribe s = {.t = t, .chain = chain_by_name(SIM_CHAIN)};
    FILE *file;
    bool ok;

    path_of(dir, paper, number, path);
    file = fopen(path, "wb");
    if (!file)
        return err_system(err, "%s", path);
    to = text_to(text_to_file, file);
    s.j = json_to(&to, true);
    if (paper == PAPER_TRUTH) {
        put_truth(&s, seed, blocks, swap);
    } else if (paper == PAPER_SWAP) {
        put_swap_case(&s, swap, true);
    } else if (paper == PAPER_CASE || paper == PAPER_PAYROLL) {
        put_case(&s, number, true);
    } else {
        text_str(&to, "address,name,category\n");
        stops_each(&s, stop_in_csv, &to);
    }
    if (paper != PAPER_STOPS)
        text_char(&to, '\n');
    ok = text_end(&to, err);
    text_free(&to);
    if (fclose(file) && ok)
        return err_system(err, "%s", path);
    return ok || err_in(err, "%s", path);
}

bool truth_write(const struct thefts *t, const char *dir, uint64_t seed, uint32_t blocks,
                 struct err *err)
{
    char path[PATH_MAX], payout[ADDRESS_BYTES_MAX];
    struct scribe s = {.t = t, .chain = chain_by_name(SIM_CHAIN)};
    struct sim_accounts accounts = {.seed = seed, .payout = payout};
    const struct sim_accounts *swap = t->swap && t->swap->height ? &accounts : NULL;

    snprintf(path, sizeof(path), "%s/cases", dir);
    if (mkdir(path, 0777) && errno != EEXIST)
        return err_system(err, "%s", path);
    for (size_t i = 0; i < t->n; i++) {
        enum paper paper = t->all[i] == t->payroll ? PAPER_PAYROLL : PAPER_CASE;

        if (t->all[i]->height && !write_paper(t, dir, paper, i, seed, blocks, NULL, err))
            return false;
    }
    if (t->swaps) {
        address(&s, t->payout, payout);
        accounts.victim = t->w->services[0].name;
        accounts.exchanges[0] = t->w->services[1].name;
        accounts.exchanges[1] = t->w->services[2].name;
        if (!sim_accounts_write(&accounts, dir, err))
            return false;
    }
    if (swap && !write_paper(t, dir, PAPER_SWAP, 0, seed, blocks, swap, err))
        return false;
    return write_paper(t, dir, PAPER_STOPS, 0, seed, blocks, NULL, err) &&
           write_paper(t, dir, PAPER_TRUTH, 0, seed, blocks, swap, err);
}

void truth_remove(const char *dir, size_t thefts_n)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < thefts_n; i++) {
        path_of(dir, PAPER_CASE, i, path);
        unlink(path);
    }
    path_of(dir, PAPER_SWAP, 0, path);
    unlink(path);
    path_of(dir, PAPER_PAYROLL, 0, path);
    unlink(path);
    sim_accounts_remove(dir);
    snprintf(path, sizeof(path), "%s/cases", dir);
    rmdir(path);
    path_of(dir, PAPER_STOPS, 0, path);
    unlink(path);
    path_of(dir, PAPER_TRUTH, 0, path);
    unlink(path);
}
