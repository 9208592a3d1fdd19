#!/bin/bash
# The evidence pack of a case: made, verified without a ledger, time-stamped by an authority that openssl plays, and found out
# wherever it is tampered with. Its sums by policy are those of cordon trace.
. "$(dirname "$0")/../support.sh"

valid() { python3 -c 'import jsonschema' 2>/dev/null || return 0; "$SOURCE/tools/check-json" "$1" "$TMP/$2"; }

world() {
    [ -d "$TMP/world" ] && return
    want 0 "$CORDON" sim --seed 7 --blocks 300 --out "$TMP/world"
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks"
    want 0 "$CORDON" evidence make "$TMP/world/cases/THEFT-2.json" --from "$TMP/world/blocks" --examiner 'A. <Kim>' \
        --organisation 'A lab' --why 'the convention of the court' --against 'one name has one source' --out "$TMP/pack.json"
}

proven_without_a_ledger() {
    world
    valid evidence-pack pack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify pack.json
    # what the truth of that world says was taken, less fees
    says out 'proven: 10.78946205 in 7 outputs came from 5 origins' 'no time stamp'
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify pack.json --format json
    valid verify out
    says out '"of": "cordon.evidence-pack/1"' '"answer": "proven"'
    want 0 "$CORDON" evidence page pack.json --out page.html
    says page.html 'A. &lt;Kim&gt;' 'one name has one source' 'the convention of the court'
    # made again, it is the same
    want 0 "$CORDON" evidence make world/cases/THEFT-2.json --from world/blocks --examiner 'A. <Kim>' \
        --organisation 'A lab' --why 'the convention of the court' --against 'one name has one source' --out again.json
    cmp pack.json again.json
}

sums_are_those_of_traces() {
    world
    for theft in 1 2 3 4 5; do
        want 0 "$CORDON" evidence make "world/cases/THEFT-$theft.json" --from world/blocks --out "pack-$theft.json"
        for policy in fifo lifo haircut tiho poison; do
            want 0 "$CORDON" trace "world/cases/THEFT-$theft.json" --policy "$policy" --format json --out "$policy.json"
        done
        python3 - "pack-$theft.json" <<'END'
import json, sys
pack = json.load(open(sys.argv[1]))
rows = pack["statement"]["sensitivity"]
assert sorted(r["policy"] for r in rows) == ["fifo", "haircut", "lifo", "poison", "tiho"]
assert rows[0]["policy"] == pack["statement"]["policy_chosen"]["policy"]
for row in rows:
    trace = json.load(open(row["policy"] + ".json"))
    assert row["reached"] == len(trace["reached"])
    for name in ("origin", "held", "exits", "fees", "cut", "dust", "unresolved"):
        assert row[name] == trace["totals"][name], (row["policy"], name)
END
    done
}

an_authority() {
    cat >tsa.cnf <<'END'
[req]
distinguished_name=dn
x509_extensions=ext
prompt=no
[dn]
CN=An authority
[ext]
extendedKeyUsage=critical,timeStamping
[tsa]
default_tsa=one
[one]
serial=./serial
crypto_device=builtin
signer_cert=./tsa.pem
certs=./tsa.pem
signer_key=./tsa.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
ess_cert_id_chain=no
ess_cert_id_alg=sha256
END
    echo 01 >serial
    openssl req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -config tsa.cnf -days 30 2>/dev/null
}

time_stamps() {
    world
    an_authority
    want 0 "$CORDON" evidence request pack.json --out pack.tsq
    openssl ts -query -in pack.tsq -text >query.txt 2>/dev/null
    says query.txt 'Hash Algorithm: sha256' 'Certificate required: yes'
    openssl ts -reply -queryfile pack.tsq -config tsa.cnf -section one -out pack.tsr 2>/dev/null
    want 0 "$CORDON" evidence attach pack.json pack.tsr --out stamped.json
    valid evidence-pack stamped.json
    want 0 "$CORDON" verify stamped.json
    says out 'time stamp: 20' 'by CN=An authority'
    want 0 "$CORDON" verify stamped.json --format json
    valid verify out
    openssl ts -verify -queryfile pack.tsq -in pack.tsr -CAfile tsa.pem >verified.txt 2>&1
    says verified.txt 'OK'
    # the token alone, out of the response, is one as well; a stamp of another statement is not
    openssl ts -reply -in pack.tsr -token_out -out pack.token 2>/dev/null
    want 0 "$CORDON" evidence attach stamped.json pack.token --out twice.json
    want 0 "$CORDON" verify twice.json
    [ "$(grep -c 'time stamp: 20' out)" -eq 2 ]
    want 0 "$CORDON" evidence make world/cases/THEFT-1.json --from world/blocks --out other.json
    want 1 "$CORDON" evidence attach other.json pack.tsr --out no.json
    says err 'of another statement'
    [ ! -e no.json ]
    for n in 0 1 100 1000; do
        head -c "$n" pack.tsr >cut.tsr
        want 3 "$CORDON" evidence attach pack.json cut.tsr
    done
    # a byte of the signature is another
    python3 - <<'END'
d = bytearray(open("pack.tsr", "rb").read())
d[-5] ^= 1
open("bad.tsr", "wb").write(d)
END
    want 3 "$CORDON" evidence attach pack.json bad.tsr
    says err 'time stamp'
}

tampering_is_found() {
    world
    python3 - <<'END'
import copy, json
whole = json.load(open("pack.json"))

def tampered(name, change):
    d = copy.deepcopy(whole)
    change(d)
    json.dump(d, open("bad-%s.json" % name, "w"))

def set_in(d, path, value):
    for step in path[:-1]:
        d = d[step]
    d[path[-1]] = value

tampered("examiner", lambda d: set_in(d, ["statement", "examiner", "name"], "B. Lee"))
tampered("against", lambda d: set_in(d, ["statement", "against"], []))
tampered("sum", lambda d: set_in(d, ["statement", "sensitivity", 1, "held"], "0"))
tampered("trace", lambda d: set_in(d, ["statement", "trace", "reached", 3, "taint"], "1"))
tampered("hash", lambda d: set_in(d, ["statement_sha256"], "00" * 32))
tampered("evidence", lambda d: set_in(d, ["evidence", "statement", "ends", 0, "taint"], "1"))
tampered("raw", lambda d: set_in(d, ["evidence", "transactions", 0, "raw"],
                                 "ff" + whole["evidence"]["transactions"][0]["raw"][2:]))
# a statement that is whole in itself, with the evidence of another case
import hashlib
def rehashed(d):
    d["statement"]["trace"]["totals"]["held"] = "1"
    text = json.dumps(d["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    d["statement_sha256"] = hashlib.sha256(text.encode()).hexdigest()
tampered("other", rehashed)
# what is only written otherwise is the same
whole["statement"] = dict(sorted(whole["statement"].items(), reverse=True))
json.dump(whole, open("same.json", "w"), indent=7)
END
    for bad in bad-*.json; do
        want 1 "$CORDON" verify "$bad"
        says out 'does not hold'
        want 1 "$CORDON" evidence page "$bad" --out page-bad.html
        [ ! -e page-bad.html ]
    done
    want 0 "$CORDON" verify same.json
}

# Accounts: the sim's swap, 60 ETH and 150,000 of a token. What the file holds is enough to compute the trace again, and no more.
accounts() {
    [ -d "$TMP/aworld" ] && return
    want 0 "$CORDON" sim --seed 7 --blocks 130 --accounts --out "$TMP/aworld"
    want 0 "$CORDON" ingest evm:sim --from "$TMP/aworld/accounts" --ledger "$TMP/evm"
    want 0 "$CORDON" evidence make "$TMP/aworld/cases/SWAP-1.json" --ledger "$TMP/evm" --examiner 'A. Kim' \
        --why 'the convention of the court' --out "$TMP/apack.json"
}

accounts_are_proven_without_a_ledger() {
    accounts
    valid evidence-pack apack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify apack.json
    says out 'proven: from these' 'on evm:sim' 'not proven by any such file' 'no time stamp'
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify apack.json --format json
    valid verify out
    want 0 "$CORDON" evidence make aworld/cases/SWAP-1.json --ledger evm --examiner 'A. Kim' \
        --why 'the convention of the court' --out again.json
    cmp apack.json again.json
    want 0 "$CORDON" evidence page apack.json --out apage.html
    says apage.html '50.99382' '<td>Meridian Trade</td>' 'that the chain has these transfers'
    # the trace is that of cordon trace, and so are the sums by policy
    for policy in fifo lifo haircut tiho libr poison; do
        want 0 "$CORDON" trace aworld/cases/SWAP-1.json --ledger evm --policy "$policy" --format json --out "$policy.json"
    done
    python3 - <<'END'
import json
pack = json.load(open("apack.json"))
assert pack["statement"]["trace"] == json.load(open("fifo.json"))
rows = pack["statement"]["sensitivity"]
assert [r["policy"] for r in rows] == ["fifo", "lifo", "haircut", "tiho", "libr", "poison"]
for row in rows:
    trace = json.load(open(row["policy"] + ".json"))
    assert row["reached"] == len(trace["moves"]) and len(row["assets"]) == len(trace["totals"])
    for mine, theirs in zip(row["assets"], trace["totals"]):
        for name in ("asset", "origin", "held", "exits", "fees", "cut", "dust", "unresolved"):
            assert mine[name] == theirs[name], (row["policy"], name)
END
    want 2 "$CORDON" evidence make aworld/cases/SWAP-1.json --ledger evm --from aworld/accounts
    says err '--from is of coins'
}

# Of each transfer that carried value the amount, the receiver and the transfer itself; of the trace each sum.
accounts_tampering_is_found() {
    accounts
    python3 - <<'END'
import copy, hashlib, json
whole = json.load(open("apack.json"))
canon = lambda v: json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
n = 0

def tampered(change, again=True):
    global n
    d = copy.deepcopy(whole)
    change(d)
    if again: # whole in itself
        d["evidence"]["fingerprint"] = hashlib.sha256(canon(d["evidence"]["blocks"])).hexdigest()
        d["statement_sha256"] = hashlib.sha256(canon(d["statement"])).hexdigest()
    json.dump(d, open("abad-%d.json" % n, "w"))
    n += 1

tampered(lambda d: d["evidence"]["blocks"][0].update(time=1), again=False)
tampered(lambda d: d["statement"]["trace"]["balances"][0].update(taint="1"), again=False)
moved = {m["transfer"] for m in whole["statement"]["trace"]["moves"]}
for b, block in enumerate(whole["evidence"]["blocks"]):
    for t, tx in enumerate(block["transactions"]):
        for k, transfer in enumerate(tx["transfers"]):
            tail = transfer["kind"] + (str(transfer["position"]) if transfer["kind"] == "l" else "")
            if "0x%s:%s" % (tx["hash"], tail) not in moved:
                continue
            at = lambda d: d["evidence"]["blocks"][b]["transactions"][t]["transfers"]
            tampered(lambda d: at(d)[k].update(amount=str(int(transfer["amount"]) - 1), credit=str(int(transfer["credit"]) - 1)))
            tampered(lambda d: at(d)[k].update(to="11" * 20))
            tampered(lambda d: at(d).pop(k))
for name in ("origin", "held", "exits", "fees"):
    tampered(lambda d: d["statement"]["trace"]["totals"][0].update({name: "1"}))
for m in range(len(whole["statement"]["trace"]["moves"])):
    tampered(lambda d: d["statement"]["trace"]["moves"][m].update(taint="1"))
assert n > 20
END
    for bad in abad-*.json; do
        want 1 "$CORDON" verify "$bad"
        says out 'does not hold'
    done
    # forms that are none
    python3 - <<'END'
import copy, hashlib, json
whole = json.load(open("apack.json"))
for n, (name, value) in enumerate([("hash", "00"), ("grade", "sure"), ("time", -1), ("internals", 1), ("transactions", {})]):
    d = copy.deepcopy(whole)
    d["evidence"]["blocks"][0][name] = value
    text = json.dumps(d["evidence"]["blocks"], sort_keys=True, separators=(",", ":"))
    d["evidence"]["fingerprint"] = hashlib.sha256(text.encode()).hexdigest()
    json.dump(d, open("aform-%d.json" % n, "w"))
END
    for bad in aform-*.json; do
        want 3 "$CORDON" verify "$bad"
        says err 'blocks[0]'
    done
}

# The hops of Bybit as a list: what an investigator has.
a_real_list() {
    local hops=${CORDON_DATA:-$SOURCE/../shared/data}/evm/bybit2025/hops.csv
    [ -r "$hops" ] || skip "$hops is not here"
    want 0 "$CORDON" ingest ethereum --from "$hops" --ledger bybit --map \
        time=time_utc,from=from,to=to,asset=asset,contract=token_contract,amount=amount,tx=tx_hash,decimals=18
    echo '{"id": "BYBIT", "chain": "ethereum", "origins": [{"address": "0xa4b2fd68593b6f34e51cb9edb66e71c1b4ab449e"}]}' >bybit.json
    want 0 "$CORDON" evidence make bybit.json --ledger bybit --out bpack.json
    valid evidence-pack bpack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify bpack.json
    says out 'on ethereum'
    want 0 "$CORDON" trace bybit.json --ledger bybit --format json --out btrace.json
    jq -e --slurpfile t btrace.json '.statement.trace == $t[0] and (.statement.acquisition.checked | startswith("nothing"))' \
        bpack.json >jq.log
    rm -r bybit
}

wrong_input() {
    world
    want 2 "$CORDON" evidence make world/cases/THEFT-2.json
    says err '--from PATH is missing'
    want 2 "$CORDON" evidence forge pack.json
    want 3 "$CORDON" evidence page world/cases/THEFT-2.json
    says err 'THEFT-2.json'
    want 2 "$CORDON" evidence make world/cases/THEFT-2.json --from world/blocks --why $'two\nlines'
    echo '{"schema": "cordon.evidence-pack/1"}' >empty.json
    want 3 "$CORDON" verify empty.json
    says err 'statement: missing'
}

check proven_without_a_ledger
check sums_are_those_of_traces
check time_stamps
check tampering_is_found
check accounts_are_proven_without_a_ledger
check accounts_tampering_is_found
check a_real_list
check wrong_input
finish
