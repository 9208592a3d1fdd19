#!/bin/bash
# What `make install` leaves behind works without the source tree: the example of the library is built against the
# installed copy, shared and static, and says what the program says.
. "$(dirname "$0")/../support.sh"

meson install -C "$BUILD" --no-rebuild --destdir "$TMP/stage" >"$TMP/install.log" 2>&1 || cat "$TMP/install.log"
prefix=$(find "$TMP/stage" -name include -type d | head -n 1)
prefix=${prefix%/include}
libs=$(dirname "$(find "$prefix" -name libcordon.a)")
export PKG_CONFIG_PATH=$libs/pkgconfig PKG_CONFIG_SYSROOT_DIR=$TMP/stage LD_LIBRARY_PATH=$libs

"$CORDON" sim --seed 3 --blocks 120 --out "$TMP/world" >"$TMP/sim.log"
case_file=$(find "$TMP/world/cases" -name '*.json' | sort | head -n 1)
origin=$(jq -r '.origins[0].output' "$case_file")

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

example_with_the_shared_library() {
    # shellcheck disable=SC2046
    "${CC:-cc}" -Wall -Wextra -Werror "$SOURCE/examples/trace.c" -o shared $(pkg-config --cflags --libs cordon)
    ldd shared | grep -q "$libs/libcordon.so"
    example_says_the_same shared ledger-shared
}

example_with_the_static_library() {
    if counts_branches; then skip "the library counts its branches"; fi
    # shellcheck disable=SC2046
    "${CC:-cc}" "$SOURCE/examples/trace.c" -o static $(pkg-config --cflags cordon) "$libs/libcordon.a" \
        $(PKG_CONFIG_SYSROOT_DIR='' pkg-config --static --libs-only-l cordon | sed 's/-lcordon//g')
    example_says_the_same static ledger-static
}

the_header_is_c_plus_plus_too() {
    echo '#include <cordon.h>
int main() { return cordon_version()[0] == 0; }' >plus.cpp
    # shellcheck disable=SC2046
    "${CXX:-c++}" -Wall -Wextra -Werror plus.cpp -o plus $(pkg-config --cflags --libs cordon)
    ./plus
}

check everything_is_there
check only_what_the_header_promises_is_exported
check example_with_the_shared_library
check example_with_the_static_library
check the_header_is_c_plus_plus_too
finish
