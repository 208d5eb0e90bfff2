"""Every tool of the server that lets AI hosts handle Splunk On-Call. Run by an interpreter that has that server."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

END = "2100-01-01T00:00:00Z"


class Tools:
    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.called: set[str] = set()

    async def __call__(self, name: str, /, **given: Any) -> Any:
        """What the tool said. Fails when it failed."""
        self.called.add(name)
        result = await self.session.call_tool(name, given)
        text = "".join(part.text for part in result.content if part.type == "text")
        assert not result.isError, f"{name}: {text}"
        assert not text.startswith(("Error", "Cannot")), f"{name}: {text}"
        return json.loads(text)


def alert(entity: str, kind: str = "CRITICAL") -> None:
    told = {"message_type": kind, "entity_id": entity, "entity_display_name": f"{entity} is down"}
    address = f"{os.environ['URL']}/integrations/generic/20131114/alert/{os.environ['INGEST_KEY']}/db"
    with urlopen(Request(address, json.dumps(told).encode())) as answer:
        assert answer.status == 200


async def people(tool: Tools) -> str:
    """The slug of a team with Vera and Ann in it."""
    assert {user["username"] for user in (await tool("list_users"))["users"][0]} >= {"ann", "bob"}
    made = await tool("create_user", first_name="Vera", last_name="Lund", user_name="vera", email="vera@example.org")
    assert made["username"] == "vera"
    await tool("create_user", first_name="Una", last_name="Lund", user_name="una", email="una@example.org")
    assert (await tool("get_user", user_name="vera"))["email"] == "vera@example.org"
    assert (await tool("delete_user", user_name="una", replacement="vera"))["result"] == "una deleted"
    methods = await tool("get_user_contact_methods", user_name="ann")
    assert [one["label"] for one in methods["emails"]["contactMethods"]] == ["work"]
    devices = (await tool("get_user_devices", user_name="ann"))["contactMethods"]
    assert {"Ann's phone", "Ann's tablet"} <= {device["label"] for device in devices}
    assert (await tool("get_user_policies", user_name="ann"))["username"] == "ann"
    slug: str = (await tool("create_team", name="Search"))["slug"]
    assert (await tool("update_team", team_slug=slug, name="Search and find"))["name"] == "Search and find"
    for name in ("vera", "ann", "bob"):
        await tool("add_team_member", team_slug=slug, user_name=name)
    await tool("remove_team_member", team_slug=slug, user_name="bob")
    members = await tool("get_team_members", team_slug=slug)
    assert {member["username"] for member in members["members"]} == {"vera", "ann"}
    assert (await tool("get_team", team_slug=slug))["memberCount"] == 2
    assert await tool("get_team_admins", team_slug=slug) == {"teamAdmins": []}
    assert slug in {team["slug"] for team in (await tool("get_user_teams", user_name="vera"))["teams"]}
    assert slug in {team["slug"] for team in await tool("list_teams")}
    spare = (await tool("create_team", name="Spare"))["slug"]
    assert (await tool("delete_team", team_slug=spare))["slug"] == spare
    return slug


async def policies(tool: Tools, team: str) -> str:
    """The slug of a policy that pages Vera."""
    steps = [{"timeout": 0, "entries": [{"executionType": "user", "user": {"username": "vera"}}]}]
    slug: str = (await tool("create_policy", name="Search", team_slug=team, steps=steps))["slug"]
    assert (await tool("get_policy", policy_slug=slug))["name"] == "Search"
    listed = [policy["policy"]["slug"] for policy in (await tool("list_policies"))["policies"]]
    assert slug in listed
    own = (await tool("get_team_policies", team_slug=team))["policies"]
    assert slug in {policy["policy"]["slug"] for policy in own}
    targets = [{"policySlug": slug, "type": "escalationPolicy"}]
    assert (await tool("create_routing_key", routing_key="search", targets=targets))["routingKey"] == "search"
    assert "search" in {key["routingKey"] for key in (await tool("list_routing_keys"))["routingKeys"]}
    await tool("delete_routing_key", routing_key="search")
    spare = (await tool("create_policy", name="Spare", team_slug=team, steps=steps))["slug"]
    assert (await tool("delete_policy", policy_slug=spare))["result"] == "success"
    return slug


async def on_call(tool: Tools) -> None:
    teams = (await tool("get_oncall"))["teamsOnCall"]
    database = next(team for team in teams if team["team"]["name"] == "Databases")
    slug = database["team"]["slug"]
    (now,) = database["oncallNow"][0]["users"]
    schedule = await tool("get_team_oncall_schedule", team_slug=slug, days_forward=14)
    assert schedule["schedules"][0]["schedule"][0]["onCallUser"] == {"username": now["onCalluser"]["username"]}
    assert isinstance(await tool("get_user_oncall_schedule", user_name="ann"), list)
    assert (await tool("get_oncall_report", team_slug=slug))["teamSlug"] == slug


async def incidents(tool: Tools, policy: str) -> None:
    for entity in ("search/a", "search/b"):
        alert(entity)
    found = {one["entityId"]: one for one in (await tool("list_incidents"))["incidents"]}
    first, second = found["search/a"]["incidentNumber"], found["search/b"]["incidentNumber"]
    assert (await tool("get_alert", uuid=found["search/a"]["firstAlertUuid"]))["entityId"] == "search/a"
    assert await tool("list_alerts")
    done = await tool("acknowledge_incidents", user_name="ann", incident_numbers=[first], message="mine")
    assert [one["cmdAccepted"] for one in done["results"]] == [True]
    for target in ({"target_user": "vera"}, {"target_policy": policy}):
        rerouted = await tool("reroute_incidents", user_name="ann", incident_numbers=[first, second], **target)
        assert [one["success"] for one in rerouted["statuses"]] == [True, True]
    assert await tool("get_incident_timeline", incident_number=first)
    assert "results" in await tool("acknowledge_all_incidents", user_name="vera")
    done = await tool("resolve_incidents", user_name="ann", incident_numbers=[first])
    assert [one["cmdAccepted"] for one in done["results"]] == [True]
    assert "results" in await tool("resolve_all_incidents", user_name="vera")
    assert await tool("get_incident_history", start="2020-01-01T00:00:00Z", end=END)
    assert await tool("get_org_timeline")
    assert await tool("get_org_info")


async def maintenance(tool: Tools) -> None:
    made = await tool("create_maintenance", routing_keys=["db"], purpose="kernel upgrade", end_date=END)
    (one,) = made["activeInstances"]
    assert one["targets"] == [{"type": "RoutingKeys", "names": ["db"]}]
    id = one["instanceId"]
    assert [each["instanceId"] for each in (await tool("list_maintenance"))["activeInstances"]] == [id]
    assert await tool("get_maintenance", maintenance_id=id)
    assert (await tool("end_maintenance", maintenance_id=id))["activeInstances"] == []


async def everything(tool: Tools) -> None:
    assert await tool("get_access_mode") == {"access_mode": "full-access"}
    team = await people(tool)
    policy = await policies(tool, team)
    await on_call(tool)
    await incidents(tool, policy)
    await maintenance(tool)
    there = {each.name for each in (await tool.session.list_tools()).tools}
    assert there - tool.called == set()
    print(f"{len(there)} tools")


async def reading(tool: Tools) -> None:
    """With a key that only reads."""
    assert await tool("get_access_mode") == {"access_mode": "read-only (detected from API key)"}
    assert await tool("list_users")
    result = await tool.session.call_tool("create_team", {"name": "No"})
    assert "read-only" in result.content[0].text


async def main(key: str, work: Any) -> None:
    keys = {"SPLUNK_ONCALL_API_ID": os.environ["VICTOROPS_API_ID"], "SPLUNK_ONCALL_API_KEY": os.environ[key]}
    started = Path(sys.executable).parent / "mcp-server-splunk-oncall"
    server = StdioServerParameters(command=str(started), env={**os.environ, **keys})
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        await work(Tools(session))


if __name__ == "__main__":
    asyncio.run(main("VICTOROPS_READONLY_KEY", reading))
    asyncio.run(main("VICTOROPS_API_KEY", everything))
