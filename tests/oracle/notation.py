"""The one-line notation of authority, both ways; its grammar is in lib/authority/notation.h.

Reading gives a `tools` object; printing gives the one text of it.
"""

import itertools
import re

from constraints import LIST_OF, check_formed
from jcs import canonical
from limits import CONSTRAINT_DEPTH_MAX
from refused import Refused
from steps import Profile
from strict_json import Malformed, Number, parse

OURS = Profile("aat-02+writ")
LISTS = {
    "in": ("one_of", "values"),
    "not in": ("not_one_of", "excluded"),
    "subset": ("subset", "allowed"),
    "contains": ("contains", "required"),
}
BOUNDS = {"<": ("max", False), "<=": ("max", True), ">": ("min", False), ">=": ("min", True)}
_WORD = re.compile(r"[A-Za-z0-9_@./:+-]+")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BLANK = re.compile(r"[ \t\n\r]*")


class NotNotation(ValueError):
    """No notation; `column` counts from 1."""

    def __init__(self, column, says):
        super().__init__(f"column {column}: {says}")
        self.column = column


# ---- Reading ------------------------------------------------------------------------------------


class Reader:
    def __init__(self, text):
        self.text = text
        self.at = 0
        self.skip()

    def skip(self):
        self.at = _BLANK.match(self.text, self.at).end()

    def refuse(self, says, at=None):
        raise NotNotation((self.at if at is None else at) + 1, says)

    def ensure(self, condition, says):
        if not condition:
            self.refuse(says)

    def peek(self, token):
        return self.text.startswith(token, self.at)

    def take(self, token):
        if not self.peek(token):
            return False
        self.at += len(token)
        self.skip()
        return True

    def expect(self, token):
        self.ensure(self.take(token), f"'{token}' is missing")

    def take_word(self, word):
        """A keyword: a whole bare word."""
        found = _WORD.match(self.text, self.at)
        return bool(found) and found[0] == word and self.take(word)

    def json(self, pattern):
        """A JSON value whose end the pattern tells."""
        found = pattern.match(self.text, self.at)
        self.ensure(found, "no JSON string")
        try:
            value = parse(found[0].encode())
        except Malformed as error:
            self.refuse(str(error))
        self.at = found.end()
        self.skip()
        return value

    def name(self):
        if self.peek('"'):
            return self.json(_STRING)
        found = _WORD.match(self.text, self.at)
        self.ensure(found, "a name is missing")
        self.at = found.end()
        self.skip()
        return found[0]

    def scalar(self):
        if self.peek('"'):
            return self.json(_STRING)
        found = _WORD.match(self.text, self.at)
        self.ensure(found, "a value is missing")
        self.at = found.end()
        self.skip()
        return value_of_word(found[0])

    def number(self):
        start = self.at
        value = self.scalar()
        if not isinstance(value, Number):
            self.refuse("a number is missing", start)
        return value

    def element(self):
        """Of a list; an array or an object stands there as JSON."""
        if not self.peek("[") and not self.peek("{"):
            return self.scalar()
        depth, place = 0, self.at
        for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', self.text[self.at :]):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
            if depth == 0:
                place = self.at + token.end()
                break
        try:
            value = parse(self.text[self.at : place].encode())
        except Malformed as error:
            self.refuse(str(error))
        self.at = place
        self.skip()
        return value

    def list(self):
        self.expect("[")
        values = []
        if self.take("]"):
            return values
        while True:
            values.append(self.element())
            if not self.take(","):
                break
        self.expect("]")
        return values

    def bound(self, made):
        start = self.at
        for sign in ("<=", ">=", "<", ">"):
            if self.take(sign):
                break
        else:
            return False
        name, inclusive = BOUNDS[sign]
        if name in made:
            self.refuse("two bounds of one side", start)
        made[name] = self.number()
        if not inclusive:
            made[f"{name}_inclusive"] = False
        return True

    def clauses(self):
        self.expect("(")
        found = [self.constraint()]
        while self.take(";"):
            found.append(self.constraint())
        self.expect(")")
        return found

    def constraint(self):
        start = self.at
        made = {"constraint_type": "range"}
        if self.bound(made):
            while self.bound(made):
                pass
            return made
        if self.take("="):
            return {"constraint_type": "exact", "value": self.scalar()}
        if self.take_word("not"):
            if self.take_word("in"):
                return {"constraint_type": "not_one_of", "excluded": self.list()}
            self.refuse("'in' is missing", start)
        for word, (kind, member) in LISTS.items():
            if self.take_word(word):
                return {"constraint_type": kind, member: self.list()}
        if self.take_word("number"):
            return made
        if self.take_word("under"):
            return {"constraint_type": "path_containment", "root": self.scalar()}
        for word in ("all", "any"):
            if not self.take_word(word):
                continue
            if self.take_word("of"):
                return {"constraint_type": word, "constraints": self.clauses()}
            if word == "any":
                return {"constraint_type": "wildcard"}
            break
        self.refuse("a constraint is missing", start)
        return None

    def argument(self):
        """(name, place, constraint)."""
        start = self.at
        name = self.name()
        if name == "*":
            self.refuse('"*" names no argument', start)
        is_optional = self.take("?")
        made = self.well_formed(self.at)
        if is_optional:
            made["optional"] = True
        return name, start, made

    def arguments(self):
        entries, stars = [], {}
        while True:
            if self.peek("*"):
                self.ensure(not stars, "* twice")
                self.take("*")
                stars = {"*": {"constraint_type": "wildcard"}}
            else:
                entries.append(self.argument())
            if not self.take(","):
                break
        self.expect(")")
        return self.distinct(entries) | stars

    def distinct(self, entries):
        """A dict of (name, place, value); the second of two with one name is refused."""
        entries = sorted(entries, key=lambda entry: (entry[0].encode(), entry[1]))
        for before, entry in itertools.pairwise(entries):
            if before[0] == entry[0]:
                self.refuse("named twice", entry[1])
        return {name: value for name, _, value in entries}

    def well_formed(self, start):
        """A constraint as it may stand in a token of aat-02+writ."""
        made = self.constraint()
        try:
            check_formed(made, OURS, CONSTRAINT_DEPTH_MAX)
        except Refused as refused:
            self.refuse(refused.says, start)
        return made

    def tool(self):
        """(name, place, map)."""
        start = self.at
        name = self.name()
        if not self.take("("):
            return name, start, {}
        self.ensure(not self.peek(")"), "a tool without arguments cannot be written")
        return name, start, self.arguments()

    def tools(self):
        if self.at == len(self.text):
            return {}
        entries = [self.tool()]
        while self.take(","):
            entries.append(self.tool())
        self.ensure(self.at == len(self.text), "something follows")
        return self.distinct(entries)


def value_of_word(word):
    words = {"true": True, "false": False, "null": None}
    if word in words:
        return words[word]
    return Number(word) if _NUMBER.fullmatch(word) else word


def read(text):
    """The tools object; NotNotation too where a constraint is not well-formed."""
    return Reader(text).tools()


# ---- Normal form --------------------------------------------------------------------------------

KINDS = (type(None), bool, Number, str, list, dict)


def order(value):
    """By kind, then by value; arrays and objects by their canonical text."""
    place = next(i for i, kind in enumerate(KINDS) if isinstance(value, kind))
    if isinstance(value, Number):
        return (place, float(value.text), b"")
    text = value if isinstance(value, str) else canonical(value)
    return (place, 0, text.encode() if place >= 3 else bytes([value is True]))


def normal_set(values):
    return sorted({canonical(value): value for value in values}.values(), key=order)


def normal_constraint(constraint):
    """Without members that say what is so anyway; lists that are sets sorted, and each once."""
    made = {}
    for name, value in constraint.items():
        if name == "constraints":
            made[name] = [normal_constraint(clause) for clause in value]
        elif name == LIST_OF.get(constraint["constraint_type"]):
            made[name] = normal_set(value)
        elif name == "optional" or name.endswith("_inclusive"):
            made |= {name: value} if value is (name == "optional") else {}
        else:
            made[name] = value
    return made


def normal(tools):
    """The form that libwrit writes of a tools object."""
    made = {}
    for tool, map_ in tools.items():
        map_ = {name: normal_constraint(constraint) for name, constraint in map_.items()}
        made[tool] = {} if map_.keys() == {"*"} else map_
    return made


# ---- Printing: of the normal form ----------------------------------------------------------------


def print_text(text):
    """Bare, unless it reads as something else or nearly does: "true", 1e, +5."""
    hasty = text.lower() in ("true", "false", "null") or re.fullmatch(r"[0-9+.eE-]*", text)
    return text if _WORD.fullmatch(text) and not hasty else canonical(text)


def print_name(name):
    return name if _WORD.fullmatch(name) else canonical(name)


def print_value(value):
    return print_text(value) if isinstance(value, str) else canonical(value)


def print_list(values):
    return "[" + ", ".join(map(print_value, values)) + "]"


def print_bounds(constraint):
    parts = []
    for bound, sign in (("min", ">"), ("max", "<")):
        if bound in constraint:
            inclusive = "=" if constraint.get(f"{bound}_inclusive", True) else ""
            parts.append((sign + inclusive, canonical(constraint[bound])))
    space = " " if len(parts) == 1 else ""
    return " ".join(sign + space + number for sign, number in parts) or "number"


def print_constraint(constraint):
    kind = constraint["constraint_type"]
    for word, (name, member) in LISTS.items():
        if kind == name:
            return f"{word} {print_list(constraint[member])}"
    if kind in ("all", "any"):
        return f"{kind} of(" + "; ".join(map(print_constraint, constraint["constraints"])) + ")"
    if kind == "exact":
        return "= " + print_value(constraint["value"])
    if kind == "range":
        return print_bounds(constraint)
    if kind == "path_containment":
        return "under " + print_text(constraint["root"])
    return "any"


def print_argument(name, constraint):
    mark = "?" if constraint.get("optional") else ""
    return f"{print_name(name)}{mark} {print_constraint(constraint)}"


def in_order(names):
    return sorted(names, key=lambda name: name.encode())


def print_tool(name, map_):
    named = [print_argument(n, map_[n]) for n in in_order(map_) if n != "*"]
    if not named:
        return print_name(name)
    return f"{print_name(name)}({', '.join(named + ['*'] * ('*' in map_))})"


def print_tools(tools):
    return ", ".join(print_tool(name, tools[name]) for name in in_order(tools))
