#!/bin/bash
# All at once: a node is asked while lists, tags and the ledger change and others behave badly (soak.py). With
# CORDON_LONG for ten minutes.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

# A sanitizer's node keeps what was freed, 256 MB of it: that would be growth, for as long as the test takes.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=16

nothing_wrong_under_load() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=127.0.0.1" -keyout node.key \
        -out node.pem 2>openssl.log
    printf 'tls:\n  certificate: node.pem\n  key: node.key\nlimits:\n  header_ms: 120000\n  idle_ms: 120000\n' >node.yaml
    printf 'title: Pack\nsource: https://example.org/\nlastmod: 2024-05-01\nconfidence: ownership\ntags:\n- address: "0x%s"\n  label: Number 0\n  abuse: theft\n' \
        "$(printf 'aa%.0s' {1..20})" >pack-0.yaml
    cp pack-0.yaml pack.yaml
    "$CORDON" tags import pack.yaml >tags.log
    {
        echo time,from,to,amount
        echo "2024-01-01T00:00:00Z,0x$(printf 'aa%.0s' {1..20}),0x$(printf 'bb%.0s' {1..20}),1.0"
    } >more.csv
    "$CORDON" ingest ethereum --from more.csv --map time=time,from=from,to=to,amount=amount,decimals=18 >ingest.log
    list_of 2024-01-02 0x098B716B8Aaf21512996dC57EB0615e2383E2f96
    desk=$("$CORDON" key add desk --scope read,screen)
    start soak --config node.yaml
    for _ in $(seq 1200); do
        ! curl -sf --cacert node.pem -o ready "https://127.0.0.1:$port/readyz" || break
        sleep 0.05
    done
    python3 "$SOURCE/tests/serve/soak.py" "$([ -n "${CORDON_LONG-}" ] && echo 600 || echo 8)" "$port" "$desk" "$node" node.pem
    stop
    "$CORDON" audit verify
    ! grep -F '"level":"error"' soak.log || false
}

check nothing_wrong_under_load
finish
