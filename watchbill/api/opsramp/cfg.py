"""Lists that are the same for everybody (reference, part 2)."""

from collections.abc import Sequence

from watchbill.api.opsramp.countries import COUNTRIES
from watchbill.api.opsramp.events import USUAL_APP
from watchbill.api.opsramp.quotas import READS
from watchbill.api.opsramp.zones import ROWS, row
from watchbill.asgi.dialect import Handler, get
from watchbill.asgi.requests import Call, Reply
from watchbill.usecases.ports import Tx

CFG = "/api/v2/cfg"
# The classes of resources that an alert may name; nothing depends on them.
DEVICE_TYPES = ("Server", "Linux", "Windows", "Desktop", "Network Device", "Storage", "Virtual Machine", "Other")


def listed(rows: Sequence[object]) -> Handler:
    def handler(tx: Tx, call: Call) -> Reply:
        return Reply(body=rows)

    return handler


def technologies(tx: Tx, call: Call) -> Reply:
    """Where alerts come from: this API, and the integrations of the caller's organization."""
    org = tx.organization(call.caller.org)
    names = [USUAL_APP, *(one.name for one in org.integrations.values())]
    return Reply(body=[{"id": number, "name": name} for number, name in enumerate(names, 1)])


ROUTES = [
    get(f"{CFG}/timezones", listed([row(one) for one in ROWS]), quota=READS),
    get(f"{CFG}/countries", listed(COUNTRIES), quota=READS),
    get(f"{CFG}/tenants/channels", listed([]), quota=READS),
    get(f"{CFG}/tenants/nocs", listed([]), quota=READS),
    get(f"{CFG}/alertTechnologies", technologies, quota=READS),
    get(
        f"{CFG}/devices/types", listed([{"id": n, "name": name} for n, name in enumerate(DEVICE_TYPES, 1)]), quota=READS
    ),
]
