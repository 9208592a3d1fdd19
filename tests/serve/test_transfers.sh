#!/bin/bash
# Transfers that are registered, and answers that are kept for an Idempotency-Key: once each, whatever happens in between.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96
OTHER=0x1111111111111111111111111111111111111111
CLEAN=0x00000000219ab540356cBB839Cbe05303d7705Fa

desk=$("$CORDON" key add desk --scope read,screen)
reader=$("$CORDON" key add reader --scope read)
list_of 2024-01-02 "$LISTED"
start first || exit 1

# transfer REF ADDRESS [MORE]: a body
transfer() {
    echo "{\"ref\":\"$1\",\"direction\":\"outbound\",\"chain\":\"ethereum\",\"asset\":\"ETH\",\"amount\":\"1500000000000000000\",\"decimals\":18,\"address\":\"$2\"${3-}}"
}

audited() { # EVENT: how many lines
    jq -c "select(.entry.event == \"$1\")" "$CORDON_HOME/audit.jsonl" | wc -l
}

a_transfer_is_decided_and_kept() {
    asked 201 /v1/transfers -d "$(transfer w-1 "$LISTED")"
    [ "$(jq -c '[.id, .decision, .answer.decision, .answer.ref, .answer.decided_by, .transfer.tx, .transfer.amount]' body)" = \
        '[1,"BLOCK","BLOCK","w-1","floor",null,"1500000000000000000"]' ]
    jq -S .answer body >answer
    jq -S 'select(.entry.event == "screen") | .entry.answer' "$CORDON_HOME/audit.jsonl" | cmp - answer
    asked 200 /v1/screen/address -d "{\"address\":\"$LISTED\",\"direction\":\"outbound\",\"chain\":\"ethereum\",\"asset\":\"ETH\",\"ref\":\"w-1\"}"
    jq -S . body | cmp - answer
    asked 200 /v1/transfers/w-1
    jq -S .answer body | cmp - answer
    as=$reader asked 200 /v1/transfers/w-1
    asked 404 /v1/transfers/w-2
    says body 'there is no transfer \"w-2\"'
    [ "$(audited transfer)" = 1 ]
}

the_same_again_is_the_same_transfer() {
    asked 200 /v1/transfers/w-1
    cp body before
    asked 200 /v1/transfers -d "$(transfer w-1 "$LISTED")"
    cmp body before
    # in another order, with a number for a text
    asked 200 /v1/transfers -d "{\"decimals\":\"18\",\"amount\":1500000000000000000,\"address\":\"$LISTED\",\"asset\":\"ETH\",\"chain\":\"ethereum\",\"direction\":\"outbound\",\"ref\":\"w-1\"}"
    cmp body before
    asked 409 /v1/transfers -d "$(transfer w-1 "$CLEAN")"
    asked 409 /v1/transfers -d "$(transfer w-1 "$LISTED" ',"account":"c-1"')"
    asked 200 /v1/transfers/w-1
    cmp body before
    [ "$(audited 'transfer again')" = 2 ]
}

a_transaction_may_come_later() {
    asked 200 /v1/transfers -d "$(transfer w-1 "$LISTED" ',"tx":"0xaa"')"
    [ "$(jq -r .transfer.tx body)" = 0xaa ]
    asked 200 /v1/transfers -d "$(transfer w-1 "$LISTED")"
    [ "$(jq -r .transfer.tx body)" = 0xaa ]
    asked 409 /v1/transfers -d "$(transfer w-1 "$LISTED" ',"tx":"0xbb"')"
    asked 200 /v1/transfers/w-1
    [ "$(jq -r .transfer.tx body)" = 0xaa ]
}

pages_go_on_where_they_ended() {
    local n
    for n in $(seq 2 12); do
        asked 201 /v1/transfers -d "$(transfer "p/$n" "$([ $((n % 3)) = 0 ] && echo "$LISTED" || echo "$CLEAN")" ',"account":"c 1"')"
    done
    asked 200 '/v1/transfers?limit=5'
    [ "$(jq -c '[[.transfers[].id], .after, .more]' body)" = '[[1,2,3,4,5],"5",true]' ]
    asked 200 '/v1/transfers?limit=100&after=5'
    [ "$(jq -c '[[.transfers[].id], .after, .more]' body)" = '[[6,7,8,9,10,11,12],"12",false]' ]
    asked 200 '/v1/transfers?after=12'
    [ "$(jq -c '[.transfers, .after, .more]' body)" = '[[],"12",false]' ]
    asked 200 '/v1/transfers?decision=BLOCK&limit=3'
    [ "$(jq -c '[[.transfers[].id], .after, .more]' body)" = '[[1,3,6],"6",true]' ]
    asked 200 '/v1/transfers?decision=BLOCK&limit=3&after=6'
    [ "$(jq -c '[[.transfers[].id], .after, .more]' body)" = '[[9,12],"12",false]' ]
    asked 200 /v1/transfers/p%2F2
    [ "$(jq -c '[.id, .transfer.ref, .transfer.account, .decision]' body)" = '[2,"p/2","c 1","UNKNOWN"]' ]
    for bad in after=x after=-1 limit=0 limit=1001 decision=block decision= before=1; do
        asked 400 "/v1/transfers?$bad"
    done
}

# Whatever is wrong with a body, nothing is registered.
bad_transfers_are_refused() {
    local body good member n
    good=$(transfer bad "$CLEAN" ',"tx":"0xaa"')
    for ((n = 0; n < ${#good}; n++)); do
        printf '%s\n' "${good:0:n}"
    done >cut
    for member in ref direction chain asset amount decimals address; do
        jq -c "del(.$member)" <<<"$good"
        jq -c ".$member = []" <<<"$good"
        jq -c ".$member = null" <<<"$good"
        jq -c ".$member = \"\"" <<<"$good"
        jq -c ".$member = \"a\\u0000b\"" <<<"$good"
        jq -c ".$member = \"a\\nb\"" <<<"$good"
        jq -c ".$member = \"$(printf 'x%.0s' {1..300})\"" <<<"$good"
    done >>cut
    {
        jq -c '.direction = "up"' <<<"$good"
        jq -c '.chain = "ethereun"' <<<"$good"
        jq -c '.amount = "-1"' <<<"$good"
        jq -c '.amount = 1.5' <<<"$good"
        jq -c '.decimals = 78' <<<"$good"
        jq -c '.address = "0x12"' <<<"$good"
        jq -c '.name = "Kim"' <<<"$good"
        jq -c '.tx = 1e400' <<<"$good" | sed 's/"tx":[^,}]*/"tx":{}/'
        echo "[$good]"
        echo "$good$good"
    } >>cut
    python3 - "$port" "$desk" <<'PY'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=120)
for line in open("cut"):
    c.request("POST", "/v1/transfers", line.rstrip("\n"), {"Authorization": "Bearer " + sys.argv[2]})
    r = c.getresponse()
    said = r.read()
    assert r.status == 400, (r.status, line, said)
c.request("POST", "/v1/transfers", b'{"ref":"\xff"}', {"Authorization": "Bearer " + sys.argv[2]})
r = c.getresponse()
assert (r.status, r.read())[0] == 400
PY
    head -c 70000 /dev/zero | tr '\0' ' ' >large
    asked 413 /v1/transfers --data-binary @large
    as=$reader asked 403 /v1/transfers -d "$good"
    as=nobody asked 401 /v1/transfers -d "$good"
    asked 404 /v1/transfers/bad
}

# Lists have changed: what was decided stands, and what would be decided now is told beside it.
again_asks_and_changes_nothing() {
    asked 201 /v1/transfers -d "$(transfer later "$OTHER")"
    [ "$(jq -r .decision body)" = UNKNOWN ]
    list_of 2024-01-03 "$OTHER"
    for _ in $(seq 1200); do
        asked 200 '/v1/transfers/later?again=true'
        [ "$(jq -r .again.decision body)" != BLOCK ] || break
        sleep 0.05
    done
    [ "$(jq -c '[.decision, .answer.decision, .again.decision]' body)" = '["UNKNOWN","UNKNOWN","BLOCK"]' ]
    asked 200 /v1/transfers/later
    [ "$(jq -c '[.decision, has("again")]' body)" = '["UNKNOWN",false]' ]
    asked 400 '/v1/transfers/later?again=1'
    as=$reader asked 403 '/v1/transfers/later?again=true'
}

# Two nodes one after the other, the first of which is killed between two requests of one key.
answers_outlive_a_kill() {
    local key=(-H 'Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"')
    asked 200 /v1/screen/address "${key[@]}" -d "{\"address\":\"$LISTED\"}" # no longer listed
    cp body first
    says first '"decision":"UNKNOWN"'
    asked 201 /v1/transfers -H 'Idempotency-Key: k-2' -d "$(transfer killed "$OTHER")"
    cp body second
    ended KILL "$node"
    list_of 2024-01-04 "$LISTED"
    start second || return 1
    trap 'kill "$node" 2>/dev/null || :' EXIT
    asked 200 /v1/screen/address -d "{\"address\":\"$LISTED\"}"
    says body '"decision":"BLOCK"'
    asked 200 /v1/screen/address "${key[@]}" -d "{\"address\":\"$LISTED\"}" -D head
    cmp body first
    says head 'Idempotency-Replayed: true'
    asked 201 /v1/transfers -H 'Idempotency-Key: k-2' -d "$(transfer killed "$OTHER")"
    cmp body second
    asked 200 /v1/transfers -d "$(transfer killed "$OTHER")"
    cmp body second
    asked 422 /v1/transfers -H 'Idempotency-Key: k-2' -d "$(transfer killed-2 "$OTHER")"
    asked 404 /v1/transfers/killed-2
    asked 422 /v1/screen/address "${key[@]}" -d "{\"address\":\"$OTHER\"}"
    asked 422 /v1/withdrawals/check "${key[@]}" -d "{\"address\":\"$LISTED\"}"
    asked 400 /v1/screen/batch "${key[@]}" --data-binary $'address\n'
    want 0 "$CORDON" audit verify
    stop
}

# A day is kept: what is older goes, and its reference is free again.
old_transfers_go() {
    start keeper || return 1
    trap 'kill "$node" 2>/dev/null || :' EXIT
    asked 201 /v1/transfers -d "$(transfer old "$CLEAN")"
    stop
    python3 - "$CORDON_HOME/serve.sqlite" <<'PY'
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=240) as db:
    db.execute("UPDATE transfer SET registered = '2024-01-02T03:04:05.000000Z' WHERE ref = 'old'")
PY
    printf 'transfers_keep: 1d\n' >keep.yaml
    start keeping --config keep.yaml || return 1
    for _ in $(seq 1200); do
        [ "$(curl -s -o body -w '%{http_code}' -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/v1/transfers/old")" = 200 ] || break
        sleep 0.05
    done
    asked 404 /v1/transfers/old
    asked 200 /v1/transfers/killed
    asked 201 /v1/transfers -d "$(transfer old "$OTHER")"
    stop
}

# Many at once with one reference and one key: one transfer, and no other answer than its own or "not now".
one_transfer_for_many_askers() {
    python3 - "$port" "$desk" "$(transfer many "$CLEAN")" <<'PY'
import http.client, sys, threading
port, key, body = sys.argv[1:]
seen = []

def ask():
    c = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    for n in range(10):
        c.request("POST", "/v1/transfers", body, {"Authorization": "Bearer " + key, "Idempotency-Key": "many"})
        r = c.getresponse()
        seen.append((r.status, r.read() if r.status == 201 else r.read() and None))

threads = [threading.Thread(target=ask) for _ in range(8)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert len(seen) == 80 and {status for status, _ in seen} <= {201, 409}, {status for status, _ in seen}
assert len({said for _, said in seen if said}) == 1
PY
    asked 200 '/v1/transfers?after=12&limit=1000'
    [ "$(jq '[.transfers[] | select(.transfer.ref == "many")] | length' body)" = 1 ]
}

for test in a_transfer_is_decided_and_kept the_same_again_is_the_same_transfer a_transaction_may_come_later \
    pages_go_on_where_they_ended bad_transfers_are_refused again_asks_and_changes_nothing one_transfer_for_many_askers \
    answers_outlive_a_kill old_transfers_go; do
    check $test
done
finish
