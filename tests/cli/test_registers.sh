#!/bin/bash
# Registers: tables of the world's thefts and claims taken into a group's log, told again, revised, withdrawn; what two members
# take in is there once.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/two_governments.sh"

tables_of_the_world() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}
    [ -f "$data/thefts/claims.csv" ] || skip "no thefts in $data"
    fresh
    want 0 as us inv claims import "$data/thefts/claims.csv"
    says out '95 of kind claim stated, 0 known already'
    want 0 as us inv claims import "$data/thefts/claims.csv" --format json
    says out '"stated": 0' '"known": 95'
    valid register-import out
    want 0 as kr inv cases import "$data/thefts/thefts.csv"
    says out '76 of kind incident stated'
    want 0 at us claims list --format json
    valid register out
    python3 - out <<'END'
import json, sys
records = json.load(open(sys.argv[1]))["records"]
assert len(records) == 95, len(records)
nis = [r["fields"] for r in records if r["fields"]["claimant"] == "National Intelligence Service (KR)"
       and r["fields"]["period"] == "2022" and r["fields"]["published"] == "2023-07-19"]
assert nis[0]["amount_usd_low"] == "700000000" and nis[0]["stance"] == "asserting", nis
END
    # the year 2022: the agency's two figures, the firm's two, the misprint by itself, and the denials
    want 0 at us claims year 2022
    says out 'Of this year' 'asserting 700000000 USD' 'asserting 626000000 USD' 'revised by' 'misprinting 700 USD' \
        'asserting 630000000 to 1000000000 USD' 'Of a time that meets it' '2018-2022: asserting 1200000000 USD' 'Denied' \
        'DPRK (standing position)' 'UN (as reported)  total, 2022: asserting a comparison, no number'
    # a sum that a researcher made of the panel's incidents is no later word of the panel
    [ "$(grep -A1 -F '  UN Panel of Experts  total, 2022' out | grep -c 'revised by')" = 0 ]
    want 0 at us claims year 2022 --format json
    valid claims-year out
    # what is told as a table is the same when it is taken in by somebody else
    want 0 at us claims list --format csv
    cp out claims.csv
    want 0 as kr inv claims import claims.csv --format json
    want 0 at kr claims list --format csv
    cmp out claims.csv
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl
    want 0 at kr claims list --format csv
    cmp out claims.csv
}

# The same table with markings marks what was taken in without, and doubles nothing; who did not say it may not.
a_table_is_marked() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}
    [ -f "$data/thefts/thefts.csv" ] || skip "no thefts in $data"
    fresh
    want 0 as us inv cases import "$data/thefts/thefts.csv"
    want 0 at us pack 2025Q1 --figure thefts-usd
    says out 'thefts-usd: 1756085704 (sum)' # 85085704 + 1500000000 + 171000000, by the table
    want 0 at us pack 2025Q1 --for public --figure thefts
    says out 'thefts: 0 (count)'
    sed '1s/$/,tlp/; 2,$s/$/,clear/' "$data/thefts/thefts.csv" >marked.csv
    want 0 as us inv cases import marked.csv
    [ "$(cat out)" = '0 of kind incident stated, 0 known already, 76 marked anew' ]
    want 0 as us inv cases import marked.csv --format json
    jq -e '.stated == 0 and .known == 76 and .marked_anew == 0' out >jq.log
    valid register-import out
    want 0 as us inv cases import "$data/thefts/thefts.csv" # says nothing of markings, and changes none
    says out '76 known already'
    want 0 at us pack 2025Q1 --for public --figure thefts-usd
    says out 'thefts-usd: 1756085704 (sum)'
    [ "$(wc -l <out)" = 4 ]
    # a marking for the rows that have none
    want 0 as us inv claims import "$data/thefts/claims.csv" --tlp green
    says out '95 of kind claim stated'
    want 0 at us claims list --format json
    jq -e '[.records[].fields.tlp] | unique == ["green"]' out >jq.log
    want 2 as us inv claims import "$data/thefts/claims.csv" --tlp pink
    # of one table two markings of the same words: whole or not at all
    want 0 at us log show
    cp out before
    { cat marked.csv && sed -n '2s/clear$/green/p' marked.csv; } >both.csv
    want 3 as us inv cases import both.csv
    says err 'cordon: "both.csv": row 77: as a row before it, and marked otherwise'
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl
    sed '2,$s/clear$/red/' marked.csv >other.csv
    want 3 as kr inv cases import other.csv
    says err 'row 1: "incident:' 'is marked otherwise by us, which alone may'
    want 0 at us log show
    cmp out before
}

a_record_lives() {
    fresh
    cat >meeting.json <<'END'
{"series": "trilateral", "ordinal": "4", "date": "2025-08-27", "host": "jp", "place": "Tokyo", "agenda": ["workers", "laundering"]}
END
    want 3 as us inv register state meeting meeting.json
    says err 'not the role'
    want 0 as us head register state meeting meeting.json
    want 0 at us register list meeting
    says out '2025-08-27' 'trilateral'
    want 0 at us register list meeting --format json
    MEETING=$(grep -oE 'meeting:[0-9a-f]+' out)
    echo "{\"text\": \"Send the list\", \"owner\": \"kr\", \"due\": \"2025-10-01\", \"meeting\": \"$MEETING\"}" >action.json
    want 0 as us head register state action action.json
    ACTION=$(grep -oE 'action:[0-9a-f]+' out | cut -d: -f2)
    sed -i 's/2025-10-01/2025-11-01/' action.json
    want 3 as kr head register revise action "$ACTION" action.json
    want 0 as us head register revise action "${ACTION:0:8}" action.json
    want 0 at us register show action "$ACTION"
    says out '2025-11-01' 'action.revise us/head -> stated'
    want 0 at us register show action "$ACTION" --format json
    valid register-record out
    want 0 as us head register done action "$ACTION"
    want 0 at us register list action
    says out '(done)'
    want 0 as us head register withdraw meeting "${MEETING#*:}"
    want 0 at us register list meeting
    [ ! -s out ]
    want 3 as us head register revise meeting "${MEETING#*:}" meeting.json
}

wrong_input() {
    fresh
    want 0 at us log show
    cp out before
    printf 'subject,source,published,period,kind\ntotal,X,2022,2022,claim\ntotal,Y,soon,2022,claim\n' >bad.csv
    want 3 as us inv claims import bad.csv
    says err 'cordon: "bad.csv": line 3: published: "soon": a day, as 2025, 2025-02 or 2025-02-21, is wanted'
    [ "$(wc -l <err)" = 1 ]
    want 0 at us log show
    cmp out before
    printf '\377\376s\0u\0b\0j\0e\0c\0t\0,\0' >utf16.csv
    want 3 as us inv claims import utf16.csv
    says err 'cordon: "utf16.csv": line 1: no UTF-8, or a NUL (a table saved as UTF-16?)'
    # a day that is years ahead is a slip of the hand; of what is due it may be
    year=$(($(date -u +%Y) + 2))
    printf 'date,victim,source,attributed_on\n2026-01-02,A,s,\n%s-07-01,B,s,\n' "$year" >ahead.csv
    want 3 as us inv cases import ahead.csv
    says err "cordon: \"ahead.csv\": row 2: date: \"$year-07-01\": more than a year ahead"
    printf 'date,victim,source,attributed_on\n2026-01-02,A,s,2026-01-03;%s\n' "$year" >ahead.csv
    want 3 as us inv cases import ahead.csv
    says err "row 1: attributed_on: \"$year\": more than a year ahead"
    echo "{\"firm\": \"F\", \"about\": \"x\", \"date\": \"$year-01-01\"}" >ahead.json
    want 3 as us inv register state outreach ahead.json
    says err "cordon: \"ahead.json\": date: \"$year-01-01\": more than a year ahead"
    [ "$(wc -l <err)" = 1 ]
    want 0 at us log show
    cmp out before
    echo "{\"text\": \"A\", \"owner\": \"kr\", \"due\": \"$year-01-01\"}" >due.json
    want 0 as us head register state action due.json
    want 2 as us inv register import rumours bad.csv
    says err '"rumours" is no register: incident, claim, meeting, action, commitment, obligation, outreach'
    want 2 at us register list
    want 2 at us claims year soon
    want 2 at us claims forget
    want 3 at us register show claim 1234
    want 4 as us inv claims import no-such-file.csv
}

a_pack_is_cleared() {
    fresh
    cat >incident.json <<'END'
{"date": "2026-10-05", "victim": "A shop", "amount_usd": "5", "source": "its own notice", "tlp": "clear"}
END
    want 0 as us inv register state incident incident.json
    want 0 at us pack 2026Q4 --format json
    valid pack out
    want 0 at us pack 2026Q4 --for public --format json
    valid pack out
    HASH=$(grep -oE '"content_sha256": "[0-9a-f]+' out | cut -d'"' -f4)
    [ "$(grep -vE '^  "(content_sha256|draft)": ' out | sha256sum | cut -d' ' -f1)" = "$HASH" ]
    says out '"draft": true'
    want 0 at us pack 2026Q4 --for public --format csv
    says out 'pack,,,draft,yes'
    want 0 at us pack 2026Q4 --for public --lang ja --out draft.html
    says draft.html "$HASH" '公開不可' 'A shop' 'TLP:CLEAR'
    echo "{\"title\": \"Public pack\", \"sha256\": \"$HASH\", \"silence_until\": \"9999-01-01\"}" >text.json
    want 0 as us head register state text text.json
    TEXT=$(grep -oE 'text:[0-9a-f]+' out | cut -d: -f2)
    want 1 at us pack 2026Q4 --for public --cleared "$TEXT" --out public.html
    says err 'kr waits'
    [ ! -e public.html ]
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl
    want 0 as kr head register object text "$TEXT"
    want 0 as us head register clear text "$TEXT"
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl
    want 1 at kr pack 2026Q4 --for public --cleared "$TEXT"
    says err 'kr objected'
    want 0 as kr head register clear text "$TEXT"
    want 0 at kr register show text "$TEXT"
    says out 'cleared by all; nobody is silent before more than half of the others have countersigned it'
    want 0 at us log checkpoint
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl
    want 0 at kr log cosign
    want 0 at kr register show text "$TEXT"
    says out 'cleared by all; nobody is silent, ever' # the year 9999 is not reckoned with
    want 0 at kr register show text "$TEXT" --format json
    valid register-record out
    want 0 at kr pack 2026Q4 --for public --cleared "$TEXT" --lang ja --out public.html
    ! grep -q '公開不可' public.html || false
    says public.html "$HASH"
    want 0 at kr pack 2026Q4 --for public --cleared "$TEXT" --format json
    says out '"draft": false' "$HASH"
    want 0 at kr pack 2026Q4 --for public --cleared "$TEXT" --format csv
    [ "$(grep -c draft out)" = 0 ]
    # something public was said since: another pack
    sed -i 's/A shop/A bank/' incident.json
    want 0 as kr inv register state incident incident.json
    want 1 at kr pack 2026Q4 --for public --cleared "$TEXT"
    says err 'of another pack'
    want 2 at kr pack 2026
    want 2 at kr pack 2026Q4 --lang fr
}

# Facts that are CLEAR, their wallets as a bundle that others' schemas take, and a page that is a draft until both have cleared it.
an_advisory_is_cleared() {
    fresh
    cat >open.json <<'END'
{"date": "2026-10-09", "victim": "A bridge", "chains": ["ethereum", "bitcoin"], "source": "alert 12", "tlp": "clear",
 "addresses": ["0x098b716b8aaf21512996dc57eb0615e2383e2f96", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]}
END
    echo '{"date": "2026-10-09", "title": "Not yet", "source": "s", "tlp": "green"}' >green.json
    echo '{"date": "2026-10-09", "title": "Bad", "source": "s", "tlp": "clear", "addresses": ["no address"]}' >bad.json
    want 0 as us inv register state incident open.json
    OPEN=$(grep -oE 'incident:[0-9a-f]+' out)
    want 0 as us inv register state incident green.json
    GREEN=$(grep -oE 'incident:[0-9a-f]+' out)
    want 0 as us inv register state incident bad.json
    BAD=$(grep -oE 'incident:[0-9a-f]+' out)
    want 2 at us advisory "$OPEN" "$GREEN" --title 'Wallets' --out a.html
    says err 'TLP:green; an advisory has what is marked CLEAR alone'
    [ ! -e a.html ]
    want 3 at us advisory "$BAD" --title 'Wallets'
    says err '"no address" is an address of no chain'
    want 2 at us advisory "$OPEN"
    says err '--title is missing'
    want 3 at us advisory 0000 --title 'Wallets'
    want 0 at us advisory "${OPEN:9:8}" --title 'Wallets <of> a theft' --out a.html --stix a.stix.json
    says a.html 'Draft for clearance' 'Wallets &lt;of&gt; a theft' '0x098b716b8aaf21512996dc57eb0615e2383e2f96' 'TLP:CLEAR'
    # whatever is marked CLEAR is marked as a draft, too
    DRAFT=$(jq -r '.objects[] | select(.definition.statement == "Draft for clearance. Not for publication.") | .id' a.stix.json)
    [ "$(jq --arg d "$DRAFT" '[.objects[] | select(.object_marking_refs) | .object_marking_refs | index($d) != null] | length == 4 and all' a.stix.json)" = true ]
    jq -r '.objects[] | select(.type == "cryptocurrency-wallet") | .value' a.stix.json | sort >got
    printf '%s\n' 0x098b716b8aaf21512996dc57eb0615e2383e2f96 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa >wanted
    cmp wanted got
    if python3 -c 'import jsonschema' 2>/dev/null; then
        python3 -B "$SOURCE/tests/peers/test_stix.py" a.stix.json
    fi
    CORDON_HOME=$PWD/other want 0 "$CORDON" indicators import a.stix.json --pack others
    says out '2 tags' 'TLP:clear'
    want 0 at us advisory "$OPEN" --title 'Wallets <of> a theft' --format json
    valid advisory out
    cp out a.json
    HASH=$(grep -oE '"content_sha256": "[0-9a-f]+' a.json | cut -d'"' -f4)
    for l in ko ja; do
        want 0 at us advisory "$OPEN" --title 'Wallets <of> a theft' --lang $l --out a.html
        says a.html "$HASH"
    done
    echo "{\"title\": \"Advisory\", \"sha256\": \"$HASH\", \"silence_until\": \"9999-01-01\"}" >text.json
    want 0 as us head register state text text.json
    TEXT=$(grep -oE 'text:[0-9a-f]+' out | cut -d: -f2)
    want 0 as us head register clear text "$TEXT"
    want 1 at us advisory "$OPEN" --title 'Wallets <of> a theft' --cleared "$TEXT" --out b.html --stix b.stix.json
    says err 'kr waits'
    [ ! -e b.html ] && [ ! -e b.stix.json ]
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl
    want 0 as kr head register clear text "$TEXT"
    want 0 at kr advisory "$OPEN" --title 'Wallets <of> a theft' --cleared "$TEXT" --out b.html --stix b.stix.json
    says b.html "$(sha256sum b.stix.json | cut -d' ' -f1)"
    says a.html "$(sha256sum b.stix.json | cut -d' ' -f1)"
    [ "$(cat b.html b.stix.json | grep -c 'Draft')" -eq 0 ]
    jq -S '[.objects[] | select(.type == "indicator")] | map(del(.id, .object_marking_refs))' a.stix.json >drafts
    jq -S '[.objects[] | select(.type == "indicator")] | map(del(.id, .object_marking_refs))' b.stix.json >cleared
    cmp drafts cleared
    [ "$(cat a.stix.json b.stix.json | jq -r '.objects[] | select(.type == "indicator") | .id' | sort | uniq -d | wc -l)" -eq 0 ]
    if python3 -c 'import jsonschema' 2>/dev/null; then
        python3 -B "$SOURCE/tests/peers/test_stix.py" b.stix.json
    fi
    want 1 at kr advisory "$OPEN" --title 'Another' --cleared "$TEXT"
}

check tables_of_the_world
check a_table_is_marked
check a_record_lives
check a_pack_is_cleared
check an_advisory_is_cleared
check wrong_input
finish
