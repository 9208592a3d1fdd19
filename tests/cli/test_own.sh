#!/bin/bash
# cordon own: files in, a list, and whose an address is.
. "$(dirname "$0")/../support.sh"

KEYS=zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs
FIRST=bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu

comes_in() {
    want 1 "$CORDON" own check $FIRST
    printf '# ours\n%s gap=5\n1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsP customer-7 role=hot\n' $KEYS >ours.csv
    want 0 "$CORDON" own import ours.csv
    says out 'ours.txt: 2 lines, 1 of them descriptors'
    cmp ours.csv "$CORDON_HOME/own/ours.txt"
    want 0 "$CORDON" own check $FIRST
    says out "$FIRST on bitcoin is own: deposit, key 0"
    want 0 "$CORDON" own check 1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsP
    says out 'own: hot, account customer-7'
    want 1 "$CORDON" own check 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2
    want 0 "$CORDON" own list
    says out 'ours.txt' '2 lines' '1 descriptors'
    want 0 "$CORDON" own list --format json
    says out '"schema": "cordon.own/1"' '{"name": "ours.txt","lines": 2,"descriptors": 1}'
}

# The file of before stays.
wrong_stays_out() {
    printf '%s\n' $FIRST | want 0 "$CORDON" own import - --as cold
    printf 'nonsense\n' | want 3 "$CORDON" own import - --as cold
    says err 'cold.txt: line 1'
    want 0 "$CORDON" own check $FIRST
    printf '%s\n' $FIRST | want 2 "$CORDON" own import -
    want 2 "$CORDON" own import x --as ../x
    want 2 "$CORDON" own import x --as .x
    want 2 "$CORDON" own lend
}

check comes_in
check wrong_stays_out
finish
