/* cordon indicators: wallets out to parties that have no cordon, and in from them. */
#include "cli/export_call.h"
#include "cli/cli.h"

#include "base/json.h"
#include "entity/list_store.h"
#include "intel/indicators.h"
#include "intel/wallet_gather.h"

#include <stdio.h>

#define PRODUCER "unnamed"
#define NAME_MAX_BYTES 200

static const struct store_schema *const tag_schemas[] = {&tag_schema};
static const struct store_schema *const list_schemas[] = {&list_schema};

/* ---- export ---- */

struct export
{
    struct wallet_wanted wanted;
    struct wallet_sheet sheet;
    const char *const *lists; /* [lists_n] names */
    size_t lists_n;
    bool tags; /* those of packs go along */
    struct tag_set *set;
    const struct tag_pack_row *rows;
    size_t rows_n;
    const struct list *loaded;
};

/* All values of an option that may be given often. */
static bool options_all(struct call *c, const char *name, const char *const **ret, size_t *ret_n,
                        struct err *err)
{
    const char **at = ARENA_ARRAY(c->arena, const char *, c->given_n + 1);

    *ret = at;
    *ret_n = 0;
    if (!at)
        return err_fail(err, ERR_NOMEM, "options");
    for (size_t i = 0; i < c->given_n; i++)
        if (c->given[i].option && !strcmp(c->given[i].option->name, name))
            at[(*ret_n)++] = c->given[i].value;
    return true;
}

static bool categories_read(struct call *c, uint64_t *ret, struct err *err)
{
    const char *const *words;
    size_t n;

    if (!options_all(c, "category", &words, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        enum tag_category category = tag_category_by_name(words[i]);

        if (category == TAG_CATEGORIES || !category)
            return err_fail(err, ERR_USAGE, "--category: there is none called \"%.60s\"", words[i]);
        *ret |= tag_category_bit(category);
    }
    return true;
}

static bool space_read(struct call *c, enum address_space *ret, struct err *err)
{
    const char *name = call_option(c, "chain");
    const struct chain *chain = name ? chain_by_name(name) : NULL;

    *ret = chain ? address_space_of_chain(chain) : name ? address_space_by_name(name) : SPACE_NONE;
    return !name || *ret != SPACE_NONE ||
           err_fail(err, ERR_USAGE, "--chain: addresses of \"%.60s\" are not known", name);
}

static bool plain_option(const char *name, const char *s, size_t max, struct err *err)
{
    size_t n = strlen(s);

    if (n && n <= max && utf8_valid(s, n) && text_is_plain(s, n))
        return true;
    return err_fail(err, ERR_USAGE, "--%s: a line of at most %zu bytes is wanted", name, max);
}

static bool sheet_read(struct call *c, struct wallet_sheet *ret, struct err *err)
{
    const char *tlp = call_option(c, "tlp"), *use = call_option(c, "use"),
               *producer = call_option(c, "producer");

    if (!call_option(c, "format"))
        return err_fail(err, ERR_USAGE, "indicators export: --format stix, misp or csv is wanted");
    if (!tlp)
        return err_fail(err, ERR_USAGE, "indicators export: to whom may it be passed on (--tlp)?");
    if (!use)
        return err_fail(err, ERR_USAGE, "indicators export: what may it be used for (--use)?");
    ret->producer = producer ? producer : PRODUCER;
    ret->mark.use = mark_pap(use) ? mark_pap(use) : use;
    return (tlp_read(tlp, strlen(tlp), &ret->mark.tlp) ||
            err_fail(err, ERR_USAGE, "--tlp: \"%.40s\" is no marking", tlp)) &&
           plain_option("use", use, MARK_USE_MAX / 2, err) &&
           plain_option("producer", ret->producer, NAME_MAX_BYTES, err);
}

static bool export_read(struct call *c, struct export *e, struct err *err)
{
    struct wallet_wanted *w = &e->wanted;

    if (!sheet_read(c, &e->sheet, err) || !categories_read(c, &w->categories, err) ||
        !space_read(c, &w->space, err) || !options_all(c, "pack", &w->packs, &w->packs_n, err) ||
        !options_all(c, "own", &w->own, &w->own_n, err) ||
        !options_all(c, "list", &e->lists, &e->lists_n, err))
        return false;
    w->tlp = e->sheet.mark.tlp;
    e->tags = !e->lists_n || w->packs_n || w->own_n;
    return true;
}

/* The set and the packs' rows of one moment. */
static bool tags_load(struct call *c, struct export *e, struct err *err)
{
    struct store *s;
    const char *path;
    bool ok;

    if (!home_path(c, TAG_SET_FILE, &path, err))
        return false;
    if (!records_open(c, STORE_READ, tag_schemas, 1, &s, err))
        return err->class == ERR_NOT_FOUND
                   ? err_fail(err, ERR_NOT_FOUND, "no tags have been imported (cordon tags import)")
                   : false;
    ok = store_begin_read(s, err) && tag_store_packs(s, c->arena, &e->rows, &e->rows_n, err);
    store_end_read(s);
    ok = ok && tag_set_ready(s, path, &e->set, err);
    store_close(s);
    return ok;
}

static bool lists_load(struct call *c, struct export *e, struct err *err)
{
    struct list *lists = ARENA_ARRAY(c->arena, struct list, e->lists_n + 1);
    struct store *s;
    bool ok = true;

    if (!lists)
        return err_fail(err, ERR_NOMEM, "lists");
    if (!records_open(c, STORE_READ, list_schemas, 1, &s, err))
        return err->class == ERR_NOT_FOUND
                   ? err_fail(err, ERR_NOT_FOUND, "no list has been imported (cordon lists import)")
                   : false;
    for (size_t i = 0; ok && i < e->lists_n; i++) {
        struct list_version v;

        ok = list_version_at(s, c->arena, e->lists[i], (struct list_day){0}, &v, err) &&
             list_load(s, c->arena, &v, &lists[i], err);
    }
    store_close(s);
    e->loaded = lists;
    return ok;
}

static bool wallets_write(struct call *c, const struct export *e, const struct wallet *w, size_t n,
                          struct err *err)
{
    const char *format = call_option(c, "format");

    if (!strcmp(format, "stix"))
        return wallets_stix(c->out, c->arena, &e->sheet, w, n, err);
    if (!strcmp(format, "misp"))
        return wallets_misp(c->out, c->arena, &e->sheet, w, n, err);
    return wallets_csv(c->out, c->arena, &e->sheet, w, n, err);
}

/* What stays is told, for who asks for it must not think that it was all. */
static void stays_text(const struct wallets_gathered *g)
{
    if (g->private)
        fprintf(stderr, "cordon: %zu tags of private packs stay (--own PACK)\n", g->private);
    if (g->marked)
        fprintf(stderr, "cordon: %zu tags stay: they came under a narrower marking\n", g->marked);
}

static bool run_export(struct call *c, struct err *err)
{
    struct wallets_gathered g;
    struct export e = {0};
    bool ok;

    if (!export_read(c, &e, err) || (e.tags && !tags_load(c, &e, err)))
        return false;
    ok = (!e.lists_n || lists_load(c, &e, err)) &&
         wallets_gather(c->arena, &e.wanted, e.set, e.rows, e.rows_n, e.loaded, e.lists_n, &g, err);
    if (ok) {
        stays_text(&g);
        ok = g.n ? wallets_write(c, &e, g.at, g.n, err)
                 : err_fail(err, ERR_NOT_FOUND, "there is no such wallet to export");
    }
    tag_set_close(e.set);
    return ok;
}

/* ---- import ---- */

struct import {
    struct tag_pack pack;
    struct indicators_told told;
    enum tag_import how;
};

static bool store_pack(struct call *c, struct import *im, struct err *err)
{
    char before[TAG_TEXT_MAX + 1];
    struct tag_set *set = NULL;
    const char *path;
    struct store *s;
    bool ok;

    if (!home_path(c, TAG_SET_FILE, &path, err) ||
        !records_open(c, STORE_WRITE, tag_schemas, 1, &s, err))
        return false;
    ok = store_begin(s, err) && tag_store_import(s, &im->pack, &im->how, before, err) &&
         store_commit(s, err) && tag_set_ready(s, path, &set, err);
    store_close(s);
    tag_set_close(set);
    return ok;
}

static const char *how_name(enum tag_import how)
{
    switch (how) {
    case TAG_IMPORT_NEW:
        return "imported";
    case TAG_IMPORT_SAME:
        return "was there already";
    case TAG_IMPORT_REPLACED:
        return "replaced";
    }
    return "";
}

static void import_text(struct text *to, const struct import *im)
{
    const struct tag_pack *p = &im->pack;

    text_printf(to, "%-40s %8zu tags", p->name, p->tags_n);
    if (p->stated_n != p->tags_n)
        text_printf(to, " (%zu left out)", p->stated_n - p->tags_n);
    text_printf(to, "  %s, TLP:%s%s", how_name(im->how), tlp_name(mark_effective(p->mark.tlp)),
                p->private ? ", private" : "");
    if (*p->mark.use)
        text_printf(to, "\n  permitted use: %s", p->mark.use);
    if (im->told.marks_unknown)
        text_printf(to, "\n  %zu markings are not known: taken as TLP:red", im->told.marks_unknown);
    if (im->told.others)
        text_printf(to, "\n  %zu others are no wallets", im->told.others);
    if (im->told.patterns)
        text_printf(to, "\n  %zu patterns ask for more than a wallet: not read", im->told.patterns);
    if (im->told.revoked)
        text_printf(to, "\n  %zu were withdrawn by who made them", im->told.revoked);
    text_char(to, '\n');
}

static void import_json(struct text *to, const struct import *im)
{
    const struct tag_pack *p = &im->pack;
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.indicators-import/1");
    json_put_string(&j, "pack", p->name);
    json_put_string(&j, "format", p->format);
    json_put_string(&j, "how",
                    im->how == TAG_IMPORT_NEW    ? "new"
                    : im->how == TAG_IMPORT_SAME ? "same"
                                                 : "replaced");
    json_put_string(&j, "tlp", tlp_name(mark_effective(p->mark.tlp)));
    json_put_string(&j, "permitted_use", *p->mark.use ? p->mark.use : NULL);
    json_put_bool(&j, "private", p->private);
    json_put_number(&j, "stated", p->stated_n);
    json_put_number(&j, "tags", p->tags_n);
    json_put_number(&j, "left_out", p->stated_n - p->tags_n);
    json_put_number(&j, "no_wallets", im->told.others);
    json_put_number(&j, "patterns_not_read", im->told.patterns);
    json_put_number(&j, "revoked", im->told.revoked);
    json_put_number(&j, "markings_not_known", im->told.marks_unknown);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool run_import(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1), *name = call_option(c, "pack"),
               *format = call_option(c, "format");
    struct import im = {0};
    struct bytes in;

    if (!name)
        return err_fail(err, ERR_USAGE, "indicators import: under which name (--pack)?");
    if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
        return err_fail(err, ERR_USAGE, "--format %s is of export: import sees what a file is",
                        format);
    if (!plain_option("pack", name, TAG_PACK_NAME_MAX - 1, err) ||
        !file_read(c->arena, path, INDICATORS_BYTES_MAX, &in, err))
        return false;
    if (!indicators_read(c->arena, in, name, &im.pack, &im.told, err))
        return err_in(err, "\"%s\"", path);
    if (!im.pack.stated_n)
        return err_fail(err, ERR_INPUT, "\"%s\": there is no wallet in it", path);
    if (!store_pack(c, &im, err))
        return false;
    if (call_json(c))
        import_json(c->out, &im);
    else
        import_text(c->out, &im);
    return true;
}

static bool export_run(struct call *c, struct err *err)
{
    const char *format = call_option(c, "format");

    if (format && (!strcmp(format, "json") || !strcmp(format, "text")))
        return err_fail(err, ERR_USAGE, "--format %s is of import: stix, misp or csv is wanted",
                        format);
    return export_lets(c, NULL, err) && run_export(c, err);
}

static const struct word words[] = {
    {"export", NULL, "tlp use producer category list own chain", export_run,
     "addresses with what is said of them, to stdout"},
    {"import", "FILE", NULL, run_import, "any of the three forms, as a pack of tags"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"format", "stix|misp|csv|text|json",
     "export: what is written; import: text or json, how the answer is", false},
    {"tlp", "clear|green|amber|amber+strict|red", "to whom it may be passed on", false},
    {"use", "TEXT", "what it may be used for, in words or as PAP:GREEN", false},
    {"producer", "NAME", "who says all this (default: " PRODUCER ")", false},
    {"category", "CATEGORY", "only what is of this category (docs/tags.md)", true},
    {"list", "LIST", "the addresses of a sanctions list, as ofac-sdn", true},
    {"pack", "PACK", "export: the tags of this pack; import: the pack's name", true},
    {"own", "PACK", "of a private pack, too", true},
    {"chain", "CHAIN", "only addresses of this chain", false},
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon indicators export --format stix --tlp green --use \"screening\" --category theft > "
     "theft.json",
     "what public tags call theft, for a platform that reads STIX"},
    {"cordon indicators export --format csv --tlp clear --use PAP:CLEAR --list ofac-sdn > ofac.csv",
     "the addresses of OFAC's list, for a spreadsheet"},
    {"cordon indicators import event.json --pack partner", "a partner's event becomes a pack"},
    {"cordon tags withdraw partner", "and goes again"},
    {NULL, NULL},
};

const struct command cmd_indicators = {
    .name = "indicators",
    .words = words,
    .options = options,
    .summary = "wallets out to who has no cordon, and in from them: STIX, MISP, CSV",
    .about =
        "export writes addresses with what is said of them as a STIX 2.1 bundle, a MISP event or a "
        "table,\n"
        "under a TLP marking and a permitted use. Without --list it is the tags of public packs; "
        "--list\n"
        "alone is a list's addresses. A private pack goes out only if --own names it, and nothing "
        "goes out\n"
        "under a wider marking than it came under; what stays is counted on stderr. The same tags "
        "give the\n"
        "same bytes.\n"
        "\n"
        "import reads any of the three, whoever wrote it, into a pack of tags. The pack keeps the "
        "narrowest\n"
        "marking in the file and every permitted use, shown by cordon tags, and is private unless "
        "all of it\n"
        "is TLP:CLEAR. A marking that is not known counts as RED, none as AMBER+STRICT. What is no "
        "wallet\n"
        "is counted. docs/indicators.md; JSON: docs/schemas/indicators-import.json.",
    .examples = examples,
};
