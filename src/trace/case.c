/* Reading what people hand in: a case file, an origin typed on a command line. Every complaint
 * names the place in the words of the file: origins[2].output. */
#include "trace/case.h"

#include "base/json.h"
#include "base/time.h"
#include "chain/account_name.h"
#include "chain/dialect.h"
#include "chain/tx_text.h"
#include "trace/stops.h"

#include <stdio.h>

static bool no_memory(const struct arena *a, struct err *err, const char *what)
{
    return arena_fail(a, err, "%s", what);
}

static bool plain_text(const struct json *j, const char *what, const char **ret, struct err *err)
{
    if (!json_text(j, what, ret, err))
        return false;
    if (!text_is_plain(*ret, strlen(*ret)))
        return err_fail(err, ERR_INPUT, "%s: a control character in it", what);
    return true;
}

static bool plain_text_if(const struct json *object, const char *name, const char **ret,
                          struct err *err)
{
    const struct json *j = json_get(object, name);

    return !j || plain_text(j, name, ret, err);
}

static bool u32_if(const struct json *object, const char *name, const char *what, bool *ret_has,
                   uint32_t *ret, struct err *err)
{
    const struct json *j = json_get(object, name);
    uint64_t v;

    if (!j)
        return true;
    if (!json_u64(j, what, &v, err))
        return false;
    if (v >= UINT32_MAX)
        return err_fail(err, ERR_INPUT, "%s: %llu is too much", what, (unsigned long long)v);
    if (ret_has)
        *ret_has = true;
    *ret = (uint32_t)v;
    return true;
}

static bool txid_of(bool read, struct hash32 shown, struct hash32 *ret)
{
    for (size_t i = 0; i < sizeof(shown.b); i++)
        ret->b[i] = shown.b[sizeof(shown.b) - 1 - i];
    return read;
}

static bool txid_from_text(const char *s, size_t n, struct hash32 *ret)
{
    struct hash32 shown = {{0}};

    return txid_of(tx_hash_read(s, n, &shown), shown, ret);
}

/* Or of a block, where its rewards stand, if the text can be no address. */
static bool tx_from_text(const char *s, size_t n, struct hash32 *ret)
{
    struct hash32 shown = {{0}};

    return txid_of(block_hash_read(s, n, &shown), shown, ret);
}

/* TXID:VOUT, an output of coins, or HASH:v, HASH:l3, HASH:i0_1, a transfer of accounts. */
static bool outpoint_from_text(const char *s, struct case_origin *ret)
{
    const char *colon = strchr(s, ':');
    uint64_t vout;

    if (!colon || !txid_from_text(s, (size_t)(colon - s), &ret->txid) ||
        !u64_from_text(colon + 1, strlen(colon + 1), &vout) || vout > UINT32_MAX)
        return false;
    ret->kind = ORIGIN_OUTPUT;
    ret->vout = (uint32_t)vout;
    return true;
}

/* A letter, and for most of them a number or a path of numbers: one form for each transfer. */
static bool transfer_name_valid(const char *s)
{
    bool may_be_alone = *s && strchr("fvi", *s); /* i: the path of the first call is empty */
    size_t n = 0;

    if (!*s || !strchr("fvliwrkoespbc", *s))
        return false;
    if (!s[1])
        return may_be_alone;
    if ((*s == 'f' || *s == 'v') && s[1] == '0')
        return false;
    for (uint64_t number; *++s; s += n - (s[n] == 0)) {
        n = strcspn(s, "_");
        if (!u64_from_text(s, n, &number) || number > UINT32_MAX || (s[n] && !s[n + 1]))
            return false;
    }
    return true;
}

static bool transfer_from_text(const char *s, struct case_origin *ret)
{
    const char *colon = strchr(s, ':');

    if (!colon || !tx_from_text(s, (size_t)(colon - s), &ret->txid) ||
        !transfer_name_valid(colon + 1) || (colon[1] != 'i' && strchr(colon, '_')))
        return false;
    ret->kind = ORIGIN_TRANSFER;
    ret->transfer = colon + 1;
    return true;
}

static bool address_from_text(struct arena *a, const char *s, size_t n, struct case_origin *ret,
                              struct err *err)
{
    ret->kind = ORIGIN_ADDRESS;
    ret->address = arena_string(a, s, n);
    return ret->address || no_memory(a, err, "origin");
}

static bool address_valid(const char *s, size_t n)
{
    return n && n <= ACCOUNT_KEY_MAX && utf8_valid(s, n) && text_is_plain(s, n);
}

/* An account's part, which has a colon, too: a customer of an exchange, say. */
static bool is_part(const char *s)
{
    uint8_t key[ACCOUNT_KEY_MAX];
    struct bytes whole;
    struct err ignored;
    uint32_t number;
    size_t chains_n, n;
    const struct chain *chains = chain_all_accounts(&chains_n);

    for (size_t i = 0; i < chains_n; i++) {
        const struct dialect *d = chains[i].dialect;

        if (d->part && d->read(s, key, &n, &ignored) &&
            d->part((struct bytes){key, n}, &whole, &number))
            return true;
    }
    return false;
}

bool origin_from_text(struct arena *a, const char *s, struct case_origin *ret, struct err *err)
{
    struct case_origin o = {.kind = ORIGIN_ADDRESS};
    size_t n = strlen(s);

    if (strchr(s, ':') && !is_part(s)) {
        const char *own = arena_string(a, s, n);

        if (!own)
            return no_memory(a, err, "origin");
        if (!outpoint_from_text(own, &o) && !transfer_from_text(own, &o))
            return err_fail(err, ERR_INPUT,
                            "\"%.200s\" is neither an output (TXID:VOUT) nor a transfer (HASH:v)",
                            s);
    } else if (txid_from_text(s, n, &o.txid)) {
        o.kind = ORIGIN_TX;
    } else if (!address_valid(s, n)) {
        return err_fail(err, ERR_INPUT, "\"%.200s\" is not TXID:VOUT, TXID or an address", s);
    } else if (!address_from_text(a, s, n, &o, err)) {
        return false;
    }
    *ret = o;
    return true;
}

bool origin_from_account(struct arena *a, const char *s, struct case_origin *ret, struct err *err)
{
    struct case_origin o = {.kind = ORIGIN_ADDRESS};
    const char *at = strrchr(s, '@');
    size_t n = at ? (size_t)(at - s) : strlen(s);
    uint64_t height;

    if (!address_valid(s, n))
        return err_fail(err, ERR_INPUT, "\"%.200s\" is not an account", s);
    if (at) {
        if (!u64_from_text(at + 1, strlen(at + 1), &height) || height >= UINT32_MAX)
            return err_fail(err, ERR_INPUT, "\"%.200s\": a height is wanted after the @", s);
        o.from_height = (uint32_t)height;
    }
    if (!address_from_text(a, s, n, &o, err))
        return false;
    *ret = o;
    return true;
}

static bool time_if(const struct json *object, const char *name, const char *what, bool *ret_has,
                    uint64_t *ret, struct err *err)
{
    const struct json *j = json_get(object, name);
    const char *s;

    if (!j)
        return true;
    if (ret_has)
        *ret_has = true;
    if (j->type == JSON_NUMBER) {
        if (!json_u64(j, what, ret, err))
            return false;
        return *ret <= CASE_TIME_MAX || err_fail(err, ERR_INPUT, "%s: too late", what);
    }
    if (!json_text(j, what, &s, err))
        return false;
    return time_from_text(s, strlen(s), ret) ||
           err_fail(err, ERR_INPUT,
                    "%s: \"%.100s\" is neither seconds since 1970 nor like 2022-03-23T13:29:09Z",
                    what, s);
}

static bool amount_if(const struct json *object, const char *name, const char *what, bool *ret_has,
                      struct u256 *ret, struct err *err)
{
    const struct json *j = json_get(object, name);

    if (!j)
        return true;
    *ret_has = true;
    if ((j->type != JSON_NUMBER && j->type != JSON_STRING) ||
        !u256_from_text(j->text, j->text_n, ret))
        return err_fail(err, ERR_INPUT, "%s: a whole number is wanted", what);
    return true;
}

/* One place in the file, "origins[2]" or "conversions[0].to", and the names of its members. */
struct place {
    const char *at;
    char what[96];
};

static const char *place_of(struct place *p, const char *member)
{
    snprintf(p->what, sizeof(p->what), "%s.%s", p->at, member);
    return p->what;
}

static bool origin_id(const struct json *j, struct place *p, struct case_origin *ret,
                      struct err *err)
{
    const char *s, *what = place_of(p, j->key);

    if (!json_text(j, what, &s, err))
        return false;
    if (!strcmp(j->key, "output"))
        return outpoint_from_text(s, ret) ||
               err_fail(err, ERR_INPUT, "%s: \"%.200s\" is not TXID:VOUT", what, s);
    if (!strcmp(j->key, "transfer"))
        return transfer_from_text(s, ret) ||
               err_fail(err, ERR_INPUT, "%s: \"%.200s\" is not a transfer like HASH:v or HASH:l3",
                        what, s);
    if (!strcmp(j->key, "tx")) {
        ret->kind = ORIGIN_TX;
        return tx_from_text(s, j->text_n, &ret->txid) ||
               err_fail(err, ERR_INPUT, "%s: \"%.200s\" is not a transaction id", what, s);
    }
    ret->kind = strcmp(j->key, "beyond") ? ORIGIN_ADDRESS : ORIGIN_BEYOND;
    ret->address = s;
    return text_is_plain(s, j->text_n) ||
           err_fail(err, ERR_INPUT, "%s: a control character in it", what);
}

static bool chain_if(const struct json *object, const char *what, const char **ret, struct err *err)
{
    const struct json *j = json_get(object, "chain");

    if (!j)
        return true;
    return json_text(j, what, ret, err) &&
           (chain_by_name(*ret) ||
            err_fail(err, ERR_INPUT, "%s: \"%.100s\" is not known here", what, *ret));
}

/* An origin, or (ends: beyond is known, too) an end of a conversion. */
static bool origin_read(const struct json *j, const char *at, bool beyond, struct case_origin *ret,
                        struct err *err)
{
    static const char *const known[] = {"output",    "tx",    "transfer", "address", "from_height",
                                        "from_time", "chain", "asset",    NULL},
                             *const with[] = {"output",      "tx",        "transfer", "address",
                                              "from_height", "from_time", "chain",    "asset",
                                              "beyond",      NULL},
                             *const ids[] = {"output", "tx", "transfer", "address", "beyond"},
                             *const froms[] = {"from_height", "from_time"};
    struct place p = {.at = at};
    const struct json *id = NULL, *asset = json_get(j, "asset");
    size_t ids_n = 0;

    if (!json_only(j, at, beyond ? with : known, err))
        return false;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (json_get(j, ids[i])) {
            id = json_get(j, ids[i]);
            ids_n++;
        }
    if (ids_n != 1)
        return err_fail(err, ERR_INPUT, "%s: one of output, tx, transfer%s is wanted", at,
                        beyond ? ", address and beyond" : " and address");
    if (!origin_id(id, &p, ret, err))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (!ret->address && json_get(j, froms[i]))
            return err_fail(err, ERR_INPUT, "%s: goes with an address only",
                            place_of(&p, froms[i]));
    if (asset && (ret->kind == ORIGIN_OUTPUT || ret->kind == ORIGIN_TRANSFER))
        return err_fail(err, ERR_INPUT, "%s: an output or a transfer has one asset alone",
                        place_of(&p, "asset"));
    return u32_if(j, "from_height", place_of(&p, "from_height"), NULL, &ret->from_height, err) &&
           time_if(j, "from_time", place_of(&p, "from_time"), NULL, &ret->from_time, err) &&
           chain_if(j, place_of(&p, "chain"), &ret->chain, err) &&
           (!asset || plain_text(asset, place_of(&p, "asset"), &ret->asset, err));
}

static bool list(const struct json *j, const char *what, size_t max, struct err *err)
{
    if (j->type != JSON_ARRAY)
        return err_fail(err, ERR_INPUT, "%s: a list is wanted", what);
    if (j->children_n > max)
        return err_fail(err, ERR_LIMIT, "%s: more than %zu", what, max);
    return true;
}

static bool origins_read(struct arena *a, const struct json *j, struct case_file *ret,
                         struct err *err)
{
    struct case_origin *at;
    char what[64];
    size_t i = 0;

    if (!j)
        return err_fail(err, ERR_INPUT, "origins: missing");
    if (!list(j, "origins", CASE_ORIGINS_MAX, err))
        return false;
    if (!j->children_n)
        return err_fail(err, ERR_INPUT, "origins: none");
    at = ARENA_ARRAY(a, struct case_origin, j->children_n);
    if (!at)
        return no_memory(a, err, "origins");
    for (const struct json *o = j->child; o; o = o->next, i++) {
        snprintf(what, sizeof(what), "origins[%zu]", i);
        if (!origin_read(o, what, false, &at[i], err))
            return false;
    }
    ret->origins = at;
    ret->origins_n = i;
    return true;
}

/* One end, or a list of them: conversions[0].to, conversions[0].to[1]. */
static bool ends_read(struct arena *a, const struct json *j, const char *what, bool beyond,
                      const struct case_origin **ret, size_t *ret_n, struct err *err)
{
    bool is_list = j && j->type == JSON_ARRAY;
    size_t n = is_list ? j->children_n : 1, i = 0;
    const struct json *end = is_list ? j->child : j;
    struct case_origin *at;
    char which[96];

    if (!j)
        return err_fail(err, ERR_INPUT, "%s: missing", what);
    if (!n)
        return err_fail(err, ERR_INPUT, "%s: none", what);
    if (n > CASE_ORIGINS_MAX)
        return err_fail(err, ERR_LIMIT, "%s: more than %zu", what, CASE_ORIGINS_MAX);
    at = ARENA_ARRAY(a, struct case_origin, n);
    if (!at)
        return no_memory(a, err, "conversions");
    for (; i < n; i++, end = end->next) {
        if (is_list)
            snprintf(which, sizeof(which), "%s[%zu]", what, i);
        if (!origin_read(end, is_list ? which : what, beyond, &at[i], err))
            return false;
    }
    *ret = at;
    *ret_n = n;
    return true;
}

static bool conversion_read(struct arena *a, const struct json *j, size_t i,
                            struct case_conversion *ret, struct err *err)
{
    static const char *const known[] = {"from", "to", "amount", "source", "note", NULL};
    const struct json *note = json_get(j, "note");
    char what[64];

    snprintf(what, sizeof(what), "conversions[%zu]", i);
    if (!json_only(j, what, known, err))
        return false;
    snprintf(what, sizeof(what), "conversions[%zu].from", i);
    if (!ends_read(a, json_get(j, "from"), what, false, &ret->from, &ret->from_n, err))
        return false;
    snprintf(what, sizeof(what), "conversions[%zu].to", i);
    if (!ends_read(a, json_get(j, "to"), what, true, &ret->to, &ret->to_n, err))
        return false;
    snprintf(what, sizeof(what), "conversions[%zu].amount", i);
    if (!amount_if(j, "amount", what, &ret->has_amount, &ret->amount, err))
        return false;
    snprintf(what, sizeof(what), "conversions[%zu].source", i);
    if (!plain_text(json_get(j, "source"), what, &ret->source, err))
        return false;
    snprintf(what, sizeof(what), "conversions[%zu].note", i);
    return !note || plain_text(note, what, &ret->note, err);
}

bool case_conversions_read(struct arena *a, const struct json *j,
                           const struct case_conversion **ret, size_t *ret_n, struct err *err)
{
    struct case_conversion *at;
    size_t i = 0;

    if (!list(j, "conversions", CASE_CONVERSIONS_MAX, err))
        return false;
    at = ARENA_ARRAY(a, struct case_conversion, j->children_n);
    if (!at)
        return no_memory(a, err, "conversions");
    for (const struct json *c = j->child; c; c = c->next, i++)
        if (!conversion_read(a, c, i, &at[i], err))
            return false;
    *ret = at;
    *ret_n = i;
    return true;
}

static bool stop_read(const struct json *j, size_t i, struct trace_stop *ret, struct err *err)
{
    static const char *const known[] = {"address", "name", "category", "source", "chain", NULL};
    const char **to[] = {&ret->address, &ret->name, &ret->category, &ret->source};
    char what[64];

    ret->source = "case";
    snprintf(what, sizeof(what), "stops[%zu]", i);
    if (!json_only(j, what, known, err))
        return false;
    for (size_t k = 0; k < 4; k++) {
        const struct json *member = json_get(j, known[k]);

        snprintf(what, sizeof(what), "stops[%zu].%s", i, known[k]);
        if ((member || k < 3) && !plain_text(member, what, to[k], err))
            return false;
    }
    snprintf(what, sizeof(what), "stops[%zu].chain", i);
    return chain_if(j, what, &ret->chain, err) &&
           (*ret->address || err_fail(err, ERR_INPUT, "stops[%zu].address: empty", i));
}

bool case_stops_read(struct arena *a, const struct json *j, const struct trace_stop **ret,
                     size_t *ret_n, struct err *err)
{
    struct trace_stop *at;
    size_t i = 0;

    if (!list(j, "stops", CASE_STOPS_MAX, err))
        return false;
    at = ARENA_ARRAY(a, struct trace_stop, j->children_n);
    if (!at)
        return no_memory(a, err, "stops");
    for (const struct json *s = j->child; s; s = s->next, i++)
        if (!stop_read(s, i, &at[i], err))
            return false;
    *ret = at;
    *ret_n = i;
    return true;
}

bool case_tokens_read(struct arena *a, const struct json *j, const struct trace_token **ret,
                      size_t *ret_n, struct err *err)
{
    static const char *const known[] = {"address", "symbol", "source", "chain", NULL};
    struct trace_token *at;
    char what[64];
    size_t i = 0;

    if (!list(j, "tokens", CASE_TOKENS_MAX, err))
        return false;
    at = ARENA_ARRAY(a, struct trace_token, j->children_n);
    if (!at)
        return no_memory(a, err, "tokens");
    for (const struct json *t = j->child; t; t = t->next, i++) {
        const char **to[] = {&at[i].address, &at[i].symbol, &at[i].source};

        at[i].source = "case";
        snprintf(what, sizeof(what), "tokens[%zu]", i);
        if (!json_only(t, what, known, err))
            return false;
        for (size_t k = 0; k < 3; k++) {
            const struct json *member = json_get(t, known[k]);

            snprintf(what, sizeof(what), "tokens[%zu].%s", i, known[k]);
            if ((member || k < 2) && !plain_text(member, what, to[k], err))
                return false;
        }
        snprintf(what, sizeof(what), "tokens[%zu].chain", i);
        if (!chain_if(t, what, &at[i].chain, err))
            return false;
    }
    *ret = at;
    *ret_n = i;
    return true;
}

static bool look_fits(struct look_rule r, const char *what, enum err_class class, struct err *err)
{
    return (r.head <= LOOK_DIGITS_MAX && r.tail <= LOOK_DIGITS_MAX &&
            r.head + r.tail >= LOOK_DIGITS_MIN && r.head + r.tail <= LOOK_DIGITS_MAX) ||
           err_fail(err, class, "%s: from %d to %d digits together are wanted", what,
                    LOOK_DIGITS_MIN, LOOK_DIGITS_MAX);
}

bool look_rule_from_text(const char *s, struct look_rule *ret, struct err *err)
{
    const char *comma = strchr(s, ',');
    uint64_t head, tail;

    if (!comma || !u64_from_text(s, (size_t)(comma - s), &head) ||
        !u64_from_text(comma + 1, strlen(comma + 1), &tail) || head > LOOK_DIGITS_MAX ||
        tail > LOOK_DIGITS_MAX)
        return err_fail(err, ERR_USAGE, "--look-alike \"%.100s\": HEAD,TAIL is wanted, like %d,%d",
                        s, LOOK_HEAD, LOOK_TAIL);
    *ret = (struct look_rule){(unsigned)head, (unsigned)tail};
    return look_fits(*ret, "--look-alike", ERR_USAGE, err);
}

bool case_look_read(const struct json *j, struct look_rule *ret, struct err *err)
{
    static const char *const known[] = {"head", "tail", NULL};
    uint64_t head, tail;

    if (!json_only(j, "look_alike", known, err) ||
        !json_u64(json_get(j, "head"), "look_alike.head", &head, err) ||
        !json_u64(json_get(j, "tail"), "look_alike.tail", &tail, err))
        return false;
    if (head > LOOK_DIGITS_MAX || tail > LOOK_DIGITS_MAX)
        head = tail = LOOK_DIGITS_MAX; /* more than fit */
    *ret = (struct look_rule){(unsigned)head, (unsigned)tail};
    return look_fits(*ret, "look_alike", ERR_INPUT, err);
}

static bool trust_read(const struct json *j, size_t i, const char *chain, struct case_trust *ret,
                       struct err *err)
{
    static const char *const known[] = {"contract", "name", "source", "chain", NULL};
    const char **to[] = {&ret->contract, &ret->name, &ret->source};
    uint8_t key[ACCOUNT_KEY_MAX];
    char what[64];
    size_t n;

    ret->chain = chain;
    snprintf(what, sizeof(what), "trusts[%zu]", i);
    if (!json_only(j, what, known, err))
        return false;
    for (size_t k = 0; k < 3; k++) {
        snprintf(what, sizeof(what), "trusts[%zu].%s", i, known[k]);
        if (!plain_text(json_get(j, known[k]), what, to[k], err))
            return false;
    }
    snprintf(what, sizeof(what), "trusts[%zu].chain", i);
    if (!chain_if(j, what, &ret->chain, err))
        return false;
    if (!ret->chain || chain_by_name(ret->chain)->shape != CHAIN_ACCOUNTS)
        return err_fail(err, ERR_INPUT, "%s: a chain with accounts is wanted", what);
    return account_read(chain_by_name(ret->chain), ret->contract, key, &n, err) ||
           err_in(err, "trusts[%zu].contract", i);
}

bool case_trusts_read(struct arena *a, const struct json *j, const char *chain,
                      const struct case_trust **ret, size_t *ret_n, struct err *err)
{
    struct case_trust *at;
    size_t i = 0;

    if (!list(j, "trusts", CASE_TRUSTS_MAX, err))
        return false;
    at = ARENA_ARRAY(a, struct case_trust, j->children_n);
    if (!at)
        return no_memory(a, err, "trusts");
    for (const struct json *t = j->child; t; t = t->next, i++)
        if (!trust_read(t, i, chain, &at[i], err))
            return false;
    *ret = at;
    *ret_n = i;
    return true;
}

static bool sources_read(struct arena *a, const struct json *j, struct case_file *ret,
                         struct err *err)
{
    const char **at;
    char what[64];
    size_t i = 0;

    if (!list(j, "sources", CASE_SOURCES_MAX, err))
        return false;
    at = ARENA_ARRAY(a, const char *, j->children_n);
    if (!at)
        return no_memory(a, err, "sources");
    for (const struct json *s = j->child; s; s = s->next, i++) {
        snprintf(what, sizeof(what), "sources[%zu]", i);
        if (!plain_text(s, what, &at[i], err))
            return false;
    }
    ret->sources = at;
    ret->sources_n = i;
    return true;
}

static bool limits_read(const struct json *j, struct case_file *ret, struct err *err)
{
    static const char *const known[] = {"dust", "hops_max", "until", "until_time", NULL};

    if (json_get(j, "until") && json_get(j, "until_time"))
        return err_fail(err, ERR_INPUT, "limits: one of until and until_time");
    return json_only(j, "limits", known, err) &&
           amount_if(j, "dust", "limits.dust", &ret->has_dust, &ret->dust, err) &&
           u32_if(j, "hops_max", "limits.hops_max", &ret->has_hops, &ret->hops_max, err) &&
           u32_if(j, "until", "limits.until", &ret->has_until, &ret->until, err) &&
           time_if(j, "until_time", "limits.until_time", &ret->has_until_time, &ret->until_time,
                   err);
}

static bool policy_read(const struct json *j, struct case_file *ret, struct err *err)
{
    const char *s;

    if (!json_text(j, "policy", &s, err))
        return false;
    ret->has_policy = true;
    if (!trace_policy_from_name(s, &ret->policy))
        return err_fail(err, ERR_INPUT,
                        "policy: \"%.100s\" is not fifo, lifo, haircut, tiho, libr or poison", s);
    return true;
}

static bool kind_check(const char *kind, struct err *err)
{
    static const char *const kinds[] = {"theft", "payroll", "extortion", "intrusion"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!kind || !strcmp(kind, kinds[i]))
            return true;
    return err_fail(err, ERR_INPUT,
                    "kind: \"%.100s\" is not theft, payroll, extortion or intrusion", kind);
}

bool case_read(struct arena *a, struct bytes in, struct case_file *ret, struct err *err)
{
    static const char *const known[] = {"id",     "title",      "kind",    "chain",       "origins",
                                        "policy", "limits",     "stops",   "conversions", "tokens",
                                        "trusts", "look_alike", "sources", NULL};
    struct case_file c = {.hops_max = TRACE_HOPS_NONE};
    const struct json *j, *stops, *conversions, *sources, *limits, *policy, *tokens, *look, *trusts;

    if (in.n > CASE_FILE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a case file of more than %zu bytes", CASE_FILE_BYTES_MAX);
    if (!json_read(a, (const char *)in.p, in.n, &j, err) || !json_only(j, "case", known, err))
        return false;
    if (!plain_text_if(j, "id", &c.id, err) || !plain_text_if(j, "title", &c.title, err) ||
        !plain_text_if(j, "kind", &c.kind, err) || !chain_if(j, "chain", &c.chain, err) ||
        !kind_check(c.kind, err) || !origins_read(a, json_get(j, "origins"), &c, err))
        return false;
    policy = json_get(j, "policy");
    limits = json_get(j, "limits");
    stops = json_get(j, "stops");
    conversions = json_get(j, "conversions");
    tokens = json_get(j, "tokens");
    look = json_get(j, "look_alike");
    trusts = json_get(j, "trusts");
    sources = json_get(j, "sources");
    if ((policy && !policy_read(policy, &c, err)) || (limits && !limits_read(limits, &c, err)) ||
        (stops && !case_stops_read(a, stops, &c.stops, &c.stops_n, err)) ||
        (conversions &&
         !case_conversions_read(a, conversions, &c.conversions, &c.conversions_n, err)) ||
        (tokens && !case_tokens_read(a, tokens, &c.tokens, &c.tokens_n, err)) ||
        (look && !case_look_read(look, &c.look, err)) ||
        (trusts && !case_trusts_read(a, trusts, c.chain, &c.trusts, &c.trusts_n, err)) ||
        (sources && !sources_read(a, sources, &c, err)))
        return false;
    *ret = c;
    return true;
}
