#!/bin/bash
# Payment messages from the shell: what a bank kept and what it changed are followed, a later run adds days, what is
# refused leaves the ledger as it was. Amounts are worked out by hand from the messages below.
. "$(dirname "$0")/../support.sh"
UETR=97ed4827-7b6f-4491-a06f-b548d5a7512d

# message FROM TO LINE...: an MT 103 (SWIFT User Handbook, Category 1) with these fields beside those that all have.
message() {
    local from=$1 to=$2
    shift 2
    printf '{1:F01%sAXXX0000000000}{2:I103%sXXXXN}{3:{121:%s}}{4:\r\n' "$from" "$to" "$UETR"
    printf '%s\r\n' ":20:REF" ":23B:CRED" "$@" ":50K:/DE89370400440532013000" "ACME GMBH" \
        ":59:/9013111141" "JOHN SMITH" ":71A:SHA" "-}"
}

hash_of() { # PAYMENT
    printf 'cordon.bank/1\n%s\n' "$1" | sha256sum | cut -d' ' -f1
}

an_exchange_is_followed_as_stated() {
    message DEUTDEFF CITIUS33 ":32A:160204USD995," ":33B:EUR900," ":57A:RCBCPHMM" >one.fin
    want 0 "$CORDON" ingest bank:test --from one.fin --ledger exchange
    want 0 "$CORDON" trace "$(hash_of $UETR):p0" --chain bank:test --ledger exchange
    says out "900 EUR was marked; it moved in 3 transfers over 2 hops" "995 USD        2  RCBCPHMM/9013111141"
    want 0 "$CORDON" trace "$(hash_of $UETR):p0" --chain bank:test --ledger exchange --format json
    jq -e '[.moves[].grade] | unique == ["stated"]' out >/dev/null
    jq -e '.totals | map({(.asset): [.converted_out, .converted_in, .held]}) | add ==
           {"EUR": ["90000", "0", "0"], "USD": ["0", "99500", "99500"]}' out >/dev/null
}

what_a_bank_keeps_is_seen() {
    message DEUTDEFF CITIUS33 ":32A:160204USD995," ":33B:USD1000," ":71F:USD5," ":57A:RCBCPHMM" >one.fin
    message CITIUS33 RCBCPHMM ":32A:160205USD985," ":52A:DEUTDEFF" >two.fin
    want 0 "$CORDON" ingest bank:test --from one.fin two.fin --ledger kept
    want 0 "$CORDON" address CITIUS33/charges --ledger kept
    says out "received    10 USD"
    want 0 "$CORDON" address DEUTDEFF/charges --ledger kept
    says out "received    5 USD"
    want 0 "$CORDON" address "CITIUS33/transit/$UETR" --ledger kept
    says out "received    995 USD" "balance     0 USD"
    want 0 "$CORDON" address RCBCPHMM/9013111141 --ledger kept
    says out "balance     985 USD"
}

what_contradicts_is_refused_whole() {
    message DEUTDEFF CITIUS33 ":32A:160204USD995," ":57A:RCBCPHMM" >one.fin
    message DEUTDEFF CITIUS33 ":32A:160204USD994," ":57A:RCBCPHMM" >other.fin
    want 3 "$CORDON" ingest bank:test --from one.fin other.fin --ledger refused
    says err "one.fin: message 1 and other.fin: message 1 contradict each other: 995.00 USD, 994.00 USD"
    [ ! -e refused/head ]
}

later_days_are_added() {
    printf 'time,from,to,amount,currency\n2020-01-01,1,2,5,EUR\n' >one.csv
    printf 'time,from,to,amount,currency\n2020-01-01,1,2,5,EUR\n2020-01-02,2,3,4,EUR\n' | zstd -q >two.csv.zst
    want 0 "$CORDON" ingest bank:test --from one.csv --ledger later
    want 0 "$CORDON" ingest bank:test --from two.csv.zst --ledger later
    says out "1 blocks added, 1 transfers, 1 there already"
    want 0 "$CORDON" ingest bank:test --from two.csv.zst --ledger anew
    rm -f later/lock anew/lock
    diff -r later anew
    printf 'time,from,to,amount,currency\n2019-12-31,1,2,5,EUR\n' >before.csv
    want 3 "$CORDON" ingest bank:test --from before.csv --ledger later
    says err "ingest anew"
}

a_payment_is_not_taken_twice() {
    message DEUTDEFF CITIUS33 ":32A:160204USD995," ":57A:RCBCPHMM" >one.fin
    message CITIUS33 RCBCPHMM ":32A:160205USD985," ":52A:DEUTDEFF" >two.fin
    want 0 "$CORDON" ingest bank:test --from one.fin --ledger twice
    want 0 "$CORDON" ingest bank:test --from one.fin --ledger twice
    says out "0 blocks added"
    want 3 "$CORDON" ingest bank:test --from one.fin two.fin --ledger twice
    says err "payment $(hash_of $UETR) is in the ledger already"
    message CITIUS33 RCBCPHMM ":32A:160204USD985," ":52A:DEUTDEFF" >same.fin # the same day
    want 3 "$CORDON" ingest bank:test --from same.fin --ledger twice
    says err "payment $(hash_of $UETR) is in the ledger already"
    want 0 "$CORDON" address RCBCPHMM/9013111141 --ledger twice
    says out "balance     995 USD"
}

check an_exchange_is_followed_as_stated
check what_a_bank_keeps_is_seen
check what_contradicts_is_refused_whole
check later_days_are_added
check a_payment_is_not_taken_twice
finish
