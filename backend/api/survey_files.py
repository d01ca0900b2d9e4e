"""Figures as files: spreadsheets and one page of PDF. Made of the same reports as the pages, of nothing else."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

from litestar import Response

from backend.surveys import export, paper
from backend.surveys.reports import Report

Sheet = Literal["csv", "xlsx"]
Format = Literal["csv", "xlsx", "pdf"]
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
# The exports' media types, for the contract.
SHEETS = tuple(TYPES[kind].partition(";")[0] for kind in ("csv", "xlsx"))
ALL = (*SHEETS, TYPES["pdf"])


async def sheet(named: Sequence[tuple[str, Report]], kind: Sheet, language: str) -> Response[bytes]:
    lines = export.table(named, language)
    content = await asyncio.to_thread(export.as_xlsx if kind == "xlsx" else export.as_csv, lines)
    return _file(content, kind)


async def page(title: str, subtitle: str, found: Sequence[Report], fund: str, language: str) -> Response[bytes]:
    content = await asyncio.to_thread(paper.pdf, title, subtitle, found, fund=fund, language=language)
    return _file(content, "pdf")


def _file(content: bytes, kind: Format) -> Response[Any]:
    headers = {
        "Content-Disposition": f'attachment; filename="survey.{kind}"',
        "Cache-Control": "private, no-store",
    }
    return Response(content=content, media_type=TYPES[kind], headers=headers)
