#include "story.h"

#include <stdlib.h>

void story_start(struct story *s, uint8_t branch)
{
    memset(s, 0, sizeof(*s));
    s->branch = branch;
}

struct bytes story_script(const char *who)
{
    static uint8_t scripts[3][256][35];
    bool hashed = *who == '=';
    uint8_t letter = (uint8_t)who[hashed], key[33], *p;
    struct hash20 h;

    memset(key, letter, sizeof(key));
    key[0] = 2;
    h = hash160(key, sizeof(key));
    if (hashed) {
        p = scripts[0][letter];
        memcpy(p, "\x76\xa9\x14", 3);
        memcpy(p + 3, h.b, 20);
        memcpy(p + 23, "\x88\xac", 2);
        return (struct bytes){p, 25};
    }
    if (letter >= 'a') {
        p = scripts[1][letter];
        p[0] = 33;
        memcpy(p + 1, key, 33);
        p[34] = 0xac;
        return (struct bytes){p, 35};
    }
    p = scripts[2][letter];
    memcpy(p, "\x00\x14", 2);
    memcpy(p + 2, h.b, 20);
    return (struct bytes){p, 22};
}

void story_block(struct story *s)
{
    struct block_facts *f = &s->blocks[s->blocks_n];
    struct story_block_room *r = &s->room[s->blocks_n];
    uint8_t name[3] = {s->branch, (uint8_t)s->blocks_n, 'b'};

    CHECK(s->blocks_n < STORY_BLOCKS_MAX);
    *f = (struct block_facts){.height = s->blocks_n ? HEIGHT_UNKNOWN : 0,
                              .size = 1000,
                              .txids = r->txids,
                              .tx_inputs_n = r->ins,
                              .tx_outputs_n = r->outs,
                              .inputs = r->inputs,
                              .outputs = r->outputs};
    memcpy(f->header, name, sizeof(name));
    f->hash = sha256(name, sizeof(name));
    if (s->blocks_n)
        f->prev = s->blocks[s->blocks_n - 1].hash;
    f->time = 1700000000 + 600 * (uint32_t)s->blocks_n;
    store_le32(f->header + 68, f->time);
    s->blocks_n++;
}

void story_tx(struct story *s, const char *inputs, const char *outputs)
{
    struct block_facts *f = &s->blocks[s->blocks_n - 1];
    struct story_block_room *r = &s->room[s->blocks_n - 1];
    size_t t = f->txs_n++;
    uint8_t name[6] = {s->branch, 't', (uint8_t)s->txs_n, (uint8_t)(s->txs_n >> 8)};
    char *end;

    CHECK(f->txs_n <= STORY_TXS_MAX);
    s->txs_n++;
    r->txids[t] = sha256(name, sizeof(name));
    for (const char *at = inputs; *at; at = end + (*end == ' '), r->ins[t]++)
        r->inputs[f->inputs_n++] = s->outpoints[strtoul(at, &end, 10)];
    for (const char *at = outputs; *at; at = end + (*end == ' '), r->outs[t]++) {
        uint8_t *outpoint = s->outpoints[s->outputs_n++];

        memcpy(outpoint, r->txids[t].b, 32);
        store_le32(outpoint + 32, r->outs[t]);
        r->outputs[f->outputs_n++] =
            (struct fact_output){strtoul(at + 1 + (*at == '='), &end, 10), story_script(at)};
    }
    CHECK(f->inputs_n <= STORY_PARTS_MAX && f->outputs_n <= STORY_PARTS_MAX);
}

void story_drop(struct story *s, size_t blocks_n)
{
    while (s->blocks_n > blocks_n) {
        struct block_facts *f = &s->blocks[--s->blocks_n];

        s->outputs_n -= (uint32_t)f->outputs_n;
        s->txs_n -= (uint32_t)f->txs_n;
        memset(&s->room[s->blocks_n], 0, sizeof(s->room[0]));
    }
}
