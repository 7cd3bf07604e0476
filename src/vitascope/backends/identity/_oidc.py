"""OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), a state and a nonce.

joserfc checks the identity token: signature by the provider's published keys, issuer, audience, expiry, nonce. Only RS, PS,
ES and Ed signatures count; "none" and shared secrets never do.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode, urlsplit

from vitascope.base.errors import FetchError, Refused, UsageError
from vitascope.base.ports.access import Begun, Vouched

if TYPE_CHECKING:
    import httpx

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
_KEPT_SECONDS = 3_600.0
"""How long what the provider says of itself is believed."""
_LEEWAY = 60
_MOST = 1 << 20
_LOCAL = ("localhost", "127.0.0.1", "::1")


class OpenIdConnect:
    """One provider.

    Args:
        issuer: its address, as it stands in its tokens.
        client, secret: what this server is called there.
        clock: seconds since 1970.
        transport: for tests.
    """

    def __init__(
        self,
        issuer: str,
        client: str,
        secret: str | None = None,
        *,
        clock: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        where = urlsplit(issuer)
        if not client or not where.hostname or (where.scheme != "https" and where.hostname not in _LOCAL):
            raise UsageError(
                "an identity provider has an https address, and this server a name with it",
                place="serve.oidc_issuer",
                remedy="set serve.oidc_issuer to https://... and serve.oidc_client",
            )
        self._issuer, self._client, self._secret = issuer, client, secret
        self._clock, self._transport, self._lock = clock, transport, threading.Lock()
        self._known: tuple[float, dict[str, Any], Any] | None = None

    def begin(self, back: str) -> Begun:
        """Begin a sign-in. Raises FetchError."""
        about, _keys = self._provider()
        verifier, state, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        told = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": back,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        where = about["authorization_endpoint"]
        url = f"{where}{'&' if '?' in where else '?'}{urlencode(told)}"
        return Begun(url=url, kept=f"{state}.{nonce}.{verifier}")

    def finish(self, back: str, kept: str, state: str, code: str) -> Vouched:
        """Who it is. Raises Refused, FetchError."""
        parts = kept.split(".")
        if len(parts) != 3 or not code or not hmac.compare_digest(parts[0].encode(), state.encode()):
            raise _refused("this browser did not begin this sign-in")
        _state, nonce, verifier = parts
        about, _keys = self._provider()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
            "client_id": self._client,
        }
        token = self._ask("POST", about["token_endpoint"], form)
        if "id_token" not in token:
            raise _refused("the identity provider refused the code")
        return self._vouched(str(token["id_token"]), nonce)

    def _vouched(self, token: str, nonce: str) -> Vouched:
        claims = self._claims(token, fresh=False)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _refused("the identity token was made for another sign-in")
        verified = claims.get("email_verified") is True
        return Vouched(
            issuer=self._issuer,
            subject=str(claims["sub"])[:500],
            email=str(claims.get("email", ""))[:500] if verified else "",
        )

    def _claims(self, token: str, fresh: bool) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError

        _about, keys = self._provider(fresh)
        wanted = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            found = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            wanted.validate(found.claims)
        except (JoseError, ValueError) as error:
            if not fresh:  # the provider may have taken new keys meanwhile
                return self._claims(token, fresh=True)
            raise _refused(f"the identity token does not hold ({type(error).__name__})") from error
        audience = found.claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and found.claims.get("azp") != self._client:
            raise _refused("the identity token was made for another server")
        return dict(found.claims)

    def _provider(self, fresh: bool = False) -> tuple[dict[str, Any], Any]:
        from joserfc.jwk import KeySet

        with self._lock:
            known = self._known
            if known is None or self._clock() - known[0] > (_LEEWAY if fresh else _KEPT_SECONDS):
                about = self._get(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
                if about.get("issuer") != self._issuer:
                    raise self._away("it says that it is another")
                try:
                    keys = KeySet.import_key_set(self._get(str(about["jwks_uri"])))  # type: ignore[arg-type]
                    _ = about["authorization_endpoint"], about["token_endpoint"]
                except (KeyError, ValueError, TypeError) as error:
                    raise self._away("what it says of itself cannot be read") from error
                known = self._known = (self._clock(), about, keys)
            return known[1], known[2]

    def _get(self, url: str) -> dict[str, Any]:
        return self._ask("GET", url)

    def _ask(self, method: str, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        """An answer of the provider as JSON; a refused code is one too (RFC 6749, 5.2)."""
        import httpx

        # RFC 6749, 2.3.1: both are form-encoded before they become a Basic credential
        auth = (quote_plus(self._client), quote_plus(self._secret)) if form is not None and self._secret else None
        try:
            with httpx.Client(timeout=10.0, transport=self._transport) as client:
                answer = client.request(method, url, data=form, auth=auth, headers={"accept": "application/json"})
            if answer.status_code not in (200, 400, 401):
                answer.raise_for_status()
            told = json.loads(answer.content[:_MOST])
        except (httpx.HTTPError, ValueError) as error:
            raise self._away(type(error).__name__) from error
        if not isinstance(told, dict) or not (answer.is_success or form is not None):
            raise self._away("what it says cannot be read")
        return told if answer.is_success else {}

    def _away(self, why: str) -> FetchError:
        return FetchError(
            f"the identity provider cannot be used: {why}",
            place=self._issuer,
            remedy="check serve.oidc_issuer, and that this machine reaches it",
        )


def _refused(thing: str) -> Refused:
    return Refused(thing, place="sign-in", remedy="begin again at /sign-in")
