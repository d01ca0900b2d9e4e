"""Word to those who run the house, by any address that Apprise knows. What is sent holds nothing about persons."""

import asyncio
import re
import warnings
from collections.abc import Awaitable, Callable

import apprise

from backend import log
from backend.settings import SettingsError

_log = log.get("delivery")
SETTING = "JOBVEJ_ALERT_URLS"
SEND_SECONDS = 20.0
# Commas part addresses, and may stand inside one.
_BETWEEN = re.compile(r",\s*(?=[a-z][a-z0-9+.-]*://)", re.IGNORECASE)
# Title, body → whether anybody was reached.
Tell = Callable[[str, str], Awaitable[bool]]


def open_operators(urls: str | None) -> Tell | None:
    """The way to those at these addresses; None without any. Raises SettingsError for one that Apprise lacks."""
    if not urls:
        return None
    found = [_instance(url) for url in _BETWEEN.split(urls)]

    async def tell(title: str, body: str) -> bool:
        answers = await asyncio.gather(*(_one(plugin, title, body) for plugin in found))
        if not all(answers):
            _log.warning("operators.not_reached", failed=answers.count(False), of=len(answers))
        return any(answers)

    return tell


async def _one(plugin: apprise.NotifyBase, title: str, body: str) -> bool:
    """In a thread, as plugins block. Whatever one raises is an answer about that one only."""
    work = asyncio.to_thread(
        apprise.Apprise(plugin).notify, title=title, body=body, body_format=apprise.NotifyFormat.TEXT
    )
    try:
        return bool(await asyncio.wait_for(work, SEND_SECONDS))
    except Exception as error:
        _log.error("operators.plugin_failed", error=type(error).__name__)
        return False


def _instance(url: str) -> apprise.NotifyBase:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first use loads all plugins, some on old modules
        asset = apprise.AppriseAsset(app_id="Jobvej", app_desc="Jobvej", secure_logging=True, storage_mode="memory")
        found = apprise.Apprise.instantiate(url.strip(), asset=asset)
    if found is None:
        raise SettingsError(f"{SETTING} holds an address that Apprise does not know.")
    return found
