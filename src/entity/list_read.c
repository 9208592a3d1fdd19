#include "entity/list_read.h"

#include "base/csv.h"
#include "base/mem.h"
#include "base/pack.h"
#include "entity/eu.h"
#include "entity/list_table.h"
#include "entity/ofac.h"
#include "entity/uk.h"
#include "entity/un.h"

#define COLUMNS_MAX 512
#define ROOT_WITHIN 4096 /* bytes that the prolog of an XML file may take */

struct input {
    const char *name;
    struct bytes in;
    void *unpacked; /* to free */
    size_t columns; /* of the first record, of CSV */
};

static const struct {
    const char *root;
    bool (*read)(struct list_maker *m, struct bytes in);
} xml_rows[] = {
    {"sdnList", ofac_xml_read},         {"Sanctions", ofac_advanced_read},
    {"CONSOLIDATED_LIST", un_xml_read}, {"export", eu_xml_read},
    {"Designations", uk_xml_read},      {"ArrayOfFinancialSanctionsTarget", uk_targets_read},
    {"data-set", ca_xml_read},
};

static struct bytes without_mark(struct bytes in)
{
    if (in.n >= 3 && !memcmp(in.p, "\xef\xbb\xbf", 3))
        in = (struct bytes){in.p + 3, in.n - 3};
    return in;
}

static struct bytes without_space(struct bytes in)
{
    while (in.n && *in.p <= ' ')
        in = (struct bytes){in.p + 1, in.n - 1};
    return in;
}

static bool begins(struct bytes in, const char *with)
{
    return in.n >= strlen(with) && !memcmp(in.p, with, strlen(with));
}

/* What is behind the next such end; empty: there is none. */
static struct bytes behind(struct bytes in, const char *end)
{
    const uint8_t *at = in.n ? memmem(in.p, in.n, end, strlen(end)) : NULL;

    if (!at)
        return (struct bytes){in.p + in.n, 0};
    at += strlen(end);
    return (struct bytes){at, in.n - (size_t)(at - in.p)};
}

/* The local name of the first element; empty: no XML. */
static struct bytes root_of(struct bytes in)
{
    struct bytes at = without_mark(in);
    size_t n = 0;

    at.n = at.n < ROOT_WITHIN ? at.n : ROOT_WITHIN;
    for (at = without_space(at); begins(at, "<?") || begins(at, "<!--"); at = without_space(at))
        at = behind(at, begins(at, "<?") ? "?>" : "-->");
    if (!begins(at, "<") || begins(at, "<!"))
        return (struct bytes){at.p, 0};
    at = (struct bytes){at.p + 1, at.n - 1};
    for (; n < at.n && !strchr(" \t\r\n/>", at.p[n]); n++)
        if (at.p[n] == ':') {
            at = (struct bytes){at.p + n + 1, at.n - n - 1};
            n = (size_t)-1;
        }
    return (struct bytes){at.p, n};
}

static bool xml_read(struct list_maker *m, const struct input *f, struct bytes root)
{
    for (size_t i = 0; i < sizeof(xml_rows) / sizeof(xml_rows[0]); i++)
        if (root.n == strlen(xml_rows[i].root) && !memcmp(root.p, xml_rows[i].root, root.n))
            return xml_rows[i].read(m, f->in);
    return list_make_fail(m, ERR_INPUT, "\"<%.*s>\" is the root of no list that is known",
                          (int)(root.n < 40 ? root.n : 40), (const char *)root.p);
}

/* OFAC's CSV has no header, and a number first; each of its files has its own count of columns. */
static bool is_ofac(struct bytes in, size_t *ret_columns)
{
    struct csv_field fields[COLUMNS_MAX];
    struct csv c = csv_over(without_mark(in), ',');
    struct err ignored;
    uint64_t number;
    bool end;

    return csv_next(&c, fields, COLUMNS_MAX, ret_columns, &end, &ignored) && !end &&
           (*ret_columns == 12 || *ret_columns == 5 || *ret_columns == 6 || *ret_columns == 2) &&
           u64_from_text(fields[0].p, fields[0].n, &number);
}

static bool ofac_read(struct list_maker *m, const struct input *files, size_t n)
{
    struct ofac_csv ofac = {0};

    for (size_t i = 0; i < n; i++) {
        struct bytes *to = files[i].columns == 12  ? &ofac.sdn
                           : files[i].columns == 5 ? &ofac.alt
                           : files[i].columns == 6 ? &ofac.add
                                                   : &ofac.comments;

        if (to->p)
            return list_make_fail(m, ERR_USAGE, "there is another file of %zu columns",
                                  files[i].columns);
        *to = files[i].in;
    }
    if (!ofac.sdn.p)
        return list_make_fail(m, ERR_USAGE, "goes with sdn.csv, which is not there");
    return ofac_csv_read(m, &ofac);
}

static bool one_read(struct list_maker *m, const struct input *f, const char *called,
                     const char *map)
{
    struct bytes root = root_of(f->in);
    bool known;

    if (root.n)
        return xml_read(m, f, root);
    if (!list_table_read(m, f->in, map, &known))
        return false;
    if (!known)
        return list_make_fail(m, ERR_INPUT,
                              "of no format that is known (a table with columns of "
                              "its own: --columns)");
    return *m->list.name || called ||
           list_make_fail(m, ERR_USAGE, "what is the list's name? (--list)");
}

static bool inputs_read(struct list_maker *m, struct input *files, size_t n, const char *called,
                        const char *map)
{
    for (size_t i = 0; i < n; i++)
        if ((map && *map) || !is_ofac(files[i].in, &files[i].columns)) {
            if (n > 1)
                return list_make_fail(m, ERR_USAGE, "\"%s\" is a list by itself", files[i].name);
            return one_read(m, &files[i], called, map) || err_in(m->err, "\"%s\"", files[i].name);
        }
    return ofac_read(m, files, n) || err_in(m->err, "\"%s\"", files[0].name);
}

static bool input_unpack(const struct list_input *from, struct input *to, struct err *err)
{
    struct bytes plain;

    *to = (struct input){.name = from->name, .in = from->in};
    if (!pack_is(from->in))
        return from->in.n <= LIST_FILE_BYTES_MAX ||
               err_fail(err, ERR_LIMIT, "\"%s\": more than %zu bytes", from->name,
                        LIST_FILE_BYTES_MAX);
    if (!pack_undo(from->in, LIST_FILE_BYTES_MAX, &plain, err))
        return err_in(err, "\"%s\"", from->name);
    to->in = plain;
    to->unpacked = (void *)plain.p;
    return true;
}

bool list_name_valid(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return n && n <= LIST_NAME_MAX && !name[n];
}

bool list_read(struct arena *a, const struct list_input *files, size_t files_n, const char *called,
               const char *map, struct list *ret, struct err *err)
{
    struct input inputs[LIST_FILES_MAX] = {0};
    struct list_maker m;
    bool good = true;

    if (!files_n || files_n > LIST_FILES_MAX)
        return err_fail(err, ERR_USAGE, "%zu files are not one list", files_n);
    if (called && !list_name_valid(called))
        return err_fail(err, ERR_USAGE, "\"%s\" cannot be a list's name", called);
    for (size_t i = 0; good && i < files_n; i++)
        good = input_unpack(&files[i], &inputs[i], err);
    if (good) {
        list_make_begin(&m, a, err);
        if (inputs_read(&m, inputs, files_n, called, map) && !m.bad) {
            if (called)
                m.list.name = list_make_string(&m, called);
            good = list_make_end(&m, ret) || err_in(err, "\"%s\"", files[0].name);
        } else {
            list_make_free(&m);
            good = false;
        }
    }
    for (size_t i = 0; i < files_n; i++)
        mem_free(inputs[i].unpacked);
    return good && (ret->entries_n ||
                    err_fail(err, ERR_INPUT, "\"%s\": nobody is on the list", files[0].name));
}
