"""Everything above the scorer with a bundle that is steered by prompts and not calibrated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from changed_repository import start
from prompted_bundle import make_prompted_bundle
from source_tree import git, write

from themis_lsp.bundle import load_bundle
from themis_lsp.cli.main import run
from themis_lsp.languages import Language
from themis_lsp.scoring.choose import choose_scorer
from themis_lsp.scoring.session import ProviderChoice
from themis_lsp.server.analysis import Analyst, Document, Meaning
from themis_lsp.server.remember import RememberingScorer

BEFORE = "def total(items):\n    result = 0\n    for item in items:\n        result += item\n"
AFTER = BEFORE.replace("+= item", "+= item * 2")


@pytest.fixture
def model(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    assert project.is_dir()
    bundle = make_prompted_bundle(tmp_path / "prompted")
    monkeypatch.setenv("THEMIS_MODEL", str(bundle))
    monkeypatch.setenv("THEMIS_CACHE_DIR", str(tmp_path / "scores"))
    return str(bundle)


def stage() -> None:
    start(a_py=BEFORE)
    write("a.py", AFTER)
    git("add", "a.py")


@pytest.mark.usefixtures("model")
def test_margins_of_changes_are_shown_and_no_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    stage()
    assert run(["check", "--staged"]) == 0
    out = capsys.readouterr().out
    assert "margins without verdicts: the model is not calibrated for changes" in out
    assert "a.py:1 total (function), modified" in out


@pytest.mark.usefixtures("model")
def test_the_margin_of_a_change_is_what_the_whole_gains(capsys: pytest.CaptureFixture[str]) -> None:
    stage()
    assert run(["check", "--staged", "--format", "json"]) == 0
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert change["verdict"] == "skipped"
    assert run(["check", "--staged", "--format", "json"]) == 0
    again = json.loads(capsys.readouterr().out)["changes"]
    assert again == [change]
    write("a.py", BEFORE)
    git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "Double it")
    git("add", "a.py")
    assert run(["check", "--staged", "--format", "json"]) == 0
    (back,) = json.loads(capsys.readouterr().out)["changes"]
    for criterion, found in change["criteria"].items():
        assert found["margin"] == pytest.approx(-back["criteria"][criterion]["margin"], abs=1e-5)
        assert found["margin"] != 0


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("name", ["concise", "sarif", "markdown", "github", "html", "junit"])
def test_every_format_can_tell_of_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    stage()
    assert run(["check", "--staged", "--format", name]) == 0
    assert run(["check", "a.py", "--format", name]) == 0
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("model")
def test_a_gate_without_calibration_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    stage()
    assert run(["check", "--staged", "--fail-on", "any"]) == 2
    assert "no threshold for any criterion" in capsys.readouterr().err
    write("b.py", AFTER)
    assert run(["rank", "a.py", "b.py"]) == 0


def test_an_editor_is_shown_the_same(model: str) -> None:
    bundle = load_bundle(Path(model))
    scorer = choose_scorer(bundle, ProviderChoice.CPU, threads=1)
    analyst = Analyst(RememberingScorer(scorer), Meaning(bundle.manifest.calibration, None))
    analysis = analyst.analyse(Document("a.py", Language.PYTHON, AFTER, BEFORE))
    (change,) = analysis.changes
    assert len(change.margins) == 5
    assert all(margin.scale is None and margin.margin for margin in change.margins)
    assert len(analysis.readings) == 1
