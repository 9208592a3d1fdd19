/* Output descriptors (BIP 380), as far as the wallets of a single key need them: pkh (BIP 381),
 * wpkh and sh(wpkh) (BIP 382), and tr with a key alone (BIP 386); and an extended key by itself,
 * which stands for both of its branches, 0 and 1, with the script that SLIP 132 gives it.
 *
 *     wpkh([d34db33f/84h/0h/0h]xpub.../<0;1>/STAR)#checksum        STAR: an asterisk
 *
 * A key is 33 or (pkh) 65 bytes of hex, or an extended public key with steps, of which one may be a
 * choice (BIP 389) and the last "*". The origin in brackets is not looked at. A checksum is checked
 * where there is one.
 *
 * Errors:    ERR_INPUT what is wrong, without the text, which may hold a secret.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_DESCRIPTOR_H
#define CORDON_CHAIN_BITCOIN_DESCRIPTOR_H

#include "chain/bitcoin/script.h"
#include "chain/bitcoin/xpub.h"

#define DESCRIPTOR_BRANCHES_MAX 4u
#define DESCRIPTOR_STEPS_MAX 16u
#define DESCRIPTOR_TEXT_MAX 512

enum descriptor_kind { DESCRIPTOR_PKH, DESCRIPTOR_SH_WPKH, DESCRIPTOR_WPKH, DESCRIPTOR_TR };

struct descriptor {
    enum descriptor_kind kind;
    bool ranged; /* ends in "*" */
    unsigned branches_n;
    struct xpub branches[DESCRIPTOR_BRANCHES_MAX]; /* all steps but "*" done */
    uint8_t key[65];                               /* not an extended one: [key_n] */
    size_t key_n;                                  /* 0: extended */
};

/* Is it one, rather than an address? */
bool descriptor_like(const char *p, size_t n);
bool descriptor_read(const char *p, size_t n, struct descriptor *ret, struct err *err) MUST_USE;
/* Of one without "*" there is index 0 alone. ERR_INPUT: there is no such key. */
bool descriptor_script(const struct descriptor *d, unsigned branch, uint32_t index,
                       uint8_t ret[SCRIPT_FORM_MAX], size_t *ret_n, struct err *err) MUST_USE;

#endif
