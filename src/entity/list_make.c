#include "entity/list_make.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/sort.h"

#include <stdarg.h>
#include <stdio.h>

#define FACT_SORTS LIST_SORT_ENTRY /* those that entries own come first */
#define FACT_STRINGS_MAX 4
#define TEXT_ROOM_BYTES ((size_t)32 << 10)
#define PAIRS_MAX 64 /* up to so many facts are compared each with each */

struct making {
    struct list_entry e;
    size_t start[FACT_SORTS];
    size_t order;    /* as it was read */
    uint64_t number; /* its id, if that is a whole one; else 0 */
};

static const size_t sizes[LIST_SORTS_N] = {
    [LIST_SORT_NAME] = sizeof(struct list_name),
    [LIST_SORT_BIRTH] = sizeof(struct list_date),
    [LIST_SORT_PLACE] = sizeof(const char *),
    [LIST_SORT_NATIONALITY] = sizeof(const char *),
    [LIST_SORT_ID] = sizeof(struct list_id),
    [LIST_SORT_CRYPTO] = sizeof(struct list_crypto),
    [LIST_SORT_ADDRESS] = sizeof(struct list_address),
    [LIST_SORT_PROGRAMME] = sizeof(const char *),
    [LIST_SORT_DETAIL] = sizeof(struct list_detail),
    [LIST_SORT_ENTRY] = sizeof(struct making),
    [LIST_SORT_NOTE] = sizeof(const char *),
};

void list_make_begin(struct list_maker *m, struct arena *a, struct err *err)
{
    *m = (struct list_maker){.a = a, .err = err, .text = text_new(LIST_TEXT_MAX)};
}

void list_make_free(struct list_maker *m)
{
    for (size_t i = 0; i < LIST_SORTS_N; i++)
        m->facts[i].p = mem_free(m->facts[i].p);
    text_free(&m->text);
}

bool list_make_fail(struct list_maker *m, enum err_class class, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    va_list args;

    if (m->bad)
        return false;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    m->bad = true;
    return err_fail(m->err, class, "%s", text);
}

static bool no_memory(struct list_maker *m)
{
    if (!m->bad)
        arena_refused(m->a, m->err, "a list");
    m->bad = true;
    return false;
}

/* Another fact of that sort, zeroed; NULL: the maker is bad. */
static void *fact_new(struct list_maker *m, enum list_sort sort)
{
    struct list_facts *f = &m->facts[sort];
    size_t size = sizes[sort];
    unsigned char *p;

    if (m->bad)
        return NULL;
    if (f->n == (sort == LIST_SORT_ENTRY ? LIST_ENTRIES_MAX : LIST_FACTS_MAX)) {
        list_make_fail(m, ERR_LIMIT, "more than %zu %s", f->n,
                       sort == LIST_SORT_ENTRY ? "entries" : "facts of one sort");
        return NULL;
    }
    if (!mem_room(&f->p, &f->size, f->n + 1, size)) {
        list_make_fail(m, ERR_NOMEM, "a list");
        return NULL;
    }
    p = (unsigned char *)f->p + f->n++ * size;
    memset(p, 0, size);
    return p;
}

/* What stands for nothing or for a space: how many bytes, and which of the two. Directional marks
 * and byte order marks are nothing; the joiners of Persian and Indic words (U+200C and D) stay. */
static size_t blank_at(const uint8_t *p, size_t n, bool *ret_space)
{
    *ret_space = true;
    if (*p <= ' ' || *p == 0x7f)
        return 1;
    if (n >= 2 && *p == 0xc2 && p[1] <= 0xa0) /* C1 controls, no-break space */
        return 2;
    if (n < 3 || (*p != 0xe2 && *p != 0xe3 && *p != 0xef))
        return 0;
    if (!memcmp(p, "\xe3\x80\x80", 3) || !memcmp(p, "\xe2\x80\xa8", 3) ||
        !memcmp(p, "\xe2\x80\xa9", 3) || !memcmp(p, "\xef\xbf\xbe", 3) ||
        !memcmp(p, "\xef\xbf\xbf", 3))
        return 3;
    *ret_space = false;
    if (*p == 0xe2 && p[1] == 0x80 &&
        (p[2] == 0x8b || p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae)))
        return 3;
    if (*p == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
        return 3;
    return memcmp(p, "\xef\xbb\xbf", 3) ? 0 : 3;
}

/* Texts lie one behind another; most are short, and the arena would align each. */
static char *text_room(struct list_maker *m, size_t n)
{
    if (m->room_n < n) {
        size_t size = n > TEXT_ROOM_BYTES ? n : TEXT_ROOM_BYTES;

        m->room = arena_alloc(m->a, size);
        m->room_n = m->room ? size : 0;
    }
    return m->room;
}

static const char *text_done(struct list_maker *m, char *end)
{
    const char *start = m->room;

    m->room_n -= (size_t)(end - m->room);
    m->room = end;
    return start;
}

const char *list_make_text(struct list_maker *m, const char *p, size_t n)
{
    static const char cut[] = "...";
    const uint8_t *at = (const uint8_t *)p, *end = n ? at + n : at; /* p may be NULL */
    bool pending = false, space;
    char *to, *start;

    if (m->bad || !n)
        return "";
    start = to = text_room(m, (n < LIST_TEXT_MAX ? n : LIST_TEXT_MAX) + sizeof(cut) + 4);
    if (!start) {
        no_memory(m);
        return "";
    }
    while (at < end) {
        size_t blank = blank_at(at, (size_t)(end - at), &space);

        if (blank) {
            pending = pending || space;
            at += blank;
            continue;
        }
        /* never within a character, which has three bytes more at most */
        if ((size_t)(to - start) >= LIST_TEXT_MAX &&
            ((*at & 0xc0) != 0x80 || (size_t)(to - start) >= LIST_TEXT_MAX + 3)) {
            memcpy(to, cut, sizeof(cut));
            return text_done(m, to + sizeof(cut));
        }
        if (pending && to != start)
            *to++ = ' ';
        pending = false;
        *to++ = (char)*at++;
    }
    *to++ = 0;
    return text_done(m, to);
}

const char *list_make_join(struct list_maker *m, const char *const *parts, size_t n,
                           const char *between)
{
    m->text.n = 0;
    for (size_t i = 0; i < n; i++)
        if (*parts[i]) {
            if (m->text.n)
                text_str(&m->text, between);
            text_str(&m->text, parts[i]);
        }
    if (m->text.bad) {
        list_make_fail(m, m->text.over ? ERR_LIMIT : ERR_NOMEM, "a text of more than %zu bytes",
                       LIST_TEXT_MAX);
        return "";
    }
    return list_make_text(m, m->text.p, m->text.n);
}

struct list_entry *list_make_entry(struct list_maker *m, const char *id)
{
    struct making *e;

    if (!m->bad && !*id)
        list_make_fail(m, ERR_INPUT, "an entry without an id");
    e = fact_new(m, LIST_SORT_ENTRY);
    if (!e)
        return &m->none;
    e->e = (struct list_entry){
        .id = id,
        .name = {.text = "", .family = "", .given = "", .type = "", .language = ""},
        .reference = "",
        .remarks = "",
        .url = ""};
    e->order = m->facts[LIST_SORT_ENTRY].n;
    if (!u64_from_text(id, strlen(id), &e->number))
        e->number = 0;
    for (size_t i = 0; i < FACT_SORTS; i++)
        e->start[i] = m->facts[i].n;
    return &e->e;
}

/* The entry that facts belong to; NULL: none has begun, or the maker is bad. */
static struct making *making(struct list_maker *m)
{
    struct list_facts *f = &m->facts[LIST_SORT_ENTRY];

    if (m->bad)
        return NULL;
    if (!f->n) {
        list_make_fail(m, ERR_INPUT, "a fact before any entry");
        return NULL;
    }
    return (struct making *)f->p + f->n - 1;
}

void list_make_alias(struct list_maker *m, struct list_name name)
{
    struct list_name *to;

    if (!*name.text || !making(m))
        return;
    to = fact_new(m, LIST_SORT_NAME);
    if (to)
        *to = name;
}

void list_make_name(struct list_maker *m, struct list_name name)
{
    struct making *e = making(m);

    if (!e || !*name.text)
        return;
    if (!*e->e.name.text)
        e->e.name = name;
    list_make_alias(m, name); /* so that it is one where entries are joined; else it is dropped */
}

static void birth_add(struct list_maker *m, struct list_date date)
{
    struct list_date *to = fact_new(m, LIST_SORT_BIRTH);

    if (to)
        *to = date;
}

/* "15.4.1957, 22.2.1958": all of them dates, or none is taken. */
static bool births_parted(struct list_maker *m, const char *text, const char *between, bool add)
{
    size_t n = strlen(between);

    for (const char *at = text, *stop; *at; at = *stop ? stop + n : stop) {
        struct list_date date;

        stop = strstr(at, between);
        stop = stop ? stop : at + strlen(at);
        date = list_date_read(list_make_text(m, at, (size_t)(stop - at)));
        if (!date.from.year)
            return false;
        if (add)
            birth_add(m, date);
    }
    return true;
}

void list_make_birth(struct list_maker *m, const char *text)
{
    static const char *const betweens[] = {", ", "; ", " / ", " OR ", " or ", " and "};
    struct list_date date = list_date_read(text);

    if (!*text || !making(m))
        return;
    for (size_t i = 0; !date.from.year && i < sizeof(betweens) / sizeof(betweens[0]); i++)
        if (strstr(text, betweens[i]) && births_parted(m, text, betweens[i], false)) {
            births_parted(m, text, betweens[i], true);
            return;
        }
    birth_add(m, date);
}

static void word_add(struct list_maker *m, enum list_sort sort, const char *text)
{
    const char **to = *text && making(m) ? fact_new(m, sort) : NULL;

    if (to)
        *to = text;
}

void list_make_place(struct list_maker *m, const char *text)
{
    word_add(m, LIST_SORT_PLACE, text);
}

void list_make_nationality(struct list_maker *m, const char *text)
{
    word_add(m, LIST_SORT_NATIONALITY, text);
}

void list_make_programme(struct list_maker *m, const char *text)
{
    word_add(m, LIST_SORT_PROGRAMME, text);
}

void list_make_id(struct list_maker *m, struct list_id id)
{
    struct list_id *to = *id.number && making(m) ? fact_new(m, LIST_SORT_ID) : NULL;

    if (!to)
        return;
    *to = id;
    if (!strncmp(id.number, "IMO ", 4)) { /* whatever the type is called */
        to->kind = LIST_ID_IMO;
        to->number += 4;
    } else if (id.kind == LIST_ID_OTHER) {
        to->kind = list_id_kind_of(id.type);
    }
}

void list_make_crypto(struct list_maker *m, const char *ticker, const char *text)
{
    struct list_crypto *to = *text && making(m) ? fact_new(m, LIST_SORT_CRYPTO) : NULL;

    if (to)
        *to = (struct list_crypto){ticker, text};
}

void list_make_address(struct list_maker *m, const char *text, const char *country)
{
    struct list_address *to = *text && making(m) ? fact_new(m, LIST_SORT_ADDRESS) : NULL;

    if (to)
        *to = (struct list_address){text, country};
}

void list_make_detail(struct list_maker *m, const char *name, const char *value)
{
    struct list_detail *to = *value && making(m) ? fact_new(m, LIST_SORT_DETAIL) : NULL;

    if (to)
        *to = (struct list_detail){name, value};
}

void list_make_note(struct list_maker *m, const char *fmt, ...)
{
    const char **to = fact_new(m, LIST_SORT_NOTE);
    char text[ERR_TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (to)
        *to = list_make_string(m, text);
}

/* What makes two facts of a sort the same. */
static size_t fact_strings(enum list_sort sort, const void *fact, const char **ret)
{
    switch (sort) {
    case LIST_SORT_NAME:
        ret[0] = ((const struct list_name *)fact)->text;
        return 1;
    case LIST_SORT_BIRTH:
        ret[0] = ((const struct list_date *)fact)->text;
        return 1;
    case LIST_SORT_PLACE:
    case LIST_SORT_NATIONALITY:
    case LIST_SORT_PROGRAMME:
    case LIST_SORT_NOTE:
        ret[0] = *(const char *const *)fact;
        return 1;
    case LIST_SORT_ID: {
        const struct list_id *id = fact;

        ret[0] = id->type;
        ret[1] = id->number;
        ret[2] = id->country;
        ret[3] = id->note;
        return 4;
    }
    case LIST_SORT_CRYPTO: {
        const struct list_crypto *crypto = fact;

        ret[0] = crypto->ticker;
        ret[1] = crypto->text;
        return 2;
    }
    case LIST_SORT_ADDRESS: {
        const struct list_address *address = fact;

        ret[0] = address->text;
        ret[1] = address->country;
        return 2;
    }
    case LIST_SORT_DETAIL: {
        const struct list_detail *detail = fact;

        ret[0] = detail->name;
        ret[1] = detail->value;
        return 2;
    }
    case LIST_SORT_ENTRY:
    case LIST_SORTS_N:
        break;
    }
    return 0;
}

static bool fact_equal(enum list_sort sort, const void *a, const void *b)
{
    const char *of_a[FACT_STRINGS_MAX], *of_b[FACT_STRINGS_MAX];
    size_t n = fact_strings(sort, a, of_a);

    fact_strings(sort, b, of_b);
    for (size_t i = 0; i < n; i++)
        if (strcmp(of_a[i], of_b[i]) != 0)
            return false;
    return true;
}

static uint64_t fact_key(enum list_sort sort, const void *fact)
{
    const char *strings[FACT_STRINGS_MAX];
    size_t n = fact_strings(sort, fact, strings);
    struct sha256_stream s;
    struct hash32 hash;

    sha256_start(&s);
    for (size_t i = 0; i < n; i++)
        sha256_add(&s, strings[i], strlen(strings[i]) + 1);
    hash = sha256_done(&s);
    return load_le64(hash.b);
}

/* Facts at[n] without those that were there before; a name that is strong once is strong. */
static size_t facts_unique_few(enum list_sort sort, unsigned char *at, size_t n)
{
    size_t size = sizes[sort], kept = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;

        while (k < kept && !fact_equal(sort, at + k * size, at + i * size))
            k++;
        if (k == kept)
            memmove(at + kept++ * size, at + i * size, size);
        else if (sort == LIST_SORT_NAME &&
                 ((struct list_name *)(at + i * size))->quality == LIST_STRONG)
            ((struct list_name *)(at + k * size))->quality = LIST_STRONG;
    }
    return kept;
}

/* The same for many, by their hashes: an input can make them many, but not collide. */
static size_t facts_unique_many(struct list_maker *m, enum list_sort sort, unsigned char *at,
                                size_t n)
{
    size_t size = sizes[sort], kept = 0;
    struct keyed *keys = mem_array(2 * n, sizeof(*keys));
    bool *again = mem_array(n, sizeof(*again));

    if (!keys || !again) {
        mem_free(keys);
        mem_free(again);
        list_make_fail(m, ERR_NOMEM, "a list");
        return n;
    }
    for (size_t i = 0; i < n; i++)
        keys[i] = (struct keyed){.key = fact_key(sort, at + i * size), .index = (uint32_t)i};
    sort_keyed(keys, n, keys + n);
    for (size_t i = 1; i < n; i++) {
        bool strong = sort == LIST_SORT_NAME &&
                      ((struct list_name *)(at + keys[i].index * size))->quality == LIST_STRONG;
        size_t first = i;

        if (keys[i].key != keys[i - 1].key)
            continue;
        again[keys[i].index] = true;
        while (first && keys[first - 1].key == keys[i].key)
            first--;
        if (strong)
            ((struct list_name *)(at + keys[first].index * size))->quality = LIST_STRONG;
    }
    for (size_t i = 0; i < n; i++)
        if (!again[i])
            memmove(at + kept++ * size, at + i * size, size);
    mem_free(keys);
    mem_free(again);
    return kept;
}

/* All facts of a sort of the entries at[n], which are one entry. */
static const void *facts_join(struct list_maker *m, struct making *const *at, size_t n,
                              enum list_sort sort, size_t *ret_n)
{
    size_t size = sizes[sort], all = 0, to = 0;
    unsigned char *p;

    for (size_t i = 0; i < n; i++)
        all += at[i][1].start[sort] - at[i]->start[sort];
    *ret_n = 0;
    if (!all)
        return NULL;
    p = arena_alloc(m->a, all * size);
    if (!p) {
        no_memory(m);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        size_t count = at[i][1].start[sort] - at[i]->start[sort];

        memcpy(p + to * size, (unsigned char *)m->facts[sort].p + at[i]->start[sort] * size,
               count * size);
        to += count;
    }
    *ret_n = all <= PAIRS_MAX ? facts_unique_few(sort, p, all) : facts_unique_many(m, sort, p, all);
    return p;
}

static void first_told(const char **to, const char *other)
{
    if (!**to)
        *to = other;
}

/* An alias that is the name is none. */
static void names_settle(struct list_maker *m, struct list_entry *e)
{
    struct list_name *names = (struct list_name *)e->aliases; /* the arena's, and still ours */
    size_t kept = 0;

    if (!*e->name.text && e->aliases_n)
        e->name = names[0];
    for (size_t i = 0; i < e->aliases_n; i++)
        if (strcmp(names[i].text, e->name.text) != 0)
            names[kept++] = names[i];
    e->aliases_n = kept;
    if (!*e->name.text)
        list_make_fail(m, ERR_INPUT, "entry %s has no name", e->id);
}

static void entry_settle(struct list_maker *m, struct making *const *at, size_t n,
                         struct list_entry *e)
{
    *e = at[0]->e;
    for (size_t i = 1; i < n; i++) {
        const struct list_entry *other = &at[i]->e;

        if (e->kind == LIST_UNKNOWN)
            e->kind = other->kind;
        if (!*e->name.text)
            e->name = other->name;
        if (!e->listed_on.year)
            e->listed_on = other->listed_on;
        first_told(&e->reference, other->reference);
        first_told(&e->remarks, other->remarks);
        first_told(&e->url, other->url);
    }
    e->aliases = facts_join(m, at, n, LIST_SORT_NAME, &e->aliases_n);
    e->births = facts_join(m, at, n, LIST_SORT_BIRTH, &e->births_n);
    e->places = facts_join(m, at, n, LIST_SORT_PLACE, &e->places_n);
    e->nationalities = facts_join(m, at, n, LIST_SORT_NATIONALITY, &e->nationalities_n);
    e->ids = facts_join(m, at, n, LIST_SORT_ID, &e->ids_n);
    e->cryptos = facts_join(m, at, n, LIST_SORT_CRYPTO, &e->cryptos_n);
    e->addresses = facts_join(m, at, n, LIST_SORT_ADDRESS, &e->addresses_n);
    e->programmes = facts_join(m, at, n, LIST_SORT_PROGRAMME, &e->programmes_n);
    e->details = facts_join(m, at, n, LIST_SORT_DETAIL, &e->details_n);
    if (!m->bad)
        names_settle(m, e);
}

static int making_order(const void *a, const void *b)
{
    const struct making *x = a, *y = b;
    int order;

    if (x->number && y->number && x->number != y->number)
        return x->number < y->number ? -1 : 1;
    order = list_id_order(x->e.id, y->e.id);

    return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

/* Entries at[n] of the list, in their order, those of one id joined. */
static bool entries_join(struct list_maker *m, struct making **at, size_t n)
{
    struct list_entry *entries = ARENA_ARRAY(m->a, struct list_entry, n ? n : 1);

    if (!entries)
        return no_memory(m);
    for (size_t i = 0, first; i < n && !m->bad; m->list.entries_n++) {
        first = i++;
        while (i < n && !strcmp(at[i]->e.id, at[first]->e.id))
            i++;
        entry_settle(m, at + first, i - first, &entries[m->list.entries_n]);
        m->list.cryptos_n += entries[m->list.entries_n].cryptos_n;
    }
    m->list.entries = entries;
    return !m->bad;
}

static bool notes_settle(struct list_maker *m)
{
    struct list_facts *f = &m->facts[LIST_SORT_NOTE];

    if (!f->n)
        return true;
    m->list.notes = arena_copy(m->a, f->p, f->n * sizeof(const char *));
    m->list.notes_n = f->n;
    return m->list.notes || no_memory(m);
}

static int crypto_order(const void *a, const void *b)
{
    const struct list_crypto *x = a, *y = b;
    int order = strcmp(x->text, y->text);

    return order ? order : strcmp(x->ticker, y->ticker);
}

/* How many there are: one that two entries share is one. */
static bool cryptos_count(struct list_maker *m)
{
    const void **at;
    size_t n = 0;

    if (!m->list.cryptos_n)
        return true;
    at = mem_array(2 * m->list.cryptos_n, sizeof(const void *));
    if (!at)
        return list_make_fail(m, ERR_NOMEM, "a list");
    for (size_t i = 0; i < m->list.entries_n; i++)
        for (size_t k = 0; k < m->list.entries[i].cryptos_n; k++)
            at[n++] = &m->list.entries[i].cryptos[k];
    sort_pointers(at, n, at + n, crypto_order);
    for (size_t i = 1; i < n; i++)
        m->list.cryptos_n -= !crypto_order(at[i - 1], at[i]);
    mem_free(at);
    return true;
}

bool list_make_end(struct list_maker *m, struct list *ret)
{
    size_t n = m->facts[LIST_SORT_ENTRY].n;
    struct making **at = NULL;
    const void **scratch = NULL;

    list_make_entry(m, "end"); /* where the facts of the last one end */
    if (!m->bad) {
        at = mem_array(n + 1, sizeof(struct making *));
        scratch = mem_array(n + 1, sizeof(*scratch));
        if (!at || !scratch)
            list_make_fail(m, ERR_NOMEM, "a list");
    }
    if (!m->bad && at) {
        for (size_t i = 0; i < n; i++)
            at[i] = (struct making *)m->facts[LIST_SORT_ENTRY].p + i;
        sort_pointers((const void **)at, n, scratch, making_order);
        if (entries_join(m, at, n) && cryptos_count(m) && notes_settle(m))
            *ret = m->list;
    }
    mem_free(at);
    mem_free(scratch);
    list_make_free(m);
    return !m->bad;
}
