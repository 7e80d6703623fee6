"""Cutting a pair down to the lines around what differs."""

from __future__ import annotations

from themis_lsp.judgement.changed import count_shared

LINES_BEFORE, LINES_AFTER = 4, 1


def crop_pair(chosen: str, rejected: str) -> tuple[str, str]:
    """Return both sides with at most four shared lines before and one after their differences.

    A reading of the change looks at nothing else, and a model trained on such windows needs no
    more context: long pairs are measured several times faster for it.
    """
    left, right = chosen.splitlines(keepends=True), rejected.splitlines(keepends=True)
    start = count_shared(left, right)
    end = min(count_shared(left[::-1], right[::-1]), min(len(left), len(right)) - start)
    first, past = max(start - LINES_BEFORE, 0), max(end - LINES_AFTER, 0)
    return "".join(left[first : len(left) - past]), "".join(right[first : len(right) - past])
