"""The Bradley-Terry objective, read where the two sides differ.

For a pair with criterion k, ``mean_c`` is the mean token reward over the tokens of the chosen
side that are not in the rejected side, ``mean_r`` the reverse; a side without such tokens is
worth a learned baseline. The loss is ``-log sigmoid(mean_c - mean_r)`` with smoothed labels,
plus the same on the means over all tokens, so that a unit alone can be read too.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from themis_train.encode import CHOSEN, REJECTED, SHARED


@dataclass(frozen=True, slots=True)
class Batch:
    """Packed pairs, padded to one length: (B, T) tensors, and (B,) tensors per pair.

    ``before`` and ``before_that`` are the ids of the two tokens to the left, on the same side;
    ``offsets`` are margins that the pairs already have from elsewhere.
    """

    ids: Tensor
    before: Tensor
    before_that: Tensor
    positions: Tensor
    segments: Tensor
    changed: Tensor
    criteria: Tensor
    weights: Tensor
    smoothing: Tensor
    offsets: Tensor

    def visible(self) -> Tensor:
        """(B, T, T): causal, and neither ending sees the other."""
        length = self.ids.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        keys, queries = self.segments[:, None, :], self.segments[:, :, None]
        return causal & ((keys == SHARED) | (keys == queries))


@dataclass(frozen=True, slots=True)
class PairMargins:
    """Both readings of a batch of pairs, each (B,): chosen minus rejected."""

    changed: Tensor
    whole: Tensor
    squares: Tensor


def pair_margins(token_rewards: Tensor, baseline: Tensor, batch: Batch) -> PairMargins:
    """Read margins from token rewards (B, T, K) and the empty side's worth (K,)."""
    index = batch.criteria[:, None, None].expand(-1, token_rewards.shape[1], 1)
    rewards = token_rewards.gather(2, index).squeeze(2)  # (B, T)
    empty = baseline[batch.criteria]  # (B,)
    chosen = _masked_mean(rewards, batch.changed & (batch.segments == CHOSEN), empty)
    rejected = _masked_mean(rewards, batch.changed & (batch.segments == REJECTED), empty)

    shared = batch.segments == SHARED
    shared[:, 0] = False  # the sink is not code
    in_chosen, in_rejected = (
        shared | (batch.segments == CHOSEN),
        shared | (batch.segments == REJECTED),
    )
    # A change of a few tokens moves the mean over a long unit little; undo that dilution so
    # that both readings are on one scale.
    tokens = (in_chosen.sum(1) + in_rejected.sum(1)).float()
    dilution = tokens / batch.changed.sum(1).clamp(min=1)
    whole = _masked_mean(rewards, in_chosen, empty) - _masked_mean(rewards, in_rejected, empty)
    return PairMargins(chosen - rejected, whole * dilution, chosen**2 + rejected**2)


def bradley_terry(margins: Tensor, smoothing: Tensor) -> Tensor:
    """Return -log sigmoid(margin) per pair, (B,), with ``smoothing`` the odds of a wrong label."""
    return -(1 - smoothing) * functional.logsigmoid(margins) - smoothing * functional.logsigmoid(
        -margins
    )


def _masked_mean(values: Tensor, mask: Tensor, when_empty: Tensor) -> Tensor:
    counts = mask.sum(1)
    means = (values * mask).sum(1) / counts.clamp(min=1)
    return torch.where(counts > 0, means, when_empty)
