"""Notifying a person, row by row (reference, part 5.5). Channels and rules are made through the API."""

from typing import Any

from tests.dialects.datadog.oncall import ANN, BOB, ON_CALL, Story, document, step, uuid
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.people import ContactMethod, User
from watchbill.domain.record import replace

DAN = uuid(4)
MAIL = "dan@work.example"


class Dan:
    """Somebody new, who is the only target of the team's first step; Bob is the second, after ten minutes."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.place = f"{ON_CALL}/users/{DAN}"
        story.world.has(User(DAN, 4, "dan", "Dan", email="dan@example.org"))
        story.steps(step(DAN, after=600), step(BOB, after=600))

    def channel(self, address: str = MAIL, formats: tuple[str, ...] = ("text",)) -> str:
        config = {"type": "email", "address": address, "formats": list(formats)}
        asked = document("notification_channels", {"config": config})
        id: str = self.story.api.post(f"{self.place}/notification-channels", asked).expect(201)["data"]["id"]
        return id

    def phone(self, number: str) -> str:
        asked = document("notification_channels", {"config": {"type": "phone", "number": number}})
        id: str = self.story.api.post(f"{self.place}/notification-channels", asked).expect(201)["data"]["id"]
        return id

    def rule(self, channel: str, delay: int, category: str = "high_urgency", **attributes: Any) -> None:
        asked = document("notification_rules", {"category": category, "delay_minutes": delay, **attributes})
        asked["data"]["relationships"] = {"channel": {"data": {"id": channel, "type": "notification_channels"}}}
        self.story.api.post(f"{self.place}/notification-rules", asked).expect(201)

    def verified(self, contact_id: str) -> None:
        """What the person does with the code that was sent to them."""
        user = self.story.world.organization.users[DAN]
        contacts = tuple(_confirmed(one) if one.id == contact_id else one for one in user.contacts)
        self.story.world.has(replace(user, contacts=contacts))

    def expects(self, title: str, *minutes: int, by: str = "email") -> None:
        for minute in minutes:
            self.story.world.phone(DAN).expects(title, at=minute * MINUTE, by=by)


def _confirmed(contact: ContactMethod) -> ContactMethod:
    return replace(contact, verified=True)


def test_each_rule_fires_at_its_delay_while_the_page_is_triggered(story: Story) -> None:
    dan = Dan(story)
    one, other = dan.channel(), dan.channel("dan@home.example")
    for channel, delay in ((one, 0), (other, 1), (one, 2), (one, 8)):
        dan.rule(channel, delay)
    id = story.pages("disk")
    story.world.pass_(5 * MINUTE)
    dan.expects("disk", 0, 1, 2)
    addresses = [one.message.address for one in story.world.phone(DAN).received]
    assert addresses == [MAIL, "dan@home.example", MAIL]
    story.does("acknowledge", id)
    story.world.stays_quiet(HOUR)


def test_rules_of_the_other_category_are_silent(story: Story) -> None:
    dan = Dan(story)
    high, low = dan.channel(), dan.channel("low@home.example")
    dan.rule(high, 0)
    dan.rule(low, 3, "low_urgency")
    page = story.pages("disk", urgency="low")
    story.world.pass_(5 * MINUTE)
    dan.expects("disk", 3)
    assert story.world.phone(DAN).received[0].message.address == "low@home.example"
    story.does("resolve", page)


def test_pending_rules_stop_when_anyone_answers(story: Story) -> None:
    dan = Dan(story)
    story.steps(step(DAN, ANN, after=600))
    dan.rule(dan.channel(), 1)
    for verb in ("ack", "resolve"):
        story.pages(verb)
        story.world.phone(ANN).expects(verb).replies(verb)
        story.world.stays_quiet(9 * MINUTE)


def test_pending_rules_stop_when_the_next_step_starts(story: Story) -> None:
    dan = Dan(story)
    channel = dan.channel()
    dan.rule(channel, 0)
    dan.rule(channel, 11)
    story.pages("disk")
    story.world.pass_(HOUR)
    dan.expects("disk", 0)
    story.world.phone(BOB).expects("disk", at=10 * MINUTE)


def test_somebody_in_the_next_step_too_begins_anew(story: Story) -> None:
    dan = Dan(story)
    story.steps(step(DAN, after=600), step(DAN, after=600))
    channel = dan.channel()
    dan.rule(channel, 0)
    dan.rule(channel, 3)
    story.pages("disk")
    story.world.pass_(HOUR)
    dan.expects("disk", 0, 3, 10, 13)


def test_a_first_rule_that_waits_is_waited_for(story: Story) -> None:
    dan = Dan(story)
    dan.rule(dan.channel(), 4)
    story.pages("disk")
    story.world.pass_(HOUR)
    dan.expects("disk", 4)
    story.world.phone(BOB).expects("disk", at=10 * MINUTE)


def test_phones_are_called_or_sent_a_message_once_they_are_verified(story: Story) -> None:
    dan = Dan(story)
    number = dan.phone("+14155552671")
    dan.rule(dan.channel(), 0)
    for delay, method in ((1, "sms"), (2, "voice")):
        dan.rule(number, delay, channel_settings={"type": "phone", "method": method})
    first = story.pages("before")
    story.world.pass_(5 * MINUTE)
    story.world.phone(DAN).expects("before", at=0, by="email")
    story.does("resolve", first)
    dan.verified(number)
    second = story.pages("after")
    story.world.pass_(5 * MINUTE)
    dan.expects("after", 5)
    dan.expects("after", 6, by="sms")
    dan.expects("after", 7, by="voice")
    story.does("resolve", second)


def test_without_rules_the_users_own_address_is_written_to(story: Story) -> None:
    Dan(story)
    page = story.pages("disk")
    found = story.world.phone(DAN).expects("disk", at=0, by="email")
    assert found.message.address == "dan@example.org"
    story.does("resolve", page)
    story.world.stays_quiet(DAY)


def test_every_send_is_in_the_timeline(story: Story) -> None:
    dan = Dan(story)
    dan.rule(dan.channel(), 0)
    page = story.pages("disk")
    dan.expects("disk", 0)
    story.does("escalate", page)
    story.world.phone(BOB).expects("disk")
    story.does("acknowledge", page)
    story.does("resolve", page)
    for text in ("opened: ", f"paging by email {MAIL}", "escalated by admin", "acknowledged by admin", "resolved by"):
        story.world.tells("disk", text)
