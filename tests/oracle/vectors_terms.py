"""Vectors of writ_terms: each member over the links of a chain, as DESIGN section 2 fixes it.

What is expected is written here by hand; making the file proves that the second verifier says so.
"""

from forge import Raw, cnf, new_forge, seed

TOOLS = {
    "read_file": {},
    "send_email": {},
    "pay": {"amount": {"constraint_type": "range", "max": 90}},
}
HIGH = {
    "confidentiality": "confidential",
    "integrity": "untrusted",
    "categories": ["health", "pii"],
}
TRUSTED = {"confidentiality": "internal", "integrity": "trusted"}
RULE = {"tools": ["send_email"], "approvers": ["finance"], "quorum": 2}
OTHER = {"tools": ["pay"], "approvers": ["finance", "legal"], "quorum": 1}
CALLS = {"unit": "calls", "limit": "20"}
MONEY = {"unit": "usd", "tool": "pay", "argument": "amount", "limit": "100.00", "per_call": "50.00"}


def clearance(base=HIGH, **edits):
    return {"clearance": base | edits}


def approval(*rules):
    return {"approval": list(rules)}


def budget(*accounts):
    return {"budget": list(accounts)}


# What is expected: None, or (step, outcome, hop).
PERMIT = None


def malformed(hop):
    return ("", "malformed", hop)


def narrower(hop):
    return ("", "not_narrower", hop)


def barred(hop):
    return ("6b", "scope_not_granted", hop)


def altered(hop):
    return ("", "principal_altered", hop)


# (title, the terms of each link (None: no writ_terms), what is expected).
FOLD = [
    ("no terms at all", [None, None, None], PERMIT),
    ("an empty writ_terms", [{}, {}, {}], PERMIT),
    # clearance
    ("the clearance of the parent", [clearance()] * 3, PERMIT),
    ("a child without clearance reads what is public", [clearance(), {}, {}], PERMIT),
    ("what a child left out does not come back", [clearance(), {}, clearance()], narrower(2)),
    (
        "confidentiality is raised",
        [clearance(), clearance(confidentiality="restricted")],
        narrower(1),
    ),
    ("confidentiality is lowered", [clearance(), clearance(confidentiality="internal")], PERMIT),
    (
        "integrity is loosened to untrusted",
        [clearance(TRUSTED), clearance(TRUSTED, integrity="untrusted")],
        narrower(1),
    ),
    ("integrity is tightened to trusted", [clearance(), clearance(integrity="trusted")], PERMIT),
    (
        "left out under trusted, integrity stays trusted",
        [clearance(TRUSTED), {}, {"clearance": {"integrity": "untrusted"}}],
        narrower(2),
    ),
    (
        "an empty clearance under trusted is untrusted",
        [clearance(TRUSTED), {"clearance": {}}],
        narrower(1),
    ),
    ("a category is added", [clearance(), clearance(categories=["law", "pii"])], narrower(1)),
    ("a category is dropped", [clearance(), clearance(categories=["pii"])], PERMIT),
    ("categories are a set", [clearance(), clearance(categories=["pii", "health", "pii"])], PERMIT),
    (
        "any clearance under a root that says none",
        [{}, {"clearance": {"confidentiality": "internal"}}],
        narrower(1),
    ),
    ("an unknown level", [{"clearance": {"confidentiality": "secret"}}], malformed(0)),
    ("an unknown member of clearance", [{}, {"clearance": {"level": "public"}}], malformed(1)),
    ("categories are no list", [{"clearance": {"categories": "pii"}}], malformed(0)),
    ("clearance is null", [{}, {"clearance": None}], malformed(1)),
    # approval
    ("a rule is kept", [approval(RULE)] * 2, PERMIT),
    ("a rule is left out with the member", [approval(RULE), {}, approval(RULE)], PERMIT),
    ("a rule is dropped", [approval(RULE, OTHER), approval(OTHER)], narrower(1)),
    ("a rule is added", [approval(RULE), approval(OTHER, RULE)], PERMIT),
    ("all rules are dropped", [approval(RULE), approval()], narrower(1)),
    ("what a grandparent asked stays", [approval(RULE), {}, approval(OTHER)], narrower(2)),
    (
        "a stricter rule is another rule",
        [approval(RULE), approval(RULE | {"quorum": 3})],
        narrower(1),
    ),
    (
        "members in another order are the same rule",
        [approval(RULE), approval(dict(reversed(RULE.items())))],
        PERMIT,
    ),
    (
        "approvers in another order are another rule",
        [approval(OTHER), approval(OTHER | {"approvers": ["legal", "finance"]})],
        narrower(1),
    ),
    ("quorum 0", [approval(RULE | {"quorum": 0})], malformed(0)),
    ("quorum with an exponent", [approval(RULE | {"quorum": Raw("2e0")})], malformed(0)),
    ("a rule without approvers", [approval({"tools": ["pay"], "quorum": 1})], malformed(0)),
    ("an unknown member of a rule", [approval(RULE | {"note": "x"})], malformed(0)),
    # call_only
    ("call_only in the leaf may be called", [{}, {"call_only": ["read_file"]}], PERMIT),
    ("no child has a tool that is call_only", [{"call_only": ["pay"]}, {}], narrower(1)),
    ("nor a grandchild", [{}, {"call_only": ["pay"]}, {}], narrower(2)),
    ("call_only of a tool that nobody has", [{"call_only": ["none"]}, {}], PERMIT),
    ("call_only is no list of texts", [{"call_only": [5]}], malformed(0)),
    ("call_only with an empty name", [{"call_only": [""]}], malformed(0)),
    # pass_only
    ("pass_only in the leaf", [{}, {"pass_only": ["read_file"]}], barred(1)),
    ("pass_only above another agent and key", [{"pass_only": ["read_file"]}, {}], PERMIT),
    ("pass_only of another tool", [{"pass_only": ["pay"]}], PERMIT),
    ("pass_only is null", [{"pass_only": None}], malformed(0)),
    # budget
    ("a budget is kept", [budget(CALLS, MONEY)] * 2, PERMIT),
    ("a budget is left out", [budget(CALLS), {}, budget(CALLS)], PERMIT),
    ("a limit is raised", [budget(CALLS), budget(CALLS | {"limit": "21"})], narrower(1)),
    ("a limit is lowered", [budget(CALLS), budget(CALLS | {"limit": "19"})], PERMIT),
    ("equal limits in two spellings", [budget(MONEY), budget(MONEY | {"limit": "100.0"})], PERMIT),
    (
        "a limit is raised in the ninth decimal",
        [budget(MONEY), budget(MONEY | {"limit": "100.000000001"})],
        narrower(1),
    ),
    (
        "left out between, a limit still binds",
        [budget(CALLS), {}, budget(CALLS | {"limit": "21"})],
        narrower(2),
    ),
    ("per_call is raised", [budget(MONEY), budget(MONEY | {"per_call": "50.01"})], narrower(1)),
    (
        "per_call left out stays",
        [
            budget(MONEY),
            budget({n: MONEY[n] for n in MONEY if n != "per_call"}),
            budget(MONEY | {"per_call": "51"}),
        ],
        narrower(2),
    ),
    ("per_call is added", [budget(CALLS), budget(CALLS | {"per_call": "1"})], PERMIT),
    (
        "another tool is another account",
        [budget(MONEY), budget(MONEY | {"tool": "read_file", "limit": "999"})],
        PERMIT,
    ),
    ("two entries of one account", [budget(CALLS, CALLS | {"limit": "1"})], malformed(0)),
    ("calls with an argument", [budget(CALLS | {"argument": "amount"})], malformed(0)),
    ("a limit that is a number", [budget(CALLS | {"limit": 20})], malformed(0)),
    ("a limit with an exponent", [budget(CALLS | {"limit": "2e1"})], malformed(0)),
    ("a limit with a leading zero", [budget(CALLS | {"limit": "020"})], malformed(0)),
    ("a negative limit", [budget(CALLS | {"limit": "-1"})], malformed(0)),
    # the entry
    ("an unknown term", [{}, {"scope": "all"}], malformed(1)),
]


def base(terms):
    """A chain of so many links with these terms, that calls read_file."""
    forge = new_forge("aat-02+writ", [TOOLS] * len(terms), "read_file", {"path": "/a"})
    for hop, stated in enumerate(terms):
        if stated is not None:
            forge.terms(hop).update(stated)
    return forge


def second_entry(forge):
    forge.links[1].claims["authorization_details"].append({"type": "writ_terms"})


def same_agent(forge):
    forge.links[2].claims["client_id"] = forge.links[0].claims["client_id"]


def same_key(forge):
    forge.links[2].claims["cnf"] = cnf(seed(1))
    forge.proof.signer = seed(1)


def with_claim(hop, name, value):
    def change(forge):
        if value is None:
            del forge.links[hop].claims[name]
        else:
            forge.links[hop].claims[name] = value

    return change


def strict(forge):
    forge.profile = "aat-02"


PASSED_ON = [{"pass_only": ["read_file"]}, {}, {}]
# (title, terms, change, what is expected).
OTHERS = [
    ("a second writ_terms", [{}, {}, {}], second_entry, malformed(1)),
    ("pass_only: the agent again below", PASSED_ON, same_agent, barred(2)),
    ("pass_only: the key again below", PASSED_ON, same_key, barred(2)),
    ("no txn in a child", [{}, {}], with_claim(1, "txn", None), altered(1)),
    ("no txn in the root", [{}, {}], with_claim(0, "txn", None), altered(0)),
    ("another txn", [{}, {}], with_claim(1, "txn", "task-2"), altered(1)),
    ("an empty sub", [{}, {}], with_claim(0, "sub", ""), altered(0)),
    ("another sub", [{}, {}, {}], with_claim(2, "sub", "user:mallory"), altered(2)),
    ("sub in another case", [{}, {}], with_claim(1, "sub", "USER:emma"), altered(1)),
    ("sub is no text", [{}, {}], with_claim(1, "sub", 5), altered(1)),
    ("no client_id", [{}, {}], with_claim(1, "client_id", None), malformed(1)),
    ("another client_id is another agent", [{}, {}], with_claim(1, "client_id", "x"), PERMIT),
    (
        "the strict profile ignores terms",
        [{"scope": 5}, {"pass_only": ["read_file"]}],
        strict,
        PERMIT,
    ),
    (
        "the strict profile ignores txn",
        [{}, {}],
        lambda f: (strict(f), with_claim(1, "txn", "x")(f)),
        PERMIT,
    ),
]


def vectors():
    """(id, title, why, Forge, expected)."""
    why = "DESIGN section 2, the table of writ_terms"
    for n, (title, terms, expected) in enumerate(FOLD, 1):
        yield f"T.{n}", title, why, base(terms), expected
    for n, (title, terms, change, expected) in enumerate(OTHERS, len(FOLD) + 1):
        forge = base(terms)
        change(forge)
        yield f"T.{n}", title, "DESIGN section 2", forge, expected
