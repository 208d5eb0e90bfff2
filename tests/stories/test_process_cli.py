"""The command line from a shell: what it prints, where, and how it ends."""

import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing, redirect_stdout
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.stories.process import ROOT, ask, environment, eventually, free_port, serving
from watchbill.cli import main

KEYS = {
    "url": "",
    "web": {"username": "", "password": ""},
    "ingest": {"key": ""},
    "victorops": {"api_id": "", "api_key": "", "readonly_key": ""},
    "datadog": {"api_key": "", "app_key": ""},
    "opsramp": {"tenant": "", "partner": "", "key": "", "secret": ""},
}


class Shell:
    """Runs commands in a folder, on one database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = f"sqlite:///{folder}/data/watchbill.db"

    def run(self, *words: str, code: int = 0) -> Any:
        """What a command with --json printed, on the stream that fits how it ended."""
        done = self.plain(*words, "--json", "--database", self.database)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout or done.stderr)

    def here(self, *words: str, code: int = 0) -> str:
        """What a command printed that was run in this process, which is not started anew for it."""
        with redirect_stdout(io.StringIO()) as out:
            assert ended(*words, "--database", self.database) == code, (words, out.getvalue())
        return out.getvalue()

    def plain(self, *words: str, **settings: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "watchbill", *words]
        env = environment(**settings) | {"PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(self.folder)}
        return subprocess.run(command, env=env, cwd=self.folder, text=True, capture_output=True, timeout=30)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def shape(told: Any) -> Any:
    return {name: shape(value) for name, value in told.items()} if isinstance(told, dict) else ""


def test_the_first_organization_is_made_once(shell: Shell, capfd: pytest.CaptureFixture[str]) -> None:
    url = "https://watchbill.example.com"
    done = shell.plain("init", "--json", "--url", url, "--database", shell.database)
    told = json.loads(done.stdout)
    assert shape(told) == KEYS
    assert told["url"] == url
    assert all(value for part in told.values() if isinstance(part, dict) for value in part.values())
    assert (done.returncode, done.stderr) == (0, "")
    refused = shell.run("init", code=1)
    assert "already" in refused["error"]
    capfd.readouterr()
    assert ended("init", "--database", shell.database) == 1
    assert "already" in capfd.readouterr().err


def test_from_an_empty_folder_to_a_page(shell: Shell) -> None:
    """Made, filled, asked, served, sent to over HTTP and past it, explained, copied while it serves."""

    def here(*words: str) -> Any:
        return json.loads(shell.here(*words, "--json"))

    key = here("init")["ingest"]["key"]
    example = shell.folder / "example.yaml"
    example.write_bytes(resources.files("watchbill.cli").joinpath("example.yaml").read_bytes())
    dry = here("apply", str(example), "--dry-run")
    assert (dry["applied"], len(dry["changes"]) > 10) == (False, True)
    assert here("apply", str(example))["applied"] is True
    assert here("apply", str(example))["changes"] == []
    assert here("simulate", "Disk full", "--routing-key", "database")["pages"]
    with serving(shell.folder, shell.database) as server:
        sent = shell.run("send", "Disk full", "--routing-key", "database", "--url", server.url, "--key", key)
        assert sent == {"result": "success", "entity_id": "Disk full"}
        receipt = here("send", "Queue full", "--routing-key", "database")
        assert (receipt["key"], receipt["incident"]) == ("Queue full", 2)
        eventually(lambda: {line["incident"] for line in server.said("page sent")} >= {1, 2})
        told = here("explain", "#2")
        assert (told["title"], told["phase"]) == ("Queue full", "triggered")
        assert "page" in {line["kind"] for line in told["timeline"]}
        copied = shell.run("backup", str(shell.folder / "copy.db"))
        assert server.alert(key, "after the copy", "database").status == 200
    assert copied["bytes"] > 0
    with closing(sqlite3.connect(shell.folder / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT COUNT(*) FROM incident").fetchall() == [(2,)]


GONE = "postgresql://nobody@127.0.0.1:1/none"
ENDS: list[tuple[int, str, tuple[str, ...]]] = [
    (1, "there is no incident 7", ("explain", "7")),
    (1, "emial", ("apply", "wrong.yaml")),
    (1, "reached", ("send", "x", "--key", "k", "--url", "http://127.0.0.1:1")),
    (2, "can't be read", ("apply", "none.yaml")),
    (2, "not the number", ("explain", "seven")),
    (2, "needs --key", ("send", "x", "--url", "http://127.0.0.1:1")),
    (2, "there already", ("backup", "copy.db")),
    (2, "not a database", ("who", "--database", "mysql://x")),
    (1, "there is no incident 99999999999999999999", ("explain", "99999999999999999999")),
    (2, "is not valid UTF-8", ("who", "--org", "\udcff")),
    (2, "is none of CRITICAL, WARNING", ("send", "x", "--type", "BANANA")),
    (2, "is none of CRITICAL, WARNING", ("simulate", "x", "--type", "BANANA")),
    (2, "title is empty", ("send", " ")),
    (2, "'Mars/X' is not a time zone", ("who", "--zone", "Mars/X")),
    (2, "'Mars/X' is not a time zone", ("explain", "1", "--zone", "Mars/X")),
    (2, "'Mars/X' is not a time zone", ("simulate", "--zone", "Mars/X")),
    (2, "'Mars/X' is not a time zone", ("incident", "list", "--zone", "Mars/X")),
    (2, "'Mars/X' is not a time zone", ("incident", "snooze", "1", "+1h", "--zone", "Mars/X")),
    (2, "out of range", ("incident", "snooze", "1", "+99999999999d")),
    (2, "out of range", ("who", "--at", "+99999999999d")),
    (2, "out of range", ("simulate", "--at", "9999-12-31T23:59")),
    (2, "14d at most", ("simulate", "--for", "99999d")),
    (2, "not after the range's start", ("who", "--until", "2020-01-01")),
    (2, "no folder", ("backup", "none/copy.db")),
    (2, "not a SQLite database", ("who", "--database", "sqlite:///wrong.yaml")),
    (2, "can't listen", ("serve", "--port", "99999")),
    (2, "is not an address", ("serve", "--url", "nonsense", "--port", "0")),
    (2, "", ("explain",)),
    (2, "", ("explain", "1", "--nonsense")),
    (2, "", ("nonsense",)),
    (2, "", ("serve", "--port", "many")),
    (2, "no older key", ("key", "--datadog", "admin", "--withdraw")),
    (2, "one kind", ("key", "Alerts", "--victorops")),
    (2, "worker", ("serve", "--workers", "0")),
    (2, "PostgreSQL", ("serve", "--workers", "2", "--port", "0")),
    (3, "reached", ("who", "--database", GONE)),
    (3, "reached", ("serve", "--port", "0", "--database", GONE)),
]


def test_how_commands_end(shell: Shell, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """1 when something is found or refused, 2 when wrongly asked, 3 when there is no database; always in words."""
    (shell.folder / "copy.db").touch()
    (shell.folder / "wrong.yaml").write_text("watchbill: 1\npeople: {ann: {emial: x}}\n")
    monkeypatch.chdir(shell.folder)
    monkeypatch.setenv("WATCHBILL_DATABASE", shell.database)
    ended("init")
    for code, words, command in ENDS:
        capfd.readouterr()
        assert ended(*command) == code, command
        assert words in " ".join("".join(capfd.readouterr()).split()), command
    # The same from a shell, where a traceback would show.
    for code, words, command in (ENDS[0], (2, "", ("explain",)), ENDS[-1]):
        done = shell.plain(*command, database=shell.database)
        assert (done.returncode, "Traceback" in done.stderr, done.stdout) == (code, False, "")
        assert words in done.stderr


@pytest.mark.parametrize("words", [("who", "--nonsense"), ("whu",), ("who", "--at"), ("incident", "foo"), ()])
def test_wrong_words_are_refused_as_everything_else(words: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    assert ended(*words) == (2 if words else 0)
    plain = capfd.readouterr()
    assert not words or plain.err.startswith("watchbill: ")
    if words:
        assert ended(*words, "--json") == 2
        assert json.loads(capfd.readouterr().err)["error"]


@pytest.mark.parametrize("command", [("who",), ("doctor",), ("explain", "1"), ("export",), ("send", "x")])
def test_a_name_that_is_mistyped_makes_no_database(
    command: tuple[str, ...], shell: Shell, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ended(*command, "--database", shell.database) == 1
    assert "there is no database at" in capfd.readouterr().err
    assert not list(shell.folder.iterdir())


def test_names_with_brackets_are_shown_as_they_are(shell: Shell) -> None:
    """They mean something to what draws the tables; a host's name in a title is not taken for that."""
    title = "[web-1] [/full] :fire:"
    shell.here("init")
    (shell.folder / "org.yaml").write_text(ONE_POLICY)
    shell.here("apply", str(shell.folder / "org.yaml"))
    shell.here("send", title)
    assert "[db] on [/] call" in shell.here("simulate", title)
    explained = shell.here("explain", "1")
    assert "[db] on [/] call" in explained
    for shown in (explained, shell.here("incident", "list")):
        assert title in " ".join(shown.split())


def test_an_alert_in_another_encoding_is_sent(shell: Shell) -> None:
    """Python has what it can't read of a word of the command line as half a surrogate."""
    keys = json.loads(shell.here("init", "--json"))
    broken = "bient\udcf4t plein"
    with serving(shell.folder, shell.database) as server:
        shell.here("send", broken, "--message", broken, "--routing-key", broken)
        sent = shell.here(
            "send", f"2 {broken}", "--routing-key", "a?b", "--url", server.url, "--key", keys["ingest"]["key"]
        )
        assert "bient\ufffdt plein" in sent
        assert "bient\ufffdt plein" in shell.here("explain", "1")
        listed = json.loads(shell.here("incident", "list", "--json"))
    assert [each["routing_key"] for each in listed] == ["a?b", "bient\ufffdt plein"]


ONE_POLICY = """
watchbill: 1
people: {ann: {email: ann@example.org}}
policies: {all: {name: "[db] on [/] call", steps: [{targets: [user: ann]}]}}
routing_keys: {default: {default: true, starts: [policy: all]}}
"""


def test_an_answer_that_can_not_be_written(shell: Shell) -> None:
    shell.here("init")
    words = [sys.executable, "-m", "watchbill", "export", "--database", shell.database]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (1, "watchbill: the output can't be written: No space left on device\n")
    closed = ["/bin/sh", "-c", '"$@" >&-', "sh", *words]
    done = subprocess.run(closed, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def ended(*words: str) -> object:
    """The exit code of a command, run in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["watchbill", *words])
        with pytest.raises(SystemExit) as end:
            main()
    return end.value.code


def test_every_command_takes_a_database_and_json(capfd: pytest.CaptureFixture[str]) -> None:
    """As documented; `serve` and `demo` go on for ever and print no result."""
    commands = ("init", "send", "simulate", "explain", "apply", "export", "key", "who", "doctor", "backup")
    for name in commands:
        assert ended(name, "--help") == 0
        text = capfd.readouterr().out
        assert ("--database" in text, "--json" in text) == (True, True), name
    ended("--help")
    listed = capfd.readouterr().out
    assert all(name in listed for name in (*commands, "serve", "demo"))


def test_the_demo_takes_an_alert_by_the_line_it_prints(shell: Shell) -> None:
    port = free_port()
    command = [sys.executable, "-m", "watchbill", "demo", "--port", str(port)]
    out = shell.folder / "demo.txt"
    with out.open("wb") as stream:
        demo = subprocess.Popen(command, env=environment(), stdout=stream, stderr=stream, cwd=ROOT)
    try:
        line = eventually(lambda: [line for line in out.read_text().splitlines() if line.strip().startswith("curl -d")])
        _, body, url = line[0].split("'")
        assert ask(url.strip(), "POST", body).status == 200
        eventually(lambda: "pocket: #1" in out.read_text())
    finally:
        demo.terminate()
        ended_with = demo.wait(20)
    assert ended_with == 0
    assert "Traceback" not in out.read_text()
