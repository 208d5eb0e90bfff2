"""E-mail over an SMTP relay. Several relays are several of these, each the substitute of the one before."""

import asyncio
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parseaddr

import aiosmtplib

from watchbill.channels.letter import compose, message_id
from watchbill.channels.settings import Security, SmtpSettings, email
from watchbill.channels.wire import trouble, trust
from watchbill.channels.wording import scrub
from watchbill.domain.delivery import Message, Outcome, Verdict

# A dot-atom or quoted-less local part and a domain in ASCII: what every relay takes.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,255}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")

# Idle connections are kept for a burst only: a firewall that forgets one would cost a page its timeout.
_IDLE_SECONDS = 10.0
_IDLE_MOST = 4


class Smtp:
    def __init__(self, settings: SmtpSettings, tls: ssl.SSLContext | None = None) -> None:
        self.name = f"smtp {settings.host}"
        self.description = email(settings)
        self._settings = settings
        self._tls = tls or (trust() if settings.security is not Security.NONE else None)
        self._from = parseaddr(settings.sender)[1]
        self._domain = settings.reply_domain or self._from.rpartition("@")[2] or "localhost"
        self._idle: list[aiosmtplib.SMTP] = []

    def check_address(self, address: str) -> str | None:
        if _ADDRESS.fullmatch(address):
            return None
        return "an e-mail address is needed, such as ann@example.org (an international domain in its xn-- form)"

    async def send(self, message: Message) -> Verdict:
        wrong = self.check_address(message.address)
        if wrong:
            return Verdict(Outcome.NEVER, wrong)
        try:
            letter = compose(message, self._settings.sender, self._settings.reply_domain)
            async with asyncio.timeout(self._settings.timeout):
                await self._deliver(message.address, letter)
        except TimeoutError:
            return Verdict(Outcome.RETRY, f"no answer within {self._settings.timeout:g} s")
        except Exception as error:
            return _verdict(error, self._secrets(message))
        return Verdict(Outcome.ACCEPTED, "the relay took it", reference=message_id(message.delivery_id, self._domain))

    async def close(self) -> None:
        while self._idle:
            await _hang_up(self._idle.pop())

    async def _deliver(self, address: str, letter: bytes) -> None:
        if self._idle:
            # A relay may hang up between two mails, or say so (421) when the next begins.
            with suppress(aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused):
                return await self._hand_over(self._idle.pop(), address, letter)
        await self._hand_over(await self._connect(), address, letter)

    async def _hand_over(self, relay: aiosmtplib.SMTP, address: str, letter: bytes) -> None:
        try:
            await relay.sendmail(self._from, [address], letter)
        except BaseException:
            relay.close()
            raise
        self._put_back(relay)

    async def _connect(self) -> aiosmtplib.SMTP:
        settings = self._settings
        relay = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username or None,
            password=settings.password or None,
            local_hostname=self._domain,
            timeout=settings.timeout,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            tls_context=self._tls,
        )
        try:
            await relay.connect()
        except BaseException:
            relay.close()
            raise
        return relay

    def _put_back(self, relay: aiosmtplib.SMTP) -> None:
        if len(self._idle) >= _IDLE_MOST:
            relay.close()
            return
        self._idle.append(relay)
        asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._expire, relay)

    def _expire(self, relay: aiosmtplib.SMTP) -> None:
        if relay in self._idle:
            self._idle.remove(relay)
            relay.close()

    def _secrets(self, message: Message) -> Iterator[str]:
        yield self._settings.password
        yield message.secret
        yield from message.links.values()


async def _hang_up(relay: aiosmtplib.SMTP) -> None:
    with suppress(Exception):
        await relay.quit(timeout=1.0)
    relay.close()


def _verdict(error: Exception, secrets: Iterator[str]) -> Verdict:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        outcome = Outcome.NEVER if _is_final(error.code, error.message) else Outcome.RETRY
        return Verdict(outcome, scrub(f"the relay answered {error.code} {error.message}", secrets))
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        # Without its words: a relay may repeat what it was given.
        return Verdict(Outcome.RETRY, f"the relay did not accept our login ({error.code})")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Verdict(Outcome.RETRY, scrub(f"the relay answered {error.code} {error.message}", secrets))
    if isinstance(error, aiosmtplib.SMTPException) and not isinstance(error, ConnectionError):
        return Verdict(Outcome.RETRY, scrub(str(error), secrets))
    return Verdict(Outcome.RETRY, trouble(error))


# The status of RFC 3463 is the most exact. Of its subjects, 3 (mail system), 4 (network), 5 (protocol) and
# 7 (policy) are not about a mailbox; nor are 1.7 and 1.8, which are about our sender address.
_STATUS = re.compile(r"\s*5\.\d+\.\d+")
_OUR_STATUS = re.compile(r"\s*5\.(?:[3457]\.\d+|1\.[78]\b)")
# Without it, the codes of commands and logins, and words, tell that the relay and we don't fit.
_OUR_CODES = frozenset({500, 501, 502, 503, 504, 521, 530, 534, 535, 538})
_OUR_WORDS = re.compile(r"relay|authenticat|log ?in", re.IGNORECASE)


def _is_final(code: int, text: str) -> bool:
    """Whether a refusal is about this mailbox for good.

    One about our login or our rights there is not: the next relay may take the very same mail.
    """
    if code < 500:
        return False
    if _STATUS.match(text):
        return not _OUR_STATUS.match(text)
    return code not in _OUR_CODES and not _OUR_WORDS.search(text)
