"""JSON as a verifier of tokens must read it: RFC 8259 to the letter, and nothing is lost.

Members may not repeat (the names are compared as read, so that an escape hides nothing), numbers
keep their text, and the text must be UTF-8 of whole characters. Python's own reader does the
grammar; what it takes beyond RFC 8259 is refused here.
"""

import json
import re

from limits import INTEGER_MAX, INTEGER_MIN, MEMBERS_MAX, NESTING_MAX


class Malformed(ValueError):
    """No JSON, or JSON that says a thing twice."""


class Number:
    """A number as it was written."""

    __slots__ = ("text",)

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def integer(self):
        """Of a number with no fraction or exponent part (AAT-02 section 3.2), else None."""
        if len(self.text) > 20 or not re.fullmatch(r"-?[0-9]+", self.text):
            return None
        value = int(self.text)
        return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def _object(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a member is named twice")
    if len(members) > MEMBERS_MAX:
        raise Malformed("too many members")
    return members


def _constant(text):
    raise Malformed(f"{text} is no JSON")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=_constant
)
_string = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def _nesting(text):
    """The deepest place of a text; strings do not count."""
    deepest = depth = 0
    for bracket in re.findall(r"[\[\]{}]", _string.sub('""', text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _whole(value):
    """Escapes can spell half of a surrogate pair, which is no character and has no RFC 8785 form,
    and U+0000, which libwrit refuses in any text."""
    if isinstance(value, str):
        return not re.search("[\0\ud800-\udfff]", value)
    if isinstance(value, dict):
        return all(_whole(name) and _whole(member) for name, member in value.items())
    return not isinstance(value, list) or all(map(_whole, value))


def parse(data):
    """The value of bytes; numbers as Number."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(str(error)) from None
    if _nesting(text) > NESTING_MAX:
        raise Malformed("nested too deep")
    blank = " \t\n\r"
    try:
        value, end = _decoder.raw_decode(text, len(text) - len(text.lstrip(blank)))
    except (json.JSONDecodeError, StopIteration) as error:
        raise Malformed(str(error)) from None
    if text[end:].strip(blank):
        raise Malformed("something follows")
    if "\\u" in text and not _whole(value):
        raise Malformed("half a surrogate pair, or U+0000")
    return value


def parse_object(data):
    value = parse(data)
    if not isinstance(value, dict):
        raise Malformed("no object")
    return value
