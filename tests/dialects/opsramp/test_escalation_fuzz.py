"""Whatever is sent as a policy is accepted or refused, and alerts go on being taken in beside it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dialects.opsramp.policies import UNTIL_SUPPRESSED, UNTIL_TICKETED, alert, staff
from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.stories.world import World
from watchbill.domain.civil import DAY

odd = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(["", "5", "true", "USR0000000001", "ES-1", "ON", "\0", "x" * 300, "é\n", "$alert.subject"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["id", "type", "name", "key", "operator", "value", "uniqueId", "rules"]), inner, max_size=3
        ),
    ),
    max_leaves=5,
)


def mixed(good: Any) -> st.SearchStrategy[Any]:
    """Mostly what is right, so that the wrong comes far."""
    return st.one_of(st.just(good), st.just(good), st.just(good), odd)


step = st.fixed_dictionaries(
    {"action": mixed("NOTIFICATION")},
    optional={
        "waitMins": mixed(1),
        "priority": mixed("High"),
        "repeatFrequency": mixed(5),
        "notifyLimitCount": mixed(2),
        "alertStateTransitionFrom": mixed("CRITICAL"),
        "recipients": mixed([{"id": "USR0000000001", "type": "USER"}]),
    },
)
last = st.fixed_dictionaries(
    {"action": st.just("INCIDENT")},
    optional={
        "waitMins": mixed(1),
        "incident": mixed({"priority": "High", "customFields": [{"id": "UDF1", "value": "$alert.metric"}]}),
        "updateIncident": mixed({"none": "true", "priorityRules": [{"value": "Critical", "priority": "Urgent"}]}),
        "notifyIncident": mixed("forEveryUpdate"),
    },
)
bodies = st.fixed_dictionaries(
    {
        "name": mixed("Policy"),
        "escalationType": mixed(UNTIL_TICKETED) | st.just(UNTIL_SUPPRESSED),
        "escalations": st.one_of(
            st.lists(step, max_size=2), st.tuples(step, last).map(list), st.tuples(last).map(list)
        ),
    },
    optional={
        "enabledMode": mixed("ON"),
        "active": mixed(True),
        "clientMatchingType": mixed("ALL"),
        "includedClients": mixed([{"uniqueId": "client_2"}]),
        "allClients": mixed(True),
        "precedence": mixed(1),
        "resources": mixed([{"id": "client_2", "type": "CLIENT"}]),
        "filterCriteria": mixed(
            {"matchingType": "ANY", "rules": [{"key": "Alert: Subject", "operator": "Regex", "value": "d.*"}]}
        ),
        "description": mixed("x"),
    },
)


@pytest.fixture(scope="module")
def desk() -> Iterator[Ramp]:
    world = World()
    number = client_of(world)
    staff(world, "ann")
    yield Ramp(world, f"client_{number}", number)
    world.close()


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(bodies, bodies)
def test_any_policy(desk: Ramp, body: dict[str, Any], change: dict[str, Any]) -> None:
    answer = desk.post("escalations", body)
    assert answer.status in (200, 400), answer.body
    if answer.status == 400:
        return
    told = answer.json
    url = f"escalations/{told['id']}"
    assert desk.get(url).expect(200) == told
    assert desk.post(url, told).expect(200)["escalations"] == told["escalations"]
    assert desk.post(url, change).status in (200, 400)
    assert desk.post(f"{url}/enable").status == 200
    subject = f"disk {desk.world.now}"
    alert(desk, subject, component=subject, state="Warning")
    alert(desk, subject, component=subject)
    desk.get("escalations/search").expect(200)
    desk.world.pass_(DAY)
    desk.delete(url).expect(200)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(odd, odd, st.sampled_from(["firstResponse", "alertCorrelation"]))
def test_any_neighbour(desk: Ramp, criteria: Any, actions: Any, path: str) -> None:
    body = {"name": "x", "filterCriteria": criteria, "attributeActions": actions, "includedClients": criteria}
    answer = desk.post(f"policies/{path}", body)
    assert answer.status in (200, 400), answer.body
    if answer.status == 200:
        alert(desk, component=json.dumps(answer.json["id"]))
        desk.delete(f"policies/{path}/{answer.json['id']}").expect(200)
