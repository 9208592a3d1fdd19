/* Certificates of the server, and which certificates of clients are wanted.
 *
 * libmicrohttpd asks for client certificates but goes on without one; here a session that has none,
 * or a foreign one, fails in the handshake. The credentials are handed to each session when it
 * starts, so that they can be replaced while the server runs; those that were replaced end when no
 * session has them.
 *
 * Between nodes of a group there are no authorities: both sides have a certificate that their node
 * key (Ed25519) has signed itself, and a session goes on only if the other's key is a known one.
 *
 * Errors:    ERR_INPUT a file that is no certificate or key, or a key that is another's (the text
 *            names the file), ERR_SYSTEM, ERR_NOMEM.
 * Threads:   tls_begin and tls_end any number at once; tls_replace one at a time. */
#ifndef CORDON_SERVE_TLS_H
#define CORDON_SERVE_TLS_H

#include "base/err.h"

#include <gnutls/gnutls.h>
#include <stdint.h>

#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define TLS_PINNED_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define TLS_KEY_N 32

struct tls_pinned {
    const char *certificate, *key; /* PEM, in memory */
};

struct tls_files {
    const char *certificate, *key, *clients; /* PEM; clients: CAs, or NULL */
    const struct tls_pinned *pinned;         /* not NULL: these, and the other's key is asked for */
};

struct tls;
struct tls_credentials;

bool tls_open(struct tls_files files, struct tls **ret, struct err *err) MUST_USE;
struct tls *tls_close(struct tls *t); /* no session may be left */
/* On failure the old ones stay. */
bool tls_replace(struct tls *t, struct tls_files files, struct err *err) MUST_USE;
/* Before the handshake of a session, and when it is over. With pinned credentials, known is asked
 * in the handshake whether the other's key may come in; ctx is for it alone. */
struct tls_asking {
    bool (*known)(void *ctx, const uint8_t key[TLS_KEY_N]);
    void *ctx;
};
struct tls_credentials *tls_begin(struct tls *t, gnutls_session_t session,
                                  const struct tls_asking *asking);
void tls_end(struct tls *t, struct tls_credentials *c);

/* A certificate that an Ed25519 key (its seed) has signed itself, and that key, as PEM with a NUL;
 * always the same bytes for one key. */
#define TLS_PEM_MAX 2048
bool tls_self_signed(const uint8_t seed[TLS_KEY_N], const uint8_t key[TLS_KEY_N],
                     char ret_certificate[TLS_PEM_MAX], char ret_key[TLS_PEM_MAX],
                     struct err *err) MUST_USE;

#endif
