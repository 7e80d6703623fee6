from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.findings import choose_findings, rank_findings
from themis_lsp.judgement.pointing import LineCost
from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.languages import Language
from themis_lsp.report.concise import concise_lines
from themis_lsp.report.document import format_document
from themis_lsp.report.excerpt import Layout, cut_excerpt, make_visible
from themis_lsp.report.full import full_lines
from themis_lsp.report.review import Review
from themis_lsp.report.wording import cost_words, summarize
from themis_lsp.scoring.score import ScorerInfo
from themis_lsp.sources.source import SkippedPath, SkipReason, SourceProblem
from themis_lsp.units.unit import Unit, UnitKind

CheckGolden = Callable[[str, str], None]
PLAIN = Layout(width=100, encoding="utf-8", is_colored=False)


def cost(line: int, value: float, text: str) -> LineCost:
    start = len(text) - len(text.lstrip())
    return LineCost(line, value, start + 1, len(text.rstrip()) + 1, text)


def reading(
    unit: Unit,
    percentiles: dict[Criterion, float | None],
    costliest: tuple[LineCost, ...] = (),
    *,
    is_too_short: bool = False,
) -> UnitReading:
    return UnitReading(
        unit,
        5,
        is_too_short,
        tuple(
            CriterionReading(criterion, -0.25, percentile, 0.75, costliest)
            for criterion, percentile in percentiles.items()
        ),
    )


FC, RT, ME, SH, RM = Criterion
FETCH = Unit(
    "shop/cart.py", Language.PYTHON, UnitKind.METHOD, "Cart.fetch", 40, 200, 12, 30, "def fetch"
)
SETUP = Unit("shop/setup.js", Language.JAVASCRIPT, UnitKind.STATEMENTS, "<top>", 0, 9, 1, 8, "x;")
PARSE = Unit(
    "shop/parse.cc", Language.CPP, UnitKind.FUNCTION, "parse", 0, 90, 101, 140, "int parse"
)
READINGS = (
    reading(
        FETCH,
        {FC: 8.2, RT: 55.0, ME: 61.0, SH: 2.96, RM: 4.0},
        (
            cost(29, 0.3141, '        query = "select * from cart where id = " + key  # 漢字'),
            cost(14, 0.1, "\tself.log(f'{key}')\r"),
            cost(17, 0.2, "        return eval(body)" + "; x = 1" * 40),
        ),
    ),
    reading(SETUP, {FC: 0.0, RT: 80.0}),
    reading(PARSE, {FC: 60.0, RT: 12.0}, (cost(110, 0.0123, "  if (x = 3)"),)),
)


def review(**changes: object) -> Review:
    findings = rank_findings(READINGS)
    made = Review(
        files=3,
        readings=READINGS,
        findings=tuple(findings),
        shown=tuple(choose_findings(findings, top=None)),
        skipped=(
            SkippedPath("shop/vendor/", SkipReason.VENDORED),
            SkippedPath("shop/a_pb2.py", SkipReason.GENERATED),
            SkippedPath("shop/b_pb2.py", SkipReason.GENERATED),
            SkippedPath("shop/README.md", SkipReason.UNKNOWN_LANGUAGE),
        ),
        problems=(),
        info=ScorerInfo("Themis-Nano", "0123456789abcdef" * 4, "cpu", tuple(Criterion)),
        min_percentile=None,
        seconds=1.26,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests name real fields


def shown(text: list[str]) -> str:
    return "\n".join(text) + "\n"


def test_full_shows_each_finding_with_its_costliest_lines(check_golden: CheckGolden) -> None:
    check_golden("full.txt", shown([*full_lines(review(), PLAIN), summarize(review())]))


def test_full_says_which_units_are_under_the_bar(check_golden: CheckGolden) -> None:
    barred = review(min_percentile=3)
    check_golden("full-bar.txt", shown([*full_lines(barred, PLAIN), summarize(barred)]))


def test_full_falls_back_to_ascii(check_golden: CheckGolden) -> None:
    ascii_only = replace(PLAIN, encoding="ascii", width=70)
    lines = shown(list(full_lines(review(), ascii_only)))
    lines.encode("ascii")
    check_golden("full-ascii.txt", lines)


def test_full_is_coloured_when_asked(check_golden: CheckGolden) -> None:
    colored = replace(PLAIN, is_colored=True)
    lines = shown(list(full_lines(review(min_percentile=3), colored)))
    check_golden("full-color.txt", lines.replace("\x1b", "ESC"))


def test_full_counts_what_it_does_not_show() -> None:
    lines = list(full_lines(review(shown=()), PLAIN))
    assert lines == ["2 more below percentile 3; --top 2 shows them all"]


def test_full_names_the_weakest_unit_when_none_is_weak() -> None:
    findings = tuple(rank_findings(READINGS[2:]))
    lines = list(full_lines(review(findings=findings, shown=()), PLAIN))
    assert lines == [
        "nothing below percentile 3; the weakest is shop/parse.cc:101 parse, RT percentile 12"
    ]


def test_full_has_nothing_to_say_of_nothing() -> None:
    assert not list(full_lines(review(readings=(), findings=(), shown=()), PLAIN))


def test_concise_has_one_line_a_finding(check_golden: CheckGolden) -> None:
    check_golden("concise.txt", shown(list(concise_lines(review(min_percentile=3), PLAIN))))


def test_json_holds_every_unit(check_golden: CheckGolden) -> None:
    problem = SourceProblem("b.py", "b.py: a binary file, not source code")
    check_golden(
        "review.json", format_document(review(problems=(problem,), min_percentile=3)) + "\n"
    )


def test_json_of_a_run_that_scored_nothing_is_valid() -> None:
    document = json.loads(format_document(review(readings=(), findings=(), info=None)))
    assert document["units"] == []
    assert document["summary"]["model"] is None


def test_json_has_null_for_a_percentile_that_is_not_known() -> None:
    unknown = reading(FETCH, {FC: None})
    document = json.loads(format_document(review(readings=(unknown,), findings=())))
    assert document["units"][0]["criteria"][FC]["percentile"] is None
    assert document["units"][0]["ranked"] is False


def test_json_marks_and_counts_the_units_too_short_to_judge() -> None:
    short = reading(SETUP, {FC: None}, is_too_short=True)
    document = json.loads(format_document(review(readings=(READINGS[0], short))))
    assert [unit["too_short"] for unit in document["units"]] == [False, True]
    assert document["summary"]["too_short"] == 1


def test_the_summary_counts_the_units_too_short_to_judge() -> None:
    short = reading(SETUP, {FC: None}, is_too_short=True)
    line = summarize(review(readings=(*READINGS, short, short), min_percentile=3))
    assert line.startswith(
        "3 files, 5 units (2 too short to judge), 2 units below percentile 3 in 1.3 s;"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {},
            "3 files, 3 units in 1.3 s; skipped 2 generated, 1 vendored; "
            "Themis-Nano 0123456789ab on cpu",
        ),
        (
            {"files": 1, "min_percentile": 3, "skipped": ()},
            "1 file, 3 units, 2 units below percentile 3 in 1.3 s; Themis-Nano 0123456789ab on cpu",
        ),
        (
            {
                "min_percentile": 0,
                "problems": (SourceProblem("", ""),),
                "info": None,
                "skipped": (),
            },
            "3 files, 3 units, no unit below percentile 0, 1 error in 1.3 s",
        ),
    ],
)
def test_the_summary_says_what_was_done(changes: dict[str, object], expected: str) -> None:
    assert summarize(review(**changes)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(12.345, "12.35"), (0.1, "0.10"), (0.0999, "0.100"), (0.0123, "0.012"), (1e-9, "1.0e-09")],
)
def test_a_cost_has_two_significant_digits(value: float, expected: str) -> None:
    assert cost_words(value) == expected


# Excerpts


def test_what_is_not_visible_is_escaped() -> None:
    text = "a\x1b[31m\r\n\u202e\u200b\ud800\t|é漢"
    assert make_visible(text, PLAIN) == r"a\x1b[31m\r\n\u202e\u200b\ud800\t|é漢"


def test_what_the_encoding_lacks_is_escaped() -> None:
    assert make_visible("é漢", replace(PLAIN, encoding="latin-1")) == r"é\u6f22"


def test_the_underline_follows_tabs_wide_characters_and_accents() -> None:
    excerpt = cut_excerpt("\t漢e\u0301x = 1", 3, 4, width=80, layout=PLAIN)
    assert excerpt.text == "    漢e\u0301x = 1"
    assert (excerpt.underline_start, excerpt.underline_width) == (7, 0)
    wide = cut_excerpt("ab\t漢漢", 3, 5, width=80, layout=PLAIN)
    assert (wide.underline_start, wide.underline_width) == (4, 4)


def test_a_long_line_loses_its_tail() -> None:
    excerpt = cut_excerpt("x" * 100, 0, 100, width=20, layout=PLAIN)
    assert excerpt.text == "x" * 19 + "…"
    assert (excerpt.underline_start, excerpt.underline_width) == (0, 19)


def test_a_long_line_loses_its_head_too_when_the_point_is_far_to_the_right() -> None:
    excerpt = cut_excerpt("a" * 50 + "POINT" + "b" * 50, 50, 55, width=40, layout=PLAIN)
    assert excerpt.text == "…" + "a" * 12 + "POINT" + "b" * 21 + "…"
    underlined = excerpt.text[excerpt.underline_start :][: excerpt.underline_width]
    assert underlined == "POINT"


@settings(max_examples=200)
@given(st.data())
def test_an_excerpt_is_safe_and_fits(data: st.DataObject) -> None:
    line = data.draw(st.text(st.sampled_from("ab \t漢\x1b\u202eé🦉"), min_size=1, max_size=120))
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, len(line)))
    layout = replace(PLAIN, encoding=data.draw(st.sampled_from(["utf-8", "ascii", "cp1252"])))
    excerpt = cut_excerpt(line, start, end, width=40, layout=layout)
    excerpt.text.encode(layout.encoding)
    assert "\x1b" not in excerpt.text
    assert sum(1 + (character in "漢🦉") for character in excerpt.text) <= 40
    assert 0 <= excerpt.underline_start < 40
    assert 0 < excerpt.underline_width <= 40 - excerpt.underline_start
