"""Mutations of the envelope: header, signature, base64url, and which tokens stand where."""

import curve
import jose
from forge import ATTACKER_SEED, PROOF_HEADER, Pairs, Raw, another, cnf, dump, jwk, seed
from kinds import REMOVED, hop_of, kind, put, walk
from kinds_claims import ODD_POINTS

HEADERS = [
    ("alg", ["none", "None", None, "EdDSA", "ed25519", "Ed25519 ", "ES256", "HS256", "RS256", "",
             REMOVED, 0, ["Ed25519"], {"Ed25519": 1}, Raw('"\\u0045d25519"')]),
    ("typ", ["JWT", "AAT+JWT", "application/aat+jwt", "aat-pop+jwt", "aat+jwt", "aat+jwt ", "",
             None, REMOVED, ["aat+jwt"], 5, Raw('"aat\\u002bjwt"')]),
    ("crit", [[], ["b64"], ["exp"], ["alg"], ["x", "y"], None, "b64", False, {}, 0]),
    ("kid", ["k1", "", None, 5, ["k1"], "\u00e4", Raw('"\\ud83d\\ude00"')]),
    ("jwk", [jwk(jose.public_of(ATTACKER_SEED)), jwk(ODD_POINTS[0]), None, {}, 5]),
    ("jku", ["https://evil.example/jwks", None, 5]),
    ("x5c", [["MIIB"], [], None]),
    ("x5u", ["https://evil.example/cert", 5]),
    ("b64", [False, True, None]),
    ("zip", ["DEF", None]),
    ("cty", ["JWT", "aat+jwt"]),
    ("exp", [0, Raw("1e400"), Raw("-0")]),
    ("x", [{"deep": [[[]]]}, Raw("9007199254740993")]),
]  # fmt: skip
EDITS = [(name, value) for name, values in HEADERS for value in values]


def some_jws(forge, rng):
    """The root, any link, or the proof."""
    return rng.choice([forge.links[0], forge.links[hop_of(forge, rng)], forge.proof])


@kind(weight=4)
def header_members(forge, rng, n):
    name, value = walk(n, EDITS)
    put(some_jws(forge, rng).header, name, value)


@kind()
def header_text(forge, rng, n):
    """The header as bytes: no object, no JSON, spaces, members twice."""
    jws = some_jws(forge, rng)
    typ = jws.header["typ"]
    right = dump(jws.header)
    jws.header = walk(
        n,
        [
            f" {right}\n".encode(),
            b"\xef\xbb\xbf" + right.encode(),
            right.encode() + b"\0",
            right[:-1].encode(),
            right.encode() + b"{}",
            b"",
            b"null",
            b"[]",
            b'"aat+jwt"',
            Pairs([("alg", "Ed25519"), ("alg", "Ed25519"), ("typ", typ)]),
            Pairs([("alg", "none"), ("typ", typ), ("alg", "Ed25519")]),
            Pairs([("alg", "Ed25519"), ("typ", typ), ("typ", typ)]),
            Pairs([("alg", "Ed25519"), ("typ", typ), (Raw('"\\u0061lg"'), "Ed25519")]),
            Pairs([(Raw('"\\u0061lg"'), "Ed25519"), ("typ", typ)]),
            Pairs([("alg", "Ed25519"), ("typ", typ), ("x", Pairs([("a", 1), ("a", 1)]))]),
            Pairs([("Alg", "Ed25519"), ("typ", typ)]),
            right.replace('"', "'").encode(),
            right.encode("utf-16-le"),
            (right[:-1] + ',"x":"\xff"}').encode("latin-1"),
            (right[:-1] + ",}").encode(),
        ],
    )


@kind()
def signed_by_another(forge, rng, n):
    jws = some_jws(forge, rng)
    jws.signer = walk(n, [ATTACKER_SEED, seed(1), seed(2), seed(40), jws.signer])


@kind()
def self_issued(forge, rng, n):
    """A chain that the attacker signed from some link on, consistent in itself."""
    hop = hop_of(forge, rng)
    forge.links[hop].signer = ATTACKER_SEED
    if n % 2 and hop:
        forge.links[hop].claims["iss"] = jose.thumbprint_uri(jose.public_of(ATTACKER_SEED))
    if n % 3 == 0:
        forge.links[hop].header["jwk"] = jwk(jose.public_of(ATTACKER_SEED))


def signature_edits(rng):
    def edit(change):
        def torn(text):
            head, signature = text.rsplit(".", 1)
            return f"{head}.{change(signature)}"

        return torn

    def flipped(signature):
        data = bytearray(jose.decode(signature))
        place = rng.randrange(512)
        data[place // 8] ^= 1 << place % 8
        return jose.encode(bytes(data))

    def plus_order(signature):
        data = jose.decode(signature)
        s = int.from_bytes(data[32:], "little") + curve.L
        return jose.encode(data[:32] + s.to_bytes(32, "little"))

    return [
        edit(flipped),
        edit(flipped),
        edit(plus_order),
        edit(lambda s: ""),
        edit(lambda s: s[:-1]),
        edit(lambda s: s[:-4]),
        edit(lambda s: s[:43]),
        edit(lambda s: s + "A"),
        edit(lambda s: s + "AAAA"),
        edit(lambda s: s + "=="),
        edit(lambda s: s + "."),
        edit(lambda s: "A" * 86),
        edit(lambda s: s[:-1] + chr(ord(s[-1]) + 1)),
        edit(lambda s: s.replace("-", "+").replace("_", "/")),
        edit(lambda s: s[:40] + " " + s[40:]),
        edit(lambda s: s[:40] + "\n" + s[40:]),
        edit(lambda s: s[:40] + "\u00e4" + s[40:]),
        edit(lambda s: s[::-1]),
    ]


@kind(weight=2)
def signature_text(forge, rng, n):
    some_jws(forge, rng).torn.append(walk(n, signature_edits(rng)))


@kind()
def odd_signature(forge, rng, n):
    """Signatures that an honest signer never makes: R of small or mixed order, by the right key."""
    torsion = walk(n, jose.SMALL_ORDER)
    nonce = rng.choice([0, 0, 5])

    def sign(signer, message):
        public = jose.public_of(signer)
        return curve.sign_with_nonce_point(signer, public, message, nonce, curve.decode(torsion))

    some_jws(forge, rng).sign = sign


@kind()
def under_a_weak_key(forge, rng, n):
    """The holder's key is weak, and what it signs is R = identity, S = 0: good for any message."""
    hop = hop_of(forge, rng)
    forge.links[hop].claims["cnf"] = {"jwk": jwk(walk(n, ODD_POINTS))}
    signed = forge.links[hop + 1] if hop + 1 < len(forge.links) else forge.proof
    signed.sign = lambda signer, message: bytes([1]) + bytes(63)


@kind(weight=2)
def encoded_text(forge, rng, n):
    """base64url of header or payload in other spellings, signed as they stand or torn after."""
    jws = some_jws(forge, rng)
    part, when, how = walk(n, [0, 1], [0, 1], range(12))

    def edit(text):
        parts = text.split(".")
        old = parts[part]
        parts[part] = [
            old + "=",
            old + "==",
            old[:-1],
            old + "A",
            old[:-1] + chr(ord(old[-1]) + 1),
            old[:8] + "\n" + old[8:],
            old[:8] + " " + old[8:],
            old[:8] + "+" + old[9:],
            old[:8] + "." + old[8:],
            old[:8] + "%41" + old[8:],
            "",
            old[:8] + "\u0101" + old[8:],
        ][how]
        return ".".join(parts)

    (jws.spelled if when else jws.torn).append(edit)


@kind()
def payload_flipped(forge, rng, n):
    """One bit of what was signed."""

    def torn(text):
        header, payload, signature = text.split(".")
        data = bytearray(jose.decode(payload))
        place = rng.randrange(len(data) * 8)
        data[place // 8] ^= 1 << place % 8
        return f"{header}.{jose.encode(bytes(data))}.{signature}"

    some_jws(forge, rng).torn.append(torn)


@kind()
def parts(forge, rng, n):
    """Not three parts."""
    edit = walk(
        n,
        [
            lambda text: text.rsplit(".", 1)[0],
            lambda text: text.split(".", 1)[1],
            lambda text: text + ".",
            lambda text: "." + text,
            lambda text: text + "." + text,
            lambda text: text.replace(".", ".."),
            lambda text: text.replace(".", ""),
            lambda text: "..",
            lambda text: "",
            lambda text: " " + text,
            lambda text: text + "\n",
            lambda text: '{"payload":"","signatures":[]}',
        ],
    )
    some_jws(forge, rng).torn.append(edit)


@kind(weight=3)
def links_moved(forge, rng, n):
    """The sealed chain reordered, cut, repeated, or with another token in a place."""

    def change(case):
        chain, which = case.chain, n % 12
        place, other = rng.randrange(len(chain)), rng.randrange(len(chain))
        if which == 0:
            chain[place], chain[other] = chain[other], chain[place]
        elif which == 1:
            chain.pop(place)
        elif which == 2:
            chain.insert(place, chain[other])
        elif which == 3:
            chain.reverse()
        elif which == 4:
            del chain[place + 1 :]
        elif which == 5:
            del chain[:place]
        elif which == 6:
            chain.append(case.proof)
        elif which == 7:
            case.proof = chain[place]
        elif which == 8:
            chain[place] = case.proof
        elif which == 9:
            chain.clear()
        elif which == 10:
            chain.extend(list(chain))
        else:
            case.proof = ""

    forge.after.append(change)


@kind(weight=3)
def spliced(forge, rng, n):
    """A token of another chain of the same holders in the place of one of this."""
    sibling = another(forge)
    place = hop_of(forge, rng)
    changed = hop_of(forge, rng)
    claims = sibling.links[changed].claims
    edit = walk(
        n,
        [
            lambda: claims.update(jti="019471f8-0000-7000-8000-0000000000ff"),
            lambda: claims.update(exp=claims["exp"] - 1),
            lambda: claims.update(aud="https://tools.example.com"),
            lambda: claims.update(jti="019471f8-0000-7000-8000-0000000000fe", txn="task-2"),
            lambda: None,
        ],
    )
    edit()
    if n % 2:
        # All jti differ, so that step 2c has nothing to say.
        for link in sibling.links:
            link.claims["jti"] += "-b"
    foreign = sibling.seal("sibling")

    def change(case):
        if n % 3 == 0:
            case.chain[place] = foreign.chain[place]
        elif n % 3 == 1:
            case.chain[place:] = foreign.chain[place:]
        else:
            case.proof = foreign.proof

    forge.after.append(change)


@kind()
def token_for_proof(forge, rng, n):
    """Each kind of object is accepted only as itself, even with the claims of the other."""
    link, proof = forge.links[hop_of(forge, rng)], forge.proof
    if n % 3 == 0:
        link.header = dict(PROOF_HEADER)
    elif n % 3 == 1:
        proof.header = {"alg": "Ed25519", "typ": "aat+jwt"}
    else:
        proof.claims |= {"cnf": cnf(seed(1)), "del_depth": 0}
