from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from changed_repository import start
from planted_scorer import SCALES, WordScorer, plant
from source_tree import git, write

from themis_lsp.cli import changes
from themis_lsp.cli.main import run
from themis_lsp.concerns.features import BUCKETS
from themis_lsp.concerns.head import ConcernHead
from themis_lsp.criteria import Criterion

RUNTIME = Criterion.RUNTIME_EFFICIENCY


@pytest.fixture(autouse=True)
def scorer(monkeypatch: pytest.MonkeyPatch, project: Path) -> WordScorer:
    """A scorer of planted words and a bundle that says what its margins mean."""
    assert project.is_dir()
    scorer = WordScorer()
    plant(monkeypatch, scorer, SCALES)
    return scorer


def function(name: str, *body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body)
    return f"def {name}(a):\n    b = a\n{lines}    return b\n"


def edited() -> None:
    """Functions that regress in one and in several places, trade, improve, stay, and are tiny."""
    many = ["x = 1", "y = 2", "z = 3", "u = 4", "v = 5", "w = 6", "s = 7"]
    before = [
        function("trades", "c = 1 + 2"),
        function("loses", "c = 1"),
        function("gains", "c = 1"),
        function("stays", "c = 1"),
        "def tiny(a):\n    return 1\n",
        function("scattered", *many),
    ]
    start(a_py="\n\n".join(before))
    many[0], many[6] = "x = FC_good(1)", "s = FC_bad(FC_bad)"
    many[3] = "u = FC_bad() or FC_bad()"
    after = [
        function("trades", "RT_good() SH_bad()"),
        function("loses", "RM_bad()"),
        function("gains", "c = RT_good()"),
        function("stays", "c = 2"),
        "def tiny(a):\n    return SH_bad()\n",
        function("scattered", *many),
    ]
    write("a.py", "\n\n".join([*after, function("added", "c = 1")]))


def test_verdicts_are_shown_the_likeliest_regression_first(
    check_golden: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    edited()
    assert run(["--uncommitted"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    check_golden("verdicts-full.txt", re.sub(r"in \d+\.\d s", "in 0.1 s", captured.out))


def test_concise_has_a_line_for_each_change_that_matters(
    check_golden: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    edited()
    assert run(["--uncommitted", "--format", "concise"]) == 0
    captured = capsys.readouterr()
    check_golden("verdicts-concise.txt", captured.out)
    assert "1 stable, 1 improved, 3 regressed, 2 not judged" in captured.err


def test_more_are_shown_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    edited()
    assert run(["--uncommitted", "--top", "9", "--all-units"]) == 0
    out = capsys.readouterr().out
    assert "stays (function), modified: stable\n  FC 0.00  RT 0.00" in out
    assert "tiny (function), modified: regressed" in out
    assert "1 stable, 1 improved, 4 regressed, 1 not judged" in out
    assert run(["--uncommitted", "--top", "1"]) == 0
    assert "2 more regressed, 1 more improved; --top 4 shows them all" in capsys.readouterr().out


def test_a_criterion_without_a_threshold_is_not_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start(a_py=function("f", "c = 1"))
    write("a.py", function("f", "c = ME_bad()"))
    assert run(["--uncommitted", "--criteria", "ME"]) == 0
    out = capsys.readouterr().out
    assert "f (function), modified\n  ME -1.00\n  ME memory efficiency loses most" in out
    assert "margins without verdicts" in out


def test_json_tells_which_place_did_the_harm(capsys: pytest.CaptureFixture[str]) -> None:
    edited()
    git("add", "--all")
    assert run(["--staged", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["summary"]["verdicts"] == {
        "improved": 1,
        "stable": 1,
        "regressed": 3,
        "skipped": 2,
    }
    named = {change["after"]["name"]: change for change in document["changes"]}
    reversal = named["scattered"]["reversal"]
    assert named["loses"]["reversal"] is None
    assert reversal["criterion"] == Criterion.FUNCTIONAL_CORRECTNESS
    assert reversal["places"] == 3
    line = Path("a.py").read_text(encoding="utf-8").split("\n")[reversal["start_line"] - 1]
    assert reversal["start_line"] == reversal["end_line"] == reversal["costliest"][0]["line"]
    assert "FC_bad() or FC_bad()" in line
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    fields = {*reversal, *document["summary"], *named["loses"]}
    assert [field for field in sorted(fields) if f"`{field}`" not in text] == []


def test_only_regressions_of_several_places_are_scored_again(scorer: WordScorer) -> None:
    start(a_py=function("f", "c = 1") + "\n\n" + function("g", "c = 1"))
    write("a.py", function("f", "c = SH_bad()") + "\n\n" + function("g", "c = 2"))
    assert run(["--uncommitted"]) == 0
    assert len(scorer.scored) == 4


def test_code_taken_away_in_several_places_is_pointed_at_where_it_stood(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = ["c = 1", "FC_good() and FC_good()", "d = 1", "e = 2", "f = 3", "g = SH_good()"]
    start(a_py=function("f", *lines))
    write("a.py", function("f", lines[0], *lines[2:5]))
    assert run(["--uncommitted"]) == 0
    out = capsys.readouterr().out
    assert "of 2 places, putting back what stood before line 4 restores most: FC 0.00" in out
    assert "FC is lost by what went from these lines:\n  4 │     FC_good() and FC_good()" in out


def sure_of_weak_hashes() -> ConcernHead:
    """A head that takes everything for one."""
    weights = np.zeros((2 * BUCKETS, 2), dtype=np.int8)
    weights[:BUCKETS, 0] = 100
    numbers = [np.array(values, dtype=np.float32) for values in ([0.1, 0.1], [0, 0], [0.6])]
    return ConcernHead(("weak-hash",), weights, *numbers)


def test_a_loss_too_small_to_be_sure_of_is_told_where_its_reason_is_likely(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = " + ".join(f"x{n}" for n in range(9))
    start(a_py=function("f", "x = sha256(b)", "y = 1"))
    write("a.py", function("f", f"x = md5(b) + SH_bad + {words}", "y = 1"))
    assert run(["--uncommitted"]) == 0
    assert "likely" not in capsys.readouterr().out
    monkeypatch.setattr(changes, "open_concern_head", lambda _bundle: sure_of_weak_hashes())
    assert run(["--uncommitted", "--fail-on", "any"]) == 0
    assert "too small a loss to be sure, but likely weak-hash" in capsys.readouterr().out


def test_a_loss_without_a_threshold_is_told_where_its_reason_is_likely(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    start(a_py=function("f", "x = sha256(b)", "y = 1"))
    write("a.py", function("f", "x = md5(b) + SH_bad", "y = 1"))
    plant(monkeypatch, WordScorer(), {RUNTIME: SCALES[RUNTIME]})
    assert run(["--uncommitted"]) == 0
    assert "likely" not in capsys.readouterr().out

    monkeypatch.setattr(changes, "open_concern_head", lambda _bundle: sure_of_weak_hashes())
    assert run(["--uncommitted"]) == 0
    out = capsys.readouterr().out
    assert "no threshold to judge by, but likely weak-hash: a broken or fast hash" in out
    assert "a.py:1 f (function), modified\n" in out
    assert run(["--uncommitted", "--format", "concise"]) == 0
    assert "SH likely weak-hash" in capsys.readouterr().out
