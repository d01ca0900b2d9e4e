"""The push channel of a deployment without FCM credentials: neutral facts in the log, and nothing else."""

from collections.abc import Sequence
from datetime import datetime

from backend import log
from backend.delivery.types import CATEGORY, MESSAGE_ID, Outcome, Push

_log = log.get("delivery")


async def send(batch: Sequence[Push], now: datetime) -> list[Outcome]:  # noqa: ARG001
    """Every push counts as sent; its receipt names the delivery."""
    return [_logged(push) for push in batch]


async def close() -> None:
    """Nothing is held open."""


def _logged(push: Push) -> Outcome:
    _log.info(
        "push.logged",
        delivery_id=str(push.delivery_id),
        message_id=push.data[MESSAGE_ID],
        category=push.data[CATEGORY],
        platform=push.platform,
    )
    return Outcome(push.delivery_id, "sent", provider_id=f"log/{push.delivery_id}")
