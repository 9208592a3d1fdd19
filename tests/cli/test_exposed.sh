#!/bin/bash
# Screening that asks ledgers: amounts worked out by hand, what traces of the same cases say, rules that match, and what
# is told to be unknown.
. "$(dirname "$0")/../support.sh"

account() { printf '0x%040x' "0x$1"; }
A=$(account aa) B=$(account bb) C=$(account cc) D=$(account dd) X=$(account a1)

# docs/exposure.md, "Accounts", without the fee. X and D are paid by nobody known.
list() {
    cat <<CSV
time,from,to,amount
2024-01-01T00:00:00Z,$X,$A,100.0
2024-01-01T00:01:00Z,$A,$B,80.0
2024-01-01T00:02:00Z,$D,$B,40.0
2024-01-01T00:03:00Z,$B,$C,60.0
2024-01-01T00:04:00Z,$A,$C,20.0
CSV
}

OTHERWISE='outage: {inbound: REVIEW, outbound: HOLD}
old_data: {after: 40000d, inbound: REVIEW, outbound: HOLD}
no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}
otherwise: {inbound: CREDIT, outbound: ALLOW}'

# rules RULE...: the rules of the home, with what follows them above the usual rest.
rules() {
    {
        echo "rules:"
        for rule; do echo "  - $rule"; done
        [ $# -gt 0 ] || echo "  []"
        echo "$OTHERWISE"
    } >"$CORDON_HOME/rules.yaml"
}

MAP=time=time,from=from,to=to,amount=amount,decimals=18

home() {
    export CORDON_HOME=$TMP/home-$BASHPID
    mkdir -p list
    printf '1,"KIM, Chol Su","individual","DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a\r\n' >list/sdn.csv
    want 0 "$CORDON" lists import --as-of 2024-01-02 list/sdn.csv
    rules
}

small() {
    home
    list >list.csv
    want 0 "$CORDON" ingest ethereum --from list.csv --map $MAP
}

# tag ADDRESS CATEGORY [LABEL]
tag() {
    printf 'title: Pack\nsource: https://example.org/\nlastmod: 2024-05-01\nconfidence: ownership\ntags:\n- address: "%s"\n  label: %s\n  %s: %s\n' \
        "$1" "${3:-Somebody}" "$(case $2 in exchange | mixer) echo category ;; *) echo abuse ;; esac)" "$2" >pack.yaml
    want 0 "$CORDON" tags import pack.yaml
}

# "flow exposure amount share hops" of each reason of an address, of exposure alone
exposed() {
    "$CORDON" screen --dry --format jsonl "$@" >answer || [ $? = 1 ]
    jq -r '.reasons[] | select(.evidence == "exposed") |
        "\(.flow) \(.exposure) \(.category) \(.amount) \(.share_ppm) \(.hops)"' answer
}

# Many at once are sought in memory, one in the ledger's index: the answers are the same.
same_in_a_batch() { # CHAIN ADDRESS...
    local chain=$1 one
    shift
    for one; do
        "$CORDON" screen --dry --format jsonl --chain "$chain" "$one" || [ $? = 1 ]
    done >one-by-one
    { echo address,chain; printf "%s,$chain\n" "$@"; } >many.csv
    "$CORDON" screen --dry --batch many.csv >many || [ $? = 1 ]
    cmp one-by-one many
}

same() { # WHAT WANTED GOT
    [ "$2" = "$3" ] && return
    printf '%s: wanted\n%s\ngot\n%s\n' "$1" "$2" "$3"
    return 1
}

E18=000000000000000000

by_hand() {
    small
    tag "$A" theft "The thief"
    same A "" "$(exposed "$A")"
    same B "received direct theft 80$E18 666666 1" "$(exposed "$B")"
    jq -e --arg a "${A,,}" '.reasons[0] | .source == "pack" and .label == "\($a) (The thief)" and .chain == "ethereum" and
        .asset == "ETH" and .decimals == 18 and (.path | length) == 1' answer >jq.log
    same C "received indirect theft 40$E18 500000 2
received direct theft 20$E18 250000 1" "$(exposed "$C")"
    jq -e '.reasons[0].path | length == 2' answer >jq.log
    same X "sent direct theft 100$E18 1000000 1" "$(exposed "$X")"
    same D "" "$(exposed "$D")"
    same_in_a_batch ethereum "$A" "$B" "$C" "$D" "$X" "$(account ee)"
    "$CORDON" screen --dry --format jsonl "$D" >answer
    jq -e '.data_as_of == {"chain": "ethereum", "height": null, "time": 1704067440}' answer >jq.log
    jq -e '.exposure[0] | .policy == "haircut" and .cut_ppm == 1000' answer >jq.log
    want 0 "$CORDON" screen "$C"
    says out "exposed: received 40 ETH, 50.0000 % of all, of theft" "through others, 2 hops, on ethereum" \
        "exposure on ethereum by haircut"
}

# 80 of B's 120: of the 60 that it pays on tiho takes 60 and poison everything; a cut of 70 % lets nothing by.
policies() {
    local row
    small
    tag "$A" theft
    while read -r row; do
        rules
        echo "exposure: {${row%%|*}}" >>"$CORDON_HOME/rules.yaml"
        same "$row" "$(echo "${row#*|}" | tr ';' '\n')" "$(exposed "$C")"
    done <<ROWS
policy: tiho|received indirect theft 60$E18 750000 2;received direct theft 20$E18 250000 1
policy: poison|received indirect theft 60$E18 750000 2;received direct theft 20$E18 250000 1
policy: haircut, cut: 70 %|received direct theft 20$E18 250000 1
policy: haircut, cut: 66 %|received indirect theft 40$E18 500000 2;received direct theft 20$E18 250000 1
ROWS
    rules
    echo "exposure: {policy: fifo}" >>"$CORDON_HOME/rules.yaml"
    want 3 "$CORDON" screen "$C"
    says err "rules: line 7: policy: haircut, tiho or poison"
}

services_stop() {
    small
    tag "$A" theft
    printf '{"id": "STOLEN", "kind": "extortion", "origins": [{"address": "%s", "chain": "ethereum"}]}' "$D" >case.json
    mkdir -p "$CORDON_HOME/cases"
    cp case.json "$CORDON_HOME/cases/"
    # of B's 120 are 80 of A and 40 of D; half of it goes on
    same C "received indirect theft 40$E18 500000 2
received direct theft 20$E18 250000 1
received indirect extortion 20$E18 250000 2" "$(exposed "$C")"
    jq -e '[.reasons[] | .case] == [null, null, "STOLEN"]' answer >jq.log
    cat pack.yaml - >both.yaml <<YAML
- address: "$B"
  label: An exchange
  category: exchange
YAML
    want 0 "$CORDON" tags import both.yaml
    want 0 "$CORDON" tags withdraw pack
    same "behind a service" "received direct exchange 60$E18 750000 1
received direct theft 20$E18 250000 1" "$(exposed "$C")"
    same D "sent direct exchange 40$E18 1000000 1" "$(exposed "$D")"
}

# The taker's own address is told, too: of a ledger or of none, from whatever time it is the taker's; and not a stop's.
an_origin_itself_is_told() {
    small
    mkdir -p "$CORDON_HOME/cases"
    printf '{"id": "STOLEN", "origins": [{"address": "%s", "chain": "ethereum"}, {"address": "%s", "chain": "ethereum", "from_height": 1}],
        "stops": [{"address": "%s", "name": "An exchange", "category": "exchange", "chain": "ethereum"}]}' "$X" "$D" "$B" >"$CORDON_HOME/cases/one.json"
    printf '{"id": "ANOTHER", "kind": "extortion", "origins": [{"address": "%s", "chain": "bitcoin"}, {"address": "%s"}, {"address": "%s"}]}' \
        12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S "$X" "$X" >"$CORDON_HOME/cases/two.json"
    rules '{id: own, mode: active, when: {evidence: tagged, category: [theft, extortion]}, then: {inbound: REVIEW, outbound: HOLD}}'
    own='[.reasons[] | select(.evidence == "tagged") | "\(.case) \(.category) \(.source) \(.label) \(.confidence)"] | sort | join(";")'
    for address in "$X" "${X^^}"; do
        want 0 "$CORDON" screen --format jsonl --chain ethereum --direction outbound "${address/0X/0x}"
        same "of two cases" "ANOTHER extortion ANOTHER an origin of the case 100;STOLEN theft STOLEN an origin of the case 100" "$(jq -r "$own" out)"
        jq -e '.decision == "HOLD" and .rule == "own"' out >jq.log
        "$SOURCE/tools/check-json" screen out
    done
    want 0 "$CORDON" screen --format jsonl --chain ethereum "$D"
    same "from a block on" "REVIEW STOLEN theft STOLEN an origin of the case 100" "$(jq -r .decision out) $(jq -r "$own" out)"
    want 0 "$CORDON" screen --format jsonl --direction outbound 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S
    same "without a ledger" "HOLD ANOTHER extortion ANOTHER an origin of the case 100" "$(jq -r .decision out) $(jq -r "$own" out)"
    for address in "$A" "$B" "$C"; do
        want 0 "$CORDON" screen --format jsonl --chain ethereum "$address"
        same "others" "" "$(jq -r "$own" out)"
    done
    want 0 "$CORDON" screen --chain ethereum "$X"
    says out "tagged: an origin of the case (theft), says STOLEN"
    want 0 "$CORDON" screen --format jsonl "$(transfer_of "$X" 100)"
    jq -e --arg x "${X,,}" '[.reasons[] | select(.evidence == "tagged") | [.about, .address, .case]] ==
        [["payer", $x, "STOLEN"], ["payer", $x, "ANOTHER"]]' out >jq.log
    rm -r "$CORDON_HOME/ethereum" # a home without any ledger
    want 0 "$CORDON" screen --format jsonl --direction outbound --chain ethereum "$X"
    jq -e '.decision == "HOLD" and .rule == "own"' out >jq.log
    rm "$CORDON_HOME"/cases/*
    want 0 "$CORDON" screen --format jsonl --direction outbound --chain ethereum "$X"
    same "no case" "" "$(jq -r "$own" out)"
}

# What a case says of a service holds for all labels, unless somebody accuses it.
a_stop_of_a_case_is_a_service() {
    small
    tag "$A" theft
    mkdir -p "$CORDON_HOME/cases"
    printf '{"id": "STOLEN", "origins": [{"address": "%s", "chain": "ethereum"}],
        "stops": [{"address": "%s", "name": "An exchange", "category": "exchange", "chain": "ethereum"}]}' "$D" "$B" \
        >"$CORDON_HOME/cases/case.json"
    same "behind it" "received direct exchange 60$E18 750000 1
received direct theft 20$E18 250000 1" "$(exposed "$C")"
    jq -e --arg b "${B,,}" '[.reasons[] | .source] == ["STOLEN", "pack"] and .reasons[0].case == null and
        .reasons[0].label == "\($b) (An exchange)"' answer >jq.log
    same "what came to it" "received direct theft 80$E18 666666 1
received direct theft 40$E18 333333 1" "$(exposed "$B")"
    cat pack.yaml - >both.yaml <<YAML
- address: "$B"
  label: A mixer
  abuse: scam
YAML
    want 0 "$CORDON" tags import both.yaml
    want 0 "$CORDON" tags withdraw pack
    same "accused" "received direct exchange 60$E18 750000 1
received direct scam 60$E18 750000 1
received indirect theft 40$E18 500000 2
received direct theft 20$E18 250000 1
received indirect theft 20$E18 250000 2" "$(exposed "$C" | sort -k4,4nr -k3,3)"
}

# Whoever calls B an exchange, in however many cases and tags, it is one exchange: C has one reason of it, by who says so
# first, a tag before a case. A word for a service that tags do not have is shared by the cases that use it.
cases_agree_about_a_stop() {
    local n
    small
    mkdir -p "$CORDON_HOME/cases"
    for n in 1 2 3; do
        printf '{"id": "C%s", "origins": [{"address": "%s", "chain": "ethereum"}], "stops": [
            {"address": "%s", "name": "Exchange %s", "category": "exchange", "chain": "ethereum"},
            {"address": "%s", "name": "Parlour %s", "category": "parlour", "chain": "ethereum"}]}' \
            $n "$(account "e$n")" "$B" $n "$A" $n >"$CORDON_HOME/cases/$n.json"
    done
    same "three cases" "received direct exchange 60$E18 750000 1
received direct parlour 20$E18 250000 1" "$(exposed "$C")"
    jq -e --arg a "${A,,}" --arg b "${B,,}" '[.reasons[] | [.source, .label]] ==
        [["C1", "\($b) (Exchange 1)"], ["C1", "\($a) (Parlour 1)"]]' answer >jq.log
    same "what is paid to them" "sent direct exchange 40$E18 1000000 1" "$(exposed "$D")"
    tag "$B" exchange "Exchange of tags"
    same "and a tag" "received direct exchange 60$E18 750000 1
received direct parlour 20$E18 250000 1" "$(exposed "$C")"
    jq -e --arg b "${B,,}" '.reasons[0] | .source == "pack" and .label == "\($b) (Exchange of tags)"' answer >jq.log
}

lists_are_sources() {
    small
    printf '1,"SOME GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Digital Currency Address - ETH %s."\r\n\x1a\r\n' "$A" >list/sdn.csv
    want 0 "$CORDON" lists import --as-of 2024-01-03 list/sdn.csv
    same B "received direct sanctions 80$E18 666666 1" "$(exposed "$B")"
    jq -e --arg a "${A,,}" '.reasons[0] | .list == "ofac-sdn" and .source == "ofac-sdn 2024-01-03" and
        .label == "\($a) (SOME GROUP)"' answer >jq.log
    want 0 "$CORDON" screen "$B" # exposure alone is no potential match
}

rules_match_what_is_exposed() {
    small
    tag "$A" theft
    decides() { # DECISION ADDRESS DIRECTION RULE...
        local decision=$1 address=$2 direction=$3
        shift 3
        rules "$@"
        want 0 "$CORDON" screen --direction "$direction" --format jsonl "$address"
        same "$1" "$decision" "$(jq -r .decision out)"
    }
    decides REVIEW "$B" inbound '{id: near, mode: active, when: {evidence: exposed, category: theft, exposure: direct}, then: REVIEW}'
    decides CREDIT "$B" inbound '{id: far, mode: active, when: {category: theft, exposure: indirect}, then: REVIEW}'
    decides REVIEW "$C" inbound '{id: share, mode: active, when: {category: theft, exposure: indirect, share_min: 50 %, hops_max: 2}, then: REVIEW}'
    decides CREDIT "$C" inbound '{id: share, mode: active, when: {category: theft, exposure: indirect, share_min: 50.1 %}, then: REVIEW}'
    decides REVIEW "$C" inbound '{id: amount, mode: active, when: {flow: received, amount_min: 40 ETH}, then: REVIEW}'
    decides CREDIT "$C" inbound '{id: amount, mode: active, when: {flow: received, amount_min: 40.1 ETH}, then: REVIEW}'
    decides HOLD "$X" outbound '{id: sent, mode: active, when: {flow: sent, category: theft}, then: HOLD}'
    decides REVIEW "$C" inbound '{id: old, mode: active, when: {data_age_min: 1d}, then: REVIEW}'
    decides REVIEW "$B" inbound '{id: who, mode: active, when: {evidence: exposed, source: pack}, then: REVIEW}'
    decides CREDIT "$B" inbound '{id: who, mode: active, when: {evidence: exposed, source: another}, then: REVIEW}'
    decides REVIEW "$B" inbound '{id: sure, mode: active, when: {evidence: exposed, confidence_min: 40}, then: REVIEW}'
    decides CREDIT "$B" inbound '{id: own, mode: active, when: {evidence: exposed, tag: own}, then: REVIEW}'
    OTHERWISE=${OTHERWISE/40000d/1h} decides REVIEW "$D" inbound '{id: none, mode: active, when: {flow: sent}, then: BLOCK}'
    jq -e '.decided_by == "old_data"' out >jq.log
}

what_is_not_known_is_said() {
    small
    unknown() { jq -r '.unknown[] | select(startswith("exposure"))' out; }
    want 0 "$CORDON" screen --format jsonl --chain ethereum "$D"
    same "known" "" "$(unknown)"
    jq -e '.decision == "CREDIT" and .decided_by == "otherwise"' out >jq.log
    want 0 "$CORDON" screen --format jsonl "$D"
    same "chains" "exposure: on other chains with such addresses" "$(unknown)"
    want 0 "$CORDON" screen --format jsonl --chain bsc "$D"
    same "another" "exposure: no ledger of this chain is kept here" "$(unknown)"
    jq -e '.decided_by == "no_ledger" and .data_as_of == null' out >jq.log
    want 0 "$CORDON" screen --format jsonl --chain eip155:1 "$(account 99)"
    same "never" "exposure: the address was never seen, on ethereum" "$(unknown)"
    want 0 "$CORDON" screen --format jsonl --no-exposure --chain ethereum "$D"
    same "not asked" "exposure: not asked for" "$(unknown)"
    jq -e '.decided_by == "no_ledger" and .exposure == []' out >jq.log
    want 0 "$CORDON" screen --format jsonl --as-of 2024-02-01 --chain ethereum "$D"
    same "as of" "exposure: not asked for" "$(unknown)"
    # another ledger of the same addresses: both are asked, and each reason names its own
    list >other.csv
    want 0 "$CORDON" ingest bsc --from other.csv --map $MAP
    tag "$A" theft
    want 0 "$CORDON" screen --format jsonl "$B"
    same "two" "bsc 80$E18 BNB ethereum 80$E18 ETH" \
        "$(jq -r '[.reasons[] | select(.evidence == "exposed") | "\(.chain) \(.amount) \(.asset)"] | join(" ")' out)"
    jq -e '[.exposure[].chain] == ["bsc", "ethereum"]' out >jq.log
    want 0 "$CORDON" screen --format jsonl --chain bsc "$B"
    same "one" bsc "$(jq -r '[.reasons[].chain] | unique[]' out)"
}

# A pass is kept and gone on with; other labels, or a file that is damaged, are another pass.
passes_are_kept() {
    home
    list | head -4 >list.csv
    want 0 "$CORDON" ingest ethereum --from list.csv --map $MAP
    tag "$A" theft
    same "first" "" "$(exposed "$C")"
    [ -s "$CORDON_HOME/exposure/ethereum" ]
    cp "$CORDON_HOME/exposure/ethereum" kept
    same "again" "received direct theft 80$E18 666666 1" "$(exposed "$B")"
    cmp kept "$CORDON_HOME/exposure/ethereum" # nothing new, nothing written
    list >list.csv
    want 0 "$CORDON" ingest ethereum --from list.csv --map $MAP
    local both="received indirect theft 40$E18 500000 2
received direct theft 20$E18 250000 1"
    same "gone on" "$both" "$(exposed "$C")"
    cmp kept "$CORDON_HOME/exposure/ethereum.before"
    cp "$CORDON_HOME/exposure/ethereum" whole
    printf 'x' | dd of="$CORDON_HOME/exposure/ethereum" bs=1 seek=700 conv=notrunc 2>dd.log
    rm "$CORDON_HOME/exposure/ethereum.before"
    same "damaged" "$both" "$(exposed "$C" 2>err)"
    says err "exposure of ethereum is worked out anew" damaged
    cmp whole "$CORDON_HOME/exposure/ethereum"
    head -c 600 whole >"$CORDON_HOME/exposure/ethereum"
    rm -f "$CORDON_HOME/exposure/ethereum.before"
    same "cut" "$both" "$(exposed "$C" 2>err)"
    says err "is worked out anew"
    tag "$A" ransomware
    same "other labels" "${both//theft/ransomware}" "$(exposed "$C")"
    # one keeps it at a time; who cannot is told
    rm -r "$CORDON_HOME/exposure"
    echo >"$CORDON_HOME/exposure"
    same "nowhere to keep it" "${both//theft/ransomware}" "$(exposed "$C" 2>err)"
    says err "exposure of ethereum is not kept"
    rm "$CORDON_HOME/exposure"
    mkdir "$CORDON_HOME/exposure"
    same "locked" "${both//theft/ransomware}" \
        "$(flock "$CORDON_HOME/exposure/ethereum.lock" "$CORDON" screen --dry --format jsonl "$C" 2>err |
            jq -r '.reasons[] | "\(.flow) \(.exposure) \(.category) \(.amount) \(.share_ppm) \(.hops)"')"
    says err "another process keeps it"
}

a_bad_case_is_named() {
    small
    mkdir -p "$CORDON_HOME/cases"
    echo '{"id": "X", "origins": [{"output": "zz"}]}' >"$CORDON_HOME/cases/bad.json"
    want 3 "$CORDON" screen "$B"
    says err "cases/bad.json" "origins[0]"
    echo "{\"id\": \"X\", \"origins\": [{\"address\": \"$A\"}]}" >"$CORDON_HOME/cases/bad.json"
    cp "$CORDON_HOME/cases/bad.json" "$CORDON_HOME/cases/more.json"
    want 3 "$CORDON" screen "$B"
    says err "cases/more.json" "another file has the case \"X\""
}

every_answer_fits_its_schema() {
    small
    tag "$A" theft
    want 0 "$CORDON" screen --format json "$B" "$C" "$X"
    "$SOURCE/tools/check-json" screen out
    printf 'address,chain\n%s,ethereum\n%s,bsc\n' "$C" "$C" >batch.csv
    want 0 "$CORDON" screen --batch batch.csv
    "$SOURCE/tools/check-json" screen out
    jq -se '[.[] | .reasons | length] == [2, 0]' out >jq.log
}

# What the trace engine says of the same case by haircut, address by address.
as_traced() { # CHAIN CASE AMOUNTS-BY-ADDRESS
    mkdir -p "$CORDON_HOME/cases"
    rules
    echo "exposure: {policy: haircut, cut: 0 ppm}" >>"$CORDON_HOME/rules.yaml"
    rm -f "$CORDON_HOME"/cases/*
    jq 'del(.stops) | .policy = "haircut"' "$2" >"$CORDON_HOME/cases/case.json"
    "$CORDON" trace "$CORDON_HOME/cases/case.json" --chain "$1" --format json >trace.json
    jq -r "$3" trace.json | sort >wanted
    [ "$(wc -l <wanted)" -ge 20 ]
    { echo address && cut -d' ' -f1 wanted | sort -u; } >batch.csv
    code=0
    "$CORDON" screen --dry --chain "$1" --batch batch.csv >answers || code=$?
    [ "$code" = 0 ]
    jq -r '.address as $a | [.reasons[] | select(.case != null and .flow == "received")] | group_by(.asset)[] |
        "\($a) \([.[] | .amount | tonumber] | add)"' answers | sort >got
    diff wanted got >diff.log || { head -20 diff.log; return 1; }
}

coins_as_traced() {
    local i
    home
    [ -d "$TMP/world" ] || "$CORDON" sim --seed 7 --blocks 200 --out "$TMP/world" >sim.log
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks"
    for i in 1 2 3; do
        as_traced bitcoin:sim "$TMP/world/cases/THEFT-$i.json" '[.reached[] | select(.address != null)] | group_by(.address)[] |
            "\(.[0].address) \([.[] | .taint | tonumber] | add)"'
    done
}

# Two addresses that were spent together: what is said of the one is told of the other.
an_entity_is_told() {
    local one two
    home
    [ -d "$TMP/world" ] || "$CORDON" sim --seed 7 --blocks 200 --out "$TMP/world" >sim.log
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks"
    one=$("$CORDON" trace "$TMP/world/cases/THEFT-1.json" --chain bitcoin:sim --format json | jq -r '[.reached[] | .address][0]')
    want 0 "$CORDON" screen --chain bitcoin:sim --format jsonl "$one"
    says out 'entities: no clusters are kept, on bitcoin:sim'
    want 0 "$CORDON" entities --chain bitcoin:sim
    want 0 "$CORDON" entities --chain bitcoin:sim --format json
    # an entity with other addresses
    while read -r one; do
        "$CORDON" entity "$one" --chain bitcoin:sim --format json >entity
        two=$(jq -r --arg one "$one" '[.entity.members[]? | select(. != $one and startswith("sim1"))][0] // empty' entity)
        [ -z "$two" ] || break
    done < <(jq -r '.stops[].address' "$TMP/world/cases/THEFT-1.json" | head -40)
    [ -n "$two" ]
    rules '{id: entity, mode: active, when: {evidence: entity, category: theft}, then: REVIEW}'
    tag "$two" theft "The thief"
    want 0 "$CORDON" screen --chain bitcoin:sim --format jsonl "$one"
    jq -e '.decision == "REVIEW" and .rule == "entity" and ([.reasons[] | select(.evidence == "entity")] |
        length == 1 and (.[0] | .source == "pack" and .category == "theft" and .confidence == 100 and .chain == "bitcoin:sim"))' out >jq.log
    [ "$(jq -r '.reasons[] | select(.evidence == "entity") | .label' out)" = "$two (The thief)" ]
    "$SOURCE/tools/check-json" screen out
    # of itself nothing is told twice
    want 0 "$CORDON" screen --chain bitcoin:sim --format jsonl "$two"
    jq -e '[.reasons[] | select(.evidence == "entity")] == []' out >jq.log
}

# docs/exposure.md, "Coins"; then f, who is paid by nobody known, pays a.
coin_world() {
    printf -- '-> 100 a\n-> 100 d\n0.0 -> 80 b 20 a\n2.0 1.0 -> 90 c 90 d\n2.1 -> 20 c\n-> 30 f\n5.0 -> 30 a\n' |
        python3 "$SOURCE/tests/cli/coin_world.py" blk.dat >coins
    while read -r name value; do
        declare -g "coin_$name=$value"
    done <coins
}

coins_by_hand() {
    home
    coin_world
    want 0 "$CORDON" ingest bitcoin:regtest --from blk.dat
    tag "$coin_a" theft "The thief"
    same a "" "$(exposed "$coin_a")"
    same b "received direct theft 80 1000000 1" "$(exposed "$coin_b")"
    same c "received indirect theft 40 363636 2
received direct theft 20 181818 1" "$(exposed "$coin_c")"
    jq -e --arg a "$coin_a (The thief)" --arg t2 "$coin_t2" --arg t3 "$coin_t3" \
        '[.reasons[] | .label] == [$a, $a] and .reasons[0].path == [$t2, $t3]' answer >jq.log
    same d "received indirect theft 40 210526 2" "$(exposed "$coin_d")"
    same f "sent direct theft 30 1000000 1" "$(exposed "$coin_f")"
    same_in_a_batch bitcoin:regtest "$coin_a" "$coin_b" "$coin_c" "$coin_d" "$coin_f"
}

# An output has what it carried itself, spent or not.
outputs_are_asked() {
    home
    coin_world
    want 0 "$CORDON" ingest bitcoin:regtest --from blk.dat
    tag "$coin_a" theft "The thief"
    same "of the thief" "received direct theft 80 1000000 1" "$(exposed "$coin_t2:0")"
    jq -e --arg a "$coin_a" '.tx != null and .chain == "bitcoin:regtest" and
        [.reasons[] | select(.evidence == "tagged") | .about, .address] == ["payer", $a]' answer >jq.log
    same "change" "" "$(exposed "$coin_t2:1")"
    same "40 of 90" "received indirect theft 40 444444 2" "$(exposed "$coin_t3:0")"
    jq -e --arg t2 "$coin_t2" --arg t3 "$coin_t3" '.reasons | length == 1 and
        (.[0] | .about == "transfer" and .path == [$t2, $t3])' answer >jq.log
    same "all of it" "received indirect theft 80 444444 2" "$(exposed "$coin_t3")"
    same "20 of 20" "received direct theft 20 1000000 1" "$(exposed "$coin_t4:0")"
    same "paid to the thief" "sent direct theft 30 1000000 1" "$(exposed --direction outbound "$coin_t6:0")"
    jq -e --arg a "$coin_a" '[.reasons[] | select(.evidence == "tagged") | .about, .address] == ["payee", $a]' answer >jq.log
    # what an address of the transaction was paid, from a table
    printf 'tx,address,ref\n%s,%s,one\n%s,,two\n%s,%s,three\n' "$coin_t3" "$coin_c" "${coin_t3^^}:1" \
        "$(printf '%064d' 0)" "$coin_c" >batch.csv
    want 0 "$CORDON" screen --batch batch.csv
    "$SOURCE/tools/check-json" screen out
    same "batch" "one 40 444444
two 40 444444
three 40 363636
three 20 181818" "$(jq -r '.ref as $ref | .reasons[] | select(.evidence == "exposed") | "\($ref) \(.amount) \(.share_ppm)"' out)"
    jq -se '.[2].unknown | index("transfer: it was never seen") != null' out >jq.log
    want 0 "$CORDON" screen --format jsonl "$coin_t3:9"
    jq -e '.decision == "UNKNOWN" and .decided_by == "no_ledger" and .reasons == []' out >jq.log
    want 2 "$CORDON" screen --chain nowhere "$coin_t3:0"
    # it is kept as a question of its own, and asked again
    want 0 "$CORDON" screen "$coin_t4:0"
    want 0 "$CORDON" questions --subject "$coin_t4:0"
    says out "$coin_t4:0" "exposed direct received"
    want 0 "$CORDON" tags withdraw pack
    want 0 "$CORDON" screen --again
    says out "$coin_t4:0"
    same "withdrawn" "" "$(exposed "$coin_t4:0")"
}

# Random worlds, against a table of every output and label.
coins_as_a_naive_table_says() {
    local seed
    for seed in 1 2 3 4; do
        home
        echo "exposure: {policy: haircut, cut: 0 ppm}" >>"$CORDON_HOME/rules.yaml"
        rm -rf "$CORDON_HOME/bitcoin:regtest"
        python3 "$SOURCE/tests/cli/naive_exposure.py" world $seed >random
        python3 "$SOURCE/tests/cli/coin_world.py" blk.dat <random >coins
        python3 "$SOURCE/tests/cli/naive_exposure.py" want random coins >wanted
        [ "$(wc -l <wanted)" -ge 30 ]
        want 0 "$CORDON" ingest bitcoin:regtest --from blk.dat
        printf 'title: Pack\nsource: https://example.org/\nlastmod: 2024-05-01\nconfidence: ownership\ntags:\n' >pack.yaml
        while read -r owner what; do
            printf -- '- address: "%s"\n  label: %s\n  %s\n' "$(sed -n "s/^$owner //p" coins)" "$owner" "$what"
        done <<<$'a abuse: theft\nb abuse: ransomware\ns category: exchange' >>pack.yaml
        want 0 "$CORDON" tags import pack.yaml
        { sed -n 's/^[a-z] \(.*\)/{"address":"\1"}/p' coins && awk '/^t/ { for (i = 0; i < 4; i++) printf "{\"tx\":\"%s:%d\"}\n", $2, i }' coins; } >batch.jsonl
        code=0
        "$CORDON" screen --dry --batch batch.jsonl >answers || code=$?
        [ "$code" = 0 ]
        jq -r '(.tx // .address) as $of | [.reasons[] | select(.evidence == "exposed" and .flow == "received")] |
            group_by(.category)[] | "\($of) \(.[0].category) \([.[] | .amount | tonumber] | add)"' answers | LC_ALL=C sort >got
        diff wanted got >diff.log || { echo "seed $seed" && head -20 diff.log && return 1; }
    done
}

# However many come together, in whatever order, with others between them that are no addresses: of each is said what is
# said of it alone.
together_as_alone() {
    local seed
    home
    [ -d "$TMP/world" ] || "$CORDON" sim --seed 7 --blocks 200 --out "$TMP/world" >sim.log
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks"
    want 0 "$CORDON" entities --chain bitcoin:sim
    want 0 "$CORDON" tags import "$TMP/world/stops.csv"
    mkdir -p "$CORDON_HOME/cases"
    cp "$TMP/world/cases/THEFT-1.json" "$CORDON_HOME/cases/"
    for case in "$TMP"/world/cases/THEFT-[123].json; do
        "$CORDON" trace "$case" --chain bitcoin:sim --format json | jq -r '.reached[].address // empty'
        jq -r '.stops[].address' "$case"
    done | sort -u >addresses
    [ "$(wc -l <addresses)" -ge 200 ]
    mapfile -t addresses <addresses
    want 0 "$CORDON" screen --dry --format jsonl --chain bitcoin:sim "${addresses[@]}"
    mv out alone
    [ "$(jq -r '.reasons[].evidence' alone | sort -u | tr '\n' ' ')" = "entity exposed tagged " ]
    for seed in 1 2 3 4 5 6 7 8; do
        seq "$(wc -l <addresses)" | shuf --random-source=<(yes $seed) | head -n $((seed * 37)) >order
        awk 'NR == FNR { at[NR] = $0; next } { print at[$1] }' alone order >wanted
        {
            echo address,chain,name
            awk -v seed=$seed 'NR == FNR { at[NR] = $0; next } FNR % 5 == seed % 5 { print "0x00,,\n\n,,Kim" }
                { print at[$1] ",bitcoin:sim," }' addresses order
        } >many.csv
        want 3 "$CORDON" screen --dry --batch many.csv
        grep -v -e '"error"' -e '"name":"Kim"' out >got
        cmp wanted got || { echo "seed $seed" && return 1; }
    done
}

# The last block alone: who paid an input of it, and how much, is not known.
inputs_that_nobody_knows() {
    home
    coin_world
    printf -- '-> 100 a\n0.0 -> 80 b\n' | python3 "$SOURCE/tests/cli/coin_world.py" two.dat >two
    tail -c "+$((9 + $(od -An -tu4 -j4 -N4 two.dat)))" two.dat >last.dat
    want 0 "$CORDON" ingest bitcoin:regtest --from last.dat
    want 0 "$CORDON" screen --format jsonl "$(sed -n 's/^t1 //p' two):0"
    jq -e '.reasons == [] and (.unknown | index("transfer: who paid an input, or how much, on bitcoin:regtest") != null)' out >jq.log
}

# C is paid 10 and passes them on to an exchange's wallet: a deposit address. D keeps what it is paid.
a_deposit_address_is_of_its_exchange() {
    home
    cat >list.csv <<CSV
time,from,to,amount
2024-01-01T00:00:00Z,$X,$C,10.0
2024-01-01T01:00:00Z,$C,$A,10.0
2024-01-01T02:00:00Z,$X,$D,10.0
2024-01-01T03:00:00Z,$D,$A,1.0
CSV
    want 0 "$CORDON" ingest ethereum --from list.csv --map $MAP
    tag "$A" exchange "Some exchange"
    related() {
        "$CORDON" screen --dry --format jsonl "$@" | jq -r '.reasons[] | select(.evidence == "entity") | "\(.category) \(.source) \(.about) \(.label)"'
    }
    local told="${A,,} (Some exchange), to which a deposit address pays: 1 of 1 sweeps fit"
    same "deposit address" "exchange pack null $told" "$(related "$C")"
    same "another" "" "$(related "$D")"
    same "the wallet" "" "$(related "$A")"
    same "the payee" "exchange pack payee $told" "$(related "$(transfer_of "$C" 10 | head -1)")"
    rules '{id: entity, mode: active, when: {evidence: entity, category: exchange}, then: REVIEW}'
    want 0 "$CORDON" screen --format jsonl "$C"
    "$SOURCE/tools/check-json" screen out
    jq -e '.decision == "REVIEW" and .rule == "entity"' out >jq.log
}

# The id of the transfer of so many ETH that an address received.
transfer_of() {
    "$CORDON" address --chain ethereum --format json "$1" |
        jq -r --arg amount "$2$E18" '.holdings[].transfers[] | select(.amount == $amount) | .transfer'
}

transfers_are_asked() {
    local forty twenty
    small
    tag "$A" theft "The thief"
    forty=$(transfer_of "$C" 60) twenty=$(transfer_of "$C" 20)
    same "of B's" "received indirect theft 40$E18 666666 2" "$(exposed "$forty")"
    jq -e --arg t "$forty" '.tx == $t and .asset == "ETH" and .amount == "60'$E18'" and .reasons[0].about == "transfer" and
        .reasons[0].path[1] == $t and (.reasons[0].path | length) == 2' answer >jq.log
    same "of the thief's" "received direct theft 20$E18 1000000 1" "$(exposed --chain ethereum "${twenty%%:*}")"
    same "paid to the thief" "sent direct theft 100$E18 1000000 1" "$(exposed "$(transfer_of "$A" 100)")"
    want 0 "$CORDON" screen "$forty"
    says out "60 ETH, on ethereum" "exposed, the transfer: received 40 ETH, 66.6666 % of all, of theft"
    rules '{id: paid, mode: active, when: {subject: transfer, about: payer, category: theft}, then: REVIEW}'
    want 0 "$CORDON" screen --format jsonl "$twenty" "$forty" "$C"
    same "rules" "REVIEW CREDIT CREDIT" "$(jq -r .decision out | paste -sd' ')"
    # an address beside it that is no party to it is looked at, too, and said to be another
    echo "{\"tx\":\"$forty\",\"address\":\"$A\"}" >batch.jsonl
    want 0 "$CORDON" screen --batch batch.jsonl
    jq -e '(.unknown | index("transfer: it is between others than the address named, on ethereum") != null) and
        ([.reasons[] | select(.evidence == "tagged") | .about] == [null])' out >jq.log
    printf '1,"SOME GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Digital Currency Address - ETH %s."\r\n\x1a\r\n' "$A" >list/sdn.csv
    want 0 "$CORDON" lists import --no-again --as-of 2024-01-03 list/sdn.csv
    want 1 "$CORDON" screen --format jsonl "$twenty"
    jq -e --arg a "${A,,}" '.decision == "BLOCK" and .decided_by == "floor" and
        (.reasons[0] | .evidence == "listed" and .about == "payer" and .address == $a and .match == 1)' out >jq.log
    "$SOURCE/tools/check-json" screen out
    want 1 "$CORDON" screen "$twenty"
    says out "listed, the payer ${A,,}: entry 1 of ofac-sdn"
    want 0 "$CORDON" screen --format jsonl "$(printf '0x%064d' 0):v"
    jq -e '.decision == "UNKNOWN"' out >jq.log
}

for test in by_hand an_origin_itself_is_told a_deposit_address_is_of_its_exchange a_stop_of_a_case_is_a_service cases_agree_about_a_stop coins_by_hand \
    outputs_are_asked coins_as_a_naive_table_says together_as_alone inputs_that_nobody_knows transfers_are_asked policies \
    services_stop lists_are_sources rules_match_what_is_exposed what_is_not_known_is_said passes_are_kept \
    a_bad_case_is_named every_answer_fits_its_schema coins_as_traced an_entity_is_told; do
    check $test
done
finish
