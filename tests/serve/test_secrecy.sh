#!/bin/bash
# What a member's node is sent while others have a secret hold: the same requests, sizes and answers as without it. In the place of
# jp's node is one that keeps all that comes, and asks us and kr as a node does. tests/group/test_secrecy.c has many groups.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/peers.sh"

ROUNDS_LINES=24 # some four seconds of what both nodes ask, bring and answer

found
"$CORDON" sim --seed 7 --blocks 300 --out world >/dev/null
for m in us kr; do configure $m '  checkpoint_seconds: 1\n'; done
for m in us kr; do run $m || exit 1; done
certificate jp "$(jq -r .seed jp/keys/node.json)"
"$SOURCE/tests/serve/recorder.py" "${group_port[jp]}" jp.crt jp.key "$(cat group)" kept.jsonl \
    "https://127.0.0.1:${group_port[us]}" "https://127.0.0.1:${group_port[kr]}" &
started $!
for m in us kr; do until_is 3 events_at $m; done
until_ok test -s kept.jsonl

# so many lines are kept: time, as nodes see it
kept() {
    [ "$(wc -l <kept.jsonl)" -ge "$1" ]
}

# Rounds go by in which no event comes.
calm() {
    local from
    from=$(wc -l <kept.jsonl)
    until_ok kept $((from + ROUNDS_LINES)) && [ -z "$(sed "1,${from}d; $((from + ROUNDS_LINES))q" kept.jsonl | sent)" ]
}

# phase NAME COMMAND...: the same public case is told each time, and all is kept that comes meanwhile, and for a while after
phase() {
    local name=$1 from
    shift
    until_ok calm # what was said before is signed, and has been told
    from=$(wc -l <kept.jsonl)
    as us inv case report world/cases/THEFT-2.json >/dev/null
    "$@"
    until_ok calm
    until_ok calm
    head -n "$(wc -l <kept.jsonl)" kept.jsonl | sed "1,${from}d" >"$name.jsonl"
}

nothing() { :; }

# us and kr trace a case of their own; it reaches kr, which holds softly, and more is said of it.
secret_hold() {
    local id alert public
    public=$("$CORDON" case list --home us --format json | jq -r '[.cases[] | select(.audience == "all")] | last | .object')
    as us head case handling "$public" observe --to two >/dev/null
    as us inv case report world/cases/THEFT-1.json --audience two >/dev/null
    id=$("$CORDON" case list --home us --format json | jq -r '.cases[] | select(.audience == "two") | .object')
    as us inv alert send "$id" --audience two --holder kr --chain bip122:000000000019d6689c085ae165831e93 \
        --output "$(printf 'ab%.0s' $(seq 32)):0" --address 1BoatSLRHtKNngkdXEeobR76b53LETtpyT --asset BTC \
        --amount 90000000 --received 100000000 >/dev/null
    alert=$("$CORDON" alert list --home us --format json | jq -r '.alerts[0].object // .alerts[0].alert')
    until_is 1 sh -c "'$CORDON' alert list --home kr --format json | jq '.alerts | length'"
    "$CORDON" hold soft "$alert" --audience two --account cust-81 --home kr >/dev/null
    until_is 2 sh -c "'$CORDON' log show --home us --format json | jq '[.events[] | select(.event.object == \"$alert\")] | length'"
    printf '%s\n' "$id" "$alert" >secret
}

# events that were sent: which way, and how long
sent() { # [FILE]
    jq -r '(.way + " " + .path) as $how | .text | split("\n")[] | select(startswith("{\"body\"") or startswith("{\"event\"")) |
        $how + " " + (length | tostring)' "$@" | sort
}

a_secret_changes_nothing() {
    phase before nothing # the first time all is brought that came before
    phase without nothing
    phase with secret_hold
    sent without.jsonl >a
    sent with.jsonl >b
    [ -s a ]
    cmp a b
    ! grep -qF -f secret kept.jsonl || false
    ! grep -q -e '"audience":"two"' -e handling kept.jsonl || false
    # kr has been told how the case for all is handled, and jp has not
    [ "$("$CORDON" case list --home kr --format json | jq -r '[.cases[].handling.what] | map(select(. != null)) | join(" ")')" = observe ]
    # every request and every empty answer has the size that it had
    for f in without with; do
        jq -c 'select(.text == "") | [.way, .path, .bytes, .more]' $f.jsonl | sort -u >$f.sizes
    done
    cmp without.sizes with.sizes
    # checkpoints are of the same streams
    for f in without with; do
        jq -r 'select(.way == "pulled") | .path + " " + (.text | split("\n")[] | select(startswith("{\"checkpoint\"")) |
            fromjson.checkpoint | split("\n")[0])' $f.jsonl | sort -u >$f.notes
    done
    [ -s without.notes ]
    cmp without.notes with.notes
}

# As often as without it, and asked for by nobody in between: a node's rounds go on at their own time. That is measured by the rounds of
# who stands in jp's place, which a machine with much else to do slows down as well.
and_no_time() {
    python3 - without.jsonl with.jsonl <<'PYTHON'
import json, sys
rates = []
for name in sys.argv[1:]:
    lines = [json.loads(line) for line in open(name)]
    seconds = lines[-1]["at"] - lines[0]["at"]
    pulls = len([l for l in lines if l["way"] == "pulled"])
    asked = len([l for l in lines if l["way"] == "asked"]) / pulls
    receipts = len([l for l in lines if l["path"].endswith("receipt")]) / pulls
    empty = sorted(l["seconds"] for l in lines if l["way"] == "pulled" and not l["text"])
    rates += [(asked, receipts)]
    print("%s: %.1f s, asked %.2f times a pull, receipts %.2f, answers p50 %.1f ms" %
          (name, seconds, asked, receipts, 1000 * empty[len(empty) // 2]))
for one, other in zip(*rates):
    assert one and 0.5 < other / one < 2, rates
PYTHON
}

for test in a_secret_changes_nothing and_no_time; do
    check $test
done
finish
