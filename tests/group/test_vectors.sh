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

# By whoever has a note that was kept, and no log: that nothing was taken back, and whose word that is.
a_proof_needs_no_log() {
    local here=$SOURCE/tests/group
    export CORDON_HOME=/nonexistent
    sed -n 2p "$here/export.jsonl" | jq -jcS .body >charter
    want 0 "$CORDON" verify "$here/grown.proof" --from "$here/kept.note"
    says out 'proven: the first 1 of 3 events are as they were' '/us/60957b60103d2db9caab2987e5c0b407' 'whose signatures were not checked'
    want 0 "$CORDON" verify "$here/grown.proof" --from "$here/kept.note" --charter charter
    says out 'signed by us, jp, kr'
    want 0 "$CORDON" verify "$here/grown.proof" --from "$here/kept.note" --charter charter --format json
    "$SOURCE/tools/check-json" verify out
    [ "$(jq -c '[.answer, .events, .kept, .signed_by]' out)" = '["proven",3,1,["us","jp","kr"]]' ]
    want 1 "$CORDON" verify "$here/grown.proof" --from "$here/checkpoint.note"
    says out 'not proven: its checkpoint did not grow from the one that was kept'
    want 1 "$CORDON" verify "$here/grown.proof" --from "$here/checkpoint.note" --format json
    "$SOURCE/tools/check-json" verify out
    # what was never signed, or by another key
    sed 's/ ctjeCgro/ ctjeCgrp/' "$here/grown.proof" >forged
    want 0 "$CORDON" verify forged --from "$here/kept.note"
    want 1 "$CORDON" verify forged --from "$here/kept.note" --charter charter
    says out 'is not signed by a key that the charter gives its author'
    sed '5s/.\{9\}$/AAAAAAAA=/' "$here/kept.note" >forged
    want 1 "$CORDON" verify "$here/grown.proof" --from forged --charter charter
    says out 'the checkpoint that was kept is not signed'
    want 2 "$CORDON" verify "$here/grown.proof"
    says err 'from: the checkpoint that was kept is wanted'
    want 3 "$CORDON" verify "$here/grown.proof" --from charter
    want 3 "$CORDON" verify "$here/grown.proof" --from "$here/kept.note" --charter "$here/kept.note"
    head -n 3 "$here/grown.proof" >cut
    want 3 "$CORDON" verify cut --from "$here/kept.note"
    says err 'a proof that is cut short'
}

alerts_come_out() {
    mkdir alerts
    want 0 "$CORDON" log verify "$SOURCE/tests/group/alerts.jsonl"
    says out '26 events of 3 streams are as they were signed' 'signed by kr'
    group=$(sed -n '1s/.*"group":"\([0-9a-f]*\)".*/\1/p' "$SOURCE/tests/group/alerts.jsonl")
    want 0 "$CORDON" log import "$SOURCE/tests/group/alerts.jsonl" --group "$group" --home alerts
    want 0 "$CORDON" alert list --format json --home alerts
    jq -c '.alerts[] | [.state, .handling.what, .output[:2], .output[-2:], .amount, .verified, (.hold | .amount, .in_force, .soft, .kind, .basis, .why)]' \
        out >got
    printf '%s\n' '["legal","observe","cd",":1","900",true,"700","700",false,"withdrawal-limit","sanctions",null]' \
        '["soft-held","observe","ef",":0","120",true,"120","0",true,null,null,"the hold has expired"]' >wanted
    diff wanted got
    jq -r '.alerts[0].hold.instrument' out | grep -q '^instrument:[0-9a-f]\{64\}$'
    want 0 "$CORDON" log show --home alerts
    says out 'not so: within soft_minutes' "not so: not by poison; the charter's least share and amount"
    says out 'no authority of JP has taken the request of US on (relay): court-order does not serve' \
        'no row of the basis matrix: act extend, requester US agency, holder JP agency, basis tos, 1 hours, on 2026-11-18' \
        'bases[2] of the basis matrix (extend, * * asks JP *) lets such acts hold for 1 hours in all' \
        'not so: it names an instrument that stands'
    [ "$(grep -c 'in all from the first of them, and no longer' out)" = 1 ]
    [ "$(grep -c 'not so' out)" = 3 ]
}

check vectors_are_the_standards
check a_proof_needs_no_log
check alerts_come_out
check the_program_takes_them
finish
