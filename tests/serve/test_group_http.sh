#!/bin/bash
# The group over HTTP: pages of the log, members, cases, and events that were signed elsewhere.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

desk=$("$CORDON" key add desk --scope group)
reader=$("$CORDON" key add reader --scope read,screen,admin)
start first || exit 1

by() { # PERSON COMMAND...
    local person=$1
    shift
    "$CORDON" "$@" --as "$person" --passphrase-file "$TMP/words"
}

a_home_without_a_group() {
    for path in /v1/log /v1/members /v1/cases /v1/cases/1; do
        asked 404 $path
        says body "this home is of no group yet"
        as=$reader asked 403 $path
    done
    asked 404 /v1/log -d 'x'
}

# us is this home, kr another one; the node runs on, and sees what is written beside it.
a_group_is_founded() {
    echo 'correct horse battery staple' >words
    for m in us kr; do
        [ $m = us ] && home=$CORDON_HOME || home=$TMP/kr
        "$CORDON" member key new node --home "$home" >$m.node
        for p in inv head; do "$CORDON" member key new person $p --home "$home" --passphrase-file words >$m.$p; done
        jq -n --arg m $m --arg n "$(cat $m.node)" --arg i "$(cat $m.inv)" --arg h "$(cat $m.head)" \
            '{id: $m, name: "CERT \($m)", country: ($m | ascii_upcase), kind: "cert", government: ($m == "us"), state: "active", keys: [$n],
            persons: [{name: "inv", key: $i, roles: ["investigator"]}, {name: "head", key: $h, roles: ["supervisor", "secretary"]}]}'
    done | jq -s '{name: "A group", members: ., groups: [{id: "ours", members: ["us"]}], quotas: {live_cases: 9}}' >draft.json
    "$CORDON" charter create draft.json --out charter.json | tail -n 1 >group
    by head charter propose charter.json
    by head charter sign "$(cat group)"
    "$CORDON" sim --seed 7 --blocks 300 --out world
    by inv case report world/cases/THEFT-1.json
    by inv case report world/cases/THEFT-2.json --audience ours
    for _ in $(seq 1200); do
        asked 200 /v1/log 2>/dev/null >/dev/null || true
        [ "$(jq '.events | length' body)" != 4 ] || return 0
        sleep 0.05
    done
    return 1
}

pages_of_the_log() {
    asked 200 '/v1/log?limit=3'
    [ "$(jq -c '[(.events | length), .cursor, .more, .group]' body)" = "[3,3,true,\"$(cat group)\"]" ]
    cp body one
    asked 200 '/v1/log?limit=3&since=3'
    [ "$(jq -c '[(.events | length), .cursor, .more]' body)" = '[1,4,false]' ]
    [ "$(jq -c '[.events[] | .row, .standing, .to, .event.type]' body)" = '[4,"good","reported","case.report"]' ]
    asked 200 '/v1/log?since=4'
    [ "$(jq -c '[(.events | length), .cursor, .more]' body)" = '[0,4,false]' ]
    asked 200 '/v1/log?audience=ours'
    [ "$(jq -c '[.events[].row]' body)" = '[4]' ]
    "$CORDON" log show --format json | jq -cS '.events[:3] | sort_by(.row)' >shown
    jq -cS '.events' one | cmp - shown
    asked 400 '/v1/log?limit=1001'
    asked 400 '/v1/log?since=x'
    asked 400 '/v1/log?after=1'
}

members_and_cases() {
    asked 200 /v1/members
    [ "$(jq -c '[.version, .name, [.members[] | .id, .government, .state, .peer]]' body)" = \
        '[1,"A group",["kr",false,"active",null,"us",true,"active",null]]' ] ||
        [ "$(jq -c '[.members[].id]' body)" = '["us","kr"]' ]
    asked 200 /v1/times
    jq -S . body >times
    "$CORDON" case times --format json | jq -S . | cmp - times
    asked 400 '/v1/times?x=1'
    asked 200 /v1/cases
    "$CORDON" case list --format json | jq -S . >shown
    [ "$(jq .next body)" = null ]
    jq -S 'del(.next)' body | cmp - shown
    # a page at a time
    local after=0 pages=0
    : >paged
    while [ $after != null ]; do
        asked 200 "/v1/cases?limit=1&after=$after"
        [ "$(jq '.cases | length' body)" -le 1 ]
        jq -c '.cases[].object' body >>paged
        after=$(jq .next body)
        pages=$((pages + 1))
    done
    [ $pages -ge 2 ]
    cmp paged <(jq -c '.cases[].object' shown)
    asked 400 '/v1/cases?limit=0'
    asked 400 '/v1/cases?after=x'
    asked 200 /v1/cases
    [ "$(jq -c '[.cases[].state]' body)" = '["reported","reported"]' ]
    asked 200 '/v1/cases?state=verified'
    [ "$(jq -c .cases body)" = '[]' ]
    id=$(jq -r '.cases[0].object' shown)
    asked 200 "/v1/cases/$id"
    "$CORDON" case show "${id#case:}" --format json | jq -S . | cmp - <(jq -S . body)
    asked 200 "/v1/cases/${id#case:}?audience=all"
    asked 404 "/v1/cases/${id#case:}?audience=ours"
    asked 404 /v1/cases/00
}

# kr verifies in a home of its own, and hands its line in.
events_of_elsewhere() {
    "$CORDON" log export --to kr --out us.jsonl
    "$CORDON" log import us.jsonl --home kr --group "$(cat group)"
    id=$("$CORDON" case list --home kr --format json | jq -r '.cases[0].object')
    "$CORDON" case verify "$id" --home kr --as inv --passphrase-file words
    "$CORDON" log export --home kr --out kr.jsonl
    sed -n '/case.verify/p' kr.jsonl >line
    asked 200 /v1/log --data-binary @line
    [ "$(jq -c '[.taken, .known, .apart, .waiting]' body)" = '[1,0,0,0]' ]
    asked 200 "/v1/cases/$id"
    [ "$(jq -r .state body)" = verified ]
    [ "$("$CORDON" case list --format json | jq -r --arg id "$id" '.cases[] | select(.object == $id) | .state')" = verified ]
    asked 200 /v1/log --data-binary @line
    [ "$(jq -c '[.taken, .known]' body)" = '[0,1]' ]
    { cat line; echo '{}'; } >two
    asked 400 /v1/log --data-binary @two
    says body 'line 2: '
    sed 's/"signature":"../"signature":"00/' line >forged
    asked 400 /v1/log --data-binary @forged
    says body "the signature is not its key's"
    asked 200 /v1/log
    [ "$(jq '.events | length' body)" = 5 ]
    "$CORDON" log verify
}

# A reader that stays is told what comes; one that comes again goes on where it was.
a_stream() {
    url=http://127.0.0.1:$port/v1/stream
    curl -sN -H "Authorization: Bearer $desk" "$url?since=3" >told &
    reader_pid=$!
    curl -sN -H "Authorization: Bearer $desk" "$url" >fresh &
    fresh_pid=$!
    curl -sN -H "Authorization: Bearer $desk" "$url?audience=ours" >ours &
    ours_pid=$!
    until_said told '^id: 5$'
    [ ! -s fresh ]
    by inv case report world/cases/THEFT-3.json
    until_said told '^id: 6$'
    until_said fresh '^id: 6$'
    kill $reader_pid $fresh_pid
    [ "$(sed -n 's/^id: //p' told | tr '\n' ' ')" = '4 5 6 ' ]
    [ "$(sed -n 's/^event: //p' told | tr '\n' ' ')" = 'case.report case.verify case.report ' ]
    asked 200 '/v1/log?since=3'
    jq -cS '.events[]' body >logged
    sed -n 's/^data: //p' told | jq -cS . | cmp - logged
    [ "$(sed -n 's/^id: //p' fresh)" = 6 ]
    curl -sN -m 2 -H "Authorization: Bearer $desk" -H 'Last-Event-ID: 5' "$url" >again || true
    [ "$(sed -n 's/^id: //p' again)" = 6 ]
    as=$reader asked 403 /v1/stream
    by inv case report world/cases/THEFT-4.json --audience ours
    until_said ours '^id: 7$'
    [ "$(sed -n 's/^id: //p' ours)" = 7 ]
    kill -0 $ours_pid
}

# Streams end with the node, and do not hold it up.
the_node_stops() {
    curl -sN -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/v1/stream" >last &
    sleep 0.5
    SECONDS=0
    kill -TERM "$node"
    wait $! # the stream ends as one that is whole
    [ $SECONDS -lt 10 ]
}

for test in a_home_without_a_group a_group_is_founded pages_of_the_log members_and_cases events_of_elsewhere a_stream the_node_stops; do
    check $test
done
finish
