/* Making a set: all of the store's packs into memory, keys sorted, then section after section. */
#include "base/mem.h"
#include "base/replace.h"
#include "base/sort.h"
#include "base/text.h"
#include "entity/tag_set_file.h"

#define ARENA_BYTES_MAX ((size_t)16 << 30)
#define TEXTS_BYTES_MAX ((size_t)UINT32_MAX)
#define SECTION_BYTES_MAX ((size_t)TAG_SET_BYTES_MAX)

struct row { /* a tag */
    const char *text;
    uint32_t what;
    uint8_t space, n;
};

struct text_place {
    uint32_t at; /* 1 + offset; 0: free */
};

struct maker {
    struct arena *a;
    const struct tag_pack_row *packs;
    size_t packs_n, pack; /* pack: being read */
    size_t whats_base;    /* of that pack */
    struct text texts, whats, actors, keys, ids;
    struct text_place *places; /* of texts, by hash */
    size_t places_n, texts_n;
    struct row *rows;
    size_t rows_n, rows_max, whats_n, actors_n, keys_n;
    uint64_t seed;
    struct set_head head;
};

static bool over(struct err *err)
{
    return err_fail(err, ERR_LIMIT, "more tags than a set can hold");
}

static bool put(struct text *to, const void *p, size_t n, struct err *err)
{
    text_put(to, p, n);
    if (!to->bad)
        return true;
    return to->over ? over(err) : err_fail(err, ERR_NOMEM, "set of tags");
}

static bool places_grow(struct maker *m, struct err *err)
{
    size_t size = m->places_n ? 2 * m->places_n : 1024;
    struct text_place *places = mem_array(size, sizeof(*places));

    if (!places)
        return err_fail(err, ERR_NOMEM, "set of tags");
    for (size_t i = 0; i < m->places_n; i++) {
        const char *s;
        size_t place;

        if (!m->places[i].at)
            continue;
        s = m->texts.p + m->places[i].at - 1;
        place = mix_bytes(m->seed, s, strlen(s)) & (size - 1);
        while (places[place].at)
            place = (place + 1) & (size - 1);
        places[place] = m->places[i];
    }
    mem_free(m->places);
    m->places = places;
    m->places_n = size;
    return true;
}

/* A text's offset; each is kept once. */
static bool text_keep(struct maker *m, const char *s, uint32_t *ret, struct err *err)
{
    size_t n = strlen(s), place;

    if (2 * m->texts_n >= m->places_n && !places_grow(m, err))
        return false;
    place = mix_bytes(m->seed, s, n) & (m->places_n - 1);
    for (; m->places[place].at; place = (place + 1) & (m->places_n - 1))
        if (!strcmp(m->texts.p + m->places[place].at - 1, s)) {
            *ret = m->places[place].at - 1;
            return true;
        }
    *ret = (uint32_t)m->texts.n;
    if (!put(&m->texts, s, n + 1, err))
        return false;
    m->places[place].at = *ret + 1;
    m->texts_n++;
    return true;
}

static bool on_what(void *to, const struct tag *t, struct err *err)
{
    struct maker *m = to;
    struct set_what w = {.pack = (uint32_t)m->pack,
                         .category = (uint8_t)t->category,
                         .abuse = (uint8_t)t->abuse,
                         .confidence = (uint8_t)t->confidence,
                         .flags = (uint8_t)((t->cluster_definer ? SET_CLUSTER_DEFINER : 0) |
                                            (t->private ? SET_PRIVATE : 0)),
                         .lastmod = t->lastmod};

    if (m->whats_n == UINT32_MAX)
        return over(err);
    m->whats_n++;
    return text_keep(m, t->label, &w.label, err) && text_keep(m, t->actor, &w.actor, err) &&
           text_keep(m, t->source, &w.source, err) && text_keep(m, t->network, &w.network, err) &&
           put(&m->whats, &w, sizeof(w), err);
}

static bool on_tag(void *to, uint32_t what, const struct address_key *key, struct err *err)
{
    struct maker *m = to;
    const char *text = arena_copy(m->a, key->text, (size_t)key->n + 1);

    if (!text || m->rows_n == m->rows_max)
        return err_fail(err, ERR_NOMEM, "set of tags");
    m->rows[m->rows_n++] = (struct row){
        .text = text, .what = (uint32_t)(m->whats_base + what), .space = key->space, .n = key->n};
    return true;
}

static bool on_actor(void *to, const struct tag_actor *actor, struct err *err)
{
    struct maker *m = to;
    struct set_actor a = {.category = actor->category};

    m->actors_n++;
    return text_keep(m, actor->id, &a.id, err) && text_keep(m, actor->label, &a.label, err) &&
           text_keep(m, actor->uri, &a.uri, err) &&
           text_keep(m, actor->jurisdictions, &a.jurisdictions, err) &&
           put(&m->actors, &a, sizeof(a), err);
}

static bool packs_read(struct maker *m, struct store *s, struct err *err)
{
    const struct tag_store_reader reader = {on_what, on_tag, on_actor, m};
    uint64_t tags = 0;

    for (size_t i = 0; i < m->packs_n; i++)
        tags += m->packs[i].tags;
    if (tags > UINT32_MAX)
        return over(err);
    m->rows_max = tags;
    m->rows = ARENA_ARRAY(m->a, struct row, tags + 1);
    if (!m->rows)
        return err_fail(err, ERR_NOMEM, "set of tags");
    for (m->pack = 0; m->pack < m->packs_n; m->pack++) {
        m->whats_base = m->whats_n;
        if (!tag_store_read(s, &m->packs[m->pack], &reader, err))
            return false;
    }
    return true;
}

/* By id, the first pack's first. */
static bool actors_sort(struct maker *m, struct err *err)
{
    struct set_actor *all = (struct set_actor *)m->actors.p;
    size_t n = 0;

    /* Packs of actors are few and each is sorted: an insertion from the right place is enough. */
    for (size_t i = 0; i < m->actors_n; i++) {
        struct set_actor actor = all[i];
        size_t low = 0, high = n;

        while (low < high) {
            size_t mid = (low + high) / 2;

            if (strcmp(m->texts.p + all[mid].id, m->texts.p + actor.id) < 0)
                low = mid + 1;
            else
                high = mid;
        }
        if (low < n && all[low].id == actor.id)
            continue;
        memmove(&all[low + 1], &all[low], (n - low) * sizeof(*all));
        all[low] = actor;
        n++;
    }
    m->actors_n = n;
    m->actors.n = n * sizeof(*all);
    return true;
}

static unsigned category_of_actor(const struct maker *m, uint32_t actor)
{
    const struct set_actor *all = (const struct set_actor *)m->actors.p;
    const char *id = m->texts.p + actor;
    size_t low = 0, high = m->actors_n;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (strcmp(m->texts.p + all[mid].id, id) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < m->actors_n && all[low].id == actor ? (unsigned)all[low].category : TAG_UNKNOWN;
}

static void categories_of_actors(struct maker *m)
{
    struct set_what *w = (struct set_what *)m->whats.p;

    for (size_t i = 0; i < m->whats_n; i++)
        if (!w[i].category && m->texts.p[w[i].actor])
            w[i].category = (uint8_t)category_of_actor(m, w[i].actor);
}

static int by_key(const void *one, const void *other)
{
    const struct row *a = one, *b = other;
    int order = (a->space > b->space) - (a->space < b->space);

    if (!order)
        order = strcmp(a->text, b->text);
    return order ? order : (a->what > b->what) - (a->what < b->what);
}

/* A record for the rows of one key, which follow each other from order[i]. */
static bool key_put(struct maker *m, const void *const *order, size_t i, size_t n, struct err *err)
{
    static const char zeros[8];
    const struct set_what *whats = (const struct set_what *)m->whats.p;
    const struct row *row = order[i];
    size_t head_n = offsetof(struct set_key, text), bytes = set_key_bytes(row->n);
    struct set_key k = {
        .tags_at = (uint32_t)i, .tags_n = (uint32_t)n, .space = row->space, .n = row->n};

    for (size_t j = i; j < i + n; j++) {
        const struct row *r = order[j];
        const struct set_what *w = &whats[r->what];
        uint64_t bits = (w->category ? tag_category_bit((enum tag_category)w->category) : 0) |
                        (w->abuse ? tag_category_bit((enum tag_category)w->abuse) : 0);

        k.categories |= bits;
        k.categories_public |= w->flags & SET_PRIVATE ? 0 : bits;
        if (!put(&m->ids, &r->what, sizeof(r->what), err))
            return false;
    }
    m->keys_n++;
    return put(&m->keys, &k, head_n, err) && put(&m->keys, row->text, row->n, err) &&
           put(&m->keys, zeros, bytes - head_n - row->n, err);
}

static bool keys_make(struct maker *m, struct err *err)
{
    const void **order = mem_array(2 * m->rows_n + 1, sizeof(*order));
    unsigned space = 0;
    bool ok = order || err_fail(err, ERR_NOMEM, "set of tags");

    for (size_t i = 0; ok && i < m->rows_n; i++)
        order[i] = &m->rows[i];
    if (ok)
        sort_pointers(order, m->rows_n, order + m->rows_n, by_key);
    for (size_t i = 0, n; ok && i < m->rows_n; i += n) {
        const struct row *row = order[i];

        for (; space <= row->space; space++)
            m->head.space_at[space] = m->keys.n;
        for (n = 1; i + n < m->rows_n; n++) {
            const struct row *next = order[i + n];

            if (next->space != row->space || strcmp(next->text, row->text) != 0)
                break;
        }
        ok = key_put(m, order, i, n, err);
    }
    for (; space <= ADDRESS_SPACES; space++)
        m->head.space_at[space] = m->keys.n;
    mem_free(order);
    return ok;
}

/* At most half full; in the order of keys, so that the same keys fill it in the same way. */
static bool slots_make(struct maker *m, uint64_t **ret, struct err *err)
{
    uint64_t *slots, mask;

    while ((uint64_t)1 << m->head.slots_log2 < 2 * (m->keys_n + 1))
        m->head.slots_log2++;
    mask = ((uint64_t)1 << m->head.slots_log2) - 1;
    if (m->keys.n / 8 >= UINT32_MAX)
        return over(err);
    slots = mem_array(mask + 1, sizeof(*slots));
    if (!slots)
        return err_fail(err, ERR_NOMEM, "set of tags");
    for (uint64_t at = 0; at < m->keys.n;) {
        const struct set_key *k = (const struct set_key *)(m->keys.p + at);
        uint64_t hash = set_hash(m->seed, k->space, k->text, k->n), place = hash & mask;

        while (slots[place])
            place = (place + 1) & mask;
        slots[place] = (hash & ~(uint64_t)UINT32_MAX) | (at / 8 + 1);
        at += set_key_bytes(k->n);
    }
    *ret = slots;
    return true;
}

static bool packs_put(struct maker *m, struct text *to, struct err *err)
{
    for (size_t i = 0; i < m->packs_n; i++) {
        struct set_pack p = {.sha256 = m->packs[i].sha256, .private = m->packs[i].private};

        if (!text_keep(m, m->packs[i].name, &p.name, err) ||
            !text_keep(m, m->packs[i].version, &p.version, err) || !put(to, &p, sizeof(p), err))
            return false;
    }
    return true;
}

struct section {
    const void *p;
    size_t n;
    uint64_t *at;
};

/* Offsets, the checksum, and the bytes; a section is filled up to a multiple of 8. */
static bool sections_write(struct maker *m, struct replace *file, const struct section *sections,
                           size_t n, struct err *err)
{
    static const char zeros[8];
    uint64_t at = sizeof(m->head);
    struct sha256_stream sum;

    for (size_t i = 0; i < n; i++) {
        *sections[i].at = at;
        at += sections[i].n;
        if (i + 1 < n)
            at = (at + 7) / 8 * 8;
    }
    if (at > TAG_SET_BYTES_MAX)
        return over(err);
    m->head.bytes = at;
    sha256_start(&sum);
    sha256_add(&sum, (const uint8_t *)&m->head + SET_SUMMED_FROM,
               sizeof(m->head) - SET_SUMMED_FROM);
    for (size_t i = 0; i < n; i++) {
        sha256_add(&sum, sections[i].p, sections[i].n);
        if (i + 1 < n)
            sha256_add(&sum, zeros, -sections[i].n & 7);
    }
    m->head.sum = sha256_done(&sum);
    if (!replace_put(file, &m->head, sizeof(m->head), err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!replace_put(file, sections[i].p, sections[i].n, err) ||
            (i + 1 < n && !replace_put(file, zeros, -sections[i].n & 7, err)))
            return false;
    return true;
}

static bool set_write(struct maker *m, struct replace *file, struct err *err)
{
    struct text packs = text_new(SECTION_BYTES_MAX);
    uint64_t *slots = NULL;
    struct set_head *h = &m->head;
    bool ok = packs_put(m, &packs, err) && slots_make(m, &slots, err);

    if (ok) {
        const struct section sections[] = {
            {packs.p, packs.n, &h->packs_at},
            {m->actors.p, m->actors.n, &h->actors_at},
            {m->whats.p, m->whats.n, &h->whats_at},
            {slots, (size_t)8 << h->slots_log2, &h->slots_at},
            {m->keys.p, m->keys.n, &h->keys_at},
            {m->ids.p, m->ids.n, &h->ids_at},
            {m->texts.p, m->texts.n, &h->texts_at},
        };

        h->packs_n = m->packs_n;
        h->actors_n = m->actors_n;
        h->whats_n = m->whats_n;
        h->keys_n = m->keys_n;
        h->tags_n = m->rows_n;
        ok = sections_write(m, file, sections, sizeof(sections) / sizeof(sections[0]), err);
    }
    mem_free(slots);
    text_free(&packs);
    return ok;
}

static bool file_write(struct maker *m, const char *path, struct err *err)
{
    struct replace file;

    return replace_begin(&file, path, err) && replace_end(&file, set_write(m, &file, err), err);
}

static bool make(struct maker *m, struct store *s, const char *path, struct err *err)
{
    uint32_t none;

    if (!store_begin_read(s, err))
        return false;
    if (!tag_store_packs(s, m->a, &m->packs, &m->packs_n, err)) {
        store_end_read(s);
        return false;
    }
    memcpy(m->head.magic, SET_MAGIC, sizeof(m->head.magic));
    m->head.version = SET_VERSION;
    m->head.stamp = tag_store_stamp(m->packs, m->packs_n);
    m->seed = m->head.seed = load_le64(m->head.stamp.b);
    if (!text_keep(m, "", &none, err) || !packs_read(m, s, err)) {
        store_end_read(s);
        return false;
    }
    store_end_read(s);
    if (!actors_sort(m, err))
        return false;
    categories_of_actors(m);
    return keys_make(m, err) && file_write(m, path, err);
}

bool tag_set_make(struct store *s, const char *path, struct err *err)
{
    struct maker m = {.a = arena_new(NULL, ARENA_BYTES_MAX),
                      .texts = text_new(TEXTS_BYTES_MAX),
                      .whats = text_new(SECTION_BYTES_MAX),
                      .actors = text_new(SECTION_BYTES_MAX),
                      .keys = text_new(SECTION_BYTES_MAX),
                      .ids = text_new(SECTION_BYTES_MAX)};
    bool ok = m.a ? make(&m, s, path, err) : err_fail(err, ERR_NOMEM, "set of tags");

    text_free(&m.texts);
    text_free(&m.whats);
    text_free(&m.actors);
    text_free(&m.keys);
    text_free(&m.ids);
    mem_free(m.places);
    arena_free(m.a);
    return ok;
}
