/* JSON of answers: nothing is left out that a decision rests on. */
#include "screen/answer.h"

#include "screen/screen_entity.h"
#include "screen/screen_ledger.h"

static void put_word(struct json_out *j, const char *key, const char *word)
{
    if (word)
        json_put_string(j, key, word);
}

static void name_json(struct json_out *j, const struct screen_match *m)
{
    if (!m->score.parts_n)
        return;
    json_key(j, "name_parts");
    json_array(j);
    for (size_t i = 0; i < m->score.parts_n && i < NAME_PARTS_MAX; i++) {
        const struct name_part *p = &m->score.parts[i];

        json_object(j);
        json_put_string(j, "as", name_how_text(p->how));
        json_key(j, "asked");
        json_string_n(j, m->asked + p->query_at, p->query_n);
        json_key(j, "listed");
        json_string_n(j, m->name + p->listed_at, p->listed_n);
        json_put_number(j, "alike", p->per_mille);
        json_object_end(j);
    }
    json_array_end(j);
    json_put_number(j, "name_score", m->score.per_mille);
    json_key(j, "facts");
    json_array(j);
    for (size_t i = 0; i < m->adjusted.facts_n; i++)
        json_string(j, name_fact_text(m->adjusted.facts[i]));
    json_array_end(j);
}

static void listed_json(struct json_out *j, const struct screen_reason *r,
                        const struct screen_match *m)
{
    json_put_string(j, "list", r->list);
    json_put_string(j, "entry", r->entry);
    json_put_bool(j, "exact", r->exact);
    put_word(j, "listed_address", r->listed_address);
    json_put_number(j, "score", r->score);
    json_put_bool(j, "false_positive", r->quiet);
    if (m->id)
        json_put_number(j, "match", m->id);
    name_json(j, m);
    json_key(j, "programmes");
    json_array(j);
    for (size_t i = 0; i < m->entry->programmes_n; i++)
        json_string(j, m->entry->programmes[i]);
    json_array_end(j);
    if (*m->entry->reference)
        json_put_string(j, "reference", m->entry->reference);
    if (*m->entry->url)
        json_put_string(j, "url", m->entry->url);
}

static void case_json(struct json_out *j, const struct screen_reason *r)
{
    put_word(j, "case", r->case_id);
    put_word(j, "state", r->state);
    put_word(j, "reported_by", r->member);
}

static void exposed_json(struct json_out *j, const struct screen_reason *r)
{
    put_word(j, "list", r->list);
    case_json(j, r);
    put_word(j, "policy", r->policy);
    json_put_string(j, "exposure", r->direct ? "direct" : "indirect");
    json_put_string(j, "flow", r->received ? "received" : "sent");
    json_put_string(j, "asset", r->asset);
    json_put_u256(j, "amount", r->amount);
    json_put_number(j, "decimals", r->decimals);
    json_put_number(j, "share_ppm", r->share_ppm);
    json_put_number(j, "hops", r->hops);
    json_key(j, "path");
    json_array(j);
    for (size_t i = 0; i < r->path_n; i++)
        json_string(j, r->path[i]);
    json_array_end(j);
}

static void reason_json(struct json_out *j, const struct screen_reason *r,
                        const struct screen_match *m)
{
    json_object(j);
    json_put_string(j, "evidence", screen_evidence_name(r->evidence));
    json_put_string(j, "category", r->category);
    json_put_string(j, "source", r->source);
    put_word(j, "label", r->label);
    put_word(j, "chain", r->chain);
    if (r->about != SCREEN_ABOUT_SUBJECT)
        json_put_string(j, "about", screen_about_name(r->about));
    put_word(j, "address", r->party);
    switch (r->evidence) {
    case SCREEN_LISTED:
        listed_json(j, r, m);
        break;
    case SCREEN_TAGGED:
    case SCREEN_ENTITY:
        put_word(j, "list", r->list);
        case_json(j, r);
        json_put_number(j, "confidence", r->confidence);
        json_put_bool(j, "own", r->own);
        break;
    case SCREEN_EXPOSED:
        exposed_json(j, r);
        break;
    case SCREEN_HELD:
        put_word(j, "case", r->case_id);
        put_word(j, "alert", r->entry);
        put_word(j, "until", r->until);
        if (r->early)
            json_put_bool(j, "early", true);
        if (r->off_chain)
            json_put_bool(j, "on_chain", false);
        put_word(j, "asset", r->asset);
        json_put_u256(j, "amount", r->amount);
        break;
    }
    json_object_end(j);
}

static void subject_json(struct json_out *j, const struct screen_question *q, const char *chain,
                         const char *ref)
{
    put_word(j, "ref", ref);
    switch (q->subject) {
    case SCREEN_OF_TRANSFER:
        json_put_string(j, "tx", q->tx);
        if (*q->address)
            json_put_string(j, "address", q->address);
        put_word(j, "chain", chain);
        break;
    case SCREEN_OF_ADDRESS:
        json_put_string(j, "address", q->address);
        put_word(j, "chain", chain);
        break;
    case SCREEN_OF_NAME:
        json_put_string(j, "name", q->name);
        json_put_string(j, "kind", name_kind_text(q->kind));
        break;
    }
    json_put_string(j, "direction", screen_direction_name(q->direction));
}

static void verdict_json(struct json_out *j, const struct verdict *v)
{
    json_put_string(j, "decision", screen_decision_name(v->decision));
    json_put_string(j, "decided_by", verdict_by_name(v->by));
    put_word(j, "rule", v->rule);
    put_word(j, "why", v->why);
    json_key(j, "shadow");
    json_array(j);
    for (size_t i = 0; i < v->shadow_n; i++) {
        json_object(j);
        json_put_string(j, "rule", v->shadow[i].rule);
        json_put_string(j, "decision", screen_decision_name(v->shadow[i].decision));
        json_object_end(j);
    }
    json_array_end(j);
}

static const char *unknown_words(enum screen_unknown_of of)
{
    switch (of) {
    case UNKNOWN_NOT_ASKED:
        return "exposure: not asked for";
    case UNKNOWN_NO_LEDGER:
        return "exposure: no ledger of this chain is kept here";
    case UNKNOWN_OTHER_CHAINS:
        return "exposure: on other chains with such addresses";
    case UNKNOWN_COMING:
        return "exposure: it is still being worked out";
    case UNKNOWN_AWAY:
        return "exposure: the ledger is being reorganised";
    case UNKNOWN_FAILED:
        return "exposure: it cannot be worked out";
    case UNKNOWN_BEHIND:
        return "exposure: the ledger has newer blocks";
    case UNKNOWN_NEVER_SEEN:
        return "exposure: the address was never seen";
    case UNKNOWN_MORE:
        return "exposure: there is more than is told";
    case UNKNOWN_ENTITIES:
        return "entities: no clusters are kept";
    case UNKNOWN_ENTITIES_OLD:
        return "entities: the ledger has newer blocks";
    case UNKNOWN_CASES_BEHIND:
        return "cases: those of the group have not come to the ledger's newest blocks";
    case UNKNOWN_CASES:
        return "cases: one of the group is not followed, or not yet";
    case UNKNOWN_TX:
        return "transfer: it was never seen";
    case UNKNOWN_TX_BEHIND:
        return "exposure: it has not come to the transfer yet";
    case UNKNOWN_TX_OLD:
        return "exposure: what the transfer itself brought is not kept any more";
    case UNKNOWN_TX_INPUTS:
        return "transfer: who paid an input, or how much";
    case UNKNOWN_TX_NOTHING:
        return "transfer: the transaction moved nothing";
    case UNKNOWN_TX_OTHERS:
        return "transfer: it is between others than the address named";
    }
    return "";
}

const char *screen_unknown_say(const struct screen_unknown *u, char ret[SCREEN_UNKNOWN_TEXT])
{
    const char *const said[] = {unknown_words(u->of), u->chain ? ", on " : "",
                                u->chain ? u->chain : ""};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        for (const char *p = said[i]; *p && n < SCREEN_UNKNOWN_TEXT - 1; p++)
            ret[n++] = *p;
    ret[n] = 0;
    return ret;
}

static void unknown_json(struct json_out *j, const struct screen_answer *a)
{
    json_key(j, "unknown");
    json_array(j);
    for (size_t i = 0; i < a->unknown_n; i++) {
        char said[SCREEN_UNKNOWN_TEXT];

        json_string(j, screen_unknown_say(&a->unknown[i], said));
    }
    if (a->facts.list_age == SCREEN_AGE_UNKNOWN)
        json_string(j, "lists: none stands");
    json_string(j, "ownership of 50 per cent by listed persons: not computed");
    if (a->tags_more)
        json_string(j, "tags: there are more than are told");
    json_array_end(j);
}

static void block_json(struct json_out *j, bool any, uint32_t height, uint64_t time)
{
    json_put_number_or_null(j, "height", any ? height : HEIGHT_UNKNOWN, HEIGHT_UNKNOWN);
    json_put_number_or_null(j, "time", any ? time : UINT64_MAX, UINT64_MAX);
}

static void place_json(struct json_out *j, const struct screen_as_of *as_of)
{
    json_put_string(j, "chain", as_of->chain->name);
    block_json(j, as_of->any, as_of->height, as_of->time);
}

static void clusters_json(struct json_out *j, const struct screen_as_of *as_of)
{
    json_key(j, "entities");
    if (!as_of->clusters) {
        json_null(j);
        return;
    }
    json_object(j);
    block_json(j, true, as_of->clusters_height, as_of->clusters_time);
    json_object_end(j);
}

static void ledger_json(struct json_out *j, const struct screen_as_of *as_of)
{
    json_object(j);
    place_json(j, as_of);
    json_put_hex(j, "block", as_of->block.b, 32);
    json_put_string(j, "policy", trace_policy_name(as_of->policy));
    json_put_number(j, "cut_ppm", as_of->cut_ppm);
    json_put_hex(j, "labels", as_of->labels.b, 32);
    clusters_json(j, as_of);
    json_object_end(j);
}

/* The ledger that is furthest behind. */
static void as_of_json(struct json_out *j, const struct screen_answer *a)
{
    size_t oldest = 0;

    for (size_t i = 1; i < a->as_of_n; i++)
        if (!a->as_of[i].any || (a->as_of[oldest].any && a->as_of[i].time < a->as_of[oldest].time))
            oldest = i;
    json_key(j, "data_as_of");
    if (!a->as_of_n) {
        json_null(j);
    } else {
        json_object(j);
        place_json(j, &a->as_of[oldest]);
        json_object_end(j);
    }
    json_key(j, "exposure");
    json_array(j);
    for (size_t i = 0; i < a->as_of_n; i++)
        ledger_json(j, &a->as_of[i]);
    json_array_end(j);
}

void screen_answer_json(struct json_out *j, const struct screener *s,
                        const struct screen_question *q, const struct screen_answer *a,
                        const char *ref)
{
    struct screener_stands stands = screener_stands(s);

    json_object(j);
    subject_json(j, q,
                 a->chain ? a->chain
                 : a->key.space == SPACE_NONE
                     ? NULL
                     : address_space_name((enum address_space)a->key.space),
                 ref);
    put_word(j, "token_account_of", a->owner);
    if (q->subject == SCREEN_OF_TRANSFER && a->facts.asset) {
        json_put_string(j, "asset", a->facts.asset);
        json_put_u256(j, "amount", a->facts.amount);
        json_put_number(j, "decimals", a->facts.decimals);
    }
    verdict_json(j, &a->verdict);
    json_key(j, "reasons");
    json_array(j);
    for (size_t i = 0; i < a->facts.reasons_n; i++)
        reason_json(j, &a->reasons[i], screen_match_of(a, i));
    json_array_end(j);
    json_put_number(j, "potential_matches", a->potential);
    unknown_json(j, a);
    as_of_json(j, a);
    json_key(j, "stands_on");
    json_hex(j, stands.hash.b, sizeof(stands.hash.b));
    json_object_end(j);
}

void screen_error_json(struct json_out *j, const struct screen_question *q, const char *ref,
                       const char *error)
{
    json_object(j);
    subject_json(j, q, NULL, ref);
    json_put_string(j, "decision", screen_decision_name(SCREEN_UNKNOWN));
    json_put_string(j, "decided_by", "error");
    json_key(j, "reasons");
    json_array(j);
    json_array_end(j);
    json_put_string(j, "error", error);
    json_object_end(j);
}

static void ledgers_json(struct json_out *j, const struct screen_ledgers *l)
{
    json_key(j, "ledgers");
    json_array(j);
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].exposure) {
            struct screen_as_of as_of = screen_ledger_as_of(l->at[i].exposure);

            screen_entities_stand(l->at[i].entities, &as_of);
            ledger_json(j, &as_of);
        }
    json_array_end(j);
}

void screen_stands_json(struct json_out *j, const struct screener *s,
                        const struct screen_ledgers *ledgers)
{
    struct screener_stands t = screener_stands(s);
    char day[LIST_DAY_TEXT];

    json_object(j);
    json_key(j, "hash");
    json_hex(j, t.hash.b, sizeof(t.hash.b));
    json_key(j, "lists");
    json_array(j);
    for (size_t i = 0; i < t.lists_n; i++) {
        json_object(j);
        json_put_string(j, "list", t.lists[i].list);
        json_put_string(j, "as_of", list_day_text(t.lists[i].as_of, day));
        json_key(j, "sha256");
        json_hex(j, t.lists[i].sha256.b, 32);
        json_put_number(j, "entries", t.lists[i].entries);
        json_object_end(j);
    }
    json_array_end(j);
    json_put_number(j, "listed_addresses", t.addresses_n);
    json_put_number(j, "listed_names", t.names_n);
    json_put_number(j, "listed_names_left_out", t.names_left_out);
    json_key(j, "tags");
    json_object(j);
    json_key(j, "stamp");
    json_hex(j, t.tags.b, 32);
    json_put_number(j, "packs", t.packs_n);
    json_put_number(j, "tags", t.tags_n);
    json_object_end(j);
    json_key(j, "rules");
    json_hex(j, t.rules.b, 32);
    if (ledgers)
        ledgers_json(j, ledgers);
    json_object_end(j);
}
