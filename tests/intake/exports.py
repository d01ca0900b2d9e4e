"""Small exports for tests: one branch, one adviser, two members and what a test adds or spoils."""

import csv
import shutil
from pathlib import Path

from backend.intake.layout import BRANCHES, COLUMNS, EXEMPTIONS, LOG, MEMBERS, STAFF

SAMPLE = Path(__file__).parent / "data" / "sample"
BRANCH = ["100", "Afdeling Vejle", "hovedkontor", "7100", "Vejle", "vejle@fund.example", "75000000"]
ADVISER = ["S1", "Karen Kjær", "s1@fund.example", "jobvejleder", "100"]
Rows = dict[str, list[list[str]]]


def member(number: str = "700001", **values: str) -> list[str]:
    row = dict(
        zip(
            COLUMNS[MEMBERS],
            [number, "Søren Østergaard", "17-05-1980", "s@mail.example", "+4500000000", "da", "100", "S1", "03-08-2026",
             "fuldtid", "lav", "nej", "nej", "2", "1", "2"],
            strict=True,
        )
    )  # fmt: skip
    return list((row | values).values())


def entry(number: str = "J1", **values: str) -> list[str]:
    row = dict(
        zip(
            COLUMNS[LOG],
            [number, "700001", "02-11-2026", "03-11-2026 10:15", "Terma", "Mekaniker", "7100", "DK", "opslået",
             "fuldtid", "ja", "søgt"],
            strict=True,
        )
    )  # fmt: skip
    return list((row | values).values())


def rows(**more: list[list[str]]) -> Rows:
    """A clean export with 40 log rows, so that one or two faulty ones are below the limit."""
    log = [entry(f"J{n:03d}", stilling=f"Mekaniker {n}") for n in range(100, 140)]
    members = [member(f"7{n:05d}") for n in range(1, 41)]
    found = {BRANCHES: [BRANCH], STAFF: [ADVISER], MEMBERS: members, EXEMPTIONS: [], LOG: log}
    return found | {f"{name}.csv": lines for name, lines in more.items()}


def write(folder: Path, found: Rows, *, encoding: str = "utf-8-sig") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in found.items():
        with (folder / name).open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
            writer.writerow(COLUMNS[name])
            writer.writerows(lines)
    return folder


def sample(folder: Path) -> Path:
    """A copy of an export of 45 members with 3 % faulty rows, as a CRM writes it, and its manifest."""
    return Path(shutil.copytree(SAMPLE, folder, dirs_exist_ok=True))
