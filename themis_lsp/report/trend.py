"""The course of each criterion over a history: as charts in a terminal, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.trend import Standing
from themis_lsp.report.excerpt import Layout, make_visible, style
from themis_lsp.report.wording import signed
from themis_lsp.scoring.score import ScorerInfo
from themis_lsp.sources.history import PastCommit

_FORMAT_VERSION = 1
_ROWS = 6
_LEAST_SPAN = 1.0
_ID_DIGITS = 9
_LINES = {"─": "-", "│": "|", "╭": ".", "╮": ".", "╯": "'", "╰": "'", "┤": "|"}


@dataclass(frozen=True, slots=True)
class Trend:
    """Commits, the oldest first, how each stands, and the criteria judged."""

    commits: tuple[PastCommit, ...]
    standings: tuple[Standing, ...]
    criteria: tuple[Criterion, ...]
    info: ScorerInfo

    def means(self, criterion: Criterion) -> list[float | None]:
        """The mean percentile of each commit, None for one without units."""
        return [standing.mean(criterion) for standing in self.standings]


def trend_lines(trend: Trend, layout: Layout) -> Iterator[str]:
    """Yield a chart for each criterion, then what the charts are of."""
    for criterion in trend.criteria:
        means = [mean for mean in trend.means(criterion) if mean is not None]
        told = [standing for standing in trend.standings if standing.units]
        shares = [one.weak_share(criterion) or 0.0 for one in (told[0], told[-1])]
        code = style(criterion.code, layout, bold=True)
        yield (
            f"{code} {criterion.words}: {means[0]:.1f} to {means[-1]:.1f} "
            f"({signed(means[-1] - means[0], decimals=1)}); "
            f"weak units {shares[0]:.1f} % to {shares[1]:.1f} %"
        )
        for line in _chart(means, width=layout.width - 12):
            yield "".join(layout.pick(c, _LINES.get(c, c)) for c in line)
        yield ""
    units = " to ".join(f"{one.units:,}" for one in (trend.standings[0], trend.standings[-1]))
    span = " to ".join(_place(one, layout) for one in (trend.commits[0], trend.commits[-1]))
    yield f"mean percentile of {units} units in {len(trend.commits)} commits, {span}"


def format_trend(trend: Trend) -> str:
    """Return the trend as the JSON text that docs/trend.md describes."""
    info = trend.info
    document = {
        "version": _FORMAT_VERSION,
        "model": info.model,
        "bundle_sha256": info.bundle_sha256,
        "provider": info.provider,
        "commits": [
            {
                "id": commit.id,
                "time": commit.time.isoformat(),
                "subject": commit.subject,
                "files": len(commit.files),
                "units": standing.units,
                "criteria": {c.value: _figures(standing, c) for c in trend.criteria},
            }
            for commit, standing in zip(trend.commits, trend.standings, strict=True)
        ],
    }
    return json.dumps(document, indent=1, allow_nan=False)


def _figures(standing: Standing, criterion: Criterion) -> dict[str, float | None]:
    mean, share = standing.mean(criterion), standing.weak_share(criterion)
    return {
        "mean_percentile": None if mean is None else round(mean, 3),
        "weak_share": None if share is None else round(share, 3),
    }


def _place(commit: PastCommit, layout: Layout) -> str:
    subject = make_visible(commit.subject, layout)[:40]
    return f"{commit.id[:_ID_DIGITS]} of {commit.time:%Y-%m-%d} ({subject})"


def _chart(values: Sequence[float], *, width: int) -> Iterator[str]:
    """Yield the rows of a line through ``values``, the highest first, with an axis on the left."""
    low, high = min(values), max(values)
    if high - low < _LEAST_SPAN:
        # What hardly moves must not look as if it did.
        middle = (low + high) / 2
        low, high = middle - _LEAST_SPAN / 2, middle + _LEAST_SPAN / 2
    step = max(1, min(width // len(values), 8))
    levels = [round((value - low) / (high - low) * (_ROWS - 1)) for value in values]
    rows = [[" "] * (step * len(values)) for _ in range(_ROWS)]
    for number, level in enumerate(levels):
        start = number * step
        rows[level][start : start + step] = "─" * step
        before = levels[number - 1] if number else level
        if before == level:
            continue
        rows[before][start] = "╮" if before > level else "╯"
        rows[level][start] = "╰" if before > level else "╭"
        for between in range(min(before, level) + 1, max(before, level)):
            rows[between][start] = "│"
    for level in range(_ROWS - 1, -1, -1):
        value = low + (high - low) * level / (_ROWS - 1)
        yield f"  {value:6.1f} ┤{''.join(rows[level])}".rstrip()
