from __future__ import annotations

import json
from pathlib import Path

import pytest
from changed_repository import start
from planted_scorer import SCALES, WordScorer, plant
from source_tree import git, write

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.cli.main import run
from themis_lsp.conditions import parse_conditions
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError

SECURITY = Criterion.SECURITY_HARDNESS


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, project: Path) -> list[str | None]:
    assert project.is_dir()
    return plant(monkeypatch, WordScorer(), SCALES)


def function(name: str, line: str) -> str:
    return f"def {name}(a):\n    b = a\n    {line}\n    return b\n"


def change(line: str, *, before: str = "x = 1") -> None:
    """One function in ``a.py``, with a line replaced."""
    start(a_py=function("f", before))
    write("a.py", function("f", line))


def test_a_regression_below_the_models_threshold_fails_and_is_told_in_full(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = SH_bad()")
    assert run(["--uncommitted", "--fail-on", "SH"]) == 1
    captured = capsys.readouterr()
    assert "gate: a.py:3 f: SH margin -0.5" in captured.err
    assert "is below -0.4 (regression probability 0.99" in captured.err
    assert captured.err.endswith("themis-review: gate: failed: 1 unit regressed too far\n")


def test_a_regression_within_the_threshold_passes_and_the_closest_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = 1 + 1 + SH_bad()", before="")
    assert run(["--uncommitted", "--fail-on", "SH,FC"]) == 0
    captured = capsys.readouterr()
    assert "modified" in captured.out
    assert captured.err.startswith(
        "themis-review: gate: passed on FC, SH; closest was a.py:3 f: SH margin -0.1"
    )


def test_a_margin_that_equals_its_threshold_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change("SH_bad()", before="SH_good()")
    plant(monkeypatch, WordScorer(), {SECURITY: MarginScale(1.0, -1.0, -2.0, None, 5)})
    assert run(["--uncommitted", "--fail-on", "SH"]) == 0
    assert "closest was a.py:3 f: SH margin -2.0 is not below -2.0" in capsys.readouterr().err
    plant(monkeypatch, WordScorer(), {SECURITY: MarginScale(1.0, -1.0, -1.9999999999, None, 5)})
    assert run(["--uncommitted", "--fail-on", "SH"]) == 1
    assert "SH margin -2.0 is below -1.9999999999 (regression" in capsys.readouterr().err


def test_a_probability_replaces_the_models_threshold(capsys: pytest.CaptureFixture[str]) -> None:
    change("y = 1 + 1 + SH_bad()", before="")
    assert run(["--uncommitted", "--fail-on", "any,SH:0.7"]) == 1
    captured = capsys.readouterr()
    assert "a.py:3 f: SH regression probability 0.7772998" in captured.err
    assert " is above 0.7 (margin -0.1" in captured.err
    assert "a.py:1 f (function), modified: stable" in captured.out
    assert run(["--uncommitted", "--fail-on", "SH:1"]) == 0


def test_a_probability_does_where_the_model_claims_no_threshold() -> None:
    change("y = ME_bad()")
    assert run(["--uncommitted", "--fail-on", "ME:0.9"]) == 1


def test_any_is_every_criterion_with_a_threshold_and_says_which_has_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = ME_bad()")
    assert run(["--uncommitted", "--fail-on", "any"]) == 0
    assert "the model has no threshold for ME" in capsys.readouterr().err
    write("a.py", function("f", "y = RM_bad()"))
    assert run(["--uncommitted", "--fail-on", "any"]) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fail-on", "ME"], "its 9 calibration pairs support none; leave ME out, or set a pr"),
        (["--fail-on", "SH", "--criteria", "FC"], "security hardness is not judged"),
        (["--fail-on", "any", "--criteria", "ME"], "no threshold for any criterion"),
    ],
)
def test_a_threshold_that_the_model_does_not_claim_is_an_error(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change("x = 2")
    assert run(["--uncommitted", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_model_without_calibration_never_passes_the_gate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change("x = 2")
    plant(monkeypatch, WordScorer())
    for condition in ("SH", "SH:0.9", "any"):
        assert run(["--uncommitted", "--fail-on", condition]) == 2
    assert "not calibrated for security hardness" in capsys.readouterr().err


def test_tiny_units_are_judged_only_when_asked() -> None:
    start(a_py="def f(a):\n    return 1\n")
    write("a.py", "def f(a):\n    return SH_bad()\n")
    assert run(["--uncommitted", "--fail-on", "SH"]) == 0
    assert run(["--uncommitted", "--fail-on", "SH", "--all-units"]) == 1


def test_what_fails_is_shown_however_little_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = SH_bad()")
    assert run(["--uncommitted", "--fail-on", "SH", "--top", "0", "--quiet"]) == 1
    captured = capsys.readouterr()
    assert "a.py:1 f (function), modified: regressed" in captured.out
    assert "gate: failed" in captured.err


def test_where_nothing_came_nothing_fails(
    models: list[str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    start(a_py=function("f", "x = 1"))
    git("rm", "a.py")
    assert run(["--staged", "--fail-on", "SH"]) == 0
    assert models == []
    assert "gate: passed: nothing to hold against it" in capsys.readouterr().err


def test_failures_can_be_told_without_failing() -> None:
    change("y = SH_bad()")
    assert run(["--uncommitted", "--fail-on", "SH", "--exit-zero"]) == 0
    assert run(["--since", "nowhere", "--fail-on", "SH", "--exit-zero"]) == 2


def test_errors_fail_the_run_unless_told_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--staged", "--fail-on", "SH"]) == 2
    capsys.readouterr()
    assert run(["--staged", "--fail-on", "SH", "--on-error", "pass"]) == 0
    captured = capsys.readouterr()
    assert "not a git repository" in captured.err
    assert "this passes because --on-error says so" in captured.err


def test_an_error_that_passes_hides_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    change("y = SH_bad()")
    write("b.py", f"<<<<<<< HEAD\n{function('g', 'x')}=======\n>>>>>>> side\n")
    options = ["--uncommitted", "--fail-on", "SH"]
    assert run(options) == 2
    assert run([*options, "--on-error", "pass"]) == 1
    assert "b.py: it holds conflict markers" in capsys.readouterr().err


def test_the_gate_is_for_changes(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", function("f", "x = 1"))
    assert run(["a.py", "--fail-on", "SH"]) == 2
    assert "--fail-on judges changes" in capsys.readouterr().err


def test_json_has_every_figure_of_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    change("y = SH_bad()")
    assert run(["--uncommitted", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["gate"] is None
    assert run(["--uncommitted", "--fail-on", "SH", "--format", "json"]) == 1
    gate = json.loads(capsys.readouterr().out)["gate"]
    (failure,) = gate["failures"]
    assert gate["criteria"] == ["Security_Hardness"]
    assert (failure["path"], failure["line"], failure["name"]) == ("a.py", 3, "f")
    assert failure["value"] == failure["margin"] < failure["threshold"] == -0.4
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    assert [field for field in (*gate, *failure) if f"`{field}`" not in text] == []


@pytest.mark.parametrize("text", ["XX", "SH:", "SH:2", "SH:nan", "SH:-0.1", "", "SH:0.9:1"])
def test_a_condition_that_is_none_is_a_usage_error(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError):
        parse_conditions([text])
    assert run(["--staged", "--fail-on", text]) == 2
    assert "Invalid value for '--fail-on'" in capsys.readouterr().err


def test_conditions_are_read_as_they_are_written() -> None:
    text = "any, SH:0.9,readability-maintainability:1.0"
    assert ", ".join(map(str, parse_conditions([text]))) == "any, SH:0.9, RM:1.0"


def test_what_fails_the_gate_is_an_error_in_every_tools_format(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = SH_bad()")
    assert run(["--uncommitted", "--format", "github"]) == 0
    assert capsys.readouterr().out.startswith("::warning title=")
    assert run(["--uncommitted", "--fail-on", "SH", "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error title=")


def test_without_a_threshold_for_gates_that_for_warnings_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change("y = SH_bad()")
    plant(monkeypatch, WordScorer(), {SECURITY: MarginScale(1.0, -0.3, None, None, 500)})
    assert run(["--uncommitted", "--fail-on", "any"]) == 1
    assert "is below -0.3 (" in capsys.readouterr().err
