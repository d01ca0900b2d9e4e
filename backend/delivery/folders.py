"""A folder as an outgoing tray: each delivery appears in it whole or not at all, and once however often it is put."""

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import uuid4

RECEIPT = "receipt.json"


def put(tray: Path, name: str, files: Mapping[str, bytes], facts: Mapping[str, object], now: datetime) -> datetime:
    """Write `files` and a receipt as the folder `name`; the instant at which it first lay there. Raises OSError.

    Written beside it, flushed to the disk, then renamed: a reader never sees half of it, and of two that put the same
    delivery one finds it there already.
    """
    final = tray / name
    there = _receipt(final)
    if there is not None:
        return there
    draft = tray / f".{name}.{uuid4().hex}"
    draft.mkdir(parents=True)
    try:
        receipt = json.dumps({**facts, "available": now.isoformat()}, ensure_ascii=False, indent=1)
        for file, content in {**files, RECEIPT: receipt.encode()}.items():
            _write(draft / file, content)
        _flush(draft)
        return _place(draft, final, now)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _place(draft: Path, final: Path, now: datetime) -> datetime:
    try:
        draft.rename(final)
    except OSError:  # a folder that is not empty is never replaced: another was first
        there = _receipt(final)
        if there is None:
            raise
        return there
    _flush(final.parent)
    return now


def _receipt(final: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads((final / RECEIPT).read_bytes())["available"])
    except FileNotFoundError:
        return None


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """A rename is on the disk when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
