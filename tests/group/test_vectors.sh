#!/bin/bash
# The vectors are those that the standards alone give, and the program takes them.
. "$(dirname "$0")/../support.sh"

vectors_are_the_standards() {
    python3 "$SOURCE/tests/group/vectors.py" --check
}

the_program_takes_them() {
    want 0 "$CORDON" log verify "$SOURCE/tests/group/export.jsonl"
    says out '5 events of 3 streams are as they were signed' 'signed by kr'
    group=$(sed -n '1s/.*"group":"\([0-9a-f]*\)".*/\1/p' "$SOURCE/tests/group/export.jsonl")
    want 0 "$CORDON" log import "$SOURCE/tests/group/export.jsonl" --group "$group"
    says out '5 taken in, 0 known already, 0 kept apart, 0 wait'
    want 0 "$CORDON" case list
    says out 'verified' 'us' '盗難 €' 'reported with another table of bridges and pools'
}

alerts_come_out() {
    mkdir alerts
    want 0 "$CORDON" log verify "$SOURCE/tests/group/alerts.jsonl"
    says out '19 events of 3 streams are as they were signed' 'signed by kr'
    group=$(sed -n '1s/.*"group":"\([0-9a-f]*\)".*/\1/p' "$SOURCE/tests/group/alerts.jsonl")
    want 0 "$CORDON" log import "$SOURCE/tests/group/alerts.jsonl" --group "$group" --home alerts
    want 0 "$CORDON" alert list --format json --home alerts
    jq -c '.alerts[] | [.state, .handling.what, .output[:2], .output[-2:], .amount, .verified, (.hold | .amount, .in_force, .soft, .kind, .basis, .why)]' \
        out >got
    printf '%s\n' '["legal","observe","cd",":1","900",true,"700","700",false,"withdrawal-limit","court-order",null]' \
        '["soft-held","observe","ef",":0","120",true,"120","0",true,null,null,"the hold has expired"]' >wanted
    diff wanted got
    want 0 "$CORDON" log show --home alerts
    says out 'not so: within soft_minutes' "not so: not by poison; the charter's least share and amount"
    [ "$(grep -c 'not so' out)" = 2 ]
}

check vectors_are_the_standards
check alerts_come_out
check the_program_takes_them
finish
