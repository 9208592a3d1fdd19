#include "trace/confluence.h"

#include "trace/account_json.h"

#include <stdlib.h>

#define ROWS_MAX 30

struct entry { /* a move of a case to an account */
    size_t ledger, doc, move;
    uint64_t account;
};

static int entry_order(const void *pa, const void *pb)
{
    const struct entry *x = pa, *y = pb;

    if (x->ledger != y->ledger)
        return x->ledger < y->ledger ? -1 : 1;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    if (x->doc != y->doc)
        return x->doc < y->doc ? -1 : 1;
    return (x->move > y->move) - (x->move < y->move);
}

static uint64_t account_at(const struct account_doc *d, uint64_t holding)
{
    return holding < d->accounts.holdings_n ? accounts_holding(&d->accounts, holding).account
                                            : ACCOUNT_NOBODY;
}

static struct transfer transfer_of(const struct account_doc *d, size_t move)
{
    return accounts_transfer(&d->accounts, d->trace->moves[move].transfer);
}

static bool entries_make(struct arena *a, const struct ledgers_doc *docs, size_t n,
                         struct entry **ret, size_t *ret_n)
{
    size_t max = 0, k = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < docs[i].ledgers_n; l++)
            max += docs[i].parts[l].accounts ? docs[i].parts[l].accounts->trace->moves_n : 0;
    *ret = ARENA_ARRAY(a, struct entry, max);
    if (!*ret)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < docs[i].ledgers_n; l++) {
            const struct account_doc *d = docs[i].parts[l].accounts;

            for (size_t m = 0; d && m < d->trace->moves_n; m++) {
                uint64_t account = account_at(d, transfer_of(d, m).to);

                if (account != ACCOUNT_NOBODY)
                    (*ret)[k++] = (struct entry){l, i, m, account};
            }
        }
    if (k)
        qsort(*ret, k, sizeof(**ret), entry_order);
    *ret_n = k;
    return true;
}

/* Back from a move: the newest one before it that came to its sender, a hop nearer to an origin. */
static size_t move_before(const struct account_doc *d, size_t move)
{
    uint64_t sender = account_at(d, transfer_of(d, move).from);
    uint32_t hop = d->trace->moves[move].hop;

    for (size_t i = move; hop && i-- > 0;)
        if (d->trace->moves[i].hop + 1 == hop && account_at(d, transfer_of(d, i).to) == sender)
            return i;
    return move;
}

static bool path_make(struct arena *a, const struct account_doc *d, size_t move,
                      struct confluence_case *ret)
{
    uint64_t back[CONFLUENCE_PATH_MAX], *path;
    size_t n = 0, before;

    for (;; move = before) {
        back[n++] = d->trace->moves[move].transfer;
        before = move_before(d, move);
        if (before == move || n == CONFLUENCE_PATH_MAX)
            break;
    }
    path = ARENA_ARRAY(a, uint64_t, n);
    if (!path)
        return false;
    for (size_t i = 0; i < n; i++)
        path[i] = back[n - 1 - i];
    ret->path = path;
    ret->path_n = n;
    return true;
}

/* One case at a place: its entries, of which the first came first. */
static bool case_make(struct arena *a, const struct ledgers_doc *docs, const struct entry *e,
                      size_t n, struct confluence_case *ret)
{
    const struct account_doc *d = docs[e->doc].parts[e->ledger].accounts;
    const struct account_move *first = &d->trace->moves[e->move];

    *ret = (struct confluence_case){.doc = e->doc, .hop = first->hop};
    for (size_t i = 0; i < n; i++) {
        const struct account_move *m = &d->trace->moves[e[i].move];

        if (account_doc_asset(d, m) == account_doc_asset(d, first))
            u256_add(ret->taint, m->taint, &ret->taint);
        ret->hop = m->hop < ret->hop ? m->hop : ret->hop;
    }
    return path_make(a, d, e->move, ret);
}

static int place_order(const void *pa, const void *pb)
{
    const struct confluence *x = pa, *y = pb;

    if (x->cases_n != y->cases_n)
        return x->cases_n > y->cases_n ? -1 : 1;
    if (x->ledger != y->ledger)
        return x->ledger < y->ledger ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

static size_t same_account(const struct entry *e, size_t n)
{
    size_t i = 1;

    while (i < n && e[i].ledger == e->ledger && e[i].account == e->account)
        i++;
    return i;
}

static size_t same_doc(const struct entry *e, size_t n)
{
    size_t i = 1;

    while (i < n && e[i].doc == e->doc)
        i++;
    return i;
}

bool confluence_find(struct arena *a, const struct ledgers_doc *docs, size_t n,
                     const struct confluence **ret, size_t *ret_n, struct err *err)
{
    struct entry *e;
    struct confluence *places;
    size_t entries_n, places_n = 0;

    if (!entries_make(a, docs, n, &e, &entries_n))
        goto no_room;
    places = ARENA_ARRAY(a, struct confluence, entries_n);
    if (!places)
        goto no_room;
    for (size_t i = 0, all; i < entries_n; i += all) {
        struct confluence_case *cases;
        size_t cases_n = 0;

        all = same_account(&e[i], entries_n - i);
        if (e[i].doc == e[i + all - 1].doc)
            continue; /* of one case alone */
        cases = ARENA_ARRAY(a, struct confluence_case, n);
        if (!cases)
            goto no_room;
        for (size_t k = 0, own; k < all; k += own) {
            own = same_doc(&e[i + k], all - k);
            if (!case_make(a, docs, &e[i + k], own, &cases[cases_n++]))
                goto no_room;
        }
        places[places_n++] = (struct confluence){e[i].ledger, e[i].account, cases, cases_n};
    }
    if (places_n)
        qsort(places, places_n, sizeof(*places), place_order);
    *ret = places;
    *ret_n = places_n;
    return true;
no_room:
    return err_fail(err, arena_limited(a) ? ERR_LIMIT : ERR_NOMEM, "%zu cases", n);
}

static const struct account_doc *doc_of(const struct ledgers_doc *docs, const struct confluence *p,
                                        const struct confluence_case *c)
{
    return docs[c->doc].parts[p->ledger].accounts;
}

static uint64_t asset_of(const struct account_doc *d, const struct confluence_case *c)
{
    struct transfer t = accounts_transfer(&d->accounts, c->path[c->path_n - 1]);

    return transfer_asset(&d->accounts, &t);
}

static void put_case(struct json_out *j, const struct ledgers_doc *docs, const struct confluence *p,
                     const struct confluence_case *c)
{
    const struct account_doc *d = doc_of(docs, p, c);
    char name[TRANSFER_NAME_MAX];

    json_object(j);
    json_put_string(j, "case", docs[c->doc].case_id);
    json_put_number(j, "number", c->doc + 1);
    asset_text(d->ledger, asset_of(d, c), name);
    json_put_string(j, "asset", name);
    json_put_u256(j, "taint", c->taint);
    json_put_number(j, "hop", c->hop);
    json_key(j, "path");
    json_array(j);
    for (size_t i = 0; i < c->path_n; i++) {
        transfer_name(d->ledger, c->path[i], name);
        json_string(j, name);
    }
    json_array_end(j);
    json_object_end(j);
}

void confluence_write_json(struct text *to, const struct ledgers_doc *docs,
                           const struct confluence *at, size_t n)
{
    struct json_out j = json_to(to, true);
    char name[ACCOUNT_NAME_MAX];

    json_object(&j);
    json_put_string(&j, "schema", CONFLUENCE_SCHEMA);
    json_key(&j, "places");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        const struct account_doc *d = doc_of(docs, &at[i], &at[i].cases[0]);

        json_object(&j);
        json_put_string(&j, "chain", account_ledger_chain(d->ledger)->name);
        account_text(d->ledger, at[i].account, name);
        json_put_string(&j, "account", name);
        json_key(&j, "cases");
        json_array(&j);
        for (size_t k = 0; k < at[i].cases_n; k++)
            put_case(&j, docs, &at[i], &at[i].cases[k]);
        json_array_end(&j);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

void confluence_write_text(struct text *to, const struct ledgers_doc *docs,
                           const struct confluence *at, size_t n)
{
    char name[ACCOUNT_NAME_MAX];

    text_str(to, n ? "\nWhere the cases meet\n" : "\nThe cases do not meet at any account.\n");
    for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
        account_text(doc_of(docs, &at[i], &at[i].cases[0])->ledger, at[i].account, name);
        text_printf(to, "  %s\n", name);
        for (size_t k = 0; k < at[i].cases_n; k++) {
            const struct confluence_case *c = &at[i].cases[k];
            const struct account_doc *d = doc_of(docs, &at[i], c);

            text_str(to, "    ");
            text_asset_amount(to, d->ledger, asset_of(d, c), c->taint);
            text_printf(to, " of case %s, hop %u, by %zu transfer%s\n",
                        docs[c->doc].case_id ? docs[c->doc].case_id : "without a name", c->hop,
                        c->path_n, c->path_n == 1 ? "" : "s");
        }
    }
    if (n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", n - ROWS_MAX);
}
