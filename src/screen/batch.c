/* What has come but is no whole record yet waits in a buffer. Records are cut behind their line
 * ends, of which those within quotes of a CSV do not count.
 *
 *     piece -> records cut -> slices decided, each by a worker -> written down, in order
 *
 * A slice has its arena, text and counts. What is written down of an answer is told in it, so the
 * line of a potential match is made last, by who writes it down. */
#include "screen/batch.h"

#include "base/csv.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"

#include <strings.h>

#define COLUMNS_MAX 64
#define ARENA_BYTES ((size_t)64 << 20) /* of a slice */
#define SLICE_RECORDS 128u
#define SLICES_MAX 32u /* decided together */
#define SLICE_TEXT_BYTES_MAX ((size_t)256 << 20)

enum field {
    FIELD_ADDRESS,
    FIELD_NAME,
    FIELD_TX,
    FIELD_CHAIN,
    FIELD_DIRECTION,
    FIELD_KIND,
    FIELD_BORN,
    FIELD_NATIONALITY,
    FIELD_DOCUMENT,
    FIELD_ASSET,
    FIELD_AMOUNT,
    FIELD_DECIMALS,
    FIELD_REF,
    FIELDS,
};

static const char *const field_names[FIELDS] = {
    "address",     "name",     "tx",    "chain",  "direction", "kind", "born",
    "nationality", "document", "asset", "amount", "decimals",  "ref",
};

enum form { FORM_UNKNOWN, FORM_CSV, FORM_LINES };

struct span { /* a record */
    const char *p;
    size_t n;
    uint64_t line;
};

struct answered { /* one of a slice: its question and answer if it has one, and its line */
    struct screen_question *q; /* NULL: an empty line */
    struct screen_answer a;
    const struct err *why; /* it cannot be asked; or NULL */
    const char *ref;
    size_t ref_n;
    size_t from, n; /* of the slice's text */
    bool ok, late;  /* late: its line is still to be made */
};

struct slice {
    struct screen_batch *batch; /* only read */
    const struct span *records;
    size_t n, done;
    struct arena *arena;
    struct answered *answered;         /* [n] */
    struct screen_question *questions; /* [n] of those that have one */
    struct address_key *keys;          /* [n] theirs */
    size_t questions_n;
    struct text text;
    struct screen_counts counts;
    bool ok;
    struct err err;
};

struct screen_batch {
    const struct screener *screener;
    struct screen_question usual;
    struct store *store; /* or NULL */
    bool writing;        /* a transaction of it is open */
    screen_keep *keep;   /* or NULL */
    bool keep_within;
    void *keep_ctx;
    enum form form;
    char *held; /* the start of a record */
    size_t held_n, held_size;
    size_t looked;             /* bytes of it that were searched for an end */
    bool quoted;               /* at looked: within quotes */
    bool header;               /* it has been read */
    uint64_t line, held_lines; /* of the record at hand; line ends in what is held */
    size_t column[FIELDS];
    char separator; /* of the table's header */
    struct screen_counts counts;
    struct pool *pool;  /* or NULL */
    struct span *spans; /* [SLICES_MAX * SLICE_RECORDS] */
    size_t spans_n;
    struct slice slices[SLICES_MAX];
};

bool screen_batch_new(const struct screener *s, const struct screen_question *usual,
                      struct screen_batch **ret, struct err *err)
{
    struct screen_batch *b = mem_zero(sizeof(*b));

    if (!b)
        return err_fail(err, ERR_NOMEM, "batch");
    b->spans = mem_array((size_t)SLICES_MAX * SLICE_RECORDS, sizeof(*b->spans));
    if (!b->spans) {
        mem_free(b);
        return err_fail(err, ERR_NOMEM, "batch");
    }
    for (size_t i = 0; i < SLICES_MAX; i++)
        b->slices[i] = (struct slice){.batch = b, .text = text_new(SLICE_TEXT_BYTES_MAX)};
    b->screener = s;
    b->usual = *usual;
    *ret = b;
    return true;
}

struct screen_batch *screen_batch_free(struct screen_batch *b)
{
    if (b) {
        for (size_t i = 0; i < SLICES_MAX; i++)
            text_free(&b->slices[i].text);
        mem_free(b->spans);
        mem_free(b->held);
        mem_free(b);
    }
    return NULL;
}

void screen_batch_record(struct screen_batch *b, struct store *store)
{
    b->store = store;
}

void screen_batch_keep(struct screen_batch *b, screen_keep *keep, void *ctx, bool within)
{
    b->keep_within = within;
    b->keep = keep;
    b->keep_ctx = ctx;
}

void screen_batch_pool(struct screen_batch *b, struct pool *pool)
{
    b->pool = pool;
}

void screen_batch_ledgers(struct screen_batch *b, const struct screen_ledgers *ledgers)
{
    b->usual.ledgers = ledgers;
}

struct screen_counts screen_batch_counts(const struct screen_batch *b)
{
    return b->counts;
}

/* ---- a record's fields -> a question ---- */

struct record {
    const char *at[FIELDS]; /* NULL: not told */
    size_t n[FIELDS];
};

static const char *told(const struct record *r, enum field f)
{
    return r->at[f] && *r->at[f] ? r->at[f] : NULL;
}

static bool kind_read(const char *text, enum name_kind *ret, struct err *err)
{
    static const enum name_kind kinds[] = {NAME_PERSON, NAME_ORGANISATION, NAME_VESSEL,
                                           NAME_AIRCRAFT, NAME_UNKNOWN};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!strcmp(text, name_kind_text(kinds[i]))) {
            *ret = kinds[i];
            return true;
        }
    return err_fail(err, ERR_INPUT, "kind \"%.40s\": person, organisation, vessel or aircraft",
                    text);
}

bool screen_born_read(const char *text, struct name_facts *ret, struct err *err)
{
    uint64_t year, month = 0, day = 0;
    size_t n = strlen(text);
    bool ok = (n == 4 || n == 7 || n == 10) && u64_from_text(text, 4, &year) && year;

    /* no leading zeros for u64_from_text: 07 is read as its second digit */
    if (ok && n >= 7)
        ok = text[4] == '-' &&
             u64_from_text(text + 5 + (text[5] == '0'), 2 - (text[5] == '0'), &month) && month &&
             month <= 12;
    if (ok && n == 10)
        ok = text[7] == '-' &&
             u64_from_text(text + 8 + (text[8] == '0'), 2 - (text[8] == '0'), &day) && day &&
             day <= 31;
    if (!ok)
        return err_fail(err, ERR_INPUT, "born \"%.40s\": a day is wanted, as 1984-01-08, or a year",
                        text);
    ret->birth_year = (uint16_t)year;
    ret->birth_month = (uint8_t)month;
    ret->birth_day = (uint8_t)day;
    return true;
}

static bool name_facts_read(struct arena *a, const struct record *r, struct name_facts *ret,
                            struct err *err)
{
    const char *born = told(r, FIELD_BORN), *nation = told(r, FIELD_NATIONALITY),
               *document = told(r, FIELD_DOCUMENT);

    if (born && !screen_born_read(born, ret, err))
        return false;
    if (nation)
        ret->nationality = nation;
    if (document) {
        const char **ids = ARENA_NEW(a, const char *);

        if (!ids)
            return err_fail(err, ERR_NOMEM, "batch");
        ids[0] = document;
        ret->ids = ids;
        ret->ids_n = 1;
    }
    return true;
}

static bool transfer_read(const struct record *r, struct screen_question *q, struct err *err)
{
    uint64_t decimals = q->decimals;

    if (told(r, FIELD_ASSET))
        q->asset = r->at[FIELD_ASSET];
    if (told(r, FIELD_DECIMALS) &&
        (!u64_from_text(r->at[FIELD_DECIMALS], r->n[FIELD_DECIMALS], &decimals) || decimals > 77))
        return err_fail(err, ERR_INPUT, "decimals \"%.40s\": a number up to 77 is wanted",
                        r->at[FIELD_DECIMALS]);
    q->decimals = (unsigned)decimals;
    return !told(r, FIELD_AMOUNT) ||
           u256_from_text(r->at[FIELD_AMOUNT], r->n[FIELD_AMOUNT], &q->amount) ||
           err_fail(err, ERR_INPUT, "amount \"%.40s\": a whole number of base units is wanted",
                    r->at[FIELD_AMOUNT]);
}

static bool direction_read(const char *text, enum screen_direction *ret, struct err *err)
{
    *ret = strcmp(text, "outbound") ? SCREEN_INBOUND : SCREEN_OUTBOUND;
    return *ret == SCREEN_OUTBOUND || !strcmp(text, "inbound") ||
           err_fail(err, ERR_INPUT, "direction \"%.40s\": inbound or outbound", text);
}

static bool question_read(struct arena *a, const struct screen_question *usual,
                          const struct record *r, struct screen_question *q, struct err *err)
{
    *q = *usual;
    q->subject = told(r, FIELD_TX)        ? SCREEN_OF_TRANSFER
                 : told(r, FIELD_ADDRESS) ? SCREEN_OF_ADDRESS
                                          : SCREEN_OF_NAME;
    q->tx = told(r, FIELD_TX);
    q->address = told(r, FIELD_ADDRESS) ? r->at[FIELD_ADDRESS] : "";
    q->name = told(r, FIELD_NAME) ? r->at[FIELD_NAME] : "";
    if (told(r, FIELD_CHAIN))
        q->chain = r->at[FIELD_CHAIN];
    for (int f = 0; f < FIELDS; f++)
        if (r->at[f] && (memchr(r->at[f], 0, r->n[f]) || !utf8_valid(r->at[f], r->n[f])))
            return err_fail(err, ERR_INPUT, "%s: not UTF-8", field_names[f]);
    if (!q->tx && !*q->address && !*q->name)
        return err_fail(err, ERR_INPUT, "neither address nor name nor tx");
    return (!told(r, FIELD_DIRECTION) ||
            direction_read(r->at[FIELD_DIRECTION], &q->direction, err)) &&
           (!told(r, FIELD_KIND) || kind_read(r->at[FIELD_KIND], &q->kind, err)) &&
           name_facts_read(a, r, &q->facts, err) && transfer_read(r, q, err);
}

static struct record record_of_json(const struct json *object)
{
    struct record r = {0};

    for (int f = 0; f < FIELDS; f++) {
        const struct json *m = json_get(object, field_names[f]);

        if (m && (m->type == JSON_STRING || m->type == JSON_NUMBER)) {
            r.at[f] = m->text;
            r.n[f] = m->text_n;
        }
    }
    return r;
}

bool screen_question_read(struct arena *a, const struct screen_question *usual,
                          const struct json *object, struct screen_question *ret,
                          const char **ret_ref, struct err *err)
{
    struct record r = record_of_json(object);

    *ret_ref = told(&r, FIELD_REF);
    return question_read(a, usual, &r, ret, err);
}

/* ---- answering, in a slice ---- */

static void tell(const struct screen_batch *b, const struct answered *x, struct text *to)
{
    struct json_out j = json_to(to, false);

    screen_answer_json(&j, b->screener, x->q, &x->a, x->ref);
    text_char(to, '\n');
}

/* A record that has no answer: what is wrong, and where. */
static void refuse(struct slice *s, const struct span *at, const struct answered *x,
                   const struct err *why)
{
    struct screen_question q = *x->q;
    const char *ref = x->ref && utf8_valid(x->ref, x->ref_n) ? x->ref : NULL;
    struct json_out j = json_to(&s->text, false);
    struct err placed = *why;

    if (!utf8_valid(q.address, strlen(q.address)))
        q.address = "";
    if (!utf8_valid(q.name, strlen(q.name)))
        q.name = "";
    if (q.tx && !utf8_valid(q.tx, strlen(q.tx)))
        q.tx = "";
    err_prefix(&placed, "line %llu", (unsigned long long)at->line);
    s->counts.bad++;
    screen_error_json(&j, &q, ref, placed.text);
    text_char(&s->text, '\n');
}

static bool answer(struct slice *s, const struct span *at, struct answered *x)
{
    const struct screen_batch *b = s->batch;
    struct err err = {.class = ERR_NONE};

    s->counts.asked++;
    x->ok = !x->why && screen_ask(b->screener, s->arena, x->q, &x->a, &err);
    if (x->ok) {
        s->counts.potential += x->a.potential > 0;
        s->counts.decided[x->a.verdict.decision]++;
        x->late = b->store && x->a.potential;
        if (!x->late)
            tell(b, x, &s->text);
    } else if (!x->why && err.class == ERR_NOMEM) {
        s->err = err;
        return false;
    } else {
        refuse(s, at, x, x->why ? x->why : &err);
    }
    return true;
}

/* ---- reading, in a slice ---- */

static struct screen_question *question_put(struct slice *s, struct answered *x)
{
    x->q = &s->questions[s->questions_n++];
    return x->q;
}

/* It is told when its turn comes. For want of memory nothing can be said of it. */
static bool bad(struct slice *s, struct answered *x, const struct err *why)
{
    if (why->class != ERR_NOMEM)
        x->why = arena_copy(s->arena, why, sizeof(*why));
    if (!x->why)
        return err_fail(&s->err, ERR_NOMEM, "batch");
    return true;
}

/* One that is not even a record. */
static bool unreadable(struct slice *s, struct answered *x, const struct err *cause,
                       const char *what)
{
    struct screen_question *q = question_put(s, x);
    struct err err = *cause;

    *q = s->batch->usual;
    q->subject = SCREEN_OF_ADDRESS;
    q->address = q->name = "";
    if (cause->class != ERR_NOMEM)
        err_set(&err, ERR_INPUT, "%s", what);
    return bad(s, x, &err);
}

static bool question_of(struct slice *s, const struct record *r, struct answered *x)
{
    struct err err;

    x->ref = told(r, FIELD_REF);
    x->ref_n = r->n[FIELD_REF];
    return question_read(s->arena, &s->batch->usual, r, question_put(s, x), &err) ||
           bad(s, x, &err);
}

/* ---- records ---- */

/* Spreadsheets capitalise, and people put blanks behind commas. */
static bool is_column(const struct csv_field *field, const char *name)
{
    const char *p = field->p;
    size_t n = field->n;

    while (n && strchr(" \t", *p)) {
        p++;
        n--;
    }
    while (n && strchr(" \t", p[n - 1]))
        n--;
    return n == strlen(name) && !strncasecmp(p, name, n);
}

/* Of two columns of one name, one would not be asked about. */
static bool csv_header(struct screen_batch *b, const struct csv_field *fields, size_t n,
                       struct err *err)
{
    for (int f = 0; f < FIELDS; f++) {
        b->column[f] = CSV_NONE;
        for (size_t i = 0; i < n; i++) {
            if (!is_column(&fields[i], field_names[f]))
                continue;
            if (b->column[f] != CSV_NONE)
                return err_fail(err, ERR_INPUT, "line 1: two columns are called %s",
                                field_names[f]);
            b->column[f] = i;
        }
    }
    b->header = true;
    return b->column[FIELD_ADDRESS] != CSV_NONE || b->column[FIELD_NAME] != CSV_NONE ||
           b->column[FIELD_TX] != CSV_NONE ||
           err_fail(err, ERR_INPUT,
                    "line 1: a header is wanted, with a column address, name or tx");
}

static bool csv_header_read(struct screen_batch *b, struct bytes in, struct err *err)
{
    struct csv_field fields[COLUMNS_MAX];
    struct csv c = csv_over(in, csv_separator_header(in));
    struct err ignored;
    size_t n;
    bool end;

    if (!csv_next(&c, fields, COLUMNS_MAX, &n, &end, &ignored))
        return err_fail(err, ERR_INPUT, "line 1: no header of a table");
    if (end || (n == 1 && !fields[0].n)) /* an empty line */
        return true;
    b->separator = c.separator;
    return csv_header(b, fields, n, err);
}

static bool csv_record(struct slice *s, const struct span *at, struct answered *x)
{
    const struct screen_batch *b = s->batch;
    struct csv_field fields[COLUMNS_MAX];
    struct csv c = csv_over((struct bytes){(const uint8_t *)at->p, at->n}, b->separator);
    struct record r = {0};
    struct err told_err;
    size_t n;
    bool end;

    if (!csv_next(&c, fields, COLUMNS_MAX, &n, &end, &told_err))
        return unreadable(s, x, &told_err, "no row of a table");
    if (end || (n == 1 && !fields[0].n)) /* an empty line */
        return true;
    for (int f = 0; f < FIELDS; f++) {
        char *text;

        if (b->column[f] >= n)
            continue;
        text = arena_alloc(s->arena, fields[b->column[f]].n + 1u);
        if (!text)
            return err_fail(&s->err, ERR_NOMEM, "batch");
        r.n[f] = csv_text(&fields[b->column[f]], text);
        text[r.n[f]] = 0;
        r.at[f] = text;
    }
    return question_of(s, &r, x);
}

static bool line_record(struct slice *s, const struct span *at, struct answered *x)
{
    const struct json *root;
    struct record r;
    struct err told_err = {.class = ERR_NONE}; /* an array is JSON, too */
    size_t n = at->n;

    while (n && (at->p[n - 1] == '\n' || at->p[n - 1] == '\r'))
        n--;
    if (!n)
        return true;
    if (!json_read(s->arena, at->p, n, &root, &told_err) || root->type != JSON_OBJECT)
        return unreadable(s, x, &told_err, "no JSON object");
    r = record_of_json(root);
    return question_of(s, &r, x);
}

/* ---- slices ---- */

static bool slice_begin(struct slice *s)
{
    s->done = s->questions_n = 0;
    s->text.n = 0;
    s->counts = (struct screen_counts){0};
    s->arena = arena_new(NULL, ARENA_BYTES);
    s->answered = s->arena ? ARENA_ARRAY(s->arena, struct answered, s->n) : NULL;
    s->questions = s->answered ? ARENA_ARRAY(s->arena, struct screen_question, s->n) : NULL;
    s->keys = s->questions ? ARENA_ARRAY(s->arena, struct address_key, s->n) : NULL;
    return s->keys || err_fail(&s->err, ERR_NOMEM, "batch");
}

/* Some at a time, and x the first of them: what they will look at is sent for. */
static void ahead(const struct slice *s, const struct answered *x)
{
    size_t at = (size_t)(x->q - s->questions), left = s->questions_n - at;

    if (at % SCREEN_AHEAD == 0)
        screen_ahead(s->batch->screener, x->q, left < SCREEN_AHEAD ? left : SCREEN_AHEAD,
                     s->keys + at);
}

/* All are read before any is asked. */
static void slice_run(void *ctx, size_t task, unsigned worker)
{
    struct screen_batch *b = ctx;
    struct slice *s = &b->slices[task];
    size_t n = 0;

    (void)worker;
    s->ok = slice_begin(s);
    for (; s->ok && n < s->n; n++)
        s->ok = b->form == FORM_LINES ? line_record(s, &s->records[n], &s->answered[n])
                                      : csv_record(s, &s->records[n], &s->answered[n]);
    for (; s->ok && s->done < s->n; s->done++) {
        struct answered *x = &s->answered[s->done];

        x->from = s->text.n;
        if (x->q)
            ahead(s, x);
        s->ok = !x->q || answer(s, &s->records[s->done], x);
        x->n = s->text.n - x->from;
    }
    s->ok = s->ok && text_end(&s->text, &s->err);
}

static bool write_down(struct screen_batch *b, struct arena *arena, struct answered *x,
                       struct err *err)
{
    if (b->store && (x->a.potential || b->keep_within)) {
        if (!b->writing && !store_begin(b->store, err))
            return false;
        b->writing = true;
        if (x->a.potential &&
            !screen_record(b->store, screener_clocks(b->screener), b->usual.now, &x->a, err))
            return false;
    }
    return !b->keep || b->keep(b->keep_ctx, arena, x->q, &x->a, x->ref, err);
}

static bool slice_written(struct screen_batch *b, struct slice *s, struct text *to, struct err *err)
{
    for (size_t i = 0; i < s->done; i++) {
        struct answered *x = &s->answered[i];

        if (x->ok && !write_down(b, s->arena, x, err))
            return false;
        if (x->late)
            tell(b, x, to);
        else
            text_put(to, s->text.p + x->from, x->n);
    }
    return true;
}

static void counts_add(struct screen_counts *to, const struct screen_counts *n)
{
    to->asked += n->asked;
    to->potential += n->potential;
    to->bad += n->bad;
    for (size_t i = 0; i < SCREEN_DECISIONS; i++)
        to->decided[i] += n->decided[i];
}

static bool slice_end(struct screen_batch *b, struct slice *s, struct text *to, struct err *err)
{
    if (!b->store && !b->keep)
        text_put(to, s->text.p, s->text.n);
    else if (!slice_written(b, s, to, err))
        return false;
    counts_add(&b->counts, &s->counts);
    if (!s->ok)
        *err = s->err;
    return s->ok;
}

/* What has been cut is decided, and written in its order. */
static bool decide(struct screen_batch *b, struct text *to, struct err *err)
{
    size_t n = (b->spans_n + SLICE_RECORDS - 1) / SLICE_RECORDS;
    bool ok = true;

    for (size_t i = 0; i < n; i++) {
        struct slice *s = &b->slices[i];

        s->records = b->spans + i * SLICE_RECORDS;
        s->n = i + 1 < n ? SLICE_RECORDS : b->spans_n - i * SLICE_RECORDS;
    }
    if (b->pool && n > 1)
        pool_run(b->pool, n, slice_run, b);
    for (size_t i = 0; i < n; i++) {
        struct slice *s = &b->slices[i];

        if (ok && !(b->pool && n > 1))
            slice_run(b, i, 0);
        ok = ok && slice_end(b, s, to, err);
        s->arena = arena_free(s->arena);
    }
    b->spans_n = 0;
    return ok;
}

static bool record(struct screen_batch *b, const char *p, size_t n, struct text *to,
                   struct err *err)
{
    if (b->form == FORM_UNKNOWN) {
        size_t at = n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;

        b->form = at < n && p[at] == '{' ? FORM_LINES : FORM_CSV;
    }
    if (b->form == FORM_CSV && !b->header)
        return csv_header_read(b, (struct bytes){(const uint8_t *)p, n}, err);
    b->spans[b->spans_n++] = (struct span){p, n, b->line};
    return b->spans_n < (size_t)SLICES_MAX * SLICE_RECORDS || decide(b, to, err);
}

/* ---- bytes ---- */

static bool hold(struct screen_batch *b, const char *p, size_t n, struct err *err)
{
    if (n > SCREEN_RECORD_BYTES_MAX - b->held_n)
        return err_fail(err, ERR_LIMIT, "line %llu: a record of more than %zu bytes",
                        (unsigned long long)b->line + 1, SCREEN_RECORD_BYTES_MAX);
    if (b->held_n + n > b->held_size) {
        size_t size = (b->held_n + n) * 2 < 4096 ? 4096 : (b->held_n + n) * 2;
        char *grown = mem_grow(b->held, size);

        if (!grown)
            return err_fail(err, ERR_NOMEM, "batch");
        b->held = grown;
        b->held_size = size;
    }
    memcpy(b->held + b->held_n, p, n);
    b->held_n += n;
    return true;
}

/* Where the record that starts at p ends, past its line end; n: it does not. Quotes matter unless
 * it is plainly JSON. */
static size_t record_end(struct screen_batch *b, const char *p, size_t n, uint64_t *lines)
{
    bool json = b->form == FORM_LINES || (b->form == FORM_UNKNOWN && !b->held_n && *p == '{') ||
                (b->form == FORM_UNKNOWN && b->held_n && *b->held == '{');
    size_t at = 0;

    if (json || !b->quoted) { /* most lines have no quotes at all */
        const char *end = memchr(p, '\n', n);
        size_t line = end ? (size_t)(end - p) : n;

        if (json || !memchr(p, '"', line)) {
            *lines += end != NULL;
            return end ? line + 1 : n + 1;
        }
    }
    for (; at < n; at++) {
        if (p[at] == '"')
            b->quoted = !b->quoted;
        if (p[at] != '\n')
            continue;
        ++*lines;
        if (!b->quoted)
            return at + 1;
    }
    return n + 1;
}

bool screen_batch_feed(struct screen_batch *b, const char *p, size_t n, bool last, struct text *to,
                       struct err *err)
{
    bool ok = true;

    while (ok && n) {
        uint64_t lines = 0;
        size_t end = record_end(b, p, n, &lines);

        if (end > n) { /* what was held before is decided first: its bytes move */
            b->held_lines += lines;
            ok = decide(b, to, err) && hold(b, p, n, err);
            break;
        }
        b->line++;
        if (b->held_n) {
            ok = hold(b, p, end, err) && record(b, b->held, b->held_n, to, err);
            b->held_n = 0;
        } else {
            ok = record(b, p, end, to, err);
        }
        b->line += b->held_lines + lines - 1;
        b->held_lines = 0;
        p += end;
        n -= end;
    }
    if (ok && last && b->held_n) {
        b->line++;
        ok = record(b, b->held, b->held_n, to, err);
        b->held_n = 0;
    }
    ok = ok && decide(b, to, err);
    if (b->writing) {
        b->writing = false;
        if (ok)
            return store_commit(b->store, err);
        store_rollback(b->store);
    }
    return ok;
}
