"""Which parts of a text speak to its readers alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from themis_lsp.judgement.lines import code_points

_SPACE = ord(" ")


def mark_prose(
    text: str, code: str, starts: Sequence[int] | NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Mark the tokens, [tokens], of comments and docstrings; ``starts`` says where each begins.

    ``code`` is the text with blanks for those. A token belongs to what its first non-blank is part
    of; one of blanks alone to what follows it. It is marked beside a marked one too: the line
    break that comes with a comment says no more than the comment.
    """
    begins = np.asarray(starts, dtype=np.intp)
    letters, words = code_points(text), code_points(code)
    solid = np.flatnonzero(letters > _SPACE)
    if not len(solid) or not len(begins):
        return np.zeros(len(begins), dtype=np.bool_)
    owners = solid[np.minimum(np.searchsorted(solid, begins), len(solid) - 1)]
    marks = words[owners] <= _SPACE
    ends = np.append(begins[1:], len(text))
    is_blank = (owners >= ends) | (owners < begins)
    beside = np.zeros_like(marks)
    beside[1:] |= marks[:-1]
    beside[:-1] |= marks[1:]
    return np.asarray(marks | (is_blank & beside))


def prose_lines(text: str, code: str) -> frozenset[int]:
    """Return the lines, from 0, that have nothing but comments and docstrings on them."""
    both = zip(text.split("\n"), code.split("\n"), strict=True)
    return frozenset(
        number for number, (line, kept) in enumerate(both) if line.strip() and not kept.strip()
    )
