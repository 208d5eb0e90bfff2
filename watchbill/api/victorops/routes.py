"""Every call of the dialect (reference, part 7)."""

from watchbill.api.victorops import batch, contacts, paging, paging_values, teams, users
from watchbill.api.victorops.auth import authenticate, credential
from watchbill.api.victorops.envelope import refuse
from watchbill.asgi.dialect import Dialect

DIALECT = Dialect(
    name="victorops",
    prefixes=("/api-public/", "/api-reporting/"),
    routes=(
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
