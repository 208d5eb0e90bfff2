"""The tools by which AI hosts handle Splunk On-Call. They know one host only, so they come through a tunnel."""

from pathlib import Path

from tests.clients.conftest import House, run
from tests.clients.tunnel import tunnel

HERE = Path(__file__).parent


def test_every_tool(house: House, python: str) -> None:
    with tunnel(house.server.port) as opened:
        told = run(python, HERE / "victorops_tools.py", env=house.told() | opened.settings | {"NO_PROXY": "127.0.0.1"})
    assert told.strip() == "46 tools"
