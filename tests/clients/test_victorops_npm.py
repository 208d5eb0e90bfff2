"""The VictorOps client for Node."""

from pathlib import Path

from tests.clients.conftest import House, run

HERE = Path(__file__).parent


def test_every_call_of_the_client(house: House, node: str) -> None:
    assert run(node, HERE / "victorops.mjs", env=house.told()).strip() == "79 calls"
