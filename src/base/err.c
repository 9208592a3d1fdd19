#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void put(char *at, size_t n, const char *fmt, va_list args)
{
    int wrote = vsnprintf(at, n, fmt, args);

    if (wrote < 0)
        at[0] = 0;
    else if ((size_t)wrote >= n && n >= 4)
        memcpy(at + n - 4, "...", 4);
    for (; *at; at++) /* one line, and nothing that moves a terminal, whatever was quoted */
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
}

void err_set(struct err *err, enum err_class class, const char *fmt, ...)
{
    va_list args;

    err->class = class;
    va_start(args, fmt);
    put(err->text, sizeof(err->text), fmt, args);
    va_end(args);
}

void err_set_system(struct err *err, const char *fmt, ...)
{
    int saved = errno;
    char text[ERR_TEXT_MAX / 2];
    va_list args;

    va_start(args, fmt);
    put(text, sizeof(text), fmt, args);
    va_end(args);
    err_set(err, ERR_SYSTEM, "%s: %s", text, strerror(saved));
}

void err_prefix(struct err *err, const char *fmt, ...)
{
    char before[ERR_TEXT_MAX / 2], after[ERR_TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    put(before, sizeof(before), fmt, args);
    va_end(args);
    memcpy(after, err->text, sizeof(after));
    err_set(err, err->class, "%s: %s", before, after);
}

int err_exit_code(const struct err *err)
{
    switch (err->class) {
    case ERR_NONE:
        return 0;
    case ERR_DIFFERS:
        return 1;
    case ERR_USAGE:
        return 2;
    case ERR_INPUT:
    case ERR_CORRUPT:
    case ERR_NOT_FOUND:
        return 3;
    case ERR_SYSTEM:
    case ERR_NOMEM:
        return 4;
    case ERR_LIMIT:
        return 5;
    }
    return 4;
}

const char *err_class_name(enum err_class class)
{
    switch (class) {
    case ERR_NONE:
        return "none";
    case ERR_DIFFERS:
        return "differs";
    case ERR_USAGE:
        return "usage";
    case ERR_INPUT:
        return "input";
    case ERR_CORRUPT:
        return "corrupt";
    case ERR_NOT_FOUND:
        return "not found";
    case ERR_SYSTEM:
        return "system";
    case ERR_NOMEM:
        return "no memory";
    case ERR_LIMIT:
        return "limit";
    }
    return "unknown";
}
