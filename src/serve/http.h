/* HTTP as the node's handlers see it: a request in, a response out. What library carries the bytes
 * is server.c's; nothing here knows of one.
 *
 * A struct http_route is a row: method, pattern, scope, limits, and what runs. From the rows come
 * dispatch, 404 and 405 with Allow, the labels of the metrics, and the check against
 * docs/openapi.json. In a pattern, {name} stands for one segment of the path, which is handed over
 * decoded.
 *
 *     static bool echo(struct http_job *job, struct err *err)
 *     {
 *         struct json_out j = json_to(&job->response.body, false);
 *
 *         json_object(&j);
 *         json_key(&j, "chain");
 *         json_string(&j, job->request.params[0]);
 *         json_object_end(&j);
 *         return true;
 *     }
 *
 * A body that is streamed out is pulled (http_pull), and a large one that comes in lies in a file
 * (HTTP_SPOOLS): the route /capitals of tests/serve/test_server.c does both, with an audit entry
 * for each piece. Neither holds a thread while it waits.
 *
 * A handler that fails has filled err; the class becomes the status, the text the detail of an RFC
 * 9457 problem (never for ERR_SYSTEM and ERR_CORRUPT, which may name the machine's paths: those go
 * to the log).
 *
 * Ownership: all of a request lives in its job's arena; so may what a response points to. Both end
 *            when the last byte is sent.
 * Threads:   a job belongs to one thread at a time; what its node shares is for many. */
#ifndef CORDON_SERVE_HTTP_H
#define CORDON_SERVE_HTTP_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"

#define HTTP_TARGET_BYTES_MAX ((size_t)8 << 10)
#define HTTP_HEADERS_MAX 64
#define HTTP_HEADER_BYTES_MAX ((size_t)16 << 10) /* all of them */
#define HTTP_PARAMS_MAX 4
#define HTTP_QUERY_MAX 32
#define HTTP_ID_MAX 64
#define HTTP_JOB_BYTES_MAX ((size_t)64 << 20)    /* the arena of one request */
#define HTTP_ANSWER_BYTES_MAX ((size_t)64 << 20) /* a response from memory */
#define HTTP_CHUNK_BYTES_MAX ((size_t)1 << 20)   /* what one pull may write */
#define HTTP_BODY_MEMORY_MAX ((size_t)256 << 10) /* more of a body goes to a file, or is refused */
#define HTTP_AUDITS_MAX 16
#define HTTP_FIELDS_MAX 8

struct http_field {
    const char *name, *value; /* NUL-terminated, without NUL inside */
};

enum http_scope { /* bits; a key has some, a route wants one */
                  HTTP_PUBLIC = 0,
                  HTTP_SCREEN = 1,
                  HTTP_READ = 2,
                  HTTP_ADMIN = 4,
                  HTTP_GROUP = 8,
                  HTTP_BANK = 16,
                  HTTP_CORE = 32,
                  HTTP_LEADS = 64,
                  HTTP_ACT = 128,
};

/* What came behind the headers: in memory, or (a spooled one) in a file without a name. */
struct http_body {
    uint64_t n;
    const uint8_t *p; /* NULL: in the file */
    int fd;           /* -1: in memory */
};

/* Up to n bytes from offset on; *ret_n 0 at the end. */
bool http_body_read(const struct http_body *b, uint64_t offset, void *to, size_t n, size_t *ret_n,
                    struct err *err) MUST_USE;

struct http_request {
    const char *method, *target; /* as sent */
    const char *id;              /* of X-Request-Id, or made */
    const char *peer;            /* its address, without the port */
    const char *key;             /* the API key's name; NULL: none */
    const uint8_t *pinned;       /* [32] the key of its certificate, between nodes; NULL: none */
    unsigned scopes;
    const char *params[HTTP_PARAMS_MAX]; /* of the pattern, decoded */
    const struct http_field *query, *headers;
    size_t query_n, headers_n;
    struct http_body body;
};

/* Writes the next part of a body that is streamed, at most HTTP_CHUNK_BYTES_MAX, when the reader
 * has room for it; *ret_more false: that was the last. Nothing written, and more: it is asked again
 * when the node is woken (node_wake), or after SERVER_STREAM_IDLE_MS. Failing breaks the
 * connection, so that the reader knows. */
typedef bool http_pull(void *ctx, struct text *to, bool *ret_more, struct err *err);

struct http_response {
    unsigned status;  /* 0: 200 */
    const char *type; /* NULL: application/json */
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t fields_n;
    struct text body;
    http_pull *pull; /* not NULL: instead of body */
    void *pull_ctx;
    void (*pull_end)(void *ctx); /* called once, however it ended; may be NULL */
    /* JSON objects for the audit log, in the job's arena: the response (the piece of a streamed one
     * whose pull put them here) is sent when all of them are durable. If they cannot be, it is a
     * 503 (the connection is broken off). */
    struct bytes audits[HTTP_AUDITS_MAX];
    size_t audits_n;
};

struct node;
struct store;

struct http_job {
    struct arena *arena;
    struct node *node;
    void *part;          /* what the route's part has opened (node.h) */
    bool at_once;        /* HTTP_AT_ONCE, and not in a worker yet */
    bool later;          /* set by such a run that must not go on there: a worker runs it anew */
    struct store *store; /* HTTP_STORES: a transaction is open in it; else NULL */
    struct http_request request;
    struct http_response response;
};

enum http_flags {
    HTTP_SPOOLS = 1, /* a body of more than HTTP_BODY_MEMORY_MAX goes to a file */
    HTTP_WORKER = 2, /* may take long, or wait: not in a thread that serves sockets */
    /* Registers something: runs in a worker, one at a time, with the store's transaction open: a
     * part of it, which is kept when it succeeds, and answered when the whole is committed with
     * others that came meanwhile. With an Idempotency-Key the answer is kept with it. Its answer is
     * from memory. */
    HTTP_STORES = 4,
    /* Mostly a look-up: runs in the thread that serves the socket, which saves two changes of
     * thread (docs/performance.md). Where it would have to wait after all it sets job.later and
     * returns true, with nothing written. */
    HTTP_AT_ONCE = 8,
    HTTP_KEEPS = 16,   /* with an Idempotency-Key: runs in a worker, and its answer is kept */
    HTTP_REPEATS = 32, /* a query parameter may come more than once */
};

struct http_route {
    const char *method, *pattern;
    unsigned scope, flags;
    uint64_t body_max; /* bytes; 0: none is taken */
    bool (*run)(struct http_job *job, struct err *err);
};

/* ---- reading ---- */

/* %-escapes undone, into the arena; refused: a broken escape, what is not UTF-8, a control
 * character. plus: '+' is a space (in a query). */
bool http_decode(struct arena *a, const char *p, size_t n, bool plus, const char **ret,
                 struct err *err) MUST_USE;
/* a=1&b=2 -> fields; ERR_INPUT a broken one or, unless it repeats, one given twice, ERR_LIMIT too
 * many. */
bool http_query_read(struct arena *a, const char *p, size_t n, bool repeats,
                     const struct http_field **ret, size_t *ret_n, struct err *err) MUST_USE;
const char *http_query(const struct http_request *r, const char *name);  /* NULL: not given */
const char *http_header(const struct http_request *r, const char *name); /* any case; NULL */
/* Keeps *ret where it is not given. */
bool http_query_number(const struct http_request *r, const char *name, uint64_t max, uint64_t *ret,
                       struct err *err) MUST_USE;
/* Refuses a query parameter that is not in the NULL-terminated list. */
bool http_query_only(const struct http_request *r, const char *const *known,
                     struct err *err) MUST_USE;

/* The framing of a request by its headers, as RFC 9112 sections 3.2, 5 and 6 want it, and stricter
 * where it leaves a choice: exactly one Host, one Content-Length of digits and one key at most, no
 * Transfer-Encoding but a single "chunked" (of HTTP/1.1), not both; names are tokens, values
 * without control characters. *ret_status is 400, 431 or 501 on failure. */
struct http_framing {
    bool chunked;
    uint64_t length;
};
bool http_framing_read(const struct http_field *headers, size_t n, bool version_1_1,
                       struct http_framing *ret, unsigned *ret_status, struct err *err) MUST_USE;
bool http_id_fits(const char *id); /* 1 to HTTP_ID_MAX of A-Z a-z 0-9 . _ - */

/* The path of a target, and the query behind its '?' (empty if there is none). False: it is not of
 * the form "/...", or has bytes that do not belong there. */
bool http_target_split(const char *target, struct bytes *ret_path, struct bytes *ret_query);

enum http_found { HTTP_FOUND, HTTP_NO_PATH, HTTP_NO_METHOD };
/* HEAD is served by GET. HTTP_NO_METHOD: some row has that path, and ret_allow lists the methods
 * ("GET, HEAD, OPTIONS"). params are spans of the path, not decoded. */
enum http_found http_route_find(const struct http_route *routes, size_t routes_n,
                                const char *method, struct bytes path, size_t *ret_row,
                                struct bytes params[HTTP_PARAMS_MAX], char *ret_allow,
                                size_t allow_size);

/* ---- writing ---- */

/* Both false if there are too many; name and value are borrowed. */
bool http_response_field(struct http_response *r, const char *name, const char *value);
/* The JSON object in `entry`, or in pieces one behind the other, is copied into the job's arena. */
bool http_audit(struct http_job *job, const char *entry, size_t n, struct err *err) MUST_USE;
bool http_audit_pieces(struct http_job *job, const struct bytes *pieces, size_t n,
                       struct err *err) MUST_USE;
unsigned http_status_of(enum err_class class);
const char *http_status_title(unsigned status);
/* application/problem+json; detail may be NULL */
void http_problem(struct http_response *r, unsigned status, const char *detail, const char *id);

#endif
