#!/bin/bash
# Three nodes of a group on this machine: what one says reaches the others, whoever is killed in between; who is not of the
# group gets no further than the handshake, and who is not of an audience learns nothing of it.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

cd "$TMP"
# Nodes are started within tests, too, and end with all others.
trap 'kill "${nodes[@]}" $(cat "$TMP/pids") 2>/dev/null; rm -rf "$TMP"' EXIT
: >pids
MEMBERS="us kr jp"
echo 'correct horse battery staple' >words
declare -A group_port pid
for m in $MEMBERS; do
    group_port[$m]=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
done

as() { # MEMBER PERSON COMMAND...: by that person's key
    local home=$1 person=$2
    shift 2
    "$CORDON" "$@" --home "$home" --as "$person" --passphrase-file words
}

found() {
    for m in $MEMBERS; do
        "$CORDON" member key new node --home $m >$m.node
        for p in inv head; do "$CORDON" member key new person $p --home $m --passphrase-file words >$m.$p; done
        jq -n --arg m $m --arg n "$(cat $m.node)" --arg i "$(cat $m.inv)" --arg h "$(cat $m.head)" \
            '{id: $m, name: "CERT \($m)", country: ($m | ascii_upcase), kind: "cert", government: true, state: "active", keys: [$n],
            persons: [{name: "inv", key: $i, roles: ["investigator"]}, {name: "head", key: $h, roles: ["supervisor", "secretary"]}]}'
    done | jq -s '{name: "A group", members: ., groups: [{id: "two", members: ["kr", "us"]}], quotas: {live_cases: 9}}' >draft.json
    "$CORDON" charter create draft.json --out charter.json --home us | tail -n 1 >group
    as us head charter propose charter.json >/dev/null
    as us head charter sign "$(cat group)" >/dev/null
    "$CORDON" log export --home us --out us.jsonl
    "$CORDON" log import us.jsonl --home kr --group "$(cat group)" >/dev/null
    as kr head charter sign "$(cat group)" >/dev/null
    "$CORDON" log export --home kr --out kr.jsonl
    "$CORDON" log import kr.jsonl --home us >/dev/null
    # jp's home is of no group yet: it joins by its configuration
}

configure() { # MEMBER: it asks both others
    {
        printf 'listen: 127.0.0.1:0\ngroup:\n  listen: 127.0.0.1:%s\n  join: %s\npeers:\n' "${group_port[$1]}" "$(cat group)"
        for o in $MEMBERS; do
            [ $o = $1 ] || printf '  - member: %s\n    url: https://127.0.0.1:%s\n    key: %s\n' $o "${group_port[$o]}" "$(cat $o.node)"
        done
    } >$1.yaml
}

run() { # MEMBER
    start "$1-node" --config "$1.yaml" --home "$1" || return 1
    pid[$1]=$node
    echo "$node" >>pids
}

state_at() { # MEMBER: of the only case there
    "$CORDON" case list --home "$1" --format json | jq -r '.cases[] | select(.audience == "all") | .state' | tail -n 1
}

until_is() { # WANT COMMAND...
    local want=$1
    shift
    for _ in $(seq 150); do
        [ "$("$@" 2>/dev/null)" != "$want" ] || return 0
        sleep 0.1
    done
    echo "$*: $("$@"), not $want"
    return 1
}

events_at() {
    "$CORDON" log show --home "$1" --format json | jq '.events | length'
}

outcome_at() { # what a home knows of all, but for the order in which it came
    "$CORDON" log show --home "$1" --format json | jq -cS '[.events[] | select(.event.audience == "all") | del(.row)]'
    "$CORDON" case list --home "$1" --format json | jq -cS '[.cases[] | select(.audience == "all")] | sort_by(.object)'
}

certificate() { # NAME [SEED]: of a node's seed, or a stranger's
    local seed=${2-$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')}
    echo "302e020100300506032b657004220420$seed" | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' |
        openssl pkey -inform DER -out "$1.key"
    openssl req -x509 -new -key "$1.key" -subj /CN=node -days 30 -out "$1.crt" 2>/dev/null
}

call() { # NAME MEMBER PATH [CURL-OPTION...]: with that certificate
    curl -sk --cert "$1.crt" --key "$1.key" "${@:4}" "https://127.0.0.1:${group_port[$2]}$3"
}

found
for m in $MEMBERS; do configure $m; done
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
    sleep 1.2
    before=$(events_at jp)
    call jp us /group/v1/log -f -o seen-1
    as us inv case report world/cases/THEFT-1.json --audience two >/dev/null
    id=$("$CORDON" case list --home us --format json | jq -r '.cases[] | select(.audience == "two") | .object')
    until_is "$id" sh -c "'$CORDON' case list --home kr --format json | jq -r '.cases[] | select(.audience == \"two\") | .object'"
    as kr inv case verify "$id" --audience two >/dev/null
    sleep 2.5 # rounds of pulling go by
    for m in us kr; do
        call jp $m /group/v1/log -f -o seen-2
        [ "$(wc -c <seen-1)" = "$(wc -c <seen-2)" ]
        [ "$(sed '$d' seen-2 | sort | sha256sum)" = "$(sed '$d' seen-1 | sort | sha256sum)" ]
        ! grep -q "$id" seen-2
    done
    [ "$(events_at jp)" = "$before" ]
    ! grep -rq "$id" jp
}

killed_in_between() {
    local n
    n=$(events_at us)
    for i in 1 2 3; do
        kill -KILL "${pid[kr]}"
        wait "${pid[kr]}" 2>/dev/null || true
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
    port_of_stranger=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    openssl s_server -accept "127.0.0.1:$port_of_stranger" -cert impostor.crt -key impostor.key -tls1_3 -quiet >asked 2>/dev/null &
    echo $! >>pids
    kill -TERM "${pid[jp]}"
    for _ in $(seq 100); do
        kill -0 "${pid[jp]}" 2>/dev/null || break
        sleep 0.1
    done
    sed "s|127.0.0.1:${group_port[us]}|127.0.0.1:$port_of_stranger|" jp.yaml >misled.yaml
    start misled --config misled.yaml --home jp
    echo "$node" >>pids
    until_said misled.log "us: its certificate is not of the member's key"
    [ ! -s asked ]
    # by way of kr it is told all the same
    n=$(events_at jp)
    as us inv case report world/cases/THEFT-5.json >/dev/null
    until_is $((n + 1)) events_at jp
    kill -TERM "$node"
    wait "$node"
}

# A new version without jp: its node is cut off, and gets no further than a stranger.
who_falls_out_is_cut_off() {
    local code=0
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
charter["members"] = [m for m in charter["members"] if m["id"] != "jp"]
charter["closed"] = [{"key": k, "last": last.get(k, [])} for k in keys]
json.dump(charter, open("second.json", "w"))
END
    "$CORDON" charter create second.json --out charter-2.json --home us | tail -n 1 >second
    as us head charter propose charter-2.json >/dev/null
    as us head charter sign "$(cat second)" >/dev/null
    n=$(events_at us)
    until_is "$n" events_at kr
    as kr head charter sign "$(cat second)" >/dev/null
    until_is $((n + 1)) events_at us
    sleep 0.5
    call jp us /group/v1/log -o cut -w '%{http_code}' >status || code=$?
    [ "$code" != 0 ]
    [ "$(cat status)" = 000 ]
    [ ! -s cut ]
    as us inv case report world/cases/THEFT-1.json >/dev/null # the others go on
    until_is $((n + 2)) events_at kr
}

for test in a_newcomer_joins_and_a_case_goes_round a_stranger_is_refused_in_the_handshake an_audience_is_told_alone \
    killed_in_between what_is_no_event_is_counted a_server_of_another_key who_falls_out_is_cut_off; do
    check $test
done
finish
