"""A scorer that is opened when something is to be scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from themis_lsp.scoring.score import Progress, Score, Scorer, ScorerInfo, Snippet


class InterruptibleScorer(Scorer, Protocol):
    """A scorer whose work another thread can end."""

    def interrupt(self) -> None:
        """End what is being scored, with ScoringInterruptedError."""


@dataclass(slots=True)
class DeferredScorer:
    """The scorer that ``open_scorer`` returns, opened once.

    ``expected`` is what it will say of itself, None where only opening it tells.
    """

    open_scorer: Callable[[], InterruptibleScorer]
    expected: ScorerInfo | None
    _scorer: InterruptibleScorer | None = None

    @property
    def info(self) -> ScorerInfo:
        """Which bundle scores, and on which provider. Raises what opening it raises."""
        return self._opened().info if self.expected is None else self.expected

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        """Return one score per snippet, in order. Raises what opening it and scoring raise."""
        return self._opened().score(snippets, progress) if snippets else []

    def interrupt(self) -> None:
        """End what is being scored, if anything is; any thread may ask for it."""
        scorer = self._scorer
        if scorer is not None:
            scorer.interrupt()

    def _opened(self) -> InterruptibleScorer:
        if self._scorer is None:
            self._scorer = self.open_scorer()
        return self._scorer
