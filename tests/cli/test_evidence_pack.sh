#!/bin/bash
# The evidence pack of a case: made, verified without a ledger, time-stamped by an authority that openssl plays, and found out
# wherever it is tampered with. Its sums by policy are those of cordon trace.
. "$(dirname "$0")/../support.sh"

world() {
    [ -d "$TMP/world" ] && return
    want 0 "$CORDON" sim --seed 7 --blocks 300 --out "$TMP/world"
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/world/blocks"
    want 0 "$CORDON" evidence make "$TMP/world/cases/THEFT-2.json" --from "$TMP/world/blocks" --examiner 'A. <Kim>' \
        --organisation 'A lab' --why 'the convention of the court' --against 'one name has one source' \
        --source 'blocks: from our own node, 2 March 2026' --out "$TMP/pack.json"
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
    says page.html 'from our own node, 2 March 2026' 'proof of work, Merkle root' 'A. &lt;Kim&gt;' 'one name has one source' 'the convention of the court' \
        '>Policy, chosen before the result</th><td>fifo<' '>Signature</th>' '>Up to height</th>'
    # made again, it is the same
    want 0 "$CORDON" evidence make world/cases/THEFT-2.json --from world/blocks --examiner 'A. <Kim>' \
        --organisation 'A lab' --why 'the convention of the court' --against 'one name has one source' \
        --source 'blocks: from our own node, 2 March 2026' --out again.json
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

# Sums by other policies: proven where these go nowhere but where the evidence does, else their maker's word. Somebody who changes a
# proven one, and makes all hashes anew, is found out; another world's truth tells which is which (its thefts are traced one by one).
sums_by_others_are_proven_or_stated() {
    world
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify pack.json
    says out 'sums by policy that follow from this evidence: fifo, lifo, haircut, tiho, poison'
    for theft in 1 2 3 4 5; do
        want 0 "$CORDON" evidence make "world/cases/THEFT-$theft.json" --from world/blocks --out one.json
        want 0 "$CORDON" verify one.json --format json
        valid verify out
        cp out answer.json
        # proven, if and only if by that policy nothing is reached that evidence of the chosen one does not have
        for policy in lifo haircut tiho poison; do
            want 0 "$CORDON" trace "world/cases/THEFT-$theft.json" --policy "$policy" --format json --out "$policy.json"
        done
        python3 - <<'END'
import json
pack, answer = json.load(open("one.json")), json.load(open("answer.json"))
def held(trace):
    return {r["output"] for r in trace["reached"] if not r["stop"] and int(r["taint"])}
own = held(pack["statement"]["trace"])
for row in answer["sums"][1:]:
    assert row["proven"] == (held(json.load(open(row["policy"] + ".json"))) <= own), row
assert answer["sums"][0] == {"policy": "fifo", "proven": True}
END
    done
    python3 - <<'END'
import hashlib, json
def rehashed(name, d):
    text = json.dumps(d["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    d["statement_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    json.dump(d, open(name, "w"))
d = json.load(open("pack.json"))
d["statement"]["sensitivity"][3]["fees"] = "1"
rehashed("lied.json", d)
END
    want 1 "$CORDON" verify lied.json
    says out 'the sums by a policy are not what follows from the evidence'
    want 0 "$CORDON" evidence make world/cases/THEFT-3.json --from world/blocks --out three.json
    want 0 "$CORDON" verify three.json
    says out 'sums by policy that follow from this evidence: fifo' "sums that are its maker's word"
    want 0 "$CORDON" evidence page three.json --out three.html
    says three.html '<td>by this evidence</td>' '<td>no, stated</td>' '<title>Evidence: THEFT-3</title>'
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
    says out 'proven: from these' 'on evm:sim' 'not proven by any such file' 'no time stamp' \
        'sums by policy that follow from this evidence: fifo, lifo, haircut, tiho, libr, poison'
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify apack.json --format json
    valid verify out
    want 0 "$CORDON" evidence make aworld/cases/SWAP-1.json --ledger evm --examiner 'A. Kim' \
        --why 'the convention of the court' --out again.json
    cmp apack.json again.json
    want 0 "$CORDON" evidence page apack.json --out apage.html
    says apage.html '50.99382' '<td>Meridian Trade, exchange; named by: case</td>' 'that the chain has these transfers'
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
    # a case that says no policy is traced by fifo, and beside it by the others
    jq 'del(.policy)' aworld/cases/SWAP-1.json >no-policy.json
    want 0 "$CORDON" evidence make no-policy.json --ledger evm --out no-policy-pack.json
    jq -S .statement.sensitivity apack.json >wanted
    jq -S .statement.sensitivity no-policy-pack.json >got
    cmp wanted got
    want 3 "$CORDON" evidence make aworld/cases/SWAP-1.json --ledger evm --from aworld/accounts
    says err 'no raw blocks'
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
    # nobody examined it, nobody says why by that policy, and a list has no blocks
    want 0 "$CORDON" evidence page bpack.json --out bpage.html
    says bpage.html '>Examiner</th><td>nobody is named<' '>Policy</th><td>fifo<' 'nobody says that it was chosen before the result'
    [ "$(grep -cE 'Up to block|>Blocks</th>|0{64}' bpage.html)" = 0 ]
    want 0 "$CORDON" trace bybit.json --ledger bybit --format json --out btrace.json
    jq -e --slurpfile t btrace.json '.statement.trace == $t[0] and (.statement.acquisition.checked | startswith("nothing"))' \
        bpack.json >jq.log
    rm -r bybit
}

# Wrapped ether in blocks of Ethereum's own, from London to Cancun; and The DAO's token in June 2016, as a node answered. Each
# transaction is proven to stand in its block, and nothing of it can be another.
rooted() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}/evm
    [ -r "$data/blocks/mainnet-17034870.yaml.zst" ] || skip "$data/blocks is not here"
    [ -d "$TMP/rooted" ] && return
    mkdir raw
    cp "$data"/blocks/mainnet-*.zst raw
    want 0 "$CORDON" ingest ethereum --from raw --ledger rooted
    echo '{"id": "WETH", "chain": "ethereum", "origins": [{"transfer": "0xece1c35b53b3c4065835e2568427f43c8991e73bcfe39a7856af4a155b1d3745:l7"}]}' >weth.json
    want 0 "$CORDON" evidence make weth.json --ledger rooted --from raw --out wpack.json
    python3 - "$data/etl/1755634" <<'END'
import glob, json, sys
out = open("answers.jsonl", "w")
def put(method, first, path):
    d = json.load(open(path))
    d = d.get("result", d)
    print(json.dumps({"method": method, "params": [first, True], "result": d}), file=out)
    return d
for n in ("0x1ac9f2", "0x1ac9f3"):
    block = put("eth_getBlockByNumber", n, "%s/web3_response.eth_getBlockByNumber_%s_true.json" % (sys.argv[1], n))
    for t in reversed(block["transactions"]): # in whatever order they came
        put("eth_getTransactionReceipt", t["hash"], glob.glob("%s/*Receipt_%s*.json" % (sys.argv[1], t["hash"][:20]))[0])
END
    want 0 "$CORDON" ingest ethereum --from answers.jsonl --ledger dao
    echo '{"id": "DAO", "chain": "ethereum", "origins": [{"tx": "0x2e3dcd051a91d3a694f6b8de2ac4b5fe7acdba55f58bcf8471ff00d4a430074d"}]}' >dao.json
    want 0 "$CORDON" evidence make dao.json --ledger dao --from answers.jsonl --out dpack.json
}

# Withdrawals of the two last blocks of the data, whole lists by the roots in their headers; and none where another list is told.
withdrawals_are_proven() {
    rooted
    echo '{"id": "W", "chain": "ethereum", "origins": [{"transfer": "0xf8e2f40d98fe5862bc947c8c83d34799c50fb344d7445d020a8a946d891b62ee:w3"}]}' >w.json
    want 0 "$CORDON" evidence make w.json --ledger rooted --from raw --out withdrawn.json
    valid evidence-pack withdrawn.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify withdrawn.json
    says out '2 of 2 transactions, 32 of 32 transfers, 2 of 2 blocks'
    # EIP-4895: the fourth of 19426587 is 16138513 gwei for validator 1268172
    jq -e '.evidence.blocks[1] | .height == 19426587 and (.transactions | length) == 1 and (.transactions[0].transfers | length) == 16 and
        (.transactions[0].transfers[3] | .kind == "w" and .position == 3 and .amount == "16138513000000000" and
            .to == "2bf916f8169ed2a77324d3e168284fc252ae4087")' withdrawn.json >jq.log
    jq -e '.statement.acquisition.by_roots | .not_outside == 0 and .transfers == 32' withdrawn.json >jq.log
    # an older file, whose proof has no list: it holds, and says that they are not proven
    python3 - <<'END'
import hashlib, json
d = json.load(open("withdrawn.json"))
canon = lambda v: json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
for b in d["evidence"]["blocks"]:
    del b["proof"]["withdrawals"]
d["statement"]["acquisition"]["by_roots"].update(transactions=0, transfers=0, not_outside=32)
d["evidence"]["fingerprint"] = hashlib.sha256(canon(d["evidence"]["blocks"])).hexdigest()
d["statement_sha256"] = hashlib.sha256(canon(d["statement"])).hexdigest()
json.dump(d, open("older.json", "w"))
for name, change in [("none", lambda b: b["transactions"].pop()), ("less", lambda b: b["transactions"][0]["transfers"].pop()),
                     ("empty", lambda b: b["proof"].update(withdrawals=""))]:
    d = json.load(open("withdrawn.json"))
    change(d["evidence"]["blocks"][0])
    d["evidence"]["fingerprint"] = hashlib.sha256(canon(d["evidence"]["blocks"])).hexdigest()
    json.dump(d, open("w-%s.json" % name, "w"))
END
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify older.json
    says out '0 of 2 transactions, 0 of 32 transfers, 2 of 2 blocks; not 32 withdrawals or rewards'
    want 1 "$CORDON" verify w-none.json
    says out 'blocks[0]: its proof has withdrawals, of which nothing is told'
    want 1 "$CORDON" verify w-less.json
    says out 'blocks[0]: transaction 0: its own bytes say other than what is told of it'
    want 3 "$CORDON" verify w-empty.json
    says err 'withdrawals: nothing'
}

# A payment of 10,000 XRP in January 2013 and one along two paths in July 2014, by their ledgers' trees.
ledgers_of_xrpl_are_proven() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}/xrpl/ledgers
    [ -r "$data/ledger-38129-response.json" ] || skip "$data is not here"
    mkdir xrpl
    jq -c 'del(.rawState)' "$data/ledger-38129-response.json" >xrpl/38129.json
    zstd -dcq "$data/ledger-7501326-full.json.zst" | jq -c '. + {parent_close_time: 457517030, close_flags: 0}' >xrpl/7501326.json
    want 0 "$CORDON" ingest xrpl --from xrpl --ledger xrpled
    echo '{"id": "PAID", "chain": "xrpl", "origins": [{"tx": "3b1a4e1c9bb6a7208eb146bcdb86ecea6068ed01466d933528ca2b4c64f753ef"}]}' >paid.json
    want 0 "$CORDON" evidence make paid.json --ledger xrpled --from xrpl --out xpack.json
    valid evidence-pack xpack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify xpack.json
    says out "by their blocks' headers and trees: 1 of 1 transactions, 2 of 2 transfers, 2 of 2 blocks; not that validators"
    jq -e '.statement.acquisition.by_roots.not_internals == 0 and
        any(.statement.not_proven[]; startswith("that validators of the network have signed")) and
        all(.statement.not_proven[]; contains("internal") | not)' xpack.json >jq.log
    want 0 "$CORDON" evidence page xpack.json --out xpage.html
    says xpage.html '<td class="n">38129</td>' '<td>headers and trees</td>'
    # one of the ledgers alone: how much of it is proven stands there
    want 0 "$CORDON" evidence make paid.json --ledger xrpled --from xrpl/7501326.json --out xpart.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify xpart.json
    says out '0 of 1 transactions, 0 of 2 transfers, 1 of 2 blocks' 'not 2 transfers of transactions without a proof'
    # transactions alone have no tree
    jq -c '.transactions[0] + {ledger_index: 38129, date: 410424200}' xrpl/38129.json >alone.json
    want 0 "$CORDON" ingest xrpl --from alone.json --ledger xalone
    want 0 "$CORDON" evidence make paid.json --ledger xalone --from alone.json --out xalone.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify xalone.json
    ! grep 'by their blocks' out || false
    # what a server says beside the ledger is not what the ledger says: such a ledger gives no evidence
    jq -c '.transactions[0].metaData.delivered_amount = "5"' xrpl/38129.json >said.json
    want 0 "$CORDON" ingest xrpl --from said.json --ledger xsaid
    want 1 "$CORDON" evidence make paid.json --ledger xsaid --from xrpl
    says err 'the ledger is not what the raw blocks say' 'transaction 0: its own bytes say other than what is told of it'
}

# Real transactions of the main network in blocks made around them: calls of USDT, and what came of them, which only a node tells.
blocks_of_tron_are_proven() {
    local tokens
    [ -r "${CORDON_DATA:-$SOURCE/../shared/data}/evm/tron/account_transactions_1.json" ] || skip "the page of TronGrid is not here"
    PYTHONPATH=$SOURCE/tests/peers python3 -B - >tron.json <<'END'
import json, tron_node
chain, txs = tron_node.Chain(), tron_node.real()
for i in range(0, len(txs), 5):
    chain.mine(txs[i:i + 5])
for block, infos in chain.blocks:
    del block["block_header"]["witness_signature"] # nobody has made these blocks
    print(json.dumps(block))
    print(json.dumps(infos))
END
    want 0 "$CORDON" ingest tron --from tron.json --ledger troned
    tokens=$(jq -rs 'map(select(type == "array"))[0][0].id' tron.json)
    echo '{"id": "USDT", "chain": "tron", "origins": [{"tx": "'"$tokens"'"}]}' >usdt.json
    want 0 "$CORDON" evidence make usdt.json --ledger troned --from tron.json --out tpack.json
    valid evidence-pack tpack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify tpack.json
    says out "by their blocks' headers, trees and signatures:" ', 0 of them signed by the key that they name' 'which only a node tells' \
        'not that the keys'
    jq -e '.statement.acquisition.by_roots | .not_internals > 0 and .not_others == 0 and .transactions > 0' tpack.json >jq.log
    jq -e '[.evidence.blocks[].transactions[].index] | all(. != null)' tpack.json >jq.log
    jq -e 'any(.statement.not_proven[]; startswith("fees, rewards and what contracts moved"))' tpack.json >jq.log
    want 0 "$CORDON" evidence page tpack.json --out tpage.html
    says tpage.html '<td>headers, trees and signatures</td>'
    # signed by the key 1, which the headers name
    want 0 "$CORDON" ingest tron --from "$SOURCE/fuzz/corpus/tron_source/hops" --ledger tsigned
    echo '{"id": "HOPS", "chain": "tron", "origins": [{"address": "T9yD14Nj9j7xAB4dbGeiX9h8unkKLxmGkn"}]}' >hops.json
    want 0 "$CORDON" evidence make hops.json --ledger tsigned --from "$SOURCE/fuzz/corpus/tron_source/hops" --out tsigned.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify tsigned.json
    says out '3 of 3 transactions, 3 of 6 transfers, 3 of 3 blocks, 3 of them signed by the key that they name; not 3 transfers'
    # pages of TronGrid have no blocks
    want 3 "$CORDON" evidence make hops.json --ledger tsigned --from "${CORDON_DATA:-$SOURCE/../shared/data}/evm/tron/account_transactions_1.json"
    says err 'no raw blocks'
}

# Asserted from the XRP Ledger to Tron, the chain of the one side left out as the case allows: each part by its own blocks.
two_ledgers_by_their_roots() {
    local hops=$SOURCE/fuzz/corpus/tron_source/hops data=${CORDON_DATA:-$SOURCE/../shared/data}/xrpl/ledgers/ledger-38129-response.json
    [ -r "$data" ] || skip "$data is not here"
    want 0 "$CORDON" ingest xrpl --from "$data" --ledger bothx
    want 0 "$CORDON" ingest tron --from "$hops" --ledger botht
    echo '{"id": "BOTH", "chain": "xrpl", "origins": [{"tx": "3b1a4e1c9bb6a7208eb146bcdb86ecea6068ed01466d933528ca2b4c64f753ef"}], "conversions": [{"from":
        {"address": "rLQBHVhFnaC5gLEkgr6HgBJJ3bgeZHg9cj"}, "to": {"chain": "tron", "address": "T9yD14Nj9j7xAB4dbGeiX9h8unkKLxmGkn"}, "source": "a witness"}]}' >both.json
    want 0 "$CORDON" evidence make both.json --ledger bothx --ledger botht --from "xrpl=$data" --from "tron=$hops" --out bothpack.json
    valid evidence-pack bothpack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify bothpack.json
    says out "xrpl, proven by their blocks' headers and trees: 1 of 1 transactions, 2 of 2 transfers, 1 of 1 blocks; not that validators" \
        "tron, proven by their blocks' headers, trees and signatures: 3 of 3 transactions, 3 of 6 transfers, 3 of 3 blocks, 3 of them signed"
    jq -e '[.statement.not_proven[] | select(startswith("that validators") or startswith("fees, rewards") or startswith("that the keys"))] | length == 3' \
        bothpack.json >jq.log
}

blocks_of_ethereum_are_proven() {
    rooted
    valid evidence-pack wpack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify wpack.json
    says out "by their blocks' headers, roots and signatures: 74 of 74 transactions, 424 of 424 transfers, 5 of 5 blocks"
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify wpack.json --format json
    valid verify out
    jq -e '.parts == [{"chain": "ethereum", "transactions": 74, "blocks": 5, "by_roots": 74, "transfers": 424, "transfers_by_roots": 424, "internals": 0}]' \
        out >jq.log
    want 0 "$CORDON" evidence page wpack.json --out wpage.html
    says wpage.html '<td class="n">14764013</td>' 'headers, roots and signatures'
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify dpack.json
    says out 'signatures: 1 of 1 transactions, 2 of 2 transfers, 1 of 1 blocks'
    # hashes as explorers show them, and a second implementation of the hash
    jq -e '[.evidence.blocks[].hash] == ["720704f3aa11c53cf344ea069db95cecb81ad7453c8f276b2a1062979611f09c",
        "c2558f8143d5f5acb8382b8cb2b8e2f1a10c8bdfeededad850eaca048ed85d8f", "e22c56f211f03baadcc91e4eb9a24344e6848c5df4473988f893b58223f5216c",
        "db672c41cfd47c84ddb478ffde5a09b76964f77dceca0e62bdf719c965d73e7f", "f8e2f40d98fe5862bc947c8c83d34799c50fb344d7445d020a8a946d891b62ee"]' \
        wpack.json >jq.log
    # only some of the blocks: what is not proven is counted
    mkdir some
    cp raw/*1703* some
    want 0 "$CORDON" evidence make weth.json --ledger rooted --from some --out some.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify some.json
    says out '41 of 74 transactions, 255 of 424 transfers, 2 of 5 blocks; not 169 transfers of transactions without a proof'
    want 0 "$CORDON" evidence make weth.json --ledger rooted --out bare.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify bare.json
    ! grep -q signatures out || false
}

# Whole in itself each time: statement and fingerprint are made anew.
blocks_of_ethereum_cannot_be_others() {
    rooted
    python3 - <<'END'
import copy, hashlib, json
canon = lambda v: json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
n = 0

def tampered(whole, change):
    global n
    d = copy.deepcopy(whole)
    change(d["evidence"]["blocks"], d["statement"])
    d["evidence"]["fingerprint"] = hashlib.sha256(canon(d["evidence"]["blocks"])).hexdigest()
    d["statement_sha256"] = hashlib.sha256(canon(d["statement"])).hexdigest()
    json.dump(d, open("rbad-%d.json" % n, "w"))
    n += 1

flip = lambda s, i: s[:i] + "%x" % (int(s[i], 16) ^ 1) + s[i + 1:]
w = json.load(open("wpack.json"))
d = json.load(open("dpack.json"))
for whole in (w, d):
    blocks = whole["evidence"]["blocks"]
    for b, block in enumerate(blocks[:1]):
        tampered(whole, lambda bl, s: bl[b].update(height=block["height"] + 1))
        tampered(whole, lambda bl, s: bl[b].update(time=block["time"] + 1))
        tampered(whole, lambda bl, s: bl[b].update(prev=flip(block["prev"], 9)))
        tampered(whole, lambda bl, s: bl[b].update(grade="stated"))
        tampered(whole, lambda bl, s: bl[b]["proof"].update(header=flip(block["proof"]["header"], 99)))
        tampered(whole, lambda bl, s: bl[b]["proof"]["nodes"].pop(0))
        tampered(whole, lambda bl, s: bl[b]["proof"]["nodes"].reverse())
        tampered(whole, lambda bl, s: bl[b]["proof"]["nodes"].append("c0"))
        tampered(whole, lambda bl, s: bl[b].pop("proof") and [t.pop("index") for t in bl[b]["transactions"]])
        for t, tx in enumerate(block["transactions"][:1]):
            at = lambda bl: bl[b]["transactions"][t]
            tampered(whole, lambda bl, s: at(bl).update(index=tx["index"] + 1))
            tampered(whole, lambda bl, s: at(bl).update(failed=not tx["failed"]))
            tampered(whole, lambda bl, s: at(bl).update(hash=flip(tx["hash"], 3)))
            tampered(whole, lambda bl, s: at(bl).pop("index"))
            for k, e in enumerate(tx["events"][:2]):
                tampered(whole, lambda bl, s: at(bl)["events"][k].update(subject=flip(e["subject"], 0)))
                tampered(whole, lambda bl, s: at(bl)["events"].pop(k))
            for k, transfer in enumerate(tx["transfers"][:4]):
                tr = lambda bl: at(bl)["transfers"][k]
                tampered(whole, lambda bl, s: at(bl)["transfers"].pop(k))
                tampered(whole, lambda bl, s: at(bl)["transfers"].insert(k, transfer))
                tampered(whole, lambda bl, s: tr(bl).update(amount=str(int(transfer["amount"]) + 1)))
                tampered(whole, lambda bl, s: tr(bl).update(credit=str(int(transfer["credit"]) + 1)))
                tampered(whole, lambda bl, s: tr(bl).update(position=transfer["position"] + 1))
                for name in ("from", "to", "asset"):
                    tampered(whole, lambda bl, s: tr(bl).update({name: "ab" * 20}))
for name, more in w["statement"]["acquisition"]["by_roots"].items():
    tampered(w, lambda bl, s: s["acquisition"]["by_roots"].update({name: more + 1}))
assert n > 50
END
    for bad in rbad-*.json; do
        code=0
        "$CORDON" verify "$bad" >out 2>err || code=$?
        [ "$code" -eq 1 ] || [ "$code" -eq 3 ] || { echo "$bad: exit $code" && return 1; }
    done
}

# The sim's swap over both of its ledgers, 60 ETH of which 30 go on as bitcoin; every unit of every asset is somewhere.
crossing() {
    [ -d "$TMP/cworld" ] && return
    want 0 "$CORDON" sim --seed 7 --blocks 200 --accounts --out "$TMP/cworld"
    want 0 "$CORDON" ingest evm:sim --from "$TMP/cworld/accounts" --ledger "$TMP/cevm"
    want 0 "$CORDON" ingest bitcoin:sim --from "$TMP/cworld/blocks" --ledger "$TMP/cbtc"
    want 0 "$CORDON" evidence make "$TMP/cworld/cases/SWAP-1.json" --ledger "$TMP/cevm" --ledger "$TMP/cbtc" \
        --from "bitcoin:sim=$TMP/cworld/blocks" --examiner 'A. Kim' --out "$TMP/cpack.json"
}

a_crossing_is_one_pack() {
    crossing
    valid evidence-pack cpack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify cpack.json
    says out 'from these parts of 2 ledgers' 'the 1 route' 'bitcoin:sim: ' 'each with its proof of work'
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify cpack.json --format json
    valid verify out
    want 0 "$CORDON" trace cworld/cases/SWAP-1.json --ledger cevm --ledger cbtc --format json --out ctrace.json
    want 0 "$CORDON" evidence page cpack.json --out cpage.html
    says cpage.html 'How it went on' '30 <code class="long">ETH</code> on evm:sim' '4.94011105 BTC on bitcoin:sim' 'Where it is: bitcoin:sim'
    python3 - <<'END'
import json
pack = json.load(open("cpack.json"))
s = pack["statement"]
assert s["trace"] == json.load(open("ctrace.json"))
assert [r["rule"] for r in s["rules"]] == ["taint", "stops", "peel-chain", "router"]
assert [a["chain"] for a in s["acquisition"]] == ["evm:sim", "bitcoin:sim"]
assert [r["policy"] for r in s["sensitivity"]] == ["fifo", "lifo", "haircut", "tiho", "poison"]
n = lambda row, *names: sum(int(row[x]) for x in names)
went = {}
for row in s["sensitivity"][:4]: # poison is not conserved
    for part in row["parts"]:
        for a in part["assets"]:
            assert n(a, "origin", "converted_in") == n(a, "converted_out", "held", "exits", "fees", "cut", "dust", "unresolved")
            assert n(a, "origin", "converted_in") > 0
link, = s["trace"]["routes"]
eth, = [a for a in s["sensitivity"][0]["parts"][0]["assets"] if a["asset"] == "ETH"]
assert eth["converted_out"] == link["taint_in"] == str(30 * 10**18)
assert s["sensitivity"][0]["parts"][1]["assets"][0]["converted_in"] == link["taint_out"]
END
    want 2 "$CORDON" evidence make cworld/cases/SWAP-1.json --ledger cevm --ledger cbtc
    says err '--from bitcoin:sim=PATH is missing'
    want 2 "$CORDON" evidence make cworld/cases/SWAP-1.json --ledger cevm --ledger cbtc --from cworld/blocks
    says err 'CHAIN=PATH is wanted'
}

# Whole in itself each time; of each kind of fact of both parts, and of the crossing.
a_crossing_tampered_with_is_found() {
    crossing
    python3 - <<'END'
import copy, hashlib, json
whole = json.load(open("cpack.json"))
canon = lambda v: json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
n = 0

def tampered(change):
    global n
    d = copy.deepcopy(whole)
    change(d["statement"], d["evidence"]["parts"])
    d["evidence"]["parts"][0]["fingerprint"] = hashlib.sha256(canon(d["evidence"]["parts"][0]["blocks"])).hexdigest()
    d["statement_sha256"] = hashlib.sha256(canon(d["statement"])).hexdigest()
    json.dump(d, open("cbad-%d.json" % n, "w"))
    n += 1

for name in ("amount_in", "amount_out", "taint_in", "taint_out"):
    tampered(lambda s, p: s["trace"]["routes"][0].update({name: "1"}))
tampered(lambda s, p: s["trace"]["routes"][0].update(grade="proven"))
tampered(lambda s, p: s["trace"]["routes"][0].update(rule="bridge"))
tampered(lambda s, p: s["trace"]["routes"][0]["to"][0].update(output=s["trace"]["routes"][0]["to"][0]["output"][:-1] + "1"))
tampered(lambda s, p: s["trace"].update(routes=[]))
tampered(lambda s, p: s["trace"]["trusts"]["used"].append({}))
for r in range(len(whole["statement"]["trace"]["parts"][1]["reached"])):
    tampered(lambda s, p: s["trace"]["parts"][1]["reached"][r].update(taint="1"))
for name in ("held", "exits", "converted_in", "fees"):
    tampered(lambda s, p: s["trace"]["parts"][1]["totals"].update({name: "1"}))
tampered(lambda s, p: s["trace"]["parts"][0]["totals"][0].update(converted_out="1"))
tampered(lambda s, p: s["sensitivity"][0]["parts"][1]["assets"][0].update(converted_in="1"))
tampered(lambda s, p: s["sensitivity"][0]["parts"][1]["assets"][0].update(exits="1"))
tampered(lambda s, p: s["sensitivity"][0]["parts"].pop())
tampered(lambda s, p: s["acquisition"][1].update(chain="bitcoin"))
tampered(lambda s, p: s["acquisition"].pop())
tampered(lambda s, p: p.pop())
tampered(lambda s, p: p.reverse())
for t in range(len(whole["evidence"]["parts"][1]["transactions"])):
    tampered(lambda s, p: p[1]["transactions"].pop(t))
    tampered(lambda s, p: p[1]["transactions"][t].update(raw=p[1]["transactions"][t]["raw"][:-8] + "00000001"))
    tampered(lambda s, p: p[1]["transactions"][t].update(position=p[1]["transactions"][t]["position"] + 1))
tampered(lambda s, p: p[1]["blocks"][0].update(hash="00" * 32))
tampered(lambda s, p: p[1]["manifest"].pop())
tampered(lambda s, p: p[1].update(fingerprint="00" * 32))
# the memo that names where it goes on, and the payment that carried it
for b, block in enumerate(whole["evidence"]["parts"][0]["blocks"]):
    for t, tx in enumerate(block["transactions"]):
        for e in range(len(tx["events"])):
            tampered(lambda s, p: p[0]["blocks"][b]["transactions"][t]["events"].pop(e))
assert n > 40
END
    for bad in cbad-*.json; do
        code=0
        "$CORDON" verify "$bad" >out 2>err || code=$?
        [ "$code" -eq 1 ] || [ "$code" -eq 3 ] || { echo "$bad: exit $code" && return 1; }
    done
}

# A real bridge: 365.73 USDC of Scroll that Across paid out on Arbitrum, as both chains' receipts tell.
a_real_bridge() {
    local receipts=${CORDON_DATA:-$SOURCE/../shared/data}/bridges2/receipts/receipts.jsonl.zst chain
    [ -r "$receipts" ] || skip "$receipts is not here"
    zstd -dcq "$receipts" >receipts.jsonl
    python3 - <<'END'
import json, os
number = lambda s: int(s, 16)
for name, chain in (("scroll", 534352), ("arbitrum", 42161)):
    os.makedirs("etl-" + name)
    rows = [json.loads(line) for line in open("receipts.jsonl")]
    rows = sorted((r for r in rows if r["chain_id"] == chain), key=lambda r: number(r["transaction"]["blockNumber"]))
    txs, logs = open("etl-%s/transactions.json" % name, "w"), open("etl-%s/logs.json" % name, "w")
    for r in rows: # the data have no times: blocks are put in order
        t, x = r["transaction"], r["receipt"]
        own = dict(block_number=number(t["blockNumber"]), block_hash=t["blockHash"], block_timestamp=1500000000 + number(t["blockNumber"]) // 4,
                   transaction_index=number(t["transactionIndex"]))
        print(json.dumps(dict(own, hash=t["hash"], nonce=number(t["nonce"]), from_address=t["from"], to_address=t["to"], value=str(number(t["value"])),
                              gas=number(t["gas"]), gas_price=number(x["effectiveGasPrice"]), input=t["input"])), file=txs)
        for i, l in enumerate(x["logs"]):
            print(json.dumps(dict(own, log_index=i, transaction_hash=t["hash"], address=l["address"], data=l["data"], topics=l["topics"])), file=logs)
END
    for chain in scroll arbitrum; do
        want 0 "$CORDON" ingest "$chain" --from "etl-$chain" --ledger "bridge-$chain"
    done
    echo '{"id": "ACROSS", "chain": "scroll", "origins": [{"tx": "0xee8b1b99f88ab4d9924c4aec444e45ab53589b918a2cf54e9bc133481c7dbbb9"}]}' >across.json
    want 0 "$CORDON" evidence make across.json --ledger bridge-scroll --ledger bridge-arbitrum --out acrosspack.json
    valid evidence-pack acrosspack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify acrosspack.json
    says out '1 as contracts on both sides say'
    jq -e '.statement.trace.routes[0] | .rule == "bridge" and .grade == "proven" and .source == "across:534352:1295289" and
        .amount_in == "365729555" and .amount_out == "365669864" and
        .to[0].transfer == "0x0fe6509df413361b7aa903ca810aa91151a1e44f51dd05c6fbc838d506e17704:l1"' acrosspack.json >jq.log
    jq -e '.statement.rules[1].rule == "bridge"' acrosspack.json >jq.log
}

# The payments of Bangladesh Bank, and what a witness says that came of the cash; also within one ledger of coins and of accounts.
what_somebody_asserts() {
    crossing
    want 0 "$CORDON" ingest bank:bangladesh-2016 --from "$SOURCE/examples/bangladesh-2016/payments.csv" --ledger bank
    jq -c --argjson to "$(jq -c '.origins[0]' cworld/cases/THEFT-1.json)" '.conversions = [{"from": {"address": "name:WEIKANG XU", "chain":
        "bank:bangladesh-2016"}, "to": ($to + {"chain": "bitcoin:sim"}), "source": "a witness"}] |
        .stops |= (map(.chain = "bank:bangladesh-2016") | map(select(.category != "cash")))' "$SOURCE/examples/bangladesh-2016/CASE.json" >cash.json
    want 0 "$CORDON" evidence make cash.json --ledger bank --ledger cbtc --from bitcoin:sim=cworld/blocks --out cashpack.json
    valid evidence-pack cashpack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify cashpack.json
    says out '0 as contracts on both sides say' '1 as somebody states' 'bank:bangladesh-2016: 36 transfers of 29 transactions, not proven by'
    jq -e '.statement.trace.routes[0] | .rule == "asserted" and .grade == "stated" and .source == "a witness" and
        .taint_in == "2596900000"' cashpack.json >jq.log
    want 0 "$CORDON" evidence page cashpack.json --out cash.html
    says cash.html 'a witness' 'as good as who asserts it'
    # asserted, and nothing came there
    jq -c '.stops += [{"address": "name:WEIKANG XU", "name": "Weikang Xu", "category": "cash", "source": "x"}]' cash.json >gone.json
    want 2 "$CORDON" evidence make gone.json --ledger bank --ledger cbtc --from bitcoin:sim=cworld/blocks
    says err 'nothing of the case came to one of the ledgers'
    jq -c --argjson to "$(jq -c '.origins[0]' cworld/cases/THEFT-2.json)" '.conversions = [{"from": .origins[0], "to": $to, "source": "a witness"}]' \
        cworld/cases/THEFT-1.json >own.json
    want 0 "$CORDON" evidence make own.json --ledger cbtc --from cworld/blocks --out ownpack.json
    CORDON_HOME=$TMP/nothing want 0 "$CORDON" verify ownpack.json
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
check sums_by_others_are_proven_or_stated
check time_stamps
check tampering_is_found
check accounts_are_proven_without_a_ledger
check accounts_tampering_is_found
check a_real_list
check blocks_of_ethereum_are_proven
check blocks_of_ethereum_cannot_be_others
check blocks_of_tron_are_proven
check two_ledgers_by_their_roots
check withdrawals_are_proven
check ledgers_of_xrpl_are_proven
check a_crossing_is_one_pack
check a_crossing_tampered_with_is_found
check a_real_bridge
check what_somebody_asserts
check wrong_input
finish
