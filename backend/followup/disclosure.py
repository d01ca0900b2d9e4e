"""Hiding small counts, so that a table says nothing about single members, not even by subtraction. Pure.

A cell of 1 to 4 is hidden. A line whose hidden cells could be worked out from its total (one alone, or several that
together are fewer than five) hides more: its next smallest cell, and when there is none, its total. So does a small
cell that several lines tell together, although none of them does alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

SMALLEST_SHOWN = 5
Cell = tuple[str, str]


class Table(NamedTuple):
    """Counts by row and column with totals; None where hidden. The grand total is always shown when it is not small."""

    cells: Mapping[Cell, int | None]
    rows: Mapping[str, int | None]
    columns: Mapping[str, int | None]
    total: int | None


ALL = "*"  # the name of a total, as a row or a column


def protect(counts: Mapping[Cell, int]) -> Table:
    """The table of these counts as it may be shown. Cells that are not given are nought."""
    rows, columns = _names(counts, 0), _names(counts, 1)
    whole = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    whole |= {(row, ALL): sum(whole[row, column] for column in columns) for row in rows}
    whole |= {(ALL, column): sum(whole[row, column] for row in rows) for column in columns}
    whole[ALL, ALL] = sum(counts.values())
    hidden = {cell for cell, count in whole.items() if 0 < count < SMALLEST_SHOWN}
    while further := _further(whole, hidden, rows, columns) or _told_by_several(whole, hidden):
        hidden.add(further)
    shown = {cell: None if cell in hidden else count for cell, count in whole.items()}
    return Table(
        {cell: count for cell, count in shown.items() if ALL not in cell},
        {row: shown[row, ALL] for row in rows},
        {column: shown[ALL, column] for column in columns},
        shown[ALL, ALL],
    )


def _names(counts: Mapping[Cell, int], place: int) -> list[str]:
    return sorted({cell[place] for cell in counts})


def _further(whole: Mapping[Cell, int], hidden: set[Cell], rows: Sequence[str], columns: Sequence[str]) -> Cell | None:
    """A cell that must be hidden too, or None when every line keeps its secret."""
    for parts, total in _lines(rows, columns):
        covered = [cell for cell in parts if cell in hidden]
        if not covered or total in hidden:
            continue
        if len(covered) > 1 and sum(whole[cell] for cell in covered) >= SMALLEST_SHOWN:
            continue
        left = [cell for cell in parts if cell not in hidden and whole[cell]]
        if left:
            return min(left, key=lambda cell: (whole[cell], cell))
        if total != (ALL, ALL):
            return total
    return None


def _told_by_several(whole: Mapping[Cell, int], hidden: set[Cell]) -> Cell | None:
    """A cell to hide because of a small one that sums of whole lines give away, or None.

    Seen as edges between rows and columns, a hidden cell can be worked out exactly when no other hidden cells lead from
    its row to its column: the lines on its row's side, added up, leave it alone.
    """
    for cell in sorted(hidden):
        if whole[cell] >= SMALLEST_SHOWN:
            continue
        rows, columns = _reached(cell[0], hidden - {cell})
        if cell[1] in columns:
            continue
        across = [each for each in whole if (each[0] in rows) != (each[1] in columns) and each not in hidden]
        left = [each for each in across if whole[each] and each != (ALL, ALL)]
        if left:
            return min(left, key=lambda each: (ALL in each, whole[each], each))
    return None


def _reached(row: str, cells: set[Cell]) -> tuple[set[str], set[str]]:
    """The rows and columns that hidden cells lead to from a row."""
    rows, columns, before = {row}, set[str](), 0
    while len(rows) + len(columns) > before:
        before = len(rows) + len(columns)
        columns |= {c for r, c in cells if r in rows}
        rows |= {r for r, c in cells if c in columns}
    return rows, columns


def _lines(rows: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[list[Cell], Cell]]:
    """Every sum in the table: its parts and its total. The totals are themselves parts of the grand total."""
    for row in (*rows, ALL):
        yield [(row, column) for column in columns], (row, ALL)
    for column in (*columns, ALL):
        yield [(row, column) for row in rows], (ALL, column)
