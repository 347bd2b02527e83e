"""Mutations of what only aat-02+writ knows: the task, the terms, paths, and names under "*"."""

import copy

import jose
from forge import Raw, cnf, seed
from kinds import REMOVED, hop_of, kind, put, walk
from kinds_constraints import extended, replace

TEXTS = ["task-2", "", " ", None, 5, [], {}, REMOVED, "TASK-1", "user:emma", "task-1", "\u00e4"]


@kind(weight=2, ours=True)
def task_and_principal(forge, rng, n):
    name, value = walk(n, ["txn", "sub", "client_id"], TEXTS)
    hops = [hop_of(forge, rng)] if rng.random() < 0.7 else range(len(forge.links))
    for hop in hops:
        put(forge.links[hop].claims, name, value)


CLEARANCES = [
    {"confidentiality": c, "integrity": i, "categories": k}
    for c in ("public", "internal", "restricted")
    for i in ("trusted", "untrusted")
    for k in ([], ["pii"], ["pii", "health"])
]
CLEARANCES += [{}, {"confidentiality": "confidential"}, {"integrity": "trusted"}]
CLEARANCES += [{"categories": ["pii", "pii"]}, {"categories": ["health"]}]
RULE = {"tools": ["send_email"], "approvers": ["finance"], "quorum": 2}
APPROVALS = [
    [],
    [RULE],
    [RULE, RULE],
    [RULE, RULE | {"quorum": 3}],
    [RULE | {"quorum": 1}],
    [RULE | {"approvers": ["finance", "legal"]}],
    [RULE | {"approvers": ["legal", "finance"]}, RULE],
    [dict(reversed(RULE.items()))],
    [RULE | {"quorum": Raw("2.0")}],
    [RULE | {"tools": []}],
]
NAMES = [[], ["read_file"], ["send_email"], ["read_file", "send_email"], ["none"], ["t"]]
ACCOUNT = {"unit": "calls", "limit": "20"}
MONEY = {"unit": "usd", "tool": "pay", "argument": "amount", "limit": "100.00", "per_call": "50.00"}
BUDGETS = [
    [],
    [ACCOUNT],
    [ACCOUNT | {"limit": "20.0"}],
    [ACCOUNT | {"limit": "21"}],
    [ACCOUNT | {"limit": "9"}],
    [ACCOUNT | {"limit": "0"}, MONEY],
    [MONEY],
    [MONEY | {"limit": "100.01"}],
    [MONEY | {"limit": "99.999999999"}],
    [MONEY | {"per_call": "50.000000001"}],
    [{name: MONEY[name] for name in MONEY if name != "per_call"}],
    [MONEY | {"tool": "send_email"}],
    [MONEY, {name: MONEY[name] for name in MONEY if name != "tool"}],
    [MONEY | {"limit": "99999999999999999999.999999999"}],
]
MEMBERS = {
    "clearance": CLEARANCES,
    "approval": APPROVALS,
    "call_only": NAMES,
    "pass_only": NAMES,
    "budget": BUDGETS,
}


@kind(weight=4, ours=True)
def terms_over_links(forge, rng, n):
    """One member in some links, each time another value: the fold."""
    name = walk(n, list(MEMBERS))
    values = MEMBERS[name]
    value = copy.deepcopy(rng.choice(values))
    for hop in range(len(forge.links)):
        if rng.random() < 0.3:
            value = copy.deepcopy(rng.choice(values))
        if rng.random() < 0.7:
            forge.terms(hop)[name] = copy.deepcopy(value)
    if rng.random() < 0.2:
        other = rng.choice(list(MEMBERS))
        forge.terms(hop_of(forge, rng))[other] = copy.deepcopy(rng.choice(MEMBERS[other]))


@kind(weight=2, ours=True)
def tools_by_position(forge, rng, n):
    """call_only and pass_only for the tool that is called or passed on, in any link."""
    hop = hop_of(forge, rng)
    forge.terms(hop)[walk(n, ["call_only", "pass_only"])] = [forge.tool]
    again = hop_of(forge, rng)
    if n % 3 == 1:
        forge.links[again].claims["client_id"] = forge.links[hop].claims.get("client_id", "a")
    elif n % 3 == 2:
        # The same key below: its links are signed by it too.
        forge.links[-1].claims["cnf"] = cnf(seed(hop + 1))
        forge.proof.signer = seed(hop + 1)


MISTYPED = {
    "clearance": [None, [], "public", {"confidentiality": "secret"}, {"integrity": 5},
                  {"confidentiality": None}, {"categories": "pii"}, {"categories": [""]},
                  {"categories": [5]}, {"level": "public"}, {"confidentiality": "Public"},
                  {"categories": None}, {"categories": ["x"] * 257}, {"categories": ["x"] * 256}],
    "approval": [None, {}, RULE, [5], [{}], [RULE | {"quorum": 0}], [RULE | {"quorum": "2"}],
                 [RULE | {"quorum": Raw("2.5")}], [RULE | {"quorum": Raw("2e0")}],
                 [RULE | {"x": 1}], [RULE | {"quorum": 1000000000}], [RULE | {"quorum": 999999999}],
                 [RULE | {"tools": "x"}], [RULE | {"approvers": [""]}], [RULE | {"approvers": []}],
                 [{"tools": ["x"], "quorum": 1}], [RULE] * 256, [RULE] * 257],
    "call_only": [None, {}, "x", [5], [""], [["x"]], ["x", "x"], ["x"] * 256, ["x"] * 257],
    "pass_only": [None, {}, "x", [5], [""], ["x", "x"], [f"t{i}" for i in range(256)],
                  [f"t{i}" for i in range(257)]],
    "budget": [None, {}, ACCOUNT, [5], [{}], [{"unit": "calls"}], [{"limit": "1"}],
               [ACCOUNT, ACCOUNT], [ACCOUNT | {"argument": "a"}], [ACCOUNT | {"limit": 20}],
               [ACCOUNT | {"unit": ""}], [ACCOUNT | {"tool": ""}], [ACCOUNT | {"tool": None}],
               [ACCOUNT | {"x": 1}], [MONEY, MONEY | {"limit": "1"}], [ACCOUNT | {"unit": None}]],
    "other": [None, [], {}],
}  # fmt: skip
DECIMALS = ["", "0", "00", "01", "1.", ".5", "1.0", "1.1234567890", "1.123456789", "-1", "+1",
            "1e3", " 1", "1 ", "1,0", "99999999999999999999", "100000000000000000000", "0.0", "0x1",
            "\u0661", "1_0", None, 5]  # fmt: skip


@kind(weight=3, ours=True)
def terms_mistyped(forge, rng, n):
    name = walk(n, list(MISTYPED))
    value = walk(n // len(MISTYPED), MISTYPED[name])
    forge.terms(hop_of(forge, rng))[name] = value


@kind(ours=True)
def decimals(forge, rng, n):
    text, name = walk(n, DECIMALS, ["limit", "per_call"])
    account = copy.deepcopy(MONEY) | {name: text}
    forge.terms(hop_of(forge, rng))["budget"] = [account]
    if rng.random() < 0.3:
        for hop in range(len(forge.links)):
            forge.terms(hop)["budget"] = [account]


@kind(ours=True)
def terms_twice(forge, rng, n):
    """A second writ_terms, and entries that only look like one."""
    hop = hop_of(forge, rng)
    forge.terms(hop)
    forge.links[hop].claims["authorization_details"] += walk(
        n,
        [
            [{"type": "writ_terms"}],
            [{"type": "writ_terms", "call_only": []}, {"type": "writ_terms"}],
            [{"type": "Writ_terms", "x": 1}],
            [{"type": ["writ_terms"]}],
            [{"writ_terms": {}}],
            [None],
        ],
    )


@kind(ours=True)
def many_terms(forge, rng, n):
    """A list may grow over the links, but not without end."""
    size = walk(n, [128, 129, 200, 86, 64])
    member = walk(n // 5, ["call_only", "pass_only", "budget", "approval"])
    for hop in range(len(forge.links)):
        names = [f"n{hop}-{i}" for i in range(size)]
        if member == "budget":
            forge.terms(hop)[member] = [{"unit": name, "limit": "1"} for name in names]
        elif member == "approval":
            forge.terms(hop)[member] = [RULE | {"tools": [name]} for name in names]
        else:
            forge.terms(hop)[member] = names


PATHS = [
    "/", "/a", "/a/", "/a/b", "/a//b", "/a/./b", "/a/../b", "/a/..", "/..", "/.", "//", "", "a",
    "a/b", "./a", "/a.", "/.a", "/...", "/a/b.", "/ab", "/A", "/a/B", "/a\\b", "/a/b\\", "/a%2fb",
    "/a%2Fb", "/a%2eb", "/a/%2E%2e/b", "/a%5cb", "/a%00", "/a%2", "/a%20b", "/a%252fb", "/a\x00b",
    "/a\nb", "/a\x1fb", "/a\x7fb", "/a\u0080b", "/a\u009fb", "/a\u00e4", "/aa\u0308", "/a\u2028b",
    "/a\u202eb", "/a\uff0fb", "/a/ b", "/a/b ", "/a/\u00a0", "/a/~", "/a/*", "/a/b/c/d",
    "file:///a", "C:\\a", "/\u0430", 5, None, True, [], ["/a"], {},
]  # fmt: skip


@kind(weight=5, ours=True)
def paths(forge, rng, n):
    """Roots and values, normal and not; as parent and child, and exact below."""
    value = walk(n, PATHS)
    root = rng.choice(PATHS) if rng.random() < 0.3 else rng.choice(["/", "/a", "/a/b"])
    below = rng.choice(
        [
            {"constraint_type": "path_containment", "root": value},
            {"constraint_type": "path_containment", "root": root},
            {
                "constraint_type": "exact",
                "value": value if not isinstance(value, (list, dict)) else 1,
            },
            {"constraint_type": "one_of", "values": [value]},
        ]
    )
    above = {"constraint_type": "path_containment", "root": root}
    some = rng.choice(PATHS) if rng.random() < 0.4 else value
    replace(forge, extended(forge, [{"id": above}, {"id": below}]), {"id": some})


CASES = [
    ("path", "PATH"), ("path", "Path"), ("path", "path"), ("\u00e4", "\u00c4"), ("ss", "\u00df"),
    ("\u00df", "\u1e9e"), ("k", "\u212a"), ("\u03c3", "\u03c2"), ("i", "\u0130"), ("i", "I"),
    ("\u0131", "I"), ("s", "\u017f"), ("\u00b5", "\u03bc"), ("path", "path "),
    ("path", "p\u0430th"), ("\uff41", "\uff21"), ("\U00010428", "\U00010400"),
    ("ff", "\ufb00"), ("\u01c6", "\u01c5"),
    ("\u00e9", "e\u0301"), ("\u13a0", "\uab70"), ("\u0149", "n"), ("\u01f0", "J\u030c"),
    ("\ufb03x", "FFIx"), ("\u1fb3", "\u0391\u0399"), ("path", "p\u00e4th"), ("path", "path\u0301"),
]  # fmt: skip


@kind(weight=2, ours=True)
def names_in_another_case(forge, rng, n):
    """Under "*", an argument that differs from a named one by case only is denied."""
    named, sent = walk(n, CASES)
    if rng.random() < 0.3:
        named, sent = sent, named
    made = {named: {"constraint_type": "exact", "value": 1, "optional": True}}
    args = {sent: 2} if rng.random() < 0.8 else {sent: 2, named: 1}
    maps = [made | {"*": {"constraint_type": "wildcard"}}]
    if rng.random() < 0.4:
        # A child that names what its parent would not let in.
        maps.append({sent: {"constraint_type": "exact", "value": 2}})
    replace(forge, extended(forge, maps), args)


@kind(ours=True)
def ours_in_the_strict_profile(forge, rng, n):
    """What only our profile judges is ignored by the strict one, or unknown to it."""
    forge.profile = "aat-02"
    for hop in range(len(forge.links)):
        forge.terms(hop)[rng.choice(["clearance", "call_only", "x"])] = rng.choice(
            [5, [forge.tool]]
        )
    forge.links[0].claims["txn"] = jose.encode(b"x")
    if n % 3 == 0:
        map_ = forge.tools(0)[forge.tool]
        map_["id"] = {"constraint_type": "path_containment", "root": "/", "optional": True}
