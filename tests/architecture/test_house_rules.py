"""Rules of the house that a linter does not know: the clock, commits, file sizes, what may not be in the repository."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOORS = {"api", "web", "jobs", "cli", "demo"}
BACKEND = sorted(p for p in (ROOT / "backend").rglob("*.py") if "migrations" not in p.parts)


def room(path: Path) -> str:
    return path.relative_to(ROOT / "backend").parts[0]


def calls(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_only_doors_read_the_clock() -> None:
    clocks = re.compile(r"^(clock\.now|(datetime|dt)\.(now|utcnow|today)|date\.today|time\.time)$")
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in BACKEND
        if room(path) not in DOORS and path.name != "clock.py"
        for line, name in calls(path)
        if clocks.match(name)
    ]
    assert found == []


def test_only_doors_commit() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in BACKEND
        if room(path) not in DOORS | {"db"}
        for line, name in calls(path)
        if name.endswith((".commit", ".begin"))
    ]
    assert found == []


def test_files_stay_small() -> None:
    long = {
        str(p.relative_to(ROOT)): n for p in BACKEND if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}


def test_the_repository_names_no_registry_and_no_workplace() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    wrong = re.compile(
        "|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.org", "/work/" + "(main|shared)"])
    )
    found = []
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".png", ".pdf"} or not path.is_file():
            continue
        if wrong.search(path.read_text(encoding="utf-8", errors="replace")):
            found.append(name)
    assert found == []
