#include "entity/list_address.h"
#include "lists.h"

#include <string.h>

#define MEMORY ((size_t)256 << 20)

static const char sdn[] =
    "<sdnList><publshInformation><Publish_Date>03/28/2025</Publish_Date>"
    "</publshInformation><sdnEntry><uid>1</uid><lastName>A</lastName><idList>"
    "<id><idType>Digital Currency Address - ETH</idType><idNumber>"
    "0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c</idNumber></id>"
    "<id><idType>Digital Currency Address - XBT</idType><idNumber>"
    "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h</idNumber></id>"
    "<id><idType>Digital Currency Address - XBT</idType><idNumber>"
    "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9i</idNumber></id></idList></sdnEntry><sdnEntry><uid>2</uid>"
    "<lastName>B</lastName><idList><id><idType>Digital Currency Address - "
    "USDC</idType><idNumber>0x4F47BC496083C727C5FBE3CE9CDF2B0F6496270C"
    "</idNumber></id></idList></sdnEntry></sdnList>";

static size_t hits(const struct list_addresses *l, const char *text, const struct list_hit **ret)
{
    struct address_key key;
    struct err err;
    size_t n;

    CHECK_OK(address_key_read(text, strlen(text), NULL, &key, &err), err);
    *ret = list_addresses_find(l, &key, &n);
    return n;
}

/* However it is written, on both entries that name it. */
static void spellings(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct list_input file = lists_text("sdn.xml", sdn);
    struct list l = lists_read(a, &file, 1, NULL);
    const struct list_hit *hit;
    struct list_addresses all;
    struct err err;

    CHECK_OK(list_addresses_make(a, &l, 1, &all, &err), err);
    CHECK_U(all.n, 4);
    CHECK_U(all.strange, 1); /* its checksum is wrong */
    CHECK_U(hits(&all, "0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c", &hit), 2);
    CHECK_S(hit[0].entry->id, "1");
    CHECK_S(hit[1].entry->id, "2");
    CHECK_S(hit[1].crypto->ticker, "USDC");
    CHECK_U(hits(&all, "0x4F47BC496083C727C5FBE3CE9CDF2B0F6496270C", &hit), 2);
    CHECK_U(hits(&all, "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", &hit), 1);
    CHECK_S(hit->crypto->ticker, "XBT");
    CHECK_U(hits(&all, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", &hit), 0);
    CHECK(!hit);
    arena_free(a);
}

/* Every address that OFAC listed has a key, and is found by it. */
static void ofac(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct list l = lists_ofac(a, "2023-12-29");
    const struct list_hit *hit;
    struct list_addresses all;
    struct err err;

    CHECK_OK(list_addresses_make(a, &l, 1, &all, &err), err);
    CHECK_U(all.strange, 0);
    for (size_t i = 0; i < l.entries_n; i++)
        for (size_t k = 0; k < l.entries[i].cryptos_n; k++) {
            const struct list_crypto *c = &l.entries[i].cryptos[k];
            struct address_key key;
            size_t n;

            test_row("%s %s", c->ticker, c->text);
            CHECK_OK(address_key_read(c->text, strlen(c->text), c->ticker, &key, &err), err);
            hit = list_addresses_find(&all, &key, &n);
            CHECK(n >= 1);
            CHECK(hit->key.space != SPACE_OTHER);
        }
    arena_free(a);
}

/* The same key as other chains write it leads to the entry; what is on the list is left out. */
static void same_keys(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct list_input file = lists_text("sdn.xml", sdn);
    struct list l = lists_read(a, &file, 1, NULL);
    struct list_addresses all, same;
    const struct list_hit *hit;
    struct err err;

    (void)state;
    CHECK_OK(list_addresses_make(a, &l, 1, &all, &err), err);
    CHECK_OK(list_addresses_same(a, &all, &same, &err), err);
    CHECK_U(hits(&same, "0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c", &hit), 0);
    CHECK_U(hits(&same, "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", &hit), 0);
    CHECK_U(hits(&same, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", &hit), 0);
    for (size_t i = 0; i < same.n; i++) {
        size_t n;

        hit = list_addresses_find(&same, &same.at[i].key, &n);
        CHECK(n && hit && !list_addresses_find(&all, &same.at[i].key, &n));
    }
    CHECK_U(hits(&same,
                 "41"
                 "4f47bc496083c727c5fbe3ce9cdf2b0f6496270c",
                 &hit),
            2);
    CHECK_S(hit[0].entry->id, "1");
    CHECK_S(hit[1].crypto->text, "0x4F47BC496083C727C5FBE3CE9CDF2B0F6496270C");
    arena_free(a);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings),
        cmocka_unit_test(ofac),
        cmocka_unit_test(same_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
