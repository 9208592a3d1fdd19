#include "serve/pace.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <string.h>

#define MINUTE_NS ((uint64_t)60000000000)
#define TRIES 4
#define NET_BYTES 8 /* a /64 */

void pace_start(struct pace *p)
{
    memset(p, 0, sizeof(*p));
    randombytes_buf(p->secret, sizeof(p->secret));
}

static uint64_t hash_of(const struct pace *p, const char *address)
{
    struct in6_addr six;
    uint8_t h[crypto_shorthash_BYTES];
    uint64_t ret;

    if (inet_pton(AF_INET6, address, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six))
        crypto_shorthash(h, six.s6_addr, NET_BYTES, p->secret);
    else
        crypto_shorthash(h, (const uint8_t *)address, strlen(address), p->secret);
    memcpy(&ret, h, sizeof(ret));
    return ret ? ret : 1;
}

/* Its own place, a free one, or a neighbour's. */
static unsigned place_of(struct pace *p, uint64_t who, uint64_t now)
{
    unsigned first = (unsigned)(who % PACE_PLACES);

    for (unsigned i = 0; i < TRIES; i++)
        if (p->who[(first + i) % PACE_PLACES] == who)
            return (first + i) % PACE_PLACES;
    for (unsigned i = 0; i < TRIES; i++)
        if (p->until[(first + i) % PACE_PLACES] <= now) {
            p->who[(first + i) % PACE_PLACES] = who;
            return (first + i) % PACE_PLACES;
        }
    return first;
}

/* Each speaks for its share of a minute, and at most a minute ahead may be spoken for. */
static uint64_t wait_of(uint64_t until, uint64_t rate, uint64_t now)
{
    uint64_t next = (until > now ? until : now) + MINUTE_NS / rate;

    return next > now + MINUTE_NS ? next - now - MINUTE_NS : 0;
}

static void count(uint64_t *until, uint64_t rate, uint64_t now)
{
    *until = (*until > now ? *until : now) + MINUTE_NS / rate;
}

bool pace_may(struct pace *p, const char *address, uint64_t per_minute, uint64_t per_minute_all,
              uint64_t now_ns, uint64_t *ret_wait_ns)
{
    unsigned at = place_of(p, hash_of(p, address), now_ns);
    uint64_t own = wait_of(p->until[at], per_minute, now_ns),
             all = wait_of(p->all, per_minute_all, now_ns);

    *ret_wait_ns = own > all ? own : all;
    if (*ret_wait_ns)
        return false;
    count(&p->until[at], per_minute, now_ns);
    count(&p->all, per_minute_all, now_ns);
    return true;
}
