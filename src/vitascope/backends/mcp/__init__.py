"""The library as a Model Context Protocol server (the official Python SDK), for assistants that people already use.

Takes a `Service` and which tools to give; gives an MCP server, over stdio or as an ASGI application. It ranks nothing and writes
nothing unless allowed. The SDK loads when a server is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.backends.mcp._config import McpConfig

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from vitascope.base.ports.service import Service

__all__ = ["McpConfig", "http_app", "mcp_server", "run_stdio"]


def mcp_server(service: Service, config: McpConfig | None = None) -> MCPServer:
    """The server with the tools of the settings. The caller keeps and closes the service.

    Raises:
        UsageError: a tool that is not there.
    """
    from vitascope.backends.mcp._server import build

    return build(service, config or McpConfig())


def run_stdio(server: MCPServer) -> None:
    """Speak over standard input and output until they end."""
    server.run("stdio")


def http_app(server: MCPServer, hosts: tuple[str, ...]) -> Any:
    """The server as an ASGI application (Starlette) with streamable HTTP at /mcp, for these host names (without port)."""
    from mcp.server.transport_security import TransportSecuritySettings

    allowed = [name for host in hosts for name in (host, f"{host}:*")]
    checks = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=allowed,
        allowed_origins=[f"{scheme}://{name}" for name in allowed for scheme in ("http", "https")],
    )
    return server.streamable_http_app(
        streamable_http_path="/mcp", json_response=True, stateless_http=True, transport_security=checks
    )
