"""Personal paging policies in the words of this dialect, both ways (reference, parts 2.10 and 2.11)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from watchbill.api.victorops.contact_wire import contact_type, numbered
from watchbill.api.victorops.paging_values import CHANNELS, minutes_shown, type_of
from watchbill.domain.civil import Hours
from watchbill.domain.errors import Invalid
from watchbill.domain.paging import KIND_OF_CHANNEL
from watchbill.domain.people import PagingPolicy, PagingRule, PagingStep, User
from watchbill.domain.personal import primary_policy
from watchbill.domain.slugs import drawn_from

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The number that stands for all contacts of the kind.
ALL = 0


class ContactRef(msgspec.Struct):
    """What it says of the contact's type is not needed: the number tells."""

    id: int | None = None


class RuleBody(msgspec.Struct):
    type: str | None = None
    contact: ContactRef | None = None


class StepBody(msgspec.Struct):
    timeout: int | str | None = None
    rules: list[RuleBody] | None = None


# --- To the wire


def rule_body(user: User, index: int, rule: PagingRule) -> dict[str, Any]:
    kind, number = contact_type(KIND_OF_CHANNEL.get(rule.channel, "")), _number(user, rule)
    return {"index": index, "type": type_of(rule.channel), "contact": {"id": number, "type": kind}}


def step_body(user: User, index: int, step: PagingStep) -> dict[str, Any]:
    rules = [rule_body(user, place, rule) for place, rule in enumerate(step.rules)]
    return {"index": index, "timeout": minutes_shown(step.timeout), "rules": rules}


def steps_body(user: User, policy: PagingPolicy | None) -> list[dict[str, Any]]:
    return [step_body(user, index, step) for index, step in enumerate(policy.steps if policy else ())]


def policies_body(user: User) -> list[dict[str, Any]]:
    """All policies in their order; one that is still to come for somebody who has no primary one."""
    primary = primary_policy(user)
    bodies = [_policy_body(user, rank, policy, policy == primary) for rank, policy in enumerate(user.paging)]
    if primary is None:
        bodies.append(_policy_body(user, len(bodies), PagingPolicy(user.id, 0, "Primary", ()), True))
    return bodies


def _policy_body(user: User, rank: int, policy: PagingPolicy, primary: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "rank": rank,
        "name": policy.name or ("Primary" if primary else "Custom"),
        "slug": drawn_from("ppol-", policy.id),
        "policyType": "primary" if primary else "custom",
    }
    if policy.hours is not None:
        body["timeMask"] = _mask(policy.hours)
    return body | {"steps": steps_body(user, policy)}


def _mask(hours: Hours) -> dict[str, Any]:
    """Hours that differ from day to day are shown as the first day's: this view has no word for them."""
    days = {window.start_day for window in hours.windows}
    first = hours.windows[0]
    return {
        **{name: day in days for day, name in enumerate(DAYS)},
        "timeZone": hours.zone,
        "startTime": _clock(first.start),
        "endTime": _clock(first.end),
    }


def _clock(seconds: int) -> str:
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}"


def flat_body(user: User) -> list[dict[str, Any]]:
    """One element for each rule; steps count from 1. A rule for all contacts of a kind names none."""
    policy = primary_policy(user)
    flat: list[dict[str, Any]] = []
    for order, step in enumerate(policy.steps if policy else (), 1):
        for rule in step.rules:
            element = {"order": order, "timeout": minutes_shown(step.timeout), "contactType": type_of(rule.channel)}
            flat.append(element if rule.contact_id is None else element | {"extId": rule.contact_id})
    return flat


def _number(user: User, rule: PagingRule) -> int:
    return next((contact.number for contact in user.contacts if contact.id == rule.contact_id), ALL)


# --- From the wire


def rules_of(
    user: User, given: Iterable[RuleBody], stored: Sequence[PagingRule], new_id: Callable[[], str]
) -> tuple[PagingRule, ...]:
    """Rules that look as a stored one does are that one: it may use a channel that this dialect has no word for.
    Raises Invalid."""
    left = list(stored)
    rules = []
    for body in given:
        name, number = _wanted(body)
        known = next((rule for rule in left if (type_of(rule.channel), _number(user, rule)) == (name, number)), None)
        if known is not None:
            left.remove(known)
        rules.append(known or _fresh(user, name, number, new_id()))
    return tuple(rules)


def _wanted(body: RuleBody) -> tuple[str, int]:
    name = (body.type or "").lower()
    if name not in CHANNELS:
        raise Invalid(f"use one of {', '.join(CHANNELS)}", "type")
    number = body.contact.id if body.contact else None
    if number is None and name != "push":
        raise Invalid("a contact has to be named by its id", "contact")
    return name, number or ALL


def _fresh(user: User, name: str, number: int, id: str) -> PagingRule:
    channel = CHANNELS[name]
    if number == ALL:
        return PagingRule(channel, None, id)
    contact = numbered(user.contacts, number)
    if contact is None:
        raise Invalid(f"{user.username} has no contact with the id {number}", "contact")
    if name == "push" and contact_type(contact.kind) == "Device":
        return PagingRule(contact.kind, contact.id, id)
    if KIND_OF_CHANNEL[channel] != contact.kind:
        raise Invalid(f"a contact of the kind {contact.kind} can't be reached by {name}", "contact")
    return PagingRule(channel, contact.id, id)
