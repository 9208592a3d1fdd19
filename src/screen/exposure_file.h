/* The file that an exposure is kept in, so that a program that starts need not pass over the ledger
 * again: a head, the sections of its shape in order, each filled up to a multiple of 8 bytes, and a
 * checksum of it all (ledger/format.h: column_sum). Whole numbers are little-endian.
 *
 *     head | section ... section | sum
 *
 * Errors:  ERR_NOT_FOUND no file; ERR_DIFFERS of something else than is asked; ERR_CORRUPT not
 *          whole, or damaged; ERR_SYSTEM. Texts name the file.
 * Threads: each belongs to its caller. */
#ifndef CORDON_SCREEN_EXPOSURE_FILE_H
#define CORDON_SCREEN_EXPOSURE_FILE_H

#include "base/hash.h"
#include "screen/exposure_common.h"

enum exposure_shape { EXPOSURE_COINS, EXPOSURE_ACCOUNTS };

#define EXPOSURE_FILE_COUNTS 8

struct exposure_file_head {
    char magic[8];
    uint32_t version, shape;
    uint64_t bytes;   /* of the file */
    struct hash32 of; /* of all that it stands on */
    uint32_t policy, labels_n, cut_ppm, zero;
    struct exposure_note note;
    uint64_t n[EXPOSURE_FILE_COUNTS]; /* the shape's */
    uint64_t sum;                     /* of the head so far */
};

struct exposure_section {
    void *p;
    uint64_t n; /* bytes */
    /* What is written instead: the next n bytes, which are of whole structs; NULL: as it is. */
    void (*fill)(void *ctx, void *to, size_t n);
    void *ctx;
};
#define EXPOSURE_FILL_BYTES 6144 /* at most at a time */

/* head: shape, counts and note are the caller's, the rest is filled in. */
bool exposure_file_save(const char *path, struct exposure_file_head *head,
                        const struct exposure_asked *asked, const struct hash32 *of,
                        const struct exposure_section *sections, size_t n,
                        struct err *err) MUST_USE;

struct exposure_file {
    const char *path; /* borrowed */
    int fd;
    struct exposure_file_head head;
};

/* Reads the head, for what is asked; after an error there is nothing to close. */
bool exposure_file_open(struct exposure_file *f, const char *path, enum exposure_shape shape,
                        const struct exposure_asked *asked, const struct hash32 *of,
                        struct err *err) MUST_USE;
/* The rest, into sections that are as long as the counts say, which have been looked at: there is
 * memory of that size. */
bool exposure_file_load(struct exposure_file *f, const struct exposure_section *sections, size_t n,
                        struct err *err) MUST_USE;
bool exposure_file_damaged(const struct exposure_file *f, struct err *err); /* false */
void exposure_file_close(struct exposure_file *f);

#endif
