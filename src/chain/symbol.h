/* What people read where a token writes its symbol.
 *
 * Anybody can call a token anything, and whoever wants it to be taken for another writes it with
 * letters of other scripts that look the same, with marks or spaces that do not show, or with a
 * digit for a letter: a Cyrillic Te for T, "USDT" with a zero-width space, "U5DT". symbol_fold
 * gives all of these one form, so that two symbols that look alike are equal:
 *
 *   - characters that Unicode lists as confusable with an ASCII letter or digit (UTS #39), capitals
 *     and small letters alike, letters with marks, wide, mathematical and small capital forms
 *     (symbol_table.inc) are that letter;
 *   - 0 is O, 1 and L are I, 2 is Z, 5 and $ are S, 8 is B;
 *   - punctuation, spaces, marks and what does not show are left out.
 *
 * The rules are of this program and not of a library's version, so that every member reads alike.
 * Threads: safe. */
#ifndef CORDON_CHAIN_SYMBOL_H
#define CORDON_CHAIN_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYMBOL_RULES "cordon.symbols/1"
#define SYMBOL_FOLD_MAX 32 /* with its NUL; no known symbol is longer */

/* s: n bytes. false: it cannot be read as Latin letters and digits (others, none, too many, or not
 * UTF-8). */
bool symbol_fold(const char *s, size_t n, char ret[SYMBOL_FOLD_MAX]);
/* The next character of text that is valid UTF-8, and where it ends. */
uint32_t symbol_next(const uint8_t **at);

#endif
