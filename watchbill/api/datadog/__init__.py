"""The public API of Datadog On-Call, and the users and teams it stands on."""

PREFIXES = ("/api/v2/", "/api/v1/validate")
