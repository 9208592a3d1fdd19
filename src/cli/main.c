/* The program: finds the command's row, parses its words, opens what it needs, runs it, and turns
 * an error into one line and an exit code. */
#include "cli/cli.h"

#include "base/hash.h"
#include "cordon.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <zstd.h>

#define CALL_BYTES_MAX ((size_t)64 << 30) /* a trace of all outputs that may be reached */

static const struct command *const commands[] = {
    &cmd_ingest,   &cmd_info,    &cmd_tx,       &cmd_block,     &cmd_address,
    &cmd_trace,    &cmd_verify,  &cmd_evidence,

    &cmd_screen,   &cmd_match,   &cmd_due,      &cmd_questions, &cmd_rules,
    &cmd_tags,     &cmd_lists,   &cmd_entity,   &cmd_entities,  &cmd_indicators,

    &cmd_member,   &cmd_charter, &cmd_case,     &cmd_alert,     &cmd_hold,
    &cmd_log,

    &cmd_register, &cmd_cases,   &cmd_claims,   &cmd_pack,      &cmd_advisory,

    &cmd_serve,    &cmd_own,     &cmd_lead,     &cmd_oncall,    &cmd_notify,
    &cmd_key,      &cmd_audit,

    &cmd_sim,      &cmd_demo,    &cmd_help,     NULL,
};

const struct command *const *all_commands(void)
{
    return commands;
}

static void version(struct text *to)
{
    text_printf(
        to,
        "cordon %s\ncompiler   %s\nsha-256    %s\nlibraries  OpenSSL %s, zstd %s, simdjson %s\n",
        cordon_version(), CORDON_COMPILER, sha256_kernel(), OpenSSL_version(OPENSSL_VERSION_STRING),
        ZSTD_versionString(), CORDON_SIMDJSON);
}

static bool run_command(struct call *c, struct err *err)
{
    bool ok;

    switch (c->command->needs) {
    case NEEDS_NOTHING:
        return call_run(c, err);
    case NEEDS_LEDGER:
        break;
    }
    if (!any_ledger_of_call(c, DEFAULT_CHAIN, err))
        return false;
    ok = call_run(c, err);
    ledgers_close(c);
    return ok;
}

static bool run_words(int words_n, char **words, struct arena *a, struct text *out, struct err *err)
{
    const struct command *command;
    struct call c = {.arena = a};
    bool help;

    if (!words_n)
        return err_fail(err, ERR_USAGE, "a command is missing (see cordon help)");
    if (!strcmp(words[0], "--version") || !strcmp(words[0], "-V")) {
        version(out);
        return true;
    }
    if (!strcmp(words[0], "--help") || !strcmp(words[0], "-h")) {
        help_all(out, commands);
        return true;
    }
    command = command_find(commands, words[0]);
    if (!command)
        return command_unknown(commands, words[0], err);
    if (!call_parse(command, a, words_n - 1, words + 1, &c, &help, err))
        return err_in(err, "%s", command->name);
    if (help) {
        help_command(out, command);
        return true;
    }
    c.out = out;
    return run_command(&c, err);
}

int main(int argc, char **argv)
{
    struct err err = {.class = ERR_NONE}, lost; /* lost: a second error is not told */
    struct arena *a = arena_new(NULL, CALL_BYTES_MAX);
    struct sink to_stdout = {.fd = STDOUT_FILENO};
    struct text out = text_to(sink_write, &to_stdout);
    bool ok;

    signal(SIGPIPE, SIG_IGN); /* the sink is told instead */
    ok = a ? run_words(argc - 1, argv + 1, a, &out, &err) : err_fail(&err, ERR_NOMEM, "cordon");
    if (!text_end(&out, ok ? &err : &lost) && ok)
        ok = err_in(&err, "stdout");
    text_free(&out);
    arena_free(a);
    if (ok || to_stdout.reader_gone)
        return 0;
    if (err.text[0])
        fprintf(stderr, "cordon: %s\n", err.text);
    return err_exit_code(&err);
}
