#include "group/fold_parts.h"

#include "base/sort.h"
#include "group/grounds.h"

#include <sodium.h>

/* ---- lists ---- */

static bool list_room(struct list *l, struct err *err)
{
    if (l->n == l->room) {
        size_t room = l->room ? l->room * 2 : 8;
        void **more = mem_grow(l->at, room * sizeof(*more));

        if (!more)
            return err_fail(err, ERR_NOMEM, "events");
        l->at = more;
        l->room = room;
    }
    return true;
}

bool list_add(struct list *l, void *thing, struct err *err)
{
    if (!list_room(l, err))
        return false;
    l->at[l->n++] = thing;
    return true;
}

bool list_put(struct list *l, void *thing, size_t at, struct err *err)
{
    if (!list_room(l, err))
        return false;
    memmove(l->at + at + 1, l->at + at, (l->n - at) * sizeof(*l->at));
    l->at[at] = thing;
    l->n++;
    return true;
}

/* Where it belongs in a sorted list; what comes last is found at once. */
static size_t list_place(const struct list *l, const struct rec *r,
                         int (*order)(const struct rec *a, const struct rec *b))
{
    size_t low = 0, high = l->n;

    if (l->n && order(l->at[l->n - 1], r) < 0)
        return l->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (order(l->at[middle], r) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool list_insert(struct list *l, struct rec *r,
                        int (*order)(const struct rec *a, const struct rec *b), size_t *ret_at,
                        struct err *err)
{
    size_t at = list_place(l, r, order);

    *ret_at = at;
    return list_put(l, r, at, err);
}

static int in_total_order(const struct rec *a, const struct rec *b)
{
    return event_order(&a->pub.e, &b->pub.e);
}

static int in_stream_order(const struct rec *a, const struct rec *b)
{
    if (a->pub.e.seq != b->pub.e.seq)
        return a->pub.e.seq < b->pub.e.seq ? -1 : 1;
    return memcmp(a->id.b, b->id.b, sizeof(a->id.b));
}

/* ---- making and ending ---- */

struct fold *fold_new(const struct hash32 *group, size_t bytes_max, uint64_t seed)
{
    struct arena *a = arena_new(NULL, bytes_max);
    struct fold *f = a ? ARENA_NEW(a, struct fold) : NULL;

    if (!f) {
        arena_free(a);
        return NULL;
    }
    f->arena = a;
    f->group = *group;
    f->ids.seed = f->chains.seed = f->objects.seed = f->docs.seed = f->wants.seed = f->minds.seed =
        seed;
    memcpy(f->pair_seed, &seed, sizeof(seed));
    return f;
}

static void chain_end(struct chain *c)
{
    mem_free(c->recs.at);
    mem_free(c->stamps.at);
    if (c->line)
        mem_free(c->line->marks);
    mem_free(c->line);
}

struct fold *fold_free(struct fold *f)
{
    struct list *lists[10];

    if (!f)
        return NULL;
    lists[0] = &f->recs;
    lists[1] = &f->chain_list;
    lists[2] = &f->object_list;
    lists[3] = &f->doc_list;
    lists[4] = &f->want_list;
    lists[5] = &f->charter_recs;
    lists[6] = &f->key_recs;
    lists[7] = &f->adopted;
    lists[8] = &f->dirty;
    lists[9] = &f->mind_list;
    for (size_t i = 0; i < f->chain_list.n; i++)
        chain_end(f->chain_list.at[i]);
    for (size_t i = 0; i < f->object_list.n; i++)
        mem_free(((struct object *)f->object_list.at[i])->recs.at);
    for (size_t i = 0; i < f->want_list.n; i++)
        mem_free(((struct want *)f->want_list.at[i])->recs.at);
    for (size_t i = 0; i < f->mind_list.n; i++)
        mem_free(((struct mind *)f->mind_list.at[i])->alerts.at);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        mem_free(lists[i]->at);
    map_free(&f->ids);
    map_free(&f->chains);
    map_free(&f->objects);
    map_free(&f->docs);
    map_free(&f->wants);
    map_free(&f->minds);
    mem_free(f->limits);
    arena_free(f->arena);
    return NULL;
}

/* ---- taking one in ---- */

static bool no_memory(const struct fold *f, struct err *err)
{
    return arena_fail(f->arena, err, "events");
}

/* Of two parts, in tables in memory only: a keyed hash of 128 bits (SipHash-2-4), which nobody can
 * aim at without the seed. */
static struct hash32 pair_key(const struct fold *f, const char *name, const void *p, size_t n)
{
    uint8_t message[OBJECT_NAME_MAX + 1 + GROUP_NAME_MAX];
    size_t name_n = strlen(name) + 1;
    struct hash32 ret = {{0}};

    if (name_n + n > sizeof(message)) /* of no event */
        return sha256(name, name_n);
    memcpy(message, name, name_n);
    memcpy(message + name_n, p, n);
    crypto_shorthash_siphashx24(ret.b, message, name_n + n, f->pair_seed);
    return ret;
}

/* A copy of a text in the fold's arena; *ok turns false where there is no memory. */
static const char *kept(struct fold *f, const char *s, bool *ok)
{
    const char *copy = s ? arena_string(f->arena, s, strlen(s)) : NULL;

    *ok = *ok && (copy || !s);
    return copy;
}

/* What all events of a stream or object have in common is kept once, by those. */
static struct rec *rec_copy(struct fold *f, const struct event *e, struct chain *c,
                            struct object *o)
{
    struct rec *r = ARENA_NEW(f->arena, struct rec);
    bool ok = r != NULL;
    struct event *to;

    if (!r)
        return NULL;
    to = &r->pub.e;
    *to = *e;
    r->id = e->id;
    r->chain = c;
    r->object = o;
    r->pub.standing = STANDING_WAITS;
    to->author = c->author;
    to->object = o->pub.object;
    to->audience = o->pub.audience;
    r->type = machine_type(e->type);
    to->type = r->type ? r->type->name : kept(f, e->type, &ok);
    to->into = kept(f, e->into, &ok);
    to->retention = event_has_body(e) ? kept(f, e->retention, &ok) : "none";
    to->facts = e->facts ? facts_copy(f->arena, e->facts) : NULL;
    to->after = arena_copy(f->arena, e->after, e->after_n * sizeof(*e->after));
    to->text = (struct bytes){arena_copy(f->arena, e->text.p, e->text.n), e->text.n};
    ok = ok && (to->facts || !e->facts);
    return ok && to->after && to->text.p ? r : NULL;
}

/* The one of this key in a map, made if it is new: things begin with their key. */
static void *thing_of(struct fold *f, struct map *m, struct list *all, const struct hash32 *key,
                      size_t size, struct err *err)
{
    struct hash32 *thing = map_get(m, key);

    if (thing)
        return thing;
    thing = arena_alloc(f->arena, size);
    if (!thing) {
        no_memory(f, err);
        return NULL;
    }
    *thing = *key;
    if (!list_add(all, thing, err))
        return NULL;
    if (!map_put(m, thing)) {
        all->n--;
        err_set(err, ERR_NOMEM, "events");
        return NULL;
    }
    return thing;
}

struct chain *chain_of(struct fold *f, const char *author, const struct stream_id *stream,
                       struct err *err)
{
    struct chain **recent = &f->recent[stream->b[0] % 8], *c = *recent;
    struct hash32 key;
    bool ok;

    if (c && !memcmp(c->stream.b, stream->b, sizeof(stream->b)) && !strcmp(c->author, author))
        return c;
    key = pair_key(f, author, stream->b, sizeof(stream->b));
    c = thing_of(f, &f->chains, &f->chain_list, &key, sizeof(*c), err);
    ok = c != NULL;

    if (ok && !c->author) {
        c->author = kept(f, author, &ok);
        c->stream = *stream;
        if (!ok)
            no_memory(f, err);
    }
    if (ok)
        *recent = c;
    return ok ? c : NULL;
}

struct chain *chain_find(const struct fold *f, const char *author, const struct stream_id *stream)
{
    struct hash32 key = pair_key(f, author, stream->b, sizeof(stream->b));

    return map_get(&f->chains, &key);
}

static struct object *object_of(struct fold *f, const struct event *e, struct err *err)
{
    struct hash32 key = pair_key(f, e->object, e->audience, strlen(e->audience));
    struct object *o = thing_of(f, &f->objects, &f->object_list, &key, sizeof(*o), err);
    bool ok = o != NULL;

    if (ok && !o->pub.object) {
        o->kind = object_is(e->object, "charter") ? KIND_CHARTER
                  : object_is(e->object, "key")   ? KIND_KEY
                  : object_is(e->object, "alert") ? KIND_ALERT
                                                  : KIND_OTHER;
        o->pub.object = kept(f, e->object, &ok);
        o->pub.audience = kept(f, e->audience, &ok);
    }
    return ok ? o : NULL;
}

static struct rec *rec_new(struct fold *f, const struct event *e, struct err *err)
{
    struct chain *c = chain_of(f, e->author, &e->stream, err);
    struct object *o = c ? object_of(f, e, err) : NULL;
    struct rec *r = o ? rec_copy(f, e, c, o) : NULL;

    if (!r)
        no_memory(f, err);
    return r;
}

/* Whoever is not here yet is asked after. */
static bool wants_add(struct fold *f, struct rec *r, struct err *err)
{
    for (size_t i = 0; i < r->pub.e.after_n; i++) {
        const struct hash32 *id = &r->pub.e.after[i];
        struct want *w;

        if (rec_find(f, id))
            continue;
        w = thing_of(f, &f->wants, &f->want_list, id, sizeof(struct want), err);
        if (!w || !list_add(&w->recs, r, err))
            return false;
    }
    return true;
}

static struct hash32 case_key(const struct fold *f, const char *name)
{
    return pair_key(f, name, "", 0);
}

static bool mind_add(struct fold *f, const struct hash32 *key, struct object *alert,
                     struct err *err)
{
    struct mind *m = thing_of(f, &f->minds, &f->mind_list, key, sizeof(struct mind), err);

    if (!m)
        return false;
    if (m->alerts.n && m->alerts.at[m->alerts.n - 1] == alert)
        return true;
    return list_add(&m->alerts, alert, err);
}

/* By what else its object's steps may go (group/grounds.h). */
static bool minds_add(struct fold *f, struct rec *r, struct err *err)
{
    const struct event *e = &r->pub.e;
    struct hash32 key;

    if (r->object->kind != KIND_ALERT)
        return true;
    if (e->facts && e->facts->case_object) {
        key = case_key(f, e->facts->case_object);
        return mind_add(f, &key, r->object, err);
    }
    for (size_t i = 0; machine_by_paper(e->type) && i < e->after_n; i++)
        if (!mind_add(f, &e->after[i], r->object, err))
            return false;
    return true;
}

static bool rec_put(struct fold *f, struct rec *r, size_t *ret_at, struct err *err)
{
    struct list *special = r->object->kind == KIND_CHARTER ? &f->charter_recs
                           : r->object->kind == KIND_KEY   ? &f->key_recs
                                                           : NULL;
    size_t at;

    if (!wants_add(f, r, err) || !minds_add(f, r, err) || !list_add(&f->recs, r, err) ||
        !list_insert(&r->object->recs, r, in_total_order, &at, err) ||
        !list_insert(&r->chain->recs, r, in_stream_order, ret_at, err) ||
        (special && !list_insert(special, r, in_total_order, &at, err)))
        return false;
    r->pub.number = f->recs.n;
    f->standing_n[r->pub.standing]++;
    return map_put(&f->ids, r) || err_fail(err, ERR_NOMEM, "events");
}

/* The document of a proposal, which must be the one that its object names. */
static bool doc_add(struct fold *f, const struct event *e, struct bytes text, bool *ret_new,
                    struct err *err)
{
    struct hash32 hash;
    struct charter c;
    struct doc *d;

    *ret_new = false;
    if (!text.n || strcmp(e->type, "charter.propose") ||
        !hash_from_hex(strchr(e->object, ':') + 1, &hash) || map_get(&f->docs, &hash))
        return true;
    if (!charter_read(f->arena, text, &c, err))
        return err_in(err, "charter");
    if (!hash32_equal(&c.hash, &hash))
        return err_fail(err, ERR_INPUT, "charter: not the one that its event names");
    d = thing_of(f, &f->docs, &f->doc_list, &hash, sizeof(struct doc), err);
    if (!d)
        return false;
    d->c = c;
    *ret_new = true;
    return true;
}

static bool wanting_judge(struct fold *f, const struct hash32 *id, struct err *err)
{
    const struct want *w = map_get(&f->wants, id);

    for (size_t i = 0; w && i < w->recs.n; i++)
        if (!judge_waiting(f, ((struct rec *)w->recs.at[i])->chain, err))
            return false;
    return true;
}

bool rec_is_special(const struct rec *r)
{
    return r->object->kind == KIND_CHARTER || r->object->kind == KIND_KEY;
}

static bool mind_tell(struct fold *f, const struct hash32 *key, struct err *err)
{
    const struct mind *m = map_get(&f->minds, key);

    for (size_t i = 0; m && i < m->alerts.n; i++)
        if (!object_dirty(f, m->alerts.at[i], err))
            return false;
    return true;
}

/* Alerts that go by what is folded anew, where it has come to something else for them. */
static bool minds_tell(struct fold *f, const struct object *o, const struct fold_object *was,
                       struct err *err)
{
    bool paper = object_is(o->pub.object, "instrument"), moved;
    struct hash32 key;

    if (object_is(o->pub.object, "case") &&
        (was->first != o->pub.first || was->owner != o->pub.owner)) {
        key = case_key(f, o->pub.object);
        return mind_tell(f, &key, err);
    }
    moved = (was->state == RECORD_WITHDRAWN ? was->last : NULL) !=
            (o->pub.state == RECORD_WITHDRAWN ? o->pub.last : NULL);
    for (size_t i = 0; paper && i < o->recs.n; i++) {
        struct rec *r = o->recs.at[i];
        bool did = r->pub.effect == EFFECT_STEP;

        if ((moved || did != r->stepped) && !mind_tell(f, &r->id, err))
            return false;
        r->stepped = did;
    }
    return true;
}

static bool object_fold(struct fold *f, struct object *o, struct err *err)
{
    const struct fold_object was = o->pub;

    o->dirty = false;
    f->stepped_n += o->recs.n;
    steps_of_object(f, o);
    return o->kind == KIND_ALERT || minds_tell(f, o, &was, err);
}

/* Alerts last: they go by cases and papers, and nothing goes by them. */
bool dirty_fold(struct fold *f, struct err *err)
{
    for (int alerts = 0; alerts < 2; alerts++)
        for (size_t i = 0; i < f->dirty.n; i++) {
            struct object *o = f->dirty.at[i];

            if ((o->kind == KIND_ALERT) == alerts && !object_fold(f, o, err))
                return false;
        }
    f->dirty.n = 0;
    return true;
}

uint64_t fold_stepped_n(const struct fold *f)
{
    return f->stepped_n;
}

bool object_dirty(struct fold *f, struct object *o, struct err *err)
{
    if (o->dirty)
        return true;
    o->dirty = true;
    return list_add(&f->dirty, o, err);
}

static bool judge_new(struct fold *f, struct rec *r, size_t at, bool doc_new, struct err *err)
{
    if (doc_new || rec_is_special(r) || limits_name(f, &r->id))
        return judge_everything(f, err);
    f->again = false;
    if (!judge_added(f, r->chain, at, err) || !wanting_judge(f, &r->id, err))
        return false;
    return !f->again || judge_everything(f, err);
}

bool fold_add(struct fold *f, const struct event *e, struct bytes charter, bool *ret_new,
              struct err *err)
{
    struct rec *r = rec_find(f, &e->id);
    bool doc_new;
    size_t at;

    if (!doc_add(f, e, charter, &doc_new, err))
        return false;
    *ret_new = !r;
    if (r) {
        return (!doc_new || judge_everything(f, err)) && (f->batch || dirty_fold(f, err));
    }
    r = rec_new(f, e, err);
    if (!r)
        return false;
    if (!rec_put(f, r, &at, err) || !judge_new(f, r, at, doc_new, err) ||
        !object_dirty(f, r->object, err))
        return false;
    return f->batch || dirty_fold(f, err);
}

#define BATCH_JUDGES 8 /* of all: charters are few */
#define BATCH_WORK                                                                                 \
    1000000 /* events; while there are few it may be more often: a home that begins */

void fold_batch(struct fold *f)
{
    f->batch = true;
    f->all_left = BATCH_JUDGES + (unsigned)(BATCH_WORK / (f->recs.n + 1));
}

/* ---- asking ---- */

struct rec *rec_find(const struct fold *f, const struct hash32 *id)
{
    return map_get(&f->ids, id);
}

const struct fold_event *fold_find(const struct fold *f, const struct hash32 *id)
{
    const struct rec *r = rec_find(f, id);

    return r ? &r->pub : NULL;
}

size_t fold_events_n(const struct fold *f)
{
    return f->recs.n;
}

const struct fold_event *fold_event_at(const struct fold *f, size_t i)
{
    return i < f->recs.n ? &((struct rec *)f->recs.at[i])->pub : NULL;
}

static int events_in_order(const void *a, const void *b)
{
    return event_order(&((const struct fold_event *)a)->e, &((const struct fold_event *)b)->e);
}

const struct fold_event **fold_ordered(const struct fold *f, struct arena *a, size_t *ret_n)
{
    const struct fold_event **all = ARENA_ARRAY(a, const struct fold_event *, f->recs.n);
    const void **scratch = ARENA_ARRAY(a, const void *, f->recs.n);

    if (!all || !scratch)
        return NULL;
    for (size_t i = 0; i < f->recs.n; i++)
        all[i] = &((struct rec *)f->recs.at[i])->pub;
    sort_pointers((const void **)all, f->recs.n, scratch, events_in_order);
    *ret_n = f->recs.n;
    return all;
}

const struct fold_object *fold_object_at(const struct fold *f, size_t i)
{
    return i < f->object_list.n ? &((struct object *)f->object_list.at[i])->pub : NULL;
}

const struct fold_object *fold_object(const struct fold *f, const char *object,
                                      const char *audience)
{
    struct hash32 key = pair_key(f, object, audience, strlen(audience));
    const struct object *o = map_get(&f->objects, &key);

    return o ? &o->pub : NULL;
}

const struct fold_event *fold_event_of(const struct fold_object *o, size_t i)
{
    const struct object *of =
        (const struct object *)((const char *)o - offsetof(struct object, pub));

    return i < of->recs.n ? &((struct rec *)of->recs.at[i])->pub : NULL;
}

const struct charter *fold_charter(const struct fold *f)
{
    return f->adopted.n ? &((struct doc *)f->adopted.at[f->adopted.n - 1])->c : NULL;
}

const struct charter *fold_charter_at(const struct fold *f, uint64_t version)
{
    return version && version <= f->adopted.n ? &((struct doc *)f->adopted.at[version - 1])->c
                                              : NULL;
}

const struct charter *fold_document(const struct fold *f, const struct hash32 *hash)
{
    const struct doc *d = map_get(&f->docs, hash);

    return d ? &d->c : NULL;
}

uint64_t fold_head(const struct fold *f, const char *author, const struct stream_id *stream,
                   struct hash32 *ret_id)
{
    const struct chain *c = chain_find(f, author, stream);

    if (!c || !c->head)
        return 0;
    *ret_id = c->head->id;
    return c->head->pub.e.seq;
}

bool fold_goes_on(const struct fold *f, const char *author, const struct stream_id *stream)
{
    const struct chain *c = chain_find(f, author, stream);

    for (size_t i = 0; c && i < c->recs.n; i++) {
        const struct rec *r = c->recs.at[i];

        if (r->key && r->pub.standing != STANDING_GOOD && r->pub.standing != STANDING_REVOKED)
            return false;
    }
    return true;
}

void fold_clock(const struct fold *f, const char *audience, uint64_t ms_max, uint64_t *ret_ms,
                uint64_t *ret_n)
{
    const struct event *last = NULL;

    for (size_t i = 0; i < f->chain_list.n; i++) {
        const struct chain *c = f->chain_list.at[i];
        const struct event *e = c->head ? &c->head->pub.e : NULL;

        if (e && e->ms <= ms_max && (!last || event_clock_after(e, last)) &&
            (!strcmp(e->audience, AUDIENCE_ALL) || !strcmp(e->audience, audience)))
            last = e;
    }
    *ret_ms = last ? last->ms : 0;
    *ret_n = last ? last->n : 0;
}

size_t fold_standing_n(const struct fold *f, enum standing s)
{
    return f->standing_n[s];
}

const char *standing_name(enum standing s)
{
    switch (s) {
    case STANDING_GOOD:
        return "good";
    case STANDING_WAITS:
        return "waits";
    case STANDING_NO_CHARTER:
        return "no charter";
    case STANDING_NO_KEY:
        return "no key";
    case STANDING_REVOKED:
        return "revoked";
    case STANDING_FORKED:
        return "forked";
    case STANDING_MISFIT:
        return "misfit";
    case STANDING_BEHIND:
        return "behind";
    }
    return NULL;
}

const struct charter *fold_charter_of(const struct fold *f, const struct event *e)
{
    const struct charter *named = fold_document(f, &e->charter);

    for (size_t i = f->adopted.n; named && i-- > 0;) {
        const struct doc *d = f->adopted.at[i];

        if (d->c.version <= named->version)
            break;
        if (d->by && event_order(&d->by->pub.e, e) < 0)
            return &d->c;
    }
    return named;
}

const char *fold_key_limit(const struct fold *f, const struct key32 *key)
{
    if (key_revoked(f, key))
        return "revoked";
    return key_stopped(f, key) ? "stopped" : NULL;
}

bool fold_waits_for_second(const struct fold_event *e)
{
    return e->standing == STANDING_GOOD && e->effect == EFFECT_CONDITION && e->unmet == IF_SECOND &&
           e->person;
}

/* Not by what it says alone: which row is missing. */
static bool ground_put(struct text *to, const struct fold *f, const struct fold_event *e)
{
    const struct fold_object *o = fold_object(f, e->e.object, e->e.audience);
    const struct basis_row *row;
    struct err why;

    if (e->effect != EFFECT_CONDITION || !(e->unmet & IF_GRANTED) ||
        alert_basis(f, o, e, &row, &why))
        return false;
    text_str(to, why.text);
    return true;
}

bool fold_parts_two(const struct fold_event *step, const char *member)
{
    return step->effect == EFFECT_STEP && (step->turns || !strcmp(step->e.author, member));
}

void effect_put(struct text *to, const struct fold *f, const struct fold_event *e)
{
    if (ground_put(to, f, e))
        return;
    switch (e->effect) {
    case EFFECT_NONE:
        text_str(to, standing_name(e->standing));
        break;
    case EFFECT_STEP:
        break;
    case EFFECT_NO_STEP:
        text_str(to, "no such step from its state");
        break;
    case EFFECT_ROLE:
        text_str(to, "not the role for it");
        break;
    case EFFECT_CONDITION:
        for (unsigned bit = 1; bit <= CONDITION_LAST; bit <<= 1)
            if (e->unmet & bit && (bit != IF_SECOND || !(e->unmet & IF_PAPER))) {
                text_printf(to, "not so: %s", condition_text((enum condition)bit));
                break;
            }
        break;
    case EFFECT_CHARTER:
        text_str(to, "its document is not here, or does not follow on the version it names");
        break;
    case EFFECT_UNKNOWN:
        text_str(to, "of a type that is not known");
        break;
    }
}
