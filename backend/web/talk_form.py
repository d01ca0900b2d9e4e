"""The form of minutes: fields to the API's draft and back. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backend.web import plan_form
from backend.web.forms import Form

TYPES = ("cv_talk", "job_talk", "availability_talk", "joint_talk", "sparring_talk", "follow_up")
MOST, SPARE = 20, 2
FIELDS: Mapping[str, str] = {
    "heldOn": "held_on",
    "form": "way",
    "If-Match": "version",
    "requirement.validFrom": "numbers_from",
    "validFrom": "numbers_from",
    **plan_form.NUMBERS,
    **{f"requirement.numbers.{name}": field for name, field in plan_form.NUMBERS.items()},
    **{f"agreements[{n}].dueOn": f"due-{n}" for n in range(MOST)},
    **{f"agreements[{n}].what": f"what-{n}" for n in range(MOST)},
}


def match(version: object) -> dict[str, str]:
    """Only what nobody else changed meanwhile is overwritten."""
    return {"If-Match": f'"{version}"'}


def at_version(form: Form, version: int) -> Form:
    return replace(form, values={**form.values, "version": str(version)})


def values(talk: Mapping[str, Any]) -> dict[str, str]:
    """A draft as the values of the form."""
    found = {"minutes": talk["minutes"], "way": talk["form"] or "", "chair": talk["chair"]}
    found |= {"held_on": talk["heldOn"] or "", "version": str(talk["version"])}
    found |= {f"type-{one['code']}": "yes" for one in talk["types"]}
    for n, one in enumerate(talk["drafted"]):
        found |= {f"owner-{n}": one["owner"], f"what-{n}": one["what"], f"due-{n}": one["dueOn"]}
        found |= {f"staff-{n}": one["staffId"] or ""}
    return found


def minutes(form: Form) -> dict[str, Any]:
    """The draft as the API takes it. A row without words is no agreement."""
    body: dict[str, Any] = {
        "minutes": form.value("minutes").replace("\r\n", "\n"),
        "types": [one for one in TYPES if form.value(f"type-{one}")],
        "agreements": [_agreement(form, n) for n in _filled(form)],
    }
    body |= {"heldOn": form.value("held_on")} if form.value("held_on") else {}
    body |= {"form": form.value("way")} if form.value("way") else {}
    return body | ({"chair": form.value("chair")} if form.value("chair") else {})


def closing(form: Form) -> dict[str, Any]:
    """What goes with closing: other numbers for the search, where they were agreed."""
    if not form.value("agree_numbers"):
        return {}
    return {"requirement": {"numbers": plan_form.numbers(form), "validFrom": form.value("numbers_from")}}


def rows(form: Form) -> int:
    """How many rows of agreements to show: what is filled, and two to write in."""
    return min(max(_filled(form), default=-1) + 1 + SPARE, MOST)


def _filled(form: Form) -> list[int]:
    return [n for n in range(MOST) if form.value(f"what-{n}")]


def _agreement(form: Form, n: int) -> dict[str, Any]:
    staff = form.value(f"staff-{n}")
    owner = form.value(f"owner-{n}", "member")
    one = {"owner": owner, "what": form.value(f"what-{n}"), "dueOn": form.value(f"due-{n}")}
    return one | ({"staffId": staff} if staff and owner == "staff" else {})
