"""Opening the scorer that a bundle asks for."""

from __future__ import annotations

from themis_lsp.bundle import Bundle
from themis_lsp.scoring.deferred import InterruptibleScorer
from themis_lsp.scoring.session import ProviderChoice


def open_graph(
    bundle: Bundle, choice: ProviderChoice, *, threads: int | None, is_faithful: bool = False
) -> InterruptibleScorer:
    """Return the scorer of a bundle whose files were checked.

    ``is_faithful`` is for bundles that are steered by prompts, and nothing to others.
    Raises UserError or BundleError as ``open_session`` does.
    """
    if bundle.manifest.conversation is not None:
        from themis_lsp.scoring.conversation_scorer import ConversationScorer

        return ConversationScorer(bundle, choice, threads=threads, is_faithful=is_faithful)
    from themis_lsp.scoring.onnx_scorer import OnnxScorer

    return OnnxScorer(bundle, choice, threads=threads)
