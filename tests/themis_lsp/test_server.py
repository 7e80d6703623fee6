from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from changed_repository import start
from editor import Editor
from planted_scorer import STRONG, WEAK
from source_tree import git, write

OLD = STRONG.replace("strong", "total")
WORSE = OLD.replace("c = b", "c = weak(b)")
UNTITLED = "untitled:Untitled-1.py"
REFRESH = {
    "workspace": {"diagnostics": {"refreshSupport": True}},
    "textDocument": {"diagnostic": {}},
}
RELATED = {"textDocument": {"publishDiagnostics": {"relatedInformation": True}}}


@pytest.fixture
def editor(project: Path) -> Iterator[Editor]:
    assert project.is_dir()
    with Editor() as editor:
        yield editor


def test_a_change_for_the_worse_is_a_warning_on_the_line_that_costs_most(editor: Editor) -> None:
    start(a_py="x = '\U0001f600'\n\n\n" + OLD)
    uri = Path("a.py").resolve().as_uri()
    editor.start()
    editor.open(uri, "x = '\U0001f600'\n\n\n" + WORSE)
    (warning,) = editor.diagnostics(uri)
    assert warning["severity"] == 2
    assert warning["range"] == {
        "start": {"line": 5, "character": 4},
        "end": {"line": 5, "character": 15},
    }
    assert warning["message"] == (
        "Functional correctness regressed (98 % likely); also RT, ME, SH, RM"
    )
    assert warning["code"] == "functional-correctness"
    assert warning["data"]["kind"] == "regression"
    assert warning["data"]["margin"] < -0.5


def test_weak_code_in_an_untitled_buffer_is_a_hint(editor: Editor) -> None:
    editor.start(RELATED)
    editor.open(UNTITLED, WEAK)
    (hint,) = editor.diagnostics(UNTITLED)
    assert hint["severity"] == 4
    assert hint["code"] == "functional-correctness"
    assert hint["message"].startswith("weak: weaker than 99 % of comparable Python code")
    assert all(r["location"]["uri"] == UNTITLED for r in hint["relatedInformation"])


def test_a_model_without_calibration_never_warns(editor: Editor) -> None:
    start(a_py=OLD)
    uri = Path("a.py").resolve().as_uri()
    editor.start(options={"model": "uncalibrated"})
    editor.open(uri, WORSE)
    assert {d["severity"] for d in editor.diagnostics(uri)} <= {4}


def test_the_newest_text_is_what_counts(editor: Editor) -> None:
    editor.start(options={"debounceMs": 100})
    editor.open(UNTITLED, WEAK)
    for version in range(2, 30):
        editor.change(UNTITLED, WEAK + "\n" * version, version)
    editor.change(UNTITLED, STRONG, 30)
    assert editor.diagnostics(UNTITLED, 30) == []


def test_an_editor_that_can_be_refreshed_pulls_and_is_never_pushed_to(editor: Editor) -> None:
    assert editor.start(REFRESH)["diagnosticProvider"]["identifier"] == "themis"
    editor.open(UNTITLED, WEAK)
    editor.wait(lambda m: m.get("method") == "workspace/diagnostic/refresh")
    document = {"uri": UNTITLED}
    full = editor.ask("textDocument/diagnostic", {"textDocument": document})
    assert [d["severity"] for d in full["items"]] == [4]
    params = {"textDocument": document, "previousResultId": full["resultId"]}
    assert editor.ask("textDocument/diagnostic", params)["kind"] == "unchanged"
    assert not [m for m in editor.received if m["method"] == "textDocument/publishDiagnostics"]


def test_an_editor_without_refresh_is_not_offered_pulling(editor: Editor) -> None:
    capabilities = editor.start({"textDocument": {"diagnostic": {}}})
    assert "diagnosticProvider" not in capabilities


def test_hover_has_a_row_for_each_criterion(editor: Editor) -> None:
    start(a_py=OLD)
    uri = Path("a.py").resolve().as_uri()
    editor.start()
    editor.open(uri, WORSE)
    editor.diagnostics(uri)
    params = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 0}}
    text = editor.ask("textDocument/hover", params)["contents"]["value"]
    assert text.startswith("**total**")
    assert text.count("\n| ") == 6
    assert "98 %" in text


def test_closing_takes_diagnostics_away(editor: Editor) -> None:
    editor.start()
    editor.open(UNTITLED, WEAK)
    editor.diagnostics(UNTITLED)
    editor.tell("textDocument/didClose", {"textDocument": {"uri": UNTITLED}})
    gone = editor.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics")
    assert gone["params"]["diagnostics"] == []


def test_saving_looks_at_the_last_commit_anew(editor: Editor) -> None:
    start(a_py=OLD)
    uri = Path("a.py").resolve().as_uri()
    editor.start(options={"weakHints": False})
    editor.open(uri, WORSE)
    assert len(editor.diagnostics(uri)) == 1
    write("a.py", WORSE)
    git("add", "--all")
    git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-m", "second")
    editor.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert editor.diagnostics(uri) == []


def test_settings_not_understood_are_named_and_the_rest_is_used(editor: Editor) -> None:
    editor.start(options={"debounceMs": "soon", "weakHints": False, "colour": 1})
    editor.open(UNTITLED, WEAK)
    assert editor.diagnostics(UNTITLED) == []
    said = [m["params"]["message"] for m in editor.received if m["method"] == "window/showMessage"]
    assert ["'debounceMs' must be" in s for s in said] == [True, False]
    assert ["'colour' is unknown" in s for s in said] == [False, True]


def test_a_project_cannot_choose_the_model(project: Path) -> None:
    assert project.is_dir()
    with Editor(settings={"model": "missing"}) as editor:
        editor.start({"workspace": {"configuration": True}})
        said = editor.wait(lambda m: m.get("method") == "window/showMessage")
        assert "'model' is only taken from initializationOptions" in said["params"]["message"]
        editor.open(UNTITLED, WEAK)
        assert len(editor.diagnostics(UNTITLED)) == 1


def test_a_missing_model_is_said_once_and_the_server_goes_on(editor: Editor) -> None:
    editor.start(options={"model": "missing"})
    for number in range(3):
        editor.open(f"untitled:{number}.py", WEAK)
    said = editor.wait(lambda m: m.get("method") == "window/showMessage")
    assert said["params"]["message"] == "Themis Review: no model bundle at missing"
    assert editor.ask("shutdown", None) is None
    assert not [m for m in editor.received if m["method"] == "window/showMessage"]


def test_the_server_ends_with_its_input_and_never_logs_code(project: Path) -> None:
    assert project.is_dir()
    editor = Editor()
    editor.start()
    editor.open(UNTITLED, "def secret():\n    return '\\ud800' + (\n")
    editor.tell("textDocument/didChange", {"textDocument": "secret", "contentChanges": "secret"})
    editor.ask("textDocument/hover", HOVER)
    assert "secret" not in editor.end()
    assert editor.process.returncode == 0


HOVER = {"textDocument": {"uri": UNTITLED}, "position": {"line": 0, "character": 0}}


@pytest.mark.usefixtures("no_git")
def test_without_git_there_are_hints(project: Path) -> None:
    file = project / "a.py"
    file.write_text(WEAK, encoding="utf-8")
    with Editor() as editor:
        editor.start()
        editor.open(file.as_uri(), WEAK)
        assert [d["severity"] for d in editor.diagnostics(file.as_uri())] == [4]
