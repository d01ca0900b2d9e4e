"""Sessions of the pages: a random cookie whose hash is a row. Signing out deletes it; idle and old ones end."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

Kind = Literal["member", "staff"]
# A day's work for staff on one sign-in, an hour for a member; both end after a while without use.
LONGEST: Mapping[Kind, timedelta] = {"staff": timedelta(hours=10), "member": timedelta(hours=1)}
IDLE: Mapping[Kind, timedelta] = {"staff": timedelta(hours=1), "member": timedelta(minutes=30)}
SIGN_IN_WITHIN = timedelta(minutes=10)
# Our own entry among the claims.
ROLES = "jobvej.roles"
# Being seen is written at most this often, so that reading a page seldom writes.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who the browser is: the claims of their verified token, and the form token of this session."""

    kind: Kind
    claims: Mapping[str, Any]
    csrf: str

    @property
    def roles(self) -> frozenset[str]:
        """A staff member's roles when they signed in: for the menu alone."""
        return frozenset(self.claims.get(ROLES, ()))


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a sign-in under way has to match when it comes back."""

    state: str
    nonce: str
    verifier: str
    back_to: str


async def begin(session: AsyncSession, kind: Kind, claims: Mapping[str, Any], *, now: datetime) -> str:
    """Start a session; returns the cookie's value, which is stored nowhere. What ended goes meanwhile."""
    await session.execute(_SWEEP, {"now": now})
    cookie = secrets.token_urlsafe(32)
    values = {
        "id": _hash(cookie),
        "kind": kind,
        "claims": json.dumps(dict(claims)),
        "csrf": secrets.token_urlsafe(24),
        "now": now,
        "ends": now + LONGEST[kind],
    }
    await session.execute(_BEGIN, values)
    return cookie


async def find(session: AsyncSession, cookie: str, *, now: datetime) -> SignedIn | None:
    """Who the cookie stands for; None when the session ended or was left idle."""
    row = (await session.execute(_FIND, {"id": _hash(cookie), "now": now})).one_or_none()
    if row is None or row.seen_at <= now - IDLE[row.kind]:
        return None
    if row.seen_at <= now - SEEN_EVERY:
        await session.execute(_SEEN, {"id": _hash(cookie), "now": now})
    return SignedIn(row.kind, row.claims, row.csrf)


async def end(session: AsyncSession, cookie: str) -> None:
    """Sign out."""
    await session.execute(_END, {"id": _hash(cookie)})


async def remember(session: AsyncSession, sign_in: SignIn, *, now: datetime) -> str:
    """Keep a sign-in that leaves for the identity provider; returns the value of its cookie."""
    cookie = secrets.token_urlsafe(32)
    values = {
        "id": _hash(cookie),
        "state": sign_in.state,
        "nonce": sign_in.nonce,
        "verifier": sign_in.verifier,
        "back_to": sign_in.back_to,
        "ends": now + SIGN_IN_WITHIN,
    }
    await session.execute(_REMEMBER, values)
    return cookie


async def recall(session: AsyncSession, cookie: str, *, now: datetime) -> SignIn | None:
    """The sign-in that comes back, once."""
    row = (await session.execute(_RECALL, {"id": _hash(cookie)})).one_or_none()
    if row is None or row.ends_at <= now:
        return None
    return SignIn(row.state, row.nonce, row.verifier, row.back_to)


def _hash(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


_BEGIN = text("""
INSERT INTO web_session (id, kind, claims, csrf, started_at, seen_at, ends_at)
VALUES (:id, :kind, CAST(:claims AS jsonb), :csrf, :now, :now, :ends)
""")
_FIND = text("SELECT kind, claims, csrf, seen_at FROM web_session WHERE id = :id AND ends_at > :now")
_SEEN = text("UPDATE web_session SET seen_at = :now WHERE id = :id")
_END = text("DELETE FROM web_session WHERE id = :id")
_REMEMBER = text("""
INSERT INTO web_sign_in (id, state, nonce, verifier, back_to, ends_at)
VALUES (:id, :state, :nonce, :verifier, :back_to, :ends)
""")
_RECALL = text("DELETE FROM web_sign_in WHERE id = :id RETURNING state, nonce, verifier, back_to, ends_at")
_SWEEP = text("""
WITH sessions AS (DELETE FROM web_session WHERE ends_at <= :now)
DELETE FROM web_sign_in WHERE ends_at <= :now
""")
