# Receivers for scripts, and the keys that webhooks are signed by. Sourced behind tests/serve/node.sh.
export SOURCE

listener() { # PROGRAM NAME ARGUMENT...: its process in $receiver, its folder is $TMP/NAME
    local program=$1 name=$2
    shift 2
    mkdir -p "$TMP/$name"
    rm -f "$TMP/$name/port"
    "$SOURCE/tests/serve/$program" "$TMP/$name" "$@" 2>"$TMP/$name.log" &
    receiver=$!
    started "$receiver"
    for _ in $(seq 1200); do
        [ ! -s "$TMP/$name/port" ] || return 0
        sleep 0.05
    done
    cat "$TMP/$name.log"
    return 1
}

receiver() { # NAME ARGUMENT...
    mkdir -p "$TMP/$1"
    cp "$TMP/public" "$TMP/$1/keys"
    listener receiver.py "$@"
}

keys() {
    python3 - "$TMP" <<'END'
import base64, os, pathlib, sys
sys.path.insert(0, os.path.join(os.environ["SOURCE"], "tests", "group"))
sys.dont_write_bytecode = True
from rfc8032 import public
secret, seed = os.urandom(32), os.urandom(32)
b = lambda x: base64.b64encode(x).decode()
pathlib.Path(sys.argv[1], "secret").write_text(f"# of two kinds\nwhsec_{b(secret)}\nwhsk_{b(seed)}\n")
pathlib.Path(sys.argv[1], "public").write_text(f"whsec_{b(secret)}\nwhpk_{b(public(seed))}\n")
END
    chmod 600 "$TMP/secret"
}

sql() { # of the node's store, from stdin
    python3 -c '
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=60)
for row in c.execute(sys.stdin.read()): print(*row)
c.commit()' "$CORDON_HOME/serve.sqlite"
}


certificate() { # of 127.0.0.1: tls.pem, tls.key
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=core -addext subjectAltName=IP:127.0.0.1 \
        -keyout tls.key -out tls.pem 2>/dev/null
}
