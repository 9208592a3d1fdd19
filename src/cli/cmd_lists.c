/* cordon lists: sanctions lists by version: take one in, what there is, what changed, who somebody
 * is. */
#include "cli/cli.h"

#include "cli/lists_import.h"
#include "cli/questions_again.h"
#include "entity/list_json.h"

#include <stdio.h>
#include <time.h>

#define DAY_S 86400

static const struct store_schema *const schemas[] = {&list_schema};

/* Lists are looked up in records that may not have been made. */
static bool lists_open(struct call *c, struct store **ret, struct err *err)
{
    if (records_open(c, STORE_READ, schemas, 1, ret, err))
        return true;
    return err->class == ERR_NOT_FOUND
               ? err_fail(err, ERR_NOT_FOUND, "no list has been imported (cordon lists import)")
               : false;
}

static void show_day(struct text *to, struct list_day day)
{
    char text[LIST_DAY_TEXT];

    text_str(to, list_day_text(day, text));
}

static void show_version(struct text *to, const struct list_version *v)
{
    text_printf(to, "%-18s ", v->list);
    show_day(to, v->as_of);
    text_printf(to, " %8llu entries %6llu addresses", (unsigned long long)v->entries,
                (unsigned long long)v->addresses);
}

static void import_text(struct text *to, const struct lists_version *v)
{
    show_version(to, &v->version);
    text_str(to, v->is_new ? "  imported\n" : "  was there already\n");
    for (size_t i = 0; i < v->list.notes_n; i++)
        text_printf(to, "  note: %s\n", v->list.notes[i]);
    if (!v->has_before)
        return;
    text_str(to, "  since ");
    show_day(to, v->before.as_of);
    text_printf(to, ": %zu added, %zu removed, %zu changed\n", v->added, v->removed, v->changed);
}

static void import_json(struct text *to, const struct lists_version *all,
                        const struct asked_again *again)
{
    struct json_out j = json_to(to, true);
    char day[LIST_DAY_TEXT];

    json_object(&j);
    json_put_string(&j, "schema", "cordon.lists-import/1");
    json_key(&j, "imported");
    json_array(&j);
    for (const struct lists_version *v = all; v; v = v->next) {
        if (v->failed)
            continue;
        json_object(&j);
        json_key(&j, "version");
        list_version_json(&j, &v->version);
        json_put_bool(&j, "new", v->is_new);
        json_key(&j, "notes");
        json_array(&j);
        for (size_t i = 0; i < v->list.notes_n; i++)
            json_string(&j, v->list.notes[i]);
        json_array_end(&j);
        json_put_string(&j, "since", v->has_before ? list_day_text(v->before.as_of, day) : NULL);
        json_put_number(&j, "added", v->added);
        json_put_number(&j, "removed", v->removed);
        json_put_number(&j, "changed", v->changed);
        json_object_end(&j);
    }
    json_array_end(&j);
    asked_again_json(&j, again);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool run_import(struct call *c, struct err *err)
{
    struct lists_version *all = NULL;
    struct asked_again again = {.any = false};
    bool good, is_new = false, told = false;
    struct err lost;
    struct store *s;

    if (!records_open(c, STORE_WRITE, schemas, 1, &s, err))
        return false;
    good = lists_import(c, s, 1, (uint64_t)time(NULL), &all, err);
    store_close(s);
    for (const struct lists_version *v = all; v; v = v->next) {
        is_new |= v->is_new;
        if (v->failed && told) /* the first is told by whoever asked */
            fprintf(stderr, "cordon: %s\n", v->failed);
        told |= v->failed != NULL;
        if (!v->failed && !call_json(c))
            import_text(c->out, v);
    }
    if (is_new && !questions_again(c, &again, good ? err : &lost))
        return false;
    if (call_json(c) && (good || is_new))
        import_json(c->out, all, &again);
    else if (!call_json(c))
        asked_again_text(c->out, &again);
    return good;
}

/* Days since 1970. */
static int64_t days_of(struct list_day day)
{
    return (int64_t)(list_day_seconds(day) / DAY_S);
}

static void versions_text(struct text *to, const struct list_version *all, size_t n, int64_t today)
{
    for (size_t i = 0; i < n; i++) {
        show_version(to, &all[i]);
        text_printf(to, "  %lld days old  %s\n", (long long)(today - days_of(all[i].as_of)),
                    all[i].file);
    }
    if (!n)
        text_str(to, "no list stands as of that day\n");
}

static void versions_json(struct text *to, const struct list_version *all, size_t n, int64_t today)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.lists/1");
    json_key(&j, "versions");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        json_object(&j);
        json_key(&j, "version");
        list_version_json(&j, &all[i]);
        json_put_number(&j, "age_days",
                        today > days_of(all[i].as_of) ? (uint64_t)(today - days_of(all[i].as_of))
                                                      : 0);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool versions(struct call *c, struct store *s, struct err *err)
{
    int64_t today = (int64_t)time(NULL) / DAY_S;
    const struct list_version *all;
    struct list_day as_of;
    size_t n;

    if (!lists_as_of(c, &as_of, err) ||
        !(call_option(c, "all") ? list_versions(s, c->arena, &all, &n, err)
                                : list_current(s, c->arena, as_of, &all, &n, err)))
        return false;
    if (call_json(c))
        versions_json(c->out, all, n, today);
    else
        versions_text(c->out, all, n, today);
    return true;
}

static void entry_line(void *to, const char *label, const char *text)
{
    text_printf(to, "%-16s %s\n", label, text);
}

/* By the list's id, or by the reference (KPi.001). */
static const struct list_entry *entry_find(const struct list *l, const char *id)
{
    const struct list_entry *e = list_find(l, id);

    for (size_t i = 0; !e && i < l->entries_n; i++)
        e = strcmp(l->entries[i].reference, id) ? NULL : &l->entries[i];
    return e;
}

static void entry_json(struct text *to, const struct list_version *v, const struct list_entry *e)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.lists-entry/1");
    json_key(&j, "version");
    list_version_json(&j, v);
    json_key(&j, "entry");
    list_entry_json(&j, e);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool show(struct call *c, struct store *s, struct err *err)
{
    const char *id = call_arg(c, 2);
    const struct list_entry *e;
    struct list_version v;
    struct list_day as_of;
    struct list l;
    char day[LIST_DAY_TEXT];

    if (!lists_as_of(c, &as_of, err) ||
        !list_version_at(s, c->arena, call_arg(c, 1), as_of, &v, err) ||
        !list_load(s, c->arena, &v, &l, err))
        return false;
    e = entry_find(&l, id);
    if (!e)
        return err_fail(err, ERR_NOT_FOUND, "\"%s\" is not on %s of %s", id, v.list,
                        list_day_text(v.as_of, day));
    if (call_json(c)) {
        entry_json(c->out, &v, e);
        return true;
    }
    text_printf(c->out, "%-16s %s of %s\n%-16s %s\n", "list", v.list, list_day_text(v.as_of, day),
                "id", e->id);
    list_entry_lines(e, entry_line, c->out);
    return true;
}

static void diff_text(struct text *to, const struct list_version *from,
                      const struct list_version *till, const struct list_diff *d)
{
    static const char marks[] = {[LIST_ADDED] = '+', [LIST_REMOVED] = '-', [LIST_CHANGED] = '~'};

    for (size_t i = 0; i < d->changes_n; i++) {
        const struct list_change *change = &d->changes[i];
        const struct list_entry *e = change->to ? change->to : change->from;

        text_printf(to, "%c %s  %s\n", marks[change->kind], e->id, e->name.text);
        for (size_t k = 0; k < change->deltas_n; k++) {
            const struct list_delta *delta = &change->deltas[k];

            text_printf(to, "    %c %s: %s\n", delta->added ? '+' : '-', delta->label, delta->text);
        }
    }
    text_printf(to, "%s ", from->list);
    show_day(to, from->as_of);
    text_str(to, " to ");
    show_day(to, till->as_of);
    text_printf(to, ": %zu added, %zu removed, %zu changed\n", d->added, d->removed, d->changed);
}

static void diff_json(struct text *to, const struct list_version *from,
                      const struct list_version *till, const struct list_diff *d)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.lists-diff/1");
    json_key(&j, "from");
    list_version_json(&j, from);
    json_key(&j, "to");
    list_version_json(&j, till);
    json_put_number(&j, "added", d->added);
    json_put_number(&j, "removed", d->removed);
    json_put_number(&j, "changed", d->changed);
    json_key(&j, "changes");
    list_diff_json(&j, d);
    json_object_end(&j);
    text_char(to, '\n');
}

/* The version that stands as of the day in an argument; without one, the newest. */
static bool version_of(struct call *c, struct store *s, size_t arg, struct list_version *ret,
                       struct err *err)
{
    const char *given = call_arg(c, arg);
    struct list_day day = {0, 0, 0};

    if (given && (!list_day_read(given, strlen(given), false, &day) || !day.day))
        return err_fail(err, ERR_USAGE, "\"%s\": a day is wanted, as 2024-03-28", given);
    return list_version_at(s, c->arena, call_arg(c, 1), day, ret, err);
}

static bool diff(struct call *c, struct store *s, struct err *err)
{
    struct list_version from, to;
    struct list_diff d;

    if (!version_of(c, s, 2, &from, err) || !version_of(c, s, 3, &to, err) ||
        !list_changes(s, c->arena, &from, &to, &d, err))
        return false;
    if (call_json(c))
        diff_json(c->out, &from, &to, &d);
    else
        diff_text(c->out, &from, &to, &d);
    return !d.changes_n || err_fail(err, ERR_DIFFERS, "%s", "");
}

/* What is done with the lists that there are. */
static bool with_lists(struct call *c, bool (*run)(struct call *, struct store *, struct err *),
                       struct err *err)
{
    struct store *s;
    bool good;

    if (!lists_open(c, &s, err))
        return false;
    good = run(c, s, err);
    store_close(s);
    return good;
}

static bool run_versions(struct call *c, struct err *err)
{
    return with_lists(c, versions, err);
}

static bool run_show(struct call *c, struct err *err)
{
    return with_lists(c, show, err);
}

static bool run_diff(struct call *c, struct err *err)
{
    return with_lists(c, diff, err);
}

static const struct word words[] = {
    {"", NULL, "as-of all", run_versions, "the lists, of which day, how many are on them"},
    {"import", "FILE...", "as-of list columns fewer no-again", run_import,
     "all that can be read, each a version"},
    {"show", "LIST ID", "as-of", run_show, "one entry, by its id or reference"},
    {"diff", "LIST FROM [TO]", NULL, run_diff,
     "who came, who went, what changed; TO without: the newest"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"as-of", "DATE", "as they stood on that day; of a file to import that names none: its day",
     false},
    {"list", "NAME", "the list's name (default: as its content tells)", false},
    {"columns", "MAP", "which column of a CSV is what (docs/lists.md)", false},
    {"fewer", NULL, "take a version that has much fewer entries than the one before", false},
    {"no-again", NULL, "past questions are not asked again", false},
    {"all", NULL, "every version, not only those that stand", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon lists import sdn.csv un.xml",
     "takes alt.csv, add.csv and sdn_comments.csv beside sdn.csv along"},
    {"cordon lists", "which lists there are, of which day, how many are on them"},
    {"cordon lists diff ofac-sdn 2023-12-29 2024-03-28", "who came, who went, what changed"},
    {"cordon lists show un KPi.001", "one entry, by its id or reference"},
    {NULL, NULL},
};

const struct command cmd_lists = {
    .name = "lists",
    .words = words,
    .options = options,
    .summary = "import sanctions lists by version, show and compare them",
    .about =
        "Lists are read in their official formats, told by their content, packed by zstd or not. "
        "The\n"
        "files themselves are kept, in $CORDON_HOME (default: the user's data folder), each "
        "version "
        "beside\n"
        "the ones before, so that any question can be asked as of a day. A file that is damaged or "
        "cut is\n"
        "refused, as is one that has less than 80 % of the entries or addresses of the version "
        "before, and\n"
        "what was there stays. The day of a version is the one that the file states, else --as-of, "
        "else a\n"
        "date in the name of the file or its folder, else today.\n"
        "\n"
        "When a new version was taken in, past questions (cordon questions) are asked again, and "
        "their\n"
        "number, and how many answers changed, is told.\n"
        "\n"
        "diff ends with exit code 1 where the versions differ. JSON: docs/schemas/lists.json,\n"
        "lists-import.json, lists-entry.json, lists-diff.json.",
    .examples = examples,
};
