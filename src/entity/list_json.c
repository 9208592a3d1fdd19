#include "entity/list_json.h"

static void put_day(struct json_out *j, const char *key, struct list_day day)
{
    char text[LIST_DAY_TEXT];

    json_put_string(j, key, day.year ? list_day_text(day, text) : NULL);
}

/* null for what is not told */
static void put_told(struct json_out *j, const char *key, const char *text)
{
    json_put_string(j, key, *text ? text : NULL);
}

static void name_members(struct json_out *j, const struct list_name *name)
{
    json_put_string(j, "name", name->text);
    put_told(j, "family", name->family);
    put_told(j, "given", name->given);
}

static void put_strings(struct json_out *j, const char *key, const char *const *at, size_t n)
{
    json_key(j, key);
    json_array(j);
    for (size_t i = 0; i < n; i++)
        json_string(j, at[i]);
    json_array_end(j);
}

static void put_aliases(struct json_out *j, const struct list_entry *e)
{
    json_key(j, "aliases");
    json_array(j);
    for (size_t i = 0; i < e->aliases_n; i++) {
        json_object(j);
        name_members(j, &e->aliases[i]);
        json_put_string(j, "quality", list_quality_name(e->aliases[i].quality));
        put_told(j, "type", e->aliases[i].type);
        put_told(j, "language", e->aliases[i].language);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_births(struct json_out *j, const struct list_entry *e)
{
    json_key(j, "births");
    json_array(j);
    for (size_t i = 0; i < e->births_n; i++) {
        json_object(j);
        put_day(j, "from", e->births[i].from);
        put_day(j, "to", e->births[i].to);
        json_put_bool(j, "circa", e->births[i].circa);
        json_put_string(j, "text", e->births[i].text);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_ids(struct json_out *j, const struct list_entry *e)
{
    json_key(j, "ids");
    json_array(j);
    for (size_t i = 0; i < e->ids_n; i++) {
        json_object(j);
        json_put_string(j, "kind", list_id_kind_name(e->ids[i].kind));
        put_told(j, "type", e->ids[i].type);
        json_put_string(j, "number", e->ids[i].number);
        put_told(j, "country", e->ids[i].country);
        put_told(j, "note", e->ids[i].note);
        json_object_end(j);
    }
    json_array_end(j);
}

void list_entry_json(struct json_out *j, const struct list_entry *e)
{
    json_object(j);
    json_put_string(j, "id", e->id);
    json_put_string(j, "kind", list_kind_name(e->kind));
    name_members(j, &e->name);
    put_aliases(j, e);
    put_births(j, e);
    put_strings(j, "places", e->places, e->places_n);
    put_strings(j, "nationalities", e->nationalities, e->nationalities_n);
    put_ids(j, e);
    json_key(j, "crypto_addresses");
    json_array(j);
    for (size_t i = 0; i < e->cryptos_n; i++) {
        json_object(j);
        put_told(j, "ticker", e->cryptos[i].ticker);
        json_put_string(j, "address", e->cryptos[i].text);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, "addresses");
    json_array(j);
    for (size_t i = 0; i < e->addresses_n; i++) {
        json_object(j);
        json_put_string(j, "text", e->addresses[i].text);
        put_told(j, "country", e->addresses[i].country);
        json_object_end(j);
    }
    json_array_end(j);
    put_strings(j, "programmes", e->programmes, e->programmes_n);
    json_key(j, "details");
    json_array(j);
    for (size_t i = 0; i < e->details_n; i++) {
        json_object(j);
        json_put_string(j, "name", e->details[i].name);
        json_put_string(j, "value", e->details[i].value);
        json_object_end(j);
    }
    json_array_end(j);
    put_told(j, "reference", e->reference);
    put_day(j, "listed_on", e->listed_on);
    put_told(j, "remarks", e->remarks);
    put_told(j, "url", e->url);
    json_object_end(j);
}

void list_version_json(struct json_out *j, const struct list_version *v)
{
    json_object(j);
    json_put_string(j, "list", v->list);
    put_day(j, "as_of", v->as_of);
    json_put_number(j, "entries", v->entries);
    json_put_number(j, "addresses", v->addresses);
    json_put_string(j, "format", v->format);
    json_put_string(j, "file", v->file);
    json_put_number(j, "bytes", v->bytes);
    json_put_hex(j, "sha256", v->sha256.b, sizeof(v->sha256.b));
    json_put_number(j, "imported", v->imported);
    json_object_end(j);
}

void list_diff_json(struct json_out *j, const struct list_diff *d)
{
    json_array(j);
    for (size_t i = 0; i < d->changes_n; i++) {
        const struct list_change *change = &d->changes[i];
        const struct list_entry *e = change->to ? change->to : change->from;

        json_object(j);
        json_put_string(j, "change", list_change_name(change->kind));
        json_put_string(j, "id", e->id);
        json_put_string(j, "kind", list_kind_name(e->kind));
        json_put_string(j, "name", e->name.text);
        json_key(j, "facts");
        json_array(j);
        for (size_t k = 0; k < change->deltas_n; k++) {
            json_object(j);
            json_put_string(j, "change", change->deltas[k].added ? "added" : "removed");
            json_put_string(j, "label", change->deltas[k].label);
            json_put_string(j, "text", change->deltas[k].text);
            json_object_end(j);
        }
        json_array_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}
