# What test scripts share. A script sources this, calls its functions by `check NAME`, and ends with `finish`.
# $CORDON is the program under test, $SOURCE the source tree; a fresh $TMP is removed at the end.
set -u
: "${CORDON:?the program under test}"
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TMP=$(mktemp -d "${TMPDIR:-/tmp}/cordon-test-XXXXXX")
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

# The closing lines are cmocka's, so that tools/run-tests counts scripts and programs alike.
finish() {
    echo "[  PASSED  ] $passed test(s)."
    [ "$skipped" -eq 0 ] || echo "[  SKIPPED ] $skipped test(s), listed below:"
    [ "$failed" -eq 0 ] || echo "[  FAILED  ] $failed test(s), listed below:"
    exit $((failed > 0))
}
