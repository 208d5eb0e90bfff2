"""Addresses that senders use, over HTTP and by mail (reference, parts 3.1 and 3.5): a page must not be lost to one."""

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.dialects.victorops.senders import Heard, Senders
from tests.stories.world import World


@pytest.fixture
def api(world: World) -> Speaker:
    return desk(world)


@pytest.mark.parametrize("path", ["", "/", "/none", "/team/db", "/db/disk", "/%2F", "//", "/é", "/" + "x" * 3000])
def test_what_no_routing_key_fits_takes_the_default_route(world: World, api: Speaker, path: str) -> None:
    """404 is for an unknown key only: some senders never come back after it."""
    said = Senders(world).posts(path, {"message_type": "CRITICAL", "entity_id": "disk"})
    assert said == Heard(200, {"result": "success", "entity_id": "disk"})
    assert api.get(f"{V1}/incidents/1").json["routingKey"] in ("routingdefault", path.strip("/")[:1024])
    world.phone("dora").expects("disk", at=0)


def test_mail_opens_and_ends_an_incident(world: World, api: Speaker) -> None:
    senders = Senders(world)
    assert senders.mails("DB", "CRITICAL: disk full on eu-3", "97 %") == "250 accepted"
    world.phone("ann").expects("disk full on eu-3", at=0)
    told = api.get(f"{V1}/incidents/1").json
    assert (told["routingKey"], told["monitorType"], told["entityId"]) == ("db", "Email", "disk full on eu-3")
    assert senders.mails("db", "Re: RECOVERY disk full on eu-3") == "250 accepted"
    assert api.get(f"{V1}/incidents/1").json["currentPhase"] == "RESOLVED"


def test_mail_to_a_routing_key_that_nobody_knows_takes_the_default_route(world: World, api: Speaker) -> None:
    assert Senders(world).mails("team/db", "CRITICAL disk") == "250 accepted"
    world.phone("dora").expects("disk", at=0)
