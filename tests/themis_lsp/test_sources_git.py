from __future__ import annotations

from pathlib import Path

import pytest
from source_tree import git, paths, skipped, write

from themis_lsp.sources.load import load_sources
from themis_lsp.sources.source import SkippedPath, SkipReason, Sources

pytestmark = pytest.mark.usefixtures("project")

# git


def ignored_project() -> None:
    write(".gitignore", "build/\n*.log.py\n!keep.log.py\n/only-here.py\n")
    write("a.py")
    write("build/b.py")
    write("src/c.log.py")
    write("src/keep.log.py")
    write("src/build/d.py")
    write("only-here.py")
    write("src/only-here.py")
    write("src/.gitignore", "inner.py\n")
    write("src/inner.py")
    write("inner.py")


IGNORED = {
    "build/": SkipReason.GIT_IGNORED,
    "only-here.py": SkipReason.GIT_IGNORED,
    "src/build/": SkipReason.GIT_IGNORED,
    "src/c.log.py": SkipReason.GIT_IGNORED,
    "src/inner.py": SkipReason.GIT_IGNORED,
}


def without_dot_git(sources: Sources) -> dict[str, SkipReason]:
    quiet = (SkipReason.HIDDEN, SkipReason.UNKNOWN_LANGUAGE)
    return {path: reason for path, reason in skipped(sources).items() if reason not in quiet}


def test_what_git_ignores_is_left_out() -> None:
    ignored_project()
    git("init")
    sources = load_sources(["."])
    assert paths(sources) == ["a.py", "inner.py", "src/keep.log.py", "src/only-here.py"]
    assert without_dot_git(sources) == IGNORED


@pytest.mark.usefixtures("no_git")
def test_gitignore_files_are_read_where_there_is_no_git() -> None:
    ignored_project()
    sources = load_sources(["."])
    assert paths(sources) == ["a.py", "inner.py", "src/keep.log.py", "src/only-here.py"]
    assert without_dot_git(sources) == IGNORED


def test_gitignore_files_are_read_where_there_is_no_repository() -> None:
    ignored_project()
    assert without_dot_git(load_sources(["."])) == IGNORED


def test_a_folder_below_the_top_of_a_repository_is_judged_by_all_of_it() -> None:
    ignored_project()
    git("init")
    sources = load_sources(["src"])
    assert paths(sources) == ["src/keep.log.py", "src/only-here.py"]


def test_a_tracked_file_is_reviewed_even_where_git_would_ignore_it() -> None:
    ignored_project()
    git("init")
    git("add", "--force", "build/b.py")
    write("build/e.py")
    sources = load_sources(["."])
    assert "build/b.py" in paths(sources)
    assert without_dot_git(sources)["build/e.py"] is SkipReason.GIT_IGNORED


def test_an_ignored_folder_is_reviewed_when_it_is_named() -> None:
    ignored_project()
    git("init")
    assert paths(load_sources(["build"])) == ["build/b.py"]
    write("build/deep/site/f.py")
    assert paths(load_sources(["build/deep/site"])) == ["build/deep/site/f.py"]


def test_a_repository_inside_another_has_its_own_rules() -> None:
    write(".gitignore", "x.py\n")
    write("a.py")
    write("inner/x.py")
    write("inner/y.py")
    write("inner/.gitignore", "y.py\n")
    git("init")
    git("init", folder="inner")
    sources = load_sources(["."])
    assert paths(sources) == ["a.py", "inner/x.py"]


def test_the_variables_git_sets_for_hooks_do_not_mislead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ignored_project()
    git("init")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert without_dot_git(load_sources(["."])) == IGNORED


def test_a_program_named_in_a_repositorys_settings_is_not_run(tmp_path: Path) -> None:
    ignored_project()
    git("init")
    program = tmp_path / "monitor"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n", encoding="utf-8")
    program.chmod(0o755)
    git("config", "core.fsmonitor", str(program))
    assert without_dot_git(load_sources(["."])) == IGNORED
    assert not (tmp_path / "ran").exists()


def test_force_exclude_leaves_out_what_a_walk_would_although_it_is_named() -> None:
    ignored_project()
    git("init")
    write("src/vendor/lib.py")
    write("src/.tools/t.py")
    named = ["build/b.py", "src/vendor/lib.py", "src/.tools/t.py", "src/vendor", "a.py", "build"]
    sources = load_sources(named, force_exclude=True)
    assert paths(sources) == ["a.py"]
    assert not sources.problems
    assert sources.skipped == (
        SkippedPath("build/b.py", SkipReason.GIT_IGNORED),
        SkippedPath("src/vendor/lib.py", SkipReason.VENDORED),
        SkippedPath("src/.tools/t.py", SkipReason.HIDDEN),
        SkippedPath("src/vendor", SkipReason.VENDORED),
        SkippedPath("build", SkipReason.GIT_IGNORED),
    )


def test_force_exclude_looks_no_further_up_than_the_repository(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("vendor/app/a.py")
    git("init", folder="vendor/app")
    monkeypatch.chdir("vendor/app")
    assert paths(load_sources(["a.py"], force_exclude=True)) == ["a.py"]
