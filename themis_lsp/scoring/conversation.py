"""From a task and code to the tokens of a conversation, and to where the code is in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from themis_lsp.bundle.conversation import Conversation, FixedPiece, OpenPiece, Piece, Slot
from themis_lsp.criteria import Criterion
from themis_lsp.scoring.encode import EncodedText, TextEncoder

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EncodedConversation:
    """What follows the constant prefix of a criterion: ``head``, the code, ``tail``.

    ``head`` and ``tail`` are ids; in windows of long code they stand around every window.
    """

    head: Ids
    code: EncodedText
    tail: Ids


class ConversationEncoder:
    """Encodes conversations, reading task and code as plain text whatever they spell out.

    The pieces of a conversation meet where no token reaches across, so their tokens in a row are
    those of the whole.
    """

    def __init__(
        self, tokenizer_file: Path, conversation: Conversation, *, is_trusting: bool = False
    ) -> None:
        """Read the tokenizer. Raises BundleError when it is not one.

        One that ``is_trusting`` reads control tokens that task and code spell out as such.
        """
        self._pieces = conversation.criteria
        fixed = [p for own in self._pieces.values() for p in own if isinstance(p, FixedPiece)]
        controls = {index for piece in fixed for index in piece.ids}
        self._encode = TextEncoder(tokenizer_file, controls, is_trusting=is_trusting).encode

    def prefix(self, criterion: Criterion) -> Ids:
        """Return the tokens that every conversation on ``criterion`` begins with."""
        first = self._pieces[criterion][0]
        assert isinstance(first, FixedPiece)
        return np.array(first.ids, dtype=np.int64)

    def encode(self, criterion: Criterion, *, task: str, code: str) -> EncodedConversation:
        """Return the conversation after the prefix of ``criterion``."""
        pieces = self._pieces[criterion][1:]
        place = next(i for i, piece in enumerate(pieces) if _holds(piece, Slot.CODE))
        around = pieces[place]
        assert isinstance(around, OpenPiece)
        head, own, tail = _split(self._encode(around.before + code + around.after), around, code)
        return EncodedConversation(
            np.concatenate([*self._fixed(pieces[:place], task), head]),
            own,
            np.concatenate([tail, *self._fixed(pieces[place + 1 :], task)]),
        )

    def shorten(self, task: str, tokens: int) -> str:
        """Return the beginning of ``task`` that by itself is at most so many tokens."""
        starts = self._encode(task).starts
        return task if len(starts) <= tokens else task[: starts[tokens]]

    def _fixed(self, pieces: Sequence[Piece], task: str) -> list[Ids]:
        return [_ids_of(piece, self._encode, task) for piece in pieces]


def shared_length(prefixes: Sequence[Ids]) -> int:
    """Return how many tokens all of the prefixes begin with."""
    shortest = min(len(prefix) for prefix in prefixes)
    equal = np.all([p[:shortest] == prefixes[0][:shortest] for p in prefixes], axis=0)
    return int(np.argmin(np.append(equal, False)))


def _holds(piece: Piece, slot: Slot) -> bool:
    return isinstance(piece, OpenPiece) and piece.slot is slot


def _ids_of(piece: Piece, encode: Callable[[str], EncodedText], task: str) -> Ids:
    if isinstance(piece, FixedPiece):
        return np.array(piece.ids, dtype=np.int64)
    return encode(piece.before + task + piece.after).ids


def _split(text: EncodedText, around: OpenPiece, code: str) -> tuple[Ids, EncodedText, Ids]:
    """Return the ids before the code, the code's own, and those after it.

    A token that reaches across an edge of the code is the code's.
    """
    start, end = len(around.before), len(around.before) + len(code)
    first = int(np.searchsorted(text.ends, start, side="right"))
    past = max(first, int(np.searchsorted(text.starts, end, side="left")))
    own = text.cut(first, past)
    starts, ends = (np.clip(edges - start, 0, len(code)) for edges in (own.starts, own.ends))
    return text.ids[:first], EncodedText(own.ids, starts, ends), text.ids[past:]
