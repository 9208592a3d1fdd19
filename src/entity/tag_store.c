/* A tag's row is its key and the number of what is said; what is said is kept once a pack, since
 * most tags of a pack say the same. Rows are inserted in the order of their primary key, so that
 * the tree grows at its end. */
#include "entity/tag_store.h"

static const char *const steps[] = {
    "CREATE TABLE tag_pack (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " title TEXT NOT NULL, creator TEXT NOT NULL, description TEXT NOT NULL,"
    " version TEXT NOT NULL, format TEXT NOT NULL, map TEXT NOT NULL, private INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL, stated INTEGER NOT NULL, tags INTEGER NOT NULL,"
    " whats INTEGER NOT NULL, actors INTEGER NOT NULL);"
    "CREATE TABLE tag_what (pack INTEGER NOT NULL, number INTEGER NOT NULL, label TEXT NOT NULL,"
    " actor TEXT NOT NULL, source TEXT NOT NULL, network TEXT NOT NULL, category TEXT NOT NULL,"
    " abuse TEXT NOT NULL, confidence TEXT NOT NULL, lastmod INTEGER,"
    " cluster_definer INTEGER NOT NULL, PRIMARY KEY (pack, number)) WITHOUT ROWID;"
    "CREATE TABLE tag (pack INTEGER NOT NULL, space TEXT NOT NULL, key TEXT NOT NULL,"
    " what INTEGER NOT NULL, PRIMARY KEY (pack, space, key, what)) WITHOUT ROWID;"
    "CREATE TABLE tag_actor (pack INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL,"
    " label TEXT NOT NULL, uri TEXT NOT NULL, jurisdictions TEXT NOT NULL, category TEXT NOT NULL,"
    " PRIMARY KEY (pack, number)) WITHOUT ROWID;",
    "ALTER TABLE tag_pack ADD COLUMN tlp TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE tag_pack ADD COLUMN permitted_use TEXT NOT NULL DEFAULT '';",
};

const struct store_schema tag_schema = {"tag", steps, sizeof(steps) / sizeof(steps[0])};

#define PACK_COLUMNS                                                                               \
    "id, name, title, creator, description, version, format, map, private, sha256, stated, tags, " \
    "whats, actors, tlp, permitted_use"

static bool mark_of(struct store_query *q, struct arena *a, struct tag_pack_row *ret,
                    struct err *err)
{
    ret->mark.tlp = TLP_NONE;
    if (store_text_n(q, 14) && !tlp_read(store_text(q, 14), store_text_n(q, 14), &ret->mark.tlp))
        ret->mark.tlp = TLP_RED;
    ret->mark.use = store_text_copy(q, 15, a);
    return ret->mark.use || err_fail(err, ERR_NOMEM, "packs");
}

static bool row_of(struct store_query *q, struct arena *a, struct tag_pack_row *ret,
                   struct err *err)
{
    const char **texts[] = {&ret->name,    &ret->title,  &ret->creator, &ret->description,
                            &ret->version, &ret->format, &ret->map};
    struct bytes sha256 = store_blob(q, 9);

    ret->id = store_u64(q, 0);
    for (int i = 0; i < 7; i++) {
        *texts[i] = store_text_copy(q, 1 + i, a);
        if (!*texts[i])
            return err_fail(err, ERR_NOMEM, "packs");
    }
    ret->private = store_u64(q, 8) != 0;
    if (sha256.n != sizeof(ret->sha256))
        return err_fail(err, ERR_CORRUPT, "pack \"%.100s\": a hash of %zu bytes", ret->name,
                        sha256.n);
    memcpy(ret->sha256.b, sha256.p, sizeof(ret->sha256));
    ret->stated = store_u64(q, 10);
    ret->tags = store_u64(q, 11);
    ret->whats = store_u64(q, 12);
    ret->actors = store_u64(q, 13);
    return mark_of(q, a, ret, err);
}

bool tag_store_packs(struct store *s, struct arena *a, const struct tag_pack_row **ret,
                     size_t *ret_n, struct err *err)
{
    struct store_query *q = NULL;
    struct tag_pack_row *rows = NULL;
    size_t n = 0;
    bool row = false, ok = store_prepare(s, "SELECT count(*) FROM tag_pack", &q, err) &&
                           store_step(q, &row, err);

    if (ok) {
        n = (size_t)store_u64(q, 0);
        rows = ARENA_ARRAY(a, struct tag_pack_row, n + 1);
        ok = n > TAG_PACKS_MAX ? err_fail(err, ERR_LIMIT, "more than %d packs", TAG_PACKS_MAX)
                               : rows || err_fail(err, ERR_NOMEM, "packs");
    }
    q = store_finish(q);
    *ret_n = 0;
    ok = ok && store_prepare(s, "SELECT " PACK_COLUMNS " FROM tag_pack ORDER BY name", &q, err);
    while (ok && (ok = store_step(q, &row, err)) && row && *ret_n < n)
        ok = row_of(q, a, &rows[(*ret_n)++], err);
    store_finish(q);
    *ret = rows;
    return ok;
}

struct hash32 tag_store_stamp(const struct tag_pack_row *packs, size_t n)
{
    static const char form[] = "cordon.tags/1\n";
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, form, sizeof(form) - 1);
    for (size_t i = 0; i < n; i++) {
        uint8_t private = packs[i].private;

        sha256_add(&s, packs[i].name, strlen(packs[i].name) + 1);
        sha256_add(&s, packs[i].sha256.b, sizeof(packs[i].sha256));
        sha256_add(&s, packs[i].map, strlen(packs[i].map) + 1);
        sha256_add(&s, &private, 1);
    }
    return sha256_done(&s);
}

/* Runs a statement of one parameter, the pack's id. */
static bool run_for(struct store *s, const char *sql, uint64_t id, struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(s, sql, &q, err) && store_bind_u64(q, 1, id, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

static bool drop(struct store *s, uint64_t id, struct err *err)
{
    return run_for(s, "DELETE FROM tag WHERE pack = ?", id, err) &&
           run_for(s, "DELETE FROM tag_what WHERE pack = ?", id, err) &&
           run_for(s, "DELETE FROM tag_actor WHERE pack = ?", id, err) &&
           run_for(s, "DELETE FROM tag_pack WHERE id = ?", id, err);
}

static bool pack_insert(struct store *s, const struct tag_pack *p, struct err *err)
{
    const char *texts[] = {p->name,    p->title,  p->creator, p->description,
                           p->version, p->format, p->map};
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "INSERT INTO tag_pack (name, title, creator, description, version, "
                            "format, map, private, sha256, stated, tags, whats, actors, "
                            "tlp, permitted_use) "
                            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            &q, err);

    for (int i = 0; ok && i < 7; i++)
        ok = store_bind_text(q, 1 + i, texts[i], err);
    ok = ok && store_bind_u64(q, 8, p->private, err) &&
         store_bind_blob(q, 9, (struct bytes){p->sha256.b, sizeof(p->sha256)}, err) &&
         store_bind_u64(q, 10, p->stated_n, err) && store_bind_u64(q, 11, p->tags_n, err) &&
         store_bind_u64(q, 12, p->whats_n, err) && store_bind_u64(q, 13, p->actors_n, err) &&
         store_bind_text(q, 14, tlp_name(p->mark.tlp), err) &&
         store_bind_text(q, 15, p->mark.use ? p->mark.use : "", err) && store_step(q, NULL, err);
    store_finish(q);
    return ok;
}

static bool what_insert(struct store_query *q, uint64_t number, const struct tag *t,
                        struct err *err)
{
    store_reset(q);
    return store_bind_u64(q, 2, number, err) && store_bind_text(q, 3, t->label, err) &&
           store_bind_text(q, 4, t->actor, err) && store_bind_text(q, 5, t->source, err) &&
           store_bind_text(q, 6, t->network, err) &&
           store_bind_text(q, 7, tag_category_name(t->category), err) &&
           store_bind_text(q, 8, tag_category_name(t->abuse), err) &&
           store_bind_text(q, 9, tag_confidence_name(t->confidence), err) &&
           (t->lastmod == TAG_NO_DAY ? store_bind_null(q, 10, err)
                                     : store_bind_u64(q, 10, t->lastmod, err)) &&
           store_bind_u64(q, 11, t->cluster_definer, err) && store_step(q, NULL, err);
}

static bool whats_insert(struct store *s, uint64_t id, const struct tag_pack *p, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "INSERT INTO tag_what (pack, number, label, actor, source, network, "
                            "category, abuse, confidence, lastmod, cluster_definer) "
                            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            &q, err) &&
              store_bind_u64(q, 1, id, err);

    for (size_t i = 0; ok && i < p->whats_n; i++)
        ok = what_insert(q, i, &p->whats[i], err);
    store_finish(q);
    return ok;
}

/* In the order of the space's names, which the primary key has. */
static bool tags_insert(struct store *s, uint64_t id, const struct tag_pack *p, struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(s, "INSERT INTO tag (pack, space, key, what) VALUES (?, ?, ?, ?)", &q, err) &&
        store_bind_u64(q, 1, id, err);

    for (size_t i = 0; ok && i < p->tags_n; i++) {
        const struct tag_entry *e = &p->tags[i];

        store_reset(q);
        ok = store_bind_text(q, 2, address_space_name((enum address_space)e->space), err) &&
             store_bind_text_n(q, 3, e->key, e->n, err) && store_bind_u64(q, 4, e->what, err) &&
             store_step(q, NULL, err);
    }
    store_finish(q);
    return ok;
}

static bool actors_insert(struct store *s, uint64_t id, const struct tag_pack *p, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "INSERT INTO tag_actor (pack, number, id, label, uri, jurisdictions, "
                            "category) VALUES (?, ?, ?, ?, ?, ?, ?)",
                            &q, err) &&
              store_bind_u64(q, 1, id, err);

    for (size_t i = 0; ok && i < p->actors_n; i++) {
        const struct tag_actor *actor = &p->actors[i];

        store_reset(q);
        ok = store_bind_u64(q, 2, i, err) && store_bind_text(q, 3, actor->id, err) &&
             store_bind_text(q, 4, actor->label, err) && store_bind_text(q, 5, actor->uri, err) &&
             store_bind_text(q, 6, actor->jurisdictions, err) &&
             store_bind_text(q, 7, tag_category_name(actor->category), err) &&
             store_step(q, NULL, err);
    }
    store_finish(q);
    return ok;
}

/* The pack of that name: its id, or 0; and whether it is the same file read in the same way. */
static bool find(struct store *s, const struct tag_pack *p, uint64_t *ret_id, bool *ret_same,
                 char ret_before[TAG_TEXT_MAX + 1], struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok = store_prepare(s,
                                         "SELECT id, sha256 = ? AND map = ? AND private = ?, "
                                         "version FROM tag_pack WHERE name = ?",
                                         &q, err) &&
                           store_bind_blob(q, 1, (struct bytes){p->sha256.b, 32}, err) &&
                           store_bind_text(q, 2, p->map, err) &&
                           store_bind_u64(q, 3, p->private, err) &&
                           store_bind_text(q, 4, p->name, err) && store_step(q, &row, err);

    *ret_id = 0;
    *ret_same = false;
    ret_before[0] = 0;
    if (ok && row) {
        size_t n = store_text_n(q, 2);

        *ret_id = store_u64(q, 0);
        *ret_same = store_u64(q, 1) != 0;
        if (n <= TAG_TEXT_MAX)
            memcpy(ret_before, store_text(q, 2), n + 1);
    }
    store_finish(q);
    return ok;
}

bool tag_store_import(struct store *s, const struct tag_pack *pack, enum tag_import *ret,
                      char ret_before[TAG_TEXT_MAX + 1], struct err *err)
{
    uint64_t id;
    bool same;

    if (!find(s, pack, &id, &same, ret_before, err))
        return false;
    *ret = same ? TAG_IMPORT_SAME : id ? TAG_IMPORT_REPLACED : TAG_IMPORT_NEW;
    if (same)
        return true;
    if ((id && !drop(s, id, err)) || !pack_insert(s, pack, err))
        return false;
    id = store_last_id(s);
    return whats_insert(s, id, pack, err) && tags_insert(s, id, pack, err) &&
           actors_insert(s, id, pack, err);
}

bool tag_store_withdraw(struct store *s, const char *name, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok = store_prepare(s, "SELECT id FROM tag_pack WHERE name = ?", &q, err) &&
                           store_bind_text(q, 1, name, err) && store_step(q, &row, err);
    uint64_t id = ok && row ? store_u64(q, 0) : 0;

    store_finish(q);
    if (!ok)
        return false;
    if (!row)
        return err_fail(err, ERR_NOT_FOUND, "no pack \"%.100s\"", name);
    return drop(s, id, err);
}

static bool damaged(const struct tag_pack_row *pack, const char *what, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "pack \"%.100s\": %s", pack->name, what);
}

static bool whats_read(struct store *s, const struct tag_pack_row *pack,
                       const struct tag_store_reader *reader, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false,
         ok = store_prepare(s,
                            "SELECT number, label, actor, source, network, category, abuse, "
                            "confidence, lastmod, cluster_definer FROM tag_what WHERE pack = ? "
                            "ORDER BY number",
                            &q, err) &&
              store_bind_u64(q, 1, pack->id, err);
    uint64_t n = 0;

    for (; ok && (ok = store_step(q, &row, err)) && row; n++) {
        struct tag t = {.label = store_text(q, 1),
                        .actor = store_text(q, 2),
                        .source = store_text(q, 3),
                        .network = store_text(q, 4),
                        .pack = pack->name,
                        .category = tag_category_by_name(store_text(q, 5)),
                        .abuse = tag_category_by_name(store_text(q, 6)),
                        .confidence = tag_confidence_by_name(store_text(q, 7)),
                        .lastmod = store_is_null(q, 8) ? TAG_NO_DAY : store_u64(q, 8),
                        .cluster_definer = store_u64(q, 9) != 0,
                        .private = pack->private};

        if (store_u64(q, 0) != n || t.category == TAG_CATEGORIES || t.abuse == TAG_CATEGORIES ||
            t.confidence == TAG_CONFIDENCES)
            ok = damaged(pack, "what is said is not whole", err);
        else
            ok = reader->what(reader->to, &t, err);
    }
    store_finish(q);
    return ok && (n == pack->whats || damaged(pack, "what is said is not whole", err));
}

static bool tags_read(struct store *s, const struct tag_pack_row *pack,
                      const struct tag_store_reader *reader, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false,
         ok = store_prepare(s,
                            "SELECT what, space, key FROM tag WHERE pack = ? ORDER BY space, key, "
                            "what",
                            &q, err) &&
              store_bind_u64(q, 1, pack->id, err);
    enum address_space space = SPACE_NONE;
    uint64_t n = 0;

    for (; ok && (ok = store_step(q, &row, err)) && row; n++) {
        struct address_key key;
        uint64_t what = store_u64(q, 0);

        if (strcmp(address_space_name(space), store_text(q, 1)) != 0)
            space = address_space_by_name(store_text(q, 1));
        if (what >= pack->whats ||
            !address_key_from(space, store_text(q, 2), store_text_n(q, 2), &key))
            ok = damaged(pack, "a tag that cannot be", err);
        else
            ok = reader->tag(reader->to, (uint32_t)what, &key, err);
    }
    store_finish(q);
    return ok && (n == pack->tags || damaged(pack, "tags are missing", err));
}

static bool actors_read(struct store *s, const struct tag_pack_row *pack,
                        const struct tag_store_reader *reader, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok = store_prepare(s,
                                         "SELECT id, label, uri, jurisdictions, category FROM "
                                         "tag_actor WHERE pack = ? ORDER BY number",
                                         &q, err) &&
                           store_bind_u64(q, 1, pack->id, err);

    while (ok && (ok = store_step(q, &row, err)) && row) {
        struct tag_actor actor = {.id = store_text(q, 0),
                                  .label = store_text(q, 1),
                                  .uri = store_text(q, 2),
                                  .jurisdictions = store_text(q, 3),
                                  .category = tag_category_by_name(store_text(q, 4))};

        ok = actor.category == TAG_CATEGORIES ? damaged(pack, "an actor that cannot be", err)
                                              : reader->actor(reader->to, &actor, err);
    }
    store_finish(q);
    return ok;
}

bool tag_store_read(struct store *s, const struct tag_pack_row *pack,
                    const struct tag_store_reader *reader, struct err *err)
{
    return whats_read(s, pack, reader, err) && tags_read(s, pack, reader, err) &&
           actors_read(s, pack, reader, err);
}
