"""Claims on writ_terms: what a child's terms permit, its parent's do; labels; decimals."""

from dataclasses import replace

import z3
from claims import can_be, fails, follows
from logic import choose, conj, disj, implies, neg
from terms import (
    UNTRUSTED,
    Account,
    Domain,
    Effective,
    Label,
    Link,
    Terms,
    fold,
    is_affordable,
    is_approved,
    may_call,
    may_read,
    narrowing,
)
from unbounded import Quantified

SORTS = {n: z3.DeclareSort(n) for n in ("Category", "Rule", "ToolName", "Agent", "Key", "Account")}


def everything(sort):
    return Quantified(SORTS[sort], lambda x: True, lambda x: x)


def predicate(name, *sorts):
    return z3.Function(name, *[SORTS[s] for s in sorts], z3.BoolSort())


DOMAIN = Domain(
    everything("Category"),
    everything("Rule"),
    everything("ToolName"),
    everything("Agent"),
    everything("Key"),
    everything("Account"),
    predicate("names", "Rule", "ToolName"),
)


def any_label(name):
    level, integrity = z3.Ints(f"{name}.confidentiality {name}.integrity")
    label = Label(level, integrity, predicate(f"{name}.categories", "Category"))
    return label, [level >= 0, level <= 3, integrity >= 0, integrity <= 1]


def any_account(name):
    parts = [
        z3.Function(f"{name}.{part}", SORTS["Account"], sort)
        for part, sort in [
            ("exists", z3.BoolSort()),
            ("limit", z3.RealSort()),
            ("has_per_call", z3.BoolSort()),
            ("per_call", z3.RealSort()),
        ]
    ]
    return lambda k: Account(*(part(k) for part in parts))


def any_effective(name):
    label, valid = any_label(f"{name}.clearance")
    return Effective(
        label,
        predicate(f"{name}.approval", "Rule"),
        predicate(f"{name}.call_only", "ToolName"),
        predicate(f"{name}.barred", "Agent", "Key", "ToolName"),
        any_account(f"{name}.budget"),
    ), valid


def any_terms(name):
    label, valid = any_label(f"{name}.clearance")
    return Terms(
        z3.Bool(f"{name}.has_clearance"),
        label,
        z3.Bool(f"{name}.has_approval"),
        predicate(f"{name}.approval", "Rule"),
        predicate(f"{name}.call_only", "ToolName"),
        predicate(f"{name}.pass_only", "ToolName"),
        any_account(f"{name}.budget"),
    ), valid


def any_link(name):
    return Link(
        z3.Const(f"{name}.agent", SORTS["Agent"]),
        z3.Const(f"{name}.key", SORTS["Key"]),
        predicate(f"{name}.has_tool", "ToolName"),
    )


class Use:
    """One use under the terms of a link, all of it arbitrary."""

    def __init__(self):
        self.label, self.valid = any_label("data")
        self.tool = z3.Const("tool", SORTS["ToolName"])
        self.agent = z3.Const("agent", SORTS["Agent"])
        self.key = z3.Const("key", SORTS["Key"])
        self.fulfilled = predicate("fulfilled", "Rule")
        self.charge = z3.Function("charge", SORTS["Account"], z3.RealSort())

    def under(self, effective):
        return {
            "clearance": may_read(DOMAIN, effective, self.label),
            "approval": is_approved(DOMAIN, effective, self.tool, self.fulfilled),
            "pass_only": may_call(DOMAIN, effective, self.tool, self.agent, self.key),
            "budget": is_affordable(DOMAIN, effective, self.charge),
        }


def attenuation():
    """Whatever the terms of a child permit, its parent's do; so, link by link, a root's do."""
    parent, parent_valid = any_effective("parent")
    terms, terms_valid = any_terms("terms")
    link, use = any_link("link"), Use()
    child = fold(parent, terms, link)
    valid = [*parent_valid, *terms_valid, *use.valid]
    conditions = narrowing(DOMAIN, parent, terms, link)
    for member, held in use.under(child).items():
        given = [*valid, *conditions.values(), held]
        yield follows(f"terms: {member}: a child permits no more", given, use.under(parent)[member])
        yield can_be(f"terms: {member}: not vacuous", given)
    everywhere = DOMAIN.tools.every
    yield follows(
        "terms: call_only only grows",
        [],
        everywhere(lambda t: implies(parent.call_only(t), child.call_only(t))),
    )
    yield follows(
        "terms: call_only: no descendant has the tool",
        [
            parent.call_only(use.tool),
            *narrowing(DOMAIN, child, any_terms("more")[0], any_link("below")).values(),
        ],
        neg(any_link("below").has_tool(use.tool)),
    )
    barred = terms.pass_only(use.tool)
    yield follows(
        "terms: pass_only: the link itself may not call",
        [barred],
        neg(may_call(DOMAIN, child, use.tool, link.agent, link.key)),
    )
    below = fold(child, any_terms("more")[0], any_link("below"))
    for name, agent, key in (("agent", link.agent, use.key), ("key", use.agent, link.key)):
        yield follows(
            f"terms: pass_only: nor whoever has its {name}, further down",
            [barred],
            neg(may_call(DOMAIN, below, use.tool, agent, key)),
        )
    yield follows(
        "terms: clearance stays a label",
        valid,
        conj(
            child.clearance.confidentiality >= 0,
            child.clearance.confidentiality <= 3,
            child.clearance.integrity >= 0,
            child.clearance.integrity <= 1,
        ),
    )


def necessity():
    parent, parent_valid = any_effective("parent")
    terms, terms_valid = any_terms("terms")
    link, use = any_link("link"), Use()
    child = fold(parent, terms, link)
    valid = [*parent_valid, *terms_valid, *use.valid]
    conditions = narrowing(DOMAIN, parent, terms, link)
    for left_out in conditions:
        member = left_out.split(":")[0]
        rest = [held for name, held in conditions.items() if name != left_out]
        if member == "call_only":
            below = [parent.call_only(use.tool), link.has_tool(use.tool)]
            yield can_be(f"terms: necessary: {left_out}", [*valid, *rest, *below])
            continue
        yield fails(
            f"terms: necessary: {left_out}",
            [*valid, *rest, use.under(child)[member]],
            use.under(parent)[member],
        )
    for name, member, wrong in mistakes(parent, terms, child):
        yield fails(
            f"terms: a mistake: {name}",
            [*valid, *conditions.values(), use.under(wrong)[member]],
            use.under(parent)[member],
        )


def mistakes(parent, terms, child):
    """Other folds, each of which lets a child permit more."""

    def forgets(k):
        return terms.account(k)

    def forgets_per_call(k):
        account, ours = child.account(k), terms.account(k)
        return replace(
            account, has_per_call=choose(ours.exists, ours.has_per_call, account.has_per_call)
        )

    label = replace(
        child.clearance,
        integrity=choose(terms.has_clearance, terms.clearance.integrity, UNTRUSTED),
    )
    return [
        ("an account left out is gone", "budget", replace(child, account=forgets)),
        ("a per_call left out is gone", "budget", replace(child, account=forgets_per_call)),
        (
            "approval left out is none",
            "approval",
            replace(child, approval=lambda r: conj(terms.has_approval, terms.approval(r))),
        ),
        (
            "bars are forgotten",
            "pass_only",
            replace(child, barred=lambda a, k, t: disj()),
        ),
        ("clearance left out is untrusted", "clearance", replace(child, clearance=label)),
    ]


def labels():
    """Labels are a lattice: within is an order, and the join is the least label above both."""
    (a, va), (b, vb), (c, vc) = (any_label(n) for n in "abc")
    valid = [*va, *vb, *vc]
    join = Label(
        choose(a.confidentiality > b.confidentiality, a.confidentiality, b.confidentiality),
        choose(a.integrity > b.integrity, a.integrity, b.integrity),
        lambda x: disj(a.categories(x), b.categories(x)),
    )

    def below(x, y):
        return x.within(y, DOMAIN)

    same = conj(
        a.confidentiality == b.confidentiality,
        a.integrity == b.integrity,
        DOMAIN.categories.every(lambda x: a.categories(x) == b.categories(x)),
    )
    yield follows("labels: reflexive", valid, below(a, a))
    yield follows("labels: transitive", [*valid, below(a, b), below(b, c)], below(a, c))
    yield follows("labels: antisymmetric", [*valid, below(a, b), below(b, a)], same)
    yield follows("labels: the join is above both", valid, conj(below(a, join), below(b, join)))
    yield follows(
        "labels: the join is the least", [*valid, below(a, c), below(b, c)], below(join, c)
    )
    yield follows(
        "labels: whoever may read the join may read both",
        [*valid, below(join, c)],
        conj(below(a, c), below(b, c)),
    )


def decimals():
    """A digit more: comparing texts of digits, first difference decides, compares numbers."""
    a, b, d, e = z3.Ints("a b d e")
    digits = [a >= 0, b >= 0, d >= 0, d <= 9, e >= 0, e <= 9]
    by_text = disj(a < b, conj(a == b, d <= e))
    yield follows("decimals: a digit more", digits, (10 * a + d <= 10 * b + e) == by_text)


def claims():
    yield from attenuation()
    yield from necessity()
    yield from labels()
    yield from decimals()
