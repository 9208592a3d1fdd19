/* The rows of all commands, and what their files share. */
#ifndef CORDON_CLI_CLI_H
#define CORDON_CLI_CLI_H

#include "screen/screener.h" /* files of a home */
#include "chain/facts.h"
#include "cli/command.h"
#include "ledger/account_ledger.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include "trace/case.h"

extern const struct command cmd_address, cmd_alert, cmd_audit, cmd_block, cmd_case, cmd_cases,
    cmd_charter, cmd_claims, cmd_demo, cmd_due, cmd_entities, cmd_entity, cmd_evidence, cmd_help,
    cmd_hold, cmd_indicators, cmd_info, cmd_ingest, cmd_key, cmd_lead, cmd_lists, cmd_log,
    cmd_match, cmd_member, cmd_notify, cmd_oncall, cmd_own, cmd_pack, cmd_advisory, cmd_questions,
    cmd_register, cmd_rules, cmd_screen, cmd_serve, cmd_sim, cmd_tags, cmd_trace, cmd_tx,
    cmd_verify;

const struct command *const *all_commands(void); /* main's table */

#define DEFAULT_CHAIN "bitcoin"

/* where.c: which chain, and where its ledger is: --ledger, else the chain's folder in the home of
 * ledgers. */
bool chain_from_name(const char *name, const struct chain **ret, struct err *err) MUST_USE;
/* The folder of ledgers and of the node's records: --home, else as the environment has it. */
bool home_of_call(struct call *c, const char **ret, struct err *err) MUST_USE;
bool home_file(struct call *c, const char *home, const char *name, const char **ret,
               struct err *err) MUST_USE;
bool ledger_place(struct call *c, const char *chain, const char **ret, struct err *err) MUST_USE;
/* Opens it as c->ledger or as c->accounts, whatever its shape is; chain is meant where the call
 * names none. */
bool any_ledger_of_call(struct call *c, const char *chain, struct err *err) MUST_USE;
void ledgers_close(struct call *c);
/* A file of cordon's home, and the one of all records (tags, lists, ...): made, with its folder,
 * when it is opened for writing. */
bool home_path(struct call *c, const char *name, const char **ret, struct err *err) MUST_USE;
bool records_open(struct call *c, enum store_mode mode, const struct store_schema *const *schemas,
                  size_t schemas_n, struct store **ret, struct err *err) MUST_USE;

/* show.c: how values are shown. Text for people has amounts in whole coins, JSON in base units. */
void show_txid(struct text *to, const struct hash32 *txid);
void show_amount(struct text *to, uint64_t value, unsigned decimals);
void show_time(struct text *to, uint32_t time); /* 2009-01-03 18:15:05, UTC */
void show_height(struct text *to, uint32_t height);
void show_block(struct text *to, const struct ledger_block *b); /* height (or hash), and time */

/* read.c: a whole file, or stdin ("-"), in the arena. */
bool file_read(struct arena *a, const char *path, size_t bytes_max, struct bytes *ret,
               struct err *err) MUST_USE;
/* The compiled set of all tags, of the records as they are. */
struct tag_set;
bool tag_set_of_call(struct call *c, struct tag_set **ret, struct err *err) MUST_USE;
/* --stops-from-tags and --confidence: stops of those chains behind those so far. */
bool stops_from_tags(struct call *c, const struct chain *const *chains, size_t chains_n,
                     const struct trace_stop **stops, size_t *n, struct err *err) MUST_USE;
/* The rows of all --stop files of a call, in order. */
bool stop_files_read(struct call *c, const struct trace_stop **ret, size_t *ret_n,
                     struct err *err) MUST_USE;

#endif
