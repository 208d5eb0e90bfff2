"""What goes with a team or a policy."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.organizations import organizations
from tests.usecases.organizations import ORG, at
from watchbill.domain.checks import check
from watchbill.domain.disbanding import disband, without_policies
from watchbill.domain.errors import Conflict
from watchbill.domain.organization import Organization
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Start
from watchbill.usecases.directory import changed


def test_the_default_route_keeps_what_it_starts() -> None:
    with pytest.raises(Conflict, match="Database"):
        disband(ORG, ORG.teams["web"])
    with pytest.raises(Conflict, match="Database"):
        without_policies(ORG, ["policy"])


def test_maintenance_of_one_key_never_becomes_maintenance_of_all() -> None:
    keys = {
        "gone": RoutingKey("gone", 2, "gone", (Start("policy"),)),
        "stays": RoutingKey("stays", 3, "stays", (Start("policy"), Start(user_id="ann"))),
    }
    windows = {
        "one": MaintenanceWindow("one", 1, "one", "one", at(1), key_ids=("gone",)),
        "two": MaintenanceWindow("two", 2, "two", "two", at(1), key_ids=("gone", "stays")),
        "all": MaintenanceWindow("all", 3, "all", "all", at(1)),
    }
    org = replace(ORG, routing_keys=keys, windows=windows)
    after = changed(org, without_policies(org, ["policy"]))
    assert check(after) == []
    assert {id: window.key_ids for id, window in after.windows.items()} == {"two": ("stays",), "all": None}
    assert after.routing_keys["stays"].starts == (Start(user_id="ann"),)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=50)
@given(organizations(), st.data())
def test_what_stays_is_sound_but_for_what_still_names_it(org: Organization, data: st.DataObject) -> None:
    if not org.teams:
        return
    team = org.teams[data.draw(st.sampled_from(sorted(org.teams)))]
    try:
        changes = disband(org, team)
    except Conflict:
        return
    after = changed(org, changes)
    gone = [team.id, *(set(org.policies) - set(after.policies))]
    assert all(any(f"'{id}'" in problem.message for id in gone) for problem in check(after))
