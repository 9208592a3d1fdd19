# Two governments of one charter, for scripts that have sourced support.sh: homes "us" and "kr" with an investigator and a head
# each. `fresh` begins anew in a folder of its own; `at` and `as` are those of homes.sh.
. "$(dirname "${BASH_SOURCE[0]}")/homes.sh"

member() { # ID COUNTRY
    cat <<END
{"id": "$1", "name": "Member $1", "country": "$2", "kind": "agency", "government": true, "state": "active",
 "keys": ["$(at "$1" member key new node)"],
 "persons": [{"name": "inv", "key": "$(at "$1" member key new person inv --passphrase-file "$TMP/passphrase")",
              "roles": ["investigator"]},
             {"name": "head", "key": "$(at "$1" member key new person head --passphrase-file "$TMP/passphrase")",
              "roles": ["supervisor", "secretary"]}]}
END
}

# Two governments, of one charter.
group_make() {
    printf 'correct horse battery staple\n' >"$TMP/passphrase"
    mkdir -p us kr
    cat >draft.json <<END
{"name": "Two", "quotas": {"live_cases": 2}, "members": [$(member us US), $(member kr KR)], "groups": []}
END
    want 0 "$CORDON" charter create draft.json --out charter.json --home us
    GROUP=$(tail -n 1 out)
    want 0 as us head charter propose charter.json
    want 0 as us head charter sign "$GROUP"
    want 0 at us log export --out us.jsonl
    want 0 at kr log import us.jsonl --group "$GROUP"
    want 0 as kr head charter sign "$GROUP"
    want 0 at kr log export --out kr.jsonl
    want 0 at us log import kr.jsonl
}

fresh() {
    cd "$TMP"
    [ -d made ] || (mkdir made && cd made && ln -s ../out ../err . && group_make)
    cd "$(mktemp -d "$TMP/homes-XXXXXX")"
    cp -a "$TMP/made/." .
}
