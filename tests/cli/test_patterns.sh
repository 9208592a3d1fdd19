#!/bin/bash
# The simulator writes down what its thieves did, and the trace has to find it: every CoinJoin that stolen coins went
# through, by kind, and every peel chain, step by step.
. "$(dirname "$0")/../support.sh"

world() { # SEED
    want 0 "$CORDON" sim --out "world-$1" --blocks 400 --seed "$1"
    want 0 "$CORDON" ingest bitcoin:sim --from "world-$1/blocks" --ledger "world-$1/ledger"
}

# Lines "wasabi1 TXID" of what took place and of what was found; the first must be among the second.
coinjoins() { # SEED THEFT
    jq -r ".thefts[$2].coinjoins[]? | .kind + \" \" + .tx" "world-$1/truth.json" | sort >took-place
    jq -r '.patterns[] | select(.coinjoin) | .coinjoin + " " + .txs[0]' found.json | sort >found
    comm -23 took-place found >missed
    [ ! -s missed ] || { cat missed; return 1; }
    cat took-place >>all-coinjoins
}

# The whole chain is one pattern, transaction for transaction.
peel_chain() { # SEED THEFT
    jq -c ".thefts[$2].peel_chain // []" "world-$1/truth.json" >chain
    [ "$(jq length chain)" -ge 3 ] || return 0
    jq -e --slurpfile chain chain '[.patterns[] | select(.kind == "peel-chain") | .txs] | index([$chain[0]])' \
        found.json >place || { cat chain; return 1; }
    echo >>all-chains
}

what_thieves_did_is_found() {
    command -v jq >/dev/null || skip "jq is not installed"
    local seed theft
    for seed in 3 4; do
        world $seed
        for theft in $(jq -r '.thefts | keys[]' world-$seed/truth.json); do
            want 0 "$CORDON" trace "world-$seed/cases/$(jq -r ".thefts[$theft].case.id" world-$seed/truth.json).json" \
                --ledger world-$seed/ledger --policy haircut --format json
            cp out found.json
            coinjoins $seed "$theft"
            peel_chain $seed "$theft"
        done
    done
    [ "$(sort all-coinjoins | uniq | wc -l)" -ge 4 ]
    [ "$(wc -l <all-chains)" -ge 2 ]
}

check what_thieves_did_is_found
finish
