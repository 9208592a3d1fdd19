/* What the commands of the group share: the home's log, whose key signs, and how what is said is
 * written down. */
#ifndef CORDON_CLI_GROUP_CALL_H
#define CORDON_CLI_GROUP_CALL_H

#include "cli/cli.h"
#include "group/log.h"

#define OPTION_AS                                                                                  \
    {                                                                                              \
        "as", "NAME", "whose key signs (default: the only person's of this home)", false           \
    }
#define OPTION_PASSPHRASE                                                                          \
    {                                                                                              \
        "passphrase-file", "FILE", "its first line is the passphrase (default: it is asked for)",  \
            false                                                                                  \
    }
#define OPTION_NOTE                                                                                \
    {                                                                                              \
        "note", "TEXT", "what is to be said with it", false                                        \
    }
#define OPTION_AS_NODE                                                                             \
    {                                                                                              \
        "as-node", NULL, "sign with the node's key", false                                         \
    }
#define OPTION_HOME                                                                                \
    {                                                                                              \
        "home", "DIR", "the node's folder (default: $CORDON_HOME)", false                          \
    }

extern const struct group_random group_random; /* the system's */

/* For writing, it must be there. */
bool home_log_open(struct call *c, enum store_mode mode, struct group_log **ret,
                   struct err *err) MUST_USE;
/* To be read as it was at that time. */
bool home_log_open_until(struct call *c, uint64_t until_ms, struct group_log **ret,
                         struct err *err) MUST_USE;
/* For writing; made if it is not there: a group is founded or joined. */
bool home_log_make(struct call *c, struct group_log **ret, struct err *err) MUST_USE;
/* With the log of a home that is of a group: to tell of it, or to change what this home keeps. */
typedef bool log_how(struct call *c, struct group_log *l, struct err *err);
bool group_tell(struct call *c, log_how *how, struct err *err) MUST_USE;
bool group_alter(struct call *c, log_how *how, struct err *err) MUST_USE;
bool keys_folder(struct call *c, const char **ret, struct err *err) MUST_USE;
/* twice: a new one, asked for again. */
bool passphrase_read(struct call *c, const char *whose, bool twice, struct bytes *ret,
                     struct err *err) MUST_USE;
/* The person's key that the call is made with; signer_end ends it. */
bool signer_of_call(struct call *c, struct signer *ret, struct err *err) MUST_USE;
bool node_signer(struct call *c, struct signer *ret, struct err *err) MUST_USE;
/* The person who signs: in a home of a group as its charter says, of the member whose node this
 * home is, in one of the roles, and not revoked; in a home of none whoever has a key there. */
bool person_of_signer(struct call *c, const struct signer *by, unsigned roles,
                      const char **ret_person, struct err *err) MUST_USE;
/* Whose member a key is of. */
bool author_of(const struct charter *charter, const struct signer *by, const char **ret,
               struct err *err) MUST_USE;
/* With the log of a group open for writing, and the key that signs: a person's, or the node's. */
typedef bool signed_how(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                        struct err *err);
bool signed_run(struct call *c, bool by_node, signed_how *how, void *ctx, struct err *err) MUST_USE;
/* It follows the last that was said of its object to its audience, if anything was. */
void act_after_last(const struct fold *f, struct group_log_act *act);
/* Says it, commits, and tells the id. The call's charter is the one in force unless act names one;
 * author is found there. */
bool say_and_commit(struct call *c, struct group_log *l, struct group_log_act *act,
                    const struct charter *charter, struct err *err) MUST_USE;
/* The same with a last look at what it has come to; false: it is not said. */
typedef bool said_check(const struct fold *f, const struct hash32 *id, struct err *err);
bool say_check_and_commit(struct call *c, struct group_log *l, struct group_log_act *act,
                          const struct charter *charter, said_check *check,
                          struct err *err) MUST_USE;
/* "case" and 128 random bits: the name of a new object. */
const char *object_new(struct call *c, const char *kind);
uint64_t now_ms(void);
void show_ms(struct text *to, uint64_t ms);

#endif
