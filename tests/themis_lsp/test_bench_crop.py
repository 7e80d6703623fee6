from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from themis_lsp.bench.crop import LINES_AFTER, LINES_BEFORE, crop_pair

_CODE = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\n", "d"]), max_size=30).map("".join)


def test_a_small_change_in_long_code_keeps_the_lines_around_it() -> None:
    lines = [f"line {n}\n" for n in range(100)]
    changed = [*lines[:50], "new\n", *lines[51:]]
    chosen, rejected = crop_pair("".join(lines), "".join(changed))
    assert chosen.splitlines() == [f"line {n}" for n in range(50 - LINES_BEFORE, 51 + LINES_AFTER)]
    assert rejected.splitlines()[LINES_BEFORE] == "new"


def test_short_code_stays_whole() -> None:
    assert crop_pair("a\nb\n", "a\nc\n") == ("a\nb\n", "a\nc\n")


@given(before=_CODE, chosen=_CODE, rejected=_CODE, after=_CODE)
def test_what_is_cut_is_shared(before: str, chosen: str, rejected: str, after: str) -> None:
    left, right = before + chosen + after, before + rejected + after
    cut_left, cut_right = crop_pair(left, right)
    assert cut_left in left
    assert cut_right in right
    assert len(left) - len(cut_left) == len(right) - len(cut_right)
    start = left.index(cut_left) if cut_left else 0
    assert left[:start] == right[:start]
