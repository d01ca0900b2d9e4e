"""SMS and e-mail of a deployment without a gateway: neutral facts in the log, and nothing else."""

from collections.abc import Sequence
from datetime import datetime

from backend import log
from backend.delivery.types import Announcement, Outcome

_log = log.get("delivery")


class LogText:
    """Every announcement counts as sent; its receipt names the delivery."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    async def send(self, batch: Sequence[Announcement], now: datetime) -> list[Outcome]:  # noqa: ARG002
        """One outcome per announcement, in order."""
        return [self._logged(each) for each in batch]

    async def close(self) -> None:
        """Nothing is held open."""

    def _logged(self, each: Announcement) -> Outcome:
        _log.info("text.logged", channel=self._channel, delivery_id=str(each.delivery_id))
        return Outcome(each.delivery_id, "sent", provider_id=f"log/{each.delivery_id}")
