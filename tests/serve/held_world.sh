# A group of three for scripts: a government that reports a theft, a member that verifies it, and an exchange, whose home is
# $CORDON_HOME, that is told of a deposit. Sourced behind tests/serve/node.sh, in $TMP. $also: more persons of the exchange;
# $two: a member of the charter, with a comma behind it.

PAID=1BoatSLRHtKNngkdXEeobR76b53LETtpyT
TAKER=12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S
OUTPUT=$(printf 'ab%.0s' $(seq 32)):0
MAIN=bip122:000000000019d6689c085ae165831e93

as_person() { # HOME COMMAND...
    local home=$1
    shift
    "$CORDON" "$@" --home "$TMP/$home" --as all --passphrase-file "$TMP/words"
}
as_exchange() { "$CORDON" "$@" --home "$CORDON_HOME"; }

member() { # ID KIND GOVERNMENT FOLDER
    printf '{"id":"%s","name":"%s","country":"KR","kind":"%s","government":%s,"state":"active","keys":["%s"],' "$1" "$1" "$2" "$3" \
        "$("$CORDON" member key new node --home "$4")"
    printf '"persons":[{"name":"all","key":"%s","roles":["investigator","compliance-officer","supervisor","secretary"]}' \
        "$("$CORDON" member key new person all --home "$4" --passphrase-file "$TMP/words")"
    [ "$1" != ex ] || [ -z "${also-}" ] || for person in $also; do # NAME:ROLE
        printf ',{"name":"%s","key":"%s","roles":["%s"]}' "${person%%:*}" \
            "$("$CORDON" member key new person "${person%%:*}" --home "$4" --passphrase-file "$TMP/words")" "${person#*:}"
    done
    printf ']}'
}

carry() { # FROM TO
    "$CORDON" log export --home "$1" --to "$3" --out "$TMP/carried" >/dev/null
    "$CORDON" log import "$TMP/carried" --home "$2" --group "$(cat "$TMP/group")" >/dev/null
}

# A government reports, another member verifies, the exchange is told.
found() {
    printf 'correct horse battery staple\n' >"$TMP/words"
    printf '{"name":"Two","quotas":{"live_cases":9},%s"groups":[{"id":"pair","members":["ex","kr"]}],"members":[%s,%s,%s]}' "${two-}" "$(member kr fiu true "$TMP/kr")" \
        "$(member jp responder false "$TMP/jp")" "$(member ex vasp false "$CORDON_HOME")" >draft.json
    "$CORDON" charter create draft.json --out charter.json --home kr | tail -n 1 >"$TMP/group"
    as_person kr charter propose charter.json
    as_person kr charter sign "$(cat "$TMP/group")"
    printf '{"id":"T","origins":[{"output":"%s"},{"address":"%s","chain":"bitcoin","from_time":1231000000}]}' "$OUTPUT" "$TAKER" >theft.json
    as_person kr case report theft.json
    carry kr jp jp
    case=$("$CORDON" case list --home kr | cut -d' ' -f1)
    as_person jp case verify "$case"
    carry jp kr kr
    tell "$OUTPUT"
}

# tell OUTPUT: an alert of that deposit, in $alert
tell() {
    alert=$(as_person kr alert send "$case" --holder ex --chain "$MAIN" --output "$1" --address "$PAID" --asset BTC --amount 90 \
        --received 100 | sed 's/.*alert:\([0-9a-f]*\).*/\1/')
    carry kr "$CORDON_HOME" ex
}
