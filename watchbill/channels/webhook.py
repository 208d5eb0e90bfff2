"""Webhooks: a signed POST of the page as JSON, or of bytes that a dialect prepared."""

import asyncio
import hashlib
import hmac
import ssl
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp
from yarl import URL

from watchbill.channels.addresses import WebAddress, parsed
from watchbill.channels.egress import AddressRefused, CheckedResolver, Resolve, checked_socket, is_public, resolve
from watchbill.channels.payload import payload
from watchbill.channels.settings import WEBHOOK, Formatter, WebhookSettings
from watchbill.channels.wire import trouble, trust
from watchbill.domain.civil import HOUR, SECOND, instant
from watchbill.domain.delivery import Message, Outcome, Verdict

KEPT_SECONDS = 15.0
_RETRY_STATUSES = frozenset({408, 425, 429})
_HEAD_BOUND = 64 * 1024
_BODY_BOUND = 64 * 1024
_BODY_SECONDS = 0.5


class Webhook:
    """The session is told to be no more than a pool of connections: proxies of the environment would lead round the
    address check, redirects too, a small compressed answer may become a huge one, and cookies are nobody's business.
    """

    name = "webhook"
    description = WEBHOOK

    def __init__(
        self,
        settings: WebhookSettings,
        formatters: Mapping[str, Formatter] | None = None,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._formatters = {"": _own_format, **(formatters or {})}
        self._resolver = CheckedResolver(settings.allow_private, resolve)
        self._tls = tls or trust()
        self._session: aiohttp.ClientSession | None = None

    def check_address(self, address: str) -> str | None:
        url = parsed(address)
        if url is None:
            return "a webhook needs a URL such as https://hooks.example.org/watchbill"
        if not self._settings.allow_private and _inside(url.host):
            return f"webhooks may not reach '{url.host}': it is not on the internet"
        return None

    async def send(self, message: Message) -> Verdict:
        wrong = self.check_address(message.address)
        if wrong:
            return Verdict(Outcome.NEVER, wrong)
        style = str(message.settings.get("format") or "")
        if style not in self._formatters:
            return Verdict(Outcome.NEVER, "its format is not one we know")
        try:
            body, headers = self._formatters[style](message)
            return await self._post(message, body, headers)
        except AddressRefused:
            return Verdict(Outcome.NEVER, "its name leads into a network that webhooks may not reach")
        except aiohttp.InvalidURL:
            return Verdict(Outcome.NEVER, "its host is not one that can be called")
        except TimeoutError:
            return Verdict(Outcome.RETRY, f"no answer within {self._settings.timeout:g} s")
        except aiohttp.ServerDisconnectedError:
            return Verdict(Outcome.RETRY, "the connection broke")
        except Exception as error:
            return Verdict(Outcome.RETRY, trouble(error))

    async def _post(self, message: Message, body: bytes, extra: Mapping[str, str]) -> Verdict:
        url = parsed(message.address)
        assert url is not None, "its address was checked"
        target = URL(f"{url.scheme}://{url.authority}{url.target}", encoded=True)
        headers = _headers(message, url, body) | dict(extra)
        async with asyncio.timeout(self._settings.timeout):
            response = await self._opened().post(target, data=body, headers=headers, allow_redirects=False)
        await _finish(response)
        return _verdict(response, message.at)

    def _opened(self) -> aiohttp.ClientSession:
        """Without a bound on connections: a hundred that hang must not hold up the next page."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    ssl=self._tls,
                    keepalive_timeout=KEPT_SECONDS,
                    resolver=self._resolver,
                    use_dns_cache=False,
                    socket_factory=checked_socket(self._settings.allow_private),
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept-Encoding",),
                auto_decompress=False,
                max_line_size=_HEAD_BOUND,
                max_field_size=_HEAD_BOUND,
                timeout=aiohttp.ClientTimeout(),  # none: `_post` has one for all
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def signature(secret: str, at: int, body: bytes) -> str:
    """X-Watchbill-Signature: the receiver computes the same over "<t>.<body>", and rejects an old t."""
    seconds = at // SECOND
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _own_format(message: Message) -> tuple[bytes, Mapping[str, str]]:
    return payload(message), {"Content-Type": "application/json"}


def _headers(message: Message, url: WebAddress, body: bytes) -> dict[str, str]:
    headers = {
        "Host": url.authority,
        "User-Agent": "Watchbill",
        "Accept": "*/*",
        "X-Watchbill-Delivery": message.delivery_id,
    }
    if message.secret:
        headers["X-Watchbill-Signature"] = signature(message.secret, message.at, body)
    if url.user or url.password:
        headers["Authorization"] = "Basic " + b64encode(f"{url.user}:{url.password}".encode()).decode()
    return headers


async def _finish(response: aiohttp.ClientResponse) -> None:
    """Read a small and quick body to its end, so that the connection can be used again; hang up on any other.

    The status has decided already: whatever goes wrong with the body changes nothing.
    """
    with suppress(TimeoutError, aiohttp.ClientError):
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                await _drain(response)
        finally:
            response.close()  # does nothing to a connection whose answer was read to its end


async def _drain(response: aiohttp.ClientResponse) -> None:
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > _BODY_BOUND:
            return


def _verdict(response: aiohttp.ClientResponse, at: int) -> Verdict:
    status = response.status
    said = f"it answered {status} {_phrase(status)}".rstrip()
    if 200 <= status < 300:
        return Verdict(Outcome.ACCEPTED, said)
    if status in _RETRY_STATUSES or status >= 500:
        return Verdict(Outcome.RETRY, said, after=_retry_after(response, at))
    if 300 <= status < 400:
        return Verdict(Outcome.NEVER, f"{said}; redirects are not followed, give the final URL")
    return Verdict(Outcome.NEVER, said)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def _retry_after(response: aiohttp.ClientResponse, at: int) -> int | None:
    """Microseconds to wait: told in seconds or as a date; an hour at most, whatever is asked."""
    told = response.headers.get("Retry-After", "")
    if told.isascii() and told.isdigit():
        return min(int(told[:9]) * SECOND, HOUR)
    try:
        return min(max(instant(parsedate_to_datetime(told)) - at, 0), HOUR)
    except (ValueError, TypeError, OverflowError):
        return None


def _inside(host: str) -> bool:
    """Whether a host is plainly not on the internet; where a name leads is only seen when sending."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False
