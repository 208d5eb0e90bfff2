"""Every call of the dialect (reference, part 7)."""

from watchbill.api.victorops import alerts, contacts, incidents, maintenance, notes, reporting, responding, teams, users
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
        *contacts.ROUTES,
    ),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
