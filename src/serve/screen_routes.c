/* Every question runs in a worker: one with a potential match writes it down, which may have to
 * wait for whoever imports a list. Requests share one connection to the records, a batch has its
 * own, for it holds a transaction while it answers a piece of its body. */
#include "serve/screen_routes.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "entity/tag_json.h"
#include "screen/answer.h"
#include "screen/batch.h"
#include "screen/due_store.h"
#include "screen/match_store.h"
#include "screen/question_store.h"
#include "serve/clock.h"
#include "serve/group_routes.h"
#include "serve/live_exposure.h"
#include "serve/live_holds.h"
#include "serve/live_questions.h"
#include "serve/metrics.h"
#include "serve/screening.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define CHANGES_MAX 200 /* told at once */
#define BATCH_BYTES_MAX ((uint64_t)4 << 30)
#define BATCH_READ_BYTES 4096
#define BATCH_SLICE_BYTES ((size_t)96 << 10)    /* sent at once, and in one line of the audit log */
#define BATCH_OUT_BYTES_MAX ((size_t)256 << 20) /* answers to what is read at once */

struct screening {
    struct live_screener *live;
    struct live_exposure *exposure;
    struct live_questions *questions; /* NULL: they are not kept */
    struct live_holds *holds;         /* NULL: the node has no group part */
    pthread_mutex_t lock;             /* of records */
    pthread_mutex_t early_lock;       /* of: */
    screening_early_fn *early;        /* NULL: none */
    void *early_ctx;
    struct store *records;
    atomic_uint_fast64_t decided[SCREEN_DECISIONS], errors;
};

/* ---- the part ---- */

static void part_close(void *part)
{
    struct screening *p = part;

    live_holds_close(p->holds);
    live_questions_close(p->questions);
    live_exposure_close(p->exposure);
    live_screener_close(p->live);
    store_close(p->records);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->early_lock);
    mem_free(p);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct screening *p = mem_zero(sizeof(*p));
    struct live_group *group = node_opened(n, &group_part);
    uint64_t keep = node_config(n)->questions_keep;

    if (!p)
        return err_fail(err, ERR_NOMEM, "screening");
    pthread_mutex_init(&p->lock, NULL);
    pthread_mutex_init(&p->early_lock, NULL);
    if (!live_screener_open(node_home(n), node_log(n), &p->live, err) ||
        !live_screener_records(p->live, &p->records, err) ||
        !live_exposure_open(node_home(n), node_ledgers(n), p->live, group != NULL, node_log(n),
                            &p->exposure, err) ||
        (group && !live_holds_open(group, node_ledgers(n), node_log(n), &p->holds, err)) ||
        (keep &&
         !live_questions_open(p->live, p->exposure, node_log(n), keep, &p->questions, err))) {
        part_close(p);
        return false;
    }
    *ret = p;
    return true;
}

static bool part_reload(void *part, struct node *n, struct err *err)
{
    struct screening *p = part;

    (void)n;
    (void)err;
    live_screener_renew(p->live);
    return true;
}

static bool part_tick(void *part, struct node *n, struct err *err)
{
    struct screening *p = part;

    (void)n;
    (void)err;
    if (p->holds)
        live_holds_tick(p->holds);
    return true;
}

static const char *coming_text(enum screen_ledger_state state)
{
    switch (state) {
    case SCREEN_READY:
        return "ready";
    case SCREEN_COMING:
        return "is still being worked out";
    case SCREEN_AWAY:
        return "waits for its ledger";
    case SCREEN_FAILED:
        return "cannot be worked out";
    }
    return "";
}

static bool exposure_ready(struct screening *p, struct text *why)
{
    struct live_exposure_one all[SCREEN_LEDGERS_MAX];
    size_t n = live_exposure_all(p->exposure, all, SCREEN_LEDGERS_MAX);
    bool ready = true;

    for (size_t i = 0; i < n; i++) {
        if (all[i].state == SCREEN_READY)
            continue;
        ready = false;
        text_printf(why, "exposure on %s %s", all[i].chain->name, coming_text(all[i].state));
        if (all[i].state == SCREEN_COMING)
            text_printf(why, ": %llu of %llu transactions", (unsigned long long)all[i].txs,
                        (unsigned long long)all[i].txs_all);
        text_char(why, '\n');
    }
    return ready;
}

static bool part_ready(void *part, struct text *why)
{
    struct screening *p = part;
    struct live_screener_view *v = live_screener_take(p->live);
    bool any = screener_stands(live_screener_at(v)).lists_n > 0;

    live_screener_drop(p->live, v);
    if (!any)
        text_str(why, "no sanctions list has been imported\n");
    return exposure_ready(p, why) && any;
}

static uint64_t exposure_is_ready(const struct live_exposure_one *one)
{
    return one->state == SCREEN_READY;
}

static uint64_t exposure_lag(const struct live_exposure_one *one)
{
    return one->blocks_all > one->blocks ? one->blocks_all - one->blocks : 0;
}

static uint64_t exposure_bytes(const struct live_exposure_one *one)
{
    return one->bytes;
}

static uint64_t exposure_renewing(const struct live_exposure_one *one)
{
    return one->renewing;
}

static uint64_t exposure_seconds(const struct live_exposure_one *one)
{
    return (one->pass_ms + 999) / 1000;
}

struct exposure_told {
    struct live_exposure_one at[SCREEN_LEDGERS_MAX];
    size_t n;
};

static void exposure_metric(const struct exposure_told *t, struct text *to, const char *name,
                            uint64_t (*value)(const struct live_exposure_one *one))
{
    for (size_t i = 0; i < t->n; i++)
        metric_u64(to, name, "chain", t->at[i].chain->name, value(&t->at[i]));
}

static void exposure_metrics(struct screening *p, struct text *to)
{
    struct exposure_told t;

    t.n = live_exposure_all(p->exposure, t.at, SCREEN_LEDGERS_MAX);
    metric_head(to, "cordon_exposure_ready", "gauge", "1: exposure on that ledger is told.");
    exposure_metric(&t, to, "cordon_exposure_ready", exposure_is_ready);
    metric_head(to, "cordon_exposure_lag_blocks", "gauge",
                "Blocks of the ledger that exposure has not come by.");
    exposure_metric(&t, to, "cordon_exposure_lag_blocks", exposure_lag);
    metric_head(to, "cordon_exposure_bytes", "gauge", "Memory of exposure.");
    exposure_metric(&t, to, "cordon_exposure_bytes", exposure_bytes);
    metric_head(to, "cordon_exposure_renewing", "gauge",
                "1: another pass, by new labels, is under way.");
    exposure_metric(&t, to, "cordon_exposure_renewing", exposure_renewing);
    metric_head(to, "cordon_exposure_pass_seconds", "gauge", "That the last whole pass took.");
    exposure_metric(&t, to, "cordon_exposure_pass_seconds", exposure_seconds);
}

static void cases_metrics(struct screening *p, struct text *to)
{
    struct screen_cases_counts n = screen_cases_counts(live_exposure_cases(p->exposure));

    metric_head(to, "cordon_screen_cases", "gauge", "Cases of the group that screening tells.");
    metric_u64(to, "cordon_screen_cases", "verified", "true", n.counted);
    metric_u64(to, "cordon_screen_cases", "verified", "false", n.cases - n.counted);
    metric_head(to, "cordon_screen_cases_reached", "gauge",
                "Outputs and transfers that they have reached.");
    metric_u64(to, "cordon_screen_cases_reached", NULL, NULL, n.moves);
    metric_head(to, "cordon_screen_cases_bytes", "gauge", "Memory of what they have reached.");
    metric_u64(to, "cordon_screen_cases_bytes", NULL, NULL, n.bytes);
}

/* Unknown while the records cannot be read: then nothing is told. */
static void due_metrics(struct screening *p, struct text *to, uint64_t now)
{
    struct due_counts counts;
    struct err ignored;
    bool ok;

    pthread_mutex_lock(&p->lock);
    ok = due_count(p->records, now, &counts, &ignored);
    pthread_mutex_unlock(&p->lock);
    if (!ok)
        return;
    metric_head(to, "cordon_reports_due", "gauge", "Reports that are due and not closed.");
    metric_u64(to, "cordon_reports_due", NULL, NULL, counts.open);
    metric_head(to, "cordon_reports_overdue", "gauge", "Reports that are overdue.");
    metric_u64(to, "cordon_reports_overdue", NULL, NULL, counts.overdue);
}

static void questions_metrics(struct screening *p, struct text *to)
{
    struct live_questions_counts n = {.kept = 0};

    if (p->questions)
        n = live_questions_counts(p->questions);
    metric_head(to, "cordon_questions_kept_total", "counter", "Questions written down.");
    metric_u64(to, "cordon_questions_kept_total", NULL, NULL, n.kept);
    metric_head(to, "cordon_questions_lost_total", "counter", "Questions that could not be.");
    metric_u64(to, "cordon_questions_lost_total", NULL, NULL, n.lost);
    metric_head(to, "cordon_questions_waiting", "gauge", "Questions that are not written yet.");
    metric_u64(to, "cordon_questions_waiting", NULL, NULL, n.waiting);
    metric_head(to, "cordon_questions_again_total", "counter", "Past questions asked again.");
    metric_u64(to, "cordon_questions_again_total", NULL, NULL, n.asked);
    metric_head(to, "cordon_questions_changed_total", "counter",
                "Those of them whose answer is another one.");
    metric_u64(to, "cordon_questions_changed_total", NULL, NULL, n.changed);
    metric_head(to, "cordon_questions_matched_total", "counter",
                "Those of them with a new potential match.");
    metric_u64(to, "cordon_questions_matched_total", NULL, NULL, n.matched);
    metric_head(to, "cordon_questions_running", "gauge", "1: past questions are being asked.");
    metric_u64(to, "cordon_questions_running", NULL, NULL, n.running);
}

static void part_metrics(void *part, struct text *to)
{
    struct screening *p = part;
    struct live_screener_counts counts = live_screener_counts(p->live);
    struct live_screener_view *v = live_screener_take(p->live);
    struct screener_stands stands = screener_stands(live_screener_at(v));
    uint64_t now = clock_seconds();

    metric_head(to, "cordon_decisions_total", "counter", "Decisions, by what was decided.");
    for (int d = 0; d < SCREEN_DECISIONS; d++)
        metric_u64(to, "cordon_decisions_total", "decision",
                   screen_decision_name((enum screen_decision)d), atomic_load(&p->decided[d]));
    metric_head(to, "cordon_batch_errors_total", "counter",
                "Records of batches that could not be answered.");
    metric_u64(to, "cordon_batch_errors_total", NULL, NULL, atomic_load(&p->errors));
    metric_head(to, "cordon_list_age_seconds", "gauge", "Since the day that a list stands for.");
    for (size_t i = 0; i < stands.lists_n; i++) {
        uint64_t day = list_day_seconds(stands.lists[i].as_of);

        metric_u64(to, "cordon_list_age_seconds", "list", stands.lists[i].list,
                   now > day ? now - day : 0);
    }
    live_screener_drop(p->live, v);
    metric_head(to, "cordon_screener_loads_total", "counter",
                "Times that lists, tags and rules were opened.");
    metric_u64(to, "cordon_screener_loads_total", NULL, NULL, counts.loads);
    metric_head(to, "cordon_screener_failures_total", "counter", "Times that they could not be.");
    metric_u64(to, "cordon_screener_failures_total", NULL, NULL, counts.failed);
    metric_head(to, "cordon_screener_stale", "gauge",
                "1: the newest lists, tags or rules could not be opened.");
    metric_u64(to, "cordon_screener_stale", NULL, NULL, counts.stale);
    exposure_metrics(p, to);
    cases_metrics(p, to);
    due_metrics(p, to, now);
    questions_metrics(p, to);
    metric_head(to, "cordon_holds_in_force", "gauge", "Alerts whose hold is in force here.");
    metric_u64(to, "cordon_holds_in_force", NULL, NULL, p->holds ? live_holds_n(p->holds) : 0);
}

/* ---- one question ---- */

static const char *const no_query[] = {NULL};

struct live_screener_view *screening_take(struct screening *p)
{
    return live_screener_take(p->live);
}

void screening_drop(struct screening *p, struct live_screener_view *v)
{
    live_screener_drop(p->live, v);
}

struct live_exposure *screening_exposure(struct screening *p)
{
    return p->exposure;
}

struct json_out screening_audit_begin(const struct http_job *job, struct text *to,
                                      const char *event)
{
    struct json_out j = json_to(to, false);

    json_object(&j);
    json_put_string(&j, "event", event);
    json_put_string(&j, "request_id", job->request.id);
    json_put_string(&j, "key", job->request.key);
    return j;
}

static void audit_hashed(struct json_out *j, const char *p, size_t n)
{
    struct hash32 hash = sha256(p, n);

    json_put_number(j, "answer_bytes", n);
    json_put_hex(j, "answer_sha256", hash.b, sizeof(hash.b));
}

/* The answer is copied once, behind the rest of the object, whose end is the last byte. */
static bool audit_answer(struct http_job *job, const struct text *answer, struct err *err)
{
    struct text t = text_new(AUDIT_LINE_BYTES_MAX);
    struct json_out j = screening_audit_begin(job, &t, "screen");
    bool whole = answer->n <= AUDITED_BYTES_MAX, ok;

    if (whole)
        json_key(&j, "answer");
    else
        audit_hashed(&j, answer->p, answer->n);
    ok = text_end(&t, err);
    if (ok) {
        const struct bytes pieces[] = {{(const uint8_t *)t.p, t.n},
                                       {(const uint8_t *)answer->p, whole ? answer->n : 0},
                                       {(const uint8_t *)"}", 1}};

        ok = http_audit_pieces(job, pieces, sizeof(pieces) / sizeof(pieces[0]), err);
    }
    text_free(&t);
    return ok;
}

static bool write_down(struct screening *p, const struct clocks *clocks, uint64_t now,
                       struct screen_answer *a, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&p->lock);
    ok = store_begin(p->records, err) && screen_record(p->records, clocks, now, a, err) &&
         store_commit(p->records, err);
    if (!ok)
        store_rollback(p->records);
    pthread_mutex_unlock(&p->lock);
    return ok;
}

static bool keep(void *part, struct arena *a, const struct screener *s,
                 const struct screen_question *q, const struct screen_answer *answer,
                 const char *ref, struct err *err)
{
    struct screening *p = part;
    struct question_asked asked;

    if (!p->questions || q->held_n) /* a hold is of its hour: asked again, it means nothing */
        return true;
    if (!question_asked_of(a, s, q, answer, ref, &asked, err))
        return false;
    live_questions_put(p->questions, &asked);
    return true;
}

/* Writing down waits for the disk, and so does a question where too many wait already. */
static bool would_wait(struct screening *p, const struct screen_answer *a)
{
    return a->potential || (p->questions && live_questions_full(p->questions));
}

bool screening_answer(struct http_job *job, struct screening *p, const struct screener *s,
                      const struct screen_question *q, const char *ref, struct screen_answer *ret,
                      struct text *to, struct err *err)
{
    struct json_out j = json_to(to, false);
    struct screen_question exposed = *q;
    struct live_exposure_view *v = live_exposure_take(p->exposure);
    bool ok;

    exposed.ledgers = live_exposure_at(v);
    ok = screen_ask(s, job->arena, &exposed, ret, err);
    live_exposure_drop(p->exposure, v);
    if (!ok)
        return false;
    job->later = job->at_once && would_wait(p, ret);
    if (job->later)
        return true;
    if (ret->potential && !write_down(p, screener_clocks(s), q->now, ret, err))
        return false;
    screen_answer_json(&j, s, q, ret, ref);
    return text_end(to, err) && keep(p, job->arena, s, q, ret, ref, err);
}

void screening_count(struct screening *p, const struct screen_answer *a)
{
    atomic_fetch_add(&p->decided[a->verdict.decision], 1);
}

bool screening_decide(struct http_job *job, struct screening *p, const struct screener *s,
                      const struct screen_question *q, const char *ref, struct screen_answer *ret,
                      struct text *to, struct err *err)
{
    if (!screening_answer(job, p, s, q, ref, ret, to, err))
        return false;
    if (job->later)
        return true;
    if (!audit_answer(job, to, err))
        return false;
    screening_count(p, ret);
    return true;
}

bool screening_body(struct http_job *job, const char *const *known, const struct json **ret,
                    struct err *err)
{
    const struct http_body *b = &job->request.body;

    if (!b->n || !b->p)
        return err_fail(err, ERR_INPUT, "a JSON object is wanted");
    if (!json_read(job->arena, (const char *)b->p, (size_t)b->n, ret, err))
        return false;
    if ((*ret)->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "a JSON object is wanted");
    for (const struct json *m = (*ret)->child; m; m = m->next)
        if (m->type != JSON_STRING && m->type != JSON_NUMBER)
            return err_fail(err, ERR_INPUT, "\"%.40s\": a text or a number is wanted", m->key);
    return json_only(*ret, "the question", known, err);
}

static bool mode_read(const struct json *object, struct screen_question *q, struct err *err)
{
    const struct json *mode = json_get(object, "mode"), *threshold = json_get(object, "threshold");
    uint64_t per_mille = 0;

    if (mode && json_is_string(mode, "ofac"))
        q->mode = NAME_MODE_OFAC;
    else if (mode && !json_is_string(mode, "cordon"))
        return err_fail(err, ERR_INPUT, "mode: cordon or ofac");
    if (threshold && (!json_u64(threshold, "threshold", &per_mille, err) || per_mille > 1000))
        return err_fail(err, ERR_INPUT, "threshold: a number of thousandths is wanted, up to 1000");
    q->threshold = (uint32_t)per_mille;
    return true;
}

void screening_early(struct screening *p, screening_early_fn *f, void *ctx)
{
    pthread_mutex_lock(&p->early_lock);
    p->early = f;
    p->early_ctx = ctx;
    pthread_mutex_unlock(&p->early_lock);
}

/* Behind what the group's log holds. */
static bool early_add(struct screening *p, struct arena *a, const char *account,
                      struct screen_question *q, struct err *err)
{
    const struct screen_reason *more = NULL;
    struct screen_reason *all;
    size_t n = 0;
    bool ok;

    if (!account)
        return true;
    pthread_mutex_lock(&p->early_lock);
    ok = !p->early || p->early(p->early_ctx, a, account, &more, &n, err);
    pthread_mutex_unlock(&p->early_lock);
    if (!ok || !n)
        return ok;
    all = ARENA_ARRAY(a, struct screen_reason, q->held_n + n);
    if (!all)
        return err_fail(err, ERR_NOMEM, "early warnings");
    if (q->held_n)
        memcpy(all, q->held, q->held_n * sizeof(*all));
    memcpy(all + q->held_n, more, n * sizeof(*all));
    q->held = all;
    q->held_n += n;
    return true;
}

bool screening_held(struct screening *p, struct arena *a, const char *account, const char *output,
                    struct screen_question *q, struct err *err)
{
    struct alert_asked asked = {
        .chain = q->chain, .address = q->address, .account = account, .output = output};

    return (!p->holds || live_holds_ask(p->holds, a, &asked, &q->held, &q->held_n, err)) &&
           early_add(p, a, account, q, err);
}

/* What this node holds that a withdrawal would pay out. */
static bool held_of(struct http_job *job, const struct json *object, struct screen_question *q,
                    struct err *err)
{
    const struct json *account = json_get(object, "account"), *output = json_get(object, "output");
    const char *of = NULL, *deposit = NULL;

    return (!account || json_text(account, "account", &of, err)) &&
           (!output || json_text(output, "output", &deposit, err)) &&
           screening_held(job->part, job->arena, of, deposit, q, err);
}

static bool answer_question(struct http_job *job, const char *const *known,
                            enum screen_direction usual_direction, bool pays_out, struct err *err)
{
    struct screening *p = job->part;
    struct screen_question usual = {
        .direction = usual_direction, .kind = NAME_UNKNOWN, .now = clock_seconds()};
    struct screen_question q;
    struct screen_answer a;
    struct live_screener_view *v;
    const struct json *object;
    const char *ref;
    bool ok;

    if (!http_query_only(&job->request, no_query, err) ||
        !screening_body(job, known, &object, err) || !mode_read(object, &usual, err) ||
        !screen_question_read(job->arena, &usual, object, &q, &ref, err) ||
        (pays_out && !held_of(job, object, &q, err)))
        return false;
    v = live_screener_take(p->live);
    ok = screening_decide(job, p, live_screener_at(v), &q, ref, &a, &job->response.body, err);
    live_screener_drop(p->live, v);
    return ok;
}

static bool screen_address(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"address", "chain",    "direction", "asset",
                                        "amount",  "decimals", "ref",       NULL};

    return answer_question(job, known, SCREEN_INBOUND, false, err);
}

/* What is asked about has to be there; an address beside it narrows it. */
static bool screen_transfer(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"tx",     "address",  "chain", "direction", "asset",
                                        "amount", "decimals", "ref",   NULL};
    const struct json *object;

    if (!screening_body(job, known, &object, err))
        return false;
    if (!json_get(object, "tx"))
        return err_fail(err, ERR_INPUT, "tx is wanted: TXID:VOUT, HASH:l3, or a transaction");
    return answer_question(job, known, SCREEN_INBOUND, false, err);
}

static bool screen_name(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"name", "kind",      "born",      "nationality", "document",
                                        "mode", "threshold", "direction", "ref",         NULL};

    return answer_question(job, known, SCREEN_INBOUND, false, err);
}

static bool withdrawal(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"address", "chain",    "account", "output", "asset",
                                        "amount",  "decimals", "ref",     NULL};

    return answer_question(job, known, SCREEN_OUTBOUND, true, err);
}

/* ---- many ---- */

struct batch_run {
    struct http_job *job;
    struct live_screener_view *view;
    struct store *store;
    struct screen_batch *batch;
    struct screen_counts counted;
    struct text out, audit;
    size_t out_at;
    uint64_t read, sent; /* bytes of the body, and of answers */
    bool ended, within;  /* all is read; the last slice ended within a line */
};

static void batch_end(void *ctx)
{
    struct batch_run *r = ctx;
    struct screening *p = r->job->part;

    screen_batch_free(r->batch);
    store_close(r->store);
    text_free(&r->out);
    text_free(&r->audit);
    live_screener_drop(p->live, r->view);
}

static void batch_count(struct batch_run *r)
{
    struct screening *p = r->job->part;
    struct screen_counts n = screen_batch_counts(r->batch);

    for (int d = 0; d < SCREEN_DECISIONS; d++)
        atomic_fetch_add(&p->decided[d], n.decided[d] - r->counted.decided[d]);
    atomic_fetch_add(&p->errors, n.bad - r->counted.bad);
    r->counted = n;
}

/* A view of the ledgers is held for a piece, and no longer: an undo waits for it. */
static bool batch_feed(struct batch_run *r, const char *piece, size_t n, struct err *err)
{
    struct screening *p = r->job->part;
    struct live_exposure_view *v = live_exposure_take(p->exposure);
    bool ok;

    screen_batch_ledgers(r->batch, live_exposure_at(v));
    ok = screen_batch_feed(r->batch, piece, n, r->ended, &r->out, err) && text_end(&r->out, err);
    screen_batch_ledgers(r->batch, NULL);
    live_exposure_drop(p->exposure, v);
    return ok;
}

static bool batch_keep(void *ctx, struct arena *a, const struct screen_question *q,
                       const struct screen_answer *answer, const char *ref, struct err *err)
{
    struct batch_run *r = ctx;

    return keep(r->job->part, a, live_screener_at(r->view), q, answer, ref, err);
}

/* Reads on until there is a slice of answers, or the body ends. */
static bool batch_fill(struct batch_run *r, struct err *err)
{
    const struct http_body *body = &r->job->request.body;
    char piece[BATCH_READ_BYTES];

    r->out.n = r->out_at = 0;
    while (!r->ended && r->out.n < BATCH_SLICE_BYTES) {
        size_t n;

        if (!http_body_read(body, r->read, piece, sizeof(piece), &n, err))
            return false;
        r->read += n;
        r->ended = !n || r->read >= body->n;
        if (!batch_feed(r, piece, n, err))
            return false;
    }
    batch_count(r);
    return true;
}

/* Whole lines where that is possible: the audit log then has the answers themselves. */
static size_t slice_length(const struct batch_run *r)
{
    size_t left = r->out.n - r->out_at, n = left;

    if (left <= BATCH_SLICE_BYTES)
        return left;
    for (n = BATCH_SLICE_BYTES; n && r->out.p[r->out_at + n - 1] != '\n'; n--)
        ;
    return n ? n : BATCH_SLICE_BYTES;
}

static void audit_lines(struct json_out *j, const char *p, size_t n)
{
    json_key(j, "answers");
    json_array(j);
    for (const char *end = p + n; p < end;) {
        const char *line = memchr(p, '\n', (size_t)(end - p));

        json_raw(j, p, (size_t)(line - p));
        p = line + 1;
    }
    json_array_end(j);
}

/* The entry rests in the run, which outlives it: a batch without end must not fill its arena. */
static bool audit_slice(struct batch_run *r, const char *p, size_t n, struct err *err)
{
    struct json_out j;
    bool lines = !r->within && n && p[n - 1] == '\n';

    r->audit.n = 0;
    j = screening_audit_begin(r->job, &r->audit, "screen batch");
    json_put_number(&j, "at", r->sent);
    if (lines)
        audit_lines(&j, p, n);
    else
        audit_hashed(&j, p, n);
    json_object_end(&j);
    r->within = n && p[n - 1] != '\n';
    if (!text_end(&r->audit, err))
        return false;
    r->job->response.audits[0] = (struct bytes){(const uint8_t *)r->audit.p, r->audit.n};
    r->job->response.audits_n = 1;
    return true;
}

static bool batch_pull(void *ctx, struct text *to, bool *ret_more, struct err *err)
{
    struct batch_run *r = ctx;
    size_t n;

    if (r->out_at == r->out.n && !r->ended && !batch_fill(r, err))
        return false;
    n = slice_length(r);
    if (n) {
        if (!audit_slice(r, r->out.p + r->out_at, n, err))
            return false;
        text_put(to, r->out.p + r->out_at, n);
    }
    r->out_at += n;
    r->sent += n;
    *ret_more = !r->ended || r->out_at < r->out.n;
    return true;
}

/* What is wrong with the beginning of a batch is said with a status; of what comes later, a record
 * has its own line. */
static bool batch(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"direction", NULL};
    struct screening *p = job->part;
    const char *direction = http_query(&job->request, "direction");
    struct screen_question usual = {.kind = NAME_UNKNOWN, .now = clock_seconds()};
    struct batch_run *r = ARENA_NEW(job->arena, struct batch_run);

    if (!r)
        return err_fail(err, ERR_NOMEM, "batch");
    if (!http_query_only(&job->request, known, err))
        return false;
    if (direction && !strcmp(direction, "outbound"))
        usual.direction = SCREEN_OUTBOUND;
    else if (direction && strcmp(direction, "inbound"))
        return err_fail(err, ERR_INPUT, "direction: inbound or outbound");
    *r = (struct batch_run){.job = job,
                            .view = live_screener_take(p->live),
                            .out = text_new(BATCH_OUT_BYTES_MAX),
                            .audit = text_new(AUDIT_LINE_BYTES_MAX)};
    job->response.type = "application/x-ndjson";
    job->response.pull = batch_pull;
    job->response.pull_ctx = r;
    job->response.pull_end = batch_end;
    if (!live_screener_records(p->live, &r->store, err) ||
        !screen_batch_new(live_screener_at(r->view), &usual, &r->batch, err))
        return false;
    screen_batch_record(r->batch, r->store);
    screen_batch_keep(r->batch, batch_keep, r, false);
    return batch_fill(r, err);
}

/* ---- what others call ---- */

static void identification(struct json_out *j, const struct screen_reason *r,
                           const struct screen_match *m, struct text *words)
{
    json_object(j);
    json_put_string(j, "category", r->category);
    words->n = 0;
    text_printf(words, "SANCTIONS: %s %s", r->source, m->entry->name.text);
    json_key(j, "name");
    json_string_n(j, words->p, words->n);
    words->n = 0;
    text_printf(words, "entry %s of %s", r->entry, r->source);
    for (size_t i = 0; i < m->entry->programmes_n; i++)
        text_printf(words, "%s%s", i ? ", " : ", under ", m->entry->programmes[i]);
    json_key(j, "description");
    json_string_n(j, words->p, words->n);
    json_put_string(j, "url", *m->entry->url ? m->entry->url : NULL);
    json_object_end(j);
}

static bool identifications(struct http_job *job, const struct screen_answer *a, struct err *err)
{
    struct text words = text_new(HTTP_CHUNK_BYTES_MAX);
    struct json_out j = json_to(&job->response.body, false);
    bool ok;

    json_object(&j);
    json_key(&j, "identifications");
    json_array(&j);
    for (size_t i = 0; i < a->matches_n; i++)
        if (a->reasons[i].exact)
            identification(&j, &a->reasons[i], &a->matches[i], &words);
    json_array_end(&j);
    json_object_end(&j);
    ok = text_end(&words, err);
    text_free(&words);
    return ok;
}

static bool sanctioned(struct http_job *job, struct err *err)
{
    struct screening *p = job->part;
    struct screen_question q = {.subject = SCREEN_OF_ADDRESS,
                                .address = job->request.params[0],
                                .name = "",
                                .kind = NAME_UNKNOWN,
                                .now = clock_seconds()};
    struct text answer = text_new(HTTP_ANSWER_BYTES_MAX);
    struct live_screener_view *v = live_screener_take(p->live);
    struct screen_answer a;
    bool ok = http_query_only(&job->request, no_query, err) &&
              screening_decide(job, p, live_screener_at(v), &q, NULL, &a, &answer, err) &&
              (job->later || identifications(job, &a, err));

    live_screener_drop(p->live, v);
    text_free(&answer);
    return ok;
}

/* ---- past questions ---- */

static void changes_told(struct http_job *job, uint64_t after, const struct question_change *c,
                         size_t n)
{
    struct json_out j = json_to(&job->response.body, false);
    char next[24];

    snprintf(next, sizeof(next), "%llu", (unsigned long long)(n ? c[n - 1].id : after));
    json_object(&j);
    json_put_string(&j, "schema", "cordon.screen-changes/1");
    json_key(&j, "changes");
    json_array(&j);
    for (size_t i = 0; i < n; i++)
        question_change_json(&j, &c[i]);
    json_array_end(&j);
    json_put_string(&j, "next", next);
    json_put_bool(&j, "more", n == CHANGES_MAX);
    json_object_end(&j);
}

static bool changes(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"after", NULL};
    struct screening *p = job->part;
    const char *given = http_query(&job->request, "after");
    const struct question_change *c;
    uint64_t after = 0;
    size_t n;
    bool ok;

    if (!http_query_only(&job->request, known, err))
        return false;
    if (given && (!u64_from_text(given, strlen(given), &after) || after > INT64_MAX))
        return err_fail(err, ERR_INPUT, "after: \"next\" of an answer before is wanted");
    pthread_mutex_lock(&p->lock);
    ok = question_changes(p->records, job->arena, after, CHANGES_MAX, &c, &n, err);
    pthread_mutex_unlock(&p->lock);
    if (ok)
        changes_told(job, after, c, n);
    return ok;
}

/* ---- what it stands on ---- */

static bool lists(struct http_job *job, struct err *err)
{
    struct screening *p = job->part;
    struct json_out j = json_to(&job->response.body, false);
    struct live_screener_view *v;
    struct live_exposure_view *x;

    if (!http_query_only(&job->request, no_query, err))
        return false;
    v = live_screener_take(p->live);
    x = live_exposure_take(p->exposure);
    screen_stands_json(&j, live_screener_at(v), live_exposure_at(x));
    live_exposure_drop(p->exposure, x);
    live_screener_drop(p->live, v);
    return true;
}

static bool tags(struct http_job *job, struct err *err)
{
    struct screening *p = job->part;
    const char *chain = job->request.params[0], *address = job->request.params[1];
    struct json_out j = json_to(&job->response.body, false);
    struct tag_found found = {.tags_n = 0};
    struct live_screener_view *v;
    struct address_key key;
    const struct tag_set *set;

    if (!http_query_only(&job->request, no_query, err) ||
        !address_key_read(address, strlen(address), chain, &key, err))
        return false;
    v = live_screener_take(p->live);
    set = screener_tags(live_screener_at(v));
    if (!tag_set_find(set, &key, &found)) {
        found.key = key.text;
        found.space = (enum address_space)key.space;
    }
    json_object(&j);
    json_put_string(&j, "schema", "cordon.tags-address/1");
    json_key(&j, "found");
    tag_found_json(&j, set, &found);
    tag_actors_json(&j, set, &found);
    json_object_end(&j);
    live_screener_drop(p->live, v);
    return true;
}

/* ---- what is due ---- */

/* Whoever waits for the records would wait for a batch: a connection of its own. */
static bool due(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"by", "all", NULL};
    struct screening *p = job->part;
    const char *by = http_query(&job->request, "by"), *all = http_query(&job->request, "all");
    struct json_out j = json_to(&job->response.body, false);
    uint64_t until = UINT64_MAX;
    const struct due *found;
    struct store *records;
    size_t n;
    bool more, ok;

    if (!http_query_only(&job->request, known, err))
        return false;
    if (by && (strlen(by) != 10 || !time_from_iso(by, 10, &until)))
        return err_fail(err, ERR_INPUT, "by: a day is wanted, as 2026-12-31");
    if (all && strcmp(all, "true") != 0 && strcmp(all, "false") != 0)
        return err_fail(err, ERR_INPUT, "all: true or false is wanted");
    if (!live_screener_records(p->live, &records, err))
        return false;
    ok = due_list(records, job->arena, by ? until / 86400 : UINT64_MAX, all && !strcmp(all, "true"),
                  &found, &n, &more, err);
    store_close(records);
    if (ok)
        due_list_json(&j, found, n, more, clock_seconds());
    return ok;
}

/* ---- potential matches ---- */

/* Who disposes of them does so by acts (POST /v1/acts), with a key. */
static bool matches(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"all", "from", NULL};
    struct screening *p = job->part;
    const char *all = http_query(&job->request, "all");
    struct json_out j = json_to(&job->response.body, false);
    const struct match *found;
    struct store *records;
    uint64_t from = 0;
    size_t n;
    bool ok;

    if (!http_query_only(&job->request, known, err) ||
        !http_query_number(&job->request, "from", INT64_MAX, &from, err))
        return false;
    if (all && strcmp(all, "true") != 0 && strcmp(all, "false") != 0)
        return err_fail(err, ERR_INPUT, "all: true or false is wanted");
    if (!live_screener_records(p->live, &records, err))
        return false;
    ok = match_list(records, job->arena, all && !strcmp(all, "true") ? MATCH_ALL : MATCH_UNSETTLED,
                    from, MATCH_LIST_MAX, &found, &n, err);
    store_close(records);
    if (ok)
        matches_json(&j, found, n);
    return ok;
}

static const struct http_route routes[] = {
    {"POST", "/v1/screen/address", HTTP_SCREEN, HTTP_AT_ONCE | HTTP_KEEPS, QUESTION_BYTES_MAX,
     screen_address},
    {"POST", "/v1/screen/transfer", HTTP_SCREEN, HTTP_AT_ONCE | HTTP_KEEPS, QUESTION_BYTES_MAX,
     screen_transfer},
    {"POST", "/v1/screen/name", HTTP_SCREEN, HTTP_WORKER | HTTP_KEEPS, QUESTION_BYTES_MAX,
     screen_name},
    {"POST", "/v1/withdrawals/check", HTTP_SCREEN, HTTP_AT_ONCE | HTTP_KEEPS, QUESTION_BYTES_MAX,
     withdrawal},
    {"POST", "/v1/screen/batch", HTTP_SCREEN, HTTP_WORKER | HTTP_SPOOLS, BATCH_BYTES_MAX, batch},
    {"GET", "/api/v1/address/{address}", HTTP_SCREEN, HTTP_AT_ONCE, 0, sanctioned},
    {"GET", "/v1/due", HTTP_READ, HTTP_WORKER, 0, due},
    {"GET", "/v1/matches", HTTP_SCREEN, HTTP_WORKER, 0, matches},
    {"GET", "/v1/screen/changes", HTTP_READ, HTTP_WORKER, 0, changes},
    {"GET", "/v1/lists", HTTP_READ, 0, 0, lists},
    {"GET", "/v1/tags/{chain}/{address}", HTTP_READ, HTTP_WORKER, 0, tags},
};

const struct node_part screen_part = {
    .name = "screening",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
    .close = part_close,
    .reload = part_reload,
    .tick = part_tick,
    .ready = part_ready,
    .metrics = part_metrics,
};
