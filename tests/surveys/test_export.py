"""Spreadsheets hold what the report holds, and nothing that runs."""

import csv
import zipfile
from datetime import date
from io import BytesIO, StringIO
from xml.etree import ElementTree

from pypdf import PdfReader

from backend.surveys import export, figures, paper
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
    assert [len(line) for line in lines] == [19, 19, 19]
    assert lines[1][:8] == ["Vejle", "your talk", "2026-3", "Compulsory", "Was it good?", 60, 40, 0.75]
    assert lines[1][10:12] == [0.1, None]
    assert [round(lines[1][12], 2), *lines[1][13:16]] == [0.45, "***", None, None]  # type: ignore[arg-type]
    told = "Strongly agree: 20; Agree: 10; Neither agree nor disagree: 0; Disagree: 0; "
    assert lines[1][16:] == [told + "Strongly disagree: 6; Don't know: 4", "Reached", ""]
    assert lines[2][4:8] == ["How likely?", 60, 6, None]
    assert (lines[2][11], lines[2][18]) == (7.0, "Interpret with caution: fewer than 30 answers")


def test_too_few_tell_nothing() -> None:
    lines = export.table([("Vejle", report(Counts(4, {"5": 4}), Counts(3, {"10": 3})))], "en")
    assert lines[1][6:] == ["<5", "#", None, None, "#", *[None] * 6, "Too few to say", "#"]
    assert lines[2][6:17] == ["<5", "#", None, None, "#", "#", *[None] * 5]


def test_csv_is_read_back_and_runs_nothing() -> None:
    lines = export.table([("=1+1", report(MANY, MANY)), ("@Ærø", report(MANY, MANY))], "en")
    raw = export.as_csv(lines)
    assert raw.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert [line[0] for line in read] == ["Group", "'=1+1", "'=1+1", "'@Ærø", "'@Ærø"]
    assert read[1][7:9] == ["0,75", "0,5981"]


def test_what_was_chosen_is_in_the_files() -> None:
    options = {"a": {"da": "Mandag", "en": "Monday"}, "b": {"da": "Fredag", "en": "Friday"}}
    choice = question("C", "single", scale="", options=options)
    made = Report(SCOPE, FORM, 9, None, [figures.figure(choice, Counts(8, {"a": 6, "b": 2}))])
    [_, line] = export.table([("Vejle", made)], "da")
    assert (line[6], line[16]) == (8, "Mandag: 6; Fredag: 2")
    words = PdfReader(BytesIO(paper.pdf("T", "S", [made], fund="F", language="da"))).pages[0].extract_text()
    assert "Mandag: 6; Fredag: 2" in " ".join(words.split())


def test_a_report_is_one_page_whatever_it_holds() -> None:
    """Many long questions, compulsory and voluntary, of two quarters: what does not fit is said to be elsewhere."""
    long = [question(str(n), da="Jeg fik noget med hjem, som jeg kan bruge. " * 3) for n in range(9)]
    counted = [figures.figure(one, MANY, target=0.65, before=MANY, elsewhere=MANY) for one in long]
    for many, left in ((2, False), (4, True)):
        raw = paper.pdf("T", "S", [Report(SCOPE, FORM, 60, 0.6, counted)] * many, fund="F", language="da")
        pages = PdfReader(BytesIO(raw)).pages
        assert (len(pages), "Der var ikke plads til mere" in pages[0].extract_text()) == (1, left)


def test_xlsx_holds_the_same_and_no_formula() -> None:
    raw = export.as_xlsx(export.table([("=1+1", report(MANY, MANY))], "en"))
    with zipfile.ZipFile(BytesIO(raw)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = [node.text for node in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter() if node.text]
    assert "<f>" not in sheet
    assert "<v>0.75</v>" in sheet
    assert {"=1+1", "Was it good?", "Compulsory"} <= set(strings)
