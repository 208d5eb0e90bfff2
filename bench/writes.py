"""What a change of the configuration costs a large organization: over HTTP, in processor time of the server. On SQLite
the alerts wait meanwhile."""

import asyncio
import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.example import BEGAN, escalation, policy, schedule, user
from bench.figures import Part, Row, at_most, middle, milliseconds
from bench.systems import Process, folder, watchbill
from watchbill.domain.organization import Change
from watchbill.domain.people import ContactMethod, Member, Team
from watchbill.store.database import open_database
from watchbill.usecases import directory
from watchbill.usecases.keys import Fresh, Keys, found
from watchbill.usecases.ports import Tx

PEOPLE, SCHEDULES, POLICIES, IN_TEAM = 1_000, 300, 500, 10
WRITES, BATCHES, IN_BATCH = 40, 4, 50


def measure() -> Part:
    with folder() as where:
        url = f"sqlite:///{where}/writes.db"
        database = open_database(url)
        keys = asyncio.run(database.write(_make))
        database.close()
        with watchbill(url, where) as server:
            rows = list(_rows(server, keys))
    size = f"{PEOPLE:,} people with two contacts each, {POLICIES} policies, {SCHEDULES} schedules"
    notes = [f"In an organization of {size}, over the API of VictorOps; the wall clock has the commit in it."]
    return Part("writes", "Changes of the configuration", rows, notes)


def _rows(server: Process, keys: Keys) -> Iterator[Row]:
    headers = {"X-VO-Api-Id": keys.victorops_id, "X-VO-Api-Key": keys.victorops_key, "Content-Type": "application/json"}

    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(method: str, path: str, body: object) -> None:
        connection.request(method, f"/api-public/v1/{path}", json.dumps(body), headers)
        with connection.getresponse() as answer:
            told = answer.read()
            assert answer.status == 200, told

    ask("PUT", "user/person-1", {"firstName": "Warm"})
    time.sleep(1)
    jobs: tuple[tuple[str, int, float | None, Callable[[int], None]], ...] = (
        ("one person changed", WRITES, 0.003, lambda n: ask("PUT", f"user/person-{n}", {"lastName": f"Changed {n}"})),
        ("one person added, and told so", WRITES, None, lambda n: ask("POST", "user", _person(n))),
        ("one person removed", WRITES, None, lambda n: ask("DELETE", f"user/added-{n}", {"replacement": "person-1"})),
        (f"{IN_BATCH} people in a batch", BATCHES, 0.1, lambda n: ask("POST", "user/batch", _batch(n))),
    )
    for what, times, bar, job in jobs:
        cpu, wall = _taken(server.pid, times, job)
        shown = f"{milliseconds(cpu)} ({milliseconds(wall)} by the clock)"
        yield Row(
            what,
            shown,
            milliseconds(bar) if bar else "",
            at_most(cpu, bar) if bar else None,
            {"cpu": cpu, "wall": wall},
        )


def _taken(pid: int, times: int, job: Callable[[int], None]) -> tuple[float, float]:
    """Processor time of one, on average; and its time by the clock, in the middle."""
    before, walls = _cpu(pid), []
    for number in range(1, times + 1):
        began = time.perf_counter()
        job(number)
        walls.append(time.perf_counter() - began)
    return (_cpu(pid) - before) / times, middle(walls)


def _cpu(pid: int) -> float:
    """Seconds that the threads of a process have run."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _person(number: int) -> dict[str, object]:
    name = f"added-{number}"
    return {"username": name, "firstName": "Added", "lastName": str(number), "email": f"{name}@example.net"}


def _batch(number: int) -> Sequence[dict[str, object]]:
    return [_person(1_000 * number + place) for place in range(IN_BATCH)]


def _make(tx: Tx) -> Keys:
    keys = found(tx, "Bench", "bench", Fresh(secrets.token_hex, lambda _: "none"), BEGAN)
    changes: list[Change] = []
    for number in range(1, PEOPLE + 1):
        id = f"person-{number}"
        mail = ContactMethod(f"{id}-mail", 2 * number, "email", f"{id}@example.net", verified=True)
        hook = ContactMethod(f"{id}-hook", 2 * number + 1, "webhook", f"https://{id}.example.net/page", verified=True)
        changes.append(Change("user", id, user(id, number, (mail, hook))))
    for number in range(PEOPLE // IN_TEAM):
        ids = [f"person-{number * IN_TEAM + place + 1}" for place in range(IN_TEAM)]
        team = Team(f"team-{number}", number + 1, f"team-{number}", f"Team {number}", members=tuple(map(Member, ids)))
        changes.append(Change("team", team.id, team))
    for number in range(SCHEDULES):
        first = number * 3
        ids = [f"person-{(first + place) % PEOPLE + 1}" for place in range(6)]
        changes.append(Change("schedule", f"schedule-{number}", schedule(number, ids)))
    for number in range(POLICIES):
        steps = escalation(number, number % SCHEDULES, f"person-{number + 1}")
        changes += policy(f"policy-{number}", number + 1, f"key-{number}", steps)
    directory.apply(tx, keys.org, changes, "bench", BEGAN)
    return keys
