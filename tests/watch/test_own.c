/* A member's own addresses: the lines of a file, the sets of chains, and keys derived as they are
 * used. */
#include "support.h"

#include "base/mem.h"
#include "chain/account_name.h"
#include "chain/bitcoin/script.h"
#include "watch/own.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* BIP 84's account */
#define ZPUB                                                                                       \
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31m" \
    "G"                                                                                            \
    "DtKsAYz2oz2AGutZYs"
#define FIRST "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
#define SECOND "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"
#define CHANGE "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"
#define P2PKH "1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsP"
#define CONTRACT "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed" /* EIP-55 */

static struct own *read_text(const char *text)
{
    struct own *o;
    struct err err;

    CHECK_OK(own_read("test.txt", (struct bytes){(const uint8_t *)text, strlen(text)}, &o, &err),
             err);
    return o;
}

static struct own_set *set_of(const struct own *o, const char *chain)
{
    struct own_set *s;
    struct err err;

    CHECK_OK(own_set_make(o, chain_by_name(chain), &s, &err), err);
    return s;
}

static bool find(const struct own_set *s, const char *chain, const char *address,
                 struct own_hit *ret)
{
    uint8_t key[ACCOUNT_KEY_MAX];
    struct err err;
    size_t n;

    if (!chain_has_accounts(chain_by_name(chain)))
        CHECK_OK(address_read(chain_by_name(chain), address, key, &n, &err), err);
    else
        CHECK_OK(account_read(chain_by_name(chain), address, key, &n, &err), err);
    return own_set_find(s, (struct bytes){key, n}, ret);
}

static void lines(void **state)
{
    struct own *o = read_text("# ours\n" P2PKH " customer-7\r\n\n" CONTRACT
                              "\tcustomer-8 role=hot chain=ethereum\n" ZPUB " gap=2\n" P2PKH
                              " another\n" FIRST " chain=bitcoin");
    struct own_set *coins = set_of(o, "bitcoin"), *ethereum = set_of(o, "ethereum"),
                   *other = set_of(o, "polygon");
    struct own_hit hit;

    (void)state;
    CHECK_U(own_files(o), 1);
    CHECK_U(own_file(o, 0).lines_n, 5);
    CHECK_U(own_file(o, 0).descriptors_n, 1);
    CHECK_U(own_set_n(coins), 1 + 2 * 2); /* FIRST is one of the derived */
    CHECK(find(coins, "bitcoin", P2PKH, &hit));
    CHECK_S(hit.account, "customer-7"); /* the first line counts */
    CHECK_U(hit.role, OWN_DEPOSIT);
    CHECK(find(coins, "bitcoin", CHANGE, &hit));
    CHECK(hit.derived);
    CHECK_S(hit.account, "");
    CHECK(!find(coins, "bitcoin", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", &hit));
    CHECK(find(ethereum, "ethereum", CONTRACT, &hit));
    CHECK_S(hit.account, "customer-8");
    CHECK_U(hit.role, OWN_HOT);
    CHECK_U(own_set_n(other), 0); /* chain=ethereum */
    own_set_free(coins);
    own_set_free(ethereum);
    own_set_free(other);
    own_free(o);
}

#define XRP "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
#define XRP_OTHER "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"

/* An account and a tag is a customer: by a line of its own, as its X-address (XLS-5's examples), or
 * by one for all tags. */
static void parts(void **state)
{
    static const struct {
        const char *address, *account; /* NULL: not own */
    } rows[] = {
        {XRP ":7", "customer-seven"},
        {XRP ":8", "xrp-8"},
        {XRP ":0", "xrp-0"},
        {XRP ":4294967295", "xrp-4294967295"},
        {XRP, NULL}, /* without a tag it is nobody's */
        {XRP_OTHER ":0", "zero"},
        {"XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc", "zero"},
        {XRP_OTHER, "wallet"},
        {XRP_OTHER ":1", NULL},
    };
    struct own *o = read_text(
        XRP ":* xrp-\n" XRP ":7 customer-seven\n"
            "XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc zero chain=xrpl\n" /* tag 0 */
        XRP_OTHER " wallet role=hot");
    struct own_set *s = set_of(o, "xrpl"), *other = set_of(o, "ethereum"),
                   *coins = set_of(o, "bitcoin");

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct own_hit hit;

        test_row("%s", rows[i].address);
        CHECK_U(find(s, "xrpl", rows[i].address, &hit), rows[i].account != NULL);
        if (rows[i].account)
            CHECK_S(hit.account, rows[i].account);
    }
    CHECK_U(own_set_wallets(s), 1);
    CHECK_U(own_set_n(other), 0);
    CHECK_U(own_set_n(coins), 0);
    own_set_free(s);
    own_set_free(other);
    own_set_free(coins);
    own_free(o);
}

/* A coin that was paid to the bare key is paid to its address. */
static void bare_keys(void **state)
{
    struct own *o = read_text(P2PKH);
    struct own_set *s = set_of(o, "bitcoin");
    struct bytes script =
        test_hex("21 02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5 ac");
    struct own_hit hit;

    (void)state;
    CHECK(own_set_find(s, script, &hit));
    own_set_free(s);
    own_free(o);
}

static const struct {
    const char *name, *text, *says;
} bad_rows[] = {
    {"no address", "hello", "test.txt: line 1"},
    {"a checksum", "\n1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsQ", "test.txt: line 2"},
    {"an unknown chain", P2PKH " chain=nowhere", "chain=: \"nowhere\" is not known"},
    {"of another chain", P2PKH " chain=ethereum", "line 1"},
    {"no role", P2PKH " role=warm", "role=: deposit, hot or cold is wanted"},
    {"no gap", ZPUB " gap=0", "gap=: 1 to 1000 is wanted"},
    {"parts of what has none", CONTRACT ":*", "only what is an account and a tag may end so"},
    {"parts of a part", XRP ":7:*", "only what is an account and a tag may end so"},
    {"parts on another chain", XRP ":* chain=ethereum", "only what is an account and a tag"},
    {"two accounts", P2PKH " one two", "an account, chain=, gap= or role= is wanted"},
    {"a private key",
     "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGt"
     "RBeJgk33yuGBxrMPHi",
     "a private key"},
};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
        struct own *o;
        struct err err;

        test_row("%s", bad_rows[i].name);
        CHECK(!own_read("test.txt",
                        (struct bytes){(const uint8_t *)bad_rows[i].text, strlen(bad_rows[i].text)},
                        &o, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(strstr(err.text, bad_rows[i].says));
        CHECK(!strstr(err.text, "xprv"));
    }
    CHECK(true);
}

static void nul_inside(void **state)
{
    struct own *o;
    struct err err;

    (void)state;
    CHECK(!own_read("test.txt", (struct bytes){(const uint8_t *)"\0" P2PKH, 5}, &o, &err));
    CHECK_U(err.class, ERR_INPUT);
}

/* ---- the gap ---- */

struct seen {
    const char *addresses[4];
    size_t n;
};

static bool is_used(void *ctx, struct bytes script)
{
    const struct seen *seen = ctx;
    char shown[ADDRESS_BYTES_MAX];

    if (!address_of_script(chain_by_name("bitcoin"), script, shown))
        return false;
    for (size_t i = 0; i < seen->n; i++)
        if (!strcmp(shown, seen->addresses[i]))
            return true;
    return false;
}

static void gap(void **state)
{
    struct own *o = read_text(ZPUB " gap=1");
    struct own_set *s = set_of(o, "bitcoin");
    struct seen seen = {.n = 0};
    struct own_hit hit;
    struct err err;

    (void)state;
    CHECK_OK(own_set_extend(s, is_used, &seen, &err), err);
    CHECK_U(own_set_n(s), 2);
    CHECK(!find(s, "bitcoin", SECOND, &hit));
    seen = (struct seen){{FIRST}, 1};
    CHECK_OK(own_set_extend(s, is_used, &seen, &err), err);
    CHECK_U(own_set_n(s), 3);
    CHECK(find(s, "bitcoin", SECOND, &hit));
    CHECK_U(hit.index, 1);
    CHECK_OK(own_set_extend(s, is_used, &seen, &err), err); /* nothing has come */
    CHECK_U(own_set_n(s), 3);
    own_set_free(s);

    s = set_of(o, "bitcoin"); /* both at once: the second is only seen behind the first */
    seen = (struct seen){{FIRST, SECOND, CHANGE}, 3};
    CHECK_OK(own_set_extend(s, is_used, &seen, &err), err);
    CHECK_U(own_set_n(s), 3 + 2);
    own_set_free(s);
    own_free(o);
}

/* ---- the folder ---- */

static void write_file(const char *home, const char *name, const char *text)
{
    char path[300];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", home, name);
    f = fopen(path, "w");
    CHECK(f);
    CHECK(fputs(text, f) >= 0);
    CHECK(!fclose(f));
}

static void folder(void **state)
{
    char home[] = "/tmp/cordon-own-XXXXXX", path[300];
    struct hash32 before, after;
    struct own *o;
    struct err err;

    (void)state;
    CHECK(mkdtemp(home));
    CHECK_OK(own_open(home, &o, &err), err);
    CHECK_U(own_files(o), 0);
    own_free(o);
    snprintf(path, sizeof(path), "%s/own", home);
    CHECK(!mkdir(path, 0700));
    before = own_stamp(home);
    write_file(home, "own/b.txt", P2PKH "\n");
    write_file(home, "own/a.txt", FIRST "\n" SECOND "\n");
    write_file(home, "own/notes", "not read");
    after = own_stamp(home);
    CHECK(!hash32_equal(&before, &after));
    CHECK_OK(own_open(home, &o, &err), err);
    CHECK_U(own_files(o), 2);
    CHECK_S(own_file(o, 0).name, "a.txt");
    CHECK_U(own_file(o, 0).lines_n, 2);
    own_free(o);
    write_file(home, "own/b.txt", "wrong\n");
    CHECK(!own_open(home, &o, &err));
    CHECK(strstr(err.text, "b.txt: line 1"));
    snprintf(path, sizeof(path), "rm -r %s", home);
    CHECK(!system(path));
}

static bool whole(void *ctx)
{
    const char *text = P2PKH " customer\n" ZPUB " gap=40\n";
    struct own_set *s = NULL;
    struct own *o;
    struct err err;
    bool ok;

    (void)ctx;
    if (!own_read("test.txt", (struct bytes){(const uint8_t *)text, strlen(text)}, &o, &err))
        return false;
    ok = own_set_make(o, chain_by_name("bitcoin"), &s, &err);
    own_set_free(s);
    own_free(o);
    return ok;
}

static void every_allocation(void **state)
{
    (void)state;
    test_failed_allocations(whole, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),      cmocka_unit_test(parts),
        cmocka_unit_test(bare_keys),  cmocka_unit_test(refused),
        cmocka_unit_test(nul_inside), cmocka_unit_test(gap),
        cmocka_unit_test(folder),     cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
