"""Charts of figures as SVG. Pure: of reports, so of blocks. Always shown with the table of the same numbers beside."""

from collections.abc import Sequence
from io import StringIO

from backend.surveys.figures import Figure

INK, SHADE, AIM = "#1f2a37", "#2f6fab", "#b3541e"


def drawable(figures: Sequence[Figure]) -> list[tuple[int, Figure]]:
    """The figures that have a share, with their number in the table."""
    return [(number, one) for number, one in enumerate(figures, 1) if one.share is not None and one.interval]


def shares(figures: Sequence[Figure], target: float | None) -> str | None:
    """Positive shares with their intervals, a bar a question, numbered as in the table; None without any."""
    shown = drawable(figures)
    if not shown:
        return None
    # Imported here: whoever never draws does not carry it. Without pyplot, which keeps figures for a window.
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Canvas

    with rc_context({"svg.hashsalt": "jobvej", "font.size": 9, "text.color": INK, "axes.edgecolor": INK}):
        canvas = Canvas(figsize=(6.3, 0.5 + 0.34 * len(shown)), layout="constrained")
        _draw(canvas.subplots(), shown, target)
        out = StringIO()
        canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _draw(axes: object, shown: Sequence[tuple[int, Figure]], target: float | None) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    places = range(len(shown))
    values = [100 * (one.share or 0) for _, one in shown]
    spread = [_reach(one) for _, one in shown]
    errors = [[low for low, _ in spread], [high for _, high in spread]]
    axes.barh(places, values, color=SHADE, height=0.6)
    axes.errorbar(values, places, xerr=errors, fmt="none", ecolor=INK, capsize=3)
    if target is not None:
        axes.axvline(100 * target, color=AIM, linestyle="--")
    axes.set_yticks(list(places), [str(number) for number, _ in shown])
    axes.set_xlim(0, 100)
    axes.set_xlabel("%")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)


def _reach(one: Figure) -> tuple[float, float]:
    """How far the interval reaches to both sides, in points."""
    assert one.interval is not None
    share = one.share or 0.0
    return 100 * max(0.0, share - one.interval.low), 100 * max(0.0, one.interval.high - share)
