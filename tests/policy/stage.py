"""What the tests of tests/policy/remote stand on: the service, its engines, and a delegation."""

import re
import subprocess
import time
import urllib.request

from engines import permit

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

    def call(self, tool="read_file", child=None, words=""):
        """What the command prints of a call, permitted or not."""
        command = [self.writ.program, "validate", child or self.child, tool, "path=/notes/a"]
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
