"""writ_terms (DESIGN section 2): the fold over the links of a chain, and what its result permits.

Sets are predicates here, and an account of a budget is named by its key (unit, tool, argument).
As in rules.py the same text is a formula, or the answer for one instance.
"""

from dataclasses import dataclass
from typing import Any

from logic import choose, conj, disj, implies, neg

PUBLIC, UNTRUSTED = 0, 1


@dataclass
class Label:
    confidentiality: Any  # public 0, internal 1, confidential 2, restricted 3
    integrity: Any  # trusted 0, untrusted 1
    categories: Any

    def within(self, other, domain):
        return conj(
            self.confidentiality <= other.confidentiality,
            self.integrity <= other.integrity,
            domain.categories.every(lambda x: implies(self.categories(x), other.categories(x))),
        )


@dataclass
class Account:
    exists: Any
    limit: Any
    has_per_call: Any
    per_call: Any


@dataclass
class Terms:
    """What one link says."""

    has_clearance: Any
    clearance: Label
    has_approval: Any
    approval: Any  # rule -> truth
    call_only: Any  # tool -> truth; what is absent is empty
    pass_only: Any  # tool -> truth
    account: Any  # key -> Account


@dataclass
class Link:
    agent: Any
    key: Any
    has_tool: Any  # tool -> truth


@dataclass
class Effective:
    """What holds at a link."""

    clearance: Label
    approval: Any
    call_only: Any
    barred: Any  # agent, key, tool -> truth
    account: Any


@dataclass
class Domain:
    """Everything that there can be of each."""

    categories: Any
    rules: Any
    tools: Any
    agents: Any
    keys: Any
    accounts: Any
    names: Any  # rule, tool -> truth


def narrowing(domain, parent, terms, link):
    """What a link may not loosen."""

    def both(k):
        return conj(parent.account(k).exists, terms.account(k).exists)

    def bounded(k):
        ours, theirs = terms.account(k), parent.account(k)
        return implies(
            conj(both(k), ours.has_per_call, theirs.has_per_call),
            ours.per_call <= theirs.per_call,
        )

    return {
        "clearance: at most the parent's": implies(
            terms.has_clearance, terms.clearance.within(parent.clearance, domain)
        ),
        "approval: keeps every rule": implies(
            terms.has_approval,
            domain.rules.every(lambda r: implies(parent.approval(r), terms.approval(r))),
        ),
        "call_only: no child has the tool": domain.tools.every(
            lambda t: implies(parent.call_only(t), neg(link.has_tool(t)))
        ),
        "budget: limit at most the parent's": domain.accounts.every(
            lambda k: implies(both(k), terms.account(k).limit <= parent.account(k).limit)
        ),
        "budget: per_call at most the parent's": domain.accounts.every(bounded),
    }


def fold(parent, terms, link):
    """eff(child) = eff(parent) ∧ terms(child)"""
    said, above = terms.clearance, parent.clearance
    untrusted = choose(above.integrity < UNTRUSTED, above.integrity, UNTRUSTED)

    def account(k):
        ours, theirs = terms.account(k), parent.account(k)
        own = conj(ours.exists, ours.has_per_call)
        return Account(
            disj(ours.exists, theirs.exists),
            choose(ours.exists, ours.limit, theirs.limit),
            disj(own, conj(theirs.exists, theirs.has_per_call)),
            choose(own, ours.per_call, theirs.per_call),
        )

    return Effective(
        Label(
            choose(terms.has_clearance, said.confidentiality, PUBLIC),
            choose(terms.has_clearance, said.integrity, untrusted),
            lambda x: conj(terms.has_clearance, said.categories(x)),
        ),
        lambda r: choose(terms.has_approval, terms.approval(r), parent.approval(r)),
        lambda t: disj(parent.call_only(t), terms.call_only(t)),
        lambda a, k, t: disj(
            parent.barred(a, k, t), conj(terms.pass_only(t), a == link.agent, k == link.key)
        ),
        account,
    )


# ---- What the effective terms permit -------------------------------------------------------------


def may_read(domain, effective, label):
    return label.within(effective.clearance, domain)


def is_approved(domain, effective, tool, fulfilled):
    return domain.rules.every(
        lambda r: implies(conj(effective.approval(r), domain.names(r, tool)), fulfilled(r))
    )


def may_call(domain, effective, tool, agent, key):
    """No bar names this agent, nor this key."""
    by_key = domain.keys.every(lambda k: neg(effective.barred(agent, k, tool)))
    return conj(by_key, domain.agents.every(lambda a: neg(effective.barred(a, key, tool))))


def is_affordable(domain, effective, charge):
    def fits(k):
        account = effective.account(k)
        within = charge(k) <= account.limit
        return implies(
            account.exists,
            conj(within, implies(account.has_per_call, charge(k) <= account.per_call)),
        )

    return domain.accounts.every(fits)
