#!/bin/bash
# A node of an exchange, asked about withdrawals while alerts are told, held and released beside it.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

CLEAN=1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
PAID=1BoatSLRHtKNngkdXEeobR76b53LETtpyT
OUTPUT=$(printf 'ab%.0s' $(seq 32)):0
MAIN=bip122:000000000019d6689c085ae165831e93

as_person() { # HOME COMMAND...
    local home=$1
    shift
    "$CORDON" "$@" --home "$TMP/$home" --as all --passphrase-file "$TMP/words"
}
as_exchange() { "$CORDON" "$@" --home "$CORDON_HOME"; }

member() { # ID KIND GOVERNMENT FOLDER
    printf '{"id":"%s","name":"%s","country":"KR","kind":"%s","government":%s,"state":"active","keys":["%s"],' "$1" "$1" "$2" "$3" \
        "$("$CORDON" member key new node --home "$4")"
    printf '"persons":[{"name":"all","key":"%s","roles":["investigator","compliance-officer","supervisor","secretary"]}]}' \
        "$("$CORDON" member key new person all --home "$4" --passphrase-file "$TMP/words")"
}

carry() { # FROM TO
    "$CORDON" log export --home "$1" --to "$3" --out "$TMP/carried" >/dev/null
    "$CORDON" log import "$TMP/carried" --home "$2" --group "$(cat "$TMP/group")" >/dev/null
}

# A government reports, another member verifies, the exchange is told.
found() {
    printf 'correct horse battery staple\n' >"$TMP/words"
    printf '{"name":"Two","quotas":{"live_cases":9},"members":[%s,%s,%s]}' "$(member kr fiu true "$TMP/kr")" \
        "$(member jp responder false "$TMP/jp")" "$(member ex vasp false "$CORDON_HOME")" >draft.json
    "$CORDON" charter create draft.json --out charter.json --home kr | tail -n 1 >"$TMP/group"
    as_person kr charter propose charter.json
    as_person kr charter sign "$(cat "$TMP/group")"
    printf '{"id":"T","origins":[{"output":"%s"}]}' "$OUTPUT" >theft.json
    as_person kr case report theft.json
    carry kr jp jp
    case=$("$CORDON" case list --home kr | cut -d' ' -f1)
    as_person jp case verify "$case"
    carry jp kr kr
    as_person kr alert send "$case" --holder ex --chain "$MAIN" --output "$OUTPUT" --address "$PAID" --asset BTC --amount 90 --received 100
    carry kr "$CORDON_HOME" ex
    alert=$(as_exchange alert list | cut -d' ' -f1)
}

check_of() { # MEMBERS-OF-THE-QUESTION
    asked 200 /v1/withdrawals/check -d "{\"address\":\"$CLEAN\",\"chain\":\"bitcoin\"$1}"
}

until_held() { # HOLD-OR-NOT QUESTION: renewed when the log changes, a tick later at most
    for _ in $(seq 100); do
        check_of "$2"
        [ "$(jq '[.reasons[] | select(.evidence == "held")] | length > 0' body)" != "$1" ] || return 0
        sleep 0.05
    done
    echo "held is not $1: $(cat body)"
    return 1
}

nothing_is_held() {
    until_held false ',"account":"cust-81"'
    [ "$(jq -r .decision body)" != HOLD ]
    asked 200 /v1/alerts
    [ "$(jq -c '[.alerts[] | [.state, .holder, .amount, .output, .hold]]' body)" = "[[\"sent\",\"ex\",\"90\",\"$OUTPUT\",null]]" ]
    asked 200 /v1/holds
    [ "$(jq -c .alerts body)" = '[]' ]
}

a_soft_hold_stops_it() {
    as_exchange hold soft "$alert" --account cust-81
    until_held true ',"account":"cust-81"'
    says body '"decision":"HOLD"' '"decided_by":"floor"' '"evidence":"held"' '"label":"account"' "\"alert\":\"alert:$alert" '"amount":"90"'
    [ "$(jq -r '.reasons[0].case' body | cut -c1-17)" = "case:$case" ]
    until_held true ",\"output\":\"$OUTPUT\""
    says body '"label":"output"'
    asked 200 /v1/withdrawals/check -d "{\"address\":\"$PAID\"}"
    says body '"decision":"HOLD"' '"label":"address"'
    until_held false ',"account":"cust-82"'
    until_held false ",\"output\":\"${OUTPUT%0}1\""
    asked 201 /v1/transfers -d "{\"ref\":\"w-1\",\"direction\":\"outbound\",\"chain\":\"bitcoin\",\"asset\":\"BTC\",\"amount\":\"1\",\"decimals\":8,\"address\":\"$CLEAN\",\"account\":\"cust-81\"}"
    [ "$(jq -r .decision body)" = HOLD ]
    says body '"evidence":"held"'
    asked 200 /v1/holds
    [ "$(jq -c '.alerts[0].hold | [.amount, .in_force, .soft, .kind]' body)" = '["90","90",true,null]' ]
}

# The case is retracted elsewhere: what stood on it is void as soon as this home hears of it.
a_retraction_lets_go() {
    as_person kr case retract "$case"
    carry kr "$CORDON_HOME" ex
    until_held false ',"account":"cust-81"'
    asked 200 "/v1/alerts/$(jq -r '.alerts[0].object' <<<"$(asked 200 /v1/alerts && cat body)")"
    [ "$(jq -c '[.live, .hold.in_force, .hold.why]' body)" = '[false,"0","its case was retracted"]' ]
    [ "$(jq -c '[.events[].type]' body)" = '["alert.send","alert.hold-soft"]' ]
    asked 404 /v1/alerts/00
    as_exchange hold list | grep -q 'its case was retracted'
}

cd "$TMP"
desk=$("$CORDON" key add desk --scope group,screen)
list_of "$(date -u +%Y-%m-%d)" 0x098B716B8Aaf21512996dC57EB0615e2383E2f96
found >"$TMP/found.log" 2>&1 || { cat "$TMP/found.log"; exit 1; }
start holds || exit 1
check nothing_is_held
check a_soft_hold_stops_it
check a_retraction_lets_go
finish
