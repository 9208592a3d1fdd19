# Homes of a group's members, for scripts that have sourced support.sh: `at HOME COMMAND...` and `as HOME PERSON COMMAND...` run
# the program there.
at() {
    local home=$1
    shift
    "$CORDON" "$@" --home "$home"
}
as() {
    local home=$1 person=$2
    shift 2
    "$CORDON" "$@" --home "$home" --as "$person" --passphrase-file "$TMP/passphrase"
}
# digits KIND: of the first object of that kind in out.
digits() { grep -oE "$1:[0-9a-f]+" "$TMP/out" | head -n 1 | cut -d: -f2; }
