#!/bin/bash
# Calls of other services' clients, as their own documents and examples have them, against a small list and against
# OFAC's of 29 December 2023.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

DATA=${CORDON_DATA:-$SOURCE/../shared/data}
LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96
CLEAN=0x00000000219ab540356cBB839Cbe05303d7705Fa

desk=$("$CORDON" key add desk --scope screen)
list_of 2024-01-02 "$LISTED"
start small || exit 1

query() { # SCHEMA PROPERTIES
    echo "{\"queries\":{\"q1\":{\"schema\":\"$1\",\"properties\":$2}}}"
}

results() { # of q1: ids
    jq -c '[.responses.q1.results[].id]' body
}

a_match_is_told_with_its_reasons() {
    asked 200 /match/sanctions -d "$(query Person '{"name":["Chol Su Kim"],"birthDate":["1960-01-08"]}')"
    [ "$(jq -c '.responses.q1 | [.status, .total.value, .query.schema, .query.properties.name]' body)" = \
        '[200,1,"Person",["Chol Su Kim"]]' ]
    [ "$(jq -c '.responses.q1.results[0] | [.id, .caption, .schema, .datasets, .match, .target]' body)" = \
        '["ofac-sdn:1","KIM, Chol Su","Person",["ofac-sdn"],true,true]' ]
    [ "$(jq -c '.responses.q1.results[0].properties | [.birthDate, .passportNumber, .program, .topics]' body)" = \
        '[["1960-01-08"],["563410081"],["DPRK"],["sanction"]]' ]
    jq -e '.responses.q1.results[0].features.birth_date_same == 1 and .limit == 5' body >/dev/null
    jq -e '.matcher.birth_date_same.description' body >/dev/null
    # each is a question: audited, and its potential match is written down
    [ "$(jq -r 'select(.entry.event == "match") | .entry.answers[0] | [.name, .decision, .reasons[0].entry] | join(" ")' \
        "$CORDON_HOME/audit.jsonl")" = 'Chol Su Kim REVIEW 1' ]
    "$CORDON" match --format json | jq -e '.matches[] | select(.entry == "1")' >/dev/null
}

all_that_a_query_says_is_used() {
    asked 200 /match/default -d "$(query Person '{"firstName":["Chol Su"],"lastName":["Nobody","Kim"]}')"
    [ "$(results)" = '["ofac-sdn:1"]' ]
    asked 200 /match/default -d "$(query Person '{"name":"Somebody Else","passportNumber":"563410081"}')"
    [ "$(results)" = '["ofac-sdn:1"]' ]
    jq -e '.responses.q1.results[0] | .score == 1 and .features == {"exact":1}' body >/dev/null
    asked 200 /match/default -d "$(query Person '{"idNumber":["563410081"]}')"
    [ "$(results)" = '["ofac-sdn:1"]' ]
    asked 200 /match/default -d "$(query CryptoWallet "{\"publicKey\":[\"${LISTED,,}\"],\"currency\":[\"ETH\"]}")"
    [ "$(results)" = '["ofac-sdn:3"]' ]
    asked 200 /match/default -d "$(query CryptoWallet "{\"publicKey\":[\"$CLEAN\"],\"currency\":\"Ether\"}")"
    [ "$(results)" = '[]' ]
    asked 200 /match/default -d "$(query Vessel '{"name":["Chol Su Kim"]}')" # another kind
    [ "$(results)" = '[]' ]
    asked 200 /match/default -d '{"queries":{"a":{"schema":"Company","properties":{"name":["Small Trading Company"]},"id":"mine"},"b":null,"c":{"schema":"Person","properties":{"name":"Nobody Known"}}},"weights":{"name_literal":0.8}}'
    [ "$(jq -c '[(.responses | keys), .responses.a.query.id, .responses.a.results[0].id, .responses.c.total.value]' body)" = \
        '[["a","c"],"mine","ofac-sdn:2",0]' ]
}

filters_are_those_of_opensanctions() {
    local q
    q=$(query Person '{"name":["Chol Su Kim"]}')
    for set in ofac-sdn us_ofac_sdn default sanctions; do
        asked 200 "/match/$set?algorithm=logic-v2&threshold=0.8" -d "$q"
        [ "$(results)" = '["ofac-sdn:1"]' ]
    done
    asked 404 /match/un -d "$q"
    asked 200 '/match/default?include_dataset=us_ofac_sdn&topics=sanction&topics=debarment' -d "$q"
    [ "$(results)" = '["ofac-sdn:1"]' ]
    for none in exclude_dataset=us_ofac_sdn exclude_schema=Person exclude_entity_ids=x\&exclude_entity_ids=ofac-sdn:1; do
        asked 200 "/match/default?$none" -d "$q"
        [ "$(results)" = '[]' ]
    done
    asked 200 '/match/default?limit=0' -d "$q"
    [ "$(jq -c '[(.responses.q1.results | length), .responses.q1.total.value, .limit]' body)" = '[0,1,0]' ]
    for bad in limit=501 limit=x threshold=1.1 threshold=. threshold=x include_dataset=un fuzzyness=1; do
        asked 400 "/match/default?$bad" -d "$q"
    done
}

# The header that OpenSanctions' clients send.
keys_are_shown_as_there() {
    curl -s -o body -w '%{http_code}' -H "Authorization: ApiKey $desk" -d "$(query Person '{"name":["Chol Su Kim"]}')" \
        "http://127.0.0.1:$port/match/default" | grep -q 200
    [ "$(results)" = '["ofac-sdn:1"]' ]
}

bad_bodies_are_refused() {
    local good n
    good=$(query Person '{"name":["Chol Su Kim"],"birthDate":"1960","passportNumber":"563410081","publicKey":["0x098b716b8aaf21512996dc57eb0615e2383e2f96"]}')
    for ((n = 0; n < ${#good}; n++)); do
        printf '%s\n' "${good:0:n}"
    done >bad
    cat >>bad <<'END'
[]
{"queries":[]}
{"queries":{}}
{"queries":{"q":null}}
{"queries":{"q":[]}}
{"queries":{"q":{"properties":{"name":"Banana"}}}}
{"queries":{"q":{"schema":"xxx","properties":{"name":"Banana"}}}}
{"queries":{"q":{"schema":"Person"}}}
{"queries":{"q":{"schema":"Person","properties":[]}}}
{"queries":{"q":{"schema":"Person","properties":{}}}}
{"queries":{"q":{"schema":"Person","properties":{"name":[]}}}}
{"queries":{"q":{"schema":"Person","properties":{"name":1}}}}
{"queries":{"q":{"schema":"Person","properties":{"name":[["a"]]}}}}
{"queries":{"q":{"schema":"Person","properties":{"name":"a\u0000b"}}}}
{"queries":{"q\u0000":{"schema":"Person","properties":{"name":"Kim"}}}}
{"queries":{"q":{"schema":"Person","properties":{"name":"Kim","x\u0000":[]}}}}
{"queries":{"q":{"schema":"Person","properties":{"name":"Kim","birthDate":"soon"}}}}
{"queries":{"q":{"schema":"Person","id":1,"properties":{"name":"Kim"}}}}
{"queries":{"q":{"schema":"CryptoWallet","properties":{"publicKey":"0x12"}}}}
END
    python3 - "$port" "$desk" <<'PY'
import http.client, json, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=120)

def ask(body):
    c.request("POST", "/match/default", body, {"Authorization": "Bearer " + sys.argv[2]})
    r = c.getresponse()
    return r.status, r.read()

for line in open("bad"):
    status, said = ask(line.rstrip("\n"))
    assert status == 400, (status, line, said)
person = {"schema": "Person", "properties": {"name": "Kim"}}
many = {"schema": "Person", "properties": {"name": ["Kim %d" % n for n in range(51)]}}
assert ask(json.dumps({"queries": {str(n): person for n in range(101)}}))[0] == 422
assert ask(json.dumps({"queries": {"q": many}}))[0] == 422
assert ask(" " * 300000)[0] == 413
PY
}

# github.com/moov-io/watchman docs/api.yaml, and internal/search/api_search_test.go for the forms of parameters.
watchman_searches() {
    asked 200 '/v2/search?name=chol+su+kim&type=person&limit=2&birthDate=1960-01-08&minMatch=0.8'
    [ "$(jq -c '[.query.name, .query.entityType, (.entities | length)]' body)" = '["chol su kim","person",1]' ]
    [ "$(jq -c '.entities[0] | [.name, .entityType, .sourceList, .sourceID, .person.birthDate, .business, .sanctionsInfo.programs]' body)" = \
        '["KIM, Chol Su","person","us_ofac","1","1960-01-08T00:00:00Z",null,["DPRK"]]' ]
    [ "$(jq -c '.entities[0].person.governmentIDs[0] | [.type, .identifier]' body)" = '["passport","563410081"]' ]
    [ "$(jq -r 'select(.entry.event == "search") | .entry.answers[0].name' "$CORDON_HOME/audit.jsonl")" = 'chol su kim' ]
    asked 200 '/v2/search?name=Somebody&gov_passport=KP:563410081&type=person'
    jq -e '[.entities[] | [.sourceID, .match]] == [["1",1]]' body >/dev/null
    asked 200 "/v2/search?cryptoAddress=xbt:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa&cryptoAddress=eth:$LISTED"
    [ "$(jq -c '[.entities[] | [.sourceID, .cryptoAddresses[0].address]]' body)" = "[[\"3\",\"$LISTED\"]]" ]
    [ "$(jq -c '.query.cryptoAddresses | length' body)" = 2 ]
    asked 200 '/v2/search?name=nobody&altNames=small+trading+company&type=organization'
    [ "$(jq -c '[.entities[] | [.sourceID, .entityType, .organization.name]]' body)" = '[["2","organization","SMALL TRADING COMPANY LTD"]]' ]
    asked 200 '/v2/search?name=Jane+Doe&type=person&address=123+Acme+St+Acmetown+KY+54321+US&emailAddress=a@corp.com&email=b@corp.com&debug=true&requestID=r'
    [ "$(jq -c .entities body)" = '[]' ]
    asked 200 '/v2/search?name=chol+su+kim&source=us_csl'
    [ "$(jq -c .entities body)" = '[]' ]
    asked 200 '/v2/search?name=chol+su+kim&source=us_ofac&sourceID=1'
    [ "$(jq '.entities | length' body)" = 1 ]
    for bad in '' type=person name= 'name=Kim&type=ship' 'name=Kim&limit=0' 'name=Kim&limit=101' 'name=Kim&minMatch=2' \
        'name=Kim&birthDate=soon' 'name=Kim&nothing=1' 'cryptoAddress=xbt:12345' 'name=Kim&format=senzing' 'name=%ff' 'name=...'; do
        asked 400 "/v2/search?$bad"
    done
}

# The entries that both documents' examples are about, by the ids that OFAC gave them.
examples_on_ofacs_list() {
    [ -f "$DATA/sanctions/ofac/2023-12-29/sdn.csv.zst" ] || skip "no data/sanctions/ofac"
    mkdir ofac
    for f in sdn alt add; do zstd -dq "$DATA/sanctions/ofac/2023-12-29/$f.csv.zst" -o "ofac/$f.csv"; done
    cp "$DATA/sanctions/ofac/2023-12-29/sdn_comments.csv" ofac/
    chmod u+w ofac/*
    export CORDON_HOME=$TMP/home-ofac
    desk=$("$CORDON" key add desk --scope screen)
    want 0 "$CORDON" lists import --as-of 2023-12-29 ofac/sdn.csv
    start ofac || return 1
    trap 'kill "$node" 2>/dev/null || :' EXIT
    asked 200 /match/sanctions -d '{"queries":{"q1":{"schema":"Person","properties":{"name":["Arkadiii Romanovich Rotenberg","Ротенберг Аркадий"],"birthDate":["1951"]}},"q2":{"schema":"Company","properties":{"name":["Stroygazmontazh"],"jurisdiction":["Russia"]}}}}'
    [ "$(jq -c '[.responses.q1.results[0].id, .responses.q2.results[0].id]' body)" = '["ofac-sdn:16669","ofac-sdn:16828"]' ]
    asked 200 '/v2/search?name=nicolas+maduro+moros&type=person&limit=1'
    [ "$(jq -c '.entities[0] | [.sourceID, .person.birthDate]' body)" = '["22790","1962-11-23T00:00:00Z"]' ]
    asked 200 "/v2/search?cryptoAddress=ETH:$LISTED"
    [ "$(jq -c '[.entities[].sourceID]' body)" = '["27307"]' ]
    stop
}

for test in a_match_is_told_with_its_reasons all_that_a_query_says_is_used filters_are_those_of_opensanctions \
    keys_are_shown_as_there bad_bodies_are_refused watchman_searches examples_on_ofacs_list; do
    check $test
done
stop || failed=$((failed + 1))
finish
