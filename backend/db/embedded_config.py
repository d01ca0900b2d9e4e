"""How the embedded server is set up: initdb's options, its settings, and who may connect."""

import os
from collections.abc import Mapping
from pathlib import Path

from backend.db import embedded_account, embedded_home
from backend.db.embedded_binaries import Binaries
from backend.db.embedded_home import Home

SUPERUSER = "jobvej"
DATABASE = "jobvej"
LARGEST_LOG = 10_000_000  # bytes

# Safe (fsync, full pages and synchronous commit stay on, as is PostgreSQL's default) and fit for a machine with 2 GB.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "jit": "off",
    "timezone": "UTC",
    "lc_messages": "C",
    # A file per weekday, begun anew each week. Statements and their errors stay out: they hold members' data, and the
    # program gets them anyway.
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "server-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


def initdb(binaries: Binaries, folder: Path, settings: Mapping[str, str]) -> list[str | Path]:
    """The command that makes a database folder: UTF-8, checksums, order by code point, the same on every machine."""
    command: list[str | Path] = [binaries.folder / "initdb", "-D", folder, "-U", SUPERUSER, "--auth=peer"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
    if binaries.major >= 17:
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if settings.get("fsync") == "off":
        command.append("--no-sync")
    return command


def write(home: Home, settings: Mapping[str, str]) -> None:
    """Write the server's configuration. Only root and the server's own account may connect, by the kernel's word."""
    own = {"port": str(embedded_home.PORT), "cluster_name": home.tag}
    lines = [f"{name} = '{_quoted(value)}'\n" for name, value in (SETTINGS | dict(settings) | own).items()]
    names = {home.account.name, embedded_account.by_uid(0).name, embedded_account.by_uid(os.geteuid()).name}
    embedded_home.write(home, home.cluster / "postgresql.conf", "".join(lines))
    embedded_home.write(home, home.cluster / "pg_hba.conf", "local all all peer map=jobvej\n")
    idents = "".join(f'jobvej "{name}" {SUPERUSER}\n' for name in sorted(names))
    embedded_home.write(home, home.cluster / "pg_ident.conf", idents)


def trim_logs(home: Home) -> None:
    """Drop logs that grew out of hand; called while the server is down."""
    for log in home.log.glob("*.log"):
        if log.stat().st_size > LARGEST_LOG:
            log.unlink()


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
