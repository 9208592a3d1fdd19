#!/bin/bash
# A node of an exchange, asked about withdrawals while alerts are told, held and released beside it.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/held_world.sh"

CLEAN=1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa

check_of() { # MEMBERS-OF-THE-QUESTION
    asked 200 /v1/withdrawals/check -d "{\"address\":\"$CLEAN\",\"chain\":\"bitcoin\"$1}"
}

until_held() { # HOLD-OR-NOT QUESTION: renewed when the log changes, a tick later at most
    for _ in $(seq 1200); do
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

# The address of whoever took it, of a live case of the group: who pays to it, or is paid by it, is told.
until_taken() { # WANTED: the cases of the taker's reasons
    for _ in $(seq 1200); do
        asked 200 /v1/withdrawals/check -d "{\"address\":\"$TAKER\",\"chain\":\"bitcoin\"}"
        got=$(jq -c '[.reasons[] | [.evidence, .category, .case[0:17], .label]]' body)
        [ "$got" != "$1" ] || return 0
        sleep 0.05
    done
    echo "wanted $1, got $got"
    return 1
}

the_takers_own_address_is_told() {
    until_taken "[[\"tagged\",\"theft\",\"case:$case\",\"an origin of the case\"]]"
    asked 200 /v1/screen/address -d "{\"address\":\"$TAKER\"}"
    says body '"evidence":"tagged"' "case:$case"
    printf 'address\n%s\n%s\n' "$TAKER" "$CLEAN" >batch.csv
    asked 200 /v1/screen/batch --data-binary @batch.csv
    [ "$(jq -c '[.reasons[].category]' body | paste -sd' ')" = '["theft"] []' ]
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
    until_taken '[]'
    as_exchange hold list | grep -q 'its case was retracted'
}

cd "$TMP"
desk=$("$CORDON" key add desk --scope group,screen)
list_of "$(date -u +%Y-%m-%d)" 0x098B716B8Aaf21512996dC57EB0615e2383E2f96
found >"$TMP/found.log" 2>&1 || { cat "$TMP/found.log"; exit 1; }
start holds || exit 1
check nothing_is_held
check a_soft_hold_stops_it
check the_takers_own_address_is_told
check a_retraction_lets_go
finish
