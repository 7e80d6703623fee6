from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from changed_repository import commit, start
from planted_scorer import SCALES, WordScorer, plant
from source_tree import git, write

from themis_lsp.cli.main import run

GATED = ["--uncommitted", "--fail-on", "any"]


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, project: Path) -> list[str | None]:
    assert project.is_dir()
    return plant(monkeypatch, WordScorer(), SCALES)


def function(name: str, line: str, *, head: str = "") -> str:
    return f"def {name}(a):{head}\n    b = a\n    {line}\n    return b\n"


def change(line: str, *, head: str = "") -> None:
    start(a_py=function("f", "x = 1"))
    write("a.py", function("f", line, head=head))


def document(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    capsys.readouterr()
    run([*options, "--format", "json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_suppressed_regression_passes_the_gate_and_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = SH_bad()  # themis: ignore[SH] a test key")
    assert run(GATED) == 0
    captured = capsys.readouterr()
    assert "regressed" not in captured.out
    assert "1 changed unit (1 modified; 1 stable; 1 suppressed)" in captured.out
    assert "1 suppressed; the model has no threshold for ME" in captured.err


def test_only_the_criteria_named_are_suppressed() -> None:
    change("y = SH_bad(RM_bad())  # themis: ignore[SH]")
    assert run(GATED) == 1
    write("a.py", function("f", "y = SH_bad(RM_bad())  # themis: ignore[SH, RM]"))
    assert run(GATED) == 0


def test_the_model_never_sees_a_suppression(capsys: pytest.CaptureFixture[str]) -> None:
    change("x = 1", head="  # themis: ignore SH_bad()")
    assert document(capsys, "--uncommitted")["changes"] == []
    assert run(["--uncommitted"]) == 0


def test_asked_for_more_the_report_shows_what_is_suppressed_and_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = SH_bad()  # themis: ignore[SH] a test key")
    assert run(["--uncommitted", "--top", "3"]) == 0
    out = capsys.readouterr().out
    assert "SH security hardness: suppressed by line 3, a test key (margin -0.50)" in out
    assert run(["--uncommitted", "--top", "3", "--format", "concise"]) == 0
    assert "SH suppressed by line 3, a test key" in capsys.readouterr().out


def test_json_and_sarif_say_that_it_is_suppressed_and_other_tools_hear_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = SH_bad()  # themis: ignore[SH] a test key")
    told = document(capsys, *GATED)
    (changed,) = told["changes"]
    assert told["summary"]["suppressed"] == 1
    assert (changed["verdict"], told["gate"]["failures"]) == ("stable", [])
    security = changed["criteria"]["Security_Hardness"]
    assert security["verdict"] == "regressed"
    assert security["suppressed"] == {"by": "comment", "line": 3, "reason": "a test key"}
    assert changed["criteria"]["Runtime_Efficiency"]["suppressed"] is None
    assert run([*GATED, "--format", "sarif"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "a test key"}
    ]
    assert run([*GATED, "--format", "gitlab"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_change_that_only_takes_away_is_suppressed_as_a_whole() -> None:
    start(a_py=function("f", "y = SH_good()"))
    gated = ["--uncommitted", "--fail-on", "SH:0.5"]
    write("a.py", "def f(a):  # themis: ignore[SH] not needed\n    b = a\n    return b\n")
    assert run(gated) == 0
    write("a.py", "def f(a):\n    b = a  # themis: ignore[SH] not needed\n    return b\n")
    assert run(gated) == 1


def test_weak_units_are_suppressed_below_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    weak = "y = SH_bad() or SH_bad() or SH_bad() or SH_bad()"
    write("a.py", function("f", weak))
    assert run(["a.py", "--min-percentile", "30"]) == 1
    write("a.py", function("f", f"{weak}  # themis: ignore[SH] known"))
    assert run(["a.py", "--min-percentile", "30"]) == 0
    told = document(capsys, "a.py", "--min-percentile", "30")
    (unit,) = told["units"]
    assert unit["criteria"]["Security_Hardness"]["suppressed"]["line"] == 3
    assert (told["summary"]["failed"], told["summary"]["suppressed"]) == (0, 1)


def test_what_is_amiss_is_told_and_fails_only_when_strict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", function("f", "y = 1  # themis: ignore[SH]", head="  # themis: ignore[QQ]"))
    assert run(["a.py"]) == 0
    err = capsys.readouterr().err
    assert "note: a.py:1: suppression ignored: unknown criterion 'QQ'" in err
    assert "note: a.py:3: suppression unused: it silences nothing" in err
    assert run(["a.py", "--quiet", "--strict-suppressions"]) == 1
    assert "error: a.py:3: suppression unused" in capsys.readouterr().err
    assert [n["kind"] for n in document(capsys, "a.py")["suppressions"]] == ["wrong", "unused"]
    assert run(["a.py", "--format", "sarif"]) == 0
    (log,) = json.loads(capsys.readouterr().out)["runs"]
    notes = log["invocations"][0]["toolExecutionNotifications"]
    assert [note["level"] for note in notes] == ["note", "note"]
    assert notes[1]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    assert run(["a.py", "--format", "github"]) == 0
    unused = capsys.readouterr().out.splitlines()[1]
    title = "::notice title=Themis Review (suppression),file=a.py,line=3::"
    assert unused == f"{title}Suppression unused: it silences nothing; take it out"


def test_expired_and_reasonless_suppressions_fail_the_gate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("y = SH_bad()  # themis: ignore[SH] until=2020-01-01 for a while")
    assert run(GATED) == 1
    assert "a.py:3: suppression ignored: it counted until 2020-01-01" in capsys.readouterr().err
    write("a.py", function("f", "y = SH_bad()  # themis: ignore[SH]"))
    write(".themis.toml", "require-reason = true\n")
    assert run(GATED) == 1
    assert "it has no reason, and one is required" in capsys.readouterr().err


def test_only_suppressions_that_a_change_brings_can_be_unused_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start(a_py=function("f", "x = 1  # themis: ignore[SH] old"))
    write("a.py", function("f", "x = 2  # themis: ignore[SH] old"))
    assert run(["--uncommitted", "--strict-suppressions"]) == 0
    write("a.py", function("f", "x = 2  # themis: ignore[SH] new"))
    git("add", "a.py")
    assert run(["--staged", "--strict-suppressions"]) == 1
    assert "a.py:3: suppression unused" in capsys.readouterr().err
    assert run(["--staged", "--strict-suppressions", "--criteria", "RT"]) == 0
    commit("second")
    assert run(["--commit", "HEAD", "--strict-suppressions"]) == 1
    assert run(["a.py", "--strict-suppressions"]) == 1


def test_settings_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    write(".themis.toml", "strict-suppressions = true\n")
    assert run(["a.py", "--show-settings"]) == 0
    out = capsys.readouterr().out
    assert "require-reason = false  (default)" in out
    assert "strict-suppressions = true  (" in out
