"""Partners, their clients, and the lists that everybody sees (reference, part 2)."""

from typing import Any

import pytest

from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.stories.world import World
from watchbill.domain.civil import HOUR

GEO: dict[str, Any] = {
    "name": "GEO Services",
    "extOrgId": "Ext1010",
    "address": "Parkway",
    "channel": {"id": 7},
    "city": "San Jose",
    "country": "USA",
    "timeZone": "America/Los_Angeles",
    "clientDetails": {"businessStartHour": 10},
    "addOns": ["Alert Enrichment"],
}


def test_a_client_is_made_below_a_partner(world: World, partner: Ramp) -> None:
    made = partner.post("clients", GEO).expect(200)
    assert made == {"uniqueId": "client_3", "name": "GEO Services"}
    shown = partner.get("clients/client_3").expect(200)
    assert GEO.items() <= shown.items()
    assert (shown["uniqueId"], shown["activated"], shown["mspId"]) == ("client_3", True, "msp_1")
    assert shown["createdBy"]["loginName"] == "opsramp_api_user"
    fresh = partner.get("/api/v2/tenants/client_3/users/minimal").expect(200)
    assert fresh == []


@pytest.mark.parametrize("field", ["name", "address", "timeZone", "country"])
def test_what_a_client_needs(partner: Ramp, field: str) -> None:
    bads: list[Any] = [None, "", 5, []]
    for bad in bads:
        assert partner.post("clients", GEO | {field: bad}).expect(400)["fieldName"] == field
    assert [one["uniqueId"] for one in partner.get("clients/minimal").expect(200)] == ["client_2"]


def test_clients_of_one_name_differ(world: World, partner: Ramp) -> None:
    for number in (3, 4):
        assert partner.post("clients", GEO).expect(200)["uniqueId"] == f"client_{number}"


def test_a_client_is_changed_in_part(world: World, partner: Ramp) -> None:
    partner.post("clients", GEO).expect(200)
    world.pass_(HOUR)
    shown = partner.post("clients/client_3", {"name": "GEO 2", "city": "Hyderabad"}).expect(200)
    assert (shown["name"], shown["city"], shown["address"]) == ("GEO 2", "Hyderabad", "Parkway")
    assert shown["updatedTime"] == "2026-06-01T01:00:00+0000"
    assert partner.get("clients/client_3").expect(200) == shown
    assert partner.get("clients/minimal").expect(200)[1] == {"uniqueId": "client_3", "name": "GEO 2"}
    assert partner.post("clients/client_3", {"timeZone": "Mars/Base"}).expect(400)["fieldName"] == "timeZone"


def test_the_partner_and_how_it_is_told_from_a_client(partner: Ramp, client: Ramp) -> None:
    shown = partner.get("").expect(200)
    assert (shown["uniqueId"], shown["name"], shown["timeZone"]) == ("msp_1", "Acme", "GMT")
    partner.get("/api/v2/tenants/client_2").expect(404)
    client.get("").expect(404)
    client.get("/api/v2/tenants/msp_1").expect(403)


def test_search(world: World, partner: Ramp) -> None:
    world.pass_(HOUR)
    partner.post("clients", GEO).expect(200)
    partner.post("clients/client_3/suspend").expect(200)
    rows = partner.get("clients/search").expect(200)
    assert [row["uniqueId"] for row in rows["results"]] == ["client_3", "client_2"]
    assert rows["orderBy"] == "client.id"
    assert set(rows["results"][0]) == {
        *("id", "uniqueId", "name", "activated", "createdTime", "updatedTime", "createdBy", "lastUpdatedBy"),
    }

    def found(query: str) -> list[str]:
        return [row["uniqueId"] for row in partner.get("clients/search", queryString=query).expect(200)["results"]]

    assert found("name:geo services") == ["client_3"]
    assert found("uniqueId:client_2") == ["client_2"]
    assert found("activeStatus:true") == ["client_2"]
    assert found("activeStatus:false") == ["client_3"]
    assert found("startCreationDate:2026-06-01T01:00:00 0000") == ["client_3"]
    assert found("endUpdationDate:2026-06-01T00:30:00Z") == ["client_2"]


def test_suspended_and_activated(world: World, partner: Ramp, client: Ramp) -> None:
    answer = partner.post("clients/client_2/SUSPEND")
    assert (answer.status, answer.body) == (200, b"")
    assert client.get("users/minimal").expect(410)["message"] == "Tenant client_2 is deactivated"
    assert partner.get("clients/client_2").expect(200)["activated"] is False
    partner.post("clients/client_2/activate").expect(200)
    client.get("users/minimal").expect(200)
    partner.post("clients/client_2/terminate").expect(200)
    client.get("users/minimal").expect(410)
    partner.post("clients/client_2/explode").expect(400)


def test_a_client_sees_itself_and_no_other(world: World, client: Ramp, partner: Ramp) -> None:
    other = client_of(world, "Other")
    assert client.get("clients/client_2").expect(200)["name"] == "Client"
    assert client.get("clients/minimal").expect(200) == []
    assert client.get("clients/search").expect(200)["totalResults"] == 0
    for id in (f"client_{other}", "client_99", "msp_1", "x"):
        client.get(f"clients/{id}").expect(403)
    client.post("clients", GEO).expect(404)
    client.post("clients/client_2/suspend").expect(404)
    partner.get("clients/msp_1").expect(404)
    partner.get("clients/client_99").expect(403)


def test_other_ways_to_ask_for_a_client(client: Ramp, partner: Ramp) -> None:
    told = {"client": {"id": 2, "uniqueId": "client_2", "name": "Client"}}
    assert partner.get("/api/v2/tenants/client/client_2").expect(200) == told
    assert client.get("/itop/tenancyContext").expect(200) == told
    assert partner.get("/itop/tenancyContext").expect(200)["partner"]["uniqueId"] == "msp_1"


@pytest.mark.parametrize(
    "tenant", ["client_1", "msp_2", "client_02", "client_", "client_9999999999999999999", "x", "%00"]
)
def test_tenants_that_are_none(partner: Ramp, tenant: str) -> None:
    assert partner.get(f"/api/v2/tenants/{tenant}/users/minimal").status in (403, 404)


# --- Lists for everybody


def test_time_zones(client: Ramp) -> None:
    rows = client.get("/api/v2/cfg/timezones").expect(200)
    assert {"id": "19", "name": "Asia/Calcutta", "label": "GMT +05:30 India", "code": "IST"} in rows
    assert {"id": "1", "name": "Pacific/Asia", "label": "GMT -11:00 Samoa", "code": "SST"} in rows


def test_countries_and_others(client: Ramp) -> None:
    rows = client.get("/api/v2/cfg/countries").expect(200)
    assert {"code": "IND", "name": "India"} in rows
    assert len(rows) == len({row["code"] for row in rows}) == 249
    for path in ("tenants/channels", "tenants/nocs"):
        assert client.get(f"/api/v2/cfg/{path}").expect(200) == []
    assert client.get("/api/v2/cfg/alertTechnologies").expect(200) == [{"id": 1, "name": "OPSRAMP"}]
    assert client.get("/api/v2/cfg/devices/types").expect(200)


def test_the_policies_of_agents_are_objects(client: Ramp, partner: Ramp) -> None:
    path = f"clients/{client.tenant}"
    assert partner.post(path, {"agentPolicies": [False]}).expect(400)["fieldName"] == "agentPolicies[0]"
    assert partner.post(path, {"agentPolicies": [{"a": 1}]}).expect(200)["agentPolicies"] == [{"a": 1}]
