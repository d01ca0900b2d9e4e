"""Where the bytes of documents lie: a folder, or whatever object store `JOBVEJ_DOCUMENTS_URL` names (s3://bucket/path).

Bytes are stored before the transaction that records them, under a key nobody can guess; what no row came to know of,
and what was removed, is swept later. Nothing here runs inside a transaction.
"""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

PAGE = 500


class Missing(Exception):
    """The store has no such object."""


def open_store(folder: Path, url: str | None) -> ObjectStore:
    """The store of `url` (credentials by its own environment), else the folder, made when it is not there."""
    if url:
        return from_url(url)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return LocalStore(prefix=folder)


def new_key(now: datetime) -> str:
    """A key of our own making; nothing of the file's name or owner is in it."""
    return f"{now:%Y/%m}/{secrets.token_hex(24)}"


async def put(store: ObjectStore, key: str, content: bytes) -> None:
    await obstore.put_async(store, key, content)


async def get(store: ObjectStore, key: str) -> bytes:
    """All bytes of an object. Raises Missing."""
    try:
        found = await obstore.get_async(store, key)
    except (NotFoundError, FileNotFoundError):
        raise Missing from None
    return bytes(await found.bytes_async())


async def remove(store: ObjectStore, keys: list[str]) -> None:
    """Delete objects; those that are gone already do not matter."""
    for key in keys:
        try:
            await obstore.delete_async(store, key)
        except (NotFoundError, FileNotFoundError):
            continue


async def older_than(store: ObjectStore, before: datetime) -> AsyncIterator[list[str]]:
    """The keys of objects stored before an instant, page by page, for the sweep."""
    async for page in obstore.list(store, chunk_size=PAGE):
        keys = [item["path"] for item in page if item["last_modified"] < before]
        if keys:
            yield keys
