#include "chain/bank/pacs008.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/xml.h"

#include <expat.h>
#include <stdio.h>

#define SEPARATOR '\n' /* between namespace and name: stands in neither */

enum agent {
    AGENT_DEBTOR,
    AGENT_PREVIOUS_3, /* furthest first: 3 was before 2 */
    AGENT_PREVIOUS_2,
    AGENT_PREVIOUS_1,
    AGENT_PREVIOUS, /* of versions with one alone */
    AGENT_INSTRUCTING,
    AGENT_REIMBURSING,
    AGENT_REIMBURSING_THIRD,
    AGENT_REIMBURSED,
    AGENT_INSTRUCTED,
    AGENT_BETWEEN_1,
    AGENT_BETWEEN_2,
    AGENT_BETWEEN_3,
    AGENT_CREDITOR,
    AGENT_CHARGE,
    AGENTS_N
};

enum told {
    TEXT_NUMBER, /* of the header: how many transactions */
    TEXT_TOTAL,
    TEXT_DAY,
    TEXT_UETR,
    TEXT_TX,
    TEXT_END_TO_END,
    TEXT_INSTRUCTION,
    TEXT_SETTLED,
    TEXT_INSTRUCTED,
    TEXT_BEARER,
    TEXT_CHARGE,
    TEXT_DEBTOR,
    TEXT_DEBTOR_IBAN,
    TEXT_DEBTOR_OTHER,
    TEXT_CREDITOR,
    TEXT_CREDITOR_IBAN,
    TEXT_CREDITOR_OTHER,
    TEXTS_N
};

struct value {
    struct bytes text;
    char currency[CURRENCY_CODE_BYTES + 1];
    bool given;
};

/* What header and transaction say; a transaction begins as a copy of its header's. */
struct stated {
    struct value text[TEXTS_N];
    struct bank_agent agent[AGENTS_N];
    struct bytes clearing_code[AGENTS_N];
    struct bank_charge charges[BANK_CHARGES_MAX];
    size_t charges_n;
};

struct reader {
    struct bank_messages *m;
    const char *name;
    XML_Parser parser;
    struct err *err;
    bool failed;
    size_t depth, skip;       /* skip: depth of the element that is passed over; 0: none */
    size_t document;          /* depth of the Document that is being read; 0: outside */
    char path[PACS_PATH_MAX]; /* below Document, "FIToFICstmrCdtTrf/GrpHdr/NbOfTxs" */
    size_t path_n;
    bool back; /* a return */
    char text[PARTY_TEXT_MAX];
    size_t text_n;
    char currency[CURRENCY_CODE_BYTES + 1];
    struct stated header, tx;
    size_t txs_n, documents_n; /* txs_n: of this Document */
    struct money sum;
};

static bool reader_fail(struct reader *r)
{
    if (!r->failed) {
        err_prefix(r->err, "%s: line %lu", r->name,
                   (unsigned long)XML_GetCurrentLineNumber(r->parser));
        r->failed = true;
    }
    XML_StopParser(r->parser, XML_FALSE);
    return false;
}

#define fail(r, class, ...) (err_set((r)->err, (class), __VA_ARGS__), reader_fail(r))

/* Paths below the message's root; "tx/" stands for CdtTrfTxInf or TxInf. */
static const struct {
    const char *path;
    enum told told;
} text_rows[] = {
    {"GrpHdr/NbOfTxs", TEXT_NUMBER},
    {"GrpHdr/TtlIntrBkSttlmAmt", TEXT_TOTAL},
    {"GrpHdr/TtlRtrdIntrBkSttlmAmt", TEXT_TOTAL},
    {"GrpHdr/IntrBkSttlmDt", TEXT_DAY},
    {"tx/PmtId/UETR", TEXT_UETR},
    {"tx/PmtId/TxId", TEXT_TX},
    {"tx/PmtId/EndToEndId", TEXT_END_TO_END},
    {"tx/PmtId/InstrId", TEXT_INSTRUCTION},
    {"tx/OrgnlUETR", TEXT_UETR},
    {"tx/OrgnlTxId", TEXT_TX},
    {"tx/OrgnlEndToEndId", TEXT_END_TO_END},
    {"tx/IntrBkSttlmAmt", TEXT_SETTLED},
    {"tx/RtrdIntrBkSttlmAmt", TEXT_SETTLED},
    {"tx/IntrBkSttlmDt", TEXT_DAY},
    {"tx/InstdAmt", TEXT_INSTRUCTED},
    {"tx/RtrdInstdAmt", TEXT_INSTRUCTED},
    {"tx/ChrgBr", TEXT_BEARER},
    {"tx/ChrgsInf/Amt", TEXT_CHARGE},
    {"tx/Dbtr/Nm", TEXT_DEBTOR},
    {"tx/DbtrAcct/Id/IBAN", TEXT_DEBTOR_IBAN},
    {"tx/DbtrAcct/Id/Othr/Id", TEXT_DEBTOR_OTHER},
    {"tx/DbtrAcct/Id/PrtryAcct/Id", TEXT_DEBTOR_OTHER},
    {"tx/Cdtr/Nm", TEXT_CREDITOR},
    {"tx/CdtrAcct/Id/IBAN", TEXT_CREDITOR_IBAN},
    {"tx/CdtrAcct/Id/Othr/Id", TEXT_CREDITOR_OTHER},
    {"tx/CdtrAcct/Id/PrtryAcct/Id", TEXT_CREDITOR_OTHER},
};

static const struct {
    const char *path;
    enum agent agent;
} agent_rows[] = {
    {"GrpHdr/InstgAgt/", AGENT_INSTRUCTING},
    {"GrpHdr/InstdAgt/", AGENT_INSTRUCTED},
    {"GrpHdr/SttlmInf/InstgRmbrsmntAgt/", AGENT_REIMBURSING},
    {"GrpHdr/SttlmInf/InstdRmbrsmntAgt/", AGENT_REIMBURSED},
    {"GrpHdr/SttlmInf/ThrdRmbrsmntAgt/", AGENT_REIMBURSING_THIRD},
    {"tx/SttlmInf/InstgRmbrsmntAgt/", AGENT_REIMBURSING},
    {"tx/SttlmInf/InstdRmbrsmntAgt/", AGENT_REIMBURSED},
    {"tx/SttlmInf/ThrdRmbrsmntAgt/", AGENT_REIMBURSING_THIRD},
    {"tx/DbtrAgt/", AGENT_DEBTOR},
    {"tx/PrvsInstgAgt3/", AGENT_PREVIOUS_3},
    {"tx/PrvsInstgAgt2/", AGENT_PREVIOUS_2},
    {"tx/PrvsInstgAgt1/", AGENT_PREVIOUS_1},
    {"tx/PrvsInstgAgt/", AGENT_PREVIOUS},
    {"tx/InstgAgt/", AGENT_INSTRUCTING},
    {"tx/InstdAgt/", AGENT_INSTRUCTED},
    {"tx/IntrmyAgt1/", AGENT_BETWEEN_1},
    {"tx/IntrmyAgt2/", AGENT_BETWEEN_2},
    {"tx/IntrmyAgt3/", AGENT_BETWEEN_3},
    {"tx/CdtrAgt/", AGENT_CREDITOR},
    {"tx/ChrgsInf/Agt/", AGENT_CHARGE},
    {"tx/ChrgsInf/Pty/", AGENT_CHARGE}, /* .02 to .04 */
};

#define ROWS_N(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char tx_mark[] = "tx/";

/* The path below the message's root, transactions as "tx/"; NULL: above it. */
static const char *path_short(const struct reader *r)
{
    const char *slash = strchr(r->path, '/');
    const char *element = r->back ? "TxInf/" : "CdtTrfTxInf/";

    if (!slash)
        return NULL;
    slash++;
    /* both names end as the mark does when what is before it is left out */
    return strncmp(slash, element, strlen(element)) ? slash : slash + strlen(element);
}

static bool path_in_tx(const struct reader *r)
{
    const char *slash = strchr(r->path, '/');
    const char *element = r->back ? "TxInf" : "CdtTrfTxInf";
    size_t n = strlen(element);

    return slash && !strncmp(slash + 1, element, n) && (!slash[1 + n] || slash[1 + n] == '/');
}

/* Does this row's path, which may begin with "tx/", say where we are? *rest: what follows it. */
static bool path_is(const struct reader *r, const char *row, const char **rest)
{
    const char *at = path_short(r);
    bool in_tx = !strncmp(row, tx_mark, sizeof(tx_mark) - 1);
    size_t n;

    if (!at || in_tx != path_in_tx(r))
        return false;
    row += in_tx ? sizeof(tx_mark) - 1 : 0;
    n = strlen(row);
    if (strncmp(at, row, n))
        return false;
    *rest = at + n;
    return true;
}

static bool text_copy(struct reader *r, struct bytes *ret)
{
    struct bytes text = party_trim((struct bytes){(const uint8_t *)r->text, r->text_n});

    *ret = (struct bytes){arena_copy(r->m->a, text.p, text.n ? text.n : 1), text.n};
    if (!ret->p) {
        bank_no_memory(r->m, r->err);
        return reader_fail(r);
    }
    return true;
}

static bool agent_text(struct reader *r, struct stated *s, enum agent which, const char *rest)
{
    struct bank_agent *agent = &s->agent[which];

    if (!strcmp(rest, "FinInstnId/BICFI") || !strcmp(rest, "FinInstnId/BIC"))
        return bic_read(r->m->a, party_trim((struct bytes){(uint8_t *)r->text, r->text_n}),
                        &agent->bic, r->err)
                   ? true
                   : reader_fail(r);
    if (!strcmp(rest, "FinInstnId/Nm"))
        return text_copy(r, &agent->name);
    if (!strcmp(rest, "FinInstnId/ClrSysMmbId/ClrSysId/Cd"))
        return text_copy(r, &s->clearing_code[which]);
    if (!strcmp(rest, "FinInstnId/ClrSysMmbId/MmbId"))
        return text_copy(r, &agent->clearing);
    return true;
}

/* An element ends that may be one of ours: keep its text. */
static bool leaf_keep(struct reader *r)
{
    struct stated *s = path_in_tx(r) ? &r->tx : &r->header;
    const char *rest;

    for (size_t i = 0; i < ROWS_N(text_rows); i++)
        if (path_is(r, text_rows[i].path, &rest) && !*rest) {
            struct value *v = &s->text[text_rows[i].told];

            v->given = true;
            memcpy(v->currency, r->currency, sizeof(v->currency));
            return text_copy(r, &v->text);
        }
    for (size_t i = 0; i < ROWS_N(agent_rows); i++)
        if (path_is(r, agent_rows[i].path, &rest))
            return agent_text(r, s, agent_rows[i].agent, rest);
    return true;
}

static bool money_of(struct reader *r, const struct value *v, const char *what, struct money *ret)
{
    if (money_read(v->currency, strlen(v->currency), (const char *)v->text.p, v->text.n, '.', ret,
                   r->err))
        return true;
    err_prefix(r->err, "%s", what);
    return reader_fail(r);
}

/* <ClrSysId><Cd>USABA and <MmbId>021000018: one name. */
static bool clearing_join(struct reader *r, struct stated *s, enum agent which)
{
    struct bytes code = s->clearing_code[which], *member = &s->agent[which].clearing;
    uint8_t *p;

    if (!code.n || !member->n)
        return true;
    p = arena_alloc(r->m->a, code.n + member->n);
    if (!p) {
        bank_no_memory(r->m, r->err);
        return reader_fail(r);
    }
    memcpy(p, code.p, code.n);
    memcpy(p + code.n, member->p, member->n);
    *member = (struct bytes){p, code.n + member->n};
    s->clearing_code[which] = (struct bytes){NULL, 0};
    return true;
}

static bool charge_end(struct reader *r)
{
    struct stated *s = &r->tx;
    struct bank_charge *c = &s->charges[s->charges_n];

    if (!s->text[TEXT_CHARGE].given)
        return fail(r, ERR_INPUT, "charges without an amount");
    if (s->charges_n == BANK_CHARGES_MAX)
        return fail(r, ERR_LIMIT, "more than %d charges", BANK_CHARGES_MAX);
    if (!money_of(r, &s->text[TEXT_CHARGE], "ChrgsInf/Amt", &c->money) ||
        !clearing_join(r, s, AGENT_CHARGE))
        return false;
    c->agent = bank_agent_key(r->m->a, &s->agent[AGENT_CHARGE]);
    s->charges_n += c->money.minor > 0;
    s->agent[AGENT_CHARGE] = (struct bank_agent){0};
    s->text[TEXT_CHARGE].given = false;
    return true;
}

/* The banks in their order. Agents that are not told: the sender is the debtor's bank, the receiver
 * the next one on the way. */
static bool way_make(struct reader *r, struct bank_message *message)
{
    struct stated *s = &r->tx;
    enum agent first = r->back ? AGENT_INSTRUCTING : AGENT_DEBTOR;

    for (enum agent i = AGENT_DEBTOR; i <= AGENT_CREDITOR; i++)
        if (!clearing_join(r, s, i))
            return false;
    if (!bank_agent_given(&s->agent[AGENT_INSTRUCTING]))
        s->agent[AGENT_INSTRUCTING] = s->agent[AGENT_DEBTOR];
    if (!bank_agent_given(&s->agent[AGENT_INSTRUCTED]))
        s->agent[AGENT_INSTRUCTED] = bank_agent_given(&s->agent[AGENT_BETWEEN_1])
                                         ? s->agent[AGENT_BETWEEN_1]
                                         : s->agent[AGENT_CREDITOR];
    if (!bank_agent_given(&s->agent[AGENT_INSTRUCTING]) ||
        !bank_agent_given(&s->agent[AGENT_INSTRUCTED]))
        return fail(r, ERR_INPUT, "transaction %zu: no bank is named", r->txs_n);
    for (enum agent i = first; i <= AGENT_CREDITOR; i++) {
        size_t place = 0;

        if (!bank_way_add(r->m, message, &s->agent[i], &place, r->err))
            return reader_fail(r);
        if (i == AGENT_INSTRUCTING)
            message->sender = place;
        if (i == AGENT_INSTRUCTED)
            message->receiver = place;
    }
    if (!bank_way_check(message, r->err)) {
        err_prefix(r->err, "transaction %zu", r->txs_n);
        return reader_fail(r);
    }
    return true;
}

static bool account_make(struct reader *r, struct bytes agent, enum told name, enum told iban,
                         struct bytes *ret, bool *ret_named)
{
    const struct value *t = r->tx.text;

    if (t[iban].given && !iban_valid(t[iban].text))
        return fail(r, ERR_INPUT, "transaction %zu: \"%.*s\" is not an IBAN", r->txs_n,
                    (int)(t[iban].text.n < 40 ? t[iban].text.n : 40), (const char *)t[iban].text.p);
    *ret = bank_account_key(r->m->a, agent, t[iban].given ? t[iban].text : t[iban + 1].text,
                            t[name].text, ret_named);
    if (!ret->p)
        return fail(r, ERR_INPUT, "transaction %zu: neither account nor name of %s", r->txs_n,
                    name == TEXT_DEBTOR ? "debtor" : "creditor");
    return true;
}

/* UETR, else the debtor's bank with TxId, which "is passed on, unchanged, throughout the entire
 * interbank chain", or what else identifies it, and the value date. */
static bool payment_make(struct reader *r, struct bank_message *message)
{
    const struct value *t = r->tx.text;
    struct bytes reference = t[TEXT_TX].text;
    char uetr[UETR_BYTES + 1];

    if (t[TEXT_UETR].given) {
        if (!uetr_read(t[TEXT_UETR].text, uetr, r->err))
            return reader_fail(r);
        message->payment = (struct bytes){arena_copy(r->m->a, uetr, UETR_BYTES), UETR_BYTES};
        if (!message->payment.p) {
            bank_no_memory(r->m, r->err);
            return reader_fail(r);
        }
        return true;
    }
    if (r->back)
        return fail(r, ERR_INPUT, "transaction %zu: a return without OrgnlUETR has no payment",
                    r->txs_n);
    if (!reference.n)
        reference = t[TEXT_INSTRUCTION].text;
    if (!reference.n && !bytes_equal(t[TEXT_END_TO_END].text, bytes_of("NOTPROVIDED")))
        reference = t[TEXT_END_TO_END].text;
    if (!reference.n)
        return fail(r, ERR_INPUT, "transaction %zu: nothing identifies it", r->txs_n);
    return bank_payment_name(r->m->a, message->agents[0], reference, message->time,
                             &message->payment, r->err)
               ? true
               : reader_fail(r);
}

static bool tx_end(struct reader *r)
{
    const struct value *t = r->tx.text;
    struct bank_message *message;
    char *where;
    size_t where_n = strlen(r->name) + 32;

    r->txs_n++;
    where = arena_alloc(r->m->a, where_n);
    if (!where || !bank_message_new(r->m, true, &message, r->err)) {
        if (!where)
            bank_no_memory(r->m, r->err);
        return reader_fail(r);
    }
    snprintf(where, where_n, "%s: transaction %zu", r->name, r->txs_n);
    message->where = where;
    message->back = r->back;
    if (!t[TEXT_SETTLED].given)
        return fail(r, ERR_INPUT, "transaction %zu: no settled amount", r->txs_n);
    if (!t[TEXT_DAY].given)
        return fail(r, ERR_INPUT, "transaction %zu: no value date", r->txs_n);
    if (!bank_time(t[TEXT_DAY].text, &message->time, r->err))
        return reader_fail(r);
    if (!money_of(r, &t[TEXT_SETTLED], "settled amount", &message->settled) ||
        (t[TEXT_INSTRUCTED].given && !r->back &&
         !money_of(r, &t[TEXT_INSTRUCTED], "instructed amount", &message->instructed)) ||
        !way_make(r, message) || !payment_make(r, message))
        return false;
    if (!r->back &&
        (!account_make(r, message->agents[0], TEXT_DEBTOR, TEXT_DEBTOR_IBAN, &message->debtor,
                       &message->debtor_named) ||
         !account_make(r, message->agents[message->agents_n - 1], TEXT_CREDITOR, TEXT_CREDITOR_IBAN,
                       &message->creditor, &message->creditor_named)))
        return false;
    /* with DEBT the charges are paid beside the amount, not out of it */
    if (!bytes_equal(t[TEXT_BEARER].text, bytes_of("DEBT"))) {
        memcpy(message->charges, r->tx.charges, sizeof(r->tx.charges));
        message->charges_n = r->tx.charges_n;
    }
    if (!r->sum.currency)
        r->sum.currency = message->settled.currency;
    if (r->sum.currency == message->settled.currency && r->sum.minor <= MONEY_MAX)
        r->sum.minor += message->settled.minor;
    else
        r->sum.minor = UINT64_MAX; /* of several currencies there is no total */
    return true;
}

/* What the header says of the whole. */
static bool message_end(struct reader *r)
{
    const struct value *t = r->header.text;
    uint64_t number;
    struct money total;

    if (!t[TEXT_NUMBER].given)
        return fail(r, ERR_INPUT, "no group header");
    if (!u64_from_text((const char *)t[TEXT_NUMBER].text.p, t[TEXT_NUMBER].text.n, &number) ||
        number != r->txs_n)
        return fail(r, ERR_INPUT, "the header tells of %.*s transactions, there are %zu",
                    (int)(t[TEXT_NUMBER].text.n < 16 ? t[TEXT_NUMBER].text.n : 16),
                    (const char *)t[TEXT_NUMBER].text.p, r->txs_n);
    if (!t[TEXT_TOTAL].given)
        return true;
    if (!money_of(r, &t[TEXT_TOTAL], "total", &total))
        return false;
    if (!money_equal(total, r->sum)) {
        char told[MONEY_TEXT_MAX], found[MONEY_TEXT_MAX];

        return fail(r, ERR_INPUT, "the header tells of %s in all, the transactions of %s",
                    money_text(total, told),
                    r->sum.minor > MONEY_MAX ? "other" : money_text(r->sum, found));
    }
    return true;
}

/* urn:iso:std:iso:20022:tech:xsd:pacs.008.001.VV, VV from 02 to 13; or pacs.004. */
static bool namespace_read(const char *name, bool *ret_known, bool *ret_back)
{
    static const char urn[] = "urn:iso:std:iso:20022:tech:xsd:";
    const char *end = strchr(name, SEPARATOR);
    size_t n = end ? (size_t)(end - name) : 0;
    const char *at = name + sizeof(urn) - 1;
    unsigned version;

    *ret_known = false;
    if (!end || strcmp(end + 1, "Document") || strncmp(name, urn, sizeof(urn) - 1))
        return false;
    n -= sizeof(urn) - 1;
    if (n != sizeof("pacs.008.001.02") - 1 ||
        (strncmp(at, "pacs.008.001.", 13) && strncmp(at, "pacs.004.001.", 13)) || at[13] < '0' ||
        at[13] > '1' || at[14] < '0' || at[14] > '9')
        return true;
    version = (unsigned)(at[13] - '0') * 10 + (unsigned)(at[14] - '0');
    *ret_known = version >= 2 && version <= 13;
    *ret_back = at[7] == '4';
    return true;
}

static void document_start(struct reader *r)
{
    r->document = r->depth;
    r->documents_n++;
    r->path[0] = 0;
    r->path_n = 0;
    r->txs_n = 0;
    r->sum = (struct money){NULL, 0};
    memset(&r->header, 0, sizeof(r->header));
}

static bool path_push(struct reader *r, const char *local)
{
    size_t n = strlen(local);

    if (r->path_n + n + 2 > PACS_PATH_MAX)
        return fail(r, ERR_LIMIT, "names of elements are too long");
    if (r->path_n)
        r->path[r->path_n++] = '/';
    memcpy(r->path + r->path_n, local, n + 1);
    r->path_n += n;
    return true;
}

static void path_pop(struct reader *r)
{
    char *slash = strrchr(r->path, '/');

    r->path_n = slash ? (size_t)(slash - r->path) : 0;
    r->path[r->path_n] = 0;
}

static bool is_tx(const struct reader *r)
{
    const char *slash = strchr(r->path, '/');

    return slash && path_in_tx(r) && !strchr(slash + 1, '/');
}

static void XMLCALL on_start(void *parser, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = XML_GetUserData(parser);
    const char *local = strchr(name, SEPARATOR);
    bool known;

    local = local ? local + 1 : name;
    r->text_n = 0;
    r->currency[0] = 0;
    if (r->failed)
        return;
    if (++r->depth > PACS_DEPTH_MAX) {
        fail(r, ERR_LIMIT, "elements are nested deeper than %d", PACS_DEPTH_MAX);
        return;
    }
    if (r->skip)
        return;
    if (!r->document) {
        if (namespace_read(name, &known, &r->back)) {
            if (known)
                document_start(r);
            else
                fail(r, ERR_INPUT,
                     "\"%.*s\" is not read, only pacs.008.001.02 to .13 and pacs.004.001.02 to .13",
                     (int)(local - 1 - name < 80 ? local - 1 - name : 80), name);
        }
        return;
    }
    if (!path_push(r, local))
        return;
    if (r->depth == r->document + 1 && strcmp(local, r->back ? "PmtRtr" : "FIToFICstmrCdtTrf")) {
        fail(r, ERR_INPUT, "element \"%.40s\" is not of this message", local);
        return;
    }
    if (!strcmp(local, "SplmtryData") || !strcmp(local, "RmtInf") || !strcmp(local, "OrgnlTxRef"))
        r->skip = r->depth;
    if (is_tx(r))
        r->tx = r->header;
    for (size_t i = 0; attributes[i]; i += 2)
        if (!strcmp(attributes[i], "Ccy"))
            snprintf(r->currency, sizeof(r->currency), "%.3s",
                     strlen(attributes[i + 1]) == CURRENCY_CODE_BYTES ? attributes[i + 1] : "");
}

static void XMLCALL on_end(void *parser, const XML_Char *name)
{
    struct reader *r = XML_GetUserData(parser);
    bool skipped = r->skip != 0;

    if (r->failed)
        return;
    if (r->skip == r->depth)
        r->skip = 0;
    if (r->document && r->depth == r->document) {
        if (message_end(r))
            r->document = 0;
    } else if (r->document && !(skipped && r->skip)) {
        const char *rest;
        bool good = true;

        if (!skipped)
            good = leaf_keep(r);
        if (good && path_is(r, "tx/ChrgsInf", &rest) && !*rest)
            good = charge_end(r);
        else if (good && is_tx(r))
            good = tx_end(r);
        path_pop(r);
    }
    r->text_n = 0;
    r->depth--;
}

static void XMLCALL on_text(void *parser, const XML_Char *p, int n)
{
    struct reader *r = XML_GetUserData(parser);

    if (r->failed || r->skip || !r->document)
        return;
    if ((size_t)n > sizeof(r->text) - r->text_n) {
        fail(r, ERR_LIMIT, "text of more than %zu bytes", sizeof(r->text));
        return;
    }
    memcpy(r->text + r->text_n, p, (size_t)n);
    r->text_n += (size_t)n;
}

bool pacs008_read(struct bank_messages *m, const char *name, struct bytes in, struct err *err)
{
    struct reader *r = mem_zero(sizeof(*r));
    bool good;

    if (!r)
        return err_fail(err, ERR_NOMEM, "XML");
    *r = (struct reader){.m = m, .name = name, .err = err};
    r->parser = xml_parser(in, SEPARATOR);
    if (!r->parser) {
        mem_free(r);
        return err_fail(err, ERR_NOMEM, "XML");
    }
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    good = xml_feed(r->parser, in, &r->failed, err) || (!r->failed && err_in(err, "%s", name));
    if (good && !r->documents_n)
        good = err_fail(err, ERR_INPUT, "%s: no payment message of ISO 20022", name);
    XML_ParserFree(r->parser);
    mem_free(r);
    return good;
}
