"""What a person does about an incident from a shell."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from watchbill.cli import app

ORG = """watchbill: 1
people:
  ann:
    contacts: [{pocket: ann, verified: true}]
    paging: [{name: Primary, steps: [{by: [pocket], timeout: 5m}]}]
  bob:
    contacts: [{pocket: bob, verified: true}]
    paging: [{name: Primary, steps: [{by: [pocket], timeout: 5m}]}]
policies:
  first: {name: First, steps: [{targets: [user: ann]}, {after: 30m, targets: [user: bob]}]}
  second: {name: Second, steps: [{targets: [user: bob]}]}
routing_keys:
  default: {default: true, starts: [policy: first]}
"""


class Shell:
    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._url = url
        self._capsys = capsys
        self.code = 0

    def __call__(self, *words: str) -> Any:
        """Runs a command with --json; what it printed, and its exit code in `code`."""
        self.code = app([*words, "--json", "--database", self._url], result_action="return_value")
        out, err = self._capsys.readouterr()
        return json.loads(out or err)


@pytest.fixture
def shell(sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    shell = Shell(sqlite_url, capsys)
    shell("init")
    (tmp_path / "org.yaml").write_text(ORG)
    shell("apply", str(tmp_path / "org.yaml"))
    shell("send", "disk full")
    return shell


def told(shell: Shell) -> str:
    return "\n".join(line["text"] for line in shell("explain", "1")["timeline"])


def test_what_is_open_is_listed(shell: Shell) -> None:
    shell("send", "also this")
    assert [(one["number"], one["title"], one["phase"]) for one in shell("incident", "list")] == [
        (2, "also this", "triggered"),
        (1, "disk full", "triggered"),
    ]
    shell("incident", "resolve", "2")
    assert [one["number"] for one in shell("incident", "list")] == [1]
    assert [one["number"] for one in shell("incident", "list", "--resolved", "--limit", "1")] == [2]


def test_acknowledged_and_resolved_in_somebodys_name(shell: Shell) -> None:
    assert shell("incident", "acknowledge", "1", "--by", "Ann")["acknowledged_by"] == "ann"
    assert shell("incident", "resolve", "#1")["resolved_by"] == "command line"
    assert "resolved" in shell("incident", "resolve", "1")["error"]
    assert shell.code == 1


def test_snoozed(shell: Shell) -> None:
    assert shell("incident", "snooze", "1", "+2h", "--by", "ann")["phase"] == "acknowledged"
    assert re.search(r"snoozed by ann until \w{3} \d\d \w{3} \d\d:\d\d UTC", told(shell))
    assert "snooze" in shell("incident", "snooze", "1", "2020-01-01T00:00", "--by", "ann")["error"]
    assert shell.code == 2


def test_escalated_rerouted_and_joined_by_others(shell: Shell) -> None:
    shell("incident", "escalate", "1", "--by", "ann")
    assert "bob: paging by pocket bob" in told(shell)
    shell("incident", "reroute", "1", "second", "--by", "ann")
    assert "rerouted by ann to Second" in told(shell)
    shell("incident", "add", "1", "ann", "--by", "bob")
    assert "bob asks for ann" in told(shell)
    assert shell("incident", "acknowledge", "1", "--by", "bob")["phase"] == "triggered"
    assert shell("incident", "acknowledge", "1", "--by", "ann")["phase"] == "acknowledged"


@pytest.mark.parametrize(
    ("words", "error", "code"),
    [
        (("acknowledge", "1", "--by", "zed"), "there is no user 'zed'", 1),
        (("reroute", "1", "nowhere"), "'nowhere' is neither an escalation policy nor a user", 1),
        (("resolve", "99"), "there is no incident 99", 1),
        (("resolve", "one"), "'one' is not the number of an incident, such as 42", 2),
        (("snooze", "1", "soon"), "'soon' is not a time such as 2026-03-29T03:10, now, or +2h", 2),
    ],
)
def test_what_can_not_be_done_is_said(shell: Shell, words: tuple[str, ...], error: str, code: int) -> None:
    assert shell("incident", *words)["error"] == error
    assert shell.code == code
    assert shell("incident", "list")[0]["phase"] == "triggered"
