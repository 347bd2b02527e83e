"""Mutations of authority: each constraint wider and narrower, every pair of types, ill-formed ones,
`optional`, "*", and the call that is judged by them."""

import copy
import math
import struct

import shapes
from forge import Raw, new_forge
from kinds import REMOVED, hop_of, kind, put, walk

WILD = {"constraint_type": "wildcard"}
TYPES = [
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
]
# Values that satisfy some constraint of each type, so that pairs of types meet at one value.
MEETING = {"contains": [["a"], []], "subset": [["a"], []], "path_containment": ["/notes/2026"]}


def replace(forge, maps, args):
    """The presentation anew, for a tool `t` with these maps, root first."""
    made = new_forge(forge.profile, [{"t": m} for m in maps], "t", args)
    forge.links, forge.proof, forge.tool, forge.args = made.links, made.proof, "t", args


def extended(forge, maps):
    """A map for each link: the last of `maps` again for those below."""
    length = max(len(forge.links), len(maps))
    return [maps[min(hop, len(maps) - 1)] for hop in range(length)]


@kind(weight=5)
def pair_of_types(forge, rng, n):
    """Every (parent type, child type), at a value that both accept where there is one."""
    outer, inner = walk(n, TYPES, TYPES)
    some = rng.choice(MEETING.get(inner, MEETING.get(outer, [5, 5, "a", -1, 0.5, "/notes/2026"])))
    made = []
    for name in (outer, inner):
        try:
            made.append(shapes.constraint(rng, some, True, kind=name))
        except (TypeError, AttributeError, ValueError):
            made.append(shapes.constraint(rng, 5 if name == "range" else "/a", True, kind=name))
    if rng.random() < 0.5:
        # Nested, the table is the same.
        nest = rng.choice(["all", "any"])
        made = [{"constraint_type": nest, "constraints": [c]} for c in made]
    replace(forge, extended(forge, [{"id": c} for c in made]), {"id": some})


# One edit of a constraint's lists and bounds; whether it widens depends on the type.
def list_edit(rng, constraint, name):
    values = constraint[name] = list(constraint[name])
    which = rng.randrange(6)
    if which == 0:
        values.insert(rng.randrange(len(values) + 1), shapes.value(rng))
    elif which == 1 and values:
        values.pop(rng.randrange(len(values)))
    elif which == 2 and values:
        values.append(rng.choice(values))
    elif which == 3:
        rng.shuffle(values)
    elif which == 4:
        values.clear()
    else:
        constraint[name] = [Raw(respelled(rng, v)) for v in values]


def respelled(rng, some):
    """Another JSON text of an equal value, mostly."""
    if shapes.is_number(some) and abs(some) < 1e15:
        return rng.choice([f"{some}e0", f"{some * 10}e-1", f"{float(some)!r}"])
    if isinstance(some, dict):
        pairs = [f"{shapes.key(k)}: {shapes.key(v)}" for k, v in reversed(some.items())]
        return "{" + ", ".join(pairs) + "}"
    return shapes.key(some)


def edit_constraint(rng, constraint):
    kind_of = constraint["constraint_type"]
    lists = {"one_of": "values", "not_one_of": "excluded", "contains": "required"}
    lists |= {"subset": "allowed"}
    if kind_of in ("all", "any"):
        clauses = constraint["constraints"]
        which = rng.randrange(4)
        if which == 0 and clauses:
            clauses.pop(rng.randrange(len(clauses)))
        elif which == 1:
            clauses.append(shapes.constraint(rng, shapes.value(rng), False))
        elif which == 2:
            rng.shuffle(clauses)
        elif clauses:
            edit_constraint(rng, rng.choice(clauses))
    elif kind_of in lists:
        list_edit(rng, constraint, lists[kind_of])
    elif kind_of == "range":
        bound = rng.choice(["min", "max"])
        which = rng.randrange(5)
        if which == 0:
            constraint.pop(bound, None)
        elif which == 1:
            constraint[bound] = rng.choice(shapes.NUMBERS)
        elif which == 2 and bound in constraint:
            constraint[bound] += rng.choice([1, -1, 0.5])
        elif which == 3 and bound in constraint:
            constraint[f"{bound}_inclusive"] = rng.random() < 0.5
        elif bound in constraint:
            constraint[bound] = Raw(respelled(rng, constraint[bound]))
    elif kind_of == "exact":
        old = constraint["value"]
        constraint["value"] = rng.choice([shapes.scalar(rng), Raw(respelled(rng, old))])
    elif kind_of == "path_containment":
        root = constraint["root"]
        edits = [root + "/x", root.rsplit("/", 1)[0] or "/", root + "x", root.upper(), root + "/"]
        constraint["root"] = rng.choice(edits)


@kind(weight=6)
def constraint_edited(forge, rng, n):
    """One constraint of one link wider, narrower or equal in another spelling."""
    hop = hop_of(forge, rng, 1)
    tools = forge.tools(hop)
    map_ = tools[rng.choice([forge.tool, *tools])]
    if not map_:
        map_["id"] = shapes.constraint(rng, shapes.value(rng), False)
    name = rng.choice(list(map_))
    edit_constraint(rng, map_[name])


@kind(weight=2)
def constraint_replaced(forge, rng, n):
    """By one of another type, for the same value or another."""
    hop = hop_of(forge, rng)
    map_ = forge.tools(hop)[forge.tool]
    name = rng.choice([*map_, "id"])
    some = forge.args.get(name, shapes.value(rng)) if rng.random() < 0.7 else shapes.value(rng)
    map_[name] = shapes.constraint(rng, some, forge.profile != "aat-02" or n % 2 == 0)


ILL_FORMED = [
    {},
    None,
    [],
    5,
    "exact",
    {"constraint_type": None},
    {"constraint_type": ["exact"], "value": 1},
    {"constraint_type": "Exact", "value": 1},
    {"constraint_type": "regex", "pattern": "a"},
    {"constraint_type": "cidr", "network": "10.0.0.0/8"},
    {"value": 1},
    {"constraint_type": "exact"},
    {"constraint_type": "exact", "value": []},
    {"constraint_type": "exact", "value": {}},
    {"constraint_type": "exact", "value": None},
    {"constraint_type": "exact", "value": 1, "note": "x"},
    {"constraint_type": "exact", "value": Raw("9007199254740993")},
    {"constraint_type": "exact", "value": Raw("1e400")},
    {"constraint_type": "exact", "value": Raw("1e-400")},
    {"constraint_type": "exact", "value": Raw("0e400")},
    {"constraint_type": "exact", "value": Raw("-0.0")},
    {"constraint_type": "range", "min": "1"},
    {"constraint_type": "range", "max": None},
    {"constraint_type": "range", "min": 2, "max": 1},
    {"constraint_type": "range", "min": 1, "max": 1, "min_inclusive": False},
    {"constraint_type": "range", "min": Raw("1.00000000000000001")},
    {"constraint_type": "range", "min_inclusive": True},
    {"constraint_type": "range", "max": 1, "min_inclusive": False},
    {"constraint_type": "range", "max": 1, "max_inclusive": None},
    {"constraint_type": "range", "max": 1, "max_inclusive": 1},
    {"constraint_type": "range", "value": 1},
    {"constraint_type": "range"},
    {"constraint_type": "one_of", "values": []},
    {"constraint_type": "one_of", "values": {}},
    {"constraint_type": "one_of"},
    {"constraint_type": "one_of", "values": [[1], {"a": Raw("1e400")}]},
    {"constraint_type": "one_of", "values": [1], "excluded": [2]},
    {"constraint_type": "not_one_of", "excluded": []},
    {"constraint_type": "not_one_of", "excluded": "a"},
    {"constraint_type": "not_one_of", "values": [1]},
    {"constraint_type": "contains", "required": []},
    {"constraint_type": "contains"},
    {"constraint_type": "subset", "allowed": []},
    {"constraint_type": "subset", "allowed": None},
    {"constraint_type": "wildcard", "value": 1},
    {"constraint_type": "all", "constraints": []},
    {"constraint_type": "any", "constraints": []},
    {"constraint_type": "all", "constraints": {}},
    {"constraint_type": "all", "constraints": [5]},
    {"constraint_type": "any", "constraints": [WILD, {"constraint_type": "x"}]},
    {"constraint_type": "all", "constraints": [WILD | {"optional": False}]},
    {"constraint_type": "any", "constraints": [WILD | {"optional": True}]},
    {"constraint_type": "path_containment"},
    {"constraint_type": "path_containment", "root": 5},
    {"constraint_type": "path_containment", "root": "/a", "note": 1},
]


@kind(weight=3)
def ill_formed(forge, rng, n):
    """In the root or a child, at the top or in a clause, of the called tool or of another."""
    bad = copy.deepcopy(walk(n, ILL_FORMED))
    if rng.random() < 0.3:
        bad = {"constraint_type": rng.choice(["all", "any"]), "constraints": [WILD, bad]}
    hop = hop_of(forge, rng) if n % 2 else 0
    tools = forge.tools(hop)
    tool = rng.choice(list(tools))
    if isinstance(bad, dict) and rng.random() < 0.5:
        bad["optional"] = True
    tools[tool] = dict(tools[tool]) | {rng.choice(["id", "path", "zz"]): bad}


@kind(weight=4)
def optional_edited(forge, rng, n):
    value = walk(n, [True, False, REMOVED, None, 0, "true", []])
    map_ = forge.tools(hop_of(forge, rng))[forge.tool]
    names = list(map_) or ["*"]
    map_.setdefault(names[0], dict(WILD))
    put(map_[rng.choice(names)], "optional", value)


@kind(weight=3)
def keys_edited(forge, rng, n):
    """Arguments and tools that a link names, added, dropped, renamed; "*" too."""
    hop = hop_of(forge, rng)
    tools = forge.tools(hop)
    tool = rng.choice(list(tools))
    map_ = tools[tool]
    which = n % 10
    name = rng.choice([*map_, "id"])
    if which == 0:
        map_.pop(name, None)
    elif which == 1:
        map_["added"] = dict(WILD) | ({"optional": True} if rng.random() < 0.5 else {})
    elif which == 2:
        map_["*"] = dict(WILD)
    elif which == 3:
        map_.pop("*", None)
    elif which == 4:
        flagged = [WILD | {"optional": flag} for flag in (True, False)]
        map_["*"] = rng.choice([{"constraint_type": "exact", "value": 1}, *flagged])
    elif which == 5:
        map_.clear()
    elif which == 6:
        tools["added"] = {}
    elif which == 7:
        tools.pop(tool)
    elif which == 8:
        tools[rng.choice([tool.upper(), tool + " ", tool + "/", "./" + tool])] = tools.pop(tool)
    else:
        map_[name.upper()] = map_.pop(name, dict(WILD))


@kind(weight=2)
def range_bounds(forge, rng, n):
    """Parent, child and value at one number, one above or below, with and without the bound."""
    off, at, outer, inner, bound = walk(
        n, [-1, 0, 1], [-1, 0, 1], [None, True, False], [None, True, False], ["min", "max"]
    )

    def made(number, inclusive):
        flag = {} if inclusive is None else {f"{bound}_inclusive": inclusive}
        return {"id": {"constraint_type": "range", bound: number} | flag}

    replace(forge, extended(forge, [made(5, outer), made(5 + off, inner)]), {"id": 5 + off + at})


@kind(weight=4)
def args_edited(forge, rng, n):
    """A call that the chain does not grant, or grants in another spelling."""
    which = n % 10
    args = forge.args
    name = rng.choice([*args, "id"])
    if which == 0:
        args.pop(name, None)
    elif which == 1:
        args["added"] = shapes.value(rng)
    elif which == 2:
        args[name] = shapes.value(rng)
    elif which == 3:
        args[name.upper()] = args.pop(name, 1)
    elif which == 4:
        args["*"] = 1
    elif which == 5 and args:
        forge.hta = dict(args)
        args[name] = Raw(respelled(rng, args.get(name, 1)))
    elif which == 6:
        forge.tool = forge.proof.claims["aat_tool"] = rng.choice(
            ["none", forge.tool.upper(), forge.tool + "/", "", "*"]
        )
    elif which == 7:
        args[name] = [args.get(name, 1)]
    elif which == 8:
        args[""] = 1
    else:
        forge.args = rng.choice([None, [], [args], "x", 5])
        forge.hta = {}


NUMBER_TEXTS = [
    "1", "1.0", "1e0", "10e-1", "0.1e1", "-1", "0", "-0", "-0.0", "0e5", "1E+2", "100", "1e400",
    "-1e400", "1e-400", "5e-324", "4e-324", "9007199254740991", "9007199254740992",
    "9007199254740993", "9007199254740994", "9007199254740993.0", "1e20", "100000000000000000000",
    "1e21", "1e22", "1e23", "0.1", "0.10", "0.1000000000000000055511151231257827",
    "1.00000000000000001", "1.0000000000000000000", "123456789012345678", "1.7976931348623157e308",
    "1.7976931348623159e308", "2.2250738585072014e-308", "333333333.33333329", "4.35", "1e-6",
    "1e-7", "0.000001", "0.0000001", "0.3", "0.30000000000000004", "4.9406564584124654e-324",
    "1e0001", "1e+00", "1.0e-0", "1" + "0" * 400, "1" + "0" * 400 + "e-400", "1." + "0" * 1000,
    "0." + "0" * 999 + "1e1000", "0." + "3" * 900, "1e1000000000000000000", "0e9999999999999999999",
    "1e-99999999999999999999", "1" + "0" * 308, "1" + "0" * 309, "4503599627370496.5",
]  # fmt: skip


def number_text(rng):
    """One of the table, or any double in one of its spellings, or a neighbour of it."""
    if rng.random() < 0.6:
        return rng.choice(NUMBER_TEXTS)
    double = struct.unpack("<d", rng.randbytes(8))[0]
    if rng.random() < 0.5:
        double = rng.randrange(-(10**6), 10**6) * 10.0 ** rng.randrange(-9, 20)
    if not math.isfinite(double):
        double = 1.5
    forms = ["{!r}", "{:.16e}", "{:.15e}", "{:.17e}", "{:.30e}"]
    return rng.choice(forms).format(rng.choice([double, math.nextafter(double, math.inf)]))


@kind(weight=5)
def number_texts(forge, rng, n):
    """Each number as argument and as constraint, compared with itself and with others."""
    here = walk(n // 2, NUMBER_TEXTS) if n % 2 else number_text(rng)
    there = number_text(rng) if rng.random() < 0.4 else here
    if rng.random() < 0.3:
        there = f"{float(here)!r}".replace("inf", "1e400")
    high = number_text(rng)
    made = rng.choice(
        [
            WILD,
            {"constraint_type": "exact", "value": Raw(there)},
            {"constraint_type": "one_of", "values": [Raw(there), Raw(high)]},
            {"constraint_type": "not_one_of", "excluded": [Raw(there)]},
            {"constraint_type": "range", "min": Raw(there)},
            {"constraint_type": "range", "max": Raw(there), "max_inclusive": False},
            {"constraint_type": "range", "min": Raw(there), "max": Raw(high)},
            {"constraint_type": "one_of", "values": [{"a": [Raw(there)]}]},
        ]
    )
    some = {"a": [Raw(here)]} if rng.random() < 0.1 else Raw(here)
    replace(forge, extended(forge, [{"id": made}]), {"id": some})
    if rng.random() < 0.4:
        forge.hta = {"id": Raw(rng.choice([there, high]))}
    if len(forge.links) > 1 and rng.random() < 0.5:
        below = Raw(rng.choice([here, high]))
        forge.tools(1)["t"] = {"id": {"constraint_type": "exact", "value": below}}
