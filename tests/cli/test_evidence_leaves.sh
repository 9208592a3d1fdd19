#!/bin/bash
# Each leaf of evidence packs changed, one at a time. As the document stands every change is found, but of a height of coins, which is
# there for people. With all hashes made anew those
# are left that docs/evidence-pack.md lists ("Changed, and made whole again"), and no others. No part is left out but a sentence.
. "$(dirname "$0")/../support.sh"

LEAVES=$SOURCE/tests/cli/evidence_leaves.py

# In memory where there is room: each of a thousand proofs makes a small ledger.
[ -w /dev/shm ] && TMPDIR=$(mktemp -d /dev/shm/cordon-leaves.XXXXXX) && export TMPDIR && trap 'rm -rf "$TMPDIR" "$TMP"' EXIT

# What a person wrote, or what is said of more than the evidence has: of every kind of pack.
words='statement/against
statement/sources
statement/declarations/*
statement/examiner/name
statement/examiner/organisation
statement/examiner/qualification
statement/not_proven/*
statement/policy_chosen/why
statement/rules/*/known_error
statement/rules/*/source
statement/tool/name
statement/tool/rules
statement/tool/version'

acquired() { # AT NAME...
    local at=$1 name
    shift
    for name in blocks checked first/hash first/height first/time "$@"; do
        echo "statement/acquisition/$at$name"
    done
}

# What a trace says of the whole ledger.
of_ledger() { # AT NAME...
    local at=$1 name
    shift
    for name in data_as_of/hash data_as_of/height gaps inputs/stops_sha256 "$@"; do
        echo "statement/trace/$at$name"
    done
}

leaves() { # PACK WANTED [--hashes]: the paths at which no change is found
    python3 "$LEAVES" "$CORDON" "$1" "${@:3}" >found 2>count
    sort -u "$2" | diff - <(sort found)
}

# Where it says what was proven by roots one may leave out that, and say nothing: of lists and old packs, too.
parts_left() { # PACK [MORE...]
    printf '%s\n' 'statement/declarations/*' 'statement/not_proven/*' "${@:2}" >wanted
    leaves "$1" wanted --parts
}

coins() {
    want 0 "$CORDON" sim --seed 1 --blocks 2 --out hops
    python3 "$SOURCE/bench/hops.py" 3 hops
    want 0 "$CORDON" ingest bitcoin:sim --from hops/blocks --ledger hops/ledger
    want 0 "$CORDON" evidence make hops/case.json --ledger hops/ledger --from hops/blocks --examiner 'A. Kim' --out coins.json
    {
        echo "$words"
        acquired '' last/time source_blocks source_bytes source_notes
        of_ledger '' 'patterns/*/peeled/*' 'patterns/*/txs/*' 'reached/*/height' unresolved
        echo 'evidence/blocks/*/height' # no header says it
    } >wanted
    leaves coins.json wanted --hashes
    echo 'evidence/blocks/*/height' >nothing
    leaves coins.json nothing
    : >nothing
    grep -q '^257 leaves' count
    parts_left coins.json
}

of_accounts='candidates look_alikes spoof_tokens data_as_of/time inputs/hub_spends_max inputs/internals
    inputs/known_tokens_sha256 inputs/look_alike/head inputs/look_alike/tail inputs/tokens_sha256'

# The DAO's token in June 2016, by its block's own roots: of the evidence only whether others told internal transfers.
roots() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}/evm/etl/1755634
    [ -d "$data" ] || skip "$data is not here"
    python3 - "$data" <<'END'
import glob, json, sys
out = open("answers.jsonl", "w")
for n in ("0x1ac9f2", "0x1ac9f3"):
    block = json.load(open("%s/web3_response.eth_getBlockByNumber_%s_true.json" % (sys.argv[1], n)))["result"]
    print(json.dumps({"method": "eth_getBlockByNumber", "params": [n, True], "result": block}), file=out)
    for t in block["transactions"]:
        receipt = json.load(open(glob.glob("%s/*Receipt_%s*.json" % (sys.argv[1], t["hash"][:20]))[0]))["result"]
        print(json.dumps({"method": "eth_getTransactionReceipt", "params": [t["hash"]], "result": receipt}), file=out)
END
    want 0 "$CORDON" ingest ethereum --from answers.jsonl --ledger dao
    echo '{"id": "DAO", "chain": "ethereum", "origins": [{"tx": "0x2e3dcd051a91d3a694f6b8de2ac4b5fe7acdba55f58bcf8471ff00d4a430074d"}]}' >dao.json
    want 0 "$CORDON" evidence make dao.json --ledger dao --from answers.jsonl --examiner 'A. Kim' --out roots.json
    {
        echo "$words"
        echo 'statement/sensitivity/*/exact' # all go one way, so that each sum is proven
        acquired '' internal_transfers_told transfers
        of_ledger '' $of_accounts inputs/trusts/known_sha256 inputs/trusts/used
        echo 'evidence/blocks/*/internals'
    } >wanted
    leaves roots.json wanted --hashes
    leaves roots.json nothing
    parts_left roots.json
}

# What 16 validators took out in March 2024, by the root in their block's header.
withdrawals() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}/evm/blocks/mainnet-19426587.yaml.zst
    [ -r "$data" ] || skip "$data is not here"
    want 0 "$CORDON" ingest ethereum --from "$data" --ledger cancun
    echo '{"id": "W", "chain": "ethereum", "origins": [{"transfer": "0xf8e2f40d98fe5862bc947c8c83d34799c50fb344d7445d020a8a946d891b62ee:w3"}]}' >w.json
    want 0 "$CORDON" evidence make w.json --ledger cancun --from "$data" --examiner 'A. Kim' --out withdrawals.json
    {
        echo "$words"
        echo 'statement/sensitivity/*/exact' # all go one way, so that each sum is proven
        acquired '' internal_transfers_told transfers
        of_ledger '' $of_accounts inputs/trusts/known_sha256 inputs/trusts/used
        echo 'evidence/blocks/*/internals'
    } >wanted
    leaves withdrawals.json wanted --hashes
}

# A payment along two paths in the XRP Ledger's ledger 7501326, by its tree: what a transaction moved is all in it.
trees() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}/xrpl/ledgers/ledger-7501326-full.json.zst
    [ -r "$data" ] || skip "$data is not here"
    zstd -dcq "$data" | jq -c '. + {parent_close_time: 457517030, close_flags: 0}' >ledger.json
    want 0 "$CORDON" ingest xrpl --from ledger.json --ledger xrpl
    echo '{"id": "PATHS", "chain": "xrpl", "origins": [{"tx": "2404d179d60384599490e9bd5b0081a2e06aa9d91180de2bb91e0b931181429a"}]}' >paths.json
    want 0 "$CORDON" evidence make paths.json --ledger xrpl --from ledger.json --examiner 'A. Kim' --out trees.json
    {
        echo "$words"
        echo 'statement/sensitivity/*/exact' # all go one way, so that each sum is proven
        acquired '' internal_transfers_told transfers
        of_ledger '' $of_accounts inputs/trusts/known_sha256 inputs/trusts/used
    } >wanted
    leaves trees.json wanted --hashes
    leaves trees.json nothing
}

# Three hops in blocks of Tron, by their trees and their makers' signatures. A fee, which only a node tells, is held as far as the trace rests on it.
lists() {
    want 0 "$CORDON" ingest tron --from "$SOURCE/fuzz/corpus/tron_source/hops" --ledger tron
    jq -n --slurpfile b "$SOURCE/fuzz/corpus/tron_source/hops" '{id: "HOPS", chain: "tron", origins: [{tx: $b[0].transactions[1].txID}]}' >hops.json
    want 0 "$CORDON" evidence make hops.json --ledger tron --from "$SOURCE/fuzz/corpus/tron_source/hops" --examiner 'A. Kim' --out lists.json
    {
        echo "$words"
        echo 'statement/sensitivity/*/exact' # all go one way, so that each sum is proven
        acquired '' internal_transfers_told transfers
        of_ledger '' $of_accounts inputs/trusts/known_sha256 inputs/trusts/used
        printf 'evidence/blocks/*/transactions/*/transfers/*/%s\n' amount credit from position
    } >wanted
    leaves lists.json wanted --hashes
    # and these are of fees alone
    python3 - <<'END'
import hashlib, json, os, subprocess
canon = lambda v: json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
for name, to in (("amount", "5"), ("from", "11" * 20), ("to", "11" * 20), ("position", 3), ("kind", "l"), ("asset", "11" * 20)):
    d = json.load(open("lists.json"))
    for b in d["evidence"]["blocks"]:
        for t in b["transactions"]:
            for m in t["transfers"]:
                if m["kind"] == "v":
                    m[name] = to
                    break
    d["evidence"]["fingerprint"] = hashlib.sha256(canon(d["evidence"]["blocks"])).hexdigest()
    json.dump(d, open("value.json", "w"))
    done = subprocess.run([os.environ["CORDON"], "verify", "value.json"], capture_output=True, text=True)
    assert done.returncode == 1 and "its own bytes say other than what is told of it" in done.stdout, (name, done)
END
    leaves lists.json nothing
    parts_left lists.json
}

# A payment in a bank's book that a witness says was paid on in another: lists, so that nothing but the trace holds their rows.
several() {
    local z=0x00000000000000000000000000000000000000
    printf '%s\n' time,from,to,amount "2024-01-01,${z}a1,${z}a2,10" "2024-01-02,${z}a2,${z}a3,7" >one.csv
    printf '%s\n' time,from,to,amount "2024-01-03,${z}b1,${z}b2,20" "2024-01-04,${z}b2,${z}b3,5" >other.csv
    want 0 "$CORDON" ingest ethereum --from one.csv --map time=time,from=from,to=to,amount=amount,decimals=18 --ledger one
    want 0 "$CORDON" ingest bsc --from other.csv --map time=time,from=from,to=to,amount=amount,decimals=18 --ledger other
    echo '{"id": "TWO", "chain": "ethereum", "origins": [{"address": "'$z'a2"}], "conversions": [{"from": {"address": "'$z'a3"},
        "to": {"chain": "bsc", "address": "'$z'b2"}, "source": "a witness"}]}' >two.json
    want 0 "$CORDON" evidence make two.json --ledger one --ledger other --examiner 'A. Kim' --out several.json
    # a side that left out the case's chain has it in the document, which has none of its own
    jq -e '.statement.trace.conversions[0].from.chain == "ethereum"' several.json >jq.log
    python3 "$LEAVES" "$CORDON" several.json --hashes >found
    # each number and each party of what moved, of the routes and of the totals is held to the evidence
    ! grep -E 'trace/routes|trace/parts/\*/(moves|balances|totals|origins)|trace/conversions' found || false
    ! grep -E 'blocks/\*/(time|grade|height)|transfers/\*/(amount|from|to|asset|kind)' found || false
    ! grep -vE '^(statement/(against|declarations|examiner|not_proven|policy_chosen/why|rules|sources|tool|sensitivity|acquisition|case)|statement/trace/(exact|candidates|trusts/known_sha256|parts/\*/(data_as_of|gaps|candidates|exact|inputs|look_alikes|spoof_tokens))|evidence/parts/\*/blocks/\*/(hash|prev|internals|transactions/\*/(hash|transfers/\*/(credit|position)|events)))' found || false
}

check coins
check roots
check withdrawals
check trees
check lists
check several
finish
