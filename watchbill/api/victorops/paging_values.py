"""The words and figures of which personal paging policies are made (reference, part 2.9)."""

import re
from collections.abc import Mapping, Sequence

from watchbill.api.victorops.lookups import self_url
from watchbill.asgi.dialect import Handler, Route, get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import MINUTE
from watchbill.domain.errors import Invalid
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

CONTACT_TYPES = {"email": "Email Address", "phone": "Phone Number"}
NOTIFICATION_TYPES = {
    "push": "Send a push notification to all my devices",
    "email": "Send an email to an email address",
    "sms": "Send an SMS to a phone number",
    "phone": "Make a phone call to a phone number",
}
TIMEOUTS = (1, 5, 10, 15, 20, 25, 30, 45, 60)

# What each type of rule is to the core; the channels that this dialect has no word for are shown as "push".
CHANNELS: Mapping[str, str] = {"push": "push", "email": "email", "sms": "sms", "phone": "voice"}
TYPES: Mapping[str, str] = {channel: name for name, channel in CHANNELS.items()}


def type_of(channel: str) -> str:
    return TYPES.get(channel, "push")


def minutes_shown(timeout: int) -> int:
    """At least one: a policy made elsewhere may wait for less."""
    return max(1, -(-timeout // MINUTE))


def timeout_of(given: int | str | None, stored: int | None = None) -> int:
    """Microseconds. What is given as it was shown stays exactly as it is stored. Raises Invalid."""
    minutes = int(given) if isinstance(given, str) and re.fullmatch(r"[0-9]{1,6}", given) else given
    if stored is not None and minutes == minutes_shown(stored):
        return stored
    if minutes not in TIMEOUTS:
        raise Invalid(f"use one of {', '.join(map(str, TIMEOUTS))} (minutes)", "timeout")
    assert isinstance(minutes, int)
    return minutes * MINUTE


def _timeouts() -> Mapping[str, str]:
    """The types are texts, though documented as numbers."""
    return {str(n): f"If still unacked after {n} minute{'s' if n > 1 else ''}" for n in TIMEOUTS}


def listed(path: str, member: str, words: Mapping[str, str]) -> Handler:
    def handler(tx: Tx, call: Call) -> Reply:
        demand(tx.organization(call.caller.org), call.caller, Right.SEE)
        items = [{"type": name, "description": description} for name, description in words.items()]
        return Reply(body={member: items, "_selfUrl": self_url("policies", "types", path)})

    return handler


TYPES_OF = "/api-public/v1/policies/types"
ROUTES: Sequence[Route] = (
    get(f"{TYPES_OF}/contacts", listed("contacts", "contactTypes", CONTACT_TYPES)),
    get(f"{TYPES_OF}/notifications", listed("notifications", "notificationTypes", NOTIFICATION_TYPES)),
    get(f"{TYPES_OF}/timeouts", listed("timeouts", "timeoutTypes", _timeouts())),
)
