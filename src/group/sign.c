/* How everything that is signed is signed: in libcordon, too, for whoever settles a match signs. */
#include "group/event.h"

#include "base/mem.h"

#include <sodium.h>

struct message {
    uint8_t *p;
    size_t n;
};

static bool message_make(const char *tag, const struct hash32 *group, struct bytes what,
                         struct message *ret, struct err *err)
{
    size_t tag_n = strlen(tag);

    ret->n = tag_n + sizeof(group->b) + what.n;
    ret->p = mem_alloc(ret->n);
    if (!ret->p)
        return err_fail(err, ERR_NOMEM, "a message of %zu bytes", ret->n);
    memcpy(ret->p, tag, tag_n);
    memcpy(ret->p + tag_n, group->b, sizeof(group->b));
    memcpy(ret->p + tag_n + sizeof(group->b), what.p, what.n);
    return true;
}

bool group_sign(const struct signer *by, const char *tag, const struct hash32 *group,
                struct bytes what, struct signature *ret, struct err *err)
{
    struct message m;

    if (!message_make(tag, group, what, &m, err))
        return false;
    crypto_sign_detached(ret->b, NULL, m.p, m.n, by->secret);
    mem_free(m.p);
    return true;
}

bool group_signed(const struct key32 *key, const char *tag, const struct hash32 *group,
                  struct bytes what, const struct signature *signature, bool *ret, struct err *err)
{
    struct message m;

    if (!message_make(tag, group, what, &m, err))
        return false;
    *ret = !crypto_sign_verify_detached(signature->b, m.p, m.n, key->b);
    mem_free(m.p);
    return true;
}
