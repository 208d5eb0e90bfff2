"""Notification rules: when a person is paged over which channel."""

from typing import Any

import pytest

from tests.dialects.datadog.asking import NOBODY, body, made_user, speaker
from tests.dialects.datadog.test_channels import EMAIL, PHONE, made
from tests.stories.town import daily, step
from tests.stories.world import World
from watchbill.domain.civil import HOUR, MINUTE, SECOND
from watchbill.domain.people import PagingPolicy, PagingRule, PagingStep, Role, Urgency
from watchbill.domain.record import replace

HIGH, LOW = "high_urgency", "low_urgency"


class Ann:
    """A user with an e-mail channel and a phone, and the rules that are made for her."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.api = speaker(world)
        self.user = made_user(self.api)
        self.mail = made(self.api, self.user, EMAIL)["id"]
        self.phone = made(self.api, self.user, PHONE)["id"]

    @property
    def id(self) -> str:
        return str(self.user["id"])

    def path(self, *more: str) -> str:
        return "/".join((f"/api/v2/on-call/users/{self.id}/notification-rules", *more))

    def document(self, channel: str, delay: int = 0, category: str = HIGH, id: str | None = None, **more: Any) -> Any:
        attributes = {"category": category, "delay_minutes": delay, **more}
        if channel == self.phone:
            attributes.setdefault("channel_settings", {"type": "phone", "method": "sms"})
        return body("notification_rules", attributes, id, channel=("notification_channels", channel))

    def rule(self, channel: str, delay: int = 0, category: str = HIGH, **more: Any) -> Any:
        return self.api.post(self.path(), self.document(channel, delay, category, **more)).expect(201)["data"]

    def change(self, rule: Any, channel: str, delay: int = 0, category: str = HIGH, **more: Any) -> Any:
        document = self.document(channel, delay, category, rule["id"], **more)
        return self.api.put(self.path(rule["id"]), document).expect(200)["data"]

    def says(self) -> list[tuple[str, int, str]]:
        """The list of rules: category, delay, and the method or the type of the channel."""
        answer = self.api.get(self.path(), include="channel").expect(200)
        types = {one["id"]: one["attributes"]["config"]["type"] for one in answer["included"]}
        return [
            (
                row["attributes"]["category"],
                row["attributes"]["delay_minutes"],
                row["attributes"].get("channel_settings", {}).get("method")
                or types[row["relationships"]["channel"]["data"]["id"]],
            )
            for row in answer["data"]
        ]

    def has(self, *policies: PagingPolicy) -> None:
        self.world.has(replace(self.kept, paging=policies))

    @property
    def kept(self) -> Any:
        return self.world.organization.users[self.id]

    def steps(self, place: int = 0) -> list[tuple[int, list[str]]]:
        """What the other dialect sees: timeouts in minutes, and channels."""
        return [(one.timeout // MINUTE, [rule.channel for rule in one.rules]) for one in self.kept.paging[place].steps]


@pytest.fixture
def ann(world: World) -> Ann:
    return Ann(world)


# --- One rule


def test_a_rule_over_e_mail(ann: Ann) -> None:
    answer = ann.api.post(ann.path(), ann.document(ann.mail, 1))
    assert answer.headers["content-type"] == "application/vnd.api+json"
    found = answer.expect(201)
    assert "included" not in found
    assert found["data"]["attributes"] == {"category": HIGH, "delay_minutes": 1}
    assert found["data"]["relationships"] == {"channel": {"data": {"id": ann.mail, "type": "notification_channels"}}}
    assert ann.api.get(ann.path(found["data"]["id"])).expect(200) == found


@pytest.mark.parametrize("method", ["sms", "voice"])
def test_a_rule_over_the_phone(ann: Ann, method: str) -> None:
    settings = {"type": "phone", "method": method}
    rule = ann.rule(ann.phone, 0, LOW, channel_settings=settings)
    assert rule["attributes"] == {"category": LOW, "delay_minutes": 0, "channel_settings": settings}


def test_what_is_not_said_is_high_urgency_at_once(ann: Ann) -> None:
    for attributes in ({}, None, {"category": None, "delay_minutes": None, "channel_settings": None}):
        document = body("notification_rules", attributes, channel=("notification_channels", ann.mail))
        rule = ann.api.post(ann.path(), document).expect(201)["data"]
        assert rule["attributes"] == {"category": HIGH, "delay_minutes": 0}


def test_the_channel_is_included_on_demand(ann: Ann) -> None:
    rule = ann.rule(ann.mail)
    channel = ann.api.get(f"/api/v2/on-call/users/{ann.id}/notification-channels/{ann.mail}").json["data"]
    assert ann.api.get(ann.path(rule["id"]), include="channel").expect(200)["included"] == [channel]
    ann.rule(ann.mail, 5)
    assert ann.api.get(ann.path(), include="channel").expect(200)["included"] == [channel]
    assert "included" not in ann.api.get(ann.path()).expect(200)
    changed = ann.api.put(ann.path(rule["id"]) + "?include=channel", ann.document(ann.mail, 3, id=rule["id"]))
    assert changed.expect(200)["included"] == [channel]


def test_a_change_replaces_everything_but_the_id(ann: Ann) -> None:
    rule = ann.rule(ann.mail, 1)
    settings = {"type": "phone", "method": "voice"}
    changed = ann.change(rule, ann.phone, 7, LOW, channel_settings=settings)
    assert changed["id"] == rule["id"]
    assert changed["attributes"] == {"category": LOW, "delay_minutes": 7, "channel_settings": settings}
    assert changed["relationships"]["channel"]["data"]["id"] == ann.phone
    assert ann.api.get(ann.path(rule["id"])).expect(200)["data"] == changed
    assert ann.says() == [(LOW, 7, "voice")]


def test_a_deleted_rule_is_gone(ann: Ann) -> None:
    rule = ann.rule(ann.mail)
    assert ann.api.delete(ann.path(rule["id"])).expect(204) is None
    gone = {"errors": [{"title": "Generic Error", "detail": "notification rule not found"}]}
    assert ann.api.get(ann.path(rule["id"])).expect(404) == gone
    assert ann.api.delete(ann.path(rule["id"])).expect(404) == gone
    assert ann.api.put(ann.path(rule["id"]), ann.document(ann.mail)).expect(404) == gone
    assert ann.says() == []


def test_a_channel_takes_its_rules_along(ann: Ann) -> None:
    ann.rule(ann.mail)
    ann.rule(ann.phone, 5)
    ann.api.delete(f"/api/v2/on-call/users/{ann.id}/notification-channels/{ann.mail}").expect(204)
    assert ann.says() == [(HIGH, 5, "sms")]


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"category": "medium"}, 'attribute "category" must be one of "high_urgency low_urgency"'),
        ({"delay_minutes": -1}, 'attribute "delay_minutes" must be between 0 and'),
        ({"delay_minutes": 10**12}, 'attribute "delay_minutes" must be between 0 and'),
        ({"delay_minutes": 10**30}, 'attribute "delay_minutes" must be between 0 and'),
        ({"delay_minutes": 1.5}, 'error decoding attribute "delay_minutes": invalid type number'),
        ({"channel_settings": {"type": "phone", "method": "sms"}}, 'attribute "channel_settings" is only for phone'),
    ],
)
def test_rules_that_cannot_be(ann: Ann, attributes: Any, said: str) -> None:
    document = body("notification_rules", attributes, channel=("notification_channels", ann.mail))
    (error,) = ann.api.post(ann.path(), document).expect(400)["errors"]
    assert error["detail"].startswith(said)
    assert ann.says() == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (None, 'attribute "channel_settings" is required for phone channels'),
        ({"method": "sms"}, 'attribute "channel_settings.type" is required'),
        ({"type": "phone"}, 'attribute "channel_settings.method" is required'),
        ({"type": "email", "method": "sms"}, 'attribute "channel_settings.type" must be one of "phone"'),
        ({"type": "phone", "method": "fax"}, 'attribute "channel_settings.method" must be one of "sms voice"'),
    ],
)
def test_phones_need_a_method(ann: Ann, settings: Any, said: str) -> None:
    answer = ann.api.post(ann.path(), ann.document(ann.phone, channel_settings=settings))
    assert answer.expect(400)["errors"][0]["detail"] == said


def test_a_rule_needs_a_channel_of_the_person(ann: Ann) -> None:
    def said(document: Any) -> str:
        return str(ann.api.post(ann.path(), document).expect(400)["errors"][0]["detail"])

    other = made_user(ann.api, "bob@x.com")
    theirs = made(ann.api, other, EMAIL)["id"]
    assert said(body("notification_rules", {})) == 'attribute "channel" is required'
    assert said(ann.document(theirs)) == f'attribute "channel" notification channel {theirs} not found'
    assert said(body("notification_rules", {}, channel=("users", ann.mail))).startswith('got type "users"')
    assert said(body("rules", {})) == 'got type "rules" expected one of "notification_rules"'


def test_the_body_names_the_rule_of_the_path(ann: Ann) -> None:
    rule = ann.rule(ann.mail)
    (error,) = ann.api.put(ann.path(rule["id"]), ann.document(ann.mail, id="2462ace1-xc4f")).expect(400)["errors"]
    assert error["detail"].startswith('id "2462ace1-xc4f" in the body does not match')
    ann.api.put(ann.path(rule["id"]), ann.document(ann.mail, id=rule["id"].upper())).expect(200)
    (error,) = ann.api.get(ann.path("REPLACE.ME")).expect(400)["errors"]
    assert error["detail"] == 'invalid parameter "rule_id" in "path"; expected type "uuid"'
    ann.api.get(ann.path(NOBODY)).expect(404)


def test_rules_are_for_oneself_and_for_administrators(world: World, ann: Ann) -> None:
    rule = ann.rule(ann.mail)
    bob = speaker(world, "bob", Role.ALERT_ADMIN)
    refused = {"errors": ["Forbidden"]}
    assert bob.get(ann.path()).expect(403) == refused
    assert bob.get(ann.path(rule["id"])).expect(403) == refused
    assert bob.post(ann.path(), ann.document(ann.mail)).expect(403) == refused
    assert bob.put(ann.path(rule["id"]), ann.document(ann.mail)).expect(403) == refused
    assert bob.delete(ann.path(rule["id"])).expect(403) == refused
    me = bob.get("/api/v2/current_user").json["data"]["id"]
    assert bob.get(f"/api/v2/on-call/users/{me}/notification-rules").expect(200) == {"data": []}


# --- Rules and steps are one thing


def test_rules_become_steps(ann: Ann) -> None:
    ann.rule(ann.phone, 5)
    ann.rule(ann.mail, 0)
    ann.rule(ann.mail, 2)
    ann.rule(ann.phone, 5, channel_settings={"type": "phone", "method": "voice"})
    assert ann.says() == [(HIGH, 0, "email"), (HIGH, 2, "email"), (HIGH, 5, "sms"), (HIGH, 5, "voice")]
    assert ann.steps()[:2] == [(2, ["email"]), (3, ["email"])]
    assert ann.steps()[2][1] == ["sms", "voice"]
    assert (ann.kept.paging[0].urgency, ann.kept.paging[0].repeat_last) == (Urgency.HIGH, False)


def test_each_category_has_its_policy(ann: Ann) -> None:
    ann.rule(ann.mail, 0, LOW)
    ann.rule(ann.phone, 1, HIGH)
    assert ann.says() == [(HIGH, 1, "sms"), (LOW, 0, "email")]
    assert [policy.urgency for policy in ann.kept.paging] == [Urgency.LOW, Urgency.HIGH]


def test_steps_from_elsewhere_are_rules_here(ann: Ann) -> None:
    """A policy for any urgency, whose last step repeats: shown under both categories, and kept as it is."""
    nights = PagingPolicy("n", 1, "Nights", (), hours=daily("UTC", 22, 7))
    steps = (
        PagingStep((PagingRule("email", ann.mail, "018f0000-0000-7000-8000-000000000001"),), 90 * SECOND, 7),
        PagingStep((PagingRule("sms", ann.phone), PagingRule("webhook")), 15 * MINUTE, 8),
    )
    primary = PagingPolicy("p", 2, "Primary", steps)
    ann.has(nights, primary)
    shown = [(HIGH, 0, "email"), (HIGH, 1, "sms"), (LOW, 0, "email"), (LOW, 1, "sms")]
    assert ann.says() == shown
    rows = ann.api.get(ann.path()).expect(200)["data"]
    assert len({row["id"] for row in rows}) == 4
    for row in rows:
        assert ann.api.get(ann.path(row["id"])).expect(200)["data"] == row
    assert ann.kept.paging == (nights, primary)
    # The same again changes nothing of what is shown, and keeps the half minute that has no form here.
    settings = {"type": "phone", "method": "voice"}
    ann.change(rows[1], ann.phone, 1, HIGH, channel_settings=settings)
    assert ann.says() == [(HIGH, 0, "email"), (HIGH, 1, "voice"), *shown[2:]]
    kept = ann.kept.paging
    assert kept[0] == nights
    assert (kept[1].id, kept[1].name, kept[1].repeat_last, kept[1].urgency) == ("p", "Primary", True, Urgency.HIGH)
    assert [(one.timeout, one.number) for one in kept[1].steps] == [(90 * SECOND, 7), (15 * MINUTE, 8)]
    assert [rule.channel for rule in kept[1].steps[1].rules] == ["voice", "webhook"]
    assert [row["id"] for row in ann.api.get(ann.path()).json["data"]] == [row["id"] for row in rows]


def test_deleting_one_of_two_categories_leaves_the_other(ann: Ann) -> None:
    ann.has(PagingPolicy("p", 2, "Primary", (PagingStep((PagingRule("email", ann.mail),), 5 * MINUTE),)))
    high, low = ann.api.get(ann.path()).expect(200)["data"]
    ann.api.delete(ann.path(low["id"])).expect(204)
    assert ann.says() == [(HIGH, 0, "email")]
    ann.api.delete(ann.path(high["id"])).expect(204)
    assert ann.says() == []


def test_a_rule_for_all_phones_is_shown_for_each(ann: Ann) -> None:
    second = made(ann.api, ann.user, {"type": "phone", "number": "+33612345678"})["id"]
    ann.has(PagingPolicy("p", 2, "", (PagingStep((PagingRule("sms", None, "x"),), 5 * MINUTE),), Urgency.HIGH))
    first, other = ann.api.get(ann.path()).expect(200)["data"]
    assert [one["relationships"]["channel"]["data"]["id"] for one in (first, other)] == [ann.phone, second]
    ann.api.delete(ann.path(first["id"])).expect(204)
    assert ann.api.get(ann.path()).expect(200)["data"] == [other]


# --- What comes of it


def page(world: World, ann: Ann, urgency: Urgency = Urgency.HIGH) -> None:
    user = ann.kept
    contacts = tuple(replace(contact, verified=True) for contact in user.contacts)
    world.has(replace(user, contacts=contacts))
    world.policy("db", step(ann.id, urgency=urgency))
    world.key("db", "db")
    world.alert("db", "disk")


def test_rules_page_at_their_delays(world: World, ann: Ann) -> None:
    ann.rule(ann.mail, 1)
    ann.rule(ann.phone, 3)
    ann.rule(ann.mail, 0, LOW)
    page(world, ann)
    world.pass_(HOUR)
    ann_phone = world.phone(ann.id)
    ann_phone.expects("disk", at=MINUTE, by="email")
    ann_phone.expects("disk", at=3 * MINUTE, by="sms")
    assert len(ann_phone.received) == 2


def test_low_urgency_has_its_own_rules(world: World, ann: Ann) -> None:
    ann.rule(ann.phone, 0)
    ann.rule(ann.mail, 2, LOW)
    page(world, ann, Urgency.LOW)
    world.pass_(HOUR)
    world.phone(ann.id).expects("disk", at=2 * MINUTE, by="email")
    assert len(world.phone(ann.id).received) == 1


def test_without_rules_a_page_is_a_mail(world: World) -> None:
    """To the user's own address: a fresh user has no channel."""
    made_one = made_user(speaker(world))
    world.policy("db", step(made_one["id"]))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone(made_one["id"]).expects("disk", at=0, by="email")
