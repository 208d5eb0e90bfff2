"""What is asked of a dialect, and what it answers, as values; reading bodies to types."""

import codecs
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import parse_qsl

import msgspec

from watchbill.asgi.body import Scope
from watchbill.domain.errors import Invalid
from watchbill.usecases.access import Caller

T = TypeVar("T")


class Passwords(Protocol):
    """A slow hash of what people choose themselves."""

    def hash(self, password: str) -> str: ...
    def verify(self, password: str, hash: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. Names of headers are in lower case; a header that came several times is joined by commas.

    `now`: microseconds, one moment for the whole request. `url` is how this server is reached from outside, without a
    slash at the end. `token(n)` makes n random bytes, in hexadecimal. `passwords`: where the dialect keeps any.
    """

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    now: int
    url: str
    token: Callable[[int], str]
    passwords: Passwords | None = None

    def asked(self, name: str) -> str | None:
        """The last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), None)


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose caller is known, with what its address says: `params` are decoded."""

    request: Request
    caller: Caller
    params: Mapping[str, str]

    @property
    def now(self) -> int:
        return self.request.now

    def asked(self, name: str) -> str | None:
        return self.request.asked(name)


@dataclass(frozen=True, slots=True)
class Reply:
    """`body`: bytes as they are, None for an empty body, anything else as JSON."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


def request_of(scope: Scope, now: int, url: str, token: Callable[[int], str], passwords: Passwords | None) -> Request:
    """The request without its body, which is yet to be read."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    query = scope["query_string"].decode("latin-1")
    return Request(
        method=scope["method"],
        path=raw_path(scope),
        query=parse_qsl(query, keep_blank_values=True, errors="replace") if query else (),
        headers=headers,
        body=b"",
        now=now,
        url=url,
        token=token,
        passwords=passwords,
    )


def raw_path(scope: Scope) -> str:
    """The path as it came, still percent-encoded, so that a slash inside a name stays inside it."""
    raw: bytes | None = scope.get("raw_path")
    path: str = scope["path"] if raw is None else raw.decode("latin-1")
    return path.partition("?")[0]


_making = Lock()


@cache
def _decoder(kind: Any) -> Callable[[bytes], Any]:
    """One at a time: handlers run in several threads, and msgspec shows the others a type that it has half learned."""
    with _making:
        return msgspec.json.Decoder(kind).decode


def json_of(body: bytes) -> Any:
    """Raises Invalid when the body is no JSON; says where."""
    return read(Any, body)


def read(kind: type[T], body: bytes) -> T:
    """A JSON body as a type (a msgspec Struct, a dict, …). Raises Invalid: `field` is the path to what is wrong. The
    mark that Windows shells put before a text is no reason to lose an alert (RFC 8259, section 8.1, allows that)."""
    try:
        return cast(T, _decoder(cast(Any, kind))(body.removeprefix(codecs.BOM_UTF8)))
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        raise Invalid(message, path.rstrip("`").lstrip(".") or None) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"the body is not JSON: {error}") from error
