"""Connectives that take formulas of z3 and plain truth values alike.

The rules are written once with these. Over z3 terms they build a formula to be proved; over the
values of one instance they come out as True or False, and that is what libwrit is held against.
"""

import z3


def conj(*parts):
    if any(part is False for part in parts):
        return False
    open_parts = [part for part in parts if part is not True]
    return z3.And(*open_parts) if open_parts else True


def disj(*parts):
    if any(part is True for part in parts):
        return True
    open_parts = [part for part in parts if part is not False]
    return z3.Or(*open_parts) if open_parts else False


def neg(part):
    return (not part) if isinstance(part, bool) else z3.Not(part)


def implies(left, right):
    return disj(neg(left), right)


def choose(condition, then, otherwise):
    if isinstance(condition, bool):
        return then if condition else otherwise
    return z3.If(condition, then, otherwise)
