"""A file's bytes, its lines, and which of them are code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

BLANK = b" \t\r\n\f\v"
_NOT_BLANK = re.compile(rb"[^ \t\r\n\f\v]")
BLANKED = bytes(c if c == ord("\n") else ord(" ") for c in range(256))
"""A translation table: blanks for all but newlines."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to cut up. Lines here count from 0.

    ``data`` is its UTF-8 encoding; ``code`` the same with every comment turned to blanks.
    ``line_starts`` are byte offsets; the first line starts behind a byte order mark.
    ``comment_tops`` maps each line that a comment touches to the line where that comment starts.
    """

    data: bytes
    code: bytes
    line_starts: list[int]
    comment_tops: dict[int, int]

    def line_at(self, byte: int) -> int:
        """Return the line that holds ``byte``."""
        return max(0, bisect_right(self.line_starts, byte) - 1)

    def line_begin(self, line: int) -> int:
        """Return where the line's first non-blank is (its end, if it has none)."""
        start = self.line_starts[line]
        found = _NOT_BLANK.search(self.data, start, self.line_end(line))
        return found.start() if found else self.line_end(line)

    def line_end(self, line: int) -> int:
        """Return the offset of the line's newline, or of the file's end."""
        is_last = line + 1 == len(self.line_starts)
        return len(self.data) if is_last else self.line_starts[line + 1] - 1

    def is_code(self, line: int) -> bool:
        """Tell whether the line has code on it."""
        return _NOT_BLANK.search(self.code, self.line_starts[line], self.line_end(line)) is not None

    def trim(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the smallest range that holds the code of [start, end); None if there is none."""
        found = _NOT_BLANK.search(self.code, start, end)
        if found is None:
            return None
        return found.start(), start + len(self.code[start:end].rstrip(BLANK))

    def climb(self, start: int, floor: int, prelude: re.Pattern[bytes] | None = None) -> int:
        """Return where the comments directly above the line that begins at ``start`` begin.

        Lines of code that match ``prelude`` are climbed like comments; nothing above the byte
        ``floor`` is. ``start`` itself if there is nothing to climb.
        """
        line = self.line_at(start)
        while line > 0:
            top = line - 1
            code = self.code[self.line_starts[top] : self.line_end(top)].strip(BLANK)
            if code:
                is_part = prelude is not None and prelude.fullmatch(code) is not None
            else:
                top = self.comment_tops.get(top, line)
                is_part = top < line and not self.is_code(top)
            if not is_part or self.line_starts[top] < floor:
                break
            line = top
        return self.line_begin(line)


def read_source(data: bytes, comments: Iterable[tuple[int, int]]) -> Source:
    """Return ``data`` with the given byte ranges known as comments."""
    mark = len(_BYTE_ORDER_MARK) if data.startswith(_BYTE_ORDER_MARK) else 0
    line_starts = [mark, *(found.end() for found in re.finditer(rb"\n", data))]
    code = bytearray(data)
    code[:mark] = b" " * mark
    tops: dict[int, int] = {}
    for start, end in comments:
        code[start:end] = code[start:end].translate(BLANKED)
        top = bisect_right(line_starts, start) - 1
        bottom = bisect_right(line_starts, max(start, end - 1)) - 1
        for line in range(top, bottom + 1):
            tops.setdefault(line, top)
    return Source(data, bytes(code), line_starts, tops)
