#!/usr/bin/env python3
"""Test vectors of docs/protocol.md, worked out from the text of the standards alone: canonical JSON as in RFC 8785,
Ed25519 as the sample code of RFC 8032, section 6, has it, Merkle trees as in RFC 6962, section 2.1, notes as c2sp.org
says (signed-note, tlog-checkpoint, tlog-cosignature). Knows nothing of cordon's code.

vectors.py FOLDER      writes export.jsonl, alerts.jsonl, checkpoint.note, kept.note, grown.proof and vectors.md there
vectors.py --check     exit 1 unless the files beside it, and the block in docs/protocol.md, are the ones"""
import base64
import hashlib
import json
import pathlib
import sys

sys.dont_write_bytecode = True
from rfc8032 import public, sign  # noqa: E402

# ---- RFC 8785, of documents with whole numbers ----
def canonical(v):
    if isinstance(v, dict):
        names = sorted(v, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(n) + ":" + canonical(v[n]) for n in names) + "}"
    if isinstance(v, list):
        return "[" + ",".join(map(canonical, v)) + "]"
    return json.dumps(v, ensure_ascii=False)


def sha256(*parts):
    return hashlib.sha256(b"".join(x if isinstance(x, bytes) else x.encode() for x in parts)).digest()


# ---- a group ----
MEMBERS = [("us", "US"), ("kr", "KR"), ("jp", "JP")]


def seed(member, kind):
    return sha256("cordon test vector", member, kind)


def member(name, country):
    return {"id": name, "name": "Member " + name, "country": country, "kind": "agency", "government": True,
            "state": "active", "keys": [public(seed(name, "node")).hex()],
            "persons": [{"name": "inv", "key": public(seed(name, "inv")).hex(), "roles": ["investigator"]},
                        {"name": "head", "key": public(seed(name, "head")).hex(),
                         "roles": ["supervisor", "secretary"]}]}


charter = {"schema": "cordon.charter/1", "version": 1, "previous": None, "name": "Drei \U0001f600 \ufb33",
           "members": [member(*m) for m in MEMBERS], "groups": [], "closed": [], "quotas": {"live_cases": 5}}
group = sha256("cordon.charter/1", canonical(charter))
lines = []
heads = {}


def event(author, kind, object_, type_, ms, after=(), body=None, retention="none", facts=None):
    key = seed(author, kind)
    seq, prev = heads.get(author, (0, None))
    salt = sha256("salt", author, str(seq))
    e = {"after": sorted(x.hex() for x in after), "audience": "all", "author": author,
         "body": body and sha256("cordon.body/1", salt, canonical(body)).hex(), "charter": group.hex(),
         "clock": [ms, 0], "key": public(key).hex(), "object": object_, "prev": prev and prev.hex(),
         "retention": retention, "seq": seq + 1, "stream": sha256("stream", author)[:16].hex(), "type": type_}
    if facts:
        e["facts"] = facts
    message = b"cordon.event/1" + group + canonical(e).encode()
    line = {"event": e, "signature": sign(key, message).hex()}
    if body:
        line |= {"body": body, "salt": salt.hex()}
    lines.append(canonical(line))
    heads[author] = (seq + 1, sha256(message))
    return heads[author][1], message, line


name = "charter:" + group.hex()
proposed = event("us", "head", name, "charter.propose", 1795000000000, body=charter, retention="keep")[0]
signed = event("us", "head", name, "charter.sign", 1795000001000, [proposed])
event("kr", "head", name, "charter.sign", 1795000002000, [proposed])
case = {"id": "THEFT-1", "title": "\u76d7\u96e3 \u20ac", "policy": "fifo", "origins": [{"output": "ab" * 32 + ":0"}]}
# no stops, and a program that knows no contract: the hash of nothing
inputs = {"dust": "0", "hops_max": None, "policy": "fifo",
          "routes_sha256": hashlib.sha256(b"").hexdigest(), "rules": "cordon.taint/1",
          "stops_sha256": hashlib.sha256(b"").hexdigest(), "until": None, "until_time": None}
case_name = "case:" + sha256("case")[:16].hex()
report = event("us", "inv", case_name, "case.report", 1795000003000, body={"case": case, "inputs": inputs},
               retention="case")[0]
event("jp", "inv", case_name, "case.verify", 1795000004000, [report])

# ---- a checkpoint of the first stream ----
def mth(d):
    if len(d) < 2:
        return sha256(b"\0", d[0]) if d else sha256(b"")
    k = 1 << (len(d) - 1).bit_length() - 1
    return sha256(b"\1", mth(d[:k]), mth(d[k:]))


def signature_line(name, kind, key, time, text):
    stamp = f"cosignature/v1\ntime {time}\n".encode() if time else b""
    parts = sha256(name, b"\n", bytes([kind]), public(key))[:4] + (time.to_bytes(8, "big") if time else b"")
    return f"\u2014 {name} " + base64.b64encode(parts + sign(key, stamp + text.encode())).decode() + "\n"


ids = [sha256(b"cordon.event/1", group, canonical(json.loads(line)["event"])) for line in lines
       if json.loads(line)["event"]["author"] == "us"]
prefix = "cordon/" + group.hex() + "/"
origin = prefix + "us/" + sha256("stream", "us")[:16].hex()
note = f"{origin}\n{len(ids)}\n{base64.b64encode(mth(ids)).decode()}\n"
signatures = [signature_line(origin, 1, seed("us", "node"), 0, note),
              signature_line(prefix + "jp", 4, seed("jp", "node"), 1795000010, note),
              signature_line(prefix + "kr", 4, seed("kr", "node"), 1795000011, note)]
checkpoint = note + "\n" + "".join(signatures)


# ---- what somebody kept of it when it had one event, and that it has grown since (tlog-witness) ----
def subproof(m, d, known):  # RFC 6962, section 2.1.2
    if m == len(d):
        return [] if known else [mth(d)]
    k = 1 << (len(d) - 1).bit_length() - 1
    if m <= k:
        return subproof(m, d[:k], known) + [mth(d[k:])]
    return subproof(m - k, d[k:], False) + [mth(d[:k])]


kept = f"{origin}\n1\n{base64.b64encode(mth(ids[:1])).decode()}\n"
kept += "\n" + signature_line(origin, 1, seed("us", "node"), 0, kept)
grown = "old 1\n" + "".join(base64.b64encode(h).decode() + "\n" for h in subproof(1, ids, True)) + "\n" + checkpoint


def export():
    head = canonical({"group": group.hex(), "schema": "cordon.log/1", "since": 0, "to": None})
    told = "".join(line + "\n" for line in [head] + lines)
    end = {"cursor": len(lines), "key": public(seed("kr", "node")).hex(), "lines": len(lines),
           "sha256": sha256(told).hex()}
    return told + canonical({"end": end, "signature": sign(
        seed("kr", "node"), b"cordon.export/1" + group + canonical(end).encode()).hex()}) + "\n"


text = export()


def wrapped(label, s):
    cut = [s[i:i + 96] for i in range(0, len(s), 96)]
    return "\n".join(f"{label if not i else '':10}{part}" for i, part in enumerate(cut))


block = "\n".join([
    wrapped("seed", seed("us", "head").hex()),
    wrapped("key", public(seed("us", "head")).hex()),
    wrapped("group", group.hex()),
    wrapped("event", canonical(signed[2]["event"])),
    wrapped("id", signed[0].hex()),
    wrapped("signature", signed[2]["signature"]),
]) + "\n"


# ---- another group: alerts and holds ----
def with_desk(m):
    desk = {"name": "desk", "key": public(seed(m["id"], "desk")).hex(), "roles": ["compliance-officer"]}
    return m | {"persons": m["persons"] + [desk]}


def row(act, basis, hours):
    anybody = {"country": "*", "kind": "*"}
    return {"act": act, "bases": [basis], "example": False, "from": "2026-01-01", "holder": {"country": "JP", "kind": "*"},
            "hours_max": hours, "notice_hours": None, "requester": anybody, "to": None}


charter = charter | {"name": "Alerts", "members": [with_desk(member(*m)) for m in MEMBERS],
                     "bases": [row("order", "tos", 24), row("legal", "sanctions", 1000000),
                               row("extend", "internal-aml", 1) | {"hours_total": 1}],
                     "quotas": {"live_cases": 5, "soft_minutes": 30, "soft_amount": {"BTC": "100"}, "hold_hours": 24}}
group = sha256("cordon.charter/1", canonical(charter))
lines = []
heads = {}
name = "charter:" + group.hex()
proposed = event("us", "head", name, "charter.propose", 1795000000000, body=charter, retention="keep")[0]
event("us", "head", name, "charter.sign", 1795000001000, [proposed])
event("kr", "head", name, "charter.sign", 1795000002000, [proposed])
report = event("us", "inv", case_name, "case.report", 1795000003000, body={"case": case, "inputs": inputs},
               retention="case")[0]
event("kr", "inv", case_name, "case.verify", 1795000004000, [report])
CHAIN = "bip122:000000000019d6689c085ae165831e93"


def alert_of(salt, output):
    where = CHAIN + "\0" + output + "\0" + "jp"
    return ("alert:" + sha256("cordon.alert/1", salt, case_name + "\0" + where).hex(),
            sha256("cordon.deposit/1", salt, where).hex())


def told_of(deposit, amount, received):
    return {"amount": amount, "asset": "BTC", "case": case_name, "deposit": deposit, "holder": "jp", "policy": "fifo",
            "received": received}


def held(amount, expires, **more):
    return {"amount": amount, "expires": expires} | more


# us tells jp, which holds: softly (a second time, and too long: without effect), by order, at last by law;
# what no row grants (an order by a court, an extension) and what names no paper ends nothing
sent, deposit = alert_of(bytes(32), "cd" * 32 + ":1")
told = event("us", "node", sent, "alert.send", 1795000005000, [report], {"chain": CHAIN, "output": "cd" * 32 + ":1"},
             "case", told_of(deposit, "900", "1000"))[0]
event("jp", "node", sent, "alert.hold-soft", 1795000006000, [told], facts=held("900", 1795000006000 + 1860000))
event("jp", "node", sent, "alert.hold-soft", 1795000007000, [told], facts=held("900", 1795000007000 + 1800000))
event("jp", "desk", sent, "alert.acknowledge", 1795000008000, [told])
day = 1795000009000 + 86400000
event("jp", "desk", sent, "alert.order", 1795000008500, [told],
      facts=held("900", 1795000009000 + 3600000, basis="court-order", kind="withdrawal-limit", reason="theft"))
event("jp", "desk", sent, "alert.order", 1795000009000, [told],
      facts=held("800", day, basis="tos", kind="withdrawal-limit", reason="theft"))
event("jp", "node", sent, "alert.enforce", 1795000010000, [told], facts=held("700", day))
event("jp", "desk", sent, "alert.extend", 1795000010200, [told],
      facts=held("100", 1795000009000 + 3600000, basis="tos"))
# an hour, from the first of them: what would go on beyond it is without effect, what ends with it is not
for at, until in [(10210, 10210), (10220, 10220), (10230, 10210)]:
    event("jp", "desk", sent, "alert.extend", 1795000000000 + at, [told],
          facts=held("700", 1795000000000 + until + 3600000, basis="internal-aml"))
warrant = {"instrument": {"alert": sent, "document": "ab" * 32, "expires": "9999-12-31", "issuer": "a ministry", "kind": "order",
                          "number": "1", "reach": ["JP"], "served": "2026-11-18"}}
by = event("jp", "desk", "instrument:" + sha256("cordon.record/1", group, canonical(warrant)).hex(), "instrument.state",
           1795000010500, body=warrant, retention="keep")[0]
event("jp", "desk", sent, "alert.legal", 1795000010800, [told], facts=held("700", 1795000010801, basis="sanctions"))
event("jp", "desk", sent, "alert.legal", 1795000011000, [told, by],
      facts=held("700", 1795000011000 + 1000000 * 3600000, basis="sanctions"))
# jp finds a deposit of its own, may not hold it (less than the least amount), and opens it
salt = sha256("a salt that jp alone knows")
found, deposit = alert_of(salt, "ef" * 32 + ":0")
told = event("jp", "node", found, "alert.detect", 1795000012000, [report], facts=told_of(deposit, "99", "99"))[0]
event("jp", "node", found, "alert.hold-soft", 1795000013000, [told], facts=held("99", 1795000014000))
event("jp", "node", found, "alert.open", 1795000014000, [told],
      {"chain": CHAIN, "output": "ef" * 32 + ":0", "salt": salt.hex()}, "case")
# its block is undone; later it is there again, in another, and told anew: there is enough of it to be held
event("jp", "node", found, "alert.void", 1795000015000, [told], facts={"reason": "reorganised"})
again = event("jp", "node", found, "alert.detect", 1795000016000, [told], facts=told_of(deposit, "120", "150"))[0]
event("jp", "node", found, "alert.hold-soft", 1795000017000, [again], facts=held("120", 1795000018000))
# an authority asks all to observe the case: the soft hold is in force no more, the hold by law is
event("us", "head", "handling:" + case_name[5:], "handling.set", 1795000017500, [report], facts={"handling": "observe"})
alerts = export()


def main(where):
    here = pathlib.Path(__file__).parent
    if where == "--check":
        doc = (here / "../../docs/protocol.md").read_text("utf-8")
        good = (here / "export.jsonl").read_text("utf-8") == text and "```\n" + block + "```\n" in doc and \
            (here / "checkpoint.note").read_text("utf-8") == checkpoint and "```\n" + checkpoint + "```\n" in doc and \
            (here / "alerts.jsonl").read_text("utf-8") == alerts and (here / "kept.note").read_text("utf-8") == kept and \
            (here / "grown.proof").read_text("utf-8") == grown and "```\n" + grown[:grown.index("\n\n") + 2] in doc
        if not good:
            print("export.jsonl, alerts.jsonl, a note, a proof or docs/protocol.md differ from the vectors")
        return not good
    (pathlib.Path(where) / "export.jsonl").write_text(text, "utf-8")
    (pathlib.Path(where) / "alerts.jsonl").write_text(alerts, "utf-8")
    (pathlib.Path(where) / "checkpoint.note").write_text(checkpoint, "utf-8")
    (pathlib.Path(where) / "kept.note").write_text(kept, "utf-8")
    (pathlib.Path(where) / "grown.proof").write_text(grown, "utf-8")
    (pathlib.Path(where) / "vectors.md").write_text(block, "utf-8")
    return 0


sys.exit(main(sys.argv[1]))
