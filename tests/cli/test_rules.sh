#!/bin/bash
# cordon rules: what a changed file would have decided, and where another service says something else.
. "$(dirname "$0")/../support.sh"

LISTED=0x098B716B8Aaf21512996dC57EB0615e2383E2f96
OTHER=0x1111111111111111111111111111111111111111
CLEAN=0x00000000219ab540356cBB839Cbe05303d7705Fa

{
    printf '1,"KIM, Chol Su","individual","DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 08 Jan 1960."\r\n'
    printf '3,"SOME GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Digital Currency Address - ETH %s."\r\n' "$LISTED"
    printf '\x1a\r\n'
} >"$TMP/sdn.csv"
printf '%s\n' 'rules:' '  - id: mine' '    mode: active' '    when: {match: exact}' '    then: {inbound: REVIEW, outbound: HOLD}' \
    'outage: {inbound: REVIEW, outbound: HOLD}' 'old_data: {after: 1h, inbound: REVIEW, outbound: HOLD}' \
    'no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}' 'otherwise: {inbound: CREDIT, outbound: ALLOW}' >"$TMP/mine.yaml"

a_file_is_checked() {
    want 0 "$CORDON" rules check mine.yaml
    [ "$(cat out)" = "mine.yaml: 1 rules, 1 active" ]
    sed 's/match: exact/match: exakt/' mine.yaml >bad.yaml
    want 3 "$CORDON" rules check bad.yaml
    [ "$(wc -l <err)" = 1 ]
    says err "cordon: bad.yaml: line 4: "
    want 2 "$CORDON" rules check
    want 2 "$CORDON" rules check mine.yaml --since 2024-01-01
    want 2 "$CORDON" rules
}

those_in_force_are_shown() {
    "$CORDON" rules show | cmp - "$SOURCE/src/screen/rules.yaml"
    want 0 "$CORDON" rules show --format json
    valid rules out
    [ "$(jq -r .from out)" = "those that ship" ]
    mkdir -p "$CORDON_HOME"
    cp mine.yaml "$CORDON_HOME/rules.yaml"
    "$CORDON" rules show | cmp - mine.yaml
    want 0 "$CORDON" rules show --format json
    [ "$(jq -c '[.from, .sha256, .rules]' out)" = \
        "[\"rules.yaml\",\"$(sha256sum <mine.yaml | cut -d' ' -f1)\",[{\"id\":\"mine\",\"mode\":\"active\"}]]" ]
    rm "$CORDON_HOME/rules.yaml"
}

past_questions_are_decided_twice() {
    want 0 "$CORDON" lists import --as-of 2024-01-02 sdn.csv
    want 3 "$CORDON" rules test mine.yaml
    says err "no question has been kept yet"
    want 1 "$CORDON" screen "$LISTED" "$OTHER" "Kim Chol Su"
    want 1 "$CORDON" screen --direction outbound "$LISTED"
    want 1 "$CORDON" rules test mine.yaml --format json
    valid rules-test out
    [ "$(jq -c '[.asked, .differ, .failed]' out)" = '[4,2,0]' ]
    [ "$(jq -c '.rows[] | [.questions, .from.decision, .from.decided_by, .to.decision, .to.rule // .to.decided_by]' out)" = \
        '[1,"REVIEW","floor","REVIEW","floor"]
[1,"BLOCK","floor","REVIEW","mine"]
[1,"BLOCK","floor","HOLD","mine"]
[1,"UNKNOWN","no_ledger","UNKNOWN","no_ledger"]' ]
    want 1 "$CORDON" rules test mine.yaml
    says out "BLOCK    floor          ->  REVIEW   mine" "4 past questions, 2 decided otherwise" "${LISTED,,}"
    want 0 "$CORDON" rules test "$SOURCE/src/screen/rules.yaml"
    says out "4 past questions, 0 decided otherwise"
    want 0 "$CORDON" rules test mine.yaml --since "$(date -u -d tomorrow +%F)"
    says out "0 past questions"
    # nothing of it was written down
    want 0 "$CORDON" questions changes
    says out "nothing changed"
    want 3 "$CORDON" rules test sdn.csv
    want 2 "$CORDON" rules test
}

another_service_is_compared() {
    want 0 "$CORDON" lists import --as-of 2024-01-02 sdn.csv
    {
        printf 'id,address,chain,risk\r\n'
        printf '1,%s,ethereum,low\r\n2,%s,,high\r\n3,%s,,Low\r\n4,%s,,Severe\r\n5,%s,,7\r\n' \
            "$LISTED" "$OTHER" "$CLEAN" "$LISTED" "$OTHER"
    } >vendor.csv
    want 1 "$CORDON" rules test --against vendor.csv --format json
    valid rules-against out
    [ "$(jq -c '[.both, .only_ours, .only_theirs, .neither, .unread]' out)" = '[1,1,1,1,1]' ]
    [ "$(jq -c '.rows[] | [.line, .where, .address, .theirs, .decision, [(.reasons // [])[].entry]]' out)" = \
        "[2,\"only_ours\",\"$LISTED\",\"low\",\"BLOCK\",[\"3\"]]
[3,\"only_theirs\",\"$OTHER\",\"high\",\"UNKNOWN\",[]]
[6,\"unread\",\"$OTHER\",\"7\",null,[]]" ]
    want 1 "$CORDON" rules test --against vendor.csv
    says out "line 2: $LISTED: BLOCK by floor here, low there" "  listed exact: ofac-sdn 3 (sanctions)" \
        'line 6: '"$OTHER"': not read: risk "7"' "1 not read"
    # by an own map nothing is left but what a list has, and by other rules nothing else
    want 1 "$CORDON" rules test mine.yaml --against vendor.csv --map high=ALLOW --map 7=UNKNOWN --format jsonl
    [ "$(jq -c '[.line, .decision, .rule]' out)" = '[2,"REVIEW","mine"]' ]
    sed -i 2d vendor.csv
    want 0 "$CORDON" rules test --against vendor.csv --map HIGH=ALLOW --map 7=UNKNOWN
    want 3 "$CORDON" rules test --against vendor.csv --map high=ALLOW
    says err "vendor.csv: 1 rows could not be read"
    want 2 "$CORDON" rules test --against vendor.csv --map high=FINE
    want 2 "$CORDON" rules test --against vendor.csv --since 2024-01-01
    want 2 "$CORDON" rules test mine.yaml --map high=ALLOW
    want 3 "$CORDON" rules test --against sdn.csv
    says err "line 1: a header is wanted, with a column address or name"
    printf 'address\n%s\n' "$OTHER" >vendor.csv
    want 3 "$CORDON" rules test --against vendor.csv
    says err "a column decision, risk or category is wanted"
}

check a_file_is_checked
check those_in_force_are_shown
check past_questions_are_decided_twice
check another_service_is_compared
finish
