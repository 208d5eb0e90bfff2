"""Schedules (reference, part 4.2)."""

from typing import Any

import pytest
from datadog_api_client.v2.model.schedule import Schedule as ScheduleModel
from datadog_api_client.v2.model.schedules import Schedules as SchedulesModel

from tests.dialects.datadog.asking import speaker
from tests.dialects.datadog.models import parsed
from tests.dialects.datadog.oncall import (
    ANN,
    BOB,
    CYD,
    DB,
    NOWHERE,
    POLICIES,
    SCHEDULES,
    WEB,
    details,
    found,
    layer,
    made,
    policy,
    schedule,
    staffed,
    step,
    target,
    uuid,
    weekly,
)
from tests.stories.town import layer as plain_layer
from tests.stories.world import World
from watchbill.domain.civil import DAY_SECONDS, Window
from watchbill.domain.people import Member, Role, Team
from watchbill.domain.record import replace
from watchbill.domain.rota import Counting, Interval, Layer, Mode, Schedule, Turn

ALL = "?include=layers,layers.members.user,teams"


def test_the_recorded_example(world: World) -> None:
    """The request and the reply of the reference, field by field."""
    api = staffed(world)
    asked = layer(
        ANN,
        None,
        effective_date="2025-11-18T12:58:56.434Z",
        end_date="2025-12-08T07:58:56.434-05:00",
        rotation_start="2025-11-23T12:58:56.434123456Z",
        interval={"days": 1, "seconds": 300},
        time_zone="Asia/Tokyo",
        restrictions=[weekly("monday", "09:00:00", "friday", "17:00:00")],
    )
    reply = api.post(SCHEDULES + ALL, schedule(asked, name="Team A", zone="America/New_York", teams=[NOWHERE, WEB]))
    body = reply.expect(201)
    assert reply.headers["content-type"] == "application/vnd.api+json"
    data = body["data"]
    assert data["attributes"] == {"name": "Team A", "tags": [], "time_zone": "America/New_York"}
    assert [one["id"] for one in data["relationships"]["teams"]["data"]] == [NOWHERE, WEB]
    [one] = found(body, "layers")
    assert data["relationships"]["layers"]["data"] == [{"id": one["id"], "type": "layers"}]
    assert one["attributes"] == {
        "applied_rotation_start": "2025-11-23T12:58:56.434123Z",
        "effective_date": "2025-11-18T12:58:56.434Z",
        "end_date": "2025-12-08T12:58:56.434Z",
        "interval": {"days": 1, "seconds": 300},
        "name": "Layer 1",
        "restrictions": [weekly("monday", "09:00:00", "friday", "17:00:00")],
        "rotation_start": "2025-11-23T12:58:56.434123Z",
        "time_zone": "Asia/Tokyo",
    }
    first, second = f"{one['id']}-member-1", f"{one['id']}-member-2"
    assert [member["id"] for member in one["relationships"]["members"]["data"]] == [first, second]
    assert found(body, "members") == [
        {"id": first, "type": "members", "relationships": {"user": {"data": {"id": ANN, "type": "users"}}}}
    ]
    assert [user["attributes"]["email"] for user in found(body, "users")] == ["ann@example.org"]
    assert [team["id"] for team in found(body, "teams")] == [WEB]
    parsed(ScheduleModel, body)
    assert api.get(f"{SCHEDULES}/{data['id']}{ALL}").expect(200) == body


def test_what_is_optional_is_left_out(world: World) -> None:
    api = staffed(world)
    body = api.post(SCHEDULES + ALL, schedule(layer(ANN, interval={"days": 2, "seconds": 0}))).expect(201)
    attributes = found(body, "layers")[0]["attributes"]
    assert attributes["restrictions"] == []
    assert attributes["interval"] == {"days": 2}
    assert not {"end_date", "time_zone"} & set(attributes)
    assert body["data"]["relationships"]["teams"] == {"data": []}


def test_nothing_is_included_unasked_and_what_is_on_the_way_is(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN, BOB), layer(ANN, name="Layer 2")))
    assert "included" not in api.get(f"{SCHEDULES}/{id}").expect(200)
    assert "included" not in api.get(f"{SCHEDULES}/{id}?include=strange").expect(200)
    body = api.get(f"{SCHEDULES}/{id}?include=layers.members.user").expect(200)
    assert [one["type"] for one in body["included"]] == ["layers"] * 2 + ["members"] * 3 + ["users"] * 2


def test_a_put_replaces_everything_and_keeps_the_ids_of_layers(world: World) -> None:
    api = staffed(world)
    body = api.post(SCHEDULES + ALL, schedule(layer(ANN), layer(BOB, name="Layer 2"), teams=[WEB])).expect(201)
    id = body["data"]["id"]
    first, second = (one["id"] for one in body["data"]["relationships"]["layers"]["data"])
    swapped = schedule(
        layer(BOB, CYD, name="Layer 2", id=second), layer(CYD, name="New"), layer(ANN, id=first), name="Second", id=id
    )
    after = api.put(f"{SCHEDULES}/{id}{ALL}", swapped).expect(200)
    ids = [one["id"] for one in after["data"]["relationships"]["layers"]["data"]]
    assert (ids[0], ids[2]) == (second, first)
    assert ids[1] not in (first, second)
    assert after["data"]["attributes"]["name"] == "Second"
    assert after["data"]["relationships"]["teams"] == {"data": []}
    only = api.put(f"{SCHEDULES}/{id}", schedule(layer(ANN, id=first), id=id)).expect(200)
    assert [one["id"] for one in only["data"]["relationships"]["layers"]["data"]] == [first]


def test_a_layer_of_another_schedule_is_a_new_one(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN)))
    body = api.put(f"{SCHEDULES}/{id}", schedule(layer(ANN, id=uuid(99)), id=id)).expect(200)
    assert body["data"]["relationships"]["layers"]["data"][0]["id"] != uuid(99)


def test_a_deleted_schedule_is_gone_and_policies_go_on_without_it(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN)))
    uses = made(api, POLICIES, policy(step(ANN, target(id, "schedules"), target(id, "schedules", "next"))))
    assert api.delete(f"{SCHEDULES}/{id}").body == b""
    assert details(api.get(f"{SCHEDULES}/{id}").expect(404)) == ["schedule not found"]
    api.delete(f"{SCHEDULES}/{id}").expect(404)
    body = api.get(f"{POLICIES}/{uses}?include=steps").expect(200)
    assert [one["type"] for one in body["included"][0]["relationships"]["targets"]["data"]] == ["users"]


def test_a_team_that_goes_stays_linked(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN), teams=[WEB, DB]))
    stored = world.organization.schedules[id]
    world.has(replace(stored, team_ids=(DB,)))
    world.loses(world.organization.teams[WEB])
    body = api.get(f"{SCHEDULES}/{id}?include=teams").expect(200)
    assert [one["id"] for one in body["data"]["relationships"]["teams"]["data"]] == [WEB, DB]
    assert [one["id"] for one in body["included"]] == [DB]


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"name": ""}, 'attribute "name" '),
        ({"name": None}, 'attribute "name" is required'),
        ({"time_zone": "Mars/Base"}, 'attribute "time_zone" must be a time zone'),
        ({"time_zone": None}, 'attribute "time_zone" is required'),
        ({"layers": None}, 'attribute "layers" is required'),
        ({"layers": "one"}, 'error decoding attribute "layers": invalid type string'),
        ({"layers": [1]}, 'error decoding attribute "layers[0]": invalid type number'),
        ({"layers": [layer(ANN), layer(BOB)]}, 'attribute "layers[1].name" must be unique'),
        ({"layers": [layer(ANN, name=" ")]}, 'attribute "layers[0].name" must not be empty'),
        ({"layers": [layer(ANN, interval={})]}, 'attribute "layers[0].interval.seconds" must add up'),
        ({"layers": [layer(ANN, interval={"seconds": 3599})]}, 'attribute "layers[0].interval.seconds" must add up'),
        ({"layers": [layer(ANN, interval={"days": 401})]}, 'attribute "layers[0].interval.days" must be between'),
        ({"layers": [layer(ANN, interval={"seconds": 2592001})]}, 'attribute "layers[0].interval.seconds" must be'),
        ({"layers": [layer(ANN, interval={"days": 1.5})]}, "error decoding"),
        ({"layers": [layer(ANN, interval={"days": 10**30})]}, ""),
        ({"layers": [layer(uuid(99))]}, 'attribute "layers[0].members[0].user.id" names an unknown user'),
        ({"layers": [layer(ANN, effective_date="soon")]}, 'attribute "layers[0].effective_date" must be a date'),
        ({"layers": [layer(ANN, end_date=layer()["effective_date"])]}, 'attribute "layers[0].end_date" must be after'),
        ({"layers": [layer(ANN, time_zone="x")]}, 'attribute "layers[0].time_zone" must be a time zone'),
        (
            {"layers": [layer(ANN, restrictions=[weekly("monday", "9", "friday", "17:00:00")])]},
            'attribute "layers[0].restrictions[0].start_time" must be a time of day',
        ),
        (
            {"layers": [layer(ANN, restrictions=[weekly("Monday", "09:00:00", "friday", "17:00:00")])]},
            'attribute "layers[0].restrictions[0].start_day" must be one of "monday',
        ),
        ({"layers": [layer(ANN, restrictions=[{"start_day": "monday"}])]}, "is required"),
    ],
)
def test_what_is_refused(world: World, change: dict[str, Any], detail: str) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN)))
    before = world.organization
    body = schedule(layer(ANN), id=id)
    body["data"]["attributes"] |= change
    for answer in (api.post(SCHEDULES, body), api.put(f"{SCHEDULES}/{id}", body)):
        assert any(detail in one for one in details(answer.expect(400))), answer.body
    assert world.organization.version == before.version


def test_ids_in_the_path_and_the_body(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN)))
    other = api.put(f"{SCHEDULES}/{id}", schedule(layer(ANN), id=uuid(99))).expect(400)
    assert "does not match" in details(other)[0]
    api.put(f"{SCHEDULES}/{uuid(99)}", schedule(layer(ANN), id=uuid(99))).expect(404)
    api.get(f"{SCHEDULES}/REPLACE.ME").expect(400)
    api.get(f"{SCHEDULES}/{id.upper()}").expect(200)
    api.post(SCHEDULES, {"data": {"type": "policies"}}).expect(400)


# --- Who may


def test_team_administrators_write_what_is_their_teams(world: World) -> None:
    api = staffed(world)
    lead = speaker(world, "lead", Role.USER)
    lead_id = world.organization.users_by_name["lead"].id
    world.has(Team(WEB, 1, "web", "Web", members=(Member(ANN), Member(lead_id, admin=True))))
    own = made(lead, SCHEDULES, schedule(layer(ANN), teams=[WEB]))
    lead.put(f"{SCHEDULES}/{own}", schedule(layer(BOB), id=own, teams=[WEB])).expect(200)
    lead.post(SCHEDULES, schedule(layer(ANN), teams=[DB])).expect(403)
    others = made(api, SCHEDULES, schedule(layer(ANN)))
    assert lead.delete(f"{SCHEDULES}/{others}").expect(403) == {"errors": ["Forbidden"]}
    lead.get(f"{SCHEDULES}/{others}").expect(200)


# --- The list


def names(answer: Any) -> list[str]:
    return [one["attributes"]["name"] for one in answer["data"]]


def test_the_list_is_by_name_a_page_at_a_time(world: World) -> None:
    api = staffed(world)
    for number in range(12, 0, -1):
        made(api, SCHEDULES, schedule(layer(ANN), name=f"S{number:02}", teams=[WEB]))
    first = api.get(SCHEDULES).expect(200)
    assert names(first) == [f"S{number:02}" for number in range(1, 11)]
    assert first["meta"]["page"] == {
        "type": "number_size",
        "number": 0,
        "size": 10,
        "total": 12,
        "first_number": 0,
        "prev_number": None,
        "next_number": 1,
        "last_number": 1,
    }
    assert set(first["data"][0]["relationships"]) == {"teams"}
    parsed(SchedulesModel, first)
    second = api.get(f"{SCHEDULES}?page[size]=6&page[number]=1&include=teams").expect(200)
    assert names(second) == [f"S{number:02}" for number in range(7, 13)]
    assert (second["meta"]["page"]["prev_number"], second["meta"]["page"]["next_number"]) == (0, None)
    assert [one["id"] for one in second["included"]] == [WEB]
    parsed(SchedulesModel, second)
    beyond = api.get(f"{SCHEDULES}?page%5Bsize%5D=6&page%5Bnumber%5D=2").expect(200)
    assert beyond["data"] == []
    assert beyond["meta"]["page"]["prev_number"] == 1


def test_an_empty_list(world: World) -> None:
    page = staffed(world).get(SCHEDULES).expect(200)["meta"]["page"]
    assert (page["total"], page["last_number"], page["next_number"], page["prev_number"]) == (0, 0, None, None)


@pytest.mark.parametrize("query", ["page[size]=101", "page[size]=0", "page[size]=x", "page[number]=-1"])
def test_pages_out_of_bounds(world: World, query: str) -> None:
    assert staffed(world).get(f"{SCHEDULES}?{query}").status == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("prim", ["Primary DB", "Primary Web"]),
        ("PRIMARY*", ["Primary DB", "Primary Web"]),
        ("primary web", ["Primary Web"]),
        ('"primary web"', ["Primary Web"]),
        (f"team.id:{DB}", ["Primary DB"]),
        (f"team.id:({DB} OR {WEB}) primary", ["Primary DB", "Primary Web"]),
        (f"user.id:{BOB}", ["Night"]),
        (f"user.id:({BOB} OR {ANN}) team.id:{WEB}", ["Primary Web"]),
        ("nothing", []),
        ("strange:field", []),
        ("", ["Night", "Primary DB", "Primary Web"]),
    ],
)
def test_the_list_can_be_searched(world: World, query: str, expected: list[str]) -> None:
    api = staffed(world)
    made(api, SCHEDULES, schedule(layer(ANN), name="Primary Web", teams=[WEB]))
    made(api, SCHEDULES, schedule(layer(None, CYD), name="Primary DB", teams=[DB]))
    made(api, SCHEDULES, schedule(layer(None), layer(CYD, BOB, name="2"), name="Night"))
    assert names(api.get(SCHEDULES, **{"filter[query]": query}).expect(200)) == expected


def test_a_search_that_makes_no_sense(world: World) -> None:
    api = staffed(world)
    assert "filter[query]" in details(api.get(SCHEDULES, **{"filter[query]": "(("}).expect(400))[0]


# --- What was made elsewhere


ELSEWHERE = Schedule(
    uuid(50),
    7,
    "union-slug",
    "Union",
    "UTC",
    (
        Layer(
            uuid(51),
            "Both",
            0,
            0,
            Interval(3, 0, Counting.SHIFTS),
            (Turn((ANN, BOB)), Turn((), (WEB,)), Turn((CYD,))),
            restrictions=(Window(0, 0, 6, DAY_SECONDS), Window(2, 0, 2, DAY_SECONDS)),
        ),
        replace(plain_layer(ANN, id=uuid(52), name=""), interval=Interval(500)),
    ),
    mode=Mode.UNION,
    settings={"victorops": {"rotation": 1}},
)


def test_a_schedule_made_elsewhere_is_shown_as_far_as_it_can_be_said(world: World) -> None:
    api = staffed(world)
    world.has(ELSEWHERE)
    body = api.get(f"{SCHEDULES}/{ELSEWHERE.id}{ALL}").expect(200)
    parsed(ScheduleModel, body)
    first, second = found(body, "layers")
    assert [one["relationships"]["user"]["data"]["id"] for one in found(body, "members")] == [ANN, CYD, ANN]
    assert first["attributes"]["restrictions"] == [
        weekly("monday", "00:00:00", "sunday", "23:59:59"),
        weekly("wednesday", "00:00:00", "thursday", "00:00:00"),
    ]
    assert second["attributes"]["interval"] == {"days": 400}


def test_a_put_keeps_what_this_dialect_cannot_say(world: World) -> None:
    api = staffed(world)
    world.has(ELSEWHERE)
    body = api.get(f"{SCHEDULES}/{ELSEWHERE.id}{ALL}").expect(200)
    layers = []
    for number, one in enumerate(found(body, "layers")):
        members: list[Any] = [{} for _ in one["relationships"]["members"]["data"]]
        for member in found(body, "members"):
            if member["id"].startswith(one["id"]):
                members[int(member["id"].rsplit("-", 1)[1]) - 1] = {
                    "user": {"id": member["relationships"]["user"]["data"]["id"]}
                }
        layers.append({**one["attributes"], "id": one["id"], "members": members, "name": f"Layer {number}"})
    api.put(f"{SCHEDULES}/{ELSEWHERE.id}", schedule(*layers, name="Renamed", id=ELSEWHERE.id)).expect(200)
    after = world.organization.schedules[ELSEWHERE.id]
    assert [one.name for one in after.layers] == ["Layer 0", "Layer 1"]
    named = zip(after.layers, ELSEWHERE.layers, strict=True)
    assert replace(after, name="Union", layers=tuple(replace(new, name=old.name) for new, old in named)) == ELSEWHERE


def test_a_schedule_made_here_has_a_slug_for_the_others(world: World) -> None:
    api = staffed(world)
    first, second = (made(api, SCHEDULES, schedule(layer(ANN), name="Team À!")) for _ in range(2))
    stored = world.organization.schedules
    assert [stored[id].slug for id in (first, second)] == ["team-a", "team-a-2"]
    assert [stored[id].number for id in (first, second)] == [1, 2]
