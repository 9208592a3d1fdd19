#!/bin/bash
# cordon lists: versions in, out, compared; small files, and those of the real world where they are.
. "$(dirname "$0")/../support.sh"
DATA=${CORDON_DATA:-$SOURCE/../shared/data}/sanctions

need() { [ -e "$DATA/$1" ] || skip "$DATA/$1 is not here"; }

row() { printf '%s,"%s",%s,"%s",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,%s\r\n' "$@"; }
sdn() { # DAY NAME-OF-2: sdn.csv and its neighbours in a folder
    mkdir -p "$1"
    {
        row 1 'AEROCARIBBEAN' '-0- ' CUBA '-0- '
        row 2 "$2" '"individual"' 'DPRK3] [CYBER2' '"DOB 25 Mar 1977; Digital Currency Address - XBT 12QtD5BFwRsdNsAZY76U"'
        printf '\032'
    } >"$1/sdn.csv"
    printf '2,"VE1xyCGNTojH9h; nationality China."\r\n\032' >"$1/sdn_comments.csv"
    printf '1,12,"aka","AERO-CARIBBEAN",-0- \r\n\032' >"$1/alt.csv"
    printf '1,25,-0- ,"Havana","Cuba",-0- \r\n\032' >"$1/add.csv"
}

# Neighbours come along, wherever the command is given and however they are named on it.
neighbours() {
    CORDON_HOME=$TMP/neighbours
    sdn 2024-01-02 'YAN, Xiaobing'
    (cd 2024-01-02 && want 0 "$CORDON" lists import sdn.csv)
    says out 'ofac-sdn           2024-01-02        2 entries      1 addresses  imported'
    want 0 "$CORDON" lists import 2024-01-02/*
    says out 'was there already'
    want 0 "$CORDON" lists show ofac-sdn 2
    says out 'YAN, Xiaobing' '12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h (XBT)' 'DPRK3' '1977' 'China'
    want 0 "$CORDON" lists show ofac-sdn 1 --format json
    says out '"AERO-CARIBBEAN"' '"Havana, Cuba"'
    valid lists-entry out
    want 2 "$CORDON" lists import 2024-01-02/alt.csv
    says err '"2024-01-02/alt.csv": goes with sdn.csv, which is not there'
}

# What is damaged keeps nothing else out, and each file is told of.
one_bad_of_several() {
    CORDON_HOME=$TMP/several
    sdn 2024-01-02 'YAN, Xiaobing'
    sdn 2024-02-03 'YAN, Steven'
    printf 'no list\n' >bad.csv
    want 3 "$CORDON" lists import 2024-01-02/sdn.csv bad.csv none.csv 2024-02-03/sdn.csv
    says out 'ofac-sdn           2024-01-02' 'ofac-sdn           2024-02-03' 'since 2024-01-02'
    says err '"bad.csv"' '"none.csv"'
    [ "$(wc -l <err)" = 2 ]
    want 3 "$CORDON" lists import bad.csv
    [ "$(wc -l <err)" = 1 ] && [ ! -s out ]
    want 2 "$CORDON" lists import --as-of soon 2024-01-02/sdn.csv bad.csv
    [ "$(wc -l <err)" = 1 ]
}

as_of() {
    CORDON_HOME=$TMP/as_of
    sdn 2024-01-02 'YAN, Xiaobing'
    sdn 2024-02-03 'YAN, Steven'
    want 0 "$CORDON" lists import 2024-02-03/sdn.csv 2024-01-02/sdn.csv --format json
    valid lists-import out
    want 0 "$CORDON" lists
    says out '2024-02-03'
    want 0 "$CORDON" lists --as-of 2024-02-02
    says out '2024-01-02'
    want 0 "$CORDON" lists show ofac-sdn 2 --as-of 2024-02-02
    says out Xiaobing
    want 0 "$CORDON" lists show ofac-sdn 2
    says out Steven
    want 3 "$CORDON" lists show ofac-sdn 2 --as-of 2024-01-01
    want 1 "$CORDON" lists diff ofac-sdn 2024-01-02 2024-02-03
    says out '~ 2  YAN, Steven' '    - name: YAN, Xiaobing' '    + name: YAN, Steven' \
        'ofac-sdn 2024-01-02 to 2024-02-03: 0 added, 0 removed, 1 changed'
    want 1 "$CORDON" lists diff ofac-sdn 2024-01-02 --format json
    valid lists-diff out
    want 0 "$CORDON" lists diff ofac-sdn 2024-01-02 2024-01-31
    want 0 "$CORDON" lists --all --format json
    valid lists out
}

refused() {
    CORDON_HOME=$TMP/refused
    want 3 "$CORDON" lists
    says err 'no list has been imported'
    sdn 2024-01-02 'YAN, Xiaobing'
    want 0 "$CORDON" lists import 2024-01-02/sdn.csv
    mkdir -p 2024-02-03
    head -c 150 2024-01-02/sdn.csv >2024-02-03/sdn.csv
    want 3 "$CORDON" lists import 2024-02-03/sdn.csv
    says err '"2024-02-03/sdn.csv": sdn.csv: ends within a record: it was cut'
    head -n 1 2024-01-02/sdn.csv >2024-02-03/sdn.csv
    want 3 "$CORDON" lists import 2024-02-03/sdn.csv
    says err 'ofac-sdn has 1 entries, the version of 2024-01-02 2: not taken' '--fewer'
    want 0 "$CORDON" lists
    says out 2024-01-02
    want 0 "$CORDON" lists import 2024-02-03/sdn.csv --fewer
    says out 'no end mark'
    want 2 "$CORDON" lists import 2024-02-03/sdn.csv --as-of tomorrow
    want 2 "$CORDON" lists import
    want 2 "$CORDON" lists shows
    want 4 "$CORDON" lists import nothing.csv
    want 2 "$CORDON" lists import 2024-02-03/sdn.csv --list 'Not A Name'
}

# The lists as they were published.
published() {
    CORDON_HOME=$TMP/published
    need ofac/2023-12-29/sdn.csv.zst
    want 0 "$CORDON" lists import "$DATA/ofac/2023-12-29/sdn.csv.zst" "$DATA"/un/*.zst \
        "$DATA/ofac/consolidated-nonsdn-2025-03-28.xml.zst"
    says out 'ofac-sdn           2023-12-29    13821 entries    575 addresses  imported' \
        'un                 2025-04-19      877 entries      0 addresses  imported' \
        'ofac-consolidated  2025-03-28      443 entries      0 addresses  imported'
    want 0 "$CORDON" lists show un KPi.001 --format json
    says out '"Yun Ho-chin"'
    valid lists-entry out
    want 1 "$CORDON" lists diff un 2020-11-30 2025-04-19 --format json
    valid lists-diff out
}

check neighbours
check one_bad_of_several
check as_of
check refused
check published
finish
