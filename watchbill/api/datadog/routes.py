"""Every operation of the dialect (reference, part 3)."""

from watchbill.api.datadog.auth import authenticate, credential
from watchbill.api.datadog.envelope import refuse
from watchbill.asgi.dialect import Dialect

DIALECT = Dialect(
    name="datadog",
    prefixes=("/api/v2/", "/api/v1/validate"),
    routes=(),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
