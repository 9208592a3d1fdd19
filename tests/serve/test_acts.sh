#!/bin/bash
# People act over HTTP as by commands: each with its own passphrase, within its role, and with nothing that a command could be made to do
# beside that.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/held_world.sh"

PASS='correct horse battery staple'

act() { # STATUS ACT OBJECT OPTIONS [DOCUMENT]
    jq -nc --arg a "$2" --arg o "$3" --arg p "${pass-$PASS}" --argjson options "${4:-null}" --argjson document "${5:-null}" \
        '{act: $a, as: "all", passphrase: $p} + if $o == "" then {} else {object: $o} end
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
    ! grep -rqE 'another one entirely|correct horse' "$CORDON_HOME" node.log
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

all_of_it_is_audited() {
    "$CORDON" audit verify >/dev/null
    [ "$(jq -c '.entry | select(.event == "act") | [.as, .act, .said.type]' "$CORDON_HOME/audit.jsonl" | head -n 3 | tr -d '\n')" = \
        '["all","alert acknowledge","alert.acknowledge"]["all","hold order","alert.order"]["all","hold release","alert.release"]' ]
}

so_many_a_minute() {
    for _ in $(seq 40); do
        as=$person curl -s -o body -w '%{http_code}' -H "Authorization: Bearer $person" -d '{"act":"hold release","as":"guess","passphrase":"x","object":"00"}' \
            "http://127.0.0.1:$port/v1/acts" >status
        [ "$(cat status)" != 429 ] || return 0
    done
    return 1
}

cd "$TMP"
desk=$("$CORDON" key add desk --scope group,screen,read)
person=$("$CORDON" key add person --scope act)
found >found.log 2>&1 || { cat found.log; exit 1; }
start node || exit 1
check from_an_alert_to_a_release
check a_report_and_what_becomes_of_it
check who_may
check nothing_beside
check all_of_it_is_audited
check so_many_a_minute
finish
