"""Random texts of notation, most of them a stroke away from a right one."""

import random
import re

import notation
import shapes
from forge import dump
from jcs import canonical
from strict_json import parse

STROKES = [
    "(", ")", ",", ";", "[", "]", "{", "}", '"', "\\", "=", "<", "<=", ">", ">=", "?", "*", " ",
    "\t", "any", "all", "of", "not", "in", "under", "number", "1", "-", ".", "e", "/", "..", "a",
    "null", "true", "\u00e4", "\u00a0", '"*"', '"a b"', "t(", "any of(", "1e400", "\\u0000", "\x01",
    "@", ":", "%2e", "0", "01",
]  # fmt: skip


def struck(rng, text):
    """The text with something put in, taken out, replaced or repeated."""
    place = rng.randrange(len(text) + 1)
    which = rng.randrange(4)
    if which == 0:
        return text[:place] + rng.choice(STROKES) + text[place:]
    if which == 1:
        return text[:place] + text[place + 1 :]
    if which == 2:
        return text[:place] + rng.choice(STROKES) + text[place + 1 :]
    other = rng.randrange(len(text) + 1)
    return text[:place] + text[other : other + 5] + text[place:]


def texts(count, seed):
    for n in range(count):
        rng = random.Random(f"{seed}/notation/{n}")
        tools = shapes.maps_of_chain(rng, 2, True)[0][1]
        text = notation.print_tools(notation.normal(parse(dump(tools).encode())))
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
            text = struck(rng, text)
        yield text


def ours(text):
    """(tools, printed), or the column at which reading stops."""
    try:
        tools = notation.normal(notation.read(text))
    except notation.NotNotation as error:
        return error.column
    return canonical(tools), notation.print_tools(tools)


def theirs(answer):
    if answer["outcome"] == "ok":
        return answer["tools"], answer["notation"]
    column = re.match(r"column ([0-9]+):", answer["detail"])
    return int(column[1]) if column else answer


def disagreements(count, seed, judge):
    asked = list(texts(count, seed))
    for text, answer in zip(asked, judge.ask([{"notation": t} for t in asked]), strict=True):
        if ours(text) != theirs(answer):
            yield f"{text!r}: Python {ours(text)}, C {theirs(answer)}"
