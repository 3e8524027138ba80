"""Traces with OpenTelemetry, where the extra ``tracing`` is installed and a collector is named."""
