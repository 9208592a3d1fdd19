#include "trace/account_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t aw_asset(int asset) /* the native one is nobody's */
{
    return (uint64_t)asset;
}

uint64_t aw_account(int account)
{
    return AW_ASSETS + (uint64_t)account;
}

static void drop_columns(struct account_world *w)
{
    for (size_t i = 0; i < 8; i++) {
        free(w->column[i]);
        w->column[i] = NULL;
    }
}

void account_world_clear(struct account_world *w)
{
    drop_columns(w);
    w->n = 0;
    w->txs_n = 0;
    w->assets_n = 1;
    memset(w->assets, 0, sizeof(w->assets));
}

void account_world_free(struct account_world *w)
{
    drop_columns(w);
    free(w->at);
    w->at = NULL;
    w->n = w->size = 0;
}

void account_world_tx(struct account_world *w)
{
    w->txs_n++;
}

static struct aw_transfer *append(struct account_world *w)
{
    if (w->n == w->size) {
        w->size = w->size ? 2 * w->size : 64;
        w->at = realloc(w->at, w->size * sizeof(*w->at));
        if (!w->at)
            abort();
    }
    return &w->at[w->n++];
}

void account_world_add(struct account_world *w, enum transfer_kind kind, int from, int to,
                       int asset, uint64_t amount)
{
    *append(w) =
        (struct aw_transfer){w->txs_n - 1, kind, from, to, asset, u256_of(amount), u256_of(amount)};
}

void account_world_fee(struct account_world *w, int from, int to, uint64_t amount, uint64_t credit)
{
    *append(w) = (struct aw_transfer){w->txs_n - 1,    TRANSFER_FEE,   from, to, 0,
                                      u256_of(amount), u256_of(credit)};
}

/* ---- columns ---- */

struct balance {
    uint64_t last, events, marks, last_mark;
    struct u256 in, out, left; /* left: the balance */
    uint32_t freezes;
    bool over;
};

struct marks {
    uint8_t *at;
    uint64_t n, size;
};

static uint64_t mark_number(const struct marks *m, uint64_t mark)
{
    return load_le32(m->at + mark * MARK_BYTES + 20);
}

static uint64_t mark_jump(const struct marks *m, uint64_t mark)
{
    return load_le40(m->at + mark * MARK_BYTES + 15);
}

static void add_mark(struct marks *m, struct balance *b, uint64_t event, uint64_t holding)
{
    uint64_t id = m->n++, jump = id;
    uint8_t *p;

    if (m->n > m->size) {
        m->size = m->size ? 2 * m->size : 16;
        m->at = realloc(m->at, m->size * MARK_BYTES);
        if (!m->at)
            abort();
    }
    if (b->marks) {
        uint64_t before = b->last_mark, far = mark_jump(m, before);

        jump = before;
        if (mark_number(m, before) - mark_number(m, far) ==
            mark_number(m, far) - mark_number(m, mark_jump(m, far)))
            jump = mark_jump(m, far);
    }
    p = m->at + id * MARK_BYTES;
    memset(p, 0, MARK_BYTES);
    store_le40(p, event);
    store_le40(p + 5, holding);
    store_le40(p + 10, b->marks ? b->last_mark : ACCOUNTS_NONE);
    store_le40(p + 15, jump);
    store_le32(p + 20, (uint32_t)b->marks);
    store_le32(p + 24, b->freezes);
    p[28] = b->over;
    u256_store_le(p + 32, b->in);
    u256_store_le(p + 64, b->left);
    b->last_mark = id;
    b->marks++;
}

static void pay(struct balance *b, struct u256 amount)
{
    amount = u256_min(amount, b->left);
    u256_sub(b->left, amount, &b->left);
}

static void get(struct balance *b, struct u256 amount)
{
    struct u256 in, left;
    bool fits = u256_add(b->in, amount, &in), fits_too = u256_add(b->left, amount, &left);

    b->over |= !fits || !fits_too;
    b->in = in;
    b->left = left;
    if (!fits || !fits_too)
        memset(&b->in, 0xff, sizeof(b->in)), memset(&b->left, 0xff, sizeof(b->left));
}

static void move_amounts(const struct aw_transfer *t, struct balance *from, struct balance *to)
{
    struct u256 burned;

    if (t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE) {
        if (from)
            from->freezes++;
        return;
    }
    if (from && from == to) {
        u256_sub(t->amount, t->credit, &burned);
        pay(from, burned);
        return;
    }
    if (from)
        pay(from, t->amount);
    if (to)
        get(to, t->credit);
}

static void *zeros(size_t n)
{
    void *p = calloc(1, n ? n : 1);

    if (!p)
        abort();
    return p;
}

static uint64_t holding(struct account_world *w, int account, int asset, uint8_t *column,
                        uint64_t *holdings_n, uint64_t event)
{
    uint64_t before = ACCOUNTS_NONE;

    if (account == AW_NOBODY)
        return ACCOUNTS_NONE;
    if (w->holding_of[account][asset] >= 0)
        return (uint64_t)w->holding_of[account][asset];
    for (int i = 0; i < AW_ASSETS; i++)
        if (w->holding_of[account][i] >= 0 &&
            (before == ACCOUNTS_NONE || before < (uint64_t)w->holding_of[account][i]))
            before = (uint64_t)w->holding_of[account][i];
    column += *holdings_n * HOLDING_BYTES;
    store_le40(column, aw_account(account));
    store_le40(column + 5, aw_asset(asset));
    store_le40(column + 10, before);
    store_le40(column + 15, event);
    w->holding_of[account][asset] = (int64_t)*holdings_n;
    return (*holdings_n)++;
}

static uint64_t put_wide(uint8_t *wide, uint64_t *wide_n, struct u256 v)
{
    u256_store_le(wide + *wide_n * U256_BYTES, v);
    return (*wide_n)++;
}

static void put_amount(uint8_t *p, const struct aw_transfer *t, uint8_t *wide, uint64_t *wide_n)
{
    unsigned __int128 v = (unsigned __int128)t->amount.w[1] << 64 | t->amount.w[0], one = 1;
    bool large = t->amount.w[2] || t->amount.w[3], fee = t->kind == TRANSFER_FEE,
         whole = fee && u256_equal(t->amount, t->credit);

    if (whole && !large && v < one << 110) {
        v |= one << 110;
    } else if (fee && !whole && !large && v < one << 57 && !t->credit.w[1] &&
               t->credit.w[0] < (uint64_t)1 << 53) {
        v |= (unsigned __int128)t->credit.w[0] << 57;
    } else if (fee || large || v >= one << 111) {
        v = one << 111 | put_wide(wide, wide_n, t->amount);
        if (fee)
            put_wide(wide, wide_n, t->credit);
    }
    for (size_t i = 0; i < 14; i++, v >>= 8)
        p[i] = (uint8_t)v;
}

/* The event is an end's newest: linked with the one before. */
static uint8_t link_event(struct balance *b, uint64_t h, uint64_t event, uint8_t *prev,
                          uint8_t *next, const uint8_t *transfer, int end)
{
    if (b->events) {
        int was_to = load_le40(transfer + b->last * TRANSFER_BYTES) != h;

        store_le32(prev + event * LINKS_BYTES + LINK_BYTES * end, (uint32_t)(event - b->last));
        store_le32(next + b->last * LINKS_BYTES + LINK_BYTES * was_to, (uint32_t)(event - b->last));
    }
    b->last = event;
    return (uint8_t)b->events++;
}

struct accounts account_world_build(struct account_world *w)
{
    size_t n = w->n, holdings_max = AW_ACCOUNTS * AW_ASSETS;
    uint8_t *tx, *transfer, *prev, *next, *wide, *holding_column, *last;
    struct balance *balances = zeros(holdings_max * sizeof(*balances));
    struct marks marks = {0};
    uint64_t holdings_n = 0, wide_n = 0;

    drop_columns(w);
    memset(w->holding_of, 0xff, sizeof(w->holding_of));
    tx = w->column[0] = zeros(w->txs_n * TX_RECORD_BYTES);
    transfer = w->column[1] = zeros(n * TRANSFER_BYTES);
    prev = w->column[2] = zeros(n * LINKS_BYTES);
    next = w->column[3] = zeros(n * LINKS_BYTES);
    wide = w->column[4] = zeros(2 * n * U256_BYTES);
    holding_column = w->column[5] = zeros(holdings_max * HOLDING_BYTES);
    last = w->column[6] = zeros(holdings_max * 5);
    for (uint32_t t = 0, i = 0; t < w->txs_n; t++) {
        while (i < n && w->at[i].tx < t)
            i++;
        store_le40(tx + t * TX_RECORD_BYTES, i);
    }
    for (uint64_t i = 0; i < n; i++) {
        const struct aw_transfer *t = &w->at[i];
        uint64_t from = holding(w, t->from, t->asset, holding_column, &holdings_n, i),
                 to = holding(w, t->to, t->asset, holding_column, &holdings_n, i);
        struct balance *pays = from == ACCOUNTS_NONE ? NULL : &balances[from],
                       *gets = to == ACCOUNTS_NONE ? NULL : &balances[to];
        uint8_t *p = transfer + i * TRANSFER_BYTES;

        store_le40(p, from);
        store_le40(p + 5, to);
        put_amount(p + 10, t, wide, &wide_n);
        p[TRANSFER_AT_KIND] = (uint8_t)t->kind;
        move_amounts(t, pays, gets);
        if (pays)
            p[TRANSFER_AT_ORDINALS] = link_event(pays, from, i, prev, next, transfer, 0);
        if (gets && gets != pays)
            p[TRANSFER_AT_ORDINALS + 1] = link_event(gets, to, i, prev, next, transfer, 1);
        if (pays && pays->events % MARK_EVENTS == 0)
            add_mark(&marks, pays, i, from);
        if (gets && gets != pays && gets->events % MARK_EVENTS == 0)
            add_mark(&marks, gets, i, to);
    }
    for (uint64_t h = 0; h < holdings_n; h++)
        store_le40(last + h * 5, balances[h].last);
    w->column[7] = marks.at;
    free(balances);
    return (struct accounts){.txs_n = w->txs_n,
                             .transfers_n = n,
                             .accounts_n = AW_ASSETS + AW_ACCOUNTS,
                             .holdings_n = holdings_n,
                             .wide_n = wide_n,
                             .marks_n = marks.n,
                             .tx = tx,
                             .transfer = transfer,
                             .links_prev = prev,
                             .links_next = next,
                             .wide = wide,
                             .holding = holding_column,
                             .holding_last = last,
                             .mark = marks.at};
}

/* ---- text ---- */

static const char *skip(const char *s)
{
    return s + strspn(s, " ");
}

static int account_read(const char **s)
{
    int c = (unsigned char)*(*s)++;

    return c == '-' ? AW_NOBODY : c - 'A';
}

static int asset_read(struct account_world *w, const char **s)
{
    size_t n = strspn(*s, "abcdefghijklmnopqrstuvwxyz");

    if (!n)
        return 0;
    for (int i = 1; i < w->assets_n; i++)
        if (strlen(w->assets[i]) == n && !strncmp(w->assets[i], *s, n)) {
            *s += n;
            return i;
        }
    if (w->assets_n == AW_ASSETS || n >= sizeof(w->assets[0]))
        return 0;
    memcpy(w->assets[w->assets_n], *s, n);
    *s += n;
    return w->assets_n++;
}

static enum transfer_kind kind_read(const char **s)
{
    static const struct {
        const char *name;
        enum transfer_kind kind;
    } kinds[] = {{"fee ", TRANSFER_FEE},
                 {"freeze ", TRANSFER_FREEZE},
                 {"unfreeze ", TRANSFER_UNFREEZE},
                 {"wipe ", TRANSFER_WIPE}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!strncmp(*s, kinds[i].name, strlen(kinds[i].name))) {
            *s = skip(*s + strlen(kinds[i].name));
            return kinds[i].kind;
        }
    return TRANSFER_VALUE;
}

static bool is_account(char c)
{
    return c == '-' || (c >= 'A' && c <= 'Z');
}

/* "fee A>M 3/1", "A>B 4 usd", "->A 4", "freeze A usd" */
static const char *transfer_read(struct account_world *w, const char *s)
{
    struct aw_transfer t = {.tx = w->txs_n - 1, .to = AW_NOBODY};
    char *end;

    s = skip(s);
    t.kind = kind_read(&s);
    if (!is_account(*s))
        return NULL;
    t.from = account_read(&s);
    if (t.kind != TRANSFER_FREEZE && t.kind != TRANSFER_UNFREEZE) {
        if (*s++ != '>' || !is_account(*s))
            return NULL;
        t.to = account_read(&s);
        t.amount = t.credit = u256_of(strtoull(s, &end, 10));
        if (end == s)
            return NULL;
        s = end;
        if (t.kind == TRANSFER_FEE && *s == '/') {
            t.credit = u256_of(strtoull(s + 1, &end, 10));
            s = end;
        }
    }
    s = skip(s);
    t.asset = asset_read(w, &s);
    if (t.kind == TRANSFER_VALUE && t.asset)
        t.kind = TRANSFER_LOG;
    *append(w) = t;
    return skip(s);
}

const char *account_world_read(struct account_world *w, const char *text)
{
    const char *s = skip(text);
    char name[16];

    account_world_clear(w);
    while (*s) {
        snprintf(name, sizeof(name), "t%u:", w->txs_n);
        if (strncmp(s, name, strlen(name)))
            return s;
        account_world_tx(w);
        s += strlen(name);
        do {
            const char *after = transfer_read(w, s + (*s == ','));

            if (!after)
                return s;
            s = after;
        } while (*s == ',');
        if (*s && *s != '\n' && *s != '/')
            return s;
        s = skip(s + (*s != 0));
    }
    return NULL;
}

const char *account_world_transfer(const struct account_world *w, const char *s, uint64_t *ret)
{
    char *end;
    unsigned long tx = strtoul(s, &end, 10), k;

    if (end == s || *end != '.')
        return NULL;
    s = end + 1;
    k = strtoul(s, &end, 10);
    for (size_t i = 0; end != s && i < w->n; i++)
        if (w->at[i].tx == tx && !k--) {
            *ret = i;
            return end;
        }
    return NULL;
}

void account_world_print(const struct account_world *w, char *to, size_t size)
{
    size_t n = 0;

    to[0] = 0;
    for (size_t i = 0; i < w->n && n + 64 < size; i++) {
        const struct aw_transfer *t = &w->at[i];

        if (!i || w->at[i - 1].tx != t->tx)
            n += (size_t)snprintf(to + n, size - n, "%st%u:", i ? " / " : "", t->tx);
        else
            n += (size_t)snprintf(to + n, size - n, ",");
        n += (size_t)snprintf(to + n, size - n, " %s%c>%c %llu",
                              t->kind == TRANSFER_FEE        ? "fee "
                              : t->kind == TRANSFER_FREEZE   ? "freeze "
                              : t->kind == TRANSFER_UNFREEZE ? "unfreeze "
                              : t->kind == TRANSFER_WIPE     ? "wipe "
                                                             : "",
                              t->from < 0 ? '-' : 'A' + t->from, t->to < 0 ? '-' : 'A' + t->to,
                              (unsigned long long)t->amount.w[0]);
        if (t->kind == TRANSFER_FEE)
            n += (size_t)snprintf(to + n, size - n, "/%llu", (unsigned long long)t->credit.w[0]);
        if (t->asset)
            n += (size_t)snprintf(to + n, size - n, " asset%d", t->asset);
    }
}
