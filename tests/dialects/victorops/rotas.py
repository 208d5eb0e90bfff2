"""A team with people and a rotation, as clients would make them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.dialects.speaking import Speaker

V1 = "/api-public/v1"
V2 = "/api-public/v2"
DAYS = ("su", "m", "t", "w", "th", "f", "sa")


def team(api: Speaker, name: str, *people: str) -> str:
    """Its slug. Whoever is not there yet is made."""
    slug: str = api.post(f"{V1}/team", {"name": name}).expect(200)["slug"]
    for one in people:
        if api.get(f"{V1}/user/{one}").status == 404:
            names = {"firstName": one.title(), "lastName": "Example", "username": one, "email": f"{one}@example.org"}
            api.post(f"{V1}/user", names).expect(200)
        api.post(f"{V1}/team/{slug}/members", {"username": one}).expect(200)
    return slug


def mask(days: str | Sequence[str] = DAYS, start: str = "0:00", end: str = "0:00") -> Mapping[str, Any]:
    """Days in a text are parted by spaces."""
    chosen = days.split() if isinstance(days, str) else days
    return {"day": {day: day in chosen for day in DAYS}, "time": [{"start": clock(start), "end": clock(end)}]}


def clock(text: str) -> Mapping[str, int]:
    hour, minute = text.split(":")
    return {"hour": int(hour), "minute": int(minute)}


def shift(*usernames: str, **more: Any) -> dict[str, Any]:
    """Around the clock, handed over each Monday at 9:00 in Denver, unless told otherwise."""
    return {
        "label": "all day",
        "timezone": "America/Denver",
        "start": "2026-06-01T15:00:00Z",
        "duration": 7,
        "shifttype": "std",
        "mask": mask(),
        "usernames": list(usernames),
    } | more


def rotation(api: Speaker, team: str, label: str, *shifts: Mapping[str, Any]) -> Any:
    return api.post(f"{V1}/teams/{team}/rotations", {"label": label, "shifts": shifts}).expect(200)


def policy(api: Speaker, team: str, name: str, *steps: tuple[int, Sequence[Mapping[str, Any]]]) -> str:
    """Its slug; each step is a timeout and entries."""
    body = {
        "name": name,
        "teamSlug": team,
        "steps": [{"timeout": timeout, "entries": entries} for timeout, entries in steps],
    }
    slug: str = api.post(f"{V1}/policies", body).expect(200)["slug"]
    return slug


def on_duty(slug: str, kind: str = "rotation_group") -> Mapping[str, Any]:
    return {"executionType": kind, "rotationGroup": {"slug": slug}}


def by_name(username: str) -> Mapping[str, Any]:
    return {"executionType": "user", "user": {"username": username}}
