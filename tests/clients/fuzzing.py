"""What no client of ours would send: values made up from a published description, right and wrong ones, the same in
each run. Each answer has to be one that the description tells: its status, its media type, its shape."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from httpx import Client

from tests.clients.conftest import House, run
from tests.stories.process import ROOT
from watchbill.wiring.dialects import published

# What is there, by the names of parameters and members (see aiming.py).
Known = Mapping[str, Sequence[Any]]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
MANY = 50
METHODS = ("get", "post", "put", "patch", "delete")
CONFIG = """
warnings = false
[phases.coverage]
unexpected-methods = []
"""
# Deletions come last, because there is less and less afterwards.
ROUNDS = (("--exclude-method", "DELETE"), ("--include-method", "DELETE"))


def send_anything(name: str, house: House, headers: Mapping[str, str], known: Known, examples: int) -> None:
    """Fails with what schemathesis says of the answers to so many random requests for each operation, beside those
    that try the bounds of values: every bound of every value when there are many examples, else some of each kind."""
    folder = house.folder
    (folder / "schemathesis.toml").write_text(CONFIG, "utf-8")
    line = [Path(sys.executable).parent / "schemathesis", "--config-file", folder / "schemathesis.toml", "run"]
    line += [f"{house.url}/openapi/{name}.json", "--url", house.url, "--checks", ",".join(CHECKS)]
    line += ["--phases", "coverage,fuzzing,stateful", "--max-examples", str(examples), "--generation-deterministic"]
    line += ["--no-shrink", "--no-color", "--max-failures", "30", "--continue-on-failure"]
    # How long it takes to make a request up says more about what else the machine does than about Watchbill.
    line += ["--suppress-health-check", "too_slow"]
    for header, value in headers.items():
        line += ["--header", f"{header}: {value}"]
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.clients.aiming",
        "KNOWN": json.dumps(known),
        "BOUNDS": "10" if examples < MANY else "0",
    }
    for which in ROUNDS:
        run(*line, *which, env=env, seconds=3600)


def answers_without_keys(name: str, url: str, headers: Mapping[str, str]) -> set[int]:
    """With which statuses the operations answer somebody with these keys."""
    statuses = set()
    with Client(timeout=10) as session:
        for path, item in json.loads(published()[name])["paths"].items():
            for method in (each for each in METHODS if each in item and item[each].get("security") != []):
                address = url + path.replace("{", "").replace("}", "")
                answer = session.request(method, address, headers=dict(headers), json={})
                statuses.add(answer.status_code)
    return statuses
