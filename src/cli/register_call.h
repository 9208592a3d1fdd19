/* What commands of registers share (group/record.h): taking tables in, telling what is there. */
#ifndef CORDON_CLI_REGISTER_CALL_H
#define CORDON_CLI_REGISTER_CALL_H

#include "cli/group_call.h"
#include "group/record_log.h"

/* The register that a call is about: of claims and cases their own, else its second argument. */
bool register_of_call(struct call *c, const struct record_kind **ret, struct err *err) MUST_USE;
/* Fills in who says it under which charter. type is written, and borrowed by *ret. */
bool register_act_of(struct group_log *l, const struct record_kind *k, const char *word,
                     const struct signer *by, char type[OBJECT_NAME_MAX], struct group_log_act *ret,
                     struct err *err) MUST_USE;
/* Nobody tells of a day that is a year ahead but by mistake; a meeting may be planned. */
bool register_days_check(const struct record *r, struct err *err) MUST_USE;
bool register_audience(struct call *c, const char **ret, struct err *err) MUST_USE;
/* The table that the last argument names, whole or not at all; what is in the log already is left
 * alone (register_import.c). */
bool register_import(struct call *c, struct err *err) MUST_USE;
/* One record: "state" a new one from a JSON file, "revise" one, "withdraw" it, or it is "done". */
bool register_act(struct call *c, const char *word, const char *id, const char *path,
                  struct err *err) MUST_USE;
/* All that stand, by --format: a line each, cordon.register/1 or a table that can be taken in. */
bool register_list(struct call *c, struct err *err) MUST_USE;
/* The one that the last argument names. */
bool register_show(struct call *c, struct err *err) MUST_USE;
void record_line_put(struct text *to, const struct record_said *r);

#define OPTION_REGISTER_FORMAT                                                                     \
    {                                                                                              \
        "format", "text|json|csv", "how the answer is written (default: text)", false              \
    }

#define OPTION_REGISTER_TLP                                                                        \
    {                                                                                              \
        "tlp", "clear|green|amber|amber+strict|red",                                               \
            "of import: how rows are marked that do not say so", false                             \
    }

/* Of cases and claims. */
extern const struct option register_options[];

#endif
