"""Argument constraints of AAT-02 section 3.4: well-formed or not, and whether a value satisfies.

A constraint stays the JSON object that was read. Two profiles: strict AAT-02, and aat-02+writ with
path_containment.
"""

from decimal import Decimal

from jcs import all_admissible, canonical, number_text
from paths import is_normal, is_under
from refused import Refused, ensure
from strict_json import Number

STEP = "3n/4o"
OPEN = {"*": {"constraint_type": "wildcard"}}


def same(a, b):
    return canonical(a) == canonical(b)


def forms(values):
    """A list as the set of its canonical texts."""
    return {canonical(value) for value in values}


def value_of(number):
    """Exact, for admissible numbers: their canonical text is their value."""
    return Decimal(number_text(number))


# ---- Well-formed --------------------------------------------------------------------------------

MEMBERS = {
    "exact": {"value"},
    "range": {"min", "max", "min_inclusive", "max_inclusive"},
    "one_of": {"values"},
    "not_one_of": {"excluded"},
    "contains": {"required"},
    "subset": {"allowed"},
    "wildcard": set(),
    "all": {"constraints"},
    "any": {"constraints"},
    "path_containment": {"root"},
}
LIST_OF = {
    "one_of": "values",
    "not_one_of": "excluded",
    "contains": "required",
    "subset": "allowed",
    "all": "constraints",
    "any": "constraints",
}


def _range_is_formed(constraint):
    for bound in ("min", "max"):
        inclusive = constraint.get(f"{bound}_inclusive", True)
        ensure(isinstance(inclusive, bool), STEP, f"{bound}_inclusive is no boolean")
        ensure(
            bound in constraint or f"{bound}_inclusive" not in constraint,
            STEP,
            f"{bound}_inclusive without {bound}",
        )
        ensure(isinstance(constraint.get(bound, Number("0")), Number), STEP, f"{bound} no number")
    if "min" in constraint and "max" in constraint:
        low, high = value_of(constraint["min"]), value_of(constraint["max"])
        ensure(low <= high, STEP, "min is greater than max")


def check_formed(constraint, profile, max_depth, depth=1):
    """Step 3n, 4o for one constraint; the depth of a nested one is one more."""
    ensure(isinstance(constraint, dict), STEP, "a constraint is an object")
    ensure(depth <= max_depth, STEP, "nested too deep")
    kind = constraint.get("constraint_type")
    known = isinstance(kind, str) and kind in MEMBERS
    ensure(known and (kind != "path_containment" or profile.is_ours), STEP, f"type {kind}")
    allowed = MEMBERS[kind] | {"constraint_type"} | ({"optional"} if depth == 1 else set())
    ensure(constraint.keys() <= allowed, STEP, "a member that the type does not have")
    ensure(isinstance(constraint.get("optional", False), bool), STEP, "optional is no boolean")
    if kind in LIST_OF:
        elements = constraint.get(LIST_OF[kind])
        ensure(isinstance(elements, list), STEP, f"{LIST_OF[kind]} is no array")
        ensure(elements or kind not in ("one_of", "all", "any"), STEP, "an empty array")
    if kind in ("all", "any"):
        for clause in constraint["constraints"]:
            check_formed(clause, profile, max_depth, depth + 1)
        return
    ensure(all_admissible(constraint), STEP, "an inadmissible number")
    if kind == "exact":
        ensure("value" in constraint, STEP, "exact without value")
        ensure(not isinstance(constraint["value"], (list, dict)), STEP, "value is no scalar")
    elif kind == "range":
        _range_is_formed(constraint)
    elif kind == "path_containment":
        ensure(is_normal(constraint.get("root")), STEP, "root is no normal path")


def check_map_formed(constraints, profile, max_depth):
    """A tool's constraint map, with its "*"."""
    for name, constraint in constraints.items():
        check_formed(constraint, profile, max_depth)
        if name == "*":
            plain = constraint["constraint_type"] == "wildcard" and "optional" not in constraint
            ensure(plain, STEP, '"*" is not a plain wildcard')


# ---- Satisfied ----------------------------------------------------------------------------------


def in_range(constraint, value):
    if not isinstance(value, Number):
        return False
    exact = value_of(value)
    if "min" in constraint:
        low = value_of(constraint["min"])
        if exact < low or (exact == low and not constraint.get("min_inclusive", True)):
            return False
    if "max" in constraint:
        high = value_of(constraint["max"])
        if exact > high or (exact == high and not constraint.get("max_inclusive", True)):
            return False
    return True


CHECKS = {
    "exact": lambda c, v: same(c["value"], v),
    "range": in_range,
    "one_of": lambda c, v: canonical(v) in forms(c["values"]),
    "not_one_of": lambda c, v: canonical(v) not in forms(c["excluded"]),
    "contains": lambda c, v: isinstance(v, list) and forms(c["required"]) <= forms(v),
    "subset": lambda c, v: isinstance(v, list) and forms(v) <= forms(c["allowed"]),
    "wildcard": lambda c, v: True,
    "all": lambda c, v: all(satisfies(clause, v) for clause in c["constraints"]),
    "any": lambda c, v: any(satisfies(clause, v) for clause in c["constraints"]),
    "path_containment": lambda c, v: is_under(c["root"], v),
}


def satisfies(constraint, value):
    return CHECKS[constraint["constraint_type"]](constraint, value)


def is_required(constraint):
    return not constraint.get("optional", False)


def folded(name):
    """The ASCII of a name in the case that upper and lower case have in common. Characters beyond
    ASCII do not count, so that more names are equal here than by Unicode's case folding."""
    return "".join(c for c in name.upper().casefold() if c < "\x80")


def shadows(named, name):
    """Rule of aat-02+writ: under "*", a name that a tool blind to case takes for a named one."""
    return folded(name) in {folded(other) for other in named if other != "*"}


def check_arguments(tools, tool, arguments, profile):
    """Step 6b, with the rule of our profile on names that differ in case only."""
    ensure(tool in tools, "6b", "the leaf has no such tool", outcome="scope_not_granted")
    ensure(all_admissible(arguments), "6b", "an inadmissible number", outcome="non_canonical")
    named = tools[tool] or OPEN
    for name, value in arguments.items():
        if name in named and name != "*":
            ensure(satisfies(named[name], value), "6b", f"argument {name}")
            continue
        if "*" not in named:
            raise Refused("6b", f"argument {name} is not named")
        if profile.is_ours:
            ensure(not shadows(named, name), "6b", f"{name} is a named one in another case")
    for name, constraint in named.items():
        if name != "*" and is_required(constraint):
            ensure(name in arguments, "6b", f"argument {name} is missing")
