"""Values that can be listed, so that an instance can be written down as JSON.

In `Finite` they are terms, and z3 chooses among them; numbers are multiples of a quarter. In
`Concrete` they are Json, any that can be written, and the rules come out as True or False.
"""

import json
import re
from fractions import Fraction

import z3
from logic import conj, disj, implies
from rules import Bound, Call, Constraint, Tool

TEXTS = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/a/../b", "/a//b", "/a/%2e", "a", "", "x"]
ARRAYS = [[], ["x"], ["/a"], [1], [1, "x"], ["x", 1], [1, 1], [None, 1], [[1]], [["x"], 1]]
OBJECTS = [{}, {"a": 1}]
NAMES = ["a", "A", "b"]


class Members:
    """A set of few elements, each there or not."""

    def __init__(self, pairs):
        self.pairs = list(pairs)  # (present, element)

    @classmethod
    def of(cls, elements):
        return cls((True, element) for element in elements)

    def has(self, value):
        return disj(*(conj(present, element == value) for present, element in self.pairs))

    def within(self, other):
        return conj(*(implies(present, other.has(element)) for present, element in self.pairs))

    def is_inhabited(self):
        return disj(*(present for present, _ in self.pairs))


class Listed(list):
    def every(self, holds):
        return conj(*(holds(x) for x in self))

    def some(self, holds):
        return disj(*(holds(x) for x in self))


def is_normal(text):
    """DESIGN section 2: absolute, whole segments, nothing that two programs read differently."""
    if not isinstance(text, str) or not text.startswith("/"):
        return False
    if re.search(r"[\x00-\x1f\x7f\\]|%2e|%2f|%5c|%00", text, re.IGNORECASE):
        return False
    return text == "/" or not any(part in ("", ".", "..") for part in text[1:].split("/"))


def is_under(root, text):
    """By whole segments, bytes; whether they are normal is another question."""
    if not isinstance(root, str) or not isinstance(text, str):
        return False
    segments = root.split("/")[1:] if root != "/" else []
    return text.split("/")[1 : 1 + len(segments)] == segments


class Json:
    """A JSON value that is equal to another when their RFC 8785 texts are."""

    def __init__(self, value):
        self.value = value
        self.canonical = json.dumps(plain(value), sort_keys=True)

    def __eq__(self, other):
        return self.canonical == other.canonical

    def __hash__(self):
        return hash(self.canonical)


def plain(value):
    """Numbers as json writes them: 1.0 and 1 are one number, true and 1 are not."""
    if isinstance(value, Json):
        return plain(value.value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


def is_python_number(value):
    return not isinstance(value, bool) and isinstance(value, (int, float, Fraction))


class Concrete:
    """Instances: values are Json, truth is True or False."""

    def is_number(self, v):
        return is_python_number(v.value)

    def number(self, v):
        return Fraction(v.value) if is_python_number(v.value) else Fraction(0)

    def is_array(self, v):
        return isinstance(v.value, list)

    def is_scalar(self, v):
        return not isinstance(v.value, (list, dict))

    def elements(self, v):
        items = v.value if isinstance(v.value, list) else []
        return Members.of([Json(item) for item in items])

    def is_normal(self, v):
        return is_normal(v.value)

    def is_under(self, root, v):
        return is_under(root.value, v.value)

    def fold(self, name):
        return name.lower()


def json_sort():
    sort = z3.Datatype("Json")
    sort.declare("null")
    sort.declare("boolean", ("truth", z3.BoolSort()))
    sort.declare("number", ("real", z3.RealSort()))
    sort.declare("text", ("text_at", z3.IntSort()))
    sort.declare("array", ("array_at", z3.IntSort()))
    sort.declare("object", ("object_at", z3.IntSort()))
    return sort.create()


JSON = json_sort()


def term(value):
    """The term of a listed value."""
    if value is None:
        return JSON.null
    if isinstance(value, bool):
        return JSON.boolean(value)
    if isinstance(value, str):
        return JSON.text(TEXTS.index(value))
    if isinstance(value, list):
        return JSON.array(ARRAYS.index(value))
    if isinstance(value, dict):
        return JSON.object(OBJECTS.index(value))
    return JSON.number(z3.RealVal(value))


class Elements:
    """The elements of an array of the list, whichever it is."""

    def __init__(self, value):
        self.value = value

    def each(self, holds):
        at = JSON.array_at(self.value)
        return [(at == i, holds([term(item) for item in items])) for i, items in enumerate(ARRAYS)]

    def has(self, value):
        return disj(
            *(
                conj(chosen, held)
                for chosen, held in self.each(lambda items: disj(*(x == value for x in items)))
            )
        )

    def within(self, other):
        return conj(
            *(
                implies(chosen, held)
                for chosen, held in self.each(lambda items: conj(*(other.has(x) for x in items)))
            )
        )


class Finite:
    """The listed values, as terms: z3 chooses among them."""

    def __init__(self):
        self.valid = []  # what keeps every term within the lists

    def is_number(self, v):
        return JSON.is_number(v)

    def number(self, v):
        return JSON.real(v)

    def is_array(self, v):
        return JSON.is_array(v)

    def is_scalar(self, v):
        return z3.Not(z3.Or(JSON.is_array(v), JSON.is_object(v)))

    def elements(self, v):
        return Elements(v)

    def is_normal(self, v):
        at = JSON.text_at(v)
        return conj(
            JSON.is_text(v), disj(*(at == i for i, text in enumerate(TEXTS) if is_normal(text)))
        )

    def is_under(self, root, v):
        pairs = [
            conj(JSON.text_at(root) == i, JSON.text_at(v) == j)
            for i, above in enumerate(TEXTS)
            for j, text in enumerate(TEXTS)
            if is_under(above, text)
        ]
        return conj(JSON.is_text(root), JSON.is_text(v), disj(*pairs))

    def fold(self, name):
        return name.lower()

    def number_named(self, name):
        number = z3.Real(name)
        self.valid.append(z3.And(z3.IsInt(4 * number), number >= -100, number <= 100))
        return number

    def value(self, name):
        v = z3.Const(name, JSON)
        for test, at, items in [
            (JSON.is_text, JSON.text_at, TEXTS),
            (JSON.is_array, JSON.array_at, ARRAYS),
            (JSON.is_object, JSON.object_at, OBJECTS),
        ]:
            self.valid.append(z3.Implies(test(v), z3.And(at(v) >= 0, at(v) < len(items))))
        real = JSON.real(v)
        quarter = z3.And(z3.IsInt(4 * real), real >= -100, real <= 100)
        self.valid.append(z3.Implies(JSON.is_number(v), quarter))
        return v

    def constraint(self, type, name, clauses=()):
        def bound(side):
            label = f"{name}.{side}"
            return Bound(
                z3.Bool(f"{label}.present"),
                z3.Bool(f"{label}.inclusive"),
                self.number_named(label),
            )

        return Constraint(
            self,
            type,
            value=self.value(f"{name}.value"),
            values=Members(
                (z3.Bool(f"{name}.has{i}"), self.value(f"{name}.item{i}")) for i in range(2)
            ),
            min=bound("min"),
            max=bound("max"),
            clauses=Listed(clauses),
        )

    def tool(self, name, types):
        constraints = {
            n: self.constraint(type, f"{name}.{n}") for n, type in zip(NAMES, types, strict=True)
        }
        tool = Tool(
            self,
            Listed(NAMES),
            lambda n: z3.Bool(f"{name}.{n}.named"),
            lambda n: z3.Bool(f"{name}.{n}.optional"),
            lambda n: constraints[n],
            z3.Bool(f"{name}.open"),
        )
        # A map that names nothing is open.
        self.valid.append(z3.Or(tool.open, tool.names.some(tool.named)))
        return tool

    def call(self):
        values = {n: self.value(f"call.{n}") for n in NAMES}
        return Call(lambda n: z3.Bool(f"call.{n}.has"), lambda n: values[n])
