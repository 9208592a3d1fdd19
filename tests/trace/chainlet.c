#include "chainlet.h"

#include "ledger/writer.h"
#include "sim/genesis.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct piece { /* bytes being written */
    uint8_t at[8192];
    size_t n;
};

static void put(struct piece *p, const void *bytes, size_t n)
{
    memcpy(p->at + p->n, bytes, n);
    p->n += n;
}

static void put_le(struct piece *p, uint64_t v, size_t n)
{
    put(p, &v, n);
}

static void put_script(struct piece *p, char who)
{
    uint8_t key[33];

    memset(key, who, sizeof(key));
    key[0] = 2;
    if (who == 'E') {
        put(p, "\x23\x21", 2);
        put(p, key, sizeof(key));
        put(p, "\xac", 1);
    } else {
        struct hash20 h = hash160(key, sizeof(key));

        put(p, "\x19\x76\xa9\x14", 4);
        put(p, h.b, sizeof(h));
        put(p, "\x88\xac", 2);
    }
}

struct pay {
    uint64_t value;
    char who;
};

static void put_outputs(struct piece *p, const struct pay *pays, size_t n)
{
    put_le(p, n, 1);
    for (size_t i = 0; i < n; i++) {
        put_le(p, pays[i].value, 8);
        put_script(p, pays[i].who);
    }
    put_le(p, 0, 4);
}

static struct piece coinbase(unsigned height, struct pay pay)
{
    static const uint8_t nothing[32];
    struct piece p = {.n = 0};

    put_le(&p, 1, 4);
    put_le(&p, 1, 1);
    put(&p, nothing, 32);
    put_le(&p, UINT32_MAX, 4);
    put_le(&p, 2, 1);
    put_le(&p, 0x50 + height, 1); /* BIP 34, for heights of up to 16 */
    put_le(&p, 0, 1);
    put_le(&p, UINT32_MAX, 4);
    put_outputs(&p, &pay, 1);
    return p;
}

struct spend {
    struct hash32 txid;
    uint32_t vout;
};

static struct piece payment(const struct spend *spends, size_t spends_n, const struct pay *pays,
                            size_t pays_n)
{
    struct piece p = {.n = 0};

    put_le(&p, 1, 4);
    put_le(&p, spends_n, 1);
    for (size_t i = 0; i < spends_n; i++) {
        put(&p, spends[i].txid.b, 32);
        put_le(&p, spends[i].vout, 4);
        put_le(&p, 0, 1);
        put_le(&p, UINT32_MAX, 4);
    }
    put_outputs(&p, pays, pays_n);
    return p;
}

static struct hash32 id_of(const struct piece *p)
{
    return sha256d(p->at, p->n);
}

/* A block of one or two transactions; the nonce is searched. */
static struct bytes block(unsigned height, const struct hash32 *prev, const struct piece *first,
                          const struct piece *second)
{
    struct hash32 ids[3] = {id_of(first)}, root;
    struct block_head head;
    struct err err;
    struct piece h = {.n = 0};
    uint8_t *p;
    bool mutated;

    if (second)
        ids[1] = id_of(second);
    root = merkle_fold(ids, second ? 2 : 1, &mutated);
    put_le(&h, 2, 4);
    put(&h, prev->b, 32);
    put(&h, root.b, 32);
    put_le(&h, SIM_GENESIS_TIME + 600 * height, 4);
    put_le(&h, SIM_BITS, 4);
    put_le(&h, 0, 4);
    do {
        store_le32(h.at + 76, load_le32(h.at + 76) + 1);
    } while (!block_head_read(chainlet_chain(), (struct bytes){h.at, 80}, &head, &err) ||
             !block_head_likely(chainlet_chain(), &head));
    put_le(&h, second ? 2 : 1, 1);
    put(&h, first->at, first->n);
    if (second)
        put(&h, second->at, second->n);
    p = malloc(h.n);
    memcpy(p, h.at, h.n);
    return (struct bytes){p, h.n};
}

const struct chain *chainlet_chain(void)
{
    return chain_by_name(SIM_CHAIN);
}

static void next(struct chainlet *c, unsigned height, struct pay miner, const struct piece *tx)
{
    struct piece first = coinbase(height, miner);
    struct hash32 prev = sha256d(c->blocks[height - 1].p, 80);

    c->blocks[height] = block(height, &prev, &first, tx);
}

static struct piece payments[5]; /* t1 to t4 */

const struct chainlet *chainlet(void)
{
    static struct chainlet c;
    struct piece cb1 = coinbase(1, (struct pay){50, 'V'}), cb2 = coinbase(2, (struct pay){20, 'W'});
    struct piece t1, t2, t3, t4;

    if (c.blocks[0].p)
        return &c;
    c.blocks[0] = sim_genesis();
    c.t[0] = id_of(&cb1);
    t1 = payment(&(struct spend){c.t[0], 0}, 1, (struct pay[]){{30, 'A'}, {19, 'B'}}, 2);
    c.t[1] = id_of(&t1);
    t2 = payment((struct spend[]){{id_of(&cb2), 0}, {c.t[1], 0}}, 2,
                 (struct pay[]){{40, 'X'}, {9, 'C'}}, 2);
    c.t[2] = id_of(&t2);
    t3 = payment(&(struct spend){c.t[2], 1}, 1, (struct pay[]){{5, 'D'}, {3, 'E'}}, 2);
    c.t[3] = id_of(&t3);
    t4 = payment(&(struct spend){c.t[3], 1}, 1, (struct pay[]){{2, 'A'}}, 1);
    c.t[4] = id_of(&t4);
    payments[1] = t1;
    payments[2] = t2;
    payments[3] = t3;
    payments[4] = t4;
    next(&c, 1, (struct pay){50, 'V'}, NULL);
    next(&c, 2, (struct pay){20, 'W'}, NULL);
    next(&c, 3, (struct pay){1, 'M'}, &t1);
    next(&c, 4, (struct pay){1, 'M'}, &t2);
    next(&c, 5, (struct pay){1, 'M'}, &t3);
    next(&c, 6, (struct pay){1, 'M'}, &t4);
    return &c;
}

struct bytes chainlet_block(unsigned height, struct bytes prev, unsigned t)
{
    static struct bytes made[256]; /* good for ever */
    static size_t n;
    struct piece first = coinbase(height, (struct pay){2, 'N'});
    struct hash32 before = sha256d(prev.p, 80);

    CHECK(n < sizeof(made) / sizeof(made[0]));
    made[n] = block(height, &before, &first, t ? &payments[t] : NULL);
    return made[n++];
}

struct bytes chainlet_tx(unsigned t)
{
    (void)chainlet();
    return (struct bytes){payments[t].at, payments[t].n};
}

const char *chainlet_address(char who)
{
    static char text[16][ADDRESS_BYTES_MAX];
    static unsigned n;
    struct piece p = {.n = 0};

    put_script(&p, who);
    n = (n + 1) % 16;
    CHECK(address_of_script(chainlet_chain(), (struct bytes){p.at + 1, p.n - 1}, text[n]));
    return text[n];
}

void chainlet_append(const char *ledger, const struct bytes *blocks, size_t n)
{
    struct block_scratch *scratch = block_scratch_new();
    struct ledger_options options = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct ledger_writer *w;
    struct err err;

    CHECK_OK(ledger_writer_open(ledger, chainlet_chain(), options, &w, &err), err);
    for (size_t i = 0; i < n; i++) {
        struct block_facts facts;

        CHECK_OK(block_read(scratch, chainlet_chain(), blocks[i], 0, &facts, &err), err);
        CHECK_OK(ledger_append(w, &facts, 1, &err), err);
    }
    ledger_writer_close(w);
    block_scratch_free(scratch);
}

char *chainlet_ledger(unsigned which)
{
    struct bytes blocks[CHAINLET_BLOCKS];
    char *dir = test_dir();
    size_t n = 0;

    for (unsigned i = 0; i < CHAINLET_BLOCKS; i++)
        if (which >> i & 1)
            blocks[n++] = chainlet()->blocks[i];
    chainlet_append(dir, blocks, n);
    return dir;
}

char *chainlet_files(void)
{
    char *dir = test_dir(), path[4200];
    struct piece p = {.n = 0};

    for (unsigned i = 0; i < CHAINLET_BLOCKS; i++) {
        put_le(&p, SIM_MAGIC, 4);
        put_le(&p, chainlet()->blocks[i].n, 4);
        put(&p, chainlet()->blocks[i].p, chainlet()->blocks[i].n);
    }
    snprintf(path, sizeof(path), "%s/blk00000.dat", dir);
    test_write(path, p.at, p.n);
    return dir;
}
