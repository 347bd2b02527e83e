"""Chains and proofs from any claims, any bytes and any seed: valid until a mutation touches them.

Nothing of the verifier's rules is used here, only its base64url and signing.
"""

import copy
from dataclasses import dataclass, field

import jose
from case import Anchor, Case

ISSUER = "https://auth.example.com"
AUDIENCE = "https://tools.example.com"
NOW = 1704067500
PARAMS = {
    "max_iat_skew": 30,
    "max_token_lifetime": 7776000,
    "max_delegation_depth": 8,
    "max_constraint_depth": 32,
    "pop_window": 30,
    "audience": AUDIENCE,
}
TOKEN_HEADER = {"alg": "Ed25519", "typ": "aat+jwt"}
PROOF_HEADER = {"alg": "Ed25519", "typ": "aat-pop+jwt"}
ENTRY = "attenuating_agent_token"


class Raw(str):
    """JSON text that is written as it stands."""


class Pairs(list):
    """An object as a list of (name, value), so that names may repeat."""


ESCAPES = {'"': '\\"', "\\": "\\\\"} | {chr(code): f"\\u{code:04x}" for code in range(0x20)}
_escapes = str.maketrans(ESCAPES)


def dump(value):
    """JSON text; a name may be Raw too (with its quotes)."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return '"' + value.translate(_escapes) + '"'
    if isinstance(value, (dict, Pairs)):
        pairs = value.items() if isinstance(value, dict) else value
        return "{" + ",".join(f"{dump(name)}:{dump(member)}" for name, member in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)


def encoded(value):
    """The bytes of a value, or bytes as they are; half a surrogate pair as three bytes."""
    return value if isinstance(value, bytes) else dump(value).encode("utf-8", "surrogatepass")


def seed(number):
    return bytes([number]) * 32


ISSUER_SEED = seed(0xA0)
ATTACKER_SEED = seed(0xFF)


def jwk(public):
    return {"kty": "OKP", "crv": "Ed25519", "x": jose.encode(public)}


def cnf(holder):
    return {"jwk": jwk(jose.public_of(holder))}


@dataclass
class Signed:
    """A JWS in the making. What `edits` do to the payload is signed; `torn` happens after."""

    header: object
    claims: object
    signer: bytes
    edits: list = field(default_factory=list)  # bytes -> bytes, of the payload
    spelled: list = field(default_factory=list)  # text -> text, of the signing input
    torn: list = field(default_factory=list)  # text -> text, of the whole
    sign: object = jose.sign

    def compact(self):
        payload = encoded(self.claims)
        for edit in self.edits:
            payload = edit(payload)
        text = f"{jose.encode(encoded(self.header))}.{jose.encode(payload)}"
        for edit in self.spelled:
            text = edit(text)
        text += "." + jose.encode(self.sign(self.signer, text.encode()))
        for edit in self.torn:
            text = edit(text)
        return text


@dataclass
class Forge:
    """A presentation, an invocation and an enforcement point. Link i is held by seed(i + 1)."""

    profile: str
    links: list
    proof: Signed
    tool: str
    args: object
    params: dict = field(default_factory=lambda: dict(PARAMS))
    anchors: list = field(default_factory=lambda: [Anchor(ISSUER, jose.public_of(ISSUER_SEED))])
    now: int = NOW
    policy: dict = field(default_factory=dict)
    computed: bool = True  # iss, par_hash, aat_id and aat_hash follow the links
    after: list = field(default_factory=list)  # what is done to the sealed Case
    hta: object = None  # what the proof says of the arguments, where that is something else

    def entry(self, hop):
        """The attenuating_agent_token of a link."""
        for entry in self.links[hop].claims["authorization_details"]:
            if entry["type"] == ENTRY:
                return entry
        raise KeyError(ENTRY)

    def tools(self, hop):
        return self.entry(hop)["tools"]

    def terms(self, hop):
        """The writ_terms of a link, made when it has none."""
        details = self.links[hop].claims["authorization_details"]
        for entry in details:
            if entry["type"] == "writ_terms":
                return entry
        details.append({"type": "writ_terms"})
        return details[-1]

    def seal(self, name):
        chain = []
        for hop, link in enumerate(self.links):
            claims = link.claims
            if hop and self.computed and isinstance(claims, dict):
                if claims.get("iss", 0) is None:
                    claims["iss"] = jose.thumbprint_uri(jose.public_of(seed(hop)))
                if claims.get("par_hash", 0) is None:
                    claims["par_hash"] = jose.sha256(signing_input(chain[-1]))
            chain.append(link.compact())
        claims = self.proof.claims
        if isinstance(claims, dict):
            if claims.get("aat_id", 0) is None:
                claims["aat_id"] = self.links[-1].claims.get("jti")
            if claims.get("aat_hash", 0) is None:
                claims["aat_hash"] = jose.sha256(signing_input(chain[-1]))
            if claims.get("hta", 0) is None:
                shown = self.args if self.hta is None else self.hta
                claims["hta"] = Raw(shown.decode("latin-1")) if isinstance(shown, bytes) else shown
        case = Case(
            id=name,
            profile=self.profile,
            params=self.params,
            anchors=self.anchors,
            chain=chain,
            proof=self.proof.compact(),
            tool=self.tool,
            args=encoded(self.args),
            now=self.now,
            policy=self.policy,
        )
        for change in self.after:
            change(case)
        return case


def signing_input(compact):
    return compact.rsplit(".", 1)[0].encode()


def jti(number):
    return f"019471f8-0000-7000-8000-{number:012x}"


def new_forge(profile, maps, tool, args):
    """A valid chain of one link for each `tools` object of maps, and its proof for a call."""
    links = []
    for hop, tools in enumerate(maps):
        # None: seal computes it.
        claims = {
            "jti": jti(hop),
            "iss": None if hop else ISSUER,
            "iat": NOW - 300 + 10 * hop,
            "exp": NOW + 3600 - 60 * hop,
            "del_depth": hop,
            "del_max_depth": max(3, len(maps) - 1),
            "cnf": cnf(seed(hop + 1)),
            "authorization_details": [{"type": ENTRY, "tools": tools}],
        }
        if hop:
            claims["par_hash"] = None
        if profile == "aat-02+writ":
            claims |= {"txn": "task-1", "sub": "user:emma", "client_id": f"agent-{hop}"}
        links.append(Signed(dict(TOKEN_HEADER), claims, seed(hop) if hop else ISSUER_SEED))
    proof = {
        "jti": "proof-1",
        "iat": NOW,
        "aat_id": None,
        "aat_hash": None,
        "aat_tool": tool,
        "aat_aud": AUDIENCE,
        "hta": None,
    }
    return Forge(profile, links, Signed(dict(PROOF_HEADER), proof, seed(len(maps))), tool, args)


def another(forge):
    """The same again, as far apart as a sibling delegation is."""
    return copy.deepcopy(forge)
