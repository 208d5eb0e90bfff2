"""Every call of the dialect (reference, part 18)."""

from watchbill.api.opsramp import (
    alert_actions,
    alert_escalations,
    alert_reading,
    alert_search,
    alerts,
    cfg,
    clients,
    desk_calls,
    escalations,
    groups,
    incident_calls,
    incident_search,
    incidents,
    machine_learning,
    neighbours,
    roles,
    rosters,
    tokens,
    user_changes,
    users,
)
from watchbill.api.opsramp.auth import authenticate, credential
from watchbill.api.opsramp.envelope import refuse
from watchbill.asgi.dialect import Dialect

DIALECT = Dialect(
    name="opsramp",
    routes=(
        *tokens.ROUTES,
        *cfg.ROUTES,
        *clients.ROUTES,
        *users.ROUTES,
        *user_changes.ROUTES,
        *groups.ROUTES,
        *roles.ROUTES,
        *rosters.ROUTES,
        *incidents.ROUTES,
        *incident_search.ROUTES,
        *incident_calls.ROUTES,
        *desk_calls.ROUTES,
        *alerts.ROUTES,
        *alert_search.ROUTES,
        *alert_reading.ROUTES,
        *alert_actions.ROUTES,
        *escalations.ROUTES,
        *alert_escalations.ROUTES,
        *machine_learning.ROUTES,
        *neighbours.ROUTES,
    ),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
