"""A case: a presentation, an invocation, and what an enforcement point is configured with.

In files and lines it has the members of an AAT vector (tests/vectors/aat-02.json), and where those
cannot carry what a hostile caller sends, `args_text`: the raw text of `args`. Any raw text may be
{"hex": ...} where it is no text that JSON can carry.
"""

import json
from dataclasses import dataclass, field

import jose


@dataclass
class Anchor:
    issuer: str
    key: bytes
    kid: str = ""

    def as_json(self):
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": jose.encode(self.key)}
        return {"iss": self.issuer, "jwk": jwk} | ({"kid": self.kid} if self.kid else {})


@dataclass
class Case:
    id: str
    profile: str
    params: dict
    anchors: list
    chain: list
    proof: str
    tool: str
    args: bytes
    now: int
    policy: dict = field(default_factory=dict)

    @property
    def audience(self):
        return self.params["audience"]

    def as_json(self):
        """One line for the C program; all that is raw goes as text."""
        return {
            "profile": self.profile,
            "params": self.params,
            "trust_anchors": [anchor.as_json() for anchor in self.anchors],
            "now": self.now,
            "policy": self.policy,
            "tool": carried(self.tool),
            "args": carried(self.args),
            "aat_chain": [carried(token) for token in self.chain],
            "aat_pop": carried(self.proof),
        }


def carried(text):
    """A raw text or bytes as a JSON value that says exactly that."""
    data = text.encode() if isinstance(text, str) else text
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        return {"hex": data.hex()}
    return {"hex": data.hex()} if "\0" in whole else whole


def uncarried(value):
    """The bytes of what `carried` made."""
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode()


def read_anchor(anchor):
    return Anchor(anchor["iss"], jose.decode(anchor["jwk"]["x"]), anchor.get("kid", ""))


def from_vector(vector, file):
    """A case of a file of vectors; what the vector does not say, its file says."""
    if "args_text" in vector:
        args = uncarried(vector["args_text"])
    else:
        args = json.dumps(vector["args"]).encode()
    return Case(
        id=vector["id"],
        profile=vector.get("profile", file.get("profile", "aat-02")),
        params=file["params"] | vector.get("params", {}),
        anchors=[read_anchor(a) for a in vector.get("trust_anchors", file["trust_anchors"])],
        chain=vector["aat_chain"],
        proof=vector["aat_pop"],
        tool=vector["tool"],
        args=args,
        now=vector.get("now", file["params"]["now"]),
        policy=vector.get("policy", {}),
    )
