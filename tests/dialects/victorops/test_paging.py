"""How a person is paged (reference, parts 2.9 to 2.11)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.stories.town import daily, step
from tests.stories.world import World
from watchbill.domain.civil import MINUTE, SECOND
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, PagingStep, Urgency, User
from watchbill.domain.plans import Target, TargetKind

OWN = "/api-public/v1/profile/mira.k/policies"
FLAT = "/api-public/v1/user/mira.k/policies"
ALL = "/api-public/v2/profile/mira.k/policies"


@pytest.fixture(autouse=True)
def mira(api: Speaker) -> None:
    body = {"firstName": "Mira", "lastName": "Kaur", "username": "mira.k", "email": "mira@acme.example"}
    api.post("/api-public/v1/user", body).expect(200)
    api.post("/api-public/v1/user/mira.k/contact-methods/phones", {"label": "Mobile", "phone": "+14115550120"})


def stored(world: World) -> User:
    return world.organization.users_by_name["mira.k"]


def email(world: World) -> int:
    return stored(world).contacts[0].number


def phone(world: World) -> int:
    return stored(world).contacts[1].number


def rule(name: str, id: int | None = None) -> dict[str, Any]:
    return {"type": name} if id is None else {"type": name, "contact": {"id": id, "type": "phone"}}


def words(body: Any) -> list[tuple[int, list[str]]]:
    return [(one["timeout"], [rule["type"] for rule in one["rules"]]) for one in body["steps"]]


def steps(api: Speaker) -> list[tuple[int, list[str]]]:
    return words(api.get(OWN).expect(200))


# --- The words


def test_the_words_of_which_policies_are_made(api: Speaker) -> None:
    contacts = api.get("/api-public/v1/policies/types/contacts").expect(200)
    assert contacts == {
        "contactTypes": [
            {"type": "email", "description": "Email Address"},
            {"type": "phone", "description": "Phone Number"},
        ],
        "_selfUrl": "/api-public/v1/policies/types/contacts",
    }
    notifications = api.get("/api-public/v1/policies/types/notifications").expect(200)["notificationTypes"]
    assert [one["type"] for one in notifications] == ["push", "email", "sms", "phone"]
    timeouts = api.get("/api-public/v1/policies/types/timeouts").expect(200)["timeoutTypes"]
    assert timeouts[:2] == [
        {"type": "1", "description": "If still unacked after 1 minute"},
        {"type": "5", "description": "If still unacked after 5 minutes"},
    ]
    assert [one["type"] for one in timeouts] == ["1", "5", "10", "15", "20", "25", "30", "45", "60"]


# --- Steps


def test_somebody_new_has_one_step(api: Speaker, world: World) -> None:
    first: dict[str, Any] = {
        "index": 0,
        "timeout": 5,
        "rules": [
            {"index": 0, "type": "push", "contact": {"id": 0, "type": "Device"}},
            {"index": 1, "type": "email", "contact": {"id": email(world), "type": "Email"}},
        ],
    }
    assert api.get(OWN).expect(200) == {"steps": [first], "_selfUrl": OWN}
    assert api.get(f"{OWN}/0").expect(200) == {"step": first, "_selfUrl": f"{OWN}/0"}
    assert api.get(f"{OWN}/0/1").expect(200) == {"stepRule": first["rules"][1], "_selfUrl": f"{OWN}/0/1"}
    user = stored(world)
    assert api.get(FLAT).expect(200) == {
        "username": "mira.k",
        "userId": user.number,
        "policies": [
            {"order": 1, "timeout": 5, "contactType": "push"},
            {"order": 1, "timeout": 5, "contactType": "email", "extId": user.contacts[0].id},
        ],
    }


def test_a_step_is_added_at_the_end(api: Speaker, world: World) -> None:
    body = {"index": 7, "timeout": "15", "rules": [rule("phone", phone(world)), rule("sms", phone(world))]}
    added = api.post(OWN, body).expect(200)
    assert added == {
        "step": {
            "index": 1,
            "timeout": 15,
            "rules": [
                {"index": 0, "type": "phone", "contact": {"id": phone(world), "type": "Phone"}},
                {"index": 1, "type": "sms", "contact": {"id": phone(world), "type": "Phone"}},
            ],
        },
        "_selfUrl": f"{OWN}/1",
    }
    assert steps(api) == [(5, ["push", "email"]), (15, ["phone", "sms"])]
    [policy] = stored(world).paging
    assert [one.channel for one in policy.steps[1].rules] == ["voice", "sms"]
    flat = api.get(FLAT).expect(200)["policies"]
    assert [(one["order"], one["contactType"]) for one in flat] == [(1, "push"), (1, "email"), (2, "phone"), (2, "sms")]


def test_a_page_follows_the_steps(api: Speaker, world: World) -> None:
    user = stored(world)
    world.has(replace(user, contacts=(user.contacts[0], replace(user.contacts[1], verified=True))))
    api.put(f"{OWN}/0", {"timeout": 1}).expect(200)
    api.post(OWN, {"timeout": 15, "rules": [rule("sms", phone(world))]}).expect(200)
    world.policy("page", step(Target(TargetKind.USER, user.id)))
    world.key("disk", "page")
    began = world.elapsed
    world.alert("disk", "Disk full")
    world.pass_(20 * MINUTE)
    pages = [one for one in world.phone(user.id).received if one.message.subjects]
    assert [((one.at - began) // MINUTE, one.channel) for one in pages] == [(0, "email"), (1, "sms"), (16, "sms")]


def test_timeout_and_rules_of_a_step_are_replaced(api: Speaker, world: World) -> None:
    before = stored(world).paging[0].steps[0].rules
    body = {"timeout": 30, "rules": [rule("email", email(world)), rule("sms", phone(world))]}
    changed = api.put(f"{OWN}/0", body).expect(200)
    assert changed["_selfUrl"] == f"{OWN}/0"
    assert steps(api) == [(30, ["email", "sms"])]
    assert stored(world).paging[0].steps[0].rules[0] == before[1], "a rule that stays keeps its id"
    api.put(f"{OWN}/0", {"timeout": 10}).expect(200)
    api.put(f"{OWN}/0", {"rules": [rule("push")]}).expect(200)
    assert steps(api) == [(10, ["push"])]


@pytest.mark.parametrize(
    "body",
    [
        {"timeout": 5},
        {"timeout": 5, "rules": []},
        {"rules": [{"type": "push"}]},
        {"timeout": 7, "rules": [{"type": "push"}]},
        {"timeout": 0, "rules": [{"type": "push"}]},
        {"timeout": -5, "rules": [{"type": "push"}]},
        {"timeout": 10**30, "rules": [{"type": "push"}]},
        {"timeout": "five", "rules": [{"type": "push"}]},
        {"timeout": "5555x", "rules": [{"type": "push"}]},
        {"timeout": 5, "rules": [{"type": "pigeon"}]},
        {"timeout": 5, "rules": [{}]},
        {"timeout": 5, "rules": [{"type": "email"}]},
        {"timeout": 5, "rules": [{"type": "email", "contact": {}}]},
        {"timeout": 5, "rules": [{"type": "email", "contact": {"id": 999}}]},
        {"timeout": 5, "rules": [{"type": "email", "contact": {"id": -1}}]},
        {"timeout": 5, "rules": [{"type": "email", "contact": {"id": 10**40}}]},
        {"timeout": 5, "rules": [{"type": "email", "contact": 5}]},
        {"timeout": 5, "rules": {"type": "push"}},
        {"timeout": 5, "rules": [{"type": "push"}] * 101},
        "no json",
        [],
        None,
    ],
)
def test_what_is_no_step(api: Speaker, body: Any) -> None:
    assert "error" in api.post(OWN, body).expect(400)
    assert steps(api) == [(5, ["push", "email"])]


def test_a_contact_fits_its_rule(api: Speaker, world: World) -> None:
    for wanted in (rule("email", phone(world)), rule("sms", email(world)), rule("push", phone(world))):
        assert "can't be reached" in api.post(f"{OWN}/0", wanted).expect(400)["error"]


def test_nobody_has_so_many_steps(api: Speaker, world: World) -> None:
    user = stored(world)
    many = replace(user.paging[0], steps=user.paging[0].steps * 100)
    world.has(replace(user, paging=(many,)))
    api.post(OWN, {"timeout": 5, "rules": [rule("push")]}).expect(400)


# --- Rules


def test_a_rule_is_added_changed_and_deleted(api: Speaker, world: World) -> None:
    added = api.post(f"{OWN}/0", rule("sms", phone(world))).expect(200)
    shown = {"index": 2, "type": "sms", "contact": {"id": phone(world), "type": "Phone"}}
    assert added == {"stepRule": shown, "_selfUrl": f"{OWN}/0/2"}
    changed = api.put(f"{OWN}/0/2", rule("phone", phone(world))).expect(200)
    assert changed == {"stepRule": shown | {"type": "phone"}, "_selfUrl": f"{OWN}/0/2"}
    assert api.delete(f"{OWN}/0/2", {}).expect(200) == changed
    assert steps(api) == [(5, ["push", "email"])]


def test_the_first_rule_stays_and_a_later_step_goes_with_its_last_rule(api: Speaker) -> None:
    for timeout in (10, 15):
        api.post(OWN, {"timeout": timeout, "rules": [rule("push")]}).expect(200)
    api.delete(f"{OWN}/0/0").expect(400)
    api.delete(f"{OWN}/0/1").expect(200)
    api.delete(f"{OWN}/0/0").expect(400)
    api.delete(f"{OWN}/1/0").expect(200)
    assert steps(api) == [(5, ["push"]), (15, ["push"])]


@pytest.mark.parametrize("path", ["/1", "/x", "/-1", "/99999999999999999999", "/0/9", "/0/x", "/1/0", "/٣"])
def test_steps_and_rules_that_are_not_there(api: Speaker, path: str) -> None:
    for answer in (api.get(OWN + path), api.put(OWN + path, {"type": "push"})):
        assert "not found" in answer.expect(404)["error"]
    (api.delete(OWN + path) if path.count("/") == 2 else api.post(OWN + path, rule("push"))).expect(404)


def test_nobody_has_no_paging(api: Speaker) -> None:
    for path in ("v1/profile/x/policies", "v1/profile/x/policies/0", "v2/profile/x/policies", "v1/user/x/policies"):
        assert api.get(f"/api-public/{path}").expect(404) == {"error": "User not found"}
    api.post("/api-public/v1/profile/x/policies", {}).expect(404)


# --- Paging made elsewhere


def test_who_has_no_policy_gets_one_with_the_first_step(api: Speaker, world: World) -> None:
    world.has(replace(stored(world), paging=()))
    assert steps(api) == []
    assert api.get(FLAT).expect(200)["policies"] == []
    api.get(f"{OWN}/0").expect(404)
    api.post(OWN, {"timeout": 1, "rules": [rule("email", email(world))]}).expect(200)
    [policy] = stored(world).paging
    assert (policy.primary, policy.repeat_last, policy.steps[0].timeout) == (True, True, MINUTE)


def elsewhere(world: World) -> tuple[PagingPolicy, PagingPolicy, PagingPolicy]:
    """Custom hours, an own policy for low urgency, and a primary one with what this dialect has no words for."""
    user = stored(world)
    pocket = ContactMethod("pocket", 70, "pocket", "mira", verified=True)
    hook = ContactMethod("hook", 71, "webhook", "https://hooks.example", verified=True)
    nights = PagingPolicy(
        "nights",
        1,
        "Nights",
        (PagingStep((PagingRule("voice", user.contacts[1].id, "v"),), MINUTE, 1),),
        hours=daily("Europe/Prague", 22, 6),
    )
    low = PagingPolicy("low", 2, "Low", (PagingStep((PagingRule("email", None, "e"),), MINUTE, 2),), Urgency.LOW)
    rules = (PagingRule("pocket", "pocket", "p"), PagingRule("pocket", None, "q"), PagingRule("webhook", "hook", "w"))
    primary = PagingPolicy("main", 3, "Main", (PagingStep(rules, 90 * SECOND, 3),), repeat_last=False)
    world.has(replace(user, contacts=(*user.contacts, pocket, hook), paging=(nights, low, primary)))
    return nights, low, primary


def test_what_this_dialect_has_no_words_for_survives_it(api: Speaker, world: World) -> None:
    nights, low, primary = elsewhere(world)
    body = api.get(OWN).expect(200)
    assert words(body) == [(2, ["push", "push", "push"])]
    assert [one["contact"]["id"] for one in body["steps"][0]["rules"]] == [70, 0, 71]
    api.put(f"{OWN}/0", body["steps"][0]).expect(200)
    assert stored(world).paging == (nights, low, primary)
    api.post(f"{OWN}/0", rule("push", 70)).expect(200)
    api.put(f"{OWN}/0/2", rule("push", 71)).expect(200)
    rules = stored(world).paging[2].steps[0].rules
    assert [(one.channel, one.contact_id) for one in rules] == [
        ("pocket", "pocket"),
        ("pocket", None),
        ("webhook", "hook"),
        ("pocket", "pocket"),
    ]
    assert not stored(world).paging[2].repeat_last


def test_all_policies(api: Speaker, world: World) -> None:
    elsewhere(world)
    policies = api.get(ALL).expect(200)["policies"]
    assert [(one["rank"], one["name"], one["policyType"]) for one in policies] == [
        (0, "Nights", "custom"),
        (1, "Low", "custom"),
        (2, "Main", "primary"),
    ]
    assert all(one["slug"].startswith("ppol-") and len(one["slug"]) == 21 for one in policies)
    assert policies[0]["timeMask"] == {
        **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), True),
        "timeZone": "Europe/Prague",
        "startTime": "22:00",
        "endTime": "06:00",
    }
    assert "timeMask" not in policies[1]
    assert words(policies[0]) == [(1, ["phone"])]
    world.has(replace(stored(world), paging=()))
    [only] = api.get(ALL).expect(200)["policies"]
    assert (only["rank"], only["policyType"], only["steps"]) == (0, "primary", [])


def test_high_urgency_counts_as_primary_where_no_policy_is_for_any(api: Speaker, world: World) -> None:
    low = PagingPolicy("low", 1, "Low", (PagingStep((PagingRule("email"),), MINUTE),), Urgency.LOW)
    high = PagingPolicy("high", 2, "High", (PagingStep((PagingRule("sms"),), MINUTE),), Urgency.HIGH)
    world.has(replace(stored(world), paging=(low, high)))
    assert steps(api) == [(1, ["sms"])]
    api.post(f"{OWN}/0", rule("email", email(world))).expect(200)
    assert stored(world).paging[0] == low


def test_a_key_that_only_reads(api: Speaker) -> None:
    api.headers["x-vo-api-key"] = "reads-only"
    for path in (OWN, f"{OWN}/0", f"{OWN}/0/0", FLAT, ALL):
        api.get(path).expect(200)
    for answer in (api.post(OWN, {}), api.put(f"{OWN}/0", {}), api.delete(f"{OWN}/0/1"), api.post(f"{OWN}/0", {})):
        answer.expect(403)
