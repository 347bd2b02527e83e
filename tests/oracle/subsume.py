"""What narrows: the closed table of AAT-02 section 4.5 and the rules of step 4p.

Every pair of types that is not in TABLE widens.
"""

from constraints import OPEN, forms, in_range, is_required, same, satisfies, shadows, value_of
from paths import is_under
from refused import ensure


def _bound_is_tighter(parent, child, bound, sign):
    """One side of a range; sign turns max into min."""
    if bound not in parent:
        return True
    if bound not in child:
        return False
    outer, inner = sign * value_of(parent[bound]), sign * value_of(child[bound])
    if inner != outer:
        return inner > outer
    inclusive = f"{bound}_inclusive"
    return parent.get(inclusive, True) or not child.get(inclusive, True)


def _range(parent, child):
    return _bound_is_tighter(parent, child, "min", 1) and _bound_is_tighter(
        parent, child, "max", -1
    )


def _all(parent, child):
    return all(
        any(subsumes(outer, inner) for inner in child["constraints"])
        for outer in parent["constraints"]
    )


def _any(parent, child):
    return all(
        any(subsumes(outer, inner) for outer in parent["constraints"])
        for inner in child["constraints"]
    )


TABLE = {
    ("exact", "exact"): lambda p, c: same(p["value"], c["value"]),
    ("range", "range"): _range,
    ("range", "exact"): lambda p, c: in_range(p, c["value"]),
    ("one_of", "one_of"): lambda p, c: forms(c["values"]) <= forms(p["values"]),
    ("one_of", "exact"): lambda p, c: satisfies(p, c["value"]),
    ("not_one_of", "not_one_of"): lambda p, c: forms(c["excluded"]) >= forms(p["excluded"]),
    ("contains", "contains"): lambda p, c: forms(c["required"]) >= forms(p["required"]),
    ("subset", "subset"): lambda p, c: forms(c["allowed"]) <= forms(p["allowed"]),
    ("all", "all"): _all,
    ("any", "any"): _any,
    # Profile aat-02+writ.
    ("path_containment", "path_containment"): lambda p, c: is_under(p["root"], c["root"]),
    ("path_containment", "exact"): lambda p, c: is_under(p["root"], c["value"]),
}


def subsumes(parent, child):
    """Whether the parent's constraint subsumes the child's, whatever `optional` says."""
    if parent["constraint_type"] == "wildcard":
        return True
    rule = TABLE.get((parent["constraint_type"], child["constraint_type"]))
    return rule is not None and rule(parent, child)


def _keys_narrow(parent, child, profile):
    if "*" in child and "*" not in parent:
        return False
    if "*" not in parent and not child.keys() <= parent.keys():
        return False
    # What a call may not pass under "*", a child may not name.
    if profile.is_ours and any(shadows(parent, name) for name in child.keys() - parent.keys()):
        return False
    for name in parent.keys() - child.keys() - {"*"}:
        if is_required(parent[name]) or "*" in child:
            return False
    return True


def check_narrower(parent_tools, child_tools, profile):
    """Step 4p: p1 for all tools, then p2, p3 and p4."""
    for tool in child_tools:
        ensure(tool in parent_tools, "4p1", f"the parent has no {tool}")
    pairs = [(parent_tools[tool] or OPEN, child_tools[tool] or OPEN) for tool in child_tools]
    for parent, child in pairs:
        ensure(_keys_narrow(parent, child, profile), "4p2", "keys")
    for parent, child in pairs:
        for name in parent.keys() & child.keys():
            ensure(not is_required(parent[name]) or is_required(child[name]), "4p3", name)
    for parent, child in pairs:
        for name in child:
            outer = parent.get(name) or parent["*"]
            ensure(subsumes(outer, child[name]), "4p4", name)
