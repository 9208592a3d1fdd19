#!/usr/bin/env -S python3 -B
"""In the place of a member's node: keeps all that other nodes send it, and pulls from them as a node does.

    recorder.py PORT CERTIFICATE KEY GROUP OUT URL...    writes OUT, a JSON line an exchange, until it is killed
"""

import http.client
import http.server
import json
import os
import re
import ssl
import sys
import threading
import time
import urllib.parse

PULL_SECONDS = 0.5


def main():
    port, certificate, key, group, out, *urls = sys.argv[1:]
    lock, sink = threading.Lock(), open(out, "w", buffering=1)

    def keep(**what):
        with lock:
            sink.write(json.dumps({"at": time.monotonic(), **what}) + "\n")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            keep(way="asked", path=re.sub(r"=[0-9a-f]+", "=", self.path), bytes=len(self.path), text="")
            self.answer(b'{"group":"%s","schema":"cordon.pull/1"}\n{"end":{"cursor":"%s","lines":0,"more":false}}\n'
                        % (group.encode(), os.urandom(88).hex().encode()))

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            keep(way="brought", path=self.path, bytes=len(body), text="" if self.path.endswith("receipt") else body)
            self.answer(b"{}" if self.path.endswith("receipt") else b'{"apart":0,"known":0,"left_out":0,"taken":0}')

        def log_message(self, *_):
            pass

    def pull(url):
        ours = ssl._create_unverified_context()
        ours.load_cert_chain(certificate, key)
        at, since, link = urllib.parse.urlsplit(url), "", None
        while True:
            try:
                link = link or http.client.HTTPSConnection(at.hostname, at.port, context=ours, timeout=240)
                started = time.monotonic()
                link.request("GET", "/group/v1/log" + since)
                text = link.getresponse().read().decode()
                end = json.loads(text.splitlines()[-1])["end"]
                since = "?since=" + end["cursor"]
                keep(way="pulled", path=url, bytes=len(text), seconds=time.monotonic() - started,
                     text="".join(line + "\n" for line in text.splitlines()[1:-1]), more=end["more"])
            except (OSError, http.client.HTTPException, KeyError, ValueError):
                link = None
            time.sleep(PULL_SECONDS)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    for url in urls:
        threading.Thread(target=pull, args=(url,), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
