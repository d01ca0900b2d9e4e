"""The catalogues are complete: each text in the code has its Danish, with the same fields, and nothing is left over."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from backend import i18n

BACKEND = Path(i18n.__file__).parent
KEYWORDS = {"N_": None}
FIELD = re.compile(r"{(\w+)[^}]*}")


def texts_in_code() -> set[str]:
    """Marked texts of the programs, and those of the pages' templates."""
    programs = extract_from_dir(BACKEND, method_map=[("**.py", "python")], keywords=KEYWORDS)
    pages = extract_from_dir(BACKEND, method_map=[("web/templates/**.html", "jinja2")])
    return {message for _file, _line, message, *_rest in (*programs, *pages) if isinstance(message, str)}


def catalogue(language: str) -> Catalog:
    with (i18n.LOCALES / language / "LC_MESSAGES" / "jobvej.po").open("rb") as stream:
        return read_po(stream, locale=language)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_catalogue_holds_exactly_the_texts_of_the_code(language: str) -> None:
    in_catalogue = {str(message.id) for message in catalogue(language) if message.id}
    code = texts_in_code()
    assert code, "no texts were found, so the extraction is broken"
    assert sorted(code - in_catalogue) == [], "run `make messages`"
    assert sorted(in_catalogue - code) == [], "run `make messages`"


def test_every_text_is_translated_to_danish_with_the_same_fields() -> None:
    missing = []
    for message in catalogue("da"):
        if not message.id:
            continue
        english, danish = str(message.id), str(message.string)
        if not danish or message.fuzzy or set(FIELD.findall(english)) != set(FIELD.findall(danish)):
            missing.append(english)
    assert missing == []


def test_a_danish_text_is_not_the_english_one() -> None:
    alike = [str(m.id) for m in catalogue("da") if m.id and m.id == m.string]
    same = [text for text in alike if len(FIELD.sub("", text).split()) > 2]
    assert same == []


def test_make_messages_finds_the_texts() -> None:
    """With a mapping that matches no file the command would empty both catalogues."""
    with (i18n.LOCALES / "babel.cfg").open() as stream:
        mapping, options = parse_mapping_cfg(stream)  # type: ignore[no-untyped-call]
    both = DEFAULT_KEYWORDS | KEYWORDS
    found = {str(m) for _f, _l, m, *_rest in extract_from_dir(BACKEND, mapping, options, keywords=both)}
    assert found >= texts_in_code()
