"""The token call, under both of its addresses (reference, part 1.2)."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from watchbill.api.opsramp.auth import KIND, LIFETIME_SECONDS, token_of
from watchbill.api.opsramp.envelope import BadCredentials, WrongGrant
from watchbill.asgi.dialect import only_reads, post
from watchbill.asgi.requests import Call, Reply, read
from watchbill.usecases.keys import digest
from watchbill.usecases.ports import Tx

GRANT = "client_credentials"


def give(tx: Tx, call: Call) -> Reply:
    """Raises WrongGrant, BadCredentials."""
    form = _form(call.request.body)
    if form.get("grant_type") != GRANT:
        raise WrongGrant(f"Unsupported grant type: {form.get('grant_type', '')}")
    key = tx.credential(digest(form.get("client_secret", "")))
    if key is None or key.kind != KIND or key.name != form.get("client_id"):
        raise BadCredentials("Bad API credentials")
    token = token_of(key, call.now)
    return Reply(
        body={
            "access_token": token,
            "token_type": "bearer",
            "expires_in": LIFETIME_SECONDS,
            "scope": "global:manage",
        }
    )


def _form(body: bytes) -> Mapping[str, str]:
    if body.lstrip().startswith(b"{"):
        return {name: str(value) for name, value in read(dict[str, object], body).items()}
    return dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True, errors="replace"))


ROUTES = [
    only_reads(post("/auth/oauth/token", give, open=True)),
    only_reads(post("/tenancy/auth/oauth/token", give, open=True)),
]
