"""A real server with an organization in it, and the clients that teams have already.

`make test` installs the clients: those from npm here, those in Python in an environment of their own.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stories.process import ROOT, Server, founded_with_keys, serving, written
from watchbill.domain.records import Credential
from watchbill.store.transaction import Transaction
from watchbill.usecases.keys import digest

HERE = Path(__file__).parent
PYTHONS = ROOT / ".venv-clients"
FILE = "watchbill.db"


@dataclass(frozen=True, slots=True)
class House:
    """`keys`: as `watchbill init --json` prints them, and a `key` and `secret` of the `partner`."""

    server: Server
    folder: Path
    keys: Mapping[str, Any]

    @property
    def database(self) -> str:
        return database_in(self.folder)

    @property
    def url(self) -> str:
        return self.server.url

    def told(self) -> dict[str, str]:
        """The address and the keys, as variables for a program of its own."""
        parts = {name: value for name, value in self.keys.items() if isinstance(value, dict)}
        keys = {f"{part}_{name}".upper(): value for part, of in parts.items() for name, value in of.items()}
        return {**os.environ, "URL": self.url, **keys}


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, Any]]:
    """The file of a database that has the organization in it, to be copied; and the organization's keys."""
    folder = tmp_path_factory.mktemp("acme")
    keys = founded_with_keys(database_in(folder), (HERE / "acme.yaml").read_text("utf-8"))
    keys["partner"] = {"key": "partnerkey", "secret": "0123456789abcdef" * 4}
    written(database_in(folder), lambda tx: give_partner_key(tx, **keys["partner"]))
    return folder / FILE, keys


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, acme: tuple[Path, Mapping[str, Any]]) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(acme[0], folder)
    with serving(folder, database_in(folder)) as server:
        yield House(server, folder, acme[1])


def database_in(folder: Path) -> str:
    return f"sqlite:///{folder}/{FILE}"


def give_partner_key(tx: Transaction, key: str, secret: str) -> None:
    """`init` gives out a key of the client organization only."""
    partner = tx.organization_by_slug("acme-partner").number
    tx.add_credential(Credential(digest(secret), partner, "opsramp", "", key))


def run(*line: object, env: Mapping[str, str], seconds: float = 120) -> str:
    """What a program printed; it has to end well."""
    words = [str(word) for word in line]
    done = subprocess.run(words, env=env, cwd=HERE, text=True, capture_output=True, timeout=seconds)
    assert done.returncode == 0, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def node() -> str:
    """The command that runs a script with the clients from npm."""
    found = shutil.which("node")
    if found is None or not (HERE / "node_modules" / ".installed").exists():
        pytest.skip("no clients from npm: `make test` installs them with node and npm")
    return found


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter that has the clients in Python."""
    if not (PYTHONS / ".installed").exists():
        pytest.skip("no clients in Python: `make test` installs them")
    return str(PYTHONS / "bin" / "python")
