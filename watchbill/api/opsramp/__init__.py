"""The public API of OpsRamp: alert escalation and what it stands on."""

PREFIXES = (
    "/api/v2/tenants/",
    "/api/v2/cfg/",
    "/api/v2/alertTypes",
    "/api/v2/alerts/tenants/",
    "/auth/oauth/",
    "/tenancy/auth/oauth/",
    "/itop/",
    "/integrations/alertsWebhook/",
)
