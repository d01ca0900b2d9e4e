"""Claimed deliveries as pushes: the lock-screen text in the member's language, and what remains of the validity."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from backend import i18n
from backend.delivery.types import Push, payload
from backend.i18n import N_
from backend.notifications import catalogue, rendering
from backend.notifications.claimed import Claimed

# One push that tells of several messages. Its category says so to the app, which then opens the inbox.
SEVERAL = "several"
SEVERAL_TITLE = N_("{n} things are waiting for you")
SEVERAL_BODY = N_("Open the app to see them.")


def build(rows: Sequence[Claimed], *, fund: str, now: datetime) -> list[Push]:
    """One push per row, in order. What a phone shows tells nothing that its owner would not have read by others."""
    return [_push(row, catalogue.BY_ID[row.key], fund, now) for row in rows]


def lock_screen(kind: catalogue.MessageType, language: str, fund: str, stored: Mapping[str, object]) -> tuple[str, str]:
    """Title and body on a locked phone; `stored` are the message's params, of which few kinds show any."""
    return rendering.lock_screen(kind, language, catalogue.decode(kind, stored), fund=fund)


def words(
    kind: catalogue.MessageType, language: str, fund: str, stored: Mapping[str, object], *, things: int
) -> tuple[str, str]:
    """Title and body of the push of a message that tells of this many `things`."""
    if things == 1:
        return lock_screen(kind, language, fund, stored)
    return i18n.text(language, SEVERAL_TITLE, n=things), i18n.text(language, SEVERAL_BODY)


def _push(row: Claimed, kind: catalogue.MessageType, fund: str, now: datetime) -> Push:
    alone = row.things == 1
    title, body = words(kind, row.language, fund, row.params, things=row.things)
    return Push(
        delivery_id=row.id,
        token=row.token,
        token_kind=row.token_kind,
        title=title,
        body=body,
        data=payload(row.message_id, kind.category if alone else SEVERAL),
        ttl=row.valid_until - now,
        # Of messages about where the member stands, a phone that was off shows the newest alone.
        collapse_key=kind.category if alone and kind.holds_while == "colour" else None,
        platform=row.platform,
    )
