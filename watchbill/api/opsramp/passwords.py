"""Passwords of people: what they must be, and how they are kept (reference, part 3.1). They open the web only."""

from watchbill.asgi.requests import Call, Passwords
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.usecases.keys import give_password, password_of
from watchbill.usecases.ports import Tx

SHORTEST = 7


def ensure_strong(password: str, field: str) -> None:
    """Raises Invalid."""
    kinds = (str.isdigit, str.islower, str.isupper, lambda char: not char.isalnum())
    if len(password) < SHORTEST or not all(any(map(kind, password)) for kind in kinds):
        raise Invalid(
            f"A password has at least {SHORTEST} characters, with a digit, a special character, a lower and an upper"
            " case letter",
            field,
        )


def set_password(tx: Tx, call: Call, org: Organization, user: User, password: str) -> None:
    give_password(tx, org.number, user, _passwords(call).hash(password), call.now)


def ensure_right(tx: Tx, call: Call, org: Organization, user: User, password: str) -> None:
    """Raises Invalid when this is not the person's password, or they have none."""
    kept = password_of(tx, org.number, user)
    if kept is None or not _passwords(call).verify(password, kept.hash):
        raise Invalid("The current password is wrong", "currentPassword")


def _passwords(call: Call) -> Passwords:
    assert call.request.passwords is not None, "this server was put together without passwords"
    return call.request.passwords
