#include "serve/courier.h"

#include "base/mem.h"
#include "base/time.h"
#include "serve/webhook.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define LOGIN_MAX 300
#define URL_MAX 2000
#define LETTER_BYTES_MAX ((size_t)1 << 20)
#define ADDRESS_MAX 254
#define ADDRESSES_MAX 100

struct channel {
    const struct config_channel *config;
    bool mail, loopback;
    struct webhook_keys keys;
    char login[LOGIN_MAX];
    size_t flights;
};

struct flight {
    CURL *easy; /* NULL: free */
    size_t channel;
    uint64_t tag;
    struct text letter; /* what is sent */
    size_t read, answered;
    bool headed;             /* an answer's headers have come to their end */
    struct curl_slist *list; /* headers, or who gets it */
    char reason[CURL_ERROR_SIZE];
    /* of a mail: what the thread that carries it has found, once it is over */
    struct courier *courier;
    pthread_t thread;
    atomic_bool over;
    struct courier_result result;
};

struct courier {
    CURLM *multi;
    struct channel *channels;
    size_t channels_n;
    struct flight flights[COURIER_FLIGHTS_MAX];
    atomic_bool ending; /* mails under way are given up */
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- what a channel may be ---- */

bool courier_is_mail(const struct config_channel *c)
{
    return !strncmp(c->url, "smtp://", 7) || !strncmp(c->url, "smtps://", 8);
}

static bool is_local(const char *host)
{
    return !strcmp(host, "127.0.0.1") || !strcmp(host, "[::1]") || !strcmp(host, "localhost");
}

/* Its scheme is one of these, and the host's name; no user, no fragment. */
static bool url_read(const char *url, bool *ret_local, struct err *err)
{
    static const char *const schemes[] = {"https", "http", "smtps", "smtp"};
    CURLU *u = curl_url();
    char *scheme = NULL, *host = NULL, *user = NULL;
    bool known = false, ok;

    if (!u)
        return err_fail(err, ERR_NOMEM, "a URL");
    ok = strlen(url) <= URL_MAX && !curl_url_set(u, CURLUPART_URL, url, 0) &&
         !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) &&
         !curl_url_get(u, CURLUPART_HOST, &host, 0) && curl_url_get(u, CURLUPART_USER, &user, 0);
    for (size_t i = 0; ok && i < sizeof(schemes) / sizeof(schemes[0]); i++)
        known |= !strcmp(schemes[i], scheme);
    *ret_local = ok && is_local(host);
    ok = ok && known && (*ret_local || strcmp(scheme, "http") != 0);
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(u);
    return ok || err_fail(err, ERR_INPUT,
                          "url: https://, smtps:// or smtp:// is wanted (http:// to this machine "
                          "alone), without a user");
}

/* RFC 5321, section 4.1.2, "Mailbox", without quoted and literal parts. */
bool courier_address_valid(const char *mail)
{
    static const char local[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$%&'*+-/=?^_`{|}~.",
                      domain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    const char *at = strchr(mail, '@');

    return at && at > mail && strlen(mail) <= ADDRESS_MAX &&
           strspn(mail, local) == (size_t)(at - mail) && at[1] && at[1] != '.' && at[1] != '-' &&
           strspn(at + 1, domain) == strlen(at + 1);
}

static bool mail_check(const struct config_channel *c, struct err *err)
{
    if (!c->from || !courier_address_valid(c->from))
        return err_fail(err, ERR_INPUT, "from: an address of mail is wanted");
    if (!c->to.n)
        return err_fail(err, ERR_INPUT, "to: addresses of mail, or oncall, are wanted");
    for (size_t i = 0; i < c->to.n; i++)
        if (strcmp(c->to.at[i], "oncall") != 0 && !courier_address_valid(c->to.at[i]))
            return err_fail(err, ERR_INPUT, "to: \"%.100s\" is no address of mail", c->to.at[i]);
    return !c->secret || err_fail(err, ERR_INPUT, "secret: of webhooks alone");
}

static bool id_fits(const char *s)
{
    size_t n = strlen(s);

    return n && n <= 64 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static bool channel_check(const struct config_channel *c, bool core, struct err *err)
{
    bool local;

    if (!id_fits(c->name))
        return err_fail(err, ERR_INPUT, "name: 1 to 64 of a-z, 0-9 and - are wanted");
    if (!url_read(c->url, &local, err))
        return false;
    if (courier_is_mail(c))
        return core ? err_fail(err, ERR_INPUT, "url: https:// is wanted") : mail_check(c, err);
    if (!c->secret)
        return err_fail(err, ERR_INPUT, "secret: a file of keys is wanted, by which it is signed");
    return (!c->from && !c->to.n && !c->login) ||
           err_fail(err, ERR_INPUT, "from, to, login: of mail alone");
}

bool courier_channel_check(const struct config_channel *c, bool core, struct err *err)
{
    if (channel_check(c, core, err))
        return true;
    return core ? err_in(err, "core") : err_in(err, "notify: \"%s\"", c->name);
}

/* ---- opening ---- */

static bool login_read(struct channel *c, struct err *err)
{
    FILE *f = fopen(c->config->login, "re");
    size_t n;

    if (!f)
        return err_system(err, "\"%s\"", c->config->login);
    n = fread(c->login, 1, LOGIN_MAX - 1, f);
    fclose(f);
    c->login[n] = 0;
    c->login[strcspn(c->login, "\r\n")] = 0;
    return strchr(c->login, ':') ||
           err_fail(err, ERR_INPUT, "\"%s\": user:password is wanted", c->config->login);
}

static bool channel_open(struct channel *c, const struct config_channel *config, struct err *err)
{
    c->config = config;
    c->mail = courier_is_mail(config);
    return url_read(config->url, &c->loopback, err) &&
           (!config->secret || webhook_keys_load(config->secret, &c->keys, err)) &&
           (!config->login || login_read(c, err));
}

bool courier_open(const struct config_channel *const *channels, size_t n, struct courier **ret,
                  struct err *err)
{
    struct courier *c = mem_zero(sizeof(*c));
    bool ok;

    pthread_once(&curl_once, curl_start);
    if (!c)
        return err_fail(err, ERR_NOMEM, "a courier");
    c->channels = mem_array(n, sizeof(*c->channels));
    c->multi = curl_multi_init();
    ok = (c->channels && c->multi) || err_fail(err, ERR_NOMEM, "a courier");
    for (size_t i = 0; ok && i < n; i++) {
        ok =
            channel_open(&c->channels[i], channels[i], err) || err_in(err, "%s", channels[i]->name);
        c->channels_n++;
    }
    if (!ok) {
        courier_close(c);
        return false;
    }
    *ret = c;
    return true;
}

static void flight_end(struct courier *c, struct flight *f)
{
    if (f->courier) { /* whose thread lets go of the handle */
        pthread_join(f->thread, NULL);
    } else {
        curl_multi_remove_handle(c->multi, f->easy);
        curl_easy_cleanup(f->easy);
    }
    curl_slist_free_all(f->list);
    text_free(&f->letter);
    c->channels[f->channel].flights--;
    *f = (struct flight){.easy = NULL};
}

struct courier *courier_close(struct courier *c)
{
    if (!c)
        return NULL;
    atomic_store(&c->ending, true);
    for (size_t i = 0; i < COURIER_FLIGHTS_MAX; i++)
        if (c->flights[i].easy)
            flight_end(c, &c->flights[i]);
    for (size_t i = 0; i < c->channels_n; i++) {
        webhook_keys_end(&c->channels[i].keys);
        sodium_memzero(c->channels[i].login, LOGIN_MAX);
    }
    curl_multi_cleanup(c->multi);
    mem_free(c->channels);
    return mem_free(c);
}

/* ---- sending ---- */

/* What an answer says is not needed; less than n returned ends the transfer. */
static size_t on_answer(const char *p, size_t size, size_t n, void *ctx)
{
    struct flight *f = ctx;

    (void)p;
    n *= size;
    f->answered += n;
    return f->answered > COURIER_ANSWER_MAX ? 0 : n;
}

/* A line of them: an answer that is cut off in between is none. */
static size_t on_header(const char *p, size_t size, size_t n, void *ctx)
{
    struct flight *f = ctx;

    f->headed = n * size == 2 && p[0] == '\r' && p[1] == '\n';
    return n * size;
}

static size_t on_read(char *to, size_t size, size_t n, void *ctx)
{
    struct flight *f = ctx;
    size_t left = f->letter.n - f->read;

    n = n * size < left ? n * size : left;
    memcpy(to, f->letter.p + f->read, n);
    f->read += n;
    return n;
}

#define SET(easy, option, value) (curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

static bool common_set(struct flight *f, const struct config_channel *c)
{
    CURL *e = f->easy;

    return SET(e, CURLOPT_URL, c->url) && SET(e, CURLOPT_PRIVATE, f) &&
           SET(e, CURLOPT_WRITEFUNCTION, on_answer) && SET(e, CURLOPT_WRITEDATA, f) &&
           SET(e, CURLOPT_HEADERFUNCTION, on_header) && SET(e, CURLOPT_HEADERDATA, f) &&
           SET(e, CURLOPT_ERRORBUFFER, f->reason) && SET(e, CURLOPT_FOLLOWLOCATION, 0L) &&
           SET(e, CURLOPT_PROXY, "") && SET(e, CURLOPT_NOSIGNAL, 1L) &&
           SET(e, CURLOPT_QUICK_EXIT, 1L) && /* a resolver that is silent is not waited for */
           SET(e, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps") &&
           SET(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           SET(e, CURLOPT_CONNECTTIMEOUT_MS, (long)COURIER_CONNECT_MS) &&
           SET(e, CURLOPT_TIMEOUT_MS, (long)COURIER_TOTAL_MS) &&
           (!c->ca || SET(e, CURLOPT_CAINFO, c->ca));
}

static bool list_add(struct flight *f, const char *line)
{
    struct curl_slist *more = curl_slist_append(f->list, line);

    if (more)
        f->list = more;
    return more;
}

static bool list_addf(struct flight *f, const char *name, const char *value)
{
    struct text t = text_new(LETTER_BYTES_MAX);
    bool ok;

    text_printf(&t, "%s: %s", name, value);
    ok = text_string(&t) && list_add(f, t.p);
    text_free(&t);
    return ok;
}

static bool signature_add(struct flight *f, const struct webhook_keys *keys,
                          const struct courier_letter *l)
{
    struct text t = text_new(LETTER_BYTES_MAX);
    char seconds[24];
    bool ok;

    snprintf(seconds, sizeof(seconds), "%llu", (unsigned long long)(l->now_ms / 1000));
    webhook_sign(keys, l->id, l->now_ms / 1000, (struct bytes){(uint8_t *)f->letter.p, f->letter.n},
                 &t);
    ok = text_string(&t) && list_addf(f, "webhook-signature", t.p) &&
         list_addf(f, "webhook-timestamp", seconds);
    text_free(&t);
    return ok;
}

static bool webhook_set(struct flight *f, const struct channel *c, const struct courier_letter *l)
{
    text_str(&f->letter, l->body);
    return !f->letter.bad && list_add(f, "Content-Type: application/json") &&
           list_add(f, "Expect:") && list_addf(f, "webhook-id", l->id) &&
           signature_add(f, &c->keys, l) && SET(f->easy, CURLOPT_HTTPHEADER, f->list) &&
           SET(f->easy, CURLOPT_USERAGENT, "cordon") &&
           SET(f->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->letter.n) &&
           SET(f->easy, CURLOPT_POSTFIELDS, f->letter.p);
}

/* ---- mail (RFC 5322, 8bit by RFC 6152) ---- */

static void date_put(struct text *to, uint64_t seconds)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char day[TIME_DAY_MAX];
    unsigned month;

    time_day(seconds, day);
    month = (unsigned)(day[5] - '0') * 10 + (unsigned)(day[6] - '0');
    text_printf(to, "Date: %s, %.2s %s %.4s %02u:%02u:%02u +0000\r\n", days[seconds / 86400 % 7],
                day + 8, months[(month + 11) % 12], day, (unsigned)(seconds / 3600 % 24),
                (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

/* Lines as RFC 5322 wants them; what curl adds is the dots that begin one. */
static void lines_put(struct text *to, const char *p)
{
    for (; *p; p++) {
        if (*p == '\n')
            text_char(to, '\r');
        text_char(to, *p);
    }
}

/* A subject of ASCII on one line; others by RFC 2047, in words of 45 bytes at most. */
static void subject_put(struct text *to, const char *p)
{
    char word[sodium_base64_ENCODED_LEN(45, sodium_base64_VARIANT_ORIGINAL)];
    bool ascii = true, first = true;

    for (const char *c = p; *c; c++)
        ascii = ascii && *c >= ' ' && *c < 0x7f;
    text_str(to, "Subject:");
    if (ascii)
        text_printf(to, " %s", p);
    for (size_t n, left = strlen(p); !ascii && left; p += n, left -= n) {
        for (n = left < 45 ? left : 45; n < left && ((unsigned char)p[n] & 0xc0) == 0x80; n--)
            ; /* between characters */
        sodium_bin2base64(word, sizeof(word), (const unsigned char *)p, n,
                          sodium_base64_VARIANT_ORIGINAL);
        text_printf(to, "%s =?utf-8?B?%s?=", first ? "" : "\r\n", word);
        first = false;
    }
    text_str(to, "\r\n");
}

static bool addressee_add(struct flight *f, const char *mail, size_t n, unsigned *count)
{
    char at[ADDRESS_MAX + 1];

    if (!n || n > ADDRESS_MAX || *count == ADDRESSES_MAX)
        return true;
    memcpy(at, mail, n);
    at[n] = 0;
    if (!courier_address_valid(at))
        return true;
    text_printf(&f->letter, "%s%s", (*count)++ ? ",\r\n " : "To: ", at);
    return list_add(f, at);
}

static bool addressees_add(struct flight *f, const struct config_channel *c, const char *on_duty,
                           unsigned *count)
{
    for (size_t i = 0; i < c->to.n; i++) {
        if (strcmp(c->to.at[i], "oncall") != 0) {
            if (!addressee_add(f, c->to.at[i], strlen(c->to.at[i]), count))
                return false;
            continue;
        }
        for (const char *p = on_duty; p && *p; p += strcspn(p, ",") + (strchr(p, ',') != NULL))
            if (!addressee_add(f, p, strcspn(p, ","), count))
                return false;
    }
    return true;
}

static bool mail_set(struct flight *f, const struct channel *c, const struct courier_letter *l)
{
    const struct config_channel *config = c->config;
    CURL *e = f->easy;
    unsigned count = 0;

    date_put(&f->letter, l->now_ms / 1000);
    text_printf(&f->letter, "From: %s\r\n", config->from);
    if (!addressees_add(f, config, l->on_duty, &count))
        return false;
    text_printf(&f->letter, "%sMessage-ID: <%s%s>\r\n", count ? "\r\n" : "", l->id,
                strchr(config->from, '@'));
    subject_put(&f->letter, l->subject ? l->subject : "");
    text_str(&f->letter, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                         "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n"
                         "\r\n");
    lines_put(&f->letter, l->text ? l->text : "");
    if (!count) /* whoever reads it again finds why in the node's log */
        snprintf(f->reason, sizeof(f->reason), "nobody is on duty who has an address");
    return count && !f->letter.bad && SET(e, CURLOPT_MAIL_FROM, config->from) &&
           SET(e, CURLOPT_MAIL_RCPT, f->list) && SET(e, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L) &&
           SET(e, CURLOPT_UPLOAD, 1L) && SET(e, CURLOPT_READFUNCTION, on_read) &&
           SET(e, CURLOPT_READDATA, f) &&
           SET(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)f->letter.n) &&
           SET(e, CURLOPT_USE_SSL, c->loopback ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL) &&
           (!c->login[0] || SET(e, CURLOPT_USERPWD, c->login));
}

/* ---- on the way ---- */

static void result_of(struct flight *f, bool mail, CURLcode code, struct courier_result *ret)
{
    curl_off_t after = 0;
    long status = 0;

    *ret = (struct courier_result){.tag = f->tag, .channel = f->channel};
    curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(f->easy, CURLINFO_RETRY_AFTER, &after);
    ret->arrived = code == CURLE_OK && (mail || (f->headed && status >= 200 && status < 300));
    if (after > 0)
        ret->after_ms = after < COURIER_AFTER_MAX_MS / 1000 ? (uint64_t)after * 1000
                                                            : (uint64_t)COURIER_AFTER_MAX_MS;
    if (ret->arrived)
        return;
    if (mail && status >= 400)
        snprintf(ret->why, sizeof(ret->why), "status %ld", status);
    else if (code != CURLE_OK && (f->answered <= COURIER_ANSWER_MAX || mail))
        snprintf(ret->why, sizeof(ret->why), "%.150s",
                 f->reason[0] ? f->reason : curl_easy_strerror(code));
    else
        snprintf(ret->why, sizeof(ret->why), "status %ld%s", status,
                 f->answered > COURIER_ANSWER_MAX ? ", an answer without end"
                 : status >= 300 && status < 400  ? ": redirects are not followed"
                 : status && !f->headed           ? ", cut off"
                                                  : "");
}

/* Asked each second at least. */
static int on_progress(void *ctx, curl_off_t down, curl_off_t down_now, curl_off_t up,
                       curl_off_t up_now)
{
    const struct courier *c = ctx;

    (void)down;
    (void)down_now;
    (void)up;
    (void)up_now;
    return atomic_load(&c->ending);
}

/* QUIT is said, but no answer to it waited for: it may not come, and the mail's own has. */
static void hang_up(CURL *easy)
{
    curl_socket_t s = CURL_SOCKET_BAD;

    if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &s) == CURLE_OK && s != CURL_SOCKET_BAD)
        shutdown(s, SHUT_RD);
    curl_easy_cleanup(easy);
}

static void *carry(void *ctx)
{
    struct flight *f = ctx;

    result_of(f, true, curl_easy_perform(f->easy), &f->result);
    hang_up(f->easy);
    atomic_store(&f->over, true);
    curl_multi_wakeup(f->courier->multi);
    return NULL;
}

/* libcurl waits for a server's word on a text (smtp_done): in a thread of the mail's own, since
 * within curl_multi_perform nothing else would move meanwhile. */
static bool mail_start(struct courier *c, struct flight *f)
{
    bool ok = SET(f->easy, CURLOPT_NOPROGRESS, 0L) &&
              SET(f->easy, CURLOPT_XFERINFOFUNCTION, on_progress) &&
              SET(f->easy, CURLOPT_XFERINFODATA, c);

    f->courier = c;
    if (ok && !pthread_create(&f->thread, NULL, carry, f))
        return true;
    f->courier = NULL;
    return false;
}

static bool flight_start(struct courier *c, struct flight *f)
{
    return c->channels[f->channel].mail ? mail_start(c, f)
                                        : curl_multi_add_handle(c->multi, f->easy) == CURLM_OK;
}

size_t courier_room(const struct courier *c, size_t channel)
{
    return COURIER_EACH_MAX - c->channels[channel].flights;
}

bool courier_send(struct courier *c, size_t channel, const struct courier_letter *l, uint64_t tag,
                  struct err *err)
{
    struct channel *to = &c->channels[channel];
    struct flight *f = c->flights;
    bool ok;

    while (f < c->flights + COURIER_FLIGHTS_MAX && f->easy)
        f++;
    if (f == c->flights + COURIER_FLIGHTS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d under way", COURIER_FLIGHTS_MAX);
    *f = (struct flight){.easy = curl_easy_init(), .channel = channel, .tag = tag};
    if (!f->easy)
        return err_fail(err, ERR_NOMEM, "a message");
    f->letter = text_new(LETTER_BYTES_MAX);
    to->flights++;
    ok = common_set(f, to->config) && (to->mail ? mail_set(f, to, l) : webhook_set(f, to, l));
    if (ok && flight_start(c, f))
        return true;
    err_set(err, f->reason[0] ? ERR_NOT_FOUND : ERR_NOMEM, "%s",
            f->reason[0] ? f->reason : "a message");
    flight_end(c, f);
    return false;
}

bool courier_under_way(const struct courier *c, uint64_t tag)
{
    for (size_t i = 0; i < COURIER_FLIGHTS_MAX; i++)
        if (c->flights[i].easy && c->flights[i].tag == tag)
            return true;
    return false;
}

static void mails_end(struct courier *c, struct courier_result *ret, size_t max, size_t *n)
{
    for (size_t i = 0; *n < max && i < COURIER_FLIGHTS_MAX; i++) {
        struct flight *f = &c->flights[i];

        if (f->easy && atomic_load(&f->over)) {
            ret[(*n)++] = f->result;
            flight_end(c, f);
        }
    }
}

bool courier_step(struct courier *c, unsigned wait_ms, struct courier_result *ret, size_t max,
                  size_t *ret_n, struct err *err)
{
    CURLMsg *m;
    int n;

    *ret_n = 0;
    if (curl_multi_perform(c->multi, &n) != CURLM_OK)
        return err_fail(err, ERR_NOMEM, "messages");
    while (*ret_n < max && (m = curl_multi_info_read(c->multi, &n)))
        if (m->msg == CURLMSG_DONE) {
            struct flight *f = NULL;

            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
            result_of(f, false, m->data.result, &ret[(*ret_n)++]);
            flight_end(c, f);
        }
    mails_end(c, ret, max, ret_n);
    if (!*ret_n && curl_multi_poll(c->multi, NULL, 0, (int)wait_ms, NULL) != CURLM_OK)
        return err_fail(err, ERR_NOMEM, "messages");
    return true;
}

void courier_wake(struct courier *c)
{
    curl_multi_wakeup(c->multi);
}
