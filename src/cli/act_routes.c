#include "cli/act_routes.h"

#include "base/io.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "serve/clock.h"
#include "serve/group_routes.h"
#include "serve/pace.h"
#include "serve/screening.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define ACT_BODY_BYTES_MAX ((size_t)256 << 10)
#define ACT_PER_MINUTE 30 /* of a person */
#define ACT_PER_MINUTE_ALL 120
#define ACT_WORDS_MAX 40
#define ACT_NAME_MAX 64
#define ACT_ANSWER_BYTES_MAX ((size_t)64 << 10)
#define FD_PATH_MAX 32

/* ---- what may be asked for ---- */

static const struct act_row {
    const char *name; /* the words of the command */
    bool object, document;
    const char *last; /* the option that is the command's last argument; NULL: none */
} acts[] = {
    {"case draft", false, true},
    {"case report", false, true},
    {"case revise", true, true},
    {"case verify", true, false},
    {"case dispute", true, false},
    {"case activate", true, false},
    {"case contain", true, false},
    {"case close", true, false},
    {"case retract", true, false},
    {"case merge", true, false},
    {"alert send", true, false},
    {"alert open", true, false},
    {"alert disclose", true, false},
    {"alert acknowledge", true, false},
    {"alert decline", true, false},
    {"alert repair", true, false},
    {"alert relay", true, false},
    {"alert too-late", true, false},
    {"alert void", true, false},
    {"hold order", true, false},
    {"hold extend", true, false},
    {"hold release", true, false},
    {"hold legal", true, false},
    {"hold seized", true, false},
    {"hold returned", true, false},
    {"hold void", true, false},
    {"hold notice", true, false},
    {"hold defer", true, false},
    {"case handling", true, false, "handling"},
    {"log approve", true, false},
    {"log preserve", true, false},
    {"register state", true, true},
    {"register revise", true, true, "id"},
    {"register withdraw", true, false, "id"},
    {"register done", true, false, "id"},
    {"register clear", true, false, "id"},
    {"register object", true, false, "id"},
    {"log lift", true, false},
    {"match dispose", true, false},
    {"lead review", true, false},
    {"charter propose", false, true},
    {"charter sign", true, false},
    {"member key revoke", true, false},
};

/* What a command is told beside its arguments; which of them it knows it says itself. */
static const char *const options[] = {
    "account",          "address",     "amount", "asset",
    "audience",         "basis",       "chain",  "despite-depth",
    "despite-handling", "disposition", "for",    "holder",
    "instrument",       "into",        "kind",   "note",
    "output",           "own",         "policy", "reason",
    "received",         "remark",      "to",     "verdict",
    "withdrawal",
};

static const struct act_row *act_of(const char *name)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        if (!strcmp(acts[i].name, name))
            return &acts[i];
    return NULL;
}

static bool option_is_known(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (!strcmp(options[i], name))
            return true;
    return false;
}

/* ---- a request ---- */

struct acting {
    struct http_job *job;
    const struct act_row *act;
    const char *as, *passphrase, *object, *last;
    const struct json *document, *said; /* said: options */
    int passphrase_fd, document_fd;
    char passphrase_path[FD_PATH_MAX], document_path[FD_PATH_MAX];
    char *words[ACT_WORDS_MAX];
    int words_n;
};

static bool text_member(const struct json *o, const char *name, const char **ret, struct err *err)
{
    return json_text(json_get(o, name), name, ret, err) &&
           (**ret || err_fail(err, ERR_INPUT, "%s: empty", name));
}

static bool request_read(struct acting *x, struct err *err)
{
    static const char *const known[] = {"act",     "as",         "document", "object",
                                        "options", "passphrase", NULL};
    const char *name;
    const struct json *o;

    if (!json_read(x->job->arena, (const char *)x->job->request.body.p,
                   (size_t)x->job->request.body.n, &o, err) ||
        !json_only(o, "an act", known, err) || !text_member(o, "act", &name, err) ||
        !text_member(o, "as", &x->as, err) || !text_member(o, "passphrase", &x->passphrase, err))
        return false;
    if (!group_name_valid(x->as)) /* it becomes a file's name */
        return err_fail(err, ERR_INPUT, "as: a person's name is wanted");
    x->act = act_of(name);
    x->document = json_get(o, "document");
    x->said = json_get(o, "options");
    if (!x->act)
        return err_fail(err, ERR_INPUT, "act: \"%.40s\" is none (\"hold order\")", name);
    if (x->act->object && !text_member(o, "object", &x->object, err))
        return false;
    if (!x->act->object && json_get(o, "object"))
        return err_fail(err, ERR_INPUT, "object: %s is of nothing that is there", name);
    if (x->act->document != (x->document && x->document->type == JSON_OBJECT))
        return err_fail(
            err, ERR_INPUT,
            x->act->document ? "document: an object is wanted" : "document: \"%s\" has none", name);
    return !x->said || x->said->type == JSON_OBJECT ||
           err_fail(err, ERR_INPUT, "options: an object is wanted");
}

/* ---- words of a command ---- */

static bool word(struct acting *x, const char *text, struct err *err)
{
    char *copy =
        x->words_n < ACT_WORDS_MAX ? arena_string(x->job->arena, text, strlen(text)) : NULL;

    if (!copy)
        return err_fail(err, ERR_LIMIT, "too many options");
    x->words[x->words_n++] = copy;
    return true;
}

/* --NAME=VALUE, so that no value is taken for anything else. */
static bool option(struct acting *x, const char *name, const char *value, struct err *err)
{
    size_t n = strlen(name) + strlen(value) + 4;
    char *text = arena_alloc(x->job->arena, n);

    if (!text)
        return err_fail(err, ERR_NOMEM, "an act");
    snprintf(text, n, "--%s=%s", name, value);
    return word(x, text, err);
}

static bool option_said(struct acting *x, const struct json *o, struct err *err)
{
    const char *value;

    if (x->act->last && !strcmp(o->key, x->act->last))
        return text_member(x->said, o->key, &x->last, err);
    if (!option_is_known(o->key))
        return err_fail(err, ERR_INPUT, "options: \"%.40s\" is none", o->key);
    if (o->type == JSON_TRUE) {
        char flag[ACT_NAME_MAX];

        snprintf(flag, sizeof(flag), "--%s", o->key);
        return word(x, flag, err);
    }
    return json_text(o, o->key, &value, err) && option(x, o->key, value, err);
}

/* The words behind the command's name: of the act, and behind all options its arguments. */
static bool words_make(struct acting *x, struct err *err)
{
    const char *more = strchr(x->act->name, ' ') + 1, *second = strchr(more, ' ');
    char first[ACT_NAME_MAX];

    snprintf(first, sizeof(first), "%.*s", second ? (int)(second - more) : (int)strlen(more), more);
    if (!option(x, "home", node_home(x->job->node), err) || !option(x, "as", x->as, err) ||
        !option(x, "passphrase-file", x->passphrase_path, err) || !option(x, "format", "json", err))
        return false;
    for (const struct json *o = x->said ? x->said->child : NULL; o; o = o->next)
        if (!option_said(x, o, err))
            return false;
    return word(x, "--", err) && word(x, first, err) && (!second || word(x, second + 1, err)) &&
           (!x->object || word(x, x->object, err)) && (!x->last || word(x, x->last, err)) &&
           (!x->document || word(x, x->document_path, err));
}

/* ---- what is handed over in memory ---- */

static bool memory_file(const char *p, size_t n, int *ret_fd, char ret_path[FD_PATH_MAX],
                        struct err *err)
{
    *ret_fd = memfd_create("act", MFD_CLOEXEC);
    if (*ret_fd < 0 || !write_whole(*ret_fd, p, n))
        return err_system(err, "memory for an act");
    snprintf(ret_path, FD_PATH_MAX, "/proc/self/fd/%d", *ret_fd);
    return true;
}

static bool handed_over(struct acting *x, struct err *err)
{
    struct text document = text_new(ACT_BODY_BYTES_MAX * 2);
    struct json_out j = json_to(&document, false);
    bool ok = memory_file(x->passphrase, strlen(x->passphrase), &x->passphrase_fd,
                          x->passphrase_path, err);

    if (ok && x->document) {
        json_tree(&j, x->document);
        ok = text_end(&document, err) &&
             memory_file(document.p, document.n, &x->document_fd, x->document_path, err);
    }
    text_free(&document);
    return ok;
}

static void taken_back(struct acting *x)
{
    if (x->passphrase_fd >= 0)
        close(x->passphrase_fd);
    if (x->document_fd >= 0)
        close(x->document_fd);
    if (x->passphrase)
        sodium_memzero((char *)x->passphrase, strlen(x->passphrase));
}

/* ---- running it ---- */

struct act_runner {
    struct node *node;
    struct live_group *group;
    pthread_mutex_t lock; /* of all below, and of whoever acts */
    struct pace pace;
};

/* What the log would not take is a conflict with how things are. A document that is none is not,
 * and has no name. */
static void error_told(const struct acting *x, struct err *err)
{
    const char *at = x->document_path[0] ? strstr(err->text, x->document_path) : NULL;
    char text[ERR_TEXT_MAX];

    if (at) {
        snprintf(text, sizeof(text), "%.*sdocument%s", (int)(at - err->text), err->text,
                 at + strlen(x->document_path));
        snprintf(err->text, sizeof(err->text), "%s", text);
    } else if (err->class == ERR_INPUT) {
        err->class = ERR_DIFFERS;
    }
}

static bool run(struct acting *x, struct text *out, struct err *err)
{
    char name[ACT_NAME_MAX];
    const struct command *command;
    struct call c;
    bool help;

    snprintf(name, sizeof(name), "%.*s", (int)(strchr(x->act->name, ' ') - x->act->name),
             x->act->name);
    command = command_find(all_commands(), name);
    if (!handed_over(x, err) || !words_make(x, err) ||
        !call_parse(command, x->job->arena, x->words_n, x->words, &c, &help, err))
        return false;
    c.out = out;
    if (call_run(&c, err))
        return true;
    error_told(x, err);
    return false;
}

static bool audited(const struct acting *x, const struct text *out, struct err *err)
{
    struct text line = text_new(AUDIT_LINE_BYTES_MAX);
    struct json_out j = screening_audit_begin(x->job, &line, "act");
    bool ok;

    json_put_string(&j, "as", x->as);
    json_put_string(&j, "act", x->act->name);
    json_key(&j, "said");
    json_raw(&j, out->p, out->n);
    json_object_end(&j);
    ok = text_end(&line, err) && http_audit(x->job, line.p, line.n, err);
    text_free(&line);
    return ok;
}

/* In one line: an answer for people has more. */
static bool answer(struct acting *x, const struct text *out, struct err *err)
{
    struct text line = text_new(ACT_ANSWER_BYTES_MAX);
    struct json_out j = json_to(&line, false);
    const struct json *o;
    bool ok = json_read(x->job->arena, out->p, out->n, &o, err);

    if (ok) {
        json_tree(&j, o);
        ok = text_end(&line, err) && audited(x, &line, err);
        text_put(&x->job->response.body, line.p, line.n);
    }
    text_free(&line);
    return ok;
}

static bool paced(struct act_runner *r, struct acting *x)
{
    uint64_t wait;

    if (pace_may(&r->pace, x->as, ACT_PER_MINUTE, ACT_PER_MINUTE_ALL, clock_steady_us() * 1000,
                 &wait))
        return true;
    http_problem(&x->job->response, 429, "too many acts in a minute", x->job->request.id);
    return false;
}

static bool act_under_lock(struct act_runner *r, struct acting *x, struct err *err)
{
    struct text out = text_new(ACT_ANSWER_BYTES_MAX);
    struct err late;
    bool ok;

    if (!paced(r, x)) {
        text_free(&out);
        return true;
    }
    ok = run(x, &out, err) && text_end(&out, err) && answer(x, &out, err);
    text_free(&out);
    if (ok && !live_group_renew(r->group, &late)) /* said it is; the next tick looks again */
        log_event(node_log(r->node), LOG_ERROR, "group", x->job->request.id, "%s", late.text);
    return ok;
}

static bool act_post(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    struct act_runner *r = job->part;
    struct acting *x = ARENA_NEW(job->arena, struct acting);
    bool ok;

    if (!x)
        return err_fail(err, ERR_NOMEM, "an act");
    *x = (struct acting){.job = job, .passphrase_fd = -1, .document_fd = -1};
    ok = http_query_only(&job->request, known, err) && request_read(x, err);
    if (ok) {
        pthread_mutex_lock(&r->lock);
        ok = act_under_lock(r, x, err);
        pthread_mutex_unlock(&r->lock);
    }
    taken_back(x);
    return ok;
}

/* ---- the part ---- */

static void part_close(void *part)
{
    struct act_runner *r = part;

    if (r)
        pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct act_runner *r = mem_zero(sizeof(*r));

    if (!r)
        return err_fail(err, ERR_NOMEM, "acts");
    pthread_mutex_init(&r->lock, NULL);
    pace_start(&r->pace);
    r->node = n;
    r->group = node_opened(n, &group_part);
    if (r->group) {
        *ret = r;
        return true;
    }
    part_close(r);
    return err_fail(err, ERR_SYSTEM, "no group");
}

static const struct http_route routes[] = {
    {"POST", "/v1/acts", HTTP_ACT, HTTP_WORKER, ACT_BODY_BYTES_MAX, act_post},
};

const struct node_part act_part = {
    .name = "acts",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
    .close = part_close,
};
