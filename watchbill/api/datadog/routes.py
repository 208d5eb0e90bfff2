"""Every operation of the dialect (reference, part 3)."""

from collections.abc import Sequence

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
from watchbill.api.datadog.envelope import ON_CALL, counted, refuse
from watchbill.asgi.dialect import Dialect, Route
from watchbill.asgi.limits import Quota
from watchbill.domain.record import replace


def limited(route: Route) -> Route:
    """The reference documents the headers of the limits (part 2.7) and no figures. Ours: ten requests a
    second, counted by the minute, for on-call and for people apart."""
    name = "on_call" if route.path.startswith(ON_CALL) else "people"
    return replace(route, quota=Quota(name, 600, 60))


ROUTES: Sequence[Route] = (
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
)
DIALECT = Dialect(
    name="datadog",
    routes=tuple(map(limited, ROUTES)),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
    counted=counted,
)
