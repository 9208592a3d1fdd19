#include "chain/bank/table.h"

#include "base/csv.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>

enum field {
    FIELD_TIME,
    FIELD_FROM,
    FIELD_FROM_NAME,
    FIELD_FROM_BANK,
    FIELD_TO,
    FIELD_TO_NAME,
    FIELD_TO_BANK,
    FIELD_AMOUNT,
    FIELD_CURRENCY,
    FIELD_UETR,
    FIELD_PAYMENT,
    FIELD_REFERENCE,
    FIELD_LEG,
    FIELD_KIND,
    FIELD_DECIMAL,
    FIELD_SEPARATOR,
    FIELDS_N
};

static const char *const field_names[FIELDS_N] = {
    "time",     "from", "from_name", "from_bank", "to",  "to_name", "to_bank", "amount",
    "currency", "uetr", "payment",   "reference", "leg", "kind",    "decimal", "separator"};

struct table {
    struct bank_messages *m;
    const char *name;
    struct csv csv;
    struct csv_field at[TABLE_COLUMNS_MAX];
    size_t at_n;
    const char *called[FIELDS_N]; /* the column's name; NULL: as the field's */
    size_t column[FIELDS_N];      /* CSV_NONE: there is none */
    struct bytes fixed[FIELDS_N]; /* p NULL: not fixed */
    struct bytes row[FIELDS_N];   /* of the row that is read; empty: not given */
};

static bool table_fail(const struct table *t, struct err *err)
{
    return err_in(err, "%s", t->name);
}

static bool field_text(struct table *t, const struct csv_field *f, struct bytes *ret,
                       struct err *err)
{
    char *p;

    if (!f->doubled) {
        *ret = party_trim((struct bytes){(const uint8_t *)f->p, f->n});
        return true;
    }
    p = arena_alloc(t->m->a, f->n + 1);
    if (!p)
        return bank_no_memory(t->m, err);
    *ret = party_trim((struct bytes){(const uint8_t *)p, csv_text(f, p)});
    return true;
}

/* "field=column" or "field:value" */
static bool map_entry(struct table *t, struct bytes entry, struct err *err)
{
    size_t n = 0, which = 0;
    char *value;

    while (n < entry.n && entry.p[n] != '=' && entry.p[n] != ':')
        n++;
    while (which < FIELDS_N &&
           (strlen(field_names[which]) != n || memcmp(field_names[which], entry.p, n)))
        which++;
    if (n + 1 >= entry.n || which == FIELDS_N)
        return err_fail(err, ERR_USAGE,
                        "map of columns: \"%.*s\" is neither FIELD=COLUMN nor FIELD:VALUE",
                        (int)(entry.n < 60 ? entry.n : 60), (const char *)entry.p);
    if (t->called[which] || t->fixed[which].p)
        return err_fail(err, ERR_USAGE, "map of columns: %s is there twice", field_names[which]);
    value = arena_string(t->m->a, (const char *)entry.p + n + 1, entry.n - n - 1);
    if (!value)
        return bank_no_memory(t->m, err);
    if (entry.p[n] == '=')
        t->called[which] = value;
    else
        t->fixed[which] = bytes_of(value);
    return true;
}

static bool map_read(struct table *t, const char *map, struct err *err)
{
    struct csv csv = csv_over(bytes_of(map), ',');
    struct csv_field entries[FIELDS_N];
    struct bytes entry = {NULL, 0};
    size_t n;
    bool end;

    if (!csv_next(&csv, entries, FIELDS_N, &n, &end, err)) {
        err->class = ERR_USAGE;
        return err_in(err, "map of columns");
    }
    for (size_t i = 0; !end && i < n; i++)
        if (!field_text(t, &entries[i], &entry, err) || !map_entry(t, entry, err))
            return false;
    for (size_t i = FIELD_DECIMAL; i <= FIELD_SEPARATOR; i++)
        if (t->called[i] || (t->fixed[i].p && t->fixed[i].n != 1))
            return err_fail(err, ERR_USAGE, "map of columns: %s is one character, as %s:;",
                            field_names[i], field_names[i]);
    return true;
}

static bool header_read(struct table *t, struct err *err)
{
    bool end;

    if (!csv_next(&t->csv, t->at, TABLE_COLUMNS_MAX, &t->at_n, &end, err))
        return table_fail(t, err);
    if (end)
        return err_fail(err, ERR_INPUT, "%s: empty", t->name);
    for (size_t i = 0; i < FIELD_DECIMAL; i++) {
        const char *called = t->called[i] ? t->called[i] : field_names[i];

        t->column[i] = t->fixed[i].p ? CSV_NONE : csv_column(t->at, t->at_n, called);
        if (t->column[i] == CSV_NONE && t->called[i])
            return err_fail(err, ERR_INPUT, "%s: there is no column \"%s\"", t->name, called);
        if (t->column[i] == CSV_NONE && !t->fixed[i].p &&
            (i == FIELD_TIME || i == FIELD_AMOUNT || i == FIELD_CURRENCY))
            return err_fail(err, ERR_INPUT,
                            "%s: no column \"%s\" (a map of columns can name another)", t->name,
                            called);
    }
    return true;
}

/* What is in the hands of a bank, or on an account there. */
static bool side_read(struct table *t, const struct bank_message *message, bool from,
                      struct bytes *ret, struct err *err)
{
    size_t at = from ? FIELD_FROM : FIELD_TO;
    struct bytes bank = t->row[at + 2];
    struct bank_agent agent = {0};
    struct bytes agent_key;
    struct err no;
    bool named;

    if (bank.n && !bic_read(t->m->a, bank, &agent.bic, &no))
        agent.name = bank;
    agent_key = bank_agent_key(t->m->a, &agent);
    if (bank.n && !agent_key.p)
        return bank_no_memory(t->m, err);
    if (t->row[at].n || t->row[at + 1].n)
        *ret = bank_account_key(t->m->a, agent_key, t->row[at], t->row[at + 1], &named);
    else if (bank.n)
        *ret = bank_transit_key(t->m->a, agent_key, message->payment);
    else
        return err_fail(err, ERR_INPUT, "nobody is named who %s", from ? "pays" : "is paid");
    return ret->p ? true : bank_no_memory(t->m, err);
}

static bool amount_read(struct table *t, struct bank_message *message, struct err *err)
{
    struct bytes amount = t->row[FIELD_AMOUNT], currency = t->row[FIELD_CURRENCY];
    char text[40];

    if (amount.n >= sizeof(text))
        return err_fail(err, ERR_INPUT, "an amount of %zu characters", amount.n);
    memcpy(text, amount.p, amount.n);
    if (t->fixed[FIELD_DECIMAL].p && *t->fixed[FIELD_DECIMAL].p != '.')
        for (size_t i = 0; i < amount.n; i++)
            text[i] = text[i] == (char)*t->fixed[FIELD_DECIMAL].p ? '.'
                      : text[i] == '.'                            ? '?'
                                                                  : text[i];
    return money_read((const char *)currency.p, currency.n, text, amount.n, '.', &message->settled,
                      err);
}

/* A row that nothing identifies: by what it says. Book.c tells equal ones apart. */
static bool alone_name(struct table *t, struct bank_message *message, struct err *err)
{
    struct sha256_stream s;
    struct hash32 hash;
    struct text text = text_new(64);

    sha256_start(&s);
    for (size_t i = 0; i < FIELD_DECIMAL; i++) {
        sha256_add(&s, t->row[i].p, t->row[i].n);
        sha256_add(&s, "\n", 1);
    }
    hash = sha256_done(&s);
    text_str(&text, "row/");
    text_hex(&text, hash.b, 16);
    message->alone = true;
    message->payment = text.bad ? (struct bytes){NULL, 0}
                                : (struct bytes){arena_copy(t->m->a, text.p, text.n), text.n};
    text_free(&text);
    return message->payment.p ? true : bank_no_memory(t->m, err);
}

static bool payment_read(struct table *t, struct bank_message *message, struct err *err)
{
    struct bytes given = t->row[FIELD_PAYMENT], bank = t->row[FIELD_FROM_BANK];
    struct bank_agent agent = {0};
    char uetr[UETR_BYTES + 1];
    struct err no;

    if (t->row[FIELD_UETR].n) {
        if (!uetr_read(t->row[FIELD_UETR], uetr, err))
            return false;
        given = (struct bytes){(const uint8_t *)uetr, UETR_BYTES};
    }
    if (given.n) {
        if (given.n > BANK_NAME_MAX)
            return err_fail(err, ERR_INPUT, "a payment's name of %zu bytes", given.n);
        message->payment = (struct bytes){arena_copy(t->m->a, given.p, given.n), given.n};
        return message->payment.p ? true : bank_no_memory(t->m, err);
    }
    if (!t->row[FIELD_REFERENCE].n)
        return alone_name(t, message, err);
    if (bank.n && !bic_read(t->m->a, bank, &agent.bic, &no))
        agent.name = bank;
    return bank_payment_name(t->m->a, bank_agent_key(t->m->a, &agent), t->row[FIELD_REFERENCE],
                             message->time, &message->payment, err);
}

static bool is(struct bytes b, const char *s)
{
    return bytes_equal(b, bytes_of(s));
}

static bool kind_read(struct table *t, struct bank_message *message, struct err *err)
{
    struct bytes kind = t->row[FIELD_KIND], bank = t->row[FIELD_FROM_BANK];

    message->back = is(kind, "return");
    if (!kind.n || message->back || is(kind, "payment"))
        return side_read(t, message, false, &message->creditor, err);
    if (!is(kind, "charges"))
        return err_fail(err, ERR_INPUT, "kind \"%.*s\" is none of payment, charges, return",
                        (int)(kind.n < 40 ? kind.n : 40), (const char *)kind.p);
    if (t->row[FIELD_TO].n || t->row[FIELD_TO_NAME].n || t->row[FIELD_TO_BANK].n)
        return side_read(t, message, false, &message->creditor, err);
    if (!bank.n)
        return err_fail(err, ERR_INPUT, "no bank is named that keeps the charges");
    {
        struct bank_agent agent = {0};
        struct err no;

        if (!bic_read(t->m->a, bank, &agent.bic, &no))
            agent.name = bank;
        message->creditor = bank_charges_key(t->m->a, bank_agent_key(t->m->a, &agent));
    }
    return message->creditor.p ? true : bank_no_memory(t->m, err);
}

static bool row_keep(struct table *t, struct err *err)
{
    struct bank_message *message;
    char *where;
    size_t where_n = strlen(t->name) + 32;

    for (size_t i = 0; i < FIELD_DECIMAL; i++) {
        t->row[i] = t->fixed[i].p ? t->fixed[i] : (struct bytes){(const uint8_t *)"", 0};
        if (t->column[i] == CSV_NONE)
            continue;
        if (t->column[i] >= t->at_n)
            return err_fail(err, ERR_INPUT, "the row ends before the column of %s", field_names[i]);
        if (!field_text(t, &t->at[t->column[i]], &t->row[i], err))
            return false;
    }
    where = arena_alloc(t->m->a, where_n);
    if (!where)
        return bank_no_memory(t->m, err);
    snprintf(where, where_n, "%s: line %zu", t->name, t->csv.line);
    if (!bank_message_new(t->m, false, &message, err))
        return false;
    message->where = where;
    message->listed = true;
    if (t->row[FIELD_LEG].n &&
        !u64_from_text((const char *)t->row[FIELD_LEG].p, t->row[FIELD_LEG].n, &message->leg))
        return err_fail(err, ERR_INPUT, "leg \"%.*s\" is not a number",
                        (int)(t->row[FIELD_LEG].n < 40 ? t->row[FIELD_LEG].n : 40),
                        (const char *)t->row[FIELD_LEG].p);
    return bank_time(t->row[FIELD_TIME], &message->time, err) && payment_read(t, message, err) &&
           side_read(t, message, true, &message->debtor, err) && kind_read(t, message, err) &&
           amount_read(t, message, err);
}

static bool rows_read(struct table *t, struct err *err)
{
    for (;;) {
        bool end;

        if (!csv_next(&t->csv, t->at, TABLE_COLUMNS_MAX, &t->at_n, &end, err))
            return table_fail(t, err);
        if (end)
            return true;
        if (t->at_n == 1 && !t->at[0].n && !t->at[0].quoted)
            continue; /* an empty line */
        if (!row_keep(t, err)) {
            err_prefix(err, "%s: line %zu", t->name, t->csv.line);
            return false;
        }
    }
}

bool table_read(struct bank_messages *m, const char *name, struct bytes in, const char *map,
                struct err *err)
{
    struct table *t = ARENA_NEW(m->a, struct table);

    if (!t)
        return bank_no_memory(m, err);
    t->m = m;
    t->name = name;
    if (map && *map && !map_read(t, map, err))
        return false;
    t->csv = csv_over(in, t->fixed[FIELD_SEPARATOR].p ? (char)*t->fixed[FIELD_SEPARATOR].p : ',');
    return header_read(t, err) && rows_read(t, err);
}
