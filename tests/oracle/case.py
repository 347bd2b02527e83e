"""A case: a presentation, an invocation, and what an enforcement point is configured with.

In files and lines it has the members of an AAT vector (tests/vectors/aat-02.json), and where those
cannot carry what a hostile caller sends, raw text instead: `args_text` for `args`, and `args_hex`,
`tool_hex`, `chain_hex` and `proof_hex` for bytes that are no Unicode.
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
        line = {
            "id": self.id,
            "profile": self.profile,
            "params": self.params,
            "trust_anchors": [anchor.as_json() for anchor in self.anchors],
            "now": self.now,
            "policy": self.policy,
            "tool": self.tool,
            "aat_chain": self.chain,
            "aat_pop": self.proof,
        }
        try:
            line["args_text"] = self.args.decode()
        except UnicodeDecodeError:
            line["args_hex"] = self.args.hex()
        return line


def read_anchor(anchor):
    return Anchor(anchor["iss"], jose.decode(anchor["jwk"]["x"]), anchor.get("kid", ""))


def from_vector(vector, file):
    """A case of a file of vectors; what the vector does not say, its file says."""
    if "args_hex" in vector:
        args = bytes.fromhex(vector["args_hex"])
    elif "args_text" in vector:
        args = vector["args_text"].encode()
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
