"""The code that a page carries, in its links and its reply address: it names one delivery and can't be made up.

Base 32 in lower case, 45 characters for small organizations: it survives mail programs that fold case and fits the 64
characters of an address's local part.
"""

import hashlib
import hmac
from base64 import b32decode, b32encode
from binascii import Error

from watchbill.domain.errors import NotFound

MAC_BYTES = 10
FEED_BYTES = 20
ID_BYTES = 16


def code_of(secret: bytes, org: int, delivery_id: str) -> str:
    """`delivery_id` is a UUID text."""
    body = bytes.fromhex(delivery_id.replace("-", "")) + org.to_bytes((org.bit_length() + 7) // 8, "big")
    return b32encode(_mac(secret, b"page:" + body) + body).decode().rstrip("=").lower()


def opened_code(secret: bytes, code: str) -> tuple[int, str]:
    """The organization's number and the delivery's id. Raises NotFound when the code is not one of ours."""
    raw = _decoded(code)
    mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if len(body) <= ID_BYTES or not hmac.compare_digest(mac, _mac(secret, b"page:" + body)):
        raise NotFound("this link or address is not one of ours")
    text = body[:ID_BYTES].hex()
    id = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return int.from_bytes(body[ID_BYTES:], "big"), id


def _decoded(code: str) -> bytes:
    try:
        return b32decode(code.upper() + "=" * (-len(code) % 8))
    except (Error, ValueError) as error:
        raise NotFound("this link or address is not one of ours") from error


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, b"watchbill:" + body, hashlib.sha256).digest()[:MAC_BYTES]


def feed_token(secret: bytes, org: int, owner: str, edition: int) -> str:
    """The unguessable part of a calendar's address. Another edition is another address: the ones before are withdrawn.
    `owner` is the id of a person or a team."""
    body = f"feed:{org}:{owner}:{edition}".encode()
    return b32encode(hmac.new(secret, b"watchbill:" + body, hashlib.sha256).digest()[:FEED_BYTES]).decode().lower()


def pocket_token(secret: bytes, address: str) -> str:
    """The unguessable part of a pocket page's address."""
    body = address.encode()
    return b32encode(_mac(secret, b"pocket:" + body) + body).decode().rstrip("=").lower()


def opened_pocket(secret: bytes, token: str) -> str:
    """The pocket's address. Raises NotFound when the token is not one of ours."""
    raw = _decoded(token)
    mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not body or not hmac.compare_digest(mac, _mac(secret, b"pocket:" + body)):
        raise NotFound("this pocket is not one of ours")
    return body.decode()
