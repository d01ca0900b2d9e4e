"""The public keys of an OpenID provider: found by discovery, kept, fetched again for an unknown one."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from backend import log

logger = log.get("api")
TIMEOUT = httpx.Timeout(5.0, connect=3.0)
# A provider is asked again after an hour, at most once a minute for unknown keys, and after ten seconds when it failed.
LIFETIME_SECONDS = 3600.0
UNKNOWN_SECONDS = 60.0
FAILED_SECONDS = 10.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class KeysUnavailable(Exception):
    """The provider has never been reached, so that no token can be checked."""


class RemoteKeys:
    """The key set of one issuer. An outage of the provider changes nothing while its keys are known."""

    def __init__(
        self,
        issuer: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._transport = transport
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched = -LIFETIME_SECONDS
        self._tried = -LIFETIME_SECONDS
        self._failed = False

    async def get(self, *, unknown: bool = False) -> KeySet:
        """The keys; with `unknown`, fetched anew unless that was done within the minute. Raises KeysUnavailable."""
        if self._due(unknown):
            await self._fetch()
        if self._keys is None:
            raise KeysUnavailable
        return self._keys

    def _due(self, unknown: bool) -> bool:
        since_try = self._clock() - self._tried
        if self._failed or self._keys is None:
            return since_try >= FAILED_SECONDS
        wait = UNKNOWN_SECONDS if unknown else LIFETIME_SECONDS
        return self._clock() - self._fetched >= wait

    async def _fetch(self) -> None:
        # Set before the wait: of many requests that meet an unknown key, one asks.
        self._tried = self._fetched = self._clock()
        try:
            self._keys = await self._download()
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            self._failed = True
            logger.warning("identity.keys_unavailable", error=type(error).__name__)
        else:
            self._failed = False

    async def _download(self) -> KeySet:
        async with httpx.AsyncClient(timeout=TIMEOUT, transport=self._transport, follow_redirects=False) as client:
            found = await _json(client, f"{self._issuer}/.well-known/openid-configuration")
            if str(found["issuer"]).rstrip("/") != self._issuer:
                raise ValueError("issuer mismatch")
            return KeySet.import_key_set(await _json(client, _secure(str(found["jwks_uri"]))))  # type: ignore[arg-type]


async def _json(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    answer = await client.get(url)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


def _secure(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError("keys must come over https")
    return url


class FixedKeys:
    """Keys that this program holds itself, read once: those of the built-in provider."""

    def __init__(self, read: Callable[[], KeySet]) -> None:
        self._read = read
        self._keys: KeySet | None = None

    async def get(self, *, unknown: bool = False) -> KeySet:
        if self._keys is None or unknown:
            self._keys = self._read()
        return self._keys


Keys = RemoteKeys | FixedKeys
