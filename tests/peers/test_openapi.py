#!/usr/bin/env -S python3 -B
"""docs/openapi.json as others read it: a validator of OpenAPI 3.1 takes it, and a client that is generated from it calls every
operation of a live node. Both are from npm, by a lock file, into the build folder; where npm cannot be reached it skips."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import tally

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
API = os.path.join(SOURCE, "docs", "openapi.json")
CORDON = os.path.abspath(os.environ.get("CORDON", "build/cordon"))
FOLDER = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "peers-openapi"))
FILES = "package.json", "package-lock.json", "tsconfig.json", "client.ts"
LISTED = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"
CLEAN = "0x00000000219ab540356cBB839Cbe05303d7705Fa"
INSTALL_SECONDS = 180


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, **more)
    if done.returncode:
        raise AssertionError(f"{os.path.basename(command[0])}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def install():
    """Raises OSError that says why the packages are not there."""
    if not shutil.which("npm"):
        raise OSError("npm is not here, which fetches a validator and a generator of clients")
    os.makedirs(FOLDER, exist_ok=True)
    lock = os.path.join(FOLDER, "package-lock.json")
    same = os.path.exists(lock) and open(lock).read() == open(os.path.join(HERE, "openapi", "package-lock.json")).read()
    for name in FILES:
        shutil.copy(os.path.join(HERE, "openapi", name), FOLDER)
    if same and os.path.exists(program("tsc")):
        return
    try:
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"],
                              cwd=FOLDER, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise OSError(f"npm ci was not done in {INSTALL_SECONDS} s") from None
    if done.returncode:
        raise OSError(f"npm ci: {(done.stderr.strip().splitlines() or ['failed'])[0]}")


def program(name):
    return os.path.join(FOLDER, "node_modules", ".bin", name)


def operations():
    with open(API, encoding="utf-8") as f:
        return json.load(f)["paths"]


class Node:
    """A node with a ledger of a small world and a list of three entries."""

    def __init__(self, folder):
        self.env = {**os.environ, "CORDON_HOME": os.path.join(folder, "home")}
        self.world(folder)
        self.group(folder)
        self.key = self.cordon("key", "add", "client", "--scope", "read,screen,group,bank,core,leads,act").strip()
        self.log = os.path.join(folder, "log")
        with open(os.path.join(folder, "cordon.yaml"), "w") as f:
            f.write("follow:\n- chain: bank:rcbc\n")
        self.process = subprocess.Popen([CORDON, "serve", "--listen", "127.0.0.1:0", "--config", f.name], env=self.env,
                                        stderr=open(self.log, "w"), stdout=subprocess.DEVNULL)
        self.port = self.wait()

    def cordon(self, *args):
        return run(CORDON, *args, env=self.env)

    def world(self, folder):
        self.cordon("sim", "--seed", "7", "--blocks", "60", "--out", os.path.join(folder, "world"))
        self.cordon("ingest", "bitcoin:sim", "--from", os.path.join(folder, "world", "blocks"))
        path = os.path.join(folder, "sdn.csv")
        with open(path, "w", newline="") as f:
            none = ",-0- " * 7
            f.write(f'1,"KIM, Chol Su","individual","DPRK"{none},"DOB 08 Jan 1960."\r\n'
                    f'2,"SMALL TRADING COMPANY LTD",-0- ,"DPRK"{none},-0- \r\n'
                    f'3,"SOME GROUP",-0- ,"CYBER2"{none},"Digital Currency Address - ETH {LISTED}."\r\n\x1a\r\n')
        self.cordon("lists", "import", "--as-of", "2024-01-02", path)

    def group(self, folder):
        """Of one member, with one case."""
        path, made = os.path.join(folder, "words"), os.path.join(folder, "charter.json")
        with open(path, "w") as f:
            f.write("correct horse battery staple\n")
        by = "--passphrase-file", path
        node = self.cordon("member", "key", "new", "node").strip()
        inv, head = (self.cordon("member", "key", "new", "person", p, *by).strip() for p in ("inv", "head"))
        draft = {"name": "One", "quotas": {"live_cases": 9}, "members": [
            {"id": "us", "name": "CERT", "country": "US", "kind": "cert", "government": True, "state": "active", "keys": [node],
             "persons": [{"name": "inv", "key": inv, "roles": ["investigator"]},
                         {"name": "head", "key": head, "roles": ["supervisor", "secretary"]}]}]}
        with open(os.path.join(folder, "draft.json"), "w") as f:
            json.dump(draft, f)
        group = self.cordon("charter", "create", f.name, "--out", made).splitlines()[-1]
        self.cordon("charter", "propose", made, "--as", "head", *by)
        self.cordon("charter", "sign", group, "--as", "head", *by)
        block = json.loads(self.cordon("block", "5", "--chain", "bitcoin:sim", "--format", "json"))
        case = {"id": "ONE", "title": "An output", "chain": "bitcoin:sim", "policy": "fifo",
                "origins": [{"output": block["transactions"][0] + ":0"}]}
        with open(os.path.join(folder, "case.json"), "w") as f:
            json.dump(case, f)
        self.cordon("case", "report", f.name, "--as", "inv", *by)
        log = os.path.join(folder, "log.jsonl")
        self.cordon("log", "export", "--out", log)
        with open(log) as f:
            self.line = f.read().splitlines()[-2]
        self.cordon("log", "checkpoint")

    def wait(self):
        for _ in range(3600):
            with open(self.log) as f:
                for line in f:
                    if '"listening"' in line:
                        return int(line.split("(port ")[1].split(")")[0])
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(open(self.log).read())

    def facts(self):
        block = json.loads(self.cordon("block", "5", "--chain", "bitcoin:sim", "--format", "json"))
        tx = json.loads(self.cordon("tx", block["transactions"][0], "--chain", "bitcoin:sim", "--format", "json"))
        address = next(o["address"] for o in tx["outputs"] if isinstance(o["address"], str))
        return {"url": f"http://127.0.0.1:{self.port}", "key": self.key, "chain": "bitcoin:sim", "address": address,
                "tx": block["transactions"][0], "listed": LISTED, "clean": CLEAN, "line": self.line}

    def stop(self):
        self.process.terminate()
        assert self.process.wait(240) == 0


def the_document_is_valid(_):
    said = json.loads(run(program("validate-api"), API))
    assert said == {"valid": True}, said


def every_operation_is_described(_):
    """With a name of its own, a schema for each answer and body, and an example where something has to be given."""
    names = []
    for path, methods in operations().items():
        for method, o in methods.items():
            where = f"{method} {path}"
            names.append(o["operationId"])
            for status, response in o["responses"].items():
                assert "$ref" in response or all("schema" in c for c in response["content"].values()), (where, status)
            for media, c in o.get("requestBody", {}).get("content", {}).items():
                assert "schema" in c and ("example" in c or media == "application/x-ndjson"), (where, media)
            for p in o.get("parameters", []):
                assert "$ref" in p or ("schema" in p and (p["in"] != "path" or "example" in p)), (where, p)
    assert len(names) == len(set(names)), names


def a_generated_client_calls_every_operation(_):
    run(program("openapi-typescript"), API, "-o", os.path.join(FOLDER, "api.d.ts"))
    run(program("tsc"), "-p", FOLDER)
    with tempfile.TemporaryDirectory() as folder:
        node = Node(folder)
        try:
            called = json.loads(run("node", os.path.join(FOLDER, "out", "client.js"), json.dumps(node.facts())))
        finally:
            node.stop()
    there = sorted(f"{method.upper()} {path}" for path, methods in operations().items() for method in methods)
    assert called == there, set(there).symmetric_difference(called)


def lack():
    try:
        install()
    except OSError as why:
        return str(why)
    return None


if __name__ == "__main__":
    sys.exit(tally.run([the_document_is_valid, every_operation_is_described, a_generated_client_calls_every_operation],
                       str, lack()))
