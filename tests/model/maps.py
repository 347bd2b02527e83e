"""Claims on the constraints of a tool and on authorities, for any number of names and tools."""

import z3
from claims import can_be, fails, follows
from finite import Finite
from logic import conj, disj, implies, neg
from rules import allows, narrower, narrowing, well_formed
from unbounded import CLAUSE, VALUE, Clause, Unbounded, any_call

PROFILES = {"aat-02": False, "aat-02+writ": True}


def sound_constraints():
    """What constraints.py proves of every pair of trees."""
    x, y = z3.Consts("above below", CLAUSE)
    v = z3.Const("any_value", VALUE)
    above, below = Clause(x), Clause(y)
    return z3.ForAll(
        [x, y, v], implies(conj(above.subsumes(below), below.passes(v)), above.passes(v))
    )


def transitive_constraints():
    x, y, z = (Clause(c) for c in z3.Consts("above between below", CLAUSE))
    return z3.ForAll(
        [x.term, y.term, z.term],
        implies(conj(x.subsumes(y), y.subsumes(z)), x.subsumes(z)),
    )


def reflexive_constraints():
    x = Clause(z3.Const("any_clause", CLAUSE))
    return z3.ForAll([x.term], x.subsumes(x))


def tools():
    """One tool: what the child's map allows, the parent's does; and the order of maps."""
    w = Unbounded()
    a, b, c = w.tool("a"), w.tool("b"), w.tool("c")
    call = any_call()
    for profile, ours in PROFILES.items():
        given = [narrower(a, b, ours), allows(b, call, ours), sound_constraints()]
        yield follows(f"{profile}: a narrower tool allows no more", given, allows(a, call, ours))
        yield can_be(f"{profile}: not vacuous: a narrower tool", given)
        yield follows(
            f"{profile}: a tool is narrower than itself",
            [reflexive_constraints()],
            narrower(a, a, ours),
        )
        yield follows(
            f"{profile}: narrower is transitive",
            [narrower(a, b, ours), narrower(b, c, ours), transitive_constraints()],
            narrower(a, c, ours),
        )
    yield follows(
        "what aat-02+writ allows, aat-02 allows", [allows(a, call, True)], allows(a, call, False)
    )
    yield follows(
        "what aat-02+writ takes for narrower, aat-02 does",
        [narrower(a, b, True)],
        narrower(a, b, False),
    )


def authorities():
    """Tools by name: step 4p1, and that the two relations on tools carry over."""
    tool = z3.DeclareSort("Tool")
    call = z3.DeclareSort("Call")
    truth = z3.BoolSort()
    has = {n: z3.Function(f"{n}.has", tool, truth) for n in "abc"}
    permits = {n: z3.Function(f"{n}.permits", tool, call, truth) for n in "abc"}
    below = {n: z3.Function(f"{n}.narrower", tool, truth) for n in ("ab", "bc", "ac")}
    t = z3.Const("tool", tool)
    k = z3.Const("call", call)

    def authority_narrower(pair):
        parent, child = pair
        return z3.ForAll([t], implies(has[child](t), conj(has[parent](t), below[pair](t))))

    def authority_allows(name):
        return conj(has[name](t), permits[name](t, k))

    sound = z3.ForAll([t, k], implies(conj(below["ab"](t), permits["b"](t, k)), permits["a"](t, k)))
    order = z3.ForAll([t], implies(conj(below["ab"](t), below["bc"](t)), below["ac"](t)))
    yield follows(
        "4p1: a narrower authority allows no more",
        [authority_narrower("ab"), sound, authority_allows("b")],
        authority_allows("a"),
    )
    yield follows(
        "4p1: narrower authorities are transitive",
        [authority_narrower("ab"), authority_narrower("bc"), order],
        authority_narrower("ac"),
    )
    yield fails(
        "necessary: 4p1",
        [
            z3.ForAll([t], implies(conj(has["b"](t), has["a"](t)), below["ab"](t))),
            sound,
            authority_allows("b"),
        ],
        authority_allows("a"),
    )


# ---- What is necessary ---------------------------------------------------------------------------


class Tools:
    """A parent, a child and a call of the finite world; shown as an instance to ask libwrit."""

    TYPES = ("range", "one_of", "subset")

    def __init__(self):
        self.world = Finite()
        self.parent = self.world.tool("parent", Tools.TYPES)
        self.child = self.world.tool("child", Tools.TYPES)
        self.call = self.world.call()

    def valid(self):
        constraints = [t.constraint(n) for t in (self.parent, self.child) for n in t.names]
        return [*self.world.valid, *[well_formed(c) for c in constraints]]


def necessity():
    for profile, ours in PROFILES.items():
        shown = Tools()
        conditions = narrowing(shown.parent, shown.child, ours)
        for left_out in conditions:
            rest = [held for name, held in conditions.items() if name != left_out]
            yield fails(
                f"{profile}: necessary: {left_out}",
                [*shown.valid(), *rest, allows(shown.child, shown.call, ours)],
                allows(shown.parent, shown.call, ours),
                shown=shown,
            )
    # The rule on case is needed where calls are checked for it, and only there.
    shown = Tools()
    yield fails(
        "aat-02+writ: narrower by aat-02 alone allows more",
        [
            *shown.valid(),
            narrower(shown.parent, shown.child, False),
            allows(shown.child, shown.call, True),
        ],
        allows(shown.parent, shown.call, True),
        shown=shown,
    )


def instances():
    for profile, ours in PROFILES.items():
        shown = Tools()
        below = narrower(shown.parent, shown.child, ours)
        above_allows = allows(shown.parent, shown.call, ours)
        child_allows = allows(shown.child, shown.call, ours)
        differ = disj(
            *(neg(shown.parent.optional(n) == shown.child.optional(n)) for n in shown.parent.names)
        )
        cases = {
            "below, both allow": [below, child_allows],
            "below and different, both allow": [below, child_allows, differ],
            "below, only the parent allows": [below, above_allows, neg(child_allows)],
            "below, neither allows": [below, neg(above_allows)],
            "not below, only the child allows": [neg(below), neg(above_allows), child_allows],
            "not below, both allow": [neg(below), above_allows, child_allows],
            "below, open, both allow": [below, shown.child.open, child_allows],
            "the parent shadows what the call has": [
                below,
                shown.parent.open,
                shown.parent.named("a"),
                neg(shown.parent.named("A")),
                shown.call.has("A"),
                above_allows if not ours else neg(above_allows),
            ],
        }
        for name, assumed in cases.items():
            yield can_be(f"{profile}: instance: {name}", [*shown.valid(), *assumed], shown=shown)


def claims():
    yield from tools()
    yield from authorities()
    yield from necessity()
    yield from instances()
