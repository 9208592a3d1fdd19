#include "base/timestamp.h"

#include <openssl/bio.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <string.h>

#define NAME_MAX_BYTES 1000
#define TIME_BYTES 32

static bool no_memory(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "a time stamp");
}

static bool wrong(struct err *err, const char *what)
{
    return err_fail(err, ERR_INPUT, "time stamp: %s", what);
}

/* ---- asking ---- */

static TS_REQ *request_of(const struct hash32 *hash)
{
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *sha256_id = X509_ALGOR_new();
    bool ok = request && imprint && sha256_id && TS_REQ_set_version(request, 1) &&
              X509_ALGOR_set0(sha256_id, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) &&
              TS_MSG_IMPRINT_set_algo(imprint, sha256_id) &&
              TS_MSG_IMPRINT_set_msg(imprint, (unsigned char *)hash->b, sizeof(hash->b)) &&
              TS_REQ_set_msg_imprint(request, imprint) && TS_REQ_set_cert_req(request, 1);

    X509_ALGOR_free(sha256_id);
    TS_MSG_IMPRINT_free(imprint);
    if (!ok) {
        TS_REQ_free(request);
        return NULL;
    }
    return request;
}

bool timestamp_request(struct arena *a, const struct hash32 *hash, struct bytes *ret,
                       struct err *err)
{
    TS_REQ *request = request_of(hash);
    unsigned char *der = NULL;
    int n = request ? i2d_TS_REQ(request, &der) : -1;
    bool ok = n > 0;

    if (ok) {
        *ret = (struct bytes){arena_copy(a, der, (size_t)n), (size_t)n};
        ok = ret->p != NULL;
    }
    OPENSSL_free(der);
    TS_REQ_free(request);
    return ok || no_memory(err);
}

/* ---- reading ---- */

/* From a whole response, or from the token by itself. */
static PKCS7 *token_of(struct bytes in, TS_RESP **ret_response)
{
    const unsigned char *at = in.p;
    PKCS7 *token;

    *ret_response = d2i_TS_RESP(NULL, &at, (long)in.n);
    if (*ret_response && at == in.p + in.n)
        return TS_RESP_get_token(*ret_response);
    TS_RESP_free(*ret_response);
    *ret_response = NULL;
    at = in.p;
    token = d2i_PKCS7(NULL, &at, (long)in.n);
    if (token && at != in.p + in.n) {
        PKCS7_free(token);
        token = NULL;
    }
    return token;
}

/* The certificate inside whose key the signature is of; NULL: it does not hold. */
static X509 *signer_of(PKCS7 *token)
{
    STACK_OF(X509) * signers;
    X509 *ret = NULL;

    if (PKCS7_verify(token, NULL, NULL, NULL, NULL, PKCS7_NOVERIFY) != 1)
        return NULL;
    signers = PKCS7_get0_signers(token, NULL, 0);
    if (signers && sk_X509_num(signers) == 1)
        ret = sk_X509_value(signers, 0);
    sk_X509_free(signers);
    return ret;
}

static const char *name_text(struct arena *a, X509 *signer)
{
    BIO *to = BIO_new(BIO_s_mem());
    char *p = NULL;
    const char *ret = NULL;
    long n;

    if (to && X509_NAME_print_ex(to, X509_get_subject_name(signer), 0, XN_FLAG_RFC2253) >= 0) {
        n = BIO_get_mem_data(to, &p);
        if (n >= 0 && n <= NAME_MAX_BYTES)
            ret = arena_string(a, p, (size_t)n);
    }
    BIO_free(to);
    return ret;
}

static const char *time_text(struct arena *a, const ASN1_GENERALIZEDTIME *at)
{
    char text[TIME_BYTES];
    struct tm t;
    size_t n;

    if (!at || !ASN1_TIME_to_tm(at, &t))
        return NULL;
    n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &t);
    return n ? arena_string(a, text, n) : NULL;
}

static const char *serial_text(struct arena *a, const ASN1_INTEGER *serial)
{
    BIGNUM *n = serial ? ASN1_INTEGER_to_BN(serial, NULL) : NULL;
    char *hex = n ? BN_bn2hex(n) : NULL;
    const char *ret = hex ? arena_string(a, hex, strlen(hex)) : NULL;

    OPENSSL_free(hex);
    BN_free(n);
    return ret;
}

static bool imprint_of(TS_TST_INFO *info, struct hash32 *ret)
{
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OCTET_STRING *hash = imprint ? TS_MSG_IMPRINT_get_msg(imprint) : NULL;
    const ASN1_OBJECT *algorithm = NULL;

    if (!hash)
        return false;
    X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
    if (OBJ_obj2nid(algorithm) != NID_sha256 || ASN1_STRING_length(hash) != (int)sizeof(ret->b))
        return false;
    memcpy(ret->b, ASN1_STRING_get0_data(hash), sizeof(ret->b));
    return true;
}

static bool info_read(struct arena *a, PKCS7 *token, TS_TST_INFO *info, struct timestamp *ret,
                      struct err *err)
{
    X509 *signer = signer_of(token);

    if (!signer)
        return wrong(err, "its signature does not hold, or it has no certificate inside");
    if (!imprint_of(info, &ret->imprint))
        return wrong(err, "not of a SHA-256");
    ret->time = time_text(a, TS_TST_INFO_get_time(info));
    ret->by = name_text(a, signer);
    ret->serial = serial_text(a, TS_TST_INFO_get_serial(info));
    return (ret->time && ret->by && ret->serial) || wrong(err, "no time, name or number");
}

bool timestamp_read(struct arena *a, struct bytes in, struct timestamp *ret, struct err *err)
{
    TS_RESP *response = NULL;
    TS_TST_INFO *info;
    PKCS7 *token;
    bool ok;

    if (!in.n || in.n > TIMESTAMP_BYTES_MAX)
        return wrong(err, "empty, or of more than a megabyte");
    token = token_of(in, &response);
    if (!token) {
        TS_RESP_free(response);
        return wrong(err, "no response of RFC 3161 that was granted");
    }
    info = PKCS7_type_is_signed(token) && !PKCS7_get_detached(token) ? PKCS7_to_TS_TST_INFO(token)
                                                                     : NULL;
    ok = info ? info_read(a, token, info, ret, err) : wrong(err, "no token inside");
    TS_TST_INFO_free(info);
    if (response)
        TS_RESP_free(response); /* the token is its own */
    else
        PKCS7_free(token);
    return ok;
}
