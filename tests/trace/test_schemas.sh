#!/bin/bash
# The documents that the golden files hold are what docs/schemas says, and the GraphML is well-formed and whole.
source "$(dirname "$0")/../support.sh"

case_file() {
    valid case "$SOURCE/fuzz/corpus/case/whole" && valid case "$SOURCE/fuzz/corpus/case/accounts"
}
trace_document() { valid trace "$SOURCE/tests/golden/trace.json"; }
evidence_file() { valid evidence "$SOURCE/tests/golden/evidence.json"; }

# Every id once, nodes before edges, every edge between nodes, every key declared for what it stands in.
graph() {
    python3 - "$SOURCE/tests/golden/trace.graphml" <<'EOF'
import sys, xml.etree.ElementTree as tree
ns = "{http://graphml.graphdrawing.org/xmlns}"
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == ns + "graphml"
keys = {k.get("id"): k.get("for") for k in root.findall(ns + "key")}
(graph,) = root.findall(ns + "graph")
kinds = [child.tag for child in graph]
assert kinds == sorted(kinds, key=[ns + "node", ns + "edge"].index)
nodes = [n.get("id") for n in graph.findall(ns + "node")]
assert len(set(nodes)) == len(nodes)
for edge in graph.findall(ns + "edge"):
    assert edge.get("source") in nodes and edge.get("target") in nodes
for child in graph:
    for data in child.findall(ns + "data"):
        assert child.tag == ns + keys[data.get("key")]
EOF
}

check case_file
check trace_document
check evidence_file
check graph
finish
