"""`jobvej messages`: what the product can send, as members see it. Needs no database."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from backend.cli.common import CliError, out, print_json, settings
from backend.i18n import LANGUAGES
from backend.notifications import pages, rendering
from backend.notifications.rendering import Kind
from backend.settings import Settings

RENDER = typer.Option(False, "--render", help="Show each message as its reader sees it, on every channel.")
LANGUAGE = typer.Option(None, "--language", help="da or en. Both when left out.", show_default=False)
JSON = typer.Option(False, "--json", help="One JSON document, for other programs.")
HTML = typer.Option(None, "--html", help="Write a page with every message as a phone shows it.", show_default=False)


def register(app: typer.Typer) -> None:
    @app.command()
    def messages(
        render: bool = RENDER, language: str | None = LANGUAGE, as_json: bool = JSON, html: Path | None = HTML
    ) -> None:
        """List every message that members can get; with --render, its texts and rules."""
        found, languages = settings(), _languages(language)
        if html:
            _write(html, found, languages[-1])
        if as_json:
            print_json(_document(found, languages))
        elif render:
            _render(found, languages)
        elif not html:
            _list(found, languages)


def _languages(wanted: str | None) -> tuple[str, ...]:
    if wanted is None:
        return LANGUAGES
    if wanted not in LANGUAGES:
        raise CliError(f"“{wanted}” is no language here. Use da or en.")
    return (wanted,)


def _kinds(found: Settings, language: str) -> list[Kind]:
    return rendering.describe_all(language, fund=found.fund_name, phone=found.fund_phone)


def _write(file: Path, found: Settings, language: str) -> None:
    page = pages.catalogue_page(language, fund=found.fund_name, phone=found.fund_phone)
    try:
        file.write_text(pages.html(page), encoding="utf-8")
    except OSError as error:
        raise CliError(f"{file} cannot be written ({error.strerror}).") from None


def _document(found: Settings, languages: Sequence[str]) -> dict[str, Any]:
    kinds = {language: [dataclasses.asdict(kind) for kind in _kinds(found, language)] for language in languages}
    return {"fund": found.fund_name, "messages": kinds}


def _list(found: Settings, languages: Sequence[str]) -> None:
    table = Table("Id", "Class", *(f"Title ({language})" for language in languages), box=None, header_style="bold")
    for same in zip(*(_kinds(found, language) for language in languages), strict=True):
        table.add_row(same[0].id, same[-1].klass_name, *(kind.texts.title for kind in same))
    out.print(table)


def _render(found: Settings, languages: Sequence[str]) -> None:
    """The rules in the last of the languages: in English where both are shown."""
    names = pages.words(languages[-1])
    for same in zip(*(_kinds(found, language) for language in languages), strict=True):
        about = same[-1]
        out.print(f"\n[bold]{about.id}[/] {about.klass_name} · {about.category_name}", highlight=False)
        for name, sentences in _rules(about):
            out.print(f"  {names[name]}: {' '.join(sentences)}", highlight=False, markup=False)
        out.print(_texts(same, languages))


def _rules(about: Kind) -> list[tuple[str, Sequence[str]]]:
    found = (
        ("trigger", (about.trigger,)),
        ("steps", about.steps),
        ("lasts", about.lasts),
        ("holds", (about.holds,) if about.holds else ()),
        ("limits", about.limits),
    )
    return [(name, sentences) for name, sentences in found if sentences]


def _texts(same: Sequence[Kind], languages: Sequence[str]) -> Table:
    table = Table("", *languages, show_lines=True, expand=True, header_style="bold")
    texts = [kind.texts for kind in same]
    table.add_row("Locked phone", *(f"[bold]{one.lock_title}[/]\n{one.lock_body}" for one in texts))
    table.add_row("In the app", *(f"[bold]{one.title}[/]\n{one.body}" for one in texts))
    if "sms" in same[0].channels:
        table.add_row("SMS", *(one.sms for one in texts))
    if "email" in same[0].channels:
        table.add_row("E-mail", *(f"[bold]{one.email_subject}[/]\n{one.email_text}" for one in texts))
    return table
