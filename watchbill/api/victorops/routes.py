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
    reporting,
    responding,
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
        *incidents.ROUTES,
        *responding.ROUTES,
        *notes.ROUTES,
        *maintenance.ROUTES,
        *reporting.ROUTES,
        *teams.ROUTES,
        *users.ROUTES,
        *batch.ROUTES,
        *contacts.ROUTES,
        *paging_values.ROUTES,
        *paging.ROUTES,
    ),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
