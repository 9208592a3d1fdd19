#!/bin/bash
# The page of a trace in headless Chromium, without a network: that it shows what it must, that its script may run
# and nothing else, that it can be used by keyboard, and that its colours can be read.
source "$(dirname "$0")/../support.sh"
: "${DRAW_WORLDS:?the program that draws the small worlds}"

browse() { # browse FILE: the page as it is after its script ran in $TMP/dom, what the browser said in $TMP/log
    [ -x /usr/bin/chromium ] || skip "no /usr/bin/chromium"
    local profile
    profile=$(mktemp -d "$TMP/profile-XXXXXX")
    timeout 300 /usr/bin/chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --no-proxy-server \
        --host-resolver-rules="MAP * ~NOTFOUND" --user-data-dir="$profile" --window-size=1400,1000 \
        --enable-logging=stderr --virtual-time-budget=4000 --dump-dom "file://$1" >"$TMP/dom" 2>"$TMP/log"
    if grep -a CONSOLE "$TMP/log"; then return 1; fi # whatever the page complained of
}

opens() { # opens NAME: without a complaint, and its script has run
    browse "$TMP/$1.html"
    says "$TMP/dom" 'class="ready"' 'id="sentence"' '<button type="button" class="copy"' 'aria-label="The flow of value"'
}

five_hops_open() {
    opens five-hops
    says "$TMP/dom" 'reached Bourse of Examples and <strong>12&nbsp;BTC</strong>' \
        '<td class="n">39.00000000' '<td class="n">32.00012345' 'Made by cordon'
}

peel_chain_opens() {
    opens peel-chain
}

many_open() {
    opens many
}

hostile_words_stay_words() {
    opens hostile
    says "$TMP/dom" '&lt;script&gt;document.title' '&lt;iframe srcdoc='
    if grep '<p id="taken\|<img\|<iframe\|<title>taken' "$TMP/dom"; then return 1; fi
}

# The same page with a policy that lets a test's script in, which works it as a person would.
by_keyboard() {
    for name in five-hops peel-chain; do
        sed -e "s/script-src '[^']*'/script-src 'unsafe-inline'/" -e '/^<\/body>/d; /^<\/html>/d' \
            "$TMP/$name.html" >"$TMP/worked.html"
        { echo '<pre id="result"></pre><script>'; cat "$SOURCE/tests/web/keys.js"; echo '</script></body></html>'; } \
            >>"$TMP/worked.html"
        browse "$TMP/worked.html"
        says "$TMP/dom" '<pre id="result">all is well</pre>'
    done
}

# The page of a case that crosses chains: a lane each, the grades told apart, and used by keyboard like the other.
lanes() {
    "$CORDON" sim --seed 7 --blocks 150 --accounts --out world >sim.log
    "$CORDON" ingest evm:sim --from world/accounts/blocks.csv world/accounts/transactions.csv \
        world/accounts/logs.csv world/accounts/traces.csv >ingest.log
    "$CORDON" ingest bitcoin:sim --from world/blocks >>ingest.log
    jq '.title = "<script>document.title=1</script>"' world/cases/SWAP-1.json >case.json
    "$CORDON" trace ./case.json --format html --out "$TMP/lanes.html"
    opens lanes
    says "$TMP/dom" '>evm:sim</text>' '>bitcoin:sim</text>' 'class="b stated route' '&lt;script&gt;document.title' \
        'Went on by routes'
    if grep -nE '(src|href|action)="?[^"#]|url\(|@import|https?:' "$TMP/lanes.html"; then return 1; fi
    says "$TMP/lanes.html" "content=\"default-src 'none'; style-src 'sha256-"
    sed -e "s/script-src '[^']*'/script-src 'unsafe-inline'/" -e '/^<\/body>/d; /^<\/html>/d' \
        "$TMP/lanes.html" >"$TMP/worked.html"
    { echo '<pre id="result"></pre><script>'; cat "$SOURCE/tests/web/lanes.js"; echo '</script></body></html>'; } \
        >>"$TMP/worked.html"
    browse "$TMP/worked.html"
    says "$TMP/dom" '<pre id="result">all is well</pre>'
}

nothing_from_elsewhere() {
    for name in five-hops peel-chain many; do
        if grep -nE '(src|href|action)="?[^"#]|url\(|@import|https?:' "$TMP/$name.html"; then return 1; fi
        says "$TMP/$name.html" "content=\"default-src 'none'; style-src 'sha256-"
    done
}

# WCAG 2.1, 1.4.3 and 1.4.11: text 4.5 to 1 against what it stands on, marks 3 to 1, in both schemes.
contrast() {
    python3 - "$SOURCE/web/trace/page.css" <<'PYTHON'
import re
import sys


def luminance(colour):
    channels = (int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= .04045 else ((c + .055) / 1.055) ** 2.4 for c in channels]
    return .2126 * linear[0] + .7152 * linear[1] + .0722 * linear[2]


schemes = re.findall(r":root \{(.*?)\}", open(sys.argv[1]).read(), re.S)[:2]
for scheme in schemes:
    colours = dict(re.findall(r"--(\w+): (#\w{6})", scheme))
    for name, least in dict(ink=4.5, soft=4.5, ex=3, he=3, cu=3, un=3, fe=3, focus=3, node=3).items():
        for ground in ("paper", "raised"):
            pair = sorted((luminance(colours[name]), luminance(colours[ground])), reverse=True)
            ratio = (pair[0] + .05) / (pair[1] + .05)
            if ratio < least:
                sys.exit("%s on %s: %.2f" % (name, ground, ratio))
assert len(schemes) == 2
PYTHON
}

"$DRAW_WORLDS" "$TMP" || exit 1
check five_hops_open
check peel_chain_opens
check many_open
check hostile_words_stay_words
check by_keyboard
check lanes
check nothing_from_elsewhere
check contrast
finish
