/* Brings messages to where a configuration says: webhooks by HTTP(S), mails by SMTP(S), several
 * under way at once, none of which holds up another; a channel has at most COURIER_EACH_MAX.
 *
 * Only URLs of the configuration are called: nothing that a message or an answer says changes where
 * it goes. Redirects are not followed, proxies of the environment not used, certificates checked;
 * without TLS a host of this machine alone is spoken to. SMTP to others than this machine is by TLS
 * from the beginning (smtps) or by STARTTLS, or not at all. An answer's body is not read past
 * COURIER_ANSWER_MAX.
 *
 * A 2xx of HTTP (250 of SMTP) is "it has arrived"; anything else is not, and why. Trying again is
 * the caller's (serve/notify.h).
 *
 * Ownership: channels are borrowed until courier_close, letters only for the call.
 * Errors:    ERR_USAGE, ERR_INPUT a channel that is none; ERR_NOMEM; ERR_SYSTEM.
 * Threads:   one owner; courier_wake any. A mail under way has a thread of its own, which
 *            courier_close ends within a second. */
#ifndef CORDON_SERVE_COURIER_H
#define CORDON_SERVE_COURIER_H

#include "base/bytes.h"
#include "serve/config.h"

#define COURIER_EACH_MAX 8 /* under way, of one channel */
#define COURIER_FLIGHTS_MAX (COURIER_EACH_MAX * (CONFIG_CHANNELS_MAX + 1)) /* and of the core */
#define COURIER_CONNECT_MS 10000
#define COURIER_TOTAL_MS 30000
#define COURIER_ANSWER_MAX ((size_t)64 << 10)
#define COURIER_WHY_MAX 200
#define COURIER_AFTER_MAX_MS 3600000 /* of Retry-After */

struct courier;

/* What no single key of a channel can say. */
bool courier_channel_check(const struct config_channel *c, bool core, struct err *err) MUST_USE;
bool courier_is_mail(const struct config_channel *c);
bool courier_address_valid(const char *mail); /* local@domain, nothing else */

bool courier_open(const struct config_channel *const *channels, size_t n, struct courier **ret,
                  struct err *err) MUST_USE;
struct courier *courier_close(struct courier *c);

struct courier_letter {
    const char *id;
    uint64_t now_ms;
    const char *body;           /* of a webhook */
    const char *subject, *text; /* of a mail: plain */
    const char *on_duty;        /* addresses parted by ","; for "oncall"; NULL: none */
};
/* How many more may be sent to a channel now. */
size_t courier_room(const struct courier *c, size_t channel);
/* A letter that cannot be sent is told by courier_step as well. */
bool courier_send(struct courier *c, size_t channel, const struct courier_letter *l, uint64_t tag,
                  struct err *err) MUST_USE;
bool courier_under_way(const struct courier *c, uint64_t tag);

struct courier_result {
    uint64_t tag;
    size_t channel;
    bool arrived;
    uint64_t after_ms; /* it wants to be asked again no sooner than in this time */
    char why[COURIER_WHY_MAX];
};
/* All a little further, for wait_ms at most; what ended, up to max. */
bool courier_step(struct courier *c, unsigned wait_ms, struct courier_result *ret, size_t max,
                  size_t *ret_n, struct err *err) MUST_USE;
void courier_wake(struct courier *c);

#endif
