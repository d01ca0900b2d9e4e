"""Files are found, recognised and split into records, whatever they hold."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.intake import read
from backend.intake.errors import Unreadable
from backend.intake.layout import COLUMNS, EXEMPTIONS, LOG, MEMBERS
from tests.intake import exports

HEADER = ";".join(COLUMNS[EXEMPTIONS]).encode()


def records(folder: Path, body: bytes) -> list[tuple[int, list[bytes]]]:
    exports.write(folder, exports.rows())
    (folder / EXEMPTIONS).write_bytes(HEADER + b"\r\n" + body)
    source = read.sources(folder)[EXEMPTIONS]
    return [(line, fields) for line, fields, _ in read.records(source, lambda _done: None)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252"])
def test_the_encoding_is_recognised(tmp_path: Path, encoding: str) -> None:
    exports.write(tmp_path, exports.rows(), encoding=encoding)
    source = read.sources(tmp_path)[MEMBERS]
    _, fields, _ = next(read.records(source, lambda _done: None))
    assert fields[1].decode() == "Søren Østergaard"


def test_a_file_that_is_neither_encoding_is_one_sentence(tmp_path: Path) -> None:
    exports.write(tmp_path, exports.rows())
    (tmp_path / LOG).write_bytes((tmp_path / LOG).read_bytes() + b"\x81\xff")
    with pytest.raises(Unreadable, match=r"encoding of joblog\.csv is broken"):
        read.sources(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    exports.write(tmp_path, exports.rows())
    (tmp_path / MEMBERS).unlink()
    with pytest.raises(Unreadable, match=r"medlemmer\.csv is missing"):
        read.sources(tmp_path)


@pytest.mark.parametrize("content", [b"", b"medlemsnr;art;til;fra\r\n", b"medlemsnr,art,fra,til\r\n", b"\xff\xfem\0"])
def test_another_header_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    exports.write(tmp_path, exports.rows())
    (tmp_path / EXEMPTIONS).write_bytes(content)
    with pytest.raises(Unreadable, match=r"header of fritagelser\.csv must be medlemsnr;art;fra;til"):
        read.sources(tmp_path)


@pytest.mark.parametrize("manifest", ["{", '{"today": "18-11-2026"}', "[]", '{"today": 5}'])
def test_a_manifest_that_is_none_is_one_sentence(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(Unreadable, match=r"manifest\.json is not a manifest"):
        read.manifest_today(tmp_path)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_lines_are_counted_as_an_editor_does(tmp_path: Path, end: bytes) -> None:
    body = end.join([b"1;ferie;a;b", b"", b'2;"fe""rie";a;b', b'3;"fe', b'rie";a;b', b"4;ferie;a;b"])
    assert records(tmp_path, body) == [
        (2, [b"1", b"ferie", b"a", b"b"]),
        (4, [b"2", b'fe"rie', b"a", b"b"]),
        (5, [b"3", b"fe\nrie", b"a", b"b"]),
        (7, [b"4", b"ferie", b"a", b"b"]),
    ]


def test_one_quote_too_many_costs_one_row(tmp_path: Path) -> None:
    found = records(tmp_path, b'1;"ferie;a;b\n2;ferie;a;b\n3;"sygdom";a;b\n4;ferie;a;b\n')
    assert found[0] == (2, [b'1;"ferie;a;b'])
    assert [fields[0] for _, fields in found[1:]] == [b"2", b"3", b"4"]


def test_many_open_quotes_are_got_over(tmp_path: Path) -> None:
    found = records(tmp_path, b'1;"ferie;a;b\n' * 3_000 + b"2;ferie;a;b\n")
    assert len(found) == 3_001
    assert found[-1] == (3_002, [b"2", b"ferie", b"a", b"b"])


def test_lines_across_blocks_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "BLOCK", 7)
    body = b"".join(b"%d;ferie;a;b\r\n\r\n" % n for n in range(50))
    assert records(tmp_path, body) == [(2 + 2 * n, [b"%d" % n, b"ferie", b"a", b"b"]) for n in range(50)]


@given(st.lists(st.binary(max_size=30).map(lambda value: value.replace(b"\x81", b"")), max_size=20))
def test_any_bytes_are_split_or_refused(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        found = records(folder, b"\n".join(parts))
    except Unreadable:
        return
    lines = [line for line, _ in found]
    assert lines == sorted(set(lines))
    assert all(fields for _, fields in found)
