#include "serve/config.h"

#include "base/io.h"
#include "base/text.h"
#include "base/yaml.h"
#include "serve/courier.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

enum config_kind {
    CONFIG_TEXT,
    CONFIG_CHOICE,
    CONFIG_NUMBER,
    CONFIG_SIZE,
    CONFIG_DAYS,
    CONFIG_BOOL,
    CONFIG_TEXTS,
    CONFIG_PEERS
};

struct config_row {
    const char *key;
    enum config_kind kind;
    size_t offset;
    uint64_t min, max;
    const char *choices; /* "a|b" */
};

#define AT(member) offsetof(struct config, member)
#define MINUTES(n) ((uint64_t)(n)*60000)

static const struct config_row rows[] = {
    {"listen", CONFIG_TEXT, AT(listen), 0, 0, NULL},
    {"plain", CONFIG_BOOL, AT(plain), 0, 0, NULL},
    {"home", CONFIG_TEXT, AT(home), 0, 0, NULL},
    {"ledgers", CONFIG_TEXTS, AT(ledgers), 0, 0, NULL},
    {"audit", CONFIG_TEXT, AT(audit), 0, 0, NULL},
    {"audit_bytes", CONFIG_SIZE, AT(audit_bytes), 0, (uint64_t)1 << 50, NULL},
    {"log", CONFIG_CHOICE, AT(log), 0, 0, "requests|errors"},
    {"spool", CONFIG_TEXT, AT(spool), 0, 0, NULL},
    {"threads", CONFIG_NUMBER, AT(threads), 1, 256, NULL},
    {"workers", CONFIG_NUMBER, AT(workers), 1, 256, NULL},
    {"self_watch_seconds", CONFIG_NUMBER, AT(self_watch_seconds), 0, 86400, NULL},
    {"questions_keep", CONFIG_DAYS, AT(questions_keep), 0, 36500, NULL},
    {"transfers_keep", CONFIG_DAYS, AT(transfers_keep), 0, 36500, NULL},
    {"tls.certificate", CONFIG_TEXT, AT(tls.certificate), 0, 0, NULL},
    {"tls.key", CONFIG_TEXT, AT(tls.key), 0, 0, NULL},
    {"tls.clients", CONFIG_TEXT, AT(tls.clients), 0, 0, NULL},
    {"group.listen", CONFIG_TEXT, AT(group.listen), 0, 0, NULL},
    {"group.join", CONFIG_TEXT, AT(group.join), 0, 0, NULL},
    {"group.rate", CONFIG_SIZE, AT(group.rate), 64 << 10, (uint64_t)1 << 40, NULL},
    {"group.checkpoint_seconds", CONFIG_NUMBER, AT(group.checkpoint_seconds), 0, 86400, NULL},
    {"peers", CONFIG_PEERS, AT(peers), 0, 0, NULL},
    {"core.url", CONFIG_TEXT, AT(core.url), 0, 0, NULL},
    {"core.secret", CONFIG_TEXT, AT(core.secret), 0, 0, NULL},
    {"core.ca", CONFIG_TEXT, AT(core.ca), 0, 0, NULL},
    {"core.seconds", CONFIG_NUMBER, AT(core_seconds), 1, 86400, NULL},
    {"leads.open", CONFIG_BOOL, AT(leads.open), 0, 0, NULL},
    {"leads.per_minute", CONFIG_NUMBER, AT(leads.per_minute), 1, 60000, NULL},
    {"leads.per_minute_all", CONFIG_NUMBER, AT(leads.per_minute_all), 1, 60000, NULL},
    {"leads.keep", CONFIG_DAYS, AT(leads.keep), 1, 36500, NULL},
    {"limits.connections", CONFIG_NUMBER, AT(limits.connections), 1, 1000000, NULL},
    {"limits.connections_per_peer", CONFIG_NUMBER, AT(limits.connections_per_peer), 1, 1000000,
     NULL},
    {"limits.memory", CONFIG_SIZE, AT(limits.memory), 1 << 20, (uint64_t)1 << 40, NULL},
    {"limits.spool", CONFIG_SIZE, AT(limits.spool), 1 << 20, (uint64_t)1 << 50, NULL},
    {"limits.header_ms", CONFIG_NUMBER, AT(limits.header_ms), 100, MINUTES(10), NULL},
    {"limits.body_ms", CONFIG_NUMBER, AT(limits.body_ms), 100, MINUTES(1440), NULL},
    {"limits.idle_ms", CONFIG_NUMBER, AT(limits.idle_ms), 1000, MINUTES(60), NULL},
    {"limits.stop_ms", CONFIG_NUMBER, AT(limits.stop_ms), 0, MINUTES(60), NULL},
    {"limits.waiting", CONFIG_NUMBER, AT(limits.waiting), 1, 1000000, NULL},
    {"limits.requests_per_second", CONFIG_NUMBER, AT(limits.requests_per_second), 0, 1000000, NULL},
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* Of each mapping in the list "follow"; offsets are in it. */
#define FOLLOW_AT(member) offsetof(struct config_follow, member)
static const struct config_row follow_rows[] = {
    {"follow.chain", CONFIG_TEXT, FOLLOW_AT(chain), 0, 0, NULL},
    {"follow.urls", CONFIG_TEXTS, FOLLOW_AT(urls), 0, 0, NULL},
    {"follow.folder", CONFIG_TEXT, FOLLOW_AT(folder), 0, 0, NULL},
    {"follow.cookie", CONFIG_TEXT, FOLLOW_AT(cookie), 0, 0, NULL},
    {"follow.commitment", CONFIG_CHOICE, FOLLOW_AT(commitment), 0, 0, "finalized|confirmed"},
    {"follow.check", CONFIG_CHOICE, FOLLOW_AT(check), 0, 0, "txid|full"},
    {"follow.zmq", CONFIG_TEXT, FOLLOW_AT(zmq), 0, 0, NULL},
    {"follow.ws", CONFIG_TEXT, FOLLOW_AT(ws), 0, 0, NULL},
    {"follow.pending", CONFIG_BOOL, FOLLOW_AT(pending), 0, 0, NULL},
    {"follow.poll_ms", CONFIG_NUMBER, FOLLOW_AT(poll_ms), 10, MINUTES(10), NULL},
    {"follow.agree", CONFIG_NUMBER, FOLLOW_AT(agree), 1, CONFIG_FOLLOW_URLS_MAX, NULL},
    {"follow.from", CONFIG_NUMBER, FOLLOW_AT(from), 0, UINT32_MAX - 1, NULL},
};

#define FOLLOW_ROWS_N (sizeof(follow_rows) / sizeof(follow_rows[0]))

/* Of each mapping in the list "notify". */
#define NOTIFY_AT(member) offsetof(struct config_channel, member)
static const struct config_row notify_rows[] = {
    {"notify.name", CONFIG_TEXT, NOTIFY_AT(name), 0, 0, NULL},
    {"notify.url", CONFIG_TEXT, NOTIFY_AT(url), 0, 0, NULL},
    {"notify.secret", CONFIG_TEXT, NOTIFY_AT(secret), 0, 0, NULL},
    {"notify.ca", CONFIG_TEXT, NOTIFY_AT(ca), 0, 0, NULL},
    {"notify.from", CONFIG_TEXT, NOTIFY_AT(from), 0, 0, NULL},
    {"notify.login", CONFIG_TEXT, NOTIFY_AT(login), 0, 0, NULL},
    {"notify.to", CONFIG_TEXTS, NOTIFY_AT(to), 0, 0, NULL},
    {"notify.kinds", CONFIG_TEXTS, NOTIFY_AT(kinds), 0, 0, NULL},
    {"notify.least", CONFIG_CHOICE, NOTIFY_AT(least), 0, 0, "info|warning|critical"},
    {"notify.restricted", CONFIG_BOOL, NOTIFY_AT(restricted), 0, 0, NULL},
};

#define NOTIFY_ROWS_N (sizeof(notify_rows) / sizeof(notify_rows[0]))

const char *config_key(size_t i)
{
    if (i < ROWS_N)
        return rows[i].key;
    i -= ROWS_N;
    if (i < FOLLOW_ROWS_N)
        return follow_rows[i].key;
    i -= FOLLOW_ROWS_N;
    return i < NOTIFY_ROWS_N ? notify_rows[i].key : NULL;
}

struct config config_default(void)
{
    return (struct config){
        .listen = CONFIG_LISTEN,
        .audit_bytes = (uint64_t)1 << 30,
        .log = "requests",
        .threads = 2,
        .workers = 2,
        .self_watch_seconds = 60,
        .questions_keep = 400,
        .core = {.name = "core"},
        .core_seconds = 60,
        .leads = {.per_minute = 6, .per_minute_all = 60, .keep = 400},
        .group = {.rate = (uint64_t)16 << 20, .checkpoint_seconds = 60},
        .limits = {.connections = 4096,
                   .connections_per_peer = 1024,
                   .memory = (uint64_t)256 << 20,
                   .spool = (uint64_t)4 << 30,
                   .header_ms = 10000,
                   .body_ms = MINUTES(10),
                   .idle_ms = 60000,
                   .stop_ms = 30000,
                   .waiting = 1024},
    };
}

/* ---- values ---- */

struct reading {
    struct arena *a;
    struct config *c;
    const char *name;
    struct err *err;
};

/* The tree's offset is the line (base/yaml.h). */
static bool complain(struct reading *r, const struct json *at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static bool complain(struct reading *r, const struct json *at, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX / 2];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return err_fail(r->err, ERR_INPUT, "%s: line %zu: %s", r->name, at->offset, text);
}

static bool keep(struct reading *r, const struct config_row *row, const struct json *j,
                 const char **ret)
{
    if ((j->type != JSON_STRING && j->type != JSON_NUMBER) || !j->text_n ||
        strlen(j->text) != j->text_n || !text_is_plain(j->text, j->text_n))
        return complain(r, j, "%s: text is wanted", row->key);
    *ret = j->text;
    return true;
}

static bool among(const char *choices, const char *value)
{
    size_t n = strlen(value);

    for (const char *at = choices; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (!strncmp(at, value, n) && (at[n] == '|' || !at[n]))
            return n > 0;
    }
    return false;
}

static bool number_put(struct reading *r, const struct config_row *row, const struct json *j,
                       uint64_t *to)
{
    bool size = row->kind == CONFIG_SIZE, days = row->kind == CONFIG_DAYS, ok = false;
    uint64_t v = 0;

    if (j->type == JSON_STRING || j->type == JSON_NUMBER)
        ok = size   ? size_from_text(j->text, &v)
             : days ? j->text_n && j->text[j->text_n - 1] == 'd' &&
                          u64_from_text(j->text, j->text_n - 1, &v)
                    : u64_from_text(j->text, j->text_n, &v);
    if (!ok)
        return complain(r, j, "%s: %s is wanted", row->key,
                        size   ? "a size (as 64M)"
                        : days ? "days (as 400d)"
                               : "a whole number");
    if (v < row->min || v > row->max)
        return complain(r, j, "%s: from %llu to %llu", row->key, (unsigned long long)row->min,
                        (unsigned long long)row->max);
    *to = v;
    return true;
}

static bool list_put(struct reading *r, const struct config_row *row, const struct json *j,
                     struct config_list *to)
{
    if (j->type != JSON_ARRAY)
        return complain(r, j, "%s: a list is wanted", row->key);
    if (j->children_n > CONFIG_LIST_MAX)
        return complain(r, j, "%s: more than %d", row->key, CONFIG_LIST_MAX);
    for (const struct json *item = j->child; item; item = item->next)
        if (!keep(r, row, item, &to->at[to->n++]))
            return false;
    return true;
}

/* {member, url, key} */
static bool peer_put(struct reading *r, const struct config_row *row, const struct json *j,
                     struct config_peer *to)
{
    static const char *const names[] = {"member", "url", "key"};
    const char **texts[] = {&to->member, &to->url, &to->key};

    if (j->type != JSON_OBJECT)
        return complain(r, j, "%s: member and url are wanted", row->key);
    for (const struct json *m = j->child; m; m = m->next) {
        size_t i = 0;

        while (i < 3 && strcmp(names[i], m->key) != 0)
            i++;
        if (i == 3)
            return complain(r, m, "unknown key \"%s.%s\"", row->key, m->key);
        if (!keep(r, row, m, texts[i]))
            return false;
    }
    return (to->member && to->url) || complain(r, j, "%s: member and url are wanted", row->key);
}

static bool peers_put(struct reading *r, const struct config_row *row, const struct json *j,
                      struct config_peers *to)
{
    if (j->type != JSON_ARRAY)
        return complain(r, j, "%s: a list is wanted", row->key);
    if (j->children_n > CONFIG_LIST_MAX)
        return complain(r, j, "%s: more than %d", row->key, CONFIG_LIST_MAX);
    for (const struct json *item = j->child; item; item = item->next)
        if (!peer_put(r, row, item, &to->at[to->n++]))
            return false;
    return true;
}

static bool value_put(struct reading *r, const struct config_row *row, const struct json *j,
                      void *in)
{
    void *to = (char *)in + row->offset;

    switch (row->kind) {
    case CONFIG_TEXTS:
        return list_put(r, row, j, to);
    case CONFIG_PEERS:
        return peers_put(r, row, j, to);
    case CONFIG_TEXT:
        return keep(r, row, j, to);
    case CONFIG_CHOICE:
        return keep(r, row, j, to) && (among(row->choices, *(const char **)to) ||
                                       complain(r, j, "%s: %s is wanted", row->key, row->choices));
    case CONFIG_BOOL:
        if (j->type != JSON_TRUE && j->type != JSON_FALSE)
            return complain(r, j, "%s: true or false is wanted", row->key);
        *(bool *)to = j->type == JSON_TRUE;
        return true;
    case CONFIG_NUMBER:
    case CONFIG_SIZE:
    case CONFIG_DAYS:
        return number_put(r, row, j, to);
    }
    return false;
}

/* ---- keys ---- */

static bool is_section(const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < ROWS_N; i++)
        if (!strncmp(rows[i].key, name, n) && rows[i].key[n] == '.')
            return true;
    return false;
}

static bool key_put(struct reading *r, const char *section, const struct json *j)
{
    char whole[128];

    snprintf(whole, sizeof(whole), "%s%s%s", section ? section : "", section ? "." : "", j->key);
    for (size_t i = 0; i < ROWS_N && !strchr(j->key, '.'); i++)
        if (!strcmp(rows[i].key, whole))
            return value_put(r, &rows[i], j, r->c);
    return complain(r, j, "unknown key \"%s\"", whole);
}

static bool section_put(struct reading *r, const struct json *section)
{
    if (section->type != JSON_OBJECT && section->type != JSON_NULL) /* comments alone */
        return complain(r, section, "%s: keys below it are wanted", section->key);
    for (const struct json *j = section->child; j; j = j->next)
        if (!key_put(r, section->key, j))
            return false;
    return true;
}

/* Of a list of mappings: each key by its row. */
static bool listed_put(struct reading *r, const struct json *item, const struct config_row *of,
                       size_t of_n, void *to)
{
    const size_t before = (size_t)(strchr(of[0].key, '.') - of[0].key);
    size_t i;

    if (item->type != JSON_OBJECT)
        return complain(r, item, "%.*s: keys with values are wanted", (int)before, of[0].key);
    for (const struct json *j = item->child; j; j = j->next) {
        for (i = 0; i < of_n && strcmp(of[i].key + before + 1, j->key) != 0; i++)
            ;
        if (i == of_n)
            return complain(r, j, "unknown key \"%.*s.%s\"", (int)before, of[0].key, j->key);
        if (!value_put(r, &of[i], j, to))
            return false;
    }
    return true;
}

static bool follow_one(struct reading *r, const struct json *item, size_t i)
{
    struct config_follow *f = &r->c->follow[i];

    *f = (struct config_follow){
        .commitment = "finalized", .check = "txid", .poll_ms = 1000, .agree = 1};
    if (!listed_put(r, item, follow_rows, FOLLOW_ROWS_N, f))
        return false;
    if (!f->chain || (f->urls.n && f->folder) || f->urls.n > CONFIG_FOLLOW_URLS_MAX ||
        (!f->urls.n && strncmp(f->chain, "bank:", 5) != 0))
        return complain(r, item,
                        "follow: a chain and 1 to %d urls are wanted, or a bank:NAME and no urls",
                        CONFIG_FOLLOW_URLS_MAX);
    return !f->urls.n || f->agree <= f->urls.n ||
           complain(r, item, "follow.agree: more than there are urls");
}

static bool notify_one(struct reading *r, const struct json *item, size_t i)
{
    struct config_channel *c = &r->c->notify[i];

    *c = (struct config_channel){.least = "info"};
    if (!listed_put(r, item, notify_rows, NOTIFY_ROWS_N, c))
        return false;
    if (!c->name || !c->url)
        return complain(r, item, "notify: a name and a url are wanted");
    for (size_t k = 0; k < i; k++)
        if (!strcmp(r->c->notify[k].name, c->name))
            return complain(r, item, "notify.name: there are two \"%.40s\"", c->name);
    return strcmp(c->name, "core") != 0 || complain(r, item, "notify.name: \"core\" is taken");
}

static bool many_put(struct reading *r, const struct json *list, size_t max, size_t *ret_n,
                     bool (*one)(struct reading *r, const struct json *item, size_t i))
{
    if (list->type == JSON_NULL) /* comments alone */
        return true;
    if (list->type != JSON_ARRAY)
        return complain(r, list, "%s: a list is wanted", list->key);
    for (const struct json *item = list->child; item; item = item->next) {
        if (*ret_n == max)
            return complain(r, item, "%s: more than %zu", list->key, max);
        if (!one(r, item, (*ret_n)++))
            return false;
    }
    return true;
}

static bool any_put(struct reading *r, const struct json *j)
{
    if (!strcmp(j->key, "follow"))
        return many_put(r, j, CONFIG_FOLLOW_MAX, &r->c->follow_n, follow_one);
    if (!strcmp(j->key, "notify"))
        return many_put(r, j, CONFIG_CHANNELS_MAX, &r->c->notify_n, notify_one);
    return is_section(j->key) ? section_put(r, j) : key_put(r, NULL, j);
}

bool config_read(struct arena *a, const char *name, const char *p, size_t n, struct config *ret,
                 struct err *err)
{
    struct config c = config_default();
    struct reading r = {.a = a, .c = &c, .name = name, .err = err};
    const struct json *root;

    if (n > CONFIG_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "%s: more than %zu bytes", name, CONFIG_BYTES_MAX);
    if (!yaml_read(a, p, n, &root, err))
        return err_in(err, "%s", name);
    if (root->type != JSON_OBJECT)
        return complain(&r, root, "keys with values are wanted");
    for (const struct json *j = root->child; j; j = j->next)
        if (!any_put(&r, j))
            return false;
    *ret = c;
    return true;
}

bool config_load(struct arena *a, const char *path, struct config *ret, struct err *err)
{
    struct bytes yaml;

    if (!file_load_if(a, path, CONFIG_BYTES_MAX, &yaml, err))
        return false;
    return yaml.p ? config_read(a, path, (const char *)yaml.p, yaml.n, ret, err)
                  : err_fail(err, ERR_NOT_FOUND, "\"%s\": no such file", path);
}

/* ---- addresses ---- */

bool config_address(const char *text, struct sockaddr_storage *ret, bool *ret_loopback,
                    struct err *err)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    const char *colon = strrchr(text, ':');
    char host[INET6_ADDRSTRLEN + 2] = "";
    size_t n = colon ? (size_t)(colon - text) : 0;
    uint64_t port;

    memset(ret, 0, sizeof(*ret));
    if (!colon || n >= sizeof(host) || !u64_from_text(colon + 1, strlen(colon + 1), &port) ||
        port > UINT16_MAX)
        return err_fail(err, ERR_USAGE, "\"%s\": an address with its port is wanted (as %s)", text,
                        CONFIG_LISTEN);
    memcpy(host, text, n);
    if (inet_pton(AF_INET, host, &four.sin_addr) == 1) {
        four.sin_port = htons((uint16_t)port);
        memcpy(ret, &four, sizeof(four));
        *ret_loopback = ntohl(four.sin_addr.s_addr) >> 24 == 127;
        return true;
    }
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = 0;
        if (inet_pton(AF_INET6, host + 1, &six.sin6_addr) == 1) {
            six.sin6_port = htons((uint16_t)port);
            memcpy(ret, &six, sizeof(six));
            *ret_loopback = IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
            return true;
        }
    }
    return err_fail(err, ERR_USAGE, "\"%s\": a numeric address is wanted (as %s, or [::1]:8117)",
                    text, CONFIG_LISTEN);
}

static bool is_key(const char *hex)
{
    uint8_t key[32];

    return strlen(hex) == 64 && hex_decode(hex, 64, key, sizeof(key));
}

static bool group_check(const struct config *c, struct err *err)
{
    struct sockaddr_storage at;
    bool loopback;

    if (c->group.listen && !config_address(c->group.listen, &at, &loopback, err))
        return err_in(err, "group");
    if (c->group.join && !is_key(c->group.join))
        return err_fail(err, ERR_INPUT, "group.join: a hash of 64 digits is wanted");
    for (size_t i = 0; i < c->peers.n; i++) {
        const struct config_peer *p = &c->peers.at[i];

        if (strncmp(p->url, "https://", 8) != 0)
            return err_fail(err, ERR_INPUT, "peers: \"%s\": https:// is wanted", p->url);
        if (p->key && !is_key(p->key))
            return err_fail(err, ERR_INPUT, "peers: \"%s\": a key of 64 digits is wanted", p->key);
    }
    return true;
}

static bool channels_check(const struct config *c, struct err *err)
{
    if (c->core.url && !courier_channel_check(&c->core, true, err))
        return false;
    if (!c->core.url && (c->core.secret || c->core.ca))
        return err_fail(err, ERR_INPUT, "core: url is wanted");
    for (size_t i = 0; i < c->notify_n; i++)
        if (!courier_channel_check(&c->notify[i], false, err))
            return false;
    return true;
}

bool config_check(const struct config *c, struct err *err)
{
    struct sockaddr_storage at;
    bool loopback;

    if (!config_address(c->listen, &at, &loopback, err) || !group_check(c, err) ||
        !channels_check(c, err))
        return false;
    if (!c->tls.certificate != !c->tls.key)
        return err_fail(err, ERR_INPUT, "tls: certificate and key are wanted together");
    if (c->tls.clients && !c->tls.key)
        return err_fail(err, ERR_INPUT, "tls: clients needs a certificate and a key");
    if (!loopback && !c->tls.key && !c->plain)
        return err_fail(err, ERR_INPUT,
                        "\"%s\" is not of this machine alone: tls is wanted, or \"plain: true\" "
                        "behind a proxy that has it",
                        c->listen);
    return true;
}
