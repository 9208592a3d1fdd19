#!/bin/bash
# People act over HTTP as by commands: each with its own passphrase, within its role, and with nothing that a command could be made to do
# beside that.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/held_world.sh"

PASS='correct horse battery staple'

act() { # STATUS ACT OBJECT OPTIONS [DOCUMENT]
    jq -nc --arg a "$2" --arg o "$3" --arg p "${pass-$PASS}" --argjson options "${4:-null}" --argjson document "${5:-null}" \
        --arg who "${who-all}" '{act: $a, as: $who, passphrase: $p} + if $o == "" then {} else {object: $o} end
         + if $options == null then {} else {options: $options} end + if $document == null then {} else {document: $document} end' >asked.json
    as=$person asked "$1" /v1/acts -d @asked.json
}

state_of() { "$CORDON" alert show "$1" --format json | jq -r .state; }

from_an_alert_to_a_release() {
    act 200 'alert acknowledge' "$alert"
    [ "$(jq -c '[.schema, .type, .object]' body)" = "[\"cordon.group-said/1\",\"alert.acknowledge\",\"alert:$alert\"]" ]
    act 200 'hold order' "${alert:0:12}" '{"kind":"account-restriction","reason":"theft","basis":"tos","for":"24h","account":"cust-81","note":"--home=/tmp"}'
    [ "$(state_of "$alert")" = ordered ]
    "$CORDON" hold check --account cust-81 | grep -q HOLD
    "$CORDON" alert show "$alert" | grep -q -- '--home=/tmp' # a note is a note
    act 200 'hold release' "$alert" '{"note":"the customer was the victim"}'
    [ "$(state_of "$alert")" = released ]
    act 409 'hold release' "$alert"
    says body 'alert.release'
}

a_report_and_what_becomes_of_it() {
    act 200 'case report' '' '{"audience":"pair"}' "{\"id\":\"H\",\"title\":\"By HTTP\",\"origins\":[{\"output\":\"$OUTPUT\"}]}"
    told=$(jq -r .object body)
    "$CORDON" case show "$told" --format json | jq -e '.state == "reported" and .report.case.title == "By HTTP" or .title == "By HTTP"' >/dev/null
    act 409 'case verify' "$told" # its own
    says body 'another member'
    act 200 'case revise' "$told" null "{\"id\":\"H\",\"title\":\"Anew\",\"origins\":[{\"output\":\"$OUTPUT\"}]}"
    act 400 'case revise' "$told" null '{"id":"H"}'
    says body '\"document\": origins: missing'
    act 200 'case retract' "$told" '{"note":"it was none"}'
    [ "$("$CORDON" case show "$told" --format json | jq -r .state)" = retracted ]
    act 404 'case retract' ffffffffffffffff
}

who_may() {
    local before
    before=$("$CORDON" log show --format json | jq '.events | length')
    pass='another one entirely' act 400 'alert acknowledge' "$alert"
    says body 'the passphrase does not fit'
    as=$desk asked 403 /v1/acts -d @asked.json
    as= asked 401 /v1/acts -d @asked.json
    as=$person asked 404 /v1/acts -d '{"act":"alert acknowledge","as":"nobody","passphrase":"x","object":"00"}'
    [ "$("$CORDON" log show --format json | jq '.events | length')" = "$before" ]
    ! grep -rqE 'another one entirely|correct horse' "$CORDON_HOME" node.log || false
}

# What is no act of a person, and options that would read or write files.
nothing_beside() {
    echo secret >file
    for name in 'hold soft' 'member key new' 'log erase' 'serve' 'case show' 'hold order --home' ''; do
        act 400 "$name" "$alert"
    done
    for o in home as passphrase-file out format as-node config ledger; do
        act 400 'hold release' "$alert" "{\"$o\":\"$TMP/file\"}"
        says body "options: \\\"$o\\\" is none"
    done
    act 400 'case report' "$alert" null '{"id":"x"}'
    act 400 'case report' ''
    act 400 'case report' '' null '"/etc/passwd"'
    act 400 'hold release' "$alert" null '{"id":"x"}'
    act 400 'hold release' "$alert" '["note"]'
    act 404 'hold release' '--help'
    act 400 'hold release' "$alert" '{"kind":"account-restriction","into":"x"}' # of another command
    as=$person asked 400 /v1/acts -d '{"act":"hold release","as":"../keys/node","passphrase":"x","object":"00"}'
    as=$person asked 400 '/v1/acts?x=1' -d '{}'
    as=$person asked 400 /v1/acts -d 'x'
    [ "$(cat file)" = secret ]
}

# What is told of a hold to its account's owner, a case's handling, what is kept, what may leave, and matches, which two settle.
what_else_people_say() {
    local second third export
    second=$(printf 'cd%.0s' $(seq 32)):1 third=$(printf '0%.0s' $(seq 64))
    tell "$second"
    who=deputy act 200 'alert acknowledge' "$alert"
    who=deputy act 200 'hold order' "$alert" '{"kind":"withdrawal-limit","reason":"theft","basis":"tos","for":"24h"}'
    who=deputy act 200 'hold defer' "$alert" '{"reason":"investigation","for":"10h"}'
    [ "$(jq -r .type body)" = alert.defer ]
    who=deputy act 409 'hold notice' "$alert" '{"note":"an STR was filed"}'
    says body 'suspicious-transaction report'
    who=deputy act 200 'hold notice' "$alert" '{"note":"by letter"}'
    [ "$("$CORDON" alert show "$alert" --format json | jq -c '.notice | [.deferral_basis, .given != null]')" = '["investigation",true]' ]
    who=deputy act 409 'case handling' "$case" '{"handling":"observe","to":"pair"}' # no government
    says body 'not the role for it'
    act 409 'case handling' "$case" '{"handling":"observe","to":"pair"}'
    says body 'not so: a government'
    who=deputy act 400 'case handling' "$case" '{"handling":"let it go","to":"pair"}'
    who=deputy act 400 'case handling' "$case" '{"to":"pair"}'
    who=deputy act 400 'hold notice' "$alert" '{"handling":"none"}'
    says body 'options: \"handling\" is none'
    who=deputy act 200 'log preserve' "case:$("$CORDON" case show "$case" --format json | jq -r .object | cut -d: -f2)"
    [ "$(jq -r .type body)" = preserve.order ]
    who=deputy act 200 'log lift' "$(jq -r .object body | sed s/preserve/case/)"
    who=deputy act 200 'log approve' "export:$third"
    [ "$(jq -r .type body)" = export.approve ]
}

# An instrument and a complaint are written down, a hold goes on by the one, and the other is answered; nothing of it by a shell but what the core says.
by_an_instrument() {
    local paper complaint fields
    tell "$(printf 'ce%.0s' $(seq 32)):2"
    who=third act 200 'alert acknowledge' "$alert"
    who=third act 200 'hold order' "$alert" '{"kind":"withdrawal-limit","reason":"theft","basis":"tos","for":"24h"}'
    as_exchange hold enforced "$alert"
    fields='{kind: "warrant", issuer: "a court", reach: ["KR"], number: "26-1", served: "2026-01-02", expires: "2099-12-31", document: ("ab" * 32), alert: $a}'
    who=third act 200 'register state' instrument null "$(jq -nc --arg a "alert:$alert" "$fields")"
    paper=$(jq -r .object body)
    who=third act 400 'register state' instrument null "$(jq -nc --arg a "alert:$alert" "$fields | del(.reach)")"
    says body '\"document\": reach: missing'
    who=third act 400 'register state' rumour null '{"x":"y"}'
    who=third act 400 'hold legal' "$alert" '{"basis":"court-order"}'
    who=third act 409 'hold legal' "$alert" "{\"basis\":\"tos\",\"instrument\":\"${paper#*:}\"}"
    says body 'tos is no ground that a warrant gives'
    who=third act 200 'hold legal' "$alert" "{\"basis\":\"court-order\",\"instrument\":\"${paper#*:}\"}"
    [ "$("$CORDON" alert show "$alert" --format json | jq -r '.state, .hold.expires[:10], .hold.instrument' | tr '\n' ' ')" = "legal 2100-01-01 $paper " ]
    fields='{alert: $a, received: "2026-11-01", answer_due: "2026-12-01", grounds: "mine"}'
    who=third act 200 'register state' complaint null "$(jq -nc --arg a "alert:$alert" "$fields")"
    complaint=$(jq -r .object body | cut -d: -f2)
    fields="$fields + {answered: \"2026-11-02\", outcome: \"upheld\", reasons: \"a court says so\"}"
    who=third act 400 'register revise' complaint null "$(jq -nc --arg a "alert:$alert" "$fields")"
    who=third act 200 'register revise' complaint "{\"id\":\"$complaint\"}" "$(jq -nc --arg a "alert:$alert" "$fields")"
    who=third act 400 'register withdraw' complaint "{\"id\":\"$complaint\"}"
    says body 'a complaint is answered'
}

# A pack is refused until two persons have approved what was asked for, by this way or by commands; nothing else is approved with it.
a_pack_leaves_by_two() {
    local export
    asked 403 '/v1/packs/2026Q4?format=json'
    says body 'two persons of ex have to approve it first: cordon log approve export:'
    export=$(grep -oE 'export:[0-9a-f]{64}' body)
    who=deputy act 200 'log approve' "$export"
    [ "$(jq .waits body)" = true ]
    asked 403 '/v1/packs/2026Q4?format=json'
    who=deputy act 409 'log approve' "$export"
    says body 'the same person has said it already'
    asked 403 '/v1/packs/2026Q4?format=json'
    act 200 'log approve' "$export"
    [ "$(jq .waits body)" = false ]
    asked 200 '/v1/packs/2026Q4?format=json'
    jq -e '.schema == "cordon.pack/1"' body >/dev/null
    for other in '2026Q3?format=json' '2026Q4?format=csv' '2026Q4?format=json&for=partner' '2026Q4?format=json&lang=ko' '2026Q4?format=json&audience=pair'; do
        asked 403 "/v1/packs/$other"
    done
    as=$person asked 403 '/v1/packs/2026Q4?format=json' # a key without the scope
    says body 'scope'
}

two_keys_settle_a_match() {
    "$CORDON" screen "Small Trading Co" --format jsonl >asked.jsonl || [ $? = 1 ]
    match=$(jq '.reasons[0].match' asked.jsonl)
    act 400 'match dispose' "$match" '{"verdict":"false-positive"}'
    act 400 'match dispose' "$match" '{"verdict":"perhaps","reason":"x"}'
    who=clerk act 409 'match dispose' "$match" '{"verdict":"false-positive","reason":"a bakery"}'
    says body 'clerk: not the role for it'
    who=stranger act 409 'match dispose' "$match" '{"verdict":"false-positive","reason":"a bakery"}'
    says body "the key is no person's of this home's member by the charter"
    act 200 'match dispose' "$match" '{"verdict":"false-positive","reason":"a bakery in Lyon"}'
    [ "$(jq -c '.matches[0] | [.state, [.said[].person]]' body)" = '["said false positive",["all"]]' ]
    act 409 'match dispose' "$match" '{"verdict":"false-positive","reason":"again"}'
    says body 'a second person has to say it with another key, not \"all\" again'
    who=deputy act 200 'match dispose' "$match" '{"verdict":"false-positive","reason":"seen its register"}'
    [ "$(jq -c '.matches[0] | [.state, [.said[].person]]' body)" = '["false positive",["all","deputy"]]' ]
    who=deputy act 409 'match dispose' "$match" '{"verdict":"true","reason":"no"}'
    says body 'is settled: false positive'
    act 404 'match dispose' 4000000000 '{"verdict":"true","reason":"no"}'
    "$CORDON" screen "Small Trading Co" --format jsonl | jq -e '.decision == "CREDIT"' >/dev/null
    jq -e 'select(.entry.act == "match dispose") | .entry.said.matches[0].state' "$CORDON_HOME/audit.jsonl" | grep -q 'false positive'
}

all_of_it_is_audited() {
    "$CORDON" audit verify >/dev/null
    [ "$(jq -c '.entry | select(.event == "act") | [.as, .act, .said.type]' "$CORDON_HOME/audit.jsonl" | head -n 3 | tr -d '\n')" = \
        '["all","alert acknowledge","alert.acknowledge"]["all","hold order","alert.order"]["all","hold release","alert.release"]' ]
}

so_many_a_minute() {
    for _ in $(seq 400); do # on a machine with much else to do it takes more
        as=$person curl -s -o body -w '%{http_code}' -H "Authorization: Bearer $person" -d '{"act":"hold release","as":"guess","passphrase":"x","object":"00"}' \
            "http://127.0.0.1:$port/v1/acts" >status
        [ "$(cat status)" != 429 ] || return 0
    done
    return 1
}

cd "$TMP"
desk=$("$CORDON" key add desk --scope group,screen,read)
person=$("$CORDON" key add person --scope act)
two='"two_persons":["export.approve"],'
also='deputy:compliance-officer third:compliance-officer clerk:secretary' # each has so many acts a minute
found >found.log 2>&1 || { cat found.log; exit 1; }
"$CORDON" member key new person stranger --passphrase-file words >/dev/null
list_of 2024-01-02 0x098B716B8Aaf21512996dC57EB0615e2383E2f96
start node || exit 1
check from_an_alert_to_a_release
check a_report_and_what_becomes_of_it
check who_may
check nothing_beside
check what_else_people_say
check by_an_instrument
check a_pack_leaves_by_two
check two_keys_settle_a_match
check all_of_it_is_audited
check so_many_a_minute
finish
