"""What the tests of tests/policy/remote stand on: the service, its engines, and a delegation."""

import base64
import json
import re
import subprocess
import time
import urllib.error
import urllib.request

from engines import permit

# More than one grant may ask OPA about.
TOOLS = [f"tool_{i}" for i in range(65)]
GRANT = "read_file(path under /notes), write_file(path under /notes)"
PERMITS = 'default allow = true\ndecision = {"allow": allow}'


class Stage:
    """The service, its engines, and one delegation to call by."""

    def __init__(self, writ, pdp, opa, log):
        self.writ, self.pdp, self.opa, self.log = writ, pdp, opa, log
        self.child = None
        self.honest()

    def honest(self):
        self.pdp.manner, self.pdp.context = permit, self.pdp.honest
        self.opa.set_policy(PERMITS)

    def delegate(self):
        root = self.writ.run("task open engines --grant", GRANT)
        return self.writ.run(f"delegate {root} --to retriever --grant", GRANT)

    def call(self, tool="read_file", child=None, words="", to=None):
        """What the command prints of a call, permitted or not."""
        argument = f"to={json.dumps(to)}" if to else "path=/notes/a"
        command = [self.writ.program, "validate", child or self.child, tool, argument]
        run = subprocess.run(
            command + words.split(),
            capture_output=True,
            text=True,
            cwd=self.writ.scratch,
            env=self.writ.environment,
            timeout=60,
        )
        said = " ".join((run.stdout + run.stderr).split())
        assert (run.returncode == 0) == said.startswith("permit"), said
        return said

    def proofs(self, tool, child, count):
        """Before the calls: to prove reads the chain anew, and what memory knew of it is gone."""
        words = f"prove {child} {tool} path=/notes/a"
        return [json.loads(self.writ.run(words)) for _ in range(count)]

    def validate(self, tool, proof):
        """The answer to a call without a key, which the command always sends."""
        body = {"presentation": proof, "tool": tool, "arguments": {"path": "/notes/a"}}
        return self.post("/v1/validate", body)[0]

    def open(self):
        body = {
            "purpose": "engines",
            "principal": "emma@example.com",
            "agent": "planner",
            "grant": GRANT,
        }
        body |= {"evidence": {"type": "test", "reference": "1"}}
        body |= {"audience": "https://files.example"}
        return self.post("/v1/tasks", body, "desk")

    def post(self, path, body, client="files"):
        """Answer and Retry-After, of a client whose secret the command keeps."""
        contexts = json.loads((self.writ.scratch / "context.json").read_text())["contexts"]
        (context,) = contexts.values()
        pair = base64.b64encode(f"{client}:{context['clients'][client]['secret']}".encode())
        request = urllib.request.Request(
            f"{self.writ.url}{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Basic {pair.decode()}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer), None
        except urllib.error.HTTPError as error:
            return json.load(error), error.headers["Retry-After"]

    @staticmethod
    def evaluations(tool, proofs):
        questions = [{"context": {"presentation": proof}} for proof in proofs]
        action = {"name": tool, "properties": {"path": "/notes/a"}}
        subject = {"type": "agent", "id": "retriever"}
        resource = {"type": "audience", "id": "https://files.example"}
        defaults = {"subject": subject, "action": action, "resource": resource}
        return defaults | {"evaluations": questions}

    def metrics(self):
        with urllib.request.urlopen(f"{self.writ.url}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name):
        return float(re.search(rf"^{re.escape(name)} (\S+)$", self.metrics(), re.M)[1])

    def must_permit(self, **words):
        said = self.call(**words)
        assert said.startswith("permit"), said
        return said

    def must_deny(self, code, *texts, **words):
        said = self.call(**words)
        assert not said.startswith("permit") and code in said, said
        for text in texts:
            assert text in said, (text, said)
        return said

    def await_permit(self):
        for _ in range(100):
            if self.call().startswith("permit"):
                return
            time.sleep(0.1)
        raise TimeoutError("it is not asked again")

    def peeking(self):
        root = self.writ.run("task open engines --grant peek")
        return self.writ.run(f"delegate {root} --to retriever --grant peek")

    def known(self, count):
        """A delegation that is in memory by now, of a tool that may be buffered; and proofs."""
        child = self.peeking()
        first, second, *more = self.proofs("peek", child, count + 2)
        assert self.validate("peek", first)["recorded"] == "durable"
        assert self.validate("peek", second)["recorded"] == "durable"
        return child, more
