from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from planted_scorer import SCALES, WordScorer, plant
from source_tree import write

from themis_lsp.cli.main import run


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, project: Path) -> list[str | None]:
    assert project.is_dir()
    return plant(monkeypatch, WordScorer(), SCALES)


def function(line: str, *, indent: str = "") -> str:
    body = ["def f(a):", "    b = a", f"    {line}", "    return b"]
    return "".join(f"{indent}{part}\n" for part in body)


def ranked(capsys: pytest.CaptureFixture[str], *names: str) -> Any:
    capsys.readouterr()
    assert run(["rank", *names, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)["criteria"]


def test_the_best_wins_where_it_leads_by_more_than_the_dead_band(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", function("c = 1"))
    write("b.py", function("RT_good()"))
    write("c.py", function("RT_bad()"))
    assert run(["rank", "a.py", "c.py", "b.py", "--criteria", "RT"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "RT runtime efficiency: b.py wins",
        "  1. b.py  +1.00 over a.py: 99 % likely better, threshold +0.20",
        "  2. a.py  +1.00 over c.py: 99 % likely better, threshold +0.20",
        "  3. c.py",
    ]


def test_within_the_dead_band_nobody_wins(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", function("c = 1 + 2 + 3 + 4 + 5"))
    write("b.py", function("d = e - 6 - 7 - SH_good(8)"))
    assert run(["rank", "a.py", "b.py", "--criteria", "SH,RM,ME"]) == 0
    out = capsys.readouterr().out
    assert "SH security hardness: no winner, b.py does not lead every other by enough" in out
    assert "1. b.py  +0.12 over a.py: within the dead band, 77 % likely better, threshold +" in out
    assert "RM readability and maintainability: no winner, all are worth the same" in out
    assert "ME memory efficiency: no winner, the model claims no threshold to judge by" in out
    assert "1. a.py  as good as b.py" in out


def test_without_calibration_the_order_is_all_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, WordScorer())
    write("a.py", function("SH_bad()"))
    write("b.py", function("c = 1"))
    assert run(["rank", "a.py", "b.py", "--criteria", "SH"]) == 0
    assert "1. b.py  +1.00 over a.py: what this means is not known" in capsys.readouterr().out
    (duel,) = ranked(capsys, "a.py", "b.py")["Security_Hardness"]["duels"]
    assert (duel["probability"], duel["verdict"]) == (None, "not-judged")


def test_units_are_named_and_compared_as_if_they_stood_at_the_margin(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", "x = SH_bad()\n\n\n" + function("c = 1"))
    write("b.py", "class A:\n" + function("c = 1", indent="    ") + "\ny = SH_bad()\n")
    for name in ("A.f", "f"):
        rankings = ranked(capsys, "a.py::f", f"b.py::{name}")
        assert all(one["duels"][0]["margin"] == 0 for one in rankings.values())


def test_suppressions_and_order_of_the_names_change_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", function("c = 1  # themis: ignore SH_good() SH_good()"))
    write("b.py", function("SH_good()"))
    one, other = ranked(capsys, "a.py", "b.py"), ranked(capsys, "b.py", "a.py")
    assert one["Security_Hardness"] == other["Security_Hardness"]
    assert one["Security_Hardness"]["winner"] == "b.py"
    assert one["Security_Hardness"]["duels"][0]["margin"] == 1.0


def test_every_field_is_in_the_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", function("c = 1"))
    write("b.py", function("RT_good()"))
    assert run(["rank", "a.py", "b.py", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    ranking = document["criteria"]["Runtime_Efficiency"]
    (duel,) = ranking["duels"]
    text = (Path(__file__).parents[2] / "docs" / "rank.md").read_text(encoding="utf-8")
    assert [f for f in (*document, *ranking, *duel) if f"`{f}`" not in text] == []
    assert (ranking["winner"], ranking["threshold"], duel["verdict"]) == ("b.py", 0.2, "better")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a.py"], "nothing to be ranked against"),
        (["a.py", "a.py"], "a.py is named twice"),
        (["a.py", "b.rb"], "one language; these are in Python, Ruby"),
        (["a.py", "none.py"], "none.py"),
        (["a.py", "."], ".: a folder; name files"),
        (["a.py", "empty.py"], "empty.py: there is no code in it"),
        (["a.py::g", "two.py"], "a.py: there is no 'g' in it; there are f"),
        (["a.py::ff", "two.py"], "did you mean f?"),
        (["two.py::f", "a.py"], "two.py: 'f' is on lines 1, 5; give a name that only one"),
    ],
)
def test_what_cannot_be_ranked_is_an_error(
    names: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.py", function("c = 1"))
    write("two.py", function("c = 1") * 2)
    write("b.rb", "def f\n  1\nend\n")
    write("empty.py", "")
    assert run(["rank", *names]) == 2
    assert words in capsys.readouterr().err
