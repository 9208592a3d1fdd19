/* Certificates of the server, and which certificates of clients are wanted.
 *
 * libmicrohttpd asks for client certificates but goes on without one; here a session that has none,
 * or a foreign one, fails in the handshake. The credentials are handed to each session when it
 * starts, so that they can be replaced while the server runs; those that were replaced end when no
 * session has them.
 *
 * Errors:    ERR_INPUT a file that is no certificate or key, or a key that is another's (the text
 *            names the file), ERR_SYSTEM, ERR_NOMEM.
 * Threads:   tls_begin and tls_end any number at once; tls_replace one at a time. */
#ifndef CORDON_SERVE_TLS_H
#define CORDON_SERVE_TLS_H

#include "base/err.h"

#include <gnutls/gnutls.h>

#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct tls_files {
    const char *certificate, *key, *clients; /* PEM; clients: CAs, or NULL */
};

struct tls;
struct tls_credentials;

bool tls_open(struct tls_files files, struct tls **ret, struct err *err) MUST_USE;
struct tls *tls_close(struct tls *t); /* no session may be left */
/* On failure the old ones stay. */
bool tls_replace(struct tls *t, struct tls_files files, struct err *err) MUST_USE;
/* Before the handshake of a session, and when it is over. */
struct tls_credentials *tls_begin(struct tls *t, gnutls_session_t session);
void tls_end(struct tls *t, struct tls_credentials *c);

#endif
