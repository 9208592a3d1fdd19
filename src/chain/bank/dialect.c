#include "chain/dialect.h"

#include "base/text.h"
#include "chain/bank/bank.h"

#include <string.h>

static bool write(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    size_t n = key.n < ACCOUNT_KEY_MAX ? key.n : ACCOUNT_KEY_MAX;
    bool utf8 = utf8_valid((const char *)key.p, n);

    for (size_t i = 0; i < n; i++) {
        bool plain = key.p[i] >= 0x20 && key.p[i] != 0x7f && (key.p[i] < 0x80 || utf8);

        ret[i] = plain ? (char)key.p[i] : '?';
    }
    ret[n] = 0;
    return true;
}

static bool read(const char *text, uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n, struct err *err)
{
    size_t n = strlen(text);

    if (!n || n > ACCOUNT_KEY_MAX)
        return err_fail(err, ERR_INPUT, "account \"%.100s\": 1 to %d bytes are wanted", text,
                        ACCOUNT_KEY_MAX);
    if (!utf8_valid(text, n))
        return err_fail(err, ERR_INPUT, "account: not UTF-8");
    memcpy(ret, text, n);
    *ret_n = n;
    return true;
}

const struct dialect dialect_bank = {
    .address_min = 1,
    .address_max = ACCOUNT_KEY_MAX,
    .tx = TX_IS_HEX,
    .write = write,
    .read = read,
    .open = bank_open,
};
