#include "entity/tag_json.h"

#include "base/time.h"

static void put_text(struct json_out *j, const char *key, const char *s)
{
    json_put_string(j, key, *s ? s : NULL);
}

void tag_json(struct json_out *j, const struct tag *t)
{
    char day[TIME_DAY_MAX];

    json_object(j);
    json_put_string(j, "label", t->label);
    json_put_string(j, "category", tag_category_name(t->category));
    json_put_string(j, "abuse", t->abuse ? tag_category_name(t->abuse) : NULL);
    put_text(j, "actor", t->actor);
    put_text(j, "source", t->source);
    put_text(j, "network", t->network);
    json_put_string(j, "confidence", tag_confidence_name(t->confidence));
    json_put_number(j, "confidence_level", tag_confidence_level(t->confidence));
    json_put_string(j, "lastmod", t->lastmod == TAG_NO_DAY ? NULL : time_day(t->lastmod, day));
    json_put_bool(j, "cluster_definer", t->cluster_definer);
    json_put_string(j, "pack", t->pack);
    json_put_bool(j, "private", t->private);
    json_object_end(j);
}

void tag_found_json(struct json_out *j, const struct tag_set *set, const struct tag_found *found)
{
    json_object(j);
    json_put_string(j, "address", found->key);
    json_put_string(j, "space", address_space_name(found->space));
    json_put_bool(j, "conflict", tag_set_conflict(set, found));
    json_key(j, "tags");
    json_array(j);
    for (size_t i = 0; i < found->tags_n; i++) {
        struct tag t;

        tag_set_tag(set, found, i, &t);
        tag_json(j, &t);
    }
    json_array_end(j);
    json_object_end(j);
}

void tag_actor_json(struct json_out *j, const struct tag_actor *actor)
{
    json_object(j);
    json_put_string(j, "id", actor->id);
    json_put_string(j, "label", actor->label);
    put_text(j, "uri", actor->uri);
    json_put_string(j, "category", tag_category_name(actor->category));
    json_key(j, "jurisdictions");
    json_array(j);
    for (const char *p = actor->jurisdictions; *p; p += strspn(p, "|")) {
        size_t n = strcspn(p, "|");

        json_string_n(j, p, n);
        p += n;
    }
    json_array_end(j);
    json_object_end(j);
}

void tag_actors_json(struct json_out *j, const struct tag_set *set, const struct tag_found *found)
{
    json_key(j, "actors");
    json_array(j);
    for (size_t i = 0; i < found->tags_n; i++) {
        struct tag_actor actor;
        struct tag t, other;
        bool before = false;

        tag_set_tag(set, found, i, &t);
        for (size_t k = 0; k < i && !before; k++) {
            tag_set_tag(set, found, k, &other);
            before = !strcmp(other.actor, t.actor);
        }
        if (!before && *t.actor && tag_set_actor(set, t.actor, &actor))
            tag_actor_json(j, &actor);
    }
    json_array_end(j);
}

void tag_pack_json(struct json_out *j, const struct tag_pack_row *pack)
{
    json_object(j);
    json_put_string(j, "name", pack->name);
    put_text(j, "title", pack->title);
    put_text(j, "creator", pack->creator);
    put_text(j, "description", pack->description);
    put_text(j, "version", pack->version);
    json_put_string(j, "format", pack->format);
    put_text(j, "columns", pack->map);
    json_put_bool(j, "private", pack->private);
    put_text(j, "tlp", tlp_name(pack->mark.tlp));
    put_text(j, "permitted_use", pack->mark.use);
    json_key(j, "sha256");
    json_hex(j, pack->sha256.b, sizeof(pack->sha256.b));
    json_put_number(j, "stated", pack->stated);
    json_put_number(j, "tags", pack->tags);
    json_put_number(j, "left_out", pack->stated - pack->tags);
    json_put_number(j, "actors", pack->actors);
    json_object_end(j);
}
