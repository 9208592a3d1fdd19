/* cordon advisory: what firms are to know, out of chosen facts, with indicators beside it. */
#include "cli/export_call.h"
#include "cli/group_show.h"
#include "cordon.h"
#include "pack/advisory.h"
#include "pack/cleared.h"

static const struct record_kind *kind_of(const char *id)
{
    for (size_t i = 0; i < record_kinds_n; i++)
        if (object_is(id, record_kinds[i].name))
            return &record_kinds[i];
    return record_kind("incident");
}

static bool facts_find(struct call *c, struct group_log *l, struct advisory_options *o,
                       struct err *err)
{
    size_t n = call_args_n(c);
    struct record_said *at = ARENA_ARRAY(c->arena, struct record_said, n);

    if (!at)
        return err_fail(err, ERR_NOMEM, "an advisory");
    for (size_t i = 0; i < n; i++) {
        const char *id = call_arg(c, i);
        const struct record_kind *k = kind_of(id);
        const struct fold_object *of;
        bool here;

        if (!object_find(c, group_log_fold(l), k->name, id, &of, err) ||
            !record_of(l, c->arena, k, of, &at[i], &here, err))
            return false;
        if (!here)
            return err_fail(err, ERR_NOT_FOUND, "\"%s\": what it says is not here", of->object);
    }
    o->facts = at;
    o->facts_n = n;
    return true;
}

static bool check_cleared(struct call *c, struct group_log *l, struct pack *p, struct err *err)
{
    const struct fold_object *o;

    if (!call_option(c, "cleared"))
        return export_lets_in(c, l, err);
    if (!object_find(c, group_log_fold(l), "text", call_option(c, "cleared"), &o, err) ||
        !pack_cleared(l, c->arena, p, o, now_ms(), err))
        return false;
    p->draft = false;
    return true;
}

static bool page_out(struct call *c, const struct pack *p, enum pack_language in, struct err *err)
{
    const char *format = call_option(c, "format");
    struct out_file out;

    if (!out_open(c, call_option(c, "out"), &out, err))
        return false;
    if (format && !strcmp(format, "json"))
        pack_json(out.to, p);
    else
        pack_html(out.to, p, in);
    return out_close(&out, true, err);
}

static bool bundle_out(struct call *c, const struct text *stix, struct err *err)
{
    struct out_file out;

    if (!call_option(c, "stix"))
        return true;
    if (!stix->n)
        return err_fail(err, ERR_NOT_FOUND, "--stix: none of the facts has addresses");
    if (!out_open(c, call_option(c, "stix"), &out, err))
        return false;
    text_put(out.to, stix->p, stix->n);
    return out_close(&out, true, err);
}

static bool make(struct call *c, struct group_log *l, struct err *err)
{
    const char *language = call_option(c, "lang"), *producer = call_option(c, "producer");
    struct advisory_options o = {.title = call_option(c, "title"), .version = cordon_version()};
    struct advisory_bundles stix = {text_new(SIZE_MAX / 2), text_new(SIZE_MAX / 2)};
    enum pack_language in = PACK_EN;
    struct pack p;
    bool ok;

    if (!o.title)
        return err_fail(err, ERR_USAGE, "--title is missing: what it is about");
    if (language && !pack_language_read(language, &in))
        return err_fail(err, ERR_USAGE, "--lang \"%s\"", language);
    if (!group_log_fold(l) || !fold_charter(group_log_fold(l)))
        return err_fail(err, ERR_NOT_FOUND, "no charter is adopted yet");
    o.producer = producer ? producer : fold_charter(group_log_fold(l))->name;
    ok = facts_find(c, l, &o, err) && advisory_make(l, c->arena, &o, &p, &stix, err) &&
         check_cleared(c, l, &p, err) &&
         bundle_out(c, p.draft ? &stix.draft : &stix.cleared, err) && page_out(c, &p, in, err);
    text_free(&stix.cleared);
    text_free(&stix.draft);
    return ok;
}

static bool cmd_advisory_run(struct call *c, struct err *err)
{
    return group_tell(c, make, err);
}

static const struct option options[] = {
    {"title", "TEXT", "what it is about", false},
    {"producer", "NAME", "who says it (default: the group's name)", false},
    {"lang", "en|ko|ja", "the language of the page (default: en)", false},
    {"stix", "FILE", "where the indicators go: a STIX 2.1 bundle", false},
    {"cleared", "TEXT", "no draft any more: the text that all governments have cleared", false},
    {"out", "FILE", "where the page goes (default: stdout)", false},
    {"format", "html|json", "a page, or the same for machines (default: html)", false},
    OPTION_HOME,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon advisory 3f9a 77b0 --title 'False CVs' --stix iocs.json --out a.html",
     "a page, and its indicators beside it"},
    {NULL, NULL},
};

const struct command cmd_advisory = {
    .name = "advisory",
    .args = "FACT...",
    .args_min = 1,
    .args_max = ADVISORY_FACTS_MAX,
    .options = options,
    .needs = NEEDS_NOTHING,
    .run = cmd_advisory_run,
    .summary = "an advisory for firms out of facts of the registers, with indicators",
    .about = "FACT is a record of a register, of incidents where none is named (claim:3f9a). Each "
             "must be marked\n"
             "TLP:CLEAR. The page says them with their sources; their addresses are indicators, "
             "and --stix\n"
             "writes them as a bundle whose SHA-256 stands on the page.\n"
             "\n"
             "It is a draft until all governments have cleared it: cordon register state text, "
             "with the SHA-256\n"
             "that stands on the page, then clear, then --cleared. What is not cleared ends with "
             "exit code 1.\n"
             "docs/pack.md; JSON: docs/schemas/advisory.json.",
    .examples = examples,
};
