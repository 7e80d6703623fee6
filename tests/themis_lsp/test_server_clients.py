"""The server with what real editors say they can do, recorded from their first messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from changed_repository import start
from editor import Editor
from planted_scorer import STRONG, WEAK

CLIENTS = Path(__file__).parent.parent / "clients"
RECORDED = sorted(file.stem for file in CLIENTS.glob("*.json"))
OLD = "x = '\U0001f600'; y = 1\n\n\n" + STRONG.replace("strong", "total")
WORSE = OLD.replace("    c = b", "    s = '\U0001f600'; c = weak(b)")


def recorded(name: str) -> Any:
    return json.loads((CLIENTS / f"{name}.json").read_text(encoding="utf-8"))["capabilities"]


def newer_vscode() -> Any:
    """Visual Studio Code as it came to be: it pulls, and can be told to."""
    capabilities = recorded("vscode-1.65.2")
    capabilities["textDocument"]["diagnostic"] = {"dynamicRegistration": True}
    capabilities["workspace"]["diagnostics"] = {"refreshSupport": True}
    return capabilities


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_editors_are_pushed_to_and_offered_no_pulling(name: str, project: Path) -> None:
    start(a_py=OLD)
    uri = (project / "a.py").resolve().as_uri()
    with Editor() as editor:
        capabilities = editor.start(recorded(name), workspaceFolders=None)
        assert "diagnosticProvider" not in capabilities
        editor.open(uri, WORSE)
        (warning,) = editor.diagnostics(uri)
        assert warning["severity"] == 2


def test_an_editor_that_came_to_pull_is_not_pushed_to(project: Path) -> None:
    start(a_py=OLD)
    uri = (project / "a.py").resolve().as_uri()
    with Editor() as editor:
        assert "diagnosticProvider" in editor.start(newer_vscode())
        editor.open(uri, WORSE)
        editor.wait(lambda m: m.get("method") == "workspace/diagnostic/refresh")
        params = {"textDocument": {"uri": uri}}
        answer = editor.ask("textDocument/diagnostic", params)
        assert [item["severity"] for item in answer["items"]] == [2]
        editor.ask("shutdown", None)
        assert not [m for m in editor.received if "publishDiagnostics" in m.get("method", "")]


@pytest.mark.parametrize(
    ("name", "encoding", "columns"),
    [
        ("neovim-0.11.0", "utf-8", (4, 27)),
        ("vscode-1.65.2", "utf-16", (4, 25)),
        ("emacs-29.1", "utf-32", (4, 24)),
    ],
)
def test_columns_count_as_the_editor_prefers(
    name: str, encoding: str, columns: tuple[int, int], project: Path
) -> None:
    start(a_py=OLD)
    uri = (project / "a.py").resolve().as_uri()
    with Editor() as editor:
        said = editor.start(recorded(name)).get("positionEncoding", "utf-16")
        assert said == encoding
        editor.open(uri, WORSE.replace("\n", "\r\n"))
        (warning,) = editor.diagnostics(uri)
        where = warning["range"]
        assert (where["start"]["character"], where["end"]["character"]) == columns
        assert where["start"]["line"] == 5


def test_vscode_is_asked_to_watch_what_a_review_depends_on(project: Path) -> None:
    start(a_py=OLD)
    uri = (project / "a.py").resolve().as_uri()
    with Editor(settings={"weakHints": False}) as editor:
        editor.start(recorded("vscode-1.65.2"))
        asked = editor.wait(lambda m: m.get("method") == "client/registerCapability")
        methods = [r["method"] for r in asked["params"]["registrations"]]
        assert methods == ["workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"]
        editor.open(uri, WORSE)
        assert len(editor.diagnostics(uri)) == 1
        rule = '[paths."*.py"]\nignore = ["FC", "RT", "ME", "SH", "RM"]\n'
        Path(".themis.toml").write_text(rule, encoding="utf-8")
        change = {"uri": (project / ".themis.toml").as_uri(), "type": 1}
        editor.tell("workspace/didChangeWatchedFiles", {"changes": [change]})
        assert editor.diagnostics(uri) == []


def test_what_an_editor_does_not_take_is_not_sent(project: Path) -> None:
    assert project.is_dir()
    with Editor() as editor:
        editor.start({})
        editor.open("untitled:a.py", WEAK)
        (hint,) = editor.diagnostics("untitled:a.py")
        assert "relatedInformation" not in hint
        assert "codeDescription" not in hint
