"""The public API of VictorOps / Splunk On-Call."""

PREFIXES = ("/api-public/", "/api-reporting/", "/api/v1/org/")
