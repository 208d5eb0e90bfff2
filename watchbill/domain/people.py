"""Users, their ways to be contacted, their personal paging policies; teams."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watchbill.domain.civil import Hours


class Urgency(StrEnum):
    HIGH = "high"
    LOW = "low"


class Role(StrEnum):
    """Rights in one organization. Team administrators are marked in their team's membership."""

    GLOBAL_ADMIN = "global_admin"
    ALERT_ADMIN = "alert_admin"
    USER = "user"
    STAKEHOLDER = "stakeholder"


@dataclass(frozen=True, slots=True)
class ContactMethod:
    """One way to reach a person. `kind` says what the address is: "email", "phone", "push", "pocket", "webhook",
    "chat".

    Only a verified and active contact is paged. `secret` signs what is sent there, where the channel signs.
    `settings` has for e-mail the "formats" wanted, of "html" and "text"; without it both.
    """

    id: str
    number: int
    kind: str
    address: str
    label: str = ""
    verified: bool = False
    active: bool = True
    created_at: int = 0
    secret: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PagingRule:
    """Page over this channel ("email", "sms", "voice", "push", "pocket", "webhook", "chat"): one contact, or all
    that fit when None.
    """

    channel: str
    contact_id: str | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class PagingStep:
    """All rules fire together; after `timeout` (microseconds) unanswered comes the next step, or the last step
    again. A first step without rules only waits.
    """

    rules: tuple[PagingRule, ...]
    timeout: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class PagingPolicy:
    """How one person wants to be paged. No urgency: for any. No hours: at any time (a primary policy has none)."""

    id: str
    number: int
    name: str
    steps: tuple[PagingStep, ...]
    urgency: Urgency | None = None
    hours: Hours | None = None
    repeat_last: bool = True

    @property
    def primary(self) -> bool:
        return self.hours is None


@dataclass(frozen=True, slots=True)
class User:
    """A person. `paging` is ordered: the first policy whose urgency and hours fit is used."""

    id: str
    number: int
    username: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    zone: str = "UTC"
    role: Role = Role.USER
    active: bool = True
    created_at: int = 0
    contacts: tuple[ContactMethod, ...] = ()
    paging: tuple[PagingPolicy, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What people call them: the full name, or the user name when no name is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.username


@dataclass(frozen=True, slots=True)
class Member:
    user_id: str
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    number: int
    slug: str
    name: str
    handle: str = ""
    description: str = ""
    members: tuple[Member, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
