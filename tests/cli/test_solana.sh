#!/bin/bash
# Solana, as people ask of it: an explorer shows token accounts, and the question is about their owner. Victim, Thief and Exchange
# have token accounts V, T and E of a token with 4 decimals that no table knows. At slot 1 the thief's transaction, signed over a
# durable nonce, takes 12.5 of it and fails to hide; at slot 2 he pays 10 into the exchange's token account.
. "$(dirname "$0")/../support.sh"

VICTIM=Victim1111111111111111111111111111111111111
THIEF=Thief11111111111111111111111111111111111111
EXCHANGE=Exchange11111111111111111111111111111111111
MINT=Mint111111111111111111111111111111111111111
NONCE=Nonce11111111111111111111111111111111111111
V=TokenVictim11111111111111111111111111111111
T=TokenThief111111111111111111111111111111111
E=TokenExchange111111111111111111111111111111
ONE=Signature111111111111111111111111111111111111111111111111111111111111111111111111111111
TWO=Signature111111111111111111111111111111111111111111111111111111111111111111111111111112

# SLOT SIGNATURE PAYER FROM FROM_OWNER TO TO_OWNER BEFORE AFTER AMOUNT NONCE: accounts 0 payer, 1 from, 2 to, 3 nonce; programs 4, 5.
answer() {
    local nonce='' token='"programId":"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"'
    [ -z "${11}" ] || nonce="{\"programId\":\"11111111111111111111111111111111\",\"program\":\"system\",\"parsed\":{\"type\":\"advanceNonce\",\"info\":{\"nonceAccount\":\"$NONCE\",\"nonceAuthority\":\"$3\"}}},"
    balance() { echo "{\"accountIndex\":$1,\"mint\":\"$MINT\",\"owner\":\"$2\",$token,\"uiTokenAmount\":{\"amount\":\"$3\",\"decimals\":4}}"; }
    echo "{\"slot\":$1,\"blockTime\":$((1730000000 + $1)),\"transaction\":{\"signatures\":[\"$2\"],\"message\":{\"accountKeys\":[$(
        printf '{"pubkey":"%s","signer":false,"writable":true},' "$3" "$4" "$6" "$NONCE" 11111111111111111111111111111111
    ){\"pubkey\":\"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA\",\"signer\":false,\"writable\":false}],\"instructions\":[$nonce{$token,\"program\":\"spl-token\",\"parsed\":{\"type\":\"transfer\",\"info\":{\"amount\":\"${10}\",\"source\":\"$4\",\"destination\":\"$6\",\"authority\":\"$5\"}}}]}},\"meta\":{\"err\":null,\"fee\":5000,\"innerInstructions\":[],\"preBalances\":[9000000,2039280,2039280,1447680,1,1],\"postBalances\":[8995000,2039280,2039280,1447680,1,1],\"preTokenBalances\":[$(balance 1 "$5" "$8"),$(balance 2 "$7" 0)],\"postTokenBalances\":[$(balance 1 "$5" "$9"),$(balance 2 "$7" "${10}")]}}"
}

ledger() {
    answer 1 "$ONE" "$THIEF" "$V" "$VICTIM" "$T" "$THIEF" 125000 0 125000 nonce >answers.jsonl
    answer 2 "$TWO" "$THIEF" "$T" "$THIEF" "$E" "$EXCHANGE" 125000 25000 100000 '' >>answers.jsonl
    "$CORDON" ingest solana --from answers.jsonl >/dev/null
}

token_accounts_are_their_owners() {
    ledger
    want 0 "$CORDON" address "$T" --chain solana
    says out "owner       $THIEF: it is his token account" "assets      1"
    want 0 "$CORDON" address "$T" --chain solana --format json
    says out "\"token_account_of\": \"$THIEF\""
    [ "$(jq '.holdings[0].transfers | length' out)" = 2 ] # in and out of his holding; notes are no transfers
    [ "$(jq -r '.holdings[0].asset' out)" = "$MINT" ]
    want 0 "$CORDON" address "$VICTIM" --chain solana --format json
    [ "$(jq 'has("token_account_of")' out)" = false ]
    want 0 "$CORDON" tx "$TWO" --chain solana
    says out "  $T of $THIEF" "  $E of $EXCHANGE"
    want 0 "$CORDON" tx "$TWO" --chain solana --format json
    [ "$(jq -r ".token_accounts[] | select(.account == \"$E\") | .owner" out)" = "$EXCHANGE" ]
    [ "$(jq '[.transfers[] | select(.kind == "note")] | length' out)" = 0 ]
}

# No table has the token; its decimals are told by the transactions: 125,000 base units of 4 decimals are 12.5.
amounts_in_the_tokens_units() {
    ledger
    want 0 "$CORDON" tx "$ONE" --chain solana
    says out "12.5 $MINT"
    want 0 "$CORDON" tx "$ONE" --chain solana --format json
    [ "$(jq '.transfers[] | select(.amount == "125000") | .decimals' out)" = 4 ]
}

a_token_account_is_an_origin() {
    ledger
    want 0 "$CORDON" trace "$T" --chain solana --format json
    [ "$(jq -r '.origins[0].transfer' out)" = "$ONE:i2" ]
    [ "$(jq '.origins | length' out)" = 1 ]
    cp out by-token-account
    echo "{\"id\": \"ONE\", \"origins\": [{\"chain\": \"solana\", \"address\": \"$THIEF\", \"asset\": \"$MINT\"}]}" >case.json
    want 0 "$CORDON" trace case.json --chain solana --format json
    diff <(jq -S 'del(.inputs, .case)' by-token-account) <(jq -S 'del(.inputs, .case)' out)
    echo "{\"id\": \"ONE\", \"origins\": [{\"chain\": \"solana\", \"address\": \"$T\", \"asset\": \"SOL\"}]}" >case.json
    want 3 "$CORDON" trace case.json --chain solana
}

a_stop_at_a_token_account_stops_its_owner() {
    ledger
    printf 'address,name,category\n%s,Exchange,exchange\n' "$E" >stops.csv
    want 0 "$CORDON" trace "$T" --chain solana --stop stops.csv --format json
    [ "$(jq -r '.totals[0].exits' out)" = 100000 ]
    [ "$(jq -r '.balances[] | select(.account == "'"$THIEF"'") | .taint' out)" = 25000 ]
}

a_durable_nonce_is_noted_on_the_first_transaction() {
    ledger
    want 0 "$CORDON" trace "$ONE" --chain solana
    says out "$ONE was signed over a durable nonce, perhaps long before it was sent: $NONCE."
    want 0 "$CORDON" trace "$ONE" --chain solana --format json
    [ "$(jq -r '.origins[0].durable_nonce' out)" = "$NONCE" ]
    want 0 "$CORDON" trace "$TWO" --chain solana --format json
    [ "$(jq '.origins[0] | has("durable_nonce")' out)" = false ]
}

# The label is the owner's, the question is about his token account: with the ledger the answer is the owner's, and says whose it is.
screening_asks_for_the_owner() {
    ledger
    printf 'address,label,actor,source\n%s,theft of today,Thief,a test\n' "$THIEF" >tags.csv
    "$CORDON" tags import tags.csv --columns 'address=address,label=label,actor=actor,source=source,network:solana,category:theft' >/dev/null
    want 0 "$CORDON" screen "$T" --chain solana --direction inbound --format json
    [ "$(jq -r '.answers[0].token_account_of' out)" = "$THIEF" ]
    [ "$(jq '[.answers[0].reasons[] | select(.evidence == "tagged")] | length' out)" = 1 ]
    want 0 "$CORDON" screen "$E" --chain solana --direction inbound --format json
    [ "$(jq -r '.answers[0].token_account_of' out)" = "$EXCHANGE" ]
    [ "$(jq '[.answers[0].reasons[] | select(.evidence == "exposed")] | length' out)" -ge 1 ] # what came from the thief
    want 0 "$CORDON" screen "$VICTIM" --chain solana --direction inbound --format json
    [ "$(jq '.answers[0] | has("token_account_of")' out)" = false ]
}

check token_accounts_are_their_owners
check amounts_in_the_tokens_units
check a_token_account_is_an_origin
check a_stop_at_a_token_account_stops_its_owner
check a_durable_nonce_is_noted_on_the_first_transaction
check screening_asks_for_the_owner
finish
