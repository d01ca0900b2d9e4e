"""Where the embedded server keeps its things, and who owns them.

    data/postgresql/   ours: lock, users, socket (where the socket is), start.log
        cluster/       the database folder, the server's own
        run/           the socket
        log/           the server's log

Where the server's account cannot reach `data` (root's private home), all of it is in /var/lib/jobvej/<hash of data>.
"""

import hashlib
import os
import re
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from backend.db import embedded_account
from backend.db.embedded_account import Account, EmbeddedError

SHARED = Path("/var/lib/jobvej")
PORT = 5432  # of a Unix socket only: part of its file name
SOCKET = f".s.PGSQL.{PORT}"
SHORT = Path("/tmp/jobvej-")  # noqa: S108 - mkdtemp adds a random part and mode 0700


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one embedded server and the account that the server runs as."""

    path: Path
    account: Account

    @property
    def cluster(self) -> Path:
        return self.path / "cluster"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def users(self) -> Path:
        return self.path / "users"

    @property
    def tag(self) -> str:
        """Names this server among all of the machine; its processes carry it in their titles."""
        return "jobvej-" + _digest(self.cluster)


def find(data: Path, shared: Path = SHARED) -> Home:
    """The home of a data folder's server, made if need be. A database that exists is never passed over."""
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    places = [data / "postgresql"]
    if os.geteuid() == 0:
        places.append(shared / _digest(data))
    for place in places:
        if (place / "cluster").exists():
            return _checked(Home(place, embedded_account.for_existing_folder(place / "cluster")))
    account = embedded_account.for_new_folder()
    reachable = embedded_account.can_enter(account, data)
    return _checked(Home(_made(places[0] if reachable else places[-1]), account))


def make_folder(folder: Path, mode: int = 0o711) -> None:
    """Make a folder of ours that the server's account can walk through; one that exists keeps its mode."""
    try:
        folder.mkdir()
    except FileExistsError:
        return
    folder.chmod(mode)


def give_folder(home: Home, folder: Path) -> Path:
    """Make a folder for the server alone, unless it is there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    embedded_account.give(home.account, folder)
    return folder


def write(home: Home, path: Path, text: str) -> None:
    """Replace a file of the server in one step."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    embedded_account.give(home.account, new)
    new.replace(path)


def socket_folder(home: Home) -> Path | None:
    """The folder of the server's socket as last recorded."""
    try:
        return Path((home.path / "socket").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def prepare_socket_folder(home: Home) -> Path:
    """An empty folder for the socket. The same as before if it can be, so that addresses given out stay valid."""
    folder = socket_folder(home)
    if folder is None or not _is_private(home, folder):
        folder = give_folder(home, home.path / "run")
        if not _takes_socket(folder):
            folder = Path(tempfile.mkdtemp(prefix=SHORT.name, dir=SHORT.parent))
            embedded_account.give(home.account, folder)
        write(home, home.path / "socket", str(folder))
    for name in (SOCKET, SOCKET + ".lock"):
        (folder / name).unlink(missing_ok=True)
    return folder


def forget_socket_folder(home: Home) -> None:
    """Leave nothing in /tmp once the server is down."""
    folder = socket_folder(home)
    if folder is not None and folder.parent == SHORT.parent and _is_private(home, folder):
        (home.path / "socket").unlink()
        shutil.rmtree(folder, ignore_errors=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _made(place: Path) -> Path:
    place.parent.parent.mkdir(parents=True, exist_ok=True)
    make_folder(place.parent, 0o755)
    make_folder(place, 0o711 if os.geteuid() == 0 else 0o700)
    return place


def _checked(home: Home) -> Home:
    inner = home.cluster if home.cluster.exists() else home.path
    if not embedded_account.can_enter(home.account, inner):
        raise EmbeddedError(
            f"The database runs as {home.account.name}, who cannot reach {inner}; "
            "open the folders above it to that user, or choose another JOBVEJ_DATA."
        )
    return home


def _is_private(home: Home, folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return found.st_mode == 0o040700 and found.st_uid == home.account.uid


def _takes_socket(folder: Path) -> bool:
    """Whether a socket fits: its path is short (the kernel takes 107 bytes), plain, and the file system has sockets."""
    path = folder / SOCKET
    if not re.fullmatch(r"[A-Za-z0-9_./-]+", str(path)):
        return False
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(str(path))
        except OSError:
            return False
    path.unlink()
    return True
