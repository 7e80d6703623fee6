"""A decoder with a score head, and its language-model head in the same pass."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel

from themis_lsp.errors import UserError

_CHUNK_TOKENS = 1024


class RewardModel(nn.Module):
    """The module that is trained: everything the objective needs, in one forward pass.

    ``lm_head`` is None where the head's weights are the embedding's.
    """

    def __init__(self, classifier: PreTrainedModel, lm_head: nn.Module | None) -> None:
        super().__init__()
        self.classifier = classifier
        self.lm_head = lm_head
        # By these names accelerate finds the layers to shard.
        self._no_split_modules = list(classifier._no_split_modules or ())

    def forward(self, ids: Tensor, mask: Tensor, answers: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return rewards (B,) and the mean cross-entropies (P,) of the first P rows' answers.

        ``ids`` and ``mask`` are (B, T), padded on the right; ``answers`` (P, T) marks the tokens
        that count; without it the cross-entropies are zeros (B,). Both results are float32.
        """
        decoder = self.classifier.base_model
        states = decoder(
            input_ids=ids, attention_mask=mask, use_cache=False
        ).last_hidden_state  # (B, T, H)
        last = mask.sum(dim=1) - 1
        rewards = self._score(states[torch.arange(len(ids), device=ids.device), last])
        if answers is None:
            return rewards, torch.zeros_like(rewards)
        return rewards, self._cross_entropies(states, ids, answers)

    def _score(self, states: Tensor) -> Tensor:
        """Read rewards (B,) from states (B, H) in float32: bfloat16 has three digits only."""
        score = self.classifier.score
        assert isinstance(score, nn.Linear)
        with torch.autocast(states.device.type, enabled=False):
            return states.float() @ score.weight.float()[0]

    def _cross_entropies(self, states: Tensor, ids: Tensor, answers: Tensor) -> Tensor:
        rows, columns = answers[:, 1:].nonzero(as_tuple=True)  # a token is foretold by the last
        before, targets = states[rows, columns], ids[rows, columns + 1]  # (N, H), (N,)
        # The scores of a whole vocabulary are large: never more than a chunk of them at once.
        pieces = [
            checkpoint(self._token_losses, *chunk, use_reentrant=False)
            for chunk in zip(before.split(_CHUNK_TOKENS), targets.split(_CHUNK_TOKENS), strict=True)
        ]
        sums = torch.zeros(len(answers), device=ids.device)
        sums = sums.index_add(0, rows, torch.cat(pieces))
        return sums / answers[:, 1:].sum(dim=1).clamp(min=1)

    def _token_losses(self, states: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(self.vocabulary(states).float(), targets, reduction="none")

    def vocabulary(self, states: Tensor) -> Tensor:
        """Return the language-model scores (N, V) of states (N, H)."""
        if self.lm_head is not None:
            scores: Tensor = self.lm_head(states)
            return scores
        return functional.linear(states, embedding_rows(self.classifier))


def recompute_states(classifier: PreTrainedModel) -> None:
    """Have states computed again in the backward pass instead of keeping them.

    Raises UserError when the model cannot.
    """
    # Newer versions of transformers have another name for it and warn at the old one.
    enable = getattr(classifier, "activation_checkpointing_enable", None)
    try:
        (enable or classifier.gradient_checkpointing_enable)({"use_reentrant": False})
    except ValueError as error:
        raise UserError(f"{error}; give --no-gradient-checkpointing") from error


def embedding_rows(model: PreTrainedModel) -> Tensor:
    """Return the input embedding (V, H)."""
    weight = model.get_input_embeddings().weight
    assert isinstance(weight, Tensor)
    return weight
