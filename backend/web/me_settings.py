"""How the member wants to be told, on which phones, in which language; and who they are to the fund."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from backend.web import forms, me
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

FIELDS = {"announceBy": "announce_by", "quietFrom": "quiet_from", "quietUntil": "quiet_until"}
HALF_HOUR, DAY = 30, 24 * 60


@get("/me/settings", name="me_settings")
async def settings(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await _page(page, Form())


@post("/me/settings", name="me_settings_save")
async def save(request: AnyRequest) -> Response[Any]:
    """All choices of the page at once; what did not change is not sent."""
    page = pages.of(request)
    page.member()
    form = await forms.read(request)
    held = await page.api.get("/v1/me/preferences")
    try:
        await page.api.patch("/v1/me/preferences", change(form, held))
    except Refused as refusal:
        return await _page(page, forms.refused(form, refusal, FIELDS), status=422)
    # The pages speak the language that was chosen for messages.
    back = quote("/me/settings?done=saved")
    return page.go(f"/language/{form.value('language', held['language'])}?back={back}")


@get("/me/settings/devices", name="me_devices")
async def devices(request: AnyRequest) -> Response[Any]:
    """The phones that I am signed in on."""
    page = pages.of(request)
    page.member()
    return await me.render(page, "me/devices.html", devices=await page.api.get("/v1/me/devices"))


@post("/me/settings/devices/{device_id:uuid}/remove", name="me_device_remove")
async def remove(request: AnyRequest, device_id: FromPath[UUID]) -> Response[Any]:
    """No message reaches that phone any more."""
    page = pages.of(request)
    page.member()
    await page.api.delete(f"/v1/me/devices/{device_id}")
    return page.go("/me/settings/devices?done=device-removed")


@get("/me/profile", name="me_profile")
async def profile(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    page.member()
    return await me.render(page, "me/profile.html", profile=await page.api.get("/v1/me"))


def change(form: Form, held: dict[str, Any]) -> dict[str, Any]:
    """What the form asks for beyond what is `held`. A box that is not ticked is not sent by a browser."""
    return {
        "language": form.value("language", held["language"]),
        "announceBy": form.value("announce_by", held["announceBy"]),
        "quietFrom": form.value("quiet_from") or None,
        "quietUntil": form.value("quiet_until") or None,
        "wishes": [
            {"category": one["category"], "channel": way["channel"], "wanted": not way["wanted"]}
            for one in held["categories"]
            for way in one["channels"]
            if not way["fixed"] and (f"{one['category']}-{way['channel']}" in form.values) != way["wanted"]
        ],
    }


def half_hours(first: str, last: str) -> list[str]:
    """The clock times that may be chosen, every half hour from the first to the last, past midnight if need be."""
    begin, end = _minutes(first), _minutes(last)
    end += DAY if end < begin else 0
    steps = [*range(begin, end, HALF_HOUR), end]
    return [f"{minute % DAY // 60:02}:{minute % 60:02}" for minute in steps]


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


async def _page(page: Page, form: Form, *, status: int = 200) -> Response[Any]:
    found = await page.api.get("/v1/me/preferences")
    hours = found["hours"]
    return await me.render(
        page,
        "me/settings.html",
        status=status,
        form=form,
        preferences=found,
        begins=[(at, at) for at in half_hours(hours["quietFromEarliest"], hours["quietFromLatest"])],
        ends=[(at, at) for at in half_hours(hours["quietUntilEarliest"], hours["quietUntilLatest"])],
    )


HANDLERS: tuple[Any, ...] = (settings, save, devices, remove, profile)
