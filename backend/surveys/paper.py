"""A report as one page of PDF: tagged, archivable (PDF/A-2a) and accessible (PDF/UA-1), charts with their table."""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from backend.i18n import N_, text
from backend.surveys import charts, export, forms
from backend.surveys.export import NOTES, VERDICTS
from backend.surveys.figures import Figure
from backend.surveys.reports import Report
from backend.surveys.statistics import Difference

HEADINGS = (
    N_("No."),
    N_("Question"),
    N_("Answers"),
    N_("Positive"),
    N_("95 % interval"),
    N_("Change"),
    N_("Against elsewhere, target"),
)
FOOTER = N_("Figures count answers five at a time; # stands for fewer than five.")
EXPLAINED = N_(
    "Positive: the two best answers of all, “don't know” included. Change is in percentage points, against the quarter "
    "before. * is significant at 5 %, ** at 1 %, *** at 0.1 %. The figures do not say that one thing caused another."
)
EXPLAINED_WITHOUT = N_(
    "Positive: the two best answers of all but “don't know”. Change is in percentage points, against the quarter "
    "before. * is significant at 5 %, ** at 1 %, *** at 0.1 %. The figures do not say that one thing caused another."
)
ALT = N_("Bars with the positive share of each question and its interval; the table above holds the same numbers.")
CAPTION = N_("Positive share in per cent with its 95 % interval, by the question's number in the table.")
LEFT_OUT = N_("There was no room for more on this page: the rest is in the spreadsheet.")
COMPULSORY, VOLUNTARY = N_("Compulsory contacts"), N_("Voluntary contacts")


def pdf(title: str, subtitle: str, reports: Sequence[Report], *, fund: str, language: str) -> bytes:
    """The page; slow enough to be made away from an event loop."""
    import typst

    data = {
        "title": title,
        "subtitle": subtitle,
        "fund": fund,
        "language": language,
        "headings": [text(language, heading) for heading in HEADINGS],
        "footer": f"{fund} · {text(language, FOOTER)}",
        "notes": _explained(reports, language),
        "left_out": text(language, LEFT_OUT),
        "parts": [_part(report, language) for report in reports],
    }
    template = files("backend.surveys").joinpath("data/report.typ").read_bytes()
    made = typst.Compiler(template, ignore_system_fonts=True).compile(
        format="pdf", sys_inputs={"data": json.dumps(data)}, pdf_standards=["a-2a", "ua-1"]
    )
    assert isinstance(made, bytes)
    return made


def _explained(reports: Sequence[Report], language: str) -> str:
    """How it is counted, which may have changed between quarters."""
    ways = dict.fromkeys(EXPLAINED if one.counting.count_dont_know else EXPLAINED_WITHOUT for one in reports)
    return " ".join(text(language, way) for way in ways or (EXPLAINED,))


def _part(report: Report, language: str) -> dict[str, Any]:
    kind = text(language, COMPULSORY if report.scope.compulsory else VOLUNTARY)
    name = forms.name(report.form, language)
    chart = charts.shares(report.figures, report.target)
    return {
        "heading": f"{kind}: {name}, {quarter_name(report)}",
        "asked": _asked(report, language),
        "rows": [_row(number, one, language) for number, one in enumerate(report.figures, 1)],
        "chart": chart or "",
        "alt": text(language, ALT),
        "caption": text(language, CAPTION),
    }


def quarter_name(report: Report) -> str:
    quarter = report.scope.quarter
    return f"{quarter.year}-{(quarter.month + 2) // 3}"


def _asked(report: Report, language: str) -> str:
    if report.rate is None:
        return text(language, N_("Asked: {n}. Fewer than five answers are counted so far."), n=report.asked)
    return text(language, N_("Asked: {n}. Answered: {share}."), n=report.asked, share=percent(report.rate))


def _row(number: int, one: Figure, language: str) -> list[str]:
    words = forms.shown(one.question, language).text
    if one.note == "#":
        return [str(number), words, "<5", "#", "#", "", ""]
    low_high = f"{percent(one.interval.low)}–{percent(one.interval.high)}" if one.interval else ""
    value = percent(one.share) if one.share is not None else _mean(one, language)
    remarks = [_points(one.elsewhere), text(language, VERDICTS[one.verdict] or "") if one.verdict else ""]
    caution = text(language, NOTES[one.note]) if one.note else ""
    chosen = export.each(one, language) if one.question.kind in {"single", "multiple"} else ""
    last = "; ".join(part for part in (chosen, *remarks, caution) if part)
    return [str(number), words, str(one.n), value, low_high, _points(one.before), last]


def _mean(one: Figure, language: str) -> str:
    return text(language, "{mean}", mean=round(one.mean, 1)) if one.mean is not None else ""


def _points(found: Difference | None) -> str:
    return f"{found.points * 100:+.0f}{found.stars}" if found else ""


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"
