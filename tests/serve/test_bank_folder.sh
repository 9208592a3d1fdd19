#!/bin/bash
# Files that are put into a folder are taken into a bank's ledger while the node runs: each once, whole or not at all.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

desk=$("$CORDON" key add desk --scope read)
mkdir "$TMP/spool"
printf 'follow:\n- chain: bank:test\n  folder: %s/spool\n  poll_ms: 20\n' "$TMP" >"$TMP/cordon.yaml"

# put NAME LINE...: a table of payments that has come to rest
put() {
    local name=$1
    shift
    printf '%s\n' "time,from,to,amount,currency" "$@" >"spool/.$name"
    touch -d '10 seconds ago' "spool/.$name"
    mv "spool/.$name" "spool/$name"
}

until_there() { # FILE
    for _ in $(seq 1200); do
        [ ! -e "$1" ] || return 0
        sleep 0.05
    done
    find spool
    return 1
}

payments() {
    asked 200 /v1/info
    jq '.ledgers[] | select(.chain == "bank:test") | .transactions' "$TMP/body"
}

# A file that has been put away is readable a moment later, as payments and as a number.
paid() { # N
    [ "$(payments)" = "$1" ]
}

counted() { # NAME N
    asked 200 /metrics && grep -qxF "cordon_follow_$1_total{chain=\"bank:test\"} $2" body
}

start folder --config "$TMP/cordon.yaml" || exit 1

a_file_is_taken_once() {
    put one.csv 2020-01-01,1,2,5,EUR
    until_there spool/done/one.csv
    until_ok paid 1
    put one.csv 2020-01-01,1,2,5,EUR # the same again
    until_there spool/done/one.csv.2
    [ "$(payments)" = 1 ]
}

a_bad_file_is_put_aside_with_the_reason() {
    put bad.csv 2020-01-02,1,2,much,EUR
    put late.csv 2019-01-01,1,2,5,EUR 2020-01-03,1,2,5,EUR
    put next.csv 2020-01-04,2,3,4,EUR
    until_there spool/bad/bad.csv.reason
    until_there spool/bad/late.csv.reason
    until_there spool/done/next.csv
    until_said spool/bad/bad.csv.reason much
    until_said spool/bad/late.csv.reason "ingest anew"
    until_said folder.log "a file was put aside"
    until_ok paid 2 # nothing of what was refused
    until_ok counted files 3
    until_ok counted bad_files 2
}

what_is_being_written_or_no_file_waits() {
    mkdir spool/folder
    ln -s "$TMP/cordon.yaml" spool/link
    printf 'time,from,to,amount,currency\n2020-01-05,' >spool/.hidden
    put last.csv 2020-01-06,3,4,3,EUR
    until_there spool/done/last.csv
    [ -d spool/folder ] && [ -L spool/link ] && [ -e spool/.hidden ]
}

what_was_taken_before_a_kill_is_not_taken_again() {
    ended KILL "$node"
    mv spool/done/last.csv spool/last.csv # it died before it could move it
    put more.csv 2020-01-07,4,5,2,EUR
    start again --config cordon.yaml
    until_there spool/done/last.csv
    until_there spool/done/more.csv
    until_ok paid 4
    asked 200 /readyz || grep -q 'no sanctions list' "$TMP/body"
    ! grep -q bank:test "$TMP/body" || false
    stop
}

it_is_the_ledger_of_all_files() {
    want 0 "$CORDON" ingest bank:test --from spool/done/one.csv spool/done/next.csv spool/done/last.csv \
        spool/done/more.csv --ledger anew
    rm -f anew/lock "$CORDON_HOME/bank:test/lock"
    diff -r anew "$CORDON_HOME/bank:test"
}

check a_file_is_taken_once
check a_bad_file_is_put_aside_with_the_reason
check what_is_being_written_or_no_file_waits
check what_was_taken_before_a_kill_is_not_taken_again
check it_is_the_ledger_of_all_files
finish
