"""The scorer behind every bundle: tokens, windows, batches, ONNX Runtime, pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from themis_lsp.bundle import Bundle
from themis_lsp.errors import BundleError
from themis_lsp.scoring.batches import group_by_length, padded_length
from themis_lsp.scoring.encode import EncodedText, TextEncoder
from themis_lsp.scoring.score import (
    Progress,
    Score,
    ScorerInfo,
    Snippet,
)
from themis_lsp.scoring.session import ProviderChoice, RunStopper, open_session
from themis_lsp.scoring.windows import Window, cut_windows

BATCH_TOKENS = 2048
"""Enough to keep the cores busy; more only costs memory."""

_Rewards = NDArray[np.float32]


class OnnxScorer:
    """Scores snippets with a bundle's graph.

    Each window of a snippet is run as ``prefix_ids`` + tokens; the reward of a snippet is the
    mean over its tokens of the token rewards, each taken from the window that owns the token.
    """

    def __init__(
        self,
        bundle: Bundle,
        provider: ProviderChoice = ProviderChoice.AUTO,
        *,
        threads: int | None = None,
    ) -> None:
        """Open the graph. Raises UserError or BundleError as ``open_session`` does."""
        self._manifest = bundle.manifest
        self._prefix = np.array(bundle.manifest.prefix_ids, dtype=np.int64)
        self._encoder = TextEncoder(bundle.tokenizer_file)
        opened = open_session(bundle.model_file, provider, threads=threads)
        self._session = opened.session
        self._stopper = RunStopper()
        inputs = {value.name for value in self._session.get_inputs()}
        outputs = {value.name for value in self._session.get_outputs()}
        if inputs != {"input_ids", "attention_mask"} or "token_reward" not in outputs:
            raise BundleError(
                f"{bundle.model_file} does not follow the graph contract: it needs the inputs "
                "input_ids and attention_mask and the output token_reward; export the model again"
            )
        self._info = ScorerInfo(
            bundle.manifest.name,
            bundle.sha256,
            opened.provider,
            bundle.manifest.criteria,
            fell_back=opened.fell_back,
        )

    @property
    def info(self) -> ScorerInfo:
        """Which bundle scores, and on which provider."""
        return self._info

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        """Return one score per snippet, in order.

        Raises BundleError when the graph fails on one of them, and ScoringInterruptedError when
        ``interrupt`` is called meanwhile.
        """
        texts = [self._encoder.encode(snippet.text) for snippet in snippets]
        room = self._manifest.limit_tokens - len(self._prefix)
        windows = [
            (index, window)
            for index, text in enumerate(texts)
            for window in cut_windows(len(text.ids), room)
        ]
        raw = [np.zeros((len(text.ids), len(self._info.criteria)), np.float32) for text in texts]
        left = np.bincount([index for index, _ in windows], minlength=len(texts))
        if progress is not None:
            progress(int((left == 0).sum()))
        for group in group_by_length(
            [len(self._prefix) + window.end - window.start for _, window in windows], BATCH_TOKENS
        ):
            batch = [windows[member] for member in group]
            outputs = self._run([texts[index].ids[w.start : w.end] for index, w in batch])
            for (index, window), rewards in zip(batch, outputs, strict=True):
                raw[index][window.owned_start : window.end] = rewards[_owned(window)]
                left[index] -= 1
                if progress is not None and left[index] == 0:
                    progress(1)
        return [_pool(text, rewards) for text, rewards in zip(texts, raw, strict=True)]

    def interrupt(self) -> None:
        """End the run of the graph that is under way, if one is; any thread may ask for it."""
        self._stopper.stop()

    def _run(self, sequences: Sequence[NDArray[np.int64]]) -> list[_Rewards]:
        """Return token rewards [tokens, criteria] of sequences of one padded length."""
        prefix = len(self._prefix)
        length = padded_length(prefix + len(sequences[0]))
        ids = np.zeros((len(sequences), length), dtype=np.int64)
        mask = np.zeros_like(ids)
        ids[:, :prefix] = self._prefix
        for row, sequence in enumerate(sequences):
            ids[row, prefix : prefix + len(sequence)] = sequence
            mask[row, : prefix + len(sequence)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask}
        with self._stopper.running() as options:
            (rewards,) = self._session.run(["token_reward"], inputs, options)
        return [
            rewards[row, prefix : prefix + len(sequence)] for row, sequence in enumerate(sequences)
        ]


def _owned(window: Window) -> slice:
    return slice(window.owned_start - window.start, window.end - window.start)


def _pool(text: EncodedText, raw: _Rewards) -> Score:
    """Mean pooling: what each token adds is its raw reward over the number of tokens."""
    token_rewards = raw / np.float32(max(len(raw), 1))
    rewards = token_rewards.sum(axis=0, dtype=np.float64).astype(np.float32)
    return Score(rewards, token_rewards, text.starts)
