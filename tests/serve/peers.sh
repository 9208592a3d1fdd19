# Three nodes of a group on this machine: us, kr and jp, two of which ("two") may have secrets from jp. Sourced behind node.sh.

cd "$TMP"
MEMBERS="us kr jp"
echo 'correct horse battery staple' >words
declare -A group_port
for m in $MEMBERS; do
    read -r "group_port[$m]"
done < <(free_port 3)

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

configure() { # MEMBER [KEYS OF GROUP]: it asks both others
    {
        printf 'listen: 127.0.0.1:0\ngroup:\n  listen: 127.0.0.1:%s\n  join: %s\n' "${group_port[$1]}" "$(cat group)"
        printf '%bpeers:\n' "${2-}"
        for o in $MEMBERS; do
            [ $o = $1 ] || printf '  - member: %s\n    url: https://127.0.0.1:%s\n    key: %s\n' $o "${group_port[$o]}" "$(cat $o.node)"
        done
    } >$1.yaml
}

run() { # MEMBER
    start "$1-node" --config "$1.yaml" --home "$1" || return 1
    echo "$node" >"$1.pid"
    echo "$port" >"$1.port"
}

state_at() { # MEMBER: of the only case there
    "$CORDON" case list --home "$1" --format json | jq -r '.cases[] | select(.audience == "all") | .state' | tail -n 1
}

is() { # WANT COMMAND...
    [ "$("${@:2}" 2>/dev/null)" = "$1" ]
}

until_is() { # WANT COMMAND...
    until_ok is "$@" || {
        echo "${*:2}: $("${@:2}"), not $1"
        return 1
    }
}

events_at() {
    "$CORDON" log show --home "$1" --format json | jq '.events | length'
}

outcome_at() { # what a home knows of all, but for the order in which it came
    "$CORDON" log show --home "$1" --format json | jq -cS '[.events[] | select(.event.audience == "all") | del(.row)]'
    "$CORDON" case list --home "$1" --format json | jq -cS '[.cases[] | select(.audience == "all")] | sort_by(.object)'
}

end_of() { # MEMBER: its node is told to end, and has
    ended TERM "$(cat "$1.pid")"
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
