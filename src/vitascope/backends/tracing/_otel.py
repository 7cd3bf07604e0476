"""Spans through the OpenTelemetry SDK, sent to a collector by OTLP over HTTP. A provider of its own: nothing global is set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vitascope import __version__
from vitascope.base.errors import ConfigError
from vitascope.base.ports.observing import Span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor


def open_tracer(endpoint: str, processor: SpanProcessor | None = None) -> OpenTelemetry:
    """A tracer that sends to a collector ("http://127.0.0.1:4318"; /v1/traces is put behind it).

    Args:
        processor: in place of the collector's, for tests.

    Raises:
        ConfigError: the SDK is not installed, or this is no address.
    """
    if not endpoint.startswith(("http://", "https://")):
        raise ConfigError(
            "traces go to an http(s) address of a collector",
            place="serve.traces",
            remedy='set it to "http://127.0.0.1:4318", or to "" for none',
        )
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        if processor is None:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=5))
    except ImportError as error:
        raise ConfigError(
            f"traces need the OpenTelemetry SDK, which is not installed ({error.name})",
            place="serve.traces",
            remedy='pip install "vitascope[traces]", or set serve.traces to ""',
        ) from error
    about = Resource({"service.name": "vitascope", "service.version": __version__})
    provider = TracerProvider(resource=about)
    provider.add_span_processor(processor)
    return OpenTelemetry(provider)


class OpenTelemetry:
    """Implements `Tracer`."""

    def __init__(self, provider: Any) -> None:
        self._provider, self._tracer = provider, provider.get_tracer("vitascope", __version__)

    @contextmanager
    def span(
        self, name: str, attributes: Mapping[str, str | int | float | bool], parent: Mapping[str, str] | None = None
    ) -> Iterator[Span]:
        """A span around a block."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        above = TraceContextTextMapPropagator().extract(dict(parent)) if parent else None
        kind = SpanKind.SERVER if parent is not None else SpanKind.INTERNAL
        with self._tracer.start_as_current_span(
            name,
            context=above,
            kind=kind,
            attributes=dict(attributes),
            record_exception=False,  # an exception's text may quote what nobody should read
            set_status_on_exception=False,
        ) as found:
            yield _Span(found)

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


class _Span:
    def __init__(self, span: Any) -> None:
        self._span = span

    def set(self, name: str, value: str | int | float | bool) -> None:
        """Say more of it."""
        self._span.set_attribute(name, value)

    def failed(self, what: str) -> None:
        """It did not end well."""
        from opentelemetry.trace import StatusCode

        self._span.set_status(StatusCode.ERROR, what)
