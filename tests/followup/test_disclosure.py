"""Small counts are hidden, and stay hidden from whoever can subtract."""

from hypothesis import given
from hypothesis import strategies as st

from backend.followup.disclosure import protect

COUNTS = st.dictionaries(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from(["green", "yellow", "red", "none"])),
    st.integers(0, 40),
    max_size=16,
)


def test_large_counts_are_shown_as_they_are() -> None:
    table = protect({("A", "green"): 9, ("A", "red"): 6, ("B", "green"): 7})
    assert table.cells == {("A", "green"): 9, ("A", "red"): 6, ("B", "green"): 7, ("B", "red"): 0}
    assert (table.rows, table.columns, table.total) == ({"A": 15, "B": 7}, {"green": 16, "red": 6}, 22)


def test_one_small_cell_takes_others_with_it() -> None:
    counts = {("A", "green"): 9, ("A", "red"): 2, ("B", "green"): 7, ("B", "red"): 8}
    table = protect(counts)
    assert all(shown is None for shown in table.cells.values())
    assert table.total == 26


def test_two_small_cells_that_add_up_to_few_take_a_third() -> None:
    table = protect({("A", "green"): 30, ("A", "yellow"): 1, ("A", "red"): 1, ("B", "green"): 30, ("B", "yellow"): 20,
                     ("B", "red"): 20})  # fmt: skip
    assert table.cells["A", "green"] is None
    assert table.rows["A"] == 32


def test_no_members_at_all() -> None:
    assert protect({}).total == 0


@given(COUNTS)
def test_what_is_shown_is_true_and_no_small_count_is_shown(counts: dict[tuple[str, str], int]) -> None:
    table = protect(counts)
    for cell, shown in table.cells.items():
        assert shown in (None, counts.get(cell, 0))
        assert shown not in (1, 2, 3, 4)
    assert all(shown not in (1, 2, 3, 4) for shown in (*table.rows.values(), *table.columns.values(), table.total))


@given(COUNTS)
def test_no_line_gives_a_hidden_cell_away(counts: dict[tuple[str, str], int]) -> None:
    """What is hidden of a line whose total is shown is several cells of five or more together."""
    table = protect(counts)
    lines = [([table.cells[r, c] for c in table.columns], table.rows[r]) for r in table.rows]
    lines += [([table.cells[r, c] for r in table.rows], table.columns[c]) for c in table.columns]
    for parts, total in lines:
        hidden = sum(part is None for part in parts)
        if total is not None and hidden:
            assert hidden > 1
            assert total - sum(part or 0 for part in parts) >= 5


def test_a_cell_that_only_several_lines_together_tell_is_kept_too() -> None:
    """Every line hides two or more, but the first two rows less the first two columns would leave (1, C) alone."""
    blocks = {("1", "A"), ("1", "B"), ("2", "A"), ("2", "B"), ("3", "C"), ("3", "D"), ("4", "C"), ("4", "D")}
    counts = {(row, column): 4 if (row, column) in blocks else 50 for row in "1234" for column in "ABCD"}
    shown = protect(counts | {("1", "C"): 2})
    hidden = {cell for cell, count in shown.cells.items() if count is None}
    assert ("1", "C") in hidden
    assert hidden - blocks - {("1", "C")}
