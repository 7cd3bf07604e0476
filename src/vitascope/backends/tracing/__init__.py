"""Traces: OpenTelemetry. Implements `base.ports.observing.Tracer`; the SDK is an extra and is imported when traces are on."""

from __future__ import annotations

from vitascope.backends.tracing._otel import open_tracer

__all__ = ["open_tracer"]
