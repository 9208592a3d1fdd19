#!/bin/bash
# Wrong usage: exit 2, nothing on stdout, one line that says what is meant. Help: exit 0, on stdout.
. "$(dirname "$0")/../support.sh"

# One line on stderr, beginning with "cordon: ", holding the text.
complains() {
    want "$1" "$CORDON" "${@:3}"
    [ ! -s out ]
    [ "$(wc -l <err)" -eq 1 ]
    says err "cordon: " "$2"
}

wrong_usage() {
    complains 2 'a command is missing'
    complains 2 'unknown command "hlep" (is help meant?)' hlep
    complains 2 'unknown command "florp" (see cordon help)' florp
    complains 2 'unknown option "--bogus" (see cordon help help)' help --bogus
    complains 2 'unknown option "--mna" (is --man meant?)' help --mna
    complains 2 'unknown option "-x"' help -x
    complains 2 '--man takes no value' help --man=1
    complains 2 '--man is given twice' help --man --man
    complains 2 '"b" is one argument too many' help a b
    complains 2 'unknown command "--bogus"' help -- --bogus
}

# A command of several words: which there are, what each takes, and what is of another.
wrong_words() {
    complains 2 'import, show, conflicts, withdraw, lint or export is wanted' tags florp
    complains 2 '"key": list, key new node, key new person, key show or key revoke is wanted' member key
    complains 2 'add, list or revoke is wanted (see cordon help key)' key
    complains 2 'show: ADDRESS is wanted' tags show
    complains 2 'diff: LIST FROM [TO] is wanted' lists diff ofac-sdn
    complains 2 'show: "b" is one argument too many' tags show a b
    complains 2 'key show: "b" is one argument too many' member key show b
    complains 2 '--private is of import, not of tags' tags --private
    complains 2 '--columns is of import and lint, not of show' tags show a --columns=a=b
    complains 2 '--subject is of questions, not of forget' questions forget --subject a
}

# What somebody typed cannot make two lines of one, nor colour it.
control_characters_are_shown_as_question_marks() {
    complains 2 'unknown command "a?b?[31m"' "$(printf 'a\nb\033[31m')"
}

help_goes_to_stdout() {
    for words in "help" "--help" "-h" "help help" "help --help"; do
        want 0 "$CORDON" $words
        [ -s out ] && [ ! -s err ]
    done
    want 0 "$CORDON" --version
    says out "cordon " "compiler" "sha-256" "OpenSSL" "zstd" "simdjson"
}

every_command_has_help_and_a_man_page() {
    for name in $("$CORDON" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
        want 0 "$CORDON" "$name" --help
        says out "usage: cordon $name"
        [ "$(awk 'length > 100' out | wc -l)" -eq 0 ]
        want 0 "$CORDON" help --man "$name"
        says out "cordon-$name(1)" "# NAME"
        [ -s "$BUILD/docs/cordon-$name.1" ]
    done
    [ -s "$BUILD/docs/cordon.1" ]
}

# complete WORD...: what the completion offers for the last word.
complete_words() {
    COMP_WORDS=(cordon "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _cordon
    echo "${COMPREPLY[*]-}"
}

completion_offers_commands_and_options() {
    "$CORDON" help --completion >completion
    . ./completion
    [ "$(complete_words hel)" = help ]
    [ "$(complete_words help he)" = help ]
    [ "$(complete_words help x --ma)" = --man ]
    [ "$(complete_words info --format js)" = json ]
    [ "$(complete_words lists di)" = diff ]
    [ "$(complete_words member k)" = key ]
}

a_full_disk_is_told() {
    [ -w /dev/full ] || skip "/dev/full is not here"
    local code=0
    "$CORDON" help >/dev/full 2>err || code=$?
    [ "$code" -eq 4 ]
    says err "cordon: stdout: " "No space left on device"
}

a_reader_that_leaves_ends_it_quietly() {
    "$CORDON" help 2>err | true
    [ "${PIPESTATUS[0]}" -eq 0 ]
    [ ! -s err ]
}

check wrong_usage
check wrong_words
check control_characters_are_shown_as_question_marks
check help_goes_to_stdout
check every_command_has_help_and_a_man_page
check completion_offers_commands_and_options
check a_full_disk_is_told
check a_reader_that_leaves_ends_it_quietly
finish
