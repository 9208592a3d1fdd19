#!/bin/bash
# A node that answers what its ledgers tell: a block that is added, labels that change, passes that are kept, token accounts whose
# owners come to be known.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/../solana.sh"

account() { printf '0x%040x' "0x$1"; }
A=$(account aa) B=$(account bb) C=$(account cc) D=$(account dd)
MAP=time=time,from=from,to=to,amount=amount,decimals=18
E18=000000000000000000

head_rows() {
    cat <<CSV
time,from,to,amount
2024-01-01T00:00:00Z,$(account a1),$A,100.0
2024-01-01T00:01:00Z,$A,$B,80.0
2024-01-01T00:02:00Z,$D,$B,40.0
CSV
}
{
    head_rows
    echo "2024-01-01T00:03:00Z,$B,$C,60.0"
} >"$TMP/more.csv"

tag() { # CATEGORY
    printf 'title: Pack\nsource: https://example.org/\nlastmod: 2024-05-01\nconfidence: ownership\ntags:\n- address: "%s"\n  label: Somebody\n  abuse: %s\n' \
        "$A" "$1" >"$TMP/pack.yaml"
    "$CORDON" tags import --no-again "$TMP/pack.yaml" >tags.log
}

head_rows >"$TMP/list.csv"
"$CORDON" ingest ethereum --from "$TMP/list.csv" --map $MAP >"$TMP/ingest.log" || exit 1
desk=$("$CORDON" key add desk --scope read,screen)
list_of 2024-01-02 0x098B716B8Aaf21512996dC57EB0615e2383E2f96
(cd "$TMP" && tag theft)
start exposed || exit 1

# told ADDRESS WANTED: what is said of its exposure, within a moment
told() {
    local got
    for _ in $(seq 1200); do
        asked 200 /v1/screen/address -d "{\"address\":\"$1\",\"chain\":\"ethereum\"}"
        got=$(jq -r '[.reasons[] | select(.evidence == "exposed") | "\(.exposure) \(.category) \(.amount)"] | join(", ")' body)
        [ "$got" != "$2" ] || return 0
        sleep 0.05
    done
    echo "wanted \"$2\", got \"$got\""
    return 1
}

a_block_changes_the_answer() {
    told "$B" "direct theft 80$E18"
    jq -e '.data_as_of.time == 1704067320 and .exposure[0].policy == "haircut"' body >jq.log
    asked 200 /v1/screen/address -d "{\"address\":\"$C\",\"chain\":\"ethereum\"}"
    says body 'the address was never seen, on ethereum'
    want 0 "$CORDON" ingest ethereum --from "$TMP/more.csv" --map $MAP
    told "$C" "indirect theft 40$E18"
    jq -e '.data_as_of.time == 1704067380' body >jq.log
    # the transfer itself, alone and registered
    paid=$("$CORDON" address --chain ethereum --format json "$C" | jq -r '.holdings[0].transfers[0].transfer')
    asked 200 /v1/screen/transfer -d "{\"tx\":\"$paid\",\"chain\":\"ethereum\",\"ref\":\"d-1\"}"
    jq -e --arg tx "$paid" '.tx == $tx and .amount == "60'$E18'" and ([.reasons[] | .about, .amount] == ["transfer", "40'$E18'"])' body >jq.log
    asked 400 /v1/screen/transfer -d "{\"chain\":\"ethereum\"}"
    says body 'tx is wanted'
    asked 400 /v1/screen/transfer -d "{\"tx\":\"0xaa\"}"
    asked 201 /v1/transfers -d "{\"ref\":\"d-1\",\"direction\":\"inbound\",\"chain\":\"ethereum\",\"asset\":\"ETH\",\"amount\":\"60$E18\",\"decimals\":18,\"address\":\"$B\",\"tx\":\"${paid%%:*}\"}"
    jq -e '.answer | .tx != null and ([.reasons[] | .about, .amount] == ["transfer", "40'$E18'"])' body >jq.log
    # whose deposit address it is: no wallet is known
    asked 200 "/v1/entity/ethereum/$A"
    jq -e '.found.schema == "cordon.deposit/1" and .found.wallets == 0 and .found.seen and .found.deposit == null and
        .tags[0].tags[0].label == "Somebody" and .after == null' body >jq.log
    asked 400 "/v1/entity/ethereum/$A?limit=3"
    asked 400 /v1/entity/ethereum/nobody
    # many at once, and the same as the command says
    printf 'address,chain\n%s,ethereum\n' "$C" >batch.csv
    asked 200 /v1/screen/batch --data-binary @batch.csv
    jq -e '.reasons | length == 1' body >jq.log
    "$CORDON" screen --dry --format jsonl --chain ethereum "$C" | jq -S 'del(.exposure)' >command
    told "$C" "indirect theft 40$E18"
    jq -S 'del(.exposure)' body | cmp - command
}

labels_change() {
    tag ransomware
    told "$C" "indirect ransomware 40$E18"
    until_said "$TMP/exposed.log" "the pass by the new labels is done"
    mkdir -p "$CORDON_HOME/cases"
    printf '{"id": "CASE-1", "origins": [{"address": "%s", "chain": "ethereum"}]}' "$D" >"$CORDON_HOME/cases/one.json"
    told "$C" "indirect ransomware 40$E18, indirect theft 20$E18"
    echo '{' >"$CORDON_HOME/cases/one.json" # what cannot be read: the labels of before stay
    until_said "$TMP/exposed.log" "labels of before stay"
    told "$C" "indirect ransomware 40$E18, indirect theft 20$E18"
    rm "$CORDON_HOME/cases/one.json"
    told "$C" "indirect ransomware 40$E18"
}

# A moment after an answer that stands on it.
it_is_told() {
    asked 200 /readyz && asked 200 /metrics &&
        says body 'cordon_exposure_ready{chain="ethereum"} 1' 'cordon_exposure_lag_blocks{chain="ethereum"} 0' \
            'cordon_exposure_renewing{chain="ethereum"} 0'
}

it_is_told_and_kept() {
    until_ok it_is_told
    ended TERM "$node"
    [ -s "$CORDON_HOME/exposure/ethereum" ]
    start again || return 1
    told "$C" "indirect ransomware 40$E18"
    ended TERM "$node"
}

solana() { # answers go into the ledger of the node that runs
    cat >"$TMP/answers.jsonl"
    want 0 "$CORDON" ingest solana --from "$TMP/answers.jsonl"
}

told_of() { # ADDRESS WANTED: height, and what is said of it
    local got
    for _ in $(seq 1200); do
        asked 200 /v1/screen/address -d "{\"address\":\"$1\",\"chain\":\"solana\"}"
        got=$(jq -r '"\(.data_as_of.height):" + ([.reasons[] | select(.category == "theft") | " \(.evidence) \(.amount // "-")"] | join(","))' body)
        [ "$got" != "$2" ] || return 0
        sleep 0.05
    done
    echo "wanted \"$2\", got \"$got\""
    return 1
}

# The thief's token account T has a label and is in no block yet; what he pays from N is nobody's. Then blocks say that T is his, too,
# which counts from his first payment on; and then that it is another's.
a_label_becomes_an_owners() {
    answer 1 "$ONE" "$THIEF" "$V" "$VICTIM" "$N" "$THIEF" 125000 0 125000 '' | solana
    start third || return 1
    printf 'title: Two\nsource: https://example.org/\nlastmod: 2024-05-01\nconfidence: ownership\ntags:\n- address: "%s"\n  label: T\n  currency: SOL\n  abuse: theft\n' \
        "$T" >"$TMP/two.yaml"
    "$CORDON" tags import --no-again "$TMP/two.yaml" >tags.log
    answer 2 "$TWO" "$THIEF" "$N" "$THIEF" "$E" "$EXCHANGE" 125000 25000 100000 '' | solana
    told_of "$EXCHANGE" "2:"
    answer 3 "$THREE" "$THIEF" "$N" "$THIEF" "$T" "$THIEF" 25000 25000 0 '' | solana
    told_of "$EXCHANGE" "3: exposed 100000"
    told_of "$THIEF" "3: entity -"
    told_of "$T" "3: tagged -"
    answer 4 "$FOUR" "$THIEF" "$N" "$THIEF" "$T" "$EXCHANGE" 25000 25000 0 '' | solana
    told_of "$EXCHANGE" "4:"
    told_of "$THIEF" "4:"
    ended TERM "$node"
}

# The exchange has told its node a token account, as explorers show it: what comes to the owner of that is a deposit.
a_token_account_is_own() {
    mkdir -p "$CORDON_HOME/own" "$CORDON_HOME/cases"
    echo "$E cust-5 chain=solana" >"$CORDON_HOME/own/deposits.txt"
    printf '{"id": "SOL-1", "chain": "solana", "origins": [{"transfer": "%s:i1"}]}' "$ONE" >"$CORDON_HOME/cases/sol.json"
    start fourth || return 1
    until_said "$TMP/fourth.log" '"event":"deposit"'
    grep '"event":"deposit"' "$TMP/fourth.log" | grep -q "$TWO:i1"
    stop
}

for test in a_block_changes_the_answer labels_change it_is_told_and_kept a_label_becomes_an_owners a_token_account_is_own; do
    check $test
done
finish
