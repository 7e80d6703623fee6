"""A line above each changed unit that got better or worse."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol.types import CodeLens, Command, Position, Range

from themis_lsp.judgement.comparison import ChangeReading
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.wording import sure_words
from themis_lsp.server.analysis import Analysis
from themis_lsp.server.comparison import COMPARE
from themis_lsp.server.drift import Drift


def find_lenses(analysis: Analysis, uri: str, *, base: str, drift: Drift) -> Iterator[CodeLens]:
    """Yield a lens for each unit with a verdict, where ``drift`` has taken it; stable has none."""
    for reading in analysis.changes:
        unit = reading.change.after
        line = None if unit is None else drift.line(unit.start_line - 1)
        words = _words(reading) if reading.is_compared() else []
        if unit is None or line is None or not words:
            continue
        title = f"since {base}: {', '.join(words)}"
        command = Command(title, COMPARE, arguments=[uri, line + 1])
        yield CodeLens(Range(Position(line, 0), Position(line, 0)), command)


def _words(reading: ChangeReading) -> list[str]:
    worse = [
        f"{margin.criterion.words} likely worse ({_percent(margin.probability)})"
        for margin in reading.judged(Verdict.REGRESSED)
    ]
    likely = [f"likely {m.concern.concern.title}" for m in reading.suspected if m.concern]
    better = [f"{m.criterion.words} better" for m in reading.judged(Verdict.IMPROVED)]
    return [*worse, *likely, *better]


def _percent(probability: float | None) -> str:
    return sure_words(100 * (probability or 0.0))
