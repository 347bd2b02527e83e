"""Vectors of what the draft leaves open, or where the two verifiers differed when they first met.

Each says why it is decided so. Expectations are written by hand, as in vectors_terms.py.
"""

import curve
import jose
from case import Anchor
from forge import ISSUER, ISSUER_SEED, Raw, cnf, jwk, new_forge, seed

PERMIT = None
NO_POINT = (2).to_bytes(32, "little")
OPTIONAL = {"constraint_type": "exact", "value": 1, "optional": True}
OPEN = {"*": {"constraint_type": "wildcard"}}


def chain(maps, args, profile="aat-02"):
    return new_forge(profile, [{"t": map_} for map_ in maps], "t", args)


def plain(profile="aat-02"):
    return chain([{}, {}], {"a": 1}, profile)


def edited(change, profile="aat-02"):
    forge = plain(profile)
    change(forge)
    return forge


def set_claim(hop, name, value):
    return lambda forge: forge.links[hop].claims.update({name: value})


def set_header(name, value):
    return lambda forge: forge.links[0].header.update({name: value})


def issued_by(text):
    def change(forge):
        forge.anchors = [Anchor(text, jose.public_of(ISSUER_SEED))]
        forge.links[0].claims["iss"] = text

    return change


def with_kid(anchor_kid, header_kid):
    def change(forge):
        forge.anchors = [Anchor(ISSUER, jose.public_of(ISSUER_SEED), anchor_kid)]
        if header_kid is not None:
            forge.links[0].header["kid"] = header_kid

    return change


def holder(key):
    return lambda forge: forge.links[1].claims.update(cnf={"jwk": jwk(key)})


def small_order_r(forge):
    def sign(signer, message):
        return curve.sign_with_nonce_point(signer, jose.public_of(signer), message, 0)

    forge.links[1].sign = sign


def rounded_in_the_proof():
    forge = chain([{}], {"a": 9007199254740992})
    forge.hta = {"a": Raw("9007199254740993")}
    return forge


def one_key_twice():
    forge = plain()
    forge.links[1].claims["cnf"] = cnf(seed(1))
    forge.proof.signer = seed(1)
    return forge


def jwk_with(**members):
    return lambda forge: forge.links[0].claims["cnf"]["jwk"].update(members)


def deep(depth):
    return lambda forge: forge.links[0].claims.update(x=Raw("[" * depth + "]" * depth))


def spelled_signature(forge):
    def torn(text):
        return text[:-1] + chr(ord(text[-1]) + 1)

    forge.links[0].torn.append(torn)


def shadowed(named, sent, child=False):
    maps = [{named: OPTIONAL} | OPEN] * (1 if child else 2)
    if child:
        maps.append({sent: {"constraint_type": "exact", "value": 2}})
    return chain(maps, {sent: 2}, "aat-02+writ")


FOLDED = "a tool that compares names in upper case takes one for the other (DESIGN section 2)"
LIMIT = "an implementation limit, section 4.3: it only denies more"
NUMBERS = "section 3.4: step 7f compares canonical bytes, and only the invocation is executed"

# (title, why, Forge, None for a permit or (step, outcome, hop)).
VECTORS = [
    ("sharp s under ss", FOLDED, shadowed("ss", "\u00df"), ("6b", "argument_not_granted", 1)),
    ("a ligature under ffi", FOLDED, shadowed("ffi", "\ufb03"), ("6b", "argument_not_granted", 1)),
    (
        "two Greek letters under one",
        FOLDED,
        shadowed("\u1fb3", "\u0391\u0399"),
        ("6b", "argument_not_granted", 1),
    ),
    (
        "a child names the shadow of a named argument",
        FOLDED,
        shadowed("ss", "\u00df", child=True),
        ("4p2", "not_narrower", 1),
    ),
    ("a name that is no shadow", FOLDED, shadowed("path", "p\u00e4th"), PERMIT),
    (
        "an empty jti of a root",
        "2c asks for a text, 3j for one that is not empty",
        edited(set_claim(0, "jti", "")),
        ("3j", "malformed", 0),
    ),
    (
        "an empty jti of a child",
        "2c asks for a text, 4b1 for one that is not empty",
        edited(set_claim(1, "jti", "")),
        ("4b1", "malformed", 1),
    ),
    (
        "an anchor whose name has an underscore for a scheme",
        "3k: RFC 3986 section 3.1",
        edited(issued_by("a_b:c")),
        ("3k", "signature_invalid", 0),
    ),
    (
        "an anchor whose name has a space",
        "3k: RFC 3986 section 2",
        edited(issued_by("a:b c")),
        ("3k", "signature_invalid", 0),
    ),
    ("a URI with an empty path", "3k: RFC 3986 section 3.3", edited(issued_by("a:")), PERMIT),
    (
        "an anchor with a kid, a root without",
        "section 3.5 lets kid select: an anchor that has one is for roots that name it",
        edited(with_kid("k1", None)),
        ("3b", "signature_invalid", 0),
    ),
    ("an anchor without a kid, a root with", "section 3.5", edited(with_kid("", "k1")), PERMIT),
    (
        "kid is no text",
        "RFC 7515 section 4.1.4",
        edited(set_header("kid", 5)),
        ("3a", "malformed", 0),
    ),
    (
        "b64 is not understood and not critical",
        "section 3.5: other parameters are ignored",
        edited(set_header("b64", False)),
        PERMIT,
    ),
    (
        "crit is empty",
        "RFC 7515 section 4.1.11",
        edited(set_header("crit", [])),
        ("3a", "malformed", 0),
    ),
    (
        "a holder key that is no point",
        "no signature verifies under it, so it is refused where it signs",
        edited(holder(NO_POINT)),
        ("7b", "holder_binding_failed", None),
    ),
    (
        "a holder key of small order",
        "3l, 4b2: a signature under it is good for any message",
        edited(holder(jose.SMALL_ORDER[1])),
        ("4b2", "weak_key", 1),
    ),
    (
        "a holder key that is not spelled as RFC 8032 does",
        "4b2",
        edited(holder((curve.P + 3).to_bytes(32, "little"))),
        ("4b2", "weak_key", 1),
    ),
    (
        "R of small order, by the right key",
        "no signer of RFC 8032 makes it; libsodium refuses it",
        edited(small_order_r),
        ("4b", "signature_invalid", 1),
    ),
    (
        "the private member of an RSA key in an OKP key",
        "RFC 8037 has no such member: ignored",
        edited(jwk_with(p="AQ")),
        PERMIT,
    ),
    (
        "d is null",
        "3l: the member must not appear",
        edited(jwk_with(d=None)),
        ("3l", "malformed", 0),
    ),
    (
        "a signature in a second spelling",
        "one value has one text (RFC 4648 section 3.5)",
        edited(spelled_signature),
        ("3a", "malformed", 0),
    ),
    ("hta has a number that rounds to that of args", NUMBERS, rounded_in_the_proof(), PERMIT),
    (
        "-0 is an integer",
        "section 3.2: no fraction or exponent part, and equal to 0",
        edited(set_claim(0, "del_depth", Raw("-0"))),
        PERMIT,
    ),
    (
        "1.0 is no integer",
        "section 3.2",
        edited(set_claim(0, "del_depth", Raw("0.0"))),
        ("3c", "depth_invalid", 0),
    ),
    (
        "an exp over 64 bits",
        LIMIT + "; the draft denies it in 3h",
        edited(set_claim(0, "exp", Raw("1" + "0" * 20))),
        ("3b", "malformed", 0),
    ),
    (
        "U+0000 in a claim that nobody reads",
        LIMIT,
        edited(set_claim(0, "x", Raw('"\\u0000"'))),
        ("2c", "malformed", 0),
    ),
    ("JSON 79 deep in a claim of 1", LIMIT, edited(deep(79)), PERMIT),
    ("JSON 80 deep in a claim of 1", LIMIT, edited(deep(80)), ("2c", "malformed", 0)),
    (
        "a jti of 129 bytes, strict",
        "section 3.2 sets no size",
        edited(set_claim(0, "jti", "a" * 129)),
        PERMIT,
    ),
    (
        "a jti of 129 bytes, ours",
        LIMIT,
        edited(set_claim(0, "jti", "a" * 129), "aat-02+writ"),
        ("3j", "malformed", 0),
    ),
    (
        "a mixed list of audiences, strict",
        "section 3.2: a text or an array of texts",
        edited(set_claim(1, "aud", ["https://tools.example.com", 5])),
        ("6c", "audience_mismatch", 1),
    ),
    (
        "a mixed list of audiences, ours",
        "the claim is judged with its link",
        edited(set_claim(1, "aud", ["https://tools.example.com", 5]), "aat-02+writ"),
        ("", "malformed", 1),
    ),
    ("one key holds two links", "step 2c is about tokens, not holders", one_key_twice(), PERMIT),
    (
        "path_containment in the strict profile",
        "section 5.2: a type that is not implemented",
        chain([{"a": {"constraint_type": "path_containment", "root": "/"}}], {"a": "/"}),
        ("3n/4o", "unknown_constraint", 0),
    ),
]


def vectors():
    for n, (title, why, forge, expected) in enumerate(VECTORS, 1):
        yield f"O.{n}", title, why, forge, expected
