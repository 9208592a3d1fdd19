/* The words of commands that do several things: which one a call begins with, and whether the rest
 * fits it. */
#include "cli/command.h"

#define WANTED_BYTES_MAX 400 /* of a line that names them all */

/* How many of the call's arguments a word's name is; SIZE_MAX: it is another. */
static size_t name_args(const struct call *c, const char *name)
{
    size_t i = 0;

    for (const char *at = name, *end; *at; at = *end ? end + 1 : end, i++) {
        const char *arg = call_arg(c, i);

        end = strchrnul(at, ' ');
        if (!arg || strlen(arg) != (size_t)(end - at) || strncmp(arg, at, (size_t)(end - at)) != 0)
            return SIZE_MAX;
    }
    return i;
}

/* The one that the call begins with, else the one without a name, if it takes what is there. */
static const struct word *word_of(const struct call *c, size_t *ret_args)
{
    const struct word *other = NULL;

    for (const struct word *w = c->command->words; w->name; w++) {
        *ret_args = name_args(c, w->name);
        if (*w->name && *ret_args != SIZE_MAX)
            return w;
        other = *w->name ? other : w;
    }
    *ret_args = 0;
    return other && (other->args || !call_arg(c, 0)) ? other : NULL;
}

/* "LIST FROM [TO]" are two or three, "FILE..." are one or more. */
static void args_bounds(const char *args, size_t *ret_min, size_t *ret_max)
{
    *ret_min = *ret_max = 0;
    for (const char *at = args, *end; at && *at; at = *end ? end + 1 : end) {
        end = strchrnul(at, ' ');
        *ret_min += *at != '[';
        *ret_max = memmem(at, (size_t)(end - at), "...", 3) ? CALL_WORDS_MAX : *ret_max + 1;
    }
}

static bool names_option(const struct word *w, const char *option)
{
    size_t n = strlen(option);

    for (const char *at = w->options, *end; at && *at; at = *end ? end + 1 : end) {
        end = strchrnul(at, ' ');
        if ((size_t)(end - at) == n && !strncmp(at, option, n))
            return true;
    }
    return false;
}

/* The i-th of n in "a, b and c". */
static void listed(struct text *to, const char *name, size_t i, size_t n, const char *last)
{
    text_printf(to, "%s%s", !i ? "" : i + 1 == n ? last : ", ", name);
}

size_t option_words(const struct command *command, const char *option, struct text *to)
{
    size_t n = 0, i = 0;

    for (const struct word *w = command->words; w && w->name; w++)
        n += names_option(w, option);
    for (const struct word *w = command->words; n && w->name; w++)
        if (names_option(w, option))
            listed(to, *w->name ? w->name : command->name, i++, n, " and ");
    return n;
}

/* An option that would count for nothing is refused. */
static bool options_fit(const struct call *c, const struct word *w, struct err *err)
{
    for (size_t i = 0; i < c->given_n; i++) {
        const struct option *o = c->given[i].option;
        struct text words = text_new(WANTED_BYTES_MAX);
        bool fits = !o || names_option(w, o->name) || !option_words(c->command, o->name, &words);

        if (!fits && text_end(&words, err))
            err_set(err, ERR_USAGE, "--%s is of %.*s, not of %s", o->name, (int)words.n, words.p,
                    *w->name ? w->name : c->command->name);
        text_free(&words);
        if (!fits)
            return false;
    }
    return true;
}

static bool word_unknown(const struct call *c, struct err *err)
{
    struct text words = text_new(WANTED_BYTES_MAX);
    size_t n = 0, i = 0;

    for (const struct word *w = c->command->words; w->name; w++)
        n += *w->name != 0;
    for (const struct word *w = c->command->words; w->name; w++)
        if (*w->name)
            listed(&words, w->name, i++, n, " or ");
    if (text_end(&words, err) && call_arg(c, 0))
        err_set(err, ERR_USAGE, "\"%.60s\": %.*s is wanted", call_arg(c, 0), (int)words.n, words.p);
    else if (!words.bad)
        err_set(err, ERR_USAGE, "%.*s is wanted (see cordon help %s)", (int)words.n, words.p,
                c->command->name);
    text_free(&words);
    return false;
}

bool call_word(const struct call *c, const struct word **ret, struct err *err)
{
    size_t behind, min, max, n = call_args_n(c);
    const struct word *w = word_of(c, &behind);

    if (!w)
        return word_unknown(c, err);
    args_bounds(w->args, &min, &max);
    if (n - behind < min)
        return err_fail(err, ERR_USAGE, "%s: %s is wanted", w->name, w->args);
    if (n - behind > max)
        return err_fail(err, ERR_USAGE, "%s: \"%s\" is one argument too many", w->name,
                        call_arg(c, behind + max));
    *ret = w;
    return options_fit(c, w, err);
}
