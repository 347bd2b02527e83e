"""The named kinds of mutation: a register, and what the modules of kinds share.

A kind is a function of (forge, rng, n) that breaks a valid presentation in one way, or leaves it
valid in an unusual one; n counts the cases of the kind, so that it can walk through a table.
"""

import itertools

KINDS = {}
# Kinds that only aat-02+writ judges are made in that profile more often than not.
OURS = set()


def kind(weight=1, ours=False):
    """Registers a function under its name; a kind of weight 2 gets twice as many cases."""

    def register(function):
        name = function.__name__
        if name in KINDS:
            raise ValueError(f"two kinds are named {name}")
        KINDS[name] = (function, weight)
        if ours:
            OURS.add(name)
        return function

    return register


def walk(n, *tables):
    """The n-th combination of the tables: all of them, again and again."""
    chosen = []
    for table in tables:
        table = list(table) if not isinstance(table, (list, tuple)) else table
        chosen.append(table[n % len(table)])
        n //= len(table)
    return chosen[0] if len(chosen) == 1 else chosen


def hop_of(forge, rng, lowest=0):
    """Any link from `lowest`; the last when there is none."""
    return rng.randrange(min(lowest, len(forge.links) - 1), len(forge.links))


def put(claims, name, value):
    """Sets a member, or takes it away for REMOVED."""
    if value is REMOVED:
        claims.pop(name, None)
    else:
        claims[name] = value


class _Removed:
    def __repr__(self):
        return "REMOVED"


REMOVED = _Removed()


def schedule(count):
    """(kind, n) of `count` cases: kinds take turns by weight, and each counts its own."""
    turns = [name for name, (_, weight) in KINDS.items() for _ in range(weight)]
    counters = {name: itertools.count() for name in KINDS}
    for name in itertools.islice(itertools.cycle(turns), count):
        yield name, next(counters[name])
