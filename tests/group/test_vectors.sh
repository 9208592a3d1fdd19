#!/bin/bash
# The vectors are those that the standards alone give, and the program takes them.
. "$(dirname "$0")/../support.sh"

vectors_are_the_standards() {
    python3 "$SOURCE/tests/group/vectors.py" --check
}

the_program_takes_them() {
    want 0 "$CORDON" log verify "$SOURCE/tests/group/export.jsonl"
    says out '5 events of 3 streams are as they were signed' 'signed by kr'
    group=$(sed -n '1s/.*"group":"\([0-9a-f]*\)".*/\1/p' "$SOURCE/tests/group/export.jsonl")
    want 0 "$CORDON" log import "$SOURCE/tests/group/export.jsonl" --group "$group"
    says out '5 taken in, 0 known already, 0 kept apart, 0 wait'
    want 0 "$CORDON" case list
    says out 'verified' 'us' '盗難 €'
}

check vectors_are_the_standards
check the_program_takes_them
finish
