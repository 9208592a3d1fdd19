#!/bin/sh
# list.sh EXPLOIT.csv TRANSFERS.csv: the two payments and the native transfers as one list.
set -eu
echo time,from,to,asset,amount,tx
awk -F, 'NR > 1 { print $1 "," $2 "," $3 ",," $4 "," }' "$2" | tr -d '\r'
# amounts there are base units: 18 decimals of WETH, 6 of USDC
awk -F, 'NR > 1 {
    digits = $5 == "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2" ? 18 : 6
    print $2 ",0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2," $6 "," $5 "," substr($7, 1, length($7) - digits) "," $3
}' "$1" | tr -d '\r'
