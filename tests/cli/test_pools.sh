#!/bin/bash
# What comes out of a shielded pool is the pool's, and nobody has to say so by a tag: real blocks of Zcash. Amounts are those that the
# transactions themselves state: a balance of Sapling less the fee, as zcashd and explorers show them.
#
#   block 1,046,401, transaction 707c22ad...: 255.0001 out of Sapling, fee 0.0001, 255 to one address
#   block   975,066, transaction c6b8a7b7...: 4.99990583 out of Sapling, fee 0.0001, 4.99980583 to one address
. "$(dirname "$0")/../support.sh"
DATA=${CORDON_DATA:-$SOURCE/../shared/data}/coins/zcash

blocks() {
    [ -r "$DATA/01046401.hex" ] || skip "$DATA is not here"
    for height in 00903001 00975066 01046401; do
        python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' <"$DATA/$height.hex" >"$height.blk"
    done
    "$CORDON" ingest zcash --from ./*.blk >/dev/null 2>&1
}

# ADDRESS ZATS PPM: what it received of a pool, straight, with the pool's name where the ledger has seen it paid before.
of_the_pool() {
    want 0 "$CORDON" screen "$1" --chain zcash --direction inbound --format json
    jq -e --arg zats "$2" --argjson ppm "$3" '[.answers[0].reasons[] | select(.evidence == "exposed" and .category == "mixer")] |
        length == 1 and .[0].exposure == "direct" and .[0].flow == "received" and .[0].amount == $zats and .[0].share_ppm == $ppm and .[0].label == "pool:sapling"' \
        out >jq.log || {
        jq '.answers[0].reasons' out
        return 1
    }
}

received_from_a_pool() {
    blocks
    of_the_pool t1Pu2ppve3uRMwgtrJhRUTZGs5imDxgrb4g 25500000000 1000000
    of_the_pool t1Rr78NTNpoybCJrqmoP2YhyS9cGG8jHAGk 499980583 25910 # of 192.97
}

# A coinbase is no pool's: its address has no reason of that kind.
nobody_else_is() {
    blocks
    miner=$("$CORDON" block 975066 --chain zcash --format json | jq -r '.transactions[0]')
    address=$("$CORDON" tx "$miner" --chain zcash --format json | jq -r '.outputs[0].address')
    want 0 "$CORDON" screen "$address" --chain zcash --direction inbound --format json
    jq -e '[.answers[0].reasons[] | select(.evidence == "exposed")] == []' out >jq.log
}

check received_from_a_pool
check nobody_else_is
finish
