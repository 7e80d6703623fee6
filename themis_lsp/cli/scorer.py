"""Putting a scorer together: bundle, session, service, cache."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from themis_lsp.bundle import Bundle, find_bundle, load_bundle, read_bundle
from themis_lsp.bundle.locate import MODEL_VARIABLE
from themis_lsp.errors import UserError
from themis_lsp.scoring.cache import CachedScorer, ScoreCache
from themis_lsp.scoring.deferred import DeferredScorer, InterruptibleScorer
from themis_lsp.scoring.score import Scorer, ScorerInfo
from themis_lsp.scoring.session import ProviderChoice, known_provider

CACHE_VARIABLE = "THEMIS_CACHE_DIR"


@dataclass(frozen=True, slots=True)
class OpenedScorer:
    """A scorer ready to use and the bundle it was made from; ``interrupt`` ends what it does."""

    scorer: Scorer
    bundle: Bundle
    interrupt: Callable[[], None]


def open_scorer(
    *,
    model: str | None,
    provider: str,
    threads: int | None,
    cache: bool,
    service: bool = False,
    faithful: bool = False,
) -> OpenedScorer:
    """Read the bundle ``model`` names and get ready to score with it on ``provider``.

    The graph is opened when there is something to score that neither the cache nor, if ``service``,
    the service has: only then the files of the bundle are checked. ``faithful`` is for benchmarks
    of models that read conversations, and shares no score with a review. Raises UserError or
    BundleError as ``read_bundle``; the scorer raises these as ``load_bundle`` and ``open_session``
    do.
    """
    bundle = read_bundle(find_bundle(model))
    choice = ProviderChoice(provider)
    if faithful and bundle.manifest.conversation is None:
        raise UserError(
            f"{bundle.manifest.name} reads no conversations: there is nothing to be faithful to"
        )
    known = known_provider(choice)
    info = None
    if known is not None:
        manifest = bundle.manifest
        info = ScorerInfo(
            manifest.name,
            bundle.sha256,
            known,
            manifest.criteria,
            reads_tasks=manifest.conversation is not None,
            is_faithful=faithful,
        )
    folder = cache_folder() if cache else None
    opener = partial(
        _open_graph, bundle, choice, threads=threads, is_faithful=faithful, cache_folder=folder
    )
    local = DeferredScorer(opener, info)
    scorer: Scorer = local
    if service:
        scorer = _share(scorer, bundle, choice, threads=threads, info=info)
    if folder is not None:
        scorer = CachedScorer(scorer, ScoreCache(folder))
    return OpenedScorer(scorer, bundle, local.interrupt)


def usual_model(named: str | None) -> str | None:
    """Return the model that is ``named``, else the user's own, else None. Raises UserError."""
    if named or os.environ.get(MODEL_VARIABLE):
        return named
    from themis_lsp.config.user import read_user_config

    return read_user_config().model


def _open_graph(
    bundle: Bundle,
    choice: ProviderChoice,
    *,
    threads: int | None,
    is_faithful: bool,
    cache_folder: Path | None,
) -> InterruptibleScorer:
    from themis_lsp.scoring.choose import choose_scorer

    return choose_scorer(
        load_bundle(bundle.path),
        choice,
        threads=threads,
        is_faithful=is_faithful,
        cache_folder=cache_folder,
    )


def _share(
    local: Scorer,
    bundle: Bundle,
    choice: ProviderChoice,
    *,
    threads: int | None,
    info: ScorerInfo | None,
) -> Scorer:
    """Return a scorer that asks the service first, ``local`` itself where there can be none."""
    from themis_lsp.service.launch import is_switched_off
    from themis_lsp.service.place import can_serve

    if is_switched_off() or not can_serve():
        return local
    from themis_lsp.service.shared import SharedScorer
    from themis_lsp.service.spec import specify_service

    try:
        spec = specify_service(bundle, choice.value, threads)
    except OSError:
        return local  # which says what is wrong with the bundle
    return SharedScorer(local, spec, info)


def cache_folder() -> Path:
    """Return where scores are kept: ``THEMIS_CACHE_DIR`` or the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("themis-review")
