#!/bin/bash
# What runs a node as a service: the unit, the dashboard, the packages. Nothing is installed but below $TMP.
. "$(dirname "$0")/../support.sh"

unit=$BUILD/deploy/cordon.service

# The program need not be where the unit will find it once it is installed.
unit_here() {
    sed "s|^\(Exec[A-Za-z]*=\)[^ ]*/cordon |\1$CORDON |" "$unit" >cordon.service
}

the_unit_is_one() {
    command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
    unit_here
    want 0 systemd-analyze verify --man=no ./cordon.service
    [ ! -s err ] || {
        cat err
        return 1
    }
}

# systemd's own measure of what a service could still do, from 0 (nothing) to 10.
the_unit_is_hardened() {
    command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
    unit_here
    want 0 systemd-analyze security --offline=true --threshold=15 ./cordon.service
}

# What it starts is a command of the program, with a configuration that the package has.
the_unit_starts_the_node() {
    sed -n 's/^ExecStart=[^ ]*cordon //p' "$unit" | grep -qE '^serve --config [^ ]*/cordon/cordon\.yaml$'
    sed -n 's/^TimeoutStopSec=\([0-9]*\)s$/\1000/p' "$unit" >patience
    [ "$(cat patience)" -gt "$(sed -n 's/^ *stop_ms: //p' "$SOURCE/docs/cordon.example.yaml")" ]
    want 0 "$CORDON" serve --check --home "$TMP/home" --config "$SOURCE/docs/cordon.example.yaml"
}

# The names of every series that the code writes: a histogram has three.
metrics_written() {
    grep -rhoE 'metric_head\([^;]*' --include='*.c' -z "$SOURCE/src" | tr -d '\0' | tr -s ' \n' ' ' |
        grep -oE '"cordon_[a-z_]+", "[a-z]+"' | tr -d '",' |
        awk '$2 == "histogram" { print $1 "_bucket"; print $1 "_sum"; print $1 "_count"; next } { print $1 }' | sort -u
}

# The names in the dashboard's queries.
metrics_shown() {
    jq -r '.. | objects | (.expr // empty), (.query? // empty | strings)' "$SOURCE/deploy/grafana.json" |
        grep -oE 'cordon_[a-z_]+' | sort -u
}

the_dashboard_shows_what_the_node_counts() {
    metrics_written >written
    metrics_shown >shown
    [ "$(wc -l <written)" -gt 10 ]
    diff written shown
}

the_dashboard_is_one() {
    # Ids differ, nothing lies on another, every query has its source.
    jq -e '[.panels[].id] | length == (unique | length)' "$SOURCE/deploy/grafana.json" >/dev/null
    jq -e '[.panels[] | .gridPos as $g | range($g.x; $g.x + $g.w) as $x | range($g.y; $g.y + $g.h) as $y | [$x, $y]] |
        length == (unique | length) and all(.[0] < 24)' "$SOURCE/deploy/grafana.json" >/dev/null
    jq -e '[.panels[].targets[] | .datasource.uid == "${datasource}"] | all' "$SOURCE/deploy/grafana.json" >/dev/null
}

packages_hold_what_they_should() {
    command -v dpkg-shlibdeps >/dev/null || skip "no dpkg-dev"
    "$SOURCE/tools/deb" "$BUILD" debs >made
    [ "$(wc -l <made)" -eq 3 ]
    dpkg-deb -x debs/cordon_*.deb cordon
    want 0 "$(find cordon -path '*/bin/cordon')" --version
    [ "cordon $(dpkg-deb -f debs/cordon_*.deb Version)" = "$(head -n 1 out)" ]
    dpkg-deb -f debs/cordon_*.deb Depends | grep -q 'libmicrohttpd12 (>= .*libsqlite3-0 (>= .*adduser'
    dpkg-deb -f debs/libcordon-dev_*.deb Depends | grep -q 'libcordon0 (= .*libsqlite3-dev'
    dpkg-deb --ctrl-tarfile debs/cordon_*.deb | tar -x
    # The configuration is the administrator's: an upgrade asks before it replaces it.
    cmp "cordon$(cat conffiles)" "$SOURCE/docs/cordon.example.yaml"
    grep -q -- "--config $(cat conffiles)\$" "$(find cordon -name cordon.service)"
    (cd cordon && md5sum --quiet -c ../md5sums)
    for script in postinst prerm postrm; do
        [ -x $script ]
        sh -n $script
    done
    dpkg-deb -c debs/libcordon0_*.deb | grep 'libcordon\.so\.0 -> ' >found
    dpkg-deb -c debs/libcordon-dev_*.deb | grep '/include/cordon\.h$' >found
}

the_same_build_makes_the_same_packages() {
    command -v dpkg-shlibdeps >/dev/null || skip "no dpkg-dev"
    "$SOURCE/tools/deb" "$BUILD" again >/dev/null
    for package in debs/*.deb; do
        cmp "$package" "again/${package#debs/}"
    done
}

check the_unit_is_one
check the_unit_is_hardened
check the_unit_starts_the_node
check the_dashboard_shows_what_the_node_counts
check the_dashboard_is_one
check packages_hold_what_they_should
check the_same_build_makes_the_same_packages
finish
