"""What would happen is told by the same core, and is what then happens."""

import pytest

from tests.stories.phones import Trouble
from tests.stories.town import daily, hook, layer, person, policy, ring, schedule, step
from tests.stories.world import BEGINNING, World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND
from watchbill.domain.people import Role
from watchbill.domain.plans import Assignment


def event(title: str, routing_key: str = "db", signal: Signal = Signal.CRITICAL) -> AlertEvent:
    return AlertEvent(signal, title, title, routing_key=routing_key)


@pytest.fixture
def desk(world: World) -> World:
    world.has(person("ann", ring("pocket"), ring("sms", then=20 * MINUTE), repeats=True))
    world.has(person("bob"), person("carl"), person("boss", role=Role.GLOBAL_ADMIN))
    world.hook("hook")
    world.schedule("primary", layer("ann", "", "bob", start=BEGINNING, days=1))
    turns = step("bob", "carl", wait=5 * MINUTE, assignment=Assignment.ROUND_ROBIN)
    world.policy("inner", step(hook("hook")), turns)
    world.policy("db", step(schedule("primary"), repeat_every=HOUR, repeat_limit=2), step(policy("inner"), wait=MINUTE))
    world.key("db", "db")
    world.key("hours", "db", support_hours=daily("UTC", 4, 5))
    world.key("muted", "db")
    world.window("nightly", "muted", weekly=daily("UTC", 0, 3))
    return world


@pytest.mark.parametrize("key", ["db", "hours", "muted", "nowhere"])
@pytest.mark.parametrize("after", [0, DAY, 2 * DAY - 30 * MINUTE])
def test_what_was_foretold_happens(desk: World, key: str, after: int) -> None:
    desk.pass_(after)
    foretold = desk.would_happen(event("disk", key), DAY)
    desk.alert(key, "disk")
    desk.pass_(DAY)
    for phone in ("ann", "bob", "carl", "boss", "hook"):
        desk.phone(phone).ignores_the_rest()
    happened = [(one.created_at, one.channel, one.address, one.reason) for one in desk.deliveries("disk")]
    assert happened == [(page.at, page.channel, page.address, page.reason) for page in foretold.pages]
    told = [(line.at, line.kind, line.text) for line in desk.story("disk")]
    for entry in foretold.entries:
        assert (entry.at, entry.kind.value, entry.text) in told
    assert foretold.incident is not None
    assert foretold.incident.unreached == desk.incident("disk").unreached == (key == "nowhere")


def test_asking_sends_nothing_and_uses_up_no_turn(desk: World) -> None:
    for _ in range(3):
        assert desk.would_happen(event("disk"), DAY).opens
    desk.stays_quiet(DAY)
    assert desk.would_happen(event("disk"), DAY).pages == desk.would_happen(event("disk"), DAY).pages


def test_what_opens_nothing_is_said_to(desk: World) -> None:
    assert not desk.would_happen(event("disk", signal=Signal.INFO), DAY).opens


def test_each_decision_is_told_with_its_reason(desk: World) -> None:
    desk.phone("ann").breaks(Trouble.NEVER, "pocket")
    desk.alert("db", "disk")
    desk.pass_(10 * MINUTE)
    for phone in ("ann", "hook", "bob"):
        desk.phone(phone).ignores_the_rest()
    desk.alert("db", "disk")
    desk.acknowledges("bob", "disk")
    desk.tells(
        "disk",
        "critical alert",
        "opened by a critical alert; routing key db",
        "db: step 1 of 2",
        "ann: on call by layer Layer of primary until Tue 00:00 UTC; paged by policy primary",
        "ann: paging by pocket ann@pocket",
        "pocket to ann@pocket: no such address; given up",
        "ann: no such address; trying the next contact now",
        "sms to ann@phone sent after 0.000 s: accepted",
        "telling webhook https://hook.example",
        "bob: named by the step; paged by policy primary",
        "acknowledged by bob",
    )


def test_sends_are_told_at_their_own_moments(world: World) -> None:
    """A page where it left, not where it was answered or asked for."""
    world.has(person("ann", ring("email", then=HOUR), ring("pocket", then=HOUR)))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.RETRY, by="email")
    world.alert("db", "disk")
    world.pass_(MINUTE)
    world.phone("ann").expects("disk", by="pocket").replies("ack")
    told = [
        (line.at - BEGINNING, line.text) for line in world.story("disk") if line.text.startswith(("email", "pocket"))
    ]
    assert [at // SECOND for at, _ in told] == [0, 1, 5, 17, 17]
    assert told[3][1].endswith("given up")
    assert told[4][1] == "pocket to ann@pocket sent after 0.000 s: accepted; answered"
