"""Does the bundle of a reward model say what the checkpoint says?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from themis_export.parity import FEWEST_SNIPPETS, Parity, compare_rewards
from themis_export.rm.checkpoint import RmCheckpoint
from themis_export.rm.conversation import Piece, encode_pieces
from themis_export.rm.precision import Precision
from themis_export.rm.reference import torch_rewards
from themis_lsp.bundle import load_bundle
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError, UserError
from themis_lsp.pairs import PreferencePair
from themis_lsp.scoring.conversation_scorer import ConversationScorer
from themis_lsp.scoring.score import Snippet
from themis_lsp.scoring.session import ProviderChoice

PAIRS = 20
"""Each costs ten passes of the model in float32."""

LIMITS = {
    Precision.FP32: (0.9999, 0.99),
    Precision.FP16: (0.999, 0.98),
    Precision.INT8: (0.99, 0.95),
    Precision.INT8_DYNAMIC: (0.98, 0.93),
    Precision.INT4: (0.95, 0.90),
}
"""The lowest correlation of rewards and the lowest share of orders kept."""


def measure_rm_parity(
    folder: Path,
    opened: RmCheckpoint,
    pieces: Mapping[Criterion, Sequence[Piece]],
    pairs: Iterable[PreferencePair],
) -> Parity:
    """Compare the bundle in ``folder``, through the reviewer's scorer, with torch in float32.

    Every criterion is compared on both sides of the first PAIRS of ``pairs`` that fit one window.
    Raises UserError when too few fit.
    """
    bundle = load_bundle(folder)
    room = bundle.manifest.limit_tokens
    tokenizer = opened.tokenizer.backend_tokenizer
    snippets: list[Snippet] = []
    rows: list[list[int]] = []
    for pair in pairs:
        sides = [Snippet(pair.language, t, pair.prompt) for t in (pair.chosen, pair.rejected)]
        encoded = [
            encode_pieces(tokenizer, own, side.task, side.text)
            for side in sides
            for own in pieces.values()
        ]
        if all(side.text for side in sides) and all(len(ids) <= room for ids in encoded):
            snippets += sides
            rows += encoded
        if len(snippets) == 2 * PAIRS:
            break
    if len(snippets) < FEWEST_SNIPPETS:
        raise UserError(
            f"only {len(snippets)} snippets of the parity pairs fit the model's {room} tokens, "
            f"{FEWEST_SNIPPETS} are needed; give another file"
        )
    wanted = torch_rewards(opened, rows).reshape(len(snippets), len(pieces))
    scorer = ConversationScorer(bundle, ProviderChoice.CPU)
    found = np.array([score.rewards for score in scorer.score(snippets)])
    return compare_rewards(wanted, found)


def check_rm_parity(parity: Parity, precision: Precision) -> None:
    """Raise BundleError when the bundle strays farther from its checkpoint than it may."""
    correlation, order = LIMITS[precision]
    if not (parity.correlation >= correlation and parity.order_kept >= order):
        raise BundleError(
            f"the {precision} bundle does not agree with its checkpoint: correlation "
            f"{parity.correlation:.5f} (at least {correlation} is needed), order kept "
            f"{parity.order_kept:.1%} (at least {order:.0%}); nothing was written. "
            "A larger --precision loses less"
        )
