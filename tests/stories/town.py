"""Organizations in few words: the values that stories are set up with. A name is also the id."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from watchbill.domain.civil import MINUTE, Hours, Window
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, PagingStep, User
from watchbill.domain.plans import Step, Target, TargetKind
from watchbill.domain.rota import Interval, Layer, Turn

KINDS = {"pocket": "pocket", "sms": "phone", "voice": "phone", "email": "email", "push": "push"}


def ring(*channels: str, then: int = 5 * MINUTE) -> PagingStep:
    """A personal step: over these channels at once, and after `then` unanswered the next one."""
    return PagingStep(tuple(PagingRule(channel) for channel in channels), then)


def contact(owner: str, kind: str, verified: bool = True) -> ContactMethod:
    return ContactMethod(f"{owner}-{kind}", 1, kind, f"{owner}@{kind}", verified=verified)


def paged_by(name: str, *steps: PagingStep, repeats: bool = False, **more: Any) -> PagingPolicy:
    return PagingPolicy(name, 1, name, steps, repeat_last=repeats, **more)


def person(
    name: str, *steps: PagingStep, policies: Sequence[PagingPolicy] = (), repeats: bool = False, **more: Any
) -> User:
    """Somebody who is paged once on their pocket, or by these steps, or by these policies; with a contact for each
    channel named anywhere."""
    primary = replace(paged_by("primary", *(steps or (ring("pocket"),)), repeats=repeats), id=f"{name}-primary")
    own = tuple(policies) or (primary,)
    kinds = dict.fromkeys(KINDS[rule.channel] for policy in own for step in policy.steps for rule in step.rules)
    contacts = more.pop("contacts", tuple(contact(name, kind) for kind in kinds))
    return User(name, 1, name, contacts=contacts, paging=own, **more)


def user(name: str) -> Target:
    return Target(TargetKind.USER, name)


def schedule(name: str, **more: Any) -> Target:
    return Target(TargetKind.SCHEDULE, name, **more)


def team(name: str) -> Target:
    return Target(TargetKind.TEAM, name)


def policy(name: str) -> Target:
    return Target(TargetKind.POLICY, name)


def hook(name: str) -> Target:
    return Target(TargetKind.WEBHOOK, name)


def room(name: str) -> Target:
    return Target(TargetKind.CHAT, name)


def mailbox(address: str) -> Target:
    return Target(TargetKind.EMAIL, address)


def step(*targets: Target | str, wait: int = 0, **more: Any) -> Step:
    """A text means the user of that name. The id is filled in by the policy unless given."""
    named = tuple(user(one) if isinstance(one, str) else one for one in targets)
    return Step(more.pop("id", ""), named, wait, **more)


def layer(*names: str, start: int = 0, days: int = 7, **more: Any) -> Layer:
    """Each name takes a turn of so many days; "" is a turn of nobody."""
    turns = tuple(Turn((name,) if name else ()) for name in names)
    return Layer(more.pop("id", "layer"), more.pop("name", "Layer"), start, start, Interval(days), turns, **more)


def daily(zone: str, start_hour: float, end_hour: float) -> Hours:
    """Every day from one hour to another."""
    start, end = int(start_hour * 3600), int(end_hour * 3600)
    wraps = 1 if end <= start else 0
    return Hours(zone, tuple(Window(day, start, (day + wraps) % 7, end) for day in range(7)))
