"""One server a SQLite file."""

import stat
from pathlib import Path

import pytest

from watchbill.domain.errors import Conflict
from watchbill.store.database import open_database
from watchbill.store.lock import only_server


def test_a_second_server_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/watchbill.db"
    with only_server(url), pytest.raises(Conflict, match="another server runs on"), only_server(url):
        pass
    with only_server(url):
        pass


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "postgresql://host/name"])
def test_others_are_not_locked(url: str) -> None:
    with only_server(url), only_server(url):
        pass


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "watchbill.db"
    open_database(f"sqlite:///{path}").close()
    assert [stat.S_IMODE(one.stat().st_mode) & 0o077 for one in tmp_path.glob("new/watchbill.db*")] == [0]
