#!/bin/bash
# A node of an exchange tells the exchange's own system of holds, by signed webhooks that are lost, late and refused, and is killed
# in between; that system says when a hold is enforced.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/held_world.sh"
. "$(dirname "$0")/told_world.sh"

got() { jq -c "$@" "$TMP/core/got" 2>/dev/null; }

# until_got N FILTER: so many tries fit the filter
until_got() {
    for _ in $(seq 1200); do
        [ "$(got "select($2) | .id" | wc -l)" -lt "$1" ] || return 0
        sleep 0.05
    done
    echo "not $1 tries with $2:"
    got '[.id, .mode, .valid, .body.type]'
    tail -n 5 "$TMP"/node*.log
    return 1
}

of_alert() { echo ".body.data.alert.object == \"alert:$1\""; }

config() { # URL OTHER-LINES
    printf 'core:\n  url: %s\n  secret: %s\n  seconds: 2\n%s' "$1" "$TMP/secret" "${2:-}" >"$TMP/node.yaml"
}

a_soft_hold_is_told() {
    as_exchange hold soft "$alert" --account cust-81
    until_got 1 "$(of_alert "$alert")"
    [ "$(got '[.path, .valid, .body.type, .body.data.sequence, .body.data.account, .body.data.acknowledge]')" = \
        '["/holds?of=cordon",true,"hold.soft-held",1,"cust-81",null]' ]
    [ "$(got '.body.data.alert | [.asset, .amount, .output, .hold.in_force, .hold.soft]')" = "[\"BTC\",\"90\",\"$OUTPUT\",\"90\",true]" ]
    got .body | head -n 1 >hold-notice.json
    "$SOURCE/tools/check-json" hold-notice hold-notice.json
}

an_order_is_told_and_acknowledged() {
    as=$core asked 409 "/v1/holds/$alert/enforced" -d '{}'
    as_exchange alert acknowledge "$alert" --as all --passphrase-file words
    as_exchange hold order "$alert" --kind account-restriction --reason theft --basis tos --for 24h --account cust-81 --as all \
        --passphrase-file words
    until_got 1 '.body.type == "hold.ordered"'
    path=$(got 'select(.body.type == "hold.ordered") | .body.data.acknowledge' | tr -d '"')
    [ "$path" = "/v1/holds/alert:$alert/enforced" ]
    [ "$(got 'select(.body.type == "hold.ordered") | [.valid, .body.data.sequence, .body.data.account, .body.data.alert.hold.kind]')" = \
        '[true,2,"cust-81","account-restriction"]' ]
    as=$desk asked 403 "$path" -d '{}'
    as=$core
    asked 404 /v1/holds/00/enforced -d '{}'
    asked 400 "$path" -d '{"amount":"91x"}'
    says body 'amount: a whole number'
    asked 409 "$path" -d '{"amount":"91"}'
    asked 400 "$path" -d '{"amount":"80","partly":false}'
    asked 400 "$path" -d '{"amonut":"80"}'
    asked 200 "$path" -d "{\"amount\":\"90\",\"expires\":$(got 'select(.body.type == "hold.ordered") | .body.data.alert.hold.expires')}"
    [ "$(jq -c '[.state, .amount, .again]' body)" = '["held","90",false]' ]
    asked 200 "$path" --data-binary ''
    [ "$(jq -c '[.state, .amount, .again]' body)" = '["held","90",true]' ]
    as_exchange alert show "$alert" --format json | jq -e '.events[-1].type == "alert.enforce" and .state == "held"' >/dev/null
    "$CORDON" audit verify >/dev/null
    grep -q '"event":"hold enforced"' "$CORDON_HOME/audit.jsonl"
}

what_is_over_is_told() {
    as_exchange hold extend "$alert" --basis tos --for 48h --as all --passphrase-file words
    until_got 1 '.body.type == "hold.extended"'
    as_exchange hold release "$alert" --as all --passphrase-file words
    until_got 1 '.body.type == "hold.released"'
    # What the own system has done itself it is not told of.
    [ "$(got "select($(of_alert "$alert")) | [.body.data.sequence, .body.type]" | tr -d '\n')" = \
        '[1,"hold.soft-held"][2,"hold.ordered"][3,"hold.extended"][4,"hold.released"]' ]
    [ "$(got 'select(.valid | not) | .id')" = '' ]
}

told_now() {
    echo "UPDATE outbox_send SET due = 0 WHERE due < 1000000000000000" | sql
    [ -n "$(got "select($told) | .id")" ]
}

# Told in order, each under one id, though tries of all kinds fail; no redirect is followed.
a_bad_receiver_gets_it() {
    echo '500 close redirect half endless later' >"$TMP/core/modes"
    tell "$(printf 'cd%.0s' $(seq 32)):0"
    as_exchange hold soft "$alert" --account cust-82
    until_got 1 '.mode == "500"'
    as_exchange alert acknowledge "$alert" --as all --passphrase-file words
    as_exchange hold order "$alert" --kind account-restriction --reason theft --basis tos --for 24h --as all --passphrase-file words
    told="$(of_alert "$alert") and .body.type == \"hold.ordered\" and .mode == \"ok\""
    until_ok told_now # a minute of pauses: the clock of this test is its node's store
    [ "$(got "select($(of_alert "$alert")) | [.mode, .body.type]" | tr -d '\n')" = \
        '["500","hold.soft-held"]["close","hold.soft-held"]["redirect","hold.soft-held"]["half","hold.soft-held"]["endless","hold.soft-held"]["later","hold.soft-held"]["ok","hold.soft-held"]["ok","hold.ordered"]' ]
    [ "$(got "select($(of_alert "$alert")) | .id" | sort -u | wc -l)" = 2 ]
    [ "$(got 'select(.path == "/elsewhere") | .id')" = '' ]
    grep -q 'redirects are not followed' "$TMP/node.log"
    # what waits is counted now and then, and what has gone once its answer has been read
    until_ok counted >counted.said || {
        tail -n 25 counted.said
        return 1
    }
}

counted() {
    curl -s -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/metrics" >"$TMP/metrics" &&
        says "$TMP/metrics" 'cordon_notify_sent_total{channel="core"} 6' 'cordon_notify_failed_total{channel="core"} 6' \
            'cordon_notify_waiting{channel="core"} 0' 'cordon_waiting_alerts{for="core"} 1'
}

# Killed between event and delivery: of what was said before, and while it was away, nothing is lost.
a_node_that_is_killed_tells() {
    printf '503 503 503 503' >"$TMP/core/modes"
    tell "$(printf 'ef%.0s' $(seq 32)):0"
    first=$alert
    as_exchange hold soft "$first" --account cust-83
    until_got 1 "$(of_alert "$first") and .mode == \"503\""
    ended KILL "$node"
    tell "$(printf 'ef%.0s' $(seq 32)):1"
    as_exchange hold soft "$alert" --account cust-84
    : >"$TMP/core/modes"
    start node2 --config "$TMP/node.yaml"
    until_got 1 "$(of_alert "$first") and .mode == \"ok\""
    until_got 1 "$(of_alert "$alert") and .mode == \"ok\""
    [ "$(got "select($(of_alert "$first")) | .id" | sort -u | wc -l)" = 1 ]
    [ "$(got 'select(.valid | not) | .id')" = '' ]
    ended KILL "$node" # what comes next wants its records
}

# The receiver's certificate is checked; one that nobody vouches for gets nothing, and half-open TLS ends by a timeout of its own.
over_tls() {
    certificate
    rm -f "$TMP/core/port" "$TMP/core/got"
    trap 'kill "$receiver" "$node"' EXIT # of this subshell
    receiver core --tls tls.pem tls.key
    config "https://127.0.0.1:$(cat "$TMP/core/port")/holds"
    start node3 --config "$TMP/node.yaml"
    tell "$(printf 'ef%.0s' $(seq 32)):2"
    as_exchange hold soft "$alert" --account cust-85
    until_said "$TMP/node3.log" 'certificate'
    [ ! -s "$TMP/core/got" ]
    kill -TERM "$node"
    wait "$node"
    config "https://127.0.0.1:$(cat "$TMP/core/port")/holds" "  ca: $TMP/tls.pem"$'\n'
    echo "UPDATE outbox_send SET due = 0 WHERE due < 1000000000000000" | sql
    start node4 --config "$TMP/node.yaml"
    until_got 1 "$(of_alert "$alert") and .valid"
    stop # what comes next wants its records
    trap 'kill "$receiver"' EXIT
}

what_a_channel_may_be() {
    config http://192.0.2.1/holds
    want 3 "$CORDON" serve --check --config node.yaml
    says err 'core: url: https://, smtps:// or smtp:// is wanted (http:// to this machine alone)'
    config file:///etc/passwd
    want 3 "$CORDON" serve --check --config node.yaml
    config https://user:word@192.0.2.1/
    want 3 "$CORDON" serve --check --config node.yaml
    config https://core.example/
    want 0 "$CORDON" serve --check --config node.yaml
    chmod 644 "$TMP/secret"
    want 4 "$CORDON" serve --config node.yaml
    says err 'others may read it'
    chmod 600 "$TMP/secret"
    cp "$TMP/secret" "$TMP/kept"
    echo whsec_short >"$TMP/secret"
    want 3 "$CORDON" serve --config node.yaml
    says err 'line 1: whsec_ or whsk_ and base64 is wanted'
    ! grep -q short "$TMP/err" || false
    cp "$TMP/kept" "$TMP/secret"
}

cd "$TMP"
desk=$("$CORDON" key add desk --scope group,screen,read)
core=$("$CORDON" key add core --scope core)
keys
found >"$TMP/found.log" 2>&1 || { cat "$TMP/found.log"; exit 1; }
receiver core || exit 1
config "http://127.0.0.1:$(cat "$TMP/core/port")/holds?of=cordon"
start node --config node.yaml || exit 1
check a_soft_hold_is_told
check an_order_is_told_and_acknowledged
check what_is_over_is_told
check a_bad_receiver_gets_it
check a_node_that_is_killed_tells
kill "$receiver"
check over_tls
check what_a_channel_may_be
finish
