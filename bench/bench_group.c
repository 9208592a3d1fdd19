/* How fast the group's log is: events made and signed, signatures checked, events read, and the
 * fold over them as they come in order and nearly so; beside them SHA-256 of the same bytes, in the
 * same run; and a home that takes in the lines of all, a page at a time, as a node does that was
 * cut off. Prints a JSON line a figure.
 *
 *     bench_group [CASES [HOME [OTHER]]]
 *
 * Three events a case: reported, verified, active. HOME is made, with the key of the first member's
 * node; OTHER with that of the second's alone: bench/catch_up has nodes run in both. */
#include "bench.h"

#include "base/folder.h"
#include "base/io.h"
#include "base/json.h"
#include "group/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CASES 100000
#define MEMBERS 3
#define BATCH 4096
#define BYTES_MAX ((size_t)16 << 30)

static const char *const members[MEMBERS] = {"us", "kr", "jp"};
static const char *const countries[MEMBERS] = {"US", "KR", "JP"};

static void figure(const char *name, size_t n, double seconds)
{
    printf("{\"bench\":\"group\",\"what\":\"%s\",\"events\":%zu,\"cpu_seconds\":%.3f,"
           "\"per_second\":%.0f}\n",
           name, n, seconds, (double)n / seconds);
}

static void need(bool ok, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_group: %s\n", err->text);
    exit(4);
}

static struct signer key_of(unsigned member, unsigned role)
{
    uint8_t seed[32] = {(uint8_t)(member + 1), (uint8_t)(role + 1)};

    return signer_from_seed(seed);
}

static void hex_put(struct text *to, struct key32 key)
{
    text_char(to, '"');
    text_hex(to, key.b, sizeof(key.b));
    text_char(to, '"');
}

static void charter_put(struct text *to)
{
    text_str(to, "{\"name\":\"Bench\",\"quotas\":{\"live_cases\":9},\"members\":[");
    for (unsigned m = 0; m < MEMBERS; m++) {
        text_printf(to,
                    "%s{\"id\":\"%s\",\"name\":\"M\",\"country\":\"%s\",\"kind\":\"agency\","
                    "\"government\":true,\"state\":\"active\",\"keys\":[",
                    m ? "," : "", members[m], countries[m]);
        hex_put(to, key_of(m, 2).key);
        text_str(to, "],\"persons\":[{\"name\":\"inv\",\"roles\":[\"investigator\"],\"key\":");
        hex_put(to, key_of(m, 0).key);
        text_str(to, "},{\"name\":\"head\",\"roles\":[\"supervisor\",\"secretary\"],\"key\":");
        hex_put(to, key_of(m, 1).key);
        text_str(to, "}]}");
    }
    text_str(to, "]}");
}

struct world {
    struct arena *arena;
    struct charter charter;
    struct hash32 group, prev[MEMBERS];
    uint64_t seq[MEMBERS], ms;
    struct event *events;
    size_t n;
};

static const struct event *say(struct world *w, unsigned member, unsigned role, const char *object,
                               const char *type, const struct hash32 *after)
{
    struct signer by = key_of(member, role);
    struct event *e = &w->events[w->n++];
    struct err err;

    *e = (struct event){.author = members[member],
                        .audience = AUDIENCE_ALL,
                        .object = object,
                        .type = type,
                        .retention = "none",
                        .charter = w->group,
                        .key = by.key,
                        .prev = w->prev[member],
                        .seq = ++w->seq[member],
                        .ms = ++w->ms,
                        .after = after,
                        .after_n = after ? 1 : 0};
    e->stream.b[0] = (uint8_t)(member + 1);
    if (!strcmp(type, "charter.propose")) {
        static const struct salt32 salt;

        e->retention = "keep";
        e->body = body_commitment(&salt, w->charter.text);
    }
    need(event_make(w->arena, &w->group, e, &err) &&
             group_sign(&by, EVENT_TAG, &w->group, e->text, &e->signature, &err),
         &err);
    w->prev[member] = e->id;
    return e;
}

static const char *name(struct world *w, const char *kind, const uint8_t *bits, size_t n)
{
    struct text to = text_new(OBJECT_NAME_MAX);
    const char *ret;

    text_printf(&to, "%s:", kind);
    text_hex(&to, bits, n);
    ret = arena_string(w->arena, to.p, to.n);
    text_free(&to);
    return ret;
}

static void world_make(struct world *w, size_t cases)
{
    struct text draft = text_new((size_t)1 << 20);
    const struct event *proposed, *report, *verify;
    const char *object;
    struct err err;

    charter_put(&draft);
    need(charter_make(w->arena, (struct bytes){(uint8_t *)draft.p, draft.n}, NULL, &w->charter,
                      &err),
         &err);
    text_free(&draft);
    w->group = w->charter.hash;
    object = name(w, "charter", w->group.b, 32);
    proposed = say(w, 0, 1, object, "charter.propose", NULL);
    say(w, 0, 1, object, "charter.sign", &proposed->id);
    say(w, 1, 1, object, "charter.sign", &proposed->id);
    for (size_t i = 0; i < cases; i++) {
        struct hash32 bits = sha256(&i, sizeof(i));
        unsigned m = (unsigned)(i % MEMBERS);

        object = name(w, "case", bits.b, 16);
        report = say(w, m, 0, object, "case.report", NULL);
        verify = say(w, (m + 1) % MEMBERS, 0, object, "case.verify", &report->id);
        say(w, (m + 2) % MEMBERS, 0, object, "case.activate", &verify->id);
    }
}

/* batch: settled after so many, as a log is that is opened; 0: each by itself */
static struct fold *folded(const struct world *w, const size_t *order, size_t batch,
                           const char *what)
{
    struct fold *f = fold_new(&w->group, BYTES_MAX, 7);
    struct err err = {.text = "no memory"};
    double start = cpu();
    bool is_new;

    need(f, &err);
    for (size_t i = 0; i < w->n; i++) {
        size_t k = order ? order[i] : i;

        if (batch && i % batch == 0) {
            need(fold_settle(f, &err), &err);
            fold_batch(f);
        }
        need(fold_add(f, &w->events[k], k ? (struct bytes){NULL, 0} : w->charter.text, &is_new,
                      &err),
             &err);
    }
    need(fold_settle(f, &err), &err);
    figure(what, w->n, cpu() - start);
    return f;
}

static size_t active(const struct fold *f)
{
    const struct fold_object *o;
    size_t n = 0;

    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        n += o->state == CASE_ACTIVE;
    return n;
}

/* Near to the order, as events come between nodes: within 64 of their places. */
static size_t *nearly(const struct world *w)
{
    size_t *order = malloc(w->n * sizeof(*order));
    uint64_t x = 1;

    if (!order)
        exit(4);
    for (size_t i = 0; i < w->n; i++)
        order[i] = i;
    for (size_t i = 0; i + 64 < w->n; i++) {
        size_t k, t = order[i];

        x = x * 6364136223846793005 + 1442695040888963407;
        k = i + (x >> 58);
        order[i] = order[k];
        order[k] = t;
    }
    return order;
}

static void reading(const struct world *w)
{
    double start = cpu();
    size_t bytes = 0;

    for (size_t i = 0; i < w->n; i++) {
        struct arena *a = arena_new(NULL, (size_t)1 << 20);
        struct event e;
        struct err err = {.text = "no memory"};

        need(a && event_read(a, w->events[i].text, &w->group, &e, &err), &err);
        bytes += w->events[i].text.n;
        arena_free(a);
    }
    figure("read", w->n, cpu() - start);
    start = cpu();
    for (size_t i = 0; i < w->n; i++)
        sha256(w->events[i].text.p, w->events[i].text.n);
    figure("sha-256 of the same bytes", w->n, cpu() - start);
    printf("{\"bench\":\"group\",\"what\":\"bytes an event\",\"mean\":%zu}\n",
           w->n ? bytes / w->n : 0);
}

static void checking(const struct world *w)
{
    size_t n = w->n < 20000 ? w->n : 20000;
    double start = cpu();

    for (size_t i = 0; i < n; i++) {
        struct err err = {.text = "a bad signature"};
        bool good;

        need(group_signed(&w->events[i].key, EVENT_TAG, &w->group, w->events[i].text,
                          &w->events[i].signature, &good, &err) &&
                 good,
             &err);
    }
    figure("signatures checked", n, cpu() - start);
}

static void fill(void *ctx, void *p, size_t n)
{
    (void)ctx;
    memset(p, 7, n);
}

static const struct group_random drawn = {fill, NULL};

#define PAGE_BYTES ((size_t)1 << 20)

static size_t page_put(const struct world *w, size_t from, struct text *to)
{
    for (; from < w->n && to->n < PAGE_BYTES; from++) {
        struct event_line line = {.event = w->events[from]};

        line.has_body = !from;
        line.body = w->charter.text;
        event_line_put(to, &line);
        text_char(to, '\n');
    }
    return from;
}

static void page_take(struct group_log *l, const struct world *w, const struct text *page)
{
    static struct group_sender from;
    struct arena *a = arena_new(NULL, (size_t)256 << 20);
    struct err err = {.text = "no memory"};
    struct group_log_counts counts;
    struct group_line *lines;
    size_t n;

    need(a &&
             group_lines_read(a, (struct bytes){(const uint8_t *)page->p, page->n}, &w->group,
                              &lines, &n, &err) &&
             group_log_begin(l, &err) && group_log_take_lines(l, &from, lines, n, &counts, &err) &&
             group_log_commit(l, &err),
         &err);
    arena_free(a);
}

static void caught_up(const struct world *w, const char *home)
{
    struct err err = {.text = "no memory"};
    double start = cpu(), began = wall();
    struct group_log *l;

    need(group_log_open(home, STORE_WRITE, &drawn, &l, &err) &&
             group_log_join(l, &w->group, &err) && group_log_commit(l, &err),
         &err);
    group_log_close(l);
    need(group_log_keep(home, &drawn, &l, &err), &err);
    for (size_t at = 0; at < w->n;) {
        struct text page = text_new(2 * PAGE_BYTES);

        at = page_put(w, at, &page);
        page_take(l, w, &page);
        text_free(&page);
    }
    figure("taken in, a page at a time", w->n, cpu() - start);
    printf(
        "{\"bench\":\"group\",\"what\":\"the same by the clock\",\"rows\":%llu,\"seconds\":%.1f}\n",
        (unsigned long long)group_log_rows(l), wall() - began);
    group_log_close(l);
}

/* The key of a member's node, as cordon member key new node would have written it. */
static void node_key(const char *home, unsigned member)
{
    struct signer by = key_of(member, 2);
    struct text to = text_new(KEY_FILE_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    struct err err = {.text = "no memory"};
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof(path), "%s/" KEYS_FOLDER, home);
    need(folder_make(path, 0700, &err), &err);
    json_object(&j);
    json_put_hex(&j, "key", by.key.b, sizeof(by.key.b));
    json_put_string(&j, "kind", "node");
    json_put_string(&j, "schema", "cordon.key/1");
    json_put_hex(&j, "seed", by.secret, 32);
    json_object_end(&j);
    snprintf(path, sizeof(path), "%s/" KEYS_FOLDER "/node.json", home);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    need(fd >= 0 && write_whole(fd, to.p, to.n) && !close(fd), &err);
    text_free(&to);
}

int main(int argc, char **argv)
{
    size_t cases = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : CASES, *order;
    struct world w = {.arena = arena_new(NULL, BYTES_MAX)};
    struct fold *one, *other, *batched;
    double start = cpu();

    w.events = calloc(3 * cases + 3, sizeof(*w.events));
    if (!w.arena || !w.events)
        exit(4);
    world_make(&w, cases);
    figure("made and signed", w.n, cpu() - start);
    checking(&w);
    reading(&w);
    batched = folded(&w, NULL, BATCH, "fold, in order, 4096 at a time");
    fold_free(batched);
    one = folded(&w, NULL, 0, "fold, in order");
    order = nearly(&w);
    other = folded(&w, order, 0, "fold, within 64 of their places");
    printf("{\"bench\":\"group\",\"what\":\"cases active\",\"in_order\":%zu,\"in_any\":%zu}\n",
           active(one), active(other));
    fold_free(one);
    fold_free(other);
    if (argc > 2) {
        caught_up(&w, argv[2]);
        node_key(argv[2], 0);
    }
    if (argc > 3)
        node_key(argv[3], 1);
    free(order);
    free(w.events);
    arena_free(w.arena);
    return 0;
}
