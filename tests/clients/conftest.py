"""A real server with an organization in it, and the clients that teams have already.

`make test` installs the clients: those from npm here, those in Python in an environment of their own.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stories.process import ROOT, Server, environment, serving, written
from watchbill.domain.records import Credential
from watchbill.store.transaction import Transaction
from watchbill.usecases.keys import digest

HERE = Path(__file__).parent
PYTHONS = ROOT / ".venv-clients"


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


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    database = database_in(folder)
    keys = json.loads(command("init", "--json", "--name", "Acme", "--slug", "acme", "--database", database))
    command("apply", str(HERE / "acme.yaml"), "--database", database)
    keys["partner"] = {"key": "partnerkey", "secret": "0123456789abcdef" * 4}
    written(database, lambda tx: give_partner_key(tx, **keys["partner"]))
    with serving(folder, database) as server:
        yield House(server, folder, keys)


def database_in(folder: Path) -> str:
    return f"sqlite:///{folder}/watchbill.db"


def give_partner_key(tx: Transaction, key: str, secret: str) -> None:
    """`init` gives out a key of the client organization only."""
    partner = tx.organization_by_slug("acme-partner").number
    tx.add_credential(Credential(digest(secret), partner, "opsramp", "", key))


def command(*words: str) -> str:
    """What a `watchbill` command printed."""
    line = [sys.executable, "-m", "watchbill", *words]
    return subprocess.run(line, env=environment(), check=True, text=True, stdout=subprocess.PIPE, timeout=60).stdout


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
