from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from themis_lsp.judgement.crop import LINES_AFTER, LINES_BEFORE, CroppedPair, crop_pair

_CODE = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\n", "d"]), max_size=30).map("".join)


def test_a_small_change_in_long_code_keeps_the_lines_around_it() -> None:
    lines = [f"line {n}\n" for n in range(100)]
    changed = [*lines[:50], "new\n", *lines[51:]]
    cropped = crop_pair("".join(lines), "".join(changed))
    kept = [f"line {n}" for n in range(50 - LINES_BEFORE, 51 + LINES_AFTER)]
    assert cropped.left.splitlines() == kept
    assert cropped.right.splitlines()[LINES_BEFORE] == "new"
    assert cropped.start == len("".join(lines[: 50 - LINES_BEFORE]))


def test_short_code_stays_whole() -> None:
    assert crop_pair("a\nb\n", "a\nc\n") == CroppedPair("a\nb\n", "a\nc\n", 0)


@given(before=_CODE, chosen=_CODE, rejected=_CODE, after=_CODE)
def test_what_is_cut_is_shared(before: str, chosen: str, rejected: str, after: str) -> None:
    left, right = before + chosen + after, before + rejected + after
    cropped = crop_pair(left, right)
    assert left[: cropped.start] == right[: cropped.start]
    assert left[cropped.start :].startswith(cropped.left)
    assert right[cropped.start :].startswith(cropped.right)
    assert len(left) - len(cropped.left) == len(right) - len(cropped.right)
