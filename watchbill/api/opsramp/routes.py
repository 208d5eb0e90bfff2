"""Every call of the dialect (reference, part 18)."""

from watchbill.api.opsramp.auth import authenticate, credential
from watchbill.api.opsramp.envelope import refuse
from watchbill.asgi.dialect import Dialect

DIALECT = Dialect(
    name="opsramp",
    prefixes=("/api/v2/tenants/", "/auth/oauth/", "/tenancy/auth/oauth/"),
    routes=(),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
