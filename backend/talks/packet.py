"""The packet for the jobcentre as a PDF, in Danish. Some milliseconds of a processor: not for an open transaction."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from importlib import resources
from typing import Any

from backend.i18n import text
from backend.notices import render
from backend.talks import texts
from backend.talks.handover import Packet

LAYOUT = "packet-1.typ"
DANISH = "da"
PLAN = {
    "jobGoals": "Jobmål",
    "effortAreas": "Indsatsområder",
    "searchStrategy": "Søgestrategi",
    "planA": "Plan A",
    "planB": "Plan B",
    "planC": "Plan C",
}
OWNERS = {"member": "Medlemmet", "staff": "A-kassen"}


def pdf(found: Packet, *, made_at: datetime) -> bytes:
    """The document, made from the packet as it stands or was handed over."""
    source = (resources.files("backend.talks") / LAYOUT).read_bytes()
    return render.document(source, shown(found), made_at=made_at)


def shown(found: Packet) -> dict[str, Any]:
    """The packet in words. Pure."""
    content = found.content
    return {
        "memberNo": content["memberNo"],
        "unemployedFrom": _day(content["unemployedFrom"]),
        "handedOn": _day(found.handed_on.isoformat()) if found.handed_on else "endnu ikke",
        "plan": list(_plan(content["plan"] or {})),
        "agreements": [[OWNERS[one["owner"]], one["what"], _day(one["dueOn"])] for one in content["agreements"]],
        "talks": [_talk(one) for one in content["talks"]],
    }


def _plan(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, label in PLAN.items():
        value = plan.get(name)
        if value:
            yield label, ", ".join(value) if isinstance(value, list) else value


def _talk(one: Mapping[str, Any]) -> dict[str, Any]:
    kinds = ", ".join(text(DANISH, texts.TYPES[kind]) for kind in one["types"])
    form = text(DANISH, texts.FORMS[one["form"]])
    return {
        "title": f"{_day(one['heldOn'])}: {kinds} ({form}), {one['staffName']}",
        "minutes": one["minutes"],
        "corrections": [each["correction"] for each in one["corrections"]],
    }


def _day(iso: str) -> str:
    return text(DANISH, "{day}", day=date.fromisoformat(iso))
