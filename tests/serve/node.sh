# Nodes for scripts: started, asked, awaited, stopped. Sourced behind tests/support.sh; $desk is the key that asks.

# Ends what is still here of what it has started, whatever happened and whichever of its shells did: by now a number may be that of
# another process.
: >"$TMP/started"
started() { # PROCESS
    echo "$1" >>"$TMP/started"
}
is_ours() { # PROCESS
    [[ $(readlink "/proc/$1/cwd" "/proc/$1/fd/2") == *"$TMP"* ]]
}
end_all() {
    local p
    for p in $(cat "$TMP/started"); do ! is_ours "$p" || kill "$p"; done
    for p in $(cat "$TMP/started"); do
        for _ in $(seq 200); do
            is_ours "$p" || break
            sleep 0.05
        done
    done
    rm -rf "$TMP"
} 2>/dev/null
trap end_all EXIT

# Who checks answers, on descriptors that subshells have, too.
coproc CHECKER { "$SOURCE/tests/serve/check_answer.py"; }
exec {to_checker}>&"${CHECKER[1]}" {from_checker}<&"${CHECKER[0]}"

# start NAME ARGUMENT...: a node; its port in $port, its process in $node, its log in $TMP/NAME.log
start() {
    local name=$1
    shift
    : >"$TMP/$name.log"
    "$CORDON" serve --listen 127.0.0.1:0 "$@" >"$TMP/$name.out" 2>"$TMP/$name.log" &
    node=$!
    started "$node"
    until_ok listens_or_ended "$name"
    [ -n "$port" ] || {
        cat "$TMP/$name.log"
        return 1
    }
}

listens_or_ended() { # NAME
    port=$(sed -n 's/.*"listening".*(port \([0-9]*\)).*/\1/p' "$TMP/$1.log")
    [ -n "$port" ] || ! kill -0 "$node" 2>/dev/null
}

# asked STATUS PATH CURL-OPTION...: the body in body, checked against the schema of its path and status. With a
# body it is posted.
asked() {
    local status=$1 path=$2 method=GET got wrong
    shift 2
    [[ " $* " != *' -d '* && " $* " != *' --data'* ]] || method=POST
    got=$(curl -s -o "$TMP/body" -w '%{http_code}' -H "Authorization: Bearer ${as-$desk}" "$@" "http://127.0.0.1:$port$path")
    [ "$got" = "$status" ] || {
        echo "$path: $got, wanted $status"
        head -c 500 "$TMP/body"
        return 1
    }
    printf '%s\t%s\t%s\t%s\n' "$method" "$path" "$status" "$TMP/body" >&"$to_checker"
    read -r wrong <&"$from_checker"
    [ -z "$wrong" ] || {
        echo "$wrong"
        return 1
    }
}

until_said() { # LOG TEXT
    until_ok grep -q "$2" "$1" || {
        cat "$1"
        return 1
    }
}

# until_event FILE NUMBER: of a stream of server-sent events, which comes in pieces, to that event's end
until_event() {
    until_ok event_is_whole "$@" || {
        cat "$1"
        return 1
    }
}

event_is_whole() {
    sed -n "/^id: $2\$/,\$p" "$1" | grep -qx ''
}

# ended SIGNAL PROCESS: a node that may have been started in another shell, which alone can wait for it, is gone with all
# that it holds.
ended() {
    kill "-$1" "$2"
    until_ok test ! -e "/proc/$2"
}

free_port() { # [N]: so many, none of them twice, and of nobody else as long as this script runs
    "$SOURCE/tests/peers/free_port.py" "${1-1}" $$
}

stop() {
    kill -TERM "$node"
    wait "$node"
}

# list_of DAY ADDRESS: in the records, a list as OFAC's sdn.csv has it: a person, a firm, a group with that address.
list_of() {
    mkdir -p "$TMP/list-$1"
    {
        printf '1,"KIM, Chol Su","individual","DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 08 Jan 1960; Passport 563410081 (Korea, North)."\r\n'
        printf '2,"SMALL TRADING COMPANY LTD",-0- ,"DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
        printf '3,"SOME GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Digital Currency Address - ETH %s."\r\n' "$2"
        printf '\x1a\r\n'
    } >"$TMP/list-$1/sdn.csv"
    "$CORDON" lists import --as-of "$1" "$TMP/list-$1/sdn.csv" >/dev/null
}
