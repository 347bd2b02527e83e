"""Section 8 of AAT-02, steps 1 to 8 in order: permit, or the first step that denies.

Written from the draft alone. The input is a Case (case.py): raw text wherever a caller sends text.
"""

import re
from dataclasses import dataclass

import constraints
import jose
import subsume
import terms
from jcs import canonical
from limits import CHAIN_SIZE_MAX, JTI_MAX, LINKS_MAX, TOKEN_SIZE_MAX
from refused import Refused, ensure
from strict_json import Malformed, Number, parse, parse_object

ENTRY = "attenuating_agent_token"
# RFC 3986: a scheme, and the characters that a URI is made of.
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True)
class Profile:
    name: str

    @property
    def is_ours(self):
        return self.name == "aat-02+writ"


@dataclass
class Link:
    """A token whose signature was verified, as far as the steps have read it."""

    jws: jose.Jws
    claims: dict
    key: bytes = b""
    tools: dict = None
    agent: str = ""


class Verifier:
    def __init__(self, case):
        self.case = case
        self.limits = case.params
        self.now = case.now
        self.profile = Profile(case.profile)
        self.links = []
        self.effective = terms.Effective()

    # ---- Steps 1 and 2 --------------------------------------------------------------------------

    def check_shape(self):
        chain = self.case.chain
        ensure(chain, "1", "the chain is empty")
        for hop, token in enumerate(chain):
            ensure(len(token) <= TOKEN_SIZE_MAX, "2a", "a token is too large", hop=hop)
        ensure(sum(map(len, chain)) <= CHAIN_SIZE_MAX, "2b", "the chain is too large")
        ensure(len(chain) <= LINKS_MAX, "4f", "more links than any depth")
        seen = set()
        for hop, token in enumerate(chain):
            jti = self.extract_jti(token, hop)
            ensure(jti not in seen, "2c", "a jti twice", hop=hop)
            seen.add(jti)

    @staticmethod
    def extract_jti(token, hop):
        """Untrusted. Only the jti is taken; the rest is read when the signature has verified."""
        payload = jose.Jws(token).payload()
        ensure(payload is not None, "2c", "no payload", hop=hop)
        try:
            claims = parse(payload)
        except Malformed as error:
            raise Refused("2c", str(error), hop=hop) from None
        found = isinstance(claims, dict) and isinstance(claims.get("jti"), str)
        ensure(found, "2c", "no jti", hop=hop)
        return claims["jti"]

    # ---- Claims ---------------------------------------------------------------------------------

    @staticmethod
    def read_claims(jws, step):
        """After the signature: all of the claims."""
        try:
            return parse_object(jws.payload() or b"")
        except Malformed as error:
            raise Refused(step, str(error)) from None

    @staticmethod
    def integer(claims, name, step):
        """A JSON number with no fraction or exponent part (section 3.2)."""
        number = claims.get(name)
        value = number.integer() if isinstance(number, Number) else None
        ensure(value is not None, step, name)
        return value

    @staticmethod
    def text(claims, name, step):
        ensure(isinstance(claims.get(name), str) and claims[name], step, name)
        return claims[name]

    def jti(self, claims, step):
        size = len(self.text(claims, "jti", step).encode())
        ensure(size <= JTI_MAX or not self.profile.is_ours, step, "jti is too long")

    def holder(self, claims, step):
        cnf = claims.get("cnf")
        ensure(isinstance(cnf, dict) and "jwk" in cnf, step, "cnf.jwk")
        return jose.public_key(cnf["jwk"], step)

    @staticmethod
    def entries(details):
        return [
            entry for entry in details if isinstance(entry, dict) and entry.get("type") == ENTRY
        ]

    @staticmethod
    def tools_of(entry, step):
        tools = entry.get("tools")
        ensure(isinstance(tools, dict), step, "tools")
        ensure(all(isinstance(map_, dict) for map_ in tools.values()), step, "a tool's map")
        return tools

    def check_constraints(self, tools):
        for map_ in tools.values():
            constraints.check_map_formed(map_, self.profile, self.limits["max_constraint_depth"])

    # ---- Step 3 ---------------------------------------------------------------------------------

    def anchor_of(self, jws, header):
        """Those whose key verifies the root. An anchor with a kid is only for roots with it."""
        anchors = [a for a in self.case.anchors if not a.kid or a.kid == header.get("kid")]
        verified = [anchor for anchor in anchors if jws.is_signed_by(anchor.key)]
        ensure(verified, "3b", "signature")
        return verified

    def check_root(self):
        jws = jose.Jws(self.case.chain[0])
        header = jws.check_header("aat+jwt", "3a")
        anchors = self.anchor_of(jws, header)
        claims = self.read_claims(jws, "3b")
        iat, exp = self.integer(claims, "iat", "3b"), self.integer(claims, "exp", "3b")
        ensure(self.integer(claims, "del_depth", "3c") == 0, "3c", "del_depth")
        ensure("par_hash" not in claims, "3d", "par_hash")
        ensure(exp > self.now, "3e", "expired")
        ensure(iat <= self.now + self.limits["max_iat_skew"], "3f", "iat in the future")
        ensure(exp > iat, "3g", "exp before iat")
        ensure(exp <= iat + self.limits["max_token_lifetime"], "3h", "lives too long")
        ceiling = self.integer(claims, "del_max_depth", "3i")
        ensure(0 <= ceiling <= self.limits["max_delegation_depth"], "3i", "del_max_depth")
        self.jti(claims, "3j")
        issuer = self.text(claims, "iss", "3k")
        ensure(URI.fullmatch(issuer), "3k", "iss is no URI")
        ensure(issuer in {anchor.issuer for anchor in anchors}, "3k", "iss")
        link = Link(jws, claims, self.holder(claims, "3l"))
        details = claims.get("authorization_details")
        ensure(isinstance(details, list), "3m", "authorization_details")
        entries = self.entries(details)
        ensure(len(entries) == 1, "3m", "one entry")
        link.tools = self.tools_of(entries[0], "3m")
        self.check_constraints(link.tools)
        return link

    # ---- Step 4 ---------------------------------------------------------------------------------

    def check_child(self, parent, compact):
        jws = jose.Jws(compact)
        jws.check_header("aat+jwt", "4a")
        ensure(jws.is_signed_by(parent.key), "4b", "signature")
        claims = self.read_claims(jws, "4b")
        link = Link(jws, claims)
        self.check_child_claims(parent, link)
        self.check_child_times(parent.claims, claims)
        details = claims["authorization_details"]
        entries = self.entries(details)
        ensure(len(entries) <= 1, "4n", "two entries")
        link.tools = self.tools_of(entries[0], "4n") if entries else {}
        self.check_constraints(link.tools)
        subsume.check_narrower(parent.tools, link.tools, self.profile)
        ensure(claims["par_hash"] == jose.sha256(parent.jws.signing_input), "4q", "par_hash")
        return link

    def check_child_claims(self, parent, link):
        claims = link.claims
        self.jti(claims, "4b1")
        link.key = self.holder(claims, "4b2")
        ensure(isinstance(claims.get("authorization_details"), list), "4b3", "no array")
        depth = self.integer(claims, "del_depth", "4b4")
        ceiling = self.integer(claims, "del_max_depth", "4b4")
        ensure(depth >= 0 and ceiling >= 0, "4b4", "negative")
        for name in ("iss", "par_hash"):
            ensure(isinstance(claims.get(name), str), "4b5", name)
        for name in ("iat", "exp"):
            self.integer(claims, name, "4b5")
        ensure(claims["iss"] == jose.thumbprint_uri(parent.key), "4c", "iss")
        above = int(parent.claims["del_depth"].text)
        above_ceiling = int(parent.claims["del_max_depth"].text)
        ensure(depth == above + 1, "4d", "del_depth")
        ensure(depth <= above_ceiling, "4e", "deeper than the parent says")
        ensure(depth <= self.limits["max_delegation_depth"], "4f", "deeper than the maximum")
        ensure(ceiling <= above_ceiling, "4g", "del_max_depth is raised")

    def check_child_times(self, parent, claims):
        iat, exp = int(claims["iat"].text), int(claims["exp"].text)
        depth, ceiling = int(claims["del_depth"].text), int(claims["del_max_depth"].text)
        ensure(exp <= int(parent["exp"].text), "4h", "outlives its parent")
        ensure(exp > self.now, "4i", "expired")
        ensure(iat >= int(parent["iat"].text), "4j", "older than its parent")
        ensure(iat <= self.now + self.limits["max_iat_skew"], "4k", "iat in the future")
        ensure(exp > iat, "4l", "exp before iat")
        ensure(depth <= ceiling, "4m", "deeper than it says")

    # ---- Our profile ----------------------------------------------------------------------------

    def check_profile(self, link):
        """The rules of a link that only aat-02+writ knows."""
        claims = link.claims
        root = self.links[0].claims if self.links else claims
        aud = claims.get("aud", "")
        texts = aud if isinstance(aud, list) else [aud]
        ensure(all(isinstance(text, str) for text in texts), "", "aud", outcome="malformed")
        link.agent = terms.check_identity(claims, root)
        stated = terms.read_terms(claims["authorization_details"])
        terms.fold(self.effective, stated, link.tools, link.agent, link.key, not self.links)

    # ---- Steps 5 to 7 ---------------------------------------------------------------------------

    def check_leaf(self):
        leaf = self.links[-1]
        case = self.case
        ensure(len(self.links) == int(leaf.claims["del_depth"].text) + 1, "5", "length")
        ensure(len(self.entries(leaf.claims["authorization_details"])) == 1, "6a", "no entry")
        try:
            arguments = parse_object(case.args)
        except Malformed as error:
            raise Refused("6b", str(error)) from None
        constraints.check_arguments(leaf.tools, case.tool, arguments, self.profile)
        if self.profile.is_ours:
            allowed = terms.may_call(self.effective, leaf.agent, leaf.key, case.tool)
            ensure(allowed, "6b", "pass_only", outcome="scope_not_granted")
        return arguments

    def check_audiences(self):
        carries = False
        for hop, link in enumerate(self.links):
            if "aud" not in link.claims:
                continue
            carries = True
            aud = link.claims["aud"]
            values = aud if isinstance(aud, list) else [aud]
            ensure(self.case.audience in values, "6c", "aud", hop=hop)
            ensure(all(isinstance(value, str) for value in values), "6c", "aud", hop=hop)
        required = self.case.policy.get("require_chain_aud")
        ensure(carries or not required, "6c", "no aud")

    def check_proof(self, arguments):
        case, leaf = self.case, self.links[-1]
        ensure(len(case.proof) <= CHAIN_SIZE_MAX, "7a", "the proof is too large")
        jws = jose.Jws(case.proof)
        jws.check_header("aat-pop+jwt", "7a")
        ensure(jws.is_signed_by(leaf.key), "7b", "signature")
        claims = self.read_claims(jws, "7b")
        for name in ("jti", "aat_id", "aat_hash", "aat_tool"):
            self.text(claims, name, "7c")
        iat = self.integer(claims, "iat", "7c")
        ensure(isinstance(claims.get("hta"), dict), "7c", "hta")
        ensure(claims["aat_id"] == leaf.claims["jti"], "7c", "aat_id")
        ensure(claims["aat_hash"] == jose.sha256(leaf.jws.signing_input), "7c", "aat_hash")
        self.jti(claims, "7c")
        required = case.policy.get("require_pop_aud")
        ensure("aat_aud" in claims or not required, "7d", "no aat_aud")
        ensure(claims.get("aat_aud", case.audience) == case.audience, "7d", "aat_aud")
        ensure(claims["aat_tool"] == case.tool, "7e", "aat_tool")
        ensure(self.same_arguments(arguments, claims["hta"]), "7f", "hta")
        ensure(abs(iat - self.now) <= self.limits["pop_window"], "7g", "iat")
        nonce = case.policy.get("nonce")
        ensure(not nonce or claims.get("nonce") == nonce, "7h", "nonce")
        ensure(claims["jti"] not in case.policy.get("accepted", ()), "7i", "used before")

    def same_arguments(self, arguments, proved):
        try:
            if canonical(arguments) == canonical(proved):
                return True
            return self.profile.is_ours and terms.proof_stands_for(arguments, proved)
        except ValueError:
            return False

    def run(self):
        self.check_shape()
        for hop, compact in enumerate(self.case.chain):
            try:
                link = self.check_child(self.links[-1], compact) if hop else self.check_root()
                if self.profile.is_ours:
                    self.check_profile(link)
            except Refused as refused:
                refused.hop = hop
                raise
            self.links.append(link)
        arguments = self.check_leaf()
        self.check_audiences()
        self.check_proof(arguments)


def verify(case):
    """None for a permit (step 8), or how it was refused."""
    try:
        Verifier(case).run()
    except Refused as refused:
        return refused
    return None
