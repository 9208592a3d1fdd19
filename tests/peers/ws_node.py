"""The WebSocket of a node, as far as news of blocks need one (RFC 6455): it keeps what it was told, and says what a test wants."""

import base64
import hashlib
import socket
import threading

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class News:
    def __init__(self):
        self.told, self.open = [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, client.makefile("rb") as f:
            try:
                key = None
                while line := f.readline().strip():
                    name, _, value = line.decode().partition(":")
                    key = value.strip() if name.lower() == "sec-websocket-key" else key
                accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
                client.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
                self.open.append(client)
                while (message := self.frame(f)) is not None:
                    self.told.append(message)
            except OSError:
                pass  # it was closed

    def frame(self, f):
        """A text of less than 64 kB, as a client sends it, masked; None: it says no more."""
        head = f.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            return None
        n = head[1] & 127
        n = int.from_bytes(f.read(2), "big") if n == 126 else n
        mask = f.read(4)
        return bytes(b ^ mask[i % 4] for i, b in enumerate(f.read(n))).decode()

    def tell(self, text):
        data = text.encode()
        for client in self.open:
            client.sendall(bytes([0x81]) + (bytes([len(data)]) if len(data) < 126 else bytes([126]) + len(data).to_bytes(2, "big")) +
                           data)

    def end(self):
        self.listener.close()
        for client in self.open:
            client.close()
