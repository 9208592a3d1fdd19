# Nodes for scripts: started, asked, awaited, stopped. Sourced behind tests/support.sh; $desk is the key that asks.

# Ends its own nodes, whatever happened.
nodes=()
trap 'kill "${nodes[@]}" 2>/dev/null; rm -rf "$TMP"' EXIT

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
    nodes+=("$node")
    for _ in $(seq 1200); do
        port=$(sed -n 's/.*"listening".*(port \([0-9]*\)).*/\1/p' "$TMP/$name.log")
        [ -z "$port" ] || return 0
        kill -0 "$node" 2>/dev/null || break
        sleep 0.05
    done
    cat "$TMP/$name.log"
    return 1
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
    for _ in $(seq 1200); do
        ! grep -q "$2" "$1" || return 0
        sleep 0.05
    done
    echo "\"$2\" is not in the log:"
    cat "$1"
    return 1
}

# ended SIGNAL PROCESS: a node that may have been started in another shell, which alone can wait for it, is gone with all
# that it holds.
ended() {
    kill "-$1" "$2"
    for _ in $(seq 1200); do
        [ -e "/proc/$2" ] || return 0
        sleep 0.05
    done
    echo "process $2 does not end"
    return 1
}

free_port() {
    "$SOURCE/tests/peers/free_port.py"
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
