#!/bin/bash
# Registers: tables of the world's thefts and claims taken into a group's log, told again, revised, withdrawn; what two members
# take in is there once.
. "$(dirname "$0")/../support.sh"

valid() { python3 -c 'import jsonschema' 2>/dev/null || return 0; "$SOURCE/tools/check-json" "$1" "$TMP/$2"; }
at() {
    local home=$1
    shift
    "$CORDON" "$@" --home "$home"
}
as() {
    local home=$1 person=$2
    shift 2
    "$CORDON" "$@" --home "$home" --as "$person" --passphrase-file "$TMP/passphrase"
}

member() { # ID COUNTRY
    cat <<END
{"id": "$1", "name": "Member $1", "country": "$2", "kind": "agency", "government": true, "state": "active",
 "keys": ["$(at "$1" member key new node)"],
 "persons": [{"name": "inv", "key": "$(at "$1" member key new person inv --passphrase-file "$TMP/passphrase")",
              "roles": ["investigator"]},
             {"name": "head", "key": "$(at "$1" member key new person head --passphrase-file "$TMP/passphrase")",
              "roles": ["supervisor", "secretary"]}]}
END
}

# Two governments, of one charter.
group_make() {
    printf 'correct horse battery staple\n' >"$TMP/passphrase"
    mkdir -p us kr
    cat >draft.json <<END
{"name": "Two", "quotas": {"live_cases": 2}, "members": [$(member us US), $(member kr KR)], "groups": []}
END
    want 0 "$CORDON" charter create draft.json --out charter.json --home us
    GROUP=$(tail -n 1 out)
    want 0 as us head charter propose charter.json
    want 0 as us head charter sign "$GROUP"
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl --group "$GROUP"
    want 0 as kr head charter sign "$GROUP"
    want 0 at kr log export --out kr.jsonl
    want 0 at us log import kr.jsonl
}

fresh() {
    cd "$TMP"
    [ -d made ] || (mkdir made && cd made && ln -s ../out ../err . && group_make)
    cd "$(mktemp -d "$TMP/homes-XXXXXX")"
    cp -a "$TMP/made/." .
}

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
        'DPRK (standing position)'
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
    says out 'cleared by all'
    want 0 at kr register show text "$TEXT" --format json
    valid register-record out
    want 0 at kr pack 2026Q4 --for public --cleared "$TEXT" --lang ja --out public.html
    ! grep -q '公開不可' public.html
    says public.html "$HASH"
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
    says a.html 'Draft for clearance' 'Wallets &lt;of&gt; a theft' '0x098b716b8aaf21512996dc57eb0615e2383e2f96' 'TLP:CLEAR' \
        "$(sha256sum a.stix.json | cut -d' ' -f1)"
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
    cmp a.stix.json b.stix.json
    [ "$(grep -c 'Draft' b.html)" -eq 0 ]
    want 1 at kr advisory "$OPEN" --title 'Another' --cleared "$TEXT"
}

check tables_of_the_world
check a_record_lives
check a_pack_is_cleared
check an_advisory_is_cleared
check wrong_input
finish
