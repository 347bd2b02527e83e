"""Mutations of the claims of a link: each one removed, mistyped, or at and past its bounds."""

import curve
import jose
from case import Anchor
from forge import ENTRY, ISSUER, ISSUER_SEED, NOW, Raw, cnf, jti, jwk, seed
from kinds import REMOVED, hop_of, kind, put, walk

CLAIMS = [
    "jti",
    "iss",
    "iat",
    "exp",
    "del_depth",
    "del_max_depth",
    "cnf",
    "authorization_details",
    "par_hash",
]
MISTYPED = [None, True, False, 0, 1, -1, 1.5, "", "1", [], ["a"], {}, {"a": 1}, Raw("1e3")]
NUMBERS = ["iat", "exp", "del_depth", "del_max_depth"]


@kind()
def claim_removed(forge, rng, n):
    name = walk(n, CLAIMS)
    put(forge.links[hop_of(forge, rng)].claims, name, REMOVED)


@kind(weight=3)
def claim_mistyped(forge, rng, n):
    name, value = walk(n, CLAIMS, MISTYPED)
    forge.computed = value is not None
    link = forge.links[hop_of(forge, rng)]
    # seal computes what is None.
    link.claims[name] = Raw("null") if value is None else value
    forge.computed = True


def forms(number):
    """Spellings of an integer, right and wrong, and numbers near it."""
    return [
        f"{number}.0",
        f"{number}e0",
        f"{number}E+0",
        f"{number}.5",
        f"{number}e-1",
        f"{number}0e-1",
        f"-{number}",
        f"+{number}",
        f"0{number}",
        f"{number}.",
        f"0x{number:x}",
        f'"{number}"',
        "-0",
        "-0.0",
        "0e0",
        "1e3",
        "1.7E9",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "1" + "0" * 30,
        "-1" + "0" * 30,
        "1e400",
        "1e-400",
        "NaN",
        "Infinity",
        str(number + 1),
        str(number - 1),
    ]


@kind(weight=3)
def number_forms(forge, rng, n):
    name = walk(n, NUMBERS)
    claims = forge.links[hop_of(forge, rng)].claims
    claims[name] = Raw(walk(n // len(NUMBERS), forms(claims[name])))


@kind(weight=4)
def times_at_bounds(forge, rng, n):
    """The comparisons of steps 3e, 3h, 4h, 4i and 4j, at the bound and one to either side."""
    off, which = walk(n, [-1, 0, 1], range(6))
    hop = hop_of(forge, rng, 1 if which in (2, 3) else 0)
    claims = forge.links[hop].claims
    parent = forge.links[max(hop - 1, 0)].claims
    if which == 0:
        claims["exp"] = NOW + off
    elif which == 1:
        root = forge.links[0].claims
        root["exp"] = root["iat"] + forge.params["max_token_lifetime"] + off
    elif which == 2:
        claims["exp"] = parent["exp"] + off
    elif which == 3:
        claims["iat"] = parent["iat"] + off
    elif which == 4:
        forge.now = claims["exp"] + off
        forge.proof.claims["iat"] = forge.now
    else:
        forge.params["max_token_lifetime"] = claims["exp"] - claims["iat"] + off


@kind(weight=4)
def times_at_the_skew(forge, rng, n):
    """iat as far in the future as it may be, and exp about then: steps 3f, 3g, 4k and 4l."""
    off, which, skew = walk(n, [-1, 0, 1], [0, 1], [30, 60, 0])
    forge.params["max_iat_skew"] = skew
    hop = rng.choice([0, len(forge.links) - 1])
    for link in forge.links[hop:]:
        link.claims["iat"] = NOW + skew + (off if which == 0 else 0)
    if which == 1:
        forge.links[hop].claims["exp"] = NOW + skew + off


@kind(weight=4)
def depths_at_bounds(forge, rng, n):
    """Depths, ceilings and the enforcement point's own limit, one off and far off."""
    off, which = walk(n, [-1, 0, 1, -1, 7, -9], range(5))
    hop = hop_of(forge, rng)
    claims = forge.links[hop].claims
    if which == 0:
        claims["del_depth"] += off
    elif which == 1:
        claims["del_max_depth"] = claims["del_depth"] + off
    elif which == 2:
        claims["del_max_depth"] = forge.links[max(hop - 1, 0)].claims["del_max_depth"] + off
    elif which == 3:
        forge.params["max_delegation_depth"] = max(0, len(forge.links) - 1 + off)
    else:
        for link in forge.links:
            link.claims["del_max_depth"] = max(0, len(forge.links) - 1 + off)


@kind()
def issuer(forge, rng, n):
    """iss of a root and of a child, spelled like the right one."""
    hop = hop_of(forge, rng, n % 2)
    thumbprint = jose.thumbprint_uri(jose.public_of(seed(max(hop, 1))))
    forge.links[hop].claims["iss"] = walk(
        n // 2,
        [
            ISSUER,
            ISSUER + "/",
            ISSUER.upper(),
            "https://AUTH.example.com",
            "https://other.example.com",
            "auth.example.com",
            thumbprint,
            thumbprint.replace("sha-256", "sha-512"),
            thumbprint.replace("urn:", "URN:"),
            thumbprint[:-1],
            thumbprint + "A",
            thumbprint.rsplit(":", 1)[1],
            jose.thumbprint_uri(jose.public_of(seed(9))),
            "",
        ],
    )


@kind()
def parent_hash(forge, rng, n):
    """par_hash in a root, and in a child one that is nearly right."""
    hop = hop_of(forge, rng, n % 2)
    chain = forge.seal("first").chain
    above = chain[max(hop - 1, 0)].rsplit(".", 1)[0].encode()
    right = jose.sha256(above)
    forge.links[hop].claims["par_hash"] = walk(
        n // 2,
        [right, right + "=", right[:-1], right.lower(), "", Raw("null"), jose.sha256(above.upper()),
         jose.sha256(above.split(b".")[1]), jose.sha256(chain[-1].encode()), [right]],
    )  # fmt: skip


@kind()
def anchors(forge, rng, n):
    """More than one anchor: of other keys, of the same key under other names, with a kid."""
    public = jose.public_of(ISSUER_SEED)
    other = jose.public_of(seed(9))
    header = forge.links[0].header
    kid = walk(n // 7, [None, "k1", "k2", ""])
    if kid is not None:
        header["kid"] = kid
    forge.anchors = walk(
        n,
        [
            [Anchor(ISSUER, public, "k1")],
            [Anchor(ISSUER, public, "k1"), Anchor(ISSUER, other, "k2")],
            [Anchor(ISSUER, other), Anchor(ISSUER, public)],
            [Anchor("https://other.example.com", public), Anchor(ISSUER, other)],
            [Anchor("https://other.example.com", public), Anchor(ISSUER, public)],
            [Anchor("https://other.example.com", public, "k1"), Anchor(ISSUER, public, "k2")],
            [],
        ],
    )


@kind()
def issuer_is_a_uri(forge, rng, n):
    """An anchor may be configured under any name; the root's iss must still be a URI."""
    text = walk(
        n,
        ["auth", "a:", ":a", "1a:b", "a:b", "a+b.c-d:e", "a_b:c", "a:b c", "a:b\u00fc", "a:%41",
         "a:%4", "a:<b>", "urn:x:y#f", "https://h/p?q=1", "a:b\\c", "a:b^c", 'a:"b"', "a:{b}"],
    )  # fmt: skip
    forge.anchors = [Anchor(text, jose.public_of(ISSUER_SEED))]
    forge.links[0].claims["iss"] = text


def odd_points():
    """Keys that are weak, and bytes that are no points."""
    small = list(dict.fromkeys(jose.SMALL_ORDER))
    beyond = [(curve.P + y).to_bytes(32, "little") for y in (0, 1, 3, 18)]
    signed = [bytes([*point[:31], point[31] | 0x80]) for point in small + beyond]
    mixed = curve.add(curve.decode(jose.public_of(seed(1))), curve.decode(jose.SMALL_ORDER[1]))
    return [*small, *beyond, *signed, curve.encode(mixed), (2).to_bytes(32, "little")]


ODD_POINTS = odd_points()


@kind()
def weak_holder(forge, rng, n):
    point = walk(n, ODD_POINTS)
    forge.links[hop_of(forge, rng)].claims["cnf"] = {"jwk": jwk(point)}


@kind(weight=2)
def holder_jwk(forge, rng, n):
    hop = hop_of(forge, rng)
    right = jwk(jose.public_of(seed(hop + 1)))
    x = right["x"]
    last = x[:-1] + chr(ord(x[-1]) + 1)
    forge.links[hop].claims["cnf"] = walk(
        n,
        [
            {"jwk": right | {"d": jose.encode(seed(hop + 1))}},
            {"jwk": right | {"d": None}},
            {"jwk": right | {"p": "AQ"}},
            {"jwk": right | {"k": "AQ"}},
            {"jwk": right | {"alg": "EdDSA", "use": "enc", "kid": 5, "key_ops": []}},
            {"jwk": right | {"kty": "EC"}},
            {"jwk": right | {"kty": "okp"}},
            {"jwk": right | {"crv": "X25519"}},
            {"jwk": right | {"crv": "Ed448"}},
            {"jwk": right | {"crv": None}},
            {"jwk": right | {"x": x + "="}},
            {"jwk": right | {"x": x[:-1]}},
            {"jwk": right | {"x": x + "A"}},
            {"jwk": right | {"x": last}},
            {"jwk": right | {"x": x.replace("_", "/").replace("-", "+")}},
            {"jwk": right | {"x": ""}},
            {"jwk": right | {"x": 5}},
            {"jwk": right | {"x": x[:20] + "\n" + x[20:]}},
            {"jwk": {"x": x, "crv": "Ed25519"}},
            {"jwk": {"kty": "OKP", "crv": "Ed25519"}},
            {"jwk": [right]},
            {"jwk": None},
            {"jwk": {}},
            {"jkt": x},
            {"jwk": right, "kid": "a", "jku": "https://x"},
            right,
        ],
    )


@kind(weight=3)
def details(forge, rng, n):
    """The array authorization_details: entries of ours, of others, and no entries."""
    hop = hop_of(forge, rng)
    entry = forge.entry(hop)
    other = {"type": "payment", "tools": {"x": 5}}
    claims = forge.links[hop].claims
    rest = [e for e in claims["authorization_details"] if e["type"] != ENTRY]
    claims["authorization_details"] = rest + walk(
        n,
        [
            [],
            [entry, entry],
            [other],
            [other, entry],
            [entry, other, other],
            [entry, {}],
            [entry, 5],
            [None, entry],
            ["attenuating_agent_token", entry],
            [[entry]],
            [{"type": ENTRY}],
            [entry, {"type": ENTRY}],
            [{"type": ENTRY, "tools": None}],
            [{"type": ENTRY, "tools": [entry["tools"]]}],
            [{"type": ENTRY, "tools": {}}],
            [{"type": ENTRY, "tools": entry["tools"] | {"x": None}}],
            [{"type": ENTRY, "tools": entry["tools"] | {"x": []}}],
            [{"type": ENTRY, "tools": entry["tools"] | {"": {}}}],
            [entry | {"locations": ["https://x"], "optional": True}],
            [entry | {"type": ENTRY.upper()}],
            [entry | {"type": [ENTRY]}],
            [entry | {"type": None}, entry],
        ],
    )


AUDIENCES = [
    "https://tools.example.com",
    "https://tools.example.com/",
    "https://TOOLS.example.com",
    "https://other.example.com",
    "",
    [],
    ["https://tools.example.com"],
    ["https://other.example.com", "https://tools.example.com"],
    ["https://other.example.com"],
    [["https://tools.example.com"]],
    ["https://tools.example.com", 5],
    [5, "https://tools.example.com"],
    ["https://tools.example.com", None],
    {"aud": "https://tools.example.com"},
    5,
    True,
    None,
]


@kind(weight=2)
def audience(forge, rng, n):
    value = walk(n, AUDIENCES)
    forge.links[hop_of(forge, rng)].claims["aud"] = value
    if rng.random() < 0.5:
        forge.links[hop_of(forge, rng)].claims["aud"] = AUDIENCES[0]
    forge.policy["require_chain_aud"] = rng.random() < 0.5


@kind()
def audience_required(forge, rng, n):
    forge.policy["require_chain_aud"] = True
    if n % 2:
        forge.links[hop_of(forge, rng)].claims["aud"] = AUDIENCES[0]


@kind(weight=4)
def token_ids(forge, rng, n):
    """jti: the same twice, empty, long, of any characters, escaped."""
    hop = hop_of(forge, rng)
    forge.links[hop].claims["jti"] = walk(
        n,
        [
            jti(0),
            jti(max(hop - 1, 0)),
            Raw('"\\u0030' + jti(max(hop - 1, 0))[1:] + '"'),
            jti(hop).upper(),
            "",
            "x",
            " ",
            "a" * 128,
            "a" * 129,
            "\u00e4" * 64,
            "\u00e4" * 65,
            "\u2028",
            Raw('"\\u0000"'),
            5,
        ],
    )


@kind()
def claims_of_others(forge, rng, n):
    """What the draft does not know must be ignored, whatever it is."""
    forge.links[hop_of(forge, rng)].claims["x"] = walk(
        n,
        [None, {}, [[]], "\u0001", Raw("1e400"), Raw("9007199254740993"), Raw("-0"), Raw("1e-999"),
         {"constraint_type": "unknown"}, {"tools": 5}, Raw('"\\ud83d\\ude00"')],
    )  # fmt: skip
    for name in ("sub", "nbf", "act", "scope"):
        if rng.random() < 0.3 and name not in forge.links[0].claims:
            forge.links[hop_of(forge, rng)].claims[name] = rng.choice([0, "x", None, {"sub": 1}])


@kind()
def same_holder_again(forge, rng, n):
    """One key may hold several links: step 2c is about tokens."""
    if len(forge.links) > 1:
        hop = hop_of(forge, rng, 1)
        forge.links[hop].claims["cnf"] = cnf(seed(hop))
        if hop + 1 < len(forge.links):
            forge.links[hop + 1].signer = seed(hop)
            forge.links[hop + 1].claims["iss"] = jose.thumbprint_uri(jose.public_of(seed(hop)))
        else:
            forge.proof.signer = seed(hop)
