#!/bin/bash
# Holds that end without anybody's order (their time is over, their case is in doubt, what they stood on is gone), channels that are read
# anew, and receivers that are slow in every phase, or silent after a mail's text: all others get what is theirs.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/held_world.sh"
. "$(dirname "$0")/told_world.sh"

CLEAN=1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
PHASES="CONNECT EHLO STARTTLS AUTH MAIL RCPT DATA BODY"

# until_n FOLDER N FILTER: so many tries there fit
until_n() {
    for _ in $(seq 2400); do
        [ "$(jq -c "select($3) | .id" "$TMP/$1/got" 2>/dev/null | wc -l)" -lt "$2" ] || return 0
        sleep 0.05
    done
    echo "$1: not $2 tries with $3:"
    jq -c '[.id, .mode, .body.type]' "$TMP/$1/got"
    tail -n 5 "$TMP/node.log"
    return 1
}

of_alert() { echo ".body.data.alert.object == \"alert:$1\""; }
kinds_of() { jq -c "select($(of_alert "$1")) | [.body.data.sequence, .body.type, .body.data.account]" "$TMP/core/got" | tr -d '\n'; }

config() { # OTHER CHANNELS
    cat >node.yaml <<END
core: {url: "http://127.0.0.1:$(cat core/port)/", secret: $TMP/secret, seconds: 60}
notify:
- {name: hook, url: "http://127.0.0.1:$(cat hook/port)/", secret: $TMP/secret}
END
    printf '%b' "${1-}" >>node.yaml
}

hook_of() { # RECEIVER: another channel
    printf '%s' "- {name: $1, url: \"http://127.0.0.1:$(cat "$1/port")/\", secret: $TMP/secret}\n"
}

until_held() { # ACCOUNT HOLD-OR-NOT: what a withdrawal of that account is told
    for _ in $(seq 1200); do
        asked 200 /v1/withdrawals/check -d "{\"address\":\"$CLEAN\",\"chain\":\"bitcoin\",\"account\":\"$1\"}"
        [ "$(jq '[.reasons[] | select(.evidence == "held")] | length > 0' body)" != "$2" ] || return 0
        sleep 0.05
    done
    cat body
    return 1
}

held() { # BYTE ACCOUNT [OPTION...]: a soft hold on another deposit, in $alert
    tell "$(printf "$1%.0s" $(seq 32)):0"
    as_exchange hold soft "$alert" --account "$2" "${@:3}"
    until_n core 1 "$(of_alert "$alert") and .body.type == \"hold.soft-held\""
}

# The case is disputed: a machine's hold on what is not verified is none, by this charter; verified again it is.
in_doubt_and_out() {
    as_person jp case dispute "$case" --note 'the outputs are of another theft'
    carry jp "$CORDON_HOME" ex
    until_n core 1 "$(of_alert "$doubted") and .body.type == \"hold.suspended\""
    until_held cust-2 false
    as_person jp case verify "$case"
    carry jp "$CORDON_HOME" ex
    until_n core 2 "$(of_alert "$doubted") and .body.type == \"hold.soft-held\""
    [ "$(kinds_of "$doubted")" = '[1,"hold.soft-held","cust-2"][2,"hold.suspended","cust-2"][3,"hold.soft-held","cust-2"]' ]
    jq -c "select($(of_alert "$doubted") and .body.type == \"hold.suspended\") | .body" core/got >notice.json
    "$SOURCE/tools/check-json" hold-notice notice.json
    [ "$(jq -c .data.alert.hold.in_force notice.json)" = '"0"' ]
}

its_time_is_over() {
    until_n core 1 "$(of_alert "$early") and .body.type == \"hold.expired\""
    [ "$(kinds_of "$early" | grep -o '"hold.expired","cust-1"')" = '"hold.expired","cust-1"' ]
    until_n hook 1 '.body.type == "hold" and (.body | tostring | contains("hold.expired"))'
    until_held cust-1 false
}

# By who told it; and by the report's author, with all that stood on the report.
what_it_stood_on_is_gone() {
    held c3 cust-3
    voided=$alert
    as_person kr hold void "$voided" --reason duplicate
    carry kr "$CORDON_HOME" ex
    until_n core 1 "$(of_alert "$voided") and .body.type == \"hold.void\""
    held c4 cust-4
    as_person kr case retract "$case" --note 'it was no theft'
    carry kr "$CORDON_HOME" ex
    until_n core 1 "$(of_alert "$alert") and .body.type == \"hold.void\""
    [ "$(kinds_of "$alert")" = '[1,"hold.soft-held","cust-4"][2,"hold.void","cust-4"]' ]
    until_held cust-4 false
    until_n hook 1 '.body.type == "case" and .body.data.state == "retracted" and .body.data.severity == "warning"'
}

# Another channel, and none of the one before, without a restart; what cannot be read changes nothing.
channels_are_read_anew() {
    sed -i "s|http://127.0.0.1:$(cat hook/port)/|http://127.0.0.1:$(cat other/port)/|; s/name: hook/name: other/" node.yaml
    kill -HUP "$node"
    until_said node.log '"reloaded"'
    held d1 cust-5
    until_n other 1 '.body.type == "hold"'
    grep -q "$alert" other/got
    ! grep -q "$alert" hook/got || false
    curl -s -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/metrics" >metrics
    says metrics 'cordon_notify_sent_total{channel="other"}'
    ! grep -q 'channel="hook"' metrics || false
    cp node.yaml good.yaml
    sed -i "s|secret: $TMP/secret}\$|secret: $TMP/nothing}|" node.yaml
    n=$(wc -l <node.log)
    kill -HUP "$node"
    until_said node.log 'notify: other: .*nothing.*; what was before stays"'
    held d2 cust-6
    until_n other 2 '.body.type == "hold"'
    [ "$(tail -n "+$((n + 1))" node.log | jq -r 'select(.level == "error" or (.event | startswith("reload"))) | .event')" = reload ]
    cp good.yaml node.yaml
}

# A webhook that reads, answers, a byte a second, and a mail server that stalls in each phase, all under way at once.
others_are_told_beside_who_is_slow() {
    local more='' i=0
    rm -f other/got
    for phase in $PHASES; do
        i=$((i + 1))
        more="$more- {name: mail$i, url: \"smtp://127.0.0.1:$(cat mail/port)\", ca: $TMP/tls.pem, login: $TMP/login, from: a@b.example, to: [c@d.example], kinds: [alert]}\n"
    done
    config "$more$(hook_of drip)$(hook_of other)"
    echo "$PHASES" >mail/stalls
    printf 'drip %.0s' $(seq 100) >drip/modes
    kill -HUP "$node"
    tell "$(printf 'e0%.0s' $(seq 32)):0" # an alert calls by all of them
    for _ in $(seq 1200); do
        [ "$(sort -u mail/stalled 2>/dev/null | wc -l)" != 8 ] || break
        sleep 0.05
    done
    [ "$(sort mail/stalled | tr '\n' ' ')" = "$(printf '%s\n' $PHASES | sort | tr '\n' ' ')" ]
    until_n drip 1 true
    for i in 1 2; do
        tell "$(printf "e$i%.0s" $(seq 32)):0"
        as_exchange hold soft "$alert" --account "slow-$i"
    done
    until_n core 2 '.body.type == "hold.soft-held" and (.body.data.account | startswith("slow-"))'
    until_n other 2 '.body.type == "hold"'
    until_n other 3 '.body.type == "alert"'
    for _ in $(seq 1200); do # by the same channels, beside those that stall
        [ "$(wc -l <mail/mails)" -lt 16 ] || break
        sleep 0.05
    done
    [ "$(wc -l <mail/mails)" -ge 16 ]
    until_held slow-2 true
    # in the end each has had its time, and is tried again
    until_said node.log 'mail[1-8]: .*[Tt]ime'
    echo >drip/modes
}

# A mail server that is silent after a text: who listens on other channels is told before that text's time is over. Each round has a channel
# of its own, since on a machine with much else to do a round may take longer than that time.
who_is_silent_delays_its_own_mail() {
    local round
    for round in 1 2 3 4 5 6 7 8 9; do
        rm -f mail/mails other/got
        config "- {name: silent-$round, url: \"smtp://127.0.0.1:$(cat mail/port)\", ca: $TMP/tls.pem, login: $TMP/login, from: a@b.example, to: [c$round@d.example], kinds: [alert]}\n$(hook_of other)"
        printf 'hang %.0s' $(seq 100) >mail/modes
        kill -HUP "$node"
        tell "$(printf "a$round%.0s" $(seq 32)):0"
        echo "c$round@d.example" >reader
        for _ in $(seq 1200); do
            ! grep -qsFf reader mail/mails || break
            sleep 0.05
        done
        as_exchange hold soft "$alert" --account "silent-$round"
        until_n core 1 ".body.type == \"hold.soft-held\" and .body.data.account == \"silent-$round\""
        until_n other 1 '.body.type == "hold" and (.body | tostring | contains("hold.soft-held"))'
        curl -s -H "Authorization: Bearer $desk" "http://127.0.0.1:$port/metrics" >metrics
        ! grep -qF "cordon_notify_failed_total{channel=\"silent-$round\"} 0" metrics || return 0
    done
    cat metrics
    return 1
}

# Killed meanwhile: the mail comes, under its id, from the node that is started then.
a_mail_under_way_outlives_its_node() {
    ids() { # MODE
        jq -r --arg mode "$1" --rawfile to reader 'select(.mode == $mode and .to[0] == ($to | rtrimstr("\n"))) | .headers["Message-ID"]' \
            mail/mails | sort -u
    }
    for _ in $(seq 1200); do
        [ -z "$(ids ok)" ] || break
        sleep 0.05
    done
    [ "$(ids ok)" ] && [ "$(ids ok)" = "$(ids hang)" ]
}

# Nor does who is silent hold up the node's end.
it_ends_while_a_mail_is_under_way() {
    rm mail/mails
    printf 'hang %.0s' $(seq 100) >mail/modes
    tell "$(printf 'b4%.0s' $(seq 32)):0"
    for _ in $(seq 1200); do
        [ ! -s mail/mails ] || break
        sleep 0.05
    done
    [ -s mail/mails ]
    ended TERM "$node"
}

cd "$TMP"
desk=$("$CORDON" key add desk --scope group,screen,read)
keys
certificate
printf 'cordon:a word\n' >login
found >found.log 2>&1 || { cat found.log; exit 1; }
for r in core hook other drip; do receiver $r || exit 1; done
listener mailbox.py mail --tls tls.pem tls.key --login 'cordon:a word' || exit 1
config
start node --config node.yaml || exit 1
held c2 cust-2 || exit 1
doubted=$alert
check in_doubt_and_out
check channels_are_read_anew
config
kill -HUP "$node"
held c1 cust-1 --for 1m || exit 1 # from now on there is always somebody who is told of its end
early=$alert
check others_are_told_beside_who_is_slow
check who_is_silent_delays_its_own_mail
ended KILL "$node"
echo >mail/modes
start node2 --config node.yaml || exit 1
check a_mail_under_way_outlives_its_node
check it_ends_while_a_mail_is_under_way
echo >mail/modes
config
start node3 --config node.yaml || exit 1
check its_time_is_over
check what_it_stood_on_is_gone
finish
