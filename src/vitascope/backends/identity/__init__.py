"""Identity providers: OpenID Connect. Implements `base.ports.access.IdentityProvider`; knows no library and no request."""

from __future__ import annotations

from vitascope.backends.identity._oidc import OpenIdConnect

__all__ = ["OpenIdConnect"]
