"""Mean frozen states of the changed tokens, kept as they come: the longest part of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from themis_train.corpus import collate, group_rows
from themis_train.encode import CHOSEN, REJECTED, EncodedPair
from themis_train.evaluate import autocast
from themis_train.model import NanoModel
from themis_train.objective import Batch
from themis_train.resume import WorkFolder, digest_rows, digest_weights

_BATCH_TOKENS = 8192
_GROUPS_PER_PART = 40


@torch.no_grad()
def mean_states(
    model: NanoModel,
    rows: Sequence[EncodedPair],
    *,
    work: WorkFolder,
    log: Callable[[str], None],
) -> tuple[Tensor, list[EncodedPair]]:
    """Return features (N, H + 1) and the rows in their order.

    A feature is the mean state over the changed tokens of the chosen side minus that of the
    rejected one, and last an indicator of a side without changed tokens: 1 chosen, -1 rejected.
    Raises UserError when a part cannot be kept.
    """
    groups = group_rows(rows, _BATCH_TOKENS)
    body = digest_weights(model.backbone.parameters())
    parts: list[Tensor] = []
    done = 0
    for start in range(0, len(groups), _GROUPS_PER_PART):
        own = groups[start : start + _GROUPS_PER_PART]
        key = b"states" + body + digest_rows([row for group in own for row in group])
        kept = work.load(key)
        if kept is None:
            kept = {"features": torch.cat([_features(model, collate(group)) for group in own])}
            work.save(key, kept)
        parts.append(kept["features"])
        done += len(parts[-1])
        log(f"states of {done} of {len(rows)} pairs")
    return torch.cat(parts), [row for group in groups for row in group]


def _features(model: NanoModel, batch: Batch) -> Tensor:
    with autocast():
        states = model.states(batch.ids, batch.positions, batch.visible())
    means, empty = [], []
    for side in (CHOSEN, REJECTED):
        mask = (batch.changed & (batch.segments == side)).float()  # (B, T)
        counts = mask.sum(1, keepdim=True)
        means.append(torch.einsum("bt,bth->bh", mask, states) / counts.clamp(min=1))
        empty.append((counts == 0).float())
    return torch.cat([means[0] - means[1], empty[0] - empty[1]], dim=1)
