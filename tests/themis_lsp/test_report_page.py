from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.changes.change import Change, ChangeKind
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.pointing import LineCost
from themis_lsp.languages import Language
from themis_lsp.report.formats.page import format_html
from themis_lsp.report.review import Review, ReviewedChanges
from themis_lsp.units.unit import Unit, UnitKind

SCALE = MarginScale(0.2, -0.3, -0.5, 0.3, 100)
BEFORE = "def f(a):\n    check(a)\n    b = a < 1\n    return b\n"
OLD = Unit("a.py", Language.PYTHON, UnitKind.FUNCTION, "f", 0, len(BEFORE), 11, 15, BEFORE)


def reading(after: str, cost: LineCost, *, points_before: bool = False) -> ChangeReading:
    new = replace(OLD, text=after, start_line=3, end_line=3 + after.count("\n"))
    margin = CriterionMargin(Criterion.SECURITY_HARDNESS, 0.5, -0.5, (cost,), SCALE)
    return ChangeReading(Change(ChangeKind.MODIFIED, OLD, new), 1, points_before, (margin,))


def code(*readings: ChangeReading) -> list[tuple[str, str, str, str]]:
    """Return number, mark, heat and text of each line of code on the page."""
    changes = ReviewedChanges("HEAD", "index", readings, readings)
    page = format_html(Review(1, (), (), (), (), (), None, None, 0.1, changes))
    lines = re.findall(r'--cost:([\d.]+)"><b>(\d*)</b><b>(.)</b>(.*?)</span>', page)
    return [(number, mark, heat, unescape(text)) for heat, number, mark, text in lines]


def test_lines_that_came_and_went_are_shown_where_they_stand() -> None:
    after = BEFORE.replace("a < 1", "a <= 1")
    assert code(reading(after, LineCost(5, 1.0, 5, 15, "b = a <= 1")))[:4] == [
        ("3", " ", "0.00", "def f(a):"),
        ("4", " ", "0.00", "    check(a)"),
        ("", "\N{MINUS SIGN}", "0.00", "    b = a < 1"),
        ("5", "+", "1.00", "    b = a <= 1"),
    ]


def test_a_line_that_is_missed_is_the_hot_one_though_it_is_gone() -> None:
    after = BEFORE.replace("    check(a)\n", "")
    cost = LineCost(12, 1.0, 5, 13, "check(a)")
    assert code(reading(after, cost, points_before=True))[1] == (
        *("", "\N{MINUS SIGN}", "1.00"),
        "    check(a)",
    )
