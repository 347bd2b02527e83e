"""RFC 8785: the one text of a JSON value, and which numbers survive it (AAT-02 section 3.4)."""

import json
import re

from strict_json import Number

_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


def _decimal(text):
    """(negative, digits, power): digits x 10^power, exact at any length; zero has one form."""
    sign, whole, fraction, power = _NUMBER.fullmatch(text).groups()
    digits = whole + (fraction or "")
    power = int(power or 0) - len(fraction or "")
    stripped = digits.strip("0")
    if not stripped:
        return (False, "", 0)
    power += len(digits) - len(digits.rstrip("0"))
    return (sign == "-", stripped, power)


def _double_text(value):
    """ECMAScript's text of a finite double: Python finds the same shortest digits."""
    if value == 0:
        return "0"
    negative, digits, power = _decimal(repr(value))
    places = len(digits) + power  # the decimal point is after so many digits
    if len(digits) <= places <= 21:
        body = digits + "0" * (places - len(digits))
    elif 0 < places <= 21:
        body = digits[:places] + "." + digits[places:]
    elif -6 < places <= 0:
        body = "0." + "0" * -places + digits
    else:
        body = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        body += f"e{places - 1:+d}"
    return "-" + body if negative else body


def to_double(number):
    """The IEEE 754 value; None beyond its range, where RFC 8785 has no form."""
    value = float(number.text)
    return None if value in (float("inf"), float("-inf")) else value


def number_text(number):
    value = to_double(number)
    if value is None:
        raise ValueError(f"{number} has no RFC 8785 form")
    return _double_text(value)


def admissible(number):
    """Whether the RFC 8785 text denotes the same number as the text that was read."""
    value = to_double(number)
    return value is not None and _decimal(_double_text(value)) == _decimal(number.text)


def all_admissible(value):
    if isinstance(value, Number):
        return admissible(value)
    if isinstance(value, dict):
        return all(map(all_admissible, value.values()))
    return not isinstance(value, list) or all(map(all_admissible, value))


def canonical(value):
    """The RFC 8785 text. ValueError for a number beyond a double."""
    if isinstance(value, Number):
        return number_text(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, str):
        return _text(value)
    return {None: "null", True: "true", False: "false"}[value]


def _text(value):
    return json.dumps(value, ensure_ascii=False)
