#include "group/alert_log.h"

#include "base/unsaid.h"
#include "chain/address_key.h"
#include "chain/chain.h"
#include "group/log_parts.h"

/* ---- bodies ---- */

static bool bytes_kept(struct arena *a, struct text *t, struct bytes *ret, struct err *err)
{
    bool ok = text_end(t, err);

    if (ok) {
        *ret = (struct bytes){(const uint8_t *)arena_string(a, t->p, t->n), t->n};
        ok = ret->p || err_fail(err, ERR_NOMEM, "a body");
    }
    text_free(t);
    return ok;
}

static void put(struct json_out *j, const char *name, const char *s)
{
    if (s)
        json_put_string(j, name, s);
}

static void found_put(struct json_out *j, const struct alert_found_at *f)
{
    json_key(j, "found");
    json_object(j);
    put(j, "block", f->block);
    json_put_bool(j, "cut", f->cut);
    json_put_number(j, "height", f->height);
    json_put_number(j, "hops", f->hops);
    put(j, "service", f->service);
    json_object_end(j);
}

bool alert_body_make(struct arena *a, const struct alert_body *b, struct bytes *ret,
                     struct err *err)
{
    struct text to = text_new(EVENT_BODY_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    struct alert_body again;

    if (b->note && unsaid_in(b->note)) {
        text_free(&to);
        return err_fail(err, ERR_INPUT,
                        "note: whether there is a suspicious-transaction report is not written "
                        "here");
    }
    json_object(&j); /* in the order of their names */
    put(&j, "account", b->account);
    put(&j, "address", b->address);
    put(&j, "chain", b->chain);
    if (b->found)
        found_put(&j, b->found);
    put(&j, "note", b->note);
    put(&j, "output", b->output);
    if (b->salt)
        json_put_hex(&j, "salt", b->salt->b, sizeof(b->salt->b));
    if (b->withdrawals_n) {
        json_key(&j, "withdrawals");
        json_array(&j);
        for (size_t i = 0; i < b->withdrawals_n; i++)
            json_string(&j, b->withdrawals[i]);
        json_array_end(&j);
    }
    json_object_end(&j);
    return bytes_kept(a, &to, ret, err) && alert_body_read(a, *ret, &again, err);
}

static bool plain(const struct json *j, const char *name, size_t max, const char **ret,
                  struct err *err)
{
    if (!j)
        return true;
    if (!json_text(j, name, ret, err))
        return false;
    return (**ret && strlen(*ret) <= max && text_is_plain(*ret, strlen(*ret))) ||
           err_fail(err, ERR_INPUT, "%s: empty, too long, or with control characters", name);
}

static bool salt_read(struct arena *a, const struct json *o, const struct salt32 **ret,
                      struct err *err)
{
    struct salt32 *salt;

    if (!json_get(o, "salt"))
        return true;
    salt = ARENA_NEW(a, struct salt32);
    if (!salt)
        return err_fail(err, ERR_NOMEM, "a salt");
    *ret = salt;
    return hex_member(o, "salt", salt->b, sizeof(salt->b), err);
}

static bool found_read(struct arena *a, const struct json *o, const struct alert_found_at **ret,
                       struct err *err)
{
    static const char *const known[] = {"block", "cut", "height", "hops", "service", NULL};
    const struct json *cut = json_get(o, "cut"), *block = json_get(o, "block");
    struct alert_found_at *f;

    if (!o)
        return true;
    f = ARENA_NEW(a, struct alert_found_at);
    if (!f)
        return err_fail(err, ERR_NOMEM, "a body");
    *ret = f;
    if (!json_only(o, "found", known, err) ||
        !plain(block, "block", ALERT_TEXT_MAX, &f->block, err) ||
        !json_u64(json_get(o, "height"), "height", &f->height, err) ||
        !json_u64(json_get(o, "hops"), "hops", &f->hops, err) ||
        !plain(json_get(o, "service"), "service", ALERT_TEXT_MAX, &f->service, err))
        return false;
    f->cut = cut && cut->type == JSON_TRUE;
    return (f->block && cut && (f->cut || cut->type == JSON_FALSE)) ||
           err_fail(err, ERR_INPUT, "found: block and cut are wanted");
}

static bool withdrawals_read(struct arena *a, const struct json *list, struct alert_body *b,
                             struct err *err)
{
    const char **at;

    if (!list)
        return true;
    if (list->type != JSON_ARRAY || !list->children_n || list->children_n > ALERT_WITHDRAWALS_MAX)
        return err_fail(err, ERR_INPUT, "withdrawals: a list of 1 to %d is wanted",
                        ALERT_WITHDRAWALS_MAX);
    at = ARENA_ARRAY(a, const char *, list->children_n);
    if (!at)
        return err_fail(err, ERR_NOMEM, "withdrawals");
    b->withdrawals = at;
    for (const struct json *j = list->child; j; j = j->next)
        if (!plain(j, "withdrawals", ALERT_TEXT_MAX, &at[b->withdrawals_n++], err))
            return false;
    return true;
}

bool alert_body_read(struct arena *a, struct bytes body, struct alert_body *ret, struct err *err)
{
    static const char *const known[] = {"account", "address", "chain",       "found", "note",
                                        "output",  "salt",    "withdrawals", NULL};
    struct alert_body b = {.account = NULL};
    const struct json *o;

    if (!json_canonical_read(a, (const char *)body.p, body.n, &o, err) ||
        !json_only(o, "body", known, err) ||
        !plain(json_get(o, "account"), "account", ALERT_TEXT_MAX, &b.account, err) ||
        !plain(json_get(o, "address"), "address", ALERT_TEXT_MAX, &b.address, err) ||
        !plain(json_get(o, "chain"), "chain", ALERT_TEXT_MAX, &b.chain, err) ||
        !plain(json_get(o, "note"), "note", ALERT_NOTE_MAX, &b.note, err) ||
        !plain(json_get(o, "output"), "output", ALERT_TEXT_MAX, &b.output, err) ||
        !salt_read(a, o, &b.salt, err) || !found_read(a, json_get(o, "found"), &b.found, err) ||
        !withdrawals_read(a, json_get(o, "withdrawals"), &b, err))
        return false;
    *ret = b;
    return true;
}

struct salt32 group_log_salt(const struct group_log *l, const char *chain, const char *output,
                             const char *member)
{
    return alert_salt(l->key, chain, output, member);
}

/* The body of an event that did something, if it is here and one of an alert. */
static bool body_of(struct group_log *l, struct arena *a, const struct fold_event *e,
                    bool *ret_here, struct alert_body *ret, struct err *err)
{
    enum body_state state;
    struct salt32 salt;
    struct bytes body;
    struct err not_one;

    *ret_here = false;
    if (e->effect != EFFECT_STEP)
        return true;
    if (!group_log_body(l, a, e, &state, &salt, &body, err))
        return false;
    if (state != BODY_HERE || alert_body_read(a, body, ret, &not_one)) {
        *ret_here = state == BODY_HERE;
        return true;
    }
    return not_one.class == ERR_INPUT || err_fail(err, not_one.class, "%s", not_one.text);
}

/* Do the body's words make the alert's name? The salt is said, this home's, or none. */
static bool fits(const struct group_log *l, const struct fold_object *alert, const char *author,
                 const struct alert_body *b)
{
    const struct event_facts *told = alert->told->e.facts;
    struct alert_key k = {told->case_object, b->chain, b->output, told->holder, {{0}}};
    char name[OBJECT_NAME_MAX];

    if (b->salt)
        k.salt = *b->salt;
    else if (!strcmp(author, told->holder))
        k.salt = group_log_salt(l, b->chain, b->output, told->holder);
    alert_object(&k, name);
    return !strcmp(name, alert->object);
}

static bool find_in(struct group_log *l, struct arena *a, const struct fold_object *alert,
                    const struct fold_object *in, struct alert_body *ret, struct err *err)
{
    const struct fold_event *e;
    struct alert_body b;
    bool here;

    bool done = ret->output;

    for (size_t i = 0; !done && in && (e = fold_event_of(in, i)); i++) {
        if (!body_of(l, a, e, &here, &b, err))
            return false;
        if (!here || !b.chain || !b.output || !fits(l, alert, e->e.author, &b))
            continue;
        if (!ret->output)
            *ret = b;
        ret->found = b.found ? b.found : ret->found; /* it may have been found again */
    }
    return true;
}

bool alert_deposit_of(struct group_log *l, struct arena *a, const struct fold_object *o,
                      struct alert_body *ret, struct err *err)
{
    const struct fold *f = group_log_fold(l);
    const struct charter *c = fold_charter(f);

    *ret = (struct alert_body){.output = NULL};
    if (!find_in(l, a, o, o, ret, err) ||
        !find_in(l, a, o, fold_object(f, o->object, AUDIENCE_ALL), ret, err))
        return false;
    for (size_t i = 0; c && i < c->groups_n; i++)
        if (!find_in(l, a, o, fold_object(f, o->object, c->groups[i].id), ret, err))
            return false;
    return true;
}

bool alert_paid_out(struct group_log *l, struct arena *a, const struct fold_object *o,
                    struct alert_body *ret, struct err *err)
{
    const struct fold_event *e;
    struct alert_body b;
    bool here;

    *ret = (struct alert_body){.withdrawals_n = 0};
    for (size_t i = 0; (e = fold_event_of(o, i)); i++) {
        if (strcmp(e->e.type, "alert.too-late") != 0)
            continue;
        if (!body_of(l, a, e, &here, &b, err))
            return false;
        if (here && b.withdrawals_n) {
            ret->withdrawals = b.withdrawals;
            ret->withdrawals_n = b.withdrawals_n;
        }
    }
    return true;
}

/* ---- asked about a withdrawal ---- */

struct gate_entry {
    struct alert_held held;
    struct address_key address; /* SPACE_NONE: not known */
};

struct alert_gate {
    struct gate_entry *entries;
    size_t n;
    uint64_t until;
};

bool alert_account_of(struct group_log *l, struct arena *a, const struct fold_object *o,
                      const char **ret, struct err *err)
{
    const struct fold_event *e;
    struct alert_body b;
    bool here;

    *ret = NULL;
    for (size_t i = 0; (e = fold_event_of(o, i)); i++) {
        if (!body_of(l, a, e, &here, &b, err))
            return false;
        if (here && b.account && !strcmp(e->e.author, o->owner))
            *ret = b.account;
    }
    return true;
}

/* A copy; *ok turns false where there is no memory. */
static const char *kept(struct arena *a, const char *s, bool *ok)
{
    const char *copy = s ? arena_string(a, s, strlen(s)) : NULL;

    *ok = *ok && (copy || !s);
    return copy;
}

static bool held_fill(struct group_log *l, struct arena *a, const struct alert_now *n,
                      struct gate_entry *e, struct err *err)
{
    struct alert_body b;
    struct err not_one;
    const char *account = NULL;
    bool ok = true;

    if (!alert_deposit_of(l, a, n->object, &b, err) ||
        !alert_account_of(l, a, n->object, &account, err))
        return false;
    e->held = (struct alert_held){.alert = kept(a, n->object->object, &ok),
                                  .case_object = kept(a, n->told->case_object, &ok),
                                  .told_by = kept(a, n->object->first->e.author, &ok),
                                  .asset = kept(a, n->told->asset, &ok),
                                  .account = account,
                                  .chain = b.chain,
                                  .output = b.output,
                                  .found = b.found,
                                  .reason = n->order ? n->order->reason : NULL,
                                  .amount = n->amount,
                                  .expires = n->expires,
                                  .verified = n->verified};
    e->address.space = SPACE_NONE;
    if (b.address &&
        !address_key_read(b.address, strlen(b.address), b.chain, &e->address, &not_one))
        e->address.space = SPACE_NONE;
    return ok || err_fail(err, ERR_NOMEM, "alerts");
}

static bool gate_fill(struct group_log *l, struct arena *a, const struct alert_book *book,
                      const char *holder, uint64_t ms, struct alert_gate *g, struct err *err)
{
    for (size_t i = 0; i < alert_book_n(book); i++) {
        struct alert_now n = alert_at(book, i, ms);

        if (strcmp(n.object->owner, holder) != 0 || !n.object->hold)
            continue;
        if (n.expires > ms && n.expires < g->until)
            g->until = n.expires;
        if (!u256_zero(n.amount) && !held_fill(l, a, &n, &g->entries[g->n++], err))
            return false;
    }
    return true;
}

bool alert_gate_make(struct group_log *l, struct arena *a, const char *holder, uint64_t ms,
                     const struct alert_gate **ret, struct err *err)
{
    struct arena *scratch = arena_new(NULL, LOG_FOLD_BYTES_MAX);
    const struct alert_book *book = scratch ? alert_book(scratch, group_log_fold(l)) : NULL;
    struct alert_gate *g = ARENA_NEW(a, struct alert_gate);
    bool ok = book && g;

    if (ok) {
        g->until = UINT64_MAX;
        g->entries = ARENA_ARRAY(a, struct gate_entry, alert_book_n(book));
        ok = g->entries;
    }
    ok = ok ? gate_fill(l, a, book, holder, ms, g, err) : err_fail(err, ERR_NOMEM, "alerts");
    arena_free(scratch);
    *ret = g;
    return ok;
}

size_t alert_gate_n(const struct alert_gate *g)
{
    return g->n;
}

uint64_t alert_gate_until(const struct alert_gate *g)
{
    return g->until;
}

/* A name or CAIP-2 name of a chain, or a ticker: are they the same? */
static bool same_chain(const char *said, const char *asked)
{
    const struct chain *chain = chain_by_name(asked);

    return !strcmp(said, asked) ||
           (chain && (!strcmp(said, chain->caip2) || !strcmp(said, chain->name)));
}

static const char *fits_question(const struct gate_entry *e, const struct alert_asked *q,
                                 const struct address_key *address)
{
    const struct alert_held *h = &e->held;

    if (q->account && h->account && !strcmp(q->account, h->account))
        return "account";
    if (q->output && h->output && !strcmp(q->output, h->output) &&
        (!q->chain || same_chain(h->chain, q->chain)))
        return "output";
    if (address->space != SPACE_NONE && address_key_equal(address, &e->address))
        return "address";
    return NULL;
}

size_t alert_gate_ask(const struct alert_gate *g, const struct alert_asked *q, uint64_t ms,
                      struct alert_held *ret, size_t max)
{
    struct address_key address = {.space = SPACE_NONE};
    struct err not_one;
    size_t n = 0;

    if (q->address &&
        !address_key_read(q->address, strlen(q->address), q->chain, &address, &not_one))
        address.space = SPACE_NONE;
    for (size_t i = 0; i < g->n && n < max; i++) {
        const char *by = fits_question(&g->entries[i], q, &address);

        if (!by || g->entries[i].held.expires <= ms)
            continue;
        ret[n] = g->entries[i].held;
        ret[n++].by = by;
    }
    return n;
}
