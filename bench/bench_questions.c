/* What keeping a question costs (screen/question_store.h), in a database of its own.
 *
 *     bench_questions FILE [QUESTIONS [PIECE...]]
 *
 * QUESTIONS about different addresses, each with a reason that is exposure, as a node keeps them,
 * are asked for the first time, and then again in the same order, PIECE of them in a transaction.
 * FILE is made, and taken away. Prints a JSON line for each PIECE and round: microseconds of the
 * processor a question, and of the clock. */
#include "bench.h"

#include "screen/question_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct question_asked asked_of(uint64_t i, uint64_t at, char *subject, char *form)
{
    struct hash32 h = sha256(&i, sizeof(i));
    struct question_asked x = {.subject = subject, .form = form, .at = at};

    sprintf(subject, "bc1q");
    for (unsigned k = 0; k < 19; k++)
        sprintf(subject + 4 + 2 * k, "%02x", h.b[k]);
    sprintf(form, "{\"address\":\"%s\",\"chain\":\"bitcoin:sim\",\"direction\":\"out\"}", subject);
    memcpy(x.key, h.b, sizeof(x.key));
    x.outcome = (struct question_outcome){
        .decision = SCREEN_ALLOW,
        .by = BY_OTHERWISE,
        .rule = "",
        .reasons = "exposed\texchange\tEXCHANGE-1\t\tindirect sent bitcoin:sim BTC\n",
        .stands = sha256("", 0)};
    return x;
}

static bool round_run(struct store *s, struct question_writer *w, uint64_t n, uint64_t piece,
                      uint64_t at, struct err *err)
{
    char subject[64], form[256];

    for (uint64_t i = 0; i < n;) {
        struct arena *a = arena_new(NULL, (size_t)1 << 30);
        bool ok = a && store_begin(s, err);

        for (uint64_t k = 0; ok && k < piece && i < n; k++, i++) {
            struct question_asked x = asked_of(i, at + i / 10000, subject, form);

            ok = question_keep(w, a, &x, err);
        }
        ok = ok && store_commit(s, err);
        arena_free(a);
        if (!ok)
            return false;
    }
    return true;
}

static bool measure(const char *path, uint64_t n, uint64_t piece, struct err *err)
{
    static const struct store_schema *const schemas[] = {&question_schema};
    struct question_writer *w = NULL;
    struct store *s = NULL;
    bool ok = store_open(path, STORE_WRITE, schemas, 1, &s, err) && question_writer_new(s, &w, err);

    for (unsigned round = 0; ok && round < 2; round++) {
        double cpu_s = cpu(), clock_s = wall();

        ok = round_run(s, w, n, piece, 1795000000 + round * 100, err);
        printf("{\"bench\":\"questions\",\"asked\":\"%s\",\"questions\":%" PRIu64
               ",\"piece\":%" PRIu64 ",\"cpu_us\":%.2f,\"us\":%.2f}\n",
               round ? "again" : "first", n, piece, (cpu() - cpu_s) * 1e6 / (double)n,
               (wall() - clock_s) * 1e6 / (double)n);
        fflush(stdout);
    }
    question_writer_free(w);
    store_close(s);
    unlink(path);
    return ok;
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"512", "4096"};
    const char *const *pieces = argc > 3 ? (const char *const *)argv + 3 : usual;
    size_t pieces_n = argc > 3 ? (size_t)argc - 3 : 2;
    uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 200000;
    struct err err;

    if (argc < 2) {
        fprintf(stderr, "bench_questions FILE [QUESTIONS [PIECE...]]\n");
        return 2;
    }
    for (size_t i = 0; i < pieces_n; i++)
        if (!measure(argv[1], n, strtoull(pieces[i], NULL, 10), &err)) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    return 0;
}
