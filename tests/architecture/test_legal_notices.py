"""A legal notice is never a message alone: it is written in backend/notices, with its letter."""

import ast

from backend.notifications.catalogue import CATALOGUE
from tests.architecture.test_house_rules import BACKEND, ROOT, room

LEGAL = {kind.id for kind in CATALOGUE if kind.klass == "L"}


def words(call: ast.Call) -> set[object]:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return {each.value for each in given if isinstance(each, ast.Constant)}


def test_legal_messages_are_made_with_their_letters() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in BACKEND
        if room(path) != "notices"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("NewMessage") and LEGAL & words(node)
    ]
    assert found == []
