"""The catalogue as a page: whole, in both languages, for everybody to read, and safe to show."""

from html.parser import HTMLParser

import pytest

from backend.i18n import LANGUAGES
from backend.notifications import pages, rendering
from backend.notifications.catalogue import BY_ID, CATALOGUE

PHONE = "13 10 20 30"


class Outline(HTMLParser):
    """Ids, links inside the page, headings, languages and scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.levels: list[int] = []
        self.phones: list[str] = []
        self.outside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"][1:]] if given.get("href", "").startswith("#") else []
        self.labels += given.get("aria-labelledby", "").split()
        self.levels += [int(tag[1])] if tag in ("h1", "h2", "h3", "h4") else []
        self.phones += [given["lang"]] if given.get("class") == "phone" else []
        executable = tag in ("script", "iframe", "object") or any(name.startswith("on") for name in given)
        self.outside += [tag] if executable or "src" in given or tag == "link" else []


@pytest.fixture(scope="module", params=LANGUAGES)
def html(request: pytest.FixtureRequest) -> str:
    return pages.html(pages.catalogue_page(request.param, fund="Metal A-kasse", phone=PHONE))


def test_every_message_is_on_it_once_with_a_phone_in_each_language(html: str) -> None:
    found = Outline(html)
    assert [kind.id for kind in CATALOGUE if kind.id not in found.ids] == []
    assert len(found.ids) == len(set(found.ids))
    assert found.phones.count("da") == found.phones.count("en") >= len(CATALOGUE)
    assert "Samtale onsdag kl. 14.30" in html
    assert "Talk Wednesday at 14:30" in html


def test_it_can_be_walked_through_by_headings_and_links(html: str) -> None:
    found = Outline(html)
    assert set(found.links + found.labels) <= set(found.ids)
    assert found.levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(found.levels, found.levels[1:], strict=False))


def test_it_needs_no_other_file_and_runs_nothing(html: str) -> None:
    assert Outline(html).outside == []
    assert "http" not in html


def test_what_a_fund_is_called_cannot_become_markup() -> None:
    page = pages.html(pages.catalogue_page("en", fund="<b>Fund & Co</b>", phone="<i>1</i>"))
    assert "<b>Fund" not in page
    assert "<i>1" not in page
    assert "&lt;b&gt;Fund &amp; Co&lt;/b&gt;" in page


def test_only_the_channels_that_a_message_takes_are_shown() -> None:
    kinds = {kind.id: kind for kind in rendering.describe_all("en", fund="Fund", phone=PHONE)}
    assert kinds["N06"].channels == ()
    assert kinds["N05"].channels == ("sms",)
    assert kinds["N20"].channels == ("sms", "email")
    assert kinds["N13"].channels == ("sms", "email"), "a legal notice is announced as its reader chooses"


def test_the_rules_are_said_in_order_and_in_words() -> None:
    notice = rendering.describe(BY_ID["N04"], "en", fund="Fund", phone=PHONE)
    assert notice.steps == (
        "The letter itself: the secure mailbox, at once. All else only announces it.",
        "The app's inbox, and a push to every device.",
        "SMS at the same time.",
        "E-mail at the same time.",
        "A call from us, when it stays unread.",
        "A paper letter at once, for members exempt from digital mail.",
    )
    assert notice.limits == ("Cannot be turned off; the member chooses how it is announced.",)
    talk = rendering.describe(BY_ID["N05"], "da", fund="Fund", phone=PHONE)
    assert talk.lasts == ("5 dage.", "Aldrig efter det tidspunkt, den handler om.")
    assert talk.holds == "Samtalen står ved magt, på det tidspunkt der er oplyst."
    assert talk.params["at"] == "23. september kl. 14.30"
    assert rendering.describe(BY_ID["N09"], "en", fund="Fund", phone=PHONE).lasts == ("36 hours.",)
    assert rendering.describe(BY_ID["N11"], "en", fund="Fund", phone=PHONE).limits == (
        "At most one message of this sort in seven days.",
    )
