#include "serve/tls.h"

#include "base/mem.h"

#include <pthread.h>

struct tls_credentials {
    struct tls_credentials *older;
    gnutls_certificate_credentials_t x509;
    bool clients;
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

static bool credentials_read(struct tls_files files, struct tls_credentials *c, struct err *err)
{
    int code = gnutls_certificate_allocate_credentials(&c->x509);

    if (code < 0)
        return err_fail(err, ERR_NOMEM, "tls: %s", gnutls_strerror(code));
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

struct tls_credentials *tls_begin(struct tls *t, gnutls_session_t session)
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
    return c;
}

void tls_end(struct tls *t, struct tls_credentials *c)
{
    pthread_mutex_lock(&t->lock);
    c->sessions--;
    pthread_mutex_unlock(&t->lock);
}
