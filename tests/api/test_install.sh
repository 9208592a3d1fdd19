#!/bin/bash
# What `make install` leaves behind works without the source tree: the example of the library is built against the
# installed copy, shared and static, and says what the program says; promises.c holds it to every word of the header.
. "$(dirname "$0")/../support.sh"

meson install -C "$BUILD" --no-rebuild --destdir "$TMP/stage" >"$TMP/install.log" 2>&1 || cat "$TMP/install.log"
prefix=$(find "$TMP/stage" -name include -type d | head -n 1)
prefix=${prefix%/include}
libs=$(dirname "$(find "$prefix" -name libcordon.a)")
export PKG_CONFIG_PATH=$libs/pkgconfig PKG_CONFIG_SYSROOT_DIR=$TMP/stage LD_LIBRARY_PATH=$libs

"$CORDON" sim --seed 3 --blocks 120 --out "$TMP/world" >"$TMP/sim.log"
case_file=$(find "$TMP/world/cases" -name '*.json' | sort | head -n 1)
origin=$(jq -r '.origins[0].output' "$case_file")
printf 'time,from,to,amount\n2024-01-01T00:00:00Z,0x%040x,0x%040x,2.5\n' 0xaa 0xbb >"$TMP/list.csv"

everything_is_there() {
    for file in bin/cordon include/cordon.h share/man/man1/cordon.1 share/man/man1/cordon-trace.1 \
        share/man/man1/cordon-serve.1 share/bash-completion/completions/cordon share/cordon/schemas/trace.json \
        share/cordon/openapi.json share/cordon/rules.yaml share/cordon/grafana.json lib/systemd/system/cordon.service \
        share/doc/cordon/README.md share/doc/cordon/operations.md share/doc/cordon/examples/cordon.example.yaml; do
        [ -s "$prefix/$file" ] || {
            echo "$file is not installed"
            return 1
        }
    done
    want 0 "$prefix/bin/cordon" --version
    [ "$(pkg-config --modversion cordon)" = "$(sed -n 's/^cordon //p' out)" ]
}

# Where pkg-config looks by itself, programs are linked and loaded, too.
the_system_looks_there() {
    [[ $prefix == */usr/local || $prefix == */usr ]] || skip "the prefix is $prefix"
    pkg-config --variable pc_path pkg-config | tr : '\n' | grep -qxF "${libs#"$TMP/stage"}/pkgconfig" || {
        echo "${libs#"$TMP/stage"} is not looked in"
        return 1
    }
}

# A library that counts its branches (make cover) exports what counts, and wants it at the link.
counts_branches() { nm "$libs/libcordon.a" 2>/dev/null | grep -q ' U __gcov_init$'; }

only_what_the_header_promises_is_exported() {
    if counts_branches; then skip "the library counts its branches"; fi
    nm -D --defined-only "$libs/libcordon.so" | sed 's/.* //' | sort >exported
    grep -o 'cordon_[a-z_]*(' "$prefix/include/cordon.h" | tr -d '(' | sort -u >promised
    diff promised exported
}

# The trace of the example is byte for byte that of the program.
example_says_the_same() { # PROGRAM LEDGER
    want 0 "./$1" bitcoin:sim "$TMP/world/blocks" "$2" "$origin"
    cp out example.json
    says err "120 blocks added"
    want 0 "$CORDON" trace --ledger "$2" --policy fifo --format json "$origin"
    cmp out example.json
    want 2 "./$1" bitcoin:nowhere x y z
    says err 'unknown chain "bitcoin:nowhere"'
}

# A program that has the header alone, strict C11; shared or static.
built() { # HOW SOURCE PROGRAM
    local flags=(-std=c11 -D_POSIX_C_SOURCE=200809L -pedantic -Wall -Wextra -Werror)
    # shellcheck disable=SC2046
    case $1 in
    shared)
        "${CC:-cc}" "${flags[@]}" "$2" -o "$3" -pthread $(pkg-config --cflags --libs cordon)
        ldd "$3" | grep -q "$libs/libcordon.so"
        ;;
    static)
        "${CC:-cc}" "${flags[@]}" "$2" -o "$3" -pthread $(pkg-config --cflags cordon) "$libs/libcordon.a" \
            $(PKG_CONFIG_SYSROOT_DIR='' pkg-config --static --libs-only-l cordon | sed 's/-lcordon//g')
        ;;
    esac
}

promises_are_kept() { # HOW
    built "$1" "$SOURCE/tests/api/promises.c" "promises-$1"
    want 0 "./promises-$1" "$TMP/world/blocks" "coins-$1" "$origin" "$TMP/list.csv" "accounts-$1"
    says out held
}

with_the_shared_library() {
    built shared "$SOURCE/examples/trace.c" shared
    example_says_the_same shared ledger-shared
    promises_are_kept shared
}

with_the_static_library() {
    if counts_branches; then skip "the library counts its branches"; fi
    built static "$SOURCE/examples/trace.c" static
    example_says_the_same static ledger-static
    promises_are_kept static
}

the_header_is_c_plus_plus_too() {
    echo '#include <cordon.h>
int main() { return cordon_version()[0] == 0; }' >plus.cpp
    # shellcheck disable=SC2046
    "${CXX:-c++}" -Wall -Wextra -Werror plus.cpp -o plus $(pkg-config --cflags --libs cordon)
    ./plus
}

check everything_is_there
check the_system_looks_there
check only_what_the_header_promises_is_exported
check with_the_shared_library
check with_the_static_library
check the_header_is_c_plus_plus_too
finish
