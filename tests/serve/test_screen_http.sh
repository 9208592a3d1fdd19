#!/bin/bash
# Screening as exchanges call it: questions, batches, lists that are replaced while it is asked.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96
OTHER=0x1111111111111111111111111111111111111111
CLEAN=0x00000000219ab540356cBB839Cbe05303d7705Fa

desk=$("$CORDON" key add desk --scope read,screen)
reader=$("$CORDON" key add reader --scope read)
start screen || exit 1

until_ready() {
    for _ in $(seq 1200); do
        [ "$(curl -s "http://127.0.0.1:$port/readyz" | jq .ready)" = "$1" ] && return
        sleep 0.05
    done
    return 1
}

# Without a list nothing is clean; one that is imported is there within a moment.
lists_come_while_it_runs() {
    asked 503 /readyz
    says body 'no sanctions list has been imported'
    asked 200 /v1/screen/address -d "{\"address\":\"$LISTED\"}"
    says body '"decided_by":"outage"' 'lists: none stands'
    list_of 2024-01-02 "$LISTED"
    until_ready true
    asked 200 /v1/lists
    [ "$(jq -c '[.lists[0].as_of, .lists[0].entries, .listed_addresses]' body)" = '["2024-01-02",3,1]' ]
}

addresses_are_decided() {
    asked 200 /v1/screen/address -d "{\"address\":\"$LISTED\",\"ref\":\"w-1\"}"
    says body '"decision":"BLOCK"' '"decided_by":"floor"' '"direction":"inbound"' '"entry":"3"' '"exact":true' '"ref":"w-1"'
    asked 200 /v1/withdrawals/check -d "{\"address\":\"$LISTED\",\"chain\":\"ethereum\",\"asset\":\"ETH\",\"amount\":\"5\",\"decimals\":18}"
    says body '"decision":"BLOCK"' '"direction":"outbound"'
    asked 200 /v1/screen/address -d "{\"address\":\"$CLEAN\",\"direction\":\"outbound\"}"
    says body '"decision":"UNKNOWN"' '"decided_by":"no_ledger"' '"reasons":[]' '"direction":"outbound"'
    # the same as the command says
    "$CORDON" screen --format jsonl "$LISTED" | jq -S . >told || true
    asked 200 /v1/screen/address -d "{\"address\":\"$LISTED\"}"
    jq -S . body | cmp - told
}

names_are_decided() {
    asked 200 /v1/screen/name -d '{"name":"Chol-su KIM","kind":"person","direction":"outbound"}'
    says body '"decision":"HOLD"' '"entry":"1"' '"exact":false'
    asked 200 /v1/screen/name -d '{"name":"Somebody Else","document":"563410081"}'
    says body '"decision":"BLOCK"' '"exact":true'
    asked 200 /v1/screen/name -d '{"name":"Maria Gonzalez Fernandez","mode":"ofac","threshold":850}'
    says body '"decision":"CREDIT"' '"potential_matches":0'
}

# A blocked deposit starts the clocks of its list, for whoever may read.
reports_fall_due() {
    asked 200 /v1/screen/address -d "{\"address\":\"$LISTED\"}"
    as=$reader asked 200 /v1/due
    [ "$(jq -c '[.due[] | select(.subject == "evm '${LISTED,,}'") | .clock] | sort | unique' body)" = '["ofac-annual","ofac-blocked"]' ]
    as=$reader asked 200 '/v1/due?by=2020-01-01&all=true'
    [ "$(jq -c '[.due, .more]' body)" = '[[],false]' ]
    as=$reader asked 400 /v1/due?by=soon
    as=$reader asked 400 /v1/due?all=perhaps
    asked 200 /metrics
    says body 'cordon_reports_overdue 0' 'cordon_reports_due '
}

# What a request found stands in the records, for two persons to dispose of; then it is quiet.
matches_are_written_down() {
    asked 200 /v1/screen/name -d '{"name":"Small Trading Co"}'
    id=$(jq '.reasons[0].match' body)
    asked 200 /v1/matches
    jq -e ".matches[] | select(.match == $id) | .state == \"open\" and .said == []" body >/dev/null
    as=$reader asked 403 /v1/matches
    asked 400 '/v1/matches?all=perhaps'
    asked 400 '/v1/matches?from=x'
    want 0 disposes ana "$id" false-positive "a bakery in Lyon"
    want 0 disposes ben "$id" false-positive "seen its register"
    for _ in $(seq 1200); do
        asked 200 /v1/screen/name -d '{"name":"Small Trading Co"}'
        ! grep -q '"decision":"CREDIT"' body || break
        sleep 0.05
    done
    says body '"decision":"CREDIT"' '"false_positive":true'
    asked 200 /v1/matches
    [ "$(jq -c "[.matches[] | select(.match == $id)]" body)" = '[]' ]
    asked 200 "/v1/matches?all=true&from=$id"
    [ "$(jq -c '.matches[0] | [.match, .state, [.said[].person]]' body)" = "[$id,\"false positive\",[\"ana\",\"ben\"]]" ]
}

bad_questions_are_refused() {
    local q
    for q in '' '{' '[]' '{}' '{"address":""}' '{"address":"0x12"}' '{"address":[1]}' '{"name":"Kim"}' \
        "{\"address\":\"$LISTED\",\"direction\":\"up\"}" \
        "{\"address\":\"$LISTED\",\"amount\":\"1.5\"}" "{\"address\":\"$LISTED\",\"address\":\"$LISTED\"}"; do
        asked 400 /v1/screen/address -d "$q"
    done
    asked 400 /v1/screen/address -d "{\"address\":\"$CLEAN\",\"chain\":\"ethereun\"}"
    says body 'chain \"ethereun\" is not known; known are bitcoin, '
    asked 200 /v1/screen/address -d "{\"address\":\"$LISTED\",\"chain\":\"ethereun\"}" # a listed one is, whatever is named
    says body '"decision":"BLOCK"'
    asked 400 /v1/withdrawals/check -d "{\"address\":\"$LISTED\",\"direction\":\"inbound\"}"
    asked 400 /v1/screen/name -d '{"name":"Kim","threshold":1001}'
    asked 400 /v1/screen/name -d '{"name":"Kim","mode":"other"}'
    asked 400 /v1/screen/name -d '{"name":"Kim","born":"soon"}'
    as=$reader asked 403 /v1/screen/address -d "{\"address\":\"$LISTED\"}"
    as=nobody asked 401 /v1/screen/name -d '{"name":"Kim"}'
}

batches_are_streamed() {
    printf 'address,name,direction,ref\n%s,,outbound,a\n,Chol-su KIM,,b\n0x12,,,c\n%s,,,d\n' "$LISTED" "$CLEAN" >few.csv
    asked 200 /v1/screen/batch --data-binary @few.csv
    [ "$(jq -rc '[.ref, .decision, .decided_by]' body | tr -d '\n')" = \
        '["a","BLOCK","floor"]["b","REVIEW","floor"]["c","UNKNOWN","error"]["d","UNKNOWN","no_ledger"]' ]
    asked 400 /v1/screen/batch --data-binary $'ref\n1\n'
    asked 400 "/v1/screen/batch?direction=up" --data-binary @few.csv
    seq 5000 | sed "s/.*/{\"address\":\"$CLEAN\",\"ref\":\"&\"}/; 2500s/$CLEAN/$LISTED/" >many.jsonl
    asked 200 "/v1/screen/batch?direction=outbound" --data-binary @many.jsonl
    cmp <(jq -r .ref body) <(seq 5000)
    [ "$(jq -r 'select(.decision == "BLOCK") | .ref' body)" = 2500 ]
}

the_sanctions_call_of_others_works() {
    asked 200 "/api/v1/address/$LISTED"
    [ "$(jq -c '[.identifications[] | [.category, .name, .description, .url]]' body)" = \
        '[["sanctions","SANCTIONS: ofac-sdn 2024-01-02 SOME GROUP","entry 3 of ofac-sdn 2024-01-02, under CYBER2","https://sanctionssearch.ofac.treas.gov/Details.aspx?id=3"]]' ]
    asked 200 "/api/v1/address/$CLEAN"
    [ "$(cat body)" = '{"identifications":[]}' ]
    asked 400 /api/v1/address/0x12
    [ "$(curl -s -H "X-API-Key: $desk" "http://127.0.0.1:$port/api/v1/address/$CLEAN")" = '{"identifications":[]}' ]
}

tags_are_told() {
    asked 200 "/v1/tags/ethereum/$CLEAN"
    [ "$(jq -c '[.found.tags, .actors]' body)" = '[[],[]]' ]
    asked 400 /v1/tags/ethereum/0x12
}

decisions_are_audited_and_counted() {
    curl -s -H "Authorization: Bearer $desk" -H 'X-Request-Id: seen-1' -d "{\"address\":\"$LISTED\"}" \
        "http://127.0.0.1:$port/v1/screen/address" >body
    jq -S . body >answered
    jq -S 'select(.entry.request_id == "seen-1" and .entry.key == "desk") | .entry.answer' "$CORDON_HOME/audit.jsonl" | cmp - answered
    [ "$(jq -r 'select(.entry.event == "screen batch") | .entry.answers[] | .ref' "$CORDON_HOME/audit.jsonl" | tail -5000 | sort -n | uniq | wc -l)" = 5000 ]
    want 0 "$CORDON" audit verify
    asked 200 /metrics
    says body 'cordon_list_age_seconds{list="ofac-sdn"}' 'cordon_screener_stale 0'
    [ "$(sed -n 's/^cordon_decisions_total{decision="BLOCK"} //p' body)" -ge 5 ]
}

# Rules that cannot be read leave those before them in force, and say so.
rules_are_read_again() {
    echo 'no rules' >"$CORDON_HOME/rules.yaml"
    until_said "$TMP/screen.log" 'what was opened before stays'
    asked 200 /v1/screen/address -d "{\"address\":\"$LISTED\"}"
    says body '"decision":"BLOCK"'
    asked 200 /metrics
    says body 'cordon_screener_stale 1'
    rm "$CORDON_HOME/rules.yaml"
    kill -HUP "$node"
    for _ in $(seq 1200); do
        asked 200 /metrics
        ! grep -q 'cordon_screener_stale 0' body || break
        sleep 0.05
    done
    says body 'cordon_screener_stale 0'
}

# One address leaves the list and another comes: every answer is of the one version or of the other, never of
# neither or both, and what was said before is not said again.
lists_are_replaced_under_load() {
    python3 - "$port" "$desk" "$LISTED" "$OTHER" >load.out <<'PY' &
import http.client, json, sys, threading, time
port, key, old, new = sys.argv[1:]
body = "address\n%s\n%s\n" % (old, new)
ends = time.time() + 240
seen = []

def ask():
    c = http.client.HTTPConnection("127.0.0.1", int(port), timeout=120)
    was, after = None, 0
    while time.time() < ends and after < 20:
        c.request("POST", "/v1/screen/batch", body, {"Authorization": "Bearer " + key})
        r = c.getresponse()
        lines = [json.loads(line) for line in r.read().splitlines()]
        is_ = [line["decision"] for line in lines]
        assert r.status == 200 and is_ in (["BLOCK", "UNKNOWN"], ["UNKNOWN", "BLOCK"]), (r.status, is_)
        assert lines[0]["stands_on"] == lines[1]["stands_on"]
        assert was in (None, is_) or is_ == ["UNKNOWN", "BLOCK"], (was, is_)
        was, after = is_, after + (is_[1] == "BLOCK")
        print("answered", flush=True)
    seen.append(after)

threads = [threading.Thread(target=ask) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert seen == [20] * 3, seen
PY
    load=$!
    until_ok test -s load.out
    list_of 2024-01-03 "$OTHER"
    wait "$load" || {
        cat load.out
        return 1
    }
}

check lists_come_while_it_runs
check addresses_are_decided
check names_are_decided
check reports_fall_due
check matches_are_written_down
check bad_questions_are_refused
check batches_are_streamed
check the_sanctions_call_of_others_works
check tags_are_told
check decisions_are_audited_and_counted
check rules_are_read_again
check lists_are_replaced_under_load
stop || failed=$((failed + 1))
finish
