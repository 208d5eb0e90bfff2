"""What all channels over TCP share: whom TLS trusts, and what went wrong, in words that hold no secret."""

import ssl
from functools import cache

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


def trouble(error: BaseException) -> str:
    """An error as a reason. Its kind only: its text may repeat an address, a header, a password."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "TLS failed"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        cause = cause.__cause__ or cause.__context__
    return f"sending failed ({type(error).__name__})"
