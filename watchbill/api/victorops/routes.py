"""Every call of the dialect (reference, part 7)."""

from watchbill.api.victorops import (
    alert_rules,
    alerts,
    chat,
    hooks,
    incidents,
    maintenance,
    notes,
    reporting,
    responding,
    stakeholders,
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
        *alert_rules.ROUTES,
        *hooks.ROUTES,
        *chat.ROUTES,
        *stakeholders.ROUTES,
    ),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
