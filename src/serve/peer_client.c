/* Requests to one peer. The certificate is checked by its key alone, which libcurl does when the
 * handshake is done and before it sends anything. */
#include "serve/peer_parts.h"

#include "base/mem.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>

#define CONNECT_MS 10000
#define TOTAL_MS 120000
#define URL_MAX 2048
/* SubjectPublicKeyInfo of an Ed25519 key (RFC 8410, section 4) up to the key itself */
#define SPKI_HEAD "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
#define SPKI_HEAD_N 12
#define PIN_MAX 64 /* "sha256//", 44 letters, ";" */

struct peer_client {
    struct peer *peer;
    struct peers *peers;
    CURL *easy;
    struct curl_slist *headers;
    struct text answer;
    char url[URL_MAX], pins[PEER_KEYS_MAX * PIN_MAX], reason[CURL_ERROR_SIZE];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void pin_put(struct text *to, const struct key32 *key)
{
    uint8_t spki[SPKI_HEAD_N + sizeof(key->b)];
    char base64[PIN_MAX];
    struct hash32 hash;

    memcpy(spki, SPKI_HEAD, SPKI_HEAD_N);
    memcpy(spki + SPKI_HEAD_N, key->b, sizeof(key->b));
    hash = sha256(spki, sizeof(spki));
    sodium_bin2base64(base64, sizeof(base64), hash.b, sizeof(hash.b),
                      sodium_base64_VARIANT_ORIGINAL);
    text_printf(to, "%ssha256//%s", to->n ? ";" : "", base64);
}

static size_t on_bytes(char *p, size_t size, size_t n, void *ctx)
{
    struct peer_client *c = ctx;

    text_put(&c->answer, p, size * n);
    return c->answer.bad ? 0 : size * n;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t d, curl_off_t e)
{
    const struct peer_client *c = ctx;

    (void)a;
    (void)b;
    (void)d;
    (void)e;
    return peer_ends(c->peer);
}

#define SET(easy, option, value) (curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

static bool settings(struct peer_client *c)
{
    CURL *e = c->easy;
    struct curl_blob certificate = {c->peers->certificate, strlen(c->peers->certificate),
                                    CURL_BLOB_NOCOPY},
                     key = {c->peers->key, strlen(c->peers->key), CURL_BLOB_NOCOPY};

    return SET(e, CURLOPT_SSLCERT_BLOB, &certificate) && SET(e, CURLOPT_SSLKEY_BLOB, &key) &&
           SET(e, CURLOPT_SSLCERTTYPE, "PEM") && SET(e, CURLOPT_SSLKEYTYPE, "PEM") &&
           SET(e, CURLOPT_SSL_VERIFYPEER, 0L) && SET(e, CURLOPT_SSL_VERIFYHOST, 0L) &&
           SET(e, CURLOPT_PINNEDPUBLICKEY, c->pins) && SET(e, CURLOPT_SSL_SESSIONID_CACHE, 0L) &&
           SET(e, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3) &&
           SET(e, CURLOPT_PROTOCOLS_STR, "https") && SET(e, CURLOPT_FOLLOWLOCATION, 0L) &&
           SET(e, CURLOPT_PROXY, "") && SET(e, CURLOPT_NOSIGNAL, 1L) &&
           SET(e, CURLOPT_TCP_NODELAY, 1L) && SET(e, CURLOPT_HTTPHEADER, c->headers) &&
           SET(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
           SET(e, CURLOPT_WRITEFUNCTION, on_bytes) && SET(e, CURLOPT_WRITEDATA, c) &&
           SET(e, CURLOPT_ERRORBUFFER, c->reason) && SET(e, CURLOPT_NOPROGRESS, 0L) &&
           SET(e, CURLOPT_XFERINFOFUNCTION, on_progress) && SET(e, CURLOPT_XFERINFODATA, c) &&
           SET(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) &&
           SET(e, CURLOPT_TIMEOUT_MS, (long)TOTAL_MS) && SET(e, CURLOPT_MAXCONNECTS, 1L);
}

bool peer_client_open(struct peer *p, const char *url, const struct key32 *keys, size_t keys_n,
                      struct peer_client **ret, struct err *err)
{
    struct peer_client *c = mem_zero(sizeof(*c));
    struct text pins = text_new(sizeof(c->pins));
    size_t n = strlen(url);
    bool ok;

    pthread_once(&curl_once, curl_start);
    if (!c)
        return err_fail(err, ERR_NOMEM, "a client");
    while (n && url[n - 1] == '/')
        n--;
    c->peer = p;
    c->peers = p->peers;
    c->answer = text_new(PEER_ANSWER_BYTES_MAX);
    for (size_t i = 0; i < keys_n; i++)
        pin_put(&pins, &keys[i]);
    ok = text_end(&pins, err);
    if (ok) {
        snprintf(c->pins, sizeof(c->pins), "%s", text_string(&pins));
        snprintf(c->url, sizeof(c->url), "%.*s", (int)n, url);
        c->easy = curl_easy_init();
        c->headers = curl_slist_append(NULL, "Content-Type: application/jsonl");
        ok = (c->easy && c->headers && settings(c)) || err_fail(err, ERR_NOMEM, "a client");
    }
    text_free(&pins);
    if (ok)
        *ret = c;
    else
        peer_client_close(c);
    return ok;
}

struct peer_client *peer_client_close(struct peer_client *c)
{
    if (!c)
        return NULL;
    curl_easy_cleanup(c->easy);
    curl_slist_free_all(c->headers);
    text_free(&c->answer);
    return mem_free(c);
}

static bool method_set(struct peer_client *c, const struct bytes *body)
{
    if (!body)
        return SET(c->easy, CURLOPT_HTTPGET, 1L);
    return SET(c->easy, CURLOPT_POST, 1L) && SET(c->easy, CURLOPT_POSTFIELDS, body->p) &&
           SET(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->n);
}

bool peer_client_ask(struct peer_client *c, const char *path, const struct bytes *body,
                     struct bytes *ret, struct err *err)
{
    char url[URL_MAX + 512];
    long status = 0;
    CURLcode code;

    text_free(&c->answer);
    c->answer = text_new(PEER_ANSWER_BYTES_MAX);
    c->reason[0] = 0;
    snprintf(url, sizeof(url), "%s%s", c->url, path);
    if (!SET(c->easy, CURLOPT_URL, url) || !method_set(c, body))
        return err_fail(err, ERR_NOMEM, "a request");
    code = curl_easy_perform(c->easy);
    if (c->answer.bad)
        return err_fail(err, ERR_INPUT, "its answer is more than %zu bytes", PEER_ANSWER_BYTES_MAX);
    if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
        return err_fail(err, ERR_SYSTEM, "its certificate is not of the member's key");
    if (code != CURLE_OK)
        return err_fail(err, ERR_SYSTEM, "%s", c->reason[0] ? c->reason : curl_easy_strerror(code));
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 429)
        return err_fail(err, ERR_LIMIT, "it is asked too much");
    if (status != 200)
        return err_fail(err, ERR_SYSTEM, "it answers with status %ld", status);
    *ret = (struct bytes){(const uint8_t *)c->answer.p, c->answer.n};
    return true;
}
