/* Extended keys and descriptors: the published vectors of BIP 32, 49, 84, 86, 380, 381, and what is
 * refused. */
#include "support.h"

#include "chain/bitcoin/descriptor.h"

#include <stdlib.h>
#include <string.h>

/* BIP 32, test vectors 1 and 2: a parent, a step, the child's text less what is not kept. */
static const struct {
    const char *name, *parent, *child;
    uint32_t step;
} child_rows[] = {
    {"vector 1, m/0H/1",
     "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5s"
     "ki8PX9rL2dZXvgGDnw",
     "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2A"
     "xYysAA7xmALppuCkwQ",
     1},
    {"vector 2, m/0",
     "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY"
     "47LJhkJ8UB7WEGuduB",
     "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap"
     "6r1D3tgFxHmwMkQTPH",
     0},
};

static void children(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(child_rows) / sizeof(child_rows[0]); i++) {
        struct xpub parent, child, want;
        struct err err;

        test_row("%s", child_rows[i].name);
        CHECK_OK(xpub_read(child_rows[i].parent, strlen(child_rows[i].parent), &parent, &err), err);
        CHECK_OK(xpub_read(child_rows[i].child, strlen(child_rows[i].child), &want, &err), err);
        CHECK_OK(xpub_child(&parent, child_rows[i].step, &child, &err), err);
        CHECK(!memcmp(child.key, want.key, sizeof(want.key)));
        CHECK(!memcmp(child.chain_code, want.chain_code, sizeof(want.chain_code)));
        CHECK(!xpub_child(&parent, XPUB_HARDENED, &child, &err));
        CHECK_U(err.class, ERR_INPUT);
    }
}

#define ZPUB                                                                                       \
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31m" \
    "G"                                                                                            \
    "DtKsAYz2oz2AGutZYs"
#define XPUB_86                                                                                    \
    "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49y" \
    "f"                                                                                            \
    "dDEHGCtMMj92pReUsQ"
#define KEY_2 "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"

static const struct {
    const char *name, *text, *chain, *address;
    unsigned branch;
    uint32_t index;
} address_rows[] = {
    {"BIP 84, first receiving", ZPUB, "bitcoin", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", 0,
     0},
    {"BIP 84, second receiving", ZPUB, "bitcoin", "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g", 0,
     1},
    {"BIP 84, first change", ZPUB, "bitcoin", "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el", 1, 0},
    {"BIP 86, first receiving", "tr(" XPUB_86 "/0/*)", "bitcoin",
     "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", 0, 0},
    {"BIP 86, second receiving", "tr([73c5da0a/86'/0'/0']" XPUB_86 "/<0;1>/*)", "bitcoin",
     "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh", 0, 1},
    {"BIP 86, first change", "tr(" XPUB_86 "/<0;1>/*)", "bitcoin",
     "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7", 1, 0},
    {"BIP 49, the account's first key",
     "sh(wpkh(03a1af804ac108a8a51782198c2d034b28bf90c8803f5a53f76276fa69a4eae77f))", "bitcoin:test",
     "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2", 0, 0},
    {"BIP 381: 76a914 06afd46b... 88ac", "pkh(" KEY_2 ")", "bitcoin",
     "1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsP", 0, 0},
};

static void addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(address_rows) / sizeof(address_rows[0]); i++) {
        const struct chain *chain = chain_by_name(address_rows[i].chain);
        uint8_t script[SCRIPT_FORM_MAX];
        char shown[ADDRESS_BYTES_MAX];
        struct descriptor d;
        struct err err;
        size_t n;

        test_row("%s", address_rows[i].name);
        CHECK(chain);
        CHECK(descriptor_like(address_rows[i].text, strlen(address_rows[i].text)));
        CHECK_OK(descriptor_read(address_rows[i].text, strlen(address_rows[i].text), &d, &err),
                 err);
        CHECK_OK(
            descriptor_script(&d, address_rows[i].branch, address_rows[i].index, script, &n, &err),
            err);
        CHECK(address_of_script(chain, (struct bytes){script, n}, shown));
        CHECK_S(shown, address_rows[i].address);
    }
}

static const struct {
    const char *name, *text;
} bad_rows[] = {
    {"nothing", ""},
    {"no key", "pkh()"},
    {"not ended", "pkh(" KEY_2},
    {"what stands behind", "pkh(" KEY_2 "))"},
    {"a form that is not read", "wsh(pk(" KEY_2 "))"},
    {"a key short of a digit",
     "wpkh(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee)"},
    {"no point", "wpkh(020000000000000000000000000000000000000000000000000000000000000007)"},
    {"hardened", "wpkh(" XPUB_86 "/0'/*)"},
    {"hardened at the end", "wpkh(" XPUB_86 "/*')"},
    {"a step of 2^31", "wpkh(" XPUB_86 "/2147483648)"},
    {"a step past the end", "wpkh(" XPUB_86 "/*/0)"},
    {"two choices", "wpkh(" XPUB_86 "/<0;1>/<2;3>/*)"},
    {"a choice of one", "wpkh(" XPUB_86 "/<0>/*)"},
    {"a choice of five", "wpkh(" XPUB_86 "/<0;1;2;3;4>/*)"},
    {"an origin without end", "wpkh([d34db33f" XPUB_86 "/*)"},
    {"BIP 32, vector 5: a private key",
     "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGt"
     "RBeJgk33yuGBxrMPHi"},
    {"a letter of the key is another",
     "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mG"
     "DtKsAYz2oz2AGutZYt"},
    {"BIP 380: a checksum too short", "pkh(" KEY_2 ")#8fhd9pw"},
    {"a wrong checksum", "pkh(" KEY_2 ")#qqqqqqqq"},
    {"an empty checksum", "pkh(" KEY_2 ")#"},
};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
        struct descriptor d;
        struct err err;

        test_row("%s", bad_rows[i].name);
        CHECK(!descriptor_read(bad_rows[i].text, strlen(bad_rows[i].text), &d, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(!strstr(err.text, "xprv"));
    }
}

/* Bitcoin Core, doc/descriptors.md: pkh(02c6...9ee5)#8fhd9pwu. Every other ending is refused. */
static void checksums(void **state)
{
    static const char text[] = "pkh(" KEY_2 ")#8fhd9pwu";
    char other[sizeof(text)];
    struct descriptor d;
    struct err err;

    (void)state;
    CHECK_OK(descriptor_read(text, strlen(text), &d, &err), err);
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        memcpy(other, text, sizeof(text));
        other[i] = other[i] == 'q' ? 'p' : 'q';
        test_row("character %zu", i);
        CHECK(!descriptor_read(other, strlen(other), &d, &err));
    }
}

static void truncated(void **state)
{
    static const char text[] = "tr([73c5da0a/86'/0'/0']" XPUB_86 "/<0;1>/*)";

    (void)state;
    for (size_t n = 0; n + 1 < sizeof(text); n++) {
        char *cut = malloc(n + 1);
        struct descriptor d;
        struct err err;

        memcpy(cut, text, n);
        CHECK(!descriptor_read(cut, n, &d, &err));
        free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children),  cmocka_unit_test(addresses), cmocka_unit_test(refused),
        cmocka_unit_test(checksums), cmocka_unit_test(truncated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
