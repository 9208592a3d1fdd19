#include "chain/account_name.h"

#include "chain/dialect.h"

static void hex_name(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    static const char digit[] = "0123456789abcdef";
    size_t n = 0;

    ret[n++] = '0';
    ret[n++] = 'x';
    for (size_t i = 0; i < key.n && i < ACCOUNT_KEY_MAX; i++) {
        ret[n++] = digit[key.p[i] >> 4];
        ret[n++] = digit[key.p[i] & 15];
    }
    ret[n] = 0;
}

void account_name(const struct chain *chain, struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    ret[0] = 0;
    if (key.n && (!chain->dialect || !chain->dialect->write(key, ret)))
        hex_name(key, ret);
}

bool account_read(const struct chain *chain, const char *text, uint8_t ret[ACCOUNT_KEY_MAX],
                  size_t *ret_n, struct err *err)
{
    return chain->dialect ? chain->dialect->read(text, ret, ret_n, err)
                          : err_fail(err, ERR_INPUT, "%s has no accounts", chain->name);
}
