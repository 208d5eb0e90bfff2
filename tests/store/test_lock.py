"""One server a SQLite file."""

from pathlib import Path

import pytest

from watchbill.domain.errors import Conflict
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
