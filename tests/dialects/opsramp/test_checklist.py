"""What breaks real clients, row by row, as far as policies and their neighbours go (reference, part 15)."""

from typing import Any

import pytest

from tests.dialects.opsramp.policies import alert, incident, message, policy, post, rule, staff, user
from tests.dialects.opsramp.ramp import Ramp
from tests.stories.world import World
from watchbill.domain.civil import SECOND


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    staff(world, "ann")
    return client


def made(world: World, desk: Ramp, *names: str) -> list[dict[str, Any]]:
    told = []
    for name in names:
        told.append(post(desk, policy(message(user(1)), name=name)))
        world.pass_(SECOND)
    return told


def test_3_a_slash_before_the_question_mark(world: World, desk: Ramp) -> None:
    (one,) = made(world, desk, "a")
    assert desk.ask("GET", "escalations/search/?pageNo=1").expect(200)["totalResults"] == 1
    assert desk.get(f"escalations/{one['id']}/").expect(200) == one
    desk.post(f"escalations/{one['id']}/disable/").expect(200)
    desk.ask("GET", "policies/firstResponse/?pageNo=1&pageSize=100").expect(200)


def test_4_and_5_a_client_that_appends_page_numbers_gets_every_page(world: World, desk: Ramp) -> None:
    names = ["a", "b", "c"]
    made(world, desk, *names)
    query, seen = "pageSize=1&isDescendingOrder=false", []
    told = desk.ask("GET", f"escalations/search?{query}").expect(200)
    while told["nextPage"]:
        seen += told["results"]
        query += f"&pageNo={told['nextPageNo']}"
        told = desk.ask("GET", f"escalations/search?{query}").expect(200)
    assert "nextPageNo" not in told
    assert [row["name"] for row in [*seen, *told["results"]]] == names
    assert (told["previousPageNo"], told["totalPages"], told["totalResults"]) == (2, 3, 3)


def test_6_what_is_done_is_answered_with_200_and_may_be_empty(world: World, desk: Ramp) -> None:
    (one,) = made(world, desk, "a")
    for answer in (
        desk.post(f"escalations/{one['id']}/disable"),
        desk.post(f"escalations/{one['id']}/enable"),
        desk.delete(f"escalations/{one['id']}"),
        desk.post("machineLearning/train/ALERT_ESCALATION_TRAINING"),
    ):
        assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


def test_7_what_is_missing_is_neither_400_nor_429(desk: Ramp) -> None:
    for path in ("escalations/POLICY-x", "policies/firstResponse/x", "policies/alertCorrelation/POLICY-AC-"):
        assert desk.get(path).status == desk.delete(path).status == 404
    assert "No escalate alert policy details found" in desk.get("escalations/x").expect(404)["message"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("queryString=name:a b%2Bc", ["a b+c"]),
        ("queryString=name:a%20b%2Bc%2BallList:true", ["a b+c"]),
        ("queryString=name:a b%2Bc+allList:true", ["a b+c"]),
        ("queryString=", ["x:y", "a b+c"]),
        ("queryString=name:x:y", ["x:y"]),
        ("queryString=startCreationDate:2026-06-01T00:00:01 0000", ["x:y"]),
        ("queryString=startCreationDate:2026-06-01T00:00:01+0000", ["x:y"]),
        ("queryString=startCreationDate:2026-06-01T00:00:01Z", ["x:y"]),
    ],
)
def test_8_raw_pluses_and_blanks(world: World, desk: Ramp, query: str, names: list[str]) -> None:
    made(world, desk, "a b+c", "x:y")
    answer = desk.ask("GET", f"escalations/search?{query}").expect(200)
    assert [row["name"] for row in answer["results"]] == names


def test_9_and_10_a_get_is_posted_back_and_unknown_references_stay(desk: Ramp) -> None:
    spaced = rule("Alert  : Description", "CONTAINS", "critical")
    nobody = {"id": "USRGRP-9498fc95", "name": "Gone", "type": "USERGROUP"}
    told = post(desk, policy(message(nobody), filterCriteria={"matchingType": "ALL", "rules": [spaced]}))
    url = f"escalations/{told['id']}"
    assert desk.post(url, desk.get(url).expect(200)).expect(200) == told
    assert told["filterCriteria"]["rules"] == [spaced]
    assert told["escalations"][0]["recipients"] == [nobody]
    assert desk.post(url, {"description": "only"}).expect(200) == told | {"description": "only"}


def test_11_and_12_what_is_filled_in(desk: Ramp) -> None:
    told = post(desk, policy(message(user(1)), incident(update={"none": "true"})))
    assert told["escalations"][0]["notifyLimitCount"] == 2
    assert told["escalations"][1]["updateIncident"] == {"none": True}
    manual = post(desk, policy({"recipients": [user(1)]}, escalationType="MANUAL"))
    assert manual["escalations"][0]["action"] == "NOTIFICATION"


def test_13_pages_of_five_hundred(desk: Ramp) -> None:
    assert desk.get("escalations/search", pageSize=500).expect(200)["pageSize"] == 500


def test_14_the_scope_is_the_tenant_of_the_address(desk: Ramp, partner: Ramp) -> None:
    told = post(desk, policy(message(user(1)), scope={"uuid": "x"}, allClients=False))
    assert told["scope"]["uniqueId"] == desk.tenant
    assert told.get("allClients") is not True
    own = post(partner, policy(message(user(1)), scope={"uniqueId": "client_9"}))
    assert (own["scope"]["uniqueId"], own["allClients"]) == (partner.tenant, True)


def test_17_actions_in_any_case_and_without_a_body(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), notifyLimitCount=5)))
    alert(desk)
    world.phone("ann").expects("disk full")
    desk.post("alerts/1000002/actions/AckNowledge").expect(200)
    desk.post("alerts/1000002/actions/unacknowledge").expect(200)


def test_21_a_precedence_of_null(desk: Ramp) -> None:
    assert post(desk, policy(message(user(1)), precedence=None))["precedence"] is None


def test_22_what_a_migration_of_policies_reads_answers_though_it_is_empty(partner: Ramp, client: Ramp) -> None:
    for path in ("deviceGroups/minimal", "customFields/INCIDENT", "incidents/urgencies"):
        assert client.get(path).expect(200) == []
    assert client.get("userGroups").expect(200)["results"] == []
    assert partner.get("clients/client_2").expect(200)["uniqueId"] == "client_2"
