"""Opening the scorer that a bundle asks for."""

from __future__ import annotations

from pathlib import Path

from themis_lsp.bundle import Bundle
from themis_lsp.scoring.deferred import InterruptibleScorer
from themis_lsp.scoring.session import ProviderChoice


def open_graph(
    bundle: Bundle,
    choice: ProviderChoice,
    *,
    threads: int | None,
    is_faithful: bool = False,
    cache_folder: Path | None = None,
) -> InterruptibleScorer:
    """Return the scorer of a bundle whose files were checked.

    ``is_faithful`` is for bundles that are steered by prompts, and nothing to others; so is
    ``cache_folder``, below which keys and values of their prompts are kept.
    Raises UserError or BundleError as ``open_session`` does.
    """
    if bundle.manifest.conversation is not None:
        from themis_lsp.scoring.conversation_scorer import ConversationScorer

        store = None
        if cache_folder is not None:
            from themis_lsp.scoring.prefix_store import FOLDER, PrefixStore

            store = PrefixStore(cache_folder / FOLDER, bundle.sha256)
        return ConversationScorer(
            bundle, choice, threads=threads, is_faithful=is_faithful, store=store
        )
    from themis_lsp.scoring.onnx_scorer import OnnxScorer

    return OnnxScorer(bundle, choice, threads=threads)
