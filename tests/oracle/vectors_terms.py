"""Vectors of writ_terms: each member over the links of a chain, as DESIGN section 2 fixes it.

What is expected is written here by hand; making the file proves that the second verifier says so.
"""

from forge import Raw, cnf, new_forge, seed

TOOLS = {"read_file": {}, "send_email": {}, "pay": {"amount": {"constraint_type": "range", "max": 90}}}
HIGH = {"confidentiality": "confidential", "integrity": "untrusted", "categories": ["health", "pii"]}
TRUSTED = {"confidentiality": "internal", "integrity": "trusted"}
RULE = {"tools": ["send_email"], "approvers": ["finance"], "quorum": 2}
OTHER = {"tools": ["pay"], "approvers": ["finance", "legal"], "quorum": 1}
CALLS = {"unit": "calls", "limit": "20"}
MONEY = {"unit": "usd", "tool": "pay", "argument": "amount", "limit": "100.00", "per_call": "50.00"}

PERMIT = None
MALFORMED = ("", "malformed")
NARROWER = ("", "not_narrower")
BARRED = ("6b", "scope_not_granted")
ALTERED = ("", "principal_altered")

# (title, the terms of each link (None: no writ_terms), what is expected, at which hop).
FOLD = [
    ("no terms at all", [None, None, None], PERMIT, None),
    ("an empty writ_terms", [{}, {}, {}], PERMIT, None),
    # clearance
    ("the clearance of the parent", [{"clearance": HIGH}] * 3, PERMIT, None),
    ("a child without clearance reads what is public", [{"clearance": HIGH}, {}, {}], PERMIT, None),
    ("what a child left out does not come back", [{"clearance": HIGH}, {}, {"clearance": HIGH}],
     NARROWER, 2),
    ("confidentiality is raised", [{"clearance": HIGH},
     {"clearance": HIGH | {"confidentiality": "restricted"}}], NARROWER, 1),
    ("confidentiality is lowered", [{"clearance": HIGH},
     {"clearance": HIGH | {"confidentiality": "internal"}}], PERMIT, None),
    ("integrity is loosened to untrusted", [{"clearance": TRUSTED},
     {"clearance": TRUSTED | {"integrity": "untrusted"}}], NARROWER, 1),
    ("integrity is tightened to trusted", [{"clearance": HIGH},
     {"clearance": HIGH | {"integrity": "trusted"}}], PERMIT, None),
    ("left out under trusted, integrity stays trusted", [{"clearance": TRUSTED}, {},
     {"clearance": {"integrity": "untrusted"}}], NARROWER, 2),
    ("an empty clearance under trusted is untrusted", [{"clearance": TRUSTED}, {"clearance": {}}],
     NARROWER, 1),
    ("a category is added", [{"clearance": HIGH}, {"clearance": HIGH | {"categories": ["law", "pii"]}}],
     NARROWER, 1),
    ("a category is dropped", [{"clearance": HIGH}, {"clearance": HIGH | {"categories": ["pii"]}}],
     PERMIT, None),
    ("categories are a set", [{"clearance": HIGH},
     {"clearance": HIGH | {"categories": ["pii", "health", "pii"]}}], PERMIT, None),
    ("any clearance under a root that says none", [{}, {"clearance": {"confidentiality": "internal"}}],
     NARROWER, 1),
    ("an unknown level", [{"clearance": {"confidentiality": "secret"}}], MALFORMED, 0),
    ("an unknown member of clearance", [{}, {"clearance": {"level": "public"}}], MALFORMED, 1),
    ("categories are no list", [{"clearance": {"categories": "pii"}}], MALFORMED, 0),
    ("clearance is null", [{}, {"clearance": None}], MALFORMED, 1),
    # approval
    ("a rule is kept", [{"approval": [RULE]}] * 2, PERMIT, None),
    ("a rule is left out with the member", [{"approval": [RULE]}, {}, {"approval": [RULE]}], PERMIT,
     None),
    ("a rule is dropped", [{"approval": [RULE, OTHER]}, {"approval": [OTHER]}], NARROWER, 1),
    ("a rule is added", [{"approval": [RULE]}, {"approval": [OTHER, RULE]}], PERMIT, None),
    ("all rules are dropped", [{"approval": [RULE]}, {"approval": []}], NARROWER, 1),
    ("what a grandparent asked stays", [{"approval": [RULE]}, {}, {"approval": [OTHER]}], NARROWER, 2),
    ("a stricter rule is another rule", [{"approval": [RULE]}, {"approval": [RULE | {"quorum": 3}]}],
     NARROWER, 1),
    ("members in another order are the same rule", [{"approval": [RULE]},
     {"approval": [dict(reversed(RULE.items()))]}], PERMIT, None),
    ("approvers in another order are another rule", [{"approval": [OTHER]},
     {"approval": [OTHER | {"approvers": ["legal", "finance"]}]}], NARROWER, 1),
    ("quorum 0", [{"approval": [RULE | {"quorum": 0}]}], MALFORMED, 0),
    ("quorum with an exponent", [{"approval": [RULE | {"quorum": Raw("2e0")}]}], MALFORMED, 0),
    ("a rule without approvers", [{"approval": [{"tools": ["pay"], "quorum": 1}]}], MALFORMED, 0),
    ("an unknown member of a rule", [{"approval": [RULE | {"note": "x"}]}], MALFORMED, 0),
    # call_only
    ("call_only in the leaf may be called", [{}, {"call_only": ["read_file"]}], PERMIT, None),
    ("no child has a tool that is call_only", [{"call_only": ["pay"]}, {}], NARROWER, 1),
    ("nor a grandchild", [{}, {"call_only": ["pay"]}, {}], NARROWER, 2),
    ("call_only of a tool that nobody has", [{"call_only": ["none"]}, {}], PERMIT, None),
    ("call_only is no list of texts", [{"call_only": [5]}], MALFORMED, 0),
    ("call_only with an empty name", [{"call_only": [""]}], MALFORMED, 0),
    # pass_only
    ("pass_only in the leaf", [{}, {"pass_only": ["read_file"]}], BARRED, 1),
    ("pass_only above another agent and key", [{"pass_only": ["read_file"]}, {}], PERMIT, None),
    ("pass_only of another tool", [{"pass_only": ["pay"]}], PERMIT, None),
    ("pass_only is null", [{"pass_only": None}], MALFORMED, 0),
    # budget
    ("a budget is kept", [{"budget": [CALLS, MONEY]}] * 2, PERMIT, None),
    ("a budget is left out", [{"budget": [CALLS]}, {}, {"budget": [CALLS]}], PERMIT, None),
    ("a limit is raised", [{"budget": [CALLS]}, {"budget": [CALLS | {"limit": "21"}]}], NARROWER, 1),
    ("a limit is lowered", [{"budget": [CALLS]}, {"budget": [CALLS | {"limit": "19"}]}], PERMIT, None),
    ("equal limits in two spellings", [{"budget": [MONEY]}, {"budget": [MONEY | {"limit": "100.0"}]}],
     PERMIT, None),
    ("a limit is raised in the ninth decimal", [{"budget": [MONEY]},
     {"budget": [MONEY | {"limit": "100.000000001"}]}], NARROWER, 1),
    ("left out between, a limit still binds", [{"budget": [CALLS]}, {},
     {"budget": [CALLS | {"limit": "21"}]}], NARROWER, 2),
    ("per_call is raised", [{"budget": [MONEY]}, {"budget": [MONEY | {"per_call": "50.01"}]}],
     NARROWER, 1),
    ("per_call left out stays", [{"budget": [MONEY]},
     {"budget": [{n: MONEY[n] for n in MONEY if n != "per_call"}]}, {"budget": [MONEY | {"per_call": "51"}]}],
     NARROWER, 2),
    ("per_call is added", [{"budget": [CALLS]}, {"budget": [CALLS | {"per_call": "1"}]}], PERMIT, None),
    ("another tool is another account", [{"budget": [MONEY]},
     {"budget": [MONEY | {"tool": "read_file", "limit": "999"}]}], PERMIT, None),
    ("two entries of one account", [{"budget": [CALLS, CALLS | {"limit": "1"}]}], MALFORMED, 0),
    ("calls with an argument", [{"budget": [CALLS | {"argument": "amount"}]}], MALFORMED, 0),
    ("a limit that is a number", [{"budget": [CALLS | {"limit": 20}]}], MALFORMED, 0),
    ("a limit with an exponent", [{"budget": [CALLS | {"limit": "2e1"}]}], MALFORMED, 0),
    ("a limit with a leading zero", [{"budget": [CALLS | {"limit": "020"}]}], MALFORMED, 0),
    ("a negative limit", [{"budget": [CALLS | {"limit": "-1"}]}], MALFORMED, 0),
    # the entry
    ("an unknown term", [{}, {"scope": "all"}], MALFORMED, 1),
]  # fmt: skip


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


def altered(hop, name, value):
    def change(forge):
        if value is None:
            del forge.links[hop].claims[name]
        else:
            forge.links[hop].claims[name] = value

    return change


def strict(forge):
    forge.profile = "aat-02"


PASSED_ON = [{"pass_only": ["read_file"]}, {}, {}]
# (title, terms, change, expected, hop).
OTHERS = [
    ("a second writ_terms", [{}, {}, {}], second_entry, MALFORMED, 1),
    ("pass_only: the agent again below", PASSED_ON, same_agent, BARRED, 2),
    ("pass_only: the key again below", PASSED_ON, same_key, BARRED, 2),
    ("no txn in a child", [{}, {}], altered(1, "txn", None), ALTERED, 1),
    ("no txn in the root", [{}, {}], altered(0, "txn", None), ALTERED, 0),
    ("another txn", [{}, {}], altered(1, "txn", "task-2"), ALTERED, 1),
    ("an empty sub", [{}, {}], altered(0, "sub", ""), ALTERED, 0),
    ("another sub", [{}, {}, {}], altered(2, "sub", "user:mallory"), ALTERED, 2),
    ("sub in another case", [{}, {}], altered(1, "sub", "USER:emma"), ALTERED, 1),
    ("sub is no text", [{}, {}], altered(1, "sub", 5), ALTERED, 1),
    ("no client_id", [{}, {}], altered(1, "client_id", None), MALFORMED, 1),
    ("another client_id is another agent", [{}, {}], altered(1, "client_id", "x"), PERMIT, None),
    ("the strict profile ignores terms", [{"scope": 5}, {"pass_only": ["read_file"]}], strict, PERMIT,
     None),
    ("the strict profile ignores txn", [{}, {}], lambda f: (strict(f), altered(1, "txn", "x")(f)),
     PERMIT, None),
]  # fmt: skip


def vectors():
    """(id, title, why, Forge, expected, hop)."""
    why = "DESIGN section 2, the table of writ_terms"
    for n, (title, terms, expected, hop) in enumerate(FOLD, 1):
        yield f"T.{n}", title, why, base(terms), expected, hop
    for n, (title, terms, change, expected, hop) in enumerate(OTHERS, len(FOLD) + 1):
        forge = base(terms)
        change(forge)
        yield f"T.{n}", title, "DESIGN section 2", forge, expected, hop
