from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from changed_repository import start
from editor import Editor, Message
from planted_scorer import STRONG, WEAK, PlantedScorer, plant
from planted_server import SCALES
from source_tree import git

from themis_lsp.cli.main import run

OLD = STRONG.replace("strong", "total")
WORSE = OLD.replace("c = b", "c = weak(b)")
BASELINE = Path(".themis-baseline.jsonl")


@pytest.fixture
def editor(project: Path) -> Iterator[Editor]:
    assert project.is_dir()
    with Editor() as editor:
        yield editor


def configured(*lines: str, text: str = OLD) -> str:
    """Make a repository with one file and a configuration; return the URI of the file."""
    start(a_py=text)
    Path(".themis.toml").write_text("\n".join(lines), encoding="utf-8")
    return Path("a.py").resolve().as_uri()


def kinds(diagnostics: list[Message]) -> list[str]:
    return [one["data"]["kind"] for one in diagnostics]


def test_what_the_baseline_of_the_project_holds_is_not_shown(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = configured(f'baseline = "{BASELINE}"', text=WEAK + OLD)
    with monkeypatch.context() as patch:
        plant(patch, PlantedScorer(), SCALES)
        assert run(["a.py", "--update-baseline", "--quiet"]) == 0
    editor.start()
    editor.open(uri, WEAK + OLD)
    assert editor.diagnostics(uri) == []
    editor.change(uri, WEAK + WORSE, 2)
    assert kinds(editor.diagnostics(uri, 2)) == ["regression"]


def test_an_action_adds_a_finding_to_the_baseline_and_only_that(editor: Editor) -> None:
    uri = configured(f'baseline = "{BASELINE}"')
    editor.start()
    editor.open(uri, WORSE + WEAK)
    warning, hint = editor.diagnostics(uri)
    (action,) = [a for a in editor.actions(uri, 2) if "baseline" in a["title"]]
    assert action["title"] == "Add total to .themis-baseline.jsonl"
    assert editor.run(action["command"]["command"], *action["command"]["arguments"]) == "total"
    assert editor.diagnostics(uri) == [hint]
    header, *rows = map(json.loads, BASELINE.read_text(encoding="utf-8").splitlines())
    assert header == {"themis-baseline": 1}
    assert {(row["unit"], row["path"]) for row in rows} == {("total", "a.py")}
    assert warning["data"]["fingerprint"] in {row["fingerprint"] for row in rows}


def test_a_finding_added_in_the_editor_passes_the_gate(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = configured(f'baseline = "{BASELINE}"')
    editor.start()
    editor.open(uri, WORSE)
    editor.diagnostics(uri)
    (action,) = [a for a in editor.actions(uri, 2) if "baseline" in a["title"]]
    editor.run(action["command"]["command"], *action["command"]["arguments"])
    before = BASELINE.read_bytes()
    Path("a.py").write_text(WORSE, encoding="utf-8")
    with monkeypatch.context() as patch:
        plant(patch, PlantedScorer(), SCALES)
        assert run(["--uncommitted", "--fail-on", "any", "--quiet"]) == 0
    assert BASELINE.read_bytes() == before


def test_without_a_baseline_in_the_configuration_there_is_no_such_action(editor: Editor) -> None:
    uri = configured("top = 3")
    editor.start()
    editor.open(uri, WORSE)
    editor.diagnostics(uri)
    assert not [a for a in editor.actions(uri, 2) if "baseline" in a["title"]]


def test_a_baseline_that_cannot_be_read_is_told_and_all_is_shown(editor: Editor) -> None:
    uri = configured(f'baseline = "{BASELINE}"')
    BASELINE.write_text("<<<<<<< ours\n", encoding="utf-8")
    editor.start()
    editor.open(uri, WORSE)
    assert kinds(editor.diagnostics(uri)) == ["regression"]
    said = editor.wait(lambda m: m.get("method") == "window/showMessage")["params"]["message"]
    assert "merge conflict" in said
    assert said.endswith("the baseline is not used")


def test_what_is_accepted_is_no_regression_of_what_is_staged(editor: Editor) -> None:
    uri = configured(f'baseline = "{BASELINE}"', "[paths.'a.py']", "ignore = ['FC']")
    editor.start()
    Path("a.py").write_text("# themis: ignore[RT, ME, SH] agreed\n" + WORSE, encoding="utf-8")
    git("add", "a.py")
    (change,) = editor.run("themis.reviewStaged", uri)["changes"]
    told = {one["criterion"]: one["accepted"] for one in change["criteria"]}
    assert told.pop("Readability_Maintainability") is None
    assert set(told.values()) == {"comment"}
    assert len(told) == 3


def test_a_finding_that_is_gone_cannot_be_added(editor: Editor) -> None:
    uri = configured(f'baseline = "{BASELINE}"')
    editor.start()
    editor.open(uri, OLD)
    editor.diagnostics(uri)
    assert editor.run("themis.addToBaseline", uri, "0" * 64) is None
    assert not BASELINE.exists()


def test_a_comment_without_a_reason_counts_unless_the_project_requires_one(editor: Editor) -> None:
    uri = configured("require-reason = true")
    editor.start()
    editor.open(uri, "# themis: ignore\n" + WORSE)
    assert kinds(editor.diagnostics(uri)) == ["suppression", "regression"]
    assert editor.actions(uri, 0) == []
    editor.change(uri, "# themis: ignore because we measured it\n" + WORSE, 2)
    assert editor.diagnostics(uri, 2) == []
