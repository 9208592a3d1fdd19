/* Files that are put into a folder, and messages that are handed in, into the ledger of a bank's
 * book: each once.
 *
 * A file counts once it has not been written to for FOLLOW_REST_SECONDS; whoever cannot write it in
 * one go writes it as ".NAME" and renames it. Hidden files, folders and links are passed over.
 * Files are taken in the order of their names, each whole or not at all, and then lie in the folder
 * "done" in it; one that cannot be taken lies in "bad", with the reason beside it in NAME.reason.
 * Whoever dies in between takes the file again, of which the ledger then has all.
 *
 * Errors:    ERR_SYSTEM, ERR_NOMEM, ERR_CORRUPT: the file stays where it is. What is wrong with a
 *            file is no error, but told (ret->bad, ret->reason).
 * Threads:   one caller. */
#ifndef CORDON_SERVE_FOLLOW_FOLDER_H
#define CORDON_SERVE_FOLLOW_FOLDER_H

#include "serve/follow_node.h"

#define FOLLOW_REST_SECONDS 1

struct follow_file {
    bool any, bad; /* any: there was a file */
    char name[256];
    struct err reason; /* of bad */
};

/* The next file; ret_grown as follow_node_grow has it. */
bool follow_folder_take(const char *folder, struct follow_ledger *l, struct follow_file *ret,
                        struct follow_grown *ret_grown, struct err *err) MUST_USE;

struct follow_took {
    uint64_t payments; /* that were handed in */
    uint64_t added;    /* of them: the others are in the ledger already */
};

/* Messages as a file has them (chain/bank/bank.h); on success they are durable. What is wrong with
 * them is ERR_INPUT or ERR_LIMIT, named "messages", and then nothing was taken. */
bool follow_messages_take(struct bytes messages, struct follow_ledger *l, struct follow_took *ret,
                          struct follow_grown *ret_grown, struct err *err) MUST_USE;

#endif
