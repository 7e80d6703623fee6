"""What goes wrong around a server must not end it, nor make it lie."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from changed_repository import start
from editor import ROOT, Editor
from planted_scorer import STRONG, WEAK

from themis_lsp.scoring.cache import CACHE_FILE

OLD = STRONG.replace("strong", "total")
WORSE = OLD.replace("c = b", "c = weak(b)")
UNTITLED = "untitled:Untitled-1.py"


def test_a_corrupt_cache_costs_nothing_but_time(project: Path) -> None:
    cache = project / "cache"
    cache.mkdir()
    (cache / CACHE_FILE).write_bytes(b"no database" * 1000)
    with Editor(variables={"THEMIS_CACHE_DIR": str(cache)}) as editor:
        editor.start()
        editor.open(UNTITLED, WEAK)
        assert len(editor.diagnostics(UNTITLED)) == 1
        assert not [m for m in editor.received if m.get("method") == "window/showMessage"]


def test_a_cache_that_breaks_meanwhile_costs_nothing_but_time(project: Path) -> None:
    cache = project / "cache"
    with Editor(variables={"THEMIS_CACHE_DIR": str(cache)}) as editor:
        editor.start(options={"debounceMs": 0})
        editor.open(UNTITLED, WEAK)
        editor.diagnostics(UNTITLED)
        for file in cache.iterdir():
            file.write_bytes(b"no database" * 1000)
        editor.change(UNTITLED, WEAK + WEAK.replace("weak", "weaker"), 2)
        assert len(editor.diagnostics(UNTITLED, 2)) == 2


def test_a_repository_deleted_under_the_server_leaves_hints(project: Path) -> None:
    start(a_py=OLD)
    uri = (project / "a.py").resolve().as_uri()
    with Editor() as editor:
        editor.start()
        editor.open(uri, WORSE)
        assert [d["severity"] for d in editor.diagnostics(uri)] == [2]
        shutil.rmtree(project / ".git")
        editor.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
        assert [d["severity"] for d in editor.diagnostics(uri)] == [4]


def test_the_whole_project_deleted_under_the_server_leaves_hints(project: Path) -> None:
    folder = project / "deep"
    folder.mkdir()
    os.chdir(folder)
    start(a_py=OLD)
    uri = (folder / "a.py").resolve().as_uri()
    with Editor() as editor:
        editor.start()
        editor.open(uri, WORSE)
        editor.diagnostics(uri)
        os.chdir(project)
        shutil.rmtree(folder)
        editor.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
        assert [d["severity"] for d in editor.diagnostics(uri)] == [4]


def test_a_crash_in_one_document_leaves_the_others_alone(project: Path) -> None:
    assert project.is_dir()
    with Editor() as editor:
        editor.start()
        editor.open("untitled:bad.py", "def crash():\n    secret = 1\n    return secret\n")
        said = editor.wait(lambda m: m.get("method") == "window/showMessage")
        assert said["params"]["message"] == (
            "Themis Review: a document could not be reviewed (RuntimeError)"
        )
        editor.open(UNTITLED, WEAK)
        assert len(editor.diagnostics(UNTITLED)) == 1
        assert "secret" not in editor.end()


def test_a_message_that_makes_no_sense_is_survived(project: Path) -> None:
    assert project.is_dir()
    with Editor() as editor:
        editor.start()
        editor.tell("textDocument/didChange", {"textDocument": {"uri": "x"}, "contentChanges": 3})
        editor.tell("textDocument/didClose", {"textDocument": {"uri": "untitled:never-opened.py"}})
        editor.open(UNTITLED, WEAK)
        assert len(editor.diagnostics(UNTITLED)) == 1


def test_a_mistake_in_the_configuration_is_told_and_the_review_goes_on(project: Path) -> None:
    start(a_py=OLD)
    Path(".themis.toml").write_text("ignore = [", encoding="utf-8")
    uri = (project / "a.py").resolve().as_uri()
    with Editor() as editor:
        editor.start()
        editor.open(uri, WORSE)
        assert [d["severity"] for d in editor.diagnostics(uri)] == [2]
        said = editor.wait(lambda m: m.get("method") == "window/showMessage")
        assert ".themis.toml" in said["params"]["message"]


def test_lone_surrogates_are_reviewed_like_any_text(project: Path) -> None:
    assert project.is_dir()
    with Editor() as editor:
        editor.start()
        editor.open(UNTITLED, WEAK + "# \ud800\n")
        (hint,) = editor.diagnostics(UNTITLED)
        assert hint["severity"] == 4


def test_a_server_whose_editor_has_died_ends(project: Path) -> None:
    assert project.is_dir()
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with Editor() as held:
        held.start(processId=editor.pid)
        editor.kill()
        editor.wait()
        assert editor.stdin is not None
        editor.stdin.close()
        # Its input stays open: only the process that is gone tells it.
        assert held.process.wait(20) == 1


def test_no_server_is_left_when_its_editor_is_killed(project: Path) -> None:
    """An editor starts a server, has it review something, and is killed."""
    marker = project / "server.pid"
    program = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from editor import Editor\n"
        "editor = Editor(); editor.start()\n"
        "editor.open('untitled:a.py', 'x = 1'); editor.diagnostics('untitled:a.py')\n"
        "open(sys.argv[2], 'w').write(str(editor.process.pid)); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(ROOT / "tests"), str(marker)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as editor:
        until = time.monotonic() + 20
        while not (marker.exists() and marker.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        server = int(marker.read_text())
        editor.kill()
    until = time.monotonic() + 20
    while _is_running(server) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_running(server)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
