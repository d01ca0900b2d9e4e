"""The `jobvej` command's entry point."""

import sys


def main() -> None:
    """Exit codes: 0 done, 1 refused or failed, 2 wrong call or setting, 130 interrupted."""
    try:
        from backend.cli import commands  # the whole program, which takes a second in which Ctrl-C may come

        commands.call()
    except KeyboardInterrupt:
        sys.exit(130)
