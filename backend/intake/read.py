"""The files of an export: found, their encoding recognised, their header checked, then read record by record.

Everything is handled as UTF-8 bytes: no byte of a letter beyond ASCII can be taken for a semicolon, a quote or a line
end, so that most lines need no more than a split. Only lines with a quote go through the csv module.
"""

import codecs
import csv
import json
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path

import msgspec

from backend.intake.errors import Unreadable
from backend.intake.layout import COLUMNS, MANIFEST, OPTIONAL

BLOCK = 1 << 20  # bytes
LONGEST_RECORD = 20  # lines: a quoted value with more line ends than that is a quote never closed
Record = tuple[int, list[bytes], bytes]
"""Line in the file as an editor counts it, the values, and the whole record."""


class Source(msgspec.Struct, frozen=True):
    """One file that can be read. `start` is where its text begins, behind a byte order mark."""

    path: Path
    columns: tuple[str, ...]
    encoding: str
    start: int
    size: int


def sources(folder: Path) -> dict[str, Source]:
    """All files of an export in reading order. Raises Unreadable when one of them cannot be used."""
    if not folder.is_dir():
        raise Unreadable(f"There is no folder {folder}.")
    given = COLUMNS | {name: columns for name, columns in OPTIONAL.items() if (folder / name).exists()}
    found = {name: _source(folder / name, columns) for name, columns in given.items()}
    for source in found.values():
        _check_header(source)
    return found


def manifest_today(folder: Path) -> date | None:
    """The day that the export speaks of, where it comes with a manifest."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        manifest = json.loads(path.read_bytes())
        today = manifest.get("today")
        return None if today is None else date.fromisoformat(today)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable(f"{MANIFEST} is not a manifest with a day of the form 2026-11-18 in it.") from error


def _source(path: Path, columns: tuple[str, ...]) -> Source:
    try:
        with path.open("rb") as stream:
            start = 3 if stream.read(3) == codecs.BOM_UTF8 else 0
        return Source(path, columns, _encoding(path, marked=start > 0), start, path.stat().st_size)
    except FileNotFoundError:
        raise Unreadable(f"The file {path.name} is missing from {path.parent}.") from None
    except OSError as error:
        raise Unreadable(f"The file {path.name} cannot be opened: {error.strerror}.") from error


def _encoding(path: Path, *, marked: bool) -> str:
    """UTF-8 where the whole file is that; else the Windows code page, which a byte order mark rules out."""
    for encoding in ("utf-8",) if marked else ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as stream:
                while block := stream.read(BLOCK):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable(f"The encoding of {path.name} is broken: it is neither UTF-8 nor Windows-1252 throughout.")


def _check_header(source: Source) -> None:
    for lines in _blocks(source, lambda _done: None):
        found = [name.strip().strip('"') for name in lines[0].decode().split(";")]
        if found == list(source.columns):
            return
        break
    raise Unreadable(f"The header of {source.path.name} must be {';'.join(source.columns)}.")


def records(source: Source, progress: Callable[[int], None]) -> Iterator[Record]:
    """The records below the header; empty lines are passed over. `progress` is told the bytes read."""
    lines = chain.from_iterable(_blocks(source, progress))
    next(lines, None)
    return records_of(lines, len(source.columns), 2)


def records_of(file: Iterator[bytes], columns: int, first: int, split: int = -1) -> Iterator[Record]:
    """The records of these lines, the first of which has the number `first`. With `split`, they are cut so often only.

    A record that stretches over lines and does not have its columns is given up by its first line alone, and reading
    goes on with the next: one quote too many costs one row and not the rest of the file.
    """
    again: deque[bytes] = deque()
    number = first - 1
    while True:
        lines = _taken_from(again) if again else file
        for line in lines:
            number += 1
            if b'"' not in line:
                if line:
                    yield number, line.split(b";", split), line
                continue
            fields, further = _quoted(line, again, file)
            if further and len(fields) != columns:
                yield number, [line], line
                again.extendleft(reversed(further))
                break
            raw = b";".join(fields)
            yield number, fields if split < 0 else [*fields[:split], b";".join(fields[split:])], raw
            number += len(further)
        else:
            if lines is file:
                return


def _taken_from(again: deque[bytes]) -> Iterator[bytes]:
    while again:
        yield again.popleft()


def _quoted(line: bytes, again: deque[bytes], file: Iterator[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The values of a record with quotes, and the further lines it took. No values when its quotes do not close."""
    further: list[bytes] = []
    text = line.decode()
    while True:
        try:
            return [value.encode() for value in next(csv.reader([text], delimiter=";", strict=True))], further
        except csv.Error as error:
            open_still = "end of data" in str(error) and len(further) < LONGEST_RECORD
        more = (again.popleft() if again else next(file, None)) if open_still else None
        if more is None:
            return ([] if further else [line]), further
        further.append(more)
        text += "\n" + more.decode()


def _blocks(source: Source, progress: Callable[[int], None]) -> Iterator[list[bytes]]:
    """The lines of the file without their ends, as UTF-8, a block at a time."""
    with source.path.open("rb") as stream:
        stream.seek(source.start)
        rest, done = b"", source.start
        while block := stream.read(BLOCK):
            done += len(block)
            whole, end, rest = (rest + block).rpartition(b"\n")
            if end:
                yield lines_of(whole + end, source.encoding)
            progress(done)
        if rest:
            yield lines_of(rest, source.encoding)


def lines_of(block: bytes, encoding: str) -> list[bytes]:
    """Lines without their ends, as UTF-8; \\r alone ends a line too."""
    return (block if encoding == "utf-8" else block.decode(encoding).encode()).splitlines()
