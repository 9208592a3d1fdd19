#!/bin/bash
# Three nodes sign what their streams are, and countersign each other's, by themselves: all comes to be proved, whoever is killed
# in between; who is not of an audience is told nothing of it; and who shows two histories is known at once to all.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/peers.sh"

found
for m in $MEMBERS; do configure $m '  checkpoint_seconds: 1\n'; done
for m in $MEMBERS; do run $m || exit 1; done
for m in $MEMBERS; do "$CORDON" key add desk --scope group,read --home $m >$m.desk; done

members_at() { # MEMBER
    as=$(tail -n 1 $1.desk) port=$(cat "$1.port") asked 200 /v1/members
    cat body
}

# true: all streams that are here are countersigned to their last event, so many of them
proven_at() { # MEMBER
    members_at $1 | jq -c '[([.members[] | .streams] | add), ([.members[] | .streams_countersigned] | add)]'
}

metric_at() { # MEMBER NAME
    curl -s "http://127.0.0.1:$(cat "$1.port")/metrics" -H "Authorization: Bearer $(tail -n 1 $1.desk)" | sed -n "s/^$2 //p"
}

has_counted() { # MEMBER NAME N: so many at least
    [ "$(metric_at "$1" "$2")" -ge "$3" ]
}

all_is_proved() {
    until_is 3 events_at jp
    "$CORDON" sim --seed 7 --blocks 300 --out world >/dev/null
    for m in $MEMBERS; do as $m inv case report world/cases/THEFT-2.json >/dev/null; done
    # a stream of each for all
    for m in $MEMBERS; do until_is '[3,3]' proven_at $m; done
    for m in $MEMBERS; do
        "$CORDON" log verify --home $m >said
        grep -Eq '^[1-9][0-9]* checkpoints fit to them, [1-9][0-9]* of them countersigned' said
        [ "$(metric_at $m cordon_two_histories)" = 0 ]
        until_ok has_counted $m cordon_checkpoints_signed_total 1 # a moment after they are there
        until_ok has_counted $m cordon_checkpoints_countersigned_total 2
    done
}

notes_at() { # MEMBER
    "$CORDON" log notes --home "$1" | sha256sum
}

# What a third one countersigned may still have been under way.
notes_rest() {
    local before
    before=$(notes_at us)
    sleep 2.5
    [ "$(notes_at us)" = "$before" ]
}

# Where nothing grows nothing is signed.
nothing_new_nothing_signed() {
    until_ok notes_rest
}

an_audience_signs_alone() {
    as us inv case report world/cases/THEFT-1.json --audience two >/dev/null
    for m in us kr; do until_is '[4,4]' proven_at $m; done
    stream=$("$CORDON" log show --home us --format json | jq -r '.events[] | select(.event.audience == "two") | .event.stream')
    "$CORDON" log notes --home kr >notes
    says notes "/us/$stream"
    sleep 1.5
    "$CORDON" log notes --home jp >notes
    ! grep -q "$stream" notes || false
    ! grep -rq "$stream" jp || false
    certificate jp "$(jq -r .seed jp/keys/node.json)"
    call jp us /group/v1/log -f -o got
    says got '{"checkpoint":'
    ! grep -q "$stream" got || false
}

killed_in_between() {
    local n
    n=$(events_at us)
    for i in 1 2 3 4; do
        as jp inv case report world/cases/THEFT-$((i + 1)).json >/dev/null
        as us inv case report world/cases/THEFT-$((i + 1)).json >/dev/null
        sleep 0.$((3 * i % 10))
        ended KILL "$(cat kr.pid)"
        "$CORDON" log verify --home kr >/dev/null
        run kr
    done
    for m in us kr; do until_is $((n + 8)) events_at $m; done
    until_is $((n + 7)) events_at jp # without the one of the other audience
    for m in us kr; do until_is '[4,4]' proven_at $m; done
    until_is '[3,3]' proven_at jp
    for m in $MEMBERS; do "$CORDON" log verify --home $m >/dev/null; done
}

url_at() { # MEMBER OF
    members_at $1 | jq -r --arg of $2 '.members[] | select(.id == $of) | .peer.url'
}

# Whom a node asks is read again by SIGHUP; what cannot be read changes nothing.
peers_read_again() {
    local n before=https://127.0.0.1:${group_port[us]}
    cp kr.yaml kr.before
    [ "$(url_at kr us)" = "$before" ]
    sed -i '/member: us/,+2d' kr.yaml
    kill -HUP "$(cat kr.pid)"
    until_is null url_at kr us
    n=$(events_at kr)
    as us inv case report world/cases/THEFT-2.json >/dev/null
    until_is $((n + 1)) events_at kr # by way of jp, and brought by us
    sed 's/member: jp/member: us/' kr.before >kr.yaml
    kill -HUP "$(cat kr.pid)"
    until_said kr-node.log 'peers: \\"us\\" stands twice'
    [ "$(url_at kr us)" = null ]
    cp kr.before kr.yaml
    kill -HUP "$(cat kr.pid)"
    until_is "$before" url_at kr us
}

# jp's home goes on twice from one place, and signs both. us is shown one of them with its event, and the other as a note alone.
two_histories() {
    end_of jp
    cp -r jp other
    as jp inv case report world/cases/THEFT-1.json >/dev/null
    as other inv case report world/cases/THEFT-5.json >/dev/null
    for home in jp other; do
        "$CORDON" log checkpoint --home $home >/dev/null
        "$CORDON" log export --home $home --out $home.jsonl
    done
    jq -c 'select(.event.author == "jp")' jp.jsonl | jq -sc 'max_by(.event.seq)' >event
    for home in jp other; do
        jq -c 'select(.checkpoint and (.checkpoint | contains("/jp/")))' $home.jsonl |
            jq -sc 'max_by(.checkpoint | split("\n")[1] | tonumber)' >$home.note
    done
    [ "$(wc -l <event)$(jq -r .checkpoint jp.note | sed -n 2p)" = "1$(jq -r .checkpoint other.note | sed -n 2p)" ]
    ! cmp -s jp.note other.note || false
    certificate jp "$(jq -r .seed jp/keys/node.json)"
    cat event jp.note | call jp us /group/v1/log -f --data-binary @- -o got
    says got '"left_out":0' '"apart":0'
    ! grep -q 'two histories' us-node.log || false
    call jp us /group/v1/log -f --data-binary @other.note -o got
    says got '"taken":1'
    for m in us kr; do
        until_said $m-node.log 'jp has shown two histories of its stream'
        [ "$(metric_at $m cordon_two_histories)" = 1 ]
        members_at $m >members
        jq -e '[.members[] | select(.two_histories != []) | .id] == ["jp"]' members >/dev/null
        jq -e '.members[] | .two_histories[] | .audience == "all" and .checkpoint > 0 and .event == null' members >/dev/null
        want 1 "$CORDON" log cosign --home $m
        says err 'streams have two histories'
    done
    # nobody countersigns either
    sleep 2.5
    for m in us kr; do
        "$CORDON" log notes --home $m >notes
        size=$(sed -n 2p <(jq -r .checkpoint other.note))
        grep -A 1 "/jp/" notes | grep -c "^$size\$" >n
        [ "$(cat n)" = 2 ]
        awk -v RS= '/\/jp\/[0-9a-f]*\n'"$size"'\n/' notes >theirs
        ! grep -Eq '/(us|kr) ' theirs || false
    done
    # both others go on
    n=$(events_at us)
    until_is "$n" events_at kr
    as us inv case report world/cases/THEFT-1.json >/dev/null
    until_is $((n + 1)) events_at kr
    # told again by a node that starts
    ended KILL "$(cat kr.pid)"
    run kr
    until_said kr-node.log 'jp has shown two histories of its stream'
}

for test in all_is_proved nothing_new_nothing_signed an_audience_signs_alone killed_in_between peers_read_again two_histories; do
    check $test
done
finish
