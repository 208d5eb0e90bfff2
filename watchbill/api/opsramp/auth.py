"""Who calls: a bearer token that the token call gave out (reference, part 1.2).

A token is nothing stored: the public key and the end of its time, signed with the stored digest of the key's secret. So
every node knows it, and it is worth nothing once the key is withdrawn.
"""

import hashlib
import hmac

from watchbill.asgi.requests import Request
from watchbill.domain.civil import SECOND
from watchbill.domain.errors import Unauthenticated
from watchbill.domain.incident import Actor
from watchbill.domain.records import Credential
from watchbill.usecases.access import Caller
from watchbill.usecases.ports import Tx

KIND = "opsramp"
# Who did what was done over this API (reference, part 1.2).
API_USER = "opsramp_api_user"
LIFETIME_SECONDS = 7199
MAC_DIGITS = 32
TIME_DIGITS = 12


class Expired(Unauthenticated):
    """It was a token of ours; its time is over."""


def token_of(key: Credential, now: int) -> str:
    """Hexadecimal digits: signature, second of its end, public key."""
    rest = f"{now // SECOND + LIFETIME_SECONDS:0{TIME_DIGITS}x}{key.name.encode().hex()}"
    return _signature(key, rest) + rest


def credential(request: Request) -> str:
    """The public key: all tokens of one key are one caller."""
    return _name(_bearer(request)) or _bearer(request)


def authenticate(tx: Tx, request: Request) -> Caller:
    """Raises Unauthenticated for a token that is none of ours, Expired for an old one."""
    token = _bearer(request)
    if not token:
        raise Unauthenticated("Full authentication is required to access this resource")
    key = tx.credential_named(KIND, _name(token))
    rest = token[MAC_DIGITS:]
    if key is None or not hmac.compare_digest(token[:MAC_DIGITS].encode(), _signature(key, rest).encode()):
        raise Unauthenticated("Invalid access token")
    end = int(rest[:TIME_DIGITS], 16) * SECOND
    if not request.now < end <= request.now + LIFETIME_SECONDS * SECOND:
        raise Expired("Access token expired")
    return Caller(key.org, Actor(API_USER), readonly=key.readonly)


def _bearer(request: Request) -> str:
    """The token of the header, "" for none. The scheme is compared without regard to case."""
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _name(token: str) -> str:
    try:
        name = bytes.fromhex(token[MAC_DIGITS + TIME_DIGITS :]).decode("ascii")
    except ValueError:
        return ""
    return name if name.isalnum() else ""


def _signature(key: Credential, rest: str) -> str:
    return hmac.new(key.digest, b"opsramp:" + rest.encode(), hashlib.sha256).hexdigest()[:MAC_DIGITS]
