"""A request and an answer as token ids, through the tokenizer's own chat template.

The template is rendered around two marks and the texts are put in their place, so that it cannot
edit them: code keeps its first blank lines, and what looks like a template's control token in it is
read as plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jinja2.exceptions import TemplateError
from numpy.typing import NDArray
from tokenizers import Encoding
from transformers import PreTrainedTokenizerFast

from themis_lsp.errors import UserError

LEAST_ANSWER_TOKENS = 8
_REQUEST_MARK, _ANSWER_MARK = "[[the request]]", "[[the answer]]"


@dataclass(frozen=True, slots=True)
class EncodedAnswer:
    """A whole conversation; ``ids`` is [tokens], the answer begins at token ``answer_start``."""

    ids: NDArray[np.int32]
    answer_start: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The rendered template: what stands before the request, before and after the answer."""

    head: str
    middle: str
    tail: str


class ConversationEncoder:
    """Encodes conversations of at most ``limit_tokens`` tokens.

    Raises UserError when the tokenizer has no chat template, or one that cannot be used.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, limit_tokens: int) -> None:
        if not tokenizer.chat_template:
            raise UserError(
                "the base's tokenizer has no chat template; give one with --chat-template FILE"
            )
        self._tokenizer = tokenizer
        self._backend = tokenizer.backend_tokenizer
        self.limit_tokens = limit_tokens
        added = self._backend.get_added_tokens_decoder()
        self._special_ids = {index for index, token in added.items() if token.special}
        literals = [re.escape(added[index].content) for index in self._special_ids]
        self._literal = re.compile("|".join(literals)) if literals else re.compile(r"(?!)")
        self._frame = cache(self._render)

    def frame(self, system: str | None) -> Frame:
        """Return what the template puts around request and answer. Raises UserError."""
        return self._frame(system)

    def encode(self, system: str | None, request: str, answer: str) -> EncodedAnswer | None:
        """Encode a conversation; None when the request leaves no room for the answer.

        A conversation that is too long loses the end of the answer, nothing else.
        """
        frame = self._frame(system)
        start = len(frame.head) + len(request) + len(frame.middle)
        text = frame.head + request + frame.middle + answer + frame.tail
        encoding = self._backend.encode(text, add_special_tokens=False)
        ids = np.array(encoding.ids, dtype=np.int32)
        spans = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        if self._literal.search(request) or self._literal.search(answer):
            inside = [
                (len(frame.head), len(frame.head) + len(request)),
                (start, start + len(answer)),
            ]
            ids, spans = self._spell_out(encoding, text, inside)
        first = int(np.argmax(np.append(spans[:, 1] > start, True)))
        behind = spans[:, 0] >= start + len(answer)
        behind[:first] = False
        tail = int(np.argmax(np.append(behind, True)))
        room = self.limit_tokens - first - (len(ids) - tail)
        if room < LEAST_ANSWER_TOKENS:
            return None
        kept = np.concatenate([ids[: min(tail, first + room)], ids[tail:]])
        return EncodedAnswer(kept, first)

    def count_around(self, system: str) -> int:
        """Return how many tokens a conversation takes besides request and answer."""
        frame = self._frame(system)
        text = frame.head + frame.middle + frame.tail
        return len(self._backend.encode(text, add_special_tokens=False).ids)

    def end_id(self) -> int:
        """Return the id of the token that ends every conversation."""
        ids = self._backend.encode(self._frame(None).tail, add_special_tokens=False).ids
        return int(ids[-1]) if ids else -1

    def _render(self, system: str | None) -> Frame:
        messages = [
            {"role": "user", "content": _REQUEST_MARK},
            {"role": "assistant", "content": _ANSWER_MARK},
        ]
        if system is not None:
            messages.insert(0, {"role": "system", "content": system})
        try:
            text = self._tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=False
            )
        except (TemplateError, TypeError, ValueError) as error:
            raise UserError(
                f"the chat template cannot be used ({error}); it must take a system, a user and an "
                "assistant message; give another with --chat-template FILE"
            ) from error
        assert isinstance(text, str)
        parts = re.split(f"({re.escape(_REQUEST_MARK)}|{re.escape(_ANSWER_MARK)})", text)
        if parts[1::2] != [_REQUEST_MARK, _ANSWER_MARK] or (system or "").strip() not in parts[0]:
            raise UserError(
                "the chat template does not show each message once and in order; "
                "give another with --chat-template FILE"
            )
        return Frame(parts[0], parts[2], parts[4])

    def _spell_out(
        self, encoding: Encoding, text: str, inside: list[tuple[int, int]]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Replace the control tokens that stand ``inside`` the given spans by plain pieces."""
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        for index, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            if index not in self._special_ids or not any(
                a <= start and end <= b for a, b in inside
            ):
                ids.append(index)
                spans.append((start, end))
                continue
            pieces = self._encode_plain(text[start:end])
            ids += pieces.ids
            spans += [(start + a, start + b) for a, b in pieces.offsets]
        return np.array(ids, dtype=np.int32), np.array(spans, dtype=np.int64)

    def _encode_plain(self, text: str) -> Encoding:
        self._backend.encode_special_tokens = True
        try:
            return self._backend.encode(text, add_special_tokens=False)
        finally:
            self._backend.encode_special_tokens = False


def read_chat_template(path: Path) -> str:
    """Return the chat template in a file. Raises UserError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable chat template ({error})") from error
