"""rejects.csv: every row that was not stored, for the people who deliver the export."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from backend.intake.checks import Fault

HEADER = ("file", "line", "reason", "value")
LONGEST_VALUE = 60


class Rejects:
    """Writes faulty rows as they are found and counts them. Shows the value at fault, never the row."""

    def __init__(self, stream: IO[str]) -> None:
        self._writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        self._writer.writerow(HEADER)
        self.counts: dict[str, Counter[str]] = {}

    def add(self, file: str, line: int, fault: Fault) -> None:
        self.counts.setdefault(file, Counter())[fault.reason] += 1
        value = fault.value.replace("\0", "")[:LONGEST_VALUE]
        self._writer.writerow((file, line, fault.reason, value))


@contextmanager
def writing(path: Path) -> Iterator[Rejects]:
    """A new rejects.csv at `path`, with a byte order mark, as the export itself has it and spreadsheets want it."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        yield Rejects(stream)
