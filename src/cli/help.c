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

/* Options follow the arguments, wrapped below each other where the line gets long. */
static void usage_line(struct text *to, const struct command *c)
{
    int indent = (int)(strlen("usage: cordon ") + strlen(c->name));
    size_t column = (size_t)indent + (c->args ? 1 + strlen(c->args) : 0);

    text_printf(to, "usage: cordon %s%s%s", c->name, c->args ? " " : "", c->args ? c->args : "");
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
    text_str(to, "cordon follows stolen crypto-assets through a ledger of its own.\n\n"
                 "usage: cordon COMMAND [ARGUMENTS] [--OPTIONS]\n\n");
    for (; *table; table++)
        text_printf(to, "  %-10s %s\n", (*table)->name, (*table)->summary);
    text_str(
        to, "\n\"cordon help COMMAND\" and \"cordon COMMAND --help\" tell more. "
            "\"cordon --version\" names build and libraries.\n"
            "Exit: 0 done, 1 a difference, 2 wrong usage, 3 bad input, 4 the system, 5 a limit.\n");
}

#define OPTION_COLUMN_MAX 28 /* longer ones have their meaning on the next line */

static void options_list(struct text *to, const struct option *options)
{
    int column = 0;

    for (const struct option *o = options; o && o->name; o++)
        if (option_width(o) <= OPTION_COLUMN_MAX && (int)option_width(o) > column)
            column = (int)option_width(o);
    for (const struct option *o = options; o && o->name; o++) {
        text_str(to, "  ");
        option_form(to, o);
        if (option_width(o) > (size_t)column)
            text_printf(to, "\n  %*s", column, "");
        else
            text_printf(to, "%*s", column - (int)option_width(o), "");
        text_printf(to, "  %s\n", o->meaning);
    }
}

void help_command(struct text *to, const struct command *c)
{
    text_printf(to, "cordon %s: %s\n\n", c->name, c->summary);
    usage_line(to, c);
    if (c->about)
        text_printf(to, "\n%s\n", c->about);
    if (c->options && c->options->name) {
        text_str(to, "\noptions:\n");
        options_list(to, c->options);
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

static void man_command(struct text *to, const struct command *c)
{
    text_printf(to, "cordon-%s(1)\n\n# NAME\n\ncordon-%s - ", c->name, c->name);
    scdoc(to, c->summary);
    text_printf(to, "\n\n# SYNOPSIS\n\n*cordon %s*", c->name);
    if (c->args) {
        text_char(to, ' ');
        scdoc(to, c->args);
    }
    text_str(to, c->options && c->options->name ? " [OPTIONS]\n" : "\n");
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
        scdoc(to, o->meaning);
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
    text_str(to,
             "--version --help\" -- \"$word\"))\n    return\n  fi\n  case $command:$before in\n");
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
