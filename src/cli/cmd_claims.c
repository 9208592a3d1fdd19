/* cordon claims: who said what about how much, and who denies it. */
#include "cli/group_show.h"
#include "cli/register_call.h"
#include "group/record_show.h"

static void rows_text(struct text *to, const struct claim_row *rows, size_t n)
{
    static const char *const titles[] = {[CLAIM_OF_YEAR] = "Of this year",
                                         [CLAIM_WIDER] = "Of a time that meets it",
                                         [CLAIM_DENIAL] = "Denied"};

    for (size_t i = 0; i < n; i++) {
        if (!i || rows[i - 1].place != rows[i].place)
            text_printf(to, "%s%s\n", i ? "\n" : "", titles[rows[i].place]);
        text_str(to, "  ");
        record_line_put(to, rows[i].said);
        if (rows[i].revised_by)
            text_printf(to, "                revised by %.12s\n",
                        strchr(rows[i].revised_by->of->object, ':') + 1);
    }
}

static bool year_tell(struct call *c, struct group_log *l, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    const char *word = call_arg(c, 1);
    struct claim_row *rows;
    struct records r;
    uint64_t year;
    size_t n;

    if (!u64_from_text(word, strlen(word), &year) || year > 9999)
        return err_fail(err, ERR_USAGE, "\"%s\": a year is wanted", word);
    if (!records_of(l, c->arena, record_kind("claim"), &r, err) ||
        !claims_of_year(c->arena, &r, (unsigned)year, NULL, &rows, &n, err))
        return false;
    if (!call_json(c)) {
        rows_text(c->out, rows, n);
        return true;
    }
    claims_year_put(&j, (unsigned)year, rows, n);
    text_char(c->out, '\n');
    return true;
}

static bool year(struct call *c, struct err *err)
{
    return group_tell(c, year_tell, err);
}

static const struct word words[] = {
    {"import", "FILE", "audience tlp", register_import, "take in a table"},
    {"list", NULL, NULL, register_list, "those that stand"},
    {"year", "YEAR", NULL, year, "what was said of a year, side by side, and who denies it"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct example examples[] = {
    {"cordon claims import claims.csv", "take in a table"},
    {"cordon claims year 2022", "what was said of 2022, and who denies it"},
    {NULL, NULL},
};

const struct command cmd_claims = {
    .name = "claims",
    .words = words,
    .options = register_options,
    .summary = "who said what about how much, side by side, with the denials",
    .about =
        "import and list are those of cordon register with claim. year puts side by side what was "
        "said\n"
        "of a year, by claimant: figures of the year itself, those of a wider time, and denials. "
        "Nothing is\n"
        "averaged; what its claimant has revised since, and what was misprinted, stays and is "
        "marked. JSON:\n"
        "docs/schemas/claims-year.json.",
    .examples = examples,
};
