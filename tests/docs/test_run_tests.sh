#!/bin/bash
# tools/run-tests counts what tests say, and with -a asks once more what failed, but for crashes and where much fails.
. "$(dirname "$0")/../support.sh"

# In place of meson, which is asked for nothing but the tests: those of the folder, in the order of their names.
mkdir "$TMP/bin"
cat >"$TMP/bin/meson" <<'SH'
#!/bin/bash
for t in "${@: -1}"/*.sh; do
    jq -n --arg name "$(basename "$t" .sh)" --arg cmd "$PWD/$t" '{name: $name, suite: ["cordon:unit"], timeout: 60, env: {}, cmd: [$cmd]}'
done | jq -s .
SH
chmod +x "$TMP/bin/meson"
PATH=$TMP/bin:$PATH

# a_test NAME: a test of the folder, its script from stdin. It counts the times that it is asked in the file NAME, and $n is that.
a_test() {
    mkdir -p dir
    {
        printf '#!/bin/bash\necho >>"$0.times"; n=$(wc -l <"$0.times")\nsays() { echo "[  PASSED  ] $1 test(s)."; }\n'
        printf 'fails() { echo "[  FAILED  ] $1 test(s), listed below:"; exit 1; }\n'
        cat
    } >"dir/$1.sh"
    chmod +x "dir/$1.sh"
}

times() { # NAME
    wc -l <"dir/$1.sh.times"
}

fresh() {
    rm -rf dir
    a_test good <<<'says 3'
}

what_is_counted() {
    fresh
    a_test bad <<<'echo why; says 1; fails 2'
    a_test skips <<<'echo "skipped: no data"; says 0; echo "[  SKIPPED ] 1 test(s), listed below:"'
    a_test mute <<<'exit 0'
    a_test coded <<<'says 5; exit 3'
    want 1 "$SOURCE/tools/run-tests" -C dir
    [ "$(tail -n 1 out)" = "9 passed, 4 failed, 1 skipped" ]
    says out '(printed no count)' '(ended with exit code 3)' '1 x skipped: no data' 'failed: bad'
    [ "$(times bad) $(times mute)" = '1 1' ]
    want 0 "$SOURCE/tools/run-tests" -C dir good
    [ "$(tail -n 1 out)" = "3 passed, 0 failed" ]
}

once_more_alone() {
    fresh
    a_test chance <<<'[ $n = 2 ] || { printf "not yet \xff\0\n"; says 1; fails 1; }; says 2'
    a_test bad <<<'says 1; fails 1'
    want 1 "$SOURCE/tools/run-tests" -a -C dir
    [ "$(tail -n 1 out)" = "6 passed, 1 failed" ]
    [ "$(times good) $(times chance) $(times bad)" = '1 2 2' ]
    says out 'failed once, passed alone: chance' 'failed: bad'
    grep -aqF '    not yet ' <(sed -n '/^failed once, passed alone: chance/,$p' out)
    # who does not ask for it does without
    rm dir/*.times
    want 1 "$SOURCE/tools/run-tests" -C dir
    [ "$(tail -n 1 out)" = "5 passed, 2 failed" ]
    [ "$(times chance)" = 1 ]
    # and where that was all, all is well
    rm dir/*.times dir/bad.sh
    want 0 "$SOURCE/tools/run-tests" -a -C dir
    [ "$(tail -n 1 out)" = "5 passed, 0 failed" ]
}

# How a row of a script ends, and whether it is a crash.
crashes() {
    local name script
    while IFS=' ' read -r name script; do
        fresh
        a_test "$name" <<<"$script"
        want 1 "$SOURCE/tools/run-tests" -a -C dir
        [ "$(tail -n 1 out)" = "3 passed, 1 failed" ] || { echo "$name: $(tail -n 1 out)" && return 1; }
        [ "$(times "$name")" = "$1" ] || { echo "$name: asked $(times "$name") times, not $1" && return 1; }
    done
}

a_crash_is_not_asked_again() {
    crashes 1 <<'ROWS'
itself kill -SEGV $$
aborts kill -ABRT $$
of-memory kill -KILL $$
cmocka echo "Test failed with exception: Segmentation fault(11)"; fails 1
ran sh -c 'kill -SEGV $$'; fails 1
behind sleep 60 & kill -ABRT $!; wait; fails 1
wanted sh -c 'kill -BUS $$' 2>/dev/null; echo "exit $?, wanted 0: cordon"; fails 1
python python3 -c 'import subprocess; subprocess.run(["sh", "-c", "kill -SEGV $$"], check=True)'; fails 1
asserts echo "cordon: ../src/x.c:3: f: Assertion \`n > 0' failed."; fails 1
ROWS
    crashes 2 <<'ROWS'
killed sleep 60 & kill -KILL $!; wait; fails 1
ended sleep 60 & kill -TERM $!; wait; fails 1
refused echo "exit 4, wanted 0: cordon"; fails 1
late echo "exit 124, wanted 0: timeout"; fails 1
ROWS
}

where_much_fails_nothing_is() {
    fresh
    for t in a b c; do a_test $t <<<'[ $n = 2 ] || fails 1; says 1'; done
    want 0 "$SOURCE/tools/run-tests" -a -C dir
    [ "$(times a) $(times b) $(times c)" = '2 2 2' ]
    rm dir/*.times
    a_test d <<<'[ $n = 2 ] || fails 1; says 1'
    want 1 "$SOURCE/tools/run-tests" -a -C dir
    [ "$(tail -n 1 out)" = "3 passed, 4 failed" ]
    [ "$(times a) $(times b) $(times c) $(times d)" = '1 1 1 1' ]
}

check what_is_counted
check once_more_alone
check a_crash_is_not_asked_again
check where_much_fails_nothing_is
finish
