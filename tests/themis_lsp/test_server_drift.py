from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Diagnostic, Position, Range

from themis_lsp.server.drift import Drift, carry, find_drift

TEXTS = st.lists(st.sampled_from("abc"), max_size=12)


@given(TEXTS, TEXTS)
def test_a_line_outside_of_the_edit_is_the_same_line_after_it(
    old: list[str], new: list[str]
) -> None:
    drift = find_drift(old, new)
    for line, text in enumerate(old):
        if not drift.first <= line < drift.old_end:
            moved = drift.line(line)
            assert moved is not None
            assert new[moved] == text


@given(TEXTS, TEXTS)
def test_going_back_is_going_the_other_way(old: list[str], new: list[str]) -> None:
    there, back = find_drift(old, new), find_drift(new, old)
    assert (there.first, there.old_end, there.new_end) == (back.first, back.new_end, back.old_end)


def test_what_was_edited_away_is_left_out() -> None:
    drift = find_drift(["a", "b", "c", "d"], ["a", "d"])
    shown = [_diagnostic(line) for line in range(4)]
    assert [d.range.start.line for d in carry(shown, drift)] == [0, 1]


def test_typing_in_a_line_leaves_its_diagnostic_where_it_is() -> None:
    drift = find_drift(["a", "b", "c"], ["a", "bb", "c"])
    assert carry([_diagnostic(1)], drift) == [_diagnostic(1)]


def test_a_text_that_did_not_change_moves_nothing() -> None:
    assert Drift(0, 0, 0).line(7) == 7


def _diagnostic(line: int) -> Diagnostic:
    return Diagnostic(Range(Position(line, 1), Position(line, 2)), "message")
