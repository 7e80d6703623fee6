"""The course of each criterion over a history, as a PNG."""

from __future__ import annotations

import io

from themis_lsp.errors import UserError
from themis_lsp.report.trend import Trend

_INCHES, _DOTS_PER_INCH = (10.0, 6.0), 120


def check_plotting() -> None:
    """Raise UserError when the extra that draws is missing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise UserError("matplotlib is not installed; pip install 'themis-review[plot]'") from error


def draw_trend(trend: Trend) -> bytes:
    """Return a PNG: mean percentiles above, shares of weak units below, over the commits."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    places = range(len(trend.commits))
    for criterion in trend.criteria:
        means = [float("nan") if mean is None else mean for mean in trend.means(criterion)]
        shares = [standing.weak_share(criterion) for standing in trend.standings]
        above.plot(places, means, marker="o", markersize=3, label=criterion.words)
        weak = [float("nan") if share is None else share for share in shares]
        below.plot(places, weak, marker="o", markersize=3)
    above.set_ylabel("mean percentile")
    below.set_ylabel("weak units, %")
    above.set_title(f"{trend.info.model}, {len(trend.commits)} commits")
    above.legend(fontsize="small", ncols=2)
    for axes in (above, below):
        axes.grid(visible=True, alpha=0.3)
    shown = list(places)[:: max(1, len(trend.commits) // 8)]
    labels = [f"{trend.commits[n].time:%Y-%m-%d}\n{trend.commits[n].id[:7]}" for n in shown]
    below.set_xticks(shown, labels, fontsize="small")
    data = io.BytesIO()
    # Without the program's version and the time: the same trend is the same file.
    figure.savefig(data, format="png", metadata={"Software": None})
    return data.getvalue()
