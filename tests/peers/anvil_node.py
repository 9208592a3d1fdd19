"""A node of an EVM chain of our own, anvil, and contracts for it: both from npm, by a lock file, into the
build folder. Where npm or its registry cannot be reached there is none, and why is said."""

import fcntl
import http.client
import json
import os
import shutil
import subprocess
import time

from free_port import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.environ.get("BUILD", "build"), "peers-npm")
MODULES = os.path.join(FOLDER, "node_modules")
CONTRACTS = os.path.join(MODULES, "@openzeppelin", "contracts", "build", "contracts")
INSTALL_SECONDS = 120
START_SECONDS = 180


class RpcError(Exception):
    pass


def program():
    """The path of anvil; installed first if need be, by one of the tests that run at once. Raises OSError that says why it is not
    there."""
    path = os.path.join(MODULES, "@foundry-rs", "anvil-linux-amd64", "bin", "anvil")
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        if not os.path.exists(path) or not os.path.exists(CONTRACTS):
            install()
    if not os.path.exists(path):
        raise OSError("npm has no anvil for this machine")
    os.chmod(path, 0o755)
    return path


def lack():
    """Why none can run here, or None."""
    try:
        program()
    except OSError as why:
        return str(why)
    return None


def install():
    if not shutil.which("npm"):
        raise OSError("npm is not here, which fetches @foundry-rs/anvil")
    for name in "package.json", "package-lock.json":
        shutil.copy(os.path.join(HERE, "anvil", name), FOLDER)
    try:
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"],
            cwd=FOLDER, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise OSError(f"npm ci was not done in {INSTALL_SECONDS} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["npm ci failed"]
        raise OSError(f"npm ci: {lines[0]}")


class Anvil:
    """Mines a block for each transaction unless told otherwise. Its accounts are unlocked and rich."""

    def __init__(self, chain_id=1):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [program(), "--host", "127.0.0.1", "--port", str(self.port), "--chain-id", str(chain_id),
             "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = None
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.accounts = self.rpc("eth_accounts")
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    self.stop()
                    raise
                time.sleep(0.05)

    def ask(self, body):
        """The bytes of the answer to a body of JSON-RPC."""
        for attempt in range(2):
            if not self.connection:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180)
            try:
                self.connection.request("POST", "/", body, {"Content-Type": "application/json"})
                return self.connection.getresponse().read()
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()
                self.connection = None
                if attempt:
                    raise ConnectionError("anvil does not answer") from None

    def rpc(self, method, *params):
        answer = json.loads(self.ask(json.dumps(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})))
        if "error" in answer:
            raise RpcError(f"{method}: {answer['error']}")
        return answer["result"]

    def stop(self):
        if self.connection:
            self.connection.close()
        self.process.kill()
        self.process.wait()
