"""Escalation webhooks: listed, and told in the words of this dialect (VictorOps reference, parts 2.17 and 4.11)."""

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.channels.samples import page
from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.stories.town import hook, step
from tests.stories.world import World
from watchbill.api.victorops.hooks import formatted
from watchbill.domain.civil import MINUTE
from watchbill.domain.organization import Endpoint
from watchbill.wiring.channels import FORMATS

URL = "https://hooks.example/restart?a=1&b=%20"
HOOK = Endpoint("restart", 1, "wh-restart", "Restart job", "webhook", URL, "s3cret", {"format": "victorops"})


@pytest.fixture
def api(world: World) -> Speaker:
    made = desk(world)
    world.has(HOOK, Endpoint("room", 2, "room", "Room", "chat", "https://chat.example"))
    world.policy("web-duty", step(hook("restart")), step("dora", wait=5 * MINUTE))
    return made


def test_they_are_listed_in_both_spellings(api: Speaker) -> None:
    hooks = [{"slug": "wh-restart", "label": "Restart job", "url": URL}]
    assert api.get(f"{V1}/webhooks").expect(200) == {"webhooks": hooks, "webHooks": hooks}


def told(world: World, title: str) -> tuple[dict[str, str], Any]:
    received = world.phone("Restart job").expects(title)
    body, headers = FORMATS["victorops"](received.message)
    return dict(parse_qsl(body.decode(), strict_parsing=True)), headers


def test_a_step_tells_the_alert_as_a_signed_form(world: World, api: Speaker) -> None:
    fields = {"custom": 'é "x"&y', "count": 3, "entity_id": "of the sender"}
    world.alert("web", "disk", message="97%\nfull", fields=fields)
    form, headers = told(world, "disk")
    assert form == {
        "incident": '"1"',
        "entity_id": '"disk"',
        "entity_display_name": '"disk"',
        "entity_state": '"CRITICAL"',
        "message_type": '"CRITICAL"',
        "alert_type": '"CRITICAL"',
        "state_message": '"97%\\nfull"',
        "routing_key": '"web"',
        "vo_alert_rcv_time": "1780272000000",
        "custom": '"é \\"x\\"&y"',
        "count": "3",
    }
    signed = URL + "".join(name + form[name] for name in sorted(form))
    expected = base64.b64encode(hmac.new(b"s3cret", signed.encode(), hashlib.sha1).digest()).decode()
    assert headers == {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-VictorOps-Signature": expected,
    }


def test_a_later_step_tells_the_last_alert(world: World, api: Speaker) -> None:
    world.policy("web-duty", step("dora"), step(hook("restart"), wait=5 * MINUTE))
    world.alert("web", "disk", fields={"custom": "first"})
    world.pass_(MINUTE)
    world.alert("web", "disk", fields={"custom": "second"})
    world.pass_(5 * MINUTE)
    form, _ = told(world, "disk")
    assert (form["custom"], form["vo_alert_rcv_time"]) == ('"second"', str(1780272000000 + 60_000))


def test_without_a_secret_nothing_is_signed(world: World, api: Speaker) -> None:
    world.has(replace(HOOK, secret=""))
    world.alert("web", "disk")
    _, headers = told(world, "disk")
    assert "X-VictorOps-Signature" not in headers


def test_a_notice_has_no_incident() -> None:
    body, _ = formatted(replace(page(), subjects=(), text="a test"))
    assert dict(parse_qsl(body.decode())) == {"state_message": '"a test"'}
