/* cordon pack: the quarter's pack, out of the group's log. */
#include "cli/export_call.h"
#include "cli/group_show.h"
#include "cordon.h"
#include "pack/cleared.h"

static bool options_of_call(struct call *c, struct pack_options *ret, struct err *err)
{
    const char *reader = call_option(c, "for"), *audience = call_option(c, "audience");
    const char *figure = call_option(c, "figure"), *until = call_option(c, "until");

    *ret = (struct pack_options){.reader = PACK_READER_FULL,
                                 .audience = audience ? audience : AUDIENCE_ALL,
                                 .version = cordon_version()};
    if (!pack_quarter_read(call_arg(c, 0), &ret->year, &ret->quarter))
        return err_fail(err, ERR_USAGE, "\"%s\": a quarter, as 2026Q4, is wanted", call_arg(c, 0));
    if (until && !pack_until_read(until, &ret->until_ms))
        return err_fail(err, ERR_USAGE, "--until \"%s\": a day, a time or milliseconds", until);
    ret->figure = figure;
    if (figure && !pack_figure_valid(figure))
        return err_fail(err, ERR_USAGE, "--figure \"%s\": no figure of packs", figure);
    return !reader || pack_reader_read(reader, &ret->reader) ||
           err_fail(err, ERR_USAGE, "--for \"%s\"", reader);
}

static bool check_cleared(struct call *c, struct group_log *l, struct pack *p, struct err *err)
{
    const struct fold_object *o;

    if (!object_find(c, group_log_fold(l), "text", call_option(c, "cleared"), &o, err) ||
        !pack_cleared(l, c->arena, p, o, now_ms(), err))
        return false;
    p->draft = false;
    return true;
}

static bool pack_out(struct call *c, const struct pack *p, enum pack_language l, struct err *err)
{
    const char *format = call_option(c, "format");
    struct out_file out;

    if (!out_open(c, call_option(c, "out"), &out, err))
        return false;
    if (call_option(c, "agenda"))
        pack_agenda(out.to, p, l);
    else if (!format || !strcmp(format, "html"))
        pack_html(out.to, p, l);
    else if (!strcmp(format, "json"))
        pack_json(out.to, p);
    else
        pack_csv(out.to, p);
    return out_close(&out, true, err);
}

/* One figure, and what it is counted from. */
static bool figure_out(struct call *c, const struct pack *p, struct err *err)
{
    const char *format = call_option(c, "format");
    struct out_file out;

    if (!p->asked.value)
        return err_fail(err, ERR_NOT_FOUND, "\"%s\": not in this pack", call_option(c, "figure"));
    if (format && !strcmp(format, "html"))
        return err_fail(err, ERR_USAGE, "--figure: as text, json or csv");
    if (!out_open(c, call_option(c, "out"), &out, err))
        return false;
    if (!format)
        pack_figure_text(out.to, p);
    else if (!strcmp(format, "json"))
        pack_figure_json(out.to, p);
    else
        pack_figure_csv(out.to, p);
    return out_close(&out, true, err);
}

static bool make_of(struct call *c, struct group_log *l, struct group_log *then,
                    const struct pack_options *options, enum pack_language in, struct err *err)
{
    struct pack p;

    return pack_of_quarter(then, c->arena, options, &p, err) &&
           (call_option(c, "cleared") ? check_cleared(c, l, &p, err) : export_lets_in(c, l, err)) &&
           (options->figure ? figure_out(c, &p, err) : pack_out(c, &p, in, err));
}

static bool make(struct call *c, struct group_log *l, struct err *err)
{
    const char *language = call_option(c, "lang");
    struct group_log *then = NULL;
    struct pack_options options;
    enum pack_language in = PACK_EN;
    bool ok;

    if (!options_of_call(c, &options, err))
        return false;
    if (language && !pack_language_read(language, &in))
        return err_fail(err, ERR_USAGE, "--lang \"%s\"", language);
    if (!options.until_ms)
        return make_of(c, l, l, &options, in, err);
    ok = home_log_open_until(c, options.until_ms, &then, err) &&
         make_of(c, l, then, &options, in, err);
    group_log_close(then);
    return ok;
}

static bool cmd_pack_run(struct call *c, struct err *err)
{
    return group_tell(c, make, err);
}

static const struct option options[] = {
    {"lang", "en|ko|ja", "the language of the page (default: en)", false},
    {"for", "full|partner|public", "who is to read it (default: full)", false},
    {"audience", "GROUP", "out of what was told to which group of the charter (default: all)",
     false},
    {"agenda", NULL, "its open matters, a line each, for the agenda of the next meeting", false},
    {"until", "TIME", "as it was then: what was said later is left out (a day: its end)", false},
    {"figure", "NAME", "one figure, and every object that it is counted from", false},
    {"cleared", "TEXT", "no draft any more: the text that all governments have cleared", false},
    {"out", "FILE", "where it goes (default: stdout)", false},
    {"format", "html|json|csv", "a page, or the same for machines (default: html; a figure: text)",
     false},
    OPTION_HOME,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon pack 2026Q4 --lang ko --out pack.html", "for the meeting, in Korean"},
    {"cordon pack 2026Q4 --for public --format json", "what may be published, for machines"},
    {"cordon pack 2026Q4 --figure thefts-usd", "the sum, and each theft that is in it"},
    {"cordon pack 2026Q4 --figure losses-by-quarter.2026Q3.n", "a figure of a table"},
    {NULL, NULL},
};

const struct command cmd_pack = {
    .name = "pack",
    .args = "QUARTER",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .needs = NEEDS_NOTHING,
    .run = cmd_pack_run,
    .summary = "the quarter's pack for the group's meeting, out of the log",
    .about =
        "Cases, response times, money, incidents, claims with their denials, obligations, "
        "outreach,\n"
        "meetings and actions of a quarter, each with the query by which it is found again. Two "
        "homes that\n"
        "have the same events make the same bytes.\n"
        "\n"
        "full is for members (TLP:AMBER+STRICT); partner has what is marked GREEN or CLEAR, public "
        "what is\n"
        "marked CLEAR, and nothing else is in any of their figures.\n"
        "\n"
        "A public page is a draft until all governments have cleared it: cordon register state "
        "text, with\n"
        "the SHA-256 that stands on the page, then clear, then --cleared. What is not cleared ends "
        "with\n"
        "exit code 1. docs/pack.md; JSON: docs/schemas/pack.json.",
    .examples = examples,
};
