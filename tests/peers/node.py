"""A litecoind of our own: Bitcoin Core's code in Debian, on a regtest chain in a folder of the test's."""

import base64
import decimal
import hmac
import http.client
import json
import os
import shutil
import signal
import subprocess
import time

from free_port import free_port

PROGRAM = os.environ.get("LITECOIND", "/usr/lib/litecoin/litecoind")
START_SECONDS = 600
STOP_SECONDS = 600


class RpcError(Exception):
    pass


def lack():
    """Why none can run here, or None."""
    return None if os.access(PROGRAM, os.X_OK) else f"{PROGRAM} is not here (Debian package litecoind)"


def rpcauth(salt, password):
    """As Bitcoin Core's rpcauth.py writes it after the user's name."""
    return salt + "$" + hmac.new(salt.encode(), password.encode(), "sha256").hexdigest()


class Node:
    """Starts on demand, answers RPC, ends by stop or kill. Its folder stays the caller's."""

    def __init__(self, folder, mweb=False):
        self.folder = folder
        self.mweb = mweb  # with a wallet, and Litecoin's extension from height 432 on
        self.process = self.port = None
        os.makedirs(folder, exist_ok=True)

    @property
    def blocks(self):
        return os.path.join(self.folder, "regtest", "blocks")

    def launch(self, *more):
        self.port = free_port()
        # vbparams: without it MWEB, an extension of Litecoin's own, would begin at height 432.
        own = (["-fallbackfee=0.0001"] if self.mweb
               else ["-disablewallet=1", "-vbparams=mweb:4000000000:4100000000"])
        self.process = subprocess.Popen(
            [PROGRAM, "-regtest", f"-datadir={self.folder}", "-server", "-rpcbind=127.0.0.1",
             "-rpcallowip=127.0.0.1", f"-rpcport={self.port}", "-rpcuser=u", "-rpcpassword=p",
             "-acceptnonstdtxn=1", "-listen=0", "-dnsseed=0", "-discover=0", "-par=1",
             "-printtoconsole=0", *own, *more],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self, *more):
        self.launch(*more)
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.rpc("getblockcount")
                return
            except (OSError, http.client.HTTPException, RpcError):
                if self.process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def stop(self):
        self.rpc("stop")
        self.process.wait(STOP_SECONDS)
        self.process = None

    def reindex(self):
        """Reads its block files anew, all of them, and stops."""
        self.launch("-reindex", "-stopafterblockimport")
        self.process.wait(START_SECONDS)
        self.process = None

    def kill(self):
        """As when the machine loses power, but for what the kernel still holds."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    @property
    def url(self):
        return f"http://u:p@127.0.0.1:{self.port}"

    def copy_blocks(self, to):
        shutil.copytree(self.blocks, to)
        return to

    def rpc(self, method, *params):
        return self.rpc_many([(method, *params)])[0]

    def wallet(self, name, method, *params):
        return self.rpc_many([(method, *params)], f"/wallet/{name}")[0]

    def rpc_many(self, calls, path="/"):
        """Many calls in one request; amounts stay decimal."""
        body = json.dumps([{"id": i, "method": c[0], "params": c[1:]} for i, c in enumerate(calls)])
        answers = json.loads(self.ask(body, path), parse_float=decimal.Decimal)
        for call, answer in zip(calls, answers):
            if answer["error"]:
                raise RpcError(f"{call[0]}: {answer['error']['message']}")
        return [answer["result"] for answer in answers]

    def ask(self, body, path="/"):
        """A request as it stands; the answer's bytes."""
        login = base64.b64encode(b"u:p").decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.request("POST", path, body, {"Authorization": f"Basic {login}"})
            return connection.getresponse().read()
        finally:
            connection.close()
