"""Calendars to subscribe to, by team and by person (reference, parts 1.1 and 4.15), and their addresses.

The original hands out the addresses in its portal only; here two calls of our own do.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote

from icalendar import Calendar, Event, vDatetime, vDuration, vText

from watchbill.api.victorops.asked import asked_team, asked_user
from watchbill.api.victorops.lookups import team_named, user_named
from watchbill.api.victorops.policies import owning_team
from watchbill.asgi.dialect import Route, delete, get
from watchbill.asgi.requests import Call, Reply, Request
from watchbill.domain.check_values import LATEST_INSTANT
from watchbill.domain.civil import DAY, utc
from watchbill.domain.errors import NotFound
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User
from watchbill.domain.slugs import drawn_from
from watchbill.usecases import calendars
from watchbill.usecases.access import Right
from watchbill.usecases.calendars import SECRET, Entry, demand_address
from watchbill.usecases.ports import Tx

OF_TEAM = "/api/v1/org/{org}/team/{team}/calendar/{token}"
OF_USER = "/api/v1/org/{org}/user/{user}/calendar/{token}"
ENDING = ".ics"
EVERY = timedelta(hours=1)
MEDIA_TYPE = "text/calendar; charset=utf-8"


# --- The calendar


class Shown(NamedTuple):
    """An entry with its id, which is the same for the same part of a shift whenever the calendar is read."""

    entry: Entry
    uid: str
    summary: str


def shown(org: Organization, entry: Entry) -> Shown:
    return Shown(entry, _uid(entry), summary(org, entry))


def to_ical(name: str, entries: Iterable[Shown], now: int) -> bytes:
    """In UTC, so that no client needs to know our zones. The same all day as long as no shift changes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Watchbill//On-call//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar["x-wr-calname"] = vText(name)
    calendar["x-wr-timezone"] = vText("UTC")
    calendar["x-published-ttl"] = vDuration(EVERY)
    today = vDatetime(utc(now // DAY * DAY))
    for entry in entries:
        calendar.add_component(_event(entry, today))
    written: bytes = calendar.to_ical()
    return written


def _event(given: Shown, today: vDatetime) -> Event:
    entry, event = given.entry, Event()
    event["uid"] = vText(given.uid)
    event["dtstamp"] = today
    event["dtstart"] = vDatetime(utc(entry.start))
    event["dtend"] = vDatetime(utc(min(entry.end, LATEST_INSTANT)))
    event["summary"] = vText(given.summary)
    event["description"] = vText(f"Escalation policy {entry.policy.name}, step {entry.step + 1}")
    event["transp"] = vText("TRANSPARENT")
    return event


def _uid(entry: Entry) -> str:
    parts = (entry.policy.id, entry.step, entry.schedule_id, entry.layer_id, entry.turn, entry.user.id, entry.start)
    return f"{drawn_from('', '/'.join(map(str, parts)), 32)}@watchbill"


def summary(org: Organization, entry: Entry) -> str:
    """ "Ann-Database: DB weekly, all day"; a later step is marked, which clients look for (reference, part 4.15)."""
    policy, schedule = entry.policy, org.schedules.get(entry.schedule_id)
    team = owning_team(org, policy)
    layer = next((one.name for one in schedule.layers if one.id == entry.layer_id), "") if schedule else ""
    what = ", ".join(part for part in (schedule.name, layer) if part) if schedule else policy.name
    later = " (Escalation)" if entry.step else ""
    return f"{entry.user.username}-{team.name if team else org.name}: {what}{later}"


def _reply(org: Organization, owner: User | Team, entries: Sequence[Entry], call: Call) -> Reply:
    wanted = _rotations(call.request)
    listed = [shown(org, entry) for entry in entries if not wanted or _names(org, entry) & wanted]
    told = (owner.name, call.now // DAY, *((one.uid, one.entry.end, one.summary) for one in listed))
    etag = f'"{hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in call.request.headers.get("if-none-match", "").split(",")]
    if etag in known:
        return Reply(304, None, headers)
    return Reply(200, to_ical(f"On-call {owner.name}", listed, call.now), headers, MEDIA_TYPE)


def _rotations(request: Request) -> set[str]:
    """Only these are wanted, by slug or name: `?rotation=` as often as needed, or with commas. All, when none is."""
    given = [part for name, value in request.query if name == "rotation" for part in value.split(",")]
    return {part.strip().lower() for part in given if part.strip()}


def _names(org: Organization, entry: Entry) -> set[str]:
    schedule = org.schedules.get(entry.schedule_id)
    return {schedule.slug.lower(), schedule.name.lower()} if schedule else set()


# --- Calls


def team_feed(tx: Tx, call: Call) -> Reply:
    org = _org(tx, call)
    team = team_named(org, call.params["team"])
    demand_address(tx, org, team, _token(call))
    return _reply(org, team, calendars.of_team(org, team, call.now), call)


def user_feed(tx: Tx, call: Call) -> Reply:
    org = _org(tx, call)
    user = user_named(org, call.params["user"])
    demand_address(tx, org, user, _token(call))
    return _reply(org, user, calendars.of_user(org, user, call.now), call)


def _org(tx: Tx, call: Call) -> Organization:
    return tx.organization_by_slug(call.params["org"])


def _token(call: Call) -> str:
    token = call.params["token"]
    if not token.endswith(ENDING):
        raise NotFound("there is no such calendar")
    return token.removesuffix(ENDING)


def team_address(tx: Tx, call: Call) -> Reply:
    return _address(tx, call, *asked_team(tx, call))


def user_address(tx: Tx, call: Call) -> Reply:
    return _address(tx, call, *asked_user(tx, call))


def new_team_address(tx: Tx, call: Call) -> Reply:
    """The address that was handed out opens nothing any more; another takes its place."""
    org, team = asked_team(tx, call, Right.TEAM)
    return _address(tx, call, org, calendars.withdraw(tx, org, team, call.caller.actor.name, call.now))


def new_user_address(tx: Tx, call: Call) -> Reply:
    org, user = asked_user(tx, call, Right.PERSON)
    return _address(tx, call, org, calendars.withdraw(tx, org, user, call.caller.actor.name, call.now))


def _address(tx: Tx, call: Call, org: Organization, owner: User | Team) -> Reply:
    secret = tx.server_secret(SECRET, lambda: bytes.fromhex(call.request.token(32)))
    token = calendars.address(org, owner, secret)
    path = ("user", owner.username) if isinstance(owner, User) else ("team", owner.slug)
    parts = "/".join(quote(part, safe="@") for part in (org.slug, *path, "calendar", token + ENDING))
    return Reply(body={"url": f"{call.request.url}/api/v1/org/{parts}"})


TEAM_ADDRESS = "/api-public/v1/team/{team}/oncall/calendar"
USER_ADDRESS = "/api-public/v1/user/{user}/oncall/calendar"
ROUTES: Sequence[Route] = (
    get(OF_TEAM, team_feed, open=True),
    get(OF_USER, user_feed, open=True),
    get(TEAM_ADDRESS, team_address, writes=True),
    get(USER_ADDRESS, user_address, writes=True),
    delete(TEAM_ADDRESS, new_team_address),
    delete(USER_ADDRESS, new_user_address),
)
