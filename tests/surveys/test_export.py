"""Spreadsheets hold what the report holds, and nothing that runs."""

import csv
import zipfile
from datetime import date
from io import BytesIO, StringIO
from xml.etree import ElementTree

from backend.surveys import export, figures
from backend.surveys.reports import Report, Scope
from backend.surveys.scales import Counts
from tests.surveys.test_catalogue import form, question

PLAIN, NUMBER = question("A", en="Was it good?"), question("B", "number", scale="", en="How likely?")
FORM = form(PLAIN, NUMBER)
SCOPE = Scope(quarter=date(2026, 7, 1), touchpoint="T1", compulsory=True)
MANY = Counts(40, {"5": 20, "4": 10, "1": 6, "0": 4})


def report(*counts: Counts) -> Report:
    made = [
        figures.figure(q, c, target=0.65, before=Counts(40, {"5": 12, "1": 28}))
        for q, c in zip((PLAIN, NUMBER), counts, strict=True)
    ]
    return Report(SCOPE, FORM, 60, None, made)


def test_a_line_per_question() -> None:
    lines = export.table([("Vejle", report(MANY, Counts(6, {"10": 3, "4": 3})))], "en")
    assert [len(line) for line in lines] == [15, 15, 15]
    assert lines[1][:8] == ["Vejle", "your talk", "2026-3", "Compulsory", "Was it good?", 60, 40, 0.75]
    assert lines[1][10:] == [0.1, None, "+45***", "Reached", ""]
    assert lines[2][4:8] == ["How likely?", 60, 6, None]
    assert (lines[2][11], lines[2][14]) == (7.0, "Interpret with caution: fewer than 30 answers")


def test_too_few_tell_nothing() -> None:
    lines = export.table([("Vejle", report(Counts(4, {"5": 4}), Counts(3, {"10": 3})))], "en")
    assert lines[1][6:] == ["<5", "#", None, None, "#", None, None, "Too few to say", "#"]
    assert lines[2][6:13] == ["<5", "#", None, None, "#", "#", None]


def test_csv_is_read_back_and_runs_nothing() -> None:
    lines = export.table([("=1+1", report(MANY, MANY)), ("@Ærø", report(MANY, MANY))], "en")
    raw = export.as_csv(lines)
    assert raw.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert [line[0] for line in read] == ["Group", "'=1+1", "'=1+1", "'@Ærø", "'@Ærø"]
    assert read[1][7:9] == ["0,75", "0,5981"]


def test_xlsx_holds_the_same_and_no_formula() -> None:
    raw = export.as_xlsx(export.table([("=1+1", report(MANY, MANY))], "en"))
    with zipfile.ZipFile(BytesIO(raw)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = [node.text for node in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter() if node.text]
    assert "<f>" not in sheet
    assert "<v>0.75</v>" in sheet
    assert {"=1+1", "Was it good?", "Compulsory"} <= set(strings)
