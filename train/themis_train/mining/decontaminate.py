"""Keeping clear of other files: 13 words in a row that a pair shares with one of them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from themis_lsp.errors import UserError
from themis_lsp.pairs import read_pairs

GRAM_WORDS = 13
_WORD = re.compile(r"\w+")
_PAIR_FORMATS = (".jsonl", ".json", ".jsonl.zst", ".json.zst", ".parquet")
_FACTOR = 0x9E3779B97F4A7C15

Grams = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Hashes of all grams to keep clear of, in order."""

    grams: Grams

    def touches(self, *texts: str) -> bool:
        """Tell whether one of the texts has a gram in common with the files."""
        if not len(self.grams):
            return False
        for text in texts:
            own = hash_grams(text)
            places = np.searchsorted(self.grams, own).clip(max=len(self.grams) - 1)
            if (self.grams[places] == own).any():
                return True
        return False


def read_forbidden(files: Sequence[Path]) -> Forbidden:
    """Return the grams of files of preference pairs (all their texts) and of plain text.

    Raises PairsError when pairs cannot be read, UserError when a text cannot.
    """
    parts = [np.unique(hash_grams(text)) for file in files for text in _read_texts(file)]
    return Forbidden(np.unique(np.concatenate([*parts, np.zeros(0, dtype=np.uint64)])))


def hash_grams(text: str) -> Grams:
    """Return a hash for every 13 words in a row; a shorter text has none.

    Words are runs of letters, digits and underscores, in any case.
    """
    words = [zlib.crc32(word.encode("utf-8", "replace")) for word in _WORD.findall(text.lower())]
    count = len(words) - GRAM_WORDS + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    values = np.array(words, dtype=np.uint64)
    grams = np.zeros(count, dtype=np.uint64)
    for offset in range(GRAM_WORDS):
        grams = grams * np.uint64(_FACTOR) + values[offset : offset + count]
    return grams


def _read_texts(file: Path) -> Iterator[str]:
    if file.name.endswith(_PAIR_FORMATS):
        yield from _pair_texts(file)
        return
    try:
        yield file.read_text("utf-8", "replace")
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror}); check the file") from error


def _pair_texts(file: Path) -> Iterable[str]:
    for pair in read_pairs(file):
        yield from (pair.prompt, pair.chosen, pair.rejected)
