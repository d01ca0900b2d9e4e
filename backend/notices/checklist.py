"""What the complaints board asks for when a member did not come, held against what a notice's file has. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

Answer = Literal["yes", "no", "not_needed"]
Data = Mapping[str, Any]


class Item(NamedTuple):
    """One demand: what it is called, and how to tell that the file meets it."""

    id: str
    label: str
    met: Callable[[Data], Answer]


def _answer(found: object) -> Answer:
    return "yes" if found else "no"


def _told(about: str) -> Callable[[Data], Answer]:
    """A part of the letter; letters whose kind does not call for it need none."""

    def met(data: Data) -> Answer:
        if about not in data["demanded"] and about not in {part["about"] for part in data["content"]["sections"]}:
            return "not_needed"
        return _answer(about in {part["about"] for part in data["content"]["sections"]})

    return met


def _fact(name: str) -> Callable[[Data], Answer]:
    """A line that stands out in the letters about a talk."""

    def met(data: Data) -> Answer:
        if data["notice"]["template"]["id"] not in ("call_in", "no_show"):
            return "not_needed"
        return _answer(any(fact["name"] == name and fact["value"] for fact in data["content"]["facts"]))

    return met


def _by_post(data: Data) -> Answer:
    posted = data["timestamps"]["posted"]
    return "not_needed" if not data["recipient"]["digitalExempt"] and not posted else _answer(posted)


def _in_mailbox(data: Data) -> Answer:
    return "not_needed" if data["recipient"]["digitalExempt"] else _answer(data["mailbox"]["id"])


def _digital(name: str) -> Callable[[Data], Answer]:
    """An instant that there is none of where the letter went by post alone."""

    def met(data: Data) -> Answer:
        at = data["timestamps"][name]
        return "not_needed" if data["recipient"]["digitalExempt"] and not at else _answer(at)

    return met


def _guided(data: Data) -> Answer:
    told = any(part["about"] == "digital" for part in data["content"]["sections"])
    return _answer(data["digitalGuidance"] or told)


def _released(data: Data) -> Answer:
    return "not_needed" if data["notice"]["origin"] in ("rule", "self_booked") else _answer(data["approver"])


# Labels are Danish: the board reads them, whatever the member's language.
ITEMS: tuple[Item, ...] = (
    Item("origin", "Om medlemmet var indkaldt eller selv havde booket", lambda data: _answer(data["notice"]["origin"])),
    Item("letter", "Kopi af brevet (PDF/A) med kontrolsum", lambda data: _answer(data["letter"]["sha256"])),
    Item("versions", "Version af skabelon og konsekvenstekst",
         lambda data: _answer(data["notice"]["template"]["version"] and data["notice"]["consequence"]["version"])),
    Item("recipient", "Modtager", lambda data: _answer(data["recipient"]["memberNo"])),
    Item("language", "Brevets sprog", lambda data: _answer(data["notice"]["language"])),
    Item("consequence", "Vejledning om konsekvensen, og hvornår den er givet", _told("consequence")),
    Item("created", "Tidspunkt: skrevet", lambda data: _answer(data["timestamps"]["created"])),
    Item("available", "Tidspunkt: tilgængelig i postkassen eller sendt med posten",
         lambda data: _answer(data["timestamps"]["available"] or data["timestamps"]["posted"])),
    Item("announced", "Tidspunkt: varslet på telefon, sms eller e-mail", _digital("announced")),
    Item("opened", "Tidspunkt: åbnet af medlemmet", _digital("opened")),
    Item("mailbox", "Kvittering fra den digitale postkasse med id", _in_mailbox),
    Item("receipts", "Kvitteringer fra alle kanaler", lambda data: _answer(data["receipts"])),
    Item("guidance", "Vejledning om digital kommunikation, og hvornår", _guided),
    Item("post", "Postale oplysninger, hvis brevet er sendt på papir", _by_post),
    Item("author", "Hvem der har skrevet brevet", lambda data: _answer(data["author"])),
    Item("approver", "Hvem der har godkendt det", _released),
    Item("date", "Samtalens dato", _fact("date")),
    Item("time", "Samtalens tidspunkt", _fact("time")),
    Item("where", "Sted, telefon eller video", _fact("where")),
    Item("holder", "Hvem der holder samtalen", _fact("holder")),
    Item("branch", "Afdeling", lambda data: _answer(data["content"]["sender"]["branch"])),
    Item("purpose", "Formål", _told("purpose")),
    Item("lawful_absence", "Lovligt fravær, og hvordan det meldes før samtalen", _told("lawful_absence")),
    Item("rebook", "Hvordan man får en anden tid", _told("rebook")),
    Item("interpreter", "Reglerne om tolk", _told("interpreter")),
    Item("contact", "Hvordan man kontakter den, der holder mødet", _told("contact")),
    Item("complaint", "Klagevejledning", _told("complaint")),
    Item("explanation", "Medlemmets forklaring", lambda data: "yes" if data["explanations"] else "no"),
)  # fmt: skip


def checked(data: Data) -> list[dict[str, str]]:
    """Each demand with whether the file meets it: yes, no, or not_needed for this kind of notice."""
    return [{"item": item.id, "label": item.label, "found": item.met(data)} for item in ITEMS]
