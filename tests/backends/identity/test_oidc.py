"""OpenID Connect against an issuer of the test's own: what it signs is believed, and nothing else."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from vitascope.backends.identity import OpenIdConnect
from vitascope.base.errors import FetchError, Refused, UsageError
from vitascope.base.ports.access import Begun, Vouched

ISSUER = "https://id.example/realm"
BACK = "https://media.home/v1/session/oidc/back"
KEY = RSAKey.generate_key(2048, {"kid": "k1"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1"})


class Issuer:
    """An identity provider. `change` spoils what it signs."""

    def __init__(self) -> None:
        self.change: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.published = KEY
        self.asked: dict[str, str] = {}
        self.name = ISSUER
        self.now = time.time()

    def send_there(self, begun: Begun) -> tuple[str, str]:
        """What the browser does there: (state, code)."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}
        assert begun.url.startswith(f"{ISSUER}/auth?")
        assert (query["response_type"], query["client_id"], query["redirect_uri"]) == ("code", "vitascope", BACK)
        assert query["code_challenge_method"] == "S256"
        self.asked = query
        return query["state"], "the code"

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/realm/.well-known/openid-configuration":
            told = {"issuer": self.name} | {
                name: f"{ISSUER}/{end}"
                for name, end in (("authorization_endpoint", "auth"), ("token_endpoint", "token"), ("jwks_uri", "keys"))
            }
            return httpx.Response(200, json=told)
        if path == "/realm/keys":
            return httpx.Response(200, json={"keys": [self.published.as_dict(private=False)]})
        if path == "/realm/token":
            form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
            challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            if form["code"] != "the code" or challenge != self.asked["code_challenge"]:
                return httpx.Response(400, json={"error": "invalid_grant"})
            return httpx.Response(200, json={"access_token": "a", "token_type": "Bearer", "id_token": self.token()})
        return httpx.Response(404)

    def token(self) -> str:
        claims = {
            "iss": ISSUER,
            "aud": "vitascope",
            "sub": "17",
            "exp": int(self.now) + 300,
            "nonce": self.asked["nonce"],
            "email": "ann@example.org",
            "email_verified": True,
        } | self.change
        header = {"alg": self.algorithm, "kid": "k1"}
        told = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, told, self.key, algorithms=[self.algorithm])


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def client(issuer: Issuer) -> OpenIdConnect:
    transport = httpx.MockTransport(issuer.answer)
    return OpenIdConnect(ISSUER, "vitascope", "secret", clock=lambda: issuer.now, transport=transport)


def sign_in(issuer: Issuer) -> Vouched:
    provider = client(issuer)
    begun = provider.begin(BACK)
    state, code = issuer.send_there(begun)
    return provider.finish(BACK, begun.kept, state, code)


def test_who_signs_in_is_known(issuer: Issuer) -> None:
    assert sign_in(issuer) == Vouched(issuer=ISSUER, subject="17", email="ann@example.org")
    issuer.change = {"email_verified": False}
    assert sign_in(issuer).email == ""


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody else"},
        {"aud": ["vitascope", "somebody else"]},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"nonce": "another"},
        {"nonce": None},
    ],
)
def test_a_token_that_says_something_else_is_refused(issuer: Issuer, change: dict[str, Any]) -> None:
    issuer.change = change
    with pytest.raises(Refused):
        sign_in(issuer)


def test_a_token_by_somebody_else_is_refused(issuer: Issuer) -> None:
    issuer.key = OTHER
    with pytest.raises(Refused):
        sign_in(issuer)
    issuer.key, issuer.algorithm = OctKey.import_key(json.dumps(KEY.as_dict(private=False))), "HS256"
    with pytest.raises(Refused):  # signed with the public key as if it were a shared secret
        sign_in(issuer)


def test_new_keys_of_the_provider_are_fetched(issuer: Issuer) -> None:
    provider = client(issuer)
    provider.begin(BACK)
    issuer.key = issuer.published = OTHER
    issuer.now += 120
    begun = provider.begin(BACK)
    assert provider.finish(BACK, begun.kept, *issuer.send_there(begun)).subject == "17"


def test_a_sign_in_that_another_browser_began_is_refused(issuer: Issuer) -> None:
    provider = client(issuer)
    mine, theirs = provider.begin(BACK), provider.begin(BACK)
    state, code = issuer.send_there(theirs)
    for kept in (mine.kept, "", "a.b", "..", f"{state}.x.{'v' * 43}"):
        with pytest.raises(Refused):
            provider.finish(BACK, kept, state, code)
    with pytest.raises(Refused):
        provider.finish(BACK, theirs.kept, state, "another code")


def test_a_provider_that_is_away_or_another(issuer: Issuer) -> None:
    issuer.name = "https://evil.example"
    with pytest.raises(FetchError, match="another"):
        client(issuer).begin(BACK)
    with pytest.raises(FetchError):
        OpenIdConnect(ISSUER, "v", transport=httpx.MockTransport(lambda _r: httpx.Response(500))).begin(BACK)
    for wrong in ("http://id.example", "id.example", ""):
        with pytest.raises(UsageError):
            OpenIdConnect(wrong, "vitascope")
