/* cordon verify, of proofs of the group's log (group/proof.h), and where checkpoints come from. */
#ifndef CORDON_CLI_VERIFY_PROOF_H
#define CORDON_CLI_VERIFY_PROOF_H

#include "cli/cli.h"
#include "group/proof.h"

/* A checkpoint in a file of its own, or the one of a proof. */
bool checkpoint_file(struct call *c, const char *path, struct hash32 *ret_group,
                     struct checkpoint *ret, struct err *err) MUST_USE;
/* Says whether it proves what --event or --from is of, and with --charter whose word that is. */
bool verify_proof(struct call *c, struct bytes in, bool *ret_proven, struct err *err) MUST_USE;

#endif
