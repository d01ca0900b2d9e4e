"""Signing in by OpenID Connect: the code flow with PKCE. What comes back is checked as every token of the API is."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from backend import log
from backend.api import builtin_identity
from backend.api.identity import Claims, Verifier
from backend.errors import DomainError
from backend.i18n import N_
from backend.settings import Settings
from backend.web.sessions import SignIn

logger = log.get("web")
TIMEOUT = httpx.Timeout(10.0, connect=3.0)


class SignInFailed(DomainError):
    """The identity provider could not be reached, refused, or answered something that does not fit what was asked."""

    status = 502
    type = "sign-in-failed"
    message = N_("You could not be signed in. Please try again.")


@dataclass(frozen=True, slots=True)
class Provider:
    """The addresses of the identity provider that sign-in needs."""

    authorization: str
    token: str


def new_sign_in(back_to: str) -> SignIn:
    """Fresh secrets for one sign-in; `back_to` is a path of ours."""
    return SignIn(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), back_to)


def authorization_url(provider: Provider, settings: Settings, sign_in: SignIn, redirect: str) -> str:
    """Where the browser is sent."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(sign_in.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": settings.oidc_audience,
        "redirect_uri": redirect,
        "scope": "openid",
        "state": sign_in.state,
        "nonce": sign_in.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in provider.authorization else "?"
    return f"{provider.authorization}{joint}{urlencode(asked)}"


async def discover(client: httpx.AsyncClient, settings: Settings) -> Provider:
    """The provider's addresses by its discovery document. Raises SignInFailed."""
    issuer = (settings.oidc_issuer or builtin_identity.issuer(settings)).rstrip("/")
    found = await _ask(client.get(f"{issuer}/.well-known/openid-configuration"))
    try:
        return Provider(str(found["authorization_endpoint"]), str(found["token_endpoint"]))
    except KeyError:
        raise SignInFailed from None


async def claims(
    client: httpx.AsyncClient,
    provider: Provider,
    verifier: Verifier,
    sign_in: SignIn,
    *,
    code: str,
    redirect: str,
    now: datetime,
) -> Claims:
    """Change the code into the verified claims of who signed in. Raises SignInFailed, Unauthenticated."""
    settings = verifier.settings
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": settings.oidc_audience,
        "code_verifier": sign_in.verifier,
    }
    # The built-in provider wants a secret too, and takes any.
    secret = settings.oidc_client_secret if settings.oidc_issuer else "none"
    if secret:
        sent["client_secret"] = secret
    given = await _ask(client.post(provider.token, data=sent))
    found = await verifier.claims(str(given.get("id_token", "")), now)
    if not secrets.compare_digest(str(found.get("nonce", "")), sign_in.nonce):
        raise SignInFailed
    return found


async def sign_in_as(client: httpx.AsyncClient, url: str, subject: str) -> str:
    """With the built-in provider: choose a person there without its form; the address that it sends the browser to."""
    try:
        answer = await client.post(url, data={"sub": subject}, follow_redirects=False)
    except httpx.HTTPError:
        raise SignInFailed from None
    if answer.status_code not in (302, 303) or "location" not in answer.headers:
        raise SignInFailed
    return str(answer.headers["location"])


async def _ask(request: Any) -> dict[str, Any]:
    try:
        answer: httpx.Response = await request
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        logger.warning("sign_in.provider_unreachable", error=type(error).__name__)
        raise SignInFailed from None
    if answer.status_code != 200 or not isinstance(found, dict):
        logger.warning("sign_in.provider_refused", status=answer.status_code)
        raise SignInFailed
    return found
