"""Does the exported graph say what the checkpoint says?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from themis_train.encode import encode_text
from themis_train.model import NanoMeta, NanoModel
from tokenizers import Tokenizer

from themis_export.graph import NanoGraph
from themis_lsp.errors import UserError
from themis_lsp.pairs import PreferencePair
from themis_lsp.scoring.score import Scorer, Snippet

FEWEST_SNIPPETS = 20


@dataclass(frozen=True, slots=True)
class Parity:
    """How a bundle's rewards compare with its checkpoint's on the same code.

    ``correlation`` is the lowest over the criteria; ``order_kept`` is the share of pairs that
    both rank the same way; ``largest_error`` is in rewards.
    """

    snippets: int
    correlation: float
    largest_error: float
    order_kept: float

    def describe(self) -> str:
        """Return a line for the user."""
        return (
            f"parity on {self.snippets} snippets: correlation {self.correlation:.5f}, "
            f"largest error {self.largest_error:.4f}, order kept {self.order_kept:.1%}"
        )


def measure_parity(
    model: NanoModel,
    meta: NanoMeta,
    tokenizer: Tokenizer,
    scorer: Scorer,
    pairs: Sequence[PreferencePair],
) -> Parity:
    """Compare ``scorer`` with the checkpoint on both sides of ``pairs`` that fit one window.

    Raises UserError when too few fit.
    """
    graph = NanoGraph(model).eval()
    expected, snippets = [], []
    room = meta.limit_tokens - 1
    for pair in pairs:
        sides = [encode_text(tokenizer, text) for text in (pair.chosen, pair.rejected)]
        if all(0 < len(ids) <= room for ids in sides):
            expected += [_reward(graph, [meta.sink_id, *ids]) for ids in sides]
            snippets += [Snippet(pair.language, text) for text in (pair.chosen, pair.rejected)]
    if len(snippets) < FEWEST_SNIPPETS:
        raise UserError(
            f"only {len(snippets)} snippets of the parity pairs fit the model's "
            f"{meta.limit_tokens} tokens, {FEWEST_SNIPPETS} are needed; give another file"
        )
    wanted = np.array(expected)
    found = np.array([score.rewards for score in scorer.score(snippets)])
    return compare_rewards(wanted, found)


def compare_rewards(wanted: NDArray[np.float32], found: NDArray[np.float32]) -> Parity:
    """Compare the rewards of snippets, both [snippets, criteria], two by two a pair."""
    margins = [rewards[0::2] - rewards[1::2] for rewards in (wanted, found)]
    return Parity(
        snippets=len(wanted),
        correlation=min(_correlation(*columns) for columns in zip(wanted.T, found.T, strict=True)),
        largest_error=float(np.abs(wanted - found).max()),
        order_kept=float(np.mean(np.sign(margins[0]) == np.sign(margins[1]))),
    )


def _correlation(wanted: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    if np.ptp(wanted) == 0 or np.ptp(found) == 0:
        # Where training found nothing that holds, all rewards of a criterion are the same.
        return float(np.allclose(wanted, found, atol=1e-6))
    return float(np.corrcoef(wanted, found)[0, 1])


@torch.no_grad()
def _reward(graph: NanoGraph, ids: list[int]) -> NDArray[np.float32]:
    row = torch.tensor([ids])
    reward, _ = graph(row, torch.ones_like(row))
    return np.asarray(reward[0].numpy(), dtype=np.float32)
