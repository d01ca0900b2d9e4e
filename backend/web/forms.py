"""Forms: what was sent, and the API's word on it put beside each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar.datastructures import FormMultiDict, UploadFile

from backend.clock import COPENHAGEN
from backend.db.types import new_id
from backend.web.client import Refused
from backend.web.page import AnyRequest


@dataclass(frozen=True, slots=True)
class Form:
    """The values of a form as they were sent (one text each), and what is wrong with them by field name.

    `key` goes with the form, so that sending it twice does it once. `problem` is what is wrong with the whole.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    key: str = field(default_factory=lambda: str(new_id()))

    def value(self, name: str, default: object = "") -> str:
        """What stands in a field."""
        return self.values.get(name, "" if default is None else str(default))

    @property
    def faulty(self) -> bool:
        return self.problem is not None


async def read(request: AnyRequest) -> Form:
    """The form that was sent; files are fetched with `files`."""
    sent: FormMultiDict = await request.form()
    values = {name: value.strip() for name, value in sent.multi_items() if isinstance(value, str)}
    return Form(values, key=values.get("key") or str(new_id()))


async def files(request: AnyRequest, name: str) -> list[UploadFile]:
    """The files of one field, without those that were left empty."""
    sent: FormMultiDict = await request.form()
    found = [one for one in sent.getall(name, []) if isinstance(one, UploadFile)]
    return [one for one in found if one.filename]


def refused(form: Form, refusal: Refused, names: Mapping[str, str] | None = None) -> Form:
    """The form again, with the API's objections. `names` maps a field of the API to the form's where they differ.

    Raises the refusal itself when it is not about what was sent.
    """
    if refusal.status not in (400, 409, 412, 413, 415, 422):
        raise refusal
    problem = refusal.problem
    found = {str(one["field"]): str(one["message"]) for one in problem.get("errors", [])}
    if problem.get("field"):
        found.setdefault(str(problem["field"]), str(problem["title"]))
    given = {(names or {}).get(name, name): message for name, message in found.items()}
    # Another key: what was refused did nothing, and what is sent next is another matter.
    return Form(form.values, given, str(problem.get("title", "")))


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """For the API: what was left empty is not sent."""
    return {name: value for name, value in values.items() if value not in ("", None)}


def instant(day: str, at: str) -> str:
    """A wall-clock time in Denmark from a date field and a time field, in ISO form. Raises ValueError."""
    return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=COPENHAGEN).isoformat()
