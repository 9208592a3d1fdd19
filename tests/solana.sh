# Answers of a node of Solana, by hand; to be sourced. Victim, Thief and Exchange have token accounts V, T and E (and N) of a token with
# 4 decimals that no table knows.
VICTIM=Victim1111111111111111111111111111111111111
THIEF=Thief11111111111111111111111111111111111111
EXCHANGE=Exchange11111111111111111111111111111111111
MINT=Mint111111111111111111111111111111111111111
NONCE=Nonce11111111111111111111111111111111111111
V=TokenVictim11111111111111111111111111111111
T=TokenThief111111111111111111111111111111111
N=TokenNew11111111111111111111111111111111111
E=TokenExchange111111111111111111111111111111
ONE=Signature111111111111111111111111111111111111111111111111111111111111111111111111111111
TWO=Signature111111111111111111111111111111111111111111111111111111111111111111111111111112
THREE=Signature111111111111111111111111111111111111111111111111111111111111111111111111111113
FOUR=Signature111111111111111111111111111111111111111111111111111111111111111111111111111114

# SLOT SIGNATURE PAYER FROM FROM_OWNER TO TO_OWNER BEFORE AFTER AMOUNT NONCE: accounts 0 payer, 1 from, 2 to, 3 nonce; programs 4, 5.
answer() {
    local nonce='' token='"programId":"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"'
    [ -z "${11}" ] || nonce="{\"programId\":\"11111111111111111111111111111111\",\"program\":\"system\",\"parsed\":{\"type\":\"advanceNonce\",\"info\":{\"nonceAccount\":\"$NONCE\",\"nonceAuthority\":\"$3\"}}},"
    balance() { echo "{\"accountIndex\":$1,\"mint\":\"$MINT\",\"owner\":\"$2\",$token,\"uiTokenAmount\":{\"amount\":\"$3\",\"decimals\":4}}"; }
    echo "{\"slot\":$1,\"blockTime\":$((1730000000 + $1)),\"transaction\":{\"signatures\":[\"$2\"],\"message\":{\"accountKeys\":[$(
        printf '{"pubkey":"%s","signer":false,"writable":true},' "$3" "$4" "$6" "$NONCE" 11111111111111111111111111111111
    ){\"pubkey\":\"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA\",\"signer\":false,\"writable\":false}],\"instructions\":[$nonce{$token,\"program\":\"spl-token\",\"parsed\":{\"type\":\"transfer\",\"info\":{\"amount\":\"${10}\",\"source\":\"$4\",\"destination\":\"$6\",\"authority\":\"$5\"}}}]}},\"meta\":{\"err\":null,\"fee\":5000,\"innerInstructions\":[],\"preBalances\":[9000000,2039280,2039280,1447680,1,1],\"postBalances\":[8995000,2039280,2039280,1447680,1,1],\"preTokenBalances\":[$(balance 1 "$5" "$8"),$(balance 2 "$7" 0)],\"postTokenBalances\":[$(balance 1 "$5" "$9"),$(balance 2 "$7" "${10}")]}}"
}
