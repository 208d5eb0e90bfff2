"""A person's e-mail addresses, phone numbers and devices (reference, part 2.14)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.stories.town import paged_by, person, ring
from tests.stories.world import World
from watchbill.domain.civil import MINUTE
from watchbill.domain.people import ContactMethod, PagingRule, PagingStep, User
from watchbill.usecases import replies

OWN = "/api-public/v1/user/mira.k/contact-methods"


@pytest.fixture(autouse=True)
def mira(api: Speaker) -> None:
    body = {"firstName": "Mira", "lastName": "Kaur", "username": "mira.k", "email": "mira@acme.example"}
    api.post("/api-public/v1/user", body).expect(200)


def stored(world: World) -> User:
    return world.organization.users_by_name["mira.k"]


def add_phone(api: Speaker, phone: str = "+14115550120", **more: Any) -> Any:
    return api.post(f"{OWN}/phones", {"label": "Mobile", "phone": phone, **more}).expect(200)


def test_somebody_new_has_the_default_address(api: Speaker, world: World) -> None:
    [contact] = stored(world).contacts
    default = {
        "id": contact.number,
        "label": "Default",
        "value": "mira@acme.example",
        "contactType": "Email",
        "rank": 500,
        "verified": "verified",
        "extId": contact.id,
        "_selfUrl": f"{OWN}/emails/{contact.id}",
    }
    assert api.get(f"{OWN}/emails").expect(200) == {"_selfUrl": f"{OWN}/emails", "contactMethods": [default]}
    assert api.get(f"{OWN}/emails/{contact.id}").expect(200) == default
    assert api.get(OWN).expect(200) == {
        "emails": {"_selfUrl": f"{OWN}/emails", "contactMethods": [default]},
        "phones": {"_selfUrl": f"{OWN}/phones", "contactMethods": []},
        "devices": {"_selfUrl": f"{OWN}/devices", "contactMethods": []},
    }
    assert "error" in api.delete(f"{OWN}/emails/{contact.id}").expect(400)


def test_an_address_is_paged_although_nobody_confirmed_it(api: Speaker, world: World) -> None:
    made = api.post(f"{OWN}/emails", {"label": "Work", "email": "m@work.example", "rank": 7}).expect(200)
    contact = stored(world).contacts[1]
    assert made == {
        "id": contact.number,
        "label": "Work",
        "value": "m@work.example",
        "contactType": "Email",
        "rank": 7,
        "verified": "unverified",
        "extId": contact.id,
        "_selfUrl": f"{OWN}/emails/{contact.id}",
    }
    assert contact.verified
    assert api.delete(f"{OWN}/emails/{contact.id}").expect(200) == made
    api.get(f"{OWN}/emails/{contact.id}").expect(404)


@pytest.mark.parametrize("text", ["+14115550120", "+1 411-555-0120", "+1 (411) 555 0120", "tel:+1-411-555-0120"])
def test_a_number_is_kept_in_one_form_and_has_to_be_verified(api: Speaker, world: World, text: str) -> None:
    made = add_phone(api, text)
    contact = stored(world).contacts[1]
    assert contact.address == "+14115550120"
    assert not contact.verified
    assert (made["value"], made["verified"], made["contactType"], made["rank"]) == (
        "+1 411-555-0120",
        "unverified",
        "Phone",
        0,
    )
    world.has(replace(stored(world), contacts=(replace(contact, verified=True),)))
    assert api.get(f"{OWN}/phones/{contact.id}").expect(200)["verified"] == "verified"


def test_a_number_that_answers_is_verified(api: Speaker, world: World) -> None:
    made = add_phone(api)
    user = stored(world)
    [asked] = [one for one in world.phone(user.id).received if one.channel == "sms"]
    assert asked.message.address == "+14115550120"
    world.write(replies.answer, world.org, asked.message.delivery_id, replies.Answer.VERIFY, world.now)
    assert api.get(f"{OWN}/phones/{made['extId']}").expect(200)["verified"] == "verified"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("phones", {}),
        ("phones", {"label": "x"}),
        ("phones", {"phone": "+14115550120"}),
        ("phones", {"label": "x", "phone": "411-555-0120"}),
        ("phones", {"label": "x", "phone": "+1"}),
        ("phones", {"label": "x", "phone": 14115550120}),
        ("phones", {"label": "x", "phone": "+14115550120", "rank": "high"}),
        ("phones", {"label": "x", "phone": "+14115550120", "rank": -1}),
        ("phones", {"label": "x", "phone": "+14115550120", "rank": 10**30}),
        ("phones", {"label": "a\nb", "phone": "+14115550120"}),
        ("phones", {"label": "x" * 300, "phone": "+14115550120"}),
        ("emails", {"label": "x", "phone": "+14115550120"}),
        ("emails", {"label": "x", "email": "no address"}),
        ("emails", {"label": "x", "email": "MIRA"}),
        ("emails", "no json"),
        ("emails", []),
    ],
)
def test_what_is_no_contact(api: Speaker, world: World, path: str, body: Any) -> None:
    assert "error" in api.post(f"{OWN}/{path}", body).expect(400)
    assert len(stored(world).contacts) == 1


def test_the_same_number_twice(api: Speaker) -> None:
    add_phone(api)
    assert "twice" in api.post(f"{OWN}/phones", {"label": "x", "phone": "+1 411 555 0120"}).expect(400)["error"]


def test_the_highest_rank_comes_first(api: Speaker) -> None:
    for rank, phone in ((5, "+14115550121"), (500, "+14115550122"), (None, "+14115550123"), (5, "+14115550124")):
        add_phone(api, phone, rank=rank)
    listed = api.get(f"{OWN}/phones").expect(200)["contactMethods"]
    assert [(one["rank"], one["value"][-1]) for one in listed] == [(500, "2"), (5, "1"), (5, "4"), (0, "3")]


def test_only_the_accounts_own_address_is_bound_to_it(api: Speaker, world: World) -> None:
    """Another contact that is called like it can be deleted, and does not move along with the account."""
    second = api.post(f"{OWN}/emails", {"label": "Default", "email": "second@example.org"}).expect(200)
    api.put(OWN.rpartition("/")[0], {"email": "moved@example.org"}).expect(200)
    told = api.get(f"{OWN}/emails").expect(200)["contactMethods"]
    assert [one["value"] for one in told] == ["moved@example.org", "second@example.org"]
    api.delete(f"{OWN}/emails/{told[0]['extId']}").expect(400)
    assert api.delete(f"{OWN}/emails/{second['extId']}").expect(200)["value"] == "second@example.org"
    assert [one.address for one in stored(world).contacts] == ["moved@example.org"]


def test_a_contact_is_found_in_its_own_list_only(api: Speaker, world: World) -> None:
    id = add_phone(api)["extId"]
    world.has(person("bob"))
    api.get(f"{OWN}/phones/{id.upper()}").expect(200)
    for path in (f"{OWN}/emails/{id}", f"{OWN}/devices/{id}", f"/api-public/v1/user/bob/contact-methods/phones/{id}"):
        api.get(path).expect(404)
        api.delete(path).expect(404)
    assert len(stored(world).contacts) == 2
    for path in ("contact-methods", "contact-methods/phones", "contact-methods/phones/x"):
        api.get(f"/api-public/v1/user/nobody/{path}").expect(404)


def test_with_a_contact_go_the_rules_that_name_it(api: Speaker, world: World) -> None:
    phone, other = add_phone(api), add_phone(api, "+14115550121")
    rule, beside = PagingRule("sms", phone["extId"], "r"), PagingRule("email", None, "s")
    steps = (PagingStep((rule, beside), MINUTE), PagingStep((rule,), MINUTE), PagingStep((), MINUTE))
    nights = paged_by("nights", PagingStep((PagingRule("voice", other["extId"], "t"),), MINUTE))
    user = stored(world)
    world.has(replace(user, paging=(nights, replace(user.paging[0], steps=steps))))
    api.delete(f"{OWN}/phones/{phone['extId']}").expect(200)
    paging = stored(world).paging
    assert paging[1].steps == (PagingStep((beside,), MINUTE), PagingStep((), MINUTE))
    assert paging[0] == nights
    api.delete(f"{OWN}/phones/{other['extId']}").expect(200)
    assert stored(world).paging[0].steps == ()


# --- Devices


@pytest.fixture
def device(world: World) -> str:
    contact = ContactMethod("d1", 77, "push", "token", "Old phone", verified=True, settings={"push": {"keys": "x"}})
    world.has(replace(stored(world), contacts=(*stored(world).contacts, contact)))
    return f"{OWN}/devices/d1"


def test_a_device(api: Speaker, world: World, device: str) -> None:
    shown = {"id": 77, "label": "Old phone", "deviceType": "Web", "extId": "d1", "_selfUrl": device}
    assert api.get(device).expect(200) == shown
    assert api.get(f"{OWN}/devices").expect(200) == {"_selfUrl": f"{OWN}/devices", "contactMethods": [shown]}
    body = {"device_label": "New phone", "chat_escalation_sound": "bell", "other": 1}
    assert api.put(device, body).expect(200) == shown | {"label": "New phone"}
    contact = stored(world).contacts[1]
    assert contact.label == "New phone"
    assert contact.settings == {"push": {"keys": "x"}, "victorops": {"chat_escalation_sound": "bell"}}
    assert api.put(device, {}).expect(200) == shown | {"label": "New phone"}
    assert api.delete(device).expect(200) == shown | {"label": "New phone"}
    assert len(stored(world).contacts) == 1


@pytest.mark.parametrize(
    "body",
    [{"device_label": 5}, {"device_label": "a\0"}, {"chat_escalation_sound": "\0"}, {"chat_escalation_sound": 1}],
)
def test_what_is_no_device(api: Speaker, device: str, body: Any) -> None:
    api.put(device, body).expect(400)


def test_other_kinds_are_no_devices_of_this_dialect(api: Speaker, world: World) -> None:
    world.has(person("bob", ring("pocket")))
    body = api.get("/api-public/v1/user/bob/contact-methods").expect(200)
    assert [one["extId"] for one in body["devices"]["contactMethods"]] == ["bob-pocket"]
    hook = ContactMethod("h", 1, "webhook", "https://hooks.example", verified=True)
    world.has(replace(world.organization.users["bob"], contacts=(hook,), paging=()))
    body = api.get("/api-public/v1/user/bob/contact-methods").expect(200)
    assert [one["contactMethods"] for one in body.values()] == [[], [], []]


def test_a_key_that_only_reads(api: Speaker, device: str) -> None:
    api.headers["x-vo-api-key"] = "reads-only"
    api.get(device).expect(200)
    for answer in (
        api.post(f"{OWN}/phones", {"label": "x", "phone": "+14115550120"}),
        api.put(device, {}),
        api.delete(device),
    ):
        answer.expect(403)
