#!/bin/bash
# The group over HTTP: pages of the log, members, cases, and events that were signed elsewhere.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

desk=$("$CORDON" key add desk --scope group)
reader=$("$CORDON" key add reader --scope read,screen,admin)
printf 'limits:\n  stop_ms: 600000\n' >"$TMP/patient.yaml" # what would hold up the node's end would do so for as long
start first --config "$TMP/patient.yaml" || exit 1

by() { # PERSON COMMAND...
    local person=$1
    shift
    "$CORDON" "$@" --as "$person" --passphrase-file "$TMP/words"
}

a_home_without_a_group() {
    for path in /v1/log /v1/members /v1/cases /v1/cases/1 /v1/log/$(printf '0%.0s' $(seq 64))/proof; do
        asked 404 $path
        says body "this home is of no group yet"
        as=$reader asked 403 $path
    done
    asked 404 /v1/log -d 'x'
    asked 404 /v1/log/growth -d 'x'
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
    sed 's/"signature":"0/"signature":"1/; t; s/"signature":"./"signature":"0/' line >forged # another first digit
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
    curl -sN -D fresh.head -H "Authorization: Bearer $desk" "$url" >fresh &
    fresh_pid=$!
    curl -sN -D ours.head -H "Authorization: Bearer $desk" "$url?audience=ours" >ours &
    ours_pid=$!
    until_event told 5
    until_ok test -s fresh.head
    until_ok test -s ours.head
    [ ! -s fresh ]
    by inv case report world/cases/THEFT-3.json
    until_event told 6
    until_event fresh 6
    kill $reader_pid $fresh_pid
    [ "$(sed -n 's/^id: //p' told | tr '\n' ' ')" = '4 5 6 ' ]
    [ "$(sed -n 's/^event: //p' told | tr '\n' ' ')" = 'case.report case.verify case.report ' ]
    asked 200 '/v1/log?since=3'
    jq -cS '.events[]' body >logged
    sed -n 's/^data: //p' told | jq -cS . | cmp - logged
    [ "$(sed -n 's/^id: //p' fresh)" = 6 ]
    curl -sN -H "Authorization: Bearer $desk" -H 'Last-Event-ID: 5' "$url" >again &
    until_event again 6
    kill $!
    [ "$(sed -n 's/^id: //p' again)" = 6 ]
    as=$reader asked 403 /v1/stream
    by inv case report world/cases/THEFT-4.json --audience ours
    until_event ours 7
    [ "$(sed -n 's/^id: //p' ours)" = 7 ]
    kill -0 $ours_pid
}

# The same as the commands say, a page at a time; a pack is told to members, and to others once it is cleared.
registers_and_packs() {
    printf 'subject,source,published,period,amount_usd_low,amount_usd_high,kind,tlp\n%s\n%s\n%s\n' \
        'total,A,2023-02-01,2022,1700000000,1700000000,claim,clear' 'total,B,2023-03-01,2022,800000000,,claim,' \
        'total,C,2023-04-01,2022,,,denial,clear' >claims.csv
    by inv claims import claims.csv
    printf 'date,victim,amount_usd,source,tlp\n2026-10-05,An exchange,5000000,a paper,clear\n2026-11-01,=A secret firm,7,a cable,amber\n' >incidents.csv
    by inv register import incident incidents.csv
    for kind in claim incident; do
        for _ in $(seq 1200); do
            asked 200 /v1/registers/$kind
            [ "$(jq '.records | length' body)" -lt "$(($(wc -l <${kind}s.csv) - 1))" ] || break
            sleep 0.05
        done
        "$CORDON" register list $kind --format json | jq -S '.records | sort_by(.object)' | cmp - <(jq -S '.records | sort_by(.object)' body)
        local after=0
        : >paged
        while [ $after != null ]; do
            asked 200 "/v1/registers/$kind?limit=1&after=$after"
            jq -r '.records[].object' body >>paged
            after=$(jq .next body)
        done
        [ "$(wc -l <paged)" = $(($(wc -l <${kind}s.csv) - 1)) ]
        one=$(head -n 1 paged)
        asked 200 "/v1/registers/$kind/$one"
        "$CORDON" register show $kind "$one" --format json | jq -S . | cmp - <(jq -S . body)
        asked 404 "/v1/registers/$kind/00"
        asked 200 "/v1/registers/$kind?audience=ours"
        [ "$(jq -c .records body)" = '[]' ]
    done
    asked 404 /v1/registers/rumour
    asked 400 '/v1/registers/claim?limit=0'
    asked 200 '/v1/claims?year=2022'
    "$CORDON" claims year 2022 --format json | jq -S . | cmp - <(jq -S . body)
    [ "$(jq -c '[.claims[].place]' body)" = '["year","year","denial"]' ]
    asked 400 /v1/claims
    as=$reader asked 403 /v1/registers/claim
    as=$reader asked 403 /v1/packs/2026Q4
    # what is exported is taken in again as the same records, and no cell is a formula
    "$CORDON" register list incident --format csv >again.csv
    grep -q "'=A secret firm" again.csv
    by inv register import incident again.csv >out
    grep -q '^0 of kind incident stated, 2 known already$' out
    # the pack: as the command makes it
    for query in 'format=json' 'for=partner&format=csv' 'for=public&lang=ko' 'lang=ja' 'format=json&until=9999-01-01' \
        'figure=thefts&format=json' 'for=public&figure=thefts-usd&format=csv' 'figure=losses-by-quarter.2026Q4.n&format=json'; do
        asked 200 "/v1/packs/2026Q4?$query"
        "$CORDON" pack 2026Q4 $(tr '&' '\n' <<<"$query" | sed 's/^\(.*\)=\(.*\)$/--\1 \2/') | cmp - body
    done
    # a name to save it by has the marking of the version, and no other
    for name in 'TLP-AMBER-STRICT-en.html?' 'TLP-GREEN-ko.html?for=partner&lang=ko' 'TLP-CLEAR-draft.csv?for=public&format=csv'; do
        asked 200 "/v1/packs/2026Q4?${name#*\?}" -D fields
        says fields "Content-Disposition: inline; filename=\"2026Q4-${name%\?*}\""
    done
    asked 400 '/v1/packs/2026Q5'
    asked 400 '/v1/packs/2026Q4?for=nobody'
    asked 400 '/v1/packs/2026Q4?figure=nothing'
    asked 400 '/v1/packs/2026Q4?until=soon'
    asked 404 '/v1/packs/2026Q4?for=public&figure=alerts-told'
    as=$reader asked 404 /v1/public-packs/2026Q4
    says body 'no pack of that quarter is cleared'
    asked 200 '/v1/packs/2026Q4?for=public'
    says body 'An exchange'
    ! grep -q 'secret firm' body || false
    sha=$("$CORDON" pack 2026Q4 --for public --format json | jq -r .content_sha256)
    printf '{"title": "Public pack 2026Q4", "sha256": "%s", "silence_until": "2099-01-20"}' "$sha" >text.json
    by head register state text text.json >out
    text=$(grep -o 'text:[0-9a-f]*' out)
    asked 409 "/v1/packs/2026Q4?for=public&cleared=$text"
    as=$reader asked 404 /v1/public-packs/2026Q4
    by head register clear text "${text#text:}"
    asked 200 "/v1/packs/2026Q4?for=public&cleared=$text"
    cp body cleared
    as=$reader asked 200 /v1/public-packs/2026Q4
    cmp cleared body
    # what was said since makes it another pack, which is not cleared; that of then is, whoever asks for it
    cut=$("$CORDON" pack 2026Q4 --figure cut-off --format csv | cut -d, -f2 | sort -n | tail -n 1)
    sha=$("$CORDON" pack 2026Q4 --for public --until "$cut" --format json | jq -r .content_sha256)
    printf '{"title": "Public pack as of then", "sha256": "%s", "silence_until": "2099-01-20"}' "$sha" >then.json
    by head register state text then.json >out
    then=$(grep -o 'text:[0-9a-f]*' out)
    as=$reader asked 404 "/v1/public-packs/2026Q4?until=$cut"
    by head register clear text "${then#text:}"
    printf 'date,victim,amount_usd,source,tlp\n2026-10-06,Another,6,a paper,clear\n' >more.csv
    by inv register import incident more.csv
    as=$reader asked 404 /v1/public-packs/2026Q4
    as=$reader asked 200 "/v1/public-packs/2026Q4?until=$cut"
    "$CORDON" pack 2026Q4 --for public --until "$cut" --cleared "${then#text:}" | cmp - body
    as=$reader asked 404 "/v1/public-packs/2026Q4?until=$((cut - 1))"
}

# An auditor with a key of its own keeps a checkpoint, and asks later whether all that it stood for is still there.
an_auditor_asks() {
    local n id
    # what a shell has said the node sees a moment later
    "$CORDON" log show --format json | jq '[.events[] | select(.event.author == "us" and .event.audience == "all")]' >ours-to-all
    n=$(jq length ours-to-all)
    id=$(jq -r 'max_by(.event.seq).id' ours-to-all)
    asked 404 "/v1/log/$(printf '0%.0s' $(seq 64))/proof"
    asked 400 /v1/log/xyz/proof
    "$CORDON" log checkpoint
    until_ok asked 200 "/v1/log/$id/proof"
    cp body event.proof
    "$CORDON" verify event.proof --event "$id" >/dev/null
    grown event.proof "old $n" # nothing came since, and that is proved, too
    by inv case report world/cases/THEFT-5.json
    "$CORDON" log checkpoint
    until_ok stands_at $((n + 1)) event.proof
    cp body grown.proof
    "$CORDON" verify grown.proof --from event.proof >said
    says said "proven: the first $n of $((n + 1)) events are as they were"
    "$CORDON" log prove --from event.proof | cmp - grown.proof
    grown grown.proof "old $((n + 1))" # a proof is the next checkpoint that is kept
    as=$reader asked 403 /v1/log/growth --data-binary @event.proof
    as=$reader asked 403 "/v1/log/$id/proof"
    asked 400 /v1/log/growth -d 'no note'
    head -c 200 event.proof >short
    asked 400 /v1/log/growth --data-binary @short
    asked 409 /v1/log/growth --data-binary @"$SOURCE/tests/group/kept.note"
    says body 'it is of another group'
}

grown() { # KEPT BEGINNING
    asked 200 /v1/log/growth --data-binary @"$1" && [ "$(head -n 1 body)" = "$2" ]
}

stands_at() { # SIZE KEPT: the node has a checkpoint of that size
    asked 200 /v1/log/growth --data-binary @"$2" && [ "$(sed -n '/^cordon/{n;p;q}' body)" = "$1" ]
}

# Streams end with the node, and do not hold it up.
the_node_stops() {
    curl -sN -D head -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/v1/stream" >last &
    until_ok test -s head
    SECONDS=0
    kill -TERM "$node"
    wait $! # the stream ends as one that is whole
    [ $SECONDS -lt 300 ]
}

for test in a_home_without_a_group a_group_is_founded pages_of_the_log members_and_cases events_of_elsewhere a_stream registers_and_packs an_auditor_asks the_node_stops; do
    check $test
done
finish
