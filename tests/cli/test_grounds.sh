#!/bin/bash
# Acts that hold in law: a Korean agency asks an exchange in the United States to hold. The charter's matrix says by which grounds,
# an authority of the exchange's country takes the request on, and two persons of the exchange act.
. "$(dirname "$0")/../support.sh"

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
digits() { grep -oE "$1:[0-9a-f]+" "$TMP/out" | head -n 1 | cut -d: -f2; }

person() { # HOME NAME ROLES
    echo "{\"name\": \"$2\", \"key\": \"$(at "$1" member key new person "$2" --passphrase-file "$TMP/passphrase")\", \"roles\": [$3]}"
}
member() { # ID COUNTRY KIND GOVERNMENT PERSONS
    echo "{\"id\": \"$1\", \"name\": \"Member $1\", \"country\": \"$2\", \"kind\": \"$3\", \"government\": $4, \"state\": \"active\",
 \"keys\": [\"$(at "$1" member key new node)\"], \"persons\": [$5]}"
}
tell() { # FROM TO...
    local from=$1 to
    shift
    for to; do
        at "$from" log export --to "$to" --out "$from-$to.jsonl"
        at "$to" log import "$from-$to.jsonl" >/dev/null
    done
}

a_hold_with_its_grounds() {
    printf 'correct horse battery staple\n' >passphrase
    mkdir -p us kr ex
    cat >draft.json <<END
{"name": "Grounds", "quotas": {"live_cases": 2, "hold_hours": 240}, "groups": [{"id": "lead", "members": ["us", "ex"]}],
 "members": [$(member us US agency true "$(person us head '"supervisor", "secretary", "investigator"')"),
             $(member kr KR agency true "$(person kr inv '"investigator", "supervisor"')"),
             $(member ex US vasp false "$(person ex ann '"compliance-officer"'), $(person ex bob '"compliance-officer"')")],
 "two_persons": ["alert.order", "alert.release", "export.approve"],
 "bases": [{"act": "order", "requester": {"country": "*", "kind": "*"}, "holder": {"country": "US", "kind": "vasp"}, "bases": ["tos"],
            "hours_max": 24, "notice_hours": null, "from": "2020-01-01", "to": null},
           {"act": "order", "requester": {"country": "KR", "kind": "agency"}, "holder": {"country": "US", "kind": "vasp"},
            "bases": ["le-request"], "hours_max": 72, "notice_hours": 720, "from": "2020-01-01", "to": null}]}
END
    want 0 "$CORDON" charter create draft.json --out charter.json --home us
    GROUP=$(tail -n 1 out)
    want 0 as us head charter propose charter.json
    want 0 as us head charter sign "$GROUP"
    at us log export --out us.jsonl
    for home in kr ex; do at "$home" log import us.jsonl --group "$GROUP" >/dev/null; done
    want 0 as kr inv charter sign "$GROUP"
    cat >theft.json <<END
{"id": "T", "kind": "theft", "chain": "bitcoin", "origins": [{"output": "$(printf 'ab%.0s' $(seq 32)):0"}]}
END
    want 0 as kr inv case report theft.json
    CASE=$(digits case)
    tell kr us ex
    want 0 as us head case verify "$CASE"
    tell us kr ex
    want 0 as kr inv alert send "$CASE" --holder ex --chain bip122:000000000019d6689c085ae165831e93 \
        --output "$(printf 'cd%.0s' $(seq 32)):1" --asset BTC --amount 600 --received 1000
    ALERT=$(digits alert)
    tell kr us ex
    want 0 as ex ann alert acknowledge "$ALERT"
    ORDER="hold order $ALERT --kind withdrawal-limit --reason theft --basis"
    # an authority has the case observed, and tells the exchange alone: no machine holds, and a person only knowingly
    want 2 as us head case handling "$CASE" observe
    want 3 as ex ann case handling "$CASE" observe --to lead
    says err 'not the role for it'
    want 0 as us head case handling "$CASE" observe --to lead
    tell us kr ex
    ! grep -q -e handling -e '"lead"' <(sed 1,2d us-kr.jsonl | grep -v charter.propose)
    want 0 at kr case show "$CASE" --format json
    says out '"handling": null'
    want 0 at ex case show "$CASE"
    says out 'handling: observe, says us to lead'
    want 3 at ex hold soft "$ALERT"
    says err 'its case is handled as observe, says us to lead'
    want 3 as ex ann $ORDER tos --for 24h
    says err 'handled as observe, says us to lead: --despite-handling'
    want 0 as us head case handling "$CASE" hold --to lead
    tell us ex
    # no row, and which; a law's request that nobody here has taken on; too long
    want 3 as ex ann $ORDER court-order --for 24h
    says err 'no authority of US has taken the request of KR on (relay): court-order does not serve'
    want 3 as ex ann $ORDER le-request --for 24h
    says err 'no authority of US' 'le-request does not serve'
    want 3 as ex ann $ORDER tos --for 25h
    says err 'no row of the basis matrix: act order, requester KR agency, holder US vasp, basis tos, 25 hours'
    [ "$(wc -l <err)" = 1 ]
    want 0 as us head alert relay "$ALERT" --note 'taken on'
    tell ex us kr
    tell us ex kr
    # the first of two waits, twice the same person is refused, the second holds
    want 0 as ex ann $ORDER le-request --for 72h
    says out 'waits for a second person of ex'
    want 3 as ex ann $ORDER le-request --for 72h
    says err 'the same person has said it already'
    want 0 at ex alert show "$ALERT"
    says out 'a second person of the member says the same'
    want 0 as ex bob $ORDER le-request --for 71h
    want 0 at ex hold list
    says out "${ALERT:0:12}" 'ordered' 'holds 600'
    tell ex us kr
    for home in us kr ex; do
        want 0 at "$home" hold list --format json
        says out '"state": "ordered"' '"amount": "600"'
        want 0 at "$home" log verify
    done
    # the row has the owner told within 720 hours; it is put off by a ground of the list, and given
    due() { CORDON_HOME=ex "$CORDON" due "$@"; }
    day() { date -u -d "+$1 hours" +%F; }
    want 0 at ex alert show "$ALERT" --format json
    [ "$(jq -r '.notice | .due[:10], .deferred_until, .deferral_basis, .given' out | tr '\n' ' ')" = "$(day 720) null null null " ]
    want 0 due
    says out "notice  $(day 720)  due  alert:"
    want 0 due --by "$(day 24)"
    says out 'nothing is due'
    want 2 as ex ann hold defer "$ALERT" --reason whim --for 40d
    says err 'one of investigation, court-order, authority-request, safety is wanted'
    want 0 as ex ann hold defer "$ALERT" --reason investigation --for 40d
    want 0 at ex alert show "$ALERT"
    says out "notice to the account's owner is due $(day 720)" "deferred until $(day 960)" 'investigation'
    want 0 due --format json
    [ "$(jq -r '.owed[] | .what, .due[:10], .overdue' out | tr '\n' ' ')" = "notice $(day 960) false " ]
    for text in 'an STR was filed' '의심거래보고' 'suspicious activity'; do
        want 3 as ex ann hold notice "$ALERT" --note "$text"
        says err 'whether there is a suspicious-transaction report is not written here'
    done
    want 0 as ex ann hold notice "$ALERT" --note 'by letter'
    want 0 due
    says out 'nothing is due'
    # a complaint has a day, an answer with reasons, and ends in release or not
    complaint() { echo "{\"alert\": \"$ALERT_NAME\", \"received\": \"$(day 0)\", \"answer_due\": \"$(day 240)\", \"grounds\": \"$1\"${2-}}" >complaint.json; }
    ALERT_NAME=alert:$(at ex alert show "$ALERT" --format json | jq -r .object | cut -d: -f2)
    complaint 'the SAR is wrong'
    want 3 as ex ann register state complaint complaint.json
    says err 'grounds: whether there is a suspicious-transaction report is not written here'
    complaint 'I am the victim'
    want 0 as ex ann register state complaint complaint.json
    COMPLAINT=$(digits complaint)
    want 0 due
    says out "complaint  $(day 240)  due  complaint:"
    complaint 'I am the victim' ", \"answered\": \"$(day 0)\", \"outcome\": \"released\""
    want 3 as ex ann register revise complaint "$COMPLAINT" complaint.json
    says err 'reasons: wanted with answered'
    complaint 'I am the victim' ", \"answered\": \"$(day 0)\", \"outcome\": \"released\", \"reasons\": \"it is so\""
    want 3 as ex ann register revise complaint "$COMPLAINT" complaint.json
    says err 'still holds'
    # released by two, too
    want 0 as ex ann hold release "$ALERT"
    says out 'waits for a second person of ex'
    want 0 as ex bob hold release "$ALERT"
    want 0 at ex alert show "$ALERT"
    says out 'released'
    want 0 as ex ann register revise complaint "$COMPLAINT" complaint.json
    want 0 due
    says out 'nothing is due'
    # what leaves the home takes two persons, too: they approve what is asked for, and nothing else
    want 3 at ex pack 2026Q4 --format json
    says err 'two persons of ex have to approve it first: cordon log approve export:'
    EXPORT=$(grep -oE 'export:[0-9a-f]+' err)
    want 0 as ex ann log approve "$EXPORT"
    says out 'waits for a second person of ex'
    want 3 at ex pack 2026Q4 --format json
    want 3 as ex ann log approve "$EXPORT"
    says err 'the same person has said it already'
    want 0 as ex bob log approve "$EXPORT"
    want 0 at ex pack 2026Q4 --format json --out pack.json
    want 3 at ex pack 2026Q4 --format csv
    want 3 env CORDON_HOME=ex "$CORDON" indicators export --format csv --tlp red --use screening --list ofac-sdn
    says err 'two persons of ex have to approve it first'
    want 3 env CORDON_HOME=ex "$CORDON" evidence page theft.json
    says err 'two persons of ex have to approve it first'
    want 0 at ex log verify
}

check a_hold_with_its_grounds
finish
