/* The table of commands: from one row each come dispatch, help, man page and shell completion.
 *
 * A command is a constant row that its file cmd_NAME.c ends with. Options are strict: an unknown
 * one, a missing value, one given twice where once is meant, or a value that is not among "a|b|c"
 * ends with exit 2 and one line that hints at the right way.
 *
 * Errors:    a run that fails has filled err; its class is the exit code (base/err.h). ERR_DIFFERS
 *            with an empty text means that the answer is already on stdout. Nobody but main prints
 *            errors.
 * Ownership: a call and all that it points to end with the command.
 * Threads:   one. */
#ifndef CORDON_CLI_COMMAND_H
#define CORDON_CLI_COMMAND_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* arguments and options of one call: a shell's glob of block files fits */
#define CALL_WORDS_MAX 65536

struct option {
    const char *name;    /* without the dashes; NULL ends a list */
    const char *value;   /* "FILE", "N", or the words allowed: "text|json"; NULL: a flag */
    const char *meaning; /* one sentence, without the full stop */
    bool many;           /* may be given more than once */
};

#define OPTION_FORMAT                                                                              \
    {                                                                                              \
        "format", "text|json", "how the answer is written (default: text)", false                  \
    }
#define OPTION_LEDGER                                                                              \
    {                                                                                              \
        "ledger", "DIR", "the ledger's folder (default: CHAIN's in $CORDON_HOME)", false           \
    }
#define OPTION_CHAIN                                                                               \
    {                                                                                              \
        "chain", "CHAIN", "whose ledger, where --ledger is not given (default: bitcoin)", false    \
    }

enum command_needs {
    NEEDS_NOTHING,
    NEEDS_LEDGER, /* opened read-only before run, by --ledger and --chain */
};

struct example {
    const char *line, *meaning;
};

struct call;

/* What a command that does several things begins with: "lists diff", "member key new". */
struct word {
    const char *name; /* more than one are parted by a space; "": none; NULL ends a list */
    const char *args; /* behind it, as help shows them: "LIST FROM [TO]", "FILE..."; NULL: none */
    /* Parted by spaces: words that do not name one that others name refuse it. */
    const char *options;
    bool (*run)(struct call *c, struct err *err);
    const char *meaning; /* as an option's */
};

struct command {
    const char *name;
    const char *heading;      /* what it and those behind it in the table are about; else NULL */
    const struct word *words; /* else NULL, and all of this: */
    const char *args;         /* as help shows them: "ORIGIN..." */
    unsigned args_min, args_max;
    enum command_needs needs;
    const struct option *options; /* --help is known to all and stands in none */
    bool (*run)(struct call *c, struct err *err);
    const char *summary;
    const char *about; /* paragraphs of the man page, parted by empty lines */
    const struct example *examples;
};

struct given { /* one word of the call, in order: an argument, or an option with its value */
    const struct option *option; /* NULL: an argument */
    const char *value;
};

struct ledger;
struct account_ledger;

struct call {
    const struct command *command;
    const struct word *word;   /* NULL: the command has none */
    const struct given *given; /* [given_n] in order of the command line */
    size_t given_n;
    struct arena *arena;
    /* NEEDS_LEDGER: one of them is open; else NULL */
    struct ledger *ledger;
    struct account_ledger *accounts;
    struct text *out; /* stdout; main ends it */
};

bool call_run(struct call *c, struct err *err) MUST_USE;
/* The word of a command that has some is the first of them. NULL past the last. */
const char *call_arg(const struct call *c, size_t i);
size_t call_args_n(const struct call *c);
const char *call_option(const struct call *c,
                        const char *name); /* the last given; NULL: not given; "" a flag */
bool call_json(const struct call *c);      /* --format json */
/* A whole number of an option, at most max; without the option, other. */
bool call_number(const struct call *c, const char *name, uint64_t max, uint64_t other,
                 uint64_t *ret, struct err *err) MUST_USE;

/* Where a document goes: stdout (path NULL or "-"), or a file that appears whole or not at all. */
struct sink {
    int fd;
    bool reader_gone; /* a pipe whose reader has seen enough: the command ends quietly */
};
bool sink_write(void *sink, const char *p, size_t n); /* a text_sink */

struct out_file {
    struct text *to; /* stdout's, or file */
    struct text file;
    struct sink sink;
    const char *path;
    /* its name until it is whole; NULL: stdout, or a device or pipe that is written into */
    char *part;
};
bool out_open(struct call *c, const char *path, struct out_file *ret, struct err *err) MUST_USE;
bool out_close(struct out_file *o, bool keep,
               struct err *err) MUST_USE; /* keep false: nothing is left */

/* Parses the words after the command's name. *ret_help: --help is among them, and nothing else was
 * checked. */
bool call_parse(const struct command *command, struct arena *a, int words_n, char **words,
                struct call *ret, bool *ret_help, struct err *err) MUST_USE;

/* words.c. The word that the call's arguments begin with, with no fewer and no more of them than it
 * takes, and no option that is of others. */
bool call_word(const struct call *c, const struct word **ret, struct err *err) MUST_USE;
/* How many words that know it name an option, and they: "import and lint". 0: all take it. */
size_t option_words(const struct command *command, const char *option, struct text *to);

/* Tables that end with NULL. */
const struct command *command_find(const struct command *const *table, const char *name);
bool command_unknown(const struct command *const *table, const char *name,
                     struct err *err); /* fails, with a hint */
void help_all(struct text *to, const struct command *const *table);
void help_command(struct text *to, const struct command *c);
void help_man(struct text *to, const struct command *const *table,
              const struct command *c); /* scdoc; c NULL: cordon(1) */
void help_completion(struct text *to, const struct command *const *table); /* bash */

#endif
