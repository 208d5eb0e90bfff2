"""Every call of the dialect (reference, part 18)."""

from watchbill.api.opsramp import (
    alert_actions,
    alert_escalations,
    alert_reading,
    alert_search,
    alerts,
    cfg,
    clients,
    escalations,
    groups,
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
    prefixes=(
        "/api/v2/tenants/",
        "/api/v2/cfg/",
        "/api/v2/alertTypes",
        "/api/v2/alerts/tenants/",
        "/auth/oauth/",
        "/tenancy/auth/oauth/",
        "/itop/",
        "/integrations/alertsWebhook/",
    ),
    routes=(
        *tokens.ROUTES,
        *cfg.ROUTES,
        *clients.ROUTES,
        *users.ROUTES,
        *user_changes.ROUTES,
        *groups.ROUTES,
        *roles.ROUTES,
        *rosters.ROUTES,
        *alerts.ROUTES,
        *alert_search.ROUTES,
        *alert_reading.ROUTES,
        *alert_actions.ROUTES,
        *escalations.ROUTES,
        *alert_escalations.ROUTES,
    ),
    credential=credential,
    authenticate=authenticate,
    refuse=refuse,
)
