#include "screen/screen_labels.h"

#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"
#include "screen/screener_parts.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LABELS_BYTES_MAX ((size_t)4 << 30)
#define OF_TAGS ((uint64_t)1 << 63) /* a place among the tags; else among the keys */

struct key { /* of a list, or of a case's origin that is an address, or its stop */
    struct address_key key;
    uint16_t label;
    bool stop;
    uint32_t nth;              /* in the order in which they were read */
    const char *name, *source; /* of a stop: what the case calls it, or NULL; the case */
};

struct screen_labels {
    struct arena *arena;
    struct tag_set *tags; /* NULL: none */
    struct screen_label *at;
    size_t n;
    struct key *keys; /* by key, then label */
    size_t keys_n, keys_max;
    struct key *takers; /* likewise: all addresses that are origins; name: the category */
    size_t takers_n, takers_max;
    struct screen_origin *origins;
    size_t origins_n, origins_max;
    struct hash32 *cases; /* SHA-256 of each file */
    size_t cases_n;
    enum trace_policy policy;
    uint32_t cut_ppm;
};

static bool no_memory(const struct screen_labels *l, struct err *err)
{
    return arena_fail(l->arena, err, "labels");
}

/* Room for one more in a list that grows; what it outgrew stays in the arena. */
static bool grown(struct screen_labels *l, void **list, size_t n, size_t *max, size_t size,
                  struct err *err)
{
    size_t room = *max ? 2 * *max : 64;
    void *at;

    if (n < *max)
        return true;
    at = arena_array(l->arena, room, size);
    if (!at)
        return no_memory(l, err);
    if (n)
        memcpy(at, *list, n * size);
    *list = at;
    *max = room;
    return true;
}

static const char *copy(struct screen_labels *l, const char *s)
{
    return s ? arena_string(l->arena, s, strlen(s)) : NULL;
}

static bool key_add(struct screen_labels *l, struct key key, struct err *err)
{
    if (!grown(l, (void **)&l->keys, l->keys_n, &l->keys_max, sizeof(*l->keys), err))
        return false;
    if (l->keys_n == UINT32_MAX)
        return err_fail(err, ERR_LIMIT, "labels: too many addresses");
    key.nth = (uint32_t)l->keys_n;
    l->keys[l->keys_n++] = key;
    return true;
}

static bool label_add(struct screen_labels *l, struct screen_label label, struct err *err)
{
    if (l->n == EXPOSURE_LABELS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u categories, lists and cases",
                        EXPOSURE_LABELS_MAX);
    l->at[l->n++] = label;
    return true;
}

/* ---- lists ---- */

static bool lists_add(struct screen_labels *l, const struct screener *s, struct err *err)
{
    size_t first = l->n;

    for (size_t i = 0; i < s->lists_n; i++) {
        struct screen_label label = {.category = "sanctions",
                                     .list = copy(l, s->lists[i].name),
                                     .source = copy(l, s->sources[i])};

        if (!label.list || !label.source)
            return no_memory(l, err);
        if (!label_add(l, label, err))
            return false;
    }
    for (size_t i = 0; i < s->addresses.n; i++)
        if (!key_add(l,
                     (struct key){
                         .key = s->addresses.at[i].key,
                         .label = (uint16_t)(first + (size_t)(s->addresses.at[i].list - s->lists))},
                     err))
            return false;
    return true;
}

/* ---- cases ---- */

static bool taker_add(struct screen_labels *l, struct key key, struct err *err)
{
    if (!grown(l, (void **)&l->takers, l->takers_n, &l->takers_max, sizeof(*l->takers), err))
        return false;
    l->takers[l->takers_n++] = key;
    return true;
}

/* An address without a beginning is the label's for ever, and so is whatever comes to it. */
static bool origin_add(struct screen_labels *l, const struct case_origin *o, const char *chain,
                       uint16_t label, struct err *err)
{
    const char *name = o->chain ? o->chain : chain;
    const struct chain *of = name ? chain_by_name(name) : NULL;
    struct key taker = {
        .label = label, .name = l->at[label].category, .source = l->at[label].case_id};

    if (o->kind == ORIGIN_ADDRESS && of && !address_space_of_chain(of)) /* a bank's */
        return true;
    if (o->kind == ORIGIN_ADDRESS &&
        (!address_key_read(o->address, strlen(o->address), name, &taker.key, err) ||
         !taker_add(l, taker, err)))
        return false;
    if (o->kind == ORIGIN_ADDRESS && !o->from_height && !o->from_time && !o->asset)
        return key_add(l, (struct key){.key = taker.key, .label = label}, err);
    if ((name && !of) || o->kind == ORIGIN_BEYOND) /* no ledger can have it */
        return true;
    if (!grown(l, (void **)&l->origins, l->origins_n, &l->origins_max, sizeof(*l->origins), err))
        return false;
    l->origins[l->origins_n++] = (struct screen_origin){o, of, label};
    return true;
}

/* That of tags, if they have the category; else one that all cases share. */
static bool stop_label(struct screen_labels *l, const char *category, uint16_t *ret,
                       struct err *err)
{
    for (size_t i = 0; i < l->n; i++)
        if (!l->at[i].source && !strcmp(l->at[i].category, category)) {
            *ret = (uint16_t)i;
            return true;
        }
    *ret = (uint16_t)l->n;
    return label_add(l, (struct screen_label){.category = category}, err);
}

/* A service in the eyes of the case: what comes to it goes no further. */
static bool stop_add(struct screen_labels *l, const struct trace_stop *s, const struct case_file *c,
                     const char *source, struct err *err)
{
    const char *name = s->chain ? s->chain : c->chain;
    const struct chain *of = name ? chain_by_name(name) : NULL;
    struct address_key key;
    uint16_t label;

    if (name && (!of || !address_space_of_chain(of)))
        return true;
    return address_key_read(s->address, strlen(s->address), name, &key, err) &&
           stop_label(l, s->category && *s->category ? s->category : SCREEN_STOP_CATEGORY, &label,
                      err) &&
           key_add(l,
                   (struct key){
                       .key = key, .label = label, .stop = true, .name = s->name, .source = source},
                   err);
}

static bool case_add(struct screen_labels *l, struct bytes in, const char *file, struct err *err)
{
    struct screen_label label = {.category = SCREEN_CASE_CATEGORY};
    struct case_file c;

    if (!case_read(l->arena, in, &c, err))
        return false;
    l->cases[l->cases_n++] = sha256(in.p, in.n);
    label.case_id = c.id ? c.id : arena_string(l->arena, file, strlen(file) - strlen(".json"));
    label.source = label.case_id;
    if (c.kind)
        label.category = c.kind;
    if (!label.case_id)
        return no_memory(l, err);
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].case_id && !strcmp(l->at[i].case_id, label.case_id))
            return err_fail(err, ERR_INPUT, "another file has the case \"%.100s\", too",
                            label.case_id);
    if (!label_add(l, label, err))
        return false;
    for (size_t i = 0; i < c.origins_n; i++)
        if (!origin_add(l, &c.origins[i], c.chain, (uint16_t)(l->n - 1), err))
            return err_in(err, "origins[%zu]", i);
    for (size_t i = 0; i < c.stops_n; i++)
        if (!stop_add(l, &c.stops[i], &c, label.source, err))
            return err_in(err, "stops[%zu]", i);
    return true;
}

static int is_case(const struct dirent *d)
{
    size_t n = strlen(d->d_name);

    return d->d_name[0] != '.' && n > 5 && !strcmp(d->d_name + n - 5, ".json");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool cases_add(struct screen_labels *l, const char *folder, struct err *err)
{
    struct dirent **names = NULL;
    int found = scandir(folder, &names, is_case, by_name);
    bool ok = found >= 0 || errno == ENOENT || err_system(err, "\"%s\"", folder);

    l->cases = ARENA_ARRAY(l->arena, struct hash32, found > 0 ? (size_t)found : 1);
    ok = ok && (l->cases || no_memory(l, err));
    for (int i = 0; i < found; i++) {
        char path[PATH_MAX];
        struct bytes in;

        if (ok &&
            (size_t)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name) < sizeof(path))
            ok = file_load(l->arena, path, CASE_FILE_BYTES_MAX, &in, err) &&
                 (case_add(l, in, names[i]->d_name, err) || err_in(err, "\"%s\"", path));
        free(names[i]); /* scandir's */
    }
    free(names);
    return ok;
}

struct hash32 screen_cases_stamp(const char *folder)
{
    struct dirent **names = NULL;
    int found = scandir(folder, &names, is_case, by_name);
    struct sha256_stream h;

    sha256_start(&h);
    for (int i = 0; i < found; i++) {
        char path[PATH_MAX];
        struct stat st;

        if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name) <
                sizeof(path) &&
            !stat(path, &st)) {
            uint8_t facts[32];

            store_le64(facts, (uint64_t)st.st_mtim.tv_sec);
            store_le64(facts + 8, (uint64_t)st.st_mtim.tv_nsec);
            store_le64(facts + 16, (uint64_t)st.st_size);
            store_le64(facts + 24, (uint64_t)st.st_ino);
            sha256_add(&h, names[i]->d_name, strlen(names[i]->d_name) + 1);
            sha256_add(&h, facts, sizeof(facts));
        }
        free(names[i]); /* scandir's */
    }
    free(names);
    return sha256_done(&h);
}

/* ---- making ---- */

static int key_order(const void *one, const void *other)
{
    const struct key *a = one, *b = other;
    int by = address_key_compare(&a->key, &b->key);

    if (!by)
        by = (a->label > b->label) - (a->label < b->label);
    if (!by)
        by = (int)a->stop - (int)b->stop;
    return by ? by : (a->nth > b->nth) - (a->nth < b->nth);
}

/* Sorted, and what several cases say of an address once: in the words of the first. */
static void keys_sort(struct screen_labels *l)
{
    size_t kept = 0;

    if (l->keys_n)
        qsort(l->keys, l->keys_n, sizeof(*l->keys), key_order);
    for (size_t i = 0; i < l->keys_n; i++) {
        const struct key *last = kept ? &l->keys[kept - 1] : NULL;

        if (!last || !l->keys[i].stop || !last->stop || last->label != l->keys[i].label ||
            !address_key_equal(&last->key, &l->keys[i].key))
            l->keys[kept++] = l->keys[i];
    }
    l->keys_n = kept;
}

static void takers_sort(struct screen_labels *l)
{
    for (size_t i = 0; i < l->takers_n; i++)
        l->takers[i].nth = (uint32_t)i;
    if (l->takers_n)
        qsort(l->takers, l->takers_n, sizeof(*l->takers), key_order);
}

static bool tags_open(struct screen_labels *l, const struct screener *s, const char *path,
                      struct err *err)
{
    if (!s->tags)
        return true;
    if (!tag_set_open(path, &l->tags, err))
        return false;
    return hash32_equal(tag_set_stamp(l->tags), tag_set_stamp(s->tags)) ||
           err_fail(err, ERR_DIFFERS, "the tags have changed meanwhile");
}

static bool made(struct screen_labels *l, const struct screener *s, const char *tag_set,
                 const char *cases, struct err *err)
{
    struct rules_exposure asked = rules_exposure(s->rules);

    l->policy = asked.policy;
    l->cut_ppm = asked.cut_ppm;
    l->at = ARENA_ARRAY(l->arena, struct screen_label, EXPOSURE_LABELS_MAX);
    if (!l->at)
        return no_memory(l, err);
    for (int c = 0; c < TAG_CATEGORIES; c++)
        if (!label_add(
                l, (struct screen_label){.category = tag_category_name((enum tag_category)c)}, err))
            return false;
    if (!tags_open(l, s, tag_set, err) || !lists_add(l, s, err) || !cases_add(l, cases, err))
        return false;
    keys_sort(l);
    takers_sort(l);
    return true;
}

bool screen_labels_make(const struct screener *s, const char *tag_set, const char *cases,
                        struct screen_labels **ret, struct err *err)
{
    struct screen_labels *l = mem_zero(sizeof(*l));

    if (!l)
        return err_fail(err, ERR_NOMEM, "labels");
    l->arena = arena_new(NULL, LABELS_BYTES_MAX);
    if (l->arena ? made(l, s, tag_set, cases, err) : err_fail(err, ERR_NOMEM, "labels")) {
        *ret = l;
        return true;
    }
    screen_labels_free(l);
    return false;
}

struct screen_labels *screen_labels_free(struct screen_labels *l)
{
    if (l) {
        tag_set_close(l->tags);
        arena_free(l->arena);
        mem_free(l);
    }
    return NULL;
}

/* ---- asked ---- */

size_t screen_labels_n(const struct screen_labels *l)
{
    return l->n;
}

struct screen_label screen_label(const struct screen_labels *l, uint16_t label)
{
    return label < l->n ? l->at[label] : (struct screen_label){.category = ""};
}

enum trace_policy screen_labels_policy(const struct screen_labels *l)
{
    return l->policy;
}

uint32_t screen_labels_cut_ppm(const struct screen_labels *l)
{
    return l->cut_ppm;
}

const struct screen_origin *screen_labels_origins(const struct screen_labels *l, size_t *ret_n)
{
    *ret_n = l->origins_n;
    return l->origins;
}

size_t screen_labels_addresses(const struct screen_labels *l)
{
    return l->keys_n + (l->tags ? tag_set_keys(l->tags) : 0);
}

static void put(struct screen_labelled *to, uint16_t label)
{
    for (size_t i = 0; i < to->n; i++)
        if (to->at[i] == label)
            return;
    if (to->n < SCREEN_LABELS_OF_MAX)
        to->at[to->n++] = label;
}

/* A category is its own label. Returns whether a tag accuses the address. */
static bool put_tags(const struct screen_labels *l, const struct tag_found *found,
                     struct screen_labelled *to)
{
    bool service = false, accused = false;

    for (size_t i = 0; i < found->tags_n; i++) {
        struct tag t;

        tag_set_tag(l->tags, found, i, &t);
        service |= tag_category_group(t.category) == TAG_GROUP_SERVICE;
        accused |= t.abuse != TAG_UNKNOWN || tag_category_group(t.category) == TAG_GROUP_ABUSE;
        if (t.abuse != TAG_UNKNOWN || t.category != TAG_UNKNOWN)
            put(to, (uint16_t)(t.abuse != TAG_UNKNOWN ? t.abuse : t.category));
    }
    to->stops = service && !accused;
    return accused;
}

/* The first of n keys that is not before that one. */
static size_t first_of(const struct key *keys, size_t n, const struct address_key *key)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (address_key_compare(&keys[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of an account's customer, who has no labels of his own, those of the account count. */
static size_t first_label(const struct key *keys, size_t n, const struct address_key *key,
                          struct address_key *ret_key)
{
    size_t at = first_of(keys, n, key);

    *ret_key = *key;
    if ((at < n && address_key_equal(&keys[at].key, key)) || !address_key_untagged(key, ret_key))
        return at;
    return first_of(keys, n, ret_key);
}

static size_t key_at(const struct screen_labels *l, const struct address_key *key,
                     struct address_key *ret_key)
{
    return first_label(l->keys, l->keys_n, key, ret_key);
}

static bool tags_of(const struct screen_labels *l, const struct address_key *key,
                    struct tag_found *ret)
{
    struct address_key whole;

    return l->tags && (tag_set_find(l->tags, key, ret) ||
                       (address_key_untagged(key, &whole) && tag_set_find(l->tags, &whole, ret)));
}

size_t screen_labels_cases(const struct screen_labels *l, const struct address_key *key,
                           struct screen_case *ret, size_t max)
{
    struct address_key of;
    size_t n = 0;

    for (size_t i = first_label(l->takers, l->takers_n, key, &of);
         i < l->takers_n && n < max && address_key_equal(&l->takers[i].key, &of); i++) {
        size_t k = 0;

        while (k < n && strcmp(ret[k].id, l->takers[i].source) != 0)
            k++;
        if (k == n)
            ret[n++] = (struct screen_case){l->takers[i].name, l->takers[i].source};
    }
    return n;
}

void screen_labels_of(const struct screen_labels *l, const struct address_key *key,
                      struct screen_labelled *ret)
{
    bool accused = false, stop = false;
    struct address_key of;
    struct tag_found found;

    ret->n = 0;
    ret->stops = false;
    if (tags_of(l, key, &found))
        accused = put_tags(l, &found, ret);
    for (size_t i = key_at(l, key, &of); i < l->keys_n && address_key_equal(&l->keys[i].key, &of);
         i++) {
        put(ret, l->keys[i].label);
        stop |= l->keys[i].stop;
        accused |= !l->keys[i].stop;
    }
    ret->stops |= stop && !accused;
}

/* Do tags name two actors? */
static bool actors_differ(const struct screen_labels *l, const struct tag_found *found)
{
    const char *actor = NULL;

    for (size_t i = 0; i < found->tags_n; i++) {
        struct tag t;

        tag_set_tag(l->tags, found, i, &t);
        if (!t.actor || !*t.actor)
            continue;
        if (actor && strcasecmp(actor, t.actor) != 0)
            return true;
        actor = t.actor;
    }
    return false;
}

const char *screen_labels_owner(const struct screen_labels *l, const struct address_key *key)
{
    struct address_key of;
    struct tag_found found;

    if (tags_of(l, key, &found)) {
        if (actors_differ(l, &found))
            return NULL;
        for (size_t i = 0; i < found.tags_n; i++) {
            struct tag t;

            tag_set_tag(l->tags, &found, i, &t);
            if (tag_category_group(t.category) == TAG_GROUP_SERVICE)
                return t.actor && *t.actor ? t.actor : t.label;
        }
    }
    for (size_t i = key_at(l, key, &of); i < l->keys_n && address_key_equal(&l->keys[i].key, &of);
         i++)
        if (l->keys[i].stop && l->keys[i].name)
            return l->keys[i].name;
    return NULL;
}

bool screen_labels_stop(const struct screen_labels *l, const struct address_key *key,
                        const char *category, struct screen_stop *ret)
{
    struct address_key of;

    for (size_t i = key_at(l, key, &of); i < l->keys_n && address_key_equal(&l->keys[i].key, &of);
         i++)
        if (l->keys[i].stop && !strcmp(l->at[l->keys[i].label].category, category)) {
            *ret = (struct screen_stop){l->keys[i].name, l->keys[i].source};
            return true;
        }
    return false;
}

bool screen_labels_next(const struct screen_labels *l, enum address_space space, uint64_t *at,
                        struct address_key *ret_key, struct screen_labelled *ret)
{
    struct tag_found found;
    uint64_t i;

    ret->n = 0;
    ret->stops = false;
    while (l->tags && !(*at & OF_TAGS) && tag_set_next(l->tags, space, at, &found)) {
        if (!address_key_from(found.space, found.key, strlen(found.key), ret_key))
            continue;
        put_tags(l, &found, ret);
        if (ret->n)
            return true;
        ret->stops = false;
    }
    for (i = *at & OF_TAGS ? *at & ~OF_TAGS : 0; i < l->keys_n; i++)
        if (l->keys[i].key.space == space)
            break;
    *at = OF_TAGS | (i + 1);
    if (i >= l->keys_n)
        return false;
    *ret_key = l->keys[i].key;
    if (l->keys[i].stop)
        screen_labels_of(l, ret_key, ret);
    else
        put(ret, l->keys[i].label);
    return true;
}

/* ---- what it stands on ---- */

static void add(struct sha256_stream *h, const char *s)
{
    sha256_add(h, s ? s : "", s ? strlen(s) + 1 : 1);
}

static void add_u32(struct sha256_stream *h, uint32_t v)
{
    uint8_t bytes[4];

    store_le32(bytes, v);
    sha256_add(h, bytes, sizeof(bytes));
}

struct hash32 screen_labels_hash(const struct screen_labels *l, const struct chain *chain)
{
    struct sha256_stream h;
    struct screen_labelled has;
    struct address_key key;
    uint64_t at = 0;

    sha256_start(&h);
    add(&h, "cordon.exposure/1");
    add(&h, chain->name);
    add(&h, trace_policy_name(l->policy));
    add_u32(&h, l->cut_ppm);
    for (size_t i = 0; i < l->n; i++) {
        add(&h, l->at[i].category);
        add(&h, l->at[i].list);
        add(&h, l->at[i].case_id);
    }
    for (size_t i = 0; i < l->cases_n; i++)
        sha256_add(&h, l->cases[i].b, sizeof(l->cases[i].b));
    while (screen_labels_next(l, address_space_of_chain(chain), &at, &key, &has)) {
        add(&h, key.text);
        add_u32(&h, (uint32_t)(has.n << 1 | has.stops));
        for (size_t i = 0; i < has.n; i++)
            add_u32(&h, has.at[i]);
    }
    return sha256_done(&h);
}
