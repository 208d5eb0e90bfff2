"""Keys, refusals, reading JSON:API and moments: what every operation stands on."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.speaking import Speaker, admin, datadog_keys, keep
from tests.stories.world import BEGINNING, World
from watchbill.api.datadog import documents, times
from watchbill.api.datadog.auth import authenticate, credential
from watchbill.api.datadog.documents import answer, data_of, included_paths, number_asked, path_id, resource
from watchbill.api.datadog.envelope import Told, counted, refuse
from watchbill.api.datadog.permissions import Permission, held_by
from watchbill.api.datadog.routes import DIALECT
from watchbill.asgi.dialect import Dialect, get, put
from watchbill.asgi.limits import Quota
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import SECOND
from watchbill.domain.errors import Conflict, NotFound
from watchbill.domain.people import Role
from watchbill.usecases.ports import Tx

ID = "019713a0-0000-7000-8000-00000000abcd"


def one(tx: Tx, call: Call) -> Reply:
    id = path_id(call, "thing_id")
    paths = sorted(included_paths(call, ("layers", "layers.members", "layers.members.user", "teams")))
    return answer(resource("things", id, {"paths": paths, "size": number_asked(call, "page[size]", 10, 1, 100)}))


def change(tx: Tx, call: Call) -> Reply:
    data = data_of(call, "things")
    documents.check_id(data, path_id(call, "thing_id"))
    fields = data.attributes
    read = {
        "name": fields.text("name", 20),
        "color": fields.maybe_choice("color", ("red", "green")),
        "count": fields.maybe_whole("count", 0, 10),
        "at": fields.maybe_moment("at"),
        "on": fields.maybe_flag("on"),
        "tags": fields.maybe_texts("tags"),
        "parts": [part.whole("size", 1, 9) for part in fields.maybe_each("parts") or ()],
        "inner": (fields.maybe_inner("inner") or fields).maybe_uuid("of"),
        "owners": data.links("owners", "teams"),
        "chief": data.link("chief", "users"),
    }
    return answer(resource("things", ID, read))


def missing(tx: Tx, call: Call) -> Reply:
    raise NotFound("thing not found")


def taken(tx: Tx, call: Call) -> Reply:
    raise Conflict("the name is taken")


def told(tx: Tx, call: Call) -> Reply:
    raise Told(409, "users already present", "Conflict")


def fault(tx: Tx, call: Call) -> Reply:
    raise RuntimeError("secret")


PATH = "/api/v2/on-call/things"
ROUTES = [
    get(PATH + "/{thing_id}", one, quota=Quota("things", 2, 60)),
    put(PATH + "/{thing_id}", change),
    get("/api/v2/on-call/missing", missing),
    get("/api/v2/on-call/taken", taken),
    get("/api/v2/on-call/fault", fault),
    get("/api/v2/missing", missing),
    get("/api/v2/told", told),
]
SAMPLE = Dialect("datadog", ROUTES, credential, authenticate, refuse, counted)


@pytest.fixture
def api(world: World) -> Speaker:
    return Speaker(world, SAMPLE, datadog_keys(world))


def refused(api: Speaker, body: Any) -> Mapping[str, str]:
    answer = api.put(f"{PATH}/{ID}", body)
    assert answer.headers["content-type"] == "application/vnd.api+json"
    errors = answer.expect(400)["errors"]
    assert errors[0]["status"] == "400"
    found: Mapping[str, str] = errors[0]
    return found


def detail(api: Speaker, attributes: Any, **relationships: Any) -> str:
    data = {"type": "things", "attributes": attributes, "relationships": relationships}
    return refused(api, {"data": data})["detail"]


# --- Keys


def test_both_keys_open(api: Speaker) -> None:
    api.get(f"{PATH}/{ID}").expect(200)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"dd-api-key": "api-admin"},
        {"dd-application-key": "app-admin"},
        {"dd-api-key": "app-admin", "dd-application-key": "app-admin"},
        {"dd-api-key": "api-admin", "dd-application-key": "wrong"},
    ],
)
def test_keys_that_do_not_open(api: Speaker, keys: Mapping[str, str]) -> None:
    api.headers = dict(keys)
    assert api.get(f"{PATH}/{ID}").expect(403) == {"errors": ["Forbidden"]}


def test_a_bearer_token_alone(api: Speaker) -> None:
    api.headers = {"authorization": "Bearer app-admin"}
    api.get(f"{PATH}/{ID}").expect(200)
    api.headers = {"authorization": "bearer nobody's"}
    assert api.get(f"{PATH}/{ID}").expect(401) == {"errors": ["Unauthorized"]}


def test_keys_of_two_organizations_do_not_fit(world: World, api: Speaker) -> None:
    other = world.write(lambda tx: tx.create_organization("other", "Other", None, world.now)).number
    keep(world, "elsewhere", "datadog_api", org=other)
    api.headers["dd-api-key"] = "elsewhere"
    api.get(f"{PATH}/{ID}").expect(403)


def test_validate_looks_at_the_api_key_alone(world: World) -> None:
    api = Speaker(world, DIALECT, datadog_keys(world))
    assert api.get("/api/v1/validate").expect(200) == {"valid": True}
    del api.headers["dd-application-key"]
    assert api.get("/api/v1/validate").expect(200) == {"valid": True}
    api.headers = {"dd-api-key": "wrong"}
    assert api.get("/api/v1/validate").expect(403) == {"errors": ["Forbidden"]}
    api.headers = {}
    assert api.get("/api/v1/validate").expect(403) == {"errors": ["API key required"]}
    api.headers = {"authorization": "Bearer app-admin"}
    api.get("/api/v1/validate").expect(200)


def test_permissions_follow_the_role(world: World) -> None:
    for role in Role:
        admin(world, role.value, role)
    org = world.organization
    held = {user.role: set(held_by(org, user)) for user in org.users.values()}
    assert held[Role.GLOBAL_ADMIN] == set(Permission)
    assert Permission.ON_CALL_RESPOND in held[Role.USER] - held[Role.STAKEHOLDER]
    assert Permission.ON_CALL_ADMIN not in held[Role.ALERT_ADMIN]
    assert held[Role.STAKEHOLDER] >= {Permission.ON_CALL_READ, Permission.TEAMS_READ}


# --- Refusals


def test_on_call_refuses_with_objects(api: Speaker) -> None:
    found = api.get("/api/v2/on-call/missing")
    assert found.expect(404) == {"errors": [{"title": "Generic Error", "detail": "thing not found"}]}
    assert found.headers["content-type"] == "application/vnd.api+json"
    conflict = {"status": "409", "title": "Conflict", "detail": "the name is taken"}
    assert api.get("/api/v2/on-call/taken").expect(409) == {"errors": [conflict]}


def test_the_rest_refuses_with_sentences_unless_recorded_otherwise(api: Speaker) -> None:
    found = api.get("/api/v2/missing")
    assert found.expect(404) == {"errors": ["thing not found"]}
    assert found.headers["content-type"] == "application/json"
    told = {"status": "409", "title": "Conflict", "detail": "users already present"}
    assert api.get("/api/v2/told").expect(409) == {"errors": [told]}


def test_a_fault_of_ours_tells_no_secret(api: Speaker) -> None:
    answer = api.get("/api/v2/on-call/fault")
    assert answer.status == 500
    assert b"secret" not in answer.body


def test_limits_say_when_to_come_again(world: World) -> None:
    api = Speaker(world, SAMPLE, datadog_keys(world), documented_limits=True)
    first = api.get(f"{PATH}/{ID}")
    assert first.headers["x-ratelimit-limit"] == "2"
    assert first.headers["x-ratelimit-remaining"] == "1"
    api.get(f"{PATH}/{ID}")
    world.pass_(20 * SECOND)
    limited = api.get(f"{PATH}/{ID}")
    assert limited.status == 429
    assert limited.headers["x-ratelimit-reset"] == "40"
    assert (limited.headers["x-ratelimit-period"], limited.headers["x-ratelimit-name"]) == ("60", "things")


# --- What is asked


def test_ids_of_the_path(api: Speaker) -> None:
    assert api.get(f"{PATH}/{ID.upper()}").expect(200)["data"]["id"] == ID
    wrong = {
        "status": "400",
        "title": "Invalid Parameter",
        "detail": 'invalid parameter "thing_id" in "path"; expected type "uuid"',
    }
    assert api.get(f"{PATH}/REPLACE.ME").expect(400) == {"errors": [wrong]}


@pytest.mark.parametrize("size", ["0", "101", "-1", "ten", "", "1.5", "9" * 40, "１"])
def test_numbers_of_the_query(api: Speaker, size: str) -> None:
    error = api.get(f"{PATH}/{ID}", **{"page[size]": size}).expect(400)["errors"][0]
    assert error["detail"] == 'invalid parameter "page[size]" in "query"; expected type "int64"'


def test_a_path_brings_what_is_on_the_way(api: Speaker) -> None:
    def paths(include: str) -> Any:
        return api.get(f"{PATH}/{ID}", include=include).expect(200)["data"]["attributes"]["paths"]

    assert paths("layers.members.user") == ["layers", "layers.members", "layers.members.user"]
    assert paths("teams,nothing, layers") == ["layers", "teams"]
    assert paths("") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "unexpected end of JSON input"),
        (b"{}", documents.NO_DATA),
        (b"[]", documents.NO_DATA),
        (b'{"data": null}', documents.NO_DATA),
        (b'{"data": []}', '"data" must be a single resource object'),
        (b'{"data": {"type": "x"}}', 'got type "x" expected one of "things"'),
        (b'{"data": {"type": 7}}', 'got type "" expected one of "things"'),
    ],
)
def test_what_is_no_document(api: Speaker, body: bytes, said: str) -> None:
    assert refused(api, body)["detail"] == said


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"data": "\\ud800"}', b"[" * 100_000, b'{"data": NaN}', b"1 2"])
def test_what_is_no_json(api: Speaker, body: bytes) -> None:
    assert refused(api, body)["title"] == "Bad Request"


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, 'attribute "name" is required'),
        ({"name": None}, 'attribute "name" is required'),
        ({"name": 5}, 'error decoding attribute "name": invalid type number'),
        ({"name": "n" * 21}, 'attribute "name" must have at most 20 characters'),
        ({"name": "a\0"}, 'attribute "name" must not have a null character'),
        ({"name": "a", "color": "blue"}, 'attribute "color" must be one of "red green"'),
        ({"name": "a", "count": True}, 'error decoding attribute "count": invalid type bool'),
        ({"name": "a", "count": 1.5}, 'error decoding attribute "count": invalid type number'),
        ({"name": "a", "count": 11}, 'attribute "count" must be between 0 and 10'),
        ({"name": "a", "count": 10**30}, 'attribute "count" must be between 0 and 10'),
        ({"name": "a", "tags": ["x", None]}, 'attribute "tags[1]" is required'),
        ({"name": "a", "tags": "x"}, 'error decoding attribute "tags": invalid type string'),
        ({"name": "a", "parts": [{"size": 1}, 2]}, 'error decoding attribute "parts[1]": invalid type number'),
        ({"name": "a", "parts": [{"size": 1}, {}]}, 'attribute "parts[1].size" is required'),
        ({"name": "a", "inner": {"of": "x"}}, 'attribute "inner.of" must be a valid UUID'),
    ],
)
def test_attributes_that_do_not_fit(api: Speaker, attributes: Any, said: str) -> None:
    assert detail(api, attributes) == said


def test_a_moment_that_is_none(api: Speaker) -> None:
    for text in ("", "now", "2025-13-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"):
        assert detail(api, {"name": "a", "at": text}).startswith('attribute "at" must be a date and time')


def test_links_of_another_type(api: Speaker) -> None:
    assert detail(api, {"name": "a"}, owners={"data": [{"type": "users", "id": ID}]}) == (
        'got type "users" expected one of "teams"'
    )
    assert detail(api, {"name": "a"}, chief={"data": {"type": "users"}}).endswith("is required")
    assert detail(api, {"name": "a"}, chief=[]).endswith("invalid type array")


def test_a_body_that_is_read(api: Speaker) -> None:
    attributes = {"name": "a", "at": "1970-01-01T01:00:01.5+01:00", "tags": ["x"], "parts": [{"size": 2}], "more": {}}
    links = {"owners": {"data": [{"type": "teams", "id": ID.upper()}]}, "chief": {"data": None}}
    data = {"type": "things", "id": ID.upper(), "attributes": attributes, "relationships": links}
    read = api.put(f"{PATH}/{ID}", {"data": data}).expect(200)["data"]["attributes"]
    assert (read["at"], read["tags"], read["parts"]) == (1_500_000, ["x"], [2])
    assert (read["owners"], read["chief"], read["color"], read["on"]) == ([ID], None, None, None)


def test_a_body_about_another_thing(api: Speaker) -> None:
    other = ID.replace("d", "e")
    data = {"type": "things", "id": other, "attributes": {"name": "a"}}
    assert refused(api, {"data": data})["detail"].startswith(f'id "{other}" in the body')


def test_each_resource_is_included_once() -> None:
    many = [resource("users", "a"), resource("teams", "a"), resource("users", "b"), resource("users", "a")]
    assert documents.once(many) == many[:3]


# --- Moments


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-01T00:00:00Z",
        "2026-06-01T00:00:00.000Z",
        "2026-06-01T02:00:00.000000+02:00",
        "2026-05-31 19:00:00-0500",
        "2026-06-01t00:00:00.0000009z",
    ],
)
def test_moments_of_any_offset(text: str) -> None:
    assert times.moment(text) == BEGINNING


def test_moments_as_they_are_written() -> None:
    at = BEGINNING + 120_000
    assert times.zulu(BEGINNING) == "2026-06-01T00:00:00Z"
    assert times.zulu(at) == "2026-06-01T00:00:00.12Z"
    assert times.zulu_nano(at) == "2026-06-01T00:00:00.120000000Z"
    assert times.offset(BEGINNING) == "2026-06-01T00:00:00.000000+00:00"
    assert times.in_zone(at, "America/New_York") == "2026-05-31T20:00:00-04:00"


@given(st.integers(0, 253_402_200_000_000_000))
def test_moments_come_back(at: int) -> None:
    assert {times.moment(form(at)) for form in (times.zulu, times.zulu_nano, times.offset)} == {at}


@given(st.text())
def test_any_text_is_a_moment_or_none(text: str) -> None:
    found = times.moment(text)
    assert found is None or found >= 0
