#include "chain/bank/mt103.h"

#include "base/time.h"

#include <stdio.h>

/* One message while it is read: spans of the input. */
struct fin {
    struct bank_messages *m;
    const char *where;
    struct bytes basic, application, text, uetr;
};

enum tag { /* the fields that matter, by number; letters are options */
           TAG_20,
           TAG_23B,
           TAG_32A,
           TAG_33B,
           TAG_50,
           TAG_51,
           TAG_52,
           TAG_53,
           TAG_54,
           TAG_55,
           TAG_56,
           TAG_57,
           TAG_59,
           TAG_71A,
           TAG_71F,
           TAG_71G,
           TAG_72,
           TAGS_N
};

struct tag_row {
    const char *name;    /* as written, without options that vary */
    const char *options; /* letters that may follow; "-": none */
    bool mandatory, repeats;
};

/* MT 103 Format Specifications */
static const struct tag_row tags[TAGS_N] = {
    [TAG_20] = {"20", "-", .mandatory = true},
    [TAG_23B] = {"23", "B", .mandatory = true},
    [TAG_32A] = {"32", "A", .mandatory = true},
    [TAG_33B] = {"33", "B"},
    [TAG_50] = {"50", "AFK", .mandatory = true},
    [TAG_51] = {"51", "A"},
    [TAG_52] = {"52", "AD"},
    [TAG_53] = {"53", "ABD"},
    [TAG_54] = {"54", "ABD"},
    [TAG_55] = {"55", "ABD"},
    [TAG_56] = {"56", "ACD"},
    [TAG_57] = {"57", "ABCD"},
    [TAG_59] = {"59", "-AF", .mandatory = true},
    [TAG_71A] = {"71", "A", .mandatory = true},
    [TAG_71F] = {"71", "F", .repeats = true},
    [TAG_71G] = {"71", "G"},
    [TAG_72] = {"72", "-"},
};

struct field {
    bool given;
    char option; /* 0: none */
    struct bytes value;
};

struct fields {
    struct field one[TAGS_N];
    struct bytes charges[BANK_CHARGES_MAX]; /* 71F */
    size_t charges_n;
};

static struct bytes from(struct bytes b, size_t n)
{
    return n <= b.n ? (struct bytes){b.p + n, b.n - n} : (struct bytes){b.p + b.n, 0};
}

static bool starts(struct bytes b, const char *s)
{
    size_t n = strlen(s);

    return b.n >= n && !memcmp(b.p, s, n);
}

/* The next line of *b, without its end; *b goes on after it. */
static struct bytes line_next(struct bytes *b)
{
    const uint8_t *end = b->n ? memchr(b->p, '\n', b->n) : NULL;
    struct bytes line = {b->p, end ? (size_t)(end - b->p) : b->n};

    *b = from(*b, line.n + (end ? 1 : 0));
    while (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* Does a field begin here? ":20:" or ":32A:" */
static size_t tag_at(struct bytes line)
{
    size_t n = 3;

    if (line.n < 4 || line.p[0] != ':' || line.p[1] < '0' || line.p[1] > '9' || line.p[2] < '0' ||
        line.p[2] > '9')
        return 0;
    if (line.p[n] >= 'A' && line.p[n] <= 'Z')
        n++;
    return n < line.n && line.p[n] == ':' ? n + 1 : 0;
}

static int tag_find(struct bytes tag) /* ":32A:" */
{
    char option = tag.n == 5 ? (char)tag.p[3] : '-';

    for (int i = 0; i < TAGS_N; i++)
        if (!memcmp(tag.p + 1, tags[i].name, 2) && strchr(tags[i].options, option))
            return i;
    return -1;
}

/* Is it a field of the table, but with an option that the table does not know? */
static bool tag_half(struct bytes tag)
{
    return !memcmp(tag.p + 1, "50", 2) || !memcmp(tag.p + 1, "59", 2) ||
           (tag.p[1] == '5' && tag.p[2] >= '1' && tag.p[2] <= '7') || !memcmp(tag.p + 1, "32", 2) ||
           !memcmp(tag.p + 1, "33", 2) || !memcmp(tag.p + 1, "20", 2);
}

static bool field_keep(struct fields *f, struct bytes tag, struct bytes value, struct err *err)
{
    int which = tag_find(tag);

    if (which < 0 && tag_half(tag))
        return err_fail(err, ERR_INPUT, "field %.*s is not of a message 103", (int)tag.n - 2,
                        (const char *)tag.p + 1);
    if (which < 0)
        return true;
    value = party_trim(value);
    if (!value.n)
        return err_fail(err, ERR_INPUT, "field %.*s is empty", (int)tag.n - 2,
                        (const char *)tag.p + 1);
    if (tags[which].repeats) {
        if (f->charges_n == BANK_CHARGES_MAX)
            return err_fail(err, ERR_LIMIT, "more than %d fields 71F", BANK_CHARGES_MAX);
        f->charges[f->charges_n++] = value;
    } else if (f->one[which].given) {
        return err_fail(err, ERR_INPUT, "field %.*s is there twice", (int)tag.n - 2,
                        (const char *)tag.p + 1);
    }
    f->one[which] = (struct field){true, tag.n == 5 ? (char)tag.p[3] : 0, value};
    return true;
}

/* Block 4's text, after "{4:" and before "-}": fields, each from its tag to the next. */
static bool fields_read(struct bytes text, struct fields *f, struct err *err)
{
    struct bytes rest = text, tag = {NULL, 0}, value = {NULL, 0};

    while (rest.n) {
        const uint8_t *at = rest.p;
        struct bytes line = line_next(&rest);
        size_t n = tag_at(line);

        if (n) {
            if (tag.n && !field_keep(f, tag, value, err))
                return false;
            tag = (struct bytes){line.p, n};
            value = (struct bytes){line.p + n, line.n - n};
        } else if (tag.n) {
            value.n = (size_t)(line.p + line.n - value.p);
        } else if (party_trim(line).n) {
            return err_fail(err, ERR_INPUT, "block 4 begins with no field, but \"%.*s\"",
                            (int)(line.n < 40 ? line.n : 40), (const char *)at);
        }
    }
    if (tag.n && !field_keep(f, tag, value, err))
        return false;
    for (int i = 0; i < TAGS_N; i++)
        if (tags[i].mandatory && !f->one[i].given)
            return err_fail(err, ERR_INPUT, "field %s%s is missing", tags[i].name,
                            i == TAG_50 || i == TAG_59  ? "a"
                            : tags[i].options[0] == '-' ? ""
                                                        : tags[i].options);
    return true;
}

/* "{n:" ... "}" with other braces inside in pairs; block 4 goes to the first line "-}". */
static bool block_next(struct bytes *in, char *ret_n, struct bytes *ret, struct err *err)
{
    size_t depth = 0, i;

    if (in->n < 3 || in->p[0] != '{' || in->p[2] != ':')
        return err_fail(err, ERR_INPUT, "a block {n: is wanted");
    *ret_n = (char)in->p[1];
    for (i = 0; i < in->n; i++) {
        if (*ret_n == '4') {
            bool line = i == 3 || (i > 3 && in->p[i - 1] == '\n');

            if (in->p[i] == '-' && line && i + 1 < in->n && in->p[i + 1] == '}') {
                *ret = (struct bytes){in->p + 3, i - 3};
                *in = from(*in, i + 2);
                return true;
            }
        } else if (in->p[i] == '{') {
            depth++;
        } else if (in->p[i] == '}' && !--depth) {
            *ret = (struct bytes){in->p + 3, i - 3};
            *in = from(*in, i + 1);
            return true;
        }
    }
    return err_fail(err, ERR_INPUT, "block %c does not end", *ret_n);
}

/* The value of {121:...} in block 3. */
static struct bytes block_field(struct bytes block, const char *mark)
{
    for (size_t i = 0; i + strlen(mark) <= block.n; i++)
        if (starts(from(block, i), mark)) {
            struct bytes value = from(block, i + strlen(mark));
            const uint8_t *end = value.n ? memchr(value.p, '}', value.n) : NULL;

            return (struct bytes){value.p, end ? (size_t)(end - value.p) : 0};
        }
    return (struct bytes){NULL, 0};
}

/* A logical terminal's address of 12 characters: BIC of 8, terminal, branch of 3. */
static bool terminal_read(struct arena *a, struct bytes in, size_t at, struct bank_agent *ret,
                          struct err *err)
{
    char bic[BIC_MAX];

    if (at + 12 > in.n)
        return err_fail(err, ERR_INPUT, "an address of a bank is cut short");
    memcpy(bic, in.p + at, 8);
    memcpy(bic + 8, in.p + at + 9, 3);
    return bic_read(a, (struct bytes){(const uint8_t *)bic, BIC_MAX}, &ret->bic, err);
}

/* Sender and receiver: block 1 is whose message it is, block 2 the other. */
static bool ends_read(struct fin *f, struct bank_agent *sender, struct bank_agent *receiver,
                      struct err *err)
{
    struct bytes app = f->application;
    struct arena *a = f->m->a;

    if (f->basic.n < 15 || f->basic.p[0] != 'F' || !starts(from(f->basic, 1), "01"))
        return err_fail(err, ERR_INPUT, "block 1 is not that of a financial message (F01)");
    if (app.n < 4 || (app.p[0] != 'I' && app.p[0] != 'O'))
        return err_fail(err, ERR_INPUT, "block 2 is neither input nor output");
    if (!starts(from(app, 1), "103"))
        return err_fail(err, ERR_INPUT, "message type %.3s is not read, only 103",
                        (const char *)app.p + 1);
    if (app.p[0] == 'I')
        return terminal_read(a, f->basic, 3, sender, err) &&
               terminal_read(a, app, 4, receiver, err);
    /* output: O103, time 4, then the sender's input reference: date 6, its terminal */
    return terminal_read(a, app, 14, sender, err) && terminal_read(a, f->basic, 3, receiver, err);
}

/* [/1!a][/34x] or //code, then lines: what options A, B, C and D of a bank, and 50a and 59a of a
 * customer have in common. */
struct party {
    struct bytes account, clearing, bic, name;
};

static bool party_lines(struct bank_messages *m, struct bytes value, char option, bool bank,
                        struct party *ret, struct err *err)
{
    char *name;
    size_t n = 0;

    *ret = (struct party){0};
    if (starts(value, "//") && bank) {
        ret->clearing = from(line_next(&value), 2);
    } else if (starts(value, "/")) {
        ret->account = from(line_next(&value), 1);
        if (bank && ret->account.n > 1 && ret->account.p[1] == '/')
            ret->account = from(ret->account, 2); /* /C/ or /D/: which side it is */
    } else if (option == 'F') {
        line_next(&value); /* 50F's other identifiers: CODE/CC/TEXT */
    }
    if (option == 'A') {
        return bic_read(m->a, line_next(&value), &ret->bic, err);
    }
    if (option == 'B' || option == 'C')
        return true; /* a place, or nothing more */
    name = arena_alloc(m->a, value.n + 1);
    if (!name)
        return bank_no_memory(m, err);
    if (option == 'F') { /* "1/NAME", which may go on in another line 1 */
        while (value.n) {
            struct bytes line = line_next(&value);

            if (starts(line, "1/")) {
                name[n] = ' ';
                memcpy(name + n + (n > 0), line.p + 2, line.n - 2);
                n += line.n - 2 + (n > 0);
            }
        }
    } else {
        struct bytes line = line_next(&value);

        memcpy(name, line.p, line.n);
        n = line.n;
    }
    ret->name = party_trim((struct bytes){(const uint8_t *)name, n});
    return true;
}

static bool agent_add(struct fin *f, struct bank_message *message, const struct fields *fields,
                      enum tag tag, struct err *err)
{
    const struct field *field = &fields->one[tag];
    struct bank_agent agent = {0};
    struct party party;

    if (!field->given)
        return true;
    if (!party_lines(f->m, field->value, field->option, true, &party, err))
        return err_in(err, "field %s%c", tags[tag].name, field->option);
    agent = (struct bank_agent){party.bic, party.clearing, party.name};
    return bank_way_add(f->m, message, &agent, NULL, err);
}

/* Debtor's bank, sender, the correspondents that settle between sender and receiver, receiver, then
 * the banks after it. */
static bool way_read(struct fin *f, struct bank_message *message, const struct fields *fields,
                     struct err *err)
{
    struct bank_agent sender = {0}, receiver = {0};

    return ends_read(f, &sender, &receiver, err) && agent_add(f, message, fields, TAG_52, err) &&
           agent_add(f, message, fields, TAG_51, err) &&
           bank_way_add(f->m, message, &sender, &message->sender, err) &&
           agent_add(f, message, fields, TAG_53, err) &&
           agent_add(f, message, fields, TAG_55, err) &&
           agent_add(f, message, fields, TAG_54, err) &&
           bank_way_add(f->m, message, &receiver, &message->receiver, err) &&
           agent_add(f, message, fields, TAG_56, err) && agent_add(f, message, fields, TAG_57, err);
}

static bool customer_read(struct fin *f, const struct fields *fields, enum tag tag,
                          struct bytes agent, struct bytes *ret, bool *ret_named, struct err *err)
{
    const struct field *field = &fields->one[tag];
    struct bytes account, name;
    struct party party;

    if (!party_lines(f->m, field->value, field->option, false, &party, err))
        return err_in(err, "field %s%c", tags[tag].name, field->option ? field->option : ' ');
    account = party.account;
    name = party.bic.n ? party.bic : party.name;
    *ret = bank_account_key(f->m->a, agent, account, name, ret_named);
    if (!ret->p)
        return err_fail(err, ERR_INPUT, "field %s names neither an account nor a name",
                        tags[tag].name);
    return true;
}

/* 3!a15d */
static bool money_field(struct bytes value, struct money *ret, struct err *err)
{
    if (value.n < 4 || value.n > 18)
        return err_fail(err, ERR_INPUT, "\"%.*s\" is not a currency and an amount",
                        (int)(value.n < 40 ? value.n : 40), (const char *)value.p);
    return money_read((const char *)value.p, 3, (const char *)value.p + 3, value.n - 3, ',', ret,
                      err);
}

/* 32A: 6!n3!a15d */
static bool settled_read(struct bytes value, struct bank_message *message, struct err *err)
{
    if (value.n < 10)
        return err_fail(err, ERR_INPUT, "field 32A: a date, a currency and an amount are wanted");
    if (!time_from_yymmdd((const char *)value.p, 6, &message->time))
        return err_fail(err, ERR_INPUT, "field 32A: there is no day %.6s", (const char *)value.p);
    return money_field(from(value, 6), &message->settled, err) ? true : err_in(err, "field 32A");
}

static bool money_read_all(struct bank_message *message, const struct fields *fields,
                           struct err *err)
{
    struct money prepaid = {NULL, 0};

    if (!settled_read(fields->one[TAG_32A].value, message, err))
        return false;
    if (fields->one[TAG_33B].given &&
        !money_field(fields->one[TAG_33B].value, &message->instructed, err))
        return err_in(err, "field 33B");
    if (fields->one[TAG_71G].given && !money_field(fields->one[TAG_71G].value, &prepaid, err))
        return err_in(err, "field 71G");
    for (size_t i = 0; i < fields->charges_n; i++) {
        struct bank_charge *c = &message->charges[message->charges_n];

        if (!money_field(fields->charges[i], &c->money, err))
            return err_in(err, "field 71F");
        message->charges_n += c->money.minor > 0;
    }
    /* each field 71F is one bank's, "in the order of the banks": the last is the sender's */
    for (size_t i = 0; i < message->charges_n; i++)
        if (message->charges_n - 1 - i <= message->sender)
            message->charges[i].agent =
                message->agents[message->sender - (message->charges_n - 1 - i)];
    return true;
}

static bool return_read(const struct fields *fields)
{
    struct bytes text = fields->one[TAG_72].value;

    return fields->one[TAG_72].given && (starts(text, "/RETN/") || starts(text, "/REJT/"));
}

/* A return goes from its sender towards whoever paid, whom the payment itself names. */
static bool message_keep(struct fin *f, const struct fields *fields, struct err *err)
{
    struct bank_message *message;
    char uetr[UETR_BYTES + 1];

    if (!bank_message_new(f->m, true, &message, err) || !way_read(f, message, fields, err) ||
        !money_read_all(message, fields, err) ||
        !customer_read(f, fields, TAG_50, message->agents[0], &message->debtor,
                       &message->debtor_named, err) ||
        !customer_read(f, fields, TAG_59, message->agents[message->agents_n - 1],
                       &message->creditor, &message->creditor_named, err))
        return false;
    message->where = f->where;
    message->back = return_read(fields);
    if (message->back) {
        message->debtor = message->creditor = (struct bytes){NULL, 0};
        message->instructed = (struct money){NULL, 0};
    }
    if (!bank_way_check(message, err))
        return false;
    if (f->uetr.n) {
        if (!uetr_read(f->uetr, uetr, err))
            return err_in(err, "field 121");
        message->payment = (struct bytes){arena_copy(f->m->a, uetr, UETR_BYTES), UETR_BYTES};
        if (!message->payment.p)
            return bank_no_memory(f->m, err);
        return true;
    }
    if (message->back)
        return err_fail(err, ERR_INPUT, "a return without a UETR (field 121) has no payment");
    return bank_payment_name(f->m->a, message->agents[message->sender],
                             party_trim(fields->one[TAG_20].value), message->time,
                             &message->payment, err);
}

static bool between(uint8_t c)
{
    return c <= ' ' || c == '$';
}

/* One message: blocks until the next block 1, or the end. */
static bool message_read(struct fin *f, struct bytes *in, struct err *err)
{
    struct fields fields = {0};
    bool first = true;

    while (in->n && !between(*in->p) && (first || !starts(*in, "{1:"))) {
        struct bytes block;
        char n;

        if (!block_next(in, &n, &block, err))
            return false;
        if (first != (n == '1'))
            return err_fail(err, ERR_INPUT, "a message begins with block 1");
        if (n == '1')
            f->basic = block;
        else if (n == '2')
            f->application = block;
        else if (n == '3')
            f->uetr = block_field(block, "{121:");
        else if (n == '4')
            f->text = block;
        first = false;
    }
    if (!f->application.p || !f->text.p)
        return err_fail(err, ERR_INPUT, "block %c is missing", f->application.p ? '4' : '2');
    return fields_read(f->text, &fields, err) && message_keep(f, &fields, err);
}

bool mt103_read(struct bank_messages *m, const char *name, struct bytes in, struct err *err)
{
    size_t n = 0;

    for (;;) {
        struct fin f = {.m = m};
        char *where;

        while (in.n && between(*in.p))
            in = from(in, 1);
        if (!in.n)
            return n ? true : err_fail(err, ERR_INPUT, "%s: no message", name);
        where = arena_alloc(m->a, strlen(name) + 32);
        if (!where)
            return bank_no_memory(m, err);
        snprintf(where, strlen(name) + 32, "%s: message %zu", name, ++n);
        f.where = where;
        if (!message_read(&f, &in, err))
            return err_in(err, "%s", where);
    }
}
