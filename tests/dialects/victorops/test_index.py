"""Every call of the reference's index (part 7) is served, and answers as documented (parts 1.2 and 1.4)."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.dialects.speaking import Speaker, keep
from tests.dialects.victorops.index import ROWS, Row, bodies, furnished, plain
from tests.stories.world import World
from watchbill.api.victorops.routes import ROUTES

NUMBERS = ("incident", "step", "rule", "group", "shift")


@pytest.fixture
def names(world: World, api: Speaker) -> Mapping[str, Any]:
    return furnished(world, api)


def unnamed(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_all_of_them_are_there() -> None:
    assert [row.number for row in ROWS] == [*range(1, 111)]
    assert len({(row.method, unnamed(row.path)) for row in ROWS}) == 110
    assert {(row.method, unnamed(row.path)) for row in ROWS} <= {(one.method, unnamed(one.path)) for one in ROUTES}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}-{row.method}")
def test_it_is_served(api: Speaker, names: Mapping[str, Any], row: Row) -> None:
    plain(api.ask(row.method, row.at(names), bodies(names).get(row.number)))


def test_it_takes_a_key(api: Speaker) -> None:
    for row in ROWS:
        path = re.sub(r"\{\w+\}", "1", row.path)
        assert api.ask(row.method, path, x_vo_api_key="wrong").expect(403) == {"error": "Authentication failed"}
        assert "error" in api.ask(row.method, path, x_vo_api_id="").expect(401)
        assert "error" in api.ask(row.method, path, x_vo_api_key="").expect(401)


def test_a_key_that_only_reads_reads(api: Speaker, names: Mapping[str, Any]) -> None:
    api.headers["x-vo-api-key"] = "reads-only"
    before, told = api.world.organization, bodies(names)
    for row in ROWS:
        api.ask(row.method, row.at(names), told.get(row.number)).expect(200 if row.method == "GET" else 403)
    assert api.world.organization == before


def test_what_nothing_is_called_is_not_found(api: Speaker, names: Mapping[str, Any]) -> None:
    """Each name of an address in turn: clients take 404, and nothing else, for a thing that is gone."""
    before, told = api.world.organization, bodies(names)
    for row in ROWS:
        for part in row.parts:
            wrong = {**names, part: "999" if part in NUMBERS else "nothing"}
            answer = api.ask(row.method, row.at(wrong), told.get(row.number))
            assert set(answer.expect(404)) == {"error"}, (row, part)
    assert api.world.organization == before


def test_another_organization_finds_none_of_it(world: World, api: Speaker, names: Mapping[str, Any]) -> None:
    other = world.write(lambda tx: tx.create_organization("other", "Other", None, world.now)).number
    keep(world, "elsewhere", "victorops", name="other-id", org=other)
    before, told = world.organization, bodies(names)
    api.headers = {"x-vo-api-id": "other-id", "x-vo-api-key": "elsewhere"}
    for row in ROWS:
        if row.parts:
            api.ask(row.method, row.at(names), told.get(row.number)).expect(404)
        elif row.method == "GET":
            text = api.get(row.path).body.decode()
            assert not [name for name in (names["team"], names["uuid"], '"mira"', '"disk"') if name in text]
    assert world.organization == before
