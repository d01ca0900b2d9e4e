"""What an import did, file by file."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from backend.intake.layout import COLUMNS

FAULTY_SHARE = 0.05  # of a file's rows; more than that and the export is not to be trusted


class FileSummary(msgspec.Struct):
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: dict[str, int] = {}

    @property
    def faulty(self) -> int:
        return sum(self.rejected.values())

    @property
    def too_faulty(self) -> bool:
        return self.faulty > self.read * FAULTY_SHARE


class Summary(msgspec.Struct):
    """`today` is the day against which future dates were judged; `rejects` where the faulty rows are listed."""

    files: dict[str, FileSummary]
    today: date
    refused: bool
    rejects: Path

    @property
    def too_faulty(self) -> list[str]:
        return [name for name, file in self.files.items() if file.too_faulty]

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self, enc_hook=str)
        return found


class Tally:
    """Counts while the files are read."""

    def __init__(self, names: Iterable[str] = COLUMNS) -> None:
        self.files = {name: FileSummary() for name in names}

    def stored(self, name: str, added: int, changed: int) -> None:
        file = self.files[name]
        file.added, file.changed = added, changed

    def close(self, counts: dict[str, Counter[str]]) -> dict[str, FileSummary]:
        """A refused import stored nothing: then added, changed and unchanged are 0 everywhere."""
        for name, file in self.files.items():
            file.rejected = dict(sorted(counts.get(name, Counter()).items()))
        refused = any(file.too_faulty for file in self.files.values())
        for file in self.files.values():
            if refused:
                file.added = file.changed = 0
            file.unchanged = 0 if refused else file.read - file.faulty - file.added - file.changed
        return self.files
