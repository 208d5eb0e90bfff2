"""Is there a provider for what people are paged over?"""

from collections.abc import Container, Iterator

from watchbill.domain.organization import Organization
from watchbill.domain.paging import KIND_OF_CHANNEL, usable
from watchbill.domain.people import PagingRule, User
from watchbill.usecases.doctor_people import watchers
from watchbill.usecases.findings import Finding, problem, warning

ADVICE = "Set up a provider for it, or give other channels. (It is this command's environment that was looked at.)"


def unserved(org: Organization, served: Container[str]) -> Iterator[Finding]:
    """People whose pages would find no provider. `served` are the channels that have one."""
    for user_id, place in watchers(org).items():
        user = org.users.get(user_id)
        if user is not None and user.active:
            yield from _person(user, place, served)


def _person(user: User, place: str, served: Container[str]) -> Iterator[Finding]:
    reached = [channel for channel in KIND_OF_CHANNEL if usable(user, PagingRule(channel))]
    if reached and not any(channel in served for channel in reached):
        yield problem(
            f"person {user.username}",
            f"{user.name} is named by {place} and can be paged over {_or(reached)} only, which has no provider.",
            ADVICE,
        )
        return
    rules = [rule for policy in user.paging for step in policy.steps for rule in step.rules if usable(user, rule)]
    missing = dict.fromkeys(rule.channel for rule in rules if rule.channel not in served)
    if missing:
        yield warning(
            f"person {user.username}",
            f"{user.name} asks to be paged over {_or(list(missing))}, which has no provider, so others are tried.",
            ADVICE,
        )


def _or(channels: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(channels[:-1]), channels[-1])))
