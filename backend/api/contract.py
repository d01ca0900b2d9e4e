"""The contract: what Litestar makes of the handlers, completed by what holds for all. Kept in openapi/openapi.json.

`python -m backend.api.contract` rewrites that file.
"""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    PathItem,
    Reference,
    Responses,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIType

from backend.api import access, problems, survey_files
from backend.api.wire import Input, Wire
from backend.job_log import documents
from backend.settings import PROJECT

FILE = PROJECT / "openapi" / "openapi.json"
PATH = "/openapi"
DESCRIPTION = """The members' app and the staff's tools of an unemployment fund.

Dates are dates; instants carry an offset. Errors are problem details (RFC 9457); decide by `type`, see `/problems`.
Lists are paged by `cursor` and `limit`. What phones poll has an `ETag`. A POST may carry an `Idempotency-Key`: the same
key and body get the same answer for 24 hours, so that a phone can repeat what it got no answer to."""
KEY = Parameter(
    name="Idempotency-Key",
    param_in="header",
    required=False,
    description="A key of the client's own making (a UUID), the same for every try of one action.",
    schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=200, pattern=r"^[!-~]+$"),
)
HELD = Parameter(
    name="If-None-Match",
    param_in="header",
    required=False,
    description="An ETag; when it still holds, the answer is 304 without a body.",
    schema=Schema(type=OpenAPIType.STRING),
)
PAGE_NAME = re.compile(r"Page_[\w.]*\.(\w+)_$")
# What files an operation gives, by media type.
DOWNLOADS = {
    "getJobLogDocument": tuple(documents.EXTENSIONS),
    "exportSurveyEvent": survey_files.ALL,
    "exportSurveySeries": survey_files.ALL,
    "exportSurveyFigures": survey_files.SHEETS,
    "getBookingCalendar": ("text/calendar",),
    "getCalendarFeed": ("text/calendar",),
}
METHODS = ("get", "put", "post", "patch", "delete")


def config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Jobvej",
        use_handler_docstrings=True,
        version="1",
        description=DESCRIPTION,
        path=PATH,
        render_plugins=[JsonRenderPlugin()],
        security=[{"bearer": []}],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http", scheme="bearer", bearer_format="JWT", description="OpenID Connect."
                )
            }
        ),
    )


def complete(app: Litestar) -> None:
    """Add what every operation has: problems as errors, idempotency keys, 304 where there are ETags."""
    openapi = app.openapi_schema
    assert openapi.components is not None
    assert openapi.components.schemas is not None
    _describe(openapi.components.schemas)
    openapi.components.schemas["Problem"] = _problem_schema()
    _name_pages(openapi)
    for item in (openapi.paths or {}).values():
        for method, operation in _operations(item):
            _complete(method, operation)


def document(app: Litestar) -> str:
    """The contract as it is kept: sorted, so that a change shows as the lines that changed."""
    return json.dumps(app.openapi_schema.to_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _operations(item: PathItem) -> Iterator[tuple[str, Operation]]:
    for method in METHODS:
        operation = getattr(item, method)
        if operation is not None:
            yield method, operation


def _complete(method: str, operation: Operation) -> None:
    responses = operation.responses or {}
    responses.pop("400", None)
    operation.summary = (operation.description or "").partition("\n")[0].rstrip(".") or None
    rule = access.RULES.get(operation.operation_id or "")
    if rule is not None and rule.roles:
        operation.description = f"{operation.description or ''}\n\nFor: {', '.join(sorted(rule.roles))}."
    content = {problems.MEDIA_TYPE: OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))}
    responses["default"] = OpenAPIResponse(description="A problem; see its `type`.", content=content)
    if _tagged(responses) and method == "get":
        operation.parameters = [*(operation.parameters or []), HELD]
        responses["304"] = OpenAPIResponse(
            description="Nothing changed since the ETag that `If-None-Match` names.", headers={"ETag": _etag()}
        )
    if method == "post":
        operation.parameters = [*(operation.parameters or []), KEY]
    if operation.operation_id in DOWNLOADS:
        answer = responses["200"]
        assert isinstance(answer, OpenAPIResponse)
        answer.content = {kind: OpenAPIMediaType(schema=Schema()) for kind in DOWNLOADS[operation.operation_id]}
    operation.responses = responses


def _tagged(responses: Responses) -> bool:
    """Whether the answer has an ETag; completes what the contract says of it."""
    found = False
    for response in responses.values():
        if isinstance(response, OpenAPIResponse) and response.headers and "ETag" in response.headers:
            response.headers["ETag"] = _etag()
            found = True
    return found


def _describe(schemas: dict[str, Schema]) -> None:
    """What the shapes' own docstrings say, and that input takes no unknown fields."""
    for shape in (*_shapes(Wire), *_shapes(Input)):
        schema = schemas.get(shape.__name__)
        if schema is not None:
            schema.description = inspect.cleandoc(shape.__doc__) if shape.__doc__ else None
            if issubclass(shape, Input):
                schema.additional_properties = False


def _name_pages(openapi: OpenAPI) -> None:
    """Give `Page[EntryView]` a name that a client's generator can use: EntryViewPage."""
    assert openapi.components.schemas is not None
    schemas = openapi.components.schemas
    for name in [name for name in schemas if PAGE_NAME.fullmatch(name)]:
        schemas[_page_name(name)] = schemas.pop(name)
    for item in (openapi.paths or {}).values():
        for _, operation in _operations(item):
            for media in _answers(operation):
                if isinstance(media.schema, Reference):
                    media.schema = Reference(ref=_page_name(media.schema.ref))


def _answers(operation: Operation) -> Iterator[OpenAPIMediaType]:
    for response in (operation.responses or {}).values():
        if isinstance(response, OpenAPIResponse):
            yield from (response.content or {}).values()


def _page_name(name: str) -> str:
    return PAGE_NAME.sub(r"\1Page", name)


def _shapes(root: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    return [root, *(deeper for shape in root.__subclasses__() for deeper in _shapes(shape))]


def _etag() -> OpenAPIHeader:
    return OpenAPIHeader(schema=Schema(type=OpenAPIType.STRING))


def _problem_schema() -> Schema:
    text = Schema(type=OpenAPIType.STRING)
    error = Schema(type=OpenAPIType.OBJECT, properties={"field": text, "message": text}, required=["field", "message"])
    return Schema(
        title="Problem",
        type=OpenAPIType.OBJECT,
        description=(problems.Problem.__doc__ or "").strip(),
        required=["type", "title", "status"],
        properties={
            "type": Schema(type=OpenAPIType.STRING, description="/problems/<slug>, stable."),
            "title": text,
            "status": Schema(type=OpenAPIType.INTEGER),
            "instance": text,
            "requestId": text,
            "field": text,
            "errors": Schema(type=OpenAPIType.ARRAY, items=error),
        },
    )


def _main() -> None:
    from backend.api.app import create_app
    from backend.db.engine import make_engine, make_sessions
    from backend.settings import Settings

    app = create_app(Settings(), make_sessions(make_engine("postgresql://unused")))
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    target.parent.mkdir(exist_ok=True)
    target.write_text(document(app))


def schema_of(app: Litestar) -> dict[str, Any]:
    """The contract as plain data."""
    return dict(app.openapi_schema.to_schema())


if __name__ == "__main__":
    _main()
