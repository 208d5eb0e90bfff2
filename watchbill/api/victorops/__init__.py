"""The public API of VictorOps / Splunk On-Call."""
