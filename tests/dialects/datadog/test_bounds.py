"""How much a request may hold: what would keep everything else from being written for seconds is refused at once."""

from typing import Any

import pytest

from tests.dialects.datadog.oncall import (
    ANN,
    NOWHERE,
    ON_CALL,
    PAGES,
    POLICIES,
    SCHEDULES,
    WEB,
    details,
    document,
    layer,
    made,
    page,
    policy,
    rules,
    schedule,
    staffed,
    step,
)
from tests.stories.world import World
from watchbill.api.datadog.fields import LONGEST_LIST
from watchbill.api.datadog.routing_rules import LONGEST_QUERIES, MOST_ACTIONS
from watchbill.domain.records import AlertQuery

MANY = LONGEST_LIST + 1


@pytest.mark.parametrize(
    ("path", "given", "at"),
    [
        (SCHEDULES, schedule({**layer(ANN), "members": [{}] * MANY}), "layers[0].members"),
        (SCHEDULES, schedule(*[{}] * MANY), "layers"),
        (SCHEDULES, schedule(layer(ANN), teams=[NOWHERE] * MANY), "teams.data"),
        (POLICIES, policy(*[{}] * MANY), "steps"),
    ],
)
def test_lists_come_to_an_end(world: World, path: str, given: Any, at: str) -> None:
    answer = staffed(world).post(path, given).expect(400)
    assert details(answer) == [f'attribute "{at}" must have at most {LONGEST_LIST} items']


def test_lists_of_texts_and_of_resources_too(world: World) -> None:
    api = staffed(world)
    modules = document("team", {"handle": "x", "name": "X", "hidden_modules": ["x"] * MANY})
    expected = f'attribute "hidden_modules" must have at most {LONGEST_LIST} items'
    assert api.post("/api/v2/team", modules).expect(400) == {"errors": [expected]}
    invited = {"data": [{"type": "user_invitations"}] * MANY}
    refused = {"errors": [f'"data" must have at most {LONGEST_LIST} items']}
    assert api.post("/api/v2/user_invitations", invited).expect(400) == refused


def test_a_page_is_not_lost_to_its_tags(world: World) -> None:
    api = staffed(world)
    id = api.post(PAGES, page("disk", user_id=ANN, tags=["a:b"] * 2 * MANY)).expect(200)["data"]["id"]
    number = world.write(lambda tx: tx.incident_by_id(world.org, id).number)
    [alert] = world.write(lambda tx: tx.alerts(AlertQuery(world.org, number)))
    assert alert.event.tags == {"a": "b"}
    world.phone(ANN).expects("disk")


def test_a_set_of_rules_holds_so_much_together(world: World) -> None:
    api = staffed(world)
    last = {"policy_id": made(api, POLICIES, policy(step(ANN)))}
    path = f"{ON_CALL}/teams/{WEB}/routing-rules"
    long = [{"query": "x" * 9_000} for _ in range(LONGEST_QUERIES // 9_000 + 1)]
    answer = api.put(path, rules(WEB, *long, last)).expect(400)
    assert details(answer) == [f'attribute "rules" must have at most {LONGEST_QUERIES} characters of queries together']
    told = {"actions": [{"type": "workflow", "handle": "h"}] * 150}
    answer = api.put(path, rules(WEB, *[told] * (MOST_ACTIONS // 150 + 1), last)).expect(400)
    assert details(answer) == [f'attribute "rules" must have at most {MOST_ACTIONS} actions together']
    api.put(path, rules(WEB, *[{"query": f"tags.a:{number}"} for number in range(999)], last)).expect(200)


def test_what_is_refused_is_not_said_again_at_length(world: World) -> None:
    api = staffed(world)
    [detail] = details(api.post(SCHEDULES, {"data": {"type": "x" * 100_000}}).expect(400))
    assert detail == f'got type "{"x" * 100}" expected one of "schedules"'
