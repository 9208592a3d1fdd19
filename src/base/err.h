/* Errors: a class that decides exit code and HTTP status, and one line for a person.
 *
 * A function that can fail returns bool and fills a struct err, which its caller owns. Set it where
 * the cause is known (err_fail), give it context on the way up (err_in: "block 812000: outputs end
 * early"). The text is lower case, without a full stop, and quotes what a person typed. Nothing
 * here prints.
 * Threads: a struct err belongs to one thread. */
#ifndef CORDON_BASE_ERR_H
#define CORDON_BASE_ERR_H

#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define ERR_TEXT_MAX 512

enum err_class {
    ERR_NONE,
    ERR_DIFFERS,   /* a potential match or a difference: exit 1 */
    ERR_USAGE,     /* wrong usage: exit 2 */
    ERR_INPUT,     /* bad input, hostile or damaged bytes from outside: exit 3 */
    ERR_CORRUPT,   /* our own files contradict themselves: exit 3 */
    ERR_NOT_FOUND, /* what was asked for is not here: exit 3 */
    ERR_SYSTEM,    /* disk, network, permission: exit 4 */
    ERR_NOMEM,     /* no memory: exit 4 */
    ERR_LIMIT,     /* a stated limit: exit 5 */
};

struct err {
    enum err_class class;
    char text[ERR_TEXT_MAX];
};

/* All three return false, so that a failing path is one line; being macros, they let a compiler see
 * that. An over-long text is cut, visibly ("..."). err_in puts "...: " in front, err_system appends
 * strerror(errno). */
#define err_fail(err, class, ...) (err_set((err), (class), __VA_ARGS__), err_false())
#define err_in(err, ...) (err_prefix((err), __VA_ARGS__), err_false())
#define err_system(err, ...) (err_set_system((err), __VA_ARGS__), err_false())

void err_set(struct err *err, enum err_class class, const char *fmt, ...) PRINTF_LIKE(3, 4);
void err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
void err_set_system(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

static inline bool err_false(void)
{
    return false;
}

int err_exit_code(const struct err *err);
const char *err_class_name(enum err_class class);

#endif
