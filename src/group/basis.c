#include "group/basis.h"

#include "base/time.h"

#define HOURS_MAX ((uint64_t)1000000)
#define HOUR_MS ((uint64_t)3600000)
#define ANY "*"

static const char *const acts[] = {"order", "extend", "legal", "disclose", NULL};
static const char *const law[] = {"le-request", "court-order", "regulator-directive", NULL};

static size_t place(const char *const *list, const char *s)
{
    size_t i = 0;

    while (list[i] && strcmp(list[i], s))
        i++;
    return i;
}

size_t basis_place(const char *basis)
{
    return place(hold_bases, basis);
}

bool basis_is_law(const char *basis)
{
    return law[place(law, basis)] != NULL;
}

/* ---- reading ---- */

static bool word_of(const struct json *o, const char *name, const char **ret, struct err *err)
{
    return json_text(json_get(o, name), name, ret, err) &&
           ((**ret && strlen(*ret) <= GROUP_NAME_MAX && text_is_plain(*ret, strlen(*ret))) ||
            err_fail(err, ERR_INPUT, "%s: empty, too long, or with control characters", name));
}

static bool party_read(const struct json *row, const char *name, struct basis_party *ret,
                       struct err *err)
{
    static const char *const known[] = {"country", "kind", NULL};
    const struct json *o = json_get(row, name);

    return (json_only(o, name, known, err) && word_of(o, "country", &ret->country, err) &&
            word_of(o, "kind", &ret->kind, err)) ||
           err_in(err, "%s", name);
}

/* Bits over the words. */
static bool words_read(const struct json *list, const char *name, const char *const *words,
                       uint64_t *ret, struct err *err)
{
    const char *s;

    *ret = 0;
    if (!list || list->type != JSON_ARRAY)
        return err_fail(err, ERR_INPUT, "%s: a list is wanted", name);
    for (const struct json *j = list->child; j; j = j->next) {
        if (!json_text(j, name, &s, err))
            return false;
        if (!words[place(words, s)])
            return err_fail(err, ERR_INPUT, "%s: \"%.40s\" is none", name, s);
        *ret |= UINT64_C(1) << place(words, s);
    }
    return true;
}

static bool bases_read(const struct json *row, uint64_t *ret, struct err *err)
{
    const struct json *list = json_get(row, "bases");

    return words_read(list, "bases", hold_bases, ret, err) &&
           (*ret || err_fail(err, ERR_INPUT, "bases: a list is wanted"));
}

static bool number_read(const struct json *row, const char *name, uint64_t max, uint64_t none,
                        uint64_t *ret, struct err *err)
{
    const struct json *j = json_get(row, name);

    if (j && j->type == JSON_NULL && none) {
        *ret = none;
        return true;
    }
    if (!j || j->type != JSON_NUMBER)
        return err_fail(err, ERR_INPUT, "%s: a number is wanted", name);
    return json_u64(j, name, ret, err) &&
           (*ret <= max ||
            err_fail(err, ERR_INPUT, "%s: at most %llu", name, (unsigned long long)max));
}

/* A day; null where there may be none. */
static bool day_read(const struct json *row, const char *name, bool wanted, uint64_t *ret,
                     struct err *err)
{
    const struct json *j = json_get(row, name);
    const char *s;
    uint64_t time;

    *ret = 0;
    if (!wanted && j && j->type == JSON_NULL)
        return true;
    if (!json_text(j, name, &s, err))
        return false;
    if (strlen(s) != 10 || !time_from_iso(s, 10, &time))
        return err_fail(err, ERR_INPUT, "%s: a day, as 2026-01-01, is wanted", name);
    *ret = time * 1000;
    return true;
}

/* How a notice may be put off, where one is owed. */
static bool deferral_read(const struct json *row, struct basis_row *r, struct err *err)
{
    const struct json *hours = json_get(row, "defer_hours"), *by = json_get(row, "defer_by");
    uint64_t grounds = (1 << BASIS_GROUNDS_MAX) - 1;

    r->defer_hours = BASIS_NO_BOUND;
    if ((hours || by) && r->notice_hours == BASIS_NO_NOTICE)
        return err_fail(err, ERR_INPUT, "%s: without notice_hours there is nothing to put off",
                        hours ? "defer_hours" : "defer_by");
    if ((hours && !number_read(row, "defer_hours", HOURS_MAX, 0, &r->defer_hours, err)) ||
        (by && !words_read(by, "defer_by", deferral_bases, &grounds, err)))
        return false;
    r->defer_by = (unsigned)grounds;
    return r->defer_hours >= r->notice_hours || r->notice_hours == BASIS_NO_NOTICE ||
           err_fail(err, ERR_INPUT, "defer_hours: less than notice_hours");
}

/* How long all acts of the kind may hold. */
static bool total_read(const struct json *row, struct basis_row *r, struct err *err)
{
    r->hours_total = BASIS_NO_BOUND;
    if (!json_get(row, "hours_total"))
        return true;
    if (!strcmp(r->act, "disclose"))
        return err_fail(err, ERR_INPUT, "hours_total: a disclosure holds nothing");
    return number_read(row, "hours_total", HOURS_MAX, BASIS_NO_BOUND, &r->hours_total, err) &&
           (r->hours_total >= r->hours_max ||
            err_fail(err, ERR_INPUT, "hours_total: less than hours_max"));
}

static bool row_read(const struct json *o, struct basis_row *ret, struct err *err)
{
    static const char *const known[] = {
        "act",         "requester", "holder", "bases", "hours_max", "hours_total", "notice_hours",
        "defer_hours", "defer_by",  "from",   "to",    "example",   NULL};
    const struct json *example = json_get(o, "example");

    if (!json_only(o, "row", known, err) || !word_of(o, "act", &ret->act, err))
        return false;
    if (!acts[place(acts, ret->act)])
        return err_fail(err, ERR_INPUT, "act: order, extend, legal or disclose is wanted");
    if (example && example->type != JSON_TRUE && example->type != JSON_FALSE)
        return err_fail(err, ERR_INPUT, "example: true or false is wanted");
    ret->example = example && example->type == JSON_TRUE;
    return party_read(o, "requester", &ret->requester, err) &&
           party_read(o, "holder", &ret->holder, err) && bases_read(o, &ret->bases, err) &&
           number_read(o, "hours_max", HOURS_MAX, 0, &ret->hours_max, err) &&
           total_read(o, ret, err) &&
           number_read(o, "notice_hours", HOURS_MAX, BASIS_NO_NOTICE, &ret->notice_hours, err) &&
           deferral_read(o, ret, err) && day_read(o, "from", true, &ret->from_ms, err) &&
           day_read(o, "to", false, &ret->until_ms, err) &&
           (!ret->until_ms || ret->from_ms < ret->until_ms ||
            err_fail(err, ERR_INPUT, "to: not after from"));
}

bool basis_read(struct arena *a, const struct json *list, struct basis_matrix *ret, struct err *err)
{
    struct basis_row *rows;

    *ret = (struct basis_matrix){.there = list != NULL};
    if (!list)
        return true;
    if (list->type != JSON_ARRAY || list->children_n > BASES_MAX)
        return err_fail(err, ERR_INPUT, "bases: a list of at most %d is wanted", BASES_MAX);
    rows = ARENA_ARRAY(a, struct basis_row, list->children_n + 1);
    if (!rows)
        return arena_fail(a, err, "bases");
    ret->rows = rows;
    for (const struct json *j = list->child; j; j = j->next)
        if (!row_read(j, &rows[ret->n++], err))
            return err_in(err, "bases[%zu]", ret->n - 1);
    return true;
}

/* ---- asking ---- */

void basis_grounds_put(struct text *to, const struct basis_row *row)
{
    const char *sep = "";

    for (size_t i = 0; deferral_bases[i]; i++)
        if (row->defer_by >> i & 1) {
            text_printf(to, "%s%s", sep, deferral_bases[i]);
            sep = ", ";
        }
    if (!*sep)
        text_str(to, "nothing");
}

static bool fits(const struct basis_party *row, const struct basis_party *is)
{
    return (!strcmp(row->country, ANY) || !strcmp(row->country, is->country)) &&
           (!strcmp(row->kind, ANY) || !strcmp(row->kind, is->kind));
}

static bool row_grants(const struct basis_row *r, const struct basis_act *act)
{
    return !r->example && !strcmp(r->act, act->act) && fits(&r->requester, &act->requester) &&
           fits(&r->holder, &act->holder) && r->bases >> basis_place(act->basis) & 1 &&
           act->hours <= r->hours_max && r->from_ms <= act->ms &&
           (!r->until_ms || act->ms < r->until_ms);
}

/* Would it make what acts of the row have held last longer than the row has them? Counted from the
 * first of them, so that an extension of an extension prolongs no end that is not there. */
static bool row_is_used_up(const struct basis_row *r, const struct basis_act *act)
{
    uint64_t first = act->ms;

    for (size_t i = 0; act->first_ms && hold_bases[i]; i++)
        if (r->bases >> i & 1 && act->first_ms[i] && act->first_ms[i] < first)
            first = act->first_ms[i];
    return first < act->ms && r->hours_total != BASIS_NO_BOUND && act->until_ms > first &&
           (act->until_ms - first - 1) / HOUR_MS >= r->hours_total;
}

static bool no_more(const struct basis_matrix *m, const struct basis_row *r, struct err *err)
{
    return err_fail(err, ERR_INPUT,
                    "bases[%zu] of the basis matrix (%s, %s %s asks %s %s) lets such acts hold for "
                    "%llu hours in all from the first of them, and no longer",
                    (size_t)(r - m->rows), r->act, r->requester.country, r->requester.kind,
                    r->holder.country, r->holder.kind, (unsigned long long)r->hours_total);
}

bool basis_grants(const struct basis_matrix *m, const struct basis_act *act,
                  const struct basis_row **ret, struct err *err)
{
    const struct basis_row *used_up = NULL;
    char day[TIME_DAY_MAX];

    *ret = NULL;
    if (!m->there)
        return true;
    if (basis_is_law(act->basis) && strcmp(act->requester.country, act->holder.country) != 0 &&
        !act->relayed)
        return err_fail(err, ERR_INPUT,
                        "no authority of %s has taken the request of %s on (relay): %s does not "
                        "serve",
                        act->holder.country, act->requester.country, act->basis);
    for (size_t i = 0; i < m->n && !*ret; i++) {
        if (!row_grants(&m->rows[i], act))
            continue;
        if (!row_is_used_up(&m->rows[i], act))
            *ret = &m->rows[i];
        else if (!used_up)
            used_up = &m->rows[i];
    }
    if (!*ret && used_up)
        return no_more(m, used_up, err);
    return *ret ||
           err_fail(err, ERR_INPUT,
                    "no row of the basis matrix: act %s, requester %s %s, holder %s %s, basis %s, "
                    "%llu hours, on %s",
                    act->act, act->requester.country, act->requester.kind, act->holder.country,
                    act->holder.kind, act->basis, (unsigned long long)act->hours,
                    time_day(act->ms / 1000, day));
}
