#!/bin/bash
# The group between three homes, by files: a charter, its adoption, a case reported and verified; each home comes
# to the same state, and whoever has a file alone can check it.
. "$(dirname "$0")/../support.sh"
. "$(dirname "$0")/homes.sh"

key() { # HOME PERSON
    at "$1" member key new person "$2" --passphrase-file "$TMP/passphrase"
}

member() { # ID COUNTRY KIND GOVERNMENT
    cat <<END
{"id": "$1", "name": "Member $1", "country": "$2", "kind": "$3", "government": $4, "state": "active",
 "keys": ["$(at "$1" member key new node)"],
 "persons": [{"name": "inv", "key": "$(key "$1" inv)", "roles": ["investigator"]},
             {"name": "head", "key": "$(key "$1" head)", "roles": ["supervisor", "secretary"]}]}
END
}

# What was made once is copied: passphrases are slow on purpose.
once() {
    cd "$TMP"
    [ -d "once-$1" ] || {
        mkdir "once-$1"
        (cd "once-$1" && ln -s ../out ../err . && "make_$1")
    }
    cd "$(mktemp -d "$TMP/homes-XXXXXX")"
    cp -a "$TMP/once-$1/." .
    [ ! -e group.hash ] || GROUP=$(cat group.hash)
    [ ! -e case.digits ] || CASE=$(cat case.digits)
}
prepare() { once keys; }
found() { once founded; }
charter_and_case() { once case; }

make_keys() {
    printf 'correct horse battery staple\n' >"$TMP/passphrase"
    for id in us-agency kr-fiu jp-cert; do mkdir -p "$id"; done
    cat >draft.json <<END
{"name": "A small group", "quotas": {"live_cases": 2},
 "members": [$(member us-agency US agency true), $(member kr-fiu KR fiu true), $(member jp-cert JP cert true)],
 "groups": [{"id": "trilateral", "members": ["us-agency", "kr-fiu"]}]}
END
    cat >theft.json <<END
{"id": "THEFT-1", "title": "A hot wallet is emptied", "kind": "theft", "chain": "bitcoin",
 "origins": [{"output": "$(printf 'ab%.0s' $(seq 32)):0"}],
 "stops": [{"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "name": "An exchange", "category": "exchange"}]}
END
}

# send FROM TO...: what each may see goes from one home to the others.
send() {
    local from=$1 to
    shift
    for to; do
        at "$from" log export --to "$to" --out "$from.jsonl"
        at "$to" log import "$from.jsonl" >/dev/null
    done
}

states() { # all that a home makes of what it has, but for the order in which it came
    at "$1" log show --format json | python3 -c '
import json, sys
for e in json.load(sys.stdin)["events"]:
    print(e["id"], e["standing"], e["to"], e["without_effect"])'
}

agree() {
    states us-agency >us.states
    states kr-fiu >kr.states
    states jp-cert >jp.states
    [ -s us.states ] && cmp us.states kr.states && cmp us.states jp.states
}

make_founded() {
    cp -a "$TMP/once-keys/." .
    want 0 "$CORDON" charter create draft.json --out charter.json --home us-agency
    GROUP=$(tail -n 1 out)
    cp charter.json "$TMP/valid.json"
    valid charter valid.json
    want 0 as us-agency head charter propose charter.json
    # one of three is not more than half
    want 0 as us-agency head charter sign "$GROUP"
    want 3 as us-agency inv case report theft.json
    says err 'no charter is adopted yet'
    want 0 at us-agency log export --out us.jsonl
    want 3 at kr-fiu log import us.jsonl
    says err 'of no group yet' "$GROUP"
    want 3 at kr-fiu log import us.jsonl --group "$(printf '00%.0s' $(seq 32))"
    says err 'of another group'
    want 0 at kr-fiu log import us.jsonl --group "$GROUP"
    says out '2 taken in'
    want 0 at jp-cert log import us.jsonl --group "$GROUP"
    want 3 as kr-fiu inv charter sign "$GROUP"
    says err 'not the role for it'
    want 0 as kr-fiu head charter sign "$GROUP"
    want 0 at kr-fiu charter show
    says out 'version 1  adopted, in force' 'us-agency/head' 'kr-fiu/head'
    send kr-fiu us-agency jp-cert
    agree
    echo "$GROUP" >group.hash
}

make_case() {
    cp -a "$TMP/once-founded/." .
    GROUP=$(cat group.hash)
    want 0 as us-agency inv case report theft.json
    CASE=$(digits case)
    want 3 as us-agency inv case verify "$CASE"
    says err 'not so: another member'
    send us-agency jp-cert kr-fiu
    want 0 at jp-cert case list
    says out 'reported' 'us-agency' 'A hot wallet is emptied'
    want 3 as jp-cert head case verify "${CASE:0:8}"
    says err 'not the role for it'
    want 0 as jp-cert inv case verify "${CASE:0:8}" --note 'seen on chain'
    send jp-cert us-agency kr-fiu
    for home in us-agency kr-fiu jp-cert; do
        want 0 at "$home" case show "$CASE"
        says out 'verified' 'case.verify   jp-cert/inv -> verified: seen on chain'
        want 0 at "$home" log verify
        says out '5 events of 3 streams'
    done
    agree
    # the case file is the one that cordon trace reads, its policy named
    want 0 at kr-fiu case show "$CASE" --out case.json
    says case.json '"policy":"fifo"' '"THEFT-1"'
    cp case.json "$TMP/valid.json"
    valid case valid.json
    want 0 at kr-fiu case show "$CASE" --format json
    says out '"rules":"cordon.taint/1"' '"state": "verified"'
    valid group-case out
    want 0 at kr-fiu case list --format json
    valid group-cases out
    want 0 at kr-fiu log show --format json
    valid group-log out
    want 0 at kr-fiu log verify --format json
    valid log-verify out
    want 0 at kr-fiu log import jp-cert.jsonl --format json
    says out '"taken": 0'
    valid log-import out
    want 0 at kr-fiu member key show --format json
    valid member-keys out
    want 0 at kr-fiu member list
    says out 'us-agency' 'supervisor, secretary' '(government)'
    sed -n 2p jp-cert.jsonl >"$TMP/valid.json"
    valid log-line valid.json
    echo "$CASE" >case.digits
}

# A file is checked by whoever has it; any line that was altered, removed or moved is found.
files_prove_themselves() {
    charter_and_case
    want 0 at kr-fiu log export --out whole.jsonl
    mkdir elsewhere && cd elsewhere
    want 0 env CORDON_HOME=/nonexistent "$CORDON" log verify ../whole.jsonl --group "$GROUP"
    says "$TMP/out" 'signed by kr-fiu'
    for line in 1 2 3 4 5 6 7; do
        sed "${line}d" ../whole.jsonl >cut.jsonl
        want "$((line == 1 ? 3 : 1))" "$CORDON" log verify cut.jsonl
        want 3 at ../jp-cert log import cut.jsonl
    done
    for line in 2 3 4 5 6; do
        sed "${line}s/\"seq\":\([0-9]\)/\"seq\":9\1/" ../whole.jsonl >altered.jsonl
        want 1 "$CORDON" log verify altered.jsonl
        want 3 at ../jp-cert log import altered.jsonl
        awk -v l="$line" 'NR == l { kept = $0; next } { print } NR == l + 1 && l < 6 { print kept } END { if (l == 6) print kept }' \
            ../whole.jsonl >moved.jsonl
        want 1 "$CORDON" log verify moved.jsonl
        want 3 at ../jp-cert log import moved.jsonl
    done
    cd ..
    want 0 at jp-cert log verify
}

# Nobody outside an audience learns of it, not even that it is there.
an_audience() {
    found
    want 0 as us-agency inv case report theft.json --audience trilateral
    CASE=$(digits case)
    want 3 as jp-cert inv case report theft.json --audience trilateral
    says err 'misfit'
    send us-agency jp-cert kr-fiu
    at us-agency log export --to jp-cert --out for-jp.jsonl
    ! grep -q "$CASE" for-jp.jsonl || false
    want 3 at jp-cert case show "$CASE"
    want 0 as kr-fiu inv case verify "$CASE"
    send kr-fiu us-agency jp-cert
    want 0 at us-agency case show "$CASE"
    says out 'told to trilateral only' 'verified'
    want 3 at us-agency log export --to nobody
    says err 'no active member'
}

# A stolen key: what it signed beyond the last good event is void in every home, whenever it comes.
a_stolen_key() {
    charter_and_case
    cp -r us-agency thief # with the key, and on its own
    want 0 as thief inv case retract "$CASE"
    key=$(at us-agency member key show | grep 'person inv' | cut -d' ' -f1)
    want 0 as us-agency head member key revoke "$key"
    send us-agency kr-fiu
    send thief kr-fiu jp-cert
    want 0 at jp-cert case show "$CASE"
    says out '-> retracted'
    send us-agency jp-cert
    send kr-fiu us-agency
    for home in us-agency kr-fiu jp-cert; do
        want 0 at "$home" case show "$CASE"
        says out ' verified ' 'case.retract  us-agency/inv  (revoked)'
    done
    agree
    want 3 as us-agency inv case retract "$CASE"
    says err 'revoked'
}

# One home, copied and gone on with in two places, says two things under one number.
two_things_under_one_number() {
    charter_and_case
    cp -r us-agency copy
    want 0 as us-agency inv case retract "$CASE"
    want 0 as copy inv case activate "$CASE"
    send us-agency kr-fiu
    at copy log export --to kr-fiu --out copy.jsonl
    want 0 at kr-fiu log import copy.jsonl
    send kr-fiu jp-cert us-agency
    for home in us-agency kr-fiu jp-cert; do
        want 0 at "$home" case show "$CASE"
        says out ' verified ' 'case.retract  us-agency/inv  (forked)' 'case.activate us-agency/inv  (forked)'
    done
    agree
    # it goes on in a new stream
    want 0 as us-agency inv case activate "$CASE"
}

# A new version brings a member and leaves one out, with the last events of its keys that are good.
a_second_version() {
    charter_and_case
    want 0 at us-agency log show --format json
    python3 - "$TMP/out" "$(at jp-cert member key show)" <<'END'
import json, sys
log = json.load(open(sys.argv[1]))
keys = [line.split()[0] for line in sys.argv[2].splitlines()]
charter = json.load(open('charter.json'))
charter['members'] = [m for m in charter['members'] if m['id'] != 'jp-cert']
last = {}
for e in log['events']:
    if e['event']['key'] in keys:
        last[e['event']['key']] = [e['id']]
json.dump(charter, open('careless.json', 'w'))
charter['closed'] = [{'key': k, 'last': last.get(k, [])} for k in keys]
json.dump(charter, open('second.json', 'w'))
END
    want 3 "$CORDON" charter create careless.json --out charter-2.json --home us-agency
    says err 'a key of "jp-cert" is left out'
    want 0 "$CORDON" charter create second.json --out charter-2.json --home us-agency
    SECOND=$(tail -n 1 out)
    want 0 as us-agency head charter propose charter-2.json
    want 0 as us-agency head charter sign "$SECOND"
    send us-agency kr-fiu jp-cert
    want 0 as kr-fiu head charter sign "$SECOND"
    want 0 as jp-cert inv case dispute "$CASE" --note 'too late'
    at kr-fiu log export --out kr.jsonl
    want 0 at us-agency log import kr.jsonl
    want 0 at jp-cert log import kr.jsonl
    at jp-cert log export --out jp.jsonl
    want 0 at us-agency log import jp.jsonl
    want 0 at kr-fiu log import jp.jsonl
    agree
    want 0 at kr-fiu case show "$CASE"
    says out ' verified ' 'case.dispute  jp-cert/inv  (revoked)'
    want 0 at kr-fiu charter show
    says out 'version 2  adopted, in force'
    want 3 as jp-cert inv case dispute "$CASE"
    says err 'no member'
    want 3 at us-agency log export --to jp-cert
}

next_version() { # NAME PYTHON: charter.json is changed by it; keys that it leaves out are closed with their last events
    at us-agency log show --format json >log.json
    python3 - "$1" "$2" <<'END'
import json, sys
charter = {k: v for k, v in json.load(open("charter.json")).items() if k not in ("version", "previous", "schema", "closed")}
keys = lambda c: {k for m in c["members"] for k in m["keys"] + [p["key"] for p in m["persons"]]}
member = lambda id: next(m for m in charter["members"] if m["id"] == id)
before = keys(charter)
exec(sys.argv[2])
last = {}
for e in json.load(open("log.json"))["events"]:
    last.setdefault(e["event"]["key"], {})[e["event"]["stream"]] = e["id"]
charter["closed"] = [{"key": k, "last": sorted(last.get(k, {}).values())} for k in sorted(before - keys(charter))]
json.dump(charter, open("draft-%s.json" % sys.argv[1], "w"))
END
    want 0 "$CORDON" charter create "draft-$1.json" --out "charter-$1.json" --home us-agency
    VERSION=$(tail -n 1 out)
    want 0 as us-agency head charter propose "charter-$1.json"
    want 0 as us-agency head charter sign "$VERSION"
    pass us-agency kr-fiu
    want 0 as kr-fiu head charter sign "$VERSION"
    pass kr-fiu us-agency
    cp "charter-$1.json" charter.json
}

pass() { # FROM TO: everything, whoever of them is a member
    at "$1" log export --out passed.jsonl
    want 0 at "$2" log import passed.jsonl --group "$GROUP"
}

# A member is added; another is suspended, and comes back with other keys; a third changes its keys, and what the old ones
# had signed stands.
who_comes_and_goes() {
    charter_and_case
    mkdir de-cert
    member de-cert DE cert false >de.json
    node=$(mv kr-fiu/keys/node.json kr-fiu/old-node.json && at kr-fiu member key new node)
    other=$(key kr-fiu inv2)
    next_version 2 "
charter['members'].append(json.load(open('de.json')))
member('jp-cert').update(state='suspended', government=False, keys=[], persons=[])
kr = member('kr-fiu')
kr['keys'] = ['$node']
kr['persons'][0] = dict(kr['persons'][0], name='inv2', key='$other')"
    pass us-agency de-cert
    pass us-agency jp-cert
    want 0 at de-cert charter show
    says out 'version 2  adopted, in force'
    want 3 as jp-cert inv case dispute "$CASE"
    says err 'no member'
    want 3 as kr-fiu inv case dispute "$CASE"
    says err 'no member'
    want 0 at us-agency case show "$CASE" # what they had said stands
    says out ' verified '
    want 0 as de-cert inv case dispute "$CASE" --note 'not the same theft'
    pass de-cert kr-fiu
    want 0 as kr-fiu inv2 case verify "$CASE"
    want 0 at kr-fiu log checkpoint
    pass kr-fiu us-agency
    want 0 at us-agency case show "$CASE"
    says out ' verified ' 'case.dispute  de-cert/inv' 'case.verify   kr-fiu/inv2'
    # what a suspended member says meanwhile is nobody's word, in no home
    cp -r jp-cert stubborn
    node=$(mv jp-cert/keys/node.json jp-cert/old-node.json && at jp-cert member key new node)
    other=$(key jp-cert inv2)
    head=$(key jp-cert head2)
    next_version 3 "
member('jp-cert').update(state='active', government=True, keys=['$node'], persons=[
    {'name': 'inv2', 'key': '$other', 'roles': ['investigator']}, {'name': 'head2', 'key': '$head', 'roles': ['supervisor', 'secretary']}])"
    pass us-agency jp-cert
    pass us-agency de-cert
    want 0 as jp-cert inv2 case dispute "$CASE" --note 'back again'
    pass jp-cert us-agency
    want 0 at us-agency case show "$CASE"
    says out ' disputed ' 'case.dispute  jp-cert/inv2'
    pass us-agency kr-fiu
    pass us-agency jp-cert
    agree
    for home in us-agency kr-fiu jp-cert de-cert; do want 0 at "$home" log verify; done
}

erased_bodies_break_nothing() {
    charter_and_case
    LAST=$(at jp-cert log verify | sed -n 's/^last link //p')
    want 0 at jp-cert log erase "case:$CASE"
    says out '2 bodies erased'
    want 0 at jp-cert log verify --last "$LAST"
    says out '2 erased'
    want 0 at jp-cert case show "$CASE"
    says out ' verified ' erased
    want 3 at jp-cert case show "$CASE" --out erased.json
    [ ! -e erased.json ]
    ! grep -q 'hot wallet' jp-cert/group.sqlite* || false
    # nobody brings it back
    send us-agency jp-cert
    want 0 at jp-cert log verify
    says out '2 erased'
    at jp-cert log export --out jp.jsonl
    want 0 "$CORDON" log verify jp.jsonl
    want 3 at jp-cert log erase "charter:$GROUP"
    want 1 at jp-cert log verify --last "$GROUP"
}

note_of() { # HOME AUTHOR: the largest checkpoint of its only stream there
    at "$1" log notes "$(at "$1" log notes | sed -n "s|^cordon/.*/$2/||p" | head -n 1)"
}

# What is countersigned cannot be taken out of the end of a file, whoever signs it anew; notes are as others read them.
checkpoints_are_countersigned() {
    charter_and_case
    for home in us-agency kr-fiu jp-cert; do
        want 0 at "$home" log checkpoint
        says out '1 signed'
        want 0 at "$home" log checkpoint
        says out '0 signed'
    done
    for home in us-agency kr-fiu jp-cert; do send "$home" us-agency kr-fiu jp-cert; done
    for home in us-agency kr-fiu jp-cert; do
        want 0 at "$home" log cosign
        says out '2 countersigned, 0 not yet here'
    done
    for home in us-agency kr-fiu jp-cert; do send "$home" us-agency kr-fiu jp-cert; done
    for home in us-agency kr-fiu jp-cert; do
        want 0 at "$home" audit verify
        says out '3 checkpoints fit to them, 3 of them countersigned'
        want 0 at "$home" log cosign
        says out '0 countersigned'
    done
    want 0 at kr-fiu log verify --format json
    valid log-verify out
    want 0 at kr-fiu log notes
    [ "$(grep -c '^— cordon/' out)" = 9 ]
    want 0 at us-agency log export --out all.jsonl
    want 0 "$CORDON" log verify all.jsonl
    says out '3 checkpoints fit to them, 3 of them countersigned'
    for id in $(at kr-fiu log show --format json | jq -r '.events[].id'); do
        want 0 at kr-fiu log prove "$id"
        python3 - "$id" "$TMP/out" <<'END'
import base64, hashlib, sys
node = lambda x, y: hashlib.sha256(b"\x01" + x + y).digest()
head, note = open(sys.argv[2], encoding="utf-8").read().split("\n\n", 1)
kind, index, *path = head.split("\n")
assert kind == "c2sp.org/tlog-proof@v1"
index = int(index.removeprefix("index "))
name, size, root = note.split("\n")[:3]
at, last = index, int(size) - 1  # RFC 9162, section 2.1.3.2
have = hashlib.sha256(b"\0" + bytes.fromhex(sys.argv[1])).digest()
for step in map(base64.b64decode, path):
    assert last > 0
    if at & 1 or at == last:
        have = node(step, have)
        while not at & 1 and at:
            at, last = at >> 1, last >> 1
    else:
        have = node(have, step)
    at, last = at >> 1, last >> 1
assert last == 0 and have == base64.b64decode(root), "no proof"
assert name.startswith("cordon/") and note.count("\n— cordon/") == 3, note
END
        cp out event.proof
        want 0 env CORDON_HOME=/nonexistent "$CORDON" verify event.proof --event "$id" --charter charter.json --format json
        valid verify out
        [ "$(jq -c '[.answer, (.signed_by | length)]' out)" = '["proven",3]' ]
        want 1 "$CORDON" verify event.proof --event "$GROUP"
        says out 'not proven: the event is not in its checkpoint'
    done
    want 3 at kr-fiu log prove "$(printf '00%.0s' $(seq 32))"
    # us-agency goes on, and brings its home back to what it was before
    cp -a us-agency before
    note_of us-agency us-agency >kept.note
    want 0 as us-agency inv case revise "$CASE" theft.json
    want 0 at us-agency log checkpoint
    send us-agency kr-fiu
    want 0 at kr-fiu log cosign
    want 0 at kr-fiu log prove --from kept.note --out grown.proof
    want 0 env CORDON_HOME=/nonexistent "$CORDON" verify grown.proof --from kept.note --charter charter.json
    says out 'the first 3 of 4 events are as they were' 'signed by us-agency, kr-fiu'
    want 0 at kr-fiu log prove --from grown.proof
    says out "old $(($(sed -n 2p kept.note) + 1))"
    want 0 at kr-fiu log prove --from kept.note --to kept.note
    cp out small.proof
    want 0 "$CORDON" verify small.proof --from kept.note
    want 3 at kr-fiu log notes "$(printf '00%.0s' $(seq 16))"
    want 2 at kr-fiu log notes us-agency
    want 2 at kr-fiu log prove
    want 2 at kr-fiu log prove "$GROUP" --from kept.note
    want 3 at kr-fiu log prove --from charter.json
    want 3 at jp-cert log prove --from grown.proof # it has nothing so large
    want 0 as before inv case retract "$CASE"
    want 0 at before log checkpoint
    note_of before us-agency >other.note
    want 1 at us-agency log prove --from other.note
    says err '"us-agency" has shown two histories of it'
    send before jp-cert
    want 0 at jp-cert log cosign
    send jp-cert kr-fiu
    want 0 at kr-fiu log verify
    says out 'us-agency has signed two histories of its stream'
    want 1 at kr-fiu log cosign
    says err 'two histories'
    want 0 at kr-fiu case show "$CASE"
    says out 'forked'
}

keys_are_private() {
    prepare
    [ "$(stat -c %a us-agency/keys/node.json)" = 600 ]
    [ "$(stat -c %a us-agency/keys/person-inv.json)" = 600 ]
    want 2 at us-agency member key new node
    says err 'is there already'
    printf 'wrong passphrase\n' >wrong
    want 2 "$CORDON" case report theft.json --home us-agency --as inv --passphrase-file wrong
    says err 'the passphrase does not fit'
    want 2 "$CORDON" case report theft.json --home us-agency --passphrase-file "$TMP/passphrase"
    says err 'whose key? --as NAME (2 are here)'
    chmod 644 us-agency/keys/node.json
    want 4 at us-agency member key show
    says err 'others may read it'
    printf 'short\n' >short
    want 2 "$CORDON" member key new person x --home us-agency --passphrase-file short
    want 2 "$CORDON" member key new person 'X Y' --home us-agency --passphrase-file "$TMP/passphrase"
}

wrong_input() {
    prepare
    for bad in '{' '[]' '{"name":"x"}' '{"name":"x","members":[],"quotas":{"live_cases":1}}'; do
        printf '%s' "$bad" >bad.json
        want 3 "$CORDON" charter create bad.json --out bad-out.json --home us-agency
        [ ! -e bad-out.json ]
    done
    want 3 as us-agency head charter propose draft.json
    says err 'not canonical JSON'
    want 3 at us-agency log verify
    want 3 at us-agency case list
    want 2 "$CORDON" log sing
    want 2 "$CORDON" case report --home us-agency --as inv --passphrase-file "$TMP/passphrase"
    want 3 at us-agency log import /dev/null
    [ ! -s out ]
}

keys() { once keys; }
founded() { once founded; }

check keys
check founded
check charter_and_case
check files_prove_themselves
check an_audience
check a_stolen_key
check two_things_under_one_number
check a_second_version
check who_comes_and_goes
check erased_bodies_break_nothing
check checkpoints_are_countersigned
check keys_are_private
check wrong_input
finish
