"""Cutting a long unit into overlapping windows, so that nothing of it goes unread."""

from __future__ import annotations

from dataclasses import dataclass

OVERLAP_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of tokens to run, [start, end), of which [owned_start, end) counts.

    The tokens before ``owned_start`` belong to the window before; here they are only context.
    """

    start: int
    owned_start: int
    end: int


def cut_windows(tokens: int, limit: int) -> list[Window]:
    """Return windows of at most ``limit`` tokens whose owned parts tile ``range(tokens)``.

    Every window but the first sees a quarter of ``limit`` tokens of the code before it.
    """
    windows = [Window(0, 0, min(tokens, limit))] if tokens else []
    overlap = int(limit * OVERLAP_SHARE)
    while windows and windows[-1].end < tokens:
        owned_start = windows[-1].end
        start = owned_start - overlap
        windows.append(Window(start, owned_start, min(tokens, start + limit)))
    return windows
