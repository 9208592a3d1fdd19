/* What has come but is no whole record yet waits in a buffer. Records are cut behind their line
 * ends, of which those within quotes of a CSV do not count. */
#include "screen/batch.h"

#include "base/csv.h"
#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>

#define COLUMNS_MAX 64
#define ARENA_BYTES ((size_t)64 << 20)
#define ARENA_RECORDS 256 /* answered in one arena */

enum field {
    FIELD_ADDRESS,
    FIELD_NAME,
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
    "address",     "name",     "chain", "direction", "kind",     "born",
    "nationality", "document", "asset", "amount",    "decimals", "ref",
};

enum form { FORM_UNKNOWN, FORM_CSV, FORM_LINES };

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
    struct screen_counts counts;
    struct arena *arena;
    unsigned in_arena;
};

bool screen_batch_new(const struct screener *s, const struct screen_question *usual,
                      struct screen_batch **ret, struct err *err)
{
    struct screen_batch *b = mem_zero(sizeof(*b));

    if (!b)
        return err_fail(err, ERR_NOMEM, "batch");
    b->screener = s;
    b->usual = *usual;
    *ret = b;
    return true;
}

struct screen_batch *screen_batch_free(struct screen_batch *b)
{
    if (b) {
        arena_free(b->arena);
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

static bool facts_read(struct arena *a, const struct record *r, struct name_facts *ret,
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
    q->subject = told(r, FIELD_ADDRESS) ? SCREEN_OF_ADDRESS : SCREEN_OF_NAME;
    q->address = told(r, FIELD_ADDRESS) ? r->at[FIELD_ADDRESS] : "";
    q->name = told(r, FIELD_NAME) ? r->at[FIELD_NAME] : "";
    if (told(r, FIELD_CHAIN))
        q->chain = r->at[FIELD_CHAIN];
    for (int f = 0; f < FIELDS; f++)
        if (r->at[f] && (memchr(r->at[f], 0, r->n[f]) || !utf8_valid(r->at[f], r->n[f])))
            return err_fail(err, ERR_INPUT, "%s: not UTF-8", field_names[f]);
    if (!*q->address && !*q->name)
        return err_fail(err, ERR_INPUT, "neither address nor name");
    return (!told(r, FIELD_DIRECTION) ||
            direction_read(r->at[FIELD_DIRECTION], &q->direction, err)) &&
           (!told(r, FIELD_KIND) || kind_read(r->at[FIELD_KIND], &q->kind, err)) &&
           facts_read(a, r, &q->facts, err) && transfer_read(r, q, err);
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

static bool write_down(struct screen_batch *b, const struct screen_question *q,
                       struct screen_answer *a, const char *ref, struct err *err)
{
    if (b->store && (a->potential || b->keep_within)) {
        if (!b->writing && !store_begin(b->store, err))
            return false;
        b->writing = true;
        if (a->potential &&
            !screen_record(b->store, screener_clocks(b->screener), b->usual.now, a, err))
            return false;
    }
    return !b->keep || b->keep(b->keep_ctx, b->arena, q, a, ref, err);
}

/* A record that has no answer: what is wrong, and where. */
static void refuse(struct screen_batch *b, const struct screen_question *q, const char *ref,
                   const struct err *why, struct text *to)
{
    struct json_out j = json_to(to, false);
    struct err placed = *why;

    err_prefix(&placed, "line %llu", (unsigned long long)b->line);
    b->counts.bad++;
    screen_error_json(&j, q, ref, placed.text);
    text_char(to, '\n');
}

/* One that is not even a record. For want of memory nothing can be said of it. */
static bool unreadable(struct screen_batch *b, const struct err *cause, const char *what,
                       struct text *to, struct err *err)
{
    struct screen_question q = b->usual;

    if (cause->class == ERR_NOMEM) {
        *err = *cause;
        return false;
    }
    q.subject = SCREEN_OF_ADDRESS;
    q.address = "";
    b->counts.asked++;
    err_set(err, ERR_INPUT, "%s", what);
    refuse(b, &q, NULL, err, to);
    return true;
}

static bool answer(struct screen_batch *b, const struct record *r, struct text *to,
                   struct err *ret_err)
{
    struct json_out j = json_to(to, false);
    const char *ref = told(r, FIELD_REF);
    struct screen_question q;
    struct screen_answer a;
    struct err err;

    b->counts.asked++;
    if (question_read(b->arena, &b->usual, r, &q, &err) &&
        screen_ask(b->screener, b->arena, &q, &a, &err)) {
        if (!write_down(b, &q, &a, ref, ret_err))
            return false;
        b->counts.potential += a.potential > 0;
        b->counts.decided[a.verdict.decision]++;
        screen_answer_json(&j, b->screener, &q, &a, ref);
        text_char(to, '\n');
    } else if (err.class == ERR_NOMEM) {
        *ret_err = err;
        return false;
    } else {
        if (ref && !utf8_valid(ref, r->n[FIELD_REF]))
            ref = NULL;
        if (!utf8_valid(q.address, strlen(q.address)))
            q.address = "";
        if (!utf8_valid(q.name, strlen(q.name)))
            q.name = "";
        refuse(b, &q, ref, &err, to);
    }
    return true;
}

/* ---- records ---- */

static bool csv_header(struct screen_batch *b, const struct csv_field *fields, size_t n,
                       struct err *err)
{
    for (int f = 0; f < FIELDS; f++)
        b->column[f] = csv_column(fields, n, field_names[f]);
    b->header = true;
    return b->column[FIELD_ADDRESS] != CSV_NONE || b->column[FIELD_NAME] != CSV_NONE ||
           err_fail(err, ERR_INPUT, "line 1: a header is wanted, with a column address or name");
}

static bool csv_record(struct screen_batch *b, struct bytes in, struct text *to, struct err *err)
{
    struct csv_field fields[COLUMNS_MAX];
    struct csv c = csv_over(in, ',');
    struct record r = {0};
    struct err told_err;
    size_t n;
    bool end;

    if (!csv_next(&c, fields, COLUMNS_MAX, &n, &end, &told_err)) {
        if (!b->header)
            return err_fail(err, ERR_INPUT, "line 1: no header of a table");
        return unreadable(b, &told_err, "no row of a table", to, err);
    }
    if (end || (n == 1 && !fields[0].n)) /* an empty line */
        return true;
    if (!b->header)
        return csv_header(b, fields, n, err);
    for (int f = 0; f < FIELDS; f++) {
        char *text;

        if (b->column[f] >= n)
            continue;
        text = arena_alloc(b->arena, fields[b->column[f]].n + 1u);
        if (!text)
            return err_fail(err, ERR_NOMEM, "batch");
        r.n[f] = csv_text(&fields[b->column[f]], text);
        text[r.n[f]] = 0;
        r.at[f] = text;
    }
    return answer(b, &r, to, err);
}

static bool line_record(struct screen_batch *b, struct bytes in, struct text *to, struct err *err)
{
    const struct json *root;
    struct record r;
    struct err told_err = {.class = ERR_NONE}; /* an array is JSON, too */

    while (in.n && (in.p[in.n - 1] == '\n' || in.p[in.n - 1] == '\r'))
        in.n--;
    if (!in.n)
        return true;
    if (!json_read(b->arena, (const char *)in.p, in.n, &root, &told_err) ||
        root->type != JSON_OBJECT)
        return unreadable(b, &told_err, "no JSON object", to, err);
    r = record_of_json(root);
    return answer(b, &r, to, err);
}

static bool record(struct screen_batch *b, const char *p, size_t n, struct text *to,
                   struct err *err)
{
    struct bytes in = {(const uint8_t *)p, n};

    if (!b->arena || b->in_arena++ == ARENA_RECORDS) {
        arena_free(b->arena);
        b->in_arena = 0;
        b->arena = arena_new(NULL, ARENA_BYTES);
        if (!b->arena)
            return err_fail(err, ERR_NOMEM, "batch");
    }
    if (b->form == FORM_UNKNOWN) {
        size_t at = n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;

        b->form = at < n && p[at] == '{' ? FORM_LINES : FORM_CSV;
    }
    return b->form == FORM_LINES ? line_record(b, in, to, err) : csv_record(b, in, to, err);
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

        if (end > n) {
            b->held_lines += lines;
            ok = hold(b, p, n, err);
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
    if (b->writing) {
        b->writing = false;
        if (ok)
            return store_commit(b->store, err);
        store_rollback(b->store);
    }
    return ok;
}
