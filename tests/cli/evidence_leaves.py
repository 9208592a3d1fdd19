#!/usr/bin/env python3
"""Each leaf of an evidence pack changed, one at a time, as `cordon verify` sees it.

    evidence_leaves.py CORDON PACK.json [--hashes | --parts]

Prints the paths (numbers of items as *) at which a change is not found. Without --hashes the document is left as it is but for
the change; with it, all hashes over what was changed are made anew, as somebody would who wants it to look whole. With --parts no
leaf is changed, but each member and each item of the statement (not of its case and trace) left out, and hashes are made anew.
"""
import concurrent.futures, hashlib, json, os, subprocess, sys, tempfile

cordon, path = sys.argv[1:3]
parts = "--parts" in sys.argv[3:]
anew = parts or "--hashes" in sys.argv[3:]
whole = json.load(open(path))


def canonical(v):
    return json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def compact(v):
    return json.dumps(v, separators=(",", ":"), ensure_ascii=False).encode()


def manifest(evidence, first):
    items = [hashlib.sha256(compact(first)).digest()]
    for kind, member in (("blocks", "header"), ("transactions", "raw")):
        for item in evidence[kind]:
            try:
                items.append(hashlib.sha256(bytes.fromhex(item[member])).digest())
            except ValueError: # a change that is no hex
                items.append(bytes(32))
    evidence["manifest"] = [i.hex() for i in items]
    evidence["fingerprint"] = hashlib.sha256(b"".join(items)).hexdigest()


def hashes(d):
    for part in d["evidence"].get("parts", [d["evidence"]]):
        if "accounts" in part["schema"]:
            part["fingerprint"] = hashlib.sha256(canonical(part["blocks"])).hexdigest()
        elif "manifest" in part:
            manifest(part, part["claimed"] if "claimed" in part else part["statement"])
    d["statement_sha256"] = hashlib.sha256(canonical(d["statement"])).hexdigest()


def leaves(node, at=()):
    for key, v in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(v, (dict, list)) and v:
            yield from leaves(v, at + (key,))
        else:
            yield at + (key,), v


def members(node, at=("statement",)):
    for key, v in node.items() if isinstance(node, dict) else enumerate(node):
        yield at + (key,), v
        if isinstance(v, (dict, list)) and at + (key,) not in (("statement", "case"), ("statement", "trace")):
            yield from members(v, at + (key,))


def other(v):
    if isinstance(v, bool):
        return not v
    if isinstance(v, int):
        return v + 1
    if isinstance(v, str) and v:
        end = v[-1]
        return v[:-1] + ("1" if end == "0" else "0" if end.isdigit() else "b" if end == "a" else "a")
    return {"x": 1} if v == {} else ["x"] if v == [] else "x"


OWN = {"statement_sha256", "fingerprint", "manifest"} # hashes that are made anew are no leaves then


def changed(item):
    at, v = item
    if anew and any(step in OWN for step in at):
        return None
    text = json.dumps(whole)
    d = json.loads(text)
    node = d
    for step in at[:-1]:
        node = node[step]
    if parts:
        del node[at[-1]]
    else:
        node[at[-1]] = other(v)
    if anew:
        hashes(d)
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as f:
        json.dump(d, f)
    code = subprocess.run([cordon, "verify", f.name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    os.unlink(f.name)
    if code not in (0, 1, 3):
        return "exit %d at %s" % (code, "/".join(map(str, at)))
    return "/".join("*" if isinstance(s, int) else s for s in at) if code == 0 else None


if subprocess.run([cordon, "verify", path], stdout=subprocess.DEVNULL).returncode:
    sys.exit("%s: it does not hold as it is" % path)
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    all_leaves = list(members(whole["statement"]) if parts else leaves(whole))
    for found in sorted(set(filter(None, pool.map(changed, all_leaves)))):
        print(found)
print("%d leaves" % len(all_leaves), file=sys.stderr)
