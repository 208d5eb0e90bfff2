"""The form of people, their contacts and paging, and of teams."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from watchbill.cli.orgfile.nodes import Fields, Items, Node, Plain
from watchbill.cli.orgfile.records import Built, Field, OneOf, Option, Record
from watchbill.cli.orgfile.refs import HOURS, URGENCY, USER
from watchbill.cli.orgfile.shapes import (
    DURATION,
    Choice,
    Contact,
    Context,
    Draft,
    Flag,
    FreeFields,
    ListOf,
    Maybe,
    Text,
    gathered,
    text_of,
)
from watchbill.domain.check_people import CONTACT_KINDS
from watchbill.domain.paging import KIND_OF_CHANNEL
from watchbill.domain.people import ContactMethod, Member, PagingPolicy, PagingRule, PagingStep, Role


def _with_contacts(context: Context, given: Mapping[str, Any]) -> Context:
    """Paging rules may name the contacts that the file gives, and those that the person has besides."""
    listed = tuple(_contact(index, contact) for index, contact in enumerate(given.get("contacts", ())))
    places = {(contact.kind, contact.address) for contact in listed}
    others = tuple(contact for contact in context.contacts if (contact.kind, contact.address) not in places)
    return replace(context, contacts=listed + others)


def _contact(index: int, given: Draft | ContactMethod) -> Contact:
    if isinstance(given, ContactMethod):
        return Contact(given.id, given.kind, given.address, given.label)
    return Contact(f"#{index}", given["kind"], given["address"], given.get("label", ""))


@dataclass(frozen=True, slots=True)
class By:
    """One paging rule: `sms` is every phone, `sms: work` the one with that label or address."""

    def read(self, node: Node, context: Context) -> PagingRule:
        channel, name = self._written(node)
        kind = KIND_OF_CHANNEL.get(channel)
        if kind is None:
            raise node.wrong(f"'{channel}' should be one of {', '.join(KIND_OF_CHANNEL)}.")
        if name is None:
            return PagingRule(channel)
        return PagingRule(channel, self._found(node, kind, name, context))

    def _written(self, node: Node) -> tuple[str, str | None]:
        if isinstance(node, Fields) and len(node.fields) == 1:
            [(channel, contact)] = node.fields.items()
            return channel, text_of(contact, "the label or address of a contact")
        text = text_of(node, "a channel such as sms, or one with a contact such as 'sms: work'")
        channel, colon, name = text.partition(": ")
        return channel, name.strip() if colon else None

    def _found(self, node: Node, kind: str, name: str, context: Context) -> str:
        """Of the contacts in the file, else of those that the person has besides; by address, else by label. Of two
        with one address the first: they lead to the same place."""
        fitting = [contact for contact in context.contacts if contact.kind == kind]
        listed = [contact for contact in fitting if contact.is_new]
        for contacts in (listed, fitting):
            for attribute in ("address", "label"):
                found = [contact for contact in contacts if getattr(contact, attribute) == name]
                if len(found) > 1 and attribute == "label":
                    raise node.wrong(f"Several contacts have the label '{name}'. Name one by its address.")
                if found:
                    return found[0].id
        known = ", ".join(contact.label or contact.address for contact in fitting)
        raise node.wrong(f"This person has no {kind} '{name}'. Name one of theirs ({known or 'none so far'}).")

    def show(self, value: PagingRule, context: Context) -> Plain:
        if value.contact_id is None:
            return value.channel
        contact = next((each for each in context.contacts if each.id == value.contact_id), None)
        if contact is None:
            return {value.channel: value.contact_id}
        fitting = [each for each in context.contacts if each.kind == contact.kind]
        taken = [each.label for each in fitting] + [each.address for each in fitting]
        return {value.channel: contact.label if taken.count(contact.label) == 1 else contact.address}


CONTACT = Record(
    "a contact",
    (
        OneOf("A contact", tuple(Option(kind, "address", Text(), {"kind": kind}) for kind in CONTACT_KINDS)),
        Field("label", "label", Text()),
        Field("verified", "verified", Flag()),
        Field("active", "active", Flag()),
        Field("secret", "secret", Text(), secret=True),
        Field("settings", "settings", FreeFields()),
    ),
)
PAGING_STEP = Built(
    PagingStep,
    Record(
        "a personal step",
        (Field("by", "rules", ListOf(By()), required=True), Field("timeout", "timeout", DURATION, required=True)),
    ),
)
PAGING = Built(
    PagingPolicy,
    Record(
        "a paging policy",
        (
            Field("name", "name", Text()),
            Field("urgency", "urgency", URGENCY),
            Field("hours", "hours", Maybe(HOURS)),
            Field("repeat_last", "repeat_last", Flag()),
            Field("steps", "steps", ListOf(PAGING_STEP), required=True),
        ),
    ),
    lambda draft: {"id": "", "number": 0, "name": "Primary" if draft.get("hours") is None else "Custom"},
)
PERSON = Record(
    "a person",
    (
        Field("first_name", "first_name", Text()),
        Field("last_name", "last_name", Text()),
        Field("email", "email", Text()),
        Field("zone", "zone", Text()),
        Field("role", "role", Choice(Role)),
        Field("active", "active", Flag()),
        Field("contacts", "contacts", ListOf(CONTACT), always=True),
        Field("paging", "paging", ListOf(PAGING), always=True),
        Field("settings", "settings", FreeFields()),
    ),
    _with_contacts,
)


@dataclass(frozen=True, slots=True)
class Members:
    """`members` lists everybody, `admins` those of them who are administrators; an admin need not be listed twice."""

    names: tuple[str, ...] = ("members", "admins")

    def read(self, node: Fields, context: Context) -> Draft:
        empty = Items(node.line, node.path)
        people = ListOf(USER)
        members, admins = gathered(
            [lambda name=name: people.read(node.fields.get(name, empty), context) for name in self.names]  # type: ignore[misc]
        )
        everybody = (*members, *(admin for admin in admins if admin not in members))
        return {"members": tuple(Member(user_id, user_id in admins) for user_id in everybody)}

    def show(self, entity: Any, context: Context) -> dict[str, Plain]:
        people = ListOf(USER)
        admins = people.show([member.user_id for member in entity.members if member.admin], context)
        shown = {"members": people.show([member.user_id for member in entity.members], context)}
        return {**shown, "admins": admins} if admins else shown


TEAM_RECORD = Record(
    "a team",
    (
        Field("name", "name", Text(), always=True),
        Field("handle", "handle", Text()),
        Field("description", "description", Text()),
        Members(),
        Field("settings", "settings", FreeFields()),
    ),
)
