"""The contract is kept in the repository and says what is offered."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar

from backend.api import contract
from backend.api.access import RULES
from backend.db.engine import Sessions

pytestmark = pytest.mark.db


@pytest.fixture
def made(application: Callable[[Sessions], Litestar], sessions: Sessions) -> Litestar:
    return application(sessions)


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [found for item in document["paths"].values() for name, found in item.items() if name in contract.METHODS]


def test_the_kept_contract_is_the_one_that_is_offered(made: Litestar) -> None:
    assert contract.FILE.read_text() == contract.document(made), "run `make openapi` and look at what changed"


def test_every_operation_is_named_described_and_says_who_it_is_for(made: Litestar) -> None:
    found = operations(contract.schema_of(made))
    assert len({each["operationId"] for each in found}) == len(found)
    for each in found:
        assert each["summary"], each["operationId"]
        assert each["tags"], each["operationId"]
        assert ("For: " in each["description"]) == (RULES[each["operationId"]].relation != "public")
        assert "application/problem+json" in each["responses"]["default"]["content"]


def test_input_takes_no_unknown_fields(made: Litestar) -> None:
    schemas = contract.schema_of(made)["components"]["schemas"]
    assert schemas["EntryInput"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["EntryView"]


def test_fields_are_in_camel_case(made: Litestar) -> None:
    for name, schema in contract.schema_of(made)["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert "_" not in field, (name, field)


def test_posts_take_an_idempotency_key(made: Litestar) -> None:
    for item in contract.schema_of(made)["paths"].values():
        for name, found in item.items():
            named = [each["name"] for each in found.get("parameters", [])]
            assert ("Idempotency-Key" in named) == (name == "post"), found["operationId"]
