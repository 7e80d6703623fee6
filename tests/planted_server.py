"""A real server with a planted scorer, to be run as a program by the tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from planted_scorer import PlantedScorer, reference_tables

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.bundle.scales import MarginScale
from themis_lsp.cli.server import serve
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.scoring.cache import CachedScorer, ScoreCache
from themis_lsp.scoring.score import Progress, Score, Scorer, Snippet
from themis_lsp.server.review import OpenModel
from themis_lsp.server.settings import Settings

SCALES = dict.fromkeys(Criterion, MarginScale(0.5, -0.5, -1.0, 0.5, 100))


class CrashingScorer(PlantedScorer):
    """Fails on code that says "crash"."""

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        if any("crash" in snippet.text for snippet in snippets):
            raise RuntimeError(snippets[0].text)
        return super().score(snippets, progress)


def open_planted(settings: Settings) -> OpenModel:
    if settings.model == "missing":
        raise BundleError("no model bundle at missing")
    scales = {} if settings.model == "uncalibrated" else SCALES
    scorer: Scorer = CrashingScorer()
    folder = os.environ.get("THEMIS_CACHE_DIR")
    if folder:
        scorer = CachedScorer(scorer, ScoreCache(Path(folder)))
    return OpenModel(scorer, Calibration(reference_tables(), (0.0,) * 5, scales))


if __name__ == "__main__":
    serve(sys.argv[1:], open_planted)
