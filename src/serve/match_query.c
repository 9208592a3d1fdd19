#include "serve/match_query.h"

#include "screen/batch.h"

static const struct {
    const char *name;
    enum name_kind kind;
} schemas[] = {
    {"Person", NAME_PERSON},        {"Organization", NAME_ORGANISATION},
    {"Company", NAME_ORGANISATION}, {"PublicBody", NAME_ORGANISATION},
    {"LegalEntity", NAME_UNKNOWN}, /* a person or an organisation */
    {"Thing", NAME_UNKNOWN},        {"Vessel", NAME_VESSEL},
    {"Airplane", NAME_AIRCRAFT},    {"CryptoWallet", NAME_UNKNOWN},
};

struct reading {
    struct arena *a;
    struct match_query *q;
    const struct json *properties;
};

/* ---- properties: a text, or an array of texts ---- */

static bool value_check(const struct json *v, const char *name, struct err *err)
{
    if (v->type == JSON_STRING && !memchr(v->text, 0, v->text_n))
        return true;
    return err_fail(err, ERR_INPUT, "%.40s: a text, or an array of them, is wanted", name);
}

static bool properties_check(const struct json *properties, struct err *err)
{
    for (const struct json *p = properties->child; p; p = p->next) {
        if (strlen(p->key) != p->key_n)
            return err_fail(err, ERR_INPUT, "a NUL in the name of a property");
        if (p->type != JSON_ARRAY && !value_check(p, p->key, err))
            return false;
        for (const struct json *v = p->type == JSON_ARRAY ? p->child : NULL; v; v = v->next)
            if (!value_check(v, p->key, err))
                return false;
    }
    return true;
}

static const struct json *first(const struct reading *r, const char *name)
{
    const struct json *p = json_get(r->properties, name);

    return p && p->type == JSON_ARRAY ? p->child : p;
}

static const struct json *next(const struct json *v)
{
    return v->key ? NULL : v->next; /* one that has a key is a property of a single text */
}

static bool add(const char **to, size_t *n, size_t max, const char *text, const char *what,
                struct err *err)
{
    if (!*text)
        return true;
    for (size_t i = 0; i < *n; i++)
        if (!strcmp(to[i], text))
            return true;
    if (*n == max)
        return err_fail(err, ERR_LIMIT, "more than %zu %s", max, what);
    to[(*n)++] = text;
    return true;
}

/* All values of all these properties. */
static bool gather(const struct reading *r, const char *const *names, const char **to, size_t *n,
                   size_t max, const char *what, struct err *err)
{
    for (; *names; names++)
        for (const struct json *v = first(r, *names); v; v = next(v))
            if (!add(to, n, max, v->text, what, err))
                return false;
    return true;
}

static const char *one_of(const struct reading *r, const char *const *names)
{
    for (; *names; names++) {
        const struct json *v = first(r, *names);

        if (v && *v->text)
            return v->text;
    }
    return NULL;
}

/* ---- names ---- */

/* Each family name with the first of the given names. */
static bool names_from_parts(const struct reading *r, struct err *err)
{
    static const char *const middles[] = {"secondName", "middleName", "fatherName", NULL};
    const struct json *given = first(r, "firstName"), *family = first(r, "lastName");
    const char *middle = one_of(r, middles);

    for (; family; family = next(family)) {
        struct text t = text_new((size_t)1 << 20);
        const char *name;
        bool ok;

        text_printf(&t, "%s%s%s%s%s", given ? given->text : "", given ? " " : "",
                    middle ? middle : "", middle ? " " : "", family->text);
        ok = text_end(&t, err);
        name = ok ? arena_string(r->a, t.p, t.n) : NULL;
        text_free(&t);
        if (!ok || (!name && !err_fail(err, ERR_NOMEM, "a name")))
            return false;
        if (!add(r->q->names, &r->q->names_n, MATCH_NAMES_MAX, name, "names", err))
            return false;
    }
    return true;
}

static bool names_read(const struct reading *r, struct err *err)
{
    static const char *const names[] = {"name", "alias", "weakAlias", "previousName", NULL};

    r->q->names = ARENA_ARRAY(r->a, const char *, MATCH_NAMES_MAX);
    if (!r->q->names)
        return err_fail(err, ERR_NOMEM, "names");
    return gather(r, names, r->q->names, &r->q->names_n, MATCH_NAMES_MAX, "names", err) &&
           names_from_parts(r, err);
}

/* ---- what else is known ---- */

static bool name_facts_read(const struct reading *r, struct err *err)
{
    static const char *const born[] = {"birthDate", NULL}, *const nations[] = {"nationality",
                                                                               "citizenship",
                                                                               "country",
                                                                               "jurisdiction",
                                                                               "flag",
                                                                               NULL},
                             *const ids[] = {"idNumber",
                                             "passportNumber",
                                             "socialSecurityNumber",
                                             "taxNumber",
                                             "registrationNumber",
                                             "innCode",
                                             "ogrnCode",
                                             "vatCode",
                                             "leiCode",
                                             "swiftBic",
                                             "imoNumber",
                                             "mmsi",
                                             "callSign",
                                             "dunsCode",
                                             "uscCode",
                                             NULL};
    struct name_facts *f = &r->q->facts;
    const char **numbers = ARENA_ARRAY(r->a, const char *, MATCH_IDS_MAX), *day = one_of(r, born);

    if (!numbers)
        return err_fail(err, ERR_NOMEM, "numbers");
    f->ids = numbers;
    f->nationality = one_of(r, nations);
    return (!day || screen_born_read(day, f, err)) &&
           gather(r, ids, numbers, &f->ids_n, MATCH_IDS_MAX, "numbers of documents", err);
}

static bool wallets_read(const struct reading *r, struct err *err)
{
    static const char *const wallets[] = {"publicKey", NULL}, *const currency[] = {"currency",
                                                                                   NULL};

    r->q->wallets = ARENA_ARRAY(r->a, const char *, MATCH_WALLETS_MAX);
    if (!r->q->wallets)
        return err_fail(err, ERR_NOMEM, "wallets");
    r->q->currency = one_of(r, currency);
    return gather(r, wallets, r->q->wallets, &r->q->wallets_n, MATCH_WALLETS_MAX, "wallets", err);
}

/* ---- a query ---- */

static bool schema_read(const struct json *query, struct match_query *q, struct err *err)
{
    const struct json *schema = json_get(query, "schema");

    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
        if (json_is_string(schema, schemas[i].name)) {
            q->schema = schemas[i].name;
            q->kind = schemas[i].kind;
            return true;
        }
    return err_fail(err, ERR_INPUT,
                    "schema: Person, Organization, Company, PublicBody, "
                    "LegalEntity, Vessel, Airplane, CryptoWallet or Thing");
}

static bool query_read(struct arena *a, const struct json *query, struct match_query *q,
                       struct err *err)
{
    const struct json *id = json_get(query, "id");
    struct reading r = {a, q, json_get(query, "properties")};

    q->key = query->key;
    if (strlen(query->key) != query->key_n)
        return err_fail(err, ERR_INPUT, "a NUL in the name of a query");
    if (query->type != JSON_OBJECT || !r.properties || r.properties->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "an object with schema and properties is wanted");
    if (id && id->type != JSON_NULL && !json_text(id, "id", &q->id, err))
        return false;
    q->properties = r.properties;
    if (!schema_read(query, q, err) || !properties_check(r.properties, err) ||
        !names_read(&r, err) || !name_facts_read(&r, err) || !wallets_read(&r, err))
        return false;
    return q->names_n || q->wallets_n || q->facts.ids_n ||
           err_fail(err, ERR_INPUT, "neither a name, nor a number of a document, nor a wallet");
}

bool match_queries_read(struct arena *a, const char *p, size_t n, struct match_query **ret,
                        size_t *ret_n, struct err *err)
{
    const struct json *root, *queries;

    *ret_n = 0;
    if (!n || !json_read(a, p, n, &root, err))
        return n ? false : err_fail(err, ERR_INPUT, "a JSON object is wanted");
    queries = json_get(root, "queries");
    if (!queries || queries->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "queries: an object of them is wanted");
    if (queries->children_n > MATCH_QUERIES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d queries", MATCH_QUERIES_MAX);
    *ret = ARENA_ARRAY(a, struct match_query, queries->children_n + 1);
    if (!*ret)
        return err_fail(err, ERR_NOMEM, "queries");
    for (const struct json *q = queries->child; q; q = q->next) {
        if (q->type == JSON_NULL)
            continue;
        if (!query_read(a, q, &(*ret)[*ret_n], err))
            return err_in(err, "query \"%.40s\"", q->key);
        ++*ret_n;
    }
    return *ret_n || err_fail(err, ERR_INPUT, "no queries");
}
