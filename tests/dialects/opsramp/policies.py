"""Escalation policies in few words: the bodies that clients send, and an organization with somebody to write to."""

from dataclasses import replace
from typing import Any

from tests.dialects.opsramp.ramp import Ramp
from tests.stories.town import paged_by, person, ring
from tests.stories.world import World
from watchbill.domain.organization import Change
from watchbill.domain.people import Member, Team, User
from watchbill.domain.rota import Schedule

UNTIL_TICKETED = "AUTOMATIC_UNTIL_ACKNOWLEDGED_CLOSED_SUPPRESSED_TICKETED"
UNTIL_SUPPRESSED = "AUTOMATIC_UNTIL_ACKNOWLEDGED_CLOSED_SUPPRESSED"
Body = dict[str, Any]


def message(*recipients: Body, wait: int = 0, **more: Any) -> Body:
    return {"waitMins": wait, "action": "NOTIFICATION", "repeatFrequency": 15, "recipients": list(recipients), **more}


def incident(wait: int = 0, update: Body | None = None, **fields: Any) -> Body:
    return {"waitMins": wait, "action": "INCIDENT", "incident": fields, "updateIncident": update or {"none": True}}


def policy(*steps: Body, name: str = "Disks", **more: Any) -> Body:
    return {"name": name, "escalationType": UNTIL_TICKETED, "escalations": list(steps), **more}


def rule(key: str, operator: str, value: Any) -> Body:
    return {"key": key, "operator": operator, "value": value}


def criteria(*rules: Body, matching: str = "ALL") -> Body:
    return {"matchingType": matching, "rules": list(rules)}


def user(number: int) -> Body:
    return {"id": f"USR{number:010}", "type": "USER"}


def group(name: str) -> Body:
    return {"id": f"USRGRP-{name}", "type": "USERGROUP"}


def roster(name: str) -> Body:
    return {"id": f"ES-{name}", "type": "ROSTER"}


def settle(world: World, *entities: Any, org: int | None = None) -> None:
    """People, groups and rosters as they are, in the world's present organization."""
    kinds = {User: "user", Team: "team", Schedule: "schedule"}
    changes = [Change(kinds[type(one)], one.id, one) for one in entities]
    world.write(lambda tx: tx.change(org or world.org, changes, "story", world.now))


def staff(world: World, *names: str, start: int = 1) -> None:
    """People with a pocket each; the number of the first is `start`. Their mails are found on it too."""
    for number, name in enumerate(names, start):
        primary = paged_by("primary", ring("pocket"))
        own = person(name, policies=[replace(primary, id=f"{name}-primary")], email=f"{name}@example.org")
        settle(world, replace(own, number=number))


def team(world: World, name: str, *members: str, email: str = "") -> None:
    settings = {"opsramp": {"email": email}} if email else {}
    settle(world, Team(name, 1, name, name.title(), members=tuple(Member(one) for one in members), settings=settings))


def post(client: Ramp, body: Body) -> Body:
    """The policy as it is answered."""
    told: Body = client.post("escalations", body).expect(200)
    return told


def alert(client: Ramp, subject: str = "disk full", state: str = "Critical", **more: Any) -> None:
    body = {"subject": subject, "currentState": state, "serviceName": "system.disk", "device": {"hostName": "db01"}}
    client.post("alert", body | more).expect(200)
