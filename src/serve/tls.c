#include "serve/tls.h"

#include "base/mem.h"

#include <gnutls/x509.h>
#include <pthread.h>
#include <string.h>

struct tls_credentials {
    struct tls_credentials *older;
    gnutls_certificate_credentials_t x509;
    bool clients, pinned;
    uint64_t sessions;
};

struct tls {
    pthread_mutex_t lock;
    struct tls_credentials *now; /* and older ones behind it */
};

static bool bad_file(struct err *err, const char *path, int code)
{
    return err_fail(err, code == GNUTLS_E_MEMORY_ERROR ? ERR_NOMEM : ERR_INPUT, "tls: \"%s\": %s",
                    path, gnutls_strerror(code));
}

static void credentials_free(struct tls_credentials *c)
{
    if (c->x509)
        gnutls_certificate_free_credentials(c->x509);
    mem_free(c);
}

/* ---- pinned ---- */

/* The Ed25519 key of a certificate. */
static bool key_of(const gnutls_datum_t *der, uint8_t ret[TLS_KEY_N])
{
    gnutls_ecc_curve_t curve;
    gnutls_datum_t x = {NULL, 0}, y = {NULL, 0};
    gnutls_x509_crt_t c;
    bool ok;

    if (gnutls_x509_crt_init(&c) < 0)
        return false;
    ok = gnutls_x509_crt_import(c, der, GNUTLS_X509_FMT_DER) >= 0 &&
         gnutls_x509_crt_get_pk_algorithm(c, NULL) == GNUTLS_PK_EDDSA_ED25519 &&
         gnutls_x509_crt_get_pk_ecc_raw(c, &curve, &x, &y) >= 0 && x.size == TLS_KEY_N;
    if (ok)
        memcpy(ret, x.data, TLS_KEY_N);
    gnutls_free(x.data);
    gnutls_free(y.data);
    gnutls_x509_crt_deinit(c);
    return ok;
}

/* That the other side has the key's private half, the handshake itself has it prove. */
static int verify_pinned(gnutls_session_t session)
{
    const struct tls_asking *asking = gnutls_db_get_ptr(session);
    unsigned n = 0;
    const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &n);
    uint8_t key[TLS_KEY_N];

    return der && n == 1 && asking && key_of(der, key) && asking->known(asking->ctx, key)
               ? 0
               : GNUTLS_E_CERTIFICATE_ERROR;
}

static bool pinned_read(const struct tls_pinned *p, struct tls_credentials *c, struct err *err)
{
    gnutls_datum_t certificate = {(unsigned char *)p->certificate,
                                  (unsigned)strlen(p->certificate)},
                   key = {(unsigned char *)p->key, (unsigned)strlen(p->key)};
    int code = gnutls_certificate_set_x509_key_mem2(c->x509, &certificate, &key,
                                                    GNUTLS_X509_FMT_PEM, NULL, 0);

    if (code < 0)
        return bad_file(err, "the node's certificate", code);
    gnutls_certificate_set_verify_function(c->x509, verify_pinned);
    c->pinned = true;
    return true;
}

static bool credentials_read(struct tls_files files, struct tls_credentials *c, struct err *err)
{
    int code = gnutls_certificate_allocate_credentials(&c->x509);

    if (code < 0)
        return err_fail(err, ERR_NOMEM, "tls: %s", gnutls_strerror(code));
    if (files.pinned)
        return pinned_read(files.pinned, c, err);
    code = gnutls_certificate_set_x509_key_file2(c->x509, files.certificate, files.key,
                                                 GNUTLS_X509_FMT_PEM, NULL, 0);
    if (code < 0)
        return bad_file(err, files.certificate, code);
    c->clients = files.clients != NULL;
    if (!files.clients)
        return true;
    code = gnutls_certificate_set_x509_trust_file(c->x509, files.clients, GNUTLS_X509_FMT_PEM);
    if (code < 0)
        return bad_file(err, files.clients, code);
    return code > 0 || err_fail(err, ERR_INPUT, "tls: \"%s\": no certificate in it", files.clients);
}

static bool credentials_new(struct tls_files files, struct tls_credentials **ret, struct err *err)
{
    struct tls_credentials *c = mem_zero(sizeof(*c));

    if (!c)
        return err_fail(err, ERR_NOMEM, "tls");
    if (!credentials_read(files, c, err)) {
        credentials_free(c);
        return false;
    }
    *ret = c;
    return true;
}

bool tls_open(struct tls_files files, struct tls **ret, struct err *err)
{
    struct tls *t = mem_zero(sizeof(*t));

    if (!t)
        return err_fail(err, ERR_NOMEM, "tls");
    if (!credentials_new(files, &t->now, err)) {
        mem_free(t);
        return false;
    }
    pthread_mutex_init(&t->lock, NULL);
    *ret = t;
    return true;
}

struct tls *tls_close(struct tls *t)
{
    if (!t)
        return NULL;
    while (t->now) {
        struct tls_credentials *older = t->now->older;

        credentials_free(t->now);
        t->now = older;
    }
    pthread_mutex_destroy(&t->lock);
    return mem_free(t);
}

bool tls_replace(struct tls *t, struct tls_files files, struct err *err)
{
    struct tls_credentials *fresh, **at;

    if (!credentials_new(files, &fresh, err))
        return false;
    pthread_mutex_lock(&t->lock);
    fresh->older = t->now;
    t->now = fresh;
    for (at = &fresh->older; *at;) {
        struct tls_credentials *c = *at;

        if (c->sessions) {
            at = &c->older;
        } else {
            *at = c->older;
            credentials_free(c);
        }
    }
    pthread_mutex_unlock(&t->lock);
    return true;
}

/* The pointer that GnuTLS keeps for a store of sessions, which there is none of here, carries what
 * the handshake asks: the others are libmicrohttpd's. */
struct tls_credentials *tls_begin(struct tls *t, gnutls_session_t session,
                                  const struct tls_asking *asking)
{
    struct tls_credentials *c;

    pthread_mutex_lock(&t->lock);
    c = t->now;
    c->sessions++;
    pthread_mutex_unlock(&t->lock);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, c->x509);
    if (c->clients) {
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
        gnutls_session_set_verify_cert(session, NULL, 0);
    }
    if (c->pinned) {
        gnutls_db_set_ptr(session, (void *)(uintptr_t)asking);
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    }
    return c;
}

void tls_end(struct tls *t, struct tls_credentials *c)
{
    pthread_mutex_lock(&t->lock);
    c->sessions--;
    pthread_mutex_unlock(&t->lock);
}

/* ---- a certificate of one's own ---- */

static bool certificate_fill(gnutls_x509_crt_t c, gnutls_x509_privkey_t k)
{
    static const unsigned char serial[] = {1};

    return gnutls_x509_crt_set_version(c, 3) >= 0 &&
           gnutls_x509_crt_set_serial(c, serial, sizeof(serial)) >= 0 &&
           gnutls_x509_crt_set_dn(c, "CN=cordon node", NULL) >= 0 &&
           gnutls_x509_crt_set_activation_time(c, 0) >= 0 &&
           gnutls_x509_crt_set_expiration_time(c, (time_t)GNUTLS_X509_NO_WELL_DEFINED_EXPIRATION) >=
               0 &&
           gnutls_x509_crt_set_key(c, k) >= 0 &&
           gnutls_x509_crt_sign2(c, c, k, GNUTLS_DIG_SHA512, 0) >= 0;
}

static bool pem_end(char *pem, size_t n)
{
    if (n >= TLS_PEM_MAX)
        return false;
    pem[n] = 0;
    return true;
}

bool tls_self_signed(const uint8_t seed[TLS_KEY_N], const uint8_t key[TLS_KEY_N],
                     char ret_certificate[TLS_PEM_MAX], char ret_key[TLS_PEM_MAX], struct err *err)
{
    gnutls_datum_t x = {(unsigned char *)key, TLS_KEY_N}, k = {(unsigned char *)seed, TLS_KEY_N};
    size_t certificate_n = TLS_PEM_MAX, key_n = TLS_PEM_MAX;
    gnutls_x509_privkey_t private = NULL;
    gnutls_x509_crt_t c = NULL;
    bool ok =
        gnutls_x509_privkey_init(&private) >= 0 && gnutls_x509_crt_init(&c) >= 0 &&
        gnutls_x509_privkey_import_ecc_raw(private, GNUTLS_ECC_CURVE_ED25519, &x, NULL, &k) >= 0 &&
        certificate_fill(c, private) &&
        gnutls_x509_crt_export(c, GNUTLS_X509_FMT_PEM, ret_certificate, &certificate_n) >= 0 &&
        gnutls_x509_privkey_export_pkcs8(private, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                         ret_key, &key_n) >= 0 &&
        pem_end(ret_certificate, certificate_n) && pem_end(ret_key, key_n);

    if (c)
        gnutls_x509_crt_deinit(c);
    if (private)
        gnutls_x509_privkey_deinit(private);
    return ok || err_fail(err, ERR_SYSTEM, "tls: a certificate of the node's key");
}
