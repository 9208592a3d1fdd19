/* What writers of graphs share (GraphML 1.0, graphml.graphdrawing.org): the data of nodes and
 * edges, and the keys that say what there is.
 *
 * Threads:   as the text's. */
#ifndef CORDON_TRACE_GRAPHML_H
#define CORDON_TRACE_GRAPHML_H

#include "base/text.h"
#include "base/u256.h"

struct graphml_key {
    const char *id, *of, *type; /* of: "node" or "edge" */
};

void graphml_keys(struct text *to, const struct graphml_key *keys, size_t n);
void graphml_data(struct text *to, const char *key, const char *s);
void graphml_number(struct text *to, const char *key, uint64_t v);
void graphml_amount(struct text *to, const char *key, struct u256 amount);

#endif
