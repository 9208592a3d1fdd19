/* The group over HTTP: its log, members and cases as they are told here, and events that were
 * signed elsewhere taken in. */
#include "serve/group_routes.h"

#include "group/proof.h"
#include "group/show.h"
#include "group/times.h"
#include "serve/peer.h"

#define LOG_LIMIT 100
#define LOG_LIMIT_MAX 1000
#define CASES_LIMIT_MAX 1000
#define LINES_BYTES_MAX ((size_t)64 << 20) /* of what is handed in, read */

struct reading { /* an answer on its way, under live_group_read */
    struct http_job *job;
    struct err *err;
    bool ok;
    bool (*answer)(struct http_job *job, struct group_log *l, const struct fold *fold,
                   struct err *err);
};

static void read_fold(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct reading *r = ctx;

    r->ok = fold ? r->answer(r->job, l, fold, r->err)
                 : err_fail(r->err, ERR_NOT_FOUND, "this home is of no group yet");
}

static bool answer_from(struct http_job *job,
                        bool (*answer)(struct http_job *job, struct group_log *l,
                                       const struct fold *fold, struct err *err),
                        struct err *err)
{
    struct reading r = {.job = job, .err = err, .answer = answer};

    if (live_group_failed(job->part)) {
        http_problem(&job->response, 503, "the group's log cannot be read", job->request.id);
        return true;
    }
    live_group_read(job->part, read_fold, &r);
    return r.ok;
}

/* ---- the log ---- */

static bool log_answer(struct http_job *job, struct group_log *l, const struct fold *fold,
                       struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    const char *audience = http_query(&job->request, "audience");
    uint64_t row = 0, limit = LOG_LIMIT, shown = 0;
    const struct fold_event *e;

    if (!http_query_number(&job->request, "since", INT64_MAX, &row, err) ||
        !http_query_number(&job->request, "limit", LOG_LIMIT_MAX, &limit, err))
        return false;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-events/1");
    json_put_hex(&j, "group", group_log_group(l)->b, 32);
    json_key(&j, "events");
    json_array(&j);
    for (; shown < limit && (e = fold_event_at(fold, row)); row++)
        if (!audience || !strcmp(audience, e->e.audience)) {
            logged_put(&j, fold, e);
            shown++;
        }
    json_array_end(&j);
    json_put_number(&j, "cursor", row);
    json_put_bool(&j, "more", fold_event_at(fold, row) != NULL);
    json_object_end(&j);
    return true;
}

static bool log_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"since", "limit", "audience", NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, log_answer, err);
}

/* ---- proofs ---- */

static const char proof_type[] = "text/plain; charset=utf-8";

static bool proof_answer(struct http_job *job, struct group_log *l, const struct fold *fold,
                         struct err *err)
{
    struct hash32 id;
    bool ignored;

    (void)fold;
    if (!hash_from_hex(job->request.params[0], &id))
        return err_fail(err, ERR_INPUT, "an event's id of 64 digits is wanted");
    job->response.type = proof_type;
    return group_log_prove(l, &id, &job->response.body, &ignored, err);
}

static bool proof_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, proof_answer, err);
}

static bool growth_answer(struct http_job *job, struct group_log *l, const struct fold *fold,
                          struct err *err)
{
    struct bytes kept = {job->request.body.p, (size_t)job->request.body.n};
    struct checkpoint from;
    struct hash32 group;

    (void)fold;
    if (!proof_kept_read(job->arena, kept, &group, &from, err))
        return false;
    if (!hash32_equal(&group, group_log_group(l)))
        return err_fail(err, ERR_DIFFERS, "it is of another group");
    job->response.type = proof_type;
    return group_log_prove_growth(l, &from, NULL, &job->response.body, err);
}

static bool growth_post(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, growth_answer, err);
}

/* ---- members ---- */

#define SPLITS_SHOWN_MAX 100 /* of a member */

static void split_put(struct json_out *j, const struct fold_stream *s)
{
    json_object(j);
    json_put_hex(j, "stream", s->stream.b, sizeof(s->stream.b));
    json_put_string(j, "audience", s->audience);
    json_put_number_or_null(j, "event", s->forked, 0);
    json_put_number_or_null(j, "checkpoint", s->parted, 0);
    json_object_end(j);
}

/* What the member's streams are proved to be: so many, so many of them signed and countersigned to
 * their last event, and those of which it has shown two histories. */
static void streams_put(struct json_out *j, const struct fold *fold, const char *member)
{
    uint64_t n = 0, signed_n = 0, countersigned = 0, splits = 0;
    struct fold_stream s;
    struct checkpoint c;
    bool ignored;

    json_key(j, "two_histories");
    json_array(j);
    for (size_t i = 0; fold_stream_at(fold, i, &s); i++) {
        if (strcmp(s.author, member) != 0)
            continue;
        if ((s.forked || s.parted) && splits++ < SPLITS_SHOWN_MAX)
            split_put(j, &s);
        if (!s.head)
            continue;
        n++;
        signed_n += fold_stream_checkpoint(fold, i, NULL, &c, &ignored) && c.size == s.head->e.seq;
        countersigned += fold_stream_countersigned(fold, i) == s.head->e.seq;
    }
    json_array_end(j);
    json_put_number(j, "streams", n);
    json_put_number(j, "streams_signed", signed_n);
    json_put_number(j, "streams_countersigned", countersigned);
}

static void member_put(struct json_out *j, struct peers *peers, const struct fold *fold,
                       const struct charter_member *m)
{
    json_object(j);
    json_put_string(j, "id", m->id);
    json_put_string(j, "name", m->name);
    json_put_string(j, "country", m->country);
    json_put_string(j, "contact", m->contact);
    json_put_string(j, "kind", m->kind);
    json_put_bool(j, "government", m->government);
    json_put_string(j, "state", m->suspended ? "suspended" : "active");
    streams_put(j, fold, m->id);
    json_key(j, "peer");
    if (peers)
        peers_json(peers, m->id, fold, j);
    else
        json_null(j);
    json_object_end(j);
}

static bool members_answer(struct http_job *job, struct group_log *l, const struct fold *fold,
                           struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    const struct charter *c = fold_charter(fold);

    (void)err;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.members/1");
    json_put_hex(&j, "group", group_log_group(l)->b, 32);
    json_put_string(&j, "name", c ? c->name : NULL);
    json_put_number(&j, "version", c ? c->version : 0);
    json_key(&j, "members");
    json_array(&j);
    for (size_t i = 0; c && i < c->members_n; i++)
        member_put(&j, node_opened(job->node, &peer_part), fold, &c->members[i]);
    json_array_end(&j);
    json_object_end(&j);
    return true;
}

static bool members_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, members_answer, err);
}

/* ---- cases ---- */

static bool cases_answer(struct http_job *job, struct group_log *l, const struct fold *fold,
                         struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    const char *state_wanted = http_query(&job->request, "state");
    uint64_t after = 0, limit = CASES_LIMIT_MAX, told = 0;
    const struct fold_object *o;
    enum body_state state;
    struct report r;
    size_t i;

    if (!http_query_number(&job->request, "after", INT64_MAX, &after, err) ||
        !http_query_number(&job->request, "limit", CASES_LIMIT_MAX, &limit, err))
        return false;
    if (!limit)
        return err_fail(err, ERR_INPUT, "limit: a number from 1 is wanted");
    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-cases/1");
    json_key(&j, "cases");
    json_array(&j);
    for (i = (size_t)after; told < limit && (o = case_next(fold, &i));) {
        if (state_wanted && strcmp(state_wanted, state_name(o->state)) != 0)
            continue;
        told++;
        if (!case_report(l, job->arena, o, &state, &r, err))
            return err_in(err, "\"%s\"", o->object);
        json_object(&j);
        case_put(&j, fold, o, state, &r);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_put_number_or_null(&j, "next", fold_object_at(fold, i) ? i : UINT64_MAX, UINT64_MAX);
    json_object_end(&j);
    return true;
}

static bool cases_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"after", "limit", "state", NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, cases_answer, err);
}

static const struct fold_object *case_of(const struct http_request *r, const struct fold *fold)
{
    const char *audience = http_query(r, "audience"), *id = r->params[0];
    const struct fold_object *o;

    for (size_t i = 0; (o = case_next(fold, &i));)
        if ((!strcmp(o->object, id) || !strcmp(strchr(o->object, ':') + 1, id)) &&
            (!audience || !strcmp(audience, o->audience)))
            return o;
    return NULL;
}

static bool case_answer(struct http_job *job, struct group_log *l, const struct fold *fold,
                        struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    const struct fold_object *o = case_of(&job->request, fold);
    enum body_state state;
    struct report r;

    if (!o)
        return err_fail(err, ERR_NOT_FOUND, "there is no case \"%s\"", job->request.params[0]);
    if (!case_report(l, job->arena, o, &state, &r, err))
        return false;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-case/1");
    case_put(&j, fold, o, state, &r);
    if (!case_story_put(&j, l, job->arena, o, state, &r, err))
        return false;
    json_object_end(&j);
    return true;
}

static bool case_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"audience", NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, case_answer, err);
}

/* ---- times ---- */

static bool times_answer(struct http_job *job, struct group_log *l, const struct fold *fold,
                         struct err *err)
{
    struct receipts receipts;
    struct times_of of = {.receipts = &receipts};
    struct times_row *rows;
    size_t n;

    if (!group_log_receipts(l, job->arena, &receipts, err) ||
        !times_of(job->arena, fold, &of, &rows, &n, err))
        return false;
    times_json(&job->response.body, rows, n, false);
    return true;
}

static bool times_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, times_answer, err);
}

/* ---- taking in ---- */

struct seen {
    struct hash32 group;
    bool any;
};

struct handing {
    const struct group_line *lines;
    size_t n;
    struct group_sender from;
    struct group_log_counts counts;
    uint64_t waiting;
};

static bool take(void *ctx, struct group_log *l, struct err *err)
{
    struct handing *h = ctx;
    bool ok = group_log_take_lines(l, &h->from, h->lines, h->n, &h->counts, err);

    h->waiting = ok ? fold_standing_n(group_log_fold(l), STANDING_WAITS) : 0;
    return ok;
}

static void group_see(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct seen *s = ctx;

    s->any = fold != NULL;
    if (fold)
        s->group = *group_log_group(l);
}

/* All of them are events, or none is taken. */
static bool lines_are_events(const struct handing *h, struct err *err)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->lines[i].reason)
            return err_fail(err, ERR_INPUT, "line %zu: %s", i + 1, h->lines[i].reason);
    return true;
}

static bool hand_in(struct http_job *job, struct handing *h, struct err *err)
{
    struct bytes body = {job->request.body.p, (size_t)job->request.body.n};
    struct arena *a = arena_new(NULL, LINES_BYTES_MAX);
    struct group_line *lines = NULL;
    struct seen s = {.any = false};
    bool ok;

    live_group_read(job->part, group_see, &s);
    ok = (a || err_fail(err, ERR_NOMEM, "lines")) &&
         (s.any || err_fail(err, ERR_NOT_FOUND, "this home is of no group yet")) &&
         group_lines_read(a, body, &s.group, &lines, &h->n, err);
    h->lines = lines;
    ok = ok && lines_are_events(h, err) && live_group_write(job->part, take, h, err);
    arena_free(a);
    return ok;
}

static bool log_post(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    struct json_out j = json_to(&job->response.body, false);
    struct handing *h = ARENA_NEW(job->arena, struct handing);

    if (!h)
        return err_fail(err, ERR_NOMEM, "lines");
    if (!http_query_only(&job->request, known, err) || !hand_in(job, h, err))
        return false;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.log-import/1");
    json_put_number(&j, "taken", h->counts.taken);
    json_put_number(&j, "known", h->counts.doubled);
    json_put_number(&j, "apart", h->counts.apart + h->counts.over);
    json_put_number(&j, "waiting", h->waiting);
    json_object_end(&j);
    return true;
}

/* ---- the part ---- */

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct live_group *g;

    if (!live_group_open(node_home(n), node_log(n), &g, err))
        return false;
    *ret = g;
    return true;
}

static void part_close(void *part)
{
    live_group_close(part);
}

static bool part_tick(void *part, struct node *n, struct err *err)
{
    bool had_failed = live_group_failed(part);
    uint64_t erased;

    if (!live_group_renew(part, err))
        return had_failed; /* told once */
    if (!live_group_expire(part, &erased, err))
        return false;
    if (erased)
        log_event(node_log(n), LOG_INFO, "group", NULL, "%llu bodies erased, whose terms are over",
                  (unsigned long long)erased);
    return true;
}

static bool part_ready(void *part, struct text *why)
{
    if (live_group_failed(part))
        text_str(why, "the group's log cannot be read\n");
    return !live_group_failed(part);
}

static const struct http_route routes[] = {
    {"GET", "/v1/log", HTTP_GROUP, HTTP_WORKER, 0, log_get},
    {"POST", "/v1/log", HTTP_GROUP, HTTP_WORKER, HTTP_BODY_MEMORY_MAX, log_post},
    {"GET", "/v1/log/{id}/proof", HTTP_GROUP, HTTP_WORKER, 0, proof_get},
    {"POST", "/v1/log/growth", HTTP_GROUP, HTTP_WORKER, PROOF_BYTES_MAX, growth_post},
    {"GET", "/v1/members", HTTP_GROUP, HTTP_WORKER, 0, members_get},
    {"GET", "/v1/cases", HTTP_GROUP, HTTP_WORKER, 0, cases_get},
    {"GET", "/v1/cases/{id}", HTTP_GROUP, HTTP_WORKER, 0, case_get},
    {"GET", "/v1/times", HTTP_GROUP, HTTP_WORKER, 0, times_get},
};

const struct node_part group_part = {
    .name = "group",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
    .close = part_close,
    .tick = part_tick,
    .ready = part_ready,
};
