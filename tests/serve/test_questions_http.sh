#!/bin/bash
# What is asked of a node is kept behind the answers, and asked again when lists or rules change while it runs.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96
OTHER=0x1111111111111111111111111111111111111111
THIRD=0x2222222222222222222222222222222222222222

desk=$("$CORDON" key add desk --scope read,screen)
screener=$("$CORDON" key add screener --scope screen)
list_of 2024-01-02 "$LISTED"
start first || exit 1

# import DAY ADDRESS: as list_of, and the node alone asks again
import() {
    mkdir -p "$TMP/list-$1"
    sed "s/$LISTED/$2/" "$TMP/list-2024-01-02/sdn.csv" >"$TMP/list-$1/sdn.csv"
    want 0 "$CORDON" lists import --no-again --as-of "$1" "$TMP/list-$1/sdn.csv"
}

metric() {
    curl -s -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/metrics" | sed -n "s/^$1 //p"
}

until_kept_total() { # N: so many were written since the start
    for _ in $(seq 1200); do
        [ "$(metric cordon_questions_kept_total)" != "$1" ] || return 0
        sleep 0.05
    done
    echo "not $1 were kept: $(metric cordon_questions_kept_total)"
    return 1
}

every_way_of_asking_is_kept() {
    asked 200 /v1/screen/address -d "{\"address\":\"$OTHER\",\"ref\":\"a-1\"}"
    asked 200 /v1/withdrawals/check -d "{\"address\":\"$OTHER\",\"asset\":\"ETH\",\"amount\":\"5\",\"decimals\":18,\"ref\":\"w-1\"}"
    asked 200 /v1/screen/name -d '{"name":"Chol-su KIM","born":"1960-01-08"}'
    printf 'ref,address\nb-1,%s\nb-2,%s\n' "$THIRD" "$LISTED" >batch.csv
    asked 200 /v1/screen/batch --data-binary @batch.csv
    asked 200 "/api/v1/address/$OTHER"
    until_kept_total 6
    "$CORDON" questions --format jsonl >kept
    [ "$(jq -c '[.asked.address // .asked.name, .asked.direction, .decision, .ref]' kept | LC_ALL=C sort)" = \
        "$(LC_ALL=C sort <<END
["$OTHER","inbound","UNKNOWN","a-1"]
["$OTHER","outbound","UNKNOWN","w-1"]
["Chol-su KIM","inbound","REVIEW",null]
["$THIRD","inbound","UNKNOWN","b-1"]
["$LISTED","inbound","BLOCK","b-2"]
END
        )" ]
    [ "$(jq -r 'select(.ref == "a-1") | .times' kept)" = 2 ] # the last call asked the same
    [ "$(metric cordon_questions_lost_total)" = 0 ]
}

a_new_list_is_asked_about() {
    asked 200 /v1/screen/changes
    jq -e '.changes == [] and .more == false' body >/dev/null
    import 2024-02-02 "$OTHER"
    until_said "$TMP/first.log" "5 asked again, 3 changed, 2 with a new potential match"
    asked 200 /v1/screen/changes
    [ "$(jq -c '.changes[] | [.asked.address, .asked.direction, .from.decision, .to.decision, [.added[].entry], [.removed[].entry]]' body |
        LC_ALL=C sort)" = "$(LC_ALL=C sort <<END
["$OTHER","inbound","UNKNOWN","BLOCK",["3"],[]]
["$OTHER","outbound","UNKNOWN","BLOCK",["3"],[]]
["$LISTED","inbound","BLOCK","UNKNOWN",[],["3"]]
END
        )" ]
    next=$(jq -r .next body)
    asked 200 "/v1/screen/changes?after=$next"
    jq -e --arg next "$next" '.changes == [] and .next == $next' body >/dev/null
    asked 400 '/v1/screen/changes?after=x'
    asked 400 '/v1/screen/changes?since=1'
    as=$screener asked 403 /v1/screen/changes
    [ "$(metric cordon_questions_again_total)" = 5 ]
    [ "$(metric cordon_questions_changed_total)" = 3 ]
    [ "$(metric cordon_questions_matched_total)" = 2 ]
}

new_rules_are_asked_about() {
    next=$(curl -s -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/v1/screen/changes" | jq -r .next)
    printf '%s\n' 'rules:' '  - id: mine' '    mode: active' '    when: {match: exact}' '    then: {inbound: REVIEW, outbound: HOLD}' \
        'outage: {inbound: REVIEW, outbound: HOLD}' 'old_data: {after: 1h, inbound: REVIEW, outbound: HOLD}' \
        'no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}' 'otherwise: {inbound: CREDIT, outbound: ALLOW}' >"$CORDON_HOME/rules.new"
    mv "$CORDON_HOME/rules.new" "$CORDON_HOME/rules.yaml"
    until_said "$TMP/first.log" "5 asked again, 2 changed, 0 with a new potential match"
    asked 200 "/v1/screen/changes?after=$next"
    [ "$(jq -c '[.changes[] | [.from.decision, .to.decision, .to.rule]] | sort' body)" = '[["BLOCK","HOLD","mine"],["BLOCK","REVIEW","mine"]]' ]
}

# A settled match makes another screener, and speaks of those alone that a list was a reason of.
settled_matches_are_asked_about() {
    id=$("$CORDON" match --format json | jq '.matches[] | select(.subject | endswith("Chol-su KIM")) | .match')
    want 0 disposes ana "$id" false-positive "another birthday"
    want 0 disposes ben "$id" false-positive "seen the passport"
    until_said "$TMP/first.log" "3 asked again, 1 changed, 0 with a new potential match"
    last=$("$CORDON" questions changes --format jsonl | tail -n 1)
    [ "$(jq -c '[.asked.name, .from.decision, .to.decision, [.added[].false_positive]]' <<<"$last")" = \
        '["Chol-su KIM","REVIEW","CREDIT",[true]]' ]
}

# What was handed over is written when the node is stopped, and a list that came meanwhile is asked about at the next start.
a_stop_loses_nothing() {
    (
        echo address
        for i in $(seq 3000); do printf '0x%040x\n' "$i"; done
    ) >many.csv
    start stopped
    asked 200 /v1/screen/batch --data-binary @many.csv
    stop
    [ "$("$CORDON" questions --format jsonl | wc -l)" = 3005 ]
    import 2024-03-02 0x0000000000000000000000000000000000000bb8 # the last of them
    start second
    until_said "$TMP/second.log" "3005 asked again, 3 changed, 1 with a new potential match"
    last=$("$CORDON" questions changes --format jsonl | tail -n 1)
    [ "$(jq -r .added[0].entry <<<"$last")" = 3 ]
    stop
}

# Killed: what was written stays, once each, and what comes behind is counted on.
a_kill_loses_nothing_that_was_kept() {
    start killed
    for i in 1 2 3; do asked 200 /v1/screen/address -d "{\"address\":\"$(printf '0x%040x' 90000$i)\"}"; done
    until_kept_total 3
    ended KILL "$node"
    [ "$("$CORDON" questions --format jsonl | wc -l)" = 3008 ]
    "$CORDON" audit verify >/dev/null
    start again
    asked 200 /v1/screen/address -d "{\"address\":\"$(printf '0x%040x' 900001)\"}"
    until_kept_total 1
    want 0 "$CORDON" questions --format jsonl --subject "$(printf '0x%040x' 900001)"
    [ "$(jq .times out)" = 2 ]
    stop
}

# Killed while it asks: the next one goes on.
a_kill_loses_no_change() {
    import 2024-04-02 0x0000000000000000000000000000000000000001
    changes=$("$CORDON" questions changes --format jsonl | wc -l)
    start third
    ended KILL "$node"
    start fourth
    for _ in $(seq 1200); do
        [ "$("$CORDON" questions changes --format jsonl | wc -l)" -lt $((changes + 2)) ] || break
        sleep 0.05
    done
    # the old one went, the new one came, each once
    [ "$("$CORDON" questions changes --format jsonl | tail -n +$((changes + 1)) | jq -r .asked.address | LC_ALL=C sort | tr '\n' ' ')" = \
        "0x0000000000000000000000000000000000000001 0x0000000000000000000000000000000000000bb8 " ]
    stop
}

questions_may_not_be_kept() {
    echo 'questions_keep: 0d' >config.yaml
    start fifth --config config.yaml
    asked 200 /v1/screen/address -d '{"address":"0x3333333333333333333333333333333333333333"}'
    stop
    want 0 "$CORDON" questions --subject 0x3333333333333333333333333333333333333333
    says out "no such question"
    echo 'questions_keep: 400' >config.yaml
    want 3 "$CORDON" serve --check --config config.yaml
    says err 'line 1: questions_keep: days (as 400d) is wanted'
}

check every_way_of_asking_is_kept
check a_new_list_is_asked_about
check new_rules_are_asked_about
check settled_matches_are_asked_about
stop
check a_stop_loses_nothing
check a_kill_loses_nothing_that_was_kept
check a_kill_loses_no_change
check questions_may_not_be_kept
finish
