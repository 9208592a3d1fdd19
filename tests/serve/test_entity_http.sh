#!/bin/bash
# Entities over HTTP: as cordon entity says them, a page at a time, with the tags of their members.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

CHAIN=bitcoin:sim
"$CORDON" sim --seed 7 --blocks 250 --out "$TMP/world" >/dev/null
"$CORDON" ingest $CHAIN --from "$TMP/world/blocks" >/dev/null
desk=$("$CORDON" key add desk --scope read)
screener=$("$CORDON" key add screener --scope screen)
start node || exit 1

an_address_stands_alone_without_clusters() {
    local address
    address=$(sed -n '2s/,.*//p' "$TMP/world/stops.csv")
    asked 200 "/v1/entity/$CHAIN/$address"
    [ "$(jq -c '[.found.clustering, .found.entity.size, .tags, .after]' body)" = '["off",1,[],null]' ]
    as=$screener asked 403 "/v1/entity/$CHAIN/$address"
    asked 400 "/v1/entity/$CHAIN/nobody"
    asked 404 "/v1/entity/bitcoin/12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S"
    says body 'there is no ledger of \"bitcoin\" here'
}

# One of at least ten members.
large() {
    local address
    for address in $(sed -n '2,$s/,.*//p' "$TMP/world/stops.csv"); do
        "$CORDON" entity --chain $CHAIN --format json "$address" >found
        if jq -e '.entity != null and .entity.size >= 10' found >/dev/null; then
            echo "$address"
            return
        fi
    done
    return 1
}

told_as_found() { # ADDRESS
    asked 200 "/v1/entity/$CHAIN/$1" && [ "$(jq -S .found body)" = "$(jq -S . found)" ]
}

entities_are_told_as_the_command_does() {
    local address other size after='' n=0
    "$CORDON" entities --chain $CHAIN >/dev/null
    address=$(large)
    size=$(jq .entity.size found)
    until_ok told_as_found "$address" # what the node has open may be from while they were made
    jq -S .found body | cmp - <(jq -S . found)
    # page by page all of its members, each once
    : >members
    while :; do
        asked 200 "/v1/entity/$CHAIN/$address?limit=4$after"
        jq -r '.found.entity.members[]' body >>members
        [ "$(jq -r .after body)" != null ] || break
        after="&after=$(jq -r '.after | @uri' body)"
        n=$((n + 1))
        [ $n -lt 1000 ]
    done
    [ "$(wc -l <members)" = "$size" ] && [ "$(sort -u members | wc -l)" = "$size" ]
    grep -qxF "$address" members
    other=$(grep -vxF "$address" members | tail -1)
    asked 200 "/v1/entity/$CHAIN/$address?why=$other&limit=0"
    "$CORDON" entity --chain $CHAIN --members 0 --why "$other" --format json "$address" | jq -S . | cmp - <(jq -S .found body)
    [ "$(jq -c '[.found.why.together, (.found.why.steps | length > 0)]' body)" = '[true,true]' ]
    asked 400 "/v1/entity/$CHAIN/$address?why=nobody"
    asked 400 "/v1/entity/$CHAIN/$address?after=nobody"
    for bad in limit=1001 limit=x members=1; do
        asked 400 "/v1/entity/$CHAIN/$address?$bad"
    done
    # what somebody says of a member is told with it, and of no other
    printf 'title: alpha\nlastmod: 2024-01-01\nlabel: alpha wallet\ncategory: exchange\nsource: here\nactor: alpha\ntags:\n- address: "%s"\n' \
        "$other" >alpha.yaml
    want 0 "$CORDON" tags import alpha.yaml
    for _ in $(seq 1200); do
        asked 200 "/v1/entity/$CHAIN/$address?limit=1000"
        [ "$(jq '.tags | length' body)" = 0 ] || break
        sleep 0.05
    done
    [ "$(jq -c '[.tags[] | [.address, .tags[0].label]]' body)" = "[[\"$other\",\"alpha wallet\"]]" ]
}

check an_address_stands_alone_without_clusters
check entities_are_told_as_the_command_does
stop || failed=$((failed + 1))
finish
