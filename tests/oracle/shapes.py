"""Random authorities: constraints that a value satisfies, and narrower ones that it still does.

So a valid chain is built from the call at its end: the root is the widest, and each link narrows.
"""

import copy
import json

STRINGS = [
    "a",
    "pdf",
    "csv",
    "x@example.com",
    "",
    "Zürich",
    "e\u0301",
    "\u00e9",
    "\U0001f600",
    "12",
]
NUMBERS = [0, 1, -1, 7, 100, 0.5, -2.25, 1e21, 9007199254740992, 1e-7, 123456789]
PATHS = ["/notes", "/notes/2026", "/notes/2026/a.md", "/srv/a b", "/", "/data/q3.pdf"]
TOOLS = ["read_file", "send_email", "https://tools.example.com/fs/write", "t\u00fcr", "*"]
ARGUMENTS = ["path", "limit", "format", "recipients", "id", "\u00e4"]


def key(value):
    """A value as text, so that values can be members of sets."""
    return json.dumps(value, sort_keys=True)


def without(values, value):
    return [other for other in values if key(other) != key(value)]


def scalar(rng):
    return rng.choice([rng.choice(STRINGS), rng.choice(NUMBERS), rng.choice(PATHS), True, None])


def value(rng):
    """An argument's value."""
    roll = rng.random()
    if roll < 0.75:
        return scalar(rng)
    if roll < 0.95:
        return [scalar(rng) for _ in range(rng.randrange(4))]
    return {"a": scalar(rng), "b": [scalar(rng)]}


def is_number(some):
    return isinstance(some, (int, float)) and not isinstance(some, bool)


def others(rng, count=3):
    return [value(rng) for _ in range(rng.randrange(count + 1))]


def bound(rng, some, sign):
    """One side of a range around a number: (member, value, inclusive or None)."""
    near = rng.choice([0, 0, 1, 10])
    inclusive = rng.choice([None, True]) if near == 0 else rng.choice([None, True, False])
    return (some + sign * near, inclusive)


def a_range(rng, some):
    made = {"constraint_type": "range"}
    for name, sign in (("min", -1), ("max", 1)):
        if abs(some) < 1e15 and rng.random() < 0.7:
            made[name], inclusive = bound(rng, some, sign)
            if inclusive is not None:
                made[f"{name}_inclusive"] = inclusive
    return made


def shuffled(rng, values):
    values = list(values)
    rng.shuffle(values)
    return values


def choices(some, ours, depth):
    """The types that a value can satisfy."""
    kinds = ["one_of", "not_one_of", "wildcard"]
    if not isinstance(some, (list, dict)):
        kinds += ["exact", "exact"]
    if is_number(some):
        kinds += ["range", "range", "range"]
    if isinstance(some, list):
        kinds += ["contains", "subset", "contains", "subset"]
    if ours and isinstance(some, str) and some.startswith("/"):
        kinds += ["path_containment"] * 3
    return kinds + (["all", "any"] if depth < 3 else [])


def root_above(rng, path):
    """The path itself, or a directory above it."""
    parts = path.split("/")
    kept = parts[: rng.randrange(1, len(parts) + 1)]
    return "/".join(kept) or "/"


def constraint(rng, some, ours, depth=1, kind=None):
    """One that `some` satisfies."""
    kind = kind or rng.choice(choices(some, ours, depth))
    made = {"constraint_type": kind}
    if kind == "exact":
        made["value"] = some
    elif kind == "range":
        made = a_range(rng, some)
    elif kind == "one_of":
        made["values"] = shuffled(rng, [some, *others(rng)])
    elif kind == "not_one_of":
        made["excluded"] = without(others(rng), some)
    elif kind == "contains":
        made["required"] = rng.sample(some, rng.randrange(len(some) + 1))
    elif kind == "subset":
        made["allowed"] = shuffled(rng, [*some, *others(rng)])
    elif kind == "path_containment":
        made["root"] = root_above(rng, some)
    elif kind in ("all", "any"):
        made["constraints"] = [
            constraint(rng, some, ours, depth + 1) for _ in range(rng.randrange(1, 3))
        ]
        if kind == "any":
            made["constraints"] += [
                constraint(rng, other, ours, depth + 1) for other in others(rng, 2)
            ]
    return made


def narrower_range(rng, parent, some):
    if rng.random() < 0.3:
        return {"constraint_type": "exact", "value": some}
    made = dict(parent)
    for name, sign in (("min", -1), ("max", 1)):
        inclusive = f"{name}_inclusive"
        if name not in made:
            if abs(some) < 1e15 and rng.random() < 0.3:
                made[name] = some
        elif rng.random() < 0.4:
            made[name] = some
            made.pop(inclusive, None)
        elif made.get(inclusive, True) and sign * (made[name] - some) > 0 and rng.random() < 0.3:
            made[inclusive] = False
    return made


def narrower(rng, parent, some, ours, depth=1):
    """One that the parent subsumes by the table, and that `some` still satisfies."""
    kind = parent["constraint_type"]
    made = copy.deepcopy(parent)
    made.pop("optional", None)
    if rng.random() < 0.3:
        return made
    if kind == "range":
        return narrower_range(rng, made, some)
    if kind == "one_of":
        if not isinstance(some, (list, dict)) and rng.random() < 0.4:
            return {"constraint_type": "exact", "value": some}
        kept = [other for other in made["values"] if rng.random() < 0.6 or key(other) == key(some)]
        made["values"] = kept
    elif kind == "not_one_of":
        made["excluded"] += without(others(rng), some)
    elif kind == "contains":
        made["required"] += rng.sample(some, rng.randrange(len(some) + 1))
    elif kind == "subset":
        had = {key(element) for element in some}
        made["allowed"] = [e for e in made["allowed"] if key(e) in had or rng.random() < 0.6]
    elif kind == "path_containment":
        if rng.random() < 0.3:
            return {"constraint_type": "exact", "value": some}
        rest = some[len(made["root"]) :].strip("/").split("/")
        below = "/".join(rest[: rng.randrange(len(rest) + 1)])
        made["root"] = (made["root"].rstrip("/") + "/" + below).rstrip("/") or "/"
    elif kind == "all":
        made["constraints"] = [
            narrower(rng, clause, some, ours, depth + 1) for clause in made["constraints"]
        ] + [constraint(rng, some, ours, depth + 1) for _ in range(rng.randrange(2))]
    elif kind == "any":
        first = narrower(rng, made["constraints"][0], some, ours, depth + 1)
        made["constraints"] = [first] + [c for c in made["constraints"] if rng.random() < 0.4]
    elif kind == "wildcard":
        return constraint(rng, some, ours, depth)
    return made


def narrower_map(rng, parent, called, ours):
    """A tool's map below the parent's; `called` are the arguments that must still pass."""
    made = {}
    is_open = not parent or "*" in parent
    stays_open = is_open and ("*" in called or rng.random() < 0.6)
    for name, outer in parent.items():
        if name == "*":
            continue
        is_optional = outer.get("optional", False)
        if name not in called:
            if stays_open or not is_optional or rng.random() < 0.5:
                made[name] = copy.deepcopy(outer)
            continue
        made[name] = narrower(rng, outer, called[name], ours)
        if is_optional and rng.random() < 0.5:
            made[name]["optional"] = True
    for name, some in called.items():
        if name not in made and name != "*" and (not stays_open or rng.random() < 0.3):
            made[name] = constraint(rng, some, ours)
    if stays_open and (made or rng.random() < 0.5):
        made["*"] = {"constraint_type": "wildcard"}
    # An empty map is an open one.
    return made if made or is_open else copy.deepcopy(parent)


def root_map(rng, called, ours):
    if rng.random() < 0.12:
        return {}
    is_open = rng.random() < 0.25
    made = {}
    for name, some in called.items():
        if name == "*" or (is_open and rng.random() < 0.3):
            is_open = True
            continue
        made[name] = constraint(rng, some, ours)
        if rng.random() < 0.25:
            made[name]["optional"] = True
    if rng.random() < 0.3:
        made.setdefault("unsent", {"constraint_type": "range", "max": 9, "optional": True})
    if is_open or not made:
        made["*"] = {"constraint_type": "wildcard"}
    return made


def maps_of_chain(rng, length, ours):
    """(tools of each link, tool, args): a call that every link allows."""
    names = rng.sample(TOOLS, rng.randrange(1, 4))
    tool = names[0]
    called = {name: value(rng) for name in rng.sample(ARGUMENTS, rng.randrange(4))}
    if rng.random() < 0.03:
        called["*"] = value(rng)
    maps = [{name: root_map(rng, called if name == tool else {}, ours) for name in names}]
    for _ in range(1, length):
        above = maps[-1]
        kept = [name for name in above if name == tool or rng.random() < 0.7]
        maps.append(
            {
                name: narrower_map(rng, above[name], called if name == tool else {}, ours)
                for name in kept
            }
        )
    return maps, tool, called
