/* What the table says about itself: help for the terminal, pages for scdoc, completion for bash. */
#include "cli/command.h"

static void option_form(struct text *to, const struct option *o)
{
    text_printf(to, "--%s", o->name);
    if (o->value)
        text_printf(to, " %s", o->value);
}

static size_t option_width(const struct option *o)
{
    return 2 + strlen(o->name) + (o->value ? 1 + strlen(o->value) : 0);
}

#define LINE_MAX_COLUMNS 96

static bool words_may_lack(const struct command *c)
{
    for (const struct word *w = c->words; w && w->name; w++)
        if (!*w->name)
            return true;
    return false;
}

/* What stands behind the command's name. */
static const char *args_form(const struct command *c)
{
    if (!c->words)
        return c->args ? c->args : "";
    return words_may_lack(c) ? "[WORD [ARGUMENTS]]" : "WORD [ARGUMENTS]";
}

/* Options follow the arguments, wrapped below each other where the line gets long. */
static void usage_line(struct text *to, const struct command *c)
{
    int indent = (int)(strlen("usage: cordon ") + strlen(c->name));
    const char *args = args_form(c);
    size_t column = (size_t)indent + (*args ? 1 + strlen(args) : 0);

    text_printf(to, "usage: cordon %s%s%s", c->name, *args ? " " : "", args);
    for (const struct option *o = c->options; o && o->name; o++) {
        size_t n = option_width(o) + (o->many ? 6 : 3);

        if (column + n > LINE_MAX_COLUMNS) {
            text_printf(to, "\n%*s", indent, "");
            column = (size_t)indent;
        }
        column += n;
        text_str(to, " [");
        option_form(to, o);
        text_str(to, o->many ? "]..." : "]");
    }
    text_char(to, '\n');
}

void help_all(struct text *to, const struct command *const *table)
{
    text_str(to, "cordon follows stolen crypto-assets and money, and lets a group stop them.\n\n"
                 "usage: cordon COMMAND [ARGUMENTS] [--OPTIONS]\n");
    for (; *table; table++) {
        if ((*table)->heading)
            text_printf(to, "\n%s:\n", (*table)->heading);
        text_printf(to, "  %-10s %s\n", (*table)->name, (*table)->summary);
    }
    text_str(
        to, "\n\"cordon help COMMAND\" and \"cordon COMMAND --help\" tell more. "
            "\"cordon --version\" names build and libraries.\n"
            "Exit: 0 done, 1 a difference, 2 wrong usage, 3 bad input, 4 the system, 5 a limit.\n");
}

#define FORM_COLUMN_MAX 28 /* longer ones have their meaning on the next line */

/* Broken between words; the lines after the first are indented. */
static void wrapped(struct text *to, const char *words, size_t indent)
{
    size_t column = indent;

    for (const char *at = words, *end; *at; at = end) {
        size_t n;

        at += *at == ' ';
        end = strchrnul(at, ' ');
        n = (size_t)(end - at);
        if (column > indent && column + 1 + n > LINE_MAX_COLUMNS) {
            text_printf(to, "\n%*s", (int)indent, "");
            column = indent;
        }
        text_printf(to, "%s%.*s", column > indent ? " " : "", (int)n, at);
        column += (column > indent) + n;
    }
    text_char(to, '\n');
}

/* A form, and in the column behind all forms what it means. */
static void row(struct text *to, struct text *form, size_t column, const char *meaning)
{
    text_printf(to, "  %s", text_string(form));
    if (form->n > column)
        text_printf(to, "\n  %*s  ", (int)column, "");
    else
        text_printf(to, "%*s  ", (int)(column - form->n), "");
    wrapped(to, meaning, column + 4);
}

static void widen(size_t *column, size_t form_n)
{
    if (form_n <= FORM_COLUMN_MAX && form_n > *column)
        *column = form_n;
}

static void word_form(struct text *to, const struct command *c, const struct word *w)
{
    to->n = 0;
    text_str(to, *w->name ? w->name : c->name);
    if (w->args)
        text_printf(to, " %s", w->args);
}

static void words_list(struct text *to, const struct command *c)
{
    struct text form = text_new(LINE_MAX_COLUMNS);
    size_t column = 0;

    for (const struct word *w = c->words; w->name; w++) {
        word_form(&form, c, w);
        widen(&column, form.n);
    }
    for (const struct word *w = c->words; w->name; w++) {
        word_form(&form, c, w);
        row(to, &form, column, w->meaning);
    }
    text_free(&form);
}

/* "of import and lint: " before what an option means that only some words take. */
static void option_meaning(struct text *to, const struct command *c, const struct option *o)
{
    struct text words = text_new(LINE_MAX_COLUMNS);

    if (option_words(c, o->name, &words))
        text_printf(to, "of %.*s: ", (int)words.n, words.p);
    text_str(to, o->meaning);
    text_free(&words);
}

static void options_list(struct text *to, const struct command *c)
{
    struct text form = text_new(LINE_MAX_COLUMNS), meaning = text_new(4 * LINE_MAX_COLUMNS);
    size_t column = 0;

    for (const struct option *o = c->options; o && o->name; o++)
        widen(&column, option_width(o));
    for (const struct option *o = c->options; o && o->name; o++) {
        form.n = meaning.n = 0;
        option_form(&form, o);
        option_meaning(&meaning, c, o);
        row(to, &form, column, text_string(&meaning));
    }
    text_free(&form);
    text_free(&meaning);
}

void help_command(struct text *to, const struct command *c)
{
    text_printf(to, "cordon %s: %s\n\n", c->name, c->summary);
    usage_line(to, c);
    if (c->words) {
        text_str(to, "\nwords:\n");
        words_list(to, c);
    }
    if (c->about)
        text_printf(to, "\n%s\n", c->about);
    if (c->options && c->options->name) {
        text_str(to, "\noptions:\n");
        options_list(to, c);
    }
    if (c->examples && c->examples->line)
        text_str(to, "\nexamples:\n");
    for (const struct example *e = c->examples; e && e->line; e++)
        text_printf(to, "  %s\n      %s\n", e->line, e->meaning);
}

/* scdoc gives a meaning to these; a backslash before them takes it away. */
static void scdoc(struct text *to, const char *s)
{
    for (; *s; s++) {
        if (strchr("_*\\#<>[]|~", *s))
            text_char(to, '\\');
        text_char(to, *s);
    }
}

static void man_words(struct text *to, const struct command *c)
{
    text_str(to, "\n# WORDS\n");
    for (const struct word *w = c->words; w->name; w++) {
        text_printf(to, "\n*%s*", *w->name ? w->name : c->name);
        if (w->args) {
            text_char(to, ' ');
            scdoc(to, w->args);
        }
        text_str(to, "\n\t");
        scdoc(to, w->meaning);
        text_str(to, ".\n");
    }
}

static void man_meaning(struct text *to, const struct command *c, const struct option *o)
{
    struct text meaning = text_new(4 * LINE_MAX_COLUMNS);

    option_meaning(&meaning, c, o);
    scdoc(to, text_string(&meaning));
    text_free(&meaning);
}

static void man_command(struct text *to, const struct command *c)
{
    text_printf(to, "cordon-%s(1)\n\n# NAME\n\ncordon-%s - ", c->name, c->name);
    scdoc(to, c->summary);
    text_printf(to, "\n\n# SYNOPSIS\n\n*cordon %s* ", c->name);
    scdoc(to, args_form(c));
    text_str(to, c->options && c->options->name ? " [OPTIONS]\n" : "\n");
    if (c->words)
        man_words(to, c);
    if (c->about) {
        text_str(to, "\n# DESCRIPTION\n\n");
        scdoc(to, c->about);
        text_char(to, '\n');
    }
    if (c->options && c->options->name)
        text_str(to, "\n# OPTIONS\n");
    for (const struct option *o = c->options; o && o->name; o++) {
        text_printf(to, "\n*--%s*", o->name);
        if (o->value) {
            text_char(to, ' ');
            scdoc(to, o->value);
        }
        text_str(to, "\n\t");
        man_meaning(to, c, o);
        text_str(to, o->many ? "; may be given more than once.\n" : ".\n");
    }
    if (c->examples && c->examples->line)
        text_str(to, "\n# EXAMPLES\n");
    for (const struct example *e = c->examples; e && e->line; e++) {
        text_str(to, "\n*");
        scdoc(to, e->line);
        text_str(to, "*\n\t");
        scdoc(to, e->meaning);
        text_char(to, '\n');
    }
    text_str(to, "\n# SEE ALSO\n\n*cordon*(1)\n");
}

static void man_all(struct text *to, const struct command *const *table)
{
    text_str(to, "cordon(1)\n\n# NAME\n\ncordon - follow stolen crypto-assets\n\n"
                 "# SYNOPSIS\n\n*cordon* COMMAND [ARGUMENTS] [OPTIONS]\n\n"
                 "# DESCRIPTION\n\n"
                 "cordon reads blocks into a ledger of its own, looks up what is in it, and "
                 "follows value from "
                 "the outputs of a theft to every output that it has reached. Each command has a "
                 "page of its "
                 "own, and *--help*.\n\n# COMMANDS\n");
    for (; *table; table++) {
        text_printf(to, "\n*cordon-%s*(1)\n\t", (*table)->name);
        scdoc(to, (*table)->summary);
        text_str(to, ".\n");
    }
    text_str(
        to,
        "\n# EXIT STATUS\n\n"
        "*0*\n\tdone\n\n*1*\n\ta difference was found\n\n*2*\n\twrong usage\n\n*3*\n\tbad input\n\n"
        "*4*\n\tthe system: disk, memory, permission\n\n*5*\n\ta limit was reached\n\n"
        "# ENVIRONMENT\n\n"
        "*CORDON\\_HOME*\n\tthe folder that holds a ledger for each chain, and all other records; "
        "otherwise _$XDG\\_DATA\\_HOME/cordon_, otherwise "
        "_~/.local/share/cordon_.\n\n"
        "*NO\\_COLOR*\n\tif set, nothing is coloured.\n");
}

void help_man(struct text *to, const struct command *const *table, const struct command *c)
{
    if (c)
        man_command(to, c);
    else
        man_all(to, table);
}

static void completion_of_option(struct text *to, const struct command *c, const struct option *o)
{
    text_printf(to, "    %s:--%s) ", c->name, o->name);
    if (strchr(o->value, '|')) {
        text_str(to, "COMPREPLY=($(compgen -W \"");
        for (const char *at = o->value; *at; at++)
            text_char(to, *at == '|' ? ' ' : *at);
        text_str(to, "\" -- \"$word\"))");
    } else if (!strcmp(o->value, "DIR")) {
        text_str(to, "COMPREPLY=($(compgen -d -- \"$word\"))");
    } else if (!strcmp(o->value, "FILE") || !strcmp(o->value, "PATH")) {
        text_str(to, "COMPREPLY=($(compgen -f -- \"$word\"))");
    } else {
        text_str(to, "COMPREPLY=()");
    }
    text_str(to, "; return ;;\n");
}

/* The first parts of its words' names, each once. */
static void completion_of_words(struct text *to, const struct command *c)
{
    text_printf(to, "    %s) COMPREPLY=($(compgen -W \"", c->name);
    for (const struct word *w = c->words; w->name; w++) {
        size_t n = strcspn(w->name, " ");

        if (n && (w == c->words || strncmp(w->name, w[-1].name, n + 1) != 0))
            text_printf(to, "%.*s ", (int)n, w->name);
    }
    text_str(to, "\" -- \"$word\")); return ;;\n");
}

void help_completion(struct text *to, const struct command *const *table)
{
    text_str(to, "# bash completion of cordon, made from its table of commands\n"
                 "_cordon() {\n"
                 "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} "
                 "command=${COMP_WORDS[1]}\n"
                 "  if [ \"$COMP_CWORD\" -eq 1 ] || { [ \"$COMP_CWORD\" -eq 2 ] && [ \"$command\" "
                 "= help ]; }; then\n"
                 "    COMPREPLY=($(compgen -W \"");
    for (const struct command *const *c = table; *c; c++)
        text_printf(to, "%s ", (*c)->name);
    text_str(to, "--version --help\" -- \"$word\"))\n    return\n  fi\n"
                 "  if [ \"$COMP_CWORD\" -eq 2 ] && [[ $word != -* ]]; then\n"
                 "    case $command in\n");
    for (const struct command *const *c = table; *c; c++)
        if ((*c)->words)
            completion_of_words(to, *c);
    text_str(to, "    esac\n  fi\n  case $command:$before in\n");
    for (const struct command *const *c = table; *c; c++)
        for (const struct option *o = (*c)->options; o && o->name; o++)
            if (o->value)
                completion_of_option(to, *c, o);
    text_str(to, "  esac\n  case $command in\n");
    for (const struct command *const *c = table; *c; c++) {
        text_printf(to, "    %s) options=\"--help", (*c)->name);
        for (const struct option *o = (*c)->options; o && o->name; o++)
            text_printf(to, " --%s", o->name);
        text_str(to, "\" ;;\n");
    }
    text_str(to, "    *) return ;;\n  esac\n"
                 "  if [[ $word == -* ]]; then\n"
                 "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
                 "  else\n    COMPREPLY=($(compgen -f -- \"$word\"))\n  fi\n"
                 "}\ncomplete -o filenames -F _cordon cordon\n");
}
