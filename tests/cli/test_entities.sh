#!/bin/bash
# Who is who over a simulated ledger, against the truth that the simulator tells; and what the commands say and refuse.
. "$(dirname "$0")/../support.sh"

"$CORDON" sim --seed 7 --blocks 240 --out "$TMP/world" >"$TMP/sim.log" || cat "$TMP/sim.log"
"$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks" >"$TMP/ingest.log" || cat "$TMP/ingest.log"
exchange=$(jq -r '[.services[] | select(.category == "exchange")][0].addresses[0]' "$TMP/world/truth.json")
stranger=$(jq -r '[.services[] | select(.category == "mixer")][0].addresses[0]' "$TMP/world/truth.json")

asked() { # COMMAND...: its JSON in out, valid
    want 0 "$CORDON" "$@" --chain bitcoin:sim --format json
    "$SOURCE/tools/check-json" "$1" out
}

off_until_asked_for() {
    want 0 "$CORDON" entity "$exchange" --chain bitcoin:sim
    says out "clustering  off" "size        1 addresses"
    want 3 "$CORDON" entity "$exchange" --chain bitcoin:sim --clustering on
    says err "there are none"
    want 3 "$CORDON" entities --chain bitcoin:sim --drop
    asked entities
    [ "$(jq -c '[.added, .undone, .blocks, .refused, .stopped]' out)" = '[240,0,240,0,false]' ]
    [ "$(jq '.addresses - .entities > 100 and .coinjoins > 0' out)" = true ]
    asked entity "$exchange"
    [ "$(jq -c '[.clustering, .clusters_as_of == .data_as_of, .entity.size > 10]' out)" = '["on",true,true]' ]
    asked entity "$exchange" --clustering off
    [ "$(jq -c '[.clustering, .clusters_as_of, .entity.size]' out)" = '["off",null,1]' ]
    want 0 "$CORDON" entities --chain bitcoin:sim --check
}

# Pairs of a service's addresses: joined wrongly none, rightly more than two thirds.
as_the_truth_has_it() {
    jq -r '.services[] | .name as $n | .addresses[] | [., $n] | @tsv' "$TMP/world/truth.json" >owners
    cut -f1 owners | while read -r address; do
        grep -qsF "\"$address\"" groups && continue
        want 0 "$CORDON" entity "$address" --chain bitcoin:sim --members 100000 --format json
        jq -c '.entity.members // [], .entity.more' out | head -1 >>groups
    done
    python3 - owners groups <<'EOF'
import json, sys, collections
owner = dict(line.rstrip("\n").split("\t") for line in open(sys.argv[1]))
right = wrong = 0
known = collections.Counter()
for line in open(sys.argv[2]):
    members = json.loads(line)
    who = collections.Counter(owner.get(m, "somebody " + m) for m in members)
    for m in members:
        known[owner.get(m)] += m in owner
    pairs = sum(n * (n - 1) // 2 for n in who.values())
    right += pairs
    wrong += len(members) * (len(members) - 1) // 2 - pairs
every = sum(n * (n - 1) // 2 for n in known.values())
print(f"pairs joined rightly {right}, wrongly {wrong}, of {every}")
assert wrong == 0 and right > every * 2 // 3
EOF
}

# Each step spends both addresses in one transaction, as cordon tx tells it, and ends where the next begins.
why_is_what_the_ledger_says() {
    asked entity "$exchange"
    for other in $(jq -r '.entity.members[1, 5, -1]' out); do
        asked entity "$exchange" --why "$other"
        cp out why.json
        [ "$(jq -c '[.why.together, .why.shortest, .why.steps[0].from.address, .why.steps[-1].to.address]' why.json)" = \
            "[true,true,\"$exchange\",\"$other\"]" ]
        [ "$(jq '[.why.steps as $s | range(1; $s | length) | $s[. - 1].to.address == $s[.].from.address] | all' why.json)" = true ]
        jq -r '.why.steps[] | [.tx, .from.input, .from.address, .to.input, .to.address] | @tsv' why.json |
            while IFS=$'\t' read -r tx i a k b; do
                want 0 "$CORDON" tx "$tx" --chain bitcoin:sim --format json
                [ "$(jq -r ".inputs[$i].address, .inputs[$k].address" out | paste -sd' ')" = "$a $b" ]
            done
    done
    want 0 "$CORDON" entity "$exchange" --why "$exchange" --chain bitcoin:sim
    says out "0 steps"
    asked entity "$exchange" --why "$stranger"
    [ "$(jq -c '[.why.together, .why.steps]' out)" = '[false,[]]' ]
}

members_by_the_page() {
    asked entity "$exchange" --members 100000
    jq -c .entity.members out >all.json
    first=$(jq -r '.[2]' all.json)
    asked entity "$exchange" --members 3
    [ "$(jq -c '[.entity.members, .entity.more]' out)" = "[$(jq -c '.[:3]' all.json),true]" ]
    asked entity "$exchange" --members 100000 --after "$first"
    [ "$(jq -c '[.entity.members, .entity.more]' out)" = "[$(jq -c '.[3:]' all.json),false]" ]
    want 3 "$CORDON" entity "$exchange" --chain bitcoin:sim --after "$stranger"
    says err "is no member of it"
}

# Exchanges that are known are named, and what would join two of them is refused; here nothing does.
actors_and_other_rules() {
    want 2 "$CORDON" entities --chain bitcoin:sim --actors "$TMP/world/stops.csv"
    says err "other rules"
    asked entities --anew --actors "$TMP/world/stops.csv"
    [ "$(jq -c '[.actors > 100, .refused]' out)" = '[true,0]' ]
    asked entity "$exchange"
    [ "$(jq -c .entity.actors out)" = "$(jq -c '[.services[] | select(.category == "exchange") | .name][:1]' "$TMP/world/truth.json")" ]
    asked entities --anew --join-max 2
    [ "$(jq '.refused > 0' out)" = true ]
    asked entity "$exchange"
    [ "$(jq -c '[.entity.refused_all > 0, .entity.refused[0].why, .entity.refused[0].by]' out)" = '[true,"large","spent-together"]' ]
    want 0 "$CORDON" entity "$exchange" --chain bitcoin:sim
    says out "both are large"
}

# What is ingested later is clustered, too, and what was undone is not.
ingest_brings_them_up_to_date() {
    "$CORDON" sim --seed 7 --blocks 260 --out longer >sim.log
    want 0 "$CORDON" entities --chain bitcoin:sim --anew
    want 0 "$CORDON" ingest bitcoin:sim --from longer/blocks
    says out "blocks clustered"
    asked entities
    [ "$(jq -c '[.added, .blocks]' out)" = "[0,$("$CORDON" info --chain bitcoin:sim --format json | jq .blocks)]" ]
    want 0 "$CORDON" entities --chain bitcoin:sim --drop
    want 0 "$CORDON" ingest bitcoin:sim --from longer/blocks
    ! grep -q clustered out || false
}

# Two customers of one exchange on an account chain: amounts that come and go on.
deposits_on_accounts() {
    local hot=0x00000000000000000000000000000000000000e1 box=0x00000000000000000000000000000000000000d1
    local one=0x00000000000000000000000000000000000000a1 two=0x00000000000000000000000000000000000000a2
    printf '%s\n' time,from,to,amount "2024-01-01T00:00:00Z,$one,$box,2.5" "2024-01-01T00:10:00Z,$two,$box,1" \
        "2024-01-01T01:00:00Z,$box,$hot,3.499" "2024-01-02T00:00:00Z,$one,$two,1" >list.csv
    printf 'address,name,category\n%s,Alder,exchange\n' "$hot" >wallets.csv
    want 0 "$CORDON" ingest ethereum --from list.csv
    want 0 "$CORDON" entity "$box" --chain ethereum --wallets wallets.csv --format json
    "$SOURCE/tools/check-json" deposit out
    [ "$(jq -c '[.deposit.exchange, .deposit.sweeps, .deposit.fitting, (.deposit.depositors | length)]' out)" = '["Alder",1,1,2]' ]
    want 0 "$CORDON" entity "$one" --chain ethereum --wallets wallets.csv --format json
    "$SOURCE/tools/check-json" deposit out
    [ "$(jq -c '[.deposit, .pays_to[0].depositors, (.pays_to[0].shared_with | length)]' out)" = '[null,2,1]' ]
    want 0 "$CORDON" entities --chain ethereum --wallets wallets.csv --format json
    "$SOURCE/tools/check-json" deposits out
    [ "$(jq -c '[.wallets, .deposits[].depositors]' out)" = '[1,2]' ]
    want 0 "$CORDON" entity "$box" --chain ethereum --wallets wallets.csv
    says out "a deposit address of Alder: 1 of 1 sweeps" "depositors  2"
    want 0 "$CORDON" entity "$two" --chain ethereum --wallets wallets.csv
    says out "weak: perhaps the same owner"
    want 0 "$CORDON" entity "$hot" --chain ethereum --wallets wallets.csv
    says out "a known wallet of Alder"
    # without the file: what tags and cases of the home know
    want 0 "$CORDON" entity "$box" --chain ethereum
    says out "no deposit address: no wallet of an exchange is known" "wallets     0 known, by tags and cases: import tags"
    printf 'title: alder\nsource: here\nlastmod: 2024-01-01\ntags:\n- {address: "%s", label: hot wallet, category: exchange, actor: alder}\n' \
        "$hot" >alder.yaml
    want 0 "$CORDON" tags import alder.yaml
    want 0 "$CORDON" entity "$box" --chain ethereum
    says out "a deposit address of alder: 1 of 1 sweeps" "wallets     1 known, by tags and cases"
    want 0 "$CORDON" entity "$box" --chain ethereum --format json
    "$SOURCE/tools/check-json" deposit out
    [ "$(jq -c '[.wallets, .deposit.exchange]' out)" = '[1,"alder"]' ]
    want 0 "$CORDON" entities --chain ethereum
    says out "1 deposit addresses" "wallets     1 known, by tags and cases"
    want 0 "$CORDON" entity "$box" --chain ethereum --wallets wallets.csv
    says out "a deposit address of Alder: 1 of 1 sweeps" "wallets     1 known, by wallets.csv"
    want 0 "$CORDON" tags withdraw alder
    mkdir -p "$CORDON_HOME/cases"
    printf '{"id": "ONE", "origins": [{"address": "%s"}], "stops": [{"address": "%s", "name": "Birch", "category": "exchange"}]}' \
        "$two" "$hot" >"$CORDON_HOME/cases/one.json"
    want 0 "$CORDON" entity "$box" --chain ethereum
    says out "a deposit address of Birch: 1 of 1 sweeps"
    want 0 "$CORDON" tags import alder.yaml # the tag is the surer name, and an accused wallet is none
    printf 'title: theft\nsource: here\nlastmod: 2024-01-01\ntags:\n- {address: "%s", label: taken, category: user, abuse: theft}\n' "$hot" >theft.yaml
    want 0 "$CORDON" tags import theft.yaml
    want 0 "$CORDON" entity "$box" --chain ethereum
    says out "wallets     0 known"
    want 0 "$CORDON" tags withdraw theft
    want 0 "$CORDON" entity "$box" --chain ethereum
    says out "a deposit address of alder"
    want 2 "$CORDON" entity "$box" --chain ethereum --wallets wallets.csv --why "$one"
    want 2 "$CORDON" entity "$exchange" --chain bitcoin:sim --wallets wallets.csv
}

wrong_usage() {
    want 3 "$CORDON" entity nonsense --chain bitcoin:sim
    want 2 "$CORDON" entity "$exchange" --chain bitcoin:sim --members many
    want 2 "$CORDON" entities extra --chain bitcoin:sim
    want 3 "$CORDON" entity "$exchange" --ledger nowhere
}

check off_until_asked_for
check as_the_truth_has_it
check why_is_what_the_ledger_says
check members_by_the_page
check actors_and_other_rules
check ingest_brings_them_up_to_date
check deposits_on_accounts
check wrong_usage
finish
