"""Vectors of the notation: text to `tools` and back, and where reading stops.

`tools` and `prints` are made by the second implementation; `column` is written by hand.
"""

import json

import notation
from jcs import canonical

# Read as they stand, and printed in their one form.
TEXTS = [
    "",
    "read_file",
    "read_file(*)",
    "read_file, send_email",
    "send_email,read_file",
    'read_file(path under /notes), send_email(recipients subset ["b@x", a@x, b@x], subject any)',
    "t(a = 1)",
    "t(a=1)",
    't(a = "1")',
    "t(a = 1.0)",
    "t(a = 1e21)",
    "t(a = 1E5)",
    "t(a = -0)",
    "t(a = x)",
    't(a = "x")',
    't(a = "")',
    't(a = "a b")',
    't(a = "\\u0061\\n\\u00e4")',
    "t(a = true)",
    "t(a = True)",
    't(a = "true")',
    "t(a = null)",
    't(a = "null")',
    "t(a = 1.2.3)",
    "t(a = 01)",
    "t(a = +1)",
    "t(a = e)",
    "t(a = -)",
    "t(a = https://x/y:z@w)",
    "t(a in [2, 1, 1, 10, b, a, true, null])",
    't(a in [[2,1], {"b": 1, "a": [2]}, "x"])',
    "t(a not in [])",
    "t(a  not\tin[x])",
    "t(a subset [])",
    "t(a contains [x])",
    "t(a <= 5)",
    "t(a<5)",
    "t(a > 1.50)",
    "t(a >= 1 <= 2)",
    "t(a < 2 > 1)",
    "t(a >=1 <=1)",
    "t(a number)",
    "t(a any)",
    "t(a? any)",
    "t(a ? = 1, *)",
    "t(b any, *, a any)",
    't("a b"? any)',
    't("\\u00e4" any)',
    't("" any)',
    '"*"(a any)',
    '"a b"',
    "t(a under /)",
    't(a under "/a b")',
    "t(a all of(>= 1; <= 2))",
    "t(a any of(= x; in [y, z]; all of(any)))",
    "t(any any, in in [in], not not in [not], number number, all all of(any))",
]

# (text, the column at which reading stops).
ERRORS = [
    ("t()", 3),
    ("t(", 3),
    ("t(a", 4),
    ("t(a)", 4),
    ("t(a any", 8),
    ("t(a any))", 9),
    ("t(a any)x", 9),
    ("t,", 3),
    (",", 1),
    ("*", 1),
    ("t,t", 3),
    ("t(a any, a any)", 10),
    ("t(*, *)", 6),
    ('t("*" any)', 3),
    ("t(a = )", 7),
    ("t(a = 1 2)", 9),
    ("t(a = [1])", 7),
    ('t(a = "x)', 7),
    ('t(a = "\\ud800")', 7),
    ('t(a = "\\u0000")', 7),
    ("t(a = 1e400)", 5),
    ("t(a = 9007199254740993)", 5),
    ("t(a in [])", 5),
    ("t(a in [1,])", 11),
    ("t(a in 1)", 8),
    ('t(a in [{"b":1,"b":2}])', 9),
    ("t(a notin [1])", 5),
    ("t(a not any)", 5),
    ("t(a < x)", 7),
    ("t(a < 1 <= 2)", 9),
    ("t(a >= 2 <= 1)", 5),
    ("t(a all)", 5),
    ("t(a all of any)", 12),
    ("t(a any of())", 12),
    ("t(a any of(any;))", 16),
    ("t(a any of(any, any))", 15),
    ("t(a any of(any; a? any))", 17),
    ("t(a under a)", 5),
    ("t(a under /a/)", 5),
    ("t(a?? any)", 5),
    ("\u00e4", 1),
    ("t(a = \u00e4)", 7),
    ('"\u00e4\u00e4"(a = )', 10),
    ("t(a\u00a0any)", 4),
]


def vectors():
    reads = []
    for text in TEXTS:
        tools = notation.normal(notation.read(text))
        entry = {"notation": text, "tools": json.loads(canonical(tools))}
        printed = notation.print_tools(tools)
        reads.append(entry | ({} if printed == text else {"prints": printed}))
    return {"reads": reads, "refuses": [{"notation": t, "column": c} for t, c in ERRORS]}
