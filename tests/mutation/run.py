"""Mutation testing of the pure rules, away from the working tree: mutmut rewrites what it tests.

Prints every survivor with its change and the share killed; fails below 95 %. What survives is explained in
docs/mutation.md.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
COPIED = ("backend", "tests/rating", "tests/test_calendar.py", "tests/__init__.py")
LEAST = 0.95
KILLED = frozenset({"killed", "timeout", "caught by type check"})


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="jobvej-mutants-") as folder:
        place = Path(folder)
        _copy(place)
        _mutmut(place, "run", "--max-children", str(os.cpu_count() or 1), check=True)
        results = _results(place)
        for name, state in sorted(results.items()):
            if state not in KILLED:
                print(f"--- {state}: {name}\n{_mutmut(place, 'show', name)}")
    return _judge(Counter(results.values()))


def _copy(place: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        source, target = PROJECT / name, place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy(source, target)
    shutil.copy(PROJECT / "tests/mutation/mutmut.toml", place / "pyproject.toml")


def _mutmut(place: Path, *arguments: str, check: bool = False) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    environment = os.environ | {"RATING_EXAMPLES": "60"}
    done = subprocess.run(command, cwd=place, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(done.stdout)
    return done.stdout


def _results(place: Path) -> dict[str, str]:
    lines = _mutmut(place, "results", "--all", "true").splitlines()
    pairs = (line.strip().partition(": ") for line in lines if ": " in line)
    return {name: state for name, _, state in pairs}


def _judge(states: Counter[str]) -> int:
    total = sum(states.values())
    killed = sum(count for state, count in states.items() if state in KILLED)
    print(f"{killed} of {total} mutants killed ({killed / max(total, 1):.1%}): {dict(states)}")
    return 0 if total and killed / total >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
