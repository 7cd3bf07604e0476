"""What is known of the work in hand wherever it goes on: which request it is, and who asked. Knows no person's name."""

from __future__ import annotations

from contextvars import ContextVar

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; "" outside of one. At most 64 of [A-Za-z0-9._-]."""
WHO: ContextVar[str] = ContextVar("who", default="command line")
"""Who does it, for the audit trail: "key 3f9a...", "owner 01ab...", "open", "command line"."""
