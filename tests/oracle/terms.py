"""Our claims under profile aat-02+writ (DESIGN section 2): txn, sub, client_id and writ_terms.

Effective terms are a fold over the links: eff(child) = eff(parent) and terms(child).
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from jcs import canonical
from jose import sha256
from limits import DIGEST_OVER, QUORUM_MAX, TERMS_MAX
from refused import ensure
from strict_json import Number

CONFIDENTIALITY = ("public", "internal", "confidential", "restricted")
INTEGRITY = ("trusted", "untrusted")


_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,19})(\.[0-9]{1,9})?")


def _formed(condition, says):
    ensure(condition, "", says, outcome="malformed")


def _names(value, says):
    """An array of texts, none empty."""
    _formed(isinstance(value, list) and len(value) <= TERMS_MAX, says)
    _formed(all(isinstance(name, str) and name for name in value), says)
    return frozenset(value)


def _amount(value, says):
    _formed(isinstance(value, str) and _DECIMAL.fullmatch(value), says)
    return Decimal(value)


# ---- Members ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clearance:
    """The highest label that the holder may read."""

    confidentiality: int = 0
    integrity: int = 1
    categories: frozenset = frozenset()

    def within(self, other):
        return (
            self.confidentiality <= other.confidentiality
            and self.integrity <= other.integrity
            and self.categories <= other.categories
        )

    def meet(self, other):
        return Clearance(
            min(self.confidentiality, other.confidentiality),
            min(self.integrity, other.integrity),
            self.categories & other.categories,
        )


def _clearance(value):
    _formed(isinstance(value, dict), "clearance")
    _formed(value.keys() <= {"confidentiality", "integrity", "categories"}, "clearance")
    confidentiality = value.get("confidentiality", "public")
    integrity = value.get("integrity", "untrusted")
    _formed(confidentiality in CONFIDENTIALITY and integrity in INTEGRITY, "clearance")
    return Clearance(
        CONFIDENTIALITY.index(confidentiality),
        INTEGRITY.index(integrity),
        _names(value.get("categories", []), "categories"),
    )


def _rule(value):
    """An approval rule as its canonical text: equality is that of RFC 8785."""
    _formed(isinstance(value, dict), "approval")
    _formed(value.keys() == {"tools", "approvers", "quorum"}, "approval")
    quorum = value["quorum"].integer() if isinstance(value["quorum"], Number) else None
    _formed(quorum is not None and 0 < quorum <= QUORUM_MAX, "quorum")
    _names(value["tools"], "tools")
    _names(value["approvers"], "approvers")
    return canonical(value)


def _approval(value):
    _formed(isinstance(value, list) and len(value) <= TERMS_MAX, "approval")
    return frozenset(map(_rule, value))


def _account(value):
    """((unit, tool, argument), (limit, per_call)) of one entry of a budget."""
    _formed(isinstance(value, dict), "budget")
    _formed(value.keys() <= {"unit", "tool", "argument", "limit", "per_call"}, "budget")
    key = []
    for name in ("unit", "tool", "argument"):
        text = value.get(name, "")
        _formed(isinstance(text, str) and (text or name not in value), name)
        key.append(text)
    _formed(key[0], "unit")
    _formed(key[0] != "calls" or "argument" not in value, "a call counts as one")
    limit = _amount(value.get("limit"), "limit")
    per_call = _amount(value["per_call"], "per_call") if "per_call" in value else None
    return tuple(key), (limit, per_call)


def _budget(value):
    _formed(isinstance(value, list) and len(value) <= TERMS_MAX, "budget")
    accounts = dict(map(_account, value))
    _formed(len(accounts) == len(value), "two accounts of one unit")
    return accounts


READERS = {
    "clearance": _clearance,
    "approval": _approval,
    "call_only": lambda value: _names(value, "call_only"),
    "pass_only": lambda value: _names(value, "pass_only"),
    "budget": _budget,
}


def read_terms(details):
    """The members of a link's only writ_terms entry, or none."""
    entries = [e for e in details if isinstance(e, dict) and e.get("type") == "writ_terms"]
    _formed(len(entries) <= 1, "a second writ_terms")
    members = dict(entries[0]) if entries else {}
    members.pop("type", None)
    _formed(members.keys() <= READERS.keys(), "an unknown term")
    return {name: READERS[name](value) for name, value in members.items()}


# ---- Fold ---------------------------------------------------------------------------------------


@dataclass
class Effective:
    """What the links so far say together."""

    clearance: Clearance = None
    approval: frozenset = frozenset()
    call_only: frozenset = frozenset()
    budget: dict = field(default_factory=dict)
    # (agent, key, tool) of each pass_only so far.
    pass_only: set = field(default_factory=set)


def _narrows(condition, says):
    ensure(condition, "", says, outcome="not_narrower")


def _fold_clearance(effective, terms, is_root):
    stated = terms.get("clearance", Clearance())
    if is_root:
        effective.clearance = stated
        return
    if "clearance" in terms:
        _narrows(stated.within(effective.clearance), "clearance")
    effective.clearance = effective.clearance.meet(stated)


def _fold_budget(effective, accounts):
    for key, (limit, per_call) in accounts.items():
        if key in effective.budget:
            above, above_call = effective.budget[key]
            _narrows(limit <= above, "limit")
            if above_call is not None:
                _narrows(per_call is None or per_call <= above_call, "per_call")
                per_call = above_call if per_call is None else per_call
        effective.budget[key] = (limit, per_call)


def fold(effective, terms, tools, agent, key, is_root):
    """eff(child) from eff(parent); `tools` are the names that the child has."""
    _fold_clearance(effective, terms, is_root)
    if "approval" in terms:
        _narrows(effective.approval <= terms["approval"], "approval")
        effective.approval |= terms["approval"]
    _narrows(not effective.call_only & set(tools), "call_only")
    effective.call_only |= terms.get("call_only", frozenset())
    _fold_budget(effective, terms.get("budget", {}))
    barred = {(agent, key, tool) for tool in terms.get("pass_only", ())}
    effective.pass_only |= barred
    sizes = map(len, (effective.call_only, effective.pass_only, effective.budget))
    _formed(max(sizes) <= TERMS_MAX, "too many terms")


def may_call(effective, agent, key, tool):
    """Whether no pass_only binds the leaf, by its agent or by its key."""
    return not any(
        bound == tool and (agent == bound_agent or key == bound_key)
        for bound_agent, bound_key, bound in effective.pass_only
    )


def check_identity(claims, root):
    """txn and sub are the root's; each link names its agent."""
    for name in ("txn", "sub"):
        value = claims.get(name)
        named = isinstance(value, str) and value
        ensure(named, "", f"no {name}", outcome="principal_altered")
        ensure(value == root[name], "", f"another {name}", outcome="principal_altered")
    agent = claims.get("client_id")
    _formed(isinstance(agent, str) and agent, "client_id")
    return agent


def proof_stands_for(arguments, proved):
    """Step 7f of our profile: a value above 4 KiB may stand in the proof as its digest."""

    def stands(value, shown):
        text = canonical(value).encode()
        if len(text) > DIGEST_OVER and shown == {"writ_sha256": sha256(text)}:
            return True
        return canonical(shown).encode() == text

    return arguments.keys() == proved.keys() and all(
        stands(arguments[name], proved[name]) for name in arguments
    )
