"""A scorer whose verdicts a test can count on, and the tables to hold them against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.bundle.percentiles import ReferenceSample, ReferenceTables, build_tables
from themis_lsp.bundle.scales import MarginScale
from themis_lsp.cli import scorer as opening
from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.scoring.score import Progress, Score, Scorer, ScorerInfo, Snippet

WEAK = "def weak(a):\n    b = a\n    c = b\n    return a + b + c\n"
STRONG = "def strong(a):\n    b = a\n    c = b\n    return a + b + c\n"


class PlantedScorer:
    """-1 for every unit with "weak" in it, 1 for others, on all criteria."""

    info = ScorerInfo("planted", "ab" * 32, "cpu", tuple(Criterion))

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        scores = FakeScorer().score(snippets, progress)
        for snippet, score in zip(snippets, scores, strict=True):
            score.token_rewards[:] = -1.0 if "weak" in snippet.text else 1.0
            score.token_rewards[:] /= len(score.token_rewards)
            score.rewards[:] = score.token_rewards.sum(axis=0)
        return scores


def reference_tables() -> ReferenceTables:
    samples = [
        ReferenceSample(Language.PYTHON, 10, (reward / 100,) * 5) for reward in range(-50, 51)
    ]
    return build_tables(samples, tuple(Criterion))


class WordScorer:
    """A word that begins with a criterion's code is worth what follows it on that criterion.

    ``SH_bad()`` is worth -1 on security hardness, ``SH_good()`` 1; all other words are worth 0.
    """

    info = ScorerInfo("worded", "cd" * 32, "cpu", tuple(Criterion))

    def __init__(self) -> None:
        self.scored: list[str] = []

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        self.scored += [snippet.text for snippet in snippets]
        scores = FakeScorer().score(snippets, progress)
        for snippet, score in zip(snippets, scores, strict=True):
            words = snippet.text.split()
            for row, word in enumerate(words):
                score.token_rewards[row] = [_worth(word, c) / len(words) for c in Criterion]
            score.rewards[:] = score.token_rewards.sum(axis=0)
        return scores


def _worth(word: str, criterion: Criterion) -> float:
    return (f"{criterion.code}_good" in word) - float(f"{criterion.code}_bad" in word)


SCALES = {
    criterion: MarginScale(0.1, -0.2, -0.4, 0.2, 100)
    for criterion in Criterion
    if criterion is not Criterion.MEMORY_EFFICIENCY
}
"""All criteria but memory efficiency, for which there is a temperature and no threshold."""
SCALES[Criterion.MEMORY_EFFICIENCY] = MarginScale(0.1, None, None, None, 9)


def plant(
    monkeypatch: pytest.MonkeyPatch,
    scorer: Scorer,
    margins: Mapping[Criterion, MarginScale] | None = None,
) -> list[str | None]:
    """Have every command score with ``scorer``; return a list of the models that get opened."""
    models: list[str | None] = []

    def open_scorer(**options: Any) -> SimpleNamespace:
        models.append(options["model"])
        calibration = Calibration(reference_tables(), (0.0,) * 5, margins or {})
        bundle = SimpleNamespace(manifest=SimpleNamespace(calibration=calibration, files={}))
        return SimpleNamespace(scorer=scorer, bundle=bundle)

    monkeypatch.setattr(opening, "open_scorer", open_scorer)
    return models
