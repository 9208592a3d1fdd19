#!/bin/bash
# Three nodes of a group on this machine: what one says reaches the others, whoever is killed in between; who is not of the
# group gets no further than the handshake, and who is not of an audience learns nothing of it.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/peers.sh"

found
for m in $MEMBERS; do configure $m '  checkpoint_seconds: 0\n'; done
for m in $MEMBERS; do run $m || exit 1; done

a_newcomer_joins_and_a_case_goes_round() {
    until_is 3 events_at jp
    "$CORDON" sim --seed 7 --blocks 300 --out world >/dev/null
    as us inv case report world/cases/THEFT-2.json >/dev/null
    until_is reported state_at kr
    id=$("$CORDON" case list --home kr --format json | jq -r '.cases[0].object')
    as kr inv case verify "$id" >/dev/null
    until_is verified state_at jp
    until_is verified state_at us
    [ "$(outcome_at us)" = "$(outcome_at kr)" ]
    [ "$(outcome_at us)" = "$(outcome_at jp)" ]
}

receipts() { # KIND: whose times us has of it
    "$CORDON" case times --home us --format json | jq -c "[.times[] | select(.what == \"$1\") | .member]"
}

# The log of us in another home, as it stands at one moment: its node goes on writing.
copy_log() {
    mkdir copy
    cp -r us/keys copy
    python3 -c 'import sqlite3; sqlite3.connect("us/group.sqlite", timeout=60).backup(sqlite3.connect("copy/group.sqlite"))'
}

# Each has said to have the report, and signed it; what is told of a receipt is what it says.
what_came_is_proved() {
    until_is '["jp","kr"]' receipts report-to-receipt
    "$CORDON" log receipts --home us >receipts.jsonl
    for m in kr jp; do grep -q "\"key\":\"$(cat $m.node)\"" receipts.jsonl; done
    ! grep -q "\"key\":\"$(cat us.node)\"" receipts.jsonl || false
    # of one event: who has it, since when
    reported=$("$CORDON" log show --home us --format json | jq -r '[.events[] | select(.event.type == "case.report")][0].id')
    "$CORDON" log receipts "$reported" --home us >who
    says who 'jp  ' 'kr  '
    ! grep -q 'not said' who || false
    copy_log
    python3 -c 'import sqlite3; c = sqlite3.connect("copy/group.sqlite"); c.execute("DELETE FROM receipt_head WHERE member = \"jp\""); c.commit()'
    ! "$CORDON" log receipts "$reported" --home copy >who || false
    says who 'jp                has not said so to this home'
    rm -r copy
    [ "$(awk '{ print length }' receipts.jsonl | sort -u | wc -l)" = 1 ]
    "$CORDON" log verify --home us | grep -q 'receipts are their members'
    copy_log
    python3 -c 'import sqlite3; c = sqlite3.connect("copy/group.sqlite"); c.execute("UPDATE receipt_head SET ms = ms - 1"); c.commit()'
    ! "$CORDON" log verify --home copy 2>said || false
    says said "it does not say what is told of it"
    rm -r copy
}

a_stranger_is_refused_in_the_handshake() {
    local code=0
    certificate stranger
    call stranger us /group/v1/log -o got -w '%{http_code}' >status || code=$?
    [ "$code" != 0 ]
    [ "$(cat status)" = 000 ]
    [ ! -s got ]
    code=0
    curl -sk "https://127.0.0.1:${group_port[us]}/group/v1/log" -o got || code=$? # without any
    [ "$code" != 0 ]
    [ ! -s got ]
    # a person's key is of the charter, too, and no node's
    certificate jp "$(jq -r .seed jp/keys/node.json)"
    call jp us /group/v1/log -f -o got
    says got '"schema":"cordon.pull/1"'
}

# All that leaves us towards jp is what it would be without the secret case, but for cursors, which are noise each time.
an_audience_is_told_alone() {
    local before
    certificate jp "$(jq -r .seed jp/keys/node.json)"
    for m in us kr; do until_is "$(events_at jp)" events_at $m; done
    before=$(events_at jp)
    call jp us /group/v1/log -f -o seen-1
    as us inv case report world/cases/THEFT-1.json --audience two >/dev/null
    id=$("$CORDON" case list --home us --format json | jq -r '.cases[] | select(.audience == "two") | .object')
    until_is "$id" sh -c "'$CORDON' case list --home kr --format json | jq -r '.cases[] | select(.audience == \"two\") | .object'"
    as kr inv case verify "$id" --audience two >/dev/null
    sleep 2.5 # rounds of pulling go by; were they fewer, less could be told
    for m in us kr; do
        call jp $m /group/v1/log -f -o seen-2
        [ "$(wc -c <seen-1)" = "$(wc -c <seen-2)" ]
        [ "$(sed '$d' seen-2 | sort | sha256sum)" = "$(sed '$d' seen-1 | sort | sha256sum)" ]
        ! grep -q "$id" seen-2 || false
    done
    [ "$(events_at jp)" = "$before" ]
    ! grep -rq "$id" jp || false
}

killed_in_between() {
    local n
    n=$(events_at us)
    for i in 1 2 3; do
        ended KILL "$(cat kr.pid)"
        as us inv case report world/cases/THEFT-$((i + 1)).json >/dev/null
        as kr inv case report world/cases/THEFT-$((i + 1)).json >/dev/null # in its shell, while its node is down
        as jp inv case report world/cases/THEFT-$((i + 1)).json >/dev/null
        run kr
        sleep 0.$i
    done
    for m in us kr; do until_is $((n + 9)) events_at $m; done
    until_is $((n + 7)) events_at jp # without the two of the other audience
    [ "$(outcome_at us)" = "$(outcome_at kr)" ]
    [ "$(outcome_at us)" = "$(outcome_at jp)" ]
    for m in $MEMBERS; do "$CORDON" log verify --home $m >/dev/null; done
    [ "$("$CORDON" log show --home us --format json | jq '[.events[].id] | length == (unique | length)')" = true ]
}

# Lines that are no events are kept apart, and the sender's alone are counted; good ones next to them go in.
what_is_no_event_is_counted() {
    certificate kr "$(jq -r .seed kr/keys/node.json)"
    printf 'no event\n{}\n' | call kr us /group/v1/log -f --data-binary @- -o got
    [ "$(jq -c . got)" = '{"apart":2,"known":0,"left_out":0,"taken":0}' ]
    "$CORDON" log export --home kr --out all.jsonl
    sed '1d;$d' all.jsonl | head -n 4 | call kr us /group/v1/log -f --data-binary @- -o got
    [ "$(jq .known got)" = 4 ]
}

# Whose server has another key than the charter says is asked for nothing.
a_server_of_another_key() {
    local port_of_stranger
    certificate impostor
    port_of_stranger=$(free_port)
    openssl s_server -accept "127.0.0.1:$port_of_stranger" -cert impostor.crt -key impostor.key -tls1_3 -quiet >asked 2>/dev/null &
    started $!
    end_of jp
    sed "s|127.0.0.1:${group_port[us]}|127.0.0.1:$port_of_stranger|" jp.yaml >misled.yaml
    start misled --config misled.yaml --home jp
    until_said misled.log "us: its certificate is not of the member's key"
    [ ! -s asked ]
    # by way of kr it is told all the same
    n=$(events_at jp)
    as us inv case report world/cases/THEFT-5.json >/dev/null
    until_is $((n + 1)) events_at jp
    kill -TERM "$node"
    wait "$node"
}

lines_since() { # MEMBER CURSOR: what us tells it
    call "$1" us "/group/v1/log?since=$2" -f -o page
    jq -s '.[-1].end.lines' page
}

# Who hears no audience more goes on where it was; who does is told all that it may see now.
a_new_charter() {
    local n
    for m in kr jp; do
        certificate $m "$(jq -r .seed $m/keys/node.json)"
        call $m us /group/v1/log -f -o all
        jq -rs '.[-1].end.cursor' all >$m.cursor
        jq -s '.[-1].end.lines' all >$m.lines
        [ "$(lines_since $m "$(cat $m.cursor)")" = 0 ]
    done
    n=$(events_at us)
    jq '.groups[0].members = ["jp", "kr", "us"] | del(.version, .previous, .schema)' charter.json >wider.json
    "$CORDON" charter create wider.json --out charter-2.json --home us | tail -n 1 >second
    as us head charter propose charter-2.json >/dev/null
    as us head charter sign "$(cat second)" >/dev/null
    until_is $((n + 2)) events_at kr
    as kr head charter sign "$(cat second)" >/dev/null
    until_is $((n + 3)) events_at us
    until_is 3 lines_since kr "$(cat kr.cursor)"
    until_is $((n + 3)) lines_since jp "$(cat jp.cursor)" # with the secrets of two
    [ "$(lines_since jp "$(cat jp.cursor)")" -gt $(($(cat jp.lines) + 3)) ]
    # jp's own node has learnt of them
    run jp
    until_is $((n + 3)) events_at jp
    end_of jp
    cp charter-2.json charter.json
}

is_cut_off() {
    rm -f cut
    ! call jp us /group/v1/log -o cut -w '%{http_code}' >status && [ "$(cat status)" = 000 ] && [ ! -s cut ]
}

# A new version without jp: its node is cut off, and gets no further than a stranger.
who_falls_out_is_cut_off() {
    certificate jp "$(jq -r .seed jp/keys/node.json)"
    call jp us /group/v1/log -f -o got
    "$CORDON" log show --home us --format json >log.json
    python3 - log.json "$(cat jp.node jp.inv jp.head)" <<'END'
import json, sys
keys, last = sys.argv[2].split(), {}
for e in json.load(open(sys.argv[1]))["events"]:
    if e["event"]["key"] in keys:
        last[e["event"]["key"]] = [e["id"]]
charter = json.load(open("charter.json"))
charter = {k: v for k, v in charter.items() if k not in ("version", "previous", "schema")}
charter["groups"] = [{"id": "two", "members": ["kr", "us"]}]
charter["members"] = [m for m in charter["members"] if m["id"] != "jp"]
charter["closed"] = [{"key": k, "last": last.get(k, [])} for k in keys]
json.dump(charter, open("second.json", "w"))
END
    "$CORDON" charter create second.json --out charter-3.json --home us | tail -n 1 >second
    as us head charter propose charter-3.json >/dev/null
    as us head charter sign "$(cat second)" >/dev/null
    n=$(events_at us)
    until_is "$n" events_at kr
    as kr head charter sign "$(cat second)" >/dev/null
    until_is $((n + 1)) events_at us
    until_ok is_cut_off
    as us inv case report world/cases/THEFT-1.json >/dev/null # the others go on
    until_is $((n + 2)) events_at kr
}

for test in a_newcomer_joins_and_a_case_goes_round what_came_is_proved a_stranger_is_refused_in_the_handshake an_audience_is_told_alone \
    killed_in_between what_is_no_event_is_counted a_server_of_another_key a_new_charter who_falls_out_is_cut_off; do
    check $test
done
finish
