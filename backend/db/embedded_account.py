"""Who the embedded server runs as: PostgreSQL refuses root, so root lends it an account without rights."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNPRIVILEGED = ("postgres", "nobody")
# A clean environment: PG* variables and odd locales of the person at the keyboard are not the server's business.
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGCONNECT_TIMEOUT": "5"}


class EmbeddedError(Exception):
    """The embedded database cannot be used; the text is for the person who started the program."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


def by_uid(uid: int) -> Account:
    """The account with this number. Raises EmbeddedError when it has no name, which PostgreSQL cannot work with."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedError(
            f"User number {uid} has no name on this machine, and PostgreSQL needs one; "
            "run as another user or set JOBVEJ_DATABASE_URL."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def for_new_folder() -> Account:
    """Ourselves, or for root the first unprivileged account there is."""
    if os.geteuid() != 0:
        return by_uid(os.geteuid())
    for name in UNPRIVILEGED:
        try:
            return by_uid(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise EmbeddedError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")


def for_existing_folder(cluster: Path) -> Account:
    """The owner of a database folder. Raises EmbeddedError when we may not act as that owner."""
    owner = cluster.stat().st_uid
    if owner == 0:
        raise EmbeddedError(
            f"{cluster} belongs to root, which PostgreSQL refuses; give it to another user with chown -R."
        )
    if os.geteuid() not in (0, owner):
        raise EmbeddedError(
            f"{cluster} belongs to another user; run as that user or root, or choose another JOBVEJ_DATA."
        )
    return by_uid(owner)


def identity(account: Account) -> dict[str, Any]:
    """Options of `subprocess` that make a child run as the account."""
    if os.geteuid() == account.uid:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def run(account: Account, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a short command as the account, from a folder that everybody can reach."""
    return subprocess.run(  # noqa: S603 - our own binaries, no shell
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        errors="surrogateescape",
        env=ENVIRONMENT,
        cwd="/",
        umask=0o077,
        start_new_session=True,  # Ctrl-C is for us; a program that dies of it says that something is broken
        **identity(account),
    )


def succeeds(account: Account, command: Sequence[str | Path]) -> bool:
    """Whether the account can start the command and it ends well."""
    try:
        return run(account, command).returncode == 0
    except OSError:
        return False


def can_enter(account: Account, folder: Path) -> bool:
    """Whether the account gets into the folder through every parent; asked of the kernel, so that ACLs count too."""
    return succeeds(account, ["test", "-x", folder])


def give(account: Account, path: Path) -> None:
    """Hand a file or folder that we just made to the account."""
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
