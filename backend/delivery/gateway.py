"""SMS and e-mail through any gateway that Apprise has a plugin for, by an address of its kind.

What Apprise 2.2 does by itself, and what is done about it here:

- A plugin blocks: `async_notify` runs it in threads that all gateways share, where a slow one holds up the others. Here
  each channel has threads of its own.
- An instance waits 5.5 seconds between two sends. Here each recipient has one, as the address stands in the URL.
- It answers yes, no or nothing in time. The HTTP status stands in its log entries alone, always as `error=429.`; a
  Retry-After nowhere, so a throttling gateway is left alone for a minute.
- Its logger names recipients. Nothing of it reaches our log.
"""

import asyncio
import logging
import re
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote
from uuid import UUID

import apprise

from backend import log
from backend.delivery import addresses, answers
from backend.delivery.types import LONGEST_SEND, Announcement, Outcome
from backend.settings import SettingsError

_log = log.get("delivery")
logging.getLogger("apprise").propagate = False

Channel = Literal["sms", "email"]
PLACEHOLDER = "{to}"
# One recipient's turn, all in all. Apprise's own limits are 4 s to connect and 4 s for each read (15 s for SMTP).
SEND_SECONDS = 20.0
IN_FLIGHT = 8
# No send of a batch begins later than this.
START_SECONDS = LONGEST_SEND.total_seconds() - SEND_SECONDS - 2
# A gateway that throttles says for how long, and Apprise does not hand that on.
QUOTA_WAIT = timedelta(minutes=1)

INVALID_ADDRESS = "INVALID_ADDRESS"  # the member has no number or address that could be sent to
GATEWAY_FAILED = "GATEWAY_FAILED"  # Apprise's plugin says no more than that
_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\.?$")
_ADDRESS: dict[Channel, Callable[[str], str | None]] = {"sms": addresses.phone, "email": addresses.email}
_SAMPLE: dict[Channel, str] = {"sms": "+4512345678", "email": "member@example.com"}


def open_gateway(channel: Channel, url: str, *, setting: str) -> "Gateway":
    """Open the channel. Raises SettingsError for a URL without the recipient's place, or of no kind Apprise has."""
    if PLACEHOLDER not in url:
        raise SettingsError(f"{setting} needs {PLACEHOLDER} where the recipient's address is to stand.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first use loads all plugins, some on old modules
        known = _instance(url, _SAMPLE[channel]) is not None
    if not known:
        raise SettingsError(f"{setting} is not an address that Apprise knows.")
    return Gateway(channel, url)


class Gateway:
    """An open SMS or e-mail channel. Made by `open_gateway`."""

    def __init__(self, channel: Channel, url: str) -> None:
        self._channel = channel
        self._url = url
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix=channel)
        self._in_doubt = False

    async def send(self, batch: Sequence[Announcement], now: datetime) -> list[Outcome]:  # noqa: ARG002
        """One outcome per announcement, in order, within LONGEST_SEND."""
        self._renew()
        slots = asyncio.Semaphore(IN_FLIGHT)
        start_by = asyncio.get_running_loop().time() + START_SECONDS
        outcomes = await asyncio.gather(*(self._one(each, slots, start_by) for each in batch))
        failures = Counter(outcome.error_code for outcome in outcomes if outcome.error_code)
        if failures:
            _log.warning("gateway.failures", channel=self._channel, size=len(outcomes), codes=dict(failures))
        return list(outcomes)

    async def close(self) -> None:
        """The channel is of no use afterwards."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _renew(self) -> None:
        """A thread that hangs cannot be ended: the next batch has threads of its own."""
        if self._in_doubt:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix=self._channel)
            self._in_doubt = False

    async def _one(self, each: Announcement, slots: asyncio.Semaphore, start_by: float) -> Outcome:
        address = _ADDRESS[self._channel](each.address)
        if address is None:
            return Outcome(each.delivery_id, "rejected", error_code=INVALID_ADDRESS)
        loop = asyncio.get_running_loop()
        async with slots:
            if loop.time() > start_by:
                return Outcome(each.delivery_id, "retry", error_code=answers.NOT_STARTED)
            work = loop.run_in_executor(self._pool, _send, self._url, address, each)
            try:
                return await asyncio.wait_for(work, SEND_SECONDS)
            except TimeoutError:
                self._in_doubt = True
                return Outcome(each.delivery_id, "retry", error_code=answers.TIMEOUT)


def _send(url: str, address: str, each: Announcement) -> Outcome:
    """In a thread. Whatever the plugin raises is an answer about this one only."""
    try:
        plugin = _instance(url, address)
        result = apprise.Apprise(plugin).notify(
            title=each.title, body=each.body, body_format=apprise.NotifyFormat.TEXT, interpret_escapes=False
        )
    except Exception as error:
        _log.error("gateway.plugin_failed", error=type(error).__name__)
        return Outcome(each.delivery_id, "retry", error_code=GATEWAY_FAILED)
    if result:
        return Outcome(each.delivery_id, "sent", provider_id=f"gateway/{each.delivery_id}")
    lines = [entry.message for one in result.results for entry in one.logs()]
    return refusal(each.delivery_id, lines)


def refusal(delivery_id: UUID, lines: Sequence[str]) -> Outcome:
    """The outcome of what the gateway did not take, by the HTTP status among the plugin's log entries. Pure."""
    statuses = [int(found[1]) for line in lines if (found := _STATUS.search(line.strip()))]
    if not statuses:
        return Outcome(delivery_id, "retry", error_code=GATEWAY_FAILED)
    code = answers.error_code(statuses[-1], None)
    kind = answers.kind_of(statuses[-1], code)
    return Outcome(delivery_id, kind, error_code=code, retry_after=QUOTA_WAIT if statuses[-1] == 429 else None)


def _instance(url: str, address: str) -> apprise.NotifyBase | None:
    """The plugin for one recipient. Nothing that it keeps is written to disk."""
    asset = apprise.AppriseAsset(app_id="Jobvej", app_desc="Jobvej", secure_logging=True, storage_mode="memory")
    return apprise.Apprise.instantiate(url.replace(PLACEHOLDER, quote(address, safe="")), asset=asset)
