"""Putting a scorer together: bundle, session, cache."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.bundle import Bundle, find_bundle, load_bundle
from themis_lsp.scoring.cache import CachedScorer, ScoreCache
from themis_lsp.scoring.onnx_scorer import OnnxScorer
from themis_lsp.scoring.score import Scorer
from themis_lsp.scoring.session import ProviderChoice

CACHE_VARIABLE = "THEMIS_CACHE_DIR"


@dataclass(frozen=True, slots=True)
class OpenedScorer:
    """A scorer ready to use and the bundle it was made from; ``interrupt`` ends what it does."""

    scorer: Scorer
    bundle: Bundle
    interrupt: Callable[[], None]


def open_scorer(
    *, model: str | None, provider: str, threads: int | None, cache: bool
) -> OpenedScorer:
    """Load the bundle ``model`` names and open it on ``provider``.

    Raises UserError or BundleError as ``load_bundle`` and ``open_session`` do.
    """
    bundle = load_bundle(find_bundle(model))
    runner = OnnxScorer(bundle, ProviderChoice(provider), threads=threads)
    scorer: Scorer = runner
    if cache:
        scorer = CachedScorer(runner, ScoreCache(cache_folder()))
    return OpenedScorer(scorer, bundle, runner.interrupt)


def cache_folder() -> Path:
    """Return where scores are kept: ``THEMIS_CACHE_DIR`` or the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("themis-review")
