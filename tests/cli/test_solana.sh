#!/bin/bash
# Solana, as people ask of it: an explorer shows token accounts, and the question is about their owner. Victim, Thief and Exchange
# have token accounts V, T and E of a token with 4 decimals that no table knows. At slot 1 the thief's transaction, signed over a
# durable nonce, takes 12.5 of it and fails to hide; at slot 2 he pays 10 into the exchange's token account.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/../solana.sh"

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
    # one that took something over moves nothing, and no trace begins with it: that is said, too
    answer 3 "$THREE" "$THIEF" "$V" "$VICTIM" "$T" "$THIEF" 0 0 0 nonce >answers.jsonl
    "$CORDON" ingest solana --from answers.jsonl --ledger taken >/dev/null
    want 3 "$CORDON" trace "$THREE" --ledger taken
    says err "$THREE moved nothing; it was signed over a durable nonce, $NONCE"
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

# Of a block's hash nothing tells that it is no address, so the ledger is asked: who asks about one learns what it is.
a_block_is_no_address() {
    export CORDON_HOME=$TMP/home-$BASHPID
    local hash=BLock111111111111111111111111111111111111111 bare=BLock111111111111111111111111111111111111112
    block() { # SLOT HASH PARENT REWARDS
        echo "{\"blockTime\":1730000000,\"blockhash\":\"$2\",\"parentSlot\":$(($1 - 1)),\"previousBlockhash\":\"$3\",\"transactions\":[],\"rewards\":[$4]}"
    }
    block 1 "$hash" "$NONCE" "{\"pubkey\":\"$VICTIM\",\"lamports\":2500,\"postBalance\":9000000,\"rewardType\":\"Fee\"}" >blocks.jsonl
    block 2 "$bare" "$hash" '' >>blocks.jsonl
    "$CORDON" ingest solana --from blocks.jsonl >/dev/null
    want 3 "$CORDON" trace "$hash" --chain solana
    says err "\"$hash\" is a block, and no address: its rewards have names of their own, the first $hash:r0"
    echo "{\"id\": \"B\", \"chain\": \"solana\", \"origins\": [{\"address\": \"$hash\"}]}" >case.json
    want 3 "$CORDON" trace case.json --chain solana
    says err "\"$hash\" is a block, and no address"
    for form in text json; do
        want 3 "$CORDON" address "$hash" --chain solana --format $form
        says err "\"$hash\" is a block, and no address"
    done
    want 3 "$CORDON" address "$bare" --chain solana
    says err "\"$bare\" is a block, and no address"
    ! grep -q 'its rewards' err || false
    want 0 "$CORDON" tx "$hash" --chain solana
    says out "nobody -> $VICTIM"
    want 0 "$CORDON" trace "$hash:r0" --chain solana
    want 0 "$CORDON" address "$THIEF" --chain solana # never seen, which is an answer
    want 3 "$CORDON" trace "$THIEF" --chain solana
    says err "\"$THIEF\" is not in the ledger"
}

# Token-2022: the thief makes 12 of his 12.5 confidential and pays an unknown sum to the exchange's account, which shows 3 of what it
# has. A trace ends where nothing is to be seen, and whoever shows something has not got it from the thief.
hidden() {
    export CORDON_HOME=$TMP/home-$BASHPID
    local program='"programId":"TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb","program":"spl-token"'
    instruction() { echo "{$program,\"parsed\":{\"type\":\"$1\",\"info\":{\"mint\":\"$MINT\",\"owner\":\"$THIEF\",$2}}}"; }
    shown() { echo "{\"accountIndex\":$1,\"mint\":\"$MINT\",\"owner\":\"$2\",\"programId\":\"TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb\",\"uiTokenAmount\":{\"amount\":\"$3\",\"decimals\":4}}"; }
    answer 1 "$ONE" "$THIEF" "$V" "$VICTIM" "$T" "$THIEF" 125000 0 125000 '' >answers.jsonl
    echo "{\"slot\":2,\"blockTime\":1730000002,\"transaction\":{\"signatures\":[\"$TWO\"],\"message\":{\"accountKeys\":[$(
        printf '{"pubkey":"%s"},' "$THIEF" "$T" "$E" "$MINT"
    ){\"pubkey\":\"TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb\"}],\"instructions\":[$(
        instruction depositConfidentialTransfer "\"account\":\"$T\",\"amount\":120000,\"decimals\":4"
    ),$(instruction confidentialTransfer "\"source\":\"$T\",\"destination\":\"$E\""),$(
        instruction withdrawConfidentialTransfer "\"account\":\"$E\",\"amount\":30000,\"decimals\":4"
    )]}},\"meta\":{\"err\":null,\"fee\":5000,\"innerInstructions\":[],\"preBalances\":[9000000,2039280,2039280,1,1],\"postBalances\":[8995000,2039280,2039280,1,1],\"preTokenBalances\":[$(
        shown 1 "$THIEF" 125000
    ),$(shown 2 "$EXCHANGE" 0)],\"postTokenBalances\":[$(shown 1 "$THIEF" 5000),$(shown 2 "$EXCHANGE" 30000)]}}" >>answers.jsonl
    "$CORDON" ingest solana --from answers.jsonl >/dev/null
}

what_is_confidential_ends_a_trace() {
    hidden
    want 0 "$CORDON" tx "$TWO" --chain solana
    says out "$THIEF -> confidential:$MINT" "confidential:$MINT -> $EXCHANGE" 'confidential, nobody sees how much' "some $MINT" "$THIEF -> $EXCHANGE"
    want 0 "$CORDON" tx "$TWO" --chain solana --format json
    [ "$(jq -r '.confidential[] | "\(.from) \(.to) \(.asset)"' out)" = "$THIEF $EXCHANGE $MINT" ]
    want 0 "$CORDON" address "confidential:$MINT" --chain solana --format json
    [ "$(jq -r '[.holdings[0].transfers[].amount] | join(" ")' out)" = "120000 30000" ]
    want 0 "$CORDON" trace "$T" --chain solana --format json
    [ "$(jq -r '.totals[0].exits' out)" = 120000 ]
    [ "$(jq -r '[.balances[] | select(.stop.name? == "confidential") | .account] | join(" ")' out)" = "confidential:$MINT" ]
    ! jq -e ".balances[] | select(.account == \"$EXCHANGE\")" out || false
    want 0 "$CORDON" trace "$T" --chain solana
    says out 'confidential'
}

# Who gets something out of sight has it from nobody that can be named; the thief's label is not on it.
what_is_confidential_is_no_exposure_of_others() {
    hidden
    printf 'address,label,actor,source\n%s,theft of today,Thief,a test\n' "$THIEF" >tags.csv
    "$CORDON" tags import tags.csv --columns 'address=address,label=label,actor=actor,source=source,network:solana,category:theft' >/dev/null
    want 0 "$CORDON" screen "$EXCHANGE" --chain solana --direction inbound --format json
    [ "$(jq '[.answers[0].reasons[] | select(.evidence == "exposed" and .category == "theft")] | length' out)" = 0 ]
    [ "$(jq -r '[.answers[0].reasons[] | select(.evidence == "exposed" and .category == "mixer")][0].amount' out)" = 30000 ]
}

# The label is the thief's token account's, and all blocks say whose that is: it counts for him, asked about by himself, and in what
# others have got. A token account that is made over to somebody else accuses neither of the two.
labelled() { # ADDRESS
    printf 'address,label,actor,source\n%s,theft of today,Thief,a test\n' "$1" >tags.csv
    "$CORDON" tags import tags.csv --columns 'address=address,label=label,actor=actor,source=source,network:solana,category:theft' >/dev/null
}

of_theft() { # ADDRESS EVIDENCE: how many reasons
    want 0 "$CORDON" screen "$1" --chain solana --direction inbound --format json
    jq "[.answers[0].reasons[] | select(.evidence == \"$2\" and .category == \"theft\")] | length" out
}

a_label_of_a_token_account_is_its_owners() {
    export CORDON_HOME=$TMP/home-$BASHPID
    ledger
    labelled "$T"
    [ "$(of_theft "$THIEF" entity)" = 1 ]
    says out 'a token account of the address' "$T"
    [ "$(of_theft "$T" tagged)" = 1 ]
    [ "$(of_theft "$T" entity)" = 0 ]
    [ "$(of_theft "$EXCHANGE" exposed)" = 1 ] # what the thief paid, from his token account
    [ "$(jq -r '.answers[0].reasons[0].amount' out)" = 100000 ]
    [ "$(of_theft "$E" exposed)" = 1 ]
    [ "$(of_theft "$VICTIM" entity)" = 0 ]
}

# What is kept of a pass is not gone on with where a label is somebody's by now.
a_label_counts_from_when_blocks_say_whose_it_is() {
    export CORDON_HOME=$TMP/home-$BASHPID
    answer 1 "$ONE" "$THIEF" "$V" "$VICTIM" "$N" "$THIEF" 125000 0 125000 '' >answers.jsonl
    "$CORDON" ingest solana --from answers.jsonl >/dev/null
    labelled "$T"
    [ "$(of_theft "$THIEF" entity)" = 0 ] # nobody has seen T
    answer 2 "$TWO" "$THIEF" "$N" "$THIEF" "$T" "$THIEF" 125000 25000 100000 '' >answers.jsonl
    answer 3 "$THREE" "$THIEF" "$N" "$THIEF" "$E" "$EXCHANGE" 25000 0 25000 '' >>answers.jsonl
    "$CORDON" ingest solana --from answers.jsonl >/dev/null
    [ "$(of_theft "$THIEF" entity)" = 1 ]
    [ "$(of_theft "$EXCHANGE" exposed)" = 1 ]
    answer 4 "$FOUR" "$THIEF" "$N" "$THIEF" "$T" "$EXCHANGE" 0 0 0 '' >answers.jsonl # T is the exchange's
    "$CORDON" ingest solana --from answers.jsonl >/dev/null
    [ "$(of_theft "$THIEF" entity)" = 0 ]
    [ "$(of_theft "$EXCHANGE" entity)" = 0 ]
    [ "$(of_theft "$EXCHANGE" exposed)" = 0 ]
}

# 70 SOL of August 2024, as a node told it: whoever changes what was signed is found out, at ingest, when evidence is made, and in it.
who_signed_is_proven() {
    local data=${CORDON_DATA:-$SOURCE/../shared/data}/solana/tx signature
    [ -d "$data" ] || skip "$data is not here"
    export CORDON_HOME=$TMP/home-$BASHPID
    grep '"slot": *284362892' "$data/phishing-json.jsonl" >answers.jsonl
    signature=$(jq -r .result.transaction.signatures[0] answers.jsonl)
    want 0 "$CORDON" ingest solana --from answers.jsonl --check full
    echo "{\"id\": \"P-1\", \"chain\": \"solana\", \"origins\": [{\"tx\": \"$signature\"}]}" >case.json
    want 0 "$CORDON" evidence make case.json --from answers.jsonl --examiner 'A. Kim' --out pack.json
    want 0 "$CORDON" verify pack.json
    says out 'proven by signatures: of 1 of 1 transactions, that who pays for it signed it, and whoever else had to; of 1 of 2 transfers, that parties'
    [ "$(jq .statement.acquisition.by_roots.signed pack.json)" = 1 ]
    jq -e '.statement.not_proven | map(select(test("only who signed it is proven"))) | length == 1' pack.json
    want 0 "$CORDON" verify pack.json --format json
    [ "$(jq '.parts[0] | .signed, .signed_transfers' out | xargs)" = '1 1' ] # of the fee, the other transfer, the node tells how much
    # whatever is changed, and made whole again: the bytes, the name, who paid
    python3 "$SOURCE/tests/cli/evidence_leaves.py" "$CORDON" pack.json --hashes >found
    grep -q statement/against found
    ! grep -E 'transactions/\*/(hash|signed)|events/\*/(data|kind)|by_roots' found || false
    # all of it agrees on a SOL less, which is not what was signed
    python3 - pack.json >less.json <<'END'
import hashlib, json, re, sys
d = json.loads(re.sub(r'(?<=")70000000000(?=")', "69000000000", open(sys.argv[1]).read()))
def hash_of(v):
    return hashlib.sha256(json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
d["evidence"]["fingerprint"] = hash_of(d["evidence"]["blocks"])
d["statement_sha256"] = hash_of(d["statement"])
json.dump(d, sys.stdout)
END
    want 1 "$CORDON" verify less.json
    says out 'instruction 3: another amount was signed'

    jq -c '.result.transaction.message.header.numReadonlySignedAccounts += 1' answers.jsonl >forged.jsonl
    want 0 "$CORDON" ingest solana --from forged.jsonl --ledger believed
    want 3 "$CORDON" ingest solana --from forged.jsonl --ledger checked --check full
    says err 'forged.jsonl line 1: signature 1 is not over this message, or not of account 1'
    [ "$(wc -l <err)" = 1 ]
    want 1 "$CORDON" evidence make case.json --from forged.jsonl --examiner 'A. Kim' --out no.json
    says err 'forged.jsonl line 1: signature 1 is not over'
    [ ! -e no.json ]
}

# Encoding jsonParsed has lost what was signed: that is said, and not passed over.
nobody_can_check_what_is_parsed() {
    ledger
    want 3 "$CORDON" ingest solana --from answers.jsonl --ledger checked --check full
    says err 'answers.jsonl line 1: in encoding jsonParsed what was signed is not there: ask the node for encoding json'
    echo "{\"id\": \"P-2\", \"chain\": \"solana\", \"origins\": [{\"tx\": \"$ONE\"}]}" >case.json
    want 0 "$CORDON" evidence make case.json --from answers.jsonl --examiner 'A. Kim' --out pack.json
    want 0 "$CORDON" verify pack.json
    says out 'by signatures: of 0 of 2 transactions' '(of 2 nobody has the bytes that were signed); of 0 of '
    [ "$(jq '.statement.acquisition.by_roots | has("signed")' pack.json)" = false ]
}

# A block's rewards stand under its hash, by kind, and are an origin like every other transfer.
rewards_by_kind() {
    export CORDON_HOME=$TMP/rewards
    local block=Bock1111111111111111111111111111111111111112 to=96XWbKem84optM8RLHhc8EYJQG8CCWA8F6oqWMPHDweN
    local reward="{\"pubkey\":\"$to\",\"lamports\":4,\"rewardType\":"
    echo "{\"result\":{\"blockTime\":1730000000,\"blockhash\":\"$block\",\"previousBlockhash\":\"Bock1111111111111111111111111111111111111111\",\"parentSlot\":6,\"transactions\":[],\"rewards\":[$reward\"Staking\"},$reward\"Voting\"},$reward\"Fee\"},$reward\"Rent\"}]}}" >block.jsonl
    "$CORDON" ingest solana --from block.jsonl >/dev/null
    want 0 "$CORDON" tx "$block" --chain solana --format json
    [ "$(jq -rc '[.transfers[] | .kind, .transfer]' out)" = "[\"staking\",\"$block:k0\",\"voting\",\"$block:o1\",\"reward\",\"$block:r2\",\"rent\",\"$block:e3\"]" ]
    for name in k0 o1 r2 e3; do
        want 0 "$CORDON" trace "$block:$name" --chain solana
        says out "$to" 0.000000004
    done
    want 3 "$CORDON" trace "$block:k1" --chain solana
    echo "{\"id\": \"R\", \"chain\": \"solana\", \"origins\": [{\"tx\": \"$block\"}]}" >case.json
    want 0 "$CORDON" trace case.json
    says out 0.000000016
}

check token_accounts_are_their_owners
check rewards_by_kind
check amounts_in_the_tokens_units
check a_token_account_is_an_origin
check a_stop_at_a_token_account_stops_its_owner
check a_durable_nonce_is_noted_on_the_first_transaction
check screening_asks_for_the_owner
check a_label_of_a_token_account_is_its_owners
check a_label_counts_from_when_blocks_say_whose_it_is
check a_block_is_no_address
check what_is_confidential_ends_a_trace
check what_is_confidential_is_no_exposure_of_others
check who_signed_is_proven
check nobody_can_check_what_is_parsed
finish
