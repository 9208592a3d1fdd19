#!/bin/bash
# The XRP Ledger end to end, by hand: a theft is paid on and into an exchange's account with a customer's tag. Account and tag is the
# customer in traces, stops, screening and a member's own addresses.
. "$(dirname "$0")/../support.sh"

THIEF=rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh
MULE=rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf
EXCHANGE=rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe
CLEAN=rrrrrrrrrrrrrrrrrrrrBZbvji
X_MULE_0=XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc # XLS-5: MULE and tag 0

root() { printf '{"ModifiedNode":{"LedgerEntryType":"AccountRoot","FinalFields":{"Account":"%s","Balance":"%s"},"PreviousFields":{"Balance":"%s"}}}' "$1" "$3" "$2"; }

# pay NUMBER FROM TO TAG AMOUNT FROM-WAS TO-WAS
pay() {
    printf '{"tx":{"TransactionType":"Payment","Account":"%s","Destination":"%s",%s"Fee":"0","Amount":"%s","date":%s,"ledger_index":%s,"hash":"%064d"},' \
        "$2" "$3" "${4:+\"DestinationTag\":$4,}" "$5" "$((700000000 + $1))" "$1" "$1"
    printf '"meta":{"TransactionIndex":0,"TransactionResult":"tesSUCCESS","delivered_amount":"%s","AffectedNodes":[%s,%s]}}\n' \
        "$5" "$(root "$2" "$6" "$(($6 - $5))")" "$(root "$3" "$7" "$(($7 + $5))")"
}

home() {
    export CORDON_HOME=$TMP/home-$BASHPID
    {
        pay 1 $THIEF $MULE "" 30000000 100000000 1000000
        pay 2 $MULE $EXCHANGE 7 20000000 31000000 5000000
        pay 3 $CLEAN $EXCHANGE 8 4000000 9000000 25000000
        pay 4 $THIEF $MULE 0 2000000 70000000 11000000
    } >pays.jsonl
    want 0 "$CORDON" ingest xrpl --from pays.jsonl
    says out '4 blocks added'
}

tag() {
    printf 'title: Pack\nsource: https://example.org/\nlastmod: 2024-05-01\nconfidence: ownership\ntags:\n- address: "%s"\n  label: %s\n  %s: %s\n' \
        "$1" "$2" "$3" "$4" >pack.yaml
    want 0 "$CORDON" tags import pack.yaml
}

ORIGIN=$(printf '%064d:v' 1)
trace() { want 0 "$CORDON" trace "$ORIGIN" --chain xrpl --format json "$@"; }
exits() { jq -r '.. | objects | select(has("exits")) | .exits[]? | "\(.address) \(.amount // .taint)"' out; }

a_stop_at_the_account_names_the_customer() {
    home
    printf 'address,name,category\n%s,Example,exchange\n' $EXCHANGE >stops.csv
    trace --stop stops.csv
    says out "$EXCHANGE:7" '"20000000"'
    printf 'address,name,category\n%s:7,Seven,exchange\n' $EXCHANGE >stops.csv
    trace --stop stops.csv
    says out "$EXCHANGE:7" 'Seven'
    printf 'address,name,category\n%s:8,Eight,exchange\n' $EXCHANGE >stops.csv
    trace --stop stops.csv
    ! grep -q Eight out || false
}

customers_are_told_apart() {
    home
    want 0 "$CORDON" address $EXCHANGE:7 --chain xrpl
    says out '+ 20 XRP' "from $MULE" "to $EXCHANGE"
    want 0 "$CORDON" address $EXCHANGE:8 --chain xrpl
    says out '+ 4 XRP' "from $CLEAN"
    want 0 "$CORDON" address $X_MULE_0 --chain xrpl
    says out '+ 2 XRP' "from $THIEF"
}

a_customer_is_an_origin() {
    home
    for origin in $EXCHANGE:7 "--account $EXCHANGE:7"; do
        want 0 "$CORDON" trace $origin --chain xrpl --format json # two words of the second
        [ "$(jq -r '.origins | map("\(.transfer) \(.taint)") | join(" ")' out)" = "$(printf '%064d:v' 2) 20000000" ]
    done
    want 0 "$CORDON" trace $X_MULE_0 --chain xrpl --format json
    [ "$(jq -r '.origins | map(.taint) | join(" ")' out)" = 2000000 ]
    want 3 "$CORDON" trace $EXCHANGE:9 --chain xrpl
    says err "\"$EXCHANGE:9\" is not in the ledger"
    want 3 "$CORDON" trace $EXCHANGE:09 --chain xrpl
    says err 'neither an output'
}

own_by_tag() {
    home
    printf '%s:* customer-\n%s vip\n' $EXCHANGE $X_MULE_0 >own.txt
    want 0 "$CORDON" own import own.txt
    want 0 "$CORDON" own check $EXCHANGE:7
    says out 'on xrpl is own: deposit, account customer-7'
    want 0 "$CORDON" own check $MULE:0
    says out 'account vip'
    want 1 "$CORDON" own check $EXCHANGE
    printf '1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsP:* x\n' >bad.txt
    want 3 "$CORDON" own import bad.txt
    says err 'bad.txt: line 1' 'only what is an account and a tag may end so'
}

what_is_known_of_the_account_counts_for_its_tags() {
    home
    tag $EXCHANGE Example category exchange
    want 0 "$CORDON" screen $EXCHANGE:7 --format jsonl
    says out '"category":"exchange"'
    tag $MULE:0 Mixer category mixer
    want 0 "$CORDON" screen $X_MULE_0 --format jsonl
    says out '"category":"mixer"'
    want 0 "$CORDON" screen $MULE:5 --format jsonl
    ! grep -q '"category":"mixer","direct":true,"evidence":"tagged"' out || false
}

# Who pays into the exchange has paid it directly, and the customer who was paid by a thief is told apart from the others.
exposure_is_the_customers() {
    home
    tag $EXCHANGE Example category exchange
    want 0 "$CORDON" screen $MULE --direction outbound --format jsonl
    jq -e '[.reasons[] | select(.category == "exchange" and .evidence != "tagged") | .hops] | min == 1' out
    tag $THIEF Thief abuse theft
    "$CORDON" screen $EXCHANGE:7 --format jsonl >out || [ $? = 1 ]
    jq -e '[.reasons[] | select(.category == "theft")] | length > 0' out
    "$CORDON" screen $EXCHANGE:8 --format jsonl >out || [ $? = 1 ]
    jq -e '[.reasons[] | select(.category == "theft")] | length == 0' out
}

# A taker who is a customer somewhere: what was paid to his tag, and to no other.
an_origin_with_a_tag() {
    home
    printf '{"id":"c","chain":"xrpl","origins":[{"address":"%s","from_height":1}]}' $X_MULE_0 >case.json
    want 0 "$CORDON" trace case.json --format json
    jq -e '[.. | objects | select(.id? == "XRP" or .symbol? == "XRP")] | length > 0' out
    says out '"2000000"' "$MULE"
    ! grep -q '"30000000"' out || false
}

check a_stop_at_the_account_names_the_customer
check customers_are_told_apart
check a_customer_is_an_origin
check own_by_tag
check what_is_known_of_the_account_counts_for_its_tags
check exposure_is_the_customers
check an_origin_with_a_tag
finish
