"""The scorer of bundles that are steered by prompts: one conversation per criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from themis_lsp.bundle import Bundle
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.scoring.batches import group_by_length
from themis_lsp.scoring.conversation import (
    ConversationEncoder,
    EncodedConversation,
    Ids,
    shared_length,
)
from themis_lsp.scoring.prefix_session import KeysAndValues, PrefixSession
from themis_lsp.scoring.prefix_store import PrefixStore
from themis_lsp.scoring.score import Progress, Score, ScorerInfo, Snippet
from themis_lsp.scoring.session import ProviderChoice
from themis_lsp.scoring.windows import Window, cut_windows

BATCH_TOKENS = 2048
LEAST_ROOM = 64
"""Tokens of code that must fit beside the rest of a conversation."""

_Rewards = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A window of the code of one snippet, with all that stands around it."""

    index: int
    window: Window
    ids: Ids
    head: int


class ConversationScorer:
    """Scores snippets with a bundle whose reward is read at the end of a conversation.

    The keys and values of what a conversation on a criterion begins with are computed once. Code
    that is too long is read in overlapping windows, each a whole conversation; its reward is their
    mean, weighed by the tokens that count in each.

    One that ``is_faithful`` does as the evaluation of the Themis papers: control tokens that are
    spelled out count, and what is too long loses its end, be that the end of the conversation.

    A token adds what the reward at it has over that at the token before. What is there before the
    code, and what the end of the conversation makes of it, is shared out evenly.
    """

    def __init__(
        self,
        bundle: Bundle,
        provider: ProviderChoice = ProviderChoice.AUTO,
        *,
        threads: int | None = None,
        is_faithful: bool = False,
        store: PrefixStore | None = None,
    ) -> None:
        """Open the graph. Raises UserError or BundleError as ``open_session`` does.

        ``store`` keeps what conversations begin with for the next run.
        """
        manifest = bundle.manifest
        assert manifest.conversation is not None
        self._limit = manifest.limit_tokens
        self._encoder = ConversationEncoder(
            bundle.tokenizer_file, manifest.conversation, is_trusting=is_faithful
        )
        self._session = PrefixSession(bundle.model_file, provider, threads=threads)
        self._info = ScorerInfo(
            manifest.name,
            bundle.sha256,
            self._session.provider,
            manifest.criteria,
            reads_tasks=True,
            is_faithful=is_faithful,
            fell_back=self._session.fell_back,
        )
        self._store = store
        self._prefixes: dict[Criterion, KeysAndValues] = {}

    @property
    def info(self) -> ScorerInfo:
        """Which bundle scores, and on which provider."""
        return self._info

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        """Return one score per snippet, in order.

        A task too long to leave code its room loses its end. Raises BundleError when the graph
        fails or has no room for code at all,
        and ScoringInterruptedError when ``interrupt`` is called meanwhile.
        """
        criteria = self._info.criteria
        tasks = {task: self._fitted(task) for task in {snippet.task for snippet in snippets}}
        columns: list[list[_Rewards]] = []
        starts: list[NDArray[np.int32]] = []
        for place, criterion in enumerate(criteria):
            told = progress if place == len(criteria) - 1 else None
            texts = [
                self._encoder.encode(criterion, task=tasks[snippet.task], code=snippet.text)
                for snippet in snippets
            ]
            columns.append(self._score_on(criterion, texts, told))
            starts = [text.code.starts for text in texts]
        return [
            _score([column[index] for column in columns], own) for index, own in enumerate(starts)
        ]

    def interrupt(self) -> None:
        """End the run of the graph that is under way, if one is; any thread may ask for it."""
        self._session.interrupt()

    def _score_on(
        self,
        criterion: Criterion,
        texts: Sequence[EncodedConversation],
        progress: Progress | None,
    ) -> list[_Rewards]:
        """Return what each token of each code adds, [tokens] each."""
        prefix = self._known_prefix(criterion)
        stretches = [
            stretch
            for index, text in enumerate(texts)
            for stretch in self._cut(index, text, prefix.length)
        ]
        added = [np.zeros(len(text.code.ids), np.float32) for text in texts]
        left = np.bincount([stretch.index for stretch in stretches], minlength=len(texts))
        if progress is not None:
            progress(int((left == 0).sum()))
        for group in group_by_length([len(stretch.ids) for stretch in stretches], BATCH_TOKENS):
            batch = [stretches[member] for member in group]
            outputs = self._session.rewards([stretch.ids for stretch in batch], prefix)
            for stretch, rewards in zip(batch, outputs, strict=True):
                window = stretch.window
                own = added[stretch.index]
                read = window.end if self._info.is_faithful else len(own)
                own[window.owned_start : window.end] = _shares(rewards, stretch, read)
                left[stretch.index] -= 1
                if progress is not None and left[stretch.index] == 0:
                    progress(1)
        return added

    def _fitted(self, task: str) -> str:
        """Return the task, cut short if it takes more than half of the room for it and code."""
        if self._info.is_faithful:
            return task
        longest = max(len(self._encoder.prefix(own)) for own in self._info.criteria)
        return self._encoder.shorten(task, max((self._limit - longest) // 2, 0))

    def _cut(self, index: int, text: EncodedConversation, prefix: int) -> list[_Stretch]:
        room = self._limit - prefix - len(text.head) - len(text.tail)
        if self._info.is_faithful:
            return _cut_end(index, text, self._limit - prefix)
        if room < LEAST_ROOM:
            raise BundleError(
                f"the model takes {self._limit} tokens, of which {max(room, 0)} are left for code; "
                "export it again with a higher limit"
            )
        return [
            _Stretch(
                index,
                window,
                np.concatenate([text.head, text.code.ids[window.start : window.end], text.tail]),
                len(text.head),
            )
            for window in cut_windows(len(text.code.ids), room)
        ]

    def _known_prefix(self, criterion: Criterion) -> KeysAndValues:
        """Return the keys and values of a criterion's prefix; the shared beginning is run once."""
        if not self._prefixes:
            ids = [self._encoder.prefix(own) for own in self._info.criteria]
            shared = ids[0][: shared_length(ids)]
            stem = self._extend(self._session.nothing, shared, before=shared[:0])
            # All or none: an interrupted run leaves nothing half done.
            self._prefixes = {
                own: self._extend(stem, tokens[len(shared) :], before=shared)
                for own, tokens in zip(self._info.criteria, ids, strict=True)
            }
        return self._prefixes[criterion]

    def _extend(self, known: KeysAndValues, ids: Ids, *, before: Ids) -> KeysAndValues:
        if self._store is None or not len(ids):
            return self._session.extend(known, ids)
        return self._store.extend(self._session, known, ids, before=before)


def _cut_end(index: int, text: EncodedConversation, room: int) -> list[_Stretch]:
    """Return the conversation without what is past ``room`` tokens; none if all code is."""
    ids = np.concatenate([text.head, text.code.ids, text.tail])[: max(room, 0)]
    kept = min(len(text.code.ids), len(ids) - len(text.head))
    return [_Stretch(index, Window(0, 0, kept), ids, len(text.head))] if kept > 0 else []


def _shares(rewards: _Rewards, stretch: _Stretch, tokens: int) -> _Rewards:
    """Return what each owned token of a stretch adds; ``rewards`` are [tokens of the stretch].

    They sum to the stretch's reward times its share of the ``tokens`` of the code that are read.
    """
    window = stretch.window
    first = stretch.head + window.owned_start - window.start
    past = stretch.head + window.end - window.start
    at = rewards.astype(np.float64)
    # Nothing stands before the first token that could be told apart from it.
    before = at[first - 1] if first else at[first]
    steps = np.diff(at[first:past], prepend=before)
    steps += (before + at[-1] - at[past - 1]) / len(steps)
    shares: _Rewards = (steps * len(steps) / tokens).astype(np.float32)
    return shares


def _score(columns: Sequence[_Rewards], starts: NDArray[np.int32]) -> Score:
    token_rewards = np.stack(columns, axis=1)
    rewards = token_rewards.sum(axis=0, dtype=np.float64).astype(np.float32)
    return Score(rewards, token_rewards, starts)
