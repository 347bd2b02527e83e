"""JWS compact serialization, Ed25519 and JWK thumbprints (RFC 7515, 7638, 8032, 9278)."""

import base64
import functools
import hashlib
import re

import curve
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from refused import Refused, ensure
from strict_json import Malformed, parse_object


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    """Bytes of base64url without padding, in its one spelling; None for any other text."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text, re.ASCII) or len(text) % 4 == 1:
        return None
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if encode(data) == text else None


def sha256(data):
    return encode(hashlib.sha256(data).digest())


def thumbprint(public):
    """RFC 7638 over the members that an OKP key must have, in their order."""
    return sha256(b'{"crv":"Ed25519","kty":"OKP","x":"' + encode(public).encode() + b'"}')


def thumbprint_uri(public):
    return "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + thumbprint(public)


@functools.lru_cache(maxsize=4096)
def _private(seed):
    return Ed25519PrivateKey.from_private_bytes(seed)


@functools.lru_cache(maxsize=4096)
def public_of(seed):
    public = _private(seed).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(seed, message):
    return _private(seed).sign(message)


def verifies(public, message, signature):
    """RFC 8032. R of small order is refused too: no signer of RFC 8032 makes one."""
    if signature[:32] in SMALL_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _small_order_points():
    """The eight points of small order, as they are encoded."""
    generator = curve.decode(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    )
    return [curve.encode(curve.multiply(times, generator)) for times in range(8)]


SMALL_ORDER = _small_order_points()


def public_key(jwk, step):
    """The 32 bytes of a JWK that must be an Ed25519 public key."""
    ensure(isinstance(jwk, dict), step, "jwk is no object")
    ensure("d" not in jwk, step, "jwk has the private member of an OKP key")
    ensure(jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519", step, "jwk of another kind")
    x = jwk.get("x")
    data = decode(x) if isinstance(x, str) else None
    ensure(data is not None and len(data) == 32, step, "x is no key")
    ensure(not curve.is_weak(data), step, "a weak key", outcome="weak_key")
    return data


class Jws:
    """A compact JWS, cut at its dots; nothing of it is trusted yet."""

    def __init__(self, compact):
        self.parts = compact.split(".", 2)
        self.is_framed = len(self.parts) == 3 and self.parts[0] and self.parts[1]

    @property
    def signing_input(self):
        return ".".join(self.parts[:2]).encode()

    def payload(self):
        """Bytes, or None."""
        return decode(self.parts[1]) if self.is_framed else None

    def check_header(self, typ, step):
        """Section 3.5: alg and typ exactly, and no crit, since no extension is understood. What is
        no compact JWS at all ends here too, before any signature is looked at."""
        ensure(self.is_framed, step, "a compact JWS has three parts")
        data = decode(self.parts[0])
        ensure(data is not None, step, "header is no base64url")
        try:
            header = parse_object(data)
        except Malformed as error:
            raise Refused(step, f"header: {error}") from None
        ensure(header.get("alg") == "Ed25519", step, "alg")
        ensure(header.get("typ") == typ, step, "typ")
        ensure("crit" not in header, step, "crit")
        ensure(isinstance(header.get("kid", ""), str), step, "kid is no text (RFC 7515)")
        ensure(self.payload() is not None, step, "payload is no base64url")
        self.signature = decode(self.parts[2])
        ensure(self.signature is not None and len(self.signature) == 64, step, "no signature")
        return header

    def is_signed_by(self, public):
        return verifies(public, self.signing_input, self.signature)
