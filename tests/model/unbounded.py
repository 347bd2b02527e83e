"""Values, sets, clauses and names of any number and size.

There are no axioms here beyond the theories of z3: values, names and clauses are of sorts that
nothing is known about, sets are arrays to Bool (so infinite ones too), numbers are reals, paths are
sequences of segments. What is proved of all of these holds for JSON.
"""

import z3
from logic import conj, implies
from rules import Bound, Call, Constraint, Tool

VALUE = z3.DeclareSort("Value")
SEGMENT = z3.DeclareSort("Segment")
CLAUSE = z3.DeclareSort("Clause")
NAME = z3.DeclareSort("Name")
FOLDED = z3.DeclareSort("Folded")
TRUTH = z3.BoolSort()
VALUES = z3.SetSort(VALUE)


class SetWhere:
    """All elements of a sort for which something holds."""

    def __init__(self, sort, has):
        self.sort, self.has = sort, has

    def within(self, other):
        # IsSubset of z3 4.8.12 finds counterexamples that are none.
        x = z3.FreshConst(self.sort, "element")
        return z3.ForAll([x], implies(self.has(x), other.has(x)))

    def is_inhabited(self):
        x = z3.FreshConst(self.sort, "element")
        return z3.Exists([x], self.has(x))


def any_set(array):
    return SetWhere(array.domain(), lambda x: z3.IsMember(x, array))


class Clause:
    """A clause of which is known only what the two relations say."""

    passing = z3.Function("passes", CLAUSE, VALUE, TRUTH)
    subsuming = z3.Function("subsumes", CLAUSE, CLAUSE, TRUTH)

    def __init__(self, term):
        self.term = term

    def passes(self, value):
        return Clause.passing(self.term, value)

    def subsumes(self, child):
        return Clause.subsuming(self.term, child.term)


class Quantified:
    """All members of a set, or all elements of a sort, through quantifiers."""

    def __init__(self, sort, member, wrap):
        self.sort, self.member, self.wrap = sort, member, wrap

    def every(self, holds):
        x = z3.FreshConst(self.sort, "each")
        return z3.ForAll([x], implies(self.member(x), holds(self.wrap(x))))

    def some(self, holds):
        x = z3.FreshConst(self.sort, "some")
        return z3.Exists([x], conj(self.member(x), holds(self.wrap(x))))


class Unbounded:
    is_number = z3.Function("is_number", VALUE, TRUTH)
    number = z3.Function("number", VALUE, z3.RealSort())
    is_array = z3.Function("is_array", VALUE, TRUTH)
    is_scalar = z3.Function("is_scalar", VALUE, TRUTH)
    is_normal = z3.Function("is_normal", VALUE, TRUTH)
    segments = z3.Function("segments", VALUE, z3.SeqSort(SEGMENT))
    members = z3.Function("elements", VALUE, VALUES)
    fold = z3.Function("fold", NAME, FOLDED)

    def elements(self, value):
        return any_set(self.members(value))

    def is_under(self, root, value):
        return z3.PrefixOf(self.segments(root), self.segments(value))

    def constraint(self, type, name):
        def bound(side):
            label = f"{name}.{side}"
            return Bound(z3.Bool(f"{label}.present"), z3.Bool(f"{label}.inclusive"), z3.Real(label))

        clauses = z3.Const(f"{name}.clauses", z3.SetSort(CLAUSE))
        return Constraint(
            self,
            type,
            value=z3.Const(f"{name}.value", VALUE),
            values=any_set(z3.Const(f"{name}.values", VALUES)),
            min=bound("min"),
            max=bound("max"),
            clauses=Quantified(CLAUSE, lambda x: z3.IsMember(x, clauses), Clause),
        )

    def tool(self, name):
        named = z3.Function(f"{name}.named", NAME, TRUTH)
        optional = z3.Function(f"{name}.optional", NAME, TRUTH)
        constraint = z3.Function(f"{name}.constraint", NAME, CLAUSE)
        return Tool(
            self,
            Quantified(NAME, lambda x: True, lambda x: x),
            named,
            optional,
            lambda n: Clause(constraint(n)),
            z3.Bool(f"{name}.open"),
        )


def any_call():
    return Call(
        z3.Function("call.has", NAME, TRUTH),
        z3.Function("call.value", NAME, VALUE),
    )
