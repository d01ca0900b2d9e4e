"""`python -m backend.cli`: the same as the `jobvej` command."""

from backend.cli.main import main

main()
