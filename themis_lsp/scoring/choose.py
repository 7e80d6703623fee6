"""Which scorer a bundle needs, by what its manifest says."""

from __future__ import annotations

from pathlib import Path

from themis_lsp.bundle import Bundle
from themis_lsp.scoring.deferred import InterruptibleScorer
from themis_lsp.scoring.session import ProviderChoice


def choose_scorer(
    bundle: Bundle,
    provider: ProviderChoice,
    *,
    threads: int | None = None,
    is_faithful: bool = False,
    cache_folder: Path | None = None,
) -> InterruptibleScorer:
    """Open the graph of a bundle that was checked.

    ``is_faithful`` is for bundles that read conversations; so is ``cache_folder``, below which they
    keep what conversations begin with. Raises UserError or BundleError as
    ``open_session`` does.
    """
    if bundle.manifest.conversation is None:
        from themis_lsp.scoring.onnx_scorer import OnnxScorer

        return OnnxScorer(bundle, provider, threads=threads)
    from themis_lsp.scoring.conversation_scorer import ConversationScorer

    store = None
    if cache_folder is not None:
        from themis_lsp.scoring.prefix_store import FOLDER, PrefixStore

        store = PrefixStore(cache_folder / FOLDER, bundle.sha256)
    return ConversationScorer(
        bundle, provider, threads=threads, is_faithful=is_faithful, store=store
    )
