"""The overview of capacity as tables: what is short soon, talks by branch and week, events by week. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Json = Mapping[str, Any]
TALKS = "talks"


class Table(NamedTuple):
    """Rows of one kind: a name, and a line (or nothing) for each week; the first `short` of them lack something."""

    weeks: list[str]
    rows: list[tuple[str, list[Json | None]]]

    @property
    def short(self) -> int:
        return sum(any(_short(one) for one in cells) for _, cells in self.rows)


def soon(lines: Sequence[Json]) -> list[Json]:
    """What is short within two weeks: the next week first, then the worst."""
    short = [one for one in lines if one["soon"] and one["shortage"] > 0]
    return sorted(short, key=lambda one: (one["week"], one["unit"], -one["shortage"]))


def talks(lines: Sequence[Json], team: str) -> Table:
    """Advisers' time by branch."""
    return _table([one for one in lines if one["activity"] == TALKS], lambda one: str(one["branch"] or team))


def events(lines: Sequence[Json], team: str) -> Table:
    """Seats by what is held and where; `team` is what the job team is called."""
    return _table(
        [one for one in lines if one["activity"] != TALKS], lambda one: f"{one['title']} · {one['branch'] or team}"
    )


def _table(lines: Sequence[Json], name: Any) -> Table:
    weeks = sorted({str(one["week"]) for one in lines})
    found: dict[str, dict[str, Json]] = {}
    for one in lines:
        found.setdefault(name(one), {})[str(one["week"])] = one
    rows = [(key, [cells.get(week) for week in weeks]) for key, cells in found.items()]
    return Table(weeks, sorted(rows, key=lambda row: (not any(_short(one) for one in row[1]), row[0])))


def _short(one: Json | None) -> bool:
    return one is not None and one["shortage"] > 0
