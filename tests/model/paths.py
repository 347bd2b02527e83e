"""Claims on path_containment as bytes: that comparing texts compares whole segments.

constraints.py takes a path for a sequence of segments. Here a path is a text of any length, and
"beneath" is what a program does with it: equal, or longer by "/" and more.
"""

import z3
from claims import can_be, fails, follows
from logic import conj, disj, implies, neg
from unbounded import VALUE, Unbounded

SLASH = z3.StringVal("/")


def under(root, path):
    return disj(root == SLASH, root == path, z3.PrefixOf(z3.Concat(root, SLASH), path))


def is_absolute(path):
    return z3.PrefixOf(SLASH, path)


def is_segment(text):
    return conj(z3.Length(text) > 0, neg(z3.Contains(text, SLASH)))


def order():
    a, b, c = z3.Strings("a b c")
    absolute = [is_absolute(a), is_absolute(b), is_absolute(c)]
    yield follows("path: reflexive", absolute, under(a, a))
    yield follows("path: transitive", [*absolute, under(a, b), under(b, c)], under(a, c))
    yield can_be(
        "path: not vacuous", [*absolute, under(a, b), under(b, c), a != b, b != c, a != SLASH]
    )
    yield fails(
        "path: a prefix that ends within a segment is no directory",
        [is_absolute(a), is_absolute(b), a != SLASH, z3.PrefixOf(a, b)],
        under(a, b),
    )


def segments():
    """By induction on the segments of the root: beneath by bytes is beneath by segments.

    A path is written as its segments with "/" behind each, after the first "/": what `under`
    compares, once the same "/" is put behind both. Let r and p be the first segments of root and
    path. That the root is a prefix means r/x = p/y, where x is the rest of the root and whatever
    the path has more. Then r = p and x = y, so the rest of the root is a prefix of the rest of the
    path. z3 cannot see where the first "/" is, so the step is cut by the lengths of r and p: of
    unequal ones the shorter is a prefix of the longer, which is then itself, a character and more.
    """
    r, p, x, y, character, more = z3.Strings("r p x y character more")
    first = [is_segment(r), is_segment(p)]
    whole = [z3.Concat(r, SLASH, x) == z3.Concat(p, SLASH, y)]
    yield follows(
        "path: first segments of one length are equal, and so is the rest",
        [*whole, z3.Length(r) == z3.Length(p)],
        conj(r == p, x == y),
    )
    for name, short, long in (("root", r, p), ("path", p, r)):
        yield follows(
            f"path: a shorter first segment of the {name} is a prefix of the other",
            [*whole, z3.Length(short) < z3.Length(long)],
            z3.SubString(long, 0, z3.Length(short)) == short,
        )
        cut = [long == z3.Concat(short, character, more), z3.Length(character) == 1]
        yield follows(
            f"path: so the first segment of the {name} is not shorter",
            [*first, *whole, *cut],
            False,
        )
    yield follows(
        "path: equal first segments and a prefix behind them are a prefix",
        [*first, r == p, z3.PrefixOf(x, y)],
        z3.PrefixOf(z3.Concat(r, SLASH, x), z3.Concat(p, SLASH, y)),
    )
    yield can_be("path: not vacuous: segments", [*first, *whole, z3.Length(x) > 0])
    yield fails(
        "path: necessary: a segment has no slash",
        [z3.Length(r) > 0, z3.Length(p) > 0, *whole],
        r == p,
    )


def examples():
    """The draft's section 5.3 compares what `.`, `..` and `//` resolve to. Whatever it may be that
    they resolve to: a normal path has none of them."""
    w = Unbounded()
    resolved = z3.Function("resolved", VALUE, VALUE)
    x, v = z3.Consts("any_value value", VALUE)
    normal_stays = z3.ForAll([x], implies(w.is_normal(x), resolved(x) == x))
    p, e = w.constraint("path_containment", "parent"), w.constraint("exact", "child")
    for name, given, value in (
        ("passes", p.passes(v), v),
        ("subsumes an exact", p.subsumes(e), e.value),
    ):
        yield follows(
            f"path: what ours {name}, the example of the draft does",
            [normal_stays, given],
            w.is_under(p.value, resolved(value)),
        )


def claims():
    yield from order()
    yield from segments()
    yield from examples()
