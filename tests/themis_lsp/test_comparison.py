from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.changes import Change, ChangeKind, FileUnits, pair_units
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.brief import Brief
from themis_lsp.judgement.comparison import (
    ChangeReading,
    RewardScale,
    SideTexts,
    choose_changes,
    read_changes,
    snippets_of,
)
from themis_lsp.judgement.crop import crop_pair
from themis_lsp.judgement.margin import ScoredText, read_difference
from themis_lsp.languages import Language
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.units import find_units

EMPTY_SIDE = (0.1, 0.2, 0.3, 0.4, 0.5)
COLUMNS = {criterion: column for column, criterion in enumerate(Criterion)}
LONG = "import os\n\n\ndef long(a):\n" + "".join(f"    a += {n}\n" for n in range(60))


def changes_of(before: str, after: str) -> tuple[Change, ...]:
    sides = (tuple(find_units(t, path="a.py", language=Language.PYTHON)) for t in (before, after))
    return pair_units([FileUnits(*sides)]).changes


def read(
    before: str,
    after: str,
    margins: Mapping[Criterion, MarginScale] | None = None,
    *,
    empty_side: tuple[float, ...] | None = EMPTY_SIDE,
) -> list[ChangeReading]:
    changes = changes_of(before, after)
    return read_changes(
        changes,
        FakeScorer().score(snippets_of(changes, Brief(in_conversation=empty_side is None))),
        texts=SideTexts({"a.py": before}, {"a.py": after}),
        scale=RewardScale(COLUMNS, empty_side, margins or {}),
    )


def total_cost(reading: ChangeReading, criterion: int) -> float:
    return sum(line.cost for line in reading.margins[criterion].costliest)


def test_costs_sum_to_the_margin_that_counts() -> None:
    after = LONG.replace("+= 30", "+= x30 + y")
    scale = MarginScale(1.0, None, None, None, 500, prior_tokens=12.0)
    (raw,), (drawn,) = read(LONG, after), read(LONG, after, dict.fromkeys(Criterion, scale))
    for own, other in zip(drawn.margins, raw.margins, strict=True):
        assert abs(own.margin) < abs(other.margin)
    told = [margin for margin in drawn.margins if margin.costly]
    assert told
    for margin in told:
        assert sum(cost.cost for cost in margin.costly) == pytest.approx(-margin.margin)


def test_costs_sum_to_the_loss_of_the_whole_where_tokens_have_no_own_rewards() -> None:
    (reading,) = read(LONG, LONG.replace("+= 30", "+= x30 + y"), empty_side=None)
    told = [margin for margin in reading.margins if len(margin.costly) == 1]
    assert told
    for margin in told:
        assert margin.costly[0].cost == pytest.approx(-margin.margin)


def test_the_margin_is_read_around_what_differs() -> None:
    after = LONG.replace("+= 30", "+= x30 + y")
    (reading,) = read(LONG, after)
    cropped = crop_pair(LONG, after)
    scores = FakeScorer().score([replace(s) for s in snippets_of(changes_of(LONG, after))])
    assert snippets_of(changes_of(LONG, after))[0].text == cropped.left
    difference = read_difference(
        ScoredText(cropped.left, scores[0], cropped.left),
        ScoredText(cropped.right, scores[1], cropped.right),
        columns=COLUMNS,
        empty_side=EMPTY_SIDE,
        scales={},
    )
    margins = [margin.margin for margin in reading.margins]
    assert margins == pytest.approx((difference.after - difference.before).tolist())
    assert [margin.criterion for margin in reading.margins] == list(Criterion)
    assert reading.lowest is not None
    assert reading.lowest.margin == min(margins)


def test_what_is_said_in_a_docstring_costs_readability_alone() -> None:
    # Far from its quotes: the part around the change shows none of them.
    told = LONG.replace("(a):", '(a):\n    """Do it.\n' + "\n    word" * 20 + '\n    """')
    (reading,) = read(told, told.replace("word\n    word", "word\n    other words", 1))
    for margin in reading.margins:
        assert (margin.margin != 0) is margin.criterion.reads_comments
        assert margin.criterion.reads_comments or not margin.costliest


def test_the_costs_of_the_changed_lines_make_up_the_margin() -> None:
    (reading,) = read(LONG, LONG.replace("+= 30", "+= x30"))
    for index, margin in enumerate(reading.margins):
        if margin.margin < 0:
            assert total_cost(reading, index) == pytest.approx(-margin.margin)
            (line,) = margin.costliest
            assert (line.line, line.text) == (35, "    a += x30")
            assert (line.start_column, line.end_column) == (5, 13)
        else:
            assert not margin.costliest
    assert not reading.points_before


def test_what_was_taken_away_is_pointed_at_where_it_was() -> None:
    (reading,) = read(
        LONG.replace("    a += 30\n", "    b.x()\n"), LONG.replace("    a += 30\n", "")
    )
    assert reading.points_before
    assert any(margin.margin < 0 for margin in reading.margins)
    for index, margin in enumerate(reading.margins):
        assert margin.after == pytest.approx(EMPTY_SIDE[index])
        if margin.margin < 0:
            assert [line.text for line in margin.costliest] == ["    b.x()"]
            assert [line.line for line in margin.costliest] == [35]
            assert total_cost(reading, index) == pytest.approx(-margin.margin)


def test_a_line_that_stayed_is_never_pointed_at() -> None:
    # Token by token, what went is "30 a +=", of two lines.
    shorter = LONG.replace("    a += 30\n", "")
    for before, after in ((LONG, shorter), (shorter, LONG)):
        (reading,) = read(before, after)
        pointed = {line.line for margin in reading.margins for line in margin.costliest}
        assert pointed <= {35}


def test_units_with_one_side_have_no_margins_and_are_not_scored() -> None:
    assert snippets_of(changes_of("", LONG)) == []
    for reading in (*read("", LONG), *read(LONG, "")):
        assert reading.margins == ()
        assert reading.lowest is None
        assert reading.start_column == 1


def test_a_unit_in_the_middle_of_a_line_is_found_there() -> None:
    before, after = "x = lambda a: (a,\n    1,\n    2)\n", "yy = lambda a: (a,\n    1,\n    3)\n"
    for reading in read(before, after):
        assert after.split("\n")[reading.change.unit.start_line - 1][reading.start_column - 1 :]


def test_the_changes_that_lose_most_come_first() -> None:
    functions = [f"def f{n}(a):\n    b = a\n    c = {n}\n    return b + c\n" for n in range(12)]
    after = [text.replace("b + c", f"b * c{n}") for n, text in enumerate(functions)]
    readings = read("\n".join(functions), "\n".join(after))
    lowest = [r.lowest.margin for r in choose_changes(readings, top=12) if r.lowest]
    assert lowest == sorted(lowest)
    assert len(lowest) == 12
    assert len(choose_changes(readings, top=None)) == 10


def test_tiny_units_are_shown_only_when_asked() -> None:
    before = "import os\n\n\ndef f(a):\n    return a\n"
    readings = read(before, before.replace("os", "sys").replace("return a", "return b"))
    assert [reading.change.kind for reading in readings] == [ChangeKind.MODIFIED] * 2
    assert choose_changes(readings, top=None) == []
    assert len(choose_changes(readings, top=None, with_all=True)) == 2


def test_a_reward_that_is_no_number_is_the_bundles_fault() -> None:
    after = LONG.replace("+= 30", "+= x30")
    changes = changes_of(LONG, after)
    scores = FakeScorer().score(snippets_of(changes))
    scores[1].token_rewards[:] = np.nan
    with pytest.raises(BundleError, match=r"not a number to a\.py:4"):
        read_changes(
            changes,
            scores,
            texts=SideTexts({"a.py": LONG}, {"a.py": after}),
            scale=RewardScale(COLUMNS, EMPTY_SIDE, {}),
        )
