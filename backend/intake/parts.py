"""joblog.csv in parts that can be encoded apart from each other, on as many processor cores as there are.

A part is cut behind a line, and not inside a value that stretches over lines, as far as quotes can tell.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from backend.intake import read
from backend.intake.checks import Fault
from backend.intake.layout import COLUMNS, LOG
from backend.intake.log_rows import FIELDS, SUSPECTS, LogEncoder

SIZE = 1 << 20  # bytes of a part
MOST_JOINED = 4  # parts, where a quote stays open at the cut


class Task(msgspec.Struct, frozen=True):
    """What an encoder needs to know: the file, and the ids of all members by number."""

    path: str
    encoding: str
    today: date
    first_id: UUID
    members: dict[str, UUID]


class Cut(msgspec.Struct, frozen=True, array_like=True):
    """Where a part lies in the file, and the number of its first line."""

    offset: int
    length: int
    line: int


class Part(msgspec.Struct, frozen=True, array_like=True):
    """An encoded part: rows for COPY, faulty lines with reason and value, and how its external numbers grow."""

    rows: bytes
    read: int
    faults: list[tuple[int, str, str]]
    suspects: list[str] | None
    lowest: bytes
    highest: bytes


def cuts(source: read.Source) -> Iterator[Cut]:
    """The parts of the file below its header."""
    with source.path.open("rb") as stream:
        offset, line = source.start + _header_length(source, stream), 2
        stream.seek(offset)
        while block := _block(stream.read(SIZE), stream):
            yield Cut(offset, len(block), line)
            offset, line = offset + len(block), line + _lines(block)


def _header_length(source: read.Source, stream: BinaryIO) -> int:
    stream.seek(source.start)
    return len(stream.read(read.BLOCK).splitlines(keepends=True)[0])


def _block(block: bytes, stream: BinaryIO) -> bytes:
    """The bytes read, to the end of a line; and further, while a quote is open."""
    block += stream.readline()
    for _ in range(MOST_JOINED):
        if block.count(b'"') % 2 == 0:
            break
        block += stream.read(SIZE) + stream.readline()
    return block


def _lines(block: bytes) -> int:
    """How many lines end in it, by \\r\\n, \\n or \\r."""
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")


def encode(task: Task, encoder: LogEncoder, cut: Cut) -> Part:
    with Path(task.path).open("rb") as stream:
        stream.seek(cut.offset)
        lines = read.lines_of(stream.read(cut.length), task.encoding)
    encoder.begin()
    rows, faults, count = bytearray(), [], 0
    for line, fields, raw in read.records_of(iter(lines), len(COLUMNS[LOG]), cut.line, FIELDS - 1):
        count += 1
        try:
            rows += encoder.encode(line, fields, raw)
        except Fault as fault:
            faults.append((line, fault.reason, fault.value))
    return Part(bytes(rows), count, faults, encoder.suspects, encoder.lowest, encoder.highest)


def suspects(parts: Iterable[Part]) -> list[str] | None:
    """The external numbers that may stand on two lines of these parts; None when that may be any."""
    found: list[str] = []
    highest = b""
    for part in parts:
        if part.suspects is None or (part.lowest and part.lowest <= highest) or len(found) > SUSPECTS:
            return None
        found += part.suspects
        highest = max(highest, part.highest)
    return found
