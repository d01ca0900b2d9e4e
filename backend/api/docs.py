"""The API's documentation page and problem types, from our own origin: it works without the internet."""

from functools import cache
from importlib.resources import files
from typing import Any

from litestar import Request, Response, get
from litestar.enums import MediaType
from litestar.params import FromPath

from backend.api.problems import BY_STATUS, UNEXPECTED
from backend.api.wire import Wire
from backend.errors import DomainError, NotFound
from backend.i18n import negotiate, text

# The page's own files may style themselves; no script but ours runs, and nothing is fetched from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
START = """window.ui = SwaggerUIBundle({
  url: "/openapi/openapi.json", dom_id: "#docs", deepLinking: true, persistAuthorization: true,
  displayRequestDuration: true, validatorUrl: null, presets: [SwaggerUIBundle.presets.apis],
});
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jobvej API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="docs"><p>The contract itself is at <a href="/openapi/openapi.json">/openapi/openapi.json</a>.</p></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""


class ProblemType(Wire):
    """A kind of problem: what `type` of an error answer means. `status` is the HTTP status that it comes with."""

    type: str
    status: int
    title: str


@get("/docs", operation_id="getDocs", include_in_schema=False)
async def page() -> Response[str]:
    """The page that shows the contract and tries it out."""
    return Response(content=PAGE, media_type=MediaType.HTML, headers={"Content-Security-Policy": POLICY})


@get("/docs/{name:str}", operation_id="getDocsAsset", include_in_schema=False)
async def asset(name: FromPath[str]) -> Response[bytes]:
    """A file of that page."""
    headers = {"Cache-Control": "public, max-age=3600"}
    if name == "start.js":
        return Response(content=START.encode(), media_type="text/javascript", headers=headers)
    if name not in ASSETS:
        raise NotFound
    return Response(content=_bundled(name), media_type=ASSETS[name], headers=headers)


@get("/problems", operation_id="getProblemTypes", tags=["operations"], security=[{}])
async def problem_types(request: Request[Any, Any, Any]) -> list[ProblemType]:
    """Every `type` that an error answer may have, with its text."""
    language = negotiate(request.headers.get("accept-language"))
    rows = {slug: (status, msgid) for status, (slug, msgid) in BY_STATUS.items()} | {
        UNEXPECTED[0]: (500, UNEXPECTED[1])
    }
    for kind in _kinds(DomainError):
        rows.setdefault(kind.type, (kind.status, kind.message))
    return [
        ProblemType(type=f"/problems/{slug}", status=status, title=text(language, msgid))
        for slug, (status, msgid) in sorted(rows.items())
    ]


def _kinds(root: type[DomainError]) -> list[type[DomainError]]:
    return [root, *(deeper for kind in root.__subclasses__() for deeper in _kinds(kind))]


@cache
def _bundled(name: str) -> bytes:
    return files("flask_swagger_ui").joinpath("dist", name).read_bytes()


HANDLERS = (page, asset, problem_types)
