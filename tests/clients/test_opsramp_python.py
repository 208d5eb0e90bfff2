"""OpsRamp's client for Python, and its command line."""

from pathlib import Path

import pytest

from tests.clients.conftest import House, run

HERE = Path(__file__).parent


@pytest.mark.parametrize("client", ["opsramp_binding.py", "opsramp_cli.py"])
def test_the_whole_client(house: House, python: str, client: str) -> None:
    assert run(python, HERE / client, env=house.told(), seconds=300).strip().endswith("all of it")
