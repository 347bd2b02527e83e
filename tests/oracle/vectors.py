"""The files of tests/vectors/ours: made here, byte for byte; and what both sides say of them.

Expectations stand in vectors_*.py, written by hand. A file is only made when the second
implementation says the same.
"""

import json
import re

import constraints
import notation
import subsume
import vectors_notation
import vectors_open
import vectors_paths
import vectors_terms
from case import carried
from forge import ISSUER, ISSUER_SEED, NOW, PARAMS, dump, jwk
from jcs import canonical
from jose import public_of
from judge import differs
from paths import is_normal, is_under
from steps import Profile, verify
from strict_json import parse

OURS = Profile("aat-02+writ")
HEAD = {
    "source": "tests/oracle, the second implementation of Writ's tests",
    "licence": "Apache-2.0",
}
PROBE = "t"


class Disagreement(Exception):
    """What a vector expects and what an implementation says."""


def agree(name, expected, said):
    if expected != said:
        raise Disagreement(f"{name}: expected {expected}, got {said}")


# ---- Presentations ------------------------------------------------------------------------------


def presentation(name, title, why, case, expected):
    """A vector in the format of aat-02.json, with its profile, outcome and hop."""
    refused = verify(case)
    step, outcome, hop = expected or (None, None, None)
    agree(name, step, refused and refused.step)
    if refused and refused.outcome:
        agree(name, outcome, refused.outcome)
    vector = {
        "id": name,
        "title": title,
        "why": why,
        "profile": case.profile,
        "now": case.now,
        "tool": case.tool,
        "args_text": carried(case.args),
        "policy": case.policy,
        "aat_chain": case.chain,
        "aat_pop": case.proof,
    }
    anchors = [anchor.as_json() for anchor in case.anchors]
    if anchors != default_anchors():
        vector["trust_anchors"] = anchors
    verdict = "DENY" if expected else "PERMIT"
    return vector | {"verdict": verdict, "step": step or None, "outcome": outcome, "hop": hop}


def default_anchors():
    return [{"iss": ISSUER, "jwk": jwk(public_of(ISSUER_SEED))}]


def presentations(module):
    head = HEAD | {"params": {"now": NOW} | PARAMS, "trust_anchors": default_anchors()}
    made = [
        presentation(name, title, why, forge.seal(name), expected)
        for name, title, why, forge, expected in module.vectors()
    ]
    return head | {"vectors": made}


# ---- Paths and notation -------------------------------------------------------------------------


def path_file():
    made = vectors_paths.vectors()
    for vector in made["normal"]:
        agree(vector["path"], vector["normal"], is_normal(vector["path"]))
    for vector in made["under"]:
        said = is_under(vector["root"], parse(dump(vector["value"]).encode()))
        agree(str(vector), vector["under"], said)
    for vector in made["subsumes"]:
        agree(str(vector), vector["subsumes"], subsumes(vector["parent"], vector["child"]))
    return HEAD | made


def subsumes(parent, child):
    parent, child = (parse(dump(constraint).encode()) for constraint in (parent, child))
    for constraint in (parent, child):
        constraints.check_formed(constraint, OURS, 32)
    return subsume.subsumes(parent, child)


def notation_file():
    made = vectors_notation.vectors()
    for vector in made["reads"]:
        tools = parse(dump(vector["tools"]).encode())
        agree(
            vector["notation"],
            vector.get("prints", vector["notation"]),
            notation.print_tools(tools),
        )
        agree(
            vector["notation"],
            tools_text(tools),
            tools_text(notation.read(notation.print_tools(tools))),
        )
    for vector in made["refuses"]:
        try:
            notation.read(vector["notation"])
        except notation.NotNotation as error:
            agree(vector["notation"], vector["column"], error.column)
        else:
            raise Disagreement(f"{vector['notation']} is read")
    return HEAD | made


def tools_text(tools):
    return canonical(notation.normal(tools))


FILES = {
    "writ-terms.json": lambda: presentations(vectors_terms),
    "aat-02-open.json": lambda: presentations(vectors_open),
    "path-containment.json": path_file,
    "notation.json": notation_file,
}


def text_of(name):
    return json.dumps(FILES[name](), indent=1, ensure_ascii=True) + "\n"


# ---- libwrit on the files -----------------------------------------------------------------------


def tools_of(constraint):
    return dump({PROBE: {"a": constraint}})


def ask_paths(file, judge):
    """(what, agrees) of each vector of path-containment.json."""
    ours = {"profile": OURS.name}
    path = vectors_paths.path
    lines = [ours | {"tools": tools_of(path(v["path"]))} for v in file["normal"]]
    for v in file["under"]:
        call = {"tool": PROBE, "args": dump({"a": v["value"]})}
        lines.append(ours | {"tools": tools_of(path(v["root"]))} | call)
    for v in file["subsumes"]:
        lines.append(ours | {"tools": tools_of(v["parent"]), "child": tools_of(v["child"])})
    vectors = file["normal"] + file["under"] + file["subsumes"]
    for vector, answer in zip(vectors, judge.ask(lines), strict=True):
        expected = list(vector.values())[-1]
        yield str(vector), expected == (answer["outcome"] == "ok")


def ask_notation(file, judge):
    lines = [{"notation": vector["notation"]} for vector in file["reads"] + file["refuses"]]
    lines += [{"profile": OURS.name, "tools": dump(vector["tools"])} for vector in file["reads"]]
    answers = judge.ask(lines)
    for vector in file["reads"]:
        answer = answers.pop(0)
        printed = vector.get("prints", vector["notation"])
        tools = canonical(parse(dump(vector["tools"]).encode()))
        same = answer["outcome"] == "ok" and answer["tools"] == tools
        yield vector["notation"], same and answer["notation"] == printed
    for vector in file["refuses"]:
        answer = answers.pop(0)
        column = re.match(r"column ([0-9]+):", answer.get("detail", ""))
        yield vector["notation"], bool(column) and int(column[1]) == vector["column"]
    for vector in file["reads"]:
        printed = vector.get("prints", vector["notation"])
        yield f"printing {printed}", answers.pop(0).get("notation") == printed


def ask_presentations(file, judge, cases):
    """libwrit and the second verifier on each, against what the file says."""
    answers = judge.ask([case.as_json() for case in cases])
    for vector, case, answer in zip(file["vectors"], cases, answers, strict=True):
        refused = verify(case)
        same = not differs(refused, answer) and answer["verdict"] == vector["verdict"]
        if vector["verdict"] == "DENY":
            same = same and answer["step"] == (vector["step"] or "")
            same = same and answer["outcome"] == vector.get("outcome", answer["outcome"])
            same = same and ("hop" not in vector or answer.get("hop") == vector["hop"])
        yield vector["id"], same
