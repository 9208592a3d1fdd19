#!/usr/bin/env python3
"""A node under all at once: soak.py SECONDS PORT KEY PROCESS CERTIFICATE, with $CORDON and $CORDON_HOME.

Askers know what is right: an address that every list has, one that every second list has, one whose tag and
exposure change with the pack and the ledger, one of which nothing is known, a name, batches, transfers. Meanwhile
lists, tags and the ledger are replaced and appended, and others behave badly: connections are dropped, handshakes
left half open, answers not read, bodies too large or no JSON. Ends with 1 and what was wrong, else tells counts."""
import datetime, itertools, http.client, json, os, random, socket, ssl, subprocess, sys, threading, time, traceback

SECONDS, PORT, KEY, PROCESS, CERTIFICATE = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]
CORDON = os.environ["CORDON"]
LISTED, FLIP = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96", "0x2222222222222222222222222222222222222222"
CLEAN, TAGGED, PAID = "0x00000000219ab540356cBB839Cbe05303d7705Fa", "0x" + "aa" * 20, "0x" + "bb" * 20
MAP = "time=time,from=from,to=to,amount=amount,decimals=18"
GROWTH = 1.15, 24 << 10  # of resident memory, and kB on top: buffers of connections that come and go
SHADOW = 1 << 30  # kB of address space that no node has but one whose memory a sanitizer shadows
SHADOWED = 5  # times what lies on top: with red zones, shadows, caches of each thread, and what was freed and is kept for a while
begun = time.monotonic()
wrong, counts, lock = [], {}, threading.Lock()
appended = 1  # rows of the ledger, told before they are there
registered = {}


def over():
    return time.monotonic() > begun + SECONDS or bool(wrong)


def count(what):
    with lock:
        counts[what] = counts.get(what, 0) + 1


def right(ok, *what):
    if not ok:
        raise AssertionError(what)


def tls():
    context = ssl.create_default_context(cafile=CERTIFICATE)
    context.check_hostname = False
    return context


class Client:
    def __init__(self):
        self.c = http.client.HTTPSConnection("127.0.0.1", PORT, timeout=300, context=tls())

    def ask(self, path, body=None):
        self.c.request("POST" if body is not None else "GET", path, body, {"Authorization": "Bearer " + KEY})
        r = self.c.getresponse()
        return r.status, r.read()

    def screen(self, path, **question):
        status, said = self.ask(path, json.dumps(question))
        right(status == 200, path, status, said)
        return json.loads(said)


def evidence(answer, kind):
    return [r for r in answer["reasons"] if r["evidence"] == kind]


def has_flip(day):
    return day.toordinal() % 2 == 0


def check_address(address, a):
    listed, tagged, exposed = (evidence(a, k) for k in ("listed", "tagged", "exposed"))
    if address == LISTED:
        right(a["decision"] == "BLOCK" and len(listed) == 1, a)
    elif address == FLIP:  # of an even day's list
        right((a["decision"] == "BLOCK") == (len(listed) == 1), a)
        right(all(has_flip(datetime.date.fromisoformat(r["source"][-10:])) for r in listed), a)
    elif address == TAGGED:  # of one pack, not of two
        right(len(tagged) == 1, a)
        right((tagged[0]["category"] == "theft") == (int(tagged[0]["label"].split()[1]) % 2 == 0), a)
    elif address == PAID:
        right(not listed and not tagged and len(exposed) == 1, a)
        whole, rest = divmod(int(exposed[0]["amount"]), 10**18)
        right(exposed[0]["category"] in ("theft", "ransomware") and exposed[0]["exposure"] == "direct", a)
        right(not rest and 1 <= whole <= appended, a)
    else:
        right(not a["reasons"] and a["decided_by"] == "old_data", a)
        right(a["decision"] == ("HOLD" if a["direction"] == "outbound" else "REVIEW"), a)


ADDRESSES = [LISTED, FLIP, TAGGED, PAID, CLEAN]


def ask_addresses(r):
    c = Client()
    while not over():
        address = r.choice(ADDRESSES)
        path = r.choice(["/v1/screen/address", "/v1/withdrawals/check"])
        check_address(address, c.screen(path, address=address, chain="ethereum"))
        count("addresses")


def ask_names(r):
    c = Client()
    while not over():
        a = c.screen("/v1/screen/name", name=r.choice(["Kim Chol Su", "KIM, Chol-su"]), kind="person")
        right(a["potential_matches"] >= 1, a)
        a = c.screen("/v1/screen/name", name="Maria Lindqvist", kind="person")
        right(a["potential_matches"] == 0, a)
        count("names")


def ask_batches(r):
    c = Client()
    while not over():
        asked = [r.choice(ADDRESSES) for _ in range(r.randrange(1, 400))]
        body = "ref,address,chain\n" + "".join(f"{i},{a},ethereum\n" for i, a in enumerate(asked))
        status, said = c.ask("/v1/screen/batch", body)
        lines = said.decode().splitlines()
        right(status == 200 and len(lines) == len(asked), status, len(lines))
        for i, (address, line) in enumerate(zip(asked, lines)):
            a = json.loads(line)
            right(a["ref"] == str(i), a)
            check_address(address, a)
        count("batches")


def transfer(ref, address):
    return json.dumps(
        {"ref": ref, "direction": "outbound", "chain": "ethereum", "asset": "ETH", "amount": "1", "decimals": 18, "address": address}
    )


def register(r):
    c, me = Client(), r.randrange(1 << 30)
    for n in itertools.count():
        if over():
            break
        address = LISTED if n % 2 else CLEAN
        ref, body = f"{me}-{n}", transfer(f"{me}-{n}", address)
        if not n % 5:  # an asker who does not wait for the answer
            with tls().wrap_socket(socket.create_connection(("127.0.0.1", PORT), 300)) as s:
                s.sendall(f"POST /v1/transfers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        status, said = c.ask("/v1/transfers", body)
        right(status == 201 or (not n % 5 and status == 200), status, said)
        right(json.loads(said)["decision"] == ("BLOCK" if n % 2 else "HOLD"), said)
        right(c.ask("/v1/transfers", body) == (200, said), "registered twice", said)
        right(c.ask("/v1/transfers", transfer(ref, FLIP))[0] == 409, "another transfer's reference")
        with lock:
            registered[ref] = json.loads(said)["id"]
        count("transfers")


# ---- what changes ----


def run(*words):
    done = subprocess.run([CORDON, *words], capture_output=True, timeout=300)
    right(done.returncode == 0, words, done.stderr)


def write(name, text):
    with open(name, "w") as f:
        f.write(text)
    return name


def replace_lists(r):
    rows = open("list-2024-01-02/sdn.csv", newline="").read()
    flip = f'4,"OTHER GROUP",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Digital Currency Address - ETH {FLIP}."\r\n'
    for n in itertools.count(3):
        if over():
            break
        day = datetime.date(2024, 1, 1) + datetime.timedelta(n)
        with open("sdn.csv", "w", newline="") as f:
            f.write(rows.replace("\x1a", (flip if has_flip(day) else "") + "\x1a"))
        run("lists", "import", "--fewer", "--as-of", day.isoformat(), "sdn.csv")
        count("lists")
        time.sleep(0.3)


def replace_tags(r):
    for n in itertools.count(1):
        if over():
            break
        abuse = "ransomware" if n % 2 else "theft"
        run("tags", "import", write("pack.yaml", open("pack-0.yaml").read().replace("Number 0", f"Number {n}").replace("theft", abuse)))
        count("packs")
        time.sleep(0.5)


def append_ledger(r):
    global appended
    while not over():
        appended += 1
        row = f"2024-01-02T{appended // 3600:02}:{appended // 60 % 60:02}:{appended % 60:02}Z,{TAGGED},{PAID},1.0\n"
        run("ingest", "ethereum", "--from", write("more.csv", open("more.csv").read() + row), "--map", MAP)
        count("blocks")
        time.sleep(0.2)


# ---- who behaves badly ----


def drop(r):
    request = f"POST /v1/withdrawals/check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 50\r\n\r\n".encode()
    while not over():
        with tls().wrap_socket(socket.create_connection(("127.0.0.1", PORT), 300)) as s:
            s.sendall(request[: r.randrange(len(request) + 1)])
        count("dropped")


def half_open(r):
    held = []
    while not over():
        s = socket.create_connection(("127.0.0.1", PORT), 300)
        s.sendall((b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + r.randbytes(40))[: r.randrange(50)])
        held.append(s)
        if len(held) == 20:
            held.pop(0).close()
        count("half open")
        time.sleep(0.02)


def read_slowly(r):
    while not over():
        with tls().wrap_socket(socket.create_connection(("127.0.0.1", PORT), 300)) as s:
            body = "address\n" + f"{CLEAN}\n" * 5000
            s.sendall(f"POST /v1/screen/batch HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            for _ in range(r.randrange(20)):
                s.recv(100)
                time.sleep(0.05)
        count("slow")


def send_too_much(n):
    """A body that is refused by its length; n bytes of it are sent nevertheless, and may break the connection."""
    with tls().wrap_socket(socket.create_connection(("127.0.0.1", PORT), 300)) as s:
        try:
            s.sendall(f"POST /v1/transfers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 70000\r\n\r\n".encode())
            s.sendall(b" " * n)
            said = s.recv(100)
        except OSError:
            right(n, "no answer")
        else:
            right(said.startswith(b"HTTP/1.1 413") or (n and not said), said)


def send_rubbish(r):
    c = Client()
    good = transfer("rubbish", CLEAN)
    while not over():
        cut = r.randrange(len(good))
        status, said = c.ask(r.choice(["/v1/transfers", "/v1/screen/address", "/v1/screen/name"]), good[:cut] + r.choice(["", "{", "\0", "\xff"]))
        right(status == 400, status, said)
        send_too_much(r.choice([0, 70000]))
        count("rubbish")


# ---- memory ----

resident = []


def memory(what):
    with open(f"/proc/{PROCESS}/status") as f:
        return int(next(line for line in f if line.startswith(what)).split()[1])


def watch(r):
    while not over():
        resident.append(memory("VmRSS"))
        time.sleep(0.1)


def middle(values):
    return sorted(values)[len(values) // 2]


def in_thread(job, seed):
    try:
        job(random.Random(seed))
    except Exception:
        wrong.append(job.__name__ + ": " + traceback.format_exc())


def main():
    seed = int(os.environ.get("CORDON_SEED", "1"))
    jobs = [ask_addresses, ask_addresses, ask_names, ask_batches, register, register, replace_lists, replace_tags, append_ledger]
    jobs += [drop, half_open, read_slowly, send_rubbish, watch]
    threads = [threading.Thread(target=in_thread, args=(job, seed + i)) for i, job in enumerate(jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if wrong:
        print(*wrong, sep="\n")
        return 1
    c, seen, after = Client(), {}, "0"
    while True:  # each transfer once
        page = json.loads(c.ask(f"/v1/transfers?limit=1000&after={after}")[1])
        for t in page["transfers"]:
            right(t["transfer"]["ref"] not in seen, t)
            seen[t["transfer"]["ref"]] = t["id"]
        after = page["after"]
        if not page["more"]:
            break
    right(registered == seen, "transfers", len(registered), len(seen))
    for _ in range(600):  # the ledger's last row is told in the end
        told = evidence(c.screen("/v1/screen/address", address=PAID, chain="ethereum"), "exposed")[0]["amount"]
        if int(told) == appended * 10**18:
            break
        time.sleep(0.1)
    right(int(told) == appended * 10**18, told, appended)
    warm, last = resident[len(resident) // 3 : len(resident) * 2 // 3], resident[len(resident) * 5 // 6 :]
    top = GROWTH[1] * (SHADOWED if memory("VmSize") > SHADOW else 1)
    right(middle(last) < middle(warm) * GROWTH[0] + top, "memory grows", middle(warm), middle(last), top)
    counts["resident kB"] = [middle(warm), middle(last)]
    print(json.dumps(counts))
    return 0


sys.exit(main())
