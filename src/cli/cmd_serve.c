/* cordon serve: runs the node until a signal ends it. */
#include "cli/act_routes.h"
#include "cli/cli.h"

#include "serve/alert_routes.h"
#include "serve/bank_routes.h"
#include "serve/entity_routes.h"
#include "serve/follow.h"
#include "serve/group_routes.h"
#include "serve/lead_routes.h"
#include "serve/match_routes.h"
#include "serve/node.h"
#include "serve/notify_routes.h"
#include "serve/peer.h"
#include "serve/register_routes.h"
#include "serve/screen_routes.h"
#include "serve/stream_routes.h"
#include "serve/transfer_routes.h"
#include "serve/watch_routes.h"
#include "serve/watchman_routes.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What brings routes of its own (serve/node.h); ends with NULL. */
static const struct node_part *const parts[] = {
    &follow_part, &group_part, &alert_part,  &screen_part,   &transfer_part,
    &match_part,  &bank_part,  &entity_part, &watchman_part, &peer_part,
    &stream_part, &watch_part, &notify_part, &lead_part,     &register_part,
    &act_part,    NULL};

/* sd_notify(3): a datagram to the socket that the manager names, in the file system or abstract.
 * Nobody listens: nothing happens. */
static void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = path ? strlen(path) : 0;
    int fd;

    if (!n || n >= sizeof(at.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(at.sun_path, path, n);
    if (path[0] == '@')
        at.sun_path[0] = 0;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&at,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
    close(fd);
}

static bool config_of_call(struct call *c, struct arena *a, struct config *ret, struct err *err)
{
    const char *path = call_option(c, "config"), *listen = call_option(c, "listen"),
               *home = call_option(c, "home");

    *ret = config_default();
    if (path && !config_load(a, path, ret, err))
        return false;
    if (listen)
        ret->listen = listen;
    if (home || !ret->home) {
        if (!home_of_call(c, &home, err))
            return false;
        ret->home = home;
    }
    return config_check(ret, err);
}

/* What was read stays, since the node borrows it: a few kB each time. */
static void reload(struct call *c, struct node *n)
{
    struct arena *a = arena_new(c->arena, (size_t)16 << 20);
    struct config *config = a ? ARENA_NEW(a, struct config) : NULL;
    struct err err;

    notify("RELOADING=1");
    if (config && config_of_call(c, a, config, &err)) {
        node_reload(n, config);
    } else {
        log_event(node_log(n), LOG_ERROR, "reload", NULL, "%s", config ? err.text : "no memory");
        arena_free(a);
    }
    notify("READY=1");
}

static void run(struct call *c, struct node *n, const sigset_t *signals)
{
    const struct timespec tick = {0, NODE_TICK_MS * 1000000L};

    for (;;) {
        int got = sigtimedwait(signals, NULL, &tick);

        if (got == SIGTERM || got == SIGINT)
            return;
        if (got == SIGHUP)
            reload(c, n);
        node_tick(n);
    }
}

static bool cmd_serve_run(struct call *c, struct err *err)
{
    struct config config;
    struct node *n = NULL;
    sigset_t signals;
    char ready[64];

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* in every thread of the node, too */
    if (!config_of_call(c, c->arena, &config, err))
        return false;
    if (call_option(c, "check"))
        return true;
    if (!node_open(&config, config.home, parts, STDERR_FILENO, &n, err))
        return false;
    snprintf(ready, sizeof(ready), "READY=1\nMAINPID=%d", (int)getpid());
    notify(ready);
    run(c, n, &signals);
    notify("STOPPING=1");
    log_event(node_log(n), LOG_INFO, "stopping", NULL, "what runs is finished first");
    node_close(n);
    return true;
}

static const struct option options[] = {
    {"config", "FILE", "the configuration (docs/cordon.example.yaml explains every key)", false},
    {"listen", "ADDRESS:PORT", "where to listen (default: 127.0.0.1:8117)", false},
    {"home", "DIR", "the node's folder (default: $CORDON_HOME)", false},
    {"check", NULL, "read the configuration, say what is wrong with it, and end", false},
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon serve", "this machine alone, with the ledgers in $CORDON_HOME"},
    {"cordon serve --config /etc/cordon/cordon.yaml", "as a service"},
    {NULL, NULL},
};

const struct command cmd_serve = {
    .name = "serve",
    .heading = "the node",
    .args_max = 0,
    .options = options,
    .needs = NEEDS_NOTHING,
    .run = cmd_serve_run,
    .summary = "run the node: follow chains and cases, answer over HTTP, exchange with members",
    .about = "Answers what docs/openapi.json describes, to who has a key (cordon key). Until it is "
             "told\n"
             "otherwise it listens on this machine alone. SIGHUP: read limits, certificates, "
             "keys, peers and\n"
             "channels again.\n"
             "SIGTERM: take nothing new, finish what runs, end. The log goes to stderr as JSON "
             "lines.\n"
             "docs/operations.md says more.",
    .examples = examples,
};
