#include "support.h"

#include "block_make.h"

#include "base/mem.h"
#include "base/pool.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/source.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { MADE_N = 5 };

/* A chain of small blocks; each but the first spends twice from made-up outputs. */
static struct made {
    struct make block[MADE_N], records, undo;
    struct hash32 hash[MADE_N];
    size_t end[MADE_N]; /* of each record in records */
} * made;

static const uint8_t key[8] = {0x4c, 0xd6, 0xa5, 0xc4, 0x2a, 0xc6, 0x83, 0x8c};

static void put_spend(struct make *m, int i)
{
    make_hex(m, "01000000 02");
    for (int k = 0; k < 2; k++) {
        for (int b = 0; b < 32; b++)
            make_le(m, (uint64_t)(16 * i + k + 1), 1);
        make_hex(m, "03000000 00 ffffffff");
    }
    make_hex(m, "01 e803000000000000 01 51");
    make_le(m, (uint64_t)i + 1, 4); /* a locktime that does not end in zeros alone */
}

/* What block i spends: a P2PKH coin of i coins, and 1 satoshi with the script 6a. */
static void put_undo(struct make *m, int i)
{
    size_t from;
    struct make sum = {.n = 0};
    struct hash32 check;

    make_le(m, make_chain.magic, 4);
    make_le(m, 0, 4);
    from = m->n;
    make_hex(m, "01 02");                            /* a transaction, two inputs */
    make_hex(m, "02 00");                            /* height 1, no coinbase; the old version */
    make_le(m, (uint64_t)(1 + 10 * (i - 1)) + 8, 1); /* compressed: i coins, i below 10 */
    make_hex(m, "00 000102030405060708090a0b0c0d0e0f10111213");
    make_hex(m, "8547 00 01 07 6a"); /* height 419, coinbase; 1 satoshi; a script of one byte */
    store_le32(m->p + from - 4, (uint32_t)(m->n - from));
    make_put(&sum, made->hash[i - 1].b, 32);
    make_put(&sum, m->p + from, m->n - from);
    check = make_sha256d(sum.p, sum.n);
    make_put(m, check.b, 32);
}

static void make_all(void)
{
    static const uint8_t order[MADE_N - 1] = {2, 1, 4, 3}; /* undo records are out of order, too */
    struct hash32 prev = {{0}};

    made = calloc(1, sizeof(*made));
    for (int i = 0; i < MADE_N; i++) {
        static struct make coinbase, spend;
        const struct make *txs[2] = {&coinbase, &spend};
        struct hash32 ids[2];
        char script[9];

        coinbase.n = spend.n = 0;
        snprintf(script, sizeof(script), "%04x", i);
        make_coinbase(&coinbase, (struct make_coinbase){script, NULL, NULL});
        store_le32(coinbase.p + coinbase.n - 4, 7);
        put_spend(&spend, i);
        ids[0] = make_sha256d(coinbase.p, coinbase.n);
        ids[1] = make_sha256d(spend.p, spend.n);
        make_block(&made->block[i], 1, &prev, txs, ids, i ? 2 : 1);
        made->hash[i] = prev = make_sha256d(made->block[i].p, 80);
        make_le(&made->records, make_chain.magic, 4);
        make_le(&made->records, made->block[i].n, 4);
        make_put(&made->records, made->block[i].p, made->block[i].n);
        made->end[i] = made->records.n;
    }
    for (int i = 0; i < MADE_N - 1; i++)
        put_undo(&made->undo, order[i]);
}

static int setup(void **state)
{
    make_all();
    return 0;
}

static int teardown(void **state)
{
    free(made);
    return 0;
}

static char *path_in(const char *dir, const char *name)
{
    static char ring[8][PATH_MAX];
    static unsigned at;
    char *p = ring[at++ % 8];

    CHECK(snprintf(p, PATH_MAX, "%s/%s", dir, name) < PATH_MAX);
    return p;
}

static void write_in(const char *dir, const char *name, struct bytes b)
{
    test_write(path_in(dir, name), b.p, b.n);
}

static void xor_all(struct make *m)
{
    for (size_t i = 0; i < m->n; i++)
        m->p[i] ^= key[i % 8];
}

static struct bytes packed(struct bytes b)
{
    static uint8_t out[2 * MAKE_BYTES_MAX];
    size_t n = ZSTD_compress(out, sizeof(out), b.p, b.n, 1);

    CHECK(!ZSTD_isError(n));
    return (struct bytes){out, n};
}

static bool open_one(const char *path, struct source **ret, struct err *err)
{
    return source_open(&path, 1, &make_chain, ret, err);
}

/* The source has blocks first to first + n - 1 of those made, in that order. */
static void check_blocks(struct source *s, size_t first, size_t n)
{
    struct source_buffer buffer = {0};
    const struct source_block *b;
    size_t got_n;
    uint64_t bytes = 0;
    struct bytes raw;
    struct err err;

    b = source_blocks(s, &got_n);
    CHECK_U(got_n, n);
    for (size_t i = 0; i < n; i++) {
        CHECK(hash32_equal(&b[i].hash, &made->hash[first + i]));
        CHECK_OK(source_read(s, i, &buffer, &raw, &err), err);
        CHECK(bytes_equal(raw, make_bytes(&made->block[first + i])));
        bytes += raw.n;
    }
    CHECK_U(source_bytes(s), bytes);
    source_done(s, 0, n);
    source_buffer_free(&buffer);
}

static void opens(const char *path, size_t first, size_t n, const char *notes)
{
    struct source *s;
    struct err err;

    CHECK_OK(open_one(path, &s, &err), err);
    check_blocks(s, first, n);
    if (!notes[0] || !strstr(source_notes(s), notes))
        CHECK_S(source_notes(s), notes);
    source_close(s);
}

static void refused(const char *path, enum err_class class, const char *why)
{
    struct source *s;
    struct err err;

    CHECK(!open_one(path, &s, &err));
    CHECK_S(err_class_name(err.class), err_class_name(class));
    if (!strstr(err.text, why))
        test_failed(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", err.text, why);
}

/* Records, with what may follow or damage them. */
static void record_files(void **state)
{
    static const uint8_t zeros[5000];
    const char *dir = test_dir(), *path = path_in(dir, "stream");
    static struct make m;

    test_row("as they are");
    write_in(dir, "stream", make_bytes(&made->records));
    opens(path, 0, MADE_N, "");

    test_row("a zero tail");
    m = made->records;
    make_put(&m, zeros, sizeof(zeros));
    write_in(dir, "stream", make_bytes(&m));
    opens(path, 0, MADE_N, "");

    test_row("a cut record");
    write_in(dir, "stream", (struct bytes){made->records.p, made->records.n - 1});
    opens(path, 0, MADE_N - 1, "1 record cut short at the end of ");

    test_row("a cut record and zeros");
    m = made->records;
    m.n -= 40;
    make_put(&m, zeros, 2000);
    write_in(dir, "stream", make_bytes(&m));
    opens(path, 0, MADE_N - 1, "1 record cut short at the end of ");

    test_row("a tail of something else");
    m = made->records;
    make_hex(&m, "00 11 22 33 44 55 66 77");
    write_in(dir, "stream", make_bytes(&m));
    opens(path, 0, MADE_N, "bytes that are no record at the end of ");

    test_row("damage before whole records");
    m = made->records;
    m.p[made->end[1] + 2] ^= 1;
    write_in(dir, "stream", make_bytes(&m));
    {
        char want[40];

        snprintf(want, sizeof(want), "stream: damaged at byte %zu", made->end[1]);
        refused(path, ERR_INPUT, want);
    }

    test_row("a header without its work before whole records");
    m = made->records;
    m.p[made->end[1] + 8 + 75] = 0x1d; /* bits */
    write_in(dir, "stream", make_bytes(&m));
    refused(path, ERR_INPUT, "damaged at byte");

    test_row("magic upon magic");
    m.n = 0;
    for (int i = 0; i < 5000; i++)
        make_le(&m, make_chain.magic, 4);
    write_in(dir, "stream", make_bytes(&m));
    refused(path, ERR_INPUT, "damaged at byte 0");

    test_row("nothing");
    write_in(dir, "stream", (struct bytes){NULL, 0});
    refused(path, ERR_INPUT, "neither a block nor records of blocks of made");
    test_row("zeros");
    write_in(dir, "stream", (struct bytes){zeros, sizeof(zeros)});
    refused(path, ERR_INPUT, "neither a block nor records");
    test_row("not there");
    refused(path_in(dir, "nowhere"), ERR_NOT_FOUND, "nowhere: no such file");
}

/* Whole records before the cut are found; a cut inside one is told. */
static void every_cut(void **state)
{
    const char *dir = test_dir(), *path = path_in(dir, "stream");

    for (size_t n = 0; n <= made->records.n; n++) {
        size_t whole = 0;
        struct source *s = NULL;
        struct err err;
        bool ok;

        while (whole < MADE_N && made->end[whole] <= n)
            whole++;
        write_in(dir, "stream", (struct bytes){made->records.p, n});
        ok = open_one(path, &s, &err);
        test_row("cut at byte %zu", n);
        CHECK_U(ok, whole > 0);
        if (ok) {
            check_blocks(s, 0, whole);
            CHECK_U(source_notes(s)[0] != 0, n != made->end[whole - 1]);
        } else {
            CHECK_U(err.class, ERR_INPUT);
        }
        source_close(s);
    }
}

static void raw_and_packed(void **state)
{
    const char *dir = test_dir(), *path = path_in(dir, "one");
    static struct make m;
    struct bytes z;

    test_row("a raw block");
    write_in(dir, "one", make_bytes(&made->block[2]));
    opens(path, 2, 1, "");
    test_row("a raw block, packed");
    write_in(dir, "one", packed(make_bytes(&made->block[2])));
    opens(path, 2, 1, "");
    test_row("records, packed");
    z = packed(make_bytes(&made->records));
    write_in(dir, "one", z);
    opens(path, 0, MADE_N, "");
    for (size_t n = 4; n < z.n; n += 7) {
        test_row("records, packed, cut at %zu", n);
        write_in(dir, "one", (struct bytes){z.p, n});
        refused(path, ERR_INPUT, "one: zstd: ");
    }
    test_row("packed in two frames");
    m.n = 0;
    z = packed((struct bytes){made->records.p, made->end[1]});
    make_put(&m, z.p, z.n);
    z = packed((struct bytes){made->records.p + made->end[1], made->records.n - made->end[1]});
    make_put(&m, z.p, z.n);
    write_in(dir, "one", make_bytes(&m));
    opens(path, 0, MADE_N, "");
    test_row("a raw block of another chain");
    m = made->block[1];
    m.p[75] = 0x1d;
    write_in(dir, "one", make_bytes(&m));
    refused(path, ERR_INPUT, "one: neither a block nor records of blocks of made");
}

static void from_stdin(void **state)
{
    struct bytes forms[2] = {make_bytes(&made->records), packed(make_bytes(&made->records))};
    int before = dup(STDIN_FILENO);

    for (int i = 0; i < 2; i++) {
        int ends[2];

        CHECK(!pipe(ends));
        CHECK(write(ends[1], forms[i].p, forms[i].n) ==
              (ssize_t)forms[i].n); /* below a pipe's room */
        close(ends[1]);
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        test_row("stdin, %s", i ? "packed" : "plain");
        opens("-", 0, MADE_N, "");
    }
    dup2(before, STDIN_FILENO);
    close(before);
}

/* Core's folder: numbered files, a key, companions. */
static void folders(void **state)
{
    static const uint8_t zeros[3000];
    const char *top = test_dir(), *dir = path_in(top, "blocks");
    struct bytes first = {made->records.p, made->end[1]};
    static struct make m;
    static char kept[PATH_MAX];

    snprintf(kept, sizeof(kept), "%s", dir);
    dir = kept;
    CHECK(!mkdir(dir, 0700));
    test_row("an empty folder");
    refused(dir, ERR_INPUT, "blocks: no blocks");
    test_row("two files, in order of name; companions are passed over");
    m.n = 0;
    make_put(&m, made->records.p + made->end[1], made->records.n - made->end[1]);
    write_in(dir, "blk00001.dat", make_bytes(&m));
    write_in(dir, "blk00000.dat", first);
    write_in(dir, "rev00000.dat", (struct bytes){zeros, 10});
    write_in(dir, ".lock", (struct bytes){NULL, 0});
    CHECK(!mkdir(path_in(dir, "index"), 0700));
    opens(dir, 0, MADE_N, "");
    test_row("the folder above");
    opens(top, 0, MADE_N, "");
    test_row("a slash at the end");
    opens(path_in(dir, ""), 0, MADE_N, "");
    test_row("an unused file ahead");
    write_in(dir, "blk00002.dat", (struct bytes){zeros, sizeof(zeros)});
    write_in(dir, "blk00003.dat", (struct bytes){NULL, 0});
    opens(dir, 0, MADE_N, "");
    test_row("a file that is something else");
    write_in(dir, "notes.txt", (struct bytes){zeros, 100});
    refused(dir, ERR_INPUT, "notes.txt: neither a block nor records");
    CHECK(!unlink(path_in(dir, "notes.txt")));
    test_row("a folder that is not Core's");
    CHECK(!mkdir(path_in(dir, "more"), 0700));
    refused(dir, ERR_INPUT, "more: is a folder");
    CHECK(!rmdir(path_in(dir, "more")));
    test_row("Core's name, and no record");
    write_in(dir, "blk00002.dat", (struct bytes){key, 8});
    refused(dir, ERR_INPUT, "blk00002.dat: starts with no record of made");
    CHECK(!unlink(path_in(dir, "blk00002.dat")));
    CHECK(!unlink(path_in(dir, "blk00003.dat")));

    test_row("a key of zeros");
    write_in(dir, "xor.dat", (struct bytes){zeros, 8});
    opens(dir, 0, MADE_N, "");
    test_row("a key of the wrong length");
    write_in(dir, "xor.dat", (struct bytes){key, 7});
    refused(dir, ERR_INPUT, "xor.dat: is not of 8 bytes");
    test_row("a key");
    write_in(dir, "xor.dat", (struct bytes){key, 8});
    xor_all(&m);
    write_in(dir, "blk00001.dat", packed(make_bytes(&m)));
    m.n = 0;
    make_put(&m, first.p, first.n);
    xor_all(&m);
    make_put(&m, zeros, sizeof(zeros)); /* allocated ahead, not XORed */
    write_in(dir, "blk00000.dat", make_bytes(&m));
    opens(dir, 0, MADE_N, "");
    test_row("one file of the folder");
    opens(path_in(dir, "blk00000.dat"), 0, 2, "");
    test_row("a tail that was XORed, too");
    m.n = 0;
    make_put(&m, first.p, first.n);
    make_put(&m, zeros, sizeof(zeros));
    xor_all(&m);
    write_in(dir, "blk00000.dat", make_bytes(&m));
    opens(dir, 0, MADE_N, "");
}

/* A crash left zeros where the end of the last block should be. */
static void half_written(void **state)
{
    const char *dir = test_dir(), *path = path_in(dir, "stream");
    static struct make m;

    for (size_t lost = 33; lost < made->block[4].n - 80; lost += 5) {
        m = made->records;
        memset(m.p + m.n - lost, 0, lost);
        write_in(dir, "stream", make_bytes(&m));
        test_row("%zu bytes are zero at the end", lost);
        opens(path, 0, MADE_N - 1, "1 record cut short at the end of ");
        m.n += 100;
        write_in(dir, "stream", make_bytes(&m));
        opens(path, 0, MADE_N - 1, "1 record cut short at the end of ");
        m.n = 0;
    }
}

static void several_paths(void **state)
{
    const char *dir = test_dir();
    const char *paths[3] = {path_in(dir, "b"), path_in(dir, "a"), path_in(dir, "b")};
    const struct source_block *b;
    struct source *s;
    struct err err;
    size_t n;

    write_in(dir, "a", make_bytes(&made->block[0]));
    write_in(dir, "b", make_bytes(&made->block[1]));
    CHECK_OK(source_open(paths, 3, &make_chain, &s, &err), err);
    b = source_blocks(s, &n);
    CHECK_U(n, 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK(hash32_equal(&b[i].hash, &made->hash[i != 1]));
        CHECK_S(source_file_name(s, b[i].file), paths[i]);
        CHECK_U(b[i].offset, 0);
    }
    CHECK(source_chain(s) == &make_chain);
    source_close(s);
    source_close(NULL);
    CHECK(!source_open(paths, 1, NULL, &s, &err)); /* nobody can tell which chain */
    CHECK_U(err.class, ERR_USAGE);
}

/* The pages of a cut file are gone: an error, not a signal and not zeros. */
static void cut_while_in_use(void **state)
{
    const char *dir = test_dir(), *path = path_in(dir, "stream");
    struct source_buffer buffer = {0};
    static struct make m;
    struct source *s;
    struct bytes raw;
    struct err err;
    size_t n;

    m.n = 0;
    while (m.n < 20000)
        make_put(&m, made->records.p, made->records.n);
    write_in(dir, "stream", make_bytes(&m));
    CHECK_OK(open_one(path, &s, &err), err);
    source_blocks(s, &n);
    CHECK_OK(source_read(s, n - 1, &buffer, &raw, &err), err);
    CHECK(!truncate(path, 4096));
    CHECK(!source_read(s, n - 1, &buffer, &raw, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(strstr(err.text, "cut short"));
    CHECK_OK(source_read(s, 0, &buffer, &raw, &err), err);
    source_close(s);
    source_buffer_free(&buffer);
}

static void check_undo(struct source *s, size_t first)
{
    struct source_buffer buffer = {0}, undo = {0};
    struct block_scratch *scratch = block_scratch_new();
    size_t n;

    source_blocks(s, &n);
    for (size_t i = 0; i < n; i++) {
        struct fact_spent spent[2];
        struct block_facts f;
        struct bytes raw, want = test_hex("76a914 000102030405060708090a0b0c0d0e0f10111213 88ac");
        struct err err;
        bool found;

        test_row("undo data of block %zu", first + i);
        CHECK_OK(source_read(s, i, &buffer, &raw, &err), err);
        CHECK_OK(block_read(scratch, &make_chain, raw, 0, &f, &err), err);
        CHECK_OK(source_undo(s, i, &f, &undo, spent, &found, &err), err);
        CHECK(found);
        if (!f.inputs_n)
            continue;
        CHECK_U(spent[0].value, (first + i) * 100000000);
        CHECK(bytes_equal(spent[0].script, want));
        CHECK_U(spent[1].value, 1);
        CHECK_U(spent[1].script.n, 1);
        CHECK_U(spent[1].script.p[0], 0x6a);
    }
    block_scratch_free(scratch);
    source_buffer_free(&buffer);
    source_buffer_free(&undo);
}

static void undo_beside(void **state)
{
    const char *dir = test_dir();
    static struct make blk, rev;
    struct source *s;
    struct err err;

    for (int form = 0; form < 4; form++) {
        blk = made->records;
        rev = made->undo;
        if (form & 1) {
            xor_all(&blk);
            xor_all(&rev);
            write_in(dir, "xor.dat", (struct bytes){key, 8});
        }
        write_in(dir, "rev00007.dat", form & 2 ? packed(make_bytes(&rev)) : make_bytes(&rev));
        write_in(dir, "blk00007.dat", form & 2 ? packed(make_bytes(&blk)) : make_bytes(&blk));
        CHECK_OK(open_one(dir, &s, &err), err);
        check_undo(s, 0);
        source_close(s);
        unlink(path_in(dir, "xor.dat"));
    }
}

/* Undo files cut at each byte: what is whole is found, what is not is none, and nothing is wrong.
 */
static void undo_cut(void **state)
{
    const char *dir = test_dir();
    struct source_buffer buffer = {0}, undo = {0};
    struct block_scratch *scratch = block_scratch_new();
    size_t record_n = made->undo.n / (MADE_N - 1);

    write_in(dir, "blk00000.dat", make_bytes(&made->records));
    for (size_t n = 0; n <= made->undo.n; n++) {
        size_t found_n = 0;
        struct source *s;
        struct err err;

        test_row("cut at byte %zu", n);
        write_in(dir, "rev00000.dat", (struct bytes){made->undo.p, n});
        CHECK_OK(open_one(dir, &s, &err), err);
        for (size_t i = 1; i < MADE_N; i++) {
            struct fact_spent spent[2];
            struct block_facts f;
            struct bytes raw;
            bool found;

            CHECK_OK(source_read(s, i, &buffer, &raw, &err), err);
            CHECK_OK(block_read(scratch, &make_chain, raw, 0, &f, &err), err);
            CHECK_OK(source_undo(s, i, &f, &undo, spent, &found, &err), err);
            found_n += found;
        }
        CHECK_U(found_n, n / record_n);
        source_close(s);
    }
    CHECK(!unlink(path_in(dir, "rev00000.dat")));
    block_scratch_free(scratch);
    source_buffer_free(&buffer);
    source_buffer_free(&undo);
}

/* Opens, reads and undoes everything in a folder; false at the first that fails. */
static bool all_of(void *ctx)
{
    const char *dir = ctx;
    struct block_scratch *scratch = block_scratch_new();
    struct source_buffer buffer = {0}, undo = {0};
    struct source *s = NULL;
    struct err err;
    size_t n = 0;
    bool ok = scratch && open_one(dir, &s, &err);

    if (ok)
        source_blocks(s, &n);
    for (size_t i = 0; ok && i < n; i++) {
        struct fact_spent spent[2];
        struct block_facts f;
        struct bytes raw;
        bool found = true;

        ok = source_read(s, i, &buffer, &raw, &err) &&
             block_read(scratch, &make_chain, raw, 0, &f, &err) &&
             source_undo(s, i, &f, &undo, spent, &found, &err) && found;
    }
    if (!ok && scratch)
        CHECK_U(err.class, ERR_NOMEM);
    block_scratch_free(scratch);
    source_buffer_free(&buffer);
    source_buffer_free(&undo);
    source_close(s);
    return ok;
}

static void no_memory(void **state)
{
    char *dir = test_dir();
    static struct make m;

    m = made->records;
    xor_all(&m);
    write_in(dir, "blk00000.dat", packed(make_bytes(&m)));
    m = made->undo;
    xor_all(&m);
    write_in(dir, "rev00000.dat", make_bytes(&m));
    write_in(dir, "rev00000.dat", packed(make_bytes(&m)));
    write_in(dir, "xor.dat", (struct bytes){key, 8});
    test_failed_allocations(all_of, dir);
}

/* Undo records by hand. Amounts: Bitcoin Core, src/test/compress_tests.cpp. Keys: the generator of
 * secp256k1 (y is even) and the key of Bitcoin's first coinbase (y is odd). */
static const struct {
    const char *name, *hex;
    uint64_t value;
    const char *script; /* NULL: refused */
} undo_rows[] = {
    {"nothing, no script", "01 01 00 00 06", 0, ""},
    {"1 satoshi", "01 01 00 01 06", 1, ""},
    {"a cent", "01 01 00 07 06", 1000000, ""},
    {"a coin", "01 01 00 09 06", 100000000, ""},
    {"50 coins", "01 01 00 32 06", 5000000000, ""},
    {"21 million coins", "01 01 00 89 80 dd 40 06", 2100000000000000, ""},
    {"height and version", "01 01 8547 00 01 06", 1, ""},
    {"P2PKH", "01 01 00 01 00 0102030405060708090a0b0c0d0e0f1011121314", 1,
     "76a914 0102030405060708090a0b0c0d0e0f1011121314 88ac"},
    {"P2SH", "01 01 00 01 01 0102030405060708090a0b0c0d0e0f1011121314", 1,
     "a914 0102030405060708090a0b0c0d0e0f1011121314 87"},
    {"P2PK, 02", "01 01 00 01 02 79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
     1, "21 0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798 ac"},
    {"P2PK, 03", "01 01 00 01 03 79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
     1, "21 0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798 ac"},
    {"P2PK, even y",
     "01 01 00 01 04 79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 1,
     "41 0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
     "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8 ac"},
    {"P2PK, odd y",
     "01 01 00 01 05 678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6", 1,
     "41 04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"
     "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f ac"},
    {"a script of three bytes", "01 01 00 01 09 aabbcc", 1, "aabbcc"},
    {"x without a point: 5",
     "01 01 00 01 04 0000000000000000000000000000000000000000000000000000000000000005", 0, NULL},
    {"an amount that does not fit", "01 01 00 80fefefefefefefefe7f 06", UINT64_MAX, ""},
    {"a number that does not fit", "01 01 00 ffffffffffffffffffff7f 06", 0, NULL},
    {"a script longer than the record", "01 01 00 01 ff00 aa", 0, NULL},
    {"two transactions", "02 01 00 01 06 01 00 01 06", 0, NULL},
    {"two inputs", "01 02 00 01 06 00 01 06", 0, NULL},
    {"no inputs", "01 00", 0, NULL},
    {"a byte too many", "01 01 00 01 06 00", 0, NULL},
};

static bool read_undo(struct bytes raw, void *ctx)
{
    static const uint32_t inputs_n[2] = {0, 1};
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct fact_spent spent;
    struct err err;
    bool ok = a && undo_read(a, chain_by_name("bitcoin"), raw, inputs_n, 2, &spent, &err);

    arena_free(a);
    return ok;
}

static bool read_undo_again(void *ctx)
{
    return read_undo(*(struct bytes *)ctx, NULL);
}

static void undo_records(void **state)
{
    static const uint32_t inputs_n[2] = {0, 1};

    for (size_t i = 0; i < sizeof(undo_rows) / sizeof(undo_rows[0]); i++) {
        struct bytes raw = test_hex(undo_rows[i].hex);
        struct arena *a = arena_new(NULL, (size_t)1 << 20);
        struct fact_spent spent;
        struct err err;
        bool ok = undo_read(a, chain_by_name("bitcoin"), raw, inputs_n, 2, &spent, &err);

        test_row("%s", undo_rows[i].name);
        if (undo_rows[i].script) {
            CHECK_OK(ok, err);
            CHECK_U(spent.value, undo_rows[i].value);
            CHECK(bytes_equal(spent.script, test_hex(undo_rows[i].script)));
            test_truncations(raw, read_undo, NULL);
            test_failed_allocations(read_undo_again, &raw);
        } else {
            CHECK(!ok);
            CHECK_U(err.class, ERR_INPUT);
        }
        arena_free(a);
    }
}

/* From here on: real data. */

static struct bytes next_line(struct bytes *text)
{
    const uint8_t *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
    struct bytes line = {text->p, end ? (size_t)(end - text->p) : text->n};

    text->p += line.n + (end != NULL);
    text->n -= line.n + (end != NULL);
    return line;
}

/* Field n of a line of comma-separated values without quotes. */
static struct bytes field(struct bytes line, unsigned n)
{
    for (;; n--) {
        const uint8_t *end = memchr(line.p, ',', line.n);
        struct bytes f = {line.p, end ? (size_t)(end - line.p) : line.n};

        if (!n)
            return f;
        CHECK(end);
        line.n -= f.n + 1;
        line.p += f.n + 1;
    }
}

static bool hex_is(struct bytes digits, struct bytes want, bool reversed)
{
    if (digits.n != 2 * want.n)
        return false;
    for (size_t i = 0; i < want.n; i++) {
        char two[3];

        snprintf(two, sizeof(two), "%02x", want.p[reversed ? want.n - 1 - i : i]);
        if (memcmp(two, digits.p + 2 * i, 2) != 0)
            return false;
    }
    return true;
}

/* prevouts/HEIGHT.csv: txid,vin,prev_txid,prev_vout,value,prev_height,prev_coinbase,script */
static void check_prevouts(const char *path, const struct block_facts *f,
                           const struct fact_spent *spent)
{
    struct bytes file = test_data(path);

    next_line(&file);
    for (size_t i = 0; i < f->inputs_n; i++) {
        struct bytes line = next_line(&file);

        test_row("%s, input %zu", path, i);
        CHECK(hex_is(field(line, 2), (struct bytes){f->inputs[i], 32}, true));
        CHECK_U(strtoull((const char *)field(line, 3).p, NULL, 10), load_le32(f->inputs[i] + 32));
        CHECK_U(spent[i].value, strtoull((const char *)field(line, 4).p, NULL, 10));
        CHECK(hex_is(field(line, 7), spent[i].script, false));
    }
    CHECK_U(file.n, 0);
}

static unsigned block_height(const struct hash32 *hash)
{
    struct bytes readme = test_data("bitcoin/README.md");

    while (readme.n) {
        char text[400], height[16], digits[65];
        struct bytes line = next_line(&readme);

        snprintf(text, sizeof(text), "%.*s", (int)line.n, (const char *)line.p);
        if (sscanf(text, "| %15s | %64[0-9a-f] |", height, digits) == 2 &&
            hex_is((struct bytes){(const uint8_t *)digits, 64}, (struct bytes){hash->b, 32}, true))
            return (unsigned)atoi(height);
    }
    return 0;
}

struct outputs_by_id {
    struct hash32 id;
    struct fact_output *outputs;
    size_t n;
};

/* A directory as Core writes one: blocks 0-2999 out of order with undo data, whose coins must equal
 * the outputs of earlier blocks; and eight blocks whose coins stand in prevouts. */
static void core_directory(void **state)
{
    const char *path = test_data_path("bitcoin/coredir/blocks");
    struct block_scratch *scratch = block_scratch_new();
    struct source_buffer buffer = {0}, undo = {0};
    struct fact_spent *spent = calloc(10000, sizeof(*spent));
    struct outputs_by_id *known = calloc(20000, sizeof(*known));
    size_t n, known_n = 0, joined_n = 0, csv_n = 0, coins_n = 0;
    const struct source_block *b;
    struct source *s;
    struct err err;

    CHECK_OK(source_open(&path, 1, NULL, &s, &err), err);
    CHECK_S(source_chain(s)->name, "bitcoin");
    CHECK_S(source_notes(s), "");
    b = source_blocks(s, &n);
    CHECK_U(n, 3008);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            struct block_facts f;
            struct bytes raw;
            bool found;
            size_t input = 0;

            test_row("block %zu", i);
            CHECK_OK(source_read(s, i, &buffer, &raw, &err), err);
            CHECK_OK(block_read(scratch, source_chain(s), raw, BLOCK_CHECK_FULL, &f, &err), err);
            CHECK(hash32_equal(&b[i].hash, &f.hash));
            if (!pass && b[i].file == 0) /* remember all outputs of blocks 0-2999 */
                for (size_t t = 0, o = 0; t < f.txs_n; o += f.tx_outputs_n[t++]) {
                    struct outputs_by_id *k = &known[known_n++];

                    k->id = f.txids[t];
                    k->n = f.tx_outputs_n[t];
                    k->outputs = calloc(k->n, sizeof(*k->outputs));
                    for (size_t j = 0; j < k->n; j++) {
                        uint8_t *p = malloc(f.outputs[o + j].script.n + 1);

                        memcpy(p, f.outputs[o + j].script.p, f.outputs[o + j].script.n);
                        k->outputs[j] = f.outputs[o + j];
                        k->outputs[j].script.p = p;
                    }
                }
            if (!pass)
                continue;
            CHECK_OK(source_undo(s, i, &f, &undo, spent, &found, &err), err);
            CHECK(found);
            coins_n += f.inputs_n;
            if (b[i].file == 1) {
                char csv[64];

                snprintf(csv, sizeof(csv), "bitcoin/prevouts/%06u.csv.zst", block_height(&f.hash));
                check_prevouts(csv, &f, spent);
                csv_n++;
                continue;
            }
            for (; input < f.inputs_n; input++) {
                const struct outputs_by_id *k = known;
                uint32_t vout = load_le32(f.inputs[input] + 32);

                while (memcmp(k->id.b, f.inputs[input], 32) != 0)
                    CHECK(++k < known + known_n);
                CHECK(vout < k->n);
                CHECK_U(spent[input].value, k->outputs[vout].value);
                CHECK(bytes_equal(spent[input].script, k->outputs[vout].script));
                joined_n++;
            }
        }
    CHECK_U(csv_n, 8);
    CHECK(joined_n >= 50);
    CHECK_U(coins_n - joined_n, 131 + 12 + 94 + 899 + 732 + 666 + 91 + 7972);
    for (size_t i = 0; i < known_n; i++) {
        for (size_t j = 0; j < known[i].n; j++)
            free((void *)known[i].outputs[j].script.p);
        free(known[i].outputs);
    }
    free(known);
    free(spent);
    block_scratch_free(scratch);
    source_buffer_free(&buffer);
    source_buffer_free(&undo);
    source_close(s);
}

struct at_once {
    struct source *s;
    atomic_size_t found;
};

static void one_of_many(void *ctx, size_t task, unsigned worker)
{
    struct at_once *a = ctx;
    struct block_scratch *scratch = block_scratch_new();
    struct source_buffer buffer = {0}, undo = {0};
    struct fact_spent *spent = calloc(10000, sizeof(*spent));
    struct block_facts f;
    struct bytes raw;
    struct err err;
    bool found = false;

    if (source_read(a->s, task, &buffer, &raw, &err) &&
        block_read(scratch, source_chain(a->s), raw, 0, &f, &err) &&
        source_undo(a->s, task, &f, &undo, spent, &found, &err) && found)
        atomic_fetch_add(&a->found, 1);
    free(spent);
    block_scratch_free(scratch);
    source_buffer_free(&buffer);
    source_buffer_free(&undo);
}

static void many_at_once(void **state)
{
    const char *path = test_data_path("bitcoin/coredir/blocks");
    struct pool *p = pool_new(4);
    struct at_once a = {0};
    struct err err;
    size_t n;

    CHECK_OK(source_open(&path, 1, NULL, &a.s, &err), err);
    source_blocks(a.s, &n);
    pool_run(p, n, one_of_many, &a);
    CHECK_U(a.found, n);
    pool_free(p);
    source_close(a.s);
}

static void raw_block_files(void **state)
{
    const char *path = test_data_path("bitcoin/blocks");
    struct source *s;
    struct err err;
    size_t n;

    CHECK_OK(source_open(&path, 1, chain_by_name("bitcoin"), &s, &err), err);
    source_blocks(s, &n);
    CHECK_U(n, 84);
    source_close(s);
    CHECK(!source_open(&path, 1, NULL, &s, &err));
    CHECK_U(err.class, ERR_USAGE);
}

static void other_chain(void **state)
{
    const char *path = test_data_path("bitcoin/chain/blk-000000-002999.dat.zst");
    struct source *s;
    struct err err;
    size_t n;

    CHECK_OK(source_open(&path, 1, NULL, &s, &err), err);
    CHECK_S(source_chain(s)->name, "bitcoin");
    source_blocks(s, &n);
    CHECK_U(n, 3000);
    source_close(s);
    CHECK(!source_open(&path, 1, chain_by_name("bitcoin:test"), &s, &err));
    CHECK_U(err.class, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_files),    cmocka_unit_test(every_cut),
        cmocka_unit_test(raw_and_packed),  cmocka_unit_test(from_stdin),
        cmocka_unit_test(folders),         cmocka_unit_test(half_written),
        cmocka_unit_test(several_paths),   cmocka_unit_test(cut_while_in_use),
        cmocka_unit_test(undo_beside),     cmocka_unit_test(undo_cut),
        cmocka_unit_test(no_memory),       cmocka_unit_test(undo_records),
        cmocka_unit_test(core_directory),  cmocka_unit_test(many_at_once),
        cmocka_unit_test(raw_block_files), cmocka_unit_test(other_chain),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
