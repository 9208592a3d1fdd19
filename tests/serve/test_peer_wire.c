/* What nodes say to each other: cut short it is refused; cursors are one node's for one member. And
 * certificates of node keys. */
#include "serve/peer_wire.h"

#include "group/keys.h"
#include "serve/tls.h"
#include "support.h"

#include <gnutls/x509.h>

static const struct hash32 group = {{0x13, 0x9e}};
static const uint8_t one[32] = {1}, other[32] = {2};
static const struct peer_place place = {.row = 0x0102030405060708, .link = {3}, .charter = {4}};

static struct signer signer_of(uint8_t n)
{
    uint8_t seed[32] = {n};

    return signer_from_seed(seed);
}

static void cursors(void **state)
{
    static const uint8_t nonces[2][24] = {{1}, {2}};
    struct peer_cursor a = peer_cursor_make(one, &place, "jp", nonces[0]),
                       b = peer_cursor_make(one, &place, "jp", nonces[1]);
    struct peer_place got;

    (void)state;
    CHECK_U(strlen(a.hex), PEER_CURSOR_N);
    CHECK(strcmp(a.hex, b.hex) != 0); /* one place looks another way each time */
    CHECK(peer_cursor_open(one, a.hex, "jp", &got));
    CHECK_U(got.row, place.row);
    CHECK(!memcmp(got.link, place.link, 16) && !memcmp(got.charter, place.charter, 16));
    CHECK(peer_cursor_open(one, b.hex, "jp", &got));
    CHECK(!peer_cursor_open(other, a.hex, "jp", &got));
    CHECK(!peer_cursor_open(one, a.hex, "kr", &got));
    CHECK(!peer_cursor_open(one, "", "jp", &got));
    for (size_t i = 0; i < PEER_CURSOR_N; i++) {
        b = a;
        b.hex[i] = b.hex[i] == '0' ? '1' : '0';
        test_row("digit %zu", i);
        CHECK(!peer_cursor_open(one, b.hex, "jp", &got));
    }
}

static bool answer_reads(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct err err;
    bool ok = peer_answer_read(a, in, ctx, &err);

    arena_free(a);
    return ok;
}

static void answers(void **state)
{
    static const uint8_t nonce[24];
    struct peer_cursor cursor = peer_cursor_make(one, &place, "jp", nonce);
    struct text t = text_new(PEER_ANSWER_BYTES_MAX);
    struct peer_answer got;

    (void)state;
    peer_head_put(&t, &group);
    text_str(&t, "{\"a\":1}\nanything\n");
    peer_end_put(&t, &cursor, 2, true);
    test_truncations((struct bytes){(uint8_t *)t.p, t.n}, answer_reads, &got);
    CHECK(hash32_equal(&got.group, &group));
    CHECK_U(got.lines_n, 2);
    CHECK_U(got.lines.n, strlen("{\"a\":1}\nanything\n"));
    CHECK(got.more);
    CHECK_S(got.cursor.hex, cursor.hex);
    t.n = 0;
    peer_head_put(&t, &group);
    peer_end_put(&t, &cursor, 1, false); /* it has none */
    CHECK(!answer_reads((struct bytes){(uint8_t *)t.p, t.n}, &got));
    t.n = 0;
    peer_head_put(&t, &group);
    CHECK(!answer_reads((struct bytes){(uint8_t *)t.p, t.n}, &got));
    text_free(&t);
}

/* A certificate is the key's, signed by it, and the same each time. */
static void certificates(void **state)
{
    struct signer by = signer_of(5);
    char pem[TLS_PEM_MAX], again[TLS_PEM_MAX], key[TLS_PEM_MAX];
    gnutls_datum_t in, x, y;
    gnutls_ecc_curve_t curve;
    gnutls_x509_crt_t c;
    unsigned result = 1;
    struct err err;

    (void)state;
    CHECK_OK(tls_self_signed(by.secret, by.key.b, pem, key, &err), err);
    CHECK_OK(tls_self_signed(by.secret, by.key.b, again, key, &err), err);
    CHECK_S(pem, again);
    in = (gnutls_datum_t){(unsigned char *)pem, (unsigned)strlen(pem)};
    CHECK(gnutls_x509_crt_init(&c) >= 0 &&
          gnutls_x509_crt_import(c, &in, GNUTLS_X509_FMT_PEM) >= 0);
    CHECK(gnutls_x509_crt_get_pk_ecc_raw(c, &curve, &x, &y) >= 0);
    CHECK(x.size == 32 && !memcmp(x.data, by.key.b, 32));
    CHECK(gnutls_x509_crt_verify(c, &c, 1, 0, &result) >= 0);
    CHECK_U(result & GNUTLS_CERT_SIGNATURE_FAILURE, 0);
    gnutls_free(x.data);
    gnutls_free(y.data);
    gnutls_x509_crt_deinit(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursors),
        cmocka_unit_test(answers),
        cmocka_unit_test(certificates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
