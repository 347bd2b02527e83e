"""Arithmetic of edwards25519 (RFC 8032 section 5.1): judging points and forging odd signatures.

`cryptography` signs and verifies. This is for what it hides: whether a key is a point of small
order, and signatures that no honest signer makes. Slow, and not in constant time: for tests.
"""

import functools
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + product, P - 2, P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - product, P - 2, P)
    return (x3 % P, y3 % P)


def multiply(scalar, point):
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def decode(data):
    """The point of 32 bytes by RFC 8032 section 5.1.3; None when there is none."""
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y)


def encode(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decode(bytes([0x58]) + bytes([0x66]) * 31)


@functools.lru_cache(maxsize=4096)
def is_weak(data):
    """A point of small order, in any spelling; or a spelling that RFC 8032 does not have. Bytes
    that are no point at all are not weak: nothing ever verifies under them."""
    y = int.from_bytes(data, "little") & ((1 << 255) - 1)
    if y >= P:
        return True
    point = decode(data) or decode(data[:31] + bytes([data[31] ^ 0x80]))
    return point is not None and multiply(8, point) == IDENTITY


def secret_scalar(seed):
    digest = bytearray(hashlib.sha512(seed).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    return int.from_bytes(digest, "little")


def sign_with_nonce_point(seed, public, message, nonce, torsion=IDENTITY):
    """A signature whose R is nonce x B + torsion; with nonce 0, a point of small order."""
    encoded = encode(add(multiply(nonce, BASE), torsion))
    digest = hashlib.sha512(encoded + public + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    s = (nonce + challenge * secret_scalar(seed)) % L
    return encoded + s.to_bytes(32, "little")
