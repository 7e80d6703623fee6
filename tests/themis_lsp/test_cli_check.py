from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from planted_scorer import STRONG, WEAK, PlantedScorer, reference_tables

from themis_lsp.cli import scorer as opening
from themis_lsp.cli.main import run
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.readings import MINIMUM_TOKENS
from themis_lsp.scoring.score import ScorerInfo


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """An empty current folder and a planted scorer; fills up with what was asked of the scorer."""
    arguments: dict[str, Any] = {}

    def open_scorer(**options: Any) -> SimpleNamespace:
        arguments.update(options)
        calibration = SimpleNamespace(percentiles=reference_tables())
        bundle = SimpleNamespace(manifest=SimpleNamespace(calibration=calibration))
        return SimpleNamespace(scorer=PlantedScorer(), bundle=bundle)

    monkeypatch.setattr(opening, "open_scorer", open_scorer)
    monkeypatch.chdir(tmp_path)
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    return arguments


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def feed_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def test_a_path_is_reviewed_without_naming_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", WEAK + "\n\n" + STRONG)
    assert run(["a.py"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("a.py:1 weak (function)\n  FC percentile 0: weaker than 99 %")
    assert "1 file, 2 units in " in captured.out.splitlines()[-1]
    assert captured.out.rstrip().endswith("planted abababababab on cpu")
    assert captured.err == ""


def test_options_may_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", WEAK)
    assert run(["--format", "concise", "a.py"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("a.py:1:1: FC percentile 0 weak: weaker than 99 %")
    assert captured.err.startswith("1 file, 1 unit in ")


def test_a_file_named_like_a_command_is_given_with_its_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("model", f"#!/usr/bin/env python3\n{WEAK}")
    assert run(["./model", "--quiet"]) == 0
    assert "weak" in capsys.readouterr().out


def test_units_below_the_bar_fail(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", WEAK + "\n\n" + STRONG)
    assert run(["check", "a.py", "--min-percentile", "1"]) == 1
    assert "1 unit below percentile 1" in capsys.readouterr().out


def test_a_unit_that_meets_the_bar_passes(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", WEAK)
    assert run(["a.py", "--min-percentile", "0"]) == 0
    write("a.py", STRONG)
    assert run(["a.py", "--min-percentile", "100"]) == 0
    assert "no unit below percentile 100" in capsys.readouterr().out


def test_every_unit_under_a_high_bar_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", "\n".join(WEAK.replace("weak", f"weak{number}") for number in range(12)))
    assert run(["a.py", "--min-percentile", "40"]) == 1
    out = capsys.readouterr().out
    assert out.count("below 40") == 10
    assert "2 more below percentile 40; --top 12 shows them all" in out


def test_a_unit_that_cannot_be_held_against_the_bar_is_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.go", "package a\n\nfunc f() int {\n\tx := 1\n\ty := 2\n\treturn x + y\n}\n")
    assert run(["a.go", "--min-percentile", "5"]) == 2
    assert "no percentiles for Go code: --min-percentile cannot judge" in capsys.readouterr().err
    assert run(["a.go"]) == 0
    assert "warning: the model has no percentiles for Go: not ranked" in capsys.readouterr().err


def test_a_named_file_that_cannot_be_reviewed_is_an_error_and_others_are_reviewed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", WEAK)
    Path("b.py").write_bytes(b"\0")
    assert run(["missing.py", "b.py", "a.py", "--min-percentile", "50"]) == 2
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "themis-review: error: missing.py: no such file or folder",
        "themis-review: error: b.py: a binary file, not source code",
    ]
    assert "a.py:1 weak" in captured.out


def test_a_folder_without_code_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    write("docs/index.md", "# Hello\n")
    assert run(["docs"]) == 2
    assert capsys.readouterr().err == "themis-review: error: no source files in docs\n"


def test_it_is_said_when_there_is_nothing_to_review(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", "\n")
    assert run(["a.py"]) == 0
    assert "warning: nothing was reviewed" in capsys.readouterr().err


def test_the_model_is_not_opened_for_nothing(asked: dict[str, Any]) -> None:
    assert run(["missing.py"]) == 2
    assert not asked


def test_standard_input_is_reviewed_under_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed_stdin(monkeypatch, WEAK.encode())
    assert run(["--stdin-filename", "src/x.py", "-"]) == 0
    feed_stdin(monkeypatch, WEAK.encode())
    assert run(["--stdin-filename", "src/y.py"]) == 0
    out = capsys.readouterr().out
    assert "src/x.py:1 weak" in out
    assert "src/y.py:1 weak" in out


def test_a_name_for_standard_input_does_not_go_with_other_paths(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--stdin-filename", "x.py", "a.py"]) == 2
    assert "--stdin-filename reads standard input" in capsys.readouterr().err


def test_check_without_paths_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check"]) == 2
    assert "name files or folders to review" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], list(Criterion)),
        (["--criteria", "rm"], [Criterion.READABILITY_MAINTAINABILITY]),
        (
            ["--criteria", "SH,functional-correctness", "--criteria", "Memory_Efficiency,sh"],
            [
                Criterion.SECURITY_HARDNESS,
                Criterion.FUNCTIONAL_CORRECTNESS,
                Criterion.MEMORY_EFFICIENCY,
            ],
        ),
    ],
)
def test_criteria_are_chosen_by_any_of_their_names(
    names: list[str], expected: list[Criterion], capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.py", WEAK)
    assert run(["a.py", "--format", "json", *names]) == 0
    (unit,) = json.loads(capsys.readouterr().out)["units"]
    assert list(unit["criteria"]) == expected


def test_an_unknown_criterion_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["a.py", "--criteria", "beauty"]) == 2
    assert "unknown criterion 'beauty'; choose from FC" in capsys.readouterr().err


def test_a_criterion_the_model_does_not_judge_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    info = ScorerInfo("planted", "ab" * 32, "cpu", tuple(Criterion)[:2])
    monkeypatch.setattr(PlantedScorer, "info", info)
    write("a.py", WEAK)
    assert run(["a.py", "--criteria", "SH"]) == 2
    assert "does not judge security hardness; choose --criteria from FC, RT" in (
        capsys.readouterr().err
    )


def test_the_scorer_is_opened_as_asked(asked: dict[str, Any]) -> None:
    write("a.py", WEAK)
    arguments = ["--model", "m", "--provider", "cpu", "--jobs", "3", "--no-cache", "--quiet"]
    assert run(["a.py", *arguments]) == 0
    wanted = {"model": "m", "provider": "cpu", "threads": 3, "cache": False, "service": True}
    assert asked == wanted
    assert run(["a.py", "--quiet", "--no-service"]) == 0
    others = {"model": None, "provider": "auto", "threads": None, "cache": True, "service": False}
    assert asked == others


def test_tiny_units_are_ranked_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", "def weak(a):\n    return 1 + a + 2 + a + 3\n")
    assert run(["a.py", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["a.py", "--all-units", "--quiet"]) == 0
    assert "a.py:1 weak" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a.py", "a.go"])
def test_a_unit_too_short_to_judge_is_counted_and_never_fails(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    short = {"a.py": "def weak():\n    return 1\n", "a.go": "func weak() int {\n\treturn 1\n}\n"}
    write(name, short[name])
    assert run([name, "--all-units", "--min-percentile", "100"]) == 0
    captured = capsys.readouterr()
    words = "1 file, 1 unit (1 too short to judge), no unit below percentile 100 in "
    assert captured.out.startswith(words)
    assert captured.err == ""


def test_how_short_is_too_short_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--help"]) == 0
    document = Path(__file__).parents[2] / "docs" / "json.md"
    for text in (capsys.readouterr().out, document.read_text(encoding="utf-8")):
        assert f"fewer than {MINIMUM_TOKENS} tokens" in " ".join(text.split())


def test_quiet_prints_findings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", WEAK)
    assert run(["a.py", "--quiet", "--format", "concise"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    assert captured.err == ""


def test_what_was_skipped_is_listed_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    write("src/a.py", WEAK)
    write("src/vendor/b.py", WEAK)
    write("src/c_pb2.py", WEAK)
    assert run(["src", "--show-skipped"]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "skipped src/c_pb2.py: generated",
        "skipped src/vendor/: vendored",
    ]
    assert "skipped 1 generated, 1 vendored" in captured.out


# JSON


def test_json_is_valid_when_some_files_could_not_be_reviewed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", WEAK)
    assert run(["a.py", "missing.py", "--format", "json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["errors"] == [
        {"path": "missing.py", "message": "missing.py: no such file or folder"}
    ]
    assert [unit["name"] for unit in document["units"]] == ["weak"]


def test_json_is_valid_when_no_review_was_possible(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_options: Any) -> None:
        raise BundleError("model.onnx was changed")

    monkeypatch.setattr(opening, "open_scorer", refuse)
    write("a.py", WEAK)
    assert run(["a.py", "--format", "json"]) == 2
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["errors"] == [{"path": "", "message": "model.onnx was changed"}]
    assert captured.err == "themis-review: error: model.onnx was changed\n"


def test_json_is_the_same_for_the_same_files_but_for_the_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("b.py", "a.py", "c/d.py"):
        write(f"src/{name}", WEAK + STRONG)
    documents = []
    for _ in range(2):
        assert run(["src", "--format", "json"]) == 0
        document = json.loads(capsys.readouterr().out)
        del document["summary"]["seconds"]
        documents.append(document)
    assert documents[0] == documents[1]
    found = [unit["path"] for unit in documents[0]["units"]]
    assert found == [name for name in ("src/a.py", "src/b.py", "src/c/d.py") for _ in range(2)]


def test_every_field_of_the_json_is_in_the_documentation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.py", WEAK)
    write("b_pb2.py", WEAK)
    assert run([".", "missing.py", "--format", "json"]) == 2
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    free_keys = {criterion.value for criterion in Criterion} | {"generated"}

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*(keys(inner) for inner in value.values()))
        return set().union(*map(keys, value)) if isinstance(value, list) else set()

    written = keys(json.loads(capsys.readouterr().out)) - free_keys
    assert len(written) > 20
    assert [key for key in sorted(written) if f"`{key}`" not in text] == []


# Colour


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "arguments", "is_terminal", "expected"),
    [
        ({}, [], False, False),
        ({}, [], True, True),
        ({"TERM": "dumb"}, [], True, False),
        ({"NO_COLOR": "1"}, [], True, False),
        ({"NO_COLOR": ""}, [], True, True),
        ({"FORCE_COLOR": "1"}, [], False, True),
        ({"FORCE_COLOR": "0"}, [], False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, [], False, False),
        ({"NO_COLOR": "1"}, ["--color", "always"], False, True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], True, False),
    ],
)
def test_colour_follows_the_terminal_the_environment_and_the_option(
    environment: dict[str, str],
    arguments: list[str],
    is_terminal: bool,
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("a.py", WEAK)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stdout = Terminal() if is_terminal else io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    assert run(["a.py", *arguments]) == 0
    assert ("\x1b[" in stdout.getvalue()) is expected


def test_escape_sequences_in_sources_and_names_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a\x1b[31m.py", WEAK.replace("b = a", "b = '\x1b]0;owned\x07'"))
    assert run(["a\x1b[31m.py", "missing\x1b[31m.py"]) == 2
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert r"a\x1b[31m.py:1 weak" in captured.out
    assert r"missing\x1b[31m.py: no such file" in captured.err


def test_there_is_no_bar_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", WEAK)
    assert run(["a.py"]) == 0
    assert capsys.readouterr().err == ""


def test_a_reader_that_leaves_early_is_not_a_failed_gate() -> None:
    code = "from themis_lsp.cli.main import main; main(['check', '--help'])"
    read_end, write_end = os.pipe()
    os.close(read_end)
    finished = subprocess.run(
        [sys.executable, "-c", code], stdout=write_end, stderr=subprocess.PIPE, check=False
    )
    os.close(write_end)
    assert finished.returncode == 2
    assert finished.stderr == b""
