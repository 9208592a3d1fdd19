/* Words of the command line -> a call, by the command's row. */
#include "cli/command.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many single letters must change to make a of b (Wagner and Fischer), up to most + 1: for
 * hints. */
static unsigned letters_apart(const char *a, const char *b, unsigned most)
{
    enum { LETTERS_MAX = 32 };
    unsigned row[LETTERS_MAX + 1];
    size_t a_n = strlen(a), b_n = strlen(b);

    if (a_n > LETTERS_MAX || b_n > LETTERS_MAX)
        return most + 1;
    for (unsigned k = 0; k <= b_n; k++)
        row[k] = k;
    for (unsigned i = 1; i <= a_n; i++) {
        unsigned corner = row[0];

        row[0] = i;
        for (unsigned k = 1; k <= b_n; k++) {
            unsigned change = corner + (a[i - 1] != b[k - 1]);

            corner = row[k];
            row[k] = corner + 1 < row[k - 1] + 1 ? corner + 1 : row[k - 1] + 1;
            row[k] = change < row[k] ? change : row[k];
        }
    }
    return row[b_n] > most ? most + 1 : row[b_n];
}

#define HINT_LETTERS_MAX 2

const struct command *command_find(const struct command *const *table, const char *name)
{
    for (; *table; table++)
        if (!strcmp((*table)->name, name))
            return *table;
    return NULL;
}

bool command_unknown(const struct command *const *table, const char *name, struct err *err)
{
    for (; *table; table++)
        if (letters_apart((*table)->name, name, HINT_LETTERS_MAX) <= HINT_LETTERS_MAX)
            return err_fail(err, ERR_USAGE, "unknown command \"%s\" (is %s meant?)", name,
                            (*table)->name);
    return err_fail(err, ERR_USAGE, "unknown command \"%s\" (see cordon help)", name);
}

static const struct option *option_find(const struct command *command, const char *name, size_t n)
{
    for (const struct option *o = command->options; o && o->name; o++)
        if (strlen(o->name) == n && !strncmp(o->name, name, n))
            return o;
    return NULL;
}

static bool option_unknown(const struct command *command, const char *name, size_t n,
                           struct err *err)
{
    char word[33] = "";

    if (n < sizeof(word))
        memcpy(word, name, n);
    for (const struct option *o = command->options; o && o->name; o++)
        if (letters_apart(o->name, word, HINT_LETTERS_MAX) <= HINT_LETTERS_MAX)
            return err_fail(err, ERR_USAGE, "unknown option \"--%.*s\" (is --%s meant?)", (int)n,
                            name, o->name);
    return err_fail(err, ERR_USAGE, "unknown option \"--%.*s\" (see cordon help %s)", (int)n, name,
                    command->name);
}

/* Is value one of the words of "a|b|c"? Anything goes where there is no choice. */
static bool value_allowed(const char *words, const char *value)
{
    size_t n = strlen(value);

    if (!strchr(words, '|'))
        return true;
    for (const char *at = words; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (!strncmp(at, value, n) && (at[n] == '|' || !at[n]))
            return true;
    }
    return false;
}

static bool given_before(const struct call *c, const struct option *option)
{
    for (size_t i = 0; i < c->given_n; i++)
        if (c->given[i].option == option)
            return true;
    return false;
}

/* --NAME, --NAME=VALUE or --NAME VALUE at words[*at]. */
static bool option_parse(struct call *c, int words_n, char **words, int *at, struct given *ret,
                         struct err *err)
{
    const char *name = words[*at] + 2, *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const struct option *o = option_find(c->command, name, n);

    if (!o)
        return option_unknown(c->command, name, n, err);
    if (!o->many && given_before(c, o))
        return err_fail(err, ERR_USAGE, "--%s is given twice", o->name);
    if (!o->value && equals)
        return err_fail(err, ERR_USAGE, "--%s takes no value", o->name);
    if (o->value && !equals && *at + 1 >= words_n)
        return err_fail(err, ERR_USAGE, "--%s wants %s", o->name, o->value);
    *ret = (struct given){o, !o->value ? "" : equals ? equals + 1 : words[++*at]};
    if (o->value && !*ret->value)
        return err_fail(err, ERR_USAGE, "--%s wants %s, not nothing", o->name, o->value);
    if (o->value && !value_allowed(o->value, ret->value))
        return err_fail(err, ERR_USAGE, "--%s \"%s\": %s is wanted", o->name, ret->value, o->value);
    return true;
}

static bool wants_help(int words_n, char **words)
{
    for (int i = 0; i < words_n && strcmp(words[i], "--"); i++)
        if (!strcmp(words[i], "--help") || !strcmp(words[i], "-h"))
            return true;
    return false;
}

bool call_parse(const struct command *command, struct arena *a, int words_n, char **words,
                struct call *ret, bool *ret_help, struct err *err)
{
    struct call c = {.command = command, .arena = a};
    struct given *given;
    bool all_args = false;

    *ret_help = wants_help(words_n, words);
    if (*ret_help)
        return true;
    if (words_n > CALL_WORDS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d words", CALL_WORDS_MAX);
    given = ARENA_ARRAY(a, struct given, (size_t)words_n + 1);
    if (!given)
        return err_fail(err, ERR_NOMEM, "%d words", words_n);
    c.given = given;
    for (int i = 0; i < words_n; i++) {
        const char *word = words[i];

        if (!all_args && !strcmp(word, "--")) {
            all_args = true;
            continue;
        }
        if (all_args || word[0] != '-' || !word[1])
            given[c.given_n] = (struct given){NULL, word};
        else if (word[1] != '-')
            return err_fail(err, ERR_USAGE, "unknown option \"%s\" (options begin with two dashes)",
                            word);
        else if (!option_parse(&c, words_n, words, &i, &given[c.given_n], err))
            return false;
        c.given_n++;
    }
    *ret = c;
    if (command->words)
        return call_word(ret, &ret->word, err);
    if (call_args_n(&c) < command->args_min)
        return err_fail(err, ERR_USAGE, "%s is missing (see cordon help %s)", command->args,
                        command->name);
    return call_args_n(&c) <= command->args_max ||
           err_fail(err, ERR_USAGE, "\"%s\" is one argument too many (see cordon help %s)",
                    call_arg(&c, command->args_max), command->name);
}

bool call_run(struct call *c, struct err *err)
{
    return c->word ? c->word->run(c, err) : c->command->run(c, err);
}

const char *call_arg(const struct call *c, size_t i)
{
    for (size_t k = 0; k < c->given_n; k++)
        if (!c->given[k].option && !i--)
            return c->given[k].value;
    return NULL;
}

size_t call_args_n(const struct call *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->given_n; i++)
        n += !c->given[i].option;
    return n;
}

const char *call_option(const struct call *c, const char *name)
{
    for (size_t i = c->given_n; i-- > 0;)
        if (c->given[i].option && !strcmp(c->given[i].option->name, name))
            return c->given[i].value;
    return NULL;
}

bool call_json(const struct call *c)
{
    const char *format = call_option(c, "format");

    return format && !strcmp(format, "json");
}

bool call_number(const struct call *c, const char *name, uint64_t max, uint64_t other,
                 uint64_t *ret, struct err *err)
{
    const char *value = call_option(c, name);

    *ret = other;
    if (!value)
        return true;
    if (!u64_from_text(value, strlen(value), ret))
        return err_fail(err, ERR_USAGE, "--%s \"%s\": a whole number is wanted", name, value);
    if (*ret > max)
        return err_fail(err, ERR_USAGE, "--%s \"%s\": at most %llu", name, value,
                        (unsigned long long)max);
    return true;
}

/* What is written beside its final name until it is whole, for the signal that ends the program
 * early. */
static const char *volatile unfinished;

static void drop_unfinished(int signal)
{
    if (unfinished)
        unlink(unfinished);
    _exit(128 + signal);
}

/* A device or a pipe is written into; a file is written beside its name and renamed when whole. */
static bool written_in_place(const char *path)
{
    struct stat st;

    return !stat(path, &st) && !S_ISREG(st.st_mode);
}

bool sink_write(void *to, const char *p, size_t n)
{
    struct sink *sink = to;

    if (write_whole(sink->fd, p, n))
        return true;
    sink->reader_gone = errno == EPIPE;
    return false;
}

static bool part_name(struct arena *a, const char *path, char **ret, struct err *err)
{
    struct text name = text_new(PATH_MAX);

    text_printf(&name, "%s.part-%d", path, (int)getpid());
    *ret = text_string(&name) ? arena_string(a, name.p, name.n) : NULL;
    text_free(&name);
    return *ret || err_fail(err, ERR_USAGE, "\"%s\": too long a name", path);
}

bool out_open(struct call *c, const char *path, struct out_file *ret, struct err *err)
{
    *ret = (struct out_file){.to = c->out, .path = path};
    if (!path || !strcmp(path, "-"))
        return true;
    if (!written_in_place(path) && !part_name(c->arena, path, &ret->part, err))
        return false;
    ret->sink.fd =
        open(ret->part ? ret->part : path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (ret->sink.fd < 0)
        return err_system(err, "\"%s\"", path);
    if (ret->part) {
        unfinished = ret->part;
        signal(SIGINT, drop_unfinished);
        signal(SIGTERM, drop_unfinished);
    }
    ret->file = text_to(sink_write, &ret->sink);
    ret->to = &ret->file;
    return true;
}

bool out_close(struct out_file *o, bool keep, struct err *err)
{
    bool ok = true;

    if (o->to != &o->file)
        return true;
    if (keep)
        ok = text_end(&o->file, err);
    text_free(&o->file);
    if (close(o->sink.fd) && ok && keep)
        ok = err_system(err, "cannot write");
    if (o->part && ok && keep && rename(o->part, o->path))
        ok = err_system(err, "cannot rename");
    if (o->part && (!ok || !keep))
        unlink(o->part);
    unfinished = NULL;
    return ok || err_in(err, "\"%s\"", o->path);
}
