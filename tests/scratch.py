"""Builds of writd with texts of its sources replaced, and integration tests against them."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREES = ("CMakeLists.txt", "lib", "service", "sql", "api")


class UnfitError(Exception):
    """A text that is not there exactly once, or a build that fails."""


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


def play(program, writd, only, **environment):
    """The integration tests of these names, in their short form; status and output."""
    told = {"WRIT_TEST_WRITD": str(writd), "WRIT_TEST_ONLY": only, "WRIT_TEST_FAST": "1"}
    return run([program], env=os.environ | told | environment)


class Scratch:
    """A copy of the sources, patched there, and one tree that builds what changed."""

    def __init__(self, out, *options):
        self.out = out
        self.source = out / "source"
        self.tree = out / "tree"
        # A patched source may leave variables unused.
        self.options = ["-DWITH_TESTS=OFF", "-DCMAKE_C_FLAGS=-w", *options]

    def build(self, name, edits=()):
        """The path of a writd with (file, text, what stands there instead), each found once."""
        self._copy()
        for file, text, instead in edits:
            path = self.source / file
            whole = path.read_text()
            if whole.count(text) != 1:
                raise UnfitError(f"{file} has {whole.count(text)} times, not once: {text}")
            path.write_text(whole.replace(text, instead))
        if not (self.tree / "build.ninja").exists():
            self._must(["cmake", "-S", self.source, "-B", self.tree, "-G", "Ninja", *self.options])
        self._must(["cmake", "--build", self.tree, "--target", "writd"])
        writd = self.out / f"writd.{name.replace(' ', '_')}"
        shutil.copyfile(self.tree / "service/writd", writd)
        writd.chmod(0o755)
        return writd

    def _must(self, command):
        status, output = run(command)
        if status != 0:
            raise UnfitError(f"it does not build: {output[-2000:]}")

    def _copy(self):
        """Only what differs is written: the build stays incremental."""
        wanted = set()
        for tree in TREES:
            top = ROOT / tree
            for path in [top] if top.is_file() else sorted(top.rglob("*")):
                if not path.is_file():
                    continue
                target = self.source / path.relative_to(ROOT)
                wanted.add(target)
                if not target.exists() or target.read_bytes() != path.read_bytes():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
        for path in sorted(self.source.rglob("*")):
            if path.is_file() and path not in wanted:
                path.unlink()
