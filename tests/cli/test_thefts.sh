#!/bin/bash
# Two real thefts over lists of transfers as investigators have them: amounts as in the tables, hops in order, traps not
# followed, value held where the data ends. The tables are in CORDON_DATA, which is not part of the source; without it
# this skips.
. "$(dirname "$0")/../support.sh"
DATA=${CORDON_DATA:-$SOURCE/../shared/data}/evm

# Sums and counts come from the tables by awk, which knows nothing of taint.
ronin() {
    local dir=$DATA/ronin2022
    [ -r "$dir/transfers.csv" ] || skip "$dir is not here"
    sh "$SOURCE/examples/ronin-2022/list.sh" "$dir/exploit.csv" "$dir/transfers.csv" >ronin.csv
    want 0 "$CORDON" ingest ethereum --from ronin.csv --map "$(cat "$SOURCE/examples/ronin-2022/MAP")" --ledger ronin
    "$SOURCE/tools/check-json" case "$SOURCE/examples/ronin-2022/CASE.json"
    want 0 "$CORDON" trace "$SOURCE/examples/ronin-2022/CASE.json" --ledger ronin --format json --out trace.json
    "$SOURCE/tools/check-json" trace-accounts trace.json
    # the two payments whole, and both went on
    jq -e '[.totals[] | select(.asset != "ETH") | [.origin, .converted_out, .held]] | sort ==
        [["173600000000000000000000", "173600000000000000000000", "0"], ["25500000000000", "25500000000000", "0"]]' \
        trace.json >jq.log
    # the USDC is the five payments of the two wallets, to the last digit of the table
    awk -F, '($2 == "0x665660f65e94454a64b96693a67a41d440155617" || $2 == "0xe708f17240732bbfa1baa8513f66b665fbc7ce10") &&
        $3 == "0x098b716b8aaf21512996dc57eb0615e2383e2f96" { n++; sum += $4 } END { printf "%d %.6f\n", n, sum }' \
        "$dir/transfers.csv" >wanted
    jq -r '.routes[] | select(.amount_in == "25500000000000") |
        "\(.to | length) \(.taint_out[:-12] | tonumber / 1e6)"' trace.json | awk '{ printf "%d %.6f\n", $1, $2 }' >got
    cmp wanted got
    # what the wallet pays from 28 March on is what went on, but for dust that strangers had sent it
    awk -F, '$2 == "0x098b716b8aaf21512996dc57eb0615e2383e2f96" && $1 >= "2022-03-28" { sum += $4 }
        END { printf "%.5f\n", sum }' "$dir/transfers.csv" >wanted
    jq -r '.totals[] | select(.asset == "ETH") | .converted_in[:-13] | tonumber / 1e5' trace.json >got
    awk 'NR == FNR { all = $1; next } { exit !($1 <= all && $1 > all - 0.2) }' wanted got
    # the second hop: each payment of the seven wallets whole, as the table has it
    awk -F, 'NR > 1 && $2 != "0x098b716b8aaf21512996dc57eb0615e2383e2f96" && $4 > 100 &&
        $3 != "0x098b716b8aaf21512996dc57eb0615e2383e2f96" { printf "%s %s %.4f\n", $2, $3, $4 }' \
        "$dir/transfers.csv" | sort >wanted
    jq -r '.moves[] | select(.asset == "ETH" and .taint == .amount and (.amount | length) > 20 and
            ([.from, .to] | map(ascii_downcase) | index("0x098b716b8aaf21512996dc57eb0615e2383e2f96") == null)) |
        "\(.from | ascii_downcase) \(.to | ascii_downcase) \(.taint[:-14] | tonumber / 1e4)"' trace.json |
        awk '{ printf "%s %s %.4f\n", $1, $2, $3 }' | sort >got
    cmp wanted got
    [ "$(wc -l <got)" -eq 37 ]
    # there the list ends: all of it is held, nothing is exact, everything is stated
    jq -e '.exact == false and .inputs.internals == false and all(.moves[]; .grade == "stated") and
        (.totals[] | select(.asset == "ETH") | .held == .converted_in and .exits == "0")' trace.json >jq.log
    want 0 "$CORDON" verify trace.json --ledger ronin
    want 0 "$CORDON" trace "$SOURCE/examples/ronin-2022/CASE.json" --ledger ronin
    says out "173,600 WETH were unwrapped" "Not exact, because" "182161.7901468631482" "73 transfers"
}

# The first wallet's payments are the origins; what the swapper spends beyond what came to it are the tokens that it was
# sent and swapped. Later hops follow by themselves. Spoof tokens and look-alike receivers are never reached.
bybit() {
    local hops=$DATA/bybit2025/hops.csv first=0x47666fab8bd0ac7003bce3f5c3585383f09486e2
    local swapper=0xa4b2fd68593b6f34e51cb9edb66e71c1b4ab449e
    [ -r "$hops" ] || skip "$hops is not here"
    want 0 "$CORDON" ingest ethereum --from "$hops" --ledger bybit --map \
        time=time_utc,from=from,to=to,asset=asset,contract=token_contract,amount=amount,tx=tx_hash,decimals=18
    want 0 "$CORDON" address $first --chain ethereum --ledger bybit --format json
    jq --arg first $first --arg swapper $swapper '
        [.holdings[] | .asset as $asset | .transfers[] | select((.from // "" | ascii_downcase) == $first) |
            . + {asset: $asset}] as $paid |
        ([$paid[] | select((.to | ascii_downcase) == $swapper and .asset != "ETH" and
            (.amount | length) > 20)]) as $tokens |
        {id: "bybit-2025", kind: "theft", chain: "ethereum", origins: [($paid[] | select(.asset == "ETH")), $tokens[] |
            {transfer}],
         conversions: [{from: [$tokens[0] | {transfer}], to: {beyond: $swapper, asset: "ETH"},
                        source: "the list: tokens came in, and more ETH goes out than came in"}]}' out >case.json
    [ "$(jq '[.origins[]] | length' case.json)" -ge 40 ]
    want 0 "$CORDON" trace ./case.json --ledger bybit --format json --out trace.json
    "$SOURCE/tools/check-json" trace-accounts trace.json
    # hop by hop, as the table numbers them: the first wallet's payments, the swapper's, then on
    awk -F, 'NR > 1 && $1 == 1 && $7 == "ETH" && $9 > 0 { n++; sum += $9 } END { printf "%d %.1f\n", n, sum }' \
        "$hops" >wanted
    jq -r '[.moves[] | select(.asset == "ETH" and .hop == 0)] |
        "\(length) \([.[].taint[:-17] | tonumber / 10] | add)"' trace.json |
        awk '{ printf "%d %.1f\n", $1, $2 }' >got
    cmp wanted got
    jq -e '[.moves[] | select(.asset == "ETH") | .time] as $t | $t == ($t | sort)' trace.json >jq.log
    jq -r '.moves[] | select(.asset == "ETH") | "\(.hop) \(.from | ascii_downcase)"' trace.json | sort -u >got
    says got "0 $first" "1 $swapper" "2 0xdd90071d52f20e85c89802e5dc1ec0a7b6475f92"
    # no trap: no spoof token carries anything, and no receiver of spoof tokens alone is reached
    awk -F, 'NR > 1 && $7 == "SPOOF" { print $8 }' "$hops" | sort -u >spoofs
    jq -r '.moves[].asset | ascii_downcase' trace.json | sort -u >assets
    [ -s spoofs ]
    [ -z "$(comm -12 spoofs assets)" ]
    awk -F, 'NR > 1 && ($7 == "SPOOF" || $9 == 0) { print $6 }' "$hops" | sort -u >trapped
    awk -F, 'NR > 1 && $7 != "SPOOF" && $9 > 0 { print $6; print $5 }' "$hops" | sort -u >genuine
    comm -23 trapped genuine >traps
    [ -s traps ]
    jq -r '.moves[] | .to // empty | ascii_downcase' trace.json | sort -u >reached
    [ -z "$(comm -12 traps reached)" ]
    # the traps that the ledger has (those of amount 0 are no transfers) are told: the same head of three digits and
    # tail of four as an account that value came through
    jq -r '.look_alikes[] | "\(.account | ascii_downcase) \(.like | ascii_downcase)"' trace.json >alike
    [ "$(wc -l <alike)" -ge 10 ]
    awk 'substr($1, 3, 3) != substr($2, 3, 3) || substr($1, 39) != substr($2, 39) || $1 == $2' alike >unlike
    [ ! -s unlike ]
    awk '{ print $1 }' alike | sort -u >told
    [ -z "$(comm -13 traps told)" ]
    # what the spoof tokens call themselves on Ethereum (an explorer's export of February 2025): all five are told, as what
    # they are taken for; the real stETH and a token that no known one is like are not
    cat >tokens.csv <<'END'
address,symbol
0x669507921b89c11536fe28fb2b955fbc23dbe86d,EТH
0x2a120e7f2f1d8ffd173ed17aa5089f11206b5177,ЕТН...
0xf61e18a4f2b1a3784054393fce90848394fc3799,ЕRC20
0xee33058e9fceb8ebece8bdb0e70fcb257595c562,stEТH
0x1c75a0e50e488a8ef04cb681d24486c74a2802d7,ѕтETН
0x0d99217c4084b141dcab56d83693994ba8fda911,ЕТН
0xae7ab96520de3a18e5e111b5eaab095312d7fe84,stETH
END
    want 0 "$CORDON" trace ./case.json --ledger bybit --tokens tokens.csv --format json --out spoofs.json
    "$SOURCE/tools/check-json" trace-accounts spoofs.json
    jq -r '.spoof_tokens[] | "\(.asset | ascii_downcase) \(.like)"' spoofs.json | sort >told
    printf '%s\n' '0x0d99217c4084b141dcab56d83693994ba8fda911 ETH' '0x1c75a0e50e488a8ef04cb681d24486c74a2802d7 stETH' \
        '0x2a120e7f2f1d8ffd173ed17aa5089f11206b5177 ETH' '0x669507921b89c11536fe28fb2b955fbc23dbe86d ETH' \
        '0xee33058e9fceb8ebece8bdb0e70fcb257595c562 stETH' | cmp - told
    # every one of them is SPOOF in the table, and nothing else of the trace has changed
    awk '{ print $1 }' told | comm -23 - spoofs >missed
    [ ! -s missed ]
    cmp <(jq 'del(.inputs, .spoof_tokens)' trace.json) <(jq 'del(.inputs, .spoof_tokens)' spoofs.json)
    want 0 "$CORDON" verify spoofs.json --ledger bybit
    says out same
    jq --arg none "$(printf '0%.0s' {1..64})" '.inputs.known_tokens_sha256 = $none' spoofs.json >other.json
    want 1 "$CORDON" verify other.json --ledger bybit
    says out "inputs differ: known_tokens_sha256"
    jq --arg none "$(printf '0%.0s' {1..64})" '.inputs.trusts.known_sha256 = $none' spoofs.json >other.json
    want 1 "$CORDON" verify other.json --ledger bybit
    says out "inputs differ: trusts.known_sha256"
    want 0 "$CORDON" trace ./case.json --ledger bybit --tokens tokens.csv
    says out "Tokens that call themselves what another is called" "calls itself stE(U+0422)H" \
        "is not stETH, which is 0xae7ab96520DE3A18E5e111B5EaAb095312D7fE84"
    want 0 "$CORDON" trace ./case.json --ledger bybit --tokens tokens.csv --format html
    says out 'id="traps"' "calls itself stE(U+0422)H"
    # by other digits others are alike
    want 0 "$CORDON" trace ./case.json --ledger bybit --look-alike 4,4 --format json --out trace.json
    jq -e '.inputs.look_alike == {"head": 4, "tail": 4}' trace.json >jq.log
    jq -r '.look_alikes[] | "\(.account | ascii_downcase) \(.like | ascii_downcase)"' trace.json >alike
    awk 'substr($1, 3, 4) != substr($2, 3, 4) || substr($1, 39) != substr($2, 39) || $1 == $2' alike >unlike
    [ -s alike ] && [ ! -s unlike ]
    want 0 "$CORDON" verify trace.json --ledger bybit
    want 0 "$CORDON" trace ./case.json --ledger bybit --format json --out trace.json
    want 0 "$CORDON" trace ./case.json --ledger bybit
    says out "Made to look like accounts of this trace, and not followed"
    want 0 "$CORDON" verify trace.json --ledger bybit
}

check ronin
check bybit
finish
