from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.bundle.percentiles import BandTable, ReferenceTables
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.findings import Finding, choose_findings, is_ranked, rank_findings
from themis_lsp.judgement.lines import line_costs
from themis_lsp.judgement.readings import (
    MINIMUM_TOKENS,
    CriterionReading,
    UnitReading,
    read_units,
)
from themis_lsp.languages import Language
from themis_lsp.scoring.fake import FakeScorer
from themis_lsp.scoring.score import Score, Snippet
from themis_lsp.units.unit import Unit, UnitKind

FC, SH, RM = (
    Criterion.FUNCTIONAL_CORRECTNESS,
    Criterion.SECURITY_HARDNESS,
    Criterion.READABILITY_MAINTAINABILITY,
)


def unit(text: str, *, inside: str | None = None, kind: UnitKind = UnitKind.FUNCTION) -> Unit:
    """The unit that ``text`` makes in a file that holds ``inside``, or nothing else."""
    file = text if inside is None else inside
    before = file[: file.index(text)]
    start = len(before.encode())
    first = before.count("\n") + 1
    last = first + text.count("\n")
    end = start + len(text.encode())
    return Unit("a.py", Language.PYTHON, kind, "f", start, end, first, last, text)


def score(tokens: list[tuple[int, float]]) -> Score:
    """One criterion; each token is (start, reward)."""
    starts = np.array([start for start, _ in tokens], dtype=np.int32)
    rewards = np.array([[reward] for _, reward in tokens], dtype=np.float32).reshape(-1, 1)
    return Score(rewards.sum(axis=0), rewards, starts)


def costs(text: str, tokens: list[tuple[int, float]], reference: float = 0.0) -> list[float]:
    found = line_costs(unit(text), score(tokens), criterion_index=0, reference_reward=reference)
    return [round(cost, 6) for cost in found]


# Line costs


def test_a_line_costs_what_its_tokens_take_away() -> None:
    assert costs("ab\ncd\n", [(0, -1.0), (1, 0.25), (3, 2.0)]) == [0.75, -2.0, 0.0]


def test_a_line_is_owed_its_share_of_a_middling_reward() -> None:
    assert costs("ab\ncd", [(0, 0.0), (1, 0.0), (3, 0.0), (4, 1.0)], 2.0) == [1.0, 0.0]


def test_a_token_that_begins_with_a_line_break_belongs_to_the_line_it_introduces() -> None:
    assert costs("a\n    b", [(0, 0.0), (1, -1.0)]) == [0.0, 1.0]


def test_blank_lines_own_no_tokens() -> None:
    assert costs("a\n\n\n  b", [(0, 0.0), (1, -1.0), (2, -1.0), (3, -1.0)]) == [0.0, 0.0, 0.0, 3.0]


def test_blanks_at_the_end_belong_to_the_last_line_with_code() -> None:
    assert costs("a\n\n", [(0, 0.0), (1, -1.0)]) == [1.0, 0.0, 0.0]


def test_nothing_costs_anything_without_tokens() -> None:
    assert costs("a\nb", [], 1.0) == [0.0, 0.0]
    assert costs(" \n ", [(0, -1.0)]) == [1.0, 0.0]


@settings(max_examples=150)
@given(st.data())
def test_line_costs_sum_to_what_the_unit_is_short_of(data: st.DataObject) -> None:
    text = data.draw(st.text("ab \n\t\r🦉é", min_size=1, max_size=60))
    starts = data.draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=20))
    rewards = data.draw(
        st.lists(st.floats(-4, 4, width=32), min_size=len(starts), max_size=len(starts))
    )
    reference = data.draw(st.floats(-4, 4))
    scored = score(list(zip(sorted(starts), rewards, strict=True)))
    found = line_costs(unit(text), scored, criterion_index=0, reference_reward=reference)
    assert len(found) == text.count("\n") + 1
    assert sum(found) == pytest.approx(reference - float(scored.rewards[0]), abs=1e-4)


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_line_costs_of_the_fake_scorer_sum_up_too(text: str) -> None:
    (scored,) = FakeScorer().score([Snippet(Language.PYTHON, text)])
    reference = 0.5 if len(scored.token_starts) else 0.0
    found = line_costs(unit(text), scored, criterion_index=2, reference_reward=reference)
    assert sum(found) == pytest.approx(reference - float(scored.rewards[2]), abs=1e-5)


# Readings


def tables(low: float = 0.0, high: float = 1.0) -> ReferenceTables:
    row = tuple(low + (high - low) * q / 100 for q in range(101))
    return ReferenceTables((None,), (FC,), {Language.PYTHON: (BandTable(101, (row,)),)})


def read(unit: Unit, scored: Score, file: str | None = None) -> CriterionReading:
    (reading,) = read_units(
        [unit],
        [scored],
        texts={"a.py": unit.text if file is None else file},
        tables=tables(),
        columns={FC: 0},
    )
    return reading.readings[0]


def test_a_reading_has_reward_percentile_and_shortfall() -> None:
    reading = read(unit("x"), score([(0, 0.25), *[(0, 0.0)] * MINIMUM_TOKENS]))
    assert (reading.criterion, reading.reward, reading.percentile) == (FC, 0.25, 25.0)
    assert reading.shortfall == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("tokens", "percentile"), [(0, None), (MINIMUM_TOKENS - 1, None), (MINIMUM_TOKENS, 0.0)]
)
def test_a_unit_of_too_few_tokens_has_a_reward_but_no_percentile(
    tokens: int, percentile: float | None
) -> None:
    (found,) = read_units(
        [unit("x")],
        [score([(0, -0.5)] * tokens)],
        texts={"a.py": "x"},
        tables=tables(),
        columns={FC: 0},
    )
    assert found.is_too_short is (percentile is None)
    assert found.readings[0].percentile == percentile
    assert found.readings[0].reward == -0.5 * tokens
    assert found.readings[0].shortfall == 0.5 + 0.5 * tokens


def test_a_reading_without_tables_has_no_percentile_and_is_held_against_zero() -> None:
    (found,) = read_units(
        [unit("x")], [score([(0, -0.25)])], texts={"a.py": "x"}, tables=None, columns={FC: 0}
    )
    assert found.readings[0].percentile is None
    assert found.readings[0].shortfall == 0.25


def test_criteria_are_read_from_the_columns_asked_for() -> None:
    (scored,) = FakeScorer().score([Snippet(Language.PYTHON, "x = 1")])
    (found,) = read_units(
        [unit("x = 1")], [scored], texts={"a.py": "x = 1"}, tables=None, columns={RM: 4, FC: 0}
    )
    assert [r.criterion for r in found.readings] == [RM, FC]
    assert [r.reward for r in found.readings] == [scored.rewards[4], scored.rewards[0]]


def test_the_three_costliest_lines_come_first() -> None:
    text = "a1\nb2\nc3\nd4\ne5"
    tokens = [(0, -1.0), (3, -5.0), (6, 9.0), (9, -3.0), (12, -4.0)]
    reading = read(unit(text), score(tokens))
    assert [cost.line for cost in reading.costliest] == [2, 5, 4]


def test_lines_that_cost_nothing_or_hold_nothing_are_not_pointed_at() -> None:
    text = "if x:\n    }\n  else {\nend\n\n  f(x);\n"
    tokens = [(text.index(part), -1.0) for part in ("}", "else", "end", "f(x)")] + [(0, 99.0)]
    reading = read(unit(text), score(sorted(tokens)))
    assert [cost.line for cost in reading.costliest] == [6]


def test_a_line_is_given_whole_with_the_columns_of_what_the_unit_has_there() -> None:
    inside = "é = 1\nobj = { f() {  \n    bad🦉()\t\n  }, g: 2 }  # end\r\nlast\n"
    text = "f() {  \n    bad🦉()\t\n  }, g"
    cut = unit(text, inside=inside)
    tokens = [(0, -3.0), (text.index("bad"), -2.0), (text.index("g"), -1.5)]
    first, second, third = read(cut, score(tokens), inside).costliest
    assert (first.line, first.start_column, first.end_column) == (2, 9, 14)
    assert first.text == "obj = { f() {  "
    assert (second.line, second.start_column, second.end_column) == (3, 5, 11)
    assert second.text == "    bad🦉()\t"
    assert (third.line, third.start_column, third.end_column) == (4, 3, 7)
    assert third.text == "  }, g: 2 }  # end"


def test_the_column_where_a_unit_begins_counts_characters() -> None:
    inside = "é = 1\néé = def f(): pass\n"
    cut = unit("def f(): pass", inside=inside)
    (found,) = read_units(
        [cut], [score([(0, 1.0)])], texts={"a.py": inside}, tables=None, columns={FC: 0}
    )
    assert found.start_column == 6


@pytest.mark.parametrize("reward", [float("nan"), float("inf")])
def test_a_reward_that_is_no_number_is_an_error_of_the_bundle(reward: float) -> None:
    with pytest.raises(BundleError, match=r"a\.py:1"):
        read(unit("x"), score([(0, reward)]))


# Findings


def reading(
    *percentiles: float | None, start: int = 0, end: int = 10, path: str = "a.py"
) -> UnitReading:
    made = replace(unit("x = 1\ny = 2\nz = 3"), path=path, start_byte=start, end_byte=end)
    return UnitReading(
        made,
        1,
        False,
        tuple(
            CriterionReading(criterion, 0.0, percentile, 0.0, ())
            for criterion, percentile in zip(Criterion, percentiles, strict=False)
        ),
    )


def summary(finding: Finding) -> tuple[str, float, list[str]]:
    also = [r.criterion.code for r in finding.also_weak]
    return finding.weakest.criterion.code, finding.percentile, also


def test_a_unit_is_ranked_by_its_weakest_criterion_and_names_the_other_weak_ones() -> None:
    (finding,) = rank_findings([reading(9.0, 50.0, 3.0, 4.0, 10.0)])
    assert summary(finding) == ("ME", 3.0, ["SH", "FC"])


def test_the_weakest_unit_comes_first() -> None:
    found = rank_findings([reading(8.0, 90.0), reading(50.0, 2.0), reading(5.0, 5.0)])
    assert [finding.percentile for finding in found] == [2.0, 5.0, 8.0]


def test_ties_go_to_the_unit_weaker_on_the_whole_then_to_the_first() -> None:
    rows = [reading(0.0, 60.0, path="b"), reading(0.0, 60.0, path="a"), reading(40.0, 0.0)]
    found = rank_findings(rows)
    assert [finding.reading.unit.path for finding in found] == ["a.py", "b", "a"]


def test_units_without_percentiles_are_not_ranked() -> None:
    assert not rank_findings([reading(None, None)])
    (finding,) = rank_findings([reading(None, 5.0)])
    assert finding.weakest.criterion.code == "RT"


def test_a_unit_that_meets_the_bar_exactly_is_not_below_it() -> None:
    (finding,) = rank_findings([reading(10.0)])
    assert not finding.is_below(10)
    assert finding.is_below(11)


def test_only_weak_units_are_shown_unless_a_number_is_asked_for() -> None:
    found = rank_findings([reading(float(p), start=p, end=p + 1) for p in range(0, 60, 2)])
    assert [f.percentile for f in choose_findings(found, top=None)] == [0, 2]
    assert [f.percentile for f in choose_findings(found, top=None, below=6)] == [0, 2, 4]
    assert len(choose_findings(found, top=None, below=100)) == 10
    assert len(choose_findings(found, top=20)) == 20
    assert not choose_findings(found, top=0)


def test_of_a_function_and_one_inside_it_only_the_weakest_is_shown() -> None:
    outer, inner = reading(2.5, start=0, end=100), reading(1.0, start=20, end=50)
    elsewhere = reading(2.0, start=20, end=50, path="b.py")
    found = rank_findings([outer, inner, elsewhere])
    assert [f.percentile for f in choose_findings(found, top=None)] == [1.0, 2.0]
    assert len(choose_findings(found, top=10)) == 3


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("def f():\n    return 1", UnitKind.FUNCTION, False),
        ("def f():\n\n    # one\n    return 1", UnitKind.FUNCTION, False),
        ('def f():\n    """Add.\n\n    f(1)\n    """\n    return 1', UnitKind.FUNCTION, False),
        ("int *f(int *p) {\n  *p = 1;\n}", UnitKind.FUNCTION, True),
        ("/*\n * Adds.\n */\nint f() { return 1; }", UnitKind.FUNCTION, False),
        ("import a\nimport b\nfrom c import d\nimport e\nimport f", UnitKind.STATEMENTS, False),
        ("#include <a>\n#include <b>\n#define X 1\nint x;\nint y;", UnitKind.STATEMENTS, False),
        ("a = 1\n" * 9 + "print(a)", UnitKind.STATEMENTS, False),
        ("class A(B):\n    x = 1\n    y: list[int]\n" * 5, UnitKind.STATEMENTS, False),
        ("for a in b:\n  if a:\n    f(a)\n  c += 1\nprint(c)", UnitKind.STATEMENTS, True),
        ("const a = require('a');\n" * 6, UnitKind.STATEMENTS, False),
        ("x({\n  a\n}\n)\n;", UnitKind.STATEMENTS, False),
    ],
)
def test_units_that_say_too_little_are_not_ranked(
    text: str, kind: UnitKind, expected: bool
) -> None:
    assert is_ranked(unit(text, kind=kind)) is expected


def test_outside_functions_some_languages_only_declare() -> None:
    text = "f(1);\n" * 9
    loose = unit(text, kind=UnitKind.STATEMENTS)
    assert is_ranked(replace(loose, language=Language.JAVASCRIPT))
    assert not is_ranked(replace(loose, language=Language.C))
