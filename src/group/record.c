#include "group/record.h"

#include "base/time.h"
#include "base/u256.h"
#include "base/unsaid.h"
#include "group/period.h"

#define NAME_DOMAIN "cordon.record/1"

/* What a claim does: its claimant's words, told apart from what they are about. */
static const char *const stances[] = {"asserting", "denying",     "countering",
                                      "revising",  "misprinting", NULL};
/* A figure, a share of something, or only how it compares ("a record year"). */
static const char *const measures[] = {"amount", "share", "comparison", NULL};
static const char *const progress[] = {"announced", "under-way", "kept", "dropped", NULL};

/* Of an instrument: the Budapest Convention's preservation request and 24/7 network, Egmont's
 * information between FIUs, mutual legal assistance, and what courts and issuers are asked for. */
static const char *const instruments[] = {"preservation-request",
                                          "contact-24-7",
                                          "fiu-information",
                                          "mutual-legal-assistance",
                                          "order",
                                          "warrant",
                                          "issuer-freeze-request",
                                          NULL};
static const char *const outcomes[] = {"released", "upheld", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};

#define SOURCED                                                                                    \
    {"source", NULL, RECORD_TEXT, true, NULL}, {"archived", NULL, RECORD_SHA256, false, NULL},     \
        {"notes", NULL, RECORD_TEXT, false, NULL}, {"tlp", NULL, RECORD_TLP, false, NULL},         \
    {                                                                                              \
        NULL, NULL, RECORD_TEXT, false, NULL                                                       \
    }
#define MARKED                                                                                     \
    {"notes", NULL, RECORD_TEXT, false, NULL}, {"tlp", NULL, RECORD_TLP, false, NULL},             \
    {                                                                                              \
        NULL, NULL, RECORD_TEXT, false, NULL                                                       \
    }

const struct record_kind record_kinds[] = {
    {"incident",
     {{"kind", NULL, RECORD_WORD, false, NULL},
      {"date", NULL, RECORD_DAY, true, NULL},
      {"victim", NULL, RECORD_TEXT, false, NULL},
      {"title", NULL, RECORD_TEXT, false, NULL},
      {"victim_country", NULL, RECORD_TEXT, false, NULL},
      {"actor", NULL, RECORD_TEXT, false, NULL},
      {"chains", NULL, RECORD_LIST, false, NULL},
      {"amount_usd", "usd_amount", RECORD_USD, false, NULL},
      {"attributed_by", NULL, RECORD_TEXT, false, NULL},
      {"attributed_on", NULL, RECORD_DAYS, false, NULL},
      {"confidence", NULL, RECORD_WORD, false, NULL},
      {"basis", NULL, RECORD_TEXT, false, NULL},
      {"addresses", "main_addresses", RECORD_LIST, false, NULL},
      {"case", NULL, RECORD_OBJECT, false, NULL},
      {"about", NULL, RECORD_OBJECT, false, NULL},
      SOURCED}},
    {"claim",
     {{"subject", NULL, RECORD_TEXT, true, NULL},
      {"claimant", "source", RECORD_TEXT, true, NULL},
      {"published", NULL, RECORD_DAY, true, NULL},
      {"period", NULL, RECORD_TEXT, true, NULL},
      {"measure", NULL, RECORD_CHOICE, false, measures},
      {"amount_usd_low", NULL, RECORD_USD, false, NULL},
      {"amount_usd_high", NULL, RECORD_USD, false, NULL},
      {"share_of", NULL, RECORD_TEXT, false, NULL},
      {"share_low", NULL, RECORD_DECIMAL, false, NULL},
      {"share_high", NULL, RECORD_DECIMAL, false, NULL},
      {"stance", NULL, RECORD_CHOICE, true, stances},
      {"incident", NULL, RECORD_OBJECT, false, NULL},
      {"language", NULL, RECORD_WORD, false, NULL},
      {"reported_by", NULL, RECORD_TEXT, false, NULL},
      {"archived", NULL, RECORD_SHA256, false, NULL},
      MARKED}},
    {"meeting",
     {{"series", NULL, RECORD_WORD, true, NULL},
      {"ordinal", NULL, RECORD_NUMBER, true, NULL},
      {"date", NULL, RECORD_DAY, true, NULL},
      {"place", NULL, RECORD_TEXT, false, NULL},
      {"host", NULL, RECORD_TEXT, true, NULL},
      {"chairs", NULL, RECORD_LIST, false, NULL},
      {"participants", NULL, RECORD_LIST, false, NULL},
      {"agenda", NULL, RECORD_LIST, false, NULL},
      {"minutes", NULL, RECORD_LONG, false, NULL},
      {"decisions", NULL, RECORD_LIST, false, NULL},
      MARKED}},
    {"action",
     {{"meeting", NULL, RECORD_OBJECT, false, NULL},
      {"commitment", NULL, RECORD_OBJECT, false, NULL},
      {"text", NULL, RECORD_TEXT, true, NULL},
      {"owner", NULL, RECORD_WORD, true, NULL},
      {"due", NULL, RECORD_DAY, true, NULL},
      MARKED}},
    {"commitment",
     {{"text", NULL, RECORD_TEXT, true, NULL},
      {"made", NULL, RECORD_DAY, true, NULL},
      {"under", NULL, RECORD_OBJECT, false, NULL},
      {"progress", NULL, RECORD_CHOICE, true, progress},
      SOURCED}},
    {"obligation",
     {{"instrument", NULL, RECORD_TEXT, true, NULL},
      {"programme", NULL, RECORD_TEXT, false, NULL},
      {"date", NULL, RECORD_DAY, true, NULL},
      {"requires", NULL, RECORD_TEXT, true, NULL},
      {"listings", NULL, RECORD_LIST, false, NULL},
      {"member", NULL, RECORD_WORD, false, NULL},
      {"reported", NULL, RECORD_DAY, false, NULL},
      {"report", NULL, RECORD_TEXT, false, NULL},
      SOURCED}},
    {"outreach",
     {{"firm", NULL, RECORD_TEXT, true, NULL},
      {"about", NULL, RECORD_TEXT, true, NULL},
      {"date", NULL, RECORD_DAY, true, NULL},
      {"case", NULL, RECORD_OBJECT, false, NULL},
      {"advisory", NULL, RECORD_TEXT, false, NULL},
      {"acknowledged", NULL, RECORD_DAY, false, NULL},
      {"acted", NULL, RECORD_DAY, false, NULL},
      {"act", NULL, RECORD_TEXT, false, NULL},
      MARKED}},
    {"text",
     {{"title", NULL, RECORD_TEXT, true, NULL},
      {"sha256", NULL, RECORD_SHA256, true, NULL},
      {"silence_until", NULL, RECORD_DAY, true, NULL},
      {"language", NULL, RECORD_WORD, false, NULL},
      MARKED}},
    {"instrument",
     {{"kind", NULL, RECORD_CHOICE, true, instruments},
      {"issuer", NULL, RECORD_TEXT, true, NULL},
      {"reach", NULL, RECORD_LIST, true, NULL},
      {"number", NULL, RECORD_TEXT, true, NULL},
      {"served", NULL, RECORD_DAY, true, NULL},
      {"expires", NULL, RECORD_DAY, true, NULL},
      {"document", NULL, RECORD_SHA256, true, NULL},
      {"alert", NULL, RECORD_OBJECT, false, NULL},
      {"case", NULL, RECORD_OBJECT, false, NULL},
      {"consent", NULL, RECORD_TEXT, false, NULL},
      MARKED}},
    {"notice",
     {{"alert", NULL, RECORD_OBJECT, true, NULL},
      {"due", NULL, RECORD_DAY, true, NULL},
      {"given", NULL, RECORD_DAY, false, NULL},
      {"deferred_until", NULL, RECORD_DAY, false, NULL},
      {"deferral_basis", NULL, RECORD_TEXT, false, NULL},
      MARKED}},
    {"complaint",
     {{"alert", NULL, RECORD_OBJECT, true, NULL},
      {"received", NULL, RECORD_DAY, true, NULL},
      {"answer_due", NULL, RECORD_DAY, true, NULL},
      {"grounds", NULL, RECORD_TEXT, true, NULL},
      {"answered", NULL, RECORD_DAY, false, NULL},
      {"outcome", NULL, RECORD_CHOICE, false, outcomes},
      {"reasons", NULL, RECORD_TEXT, false, NULL},
      MARKED}},
    {"finding",
     {{"case", NULL, RECORD_OBJECT, true, NULL},
      {"chain", NULL, RECORD_TEXT, true, NULL},
      {"asset", NULL, RECORD_TEXT, true, NULL},
      {"symbol", NULL, RECORD_TEXT, false, NULL},
      {"decimals", NULL, RECORD_NUMBER, false, NULL},
      {"policy", NULL, RECORD_WORD, true, NULL},
      {"until", NULL, RECORD_TEXT, true, NULL},
      {"exact", NULL, RECORD_CHOICE, true, yes_no},
      {"document", NULL, RECORD_SHA256, true, NULL},
      {"traced", NULL, RECORD_AMOUNT, true, NULL},
      {"held", NULL, RECORD_AMOUNT, true, NULL},
      {"stopped", NULL, RECORD_AMOUNT, true, NULL},
      {"lost", NULL, RECORD_AMOUNT, true, NULL},
      {"went", NULL, RECORD_SUMS, false, NULL},
      {"shapes", NULL, RECORD_SUMS, false, NULL},
      {"paths", NULL, RECORD_LIST, false, NULL},
      {"meets", NULL, RECORD_LIST, false, NULL},
      MARKED}},
    {"rate",
     {{"asset", NULL, RECORD_TEXT, true, NULL},
      {"decimals", NULL, RECORD_NUMBER, true, NULL},
      {"date", NULL, RECORD_DAY, true, NULL},
      {"usd", NULL, RECORD_DECIMAL, true, NULL},
      SOURCED}},
};
const size_t record_kinds_n = sizeof(record_kinds) / sizeof(record_kinds[0]);

const struct record_kind *record_kind(const char *name)
{
    for (size_t i = 0; i < record_kinds_n; i++)
        if (!strcmp(record_kinds[i].name, name))
            return &record_kinds[i];
    return NULL;
}

/* ---- forms ---- */

static bool is_digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return true;
}

static unsigned two(const char *s)
{
    return (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
}

static bool is_day(const char *s)
{
    static const unsigned char last[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    size_t n;

    if (!strncmp(s, "by ", 3))
        s += 3;
    n = strlen(s);
    if ((n != 4 && n != 7 && n != 10) || !is_digits(s, 4))
        return false;
    if (n == 4)
        return true;
    if (s[4] != '-' || !is_digits(s + 5, 2) || two(s + 5) < 1 || two(s + 5) > 12)
        return false;
    return n == 7 || (s[7] == '-' && is_digits(s + 8, 2) && two(s + 8) >= 1 &&
                      two(s + 8) <= last[two(s + 5) - 1]);
}

static bool is_word(const char *s)
{
    size_t n = strlen(s);

    return n && n <= GROUP_NAME_MAX && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static bool is_object(const char *s)
{
    const char *colon = strchr(s, ':');
    size_t n = colon ? strlen(colon + 1) : 0;

    return (n == 32 || n == 64) && strspn(colon + 1, "0123456789abcdef") == n && colon > s &&
           (size_t)(colon - s) <= 16 &&
           strspn(s, "abcdefghijklmnopqrstuvwxyz") == (size_t)(colon - s);
}

static bool is_line(const char *s)
{
    size_t n = strlen(s);

    return n && n <= RECORD_TEXT_MAX && text_is_plain(s, n);
}

/* Lines of plain text. */
static bool is_lines(const char *s)
{
    size_t n = strlen(s);

    if (!n || n > RECORD_LONG_MAX)
        return false;
    while (n) {
        size_t line = strcspn(s, "\n");

        if (!text_is_plain(s, line))
            return false;
        s += line;
        n -= line;
        if (n) {
            s++;
            n--;
        }
    }
    return true;
}

static bool is_among(const char *const *words, const char *s)
{
    while (*words && strcmp(*words, s))
        words++;
    return *words != NULL;
}

static bool is_amount(const char *s, size_t n)
{
    struct u256 v;

    return n && (n == 1 || *s != '0') && u256_from_text(s, n, &v);
}

static bool is_decimal(const char *s)
{
    size_t whole = strspn(s, "0123456789"), part = 0;

    if (s[whole] == '.')
        part = strspn(s + whole + 1, "0123456789");
    return whole && whole <= 12 && (s[whole] == '.' ? part && part <= 6 : !s[whole]) &&
           !s[whole + (part ? part + 1 : 0)];
}

static bool is_sum(const char *s)
{
    size_t n = strcspn(s, " ");

    return is_line(s) && is_amount(s, n) && s[n] && s[n + 1] && s[n + 1] != ' ';
}

/* NULL: it has the form; else what is wanted. */
static const char *wrong(const struct record_field *f, const char *s)
{
    uint64_t number;
    enum tlp tlp;
    uint8_t hash[32];

    switch (f->form) {
    case RECORD_TEXT:
    case RECORD_LIST:
        return is_line(s) ? NULL : "a line of 1 to 2000 bytes is wanted";
    case RECORD_LONG:
        return is_lines(s) ? NULL : "plain text of 1 to 65536 bytes is wanted";
    case RECORD_WORD:
        return is_word(s) ? NULL : "a word of a-z, 0-9 and - is wanted";
    case RECORD_CHOICE:
        return is_among(f->words, s) ? NULL : "no such word";
    case RECORD_DAY:
    case RECORD_DAYS:
        return is_day(s) ? NULL : "a day, as 2025, 2025-02 or 2025-02-21, is wanted";
    case RECORD_USD:
    case RECORD_NUMBER:
        return u64_from_text(s, strlen(s), &number) && number < (uint64_t)1 << 53
                   ? NULL
                   : "a whole number below 2^53 is wanted";
    case RECORD_TLP:
        return tlp_read(s, strlen(s), &tlp) && !strcmp(tlp_name(tlp), s)
                   ? NULL
                   : "clear, green, amber, amber+strict or red is wanted";
    case RECORD_OBJECT:
        return is_object(s) ? NULL : "an object, as case:3f9a..., is wanted";
    case RECORD_SHA256:
        return hex_decode(s, strlen(s), hash, sizeof(hash)) &&
                       strspn(s, "0123456789abcdef") == strlen(s)
                   ? NULL
                   : "64 hexadecimal digits are wanted";
    case RECORD_AMOUNT:
        return is_amount(s, strlen(s)) ? NULL : "a whole number below 2^256 is wanted";
    case RECORD_DECIMAL:
        return is_decimal(s) ? NULL : "a number, as 97000.25, is wanted";
    case RECORD_SUMS:
        return is_sum(s) ? NULL : "an amount and what it is of, as 1200 exchange, is wanted";
    }
    return "unknown form";
}

static bool form_check(const struct record_field *f, const char *s, struct err *err)
{
    const char *what = wrong(f, s);

    return !what || err_fail(err, ERR_INPUT, "%s: \"%.60s\": %s", f->name, s, what);
}

/* ---- bodies ---- */

const struct record_field *record_field(const struct record_kind *k, const char *name)
{
    for (const struct record_field *f = k->fields; f->name; f++)
        if (!strcmp(f->name, name))
            return f;
    return NULL;
}

bool record_field_is_list(const struct record_field *f)
{
    return f->form == RECORD_LIST || f->form == RECORD_DAYS || f->form == RECORD_SUMS;
}

static bool list_check(const struct record_field *f, const struct json *list, struct err *err)
{
    const char *s;

    if (list->type != JSON_ARRAY || !list->children_n || list->children_n > RECORD_LIST_MAX)
        return err_fail(err, ERR_INPUT, "%s: a list of 1 to %d is wanted", f->name,
                        RECORD_LIST_MAX);
    for (const struct json *item = list->child; item; item = item->next)
        if (!json_text(item, f->name, &s, err) || !form_check(f, s, err))
            return false;
    return true;
}

static bool value_check(const struct record_field *f, const struct json *value, struct err *err)
{
    const char *s = NULL;

    if (record_field_is_list(f))
        return list_check(f, value, err);
    return json_text(value, f->name, &s, err) && form_check(f, s, err);
}

/* In millionths of a percent, where it is said. */
static bool share_of(const struct record *r, const char *field, struct u256 *ret)
{
    const char *s = record_text(r, field);

    return s && u256_from_decimal(s, strlen(s), 6, ret);
}

static bool is_measure(const struct record *r, const char *measure)
{
    const char *said = record_text(r, "measure");

    return !strcmp(said ? said : "amount", measure);
}

/* An amount is in dollars, a share in percent of something, a comparison in no number. */
static bool measure_check(const struct record *r, struct err *err)
{
    static const struct {
        const char *field, *measure;
    } of[] = {{"amount_usd_low", "amount"},
              {"amount_usd_high", "amount"},
              {"share_of", "share"},
              {"share_low", "share"},
              {"share_high", "share"}};
    struct u256 low, high, whole = u256_of(100000000);
    bool has_low = share_of(r, "share_low", &low), has_high = share_of(r, "share_high", &high);

    for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
        if (record_text(r, of[i].field) && !is_measure(r, of[i].measure))
            return err_fail(err, ERR_INPUT, "%s: of a claim whose measure is %s alone", of[i].field,
                            of[i].measure);
    if (is_measure(r, "share") && (!record_text(r, "share_of") || (!has_low && !has_high)))
        return err_fail(err, ERR_INPUT, "share_of, and share_low or share_high: wanted of a share");
    if ((has_low && u256_compare(low, whole) > 0) || (has_high && u256_compare(high, whole) > 0))
        return err_fail(err, ERR_INPUT, "share_low, share_high: percent, no more than 100");
    return !has_low || !has_high || u256_compare(low, high) <= 0 ||
           !strcmp(record_text(r, "stance"), "misprinting") ||
           err_fail(err, ERR_INPUT, "share_low: above share_high");
}

/* Days that are a clock: which are whole, and which is not before which. */
static const struct {
    const char *kind, *field, *after; /* after NULL: it alone */
} clocks[] = {
    {"complaint", "received", NULL},
    {"complaint", "answer_due", "received"},
    {"complaint", "answered", "received"},
    {"instrument", "expires", "served"},
};

static bool is_whole_day(const char *s)
{
    uint64_t time;

    return strlen(s) == 10 && time_from_iso(s, 10, &time);
}

static bool clocks_check(const struct record *r, struct err *err)
{
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        const char *field = clocks[i].field, *after = clocks[i].after;
        const char *day = strcmp(clocks[i].kind, r->kind->name) ? NULL : record_text(r, field);

        if (!day)
            continue;
        if (!is_whole_day(day))
            return err_fail(err, ERR_INPUT, "%s: \"%s\": a whole day is wanted of it", field, day);
        if (after && is_whole_day(record_text(r, after)) && strcmp(day, record_text(r, after)) < 0)
            return err_fail(err, ERR_INPUT, "%s: before %s", field, after);
    }
    return true;
}

/* What one field alone cannot say. */
static bool sense_check(const struct record *r, struct err *err)
{
    uint64_t low, high;

    if (!strcmp(r->kind->name, "claim") && !measure_check(r, err))
        return false;
    if (!strcmp(r->kind->name, "incident") && !record_text(r, "victim") && !record_text(r, "title"))
        return err_fail(err, ERR_INPUT, "victim or title: one is wanted");
    if (record_number(r, "amount_usd_low", &low) && record_number(r, "amount_usd_high", &high) &&
        low > high && strcmp(record_text(r, "stance"), "misprinting") != 0)
        return err_fail(err, ERR_INPUT, "amount_usd_low: above amount_usd_high");
    return true;
}

/* What is to be said together. */
static const struct {
    const char *kind, *field, *with;
} pairs[] = {{"notice", "deferred_until", "deferral_basis"},
             {"notice", "deferral_basis", "deferred_until"},
             {"complaint", "answered", "outcome"},
             {"complaint", "answered", "reasons"},
             {"complaint", "outcome", "answered"}};

static bool pairs_check(const struct record *r, struct err *err)
{
    const char *kind = record_text(r, "kind");

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (!strcmp(pairs[i].kind, r->kind->name) && json_get(r->of, pairs[i].field) &&
            !json_get(r->of, pairs[i].with))
            return err_fail(err, ERR_INPUT, "%s: wanted with %s", pairs[i].with, pairs[i].field);
    return strcmp(r->kind->name, "instrument") != 0 || strcmp(kind, "fiu-information") != 0 ||
           json_get(r->of, "consent") ||
           err_fail(err, ERR_INPUT, "consent: the originator's is wanted of fiu-information");
}

bool record_is_of_holds(const struct record_kind *k)
{
    return !strcmp(k->name, "notice") || !strcmp(k->name, "complaint") ||
           !strcmp(k->name, "instrument");
}

static bool names_report(const struct json *v)
{
    bool any = v->type == JSON_STRING && unsaid_in(v->text);

    for (const struct json *item = v->child; !any && item; item = item->next)
        any = unsaid_in(item->text);
    return any;
}

static bool unsaid_check(const struct record *r, struct err *err)
{
    for (const struct json *v = r->of->child; record_is_of_holds(r->kind) && v; v = v->next)
        if (names_report(v))
            return err_fail(err, ERR_INPUT,
                            "%s: whether there is a suspicious-transaction report is not written "
                            "here",
                            v->key);
    return true;
}

static bool fields_check(struct record *r, struct err *err)
{
    if (r->of->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "%s: an object is wanted", r->kind->name);
    for (const struct json *value = r->of->child; value; value = value->next) {
        const struct record_field *f = record_field(r->kind, value->key);

        if (!f)
            return err_fail(err, ERR_INPUT, "\"%.60s\": no field of %s", value->key, r->kind->name);
        if (!value_check(f, value, err))
            return false;
    }
    for (const struct record_field *f = r->kind->fields; f->name; f++)
        if (f->wanted && !json_get(r->of, f->name))
            return err_fail(err, ERR_INPUT, "%s: missing", f->name);
    return sense_check(r, err) && clocks_check(r, err) && pairs_check(r, err) &&
           unsaid_check(r, err);
}

bool record_read(struct arena *a, const struct record_kind *k, struct bytes body,
                 struct record *ret, struct err *err)
{
    struct record r = {.kind = k, .body = body};
    const struct json *o;

    if (!json_canonical_read(a, (const char *)body.p, body.n, &o, err))
        return false;
    r.of = json_get(o, k->name);
    if (!r.of || o->children_n != 1)
        return err_fail(err, ERR_INPUT, "%s: it alone is wanted", k->name);
    if (!fields_check(&r, err))
        return false;
    *ret = r;
    return true;
}

static bool name_make(struct arena *a, const struct hash32 *group, struct record *r,
                      struct err *err)
{
    struct text t = text_new(sizeof(NAME_DOMAIN) + sizeof(*group) + EVENT_BODY_BYTES_MAX);
    struct hash32 hash;
    bool ok;

    text_str(&t, NAME_DOMAIN);
    text_put(&t, (const char *)group->b, sizeof(group->b));
    text_put(&t, (const char *)r->body.p, r->body.n);
    ok = text_end(&t, err);
    if (ok) {
        hash = sha256(t.p, t.n);
        t.n = 0;
        text_printf(&t, "%s:", r->kind->name);
        text_hex(&t, hash.b, sizeof(hash.b));
        r->object = arena_string(a, t.p, t.n);
        ok = r->object || err_fail(err, ERR_NOMEM, "a record");
    }
    text_free(&t);
    return ok;
}

/* A body around the fields, in canonical form. */
static bool body_make(struct arena *a, const struct record_kind *k, const struct json *fields,
                      struct bytes *ret, struct err *err)
{
    struct text to = text_new(EVENT_BODY_BYTES_MAX);
    bool ok;

    text_printf(&to, "{\"%s\":", k->name);
    ok = json_canonical_put(a, fields, &to, err);
    text_char(&to, '}');
    ok = ok && text_end(&to, err);
    if (ok) {
        *ret = (struct bytes){(const uint8_t *)arena_string(a, to.p, to.n), to.n};
        ok = ret->p || err_fail(err, ERR_NOMEM, "a record");
    }
    text_free(&to);
    return ok;
}

bool record_make(struct arena *a, const struct record_kind *k, const struct hash32 *group,
                 struct bytes fields, struct record *ret, struct err *err)
{
    const struct json *o;
    struct bytes body;

    return json_read(a, (const char *)fields.p, fields.n, &o, err) &&
           body_make(a, k, o, &body, err) && record_read(a, k, body, ret, err) &&
           name_make(a, group, ret, err);
}

static void word_add(struct sha256_stream *to, const struct json *value)
{
    sha256_add(to, value->text, value->text_n + 1); /* none has a NUL in it but the last */
}

struct hash32 record_words(const struct record *r)
{
    struct sha256_stream hash;

    sha256_start(&hash);
    for (const struct json *f = r->of->child; f; f = f->next) {
        if (!strcmp(f->key, "tlp"))
            continue;
        sha256_add(&hash, f->key, strlen(f->key) + 1);
        if (f->type != JSON_ARRAY)
            word_add(&hash, f);
        for (const struct json *item = f->type == JSON_ARRAY ? f->child : NULL; item;
             item = item->next)
            word_add(&hash, item);
        sha256_add(&hash, "", 1); /* no word is empty: here the field ends */
    }
    return sha256_done(&hash);
}

static void value_put(struct json_out *j, const struct json *value)
{
    if (value->type != JSON_ARRAY) {
        json_string(j, value->text);
        return;
    }
    json_array(j);
    for (const struct json *item = value->child; item; item = item->next)
        json_string(j, item->text);
    json_array_end(j);
}

bool record_marked(struct arena *a, const struct hash32 *group, const struct record *r,
                   const char *tlp, struct record *ret, struct err *err)
{
    struct text to = text_new(EVENT_BODY_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    bool ok;

    json_object(&j);
    for (const struct json *f = r->of->child; f; f = f->next) {
        if (!strcmp(f->key, "tlp"))
            continue;
        json_key(&j, f->key);
        value_put(&j, f);
    }
    json_put_string(&j, "tlp", tlp);
    json_object_end(&j);
    ok = text_end(&to, err) &&
         record_make(a, r->kind, group, (struct bytes){(const uint8_t *)to.p, to.n}, ret, err);
    text_free(&to);
    return ok;
}

static bool is_to_come(const struct record_field *f)
{
    static const char *const names[] = {"answer_due", "deferred_until", "due",
                                        "expires",    "silence_until",  NULL};

    return is_among(names, f->name);
}

static bool day_has_been(const struct record_field *f, const char *day, uint64_t second,
                         struct err *err)
{
    struct period p;

    return !period_read(strncmp(day, "by ", 3) ? day : day + 3, &p) || p.from <= second ||
           err_fail(err, ERR_INPUT, "%s: \"%s\": more than a year ahead", f->name, day);
}

bool record_has_been(const struct record *r, uint64_t second, struct err *err)
{
    for (const struct record_field *f = r->kind->fields; f->name; f++) {
        const struct json *value = json_get(r->of, f->name);

        if (!value || (f->form != RECORD_DAY && f->form != RECORD_DAYS) || is_to_come(f))
            continue;
        if (f->form == RECORD_DAY && !day_has_been(f, value->text, second, err))
            return false;
        for (const struct json *item = value->child; item; item = item->next)
            if (!day_has_been(f, item->text, second, err))
                return false;
    }
    return true;
}

/* ---- asking ---- */

const char *record_text(const struct record *r, const char *field)
{
    const struct json *value = json_get(r->of, field);

    return value && value->type == JSON_STRING ? value->text : NULL;
}

bool record_number(const struct record *r, const char *field, uint64_t *ret)
{
    const struct json *value = json_get(r->of, field);

    return value && value->type == JSON_STRING && u64_from_text(value->text, value->text_n, ret);
}

enum tlp record_tlp(const struct record *r)
{
    const char *s = record_text(r, "tlp");
    enum tlp ret;

    return s && tlp_read(s, strlen(s), &ret) ? ret : TLP_NONE;
}

bool record_amount(const struct record *r, const char *field, struct u256 *ret)
{
    const struct json *value = json_get(r->of, field);

    return value && value->type == JSON_STRING && u256_from_text(value->text, value->text_n, ret);
}

const char *record_sum(const char *item, struct u256 *ret)
{
    size_t n = strcspn(item, " ");

    if (!u256_from_text(item, n, ret))
        *ret = u256_of(0);
    return item[n] ? item + n + 1 : item + n;
}
