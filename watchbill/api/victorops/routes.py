"""Every call of the dialect (reference, part 7)."""

from collections.abc import Sequence

from watchbill.api.victorops import (
    alert_rules,
    alerts,
    batch,
    calendars,
    chat,
    contacts,
    guessed,
    hooks,
    incidents,
    maintenance,
    notes,
    oncall,
    oncall_log,
    oncall_schedules,
    overrides,
    paging,
    paging_values,
    policies,
    reporting,
    responding,
    rotation_shifts,
    rotations,
    routing_keys,
    stakeholders,
    takes,
    teams,
    users,
)
from watchbill.api.victorops.auth import authenticate, credential
from watchbill.api.victorops.envelope import refuse
from watchbill.asgi.dialect import Dialect, Route
from watchbill.asgi.limits import Quota
from watchbill.domain.record import replace


def limited(route: Route) -> Route:
    """Each call has a limit of its own: two a second where the reference tells no other (part 1.3)."""
    return route if route.quota else replace(route, quota=Quota(f"{route.method} {route.path}", 2, 1))


ROUTES: Sequence[Route] = (
    *alert_rules.ROUTES,
    *alerts.ROUTES,
    *batch.ROUTES,
    *calendars.ROUTES,
    *chat.ROUTES,
    *contacts.ROUTES,
    *guessed.ROUTES,
    *hooks.ROUTES,
    *incidents.ROUTES,
    *maintenance.ROUTES,
    *notes.ROUTES,
    *oncall.ROUTES,
    *oncall_log.ROUTES,
    *oncall_schedules.ROUTES,
    *overrides.ROUTES,
    *paging.ROUTES,
    *paging_values.ROUTES,
    *policies.ROUTES,
    *reporting.ROUTES,
    *responding.ROUTES,
    *rotation_shifts.ROUTES,
    *rotations.ROUTES,
    *routing_keys.ROUTES,
    *stakeholders.ROUTES,
    *takes.ROUTES,
    *teams.ROUTES,
    *users.ROUTES,
)
DIALECT = Dialect(
    name="victorops",
    routes=[limited(route) for route in ROUTES],
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
