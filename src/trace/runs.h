/* The policies that know which: runs of tainted units within an output, for fifo and lifo.
 *
 * A run is a half-open interval of positions, [start, end). A list of runs ascends, and runs that
 * touch are one. An output whose every unit is tainted keeps no list: that is what most are, and it
 * costs nothing.
 *
 *     inputs in order     |--a----|-----b-----|-c-|        a line; its tainted runs are marked
 *     fifo outputs        |-----0------|--1--|fee|         cut from the front
 *     lifo outputs        |fee|--1--|------0-----|         cut from the back: as fifo on the
 *                                                          line turned round
 *
 * Lists rest in a store in blocks of 2^k runs and go back to it once their output is spent, so that
 * memory follows what is unspent.
 *
 * Threads:   one owner. */
#ifndef CORDON_TRACE_RUNS_H
#define CORDON_TRACE_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUNS_CLASSES 32

struct run {
    uint64_t start, end;
};

struct run_list { /* grows; append keeps it ascending and merged */
    struct run *at;
    size_t n, size;
};

/* start not below the last end */
bool run_list_add(struct run_list *l, uint64_t start, uint64_t end);
/* [s, e) becomes [line - e, line - s) */
void run_list_turn(struct run_list *l, uint64_t line);
void run_list_free(struct run_list *l);

/* Runs of line within [from, to), counted from from, onto ret, which is emptied first. *at goes on
 * where the cut before ended: cuts ascend. Returns false for want of memory; *ret_n is how many
 * units they cover. */
bool runs_cut(const struct run_list *line, size_t *at, uint64_t from, uint64_t to,
              struct run_list *ret, uint64_t *ret_n);

struct run_store {
    struct run *at;
    size_t n, size;
    uint32_t free[RUNS_CLASSES]; /* 0: none; the next one's place is in start */
};

bool run_store_put(struct run_store *s, const struct run *runs, uint32_t n, uint32_t *ret_place);
void run_store_drop(struct run_store *s, uint32_t place, uint32_t n);
void run_store_free(struct run_store *s);

#endif
