"""Whether a contact is the person's own: the contact itself is asked."""

from dataclasses import replace

import pytest

from tests.stories.phones import Received
from tests.stories.town import person
from tests.stories.world import World
from watchbill.domain.delivery import Purpose
from watchbill.domain.errors import Conflict
from watchbill.domain.people import ContactMethod
from watchbill.usecases import replies
from watchbill.usecases.replies import Answer, Question
from watchbill.usecases.verifying import ask

PHONE = ContactMethod("phone", 1, "phone", "+14155550120")


def asked(world: World, contact: ContactMethod = PHONE) -> list[Received]:
    """What Ann was sent after she was asked about a contact of hers."""
    ann = person("ann", contacts=(contact,))
    world.has(ann)
    world.write(lambda tx: ask(tx, tx.organization(world.org), ann, contact, world.now))
    world.pass_(0)
    return world.phone("ann").received


def answers(world: World, received: Received, what: Answer = Answer.VERIFY) -> Question:
    return world.write(replies.answer, world.org, received.message.delivery_id, what, world.now)


def verified(world: World) -> bool:
    return world.organization.users["ann"].contacts[0].verified


@pytest.mark.parametrize(
    ("contact", "channel"), [(PHONE, "sms"), (replace(PHONE, kind="email", address="ann@example.org"), "email")]
)
def test_whoever_answers_there_verifies_it(world: World, contact: ContactMethod, channel: str) -> None:
    [question] = asked(world, contact)
    assert (question.channel, question.message.address) == (channel, contact.address)
    assert question.message.purpose is Purpose.VERIFY
    assert "ann is to be paged here by Acme." in question.message.text
    assert not verified(world)
    assert answers(world, question).answers == ()
    assert verified(world)
    with pytest.raises(Conflict):
        answers(world, question)


@pytest.mark.parametrize("contact", [replace(PHONE, verified=True), replace(PHONE, kind="webhook")])
def test_nothing_is_asked_without_need(world: World, contact: ContactMethod) -> None:
    assert asked(world, contact) == []


@pytest.mark.parametrize("what", [Answer.ACKNOWLEDGE, Answer.RESOLVE])
def test_there_is_nothing_to_acknowledge(world: World, what: Answer) -> None:
    [question] = asked(world)
    with pytest.raises(Conflict):
        answers(world, question, what)
    assert not verified(world)


@pytest.mark.parametrize("contacts", [(), (replace(PHONE, address="+14155550121"),)])
def test_a_contact_that_became_another_is_not_verified(world: World, contacts: tuple[ContactMethod, ...]) -> None:
    [question] = asked(world)
    world.has(person("ann", contacts=contacts))
    with pytest.raises(Conflict, match="nothing left"):
        answers(world, question)


def test_of_two_questions_about_one_contact_one_is_enough(world: World) -> None:
    asked(world)
    first, second = asked(world)
    answers(world, second)
    with pytest.raises(Conflict):
        answers(world, first)
