"""Figures as a table for spreadsheets. Pure: made of reports, so of blocks, and of nothing that pages do not show."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import xlsxwriter

from backend.i18n import N_, text
from backend.surveys import forms
from backend.surveys.figures import Figure
from backend.surveys.reports import Report
from backend.surveys.statistics import Difference

Cell = str | int | float | None
HEADINGS = (
    N_("Group"),
    N_("Touchpoint"),
    N_("Quarter"),
    N_("Contact"),
    N_("Question"),
    N_("Asked"),
    N_("Answered"),
    N_("Positive"),
    N_("From"),
    N_("To"),
    N_("Don't know"),
    N_("Mean"),
    N_("Change"),
    N_("Change: stars"),
    N_("Against elsewhere"),
    N_("Elsewhere: stars"),
    N_("Each answer"),
    N_("Target"),
    N_("Note"),
)
NOTES = {"": "", "#": "#", "caution": N_("Interpret with caution: fewer than 30 answers")}
VERDICTS = {"reached": N_("Reached"), "not_reached": N_("Not reached"), "too_few": N_("Too few to say"), None: ""}
# A spreadsheet would run a text that begins so.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(named: Iterable[tuple[str, Report]], language: str) -> list[list[Cell]]:
    """Headings and one line per group and question. Shares and their differences are parts of 1; "#": too few."""
    lines: list[list[Cell]] = [[text(language, heading) for heading in HEADINGS]]
    lines += [_line(name, report, figure, language) for name, report in named for figure in report.figures]
    return lines


def as_csv(lines: Iterable[Sequence[Cell]]) -> bytes:
    """As spreadsheets of this country open it: semicolons, decimal commas, UTF-8 with its mark."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([_plain(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Sequence[Sequence[Cell]]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return out.getvalue()


def _line(name: str, report: Report, figure: Figure, language: str) -> list[Cell]:
    scope = report.scope
    return [
        name,
        forms.name(report.form, language),
        f"{scope.quarter.year}-{(scope.quarter.month + 2) // 3}",
        text(language, N_("Compulsory") if scope.compulsory else N_("Voluntary")),
        forms.shown(figure.question, language).text,
        report.asked,
        *_numbers(figure),
        each(figure, language),
        text(language, VERDICTS[figure.verdict]) if figure.verdict else "",
        text(language, NOTES[figure.note]) if figure.note else "",
    ]


def _numbers(figure: Figure) -> list[Cell]:
    if figure.note == "#":
        return ["<5", "#", None, None, "#", "#" if figure.question.kind == "number" else None, *[None] * 4]
    interval = figure.interval
    return [
        figure.n,
        figure.share,
        interval.low if interval else None,
        interval.high if interval else None,
        figure.dont_know,
        figure.mean,
        *_difference(figure.before),
        *_difference(figure.elsewhere),
    ]


def _difference(found: Difference | None) -> list[Cell]:
    return [found.points, found.stars] if found else [None, None]


def each(figure: Figure, language: str) -> str | None:
    """How many gave each answer, in words; None where too few have answered."""
    if figure.by_code is None:
        return None
    choices = forms.shown(figure.question, language).choices
    return "; ".join(f"{label}: {figure.by_code.get(code, 0)}" for code, label in choices)


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, float):
        return f"{cell:.4f}".rstrip("0").rstrip(".").replace(".", ",")
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
