"""Claims on single constraints: soundness, order, that no condition of the table can go."""

from itertools import product

import z3
from claims import can_be, fails, follows
from finite import Finite
from logic import neg
from rules import MISTAKES, TABLE, TYPES, well_formed
from unbounded import CLAUSE, VALUE, Clause, Unbounded

COMPOSITE = ("all", "any")


def every_clause_of(constraint, count, claim):
    """Of each clause of the constraint and any `count` clauses: what the induction may assume."""
    xs = [z3.Const(f"clause{i}", CLAUSE) for i in range(count + 1)]
    return z3.ForAll(
        xs,
        z3.Implies(constraint.clauses.member(xs[0]), claim(*[Clause(x) for x in xs])),
    )


def soundness():
    """subsumes(p, c) and passes(c, v) give passes(p, v), by induction on the tree of p."""
    w = Unbounded()
    v, u = z3.Consts("value any_value", VALUE)
    for parent, child in TABLE:
        p, c = w.constraint(parent, "parent"), w.constraint(child, "child")
        given = [p.subsumes(c), c.passes(v)]
        if parent in COMPOSITE:
            given.append(
                z3.ForAll(
                    [u],
                    every_clause_of(
                        p,
                        1,
                        lambda x, y: z3.Implies(z3.And(x.subsumes(y), y.passes(u)), x.passes(u)),
                    ),
                )
            )
        yield follows(f"sound: {child} under {parent}", given, p.passes(v))
        yield can_be(f"not vacuous: {child} under {parent}", given)


def order():
    """The table is a preorder, so the leaf of a chain of any length stands below its root."""
    w = Unbounded()
    for type in TYPES:
        c = w.constraint(type, "constraint")
        given = []
        if type in COMPOSITE:
            given.append(every_clause_of(c, 0, lambda x: x.subsumes(x)))
        yield follows(f"reflexive: {type}", given, c.subsumes(c))
    for top, middle, bottom in product(TYPES, repeat=3):
        if (top, middle) not in TABLE or (middle, bottom) not in TABLE:
            continue
        a, b, c = (w.constraint(t, n) for t, n in [(top, "a"), (middle, "b"), (bottom, "c")])
        given = [a.subsumes(b), b.subsumes(c)]
        if top in COMPOSITE:
            given.append(
                every_clause_of(
                    a,
                    2,
                    lambda x, y, z: z3.Implies(z3.And(x.subsumes(y), y.subsumes(z)), x.subsumes(z)),
                )
            )
        yield follows(f"transitive: {bottom} under {middle} under {top}", given, a.subsumes(c))


# ---- What is necessary: counterexamples in the finite world -------------------------------------


CLAUSES = {
    ("parent", "all"): ("range", "one_of"),
    ("parent", "any"): ("range", "one_of"),
    ("child", "all"): ("one_of", "range"),
    ("child", "any"): ("one_of", "range", "exact"),
}


class Pair:
    """A parent, a child and a value of the finite world; shown as an instance to ask libwrit."""

    def __init__(self, parent, child):
        self.world = Finite()
        self.parent = self.build(parent, "parent")
        self.child = self.build(child, "child")
        self.value = self.world.value("value")

    def build(self, type, name):
        clauses = []
        if type in COMPOSITE:
            clauses = [
                self.world.constraint(t, f"{name}.clause{i}")
                for i, t in enumerate(CLAUSES[name, type])
            ]
        return self.world.constraint(type, name, clauses)

    def valid(self):
        trees = [self.parent, self.child, *self.parent.clauses, *self.child.clauses]
        return [*self.world.valid, *[well_formed(c) for c in trees]]


def counterexample(name, pair, assumed):
    """The child passes a value that the parent does not, though what is assumed holds."""
    given = [*pair.valid(), *assumed, pair.child.passes(pair.value)]
    return fails(name, given, pair.parent.passes(pair.value), shown=pair)


def necessity():
    for types, rule in TABLE.items():
        pair = Pair(*types)
        conditions = rule(pair.parent, pair.child)
        for left_out in conditions:
            rest = [held for name, held in conditions.items() if name != left_out]
            yield counterexample(f"necessary: {types[1]} under {types[0]}: {left_out}", pair, rest)
    for types, name, rule in MISTAKES:
        pair = Pair(*types)
        yield counterexample(
            f"a mistake: {types[1]} under {types[0]}: {name}",
            pair,
            [rule(pair.parent, pair.child)],
        )
    for types in product(TYPES, repeat=2):
        if types not in TABLE:
            yield counterexample(
                f"closed: {types[1]} under {types[0]} is not listed", Pair(*types), []
            )


def completeness():
    """Where the table is exact: not below means that some value tells the two apart."""
    w = Unbounded()
    for parent, child in TABLE:
        if child != "exact":
            continue
        p, c = w.constraint(parent, "parent"), w.constraint("exact", "child")
        yield follows(f"complete: exact under {parent}", [p.passes(c.value)], p.subsumes(c))


def instances():
    """For each listed pair: below and not below, and a value on each side of each."""
    for types in TABLE:
        pair = Pair(*types)
        below = pair.parent.subsumes(pair.child)
        above_passes = pair.parent.passes(pair.value)
        child_passes = pair.child.passes(pair.value)
        cases = {
            "below, both pass": [below, child_passes],
            "below, only the parent passes": [below, above_passes, neg(child_passes)],
            "below, neither passes": [below, neg(above_passes)],
            "not below, both pass": [neg(below), above_passes, child_passes],
            "not below, only the parent passes": [neg(below), above_passes, neg(child_passes)],
        }
        if types[1] == "exact":
            del cases["not below, both pass"]  # complete, see above
        if types == ("exact", "exact"):
            del cases["below, only the parent passes"]
        for name, assumed in cases.items():
            if not any(part is False for part in assumed):
                title = f"instance: {types[1]} under {types[0]}: {name}"
                yield can_be(title, [*pair.valid(), *assumed], shown=pair)


def claims():
    yield from soundness()
    yield from order()
    yield from completeness()
    yield from necessity()
    yield from instances()
