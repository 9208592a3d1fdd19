#include "chain/xrpl/tx.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "chain/balance_pairs.h"
#include "chain/memo.h"
#include "chain/xrpl/address.h"
#include "chain/xrpl/form.h"

#define DIGITS_MAX 40
#define EXPONENT_MAX 200
#define ISSUED_MAX 64u                     /* tokens, and balances in doubt, of one transaction */
#define FORM_BYTES_MAX ((size_t)256 << 20) /* of memory */
#define SPONSOR_PAYS_FEE 1u                /* of SponsorFlags */

struct issued { /* how much there is of a token in all */
    struct bytes asset;
    struct u256 before, after;
};

struct doubt { /* a balance of a token, or for fees: was it the same before, or 0? */
    struct bytes holder, asset;
    struct u256 after;
};

struct reading {
    struct arena *a;
    const struct json *tx, *meta, *outer;
    struct balance_changes changes;
    struct fact_transfer *at; /* [n] */
    size_t n, size;
    struct bytes destination, tagged; /* n = 0: there is no tag */
    struct issued issued[ISSUED_MAX]; /* [issued_n] of tokens */
    struct doubt doubts[ISSUED_MAX];  /* [doubts_n] */
    unsigned issued_n, doubts_n;
    uint32_t position;
};

static bool bad(const char *what, struct err *err)
{
    return err_fail(err, ERR_INPUT, "%s", what);
}

static bool no_memory(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "a transaction");
}

/* ---- amounts ---- */

static bool times_10(struct u256 *v, unsigned n)
{
    while (n--)
        if (!u256_mul(*v, u256_of(10), v))
            return false;
    return true;
}

bool xrpl_value(const char *p, size_t n, bool *ret_minus, struct u256 *ret)
{
    char digits[DIGITS_MAX];
    size_t at = 0, digits_n = 0;
    long shift = XRPL_DECIMALS, exponent = 0;
    bool minus = n && p[0] == '-', point = false, any = false;

    for (at = minus; at < n && p[at] != 'e' && p[at] != 'E'; at++) {
        if (p[at] == '.' && !point) {
            point = true;
            continue;
        }
        if (p[at] < '0' || p[at] > '9')
            return false;
        any = true;
        shift -= point;
        if (digits_n || p[at] != '0') {
            if (digits_n == DIGITS_MAX)
                return false;
            digits[digits_n++] = p[at];
        }
    }
    if (at < n) {
        uint64_t v;
        bool down = at + 1 < n && p[at + 1] == '-', up = at + 1 < n && p[at + 1] == '+';

        at += 1u + (down || up);
        if (!u64_from_text(p + at, n - at, &v) || v > EXPONENT_MAX)
            return false;
        exponent = down ? -(long)v : (long)v;
    }
    if (!any || (minus && !ret_minus))
        return false;
    shift += exponent;
    while (shift < 0 && digits_n) {
        digits_n--;
        shift++;
    }
    *ret = u256_of(0);
    if (ret_minus)
        *ret_minus = minus;
    return !digits_n || (u256_from_text(digits, digits_n, ret) && times_10(ret, (unsigned)shift));
}

static bool drops_of(const struct json *j, struct u256 *ret)
{
    return j && (j->type == JSON_STRING || j->type == JSON_NUMBER) &&
           u256_from_text(j->text, j->text_n, ret);
}

/* Of a token: a whole number of its smallest part. */
static bool parts_of(const struct json *j, struct u256 *ret)
{
    return drops_of(j, ret) && times_10(ret, XRPL_DECIMALS);
}

static bool text_member(const struct json *j, const char *name, const char **ret, struct err *err)
{
    const struct json *m = json_get(j, name);

    return json_text(m, name, ret, err);
}

static bool account_of(struct reading *r, const struct json *j, const char *name, struct bytes *ret,
                       struct err *err)
{
    uint8_t key[XRPL_ACCOUNT_BYTES];
    const char *text;

    if (!text_member(j, name, &text, err))
        return false;
    if (!xrpl_account_read(text, key))
        return err_fail(err, ERR_INPUT, "%s: \"%.60s\" is no account", name, text);
    *ret = (struct bytes){arena_copy(r->a, key, sizeof(key)), sizeof(key)};
    return ret->p || no_memory(err);
}

static bool asset_of(struct reading *r, const struct json *currency, const uint8_t *issuer,
                     struct bytes *ret, struct err *err)
{
    uint8_t key[XRPL_ASSET_BYTES];

    if (!currency || currency->type != JSON_STRING ||
        !xrpl_currency_read(currency->text, currency->text_n, key))
        return bad("currency: three characters or 40 hex digits are wanted", err);
    memcpy(key + 20, issuer, XRPL_ACCOUNT_BYTES);
    *ret = (struct bytes){arena_copy(r->a, key, sizeof(key)), sizeof(key)};
    return ret->p || no_memory(err);
}

static bool token_of(struct reading *r, const struct json *id, struct bytes *ret, struct err *err)
{
    uint8_t bytes[XRPL_TOKEN_ID_BYTES], key[XRPL_TOKEN_BYTES];

    if (!id || id->type != JSON_STRING || !hex_decode(id->text, id->text_n, bytes, sizeof(bytes)))
        return bad("a token: the 48 hex digits of its issuance are wanted", err);
    xrpl_token_key(bytes, key);
    *ret = (struct bytes){arena_copy(r->a, key, sizeof(key)), sizeof(key)};
    return ret->p || no_memory(err);
}

static bool amount_of(struct reading *r, const struct json *j, struct bytes *ret_asset,
                      struct u256 *ret, struct err *err)
{
    uint8_t issuer[XRPL_ACCOUNT_BYTES];
    const struct json *value = json_get(j, "value");
    const char *text;

    *ret_asset = (struct bytes){NULL, 0};
    if (drops_of(j, ret))
        return true;
    if (json_get(j, "mpt_issuance_id"))
        return token_of(r, json_get(j, "mpt_issuance_id"), ret_asset, err) &&
               (parts_of(value, ret) || bad("an amount has a value", err));
    if (!text_member(j, "issuer", &text, err))
        return false;
    if (!xrpl_account_read(text, issuer) || !value || value->type != JSON_STRING ||
        !xrpl_value(value->text, value->text_n, NULL, ret))
        return bad("an amount has a value, a currency and an issuer", err);
    return asset_of(r, json_get(j, "currency"), issuer, ret_asset, err);
}

/* ---- balances ---- */

struct entry {                         /* of AffectedNodes */
    const struct json *final, *before; /* before NULL: what changed is not there */
    const char *index;
    bool made, ended;
};

static const struct json *field_before(const struct entry *e, const char *name)
{
    const struct json *j = json_get(e->before, name);

    return j ? j : json_get(e->final, name);
}

static bool put_change(struct reading *r, struct bytes holder, struct bytes asset,
                       struct u256 before, struct u256 after, struct err *err)
{
    struct balance_change *d = balance_change(&r->changes, holder, asset, before, true, err);

    d = d ? balance_change(&r->changes, holder, asset, after, false, err) : NULL;
    if (!d)
        return false;
    if (asset.n == XRPL_ASSET_BYTES)
        d->gone_to = (struct bytes){asset.p + 20, XRPL_ACCOUNT_BYTES};
    if (asset.n == XRPL_TOKEN_BYTES)
        d->gone_to = (struct bytes){asset.p, XRPL_ACCOUNT_BYTES};
    return true;
}

static bool of_account(struct reading *r, const struct entry *e, struct err *err)
{
    const struct bytes xrp = {NULL, 0};
    struct u256 before = u256_of(0), after = before;
    struct bytes holder;

    if (!account_of(r, e->final, "Account", &holder, err))
        return false;
    if (!json_get(e->final, "Balance"))
        return true;
    if (!drops_of(json_get(e->final, "Balance"), &after) ||
        (!e->made && !drops_of(field_before(e, "Balance"), &before)))
        return bad("Balance: drops are wanted", err);
    return put_change(r, holder, xrp, before, after, err);
}

struct line {
    struct bytes low, high, low_asset, high_asset; /* what each side holds: issued by the other */
};

static bool line_side(struct reading *r, const struct line *l, const struct json *balance,
                      bool after, struct err *err)
{
    struct u256 v, none = u256_of(0);
    const struct json *value = json_get(balance, "value");
    bool minus;

    if (!value || value->type != JSON_STRING || !xrpl_value(value->text, value->text_n, &minus, &v))
        return bad("RippleState: a balance is wanted", err);
    return put_change(r, minus ? l->high : l->low, minus ? l->high_asset : l->low_asset,
                      after ? none : v, after ? v : none, err);
}

static bool of_line(struct reading *r, const struct entry *e, struct err *err)
{
    const struct json *balance = json_get(e->final, "Balance"),
                      *currency = json_get(balance, "currency");
    struct line l;

    if (!account_of(r, json_get(e->final, "LowLimit"), "issuer", &l.low, err) ||
        !account_of(r, json_get(e->final, "HighLimit"), "issuer", &l.high, err) ||
        !asset_of(r, currency, l.high.p, &l.low_asset, err) ||
        !asset_of(r, currency, l.low.p, &l.high_asset, err))
        return false;
    return (e->made || line_side(r, &l, field_before(e, "Balance"), false, err)) &&
           line_side(r, &l, balance, true, err);
}

static bool entry_key(struct reading *r, const struct entry *e, struct bytes *ret, struct err *err)
{
    uint8_t key[XRPL_ENTRY_BYTES];

    if (!e->index || !hex_decode(e->index, strlen(e->index), key, sizeof(key)))
        return bad("LedgerIndex: 64 hex digits are wanted", err);
    *ret = (struct bytes){arena_copy(r->a, key, sizeof(key)), sizeof(key)};
    return ret->p || no_memory(err);
}

static bool destination_of(struct reading *r, const struct json *from, struct err *err);

/* To whom an entry pays what it holds or promises, if the transaction does not say. */
static bool paid_out(struct reading *r, const struct entry *e, struct err *err)
{
    return e->made || r->tagged.n || !json_get(e->final, "DestinationTag") ||
           destination_of(r, e->final, err);
}

static bool of_check(struct reading *r, const struct entry *e, struct err *err)
{
    return !e->ended || paid_out(r, e, err);
}

static bool of_escrow(struct reading *r, const struct entry *e, struct err *err)
{
    struct u256 v, none = u256_of(0);
    struct bytes holder, asset;

    if (!entry_key(r, e, &holder, err) || !amount_of(r, field_before(e, "Amount"), &asset, &v, err))
        return false;
    return (!e->made && !e->ended) ||
           (put_change(r, holder, asset, e->made ? none : v, e->made ? v : none, err) &&
            paid_out(r, e, err));
}

/* What is left in a channel: all that was put in less what was paid out. */
static bool channel_left(const struct json *amount, const struct json *balance, struct u256 *ret,
                         struct err *err)
{
    struct u256 paid = u256_of(0);

    return (drops_of(amount, ret) && (!balance || drops_of(balance, &paid)) &&
            u256_sub(*ret, paid, ret)) ||
           bad("PayChannel: Amount and Balance are wanted", err);
}

static bool of_channel(struct reading *r, const struct entry *e, struct err *err)
{
    const struct bytes xrp = {NULL, 0};
    struct u256 before = u256_of(0), after = before;
    struct bytes holder;

    if (!entry_key(r, e, &holder, err) ||
        (!e->made &&
         !channel_left(field_before(e, "Amount"), field_before(e, "Balance"), &before, err)) ||
        (!e->ended &&
         !channel_left(json_get(e->final, "Amount"), json_get(e->final, "Balance"), &after, err)))
        return false;
    return put_change(r, holder, xrp, before, after, err) && paid_out(r, e, err);
}

/* A number that is left out where it is 0, and then in PreviousFields, too: where those name
 * others alone it may have been 0 or the same (*ret_doubt). */
static bool left_out(const struct entry *e, const char *name, struct u256 *ret_before,
                     struct u256 *ret_after, bool *ret_doubt)
{
    const struct json *after = json_get(e->final, name), *before = json_get(e->before, name);

    *ret_before = *ret_after = u256_of(0);
    *ret_doubt = false;
    if (after && !parts_of(after, ret_after))
        return false;
    if (before)
        return parts_of(before, ret_before);
    if (e->made || (e->before && !e->before->child && !e->ended))
        return true;
    *ret_before = *ret_after;
    *ret_doubt = e->before && !e->ended && !u256_zero(*ret_after);
    return true;
}

static bool put_doubt(struct reading *r, struct bytes holder, struct bytes asset, struct u256 after,
                      struct err *err)
{
    if (r->doubts_n == ISSUED_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u balances in doubt", ISSUED_MAX);
    r->doubts[r->doubts_n++] = (struct doubt){holder, asset, after};
    return true;
}

static bool of_token(struct reading *r, const struct entry *e, struct err *err)
{
    struct u256 before, after, none = u256_of(0);
    struct bytes holder, asset;
    bool doubt;

    if (!account_of(r, e->final, "Account", &holder, err) ||
        !token_of(r, json_get(e->final, "MPTokenIssuanceID"), &asset, err))
        return false;
    if (!left_out(e, "MPTAmount", &before, &after, &doubt))
        return bad("MPTAmount: a whole number is wanted", err);
    return doubt ? put_doubt(r, holder, asset, after, err)
                 : put_change(r, holder, asset, before, e->ended ? none : after, err);
}

/* What a sponsor put in for the fees of another: left out where it is 0 (XLS-68). */
static bool of_sponsorship(struct reading *r, const struct entry *e, struct err *err)
{
    const struct json *after = json_get(e->final, "FeeAmount"),
                      *before = json_get(e->before, "FeeAmount");
    struct u256 was = u256_of(0), is = was, none = was;
    const struct bytes xrp = {NULL, 0};
    struct bytes holder;

    if (!entry_key(r, e, &holder, err))
        return false;
    if ((after && !drops_of(after, &is)) || (before && !drops_of(before, &was)))
        return bad("FeeAmount: drops are wanted", err);
    if (!before && !e->made && !e->ended)
        return u256_zero(is) || put_doubt(r, holder, xrp, is, err);
    return put_change(r, holder, xrp, before || e->made ? was : is, e->ended ? none : is, err);
}

static bool issuance_asset(struct reading *r, const struct entry *e, struct bytes *ret,
                           struct err *err)
{
    uint8_t id[XRPL_TOKEN_ID_BYTES], key[XRPL_TOKEN_BYTES];
    struct bytes issuer;
    uint64_t number = 0; /* left out where it is 0, in older answers too */

    if (!account_of(r, e->final, "Issuer", &issuer, err) ||
        (json_get(e->final, "Sequence") &&
         !json_u64(json_get(e->final, "Sequence"), "Sequence", &number, err)))
        return false;
    if (number > UINT32_MAX)
        return bad("Sequence: up to 2^32 - 1", err);
    for (unsigned i = 0; i < 4; i++)
        id[i] = (uint8_t)(number >> (24 - 8 * i));
    memcpy(id + 4, issuer.p, XRPL_ACCOUNT_BYTES);
    xrpl_token_key(id, key);
    *ret = (struct bytes){arena_copy(r->a, key, sizeof(key)), sizeof(key)};
    return ret->p || no_memory(err);
}

/* What is confidential of a token: held by all who have some of it, in one. */
static bool hidden_key(struct reading *r, struct bytes token, struct bytes *ret, struct err *err)
{
    uint8_t key[XRPL_HIDDEN_BYTES];

    memcpy(key, token.p, XRPL_TOKEN_BYTES);
    key[XRPL_TOKEN_BYTES] = XRPL_HIDDEN_MARK;
    *ret = (struct bytes){arena_copy(r->a, key, sizeof(key)), sizeof(key)};
    return ret->p || no_memory(err);
}

/* How much there is in all, and how much of it is confidential (XLS-96). */
static bool of_issuance(struct reading *r, const struct entry *e, struct err *err)
{
    struct u256 before, after, none = u256_of(0);
    struct bytes holder, asset;
    bool doubt;

    if (!issuance_asset(r, e, &asset, err))
        return false;
    if (!left_out(e, "OutstandingAmount", &before, &after, &doubt))
        return bad("OutstandingAmount: a whole number is wanted", err);
    if (r->issued_n == ISSUED_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u tokens", ISSUED_MAX);
    r->issued[r->issued_n++] = (struct issued){asset, before, after};
    if (!left_out(e, "ConfidentialOutstandingAmount", &before, &after, &doubt))
        return bad("ConfidentialOutstandingAmount: a whole number is wanted", err);
    if (u256_zero(before) && u256_zero(after))
        return true;
    return hidden_key(r, asset, &holder, err) &&
           put_change(r, holder, asset, before, e->ended ? none : after, err);
}

/* Does all that is held of a token, with more of it, grow as much as is issued? */
static bool balances(const struct reading *r, struct bytes asset, struct u256 more, bool *ret,
                     struct err *err)
{
    struct u256 gained = more, lost = u256_of(0);
    bool ok = true;

    for (size_t i = 0; i < r->changes.n; i++)
        if (bytes_equal(r->changes.at[i].asset, asset))
            ok = ok && u256_add(gained, r->changes.at[i].more, &gained) &&
                 u256_add(lost, r->changes.at[i].less, &lost);
    for (size_t i = 0; i < r->issued_n; i++)
        if (bytes_equal(r->issued[i].asset, asset))
            ok = ok && u256_add(gained, r->issued[i].before, &gained) &&
                 u256_add(lost, r->issued[i].after, &lost);
    *ret = u256_equal(gained, lost);
    return ok || err_fail(err, ERR_LIMIT, "amounts past 2^256 units");
}

static bool doubts_end(struct reading *r, struct err *err)
{
    for (size_t i = 0; i < r->doubts_n; i++) {
        const struct doubt *d = &r->doubts[i];
        bool same, grown;

        if (!balances(r, d->asset, u256_of(0), &same, err) ||
            !balances(r, d->asset, d->after, &grown, err))
            return false;
        if (!same && grown && !put_change(r, d->holder, d->asset, u256_of(0), d->after, err))
            return false;
    }
    return true;
}

static bool entry_of(const struct json *node, struct entry *ret, const struct json **ret_type,
                     struct err *err)
{
    const struct json *body = node->child, *index;

    if (node->type != JSON_OBJECT || !body)
        return bad("AffectedNodes: an object is wanted", err);
    index = json_get(body, "LedgerIndex");
    *ret = (struct entry){.made = !strcmp(body->key, "CreatedNode"),
                          .ended = !strcmp(body->key, "DeletedNode"),
                          .before = json_get(body, "PreviousFields"),
                          .index = index && index->type == JSON_STRING ? index->text : NULL};
    ret->final = json_get(body, ret->made ? "NewFields" : "FinalFields");
    *ret_type = json_get(body, "LedgerEntryType");
    return true;
}

static bool of_node(struct reading *r, const struct json *node, struct err *err)
{
    static const struct {
        const char *type;
        bool (*read)(struct reading *r, const struct entry *e, struct err *err);
    } rows[] = {{"AccountRoot", of_account},
                {"RippleState", of_line},
                {"Escrow", of_escrow},
                {"Check", of_check},
                {"PayChannel", of_channel},
                {"MPToken", of_token},
                {"MPTokenIssuance", of_issuance},
                {"Sponsorship", of_sponsorship}};
    const struct json *type;
    struct entry e;

    if (!entry_of(node, &e, &type, err))
        return false;
    for (size_t i = 0; e.final && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (json_is_string(type, rows[i].type))
            return rows[i].read(r, &e, err) || err_in(err, "%s", rows[i].type);
    return true;
}

/* ---- moves ---- */

static bool add(struct reading *r, enum transfer_kind kind, struct bytes from, struct bytes to,
                struct bytes asset, struct u256 amount, struct err *err)
{
    struct fact_transfer *t;

    if (r->n == XRPL_TRANSFERS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u transfers", XRPL_TRANSFERS_MAX);
    if (r->n == r->size) {
        size_t size = r->size ? 2 * r->size : 32;

        t = mem_grow(r->at, size * sizeof(*t));
        if (!t)
            return no_memory(err);
        r->at = t;
        r->size = size;
    }
    t = &r->at[r->n++];
    *t = (struct fact_transfer){
        .kind = kind, .from = from, .to = to, .asset = asset, .amount = amount};
    if (kind != TRANSFER_FEE)
        t->credit = amount;
    if (kind == TRANSFER_BALANCE || kind == TRANSFER_PAIRED)
        t->position = r->position++;
    return true;
}

/* What comes to a destination with a tag comes to the tag first. */
static bool move(struct reading *r, enum transfer_kind kind, struct bytes from, struct bytes to,
                 struct bytes asset, struct u256 amount, struct err *err)
{
    bool tagged = r->tagged.n && bytes_equal(to, r->destination);

    if (bytes_equal(from, to))
        return true;
    return add(r, kind, from, tagged ? r->tagged : to, asset, amount, err) &&
           (!tagged || add(r, TRANSFER_BALANCE, r->tagged, to, asset, amount, err));
}

static bool paired(void *ctx, const struct balance_pair *p, struct err *err)
{
    return move(ctx, p->sure ? TRANSFER_BALANCE : TRANSFER_PAIRED, p->from, p->to, p->asset,
                p->amount, err);
}

/* Of this sponsor and sponsee, if there was one before the transaction: it pays then, whether the
 * sponsor signed, too, or not (XLS-68). */
static bool is_sponsorship(const struct reading *r, const struct entry *e, const struct json *type)
{
    const struct json *sponsee =
                          json_get(r->tx, json_get(r->tx, "Delegate") ? "Delegate" : "Account"),
                      *sponsor = json_get(r->tx, "Sponsor");

    return !e->made && json_is_string(type, "Sponsorship") && sponsor && sponsee &&
           sponsor->type == JSON_STRING && sponsee->type == JSON_STRING &&
           json_is_string(json_get(e->final, "Owner"), sponsor->text) &&
           json_is_string(json_get(e->final, "Sponsee"), sponsee->text);
}

static bool fee_payer(struct reading *r, const struct json *nodes, struct bytes *ret,
                      struct err *err)
{
    uint64_t flags = 0;

    if (json_get(r->tx, "Sponsor") && json_get(r->tx, "SponsorFlags") &&
        !json_u64(json_get(r->tx, "SponsorFlags"), "SponsorFlags", &flags, err))
        return false;
    if (!(flags & SPONSOR_PAYS_FEE))
        return account_of(r, r->tx, json_get(r->tx, "Delegate") ? "Delegate" : "Account", ret, err);
    for (const struct json *n = nodes->child; n; n = n->next) {
        const struct json *type;
        struct entry e;

        if (!entry_of(n, &e, &type, err))
            return false;
        if (is_sponsorship(r, &e, type))
            return entry_key(r, &e, ret, err);
    }
    return account_of(r, r->tx, "Sponsor", ret, err);
}

/* Who has less than the fee gives all that he has (xrpl.org, "tec Codes", tecINSUFF_FEE). */
static bool fee_that_is_there(struct reading *r, const struct json *nodes, struct bytes payer,
                              struct u256 *fee, struct err *err)
{
    for (const struct json *n = nodes->child; n; n = n->next) {
        struct u256 before, after, less;
        const struct json *type;
        struct bytes account;
        struct entry e;

        if (!entry_of(n, &e, &type, err))
            return false;
        if (e.made || !json_is_string(type, "AccountRoot") || !json_get(e.final, "Balance"))
            continue;
        if (!account_of(r, e.final, "Account", &account, err))
            return false;
        if (!drops_of(json_get(e.final, "Balance"), &after) ||
            !drops_of(field_before(&e, "Balance"), &before))
            return bad("Balance: drops are wanted", err);
        if (bytes_equal(account, payer) && u256_sub(before, after, &less))
            *fee = u256_min(*fee, less);
    }
    return true;
}

static bool fee(struct reading *r, const struct json *nodes, struct err *err)
{
    const struct bytes none = {NULL, 0};
    struct bytes payer;
    struct u256 drops;

    if (!drops_of(json_get(r->tx, "Fee"), &drops))
        return bad("Fee: drops are wanted", err);
    if (u256_zero(drops)) /* what validators put in has no account */
        return true;
    if (!fee_payer(r, nodes, &payer, err))
        return false;
    if (json_is_string(json_get(r->meta, "TransactionResult"), "tecINSUFF_FEE") &&
        !fee_that_is_there(r, nodes, payer, &drops, err))
        return false;
    return add(r, TRANSFER_FEE, payer, none, none, drops, err) &&
           balance_change(&r->changes, payer, none, drops, false, err);
}

/* from: the transaction, or an entry; Destination and DestinationTag. */
static bool destination_of(struct reading *r, const struct json *from, struct err *err)
{
    const struct json *tag = json_get(from, "DestinationTag");
    uint8_t key[XRPL_TAGGED_BYTES];
    uint64_t v;

    if (!json_get(from, "Destination"))
        return true;
    if (!account_of(r, from, "Destination", &r->destination, err))
        return false;
    if (!tag)
        return true;
    if (!json_u64(tag, "DestinationTag", &v, err))
        return false;
    if (v > UINT32_MAX)
        return bad("DestinationTag: up to 2^32 - 1", err);
    xrpl_tagged_key(r->destination.p, (uint32_t)v, key);
    r->tagged = (struct bytes){arena_copy(r->a, key, sizeof(key)), sizeof(key)};
    return r->tagged.p || no_memory(err);
}

static struct balance_change *change_of(struct reading *r, struct bytes holder, struct bytes asset)
{
    for (size_t i = 0; i < r->changes.n; i++)
        if (bytes_equal(r->changes.at[i].holder, holder) &&
            bytes_equal(r->changes.at[i].asset, asset))
            return &r->changes.at[i];
    return NULL;
}

/* How much more is held, or less. */
static struct u256 net(const struct balance_change *d, bool less)
{
    struct u256 v;

    return u256_sub(less ? d->less : d->more, less ? d->more : d->less, &v) ? v : u256_of(0);
}

/* What a server says, or the ledger itself of a partial payment; else all that was asked for.
 * xrpl.org, "Partial Payments": metadata have it only where it is another amount. */
static const struct json *delivered_told(const struct reading *r)
{
    static const char *const tolds[] = {"delivered_amount", "DeliveredAmount", NULL},
                             *const asked[] = {"Amount", "DeliverMax", NULL};
    const struct json *told = xrpl_first_of(r->meta, NULL, tolds);

    return told && !json_is_string(told, "unavailable") ? told : xrpl_first_of(r->tx, NULL, asked);
}

/* What a payment delivered, as far as both balances have changed by it: no amount is believed. */
static bool delivered(struct reading *r, struct err *err)
{
    const struct json *told = delivered_told(r);
    struct balance_change *from, *to;
    struct bytes account, asset;
    struct u256 v;

    if (!told || !json_is_string(json_get(r->tx, "TransactionType"), "Payment"))
        return true;
    if (!account_of(r, r->tx, "Account", &account, err) || !amount_of(r, told, &asset, &v, err))
        return err_in(err, "delivered_amount");
    from = change_of(r, account, asset);
    to = change_of(r, r->destination, asset);
    if (!from || !to || from == to)
        return true;
    v = u256_min(v, u256_min(net(from, true), net(to, false)));
    if (u256_zero(v))
        return true;
    return u256_add(from->more, v, &from->more) && u256_add(to->less, v, &to->less) &&
           move(r, TRANSFER_VALUE, account, r->destination, asset, v, err);
}

static bool moves(struct reading *r, bool *ret_failed, struct err *err)
{
    const struct json *nodes = json_get(r->meta, "AffectedNodes"),
                      *result = json_get(r->meta, "TransactionResult");

    if (!nodes || nodes->type != JSON_ARRAY || !result || result->type != JSON_STRING)
        return bad("meta: AffectedNodes and TransactionResult are wanted", err);
    *ret_failed = strcmp(result->text, "tesSUCCESS") != 0;
    if (!fee(r, nodes, err) || !destination_of(r, r->tx, err))
        return false;
    if (*ret_failed)
        return true;
    for (const struct json *n = nodes->child; n; n = n->next)
        if (!of_node(r, n, err))
            return false;
    return doubts_end(r, err) && delivered(r, err) && balance_pairs(&r->changes, paired, r, err);
}

/* ---- what is said ---- */

/* The first of a payment's memos that a router is asked by, or says what it pays for. */
static bool memo_event(struct reading *r, struct fact_tx *ret, struct err *err)
{
    const struct json *memos = json_get(r->tx, "Memos");
    struct fact_event e = {.kind = EVENT_MEMO};
    uint8_t room[MEMO_BYTES_MAX];
    struct memo memo;

    if (!memos || memos->type != JSON_ARRAY || !r->destination.n ||
        !json_is_string(json_get(r->tx, "TransactionType"), "Payment"))
        return true;
    for (const struct json *m = memos->child; m && !e.data.n; m = m->next) {
        const struct json *hex = json_get(json_get(m, "Memo"), "MemoData");
        struct bytes text = {room, hex && hex->type == JSON_STRING ? hex->text_n / 2 : 0};

        if (text.n && text.n <= sizeof(room) && hex_decode(hex->text, hex->text_n, room, text.n) &&
            memo_is_sent(text, &memo))
            e.data = text;
    }
    if (!e.data.n)
        return true;
    e.data.p = arena_copy(r->a, e.data.p, e.data.n);
    e.subject = r->destination;
    if (!memo_asks(memo.kind) && !account_of(r, r->tx, "Account", &e.subject, err))
        return false;
    ret->events = arena_copy(r->a, &e, sizeof(e));
    ret->events_n = 1;
    return (e.data.p && ret->events) || no_memory(err);
}

/* ---- where everything stands ---- */

static bool number_of(const struct json *j, uint64_t *ret)
{
    return j && (j->type == JSON_NUMBER || j->type == JSON_STRING) &&
           u64_from_text(j->text, j->text_n, ret);
}

static void find_place(const struct reading *r, struct xrpl_tx *ret)
{
    static const char *const ledgers[] = {"ledger_index", "inLedger", NULL},
                             *const dates[] = {"date", NULL},
                             *const isos[] = {"close_time_iso", NULL};
    const struct json *date = xrpl_first_of(r->tx, r->outer, dates),
                      *iso = date ? date : xrpl_first_of(r->outer, r->tx, isos);

    ret->has_ledger = number_of(xrpl_first_of(r->outer, r->tx, ledgers), &ret->ledger);
    ret->has_index = number_of(json_get(r->meta, "TransactionIndex"), &ret->index);
    ret->has_time = number_of(date, &ret->time);
    if (ret->has_time)
        ret->time += XRPL_EPOCH;
    else if (iso && iso->type == JSON_STRING) /* some tools write it for people */
        ret->has_time = time_from_iso(iso->text, iso->text_n, &ret->time);
}

static bool tx_facts(struct reading *r, struct xrpl_tx *ret, struct err *err)
{
    if (!moves(r, &ret->fact.failed, err) || (!ret->fact.failed && !memo_event(r, &ret->fact, err)))
        return false;
    ret->fact.transfers_n = r->n;
    if (!r->n)
        return true;
    ret->fact.transfers = arena_copy(r->a, r->at, r->n * sizeof(*r->at));
    return ret->fact.transfers || no_memory(err);
}

bool xrpl_tx_of(struct arena *a, const struct xrpl_form *f, struct xrpl_tx *ret, struct err *err)
{
    struct reading r = {.a = a, .tx = f->tx, .meta = f->meta, .outer = f->outer};
    bool ok;

    *ret = (struct xrpl_tx){.fact.hash = f->id, .checked = f->checked};
    ok = tx_facts(&r, ret, err);
    mem_free(r.at);
    mem_free(r.changes.at);
    if (ok)
        find_place(&r, ret);
    return ok;
}

bool xrpl_tx_read_leaf(struct arena *a, const struct json *j, struct xrpl_tx *ret,
                       struct xrpl_leaf *leaf, bool *has_leaf, struct err *err)
{
    struct arena *forms = arena_new(NULL, FORM_BYTES_MAX);
    struct xrpl_form f;
    bool ok = forms || no_memory(err);

    ok = ok && xrpl_form_find(forms, j, leaf != NULL, &f, err) && xrpl_tx_of(a, &f, ret, err);
    if (ok && leaf) {
        *leaf = f.leaf;
        *has_leaf = f.has_leaf;
    }
    arena_free(forms);
    return ok;
}

bool xrpl_tx_read(struct arena *a, const struct json *j, struct xrpl_tx *ret, struct err *err)
{
    return xrpl_tx_read_leaf(a, j, ret, NULL, NULL, err);
}
