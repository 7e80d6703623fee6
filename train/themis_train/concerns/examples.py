"""Changes with and without a known concern, as the concern head sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from themis_lsp.concerns.features import BUCKETS, MarkedTokens, change_columns
from themis_lsp.judgement.changed import mark_changed
from themis_lsp.judgement.crop import crop_pair
from themis_lsp.judgement.margin import cut_tokens
from themis_lsp.pairs import PreferencePair
from themis_lsp.scoring.encode import TextEncoder


@dataclass(frozen=True, slots=True)
class Example:
    """The columns of a change for the worse; ``concern`` is None where none is known.

    ``source`` is the same for all that come from one place.
    """

    columns: NDArray[np.int64]
    concern: str | None
    operator: str
    source: int


def make_examples(
    pairs: Iterable[PreferencePair], encoder: TextEncoder, concerns: dict[str, str]
) -> Iterator[Example]:
    """Yield an example per pair, read from the better side to the worse one.

    ``concerns`` maps subsets of pairs to names of concerns. The source is the first folder, or
    other first part, of a pair's id.
    """
    for pair in pairs:
        cropped = crop_pair(pair.chosen, pair.rejected)
        went, came = (
            cut_tokens(text, encoder.encode(text).starts) for text in (cropped.left, cropped.right)
        )
        marks = mark_changed(went, came)
        columns = change_columns(MarkedTokens(went, marks[0]), MarkedTokens(came, marks[1]))
        if len(columns):
            source = crc32(pair.id.partition("/")[0].encode())
            yield Example(columns, concerns.get(pair.subset), pair.subset, source)


def features_of(examples: Sequence[Example]) -> csr_matrix:
    """Return [examples, 2 * BUCKETS]; each row has length one."""
    places = np.repeat(np.arange(len(examples)), [len(e.columns) for e in examples])
    columns = np.concatenate([example.columns for example in examples])
    values = np.concatenate(
        [np.full(len(e.columns), 1 / np.sqrt(len(e.columns)), np.float32) for e in examples]
    )
    return csr_matrix((values, (places, columns)), shape=(len(examples), 2 * BUCKETS))
