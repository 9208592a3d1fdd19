#!/bin/bash
# Acts that hold in law: a Korean agency asks an exchange in the United States to hold. The charter's matrix says by which grounds,
# an authority of the exchange's country takes the request on, and two persons of the exchange act.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/homes.sh"

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
    day_lasts 300
    printf 'correct horse battery staple\n' >passphrase
    mkdir -p us kr ex
    cat >draft.json <<END
{"name": "Grounds", "quotas": {"live_cases": 2, "hold_hours": 240}, "groups": [{"id": "lead", "members": ["us", "ex"]}],
 "members": [$(member us US agency true "$(person us head '"supervisor", "secretary", "investigator"')"),
             $(member kr KR agency true "$(person kr inv '"investigator", "supervisor"')"),
             $(member ex US vasp false "$(person ex ann '"compliance-officer"'), $(person ex bob '"compliance-officer"')")],
 "two_persons": ["alert.order", "alert.release", "alert.disclose", "export.approve"],
 "bases": [{"act": "order", "requester": {"country": "*", "kind": "*"}, "holder": {"country": "US", "kind": "vasp"}, "bases": ["tos"],
            "hours_max": 24, "notice_hours": null, "from": "2020-01-01", "to": null},
           {"act": "order", "requester": {"country": "KR", "kind": "agency"}, "holder": {"country": "US", "kind": "vasp"},
            "bases": ["le-request"], "hours_max": 72, "notice_hours": 720, "defer_hours": 1200, "defer_by": ["investigation", "court-order"], "from": "2020-01-01", "to": null},
           {"act": "disclose", "requester": {"country": "KR", "kind": "agency"}, "holder": {"country": "US", "kind": "vasp"},
            "bases": ["le-request"], "hours_max": 1, "notice_hours": null, "from": "2020-01-01", "to": null},
           {"act": "legal", "requester": {"country": "KR", "kind": "agency"}, "holder": {"country": "US", "kind": "vasp"},
            "bases": ["court-order", "le-request"], "hours_max": 2400, "notice_hours": null, "from": "2020-01-01", "to": null}]}
END
    want 0 "$CORDON" charter create draft.json --out charter.json --home us
    says out 'one person may undo what takes two by: instrument.withdraw, key.revoke'
    GROUP=$(tail -n 1 out)
    want 0 as us head charter propose charter.json
    want 0 as us head charter sign "$GROUP"
    at us log export --out us.jsonl
    for home in kr ex; do at "$home" log import us.jsonl --group "$GROUP" >/dev/null; done
    want 0 as kr inv charter sign "$GROUP"
    # what acts are bound by, to be read before one acts
    want 0 at kr charter show
    says out 'acts for two persons: alert.order, alert.release, alert.disclose, export.approve' 'bodies are kept without a term' \
        'basis matrix: 4 rows, of which 0 are examples and grant nothing' 'order: * * asks US vasp by tos; 24 hours, 24 in all; from 2020-01-01' \
        'order: KR agency asks US vasp by le-request; 72 hours, 72 in all, notice within 720, put off 1200 at most by investigation, court-order; from 2020-01-01' \
        'legal: KR agency asks US vasp by le-request, court-order; 2400 hours, without end in all; from 2020-01-01'
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
    for word in observe none; do
        want 2 as us head case handling "$CASE" $word --to all
        says err '"all" is everybody'
    done
    want 0 as us head case handling "$CASE" observe --to lead
    tell us kr ex
    ! grep -q -e handling -e '"lead"' <(sed 1,2d us-kr.jsonl | grep -v charter.propose) || false
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
    DISCLOSE="alert disclose $ALERT --basis le-request --to lead --withdrawal $(printf 'ce%.0s' $(seq 32)):0"
    want 3 as ex ann $DISCLOSE
    says err 'no authority of US has taken the request of KR on'
    want 3 as kr inv alert relay "$ALERT" # of the requester's country, not of the holder's
    says err 'its holder is of US, and kr is no authority there: nothing would come of it'
    want 0 as us head alert relay "$ALERT" --note 'taken on'
    tell ex us kr
    tell us ex kr
    # to another audience than the alert's, by the request that was relayed to that; by two
    want 0 as ex ann $DISCLOSE
    says out 'waits for a second person of ex'
    at ex log export --to us --out first.jsonl # one alone tells nobody
    ! grep -q cececece first.jsonl || false
    want 3 as ex ann $DISCLOSE
    want 0 as ex bob $DISCLOSE
    [ "$(wc -l <out)" = 1 ] # nobody is waited for
    at ex log export --to us --out second.jsonl
    [ "$(grep -c cececece second.jsonl)" = 1 ]
    want 3 as ex bob ${DISCLOSE/le-request/tos}
    says err 'no row of the basis matrix: act disclose, requester KR agency, holder US vasp, basis tos'
    # the first of two waits, twice the same person is refused, the second holds
    want 0 as ex ann $ORDER le-request --for 72h
    says out 'waits for a second person of ex'
    want 3 as ex ann $ORDER le-request --for 72h
    says err 'the same person has said it already'
    want 0 at ex alert show "$ALERT"
    says out 'a second person of the member says the same'
    want 0 as ex bob $ORDER le-request --for 71h # not as long: no second
    says out 'waits for a second person of ex'
    want 0 as ex bob $ORDER le-request --for 72h
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
    # no longer than the row lets, by no other ground, and no longer for being said again; the register neither
    before=$(at ex log show --format json | jq '.events | length')
    row='bases[1] of the basis matrix (order, KR agency asks US vasp) lets the notice'
    want 3 as ex ann hold defer "$ALERT" --reason investigation --for 51d
    says err "$row wait for 1200 hours from the act, until $(day 1200)T" 'and no longer'
    [ "$(wc -l <err)" = 1 ]
    want 3 as ex bob hold defer "$ALERT" --reason safety --for 40d
    says err "$row be put off by investigation, court-order, and not by safety"
    put_off() { echo "{\"alert\": \"$1\", \"due\": \"$(day 720)\", \"deferred_until\": \"$2\", \"deferral_basis\": \"$3\"}" >notice.json; }
    NAME=$(at ex alert show "$ALERT" --format json | jq -r .object)
    put_off "$NAME" "$(day 1248)" investigation
    want 3 as ex ann register state notice notice.json
    says err "deferred_until: \"${NAME:0:14}\": $row wait for 1200 hours"
    put_off "$NAME" "$(day 960)" 'as we like'
    want 3 as ex ann register state notice notice.json
    says err 'and not by as we like'
    [ "$(at ex log show --format json | jq '.events | length')" = "$before" ]
    put_off "$NAME" "$(day 960)" court-order
    want 0 as ex ann register state notice notice.json
    want 0 at ex alert show "$ALERT"
    says out "notice to the account's owner is due $(day 720)" "deferred until $(day 960)" 'investigation'
    want 0 due --format json
    [ "$(jq -r '.owed[] | .what, .due[:10], .overdue' out | tr '\n' ' ')" = "notice $(day 960) false " ]
    for text in 'an STR was filed' '의심거래보고' 'suspicious activity'; do
        want 3 as ex ann hold notice "$ALERT" --note "$text"
        says err 'whether there is a suspicious-transaction report is not written here'
    done
    # with no act at all, whatever else is wrong with it; nothing is said
    before=$(at ex log show --format json | jq '.events | length')
    while read -r words; do
        want 3 as ex ann ${words/ALERT/$ALERT} --note 'see STR 2026-7'
        says err 'note: whether there is a suspicious-transaction report is not written here'
    done <<END
alert acknowledge ALERT
alert decline ALERT --reason other
alert repair ALERT
alert relay ALERT
alert too-late ALERT
alert void ALERT --reason other
alert disclose ALERT --basis tos --withdrawal x
alert send $CASE --holder us --chain bip122:000000000019d6689c085ae165831e93 --output x:1 --asset BTC --amount 6
hold order ALERT --kind withdrawal-limit --reason theft --basis tos
hold extend ALERT --basis tos
hold release ALERT
hold void ALERT --reason other
hold defer ALERT --reason safety --for 1h
case dispute $CASE
case verify $CASE
case activate $CASE
case retract $CASE
case handling $CASE observe --to lead
END
    [ "$(at ex log show --format json | jq '.events | length')" = "$before" ]
    sed 's/"id": "T"/"id": "U", "title": "after a suspicious-transaction report"/' theft.json >named.json
    want 3 as kr inv case report named.json
    says err 'title: whether there is a suspicious-transaction report is not written here'
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
    want 2 as ex ann register withdraw complaint "$COMPLAINT"
    says err 'a complaint is answered (revise), and not withdrawn'
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
    # one that another member wrote down is on the list of whoever holds, and of who wrote it; nobody else's
    complaint 'I have told the agency'
    want 0 as kr inv register state complaint complaint.json
    COMPLAINT=$(digits complaint)
    tell ex kr
    tell kr ex us
    want 0 due
    says out "complaint  $(day 240)  due  complaint:" 'answered, with reasons; kr wrote it down, and writes down the answer'
    want 0 due --format json
    [ "$(jq -r '.owed[] | .what, .object, .alert, .by' out | tr '\n' ' ')" = "complaint complaint:$COMPLAINT $ALERT_NAME kr " ]
    CORDON_HOME=kr want 0 "$CORDON" due
    says out "complaint  $(day 240)  due"
    CORDON_HOME=us want 0 "$CORDON" due
    says out 'nothing is due'
    complaint 'I have told the agency' ", \"answered\": \"$(day 0)\", \"outcome\": \"released\", \"reasons\": \"it is so\""
    want 3 as ex ann register revise complaint "$COMPLAINT" complaint.json
    want 0 as kr inv register revise complaint "$COMPLAINT" complaint.json
    tell kr ex us
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

# A hold of hours goes on by an instrument for months, or is over with its hours.
hours_become_months() {
    local alert paper end
    day_lasts 300
    day() { date -u -d "+$1 days" +%F; }
    CASE=$(at kr case list | cut -d' ' -f1)
    CASE_NAME=$(at kr case show "$CASE" --format json | jq -r .object)
    want 0 as kr inv alert send "$CASE" --holder ex --chain bip122:000000000019d6689c085ae165831e93 \
        --output "$(printf 'ef%.0s' $(seq 32)):1" --asset BTC --amount 600 --received 1000
    alert=$(digits alert)
    tell kr us ex
    want 0 as us head alert relay "$alert"
    tell us kr ex
    want 0 as ex ann alert acknowledge "$alert"
    for who in ann bob; do want 0 as ex $who hold order "$alert" --kind withdrawal-limit --reason theft --basis tos --for 24h; done
    LEGAL="hold legal $alert --basis court-order"
    paper() { # JQ: a warrant that would do, but for what that changes
        jq -n --arg of "$CASE_NAME" --arg served "$(day 0)" --arg expires "$(day 90)" '{kind: "warrant", issuer: "District Court", reach: ["US"],
            number: "26-mc-1", served: $served, expires: $expires, document: ("ab" * 32), case: $of} | '"$1" >paper.json
        want 0 as ex ann register state instrument paper.json
        PAPER=$(digits instrument)
    }
    paper .
    good=$PAPER
    want 3 as ex ann $LEGAL --instrument "$good" # ordered, and not held yet
    # a release takes two: the machine neither shortens the hold nor makes it less
    want 3 at ex hold enforced "$alert" --for 10m
    says err 'a second person of the member says the same'
    want 3 at ex hold enforced "$alert" --amount 1
    says err 'a second person of the member says the same'
    want 0 at ex hold enforced "$alert"
    want 2 as ex ann $LEGAL
    says err '--instrument: by which does it go on?'
    want 3 as ex ann $LEGAL --instrument "$(printf '0%.0s' $(seq 64))"
    want 2 as ex ann hold extend "$alert" --basis tos --for 1h --instrument "$good"
    # an authority takes what is held by a paper that takes, and not by word of mouth
    want 2 as ex ann hold seized "$alert"
    says err '--instrument: by which was it seized?'
    want 0 as ex ann hold seized "$alert" --instrument "$good"
    says out 'waits for a second person of ex'
    paper '.number = "1a" | .kind = "preservation-request"'
    want 3 as ex bob hold seized "$alert" --instrument "$PAPER"
    says err 'court-order is no ground that a preservation-request gives'
    refused() { # TEXT JQ
        paper "$2"
        want 3 as ex ann $LEGAL --instrument "$PAPER"
        says err "$1"
        [ "$(wc -l <err)" = 1 ]
    }
    refused "it expired with $(day -1)" ".number = \"2\" | .served = \"$(day -9)\" | .expires = \"$(day -1)\""
    refused "it is served on $(day 2), and not before" ".number = \"3\" | .served = \"$(day 2)\""
    refused 'its reach has neither ex nor US' '.number = "4" | .reach = ["KR", "us"]'
    refused 'it is of another case' '.number = "5" | .case = "case:" + "0" * 32'
    refused 'it is of another alert' '.number = "6" | .alert = "alert:" + "0" * 64'
    refused 'it names neither the alert nor its case' '.number = "7" | del(.case)'
    refused 'court-order is no ground that a preservation-request gives' '.number = "8" | .kind = "preservation-request"'
    refused 'served "2026": a whole day is wanted of it' '.number = "9" | .served = "2026"'
    paper '.number = "10"'
    want 0 as ex ann register withdraw instrument "$PAPER"
    want 3 as ex ann $LEGAL --instrument "$PAPER"
    says err 'was withdrawn'
    want 3 as ex ann $LEGAL --instrument "$good" --for 92d
    says err "expires with $(day 90): no hold by it goes on beyond"
    paper '.number = "11" | .expires = "'"$(day 300)"'"' # the matrix grants 2400 hours, whatever the paper does
    want 3 as ex ann $LEGAL --instrument "$PAPER"
    says err 'no row of the basis matrix: act legal, requester KR agency, holder US vasp, basis court-order'
    # where a release takes two, so does what lets go by another name; a machine is neither of them
    want 3 at ex hold void "$alert" --reason other --as-node
    says err 'a second person of the member says the same'
    want 0 as ex ann hold void "$alert" --reason other
    says out 'waits for a second person of ex'
    want 3 as ex ann hold void "$alert" --reason other
    says err 'the same person has said it already'
    want 0 as ex ann $LEGAL --instrument "$good" --amount 1
    says out 'waits for a second person of ex'
    want 0 at ex alert show "$alert" --format json
    [ "$(jq -r '.state, .hold.in_force' out | tr '\n' ' ')" = 'held 600 ' ]
    want 0 as ex ann $LEGAL --instrument "$good"
    tell ex us kr
    for home in ex us kr; do
        want 0 at $home alert show "$alert" --format json
        [ "$(jq -r '.state, .hold.expires[:19], .hold.in_force, (.hold.instrument | length)' out | tr '\n' ' ')" = "legal $(day 91)T00:00:00 600 75 " ]
    done
    # others rely on the hold's end, which is the paper's: no revision takes it from under them
    revised() { # JQ
        jq ".number = \"26-mc-1\" | .expires = \"$(day 90)\" | $1" own-paper.json >revised.json
        as ex ann register revise instrument "$good" revised.json
    }
    jq . paper.json >own-paper.json
    want 3 revised ".expires = \"$(day 89)\""
    says err "is held by it until $(day 91)T00:00:00.000Z: hold legal for less before that, or withdraw it"
    [ "$(wc -l <err)" = 1 ]
    want 3 revised '.reach = ["KR"]'
    says err 'is held by it: its reach has neither ex nor US'
    want 3 revised '.kind = "preservation-request"'
    says err 'is held by it: court-order is no ground that a preservation-request gives'
    want 0 revised '.notes = "served by hand"'
    want 0 revised ".expires = \"$(day 95)\""
    want 0 at ex alert show "$alert" --format json
    [ "$(jq -r '.hold.expires[:10], .hold.in_force' out | tr '\n' ' ')" = "$(day 91) 600 " ]
    # its court takes it back: nobody holds by it any more
    want 0 as ex ann register withdraw instrument "$good"
    tell ex us kr
    for home in ex us kr; do
        want 0 at $home alert show "$alert" --format json
        [ "$(jq -r '.hold.in_force, .hold.why, .hold.instrument' out | tr '\n' ' ')" = '0 no instrument that it goes by stands null ' ]
    done
    # what the next one says stays at home; that there is one, and that the hold goes by it, all see
    want 2 as ex ann register state claim paper.json --own
    jq '.number = "secret-12"' paper.json >own.json
    want 0 as ex ann register state instrument own.json --own
    PAPER=$(digits instrument)
    want 0 as ex ann $LEGAL --instrument "$PAPER" --for 30d # sooner than the hold was said to end: by two
    says out 'waits for a second person of ex'
    want 0 as ex bob $LEGAL --instrument "$PAPER" --for 30d
    ! grep -q waits out || false
    tell ex us kr
    ! grep -q secret-12 ex-us.jsonl ex-kr.jsonl || false
    want 0 at ex register show instrument "$PAPER"
    says out secret-12
    want 3 at us register show instrument "$PAPER"
    says err 'what was written is not here'
    [ "$(at us alert show "$alert" --format json | jq -r '.hold | .in_force, .instrument' | tr '\n' ' ')" = "600 instrument:$PAPER " ]
    want 0 at ex alert show "$alert" --format json
    [ "$(jq -r '.hold.in_force' out)" = 600 ]
}

# A charter that asks two for it: one person stops a key, two revoke it, and nobody undoes alone what another has signed.
one_stops_two_revoke() {
    local key heads='"supervisor", "secretary", "investigator"'
    mkdir -p m
    key() { at m member list | grep " $1: " | awk '{print $1}'; }
    cat >keys.json <<END
{"name": "Keys", "quotas": {"live_cases": 9}, "two_persons": ["key.revoke"],
 "members": [$(member m US agency true "$(person m ann "$heads"), $(person m bob "$heads"), $(person m cho "$heads"), $(person m dan '"investigator"')")]}
END
    want 0 "$CORDON" charter create keys.json --out keys-charter.json --home m
    says out 'acts for two persons: key.revoke'
    ! grep -q 'fewer than three' out || false
    jq '.members[0].persons |= .[1:]' keys.json >few.json
    want 0 "$CORDON" charter create few.json --out few-charter.json --home m
    says out 'keys are revoked by fewer than three persons of: m'
    jq '.two_persons = ["case.retract"]' keys.json >one.json
    want 0 "$CORDON" charter create one.json --out one-charter.json --home m
    says out 'one person may undo what takes two by: key.revoke'
    want 0 as m ann charter propose keys-charter.json
    GROUP=$(digits charter)
    want 0 as m ann charter sign "$GROUP"
    report() { # PERSON ID
        echo "{\"id\": \"$2\", \"kind\": \"theft\", \"chain\": \"bitcoin\", \"origins\": [{\"output\": \"$(printf 'ab%.0s' $(seq 32)):0\"}]}" >report.json
        as m "$1" case report report.json
    }
    want 0 report dan D1
    want 3 as m dan member key revoke "$(key bob)"
    says err 'not the role for it'
    want 0 as m ann member key revoke "$(key dan)" --last none
    says out 'waits for a second person of m; until then the key is stopped'
    want 3 as m ann member key revoke "$(key dan)" --last none
    says err 'the same person has said it already'
    [ "$(wc -l <err)" = 1 ]
    want 0 at m member list
    says out 'dan: investigator (stopped)'
    want 0 at m case list # what it said before stands, though the first would take it back
    [ "$(wc -l <out)" = 1 ]
    want 3 report dan D2
    says err revoked
    # another names other last events: the two do not agree
    want 0 as m bob member key revoke "$(key dan)" --last "$(at m log show --format json | jq -r '[.events[] | select(.event.type == "case.report")][0].id')"
    says out 'waits for a second person'
    want 0 at m case list
    [ "$(wc -l <out)" = 1 ]
    # the same again, which the command names by itself
    want 0 as m cho member key revoke "$(key dan)"
    ! grep -q waits out || false
    want 0 at m member list
    says out 'dan: investigator (revoked)'
    want 0 at m case list
    [ "$(wc -l <out)" = 1 ]
    # one against two: whom she stops revoke her key, and are free
    key=$(key ann)
    for who in bob cho; do want 0 as m ann member key revoke "$(key $who)"; done
    want 3 report bob B1
    for who in bob cho; do want 0 as m $who member key revoke "$key"; done
    want 0 report bob B1
    want 3 report ann A1
    want 0 at m member list
    says out 'ann: investigator, supervisor, secretary (revoked)' 'bob: investigator, supervisor, secretary
'
    # up to before what she has said: that cuts the very stream in which it is said, and the next act goes on in a new one
    for who in bob cho; do want 0 as m $who member key revoke "$(key cho)" --last none; done
    ! grep -q waits out || false
    want 0 report bob B2
    want 0 at m case list
    says out reported
    want 0 at m log verify
}

check a_hold_with_its_grounds
check hours_become_months
check one_stops_two_revoke
finish
