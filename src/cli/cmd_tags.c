/* cordon tags: packs of tags in and out, what is said of an address, where tags disagree. */
#include "cli/cli.h"

#include "base/csv.h"
#include "base/time.h"
#include "cli/questions_again.h"
#include "entity/tag_json.h"

#define PROBLEMS_SHOWN_MAX 20 /* of one kind in one file, for people */

static const struct store_schema *const schemas[] = {&tag_schema};

/* The same word of JSON's schemas in one place. */
static struct json_out json_begin(struct call *c, const char *schema)
{
    struct json_out j = json_to(c->out, true);

    json_object(&j);
    json_put_string(&j, "schema", schema);
    return j;
}

static void json_finish(struct call *c, struct json_out *j)
{
    json_object_end(j);
    text_char(c->out, '\n');
}

/* Records that may not have been made. */
static bool tags_open(struct call *c, struct store **ret, struct err *err)
{
    if (records_open(c, STORE_READ, schemas, 1, ret, err))
        return true;
    return err->class == ERR_NOT_FOUND
               ? err_fail(err, ERR_NOT_FOUND, "no tags have been imported (cordon tags import)")
               : false;
}

bool tag_set_of_call(struct call *c, struct tag_set **ret, struct err *err)
{
    struct store *s;
    const char *path;
    bool ok;

    if (!home_path(c, TAG_SET_FILE, &path, err) || !tags_open(c, &s, err))
        return false;
    ok = tag_set_ready(s, path, ret, err);
    store_close(s);
    return ok;
}

/* Import. */

struct imported {
    struct tag_pack pack;
    enum tag_import how;
    const char *before; /* version that was replaced */
};

static bool pack_of_file(struct call *c, const char *path, struct tag_pack *ret, struct err *err)
{
    const char *name = call_option(c, "as");
    struct bytes in;

    if (!name && !tag_pack_name(c->arena, strcmp(path, "-") ? path : "stdin", &name, err))
        return false;
    if (!file_read(c->arena, path, TAG_FILE_BYTES_MAX, &in, err))
        return false;
    if (!tag_pack_read(c->arena, in, name, call_option(c, "columns"), ret, err))
        return err_in(err, "\"%s\"", path);
    ret->private = call_option(c, "private") != NULL;
    return true;
}

static bool one_imported(struct call *c, struct store *s, struct imported *all, size_t i,
                         struct err *err)
{
    char before[TAG_TEXT_MAX + 1];
    const char *path = call_arg(c, i + 1);

    if (!pack_of_file(c, path, &all[i].pack, err))
        return false;
    for (size_t k = 0; k < i; k++)
        if (!strcmp(all[k].pack.name, all[i].pack.name))
            return err_fail(err, ERR_USAGE, "\"%s\": \"%s\" is a pack called %s, too", path,
                            call_arg(c, k + 1), all[i].pack.name);
    if (!tag_store_import(s, &all[i].pack, &all[i].how, before, err))
        return err_in(err, "\"%s\"", path);
    all[i].before = arena_string(c->arena, before, strlen(before));
    return all[i].before || err_fail(err, ERR_NOMEM, "import");
}

static void imported_text(struct text *to, const struct imported *im)
{
    const struct tag_pack *p = &im->pack;

    text_printf(to, "%-40s %8zu tags", p->name, p->tags_n);
    if (p->actors_n)
        text_printf(to, " %6zu actors", p->actors_n);
    if (p->stated_n != p->tags_n)
        text_printf(to, " (%zu left out)", p->stated_n - p->tags_n);
    switch (im->how) {
    case TAG_IMPORT_NEW:
        text_str(to, "  imported");
        break;
    case TAG_IMPORT_SAME:
        text_str(to, "  was there already");
        break;
    case TAG_IMPORT_REPLACED:
        text_printf(to, "  replaces version %s", *im->before ? im->before : "without a day");
        break;
    }
    text_str(to, p->private ? ", private\n" : "\n");
}

static const char *how_name(enum tag_import how)
{
    switch (how) {
    case TAG_IMPORT_NEW:
        return "new";
    case TAG_IMPORT_SAME:
        return "same";
    case TAG_IMPORT_REPLACED:
        return "replaced";
    }
    return "";
}

static void import_json(struct call *c, const struct imported *all, size_t n,
                        const struct asked_again *again)
{
    struct json_out j = json_begin(c, "cordon.tags-import/1");

    json_key(&j, "imported");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        const struct tag_pack *p = &all[i].pack;

        json_object(&j);
        json_put_string(&j, "pack", p->name);
        json_put_string(&j, "version", *p->version ? p->version : NULL);
        json_put_string(&j, "how", how_name(all[i].how));
        json_put_string(&j, "replaced", all[i].how == TAG_IMPORT_REPLACED ? all[i].before : NULL);
        json_put_bool(&j, "private", p->private);
        json_put_number(&j, "stated", p->stated_n);
        json_put_number(&j, "tags", p->tags_n);
        json_put_number(&j, "left_out", p->stated_n - p->tags_n);
        json_put_number(&j, "actors", p->actors_n);
        json_object_end(&j);
    }
    json_array_end(&j);
    asked_again_json(&j, again);
    json_finish(c, &j);
}

/* All files or none: one transaction. The compiled set follows; if it cannot be made now, the next
 * look-up makes it. */
static bool run_import(struct call *c, struct err *err)
{
    size_t n = call_args_n(c) - 1;
    struct imported *all = ARENA_ARRAY(c->arena, struct imported, n + 1);
    struct asked_again again = {.any = false};
    struct tag_set *set = NULL;
    const char *path;
    struct store *s;
    bool ok, is_new = false;

    if (n > 1 && call_option(c, "as"))
        return err_fail(err, ERR_USAGE, "--as names one file's pack, and %zu are given", n);
    if (!all)
        return err_fail(err, ERR_NOMEM, "import");
    if (!home_path(c, TAG_SET_FILE, &path, err) ||
        !records_open(c, STORE_WRITE, schemas, 1, &s, err))
        return false;
    ok = store_begin(s, err);
    for (size_t i = 0; ok && i < n; i++)
        ok = one_imported(c, s, all, i, err);
    ok = ok && store_commit(s, err) && tag_set_ready(s, path, &set, err);
    store_close(s);
    tag_set_close(set);
    for (size_t i = 0; ok && i < n; i++) {
        is_new |= all[i].how != TAG_IMPORT_SAME;
        if (!call_json(c))
            imported_text(c->out, &all[i]);
    }
    if (!ok || (is_new && !questions_again(c, &again, err)))
        return false;
    if (call_json(c))
        import_json(c, all, n, &again);
    else
        asked_again_text(c->out, &again);
    return true;
}

/* What there is. */

static void pack_text(struct text *to, const struct tag_pack_row *p)
{
    text_printf(to, "%-40s %-10.10s %8llu tags %6llu actors  %-9s%s", p->name, p->version,
                (unsigned long long)p->tags, (unsigned long long)p->actors, p->format,
                p->private ? " private" : "");
    if (p->mark.tlp != TLP_NONE)
        text_printf(to, " TLP:%s", tlp_name(p->mark.tlp));
    text_printf(to, "  %s\n", p->title);
    if (*p->mark.use)
        text_printf(to, "  permitted use: %s\n", p->mark.use);
}

static bool run_packs(struct call *c, struct err *err)
{
    const struct tag_pack_row *packs;
    struct store *s;
    size_t n;
    bool ok;

    if (!tags_open(c, &s, err))
        return false;
    ok = tag_store_packs(s, c->arena, &packs, &n, err);
    store_close(s);
    if (!ok)
        return false;
    if (call_json(c)) {
        struct json_out j = json_begin(c, "cordon.tags/1");
        struct hash32 stamp = tag_store_stamp(packs, n);

        json_key(&j, "stamp");
        json_hex(&j, stamp.b, sizeof(stamp.b));
        json_key(&j, "packs");
        json_array(&j);
        for (size_t i = 0; i < n; i++)
            tag_pack_json(&j, &packs[i]);
        json_array_end(&j);
        json_finish(c, &j);
        return true;
    }
    for (size_t i = 0; i < n; i++)
        pack_text(c->out, &packs[i]);
    return true;
}

/* What is said. */

static void tag_text(struct call *c, const struct tag_set *set, const struct tag *t)
{
    char day[TIME_DAY_MAX];
    struct tag_actor actor;

    text_printf(c->out, "  %s\n    %s", t->label, tag_category_name(t->category));
    if (t->abuse)
        text_printf(c->out, ", %s", tag_category_name(t->abuse));
    if (*t->actor) {
        text_printf(c->out, "; actor %s", t->actor);
        if (tag_set_actor(set, t->actor, &actor))
            text_printf(c->out, " (%s%s%s)", actor.label, *actor.jurisdictions ? ", " : "",
                        actor.jurisdictions);
    }
    text_printf(c->out, "; confidence %s (%u)%s\n    pack %s%s", tag_confidence_name(t->confidence),
                tag_confidence_level(t->confidence),
                t->cluster_definer ? "; holds for its cluster" : "", t->pack,
                t->private ? ", private" : "");
    if (t->lastmod != TAG_NO_DAY)
        text_printf(c->out, ", %s", time_day(t->lastmod, day));
    if (*t->network)
        text_printf(c->out, ", as %s", t->network);
    if (*t->source)
        text_printf(c->out, "\n    %s", t->source);
    text_char(c->out, '\n');
}

static void found_text(struct call *c, const struct tag_set *set, const struct tag_found *found)
{
    text_printf(c->out, "%s (%s)%s\n", found->key, address_space_name(found->space),
                tag_set_conflict(set, found) ? ": tags disagree" : "");
    for (size_t i = 0; i < found->tags_n; i++) {
        struct tag t;

        tag_set_tag(set, found, i, &t);
        tag_text(c, set, &t);
    }
}

static bool run_show(struct call *c, struct err *err)
{
    const char *address = call_arg(c, 1);
    struct tag_found found = {0};
    struct address_key key;
    struct tag_set *set;
    bool has;

    if (!address_key_read(address, strlen(address), call_option(c, "chain"), &key, err) ||
        !tag_set_of_call(c, &set, err))
        return false;
    has = tag_set_find(set, &key, &found);
    if (!has) {
        found.key = key.text;
        found.space = (enum address_space)key.space;
    }
    if (call_json(c)) {
        struct json_out j = json_begin(c, "cordon.tags-address/1");

        json_key(&j, "found");
        tag_found_json(&j, set, &found);
        tag_actors_json(&j, set, &found);
        json_finish(c, &j);
    } else if (has) {
        found_text(c, set, &found);
    } else {
        text_printf(c->out, "%s (%s): no tag\n", key.text,
                    address_space_name((enum address_space)key.space));
    }
    tag_set_close(set);
    return true;
}

static bool run_conflicts(struct call *c, struct err *err)
{
    struct json_out j;
    struct tag_set *set;
    struct tag_found found;
    uint64_t at = 0;

    if (!tag_set_of_call(c, &set, err))
        return false;
    if (call_json(c)) {
        j = json_begin(c, "cordon.tags-conflicts/1");
        json_key(&j, "conflicts");
        json_array(&j);
    }
    while (tag_set_next(set, SPACE_NONE, &at, &found)) {
        if (!tag_set_conflict(set, &found))
            continue;
        if (call_json(c))
            tag_found_json(&j, set, &found);
        else
            found_text(c, set, &found);
    }
    if (call_json(c)) {
        json_array_end(&j);
        json_finish(c, &j);
    }
    tag_set_close(set);
    return true;
}

static void export_row(struct text *to, const struct tag_found *found, const struct tag *t)
{
    char day[TIME_DAY_MAX];

    csv_cell(to, found->key, ',');
    /* what one text could be of several chains is named by its space */
    csv_cell(to, *t->network ? t->network : address_space_name(found->space), ',');
    csv_cell(to, t->label, ',');
    csv_cell(to, t->category ? tag_category_name(t->category) : "", ',');
    csv_cell(to, t->abuse ? tag_category_name(t->abuse) : "", ',');
    csv_cell(to, t->actor, ',');
    csv_cell(to, t->source, ',');
    csv_cell(to, tag_confidence_name(t->confidence), ',');
    csv_cell(to, t->lastmod == TAG_NO_DAY ? "" : time_day(t->lastmod, day), ',');
    csv_cell(to, t->cluster_definer ? "true" : "false", ',');
    csv_cell(to, t->pack, '\n');
}

static bool run_export(struct call *c, struct err *err)
{
    struct tag_set *set;
    struct tag_found found;
    uint64_t at = 0;

    if (call_json(c))
        return err_fail(err, ERR_USAGE, "tags export: a table is written, not JSON");
    if (!tag_set_of_call(c, &set, err))
        return false;
    text_str(c->out, "address,network,label,category,abuse,actor,source,confidence,lastmod,"
                     "cluster_definer,pack\n");
    while (tag_set_next(set, SPACE_NONE, &at, &found))
        for (size_t i = 0; i < found.tags_n; i++) {
            struct tag t;

            tag_set_tag(set, &found, i, &t);
            if (!t.private)
                export_row(c->out, &found, &t);
        }
    tag_set_close(set);
    return true;
}

static bool run_withdraw(struct call *c, struct err *err)
{
    struct asked_again again = {.any = false};
    struct tag_set *set = NULL;
    const char *path;
    struct store *s;
    bool ok;

    if (!home_path(c, TAG_SET_FILE, &path, err) || !tags_open(c, &s, err))
        return false;
    store_close(s); /* it is there: opening it to write makes nothing new */
    if (!records_open(c, STORE_WRITE, schemas, 1, &s, err))
        return false;
    ok = store_begin(s, err);
    for (size_t i = 1; ok && i < call_args_n(c); i++)
        ok = tag_store_withdraw(s, call_arg(c, i), err);
    ok = ok && store_commit(s, err) && tag_set_ready(s, path, &set, err);
    store_close(s);
    tag_set_close(set);
    for (size_t i = 1; ok && !call_json(c) && i < call_args_n(c); i++)
        text_printf(c->out, "%s  withdrawn\n", call_arg(c, i));
    if (!ok || !questions_again(c, &again, err))
        return false;
    if (call_json(c))
        return run_packs(c, err);
    asked_again_text(c->out, &again);
    return true;
}

/* Lint. */

static void lint_text(struct call *c, const char *path, const struct tag_pack *p)
{
    size_t shown[TAG_PROBLEM_KINDS] = {0};

    for (size_t i = 0; i < p->problems_n; i++) {
        const struct tag_problem *one = &p->problems[i];

        if (++shown[one->kind] > PROBLEMS_SHOWN_MAX && !call_option(c, "all"))
            continue;
        text_printf(c->out, "%s:%zu: %s: %s\n", path, one->line, tag_problem_name(one->kind),
                    one->text);
    }
    text_printf(c->out, "%s: %zu tags, %zu left out", path, p->tags_n, p->stated_n - p->tags_n);
    for (int k = 0; k < TAG_PROBLEM_KINDS; k++)
        if (p->counts[k])
            text_printf(c->out, "; %s %zu", tag_problem_name((enum tag_problem_kind)k),
                        p->counts[k]);
    text_char(c->out, '\n');
}

static void lint_json(struct json_out *j, const char *path, const struct tag_pack *p)
{
    json_object(j);
    json_put_string(j, "file", path);
    json_put_string(j, "format", p->format);
    json_put_number(j, "stated", p->stated_n);
    json_put_number(j, "tags", p->tags_n);
    json_put_number(j, "left_out", p->stated_n - p->tags_n);
    json_key(j, "counts");
    json_object(j);
    for (int k = 0; k < TAG_PROBLEM_KINDS; k++)
        if (p->counts[k])
            json_put_number(j, tag_problem_name((enum tag_problem_kind)k), p->counts[k]);
    json_object_end(j);
    json_key(j, "problems");
    json_array(j);
    for (size_t i = 0; i < p->problems_n; i++) {
        json_object(j);
        json_put_number_or_null(j, "line", p->problems[i].line, 0);
        json_put_string(j, "kind", tag_problem_name(p->problems[i].kind));
        json_put_string(j, "text", p->problems[i].text);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static bool run_lint(struct call *c, struct err *err)
{
    size_t n = call_args_n(c) - 1;
    struct tag_pack *packs = ARENA_ARRAY(c->arena, struct tag_pack, n + 1);
    struct json_out j;
    bool clean = true;

    if (!packs)
        return err_fail(err, ERR_NOMEM, "lint");
    for (size_t i = 0; i < n; i++)
        if (!pack_of_file(c, call_arg(c, i + 1), &packs[i], err))
            return false;
    if (call_json(c)) {
        j = json_begin(c, "cordon.tags-lint/1");
        json_key(&j, "files");
        json_array(&j);
    }
    for (size_t i = 0; i < n; i++) {
        if (call_json(c))
            lint_json(&j, call_arg(c, i + 1), &packs[i]);
        else
            lint_text(c, call_arg(c, i + 1), &packs[i]);
        clean = clean && !packs[i].problems_n;
    }
    if (call_json(c)) {
        json_array_end(&j);
        json_finish(c, &j);
    }
    return clean || err_fail(err, ERR_DIFFERS, "%s", "");
}

static const struct word words[] = {
    {"", NULL, NULL, run_packs, "the packs that were imported, of which day"},
    {"import", "FILE...", "private as columns no-again", run_import, "all of them, or none"},
    {"show", "ADDRESS", "chain", run_show, "who says what about it"},
    {"conflicts", NULL, NULL, run_conflicts, "addresses about which tags disagree"},
    {"withdraw", "PACK...", "no-again", run_withdraw, "packs go as a whole"},
    {"lint", "FILE...", "columns all", run_lint, "what cannot be read in files, and why"},
    {"export", NULL, NULL, run_export, "all but private tags, as one table"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"private", NULL, "labels that are never exported, a vendor's or your own", false},
    {"as", "NAME", "the pack's name (default: the file's, without its endings)", false},
    {"columns", "MAP", "which column of a table is what (docs/tags.md)", false},
    {"chain", "CHAIN", "what the address is of (default: as it shows by itself)", false},
    {"no-again", NULL, "past questions are not asked again", false},
    {"all", NULL, "every finding, not only the first 20 of a kind", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon tags import packs/*.yaml", "all of them, or none if one cannot be read"},
    {"cordon tags import --private --as vendor --columns address=wallet,label=owner labels.csv",
     "a vendor's table, never exported"},
    {"cordon tags", "which packs there are, of which day"},
    {"cordon tags show 1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", "who says what about an address"},
    {"cordon tags withdraw vendor", "a pack is withdrawn as a whole"},
    {NULL, NULL},
};

const struct command cmd_tags = {
    .name = "tags",
    .words = words,
    .options = options,
    .summary = "import tags of addresses, show them, and where they disagree",
    .about =
        "A tag says who an address belongs to, with its source, its day and how sure its author "
        "was.\n"
        "Packs are GraphSense TagPacks and ActorPacks (YAML), tables (CSV) and explorers' labels "
        "(JSON),\n"
        "packed by zstd or not, and are kept in $CORDON_HOME (default: the user's data folder). "
        "The same\n"
        "file again changes nothing; another file of the same name replaces the pack. An address "
        "that\n"
        "cannot be read is left out and counted; lint says which, and why.\n"
        "\n"
        "Two tags may disagree: both stand, and conflicts lists them. export writes all but "
        "private\n"
        "tags as one table, which import reads again. lint ends with exit code 1 where it found\n"
        "anything. When import or withdraw changed something, past questions (cordon questions)\n"
        "are asked again. JSON: docs/schemas/tags.json, tags-import.json, tags-address.json,\n"
        "tags-conflicts.json, tags-lint.json.",
    .examples = examples,
};
