/* Real blocks of Ethereum as they lie in the data: the three parts of one, in RLP. */
#ifndef CORDON_TESTS_CHAIN_EVM_PARTS_H
#define CORDON_TESTS_CHAIN_EVM_PARTS_H

#include "support.h"

#include <stdio.h>
#include <stdlib.h>

struct parts {
    struct bytes header, body, receipts;
};

static inline struct bytes part_of(struct bytes file, const char *name)
{
    const char *p = memmem(file.p, file.n, name, strlen(name)), *end;
    struct bytes ret = {NULL, 0};
    char *hex;

    CHECK(p);
    p += strlen(name) + 3; /* " 0x" */
    end = memchr(p, '\n', file.n - (size_t)(p - (const char *)file.p));
    CHECK(end);
    hex = strndup(p, (size_t)(end - p));
    ret = test_hex(hex);
    free(hex);
    return ret;
}

static inline struct parts block_of(const char *number)
{
    char path[64];
    struct bytes file;

    snprintf(path, sizeof(path), "evm/blocks/mainnet-%s.yaml.zst", number);
    file = test_data(path);
    return (struct parts){part_of(file, "header:"), part_of(file, "body:"),
                          part_of(file, "receipts:")};
}

#endif
