#!/bin/bash
# cordon screen and cordon match as a compliance engineer uses them: a small list of its own, and OFAC's where it is.
. "$(dirname "$0")/../support.sh"

DATA=${CORDON_DATA:-$SOURCE/../shared/data}
LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96 # of a theft of March 2022: OFAC, 14 April 2022
CLEAN=0x00000000219ab540356cBB839Cbe05303d7705Fa  # the deposit contract of Ethereum's stakes

# Three entries as OFAC's sdn.csv has them: a person, his firm, and an address of a group.
small_list() {
    mkdir -p "$1"
    {
        printf '1,"KIM, Chol Su","individual","DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 08 Jan 1960; Passport 563410081 (Korea, North)."\r\n'
        printf '2,"SMALL TRADING COMPANY LTD",-0- ,"DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
        printf '3,"SOME GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Digital Currency Address - ETH %s; alt. Digital Currency Address - USDC %s."\r\n' "$LISTED" "$LISTED"
        printf '\x1a\r\n'
    } >"$1/sdn.csv"
}

import_small() {
    export CORDON_HOME=$TMP/home-$BASHPID
    small_list list
    want 0 "$CORDON" lists import --as-of 2024-01-02 list/sdn.csv
}

without_lists_nothing_is_clean() {
    export CORDON_HOME=$TMP/empty
    want 0 "$CORDON" screen --name "Nobody At All" --format jsonl
    says out '"decision":"REVIEW"' '"decided_by":"outage"' 'lists: none stands'
}

a_listed_address_is_blocked() {
    import_small
    want 1 "$CORDON" screen --format jsonl "$LISTED"
    says out '"decision":"BLOCK"' '"decided_by":"floor"' '"category":"sanctions"' '"entry":"3"' '"exact":true' \
        '"potential_matches":1'
    [ "$(jq -r '.reasons | length' out)" = 1 ] # one entry, though two assets name it
    want 1 "$CORDON" screen --format jsonl --direction outbound "${LISTED,,}"
    says out '"decision":"BLOCK"'
    want 1 "$CORDON" screen "$LISTED"
    says out "BLOCK  inbound  $LISTED" "listed: entry 3 of" "SOME GROUP" "CYBER2"
}

a_clean_address_is_not_said_to_be_clean_of_what_is_not_known() {
    import_small
    want 0 "$CORDON" screen --format jsonl "$CLEAN"
    says out '"decision":"UNKNOWN"' '"decided_by":"no_ledger"' 'no ledger of this chain'
    jq -e '.reasons == []' out >/dev/null
    want 3 "$CORDON" screen 0x00000000219ab540356cBB839Cbe05303D7705Fa # a wrong EIP-55 checksum
    says err "0x00000000219ab540356cBB839Cbe05303D7705Fa"
}

# Whatever is around it, and whatever chain is named: what is meant is on the list.
however_it_is_written() {
    import_small
    low=${LISTED,,}
    bare=${low#0x}
    for form in "$bare" "0X${bare^^}" " $LISTED " "ethereum:$LISTED@1?value=1" "eip155:56:$low" "bnb:$low" \
        "https://etherscan.io/address/$LISTED#code" "0x000000000000000000000000$bare" "$LISTED"$'\u00a0' \
        $'\ufeff'"$LISTED" "<$LISTED>" "0x098b716B8Aaf21512996dC57EB0615e2383E2f96" "${low/a/$'\u0430'}"; do
        want 1 "$CORDON" screen --dry --format jsonl "$form"
        says out '"decision":"BLOCK"' '"entry":"3"' '"exact":true'
    done
    want 1 "$CORDON" screen --dry --chain XBT "$LISTED"
    for chain in tron other bitcoin; do
        want 1 "$CORDON" screen --dry --format jsonl --chain $chain "$LISTED"
        says out '"decision":"BLOCK"' "\"listed_address\":\"$LISTED\""
    done
    want 1 "$CORDON" screen --dry "41$bare" # the same key on Tron
    says out "BLOCK" "by $LISTED, which is on the list"
    want 0 "$CORDON" screen --dry --format jsonl --chain tron "$CLEAN"
    says out '"decision":"UNKNOWN"' '"reasons":[]'
    for name in "$LISTED" "pay $LISTED now"; do
        want 3 "$CORDON" screen --dry --name "$name"
        says err "is an address, which is asked about as an address"
    done
    want 3 "$CORDON" screen --dry vitalik.eth
    says err '"vitalik.eth" is a domain'
    printf 'name,address\n%s,\n,vitalik.eth\n,"%s "\n' "$LISTED" "$low" >forms.csv
    want 1 "$CORDON" screen --dry --batch forms.csv
    [ "$(jq -r .decision out | tr '\n' ' ')" = "UNKNOWN UNKNOWN BLOCK " ]
}

names_are_potential_matches() {
    import_small
    want 1 "$CORDON" screen --format jsonl "Kim Chol Su"
    says out '"decision":"REVIEW"' '"entry":"1"' '"exact":false'
    want 1 "$CORDON" screen --format jsonl --direction outbound "Chol-su KIM"
    says out '"decision":"HOLD"' '"entry":"1"'
    same=$("$CORDON" screen --dry --born 1960-01-08 --format jsonl "Kim Chol Su" | jq '.reasons[0].score')
    other=$("$CORDON" screen --dry --born 1991-05-01 --format jsonl "Kim Chol Su" | jq '.reasons[0].score')
    [ "$other" -lt "$same" ] # lowered, and still told
    want 1 "$CORDON" screen --dry --format jsonl "Small 무역주식회사" # trading, share company
    says out '"decision":"REVIEW"' '"entry":"2"'
    want 0 "$CORDON" screen --dry --format jsonl --kind person "Small 무역주식회사"
    want 0 "$CORDON" screen --format jsonl "Maria Gonzalez Fernandez"
    says out '"decision":"CREDIT"' '"potential_matches":0'
    want 1 "$CORDON" screen --format jsonl --document 563410081 "Somebody Else"
    says out '"decision":"BLOCK"' '"entry":"1"' '"exact":true'
}

two_persons_quiet_a_false_positive() {
    import_small
    want 1 "$CORDON" screen --format jsonl "Small Trading Co"
    id=$(jq '.reasons[0].match' out)
    want 0 "$CORDON" match "$id"
    says out "open" "Small Trading Co"
    want 0 disposes ana "$id" false-positive "a bakery in Lyon"
    says out "said false positive" "a bakery in Lyon"
    want 3 disposes ana "$id" false-positive "again"
    says err 'a second person has to say it with another key, not "ana" again'
    cp "$CORDON_HOME/keys/person-ana.json" "$CORDON_HOME/keys/person-ann.json" # another name for one key
    want 3 disposes ann "$id" false-positive "again"
    says err 'a second person has to say it with another key, not "ann" again'
    want 2 "$CORDON" match dispose "$id" --verdict false-positive --reason "by nobody"
    want 3 "$CORDON" match dispose "$id" --verdict false-positive --reason "no key of that name" --as eve --passphrase-file words
    printf 'not the passphrase\n' >wrong
    want 2 "$CORDON" match dispose "$id" --verdict false-positive --reason "her key" --as ana --passphrase-file wrong
    want 2 "$CORDON" match dispose "$id" --verdict perhaps --reason "x" --as ana --passphrase-file words
    want 1 "$CORDON" screen --format jsonl "Small Trading Co"
    want 0 disposes ben "$id" false-positive "seen its register"
    want 0 "$CORDON" screen --format jsonl "Small Trading Co"
    says out '"decision":"CREDIT"' '"false_positive":true'
    # another version of the list in which the entry is the same: still quiet; changed: not
    small_list newer
    want 0 "$CORDON" lists import --as-of 2024-02-02 newer/sdn.csv
    want 0 "$CORDON" screen --format jsonl "Small Trading Co"
    sed -i 's/"SMALL TRADING COMPANY LTD",-0- ,"DPRK"/"SMALL TRADING COMPANY LTD",-0- ,"DPRK4"/' newer/sdn.csv
    want 0 "$CORDON" lists import --as-of 2024-03-02 newer/sdn.csv
    want 1 "$CORDON" screen --format jsonl "Small Trading Co"
    want 0 "$CORDON" match --format json
    jq -e '[.matches[] | select(.state == "open")] | length >= 1' out >/dev/null
    want 3 disposes eve "$id" true "x"
    says err "is settled"
    want 0 "$CORDON" match "$id" --format json
    [ "$(jq -c '[.matches[0].said[] | [.person, (.key | length), (.signature | length)]], ([.matches[0].said[].key] | unique | length)' out | tr -d '\n')" = \
        '[["ana",64,128],["ben",64,128]]2' ]
    want 3 "$CORDON" match 999
}

as_of_a_day() {
    import_small
    mkdir later
    sed '/SOME GROUP/d' list/sdn.csv >later/sdn.csv
    want 0 "$CORDON" lists import --fewer --as-of 2024-05-01 later/sdn.csv
    want 0 "$CORDON" screen --format jsonl "$LISTED"
    want 1 "$CORDON" screen --format jsonl --as-of 2024-04-30 "$LISTED"
    says out '"decision":"BLOCK"'
}

# A table as other programs write it: parted by semicolons or tabs, with a byte order mark.
a_header_as_people_write_it() {
    import_small
    printf ' Ref , Address ,Note\n1,%s,x\n' "$LISTED" >header.csv
    want 1 "$CORDON" screen --dry --batch header.csv
    says out '"ref":"1"' '"decision":"BLOCK"'
    printf 'address,ref,Address\n%s,1,%s\n' "$CLEAN" "$LISTED" >header.csv
    want 3 "$CORDON" screen --dry --batch header.csv
    says err 'header.csv: line 1: two columns are called address'
    want 4 "$CORDON" screen --dry --batch .
    says err '.: it cannot be read: Is a directory'
}

a_batch_of_another_separator() {
    import_small
    for sign in ';' '\t'; do
        printf "\xef\xbb\xbfref${sign}address\r\na, b${sign}%s\r\nc${sign}%s\r\n" "$LISTED" "$CLEAN" >batch.csv
        want 1 "$CORDON" screen --dry --batch batch.csv
        [ "$(jq -r '[.ref, .decision] | join(" ")' out | paste -sd'|')" = 'a, b BLOCK|c UNKNOWN' ]
    done
    printf 'address;risk\n%s;low\n' "$LISTED" >vendor.csv
    want 1 "$CORDON" rules test --against vendor.csv
    says out "BLOCK by floor here, low there"
}

a_batch_keeps_its_order() {
    import_small
    {
        printf 'ref,address,name,direction\n'
        printf 'a,%s,,inbound\n' "$CLEAN"
        printf 'b,%s,,outbound\n' "$LISTED"
        printf 'c,,"Kim, Chol Su",\n'
        printf 'd,not an address at all,,\n'
        printf 'e,,,\n'
    } >batch.csv
    want 1 "$CORDON" screen --batch batch.csv
    [ "$(jq -r .ref out | tr -d '\n')" = abcde ]
    [ "$(jq -r .decision out | tr '\n' ' ')" = "UNKNOWN BLOCK REVIEW UNKNOWN UNKNOWN " ]
    jq -se '.[3].error and .[4].error' out >/dev/null
    cp out csv.out
    # the same as JSON lines, through a pipe, byte by byte
    {
        printf '{"ref":"a","address":"%s","direction":"inbound"}\n' "$CLEAN"
        printf '{"ref":"b","address":"%s","direction":"outbound"}\n\n' "$LISTED"
        printf '{"ref":"c","name":"Kim, Chol Su"}\n{"ref":"d","address":"not an address at all"}\n{"ref":"e"}'
    } >batch.jsonl
    code=0
    dd if=batch.jsonl bs=1 2>/dev/null | "$CORDON" screen --batch - >out || code=$?
    [ "$code" = 1 ]
    [ "$(jq -c 'del(.error)' out | sha256sum)" = "$(jq -c 'del(.error)' csv.out | sha256sum)" ]
    printf 'ref,what\na,b\n' >bad.csv
    want 3 "$CORDON" screen --batch bad.csv
    says err "bad.csv: line 1: a header is wanted"
    printf 'address\n%s\n' "$CLEAN" >good.csv
    want 0 "$CORDON" screen --batch good.csv
    printf 'address\nxyz\n' >wrong.csv
    want 3 "$CORDON" screen --batch wrong.csv
}

rules_of_ones_own() {
    import_small
    cat >rules.yaml <<'YAML'
rules:
  - {id: mine, why: nothing leaves today, mode: active, then: {outbound: REJECT}}
outage: {inbound: REVIEW, outbound: HOLD}
old_data: {after: 1h, inbound: REVIEW, outbound: HOLD}
no_ledger: {inbound: CREDIT, outbound: ALLOW}
otherwise: {inbound: CREDIT, outbound: ALLOW}
YAML
    want 0 "$CORDON" screen --rules rules.yaml --direction outbound --format jsonl "$CLEAN"
    says out '"decision":"REJECT"' '"rule":"mine"' 'nothing leaves today'
    want 0 "$CORDON" screen --rules rules.yaml --format jsonl "$CLEAN"
    says out '"decision":"CREDIT"'
    want 1 "$CORDON" screen --rules rules.yaml --direction outbound --format jsonl "$LISTED"
    says out '"decision":"BLOCK"' # the floor
    echo "rules: [" >broken.yaml
    want 3 "$CORDON" screen --rules broken.yaml "$CLEAN"
    says err "rules: line"
}

every_answer_fits_its_schema() {
    import_small
    want 1 "$CORDON" screen --format json "$LISTED" "$CLEAN" "Kim Chol Su"
    "$SOURCE/tools/check-json" screen out
    want 0 "$CORDON" match --format json
    "$SOURCE/tools/check-json" matches out
    want 1 "$CORDON" screen --format jsonl "$LISTED"
    "$SOURCE/tools/check-json" screen out
}

a_chain_that_is_not_known_is_refused() {
    import_small
    want 2 "$CORDON" screen --chain ethereun "$CLEAN"
    says err 'chain "ethereun" is not known; known are bitcoin, ' ' ethereum, '
    printf 'address,chain,ref\n%s,ethereum,a\n%s,ethereun,b\n%s,ETH,c\n' "$CLEAN" "$CLEAN" "$CLEAN" >chains.csv
    want 3 "$CORDON" screen --batch chains.csv
    [ "$(jq -c '[.ref, .decided_by, (.error // "" | .[:35])]' out | tr -d '\n')" = \
        '["a","no_ledger",""]["b","error","line 3: chain \"ethereun\" is not kno"]["c","no_ledger",""]' ]
}

wrong_usage() {
    want 2 "$CORDON" screen
    want 2 "$CORDON" screen --batch x "$CLEAN"
    want 2 "$CORDON" screen --born 1984-13-01 "Kim"
    want 2 "$CORDON" match --verdict true
    want 2 "$CORDON" match dispose --verdict true --as ana --reason x
    want 2 "$CORDON" match 1 2
    want 2 "$CORDON" match x
    want 4 "$CORDON" screen --batch nowhere.csv
}

# Every address that OFAC listed on 29 December 2023, and as many that it did not.
ofac_to_the_address() {
    [ -f "$DATA/sanctions/ofac/2023-12-29/sdn.csv.zst" ] || skip "no data/sanctions/ofac"
    mkdir ofac
    for f in sdn alt add; do zstd -dq "$DATA/sanctions/ofac/2023-12-29/$f.csv.zst" -o "ofac/$f.csv"; done
    cp "$DATA/sanctions/ofac/2023-12-29/sdn_comments.csv" ofac/
    chmod u+w ofac/*
    export CORDON_HOME=$TMP/home-ofac
    want 0 "$CORDON" lists import --as-of 2023-12-29 ofac/sdn.csv
    {
        echo address
        jq -r '.by_currency[][]' "$DATA/sanctions/ofac/2023-12-29/expected-crypto-addresses.json" | sort -u
    } >listed.csv
    code=0
    "$CORDON" screen --dry --batch listed.csv >out || code=$?
    [ "$code" = 1 ]
    wrong=$(jq -c 'select(.decision != "BLOCK")' out | wc -l)
    [ "$(wc -l <out)" -ge 500 ]
    [ "$wrong" = 0 ] || { jq -c 'select(.decision != "BLOCK")' out | head -5; return 1; }
    want 1 "$CORDON" screen --dry "Lazarus Group"
    want 1 "$CORDON" screen --dry "김정은" # Kim Jong Un, in Hangul
    want 1 "$CORDON" screen --dry "Nobody At All (김정은)"
}

for test in without_lists_nothing_is_clean a_listed_address_is_blocked \
    a_clean_address_is_not_said_to_be_clean_of_what_is_not_known however_it_is_written \
    names_are_potential_matches \
    two_persons_quiet_a_false_positive as_of_a_day a_batch_keeps_its_order a_batch_of_another_separator a_header_as_people_write_it rules_of_ones_own \
    every_answer_fits_its_schema a_chain_that_is_not_known_is_refused \
    wrong_usage ofac_to_the_address; do
    check $test
done
finish
