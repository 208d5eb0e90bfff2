"""A server whose log can't be written: a disk that is full, a pipe that nobody reads any more."""

from pathlib import Path

import pytest

from tests.stories.outside import sink
from tests.stories.process import Server, eventually, founded, kept
from tests.stories.test_process_kill import ORGANIZATION
from watchbill.domain.delivery import State

FULL = Path("/dev/full")


class Unlogged(Server):
    def __init__(self, folder: Path, database: str) -> None:
        super().__init__(folder, database, webhook_allow_private=1)
        self._log = FULL

    def log(self) -> str:
        return ""


def states(url: str) -> list[State]:
    return [one.state for some in kept(url).deliveries.values() for one in some]


@pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
def test_pages_leave_and_are_noted_without_a_log(sqlite_url: str, tmp_path: Path) -> None:
    with sink() as receiver:
        key = founded(sqlite_url, ORGANIZATION.format(url=receiver.url))
        server = Unlogged(tmp_path, sqlite_url)
        try:
            server.start()
            for entity in ("one", "two", "three"):
                assert server.alert(key, entity).status == 200
            eventually(lambda: states(sqlite_url) == [State.SENT] * 3)
            assert set(receiver.sends().values()) == {1}
            assert server.answers("/health/ready")
        finally:
            server.kill()
