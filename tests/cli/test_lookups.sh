#!/bin/bash
# Every JSON body against its schema, over a simulated ledger; and what look-ups and traces say, against the truth
# that the simulator tells and against each other.
. "$(dirname "$0")/../support.sh"

"$CORDON" sim --seed 7 --blocks 200 --out "$TMP/world" >"$TMP/sim.log" || cat "$TMP/sim.log"
"$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks" >"$TMP/ingest.log" || cat "$TMP/ingest.log"

# Keeps a body for every_body_is_valid, which checks all of a schema at once.
schema() { # SCHEMA FILE
    mkdir -p "$TMP/bodies/$1"
    cp "$2" "$(mktemp "$TMP/bodies/$1/XXXXXX")"
}

asked() { # COMMAND...: its JSON in out
    want 0 "$CORDON" "$@" --chain bitcoin:sim --format json
    schema "$1" out
}

every_body_is_valid() {
    local name
    mkdir -p "$TMP/bodies/truth"
    cp "$TMP/world/truth.json" "$TMP/bodies/truth/"
    for name in info block tx address trace source case evidence ingest verify sim truth; do
        [ -n "$(ls "$TMP/bodies/$name")" ]
        "$SOURCE/tools/check-json" $name "$TMP/bodies/$name/"*
    done
}

info_counts_what_was_simulated() {
    want 0 "$CORDON" sim --seed 7 --blocks 200 --out again --format json
    schema sim out
    cp out told.json
    asked info
    for member in blocks transactions outputs; do
        [ "$(jq ".$member" out)" = "$(jq ".$member" told.json)" ]
    done
    [ "$(jq -c '[.chain, .runs, .run_list[0].blocks, .data_as_of.height]' out)" = '["bitcoin:sim",1,200,199]' ]
    want 0 "$CORDON" info --chain bitcoin:sim
    says out "bitcoin:sim" "height 199"
}

# Block after block, transaction after transaction: all are valid JSON, link up, and say the same of each other.
blocks_and_transactions_agree() {
    local previous=
    for height in 0 1 50 199; do
        asked block "$height"
        hash=$(jq -r .hash out)
        cp out by-height.json
        asked block "$hash"
        cmp out by-height.json
        [ "$(jq -r .height out)" = "$height" ]
        previous=$(jq -r .previous out)
    done
    asked block 198
    [ "$(jq -r .hash out)" = "$previous" ]
    asked block 150
    cp out block.json
    for txid in $(jq -r '.transactions[]' block.json); do
        asked tx "$txid"
        [ "$(jq -r .block.hash out)" = "$(jq -r .hash block.json)" ]
        jq -e 'if .coinbase then .fee == null and .inputs == []
               else ([.inputs[].value | tonumber] | add) ==
                    ([.outputs[].value | tonumber] | add) + (.fee | tonumber) end' out >jq.log
        want 0 "$CORDON" tx "$txid" --chain bitcoin:sim
        says out "$txid"
    done
}

addresses_add_up() {
    asked block 120
    for txid in $(jq -r '.transactions[:6][]' out); do
        asked tx "$txid"
        for address in $(jq -r '.outputs[].address // empty' out); do
            asked address "$address"
            jq -e --arg txid "$txid" '
                ([.outputs[].value | tonumber] | add) == (.received | tonumber) and
                ([.outputs[] | select(.spent_by) | .value | tonumber] | add // 0) == (.spent | tonumber) and
                (.received | tonumber) - (.spent | tonumber) == (.balance | tonumber) and
                any(.outputs[]; .output | startswith($txid)) and
                .first_seen.height == .outputs[-1].height and
                ([.outputs[].height] | . == (sort | reverse))' out >jq.log
        done
    done
    want 0 "$CORDON" address "$address" --chain bitcoin:sim
    says out "received" "balance" "first seen"
}

what_is_not_there() {
    local nobody=0000000000000000000000000000000000000000000000000000000000000000
    want 3 "$CORDON" tx $nobody --chain bitcoin:sim
    says err "transaction \"$nobody\" is not in the ledger"
    want 3 "$CORDON" block 200 --chain bitcoin:sim
    says err 'block "200" is not in the ledger'
    want 2 "$CORDON" tx xyz --chain bitcoin:sim
    want 2 "$CORDON" block -- -1 --chain bitcoin:sim
    want 3 "$CORDON" address nobody --chain bitcoin:sim
    want 3 "$CORDON" info --ledger "$TMP/nowhere"
    says err "there is no ledger"
    want 2 "$CORDON" info --chain dash
    says err 'unknown chain "dash"'
    want 2 "$CORDON" info --ledger "$CORDON_HOME/bitcoin:sim" --chain bitcoin
}

# Every theft, every policy: valid, conserved, and the same when verified.
traces_of_every_theft() {
    for case in "$TMP"/world/cases/*.json; do
        schema case "$case"
        for policy in fifo lifo haircut tiho poison; do
            want 0 "$CORDON" trace "$case" --stop "$TMP/world/stops.csv" --policy $policy --format json --out trace.json
            schema trace trace.json
            [ "$policy" = poison ] || jq -e '.totals | map_values(tonumber) |
                .origin == .held + .exits + .cut + .fees + .dust + .unresolved' trace.json >jq.log
            want 0 "$CORDON" verify trace.json --stop "$TMP/world/stops.csv"
            says out same
        done
        want 0 "$CORDON" verify trace.json --stop "$TMP/world/stops.csv" --format json
        schema verify out
        [ "$(jq -c '[.answer, .stops_checked]' out)" = '["same",true]' ]
        jq '.totals.fees = "1"' trace.json >changed.json
        want 1 "$CORDON" verify changed.json
        says out "result differs: "
        [ ! -s err ]
        want 1 "$CORDON" verify changed.json --format json
        schema verify out
        [ "$(jq -r .answer out)" = "result differs" ]
        jq '.inputs.until.hash |= sub("^..";"ff")' trace.json >changed.json
        want 1 "$CORDON" verify changed.json
        says out "inputs differ: "
        want 1 "$CORDON" verify changed.json --format json
        schema verify out
        [ "$(jq -r .answer out)" = "inputs differ" ]
    done
}

all_formats() {
    local case=$TMP/world/cases/THEFT-1.json
    want 0 "$CORDON" trace "$case"
    says out "THEFT-1"
    want 0 "$CORDON" trace "$case" --format csv
    says out "case,output,height,address,value,taint"
    want 0 "$CORDON" trace "$case" --format graphml
    says out "<graphml"
    want 0 "$CORDON" trace "$case" --format html
    says out "<!doctype html>" || says out "<!DOCTYPE html>"
    want 0 "$CORDON" trace "$TMP"/world/cases/*.json --format json
    [ "$(wc -l <out)" -eq "$(($(find "$TMP/world/cases" -name '*.json' | wc -l) + 1))" ] # and where they meet
    head -n -1 out >documents.json
    schema trace documents.json
    head -n 1 out | jq . >first.json
    tail -n 1 out >confluence.json
    schema confluence confluence.json
    want 0 "$CORDON" trace "$TMP"/world/cases/*.json
    says out "Where the cases meet" || says out "The cases do not meet anywhere."
    want 0 "$CORDON" trace "$case" --format json
    jq . out | cmp - first.json
    want 2 "$CORDON" trace "$TMP"/world/cases/*.json --format html
}

typed_origins_are_one_case() {
    local output
    output=$(jq -r '.origins[0].output' "$TMP/world/cases/THEFT-1.json")
    want 0 "$CORDON" trace --chain bitcoin:sim "$output,${output%:*}" --format json
    schema trace out
    jq -e --arg output "$output" '.case == null and any(.origins[]; .output == $output)' out >jq.log
    want 0 "$CORDON" trace --chain bitcoin:sim "$output" --until 199 --hops 1 --dust 100 --format json
    schema trace out
    jq -e '.inputs.hops_max == 1 and .inputs.dust == "100" and ([.reached[].hop] | max) <= 1' out >jq.log
    want 3 "$CORDON" trace --chain bitcoin:sim "${output%:*}:999"
    want 4 "$CORDON" trace "$TMP/no-such-case.json"
    says err "no-such-case.json"
    want 2 "$CORDON" trace --chain bitcoin:sim "$output" --hops many
    want 2 "$CORDON" trace --chain bitcoin:sim "$output" --policy best
    says err "fifo|lifo|haircut|tiho|libr|poison is wanted"
}

# A file is there whole or not at all, and a device is not replaced by a file.
files_appear_whole() {
    local case=$TMP/world/cases/THEFT-1.json
    want 4 "$CORDON" trace "$case" --out "$TMP/no/such/folder/t.json"
    want 0 "$CORDON" trace "$case" --out /dev/null
    [ -c /dev/null ]
    echo old >kept.json
    want 3 "$CORDON" trace --chain bitcoin:sim "$(printf '0%.0s' {1..64}):0" --out kept.json
    [ "$(cat kept.json)" = old ]
    [ -z "$(find . -name '*.part-*')" ]
}

evidence_needs_no_ledger() {
    want 0 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --stop "$TMP/world/stops.csv" \
        --evidence evidence.json --from "$TMP/world/blocks" --out t.txt
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify evidence.json
    says out "proven: " "not proven by any such file"
    schema evidence evidence.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify evidence.json --format json
    schema verify out
    [ "$(jq -r .answer out)" = proven ]
    # one digit of one raw transaction
    jq -c '.transactions[0].raw |= sub("^01"; "03") | .transactions[0].raw |= sub("^02"; "01")' evidence.json >lie.json
    CORDON_HOME=$TMP/nothing want 1 "$CORDON" verify lie.json
    says out "not proven: "
    CORDON_HOME=$TMP/nothing want 1 "$CORDON" verify lie.json --format json
    schema verify out
    [ "$(jq -r .answer out)" = "not proven" ]
    want 0 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --stop "$TMP/world/stops.csv" --format json
    local one
    one=$(jq -r '[.reached[] | select(.stop)][0].output' out)
    want 0 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --stop "$TMP/world/stops.csv" \
        --evidence one.json --from "$TMP/world/blocks" --end "$one" --out t.txt
    [ "$(jq -c '[.statement.ends[].output]' one.json)" = "[\"$one\"]" ]
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify one.json
    says out " in 1 output came from"
    want 2 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --evidence e.json --from "$TMP/world/blocks" \
        --end "${one%:*}" --out t.txt
    says err 'TXID:VOUT is wanted'
    [ ! -e e.json ]
    want 2 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --evidence e.json
    says err "--evidence wants --from PATH"
    # an option that would count for nothing is not passed over
    want 2 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --end "$one"
    says err "--end says nothing without --evidence"
    want 2 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --from "$TMP/world/blocks"
    says err "--from says nothing without --evidence"
    want 2 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --evidence e.json --from "$TMP/world/blocks" --out e.json
    says err "would be one file"
    [ ! -e e.json ]
}

# What came in from behind is all that is there: the sums meet, and what a theft took came from somewhere.
backward_to_sources() {
    local output
    output=$(jq -r '.origins[0].output' "$TMP/world/cases/THEFT-1.json")
    for policy in fifo lifo haircut poison; do
        want 0 "$CORDON" trace --chain bitcoin:sim "$output" --backward --policy $policy --format json
        schema source out
        [ $policy = poison ] || jq -e '.totals | map_values(tonumber) |
            .target == .coinbase + .outside + .cut + .unresolved' out >jq.log
    done
    want 0 "$CORDON" trace "$TMP/world/cases/THEFT-1.json" --backward
    says out "asked for" "newly made" "Where the way back ends"
    # as of a time is as of the height that had it
    local height time
    height=$(($("$CORDON" info --chain bitcoin:sim --format json | jq .blocks) - 2))
    time=$("$CORDON" block "$height" --chain bitcoin:sim --format json | jq -r '.time | todate')
    want 0 "$CORDON" trace --chain bitcoin:sim "$output" --backward --until "$height" --format json --out at.json
    want 0 "$CORDON" trace --chain bitcoin:sim "$output" --backward --until "$time" --format json
    cmp at.json out
    want 3 "$CORDON" trace --chain bitcoin:sim "$output" --backward --until 2001-01-01T00:00:00Z
    want 2 "$CORDON" trace --chain bitcoin:sim "$output" --backward --policy tiho
    want 2 "$CORDON" trace --chain bitcoin:sim "$output" --backward --format html
    want 2 "$CORDON" trace --chain bitcoin:sim "$output" --backward --stop "$TMP/world/stops.csv"
}

ingest_goes_on_and_refuses() {
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks"
    says out "0 blocks added" "200 there already"
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks" --format json
    schema ingest out
    [ "$(jq -c '[.added, .known, .stopped]' out)" = '[0,200,false]' ]
    want 0 "$CORDON" ingest bitcoin:sim --from - --ledger streamed <"$TMP/world/blocks/blk00000.dat"
    says out "200 blocks added"
    want 2 "$CORDON" ingest bitcoin:sim
    says err "--from PATH is missing"
    want 2 "$CORDON" ingest --from "$TMP/world/blocks"
    says err "CHAIN"
    want 2 "$CORDON" ingest bitcoin:sim --from x --memory lots
    want 2 "$CORDON" ingest bitcoin:sim --from x --memory 1M
    want 3 "$CORDON" ingest bitcoin:sim --from "$TMP/no-blocks" --ledger other
    says err "no-blocks"
}

for test in info_counts_what_was_simulated blocks_and_transactions_agree addresses_add_up what_is_not_there \
    traces_of_every_theft all_formats typed_origins_are_one_case files_appear_whole evidence_needs_no_ledger \
    backward_to_sources ingest_goes_on_and_refuses every_body_is_valid; do
    check $test
done
finish
