"""Every call of the dialect (reference, part 7)."""

from watchbill.api.victorops import (
    alerts,
    batch,
    contacts,
    incidents,
    maintenance,
    notes,
    paging,
    paging_values,
    policies,
    reporting,
    responding,
    rotation_shifts,
    rotations,
    routing_keys,
    teams,
    users,
)
from watchbill.api.victorops.auth import authenticate, credential
from watchbill.api.victorops.envelope import refuse
from watchbill.asgi.dialect import Dialect

DIALECT = Dialect(
    name="victorops",
    prefixes=("/api-public/", "/api-reporting/"),
    routes=(
        *alerts.ROUTES,
        *batch.ROUTES,
        *contacts.ROUTES,
        *incidents.ROUTES,
        *maintenance.ROUTES,
        *notes.ROUTES,
        *paging.ROUTES,
        *paging_values.ROUTES,
        *policies.ROUTES,
        *reporting.ROUTES,
        *responding.ROUTES,
        *rotation_shifts.ROUTES,
        *rotations.ROUTES,
        *routing_keys.ROUTES,
        *teams.ROUTES,
        *users.ROUTES,
    ),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
