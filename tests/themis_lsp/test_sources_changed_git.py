"""Changes read where git is set up in unusual ways: hooks, variables, settings, patches."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from changed_repository import OTHER, THIRD, commit, listing, load, said, start, texts
from source_tree import CODE, git, write

from themis_lsp.errors import UserError

pytestmark = pytest.mark.usefixtures("project")

# Hooks and variables

_IN_HOOK = """\
import sys
sys.path[:0] = {path!r}
from changed_repository import load, said, texts
with open({out!r}, "a") as file:
    sources = load("staged")
    print(said(sources), texts(sources), file=file)
"""


def install_hook(tmp_path: Path, *, folder: str = ".") -> Path:
    """Install a pre-commit hook that reads what is staged from ``folder``; return where to."""
    out, script = tmp_path / "out", tmp_path / "hook.py"
    script.write_text(_IN_HOOK.format(path=sys.path, out=str(out)), encoding="utf-8")
    hook = Path(".git/hooks/pre-commit")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\ncd {folder}\nexec '{sys.executable}' '{script}'\n", encoding="utf-8"
    )
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    return out


def commit_with(*arguments: str, folder: str = ".") -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
    git(*identity, "commit", "--message", "x", *arguments, folder=folder)


def test_a_hook_sees_what_will_be_committed(tmp_path: Path) -> None:
    start(a_py=CODE, b_py=CODE)
    out = install_hook(tmp_path)
    write("a.py", OTHER)
    write("b.py", OTHER)
    git("add", "b.py")
    commit_with("a.py")
    commit_with("--all", "--amend")
    assert out.read_text(encoding="utf-8").splitlines() == [
        f"{['a.py']} {[(CODE, OTHER)]}",
        f"{['b.py']} {[(CODE, OTHER)]}",
    ]


def test_a_hook_may_go_to_a_subfolder(tmp_path: Path) -> None:
    start(a_py=CODE, src__b_py=CODE)
    out = install_hook(tmp_path, folder="src")
    write("a.py", OTHER)
    commit_with("--all")
    assert out.read_text(encoding="utf-8") == f"{['../a.py']} {[(CODE, OTHER)]}\n"


def test_a_hook_of_a_linked_working_tree_sees_its_index(tmp_path: Path) -> None:
    start()
    out = install_hook(tmp_path)
    git("worktree", "add", "../linked")
    write("../linked/a.py", OTHER)
    commit_with("--all", folder="../linked")
    assert out.read_text(encoding="utf-8") == f"{['a.py']} {[(CODE, OTHER)]}\n"


@pytest.mark.parametrize("is_absolute", [True, False])
def test_another_index_can_be_named(is_absolute: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    start(src__a_py=CODE)
    write("src/a.py", OTHER)
    index = f"{Path.cwd()}/.git/other" if is_absolute else ".git/other"
    Path(".git/other").write_bytes(Path(".git/index").read_bytes())
    subprocess.run(["git", "add", "."], env={**os.environ, "GIT_INDEX_FILE": index}, check=True)
    assert said(load("staged")) == []
    monkeypatch.setenv("GIT_INDEX_FILE", index)
    assert said(load("staged")) == ["src/a.py"]
    monkeypatch.chdir("src")
    assert said(load("staged")) == ["a.py"]


def test_another_repository_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start()
    write("a.py", OTHER)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_WORK_TREE", ".")
    assert said(load("uncommitted")) == ["a.py"]
    monkeypatch.setenv("GIT_DIR", f"{Path.cwd()}/.git")
    monkeypatch.setenv("GIT_WORK_TREE", str(Path.cwd()))
    monkeypatch.chdir(tmp_path)
    assert said(load("uncommitted")) == ["a.py"]


def test_variables_that_change_what_git_says_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    start()
    write("a.py", OTHER)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    monkeypatch.setenv("GIT_DIFF_OPTS", "-u0")
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    monkeypatch.setenv("GIT_TRACE", "1")
    assert said(load("uncommitted")) == ["a.py"]


# Settings


@pytest.mark.parametrize(
    "setting",
    [
        *("diff.noprefix=true", "diff.relative=true", "diff.renames=false", "core.quotePath=true"),
        *("diff.ignoreSubmodules=all", "core.pager=false", "status.showUntrackedFiles=no"),
        *("diff.orderFile=nowhere", "core.splitIndex=true", "diff.mnemonicPrefix=true"),
    ],
)
def test_settings_make_no_difference(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start(a_py=CODE * 9, src__b_py=CODE)
    git("config", *setting.split("="))
    git("mv", "a.py", "é.py")
    write("é.py", CODE * 8 + OTHER)
    git("add", "--all")
    write("new.py")
    monkeypatch.chdir("src")
    assert said(load("staged")) == ["../a.py -> ../é.py"]
    assert said(load("uncommitted")) == ["+ ../new.py", "../a.py -> ../é.py"]


def test_no_program_that_a_repository_names_is_run(tmp_path: Path) -> None:
    start(a_py=CODE * 9, b_py=CODE * 9)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 $* >> {tmp_path}/ran\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    Path(".gitattributes").write_text("*.py diff=own filter=own\n", encoding="utf-8")
    commit("attributes")
    git("mv", "a.py", "c.py")
    write("c.py", CODE * 8 + OTHER)
    patch = subprocess.run(["git", "diff"], check=True, capture_output=True).stdout
    write("b.py", OTHER)
    write("new.py", CODE * 9)
    for name in ("diff.own.command", "diff.own.textconv", "diff.external", "core.fsmonitor"):
        git("config", name, str(program))
    for name in ("filter.own.clean", "filter.own.smudge", "filter.own.process", "core.pager"):
        git("config", name, str(program))
    for name in ("post-index-change", "pre-commit", "fsmonitor-watchman"):
        hook = Path(".git/hooks") / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_bytes(program.read_bytes())
        hook.chmod(0o755)
    assert said(load("uncommitted")) == ["b.py", "a.py -> c.py", "+ new.py"]
    load("staged")
    load("since", "HEAD")
    load("commit", "HEAD")
    load("patch", patch=patch.replace(b"c.py", b"a.py"))
    assert not (tmp_path / "ran").exists()


# Patches


def make_patch(*arguments: str) -> bytes:
    command = ["git", "diff", "--binary", "-M", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_a_patch_is_read_on_top_of_head() -> None:
    start(a_py=CODE * 9, b_py=CODE)
    write("b.py", OTHER)
    git("mv", "a.py", "c.py")
    write("c.py", CODE * 8 + OTHER)
    write("new/d.py")
    git("add", "--all")
    patch = make_patch("--cached")
    sources = load("patch", "-", patch=patch)  # already applied here: HEAD counts
    assert said(sources) == ["b.py", "a.py -> c.py", "+ new/d.py"]
    assert texts(sources)[0] == (CODE, OTHER)
    assert sources.after == "patch"
    git("reset", "--hard")
    assert said(load("patch", "-", patch=patch)) == ["b.py", "a.py -> c.py", "+ new/d.py"]


def test_a_patch_from_a_subfolder_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    start(a_py=CODE, src__b_py=CODE)
    write("a.py", OTHER)
    patch = make_patch()
    monkeypatch.chdir("src")
    assert said(load("patch", "-", patch=patch)) == ["../a.py"]


def test_a_patch_applies_before_the_first_commit_and_in_a_bare_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    patch = make_patch("4b825dc642cb6eb9a060e54bf8d69288fbee4904", "HEAD")
    for name in ("empty", "bare.git"):
        folder = tmp_path / name
        folder.mkdir()
        git("init", *(["--bare"] if name == "bare.git" else []), folder=str(folder))
        monkeypatch.chdir(folder)
        assert said(load("patch", "-", patch=patch)) == ["+ a.py"]


def test_a_patch_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / 'odd: "name'
    folder.mkdir()
    monkeypatch.chdir(folder)
    start()
    write("a.py", OTHER)
    patch = make_patch()
    before = listing(folder)
    assert texts(load("patch", "-", patch=patch)) == [(CODE, OTHER)]
    assert listing(folder) == before


def test_an_empty_patch_changes_nothing() -> None:
    start()
    assert said(load("patch", "-", patch=b"\n")) == []


def test_a_patch_that_does_not_apply_says_where() -> None:
    start()
    write("a.py", OTHER)
    patch = make_patch()
    commit("second")
    write("a.py", THIRD)
    commit("third")
    with pytest.raises(UserError, match=r"does not apply to HEAD: patch failed: a\.py:1"):
        load("patch", "-", patch=patch)


@pytest.mark.parametrize("patch", [b"hello\n", CODE.encode(), b"--- a\n+++ b\n", b"\0\xff"])
def test_what_is_no_patch_is_said(patch: bytes) -> None:
    start()
    with pytest.raises(UserError, match="not a unified diff"):
        load("patch", "-", patch=patch)


def test_a_patch_cannot_reach_out_of_the_repository() -> None:
    start()
    patch = b"--- /dev/null\n+++ b/../evil.py\n@@ -0,0 +1 @@\n+x = 1\n"
    with pytest.raises(UserError, match="does not apply"):
        load("patch", "-", patch=patch)
