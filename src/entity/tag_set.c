/* Reading a compiled set. Offsets are checked when the file is opened, together with a checksum of
 * all of it; look-ups then trust them. */
#include "entity/tag_set.h"

#include "base/mem.h"
#include "base/mix.h"
#include "entity/tag_set_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct tag_set {
    void *map;
    size_t n;
    const struct set_head *head;
    const struct set_pack *packs;
    const struct set_actor *actors;
    const struct set_what *whats;
    const uint64_t *slots;
    const uint8_t *keys;
    const uint32_t *ids;
    const char *texts;
};

static bool damaged(const char *path, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "\"%s\": no set of tags, or damaged", path);
}

/* Sections follow each other, each with room for what it is said to hold. */
static bool head_good(const struct set_head *h, uint64_t n)
{
    if (n < sizeof(*h) || memcmp(h->magic, SET_MAGIC, sizeof(h->magic)) != 0 ||
        h->version != SET_VERSION || h->bytes != n || h->slots_log2 > 40)
        return false;
    return h->packs_at == sizeof(*h) && h->actors_at >= h->packs_at &&
           h->actors_at - h->packs_at >= h->packs_n * sizeof(struct set_pack) &&
           h->whats_at >= h->actors_at &&
           h->whats_at - h->actors_at >= h->actors_n * sizeof(struct set_actor) &&
           h->slots_at >= h->whats_at &&
           h->slots_at - h->whats_at >= h->whats_n * sizeof(struct set_what) &&
           h->keys_at >= h->slots_at && h->keys_at - h->slots_at >= (uint64_t)8 << h->slots_log2 &&
           h->ids_at >= h->keys_at && h->texts_at >= h->ids_at &&
           (h->texts_at - h->ids_at) / 4 >= h->tags_n && h->texts_at < n &&
           !((h->packs_at | h->actors_at | h->whats_at | h->slots_at | h->keys_at | h->ids_at) & 7);
}

static bool set_map(const char *path, struct tag_set *set, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool ok;

    if (fd < 0)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "\"%s\": no such file", path)
                               : err_system(err, "\"%s\"", path);
    ok = !fstat(fd, &st) || err_system(err, "\"%s\"", path);
    if (ok &&
        (st.st_size < (off_t)sizeof(struct set_head) || (uint64_t)st.st_size > TAG_SET_BYTES_MAX))
        ok = damaged(path, err);
    if (ok) {
        set->n = (size_t)st.st_size;
        set->map = mmap(NULL, set->n, PROT_READ, MAP_PRIVATE, fd, 0);
        if (set->map == MAP_FAILED) {
            set->map = NULL;
            ok = err_system(err, "\"%s\"", path);
        }
    }
    close(fd);
    return ok;
}

bool tag_set_open(const char *path, struct tag_set **ret, struct err *err)
{
    struct tag_set *set = mem_zero(sizeof(*set));
    const struct set_head *h;
    const uint8_t *p;
    struct hash32 sum;

    if (!set)
        return err_fail(err, ERR_NOMEM, "set of tags");
    if (!set_map(path, set, err)) {
        tag_set_close(set);
        return false;
    }
    p = set->map;
    h = set->map;
    sum = sha256(p + SET_SUMMED_FROM, set->n - SET_SUMMED_FROM);
    if (!head_good(h, set->n) || !hash32_equal(&sum, &h->sum) || p[set->n - 1]) {
        tag_set_close(set);
        return damaged(path, err);
    }
    set->head = h;
    set->packs = (const struct set_pack *)(p + h->packs_at);
    set->actors = (const struct set_actor *)(p + h->actors_at);
    set->whats = (const struct set_what *)(p + h->whats_at);
    set->slots = (const uint64_t *)(p + h->slots_at);
    set->keys = p + h->keys_at;
    set->ids = (const uint32_t *)(p + h->ids_at);
    set->texts = (const char *)(p + h->texts_at);
    *ret = set;
    return true;
}

struct tag_set *tag_set_close(struct tag_set *set)
{
    if (set && set->map)
        munmap(set->map, set->n);
    mem_free(set);
    return NULL;
}

bool tag_set_ready(struct store *s, const char *path, struct tag_set **ret, struct err *err)
{
    struct arena *a = arena_new(NULL, SET_PACKS_BYTES_MAX);
    const struct tag_pack_row *packs;
    struct hash32 stamp;
    size_t n;
    bool ok = a ? tag_store_packs(s, a, &packs, &n, err) : err_fail(err, ERR_NOMEM, "packs");
    struct tag_set *set = NULL;

    if (ok)
        stamp = tag_store_stamp(packs, n);
    arena_free(a);
    if (!ok)
        return false;
    if (tag_set_open(path, &set, err)) {
        if (hash32_equal(&stamp, tag_set_stamp(set))) {
            *ret = set;
            return true;
        }
        tag_set_close(set);
    } else if (err->class != ERR_NOT_FOUND && err->class != ERR_CORRUPT) {
        return false;
    }
    return tag_set_make(s, path, err) && tag_set_open(path, ret, err);
}

const struct hash32 *tag_set_stamp(const struct tag_set *set)
{
    return &set->head->stamp;
}

size_t tag_set_keys(const struct tag_set *set)
{
    return set->head->keys_n;
}

size_t tag_set_tags(const struct tag_set *set)
{
    return set->head->tags_n;
}

static void found_at(const struct tag_set *set, uint64_t at, struct tag_found *ret)
{
    const struct set_key *k = (const struct set_key *)(set->keys + at);

    *ret = (struct tag_found){.key = k->text,
                              .space = (enum address_space)k->space,
                              .categories = k->categories,
                              .categories_public = k->categories_public,
                              .tags_n = k->tags_n,
                              .ids = set->ids + k->tags_at};
}

static uint64_t hash_of(const struct tag_set *set, const struct address_key *key)
{
    return set_hash(set->head->seed, key->space, key->text, key->n);
}

static uint64_t place_of(const struct tag_set *set, uint64_t hash)
{
    return hash & (((uint64_t)1 << set->head->slots_log2) - 1);
}

static uint64_t record_at(uint64_t slot)
{
    return ((slot & UINT32_MAX) - 1) * 8;
}

static bool find_hashed(const struct tag_set *set, const struct address_key *key, uint64_t hash,
                        struct tag_found *ret)
{
    for (uint64_t place = place_of(set, hash);; place = place_of(set, place + 1)) {
        uint64_t slot = set->slots[place];
        const struct set_key *k;

        if (!slot)
            return false;
        if ((slot ^ hash) >> 32)
            continue;
        k = (const struct set_key *)(set->keys + record_at(slot));
        if (k->n == key->n && k->space == key->space && !memcmp(k->text, key->text, key->n)) {
            found_at(set, record_at(slot), ret);
            return true;
        }
    }
}

bool tag_set_find(const struct tag_set *set, const struct address_key *key, struct tag_found *ret)
{
    return find_hashed(set, key, hash_of(set, key), ret);
}

static void fetch_slot(const struct tag_set *set, uint64_t hash)
{
    __builtin_prefetch(&set->slots[place_of(set, hash)]);
}

static void fetch_record(const struct tag_set *set, uint64_t hash)
{
    uint64_t slot = set->slots[place_of(set, hash)];

    if (!slot || (slot ^ hash) >> 32)
        return;
    __builtin_prefetch(set->keys + record_at(slot));
    __builtin_prefetch(set->keys + record_at(slot) + 64);
}

void tag_set_fetch(const struct tag_set *set, const struct address_key *key)
{
    fetch_slot(set, hash_of(set, key));
}

void tag_set_fetch_record(const struct tag_set *set, const struct address_key *key)
{
    fetch_record(set, hash_of(set, key));
}

/* Memory is asked for slots, then records, of some keys at a time before any is waited for. */
void tag_set_find_many(const struct tag_set *set, const struct address_key *keys, size_t n,
                       struct tag_found *ret)
{
    enum { TOGETHER = 16 };
    uint64_t hash[TOGETHER];

    for (size_t from = 0, some; from < n; from += some) {
        some = n - from < TOGETHER ? n - from : TOGETHER;
        for (size_t i = 0; i < some; i++) {
            hash[i] = hash_of(set, &keys[from + i]);
            fetch_slot(set, hash[i]);
        }
        for (size_t i = 0; i < some; i++)
            fetch_record(set, hash[i]);
        for (size_t i = 0; i < some; i++)
            if (!find_hashed(set, &keys[from + i], hash[i], &ret[from + i]))
                ret[from + i] = (struct tag_found){0};
    }
}

bool tag_set_next(const struct tag_set *set, enum address_space space, uint64_t *at,
                  struct tag_found *ret)
{
    const struct set_head *h = set->head;
    uint64_t first = space ? h->space_at[space] : 0,
             end = space ? h->space_at[space + 1] : h->space_at[ADDRESS_SPACES];

    if (*at < first)
        *at = first;
    if (*at >= end)
        return false;
    found_at(set, *at, ret);
    *at += set_key_bytes(((const struct set_key *)(set->keys + *at))->n);
    return true;
}

void tag_set_tag(const struct tag_set *set, const struct tag_found *found, size_t i,
                 struct tag *ret)
{
    const struct set_what *w = &set->whats[found->ids[i]];

    *ret = (struct tag){.label = set->texts + w->label,
                        .actor = set->texts + w->actor,
                        .source = set->texts + w->source,
                        .network = set->texts + w->network,
                        .pack = set->texts + set->packs[w->pack].name,
                        .category = (enum tag_category)w->category,
                        .abuse = (enum tag_category)w->abuse,
                        .confidence = (enum tag_confidence)w->confidence,
                        .lastmod = w->lastmod,
                        .cluster_definer = w->flags & SET_CLUSTER_DEFINER,
                        .private = w->flags & SET_PRIVATE};
}

/* Two of them, neither of which is "not told"? */
static bool differ(unsigned a, unsigned b)
{
    return a && b && a != b;
}

bool tag_set_conflict(const struct tag_set *set, const struct tag_found *found)
{
    unsigned category = 0, abuse = 0;
    const char *actor = "";

    for (size_t i = 0; i < found->tags_n; i++) {
        const struct set_what *w = &set->whats[found->ids[i]];
        const char *who = set->texts + w->actor;

        if (differ(category, w->category) || differ(abuse, w->abuse) ||
            (*actor && *who && strcmp(actor, who) != 0))
            return true;
        category = category ? category : w->category;
        abuse = abuse ? abuse : w->abuse;
        actor = *actor ? actor : who;
    }
    return false;
}

size_t tag_set_packs(const struct tag_set *set)
{
    return set->head->packs_n;
}

struct tag_set_pack tag_set_pack(const struct tag_set *set, size_t i)
{
    const struct set_pack *p = &set->packs[i];

    return (struct tag_set_pack){.name = set->texts + p->name,
                                 .version = set->texts + p->version,
                                 .sha256 = p->sha256,
                                 .private = p->private};
}

bool tag_set_actor(const struct tag_set *set, const char *id, struct tag_actor *ret)
{
    size_t low = 0, high = set->head->actors_n;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (strcmp(set->texts + set->actors[mid].id, id) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == set->head->actors_n || strcmp(set->texts + set->actors[low].id, id) != 0)
        return false;
    *ret = (struct tag_actor){.id = set->texts + set->actors[low].id,
                              .label = set->texts + set->actors[low].label,
                              .uri = set->texts + set->actors[low].uri,
                              .jurisdictions = set->texts + set->actors[low].jurisdictions,
                              .category = (enum tag_category)set->actors[low].category};
    return true;
}
