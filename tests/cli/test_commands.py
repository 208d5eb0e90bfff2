"""apply, export, who and doctor, as a person at a terminal meets them."""

import asyncio
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import resources

import pytest
from rich.console import Console

from watchbill.api.datadog.auth import authenticate as datadog
from watchbill.api.victorops.auth import authenticate as victorops
from watchbill.asgi.requests import Request
from watchbill.cli.answer import Answer
from watchbill.cli.apply import File
from watchbill.cli.apply import run as apply
from watchbill.cli.doctor import run as doctor
from watchbill.cli.export import run as export
from watchbill.cli.key import datadog as datadog_keys
from watchbill.cli.key import opsramp as opsramp_key
from watchbill.cli.key import run as key
from watchbill.cli.key import victorops as victorops_keys
from watchbill.cli.session import Session
from watchbill.cli.who import run as who
from watchbill.cli.who import run_range as who_range
from watchbill.domain.civil import DAY, instant
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Organization
from watchbill.store.database import open_database
from watchbill.usecases.access import Caller
from watchbill.usecases.keys import digest, integration_of
from watchbill.usecases.ports import Tx
from watchbill.wiring.clock import Clock

EXAMPLE = resources.files("watchbill.cli").joinpath("example.yaml").read_bytes()
NOW = instant(datetime(2026, 11, 23, 8, 30, tzinfo=UTC))


class Stopped(Clock):
    def __call__(self) -> int:
        return NOW


@pytest.fixture
def opened() -> Iterator[Session]:
    database = open_database("sqlite:///:memory:")
    session = Session(database, "sqlite:///:memory:", False, Stopped())
    asyncio.run(database.write(_made))
    yield session
    database.close()


def _made(tx: Tx) -> int:
    return tx.create_organization("org", "Organization", None, NOW).number


def organization(opened: Session) -> Organization:
    return opened.organization("org")


def applied(opened: Session, text: bytes | str, prune: bool = False, dry_run: bool = False) -> Answer:
    given = text.encode() if isinstance(text, str) else text
    return apply(opened, 1, File("org.yaml", given, "ann", prune, dry_run))


def on_screen(answer: Answer) -> str:
    if isinstance(answer.shown, str):
        return answer.shown + "\n"
    console = Console(file=io.StringIO(), width=200)
    console.print(answer.shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_file_is_applied_and_applying_it_again_changes_nothing(opened: Session) -> None:
    first = applied(opened, EXAMPLE)
    assert first.code == 0
    assert "add user ana" in on_screen(first)
    assert "changes made.\n" in on_screen(first)
    before = organization(opened)

    again = applied(opened, EXAMPLE, prune=True)

    assert (again.code, on_screen(again)) == (0, "Nothing to change.\n")
    assert organization(opened) == before


def test_a_dry_run_tells_and_changes_nothing(opened: Session) -> None:
    before = organization(opened)
    answer = applied(opened, EXAMPLE, dry_run=True)
    assert "add policy platform" in on_screen(answer)
    assert "not made (dry run)" in on_screen(answer)
    assert organization(opened) == before


def test_what_can_not_be_read_is_refused_with_its_lines(opened: Session) -> None:
    answer = applied(opened, "watchbill: 1\npeople: {ann: {zne: UTC}}\n")
    assert answer.code == 1
    assert answer.data == {
        "applied": False,
        "changes": [],
        "keys": {},
        "errors": [
            {
                "file": "org.yaml",
                "line": 2,
                "path": "people.ann.zne",
                "message": "A person has no field 'zne'. Did you mean 'zone'?",
            }
        ],
    }


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_would_be_unsound_is_refused_at_the_line_of_its_cause(opened: Session, dry_run: bool) -> None:
    text = """\
watchbill: 1
people:
  ann:
    zone: Europe/Pari
    contacts:
      - {phone: "0612", label: mobile}
schedules:
  primary:
    zone: UTC
    layers:
      - name: Week
        start: 2026-01-05T09:00
        interval: 30m
        turns:
          - [ann, ann]
settings:
  bundle_after: 0
"""
    answer = applied(opened, text, dry_run=dry_run)
    assert answer.code == 1
    assert on_screen(answer).splitlines() == [
        "org.yaml:4: people.ann.zone: 'Europe/Pari' is not a time zone. Use a name of the IANA database, such as "
        "'Europe/Paris'.",
        "org.yaml:6: people.ann.contacts[0].phone: '0612' is not a phone number. Write it with its country code, such "
        "as '+33612345678'.",
        "org.yaml:13: schedules.primary.layers[0].interval: The interval is shorter than one hour. Use at least one "
        "hour.",
        "org.yaml:15: schedules.primary.layers[0].turns[0]: The same person is named twice. Name each person once.",
        "org.yaml:17: settings.bundle_after: 0 is out of range. Use 1 to 1000000.",
        "5 to correct; nothing was changed.",
    ]
    assert organization(opened).users == {}


def test_what_the_file_does_not_speak_of_is_named_too(opened: Session) -> None:
    applied(opened, EXAMPLE)
    answer = applied(opened, "watchbill: 1\nschedules: {}\n", prune=True)
    assert answer.code == 1
    assert on_screen(answer).splitlines()[0] == (
        "org.yaml: policy platform (not in this file): steps[0].targets[0].id: "
        "The schedule platform-sun would be removed, but is named here. Keep it, or name another."
    )
    tried = applied(opened, "watchbill: 1\nschedules: {}\n", prune=True, dry_run=True)
    assert on_screen(tried) == on_screen(answer)


def test_an_export_is_taken_back(opened: Session) -> None:
    applied(opened, EXAMPLE)
    exported = export(opened, 1)
    assert isinstance(exported.shown, str)
    assert exported.shown.startswith("watchbill: 1\npeople:\n  ana:\n")
    assert on_screen(applied(opened, exported.shown, prune=True)) == "Nothing to change.\n"
    assert isinstance(exported.data, dict)
    assert list(exported.data["people"]) == ["ana", "hemi", "lea", "omar", "june"]


def test_who_is_on_call_now(opened: Session) -> None:
    applied(opened, EXAMPLE)
    answer = who(opened, 1, NOW, "UTC")
    assert answer.code == 0
    shown = on_screen(answer)
    assert "Platform on call" in shown
    assert "lea at Tue 24 Nov 08:00" in shown
    assert isinstance(answer.data, list)
    assert [(row["slug"], row["people"], row["end"]) for row in answer.data if row["kind"] == "schedule"] == [
        ("platform-sun", ("lea",), "2026-11-23T14:00:00+00:00"),
        ("web-week", ("omar",), "2026-11-24T08:00:00+00:00"),
    ]
    assert on_screen(who(opened, 1, NOW, "Pacific/Auckland")).count("Mon 23 Nov 21:30") == 2


def test_who_is_on_call_over_a_range(opened: Session) -> None:
    applied(opened, EXAMPLE)
    answer = who_range(opened, 1, (NOW, NOW + 2 * DAY), "UTC")
    assert isinstance(answer.data, list)
    assert [row["people"] for row in answer.data if row["slug"] == "web-week"] == [("omar",), ("lea",), ("omar",)]
    assert "Wed 25 Nov 08:00" in on_screen(answer)


def test_without_anything_who_says_so(opened: Session) -> None:
    assert on_screen(who(opened, 1, NOW, "UTC")) == "There are no escalation policies and no schedules.\n"


SERVED = ("email", "webhook", "pocket")


def test_the_example_is_in_good_health(opened: Session) -> None:
    applied(opened, EXAMPLE)
    answer = doctor(opened, 1, SERVED)
    assert answer.data == []
    assert answer.code == 0
    assert on_screen(answer).startswith("Nothing found")


def test_a_doctor_who_finds_something_ends_with_one(opened: Session) -> None:
    answer = doctor(opened, 1, SERVED)
    assert answer.code == 1
    assert "There is no default route" in on_screen(answer)
    assert isinstance(answer.data, list)
    assert answer.data[0]["severity"] == "problem"


def test_everybody_of_the_example_is_first_paged_by_pocket(opened: Session) -> None:
    applied(opened, EXAMPLE)
    org = organization(opened)
    assert {user.zone for user in org.users.values()} == {"Pacific/Auckland", "Europe/Paris", "America/New_York"}
    for user in org.users.values():
        assert (user.contacts[0].kind, user.contacts[0].address) == ("pocket", user.username)
        for policy in user.paging:
            assert policy.steps[0].rules[0].channel == "pocket"


WITH_SOURCE = b"""watchbill: 1
integrations:
  Billing: {kind: generic}
"""


def opens(opened: Session, secret: str) -> str | None:
    """The name of the integration that a key opens."""
    found = opened.read(lambda tx: integration_of(tx, digest(secret)))
    return found[1].name if found else None


def test_a_new_integration_comes_with_a_key_that_is_shown_once(opened: Session) -> None:
    first = apply(opened, organization(opened).number, File("org.yaml", WITH_SOURCE, "ann"))
    [secret] = first.data["keys"].values()  # type: ignore[index]
    assert f"ingest key of Billing, shown once: {secret}" in str(first.shown)
    assert opens(opened, secret) == "Billing"
    again = apply(opened, organization(opened).number, File("org.yaml", WITH_SOURCE, "ann"))
    assert again.data["keys"] == {}  # type: ignore[index]
    assert opens(opened, "guessed") is None


def test_a_dry_run_makes_no_key(opened: Session) -> None:
    tried = apply(opened, organization(opened).number, File("org.yaml", WITH_SOURCE, "ann", dry_run=True))
    assert tried.data["keys"] == {}  # type: ignore[index]


def test_a_key_is_renewed_and_the_old_ones_withdrawn(opened: Session) -> None:
    number = organization(opened).number
    [old] = apply(opened, number, File("org.yaml", WITH_SOURCE, "ann")).data["keys"].values()  # type: ignore[index]
    second = key(opened, number, "billing", False).data["key"]  # type: ignore[index]
    assert (opens(opened, old), opens(opened, second)) == ("Billing", "Billing")
    third = key(opened, number, "Billing", True)
    assert third.data["withdrawn"] == 2  # type: ignore[index]
    assert (opens(opened, old), opens(opened, second)) == (None, None)
    assert opens(opened, third.data["key"]) == "Billing"  # type: ignore[index]


def test_a_key_of_an_api_for_the_tenant_that_the_organization_is(opened: Session) -> None:
    number = organization(opened).number
    told = opsramp_key(opened, number)
    data: dict[str, str] = told.data  # type: ignore[assignment]
    kept = opened.read(lambda tx: tx.credential(digest(data["secret"])))
    assert kept is not None
    assert (kept.org, kept.kind, kept.name) == (number, "opsramp", data["key"])
    assert data["tenant"] in (f"client_{number}", f"msp_{number}")
    assert f"secret: {data['secret']}" in str(told.shown)


def test_keys_that_the_apis_know(opened: Session) -> None:
    apply(opened, organization(opened).number, File("org.yaml", EXAMPLE, "ann"))
    org = organization(opened)
    user = next(iter(org.users.values()))
    theirs: dict[str, str] = datadog_keys(opened, org.number, user.username.upper()).data  # type: ignore[assignment]
    ours: dict[str, str] = victorops_keys(opened, org.number).data  # type: ignore[assignment]

    def caller(authenticate: Callable[[Tx, Request], Caller], **headers: str) -> Caller:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = Request("GET", "/", (), named, b"", NOW, "", lambda size: "")
        return opened.read(lambda tx: authenticate(tx, asked))

    person = caller(datadog, dd_api_key=theirs["api_key"], dd_application_key=theirs["app_key"])
    assert (person.org, person.user_id) == (org.number, user.id)
    for name, readonly in (("api_key", False), ("readonly_key", True)):
        found = caller(victorops, x_vo_api_id=ours["api_id"], x_vo_api_key=ours[name])
        assert (found.org, found.readonly) == (org.number, readonly)


def test_keys_of_nobody(opened: Session) -> None:
    with pytest.raises(NotFound, match="there is no active user 'nobody'"):
        datadog_keys(opened, organization(opened).number, "nobody")


def test_a_key_of_nothing(opened: Session) -> None:
    with pytest.raises(Invalid):
        key(opened, organization(opened).number, None, False)


def test_a_key_for_what_is_not_there(opened: Session) -> None:
    apply(opened, organization(opened).number, File("org.yaml", WITH_SOURCE, "ann"))
    with pytest.raises(NotFound, match="there is no integration 'Biling'; there are: Billing"):
        key(opened, organization(opened).number, "Biling", False)
