#!/bin/bash
# The quarter over the world's registers: every query of every figure is run, and its answer is that figure, worked out again from
# the objects that it names and from the tables that were taken in; packs made twice, and by two members, are the same bytes.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/two_governments.sh"

# The world's thefts and claims, each row marked: by its own authority CLEAR, from a researcher's list alone GREEN, the rest not.
world() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}
    [ -f "$data/thefts/claims.csv" ] || skip "no thefts in $data"
    fresh
    python3 -B "$SOURCE/tests/cli/quarter.py" mark "$data/thefts" .
    want 0 as us inv cases import thefts.csv
    says out '76 of kind incident stated'
    want 0 as us inv claims import claims.csv
    says out '95 of kind claim stated'
}

each_query_gives_its_figure() {
    world
    for quarter in 2025Q1 2026Q2; do
        for reader in full partner public; do
            want 0 at us pack $quarter --for $reader --format json
            valid pack out
            cp out pack.json
            want 0 python3 -B "$SOURCE/tests/cli/quarter.py" figures pack.json thefts.csv "$CORDON" us
        done
    done
    want 0 at us pack 2025Q1 --for public --figure thefts-usd --format json
    valid pack-figure out
    want 0 at us pack 2025Q1 --for public --figure thefts-usd
    says out 'thefts-usd: 1500000000 (sum)' # Bybit: the others of that quarter are of the researcher's list
    want 0 at us pack 2025Q1 --for public --figure thefts-usd --format csv
    says out 'object,value,whole' ',1500000000,'
    want 0 at us pack 2025Q1 --figure losses-by-quarter.2025Q1.usd
    says out 'losses-by-quarter.2025Q1.usd: 1756085704 (sum)'
    want 2 at us pack 2025Q1 --figure no-such
    want 2 at us pack 2025Q1 --figure no-such.2025Q1.usd
    want 2 at us pack 2025Q1 --figure losses-by-quarter.2025Q1
    want 3 at us pack 2025Q1 --figure losses-by-quarter.1999Q1.usd
    want 2 at us pack 2025Q1 --figure thefts --format html
    want 3 at us pack 2025Q1 --for public --figure alerts-told
}

twice_and_by_two_the_same() {
    world
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl
    for form in html json csv; do
        for reader in full partner public; do
            for home in us us kr; do
                want 0 at $home pack 2025Q1 --for $reader --format $form --lang ko
                sha256sum <out >>sums
            done
        done
    done
    [ "$(sort -u sums | wc -l)" = 9 ]
    [ "$(wc -l <sums)" = 27 ]
}

# What was laid before a meeting is made again when more has been said since, and what was cleared stays cleared.
as_it_was() {
    world
    want 0 at us pack 2025Q1 --format json
    cp out before.json
    CUT=$(grep -oE -- '--until [0-9]+' before.json | head -n 1 | cut -d' ' -f2)
    want 0 at us pack 2025Q1 --for public --until "$CUT" --format json
    HASH=$(jq -r .content_sha256 out)
    echo "{\"title\": \"Public pack\", \"sha256\": \"$HASH\", \"silence_until\": \"2026-01-01\"}" >text.json
    want 0 as us head register state text text.json
    TEXT=$(grep -oE 'text:[0-9a-f]+' out | cut -d: -f2)
    want 0 as us head register clear text "$TEXT"
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl
    want 0 as kr head register clear text "$TEXT"
    echo '{"date": "2025-03-03", "victim": "A late one", "amount_usd": "5", "source": "s", "tlp": "clear"}' >late.json
    want 0 as kr inv register state incident late.json
    want 0 at kr log export --out kr.jsonl
    want 0 at us log import kr.jsonl

    want 0 at us pack 2025Q1 --format json
    jq -e '.sections[0].figures[] | select(.id == "thefts") | .value == "4"' out >jq.log
    want 0 at us pack 2025Q1 --until "$CUT" --format json
    cmp out before.json
    want 0 python3 -B "$SOURCE/tests/cli/quarter.py" figures before.json thefts.csv "$CORDON" us
    want 1 at us pack 2025Q1 --for public --cleared "$TEXT"
    says err 'of another pack'
    want 0 at us pack 2025Q1 --for public --until "$CUT" --cleared "$TEXT" --out public.html
    says public.html "$HASH"
    [ "$(grep -c 'A late one\|Draft' public.html)" = 0 ]

    want 2 at us pack 2025Q1 --until soon
    says err '--until "soon": a day, a time or milliseconds'
    want 3 at us pack 2025Q1 --until 2020-01-01
    says err 'no charter is adopted yet'
    want 0 at us pack 2025Q1 --until 9999-01-01 --figure thefts
    says out 'thefts: 4 (count)'
}

check as_it_was
check each_query_gives_its_figure
check twice_and_by_two_the_same
finish
