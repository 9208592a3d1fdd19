#!/bin/bash
# Outsiders tell a node where stolen value is: new, duplicate, not reached, reviewed; and learn nothing of a case that was told to some
# of the group alone.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/held_world.sh"
. "$(dirname "$0")/told_world.sh"

tell_lead() { # STATUS TARGET ACTION MEMBERS
    as=${teller-$hunter} asked "$1" /v1/leads -d "{\"chain\":\"bitcoin:sim\",\"target\":\"$2\",\"action\":\"$3\"$4}"
}

# until_judged ID: by the program
until_judged() {
    for _ in $(seq 1200); do
        asked 200 "/v1/leads/$1"
        [ "$(jq .judged body)" != true ] || return 0
        sleep 0.05
    done
    cat body
    tail -n 5 "$TMP"/node*.log
    return 1
}

# The addresses that a case reaches, worked out by cordon trace over the same ledger; and one that neither case reaches.
world() {
    "$CORDON" sim --seed 7 --blocks 60 --out world
    "$CORDON" ingest bitcoin:sim --from world/blocks
    "$CORDON" block 5 --chain bitcoin:sim --format json | jq -r '.transactions[0] + ":0"' >open-origin
    "$CORDON" block 9 --chain bitcoin:sim --format json | jq -r '.transactions[0] + ":0"' >secret-origin
    for name in open secret; do
        "$CORDON" trace "$(cat $name-origin)" --chain bitcoin:sim --policy fifo --format json >$name.json
        jq -r '[.. | objects | .address? // empty | strings] | unique | .[]' $name.json | grep -v '^$' | sort -u >$name-addresses
    done
    comm -13 open-addresses secret-addresses | head -n 1 >only-secret
    head -n 1 open-addresses >reached
    [ -s reached ] && [ -s only-secret ]
    for block in $(seq 20 59); do
        "$CORDON" block "$block" --chain bitcoin:sim --format json | jq -r '.transactions[0]'
    done | while read -r tx; do
        "$CORDON" tx "$tx" --chain bitcoin:sim --format json | jq -r '.outputs[0].address'
    done | sort -u | comm -23 - <(sort -u open-addresses secret-addresses) | head -n 1 >unreached
    [ -s unreached ]
}

case_of() { # NAME
    printf '{"id":"%s","chain":"bitcoin:sim","policy":"fifo","origins":[{"output":"%s"}]}' "$1" "$(cat "$1-origin")" >"$1-case.json"
}

group() {
    printf 'correct horse battery staple\n' >words
    printf '{"name":"Two","quotas":{"live_cases":9},"groups":[{"id":"pair","members":["ex","kr"]}],"members":[%s,%s]}' \
        "$(member kr fiu true "$TMP/kr")" "$(member ex vasp false "$CORDON_HOME")" >draft.json
    "$CORDON" charter create draft.json --out charter.json --home kr | tail -n 1 >group
    as_person kr charter propose charter.json
    as_person kr charter sign "$(cat group)"
    case_of open
    case_of secret
    as_person kr case report open-case.json
    as_person kr case report secret-case.json --audience pair
    carry kr "$CORDON_HOME" ex
}

one_that_is_reached() {
    tell_lead 201 "$(cat reached)" trace ',"tx":"abc","note":"it moved to a bridge"'
    [ "$(jq -c '[.status, .action, .disposition, has("note"), has("judged")]' body)" = '["new","trace",null,false,false]' ]
    id=$(jq -r .id body)
    until_judged "$id"
    [ "$(jq -c '[.status, .reached != null, .note, .key]' body)" = '["new",true,"it moved to a bridge","hunter"]' ]
    as=$hunter asked 200 "/v1/leads/$id"
    [ "$(jq -c '[.status, has("reached")]' body)" = '["new",false]' ]
    tell_lead 201 "$(cat reached)" trace ''
    [ "$(jq -c .status body)" = '"duplicate"' ]
    tell_lead 201 "$(cat reached)" freeze ''
    [ "$(jq -c .status body)" = '"new"' ]
    until_judged "$(jq -r .id body)"
    [ "$(jq '.reached != null' body)" = true ]
    asked 200 /v1/notices
    [ "$(jq -c '[.notices[].notice | select(.type == "lead") | .data.severity]' body)" = '["warning","warning"]' ]
    ! grep -q "$(cat reached)" body
}

# What a case reaches that was told to a pair alone is answered as what none reaches, to the byte.
no_oracle() {
    tell_lead 201 "$(cat only-secret)" freeze ''
    secret=$(jq -r .id body)
    tell_lead 201 "$(cat unreached)" freeze ''
    none=$(jq -r .id body)
    until_judged "$secret"
    [ "$(jq -c '[.status, .reached]' body)" = '["not-reached",null]' ]
    until_judged "$none"
    as=$hunter asked 200 "/v1/leads/$secret"
    jq -c 'del(.id, .ms, .target)' body >one
    as=$hunter asked 200 "/v1/leads/$none"
    jq -c 'del(.id, .ms, .target)' body >other
    cmp one other
    [ "$(jq -c .status one)" = '"not-reached"' ]
    # Money moves: what was not reached may be told again.
    tell_lead 201 "$(cat unreached)" freeze ''
    [ "$(jq -c .status body)" = '"new"' ]
}

a_person_reviews() {
    asked 200 '/v1/leads?status=new'
    id=$(jq -r '.leads[0].id' body)
    as=$hunter asked 403 "/v1/leads/$id/review" -d '{"disposition":"useful","by":"inv"}'
    asked 400 "/v1/leads/$id/review" -d '{"disposition":"great","by":"inv"}'
    asked 200 "/v1/leads/$id/review" -d '{"disposition":"useful","by":"inv","remark":"held at ex"}'
    asked 409 "/v1/leads/$id/review" -d '{"disposition":"noted","by":"inv"}'
    as=$hunter asked 200 "/v1/leads/$id"
    [ "$(jq -c '[.status, .disposition, has("remark"), has("by")]' body)" = '["reviewed","useful",false,false]' ]
    other=$("$CORDON" lead list --status new --format json | jq -r '.leads[0].id')
    want 0 "$CORDON" lead review "$other" --as not-useful --by inv --remark 'a known service'
    want 1 "$CORDON" lead review "$other" --as noted --by inv
    want 0 "$CORDON" lead show "$other" --format json
    "$SOURCE/tools/check-json" lead-review out
    want 0 "$CORDON" lead list --format json
    "$SOURCE/tools/check-json" leads out
    want 0 "$CORDON" lead list
    says out 'not-useful, by inv' 'useful, by inv'
    for _ in $(seq 1200); do
        [ "$(grep -c '"event":"lead reviewed"' "$CORDON_HOME/audit.jsonl")" -lt 2 ] || break
        sleep 0.05
    done
    [ "$(grep -c '"event":"lead reviewed"' "$CORDON_HOME/audit.jsonl")" = 2 ]
    [ "$(grep -c '"event":"lead"' "$CORDON_HOME/audit.jsonl")" = "$("$CORDON" lead list | wc -l)" ]
    "$CORDON" audit verify >/dev/null
}

what_is_refused() {
    as=$reader asked 403 /v1/leads -d '{}'
    got=$(curl -s -o body -w '%{http_code}' -d '{}' "http://127.0.0.1:$port/v1/leads")
    [ "$got" = 401 ]
    as=$hunter asked 403 /v1/leads
    as=$hunter asked 404 /v1/leads/00000000000000000000000000000000
    tell_lead 400 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNx trace ''
    says body 'target'
    as=$hunter asked 400 /v1/leads -d '{"chain":"bank:x","target":"1","action":"trace"}'
    says body 'chain: the name of a chain with addresses'
    tell_lead 400 "$(cat reached)" seize ''
    tell_lead 400 "$(cat reached)" trace ',"mail":"x"'
    tell_lead 400 "$(cat reached)" trace ',"note":"a\u0007b"'
    # Of a chain that is not followed here nothing is known: a person looks.
    as=$hunter asked 201 /v1/leads -d '{"chain":"ethereum","target":"0x098B716B8Aaf21512996dC57EB0615e2383E2f96","action":"freeze"}' \
        -H 'Idempotency-Key: once'
    id=$(jq -r .id body)
    as=$hunter asked 201 /v1/leads -d '{"chain":"ethereum","target":"0x098B716B8Aaf21512996dC57EB0615e2383E2f96","action":"freeze"}' \
        -H 'Idempotency-Key: once'
    [ "$(jq -r .id body)" = "$id" ]
    until_judged "$id"
    [ "$(jq -c '[.status, .reached]' body)" = '["new",null]' ]
    # The same address, written otherwise.
    as=$hunter asked 201 /v1/leads -d '{"chain":"ethereum","target":"0x098b716b8aaf21512996dc57eb0615e2383e2f96","action":"freeze"}'
    [ "$(jq -c .status body)" = '"duplicate"' ]
}

# Open to all: a few a minute of one address, and then 429 with when to come again.
without_a_key() {
    printf 'leads: {open: true, per_minute: 3, per_minute_all: 5}\n' >open.yaml
    start node2 --config open.yaml
    teller='' tell_lead 201 "$(cat unreached)" trace ''
    id=$(jq -r .id body)
    as='' asked 200 "/v1/leads/$id"
    teller='' tell_lead 201 "$(cat unreached)" trace ''
    teller='' tell_lead 201 "$(cat unreached)" trace ''
    teller='' tell_lead 429 "$(cat unreached)" trace ''
    curl -s -D head -o /dev/null -d '{}' "http://127.0.0.1:$port/v1/leads"
    grep -Eiq '^retry-after: (1[0-9]|2[01])' head
    as='' asked 401 /v1/leads
    curl -s -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/metrics" >metrics
    says metrics 'cordon_leads_total{state="refused"} 2'
    kill -TERM "$node"
    wait "$node"
}

cd "$TMP"
desk=$("$CORDON" key add desk --scope group,read)
hunter=$("$CORDON" key add hunter --scope leads)
reader=$("$CORDON" key add reader --scope screen)
{ world && group; } >"$TMP/found.log" 2>&1 || { cat "$TMP/found.log"; exit 1; }
printf 'leads: {per_minute: 1000, per_minute_all: 1000}\n' >node.yaml
start node --config node.yaml || exit 1
check one_that_is_reached
check no_oracle
check a_person_reviews
check what_is_refused
kill "$node"
wait "$node"
check without_a_key
finish
