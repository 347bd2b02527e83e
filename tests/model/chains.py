"""Claims on depth and lifetime (I2, I3) along a chain: what needs no step of its own because it
holds by induction, as the draft says below its section 8, and that a leaf outlives no ancestor."""

from dataclasses import dataclass
from typing import Any

import z3
from claims import can_be, fails, follows
from logic import conj

LIMIT, LIFETIME = z3.Ints("max_delegation_depth max_token_lifetime")


@dataclass
class Token:
    depth: Any
    max_depth: Any
    iat: Any
    exp: Any


def token(name):
    return Token(*z3.Ints(f"{name}.depth {name}.max_depth {name}.iat {name}.exp"))


def bounded(t):
    """The two requirements that have no step, and what steps 3c and 4m say of depth."""
    return {
        "lifetime": t.exp <= t.iat + LIFETIME,
        "max_depth": t.max_depth <= LIMIT,
        "depth": conj(t.depth >= 0, t.depth <= t.max_depth),
    }


def root(t):
    """Steps 3c, 3h, 3i."""
    return [t.depth == 0, t.exp <= t.iat + LIFETIME, t.max_depth >= 0, t.max_depth <= LIMIT]


def steps(parent, child):
    return {
        "4d": child.depth == parent.depth + 1,
        "4g": child.max_depth <= parent.max_depth,
        "4h": child.exp <= parent.exp,
        "4j": child.iat >= parent.iat,
        "4m": child.depth <= child.max_depth,
    }


NEEDED = {"lifetime": ("4h", "4j"), "max_depth": ("4g",), "depth": ("4d", "4m")}


def claims():
    parent, child, top = token("parent"), token("child"), token("root")
    linked = steps(parent, child)
    held = [*bounded(parent).values()]
    for name, bound in bounded(top).items():
        yield follows(f"chain: {name}: of a root", root(top), bound)
    for name, bound in bounded(child).items():
        yield follows(f"chain: {name}: of a child", [*held, *linked.values()], bound)
        for left_out in NEEDED[name]:
            rest = [step for label, step in linked.items() if label != left_out]
            yield fails(f"chain: {name}: necessary: {left_out}", [*held, *rest], bound)
    within = [parent.exp <= top.exp, parent.max_depth <= top.max_depth]
    yield follows(
        "chain: no link outlives or outreaches its root",
        [*within, *linked.values()],
        conj(child.exp <= top.exp, child.max_depth <= top.max_depth),
    )
    yield can_be("chain: not vacuous", [*root(top), *held, *within, *linked.values()])
