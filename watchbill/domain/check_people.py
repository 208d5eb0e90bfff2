"""What makes a user or a team unfit."""

from collections.abc import Iterator, Mapping

from watchbill.domain import check_values as values
from watchbill.domain.check_values import Flaw, below
from watchbill.domain.civil import SECOND
from watchbill.domain.organization import Organization
from watchbill.domain.paging import KIND_OF_CHANNEL
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, Team, User

MOST_CONTACTS = 100
MOST_POLICIES = 100
MOST_STEPS = 100
MOST_RULES = 100

CONTACT_KINDS = tuple(dict.fromkeys(KIND_OF_CHANNEL.values()))


def user(given: User) -> Iterator[Flaw]:
    yield from values.name("username", given.username)
    yield from values.line("first_name", given.first_name)
    yield from values.line("last_name", given.last_name)
    if given.email:
        yield from values.email("email", given.email)
    yield from values.zone_name("zone", given.zone)
    yield from values.count("contacts", len(given.contacts), 0, MOST_CONTACTS)
    yield from values.count("paging", len(given.paging), 0, MOST_POLICIES)
    yield from _repeated_contacts(given)
    for index, contact in enumerate(given.contacts):
        yield from below(f"contacts[{index}]", _contact(contact))
    kinds = {contact.id: contact.kind for contact in given.contacts}
    for index, policy in enumerate(given.paging):
        yield from below(f"paging[{index}]", _paging(policy, kinds))


def _contact(contact: ContactMethod) -> Iterator[Flaw]:
    if contact.kind not in CONTACT_KINDS:
        yield "kind", f"'{contact.kind}' is no kind of contact. Use one of {', '.join(CONTACT_KINDS)}."
    elif contact.kind == "email":
        yield from values.email("address", contact.address)
    elif contact.kind == "phone":
        yield from values.phone("address", contact.address)
    elif contact.kind == "webhook":
        yield from values.url("address", contact.address, ("http", "https"))
    else:
        yield from values.name("address", contact.address, values.LONGEST_ADDRESS)
    yield from values.line("label", contact.label)


def _repeated_contacts(given: User) -> Iterator[Flaw]:
    """One address may be there with several settings, such as formats of mail."""
    seen: list[tuple[str, str, Mapping[str, object]]] = []
    for index, contact in enumerate(given.contacts):
        place = (contact.kind, contact.address, contact.settings)
        if place in seen:
            yield f"contacts[{index}]", f"The {contact.kind} '{contact.address}' is there twice. Keep it once."
        seen.append(place)


def _paging(policy: PagingPolicy, kinds: Mapping[str, str]) -> Iterator[Flaw]:
    yield from values.line("name", policy.name)
    yield from values.hours("hours", policy.hours)
    yield from values.count("steps", len(policy.steps), 0, MOST_STEPS)
    for index, step in enumerate(policy.steps):
        yield from values.duration(f"steps[{index}].timeout", step.timeout, SECOND)
        yield from values.count(f"steps[{index}].rules", len(step.rules), 0, MOST_RULES)
        for number, rule in enumerate(step.rules):
            yield from below(f"steps[{index}].rules[{number}]", _rule(rule, kinds))


def _rule(rule: PagingRule, kinds: Mapping[str, str]) -> Iterator[Flaw]:
    fit = KIND_OF_CHANNEL.get(rule.channel)
    if fit is None:
        yield "channel", f"'{rule.channel}' is no channel. Use one of {', '.join(KIND_OF_CHANNEL)}."
    elif rule.contact_id is not None:
        kind = kinds.get(rule.contact_id)
        if kind is None:
            yield "contact_id", "The contact is none of this person's. Name one of their contacts, or none for all."
        elif kind != fit:
            yield "contact_id", f"A contact of the kind {kind} can't be paged by {rule.channel}. Name a {fit}."


def team(org: Organization, given: Team) -> Iterator[Flaw]:
    yield from values.slug("slug", given.slug)
    yield from values.name("name", given.name)
    yield from values.line("handle", given.handle)
    yield from values.prose("description", given.description)
    for index, member in enumerate(given.members):
        if member.user_id not in org.users:
            yield f"members[{index}].user_id", unknown("user", member.user_id)
    yield from values.repeated("members", [member.user_id for member in given.members], "person")


def unknown(what: str, id: str) -> str:
    """A reference that leads nowhere."""
    return f"There is no {what} '{id}' in the organization. Name one that exists, or leave it out."
