/* cordon demo: a small world with thefts in it, ledgers of its blocks, a trace of each theft, and
 * whether the traces say what truly happened. The commands that it shows are run as if typed. */
#include "cli/cli.h"
#include "cli/demo_truth.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WIDTH 100
#define WORDS_MAX 32
#define DEMO_BYTES_MAX ((size_t)64 << 20) /* a document or the truth */
#define STORY_BYTES_MAX ((size_t)1 << 20)
#define SEED 7
#define BLOCKS "300"
#define THEFTS_MAX 64
#define TOGETHER_MAX 3 /* cases that are asked where they meet */

static const char readme[] = "README", made_by[] = "Made by cordon demo";
static const char *const made[] = {"world", "ledger", "accounts", "traces"};

struct demo {
    struct call *c;
    const char *dir;
    const struct json *truth;
    unsigned differences;
};

/* ---- the story ---- */

/* Words between spaces, in lines of at most WIDTH; what is said before it ends its line. */
static void say(struct demo *d, const struct text *words)
{
    const char *at = words->p, *end = at + words->n;
    size_t column = 0;

    while (at < end) {
        size_t n = 0;

        while (at + n < end && at[n] != ' ')
            n++;
        if (column && column + 1 + n > WIDTH) {
            text_char(d->c->out, '\n');
            column = 0;
        }
        if (column) {
            text_char(d->c->out, ' ');
            column++;
        }
        text_put(d->c->out, at, n);
        column += n;
        at += n + (at + n < end);
    }
    text_char(d->c->out, '\n');
}

static void say_words(struct demo *d, const char *words)
{
    struct text t = text_new(STORY_BYTES_MAX);

    text_char(d->c->out, '\n');
    text_str(&t, words);
    say(d, &t);
    text_free(&t);
}

/* ---- files ---- */

/* DIR/a/b, in the arena. */
static const char *path_of(struct demo *d, const char *name)
{
    size_t n = strlen(d->dir) + 1 + strlen(name);
    char *path = arena_array(d->c->arena, n + 1, 1);

    if (path)
        snprintf(path, n + 1, "%s/%s", d->dir, name);
    return path;
}

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "demo");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

/* What a demo before this one made there; nothing else is ever removed. */
static bool clear(struct demo *d, struct err *err)
{
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        const char *path = path_of(d, made[i]);

        if (!path)
            return nomem(err);
        if (!access(path, F_OK) && nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS))
            return err_system(err, "\"%s\"", path);
    }
    return true;
}

/* Has a demo made the folder? Its README says so. */
static bool is_ours(struct demo *d, const char *mark)
{
    struct bytes in;
    struct err ignored;

    return !access(mark, F_OK) && file_read(d->c->arena, mark, DEMO_BYTES_MAX, &in, &ignored) &&
           in.n >= strlen(made_by) && !memcmp(in.p, made_by, strlen(made_by));
}

/* A folder for the demo alone: a new one, an empty one, or one that a demo has made. */
static bool folder_make(struct demo *d, struct err *err)
{
    const char *mark = path_of(d, readme);

    if (!mark)
        return nomem(err);
    if (is_ours(d, mark))
        return clear(d, err);
    if (mkdir(d->dir, 0777) && (errno != EEXIST || rmdir(d->dir) || mkdir(d->dir, 0777))) {
        if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
            return err_fail(err, ERR_USAGE, "\"%s\" is there, and no demo made it", d->dir);
        return err_system(err, "\"%s\"", d->dir);
    }
    return true;
}

static bool read_json(struct demo *d, const char *name, const struct json **ret, struct err *err)
{
    const char *path = path_of(d, name);
    struct bytes in;

    if (!path)
        return nomem(err);
    return file_read(d->c->arena, path, DEMO_BYTES_MAX, &in, err) &&
           (json_read(d->c->arena, (const char *)in.p, in.n, ret, err) ||
            err_in(err, "\"%s\"", path));
}

/* ---- commands ---- */

static void show_words(struct text *to, const char *const *words)
{
    text_str(to, "\n    $ cordon");
    for (; *words; words++)
        text_printf(to, " %s", *words);
    text_char(to, '\n');
}

/* A word that begins with @ is a path in the demo's folder. */
static bool words_make(struct demo *d, const char *const *words, const char **ret, struct err *err)
{
    size_t n = 0;

    for (; words[n]; n++) {
        ret[n] = words[n][0] == '@' ? path_of(d, words[n] + 1) : words[n];
        if (!ret[n])
            return nomem(err);
    }
    ret[n] = NULL;
    return true;
}

static bool run(struct demo *d, bool shown, const char *const *given, struct err *err)
{
    const char *words[WORDS_MAX + 1];
    const struct command *command = command_find(all_commands(), given[0]);
    struct arena *job = arena_new(d->c->arena, SIZE_MAX / 4);
    struct call c;
    bool help = false, ok;
    int n = 0;

    if (!job)
        return nomem(err);
    ok = words_make(d, given, words, err);
    while (ok && words[n])
        n++;
    if (ok && shown)
        show_words(d->c->out, words);
    /* words are only read */
    ok = ok && call_parse(command, job, n - 1, (char **)words + 1, &c, &help, err);
    if (ok) {
        c.out = d->c->out;
        ok = command->run(&c, err);
    }
    arena_free(job);
    return ok || err_in(err, "cordon %s", given[0]);
}
#define RUN(d, shown, err, ...) run(d, shown, (const char *const[]){__VA_ARGS__, NULL}, err)

/* ---- a theft ---- */

static const char *const policies[] = {"fifo", "lifo", "haircut", "tiho", "poison"};

static const struct json *theft_at(const struct demo *d, size_t i)
{
    const struct json *t = json_get(d->truth, "thefts");

    for (t = t ? t->child : NULL; t && i; i--)
        t = t->next;
    return t;
}

static bool agrees(const struct json *theft, const char *policy)
{
    const struct json *p = json_get(theft, "agree");

    for (p = p ? p->child : NULL; p; p = p->next)
        if (json_is_string(p, policy))
            return true;
    return false;
}

static uint64_t mixed(const struct json *theft)
{
    const struct json *end = json_get(theft, "ends");
    uint64_t sum = 0;

    for (end = end ? end->child : NULL; end; end = end->next)
        if (json_get(end, "into") && json_get(end, "into")->type == JSON_STRING)
            sum += demo_units(json_get(end, "value"));
    return sum;
}

static void verdict(struct demo *d, const struct json *theft, unsigned wrong, struct text *lines)
{
    struct text t = text_new(STORY_BYTES_MAX);

    if (wrong) {
        text_str(&t, "Trace and truth differ:");
    } else if (mixed(theft)) {
        text_str(&t, "Trace and truth agree up to the CoinJoins, into which ");
        demo_coins(&t, mixed(theft));
        text_str(&t, " went. Beyond them the money is mixed with that of others: what follows is "
                     "the share that the policy gives, and each policy gives another.");
    } else {
        text_str(&t, "Trace and truth agree, to the satoshi, under all five policies.");
    }
    say(d, &t);
    text_free(&t);
    if (wrong)
        text_put(d->c->out, lines->p, lines->n);
    d->differences += wrong != 0;
}

static bool theft_told(struct demo *d, const struct json *theft, const char *id, struct err *err)
{
    const struct json *trace, *title = json_get(json_get(theft, "case"), "title");
    struct text t = text_new(STORY_BYTES_MAX), lines = text_new(STORY_BYTES_MAX);
    char name[64], out[80];
    unsigned wrong = 0;
    bool ok;

    snprintf(name, sizeof(name), "traces/%s.json", id);
    ok = read_json(d, name, &trace, err);
    if (ok) {
        uint64_t height = demo_units(json_get(theft, "height"));

        text_printf(&t, "%s, %s. In block %llu ", id, title ? title->text : "",
                    (unsigned long long)height);
        demo_coins(&t, demo_units(json_get(theft, "value")));
        text_str(&t, " BTC were taken. ");
        demo_tell(&t, trace);
        text_char(d->c->out, '\n');
        say(d, &t);
        wrong = demo_differ(&lines, trace, theft);
    }
    for (size_t i = 0; ok && i < sizeof(policies) / sizeof(policies[0]); i++) {
        char case_path[80];

        if (!agrees(theft, policies[i]))
            continue;
        snprintf(case_path, sizeof(case_path), "@world/cases/%s.json", id);
        snprintf(out, sizeof(out), "traces/%s.%s.json", id, policies[i]);
        snprintf(name, sizeof(name), "@%.60s", out);
        ok = RUN(d, false, err, "trace", case_path, "--ledger", "@ledger", "--policy", policies[i],
                 "--format", "json", "--out", name) &&
             read_json(d, out, &trace, err);
        if (ok)
            wrong += demo_differ(&lines, trace, theft);
    }
    if (ok)
        verdict(d, theft, wrong, &lines);
    text_free(&t);
    text_free(&lines);
    return ok;
}

static bool one_theft(struct demo *d, size_t i, struct err *err)
{
    static const char *const forms[][2] = {
        {"json", "json"}, {"text", "txt"}, {"csv", "csv"}, {"html", "html"}};
    char id[32], case_path[80], out[80];

    snprintf(id, sizeof(id), "THEFT-%zu", i + 1);
    snprintf(case_path, sizeof(case_path), "@world/cases/%s.json", id);
    for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
        snprintf(out, sizeof(out), "@traces/%s.%s", id, forms[k][1]);
        if (!RUN(d, !i && !k, err, "trace", case_path, "--ledger", "@ledger", "--format",
                 forms[k][0], "--out", out))
            return false;
    }
    return theft_told(d, theft_at(d, i), id, err);
}

static bool thefts(struct demo *d, struct err *err)
{
    struct text t = text_new(STORY_BYTES_MAX);
    size_t n = 0;

    while (n < THEFTS_MAX && theft_at(d, n))
        n++;
    text_printf(&t,
                "%zu thefts were reported. Each report is a case file: the stolen outputs, and at "
                "which addresses to stop (exchanges and mixers). Each trace is written as text for "
                "people, JSON for machines, CSV, and a page with a picture.",
                n);
    text_char(d->c->out, '\n');
    say(d, &t);
    text_free(&t);
    for (size_t i = 0; i < n; i++)
        if (!one_theft(d, i, err))
            return false;
    return true;
}

/* ---- the theft that crosses chains ---- */

/* The rest of a text from a line on that begins so. */
static bool show_from(struct demo *d, const char *name, const char *const *starts, struct err *err)
{
    const char *path = path_of(d, name), *at, *end;
    struct bytes in;
    bool shown = false;

    if (!path)
        return nomem(err);
    if (!file_read(d->c->arena, path, DEMO_BYTES_MAX, &in, err))
        return false;
    at = (const char *)in.p;
    for (end = at + in.n; at < end;) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t n = line ? (size_t)(line - at) + 1 : (size_t)(end - at);

        for (size_t i = 0; starts[i]; i++)
            shown |= n >= strlen(starts[i]) && !strncmp(at, starts[i], strlen(starts[i]));
        if (shown)
            text_put(d->c->out, at, n);
        at += n;
    }
    return true;
}

static const struct json *part_of(const struct json *trace, const char *chain)
{
    const struct json *p = json_get(trace, "parts");

    for (p = p ? p->child : NULL; p; p = p->next)
        if (json_is_string(json_get(p, "chain"), chain))
            return p;
    return NULL;
}

static bool swap_compare(struct demo *d, struct err *err)
{
    const struct json *swap = json_get(d->truth, "swap"), *on = json_get(swap, "goes_on_as"),
                      *theft, *trace;
    struct text lines = text_new(STORY_BYTES_MAX);
    uint64_t number = 1;
    unsigned wrong = 0;
    bool ok = true;

    if (on && on->text_n > 6)
        (void)u64_from_text(on->text + 6, on->text_n - 6, &number); /* behind THEFT- */
    theft = theft_at(d, number - 1);
    for (size_t i = 0; ok && i < sizeof(policies) / sizeof(policies[0]); i++) {
        char out[80], name[80];

        snprintf(out, sizeof(out), "traces/SWAP-1.%s.json", policies[i]);
        snprintf(name, sizeof(name), "@%.70s", out);
        ok = RUN(d, false, err, "trace", "@world/cases/SWAP-1.json", "--ledger", "@accounts",
                 "--ledger", "@ledger", "--policy", policies[i], "--format", "json", "--out",
                 name) &&
             read_json(d, out, &trace, err);
        if (!ok)
            break;
        if (strcmp(policies[i], "poison") != 0)
            wrong += demo_differ_swap(&lines, part_of(trace, "evm:sim"), swap);
        wrong += demo_differ(&lines, part_of(trace, "bitcoin:sim"), theft);
    }
    if (ok && wrong) {
        say_words(d, "Trace and truth differ:");
        text_put(d->c->out, lines.p, lines.n);
        d->differences++;
    } else if (ok) {
        say_words(d, "Trace and truth agree on both chains, to the wei and to the satoshi, "
                     "whatever the policy.");
    }
    text_free(&lines);
    return ok;
}

static bool crossing(struct demo *d, struct err *err)
{
    static const char *const from[] = {"Went on by routes", NULL};
    static const char *const forms[] = {"json", "csv", "html"};

    say_words(d, "One theft began on another chain, which has accounts instead of coins. Its "
                 "tables are those of ethereum-etl:");
    if (!RUN(d, true, err, "ingest", "evm:sim", "--from", "@world/accounts/blocks.csv",
             "@world/accounts/transactions.csv", "@world/accounts/logs.csv",
             "@world/accounts/traces.csv", "--ledger", "@accounts"))
        return false;
    say_words(d,
              "What was stolen there went through four accounts; a part was swapped by a router, "
              "whose vault paid it out in bitcoin. The memo of that payment names the "
              "transaction that it is for, so the trace goes on by itself:");
    if (!RUN(d, true, err, "trace", "@world/cases/SWAP-1.json", "--ledger", "@accounts", "--ledger",
             "@ledger", "--out", "@traces/SWAP-1.txt") ||
        !show_from(d, "traces/SWAP-1.txt", from, err))
        return false;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char out[64];

        snprintf(out, sizeof(out), "@traces/SWAP-1.%s", forms[i]);
        if (!RUN(d, false, err, "trace", "@world/cases/SWAP-1.json", "--ledger", "@accounts",
                 "--ledger", "@ledger", "--format", forms[i], "--out", out))
            return false;
    }
    return swap_compare(d, err) && RUN(d, true, err, "verify", "@traces/SWAP-1.json", "--ledger",
                                       "@accounts", "--ledger", "@ledger");
}

/* ---- the whole ---- */

static bool meetings(struct demo *d, struct err *err)
{
    static const char *const from[] = {"Where the cases meet", "The cases do not meet", NULL};
    const char *words[TOGETHER_MAX + 6] = {"trace"};
    char cases[TOGETHER_MAX][64];
    size_t n = 1;

    for (size_t i = 0; i < TOGETHER_MAX && theft_at(d, i); i++) {
        snprintf(cases[i], sizeof(cases[i]), "@world/cases/THEFT-%zu.json", i + 1);
        words[n++] = cases[i];
    }
    if (n < 3)
        return true;
    words[n++] = "--ledger";
    words[n++] = "@ledger";
    words[n++] = "--out";
    words[n++] = "@traces/together.txt";
    say_words(d, "Thieves may use the same hands. Cases that are followed together are asked where "
                 "their money meets:");
    return run(d, true, words, err) && show_from(d, "traces/together.txt", from, err);
}

static void what_is_here(struct text *to, const char *dir)
{
    text_printf(to,
                "    %s/world/blocks      block files, as a node has them\n"
                "    %s/world/truth.json  what truly happened (docs/sim.md)\n"
                "    %s/world/cases       the reports, one file a theft\n"
                "    %s/ledger            the ledger of coins, and %s/accounts that of accounts\n"
                "    %s/traces            the traces: .txt, .json, .csv, and .html to open in a "
                "browser\n",
                dir, dir, dir, dir, dir, dir);
    text_printf(to,
                "\nGo on by hand:\n"
                "    cordon trace %s/world/cases/THEFT-1.json --ledger %s/ledger --policy haircut\n"
                "    cordon info --ledger %s/ledger\n",
                dir, dir, dir);
    text_str(to, "\nThe same on your own node, whole or pruned:\n"
                 "    cordon ingest bitcoin --from ~/.bitcoin/blocks\n"
                 "    cordon trace TXID:VOUT --format html --out trace.html\n");
}

/* Also what tells a folder that a demo has made. */
static bool readme_write(struct demo *d, struct err *err)
{
    struct out_file out;

    if (!out_open(d->c, path_of(d, readme), &out, err))
        return false;
    text_printf(out.to, "%s, which makes it anew when it is run again.\n\n", made_by);
    what_is_here(out.to, d->dir);
    return out_close(&out, true, err);
}

static bool tell(struct demo *d, const char *seed, struct err *err)
{
    const char *traces = path_of(d, "traces");

    if (!traces)
        return nomem(err);
    if (mkdir(traces, 0777))
        return err_system(err, "\"%s\"", traces);
    text_str(d->c->out,
             "First, a world: wallets, exchanges and miners, and thieves among them. Its "
             "blocks are\nfiles like those of a Bitcoin Core node.\n");
    if (!RUN(d, true, err, "sim", "--seed", seed, "--blocks", BLOCKS, "--accounts", "--out",
             "@world") ||
        !read_json(d, "world/truth.json", &d->truth, err))
        return false;
    say_words(d, "The blocks become a ledger. It can be asked on its own from now on; the block "
                 "files are not needed again.");
    if (!RUN(d, true, err, "ingest", "bitcoin:sim", "--from", "@world/blocks", "--ledger",
             "@ledger") ||
        !thefts(d, err) || !meetings(d, err) || !crossing(d, err))
        return false;
    say_words(d, "Anybody with the same blocks can check such a document:");
    if (!RUN(d, true, err, "verify", "@traces/THEFT-1.json", "--ledger", "@ledger"))
        return false;
    text_str(d->c->out, "\nWhat is here now:\n");
    what_is_here(d->c->out, d->dir);
    if (!call_option(d->c, "quick"))
        text_str(
            d->c->out,
            "\nThat was the quick demo, in one process. The real thing, five nodes of a group on "
            "real nodes of\nchains, who hold what was stolen before it leaves, is in the source "
            "tree:\n    make demo\n");
    return true;
}

static bool cmd_demo_run(struct call *c, struct err *err)
{
    const char *out = call_option(c, "out");
    struct demo d = {.c = c, .dir = out ? out : "demo"};
    uint64_t seed;
    char digits[32];

    if (!call_number(c, "seed", UINT64_MAX, SEED, &seed, err))
        return false;
    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)seed);
    if (!folder_make(&d, err) || !readme_write(&d, err) || !tell(&d, digits, err))
        return false;
    return !d.differences ||
           err_fail(err, ERR_DIFFERS,
                    "%u traces differ from the truth: that is a mistake in cordon", d.differences);
}

static const struct option options[] = {
    {"out", "DIR", "where all of it is left, new, or made by a demo before (default: demo)", false},
    {"seed", "N", "which world: the same number gives the same (default: 7)", false},
    {"quick", NULL, "say nothing of the other demo, whose nodes are real", false},
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon demo --quick",
     "a simulated world, its thefts, and where the money went, in plain words"},
    {"cordon demo --seed 8 --out other", "another world"},
    {NULL, NULL},
};

const struct command cmd_demo = {
    .name = "demo",
    .options = options,
    .run = cmd_demo_run,
    .summary = "make a small world with thefts in it, and follow them, in plain words",
    .about =
        "Simulates a chain of coins and one of accounts, ingests both, traces each theft in "
        "them, among them\n"
        "one that runs from the account chain through a swap to bitcoin, and compares each "
        "trace with what\n"
        "truly happened. Each command is shown as it could be typed. Blocks, case files, "
        "ledgers and traces\n"
        "stay in DIR to go on with by hand; run again, it makes them anew. Exit 1: a trace "
        "differs from the\n"
        "truth.\n"
        "\n"
        "It needs neither nodes nor network. A group of five nodes that meets a theft, live, on "
        "real chains\n"
        "is \"make demo\" in the source tree (tools/demo-live).",
    .examples = examples,
};
