#!/bin/bash
# Ledgers of accounts from the shell: ingest, look-ups, traces by all policies against amounts worked out by hand,
# cases, complaints, verify; then a case that crosses from the simulated account chain to the simulated Bitcoin chain.
. "$(dirname "$0")/../support.sh"

schema() { # SCHEMA FILE: keeps a body for every_body_is_valid
    mkdir -p "$TMP/bodies/$1"
    cp "$2" "$(mktemp "$TMP/bodies/$1/XXXXXX")"
}

account() { printf '0x%040x' "0x$1"; }

# V pays A ten, so does X; A pays B five, then C twelve; B, which has five, pays D seven.
cat >"$TMP/list.csv" <<EOF
time,from,to,amount
2024-01-01T00:00:00Z,$(account a1),$(account aa),10.0
2024-01-01T00:01:00Z,$(account a2),$(account aa),10.0
2024-01-01T00:02:00Z,$(account aa),$(account bb),5.0
2024-01-01T00:03:00Z,$(account aa),$(account cc),12.0
2024-01-01T00:04:00Z,$(account bb),$(account dd),7.0
EOF

# What the rows of time i (from 0) are called.
transfer() {
    "$CORDON" address "$(account aa)" --chain ethereum --format json | jq -r ".holdings[0].transfers[$1].transfer"
}

ingest() {
    "$CORDON" ingest ethereum --from "$TMP/list.csv" --map time=time,from=from,to=to,amount=amount,decimals=18 \
        >"$TMP/ingest.log" || cat "$TMP/ingest.log"
}
ingest

looked_up() {
    says "$TMP/ingest.log" "5 blocks added, 5 transfers"
    want 0 "$CORDON" info --chain ethereum
    says out "chain                ethereum" "transfers            5" "accounts             "
    want 0 "$CORDON" info --chain ethereum --format json
    schema info-accounts out
    jq -e '.transfers == 5 and .transactions == 5 and .runs == 1' out >jq.log
    want 0 "$CORDON" address "$(account bb)" --chain ethereum
    says out "received    5 ETH" "spent       5 ETH" "and beyond  2 ETH" "balance     0 ETH" "assets      1"
    want 0 "$CORDON" address "$(account aa)" --chain ethereum --format json
    schema address-accounts out
    jq -e '.holdings == [.holdings[0]] and (.holdings[0] | .asset == "ETH" and .decimals == 18 and
        .received == "20000000000000000000" and .spent == "17000000000000000000" and
        .balance == "3000000000000000000" and .beyond == "0" and .first_seen.time == 1704067200 and
        .last_seen.time == 1704067380 and (.transfers | length) == 4)' out >jq.log
    want 0 "$CORDON" address "$(account 99)" --chain ethereum
    says out "assets      0"
    local id
    id=$(transfer 0)
    want 0 "$CORDON" tx "${id%:*}" --chain ethereum
    says out "s0     stated     10 ETH"
    want 0 "$CORDON" tx "${id%:*}" --chain ethereum --format json
    schema tx-accounts out
    jq -e '.grade == "stated" and .transfers[0].kind == "stated"' out >jq.log
    want 3 "$CORDON" tx "0x$(printf '%064d' 7)" --chain ethereum
    says err "is not in the ledger"
    want 2 "$CORDON" tx 7 --chain ethereum
}

# fifo: ten tainted, then ten clean; five tainted go to B, five with seven clean ones to C. lifo: five clean go to B,
# five clean and seven tainted to C. haircut: 10 * 5 / 20 to B, then 7.5 * 12 / 15 to C. B spends all that it has.
by_every_policy() {
    local origin policy held
    origin=$(transfer 0)
    while read -r policy held; do
        want 0 "$CORDON" trace "$origin" --chain ethereum --policy "$policy" --format json
        schema trace-accounts out
        [ "$(jq -r '[.balances[] | "\(.account[-2:] | ascii_downcase)=\(.taint | tonumber / 1e18)"] | join(" ")' out)" = "$held" ] || {
            echo "$policy: $(jq -c .balances out)"
            return 1
        }
        jq -e --arg policy "$policy" '$policy == "poison" or (.totals | length == 1 and
            (.[0] | (.origin | tonumber) == (.held | tonumber)))' out >jq.log
        # whoever lists transfers knows nothing of internal ones
        jq -e '.exact == false and .inputs.internals == false and all(.moves[]; .grade == "stated")' out >jq.log
    done <<'EOF'
fifo cc=5 dd=5
lifo aa=3 cc=7
haircut aa=1.5 cc=6 dd=2.5
tiho cc=5 dd=5
libr aa=3 cc=7
poison aa=3 cc=12 dd=7
EOF
}

moves_in_order() {
    want 0 "$CORDON" trace "$(transfer 0)" --chain ethereum --format json
    jq -e '[.moves[] | [.hop, .taint, .amount, .beyond]] == [
        [0, "10000000000000000000", "10000000000000000000", false],
        [1, "5000000000000000000", "5000000000000000000", false],
        [1, "5000000000000000000", "12000000000000000000", false],
        [2, "5000000000000000000", "7000000000000000000", true]]' out >jq.log
    want 0 "$CORDON" trace "$(transfer 0)" --chain ethereum
    says out "10 ETH was marked; it moved in 4 transfers over 2 hops" "Not exact, because" \
        "spent more than the sender's recorded balance" "(beyond the recorded balance)"
    want 0 "$CORDON" trace "$(transfer 0)" --chain ethereum --hops 1 --format json
    jq -e '.totals[0].cut == "5000000000000000000"' out >jq.log || jq -c '.totals' out
    want 0 "$CORDON" trace "$(transfer 0)" --chain ethereum --until 2024-01-01T00:02:30Z --format json
    jq -e '(.moves | length) == 2 and .inputs.until.time == 1704067320' out >jq.log
}

stops_and_takers() {
    printf 'address,name,category,chain\n%s,"Ex, Inc.",exchange,ethereum\nTXYZ,other,exchange,tron\n' "$(account cc)" \
        >stops.csv
    want 0 "$CORDON" trace --account "$(account aa)" --chain ethereum --stop stops.csv --format json
    schema trace-accounts out
    cp out trace.json
    jq -e '.totals[0] | .origin == "20000000000000000000" and .exits == "12000000000000000000"' out >jq.log
    jq -e '[.balances[] | select(.stop)] | length == 1 and .[0].stop.name == "Ex, Inc."' out >jq.log
    want 0 "$CORDON" trace --account "$(account aa)" --chain ethereum --stop stops.csv
    says out "12 ETH  Ex, Inc. (exchange), 1 account"
    want 0 "$CORDON" trace --account "$(account aa)" --chain ethereum --stop stops.csv --format csv
    says out '"Ex, Inc.",exchange,stops.csv'
    want 0 "$CORDON" verify trace.json
    says out same
    want 0 "$CORDON" verify trace.json --stop stops.csv --format json
    schema verify out
    jq -e '.answer == "same" and .stops_checked' out >jq.log
    sed 's/"hop": *1/"hop": 2/' trace.json >other.json
    want 1 "$CORDON" verify other.json
    says out "result differs: moves"
    jq '.inputs.until.time += 1' trace.json >other.json
    want 1 "$CORDON" verify other.json
    says out "inputs differ: until"
    jq '.inputs.rules = "cordon.taint/9"' trace.json >other.json
    want 1 "$CORDON" verify other.json
    says out "inputs differ: rules"
    jq '.chain = "tron"' trace.json >other.json
    want 1 "$CORDON" verify other.json --ledger "$CORDON_HOME/ethereum"
    says out "inputs differ: chain"
}

# What B spends above its balance is said to be what came to A by X.
asserted() {
    cat >case.json <<EOF
{"id": "A-1", "kind": "theft", "chain": "ethereum", "origins": [{"transfer": "$(transfer 1)"}], "policy": "tiho",
 "conversions": [{"from": {"transfer": "$(transfer 1)"}, "to": {"beyond": "$(account bb)", "asset": "ETH"},
                  "source": "somebody", "note": "handed over"}]}
EOF
    "$SOURCE/tools/check-json" case case.json
    want 0 "$CORDON" trace case.json --format json --out trace.json
    schema trace-accounts trace.json
    jq -e '.totals[0] | .origin == "10000000000000000000" and .converted_out == "10000000000000000000" and
        .converted_in == "2000000000000000000" and .held == "2000000000000000000"' trace.json >jq.log
    jq -e '.routes == [.routes[0]] and (.routes[0] | .rule == "asserted" and .grade == "stated" and
        .taint_in == "10000000000000000000" and .taint_out == "2000000000000000000")' trace.json >jq.log
    jq -e '[.balances[] | [.account[-2:], .taint]] == [["dd", "2000000000000000000"]]' trace.json >jq.log
    want 0 "$CORDON" verify trace.json
    want 0 "$CORDON" trace case.json
    says out "Conversions that the case asserts" "handed over - somebody"
}

# One case began with V's ten, the other with X's: both were at A, and by haircut at B, C and D, too.
where_cases_meet() {
    local i
    for i in 0 1; do
        echo "{\"id\":\"case-$i\",\"chain\":\"ethereum\",\"origins\":[{\"transfer\":\"$(transfer $i)\"}],
            \"policy\":\"haircut\"}" >meet-$i.json
    done
    want 0 "$CORDON" trace meet-0.json meet-1.json --format json
    [ "$(wc -l <out)" -eq 3 ]
    tail -n 1 out >confluence.json
    schema confluence confluence.json
    jq -e '.places_n == 4 and ([.places[].place[-2:] | ascii_downcase] | sort) == ["aa", "bb", "cc", "dd"] and
        ([.places[].assets[0].meeting | tonumber] | . == (sort | reverse)) and
        all(.places[]; [.cases[].case] == ["case-0", "case-1"]) and
        [.places[] | select(.place[-2:] | ascii_downcase == "dd").cases[] |
            .amounts[0].taint, .hop, (.path | length), .path_whole] ==
            ["2500000000000000000", 2, 3, true, "2500000000000000000", 2, 3, true]' confluence.json >jq.log ||
        cat confluence.json
    want 0 "$CORDON" trace meet-0.json meet-1.json
    says out "Where the cases meet" "2.5 ETH of case case-1, hop 2, by 3 transfers"
    want 0 "$CORDON" trace meet-0.json meet-1.json --policy fifo --format json
    jq -e '[.places[].place[-2:] | ascii_downcase] == ["aa", "cc"]' <(tail -n 1 out) >jq.log || tail -n 1 out
}

complains() { # CODE TEXT WORDS...
    want "$1" "$CORDON" "${@:3}"
    says err "$2"
    [ "$(wc -l <err)" -eq 1 ]
}

complaints() {
    complains 3 'is not in the ledger' trace "0x$(printf '%064d' 7):v" --chain ethereum
    complains 3 'has no transfer "v"' trace "$(transfer 0 | sed 's/:.*/:v/')" --chain ethereum
    complains 3 'an output is not of ethereum' trace "$(printf '%064d' 7):0" --chain ethereum
    complains 3 'origins[0]: address "0x12"' trace --account 0x12 --chain ethereum
    complains 3 'was paid nothing' trace --account "$(account a1)" --chain ethereum
    complains 2 '--backward is of one ledger of coins' trace --account "$(account aa)" --chain ethereum --backward
    complains 2 'from 4 to 16 digits together' trace --account "$(account aa)" --chain ethereum --look-alike 1,2
    complains 2 'HEAD,TAIL is wanted' trace --account "$(account aa)" --chain ethereum --look-alike 3
    printf 'address,name\n0x1,a\n' >bad.csv
    complains 3 '"bad.csv": line 1: a header is wanted' trace --account "$(account aa)" --chain ethereum --tokens bad.csv
    echo '{"chain":"ethereum","origins":[{"address":"0x1"}],"look_alike":{"head":20,"tail":1}}' >case.json
    complains 3 'look_alike: from 4 to 16' trace ./case.json
    echo '{"chain":"ethereum","origins":[{"address":"0x1"}],"trusts":[{"contract":"0x1","name":"a","source":"b"}]}' >case.json
    complains 3 'trusts[0].contract' trace ./case.json
    echo '{"chain":"ethereum","origins":[{"address":"0x1"}],"trusts":[{"contract":"0x1","name":"a"}]}' >case.json
    complains 3 'trusts[0].source' trace ./case.json
    complains 2 'an origin, --account or a case file is missing' trace --chain ethereum
    complains 2 'is a ledger of ethereum, not of tron' info --ledger "$CORDON_HOME/ethereum" --chain tron
    complains 3 'there is no ledger' info --chain tron
    complains 2 'unknown chain "etherum"' ingest etherum --from list.csv
    complains 2 '--map is of lists and tables' ingest bitcoin:sim --from list.csv --map time=time
    printf 'time,from,to,amount\n2024-01-01,0x1,0x2,1.0\n' >bad.csv
    complains 3 'bad.csv' ingest ethereum --from bad.csv --ledger "$TMP/bad"
    echo '{"chain":"ethereum","origins":[{"address":"0x1","asset":"USDT"}]}' >case.json
    complains 3 'origins[0]' trace ./case.json
}

# A theft that goes from one chain to the other, by the simulator's truth.
crossing() {
    want 0 "$CORDON" sim --seed 5 --blocks 150 --accounts --out world
    want 0 "$CORDON" ingest evm:sim --from world/accounts/blocks.csv world/accounts/transactions.csv \
        world/accounts/logs.csv world/accounts/traces.csv
    want 0 "$CORDON" ingest bitcoin:sim --from world/blocks
    "$SOURCE/tools/check-json" truth world/truth.json
    "$SOURCE/tools/check-json" case world/cases/SWAP-1.json
    want 0 "$CORDON" trace world/cases/SWAP-1.json --format json --out trace.json
    schema trace-ledgers trace.json
    jq '.parts[0]' trace.json >part.json
    schema trace-accounts part.json
    jq '.parts[1]' trace.json >part.json
    schema trace part.json
    jq -e '.exact and (.routes | length == 1) and .routes[0].rule == "router" and .routes[0].grade == "stated" and
        [.parts[].chain] == ["evm:sim", "bitcoin:sim"]' trace.json >jq.log
    jq -e --slurpfile truth world/truth.json '($truth[0].thefts[] | select(.case.id == $truth[0].swap.goes_on_as)) as
        $on | .parts[1].totals.converted_in == $on.value' trace.json >jq.log
    want 0 "$CORDON" verify trace.json
    says out same
    # the router of the simulator, whose word is taken there, and nobody else's
    jq -e '.trusts.stated == [] and (.trusts.used | length >= 1) and all(.trusts.used[]; .chain == "evm:sim") and
        all(.parts[].inputs; has("trusts") | not)' trace.json >jq.log
    jq --arg none "$(printf '0%.0s' {1..64})" '.trusts.known_sha256 = $none' trace.json >other.json
    want 1 "$CORDON" verify other.json
    says out "inputs differ: trusts.known_sha256"
    # without the ledger of the other side the memo says where to look
    want 0 "$CORDON" trace world/cases/SWAP-1.json --ledger "$CORDON_HOME/evm:sim" --format json --out alone.json
    schema trace-accounts alone.json
    jq -e '.candidates | length == 1 and .[0].rule == "router" and .[0].other == null and
        (.[0].says | startswith("=:BTC.BTC:sim1"))' alone.json >jq.log
    want 0 "$CORDON" verify alone.json --ledger "$CORDON_HOME/evm:sim"
    want 0 "$CORDON" trace world/cases/SWAP-1.json --ledger "$CORDON_HOME/evm:sim"
    says out "Candidates, not followed" "router: no ledger here has a payment for it" \
        "it says $(jq -r '.candidates[0].says' alone.json)"
    # a contract that the case names stands in the document with who says so, and verify asks it again
    jq '.trusts = [{"contract": "0x00000000000000000000000000000000000000b7", "chain": "ethereum", "name": "a bridge",
        "source": "a witness"}]' world/cases/SWAP-1.json >./named.json
    "$SOURCE/tools/check-json" case named.json
    want 0 "$CORDON" trace ./named.json --ledger "$CORDON_HOME/evm:sim" --ledger "$CORDON_HOME/bitcoin:sim" \
        --format json --out named-trace.json
    schema trace-ledgers named-trace.json
    jq -e '.trusts.stated == [{"chain": "ethereum", "contract": "0x00000000000000000000000000000000000000b7",
        "name": "a bridge", "source": "a witness"}]' named-trace.json >jq.log
    want 0 "$CORDON" verify named-trace.json
    says out same
    # With the theft as which it goes on: each document as if alone, and they meet from its outputs on.
    local on
    on=$(jq -r .swap.goes_on_as world/truth.json)
    jq '.chain = "bitcoin:sim"' "world/cases/$on.json" >on.json
    want 0 "$CORDON" trace world/cases/SWAP-1.json ./on.json --ledger "$CORDON_HOME/evm:sim" \
        --ledger "$CORDON_HOME/bitcoin:sim" --format json
    cmp <(head -n 1 out | jq .) <(jq . trace.json)
    tail -n 1 out >confluence.json
    schema confluence confluence.json
    jq -e --arg on "$on" '.places_n > 0 and (.places[0] | .chain == "bitcoin:sim" and
        [.cases[].case] == ["SWAP-1", $on] and .cases[0].path_whole and
        .cases[0].path[0].chain == "evm:sim" and .cases[0].path[-1].chain == "bitcoin:sim")' confluence.json >jq.log
    jq '.parts[1].reached[0].taint = "1"' trace.json >other.json
    want 1 "$CORDON" verify other.json
    says out "result differs: reached[0].taint"
    want 0 "$CORDON" trace world/cases/SWAP-1.json
    says out "Went on by routes" "router, stated: memo" "What came by a route on bitcoin:sim was followed"
    for format in csv graphml html; do
        want 0 "$CORDON" trace world/cases/SWAP-1.json --format $format
    done
    # every move, every output that was reached and every route is an edge, and nothing else is; what is crossed has its
    # taint on both sides
    want 0 "$CORDON" trace world/cases/SWAP-1.json --format graphml
    python3 - out >edges <<'END'
import sys, xml.etree.ElementTree as tree
space = '{http://graphml.graphdrawing.org/xmlns}'
graph = tree.parse(sys.argv[1]).getroot()
nodes = {n.get('id'): {d.get('key'): d.text for d in n} for n in graph.iter(space + 'node')}
for edge in graph.iter(space + 'edge'):
    of = {d.get('key'): d.text for d in edge}
    ends = [nodes[edge.get(end)]['chain'] for end in ('source', 'target')]
    print(*ends, of.get('route', of.get('transfer')), of['taint'], of.get('taint_out', '-'), of['grade'])
END
    jq -r '.parts[0].moves[] | "evm:sim evm:sim \(.transfer) \(.taint) - \(.grade)"' trace.json >wanted
    jq -r '.parts[1].reached[] | "bitcoin:sim bitcoin:sim \(.output) \(.taint) - proven"' trace.json >>wanted
    jq -r '.routes[] | "evm:sim bitcoin:sim \(.rule) \(.taint_in) \(.taint_out) \(.grade)"' trace.json >>wanted
    cmp <(sort edges) <(sort wanted)
    # a row of CSV for each move and output, under one header
    want 0 "$CORDON" trace world/cases/SWAP-1.json --format csv
    tail -n +2 out | cut -d, -f2,3,10 | tr -d '\r' | sort >rows
    jq -r '(.parts[0].moves[] | "evm:sim,\(.transfer),\(.taint)"), (.parts[1].reached[] | "bitcoin:sim,\(.output),\(.taint)")' \
        trace.json | sort | cmp - rows
    complains 2 'no ledger of evm:sim is given' trace world/cases/SWAP-1.json --ledger "$CORDON_HOME/bitcoin:sim" \
        --ledger "$CORDON_HOME/ethereum"
    want 0 "$CORDON" block 103 --chain evm:sim --format json
    schema block-accounts out
    jq -e '.internals and .height == 103' out >jq.log
    want 0 "$CORDON" block 103 --chain evm:sim
    says out "grade         proven"
    local tx
    tx=$(jq -r '.transactions[0]' <("$CORDON" block 103 --chain evm:sim --format json))
    want 0 "$CORDON" tx "$tx" --chain evm:sim --format json
    schema tx-accounts out
    jq -e '.events[0].kind == "memo" and (.events[0].text | startswith("=:BTC.BTC:sim1"))' out >jq.log
}

every_body_is_valid() {
    local name
    for name in info-accounts block-accounts tx-accounts address-accounts trace-accounts trace-ledgers trace confluence \
        verify; do
        [ -n "$(ls "$TMP/bodies/$name")" ]
        "$SOURCE/tools/check-json" $name "$TMP/bodies/$name/"*
    done
}

check looked_up
check by_every_policy
check moves_in_order
check stops_and_takers
check asserted
check where_cases_meet
check complaints
check crossing
check every_body_is_valid
finish
