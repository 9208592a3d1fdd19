/* What the node keeps: its audit log and its keys; and what it is told: cordon.yaml. */
#include "serve/audit.h"
#include "serve/config.h"
#include "serve/http.h"
#include "serve/keys.h"

#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- the audit log ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static unsigned durable_n, lost_n;

static void done(struct audit_entry *e, bool durable)
{
    (void)e;
    pthread_mutex_lock(&lock);
    durable_n += durable;
    lost_n += !durable;
    pthread_cond_signal(&wake);
    pthread_mutex_unlock(&lock);
}

static void put(struct audit *a, struct audit_entry *e, const char *json)
{
    *e = (struct audit_entry){.json = {(const uint8_t *)json, strlen(json)}, .done = done};
    audit_put(a, e);
}

static void wait_for(unsigned n)
{
    pthread_mutex_lock(&lock);
    while (durable_n + lost_n < n)
        pthread_cond_wait(&wake, &lock);
    pthread_mutex_unlock(&lock);
}

static struct audit *opened(const char *path, uint64_t want_cut)
{
    struct audit *a = NULL;
    struct err err;
    uint64_t cut;

    durable_n = lost_n = 0;
    CHECK_OK(audit_open(path, &a, &cut, &err), err);
    CHECK_U(cut, want_cut);
    return a;
}

static char *three_lines(void)
{
    static char path[4096];
    static struct audit_entry entries[3];
    struct audit *a;

    snprintf(path, sizeof(path), "%s/audit.jsonl", test_dir());
    a = opened(path, 0);
    for (unsigned i = 0; i < 3; i++)
        put(a, &entries[i], i == 1 ? "{\"b\":\"two\"}" : "{\"a\":1}");
    wait_for(3);
    CHECK_U(durable_n, 3);
    audit_close(a);
    return path;
}

static void lines_are_bound(void **state)
{
    char *path = three_lines();
    struct bytes was = test_read(path);
    struct audit_chain chain;
    struct audit_entry entry;
    struct audit *a;
    struct err err;
    const char *end;
    struct hash32 first;
    struct sha256_stream s;

    (void)state;
    CHECK_OK(audit_check(path, &chain, &err), err);
    CHECK_U(chain.lines, 3);
    /* the first hash by hand, as the header says */
    end = strstr((const char *)was.p, ",\"hash\":");
    sha256_start(&s);
    sha256_add(&s, (const uint8_t[32]){0}, 32);
    sha256_add(&s, was.p, (size_t)(end - (const char *)was.p));
    first = sha256_done(&s);
    for (unsigned i = 0; i < 32; i++) {
        char digits[3];

        snprintf(digits, sizeof(digits), "%02x", first.b[i]);
        CHECK(!strncmp(end + 9 + 2 * (size_t)i, digits, 2));
    }
    /* it goes on where it was */
    a = opened(path, 0);
    put(a, &entry, "{}");
    wait_for(1);
    audit_close(a);
    CHECK_OK(audit_check(path, &chain, &err), err);
    CHECK_U(chain.lines, 4);
    CHECK(!memcmp(test_read(path).p, was.p, was.n));
}

static char *line_start(char *p, unsigned line)
{
    while (--line)
        p = strchr(p, '\n') + 1;
    return p;
}

static void every_change_shows(void **state)
{
    char *path = three_lines();
    struct bytes was = test_read(path);
    struct audit_chain chain;
    struct err err;

    (void)state;
    for (size_t i = 0; i < was.n; i++) {
        uint8_t *p = malloc(was.n);

        memcpy(p, was.p, was.n);
        p[i] ^= 1;
        test_write(path, p, was.n);
        free(p);
        test_row("byte %zu", i);
        CHECK(!audit_check(path, &chain, &err));
        CHECK_U(err.class, ERR_DIFFERS);
        CHECK(strstr(err.text, "line "));
    }
}

static void lines_moved_or_removed(void **state)
{
    char *path = three_lines();
    struct bytes was = test_read(path);
    char *text = strndup((const char *)was.p, was.n), *two = line_start(text, 2),
         *three = line_start(text, 3);
    char other[4096];
    struct audit_chain chain;
    struct err err;
    int n;

    (void)state;
    n = snprintf(other, sizeof(other), "%.*s%s", (int)(two - text), text, three);
    test_write(path, other, (size_t)n);
    CHECK(!audit_check(path, &chain, &err));
    CHECK(strstr(err.text, "line 2"));
    n = snprintf(other, sizeof(other), "%.*s%s%.*s", (int)(two - text), text, three,
                 (int)(three - two), two);
    test_write(path, other, (size_t)n);
    CHECK(!audit_check(path, &chain, &err));
    CHECK(strstr(err.text, "line 2"));
    test_write(path, two, strlen(two));
    CHECK(!audit_check(path, &chain, &err));
    CHECK(strstr(err.text, "line 1"));
    test_row("what is gone at the end shows only by the hash that was last");
    test_write(path, text, (size_t)(three - text));
    CHECK_OK(audit_check(path, &chain, &err), err);
    CHECK_U(chain.lines, 2);
    free(text);
}

static void an_unfinished_line(void **state)
{
    char *path = three_lines();
    struct bytes was = test_read(path);
    size_t two = (size_t)(line_start((char *)(uintptr_t)was.p, 3) - (char *)(uintptr_t)was.p);
    struct audit_chain chain;
    struct audit_entry entry;
    struct audit *a;
    struct err err;

    (void)state;
    test_write(path, was.p, was.n - 5);
    CHECK(!audit_check(path, &chain, &err));
    CHECK_U(err.class, ERR_DIFFERS);
    a = opened(path, was.n - 5 - two);
    put(a, &entry, "{\"c\":3}");
    wait_for(1);
    audit_close(a);
    CHECK_OK(audit_check(path, &chain, &err), err);
    CHECK_U(chain.lines, 3);
}

static void one_writer_and_no_forger(void **state)
{
    char *path = three_lines();
    struct audit *a = opened(path, 0), *second = NULL;
    struct bytes was;
    struct err err;
    uint64_t cut;

    (void)state;
    CHECK(!audit_open(path, &second, &cut, &err));
    CHECK_U(err.class, ERR_SYSTEM);
    audit_close(a);
    was = test_read(path);
    ((uint8_t *)(uintptr_t)was.p)[30] ^= 1;
    test_write(path, was.p, was.n);
    CHECK(!audit_open(path, &second, &cut, &err));
    CHECK_U(err.class, ERR_DIFFERS);
    CHECK(!audit_check("/nowhere/audit", &(struct audit_chain){0}, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
}

static void entries_that_do_not_fit(void **state)
{
    char *path = three_lines(), *large = malloc(AUDIT_LINE_BYTES_MAX + 1);
    struct audit *a = opened(path, 0);
    struct audit_entry entries[3];
    struct audit_chain chain;
    struct err err;

    (void)state;
    memset(large, ' ', AUDIT_LINE_BYTES_MAX);
    large[AUDIT_LINE_BYTES_MAX] = 0;
    put(a, &entries[0], large);
    put(a, &entries[1], "{\n}");
    put(a, &entries[2], "{}");
    wait_for(3);
    CHECK_U(lost_n, 2);
    audit_close(a);
    CHECK_OK(audit_check(path, &chain, &err), err);
    CHECK_U(chain.lines, 4);
    free(large);
}

/* ---- files of a log ---- */

/* Until it is called again. */
static const char *const *log_files(const char *path, size_t *ret_n)
{
    static struct arena *a;
    const char *const *files;
    struct err err;

    arena_free(a);
    a = arena_new(NULL, (size_t)1 << 20);
    CHECK_OK(audit_files(a, path, &files, ret_n, &err), err);
    return files;
}

static bool chain_of_all(const char *path, struct audit_chain *ret, struct err *err)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    const char *const *files;
    size_t n;
    bool ok = true;

    CHECK_OK(audit_files(a, path, &files, &n, err), *err);
    *ret = (struct audit_chain){.lines = 0};
    for (size_t i = 0; ok && i < n; i++)
        ok = audit_check_next(files[i], ret, err);
    arena_free(a);
    return ok;
}

/* A line takes some 150 bytes: of 400 a file has three, and one that says what it follows. */
static char *in_files(unsigned lines)
{
    static char path[4096];
    struct audit_entry entry;
    struct audit *a;

    snprintf(path, sizeof(path), "%s/audit.jsonl", test_dir());
    a = opened(path, 0);
    audit_rotate_at(a, 400);
    for (unsigned i = 1; i <= lines; i++) { /* one commit each */
        put(a, &entry, "{\"some\":\"entry\"}");
        wait_for(i);
    }
    CHECK_U(durable_n, lines);
    audit_close(a);
    return path;
}

static void a_log_goes_on_in_files(void **state)
{
    char *path = in_files(20), name[4200];
    struct audit_chain chain;
    struct audit_entry entry;
    const char *const *files;
    struct audit *a;
    struct err err;
    size_t n;

    (void)state;
    files = log_files(path, &n);
    CHECK(n > 4);
    CHECK_S(files[n - 1], path);
    snprintf(name, sizeof(name), "%s.000000000001", path);
    CHECK_S(files[0], name);
    CHECK_OK(chain_of_all(path, &chain, &err), err);
    CHECK_U(chain.lines, 20 + n - 1); /* each but the first says what it follows */
    CHECK_U(chain.before, 0);
    test_row("a file by itself");
    CHECK_OK(audit_check(files[1], &chain, &err), err);
    CHECK(chain.before > 2 && chain.lines > chain.before);
    test_row("it goes on where it was");
    a = opened(path, 0);
    put(a, &entry, "{}");
    wait_for(1);
    audit_close(a);
    CHECK_OK(chain_of_all(path, &chain, &err), err);
    CHECK_U(chain.lines, 21 + n - 1);
    test_row("without the first, which somebody has moved away");
    CHECK(!unlink(name));
    CHECK_OK(chain_of_all(path, &chain, &err), err);
    CHECK(chain.before > 2);
    CHECK_U(chain.lines, 21 + n - 1);
}

static void files_altered_or_missing(void **state)
{
    char *path = in_files(20);
    struct audit_chain chain;
    struct audit *a;
    struct err err;
    uint64_t cut;
    size_t n;
    const char *const *files = log_files(path, &n);
    struct bytes was = test_read(files[1]), newest = test_read(files[n - 2]);

    (void)state;
    for (size_t i = 0; i < was.n; i++) {
        uint8_t *p = malloc(was.n);

        memcpy(p, was.p, was.n);
        p[i] ^= 1;
        test_write(files[1], p, was.n);
        free(p);
        test_row("byte %zu", i);
        CHECK(!chain_of_all(path, &chain, &err));
        CHECK_U(err.class, ERR_DIFFERS);
    }
    test_row("one between is missing");
    CHECK(!unlink(files[1]));
    CHECK(!chain_of_all(path, &chain, &err));
    CHECK_U(err.class, ERR_DIFFERS);
    test_row("two that changed places");
    test_write(files[1], newest.p, newest.n);
    CHECK(!chain_of_all(path, &chain, &err));
    test_row("a node does not go on from a file that lacks its last line");
    for (newest.n--; newest.n && newest.p[newest.n - 1] != '\n';)
        newest.n--;
    CHECK(newest.n);
    test_write(files[n - 2], newest.p, newest.n);
    CHECK(!audit_open(path, &a, &cut, &err));
    CHECK_U(err.class, ERR_DIFFERS);
}

/* Renamed, and then it crashed: before the new file was there, while it was empty, and with a part
 * of its first line. */
static void a_crash_between_two_files(void **state)
{
    for (unsigned round = 0; round < 3; round++) {
        char *path = in_files(20);
        size_t n;
        const char *const *files = log_files(path, &n);
        struct bytes last = test_read(path);
        struct audit_chain whole, chain;
        struct audit_entry entry;
        struct audit *a;
        struct err err;

        (void)state;
        test_row("round %u", round);
        CHECK(!unlink(path));
        CHECK_OK(chain_of_all(path, &whole, &err), err);
        if (round)
            test_write(path, last.p, round == 1 ? 0 : 100);
        a = opened(path, round == 2 ? 100 : 0);
        put(a, &entry, "{}");
        wait_for(1);
        audit_close(a);
        CHECK_OK(chain_of_all(path, &chain, &err), err);
        CHECK_U(chain.lines, whole.lines + 2);
        for (size_t i = 0; i < n; i++)
            unlink(files[i]);
    }
}

/* ---- keys ---- */

static struct store *key_store(void)
{
    static const struct store_schema *const schemas[] = {&keys_schema};
    struct store *s = NULL;
    char path[4096];
    struct err err;

    snprintf(path, sizeof(path), "%s/serve.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    return s;
}

static struct keys read_keys(struct arena *a, struct store *s)
{
    struct keys k;
    struct err err;

    CHECK_OK(keys_read(a, s, &k, &err), err);
    return k;
}

static void keys(void **state)
{
    struct store *s = key_store();
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    char shown[40][KEY_TEXT_MAX], name[32];
    struct keys k;
    struct err err;

    (void)state;
    CHECK_U(read_keys(a, s).n, 0);
    for (unsigned i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "key %u", i);
        CHECK_OK(key_add(s, name, i % 2 ? HTTP_READ : HTTP_SCREEN, 1000 + i, shown[i], &err), err);
    }
    k = read_keys(a, s);
    CHECK_U(k.n, 40);
    for (unsigned i = 0; i < 40; i++) {
        const struct key_row *row = keys_find(&k, shown[i]);

        snprintf(name, sizeof(name), "key %u", i);
        CHECK(row);
        CHECK_S(row->name, name);
        CHECK_U(row->scopes, i % 2 ? HTTP_READ : HTTP_SCREEN);
        CHECK(!memmem(k.rows, k.n * sizeof(*k.rows), shown[i] + 16, 43)); /* the secret is kept
                                                                              nowhere */
    }
    test_row("a key with any letter changed is none");
    for (size_t i = 0; shown[0][i]; i++) {
        char other[KEY_TEXT_MAX];

        memcpy(other, shown[0], sizeof(other));
        other[i] = other[i] == 'a' ? 'b' : 'a';
        CHECK(!keys_find(&k, other));
    }
    CHECK(!keys_find(&k, ""));
    CHECK(!keys_find(&k, "cordon_"));
    CHECK(!key_add(s, "key 1", HTTP_READ, 1, shown[1], &err));
    CHECK_U(err.class, ERR_USAGE);
    CHECK(!key_add(s, "", HTTP_READ, 1, shown[1], &err));
    CHECK(!key_add(s, "a\nb", HTTP_READ, 1, shown[1], &err));
    CHECK(!key_add(s, "none", 0, 1, shown[1], &err));
    CHECK_OK(key_revoke(s, "key 0", 2000, &err), err);
    CHECK(!key_revoke(s, "key 0", 2001, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK(!key_add(s, "key 0", HTTP_READ, 1, shown[1], &err)); /* a name stands for one key */
    k = read_keys(a, s);
    CHECK(!keys_find(&k, shown[0]));
    CHECK(keys_find(&k, shown[2]));
    store_close(s);
    arena_free(a);
}

static void scopes(void **state)
{
    unsigned bits;
    struct err err;

    (void)state;
    CHECK_OK(scopes_from_text("screen", &bits, &err), err);
    CHECK_U(bits, HTTP_SCREEN);
    CHECK_OK(scopes_from_text("admin,read,read", &bits, &err), err);
    CHECK_U(bits, HTTP_ADMIN | HTTP_READ);
    CHECK(!scopes_from_text("", &bits, &err));
    CHECK(!scopes_from_text("read,", &bits, &err));
    CHECK(!scopes_from_text("Read", &bits, &err));
    CHECK(!scopes_from_text("rea", &bits, &err));
}

/* ---- the configuration ---- */

static const struct {
    const char *name, *text, *want; /* what the error says; NULL: it is taken */
} config_rows[] = {
    {"nothing", "", "there is nothing in it"},
    {"a section of comments", "tls:\n  # none\n", NULL},
    {"some", "listen: 127.0.0.1:9\nlimits:\n  connections: 7\n  memory: 2M\nledgers: [a, /b]\n",
     NULL},
    {"an unknown key", "listen: 127.0.0.1:9\nlisten_too: 1\n",
     "c.yaml: line 2: unknown key \"listen_too\""},
    {"an unknown key in a section", "tls:\n  cert: x\n",
     "c.yaml: line 2: unknown key \"tls.cert\""},
    {"a section's key outside it", "connections: 1\n", "c.yaml: line 1: unknown key"},
    {"the whole name", "limits.connections: 1\n", "c.yaml: line 1: "},
    {"twice", "threads: 1\nthreads: 1\n", "line 2"},
    {"no number", "threads: many\n", "line 1: threads: a whole number is wanted"},
    {"too small", "threads: 0\n", "line 1: threads: from 1 to 256"},
    {"too large", "threads: 257\n", "line 1: threads: from 1 to 256"},
    {"no size", "limits:\n  memory: 1Q\n", "line 2: limits.memory: a size"},
    {"no choice", "log: all\n", "line 1: log: requests|errors is wanted"},
    {"no truth", "plain: 1\n", "line 1: plain: true or false is wanted"},
    {"a list for a text", "listen: [a]\n", "line 1: listen: text is wanted"},
    {"a text for a list", "ledgers: a\n", "line 1: ledgers: a list is wanted"},
    {"a list of lists", "ledgers: [[a]]\n", "line 1: ledgers: text is wanted"},
    {"peers",
     "group:\n  rate: 1M\npeers:\n  - member: kr\n    url: https://[::1]:1\n  - {member: us, url: "
     "a}\n",
     NULL},
    {"a peer without a url", "peers:\n  - member: kr\n", "peers: member and url are wanted"},
    {"an unknown key of a peer", "peers:\n  - {member: a, url: b, port: 1}\n",
     "unknown key \"peers.port\""},
    {"a peer that is none", "peers: [a]\n", "line 1: peers: member and url are wanted"},
    {"peers that are none", "peers: a\n", "line 1: peers: a list is wanted"},
    {"a section that is none", "tls: yes\n", "line 1: tls: keys below it are wanted"},
    {"chains to follow",
     "follow:\n- chain: bitcoin\n  urls: [http://a, http://b]\n  agree: 2\n- chain: base\n  urls: "
     "[http://c]\n  poll_ms: 200\n  from: 7\n",
     NULL},
    {"a bank's folder to follow", "follow:\n- chain: bank:a\n  folder: /b\n", NULL},
    {"a bank's book without a folder", "follow:\n- chain: bank:a\n", NULL},
    {"a folder for a chain", "follow:\n- chain: bitcoin\n  folder: /b\n", "1 to 8 urls"},
    {"a folder and nodes to follow", "follow:\n- chain: bank:a\n  folder: /b\n  urls: [http://c]\n",
     "and no urls"},
    {"nothing to follow", "follow:\n  # none\n", NULL},
    {"a chain alone to follow", "follow:\n- chain: bitcoin\n",
     "line 2: follow: a chain and 1 to 8"},
    {"no node to follow", "follow:\n- chain: bitcoin\n  urls: []\n", "a chain and 1 to 8 urls"},
    {"more to agree than there are", "follow:\n- chain: bitcoin\n  urls: [http://a]\n  agree: 2\n",
     "line 2: follow.agree: more than"},
    {"an unknown key to follow", "follow:\n- chain: bitcoin\n  url: x\n",
     "line 3: unknown key \"follow.url\""},
    {"follow is no list", "follow:\n  chain: bitcoin\n", "follow: a list is wanted"},
    {"follow of texts", "follow: [bitcoin]\n", "follow: keys with values are wanted"},
    {"channels",
     "core:\n  url: https://c/\n  secret: /s\n  seconds: 5\nnotify:\n- name: a\n  url: smtps://m\n "
     " to: [oncall]\n"
     "  kinds: [alert]\n  least: critical\n- {name: b, url: https://b/, secret: /t, restricted: "
     "true}\n",
     NULL},
    {"a channel without a name", "notify:\n- url: https://b/\n",
     "line 2: notify: a name and a url"},
    {"a channel twice", "notify:\n- {name: a, url: x}\n- {name: a, url: y}\n",
     "line 3: notify.name: there are two \"a\""},
    {"a channel that is the core's", "notify:\n- {name: core, url: x}\n", "\"core\" is taken"},
    {"no severity", "notify:\n- {name: a, url: x, least: much}\n",
     "line 2: notify.least: info|warning|critical is wanted"},
    {"an unknown key of a channel", "notify:\n- {name: a, uri: x}\n",
     "line 2: unknown key \"notify.uri\""},
    {"no time for the core", "core:\n  seconds: 0\n", "core.seconds"},
    {"no mapping", "- a\n", "keys with values are wanted"},
    {"an anchor", "listen: &x 127.0.0.1:9\n", "line 1"},
    {"broken", "listen: [\n", "line"},
};

static void configuration(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(config_rows) / sizeof(config_rows[0]); i++) {
        struct arena *a = arena_new(NULL, (size_t)1 << 24);
        const char *text = config_rows[i].text;
        struct config c;
        struct err err = {.text = ""};
        bool ok = config_read(a, "c.yaml", text, strlen(text), &c, &err);

        test_row("%s: %s", config_rows[i].name, err.text);
        CHECK_U(ok, !config_rows[i].want);
        if (!ok)
            CHECK(strstr(err.text, config_rows[i].want));
        if (!strcmp(config_rows[i].name, "some")) {
            CHECK_S(c.listen, "127.0.0.1:9");
            CHECK_U(c.limits.connections, 7);
            CHECK_U(c.limits.memory, 2 << 20);
            CHECK_U(c.limits.idle_ms, config_default().limits.idle_ms);
            CHECK_U(c.ledgers.n, 2);
            CHECK_S(c.ledgers.at[1], "/b");
        }
        if (!strcmp(config_rows[i].name, "channels")) {
            CHECK_S(c.core.url, "https://c/");
            CHECK_U(c.core_seconds, 5);
            CHECK_U(c.notify_n, 2);
            CHECK_S(c.notify[0].to.at[0], "oncall");
            CHECK_S(c.notify[0].least, "critical");
            CHECK_S(c.notify[1].least, "info");
            CHECK_U(c.notify[1].restricted, true);
            CHECK_U(c.notify[1].kinds.n, 0);
        }
        if (!strcmp(config_rows[i].name, "chains to follow")) {
            CHECK_U(c.follow_n, 2);
            CHECK_U(c.follow[0].urls.n, 2);
            CHECK_S(c.follow[0].urls.at[1], "http://b");
            CHECK_U(c.follow[0].agree, 2);
            CHECK_U(c.follow[0].poll_ms, 1000);
            CHECK_S(c.follow[1].chain, "base");
            CHECK_U(c.follow[1].from, 7);
        }
        arena_free(a);
    }
}

static bool config_whole(void *unused)
{
    static const char text[] = "listen: 127.0.0.1:9\ntls:\n  key: a\nledgers: [a, b]\n";
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    struct config c;
    struct err err;
    bool ok = a && config_read(a, "c.yaml", text, sizeof(text) - 1, &c, &err);

    (void)unused;
    arena_free(a);
    return ok;
}

static void configuration_without_memory(void **state)
{
    (void)state;
    test_failed_allocations(config_whole, NULL);
}

/* Every key stands in the example with words about it, and the example is taken as it is. */
static void the_example(void **state)
{
    static const char path[] = CORDON_SOURCE "/docs/cordon.example.yaml";
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    struct bytes text = test_read(path);
    char *p = strndup((const char *)text.p, text.n);
    struct config c;
    struct err err;

    (void)state;
    CHECK_OK(config_load(a, path, &c, &err), err);
    CHECK_OK(config_check(&c, &err), err);
    for (size_t i = 0; config_key(i); i++) {
        const char *dot = strchr(config_key(i), '.');
        char line[80];

        snprintf(line, sizeof(line), "\n%s%s%s:", dot ? "  " : "", "",
                 dot ? dot + 1 : config_key(i));
        test_row("%s", config_key(i));
        if (!strstr(p, line)) { /* one that has no default is shown as a comment */
            snprintf(line, sizeof(line), "\n%s#%s:", dot ? "  " : "",
                     dot ? dot + 1 : config_key(i));
            if (!strncmp(config_key(i), "follow.", 7) || !strncmp(config_key(i), "notify.", 7))
                snprintf(line, sizeof(line), "\n  #%s %s:", /* of a list */
                         i && !strncmp(config_key(i - 1), config_key(i), 7) ? " " : "-", dot + 1);
            CHECK(strstr(p, line));
        }
    }
    free(p);
    arena_free(a);
}

static const struct {
    const char *text;
    bool fits, loopback;
} address_rows[] = {
    {"127.0.0.1:80", true, true},   {"127.9.9.9:80", true, true}, {"0.0.0.0:80", true, false},
    {"192.0.2.1:0", true, false},   {"[::1]:80", true, true},     {"[::]:80", true, false},
    {"127.0.0.1", false, false},    {"127.0.0.1:", false, false}, {"127.0.0.1:65536", false, false},
    {"localhost:80", false, false}, {"::1:80", false, false},     {"[::1]", false, false},
    {"[]:80", false, false},        {":80", false, false},        {"127.0.0.1:+1", false, false},
};

static void addresses(void **state)
{
    struct config c = config_default();
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(address_rows) / sizeof(address_rows[0]); i++) {
        struct sockaddr_storage at;
        bool loopback = false;

        test_row("%s", address_rows[i].text);
        CHECK_U(config_address(address_rows[i].text, &at, &loopback, &err), address_rows[i].fits);
        if (address_rows[i].fits)
            CHECK_U(loopback, address_rows[i].loopback);
    }
    test_row("not beyond this machine without TLS");
    CHECK_OK(config_check(&c, &err), err);
    c.listen = "0.0.0.0:80";
    CHECK(!config_check(&c, &err));
    c.plain = true;
    CHECK_OK(config_check(&c, &err), err);
    c.plain = false;
    c.tls.key = c.tls.certificate = "x";
    CHECK_OK(config_check(&c, &err), err);
    c.tls.certificate = NULL;
    CHECK(!config_check(&c, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_bound),
        cmocka_unit_test(every_change_shows),
        cmocka_unit_test(lines_moved_or_removed),
        cmocka_unit_test(an_unfinished_line),
        cmocka_unit_test(one_writer_and_no_forger),
        cmocka_unit_test(entries_that_do_not_fit),
        cmocka_unit_test(a_log_goes_on_in_files),
        cmocka_unit_test(files_altered_or_missing),
        cmocka_unit_test(a_crash_between_two_files),
        cmocka_unit_test(keys),
        cmocka_unit_test(scopes),
        cmocka_unit_test(configuration),
        cmocka_unit_test(configuration_without_memory),
        cmocka_unit_test(the_example),
        cmocka_unit_test(addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
