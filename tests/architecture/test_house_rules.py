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
    # A savepoint inside the door's transaction is a service's own affair.
    commits = re.compile(r"(^|[._])(session|sessions\(\)|connection|conn|raw|transaction)\.(commit|begin)$")
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in BACKEND
        if room(path) not in DOORS | {"db"}
        for line, name in calls(path)
        if commits.search(name)
    ]
    assert found == []


def test_files_stay_small() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in BACKEND}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_the_repository_names_no_registry_and_no_workplace() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    # Written apart, so that this file does not find itself.
    hosts = ["pypi" + r"\.org", "python" + r"hosted\.org", "npm" + r"js\.org"]
    wrong = re.compile("|".join([*hosts, re.escape(f"{ROOT}/")]))
    found = []
    for name in filter(None, tracked.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".png", ".pdf"} or not path.is_file():
            continue
        if wrong.search(path.read_text(encoding="utf-8", errors="replace")):
            found.append(name)
    assert found == []
