#!/bin/bash
# cordon demo: the story is told, agrees with the truth, leaves everything to go on with, and can be told again.
. "$(dirname "$0")/../support.sh"

told() {
    want 0 "$CORDON" demo --out demo
    tr '\n' ' ' <out >story # its lines are broken where they end
    says story "cordon sim --seed 7 --blocks 300 --accounts --out demo/world" "cordon ingest bitcoin:sim" \
        "THEFT-1, " "BTC were taken. The trace went through" "was paid to miners." \
        "Trace and truth agree, to the satoshi, under all five policies." \
        "Trace and truth agree up to the CoinJoins, into which" "Where the cases meet" "router, stated: memo" \
        "30 ETH on evm:sim" "Trace and truth agree on both chains, to the wei and to the satoshi, whatever the policy." \
        "What is here now:" "make demo"
    [ "$(grep -c '^same$' out)" -eq 2 ]
    ! grep -q "truth differ" out || false
    ! sed '/^    /d; /^demo/d' out | grep -v sim1 | grep '.\{101\}' || false
    cp out first
}

can_be_gone_on_with() {
    want 0 "$CORDON" trace demo/world/cases/THEFT-1.json --ledger demo/ledger --policy haircut
    want 0 "$CORDON" verify demo/traces/SWAP-1.json --ledger demo/accounts --ledger demo/ledger
    says out same
    "$SOURCE/tools/check-json" truth demo/world/truth.json
    "$SOURCE/tools/check-json" trace demo/traces/THEFT-*.json
    "$SOURCE/tools/check-json" trace-ledgers demo/traces/SWAP-*.json
    for theft in demo/world/cases/*.json; do
        for form in txt json csv html; do
            [ -s "demo/traces/$(basename "$theft" .json).$form" ]
        done
    done
}

told_again() {
    echo mine >demo/notes
    want 0 "$CORDON" demo --out demo
    cmp out first
    [ "$(cat demo/notes)" = mine ]
    want 0 "$CORDON" demo --quick --out other --seed 8
    says out "Trace and truth agree"
    ! grep -q "make demo" out || false
    ! grep -q "truth differ" out || false
}

# What others have made is left alone.
refused() {
    mkdir -p theirs/world empty
    echo "Made by hand" >theirs/README
    want 2 "$CORDON" demo --out theirs
    says err "is there, and no demo made it"
    [ -d theirs/world ]
    want 2 "$CORDON" demo --out theirs/README
    want 4 "$CORDON" demo --out nowhere/at/all
    want 2 "$CORDON" demo --seed x
    want 0 "$CORDON" demo --out empty
}

check told
check can_be_gone_on_with
check told_again
check refused
finish
