"""What tests of On-Call have in common: a speaker, people and teams with real ids, bodies in few words."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.dialects.datadog.asking import speaker
from tests.dialects.speaking import Speaker
from tests.stories.town import paged_by, person, ring
from tests.stories.world import World
from watchbill.domain.people import Member, Team
from watchbill.domain.record import replace
from watchbill.usecases.alerts import Receipt

ON_CALL = "/api/v2/on-call"
SCHEDULES = f"{ON_CALL}/schedules"
POLICIES = f"{ON_CALL}/escalation-policies"
PAGES = f"{ON_CALL}/pages"
NOWHERE = "65aea9d0-941c-4607-bf8a-14fc0dac2820"
"""The team that the client's own fixtures link, which no server has."""
BEGIN = "2026-06-01T00:00:00Z"


def uuid(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


ANN, BOB, CYD = uuid(1), uuid(2), uuid(3)
WEB, DB = uuid(11), uuid(12)
NAMES = {ANN: "ann", BOB: "bob", CYD: "cyd"}


def staffed(world: World) -> Speaker:
    """Ann, Bob and Cyd, each paged once on their pocket; the team web has Ann and Bob, db has nobody."""
    for id, name in NAMES.items():
        policy = paged_by(f"{name}-paging", ring("pocket"))
        made = person(id, policies=(policy,), email=f"{name}@example.org", first_name=name.title())
        world.has(replace(made, username=name, number=int(id[-12:])))
    world.has(Team(WEB, 1, "web", "Web", members=(Member(ANN), Member(BOB))), Team(DB, 2, "db", "Database"))
    return speaker(world)


# --- Bodies


def document(type: str, attributes: Mapping[str, Any], teams: Sequence[str] | None = None, **more: Any) -> Any:
    data: dict[str, Any] = {"type": type, "attributes": attributes, **more}
    if teams is not None:
        data["relationships"] = {"teams": {"data": [{"id": id, "type": "teams"} for id in teams]}}
    return {"data": data}


def layer(*members: str | None, name: str = "Layer 1", days: int = 1, **more: Any) -> dict[str, Any]:
    """From the world's beginning on; None is a turn of nobody."""
    return {
        "name": name,
        "effective_date": BEGIN,
        "rotation_start": BEGIN,
        "interval": {"days": days},
        "members": [{"user": {"id": id}} if id else {} for id in members],
        **more,
    }


def schedule(*layers: Mapping[str, Any], name: str = "Primary", zone: str = "UTC", **more: Any) -> Any:
    return document("schedules", {"name": name, "time_zone": zone, "layers": list(layers)}, **more)


def target(id: str, type: str = "users", position: str | None = None) -> dict[str, Any]:
    config = {"config": {"schedule": {"position": position}}} if position else {}
    return {"id": id, "type": type, **config}


def step(*targets: Any, after: int = 300, **more: Any) -> dict[str, Any]:
    """A text is the id of a user."""
    named = [target(one) if isinstance(one, str) else one for one in targets]
    return {"escalate_after_seconds": after, "targets": named, **more}


def policy(*steps: Mapping[str, Any], name: str = "P", teams: Sequence[str] | None = None, **attributes: Any) -> Any:
    return document("policies", {"name": name, "steps": list(steps), **attributes}, teams)


def weekly(start_day: str, start: str, end_day: str, end: str) -> dict[str, str]:
    return {"start_day": start_day, "start_time": start, "end_day": end_day, "end_time": end}


def made(api: Speaker, path: str, body: Any) -> str:
    """Creates it; its id."""
    id: str = api.post(path, body).expect(201)["data"]["id"]
    return id


def found(answer: Any, type: str) -> list[Any]:
    """What is included, of that type."""
    return [one for one in answer["included"] if one["type"] == type]


def details(answer: Any) -> list[str]:
    return [one["detail"] for one in answer["errors"]]


def rules(team: str, *each: Mapping[str, Any]) -> Any:
    """The whole set of a team; a rule without a query matches all."""
    return {
        "data": {
            "id": team,
            "type": "team_routing_rules",
            "attributes": {"rules": [{"query": "", **one} for one in each]},
        }
    }


def page(title: str, urgency: str = "high", description: str = "", tags: Sequence[str] = (), **target: str) -> Any:
    """`target`: one of team_id, team_handle, user_id."""
    [(type, identifier)] = target.items()
    attributes: dict[str, Any] = {
        "title": title,
        "urgency": urgency,
        "target": {"type": type, "identifier": identifier},
    }
    if description:
        attributes["description"] = description
    if tags:
        attributes["tags"] = list(tags)
    return document("pages", attributes)


# --- Stories


class Story:
    """A team web that is paged by policies, in few words. What it is asked for goes through the API."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.api = staffed(world)

    def policy(self, *steps: Mapping[str, Any], **attributes: Any) -> str:
        return made(self.api, POLICIES, policy(*steps, **attributes))

    def schedule(self, *layers: Mapping[str, Any], **more: Any) -> str:
        return made(self.api, SCHEDULES, schedule(*layers, **more))

    def rules(self, *each: Mapping[str, Any], team: str = WEB) -> None:
        self.api.put(f"{ON_CALL}/teams/{team}/routing-rules", rules(team, *each)).expect(200)

    def steps(self, *steps: Mapping[str, Any], **attributes: Any) -> str:
        """The team is paged by a policy with these steps."""
        id = self.policy(*steps, **attributes)
        self.rules({"policy_id": id, "urgency": "dynamic"})
        return id

    def pages(self, title: str, **more: Any) -> str:
        """A page to the team web, unless a target is named; its id."""
        if not {"team_id", "team_handle", "user_id"} & set(more):
            more["team_id"] = WEB
        id: str = self.api.post(PAGES, page(title, **more)).expect(200)["data"]["id"]
        number = self.world.write(lambda tx: tx.incident_by_id(self.world.org, id).number)
        self.world.remembers([Receipt("", title, number)])
        return id

    def does(self, action: str, id: str) -> None:
        self.api.post(f"{PAGES}/{id}/{action}").expect(202)

    def phase(self, title: str) -> str:
        return self.world.incident(title).phase.value
