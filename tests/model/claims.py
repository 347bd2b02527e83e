"""A claim, and what the solvers say of it: a proof is one for z3 and for cvc5, which share no code.

The one query of a proof is what is assumed, and not what is concluded; it must have no model.
"""

import subprocess
import time
from dataclasses import dataclass
from typing import Any

import z3
from logic import neg

TIMEOUT_S = 20
SEEDS = 3


@dataclass
class Claim:
    """That something follows from what is assumed, or (`follows` False) that it does not."""

    name: str
    assumed: list
    concluded: Any
    follows: bool = True
    shown: Any = None  # what to write down of a model

    def check(self):
        """What is wrong with it; empty when nothing is. Leaves `model`, where there is to be one,
        and `seconds`."""
        begun = time.monotonic()
        answers = {}
        solver, answers["z3"] = ask_z3([*self.assumed, neg(self.concluded)])
        if self.follows:
            answers["cvc5"] = ask_cvc5(solver)
        self.seconds = time.monotonic() - begun
        wanted = "unsat" if self.follows else "sat"
        wrong = [f"{name} says {said}" for name, said in answers.items() if said != wanted]
        self.model = None if wrong or self.follows else solver.model()
        return ", ".join(wrong)


def formula(part):
    return z3.BoolVal(part) if isinstance(part, bool) else part


def ask_z3(parts):
    """With another seed where it finds no answer: its luck varies, on texts above all."""
    for seed in range(SEEDS):
        solver = z3.Solver()
        solver.set("timeout", TIMEOUT_S * 1000)
        solver.set("random_seed", seed)
        solver.add(*[formula(part) for part in parts])
        answer = solver.check()
        if answer != z3.unknown:
            break
    return solver, str(answer)


def ask_cvc5(solver):
    command = ["cvc5", "--lang=smt2", "--strings-exp", f"--tlimit={TIMEOUT_S * 1000}"]
    text = "(set-logic ALL)\n" + solver.to_smt2().replace("(set-info :status unknown)\n", "")
    run = subprocess.run(command, input=text, capture_output=True, text=True)
    return (run.stdout + run.stderr).strip()


def follows(name, assumed, concluded):
    return Claim(name, list(assumed), concluded)


def can_be(name, assumed, shown=None):
    """The assumptions hold somewhere: what is proved from them is not proved from nothing."""
    return Claim(name, list(assumed), False, follows=False, shown=shown)


def fails(name, assumed, concluded, shown=None):
    """There is a counterexample."""
    return Claim(name, list(assumed), concluded, follows=False, shown=shown)
