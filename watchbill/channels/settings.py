"""What the channels over a network are told, and tell of themselves. It loads none of what they need to send."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watchbill.channels.registry import Description, Field
from watchbill.domain.delivery import Message

Formatter = Callable[[Message], tuple[bytes, Mapping[str, str]]]


class Security(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One relay. `sender` is the From line; `reply_domain` the domain whose mail comes back to us, if any.

    `timeout`: seconds for one send as a whole.
    """

    host: str
    sender: str
    port: int = 587
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    reply_domain: str = ""
    timeout: float = 10.0


def email(settings: SmtpSettings) -> Description:
    return Description(
        channel="email",
        label="E-mail",
        contact_kind="email",
        fields=(Field("address", "Address", "such as ann@example.org"),),
        replies=bool(settings.reply_domain),
    )


WEBHOOK = Description(
    channel="webhook",
    label="Webhook",
    contact_kind="webhook",
    fields=(
        Field("address", "URL", "where to POST, such as https://hooks.example.org/watchbill"),
        Field("secret", "Signing secret", "with it every request is signed", required=False, secret=True),
        Field("format", "Format", "in whose words the body is; left out, our own JSON", required=False),
    ),
    personal=False,
)


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """`allow_private`: may reach loopback and private networks. `timeout`: seconds to wait for an answer."""

    allow_private: bool = False
    timeout: float = 10.0
