# What test scripts share. A script sources this, calls its functions by `check NAME`, and ends with `finish`.
# $CORDON is the program under test, $SOURCE the source tree; a fresh $TMP is removed at the end.
set -u
export LC_ALL=C.UTF-8 # what is sorted, cut and printed is the same whoever runs it
: "${CORDON:?the program under test}"
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TMP=$(realpath "$(mktemp -d "${TMPDIR:-/tmp}/cordon-test-XXXXXX")")
trap 'rm -rf "$TMP"' EXIT
export CORDON_HOME=$TMP/home
passed=0 failed=0 skipped=0

# Runs a test function in a subshell; it fails at its first failing command, skips by `skip WHY`.
check() {
    local code
    (
        set -e
        cd "$TMP"
        "$1"
    )
    code=$?
    case $code in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *)
        failed=$((failed + 1))
        echo "failed: $1"
        ;;
    esac
}

skip() {
    echo "skipped: $*"
    exit 77
}

# want CODE COMMAND...: its exit code must be that; stdout and stderr are in $TMP/out and $TMP/err.
want() {
    local code=0 wanted=$1
    shift
    "$@" >"$TMP/out" 2>"$TMP/err" || code=$?
    [ "$code" -eq "$wanted" ] && return
    echo "exit $code, wanted $wanted: $*"
    head -n 20 "$TMP/out" "$TMP/err"
    return 1
}

# jq 1.6 with -e is content with an input in which nothing is: here that is a failure, as an answer that is false.
jq() {
    local said code=0
    [[ " $* " =~ \ -[a-z]*e[a-z]*\  ]] || {
        command jq "$@"
        return
    }
    said=$(command jq "$@") || code=$?
    [ -z "$said" ] || printf "%s\n" "$said"
    [ "$code" -ne 0 ] || [ "$said" ] || code=4
    return "$code"
}

# says FILE TEXT...: each text stands in the file.
says() {
    local file=$1 text
    shift
    for text; do
        grep -qF -- "$text" "$file" || {
            echo "\"$text\" is not in $(basename "$file"):"
            head -n 20 "$file"
            return 1
        }
    done
}

# valid SCHEMA FILE: what is in the file of $TMP (or by its whole path), by docs/schemas. Without jsonschema all is valid.
valid() {
    local file=$2
    [[ $file == /* ]] || file=$TMP/$file
    python3 -c 'import jsonschema' 2>/dev/null || return 0
    "$SOURCE/tools/check-json" "$1" "$file"
}

# until_ok COMMAND...: it succeeds at last; asked again for some minutes, so that no load makes it fail. A function is one
# command, or several joined by &&.
until_ok() {
    local ends=$((EPOCHSECONDS + 240))
    until "$@"; do
        [ $EPOCHSECONDS -lt $ends ] || {
            echo "never: $*"
            return 1
        }
        sleep 0.05
    done
}

# day_lasts SECONDS: this day of UTC goes on for as long, for a test that counts in days from now; where it is about to end the next
# one is waited for.
day_lasts() {
    while [ $((86400 - EPOCHSECONDS % 86400)) -le "$1" ]; do sleep 1; done
}

# disposes PERSON MATCH VERDICT REASON: with that person's key, which is made if the home has none.
disposes() {
    printf 'correct horse battery staple\n' >"$TMP/words"
    [ -e "$CORDON_HOME/keys/person-$1.json" ] ||
        "$CORDON" member key new person "$1" --passphrase-file "$TMP/words" >/dev/null || return
    "$CORDON" match dispose "$2" --verdict "$3" --as "$1" --reason "$4" --passphrase-file "$TMP/words"
}

# The closing lines are cmocka's, so that tools/run-tests counts scripts and programs alike.
finish() {
    echo "[  PASSED  ] $passed test(s)."
    [ "$skipped" -eq 0 ] || echo "[  SKIPPED ] $skipped test(s), listed below:"
    [ "$failed" -eq 0 ] || echo "[  FAILED  ] $failed test(s), listed below:"
    exit $((failed > 0))
}
