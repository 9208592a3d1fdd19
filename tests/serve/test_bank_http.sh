#!/bin/bash
# Messages of a bank's book that are handed in over HTTP: each payment once, whole or not at all, durable before the answer, in
# the ledger that the folder feeds, too.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"

desk=$("$CORDON" key add desk --scope read)
bank=$("$CORDON" key add bank --scope bank)
mkdir "$TMP/spool"
printf 'follow:\n- chain: bank:test\n  folder: %s/spool\n  poll_ms: 20\n- chain: bank:other\n- chain: bank:third\n' "$TMP" >"$TMP/cordon.yaml"
UETR=97ed4827-7b6f-4491-a06f-b548d5a7512d

table() { # LINE...
    printf '%s\n' "time,from,to,amount,currency,payment" "$@" >"$TMP/table"
}

# post STATUS BOOK FILE
post() {
    as=$bank asked "$1" "/v1/bank/$2/messages" --data-binary "@$3" -H 'Content-Type: application/octet-stream'
}

is() { # WANTED FILTER: of the last answer
    local got
    got=$(jq -c "$2" "$TMP/body")
    [ "$got" = "$1" ] || {
        echo "$2 is $got, wanted $1"
        return 1
    }
}

payments() { # BOOK
    asked 200 /v1/info
    jq ".ledgers[] | select(.chain == \"bank:$1\") | .transactions" "$TMP/body"
}

# An MT 103 of 16 characters of terminal, as SWIFT writes one.
mt103() { # REFERENCE DAY AMOUNT
    printf '{1:F01DEUTDEFFXXXX0000000000}{2:I103CITIUS33XXXXN}{3:{121:%s}}{4:\r\n:20:%s\r\n:23B:CRED\r\n:32A:%sUSD%s,\r\n' \
        "$UETR" "$1" "$2" "$3"
    printf ':50K:/1234\r\nACME\r\n:57A:RCBCPHMM\r\n:59:/9013111141\r\nJOHN SMITH\r\n:71A:SHA\r\n-}\r\n'
}

start http --config "$TMP/cordon.yaml" || exit 1

what_is_answered_is_in_the_ledger() {
    table 2020-01-01,1,2,5,EUR,a 2020-01-01,2,3,4,EUR,b
    post 201 test table
    is '["bank:test",2,2]' '[.chain, .payments, .added]'
    is "\"$(sha256sum <table | cut -c1-64)\"" .sha256
    [ "$(payments test)" = 2 ]
    grep -q '"event":"bank-messages".*"key":"bank".*"added":2' "$CORDON_HOME/audit.jsonl"
}

the_same_again_is_not_taken_again() {
    post 200 test table
    is '[2,0]' '[.payments, .added]'
    table 2020-01-02,3,4,3,EUR,c
    post 201 test table
    table 2020-01-01,1,2,5,EUR,a 2020-01-01,2,3,4,EUR,b # after a later one, too
    post 200 test table
    is '[2,0]' '[.payments, .added]'
    [ "$(payments test)" = 3 ]
}

a_payment_among_others_is_refused() {
    table 2020-01-02,3,4,3,EUR,c 2020-01-02,4,5,2,EUR,d
    post 400 test table
    says body "is in the ledger already"
    table 2020-01-02,3,4,7,EUR,c # the same payment, another amount, the same day
    post 400 test table
    says body "is in the ledger already"
    [ "$(payments test)" = 3 ]
    table 2020-01-02,4,5,2,EUR,d
    post 201 test table
    [ "$(payments test)" = 4 ]
}

both_ways_are_one_book() {
    table 2020-01-02,4,5,2,EUR,d
    touch -d '10 seconds ago' table
    mv table spool/again.csv
    for _ in $(seq 1200); do [ ! -e spool/done/again.csv ] || break; sleep 0.05; done
    [ -e spool/done/again.csv ]
    [ "$(payments test)" = 4 ]
}

forms_are_told_apart() {
    mt103 REF1 160204 995 >one.fin
    post 201 other one.fin
    is '[1,1]' '[.payments, .added]'
    post 200 other one.fin
    mt103 REF1 160204 994 >two.fin
    post 400 other two.fin
    says body "is in the ledger already"
    asked 200 /v1/address/bank:other/RCBCPHMM%2F9013111141
    [ "$(payments other)" = 1 ]
    post 201 third "$SOURCE/fuzz/corpus/pacs008/one" # pacs.008
    is '[1,1]' '[.payments, .added]'
    sed 's/.*\(<Document[^>]*pacs.004.*<.Document>\).*/\1/' "$SOURCE/fuzz/corpus/pacs008/return" >returned # pacs.004
    post 201 third returned
    is '[1,1]' '[.payments, .added]'
    post 200 third returned
    [ "$(payments third)" = 2 ]
}

what_is_bad_changes_nothing() {
    table 2020-01-03,1,2,5,EUR,e 2020-01-03,1,2,much,EUR,f
    post 400 test table
    says body "messages: line 3" much
    table 2019-01-01,1,2,5,EUR,g
    post 400 test table
    says body "ingest anew"
    ! grep -q "$TMP" body || false
    printf '<Document><!DOCTYPE a></Document>' >xml
    post 400 test xml
    printf '\xff\xfe\xfd' >bytes
    post 400 test bytes
    : >empty
    post 400 test empty
    post 404 none table
    post 404 "$(printf 'a%.0s' $(seq 200))" table
    as=$bank asked 400 '/v1/bank/test/messages?map=a' --data-binary @table
    as=$desk asked 403 /v1/bank/test/messages --data-binary @table
    head -c 17000000 /dev/zero >large
    post 413 test large
    [ "$(payments test)" = 4 ]
}

a_large_body_is_whole() {
    { echo time,from,to,amount,currency,payment; seq 20000 | sed 's/.*/2020-01-04,&,99999,1.00,EUR,p&/'; } >many
    [ "$(stat -c %s many)" -gt 500000 ]
    post 201 test many
    is '[20000,20000]' '[.payments, .added]'
    [ "$(payments test)" = 20004 ]
}

what_cannot_be_followed_is_told() {
    printf 'follow:\n- chain: bank:test\n  urls: [http://127.0.0.1:1]\n' >bad.yaml
    want 3 "$CORDON" serve --listen 127.0.0.1:0 --home other --config bad.yaml
    says err "bank:test is not followed by nodes"
}

# A node is killed while payments come in by turns; whoever has no answer sends the same again.
killed_at_any_moment_nothing_is_lost_or_doubled() {
    local i=0 tried kills=0 answer
    while [ $i -lt 24 ]; do
        i=$((i + 1))
        table "2020-01-05,$i,99999,1,EUR,k$i"
        if [ $((i % 4)) = 0 ]; then
            ( sleep 0.00$((i * 7 % 10)); kill -9 "$node" ) & # 8, 6, 4, 2, 0, 8 thousandths
            curl -s -o "$TMP/body" -H "Authorization: Bearer $bank" --data-binary @table "http://127.0.0.1:$port/v1/bank/test/messages" || true
            while kill -0 "$node" 2>/dev/null; do sleep 0.01; done
            kills=$((kills + 1))
            start "again$kills" --config "$TMP/cordon.yaml"
        fi
        answer=$(curl -s -o "$TMP/body" -w '%{http_code}' -H "Authorization: Bearer $bank" --data-binary @table \
            "http://127.0.0.1:$port/v1/bank/test/messages")
        [ "$answer" = 200 ] || [ "$answer" = 201 ]
    done
    [ $kills = 6 ]
    [ "$(payments test)" = 20028 ]
    as=$desk asked 200 /v1/address/bank:test/99999
        [ "$(jq -r '.holdings[0].received' "$TMP/body")" = 2002400 ]
    stop
}

check what_is_answered_is_in_the_ledger
check the_same_again_is_not_taken_again
check a_payment_among_others_is_refused
check both_ways_are_one_book
check forms_are_told_apart
check what_is_bad_changes_nothing
check a_large_body_is_whole
check what_cannot_be_followed_is_told
check killed_at_any_moment_nothing_is_lost_or_doubled
finish
