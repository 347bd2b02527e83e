"""libwrit's side: the C program `judge` (judge.c), asked in bulk."""

import json
import subprocess
from pathlib import Path


class Judge:
    def __init__(self, build):
        self.program = Path(build) / "tests/judge"

    def ask(self, lines):
        """The answer to each line, in order."""
        asked = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        run = subprocess.run([self.program], input=asked.encode(), capture_output=True)
        if run.returncode != 0:
            raise RuntimeError(f"{self.program}: {run.returncode}: {run.stderr.decode()}")
        answers = [json.loads(line) for line in run.stdout.splitlines()]
        if len(answers) != len(lines):
            raise RuntimeError(f"{self.program}: {len(answers)} answers to {len(lines)} lines")
        return answers


def differs(refused, answer):
    """How two verdicts differ; empty when they agree. `refused` is ours, None for a permit."""
    verdict = "DENY" if refused else "PERMIT"
    if answer["verdict"] != verdict:
        return f"verdict: Python {verdict} ({refused}), C {answer['verdict']} ({said(answer)})"
    if refused is None:
        return ""
    if refused.step != answer["step"]:
        return f"step: Python {refused}, C {said(answer)}"
    if refused.outcome and refused.outcome != answer["outcome"]:
        return f"outcome: Python {refused.outcome} ({refused}), C {said(answer)}"
    if refused.hop is not None and "hop" in answer and refused.hop != answer["hop"]:
        return f"hop: Python {refused.hop} ({refused}), C {answer['hop']} ({said(answer)})"
    return ""


def said(answer):
    return f"{answer.get('step', '')} {answer['outcome']}: {answer.get('detail', '')}"
