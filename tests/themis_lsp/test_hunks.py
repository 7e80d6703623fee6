from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.judgement.changed import Hunk, find_hunks

LINES = st.lists(st.sampled_from("abc"), max_size=12)


def test_differences_a_line_apart_are_one_hunk() -> None:
    assert find_hunks("abcde", "aXcYe") == [Hunk(1, 4, 1, 4)]
    assert find_hunks("abcdef", "aXcdYf") == [Hunk(1, 2, 1, 2), Hunk(4, 5, 4, 5)]
    assert find_hunks("abc", "abc") == []


@settings(max_examples=60)
@given(LINES, LINES)
def test_undoing_every_hunk_gives_back_what_was(left: list[str], right: list[str]) -> None:
    text = list(right)
    for hunk in reversed(find_hunks(left, right)):
        text[hunk.right_start : hunk.right_end] = left[hunk.left_start : hunk.left_end]
    assert text == left
