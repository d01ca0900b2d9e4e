"""Bearer tokens: checked against the issuer's keys, then turned into a member or a staff member of ours."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import builtin_identity
from backend.api.keys import FixedKeys, Keys, KeysUnavailable, RemoteKeys
from backend.api.problems import Unauthenticated, Unavailable
from backend.errors import DomainError
from backend.i18n import N_
from backend.members import identity as people
from backend.members.identity import MemberIdentity, StaffIdentity
from backend.members.tables import ROLES
from backend.settings import Settings

# Signatures that need the issuer's private key; never `none`, never a shared secret.
ALGORITHMS = ("RS256", "ES256", "PS256")
LEEWAY_SECONDS = 30
MAX_TOKEN = 16_384
# What identity providers in Danish funds call the roles.
DANISH_ROLES = {
    "jobvejleder": "adviser",
    "jobkonsulent": "job_consultant",
    "workshopansvarlig": "organiser",
    "koordinator": "coordinator",
    "leder": "manager",
    "kontaktcenter": "contact_centre",
    "contact-centre": "contact_centre",
}
Claims = dict[str, Any]


class NotKnown(DomainError):
    """A good token of somebody whom the fund does not know, or of the wrong kind for the route."""

    status = 403
    type = "not-known"
    message = N_("You are signed in, but not as somebody who may use this.")


@dataclass(frozen=True, slots=True)
class Verifier:
    """How tokens of the configured issuer are checked."""

    settings: Settings
    keys: Keys

    async def claims(self, token: str, now: datetime) -> Claims:
        """The claims of a valid token. Raises Unauthenticated, or Unavailable while no key is known at all."""
        if len(token) > MAX_TOKEN:
            raise Unauthenticated
        try:
            found = _decode(token, await self.keys.get())
            if found is None:
                found = _decode(token, await self.keys.get(unknown=True))
            if found is None:
                raise Unauthenticated
            self._check(found, now)
        except KeysUnavailable:
            raise Unavailable from None
        except (JoseError, ValueError):
            raise Unauthenticated from None
        return found

    def _check(self, claims: Claims, now: datetime) -> None:
        JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True},
            aud={"essential": True, "value": self.settings.oidc_audience},
            exp={"essential": True},
            sub={"essential": True},
        ).validate(claims)
        if not _issued_by(self.settings, claims["iss"]):
            raise Unauthenticated


def verifier(settings: Settings) -> Verifier:
    if settings.oidc_issuer:
        return Verifier(settings, RemoteKeys(settings.oidc_issuer))
    return Verifier(settings, FixedKeys(lambda: builtin_identity.key_set(settings)))


def _decode(token: str, keys: KeySet) -> Claims | None:
    """The claims when the signature is right, None when its key is not among these."""
    try:
        return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except InvalidKeyIdError:
        return None


def _issued_by(settings: Settings, issuer: str) -> bool:
    if settings.oidc_issuer:
        return issuer.rstrip("/") == settings.oidc_issuer.rstrip("/")
    # The built-in provider is known by its key, which never leaves the data folder; its port may change between starts.
    return re.fullmatch(r"http://127\.0\.0\.1:\d+", issuer) is not None


def bearer(header: str | None) -> str:
    """The token of an Authorization header. Raises Unauthenticated."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


async def member(session: AsyncSession, settings: Settings, claims: Claims) -> MemberIdentity:
    """The member whom the token is about. Raises NotKnown."""
    number = _text(claims, settings.oidc_member_claim)
    found = await people.member_by_no(session, number) if number else None
    if found is None:
        raise NotKnown
    return found


async def staff(session: AsyncSession, settings: Settings, claims: Claims) -> StaffIdentity:
    """The staff member whom the token is about, with its roles, or the stored one if it has no such claim.

    Raises NotKnown.
    """
    number = _text(claims, settings.oidc_staff_claim)
    claim = claims.get(settings.oidc_roles_claim)
    roles = None if claim is None else roles_of(claim)
    found = await people.staff_by_no(session, number, roles) if number else None
    if found is None:
        raise NotKnown
    return found


def roles_of(claim: object) -> frozenset[str]:
    """Our roles among those of a token (a list, or words in one text); others are passed over."""
    words = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else []
    named = (DANISH_ROLES.get(str(word).lower(), str(word).lower()) for word in words)
    return frozenset(role for role in named if role in ROLES)


def _text(claims: Claims, name: str) -> str | None:
    """A claim as text; None for what is no number of anybody, such as one that the database cannot even compare."""
    value = claims.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    return str(value) if str(value).isprintable() else None
