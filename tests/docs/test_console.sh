#!/bin/bash
# The commands of the documents do what the documents say: every ```console block of README.md, docs/ and examples/ is run, the
# blocks of a file one after another in one new folder. A line "$ command" is run (a backslash at its end goes on);
# the lines up to the next one are its output, to the letter. A line "..." stands for any lines, and "..." within a
# line for any words.
. "$(dirname "$0")/../support.sh"
PATH=$(dirname "$CORDON"):$PATH

# The console blocks of a file as: a line "cmd COMMAND", then lines "out LINE".
blocks() {
    awk '
        /^```console$/ { inside = 1; next }
        /^```/ { inside = 0; next }
        !inside { next }
        more { line = line "\n" $0 }
        !more && /^\$ / { line = substr($0, 3); command = 1 }
        !more && !/^\$ / { print "out " $0; next }
        { more = line ~ /\\$/; if (more) sub(/\\$/, "", line); else { gsub(/\n */, " ", line); print "cmd " line } }
    ' "$1"
}

# Does the output match the lines wanted, where "..." is any lines?
matches() { # WANTED GOT
    awk '
        # Within a line "..." stands for any words.
        function like(want, got,    n, piece, i, at) {
            n = split(want, piece, /\.\.\./)
            if (n == 1)
                return want == got
            if (substr(got, 1, length(piece[1])) != piece[1])
                return 0
            for (i = 2; i <= n; i++) {
                got = substr(got, at + length(piece[i - 1]) + (i == 2))
                at = piece[i] == "" ? 1 : index(got, piece[i])
                if (!at)
                    return 0
            }
            return piece[n] == "" || substr(got, length(got) - length(piece[n]) + 1) == piece[n]
        }
        FILENAME == ARGV[1] { want[++n] = $0; next }
        { got[++m] = $0 }
        END {
            reach[0] = 1
            for (i = 1; i <= n + 1; i++) {
                split("", next_reach)
                any = 0
                for (j = 0; j <= m; j++) {
                    if (want[i] == "..." && i <= n) {
                        any = any || reach[j]
                        next_reach[j] = any
                    } else if (i <= n && j > 0 && reach[j - 1] && like(want[i], got[j])) {
                        next_reach[j] = 1
                    }
                }
                if (i > n)
                    exit !reach[m + 0]
                split("", reach)
                for (j in next_reach)
                    reach[j] = next_reach[j]
            }
        }' "$1" "$2"
}

run_one() {
    [ -n "$command" ] || return 0
    bash -c "$command" >"$TMP/got" 2>&1 </dev/null || echo "(exit $?)" >>"$TMP/got"
    matches "$TMP/wanted" "$TMP/got" || {
        echo "$document: $command"
        diff "$TMP/wanted" "$TMP/got" | head -n 30
        return 1
    }
}

# Runs the blocks of $document.
document_holds() {
    local line command=
    mkdir "$TMP/${document//\//_}"
    cd "$TMP/${document//\//_}"
    ln -s "$SOURCE/examples" examples
    export CORDON_HOME=$PWD/home
    : >"$TMP/wanted"
    while IFS= read -r line; do

        if [[ $line == cmd\ * ]]; then
            run_one
            command=${line#cmd }
            : >"$TMP/wanted"
        else
            printf '%s\n' "${line#out }" >>"$TMP/wanted"
        fi
    done < <(blocks "$SOURCE/$document" | sed "s/127\.0\.0\.1:8119/127.0.0.1:$port/g")
    run_one
}

cd "$SOURCE"
port=$(tests/peers/free_port.py 1 $$) # for the one that documents name, which somebody else here may have
day_lasts 300                         # one of them names the quarter that it is
for document in README.md docs/*.md examples/*/README.md; do
    grep -q '^```console$' "$document" || continue
    check document_holds
done
finish
