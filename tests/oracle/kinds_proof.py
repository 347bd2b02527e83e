"""Mutations of the proof, and of what the enforcement point asks of it."""

import jose
from forge import AUDIENCE, NOW, Raw, encoded
from kinds import REMOVED, kind, put, walk
from kinds_claims import MISTYPED, forms

CLAIMS = ["jti", "iat", "aat_id", "aat_hash", "aat_tool", "aat_aud", "hta", "nonce"]
NONCE = "e1c8a7f4-3b2d-4c5e-9f6a-7b8c9d0e1f2a"


@kind(weight=2)
def proof_claim_removed(forge, rng, n):
    put(forge.proof.claims, walk(n, CLAIMS), REMOVED)
    forge.policy["require_pop_aud"] = rng.random() < 0.5


@kind(weight=3)
def proof_claim_mistyped(forge, rng, n):
    name, value = walk(n, CLAIMS, MISTYPED)
    forge.proof.claims[name] = Raw("null") if value is None else value
    if rng.random() < 0.3:
        forge.policy["nonce"] = NONCE


@kind(weight=2)
def proof_iat(forge, rng, n):
    forge.params["pop_window"] = window = rng.choice([30, 0, 5, 60])
    if n % 2:
        forge.proof.claims["iat"] = Raw(walk(n // 2, forms(NOW)))
    else:
        off, sign = walk(n // 2, [-1, 0, 1], [-1, 1])
        forge.proof.claims["iat"] = NOW + sign * window + off


@kind()
def proof_audience(forge, rng, n):
    forge.policy["require_pop_aud"] = n % 2 == 0
    value = walk(
        n // 2,
        [AUDIENCE, AUDIENCE + "/", AUDIENCE.upper(), "https://other.example.com", "", [AUDIENCE],
         [AUDIENCE, "x"], {}, 5, Raw("null"), REMOVED, Raw('"\\u0068' + AUDIENCE[1:] + '"')],
    )  # fmt: skip
    put(forge.proof.claims, "aat_aud", value)


@kind()
def proof_nonce(forge, rng, n):
    values = [NONCE, NONCE.upper(), NONCE[:-1], "", "\u00e4", 5, Raw("null"), [NONCE], REMOVED]
    required, value = walk(n, [NONCE, "", "\u00e4"], values)
    if required:
        forge.policy["nonce"] = required
    put(forge.proof.claims, "nonce", value)


@kind()
def proof_of_another_leaf(forge, rng, n):
    """aat_id and aat_hash, each right or of another token of the chain."""
    claims = forge.proof.claims

    def other(case):
        return case.rsplit(".", 1)[0].encode()

    chain = forge.seal("first").chain
    leaf, root = jose.sha256(other(chain[-1])), jose.sha256(other(chain[0]))
    values = [leaf, root, leaf + "=", leaf[:-1], leaf.upper(), "", jose.sha256(chain[-1].encode())]
    claims["aat_hash"], claims["aat_id"] = walk(
        n, values, [forge.links[-1].claims["jti"], forge.links[0].claims["jti"], "x", "PROOF-1"]
    )


@kind()
def proof_tool(forge, rng, n):
    tools = list(forge.tools(len(forge.links) - 1))
    forge.proof.claims["aat_tool"] = walk(
        n, [forge.tool, forge.tool + " ", forge.tool.upper(), tools[-1], "", "*", "./" + forge.tool]
    )


@kind(weight=2)
def proof_arguments(forge, rng, n):
    """hta: equal in another spelling and order, or different."""
    args = forge.args
    forge.hta = walk(
        n,
        [
            dict(reversed(args.items())),
            args | {"added": 1},
            dict(list(args.items())[1:]),
            Raw(encoded(args).decode().replace(":", " : ").replace(",", " ,\n")),
            {name: [value] for name, value in args.items()},
            {name.upper(): value for name, value in args.items()},
            {name: value for name, value in args.items() if value is not None},
            {},
            {"*": 1},
        ],
    )


@kind()
def proof_replayed(forge, rng, n):
    used = walk(n, [["proof-1"], ["proof-2"], [], ["proof-2", "proof-1"], ["PROOF-1"]])
    forge.policy["accepted"] = used
    if n % 2 and used:
        forge.proof.claims["jti"] = rng.choice(used)


@kind()
def proof_ids(forge, rng, n):
    long = ["a" * 128, "a" * 129, "\u00e4" * 64, "\u00e4" * 65]
    others = ["", " ", forge.links[0].claims["jti"], Raw('"\\u0000"')]
    forge.proof.claims["jti"] = walk(n, long + others)


@kind(weight=2, ours=True)
def digest_of_arguments(forge, rng, n):
    """A value above 4 KiB may stand in the proof as its digest, under aat-02+writ."""
    size, how, is_list = walk(n, [4095, 4096, 4097, 5000, 20], range(6), [False, True])
    value = ["a" * (size - len('[""]'))] if is_list else "a" * (size - len('""'))
    args = {"big": value, "id": 1}
    for hop in range(len(forge.links)):
        forge.tools(hop)[forge.tool] = {}
    forge.args = args
    text = encoded(value)
    digest = jose.sha256(text)
    shown = [
        {"writ_sha256": digest},
        {"writ_sha256": digest + "="},
        {"writ_sha256": jose.sha256(text + b" ")},
        {"writ_sha256": digest, "more": 1},
        {"sha256": digest},
        value,
    ][how]
    forge.hta = {"big": shown, "id": 1}
    if rng.random() < 0.1:
        forge.args = {"big": {"writ_sha256": digest}, "id": 1}
