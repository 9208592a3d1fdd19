#!/bin/bash
# The node as people run it: keys, answers against docs/openapi.json, a ledger that grows and is undone under it, a
# changed configuration, TLS, the audit log, a stop that finishes what runs.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

"$CORDON" sim --seed 7 --blocks 60 --out "$TMP/world" >/dev/null
"$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks" >/dev/null
list_of 2024-01-02 0x098B716B8Aaf21512996dC57EB0615e2383E2f96
desk=$("$CORDON" key add desk --scope read,screen)
reader=$("$CORDON" key add reader --scope read)

start plain || exit 1

answers_fit_the_description() {
    local hash address
    asked 200 /healthz
    asked 200 /readyz
    asked 200 /openapi.json
    cmp <(jq -S . "$TMP/body") <(jq -S . "$SOURCE/docs/openapi.json")
    asked 200 /metrics
    says body 'cordon_ledger_height{chain="bitcoin:sim"} 59' 'route="/healthz",status="200"} 1'
    asked 200 /v1/info
    [ "$(jq -c '[.ledgers[] | [.chain, .data_as_of.height]]' body)" = '[["bitcoin:sim",59]]' ]
    asked 200 /v1/block/bitcoin:sim/5
    "$CORDON" block 5 --chain bitcoin:sim --format json | cmp - body
    hash=$(jq -r '.transactions[0]' body)
    asked 200 "/v1/tx/bitcoin:sim/$hash"
    jq -e --arg tx "$hash" '.screening | .tx == $tx and .chain == "bitcoin:sim" and .direction == "inbound"' body >jq.log
    as=$reader asked 200 "/v1/tx/bitcoin:sim/$hash"
    "$CORDON" tx "$hash" --chain bitcoin:sim --format json | cmp - body
    address=$(jq -r '[.outputs[].address | strings][0]' body)
    as=$reader asked 200 "/v1/address/bitcoin%3Asim/$address"
    "$CORDON" address "$address" --chain bitcoin:sim --format json | cmp - body
    asked 200 "/v1/address/bitcoin:sim/$address"
    jq -S .screening body >said
    jq -S 'del(.screening)' body | cmp - <("$CORDON" address "$address" --chain bitcoin:sim --format json | jq -S .)
    asked 200 /v1/screen/address -d "{\"address\":\"$address\",\"chain\":\"bitcoin:sim\"}"
    jq -S . body | cmp - said
    asked 400 /v1/tx/bitcoin:sim/zz
    asked 400 /v1/address/bitcoin:sim/zz
    asked 404 /v1/block/bitcoin:sim/60
    asked 404 /v1/block/ethereum/1
    asked 400 "/v1/block/bitcoin:sim/5?verbose=1"
    as=cordon_00000000_wrong asked 401 /v1/info
    [ "$(jq -r .title body)" = Unauthorized ]
}

routes_are_those_described() {
    asked 200 /openapi.json
    jq -r '.paths | to_entries[] | .key as $path | .value | keys[] | select(. != "parameters") | "\(ascii_upcase) \($path)"' \
        body | sort >described
    sed -n 's/^ *{"\([A-Z]*\)", "\(\/[^"]*\)",.*/\1 \2/p' "$SOURCE"/src/*/*_routes.c \
        2>/dev/null | sort >routed
    diff described routed
    "$SOURCE/tools/openapi" --check
}

keys_come_and_go() {
    local other
    other=$("$CORDON" key add "$(printf 'K\u00f6nig')" --scope read)
    for _ in $(seq 1200); do
        as=$other asked 200 /v1/info >/dev/null && break
        sleep 0.05
    done
    as=$other asked 200 /v1/info
    want 0 "$CORDON" key list --format json
    "$SOURCE/tools/check-json" keys out
    [ "$(jq -c '[.keys[].scopes | length] | sort' out)" = '[1,1,2]' ]
    want 0 "$CORDON" key revoke "$(printf 'K\u00f6nig')"
    for _ in $(seq 1200); do
        as=$other asked 401 /v1/info >/dev/null && break
        sleep 0.05
    done
    as=$other asked 401 /v1/info
    want 2 "$CORDON" key add desk --scope read
    want 3 "$CORDON" key revoke nobody
    want 2 "$CORDON" key add x
    want 2 "$CORDON" key add x --scope all
    want 2 "$CORDON" key list x
    want 0 "$CORDON" key list
    says out revoked desk
    ! grep -rqaF -e "${other:16}" "$CORDON_HOME" "$TMP/plain.log" || false # it may begin with "-"
}

# Blocks that are added show within a moment; blocks of a better branch get past the node that reads.
ledgers_move_under_it() {
    "$CORDON" sim --seed 7 --blocks 80 --out longer >/dev/null
    timeout 300 "$CORDON" ingest bitcoin:sim --from longer/blocks >ingest.out
    for _ in $(seq 1200); do
        asked 200 /v1/info
        # the other branch is undone first: for a moment only what both share is there
        [ "$(jq '.ledgers[0].data_as_of.height' body)" != 79 ] || break
        sleep 0.05
    done
    [ "$(jq '.ledgers[0].data_as_of.height' body)" = 79 ]
}

configuration_is_read_again() {
    want 2 "$CORDON" serve --listen nowhere
    printf 'limits:\n  idle_ms: 1000\n  idle: 1\n' >bad.yaml
    want 3 "$CORDON" serve --config bad.yaml
    says err 'bad.yaml: line 3: unknown key "limits.idle"'
    want 3 "$CORDON" serve --config missing.yaml
    want 3 "$CORDON" serve --listen 0.0.0.0:0
    says err "tls is wanted"
    want 0 "$CORDON" serve --check --config "$SOURCE/docs/cordon.example.yaml"
    kill -HUP "$node"
    until_said "$TMP/plain.log" '"reloaded"'
}

one_node_a_home() {
    want 4 timeout 300 "$CORDON" serve --listen 127.0.0.1:0
    says err "another process writes it"
}

log_lines_fit_their_schema() {
    "$SOURCE/tools/check-json" log "$TMP/plain.log"
    ! grep -q "$desk" "$TMP/plain.log" || false
}

certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -keyout "$1.key" \
        -out "$1.pem" -addext "subjectAltName=IP:127.0.0.1" 2>/dev/null
}

# A handshake that is begun and not gone on with is cut, and holds nobody up.
half_open() {
    python3 - "$port" <<'PY'
import socket, sys
ends = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(3)]
ends[1].sendall(b"\x16\x03\x01\x02\x00\x01")
ends[2].sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
for end in ends:
    end.settimeout(120)
    try:
        assert b"HTTP" not in end.recv(1000)
    except ConnectionResetError:
        pass
PY
}

tls() {
    local home=$TMP/tls-home url
    certificates server
    certificates client
    certificates stranger
    printf 'tls:\n  certificate: server.pem\n  key: server.key\n  clients: client.pem\n' >tls.yaml
    { cat tls.yaml; printf 'limits:\n  header_ms: 1000\n'; } >soon.yaml # too soon for who is asked to wait by the machine
    mkdir "$home"
    start soon --config soon.yaml --home "$home"
    half_open
    stop
    start tls --config tls.yaml --home "$home"
    url=https://127.0.0.1:$port/healthz
    [ "$(curl -s --cacert server.pem --cert client.pem --key client.key "$url")" = '{"status":"ok"}' ]
    ! curl -s --cacert server.pem "$url" || false
    ! curl -s --cacert server.pem --cert stranger.pem --key stranger.key "$url" || false
    ! curl -s --cacert server.pem --cert client.pem --key client.key --tls-max 1.1 "$url" || false
    [ "$(curl -s --cacert server.pem --cert client.pem --key client.key --tls-max 1.2 "$url")" = '{"status":"ok"}' ]
    ! curl -s "http://127.0.0.1:$port/healthz" || false
    cp server.pem old.pem
    certificates server
    kill -HUP "$node"
    until_said "$TMP/tls.log" '"reloaded"'
    [ "$(curl -s --cacert server.pem --cert client.pem --key client.key "$url")" = '{"status":"ok"}' ]
    ! curl -s --cacert old.pem --cert client.pem --key client.key "$url" || false
    : >server.pem
    kill -HUP "$node"
    until_said "$TMP/tls.log" '"error"'
    cp old.pem server.pem
    curl -s -k --cert client.pem --key client.key "$url" >/dev/null
    stop
}

# What sd_notify(3) says, to a socket of ours.
tells_the_manager() {
    python3 - "$CORDON" "$TMP/notify-home" <<'PY'
import os, signal, socket, subprocess, sys
os.mkdir(sys.argv[2])
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify.sock")
s.settimeout(120)
env = dict(os.environ, NOTIFY_SOCKET=os.path.abspath("notify.sock"))
node = subprocess.Popen([sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--home", sys.argv[2]], env=env,
                        stderr=subprocess.DEVNULL)
assert s.recv(200).decode().split("\n") == ["READY=1", "MAINPID=%d" % node.pid]
node.send_signal(signal.SIGHUP)
assert s.recv(200) == b"RELOADING=1" and s.recv(200) == b"READY=1"
node.send_signal(signal.SIGTERM)
assert s.recv(200) == b"STOPPING=1"
assert node.wait(120) == 0
PY
}

# One request a second of each key: of 40 that come one after the other some are too many, and another key's are its own.
requests_of_a_key_are_paced() {
    local other
    printf 'limits:\n  requests_per_second: 1\n' >paced.yaml
    export CORDON_HOME=$TMP/paced
    desk=$("$CORDON" key add desk --scope read)
    other=$("$CORDON" key add other --scope read)
    start paced --config paced.yaml || return 1
    trap 'kill "$node" 2>/dev/null || :' EXIT
    asked 200 /v1/info
    python3 - "$port" "$desk" "$other" <<'PY'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=120)

def ask(key):
    c.request("GET", "/v1/info", headers={"Authorization": "Bearer " + key} if key else {})
    r = c.getresponse()
    return r.status, r.getheader("Retry-After"), r.read()

said = [ask(sys.argv[2]) for _ in range(40)]
assert {s for s, _, _ in said} <= {200, 429}, said
late = [s for s in said if s[0] == 429]
assert late and all(after == "1" and b"Too Many Requests" in body for _, after, body in late)
assert ask(sys.argv[3])[0] == 200
assert [ask(None)[0] for _ in range(3)] == [401] * 3
PY
    printf 'limits:\n  requests_per_second: 0\n' >paced.yaml
    kill -HUP "$node"
    until_said "$TMP/paced.log" '"reloaded"'
    for _ in $(seq 5); do
        asked 200 /v1/info
    done
    stop
}

# Files of a few lines each, checked as one log, and by those that are left of them.
audit_log_goes_on_in_files() {
    local n
    printf 'audit_bytes: 1K\nlog: errors\n' >small.yaml
    export CORDON_HOME=$TMP/small
    desk=$("$CORDON" key add desk --scope screen)
    start small --config small.yaml || return 1
    trap 'kill "$node" 2>/dev/null || :' EXIT
    until_said "$TMP/small.log" '"listening"'
    for n in $(seq 12); do
        curl -s -o /dev/null -H "X-API-Key: $desk" -d '{"address":"0x00000000219ab540356cBB839Cbe05303d7705Fa"}' \
            "http://127.0.0.1:$port/v1/screen/address"
    done
    stop
    n=$(find "$CORDON_HOME" -name 'audit.jsonl.0*' | wc -l)
    [ "$n" -ge 3 ]
    want 0 "$CORDON" audit verify --format json
    [ "$(jq -c '[.lines, .before]' out)" = "[$((12 + n)),0]" ]
    want 0 "$CORDON" audit verify "$CORDON_HOME"/audit.jsonl.0* "$CORDON_HOME/audit.jsonl"
    says out "$((12 + n)) lines are as they were written"
    want 1 "$CORDON" audit verify "$CORDON_HOME/audit.jsonl" "$CORDON_HOME"/audit.jsonl.0*
    "$SOURCE/tools/check-json" audit "$CORDON_HOME"/audit.jsonl*
    rm "$CORDON_HOME/audit.jsonl.000000000001"
    want 0 "$CORDON" audit verify
    says out 'are in files that are not here'
}

audit_log_is_checked() {
    local last
    want 0 "$CORDON" audit verify
    says out "3 lines" # of the screening of an address, and of a transaction
    want 0 "$CORDON" audit verify --format json
    "$SOURCE/tools/check-json" audit-verify out
    last=$(jq -r .last out)
    want 1 "$CORDON" audit verify --last "$(printf '%064d' 1)"
    want 0 "$CORDON" audit verify --last "$last"
    want 2 "$CORDON" audit verify --last 1
    want 2 "$CORDON" audit forge
    printf '{"seq":1}\n' >forged
    want 1 "$CORDON" audit verify forged
    says err "line 1 is no line of an audit log"
    want 3 "$CORDON" audit verify nothing
    want 0 "$CORDON" audit verify "$SOURCE/fuzz/corpus/audit/three"
    says out "3 lines"
    "$SOURCE/tools/check-json" audit "$SOURCE/fuzz/corpus/audit/three"
    want 1 "$CORDON" audit verify "$SOURCE/fuzz/corpus/audit/altered"
    says err "line 2 is not what was written there"
}

check answers_fit_the_description
check routes_are_those_described
check keys_come_and_go
check ledgers_move_under_it
check configuration_is_read_again
check one_node_a_home
check log_lines_fit_their_schema
check tls
check tells_the_manager
check audit_log_is_checked
check requests_of_a_key_are_paced
check audit_log_goes_on_in_files
stop || failed=$((failed + 1))
finish
