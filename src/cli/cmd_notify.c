/* cordon notify: what waits to be told over the channels of a node, and a word to try one. */
#include "cli/group_call.h"

#include "group/alert_show.h"
#include "serve/clock.h"
#include "serve/courier.h"
#include "serve/notify.h"

#include <stdio.h>

#define STEP_MS 200

static bool config_of(struct call *c, struct config *ret, struct err *err)
{
    const char *path = call_option(c, "config");

    if (!path)
        return err_fail(err, ERR_USAGE, "--config is wanted");
    return config_load(c->arena, path, ret, err) && config_check(ret, err);
}

/* ---- what waits ---- */

static bool each(struct call *c, struct store *s, const struct config_channel *channel,
                 struct json_out *j, struct err *err)
{
    struct outbox_waiting w;
    char time[ALERT_TIME_MAX];

    if (!outbox_waiting(s, c->arena, channel->name, &w, err))
        return false;
    if (j) {
        json_object(j);
        json_put_string(j, "channel", channel->name);
        json_put_number(j, "waiting", w.n);
        json_put_string(j, "oldest", w.n ? alert_time(w.oldest_ms, time) : NULL);
        json_put_string(j, "why", w.why);
        json_object_end(j);
        return true;
    }
    text_printf(c->out, "%-16s  %llu wait", channel->name, (unsigned long long)w.n);
    if (w.n)
        text_printf(c->out, ", since %s", alert_time(w.oldest_ms, time));
    if (w.why)
        text_printf(c->out, ": %s", w.why);
    text_char(c->out, '\n');
    return true;
}

static bool list_of(struct call *c, struct store *s, const struct config *config, struct err *err)
{
    struct json_out out = json_to(c->out, true), *j = call_json(c) ? &out : NULL;
    bool ok = true;

    if (j) {
        json_object(j);
        json_put_string(j, "schema", "cordon.channels/1");
        json_key(j, "channels");
        json_array(j);
    }
    if (config->core.url)
        ok = each(c, s, &config->core, j, err);
    for (size_t i = 0; ok && i < config->notify_n; i++)
        ok = each(c, s, &config->notify[i], j, err);
    if (j) {
        json_array_end(j);
        json_object_end(j);
        text_char(c->out, '\n');
    }
    return ok;
}

static bool list(struct call *c, struct err *err)
{
    static const struct store_schema *const schemas[] = {&outbox_schema};
    const char *home, *path;
    struct config config;
    struct store *s;
    bool ok;

    if (!config_of(c, &config, err))
        return false;
    if (config.home && !call_option(c, "home"))
        home = config.home;
    else if (!home_of_call(c, &home, err))
        return false;
    if (!home_file(c, home, NODE_STORE, &path, err) ||
        !store_open(path, STORE_READ, schemas, 1, &s, err))
        return false;
    ok = list_of(c, s, &config, err);
    store_close(s);
    return ok;
}

/* ---- trying one ---- */

static const struct config_channel *named(const struct config *config, const char *name)
{
    if (config->core.url && !strcmp(name, NOTIFY_CORE))
        return &config->core;
    for (size_t i = 0; i < config->notify_n; i++)
        if (!strcmp(config->notify[i].name, name))
            return &config->notify[i];
    return NULL;
}

/* Who is on duty first gets it, where the channel tells those. */
static const char *on_duty(struct call *c, const struct config *config, uint64_t ms)
{
    const char *home = config->home;
    const struct rota_person *p;
    struct rota r;
    struct err none;

    if ((!home && !home_of_call(c, &home, &none)) || !rota_load(c->arena, home, &r, &none))
        return NULL;
    p = rota_on_duty(&r, 1, ms);
    return p ? p->mail : NULL;
}

static bool letter_of(struct call *c, const struct config *config, struct courier_letter *ret,
                      struct err *err)
{
    struct notice n = {.kind = "test",
                       .subject = "a test: nothing has happened",
                       .to_do = "nothing",
                       .severity = SEVERITY_INFO};
    struct outbox_message m = {.ms = clock_ms()};
    char id[OUTBOX_ID_MAX];

    snprintf(id, sizeof(id), "test-%llu", (unsigned long long)m.ms);
    m.id = arena_string(c->arena, id, strlen(id));
    if (!m.id)
        return err_fail(err, ERR_NOMEM, "a notice");
    if (!notice_write(c->arena, &n, &m, err))
        return false;
    *ret = (struct courier_letter){.id = m.id,
                                   .now_ms = m.ms,
                                   .body = m.body,
                                   .subject = m.subject,
                                   .text = m.text,
                                   .on_duty = on_duty(c, config, m.ms)};
    return true;
}

static bool send_one(struct call *c, struct courier *courier, const char *name,
                     const struct courier_letter *l, struct err *err)
{
    struct courier_result r;
    size_t n = 0;

    if (!courier_send(courier, 0, l, 1, err))
        return err_in(err, "%s", name);
    while (!n)
        if (!courier_step(courier, STEP_MS, &r, 1, &n, err))
            return false;
    if (!r.arrived)
        return err_fail(err, ERR_SYSTEM, "%s: %s", name, r.why);
    text_printf(c->out, "%s  %s has arrived\n", name, l->id);
    return true;
}

static bool test(struct call *c, struct err *err)
{
    const char *name = call_arg(c, 1);
    const struct config_channel *channel;
    struct courier_letter l;
    struct courier *courier;
    struct config config;
    bool ok;

    if (!config_of(c, &config, err))
        return false;
    channel = named(&config, name);
    if (!channel)
        return err_fail(err, ERR_NOT_FOUND, "there is no channel \"%s\"", name);
    if (!letter_of(c, &config, &l, err) || !courier_open(&channel, 1, &courier, err))
        return false;
    ok = send_one(c, courier, name, &l, err);
    courier_close(courier);
    return ok;
}

static const struct word words[] = {
    {"test", "CHANNEL", NULL, test, "one message at once: does it arrive"},
    {"list", NULL, NULL, list, "what waits for each channel, and why"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"config", "FILE", "the node's configuration", false},
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon notify test officers --config cordon.yaml", "does a message arrive?"},
    {"cordon notify list --config cordon.yaml", "what has not arrived yet, and why"},
    {NULL, NULL},
};

const struct command cmd_notify = {
    .name = "notify",
    .words = words,
    .options = options,
    .summary = "try a channel over which a node tells people, and see what has not arrived",
    .about =
        "The channels stand in the node's configuration: core, and those under notify "
        "(docs/notify.md).\n"
        "test sends one message at once, beside the node, and says whether it has arrived. list "
        "tells what\n"
        "waits for each channel in the node's store, since when, and why the last try failed. "
        "JSON:\n"
        "docs/schemas/channels.json.",
    .examples = examples,
};
