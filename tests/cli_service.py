"""The command as tests/cli runs it, and whom it speaks to: a writd, and a service that lies."""

import contextlib
import http.server
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
import traceback
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

REGISTRY = """\
agents:
  planner: {role: orchestrator, owner: team-a}
  retriever: {role: retriever, owner: team-a}
  helper: {role: helper, owner: team-a}
tools:
  https://files.example:
    read_file: {effect: read, sensitivity: {confidentiality: public}}
    write_file: {effect: write, sensitivity: {confidentiality: public}}
clients:
  desk:
    role: issuer
    ceiling:
      principals: [emma@example.com]
      audiences: [https://files.example]
      grant: read_file(path under /notes), write_file(path under /notes)
      clearance: {confidentiality: public, integrity: untrusted}
      open_tasks: 100
      lifetime_s: 3600
  planner: {role: orchestrator, agent: planner}
  retriever: {role: agent, agent: retriever}
  helper: {role: agent, agent: helper}
  files: {role: enforcer, audience: https://files.example}
  auditor: {role: auditor}
"""


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


def tests_of(part, argument):
    """Its functions with this one argument, in the order in which the module has them."""
    functions = [f for f in vars(part).values() if getattr(f, "__code__", None)]
    return [f for f in functions if f.__code__.co_varnames[: f.__code__.co_argcount] == (argument,)]


def passes(test, subject, first=None):
    try:
        if first:
            first()
        test(subject)
    except Exception:
        print(f"{test.__name__}: FAILED")
        traceback.print_exc(file=sys.stdout)
        return False
    return True


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


class Writ:
    """The command with a context of its own; `held` are the delegations made on the way."""

    def __init__(self, build, scratch, url):
        self.program = str(build / "api/cli/writ")
        self.build, self.scratch, self.url = build, scratch, url
        self.held = {}
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(scratch),
            "USER": "tester",
            "WRIT_CONFIG": str(scratch / "context.json"),
        }

    def run(self, line, *words, status=0, stdin="", **environment):
        """stdout; the exit code must be `status`. What is on stderr is kept as self.errors."""
        run = subprocess.run(
            [self.program, *shlex.split(line), *words],
            capture_output=True,
            text=True,
            input=stdin,
            cwd=self.scratch,
            env=self.environment | environment,
            timeout=60,
        )
        self.errors = run.stderr
        said = f"writ {line} {words}: exit {run.returncode}\n{run.stdout}{run.stderr}"
        assert run.returncode == status, said
        return run.stdout.strip()

    def write_private(self, name, value):
        path = self.scratch / name
        path.write_text(json.dumps(value))
        path.chmod(0o600)

    def json(self, line, *words, status=0, stdin=""):
        return json.loads(self.run(f"-o json {line}", *words, status=status, stdin=stdin))
