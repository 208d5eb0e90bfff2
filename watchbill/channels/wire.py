"""What all channels over TCP share: whom TLS trusts, and what went wrong, in words that hold no secret."""

import ssl
from collections.abc import Iterator
from functools import cache
from socket import gaierror

import certifi


@cache
def trust() -> ssl.SSLContext:
    """Verifies against the system's certificates, where an own authority is added; a bare machine has none,
    and then those we bring. Made once: reading them takes tens of milliseconds.
    """
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())
    return context


_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "TLS failed"),
    (gaierror, "the name can't be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (ConnectionError, "the connection broke"),
)


def trouble(error: BaseException) -> str:
    """An error as a reason. Its kind only: its text may repeat an address, a header, a password."""
    chain = tuple(_causes(error))
    for cause in chain:
        # aiohttp's own error is of this kind, but only the one that it came from says why.
        if isinstance(cause, ssl.SSLCertVerificationError) and hasattr(cause, "verify_message"):
            return f"the certificate is not trusted: {cause.verify_message}"
    for kind, words in _KINDS:
        if any(isinstance(cause, kind) for cause in chain):
            return words
    return f"sending failed ({type(error).__name__})"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
