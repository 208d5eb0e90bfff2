"""Notification channels: by which ways a person can be reached."""

from typing import Any

import pytest

from tests.dialects.datadog.asking import NOBODY, body, made_user, speaker
from tests.dialects.speaking import Speaker
from tests.stories.world import World
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, PagingStep, Role
from watchbill.domain.record import replace

EMAIL = {"type": "email", "address": "foo@bar.com", "formats": ["html"]}
PHONE = {"type": "phone", "number": "+17039389548"}


@pytest.fixture
def api(world: World) -> Speaker:
    return speaker(world)


def path(user: Any, *more: str) -> str:
    return "/".join((f"/api/v2/on-call/users/{user['id']}/notification-channels", *more))


def made(api: Speaker, user: Any, config: Any) -> Any:
    document = body("notification_channels", {"config": config})
    return api.post(path(user), document).expect(201)["data"]


def test_a_fresh_user_has_none(api: Speaker) -> None:
    assert api.get(path(made_user(api))).expect(200) == {"data": []}


def test_an_e_mail_channel(world: World, api: Speaker) -> None:
    ann = made_user(api)
    answer = api.post(path(ann), body("notification_channels", {"config": {**EMAIL, "formats": ["text", "html"]}}))
    assert answer.headers["content-type"] == "application/vnd.api+json"
    channel = answer.expect(201)["data"]
    assert channel["type"] == "notification_channels"
    assert channel["attributes"] == {
        "active": True,
        "config": {"type": "email", "address": "foo@bar.com", "formats": ["text", "html"]},
    }
    assert api.get(path(ann, channel["id"].upper())).expect(200) == {"data": channel}
    (kept,) = world.organization.users[ann["id"]].contacts
    assert (kept.id, kept.kind, kept.verified) == (channel["id"], "email", True)


@pytest.mark.parametrize(
    ("number", "formatted", "region"),
    [
        ("+17039389548", "+1 703-938-9548", "us"),
        ("+33612345678", "+33 6 12 34 56 78", "fr"),
        ("+18005550199", "+1 800-555-0199", "us"),
        ("+80012345678", "+800 1234 5678", "001"),
    ],
)
def test_a_phone_channel(api: Speaker, number: str, formatted: str, region: str) -> None:
    channel = made(api, made_user(api), {"type": "phone", "number": number})
    assert channel["attributes"] == {
        "active": True,
        "config": {
            "type": "phone",
            "number": number,
            "formatted_number": formatted,
            "region": region,
            "verified": False,
        },
    }


def test_consent_to_text_messages_is_shown_when_it_is_known(world: World, api: Speaker) -> None:
    ann = made_user(api)
    channel = made(api, ann, PHONE)
    user = world.organization.users[ann["id"]]
    (contact,) = user.contacts
    agreed = replace(contact, verified=True, settings={"datadog": {"sms_subscribed_at": world.now}})
    world.has(replace(user, contacts=(agreed,)))
    config = api.get(path(ann, channel["id"])).expect(200)["data"]["attributes"]["config"]
    assert (config["verified"], config["sms_subscribed_at"]) == (True, "2026-06-01T00:00:00Z")


def test_channels_are_listed_in_order(api: Speaker) -> None:
    """One address may be there in several formats."""
    ann = made_user(api)
    channels = [made(api, ann, config) for config in (PHONE, EMAIL, {**EMAIL, "formats": ["text"]})]
    assert api.get(path(ann)).expect(200)["data"] == channels


def test_the_same_channel_again_is_the_one_that_is_there(api: Speaker) -> None:
    ann = made_user(api)
    for config in (PHONE, EMAIL):
        assert made(api, ann, config) == made(api, ann, config)
    assert len(api.get(path(ann)).expect(200)["data"]) == 2


def test_contacts_from_elsewhere(world: World, api: Speaker) -> None:
    ann = made_user(api)
    contacts = (
        ContactMethod("018f0000-0000-7000-8000-000000000001", 1, "pocket", "x", "Ann's phone", verified=True),
        ContactMethod("018f0000-0000-7000-8000-000000000002", 2, "email", "a@x.com", verified=False),
        ContactMethod("018f0000-0000-7000-8000-000000000003", 3, "webhook", "https://x.example", verified=True),
    )
    world.has(replace(world.organization.users[ann["id"]], contacts=contacts))
    push, mail = api.get(path(ann)).expect(200)["data"]
    assert push["attributes"] == {
        "active": True,
        "config": {"type": "push", "device_name": "Ann's phone", "application_name": "Watchbill"},
    }
    assert mail["attributes"]["active"] is False
    assert mail["attributes"]["config"]["formats"] == ["html", "text"]
    api.get(path(ann, contacts[2].id)).expect(404)
    again = made(api, ann, {"type": "email", "address": "a@x.com", "formats": ["html", "text"]})
    assert (again["id"], again["attributes"]["active"]) == (mail["id"], True)
    api.delete(path(ann, mail["id"])).expect(204)
    assert world.organization.users[ann["id"]].contacts == (contacts[0], contacts[2])


def test_a_deleted_channel_is_gone_with_its_rules(world: World, api: Speaker) -> None:
    ann = made_user(api)
    mail, phone = made(api, ann, EMAIL), made(api, ann, PHONE)
    user = world.organization.users[ann["id"]]
    rules = (PagingRule("email", mail["id"], "m"), PagingRule("sms", phone["id"], "s"))
    world.has(replace(user, paging=(PagingPolicy("p", 1, "Primary", (PagingStep(rules, 60_000_000),)),)))
    assert api.delete(path(ann, mail["id"])).expect(204) is None
    gone = {"errors": [{"title": "Generic Error", "detail": "notification channel not found"}]}
    assert api.get(path(ann, mail["id"])).expect(404) == gone
    assert api.delete(path(ann, mail["id"])).expect(404) == gone
    assert world.organization.users[ann["id"]].paging[0].steps[0].rules == rules[1:]


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        (None, 'attribute "config" is required'),
        ({"config": []}, 'error decoding attribute "config": invalid type array'),
        ({"config": {}}, 'attribute "config.type" is required'),
        ({"config": {"type": "push"}}, 'attribute "config.type" must be one of "email phone"'),
        ({"config": {"type": "phone"}}, 'attribute "config.number" is required'),
        ({"config": {"type": "phone", "number": "0703 938"}}, 'attribute "config.number" is not acceptable'),
        ({"config": {"type": "phone", "number": "+1 703 938 9548"}}, 'attribute "config.number" is not acceptable'),
        ({"config": {"type": "phone", "number": "+1" + "7" * 999}}, 'attribute "config.number" is not acceptable'),
        ({"config": {"type": "email", "formats": ["html"]}}, 'attribute "config.address" is required'),
        ({"config": {**EMAIL, "address": "foo"}}, 'attribute "config.address" is not acceptable'),
        ({"config": {"type": "email", "address": "a@x.com"}}, 'attribute "config.formats" is required'),
        ({"config": {**EMAIL, "formats": []}}, 'attribute "config.formats" is required'),
        ({"config": {**EMAIL, "formats": ["pdf"]}}, 'attribute "config.formats" must be one of "html text"'),
        ({"config": {**EMAIL, "formats": [1]}}, 'error decoding attribute "config.formats[0]": invalid type number'),
    ],
)
def test_channels_that_cannot_be(world: World, api: Speaker, attributes: Any, said: str) -> None:
    ann = made_user(api)
    (error,) = api.post(path(ann), body("notification_channels", attributes)).expect(400)["errors"]
    assert error["status"] == "400"
    assert error["detail"].startswith(said)
    assert world.organization.users[ann["id"]].contacts == ()


def test_a_hundred_channels_are_enough(api: Speaker) -> None:
    ann = made_user(api)
    for number in range(100):
        made(api, ann, {**EMAIL, "address": f"a{number}@x.com"})
    api.post(path(ann), body("notification_channels", {"config": EMAIL})).expect(400)


def test_whose_channels(api: Speaker) -> None:
    unknown = {"errors": [{"title": "Generic Error", "detail": "user not found"}]}
    assert api.get(path({"id": NOBODY})).expect(404) == unknown
    (error,) = api.get(path({"id": "REPLACE.ME"})).expect(400)["errors"]
    assert error["detail"] == 'invalid parameter "user_id" in "path"; expected type "uuid"'
    (error,) = api.get(path(made_user(api), "REPLACE.ME")).expect(400)["errors"]
    assert error["detail"] == 'invalid parameter "channel_id" in "path"; expected type "uuid"'


def test_channels_are_for_oneself_and_for_administrators(world: World, api: Speaker) -> None:
    ann = made_user(api)
    channel = made(api, ann, EMAIL)
    bob = speaker(world, "bob", Role.USER)
    me = bob.get("/api/v2/current_user").json["data"]
    own = made(bob, me, EMAIL)
    bob.get(path(me, own["id"])).expect(200)
    bob.delete(path(me, own["id"])).expect(204)
    refused = {"errors": ["Forbidden"]}
    assert bob.get(path(ann)).expect(403) == refused
    assert bob.get(path(ann, channel["id"])).expect(403) == refused
    assert bob.post(path(ann), body("notification_channels", {"config": EMAIL})).expect(403) == refused
    assert bob.delete(path(ann, channel["id"])).expect(403) == refused
