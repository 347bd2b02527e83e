"""The rules, written from the texts: AAT-02 sections 3.4 and 4.5, steps 4p and 6b of its section
8, and DESIGN section 2 for path_containment and the rule on case.

Nothing here knows how large a set or a tree is, or what a value is made of: worlds.py says that.
Each relation is a conjunction of named conditions, so that one of them can be left out.
"""

from dataclasses import dataclass
from typing import Any

from logic import choose, conj, disj, implies, neg

TYPES = (
    "exact",
    "range",
    "one_of",
    "not_one_of",
    "contains",
    "subset",
    "wildcard",
    "all",
    "any",
    "path_containment",
)


@dataclass
class Bound:
    present: Any
    inclusive: Any
    number: Any


@dataclass
class Constraint:
    """A constraint with its clauses. Only the fields of its type are set."""

    world: Any
    type: str
    value: Any = None  # exact: a scalar; path_containment: the root
    values: Any = None  # one_of, not_one_of, contains, subset
    min: Any = None
    max: Any = None
    clauses: Any = None  # all, any

    def passes(self, value):
        return passes(self, value)

    def subsumes(self, child):
        return conj(*subsumption(self, child).values())


# ---- Section 3.4: does a value pass? -------------------------------------------------------------


def above(bound, number):
    closed = choose(bound.inclusive, number >= bound.number, number > bound.number)
    return implies(bound.present, closed)


def below(bound, number):
    closed = choose(bound.inclusive, number <= bound.number, number < bound.number)
    return implies(bound.present, closed)


def passes(c, v):
    w = c.world
    match c.type:
        case "exact":
            return v == c.value
        case "range":
            return conj(w.is_number(v), above(c.min, w.number(v)), below(c.max, w.number(v)))
        case "one_of":
            return c.values.has(v)
        case "not_one_of":
            return neg(c.values.has(v))
        case "contains":
            return conj(w.is_array(v), c.values.within(w.elements(v)))
        case "subset":
            return conj(w.is_array(v), w.elements(v).within(c.values))
        case "wildcard":
            return True
        case "all":
            return c.clauses.every(lambda clause: clause.passes(v))
        case "any":
            return c.clauses.some(lambda clause: clause.passes(v))
        case "path_containment":
            return conj(w.is_normal(v), w.is_under(c.value, v))


def well_formed(c):
    w = c.world
    match c.type:
        case "exact":
            return w.is_scalar(c.value)
        case "range":
            both = conj(c.min.present, c.max.present)
            return implies(both, c.min.number <= c.max.number)
        case "one_of":
            return c.values.is_inhabited()
        case "path_containment":
            return w.is_normal(c.value)
    return True


# ---- Section 4.5: the closed table ---------------------------------------------------------------


def range_over_range(p, c):
    def bound(ours, theirs, tighter):
        both = conj(ours.present, theirs.present)
        at_the_same = conj(both, ours.number == theirs.number)
        return (
            implies(theirs.present, ours.present),
            implies(both, disj(tighter(ours.number, theirs.number), ours.number == theirs.number)),
            implies(conj(at_the_same, neg(theirs.inclusive)), neg(ours.inclusive)),
        )

    low = bound(c.min, p.min, lambda a, b: a > b)
    high = bound(c.max, p.max, lambda a, b: a < b)
    return {
        "a min where the parent has one": low[0],
        "min no lower": low[1],
        "min stays exclusive": low[2],
        "a max where the parent has one": high[0],
        "max no higher": high[1],
        "max stays exclusive": high[2],
    }


TABLE = {
    ("exact", "exact"): lambda p, c: {"the same value": c.value == p.value},
    ("range", "range"): range_over_range,
    ("range", "exact"): lambda p, c: {
        "a number": p.world.is_number(c.value),
        "above min": above(p.min, p.world.number(c.value)),
        "below max": below(p.max, p.world.number(c.value)),
    },
    ("one_of", "one_of"): lambda p, c: {"values a subset": c.values.within(p.values)},
    ("one_of", "exact"): lambda p, c: {"value a member": p.values.has(c.value)},
    ("not_one_of", "not_one_of"): lambda p, c: {"excluded a superset": p.values.within(c.values)},
    ("contains", "contains"): lambda p, c: {"required a superset": p.values.within(c.values)},
    ("subset", "subset"): lambda p, c: {"allowed a subset": c.values.within(p.values)},
    ("all", "all"): lambda p, c: {
        "every parent clause has one below": p.clauses.every(
            lambda a: c.clauses.some(lambda b: a.subsumes(b))
        )
    },
    ("any", "any"): lambda p, c: {
        "every derived clause has one above": c.clauses.every(
            lambda b: p.clauses.some(lambda a: a.subsumes(b))
        )
    },
    ("path_containment", "path_containment"): lambda p, c: {
        "root beneath": p.world.is_under(p.value, c.value)
    },
    ("path_containment", "exact"): lambda p, c: {
        "a normal path": p.world.is_normal(c.value),
        "beneath the root": p.world.is_under(p.value, c.value),
    },
    **{("wildcard", type): lambda p, c: {} for type in TYPES},
}


def subsumption(p, c):
    """child c ⊑ parent p, by named conditions; a pair that is not listed is refused."""
    rule = TABLE.get((p.type, c.type))
    return rule(p, c) if rule else {"listed": False}


# Rules that look as good, each a mistake that somebody could make: (pair, name, the rule).
MISTAKES = [
    (
        ("all", "all"),
        "some parent clause has one below",
        lambda p, c: p.clauses.some(lambda a: c.clauses.some(lambda b: a.subsumes(b))),
    ),
    (
        ("any", "any"),
        "some derived clause has one above",
        lambda p, c: c.clauses.some(lambda b: p.clauses.some(lambda a: a.subsumes(b))),
    ),
    (
        ("any", "any"),
        "every parent clause has one below",
        lambda p, c: p.clauses.every(lambda a: c.clauses.some(lambda b: a.subsumes(b))),
    ),
    (("one_of", "one_of"), "values a superset", lambda p, c: p.values.within(c.values)),
    (("not_one_of", "not_one_of"), "excluded a subset", lambda p, c: c.values.within(p.values)),
    (("contains", "contains"), "required a subset", lambda p, c: c.values.within(p.values)),
    (("subset", "subset"), "allowed a superset", lambda p, c: p.values.within(c.values)),
    (
        ("path_containment", "path_containment"),
        "root above",
        lambda p, c: p.world.is_under(c.value, p.value),
    ),
]


# ---- Section 3.3 and steps 4p2 to 4p4, 6b: the constraints of one tool --------------------------


@dataclass
class Tool:
    """A constraint map, normalised: the empty one is open and names nothing."""

    world: Any
    names: Any  # of every argument there can be; "*" is none
    named: Any  # name -> truth
    optional: Any  # name -> truth
    constraint: Any  # name -> Constraint
    open: Any

    def shadows(self, name):
        """`name` is not named, but folds to the same as one that is."""
        fold = self.world.fold
        return conj(
            neg(self.named(name)),
            self.names.some(lambda other: conj(self.named(other), fold(other) == fold(name))),
        )


@dataclass
class Call:
    """The arguments of one call; every name has a value, whether the call has it or not."""

    has: Any  # name -> truth
    value: Any  # name -> value


def allows(tool, call, ours):
    """Step 6b, and with `ours` the rule of our profile on names that differ only in case."""

    def unnamed(name):
        return conj(tool.open, neg(tool.shadows(name))) if ours else tool.open

    return conj(
        tool.names.every(
            lambda name: implies(
                call.has(name),
                choose(
                    tool.named(name),
                    tool.constraint(name).passes(call.value(name)),
                    unnamed(name),
                ),
            )
        ),
        tool.names.every(
            lambda name: implies(
                conj(tool.named(name), neg(tool.optional(name))),
                call.has(name),
            )
        ),
    )


def narrowing(p, c, ours):
    """Steps 4p2 to 4p4 as named conditions."""
    every = p.names.every
    conditions = {
        "4p2: names what the parent names": every(
            lambda n: implies(conj(c.named(n), neg(p.named(n))), p.open)
        ),
        "4p2: omits what is optional": every(
            lambda n: implies(conj(p.named(n), neg(c.named(n))), p.optional(n))
        ),
        "4p2: omits nothing while it is open": every(
            lambda n: implies(conj(p.named(n), neg(c.named(n))), neg(c.open))
        ),
        "4p2: open only under open": implies(c.open, p.open),
        "4p3: required stays required": every(
            lambda n: implies(
                conj(p.named(n), c.named(n), neg(p.optional(n))),
                neg(c.optional(n)),
            )
        ),
        "4p4: each constraint below the parent's": every(
            lambda n: implies(
                conj(p.named(n), c.named(n)),
                p.constraint(n).subsumes(c.constraint(n)),
            )
        ),
    }
    if ours:
        conditions["ours: names nothing that differs only in case"] = every(
            lambda n: implies(c.named(n), neg(p.shadows(n)))
        )
    return conditions


def narrower(p, c, ours):
    return conj(*narrowing(p, c, ours).values())
