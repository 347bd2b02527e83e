"""The services that tests/cli speaks to: a writd that it waits for, and one that lies."""

import contextlib
import http.server
import json
import socket
import threading
import time
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_ready(url, writd):
    for _ in range(600):
        assert writd.poll() is None, "writd ended"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("writd is not ready after a minute")


class Liar(http.server.BaseHTTPRequestHandler):
    """Shows one approval whatever is asked for, and keeps what it is sent."""

    def do_GET(self):
        self.answer(self.server.page)

    def do_POST(self):
        self.server.votes.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({})

    def answer(self, value):
        body = json.dumps(value | {"issuer": "http://liar"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@contextlib.contextmanager
def lying(page):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
        server.page, server.votes = page, []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.votes
        finally:
            server.shutdown()
            thread.join()
