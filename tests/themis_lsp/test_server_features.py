from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from changed_repository import start
from editor import PLANTED, ROOT, Editor, Message
from planted_scorer import STRONG, WEAK
from source_tree import git

OLD = STRONG.replace("strong", "total")
WORSE = OLD.replace("c = b", "c = weak(b)")
SHOWS = {
    "window": {"showDocument": {"support": True}},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True}
    },
}


@pytest.fixture
def editor(project: Path) -> Iterator[Editor]:
    assert project.is_dir()
    with Editor() as editor:
        yield editor


def changed(project: Path, name: str = "a.py") -> str:
    """Make a repository with one file; return its URI, as an editor may encode it."""
    start(**{name.replace(".py", "_py"): OLD})
    return (project / name).resolve().as_uri()


def lenses(editor: Editor, uri: str) -> list[Message]:
    return list(editor.ask("textDocument/codeLens", {"textDocument": {"uri": uri}}))


def shown(editor: Editor) -> str:
    message = editor.wait(lambda m: m.get("method") == "window/showMessage")
    return str(message["params"]["message"])


def test_a_warning_says_what_stood_there_and_links_to_an_explanation(
    editor: Editor, project: Path
) -> None:
    uri = changed(project)
    editor.start(SHOWS)
    editor.open(uri, WORSE)
    (warning,) = editor.diagnostics(uri)
    related = [r["message"] for r in warning["relatedInformation"]]
    assert related[0] == "in HEAD: c = b"
    page, _, line = warning["codeDescription"]["href"].partition("#L")
    lines = Path(page.removeprefix("file://")).read_text(encoding="utf-8").split("\n")
    assert lines[int(line) - 1] == f"## {warning['code']}"


@pytest.mark.parametrize(
    ("gone", "line"),
    [("    c = b\n", 2), ("    b = a\n    c = b\n", 1)],
)
def test_where_code_was_taken_away_the_warning_is_beside_where_it_stood(
    editor: Editor, project: Path, gone: str, line: int
) -> None:
    uri = changed(project)
    editor.start(SHOWS)
    editor.open(uri, OLD.replace(gone, ""))
    (warning,) = editor.diagnostics(uri)
    assert warning["message"].endswith("was worth more; also RT, ME, SH, RM")
    assert warning["range"]["start"] == {"line": line, "character": 4}
    (related,) = warning["relatedInformation"]
    assert related["message"].startswith(f"in HEAD: {gone.strip().partition(chr(10))[0]}")


def test_pages_go_with_the_server(editor: Editor, project: Path) -> None:
    uri = changed(project)
    editor.start(SHOWS)
    editor.open(uri, WORSE)
    (warning,) = editor.diagnostics(uri)
    page = Path(warning["codeDescription"]["href"].removeprefix("file://").partition("#")[0])
    editor.ask("shutdown", None)
    editor.tell("exit", None)
    editor.end()
    assert not page.parent.exists()


def test_a_document_with_a_blank_in_its_name_is_reviewed(editor: Editor, project: Path) -> None:
    uri = changed(project, "my code.py")
    assert "%20" in uri
    editor.start()
    editor.open(uri, WORSE)
    assert len(editor.diagnostics(uri)) == 1


@pytest.mark.parametrize("uri", ["file:///c%3A/code/a.py", "file:///C:/code/a%20b.py"])
def test_windows_drives_are_told_under_the_uri_they_came_with(editor: Editor, uri: str) -> None:
    editor.start()
    editor.open(uri, WEAK)
    assert len(editor.diagnostics(uri)) == 1
    other = uri.replace("%3A", ":")
    params = {"textDocument": {"uri": other}, "position": {"line": 1, "character": 0}}
    assert "weak" in editor.ask("textDocument/hover", params)["contents"]["value"]


def test_ignoring_puts_a_comment_above_the_unit_with_the_reason_to_be_written(
    editor: Editor, project: Path
) -> None:
    start(a_py="class A:\n" + _indented(OLD))
    uri = (project / "a.py").resolve().as_uri()
    text = ("class A:\n" + _indented(WORSE)).replace("\n", "\r\n")
    editor.start(SHOWS)
    editor.open(uri, text)
    (warning,) = editor.diagnostics(uri)
    action = editor.actions(uri, warning["range"]["start"]["line"])[0]
    assert action["title"] == "Ignore functional correctness in A.total, with a reason"
    (edit,) = action["edit"]["changes"][uri]
    assert edit["newText"] == "    # themis: ignore[FC] reason\r\n"
    assert edit["range"]["start"] == edit["range"]["end"] == {"line": 1, "character": 0}
    editor.run(action["command"]["command"], *action["command"]["arguments"])
    asked = editor.wait(lambda m: m.get("method") == "window/showDocument")["params"]
    assert asked["uri"] == uri
    selection = asked["selection"]
    written = edit["newText"][selection["start"]["character"] : selection["end"]["character"]]
    assert written == "reason"


@pytest.mark.parametrize(
    ("name", "text", "comment"),
    [
        ("a.go", "func f() {\n\ta()\n\tgood()\n\tc()\n}\n", "//"),
        ("a.rb", "def f\n  a = 1\n  good a\n  a + 1\nend\n", "#"),
        ("a.c", "int f() {\n  a();\n  good();\n  return 1;\n}\n", "//"),
    ],
)
def test_comments_are_those_of_the_language(
    editor: Editor, project: Path, name: str, text: str, comment: str
) -> None:
    start(**{name: text})
    uri = (project / name).resolve().as_uri()
    editor.start()
    editor.open(uri, text.replace("good", "weak"), language="other")
    (warning,) = editor.diagnostics(uri)
    (action, *_) = editor.actions(uri, warning["range"]["start"]["line"])
    (edit,) = action["edit"]["changes"][uri]
    assert edit["newText"] == f"{comment} themis: ignore[FC] reason\n"


def test_an_action_explains_what_a_code_means(editor: Editor) -> None:
    editor.start()
    editor.open("untitled:a.py", WEAK)
    (hint,) = editor.diagnostics("untitled:a.py")
    action = editor.actions("untitled:a.py", hint["range"]["start"]["line"])[-1]
    assert action["title"] == "Explain functional-correctness"
    told = editor.run(action["command"]["command"], *action["command"]["arguments"])
    assert told.startswith("Functional correctness: Does the code do what it seems meant to do?")
    assert shown(editor) == told


def test_an_action_compares_with_the_commit(editor: Editor, project: Path) -> None:
    uri = changed(project)
    editor.start(SHOWS)
    editor.open(uri, WORSE)
    (warning,) = editor.diagnostics(uri)
    action = editor.actions(uri, warning["range"]["start"]["line"])[1]
    assert action["title"] == "Compare total with HEAD"
    text = editor.run(action["command"]["command"], *action["command"]["arguments"])
    assert text.startswith("total, modified since HEAD\n  functional correctness ")
    assert "\n-    c = b\n+    c = weak(b)\n" in text
    asked = editor.wait(lambda m: m.get("method") == "window/showDocument")["params"]
    assert Path(asked["uri"].removeprefix("file://")).read_text(encoding="utf-8") == text


def test_a_lens_says_what_became_of_a_changed_unit_and_can_be_turned_off(
    editor: Editor, project: Path
) -> None:
    uri = changed(project)
    editor.start({"workspace": {"configuration": True}})
    editor.open(uri, "\n\n" + WORSE)
    editor.diagnostics(uri)
    (lens,) = lenses(editor, uri)
    assert lens["range"]["start"]["line"] == 2
    assert lens["command"]["title"].startswith(
        "since HEAD: functional correctness likely worse (98 %), "
    )
    editor.settings = {"codeLens": False}
    editor.tell("workspace/didChangeConfiguration", {"settings": None})
    editor.diagnostics(uri)
    assert lenses(editor, uri) == []


def test_what_is_known_moves_with_the_text_until_it_is_read_again(
    editor: Editor, project: Path
) -> None:
    uri = changed(project)
    editor.start(
        {
            "workspace": {"diagnostics": {"refreshSupport": True}},
            "textDocument": {"diagnostic": {}},
        },
        {"debounceMs": 60_000},
    )
    editor.open(uri, WORSE)
    editor.wait(lambda m: m.get("method") == "workspace/diagnostic/refresh")
    params = {"textDocument": {"uri": uri}}
    first = editor.ask("textDocument/diagnostic", params)
    editor.change(uri, "import os\n\n" + WORSE, 2)
    moved = editor.ask("textDocument/diagnostic", {**params, "previousResultId": first["resultId"]})
    assert moved["kind"] == "full"
    lines = [answer["items"][0]["range"]["start"]["line"] for answer in (first, moved)]
    assert lines == [2, 4]
    (lens,) = lenses(editor, uri)
    assert lens["range"]["start"]["line"] == 2
    hover = {**params, "position": {"line": 3, "character": 0}}
    assert "total" in editor.ask("textDocument/hover", hover)["contents"]["value"]
    assert editor.ask("textDocument/hover", {**hover, "position": {"line": 0, "character": 0}}) is (
        None
    )


def test_a_file_can_be_reviewed_by_name_open_or_not(editor: Editor, project: Path) -> None:
    uri = changed(project)
    (project / "a.py").write_text(WORSE, encoding="utf-8")
    editor.start()
    closed = editor.run("themis.reviewFile", uri)
    assert shown(editor) == "Themis Review: 1 unit, 1 changed, regressed: total; 1 weak."
    editor.open(uri, OLD)
    editor.diagnostics(uri)
    opened = editor.run("themis.reviewFile", uri)
    assert [c["verdict"] for c in closed["changes"]] == ["regressed"]
    assert opened["changes"] == []


def test_what_is_staged_can_be_reviewed(editor: Editor, project: Path) -> None:
    changed(project)
    editor.start()
    assert editor.run("themis.reviewStaged", project.as_uri())["changes"] == []
    assert shown(editor) == "Themis Review: no unit to compare is staged."
    (project / "a.py").write_text(WORSE, encoding="utf-8")
    git("add", "--all")
    found = editor.run("themis.reviewStaged", project.as_uri())
    assert [(c["path"], c["verdict"]) for c in found["changes"]] == [("a.py", "regressed")]
    assert shown(editor) == "Themis Review: 1 staged unit compared, regressed: total."


def test_two_versions_can_be_ranked(editor: Editor) -> None:
    editor.start()
    editor.open("untitled:one.py", OLD)
    editor.open("untitled:two.py", WORSE)
    found = editor.run("themis.rankVersions", "untitled:one.py", "untitled:two.py")
    assert found["verdict"] == "regressed"
    assert shown(editor).startswith("Themis Review: the first is better on functional correctness")
    turned = editor.run("themis.rankVersions", "untitled:two.py", "untitled:one.py")
    assert turned["verdict"] == "improved"


def test_a_command_that_cannot_be_done_says_why(editor: Editor, project: Path) -> None:
    editor.start()
    with pytest.raises(AssertionError, match="not a git repository"):
        editor.run("themis.reviewStaged", project.as_uri())
    assert "not a git repository" in shown(editor)
    with pytest.raises(AssertionError, match="neither open nor a file"):
        editor.run("themis.reviewFile", (project / "none.py").as_uri())


def test_each_folder_has_its_own_settings(editor: Editor, project: Path) -> None:
    folders = [project / "quiet", project / "loud"]
    for folder in folders:
        folder.mkdir()
    quiet, loud = (folder.as_uri() for folder in folders)
    editor.folder_settings = {quiet: {"weakHints": False}, loud: {"weakHints": True}}
    named = [{"uri": uri, "name": uri} for uri in (quiet, loud)]
    workspace = {"workspace": {"configuration": True, "workspaceFolders": True}}
    editor.start(workspace, workspaceFolders=named)
    editor.wait(lambda m: m.get("method") == "workspace/configuration")
    for uri in (quiet, loud):
        editor.open(f"{uri}/a.py", WEAK)
    assert editor.diagnostics(f"{quiet}/a.py") == []
    assert len(editor.diagnostics(f"{loud}/a.py")) == 1


def test_an_editor_that_cannot_be_asked_sends_its_settings(editor: Editor) -> None:
    editor.start()
    editor.tell("workspace/didChangeConfiguration", {"settings": {"themis": {"weakHints": False}}})
    editor.open("untitled:a.py", WEAK)
    assert editor.diagnostics("untitled:a.py") == []


@pytest.mark.parametrize(
    ("name", "head"),
    [("node_modules/a.py", ""), ("a_pb2.py", ""), ("a.py", "# Generated by protoc\n")],
)
def test_code_of_others_and_of_machines_gets_no_hints(
    editor: Editor, project: Path, name: str, head: str
) -> None:
    editor.start(rootUri=(project / "external").as_uri())
    for place, expected in (("mine.py", 1), (name, 0)):
        uri = (project / "external" / place).as_uri()
        editor.open(uri, (head if place == name else "") + WEAK)
        assert len(editor.diagnostics(uri)) == expected


def test_an_editor_can_connect_to_a_port(project: Path) -> None:
    assert project.is_dir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*PLANTED[:-1], "--tcp", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    until = time.monotonic() + 20
    connection = None
    while connection is None and time.monotonic() < until:
        with contextlib.suppress(ConnectionRefusedError):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    assert connection is not None
    with connection, connection.makefile("rwb") as stream:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": PARAMS})
        stream.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        stream.flush()
        assert stream.readline().startswith(b"Content-Length")
    # With its one editor gone, it has nothing to wait for.
    process.wait(20)


PARAMS = {"processId": None, "rootUri": None, "capabilities": {}}


def test_the_cells_of_a_notebook_are_documents_of_their_own(editor: Editor) -> None:
    capabilities = editor.start({"notebookDocument": {"synchronization": {}}})
    assert capabilities["notebookDocumentSync"]["notebookSelector"]
    notebook = "file:///n/a.ipynb"
    cells = [f"vscode-notebook-cell:/n/a.ipynb#W{number}sZmlsZQ%3D%3D" for number in (0, 1)]
    texts = (WEAK, STRONG)
    documents = [_document(uri, text) for uri, text in zip(cells, texts, strict=True)]
    content = {
        "uri": notebook,
        "notebookType": "jupyter-notebook",
        "version": 1,
        "cells": [{"kind": 2, "document": uri} for uri in cells],
    }
    params: Any = {"notebookDocument": content, "cellTextDocuments": documents}
    editor.tell("notebookDocument/didOpen", params)
    assert [len(editor.diagnostics(uri)) for uri in cells] == [1, 0]
    edit = {"document": {"uri": cells[1], "version": 2}, "changes": [{"text": WEAK}]}
    params = {
        "notebookDocument": {"uri": notebook, "version": 2},
        "change": {"cells": {"textContent": [edit]}},
    }
    editor.tell("notebookDocument/didChange", params)
    assert len(editor.diagnostics(cells[1], 2)) == 1


def _document(uri: str, text: str) -> Message:
    return {"uri": uri, "languageId": "python", "version": 1, "text": text}


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
