"""The documents say what is there: all of it, and nothing else."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchbill import config
from watchbill.asgi.metrics import Metrics
from watchbill.cli import app
from watchbill.cli.apply import File
from watchbill.cli.apply import run as apply
from watchbill.cli.orgfile.plans import JOINS, START, TEST, ConditionShape
from watchbill.cli.orgfile.records import Built, Field, OneOf, Record
from watchbill.cli.orgfile.refs import HOURS, TARGET
from watchbill.cli.orgfile.sections import FIELDS, SECTIONS, SETTINGS_FORM
from watchbill.cli.orgfile.shapes import ListOf, Maybe
from watchbill.cli.session import Session
from watchbill.store.database import open_database
from watchbill.usecases.ports import Tx
from watchbill.wiring.clock import Clock

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guide.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
NOW = 1_780_000_000_000_000

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def part(title: str, text: str = GUIDE) -> str:
    """What stands under a heading, up to the next of its level or above."""
    level = title.partition(" ")[0]
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"there is no heading '{title}'"
    return found[1]


def listed(text: str) -> set[str]:
    """What the first cells of the tables name."""
    return set(re.findall(r"^\| `([^`|]+)` \|", text, re.MULTILINE))


def code(text: str) -> Iterator[str]:
    """The code in a text: the lines of its blocks, and what stands in the middle of a sentence."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.replace("\\\n", "").splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


# --- Commands and their options


def options(command: str) -> dict[str, tuple[str, ...]]:
    """What a command takes, or all of its own commands do, each with the variables that say it too."""
    verbs = [app[command][verb] for verb in app[command] if not verb.startswith("-")] or [app[command]]
    shown = [each for verb in verbs for each in verb.assemble_argument_collection() if each.show]
    return {each.names[0]: tuple(each.parameter.env_var or ()) for each in shown}


COMMANDS = [name for name in app if not name.startswith("-")]
VERBS = [verb for verb in app["incident"] if not verb.startswith("-")]
OPTIONS = {option for command in COMMANDS for option in options(command)} | {"--help", "--version"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_guide_tells_of_every_option(command: str) -> None:
    assert listed(part(f"### `watchbill {command}`")) == set(options(command))


def test_the_guide_tells_of_every_verb() -> None:
    told = part("### `watchbill incident`")
    assert [verb for verb in VERBS if f"`{verb} " not in told and f"`{verb}`" not in told] == []


@every_document
def test_no_document_names_a_command_or_an_option_that_does_not_exist(path: Path) -> None:
    for line in code(path.read_text("utf-8")):
        for command, rest in re.findall(r"(?:^|[ /])watchbill ([a-z]\S*)([^#|]*)", line):
            assert command in COMMANDS, line
            assert set(re.findall(r"--[a-z-]+", rest)) <= options(command).keys() | {"--help"}, line
        if line.startswith("--"):
            assert set(re.findall(r"--[a-z-]+", line)) <= OPTIONS, line


# --- Variables of the environment


class Asked(dict[str, str]):
    """An environment with relays in it, that notes what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.names.add(name)
        return "smtp://relay.example.org" if "SMTP" in name else default


def variables() -> set[str]:
    environment = Asked()
    config.read(environment)
    return environment.names | {name for command in COMMANDS for names in options(command).values() for name in names}


def test_the_guide_tells_of_every_variable() -> None:
    assert listed(part("### Settings")) == variables()


@every_document
def test_no_document_names_a_variable_that_does_not_exist(path: Path) -> None:
    assert set(re.findall(r"\bWATCHBILL_[A-Z_]+\b", path.read_text("utf-8"))) <= variables()


# --- Metrics


def metrics() -> dict[str, set[str]]:
    """Each metric as Prometheus names it, with the names of its samples."""
    found = {}
    for family in Metrics().registry.collect():
        name = family.name + "_total" if family.type == "counter" else family.name
        parts = {f"{name}_{end}" for end in ("bucket", "count", "sum")} if family.type == "histogram" else set()
        found[name] = {name, *parts}
    return found


def test_the_guide_tells_of_every_metric() -> None:
    assert {name for name in listed(part("### Metrics")) if name.startswith("watchbill_")} >= metrics().keys()


@every_document
def test_no_document_names_a_metric_that_does_not_exist(path: Path) -> None:
    known = {sample for samples in metrics().values() for sample in samples}
    assert set(re.findall(r"\bwatchbill_[a-z_]+\b", path.read_text("utf-8"))) <= known


# --- The log


def test_the_guide_tells_of_every_event_of_the_log() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "watchbill").rglob("*.py"))
    said = re.findall(r"(?:log|get_logger\(\))\.(?:info|warning|error|exception)\(\s*([^\n]*)", sources)
    assert listed(part("### Logs")) == {event for line in said for event in re.findall(r'"([a-z][^"]+)"', line)}


# --- The organization file

SHARED = {"Hours": HOURS, "Target": TARGET, "Start": START}


def fields(shape: object) -> set[str]:
    """The names of the fields of a form and of those within it, but for the forms that the guide tells of once."""
    if shape in SHARED.values():
        return set()
    if isinstance(shape, Built):
        return fields(shape.record)
    if isinstance(shape, Maybe | ListOf):
        return fields(shape.inner if isinstance(shape, Maybe) else shape.item)
    if isinstance(shape, ConditionShape):
        return set(JOINS) | fields(TEST)
    return of_record(shape) if isinstance(shape, Record) else set()


def of_record(record: Record) -> set[str]:
    found: set[str] = set()
    for each in record.parts:
        within = each.options if isinstance(each, OneOf) else (each,)
        found |= {*each.names, *(name for one in within if isinstance(one, Field) for name in fields(one.shape))}
    return found


@pytest.mark.parametrize("form", SHARED)
def test_the_guide_tells_of_every_field_of_a_shared_form(form: str) -> None:
    told = part("### Forms used in several places").split(f"**{form}**")[1].split("**")[0]
    assert listed(told) == of_record(SHARED[form].record)


@pytest.mark.parametrize("section", [*SECTIONS, None], ids=lambda section: section.name if section else "settings")
def test_the_guide_tells_of_every_field_of_a_section(section: object) -> None:
    name, record = (section.name, section.record) if section in SECTIONS else ("settings", SETTINGS_FORM)
    assert listed(part(f"### `{name}`")) == of_record(record)


def test_the_guide_tells_of_every_section() -> None:
    titles = re.findall(r"^### `(\w+)`$", part("## 2. The organization file"), re.MULTILINE)
    assert {"watchbill", *titles} == set(FIELDS)


@pytest.mark.parametrize("name", ["README.md", "docs/guide.md"])
def test_every_organization_file_in_the_documents_is_accepted(name: str) -> None:
    """Those of the guide build on each other."""
    text = (ROOT / name).read_text("utf-8")
    files = re.findall(r"^(?:```yaml|.*<<'YAML')\n(watchbill: 1\n.*?)^(?:```|YAML)$", text, re.DOTALL | re.MULTILINE)
    assert len(files) == text.count("\nwatchbill: 1\n")
    database = open_database("sqlite:///:memory:")
    opened = Session(database, "sqlite:///:memory:", False, Clock())
    asyncio.run(database.write(_organization))
    for file in files:
        for dry_run in (True, False):
            answer = apply(opened, 1, File(name, file.encode(), "test", dry_run=dry_run))
            assert answer.code == 0, f"{answer.shown}\n{file}"
            assert "Nothing to change." not in str(answer.shown)
    database.close()


def _organization(tx: Tx) -> int:
    return tx.create_organization("org", "Organization", None, NOW).number


# --- Paths and names


@every_document
def test_what_a_document_links_to_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.M)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = target.partition("#")
        assert file.startswith("http") or not file or (path.parent / file).exists(), target
        assert file or anchor in headings, target


PLACES = ("", "watchbill", "docs", "watchbill/store")
ROOMS = "domain|usecases|store|channels|intake|web|engine|asgi|cli|tests|tools|docs|migrations"


@every_document
def test_what_a_document_names_of_the_code_is_there(path: Path) -> None:
    """Files and folders by their path, functions by their module: `domain/routing.select`."""
    for name in code(path.read_text("utf-8")):
        found = re.fullmatch(rf"(?:watchbill/)?((?:{ROOMS})/[\w/]*?)(\.\w+)?(?:\(.*\))?", name)
        if found is None:
            continue
        place, end = found[1], found[2] or ""
        if any((ROOT / start / (place + end)).exists() for start in PLACES):
            continue
        modules = [ROOT / start / f"{place}.py" for start in PLACES]
        assert any(module.exists() and _defines(module, end[1:]) for module in modules), name


def _defines(module: Path, name: str) -> bool:
    return re.search(rf"^\s*(?:async )?(?:def |class )?{name}\b", module.read_text("utf-8"), re.MULTILINE) is not None
