"""The command line `opcli` for OpsRamp: every command of it that leads to us. Run by an interpreter that has it."""

import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from opsrampcli import escalationpolicies, opsrampcli, opsrampenv

HERE = Path(__file__).parent
URL, TENANT, PARTNER = os.environ["URL"], os.environ["OPSRAMP_TENANT"], os.environ["OPSRAMP_PARTNER"]
OWN = {"client_id": os.environ["OPSRAMP_KEY"], "client_secret": os.environ["OPSRAMP_SECRET"]}
OVER = {"client_id": os.environ["PARTNER_KEY"], "client_secret": os.environ["PARTNER_SECRET"]}
KINDS = ("clients", "incidentCustomFields", "deviceGroups", "userGroups", "urgencies")


def opcli(command: str, *words: str) -> str:
    """What the command printed."""
    keys = ("--client_id", OWN["client_id"], "--client_secret", OWN["client_secret"])
    where = ("--url", URL, "--tenant", TENANT, "--partner", PARTNER)
    sys.argv = ["opcli", command, *where, *keys, "--loglevel", "ERROR", *words]
    with redirect_stdout(io.StringIO()) as said:
        opsrampcli.main()
    return said.getvalue()


def values(text: str) -> Iterator[Any]:
    """The JSON values in what was printed."""
    decoder, at = json.JSONDecoder(), 0
    while (at := min((found for mark in "[{" if (found := text.find(mark, at)) >= 0), default=-1)) >= 0:
        value, at = decoder.raw_decode(text, at)
        yield value


def found(*words: str) -> Any:
    return next(values(opcli("getalerts", *words)))


def alerts() -> None:
    for state, part in (("Critical", "/var"), ("Warning", "/srv")):
        named = ("--metric", "system.disk", "--resource", "db01", "--comp", part, "--desc", "97 percent")
        rest = ("--source", "Nagios", "--prob", "disk", "--custom", "team", "storage")
        opcli("postalerts", "--subject", f"Disk {part} is full", "--state", state, *named, *rest)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        many = [
            {
                "subject": f"File {n}",
                "currentState": "Info",
                "metric": "file",
                "component": n,
                "device": {"hostName": "db02"},
            }
            for n in "12"
        ]
        json.dump(many, file)
        file.flush()
        opcli("postalerts", "--infile", file.name, "--range", "1-2")
    everything = "duration:1"
    said = opcli("getalerts", "--query", everything, "--count")
    assert "Matched 4 alerts" in said, said
    full = {alert["subject"]: alert for alert in found("--query", everything)}
    brief = found("--query", "states:Critical,Warning", "--brief", "--descr")
    assert [alert["component"] for alert in sorted(brief, key=lambda one: str(one["uniqueId"]))] == ["/var", "/srv"]
    assert {alert["description"] for alert in brief} == {"97 percent"}
    var = full["Disk /var is full"]
    assert (var["currentState"], var["status"], var["app"], var["problemArea"]) == ("Critical", "New", "Nagios", "disk")
    one = f"uniqueId:{var['uniqueId']}"
    states = [
        ("acknowledge", "Acknowledged"),
        ("unAcknowledge", "New"),
        ("suppress", "Suppressed"),
        ("unsuppress", "New"),
    ]
    for action, status in states:
        said = opcli("getalerts", "--query", one, "--action", action)
        assert f"Result for {var['uniqueId']}" in said
        assert found("--query", one)[0]["status"] == status, action
    opcli("getalerts", "--query", one, "--heal")
    healed = found("--query", one)[0]
    assert (healed["currentState"], healed.get("oldState")) == ("Ok", "Critical"), healed
    srv = f"uniqueId:{full['Disk /srv is full']['uniqueId']}"
    opcli("getalerts", "--query", srv, "--action", "Heal")
    assert found("--query", srv)[0]["currentState"] == "Ok"
    opcli("getalerts", "--query", one, "--action", "close")
    assert found("--query", one)[0]["status"] == "Closed"
    assert "Matched 1 alerts after" in opcli("getalerts", "--query", "actions:CLOSED", "--count", "--filter", "True")


def webhook() -> None:
    """`webhookalerts` of this release can't start (it misses an option of its own), so this is what it would call."""
    env = opsrampenv.OpsRampEnv({"name": "hook", "url": URL, "tenant": TENANT, "vtoken": os.environ["INGEST_KEY"]})
    with redirect_stdout(io.StringIO()):
        env.post_alert_vtoken(
            {"subject": "By hook", "currentState": "Critical", "metric": "hook", "device": {"hostName": "db03"}}
        )
    assert [alert["subject"] for alert in found("--query", "metrics:hook")] == ["By hook"]


def incidents() -> None:
    env = opsrampenv.OpsRampEnv({"name": "own", "url": URL, "tenant": TENANT, "partner": PARTNER, **OWN})
    made = env.post_object(
        f"/api/v2/tenants/{TENANT}/incidents",
        {"subject": "Shop is slow", "description": "Ten seconds", "priority": "High"},
    )
    assert made["id"].startswith("INC")
    query = "subject:Shop is slow"
    assert "Matched 1 incidents" in opcli("getincidents", "--query", query, "--count")
    (incident,) = next(values(opcli("getincidents", "--query", query, "--details")))
    assert (incident["id"], incident["description"], incident["customFields"]) == (made["id"], "Ten seconds", [])
    opcli("getincidents", "--query", query, "--resolve")
    assert next(values(opcli("getincidents", "--query", query)))[0]["status"] == "Resolved"


def policies() -> None:
    """`migratealertesc` of this release can't start (it hands its environment one argument too many), so the parts of
    it are called here, as it would call them."""
    env = opsrampenv.OpsRampEnv({"name": "over", "url": URL, "tenant": TENANT, "partner": PARTNER, **OVER})
    sample = json.loads((HERE / "opsramp_policy.json").read_text("utf-8"))
    path = f"/api/v2/tenants/{TENANT}/incidents/urgencies"
    urgency = env.post_object(path, {"name": "At once", "description": "By hand"})
    sample["escalations"][1]["incident"]["urgency"] = {"uniqueId": urgency["uniqueId"]}
    made = env.create_alertescalation(sample)
    rows = next(values(opcli("getalertesc", "--query", f"name:{sample['name']}")))
    assert [row["id"] for row in rows] == [made["id"]]
    (full,) = next(values(opcli("getalertesc", "--query", f"name:{sample['name']}", "--details")))
    assert full == made
    known = {kind: env.get_objects(obtype=kind) for kind in KINDS}
    assert known["clients"]["uniqueId"] == TENANT
    assert all(isinstance(known[kind], list) for kind in KINDS[1:])
    assert "At once" in {one["name"] for one in known["urgencies"]}
    ids = escalationpolicies.build_map_of_obj_ids({"source": known, "dest": known})
    copy = escalationpolicies.prepare_policy_for_create(full | {"name": "Copy"}, ids)
    copied = env.create_alertescalation(copy)
    assert copied["name"] == "Copy"
    names = [[one["name"] for one in each["escalations"][0]["recipients"]] for each in (full, copied)]
    assert names[0] == names[1]
    assert env.update_alertescalation(copy | {"enabledMode": "OFF", "active": False}, copied["id"])["active"] is False


def main() -> None:
    alerts()
    webhook()
    incidents()
    policies()
    print("all of it")


if __name__ == "__main__":
    main()
