#!/usr/bin/env python3
"""A receiver of webhooks for scripts: checks each signature by what the standards say (Standard Webhooks; HMAC as RFC 2104 by
Python's own; Ed25519 as RFC 8032, section 6) and answers as it is told to, well or badly.

receiver.py FOLDER [--tls CERTIFICATE KEY]

FOLDER/port is written when it listens. FOLDER/keys has the keys, public ones as whpk_. FOLDER/modes has how the next tries are
answered, a word each; what is left when it is empty is "ok". Each try is a line of FOLDER/got:
{"path","id","timestamp","valid","mode","body"}."""
import asyncio
import base64
import hashlib
import hmac
import json
import pathlib
import ssl
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "group"))
from rfc8032 import verify  # noqa: E402

folder = pathlib.Path(sys.argv[1])
TOLERANCE_SECONDS = 300


def signature_fits(key, version, signature, message):
    if key.startswith("whsec_") and version == "v1":
        want = hmac.new(base64.b64decode(key[6:]), message, hashlib.sha256).digest()
        return hmac.compare_digest(want, signature)
    if key.startswith("whpk_") and version == "v1a":
        return verify(base64.b64decode(key[5:]), message, signature)
    return False


def valid(headers, body):
    """Every key that we have has signed it, and there is no signature beside those."""
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    got = [s.split(",", 1) for s in headers["webhook-signature"].split(" ")]
    keys = (folder / "keys").read_text().split()
    fits = [any(signature_fits(k, ver, base64.b64decode(s), message) for k in keys) for ver, s in got]
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < TOLERANCE_SECONDS
    return fresh and len(got) == len(keys) and all(fits) and "." not in headers["webhook-id"]


def mode():
    place = folder / "modes"
    words = place.read_text().split() if place.exists() else []
    if words:
        place.write_text(" ".join(words[1:]))
    return words[0] if words else "ok"


async def answer(word, w):
    if word == "hang":
        await asyncio.sleep(3600)
    if word == "close":
        return
    if word == "half":
        w.write(b"HTTP/1.1 200 OK\r\nContent-Le")
        return
    if word == "endless":
        w.write(b"HTTP/1.1 500 Busy\r\n\r\n")
        for _ in range(1000):
            w.write(b"x" * 65536)
            await w.drain()
        return
    if word == "redirect":
        w.write(f"HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:{port}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode())
        return
    if word == "drip":  # a byte a second
        for byte in b"HTTP/1.1 204 Fine\r\nContent-Length: 0\r\n\r\n":
            w.write(bytes([byte]))
            await w.drain()
            await asyncio.sleep(1)
        return
    if word == "slow":
        await asyncio.sleep(2)
    status = {"ok": "204 Fine", "slow": "204 Fine", "later": "429 Later\r\nRetry-After: 2"}.get(word, word + " Told")
    w.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())


async def serve(r, w):
    try:
        head = (await r.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): s.strip() for k, s in (line.split(":", 1) for line in head[1:] if line)}
        body = await r.readexactly(int(headers["content-length"]))
        word = mode()
        line = {"path": head[0].split(" ")[1], "id": headers["webhook-id"], "timestamp": headers["webhook-timestamp"],
                "valid": valid(headers, body), "mode": word, "body": json.loads(body)}
        with open(folder / "got", "a") as f:
            f.write(json.dumps(line) + "\n")
        await answer(word, w)
        await w.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        w.close()


async def main():
    global port
    tls = None
    if "--tls" in sys.argv:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*sys.argv[sys.argv.index("--tls") + 1:][:2])
    old = folder / "port"
    server = await asyncio.start_server(serve, "127.0.0.1", int(old.read_text()) if old.exists() else 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    (folder / "port.part").write_text(str(port))
    (folder / "port.part").rename(old)
    await server.serve_forever()


port = 0
asyncio.run(main())
