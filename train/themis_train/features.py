"""Mean frozen states of the changed tokens, kept as they come: the longest part of a run."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from themis_lsp.errors import UserError
from themis_train.corpus import collate, group_rows
from themis_train.encode import CHOSEN, REJECTED, EncodedPair
from themis_train.evaluate import autocast
from themis_train.model import NanoModel
from themis_train.objective import Batch
from themis_train.resume import digest_rows, digest_weights
from themis_train.run import Run

_BATCH_TOKENS = 8192
_GROUPS_PER_PART = 8


@torch.no_grad()
def mean_states(
    model: NanoModel, rows: Sequence[EncodedPair], run: Run
) -> tuple[Tensor, list[EncodedPair]]:
    """Return features (N, H + 1) and the rows in their order.

    A feature is the mean state over the changed tokens of the chosen side minus that of the
    rejected one, and last an indicator of a side without changed tokens: 1 chosen, -1 rejected.
    Each process works out its share of the parts, and every process gets them all. Raises
    UserError when a part cannot be kept.
    """
    groups = group_rows(rows, _BATCH_TOKENS)
    body = digest_weights(model.backbone.parameters())
    parts = [
        groups[start : start + _GROUPS_PER_PART]
        for start in range(0, len(groups), _GROUPS_PER_PART)
    ]
    keys = [_key(body, part) for part in parts]
    machine, done = run.machine, 0
    for key, part in list(zip(keys, parts, strict=True))[machine.process :: machine.processes]:
        if run.work.load(key) is None:
            features = torch.cat([_features(model, collate(group)) for group in part])
            run.work.save(key, {"features": features})
        done += sum(map(len, part))
        run.log(f"states of {done} of {len(rows)} pairs")
    machine.wait()
    return torch.cat([_finished(run, key) for key in keys]), [row for g in groups for row in g]


def _key(body: bytes, part: Sequence[Sequence[EncodedPair]]) -> bytes:
    return b"states" + body + digest_rows([row for group in part for row in group])


def _finished(run: Run, key: bytes) -> Tensor:
    part = run.work.load(key)
    if part is None:
        raise UserError(
            f"{run.work.folder}: not every process writes there; give them a folder that all see"
        )
    features: Tensor = part["features"]
    return features


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
