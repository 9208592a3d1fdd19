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
    ! grep -q "$(cat reached)" body || false
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

review_by() { # STATUS KEY PERSON DISPOSITION OPTIONS: of $id
    as=$2 asked "$1" /v1/acts -d "{\"act\":\"lead review\",\"object\":\"$id\",\"as\":\"$3\",\"passphrase\":\"$(cat words)\",
        \"options\":{\"disposition\":\"$4\"${5-}}}"
}

a_person_reviews() {
    asked 200 '/v1/leads?status=new'
    id=$(jq -r '.leads[0].id' body)
    # whoever signs is the reviewer: no name is typed, and the charter says who may
    review_by 403 "$desk" all useful
    review_by 403 "$hunter" all useful
    review_by 400 "$person" all great
    review_by 400 "$person" all useful ',"by":"inv"'
    review_by 404 "$person" nobody useful
    review_by 409 "$person" aud useful
    grep -q 'aud: not the role for it (investigator, compliance-officer, supervisor)' body
    "$CORDON" member key new person stranger --home "$CORDON_HOME" --passphrase-file words >/dev/null
    review_by 409 "$person" stranger useful
    grep -q "the key is no person's of this home's member by the charter" body
    review_by 200 "$person" all useful ',"remark":"held at ex"'
    jq . body >reviewed
    "$SOURCE/tools/check-json" lead-review reviewed
    [ "$(jq -c '[.by, .remark, (.by_key | length), (.signature | length)]' body)" = '["all","held at ex",64,128]' ]
    review_by 409 "$person" all noted
    as=$hunter asked 200 "/v1/leads/$id"
    [ "$(jq -c '[.status, .disposition, has("remark"), has("by")]' body)" = '["reviewed","useful",false,false]' ]
    other=$("$CORDON" lead list --status new --format json | jq -r '.leads[0].id')
    review="lead review $other --passphrase-file words --home $CORDON_HOME"
    want 2 "$CORDON" $review --disposition noted
    says err "whose key says so (--as)?"
    want 2 "$CORDON" $review --as all
    want 2 "$CORDON" $review --as all --disposition great
    says err "useful|noted|not-useful is wanted"
    want 3 "$CORDON" $review --as aud --disposition noted
    says err 'aud: not the role for it'
    want 3 "$CORDON" $review --as stranger --disposition noted
    [ "$("$CORDON" lead show "$other" --format json | jq -r .status)" = new ]
    want 0 "$CORDON" $review --as all --disposition not-useful --remark 'a known service'
    want 1 "$CORDON" $review --as all --disposition noted
    says err 'was reviewed: not-useful, by all'
    want 0 "$CORDON" lead show "$other" --format json
    "$SOURCE/tools/check-json" lead-review out
    want 0 "$CORDON" lead list --format json
    "$SOURCE/tools/check-json" leads out
    want 0 "$CORDON" lead list
    says out 'not-useful, by all' 'useful, by all'
    for _ in $(seq 1200); do
        [ "$(grep -c '"event":"lead reviewed"' "$CORDON_HOME/audit.jsonl")" -lt 2 ] || break
        sleep 0.05
    done
    [ "$(grep -c '"event":"lead reviewed"' "$CORDON_HOME/audit.jsonl")" = 2 ]
    [ "$(grep -c '"event":"lead"' "$CORDON_HOME/audit.jsonl")" = "$("$CORDON" lead list | wc -l)" ]
    "$CORDON" audit verify >/dev/null
}

# Whoever writes into the store cannot put a word into somebody's mouth; one that an older version wrote stands unsigned.
not_as_it_was_signed() {
    other=$("$CORDON" lead list --format json | jq -r '.leads[] | select(.disposition == "not-useful").id')
    sql <<<"UPDATE lead SET disposition = 'noted' WHERE id = '$other'"
    want 3 "$CORDON" lead show "$other"
    says err "lead $other: its review is not as it was signed"
    want 3 "$CORDON" lead list
    sql <<<"UPDATE lead SET disposition = 'not-useful', reviewer = 'inv' WHERE id = '$other'"
    want 3 "$CORDON" lead show "$other"
    sql <<<"UPDATE lead SET reviewer = 'all', signature = x'00' WHERE id = '$other'"
    want 3 "$CORDON" lead show "$other"
    sql <<<"UPDATE lead SET signature = NULL, reviewer_key = NULL WHERE id = '$other'"
    want 0 "$CORDON" lead show "$other"
    says out 'not-useful, by all (not signed)'
    want 0 "$CORDON" lead list --format json
    "$SOURCE/tools/check-json" leads out
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

# One is let in again every 20 seconds, which on a machine with much else to do may be at once.
refused() {
    teller='' tell_lead 429 "$(cat unreached)" trace ''
}

told_when_to_come_again() {
    curl -s -D head -o /dev/null -d '{}' "http://127.0.0.1:$port/v1/leads"
    grep -Eiq '^retry-after: ([1-9]|1[0-9]|2[01])[^0-9]' head
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
    until_ok refused
    until_ok told_when_to_come_again
    as='' asked 401 /v1/leads
    curl -s -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/metrics" >metrics
    grep -Eq '^cordon_leads_total\{state="refused"\} ([2-9]|[1-9][0-9]+)$' metrics
    kill -TERM "$node"
    wait "$node"
}

cd "$TMP"
also=aud:auditor
desk=$("$CORDON" key add desk --scope group,read)
person=$("$CORDON" key add person --scope act)
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
check not_as_it_was_signed
check without_a_key
finish
