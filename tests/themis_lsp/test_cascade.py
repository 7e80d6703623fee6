from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from changed_repository import commit, start
from planted_scorer import SCALES, STRONG, WEAK, PlantedScorer, WordScorer, reference_tables
from source_tree import git, write

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.bundle.scales import MarginScale
from themis_lsp.cli import scorer as opening
from themis_lsp.cli.main import run
from themis_lsp.criteria import Criterion
from themis_lsp.scoring.score import Progress, Score, ScorerInfo, Snippet

SH, FC = Criterion.SECURITY_HARDNESS, Criterion.FUNCTIONAL_CORRECTNESS
WIDE = {c: MarginScale(0.1, -5.0, -6.0, 5.0, 100) for c in Criterion}
"""Scales of a small model that suspects much and calls little a regression."""


class Large(WordScorer):
    """Reads tasks; what is worth less is called so."""

    info = ScorerInfo("large", "ef" * 32, "cpu", tuple(Criterion), reads_tasks=True)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Snippet] = []

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        self.asked += snippets
        return super().score(snippets, progress)


def opened(scorer: object, calibration: Calibration) -> SimpleNamespace:
    manifest = SimpleNamespace(calibration=calibration, files={})
    return SimpleNamespace(scorer=scorer, bundle=SimpleNamespace(manifest=manifest))


LARGE_SCALES = {c: replace(s, warn_below=-0.01, gate_below=-0.1) for c, s in SCALES.items()}


@pytest.fixture
def large() -> Large:
    return Large()


@pytest.fixture
def models(
    monkeypatch: pytest.MonkeyPatch, project: Path, large: Large
) -> dict[str | None, SimpleNamespace]:
    """What can be opened by name: the small model, and the large one that is escalated to."""
    assert project.is_dir()
    found: dict[str | None, SimpleNamespace] = {
        None: opened(WordScorer(), Calibration(reference_tables(), (0.0,) * 5, WIDE)),
        "large": opened(large, Calibration(reference_tables(), None, LARGE_SCALES)),
    }

    def open_scorer(**options: Any) -> SimpleNamespace:
        return found[options["model"]]

    monkeypatch.setattr(opening, "open_scorer", open_scorer)
    return found


def function(name: str, line: str) -> str:
    return f"def {name}(a):\n    b = a\n    {line}\n    return b\n"


def edit(before: Sequence[str], after: Sequence[str]) -> None:
    start(a_py="\n\n".join(function(f"f{n}", line) for n, line in enumerate(before)))
    write("a.py", "\n\n".join(function(f"f{n}", line) for n, line in enumerate(after)))


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.usefixtures("models")
def test_only_what_the_small_model_is_unsure_of_is_asked_again(
    large: Large, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(["x = 1", "y = 1"], ["SH_bad()", "SH_good() FC_good()"])
    command = ["check", "--uncommitted", "--escalate", "large", "--format", "json", "--no-cache"]
    assert run(command) == 0
    found = document(capsys)
    asked = [snippet.text.strip() for snippet in large.asked]
    assert asked == [function("f0", line).strip() for line in ("x = 1", "SH_bad()")]
    assert all(snippet.task.startswith("Write the Python function f0.") for snippet in large.asked)
    assert found["summary"]["escalation"] == {
        "model": "large",
        "bundle_sha256": "ef" * 32,
        "provider": "cpu",
        "changes": 1,
        "units": 0,
    }
    assert found["summary"]["model"] == "worded"
    first, second = found["changes"]
    assert first["criteria"][SH.value]["escalated"] is True
    assert first["criteria"][SH.value]["verdict"] == "regressed"
    assert "escalated" not in first["criteria"][FC.value]
    assert not any("escalated" in entry for entry in second["criteria"].values())


@pytest.mark.usefixtures("models")
def test_the_gate_holds_what_the_large_model_says_against_its_own_scale(
    capsys: pytest.CaptureFixture[str],
) -> None:
    edit(["x = 1"], ["SH_bad()"])
    assert run(["check", "--uncommitted", "--fail-on", "SH"]) == 0
    capsys.readouterr()
    assert run(["check", "--uncommitted", "--fail-on", "SH", "--escalate", "large"]) == 1
    said = capsys.readouterr()
    assert "1 change escalated to large efefefefefef on cpu" in said.out + said.err
    assert "worded cdcdcdcdcdcd on cpu" in said.out + said.err


@pytest.mark.usefixtures("models")
def test_a_sarif_log_names_both_models(capsys: pytest.CaptureFixture[str]) -> None:
    edit(["x = 1"], ["SH_bad()"])
    run(["check", "--uncommitted", "--escalate", "large", "--format", "sarif"])
    assert document(capsys)["runs"][0]["properties"]["models"] == [
        {"name": "worded", "bundleSha256": "cd" * 32},
        {"name": "large", "bundleSha256": "ef" * 32},
    ]


@pytest.mark.usefixtures("models")
def test_a_commit_message_is_the_task(large: Large) -> None:
    edit(["x = 1"], ["SH_bad()"])
    git("add", "a.py")
    write("message", "Say why\n# nothing")
    staged = ["check", "--staged", "--escalate", "large"]
    run([*staged, "--message-file", "message"])
    assert large.asked[0].task.endswith("with this purpose:\nSay why")
    large.asked.clear()
    commit("Do it\n\nAt length.")
    run(["check", "--commit", "HEAD", "--escalate", "large"])
    assert large.asked[0].task.endswith("with this purpose:\nDo it\n\nAt length.")


def test_of_files_the_weakest_units_are_asked_again(
    models: dict[str | None, SimpleNamespace], large: Large, capsys: pytest.CaptureFixture[str]
) -> None:
    models[None].scorer = PlantedScorer()
    write("a.py", f"{WEAK}\n\n{STRONG}")
    assert run(["check", "a.py", "--escalate", "large", "--format", "json"]) == 0
    found = document(capsys)
    assert ["def weak" in snippet.text for snippet in large.asked] == [True]
    assert found["summary"]["escalation"]["units"] == 1
    weak, strong = found["units"]
    assert weak["criteria"][SH.value]["escalated"] is True
    assert weak["criteria"][SH.value]["percentile"] > 25
    assert "escalated" not in strong["criteria"][SH.value]


def test_models_that_do_not_say_what_is_needed_are_refused(
    models: dict[str | None, SimpleNamespace], large: Large, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(["x = 1"], ["SH_bad()"])
    command = ["check", "--uncommitted", "--escalate", "large"]
    models["large"] = opened(large, Calibration(None, None, {}))
    assert run(command) == 2
    assert "calibrated for changes, and large is not" in capsys.readouterr().err
    assert run(["check", "a.py", "--escalate", "large"]) == 2
    assert "percentiles, and large has none" in capsys.readouterr().err
    models["large"] = models[None]
    assert run(command) == 2
    assert "the model that judges already" in capsys.readouterr().err


@pytest.mark.usefixtures("models")
def test_only_the_user_configures_a_second_model(
    large: Large, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edit(["x = 1"], ["SH_bad()"])
    settings = tmp_path / "settings"
    settings.mkdir(exist_ok=True)
    (settings / "config.toml").write_text('escalate = "large"\n', encoding="utf-8")
    monkeypatch.setenv("THEMIS_CONFIG_DIR", str(settings))
    assert run(["check", "--uncommitted", "--escalate", "off"]) == 0
    assert not large.asked
    assert run(["check", "--uncommitted"]) == 0
    assert large.asked
    write(".themis.toml", 'escalate = "large"\n')
    assert run(["check", "--uncommitted"]) == 2
