#include "serve/self_watch.h"

#include "base/folder.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/replace.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TX_TEXT 65
#define DRAFT_BYTES_MAX ((size_t)16 << 20)

struct pending {
    struct outflow o; /* its payments are ours */
    uint64_t due_ms;
};

struct self_watch {
    const char *home;
    uint64_t wait_ms, now_ms;
    self_watch_known_fn *known;
    void *known_ctx;
    struct log *log;
    struct pending pending[SELF_WATCH_PENDING_MAX];
    struct self_watch_counts counts;
};

struct self_watch *self_watch_new(const char *home, uint64_t wait_ms, self_watch_known_fn *known,
                                  void *known_ctx, struct log *log)
{
    struct self_watch *s = mem_zero(sizeof(*s));

    if (!s)
        return NULL;
    s->home = home;
    s->wait_ms = wait_ms;
    s->known = known;
    s->known_ctx = known_ctx;
    s->log = log;
    return s;
}

static void drop(struct self_watch *s, size_t i)
{
    mem_free((void *)s->pending[i].o.payments);
    s->pending[i] = s->pending[--s->counts.pending];
}

struct self_watch *self_watch_free(struct self_watch *s)
{
    while (s && s->counts.pending)
        drop(s, 0);
    return mem_free(s);
}

/* ---- found ---- */

static void on_outflow(void *ctx, const struct outflow *o)
{
    struct self_watch *s = ctx;
    size_t bytes = o->payments_n * sizeof(*o->payments);
    struct outflow_payment *copy;

    s->counts.outflows++;
    copy = s->counts.pending < SELF_WATCH_PENDING_MAX ? mem_alloc(bytes) : NULL;
    if (!copy) {
        log_event(s->log, LOG_ERROR, "self-watch", NULL, "more outflows than can be looked at");
        return;
    }
    memcpy(copy, o->payments, bytes);
    s->pending[s->counts.pending] = (struct pending){*o, s->now_ms + s->wait_ms};
    s->pending[s->counts.pending++].o.payments = copy;
}

void self_watch_blocks(struct self_watch *s, const struct ledger *l, const struct own_set *own,
                       uint32_t from, uint64_t now_ms)
{
    struct err err;

    s->now_ms = now_ms;
    if (!outflows_find(l, own, from, (uint32_t)ledger_counts(l).blocks, on_outflow, s, &err))
        log_event(s->log, LOG_ERROR, "self-watch", NULL, "%s", err.text);
}

/* ---- drafted ---- */

static void tx_text(const struct hash32 *txid, char ret[TX_TEXT])
{
    for (size_t i = 0; i < sizeof(txid->b); i++)
        snprintf(ret + 2 * i, 3, "%02x", txid->b[sizeof(txid->b) - 1 - i]);
}

static void draft_put(struct text *to, const struct outflow *o, const char *tx)
{
    struct json_out j = json_to(to, true);
    char output[TX_TEXT + 12], id[TX_TEXT + 8];

    snprintf(id, sizeof(id), "SELF-%s", tx);
    json_object(&j);
    json_put_string(&j, "id", id);
    json_put_string(&j, "title", "An outflow of own wallets that is no registered withdrawal");
    json_put_string(&j, "kind", "theft");
    json_put_string(&j, "chain", o->chain->name);
    json_key(&j, "origins");
    json_array(&j);
    for (size_t i = 0; i < o->payments_n; i++) {
        json_object(&j);
        snprintf(output, sizeof(output), "%s:%u", tx, o->payments[i].vout);
        json_put_string(&j, "output", output);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_put_string(&j, "policy", "fifo");
    json_object_end(&j);
    text_char(to, '\n');
}

static bool draft_write(const char *home, const char *tx, const struct text *t, bool *ret_new,
                        struct err *err)
{
    char folder[PATH_MAX], path[PATH_MAX];
    int n = snprintf(folder, sizeof(folder), "%s/" DRAFTS_FOLDER, home);
    int path_n = snprintf(path, sizeof(path), "%s/" DRAFTS_FOLDER "/SELF-%s.json", home, tx);
    struct replace r;

    if (n < 0 || n >= PATH_MAX || path_n < 0 || path_n >= PATH_MAX)
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    *ret_new = access(path, F_OK) != 0;
    if (!*ret_new)
        return true;
    return folder_make(folder, 0700, err) && replace_begin(&r, path, err) &&
           replace_end(&r, replace_put(&r, t->p, t->n, err), err);
}

static void draft(struct self_watch *s, const struct outflow *o, const char *tx)
{
    struct text t = text_new(DRAFT_BYTES_MAX);
    struct err err;
    bool new = false, ok;

    draft_put(&t, o, tx);
    ok = text_end(&t, &err) && draft_write(s->home, tx, &t, &new, &err);
    text_free(&t);
    if (!ok) {
        log_event(s->log, LOG_ERROR, "self-watch", NULL, "%s: %s", tx, err.text);
        return;
    }
    if (!new)
        return;
    s->counts.drafts++;
    log_event(s->log, LOG_WARNING, "self-watch", NULL,
              "%s on %s pays %llu to others and is no registered withdrawal: " DRAFTS_FOLDER
              "/SELF-%s.json",
              tx, o->chain->name, (unsigned long long)o->sum, tx);
}

/* *ret_known: nobody has to look at it. */
static bool look_at(struct self_watch *s, const struct live_ledgers_view *v,
                    const struct outflow *o, const char *tx, bool *ret_known, struct err *err)
{
    struct live_ledgers_one one;

    *ret_known = live_ledgers_find(v, o->chain->name, &one) && one.coins &&
                 ledger_find_tx(one.coins, &o->txid) == COINS_TX_NONE;
    return *ret_known || s->known(s->known_ctx, tx, o, ret_known, err);
}

void self_watch_due(struct self_watch *s, const struct live_ledgers_view *v, uint64_t now_ms)
{
    for (size_t i = s->counts.pending; i-- > 0;) {
        const struct outflow *o = &s->pending[i].o;
        char tx[TX_TEXT];
        bool known;
        struct err err;

        if (s->pending[i].due_ms > now_ms)
            continue;
        tx_text(&o->txid, tx);
        if (!look_at(s, v, o, tx, &known, &err)) {
            log_event(s->log, LOG_ERROR, "self-watch", NULL, "%s: %s", tx, err.text);
            s->pending[i].due_ms = now_ms + s->wait_ms;
            continue;
        }
        if (!known)
            draft(s, o, tx);
        drop(s, i);
    }
}

struct self_watch_counts self_watch_counts(const struct self_watch *s)
{
    return s->counts;
}
