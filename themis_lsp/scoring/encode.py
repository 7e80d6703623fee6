"""From source text to token ids and the characters they start at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer

from themis_lsp.errors import BundleError

_BLANKS = " \t\r\n\N{LOWER ONE EIGHTH BLOCK}"


@dataclass(frozen=True, slots=True)
class EncodedText:
    """Token ids and the code points each starts at and ends before, all [tokens].

    Pieces of one code point all start at it and end after it.
    """

    ids: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]

    def cut(self, first: int, past: int) -> EncodedText:
        """Return the tokens from ``first`` up to, but not with, ``past``."""
        return EncodedText(self.ids[first:past], self.starts[first:past], self.ends[first:past])


class TextEncoder:
    """A bundle's tokenizer, reading user code as plain text."""

    def __init__(
        self, tokenizer_file: Path, controls: Collection[int] = (), *, is_trusting: bool = False
    ) -> None:
        """Read the tokenizer. Raises BundleError when it is not one.

        Unless it ``is_trusting``, text never gives a special token, nor one of ``controls`` that
        was added to the vocabulary.
        """
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        except Exception as error:  # tokenizers raises bare Exception
            raise BundleError(f"{tokenizer_file} is not a tokenizer: {error}") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        if is_trusting:
            return
        # A literal "<|endoftext|>" in somebody's source is text, not the end of it. "</think>" is
        # too, though tokenizers do not call it special; runs of blanks, also added, are no control.
        added = self._tokenizer.get_added_tokens_decoder()
        spelled = [added[index].content for index in sorted(set(controls) & set(added))]
        self._tokenizer.add_special_tokens(
            [AddedToken(text, special=True) for text in spelled if text.strip(_BLANKS)]
        )
        self._tokenizer.encode_special_tokens = True

    def encode(self, text: str) -> EncodedText:
        """Return the tokens of ``text``, none added, none cut."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        spans = np.array(encoding.offsets, dtype=np.int32).reshape(-1, 2)
        return EncodedText(np.array(encoding.ids, dtype=np.int64), spans[:, 0], spans[:, 1])
