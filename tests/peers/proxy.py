"""A node that misbehaves: what is asked of it goes to a real one, and a test may change questions and answers on
the way."""

import http.server
import json
import threading


class Proxy:
    """change(question, answer) gives the answer to pass on (None: leaves it out of its batch); refuse(body) may
    give (status, bytes) instead of asking at all. Both may be set at any time."""

    def __init__(self, node):
        self.node = node
        self.change = self.refuse = None
        self.asked = []  # methods
        self.lock = threading.Lock()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = proxy.answer(body)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except ConnectionError:
                    self.close_connection = True  # whoever asked has gone

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # whoever asked has gone
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/secret-of-somebody"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, body):
        questions = json.loads(body)
        with self.lock:
            refused = self.refuse(questions) if self.refuse else None
            if refused:
                return refused
            raw = self.node.ask(body)
            many = questions if isinstance(questions, list) else [questions]
            self.asked += [q["method"] for q in many]
            if not self.change:
                return 200, raw
            answers = json.loads(raw)
            by_id = {a["id"]: a for a in (answers if isinstance(answers, list) else [answers])}
            changed = [self.change(q, by_id[q["id"]]) for q in many]
            changed = [a for a in changed if a is not None]
            if isinstance(questions, list):
                changed.reverse()  # a node may answer in any order
                return 200, json.dumps(changed).encode()
            return 200, json.dumps(changed[0] if changed else {}).encode()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
