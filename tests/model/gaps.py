"""Where the table is exact, and where it is sound but incomplete: pairs that are refused although
the child allows no more than its parent. A gap is proved by its containment; that the pair is not
below follows from the rules as they are written."""

import z3
from claims import can_be, follows
from logic import conj, disj, implies, neg
from rules import TYPES, above, allows, below, narrower
from unbounded import VALUE, Unbounded, any_call


def contained(p, c, v):
    return z3.ForAll([v], implies(c.passes(v), p.passes(v)))


def exact_rows():
    """Containment gives subsumption: on these pairs the table refuses nothing harmless."""
    w = Unbounded()
    v = z3.Const("any_value", VALUE)
    for type in ("one_of", "not_one_of"):
        p, c = w.constraint(type, "parent"), w.constraint(type, "child")
        yield follows(f"complete: {type} under {type}", [contained(p, c, v)], p.subsumes(c))
    # An array that has just the elements named is a witness.
    array = z3.Const("array", VALUE)
    for type in ("contains", "subset"):
        p, c = w.constraint(type, "parent"), w.constraint(type, "child")
        has_them = z3.ForAll([v], w.elements(array).has(v) == c.values.has(v))
        exists = [w.is_array(array), has_them]
        yield follows(
            f"complete: {type} under {type}", [*exists, contained(p, c, v)], p.subsumes(c)
        )
    p, c = w.constraint("path_containment", "parent"), w.constraint("path_containment", "child")
    yield follows(
        "complete: path_containment under path_containment",
        [w.is_normal(c.value), contained(p, c, v)],
        p.subsumes(c),
    )
    # Over the reals: the doubles of JSON have gaps between them.
    p, c = w.constraint("range", "parent"), w.constraint("range", "child")
    number, inside = z3.Reals("number inside")

    def accepts(range_, real):
        return conj(above(range_.min, real), below(range_.max, real))

    yield follows(
        "complete: range under range, where the child passes a number",
        [
            z3.ForAll([number], implies(accepts(c, number), accepts(p, number))),
            accepts(c, inside),
        ],
        p.subsumes(c),
    )


def gap(name, p, c, given):
    """Contained, and not below: p, c of types that the table does not pair, or see the claim."""
    v = z3.Const("value", VALUE)
    yield can_be(f"gap: {name}: not vacuous", given)
    yield follows(f"gap: {name}: contained", [*given, c.passes(v)], p.passes(v))
    if p.subsumes(c) is not False:
        yield follows(f"gap: {name}: refused", given, neg(p.subsumes(c)))


def gaps_of_values():
    w = Unbounded()
    x, y = z3.Consts("x y", VALUE)

    def pair(parent, child):
        return w.constraint(parent, "parent"), w.constraint(child, "child")

    same_number = z3.ForAll(
        [x, y],
        implies(conj(w.is_number(x), w.is_number(y), w.number(x) == w.number(y)), x == y),
    )

    def only_kind(is_kind, set_):
        return z3.ForAll([x], implies(set_.has(x), neg(is_kind(x))))

    p, c = pair("not_one_of", "exact")
    yield from gap("exact that is not excluded", p, c, [neg(p.values.has(c.value))])
    p, c = pair("not_one_of", "one_of")
    disjoint = z3.ForAll([x], neg(conj(p.values.has(x), c.values.has(x))))
    yield from gap("one_of without what is excluded", p, c, [disjoint])
    p, c = pair("not_one_of", "range")
    outside = z3.ForAll([x], implies(p.values.has(x), neg(c.passes(x))))
    yield from gap("range without what is excluded", p, c, [outside])
    for type, kind in (
        ("subset", w.is_array),
        ("contains", w.is_array),
        ("path_containment", w.is_normal),
    ):
        p, c = pair("not_one_of", type)
        yield from gap(f"{type}, nothing of its kind excluded", p, c, [only_kind(kind, p.values)])
    p, c = pair("not_one_of", "wildcard")
    yield from gap("wildcard, nothing excluded", p, c, [z3.ForAll([x], neg(p.values.has(x)))])
    for type in ("range", "path_containment", "contains", "subset"):
        p, c = pair(type, "one_of")
        passing = z3.ForAll([x], implies(c.values.has(x), p.passes(x)))
        yield from gap(f"one_of whose values all pass the {type}", p, c, [passing])
    p, c = pair("exact", "one_of")
    single = z3.ForAll([x], implies(c.values.has(x), x == p.value))
    yield from gap("one_of of one value under exact", p, c, [single])
    for type in ("exact", "one_of"):
        p, c = pair(type, "range")
        e = w.constraint("exact", "point")
        point = [
            c.min.present,
            c.max.present,
            c.min.number == c.max.number,
            w.is_number(e.value),
            w.number(e.value) == c.min.number,
            p.passes(e.value),
        ]
        yield from gap(f"range of one number under {type}", p, c, [same_number, *point])
    p, c = pair("contains", "subset")
    yield from gap(
        "subset under a contains of nothing", p, c, [z3.ForAll([x], neg(p.values.has(x)))]
    )
    c = w.constraint("range", "child")
    empty = [c.min.present, c.max.present, c.min.number == c.max.number, neg(c.min.inclusive)]
    for type in TYPES:
        if type != "wildcard":
            p = w.constraint(type, "parent")
            elsewhere = [p.min.present, p.min.number > c.min.number]
            given = [*empty, *elsewhere] if type == "range" else empty
            yield from gap(f"range that no number passes, under {type}", p, c, given)


def gaps_of_trees():
    w = Unbounded()
    v = z3.Const("value", VALUE)
    exact = w.constraint("exact", "child")
    p = w.constraint("any", "parent")
    yield from gap("exact under any", p, exact, [p.clauses.some(lambda x: x.passes(exact.value))])
    p = w.constraint("all", "parent")
    yield from gap("exact under all", p, exact, [p.clauses.every(lambda x: x.passes(exact.value))])
    # Any constraint, here a range, above or below the clauses: of it no more is used than what is
    # assumed of each clause.
    range_ = w.constraint("range", "other")
    for type, quantity in (("any", "some"), ("all", "every")):
        p = w.constraint(type, "parent")
        clauses = getattr(p.clauses, quantity)
        sound = clauses(lambda x: implies(range_.passes(v), x.passes(v)))
        yield from gap(f"a constraint below {quantity} clause of {type}", p, range_, [sound])
        c = w.constraint(type, "child")
        clauses = c.clauses.every if type == "any" else c.clauses.some
        sound = clauses(lambda x: implies(x.passes(v), range_.passes(v)))
        name = "every clause below, of any" if type == "any" else "some clause below, of all"
        yield from gap(f"{name}, under a constraint", range_, c, [sound])

    # Clauses that only together cover, or are covered: 0 to 10 under any(0 to 5, 5 to 10), and
    # all(from 0, to 10) under all(0 to 10).
    def between(low, high, name):
        c = w.constraint("range", name)
        for bound, number in ((c.min, low), (c.max, high)):
            bound.present, bound.inclusive = number is not None, True
            bound.number = z3.RealVal(number or 0)
        return c

    whole, low, high = between(0, 10, "w"), between(0, 5, "l"), between(5, 10, "h")
    yield follows(
        "gap: a range under two ranges of an any: contained",
        [whole.passes(v)],
        disj(low.passes(v), high.passes(v)),
    )
    refused = disj(low.subsumes(whole), high.subsumes(whole))
    yield follows("gap: a range under two ranges of an any: refused", [], neg(refused))
    from_0, to_10 = between(0, None, "f"), between(None, 10, "t")
    yield follows(
        "gap: two ranges of an all under their meet: contained",
        [from_0.passes(v), to_10.passes(v)],
        whole.passes(v),
    )
    refused = disj(whole.subsumes(from_0), whole.subsumes(to_10))
    yield follows("gap: two ranges of an all under their meet: refused", [], neg(refused))


def gaps_of_maps():
    w = Unbounded()
    p, c = w.tool("parent"), w.tool("child")
    call = any_call()
    u = z3.Const("any_value", VALUE)
    every = p.names.every
    passes_all = every(lambda n: implies(p.named(n), z3.ForAll([u], p.constraint(n).passes(u))))
    given = [
        p.open,
        c.open,
        every(lambda n: neg(c.named(n))),
        every(lambda n: implies(p.named(n), p.optional(n))),
        p.names.some(p.named),
        passes_all,
    ]
    yield can_be("gap: the parent's optional wildcard: not vacuous", given)
    yield follows(
        "gap: the parent's optional wildcard, left to the child's \"*\": contained",
        [*given, allows(c, call, False)],
        allows(p, call, False),
    )
    yield follows(
        "gap: the parent's optional wildcard, left to the child's \"*\": refused",
        given,
        neg(narrower(p, c, False)),
    )
    dead = [
        c.names.some(
            lambda n: conj(
                c.named(n),
                neg(c.optional(n)),
                z3.ForAll([u], neg(c.constraint(n).passes(u))),
            )
        ),
        neg(p.open),
        every(lambda n: neg(p.named(n))),
    ]
    yield can_be("gap: a child that no call passes: not vacuous", dead)
    yield follows(
        "gap: a child that no call passes: contained",
        [*dead, allows(c, call, False)],
        allows(p, call, False),
    )
    yield follows("gap: a child that no call passes: refused", dead, neg(narrower(p, c, False)))


def claims():
    yield from exact_rows()
    yield from gaps_of_values()
    yield from gaps_of_trees()
    yield from gaps_of_maps()
