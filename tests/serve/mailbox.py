#!/usr/bin/env python3
"""A mail server for scripts (RFC 5321, STARTTLS by RFC 3207, AUTH PLAIN by RFC 4616), on asyncio alone.

mailbox.py FOLDER [--tls CERTIFICATE KEY [--at-once]] [--login USER:PASSWORD]

FOLDER/port is written when it listens. FOLDER/stalls has in what the next connections are left without an answer, a word each: "CONNECT",
a command ("EHLO"), "BODY"; those that are, are lines of FOLDER/stalled. FOLDER/modes has how the next mails are taken, a word each: "ok", a status ("451"), "close",
"hang". What was taken is a line of FOLDER/mails: {"from","to","tls","login","subject","headers","text","mode"}, read by Python's own
reader of mails."""
import asyncio
import base64
import email
import email.policy
import json
import pathlib
import ssl
import sys

folder = pathlib.Path(sys.argv[1])
login = sys.argv[sys.argv.index("--login") + 1] if "--login" in sys.argv else None
tls = None
if "--tls" in sys.argv:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*sys.argv[sys.argv.index("--tls") + 1:][:2])
at_once = "--at-once" in sys.argv


def mode(name="modes"):
    place = folder / name
    words = place.read_text().split() if place.exists() else []
    if words:
        place.write_text(" ".join(words[1:]))
    return words[0] if words else "ok"


class Session:
    def __init__(self, r, w):
        self.r, self.w = r, w
        self.tls, self.login = at_once, None
        self.sender, self.to = None, []
        self.stall = mode("stalls")

    async def stalls_in(self, phase):
        if phase != self.stall:
            return
        with open(folder / "stalled", "a") as f:
            f.write(phase + "\n")
        await asyncio.sleep(3600)

    async def say(self, text):
        self.w.write(text.encode() + b"\r\n")
        await self.w.drain()

    async def data(self):
        await self.say("354 go on")
        await self.stalls_in("BODY")
        lines = []
        while (line := await self.r.readuntil(b"\r\n")) != b".\r\n":
            assert b"\n" not in line[:-2] and b"\r" not in line[:-2], line  # no bare line ends
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        word = mode()
        told = {"from": self.sender, "to": self.to, "tls": self.tls, "login": self.login, "subject": mail["subject"],
                "headers": dict(mail.items()), "text": mail.get_content(), "mode": word,
                "defects": [str(d) for d in mail.defects]}
        with open(folder / "mails", "a") as f:
            f.write(json.dumps(told) + "\n")
        if word == "hang":
            await asyncio.sleep(3600)
        if word == "close":
            raise ConnectionError
        await self.say("250 taken" if word == "ok" else f"{word} not now")

    async def command(self, line):
        word = line.split(" ")[0].upper()
        await self.stalls_in(word)
        if word in ("EHLO", "HELO"):
            more = (["STARTTLS"] if tls and not self.tls else []) + (["AUTH PLAIN"] if login else [])
            for i, each in enumerate(["box"] + more):
                await self.say(("250 " if i == len(more) else "250-") + each)
        elif word == "STARTTLS":
            await self.say("220 go on")
            await self.w.start_tls(tls)
            self.tls = True
        elif word == "AUTH":
            await self.say("334 ")
            self.login = base64.b64decode(await self.r.readuntil(b"\r\n")).decode()[1:].replace("\0", ":")
            await self.say("235 good" if self.login == login else "535 no")
        elif word == "MAIL":
            self.sender = line.split("<")[1].split(">")[0]
            await self.say("250 good")
        elif word == "RCPT":
            self.to.append(line.split("<")[1].split(">")[0])
            await self.say("250 good")
        elif word == "DATA":
            await self.data()
        elif word == "QUIT":
            await self.say("221 gone")
            return False
        else:
            await self.say("502 what")
        return True


async def serve(r, w):
    try:
        s = Session(r, w)
        await s.stalls_in("CONNECT")
        await s.say("220 box")
        while await s.command((await r.readuntil(b"\r\n")).decode().strip()):
            pass
    except (OSError, asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        w.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls if at_once else None)
    (folder / "port.part").write_text(str(server.sockets[0].getsockname()[1]))
    (folder / "port.part").rename(folder / "port")
    await server.serve_forever()


asyncio.run(main())
