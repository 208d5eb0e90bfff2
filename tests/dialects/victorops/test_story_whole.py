"""Two weeks of an organization that is built, paged and reported on through this API alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.dialects.speaking import URL, Speaker
from tests.dialects.victorops.rotas import V1, V2, by_name, on_duty, policy, rotation, shift
from tests.dialects.victorops.senders import Senders
from tests.stories.phones import Phone
from tests.stories.world import World
from watchbill.domain.civil import DAY, HOUR, MINUTE

REPORTS = "/api-reporting"
WORDS = {"triggered", "acknowledged", "resolved"}


class Company:
    """Mira and Tomas take turns for the databases, handed over on Mondays at 7:00 UTC, and Ana helps; Dora has the
    web and all else. The story begins on Monday, 1 June 2026, at 0:00 UTC: Tomas is on call still."""

    def __init__(self, world: World, api: Speaker) -> None:
        self.world, self.api, self.senders = world, api, Senders(world)
        people = [self._person(name) for name in ("mira", "tomas", "ana", "dora")]
        self.said(api.post(f"{V1}/user/batch", people))
        self.teams = {name: self.said(api.post(f"{V1}/team", {"name": name}))["slug"] for name in ("Database", "Web")}
        for team, names in (("Database", ("mira", "tomas", "ana")), ("Web", ("dora", "ana"))):
            for name in names:
                self.said(api.post(f"{V1}/team/{self.teams[team]}/members", {"username": name}))
        weeks = shift("tomas", "mira", timezone="Europe/Prague", start="2026-05-25T07:00:00Z")
        weekly = rotation(api, self.teams["Database"], "DB weekly", weeks)["slug"]
        self.db = policy(api, self.teams["Database"], "DB", (0, [on_duty(weekly)]), (10, [by_name("ana")]))
        self.web = policy(api, self.teams["Web"], "Web", (0, [by_name("dora")]))
        for key, slug in (("database", self.db), (".+", self.web)):
            self.said(api.post(f"{V1}/org/routing-keys", {"routingKey": key, "targets": [slug]}))
        for name in ("mira", "tomas", "ana", "dora"):
            self.phone(name).ignores_the_rest()

    def _person(self, name: str) -> Mapping[str, str]:
        return {"firstName": name.title(), "lastName": "Doe", "username": name, "email": f"{name}@example.org"}

    def said(self, answer: Any) -> Any:
        told = answer.expect(200)
        assert not [one for one in told if isinstance(one, dict) and one.get("errors")]
        return told

    def phone(self, name: str) -> Phone:
        return self.world.phone(self.world.organization.users_by_name[name].id)

    def until(self, day: int, hour: int, minute: int = 0) -> int:
        """Time passes until then, in June; how long the story has gone on for."""
        moment = (day - 1) * DAY + hour * HOUR + minute * MINUTE
        self.world.pass_(moment - self.world.elapsed)
        return moment

    def on_call(self) -> Mapping[str, Sequence[str]]:
        """By the names of policies."""
        teams = self.api.get(f"{V1}/oncall/current").expect(200)["teamsOnCall"]
        policies = [one for team in teams for one in team["oncallNow"]]
        return {
            one["escalationPolicy"]["name"]: [user["onCalluser"]["username"] for user in one["users"]]
            for one in policies
        }

    def does(self, verb: str, who: str, *numbers: int) -> Sequence[bool]:
        body = {"userName": who, "incidentNames": [str(number) for number in numbers]}
        results = self.said(self.api.patch(f"{V1}/incidents/{verb}", body))["results"]
        return [one["cmdAccepted"] for one in results]

    def reroutes(self, who: str, number: int, *targets: tuple[str, str], add: bool = False) -> None:
        named = [{"type": kind, "slug": slug} for kind, slug in targets]
        reroute = {"incidentNumber": str(number), "targets": named, "addTargets": add}
        [status] = self.said(self.api.post(f"{V1}/incidents/reroute", {"userName": who, "reroutes": [reroute]}))[
            "statuses"
        ]
        assert status["success"], status

    def phase(self, number: int) -> str:
        phase: str = self.api.get(f"{V1}/incidents/{number}").expect(200)["currentPhase"]
        return phase


@pytest.fixture
def company(world: World, api: Speaker) -> Company:
    return Company(world, api)


def test_two_weeks(world: World, api: Speaker, company: Company) -> None:
    assert company.on_call() == {"DB": ["tomas"], "Web": ["dora"]}
    an_alert_by_rest_escalates_until_somebody_answers(world, company)
    somebody_takes_on_call_and_is_paged_for_a_mail(world, company)
    an_override_begins_and_its_incident_is_rerouted_to_several(world, company)
    company.until(15, 0)
    the_reports_add_up(company)
    the_hours_add_up(company)
    the_calendar_says_the_same(company)
    world.stays_quiet(DAY)


def an_alert_by_rest_escalates_until_somebody_answers(world: World, company: Company) -> None:
    at = company.until(1, 8)
    assert company.on_call()["DB"] == ["mira"]
    company.senders.alerts("Database", "db/eu-3/disk", host_name="eu-3", state_message="97% of /var used")
    company.phone("mira").expects("db/eu-3/disk", at=at, by="email")
    world.pass_(5 * MINUTE)
    company.phone("mira").expects("db/eu-3/disk", at=at + 5 * MINUTE)
    world.pass_(5 * MINUTE)
    company.phone("ana").expects("db/eu-3/disk", at=at + 10 * MINUTE)
    company.phone("mira").expects("db/eu-3/disk", at=at + 10 * MINUTE)
    assert company.does("ack", "ana", 1, 77) == [True, False]
    world.stays_quiet(50 * MINUTE)
    company.senders.alerts("database", "db/eu-3/disk", "RECOVERY")
    assert company.phase(1) == "RESOLVED"


def somebody_takes_on_call_and_is_paged_for_a_mail(world: World, company: Company) -> None:
    at = company.until(2, 10)
    hands = {"fromUser": "mira", "toUser": "tomas"}
    company.said(company.api.patch(f"{V1}/policies/{company.db}/oncall/user", hands))
    assert company.on_call()["DB"] == ["tomas"]
    assert company.senders.mails("database", "PROBLEM: backup of eu-3", "it did not run") == "250 accepted"
    company.phone("tomas").expects("backup of eu-3", at=at, by="email")
    world.pass_(3 * MINUTE)
    assert company.does("ack", "tomas", 2) == [True]
    world.pass_(27 * MINUTE)
    assert company.senders.mails("database", "Re: RECOVERED backup of eu-3") == "250 accepted"
    assert company.phase(2) == "RESOLVED"


def an_override_begins_and_its_incident_is_rerouted_to_several(world: World, company: Company) -> None:
    """Ana stands in for Tomas from the 10th to the 12th; she hands on to Dora, who asks Tomas and Mira besides."""
    company.until(8, 12)
    away = {"username": "tomas", "timezone": "UTC", "start": "2026-06-10T00:00:00Z", "end": "2026-06-12T00:00:00Z"}
    override = company.said(company.api.post(f"{V1}/overrides", away))["override"]
    assert [one["policy"] for one in override["assignments"]] == [company.db]
    path = f"{V1}/overrides/{override['publicId']}/assignments/{company.db}"
    assert company.said(company.api.put(path, {"policy": company.db, "username": "ana"}))["user"] == "ana"
    assert company.on_call()["DB"] == ["tomas"]
    at = company.until(10, 1)
    assert company.on_call()["DB"] == ["ana"]
    company.senders.alerts("database", "db/replication")
    company.phone("ana").expects("db/replication", at=at)
    company.reroutes("ana", 3, ("EscalationPolicy", company.web))
    company.phone("dora").expects("db/replication", at=at)
    company.reroutes("dora", 3, ("User", "tomas"), ("User", "mira"), add=True)
    for name in ("tomas", "mira"):
        company.phone(name).expects("db/replication", at=at)
    world.pass_(2 * MINUTE)
    for name, phase in (("tomas", "UNACKED"), ("dora", "UNACKED"), ("mira", "ACKED")):
        assert company.does("ack", name, 3) == [True]
        assert company.phase(3) == phase
    world.stays_quiet(58 * MINUTE)
    assert company.does("resolve", "dora", 3) == [True]


def the_reports_add_up(company: Company) -> None:
    told = company.said(company.api.get(f"{REPORTS}/v2/incidents", startedAfter="2026-06-01", limit=100))
    assert (told["total"], [one["incidentNumber"] for one in told["incidents"]]) == (3, ["3", "2", "1"])
    spans = [minutes(one) for one in reversed(told["incidents"])]
    assert spans == [(10, 60), (3, 30), (2, 60)]
    assert [one["entityState"] for one in reversed(told["incidents"])] == ["recovery", "recovery", "critical"]
    [before] = company.said(company.api.get(f"{REPORTS}/v1/incidents"))
    assert [one["ackUserId"] for one in before["incidents"]] == ["mira", "tomas", "ana"]
    assert {one["incidentNumber"] for one in of_host(company, "eu-3")} == {"1"}


def minutes(incident: Any) -> tuple[int, int]:
    """To the first acknowledgement, and to the resolution."""
    at = {one["name"]: datetime.fromisoformat(one["at"]) for one in reversed(incident["transitions"])}
    assert set(at) == WORDS
    assert at["triggered"] == datetime.fromisoformat(incident["startTime"])
    acknowledged, resolved = (at[word] - at["triggered"] for word in ("acknowledged", "resolved"))
    return acknowledged // timedelta(minutes=1), resolved // timedelta(minutes=1)


def of_host(company: Company, host: str) -> Sequence[Any]:
    found: Sequence[Any] = company.said(company.api.get(f"{REPORTS}/v2/incidents", host=host))["incidents"]
    return found


def the_hours_add_up(company: Company) -> None:
    path = f"{REPORTS}/v1/team/{company.teams['Database']}/oncall/log"
    told = company.said(company.api.get(path, start="2026-06-01T00:00:00Z", end="2026-06-15T00:00:00Z"))
    hours = {one["userId"]: one["total"] for one in told["userLogs"]}
    # Tomas: 7 of his week before, 141 that he took from Mira, 41 until the override and 72 after it.
    expected = {"ana": 48, "mira": 27, "tomas": 7 + 141 + 41 + 72}
    assert hours == {name: {"hours": count, "minutes": 0} for name, count in expected.items()}
    assert sum(expected.values()) == 14 * 24
    assert all(one["adjustedTotal"] == one["total"] for one in told["userLogs"])


def the_calendar_says_the_same(company: Company) -> None:
    url = company.said(company.api.get(f"{V1}/user/ana/oncall/calendar"))["url"]
    feed = company.api.get(url.removeprefix(URL))
    lines = feed.body.decode().split("\r\n")
    assert "DTSTART:20260610T000000Z" in lines
    assert "DTEND:20260612T000000Z" in lines
    schedules = company.said(company.api.get(f"{V2}/team/{company.teams['Database']}/oncall/schedule"))["schedules"]
    assert schedules[0]["schedule"][0]["onCallUser"] == {"username": "tomas"}
