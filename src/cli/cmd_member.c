/* cordon member: the group's members, and the keys of this home. */
#include "cli/group_call.h"

#include "base/json.h"

#include <sodium.h>

/* ---- keys of this home ---- */

static bool key_make(struct call *c, const char *person, struct err *err)
{
    struct bytes passphrase = {NULL, 0};
    const char *folder;
    struct key32 key;

    if (!keys_folder(c, &folder, err) ||
        (person && !passphrase_read(c, person, true, &passphrase, err)) ||
        !key_new(folder, person, passphrase, &group_random, &key, err))
        return false;
    text_hex(c->out, key.b, sizeof(key.b));
    text_char(c->out, '\n');
    return true;
}

static bool node_key_make(struct call *c, struct err *err)
{
    return key_make(c, NULL, err);
}

static bool person_key_make(struct call *c, struct err *err)
{
    return key_make(c, call_arg(c, 3), err);
}

static void keys_json(struct text *to, const struct key_entry *list, size_t n)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.member-keys/1");
    json_key(&j, "keys");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        json_object(&j);
        json_put_string(&j, "person", list[i].person);
        json_put_hex(&j, "key", list[i].key.b, sizeof(list[i].key.b));
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool keys_show(struct call *c, struct err *err)
{
    struct key_entry *list = NULL;
    const char *folder;
    size_t n;

    if (!keys_folder(c, &folder, err) || !keys_list(c->arena, folder, &list, &n, err))
        return false;
    if (call_json(c)) {
        keys_json(c->out, list, n);
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        text_hex(c->out, list[i].key.b, sizeof(list[i].key.b));
        text_printf(c->out, "  %s%s\n", list[i].person ? "person " : "node",
                    list[i].person ? list[i].person : "");
    }
    return true;
}

/* ---- revoking one ---- */

/* The last good event of a key in each stream, as this home has them. */
static bool last_good(struct call *c, const struct fold *f, const struct key32 *key,
                      struct hash32 *ret, size_t *ret_n, struct err *err)
{
    const struct fold_event *last[EVENT_AFTER_MAX], *e;
    size_t n = 0, k;

    for (size_t i = 0; (e = fold_event_at(f, i)); i++) {
        if (e->standing != STANDING_GOOD || memcmp(&e->e.key, key, sizeof(*key)))
            continue;
        for (k = 0; k < n; k++)
            if (!strcmp(last[k]->e.author, e->e.author) &&
                !memcmp(&last[k]->e.stream, &e->e.stream, sizeof(e->e.stream)))
                break;
        if (k == EVENT_AFTER_MAX)
            return err_fail(err, ERR_LIMIT, "the key has more than %d streams", EVENT_AFTER_MAX);
        if (k == n || last[k]->e.seq < e->e.seq)
            last[k] = e;
        n += k == n;
    }
    for (k = 0; k < n; k++)
        ret[k] = last[k]->e.id;
    *ret_n = n;
    (void)c;
    return true;
}

/* What another person of the member has named, who waits for a second: the two have to agree. */
static bool first_named(const struct fold *f, const char *object, const struct signer *by,
                        struct hash32 *ret, size_t *ret_n)
{
    const struct fold_object *o = fold_object(f, object, AUDIENCE_ALL);
    const char *author;
    const struct fold_event *e;
    struct err none;
    bool found = false;

    if (!o || !fold_charter(f) || !author_of(fold_charter(f), by, &author, &none))
        return false;
    for (size_t i = 0; (e = fold_event_of(o, i)); i++)
        if (fold_waits_for_second(e) && !strcmp(e->e.author, author) &&
            memcmp(&e->e.key, &by->key, sizeof(by->key)) != 0) {
            memcpy(ret, e->e.after, e->e.after_n * sizeof(*ret));
            *ret_n = e->e.after_n;
            found = true;
        }
    return found;
}

static bool last_given(struct call *c, struct hash32 *ret, size_t *ret_n, struct err *err)
{
    for (size_t i = 0; i < c->given_n; i++) {
        const struct given *g = &c->given[i];

        if (!g->option || strcmp(g->option->name, "last") || !strcmp(g->value, "none"))
            continue;
        if (*ret_n == EVENT_AFTER_MAX)
            return err_fail(err, ERR_LIMIT, "more than %d of --last", EVENT_AFTER_MAX);
        if (!hash_from_hex(g->value, &ret[(*ret_n)++]))
            return err_fail(err, ERR_USAGE, "--last \"%s\": an event's id, or none, is wanted",
                            g->value);
    }
    return true;
}

static bool revoke(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                   struct err *err)
{
    const char *hex = call_arg(c, 2);
    struct text object = text_new(OBJECT_NAME_MAX);
    struct hash32 after[EVENT_AFTER_MAX], bytes;
    struct group_log_act act = {
        .type = "key.revoke", .audience = AUDIENCE_ALL, .after = after, .by = by};
    struct key32 key;
    bool ok;

    (void)ctx;
    if (!hash_from_hex(hex, &bytes))
        return err_fail(err, ERR_USAGE, "key revoke: a key of 64 digits is wanted");
    memcpy(key.b, bytes.b, sizeof(key.b));
    text_printf(&object, "key:%s", hex);
    act.object = text_string(&object);
    ok = act.object || err_fail(err, ERR_NOMEM, "a key");
    if (ok && call_option(c, "last"))
        ok = last_given(c, after, &act.after_n, err);
    else if (ok && !first_named(group_log_fold(l), act.object, by, after, &act.after_n))
        ok = last_good(c, group_log_fold(l), &key, after, &act.after_n, err);
    ok = ok && say_and_commit(c, l, &act, NULL, err);
    text_free(&object);
    return ok;
}

static bool key_revoke_run(struct call *c, struct err *err)
{
    return signed_run(c, false, revoke, NULL, err);
}

/* ---- the group's members ---- */

static void member_text(struct text *to, const struct fold *f, const struct charter *c, uint32_t at)
{
    const struct charter_member *m = &c->members[at];

    text_printf(to, "%-20s %s  %-10s %s%s%s\n", m->id, m->country, m->kind, m->name,
                m->government ? " (government)" : "", m->suspended ? " (suspended)" : "");
    if (m->contact)
        text_printf(to, "    contact: %s\n", m->contact);
    for (size_t i = 0; i < c->keys_n; i++) {
        const struct charter_key *k = &c->keys[i];

        if (k->member != at)
            continue;
        text_str(to, "    ");
        text_hex(to, k->key.b, sizeof(k->key.b));
        text_printf(to, "  %s%s", k->person ? k->person : "", k->person ? ": " : "");
        roles_put(to, k->roles);
        if (fold_key_limit(f, &k->key))
            text_printf(to, " (%s)", fold_key_limit(f, &k->key));
        text_char(to, '\n');
    }
}

static bool list(struct call *c, struct group_log *l, struct err *err)
{
    const struct charter *charter = fold_charter(group_log_fold(l));

    if (!charter)
        return err_fail(err, ERR_NOT_FOUND, "no charter is adopted yet");
    if (call_json(c))
        text_printf(c->out, "%s\n", (const char *)charter->text.p);
    for (uint32_t i = 0; !call_json(c) && i < charter->members_n; i++)
        member_text(c->out, group_log_fold(l), charter, i);
    return true;
}

static bool list_run(struct call *c, struct err *err)
{
    return group_tell(c, list, err);
}

static const struct word words[] = {
    {"list", NULL, NULL, list_run, "the members of the charter in force, and their keys"},
    {"key new node", NULL, NULL, node_key_make, "the key that this machine signs with"},
    {"key new person", "NAME", NULL, person_key_make, "a person's, sealed by a passphrase"},
    {"key show", NULL, NULL, keys_show, "the public halves of this home's keys"},
    {"key revoke", "KEY", "last", key_revoke_run,
     "what it signed after its last good event is void"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    OPTION_AS,
    OPTION_PASSPHRASE,
    {"last", "ID", "the key's last good event, of each stream; none: there is none", true},
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon member key new node", "the key that this machine signs with"},
    {"cordon member key new person alice", "a person's, sealed by a passphrase"},
    {NULL, NULL},
};

const struct command cmd_member = {
    .name = "member",
    .heading = "the group",
    .words = words,
    .options = options,
    .summary = "the group's members, and the keys of this home",
    .about =
        "Keys lie in the home's folder keys, each readable by its owner only; the public half is "
        "what is\n"
        "printed, and goes into the charter. A person's key is sealed by a passphrase.\n"
        "\n"
        "A key that is lost or stolen is revoked by a supervisor or secretary of its own member, "
        "at once:\n"
        "what it signed up to the last good events stands, all else is void, whenever it was "
        "signed and\n"
        "whenever it comes in (docs/protocol.md). Without --last those that this home has are "
        "named. Where\n"
        "the charter asks for two (two_persons: key.revoke), what the first says stops the key: "
        "nothing that\n"
        "it says from then on counts, and the second, who names the same last events, revokes it. "
        "A new key\n"
        "comes with the next version of the charter.",
    .examples = examples,
};
