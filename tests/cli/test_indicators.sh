#!/bin/bash
# cordon indicators: wallets out and in again; markings that hold; the published packs and OFAC's list where they are.
. "$(dirname "$0")/../support.sh"
DATA=${CORDON_DATA:-$SOURCE/../shared/data}

need() { [ -e "$DATA/$1" ] || skip "$DATA/$1 is not here"; }

GENESIS=1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
EVM=0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed
TRON=TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t

pack() { # NAME CATEGORY ADDRESS...
    {
        printf 'title: %s\nlastmod: 2024-01-01\nlabel: %s wallet\ncategory: %s\nsource: here\ntags:\n' "$1" "$1" "$2"
        printf -- '- address: "%s"\n' "${@:3}"
    } >"$1.yaml"
}
export_to() { # FILE OPTION...
    want 0 "$CORDON" indicators export "${@:2}"
    cp out "$1"
}
keys() { tail -n +2 "$1" | cut -d, -f1,2 | sort -u; }

usage() {
    CORDON_HOME=$TMP/usage
    want 2 "$CORDON" indicators
    want 2 "$CORDON" indicators nothing
    says err 'export or import is wanted'
    want 2 "$CORDON" indicators export --tlp green --use x
    says err '--format stix, misp or csv is wanted'
    want 2 "$CORDON" indicators export --format csv --use x
    says err '(--tlp)'
    want 2 "$CORDON" indicators export --format csv --tlp green
    says err '(--use)'
    want 2 "$CORDON" indicators export --format csv --tlp mauve --use x
    want 2 "$CORDON" indicators export --format json --tlp green --use x
    want 2 "$CORDON" indicators export --format csv --tlp green --use x --category nothing
    says err 'there is none called "nothing"'
    want 2 "$CORDON" indicators export --format csv --tlp green --use x --chain nothing
    want 2 "$CORDON" indicators export --format csv --tlp green --use $'a\nb'
    want 3 "$CORDON" indicators export --format csv --tlp green --use x
    says err 'no tags have been imported'
    want 3 "$CORDON" indicators export --format csv --tlp green --use x --list ofac-sdn
    says err 'no list has been imported'
    want 2 "$CORDON" indicators import
    want 2 "$CORDON" indicators import file
    says err '(--pack)'
    want 2 "$CORDON" indicators import file --pack p --tlp red
    says err '--tlp is of export, not of import'
    want 4 "$CORDON" indicators import nowhere --pack p
    [ ! -e "$CORDON_HOME" ]
}

what_goes_out() {
    CORDON_HOME=$TMP/goes
    pack alpha exchange $GENESIS $EVM
    pack beta theft $EVM $TRON
    pack own mixer $GENESIS
    want 0 "$CORDON" tags import alpha.yaml beta.yaml
    want 0 "$CORDON" tags import own.yaml --private
    export_to all.csv --format csv --tlp clear --use any
    says err '1 tags of private packs stay (--own PACK)'
    [ "$(wc -l <all.csv)" -eq 5 ]
    says all.csv 'chain,address,asset,category,label,source,first_seen,confidence,tlp,permitted_use' \
        "bitcoin,$GENESIS,,exchange,alpha wallet,here,2024-01-01,5,clear,any" \
        "tron,$TRON,,theft,beta wallet,here,2024-01-01,5,clear,any"
    export_to some.csv --format csv --tlp clear --use any --category theft --chain ethereum
    [ "$(keys some.csv)" = "evm,$EVM" ]
    export_to some.csv --format csv --tlp clear --use any --pack alpha
    [ "$(keys some.csv | wc -l)" -eq 2 ]
    want 3 "$CORDON" indicators export --format csv --tlp clear --use any --pack gamma
    says err 'no pack "gamma"'
    want 3 "$CORDON" indicators export --format csv --tlp clear --use any --category ransomware
    says err 'there is no such wallet to export'
    # a private pack has to be named outright, and without a marking goes no further than the organisation
    want 3 "$CORDON" indicators export --format csv --tlp amber --use any --pack own
    want 3 "$CORDON" indicators export --format csv --tlp amber --use any --pack own --own own
    says err '1 tags stay: they came under a narrower marking'
    export_to own.csv --format csv --tlp amber+strict --use any --pack own --own own
    says own.csv 'own wallet'
}

# What came under a marking goes out under none that is wider, with its permitted use, in whatever format.
never_wider() {
    CORDON_HOME=$TMP/wider
    printf 'address,label,tlp,permitted_use\n%s,secret wallet,amber,not in court\n' $GENESIS >in.csv
    pack alpha exchange $EVM
    want 0 "$CORDON" tags import alpha.yaml
    want 0 "$CORDON" indicators import in.csv --pack partner
    says out 'TLP:amber, private' 'permitted use: not in court'
    want 0 "$CORDON" tags
    says out 'private TLP:amber' 'permitted use: not in court'
    want 0 "$CORDON" tags --format json
    valid tags out
    says out '"tlp": "amber"' '"permitted_use": "not in court"'
    want 0 "$CORDON" tags export
    ! grep -q secret out || false
    for format in stix misp csv; do
        for tlp in clear green; do
            export_to o --format $format --tlp $tlp --use any --own partner --pack alpha
            says err '1 tags stay: they came under a narrower marking'
            ! grep -qF -e secret -e $GENESIS o || false
        done
        for tlp in clear green amber amber+strict red; do
            export_to o --format $format --tlp $tlp --use any
            ! grep -qF -e secret -e $GENESIS o || false
        done
        for tlp in amber amber+strict red; do
            export_to o --format $format --tlp $tlp --use any --own partner
            says o secret 'not in court; any'
            # the next one is bound as well
            CORDON_HOME=$TMP/next-$format want 0 "$CORDON" indicators import o --pack next
            says out "TLP:$tlp, private" 'permitted use:' 'not in court'
        done
        CORDON_HOME=$TMP/next-$format want 3 "$CORDON" indicators export --format csv --tlp amber --use any --own next
    done
    # nor does the table lose its marking by another way in
    want 3 "$CORDON" tags import in.csv --as other
    says err 'cordon indicators import'
    want 0 "$CORDON" tags withdraw partner
    want 0 "$CORDON" tags show $GENESIS
    says out 'no tag'
}

comes_in() {
    CORDON_HOME=$TMP/comes
    pack alpha exchange $GENESIS
    want 0 "$CORDON" tags import alpha.yaml
    for format in stix misp csv; do
        export_to o --format $format --tlp clear --use any --pack alpha
        want 0 "$CORDON" indicators import o --pack "$format"
        says out 'imported, TLP:clear'
        ! grep -q private out || false
        want 0 "$CORDON" indicators import o --pack "$format" --format json
        valid indicators-import out
        says out '"how": "same"' '"tags": 1'
    done
    want 0 "$CORDON" indicators import - --pack piped <o
    printf '{"type":"bundle","objects":[{"type":"malware"}]}' >none.json
    want 3 "$CORDON" indicators import none.json --pack none
    says err '"none.json": there is no wallet in it'
    head -c 700 o >cut.json
    want 0 "$CORDON" tags
    cp out before
    printf '{"type":"bundle","objects":[' >cut.json
    want 3 "$CORDON" indicators import cut.json --pack stix
    want 0 "$CORDON" tags
    cmp out before
}

round_trips() { # HOME EXPORT-OPTION...
    local format
    export_to as.csv --format csv --tlp green --use any "$@"
    for format in stix misp csv; do
        export_to o --format $format --tlp green --use any "$@"
        export_to again --format $format --tlp green --use any "$@"
        cmp o again
        CORDON_HOME=$TMP/trip-$format want 0 "$CORDON" indicators import o --pack "p${#*}"
        ! grep -q 'left out' out || false
        CORDON_HOME=$TMP/trip-$format export_to back.csv --format csv --tlp green --use any --pack "p${#*}" --own "p${#*}"
        cmp <(keys as.csv) <(keys back.csv)
    done
}

# Every published pack: what goes out comes in again, wallet by wallet.
real_packs() {
    CORDON_HOME=$TMP/packs
    need tags/tagpacks/packs
    want 0 "$CORDON" tags import "$DATA"/tags/tagpacks/packs/*.yaml "$DATA"/tags/tagpacks/packs/etherscamdb_tagpack.yaml.zst
    round_trips
    round_trips --category theft --chain bitcoin
}

# OFAC's list of a day: 575 addresses by the data's own count, of each ticker.
real_list() {
    CORDON_HOME=$TMP/list
    need sanctions/ofac/2023-12-29
    for file in sdn alt add; do zstd -dqc "$DATA/sanctions/ofac/2023-12-29/$file.csv.zst" >$file.csv; done
    cp "$DATA/sanctions/ofac/2023-12-29/sdn_comments.csv" .
    want 0 "$CORDON" lists import sdn.csv --as-of 2023-12-29
    export_to ofac.csv --format csv --tlp clear --use any --list ofac-sdn
    python3 - "$DATA/sanctions/ofac/2023-12-29/expected-crypto-addresses.json" ofac.csv <<'PYTHON'
import csv, json, sys
want = {(t, a) for t, all in json.load(open(sys.argv[1]))["by_currency"].items() for a in all}
got = {(r["asset"], r["address"]) for r in csv.DictReader(open(sys.argv[2], newline=""))}
low = lambda pairs: {(t, a.lower()) for t, a in pairs}
assert len(want) == 575, len(want)
# the key of a wallet may be written otherwise than the list has it (capitals, CashAddr)
assert len(got) == 575, len(got)
assert len(low(want) - low(got)) <= 30, low(want) - low(got)
assert {t: sum(x == t for x, _ in want) for t, _ in want} == {t: sum(x == t for x, _ in got) for t, _ in got}
PYTHON
    round_trips --list ofac-sdn
}

check usage
check what_goes_out
check never_wider
check comes_in
check real_packs
check real_list
finish
