"""Puts the styles and scripts of the npm packages where the pages serve them from: `python -m backend.web.vendor`."""

import shutil
from pathlib import Path

from backend.notifications.pages import TEMPLATES as CATALOGUE
from backend.web.templating import STATIC

PROJECT = Path(__file__).resolve().parent.parent.parent
PACKAGES = PROJECT / "node_modules"
# What the pages use of each package; the style sheet names its icons and fonts relative to itself.
WANTED = (
    ("dkfds/dist/css/dkfds.min.css", "css"),
    ("dkfds/dist/img/svg-icons/*.svg", "img/svg-icons"),
    # The style sheet prefers the one format for some weights, the other for others.
    ("dkfds/dist/fonts/IBMPlexSans/complete/woff/IBMPlexSans-[BIMRS]*.woff", "fonts/IBMPlexSans/complete/woff"),
    ("dkfds/dist/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-[BIMRS]*.woff2", "fonts/IBMPlexSans/complete/woff2"),
    ("dkfds/dist/LICENSE.md", "css"),
    ("htmx.org/dist/htmx.min.js", "js"),
)


def copy(packages: Path = PACKAGES, static: Path = STATIC) -> int:
    """Copy what is wanted into static/vendor; how many files. Raises FileNotFoundError for what a package lacks."""
    made, count = static / "vendor", 0
    shutil.rmtree(made, ignore_errors=True)
    for pattern, folder in WANTED:
        found = sorted(packages.glob(pattern))
        if not found:
            raise FileNotFoundError(f"{pattern} is not among the npm packages; run `npm ci`.")
        (made / folder).mkdir(parents=True, exist_ok=True)
        for path in found:
            shutil.copyfile(path, made / folder / path.name)
        count += len(found)
    # The page of all messages has a style of its own, which `jobvej messages --html` uses too.
    shutil.copyfile(CATALOGUE / "catalogue.css", made / "css" / "catalogue.css")
    return count + 1


if __name__ == "__main__":
    copy()
