"""Every call of the dialect (reference, part 7)."""

from watchbill.api.victorops import policies, rotation_shifts, rotations, routing_keys, teams, users
from watchbill.api.victorops.auth import authenticate, credential
from watchbill.api.victorops.envelope import refuse
from watchbill.asgi.dialect import Dialect

DIALECT = Dialect(
    name="victorops",
    prefixes=("/api-public/", "/api-reporting/"),
    routes=(
        *policies.ROUTES,
        *rotations.ROUTES,
        *rotation_shifts.ROUTES,
        *routing_keys.ROUTES,
        *teams.ROUTES,
        *users.ROUTES,
    ),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
