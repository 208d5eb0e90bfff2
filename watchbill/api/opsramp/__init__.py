"""The public API of OpsRamp: alert escalation and what it stands on."""
