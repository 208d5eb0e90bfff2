"""Every operation of the dialect (reference, part 3)."""

from watchbill.api.datadog import (
    channels,
    invitations,
    memberships,
    oncall,
    pages,
    policies,
    routing_rules,
    rules,
    schedules,
    teams,
    users,
    validation,
)
from watchbill.api.datadog.auth import authenticate, credential
from watchbill.api.datadog.envelope import counted, refuse
from watchbill.asgi.dialect import Dialect

DIALECT = Dialect(
    name="datadog",
    prefixes=("/api/v2/", "/api/v1/validate"),
    routes=(
        *validation.ROUTES,
        *users.ROUTES,
        *invitations.ROUTES,
        *teams.ROUTES,
        *memberships.ROUTES,
        *channels.ROUTES,
        *rules.ROUTES,
        *schedules.ROUTES,
        *oncall.ROUTES,
        *policies.ROUTES,
        *routing_rules.ROUTES,
        *pages.ROUTES,
    ),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
    counted=counted,
)
