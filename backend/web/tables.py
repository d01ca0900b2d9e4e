"""Who is signed in on the pages, and sign-ins that are under way."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, one_of


class WebSession(Base):
    """A browser that is signed in. The cookie is kept as its hash; `claims` are those of the verified token.

    `csrf` goes into every form of the session's pages and must come back with what is sent.
    """

    __tablename__ = "web_session"
    __table_args__ = (
        CheckConstraint(one_of("kind", "member", "staff"), name="kind"),
        Index("ix_web_session_ends_at", "ends_at"),
    )

    id: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    claims: Mapped[dict[str, Any]]
    csrf: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class WebSignIn(Base):
    """A sign-in that was sent to the identity provider and has not come back. Used once."""

    __tablename__ = "web_sign_in"
    __table_args__ = (Index("ix_web_sign_in_ends_at", "ends_at"),)

    id: Mapped[bytes] = mapped_column(primary_key=True)
    state: Mapped[str]
    nonce: Mapped[str]
    verifier: Mapped[str]
    back_to: Mapped[str]
    ends_at: Mapped[datetime]
