"""Instances: constraints, tools and terms as JSON, and the objects of the rules made from it."""

from fractions import Fraction

from finite import ARRAYS, OBJECTS, TEXTS, Concrete, Json, Listed, Members, plain
from rules import Bound, Call, Constraint, Tool
from terms import Account, Domain, Effective, Label, Link, Terms

WORLD = Concrete()
SETS = {"one_of": "values", "not_one_of": "excluded", "contains": "required", "subset": "allowed"}

# ---- From a model of z3 --------------------------------------------------------------------------


def truth(model, part):
    return part if isinstance(part, bool) else bool(model.eval(part, model_completion=True))


def number(model, part):
    return model.eval(part, model_completion=True).as_fraction()


def value_of(model, part):
    v = model.eval(part, model_completion=True)
    match v.decl().name():
        case "null":
            return None
        case "boolean":
            return truth(model, v.arg(0))
        case "number":
            return plain(number(model, v.arg(0)))
        case "text":
            return TEXTS[v.arg(0).as_long()]
        case "array":
            return ARRAYS[v.arg(0).as_long()]
        case _:
            return OBJECTS[v.arg(0).as_long()]


def constraint_of(model, c):
    found = {"constraint_type": c.type}
    match c.type:
        case "exact":
            found["value"] = value_of(model, c.value)
        case "path_containment":
            found["root"] = value_of(model, c.value)
        case "range":
            for side, bound in (("min", c.min), ("max", c.max)):
                if truth(model, bound.present):
                    found[side] = plain(number(model, bound.number))
                    found[f"{side}_inclusive"] = truth(model, bound.inclusive)
        case "all" | "any":
            found["constraints"] = [constraint_of(model, clause) for clause in c.clauses]
        case "one_of" | "not_one_of" | "contains" | "subset":
            pairs = c.values.pairs
            found[SETS[c.type]] = [value_of(model, v) for held, v in pairs if truth(model, held)]
    return found


def map_of(model, tool):
    found = {}
    for name in tool.names:
        if truth(model, tool.named(name)):
            found[name] = constraint_of(model, tool.constraint(name))
            if truth(model, tool.optional(name)):
                found[name]["optional"] = True
    if truth(model, tool.open) and found:
        found["*"] = {"constraint_type": "wildcard"}
    return found


def pair_of(model, pair):
    return {
        "parent": constraint_of(model, pair.parent),
        "child": constraint_of(model, pair.child),
        "value": value_of(model, pair.value),
    }


def tools_of(model, tools):
    call = tools.call
    args = {
        n: value_of(model, call.value(n)) for n in tools.parent.names if truth(model, call.has(n))
    }
    return {
        "parent": {"t": map_of(model, tools.parent)},
        "child": {"t": map_of(model, tools.child)},
        "args": args,
    }


# ---- To the rules --------------------------------------------------------------------------------


def read_constraint(json):
    def bound(side):
        return Bound(side in json, json.get(f"{side}_inclusive", True), Fraction(json.get(side, 0)))

    type = json["constraint_type"]
    c = Constraint(WORLD, type)
    match type:
        case "exact":
            c.value = Json(json["value"])
        case "path_containment":
            c.value = Json(json["root"])
        case "range":
            c.min, c.max = bound("min"), bound("max")
        case "all" | "any":
            c.clauses = Listed(read_constraint(clause) for clause in json["constraints"])
        case "one_of" | "not_one_of" | "contains" | "subset":
            c.values = Members.of([Json(item) for item in json[SETS[type]]])
    return c


def read_tool(json, names):
    named = {name: item for name, item in json.items() if name != "*"}
    constraints = {name: read_constraint(item) for name, item in named.items()}
    return Tool(
        WORLD,
        Listed(names),
        lambda n: n in named,
        lambda n: n in named and named[n].get("optional", False),
        lambda n: constraints.get(n, Constraint(WORLD, "wildcard")),
        not json or "*" in json,
    )


def read_call(args):
    return Call(lambda n: n in args, lambda n: Json(args.get(n)))


# ---- Terms ---------------------------------------------------------------------------------------

LEVELS = ["public", "internal", "confidential", "restricted"]
INTEGRITY = ["trusted", "untrusted"]
KEY = ("unit", "tool", "argument")


def read_label(json):
    return Label(
        LEVELS.index(json.get("confidentiality", "public")),
        INTEGRITY.index(json.get("integrity", "untrusted")),
        lambda x: x in json.get("categories", []),
    )


def read_accounts(budget):
    """By key. What is not there has amounts all the same, which no rule looks at."""
    entries = {tuple(entry.get(part) for part in KEY): entry for entry in budget}

    def account(key):
        entry = entries.get(key, {})
        return Account(
            key in entries,
            Fraction(entry.get("limit", 0)),
            "per_call" in entry,
            Fraction(entry.get("per_call", 0)),
        )

    return account


def read_rules(approval):
    rules = {Json(rule).canonical for rule in approval}
    return lambda rule: rule in rules


def read_terms(json):
    return Terms(
        "clearance" in json,
        read_label(json.get("clearance", {})),
        "approval" in json,
        read_rules(json.get("approval", [])),
        lambda t: t in json.get("call_only", []),
        lambda t: t in json.get("pass_only", []),
        read_accounts(json.get("budget", [])),
    )


def read_link(json):
    return Link(json["agent"], json["key"], lambda t: t in json["tools"])


def no_terms_above():
    """What a root is folded into: it may say anything, and stands under nothing."""
    return Effective(
        Label(3, 1, lambda x: True),
        lambda r: False,
        lambda t: False,
        lambda a, k, t: False,
        read_accounts([]),
    )


def domain_of(links):
    """Everything that the links of one instance name."""
    terms = [link["terms"] for link in links]
    rules = [rule for t in terms for rule in t.get("approval", [])]
    accounts = [entry for t in terms for entry in t.get("budget", [])]

    def distinct(items):
        return Listed(dict.fromkeys(items))

    return Domain(
        distinct(x for t in terms for x in t.get("clearance", {}).get("categories", [])),
        distinct(Json(rule).canonical for rule in rules),
        distinct(
            x
            for link in links
            for x in [
                *link["tools"],
                *link["terms"].get("call_only", []),
                *link["terms"].get("pass_only", []),
            ]
        ),
        distinct(link["agent"] for link in links),
        distinct(link["key"] for link in links),
        distinct(tuple(entry.get(part) for part in KEY) for entry in accounts),
        None,
    )
