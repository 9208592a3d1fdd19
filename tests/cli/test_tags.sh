#!/bin/bash
# cordon tags: packs in and out, what is said of an address, stops of traces; small files, and the published ones where they are.
. "$(dirname "$0")/../support.sh"
DATA=${CORDON_DATA:-$SOURCE/../shared/data}

need() { [ -e "$DATA/$1" ] || skip "$DATA/$1 is not here"; }

GENESIS=1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
EVM=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed

pack() { # NAME LASTMOD CATEGORY ADDRESS...
    local name=$1 day=$2 category=$3
    shift 3
    {
        printf 'title: %s\nlastmod: %s\nlabel: %s wallet\ncategory: %s\nsource: here\nactor: %s\ntags:\n' \
            "$name" "$day" "$name" "$category" "$name"
        printf -- '- address: "%s"\n' "$@"
    } >"$name.yaml"
}

comes_and_goes() {
    CORDON_HOME=$TMP/comes
    want 3 "$CORDON" tags
    says err 'no tags have been imported (cordon tags import)'
    pack alpha 2024-01-01 exchange $GENESIS $EVM
    pack beta 2024-02-02 mixer $EVM
    want 0 "$CORDON" tags import alpha.yaml beta.yaml
    want 0 "$CORDON" tags import alpha.yaml --format json
    says out '"how": "same"'
    valid tags-import out
    want 0 "$CORDON" tags --format json
    valid tags out
    cp out packs.json
    want 0 "$CORDON" tags show ${EVM,,}
    says out 'tags disagree' 'alpha wallet' 'beta wallet' 'mixer; actor beta'
    want 0 "$CORDON" tags show $EVM --format json
    valid tags-address out
    want 0 "$CORDON" tags conflicts
    says out "${EVM,,} (evm): tags disagree"
    [ "$(grep -c disagree out)" -eq 1 ]
    want 0 "$CORDON" tags conflicts --format json
    valid tags-conflicts out
    pack alpha 2024-03-03 exchange $GENESIS
    want 0 "$CORDON" tags import alpha.yaml
    says out 'replaces version 2024-01-01'
    want 0 "$CORDON" tags conflicts
    [ ! -s out ]
    want 0 "$CORDON" tags withdraw beta
    want 0 "$CORDON" tags show $EVM
    says out 'no tag'
    want 3 "$CORDON" tags withdraw beta
    says err 'no pack "beta"'
}

# One bad file, and nothing of the others is there.
all_or_nothing() {
    CORDON_HOME=$TMP/all
    pack alpha 2024-01-01 exchange $GENESIS
    printf 'tags: [\n' >bad.yaml
    want 3 "$CORDON" tags import alpha.yaml bad.yaml
    says err '"bad.yaml": line 2: did not find expected node content'
    want 0 "$CORDON" tags
    [ ! -s out ]
    want 4 "$CORDON" tags import alpha.yaml nowhere.yaml
    mkdir -p more && cp alpha.yaml more/
    want 2 "$CORDON" tags import alpha.yaml more/alpha.yaml
    says err 'is a pack called alpha, too'
    want 0 "$CORDON" tags import - --as alpha <alpha.yaml
    says out 'imported'
}

private_stays() {
    CORDON_HOME=$TMP/private
    pack public 2024-01-01 exchange $GENESIS
    printf 'wallet,who\n%s,"Our, customer"\n' $EVM >own.csv
    want 0 "$CORDON" tags import public.yaml
    want 0 "$CORDON" tags import own.csv --private --columns address=wallet,label=who,category:person
    want 0 "$CORDON" tags show $EVM
    says out 'Our, customer' 'private'
    want 0 "$CORDON" tags export
    says out $GENESIS
    ! grep -qi customer out || false
    # what is exported is read again, and says the same
    cp out exported.csv
    want 0 "$CORDON" tags import exported.csv
    want 0 "$CORDON" tags conflicts
    [ ! -s out ]
}

# Whoever writes a label could write a formula, which a spreadsheet would run.
a_label_is_no_formula() {
    CORDON_HOME=$TMP/formula
    printf 'address,label\n%s,"=HYPERLINK(""http://x"")"\n%s,it is 2+2\n' $GENESIS $EVM >labels.csv
    want 0 "$CORDON" tags import labels.csv
    want 0 "$CORDON" tags export
    says out ",\"'=HYPERLINK(\"\"http://x\"\")\"," ',it is 2+2,'
    # and is read as it was said
    cp out exported.csv
    CORDON_HOME=$TMP/formula-again
    want 0 "$CORDON" tags import exported.csv
    want 0 "$CORDON" tags show $GENESIS
    says out ' =HYPERLINK("http://x")'
}

lint() {
    printf 'label: l\nlastmod: soon\ntags:\n- address: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb\n  category: alien\n- address: %s\n  source: s\n  lastmod: 2020-01-01\n' $EVM >bad.yaml
    want 1 "$CORDON" tags lint bad.yaml
    says out 'bad.yaml:4: address: address "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb": the checksum is wrong' \
        'bad.yaml:4: word: no category is called "alien"' 'bad.yaml:4: day: lastmod is not a day: "soon"' \
        'bad.yaml:4: no-source: no source' '1 tags, 1 left out'
    want 1 "$CORDON" tags lint bad.yaml --format json
    valid tags-lint out
    pack good 2024-01-01 exchange $GENESIS
    want 0 "$CORDON" tags lint good.yaml
    says out 'good.yaml: 1 tags, 0 left out'
}

usage() {
    want 2 "$CORDON" tags nothing
    says err 'import, show, conflicts, withdraw, lint or export is wanted'
    want 2 "$CORDON" tags import
    want 2 "$CORDON" tags show
    want 2 "$CORDON" tags --private
    says err '--private is of import, not of tags'
    want 2 "$CORDON" tags export --format json
    want 3 "$CORDON" tags show 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb
    says err 'the checksum is wrong'
}

# Killed at any moment of an import, the old packs are what is there, or the new ones; whole either way.
killed() {
    CORDON_HOME=$TMP/killed
    pack alpha 2024-01-01 exchange $GENESIS
    want 0 "$CORDON" tags import alpha.yaml
    {
        printf 'title: big\nlabel: l\ncategory: mixer\ncurrency: EOS\ntags:\n'
        seq -f -' address: account%.0f' 30000 | sed 's/^-/- /'
        printf -- '- address: "%s"\n' $EVM
    } >big.yaml
    for ms in 0.02 0.06 0.1 0.2; do
        { timeout -s KILL "$ms" "$CORDON" tags import big.yaml >/dev/null || true; } 2>/dev/null
        want 0 "$CORDON" tags show $GENESIS
        says out 'alpha wallet'
        want 0 "$CORDON" tags show $EVM
        grep -q 'no tag' out || says out 'pack big'
        want 0 "$CORDON" tags
        grep -q '^big' out && says out '30001 tags'
        "$CORDON" tags withdraw big >/dev/null 2>&1 || true
    done
    ls "$CORDON_HOME" | grep -qx tags.set
}

# The published packs, all of them: as many as their collection says, and what some of them say.
published() {
    need tags/README.md
    CORDON_HOME=$TMP/published
    find "$DATA/tags" -name '*.yaml' -o -name '*.zst' | sort >files
    want 0 xargs -a files "$CORDON" tags import
    want 0 "$CORDON" tags --format json
    python3 - "$TMP/out" <<'PY'
import json, sys
packs = json.load(open(sys.argv[1]))["packs"]
assert len(packs) == 68, len(packs)
assert sum(p["stated"] for p in packs) == 465119
assert sum(p["left_out"] for p in packs) == 22
PY
    want 0 "$CORDON" tags show 1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s
    says out 'binance.com' 'exchange; actor binance (Binance' 'pack binance, 2019-07-03' 'holds for its cluster'
    want 0 "$CORDON" tags show 0x098B716B8Aaf21512996dC57EB0615e2383E2f96
    says out 'sanctioned' 'actor lazarusgroup' 'confidence authority_data (60)'
    want 0 "$CORDON" tags show bitcoincash:qpf2cphc5dkuclkqur7lhj2yuqq9pk3hmukle77vhq
    says out 'OFAC'
}

# Stops at what tags say: the same ends as a file of stops gives, and a private tag never is one.
stops() {
    CORDON_HOME=$TMP/stops
    "$CORDON" sim --seed 7 --blocks 300 --out world >/dev/null
    "$CORDON" ingest bitcoin:sim --from world/blocks --ledger ledger >/dev/null 2>&1
    case=case.json # without the stops that it names
    python3 - "$(ls world/cases/*.json | head -n 1)" >$case <<'PY'
import json, sys
case = json.load(open(sys.argv[1]))
del case["stops"]
print(json.dumps(case))
PY
    columns='address=address,label=name,category=category,network:bitcoin:sim,confidence:service_data'
    want 0 "$CORDON" trace "$case" --ledger ledger --format json
    cp out without.json
    want 0 "$CORDON" trace "$case" --ledger ledger --format json --stop world/stops.csv
    cp out file.json
    ! cmp -s file.json without.json || false
    want 0 "$CORDON" tags import world/stops.csv --columns "$columns" --private
    want 0 "$CORDON" trace "$case" --ledger ledger --format json --stops-from-tags services
    cmp out without.json
    want 0 "$CORDON" tags import world/stops.csv --columns "$columns"
    want 0 "$CORDON" trace "$case" --ledger ledger --format json --stops-from-tags services --confidence 51
    cmp out without.json
    want 0 "$CORDON" trace "$case" --ledger ledger --format json --stops-from-tags faucet
    cmp out without.json
    want 0 "$CORDON" trace "$case" --ledger ledger --format json --stops-from-tags services
    cp out tags.json
    says out "tags: stops, sha256 $(sha256sum world/stops.csv | cut -d' ' -f1)"
    valid trace out
    python3 - <<'PY'
import json
a, b = (json.load(open(f)) for f in ("file.json", "tags.json"))
assert a["totals"] == b["totals"]
def ends(d):
    return [(r["output"], r["taint"], (r.get("stop") or {}).get("address")) for r in d["reached"]]
assert ends(a) == ends(b)
PY
    want 0 "$CORDON" verify tags.json --ledger ledger
    want 2 "$CORDON" trace "$case" --ledger ledger --stops-from-tags theft
    says err 'no accusations'
    want 2 "$CORDON" trace "$case" --ledger ledger --confidence 50
    says err '--confidence says nothing without --stops-from-tags'
}

check comes_and_goes
check all_or_nothing
check private_stays
check a_label_is_no_formula
check lint
check usage
check killed
check published
check stops
finish
