"""The Datadog client for Node: a page's whole life, as it stands in the database afterwards."""

from pathlib import Path

from tests.clients.conftest import House, run
from tests.stories.process import kept

HERE = Path(__file__).parent


def test_a_pages_whole_life(house: House, node: str) -> None:
    said = run(node, HERE / "datadog.mjs", env=house.told())
    assert said.startswith("page ")
    (incident,) = kept(house.database).incidents
    assert (incident.title, str(incident.phase)) == ("Shop is down", "resolved")
