"""What the steps of one import share: the files, the rejects, the counts."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import msgspec

from backend.intake import checks, read
from backend.intake.checks import Fault
from backend.intake.rejects import Rejects
from backend.intake.summary import Tally

Progress = Callable[[str, int, int], None]
"""Told the file's name, the bytes read and its size."""


class Run(msgspec.Struct, frozen=True):
    sources: dict[str, read.Source]
    rejects: Rejects
    tally: Tally
    progress: Progress
    today: date
    now: datetime
    plan_set: str

    def records(self, name: str) -> Iterator[read.Record]:
        source = self.sources[name]
        return read.records(source, lambda done: self.progress(name, done, source.size))

    def good(self, name: str, convert: Callable[[list[str]], tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """The rows of a file that can be stored; the others go to the rejects. Counts both."""
        file, columns = self.tally.files[name], len(self.sources[name].columns)
        for line, fields, _raw in self.records(name):
            file.read += 1
            try:
                checks.width(fields, columns)
                row = convert([value.decode() for value in fields])
            except Fault as fault:
                self.rejects.add(name, line, fault)
            else:
                yield row
