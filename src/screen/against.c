#include "screen/against.h"

#include "base/csv.h"
#include "base/text.h"

#include <strings.h>

#define COLUMNS_MAX 256
#define ROW_BYTES_MAX ((size_t)256 << 20)
#define ROW_TEXT_MAX ((size_t)64 << 10)

/* ---- words ---- */

static const struct {
    enum against_column column;
    enum screen_decision decision;
    const char *words; /* parted by "|" */
} words[] = {
    {AGAINST_DECISION, SCREEN_ALLOW,
     "credit|allow|allowed|accept|accepted|approve|approved|pass|passed|clear|ok|no action"},
    {AGAINST_DECISION, SCREEN_REVIEW, "review|hold|pending|alert|flag|flagged|manual review"},
    {AGAINST_DECISION, SCREEN_REJECT, "reject|rejected|deny|denied|decline|declined"},
    {AGAINST_DECISION, SCREEN_BLOCK, "block|blocked|freeze|frozen"},
    {AGAINST_DECISION, SCREEN_UNKNOWN, "unknown"},
    {AGAINST_RISK, SCREEN_ALLOW, "none|no risk|minimal|very low|low"},
    {AGAINST_RISK, SCREEN_REVIEW, "medium|moderate"},
    {AGAINST_RISK, SCREEN_HOLD, "high"},
    {AGAINST_RISK, SCREEN_BLOCK, "severe|critical|very high"},
    {AGAINST_RISK, SCREEN_UNKNOWN, "unknown"},
};

static bool among(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = list; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (n && !strncasecmp(at, word, n) && (at[n] == '|' || !at[n]))
            return true;
    }
    return false;
}

/* What somebody is accused of, and what launders by its nature. */
static bool category_word(const char *word, enum screen_decision *ret)
{
    enum tag_category c = tag_category_of_word(word, strlen(word));

    if (c == TAG_CATEGORIES)
        return false;
    *ret = c == TAG_UNKNOWN ? SCREEN_UNKNOWN
           : tag_category_group(c) == TAG_GROUP_ABUSE || c == TAG_MIXER || c == TAG_GUARANTEE_MARKET
               ? SCREEN_REVIEW
               : SCREEN_ALLOW;
    return true;
}

bool against_word(enum against_column column, const char *word, enum screen_decision *ret)
{
    if (column == AGAINST_CATEGORY)
        return category_word(word, ret);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i].column == column && among(words[i].words, word)) {
            *ret = words[i].decision;
            return true;
        }
    return false;
}

bool against_flags(enum screen_decision d)
{
    switch (d) {
    case SCREEN_REVIEW:
    case SCREEN_HOLD:
    case SCREEN_REJECT:
    case SCREEN_BLOCK:
        return true;
    case SCREEN_CREDIT:
    case SCREEN_ALLOW:
    case SCREEN_UNKNOWN:
        return false;
    }
    return false;
}

bool against_map_add(struct against_map *m, const char *text, struct err *err)
{
    const char *is = strrchr(text, '=');

    if (!is || is == text)
        return err_fail(err, ERR_USAGE, "\"%s\": a word and a decision are wanted, as high=HOLD",
                        text);
    if (m->n == AGAINST_MAP_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d words", AGAINST_MAP_MAX);
    for (int d = 0; d < SCREEN_DECISIONS; d++)
        if (!strcmp(is + 1, screen_decision_name((enum screen_decision)d))) {
            m->words[m->n] = text;
            m->words_n[m->n] = (size_t)(is - text);
            m->decisions[m->n++] = (enum screen_decision)d;
            return true;
        }
    return err_fail(err, ERR_USAGE,
                    "\"%s\": CREDIT, ALLOW, REVIEW, HOLD, REJECT, BLOCK or UNKNOWN is wanted",
                    text);
}

static bool mapped(const struct against_map *m, const char *word, enum screen_decision *ret)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (strlen(word) == m->words_n[i] && !strncasecmp(m->words[i], word, m->words_n[i])) {
            *ret = m->decisions[i];
            return true;
        }
    return false;
}

/* ---- rows ---- */

enum field { ADDRESS, NAME, CHAIN, DIRECTION, DECISION, RISK, RISK_LEVEL, CATEGORY, FIELDS };

static const char *const names[FIELDS] = {"address",  "name", "chain",      "direction",
                                          "decision", "risk", "risk_level", "category"};

struct reading {
    const struct against_options *o;
    size_t column[FIELDS];
    uint64_t *counts;
    struct csv_field at[COLUMNS_MAX];
    size_t n; /* fields of the row at hand */
};

static bool header(struct reading *x, struct err *err)
{
    for (int f = 0; f < FIELDS; f++)
        x->column[f] = csv_column(x->at, x->n, names[f]);
    if (x->column[ADDRESS] == CSV_NONE && x->column[NAME] == CSV_NONE)
        return err_fail(err, ERR_INPUT,
                        "line 1: a header is wanted, with a column address or name");
    return x->column[DECISION] != CSV_NONE || x->column[RISK] != CSV_NONE ||
           x->column[RISK_LEVEL] != CSV_NONE || x->column[CATEGORY] != CSV_NONE ||
           err_fail(err, ERR_INPUT, "line 1: a column decision, risk or category is wanted");
}

/* "": not there. NULL: no memory, or no text. */
static const char *text_of(const struct reading *x, struct arena *a, enum field f, struct err *err)
{
    const struct csv_field *c = x->column[f] < x->n ? &x->at[x->column[f]] : NULL;
    char *text;
    size_t n;

    if (!c)
        return "";
    if (c->n > ROW_TEXT_MAX) {
        err_set(err, ERR_LIMIT, "%s: more than %zu bytes", names[f], ROW_TEXT_MAX);
        return NULL;
    }
    text = arena_alloc(a, c->n + 1u);
    if (!text) {
        err_set(err, ERR_NOMEM, "a row");
        return NULL;
    }
    n = csv_text(c, text);
    text[n] = 0;
    if (memchr(text, 0, n) || !utf8_valid(text, n)) {
        err_set(err, ERR_INPUT, "%s: not UTF-8", names[f]);
        return NULL;
    }
    return text;
}

static bool question_of(const struct reading *x, struct arena *a, struct screen_question *q,
                        struct err *err)
{
    const char *chain = text_of(x, a, CHAIN, err), *direction = text_of(x, a, DIRECTION, err);

    q->address = text_of(x, a, ADDRESS, err);
    q->name = text_of(x, a, NAME, err);
    if (!chain || !direction || !q->address || !q->name) {
        q->address = q->name = "";
        return false;
    }
    q->subject = *q->address ? SCREEN_OF_ADDRESS : SCREEN_OF_NAME;
    q->chain = *chain ? chain : NULL;
    if (!*q->address && !*q->name)
        return err_fail(err, ERR_INPUT, "neither address nor name");
    if (!strcmp(direction, "outbound"))
        q->direction = SCREEN_OUTBOUND;
    else if (!strcmp(direction, "inbound"))
        q->direction = SCREEN_INBOUND;
    else if (*direction)
        return err_fail(err, ERR_INPUT, "direction \"%.40s\": inbound or outbound", direction);
    return true;
}

static bool theirs(const struct reading *x, struct arena *a, struct against_row *row,
                   struct err *err)
{
    static const struct {
        enum field field;
        enum against_column column;
    } order[] = {{DECISION, AGAINST_DECISION},
                 {RISK, AGAINST_RISK},
                 {RISK_LEVEL, AGAINST_RISK},
                 {CATEGORY, AGAINST_CATEGORY}};

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        const char *word = text_of(x, a, order[i].field, err);

        if (!word)
            return false;
        if (!*word)
            continue;
        row->word = word;
        return mapped(x->o->map, word, &row->theirs) ||
               against_word(order[i].column, word, &row->theirs) ||
               err_fail(err, ERR_INPUT, "%s \"%.40s\": what is it here? (--map \"%.40s=REVIEW\")",
                        names[order[i].field], word, word);
    }
    return err_fail(err, ERR_INPUT, "no decision, risk or category");
}

static bool compared(const struct reading *x, struct arena *a, struct against_row *row,
                     struct err *err)
{
    bool ours, flagged;

    if (!question_of(x, a, &row->question, err) || !theirs(x, a, row, err) ||
        !screen_ask(x->o->screener, a, &row->question, &row->answer, err))
        return false;
    if (x->o->rules)
        row->answer.verdict = rules_decide(x->o->rules, &row->answer.facts);
    ours = against_flags(row->answer.verdict.decision);
    flagged = against_flags(row->theirs);
    row->where = ours      ? flagged ? AGAINST_BOTH : AGAINST_OURS
                 : flagged ? AGAINST_THEIRS
                           : AGAINST_NEITHER;
    return true;
}

static bool row(struct reading *x, uint64_t line, struct arena *a, struct err *err)
{
    struct against_row r = {.line = line,
                            .question = {.direction = x->o->direction,
                                         .address = "",
                                         .name = "",
                                         .kind = NAME_UNKNOWN,
                                         .now = x->o->now,
                                         .ledgers = x->o->ledgers},
                            .word = ""};
    struct err why;

    if (!compared(x, a, &r, &why)) {
        if (why.class == ERR_NOMEM) {
            *err = why;
            return false;
        }
        r.where = AGAINST_UNREAD;
        r.error = why.text;
    }
    x->counts[r.where]++;
    return !x->o->tell || x->o->tell(x->o->ctx, a, &r, err);
}

bool against_table(const struct against_options *o, struct bytes csv, uint64_t ret[AGAINST_WHERES],
                   struct err *err)
{
    struct reading x = {.o = o, .counts = ret};
    struct csv c = csv_over(csv, csv_separator_header(csv));
    bool end = false;

    memset(ret, 0, AGAINST_WHERES * sizeof(*ret));
    if (!csv_next(&c, x.at, COLUMNS_MAX, &x.n, &end, err) ||
        (end && !err_fail(err, ERR_INPUT, "line 1: a header is wanted")) || !header(&x, err))
        return false;
    for (;;) {
        struct arena *a;
        bool ok;

        if (!csv_next(&c, x.at, COLUMNS_MAX, &x.n, &end, err))
            return false;
        if (end)
            return true;
        if (x.n == 1 && !x.at[0].n) /* an empty line */
            continue;
        a = arena_new(NULL, ROW_BYTES_MAX);
        ok = a ? row(&x, c.line, a, err) : err_fail(err, ERR_NOMEM, "a row");
        arena_free(a);
        if (!ok)
            return false;
    }
}
