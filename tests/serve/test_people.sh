#!/bin/bash
# A node of an exchange calls people for alerts that wait: by webhooks, by mail, as server-sent events; who is on duty, level by level.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/node.sh"
. "$(dirname "$0")/held_world.sh"
. "$(dirname "$0")/told_world.sh"

got() { jq -c "$@" "$TMP/hook/got" 2>/dev/null; }
mails() { jq -c "$@" "$TMP/mail/mails" 2>/dev/null; }

until_n() { # N FUNCTION FILTER
    for _ in $(seq 1200); do
        [ "$("$2" "select($3) | .mode" | wc -l)" -lt "$1" ] || return 0
        sleep 0.05
    done
    echo "not $1 with $3:"
    "$2" .
    tail -n 5 "$TMP"/node*.log
    return 1
}

rota() { # AFTER-OF-THE-SECOND-LEVEL
    cat >"$CORDON_HOME/oncall.yaml" <<END
timezone: Asia/Seoul
people:
  kim: {name: 김민지, mail: kim@exchange.example, phone: "+82 2 000 0000"}
  lee: {mail: lee@exchange.example}
  old: {mail: old@exchange.example}
levels:
  - after: 0m
    shifts:
      - {who: old, from: 2020-01-01 00:00, to: 2020-12-31 00:00}
      - {who: kim}
  - after: $1
    shifts: [{who: lee}]
END
}

config() {
    cat >"$TMP/node.yaml" <<END
core: {seconds: 1}
notify:
- name: hook
  url: http://127.0.0.1:$(cat "$TMP/hook/port")/people
  secret: $TMP/secret
- name: mail
  url: smtp://127.0.0.1:$(cat "$TMP/mail/port")
  ca: $TMP/tls.pem
  login: $TMP/login
  from: cordon@exchange.example
  to: [oncall, desk@exchange.example]
  kinds: [alert, escalation]
END
}

who_is_on_duty() {
    rota 10m
    want 0 "$CORDON" oncall show --at 2026-12-01T00:00:00Z
    says out 'level 1, after 0 min: 김민지, kim@exchange.example, +82 2 000 0000' 'level 2, after 10 min: lee, lee@exchange.example'
    want 0 "$CORDON" oncall show --at 2020-06-01T00:00:00Z --format json
    "$SOURCE/tools/check-json" oncall out
    [ "$(jq -c '[.timezone, .levels[0].who, .levels[0].gap, .levels[1].after_ms]' out)" = '["Asia/Seoul","old",null,600000]' ]
    cat >some.yaml <<'END'
timezone: Europe/Berlin
people: {a: {}}
levels:
  - after: 5m
    shifts:
      - {who: a, days: [mon, tue, wed, thu, fri], from: 18:00, to: 09:00}
      - {who: a, days: [mon, tue, wed, thu, fri], from: 09:00, to: 18:00}
END
    # Saturday 2026-11-28, 09:00 in Berlin (UTC+1), is the first minute of nobody.
    want 1 "$CORDON" oncall check some.yaml --at 2026-11-26T12:00:00Z
    says out 'level 1: nobody from 2026-11-28T08:00:00.000Z on'
    want 0 "$CORDON" oncall check "$CORDON_HOME/oncall.yaml"
    printf 'timezone: Mars/Olympus\npeople: {}\nlevels: [{after: 0m, shifts: [{who: x}]}]\n' >bad.yaml
    want 3 "$CORDON" oncall check bad.yaml
    says err 'timezone: a name of the IANA database is wanted'
    want 2 "$CORDON" oncall dance
}

a_channel_is_tried() {
    want 0 "$CORDON" notify test hook --config node.yaml
    says out 'has arrived'
    until_n 1 got '.body.type == "test" and .valid'
    want 0 "$CORDON" notify test mail --config node.yaml
    [ "$(mails '[.from, .to, .tls, .login, .subject, .defects]' | tail -n 1)" = \
        '["cordon@exchange.example",["kim@exchange.example","desk@exchange.example"],true,"cordon:a word","cordon: a test: nothing has happened",[]]' ]
    echo 451 >"$TMP/mail/modes"
    want 4 "$CORDON" notify test mail --config node.yaml
    says err '451'
    want 3 "$CORDON" notify test nobody --config node.yaml
    rm "$TMP/hook/got" "$TMP/mail/mails"
}

# Told to all: the mail says which alert it is, what to do and by when, and nothing of the customer.
an_alert_calls_people() {
    until_n 1 got '.body.type == "alert"' # as it was told, before it is held
    as_exchange hold soft "$alert" --account cust-81
    until_n 1 got '.body.type == "hold"'
    until_n 1 mails .
    [ "$(got 'select(.body.type == "alert") | .body.data | [.severity, .state, .waits_for, .level, .levels, .people, .restricted]' | head -n 1)" = \
        '["warning","sent","person",1,2,"김민지",false]' ]
    [ "$(mails '[.to, .tls]' | head -n 1)" = '[["kim@exchange.example","desk@exchange.example"],true]' ]
    mails -r .text | head -n 40 >text
    says text "alert:$alert" "case:$case" 'Waits   person' 'Called  김민지' 'Do      acknowledge it'
    [ "$(mails -r .subject | head -n 1)" = "cordon: alert ${alert:0:12} waits for person (sent), level 1 of 2" ]
    mails -r '.headers["Message-ID"]' | head -n 1 | grep -Eq '^<notice-[0-9a-f]{32}-1@exchange.example>$'
    mails -r '.headers["Auto-Submitted"]' | grep -q auto-generated
    ! grep -Eq 'cust-81|1Boat|"90"|(ab){8}' "$TMP/mail/mails" || false
    ! grep -Eq 'cust-81' "$TMP/hook/got" || false
    got 'select(.body.type == "alert") | .body' >notice.json
    "$SOURCE/tools/check-json" notice notice.json
    asked 200 /v1/escalations
    [ "$(jq -c '.waiting | map([.object, .waits_for, .level, .called[0].who, .next != null])' body)" = "[[\"alert:$alert\",\"person\",1,\"kim\",true]]" ]
    want 0 "$CORDON" oncall waiting --format json
    "$SOURCE/tools/check-json" escalations out
    want 0 "$CORDON" oncall waiting
    says out "${alert:0:12}  soft-held     for person" '김민지' 'acknowledge it'
}

# The rota is read with each look: the second level is called as soon as it is due.
the_next_level_is_called() {
    sed -i 's/after: 10m/after: 1m/' "$CORDON_HOME/oncall.yaml"
    tell "$(printf 'cd%.0s' $(seq 32)):0"
    want 0 "$CORDON" oncall waiting --at "$(date -u -d '+61 seconds' +%Y-%m-%dT%H:%M:%SZ)"
    says out 'level 2 of 2  lee'
    sed -i 's/after: 1m/after: 10m/' "$CORDON_HOME/oncall.yaml" # or it is called beside all that comes
    as_exchange alert acknowledge "$alert" --as all --passphrase-file words
    until_n 1 got '.body.type == "escalation" and .body.data.waits_for == "order"'
}

# An order of which the own system says nothing is carried to people after core.seconds.
an_order_without_answer_is_carried_up() {
    as_exchange hold order "$alert" --kind account-restriction --reason theft --basis tos --for 24h --as all --passphrase-file words
    until_n 1 got '.body.type == "escalation" and .body.data.waits_for == "core"'
    [ "$(got 'select(.body.data.waits_for == "core") | .body.data | [.severity, .level, .by != null]')" = '["warning",1,true]' ]
    until_n 1 mails '.text | contains("the own system has not enforced")'
    as_exchange hold enforced "$alert"
    for _ in $(seq 1200); do
        asked 200 /v1/escalations
        waiting=$(jq -c "[.waiting[] | select(.object == \"alert:$alert\") | [.waits_for, .level]]" body)
        [ "$waiting" != '[["renewal",0]]' ] || break
        sleep 0.05
    done
    [ "$waiting" = '[["renewal",0]]' ]
}

as_they_come() {
    asked 200 '/v1/notices?limit=1000'
    n=$(jq '.notices | length' body)
    [ "$n" -ge 5 ]
    [ "$(jq -c '[.notices[].notice.type] | unique' body)" = '["alert","escalation","hold"]' ]
    ! grep -q cust-81 body || false
    last=$(jq '.notices[-2].number' body)
    newest=$(jq '.notices[-1].number' body)
    curl -sN -H "Authorization: Bearer $desk" -H "Last-Event-ID: $last" "http://127.0.0.1:$port/v1/notices/stream" >stream &
    until_event stream "$newest"
    kill $!
    [ "$(sed -n 's/^id: //p' stream | head -n 1)" = "$newest" ]
    sed -n 's/^data: //p' stream | head -n 1 | jq -e .data.id >/dev/null
    as=$core asked 403 /v1/notices
}

# What was told to some of the group alone is in no mail, and in no webhook that was not allowed it.
what_is_restricted_stays() {
    printf '{"id":"S","origins":[{"output":"%s"}]}' "$(printf 'ba%.0s' $(seq 32)):0" >secret.json
    as_person kr case report secret.json --audience pair
    secret=$("$CORDON" case list --home kr --format json | jq -r '.cases[] | select(.audience == "pair") | .object' | cut -d: -f2)
    hidden=$(as_person kr alert send "$secret" --holder ex --chain "$MAIN" --output "$(printf 'ba%.0s' $(seq 32)):0" --address "$PAID" --asset BTC \
        --amount 9 --received 9 | sed 's/.*alert:\([0-9a-f]*\).*/\1/')
    rm -f "$TMP/hook/got" "$TMP/mail/mails"
    carry kr "$CORDON_HOME" ex
    until_n 1 got '.body.type == "alert" and .body.data.restricted'
    until_n 1 mails '.text | contains("not told to all of the group")'
    ! grep -Eq "$hidden|$secret|${hidden:0:12}" "$TMP/mail/mails" "$TMP/hook/got" || false
    got 'select(.body.type == "alert") | .body.data | [.restricted, .object, .case, .waits_for]' >said
    [ "$(cat said)" = '[true,null,null,"person"]' ]
    asked 200 '/v1/notices?limit=1000'
    grep -q "$hidden" body
}

# Nothing waits for its time any more; a mail has been taken.
taken_now() {
    echo "UPDATE outbox_send SET due = 0 WHERE due < 1000000000000000" | sql
    [ "$(mails 'select(.mode == "ok") | .mode' | wc -l)" -gt 0 ]
}

# Mails that are refused, and a server that goes away: each arrives, once it is taken.
a_bad_mail_server_gets_it() {
    rm -f "$TMP/mail/mails"
    echo '451 close 550' >"$TMP/mail/modes"
    tell "$(printf 'ce%.0s' $(seq 32)):0"
    until_ok taken_now
    [ "$(mails .mode | tr -d '\n')" = '"451""close""550""ok"' ]
    [ "$(mails '.headers["Message-ID"]' | sort -u | wc -l)" = 1 ]
    want 0 "$CORDON" notify list --config node.yaml
    says out 'hook              0 wait' 'mail              0 wait'
    want 0 "$CORDON" notify list --config node.yaml --format json
    "$SOURCE/tools/check-json" channels out
}

cd "$TMP"
desk=$("$CORDON" key add desk --scope group,screen,read)
core=$("$CORDON" key add core --scope core)
keys
certificate
printf 'cordon:a word\n' >login
found >"$TMP/found.log" 2>&1 || { cat "$TMP/found.log"; exit 1; }
receiver hook || exit 1
listener mailbox.py mail --tls tls.pem tls.key --login 'cordon:a word' || exit 1
config
check who_is_on_duty
check a_channel_is_tried
start node --config node.yaml || exit 1
check an_alert_calls_people
check the_next_level_is_called
alert=$(as_exchange alert list --format json | jq -r '.alerts[] | select(.state == "acknowledged") | .object' | head -n 1 | cut -d: -f2)
check an_order_without_answer_is_carried_up
check as_they_come
check what_is_restricted_stays
check a_bad_mail_server_gets_it
finish
