"""A server answers soon after it was started, for it loads late what only some answers need."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.stories.process import environment
from watchbill.cli.serve import bound_socket, run_node
from watchbill.config import Config
from watchbill.wiring import node as wired
from watchbill.wiring.dialects import DIALECTS
from watchbill.wiring.node import node

LATE = {
    *(f"watchbill.api.{name}.routes" for name in DIALECTS),
    *("aiohttp", "aiosmtplib", "alembic", "icalendar", "jinja2", "luqum", "phonenumbers", "psycopg", "pwdlib"),
    *("ruamel", "sqlalchemy", "watchbill.cli.orgfile"),
}
LOADED = "import sys, watchbill.cli.serve_command; print(*sys.modules)"


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    return Config(f"sqlite:///{tmp_path}/watchbill.db")


def test_what_comes_late_is_not_there_to_begin_with() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment(), capture_output=True, text=True, check=True)
    assert not LATE & set(done.stdout.split())


@pytest.mark.parametrize("path", ["/api-public/v1/user", "/api/v2/users", "/api/v2/tenants/client_1/users/search"])
async def test_a_dialect_is_loaded_by_its_first_request(settings: Config, path: str) -> None:
    async with (
        node(settings) as running,
        httpx.AsyncClient(transport=httpx.ASGITransport(running.app), base_url="http://watchbill") as client,
    ):
        assert (await client.get(path)).status_code in (401, 403)


async def test_all_that_comes_late_can_be_loaded(settings: Config) -> None:
    async with node(settings) as running:
        running.load()
        running.load()


def test_what_can_not_be_loaded_ends_the_server(settings: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wired, "LATE_MODULES", ("watchbill.nowhere",))
    with bound_socket("127.0.0.1", 0) as listener, pytest.raises(ModuleNotFoundError, match=r"watchbill\.nowhere"):
        run_node(settings, listener, lambda running: None)
