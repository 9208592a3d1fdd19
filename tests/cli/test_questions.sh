#!/bin/bash
# Past questions asked again when a list comes in a new version, with OFAC's lists of three days: what truly came on them
# and went off them is what must be told, and nothing else.
. "$(dirname "$0")/../support.sh"

DATA=${CORDON_DATA:-$SOURCE/../shared/data}
OFAC=$DATA/sanctions/ofac

ofac() { # DAY OPTION...: that day's list, with the remarks' rest that is right for all three
    local day=$1
    shift
    [ -d "$OFAC" ] || skip "no data of OFAC"
    mkdir -p "$TMP/$day"
    cp "$OFAC/$day/sdn.csv.zst" "$OFAC/2023-12-29/sdn_comments.csv" "$TMP/$day"
    want 0 "$CORDON" lists import --list ofac-sdn "$@" "$TMP/$day/sdn.csv.zst"
}

addresses() { # DAY: those of the list, as a second reader has them (README of the data)
    jq -r '.by_currency[][] | if startswith("0x") then ascii_downcase else . end' \
        "$OFAC/$1/expected-crypto-addresses.json" | LC_ALL=C sort -u
}

subjects() { # of changes, a line of JSON each: as addresses() writes them
    jq -r '.asked | .address // .name | if startswith("0x") then ascii_downcase else . end' "$1" | LC_ALL=C sort
}

# Every address that was ever listed by then, asked on the first day; then the days pass.
addresses_that_are_listed_later_are_told() {
    export CORDON_HOME=$TMP/home-addresses
    ofac 2023-12-29
    (echo address; addresses 2024-03-28) >all.csv
    want 1 "$CORDON" screen --batch all.csv
    ofac 2024-02-24 --format json
    addresses 2023-12-29 >one
    addresses 2024-02-24 >two
    addresses 2024-03-28 >three
    LC_ALL=C comm -13 one two >came
    [ "$(wc -l <came)" = 10 ]
    [ "$(jq -c '[.again.asked, .again.changed, .again.new_potential_matches, .again.failed, .again.changes_after]' out)" = \
        "[$(wc -l <three),10,10,0,0]" ]
    valid lists-import out
    want 0 "$CORDON" questions changes --format jsonl
    subjects out | diff came -
    jq -se 'all(.[]; .to.decision == "BLOCK" and .from.decision == "UNKNOWN" and .by == "asked again" and .removed == [] and
        (.added | length == 1 and .[0].list == "ofac-sdn" and .[0].exact))' out >/dev/null
    entry_holds 0xf3701f445b6bdafedbca97d1e477357839e4120d out
    entry_holds 18gaXypKj9M23S2zT9qZfL9iPbLFM372Q5 out
    last=$(jq .change out | tail -n 1)
    ofac 2024-03-28
    says out "583 asked again, 11 changed, 11 with a new potential match (cordon questions changes --after $last)"
    LC_ALL=C comm -13 two three >came
    want 0 "$CORDON" questions changes --after "$last" --format jsonl
    subjects out | diff came -
    # what is found again can be disposed of like anything that was found
    want 0 "$CORDON" match --format json
    jq -r '.matches[].subject | sub(".* "; "")' out | LC_ALL=C sort -u >matched
    [ -z "$(LC_ALL=C comm -23 came matched)" ]
}

# The entry that the change names has that address in the list.
entry_holds() {
    local entry
    entry=$(jq -r "select(.asked.address == \"$1\") | .added[0].entry" "$2")
    "$CORDON" lists show ofac-sdn "$entry" | grep -qiF "$1"
}

# OFAC ended its Zimbabwe programme in March 2024, and listed others.
names_that_come_and_go_are_told() {
    export CORDON_HOME=$TMP/home-names
    ofac 2024-02-24
    want 1 "$CORDON" screen --name "MUGABE, Grace" "GONO, Gideon" "JONGWE PRINTING AND PUBLISHING COMPANY"
    want 0 "$CORDON" screen --name "GAMBASHIDZE, Ilya Andreevich" "Ingeborg Abrahamsen"
    want 1 "$CORDON" screen --name --direction outbound "Kim Jong Un"
    ofac 2024-03-28
    says out "6 asked again, 4 changed, 1 with a new potential match"
    want 0 "$CORDON" questions changes --format jsonl
    cp out changes
    [ "$(jq -c '[.asked.name, .from.decision, .to.decision, [.added[] | [.list, .entry]], [.removed[] | [.list, .entry]]]' changes)" = \
        '["MUGABE, Grace","REVIEW","CREDIT",[],[["ofac-sdn","7524"]]]
["GONO, Gideon","REVIEW","CREDIT",[],[["ofac-sdn","9504"]]]
["JONGWE PRINTING AND PUBLISHING COMPANY","REVIEW","CREDIT",[],[["ofac-sdn","10610"]]]
["GAMBASHIDZE, Ilya Andreevich","CREDIT","REVIEW",[["ofac-sdn","45213"]],[]]' ]
    want 0 "$CORDON" questions changes
    says out "CREDIT -> REVIEW  GAMBASHIDZE, Ilya Andreevich" "  + listed alike: ofac-sdn 45213 (sanctions)" \
        "REVIEW -> CREDIT  GONO, Gideon" "  - listed alike: ofac-sdn 9504 (sanctions)"
}

# ---- a small list ----

LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96
OTHER=0x1111111111111111111111111111111111111111

small() { # DAY ADDRESS OPTION...
    local day=$1 address=$2
    shift 2
    mkdir -p "small-$day"
    {
        printf '1,"KIM, Chol Su","individual","DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 08 Jan 1960."\r\n'
        printf '3,"SOME GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Digital Currency Address - ETH %s."\r\n' "$address"
        printf '\x1a\r\n'
    } >"small-$day/sdn.csv"
    want 0 "$CORDON" lists import --as-of "$day" "$@" "small-$day/sdn.csv"
}

a_question_is_one_however_it_is_asked() {
    export CORDON_HOME=$TMP/home-one
    small 2024-01-02 "$LISTED"
    want 1 "$CORDON" screen "$LISTED"
    printf '{"ref":"w-7","address":"%s"}\n{"address":"%s","direction":"outbound"}\n' "${LISTED,,}" "$LISTED" >two.jsonl
    want 1 "$CORDON" screen --batch two.jsonl
    want 1 "$CORDON" screen --dry "Kim Chol Su"
    want 1 "$CORDON" screen --as-of 2024-01-03 "Kim Chol Su"
    want 0 "$CORDON" questions --format json
    valid questions out
    [ "$(jq -c '[.questions[] | [.asked.direction, .times, .ref, .decision]]' out)" = \
        '[["inbound",2,"w-7","BLOCK"],["outbound",1,null,"BLOCK"]]' ]
    want 0 "$CORDON" questions --subject "$LISTED" --format jsonl
    [ "$(wc -l <out)" = 2 ]
    want 0 "$CORDON" questions --subject "Kim Chol Su"
    says out "no such question"
    # a tag asks them again, and so does its end
    printf 'title: Pack\nsource: https://example.org/\nlastmod: 2024-05-01\ntags:\n- address: "%s"\n  label: A thief\n  abuse: theft\n' \
        "$LISTED" >pack.yaml
    want 0 "$CORDON" tags import pack.yaml
    says out "past questions: 2 asked again, 2 changed, 0 with a new potential match"
    want 0 "$CORDON" tags import pack.yaml
    ! grep -q "past questions" out || false
    want 0 "$CORDON" tags withdraw --no-again pack
    ! grep -q "past questions" out || false
    want 0 "$CORDON" tags import --no-again --format json pack.yaml
    valid tags-import out
    [ "$(jq .again out)" = null ]
    want 0 "$CORDON" tags withdraw pack
    says out "past questions: 2 asked again, 2 changed"
    want 2 "$CORDON" questions --after 3
    want 2 "$CORDON" questions --since yesterday
}

asked_again() {
    export CORDON_HOME=$TMP/home-asked
    small 2024-01-02 "$LISTED"
    want 1 "$CORDON" screen "$LISTED" "$OTHER" "Kim Chol Su"
    small 2024-02-02 "$OTHER" --no-again
    [ "$(grep -c "past questions" out)" = 0 ]
    want 1 "$CORDON" screen --again --format json
    valid screen-again out
    [ "$(jq -c '[.asked, .changed, .new_potential_matches, (.answers | length)]' out)" = '[3,2,1,3]' ]
    want 0 "$CORDON" screen --again --changed
    [ "$(cat out)" = "3 asked again, 0 changed, 0 with a new potential match" ]
    want 0 "$CORDON" questions changes --format json
    valid screen-changes out
    # by asking oneself, a change is seen too; rules change answers as lists do
    printf '%s\n' 'rules:' '  - id: mine' '    mode: active' '    when: {match: exact}' '    then: {inbound: REVIEW, outbound: HOLD}' \
        'outage: {inbound: REVIEW, outbound: HOLD}' 'old_data: {after: 1h, inbound: REVIEW, outbound: HOLD}' \
        'no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}' 'otherwise: {inbound: CREDIT, outbound: ALLOW}' >"$CORDON_HOME/rules.yaml"
    want 1 "$CORDON" screen "$OTHER"
    want 0 "$CORDON" questions changes --after 2 --format jsonl
    [ "$(jq -c '[.by, .from.decision, .to.decision, .to.rule, .added, .removed]' out)" = '["asked","BLOCK","REVIEW","mine",[],[]]' ]
    want 2 "$CORDON" screen --again "$LISTED"
    want 2 "$CORDON" screen --again --rules x
    want 2 "$CORDON" screen --changed "$LISTED"
}

forgotten() {
    export CORDON_HOME=$TMP/home-forgotten
    want 3 "$CORDON" questions
    says err "nothing has been screened yet"
    small 2024-01-02 "$LISTED"
    want 1 "$CORDON" screen "$LISTED" "$OTHER"
    small 2024-02-02 "$OTHER"
    want 2 "$CORDON" questions forget
    want 0 "$CORDON" questions forget --before 2024-02-02 --format json
    valid questions-forget out
    [ "$(jq .forgotten out)" = 0 ]
    want 0 "$CORDON" questions forget --before "$(date -u -d tomorrow +%F)"
    says out "2 forgotten"
    want 0 "$CORDON" questions
    says out "no such question"
    want 0 "$CORDON" questions changes
    says out "nothing changed"
}

some_changed() {
    [ "$("$CORDON" questions changes --format jsonl | wc -l)" -gt 0 ]
}

# From the same home again: a run that is killed when it has told a change, and has not told all. One that was through by then
# says nothing.
is_killed_in_the_middle() {
    local run
    rm -rf "$CORDON_HOME"
    cp -a before "$CORDON_HOME"
    "$CORDON" screen --again --changed --format jsonl >first &
    run=$!
    until_ok some_changed
    kill -9 $run 2>/dev/null
    wait $run 2>/dev/null
    "$CORDON" questions changes --format jsonl >then
    [ "$(grep -c "GONO" then)" = 1 ] && [ "$(grep -c "MUGABE, Grace" then)" = 0 ]
}

# Killed between the first change and the last: the next run goes on, tells all, and writes none twice.
killed_in_the_middle() {
    export CORDON_HOME=$TMP/home-killed
    [ -d "$DATA/sanctions/names" ] || skip "no data of names"
    ofac 2024-02-24
    {
        printf 'name\n"GONO, Gideon"\n'
        zstd -dc "$DATA/sanctions/names/negatives_us.csv.zst" | sed -n '2,2500s/,.*//p'
        printf '"MUGABE, Grace"\n"GAMBASHIDZE, Ilya Andreevich"\n'
    } >names.csv
    code=0
    "$CORDON" screen --batch names.csv >out || code=$?
    [ "$code" = 1 ]
    ofac 2024-03-28 --no-again
    cp -a "$CORDON_HOME" before
    until_ok is_killed_in_the_middle
    want 1 "$CORDON" screen --again --changed --format jsonl
    jq -r '.asked.name' out | LC_ALL=C sort >told
    "$CORDON" questions changes --format jsonl | jq -r '.asked.name' | LC_ALL=C sort >kept
    diff told kept
    [ "$(grep -cE "GONO|MUGABE, Grace|GAMBASHIDZE" kept)" = 3 ]
    [ -z "$(uniq -d kept)" ]
    want 0 "$CORDON" screen --again --changed --format jsonl
    [ ! -s out ]
}

check addresses_that_are_listed_later_are_told
check names_that_come_and_go_are_told
check a_question_is_one_however_it_is_asked
check asked_again
check forgotten
check killed_in_the_middle
finish
