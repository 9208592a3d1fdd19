/* A small reader of the table in log_rows.c: a row names fields, "topic 2" or "third word of the
 * data", and a key's pattern.
 *
 * Words of the data are those of the contract ABI specification ("Formal Specification of the
 * Encoding"): 32 bytes each, addresses and numbers right-aligned, a string's word its offset. */
#include "chain/evm/log_rows.h"

#include "base/keccak.h"
#include "base/text.h"
#include "chain/memo.h"

#define WORD EVM_WORD
#define ADDRESS_PAD (WORD - EVM_KEY_BYTES)

/* Circle, "CCTP supported domains" */
static const struct number {
    uint64_t evm_id, number;
} cctp_domains[] = {{1, 0}, {43114, 1}, {10, 2}, {42161, 3}, {8453, 6}, {137, 7}, {0, 0}};

/* Wormhole, "Chain IDs" */
static const struct number wormhole_ids[] = {
    {1, 2}, {56, 4}, {137, 5}, {43114, 6}, {42161, 23}, {10, 24}, {8453, 30}, {534352, 34}, {0, 0}};

/* Poly Network, "Chain IDs" */
static const struct number poly_ids[] = {{1, 2}, {56, 6}, {137, 17}, {0, 0}};

/* What is being read: a log, its row, where it was said. */
struct reading {
    const struct chain *chain;
    const struct hash32 *tx;
    const struct evm_log *log;
    const struct log_place *place; /* the row's that fits; NULL: the row has none */
};

static const uint8_t zero_key[EVM_KEY_BYTES];

static bool place_find(const struct chain *chain, const struct log_row *row,
                       const struct evm_log *log, const struct log_place **ret)
{
    *ret = NULL;
    for (const struct log_place *p = row->places; p; p++) {
        if (!p->any && !memcmp(p->key, zero_key, EVM_KEY_BYTES))
            return false; /* the end of the list */
        if (p->evm_id == chain->evm_id &&
            (p->any || !memcmp(p->key, log->address.p, EVM_KEY_BYTES))) {
            *ret = p;
            return true;
        }
    }
    return true;
}

/* The 32 bytes of a field; NULL: the log ends before. */
static const uint8_t *word_of(const struct evm_log *log, enum log_field f)
{
    size_t i;

    if (f >= T1 && f <= T3)
        return f < log->topics_n ? log->topics[f] : NULL;
    if (f < W0)
        return NULL;
    i = (size_t)(f - W0);
    return log->data.n / WORD > i ? log->data.p + i * WORD : NULL;
}

static bool account_of(const struct reading *r, enum log_field f, struct bytes *ret)
{
    const uint8_t *word;

    *ret = (struct bytes){zero_key, f == ZERO ? EVM_KEY_BYTES : 0};
    if (f == ZERO || f == NOBODY)
        return true;
    if (f == OWNER) {
        if (!r->place || !memcmp(r->place->owner, zero_key, EVM_KEY_BYTES))
            return false;
        *ret = (struct bytes){r->place->owner, EVM_KEY_BYTES};
        return true;
    }
    word = word_of(r->log, f);
    if (!word || memcmp(word, zero_key, ADDRESS_PAD) != 0)
        return false;
    *ret = (struct bytes){word + ADDRESS_PAD, EVM_KEY_BYTES};
    return true;
}

static bool amount_of(const struct evm_log *log, enum log_field f, struct u256 *ret)
{
    const uint8_t *word = word_of(log, f);

    return word && u256_from_be(word, WORD, ret);
}

/* Dynamic bytes: the word is an offset in the data, where a length stands before them. */
static bool string_of(const struct evm_log *log, enum log_field f, struct bytes *ret)
{
    struct u256 offset, n;
    size_t at;

    if (!amount_of(log, f, &offset) || u256_less(u256_of(log->data.n), offset))
        return false;
    at = (size_t)offset.w[0];
    if (log->data.n - at < WORD || !u256_from_be(log->data.p + at, WORD, &n) ||
        u256_less(u256_of(log->data.n - at - WORD), n))
        return false;
    *ret = (struct bytes){log->data.p + at + WORD, (size_t)n.w[0]};
    return true;
}

/* Text in a buffer of the struct; too long is false at the end. */
struct writing {
    char *p;
    size_t n;
    bool bad;
};

static void put(struct writing *w, const char *p, size_t n)
{
    if (n > EVM_SAID_TEXT_MAX - w->n) {
        w->bad = true;
        return;
    }
    memcpy(w->p + w->n, p, n);
    w->n += n;
}

static void put_hex(struct writing *w, const uint8_t *p, size_t n)
{
    static const char digit[] = "0123456789abcdef";

    put(w, "0x", 2);
    for (size_t i = 0; i < n; i++)
        put(w, (const char[]){digit[p[i] >> 4], digit[p[i] & 15]}, 2);
}

/* The hash of "0x" and a hash in hex, as whoever takes a transaction's name for a text has it. */
static void put_hash_of_text(struct writing *w, const struct hash32 *h)
{
    char name[2 + 2 * sizeof(h->b)];
    struct writing text = {.p = name};
    struct hash32 hash;

    put_hex(&text, h->b, sizeof(h->b));
    hash = keccak256((const uint8_t *)name, text.n);
    put_hex(w, hash.b, sizeof(hash.b));
}

static void put_number(struct writing *w, struct u256 v)
{
    char text[U256_TEXT_MAX];

    put(w, text, u256_to_text(v, text));
}

/* What a list that ends with chain 0 has for this chain. */
static void put_number_of(struct writing *w, const struct number *list, uint64_t evm_id)
{
    for (; list->evm_id; list++)
        if (list->evm_id == evm_id) {
            put_number(w, u256_of(list->number));
            return;
        }
    w->bad = true;
}

/* OptimismPortal.sol: abi.encodePacked(mint, value, gas limit, is creation, data) */
#define DEPOSIT_HEAD_BYTES (32 + 32 + 8 + 1)

/* relayMessage(uint256,address,address,uint256,uint256,bytes), that of before Bedrock,
 * relayMessage(address,address,bytes,uint256), and Scroll's,
 * relayMessage(address,address,uint256,uint256,bytes): each hashes the whole call. */
static bool is_relaying(struct bytes call)
{
    static const uint8_t selectors[][4] = {
        {0xd7, 0x64, 0xad, 0x0b}, {0xcb, 0xd4, 0xec, 0xe9}, {0x8e, 0xf1, 0x33, 0x2e}};

    for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++)
        if (call.n >= 4 && !memcmp(call.p, selectors[i], 4))
            return true;
    return false;
}

static void put_message(const struct reading *r, struct writing *w, char how, enum log_field f)
{
    size_t head = how == 'p' ? DEPOSIT_HEAD_BYTES : 0;
    struct bytes call;
    struct hash32 hash;

    if (!string_of(r->log, f, &call) || call.n < head ||
        !is_relaying((struct bytes){call.p + head, call.n - head})) {
        w->bad = true;
        return;
    }
    hash = keccak256(call.p + head, call.n - head);
    put_hex(w, hash.b, sizeof(hash.b));
}

/* Text that a person may read and no key's part: no colon, no control character. */
static void put_text(struct writing *w, struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~' || text.p[i] == ':') {
            put_hex(w, text.p, text.n);
            return;
        }
    put(w, (const char *)text.p, text.n);
}

/* A field in a pattern. */
struct part {
    char how;
    enum log_field f;
    bool inside; /* what follows is of the bytes that the word points to */
    size_t at, n;
};

static size_t digits(const char **p)
{
    size_t n = 0;

    while (**p >= '0' && **p <= '9')
        n = 10 * n + (size_t)(*(*p)++ - '0');
    return n;
}

static struct part part_read(const char **p)
{
    struct part ret = {.how = (*p)[0], .n = WORD};

    ret.f = (enum log_field)(((*p)[1] == 't' ? 0 : W0) + ((*p)[2] - '0'));
    *p += 3;
    if (**p != '+')
        return ret;
    ++*p;
    ret.inside = true;
    ret.at = digits(p);
    if (**p == '/') {
        ++*p;
        ret.n = digits(p);
    }
    ++*p; /* ; */
    return ret;
}

static bool bytes_of(const struct evm_log *log, struct part part, struct bytes *ret)
{
    struct bytes whole;

    if (!part.inside) {
        *ret = (struct bytes){word_of(log, part.f), WORD};
        return ret->p != NULL;
    }
    if (!string_of(log, part.f, &whole) || part.at > whole.n || part.n > whole.n - part.at)
        return false;
    *ret = (struct bytes){whole.p + part.at, part.n};
    return true;
}

/* An address is the last 20 bytes of a word, or 20 bytes. */
static bool put_address(struct writing *w, struct bytes b)
{
    if (b.n == WORD && !memcmp(b.p, zero_key, ADDRESS_PAD))
        b = (struct bytes){b.p + ADDRESS_PAD, EVM_KEY_BYTES};
    if (b.n != EVM_KEY_BYTES)
        return false;
    put_hex(w, b.p, b.n);
    return true;
}

static bool put_string(const struct reading *r, struct writing *w, struct part part)
{
    struct bytes b;

    if (!string_of(r->log, part.f, &b))
        return false;
    put_text(w, b);
    return true;
}

static bool put_bytes(const struct reading *r, struct writing *w, struct part part)
{
    struct u256 number;
    struct bytes b;

    if (!bytes_of(r->log, part, &b))
        return false;
    if (part.how == 'a')
        return put_address(w, b);
    if (part.how == 'k' && put_address(w, b))
        return true;
    if (part.how == 'x' || part.how == 'k')
        put_hex(w, b.p, b.n);
    else if (part.how == 'u' && u256_from_be(b.p, b.n, &number))
        put_number(w, number);
    else
        return false;
    return true;
}

static void put_part(const struct reading *r, struct writing *w, struct part part)
{
    if (part.how == 'm' || part.how == 'p')
        put_message(r, w, part.how, part.f);
    else if (!(part.how == 'z' ? put_string(r, w, part) : put_bytes(r, w, part)))
        w->bad = true;
}

/* What a pattern writes. One that is a string alone borrows it from the log.
 *
 * text is written to through the struct. NOLINTNEXTLINE(readability-non-const-parameter) */
static bool pattern_write(const struct reading *r, const char *pattern, char *text,
                          struct bytes *ret)
{
    struct writing w = {.p = text};

    if (pattern[0] == '%' && pattern[1] == 's') {
        const char *field = pattern + 1;

        return string_of(r->log, part_read(&field).f, ret) && ret->n <= EVENT_DATA_MAX;
    }
    while (*pattern) {
        if (*pattern != '%') {
            put(&w, pattern++, 1);
            continue;
        }
        switch (*++pattern) {
        case 'c':
            put_number(&w, u256_of(r->chain->evm_id));
            pattern++;
            break;
        case 'd':
            put_number_of(&w, cctp_domains, r->chain->evm_id);
            pattern++;
            break;
        case 'w':
            put_number_of(&w, wormhole_ids, r->chain->evm_id);
            pattern++;
            break;
        case 'y':
            put_number_of(&w, poly_ids, r->chain->evm_id);
            pattern++;
            break;
        case 'h':
            put_hex(&w, r->tx->b, sizeof(r->tx->b));
            pattern++;
            break;
        case 'g':
            put_hash_of_text(&w, r->tx);
            pattern++;
            break;
        default:
            put_part(r, &w, part_read(&pattern));
        }
    }
    *ret = (struct bytes){(const uint8_t *)text, w.n};
    return !w.bad;
}

/* A signed word without its sign. */
static struct u256 magnitude(const uint8_t *word, bool *ret_negative)
{
    struct u256 v;

    u256_from_be(word, WORD, &v);
    *ret_negative = word[0] >> 7;
    if (*ret_negative)
        u256_sub(u256_of(0), v, &v); /* modulo 2^256, as two's complement has it */
    return v;
}

static bool swap_signed(const struct evm_log *log, const struct log_row *row, struct u256 *in,
                        struct u256 *out)
{
    const uint8_t *first = word_of(log, row->swap_at), *second = word_of(log, row->swap_at + 1);
    bool first_negative, second_negative, first_in;
    struct u256 a, b;

    if (!second)
        return false;
    a = magnitude(first, &first_negative);
    b = magnitude(second, &second_negative);
    if (first_negative == second_negative || u256_zero(a) || u256_zero(b))
        return false; /* nothing was given for something */
    first_in = first_negative == (row->swap == SWAP_CALLER);
    *in = first_in ? a : b;
    *out = first_in ? b : a;
    return true;
}

static bool swap_four(const struct evm_log *log, enum log_field at, struct u256 *in,
                      struct u256 *out)
{
    struct u256 v[4];

    for (unsigned i = 0; i < 4; i++)
        if (!amount_of(log, at + i, &v[i]))
            return false;
    if (!u256_zero(v[0]) == !u256_zero(v[1]) || !u256_zero(v[2]) == !u256_zero(v[3]) ||
        !u256_zero(v[0]) == !u256_zero(v[2]))
        return false; /* more than one asset came or went */
    *in = u256_zero(v[0]) ? v[1] : v[0];
    *out = u256_zero(v[2]) ? v[3] : v[2];
    return true;
}

static bool swap_amounts(const struct evm_log *log, const struct log_row *row, struct u256 *in,
                         struct u256 *out)
{
    switch (row->swap) {
    case SWAP_NONE:
        return false;
    case SWAP_FOUR:
        return swap_four(log, row->swap_at, in, out);
    case SWAP_POOL:
    case SWAP_CALLER:
        return swap_signed(log, row, in, out);
    case SWAP_PAIR:
        return amount_of(log, row->swap_at, in) && amount_of(log, row->swap_at + 1, out);
    case SWAP_CURVE:
        return amount_of(log, row->swap_at, in) && amount_of(log, row->swap_at + 2, out);
    }
    return false;
}

/* "<in> <out>"; of a swap of another form than one asset for one: no data. */
static struct bytes swap_write(const struct evm_log *log, const struct log_row *row, char *text)
{
    struct writing w = {.p = text};
    struct u256 in, out;

    if (!swap_amounts(log, row, &in, &out))
        return (struct bytes){NULL, 0};
    put_number(&w, in);
    put(&w, " ", 1);
    put_number(&w, out);
    return (struct bytes){(const uint8_t *)text, w.n};
}

static bool said_event(const struct reading *r, const struct log_row *row, const char *pattern,
                       struct evm_said *ret)
{
    char *text = ret->text[ret->events_n];
    struct fact_event *e = &ret->events[ret->events_n];

    *e = (struct fact_event){
        .kind = row->event, .log = r->log->index, .subject = r->log->address, .data = {NULL, 0}};
    if (pattern && !pattern_write(r, pattern, text, &e->data))
        return false;
    if (row->swap)
        e->data = swap_write(r->log, row, text);
    ret->events_n++;
    return true;
}

/* An amount of 0 moves nothing, but for an act without amount. */
static bool said_transfer(const struct reading *r, const struct log_row *row, struct evm_said *ret)
{
    struct fact_transfer t = {
        .kind = row->kind, .position = r->log->index, .asset = r->log->address};

    if (!account_of(r, row->from, &t.from) || !account_of(r, row->to, &t.to) ||
        (row->amount && !amount_of(r->log, row->amount, &t.amount)))
        return false;
    t.credit = t.amount;
    if (row->amount && u256_zero(t.amount))
        return true;
    ret->transfers[ret->transfers_n++] = t;
    return true;
}

void evm_log_read(const struct chain *chain, const struct hash32 *tx, const struct evm_log *log,
                  struct evm_said *ret)
{
    const struct log_row *row = log->address.n == EVM_KEY_BYTES ? log_row_of(log) : NULL;
    struct reading r = {.chain = chain, .tx = tx, .log = log};

    ret->transfers_n = ret->events_n = 0;
    if (!row || !place_find(chain, row, log, &r.place))
        return;
    if ((row->kind && !said_transfer(&r, row, ret)) ||
        (row->event && !said_event(&r, row, row->pattern, ret)))
        ret->transfers_n = ret->events_n = 0;
    else if (row->also)
        said_event(&r, row, row->also, ret);
}

bool evm_input_read(const uint8_t from[EVM_KEY_BYTES], const uint8_t to[EVM_KEY_BYTES],
                    struct bytes input, struct fact_event *ret)
{
    struct memo memo;

    if (!memo_is_sent(input, &memo))
        return false;
    *ret = (struct fact_event){.kind = EVENT_MEMO,
                               .subject = {memo_asks(memo.kind) ? to : from, EVM_KEY_BYTES},
                               .data = input};
    return true;
}
