"""Web addresses that users gave, taken apart for a request."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

import idna

_LONGEST = 2_000
# What stands for itself in a path or a query; all else is percent-encoded, and what is so already stays so.
_SAFE = "/%:@!$&'()*+,;=~?[]"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """`host` is in ASCII, an IPv6 address without its brackets; `target` is the path with the query. `user` and
    `password` are decoded."""

    scheme: str
    host: str
    port: int | None
    target: str
    user: str
    password: str

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


@lru_cache(maxsize=1024)
def parsed(text: str) -> WebAddress | None:
    """None when it is no address of the web."""
    if len(text) > _LONGEST or not text.isprintable() or " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parts.hostname or ""
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not host or "%" in host:
        return None
    query = f"?{quote(parts.query, _SAFE)}" if parts.query else ""
    target = quote(parts.path or "/", _SAFE) + query
    return WebAddress(parts.scheme, host, port, target, unquote(parts.username or ""), unquote(parts.password or ""))
