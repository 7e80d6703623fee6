"""A scorer whose verdicts a test can count on, and the tables to hold them against."""

from __future__ import annotations

from collections.abc import Sequence

from themis_lsp.bundle.percentiles import ReferenceSample, ReferenceTables, build_tables
from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.scoring.score import Progress, Score, ScorerInfo, Snippet

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
