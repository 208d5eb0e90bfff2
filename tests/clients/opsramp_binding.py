"""OpsRamp's own client for Python, on all of its parts that lead to us. Run by an interpreter that has that client."""

import json
import os
from pathlib import Path
from typing import Any

import opsramp.binding

HERE = Path(__file__).parent
SAMPLE = json.loads((HERE / "opsramp_policy.json").read_text("utf-8"))
MISSING = "No escalate alert policy details found"


def refused(text: str, call: Any, *given: Any) -> None:
    """The call fails with this text. The client tells every failure as a RuntimeError."""
    try:
        answer = call(*given)
    except RuntimeError as error:
        assert text in str(error), error
    else:
        raise AssertionError(f"not refused: {answer}")


def kept(sent: Any, got: Any, where: str = "") -> list[str]:
    """Where something that was sent did not come back. Words for true and false come back as such."""
    if isinstance(sent, dict) and isinstance(got, dict):
        return [lost for name, value in sent.items() for lost in kept(value, got.get(name), f"{where}.{name}")]
    if isinstance(sent, list) and isinstance(got, list) and len(sent) == len(got):
        return [lost for at, pair in enumerate(zip(sent, got, strict=True)) for lost in kept(*pair, f"{where}[{at}]")]
    same = sent == got or (sent in ("true", "false") and got is (sent == "true"))
    return [] if same else [f"{where}: {sent!r} came back as {got!r}"]


def escalations(tenant: Any) -> None:
    policies = tenant.escalations()
    made = policies.create(SAMPLE)
    assert kept(SAMPLE, made) == []
    id = made["id"]
    assert id.startswith("POLICY-")
    assert (made["active"], made["enabledMode"], made["policyType"]) == (True, "ON", "ESCALATION_POLICY")
    assert made["scope"]["uniqueId"] == tenant.uuid
    got = policies.get(id)
    assert got == made
    assert policies.update(id, {"description": "Changed"})["description"] == "Changed"
    assert kept(SAMPLE | {"description": "Changed"}, policies.get(id)) == []
    assert kept(SAMPLE, policies.update(id, got)) == []
    assert kept(SAMPLE, policies.get(id)) == []
    assert policies.disable(id) == ""
    off = policies.get(id)
    assert (off["active"], off["enabledMode"]) == (False, "OFF")
    assert kept(SAMPLE, off) == []
    assert policies.disable(id) == ""
    assert policies.enable(id) == ""
    on = policies.get(id)
    assert (on["active"], on["enabledMode"]) == (True, "ON")
    assert kept(SAMPLE, on) == []
    plain = {
        "name": "Plain",
        "escalationType": "MANUAL",
        "escalations": [{"recipients": SAMPLE["escalations"][0]["recipients"]}],
    }
    other = policies.create(plain)
    assert kept(plain, other) == []
    assert other["escalations"][0]["action"] == "NOTIFICATION"
    rows = policies.search("queryString=name:Plain&pageNo=1&pageSize=1")["results"]
    assert [row["id"] for row in rows] == [other["id"]]
    assert "escalations" not in rows[0]
    assert {row["id"] for row in policies.search("pageSize=1")["results"]} >= {id, other["id"]}
    assert policies.search("queryString=name:Plai")["results"] == []
    for each in (id, other["id"]):
        assert policies.delete(each) == ""
    refused(MISSING, policies.get, id)
    refused(MISSING, policies.delete, id)


def roles(tenant: Any) -> None:
    sets = tenant.permission_sets().search()["results"]
    made = tenant.roles().create(
        {"name": "Night", "scope": "CLIENT", "permissions": [{"id": one["id"]} for one in sets[:1]]}
    )
    id = made["uniqueId"]
    assert tenant.roles().get(id)["name"] == "Night"
    tenant.roles().update(id, {"name": "Day"})
    names = {role["uniqueId"]: role["name"] for role in tenant.roles().search("pageSize=2")["results"]}
    assert names[id] == "Day"
    tenant.roles().delete(id)
    refused("404", tenant.roles().get, id)


def first_response(tenant: Any) -> None:
    told = {
        "name": "Mute the probe",
        "enabledMode": "ON",
        "filterCriteria": {"filterBased": True, "matchingType": "ALL", "rules": []},
    }
    policies = tenant.first_response()
    made = policies.create(told)
    id = made["id"]
    assert id.startswith("POLICY-AC-")
    assert policies.policy_detail(id)["name"] == "Mute the probe"
    policies.update(id, {"name": "Mute"})
    policies.disable(id)
    assert policies.policy_detail(id)["enabledMode"] == "OFF"
    policies.enable(id)
    assert [row["name"] for row in policies.search("pageNo=1&pageSize=100")["results"]] == ["Mute"]
    policies.delete(id)
    refused("404", policies.policy_detail, id)


def learning(tenant: Any) -> None:
    training = tenant.model_training()
    assert training.train_model() == ""
    meta = {
        "category": "ALERT_ESCALATION_TRAINING",
        "properties": {"inputColumns": ["metric"], "outputColumns": ["incident.priority"]},
    }
    table = ("rows.csv", b"metric,incident.priority\nsystem.disk,High\n", "text/csv")
    training.file_upload({"metaData": json.dumps(meta)}, {"attachment": table})
    assert len(training.get_training_file()["results"]) == 1


def clients(partner: Any) -> None:
    known = partner.clients()
    told = known.mkClient("Shop", "1 Main Street", {"code": "EST"}, "United States", known.mkHours())
    id = known.create(told)["uniqueId"]
    assert id in {client["uniqueId"] for client in known.get()}
    assert [client["uniqueId"] for client in known.search("name:Shop")["results"]] == [id]
    known.update(id, {"address": "2 Main Street"})
    for act in (known.suspend, known.activate, known.terminate):
        act(id)


def globals_of(binding: Any) -> None:
    config = binding.config()
    assert "MONITORING" in config.get_alert_types()
    assert {"code": "IND", "name": "India"} in config.get_countries()
    assert "Asia/Calcutta" in {zone["name"] for zone in config.get_timezones()}
    for list_of in (config.get_alert_technologies, config.get_channels, config.get_nocs, config.get_device_types):
        assert isinstance(list_of(), list)


def wrong_keys(url: str, key: str) -> None:
    refused("Bad API credentials", opsramp.binding.connect, url, key, "wrong")
    binding = opsramp.binding.Opsramp(url, "wrong")
    refused("401", binding.tenant(os.environ["OPSRAMP_TENANT"]).escalations().search)


def main() -> None:
    url = os.environ["URL"]
    binding = opsramp.binding.connect(url, os.environ["OPSRAMP_KEY"], os.environ["OPSRAMP_SECRET"])
    tenant = binding.tenant(os.environ["OPSRAMP_TENANT"])
    escalations(tenant)
    roles(tenant)
    first_response(tenant)
    learning(tenant)
    globals_of(binding)
    over = opsramp.binding.connect(url, os.environ["PARTNER_KEY"], os.environ["PARTNER_SECRET"])
    escalations(over.tenant(os.environ["OPSRAMP_PARTNER"]))
    clients(over.tenant(os.environ["OPSRAMP_PARTNER"]))
    wrong_keys(url, os.environ["OPSRAMP_KEY"])
    print("all of it")


if __name__ == "__main__":
    main()
