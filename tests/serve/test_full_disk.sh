#!/bin/bash
# A node whose files may not grow past a size, as on a full disk, at several fills of it: what it answers is kept, what it cannot keep
# it refuses, and after a kill and with room again nothing is lost, and nothing is there twice.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96
CLEAN=0x00000000219ab540356cBB839Cbe05303d7705Fa
trap '' XFSZ # a write past the limit fails, and ends nobody

desk=$("$CORDON" key add desk --scope read,screen)
list_of 2024-01-02 "$LISTED"

transfer() { # REF ADDRESS
    echo "{\"ref\":\"$1\",\"direction\":\"outbound\",\"chain\":\"ethereum\",\"asset\":\"ETH\",\"amount\":\"1500000000000000000\",\"decimals\":18,\"address\":\"$2\"}"
}

# told REF ADDRESS: its status, in told
told() {
    local status
    status=$(curl -s -o body -w '%{http_code}' -H "Authorization: Bearer $desk" -d "$(transfer "$1" "$2")" \
        "http://127.0.0.1:$port/v1/transfers")
    echo "$status $1 $2" >>told
    case $status in
    200 | 201) jq -e '.decision != "ALLOW"' body >/dev/null ;;
    500 | 503) ! grep ALLOW body ;;
    *)
        echo "$status: $(cat body)"
        false
        ;;
    esac
}

# Files may have SIZE bytes at most, which some have already; questions come, and the node is killed.
full_at() { # SIZE
    : >told
    start "full-$1"
    told "before-$1" "$CLEAN"
    prlimit --pid "$node" --fsize="$1:"
    for i in 1 2 3; do
        told "$1-$i-listed" "$LISTED"
        told "$1-$i-clean" "$CLEAN"
    done
    ended KILL "$node"
    start "again-$1"
    while read -r status ref address; do
        if [ "$status" = 201 ]; then
            asked 200 "/v1/transfers/$ref"
        else # it may have been kept and not said
            told "$ref" "$address"
            grep -q "^20[01] $ref " told
            asked 200 "/v1/transfers/$ref"
        fi
        [ "$(jq -r .decision body)" = "$([ "$address" = "$LISTED" ] && echo BLOCK || echo UNKNOWN)" ]
    done < <(cat told)
    stop
}

nothing_is_lost_or_allowed() {
    local size
    command -v prlimit >/dev/null || skip "prlimit is not here"
    for size in 0 2048 16384 65536; do full_at "$size"; done
    start whole
    asked 200 '/v1/transfers?limit=1000'
    [ "$(jq -r '.transfers[].transfer.ref' body | sort | uniq -d | wc -l)" = 0 ]
    [ "$(jq '.transfers | length' body)" = 28 ]
    stop
    "$CORDON" audit verify >/dev/null
}

check nothing_is_lost_or_allowed
finish
