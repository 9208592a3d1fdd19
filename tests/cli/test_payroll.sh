#!/bin/bash
# Wages of disguised workers as origins, in a simulated world with --payroll: followed like what was stolen, by every policy to
# the same ends as the truth of that world tells, and found where they meet a theft. What findings of both say of it is in
# examples/from-report-to-evidence, whose README is run by the test `console`.
. "$(dirname "$0")/../support.sh"

world() {
    [ -d "$TMP/world" ] && return
    want 0 "$CORDON" sim --seed 7 --blocks 200 --payroll --out "$TMP/world"
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks"
}

the_world_without_is_as_before() {
    world
    want 0 "$CORDON" sim --seed 7 --blocks 112 --out plain
    want 0 "$CORDON" sim --seed 7 --blocks 112 --payroll --out with
    cmp plain/blocks/blk00000.dat with/blocks/blk00000.dat
    [ ! -e plain/cases/PAYROLL-1.json ]
    jq -e 'has("meeting") | not' plain/truth.json >jq.log
}

wages_end_where_the_truth_says() {
    world
    valid truth world/truth.json
    valid case world/cases/PAYROLL-1.json
    jq -e '.kind == "payroll" and (.origins | length) == 6' world/cases/PAYROLL-1.json >jq.log
    jq -S '.thefts[] | select(.case.id == "PAYROLL-1") | [.ends[] | select(.output) | [.output, .value, .service]] | sort' \
        world/truth.json >wanted
    for policy in fifo lifo haircut tiho poison; do
        want 0 "$CORDON" trace world/cases/PAYROLL-1.json --policy "$policy" --format json --out trace.json
        jq -S '[.reached[] | select(.stop or .spent_by == null) | [.output, .taint, .stop.name]] | sort' trace.json >got
        cmp wanted got
    done
}

they_meet_a_theft() {
    world
    want 0 "$CORDON" trace world/cases/THEFT-1.json world/cases/PAYROLL-1.json --format json --out both.json
    tail -n 1 both.json >meeting.json
    valid confluence meeting.json
    jq -r '.meeting.address' world/truth.json >wanted
    jq -r '.places[] | select([.cases[].case] == ["THEFT-1", "PAYROLL-1"]) | .place' meeting.json >got
    cmp wanted got
    # what the wages brought there is all of them, less fees
    jq -r '.thefts[] | select(.case.id == "PAYROLL-1") | .ends[] | select(.kind == "exchange-deposit") | .value' \
        world/truth.json >wanted
    jq -r '.places[].cases[] | select(.case == "PAYROLL-1") | .amounts[].taint' meeting.json >got
    cmp wanted got
}

check the_world_without_is_as_before
check wages_end_where_the_truth_says
check they_meet_a_theft
finish
