"""A log in parts, here or in other processes, is the same as in one."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.db.types import new_id
from backend.intake import parts, read, workers
from backend.intake.layout import COLUMNS, LOG
from backend.intake.parts import Part, Task
from tests.intake.exports import entry, rows, write
from tests.intake.test_log_rows import MEMBER, TODAY

FIRST = new_id()


def task(source: read.Source, members: dict[str, UUID] | None = None) -> Task:
    return Task(str(source.path), source.encoding, TODAY, FIRST, members or {"700001": MEMBER})


def log(folder: Path, encoding: str = "utf-8-sig") -> read.Source:
    lines = [entry(f"J{n:03d}", virksomhed='Vikar "Metal"\nNu' if n % 7 == 0 else "Ørsted") for n in range(100, 400)]
    lines[30] = entry("J130", kanal="brevdue")
    return read.sources(write(folder, rows(joblog=lines), encoding=encoding))[LOG]


async def taken(source: read.Source) -> list[Part]:
    return [part async for part in workers.encoded(source, task(source))]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
@pytest.mark.parametrize("size", [1, 50, 997])
async def test_parts_together_are_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, size: int
) -> None:
    source = log(tmp_path, encoding)
    whole = await taken(source)
    monkeypatch.setattr(parts, "SIZE", size)
    found = await taken(source)
    assert len(whole) == 1 < len(found)
    assert b"".join(part.rows for part in found) == whole[0].rows
    assert sum(part.read for part in found) == 300
    assert [fault for part in found for fault in part.faults] == [(36, "unknown_channel", "brevdue")]


async def test_other_processes_make_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = log(tmp_path)
    monkeypatch.setattr(parts, "SIZE", 900)
    here = await taken(source)
    monkeypatch.setattr(workers, "LARGE", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert await taken(source) == here


async def test_workers_end_when_the_import_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = log(tmp_path)
    monkeypatch.setattr(parts, "SIZE", 900)
    monkeypatch.setattr(workers, "LARGE", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    started = []
    start = workers._start

    async def noted() -> object:
        started.append(await start())
        return started[-1]

    monkeypatch.setattr(workers, "_start", noted)
    stream = workers.encoded(source, task(source))
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert [worker.returncode is not None for worker in started] == [True, True]


@given(
    st.lists(st.sampled_from([b"a;b", b"", b'"x', b'y";z', b"1;2"]), max_size=30),
    st.sampled_from([b"\r\n", b"\n", b"\r"]),
)
def test_cuts_lie_behind_each_other_and_count_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], end: bytes
) -> None:
    path = tmp_path_factory.mktemp("cuts") / LOG
    header = ";".join(COLUMNS[LOG]).encode() + end
    path.write_bytes(header + end.join(lines))
    source = read.Source(path, COLUMNS[LOG], "utf-8", 0, path.stat().st_size)
    at, line = len(header), 2
    for cut in parts.cuts(source):
        assert (cut.offset, cut.line) == (at, line)
        at += cut.length
        line += len(path.read_bytes()[cut.offset : at].splitlines())
    assert at == source.size


def part(*numbers: bytes, suspects: list[str] | None) -> Part:
    return Part(b"", len(numbers), [], suspects, *(numbers[:1] or (b"",)), *(numbers[-1:] or (b"",)))


def test_numbers_that_grow_over_all_parts_cannot_repeat() -> None:
    assert parts.suspects([part(b"J1", b"J3", suspects=[]), part(suspects=[]), part(b"J4", suspects=["J2"])]) == ["J2"]


def test_a_part_that_begins_below_another_puts_all_under_suspicion() -> None:
    assert parts.suspects([part(b"J1", b"J3", suspects=[]), part(b"J2", suspects=[])]) is None
    assert parts.suspects([part(b"J1", suspects=None)]) is None
