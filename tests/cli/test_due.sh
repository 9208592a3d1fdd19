#!/bin/bash
# cordon due: a blocked deposit starts clocks once, persons close them, and nothing tells of a suspicious-transaction report.
. "$(dirname "$0")/../support.sh"

LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96

home() {
    export CORDON_HOME=$TMP/home-$BASHPID
    printf '3,"SOME GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Digital Currency Address - ETH %s."\r\n\x1a\r\n' "$LISTED" >sdn.csv
    want 0 "$CORDON" lists import --as-of 2024-01-02 sdn.csv
}

# Due at once, and today.
own_clocks() {
    cat >"$CORDON_HOME/clocks.yaml" <<'YAML'
clocks:
- {id: at-once, jurisdiction: XX, report: blocked_property, basis: a law, within: 0 hours, on: {decision: BLOCK, direction: inbound}}
- {id: today, jurisdiction: XX, report: frozen_funds, basis: another, within: 0 days, on: {decision: BLOCK, list: ofac-sdn}}
- {id: not-meant, jurisdiction: XX, report: frozen_funds, basis: another, within: 0 days, on: {decision: BLOCK, list: un}}
YAML
}

started_once_and_closed() {
    day_lasts 300
    home
    want 3 "$CORDON" due 1
    own_clocks
    want 1 "$CORDON" screen "$LISTED"
    want 1 "$CORDON" screen "$LISTED"
    want 0 "$CORDON" due
    [ "$(grep -c '^[0-9]' out)" -eq 2 ]
    head -1 out | grep -q "^1  $(date -u +%F)  OVERDUE  XX  blocked_property  a law$"
    sed -n 3p out | grep -q '^2  .*  due  XX  frozen_funds  another$'
    says out "BLOCK of evm ${LISTED,,}, ofac-sdn 3, match 1"
    want 0 "$CORDON" due --format json
    valid due out
    [ "$(jq -c '[.overdue, (.due | map(.clock)), .due[0].overdue, .due[1].overdue]' out)" = '[1,["at-once","today"],true,false]' ]
    want 0 "$CORDON" due --by 2020-01-01
    says out 'nothing is due'
    want 2 "$CORDON" due 1 --done --by kim
    says err '(--reference)'
    want 2 "$CORDON" due 1 --done --by kim --reference 'SAR 2026/1'
    says err 'suspicious-transaction report is not written here'
    want 0 "$CORDON" due 1 --done --by kim --reference ORS-118
    says out 'reported' 'kim: ORS-118'
    want 2 "$CORDON" due 1 --done --by lee --reference ORS-119
    says err 'is closed, by kim'
    want 0 "$CORDON" due --format json
    [ "$(jq -c '[.overdue, (.due | map(.clock))]' out)" = '[0,["today"]]' ]
    want 0 "$CORDON" due --all --format json
    valid due out
    [ "$(jq -c '.due | length' out)" = 2 ]
    want 3 "$CORDON" due 99
    # outbound is another direction, dry asks write nothing, a batch does
    want 1 "$CORDON" screen --dry --direction outbound "$LISTED"
    printf 'address,direction\n%s,outbound\n' "$LISTED" >batch.csv
    want 1 "$CORDON" screen --batch batch.csv
    want 0 "$CORDON" due --all --format json
    [ "$(jq -c '.due | length' out)" = 2 ]
}

# The rows that ship: OFAC's, for a match of OFAC's list.
that_ship() {
    home
    want 1 "$CORDON" screen "$LISTED"
    want 0 "$CORDON" due --format json
    valid due out
    [ "$(jq -c '.due | map(.clock) | sort' out)" = '["ofac-annual","ofac-blocked"]' ]
    [ "$(jq -r '.due[] | select(.clock == "ofac-annual") | .due_day[4:]' out)" = -09-30 ]
    want 0 "$CORDON" due "$(jq '.due[] | select(.clock == "ofac-annual") | .due' out)" --done --by kim --reference ORS-1
    want 0 "$CORDON" due --format json
    [ "$(jq -c '.due | length' out)" = 2 ] # the next year's
}

# Asking past questions again moves no money.
asked_again() {
    home
    rm "$CORDON_HOME"/* && printf '3,"SOME GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a\r\n' >sdn.csv
    want 0 "$CORDON" lists import --as-of 2024-01-02 sdn.csv
    want 0 "$CORDON" screen "$LISTED"
    home
    want 0 "$CORDON" lists import --as-of 2024-01-03 sdn.csv
    want 0 "$CORDON" due --all
    says out 'nothing is due'
}

bad_files() {
    home
    printf 'clocks:\n- {id: a}\n' >"$CORDON_HOME/clocks.yaml"
    want 3 "$CORDON" screen "$LISTED"
    says err 'clocks: line 2'
    printf 'clocks:\n- {id: a, jurisdiction: X, report: suspicious_transaction, basis: b}\n' >"$CORDON_HOME/clocks.yaml"
    want 3 "$CORDON" screen "$LISTED"
    says err 'report: blocked_property'
    want 2 "$CORDON" due --by tomorrow
    want 2 "$CORDON" due --done
    want 2 "$CORDON" due 1 --reference x
    want 2 "$CORDON" due one
}

check started_once_and_closed
check that_ship
check asked_again
check bad_files
finish
