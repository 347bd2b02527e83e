"""Claims on the meet: below both sides, above whatever the table puts below both, and passing
exactly what both pass. (`lib/authority/meet.c` and `meet_tools.c` say how it is made.)"""

from dataclasses import replace
from itertools import combinations

import z3
from claims import can_be, fails, follows
from constraints import every_clause_of
from logic import choose, conj, disj, implies, neg
from maps import PROFILES, reflexive_constraints
from rules import TABLE, TYPES, Bound, narrower
from unbounded import CLAUSE, VALUE, Clause, Quantified, SetWhere, Unbounded


def stands_below_two(types):
    """Which types the table lets stand below both."""
    return [t for t in TYPES if all((above, t) in TABLE for above in types)]


def tighter_of(a, b, tighter):
    a_is = disj(
        neg(b.present),
        conj(
            a.present,
            disj(
                tighter(a.number, b.number),
                conj(a.number == b.number, disj(b.inclusive, neg(a.inclusive))),
            ),
        ),
    )
    return Bound(*(choose(a_is, x, y) for x, y in zip(fields(a), fields(b), strict=True)))


def fields(bound):
    return bound.present, bound.inclusive, bound.number


def met(a, b):
    """Of one type, as one constraint."""
    match a.type:
        case "range":
            low = tighter_of(a.min, b.min, lambda x, y: x > y)
            return replace(a, min=low, max=tighter_of(a.max, b.max, lambda x, y: x < y))
        case "one_of" | "subset":
            both = SetWhere(VALUE, lambda x: conj(a.values.has(x), b.values.has(x)))
            return replace(a, values=both)
        case "not_one_of" | "contains":
            either = SetWhere(VALUE, lambda x: disj(a.values.has(x), b.values.has(x)))
            return replace(a, values=either)
        case "all":
            either = Quantified(
                CLAUSE, lambda x: z3.Or(a.clauses.member(x), b.clauses.member(x)), Clause
            )
            return replace(a, clauses=either)


def of_one_type():
    w = Unbounded()
    v = z3.Const("value", VALUE)
    for type in ("range", "one_of", "not_one_of", "contains", "subset", "all"):
        a, b = w.constraint(type, "a"), w.constraint(type, "b")
        m = met(a, b)
        given = [every_clause_of(m, 0, lambda x: x.subsumes(x))] if type == "all" else []
        yield follows(f"meet: {type}: below both", given, conj(a.subsumes(m), b.subsumes(m)))
        yield follows(
            f"meet: {type}: passes what both pass",
            [],
            m.passes(v) == conj(a.passes(v), b.passes(v)),
        )
        for below in stands_below_two([type]):
            x = w.constraint(below, "x")
            yield follows(
                f"meet: {type}: above every {below} below both",
                [a.subsumes(x), b.subsumes(x)],
                m.subsumes(x),
            )


def of_any():
    """Its clauses: the maximal lower bounds of one clause of each."""
    w = Unbounded()
    a, b, m, x = (w.constraint("any", name) for name in ("a", "b", "m", "x"))
    bounds = m.clauses.every(
        lambda c: conj(
            a.clauses.some(lambda p: p.subsumes(c)), b.clauses.some(lambda q: q.subsumes(c))
        )
    )
    all_bounds = x.clauses.every(
        lambda c: a.clauses.every(
            lambda p: b.clauses.every(
                lambda q: implies(
                    conj(p.subsumes(c), q.subsumes(c)), m.clauses.some(lambda k: k.subsumes(c))
                )
            )
        )
    )
    yield follows("meet: any: below both", [bounds], conj(a.subsumes(m), b.subsumes(m)))
    yield follows(
        "meet: any: above every any below both",
        [all_bounds, a.subsumes(x), b.subsumes(x)],
        m.subsumes(x),
    )


def of_two_types():
    """Only an exact stands below two types, so there is a meet only where one holds values."""
    w = Unbounded()
    pairs = combinations([t for t in TYPES if t != "wildcard"], 2)
    only_exact = all(set(stands_below_two(types)) <= {"exact"} for types in pairs)
    yield follows("meet: nothing but an exact stands below two types", [], only_exact)
    for other in ("range", "path_containment"):
        a, b = w.constraint("one_of", "a"), w.constraint(other, "b")
        e = w.constraint("exact", "e")
        member = [a.values.has(e.value), b.passes(e.value)]
        below = conj(a.subsumes(e), b.subsumes(e))
        yield follows(f"meet: one_of, {other}: each value of both, below both", member, below)
        yield follows(f"meet: one_of, {other}: and nothing else", [below], conj(*member))
    text = z3.Const("value", VALUE)
    a, b = w.constraint("range", "a"), w.constraint("path_containment", "b")
    e = w.constraint("exact", "e")
    yield follows(
        "meet: range, path_containment: nothing below both",
        [
            z3.ForAll([text], implies(w.is_normal(text), neg(w.is_number(text)))),
            a.subsumes(e),
            b.subsumes(e),
        ],
        False,
    )


def less(constraint, gone):
    """Without one clause."""
    member = constraint.clauses.member
    rest = Quantified(CLAUSE, lambda x: conj(member(x), x != gone), Clause)
    return replace(constraint, clauses=rest)


def of_redundant_clauses():
    """A clause that another makes superfluous is left out: nothing changes."""
    w = Unbounded()
    gone, kept, x = z3.Consts("gone kept x", CLAUSE)
    v = z3.Const("value", VALUE)
    for type in ("all", "any"):
        m, a = w.constraint(type, "m"), w.constraint(type, "a")
        wide, narrow = (gone, kept) if type == "all" else (kept, gone)
        given = [
            m.clauses.member(gone),
            m.clauses.member(kept),
            gone != kept,
            Clause(wide).subsumes(Clause(narrow)),
        ]
        sound = implies(Clause(narrow).passes(v), Clause(wide).passes(v))
        yield follows(
            f"meet: {type}: without a redundant clause passes the same",
            [*given, sound],
            less(m, gone).passes(v) == m.passes(v),
        )
        transitive = z3.ForAll(
            [x],
            implies(
                conj(Clause(x).subsumes(Clause(wide)), Clause(wide).subsumes(Clause(narrow))),
                Clause(x).subsumes(Clause(narrow)),
            ),
        )
        yield follows(
            f"meet: {type}: without a redundant clause is still below",
            [*given, transitive, a.subsumes(m)],
            a.subsumes(less(m, gone)),
        )


class ToolMeet:
    """The meet m of two maps a and b, made name by name."""

    def __init__(self, ours):
        w = Unbounded()
        self.ours = ours
        self.a, self.b, self.m, self.x = (w.tool(name) for name in "abmx")
        self.has_meet = z3.Function("has_meet", CLAUSE, CLAUSE, z3.BoolSort())
        self.every = self.a.names.every
        self.lost = self.a.names.some(lambda n: conj(self.either(n), neg(self.taken(n))))

    def both(self, n):
        return conj(self.a.named(n), self.b.named(n))

    def either(self, n):
        return disj(self.a.named(n), self.b.named(n))

    def one(self, n, tool, other):
        return conj(tool.named(n), neg(other.named(n)))

    def required(self, n):
        return disj(*(conj(t.named(n), neg(t.optional(n))) for t in (self.a, self.b)))

    def passes_unnamed(self, n, tool):
        return conj(tool.open, neg(tool.shadows(n))) if self.ours else tool.open

    def taken(self, n):
        """Where the two constraints have a meet, or one side does not name it and lets it pass."""
        a, b = self.a, self.b
        return disj(
            conj(self.both(n), self.has_meet(a.constraint(n).term, b.constraint(n).term)),
            conj(self.one(n, a, b), self.passes_unnamed(n, b)),
            conj(self.one(n, b, a), self.passes_unnamed(n, a)),
        )

    def made(self):
        a, b, m = self.a, self.b, self.m

        def same(n, tool, other):
            equal = m.constraint(n).term == tool.constraint(n).term
            return implies(self.one(n, tool, other), equal)

        return [
            self.every(lambda n: m.named(n) == conj(self.either(n), self.taken(n))),
            # What is required and not taken takes the whole tool with it.
            self.every(lambda n: implies(self.required(n), m.named(n))),
            self.every(lambda n: implies(m.named(n), m.optional(n) == neg(self.required(n)))),
            self.every(lambda n: conj(same(n, a, b), same(n, b, a))),
            m.open == conj(a.open, b.open, neg(self.lost)),
        ]

    def constraints(self, holds):
        """Of the constraint of each name that both have."""
        return self.every(lambda n: implies(conj(self.both(n), self.m.named(n)), holds(n)))

    def lower(self):
        a, b, m = self.a, self.b, self.m
        return self.constraints(
            lambda n: conj(*(t.constraint(n).subsumes(m.constraint(n)) for t in (a, b)))
        )

    def greatest(self):
        a, b, m = self.a, self.b, self.m
        c = z3.Const("c", CLAUSE)

        def above_all(n):
            below = conj(*(t.constraint(n).subsumes(Clause(c)) for t in (a, b)))
            return z3.ForAll([c], implies(below, m.constraint(n).subsumes(Clause(c))))

        return self.constraints(above_all)

    def none_without_meet(self):
        p, q, c = z3.Consts("p q c", CLAUSE)
        below = conj(Clause(p).subsumes(Clause(c)), Clause(q).subsumes(Clause(c)))
        return z3.ForAll([p, q, c], implies(neg(self.has_meet(p, q)), neg(below)))

    def narrower(self, parent, child):
        return narrower(parent, child, self.ours)


def of_tools():
    """Maps, with whatever their constraints have for a meet."""
    for profile, ours in PROFILES.items():
        t = ToolMeet(ours)
        yield follows(
            f"meet of tools: {profile}: below both",
            [*t.made(), t.lower(), reflexive_constraints()],
            conj(t.narrower(t.a, t.m), t.narrower(t.b, t.m)),
        )
        x_below_both = [t.narrower(t.a, t.x), t.narrower(t.b, t.x)]
        given = [*t.made(), t.greatest(), t.none_without_meet(), *x_below_both]
        yield can_be(f"meet of tools: {profile}: not vacuous", [*given, t.lower(), t.m.open])
        yield follows(
            f"meet of tools: {profile}: above every tool below both",
            [*given, neg(conj(t.a.open, t.b.open, t.lost))],
            t.narrower(t.m, t.x),
        )
        yield fails(
            f"meet of tools: {profile}: none is the widest where two open maps lose an argument",
            [*given, t.lower(), t.a.open, t.b.open, t.lost],
            t.narrower(t.m, t.x),
        )


def claims():
    yield from of_one_type()
    yield from of_any()
    yield from of_two_types()
    yield from of_redundant_clauses()
    yield from of_tools()
