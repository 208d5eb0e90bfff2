"""What every dialect does with a request, whatever it says."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker, victorops_keys
from tests.stories.world import World
from watchbill.api.victorops.auth import authenticate, credential
from watchbill.api.victorops.envelope import refuse
from watchbill.asgi.dialect import Dialect, get, post
from watchbill.asgi.limits import Quota
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import SECOND
from watchbill.domain.errors import Conflict
from watchbill.domain.organization import Change
from watchbill.domain.people import Team
from watchbill.usecases.ports import Tx


def echo(tx: Tx, call: Call) -> Reply:
    return Reply(body={"params": dict(call.params), "query": list(call.request.query), "now": call.now})


def half(tx: Tx, call: Call) -> Reply:
    """Writes, then refuses."""
    team = Team(tx.new_id(call.now), 1, "half", "Half")
    tx.change(call.caller.org, [Change("team", team.id, team)], "test", call.now)
    raise Conflict("on second thoughts", "name")


def fault(tx: Tx, call: Call) -> Reply:
    raise RuntimeError("secret")


ROUTES = [
    get("/v1/things/special", lambda tx, call: Reply(body="special")),
    get("/v1/things/{thing}", echo, quota=Quota("things", 2, 60)),
    get("/v1/things/{thing}/parts/{part}", echo),
    post("/v1/things", half),
    get("/v1/fault", fault),
]
DIALECT = Dialect("test", ROUTES, credential, authenticate, refuse)


def speaker(world: World, **around: Any) -> Speaker:
    return Speaker(world, DIALECT, victorops_keys(world), **around)


def test_a_literal_part_goes_before_a_parameter(world: World) -> None:
    api = speaker(world)
    assert api.get("/v1/things/special").expect(200) == "special"
    assert api.get("/v1/things/other").expect(200)["params"] == {"thing": "other"}
    assert api.get("/v1/things/special/parts/1").expect(200)["params"] == {"thing": "special", "part": "1"}


@pytest.mark.parametrize("path", ["/v1/things/a", "/v1/things/a/", "//v1//things/a"])
def test_slashes_too_many_do_not_matter(world: World, path: str) -> None:
    assert speaker(world).get(path).expect(200)["params"] == {"thing": "a"}


def test_a_slash_inside_a_name_stays_inside_it(world: World) -> None:
    assert speaker(world).get("/v1/things/a%2Fb%20c").expect(200)["params"] == {"thing": "a/b c"}


def test_an_unknown_address_and_an_unknown_method(world: World) -> None:
    api = speaker(world)
    api.get("/v1/nothing").expect(404)
    answer = api.delete("/v1/things")
    assert answer.status == 405
    assert answer.headers["allow"] == "POST"


def test_without_a_key_nothing_is_said_of_what_exists(world: World) -> None:
    api = speaker(world)
    api.headers = {}
    assert {api.get(path).status for path in ("/v1/things/special", "/v1/nothing")} == {401}


def test_what_is_refused_changed_nothing(world: World) -> None:
    answer = speaker(world).post("/v1/things", {})
    assert answer.expect(409) == {"error": "name: on second thoughts"}
    assert not world.organization.teams


def test_a_fault_of_ours_tells_no_secret(world: World) -> None:
    answer = speaker(world).get("/v1/fault")
    assert answer.status == 500
    assert b"secret" not in answer.body


def test_a_null_character_finds_nothing(world: World) -> None:
    speaker(world).get("/v1/things/%00").expect(404)


def test_head_is_a_get_without_its_body(world: World) -> None:
    answer = speaker(world).ask("HEAD", "/v1/things/special")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == "9"


def test_a_body_that_is_too_large(world: World) -> None:
    speaker(world).post("/v1/things", b"x" * (13 * 1024 * 1024)).expect(413)


def test_the_protective_limit_counts_each_key_for_itself(world: World) -> None:
    api = speaker(world, protection=1)
    assert [api.get("/v1/things/special").status for _ in range(11)] == [200] * 10 + [429]
    refused = api.get("/v1/things/special")
    assert refused.headers["retry-after"] == "10"
    api.ask("GET", "/v1/things/special", x_vo_api_key="reads-only").expect(200)
    world.pass_(10 * SECOND)
    api.get("/v1/things/special").expect(200)


def test_documented_limits_hold_where_they_are_on(world: World) -> None:
    api = speaker(world, documented_limits=True)
    assert [api.get("/v1/things/a").status for _ in range(3)] == [200, 200, 429]
    api.get("/v1/things/a/parts/1").expect(200)
    world.pass_(60 * SECOND)
    api.get("/v1/things/a").expect(200)


def test_each_answer_is_counted(world: World) -> None:
    api = speaker(world)
    api.get("/v1/nothing")
    assert api.seen == [("test", "GET", 404)]
