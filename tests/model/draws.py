"""Random instances, small enough that both answers to each question are frequent."""

from finite import ARRAYS, NAMES, OBJECTS, TEXTS, is_normal
from instances import KEY, SETS

TEXTS_DRAWN = [
    *TEXTS,
    *["/a/b/", "/a/b/..", "/a%2Fb", "/a\\b", "/a/\u0001", "/a/\x7f", "/a/...", "/a/.b", "/A"],
    *["/\u00e9", "\u00e9", "e\u0301", "1", "null"],
]
# What a path may be made of, and what makes it one that is not normal.
PIECES = "/ / a b . .. %2e %2 e %5C %2F %25 \\ \u0001 \x7f \u00e9".split(" ")
NUMBERS = [
    *[0, 1, 2, 5, 10, -1, 0.5, 0.1, 0.30000000000000004, 1.0000000000000002],
    *[2**53, 2**53 - 1, 1e20, -1e20, 1e-7, 5e-324, 1.7976931348623157e308],
]
DRAFT = ["exact", "range", "one_of", "not_one_of", "contains", "subset", "wildcard"]
OURS = [*DRAFT, "path_containment"]
ROOTS = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/\u00e9"]


class Draw:
    def __init__(self, random):
        self.random = random
        self.types = OURS

    def chance(self, part):
        return self.random.random() < part

    def path(self):
        pieces = self.random.choices(PIECES, k=self.random.randint(1, 6))
        return "/" + "".join(pieces) if self.chance(0.9) else "".join(pieces)

    def root(self):
        path = self.path() if self.chance(0.3) else ""
        return path if is_normal(path) else self.random.choice(ROOTS)

    def scalar(self):
        if self.chance(0.1):
            return self.path()
        kinds = [[None, True, False], NUMBERS, NUMBERS, TEXTS_DRAWN, TEXTS_DRAWN]
        return self.random.choice(self.random.choice(kinds))

    def value(self):
        if self.chance(0.7):
            return self.scalar()
        if self.chance(0.2):
            return self.random.choice(OBJECTS)
        if self.chance(0.5):
            return self.random.choice(ARRAYS)
        return [self.scalar() for _ in range(self.random.randrange(4))]

    def bound(self, json, side, number):
        json[side] = number
        if self.chance(0.5):
            json[f"{side}_inclusive"] = self.chance(0.5)

    def constraint(self, depth=3):
        if depth > 1 and self.chance(0.3):
            clauses = [self.constraint(depth - 1) for _ in range(self.random.randint(1, 3))]
            return {"constraint_type": self.random.choice(["all", "any"]), "constraints": clauses}
        type = self.random.choice(self.types)
        json = {"constraint_type": type}
        if type == "exact":
            json["value"] = self.scalar()
        elif type == "path_containment":
            json["root"] = self.root()
        elif type == "range":
            low, high = sorted(self.random.choices(NUMBERS, k=2))
            if self.chance(0.7):
                self.bound(json, "min", low)
            if self.chance(0.7):
                self.bound(json, "max", high)
        elif type in SETS:
            least = 1 if type == "one_of" else 0
            json[SETS[type]] = [self.value() for _ in range(self.random.randint(least, 4))]
        return json

    # ---- Something near: mostly narrower, sometimes a little off ---------------------------------

    def near(self, json):
        type = json["constraint_type"]
        members = {name: item for name, item in json.items() if name != "optional"}
        if self.chance(0.1):
            return self.constraint(2)
        if type == "wildcard":
            return self.constraint(2)
        if type in ("all", "any"):
            clauses = [self.near(clause) for clause in json["constraints"]]
            self.random.shuffle(clauses)
            if self.chance(0.4):
                clauses.append(self.constraint(1))
            if self.chance(0.3) and len(clauses) > 1:
                clauses.pop()
            return {"constraint_type": type, "constraints": clauses}
        if type in SETS:
            return self.near_set(members, type)
        if type == "range" and self.chance(0.8):
            return self.near_range(members)
        if type == "path_containment" and self.chance(0.6):
            return {"constraint_type": type, "root": self.root()}
        if self.chance(0.5) and type in ("range", "path_containment"):
            return {"constraint_type": "exact", "value": self.scalar()}
        return members

    def near_set(self, json, type):
        items = list(json[SETS[type]])
        if type == "one_of" and self.chance(0.3):
            scalars = [x for x in items if not isinstance(x, (list, dict))]
            if scalars:
                return {"constraint_type": "exact", "value": self.random.choice(scalars)}
        if self.chance(0.4):
            items.append(self.value())
        if self.chance(0.4) and len(items) > 1:
            items.pop(self.random.randrange(len(items)))
        self.random.shuffle(items)
        return {"constraint_type": type, SETS[type]: items}

    def near_range(self, json):
        near = {"constraint_type": "range"}
        for side in ("min", "max"):
            if side in json and self.chance(0.9):
                near[side] = json[side]
                if self.chance(0.3):
                    near[side] = self.random.choice(NUMBERS)
                if self.chance(0.5):
                    near[f"{side}_inclusive"] = self.chance(0.5)
                elif f"{side}_inclusive" in json:
                    near[f"{side}_inclusive"] = json[f"{side}_inclusive"]
            elif self.chance(0.2):
                near[side] = self.random.choice(NUMBERS)
        if "min" in near and "max" in near and near["min"] > near["max"]:
            return json
        return near

    def passing(self, json):
        """A value that has a chance to pass."""
        type = json["constraint_type"]
        if type in ("exact", "path_containment"):
            value = json.get("value", json.get("root"))
            below = type == "path_containment" and self.chance(0.5)
            return value + self.path() if below else value
        if type == "range":
            at = [json[side] for side in ("min", "max") if side in json]
            return self.random.choice(at or NUMBERS) if self.chance(0.6) else self.scalar()
        if type == "one_of":
            return self.random.choice(json["values"])
        if type in ("contains", "subset"):
            items = [*json[SETS[type]], *[self.value() for _ in range(self.random.randrange(2))]]
            return self.random.sample(items, self.random.randint(0, len(items)))
        if type in ("all", "any"):
            return self.passing(self.random.choice(json["constraints"]))
        return self.value()

    # ---- What is asked ---------------------------------------------------------------------------

    def constraints(self):
        self.types = OURS
        parent = self.constraint()
        child = self.near(parent) if self.chance(0.85) else self.constraint()
        third = self.near(child)
        if self.chance(0.3):
            parent, child = child, parent
        near = self.random.choice([parent, child])
        value = self.passing(near) if self.chance(0.8) else self.value()
        return {
            "ask": "constraints",
            "parent": parent,
            "child": child,
            "third": third,
            "value": value,
        }

    def tools(self):
        names = [*NAMES, "k", "\u212a"]
        ours = self.chance(0.6)
        self.types = OURS if ours else DRAFT
        parent = {}
        for name in self.random.sample(names, self.random.randint(0, 3)):
            parent[name] = self.constraint(2)
            if self.chance(0.4):
                parent[name]["optional"] = True
        if self.chance(0.6):
            parent["*"] = {"constraint_type": "wildcard"}
        child = {}
        for name, json in parent.items():
            if self.chance(0.85):
                child[name] = self.near(json) if name != "*" else json
                if name != "*" and self.chance(0.8 if json.get("optional") else 0.05):
                    child[name]["optional"] = True
        if self.chance(0.1):
            child["*"] = {"constraint_type": "wildcard"}
        if self.chance(0.3):
            child[self.random.choice(names)] = {"constraint_type": "wildcard"}
        args = {}
        for name, json in child.items():
            if name != "*" and self.chance(0.5 if json.get("optional") else 0.95):
                args[name] = self.passing(json)
        if self.chance(0.3):
            args[self.random.choice([*names, "*"])] = self.value()
        return {
            "ask": "tools",
            "ours": ours,
            "parent": {"t": parent},
            "child": {"t": child},
            "args": args,
        }

    def amount(self):
        whole = ["0", "1", "1.0", "1.00", "9", "10", "99999999999999999999"]
        parts = ["0.5", "0.25", "9.09", "9.98", "9.99", "9.990", "10.000000001"]
        return self.random.choice([*whole, *parts])

    def some(self, items):
        return self.random.sample(items, self.random.randint(0, len(items)))

    def rule(self):
        return {
            "tools": self.random.choice([["pay"], ["pay", "send"]]),
            "approvers": ["finance"],
            "quorum": self.random.randint(1, 2),
        }

    def budget(self, above):
        """Near what the parent has."""
        entries = {}
        for entry in above:
            if self.chance(0.7):
                near = {**entry, "limit": entry["limit"] if self.chance(0.6) else self.amount()}
                if self.chance(0.3):
                    near["per_call"] = self.amount()
                elif self.chance(0.3):
                    near.pop("per_call", None)
                entries[key_of(near)] = near
        for _ in range(self.random.randrange(2)):
            entry = {"unit": self.random.choice(["calls", "usd"]), "limit": self.amount()}
            if self.chance(0.4):
                entry["tool"] = "pay"
                if entry["unit"] == "usd" and self.chance(0.5):
                    entry["argument"] = "amount"
            if self.chance(0.4):
                entry["per_call"] = self.amount()
            entries.setdefault(key_of(entry), entry)
        return list(entries.values())

    def terms_of(self, above):
        terms = {}
        if self.chance(0.6):
            terms["clearance"] = {
                "confidentiality": self.random.choice(["public", "internal", "restricted"]),
                "integrity": self.random.choice(["trusted", "untrusted"]),
                "categories": self.some(["pii", "hr"]),
            }
            for name in self.some(list(terms["clearance"])):
                if self.chance(0.3):
                    del terms["clearance"][name]
            if "clearance" in above and self.chance(0.5):
                terms["clearance"] = above["clearance"]
        if self.chance(0.5):
            rules = [*above.get("approval", []), *[self.rule() for _ in range(2)]]
            if rules and self.chance(0.2):
                rules.pop(0)
            terms["approval"] = rules
        if self.chance(0.3):
            terms["call_only"] = self.some(["read", "pay", "send"])
        if self.chance(0.4):
            terms["pass_only"] = self.some(["read", "pay", "send"])
        if self.chance(0.6):
            terms["budget"] = self.budget(above.get("budget", []))
        return terms

    def terms(self):
        links, above = [], {}
        for _ in range(self.random.randint(1, 4)):
            above = self.terms_of(above)
            links.append(
                {
                    "terms": above,
                    "tools": {tool: {} for tool in self.some(["read", "pay", "send"])},
                    "agent": self.random.choice("ab"),
                    "key": self.random.randint(1, 3),
                }
            )
        uses = [
            {"agent": agent, "key": key, "tool": tool}
            for agent in "ab"
            for key in (1, 2, 3)
            for tool in ("read", "pay", "send")
        ]
        return {"ask": "terms", "links": links, "uses": uses}


def key_of(entry):
    return tuple(entry.get(part) for part in KEY)
