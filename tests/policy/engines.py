"""Whom the service of tests/policy/remote asks: a scripted AuthZEN decision point, and real OPA."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "token-of-the-decision-point"  # noqa: S105


def certificate(scratch, name):
    """A certificate for 127.0.0.1 that only its own file vouches for."""
    key, certificate = scratch / f"{name}.key", scratch / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += [
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=pdp",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    command += ["-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    certificate.chmod(0o644)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def reply(body, status=200, headers=""):
    """A whole answer, as bytes; a body that is no text yet is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(raw)}\r\nConnection: close\r\n\r\n".encode() + raw


def permit(question, _connection):
    """The honest answer: yes, to each."""
    if "evaluations" in question:
        return reply({"evaluations": [{"decision": True} for _ in question["evaluations"]]})
    return reply({"decision": True})


class Pdp:
    """AuthZEN over TLS on loopback. `manner` makes the bytes of an answer from a question, or uses
    the connection as it likes; None stays silent until the end."""

    def __init__(self, scratch):
        self.honest = certificate(scratch, "pdp")
        self.ca = scratch / "pdp.pem"
        self.context = self.honest
        self.manner = permit
        self.questions = []
        self.released = threading.Event()
        self.stopping = False
        self.port = 0
        self.listener = None
        self.thread = None
        self.start()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.accept)
        self.thread.start()

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()

    def end(self):
        self.stopping = True
        self.released.set()
        self.stop()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, plain):
        plain.settimeout(60)
        with contextlib.suppress(OSError, ValueError), plain:
            with self.context.wrap_socket(plain, server_side=True) as connection:
                self.answer(connection)

    def answer(self, connection):
        stream = connection.makefile("rb")
        request = stream.readline().decode().split()
        headers = {}
        while (line := stream.readline().decode().strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        question = json.loads(stream.read(int(headers["content-length"])))
        self.questions.append((request, headers, question))
        said = self.manner(question, connection) if self.manner else self.released.wait(60)
        if isinstance(said, bytes):
            connection.sendall(said)

    def hold(self, question, connection):
        """Silent until released; then it permits."""
        self.released.wait(60)
        return permit(question, connection)

    def await_questions(self, count):
        for _ in range(3000):
            if len(self.questions) >= count:
                return
            time.sleep(0.01)
        raise TimeoutError(f"{len(self.questions)} of {count} questions came")


# ---- OPA -----------------------------------------------------------------------------------------


def build_opa():
    """OPA of tests/policy/opa/go.mod, built once; go.sum holds every module of it."""
    source, target = ROOT / "tests/policy/opa", ROOT / "build/opa"
    stamp = target / "built"
    text = "".join((source / name).read_text() for name in ("go.mod", "go.sum", "main.go"))
    if stamp.exists() and stamp.read_text() == text:
        return target / "opa"
    target.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "GOMODCACHE": str(target / "go"),
        "GOCACHE": str(target / "cache"),
        "GOFLAGS": "-modcacherw -mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    command = ["go", "build", "-trimpath", "-o", target / "opa", "."]
    subprocess.run(command, cwd=source, env=environment, check=True, stdout=sys.stderr)
    stamp.write_text(text)
    return target / "opa"


class Opa:
    """A server of it, with one policy that a test may replace, for who has the token."""

    AUTHZ = """
package system.authz
default allow = false
allow { input.identity == "%s" }
"""

    def __init__(self, program, scratch, port):
        self.url = f"http://127.0.0.1:{port}"
        (scratch / "authz.rego").write_text(self.AUTHZ % TOKEN)
        command = [
            program,
            "run",
            "--server",
            "--addr",
            f"127.0.0.1:{port}",
            "--log-level",
            "error",
        ]
        command += ["--authentication", "token", "--authorization", "basic", "--disable-telemetry"]
        command += ["--set", "decision_logs.console=true", scratch / "authz.rego"]
        self.log = open(scratch / "opa.log", "a")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        for _ in range(300):
            with contextlib.suppress(OSError):
                self.send("GET", "/v1/policies")
                return
            time.sleep(0.1)
        raise TimeoutError("opa does not serve")

    def send(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, body, method=method)
        request.add_header("Authorization", f"Bearer {TOKEN}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def set_policy(self, rego):
        self.send("PUT", "/v1/policies/writ", f"package writ\n{rego}".encode())

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()
