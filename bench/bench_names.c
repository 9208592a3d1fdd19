/* How well, and how fast, names are found: the figures of docs/names.md.
 *
 *     bench-names FOLDER [CJK.tsv]
 *
 * FOLDER holds names/, ofac/ and un/ (tests/support.h says where they lie). CJK.tsv is what
 * tests/entity/romanise_names.py makes. Prints a JSON line a figure. Pairs of names/name-pairs.csv
 * are parted in halves by a hash, so that what is changed after a look at one half is judged by
 * the other. */
#include "bench.h"

#include "base/csv.h"
#include "entity/list_read.h"
#include "entity/name_index.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

enum {
    FIELDS_MAX = 16,
    ENTRIES_MAX = 100000,
    ROWS_MAX = 60000,
    WORKING = NAME_THRESHOLD,
    FIVE = 5
};

static const char *folder;

static void *room(size_t n)
{
    void *p = calloc(1, n);

    if (!p)
        fail("no memory");
    return p;
}

static struct bytes read_file(const char *name)
{
    char path[1024];
    size_t n, size, got;
    uint8_t *p, *plain;
    FILE *f;
    unsigned long long whole;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "rb");
    if (!f)
        fail(path);
    fseek(f, 0, SEEK_END);
    size = (size_t)ftell(f);
    rewind(f);
    p = room(size + 1);
    n = fread(p, 1, size, f);
    fclose(f);
    if (n < 5 || strcmp(name + strlen(name) - 4, ".zst") != 0)
        return (struct bytes){p, n};
    whole = ZSTD_getFrameContentSize(p, n);
    if (whole > (1 << 30)) /* not written down */
        whole = 64 << 20;
    plain = room(whole + 1);
    got = ZSTD_decompress(plain, whole, p, n);
    if (ZSTD_isError(got))
        fail(path);
    free(p);
    return (struct bytes){plain, got};
}

/* Lists */

static struct name_entry entries[ENTRIES_MAX];
static size_t entries_n;
static const struct list_entry *subjects[ENTRIES_MAX]; /* of each entry */
static uint32_t subjects_n;

static size_t read_rows(const char *name, struct csv_field (*ret)[FIELDS_MAX])
{
    struct csv c = csv_over(read_file(name), ',');
    struct err err;
    size_t rows = 0, n;
    bool end;

    while (rows < ROWS_MAX) {
        memset(ret[rows], 0, sizeof(ret[rows]));
        if (!csv_next(&c, ret[rows], FIELDS_MAX, &n, &end, &err))
            fail(err.text);
        if (end)
            break;
        rows += n > 1;
    }
    return rows;
}

static char *text_of(const struct csv_field *f)
{
    char *p = room(f->n + 1);

    csv_text(f, p);
    return p;
}

/* Names and aliases; those without a letter or digit are none. */
static void add_entry(const struct list_entry *e, const struct list_name *name)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    struct name_score s;
    struct err err;

    if (a && entries_n < ENTRIES_MAX &&
        name_compare(a, list_name_kind(e->kind), name->text, "x", NAME_MODE_CORDON, &s, &err)) {
        subjects[entries_n] = e;
        entries[entries_n++] = (struct name_entry){.name = name->text,
                                                   .subject = subjects_n,
                                                   .kind = list_name_kind(e->kind),
                                                   .weak = name->quality == LIST_WEAK};
    }
    arena_free(a);
}

static void read_list(struct arena *a, const char *const *names, size_t n)
{
    struct list_input files[LIST_FILES_MAX];
    struct list list;
    struct err err;

    for (size_t i = 0; i < n; i++)
        files[i] = (struct list_input){names[i], read_file(names[i])};
    if (!list_read(a, files, n, NULL, NULL, &list, &err))
        fail(err.text);
    for (size_t i = 0; i < list.entries_n; i++) {
        const struct list_entry *e = &list.entries[i];

        subjects_n++;
        add_entry(e, &e->name);
        for (size_t k = 0; k < e->aliases_n; k++)
            add_entry(e, &e->aliases[k]);
    }
}

/* Pairs */

struct pair {
    const char *script;
    unsigned ours, theirs; /* per mille */
    bool match, tuned, scored;
};

static uint64_t fnv1a(const char *s)
{
    uint64_t h = 0xcbf29ce484222325ULL;

    for (; *s; s++)
        h = (h ^ (uint8_t)*s) * 0x100000001b3ULL;
    return h;
}

static const char *script_of(const char *s)
{
    for (const uint8_t *p = (const uint8_t *)s; *p; p++) {
        if (*p == 0xd8 || *p == 0xd9 || *p == 0xda || *p == 0xdb)
            return "Arabic";
        if (*p == 0xd0 || *p == 0xd1)
            return "Cyrillic";
        if (*p == 0xe1)
            return "Ethiopic";
        if (*p == 0xe0)
            return p[1] >= 0xb8 && p[1] < 0xbc ? "Thai" : "Indic";
        if (*p >= 0xe4 && *p <= 0xe9)
            return "Han";
        if (*p >= 0xea && *p <= 0xed)
            return "Hangul";
    }
    return "Latin";
}

static void curve(const struct pair *pairs, size_t n, const char *script, int half, bool all_rows)
{
    double best[2] = {0, 0};
    unsigned at[2] = {0, 0};
    size_t rows = 0, positive = 0;
    const char *which = half < 0 ? "both" : half ? "tuned on" : "held out";

    for (unsigned t = 0; t <= 1000; t += 5)
        for (int k = 0; k < 2; k++) {
            size_t tp = 0, fp = 0, fn = 0;
            double f1;

            rows = positive = 0;
            for (size_t i = 0; i < n; i++) {
                const struct pair *p = &pairs[i];
                bool hit = (k ? p->theirs : p->ours) >= t;

                if ((half >= 0 && p->tuned != (half == 1)) || (script && p->script != script) ||
                    (!all_rows && !p->scored))
                    continue;
                rows++;
                positive += p->match;
                tp += hit && p->match;
                fp += hit && !p->match;
                fn += !hit && p->match;
            }
            f1 = tp ? 2.0 * (double)tp / (double)(2 * tp + fp + fn) : 0;
            if (f1 > best[k]) {
                best[k] = f1;
                at[k] = t;
            }
            if (!k && !script && half < 0 && all_rows && t >= 600 && t % 50 == 0)
                printf("{\"figure\":\"pairs\",\"threshold\":%u,\"precision\":%.3f,\"recall\":%.3f,"
                       "\"f1\":%.3f}\n",
                       t, tp ? (double)tp / (double)(tp + fp) : 0.0,
                       positive ? (double)tp / (double)positive : 0.0, f1);
        }
    if (rows)
        printf("{\"figure\":\"pairs, best f1\",\"half\":\"%s\",\"script\":\"%s\",\"rows\":%zu,"
               "\"matches\":%zu,\"f1\":%.3f,\"threshold\":%u,\"baseline_f1\":%.3f,"
               "\"baseline_threshold\":%u}\n",
               which,
               script     ? script
               : all_rows ? "all, also unscored"
                          : "all",
               rows, positive, best[0], at[0], best[1], at[1]);
}

static void pairs(struct csv_field (*rows)[FIELDS_MAX])
{
    static const char *const scripts[] = {"Latin",  "Arabic", "Cyrillic", "Han",
                                          "Hangul", "Indic",  "Thai",     "Ethiopic"};
    size_t n = read_rows("names/name-pairs.csv", rows);
    struct pair *all = room((n + 1) * sizeof(*all));

    for (size_t i = 1; i < n; i++) {
        struct arena *a = arena_new(NULL, 1 << 20);
        struct pair *p = &all[i - 1];
        char *schema = text_of(&rows[i][1]), *one = text_of(&rows[i][2]),
             *two = text_of(&rows[i][3]), *score = text_of(&rows[i][8]), both[4096];
        struct name_score s;
        struct err err;
        const char *script = script_of(one);

        if (!strcmp(script, "Latin"))
            script = script_of(two);
        if (!a || !name_compare(a,
                                !strcmp(schema, "Person")   ? NAME_PERSON
                                : !strcmp(schema, "Vessel") ? NAME_VESSEL
                                                            : NAME_ORGANISATION,
                                one, two, NAME_MODE_CORDON, &s, &err))
            fail(err.text);
        snprintf(both, sizeof(both), "%s|%s", one, two);
        p->script = script;
        for (size_t k = 0; k < sizeof(scripts) / sizeof(scripts[0]); k++)
            if (!strcmp(script, scripts[k]))
                p->script = scripts[k];
        p->ours = s.per_mille;
        p->scored = score[0] != 0;
        p->theirs = (unsigned)(atof(score) * 1000 + 0.5);
        p->match = rows[i][4].n == 4;
        p->tuned = !(fnv1a(both) >> 32 & 1);
        free(schema);
        free(one);
        free(two);
        free(score);
        arena_free(a);
    }
    curve(all, n - 1, NULL, -1, true);
    for (int half = -1; half < 2; half++)
        curve(all, n - 1, NULL, half, false);
    for (size_t k = 0; k < sizeof(scripts) / sizeof(scripts[0]); k++)
        curve(all, n - 1, scripts[k], -1, false);
    free(all);
}

static void ofac_scores(struct csv_field (*rows)[FIELDS_MAX])
{
    size_t n = read_rows("names/ofac-search-scores.csv", rows), scored = 0, within = 0;
    unsigned long apart = 0;

    for (size_t i = 1; i < n; i++) {
        struct arena *a = arena_new(NULL, 1 << 20);
        char *query = text_of(&rows[i][0]), *listed = text_of(&rows[i][1]),
             *score = text_of(&rows[i][2]);
        int theirs = atoi(score), ours;
        struct name_score s;
        struct err err;

        if (!a || !name_compare(a, NAME_UNKNOWN, query, listed, NAME_MODE_OFAC, &s, &err))
            fail(err.text);
        ours = (int)(s.per_mille + 5) / 10;
        if (theirs >= 0) { /* the others were not returned */
            scored++;
            within += abs(ours - theirs) <= 5;
            apart += (unsigned long)abs(ours - theirs);
        }
        free(query);
        free(listed);
        free(score);
        arena_free(a);
    }
    printf("{\"figure\":\"ofac mode\",\"pairs\":%zu,\"within_5\":%zu,\"share\":%.4f,"
           "\"mean_apart\":%.2f}\n",
           scored, within, (double)within / (double)scored, (double)apart / (double)scored);
}

/* Names made by rules: tests/entity/romanise_names.py */

enum { LANGUAGES = 5, LATIN_LANGUAGES = 3 }; /* the first have several rules of Latin letters */
static const char *const languages[LANGUAGES] = {"ko", "zh", "ja", "he", "th"};

static void made_names(const char *path)
{
    static const unsigned thresholds[] = {600, 700, 800, 870, 900};
    static size_t tp[LANGUAGES][5], fp[LANGUAGES][5], fn[LANGUAGES][5], rows[LANGUAGES];
    static char line[1024];
    FILE *f = fopen(path, "r");

    if (!f)
        fail(path);
    while (fgets(line, sizeof(line), f)) {
        struct arena *a = arena_new(NULL, 1 << 20);
        char *at = line, *part[5];
        struct name_score s;
        struct err err;
        int l = 0;

        line[strcspn(line, "\n")] = 0;
        for (int i = 0; i < 5; i++) {
            part[i] = strsep(&at, "\t");
            if (!part[i])
                fail("a line of made names has not five parts");
        }
        while (l < LANGUAGES - 1 && strcmp(languages[l], part[0]) != 0)
            l++;
        if (!a || !name_compare(a, NAME_PERSON, part[2], part[3], NAME_MODE_CORDON, &s, &err))
            fail(err.text);
        rows[l]++;
        for (int k = 0; k < 5; k++) {
            bool hit = s.per_mille >= thresholds[k], match = part[4][0] == '1';

            tp[l][k] += hit && match;
            fp[l][k] += hit && !match;
            fn[l][k] += !hit && match;
            if (hit != match && thresholds[k] == WORKING && getenv("BENCH_NAMES_TELL"))
                fprintf(stderr, "made: %s %s = %s %u, wanted %s\n", part[1], part[2], part[3],
                        s.per_mille, part[4]);
        }
        arena_free(a);
    }
    fclose(f);
    for (int l = 0; l < LANGUAGES; l++)
        for (int k = 0; k < 5; k++)
            printf("{\"figure\":\"made names\",\"language\":\"%s\",\"rows\":%zu,"
                   "\"threshold\":%u,\"precision\":%.3f,\"recall\":%.3f,\"f1\":%.3f}\n",
                   languages[l], rows[l], thresholds[k],
                   (double)tp[l][k] / (double)(tp[l][k] + fp[l][k] + !tp[l][k]),
                   (double)tp[l][k] / (double)(tp[l][k] + fn[l][k] + !tp[l][k]),
                   2.0 * (double)tp[l][k] /
                       (double)(2 * tp[l][k] + fp[l][k] + fn[l][k] + !tp[l][k]));
}

struct made {
    int language;
    const char *own, *latin;
    bool match;
};
static struct made made[ROWS_MAX];

static int by_made(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    int order = x->language - y->language;

    order = order ? order : strcmp(x->own, y->own);
    order = order ? order : (int)y->match - (int)x->match;
    return order ? order : strcmp(x->latin, y->latin);
}

/* Those in Latin letters, no spelling of a name twice. */
static size_t read_made(const char *path)
{
    static char line[1024];
    size_t n = 0, kept = 0;
    FILE *f = fopen(path, "r");

    if (!f)
        fail(path);
    while (n < ROWS_MAX && fgets(line, sizeof(line), f)) {
        struct made *m = &made[n];
        char *at = strdup(line), *part[5];

        for (int i = 0; i < 5; i++) {
            part[i] = strsep(&at, "\t");
            if (!part[i])
                fail("a line of made names has not five parts");
        }
        *m = (struct made){.own = part[2], .latin = part[3], .match = part[4][0] == '1'};
        while (m->language < LATIN_LANGUAGES && strcmp(languages[m->language], part[0]) != 0)
            m->language++;
        n += m->language < LATIN_LANGUAGES && !strcmp(script_of(m->latin), "Latin");
    }
    fclose(f);
    qsort(made, n, sizeof(made[0]), by_made);
    for (size_t i = 0; i < n; i++)
        if (!kept || by_made(&made[kept - 1], &made[i]) != 0)
            made[kept++] = made[i];
    return kept;
}

/* Letters and digits alone, in lower case; those of other alphabets are kept as they are. */
static void letters_only(const char *name, char *ret, size_t size)
{
    size_t n = 0;

    for (; *name && n + 1 < size; name++)
        if (isalnum((unsigned char)*name) || (uint8_t)*name >= 0x80)
            ret[n++] = (char)tolower((unsigned char)*name);
    ret[n] = 0;
}

static bool same_letters(const char *one, const char *two)
{
    char a[1024], b[1024];

    letters_only(one, a, sizeof(a));
    letters_only(two, b, sizeof(b));
    return !strcmp(a, b);
}

/* Two spellings in Latin letters, of one name or of two. */
static void made_latin(const char *path)
{
    static const unsigned thresholds[] = {700, 800, 870, 900};
    size_t tp[LATIN_LANGUAGES][4] = {{0}}, fp[LATIN_LANGUAGES][4] = {{0}};
    size_t same[LATIN_LANGUAGES] = {0}, other[LATIN_LANGUAGES] = {0}, n = read_made(path);

    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n && !strcmp(made[i].own, made[k].own); k++) {
            struct arena *a = arena_new(NULL, 1 << 20);
            int l = made[i].language;
            struct name_score s;
            struct err err;

            if (!made[i].match || same_letters(made[i].latin, made[k].latin)) {
                arena_free(a);
                continue;
            }
            if (!a || !name_compare(a, NAME_PERSON, made[i].latin, made[k].latin, NAME_MODE_CORDON,
                                    &s, &err))
                fail(err.text);
            *(made[k].match ? &same[l] : &other[l]) += 1;
            for (int t = 0; t < 4; t++)
                *(made[k].match ? &tp[l][t] : &fp[l][t]) += s.per_mille >= thresholds[t];
            if ((s.per_mille >= WORKING) != made[k].match && getenv("BENCH_NAMES_TELL"))
                fprintf(stderr, "latin: %s = %s %u, wanted %d\n", made[i].latin, made[k].latin,
                        s.per_mille, made[k].match);
            arena_free(a);
        }
    for (int l = 0; l < LATIN_LANGUAGES; l++)
        for (int t = 0; t < 4; t++)
            printf("{\"figure\":\"made names, both in Latin\",\"language\":\"%s\",\"same\":%zu,"
                   "\"other\":%zu,\"threshold\":%u,\"found\":%.3f,\"false\":%.3f}\n",
                   languages[l], same[l], other[l], thresholds[t],
                   (double)tp[l][t] / (double)(same[l] + !same[l]),
                   (double)fp[l][t] / (double)(other[l] + !other[l]));
}

/* Searches */

static struct name_hit hits[NAME_HITS_MAX];

static size_t search(const struct name_index *x, const char *name, enum name_kind kind,
                     uint32_t threshold, uint32_t limit)
{
    struct arena *a = arena_new(NULL, 4 << 20);
    struct name_query q = {.name = name, .kind = kind, .threshold = threshold, .limit = limit};
    struct name_hit *found;
    struct err err;
    size_t n;

    if (!a || !name_index_search(x, a, &q, &found, &n, &err))
        fail(err.text);
    memcpy(hits, found, n * sizeof(hits[0]));
    arena_free(a);
    return n;
}

static void positives(const struct name_index *x, struct csv_field (*rows)[FIELDS_MAX])
{
    size_t n = read_rows("names/un-positives.csv", rows), first = 0, five = 0, altered_first = 0,
           altered = 0, at_working = 0;

    for (size_t i = 1; i < n; i++) {
        char *name = text_of(&rows[i][0]), *want = text_of(&rows[i][6]);
        size_t got = search(x, name, NAME_PERSON, 500, 40), places = 0;
        bool is_altered = rows[i][2].n == 4, found = false;

        altered += is_altered;
        for (size_t k = 0; k < got && !found && places < FIVE; k++) {
            bool again = false;

            for (size_t j = 0; j < k; j++)
                again |= hits[j].subject == hits[k].subject;
            if (again)
                continue;
            found = strstr(want, subjects[hits[k].entry]->reference) != NULL &&
                    subjects[hits[k].entry]->reference[0];
            if (found) {
                five++;
                /* as good as the best: equal scores are in no order of merit */
                if (!places || hits[k].score.per_mille == hits[0].score.per_mille) {
                    first++;
                    altered_first += is_altered;
                }
                at_working += hits[k].score.per_mille >= WORKING;
            }
            places++;
        }
        if (!found && getenv("BENCH_NAMES_TELL"))
            fprintf(stderr, "missed: %s (%s); best %s\n", name, want,
                    got ? entries[hits[0].entry].name : "-");
        free(name);
        free(want);
    }
    printf("{\"figure\":\"un positives\",\"queries\":%zu,\"first\":%.4f,\"first_five\":%.4f,"
           "\"altered\":%zu,\"altered_first\":%.4f,\"at_working_threshold\":%.4f}\n",
           n - 1, (double)first / (double)(n - 1), (double)five / (double)(n - 1), altered,
           altered ? (double)altered_first / (double)altered : 0,
           (double)at_working / (double)(n - 1));
}

/* Made names, which no list has but by chance, asked of all lists. */
static void made_asked(const struct name_index *x, const char *path)
{
    size_t n = read_made(path), asked[LATIN_LANGUAGES] = {0}, hit[LATIN_LANGUAGES] = {0},
           all[LATIN_LANGUAGES] = {0};

    for (size_t i = 0; i < n; i++) {
        size_t got = search(x, made[i].latin, NAME_PERSON, WORKING, NAME_HITS_MAX);

        asked[made[i].language]++;
        hit[made[i].language] += got > 0;
        all[made[i].language] += got;
        if (got && getenv("BENCH_NAMES_TELL"))
            fprintf(stderr, "made asked: %s = %s %u\n", made[i].latin, entries[hits[0].entry].name,
                    hits[0].score.per_mille);
    }
    for (int l = 0; l < LATIN_LANGUAGES; l++)
        printf("{\"figure\":\"made names asked\",\"language\":\"%s\",\"queries\":%zu,"
               "\"with_hits\":%zu,\"hits\":%zu}\n",
               languages[l], asked[l], hit[l], all[l]);
}

/* Aliases: of each listed person of Korea, China and Japan every spelling in Latin letters is asked
 * for as if the list did not have it. */

static bool east_asian(const struct list_entry *e)
{
    static const char *const places[] = {"Korea",     "DPRK",   "China", "CHINA",
                                         "Hong Kong", "Taiwan", "Japan", "Macau"};
    bool found = false;

    for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
        for (size_t i = 0; i < e->nationalities_n; i++)
            found |= strstr(e->nationalities[i], places[k]) != NULL;
        for (size_t i = 0; i < e->places_n; i++)
            found |= strstr(e->places[i], places[k]) != NULL;
        for (size_t i = 0; i < e->programmes_n; i++)
            found |= strstr(e->programmes[i], places[k]) != NULL;
    }
    return found && e->kind == LIST_PERSON;
}

struct alias_figures {
    size_t queries, persons, first, five, at_working, others_at_working;
};

static void alias_asked(const struct name_index *x, size_t asked, struct alias_figures *f)
{
    const struct name_entry *e = &entries[asked];
    size_t got = search(x, e->name, NAME_PERSON, 500, NAME_HITS_MAX), places = 0;
    unsigned best = 0, own = 0;
    char same[1024], listed[1024];

    letters_only(e->name, same, sizeof(same));
    for (size_t k = 0; k < got; k++) {
        bool again = false;

        letters_only(entries[hits[k].entry].name, listed, sizeof(listed));
        if (!strcmp(same, listed))
            continue;
        for (size_t j = 0; j < k && !again; j++) {
            letters_only(entries[hits[j].entry].name, listed, sizeof(listed));
            again = hits[j].subject == hits[k].subject && strcmp(same, listed) != 0;
        }
        if (again)
            continue;
        if (hits[k].subject == e->subject) {
            own = hits[k].score.per_mille;
            continue;
        }
        f->others_at_working += hits[k].score.per_mille >= WORKING;
        best = best ? best : hits[k].score.per_mille;
        places += !own || hits[k].score.per_mille > own; /* in order, so: before ours */
    }
    f->queries++;
    f->first += own && own >= best;
    f->five += own && places < FIVE;
    f->at_working += own >= WORKING;
    if (own < WORKING && getenv("BENCH_NAMES_TELL"))
        fprintf(stderr, "alias: %s of %s %u, best other %u\n", e->name, subjects[asked]->name.text,
                own, best);
}

static void aliases(const struct name_index *x, const char *list)
{
    struct alias_figures f = {0};
    uint32_t last = UINT32_MAX;

    for (size_t i = 0; i < entries_n; i++) {
        const struct list_entry *e = subjects[i];
        char one[1024], other[1024];
        bool several = false;

        if (!east_asian(e) || strcmp(script_of(entries[i].name), "Latin") != 0)
            continue;
        letters_only(entries[i].name, one, sizeof(one));
        for (size_t k = 0; k < entries_n; k++)
            if (entries[k].subject == entries[i].subject) {
                letters_only(entries[k].name, other, sizeof(other));
                if (strcmp(one, other) != 0 && !strcmp(script_of(entries[k].name), "Latin"))
                    several = true;
                if (k < i && !strcmp(one, other)) { /* asked already */
                    several = false;
                    break;
                }
            }
        if (!several)
            continue;
        f.persons += entries[i].subject != last;
        last = entries[i].subject;
        alias_asked(x, i, &f);
    }
    printf("{\"figure\":\"aliases of East Asia\",\"list\":\"%s\",\"persons\":%zu,"
           "\"queries\":%zu,\"first\":%.4f,\"first_five\":%.4f,\"at_working_threshold\":%.4f,"
           "\"others_at_working_threshold\":%zu}\n",
           list, f.persons, f.queries, (double)f.first / (double)f.queries,
           (double)f.five / (double)f.queries, (double)f.at_working / (double)f.queries,
           f.others_at_working);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void negatives(const struct name_index *x, struct csv_field (*rows)[FIELDS_MAX])
{
    static const unsigned thresholds[] = {700, 750, 800, 850, 870, 900};
    static const char *const files[] = {"names/negatives_global.csv.zst",
                                        "names/negatives_us.csv.zst"};
    size_t false_hits[6] = {0}, queries = 0;
    double *took = room(2 * ROWS_MAX * sizeof(*took)), total = 0;

    for (int f = 0; f < 2; f++) {
        size_t n = read_rows(files[f], rows);

        for (size_t i = 1; i < n; i++) {
            char *name = text_of(&rows[i][0]);
            double start = cpu_of_thread();
            size_t got = search(x, name, NAME_PERSON, 700, 5);

            took[queries] = cpu_of_thread() - start;
            total += took[queries++];
            for (int k = 0; k < 6; k++)
                false_hits[k] += got && hits[0].score.per_mille >= thresholds[k];
            if (got && hits[0].score.per_mille >= WORKING && getenv("BENCH_NAMES_TELL"))
                fprintf(stderr, "false: %s = %s %u\n", name, entries[hits[0].entry].name,
                        hits[0].score.per_mille);
            free(name);
        }
    }
    for (int k = 0; k < 6; k++)
        printf("{\"figure\":\"negatives\",\"queries\":%zu,\"threshold\":%u,\"false\":%zu,"
               "\"one_in\":%.0f}\n",
               queries, thresholds[k], false_hits[k],
               false_hits[k] ? (double)queries / (double)false_hits[k] : 0.0);
    qsort(took, queries, sizeof(took[0]), by_value);
    printf("{\"figure\":\"searches\",\"names\":%zu,\"per_second\":%.0f,\"p50_us\":%.0f,"
           "\"p99_us\":%.0f,\"max_us\":%.0f}\n",
           entries_n, (double)queries / total, took[queries / 2] * 1e6,
           took[queries * 99 / 100] * 1e6, took[queries - 1] * 1e6);
    free(took);
}

static struct name_index *index_of(void)
{
    struct name_index *x;
    struct err err;

    if (!name_index_build(entries, entries_n, &x, &err))
        fail(err.text);
    return x;
}

int main(int argc, char **argv)
{
    static const char *const ofac[] = {"ofac/2023-12-29/sdn.csv.zst", "ofac/2023-12-29/alt.csv.zst",
                                       "ofac/2023-12-29/add.csv.zst",
                                       "ofac/2023-12-29/sdn_comments.csv"};
    static const char *const un = "un/un-consolidated-2025-04-19.xml.zst";
    struct csv_field(*rows)[FIELDS_MAX] = room(ROWS_MAX * sizeof(*rows));
    struct arena *lists = arena_new(NULL, LIST_MEMORY_MAX);
    struct name_index *x;
    double start;

    if (argc < 2 || !lists)
        fail("usage: bench-names FOLDER [CJK.tsv]");
    folder = argv[1];
    pairs(rows);
    ofac_scores(rows);
    if (argc > 2) {
        made_names(argv[2]);
        made_latin(argv[2]);
    }
    read_list(lists, &un, 1);
    x = index_of();
    aliases(x, "UN");
    name_index_free(x);
    entries_n = 0;
    read_list(lists, ofac, sizeof(ofac) / sizeof(ofac[0]));
    x = index_of();
    aliases(x, "OFAC");
    name_index_free(x);
    read_list(lists, &un, 1);
    start = cpu_of_thread();
    x = index_of();
    printf("{\"figure\":\"index\",\"names\":%zu,\"seconds\":%.3f,\"mb\":%.1f}\n", entries_n,
           cpu_of_thread() - start, (double)name_index_bytes(x) / 1e6);
    positives(x, rows);
    if (argc > 2)
        made_asked(x, argv[2]);
    negatives(x, rows);
    name_index_free(x);
    arena_free(lists);
    free(rows);
    return 0;
}
