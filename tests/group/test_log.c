/* The log in a home: files taken in whole or not at all, whatever their order; forged lines apart;
 * rows that were tampered with; a process killed at each of its writes. */
#include "group/log.h"

#include "group/proof.h"
#include "../store/failing.h"
#include "rfc6962.h"
#include "world.h"

#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARENA_BYTES ((size_t)256 << 20)
#define FILE_BYTES ((size_t)4 << 20)
#define VECTORS CORDON_SOURCE "/tests/group/export.jsonl"
#define CASE_A "case:000000000000000000000000000000aa"

/* ---- homes ---- */

static struct test_random numbers = {4711};
static const struct group_random drawn = {world_fill, &numbers};

static struct group_log *opened(const char *home, enum store_mode mode)
{
    struct group_log *l = NULL;
    struct err err;

    CHECK_OK(group_log_open(home, mode, &drawn, &l, &err), err);
    return l;
}

static bool import_text(struct group_log *l, const char *p, size_t n, const struct hash32 *group,
                        struct group_log_counts *ret, struct err *err)
{
    FILE *in = fmemopen((void *)p, n, "r");
    bool ok;

    CHECK(in);
    ok = group_log_import(l, in, group, ret, err);
    fclose(in);
    return ok;
}

/* A file as a home would write it, of these lines; signed by jp's node. */
static void file_make(struct text *to, const struct world *w, const size_t *which, size_t n,
                      const char *spoil)
{
    struct signer by = world_signer(2, WORLD_NODE);
    struct sha256_stream s;
    struct hash32 digest;
    struct signature signature;
    struct text end = text_new(FILE_BYTES);
    struct err err;

    to->n = 0;
    text_str(to, "{\"group\":\"");
    text_hex(to, w->group.b, 32);
    text_str(to, "\",\"schema\":\"cordon.log/1\",\"since\":0,\"to\":null}\n");
    for (size_t i = 0; i < n; i++) {
        const struct world_event *e = &w->events[which[i]];
        struct event_line line = {.event = e->e};

        line.has_body = e->charter.n;
        line.body = e->charter;
        event_line_put(to, &line);
        text_char(to, '\n');
    }
    text_str(to, spoil);
    sha256_start(&s);
    sha256_add(&s, to->p, to->n);
    digest = sha256_done(&s);
    text_str(&end, "{\"cursor\":9,\"key\":\"");
    text_hex(&end, by.key.b, 32);
    for (const char *p = spoil; *p; p++)
        n += *p == '\n';
    text_printf(&end, "\",\"lines\":%zu,\"sha256\":\"", n);
    text_hex(&end, digest.b, 32);
    text_str(&end, "\"}");
    CHECK_OK(group_sign(&by, "cordon.export/1", &w->group,
                        (struct bytes){(const uint8_t *)end.p, end.n}, &signature, &err),
             err);
    text_str(to, "{\"end\":");
    text_put(to, end.p, end.n);
    text_str(to, ",\"signature\":\"");
    text_hex(to, signature.b, 64);
    text_str(to, "\"}\n");
    text_free(&end);
}

static const char *outcome_of(struct arena *a, const char *home)
{
    struct group_log *l = opened(home, STORE_READ);
    const char *ret = world_outcome(a, group_log_fold(l));

    group_log_close(l);
    return ret;
}

/* A charter with its body bound: world.h's events have none. */
static void world_with_body(struct world *w)
{
    struct world_event *p;
    struct signer by = world_signer(0, WORLD_HEAD);
    static const struct salt32 salt; /* zeros, as the lines have */
    struct err err;

    world_start(w);
    p = world_say(w, (struct world_say){0, WORLD_HEAD, 9, world_object(w, &w->group),
                                        "charter.propose", .ms = 1});
    p->charter = w->charter.text;
    p->e.retention = "keep";
    p->e.body = body_commitment(&salt, p->charter);
    CHECK_OK(event_make(w->arena, &w->group, &p->e, &err), err);
    CHECK_OK(group_sign(&by, EVENT_TAG, &w->group, p->e.text, &p->e.signature, &err), err);
    for (unsigned m = 0; m < 2; m++)
        world_say(w, (struct world_say){m, WORLD_HEAD, 8, p->e.object, "charter.sign", .ms = 2 + m,
                                        .after = {&p->e.id}});
}

static struct world_event *case_story(struct world *w)
{
    struct world_event *report, *verify;

    report = world_say(w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    verify = world_say(w, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.verify", .ms = 11,
                                             .after = {&report->e.id}});
    world_say(w, (struct world_say){1, WORLD_NODE, 0, CASE_A, "case.activate", .ms = 12,
                                    .after = {&verify->e.id}, .prev = verify});
    world_say(w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.contain", .ms = 13,
                                    .after = {&verify->e.id}, .prev = report});
    return report;
}

/* ---- files ---- */

static void files_in_any_order(void **state)
{
    struct test_random r = {test_seed()};
    struct text file = text_new(FILE_BYTES);
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct world w;
    struct fold *f;
    const char *want;

    (void)state;
    world_with_body(&w);
    case_story(&w);
    f = world_fold(&w, NULL, w.n);
    want = world_outcome(a, f);
    CHECK(strstr(want, "contained"));
    fold_free(f);
    for (int round = 0; round < 8; round++) {
        const char *home = test_dir();
        size_t order[WORLD_EVENTS_MAX] = {0}, at = 0;
        struct group_log_counts counts;
        struct err err;

        for (size_t i = 0; i < w.n; i++)
            order[i] = i;
        for (size_t i = w.n; i > 1; i--) {
            size_t k = test_below(&r, i), t = order[i - 1];

            order[i - 1] = order[k];
            order[k] = t;
        }
        while (at < w.n) { /* some at a time, and some again */
            size_t n = 1 + test_below(&r, w.n - at), back = test_below(&r, at + 1);
            struct group_log *l = opened(home, STORE_WRITE);

            file_make(&file, &w, order + back, at - back + n, "");
            CHECK_OK(import_text(l, file.p, file.n, &w.group, &counts, &err), err);
            CHECK_U(counts.taken, n);
            CHECK_U(counts.doubled, at - back);
            CHECK_U(counts.apart, 0);
            CHECK_OK(group_log_commit(l, &err), err);
            group_log_close(l);
            at += n;
        }
        CHECK_S(outcome_of(a, home), want);
    }
    text_free(&file);
    arena_free(a);
    world_end(&w);
}

static void reason_add(void *ctx, const char *reason)
{
    text_printf(ctx, "%s\n", reason);
}

/* A line that no key has signed is no event; the others are taken. */
static void forged_lines_lie_apart(void **state)
{
    static const char *const spoils[][2] = {
        {"{}\n", "event: missing"},
        {"no JSON, MARKED\n", "byte 0"},
        {NULL, "the signature is not its key's"}, /* another's signature */
    };
    char path[512];
    struct bytes kept;
    const char *home = test_dir();
    struct text file = text_new(FILE_BYTES), forged = text_new(FILE_BYTES),
                reasons = text_new(FILE_BYTES);
    struct group_log_counts counts;
    struct world_event *report;
    struct event_line line;
    size_t order[WORLD_EVENTS_MAX] = {0};
    struct world w;
    struct err err;
    struct group_log *l;

    (void)state;
    world_with_body(&w);
    report = case_story(&w);
    for (size_t i = 0; i < w.n; i++)
        order[i] = i;
    line = (struct event_line){.event = report->e};
    line.event.signature = w.events[w.n - 1].e.signature;
    event_line_put(&forged, &line);
    text_char(&forged, '\n');
    for (size_t i = 0; i < 3; i++) {
        const char *spoil = spoils[i][0] ? spoils[i][0] : text_string(&forged);

        l = opened(home, STORE_WRITE);
        file_make(&file, &w, order, w.n, spoil);
        CHECK_OK(import_text(l, file.p, file.n, &w.group, &counts, &err), err);
        CHECK_U(counts.taken, i ? 0 : w.n);
        CHECK_U(counts.apart, 1);
        CHECK_OK(group_log_commit(l, &err), err);
        group_log_close(l);
    }
    l = opened(home, STORE_READ);
    CHECK_OK(group_log_apart(l, reason_add, &reasons, &err), err);
    for (size_t i = 0; i < 3; i++)
        CHECK(strstr(text_string(&reasons), spoils[i][1]));
    CHECK_U(fold_object(group_log_fold(l), CASE_A, AUDIENCE_ALL)->state, CASE_CONTAINED);
    group_log_close(l);
    /* the lines themselves are not kept: a body in them could never be erased */
    snprintf(path, sizeof(path), "%s/group.sqlite", home);
    kept = test_read(path);
    CHECK(!memmem(kept.p, kept.n, "MARKED", 6));
    CHECK(!memmem(kept.p, kept.n, forged.p, forged.n - 1));
    text_free(&file);
    text_free(&forged);
    text_free(&reasons);
    world_end(&w);
}

static bool file_checks(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct group_log_checked checked;
    struct hash32 group;
    struct err err;
    FILE *f = in.n ? fmemopen((void *)in.p, in.n, "r") : fopen("/dev/null", "re");
    bool ok;

    (void)ctx;
    CHECK(f);
    ok = group_log_file_check(a, f, 7, &checked, &group, &err);
    fclose(f);
    arena_free(a);
    return ok;
}

/* Cut at any byte, and with any byte changed, a file is refused; and nothing of it stays. */
static void a_damaged_file_is_refused(void **state)
{
    struct bytes good = test_read(VECTORS);
    const char *home = test_dir();
    struct hash32 group;
    struct err err;
    uint8_t *bad = malloc(good.n);

    (void)state;
    CHECK(bad);
    CHECK(hex_decode((const char *)good.p + strlen("{\"group\":\""), 64, group.b, 32));
    test_truncations(good, file_checks, NULL);
    for (size_t i = 0; i < good.n; i += 3) {
        memcpy(bad, good.p, good.n);
        bad[i] ^= 1U << (i % 7);
        test_row("byte %zu", i);
        CHECK(!file_checks((struct bytes){bad, good.n}, NULL));
    }
    for (size_t n = 1; n < good.n; n += 211) {
        struct group_log *l = opened(home, STORE_WRITE);
        struct group_log_counts counts;

        test_row("cut at %zu", n);
        CHECK(!import_text(l, (const char *)good.p, n, &group, &counts, &err));
        CHECK_U(err.class, ERR_INPUT);
        group_log_close(l);
        l = opened(home, STORE_READ);
        CHECK(!group_log_fold(l));
        group_log_close(l);
    }
    free(bad);
}

/* A member whose clock stands at the end of time does not keep others from speaking. */
static void a_clock_at_the_end_of_time(void **state)
{
    const char *home = test_dir();
    struct text file = text_new(FILE_BYTES);
    struct signer by = world_signer(1, WORLD_INV), us = world_signer(0, WORLD_INV);
    size_t order[WORLD_EVENTS_MAX] = {0};
    struct group_log_counts counts;
    struct group_log *l = opened(home, STORE_WRITE);
    struct world_event *report, *verify;
    struct world w;
    struct hash32 id;
    struct err err;

    (void)state;
    world_with_body(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    verify = world_say(&w, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.verify",
                                              .ms = EVENT_MS_MAX, .after = {&report->e.id}});
    verify->e.n = JSON_INTEGER_MAX;
    CHECK_OK(event_make(w.arena, &w.group, &verify->e, &err), err);
    CHECK_OK(group_sign(&by, EVENT_TAG, &w.group, verify->e.text, &verify->e.signature, &err), err);
    for (size_t i = 0; i < w.n; i++)
        order[i] = i;
    file_make(&file, &w, order, w.n, "");
    CHECK_OK(import_text(l, file.p, file.n, &w.group, &counts, &err), err);
    CHECK_U(fold_object(group_log_fold(l), CASE_A, AUDIENCE_ALL)->state, CASE_VERIFIED);
    CHECK_OK(group_log_say(l,
                           &(struct group_log_act){.author = "us",
                                                   .type = "case.retract",
                                                   .object = CASE_A,
                                                   .audience = AUDIENCE_ALL,
                                                   .after = &report->e.id,
                                                   .after_n = 1,
                                                   .by = &us,
                                                   .now_ms = 1795000000000},
                           &id, &err),
             err);
    CHECK_U(fold_find(group_log_fold(l), &id)->e.ms, 1795000000000);
    CHECK_U(fold_object(group_log_fold(l), CASE_A, AUDIENCE_ALL)->state, CASE_RETRACTED);
    group_log_close(l);
    text_free(&file);
    world_end(&w);
}

/* ---- tampering ---- */

static void tampered(const char *home, const char *sql)
{
    char path[4096];
    sqlite3 *db;

    snprintf(path, sizeof(path), "%s/" LOG_FILE, home);
    CHECK_U(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_U(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* A folder of its own each time, in one that goes at the end; it is not there yet. */
static const char *new_home(void)
{
    static char path[4096];
    static const char *base;
    static unsigned n;

    if (!base)
        base = test_dir();
    snprintf(path, sizeof(path), "%s/home-%u", base, n++);
    return path;
}

static const char *vectors_home(void)
{
    struct bytes good = test_read(VECTORS);
    const char *home = new_home();
    struct group_log *l = opened(home, STORE_WRITE);
    struct group_log_counts counts;
    struct hash32 group;
    struct err err;

    CHECK(hex_decode((const char *)good.p + strlen("{\"group\":\""), 64, group.b, 32));
    CHECK_OK(import_text(l, (const char *)good.p, good.n, &group, &counts, &err), err);
    CHECK_U(counts.taken, 5);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
    return home;
}

/* Links and hashes of a home can be made anew by who has the file; signatures and bodies cannot. */
static void rows_that_were_tampered_with(void **state)
{
    static const struct {
        const char *sql;
        bool opens;
    } ways[] = {
        {"DELETE FROM group_event WHERE id = 2", false},
        {"UPDATE group_event SET id = CASE id WHEN 2 THEN 30 ELSE 20 END WHERE id IN (2, 3);"
         "UPDATE group_event SET id = id / 10 WHERE id >= 20",
         false},
        {"UPDATE group_event SET event = replace(event, '\"seq\":2', '\"seq\":3')", false},
        {"UPDATE group_event SET link = zeroblob(32) WHERE id = 5", false},
        {"UPDATE group_event SET signature = zeroblob(64) WHERE id = 4", true},
        {"UPDATE group_event SET signature = zeroblob(3) WHERE id = 4", false},
        {"UPDATE group_event SET body = zeroblob(400) WHERE id = 4", true},
        {"UPDATE group_event SET body = (SELECT body FROM group_event WHERE id = 1) WHERE id = 4",
         true},
        {"UPDATE group_event SET body = zeroblob(1) WHERE id = 4", true},
        {"UPDATE group_key SET key = zeroblob(72)", false},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const char *home = vectors_home();
        struct group_log_checked checked;
        struct group_log *l = opened(home, STORE_READ);

        test_row("%s", ways[i].sql);
        CHECK_OK(group_log_check(l, &checked, &err), err);
        CHECK_U(checked.events, 5);
        CHECK_U(checked.bodies, 2);
        group_log_close(l);
        tampered(home, ways[i].sql);
        CHECK_U(group_log_open(home, STORE_READ, &drawn, &l, &err), ways[i].opens);
        if (!ways[i].opens) {
            CHECK_U(err.class, ERR_CORRUPT);
            continue;
        }
        CHECK(!group_log_check(l, &checked, &err));
        CHECK_U(err.class, ERR_DIFFERS);
        CHECK(strstr(err.text, "row 4"));
        group_log_close(l);
    }
}

/* ---- checkpoints ---- */

static void note_line(struct text *to, struct world *w, const struct world_event *e,
                      unsigned members, uint64_t time)
{
    struct text note = text_new(FILE_BYTES);

    checkpoint_put(&note, &w->group, world_stamp(w, e, members, time));
    text_str(to, "{\"checkpoint\":\"");
    for (const char *p = text_string(&note); *p; p++)
        if (*p == '\n')
            text_str(to, "\\n");
        else
            text_char(to, *p);
    text_str(to, "\"}\n");
    text_free(&note);
}

/* Five streams, each with all that it has countersigned by everybody; lines in their order. */
static void proven_world(struct world *w, struct text *notes)
{
    struct world_event *report, *verify, *revise;

    world_with_body(w);
    report = world_say(w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    verify = world_say(w, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.verify", .ms = 11,
                                             .after = {&report->e.id}});
    revise = world_say(
        w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.revise", .ms = 12, .prev = report});
    note_line(notes, w, verify, 7, 100);
    note_line(notes, w, &w->events[2], 7, 100);
    note_line(notes, w, revise, 7, 100);
    note_line(notes, w, &w->events[1], 7, 100);
    note_line(notes, w, &w->events[0], 7, 100);
}

/* Whoever writes a file anew, and signs its end, can take no event out of it that is of a
 * checkpoint, nor the last of a stream; and no line can be in another's place. */
static void no_line_can_be_taken_out(void **state)
{
    struct text file = text_new(FILE_BYTES), notes = text_new(FILE_BYTES),
                fewer = text_new(FILE_BYTES);
    struct world w;
    const char *line;

    (void)state;
    proven_world(&w, &notes);
    for (size_t out = 0; out <= w.n; out++) {
        size_t which[WORLD_EVENTS_MAX], n = 0;

        for (size_t i = 0; i < w.n; i++)
            if (i != out)
                which[n++] = i;
        test_row("without event %zu", out);
        file_make(&file, &w, which, n, text_string(&notes));
        CHECK_U(file_checks((struct bytes){(const uint8_t *)file.p, file.n}, NULL), out == w.n);
        for (size_t i = 0; out == w.n && i + 1 < n; i++) {
            which[i] = i + 1;
            which[i + 1] = i;
            test_row("%zu and the next changed places", i);
            file_make(&file, &w, which, n, notes.p);
            CHECK(!file_checks((struct bytes){(const uint8_t *)file.p, file.n}, NULL));
            which[i] = i;
            which[i + 1] = i + 1;
        }
    }
    /* checkpoints in another order, or twice */
    line = strchr(notes.p, '\n') + 1;
    text_str(&fewer, line);
    text_put(&fewer, notes.p, (size_t)(line - notes.p));
    file_make(&file, &w, (size_t[]){0, 1, 2, 3, 4, 5}, 6, text_string(&fewer));
    CHECK(!file_checks((struct bytes){(const uint8_t *)file.p, file.n}, NULL));
    line = strrchr(text_string(&notes), '{');
    fewer.n = 0;
    text_str(&fewer, line);
    text_str(&notes, text_string(&fewer));
    file_make(&file, &w, (size_t[]){0, 1, 2, 3, 4, 5}, 6, text_string(&notes));
    CHECK(!file_checks((struct bytes){(const uint8_t *)file.p, file.n}, NULL));
    text_free(&file);
    text_free(&notes);
    text_free(&fewer);
    world_end(&w);
}

static void check_is(const char *home, uint64_t checkpoints, uint64_t countersigned, bool good)
{
    struct group_log *l = opened(home, STORE_READ);
    struct group_log_checked checked;
    struct err err;

    CHECK_U(group_log_check(l, &checked, &err), good);
    if (good) {
        CHECK_U(checked.checkpoints, checkpoints);
        CHECK_U(checked.countersigned, countersigned);
    } else {
        CHECK_U(err.class, ERR_DIFFERS);
    }
    group_log_close(l);
}

static void sign_in(const char *home, unsigned member, uint64_t heads, uint64_t others)
{
    struct group_log *l = opened(home, STORE_WRITE);
    struct signer by = world_signer(member, WORLD_NODE);
    struct group_log_cosign how = {.member = world_members[member], .by = &by, .now = 500};
    struct group_log_cosigned did;
    struct err err;
    uint64_t n;

    CHECK_OK(group_log_checkpoint(l, &how, &n, &err), err);
    CHECK_U(n, heads);
    CHECK_OK(group_log_cosign(l, &how, &did, &err), err);
    CHECK_U(did.cosigned, others);
    CHECK_U(did.ahead + did.parted, 0);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
}

#define GROWN 64

/* What is printed of a stream of `from` that has `n` events now, by the definitions. */
static void growth_put(struct text *to, const struct world *w, const struct hash32 *leaves,
                       size_t from, size_t n)
{
    struct merkle_proof path = {.n = 0};

    rfc6962_subproof(from, leaves, n, true, &path);
    text_printf(to, "old %zu\n", from);
    for (size_t i = 0; i < path.n; i++) {
        char base64[64];

        sodium_bin2base64(base64, sizeof(base64), path.at[i].b, 32, sodium_base64_VARIANT_ORIGINAL);
        text_printf(to, "%s\n", base64);
    }
    text_char(to, '\n');
    checkpoint_put(to, &w->group, &w->stamps[n - 1]);
}

/* A home with a stream of GROWN events, and a checkpoint of each size. */
static struct group_log *grown_world(struct world *w, struct hash32 *leaves)
{
    struct text file = text_new(FILE_BYTES), notes = text_new(FILE_BYTES);
    struct world_event *e = NULL;
    size_t which[WORLD_EVENTS_MAX];
    struct group_log_counts counts;
    struct group_log *l = opened(new_home(), STORE_WRITE);
    struct err err;

    world_with_body(w);
    for (size_t i = 0; i < GROWN; i++) {
        e = world_say(w,
                      (struct world_say){0, WORLD_INV, 0, CASE_A, i ? "case.revise" : "case.report",
                                         .ms = 10 + i, .prev = e});
        leaves[i] = merkle_leaf((struct bytes){e->e.id.b, 32});
        note_line(&notes, w, e, 7, 100);
    }
    for (size_t i = 0; i < w->n; i++)
        which[i] = i;
    file_make(&file, w, which, w->n, text_string(&notes));
    CHECK_OK(import_text(l, file.p, file.n, &w->group, &counts, &err), err);
    CHECK_U(counts.taken, w->n + GROWN);
    text_free(&file);
    text_free(&notes);
    return l;
}

static void streams_have_only_grown(void **state)
{
    struct hash32 leaves[GROWN];
    struct group_log *l;
    struct world w;
    struct checkpoint other;
    struct signer by = world_signer(0, WORLD_NODE);
    struct text got = text_new(FILE_BYTES), want = text_new(FILE_BYTES);
    struct err err;

    (void)state;
    l = grown_world(&w, leaves);
    for (size_t n = 1; n <= GROWN; n++)
        for (size_t from = 1; from <= n; from++) {
            struct proof p;

            test_row("%zu to %zu", from, n);
            got.n = want.n = 0;
            CHECK_OK(group_log_prove_growth(l, &w.stamps[from - 1], &w.stamps[n - 1], &got, &err),
                     err);
            growth_put(&want, &w, leaves, from, n);
            CHECK_S(text_string(&got), text_string(&want));
            CHECK_OK(proof_read(w.arena, (struct bytes){(uint8_t *)got.p, got.n}, &p, &err), err);
            CHECK(proof_of_growth(&p, &w.stamps[from - 1]));
            CHECK(!proof_of_growth(&p, &w.stamps[from % GROWN]));
        }
    test_row("to the largest");
    got.n = want.n = 0;
    CHECK_OK(group_log_prove_growth(l, &w.stamps[4], NULL, &got, &err), err);
    growth_put(&want, &w, leaves, 5, GROWN);
    CHECK_S(text_string(&got), text_string(&want));
    test_row("to what is smaller");
    CHECK(!group_log_prove_growth(l, &w.stamps[4], &w.stamps[3], &got, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    test_row("from what it never was");
    other = w.stamps[4];
    other.root.b[0] ^= 1;
    CHECK(!group_log_prove_growth(l, &other, NULL, &got, &err));
    CHECK_U(err.class, ERR_INPUT); /* nor did anybody say so */
    other.signatures_n = 0;
    CHECK_OK(checkpoint_sign(w.arena, &w.group, &other, "us", &by, 0, &err), err);
    CHECK(!group_log_prove_growth(l, &other, NULL, &got, &err));
    CHECK_U(err.class, ERR_DIFFERS);
    test_row("of a stream that is not here");
    other = w.stamps[4];
    other.author = "kr";
    other.signatures_n = 0;
    by = world_signer(1, WORLD_NODE);
    CHECK_OK(checkpoint_sign(w.arena, &w.group, &other, "kr", &by, 0, &err), err);
    CHECK(!group_log_prove_growth(l, &other, NULL, &got, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    group_log_close(l);
    text_free(&got);
    text_free(&want);
    world_end(&w);
}

/* Signed in one home, countersigned in the next; they stay, and are found to lack what was taken
 * out of the file. */
static void checkpoints_in_a_home(void **state)
{
    char *one = strdup(new_home()), *other = strdup(new_home());
    struct text file = text_new(FILE_BYTES), notes = text_new(FILE_BYTES);
    struct signer by = world_signer(2, WORLD_NODE);
    struct group_log_export how = {.by = &by};
    struct group_log_counts counts;
    struct group_log *l;
    struct world w;
    struct err err;

    (void)state;
    proven_world(&w, &notes);
    file_make(&file, &w, (size_t[]){0, 1, 2, 3, 4, 5}, 6, "");
    l = opened(one, STORE_WRITE);
    CHECK_OK(import_text(l, file.p, file.n, &w.group, &counts, &err), err);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
    check_is(one, 0, 0, true);
    sign_in(one, 0, 3, 0);
    sign_in(one, 0, 0, 0); /* nothing is new */
    sign_in(one, 1, 2, 3); /* kr's two, and us's three countersigned */
    check_is(one, 5, 0, true);
    sign_in(one, 2, 0, 5);
    check_is(one, 5, 3, true); /* of us's, by both others */
    file.n = 0;
    l = opened(one, STORE_READ);
    CHECK_OK(group_log_export(l, &how, &file, &err), err);
    group_log_close(l);
    CHECK(file_checks((struct bytes){(const uint8_t *)file.p, file.n}, NULL));
    l = opened(other, STORE_WRITE);
    CHECK_OK(import_text(l, file.p, file.n, &w.group, &counts, &err), err);
    CHECK_U(counts.taken, 6 + 5);
    CHECK_OK(import_text(l, file.p, file.n, &w.group, &counts, &err), err);
    CHECK_U(counts.taken, 0);
    CHECK_U(counts.doubled, 6 + 5);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
    sign_in(other, 0, 0, 2);
    check_is(other, 5, 5, true);
    tampered(other, "DELETE FROM group_event WHERE id = 6");
    check_is(other, 0, 0, false);
    free(one);
    free(other);
    text_free(&file);
    text_free(&notes);
    world_end(&w);
}

/* ---- checkpoints that go ---- */

#define DAY ((uint64_t)86400)
#define TEXT_A "text:00000000000000000000000000000000000000000000000000000000000000aa"

static size_t sizes_of(const char *home, uint64_t *ret, const char *stream)
{
    struct group_log *l = opened(home, STORE_READ);
    struct text notes = text_new(FILE_BYTES);
    struct err err;
    size_t n = 0;

    CHECK_OK(group_log_notes(l, NULL, &notes, &err), err);
    for (char *p = strstr(text_string(&notes), stream); p; p = strstr(p, stream)) {
        p += strlen(stream);
        if (*p == '\n')
            ret[n++] = strtoull(p + 1, NULL, 10);
    }
    text_free(&notes);
    group_log_close(l);
    return n;
}

/* Ten events, the sixth of which signs a charter or words a text; the checkpoints of two days, of
 * which the last is signed by all or not, and of today. */
static void old_checkpoints_go(void **state)
{
    static const struct {
        uint64_t size;
        unsigned members;
        uint64_t time;
        bool stays; /* where the last is signed by all */
    } stamps[] = {
        {1, 7, DAY + 100, true},
        {2, 7, DAY + 200, false},
        {3, 3, DAY + 300, false},
        /* before the first, by their clocks */
        {4, 7, DAY + 50, true},
        /* another day */
        {5, 7, 2 * DAY + 10, true},
        /* the first over what is said of the charter, or of the text */
        {6, 7, 2 * DAY + 20, true},
        {7, 7, 2 * DAY + 30, false},
        /* nobody has countersigned it */
        {8, 1, 0, false},
        /* the last that all have signed: stays where the next is not */
        {9, 7, 2 * DAY + 50, false},
        {10, 7, 9 * DAY + 1, true},
    };
    static const char *const names[] = {"all sign the last", "one does not", "two histories",
                                        "a text", "a text's other words"};
    static const char *const sixth[] = {"charter.sign", "charter.sign", "charter.sign",
                                        "text.state", "text.revise"};

    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        char *home = strdup(new_home());
        struct text file = text_new(FILE_BYTES), notes = text_new(FILE_BYTES);
        size_t order[WORLD_EVENTS_MAX], left, want = 0;
        struct arena *a = arena_new(NULL, FILE_BYTES);
        struct world_event *e = NULL, *at[11];
        struct group_log_counts counts;
        const char *before, *stream;
        uint64_t sizes[16], n;
        struct group_log *l;
        struct world w;
        struct err err;

        test_row("%s", names[kind]);
        world_with_body(&w);
        for (unsigned i = 1; i <= 10; i++)
            at[i] = e = world_say(&w, (struct world_say){0, i == 6 ? WORLD_HEAD : WORLD_INV, 0,
                                                         i != 6     ? CASE_A
                                                         : kind < 3 ? w.events[0].e.object
                                                                    : TEXT_A,
                                                         i == 6   ? sixth[kind]
                                                         : i == 1 ? "case.report"
                                                                  : "case.revise",
                                                         .ms = 10 + i, .prev = e});
        if (kind == 2)
            world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 50,
                                             .prev = at[9]});
        for (size_t i = 0; i < 10; i++)
            note_line(&notes, &w, at[i + 1], kind == 1 && i == 9 ? 3 : stamps[i].members,
                      stamps[i].time);
        for (size_t i = 0; i < w.n; i++)
            order[i] = i;
        file_make(&file, &w, order, w.n, text_string(&notes));
        l = opened(home, STORE_WRITE);
        CHECK_OK(import_text(l, file.p, file.n, &w.group, &counts, &err), err);
        CHECK_OK(group_log_commit(l, &err), err);
        group_log_close(l);
        before = outcome_of(a, home);
        l = opened(home, STORE_WRITE);
        CHECK_OK(group_log_prune(l, 10 * DAY, &n, &err), err);
        CHECK_OK(group_log_commit(l, &err), err);
        group_log_close(l);
        stream = strstr(text_string(&notes), "cordon/");
        stream = arena_string(a, stream, (size_t)(strstr(stream, "\\n") - stream));
        left = sizes_of(home, sizes, stream);
        for (size_t i = 0; i < 10; i++)
            if (kind == 2 || stamps[i].stays || (kind == 1 && stamps[i].size == 9)) {
                CHECK(want < left);
                CHECK_U(sizes[want++], stamps[i].size);
            }
        CHECK_U(left, want);
        CHECK_U(n, 10 - want);
        CHECK_S(outcome_of(a, home), before);
        text_free(&file);
        text_free(&notes);
        world_end(&w);
        arena_free(a);
        free(home);
    }
}

/* A member that signs two histories is found by whoever has both, and signed by nobody. */
static void two_histories(void **state)
{
    const char *home = new_home();
    struct text file = text_new(FILE_BYTES), notes = text_new(FILE_BYTES);
    struct signer kr = world_signer(1, WORLD_NODE);
    struct group_log_cosign how = {.member = "kr", .by = &kr, .now = 500};
    struct world_event *report, *one, *another;
    struct group_log_cosigned did;
    struct group_log_checked checked;
    struct group_log_counts counts;
    struct group_log *l;
    struct world w;
    struct err err;

    (void)state;
    world_with_body(&w);
    report = world_say(&w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
    one = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.revise", .ms = 11, .prev = report});
    another = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 12, .prev = report});
    note_line(&notes, &w, one, 1, 0);
    note_line(&notes, &w, another, 1, 0);
    /* the events of one of them only */
    file_make(&file, &w, (size_t[]){0, 1, 2, 3, 4}, 5, text_string(&notes));
    l = opened(home, STORE_WRITE);
    CHECK_OK(import_text(l, file.p, file.n, &w.group, &counts, &err), err);
    CHECK_U(counts.taken, 5 + 2);
    CHECK_OK(group_log_check(l, &checked, &err), err);
    CHECK(checked.parted);
    CHECK_S(checked.parted_author, "us");
    CHECK_OK(group_log_cosign(l, &how, &did, &err), err);
    CHECK_U(did.cosigned, 0);
    CHECK_U(did.parted, 1);
    group_log_close(l);
    text_free(&file);
    text_free(&notes);
    world_end(&w);
}

/* ---- killed ---- */

struct deed {
    const char *home;
    struct bytes file;
    struct hash32 group;
};

static bool take_in(const struct deed *d, struct err *err)
{
    struct group_log_counts counts;
    struct group_log *l = NULL;
    bool ok = group_log_open(d->home, STORE_WRITE, &drawn, &l, err) &&
              import_text(l, (const char *)d->file.p, d->file.n, &d->group, &counts, err) &&
              group_log_commit(l, err);

    group_log_close(l);
    return ok;
}

/* The home after it: nothing or all, and as it was signed. */
static bool all_is_there(const char *home)
{
    struct group_log *l = opened(home, STORE_WRITE);
    struct group_log_checked checked;
    struct err err;
    bool there = group_log_fold(l);

    if (there) {
        CHECK_OK(group_log_check(l, &checked, &err), err);
        CHECK_U(checked.events, 5);
        CHECK_U(checked.bodies, 2);
    }
    group_log_close(l);
    return there;
}

static void killed_at_each_write(void **state)
{
    struct deed d = {.file = test_read(VECTORS)};
    unsigned killed = 0, whole = 0;

    (void)state;
    CHECK(hex_decode((const char *)d.file.p + strlen("{\"group\":\""), 64, d.group.b, 32));
    for (int64_t at = 0;; at++) {
        int status = 0;
        struct err err;
        pid_t child;

        d.home = new_home();
        test_row("write %lld", (long long)at);
        child = fork();
        CHECK(child >= 0);
        if (!child) {
            failing_writes(at / 2, at % 2 ? FAILING_TEARS : FAILING_KILLS);
            _exit(!take_in(&d, &err));
        }
        CHECK(waitpid(child, &status, 0) == child);
        if (WIFEXITED(status)) {
            CHECK_U(WEXITSTATUS(status), 0);
            CHECK(all_is_there(d.home));
            break;
        }
        CHECK_U(WTERMSIG(status), SIGKILL);
        killed++;
        whole += all_is_there(d.home);
    }
    CHECK(killed > 8);
    CHECK(whole && whole < killed); /* before the commit and after it */
}

/* On a disk that is full, or broken, from any write on: what could not be taken in whole is not
 * there, and is taken in when there is room again. */
static void a_disk_that_fails(void **state)
{
    static const enum failing_how hows[] = {FAILING_FULL, FAILING_IO};
    struct deed d = {.file = test_read(VECTORS)};

    (void)state;
    CHECK(hex_decode((const char *)d.file.p + strlen("{\"group\":\""), 64, d.group.b, 32));
    for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++)
        for (int64_t at = 0;; at++) {
            bool ok, hit;
            struct err err;

            d.home = new_home();
            test_row("%s from write %lld on", i ? "an error" : "no space", (long long)at);
            failing_writes(at, hows[i]);
            ok = take_in(&d, &err);
            hit = failing_hit();
            failing_writes(-1, FAILING_FULL);
            CHECK(ok || (hit && err.class == ERR_SYSTEM));
            CHECK_U(all_is_there(d.home), ok);
            if (!ok)
                CHECK_OK(take_in(&d, &err), err);
            CHECK(all_is_there(d.home));
            if (!hit)
                break;
        }
}

/* ---- memory ---- */

static bool import_with_memory(void *ctx)
{
    const struct deed *d = ctx;
    struct group_log_counts counts;
    struct group_log *l = NULL;
    struct err err;
    bool ok = group_log_open(d->home, STORE_WRITE, &drawn, &l, &err) &&
              import_text(l, (const char *)d->file.p, d->file.n, &d->group, &counts, &err);

    group_log_close(l);
    return ok;
}

static bool export_with_memory(void *ctx)
{
    const struct deed *d = ctx;
    struct signer by = world_signer(0, WORLD_NODE);
    struct group_log_export how = {.by = &by};
    struct text to = text_new(FILE_BYTES);
    struct group_log *l = NULL;
    struct err err;
    bool ok = group_log_open(d->home, STORE_READ, &drawn, &l, &err) &&
              group_log_export(l, &how, &to, &err) && text_end(&to, &err);

    group_log_close(l);
    text_free(&to);
    return ok;
}

static void every_allocation(void **state)
{
    struct deed d = {.file = test_read(VECTORS), .home = test_dir()};

    (void)state;
    CHECK(hex_decode((const char *)d.file.p + strlen("{\"group\":\""), 64, d.group.b, 32));
    group_log_close(opened(d.home, STORE_WRITE)); /* it is not made anew each time */
    test_failed_allocations(import_with_memory, &d);
    d.home = vectors_home();
    test_failed_allocations(export_with_memory, &d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_in_any_order),
        cmocka_unit_test(forged_lines_lie_apart),
        cmocka_unit_test(a_damaged_file_is_refused),
        cmocka_unit_test(a_clock_at_the_end_of_time),
        cmocka_unit_test(rows_that_were_tampered_with),
        cmocka_unit_test(no_line_can_be_taken_out),
        cmocka_unit_test(streams_have_only_grown),
        cmocka_unit_test(checkpoints_in_a_home),
        cmocka_unit_test(old_checkpoints_go),
        cmocka_unit_test(two_histories),
        cmocka_unit_test(killed_at_each_write),
        cmocka_unit_test(a_disk_that_fails),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
