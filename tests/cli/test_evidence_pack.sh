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
check wrong_input
finish
