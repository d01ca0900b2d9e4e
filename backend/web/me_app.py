"""What makes the member's pages an app on a phone: the manifest, the service worker with its offline page, the demo's
lock screen.
"""

from typing import Any

from litestar import Response, get

from backend.errors import NotFound
from backend.web import me, templating
from backend.web import page as pages
from backend.web.page import AnyRequest

COLOUR = "#12343b"
# What the offline page needs; the service worker keeps these and nothing else.
ASSETS = ("vendor/css/dkfds.min.css", "app.css", "icon.svg")
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
)


@get("/manifest.webmanifest", name="manifest")
async def manifest(request: AnyRequest) -> Response[Any]:
    page = pages.of(request)
    content = {
        "id": "/me",
        "name": f"Jobvej – {page.settings.fund_name}",
        "short_name": "Jobvej",
        "lang": page.language,
        "start_url": "/me",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": COLOUR,
        "icons": [
            {"src": templating.static_url("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            *({"src": templating.static_url(f), "sizes": s, "type": "image/png", "purpose": p} for f, s, p in ICONS),
        ],
    }
    return Response(content=content, media_type="application/manifest+json")


@get("/service-worker.js", name="service_worker")
async def service_worker(request: AnyRequest) -> Response[Any]:
    """It names its files with their content's hash, so that a browser takes a new one when one of them changed."""
    page = pages.of(request)
    files = ["/offline", *(templating.static_url(name) for name in ASSETS)]
    script = templating.render("service-worker.js", page.language, {"files": files})
    return Response(content=script, media_type="text/javascript")


@get("/offline", name="offline")
async def offline(request: AnyRequest) -> Response[Any]:
    """What is shown without a connection. It is kept on the phone, so it knows nobody."""
    return pages.of(request).render("offline.html", who=None, form_token="", menu=[])


@get("/me/lock-screen", name="me_lock_screen")
async def lock_screen(request: AnyRequest) -> Response[Any]:
    """The latest pushes as a locked phone shows them; for trying out only."""
    page = pages.of(request)
    page.member()
    if page.settings.production:
        raise NotFound
    return await me.render(page, "me/lock_screen.html", pushes=await page.api.get("/v1/me/pushes"))


HANDLERS: tuple[Any, ...] = (manifest, service_worker, offline, lock_screen)
