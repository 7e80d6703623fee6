"""Carrying out a candidate: both sides of a pair, and what differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from themis_train.degradation.operators import Candidate, Edit
from themis_train.degradation.subject import Subject, count_faults, parse


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes [start_byte, end_byte) of one side and the lines they lie on, 1-based and inclusive.

    Where that side has nothing, the bytes are an empty range and the line is where it would stand.
    """

    start_byte: int
    end_byte: int
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Degraded:
    """Two ways to write a unit; the spans are what each has that the other has not, in order."""

    chosen: str
    rejected: str
    chosen_spans: tuple[Span, ...]
    rejected_spans: tuple[Span, ...]

    @property
    def length_sign(self) -> int:
        """1 where the better side is the longer one in characters, -1 where the shorter, else 0."""
        longer, shorter = len(self.chosen), len(self.rejected)
        return (longer > shorter) - (longer < shorter)


def apply_candidate(subject: Subject, candidate: Candidate) -> Degraded | None:
    """Return both sides; None where one is not as sound as the unit, or they are the same."""
    worse = _trimmed(subject.data, candidate.worse)
    better = _trimmed(subject.data, candidate.better)
    if not worse or not (_lie_inside(subject, worse) and _lie_inside(subject, better)):
        return None
    rejected, rejected_spans = _carry_out(subject, worse)
    chosen, _ = _carry_out(subject, better)
    if rejected == chosen or not (_is_sound(subject, worse) and _is_sound(subject, better)):
        return None
    if better:
        chosen_spans, rejected_spans = _difference(chosen, rejected)
    else:
        chosen_spans = _spans(chosen, _ranges(subject, worse))
    return Degraded(_decode(chosen), _decode(rejected), chosen_spans, rejected_spans)


def _trimmed(data: bytes, edits: Sequence[Edit]) -> list[tuple[int, int, bytes]]:
    """Return edits in order, without what they put back as it was, those of nothing left out."""
    trimmed = []
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        old, new = data[edit.start : edit.end], edit.new.encode("utf-8", "surrogatepass")
        before, after = _shared_ends(old, new)
        if len(old) != before + after or len(new) != before + after:
            trimmed.append((edit.start + before, edit.end - after, new[before : len(new) - after]))
    return trimmed


def _shared_ends(left: bytes, right: bytes) -> tuple[int, int]:
    """Return how many bytes two texts begin and then end with, whole characters only."""
    before = _shared(left, right)
    while before and not all(_is_boundary(side, before) for side in (left, right)):
        before -= 1
    after = _shared(left[before:][::-1], right[before:][::-1])
    while after and not _is_boundary(left, len(left) - after):
        after -= 1
    return before, after


def _shared(left: bytes, right: bytes) -> int:
    limit = min(len(left), len(right))
    return next((i for i in range(limit) if left[i] != right[i]), limit)


def _is_boundary(text: bytes, byte: int) -> bool:
    return byte == len(text) or text[byte] & 0xC0 != 0x80


def _difference(chosen: bytes, rejected: bytes) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    before, after = _shared_ends(chosen, rejected)
    left, right = (_spans(side, [(before, len(side) - after)]) for side in (chosen, rejected))
    return left, right


def _lie_inside(subject: Subject, edits: Sequence[tuple[int, int, bytes]]) -> bool:
    position = subject.unit.start_byte
    for start, end, _ in edits:
        if start < position or end > subject.unit.end_byte:
            return False
        position = end
    return True


def _carry_out(
    subject: Subject, edits: Sequence[tuple[int, int, bytes]]
) -> tuple[bytes, tuple[Span, ...]]:
    """Return the unit after edits and where what they put in stands in it."""
    base, parts, ranges = subject.unit.start_byte, [], []
    position, length = base, 0
    for start, end, new in edits:
        kept = subject.data[position:start]
        parts += [kept, new]
        length += len(kept)
        ranges.append((length, length + len(new)))
        length += len(new)
        position = end
    parts.append(subject.data[position : subject.unit.end_byte])
    text = b"".join(parts)
    return text, _spans(text, ranges)


def _ranges(subject: Subject, edits: Sequence[tuple[int, int, bytes]]) -> list[tuple[int, int]]:
    base = subject.unit.start_byte
    return [(start - base, end - base) for start, end, _ in edits]


def _spans(text: bytes, ranges: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    return tuple(
        Span(
            start,
            end,
            text.count(b"\n", 0, start) + 1,
            text.count(b"\n", 0, max(start, end - 1)) + 1,
        )
        for start, end in ranges
    )


def _is_sound(subject: Subject, edits: Sequence[tuple[int, int, bytes]]) -> bool:
    """Tell whether the file parses no worse after edits."""
    if not edits:
        return True
    data, tree = subject.data, subject.file.tree.copy()
    for start, end, new in reversed(edits):
        tree.edit(
            start_byte=start,
            old_end_byte=end,
            new_end_byte=start + len(new),
            start_point=_point(subject.data, start),
            old_end_point=_point(subject.data, end),
            new_end_point=_point(subject.data[:start] + new, start + len(new)),
        )
        data = data[:start] + new + data[end:]
    after = parse(data, subject.language, old=tree).root_node
    return count_faults(after) <= subject.file.fault_count


def _point(data: bytes, byte: int) -> tuple[int, int]:
    """Return the line and column of a byte, both from 0."""
    return data.count(b"\n", 0, byte), byte - data.rfind(b"\n", 0, byte) - 1


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")
