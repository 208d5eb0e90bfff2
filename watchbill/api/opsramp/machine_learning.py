"""Training files, and learning from them (reference, part 12)."""

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.api.opsramp import multipart
from watchbill.api.opsramp.bodies import Body, as_object, one, word
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.quotas import SEARCHES, WRITES
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.api.opsramp.times import stamp
from watchbill.asgi.dialect import get, post
from watchbill.asgi.requests import Call, Reply, json_of
from watchbill.domain.errors import Invalid
from watchbill.domain.training import CATEGORIES, TrainingFile
from watchbill.usecases import training
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

FILES = f"{T}/machineLearning/files"
METADATA, ATTACHMENT = "metaData", "attachment"
LONGEST_NAME = 200
MOST_COLUMNS, LONGEST_COLUMN = 50, 200


def upload(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.ALERTS)
    parts = multipart.parts_of(call.request)
    if METADATA not in parts or ATTACHMENT not in parts:
        raise Invalid(f"The form needs the parts {METADATA} and {ATTACHMENT}", METADATA)
    about = as_object(json_of(bytes(parts[METADATA].content)), METADATA)
    category = word(about, "category", CATEGORIES, str.upper)
    if category is None:
        raise Invalid("category is mandatory", "category")
    properties = one(about, "properties") or {}
    name = parts[ATTACHMENT].filename.replace("\0", "").strip()[:LONGEST_NAME] or f"{category.lower()}.csv"
    content = bytes(parts[ATTACHMENT].content)
    inputs, outputs = (_names(properties, field) for field in ("inputColumns", "outputColumns"))
    file = TrainingFile(org.number, category, name, call.now, inputs, outputs)
    training.upload(tx, file, content)
    return Reply()


def _names(properties: Body, field: str) -> tuple[str, ...]:
    found: Any = properties.get(field) or []
    if not isinstance(found, list) or len(found) > MOST_COLUMNS:
        raise Invalid(f"A list of at most {MOST_COLUMNS} columns is needed", field)
    if not all(isinstance(name, str) and 0 < len(name) <= LONGEST_COLUMN for name in found):
        raise Invalid("A column is a text", field)
    return tuple(dict.fromkeys(name.strip() for name in found))


def listed(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    sorts = {"createdTime": lambda file: (file.created_at, file.category)}
    return paged(wanted(call, sorts), tx.training_files(org.number), sorts, _row)


def _row(file: TrainingFile) -> Mapping[str, Any]:
    columns: Mapping[str, Sequence[str]] = {"inputColumns": file.inputs, "outputColumns": file.outputs}
    return {
        "name": file.name,
        "category": file.category,
        "createdTime": stamp(file.created_at),
        "status": file.state,
        "properties": columns,
        **({"message": file.why} if file.why else {}),
    }


def train(tx: Tx, call: Call) -> Reply:
    """Asks for it: the engine learns within seconds, and the list tells when it is done."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.ALERTS)
    category = call.params["type"].upper()
    if category not in CATEGORIES:
        raise Invalid(f"One of {', '.join(CATEGORIES)} is needed", "type")
    training.request(tx, org.number, category)
    return Reply()


ROUTES = [
    post(FILES, upload, quota=WRITES),
    get(FILES, listed, quota=SEARCHES),
    post(f"{T}/machineLearning/train/{{type}}", train, quota=WRITES),
]
