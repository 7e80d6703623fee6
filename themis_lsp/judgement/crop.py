"""Cutting the two sides of a change down to the lines around what differs."""

from __future__ import annotations

from dataclasses import dataclass

from themis_lsp.judgement.changed import count_shared
from themis_lsp.languages import Language
from themis_lsp.units.comments import blank_prose

LINES_BEFORE, LINES_AFTER = 4, 1


@dataclass(frozen=True, slots=True)
class CroppedPair:
    """What is left of both sides; ``start`` code points, the same, were cut off their heads."""

    left: str
    right: str
    start: int


def crop_pair(left: str, right: str) -> CroppedPair:
    """Return both sides with at most four shared lines before and one after their differences.

    A reading of the change looks at nothing else, and a model trained on such windows needs no
    more context: long code is scored several times faster for it.
    """
    lefts, rights = left.splitlines(keepends=True), right.splitlines(keepends=True)
    start = count_shared(lefts, rights)
    end = min(count_shared(lefts[::-1], rights[::-1]), min(len(lefts), len(rights)) - start)
    first, past = max(start - LINES_BEFORE, 0), max(end - LINES_AFTER, 0)
    return CroppedPair(
        "".join(lefts[first : len(lefts) - past]),
        "".join(rights[first : len(rights) - past]),
        sum(map(len, lefts[:first])),
    )


def cut_pair(left: str, right: str, *, whole: bool) -> CroppedPair:
    """Return both sides as they are scored: ``whole``, or around their differences."""
    return CroppedPair(left, right, 0) if whole else crop_pair(left, right)


def crop_codes(whole: tuple[str, str], language: Language, cropped: CroppedPair) -> tuple[str, str]:
    """Return both sides of ``cropped`` with blanks for comments and docstrings.

    ``whole`` are the texts it was cut from: only these tell what began before the cut.
    """
    left, right = (
        blank_prose(text, language)[cropped.start : cropped.start + len(kept)]
        for text, kept in zip(whole, (cropped.left, cropped.right), strict=True)
    )
    return left, right
